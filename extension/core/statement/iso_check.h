/*
 * iso_check.h
 *		The content models of camt messages, checked over the tree.
 */
#ifndef CLEX_STATEMENT_ISO_CHECK_H
#define CLEX_STATEMENT_ISO_CHECK_H

#include "core/statement/facts.h"
#include "core/statement/reader.h"

/* Names of a tree and of the tables, each as the number of the other. */
typedef struct IsoNames
{
	const Tree *tree;
	uint16_t *iso;	 /* by name of the tree beyond NAME_STATIC_COUNT: 0 = not of this message */
	uint32_t count;	 /* of those */
	NameId *in_tree; /* by number in ClexIsoNames: NAME_NONE = does not occur */
	NameId currency; /* attribute Ccy, NAME_NONE: does not occur */
} IsoNames;

/* Names in that namespace; false when out of memory. */
extern bool IsoNamesOf(Tree *tree, Span namespace, Arena *arena, IsoNames *names);

static inline uint16_t
IsoNameOf(const IsoNames *names, uint32_t node)
{
	NameId name = TreeAt(names->tree, node)->name;

	return name >= NAME_STATIC_COUNT && name - NAME_STATIC_COUNT < names->count
			   ? names->iso[name - NAME_STATIC_COUNT]
			   : 0;
}

/* Check an element against a type; every deviation is a problem of the reader. */
extern void IsoCheck(StatementReader *reader, const IsoNames *names, uint32_t node, uint16_t type);

/* Is the text a legal value? */
extern bool IsoValueIsLegal(const IsoValue *value, Span text);

/* Does the whole text match a pattern of the schemas: classes, groups, counts? */
extern bool IsoPatternMatches(const char *pattern, Span text);

#endif
