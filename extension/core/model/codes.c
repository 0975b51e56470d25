/*
 * codes.c
 *		Looking up code lists and codes in the generated tables.
 */
#include "core/model/codes.h"

static int
CompareSpans(Span a, Span b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = shorter == 0 ? 0 : memcmp(a.data, b.data, shorter);

	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

const CodeListFact *
CodeListFind(Span list)
{
	uint32_t low = 0;
	uint32_t high = ClexCodeListCount;

	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;
		int order = CompareSpans(ClexCodeLists[middle].list, list);

		if (order == 0)
			return &ClexCodeLists[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool
CodeListContains(const CodeListFact *list, Span code)
{
	uint32_t mask = list->slot_count - 1;

	for (uint32_t slot = SpanHash(code) & mask; list->slots[slot] != 0; slot = (slot + 1) & mask)
		if (SpanEqual(list->codes[list->slots[slot] - 1].code, code))
			return true;
	return false;
}
