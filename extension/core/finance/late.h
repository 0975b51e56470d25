/*
 * late.h
 *		Late-payment interest: simple, on what is still unpaid, at a rate per half-year.
 */
#ifndef CLEX_FINANCE_LATE_H
#define CLEX_FINANCE_LATE_H

#include "core/base/status.h"
#include "core/finance/discount.h"

/* The yearly rate of a half-year, known by any of its days; coefficient at LateTerms.rate_scale. */
typedef struct HalfYearRate
{
	int32_t day;
	int64_t coefficient;
} HalfYearRate;

/* Money received on a value date; coefficient at LateTerms.principal.scale. */
typedef struct LatePayment
{
	__int128 coefficient;
	int32_t day;
} LatePayment;

typedef struct LateTerms
{
	Exact principal;
	int32_t due;
	int32_t until; /* value date of the last payment, or the day of the statement */
	const HalfYearRate *rates;
	uint32_t rate_count;
	int rate_scale;
	bool frozen; /* the rate of the half-year in which interest begins serves for ever */
	bool actual; /* days of leap years over 366, else all over 365 */
	const LatePayment *payments;
	uint32_t payment_count;
} LateTerms;

/* Days from..to, both counted, with one balance, one rate, one length of year. */
typedef struct LatePeriod
{
	int32_t from;
	int32_t to;
	int32_t days;
	__int128 unpaid;	/* at principal.scale */
	int64_t rate;		/* at rate_scale */
	__int128 numerator; /* interest over LateDenominator() */
} LatePeriod;

/*
 * The period that begins on *day; the first call passes due + 1, later ones what *day was set to.
 * *day > until means that there is none left.  A half-year without a rate is CLEX_INVALID.
 */
extern ClexStatus LateNextPeriod(const LateTerms *terms, int32_t *day, LatePeriod *period,
								 ClexError *error);

extern ClexStatus LateDenominator(const LateTerms *terms, __int128 *denominator, ClexError *error);

/* All interest in units of 10^-digits, rounded once. */
extern ClexStatus LateInterest(const LateTerms *terms, int digits, Rounding rounding,
							   __int128 *minor, ClexError *error);

#endif
