/*
 * terms.c
 *		Looking up business terms in the generated tables.
 */
#include "core/model/terms.h"

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
