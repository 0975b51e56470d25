/*
 * expr.h
 *		Term expressions: compiling and evaluating.  The language is described in docs/expressions.md.
 *
 * An expression is compiled once against a vocabulary (terms, or the names of XML sources) and then
 * evaluated any number of times against trees.  A compiled expression is read-only.  Evaluation takes
 * its memory from the evaluator's scratch arena and stops at the step limit, so it always ends.
 */
#ifndef CLEX_EXPR_EXPR_H
#define CLEX_EXPR_EXPR_H

#include "core/base/date.h"
#include "core/base/decimal.h"
#include "core/base/tree.h"

typedef enum Vocabulary
{
	VOCABULARY_SOURCE, /* element and attribute names */
	VOCABULARY_TERMS,  /* business terms */
} Vocabulary;

typedef struct Expr Expr;

/* Names of document-wide values ($name) that an expression may use; see RuleSet. */
typedef struct ExprScope
{
	const Span *names;
	uint16_t count;
	Expr *const *values; /* what they stand for, compiled; NULL: not told */
} ExprScope;

/*
 * Compile `text` into `arena`.  `context` is the term that relative term names start from (TERM_NONE:
 * the document; ignored for sources).  On CLEX_INVALID the error's offset is the 1-based position.
 */
extern ClexStatus ExprCompile(Span text, Vocabulary vocabulary, uint32_t context,
							  const ExprScope *scope, Arena *arena, Expr **expr, ClexError *error);

/* The static context term that a compiled path leads to (its last step); for rule contexts. */
extern uint32_t ExprTargetTerm(const Expr *expr);

/*
 * What a document must hold for an expression to be worth evaluating: groups of traits.  Where each
 * group misses at least one of its traits in the document, the expression is certainly true (or false,
 * or empty, as asked) and has no error, unless a guard stands.  No groups: nothing is known.
 *
 * A trait is a bit that the document has or not: a name that occurs, a short text that some node has for
 * its value, a name under a name (as child or attribute), a name that occurs twice under one parent, and
 * so on.  Texts and pairs of names share bits now and then, which costs an evaluation and no more.
 * Guards are traits too: names whose repetition could make a text of several values, an error.
 */
#define EXPR_MAX_GROUPS 6
#define EXPR_MAX_GROUP_TRAITS 6
#define EXPR_MAX_GUARDS 4

#define TRAIT_NAMES (((uint32_t) NAME_STATIC_COUNT + 63) / 64 * 64) /* bits for something by name */
#define TRAIT_TEXTS TRAIT_NAMES /* the names themselves come first */
#define TRAIT_TEXT_COUNT 4096
#define TRAIT_PAIRS (TRAIT_TEXTS + TRAIT_TEXT_COUNT)
#define TRAIT_PAIR_COUNT 4096
#define TRAIT_REPEATED (TRAIT_PAIRS + TRAIT_PAIR_COUNT)
#define TRAIT_FINE (TRAIT_REPEATED + TRAIT_NAMES)
#define TRAIT_BLANK (TRAIT_FINE + TRAIT_NAMES)
#define TRAIT_COUNT (TRAIT_BLANK + 64)
#define TRAIT_TEXT_LENGTH 4 /* longest text that is a trait */
#define TRAIT_FINE_SCALE 2	/* a value with more characters behind its point is fine */

typedef struct ExprNeeds
{
	uint8_t count;
	uint8_t guard_count;
	struct
	{
		uint8_t count;
		uint32_t traits[EXPR_MAX_GROUP_TRAITS];
	} groups[EXPR_MAX_GROUPS];
	uint32_t guards[EXPR_MAX_GUARDS]; /* traits */
} ExprNeeds;

/* Some node has this text, of up to TRAIT_TEXT_LENGTH bytes, for its value. */
static inline uint32_t
TraitOfText(Span text)
{
	return TRAIT_TEXTS + (SpanHash(text) & (TRAIT_TEXT_COUNT - 1));
}

/* Some node named `name` is a child or an attribute of one named `parent`; NAME_NONE: the document. */
static inline uint32_t
TraitOfPair(NameId parent, NameId name)
{
	return TRAIT_PAIRS +
		   ((parent * 2654435769u + name * 2246822519u) >> 16 & (TRAIT_PAIR_COUNT - 1));
}

/* The name of a context that may be one of several. */
#define NAME_UNKNOWN UINT32_MAX

/*
 * `context`: the name of every node that the expression is evaluated on.  `defines` are the
 * document-wide values of the scope the expression was compiled with.
 */
extern ExprNeeds ExprTrueWithout(const Expr *expr, NameId context, Expr *const *defines);
/* Same for a path from the document: it selects nothing without these. */
extern ExprNeeds ExprEmptyWithout(const Expr *expr, Expr *const *defines);
/* The name of the nodes that a path ends in, NAME_NONE if it may be several or any. */
extern NameId ExprTargetName(const Expr *expr);

/* The parts of a union; an expression that is none is its own single part. */
extern uint32_t ExprBranches(const Expr *expr);
extern const Expr *ExprBranch(const Expr *expr, uint32_t branch);

typedef enum ItemType
{
	ITEM_NODE,
	ITEM_UNTYPED,
	ITEM_TEXT,
	ITEM_DECIMAL,
	ITEM_DOUBLE,
	ITEM_BOOLEAN,
	ITEM_DATE,
} ItemType;

typedef struct ExprItem
{
	ItemType type;
	union
	{
		uint32_t node;
		Span text; /* UNTYPED, TEXT */
		const Decimal *decimal;
		double number;
		bool boolean;
		int32_t date; /* days, see date.h */
	} as;
} ExprItem;

typedef struct Sequence
{
	ExprItem *items;
	uint32_t count;
	uint32_t capacity;
	ExprItem single; /* storage of a sequence of one */
} Sequence;

/* Compiled regular expressions, kept from document to document; an evaluator works without. */
typedef struct RegexCache RegexCache;

extern RegexCache *RegexCacheCreate(const ClexEnv *env); /* NULL when out of memory */
extern void RegexCacheFree(RegexCache *cache);

/* A document under evaluation.  Set up with EvaluatorInit; one at a time per tree and thread. */
typedef struct Evaluator
{
	const Tree *tree;
	Vocabulary vocabulary;
	Arena *scratch; /* reset by the owner between evaluations */
	uint64_t steps;
	uint64_t step_limit; /* 0 = none */
	ClexError *error;
	ClexStatus status;	  /* not CLEX_OK: evaluation failed, results mean nothing */
	uint32_t failed_node; /* node at which it failed, 0 if unknown */
	Expr *const *defines; /* document-wide values, in the order of the scope */
	Sequence *globals;	  /* each evaluated when first asked for: items NULL until then */
	Arena *permanent;	  /* holds the globals */
	Sequence *slots;	  /* variables */
	uint32_t interrupt_countdown;
	RegexCache *regexes;	 /* may be NULL; set by the owner after EvaluatorInit */
	const uint64_t *present; /* bits by static name: nodes have it; likewise */
	/*
	 * Matching a rule's context: a node whose predicate cannot be evaluated does not match, as an error
	 * in a pattern is recovered from in XSLT.
	 */
	bool matching;
} Evaluator;

/* Both arenas must outlive the evaluator, and be two: `scratch` is reset under its feet. */
extern ClexStatus EvaluatorInit(Evaluator *evaluator, const Tree *tree, Vocabulary vocabulary,
								Arena *permanent, Arena *scratch, uint64_t step_limit,
								ClexError *error);

/* Give the document-wide values that the scope named when the expressions were compiled. */
extern ClexStatus EvaluatorDefine(Evaluator *evaluator, Expr *const *defines, uint16_t count);

/*
 * Evaluate with `node` as context.  After each, check evaluator->status: an expression that cannot be
 * evaluated (a bad cast, several items where one is needed) is CLEX_INVALID with the reason in error.
 */
extern bool EvaluateBoolean(Evaluator *evaluator, const Expr *expr, uint32_t node);
extern void EvaluateSequence(Evaluator *evaluator, const Expr *expr, uint32_t node, Sequence *out);
/* Nodes, each once, in no particular order.  `nodes` is an empty Vector of uint32_t. */
extern void EvaluateNodes(Evaluator *evaluator, const Expr *expr, uint32_t node, Vector *nodes);
/* What a shown value is, so that a sentence can write it as its reader would. */
typedef enum ShownKind
{
	SHOWN_TEXT,	   /* also where items of several kinds stand together */
	SHOWN_UNTYPED, /* text of a source, whose kind only what it is compared with can tell */
	SHOWN_NUMBER,
	SHOWN_DATE,
} ShownKind;

/*
 * Items joined by a blank, as a reader wants to see them; NULL data where the sequence is empty.
 * `kind` may be NULL.
 */
extern Span EvaluateText(Evaluator *evaluator, const Expr *expr, uint32_t node, ShownKind *kind);

/* What a failed condition was about, for messages: see ExprExplain. */
typedef struct Explanation
{
	uint32_t node; /* the node to point at, 0: none better than the context */
	Span found;	   /* NULL data: nothing to show */
	Span expected; /* likewise */
	Span list;	   /* name of a code list, NULL data: none */
	ShownKind found_kind;
	ShownKind expected_kind;
} Explanation;

/* Two sides of a comparison: an untyped one is a number or a date if the other is. */
extern void MatchKinds(ShownKind *a, ShownKind *b);

/* Say what made `expr` false at `node`: the sides of the comparison that failed, the code and its list. */
extern void ExprExplain(Evaluator *evaluator, const Expr *expr, uint32_t node,
						Explanation *explanation);

#endif
