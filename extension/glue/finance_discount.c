/*
 * finance_discount.c
 *		Discounts and their inverse: discount_amount(), discount_rate(), discount_schedule(),
 *		own_funds_gain(), currency_digits(), round_to_currency().
 *
 * Amounts are computed in 128-bit integers.  What does not fit (above some 10^17 units) takes the slow
 * road over numeric's own arithmetic, with the same exact rounding.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "glue/compat.h"
#include "glue/finance_common.h"
#include "glue/finance_numeric.h"

PG_FUNCTION_INFO_V1(clex_discount_amount);
PG_FUNCTION_INFO_V1(clex_discount_rate);
PG_FUNCTION_INFO_V1(clex_discount_schedule);
PG_FUNCTION_INFO_V1(clex_own_funds_gain);
PG_FUNCTION_INFO_V1(clex_currency_digits);
PG_FUNCTION_INFO_V1(clex_currency_round);

static DiscountMethod
ParseMethod(Span name)
{
	DiscountMethod method = DiscountMethodFromName(name);

	if (unlikely(method == DISCOUNT_NONE))
		UnknownName("discount method", name, "Use DISCOUNT_ON_FACE, DISCOUNT_ON_NET or COMPOUND.");
	return method;
}

/* numeric arithmetic for the slow road */
#define NUMERIC_OP(f, a, b)                                                                        \
	DatumGetNumeric(DirectFunctionCall2((f), NumericGetDatum(a), NumericGetDatum(b)))

static int
CompareNumeric(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a), NumericGetDatum(b)));
}

/* numerator / denominator (> 0), rounded to `digits` decimals. */
static Numeric
RoundNumericQuotient(Numeric numerator, Numeric denominator, int digits, Rounding rounding)
{
	Numeric zero = int64_to_numeric(0);
	Numeric one = int64_to_numeric(1);
	Numeric unit = NumericFromMinor(1, digits);
	bool negative = CompareNumeric(numerator, zero) < 0;
	Numeric n = NUMERIC_OP(numeric_mul, numerator, NumericFromMinor(PowersOfTen[digits], 0));
	Numeric quotient;
	Numeric rest;
	int half;
	bool up;

	if (negative)
		n = NUMERIC_OP(numeric_sub, zero, n);
	quotient = NUMERIC_OP(numeric_div_trunc, n, denominator);
	rest = NUMERIC_OP(numeric_sub, n, NUMERIC_OP(numeric_mul, quotient, denominator));
	half = CompareNumeric(NUMERIC_OP(numeric_add, rest, rest), denominator);
	switch (rounding)
	{
		case ROUND_DOWN:
			up = false;
			break;
		case ROUND_UP:
			up = CompareNumeric(rest, zero) > 0;
			break;
		case ROUND_HALF_EVEN:
			up = half > 0 || (half == 0 &&
							  CompareNumeric(NUMERIC_OP(numeric_mod, quotient, int64_to_numeric(2)),
											 zero) != 0);
			break;
		default:
			up = half >= 0;
			break;
	}
	if (up)
		quotient = NUMERIC_OP(numeric_add, quotient, one);
	if (negative)
		quotient = NUMERIC_OP(numeric_sub, zero, quotient);
	quotient = NUMERIC_OP(numeric_mul, quotient, unit);
	return DatumGetNumeric(
		DirectFunctionCall2(numeric_round, NumericGetDatum(quotient), Int32GetDatum(digits)));
}

/* The discount of amounts that 128 bits do not hold. */
static Numeric
SlowDiscount(Numeric face, Numeric rate, const DiscountTerms *t)
{
	Numeric zero = int64_to_numeric(0);
	Numeric growth = NUMERIC_OP(numeric_mul, rate, int64_to_numeric(t->years_numerator));
	Numeric denominator = int64_to_numeric(t->years_denominator);

	if (t->method == DISCOUNT_COMPOUND)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("compound discount out of range"),
						errdetail("A compound discount takes a face value and a rate of at most 36 "
								  "digits, and gives at most 26.")));
	if (t->method == DISCOUNT_ON_NET)
	{
		denominator = NUMERIC_OP(numeric_add, denominator, growth);
		if (CompareNumeric(denominator, zero) <= 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a discount on net needs 1 + rate * years > 0")));
	}
	return RoundNumericQuotient(NUMERIC_OP(numeric_mul, face, growth), denominator, t->digits,
								t->rounding);
}

/* The discount of two numeric arguments; time, method, rounding and digits are set. */
static Numeric
Discount(Datum face, Datum rate, DiscountTerms *t)
{
	ClexError error;
	__int128 minor;
	bool fits = NumericToExact(face, &t->face);

	/* both are looked at: NaN is an error even beside a number that does not fit */
	fits = NumericToExact(rate, &t->rate) && fits;
	if (likely(fits))
	{
		ClexStatus status = DiscountAmount(t, &minor, &error);

		if (likely(status == CLEX_OK))
			return NumericFromMinor(minor, t->digits);
		if (status != CLEX_OUT_OF_RANGE)
			FinanceCheck(status, &error);
	}
	return SlowDiscount(DatumGetNumeric(face), DatumGetNumeric(rate), t);
}

/* Time between two dates under a convention, into discount terms. */
static void
SetYears(FinanceCache *cache, Span convention, DateADT d1, DateADT d2, DiscountTerms *t)
{
	DayCountTerms terms = {0};
	YearFraction fraction;
	ClexError error;

	ParseConvention(cache, convention, &terms);
	FinanceCheck(DayCountFraction(&terms, d1, d2, &fraction, &error), &error);
	t->years_numerator = fraction.numerator;
	t->years_denominator = fraction.denominator;
}

/*
 * discount_amount(face numeric, rate numeric, d1 date, d2 date, convention text, method text,
 * currency text, rounding text) numeric; strict
 */
Datum
clex_discount_amount(PG_FUNCTION_ARGS)
{
	FinanceCache *cache = GetFinanceCache(fcinfo->flinfo);
	DiscountTerms t;

	SetYears(cache, PG_GETARG_SPAN(4), PG_GETARG_DAY(2), PG_GETARG_DAY(3), &t);
	t.method = ParseMethod(PG_GETARG_SPAN(5));
	t.digits = ParseCurrency(PG_GETARG_SPAN(6));
	t.rounding = ParseRounding(PG_GETARG_SPAN(7));
	PG_RETURN_NUMERIC(Discount(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), &t));
}

/*
 * The rate that gives a discount, to `scale` decimals.  A discount that is rounded up (down) needs a
 * rate rounded down (up), or the way back would overshoot.
 */
static Numeric
InverseRate(Numeric face, Numeric discount, const DiscountTerms *t, int scale)
{
	Numeric zero = int64_to_numeric(0);
	Rounding rounding = t->rounding == ROUND_UP		? ROUND_DOWN
						: t->rounding == ROUND_DOWN ? ROUND_UP
													: ROUND_HALF_UP;
	Numeric base = t->method == DISCOUNT_ON_NET ? NUMERIC_OP(numeric_sub, face, discount) : face;
	Numeric numerator = NUMERIC_OP(numeric_mul, discount, int64_to_numeric(t->years_denominator));
	Numeric denominator = NUMERIC_OP(numeric_mul, base, int64_to_numeric(t->years_numerator));

	if (t->method == DISCOUNT_COMPOUND)
	{
		Exact f;
		Exact d;
		ClexError error;
		__int128 rate;

		if (!NumericToExact(NumericGetDatum(face), &f) ||
			!NumericToExact(NumericGetDatum(discount), &d))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("compound rate out of range")));
		FinanceCheck(CompoundRate(f, d, t->years_numerator, t->years_denominator, scale, &rate,
								  &error),
					 &error);
		return NumericFromMinor(rate, scale);
	}
	if (CompareNumeric(denominator, zero) < 0)
	{
		numerator = NUMERIC_OP(numeric_sub, zero, numerator);
		denominator = NUMERIC_OP(numeric_sub, zero, denominator);
	}
	if (CompareNumeric(denominator, zero) == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the discount equals the face value")));
	return RoundNumericQuotient(numerator, denominator, scale, rounding);
}

/*
 * discount_rate(face numeric, discount numeric, d1 date, d2 date, convention text, method text,
 * currency text, rounding text) numeric; strict.  The rate carries 12 decimals, more if those do not
 * lead back to the same discount.
 */
Datum
clex_discount_rate(PG_FUNCTION_ARGS)
{
	FinanceCache *cache = GetFinanceCache(fcinfo->flinfo);
	Numeric face = PG_GETARG_NUMERIC(0);
	Numeric discount = PG_GETARG_NUMERIC(1);
	Numeric zero = int64_to_numeric(0);
	DiscountTerms t;

	SetYears(cache, PG_GETARG_SPAN(4), PG_GETARG_DAY(2), PG_GETARG_DAY(3), &t);
	t.method = ParseMethod(PG_GETARG_SPAN(5));
	t.digits = ParseCurrency(PG_GETARG_SPAN(6));
	t.rounding = ParseRounding(PG_GETARG_SPAN(7));
	if (t.years_numerator == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there is no rate for a period of no days")));
	if (CompareNumeric(face, zero) == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there is no rate on a face value of zero")));
	for (int scale = 12; scale <= 30; scale += 3)
	{
		Numeric rate = InverseRate(face, discount, &t, scale);

		/* the last digit may have to move where the compound rate meets a directed rounding */
		for (int nudge = 0; nudge < 3; nudge++)
		{
			Numeric moved = nudge == 0 ? rate
									   : NUMERIC_OP(numeric_add, rate,
													NumericFromMinor(nudge == 1 ? 1 : -1, scale));
			Numeric back = Discount(NumericGetDatum(face), NumericGetDatum(moved), &t);

			if (CompareNumeric(back, discount) == 0)
				PG_RETURN_NUMERIC(moved);
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("no rate gives this discount"),
			 errhint("The discount must be a whole number of minor units of the currency.")));
}

/*
 * discount_schedule(face numeric, rate numeric, first_date date, due_date date, convention text,
 * method text, currency text, calendar text, rounding text): rows (pay_on date, days int, discount
 * numeric, net numeric), one per open day up to the due date; strict
 */
Datum
clex_discount_schedule(PG_FUNCTION_ARGS)
{
	FinanceCache *cache = GetFinanceCache(fcinfo->flinfo);
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	Numeric face = PG_GETARG_NUMERIC(0);
	DateADT first = PG_GETARG_DAY(2);
	DateADT due = PG_GETARG_DAY(3);
	const Calendar *calendar = LookupCalendar(cache, PG_GETARG_SPAN(7));
	DiscountTerms t;
	ClexError error;

	t.method = ParseMethod(PG_GETARG_SPAN(5));
	t.digits = ParseCurrency(PG_GETARG_SPAN(6));
	t.rounding = ParseRounding(PG_GETARG_SPAN(8));
	InitMaterializedSRF(fcinfo, 0);
	for (DateADT day = first; day <= due; day++)
	{
		bool open = false;
		Datum values[4];
		bool nulls[4] = {false};
		Numeric discount;

		CHECK_FOR_INTERRUPTS();
		FinanceCheck(CalendarIsOpen(calendar, day, &open, &error), &error);
		if (!open)
			continue;
		SetYears(cache, PG_GETARG_SPAN(4), day, due, &t);
		discount = Discount(NumericGetDatum(face), PG_GETARG_DATUM(1), &t);
		values[0] = DateADTGetDatum(day);
		values[1] = Int32GetDatum(due - day);
		values[2] = NumericGetDatum(discount);
		values[3] = NumericGetDatum(NUMERIC_OP(numeric_sub, face, discount));
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * own_funds_gain(face numeric, discount numeric, days int, basis int, cost_of_capital numeric,
 * currency text, rounding text) numeric; strict
 */
Datum
clex_own_funds_gain(PG_FUNCTION_ARGS)
{
	Numeric face = PG_GETARG_NUMERIC(0);
	Numeric discount = PG_GETARG_NUMERIC(1);
	int32 days = PG_GETARG_INT32(2);
	int32 basis = PG_GETARG_INT32(3);
	int digits = ParseCurrency(PG_GETARG_SPAN(5));
	Rounding rounding = ParseRounding(PG_GETARG_SPAN(6));
	Numeric numerator;

	if (days < 0 || basis <= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("days must not be negative and the basis must be positive")));
	/* (discount * basis - (face - discount) * cost * days) / basis */
	numerator = NUMERIC_OP(numeric_mul, NUMERIC_OP(numeric_sub, face, discount),
						   NUMERIC_OP(numeric_mul, PG_GETARG_NUMERIC(4), int64_to_numeric(days)));
	numerator = NUMERIC_OP(numeric_sub, NUMERIC_OP(numeric_mul, discount, int64_to_numeric(basis)),
						   numerator);
	if (numeric_is_nan(numerator) || numeric_is_inf(numerator))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("amount or rate is NaN or infinite")));
	PG_RETURN_NUMERIC(RoundNumericQuotient(numerator, int64_to_numeric(basis), digits, rounding));
}

/* currency_digits(code text) int; strict */
Datum
clex_currency_digits(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(ParseCurrency(PG_GETARG_SPAN(0)));
}

/* round_to_currency(amount numeric, currency text, rounding text) numeric; strict */
Datum
clex_currency_round(PG_FUNCTION_ARGS)
{
	int digits = ParseCurrency(PG_GETARG_SPAN(1));
	Rounding rounding = ParseRounding(PG_GETARG_SPAN(2));
	Exact amount;

	if (NumericToExact(PG_GETARG_DATUM(0), &amount))
	{
		int shift = digits - amount.scale;

		if (shift <= 0)
			PG_RETURN_NUMERIC(NumericFromMinor(
				RoundQuotient(amount.coefficient, PowersOfTen[-shift], rounding), digits));
		if (!__builtin_mul_overflow(amount.coefficient, PowersOfTen[shift], &amount.coefficient))
			PG_RETURN_NUMERIC(NumericFromMinor(amount.coefficient, digits));
	}
	PG_RETURN_NUMERIC(
		RoundNumericQuotient(PG_GETARG_NUMERIC(0), int64_to_numeric(1), digits, rounding));
}
