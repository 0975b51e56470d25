/*
 * orderx_write.c
 *		Order-X 1.0 in the structure of its largest profile: the kind of a document decides the type code.
 */
#include "core/codec/xml_codec.h"

ClexStatus
OrderxWrite(WriteJob *job, ClexError *error)
{
	static const char *const prefixes[] = {"cio", "ram128", "qdt128", "udt128", NULL};
	XmlSyntax syntax = {BindRootOfKind(NAME_cio_SCRDMCCBDACIOMessageStructure,
									   (DocumentKind) job->document->kind),
						false,
						prefixes,
						{NULL, 0},
						NULL};

	return XmlWriteDocument(job, &syntax, error);
}
