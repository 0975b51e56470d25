/*
 * terms.c
 *		Looking up business terms in the generated tables.
 */
#include "core/model/image.h"

TermId
TermLookup(Span id_or_path)
{
	uint32_t mask = ClexTermSlots - 1;

	for (uint32_t slot = SpanHash(id_or_path) & mask; ClexTermTable[slot] != 0;
		 slot = (slot + 1) & mask)
	{
		const Term *term = &ClexTerms[ClexTermTable[slot]];

		if (SpanEqual(term->id, id_or_path) || SpanEqual(term->path, id_or_path))
			return ClexTermTable[slot];
	}
	return TERM_NONE;
}

TermId
TermChild(TermId parent, Span name)
{
	uint32_t mask = ClexTermChildSlots - 1;
	uint32_t hash = SpanHash(name) ^ ((uint32_t) parent * 0x9E3779B1u);

	for (uint32_t slot = hash & mask; ClexTermChildTable[slot] != 0; slot = (slot + 1) & mask)
	{
		const Term *term = &ClexTerms[ClexTermChildTable[slot]];

		if (term->parent == parent && SpanEqual(term->name, name))
			return ClexTermChildTable[slot];
	}
	return TERM_NONE;
}

/* Edit distance of two short names: insertions, deletions, replacements. */
static uint32_t
NameDistance(Span a, Span b)
{
	uint32_t row[65];

	for (uint32_t k = 0; k <= b.length; k++)
		row[k] = k;
	for (uint32_t i = 1; i <= a.length; i++)
	{
		uint32_t diagonal = row[0];

		row[0] = i;
		for (uint32_t k = 1; k <= b.length; k++)
		{
			uint32_t replace = diagonal + (a.data[i - 1] != b.data[k - 1]);
			uint32_t shift = (row[k] < row[k - 1] ? row[k] : row[k - 1]) + 1;

			diagonal = row[k];
			row[k] = replace < shift ? replace : shift;
		}
	}
	return row[b.length];
}

TermId
TermNearest(TermId parent, Span name)
{
	TermId nearest = TERM_NONE;
	uint32_t best = name.length < 6 ? 3 : 4;

	if (name.length > 64)
		return TERM_NONE;
	for (uint32_t t = 1; t < TERM_COUNT; t++)
		if (ClexTerms[t].parent == parent && ClexTerms[t].id.length > 0)
		{
			uint32_t distance = NameDistance(name, ClexTerms[t].name);

			if (distance < best && distance < ClexTerms[t].name.length)
			{
				best = distance;
				nearest = (TermId) t;
			}
		}
	return nearest;
}
