/*
 * expr_locate.c
 *		Which part of an expression failed.
 *
 * Evaluating remembers why it failed, not where: keeping track would cost every evaluation that does
 * not fail.  So the parts of a failed one are tried again, from the outside in.
 */
#include "core/expr/expr_check.h"
#include "core/expr/expr_tree.h"

static uint32_t Locate(Evaluator *evaluator, const Expr *expr, const Focus *focus);

/* Does an expression fail by itself?  *holds is its truth value where it is asked for one. */
static bool
Fails(Evaluator *evaluator, const Expr *expr, const Focus *focus, bool *holds)
{
	Sequence value;

	evaluator->status = CLEX_OK;
	if (holds != NULL)
		*holds = EvaluateCondition(evaluator, expr, focus);
	else
	{
		SequenceInit(&value);
		Evaluate(evaluator, expr, focus, &value);
	}
	return evaluator->status != CLEX_OK;
}

/* The value that a variable takes when its body fails. */
static uint32_t
LocateBinding(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	Sequence *slot = &evaluator->slots[expr->slot];
	Sequence values;

	if (Fails(evaluator, expr->args[0], focus, NULL))
		return Locate(evaluator, expr->args[0], focus);
	SequenceInit(&values);
	Evaluate(evaluator, expr->args[0], focus, &values);
	SequenceInit(slot);
	if (expr->op == EXPR_LET)
	{
		for (uint32_t i = 0; i < values.count; i++)
			SequenceAppend(evaluator, slot, values.items[i]);
		return Locate(evaluator, expr->args[1], focus);
	}
	for (uint32_t i = 0; i < values.count; i++)
	{
		bool holds;

		SequenceInit(slot);
		SequenceSet(slot, values.items[i]);
		if (Fails(evaluator, expr->args[1], focus, expr->op == EXPR_FOR ? NULL : &holds))
			return Locate(evaluator, expr->args[1], focus);
	}
	return ExprStart(expr);
}

/* `expr` fails at this focus: its position, or that of the part that makes it fail. */
static uint32_t
Locate(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	bool holds;

	switch (expr->op)
	{
		case EXPR_TEXT_EQUALS:
		case EXPR_TEXT_EQUALS_ANY:
			return Locate(evaluator, expr->args[2], focus);
		case EXPR_SOME:
		case EXPR_EVERY:
		case EXPR_FOR:
		case EXPR_LET:
			return LocateBinding(evaluator, expr, focus);
		case EXPR_AND:
		case EXPR_OR:
			for (uint16_t i = 0; i < expr->arg_count; i++)
				if (Fails(evaluator, expr->args[i], focus, &holds))
					return Locate(evaluator, expr->args[i], focus);
			return ExprStart(expr);
		case EXPR_IF:
			if (Fails(evaluator, expr->args[0], focus, &holds))
				return Locate(evaluator, expr->args[0], focus);
			return Locate(evaluator, expr->args[holds ? 1 : 2], focus);
		default:
			for (uint16_t i = 0; i < expr->arg_count; i++)
				if (Fails(evaluator, expr->args[i], focus, NULL))
					return Locate(evaluator, expr->args[i], focus);
			return ExprStart(expr);
	}
}

uint32_t
ExprLocateFailure(Evaluator *evaluator, const Expr *expr, uint32_t node)
{
	Focus focus = {{.type = ITEM_NODE, .as.node = node}, 1, 1};
	ClexStatus status = evaluator->status;
	ClexError *error = evaluator->error;
	uint32_t failed_node = evaluator->failed_node;
	uint32_t position = ExprStart(expr);

	/* what ran out of steps or memory is no part's fault */
	if (status == CLEX_INVALID || status == CLEX_OUT_OF_RANGE)
	{
		evaluator->error = NULL;
		position = Locate(evaluator, expr, &focus);
	}
	evaluator->status = status;
	evaluator->error = error;
	evaluator->failed_node = failed_node;
	return position;
}
