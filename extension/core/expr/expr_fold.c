/*
 * expr_fold.c
 *		What of an expression can be prepared when it is compiled.
 *
 * A sequence of literals is made once, and a folded text is compared with a literal without making it.
 * Rules say upper-case(normalize-space(x)) = 'VAT' a hundred times over.  Such comparisons become one
 * node that looks at the text in place; whatever is unusual (several items, letters beyond ASCII,
 * white space inside) takes the general way.
 */
#include "core/expr/expr_tree.h"

typedef struct Single
{
	ExprItem item;
	uint32_t count;
} Single;

static bool
TakeSingle(void *state, ExprItem item)
{
	Single *single = state;

	if (single->count++ == 0)
		single->item = item;
	return single->count > 1;
}

static char
UpperAscii(char c)
{
	return c >= 'a' && c <= 'z' ? (char) (c ^ 0x20) : c;
}

/* Compare in place; false in *decided where the general way must decide. */
static bool
FoldedEqual(Span text, Span literal, uint8_t folding, bool *decided)
{
	*decided = true;
	if (folding & FOLD_SPACE)
		text = SpanTrim(text);
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char) text.data[i] >= 0x80 ||
			((folding & FOLD_SPACE) && IsXmlSpace(text.data[i])))
		{
			*decided = false;
			return false;
		}
	if (text.length != literal.length)
		return false;
	if (!(folding & FOLD_CASE))
		return text.length == 0 || memcmp(text.data, literal.data, text.length) == 0;
	for (size_t i = 0; i < text.length; i++)
		if (UpperAscii(text.data[i]) != literal.data[i])
			return false;
	return true;
}

bool
EvaluateTextEquals(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	const Expr *path = expr->args[0];
	Span literal = expr->args[1]->literal.as.text;
	Single single = {.count = 0};
	bool decided = false;
	bool equal;

	if (path->simple && focus->item.type == ITEM_NODE)
	{
		single.item.type = ITEM_NODE;
		single.count = PathFind(evaluator->tree, path, focus, 2, &single.item.as.node);
	}
	else if (path->op == EXPR_DOT)
		TakeSingle(&single, focus->item);
	else
		PathVisit(evaluator, path, focus, TakeSingle, &single);
	if (evaluator->status != CLEX_OK)
		return false;
	if (single.count == 0)
		return literal.length == 0;
	if (single.count == 1)
	{
		equal = FoldedEqual(ItemText(evaluator, single.item), literal, expr->folding, &decided);
		if (decided)
			return equal;
	}
	return EvaluateCondition(evaluator, expr->args[2], focus);
}

typedef struct AnySearch
{
	Evaluator *evaluator;
	const Expr *condition;
	bool found;
} AnySearch;

static bool
HoldsAt(void *state, ExprItem item)
{
	AnySearch *search = state;
	Focus focus = {item, 1, 1};

	search->found = EvaluateCondition(search->evaluator, search->condition, &focus);
	return search->found || search->evaluator->status != CLEX_OK;
}

bool
EvaluateTextEqualsAny(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	AnySearch search = {evaluator, expr->args[1], false};

	PathVisit(evaluator, expr->args[0], focus, HoldsAt, &search);
	return search.found && evaluator->status == CLEX_OK;
}

/* Strip normalize-space() and upper-case() from the outside in; NULL if there is none or more. */
static Expr *
FoldedPath(Expr *expr, uint8_t *folding)
{
	*folding = 0;
	while (expr->op == EXPR_CALL && expr->arg_count == 1 &&
		   (expr->function == FUNCTION_NORMALIZE_SPACE || expr->function == FUNCTION_UPPER_CASE))
	{
		*folding |= expr->function == FUNCTION_UPPER_CASE ? FOLD_CASE : FOLD_SPACE;
		expr = expr->args[0];
	}
	if (*folding == 0 || (expr->op != EXPR_DOT && (expr->op != EXPR_PATH || expr->unordered)))
		return NULL;
	return expr;
}

/* Rewrite the comparison at this node if it is one; args[2] keeps the general form. */
static void
FoldComparison(Expr *expr, Arena *arena)
{
	Expr *general;
	Expr **args;
	Expr *path;
	uint8_t folding;

	if (expr->op != EXPR_COMPARE || expr->operator_ != COMPARE_EQ ||
		expr->args[1]->op != EXPR_LITERAL || expr->args[1]->literal.type != ITEM_TEXT ||
		(path = FoldedPath(expr->args[0], &folding)) == NULL)
		return;
	general = ArenaAlloc(arena, sizeof(Expr));
	args = ArenaAllocArray(arena, 3, sizeof(Expr *));
	if (general == NULL || args == NULL)
		return;
	*general = *expr;
	args[0] = path;
	args[1] = expr->args[1];
	args[2] = general;
	expr->op = EXPR_TEXT_EQUALS;
	expr->folding = folding;
	expr->args = args;
	expr->arg_count = 3;
}

/* A copy of a path without its last step, which is an expression; NULL if it is no such path. */
static Expr *
PathBeforeText(const Expr *path, Expr **text, Arena *arena)
{
	Expr *copy;
	Step **end;

	if (path->op != EXPR_PATH || path->steps == NULL || path->unordered)
		return NULL;
	copy = ArenaAlloc(arena, sizeof(Expr));
	if (copy == NULL)
		return NULL;
	*copy = *path;
	end = &copy->steps;
	for (const Step *step = path->steps; step->next != NULL; step = step->next)
	{
		if (!step->plain || (*end = ArenaAlloc(arena, sizeof(Step))) == NULL)
			return NULL;
		**end = *step;
		end = &(*end)->next;
		*text = step->next->expression;
		if (step->next->axis == AXIS_EXPRESSION && step->next->next == NULL)
		{
			*end = NULL;
			return step->next->predicate_count == 0 ? copy : NULL;
		}
	}
	return NULL;
}

/* Rewrite "path/text = literal"; what is compared at each node is folded by itself. */
static void
FoldPathComparison(Expr *expr, Arena *arena)
{
	Expr *copies;
	Expr **args;
	Expr **inner;
	Expr *path;
	Expr *text;

	if (expr->op != EXPR_COMPARE || expr->operator_ != COMPARE_EQ ||
		expr->args[1]->op != EXPR_LITERAL || expr->args[1]->literal.type != ITEM_TEXT ||
		(path = PathBeforeText(expr->args[0], &text, arena)) == NULL)
		return;
	copies = ArenaAllocArray(arena, 2, sizeof(Expr));
	args = ArenaAllocArray(arena, 3, sizeof(Expr *));
	inner = ArenaAllocArray(arena, 2, sizeof(Expr *));
	if (copies == NULL || args == NULL || inner == NULL)
		return;
	copies[0] = copies[1] = *expr;
	inner[0] = text;
	inner[1] = expr->args[1];
	copies[0].args = inner;
	FoldComparison(&copies[0], arena);
	args[0] = path;
	args[1] = &copies[0];
	args[2] = &copies[1];
	expr->op = EXPR_TEXT_EQUALS_ANY;
	expr->args = args;
	expr->arg_count = 3;
}

/* Steps that lead from nodes to nodes are walked by the short way. */
static void
MarkPlainSteps(Expr *expr)
{
	for (Step *step = expr->steps; step != NULL; step = step->next)
		step->plain = !step->positional && step->nth == 0 && step->axis != AXIS_EXPRESSION &&
					  step->test != TEST_TEXT;
}

/* A sequence of nothing but literals has one value. */
static void
FoldSequence(Expr *expr, Arena *arena)
{
	ExprItem *items;

	if (expr->op != EXPR_SEQUENCE || expr->arg_count == 0)
		return;
	for (uint16_t i = 0; i < expr->arg_count; i++)
		if (expr->args[i]->op != EXPR_LITERAL)
			return;
	items = ArenaAllocArray(arena, expr->arg_count, sizeof(ExprItem));
	if (items == NULL)
		return;
	for (uint16_t i = 0; i < expr->arg_count; i++)
		items[i] = expr->args[i]->literal;
	expr->constant =
		(Sequence){.items = items, .count = expr->arg_count, .capacity = expr->arg_count};
}

/* Everywhere below an expression, predicates included. */
void
FoldExpression(Expr *expr, Arena *arena)
{
	for (uint16_t i = 0; i < expr->arg_count; i++)
		FoldExpression(expr->args[i], arena);
	if (expr->start_expression != NULL)
		FoldExpression(expr->start_expression, arena);
	for (Step *step = expr->steps; step != NULL; step = step->next)
	{
		if (step->expression != NULL)
			FoldExpression(step->expression, arena);
		for (uint16_t i = 0; i < step->predicate_count; i++)
			FoldExpression(step->predicates[i], arena);
	}
	MarkPlainSteps(expr);
	FoldSequence(expr, arena);
	FoldComparison(expr, arena);
	FoldPathComparison(expr, arena);
}
