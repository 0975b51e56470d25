/*
 * ubl_write.c
 *		UBL 2.1 Invoice and CreditNote: the kind of the document decides the root element.
 */
#include "core/codec/xml_codec.h"

ClexStatus
UblWrite(WriteJob *job, ClexError *error)
{
	static const char *const prefixes[] = {"cac", "cbc", NULL};
	static const XmlSyntax invoice = {BIND_ROOT_UBL_INVOICE, true, prefixes, NULL};
	static const XmlSyntax credit_note = {BIND_ROOT_UBL_CREDITNOTE, true, prefixes, NULL};

	return XmlWriteDocument(job,
							job->document->kind == DOCUMENT_CREDIT_NOTE ? &credit_note : &invoice,
							error);
}
