/*
 * expr_needs.c
 *		Which names a document must hold for an expression to be worth evaluating.
 *
 * Most rules of the standard forbid something.  From the shape of the expression we read off names
 * without which it is certainly true, so a rule engine can skip it by looking at a few chain heads.
 */
#include "core/expr/expr_tree.h"

static const ExprNeeds nothing = {0};

static ExprNeeds FalseWithout(const Expr *expr);

/* Both claims are needed: the groups of both. */
static ExprNeeds
Both(ExprNeeds a, ExprNeeds b)
{
	if (a.count == 0 || b.count == 0 || a.count + b.count > EXPR_MAX_GROUPS)
		return nothing;
	for (uint8_t i = 0; i < b.count; i++)
		a.groups[a.count++] = b.groups[i];
	return a;
}

/* Either claim is enough: the one with fewer groups; two groups become one, as any name will do. */
static ExprNeeds
Either(ExprNeeds a, ExprNeeds b)
{
	if (a.count == 0)
		return b;
	if (b.count == 0)
		return a;
	if (a.count > 1 || b.count > 1)
		return a.count <= b.count ? a : b;
	for (uint8_t i = 0; i < b.groups[0].count && a.groups[0].count < EXPR_MAX_GROUP_NAMES; i++)
		a.groups[0].names[a.groups[0].count++] = b.groups[0].names[i];
	return a;
}

/* A path needs every name on its way. */
static ExprNeeds
PathEmptyWithout(const Expr *expr)
{
	ExprNeeds needs = nothing;

	if (expr->start == START_EXPRESSION)
		needs = ExprEmptyWithout(expr->start_expression);
	for (const Step *step = expr->steps; step != NULL; step = step->next)
	{
		ExprNeeds more = nothing;

		if (step->axis == AXIS_EXPRESSION)
		{
			if (step->expression->op == EXPR_PATH || step->expression->op == EXPR_UNION)
				more = ExprEmptyWithout(step->expression);
		}
		else if (step->test == TEST_NAME)
		{
			more.count = more.groups[0].count = 1;
			more.groups[0].names[0] = step->name;
		}
		needs = Either(more, needs);
	}
	return needs;
}

ExprNeeds
ExprEmptyWithout(const Expr *expr)
{
	ExprNeeds needs;

	switch (expr->op)
	{
		case EXPR_PATH:
			return PathEmptyWithout(expr);
		case EXPR_UNION:
		case EXPR_SEQUENCE:
			if (expr->arg_count == 0)
				return nothing;
			needs = ExprEmptyWithout(expr->args[0]);
			for (uint16_t i = 1; i < expr->arg_count; i++)
				needs = Both(needs, ExprEmptyWithout(expr->args[i]));
			return needs;
		default:
			return nothing;
	}
}

uint32_t
ExprBranches(const Expr *expr)
{
	return expr->op == EXPR_UNION ? expr->arg_count : 1;
}

const Expr *
ExprBranch(const Expr *expr, uint32_t branch)
{
	return expr->op == EXPR_UNION ? expr->args[branch] : expr;
}

NameId
ExprTargetName(const Expr *expr)
{
	const Step *last;

	if (expr->op != EXPR_PATH || expr->steps == NULL)
		return NAME_NONE;
	for (last = expr->steps; last->next != NULL;)
		last = last->next;
	return last->test == TEST_NAME && last->axis != AXIS_EXPRESSION ? last->name : NAME_NONE;
}

static ExprNeeds
CompareFalseWithout(const Expr *expr)
{
	return Either(ExprEmptyWithout(expr->args[0]), ExprEmptyWithout(expr->args[1]));
}

/* count(P) op literal, for the value 0. */
static bool
CountOfNothingHolds(const Expr *expr, ExprNeeds *needs)
{
	const Expr *call = expr->args[0];
	const Expr *literal = expr->args[1];
	int sign;

	if (call->op != EXPR_CALL || call->function != FUNCTION_COUNT || literal->op != EXPR_LITERAL ||
		literal->literal.type != ITEM_DECIMAL)
		return false;
	*needs = ExprEmptyWithout(call->args[0]);
	sign = DecimalSign(*literal->literal.as.decimal);
	switch ((CompareOperator) expr->operator_)
	{
		case COMPARE_EQ:
			return sign == 0;
		case COMPARE_NE:
			return sign != 0;
		case COMPARE_LT:
			return sign > 0;
		case COMPARE_LE:
			return sign >= 0;
		case COMPARE_GT:
			return sign < 0;
		case COMPARE_GE:
			return sign <= 0;
	}
	return false;
}

static bool
IsLiteralTrue(const Expr *expr)
{
	return expr->op == EXPR_CALL && expr->function == FUNCTION_TRUE;
}

ExprNeeds
ExprTrueWithout(const Expr *expr)
{
	ExprNeeds needs = nothing;

	switch (expr->op)
	{
		case EXPR_AND:
			needs = ExprTrueWithout(expr->args[0]);
			for (uint16_t i = 1; i < expr->arg_count; i++)
				needs = Both(needs, ExprTrueWithout(expr->args[i]));
			return needs;
		case EXPR_OR:
			/* what comes before the first certain operand might fail to evaluate */
			return ExprTrueWithout(expr->args[0]);
		case EXPR_EVERY:
			return ExprEmptyWithout(expr->args[0]);
		case EXPR_IF:
			if (IsLiteralTrue(expr->args[2]))
				return FalseWithout(expr->args[0]);
			if (IsLiteralTrue(expr->args[1]))
				return ExprTrueWithout(expr->args[0]);
			return nothing;
		case EXPR_COMPARE:
			return CountOfNothingHolds(expr, &needs) ? needs : nothing;
		case EXPR_CALL:
			if (expr->function == FUNCTION_EMPTY)
				return ExprEmptyWithout(expr->args[0]);
			if (expr->function == FUNCTION_NOT)
				return FalseWithout(expr->args[0]);
			return nothing;
		default:
			return nothing;
	}
}

static ExprNeeds
FalseWithout(const Expr *expr)
{
	ExprNeeds needs;

	switch (expr->op)
	{
		case EXPR_PATH:
		case EXPR_UNION:
			return ExprEmptyWithout(expr);
		case EXPR_AND:
			return FalseWithout(expr->args[0]);
		case EXPR_OR:
			needs = FalseWithout(expr->args[0]);
			for (uint16_t i = 1; i < expr->arg_count; i++)
				needs = Both(needs, FalseWithout(expr->args[i]));
			return needs;
		case EXPR_COMPARE:
			return CompareFalseWithout(expr);
		case EXPR_TEXT_EQUALS:
			return expr->args[1]->literal.as.text.length > 0 ? ExprEmptyWithout(expr->args[0])
															 : nothing;
		case EXPR_SOME:
			return ExprEmptyWithout(expr->args[0]);
		case EXPR_CALL:
			if (expr->function == FUNCTION_EXISTS)
				return ExprEmptyWithout(expr->args[0]);
			if (expr->function == FUNCTION_NOT)
				return ExprTrueWithout(expr->args[0]);
			if (expr->function == FUNCTION_IN_LIST)
				return ExprEmptyWithout(expr->args[1]);
			return nothing;
		default:
			return nothing;
	}
}
