/*
 * yield.c
 *		Annual rates of a discount.
 *
 * Face minus discount is formed exactly, so that a discount near the face value loses no digits; from
 * there doubles carry some 15 of them.
 */
#include "core/finance/yield.h"

#include <math.h>

/* a - b with a common scale; false when 128 bits do not hold it. */
static bool
Subtract(Exact a, Exact b, Exact *result)
{
	int scale = a.scale > b.scale ? a.scale : b.scale;
	__int128 x;
	__int128 y;

	if (scale > 38 || __builtin_mul_overflow(a.coefficient, PowersOfTen[scale - a.scale], &x) ||
		__builtin_mul_overflow(b.coefficient, PowersOfTen[scale - b.scale], &y) ||
		__builtin_sub_overflow(x, y, &result->coefficient))
		return false;
	result->scale = scale;
	return true;
}

static double
ToDouble(Exact a)
{
	return (double) a.coefficient / (double) PowersOfTen[a.scale];
}

ClexStatus
YieldRate(YieldKind kind, Exact face, Exact discount, int32_t days, int32_t basis, double *rate,
		  ClexError *error)
{
	Exact net;
	double gain; /* d / (F - d) */
	double years = (double) days / basis;

	if (days <= 0)
		return ClexFail(error, CLEX_INVALID, "the number of days must be positive");
	if (basis <= 0)
		return ClexFail(error, CLEX_INVALID, "the basis must be positive");
	if (face.coefficient <= 0)
		return ClexFail(error, CLEX_INVALID, "the face value must be positive");
	if (!Subtract(face, discount, &net))
		return ClexFail(error, CLEX_OUT_OF_RANGE, "amount out of range");
	if (kind != YIELD_BANK_DISCOUNT && net.coefficient <= 0)
		return ClexFail(error, CLEX_INVALID, "the discount must be smaller than the face value");
	gain = ToDouble(discount) / ToDouble(net);
	switch (kind)
	{
		case YIELD_BANK_DISCOUNT:
			*rate = ToDouble(discount) / ToDouble(face) / years;
			break;
		case YIELD_SIMPLE:
			*rate = gain / years;
			break;
		case YIELD_EFFECTIVE:
			*rate = expm1(log1p(gain) / years);
			break;
		case YIELD_BOND_EQUIVALENT:
			if (years <= 0.5)
				*rate = gain / years;
			else
			{
				/* (1 + r/2) (1 + r (years - 1/2)) = F / (F - d), solved without cancellation */
				double root = years * years + 2 * (years - 0.5) * gain;

				if (root < 0)
					return ClexFail(error, CLEX_INVALID, "there is no bond-equivalent rate");
				*rate = 2 * gain / (years + sqrt(root));
			}
			break;
	}
	if (!isfinite(*rate))
		return ClexFail(error, CLEX_OUT_OF_RANGE, "rate out of range");
	return CLEX_OK;
}
