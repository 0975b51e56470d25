/*
 * expr_call.c
 *		Functions on sequences and names; those on text are in expr_text.c, those that make numbers
 *		and dates of one value in expr_cast.c.
 */
#include "core/expr/expr_tree.h"

const Function ClexFunctions[FUNCTION_COUNT_] = {
	[FUNCTION_EXISTS] = {"exists", 1, 1, false},
	[FUNCTION_EMPTY] = {"empty", 1, 1, false},
	[FUNCTION_NOT] = {"not", 1, 1, false},
	[FUNCTION_TRUE] = {"true", 0, 0, false},
	[FUNCTION_FALSE] = {"false", 0, 0, false},
	[FUNCTION_BOOLEAN] = {"boolean", 1, 1, false},
	[FUNCTION_COUNT] = {"count", 1, 1, false},
	[FUNCTION_SUM] = {"sum", 1, 1, false},
	[FUNCTION_MIN] = {"min", 1, 1, false},
	[FUNCTION_MAX] = {"max", 1, 1, false},
	[FUNCTION_AVG] = {"avg", 1, 1, false},
	[FUNCTION_ROUND] = {"round", 1, 2, false},
	[FUNCTION_FLOOR] = {"floor", 1, 1, false},
	[FUNCTION_CEILING] = {"ceiling", 1, 1, false},
	[FUNCTION_ABS] = {"abs", 1, 1, false},
	[FUNCTION_NUMBER] = {"number", 0, 1, false},
	[FUNCTION_DECIMAL] = {"decimal", 1, 1, false},
	[FUNCTION_INTEGER] = {"integer", 1, 1, false},
	[FUNCTION_DOUBLE] = {"double", 1, 1, false},
	[FUNCTION_DATE] = {"date", 1, 1, false},
	[FUNCTION_BOOL] = {"bool", 1, 1, false},
	[FUNCTION_STRING] = {"string", 0, 1, true},
	[FUNCTION_STRING_LENGTH] = {"string-length", 0, 1, false},
	[FUNCTION_NORMALIZE_SPACE] = {"normalize-space", 0, 1, true},
	[FUNCTION_UPPER_CASE] = {"upper-case", 1, 1, true},
	[FUNCTION_LOWER_CASE] = {"lower-case", 1, 1, true},
	[FUNCTION_SUBSTRING] = {"substring", 2, 3, true},
	[FUNCTION_SUBSTRING_BEFORE] = {"substring-before", 2, 2, true},
	[FUNCTION_SUBSTRING_AFTER] = {"substring-after", 2, 2, true},
	[FUNCTION_CONTAINS] = {"contains", 2, 2, false},
	[FUNCTION_STARTS_WITH] = {"starts-with", 2, 2, false},
	[FUNCTION_ENDS_WITH] = {"ends-with", 2, 2, false},
	[FUNCTION_TRANSLATE] = {"translate", 3, 3, true},
	[FUNCTION_CONCAT] = {"concat", 2, 255, true},
	[FUNCTION_STRING_JOIN] = {"string-join", 2, 2, true},
	[FUNCTION_REPLACE] = {"replace", 3, 4, false},
	[FUNCTION_MATCHES] = {"matches", 2, 3, false},
	[FUNCTION_TOKENIZE] = {"tokenize", 2, 3, false},
	[FUNCTION_DISTINCT_VALUES] = {"distinct-values", 1, 1, false},
	[FUNCTION_INDEX_OF] = {"index-of", 2, 2, false},
	[FUNCTION_POSITION] = {"position", 0, 0, false},
	[FUNCTION_LAST] = {"last", 0, 0, false},
	[FUNCTION_NAME] = {"name", 0, 1, false},
	[FUNCTION_LOCAL_NAME] = {"local-name", 0, 1, false},
	[FUNCTION_IN_LIST] = {"in-list", 2, 2, false},
	[FUNCTION_SCALE] = {"scale", 1, 1, false},
	[FUNCTION_LEXICAL] = {"lexical", 1, 1, true},
	[FUNCTION_IS_DATE] = {"is-date", 1, 1, false},
	[FUNCTION_IS_INTEGER] = {"is-integer", 1, 1, false},
	[FUNCTION_LUHN] = {"luhn", 1, 1, false},
	[FUNCTION_MOD97] = {"mod97", 1, 1, false},
	[FUNCTION_MOD11] = {"mod11", 1, 1, false},
	[FUNCTION_GS1] = {"gs1", 1, 1, false},
	[FUNCTION_GLN] = {"gln", 1, 1, false},
	[FUNCTION_SIREN] = {"siren", 1, 1, false},
	[FUNCTION_SIRET] = {"siret", 1, 1, false},
	[FUNCTION_IBAN] = {"iban", 1, 1, false},
	[FUNCTION_BIC] = {"bic", 1, 1, false},
	[FUNCTION_VAT_ID] = {"vat-id", 1, 1, false},
	[FUNCTION_SCHEME_ID] = {"scheme-id", 2, 2, false},
};

/* Visit an argument's items; only a path that may repeat nodes is collected first. */
static void
VisitArgument(Evaluator *evaluator, const Expr *arg, const Focus *focus, ItemVisitor visitor,
			  void *state)
{
	const Sequence *value;
	Sequence own;

	if (IsPath(arg) && !arg->unordered)
	{
		PathVisit(evaluator, arg, focus, visitor, state);
		return;
	}
	value = Borrow(evaluator, arg, focus, &own);
	for (uint32_t i = 0; i < value->count && evaluator->status == CLEX_OK; i++)
		if (visitor(state, value->items[i]))
			return;
}

static bool
SeeOne(void *state, ExprItem item)
{
	(void) item;
	*(bool *) state = true;
	return true;
}

/* Is there at least one item?  Order and repetition do not matter. */
static bool
Exists(Evaluator *evaluator, const Expr *arg, const Focus *focus)
{
	bool seen = false;

	if (arg->op == EXPR_UNION)
	{
		for (uint16_t i = 0; i < arg->arg_count && !seen; i++)
			seen = Exists(evaluator, arg->args[i], focus);
		return seen;
	}
	if (arg->simple && focus->item.type == ITEM_NODE)
	{
		uint32_t node;

		return PathFind(evaluator->tree, arg, focus, 1, &node) > 0;
	}
	if (IsPath(arg))
		PathVisit(evaluator, arg, focus, SeeOne, &seen);
	else
		VisitArgument(evaluator, arg, focus, SeeOne, &seen);
	return seen;
}

typedef struct Count
{
	int64_t items;
	int64_t enough;
} Count;

static bool
CountOne(void *state, ExprItem item)
{
	Count *count = state;

	(void) item;
	return ++count->items >= count->enough;
}

int64_t
EvaluateWholeFunction(Evaluator *evaluator, const Expr *expr, const Focus *focus, int64_t enough)
{
	Count count = {0, enough};

	switch ((FunctionId) expr->function)
	{
		case FUNCTION_SCALE:
			return WrittenScale(ArgumentText(evaluator, expr, 0, focus));
		case FUNCTION_STRING_LENGTH:
			return CharacterCount(ArgumentText(evaluator, expr, 0, focus));
		default:
			VisitArgument(evaluator, expr->args[0], focus, CountOne, &count);
			return count.items;
	}
}

/* ---- sum, avg, min, max ---- */

typedef struct Total
{
	Evaluator *evaluator;
	Decimal exact;
	double inexact;
	bool is_double;
	int64_t count;
} Total;

/* Decimals add exactly; from the first double or untyped item on everything is double. */
static bool
AddToTotal(void *state, ExprItem item)
{
	Total *total = state;
	Evaluator *evaluator = total->evaluator;
	ExprItem value = ItemAtomize(evaluator, item);
	double number;

	total->count++;
	if (value.type == ITEM_DECIMAL && !total->is_double)
	{
		if (DecimalAdd(total->exact, *value.as.decimal, &total->exact) != CLEX_OK)
			EvaluationFail(evaluator, CLEX_OUT_OF_RANGE, "a sum has more than 38 digits");
		return evaluator->status != CLEX_OK;
	}
	if (value.type == ITEM_TEXT || value.type == ITEM_DATE || value.type == ITEM_BOOLEAN)
		EvaluationFail(evaluator, CLEX_INVALID, "%s cannot be added up",
					   QuoteValue(evaluator, item));
	else if (ItemToDouble(evaluator, value.type == ITEM_UNTYPED ? item : value, &number))
	{
		if (!total->is_double)
			total->inexact = DecimalToDouble(total->exact);
		total->is_double = true;
		total->inexact += number;
	}
	return evaluator->status != CLEX_OK;
}

static void
CallSum(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	Total total = {.evaluator = evaluator, .exact = DECIMAL_ZERO};
	Decimal average;

	VisitArgument(evaluator, expr->args[0], focus, AddToTotal, &total);
	if (evaluator->status != CLEX_OK || (expr->function == FUNCTION_AVG && total.count == 0))
		return;
	if (total.is_double)
		SequenceSet(out,
					DoubleItem(expr->function == FUNCTION_AVG ? total.inexact / (double) total.count
															  : total.inexact));
	else if (expr->function == FUNCTION_SUM)
		SequenceSet(out, ItemOfDecimal(evaluator, total.exact));
	else if (DecimalDivide(total.exact, DecimalFromInt64(total.count), 18, &average) == CLEX_OK)
		SequenceSet(out, ItemOfDecimal(evaluator, DecimalNormalize(average)));
	else
		EvaluationFail(evaluator, CLEX_OUT_OF_RANGE, "an average has more than 38 digits");
}

static void
CallExtreme(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	CompareOperator better = expr->function == FUNCTION_MIN ? COMPARE_LT : COMPARE_GT;
	Sequence values;
	ExprItem best = {.type = ITEM_TEXT};

	SequenceInit(&values);
	Evaluate(evaluator, expr->args[0], focus, &values);
	for (uint32_t i = 0; i < values.count && evaluator->status == CLEX_OK; i++)
	{
		ExprItem value = ItemAtomize(evaluator, values.items[i]);
		double number;

		if (value.type == ITEM_UNTYPED && ItemToDouble(evaluator, values.items[i], &number))
			value = DoubleItem(number);
		if (i == 0 || ItemsCompare(evaluator, better, value, best))
			best = value;
	}
	if (values.count > 0 && evaluator->status == CLEX_OK)
		SequenceSet(out, best);
}

/* ---- values and names ---- */

static bool
SameValue(Evaluator *evaluator, ExprItem a, ExprItem b)
{
	bool a_text = a.type == ITEM_UNTYPED || a.type == ITEM_TEXT;
	bool b_text = b.type == ITEM_UNTYPED || b.type == ITEM_TEXT;

	/* untyped values count as text here, and values of unlike types are merely different */
	if (a_text != b_text || (!a_text &&
							 (a.type == ITEM_DATE || a.type == ITEM_BOOLEAN ||
							  b.type == ITEM_DATE || b.type == ITEM_BOOLEAN) &&
							 a.type != b.type))
		return false;
	return ItemsCompare(evaluator, COMPARE_EQ, a, b);
}

static void
CallDistinctValues(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	Sequence values;

	SequenceInit(&values);
	Evaluate(evaluator, expr->args[0], focus, &values);
	for (uint32_t i = 0; i < values.count && evaluator->status == CLEX_OK; i++)
	{
		ExprItem value = ItemAtomize(evaluator, values.items[i]);
		bool known = false;

		for (uint32_t j = 0; j < out->count && !known && EvaluatorStep(evaluator); j++)
			known = SameValue(evaluator, value, out->items[j]);
		if (!known)
			SequenceAppend(evaluator, out, value);
	}
}

static void
CallIndexOf(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	Sequence values;
	ExprItem wanted;

	SequenceInit(&values);
	Evaluate(evaluator, expr->args[0], focus, &values);
	if (!EvaluateItem(evaluator, expr->args[1], focus, &wanted))
		return;
	wanted = ItemAtomize(evaluator, wanted);
	for (uint32_t i = 0; i < values.count && EvaluatorStep(evaluator); i++)
		if (SameValue(evaluator, ItemAtomize(evaluator, values.items[i]), wanted))
			SequenceAppend(evaluator, out, IntegerItem(evaluator, (int64_t) i + 1));
}

static void
CallName(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	ExprItem item = focus->item;
	ExprItem result = {.type = ITEM_TEXT, .as.text = SPAN_LITERAL("")};

	if (expr->arg_count > 0 && !EvaluateItem(evaluator, expr->args[0], focus, &item))
	{
		SequenceSet(out, result);
		return;
	}
	if (item.type != ITEM_NODE)
	{
		EvaluationFail(evaluator, CLEX_INVALID, "a value has no name");
		return;
	}
	if (item.as.node != 0)
		result.as.text = evaluator->vocabulary == VOCABULARY_TERMS
							 ? ClexTerms[TreeAt(evaluator->tree, item.as.node)->name].id
							 : TreeName(evaluator->tree, item.as.node);
	if (TreeIsAttribute(evaluator->tree, item.as.node) && result.as.text.length > 0)
		result.as.text = SpanOf(result.as.text.data + 1, result.as.text.length - 1);
	if (expr->function == FUNCTION_LOCAL_NAME)
		for (size_t i = result.as.text.length; i > 0; i--)
			if (result.as.text.data[i - 1] == ':' || result.as.text.data[i - 1] == '}')
			{
				result.as.text = SpanOf(result.as.text.data + i, result.as.text.length - i);
				break;
			}
	SequenceSet(out, result);
}

typedef struct Membership
{
	Evaluator *evaluator;
	const CodeListFact *list;
	bool found;
} Membership;

static bool
SeekInList(void *state, ExprItem item)
{
	Membership *membership = state;

	membership->found = CodeListContains(membership->list, ItemText(membership->evaluator, item));
	return membership->found;
}

bool
EvaluateBooleanCall(Evaluator *evaluator, const Expr *expr, const Focus *focus, bool *result)
{
	Membership membership;
	Span text;
	bool found;

	switch ((FunctionId) expr->function)
	{
		case FUNCTION_EXISTS:
			*result = Exists(evaluator, expr->args[0], focus);
			return true;
		case FUNCTION_EMPTY:
			*result = !Exists(evaluator, expr->args[0], focus);
			return true;
		case FUNCTION_NOT:
			*result = !EvaluateCondition(evaluator, expr->args[0], focus);
			return true;
		case FUNCTION_BOOLEAN:
			*result = EvaluateCondition(evaluator, expr->args[0], focus);
			return true;
		case FUNCTION_TRUE:
		case FUNCTION_FALSE:
			*result = expr->function == FUNCTION_TRUE;
			return true;
		case FUNCTION_IN_LIST:
			if (EvaluateTextValue(evaluator, expr->args[1], focus, &found, &text))
			{
				*result = found && CodeListContains(expr->list, text);
				return true;
			}
			membership = (Membership){evaluator, expr->list, false};
			VisitArgument(evaluator, expr->args[1], focus, SeekInList, &membership);
			*result = membership.found;
			return true;
		default:
			return false;
	}
}

void
EvaluateCall(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	int64_t number;
	bool truth;

	if (EvaluateBooleanCall(evaluator, expr, focus, &truth))
	{
		SequenceSet(out, BooleanItem(truth));
		return;
	}
	if (EvaluateWholeCall(evaluator, expr, focus, INT64_MAX, &number))
	{
		SequenceSet(out, IntegerItem(evaluator, number));
		return;
	}
	switch ((FunctionId) expr->function)
	{
		case FUNCTION_SUM:
		case FUNCTION_AVG:
			CallSum(evaluator, expr, focus, out);
			return;
		case FUNCTION_MIN:
		case FUNCTION_MAX:
			CallExtreme(evaluator, expr, focus, out);
			return;
		case FUNCTION_ROUND:
		case FUNCTION_FLOOR:
		case FUNCTION_CEILING:
		case FUNCTION_ABS:
			EvaluateRound(evaluator, expr, focus, out);
			return;
		case FUNCTION_NUMBER:
			EvaluateNumber(evaluator, expr, focus, out);
			return;
		case FUNCTION_DECIMAL:
		case FUNCTION_INTEGER:
		case FUNCTION_DOUBLE:
		case FUNCTION_DATE:
		case FUNCTION_BOOL:
			EvaluateCast(evaluator, expr, focus, out);
			return;
		case FUNCTION_DISTINCT_VALUES:
			CallDistinctValues(evaluator, expr, focus, out);
			return;
		case FUNCTION_INDEX_OF:
			CallIndexOf(evaluator, expr, focus, out);
			return;
		case FUNCTION_POSITION:
			SequenceSet(out, IntegerItem(evaluator, focus->position));
			return;
		case FUNCTION_LAST:
			SequenceSet(out, IntegerItem(evaluator, focus->last));
			return;
		case FUNCTION_NAME:
		case FUNCTION_LOCAL_NAME:
			CallName(evaluator, expr, focus, out);
			return;
		default:
			EvaluateTextCall(evaluator, expr, focus, out);
			return;
	}
}
