/*
 * cxml_write.c
 *		cXML: the kind of a document decides the request, and with it the DTD that is named.
 *
 * The envelope says who sends to whom: options do, else the GLN of the parties, else their names.  It
 * also has a time; a writer has no clock, so that is the document's date unless an option gives one.
 */
#include "core/codec/xml_codec.h"

#define DTD "http://xml.cxml.org/schemas/cXML/1.2.050/"

/* The first value of a term, 0 if there is none. */
static uint32_t
First(const DocumentView *view, TermId term)
{
	for (uint32_t i = 1; i <= view->node_count; i++)
		if (ViewNode(view, i).term == term)
			return i;
	return 0;
}

static Span
FirstValue(const DocumentView *view, TermId term)
{
	uint32_t node = First(view, term);

	return node == 0 ? SpanOf(NULL, 0) : ViewNode(view, node).value;
}

/* The first value of a term whose scheme is that of GLN; NULL data if there is none. */
static Span
FirstGln(const DocumentView *view, TermId term, TermId scheme)
{
	for (uint32_t i = 1; i <= view->node_count; i++)
	{
		DocumentNode node = ViewNode(view, i);

		if (node.term == scheme && SpanEqualCString(node.value, "0088") &&
			ViewNode(view, node.parent).term == term)
			return ViewNode(view, node.parent).value;
	}
	return SpanOf(NULL, 0);
}

/* Who a party is in the envelope, or the domain of what says so. */
static Span
Party(const WriteJob *job, bool seller, const char *option, bool domain)
{
	const DocumentView *view = job->document;
	Span given = JobOption(job, option);
	Span gln = seller ? FirstGln(view, TERM_BT_29, TERM_BT_29_1)
					  : FirstGln(view, TERM_BT_46, TERM_BT_46_1);
	Span name = FirstValue(view, seller ? TERM_BT_27 : TERM_BT_44);

	if (given.data != NULL)
		return domain ? SPAN_LITERAL("NetworkID") : given;
	if (gln.data != NULL)
		return domain ? SPAN_LITERAL("GLN") : gln;
	if (domain)
		return SPAN_LITERAL("companyName");
	return name.data != NULL ? name : SPAN_LITERAL("unknown");
}

/* What stands for the moment of sending. */
static Span
Timestamp(const WriteJob *job)
{
	static const TermId dates[] = {TERM_BT_2, TERM_O_50, TERM_O_2, TERM_D_2};
	Span given = JobOption(job, "date");
	Span date = {NULL, 0};
	const char *text;

	if (given.data != NULL)
		return given;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]) && date.data == NULL; i++)
		date = FirstValue(job->document, dates[i]);
	if (date.length != strlen("YYYY-MM-DD"))
		date = SPAN_LITERAL("1970-01-01");
	text = ArenaPrintf(job->arena, "%.*sT00:00:00+00:00", (int) date.length, date.data);
	return text == NULL ? SpanOf(NULL, 0) : SpanFromCString(text);
}

/* The number of the message: that of the document. */
static Span
Payload(const WriteJob *job)
{
	static const TermId numbers[] = {TERM_BT_1, TERM_O_5, TERM_C_1, TERM_O_1, TERM_D_1};
	Span given = JobOption(job, "reference");
	Span number = {NULL, 0};

	if (given.data != NULL)
		return given;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && number.data == NULL; i++)
		number = FirstValue(job->document, numbers[i]);
	return number.data != NULL ? number : SPAN_LITERAL("1");
}

static Span
Fill(const WriteJob *job, Span name)
{
	/* the buyer orders, the seller does the rest */
	bool buyer =
		job->document->kind == DOCUMENT_ORDER || job->document->kind == DOCUMENT_ORDER_CHANGE;

	if (SpanEqualCString(name, "credit-note"))
		return job->document->kind == DOCUMENT_CREDIT_NOTE ? SPAN_LITERAL("creditMemo")
														   : SpanOf(NULL, 0);
	if (SpanEqualCString(name, "payload"))
		return Payload(job);
	if (SpanEqualCString(name, "timestamp"))
		return Timestamp(job);
	if (SpanEqualCString(name, "seller") || SpanEqualCString(name, "buyer"))
		return FirstValue(job->document, name.data[0] == 's' ? TERM_BT_27 : TERM_BT_44);
	if (SpanEqualCString(name, "sender-domain"))
		return Party(job, !buyer, "sender", true);
	if (SpanEqualCString(name, "sender"))
		return Party(job, !buyer, "sender", false);
	return Party(job, buyer, "recipient", SpanEqualCString(name, "recipient-domain"));
}

/* An invoice of whole orders, or of services, goes out as one; others have items. */
static char
InvoiceLetter(const DocumentView *view)
{
	Span form = ViewProvenance(view, "form");

	if (!SpanEqualCString(view->format, "cxml"))
		return 'I';
	return SpanEqualCString(form, "header") ? 'H' : SpanEqualCString(form, "service") ? 'V' : 'I';
}

ClexStatus
CxmlWrite(WriteJob *job, ClexError *error)
{
	static const char *const prefixes[] = {NULL};
	XmlSyntax syntax = {NULL, false, prefixes, {NULL, 0}, Fill};
	const DocumentView *view = job->document;
	ClexStatus status;

	switch ((DocumentKind) view->kind)
	{
		case DOCUMENT_ORDER:
		case DOCUMENT_ORDER_CHANGE:
			syntax.root = BindRootOf("cxml", view->kind == DOCUMENT_ORDER ? 'O' : 'U');
			syntax.doctype = SPAN_LITERAL(DTD "cXML.dtd");
			break;
		case DOCUMENT_ORDER_RESPONSE:
		case DOCUMENT_DESPATCH_ADVICE:
			syntax.root = BindRootOf("cxml", view->kind == DOCUMENT_DESPATCH_ADVICE ? 'S' : 'C');
			syntax.doctype = SPAN_LITERAL(DTD "Fulfill.dtd");
			break;
		default:
			syntax.root = BindRootOf("cxml", InvoiceLetter(view));
			syntax.doctype = SPAN_LITERAL(DTD "InvoiceDetail.dtd");
			break;
	}
	status = XmlWriteDocument(job, &syntax, error);
	/* parties are told apart by what they have, and much stands only beside something else */
	if (status == CLEX_OK && !SpanEqualCString(view->format, "cxml"))
		status = CodecProve(job, true, error);
	return status;
}
