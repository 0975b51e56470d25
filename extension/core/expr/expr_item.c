/*
 * expr_item.c
 *		Items and sequences: atomizing, casting, comparing, by the rules of XPath 2.0.
 */
#include "core/expr/expr_tree.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Record the first failure; everything evaluated afterwards means nothing. */
void
EvaluationFail(Evaluator *evaluator, ClexStatus status, const char *format, ...)
{
	va_list args;

	if (evaluator->status != CLEX_OK)
		return;
	va_start(args, format);
	evaluator->status = ClexFailArgs(evaluator->error, status, format, args);
	va_end(args);
}

/* A value as a message shows it: quoted and cut. */
const char *
QuoteValue(Evaluator *evaluator, ExprItem item)
{
	Span text;
	Span shown;
	char *quoted;

	if (item.type == ITEM_NODE)
	{
		evaluator->failed_node = item.as.node;
		text = TreeText(evaluator->tree, item.as.node);
	}
	else
		text = ItemText(evaluator, item);
	shown = SpanCut(text, 40);
	quoted = ArenaPrintf(evaluator->scratch, "\"%.*s%s\"", (int) shown.length, shown.data,
						 shown.length < text.length ? "..." : "");
	return quoted != NULL ? quoted : "value";
}

/* Room for at least one more item. */
bool
SequenceGrow(Evaluator *evaluator, Sequence *sequence)
{
	uint32_t capacity = sequence->capacity < 8 ? 16 : sequence->capacity * 2;
	ExprItem *items = ArenaAllocArray(evaluator->scratch, capacity, sizeof(ExprItem));

	if (items == NULL)
	{
		EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory evaluating an expression");
		return false;
	}
	memcpy(items, sequence->items, sequence->count * sizeof(ExprItem));
	sequence->items = items;
	sequence->capacity = capacity;
	return true;
}

ExprItem
ItemOfDecimal(Evaluator *evaluator, Decimal decimal)
{
	Decimal *copy = ArenaAlloc(evaluator->scratch, sizeof(Decimal));
	ExprItem item = {.type = ITEM_DECIMAL};

	if (copy == NULL)
	{
		static const Decimal zero = {0, 0};

		EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory evaluating an expression");
		item.as.decimal = &zero;
		return item;
	}
	*copy = decimal;
	item.as.decimal = copy;
	return item;
}

/*
 * The typed value of a term.  Text that is not legal for its type fails when cast; as a number it is
 * text, since untyped "6E1" would be taken for a double.
 */
static ExprItem
AtomizeTerm(Evaluator *evaluator, const TreeNode *node, Span text)
{
	ExprItem item = {.type = ITEM_UNTYPED, .as.text = text};
	Decimal decimal;

	if (node->flags & TREE_INVALID)
	{
		if (node->type == VALUE_DECIMAL)
			item.type = ITEM_TEXT;
		return item;
	}
	switch ((ValueType) node->type)
	{
		case VALUE_DECIMAL:
			if (DecimalParse(text, &decimal) == CLEX_OK)
				return ItemOfDecimal(evaluator, decimal);
			break;
		case VALUE_DATE:
			if (DateParse(text, &item.as.date, NULL) == CLEX_OK)
			{
				item.type = ITEM_DATE;
				return item;
			}
			item.as.text = text;
			break;
		case VALUE_TEXT:
		case VALUE_BINARY:
			item.type = ITEM_TEXT;
			break;
		case VALUE_UNTYPED:
		case VALUE_GROUP:
			break;
	}
	return item;
}

ExprItem
NodeAtomize(Evaluator *evaluator, ExprItem item)
{
	const TreeNode *node = TreeAt(evaluator->tree, item.as.node);
	Span text = TreeText(evaluator->tree, item.as.node);

	if (node->type == VALUE_UNTYPED)
		return (ExprItem){.type = ITEM_UNTYPED, .as.text = text};
	return AtomizeTerm(evaluator, node, text);
}

static ShownKind
ItemKind(ExprItem item)
{
	switch (item.type)
	{
		case ITEM_DECIMAL:
		case ITEM_DOUBLE:
			return SHOWN_NUMBER;
		case ITEM_DATE:
			return SHOWN_DATE;
		case ITEM_UNTYPED:
			return SHOWN_UNTYPED;
		case ITEM_NODE:
		case ITEM_TEXT:
		case ITEM_BOOLEAN:
			break;
	}
	return SHOWN_TEXT;
}

/* What all items of a sequence are; text if they differ or there are none. */
ShownKind
SequenceKind(Evaluator *evaluator, const Sequence *sequence)
{
	ShownKind kind = SHOWN_TEXT;

	for (uint32_t i = 0; i < sequence->count; i++)
	{
		ShownKind next = ItemKind(ItemAtomize(evaluator, sequence->items[i]));

		if (i > 0 && next != kind)
			return SHOWN_TEXT;
		kind = next;
	}
	return kind;
}

void
MatchKinds(ShownKind *a, ShownKind *b)
{
	if (*a == SHOWN_UNTYPED && (*b == SHOWN_NUMBER || *b == SHOWN_DATE))
		*a = *b;
	else if (*b == SHOWN_UNTYPED && (*a == SHOWN_NUMBER || *a == SHOWN_DATE))
		*b = *a;
}

/* XPath's spelling of a double: integers plain, else the shortest digits that read back equal. */
static Span
DoubleText(Evaluator *evaluator, double number)
{
	char text[40];

	if (isnan(number))
		return SPAN_LITERAL("NaN");
	if (isinf(number))
		return number > 0 ? SPAN_LITERAL("INF") : SPAN_LITERAL("-INF");
	if (fabs(number) < 1e15 && floor(number) == number)
		snprintf(text, sizeof(text), "%.0f", number == 0 ? 0.0 : number);
	else
		for (int digits = 15; digits <= 17; digits++)
		{
			snprintf(text, sizeof(text), "%.*g", digits, number);
			if (strtod(text, NULL) == number)
				break;
		}
	return ArenaCopy(evaluator->scratch, SpanFromCString(text));
}

/* string(): the text of an item. */
Span
ItemText(Evaluator *evaluator, ExprItem item)
{
	char text[DECIMAL_TEXT];

	switch (item.type)
	{
		case ITEM_NODE:
			return TreeText(evaluator->tree, item.as.node);
		case ITEM_UNTYPED:
		case ITEM_TEXT:
			return item.as.text;
		case ITEM_DECIMAL:
			return ArenaCopy(evaluator->scratch, DecimalFormat(*item.as.decimal, text));
		case ITEM_DOUBLE:
			return DoubleText(evaluator, item.as.number);
		case ITEM_BOOLEAN:
			return item.as.boolean ? SPAN_LITERAL("true") : SPAN_LITERAL("false");
		case ITEM_DATE:
			return ArenaCopy(evaluator->scratch, DateFormat(item.as.date, text));
	}
	return SPAN_LITERAL("");
}

/* The lexical space of xs:double; strtod alone would accept more (hex, "inf"). */
bool
ParseDouble(Span text, double *number)
{
	char copy[64];
	size_t i = 0;
	bool digits = false;
	Decimal decimal;

	text = SpanTrim(text);
	if (text.length == 0 || text.length >= sizeof(copy))
		return DecimalParse(text, &decimal) == CLEX_OK &&
			   (*number = DecimalToDouble(decimal), true);
	if (SpanEqualCString(text, "NaN"))
		return (*number = NAN, true);
	if (SpanEqualCString(text, "INF"))
		return (*number = INFINITY, true);
	if (SpanEqualCString(text, "-INF"))
		return (*number = -INFINITY, true);
	if (text.data[i] == '+' || text.data[i] == '-')
		i++;
	for (; i < text.length && text.data[i] >= '0' && text.data[i] <= '9'; i++)
		digits = true;
	if (i < text.length && text.data[i] == '.')
		for (i++; i < text.length && text.data[i] >= '0' && text.data[i] <= '9'; i++)
			digits = true;
	if (digits && i < text.length && (text.data[i] == 'e' || text.data[i] == 'E'))
	{
		size_t start;

		i++;
		if (i < text.length && (text.data[i] == '+' || text.data[i] == '-'))
			i++;
		for (start = i; i < text.length && text.data[i] >= '0' && text.data[i] <= '9';)
			i++;
		digits = i > start;
	}
	if (!digits || i < text.length)
		return false;
	memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	*number = strtod(copy, NULL);
	return true;
}

/* Cast to double; fails the evaluation if it is not one. */
bool
ItemToDouble(Evaluator *evaluator, ExprItem item, double *number)
{
	ExprItem value = ItemAtomize(evaluator, item);

	switch (value.type)
	{
		case ITEM_DOUBLE:
			*number = value.as.number;
			return true;
		case ITEM_DECIMAL:
			*number = DecimalToDouble(*value.as.decimal);
			return true;
		case ITEM_BOOLEAN:
			*number = value.as.boolean;
			return true;
		case ITEM_UNTYPED:
		case ITEM_TEXT:
			if (ParseDouble(value.as.text, number))
				return true;
			break;
		default:
			break;
	}
	*number = NAN;
	EvaluationFail(evaluator, CLEX_INVALID, "%s is not a number", QuoteValue(evaluator, item));
	return false;
}

/* Cast to decimal; fails the evaluation if it is not one. */
bool
ItemToDecimal(Evaluator *evaluator, ExprItem item, Decimal *decimal)
{
	ExprItem value = ItemAtomize(evaluator, item);
	ClexStatus status = CLEX_INVALID;

	switch (value.type)
	{
		case ITEM_DECIMAL:
			*decimal = *value.as.decimal;
			return true;
		case ITEM_DOUBLE:
			status = DecimalFromDouble(value.as.number, decimal);
			break;
		case ITEM_BOOLEAN:
			*decimal = DecimalFromInt64(value.as.boolean);
			return true;
		case ITEM_UNTYPED:
		case ITEM_TEXT:
			status = DecimalParse(value.as.text, decimal);
			break;
		default:
			break;
	}
	if (status == CLEX_OK)
		return true;
	*decimal = DECIMAL_ZERO;
	EvaluationFail(evaluator, CLEX_INVALID, "%s is not a decimal number",
				   QuoteValue(evaluator, item));
	return false;
}

bool
ItemToDate(Evaluator *evaluator, ExprItem item, int32_t *date)
{
	ExprItem value = ItemAtomize(evaluator, item);

	if (value.type == ITEM_DATE)
	{
		*date = value.as.date;
		return true;
	}
	if ((value.type == ITEM_UNTYPED || value.type == ITEM_TEXT) &&
		DateParse(value.as.text, date, NULL) == CLEX_OK)
		return true;
	*date = 0;
	EvaluationFail(evaluator, CLEX_INVALID, "%s is not a date", QuoteValue(evaluator, item));
	return false;
}

/* Cast to xs:boolean: true, false, 1, 0. */
bool
ItemToBool(Evaluator *evaluator, ExprItem item, bool *result)
{
	ExprItem value = ItemAtomize(evaluator, item);
	Span text;

	switch (value.type)
	{
		case ITEM_BOOLEAN:
			*result = value.as.boolean;
			return true;
		case ITEM_DECIMAL:
			*result = DecimalSign(*value.as.decimal) != 0;
			return true;
		case ITEM_DOUBLE:
			*result = value.as.number != 0 && !isnan(value.as.number);
			return true;
		case ITEM_UNTYPED:
		case ITEM_TEXT:
			text = SpanTrim(value.as.text);
			*result = SpanEqualCString(text, "true") || SpanEqualCString(text, "1");
			if (*result || SpanEqualCString(text, "false") || SpanEqualCString(text, "0"))
				return true;
			break;
		default:
			break;
	}
	*result = false;
	EvaluationFail(evaluator, CLEX_INVALID, "%s is neither true nor false",
				   QuoteValue(evaluator, item));
	return false;
}

static bool
OrderHolds(CompareOperator operator_, int order)
{
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

static bool
CompareDoubles(CompareOperator operator_, double a, double b)
{
	if (isnan(a) || isnan(b))
		return operator_ == COMPARE_NE;
	return OrderHolds(operator_, (a > b) - (a < b));
}

/* By code point, which UTF-8 keeps under byte comparison. */
static int
CompareTexts(Span a, Span b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;

	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

bool
TextsCompare(CompareOperator operator_, Span a, Span b)
{
	return OrderHolds(operator_, CompareTexts(a, b));
}

static bool
IsText(ItemType type)
{
	return type == ITEM_UNTYPED || type == ITEM_TEXT;
}

static bool
IsNumber(ItemType type)
{
	return type == ITEM_DECIMAL || type == ITEM_DOUBLE;
}

/* Two items under a general comparison: untyped values take the type of the other side. */
bool
ItemsCompare(Evaluator *evaluator, CompareOperator operator_, ExprItem a, ExprItem b)
{
	ExprItem x;
	ExprItem y;

	if (a.type == ITEM_DECIMAL && b.type == ITEM_DECIMAL)
		return OrderHolds(operator_, DecimalCompare(*a.as.decimal, *b.as.decimal));
	x = ItemAtomize(evaluator, a);
	y = ItemAtomize(evaluator, b);
	if (IsText(x.type) && IsText(y.type))
		return OrderHolds(operator_, CompareTexts(x.as.text, y.as.text));
	if (x.type == ITEM_DECIMAL && y.type == ITEM_DECIMAL)
		return OrderHolds(operator_, DecimalCompare(*x.as.decimal, *y.as.decimal));
	if ((IsNumber(x.type) && (IsNumber(y.type) || y.type == ITEM_UNTYPED)) ||
		(IsNumber(y.type) && x.type == ITEM_UNTYPED))
	{
		double p;
		double q;

		return ItemToDouble(evaluator, x.type == ITEM_UNTYPED ? a : x, &p) &&
			   ItemToDouble(evaluator, y.type == ITEM_UNTYPED ? b : y, &q) &&
			   CompareDoubles(operator_, p, q);
	}
	if ((x.type == ITEM_DATE && (y.type == ITEM_DATE || IsText(y.type))) ||
		(y.type == ITEM_DATE && IsText(x.type)))
	{
		int32_t p;
		int32_t q;

		return ItemToDate(evaluator, a, &p) && ItemToDate(evaluator, b, &q) &&
			   OrderHolds(operator_, (p > q) - (p < q));
	}
	if ((x.type == ITEM_BOOLEAN && (y.type == ITEM_BOOLEAN || y.type == ITEM_UNTYPED)) ||
		(y.type == ITEM_BOOLEAN && x.type == ITEM_UNTYPED))
	{
		bool p;
		bool q;

		return ItemToBool(evaluator, a, &p) && ItemToBool(evaluator, b, &q) &&
			   OrderHolds(operator_, p - q);
	}
	EvaluationFail(evaluator, CLEX_INVALID, "%s and %s cannot be compared",
				   QuoteValue(evaluator, a), QuoteValue(evaluator, b));
	return false;
}
