/*
 * iso_check.h
 *		The content models of ISO 20022 messages, checked over the tree.
 */
#ifndef CLEX_STATEMENT_ISO_CHECK_H
#define CLEX_STATEMENT_ISO_CHECK_H

#include "core/base/tree.h"
#include "core/statement/iso_facts.h"

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

/* The namespace of the root element, which is written {uri}Document. */
extern Span IsoRootNamespace(const Tree *tree);
/* The message of a namespace, NULL if its structure is not known. */
extern const IsoRoot *IsoRootOf(Span namespace);

typedef enum IsoDeviation
{
	ISO_ELEMENT_UNEXPECTED,
	ISO_ELEMENT_MISSING,
	ISO_VALUE_ILLEGAL,
	ISO_TEXT_BETWEEN,
} IsoDeviation;

/* Where deviations go.  Texts live until the function returns. */
typedef struct IsoSink
{
	void (*deviates)(void *state, IsoDeviation what, uint32_t node, const char *place, Span found,
					 const char *expected);
	bool (*goes_on)(void *state); /* false ends the check */
	void *state;
	Arena *scratch; /* reset at each deviation */
} IsoSink;

/* Check an element against a type; every deviation goes to the sink. */
extern void IsoCheck(const IsoSink *sink, const IsoNames *names, uint32_t node, uint16_t type);

/* Is the text a legal value? */
extern bool IsoValueIsLegal(const IsoValue *value, Span text);

/* What a value may be, in no language: its list, its pattern, its lengths as "1..35", or an example. */
extern const char *IsoValueForm(const IsoValue *value, Arena *arena);

/* Does the whole text match a pattern of the schemas: classes, groups, counts? */
extern bool IsoPatternMatches(const char *pattern, Span text);

#endif
