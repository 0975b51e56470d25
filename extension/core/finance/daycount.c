/*
 * daycount.c
 *		Day counts and year fractions as exact rationals.
 *
 * Every convention is computed for d1 <= d2 and negated for the reverse, so that all of them are
 * antisymmetric (libraries that apply the day rules to the swapped dates are not).  Results are
 * integers over integers: a caller who prices money stays exact, one who wants a float divides once
 * and gets the correctly rounded value.
 */
#include "core/finance/daycount.h"

#include "core/finance/date.h"

/* Table of the fixed names; BUS/252 carries its calendar behind an underscore. */
DayCount
DayCountFromName(Span name, Span *calendar)
{
	static const struct
	{
		char name[16];
		DayCount convention;
	} names[] = {
		{"30/360_US", DAYCOUNT_30_360_US},		 {"30/360_BOND", DAYCOUNT_30_360_BOND},
		{"30E/360", DAYCOUNT_30E_360},			 {"30E/360_ISDA", DAYCOUNT_30E_360_ISDA},
		{"30E+/360", DAYCOUNT_30E_PLUS_360},	 {"30/360_IT", DAYCOUNT_30_360_IT},
		{"30/360_NASD", DAYCOUNT_30_360_NASD},	 {"ACT/360", DAYCOUNT_ACT_360},
		{"ACT/360_INC", DAYCOUNT_ACT_360_INC},	 {"ACT/364", DAYCOUNT_ACT_364},
		{"ACT/365F", DAYCOUNT_ACT_365F},		 {"NL/365", DAYCOUNT_NL_365},
		{"ACT/365.25", DAYCOUNT_ACT_365_25},	 {"ACT/365L", DAYCOUNT_ACT_365L},
		{"ACT/ACT_ISDA", DAYCOUNT_ACT_ACT_ISDA}, {"ACT/ACT_ICMA", DAYCOUNT_ACT_ACT_ICMA},
		{"ACT/ACT_AFB", DAYCOUNT_ACT_ACT_AFB},	 {"1/1", DAYCOUNT_1_1},
	};

	*calendar = SpanOf(NULL, 0);
	if (name.length > 8 && memcmp(name.data, "BUS/252_", 8) == 0)
	{
		*calendar = SpanOf(name.data + 8, name.length - 8);
		return DAYCOUNT_BUS_252;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		if (SpanEqualCString(name, names[i].name))
			return names[i].convention;
	}
	return DAYCOUNT_NONE;
}

/* Days in months of 30 under each 30/360 variant: long because the variants are. */
static int32_t
ThirtyDays(const DayCountTerms *terms, int32_t n2, Ymd a, Ymd b)
{
	switch (terms->convention)
	{
		case DAYCOUNT_30_360_US:
			if (IsFebruaryEnd(a))
			{
				if (IsFebruaryEnd(b))
					b.day = 30;
				a.day = 30;
			}
			if (b.day == 31 && a.day >= 30)
				b.day = 30;
			if (a.day == 31)
				a.day = 30;
			break;
		case DAYCOUNT_30_360_BOND:
			if (a.day == 31)
				a.day = 30;
			if (b.day == 31 && a.day == 30)
				b.day = 30;
			break;
		case DAYCOUNT_30E_360_ISDA:
			if (IsMonthEnd(a))
				a.day = 30;
			if (IsMonthEnd(b) &&
				!(b.month == 2 && terms->has_termination && n2 == terms->termination))
				b.day = 30;
			break;
		case DAYCOUNT_30E_PLUS_360:
			if (a.day == 31)
				a.day = 30;
			if (b.day == 31)
			{
				b.day = 1;
				b.month++;
			}
			break;
		case DAYCOUNT_30_360_IT:
			if (a.day == 31 || (a.month == 2 && a.day > 27))
				a.day = 30;
			if (b.day == 31 || (b.month == 2 && b.day > 27))
				b.day = 30;
			break;
		case DAYCOUNT_30_360_NASD:
			if (a.day == 31)
				a.day = 30;
			if (b.day == 31)
			{
				if (a.day >= 30)
					b.day = 30;
				else
				{
					b.day = 1;
					b.month++;
				}
			}
			break;
		default: /* 30E/360 */
			if (a.day == 31)
				a.day = 30;
			if (b.day == 31)
				b.day = 30;
			break;
	}
	return 360 * (b.year - a.year) + 30 * (b.month - a.month) + b.day - a.day;
}

/* Days in leap years over 366 plus days in other years over 365 (ISDA 2006, 4.16(b)). */
static YearFraction
ActActIsda(int32_t d1, int32_t d2)
{
	Ymd a = DayToYmd(d1);
	Ymd b = DayToYmd(d2);
	int64_t in_a = 0;
	int64_t in_b;

	if (a.year == b.year)
		in_b = d2 - d1;
	else
	{
		in_a = DayFromYmd(a.year + 1, 1, 1) - d1;
		in_b = d2 - DayFromYmd(b.year, 1, 1);
	}
	int64_t whole = b.year > a.year ? b.year - a.year - 1 : 0;
	int64_t len_a = 365 + LeapYear(a.year);
	int64_t len_b = 365 + LeapYear(b.year);

	if (len_a == len_b)
		return (YearFraction){whole * len_b + in_a + in_b, len_b, d2 - d1};
	return (YearFraction){whole * 365 * 366 + in_a * len_b + in_b * len_a, 365 * 366, d2 - d1};
}

/*
 * Whole years counted back from d2, the rest over 366 if it holds a 29 February, else 365.  A step
 * back that lands on 28 February of a leap year goes to the 29th.
 */
static YearFraction
ActActAfb(int32_t d1, int32_t d2)
{
	Ymd a = DayToYmd(d1);
	Ymd b = DayToYmd(d2);
	int32_t years = b.year - a.year;
	int32_t end = d2;

	/* the anniversary in d1's year may lie before d1: then one year less */
	for (; years > 0; years--)
	{
		int32_t year = b.year - years;
		int32_t day = b.month == 2 && b.day >= 28 ? 28 + LeapYear(year) : b.day;

		end = DayFromYmd(year, b.month, day);
		if (end >= d1)
			break;
		end = d2;
	}
	/* the rest is less than a year: it can hold the leap day of d1's year or of the next */
	int32_t leap_year = LeapYear(a.year) ? a.year : a.year + 1;
	bool leap = LeapYear(leap_year) && LeapDay(leap_year) >= d1 && LeapDay(leap_year) < end;
	int64_t length = 365 + leap;

	return (YearFraction){years * length + (end - d1), length, d2 - d1};
}

/* 366 if a 29 February falls in (d1, d2] for a yearly frequency, or if d2's year is a leap year. */
static YearFraction
Act365L(int32_t d1, int32_t d2, int32_t frequency)
{
	bool leap = frequency == 1 ? LeapDaysUpTo(d2) > LeapDaysUpTo(d1) : LeapYear(DayToYmd(d2).year);

	return (YearFraction){d2 - d1, 365 + leap, d2 - d1};
}

/*
 * ICMA over quasi-coupon periods counted back from maturity: whole periods plus the days in the
 * broken ones.  A maturity on a month's last day keeps all coupons on month ends.
 */
static ClexStatus
ActActIcma(const DayCountTerms *terms, int32_t d1, int32_t d2, YearFraction *result,
		   ClexError *error)
{
	int32_t step = 12 / terms->frequency;
	int32_t end = terms->termination;
	bool month_end = IsMonthEnd(DayToYmd(end));
	YearFraction sum = {0, 1, d2 - d1};

	if (d2 > end)
		return ClexFail(error, CLEX_INVALID, "the interest period ends after the termination date");
	/* start near d2 instead of walking down from a far maturity */
	int32_t skip = (int32_t) ((end - d2) / (step * 31));

	for (int32_t n = skip;; n++)
	{
		int32_t upper = AddMonths(end, -step * n);
		int32_t lower;

		if (DayToYmd(upper).year < 2)
			return ClexFail(error, CLEX_OUT_OF_RANGE, "date out of range");
		lower = AddMonths(end, -step * (n + 1));
		if (month_end)
		{
			upper = MonthEnd(upper);
			lower = MonthEnd(lower);
		}
		if (lower >= d2)
			continue;
		int32_t from = lower > d1 ? lower : d1;
		int32_t to = upper < d2 ? upper : d2;
		int64_t period = upper - lower;

		if (from == lower && to == upper)
			sum.numerator += sum.denominator;
		else
		{
			if (sum.denominator > INT64_C(1) << 40)
				return ClexFail(error, CLEX_OUT_OF_RANGE, "year fraction out of range");
			sum.numerator = sum.numerator * period + (to - from) * sum.denominator;
			sum.denominator *= period;
		}
		if (lower <= d1)
			break;
	}
	sum.denominator *= terms->frequency;
	*result = sum;
	return CLEX_OK;
}

ClexStatus
DayCountIcma(int32_t d1, int32_t d2, int32_t ref_start, int32_t ref_end, int32_t frequency,
			 YearFraction *result, ClexError *error)
{
	int32_t from = d1 <= d2 ? d1 : d2;
	int32_t to = d1 <= d2 ? d2 : d1;

	if (frequency < 1 || 12 % frequency != 0)
		return ClexFail(error, CLEX_INVALID, "frequency must divide 12");
	if (ref_start >= ref_end || from < ref_start || to > ref_end)
	{
		ClexFail(error, CLEX_INVALID, "the interest period is not inside its reference period");
		ClexHint(error, "Split a longer period at its coupon dates, or give termination date and "
						"frequency to year_fraction().");
		return CLEX_INVALID;
	}
	*result = (YearFraction){d2 - d1, (int64_t) frequency * (ref_end - ref_start), d2 - d1};
	return CLEX_OK;
}

/* Business days in [d1, d2) over 252. */
static ClexStatus
Business252(const Calendar *calendar, int32_t d1, int32_t d2, YearFraction *result,
			ClexError *error)
{
	int32_t days;
	ClexStatus status = CalendarCount(calendar, d1, d2, &days, error);

	if (status == CLEX_OK)
		*result = (YearFraction){days, 252, days};
	return status;
}

/* Is there what the convention needs besides two dates? */
static ClexStatus
CheckTerms(const DayCountTerms *terms, ClexError *error)
{
	int32_t f = terms->frequency;

	if (f != 0 && (f < 1 || 12 % f != 0))
		return ClexFail(error, CLEX_INVALID, "frequency must divide 12");
	if (terms->convention == DAYCOUNT_ACT_365L && f == 0)
	{
		ClexFail(error, CLEX_INVALID, "convention ACT/365L needs a frequency");
		ClexHint(error, "Give the number of interest payments a year: 1, 2, 3, 4, 6 or 12.");
		return CLEX_INVALID;
	}
	if (terms->convention == DAYCOUNT_ACT_ACT_ICMA && (f == 0 || !terms->has_termination))
	{
		ClexFail(error, CLEX_INVALID,
				 "convention ACT/ACT_ICMA needs termination date and frequency");
		ClexHint(error, "For one known reference period use year_fraction_icma().");
		return CLEX_INVALID;
	}
	return CLEX_OK;
}

/* The fraction for d1 <= d2: one case per convention. */
static ClexStatus
Forward(const DayCountTerms *terms, int32_t d1, int32_t d2, YearFraction *r, ClexError *error)
{
	int32_t actual = d2 - d1;

	switch (terms->convention)
	{
		case DAYCOUNT_30_360_US:
		case DAYCOUNT_30_360_BOND:
		case DAYCOUNT_30E_360:
		case DAYCOUNT_30E_360_ISDA:
		case DAYCOUNT_30E_PLUS_360:
		case DAYCOUNT_30_360_IT:
		case DAYCOUNT_30_360_NASD:
			r->days = ThirtyDays(terms, d2, DayToYmd(d1), DayToYmd(d2));
			r->numerator = r->days;
			r->denominator = 360;
			return CLEX_OK;
		case DAYCOUNT_ACT_360:
			*r = (YearFraction){actual, 360, actual};
			return CLEX_OK;
		case DAYCOUNT_ACT_360_INC:
			*r = (YearFraction){actual + 1, 360, actual + 1};
			return CLEX_OK;
		case DAYCOUNT_ACT_364:
			*r = (YearFraction){actual, 364, actual};
			return CLEX_OK;
		case DAYCOUNT_ACT_365F:
			*r = (YearFraction){actual, 365, actual};
			return CLEX_OK;
		case DAYCOUNT_NL_365:
			r->days = actual - (LeapDaysUpTo(d2) - LeapDaysUpTo(d1));
			r->numerator = r->days;
			r->denominator = 365;
			return CLEX_OK;
		case DAYCOUNT_ACT_365_25:
			*r = (YearFraction){(int64_t) 4 * actual, 1461, actual};
			return CLEX_OK;
		case DAYCOUNT_ACT_365L:
			*r = Act365L(d1, d2, terms->frequency);
			return CLEX_OK;
		case DAYCOUNT_ACT_ACT_ISDA:
			*r = ActActIsda(d1, d2);
			return CLEX_OK;
		case DAYCOUNT_ACT_ACT_AFB:
			*r = ActActAfb(d1, d2);
			return CLEX_OK;
		case DAYCOUNT_ACT_ACT_ICMA:
			if (d1 == d2)
			{
				*r = (YearFraction){0, 1, 0};
				return CLEX_OK;
			}
			return ActActIcma(terms, d1, d2, r, error);
		case DAYCOUNT_BUS_252:
			return Business252(terms->calendar, d1, d2, r, error);
		case DAYCOUNT_1_1:
			*r = (YearFraction){1, 1, 1};
			return CLEX_OK;
		case DAYCOUNT_NONE:
			break;
	}
	return ClexFail(error, CLEX_INVALID, "unknown day-count convention");
}

ClexStatus
DayCountFraction(const DayCountTerms *terms, int32_t d1, int32_t d2, YearFraction *result,
				 ClexError *error)
{
	ClexStatus status = CheckTerms(terms, error);

	if (status != CLEX_OK)
		return status;
	if (d1 <= d2)
		return Forward(terms, d1, d2, result, error);
	status = Forward(terms, d2, d1, result, error);
	result->numerator = -result->numerator;
	result->days = -result->days;
	return status;
}
