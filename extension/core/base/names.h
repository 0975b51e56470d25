/*
 * names.h
 *		Interned names of XML elements and attributes.
 *
 * A name is written with the prefix that data/namespaces.tsv gives its namespace, whatever prefix
 * the document uses: "cbc:ID", "@schemeID", "@xsi:type"; in no namespace it has no prefix, in an
 * unknown one it is written {uri}local.  Names that the data files speak of have a number known when
 * the library is built (NAME_cbc_ID, NAME_at_schemeID: names_data.h); a tree numbers the others from
 * NAME_STATIC_COUNT on, for itself.
 */
#ifndef CLEX_BASE_NAMES_H
#define CLEX_BASE_NAMES_H

#include "core/base/span.h"

#include "names_data.h"

typedef uint32_t NameId;

#define NAME_NONE ((NameId) 0)

typedef struct NamespacePrefix
{
	Span prefix;
	Span uri;
} NamespacePrefix;

extern const Span ClexStaticNames[];
extern const uint32_t ClexStaticNameSlots;
extern const uint16_t ClexStaticNameTable[];
extern const NamespacePrefix ClexNamespaces[];
extern const uint32_t ClexNamespaceCount;

/* The number of a name known when the library was built, or NAME_NONE. */
extern NameId NameLookup(Span name);

/* The prefix of a namespace; NULL data if unknown. */
extern Span NamespaceToPrefix(Span uri);

#endif
