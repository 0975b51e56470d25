/*
 * locate.h
 *		Locations of many nodes of one tree, each in time proportional to its depth.
 *
 * TreeLocation() counts siblings each time; here positions are counted once for the whole tree, so that
 * a million extras below one parent cost a million steps and not their square.
 */
#ifndef CLEX_CODEC_LOCATE_H
#define CLEX_CODEC_LOCATE_H

#include "core/base/tree.h"

typedef struct Locator
{
	const Tree *tree;
	uint32_t *position; /* by node; 0: the only child of its name.  NULL before the first use */
	Text path;
} Locator;

extern void LocatorInit(Locator *locator, const Tree *tree, Arena *arena);

/*
 * The location of a node as TreeLocation() writes it, with `suffix` behind; good until the next call.
 * A NULL data pointer when out of memory.
 */
extern Span LocatePath(Locator *locator, uint32_t node, Span suffix);

#endif
