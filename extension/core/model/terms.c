/*
 * terms.c
 *		Looking up business terms in the generated tables.
 */
#include "core/model/image.h"

static int
CompareSpans(Span a, Span b)
{
	int order = memcmp(a.data, b.data, a.length < b.length ? a.length : b.length);

	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

/* A term by the number another list has for it. */
static TermId
AliasLookup(Span alias)
{
	uint32_t low = 0;
	uint32_t high = ClexTermAliasCount;

	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;
		int order = CompareSpans(ClexTermAliases[middle].alias, alias);

		if (order == 0)
			return ClexTermAliases[middle].term;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return TERM_NONE;
}

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
	return AliasLookup(id_or_path);
}

bool
TermHasNumber(TermId term, Span number)
{
	return SpanEqual(ClexTerms[term].id, number) || AliasLookup(number) == term;
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

#define LONGEST_NAME 64

/* Edit distance of two short names: insertions, deletions, replacements, swaps of neighbours. */
static uint32_t
NameDistance(Span a, Span b)
{
	uint32_t rows[3][LONGEST_NAME + 1];

	for (uint32_t k = 0; k <= b.length; k++)
		rows[0][k] = k;
	for (uint32_t i = 1; i <= a.length; i++)
	{
		uint32_t *row = rows[i % 3];
		const uint32_t *above = rows[(i + 2) % 3];
		const uint32_t *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (uint32_t k = 1; k <= b.length; k++)
		{
			uint32_t best = above[k - 1] + (a.data[i - 1] != b.data[k - 1]);

			if (above[k] + 1 < best)
				best = above[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			if (i > 1 && k > 1 && a.data[i - 1] == b.data[k - 2] &&
				a.data[i - 2] == b.data[k - 1] && above2[k - 2] + 1 < best)
				best = above2[k - 2] + 1;
			row[k] = best;
		}
	}
	return rows[a.length % 3][b.length];
}

TermId
TermNearest(TermId parent, Span name)
{
	TermId nearest = TERM_NONE;
	uint32_t best = (name.length < 6 ? 1 : (uint32_t) name.length / 3) + 1;

	if (name.length > LONGEST_NAME)
		return TERM_NONE;
	for (uint32_t t = 1; t < TERM_COUNT; t++)
		if (ClexTerms[t].parent == parent && ClexTerms[t].id.length > 0 &&
			ClexTerms[t].name.length <= LONGEST_NAME)
		{
			uint32_t distance = NameDistance(name, ClexTerms[t].name);

			if (distance < best)
			{
				best = distance;
				nearest = (TermId) t;
			}
		}
	return nearest;
}
