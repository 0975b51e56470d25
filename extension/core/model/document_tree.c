/*
 * document_tree.c
 *		A document image as a typed tree for the expression language.
 *
 * Names of the tree are term numbers.  Attribute terms become attributes, so that the string value of
 * an identifier is the identifier alone, and a node's line is its number in the image.
 */
#include "core/model/image.h"

/* Type, flags and image number of a node just made. */
static void
MarkNode(Tree *tree, uint32_t index, uint32_t node, const DocumentNode *fact)
{
	TreeNode *n = &VectorAt(&tree->nodes, TreeNode, index);

	n->line = node;
	n->type = ClexTerms[fact->term].type;
	if (fact->flags & DOCUMENT_NODE_INVALID)
		n->flags |= TREE_INVALID;
}

/*
 * Add the children of a node.  The depth is that of the dictionary: a child's term is always one
 * below its parent's.
 */
static ClexStatus
AddChildren(const DocumentView *view, Tree *tree, uint32_t parent, uint32_t parent_index)
{
	uint32_t count;
	uint32_t first = ViewChildren(view, parent, &count);
	ClexStatus status = CLEX_OK;

	if (parent != 0)
	{
		for (uint32_t i = 0; i < count; i++)
		{
			DocumentNode fact = ViewNode(view, first + i);

			if (!ClexTerms[fact.term].attribute)
				continue;
			MarkNode(tree, TreeAddAttribute(tree, parent_index, fact.term, fact.value), first + i,
					 &fact);
		}
		TextAppendSpan(&tree->text, ViewNode(view, parent).value);
	}
	for (uint32_t i = 0; i < count && status == CLEX_OK; i++)
	{
		DocumentNode fact = ViewNode(view, first + i);
		uint32_t index;

		if (ClexTerms[fact.term].attribute)
			continue;
		if (i % 1024 == 1023 && ClexInterrupted(tree->arena->env))
			return CLEX_INTERRUPTED;
		index = TreeOpen(tree, parent_index, fact.term, first + i);
		if (tree->failed || tree->text.failed)
			return CLEX_NO_MEMORY;
		MarkNode(tree, index, first + i, &fact);
		status = AddChildren(view, tree, first + i, index);
		TreeClose(tree, index);
	}
	return status;
}

ClexStatus
DocumentToTree(const DocumentView *view, Arena *arena, Tree *tree, ClexError *error)
{
	ClexStatus status;

	TreeInit(tree, arena);
	if (!tree->failed)
		VectorAt(&tree->nodes, TreeNode, 0).type = VALUE_GROUP;
	status = tree->failed ? CLEX_NO_MEMORY : AddChildren(view, tree, 0, 0);
	if (status == CLEX_OK)
		TreeClose(tree, 0);
	if (status == CLEX_OK && (tree->failed || tree->text.failed))
		status = CLEX_NO_MEMORY;
	return status == CLEX_OK ? CLEX_OK : ClexFail(error, status, "%s", ClexStatusName(status));
}
