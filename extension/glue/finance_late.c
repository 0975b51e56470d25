/*
 * finance_late.c
 *		Due dates, static terms, late-payment interest: due_date(), static_terms(), late_interest(),
 *		late_interest_periods().
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "core/finance/currency.h"
#include "core/finance/late.h"
#include "core/finance/terms.h"
#include "core/finance/yield.h"
#include "glue/compat.h"
#include "glue/finance_common.h"
#include "glue/finance_numeric.h"
#include "glue/report.h"

PG_FUNCTION_INFO_V1(clex_due_date);
PG_FUNCTION_INFO_V1(clex_static_terms);
PG_FUNCTION_INFO_V1(clex_late_interest);
PG_FUNCTION_INFO_V1(clex_late_interest_periods);

/* Decimals of the unrounded interest that the periods show. */
#define PERIOD_DIGITS 8

/* due_date(rule text, issue_date date, delivery_date date) date; NULL if rule or issue date is */
Datum
clex_due_date(PG_FUNCTION_ARGS)
{
	TermDates dates = {0};
	ClexError error;
	int32_t due = 0;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	dates.issue = PG_GETARG_DAY(1);
	dates.has_delivery = !PG_ARGISNULL(2);
	if (dates.has_delivery)
		dates.delivery = PG_GETARG_DAY(2);
	FinanceCheck(DueDate(PG_GETARG_SPAN(0), &dates, &due, &error), &error);
	PG_RETURN_DATEADT(due);
}

/*
 * static_terms(terms text, amount numeric, currency text, issue_date date, delivery_date date, basis
 * int, rounding text): rows (pay_by date, percent numeric, discount numeric, net numeric, days int,
 * simple_rate float8); no rows if terms, amount, currency or issue date is NULL
 */
Datum
clex_static_terms(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	TermTier tiers[TERM_TIERS];
	TermDates dates = {0};
	Exact amount;
	Rounding rounding;
	ClexError error;
	int digits;
	int count = 0;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < 7; i++)
	{
		if (i != 4 && PG_ARGISNULL(i))
			PG_RETURN_NULL();
	}
	dates.issue = PG_GETARG_DAY(3);
	dates.has_delivery = !PG_ARGISNULL(4);
	if (dates.has_delivery)
		dates.delivery = PG_GETARG_DAY(4);
	digits = ParseCurrency(PG_GETARG_SPAN(2));
	rounding = ParseRounding(PG_GETARG_SPAN(6));
	GetExact(PG_GETARG_DATUM(1), &amount);
	FinanceCheck(StaticTerms(PG_GETARG_SPAN(0), &dates, tiers, &count, &error), &error);
	for (int i = 0; i < count; i++)
	{
		DiscountTerms t = {amount, tiers[i].percent, 1, 100, DISCOUNT_ON_FACE, rounding, digits};
		int32 days = tiers[count - 1].pay_by - tiers[i].pay_by;
		Datum values[6];
		bool nulls[6] = {false};
		__int128 discount;
		double rate = 0;

		FinanceCheck(DiscountAmount(&t, &discount, &error), &error);
		values[0] = DateADTGetDatum(tiers[i].pay_by);
		values[1] =
			NumericGetDatum(NumericFromMinor(tiers[i].percent.coefficient, tiers[i].percent.scale));
		values[2] = NumericGetDatum(NumericFromMinor(discount, digits));
		values[3] = DirectFunctionCall2(numeric_sub, PG_GETARG_DATUM(1), values[2]);
		values[4] = Int32GetDatum(days);
		nulls[5] = days <= 0;
		if (days > 0)
			FinanceCheck(YieldRate(YIELD_SIMPLE, (Exact){100, 0}, tiers[i].percent, days,
								   PG_GETARG_INT32(5), &rate, &error),
						 &error);
		values[5] = Float8GetDatum(rate);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	PG_RETURN_NULL();
}

/* The elements of an array argument; NULL elements are an error. */
static int
ArrayElements(Datum array, Oid type, Datum **elements)
{
	ArrayType *a = DatumGetArrayTypeP(array);
	int count;
	bool *nulls;

	if (ARR_HASNULL(a) || ARR_NDIM(a) > 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("an array of rates or payments has one dimension and no NULL")));
	if (type == DATEOID)
		deconstruct_array(a, DATEOID, sizeof(DateADT), true, TYPALIGN_INT, elements, &nulls,
						  &count);
	else
		deconstruct_array(a, NUMERICOID, -1, false, TYPALIGN_INT, elements, &nulls, &count);
	return count;
}

static void
SameLength(int a, int b, const char *what)
{
	if (a != b)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s arrays differ in length", what),
						errdetail("One has %d elements, the other %d.", a, b)));
}

/* An exact decimal at a larger scale. */
static __int128
Rescale(Exact value, int scale)
{
	__int128 result;

	if (scale > 38 ||
		__builtin_mul_overflow(value.coefficient, PowersOfTen[scale - value.scale], &result))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("amount out of range")));
	return result;
}

/* The rates of arguments dates and numbers, at one scale. */
static void
GetRates(Arena *arena, Datum dates, Datum numbers, LateTerms *terms)
{
	Datum *day;
	Datum *number;
	int count = ArrayElements(dates, DATEOID, &day);
	HalfYearRate *rates = ArenaAllocArray(arena, Max(count, 1), sizeof(HalfYearRate));

	SameLength(count, ArrayElements(numbers, NUMERICOID, &number), "half-year and rate");
	if (rates == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	terms->rate_scale = 0;
	for (int i = 0; i < count; i++)
	{
		Exact rate;

		GetExact(number[i], &rate);
		terms->rate_scale = Max(terms->rate_scale, rate.scale);
	}
	for (int i = 0; i < count; i++)
	{
		Exact rate;
		__int128 coefficient;

		GetExact(number[i], &rate);
		coefficient = Rescale(rate, terms->rate_scale);
		if (coefficient < 0 || coefficient > PG_INT64_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a late-payment rate must not be negative and has at most 18 digits")));
		rates[i] = (HalfYearRate){CheckDate(DatumGetDateADT(day[i])), (int64) coefficient};
	}
	terms->rates = rates;
	terms->rate_count = (uint32) count;
}

/* The principal and the payments, at one scale. */
static void
GetPayments(Arena *arena, Datum principal, Datum dates, Datum numbers, LateTerms *terms)
{
	Datum *day;
	Datum *number;
	int count = ArrayElements(dates, DATEOID, &day);
	LatePayment *payments = ArenaAllocArray(arena, Max(count, 1), sizeof(LatePayment));
	int scale;

	SameLength(count, ArrayElements(numbers, NUMERICOID, &number), "payment date and amount");
	if (payments == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	GetExact(principal, &terms->principal);
	if (terms->principal.coefficient < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the amount due must not be negative")));
	scale = terms->principal.scale;
	for (int i = 0; i < count; i++)
	{
		Exact amount;

		GetExact(number[i], &amount);
		scale = Max(scale, amount.scale);
	}
	terms->principal = (Exact){Rescale(terms->principal, scale), scale};
	for (int i = 0; i < count; i++)
	{
		Exact amount;

		GetExact(number[i], &amount);
		payments[i].coefficient = Rescale(amount, scale);
		payments[i].day = CheckDate(DatumGetDateADT(day[i]));
	}
	terms->payments = payments;
	terms->payment_count = (uint32) count;
}

/*
 * The terms in arguments (amount numeric, due_date date, until date, half_years date[], rates
 * numeric[], frozen boolean, day_count text, paid_on date[], paid numeric[]) from the first on.
 */
static LateTerms
GetLateTerms(FunctionCallInfo fcinfo, Arena *arena)
{
	Span day_count = PG_GETARG_SPAN(6);
	LateTerms terms = {0};

	if (!SpanEqualCString(day_count, "ACT/365F") && !SpanEqualCString(day_count, "ACT/ACT_ISDA"))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("late-payment interest counts days by ACT/365F or ACT/ACT_ISDA")));
	terms.due = PG_GETARG_DAY(1);
	terms.until = PG_GETARG_DAY(2);
	terms.frozen = PG_GETARG_BOOL(5);
	terms.actual = day_count.length > 8;
	GetRates(arena, PG_GETARG_DATUM(3), PG_GETARG_DATUM(4), &terms);
	GetPayments(arena, PG_GETARG_DATUM(0), PG_GETARG_DATUM(7), PG_GETARG_DATUM(8), &terms);
	return terms;
}

/* late_interest(..., currency text, rounding text) numeric; strict */
Datum
clex_late_interest(PG_FUNCTION_ARGS)
{
	Arena arena;
	LateTerms terms;
	ClexError error;
	__int128 minor = 0;
	int digits = ParseCurrency(PG_GETARG_SPAN(9));
	Rounding rounding = ParseRounding(PG_GETARG_SPAN(10));

	ArenaInit(&arena, BackendEnv(CurrentMemoryContext), 0);
	terms = GetLateTerms(fcinfo, &arena);
	FinanceCheck(LateInterest(&terms, digits, rounding, &minor, &error), &error);
	ArenaFree(&arena);
	PG_RETURN_NUMERIC(NumericFromMinor(minor, digits));
}

/*
 * late_interest_periods(...): rows (from_date date, to_date date, days int, unpaid numeric, rate
 * numeric, interest numeric); strict
 */
Datum
clex_late_interest_periods(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	Arena arena;
	LateTerms terms;
	ClexError error;
	__int128 denominator = 1;

	InitMaterializedSRF(fcinfo, 0);
	ArenaInit(&arena, BackendEnv(CurrentMemoryContext), 0);
	terms = GetLateTerms(fcinfo, &arena);
	FinanceCheck(LateDenominator(&terms, &denominator, &error), &error);
	for (int32_t day = terms.due + 1; day <= terms.until;)
	{
		LatePeriod period;
		__int128 interest;
		Datum values[6];
		bool nulls[6] = {false};

		CHECK_FOR_INTERRUPTS();
		FinanceCheck(LateNextPeriod(&terms, &day, &period, &error), &error);
		if (__builtin_mul_overflow(period.numerator, PowersOfTen[PERIOD_DIGITS], &interest))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("late-payment interest out of range")));
		values[0] = DateADTGetDatum(period.from);
		values[1] = DateADTGetDatum(period.to);
		values[2] = Int32GetDatum(period.days);
		values[3] = NumericGetDatum(NumericFromMinor(period.unpaid, terms.principal.scale));
		values[4] = NumericGetDatum(NumericFromMinor(period.rate, terms.rate_scale));
		values[5] = NumericGetDatum(
			NumericFromMinor(RoundQuotient(interest, denominator, ROUND_HALF_UP), PERIOD_DIGITS));
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	ArenaFree(&arena);
	PG_RETURN_NULL();
}
