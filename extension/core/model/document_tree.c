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

/* A walk and what it needs. */
typedef struct TreeWalk
{
	const DocumentView *view;
	const uint32_t *index; /* of children */
	Tree *tree;
} TreeWalk;

/*
 * Add the children of a node.  The depth is that of the dictionary: a child's term is always one
 * below its parent's.
 */
static ClexStatus
AddChildren(const TreeWalk *walk, uint32_t parent, uint32_t parent_index)
{
	Tree *tree = walk->tree;
	uint32_t end = walk->index[parent + 1];
	ClexStatus status = CLEX_OK;

	for (uint32_t i = walk->index[parent]; i < end && status == CLEX_OK; i++)
	{
		DocumentNode fact = ViewNode(walk->view, i);
		uint32_t index;

		if (ClexTerms[fact.term].attribute)
			continue;
		if (i % 4096 == 4095 && ClexInterrupted(tree->arena->env))
			return CLEX_INTERRUPTED;
		index = TreeOpen(tree, parent_index, fact.term, i);
		if (tree->failed || tree->text.failed)
			return CLEX_NO_MEMORY;
		MarkNode(tree, index, i, &fact);
		for (uint32_t k = walk->index[i]; k < walk->index[i + 1]; k++)
		{
			DocumentNode child = ViewNode(walk->view, k);

			if (ClexTerms[child.term].attribute)
				MarkNode(tree, TreeAddAttribute(tree, index, child.term, child.value), k, &child);
		}
		TextAppendSpan(&tree->text, fact.value);
		status = AddChildren(walk, i, index);
		TreeClose(tree, index);
	}
	return status;
}

ClexStatus
DocumentToTree(const DocumentView *view, Arena *arena, Tree *tree, ClexError *error)
{
	TreeWalk walk = {view, ViewChildIndex(view, arena), tree};
	ClexStatus status;

	TreeInit(tree, arena);
	if (!tree->failed)
		VectorAt(&tree->nodes, TreeNode, 0).type = VALUE_GROUP;
	status = tree->failed || walk.index == NULL ? CLEX_NO_MEMORY : AddChildren(&walk, 0, 0);
	if (status == CLEX_OK)
		TreeClose(tree, 0);
	if (status == CLEX_OK && (tree->failed || tree->text.failed))
		status = CLEX_NO_MEMORY;
	return status == CLEX_OK ? CLEX_OK : ClexFail(error, status, "%s", ClexStatusName(status));
}
