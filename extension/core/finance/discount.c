/*
 * discount.c
 *		Discounts in minor units, exact, with a stated rounding.
 *
 * On face and on net the discount is a quotient of integers: one 128-bit product, one division, one
 * rounding.  Compound discounts are powers: a double with an error bound decides nearly all roundings,
 * 31 digits decide the rest, and a value that lies on a rounding boundary to that precision is tested
 * for lying exactly there, in modular arithmetic.
 */
#include "core/finance/discount.h"

#include <math.h>

#include "core/finance/wide.h"

#define E19 ((__int128) INT64_C(1000000000000000000) * 10)

const __int128 PowersOfTen[39] = {
	1,
	10,
	100,
	1000,
	10000,
	100000,
	1000000,
	10000000,
	100000000,
	INT64_C(1000000000),
	INT64_C(10000000000),
	INT64_C(100000000000),
	INT64_C(1000000000000),
	INT64_C(10000000000000),
	INT64_C(100000000000000),
	INT64_C(1000000000000000),
	INT64_C(10000000000000000),
	INT64_C(100000000000000000),
	INT64_C(1000000000000000000),
	E19,
	E19 * 10,
	E19 * 100,
	E19 * 1000,
	E19 * 10000,
	E19 * 100000,
	E19 * 1000000,
	E19 * 10000000,
	E19 * 100000000,
	E19 *INT64_C(1000000000),
	E19 *INT64_C(10000000000),
	E19 *INT64_C(100000000000),
	E19 *INT64_C(1000000000000),
	E19 *INT64_C(10000000000000),
	E19 *INT64_C(100000000000000),
	E19 *INT64_C(1000000000000000),
	E19 *INT64_C(10000000000000000),
	E19 *INT64_C(100000000000000000),
	E19 *INT64_C(1000000000000000000),
	E19 *E19,
};

Rounding
RoundingFromName(Span name)
{
	if (SpanEqualCString(name, "HALF_UP"))
		return ROUND_HALF_UP;
	if (SpanEqualCString(name, "HALF_EVEN"))
		return ROUND_HALF_EVEN;
	if (SpanEqualCString(name, "UP"))
		return ROUND_UP;
	if (SpanEqualCString(name, "DOWN"))
		return ROUND_DOWN;
	return ROUND_NONE;
}

DiscountMethod
DiscountMethodFromName(Span name)
{
	if (SpanEqualCString(name, "DISCOUNT_ON_FACE"))
		return DISCOUNT_ON_FACE;
	if (SpanEqualCString(name, "DISCOUNT_ON_NET"))
		return DISCOUNT_ON_NET;
	if (SpanEqualCString(name, "COMPOUND"))
		return DISCOUNT_COMPOUND;
	return DISCOUNT_NONE;
}

__int128
RoundQuotient(__int128 numerator, __int128 denominator, Rounding rounding)
{
	bool negative = numerator < 0;
	unsigned __int128 n = negative ? -(unsigned __int128) numerator : (unsigned __int128) numerator;
	unsigned __int128 d = (unsigned __int128) denominator;
	unsigned __int128 q;
	unsigned __int128 r;
	unsigned __int128 gap;
	bool up;

	if (n >> 64 == 0 && d >> 64 == 0)
	{
		q = (uint64_t) n / (uint64_t) d;
		r = (uint64_t) n % (uint64_t) d;
	}
	else
	{
		q = n / d;
		r = n - q * d;
	}
	gap = d - r; /* up to the next integer */
	switch (rounding)
	{
		case ROUND_DOWN:
			up = false;
			break;
		case ROUND_UP:
			up = r != 0;
			break;
		case ROUND_HALF_EVEN:
			up = r > gap || (r == gap && (q & 1));
			break;
		default:
			up = r >= gap;
			break;
	}
	q += up;
	return negative ? -(__int128) q : (__int128) q;
}

static ClexStatus
TooLarge(ClexError *error)
{
	return ClexFail(error, CLEX_OUT_OF_RANGE, "discount out of range");
}

/* value * 10^power with power >= 0; false when it does not fit. */
static inline bool
Scale(__int128 *value, int power)
{
	return power <= 38 && !__builtin_mul_overflow(*value, PowersOfTen[power], value);
}

/* On face: N R y * 10^(digits - scales) / z.  On net: the same over (10^m z + R y) instead of 10^m z. */
static ClexStatus
RationalDiscount(const DiscountTerms *t, __int128 *minor, ClexError *error)
{
	__int128 growth; /* R y: the rate for the period, over 10^m z */
	__int128 numerator;
	__int128 denominator = t->years_denominator;
	int power = t->digits - t->face.scale;

	if (__builtin_mul_overflow(t->rate.coefficient, (__int128) t->years_numerator, &growth) ||
		__builtin_mul_overflow(t->face.coefficient, growth, &numerator) ||
		!Scale(&denominator, t->rate.scale))
		return TooLarge(error);
	if (t->method == DISCOUNT_ON_NET)
	{
		if (__builtin_add_overflow(denominator, growth, &denominator))
			return TooLarge(error);
		if (denominator <= 0)
			return ClexFail(error, CLEX_INVALID, "a discount on net needs 1 + rate * years > 0");
	}
	if (power >= 0 ? !Scale(&numerator, power) : !Scale(&denominator, -power))
		return TooLarge(error);
	*minor = RoundQuotient(numerator, denominator, t->rounding);
	return CLEX_OK;
}

static uint64_t
MultiplyModulo(uint64_t a, uint64_t b, uint64_t p)
{
	return (uint64_t) ((unsigned __int128) a * b % p);
}

static uint64_t
PowerModulo(uint64_t base, uint64_t exponent, uint64_t p)
{
	uint64_t result = 1;

	for (; exponent > 0; exponent >>= 1)
	{
		if (exponent & 1)
			result = MultiplyModulo(result, base, p);
		base = MultiplyModulo(base, base, p);
	}
	return result;
}

static uint64_t
ReduceModulo(__int128 value, uint64_t p)
{
	__int128 r = value % (__int128) p;

	return (uint64_t) (r < 0 ? r + (__int128) p : r);
}

static int64_t
GreatestCommonDivisor(int64_t a, int64_t b)
{
	while (b != 0)
	{
		int64_t r = a % b;

		a = b;
		b = r;
	}
	return a < 0 ? -a : a;
}

/*
 * Is F (1 - (1+r)^(-y/z)) exactly half/2?  That is (F - half/2)^z (1+r)^y = F^z with all factors
 * integers after scaling; the identity is tested modulo two primes near 2^61, so a wrong "yes" has
 * odds of about 2^-120.
 */
static bool
ExactlyHalves(const DiscountTerms *t, __int128 half)
{
	static const uint64_t primes[2] = {UINT64_C(2305843009213693951),
									   UINT64_C(2305843009213693921)};
	int64_t y = t->years_numerator;
	int64_t z = t->years_denominator;
	int64_t g = GreatestCommonDivisor(y, z);
	__int128 face = t->face.coefficient;
	__int128 base = PowersOfTen[t->rate.scale];
	__int128 growth = base + t->rate.coefficient;
	int power = t->digits - t->face.scale;
	__int128 unit = 1; /* face and half as multiples of 1 / (2 unit) minor units */

	if (power >= 0 ? !Scale(&face, power) : !Scale(&unit, -power))
		return false;
	if (__builtin_mul_overflow(face, (__int128) 2, &face) ||
		__builtin_mul_overflow(half, unit, &half))
		return false;
	y /= g;
	z /= g;
	if (y < 0) /* (1+r)^-1 raised to -y */
	{
		__int128 swap = base;

		base = growth;
		growth = swap;
		y = -y;
	}
	for (int i = 0; i < 2; i++)
	{
		uint64_t p = primes[i];
		uint64_t left = MultiplyModulo(PowerModulo(ReduceModulo(face - half, p), (uint64_t) z, p),
									   PowerModulo(ReduceModulo(growth, p), (uint64_t) y, p), p);
		uint64_t right = MultiplyModulo(PowerModulo(ReduceModulo(face, p), (uint64_t) z, p),
										PowerModulo(ReduceModulo(base, p), (uint64_t) y, p), p);

		if (left != right)
			return false;
	}
	return true;
}

/* |F| (1 - (1+r)^-t) in minor units to 31 digits, as a magnitude. */
static Wide
WideCompound(const DiscountTerms *t, __int128 face)
{
	Wide one = {1, 0};
	Wide rate = WideDivide(WideFromInteger(t->rate.coefficient),
						   WideFromInteger(PowersOfTen[t->rate.scale]));
	Wide years =
		WideDivide(WideFromInteger(t->years_numerator), WideFromInteger(t->years_denominator));
	Wide power = WideExp(WideNegate(WideMultiply(years, WideLog(WideAdd(one, rate)))));
	Wide amount = WideFromInteger(face);
	int shift = t->digits - t->face.scale;

	if (shift >= 0)
		amount = WideMultiply(amount, WideFromInteger(PowersOfTen[shift]));
	else
		amount = WideDivide(amount, WideFromInteger(PowersOfTen[-shift]));
	return WideMultiply(amount, WideAdd(one, WideNegate(power)));
}

/* Round a magnitude known to 31 digits, deciding boundaries exactly.  sign: of the result. */
static __int128
RoundWide(const DiscountTerms *t, Wide d, int sign)
{
	__int128 low = (__int128) floor(d.hi) + (__int128) floor(d.lo);
	bool half = t->rounding == ROUND_HALF_UP || t->rounding == ROUND_HALF_EVEN;
	Wide rest = WideAdd(d, WideNegate(WideFromInteger(low)));
	double gap;
	bool up;

	if (rest.hi >= 1)
	{
		low++;
		rest = WideAdd(rest, (Wide){-1, 0});
	}
	/* the nearest boundary at or around the value: an integer, or an integer and a half */
	if (!half && rest.hi > 0.5)
	{
		low++;
		rest = WideAdd(rest, (Wide){-1, 0});
	}
	gap = half ? rest.hi - 0.5 + rest.lo : rest.hi + rest.lo;
	if (fabs(gap) < 1e-9 * (1 + d.hi * 1e-12) &&
		ExactlyHalves(t, sign * (half ? 2 * low + 1 : 2 * low)))
		up = t->rounding == ROUND_HALF_UP || (t->rounding == ROUND_HALF_EVEN && (low & 1));
	else if (half)
		up = gap > 0;
	else if (t->rounding == ROUND_UP)
		up = gap > 0;
	else
	{
		up = false;
		low -= gap < 0;
	}
	return low + up;
}

/* F (1 - (1+r)^-t), first in double with an error bound, then wide. */
static ClexStatus
CompoundDiscount(const DiscountTerms *t, __int128 *minor, ClexError *error)
{
	double base = (double) PowersOfTen[t->rate.scale];
	double log_growth;
	double face;
	double exponent;
	double d;
	double bound;
	double whole;
	double distance;
	int sign;

	if (t->rate.coefficient <= -PowersOfTen[t->rate.scale])
		return ClexFail(error, CLEX_INVALID, "a compound rate must be above -1");
	log_growth = log1p((double) t->rate.coefficient / base);
	face = (double) t->face.coefficient * pow(10, t->digits - t->face.scale);
	exponent = -log_growth * (double) t->years_numerator / (double) t->years_denominator;
	d = -face * expm1(exponent);
	if (!(fabs(d) < 1e27))
		return TooLarge(error);
	if (d == 0)
	{
		*minor = 0;
		return CLEX_OK;
	}
	sign = d < 0 ? -1 : 1;
	d = fabs(d);
	/* log1p near r = -1 amplifies the rate's rounding; 16 ulps cover the chain otherwise */
	bound = d * 0x1p-49 * (1 + fabs(exponent)) +
			fabs(face) * fabs(exponent) * 0x1p-50 * (log_growth < -0.5 ? exp(-log_growth) : 1);
	whole = floor(d);
	distance = d - whole;
	if (t->rounding == ROUND_HALF_UP || t->rounding == ROUND_HALF_EVEN)
		distance -= 0.5;
	else if (distance > 0.5)
		distance -= 1;
	if (d < 0x1p50 && fabs(distance) > bound)
	{
		__int128 q = (__int128) whole;

		if (t->rounding == ROUND_UP || (t->rounding != ROUND_DOWN && distance > 0))
			q++;
		*minor = sign * q;
		return CLEX_OK;
	}
	*minor = sign * RoundWide(t, WideCompound(t, sign * t->face.coefficient), sign);
	return CLEX_OK;
}

ClexStatus
DiscountAmount(const DiscountTerms *terms, __int128 *minor, ClexError *error)
{
	if (terms->face.scale > 38 || terms->rate.scale > 38)
		return TooLarge(error);
	if (terms->method == DISCOUNT_COMPOUND)
		return CompoundDiscount(terms, minor, error);
	return RationalDiscount(terms, minor, error);
}

ClexStatus
CompoundRate(Exact face, Exact discount, int64_t years_numerator, int64_t years_denominator,
			 int scale, __int128 *rate, ClexError *error)
{
	Wide one = {1, 0};
	Wide f;
	Wide d;
	Wide growth;

	if (face.scale > 38 || discount.scale > 38)
		return TooLarge(error);
	f = WideDivide(WideFromInteger(face.coefficient), WideFromInteger(PowersOfTen[face.scale]));
	d = WideDivide(WideFromInteger(discount.coefficient),
				   WideFromInteger(PowersOfTen[discount.scale]));
	growth = WideDivide(WideAdd(f, WideNegate(d)), f);
	if (growth.hi <= 0)
		return ClexFail(error, CLEX_INVALID, "the discount is not smaller than the face value");
	growth =
		WideDivide(WideMultiply(WideNegate(WideLog(growth)), WideFromInteger(years_denominator)),
				   WideFromInteger(years_numerator));
	if (!(fabs(growth.hi) < 30))
		return TooLarge(error);
	growth = WideMultiply(WideAdd(WideExp(growth), WideNegate(one)),
						  WideFromInteger(PowersOfTen[scale]));
	if (!(fabs(growth.hi) < 1e37))
		return TooLarge(error);
	*rate = (__int128) growth.hi + (__int128) rint(growth.lo);
	return CLEX_OK;
}
