/*
 * expr_eval.c
 *		Evaluating compiled expressions.
 *
 * Three entries do the work: Evaluate yields a sequence, EvaluateCondition a truth value without
 * building one where it can, EvaluateItem at most one item.  A failure is remembered in the evaluator
 * and unwinds by itself: everything returns early, no longjmp.
 */
#include "core/expr/expr_tree.h"

#include <math.h>

#define INTERRUPT_EVERY 10000

ClexStatus
EvaluatorInit(Evaluator *evaluator, const Tree *tree, Vocabulary vocabulary, Arena *permanent,
			  Arena *scratch, uint64_t step_limit, ClexError *error)
{
	memset(evaluator, 0, sizeof(*evaluator));
	evaluator->tree = tree;
	evaluator->vocabulary = vocabulary;
	evaluator->scratch = scratch;
	evaluator->permanent = permanent;
	evaluator->step_limit = step_limit;
	evaluator->error = error;
	evaluator->interrupt_countdown = INTERRUPT_EVERY;
	evaluator->slots = ArenaAllocArray(permanent, MAX_VARIABLES, sizeof(Sequence));
	if (evaluator->slots == NULL)
		evaluator->status = ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	return evaluator->status;
}

ClexStatus
EvaluatorDefine(Evaluator *evaluator, Expr *const *defines, uint16_t count)
{
	evaluator->defines = defines;
	evaluator->globals = ArenaAllocZero(evaluator->permanent, (count + 1u) * sizeof(Sequence));
	if (evaluator->globals == NULL)
		EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory evaluating an expression");
	return evaluator->status;
}

/* A document-wide value; evaluated from the root when first asked for, and kept. */
static const Sequence *
Global(Evaluator *evaluator, uint16_t slot)
{
	static const Sequence none = {0};
	Sequence *global = &evaluator->globals[slot];

	if (global->items == NULL)
	{
		Arena *scratch = evaluator->scratch;
		Sequence *slots = evaluator->slots;
		Focus root = {{.type = ITEM_NODE, .as.node = 0}, 1, 1};

		SequenceInit(global);
		/* its variables are not those of the expression that asks */
		evaluator->slots = ArenaAllocArray(evaluator->permanent, MAX_VARIABLES, sizeof(Sequence));
		evaluator->scratch = evaluator->permanent;
		if (evaluator->slots != NULL)
			Evaluate(evaluator, evaluator->defines[slot], &root, global);
		else
			EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory evaluating an expression");
		evaluator->scratch = scratch;
		evaluator->slots = slots;
		if (evaluator->status != CLEX_OK)
		{
			/* it fails again for whoever asks next, where the first one may go on */
			global->items = NULL;
			return &none;
		}
	}
	return global;
}

/* Every so many steps: the limit and interrupts.  False when the evaluation must stop. */
bool
EvaluatorPause(Evaluator *evaluator)
{
	evaluator->steps += INTERRUPT_EVERY;
	evaluator->interrupt_countdown = INTERRUPT_EVERY;
	if (evaluator->status != CLEX_OK)
		return false;
	if (evaluator->step_limit > 0 && evaluator->steps > evaluator->step_limit)
	{
		EvaluationFail(evaluator, CLEX_LIMIT, "checking the document takes more than %llu steps",
					   (unsigned long long) evaluator->step_limit);
		ClexHint(evaluator->error, "Raise clex.max_steps for documents of this size.");
	}
	else if (ClexInterrupted(evaluator->scratch->env))
		EvaluationFail(evaluator, CLEX_INTERRUPTED, "canceled");
	return evaluator->status == CLEX_OK;
}

bool
EvaluatorCharge(Evaluator *evaluator, size_t work)
{
	if (work < evaluator->interrupt_countdown)
	{
		evaluator->interrupt_countdown -= (uint32_t) work;
		return evaluator->status == CLEX_OK;
	}
	evaluator->steps += work;
	return EvaluatorPause(evaluator);
}

static ExprItem
BooleanItem(bool value)
{
	return (ExprItem){.type = ITEM_BOOLEAN, .as.boolean = value};
}

/* ---- conditions ---- */

static bool
StopAtFirst(void *state, ExprItem item)
{
	(void) item;
	*(bool *) state = true;
	return true;
}

/* The effective boolean value of a sequence. */
static bool
SequenceIsTrue(Evaluator *evaluator, const Sequence *sequence)
{
	const ExprItem *item = &sequence->items[0];

	if (sequence->count == 0)
		return false;
	if (item->type == ITEM_NODE)
		return true;
	if (sequence->count > 1)
	{
		EvaluationFail(evaluator, CLEX_INVALID, "a condition has %u values instead of one",
					   sequence->count);
		return false;
	}
	switch (item->type)
	{
		case ITEM_BOOLEAN:
			return item->as.boolean;
		case ITEM_UNTYPED:
		case ITEM_TEXT:
			return item->as.text.length > 0;
		case ITEM_DECIMAL:
			return DecimalSign(*item->as.decimal) != 0;
		case ITEM_DOUBLE:
			return item->as.number != 0 && !isnan(item->as.number);
		default:
			EvaluationFail(evaluator, CLEX_INVALID, "a date is no condition");
			return false;
	}
}

typedef struct Comparison
{
	Evaluator *evaluator;
	CompareOperator operator_;
	const Sequence *other;
	bool holds;
} Comparison;

/* Does an item of the left path stand in relation to some item on the right? */
static bool
CompareWithAll(void *state, ExprItem item)
{
	Comparison *comparison = state;

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

/*
 * The value of an expression without copying it where it is stored already; `own` is used where it
 * is not.
 */
const Sequence *
Borrow(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *own)
{
	if (expr->op == EXPR_VARIABLE)
		return &evaluator->slots[expr->slot];
	if (expr->op == EXPR_GLOBAL)
		return Global(evaluator, expr->slot);
	SequenceInit(own);
	Evaluate(evaluator, expr, focus, own);
	return own;
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

	if (left->op == EXPR_DOT)
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

/*
 * A general comparison.  The right side is evaluated first, the left one streamed against it; when
 * the left has no item the right is not an error, as in XPath either may be skipped.
 */
static bool
EvaluateComparison(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	Sequence own_left;
	Sequence own_right;
	const Sequence *left;
	Comparison comparison = {evaluator, (CompareOperator) expr->operator_, NULL, false};

	if (expr->operator_ == COMPARE_EQ && IsTextLiteral(expr->args[1]))
		return ComparesEqualText(evaluator, expr->args[0], &expr->args[1]->literal, focus);
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

/* some / every: the first binding that decides ends it. */
static bool
EvaluateQuantified(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	bool some = expr->op == EXPR_SOME;
	Sequence values;

	SequenceInit(&values);
	Evaluate(evaluator, expr->args[0], focus, &values);
	for (uint32_t i = 0; i < values.count && evaluator->status == CLEX_OK; i++)
	{
		Sequence *slot = &evaluator->slots[expr->slot];

		SequenceInit(slot);
		SequenceSet(slot, values.items[i]);
		if (EvaluateCondition(evaluator, expr->args[1], focus) == some)
			return some;
	}
	return !some;
}

bool
EvaluateCondition(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	Sequence value;
	bool found = false;

	if (evaluator->status != CLEX_OK || !EvaluatorStep(evaluator))
		return false;
	switch (expr->op)
	{
		case EXPR_AND:
			for (uint16_t i = 0; i < expr->arg_count; i++)
				if (!EvaluateCondition(evaluator, expr->args[i], focus))
					return false;
			return evaluator->status == CLEX_OK;
		case EXPR_OR:
			for (uint16_t i = 0; i < expr->arg_count && evaluator->status == CLEX_OK; i++)
				if (EvaluateCondition(evaluator, expr->args[i], focus))
					return true;
			return false;
		case EXPR_COMPARE:
			return EvaluateComparison(evaluator, expr, focus);
		case EXPR_TEXT_EQUALS:
			return EvaluateTextEquals(evaluator, expr, focus);
		case EXPR_SOME:
		case EXPR_EVERY:
			return EvaluateQuantified(evaluator, expr, focus);
		case EXPR_IF:
			return EvaluateCondition(
				evaluator, expr->args[EvaluateCondition(evaluator, expr->args[0], focus) ? 1 : 2],
				focus);
		case EXPR_CALL:
			if (EvaluateBooleanCall(evaluator, expr, focus, &found))
				return found && evaluator->status == CLEX_OK;
			break;
		case EXPR_PATH:
			/* a path of nodes is true if there is one; values have truth values of their own */
			if (ExprTargetName(expr) == NAME_NONE)
				break;
			PathVisit(evaluator, expr, focus, StopAtFirst, &found);
			return found && evaluator->status == CLEX_OK;
		default:
			break;
	}
	SequenceInit(&value);
	Evaluate(evaluator, expr, focus, &value);
	return evaluator->status == CLEX_OK && SequenceIsTrue(evaluator, &value);
}

/* ---- arithmetic ---- */

/* Dates: date - date is days, date + n and date - n a date. */
static void
DateArithmetic(Evaluator *evaluator, const Expr *expr, ExprItem a, ExprItem b, Sequence *out)
{
	int32_t first;
	int32_t second;
	Decimal days;
	int64_t count;
	bool subtract = expr->operator_ == ARITHMETIC_SUBTRACT;

	if (a.type == ITEM_DATE && subtract && b.type != ITEM_DECIMAL && b.type != ITEM_DOUBLE)
	{
		if (ItemToDate(evaluator, a, &first) && ItemToDate(evaluator, b, &second))
			SequenceSet(out, ItemOfDecimal(evaluator, DecimalFromInt64((int64_t) first - second)));
		return;
	}
	if (a.type != ITEM_DATE && expr->operator_ == ARITHMETIC_ADD)
	{
		ExprItem swap = a;

		a = b;
		b = swap;
	}
	if (a.type != ITEM_DATE || b.type == ITEM_DATE ||
		(expr->operator_ != ARITHMETIC_ADD && !subtract))
	{
		EvaluationFail(evaluator, CLEX_INVALID, "dates cannot be calculated with like that");
		return;
	}
	if (!ItemToDecimal(evaluator, b, &days))
		return;
	if (DecimalToInt64(DecimalFloor(days), &count) != CLEX_OK || count > 10000000 ||
		count < -10000000 || a.as.date + (subtract ? -count : count) > DATE_MAX ||
		a.as.date + (subtract ? -count : count) < DATE_MIN)
	{
		EvaluationFail(evaluator, CLEX_OUT_OF_RANGE, "date out of range");
		return;
	}
	a.as.date += (int32_t) (subtract ? -count : count);
	SequenceSet(out, a);
}

static double
CalculateDoubles(Evaluator *evaluator, ArithmeticOperator operator_, double a, double b)
{
	switch (operator_)
	{
		case ARITHMETIC_ADD:
			return a + b;
		case ARITHMETIC_SUBTRACT:
			return a - b;
		case ARITHMETIC_MULTIPLY:
			return a * b;
		case ARITHMETIC_DIVIDE:
			return a / b;
		case ARITHMETIC_MODULO:
			return fmod(a, b);
		case ARITHMETIC_INTEGER_DIVIDE:
			if (b == 0 || isnan(a) || isnan(b) || isinf(a))
				EvaluationFail(evaluator, CLEX_INVALID, "division by zero");
			return trunc(a / b);
	}
	return 0;
}

static void
CalculateDecimals(Evaluator *evaluator, ArithmeticOperator operator_, const Decimal *a,
				  const Decimal *b, Sequence *out)
{
	Decimal result = DECIMAL_ZERO;
	Decimal other;
	ClexStatus status = CLEX_OK;

	switch (operator_)
	{
		case ARITHMETIC_ADD:
			status = DecimalAdd(*a, *b, &result);
			break;
		case ARITHMETIC_SUBTRACT:
			status = DecimalSubtract(*a, *b, &result);
			break;
		case ARITHMETIC_MULTIPLY:
			status = DecimalMultiply(*a, *b, &result);
			break;
		case ARITHMETIC_DIVIDE:
			status = DecimalDivide(*a, *b, a->scale > 18 ? a->scale : 18, &result);
			result = DecimalNormalize(result);
			break;
		case ARITHMETIC_INTEGER_DIVIDE:
			status = DecimalDivideWhole(*a, *b, &result, &other);
			break;
		case ARITHMETIC_MODULO:
			status = DecimalDivideWhole(*a, *b, &other, &result);
			break;
	}
	if (status == CLEX_INVALID)
		EvaluationFail(evaluator, CLEX_INVALID, "division by zero");
	else if (status != CLEX_OK)
		EvaluationFail(evaluator, CLEX_OUT_OF_RANGE, "a calculation has more than 38 digits");
	else
		SequenceSet(out, ItemOfDecimal(evaluator, result));
}

static void
EvaluateArithmetic(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	ExprItem a;
	ExprItem b;
	double p;
	double q;

	if (!EvaluateItem(evaluator, expr->args[0], focus, &a) ||
		!EvaluateItem(evaluator, expr->args[1], focus, &b))
		return;
	a = ItemAtomize(evaluator, a);
	b = ItemAtomize(evaluator, b);
	if (a.type == ITEM_DATE || b.type == ITEM_DATE)
	{
		DateArithmetic(evaluator, expr, a, b, out);
		return;
	}
	if (a.type == ITEM_DECIMAL && b.type == ITEM_DECIMAL)
	{
		CalculateDecimals(evaluator, (ArithmeticOperator) expr->operator_, a.as.decimal,
						  b.as.decimal, out);
		return;
	}
	if (a.type == ITEM_TEXT || b.type == ITEM_TEXT || a.type == ITEM_BOOLEAN ||
		b.type == ITEM_BOOLEAN)
	{
		EvaluationFail(evaluator, CLEX_INVALID, "%s is not a number",
					   QuoteValue(evaluator,
								  a.type == ITEM_TEXT || a.type == ITEM_BOOLEAN ? a : b));
		return;
	}
	if (ItemToDouble(evaluator, a, &p) && ItemToDouble(evaluator, b, &q))
	{
		double result = CalculateDoubles(evaluator, (ArithmeticOperator) expr->operator_, p, q);

		SequenceSet(out, (ExprItem){.type = ITEM_DOUBLE, .as.number = result});
	}
}

static void
EvaluateNegate(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	ExprItem item;
	double number;

	if (!EvaluateItem(evaluator, expr->args[0], focus, &item))
		return;
	item = ItemAtomize(evaluator, item);
	if (item.type == ITEM_DECIMAL)
		SequenceSet(out, ItemOfDecimal(evaluator, DecimalNegate(*item.as.decimal)));
	else if (ItemToDouble(evaluator, item, &number))
		SequenceSet(out, (ExprItem){.type = ITEM_DOUBLE, .as.number = -number});
}

/* ---- sequences ---- */

static void
EvaluateFor(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	Sequence values;

	SequenceInit(&values);
	Evaluate(evaluator, expr->args[0], focus, &values);
	for (uint32_t i = 0; i < values.count && evaluator->status == CLEX_OK; i++)
	{
		Sequence *slot = &evaluator->slots[expr->slot];

		SequenceInit(slot);
		SequenceSet(slot, values.items[i]);
		Evaluate(evaluator, expr->args[1], focus, out);
	}
}

static void
EvaluateLet(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	Sequence value;
	Sequence *slot = &evaluator->slots[expr->slot];

	SequenceInit(&value);
	Evaluate(evaluator, expr->args[0], focus, &value);
	SequenceInit(slot);
	for (uint32_t i = 0; i < value.count && evaluator->status == CLEX_OK; i++)
		SequenceAppend(evaluator, slot, value.items[i]);
	Evaluate(evaluator, expr->args[1], focus, out);
}

static void
EvaluateRange(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	ExprItem a;
	ExprItem b;
	Decimal p;
	Decimal q;
	int64_t from;
	int64_t to;

	if (!EvaluateItem(evaluator, expr->args[0], focus, &a) ||
		!EvaluateItem(evaluator, expr->args[1], focus, &b) || !ItemToDecimal(evaluator, a, &p) ||
		!ItemToDecimal(evaluator, b, &q))
		return;
	if (DecimalToInt64(p, &from) != CLEX_OK || DecimalToInt64(q, &to) != CLEX_OK ||
		(to > from && to - from > 1000000))
	{
		EvaluationFail(evaluator, CLEX_LIMIT, "a range has more than a million numbers");
		return;
	}
	for (int64_t i = from; i <= to && EvaluatorStep(evaluator); i++)
		SequenceAppend(evaluator, out, ItemOfDecimal(evaluator, DecimalFromInt64(i)));
}

static void
AppendAll(Evaluator *evaluator, const Sequence *from, Sequence *out)
{
	for (uint32_t i = 0; i < from->count && evaluator->status == CLEX_OK; i++)
		SequenceAppend(evaluator, out, from->items[i]);
}

/* Append the value of `expr` to `out`. */
void
Evaluate(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	Sequence part;

	if (!EvaluatorStep(evaluator))
		return;
	switch (expr->op)
	{
		case EXPR_LITERAL:
			SequenceAppend(evaluator, out, expr->literal);
			return;
		case EXPR_SEQUENCE:
			for (uint16_t i = 0; i < expr->arg_count; i++)
				Evaluate(evaluator, expr->args[i], focus, out);
			return;
		case EXPR_VARIABLE:
			AppendAll(evaluator, &evaluator->slots[expr->slot], out);
			return;
		case EXPR_GLOBAL:
			AppendAll(evaluator, Global(evaluator, expr->slot), out);
			return;
		case EXPR_DOT:
			SequenceAppend(evaluator, out, focus->item);
			return;
		case EXPR_PATH:
			if (out->count == 0)
			{
				PathCollect(evaluator, expr, focus, out);
				return;
			}
			SequenceInit(&part);
			PathCollect(evaluator, expr, focus, &part);
			AppendAll(evaluator, &part, out);
			return;
		case EXPR_UNION:
			SequenceInit(&part);
			for (uint16_t i = 0; i < expr->arg_count; i++)
				Evaluate(evaluator, expr->args[i], focus, &part);
			SortNodes(evaluator, &part);
			AppendAll(evaluator, &part, out);
			return;
		case EXPR_IF:
			Evaluate(evaluator,
					 expr->args[EvaluateCondition(evaluator, expr->args[0], focus) ? 1 : 2], focus,
					 out);
			return;
		case EXPR_FOR:
			EvaluateFor(evaluator, expr, focus, out);
			return;
		case EXPR_LET:
			EvaluateLet(evaluator, expr, focus, out);
			return;
		case EXPR_RANGE:
			EvaluateRange(evaluator, expr, focus, out);
			return;
		case EXPR_OR:
		case EXPR_AND:
		case EXPR_COMPARE:
		case EXPR_TEXT_EQUALS:
		case EXPR_SOME:
		case EXPR_EVERY:
			SequenceAppend(evaluator, out, BooleanItem(EvaluateCondition(evaluator, expr, focus)));
			return;
		case EXPR_ARITHMETIC:
		case EXPR_NEGATE:
		case EXPR_CALL:
			SequenceInit(&part);
			if (expr->op == EXPR_ARITHMETIC)
				EvaluateArithmetic(evaluator, expr, focus, &part);
			else if (expr->op == EXPR_NEGATE)
				EvaluateNegate(evaluator, expr, focus, &part);
			else
				EvaluateCall(evaluator, expr, focus, &part);
			AppendAll(evaluator, &part, out);
			return;
	}
}

bool
EvaluateItem(Evaluator *evaluator, const Expr *expr, const Focus *focus, ExprItem *item)
{
	Sequence value;

	SequenceInit(&value);
	Evaluate(evaluator, expr, focus, &value);
	if (evaluator->status != CLEX_OK || value.count == 0)
		return false;
	if (value.count > 1)
	{
		EvaluationFail(evaluator, CLEX_INVALID, "%u values where one is needed: %s, %s%s",
					   value.count, QuoteValue(evaluator, value.items[0]),
					   QuoteValue(evaluator, value.items[1]), value.count > 2 ? ", ..." : "");
		return false;
	}
	*item = value.items[0];
	return true;
}

/* ---- entries ---- */

static Focus
FocusOn(uint32_t node)
{
	return (Focus){{.type = ITEM_NODE, .as.node = node}, 1, 1};
}

bool
EvaluateBoolean(Evaluator *evaluator, const Expr *expr, uint32_t node)
{
	Focus focus = FocusOn(node);

	return EvaluateCondition(evaluator, expr, &focus);
}

void
EvaluateSequence(Evaluator *evaluator, const Expr *expr, uint32_t node, Sequence *out)
{
	Focus focus = FocusOn(node);

	SequenceInit(out);
	Evaluate(evaluator, expr, &focus, out);
}

void
EvaluateNodes(Evaluator *evaluator, const Expr *expr, uint32_t node, Vector *nodes)
{
	Sequence value;

	EvaluateSequence(evaluator, expr, node, &value);
	SortNodes(evaluator, &value);
	for (uint32_t i = 0; i < value.count && evaluator->status == CLEX_OK; i++)
	{
		uint32_t *slot;

		if (value.items[i].type != ITEM_NODE)
			EvaluationFail(evaluator, CLEX_INVALID, "a context is not a node");
		else if ((slot = VectorPush(nodes)) == NULL)
			EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory");
		else
			*slot = value.items[i].as.node;
	}
}

Span
EvaluateText(Evaluator *evaluator, const Expr *expr, uint32_t node)
{
	Sequence value;
	Text text;

	EvaluateSequence(evaluator, expr, node, &value);
	if (evaluator->status != CLEX_OK || value.count == 0)
		return (Span){NULL, 0};
	if (value.count == 1)
	{
		Span single = ItemText(evaluator, value.items[0]);

		return single.data != NULL ? single : SPAN_LITERAL("");
	}
	TextInit(&text, evaluator->scratch);
	for (uint32_t i = 0; i < value.count; i++)
	{
		if (i > 0)
			TextAppendChar(&text, ' ');
		TextAppendSpan(&text, ItemText(evaluator, value.items[i]));
	}
	return text.data != NULL ? TextSpan(&text) : SPAN_LITERAL("");
}
