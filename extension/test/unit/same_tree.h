/*
 * same_tree.h
 *		Whether two source trees are the same in every field.
 */
#ifndef CLEX_TEST_SAME_TREE_H
#define CLEX_TEST_SAME_TREE_H

#include "core/base/tree.h"

static inline bool
SameNode(const TreeNode *a, const TreeNode *b)
{
	return a->name == b->name && a->parent == b->parent && a->end == b->end && a->text == b->text &&
		   a->text_length == b->text_length && a->next_same == b->next_same && a->line == b->line &&
		   a->type == b->type && a->flags == b->flags;
}

static inline bool
SameTree(const Tree *a, const Tree *b)
{
	if (TreeCount(a) != TreeCount(b) || !SpanEqual(TextSpan(&a->text), TextSpan(&b->text)) ||
		!SpanEqual(TextSpan(&a->attribute_text), TextSpan(&b->attribute_text)))
		return false;
	for (uint32_t i = 0; i < TreeCount(a); i++)
	{
		NameId name = TreeAt(a, i)->name;

		if (!SameNode(TreeAt(a, i), TreeAt(b, i)) || !SpanEqual(TreeName(a, i), TreeName(b, i)) ||
			TreeNamedCount(a, name) != TreeNamedCount(b, name) ||
			TreeFirstNamed(a, name) != TreeFirstNamed(b, name))
			return false;
	}
	return true;
}

#endif
