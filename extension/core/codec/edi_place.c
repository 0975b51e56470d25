/*
 * edi_place.c
 *		The place of every segment of a message in its structure.
 *
 * The directories are made so that a segment's place follows from the one before: the next one of that
 * tag, from the current place on, in the innermost group that has it.  A place that would leave out a
 * mandatory segment is taken only if that segment does not come later; else it is the segment at hand
 * that has strayed.  What has strayed is told, and stands aside: at the place it should have had, if there is no doubt
 * which that is, while the place of what follows goes on from where it was.
 */
#include "core/codec/edi_reader.h"

/* A place under consideration. */
typedef struct Candidate
{
	uint32_t frame;
	uint16_t node; /* EDI_NO_NODE: none */
	bool skips;	   /* mandatory segments would be left out */
} Candidate;

static EdiFrame *
FrameAt(const EdiReader *reader, uint32_t i)
{
	return &VectorAt(&reader->frames, EdiFrame, i);
}

static EdiPlaced *
PlacedAt(const EdiReader *reader, uint32_t i)
{
	return &VectorAt(&reader->segments, EdiPlaced, i);
}

/* How often a node stands in a frame, kept from the first segment on that stands aside; open addressing. */
struct EdiCount
{
	uint32_t frame;
	uint16_t node; /* 0: free */
	uint32_t count;
};

static struct EdiCount *
CountSlot(const EdiReader *reader, uint32_t frame, uint16_t node)
{
	uint32_t slot = (frame * 2654435761u + node * 40503u) % reader->count_slots;

	while (reader->counts[slot].node != 0 &&
		   (reader->counts[slot].node != node || reader->counts[slot].frame != frame))
		slot = (slot + 1) % reader->count_slots;
	return &reader->counts[slot];
}

/* One more of a node in a frame; how many there are then. */
static uint32_t
CountOne(EdiReader *reader, uint32_t frame, uint16_t node)
{
	struct EdiCount *slot = CountSlot(reader, frame, node);

	slot->frame = frame;
	slot->node = node;
	return ++slot->count;
}

/* Count what has been placed so far; false: out of memory. */
static bool
OpenCounts(EdiReader *reader, uint32_t placed)
{
	if (reader->counts != NULL)
		return true;
	reader->count_slots = 4 * reader->segments.count + 16;
	reader->counts = ArenaAllocZero(reader->body, reader->count_slots * sizeof(struct EdiCount));
	for (uint32_t i = 0; reader->counts != NULL && i < placed; i++)
	{
		const EdiPlaced *p = PlacedAt(reader, i);

		if (p->node == EDI_NO_NODE)
			continue;
		CountOne(reader, p->frame, p->node);
		if (p->frame != 0 && FrameAt(reader, p->frame)->trigger == i)
			CountOne(reader, FrameAt(reader, p->frame)->parent, FrameAt(reader, p->frame)->node);
	}
	return reader->counts != NULL;
}

/* How often a node stands in a frame so far; UINT32_MAX: its place is behind. */
static uint32_t
CountAt(const EdiReader *reader, uint32_t frame, uint16_t node)
{
	const EdiFrame *f = FrameAt(reader, frame);

	if (node < f->at)
		return UINT32_MAX;
	if (reader->counts != NULL)
		return CountSlot(reader, frame, node)->count;
	return node == f->at ? f->count : 0;
}

#define LAST_SLOTS 1024

/* The last place of a tag; open addressing, tag 0 is free. */
struct EdiLast
{
	EdiTag tag;
	uint32_t index;
};

static struct EdiLast *
LastSlot(struct EdiLast *table, EdiTag tag)
{
	uint32_t slot = (tag * 2654435761u) >> 22;

	while (table[slot].tag != 0 && table[slot].tag != tag)
		slot = (slot + 1) % LAST_SLOTS;
	return &table[slot];
}

/* Where every tag stands last, made when it is first asked for; at most half the slots are filled. */
static void
FindLasts(EdiReader *reader)
{
	uint32_t filled = 0;

	reader->lasts = ArenaAllocZero(reader->body, LAST_SLOTS * sizeof(struct EdiLast));
	for (uint32_t i = 0; reader->lasts != NULL && i < reader->segments.count; i++)
	{
		EdiTag tag = PlacedAt(reader, i)->segment.tag;
		struct EdiLast *last = LastSlot(reader->lasts, tag);

		if (tag == 0 || (last->tag == 0 && filled++ > LAST_SLOTS / 2))
			continue;
		*last = (struct EdiLast){tag, i};
	}
}

/* Does a segment of that tag come behind the one at hand? */
static bool
ComesLater(EdiReader *reader, uint32_t index, EdiTag tag)
{
	struct EdiLast *last;

	if (reader->lasts == NULL)
		FindLasts(reader);
	if (reader->lasts == NULL)
		return false;
	last = LastSlot(reader->lasts, tag);
	return last->tag == tag && last->index > index;
}

/*
 * Walk the places from the current one to `stop` (UINT32_MAX: to the end of the message), and call for
 * every mandatory node that is passed over.  Returns false if the callback does.
 */
typedef bool (*Passed)(EdiReader *reader, const EdiNodeFact *node, uint32_t index);

static bool
WalkPassed(EdiReader *reader, uint32_t frame, Candidate stop, Passed passed, uint32_t index)
{
	const EdiMessage *message = EdiCurrent(reader);

	for (;;)
	{
		const EdiFrame *f = FrameAt(reader, frame);
		uint16_t node = f->at != 0 ? f->at : (uint16_t) (f->node + 1);
		uint16_t end = EdiNode(message, f->node)->end;

		while (node < end)
		{
			const EdiNodeFact *n = EdiNode(message, node);

			if (frame == stop.frame && node == stop.node)
				return true;
			if (n->mandatory && CountAt(reader, frame, node) == 0 && !passed(reader, n, index))
				return false;
			node = n->group ? n->end : (uint16_t) (node + 1);
		}
		if (frame == 0)
			return true;
		frame = f->parent;
	}
}

static bool
NotLater(EdiReader *reader, const EdiNodeFact *node, uint32_t index)
{
	return !ComesLater(reader, index, node->tag);
}

static bool
NoteMissing(EdiReader *reader, const EdiNodeFact *node, uint32_t index)
{
	EdiFinding *finding =
		EdiNote(reader, EDI_SEGMENT_MISSING, EDI_LEVEL_MESSAGE, &PlacedAt(reader, index)->segment);
	char tag[5];

	if (finding != NULL)
	{
		EdiTagText(node->tag, tag);
		finding->segment = index + 1;
		finding->tag = node->tag;
		finding->expected = ArenaCopy(reader->arena, SpanFromCString(tag));
	}
	return true;
}

/* The first place for a tag, the first one that skips nothing, and the first one that is full. */
static void
Search(const EdiReader *reader, uint32_t frame, EdiTag tag, Candidate *good, Candidate *full)
{
	const EdiMessage *message = EdiCurrent(reader);
	bool skips = false;

	*good = *full = (Candidate){0, EDI_NO_NODE, false};
	for (;;)
	{
		const EdiFrame *f = FrameAt(reader, frame);
		uint16_t node = f->at != 0 ? f->at : (uint16_t) (f->node + 1);
		uint16_t end = EdiNode(message, f->node)->end;

		while (node < end)
		{
			const EdiNodeFact *n = EdiNode(message, node);
			uint32_t count = CountAt(reader, frame, node);

			if (n->tag == tag && (n->max == 0 || count < n->max))
			{
				*good = (Candidate){frame, node, skips};
				return;
			}
			if (n->tag == tag && full->node == EDI_NO_NODE)
				*full = (Candidate){frame, node, skips};
			skips |= n->mandatory && count == 0;
			node = n->group ? n->end : (uint16_t) (node + 1);
		}
		if (frame == 0)
			return;
		frame = f->parent;
	}
}

/* The segment stands there, the `count`-th of its node; a group is entered by its trigger. */
static void
StandAt(EdiReader *reader, uint32_t index, Candidate place, uint32_t count)
{
	EdiPlaced *placed = PlacedAt(reader, index);
	EdiFrame *inner;

	placed->frame = place.frame;
	placed->node = place.node;
	placed->ordinal = count;
	if (!EdiNode(EdiCurrent(reader), place.node)->group)
		return;
	inner = VectorPush(&reader->frames);
	if (inner == NULL)
	{
		reader->scanner.status =
			ClexFail(reader->scanner.error, CLEX_NO_MEMORY, "out of memory reading EDI");
		return;
	}
	placed->frame = reader->frames.count - 1;
	placed->node = (uint16_t) (place.node + 1);
	placed->ordinal = 1;
	*inner = (EdiFrame){.node = place.node,
						.at = (uint16_t) (place.node + 1),
						.count = 1,
						.parent = place.frame,
						.ordinal = count,
						.trigger = index};
	if (reader->counts != NULL)
		CountOne(reader, placed->frame, placed->node);
}

/* The segment stands there: move on. */
static void
Take(EdiReader *reader, uint32_t index, Candidate place)
{
	EdiFrame *frame = FrameAt(reader, place.frame);

	if (reader->counts != NULL)
		frame->count = CountOne(reader, place.frame, place.node);
	else
		frame->count = frame->at == place.node ? frame->count + 1 : 1;
	frame->at = place.node;
	StandAt(reader, index, place, frame->count);
}

/*
 * The place behind that a segment should have had: in the group at hand, or in one around it that is not the message,
 * whose header tells nothing of what is far behind it.
 */
static Candidate
SearchBehind(const EdiReader *reader, uint32_t current, EdiTag tag)
{
	const EdiMessage *message = EdiCurrent(reader);

	for (uint32_t frame = current;; frame = FrameAt(reader, frame)->parent)
	{
		const EdiFrame *f = FrameAt(reader, frame);
		uint16_t node = (uint16_t) (f->node + 1);

		if (frame == 0 && current != 0)
			break;
		while (node < f->at)
		{
			const EdiNodeFact *n = EdiNode(message, node);

			if (n->tag == tag)
				return (Candidate){frame, node, false};
			node = n->group ? n->end : (uint16_t) (node + 1);
		}
		if (frame == 0)
			break;
	}
	return (Candidate){0, EDI_NO_NODE, false};
}

/*
 * Place a segment that has strayed aside: ahead, if it may repeat there or no other comes, else behind.  Returns the frame
 * that what follows belongs to.
 */
static uint32_t
StandAside(EdiReader *reader, uint32_t index, uint32_t current, Candidate ahead)
{
	EdiTag tag = PlacedAt(reader, index)->segment.tag;
	Candidate place = ahead;
	const EdiNodeFact *node;

	if (place.node != EDI_NO_NODE && EdiNode(EdiCurrent(reader), place.node)->max == 1 &&
		ComesLater(reader, index, tag))
		place.node = EDI_NO_NODE;
	if (place.node == EDI_NO_NODE)
		place = SearchBehind(reader, current, tag);
	if (place.node == EDI_NO_NODE || !OpenCounts(reader, index))
		return current;
	node = EdiNode(EdiCurrent(reader), place.node);
	if (node->max != 0 && CountSlot(reader, place.frame, place.node)->count >= node->max)
		return current;
	StandAt(reader, index, place, CountOne(reader, place.frame, place.node));
	return node->group ? PlacedAt(reader, index)->frame : current;
}

/* No place: is the segment unknown, of another message, or only out of order? */
static void
NoteStray(EdiReader *reader, uint32_t index)
{
	const EdiMessage *message = EdiCurrent(reader);
	const EdiSegment *segment = &PlacedAt(reader, index)->segment;
	EdiFault fault = EDI_SEGMENT_ORDER;
	EdiFinding *finding;
	char tag[5];

	if (message->directory != NULL &&
		(segment->tag == 0 || EdiSegmentFind(message->directory, segment->tag) == NULL))
		fault = EDI_SEGMENT_UNKNOWN;
	else
	{
		uint16_t node = 1;

		while (node < message->fact->node_count && EdiNode(message, node)->tag != segment->tag)
			node++;
		if (node == message->fact->node_count)
			fault = EDI_SEGMENT_FOREIGN;
	}
	finding = EdiNote(reader, fault, EDI_LEVEL_MESSAGE, segment);
	if (finding == NULL)
		return;
	EdiTagText(segment->tag, tag);
	finding->segment = index + 1;
	finding->found =
		ArenaCopy(reader->arena, segment->tag != 0 ? SpanFromCString(tag) : SPAN_LITERAL("?"));
	finding->about = SpanFromCString(fault == EDI_SEGMENT_UNKNOWN ? message->directory->release
																  : message->fact->type);
}

static void
NoteTooMany(EdiReader *reader, uint32_t index, uint16_t node)
{
	const EdiNodeFact *fact = EdiNode(EdiCurrent(reader), node);
	EdiFinding *finding = EdiNote(reader, fact->group ? EDI_GROUP_REPEATED : EDI_SEGMENT_REPEATED,
								  EDI_LEVEL_MESSAGE, &PlacedAt(reader, index)->segment);

	if (finding == NULL)
		return;
	finding->segment = index + 1;
	finding->found = SpanFromCString(fact->name);
	finding->expected = EdiPrinted(ArenaPrintf(reader->arena, "%u", fact->max));
}

/* Place one segment; `current` is the innermost open frame. */
static uint32_t
PlaceOne(EdiReader *reader, uint32_t index, uint32_t current)
{
	EdiPlaced *placed = PlacedAt(reader, index);
	Candidate good = {0, EDI_NO_NODE, false};
	Candidate full;

	placed->node = EDI_NO_NODE;
	placed->frame = current;
	if (placed->segment.tag != 0)
	{
		Search(reader, current, placed->segment.tag, &good, &full);
		if (good.node != EDI_NO_NODE &&
			(!good.skips || WalkPassed(reader, current, good, NotLater, index)))
		{
			if (good.skips)
				WalkPassed(reader, current, good, NoteMissing, index);
			Take(reader, index, good);
			return PlacedAt(reader, index)->frame;
		}
		/* a group that stands aside may come again */
		if (good.node != EDI_NO_NODE && full.frame != 0 &&
			good.node == FrameAt(reader, full.frame)->node)
			full.node = EDI_NO_NODE;
		if (full.node != EDI_NO_NODE && !full.skips)
		{
			NoteTooMany(reader, index, full.node);
			Take(reader, index, full);
			return PlacedAt(reader, index)->frame;
		}
	}
	NoteStray(reader, index);
	return placed->segment.tag == 0 ? current : StandAside(reader, index, current, good);
}

void
EdiPlaceSegments(EdiReader *reader)
{
	EdiMessage *message = EdiCurrent(reader);
	EdiFrame *root = VectorPush(&reader->frames);
	uint32_t current = 0;

	if (root == NULL)
	{
		reader->scanner.status =
			ClexFail(reader->scanner.error, CLEX_NO_MEMORY, "out of memory reading EDI");
		return;
	}
	memset(root, 0, sizeof(*root));
	for (uint32_t i = 0; i < reader->segments.count && reader->scanner.status == CLEX_OK; i++)
		current = PlaceOne(reader, i, current);
	/* a message without trailer has been told of already: only one of its segments can be missing */
	if (message->closed && reader->scanner.status == CLEX_OK)
		WalkPassed(reader, current, (Candidate){UINT32_MAX, EDI_NO_NODE, false}, NoteMissing,
				   reader->segments.count - 1);
}
