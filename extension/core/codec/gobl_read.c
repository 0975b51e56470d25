/*
 * gobl_read.c
 *		GOBL bill/invoice, in an envelope or bare: the type of the invoice decides the kind.
 */
#include "core/codec/syntax.h"

#define INVOICE_SCHEMA "https://gobl.org/draft-0/bill/invoice"

/* Text of a member of the document, NULL data if there is none. */
static Span
DocumentText(const Tree *tree, uint32_t document, NameId name)
{
	uint32_t node = TreeChild(tree, document, name);

	return node == 0 ? SpanOf(NULL, 0) : SpanTrim(TreeText(tree, node));
}

bool
GoblFacts(const Tree *tree, SyntaxFacts *facts)
{
	uint32_t document;

	if (TreeAt(tree, 1)->name != NAME_gobl)
		return false;
	document = TreeChild(tree, 1, NAME_doc);
	if (document == 0 ||
		!SpanEqualCString(DocumentText(tree, document, NAME__x0024_schema), INVOICE_SCHEMA))
		return false;
	facts->format = SPAN_LITERAL("gobl");
	facts->kind = SpanEqualCString(DocumentText(tree, document, NAME_type), "credit-note")
					  ? DOCUMENT_CREDIT_NOTE
					  : DOCUMENT_INVOICE;
	facts->root = BindRootFind(NAME_gobl);
	facts->version = SPAN_LITERAL("draft-0 bill/invoice");
	facts->currency = DocumentText(tree, document, NAME_currency);
	return true;
}
