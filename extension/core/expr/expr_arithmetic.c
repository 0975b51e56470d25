/*
 * expr_arithmetic.c
 *		+ - * div idiv mod and the sign, on decimals, doubles and dates.
 */
#include "core/expr/expr_tree.h"

#include <math.h>

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

/* A percentage of an amount: the point moves, and the result has no more than 18 places. */
static bool
DividesByHundred(const Decimal *a, const Decimal *b)
{
	return b->mantissa == 100 && b->scale == 0 && a->scale <= 16 &&
		   a->mantissa < INT64_C(1000000000000000) && a->mantissa > -INT64_C(1000000000000000);
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
			if (DividesByHundred(a, b))
			{
				result = DecimalNormalize((Decimal){a->mantissa, a->scale + 2});
				break;
			}
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

void
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

		SequenceSet(out, DoubleItem(result));
	}
}

void
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
		SequenceSet(out, DoubleItem(-number));
}
