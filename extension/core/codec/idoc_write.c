/*
 * idoc_write.c
 *		SAP IDoc INVOIC02 as XML, with the control record of an inbound IDoc.
 *
 * Who sends and who receives is agreed between systems: options say it, else the GLN of seller and buyer.
 */
#include "core/codec/xml_codec.h"

/* The first value of a term whose scheme is that of GLN; NULL data if there is none. */
static Span
FirstGln(const WriteJob *job, TermId term, TermId scheme)
{
	for (uint32_t i = 1; i <= job->document->node_count; i++)
	{
		DocumentNode node = ViewNode(job->document, i);

		if (node.term == scheme && SpanEqualCString(node.value, "0088") &&
			ViewNode(job->document, node.parent).term == term)
			return ViewNode(job->document, node.parent).value;
	}
	return SpanOf(NULL, 0);
}

static Span
Fill(const WriteJob *job, Span name)
{
	Span option = SpanEqualCString(name, "sender")		? JobOption(job, "sender")
				  : SpanEqualCString(name, "recipient") ? JobOption(job, "recipient")
														: JobOption(job, "reference");

	if (SpanEqualCString(name, "credit-note"))
		return job->document->kind == DOCUMENT_CREDIT_NOTE ? SPAN_LITERAL("CRME") : SpanOf(NULL, 0);
	if (option.data != NULL)
		return option;
	if (SpanEqualCString(name, "sender"))
		return FirstGln(job, TERM_BT_29, TERM_BT_29_1);
	if (SpanEqualCString(name, "recipient"))
		return FirstGln(job, TERM_BT_46, TERM_BT_46_1);
	return SPAN_LITERAL("0000000000000001");
}

ClexStatus
IdocWrite(WriteJob *job, ClexError *error)
{
	static const char *const prefixes[] = {NULL};
	XmlSyntax syntax = {BindRootFind(NAME_INVOIC02), false, prefixes, {NULL, 0}, Fill};

	return XmlWriteDocument(job, &syntax, error);
}
