/*
 * own_fill.h
 *		Filling terms that a document lacks, by expressions that users write.
 */
#ifndef CLEX_RULES_OWN_FILL_H
#define CLEX_RULES_OWN_FILL_H

#include "core/rules/own_rule.h"

typedef struct OwnFillText
{
	Span id;
	Span term;		/* number or readable path */
	Span context;	/* the places it is filled at; no data: see OwnFillsRun */
	Span value;		/* what it is filled with */
	Span condition; /* when; no data: whenever it is missing */
} OwnFillText;

/* Check one for its definition, as OwnRuleCheck; a constant must be a value of the term. */
extern ClexStatus OwnFillCheck(const OwnFillText *fill, Arena *arena, ClexError *error);

typedef struct OwnFills OwnFills;

/* Compiled; one that does not compile (any more) is kept, and reported when it is run. */
extern ClexStatus OwnFillsCompile(const OwnFillText *fills, uint32_t count, Arena *arena,
								  OwnFills **result, ClexError *error);

typedef struct OwnFilled
{
	uint32_t fill; /* index into the texts */
	bool failed;   /* message says why; nothing is filled */
	uint32_t node; /* group it is filled in, 0: the document */
	TermId term;
	Span value; /* canonical */
	Span message;
} OwnFilled;

/*
 * Fill what is missing, each from the document as it is: none sees what another has filled.  Without a
 * context a term is filled in each group that can be repeated (each line), and a first group is made
 * where the document may do without but has none (a credit transfer for the account).  `run` is that of
 * rules; its sink is not called.
 */
extern ClexStatus OwnFillsRun(const OwnFills *fills, const OwnRun *run,
							  void (*sink)(void *state, const OwnFilled *filled), void *state,
							  ClexError *error);

/* The place of what was filled as a path for DocumentSetTerms(), appended. */
extern void OwnFilledPath(const Tree *tree, const OwnFilled *filled, Text *out);

#endif
