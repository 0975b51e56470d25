/*
 * cii_write.c
 *		UN/CEFACT Cross Industry Invoice, valid for D16B; variant D22B lets more elements repeat.
 */
#include "core/codec/xml_codec.h"

/* What makes it a credit note, where no type does. */
static Span
Fill(const WriteJob *job, Span name)
{
	(void) name;
	return job->document->kind == DOCUMENT_CREDIT_NOTE ? SPAN_LITERAL("381") : SpanOf(NULL, 0);
}

ClexStatus
CiiWrite(WriteJob *job, ClexError *error)
{
	static const char *const prefixes[] = {"rsm", "ram", "qdt", "udt", NULL};
	XmlSyntax syntax = {
		BindRootFind(NAME_rsm_CrossIndustryInvoice), false, prefixes, {NULL, 0}, Fill};

	return XmlWriteDocument(job, &syntax, error);
}
