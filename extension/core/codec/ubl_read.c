/*
 * ubl_read.c
 *		UBL 2.1 Invoice and CreditNote: the root element decides the kind.
 */
#include "core/codec/bind.h"
#include "core/codec/syntax.h"

/* Text of a child of the root, NULL data if there is none. */
static Span
RootText(const Tree *tree, NameId name)
{
	uint32_t node = TreeChild(tree, 1, name);

	return node == 0 ? SpanOf(NULL, 0) : TreeText(tree, node);
}

bool
UblFacts(const Tree *tree, SyntaxFacts *facts)
{
	NameId root = TreeAt(tree, 1)->name;

	if (root != NAME_ubl_Invoice && root != NAME_cn_CreditNote)
		return false;
	facts->format = SPAN_LITERAL("ubl");
	facts->kind = root == NAME_ubl_Invoice ? DOCUMENT_INVOICE : DOCUMENT_CREDIT_NOTE;
	facts->root_state = root == NAME_ubl_Invoice ? BIND_ROOT_UBL_INVOICE : BIND_ROOT_UBL_CREDITNOTE;
	facts->version = SpanTrim(RootText(tree, NAME_cbc_UBLVersionID));
	if (facts->version.length == 0)
		facts->version = SPAN_LITERAL("2.1");
	facts->profile = SpanTrim(RootText(tree, NAME_cbc_CustomizationID));
	facts->currency = RootText(tree, NAME_cbc_DocumentCurrencyCode);
	return true;
}
