/*
 * expr_explain.c
 *		Why a condition is false, for the reader of a finding.
 *
 * The shape of the condition tells: the sides of the comparison that failed, the code and its list,
 * the element that should not be there.  Nothing is guessed: where the shape says nothing, neither
 * do we.
 */
#include "core/expr/expr_tree.h"

static void Explain(Evaluator *evaluator, const Expr *expr, const Focus *focus, bool wanted,
					Explanation *explanation);

typedef struct First
{
	ExprItem item;
	bool found;
} First;

static bool
TakeFirst(void *state, ExprItem item)
{
	First *first = state;

	first->item = item;
	first->found = true;
	return true;
}

/* The first item of an expression, if it is a path or a call on one that keeps the place visible. */
static bool
FirstItem(Evaluator *evaluator, const Expr *expr, const Focus *focus, ExprItem *item)
{
	First first = {.found = false};
	Sequence value;

	if (IsPath(expr))
		PathVisit(evaluator, expr, focus, TakeFirst, &first);
	else
	{
		SequenceInit(&value);
		Evaluate(evaluator, expr, focus, &value);
		if (value.count > 0)
			TakeFirst(&first, value.items[0]);
	}
	*item = first.item;
	return first.found && evaluator->status == CLEX_OK;
}

/* The node that a value was computed from: through casts and text functions to their argument. */
static void
PointAt(Evaluator *evaluator, const Expr *expr, const Focus *focus, Explanation *explanation)
{
	ExprItem item;

	while (expr->op == EXPR_CALL && expr->arg_count > 0 && expr->function != FUNCTION_SUM &&
		   expr->function != FUNCTION_COUNT)
		expr = expr->args[0];
	if ((IsPath(expr) || expr->op == EXPR_DOT || expr->op == EXPR_UNION) &&
		FirstItem(evaluator, expr, focus, &item) && item.type == ITEM_NODE)
		explanation->node = item.as.node;
}

/* A short text of a value: the first few items; and what they are. */
static Span
ShortText(Evaluator *evaluator, const Expr *expr, const Focus *focus, ShownKind *kind)
{
	Sequence value;
	Text text;

	*kind = SHOWN_TEXT;
	SequenceInit(&value);
	Evaluate(evaluator, expr, focus, &value);
	if (evaluator->status != CLEX_OK || value.count == 0)
		return (Span){NULL, 0};
	*kind = SequenceKind(evaluator, &value);
	TextInit(&text, evaluator->scratch);
	for (uint32_t i = 0; i < value.count && i < 5; i++)
	{
		if (i > 0)
			TextAppend(&text, ", ", 2);
		TextAppendSpan(&text, SpanTrim(ItemText(evaluator, value.items[i])));
	}
	if (value.count > 5)
		TextAppend(&text, ", ...", 5);
	return text.data != NULL ? TextSpan(&text) : SPAN_LITERAL("");
}

/* Show the value of an expression as what was found. */
static void
ShowFound(Evaluator *evaluator, const Expr *expr, const Focus *focus, Explanation *explanation)
{
	explanation->found = ShortText(evaluator, expr, focus, &explanation->found_kind);
	PointAt(evaluator, expr, focus, explanation);
}

static void
ExplainComparison(Evaluator *evaluator, const Expr *expr, const Focus *focus,
				  Explanation *explanation)
{
	static const char *const words[] = {"", "not ", "< ", "<= ", "> ", ">= "};
	Span right = ShortText(evaluator, expr->args[1], focus, &explanation->expected_kind);

	ShowFound(evaluator, expr->args[0], focus, explanation);
	MatchKinds(&explanation->found_kind, &explanation->expected_kind);
	/* `x != ''` asks for any text: there is nothing to expect */
	if (right.data != NULL && (right.length > 0 || expr->operator_ == COMPARE_EQ))
	{
		const char *text = ArenaPrintf(evaluator->scratch, "%s%.*s", words[expr->operator_],
									   (int) (right.length > 500 ? 500 : right.length), right.data);

		if (text != NULL)
			explanation->expected = SpanFromCString(text);
	}
}

/* Calls: exists, empty, not, in-list. */
static void
ExplainCall(Evaluator *evaluator, const Expr *expr, const Focus *focus, bool wanted,
			Explanation *explanation)
{
	switch ((FunctionId) expr->function)
	{
		case FUNCTION_NOT:
			Explain(evaluator, expr->args[0], focus, !wanted, explanation);
			return;
		case FUNCTION_EMPTY:
			if (wanted)
				ShowFound(evaluator, expr->args[0], focus, explanation);
			return;
		case FUNCTION_EXISTS:
			if (!wanted)
				ShowFound(evaluator, expr->args[0], focus, explanation);
			return;
		case FUNCTION_IN_LIST:
			ShowFound(evaluator, expr->args[1], focus, explanation);
			explanation->list = expr->list->list;
			return;
		default:
			return;
	}
}

/* `wanted` is what the expression should have been; it is not. */
static void
Explain(Evaluator *evaluator, const Expr *expr, const Focus *focus, bool wanted,
		Explanation *explanation)
{
	switch (expr->op)
	{
		case EXPR_AND:
		case EXPR_OR:
			/* the operand that decided: for "and" the first false one, for "or" the last */
			for (uint16_t i = 0; i < expr->arg_count && evaluator->status == CLEX_OK; i++)
				if ((expr->op == EXPR_OR && i + 1 == expr->arg_count) ||
					(expr->op == EXPR_AND &&
					 EvaluateCondition(evaluator, expr->args[i], focus) != wanted))
				{
					Explain(evaluator, expr->args[i], focus, wanted, explanation);
					return;
				}
			return;
		case EXPR_IF:
			Explain(evaluator,
					expr->args[EvaluateCondition(evaluator, expr->args[0], focus) ? 1 : 2], focus,
					wanted, explanation);
			return;
		case EXPR_TEXT_EQUALS:
		case EXPR_TEXT_EQUALS_ANY:
			Explain(evaluator, expr->args[2], focus, wanted, explanation);
			return;
		case EXPR_COMPARE:
			if (wanted)
				ExplainComparison(evaluator, expr, focus, explanation);
			else
				ShowFound(evaluator, expr->args[0], focus, explanation);
			return;
		case EXPR_CALL:
			ExplainCall(evaluator, expr, focus, wanted, explanation);
			return;
		case EXPR_PATH:
			if (!wanted)
				ShowFound(evaluator, expr, focus, explanation);
			return;
		default:
			return;
	}
}

void
ExprExplain(Evaluator *evaluator, const Expr *expr, uint32_t node, Explanation *explanation)
{
	Focus focus = {{.type = ITEM_NODE, .as.node = node}, 1, 1};
	ClexStatus status = evaluator->status;

	memset(explanation, 0, sizeof(*explanation));
	Explain(evaluator, expr, &focus, true, explanation);
	/* a failure while explaining is no failure of the rule */
	evaluator->status = status;
}
