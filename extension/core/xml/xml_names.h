/*
 * xml_names.h
 *		Names and namespaces of the scanner; private to core/xml.
 */
#ifndef CLEX_XML_NAMES_H
#define CLEX_XML_NAMES_H

#include "core/base/tree.h"

#define XML_NAME_SLOTS 1024	 /* a power of two */
#define XML_MOST_BINDINGS 64 /* namespaces in scope */

/* Namespaces by number: 0 none, n the (n - 1)th of ClexNamespaces. */
#define SPACE_NONE 0
#define SPACE_OTHER UINT16_MAX /* one that nobody knows, by its URI */

/* A short text as numbers: equal keys are equal texts, up to 16 bytes. */
typedef struct NameKey
{
	uint64_t first;
	uint64_t last;
	uint32_t length;
} NameKey;

typedef struct KnownName
{
	NameKey key;
	uint16_t space;
	bool attribute;
	NameId name;
} KnownName;

typedef struct XmlBinding
{
	NameKey prefix;
	Span uri;
	uint16_t space;
} XmlBinding;

typedef struct XmlNames
{
	uint32_t binding_count;
	XmlBinding bindings[XML_MOST_BINDINGS];
	KnownName known[XML_NAME_SLOTS]; /* kept from document to document: static names only */
} XmlNames;

/*
 * The number of a name, "prefix:local" or "{uri}local" with '@' in front for attributes; `uri` without
 * data: in no namespace.  NAME_NONE when out of memory.
 */
extern NameId XmlInternName(Tree *tree, Span local, Span uri, bool attribute);
/* The same from the table of names met before, mostly; `binding` NULL: in no namespace. */
extern NameId XmlFindName(XmlNames *names, Tree *tree, Span local, const XmlBinding *binding,
						  bool attribute);

/*
 * Bring a namespace into scope; no prefix: the default one.  The bindings from `outside` on are of the
 * same element.  False where libxml2 had better decide.
 */
extern bool XmlBind(XmlNames *names, Span prefix, Span uri, uint32_t outside);
/* What a prefix stands for; without one, the default namespace or NULL.  False: not in scope. */
extern bool XmlResolve(const XmlNames *names, Span prefix, const XmlBinding **binding);

#endif
