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
#include <stdlib.h>

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
	if (expr->constant.items != NULL)
		return &expr->constant;
	SequenceInit(own);
	Evaluate(evaluator, expr, focus, own);
	return own;
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
		case EXPR_TEXT_EQUALS_ANY:
			return EvaluateTextEqualsAny(evaluator, expr, focus);
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
			if (expr->simple && focus->item.type == ITEM_NODE)
			{
				uint32_t node;

				return PathFind(evaluator->tree, expr, focus, 1, &node) > 0;
			}
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

/* Operations that set their result: `out` is empty. */
static void
EvaluateOperation(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	if (expr->op == EXPR_ARITHMETIC)
		EvaluateArithmetic(evaluator, expr, focus, out);
	else if (expr->op == EXPR_NEGATE)
		EvaluateNegate(evaluator, expr, focus, out);
	else
		EvaluateCall(evaluator, expr, focus, out);
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
			if (expr->constant.items != NULL)
			{
				AppendAll(evaluator, &expr->constant, out);
				return;
			}
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
		case EXPR_TEXT_EQUALS_ANY:
		case EXPR_SOME:
		case EXPR_EVERY:
			SequenceAppend(evaluator, out, BooleanItem(EvaluateCondition(evaluator, expr, focus)));
			return;
		case EXPR_ARITHMETIC:
		case EXPR_NEGATE:
		case EXPR_CALL:
			if (out->count == 0)
			{
				EvaluateOperation(evaluator, expr, focus, out);
				return;
			}
			SequenceInit(&part);
			EvaluateOperation(evaluator, expr, focus, &part);
			AppendAll(evaluator, &part, out);
			return;
	}
}

bool
EvaluateItem(Evaluator *evaluator, const Expr *expr, const Focus *focus, ExprItem *item)
{
	Sequence value;
	bool found;

	if (expr->op == EXPR_LITERAL)
	{
		*item = expr->literal;
		return true;
	}
	if (EvaluateTextValue(evaluator, expr, focus, &found, &item->as.text))
	{
		item->type = ITEM_TEXT;
		return found;
	}
	if (expr->simple && focus->item.type == ITEM_NODE && EvaluatorStep(evaluator))
	{
		uint32_t count = PathFind(evaluator->tree, expr, focus, 2, &item->as.node);

		item->type = ITEM_NODE;
		if (count < 2)
			return count == 1;
	}
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

typedef struct NodeCollector
{
	Evaluator *evaluator;
	Vector *nodes;
} NodeCollector;

static bool
PushNode(void *state, ExprItem item)
{
	NodeCollector *collector = state;
	uint32_t *slot;

	if (item.type != ITEM_NODE)
		EvaluationFail(collector->evaluator, CLEX_INVALID, "a context is not a node");
	else if ((slot = VectorPush(collector->nodes)) == NULL)
		EvaluationFail(collector->evaluator, CLEX_NO_MEMORY, "out of memory");
	else
		*slot = item.as.node;
	return collector->evaluator->status != CLEX_OK;
}

static int
CompareNumbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *) a;
	uint32_t y = *(const uint32_t *) b;

	return (x > y) - (x < y);
}

static void
SortNumbers(Vector *nodes)
{
	uint32_t *numbers = (uint32_t *) (void *) nodes->data;
	uint32_t kept = 0;

	if (nodes->count < 2)
		return;
	qsort(numbers, nodes->count, sizeof(uint32_t), CompareNumbers);
	for (uint32_t i = 0; i < nodes->count; i++)
		if (kept == 0 || numbers[kept - 1] != numbers[i])
			numbers[kept++] = numbers[i];
	nodes->count = kept;
}

/*
 * Each node once.  Where the parts cannot overlap they are not sorted into document order: the caller
 * only wants to know which nodes there are.
 */
void
EvaluateNodes(Evaluator *evaluator, const Expr *expr, uint32_t node, Vector *nodes)
{
	Focus focus = FocusOn(node);
	NodeCollector collector = {evaluator, nodes};
	uint32_t branches = ExprBranches(expr);
	bool overlap = false;

	for (uint32_t i = 0; i < branches; i++)
	{
		const Expr *branch = ExprBranch(expr, i);
		NameId name = ExprTargetName(branch);
		bool one_step = branch->op == EXPR_PATH && branch->start == START_ROOT &&
						branch->steps != NULL && branch->steps->next == NULL;

		overlap |= branch->op != EXPR_PATH || (branch->unordered && !one_step) ||
				   (branches > 1 && name == NAME_NONE);
		for (uint32_t j = 0; j < i && !overlap; j++)
			overlap = ExprTargetName(ExprBranch(expr, j)) == name;
		if (branch->op == EXPR_PATH)
			PathVisit(evaluator, branch, &focus, PushNode, &collector);
		else
		{
			Sequence value;

			SequenceInit(&value);
			Evaluate(evaluator, branch, &focus, &value);
			for (uint32_t j = 0; j < value.count && evaluator->status == CLEX_OK; j++)
				PushNode(&collector, value.items[j]);
		}
	}
	if (overlap)
		SortNumbers(nodes);
}

Span
EvaluateText(Evaluator *evaluator, const Expr *expr, uint32_t node, ShownKind *kind)
{
	Sequence value;
	Text text;

	if (kind != NULL)
		*kind = SHOWN_TEXT;
	EvaluateSequence(evaluator, expr, node, &value);
	if (evaluator->status != CLEX_OK || value.count == 0)
		return (Span){NULL, 0};
	if (kind != NULL)
		*kind = SequenceKind(evaluator, &value);
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
	if (text.failed)
		EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory evaluating an expression");
	return text.data != NULL ? TextSpan(&text) : SPAN_LITERAL("");
}
