/*
 * bind_extras.c
 *		What no binding knows is kept, leaf by leaf, with its location.
 */
#include "core/codec/bind_parts.h"

/* Before the first location; each part stands in its document alone. */
static bool
NumberSiblings(Binder *binder)
{
	Tree *tree = binder->tree;

	if (tree->positions != NULL || !TreeNumberSiblings(tree) || binder->part == 0)
		return tree->positions != NULL;
	for (uint32_t i = TreeChild(tree, 1, TreeAt(tree, binder->part)->name); i != 0;
		 i = TreeNextNamed(tree, i, TreeAt(tree, i)->name))
		TreeHidePosition(tree, i);
	return true;
}

void
BindAddExtra(Binder *binder, uint32_t node, Span suffix, Span value)
{
	Text *path = &binder->path;
	uint32_t *kept = VectorPush(&binder->extras);

	path->length = 0;
	if (NumberSiblings(binder))
		TreeLocation(binder->tree, node, path);
	TextAppendSpan(path, suffix);
	if (path->failed || binder->tree->positions == NULL || kept == NULL)
	{
		binder->status = CLEX_NO_MEMORY;
		return;
	}
	if (path->length > binder->path_bytes)
	{
		binder->status = CLEX_LIMIT;
		return;
	}
	*kept = node;
	binder->path_bytes -= path->length;
	DocumentAddExtra(binder->builder, TextSpan(path), value, TreeAt(binder->tree, node)->line);
	binder->counts.extras++;
}

/* Keep the text in [from, until) of the heap, if there is more than white space. */
static void
AddGap(Binder *binder, uint32_t node, size_t from, size_t until)
{
	Span gap = SpanOf(binder->tree->text.data + from, until > from ? until - from : 0);

	if (gap.length > 0 && !IsBlank(gap))
		BindAddExtra(binder, node, SPAN_LITERAL("/text()"), gap);
}

void
BindAddStrayText(Binder *binder, uint32_t node)
{
	const Tree *tree = binder->tree;
	const TreeNode *n = TreeAt(tree, node);
	size_t at = n->text;

	if (n->text_length == 0)
		return;
	for (uint32_t i = node + 1; i < n->end; i = TreeAt(tree, i)->end)
	{
		const TreeNode *child = TreeAt(tree, i);

		if (child->flags & TREE_ATTRIBUTE)
			continue;
		AddGap(binder, node, at, child->text);
		at = (size_t) child->text + child->text_length;
	}
	AddGap(binder, node, at, (size_t) n->text + n->text_length);
}

void
BindAddExtras(Binder *binder, uint32_t node)
{
	const Tree *tree = binder->tree;
	uint32_t end = TreeAt(tree, node)->end;

	for (uint32_t i = node; i < end && binder->status == CLEX_OK; i++)
	{
		CountStep(binder);
		if (HasElements(tree, i))
			BindAddStrayText(binder, i);
		else
			BindAddExtra(binder, i, (Span){NULL, 0}, TreeText(tree, i));
	}
}
