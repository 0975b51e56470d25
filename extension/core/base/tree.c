/*
 * tree.c
 *		Building and walking flat trees.
 */
#include "core/base/tree.h"

void
TreeInit(Tree *tree, Arena *arena)
{
	memset(tree, 0, sizeof(*tree));
	tree->arena = arena;
	VectorInit(&tree->nodes, arena, sizeof(TreeNode));
	VectorInit(&tree->first_same, arena, sizeof(uint32_t));
	VectorInit(&tree->last_same, arena, sizeof(uint32_t));
	VectorInit(&tree->name_count, arena, sizeof(uint32_t));
	VectorInit(&tree->own_names, arena, sizeof(Span));
	TextInit(&tree->text, arena);
	TextInit(&tree->attribute_text, arena);
	if (!VectorReserve(&tree->nodes, 512) || TreeOpen(tree, 0, NAME_NONE, 0) != 0)
		tree->failed = true;
}

static bool
GrowByName(Vector *vector, uint32_t capacity)
{
	uint32_t old = vector->count;

	if (!VectorReserve(vector, capacity))
		return false;
	memset(vector->data + (size_t) old * 4, 0, (size_t) (capacity - old) * 4);
	vector->count = capacity;
	return true;
}

static void
ClearByName(Vector *vector)
{
	if (vector->count > 0)
		memset(vector->data, 0, (size_t) vector->count * 4);
}

bool
TreeRestart(Tree *tree)
{
	tree->nodes.count = 0;
	tree->text.length = tree->attribute_text.length = 0;
	ClearByName(&tree->first_same);
	ClearByName(&tree->last_same);
	ClearByName(&tree->name_count);
	tree->own_names.count = 0;
	if (tree->own_slots > 0)
		memset(tree->own_table, 0, (size_t) tree->own_slots * sizeof(uint32_t));
	TreeOpen(tree, 0, NAME_NONE, 0);
	return !tree->failed;
}

/* Make room for what is kept by name, up to a name; the new slots are 0. */
static bool
GrowChains(Tree *tree, NameId name)
{
	uint32_t capacity = name + 64 < NAME_STATIC_COUNT ? NAME_STATIC_COUNT : name * 2;

	return GrowByName(&tree->first_same, capacity) && GrowByName(&tree->last_same, capacity) &&
		   GrowByName(&tree->name_count, capacity);
}

/* Append a node and chain it to the others of its name. */
static uint32_t
AddNode(Tree *tree, uint32_t parent, NameId name, uint32_t line)
{
	uint32_t index = tree->nodes.count;
	TreeNode *node = VectorPush(&tree->nodes);

	if (node == NULL || (name >= tree->first_same.count && !GrowChains(tree, name)))
	{
		if (node != NULL)
			tree->nodes.count--;
		tree->failed = true;
		return 0;
	}
	memset(node, 0, sizeof(*node));
	node->name = name;
	node->parent = parent;
	node->end = index + 1;
	node->line = line;
	if (name != NAME_NONE)
	{
		uint32_t last = VectorAt(&tree->last_same, uint32_t, name);

		if (last == 0)
			VectorAt(&tree->first_same, uint32_t, name) = index;
		else
			VectorAt(&tree->nodes, TreeNode, last).next_same = index;
		VectorAt(&tree->last_same, uint32_t, name) = index;
		VectorAt(&tree->name_count, uint32_t, name)++;
	}
	return index;
}

uint32_t
TreeOpen(Tree *tree, uint32_t parent, NameId name, uint32_t line)
{
	uint32_t index = AddNode(tree, parent, name, line);

	if (!tree->failed)
	{
		VectorAt(&tree->nodes, TreeNode, index).text = (uint32_t) tree->text.length;
		VectorAt(&tree->nodes, TreeNode, parent).flags |= TREE_HAS_ELEMENTS;
	}
	return index;
}

uint32_t
TreeAddAttribute(Tree *tree, uint32_t element, NameId name, Span value)
{
	uint32_t line = VectorAt(&tree->nodes, TreeNode, element).line;
	uint32_t index = AddNode(tree, element, name, line);

	if (!tree->failed)
	{
		TreeNode *node = &VectorAt(&tree->nodes, TreeNode, index);

		node->flags = TREE_ATTRIBUTE;
		node->text = (uint32_t) tree->attribute_text.length;
		node->text_length = (uint32_t) value.length;
		TextAppendSpan(&tree->attribute_text, value);
		if (tree->attribute_text.failed)
			tree->failed = true;
	}
	return index;
}

void
TreeClose(Tree *tree, uint32_t index)
{
	TreeNode *node = &VectorAt(&tree->nodes, TreeNode, index);

	node->end = tree->nodes.count;
	node->text_length = (uint32_t) (tree->text.length - node->text);
}

uint32_t
TreeChild(const Tree *tree, uint32_t parent, NameId name)
{
	uint32_t end = TreeAt(tree, parent)->end;

	for (uint32_t i = parent + 1; i < end; i = TreeAt(tree, i)->end)
		if (TreeAt(tree, i)->name == name)
			return i;
	return 0;
}

uint32_t
TreeNextNamed(const Tree *tree, uint32_t node, NameId name)
{
	uint32_t end = TreeAt(tree, TreeAt(tree, node)->parent)->end;

	for (uint32_t i = TreeAt(tree, node)->end; i < end; i = TreeAt(tree, i)->end)
		if (TreeAt(tree, i)->name == name)
			return i;
	return 0;
}

Span
TreeName(const Tree *tree, uint32_t node)
{
	NameId name = TreeAt(tree, node)->name;

	if (name < NAME_STATIC_COUNT)
		return ClexStaticNames[name];
	return VectorAt(&tree->own_names, Span, name - NAME_STATIC_COUNT);
}

/* Double the table of own names; slots hold index + 1. */
static bool
GrowOwnNames(Tree *tree)
{
	uint32_t slots = tree->own_slots == 0 ? 64 : tree->own_slots * 2;
	uint32_t *table = ArenaAllocZero(tree->arena, (size_t) slots * sizeof(uint32_t));

	if (table == NULL)
		return false;
	for (uint32_t i = 0; i < tree->own_names.count; i++)
	{
		uint32_t slot = SpanHash(VectorAt(&tree->own_names, Span, i)) & (slots - 1);

		while (table[slot] != 0)
			slot = (slot + 1) & (slots - 1);
		table[slot] = i + 1;
	}
	tree->own_table = table;
	tree->own_slots = slots;
	return true;
}

NameId
TreeInternName(Tree *tree, Span name)
{
	NameId id = NameLookup(name);
	uint32_t slot;
	Span *added;

	if (id != NAME_NONE)
		return id;
	if (tree->own_names.count * 2 >= tree->own_slots && !GrowOwnNames(tree))
	{
		tree->failed = true;
		return NAME_NONE;
	}
	slot = SpanHash(name) & (tree->own_slots - 1);
	for (; tree->own_table[slot] != 0; slot = (slot + 1) & (tree->own_slots - 1))
		if (SpanEqual(VectorAt(&tree->own_names, Span, tree->own_table[slot] - 1), name))
			return NAME_STATIC_COUNT + tree->own_table[slot] - 1;
	added = VectorPush(&tree->own_names);
	if (added == NULL || (*added = ArenaCopy(tree->arena, name)).data == NULL)
	{
		tree->failed = true;
		return NAME_NONE;
	}
	tree->own_table[slot] = tree->own_names.count;
	return NAME_STATIC_COUNT + tree->own_names.count - 1;
}

#define POSITION_SHOWN 0x80000000u /* there are siblings of the same name */

/* Number the children of one node; `counts` is by name and all zero before and after. */
static void
NumberChildren(Tree *tree, uint32_t parent, uint32_t *counts)
{
	uint32_t end = TreeAt(tree, parent)->end;

	for (uint32_t i = parent + 1; i < end; i = TreeAt(tree, i)->end)
		tree->positions[i] = ++counts[TreeAt(tree, i)->name];
	for (uint32_t i = parent + 1; i < end; i = TreeAt(tree, i)->end)
		if (counts[TreeAt(tree, i)->name] > 1)
			tree->positions[i] |= POSITION_SHOWN;
	for (uint32_t i = parent + 1; i < end; i = TreeAt(tree, i)->end)
		counts[TreeAt(tree, i)->name] = 0;
}

bool
TreeNumberSiblings(Tree *tree)
{
	uint32_t names = NAME_STATIC_COUNT + tree->own_names.count + 1;
	uint32_t *counts;

	if (tree->positions != NULL)
		return true;
	counts = ArenaAllocZero(tree->arena, (size_t) names * sizeof(uint32_t));
	tree->positions = ArenaAllocZero(tree->arena, (size_t) TreeCount(tree) * sizeof(uint32_t));
	if (counts == NULL || tree->positions == NULL)
	{
		tree->positions = NULL;
		return false;
	}
	for (uint32_t i = 0; i < TreeCount(tree); i++)
		if (TreeAt(tree, i)->flags & TREE_HAS_ELEMENTS)
			NumberChildren(tree, i, counts);
	return true;
}

void
TreeHidePosition(Tree *tree, uint32_t node)
{
	tree->positions[node] = 1;
}

bool
TreeIsFirstOfSeveral(const Tree *tree, uint32_t node)
{
	return tree->positions != NULL && tree->positions[node] == (1 | POSITION_SHOWN);
}

/* Whether a node's position is shown, and which it is, where the siblings were not numbered. */
static uint32_t
CountPosition(const Tree *tree, uint32_t node)
{
	const TreeNode *n = TreeAt(tree, node);
	uint32_t before = 0;
	bool after = false;

	for (uint32_t i = n->parent + 1; i < TreeAt(tree, n->parent)->end && !after;
		 i = TreeAt(tree, i)->end)
		if (TreeAt(tree, i)->name == n->name)
		{
			before += i < node;
			after = i > node;
		}
	return (before + 1) | (before > 0 || after ? POSITION_SHOWN : 0);
}

void
TreeLocation(const Tree *tree, uint32_t node, Text *out)
{
	const TreeNode *n = TreeAt(tree, node);
	uint32_t position;

	if (node == 0)
		return;
	TreeLocation(tree, n->parent, out);
	TextAppendChar(out, '/');
	TextAppendSpan(out, TreeName(tree, node));
	if (n->flags & TREE_ATTRIBUTE)
		return;
	position = tree->positions != NULL ? tree->positions[node] : CountPosition(tree, node);
	if (position & POSITION_SHOWN)
		TextAppendf(out, "[%u]", position & ~POSITION_SHOWN);
}
