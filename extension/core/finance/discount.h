/*
 * discount.h
 *		Discounts in minor units, exact, with a stated rounding.
 */
#ifndef CLEX_FINANCE_DISCOUNT_H
#define CLEX_FINANCE_DISCOUNT_H

#include "core/base/span.h"
#include "core/base/status.h"

typedef enum Rounding
{
	ROUND_NONE = 0, /* not a rounding's name */
	ROUND_HALF_UP,	/* half away from zero */
	ROUND_HALF_EVEN,
	ROUND_UP,	/* away from zero */
	ROUND_DOWN, /* towards zero */
} Rounding;

typedef enum DiscountMethod
{
	DISCOUNT_NONE = 0, /* not a method's name */
	DISCOUNT_ON_FACE,  /* F r t */
	DISCOUNT_ON_NET,   /* F r t / (1 + r t) */
	DISCOUNT_COMPOUND, /* F (1 - (1 + r)^-t) */
} DiscountMethod;

/* coefficient / 10^scale */
typedef struct Exact
{
	__int128 coefficient;
	int scale;
} Exact;

/* One discount: face and yearly rate, time as a rational number of years, digits of the minor unit. */
typedef struct DiscountTerms
{
	Exact face;
	Exact rate;
	int64_t years_numerator;
	int64_t years_denominator;
	DiscountMethod method;
	Rounding rounding;
	int digits;
} DiscountTerms;

extern Rounding RoundingFromName(Span name);
extern DiscountMethod DiscountMethodFromName(Span name);

/* 10^n for 0 <= n <= 38 */
extern const __int128 PowersOfTen[39];

/* numerator / denominator (> 0) rounded to an integer. */
extern __int128 RoundQuotient(__int128 numerator, __int128 denominator, Rounding rounding);

/*
 * The discount in minor units.  CLEX_OUT_OF_RANGE when 128 bits do not hold an intermediate product
 * (the caller may then use longer arithmetic) and CLEX_INVALID when the formula has no value
 * (1 + r t <= 0 on net, 1 + r <= 0 compound).
 */
extern ClexStatus DiscountAmount(const DiscountTerms *terms, __int128 *minor, ClexError *error);

/* The compound rate (1 - d/F)^(-1/t) - 1, scaled by 10^scale and rounded; digits as of a Wide. */
extern ClexStatus CompoundRate(Exact face, Exact discount, int64_t years_numerator,
							   int64_t years_denominator, int scale, __int128 *rate,
							   ClexError *error);

#endif
