/*
 * decimal.c
 *		Exact decimals in 128-bit integers.
 *
 * 38 digits hold every amount a document can state; what does not fit is refused, not rounded.
 * Operations that overflow with the scales as written try again without trailing zeros.
 */
#include "core/base/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef unsigned __int128 uint128;

#define TEN9 ((uint128) 1000000000)
#define TEN18 (TEN9 * TEN9)
#define LIMIT (TEN18 * TEN18 * 100) /* 10^38 */

/* 10^n for 0 <= n <= 38. */
static uint128
PowerOfTen(int n)
{
	static const uint64_t small[] = {1,
									 10,
									 100,
									 1000,
									 10000,
									 100000,
									 1000000,
									 10000000,
									 100000000,
									 1000000000,
									 10000000000,
									 100000000000,
									 1000000000000,
									 10000000000000,
									 100000000000000,
									 1000000000000000,
									 10000000000000000,
									 100000000000000000,
									 1000000000000000000};

	if (n <= 18)
		return small[n];
	if (n <= 36)
		return TEN18 * small[n - 18];
	return TEN18 * TEN18 * small[n - 36];
}

static uint128
Magnitude(__int128 value)
{
	return value < 0 ? -(uint128) value : (uint128) value;
}

/* Multiply a magnitude by 10^n; false if it leaves the 38 digits. */
static bool
ScaleUp(uint128 *magnitude, int64_t n)
{
	if (*magnitude == 0)
		return true;
	/* the usual case needs no division: 10^18 times 10^18 fits */
	if (n <= 18 && *magnitude <= TEN18)
	{
		*magnitude *= PowerOfTen((int) n);
		return true;
	}
	if (n > DECIMAL_DIGITS || *magnitude > (LIMIT - 1) / PowerOfTen((int) n))
		return false;
	*magnitude *= PowerOfTen((int) n);
	return true;
}

static Decimal
Signed(bool negative, uint128 magnitude, int64_t scale)
{
	return (Decimal){negative ? -(__int128) magnitude : (__int128) magnitude, (int32_t) scale};
}

static bool
IsDigit(char c)
{
	return c >= '0' && c <= '9';
}

ClexStatus
DecimalParse(Span text, Decimal *result)
{
	Span s = SpanTrim(text);
	bool negative = false;
	size_t i = 0;
	size_t end;
	size_t point;
	uint128 magnitude = 0;
	int significant = 0; /* digits, from the first that is not zero */
	int64_t scale = 0;

	if (s.length > 0 && (s.data[0] == '-' || s.data[0] == '+'))
	{
		negative = s.data[0] == '-';
		i = 1;
	}
	point = i;
	while (point < s.length && IsDigit(s.data[point]))
		point++;
	end = point;
	if (end < s.length && s.data[end] == '.')
		for (end++; end < s.length && IsDigit(s.data[end]);)
			end++;
	if (end < s.length || end - i == (point < end ? 1 : 0))
		return CLEX_INVALID;
	for (; i < end; i++)
	{
		if (i == point)
			continue;
		if (significant == DECIMAL_DIGITS || scale == DECIMAL_MAX_SCALE)
		{
			/* no room for more digits; only zeros after the point may be left out */
			for (size_t rest = i; rest < end; rest++)
				if (i < point || s.data[rest] != '0')
					return CLEX_OUT_OF_RANGE;
			break;
		}
		magnitude = magnitude * 10 + (unsigned) (s.data[i] - '0');
		significant += magnitude != 0;
		scale += i > point;
	}
	*result = Signed(negative, magnitude, scale);
	return CLEX_OK;
}

Span
DecimalFormat(Decimal value, char text[DECIMAL_TEXT])
{
	char digits[DECIMAL_DIGITS + 2];
	uint128 magnitude = Magnitude(value.mantissa);
	int count = 0;
	char *p = text;

	/* 18 digits at a time, in 64 bits */
	while (magnitude > 0)
	{
		uint64_t part = (uint64_t) (magnitude % TEN18);

		magnitude /= TEN18;
		for (int i = 0; magnitude > 0 ? i < 18 : part > 0; i++, part /= 10)
			digits[count++] = (char) ('0' + part % 10);
	}
	if (value.mantissa < 0)
		*p++ = '-';
	if (count <= value.scale)
		*p++ = '0';
	for (int i = count > value.scale ? count : value.scale; i > 0; i--)
	{
		if (i == value.scale)
			*p++ = '.';
		*p++ = i > count ? '0' : digits[i - 1];
	}
	*p = '\0';
	return SpanOf(text, (size_t) (p - text));
}

Decimal
DecimalNormalize(Decimal value)
{
	if (value.mantissa == 0)
		return DECIMAL_ZERO;
	/* 64 bits divide several times faster than 128 */
	if (value.mantissa <= INT64_MAX && value.mantissa >= INT64_MIN)
	{
		int64_t mantissa = (int64_t) value.mantissa;

		for (; value.scale > 0 && mantissa % 10 == 0; mantissa /= 10)
			value.scale--;
		value.mantissa = mantissa;
		return value;
	}
	while (value.scale > 0 && value.mantissa % 10 == 0)
	{
		value.mantissa /= 10;
		value.scale--;
	}
	return value;
}

int
DecimalCompare(Decimal a, Decimal b)
{
	uint128 x = Magnitude(a.mantissa);
	uint128 y = Magnitude(b.mantissa);
	int sign = DecimalSign(a);

	if (a.scale == b.scale)
		return (a.mantissa > b.mantissa) - (a.mantissa < b.mantissa);
	if (sign != DecimalSign(b))
		return sign < DecimalSign(b) ? -1 : 1;
	/* a side that cannot be aligned is the larger one: the other has at most 38 digits */
	if (a.scale < b.scale && !ScaleUp(&x, b.scale - a.scale))
		return sign;
	if (b.scale < a.scale && !ScaleUp(&y, a.scale - b.scale))
		return -sign;
	return x == y ? 0 : x > y ? sign : -sign;
}

/* Bring two values to one scale. */
static bool
Align(Decimal *a, Decimal *b)
{
	Decimal *low = a->scale < b->scale ? a : b;
	int32_t scale = a->scale < b->scale ? b->scale : a->scale;
	uint128 magnitude = Magnitude(low->mantissa);

	if (!ScaleUp(&magnitude, scale - low->scale))
		return false;
	*low = Signed(low->mantissa < 0, magnitude, scale);
	return true;
}

ClexStatus
DecimalAdd(Decimal a, Decimal b, Decimal *result)
{
	for (int attempt = 0; attempt < 2; attempt++)
	{
		Decimal x = a;
		Decimal y = b;

		if (Align(&x, &y))
		{
			if (!__builtin_add_overflow(x.mantissa, y.mantissa, &x.mantissa) &&
				Magnitude(x.mantissa) < LIMIT)
			{
				*result = x;
				return CLEX_OK;
			}
		}
		a = DecimalNormalize(a);
		b = DecimalNormalize(b);
	}
	return CLEX_OUT_OF_RANGE;
}

ClexStatus
DecimalSubtract(Decimal a, Decimal b, Decimal *result)
{
	return DecimalAdd(a, DecimalNegate(b), result);
}

ClexStatus
DecimalMultiply(Decimal a, Decimal b, Decimal *result)
{
	for (int attempt = 0; attempt < 2; attempt++)
	{
		uint128 x = Magnitude(a.mantissa);
		uint128 y = Magnitude(b.mantissa);

		/* two of 63 bits stay below 10^38; only larger ones need the division */
		if (a.scale + b.scale <= DECIMAL_MAX_SCALE &&
			((x >> 63 == 0 && y >> 63 == 0) || y == 0 || x <= (LIMIT - 1) / y))
		{
			*result = Signed((a.mantissa < 0) != (b.mantissa < 0), x * y, a.scale + b.scale);
			return CLEX_OK;
		}
		a = DecimalNormalize(a);
		b = DecimalNormalize(b);
	}
	return CLEX_OUT_OF_RANGE;
}

/* The next decimal digit of remainder / divisor without ever leaving 128 bits. */
static int
NextDigit(uint128 *remainder, uint128 divisor)
{
	uint128 once = *remainder;
	uint128 r = once;
	int digit = 0;

	/* 10 r = 2 (2 (2 r) + r): doubling and adding modulo the divisor, carrying into the digit */
	for (int step = 0; step < 4; step++)
	{
		uint128 addend = step == 2 ? once : r;

		digit = step == 2 ? digit : digit * 2;
		if (r >= divisor - addend)
		{
			r -= divisor - addend;
			digit++;
		}
		else
			r += addend;
	}
	*remainder = r;
	return digit;
}

ClexStatus
DecimalDivide(Decimal a, Decimal b, int digits, Decimal *result)
{
	uint128 dividend = Magnitude(a.mantissa);
	uint128 divisor = Magnitude(b.mantissa);
	int64_t shift = (int64_t) b.scale - a.scale + digits;
	uint128 quotient;
	uint128 remainder;
	bool up;

	if (divisor == 0 || digits < 0 || digits > DECIMAL_MAX_SCALE)
		return CLEX_INVALID;
	quotient = dividend / divisor;
	remainder = dividend % divisor;
	if (shift >= 0)
	{
		for (; shift > 0 && (quotient | remainder) != 0; shift--)
		{
			int digit = NextDigit(&remainder, divisor);

			if (quotient > (LIMIT - 1 - (uint128) digit) / 10)
				return CLEX_OUT_OF_RANGE;
			quotient = quotient * 10 + (uint128) digit;
		}
		up = remainder >= divisor - remainder;
	}
	else
	{
		uint128 power = -shift > DECIMAL_DIGITS ? 0 : PowerOfTen((int) -shift);

		/* what the first division left over cannot decide a half */
		up = power != 0 && quotient % power >= power - quotient % power;
		quotient = power != 0 ? quotient / power : 0;
	}
	if (up && ++quotient >= LIMIT)
		return CLEX_OUT_OF_RANGE;
	*result = Signed((a.mantissa < 0) != (b.mantissa < 0), quotient, digits);
	return CLEX_OK;
}

ClexStatus
DecimalDivideWhole(Decimal a, Decimal b, Decimal *quotient, Decimal *remainder)
{
	if (b.mantissa == 0)
		return CLEX_INVALID;
	if (!Align(&a, &b))
	{
		a = DecimalNormalize(a);
		b = DecimalNormalize(b);
		if (!Align(&a, &b))
			return CLEX_OUT_OF_RANGE;
	}
	*quotient = (Decimal){a.mantissa / b.mantissa, 0};
	*remainder = (Decimal){a.mantissa % b.mantissa, a.scale};
	return CLEX_OK;
}

/* Whether a quotient's magnitude goes up, given what was cut off in parts of `unit`. */
static bool
RoundsUp(bool negative, uint128 quotient, uint128 rest, uint128 unit, DecimalRounding rounding)
{
	bool more = rest > unit - rest;
	bool half = rest == unit - rest;

	if (rest == 0)
		return false;
	switch (rounding)
	{
		case DECIMAL_HALF_UP:
			return more || (half && !negative);
		case DECIMAL_HALF_AWAY:
			return more || half;
		case DECIMAL_HALF_EVEN:
			return more || (half && quotient % 2 == 1);
		case DECIMAL_FLOOR:
			return negative;
		case DECIMAL_CEILING:
			return !negative;
		case DECIMAL_DOWN:
			return false;
		case DECIMAL_UP:
			return true;
	}
	return false;
}

ClexStatus
DecimalRound(Decimal value, int digits, DecimalRounding rounding, Decimal *result)
{
	int64_t cut = (int64_t) value.scale - digits;
	bool negative = value.mantissa < 0;
	uint128 magnitude = Magnitude(value.mantissa);
	/* beyond 38 digits all is cut off, and it is less than a half */
	uint128 unit = cut <= 0 || cut > DECIMAL_DIGITS ? 0 : PowerOfTen((int) cut);
	uint128 quotient = unit == 0 ? 0 : magnitude / unit;

	if (cut <= 0)
	{
		*result = value;
		return CLEX_OK;
	}
	if (RoundsUp(negative, quotient, unit == 0 ? magnitude : magnitude % unit,
				 unit == 0 ? LIMIT * 3 : unit, rounding))
		quotient++;
	/* tens and hundreds: give the zeros back */
	if (digits < 0 && !ScaleUp(&quotient, -(int64_t) digits))
		return CLEX_OUT_OF_RANGE;
	*result = Signed(negative, quotient, digits < 0 ? 0 : digits);
	return CLEX_OK;
}

Decimal
DecimalWhole(Decimal value, DecimalRounding rounding)
{
	Decimal result = value;

	/* with digits = 0 nothing can leave the range */
	(void) DecimalRound(value, 0, rounding, &result);
	return result;
}

ClexStatus
DecimalToInt64(Decimal value, int64_t *result)
{
	Decimal whole = DecimalWhole(value, DECIMAL_DOWN);

	if (whole.mantissa < INT64_MIN || whole.mantissa > INT64_MAX)
		return CLEX_OUT_OF_RANGE;
	*result = (int64_t) whole.mantissa;
	return CLEX_OK;
}

double
DecimalToDouble(Decimal value)
{
	static const double exact[] = {1e0,	 1e1,  1e2,	 1e3,  1e4,	 1e5,  1e6,	 1e7,
								   1e8,	 1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
								   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	char text[DECIMAL_TEXT + 16];
	Span digits;

	/* both exact in a double: the division rounds once */
	if (Magnitude(value.mantissa) <= ((uint128) 1 << 53) && value.scale <= 22)
		return (double) value.mantissa / exact[value.scale];
	/* digits and exponent without a point: the same in every locale */
	digits = DecimalFormat((Decimal){value.mantissa, 0}, text);
	snprintf(text + digits.length, 16, "e-%d", (int) value.scale);
	return strtod(text, NULL);
}

ClexStatus
DecimalFromDouble(double value, Decimal *result)
{
	char text[64];
	char *p = text;
	uint128 magnitude = 0;
	long exponent;
	Decimal d;

	if (!isfinite(value))
		return CLEX_INVALID;
	/* 38 significant digits; whatever byte a locale puts between them is not a digit */
	snprintf(text, sizeof(text), "%.*e", DECIMAL_DIGITS - 1, fabs(value));
	for (; *p != 'e'; p++)
		if (IsDigit(*p))
			magnitude = magnitude * 10 + (uint128) (*p - '0');
	exponent = strtol(p + 1, NULL, 10) - (DECIMAL_DIGITS - 1);
	if (magnitude == 0)
		exponent = 0;
	while (magnitude > 0 && exponent < 0 && magnitude % 10 == 0)
	{
		magnitude /= 10;
		exponent++;
	}
	if (exponent > 0 && !ScaleUp(&magnitude, exponent))
		return CLEX_OUT_OF_RANGE;
	d = Signed(value < 0, magnitude, exponent < 0 ? -exponent : 0);
	*result = d;
	return CLEX_OK;
}
