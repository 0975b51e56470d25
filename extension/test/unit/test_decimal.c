/* Exact decimals: the lexical space, the limits, and arithmetic against 64-bit integers. */
#include "core/base/decimal.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>

/* Parse and print again, or the name of the status. */
static const char *
Echo(const char *text)
{
	static char buffer[DECIMAL_TEXT];
	Decimal d;
	ClexStatus status = DecimalParse(SpanFromCString(text), &d);

	return status == CLEX_OK ? DecimalFormat(d, buffer).data : ClexStatusName(status);
}

static Decimal
D(const char *text)
{
	Decimal d = {0, 0};

	if (DecimalParse(SpanFromCString(text), &d) != CLEX_OK)
		Ok(false, "test data \"%s\"", text);
	return d;
}

static void
IsDecimal(Decimal d, const char *expected, const char *what)
{
	char buffer[DECIMAL_TEXT];

	Is(DecimalFormat(d, buffer).data, expected, what);
}

#define NINES19 "9999999999999999999"
#define NINES38 NINES19 NINES19
#define ZEROS20 "00000000000000000000"

static void
TestParse(void)
{
	static const char *const cases[][2] = {
		{"0", "0"},
		{"50.00", "50.00"},
		{"+1.5", "1.5"},
		{"-0.5", "-0.5"},
		{".5", "0.5"},
		{"5.", "5"},
		{" \t\n12\r ", "12"},
		{"-0", "0"},
		{"-0.00", "0.00"},
		{"007.10", "7.10"},
		{"0.0001", "0.0001"},
		{"", "invalid"},
		{" ", "invalid"},
		{".", "invalid"},
		{"+", "invalid"},
		{"-.", "invalid"},
		{"1e3", "invalid"},
		{"1E3", "invalid"},
		{"1,5", "invalid"},
		{"1 5", "invalid"},
		{"--1", "invalid"},
		{"1.2.3", "invalid"},
		{"abc", "invalid"},
		{"1\xC2\xA0", "invalid"},
		{"NaN", "invalid"},
		{"INF", "invalid"},
		{"0x10", "invalid"},
		{"+-1", "invalid"},
		{NINES38, NINES38},
		{"-" NINES38, "-" NINES38},
		{"1" NINES38, "out of range"},
		{"0." NINES38, "0." NINES38},
		{"0.1" NINES38, "out of range"},
		{ZEROS20 ZEROS20 ZEROS20 "1", "1"},
		{"10" ZEROS20 ZEROS20, "out of range"},
	};
	char text[2100];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		Is(Echo(cases[i][0]), cases[i][1], cases[i][0]);
	memset(text, '0', sizeof(text));
	text[0] = '7';
	text[1] = '.';
	text[sizeof(text) - 1] = '\0';
	Ok(DecimalCompare(D(text), D("7")) == 0, "2000 zeros after the point are still 7");
	text[sizeof(text) - 2] = '1';
	Is(Echo(text), "out of range", "but not a 1 behind them");
}

static void
TestCompare(void)
{
	static const char *const ascending[] = {"-" NINES38, "-1" ZEROS20,	   "-12.5", "-0.001",
											"0",		 "0." ZEROS20 "1", "0.001", "1",
											"1.001",	 "12.49999",	   "12.5",	"1" ZEROS20,
											NINES38};
	const int count = sizeof(ascending) / sizeof(ascending[0]);
	bool good = true;

	for (int i = 0; i < count; i++)
		for (int k = 0; k < count; k++)
			good &= DecimalCompare(D(ascending[i]), D(ascending[k])) == (i > k) - (i < k);
	Ok(good, "order by value, %d values", count);
	Ok(DecimalCompare(D("50.00"), D("50")) == 0, "trailing zeros do not count");
	Ok(DecimalCompare(D("-0.00"), D("0")) == 0, "minus zero is zero");
}

static void
TestArithmetic(void)
{
	Decimal r;
	Decimal rest;

	Ok(DecimalAdd(D("0.1"), D("0.2"), &r) == CLEX_OK, "add");
	IsDecimal(r, "0.3", "0.1 + 0.2");
	DecimalSubtract(D("1.00"), D("0.999"), &r);
	IsDecimal(r, "0.001", "1.00 - 0.999");
	Ok(DecimalAdd(D(NINES38), D("1"), &r) == CLEX_OUT_OF_RANGE, "38 nines + 1 does not fit");
	Ok(DecimalAdd(D(NINES38), D(NINES38), &r) == CLEX_OUT_OF_RANGE,
	   "nor twice 38 nines in 128 bits");
	Ok(DecimalAdd(D("1" ZEROS20), D("0." ZEROS20 "1"), &r) == CLEX_OUT_OF_RANGE,
	   "a sum of 42 digits does not fit");
	Ok(DecimalAdd(D("1" ZEROS20), D("0." ZEROS20 "0"), &r) == CLEX_OK, "unless they are zeros");
	DecimalMultiply(D("-12.50"), D("0.4"), &r);
	IsDecimal(r, "-5.000", "-12.50 * 0.4");
	Ok(DecimalMultiply(D("1" ZEROS20), D("1" ZEROS20), &r) == CLEX_OUT_OF_RANGE, "10^20 squared");
	Ok(DecimalMultiply(D("1.0" ZEROS20), D("1.0" ZEROS20), &r) == CLEX_OK, "1.00… squared");
	Ok(DecimalMultiply(D(NINES38), D("0"), &r) == CLEX_OK && DecimalSign(r) == 0, "38 nines * 0");
	DecimalMultiply(D(NINES19), D("-" NINES19), &r);
	IsDecimal(r, "-99999999999999999980000000000000000001", "two of 19 digits");
	DecimalDivide(D("1"), D("3"), 5, &r);
	IsDecimal(r, "0.33333", "1 / 3");
	DecimalDivide(D("2"), D("3"), 5, &r);
	IsDecimal(r, "0.66667", "2 / 3");
	DecimalDivide(D("-1"), D("8"), 2, &r);
	IsDecimal(r, "-0.13", "-1 / 8 goes away from zero");
	DecimalDivide(D("1.2345"), D("1"), 2, &r);
	IsDecimal(r, "1.23", "fewer digits than the dividend");
	DecimalDivide(D("1"), D(NINES38), 37, &r);
	IsDecimal(r, "0.0000000000000000000000000000000000000", "a quotient too small to see");
	DecimalDivide(D("3"), D("0." NINES38), 5, &r);
	IsDecimal(r, "3.00000", "a divisor of 38 digits");
	Ok(DecimalDivide(D("1"), D("0.00"), 2, &r) == CLEX_INVALID, "no division by zero");
	Ok(DecimalDivide(D(NINES38), D("0.1"), 0, &r) == CLEX_OUT_OF_RANGE, "too large a quotient");
	DecimalDivideWhole(D("-7.5"), D("2"), &r, &rest);
	IsDecimal(r, "-3", "whole quotient toward zero");
	IsDecimal(rest, "-1.5", "the remainder has the dividend's sign");
	IsDecimal(DecimalNormalize(D("120.500")), "120.5", "normal form");
	IsDecimal(DecimalNormalize(D("0.000")), "0", "normal form of zero");
	IsDecimal(DecimalNormalize(D("100")), "100", "zeros before the point stay");
}

static void
TestRound(void)
{
	static const struct
	{
		const char *value;
		int digits;
		const char *expected[7]; /* in the order of DecimalRounding */
	} cases[] = {
		{"2.5", 0, {"3", "3", "2", "2", "3", "2", "3"}},
		{"-2.5", 0, {"-2", "-3", "-2", "-3", "-2", "-2", "-3"}},
		{"-324.995",
		 2,
		 {"-324.99", "-325.00", "-325.00", "-325.00", "-324.99", "-324.99", "-325.00"}},
		{"0.0049", 2, {"0.00", "0.00", "0.00", "0.00", "0.01", "0.00", "0.01"}},
		{"1.10", 3, {"1.10", "1.10", "1.10", "1.10", "1.10", "1.10", "1.10"}},
		{"1250", -2, {"1300", "1300", "1200", "1200", "1300", "1200", "1300"}},
	};
	char buffer[DECIMAL_TEXT];
	Decimal r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int k = 0; k < 7; k++)
		{
			DecimalRound(D(cases[i].value), cases[i].digits, (DecimalRounding) k, &r);
			Is(DecimalFormat(r, buffer).data, cases[i].expected[k], cases[i].value);
		}
	DecimalRound(D("0." ZEROS20 ZEROS20 "1"), 0, DECIMAL_UP, &r);
	IsDecimal(r, "1", "41 digits cut off at once");
	Ok(DecimalRound(D(NINES38), -38, DECIMAL_HALF_UP, &r) == CLEX_OUT_OF_RANGE, "up to 10^38");
	IsDecimal(DecimalFloor(D("-0.1")), "-1", "floor");
	IsDecimal(DecimalCeiling(D("-0.1")), "0", "ceiling");
}

static void
TestConversions(void)
{
	int64_t i;
	Decimal d;

	Ok(DecimalToInt64(D("-9223372036854775808.9"), &i) == CLEX_OK && i == INT64_MIN, "to int64");
	Ok(DecimalToInt64(D("9223372036854775808"), &i) == CLEX_OUT_OF_RANGE, "one too many");
	IsDecimal(DecimalFromInt64(INT64_MIN), "-9223372036854775808", "from int64");
	Ok(DecimalToDouble(D("0.1")) == 0.1 && DecimalToDouble(D("-1234567.89")) == -1234567.89 &&
		   DecimalToDouble(D("0." ZEROS20 "123456789")) == 0.123456789e-20 &&
		   DecimalToDouble(D("123456789012345678.123456")) == 123456789012345678.123456,
	   "to the nearest double");
	Ok(DecimalFromDouble(0.5, &d) == CLEX_OK, "from double");
	IsDecimal(d, "0.5", "0.5 is exact");
	DecimalFromDouble(0.1, &d);
	IsDecimal(d, "0.10000000000000000555111512312578270212", "0.1 shows what a double is");
	DecimalFromDouble(-1e22, &d);
	IsDecimal(d, "-10000000000000000000000", "a large whole double");
	DecimalFromDouble(0.0, &d);
	IsDecimal(d, "0", "zero");
	Ok(DecimalFromDouble(1.1e38, &d) == CLEX_OUT_OF_RANGE, "1.1e38");
	Ok(DecimalFromDouble(NAN, &d) == CLEX_INVALID &&
		   DecimalFromDouble(-INFINITY, &d) == CLEX_INVALID,
	   "NaN and infinity");
	Ok(DecimalFromDouble(5e-324, &d) == CLEX_OK && DecimalToDouble(d) == 5e-324, "a denormal");
}

/* Random small values against the same computation in integers. */
static void
TestRandom(void)
{
	uint64_t seed = 88172645463325252u;
	bool add = true;
	bool divide = true;
	bool text = true;

	for (int i = 0; i < 200000; i++)
	{
		int64_t a;
		int64_t b;
		Decimal r;
		Decimal quotient;
		Decimal rest;
		char buffer[DECIMAL_TEXT];

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		a = (int64_t) (seed % 2000000007u) - 1000000003;
		b = (int64_t) ((seed >> 32) % 200003u) - 100001;
		DecimalAdd((Decimal){a, 2}, (Decimal){b, 4}, &r);
		add &= r.mantissa == (__int128) a * 100 + b && r.scale == 4;
		text &=
			DecimalParse(DecimalFormat((Decimal){a, (int) (seed % 12)}, buffer), &r) == CLEX_OK &&
			r.mantissa == a && r.scale == (int) (seed % 12);
		if (b == 0)
			continue;
		/* q = round(a / b) means |2 a - 2 q b| <= |b| */
		DecimalDivide((Decimal){a, 3}, (Decimal){b, 3}, 0, &quotient);
		rest.mantissa = 2 * (a - quotient.mantissa * b);
		divide &= (rest.mantissa < 0 ? -rest.mantissa : rest.mantissa) <= (b < 0 ? -b : b);
	}
	Ok(add, "200000 random sums");
	Ok(divide, "200000 random quotients");
	Ok(text, "200000 values printed and read again");
}

int
main(void)
{
	TestParse();
	TestCompare();
	TestArithmetic();
	TestRound();
	TestConversions();
	TestRandom();
	return Done();
}
