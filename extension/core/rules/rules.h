/*
 * rules.h
 *		Rule sets at work: compiled once, run over a document, findings handed to a sink.
 *
 * A rule set has one layer for each syntax it knows: for UBL and CII the layers look at the source as
 * it was sent and decide exactly as the official artefacts do; the layer for terms serves documents
 * without an XML source.  Inside a pattern a node obeys the first context that matches it.
 */
#ifndef CLEX_RULES_RULES_H
#define CLEX_RULES_RULES_H

#include "core/expr/expr.h"
#include "core/rules/facts.h"

typedef struct RuleSet RuleSet;

/* The layer of a set for a syntax in force on a day (DATE_MIN .. DATE_MAX), or NULL. */
extern const RuleLayerFact *RuleLayerFind(Span set, Span syntax, int32_t as_of);

/* Likewise; of a set that has layers for profiles it is the one for how the document's profile ends. */
extern const RuleLayerFact *RuleLayerForProfile(Span set, Span syntax, Span profile, int32_t as_of);

/* Is there any layer of that name? */
extern bool RuleSetExists(Span set);

/*
 * Compile a layer.  Everything is allocated in `arena`, read-only afterwards and good for any number
 * of runs.  An error names the rule and the place in its expression.
 */
extern ClexStatus RuleSetCompile(const RuleLayerFact *layer, Arena *arena, RuleSet **set,
								 ClexError *error);

extern const RuleLayerFact *RuleSetLayer(const RuleSet *set);

#define NOTICE_NOT_PROCESSABLE "NOT-PROCESSABLE"

/* One broken rule at one node, or a notice: what is to be said although no rule is broken. */
typedef struct Finding
{
	const RuleLayerFact *layer;
	const RuleFact *rule; /* NULL: a notice */
	const char *notice;	  /* name of its message; NULL: a rule */
	const char *reason;	  /* notices: why, in the engine's words */
	uint32_t node;		  /* where: the offending node if one can be named, else the context */
	Span found;			  /* NULL data: nothing to show */
	Span expected;
	ShownKind found_kind;
	ShownKind expected_kind;
	Span about;
	Span list; /* code list, NULL data: none */
} Finding;

/* Called for each finding; texts live until the sink returns.  False ends the run. */
typedef bool (*FindingSink)(void *state, const Finding *finding);

typedef struct RuleRun
{
	const Tree *tree;
	Arena *scratch;			/* reset during the run */
	Arena *permanent;		/* for the length of the run */
	uint64_t step_limit;	/* 0 = none */
	bool explain;			/* fill found, expected, about */
	bool exhaustive;		/* evaluate also what cannot be broken: to check the skipping */
	const uint64_t *traits; /* of the tree, see TraitsNote; NULL: the run notes them for itself */
	FindingSink sink;
	void *state;
	RegexCache *regexes; /* may be NULL */
} RuleRun;

typedef struct RuleVerdict
{
	uint32_t fatal;
	uint32_t warning;
	uint32_t information;
	bool processable; /* false: a rule could not be evaluated, the layer ended there */
} RuleVerdict;

/* What a tree holds, once for all sets that are run over it; NULL when out of memory. */
extern uint64_t *TraitsNote(const Tree *tree, Arena *arena);

/*
 * Run a layer over a tree of its syntax.  CLEX_OK also when rules are broken; other statuses mean that
 * the run itself failed (memory, limit, interrupt).  The verdict adds to what it holds.
 */
extern ClexStatus RuleSetRun(const RuleSet *set, const RuleRun *run, RuleVerdict *verdict,
							 ClexError *error);

/* Message languages, in the order of MessageFact.text. */
typedef enum MessageLanguage
{
	LANGUAGE_EN,
	LANGUAGE_FR,
	LANGUAGE_DE,
} MessageLanguage;

/* "en", "fr", "de", also "fr-FR" and "de_DE.UTF-8"; false if there are no messages in it. */
extern bool MessageLanguageFind(Span name, MessageLanguage *language);

/* The message facts of a rule: under its template if it has one, else its id; NULL if none. */
extern const MessageFact *MessageFind(const RuleFact *rule);

/* Formatters of numbers and dates, kept from finding to finding; see wording.c. */
typedef struct Wording Wording;

extern Wording *WordingCreate(const ClexEnv *env); /* NULL when out of memory */
extern void WordingFree(Wording *wording);

/*
 * Append a number ("4917.91") or a date ("2026-12-01", "20261201") as a reader of the language writes
 * it, every digit kept.  False, and nothing appended, if `raw` is none or cannot be formatted.
 */
extern bool WordingNumber(Wording *wording, MessageLanguage language, Span raw, Text *out);
extern bool WordingDate(Wording *wording, MessageLanguage language, Span raw, Text *out);

/*
 * The sentence for a finding, in that language (English where it is not written in it).  Without
 * `wording` numbers and dates stay as they are in the document.
 */
extern void MessageWrite(const Finding *finding, MessageLanguage language, Wording *wording,
						 Text *out);

extern const char *SeverityName(RuleSeverity severity);

#endif
