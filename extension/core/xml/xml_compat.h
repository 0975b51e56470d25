/*
 * xml_compat.h
 *		Where versions of libxml2 differ: 2.9.14 of Debian 12 to 2.15.
 */
#ifndef CLEX_XML_COMPAT_H
#define CLEX_XML_COMPAT_H

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#if LIBXML_VERSION >= 21200
typedef const xmlError *XmlProblem;
#else
typedef xmlErrorPtr XmlProblem;
#endif

/* The encoding that the XML declaration names, or NULL; the parser's own memory. */
static inline const char *
DeclaredEncoding(xmlParserCtxtPtr parser)
{
#if LIBXML_VERSION >= 21400
	return (const char *) xmlCtxtGetDeclaredEncoding(parser);
#else
	if (parser->encoding != NULL)
		return (const char *) parser->encoding;
	return parser->input != NULL ? (const char *) parser->input->encoding : NULL;
#endif
}

#endif /* CLEX_XML_COMPAT_H */
