/*
 * bind.h
 *		From a source tree to a semantic document, by table.
 *
 * data/bindings is compiled into a trie: a state is an element or attribute the bindings know, an edge
 * leads from a state by a name to branches, and a branch is taken if its tests hold and what it leads
 * to accepts the node.  A node that no branch accepts is kept as extras, leaf by leaf.  The walk visits
 * every node once; tests look at the flat tree around a node, never at what was read before.
 */
#ifndef CLEX_CODEC_BIND_H
#define CLEX_CODEC_BIND_H

#include "core/base/date.h"
#include "core/model/document.h"

#include "bindings_data.h"

typedef enum BindKind
{
	BIND_CONTAINER,
	BIND_TERM,
	BIND_CONSTANT,
} BindKind;

/* What a value passes on its way in; the way out is the inverse. */
typedef enum BindConverter
{
	CONVERT_NONE,
	CONVERT_DATE_102,		/* YYYYMMDD with @format 102 */
	CONVERT_CODES,			/* pairs of ClexCodePairs, outer to inner */
	CONVERT_NOTE,			/* #CODE#text: code to the subject term, text to the term */
	CONVERT_DATE_TIME,		/* a date with a time behind it, which only the spelling keeps */
	CONVERT_HEAD,			/* the text of a sibling stands before it */
	CONVERT_POSITION,		/* six digits, counted in tens */
	CONVERT_PERCENT,		/* a percent sign behind it */
	CONVERT_DATE_TIME_ZONE, /* as CONVERT_DATE_TIME, and a time zone is required */
	CONVERT_DAYS,			/* days behind the date of another term, which the plan names */
	CONVERT_JOIN, /* the same with a hyphen, or a blank between words; the spelling keeps the rest */
	CONVERT_WHOLE, /* a whole number */
	CONVERT_PHONE, /* country, area and number of a telephone: the spelling keeps the number alone */
	CONVERT_STAMP, /* digits of a date, with a time behind them which only the spelling keeps */
} BindConverter;

typedef enum BindConstant
{
	CONSTANT_NONE,
	CONSTANT_VALUE,	   /* exactly the state's value */
	CONSTANT_BOOLEAN,  /* true, 1 or false, 0 */
	CONSTANT_CURRENCY, /* BT-5 */
	CONSTANT_ANY,	   /* the branch was taken because of it */
	CONSTANT_HEAD,	   /* what stands before a term of CONVERT_HEAD */
} BindConstant;

#define BIND_REPEAT 0x01	   /* equal repetitions of the term say nothing new */
#define BIND_MAY_BE_EMPTY 0x02 /* the schema requires the element, empty or not */
#define BIND_ELSEWHERE 0x04	   /* holds the term where its first place does not: noted */
#define BIND_ATTRIBUTES 0x08   /* attributes are terms, so it need not hold elements */

typedef struct BindState
{
	uint8_t kind;
	uint8_t converter;
	uint8_t map; /* of CONVERT_CODES */
	uint8_t constant;
	uint8_t flags;
	TermId term;
	TermId subject; /* second term of CONVERT_NOTE */
	TermId group;	/* begins here, TERM_NONE if none does */
	uint16_t first_edge;
	uint16_t edge_count; /* sorted by name */
	uint16_t head;		 /* of CONVERT_HEAD and CONVERT_JOIN: name of the sibling */
	uint16_t first_implied;
	uint16_t implied_count;
	Span value; /* of a constant */
} BindState;

/* A term that an element says beside its own: the scheme of an identifier, the category of a rate. */
typedef struct BindImplied
{
	TermId term;
	Span value;
} BindImplied;

typedef struct BindEdge
{
	uint16_t name;
	uint16_t first_branch;
	uint16_t branch_count;
} BindEdge;

typedef struct BindBranch
{
	uint16_t state;
	uint16_t first_test;
	uint16_t test_count;
} BindBranch;

typedef enum BindTestKind
{
	TEST_EXISTS,
	TEST_IS_VALUE, /* one of `values`, without regard to outer white space and ASCII case */
	TEST_IS_TRUE,
	TEST_IS_FALSE,
	TEST_IS_EQUAL, /* to the right side */
	TEST_DIFFERS,
	TEST_ALONE, /* it has no sibling of its name */
	TEST_IS_GLN,
} BindTestKind;

#define BIND_SIDE_STEPS 4

/* The first node reached by going `up` parents and then down by names (0: none). */
typedef struct BindSide
{
	uint8_t up;
	uint16_t steps[BIND_SIDE_STEPS];
} BindSide;

typedef struct BindTest
{
	uint8_t kind;
	bool negate;
	BindSide left;
	BindSide right;
	uint16_t first_value;
	uint16_t value_count;
} BindTest;

typedef struct CodePair
{
	uint8_t map;
	Span inner;
	Span outer;
} CodePair;

/* A root element: what a document that has it is, and its part of the tables. */
typedef struct BindRoot
{
	NameId name;
	uint8_t kind;		/* DocumentKind; that of CII is told by the type code */
	const char *syntax; /* "ubl" */
	const char
		*letter; /* of several that share a root element; else empty, or that of documents.tsv */
	uint16_t first_state; /* of the root itself */
	uint16_t state_count;
	uint16_t first_test;
	uint16_t test_count;
	TermId currency; /* TERM_NONE: amounts repeat no currency */
	TermId implied;	 /* said by the root itself; TERM_NONE: none */
	Span implied_value;
	uint16_t first_place;
	uint16_t place_count; /* sorted by term */
} BindRoot;

/* Where a term stands, as XPath: in the order of roots and terms. */
typedef struct BindPlace
{
	TermId term;
	Span path;
} BindPlace;

extern const BindRoot ClexBindRoots[BIND_ROOT_COUNT];
extern const BindPlace ClexBindPlaces[];
extern const BindState ClexBindStates[];
extern const BindEdge ClexBindEdges[];
extern const BindBranch ClexBindBranches[];
extern const BindTest ClexBindTests[];
extern const Span ClexBindValues[];
extern const BindImplied ClexBindImplied[];
extern const CodePair ClexCodePairs[];
extern const uint32_t ClexCodePairCount;

/* What became of the leaves: element without children, attributes, stray text between elements. */
typedef struct BindCounts
{
	uint32_t terms;
	uint32_t constants; /* recognised, equal repetitions included */
	uint32_t extras;
} BindCounts;

/*
 * Bytes that the locations of extras may take together: so many, and so many more for each node of the
 * tree.  Without a bound one long namespace name, repeated in every location, could fill the memory.
 */
#define BIND_PATH_BYTES ((size_t) 64 << 20)
#define BIND_PATH_BYTES_PER_NODE 256

/* A code of a syntax in the document's terms; one that the map does not have stays as it is. */
extern Span InnerCode(uint8_t map, Span outer);

/* A code of the document in the other syntax; false if it has none and means something else there. */
extern bool OuterCode(uint8_t map, Span *code);
/*
 * What stands before a telephone number, "+33 3": the country calling code without its sign, and the area.
 * Either may be empty.
 */
extern void PhoneSplit(Span head, Span *country, Span *area);
/* Can country, area and number of a telephone be told apart when they stand together? */
extern bool PhoneJoins(const Tree *tree, uint32_t telephone);
/* Up to five digits; false if it is no such number. */
extern bool DaysParse(Span text, int32_t *days);

/* "000120" is line 12; what does not count in tens stays as it is. */
extern Span InnerPosition(Span outer);

/* Digits of a date, or of a date and a time, in ISO spelling without the time; else as it is. */
extern Span InnerStamp(Span outer, char iso[DATE_TEXT]);

/* The root of that name, or NULL. */
extern const BindRoot *BindRootFind(NameId name);
/* One of the documents of a syntax that share a root element. */
extern const BindRoot *BindRootOf(const char *syntax, char letter);
/* The same where roots of one name differ in their kind. */
extern const BindRoot *BindRootOfKind(NameId name, DocumentKind kind);
/* Where a term stands below a root, NULL data if nowhere. */
extern Span BindRootPlace(const BindRoot *root, TermId term);

/*
 * Bind the tree below its root element into `builder`.  `currency` is the value that constants of kind
 * CONSTANT_CURRENCY must have.  Terms that were read from another place than their first are named in
 * the provenance, as "elsewhere".  The tree must outlive the builder's DocumentFinish.  Of several
 * documents that share a tree, each in a child of the root, `part` is the one to bind: its siblings of
 * the same name are passed over; 0: there is one only.  Errors: CLEX_LIMIT (BIND_PATH_BYTES),
 * CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus BindTree(Tree *tree, const BindRoot *root, uint32_t part, Span currency,
						   Arena *arena, DocumentBuilder *builder, BindCounts *counts,
						   ClexError *error);

#endif
