/*
 * fatturapa_write.c
 *		FatturaPA 1.2 with one invoice: FPA12 for an office of a public administration, else FPR12.
 */
#include "core/codec/xml_codec.h"

/* Does the buyer's address name an office of the public administration? */
static bool
IsForAdministration(const WriteJob *job)
{
	for (uint32_t i = 1; i <= job->document->node_count; i++)
	{
		DocumentNode node = ViewNode(job->document, i);

		if (node.term == TERM_BT_49_1)
			return SpanEqualCString(node.value, "0201");
	}
	return false;
}

static Span
Fill(const WriteJob *job, Span name)
{
	Span progressive;

	if (SpanEqualCString(name, "format"))
		return IsForAdministration(job) ? SPAN_LITERAL("FPA12") : SPAN_LITERAL("FPR12");
	if (SpanEqualCString(name, "credit-note"))
		return job->document->kind == DOCUMENT_CREDIT_NOTE ? SPAN_LITERAL("TD04") : SpanOf(NULL, 0);
	progressive = JobOption(job, "progressive");
	return progressive.data != NULL ? progressive : SPAN_LITERAL("00001");
}

/* The number of the transmission, which the sender counts: ten letters and digits at most. */
static ClexStatus
CheckProgressive(const WriteJob *job, ClexError *error)
{
	Span value = JobOption(job, "progressive");
	bool good = value.length > 0 && value.length <= 10;

	for (size_t i = 0; i < value.length && good; i++)
		good = (value.data[i] >= '0' && value.data[i] <= '9') ||
			   ((value.data[i] | 0x20) >= 'a' && (value.data[i] | 0x20) <= 'z');
	if (value.data == NULL || good)
		return CLEX_OK;
	ClexFail(error, CLEX_INVALID, "option \"progressive\" is \"%.*s\"",
			 (int) SpanCut(value, 60).length, value.data);
	ClexHint(error, "It has one to ten letters or digits.");
	return CLEX_INVALID;
}

ClexStatus
FatturapaWrite(WriteJob *job, ClexError *error)
{
	static const char *const prefixes[] = {NULL};
	XmlSyntax syntax = {
		BindRootFind(NAME_fpa_FatturaElettronica), false, prefixes, {NULL, 0}, Fill};
	ClexStatus status = CheckProgressive(job, error);

	if (status == CLEX_OK)
		status = XmlWriteDocument(job, &syntax, error);
	/* codes of items go in pairs: one of which half has no code would be another */
	if (status == CLEX_OK && !SpanEqualCString(job->document->format, "fatturapa"))
		status = CodecProve(job, false, error);
	return status;
}
