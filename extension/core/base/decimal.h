/*
 * decimal.h
 *		Exact decimals of up to 38 digits: money, quantities and rates are never floats here.
 *
 * A value is mantissa / 10^scale with |mantissa| < 10^38 and 0 <= scale <= DECIMAL_MAX_SCALE.  The scale is that of the
 * text it was read from ("50.00" has 2) and does not take part in comparisons.  Every operation is
 * exact, or rounds as it says, or returns CLEX_OUT_OF_RANGE; none depends on a locale.
 *
 * A Decimal needs 16-byte alignment: keep it on the stack or in an Arena, never in palloc'd memory.
 */
#ifndef CLEX_BASE_DECIMAL_H
#define CLEX_BASE_DECIMAL_H

#include "core/base/span.h"
#include "core/base/status.h"

#define DECIMAL_DIGITS 38
#define DECIMAL_MAX_SCALE 1000

/* Sign, "0.", digits: room for any text that DecimalFormat makes, with terminator. */
#define DECIMAL_TEXT (DECIMAL_MAX_SCALE + 8)

typedef struct Decimal
{
	__int128 mantissa;
	int32_t scale; /* digits after the point */
} Decimal;

typedef enum DecimalRounding
{
	DECIMAL_HALF_UP,   /* half toward plus infinity: round() of XPath */
	DECIMAL_HALF_AWAY, /* half away from zero: the commercial rule */
	DECIMAL_HALF_EVEN,
	DECIMAL_FLOOR,	 /* toward minus infinity */
	DECIMAL_CEILING, /* toward plus infinity */
	DECIMAL_DOWN,	 /* toward zero */
	DECIMAL_UP,		 /* away from zero */
} DecimalRounding;

#define DECIMAL_ZERO ((Decimal){0, 0})

/*
 * The lexical space of xs:decimal: optional sign, digits with at most one point (".5" and "5." are
 * legal), white space around it, no exponent.  CLEX_INVALID for anything else, CLEX_OUT_OF_RANGE if
 * it needs more than 38 digits (zeros at either end do not count).
 */
extern ClexStatus DecimalParse(Span text, Decimal *result);

/* "-0.50": with exactly `scale` digits after the point.  Terminated; returns the text's span. */
extern Span DecimalFormat(Decimal value, char text[DECIMAL_TEXT]);

/* The same value without trailing zeros after the point (xs:decimal's canonical form prints so). */
extern Decimal DecimalNormalize(Decimal value);

/* -1, 0 or 1, by value. */
extern int DecimalCompare(Decimal a, Decimal b);

static inline int
DecimalSign(Decimal value)
{
	return (value.mantissa > 0) - (value.mantissa < 0);
}

static inline Decimal
DecimalNegate(Decimal value)
{
	return (Decimal){-value.mantissa, value.scale};
}

static inline Decimal
DecimalAbs(Decimal value)
{
	return value.mantissa < 0 ? DecimalNegate(value) : value;
}

/* Sums and differences have the larger scale of the two, products the sum of both, where it fits. */
extern ClexStatus DecimalAdd(Decimal a, Decimal b, Decimal *result);
extern ClexStatus DecimalSubtract(Decimal a, Decimal b, Decimal *result);
extern ClexStatus DecimalMultiply(Decimal a, Decimal b, Decimal *result);

/*
 * a / b with `digits` digits after the point, half away from zero.  CLEX_INVALID if b is zero.
 */
extern ClexStatus DecimalDivide(Decimal a, Decimal b, int digits, Decimal *result);
/* The whole quotient, toward zero, and what remains: a = quotient * b + remainder, signed as a. */
extern ClexStatus DecimalDivideWhole(Decimal a, Decimal b, Decimal *quotient, Decimal *remainder);

/*
 * Rounded to `digits` after the point (negative: tens, hundreds ...; only that can be out of range).
 * A value with fewer digits than that stays as it is.
 */
extern ClexStatus DecimalRound(Decimal value, int digits, DecimalRounding rounding,
							   Decimal *result);
/* Rounded to a whole number, which cannot fail. */
extern Decimal DecimalWhole(Decimal value, DecimalRounding rounding);

static inline Decimal
DecimalFloor(Decimal value)
{
	return DecimalWhole(value, DECIMAL_FLOOR);
}

static inline Decimal
DecimalCeiling(Decimal value)
{
	return DecimalWhole(value, DECIMAL_CEILING);
}

static inline Decimal
DecimalFromInt64(int64_t value)
{
	return (Decimal){value, 0};
}

/* Toward zero; CLEX_OUT_OF_RANGE if it does not fit. */
extern ClexStatus DecimalToInt64(Decimal value, int64_t *result);

/* The nearest double. */
extern double DecimalToDouble(Decimal value);
/* The exact value of a double, to 38 significant digits; CLEX_INVALID for NaN and infinities. */
extern ClexStatus DecimalFromDouble(double value, Decimal *result);

#endif
