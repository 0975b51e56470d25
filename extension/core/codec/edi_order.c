/*
 * edi_order.c
 *		What stood beside the extras: which term each of several groups or segments of one name held.
 *
 * The path of an extra, "/SG2[3]/LOC/2.1", says where it was among its siblings, but not what these were.
 * Where that cannot be told from the terms, the provenance keeps it as fact "order", so that a writer of
 * the same message can put extras back where they stood: a line for each set of siblings, their path
 * and then a term that each of them held, "/SG2 BT-44[1]|BT-27[1]||BT-70[1]": the number says which of
 * that term in the document it is.  Lines that come in their order are not listed.  Pairs of a segment, behind the
 * others, "/IT1[1]/IT1/ BT-157[1]||BT-155[1]".
 */
#include "core/codec/edi_binder.h"

#define ORDER_BYTES ((size_t) 1 << 20) /* more than that is not kept */

/* A group or segment and the next one of its name beside it. */
typedef struct Sibling
{
	uint32_t held;	 /* number of a candidate + 1 that is a term inside it, 0: none */
	uint32_t next;	 /* 0: none */
	uint32_t before; /* whatever came before it in the group around it, 0: nothing did */
	uint32_t last;	 /* of a group: what was seen last inside it */
	bool extra;		 /* an extra is inside it */
	bool first;		 /* of its chain */
	bool listed;	 /* the order of its chain is noted */
} Sibling;

typedef struct Order
{
	const EdiBinder *binder;
	uint32_t frames;   /* siblings 0 .. frames - 1 are groups, those behind them segments */
	Sibling *siblings; /* of a segment: frames + its number */
	uint32_t *numbers; /* by handle: which of its term it is */
	Text text;
	Text set;
} Order;

static uint16_t
NodeOf(const Order *order, uint32_t i)
{
	return i < order->frames ? EdiFrameAt(order->binder->reader, i)->node
							 : EdiPlacedAt(order->binder->reader, i - order->frames)->node;
}

/* The group that a sibling stands in. */
static uint32_t
FrameOf(const Order *order, uint32_t i)
{
	return i < order->frames ? EdiFrameAt(order->binder->reader, i)->parent
							 : EdiPlacedAt(order->binder->reader, i - order->frames)->frame;
}

/* Hang a sibling behind the one of its name that came before it; where segments stand aside others are between. */
static void
Chain(Order *order, uint32_t i, uint32_t ordinal)
{
	Sibling *frame = &order->siblings[FrameOf(order, i)];
	uint32_t last = frame->last;

	while (ordinal > 1 && last != 0 && NodeOf(order, last) != NodeOf(order, i))
		last = order->siblings[last].before;
	if (ordinal > 1 && last != 0)
		order->siblings[last].next = i;
	else
		order->siblings[i].first = true;
	order->siblings[i].before = frame->last;
	frame->last = i;
}

/* What a segment holds is inside all groups around it. */
static void
MarkUp(Order *order, uint32_t segment)
{
	const EdiBinder *binder = order->binder;
	Sibling *mine = &order->siblings[order->frames + segment];

	mine->held = binder->held[segment];
	mine->extra = binder->extra[segment];
	for (uint32_t f = EdiPlacedAt(binder->reader, segment)->frame; f != 0;
		 f = EdiFrameAt(binder->reader, f)->parent)
	{
		Sibling *s = &order->siblings[f];

		if ((s->held != 0 || mine->held == 0) && (s->extra || !mine->extra))
			break;
		s->extra |= mine->extra;
		if (s->held == 0)
			s->held = mine->held;
	}
}

/* The term that a sibling holds, NULL: none. */
static const EdiCandidate *
HeldBy(const Order *order, uint32_t i)
{
	uint32_t held = order->siblings[i].held;

	return held == 0 ? NULL : &VectorAt(&order->binder->candidates, EdiCandidate, held - 1);
}

/* The line that begins with a sibling, 0: none does. */
static uint32_t
LineOf(const Order *order, TermId lines, uint32_t i)
{
	const EdiCandidate *c = HeldBy(order, i);
	uint32_t handle = c == NULL || (c->instance != i + 1 && c->outer != i + 1) ? 0 : c->handle;

	while (handle != 0 && DocumentBuilt(order->binder->builder, handle).term != lines)
		handle = DocumentBuilt(order->binder->builder, handle).parent;
	return handle;
}

/* Are several siblings lines that follow one another? */
static bool
AreLines(const Order *order, uint32_t first)
{
	const EdiUse *use = EdiUseOf(EdiCurrent(order->binder->reader)->type);
	uint32_t before = 0;

	if (use == NULL || use->role->lines == TERM_NONE)
		return false;
	for (uint32_t i = first; i != 0; i = order->siblings[i].next)
	{
		uint32_t line = LineOf(order, use->role->lines, i);

		if (line == 0 || (before != 0 && order->numbers[line] != order->numbers[before] + 1))
			return false;
		before = line;
	}
	return true;
}

/*
 * Do the terms not tell the order of siblings?  It is also noted what stood in groups that are noted themselves, since
 * terms need not say in which.
 */
static bool
IsToBeNoted(const Order *order, uint32_t first)
{
	bool inside = order->siblings[FrameOf(order, first)].listed && first < order->frames;
	bool marked = false;
	bool holds = false;
	bool gap = false;

	for (uint32_t i = first; i != 0; i = order->siblings[i].next)
	{
		marked |= order->siblings[i].extra;
		holds |= order->siblings[i].held != 0;
		gap |= order->siblings[i].held == 0 && !order->siblings[i].extra;
	}
	if (inside && holds)
		return true;
	return order->siblings[first].next != 0 && marked && (holds || gap) && !AreLines(order, first);
}

/* Append an item: which term it is. */
static void
AppendItem(const Order *order, uint32_t handle, Text *set)
{
	if (handle != 0)
		TextAppendf(set, "%s[%u]",
					ClexTerms[DocumentBuilt(order->binder->builder, handle).term].id.data,
					order->numbers[handle]);
}

/* Add a line, if there is still room for it. */
static void
AddLine(Order *order)
{
	if (order->text.length + order->set.length > ORDER_BYTES)
		return;
	if (order->text.length > 0)
		TextAppendChar(&order->text, '\n');
	TextAppendSpan(&order->text, TextSpan(&order->set));
}

/* A line for a set of siblings. */
static void
DescribeSiblings(Order *order, uint32_t first)
{
	const EdiReader *reader = order->binder->reader;
	Text *set = &order->set;

	set->length = 0;
	EdiAppendGroups(reader, FrameOf(order, first), set);
	TextAppendf(set, "/%s ", EdiNode(EdiCurrent(reader), NodeOf(order, first))->name);
	for (uint32_t i = first; i != 0; i = order->siblings[i].next)
	{
		order->siblings[i].listed = true;
		if (i != first)
			TextAppendChar(set, '|');
		AppendItem(order, HeldBy(order, i) == NULL ? 0 : HeldBy(order, i)->handle, set);
	}
	AddLine(order);
}

/* A line for the pairs of a segment: candidates `first` to `end` - 1 are taken from it. */
static void
DescribePairs(Order *order, uint32_t first, uint32_t end)
{
	const EdiBinder *binder = order->binder;
	const EdiPlaced *placed =
		EdiPlacedAt(binder->reader, VectorAt(&binder->candidates, EdiCandidate, first).segment);
	uint32_t handles[UINT8_MAX] = {0};
	unsigned count = 0;
	unsigned last = 0;
	char tag[5];

	for (uint32_t i = first; i < end; i++)
	{
		const EdiCandidate *c = &VectorAt(&binder->candidates, EdiCandidate, i);
		const EdiPairs *pairs;
		unsigned index;

		if (c->rule == NULL || c->rule->pair == 0 || c->handle == 0)
			continue;
		pairs = &ClexEdiPairs[c->rule->pair - 1];
		index = (EdiValueAt(&binder->reader->scanner, c->value)->element - pairs->value_element) /
				pairs->step;
		handles[index] = c->handle;
		last = index > last ? index : last;
		count++;
	}
	if (count < 2)
		return;
	EdiTagText(placed->segment.tag, tag);
	order->set.length = 0;
	EdiAppendGroups(binder->reader, placed->frame, &order->set);
	TextAppendf(&order->set, "/%s", tag);
	if (placed->ordinal > 1)
		TextAppendf(&order->set, "[%u]", placed->ordinal);
	TextAppendf(&order->set, "/ ");
	for (unsigned i = 0; i <= last; i++)
	{
		if (i > 0)
			TextAppendChar(&order->set, '|');
		AppendItem(order, handles[i], &order->set);
	}
	AddLine(order);
}

/* Pairs in segments that have extras. */
static void
DescribeAllPairs(Order *order)
{
	const Vector *candidates = &order->binder->candidates;
	uint32_t end;

	for (uint32_t i = 0; i < candidates->count; i = end)
	{
		uint32_t segment = VectorAt(candidates, EdiCandidate, i).segment;

		for (end = i;
			 end < candidates->count && VectorAt(candidates, EdiCandidate, end).segment == segment;)
			end++;
		if (order->binder->extra[segment])
			DescribePairs(order, i, end);
	}
}

/* Which of its term each node is, in the order they were added, which is that of the document. */
static bool
NumberTerms(Order *order)
{
	const DocumentBuilder *builder = order->binder->builder;
	Arena *body = order->binder->reader->body;
	uint32_t count = DocumentBuiltCount(builder);
	uint32_t *seen = ArenaAllocZero(body, TERM_COUNT * sizeof(uint32_t));

	order->numbers = ArenaAllocArray(body, (size_t) count + 1, sizeof(uint32_t));
	if (seen == NULL || order->numbers == NULL)
		return false;
	for (uint32_t h = 1; h <= count; h++)
		order->numbers[h] = ++seen[DocumentBuilt(builder, h).term];
	return true;
}

bool
EdiBindOrder(EdiBinder *binder)
{
	EdiReader *reader = binder->reader;
	Order order = {.binder = binder, .frames = reader->frames.count};
	size_t count = (size_t) reader->frames.count + reader->segments.count;

	order.siblings = ArenaAllocZero(reader->body, count * sizeof(Sibling));
	if (order.siblings == NULL || !NumberTerms(&order))
		return false;
	TextInit(&order.text, binder->arena);
	TextInit(&order.set, reader->body);
	for (uint32_t i = 0; i < reader->segments.count; i++)
	{
		const EdiPlaced *placed = EdiPlacedAt(reader, i);

		if (placed->node == EDI_NO_NODE)
			continue;
		/* a group is met at its first segment */
		if (placed->frame != 0 && EdiFrameAt(reader, placed->frame)->trigger == i)
			Chain(&order, placed->frame, EdiFrameAt(reader, placed->frame)->ordinal);
		else
			Chain(&order, order.frames + i, placed->ordinal);
		MarkUp(&order, i);
	}
	for (uint32_t i = 1; i < count; i++)
		if (order.siblings[i].first && IsToBeNoted(&order, i))
			DescribeSiblings(&order, i);
	DescribeAllPairs(&order);
	if (order.text.failed || order.set.failed)
		return false;
	if (order.text.length > 0)
		DocumentSetProvenance(binder->builder, "order", TextSpan(&order.text));
	return true;
}
