/*
 * own_rule.h
 *		Rules that users write: checked when they are defined, run many at a time over one document.
 *
 * A published rule set ends where a rule cannot be evaluated, as the official validators do.  Here each
 * rule stands alone: one that fails on a document, or runs out of its own steps or memory, is reported
 * and the next one is tried.
 */
#ifndef CLEX_RULES_OWN_RULE_H
#define CLEX_RULES_OWN_RULE_H

#include "core/expr/expr_check.h"
#include "core/model/terms.h"
#include "core/rules/rules.h"

/* What one rule may cost on one document. */
#define OWN_STEPS 10000000
#define OWN_MEMORY ((size_t) 64 << 20)

/*
 * What is known beside the document, as variables: $seller.iban is what the party record of the seller
 * says.  Each has any number of values; without any it is empty.
 */
#define OWN_FACT_PARTIES 2
#define OWN_FACT_FIELDS 18
#define OWN_FACTS (OWN_FACT_PARTIES * OWN_FACT_FIELDS)

typedef struct OwnFacts
{
	Sequence values[OWN_FACTS];
} OwnFacts;

/* The place of a fact by name ("seller.iban"), or -1. */
extern int OwnFactFind(Span name);
/* The names, for expressions: a scope to compile them with. */
extern const ExprScope *OwnFactScope(void);

typedef struct OwnRuleText
{
	Span id;
	uint8_t severity; /* RuleSeverity */
	Span context;	  /* the places it is tried at; no data: the document */
	Span condition;	  /* what must hold there */
	Span message;	  /* with expressions in braces; no data: none */
} OwnRuleText;

/*
 * Check a rule for its definition.  The error's message says in which part, its detail where.  Memory
 * taken from the arena is the caller's to forget.
 */
extern ClexStatus OwnRuleCheck(const OwnRuleText *rule, Arena *arena, ClexError *error);

/* One expression of a user: `what` is the part of the definition it is, for the error. */
extern ClexStatus OwnExprCompile(Span text, uint32_t context, ExprUse use, const char *what,
								 Arena *arena, Expr **expr, ClexError *error);

/* Rules compiled; one that does not compile (any more) is kept, and reported when it is run. */
typedef struct OwnBook OwnBook;

extern ClexStatus OwnBookCompile(const OwnRuleText *rules, uint32_t count, Arena *arena,
								 OwnBook **book, ClexError *error);

typedef struct OwnFinding
{
	uint32_t rule; /* index into the texts */
	uint8_t severity;
	bool failed;		 /* the rule could not be evaluated: message says why and where */
	uint32_t node;		 /* the offending one if one can be named, else that of the context */
	const TermId *terms; /* that the condition speaks of */
	uint32_t term_count;
	Span found; /* NULL data: nothing to show */
	Span expected;
	Span message;
} OwnFinding;

typedef struct OwnRun
{
	const Tree *tree;	   /* of terms */
	Arena *permanent;	   /* for the length of the run */
	Arena *scratch;		   /* reset during the run; bounded by OWN_MEMORY for its length */
	uint64_t step_limit;   /* of one rule; 0 = OWN_STEPS */
	const OwnFacts *facts; /* NULL: none */
	MessageLanguage language;
	RegexCache *regexes; /* may be NULL */
	Wording *wording;	 /* may be NULL */
	void (*sink)(void *state, const OwnFinding *finding);
	void *state;
} OwnRun;

/* CLEX_INTERRUPTED and CLEX_NO_MEMORY are of the run; what fails in a rule is a finding. */
extern ClexStatus OwnBookRun(const OwnBook *book, const OwnRun *run, ClexError *error);

#endif
