/*
 * edi_levels.c
 *		From levels within one another to lines that name their order and handling unit.
 */
#include "core/codec/edi_levels.h"

#define MAX_DEPTH 64 /* levels around a line that are looked at: they may go in circles */

static const EdiFrame *
FrameAt(const EdiLevels *levels, uint32_t i)
{
	return &VectorAt(&levels->reader->frames, EdiFrame, i);
}

static EdiBox *
BoxAt(const EdiLevels *levels, uint32_t i)
{
	return &VectorAt(&levels->boxes, EdiBox, i);
}

/* Where the box of an id is, or would be. */
static uint32_t *
SlotOf(const EdiLevels *levels, Span id)
{
	uint32_t slot = SpanHash(id) % levels->slot_count;

	while (levels->slots[slot] != 0 && !SpanEqual(BoxAt(levels, levels->slots[slot] - 1)->id, id))
		slot = (slot + 1) % levels->slot_count;
	return &levels->slots[slot];
}

static bool
AddBox(EdiLevels *levels, uint32_t frame, Arena *arena)
{
	const EdiReader *reader = levels->reader;
	const EdiSegment *trigger =
		&VectorAt(&reader->segments, EdiPlaced, FrameAt(levels, frame)->trigger).segment;
	EdiBox *box = VectorPush(&levels->boxes);

	if (box == NULL)
		return false;
	*box = (EdiBox){.id = EdiTextAt(&reader->scanner, trigger, 1, 1, arena),
					.around = EdiTextAt(&reader->scanner, trigger, 2, 1, arena)};
	levels->box_of[frame] = levels->boxes.count;
	return true;
}

bool
EdiLevelsOpen(EdiLevels *levels, const EdiReader *reader, Arena *arena)
{
	memset(levels, 0, sizeof(*levels));
	levels->reader = reader;
	VectorInit(&levels->boxes, reader->body, sizeof(EdiBox));
	VectorInit(&levels->lines, reader->body, sizeof(EdiBoxedLine));
	levels->orders = SpanEqualCString(EdiCurrent(reader)->type, "856");
	if (!levels->orders && !SpanEqualCString(EdiCurrent(reader)->type, "DESADV"))
		return true;
	levels->box_of = ArenaAllocZero(reader->body, (reader->frames.count + 1) * sizeof(uint32_t));
	if (levels->box_of == NULL)
		return false;
	for (uint32_t i = 1; i < reader->frames.count; i++)
	{
		EdiTag tag = EdiNode(EdiCurrent(reader), FrameAt(levels, i)->node)->tag;

		if ((tag == EDI_TAG('H', 'L', '\0') || tag == EDI_TAG('C', 'P', 'S')) &&
			!AddBox(levels, i, arena))
			return false;
	}
	if (levels->boxes.count == 0)
		return true;
	levels->slot_count = 2 * levels->boxes.count + 1;
	levels->slots = ArenaAllocZero(reader->body, levels->slot_count * sizeof(uint32_t));
	if (levels->slots == NULL)
		return false;
	for (uint32_t i = 0; i < levels->boxes.count; i++)
	{
		uint32_t *slot = SlotOf(levels, BoxAt(levels, i)->id);

		if (*slot == 0)
			*slot = i + 1;
	}
	return true;
}

void
EdiLevelsNote(EdiLevels *levels, uint32_t frame, TermId term, Span value, uint32_t line)
{
	EdiBoxedLine *last = levels->lines.count == 0
							 ? NULL
							 : &VectorAt(&levels->lines, EdiBoxedLine, levels->lines.count - 1);

	if (levels->slot_count == 0)
		return;
	while (frame != 0 && levels->box_of[frame] == 0)
		frame = FrameAt(levels, frame)->parent;
	if (frame == 0)
		return;
	if (term == TERM_D_33)
		BoxAt(levels, levels->box_of[frame] - 1)->unit = value;
	else if (term == TERM_D_7)
		BoxAt(levels, levels->box_of[frame] - 1)->order = value;
	if (line != 0 && (last == NULL || last->handle != line))
	{
		last = VectorPush(&levels->lines);
		if (last == NULL)
			return;
		*last = (EdiBoxedLine){line, levels->box_of[frame] - 1, false};
	}
	if (term == TERM_D_44 && last != NULL)
		last->has_order = true;
}

void
EdiLevelsEnd(EdiLevels *levels, DocumentBuilder *builder)
{
	for (uint32_t i = 0; i < levels->lines.count; i++)
	{
		EdiBoxedLine line = VectorAt(&levels->lines, EdiBoxedLine, i);
		bool has_unit = false;
		uint32_t box = line.box + 1;

		for (unsigned depth = 0; box != 0 && depth < MAX_DEPTH; depth++)
		{
			const EdiBox *b = BoxAt(levels, box - 1);

			if (b->unit.data != NULL && !has_unit)
				DocumentAdd(builder, line.handle, TERM_D_76, b->unit, 0);
			has_unit |= b->unit.data != NULL;
			if (levels->orders && b->order.data != NULL && !line.has_order)
				DocumentAdd(builder, line.handle, TERM_D_44, b->order, 0);
			line.has_order |= b->order.data != NULL;
			box = b->around.length == 0 ? 0 : *SlotOf(levels, b->around);
		}
	}
}
