/*
 * xml_read.h
 *		XML bytes to a source tree, guarded.
 *
 * Plain documents, which is nearly all, are scanned by xml_scan.c; the others, and every document that
 * is wrong, go through libxml2, which no other room includes.  That is one SAX pass with per-context
 * handlers only: no global state of libxml2 is touched, so neither pg_xml_init nor PG_TRY is needed, and
 * nothing in here longjmps over libxml2's frames.  A DOCTYPE is refused, so there are no entities to expand and nothing to fetch; but
 * for that of cXML, whose messages must have one: it is read over where it names a published DTD and nothing else, and no DTD is loaded.
 * Without its HUGE option libxml2 2.9.14 itself stops at depth 256 and at attribute values over 10 MB.
 */
#ifndef CLEX_XML_READ_H
#define CLEX_XML_READ_H

#include "core/base/tree.h"

typedef struct XmlLimits
{
	size_t max_bytes;		 /* of the input */
	uint32_t max_depth;		 /* open elements; at most 256 are possible */
	uint32_t max_nodes;		 /* elements and attributes together */
	uint32_t max_attributes; /* of one element */
} XmlLimits;

#define XML_DEFAULT_LIMITS ((XmlLimits){(size_t) 256 << 20, 100, 20000000, 1000})

typedef struct XmlInfo
{
	Span encoding; /* as declared or detected: "UTF-8" where nothing is said */
} XmlInfo;

/*
 * A parser that is kept from document to document: libxml2's dictionary stays, so a name met before
 * is recognised by its address.  It holds memory of libxml2's own (malloc) and one block of `env`.
 */
typedef struct XmlParser XmlParser;

/* NULL when out of memory. */
extern XmlParser *XmlParserCreate(const ClexEnv *env);
extern void XmlParserFree(XmlParser *parser);

/*
 * Parse `bytes` into `tree`, whose memory comes from `arena`.  Errors: CLEX_MALFORMED (not well-formed,
 * a wrong encoding, a DOCTYPE; with line), CLEX_LIMIT, CLEX_INTERRUPTED, CLEX_NO_MEMORY.
 */
extern ClexStatus XmlParse(XmlParser *parser, Span bytes, const XmlLimits *limits, Arena *arena,
						   Tree *tree, XmlInfo *info, ClexError *error);

/* The same with a parser for this document only. */
extern ClexStatus XmlRead(Span bytes, const XmlLimits *limits, Arena *arena, Tree *tree,
						  XmlInfo *info, ClexError *error);

#endif
