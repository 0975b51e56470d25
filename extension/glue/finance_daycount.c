/*
 * finance_daycount.c
 *		days(), year_fraction(), year_fraction_icma().
 */
#include "postgres.h"

#include "glue/compat.h"
#include "glue/finance_common.h"

PG_FUNCTION_INFO_V1(clex_days);
PG_FUNCTION_INFO_V1(clex_year_fraction);
PG_FUNCTION_INFO_V1(clex_year_fraction_icma);

/* days(d1 date, d2 date, convention text) int; strict */
Datum
clex_days(PG_FUNCTION_ARGS)
{
	FinanceCache *cache = GetFinanceCache(fcinfo->flinfo);
	DayCountTerms terms = {0};
	YearFraction fraction;
	ClexError error;
	DateADT d1 = PG_GETARG_DAY(0);
	DateADT d2 = PG_GETARG_DAY(1);

	ParseConvention(cache, PG_GETARG_SPAN(2), &terms);
	/* these two count actual days whatever the frequency is */
	if (terms.convention == DAYCOUNT_ACT_365L || terms.convention == DAYCOUNT_ACT_ACT_ICMA)
		PG_RETURN_INT32(d2 - d1);
	FinanceCheck(DayCountFraction(&terms, d1, d2, &fraction, &error), &error);
	PG_RETURN_INT32(fraction.days);
}

/*
 * year_fraction(d1 date, d2 date, convention text, termination date, frequency int) float8;
 * NULL if one of the first three is.
 */
Datum
clex_year_fraction(PG_FUNCTION_ARGS)
{
	FinanceCache *cache;
	DayCountTerms terms = {0};
	YearFraction fraction;
	ClexError error;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	cache = GetFinanceCache(fcinfo->flinfo);
	ParseConvention(cache, PG_GETARG_SPAN(2), &terms);
	if (!PG_ARGISNULL(3))
	{
		terms.has_termination = true;
		terms.termination = PG_GETARG_DAY(3);
	}
	if (!PG_ARGISNULL(4))
	{
		terms.frequency = PG_GETARG_INT32(4);
		if (terms.frequency == 0)
			terms.frequency = -1; /* given and wrong, not missing */
	}
	FinanceCheck(DayCountFraction(&terms, PG_GETARG_DAY(0), PG_GETARG_DAY(1), &fraction, &error),
				 &error);
	PG_RETURN_FLOAT8((double) fraction.numerator / (double) fraction.denominator);
}

/* year_fraction_icma(d1, d2, ref_start, ref_end date, frequency int) float8; strict */
Datum
clex_year_fraction_icma(PG_FUNCTION_ARGS)
{
	YearFraction fraction;
	ClexError error;

	FinanceCheck(DayCountIcma(PG_GETARG_DAY(0), PG_GETARG_DAY(1), PG_GETARG_DAY(2),
							  PG_GETARG_DAY(3), PG_GETARG_INT32(4), &fraction, &error),
				 &error);
	PG_RETURN_FLOAT8((double) fraction.numerator / (double) fraction.denominator);
}
