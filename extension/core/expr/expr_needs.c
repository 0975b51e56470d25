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

/* Where an expression is evaluated: the document-wide values, and the name of its context node. */
typedef struct Place
{
	Expr *const *defines; /* NULL: not told */
	NameId context;
} Place;

static const ExprNeeds nothing = {0};

static ExprNeeds EmptyWithout(const Expr *expr, Place place);
static ExprNeeds FalseWithout(const Expr *expr, Place place);
static ExprNeeds TrueWithout(const Expr *expr, Place place);

/* Document-wide values are evaluated on the document. */
static const Expr *
Definition(const Expr *global, Place *place)
{
	place->context = NAME_NONE;
	return place->defines != NULL ? place->defines[global->slot] : NULL;
}

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

/*
 * Either claim is enough.  One that has a single group joins each group of the other, as any of its
 * traits will do; of two larger ones the first is kept.
 */
static ExprNeeds
Either(ExprNeeds a, ExprNeeds b)
{
	ExprNeeds both;

	if (a.count == 0)
		return b;
	if (b.count == 0)
		return a;
	if (a.count == 1 && b.count > 1)
		return Either(b, a);
	both = a;
	if (b.count > 1 || !AddGuards(&both, &b))
		return a;
	for (uint8_t i = 0; i < both.count; i++)
		for (uint8_t j = 0; j < b.groups[0].count && both.groups[i].count < EXPR_MAX_GROUP_TRAITS;
			 j++)
			both.groups[i].traits[both.groups[i].count++] = b.groups[0].traits[j];
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
		name.guards[0] = TRAIT_REPEATED + step->name;
		if (!AddGuards(guards, &name))
			return false;
	}
	return true;
}

static bool IsSafeCondition(const Expr *expr, Place place, ExprNeeds *guards);
static bool IsNodeText(const Expr *expr, Place place, ExprNeeds *guards);

/* Do the predicates of a step evaluate without error, guards aside? */
static bool
IsStepSafe(const Step *step, Place place, ExprNeeds *guards)
{
	for (uint16_t i = 0; i < step->predicate_count; i++)
		if (step->positional || !IsSafeCondition(step->predicates[i], place, guards))
			return false;
	return true;
}

/* Do the predicates of a path, and what it starts from, evaluate without error, guards aside? */
static bool
ArePredicatesSafe(const Expr *path, Place place, ExprNeeds *guards)
{
	const Expr *start = path->start_expression;

	if (start != NULL && start->op != EXPR_VARIABLE && !IsNodeText(start, place, guards))
		return false;
	for (const Step *step = path->steps; step != NULL; step = step->next)
		if ((step->expression != NULL && !IsNodeText(step->expression, place, guards)) ||
			!IsStepSafe(step, place, guards))
			return false;
	return true;
}

/*
 * Does an expression yield nothing but values of nodes, at most trimmed or in upper case, and without
 * error?  Then it equals a short text only if some node of the document has that text.
 */
static bool
IsNodeText(const Expr *expr, Place place, ExprNeeds *guards)
{
	const Step *last;

	switch (expr->op)
	{
		case EXPR_DOT:
			return true;
		case EXPR_GLOBAL:
			expr = Definition(expr, &place);
			return expr != NULL && IsNodeText(expr, place, guards);
		case EXPR_CALL:
			return expr->arg_count == 1 &&
				   (expr->function == FUNCTION_NORMALIZE_SPACE ||
					expr->function == FUNCTION_UPPER_CASE || expr->function == FUNCTION_STRING) &&
				   (expr->args[0]->op == EXPR_CALL ? IsNodeText(expr->args[0], place, guards)
												   : GuardPath(expr->args[0], guards));
		case EXPR_UNION:
		case EXPR_SEQUENCE:
			for (uint16_t i = 0; i < expr->arg_count; i++)
				if (!IsNodeText(expr->args[i], place, guards))
					return false;
			return true;
		case EXPR_PATH:
			if (expr->steps == NULL || !ArePredicatesSafe(expr, place, guards))
				return false;
			for (last = expr->steps; last->next != NULL; last = last->next)
				if (last->axis == AXIS_EXPRESSION && last->expression->op != EXPR_UNION &&
					last->expression->op != EXPR_PATH && last->expression->op != EXPR_GLOBAL)
					return false;
			return last->axis != AXIS_EXPRESSION || IsNodeText(last->expression, place, guards);
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
IsSafeCondition(const Expr *expr, Place place, ExprNeeds *guards)
{
	switch (expr->op)
	{
		case EXPR_PATH:
			return ExprTargetName(expr) != NAME_NONE && ArePredicatesSafe(expr, place, guards);
		case EXPR_TEXT_EQUALS_ANY:
			return IsSafeCondition(expr->args[2], place, guards);
		case EXPR_TEXT_EQUALS:
			return GuardPath(expr->args[0], guards);
		case EXPR_COMPARE:
			return IsText(expr->args[1]) && IsNodeText(expr->args[0], place, guards);
		case EXPR_AND:
		case EXPR_OR:
			for (uint16_t i = 0; i < expr->arg_count; i++)
				if (!IsSafeCondition(expr->args[i], place, guards))
					return false;
			return true;
		case EXPR_CALL:
			/* whether there are nodes can be asked of any path */
			if ((expr->function == FUNCTION_EXISTS || expr->function == FUNCTION_EMPTY) &&
				expr->args[0]->op == EXPR_PATH)
				return ArePredicatesSafe(expr->args[0], place, guards);
			return (expr->function == FUNCTION_EXISTS || expr->function == FUNCTION_EMPTY ||
					expr->function == FUNCTION_NOT) &&
				   IsSafeCondition(expr->args[0], place, guards);
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
EqualsFalseWithout(const Expr *left, const Expr *right, Place place)
{
	ExprNeeds needs = nothing;
	ExprNeeds guards = nothing;

	if (!IsNodeText(left, place, &guards))
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

/* The trait of a step by name: the pair, where the names of the nodes it starts from are known. */
static uint32_t
StepTrait(const Step *step, NameId from)
{
	bool below = step->axis == AXIS_CHILD || step->axis == AXIS_ATTRIBUTE;

	return below && from != NAME_UNKNOWN ? TraitOfPair(from, step->name) : step->name;
}

/* The name of the nodes that a step leads to. */
static NameId
StepTarget(const Step *step, NameId from)
{
	if (step->axis == AXIS_EXPRESSION)
		return NAME_UNKNOWN;
	if (step->test == TEST_NAME)
		return step->name;
	return step->axis == AXIS_SELF && step->test == TEST_NODE ? from : NAME_UNKNOWN;
}

/* The name of the nodes that a path starts from. */
static NameId
PathOrigin(const Expr *path, Place place)
{
	if (path->start == START_CONTEXT)
		return place.context;
	return path->start == START_ROOT ? NAME_NONE : NAME_UNKNOWN;
}

/*
 * A path needs every name on its way, and its predicates to hold.  What comes behind a predicate that may
 * fail says nothing, as the failure comes first.
 */
static ExprNeeds
PathEmptyWithout(const Expr *expr, Place place)
{
	ExprNeeds needs = nothing;
	ExprNeeds guards = nothing;
	NameId from = PathOrigin(expr, place);

	if (expr->start == START_EXPRESSION)
		needs = EmptyWithout(expr->start_expression, place);
	for (const Step *step = expr->steps; step != NULL; step = step->next)
	{
		ExprNeeds more = nothing;
		Place here = {place.defines, StepTarget(step, from)};

		if (step->axis == AXIS_EXPRESSION)
		{
			if (step->expression->op == EXPR_PATH || step->expression->op == EXPR_UNION ||
				step->expression->op == EXPR_GLOBAL)
				more = EmptyWithout(step->expression, (Place){place.defines, from});
		}
		else if (step->test == TEST_NAME)
			more = OneTrait(StepTrait(step, from));
		needs = Either(more, needs);
		from = here.context;
		/* "." in a predicate is a node, or what the expression of the step yields */
		if ((step->positional && step->nth == 0) ||
			(step->axis == AXIS_EXPRESSION && !IsNodeText(step->expression, place, &guards)))
			break;
		for (uint16_t i = 0; i < step->predicate_count && step->nth == 0; i++)
		{
			needs = Either(needs, FalseWithout(step->predicates[i], here));
			if (!IsSafeCondition(step->predicates[i], here, &guards))
				return AddGuards(&needs, &guards) ? needs : nothing;
		}
	}
	return needs.count > 0 && AddGuards(&needs, &guards) ? needs : nothing;
}

/*
 * A path of children yields at most one node unless a name on its way occurs twice under a parent: all
 * of those are needed for a second one.
 */
static ExprNeeds
SingleWithout(const Expr *expr, Place place)
{
	ExprNeeds needs = nothing;
	ExprNeeds guards = nothing;

	if (expr->op != EXPR_PATH || expr->start == START_EXPRESSION || expr->steps == NULL ||
		!ArePredicatesSafe(expr, place, &guards))
		return nothing;
	for (const Step *step = expr->steps; step != NULL; step = step->next)
	{
		ExprNeeds one = OneTrait(TRAIT_REPEATED + step->name);

		if (step->test != TEST_NAME || (step->axis != AXIS_CHILD && step->axis != AXIS_ATTRIBUTE))
			return nothing;
		if (step->axis == AXIS_CHILD)
			needs = step == expr->steps ? one : Both(needs, one);
		if (needs.count == 0)
			return nothing;
	}
	return AddGuards(&needs, &guards) ? needs : nothing;
}

static ExprNeeds
EmptyWithout(const Expr *expr, Place place)
{
	ExprNeeds needs;

	switch (expr->op)
	{
		case EXPR_PATH:
			return PathEmptyWithout(expr, place);
		case EXPR_GLOBAL:
			expr = Definition(expr, &place);
			return expr != NULL ? EmptyWithout(expr, place) : nothing;
		case EXPR_UNION:
		case EXPR_SEQUENCE:
			if (expr->arg_count == 0)
				return nothing;
			needs = EmptyWithout(expr->args[0], place);
			for (uint16_t i = 1; i < expr->arg_count; i++)
				needs = Both(needs, EmptyWithout(expr->args[i], place));
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

/* Does "number operator literal" hold, for a whole number? */
static bool
HoldsFor(int number, CompareOperator operator_, const Decimal *literal)
{
	int order = DecimalCompare(DecimalFromInt64(number), *literal);

	switch (operator_)
	{
		case COMPARE_EQ:
			return order == 0;
		case COMPARE_NE:
			return order != 0;
		case COMPARE_LT:
			return order < 0;
		case COMPARE_LE:
			return order <= 0;
		case COMPARE_GT:
			return order > 0;
		case COMPARE_GE:
			return order >= 0;
	}
	return false;
}

/* function(P) compared with a number. */
static bool
IsCallAndNumber(const Expr *expr, FunctionId function)
{
	const Expr *call = expr->args[0];
	const Expr *literal = expr->args[1];

	return call->op == EXPR_CALL && call->function == function && literal->op == EXPR_LITERAL &&
		   literal->literal.type == ITEM_DECIMAL;
}

/* count(P) op literal, which may hold for no node, or for one at most. */
static ExprNeeds
CountHoldsWithout(const Expr *expr, Place place)
{
	CompareOperator operator_ = (CompareOperator) expr->operator_;
	const Decimal *literal = expr->args[1]->literal.as.decimal;
	const Expr *path;

	if (!IsCallAndNumber(expr, FUNCTION_COUNT) || !HoldsFor(0, operator_, literal))
		return nothing;
	path = expr->args[0]->args[0];
	if (!HoldsFor(1, operator_, literal))
		return EmptyWithout(path, place);
	return Either(SingleWithout(path, place), EmptyWithout(path, place));
}

/* scale(P) > 2: false unless a node of that name is written with more places. */
static ExprNeeds
ScaleFalseWithout(const Expr *expr, Place place)
{
	ExprNeeds needs;
	ExprNeeds guards = nothing;
	const Expr *path;
	NameId name;

	if (!IsCallAndNumber(expr, FUNCTION_SCALE) || expr->operator_ != COMPARE_GT ||
		!HoldsFor(TRAIT_FINE_SCALE, COMPARE_LE, expr->args[1]->literal.as.decimal))
		return nothing;
	path = expr->args[0]->args[0];
	name = path->op == EXPR_DOT ? place.context : ExprTargetName(path);
	if (name == NAME_UNKNOWN || name == NAME_NONE || !GuardPath(path, &guards))
		return nothing;
	needs = OneTrait(TRAIT_FINE + name);
	return AddGuards(&needs, &guards) ? needs : nothing;
}

static bool
IsLiteralTrue(const Expr *expr)
{
	return expr->op == EXPR_CALL && expr->function == FUNCTION_TRUE;
}

static ExprNeeds
TrueWithout(const Expr *expr, Place place)
{
	ExprNeeds needs;

	switch (expr->op)
	{
		case EXPR_AND:
			needs = TrueWithout(expr->args[0], place);
			for (uint16_t i = 1; i < expr->arg_count; i++)
				needs = Both(needs, TrueWithout(expr->args[i], place));
			return needs;
		case EXPR_OR:
			/* what comes before the first certain operand might fail to evaluate */
			return TrueWithout(expr->args[0], place);
		case EXPR_EVERY:
			return EmptyWithout(expr->args[0], place);
		case EXPR_IF:
			if (IsLiteralTrue(expr->args[2]))
				return FalseWithout(expr->args[0], place);
			/* a false condition leaves the second branch to hold */
			return Both(FalseWithout(expr->args[0], place), TrueWithout(expr->args[2], place));
		case EXPR_COMPARE:
			return CountHoldsWithout(expr, place);
		case EXPR_CALL:
			if (expr->function == FUNCTION_EMPTY)
				return EmptyWithout(expr->args[0], place);
			if (expr->function == FUNCTION_NOT)
				return FalseWithout(expr->args[0], place);
			return nothing;
		default:
			return nothing;
	}
}

static ExprNeeds
FalseWithout(const Expr *expr, Place place)
{
	ExprNeeds needs;

	switch (expr->op)
	{
		case EXPR_PATH:
		case EXPR_UNION:
			return ExprTargetName(expr) != NAME_NONE || expr->op == EXPR_UNION
					   ? EmptyWithout(expr, place)
					   : nothing;
		case EXPR_AND:
			return FalseWithout(expr->args[0], place);
		case EXPR_OR:
			needs = FalseWithout(expr->args[0], place);
			for (uint16_t i = 1; i < expr->arg_count; i++)
				needs = Both(needs, FalseWithout(expr->args[i], place));
			return needs;
		case EXPR_COMPARE:
			needs = Either(EmptyWithout(expr->args[0], place), EmptyWithout(expr->args[1], place));
			if (expr->operator_ == COMPARE_EQ)
				needs = Either(needs, EqualsFalseWithout(expr->args[0], expr->args[1], place));
			return Either(ScaleFalseWithout(expr, place), needs);
		case EXPR_TEXT_EQUALS_ANY:
			return FalseWithout(expr->args[2], place);
		case EXPR_TEXT_EQUALS:
			/* without a node, the text is empty: but "." is there */
			if (expr->args[1]->literal.as.text.length == 0)
				return expr->args[0]->op == EXPR_DOT && (expr->folding & FOLD_SPACE)
						   ? OneTrait(TRAIT_BLANK)
						   : nothing;
			return Either(EmptyWithout(expr->args[0], place),
						  EqualsFalseWithout(expr->args[2]->args[0], expr->args[1], place));
		case EXPR_SOME:
			return EmptyWithout(expr->args[0], place);
		case EXPR_CALL:
			if (expr->function == FUNCTION_EXISTS)
				return EmptyWithout(expr->args[0], place);
			if (expr->function == FUNCTION_NOT)
				return TrueWithout(expr->args[0], place);
			if (expr->function == FUNCTION_IN_LIST)
				return EmptyWithout(expr->args[1], place);
			return nothing;
		default:
			return nothing;
	}
}

ExprNeeds
ExprTrueWithout(const Expr *expr, NameId context, Expr *const *defines)
{
	return TrueWithout(expr, (Place){defines, context});
}

ExprNeeds
ExprEmptyWithout(const Expr *expr, Expr *const *defines)
{
	return EmptyWithout(expr, (Place){defines, NAME_NONE});
}
