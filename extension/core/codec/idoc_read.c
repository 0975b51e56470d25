/*
 * idoc_read.c
 *		SAP IDoc INVOIC02 as XML: an invoice in each IDOC; the type of document decides the kind.
 */
#include "core/codec/bind.h"
#include "core/codec/syntax.h"

/* Text of a field of a segment, NULL data if there is none. */
static Span
FieldText(const Tree *tree, uint32_t idoc, NameId segment, NameId field)
{
	uint32_t node = idoc == 0 ? 0 : TreeChild(tree, idoc, segment);

	node = node == 0 ? 0 : TreeChild(tree, node, field);
	return node == 0 ? SpanOf(NULL, 0) : SpanTrim(TreeText(tree, node));
}

bool
IdocFacts(const Tree *tree, uint32_t part, SyntaxFacts *facts)
{
	if (TreeAt(tree, 1)->name != NAME_INVOIC02)
		return false;
	if (part == 0)
		part = TreeChild(tree, 1, NAME_IDOC);
	facts->format = SPAN_LITERAL("idoc");
	facts->kind = SpanEqualCString(FieldText(tree, part, NAME_E1EDK01, NAME_BSART), "CRME")
					  ? DOCUMENT_CREDIT_NOTE
					  : DOCUMENT_INVOICE;
	facts->root = BindRootFind(NAME_INVOIC02);
	facts->version = FieldText(tree, part, NAME_EDI_DC40, NAME_IDOCTYP);
	if (facts->version.length == 0)
		facts->version = SPAN_LITERAL("INVOIC02");
	facts->currency = FieldText(tree, part, NAME_E1EDK01, NAME_CURCY);
	facts->part = SyntaxParts(tree) > 1 ? part : 0;
	return true;
}
