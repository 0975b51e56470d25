/*
 * structure.h
 *		Rule set `structure`: what the XML schemas of UBL 2.1 and CII demand, in one pass over the tree.
 *
 * The tables are compiled from data/schemas by gen_structure.pl.  Content models of these schemas are
 * deterministic: while an element is open, the state of its model is one number, the particle that
 * matched its latest child.  What libxml2 decides otherwise than XML Schema 1.0 is decided here as
 * XML Schema has it; docs/deviations.md lists those cases.
 */
#ifndef CLEX_RULES_STRUCTURE_H
#define CLEX_RULES_STRUCTURE_H

#include "core/rules/rules.h"

/* The lexical spaces that occur; normalizedString has that of string. */
typedef enum SimpleKind
{
	SIMPLE_STRING,
	SIMPLE_TOKEN,
	SIMPLE_DECIMAL,
	SIMPLE_INTEGER,
	SIMPLE_BOOLEAN,
	SIMPLE_DATE,
	SIMPLE_DATE_TIME,
	SIMPLE_TIME,
	SIMPLE_ANY_URI,
	SIMPLE_BASE64,
	SIMPLE_LANGUAGE,
	SIMPLE_ID,
} SimpleKind;

typedef struct SimpleType
{
	const char *name;
	uint8_t kind;
	uint16_t min_length; /* characters, of a token or string */
	uint16_t max_length; /* 0 = any */
	const char *values;	 /* "a|b|c": nothing else is legal; NULL: anything */
} SimpleType;

typedef struct StructureAttribute
{
	uint16_t name;
	uint16_t simple;
	const char *fixed;
} StructureAttribute;

/* States low .. high. */
typedef struct StructureRange
{
	uint16_t low;
	uint16_t high;
} StructureRange;

/* One particle of a content model, reached when it has matched a child; or a model's start. */
typedef struct StructureState
{
	uint16_t target; /* type of the child; of a wildcard its number */
	uint16_t follow; /* first range of the states that may come next */
	uint16_t need;	 /* first range of those of which one must still come */
	uint8_t follow_count;
	uint8_t need_count; /* 0: the content may end here */
} StructureState;

/* In place of a name: the state is a wildcard. */
#define STRUCTURE_WILDCARD UINT16_MAX

typedef struct StructureWildcard
{
	const char *other; /* prefix of the one namespace it does not admit; NULL: it admits all */
	bool strict;	   /* only declared elements; else undeclared ones pass unchecked */
} StructureWildcard;

typedef enum StructureContent
{
	STRUCTURE_ANY, /* whatever is well-formed; declared elements in it are checked */
	STRUCTURE_ELEMENTS,
	STRUCTURE_MIXED,
	STRUCTURE_SIMPLE,
	STRUCTURE_EMPTY,
} StructureContent;

typedef struct StructureType
{
	uint16_t start;		/* start state; its particles follow it */
	uint16_t particles; /* at most STRUCTURE_MAX_PARTICLES */
	uint16_t attribute; /* first attribute */
	uint16_t attributes;
	uint32_t required; /* a bit for each attribute */
	uint16_t simple;
	uint8_t content; /* StructureContent */
} StructureType;

#define STRUCTURE_MAX_PARTICLES 128
#define STRUCTURE_ANY_TYPE 0

typedef struct StructureElement
{
	uint16_t name;
	uint16_t type;
} StructureElement;

typedef struct StructureSchema
{
	const char *version;
	const StructureElement *roots; /* sorted by name, as are the globals */
	uint16_t root_count;
	const StructureElement *globals; /* what wildcard content is assessed against */
	uint16_t global_count;
} StructureSchema;

extern const SimpleType ClexSimpleTypes[];
extern const StructureAttribute ClexStructureAttributes[];
extern const StructureRange ClexStructureRanges[];
extern const uint16_t ClexStructureNames[]; /* by state; NAME_NONE for a start */
extern const StructureState ClexStructureStates[];
extern const StructureWildcard ClexStructureWildcards[];
extern const StructureType ClexStructureTypes[];

/* Is the text a legal value of the type?  White space is treated as the type has it. */
extern bool SimpleValueIsLegal(const SimpleType *type, Span text);

/* A fixed value, compared after white space has been collapsed. */
extern bool SimpleValueEquals(Span text, const char *fixed);

typedef enum StructureProblem
{
	PROBLEM_ROOT,
	PROBLEM_ORDER,
	PROBLEM_UNEXPECTED,
	PROBLEM_UNDECLARED,
	PROBLEM_INSIDE, /* an element in an element without element content */
	PROBLEM_MISSING,
	PROBLEM_TOO_MANY,
	PROBLEM_TEXT,
	PROBLEM_ATTRIBUTE,
	PROBLEM_ATTRIBUTE_MISSING,
	PROBLEM_ATTRIBUTE_FIXED,
	PROBLEM_ID_TWICE,
	PROBLEM_VALUE, /* this and the SimpleKind: one for each kind */
} StructureProblem;

/* The layer's rule for a problem; for values: PROBLEM_VALUE + SimpleKind. */
extern const RuleFact *StructureRule(const RuleLayerFact *layer, uint32_t problem);

#define PROBLEM_COUNT (PROBLEM_VALUE + SIMPLE_ID + 1)

/*
 * Check a source tree against the layer's schema.  Every finding is fatal; each goes to the run's sink
 * and is counted in the verdict.  Needs no memory but for what findings show and for xs:ID values.
 */
extern ClexStatus StructureRun(const RuleLayerFact *layer, const RuleRun *run, RuleVerdict *verdict,
							   ClexError *error);

#endif
