/*
 * expr_needs.c
 *		What a document must hold for an expression to be worth evaluating.
 *
 * Most rules of the standard forbid something, or speak of one VAT category out of nine.  From the shape
 * of the expression we read off names and short texts without which it is certainly true, so a rule
 * engine can skip it by looking at a few bits.  A skipped expression must not have failed either: where
 * evaluating could go wrong, nothing is claimed, or a guard is set.
 */
#include "core/expr/expr_tree.h"

typedef Expr *const *Defines;

static const ExprNeeds nothing = {0};

static ExprNeeds FalseWithout(const Expr *expr, Defines defines);

/* ---- combining claims ---- */

static ExprNeeds
OneTrait(uint32_t trait)
{
	ExprNeeds needs = nothing;

	needs.count = needs.groups[0].count = 1;
	needs.groups[0].traits[0] = trait;
	return needs;
}

static bool
AddGuards(ExprNeeds *needs, const ExprNeeds *from)
{
	for (uint8_t i = 0; i < from->guard_count; i++)
	{
		bool known = false;

		for (uint8_t j = 0; j < needs->guard_count; j++)
			known |= needs->guards[j] == from->guards[i];
		if (known)
			continue;
		if (needs->guard_count == EXPR_MAX_GUARDS)
			return false;
		needs->guards[needs->guard_count++] = from->guards[i];
	}
	return true;
}

/* Both claims are needed: the groups of both. */
static ExprNeeds
Both(ExprNeeds a, ExprNeeds b)
{
	if (a.count == 0 || b.count == 0 || a.count + b.count > EXPR_MAX_GROUPS || !AddGuards(&a, &b))
		return nothing;
	for (uint8_t i = 0; i < b.count; i++)
		a.groups[a.count++] = b.groups[i];
	return a;
}

/* Either claim is enough: the one with fewer groups; two groups become one, as any trait will do. */
static ExprNeeds
Either(ExprNeeds a, ExprNeeds b)
{
	ExprNeeds both = a;

	if (a.count == 0)
		return b;
	if (b.count == 0)
		return a;
	if (a.count > 1 || b.count > 1 || !AddGuards(&both, &b))
		return a.count <= b.count ? a : b;
	for (uint8_t i = 0; i < b.groups[0].count && both.groups[0].count < EXPR_MAX_GROUP_TRAITS; i++)
		both.groups[0].traits[both.groups[0].count++] = b.groups[0].traits[i];
	return both;
}

/* ---- texts ---- */

/* Guard every name on the way of a path whose several results would be an error. */
static bool
GuardPath(const Expr *path, ExprNeeds *guards)
{
	ExprNeeds name = nothing;

	if (path->op == EXPR_DOT)
		return true;
	if (path->op != EXPR_PATH || path->start != START_CONTEXT)
		return false;
	name.guard_count = 1;
	for (const Step *step = path->steps; step != NULL; step = step->next)
	{
		if (step->test != TEST_NAME || step->axis == AXIS_EXPRESSION || step->predicate_count > 0)
			return false;
		name.guards[0] = step->name;
		if (!AddGuards(guards, &name))
			return false;
	}
	return true;
}

static bool IsSafeCondition(const Expr *expr, Defines defines, ExprNeeds *guards);
static bool IsNodeText(const Expr *expr, Defines defines, ExprNeeds *guards);

/* Do the predicates of a path, and what it starts from, evaluate without error, guards aside? */
static bool
ArePredicatesSafe(const Expr *path, Defines defines, ExprNeeds *guards)
{
	const Expr *start = path->start_expression;

	if (start != NULL && start->op != EXPR_VARIABLE && !IsNodeText(start, defines, guards))
		return false;
	for (const Step *step = path->steps; step != NULL; step = step->next)
	{
		if (step->expression != NULL && !IsNodeText(step->expression, defines, guards))
			return false;
		for (uint16_t i = 0; i < step->predicate_count; i++)
			if (step->positional || !IsSafeCondition(step->predicates[i], defines, guards))
				return false;
	}
	return true;
}

/*
 * Does an expression yield nothing but values of nodes, at most trimmed or in upper case, and without
 * error?  Then it equals a short text only if some node of the document has that text.
 */
static bool
IsNodeText(const Expr *expr, Defines defines, ExprNeeds *guards)
{
	const Step *last;

	switch (expr->op)
	{
		case EXPR_DOT:
			return true;
		case EXPR_GLOBAL:
			return defines != NULL && IsNodeText(defines[expr->slot], defines, guards);
		case EXPR_CALL:
			return expr->arg_count == 1 &&
				   (expr->function == FUNCTION_NORMALIZE_SPACE ||
					expr->function == FUNCTION_UPPER_CASE || expr->function == FUNCTION_STRING) &&
				   (expr->args[0]->op == EXPR_CALL ? IsNodeText(expr->args[0], defines, guards)
												   : GuardPath(expr->args[0], guards));
		case EXPR_UNION:
		case EXPR_SEQUENCE:
			for (uint16_t i = 0; i < expr->arg_count; i++)
				if (!IsNodeText(expr->args[i], defines, guards))
					return false;
			return true;
		case EXPR_PATH:
			if (expr->steps == NULL || !ArePredicatesSafe(expr, defines, guards))
				return false;
			for (last = expr->steps; last->next != NULL; last = last->next)
				if (last->axis == AXIS_EXPRESSION && last->expression->op != EXPR_UNION &&
					last->expression->op != EXPR_PATH && last->expression->op != EXPR_GLOBAL)
					return false;
			return last->axis != AXIS_EXPRESSION || IsNodeText(last->expression, defines, guards);
		default:
			return false;
	}
}

static bool
IsText(const Expr *expr)
{
	return expr->op == EXPR_LITERAL && expr->literal.type == ITEM_TEXT;
}

/* Conditions that cannot fail, guards aside: existence, and comparisons with texts. */
static bool
IsSafeCondition(const Expr *expr, Defines defines, ExprNeeds *guards)
{
	switch (expr->op)
	{
		case EXPR_PATH:
			return ExprTargetName(expr) != NAME_NONE && ArePredicatesSafe(expr, defines, guards);
		case EXPR_TEXT_EQUALS:
			return GuardPath(expr->args[0], guards);
		case EXPR_COMPARE:
			return IsText(expr->args[1]) && IsNodeText(expr->args[0], defines, guards);
		case EXPR_AND:
		case EXPR_OR:
			for (uint16_t i = 0; i < expr->arg_count; i++)
				if (!IsSafeCondition(expr->args[i], defines, guards))
					return false;
			return true;
		case EXPR_CALL:
			return (expr->function == FUNCTION_EXISTS || expr->function == FUNCTION_EMPTY ||
					expr->function == FUNCTION_NOT) &&
				   IsSafeCondition(expr->args[0], defines, guards);
		default:
			return false;
	}
}

/* The claim "no node has this text"; nothing for a text that is no trait. */
static ExprNeeds
WithoutText(const Expr *literal)
{
	Span text = literal->literal.as.text;

	if (text.length == 0 || text.length > TRAIT_TEXT_LENGTH || SpanTrim(text).length != text.length)
		return nothing;
	return OneTrait(TraitOfText(text));
}

/* "texts = 'S'", "texts = ('30', '58')": false in a document where no node has any of them. */
static ExprNeeds
EqualsFalseWithout(const Expr *left, const Expr *right, Defines defines)
{
	ExprNeeds needs = nothing;
	ExprNeeds guards = nothing;

	if (!IsNodeText(left, defines, &guards))
		return nothing;
	if (IsText(right))
		needs = WithoutText(right);
	else if (right->op == EXPR_SEQUENCE)
		for (uint16_t i = 0; i < right->arg_count; i++)
		{
			if (!IsText(right->args[i]))
				return nothing;
			needs = i == 0 ? WithoutText(right->args[i]) : Both(needs, WithoutText(right->args[i]));
		}
	return needs.count > 0 && AddGuards(&needs, &guards) ? needs : nothing;
}

/* ---- paths ---- */

/* A path needs every name on its way, and its predicates to hold. */
static ExprNeeds
PathEmptyWithout(const Expr *expr, Defines defines)
{
	ExprNeeds needs = nothing;
	ExprNeeds unused = nothing;

	if (expr->start == START_EXPRESSION)
		needs = ExprEmptyWithout(expr->start_expression, defines);
	for (const Step *step = expr->steps; step != NULL; step = step->next)
	{
		ExprNeeds more = nothing;

		if (step->axis == AXIS_EXPRESSION)
		{
			if (step->expression->op == EXPR_PATH || step->expression->op == EXPR_UNION ||
				step->expression->op == EXPR_GLOBAL)
				more = ExprEmptyWithout(step->expression, defines);
		}
		else if (step->test == TEST_NAME)
			more = OneTrait(step->name);
		needs = Either(more, needs);
		/* "." in a predicate is a node, or what the expression of the step yields */
		if (step->positional ||
			(step->axis == AXIS_EXPRESSION && !IsNodeText(step->expression, defines, &unused)))
			continue;
		for (uint16_t i = 0; i < step->predicate_count; i++)
			needs = Either(needs, FalseWithout(step->predicates[i], defines));
	}
	return needs;
}

ExprNeeds
ExprEmptyWithout(const Expr *expr, Expr *const *defines)
{
	ExprNeeds needs;

	switch (expr->op)
	{
		case EXPR_PATH:
			return PathEmptyWithout(expr, defines);
		case EXPR_GLOBAL:
			return defines != NULL ? ExprEmptyWithout(defines[expr->slot], defines) : nothing;
		case EXPR_UNION:
		case EXPR_SEQUENCE:
			if (expr->arg_count == 0)
				return nothing;
			needs = ExprEmptyWithout(expr->args[0], defines);
			for (uint16_t i = 1; i < expr->arg_count; i++)
				needs = Both(needs, ExprEmptyWithout(expr->args[i], defines));
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

/* ---- conditions ---- */

/* count(P) op literal, for the value 0. */
static bool
CountOfNothingHolds(const Expr *expr, Defines defines, ExprNeeds *needs)
{
	const Expr *call = expr->args[0];
	const Expr *literal = expr->args[1];
	int sign;

	if (call->op != EXPR_CALL || call->function != FUNCTION_COUNT || literal->op != EXPR_LITERAL ||
		literal->literal.type != ITEM_DECIMAL)
		return false;
	*needs = ExprEmptyWithout(call->args[0], defines);
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
ExprTrueWithout(const Expr *expr, Expr *const *defines)
{
	ExprNeeds needs = nothing;

	switch (expr->op)
	{
		case EXPR_AND:
			needs = ExprTrueWithout(expr->args[0], defines);
			for (uint16_t i = 1; i < expr->arg_count; i++)
				needs = Both(needs, ExprTrueWithout(expr->args[i], defines));
			return needs;
		case EXPR_OR:
			/* what comes before the first certain operand might fail to evaluate */
			return ExprTrueWithout(expr->args[0], defines);
		case EXPR_EVERY:
			return ExprEmptyWithout(expr->args[0], defines);
		case EXPR_IF:
			if (IsLiteralTrue(expr->args[2]))
				return FalseWithout(expr->args[0], defines);
			/* a false condition leaves the second branch to hold */
			return Both(FalseWithout(expr->args[0], defines),
						ExprTrueWithout(expr->args[2], defines));
		case EXPR_COMPARE:
			return CountOfNothingHolds(expr, defines, &needs) ? needs : nothing;
		case EXPR_CALL:
			if (expr->function == FUNCTION_EMPTY)
				return ExprEmptyWithout(expr->args[0], defines);
			if (expr->function == FUNCTION_NOT)
				return FalseWithout(expr->args[0], defines);
			return nothing;
		default:
			return nothing;
	}
}

static ExprNeeds
FalseWithout(const Expr *expr, Defines defines)
{
	ExprNeeds needs;

	switch (expr->op)
	{
		case EXPR_PATH:
		case EXPR_UNION:
			return ExprTargetName(expr) != NAME_NONE || expr->op == EXPR_UNION
					   ? ExprEmptyWithout(expr, defines)
					   : nothing;
		case EXPR_AND:
			return FalseWithout(expr->args[0], defines);
		case EXPR_OR:
			needs = FalseWithout(expr->args[0], defines);
			for (uint16_t i = 1; i < expr->arg_count; i++)
				needs = Both(needs, FalseWithout(expr->args[i], defines));
			return needs;
		case EXPR_COMPARE:
			needs = Either(ExprEmptyWithout(expr->args[0], defines),
						   ExprEmptyWithout(expr->args[1], defines));
			if (expr->operator_ == COMPARE_EQ)
				needs = Either(needs, EqualsFalseWithout(expr->args[0], expr->args[1], defines));
			return needs;
		case EXPR_TEXT_EQUALS:
			if (expr->args[1]->literal.as.text.length == 0)
				return nothing;
			return Either(ExprEmptyWithout(expr->args[0], defines),
						  EqualsFalseWithout(expr->args[2]->args[0], expr->args[1], defines));
		case EXPR_SOME:
			return ExprEmptyWithout(expr->args[0], defines);
		case EXPR_CALL:
			if (expr->function == FUNCTION_EXISTS)
				return ExprEmptyWithout(expr->args[0], defines);
			if (expr->function == FUNCTION_NOT)
				return ExprTrueWithout(expr->args[0], defines);
			if (expr->function == FUNCTION_IN_LIST)
				return ExprEmptyWithout(expr->args[1], defines);
			return nothing;
		default:
			return nothing;
	}
}
