/*
 * idoc_read.c
 *		SAP IDocs INVOIC02 and ORDERS05 as trees: a document in each IDOC, of the kind that its message
 *		type or type of document says.
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

/* Is a word in a message type?  Customers put letters of their own before it. */
static bool
Speaks(Span message, const char *word)
{
	return message.length > 0 && memmem(message.data, message.length, word, strlen(word)) != NULL;
}

/* ORDERS05 carries several messages. */
static void
OrderFacts(Span message, SyntaxFacts *facts)
{
	facts->kind = Speaks(message, "ORDRSP")	  ? DOCUMENT_ORDER_RESPONSE
				  : Speaks(message, "ORDCHG") ? DOCUMENT_ORDER_CHANGE
											  : DOCUMENT_ORDER;
	facts->root = BindRootOf("idoc", IdocLetter(facts->kind));
}

char
IdocLetter(unsigned kind)
{
	switch (kind)
	{
		case DOCUMENT_ORDER:
			return 'O';
		case DOCUMENT_ORDER_CHANGE:
			return 'C';
		case DOCUMENT_ORDER_RESPONSE:
			return 'R';
		default:
			return 'I';
	}
}

bool
IdocIsCreditNote(Span type)
{
	return SpanEqualCString(type, "CRME") || IsCreditNoteCode(type);
}

bool
IdocFacts(const Tree *tree, uint32_t part, SyntaxFacts *facts)
{
	bool order = TreeAt(tree, 1)->name == NAME_ORDERS05;

	if (!order && TreeAt(tree, 1)->name != NAME_INVOIC02)
		return false;
	if (part == 0)
		part = TreeChild(tree, 1, NAME_IDOC);
	if (order)
		OrderFacts(FieldText(tree, part, NAME_EDI_DC40, NAME_MESTYP), facts);
	else
	{
		facts->kind = IdocIsCreditNote(FieldText(tree, part, NAME_E1EDK01, NAME_BSART))
						  ? DOCUMENT_CREDIT_NOTE
						  : DOCUMENT_INVOICE;
		facts->root = BindRootOf("idoc", 'I');
	}
	facts->format = SPAN_LITERAL("idoc");
	facts->version = FieldText(tree, part, NAME_EDI_DC40, NAME_IDOCTYP);
	if (facts->version.length == 0)
		facts->version = order ? SPAN_LITERAL("ORDERS05") : SPAN_LITERAL("INVOIC02");
	facts->currency = FieldText(tree, part, NAME_E1EDK01, NAME_CURCY);
	facts->part = SyntaxParts(tree) > 1 ? part : 0;
	return true;
}
