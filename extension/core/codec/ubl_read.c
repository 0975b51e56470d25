/*
 * ubl_read.c
 *		UBL 2.1: the root element decides the kind.
 */
#include "core/codec/syntax.h"

/* Text of a child of the root, NULL data if there is none. */
static Span
RootText(const Tree *tree, NameId name)
{
	uint32_t node = TreeChild(tree, 1, name);

	return node == 0 ? SpanOf(NULL, 0) : TreeText(tree, node);
}

/* The currency beside the totals of a document that does not name it itself, NULL data if none. */
static Span
TotalsCurrency(const Tree *tree)
{
	static const NameId totals[] = {NAME_cac_AnticipatedMonetaryTotal, NAME_cac_LegalMonetaryTotal};

	for (int i = 0; i < 2; i++)
	{
		uint32_t node = TreeChild(tree, 1, totals[i]);

		node = node == 0 ? 0 : TreeChild(tree, node, NAME_cbc_PayableAmount);
		node = node == 0 ? 0 : TreeChild(tree, node, NAME_at_currencyID);
		if (node != 0)
			return TreeText(tree, node);
	}
	return SpanOf(NULL, 0);
}

bool
UblFacts(const Tree *tree, SyntaxFacts *facts)
{
	const BindRoot *root = BindRootFind(TreeAt(tree, 1)->name);

	if (root == NULL || strcmp(root->syntax, "ubl") != 0)
		return false;
	facts->format = SPAN_LITERAL("ubl");
	facts->kind = (DocumentKind) root->kind;
	facts->root = root;
	facts->version = SpanTrim(RootText(tree, NAME_cbc_UBLVersionID));
	if (facts->version.length == 0)
		facts->version = SPAN_LITERAL("2.1");
	facts->profile = SpanTrim(RootText(tree, NAME_cbc_CustomizationID));
	facts->currency = RootText(tree, NAME_cbc_DocumentCurrencyCode);
	if (facts->currency.data == NULL && root->currency != TERM_BT_5)
		facts->currency = TotalsCurrency(tree);
	return true;
}
