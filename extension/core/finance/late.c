/*
 * late.c
 *		Late-payment interest: simple, on what is still unpaid, at a rate per half-year.
 *
 * The days from the one after the due date to the payment date (both counted) are cut where the
 * half-year or the balance changes; a payment lowers the balance from the day after its value date.
 * Everything is one sum of integers over one denominator, rounded at the end.
 */
#include "core/finance/late.h"

#include "core/finance/date.h"

/* First day of the half-year of a day. */
static int32_t
HalfYearStart(int32_t day)
{
	Ymd d = DayToYmd(day);

	return DayFromYmd(d.year, d.month <= 6 ? 1 : 7, 1);
}

/* Last day of the half-year of a day. */
static int32_t
HalfYearEnd(int32_t day)
{
	Ymd d = DayToYmd(day);

	return d.month <= 6 ? DayFromYmd(d.year, 6, 30) : DayFromYmd(d.year, 12, 31);
}

/* The rate in force on a day. */
static ClexStatus
FindRate(const LateTerms *terms, int32_t day, int64_t *rate, ClexError *error)
{
	int32_t start = HalfYearStart(day);
	Ymd d = DayToYmd(start);

	for (uint32_t i = 0; i < terms->rate_count; i++)
	{
		if (HalfYearStart(terms->rates[i].day) == start)
		{
			*rate = terms->rates[i].coefficient;
			return CLEX_OK;
		}
	}
	ClexFail(error, CLEX_INVALID, "no rate for the half-year from %04d-%02d-%02d", d.year, d.month,
			 d.day);
	ClexHint(error, "Give the rate published for it; another half-year's rate is never assumed.");
	return CLEX_INVALID;
}

static ClexStatus
TooLarge(ClexError *error)
{
	return ClexFail(error, CLEX_OUT_OF_RANGE, "late-payment interest out of range");
}

ClexStatus
LateNextPeriod(const LateTerms *terms, int32_t *day, LatePeriod *period, ClexError *error)
{
	int32_t end = HalfYearEnd(*day);
	__int128 unpaid = terms->principal.coefficient;
	ClexStatus status;
	bool leap;

	if (end > terms->until)
		end = terms->until;
	for (uint32_t i = 0; i < terms->payment_count; i++)
	{
		const LatePayment *payment = &terms->payments[i];

		if (payment->day < *day)
		{
			if (__builtin_sub_overflow(unpaid, payment->coefficient, &unpaid))
				return TooLarge(error);
		}
		else if (payment->day < end)
			end = payment->day;
	}
	if (unpaid < 0)
		unpaid = 0;
	status = FindRate(terms, terms->frozen ? terms->due + 1 : *day, &period->rate, error);
	if (status != CLEX_OK)
		return status;
	period->from = *day;
	period->to = end;
	period->days = end - *day + 1;
	period->unpaid = unpaid;
	leap = LeapYear(DayToYmd(*day).year);
	if (__builtin_mul_overflow(unpaid, (__int128) period->rate, &period->numerator) ||
		__builtin_mul_overflow(period->numerator,
							   (__int128) period->days * (!terms->actual ? 1
														  : leap		 ? 365
																		 : 366),
							   &period->numerator))
		return TooLarge(error);
	*day = end + 1;
	return CLEX_OK;
}

ClexStatus
LateDenominator(const LateTerms *terms, __int128 *denominator, ClexError *error)
{
	int scale = terms->principal.scale + terms->rate_scale;

	if (scale > 38 ||
		__builtin_mul_overflow(PowersOfTen[scale], (__int128) (terms->actual ? 365 * 366 : 365),
							   denominator))
		return TooLarge(error);
	return CLEX_OK;
}

ClexStatus
LateInterest(const LateTerms *terms, int digits, Rounding rounding, __int128 *minor,
			 ClexError *error)
{
	__int128 denominator = 0;
	__int128 sum = 0;
	ClexStatus status = LateDenominator(terms, &denominator, error);

	for (int32_t day = terms->due + 1; status == CLEX_OK && day <= terms->until;)
	{
		LatePeriod period;

		status = LateNextPeriod(terms, &day, &period, error);
		if (status == CLEX_OK && __builtin_add_overflow(sum, period.numerator, &sum))
			return TooLarge(error);
	}
	if (status != CLEX_OK)
		return status;
	if (__builtin_mul_overflow(sum, PowersOfTen[digits], &sum))
		return TooLarge(error);
	*minor = RoundQuotient(sum, denominator, rounding);
	return CLEX_OK;
}
