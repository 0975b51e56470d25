/*
 * cii_write.c
 *		UN/CEFACT Cross Industry Invoice, valid for D16B; variant D22B lets more elements repeat.
 */
#include "core/codec/xml_codec.h"

ClexStatus
CiiWrite(WriteJob *job, ClexError *error)
{
	static const char *const prefixes[] = {"rsm", "ram", "qdt", "udt", NULL};
	XmlSyntax syntax = {
		BindRootFind(NAME_rsm_CrossIndustryInvoice), false, prefixes, {NULL, 0}, NULL};

	return XmlWriteDocument(job, &syntax, error);
}
