/*
 * document_place.c
 *		The written place of a node in a term tree: "lines[2].net_amount".
 */
#include "core/model/document.h"

void
DocumentTreeLocation(const Tree *tree, uint32_t node, Text *out)
{
	const TreeNode *n = TreeAt(tree, node);
	uint32_t ordinal = 1;

	if (node == 0)
		return;
	if (n->parent != 0)
	{
		DocumentTreeLocation(tree, n->parent, out);
		TextAppendChar(out, '.');
	}
	TextAppendSpan(out, ClexTerms[n->name].name);
	if (ClexTerms[n->name].max == 1)
		return;
	for (uint32_t i = n->parent + 1; i < node; i = TreeAt(tree, i)->end)
		ordinal += TreeAt(tree, i)->name == n->name;
	TextAppendf(out, "[%u]", ordinal);
}
