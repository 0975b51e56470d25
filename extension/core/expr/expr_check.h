/*
 * expr_check.h
 *		Looking at a compiled expression over terms: what can be said before it meets a document, and where
 *		it failed once it has met one.
 *
 * The standard's rules are compiled and tried when the library is built; these serve expressions that
 * users write, which must be told their mistakes when they write them.
 */
#ifndef CLEX_EXPR_EXPR_CHECK_H
#define CLEX_EXPR_EXPR_CHECK_H

#include "core/expr/expr.h"

typedef enum ExprUse
{
	EXPR_CONDITION, /* true or false, or nodes that exist or not */
	EXPR_VALUE,		/* something to show or to store: no group */
	EXPR_NODES,		/* the places a rule is tried at */
} ExprUse;

/*
 * Refuse what cannot work on any document: a number compared with a text, a date that is none, a group
 * where a value is needed.  What depends on the document passes.  `text` is what was compiled; on
 * CLEX_INVALID the error's offset is the 1-based position.
 */
extern ClexStatus ExprCheckTypes(const Expr *expr, ExprUse use, Span text, ClexError *error);

/* The 1-based position at which an expression begins. */
extern uint32_t ExprStart(const Expr *expr);

/* Add the terms an expression speaks of to a Vector of uint32_t, each once; false out of memory. */
extern bool ExprCollectTerms(const Expr *expr, Vector *terms);

/*
 * After an evaluation at `node` has failed: the 1-based position of the innermost part that fails by
 * itself.  Evaluates again; the evaluator's status and error are left as they are.
 */
extern uint32_t ExprLocateFailure(Evaluator *evaluator, const Expr *expr, uint32_t node);

#endif
