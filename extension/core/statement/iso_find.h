/*
 * iso_find.h
 *		Texts of ISO 20022 messages, found by tables of paths: one table serves every version of a message.
 */
#ifndef CLEX_STATEMENT_ISO_FIND_H
#define CLEX_STATEMENT_ISO_FIND_H

#include "core/statement/iso_check.h"

typedef struct IsoFinder
{
	const Tree *tree;
	const IsoNames *names;
	Arena *scratch;	 /* of texts that are put together */
	Span *found;	 /* by text; NULL data: not there.  White space around them is left out */
	uint32_t *where; /* their nodes; 0: none, or several */
	uint32_t texts;
	bool failed; /* out of memory */
} IsoFinder;

/* First child element of that number, or 0. */
static inline uint32_t
IsoChild(const IsoFinder *finder, uint32_t node, uint16_t name)
{
	NameId id = finder->names->in_tree[name];

	return id == NAME_NONE ? 0 : TreeChild(finder->tree, node, id);
}

static inline uint32_t
IsoNext(const IsoFinder *finder, uint32_t node, uint16_t name)
{
	return TreeNextNamed(finder->tree, node, finder->names->in_tree[name]);
}

/* Fill `found` with the texts of paths[0 .. count - 1] from a node; the first that is there counts. */
extern void IsoFind(IsoFinder *finder, const IsoPath *paths, uint32_t count, uint32_t node,
					IsoWhen when);

/* The currency of the amount found as `text`, NULL data if it has none. */
extern Span IsoFoundCurrency(const IsoFinder *finder, uint8_t text);

#endif
