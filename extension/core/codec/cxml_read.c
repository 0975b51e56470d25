/*
 * cxml_read.c
 *		cXML: one message in an envelope; the request inside decides the kind.
 *
 * An invoice of whole orders (isHeaderInvoice) has orders where others have items, one of services has items
 * of another name, so their bindings are of their own.  Amounts of credit memos stay as they are written, negative or not.
 */
#include "core/codec/bind.h"
#include "core/codec/syntax.h"

/* The node at the end of names below a node, 0 if there is none. */
static uint32_t
Descend(const Tree *tree, uint32_t node, const NameId *names)
{
	for (; *names != NAME_NONE && node != 0; names++)
		node = TreeChild(tree, node, *names);
	return node;
}

/* Text at the end of names below a node, NULL data if there is none. */
static Span
TextAt(const Tree *tree, uint32_t node, const NameId *names)
{
	node = Descend(tree, node, names);
	return node == 0 ? SpanOf(NULL, 0) : SpanTrim(TreeText(tree, node));
}

#define NAMES(...) ((const NameId[]){__VA_ARGS__, NAME_NONE})

/* The bindings of an invoice: of whole orders (H), of services alone (V), else of items. */
static char
InvoiceLetter(const Tree *tree, uint32_t request)
{
	bool items = false;
	bool services = false;

	if (TreeChild(tree, request, NAME_InvoiceDetailHeaderOrder) != 0)
		return 'H';
	for (uint32_t order = TreeChild(tree, request, NAME_InvoiceDetailOrder); order != 0;
		 order = TreeNextNamed(tree, order, NAME_InvoiceDetailOrder))
	{
		items |= TreeChild(tree, order, NAME_InvoiceDetailItem) != 0;
		services |= TreeChild(tree, order, NAME_InvoiceDetailServiceItem) != 0;
	}
	return services && !items ? 'V' : 'I';
}

/* An invoice, and which bindings it has. */
static void
InvoiceFacts(const Tree *tree, uint32_t request, SyntaxFacts *facts)
{
	static const char *const credit[] = {"creditMemo", "lineLevelCreditMemo"};
	uint32_t header = TreeChild(tree, request, NAME_InvoiceDetailRequestHeader);
	uint32_t summary = TreeChild(tree, request, NAME_InvoiceDetailSummary);
	Span purpose = TextAt(tree, header, NAMES(NAME_at_purpose));

	facts->kind = DOCUMENT_INVOICE;
	for (int i = 0; i < 2; i++)
		if (SpanEqualCString(purpose, credit[i]))
			facts->kind = DOCUMENT_CREDIT_NOTE;
	facts->root = BindRootOf("cxml", InvoiceLetter(tree, request));
	if (facts->root->letter[0] == 'H')
		facts->form = SPAN_LITERAL("header");
	if (facts->root->letter[0] == 'V')
		facts->form = SPAN_LITERAL("service");
	facts->currency = TextAt(tree, summary, NAMES(NAME_NetAmount, NAME_Money, NAME_at_currency));
}

bool
CxmlFacts(const Tree *tree, SyntaxFacts *facts)
{
	uint32_t envelope = TreeAt(tree, 1)->name == NAME_cXML ? TreeChild(tree, 1, NAME_Request) : 0;
	uint32_t request;

	if (envelope == 0)
		return false;
	facts->format = SPAN_LITERAL("cxml");
	facts->version = TextAt(tree, 1, NAMES(NAME_at_version));
	if ((request = TreeChild(tree, envelope, NAME_InvoiceDetailRequest)) != 0)
		InvoiceFacts(tree, request, facts);
	else if ((request = TreeChild(tree, envelope, NAME_OrderRequest)) != 0)
	{
		uint32_t header = TreeChild(tree, request, NAME_OrderRequestHeader);
		Span type = TextAt(tree, header, NAMES(NAME_at_type));
		bool change = SpanEqualCString(type, "update") || SpanEqualCString(type, "delete");

		facts->kind = change ? DOCUMENT_ORDER_CHANGE : DOCUMENT_ORDER;
		facts->root = BindRootOf("cxml", change ? 'U' : 'O');
		facts->currency = TextAt(tree, header, NAMES(NAME_Total, NAME_Money, NAME_at_currency));
	}
	else if ((request = TreeChild(tree, envelope, NAME_ConfirmationRequest)) != 0)
	{
		facts->kind = DOCUMENT_ORDER_RESPONSE;
		facts->root = BindRootOf("cxml", 'C');
		facts->currency =
			TextAt(tree, request,
				   NAMES(NAME_ConfirmationHeader, NAME_Total, NAME_Money, NAME_at_currency));
	}
	else if (TreeChild(tree, envelope, NAME_ShipNoticeRequest) != 0)
	{
		facts->kind = DOCUMENT_DESPATCH_ADVICE;
		facts->root = BindRootOf("cxml", 'S');
	}
	else
		return false;
	return true;
}
