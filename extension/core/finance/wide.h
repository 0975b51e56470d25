/*
 * wide.h
 *		Double-double numbers: about 31 decimal digits, for the few roundings that a double cannot
 *		decide.  hi + lo with |lo| <= ulp(hi) / 2.
 */
#ifndef CLEX_FINANCE_WIDE_H
#define CLEX_FINANCE_WIDE_H

#include <math.h>

typedef struct Wide
{
	double hi;
	double lo;
} Wide;

/* Exact sum and product of two doubles. */
static inline Wide
WideSum(double a, double b)
{
	double s = a + b;
	double t = s - a;

	return (Wide){s, (a - (s - t)) + (b - t)};
}

static inline Wide
WideProduct(double a, double b)
{
	double p = a * b;

	return (Wide){p, fma(a, b, -p)};
}

static inline Wide
WideAdd(Wide a, Wide b)
{
	Wide s = WideSum(a.hi, b.hi);
	Wide t = WideSum(a.lo, b.lo);

	s = WideSum(s.hi, s.lo + t.hi);
	return WideSum(s.hi, s.lo + t.lo);
}

static inline Wide
WideNegate(Wide a)
{
	return (Wide){-a.hi, -a.lo};
}

static inline Wide
WideMultiply(Wide a, Wide b)
{
	Wide p = WideProduct(a.hi, b.hi);

	return WideSum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline Wide
WideDivide(Wide a, Wide b)
{
	double q1 = a.hi / b.hi;
	Wide r = WideAdd(a, WideNegate(WideMultiply(b, (Wide){q1, 0})));
	double q2 = r.hi / b.hi;

	r = WideAdd(r, WideNegate(WideMultiply(b, (Wide){q2, 0})));
	return WideAdd(WideSum(q1, q2), (Wide){r.hi / b.hi, 0});
}

/* An integer, exact up to 106 bits. */
extern Wide WideFromInteger(__int128 value);
/* e^a and ln a, relative (absolute near ln 1) error below 1e-29. */
extern Wide WideExp(Wide a);
extern Wide WideLog(Wide a);

#endif
