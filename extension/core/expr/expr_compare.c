/*
 * expr_compare.c
 *		General comparisons: true as soon as one pair of items fits.
 */
#include "core/expr/expr_tree.h"

typedef struct Comparison
{
	Evaluator *evaluator;
	CompareOperator operator_;
	const Sequence *other;
	bool holds;
} Comparison;

/* Is a text among texts?  False in *decided where there are other items. */
static bool
IsAmongTexts(Comparison *comparison, ExprItem item, bool *decided)
{
	const Sequence *other = comparison->other;
	ExprItem value = ItemAtomize(comparison->evaluator, item);

	*decided = value.type == ITEM_UNTYPED || value.type == ITEM_TEXT;
	for (uint32_t i = 0; i < other->count && *decided; i++)
	{
		const ExprItem *one = &other->items[i];

		if (one->type != ITEM_TEXT)
			*decided = false;
		else if (SpanEqual(one->as.text, value.as.text))
			return true;
	}
	return false;
}

/* Does an item of the left path stand in relation to some item on the right? */
static bool
CompareWithAll(void *state, ExprItem item)
{
	Comparison *comparison = state;

	if (comparison->operator_ == COMPARE_EQ && comparison->other->count > 1)
	{
		bool decided;

		EvaluatorCharge(comparison->evaluator, comparison->other->count);
		comparison->holds = IsAmongTexts(comparison, item, &decided);
		if (decided || comparison->holds)
			return comparison->holds || comparison->evaluator->status != CLEX_OK;
	}
	for (uint32_t i = 0; i < comparison->other->count && EvaluatorStep(comparison->evaluator); i++)
		if (ItemsCompare(comparison->evaluator, comparison->operator_, item,
						 comparison->other->items[i]))
		{
			comparison->holds = true;
			return true;
		}
	return comparison->evaluator->status != CLEX_OK;
}

static bool
IsTextLiteral(const Expr *expr)
{
	return expr->op == EXPR_LITERAL && expr->literal.type == ITEM_TEXT;
}

typedef struct LiteralSearch
{
	Evaluator *evaluator;
	const ExprItem *literal; /* text */
	bool found;
} LiteralSearch;

/* "path = 'text'": on untyped values and text a comparison of bytes. */
static bool
EqualsLiteral(void *state, ExprItem item)
{
	LiteralSearch *search = state;
	const Tree *tree = search->evaluator->tree;

	if (item.type == ITEM_NODE && TreeAt(tree, item.as.node)->type == VALUE_UNTYPED)
		search->found = SpanEqual(TreeText(tree, item.as.node), search->literal->as.text);
	else if (item.type == ITEM_UNTYPED || item.type == ITEM_TEXT)
		search->found = SpanEqual(item.as.text, search->literal->as.text);
	else
		search->found = ItemsCompare(search->evaluator, COMPARE_EQ, item, *search->literal);
	return search->found || search->evaluator->status != CLEX_OK;
}

/* An expression equals a text: the commonest condition of all. */
static bool
ComparesEqualText(Evaluator *evaluator, const Expr *left, const ExprItem *literal,
				  const Focus *focus)
{
	LiteralSearch search = {evaluator, literal, false};
	const Sequence *value;
	Sequence own;

	if (left->simple && focus->item.type == ITEM_NODE)
	{
		ExprItem item = {.type = ITEM_NODE};
		uint32_t count = PathFind(evaluator->tree, left, focus, 2, &item.as.node);

		if (count == 1)
			EqualsLiteral(&search, item);
		else if (count > 1)
			PathVisit(evaluator, left, focus, EqualsLiteral, &search);
	}
	else if (left->op == EXPR_DOT)
		EqualsLiteral(&search, focus->item);
	else if (IsPath(left))
		PathVisit(evaluator, left, focus, EqualsLiteral, &search);
	else
	{
		value = Borrow(evaluator, left, focus, &own);
		for (uint32_t i = 0; i < value->count && evaluator->status == CLEX_OK; i++)
			if (EqualsLiteral(&search, value->items[i]))
				break;
	}
	return search.found && evaluator->status == CLEX_OK;
}

/* Does "number operator other" hold? */
static bool
WholeHolds(CompareOperator operator_, int64_t number, int64_t other)
{
	switch (operator_)
	{
		case COMPARE_EQ:
			return number == other;
		case COMPARE_NE:
			return number != other;
		case COMPARE_LT:
			return number < other;
		case COMPARE_LE:
			return number <= other;
		case COMPARE_GT:
			return number > other;
		case COMPARE_GE:
			return number >= other;
	}
	return false;
}

/* A count, a length or a scale beside a whole number: no decimal is made. False: it is none such. */
static bool
ComparesWhole(Evaluator *evaluator, const Expr *expr, const Focus *focus, bool *holds)
{
	const Expr *literal = expr->args[1];
	int64_t number;
	int64_t other;

	if (expr->args[0]->op != EXPR_CALL || literal->op != EXPR_LITERAL ||
		literal->literal.type != ITEM_DECIMAL || literal->literal.as.decimal->scale != 0 ||
		DecimalToInt64(*literal->literal.as.decimal, &other) != CLEX_OK || other < 0 ||
		other > INT32_MAX ||
		!EvaluateWholeCall(evaluator, expr->args[0], focus, other + 1, &number))
		return false;
	*holds = WholeHolds((CompareOperator) expr->operator_, number, other) &&
			 evaluator->status == CLEX_OK;
	return true;
}

/*
 * A general comparison.  The right side is evaluated first, the left one streamed against it; when
 * the left has no item the right is not an error, as in XPath either may be skipped.
 */
bool
EvaluateComparison(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	Sequence own_left;
	Sequence own_right;
	const Sequence *left;
	Comparison comparison = {evaluator, (CompareOperator) expr->operator_, NULL, false};
	Span text;
	bool found;

	if (IsTextLiteral(expr->args[1]) &&
		EvaluateTextValue(evaluator, expr->args[0], focus, &found, &text))
		return found && TextsCompare((CompareOperator) expr->operator_, text,
									 expr->args[1]->literal.as.text);
	if (expr->operator_ == COMPARE_EQ && IsTextLiteral(expr->args[1]))
		return ComparesEqualText(evaluator, expr->args[0], &expr->args[1]->literal, focus);
	if (ComparesWhole(evaluator, expr, focus, &comparison.holds))
		return comparison.holds;
	if (IsPath(expr->args[0]))
	{
		comparison.other = Borrow(evaluator, expr->args[1], focus, &own_right);
		if (comparison.other->count > 0 && evaluator->status == CLEX_OK)
			PathVisit(evaluator, expr->args[0], focus, CompareWithAll, &comparison);
		return comparison.holds && evaluator->status == CLEX_OK;
	}
	left = Borrow(evaluator, expr->args[0], focus, &own_left);
	if (evaluator->status != CLEX_OK || left->count == 0)
		return false;
	comparison.other = Borrow(evaluator, expr->args[1], focus, &own_right);
	for (uint32_t i = 0; i < left->count && evaluator->status == CLEX_OK; i++)
		if (CompareWithAll(&comparison, left->items[i]))
			break;
	return comparison.holds && evaluator->status == CLEX_OK;
}
