/*
 * daycount.h
 *		Day counts and year fractions as exact rationals.
 */
#ifndef CLEX_FINANCE_DAYCOUNT_H
#define CLEX_FINANCE_DAYCOUNT_H

#include "core/base/span.h"
#include "core/base/status.h"
#include "core/finance/calendar.h"

typedef enum DayCount
{
	DAYCOUNT_NONE = 0,
	DAYCOUNT_30_360_US,
	DAYCOUNT_30_360_BOND,
	DAYCOUNT_30E_360,
	DAYCOUNT_30E_360_ISDA,
	DAYCOUNT_30E_PLUS_360,
	DAYCOUNT_30_360_IT,
	DAYCOUNT_30_360_NASD,
	DAYCOUNT_ACT_360,
	DAYCOUNT_ACT_360_INC,
	DAYCOUNT_ACT_364,
	DAYCOUNT_ACT_365F,
	DAYCOUNT_NL_365,
	DAYCOUNT_ACT_365_25,
	DAYCOUNT_ACT_365L,
	DAYCOUNT_ACT_ACT_ISDA,
	DAYCOUNT_ACT_ACT_ICMA,
	DAYCOUNT_ACT_ACT_AFB,
	DAYCOUNT_BUS_252,
	DAYCOUNT_1_1,
} DayCount;

/* What a convention needs besides the two dates. */
typedef struct DayCountTerms
{
	DayCount convention;
	const Calendar *calendar; /* BUS/252 */
	bool has_termination;
	int32_t termination; /* 30E/360 ISDA, ACT/ACT ICMA: maturity */
	int32_t frequency;	 /* ACT/365L, ACT/ACT ICMA: payments a year, 0 = not given */
} DayCountTerms;

/* numerator / denominator years; the denominator is positive, the pair is not reduced. */
typedef struct YearFraction
{
	int64_t numerator;
	int64_t denominator;
	int32_t days;
} YearFraction;

/*
 * The convention of a name, DAYCOUNT_NONE if there is none such.  "BUS/252_X" leaves X, the name of
 * a calendar, in *calendar; otherwise *calendar is empty.
 */
extern DayCount DayCountFromName(Span name, Span *calendar);

/* The year fraction from d1 to d2; (d2, d1) gives its negative.  Both days are in range. */
extern ClexStatus DayCountFraction(const DayCountTerms *terms, int32_t d1, int32_t d2,
								   YearFraction *result, ClexError *error);

/* ACT/ACT ICMA within one reference period [ref_start, ref_end] of 1/frequency years. */
extern ClexStatus DayCountIcma(int32_t d1, int32_t d2, int32_t ref_start, int32_t ref_end,
							   int32_t frequency, YearFraction *result, ClexError *error);

#endif
