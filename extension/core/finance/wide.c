/*
 * wide.c
 *		Exponential and logarithm of double-double numbers.
 */
#include "core/finance/wide.h"

Wide
WideFromInteger(__int128 value)
{
	double hi = (double) value;
	double middle = (double) (value - (__int128) hi);

	return WideSum(hi, middle);
}

/* Taylor series after reduction by ln 2 and a power of two, then repeated squaring of e^r - 1. */
Wide
WideExp(Wide a)
{
	const Wide ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
	double k = rint(a.hi / ln2.hi);
	Wide r = WideAdd(a, WideNegate(WideMultiply(ln2, (Wide){k, 0})));
	Wide sum;
	Wide term;

	r.hi = ldexp(r.hi, -8);
	r.lo = ldexp(r.lo, -8);
	sum = r;
	term = r;
	for (int n = 2; n <= 12; n++)
	{
		term = WideDivide(WideMultiply(term, r), (Wide){n, 0});
		sum = WideAdd(sum, term);
	}
	/* (1 + s)^2 - 1 = 2 s + s^2, without losing what is small beside 1 */
	for (int n = 0; n < 8; n++)
		sum = WideAdd((Wide){2 * sum.hi, 2 * sum.lo}, WideMultiply(sum, sum));
	sum = WideAdd((Wide){1, 0}, sum);
	return (Wide){ldexp(sum.hi, (int) k), ldexp(sum.lo, (int) k)};
}

/* Newton's step on e^x = a from the double's logarithm, twice to be safe. */
Wide
WideLog(Wide a)
{
	Wide x = {log(a.hi), 0};

	for (int n = 0; n < 2; n++)
	{
		Wide e = WideExp(WideNegate(x));

		x = WideAdd(x, WideAdd(WideMultiply(a, e), (Wide){-1, 0}));
	}
	return x;
}
