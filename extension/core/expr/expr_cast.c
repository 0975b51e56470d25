/*
 * expr_cast.c
 *		Functions that make a number, a date or a truth value of one value: rounding and casts.
 */
#include "core/expr/expr_tree.h"

#include <math.h>

/* Half toward plus infinity, also for doubles whose 0.5 would not survive an addition. */
static double
RoundDouble(double number)
{
	double below = floor(number);

	if (isnan(number) || isinf(number))
		return number;
	return number - below >= 0.5 ? below + 1 : below;
}

static void
RoundDecimalItem(Evaluator *evaluator, FunctionId function, const Decimal *value, int digits,
				 Sequence *out)
{
	Decimal result = *value;

	switch (function)
	{
		case FUNCTION_ROUND:
			if (DecimalRound(*value, digits, DECIMAL_HALF_UP, &result) != CLEX_OK)
				EvaluationFail(evaluator, CLEX_OUT_OF_RANGE, "a value has more than 38 digits");
			break;
		case FUNCTION_FLOOR:
			result = DecimalFloor(result);
			break;
		case FUNCTION_CEILING:
			result = DecimalCeiling(result);
			break;
		default:
			result = DecimalAbs(result);
			break;
	}
	SequenceSet(out, ItemOfDecimal(evaluator, result));
}

/*
 * Round to hundredths: the product with 100 is taken apart into a double and what that lost, so that
 * the comparison with a half is exact.  For numbers below 10^13.
 */
static double
RoundToHundredths(double number)
{
	/* volatile: a compiler may not keep more of the product than a double holds */
	volatile double product = number * 100;
	double lost = fma(number, 100, -product);
	double below = floor(product);

	if (product - below - 0.5 >= -lost)
		below += 1;
	return below / 100;
}

/* A double rounded to digits: through its exact decimal value. */
static double
RoundDoubleTo(double number, int digits)
{
	Decimal exact;

	if (digits == 2 && fabs(number) < 1e13)
		return RoundToHundredths(number);
	if (digits == 0 || DecimalFromDouble(number, &exact) != CLEX_OK ||
		DecimalRound(exact, digits, DECIMAL_HALF_UP, &exact) != CLEX_OK)
		return RoundDouble(number);
	return DecimalToDouble(exact);
}

/* round(), floor(), ceiling(), abs(). */
void
EvaluateRound(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	FunctionId function = (FunctionId) expr->function;
	ExprItem item;
	ExprItem digits_item;
	ExprItem value;
	Decimal digits = DECIMAL_ZERO;
	int64_t places = 0;
	double number;

	if (!EvaluateItem(evaluator, expr->args[0], focus, &item))
		return;
	if (expr->arg_count == 2 && (!EvaluateItem(evaluator, expr->args[1], focus, &digits_item) ||
								 !ItemToDecimal(evaluator, digits_item, &digits)))
		return;
	if (DecimalToInt64(digits, &places) != CLEX_OK || places < -40 || places > 40)
	{
		EvaluationFail(evaluator, CLEX_INVALID, "round() to an absurd number of digits");
		return;
	}
	value = ItemAtomize(evaluator, item);
	if (value.type == ITEM_DECIMAL)
		RoundDecimalItem(evaluator, function, value.as.decimal, (int) places, out);
	else if (value.type == ITEM_TEXT || value.type == ITEM_DATE || value.type == ITEM_BOOLEAN)
		EvaluationFail(evaluator, CLEX_INVALID, "%s is not a number", QuoteValue(evaluator, item));
	else if (ItemToDouble(evaluator, item, &number))
	{
		if (function == FUNCTION_ROUND)
			number = RoundDoubleTo(number, (int) places);
		else if (function == FUNCTION_FLOOR)
			number = floor(number);
		else
			number = function == FUNCTION_CEILING ? ceil(number) : fabs(number);
		SequenceSet(out, DoubleItem(number));
	}
}

/* xs:integer of text must be one; of a number it is the whole part. */
static void
CastInteger(Evaluator *evaluator, ExprItem item, Sequence *out)
{
	ExprItem value = ItemAtomize(evaluator, item);
	Decimal decimal;

	if (!ItemToDecimal(evaluator, item, &decimal))
		return;
	if ((value.type == ITEM_UNTYPED || value.type == ITEM_TEXT) &&
		memchr(value.as.text.data, '.', value.as.text.length) != NULL)
		EvaluationFail(evaluator, CLEX_INVALID, "%s is not a whole number",
					   QuoteValue(evaluator, item));
	else
		SequenceSet(out, ItemOfDecimal(evaluator, DecimalWhole(decimal, DECIMAL_DOWN)));
}

/* decimal(), integer(), double(), date(), bool(). */
void
EvaluateCast(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	ExprItem item;
	Decimal decimal;
	double number;
	int32_t date;
	bool truth;

	if (!EvaluateItem(evaluator, expr->args[0], focus, &item))
		return;
	switch ((FunctionId) expr->function)
	{
		case FUNCTION_DECIMAL:
			if (ItemToDecimal(evaluator, item, &decimal))
				SequenceSet(out, ItemOfDecimal(evaluator, decimal));
			return;
		case FUNCTION_INTEGER:
			CastInteger(evaluator, item, out);
			return;
		case FUNCTION_DOUBLE:
			if (ItemToDouble(evaluator, item, &number))
				SequenceSet(out, DoubleItem(number));
			return;
		case FUNCTION_DATE:
			if (ItemToDate(evaluator, item, &date))
				SequenceSet(out, (ExprItem){.type = ITEM_DATE, .as.date = date});
			return;
		default:
			if (ItemToBool(evaluator, item, &truth))
				SequenceSet(out, BooleanItem(truth));
			return;
	}
}

/* number(): NaN instead of an error. */
void
EvaluateNumber(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	ExprItem item = focus->item;
	double number = NAN;

	if (expr->arg_count > 0 && !EvaluateItem(evaluator, expr->args[0], focus, &item))
	{
		if (evaluator->status == CLEX_OK)
			SequenceSet(out, DoubleItem(NAN));
		return;
	}
	item = ItemAtomize(evaluator, item);
	switch (item.type)
	{
		case ITEM_UNTYPED:
		case ITEM_TEXT:
			if (!ParseDouble(item.as.text, &number))
				number = NAN;
			break;
		case ITEM_DATE:
		case ITEM_NODE:
			break;
		default:
			ItemToDouble(evaluator, item, &number);
			break;
	}
	SequenceSet(out, DoubleItem(number));
}
