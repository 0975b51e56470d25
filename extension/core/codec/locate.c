/*
 * locate.c
 *		Locations of many nodes of one tree.
 *
 * Nodes of one name are chained in document order, so counting per parent along each chain gives every
 * position in one pass over the tree.
 */
#include "core/codec/locate.h"

void
LocatorInit(Locator *locator, const Tree *tree, Arena *arena)
{
	locator->tree = tree;
	locator->position = NULL;
	TextInit(&locator->path, arena);
}

/* Count the children of each name of each parent; single ones get no position. */
static bool
CountPositions(Locator *locator)
{
	const Tree *tree = locator->tree;
	Arena *arena = locator->path.arena;
	uint32_t *position = ArenaAllocArray(arena, TreeCount(tree), sizeof(uint32_t));
	uint32_t *count = ArenaAllocZero(arena, (size_t) TreeCount(tree) * sizeof(uint32_t));

	if (position == NULL || count == NULL)
		return false;
	position[0] = 0;
	for (NameId name = 1; name < tree->first_same.count; name++)
	{
		uint32_t first = TreeFirstNamed(tree, name);

		for (uint32_t i = first; i != 0; i = TreeAt(tree, i)->next_same)
			position[i] = ++count[TreeAt(tree, i)->parent];
		for (uint32_t i = first; i != 0; i = TreeAt(tree, i)->next_same)
			if (count[TreeAt(tree, i)->parent] == 1)
				position[i] = 0;
		for (uint32_t i = first; i != 0; i = TreeAt(tree, i)->next_same)
			count[TreeAt(tree, i)->parent] = 0;
	}
	locator->position = position;
	return true;
}

/* Append the steps from the root to a node; the depth of a tree is bounded by its reader. */
static void
AppendSteps(Locator *locator, uint32_t node)
{
	if (node == 0)
		return;
	AppendSteps(locator, TreeAt(locator->tree, node)->parent);
	TextAppendChar(&locator->path, '/');
	TextAppendSpan(&locator->path, TreeName(locator->tree, node));
	if (locator->position[node] > 0)
		TextAppendf(&locator->path, "[%u]", locator->position[node]);
}

Span
LocatePath(Locator *locator, uint32_t node, Span suffix)
{
	if (locator->position == NULL && !CountPositions(locator))
		return (Span){NULL, 0};
	locator->path.length = 0;
	AppendSteps(locator, node);
	TextAppendSpan(&locator->path, suffix);
	if (locator->path.failed)
		return (Span){NULL, 0};
	return TextSpan(&locator->path);
}
