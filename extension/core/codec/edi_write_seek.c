/*
 * edi_write_seek.c
 *		The way along the path of an extra: from its names and numbers to groups and segments of a message.
 */
#include "core/codec/edi_returns.h"

/* ---- paths ---- */

bool
EdiTakeNumber(Span *rest, unsigned max, unsigned *number)
{
	unsigned value = 0;
	size_t i = 0;

	for (; i < rest->length && rest->data[i] >= '0' && rest->data[i] <= '9' && value <= max; i++)
		value = value * 10 + (unsigned) (rest->data[i] - '0');
	*rest = SpanOf(rest->data + i, rest->length - i);
	*number = value;
	return i > 0 && value > 0 && value <= max;
}

bool
EdiTakeChar(Span *rest, char c)
{
	if (rest->length == 0 || rest->data[0] != c)
		return false;
	*rest = SpanOf(rest->data + 1, rest->length - 1);
	return true;
}

/* "/SG2[3]/LOC[2]": steps, as many as there are before a number or the end. */
bool
EdiTakeSteps(Span *rest, EdiPath *place)
{
	place->count = 0;
	while (rest->length > 1 && rest->data[0] == '/' && rest->data[1] >= 'A' && rest->data[1] <= 'Z')
	{
		EdiStep *step = &place->steps[place->count++];
		size_t length = 1;

		while (length < rest->length && rest->data[length] != '/' && rest->data[length] != '[' &&
			   rest->data[length] != ' ')
			length++;
		*step = (EdiStep){SpanOf(rest->data + 1, length - 1), 1};
		*rest = SpanOf(rest->data + length, rest->length - length);
		if (EdiTakeChar(rest, '[') &&
			(!EdiTakeNumber(rest, EDI_MAX_NUMBER, &step->number) || !EdiTakeChar(rest, ']')))
			return false;
		if (place->count == EDI_MAX_STEPS)
			return false;
	}
	return place->count > 0;
}

/* A group or segment of a group by its name, 0 if there is none. */
uint16_t
EdiNodeNamed(const EdiWriter *w, uint16_t parent, Span name, bool group)
{
	uint16_t at = (uint16_t) (parent + 1);

	while (at < EdiWriterNode(w, parent)->end)
	{
		const EdiNodeFact *fact = EdiWriterNode(w, at);

		if (fact->group == group && SpanEqualCString(name, fact->name))
			return at;
		at = fact->group ? fact->end : (uint16_t) (at + 1);
	}
	return 0;
}

/* ---- groups and segments by number ---- */

static uint32_t
FirstOf(const EdiWriter *w, bool group, uint32_t owner)
{
	return group ? EdiNestAt(w, owner)->first_nest : EdiNestAt(w, owner)->first_put;
}

/* The first one of a node from `index` on. */
static uint32_t
NextOf(const EdiWriter *w, bool group, uint32_t index, uint16_t at)
{
	while (index != EDI_NONE && EdiSiblingAt(w, group, index).at != at)
		index = *EdiSiblingAt(w, group, index).next;
	return index;
}

/* That of a number in a group, made behind the others if there are fewer and `make` is said; or EDI_NONE. */
uint32_t
EdiSeek(EdiWriter *w, EdiCursor *cursor, uint32_t owner, uint16_t at, uint32_t number, bool make)
{
	bool group = EdiWriterNode(w, at)->group;
	bool on = cursor->index != EDI_NONE && cursor->owner == owner && cursor->at == at &&
			  cursor->number <= number;
	uint32_t i = on ? cursor->index : NextOf(w, group, FirstOf(w, group, owner), at);

	for (uint32_t n = on ? cursor->number : 1; n < number && i != EDI_NONE; n++)
		i = NextOf(w, group, *EdiSiblingAt(w, group, i).next, at);
	if (i == EDI_NONE && make && EdiHasRoom(w, owner, at))
		i = group ? EdiAddNest(w, owner, at, true) : EdiAddPut(w, owner, at, true);
	*cursor = (EdiCursor){owner, number, i, at};
	return i;
}
