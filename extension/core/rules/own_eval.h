/*
 * own_eval.h
 *		Evaluating what users write, bounded for each of their rules: shared by rules and fills.
 */
#ifndef CLEX_RULES_OWN_EVAL_H
#define CLEX_RULES_OWN_EVAL_H

#include "core/rules/own_rule.h"

typedef struct OwnEvaluation
{
	const OwnRun *run;
	Evaluator evaluator;
	ClexError reason;
	Vector nodes; /* uint32_t: the places of the last context */
	size_t limit; /* of the scratch arena, to be put back */
	bool over;	  /* the run itself has failed */
} OwnEvaluation;

/* Begin with the facts of the run and bounds of one rule; after it, End says how the run went. */
extern void OwnEvaluationBegin(OwnEvaluation *evaluation, const OwnRun *run);
extern ClexStatus OwnEvaluationEnd(OwnEvaluation *evaluation, ClexError *error);

/* Steps are counted anew; what failed before is forgotten. */
extern void OwnEvaluationNext(OwnEvaluation *evaluation);
/* What failed before is forgotten, the steps of this rule are not. */
extern void OwnEvaluationRecover(OwnEvaluation *evaluation);

/* Is it no use to go on with this rule: interrupted, or its steps or memory are used up? */
extern bool OwnEvaluationSpent(OwnEvaluation *evaluation);

/* The nodes of a context in document order (NULL: the document); false: it failed. */
extern bool OwnEvaluationPlaces(OwnEvaluation *evaluation, const Expr *context);

/*
 * Why `expr` has failed at *node, and where in that part of the rule, as text in the scratch arena, which
 * is reset; *node becomes the node it failed at if that is known.
 */
extern Span OwnEvaluationReason(OwnEvaluation *evaluation, const Expr *expr, const char *part,
								uint32_t *node);

/* A sentence that says that rule `id` could not be evaluated, in the scratch arena. */
extern Span OwnFailureSentence(const OwnRun *run, Span id, const char *reason);

#endif
