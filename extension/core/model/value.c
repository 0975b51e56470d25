/*
 * value.c
 *		Canonical spelling of values, one for each value of a type.
 *
 * Decimals lose '+', outer white space and needless zeros in front but keep the digits after the
 * point; dates lose a time zone; texts and base64 stay as they came.
 */
#include "core/base/date.h"
#include "core/base/decimal.h"
#include "core/model/image.h"

/* Length of the run of digits at the start of s. */
static size_t
DigitRun(Span s)
{
	size_t n = 0;

	while (n < s.length && s.data[n] >= '0' && s.data[n] <= '9')
		n++;
	return n;
}

static bool
AllZero(Span s)
{
	for (size_t i = 0; i < s.length; i++)
		if (s.data[i] != '0')
			return false;
	return true;
}

/* Put a decimal together again from sign, whole digits and digits after the point. */
static Span
JoinDecimal(Arena *arena, bool negative, Span whole, Span fraction)
{
	size_t length =
		negative + whole.length + (fraction.length > 0 ? 1 + fraction.length : (size_t) 0);
	char *text = ArenaAlloc(arena, length + 1);
	char *p = text;

	if (text == NULL)
		return SpanOf(NULL, 0);
	if (negative)
		*p++ = '-';
	memcpy(p, whole.data, whole.length);
	p += whole.length;
	if (fraction.length > 0)
	{
		*p++ = '.';
		memcpy(p, fraction.data, fraction.length);
	}
	return SpanOf(text, length);
}

static Span
CanonicalDecimal(Span value, Arena *arena, bool *valid)
{
	Span s = SpanTrim(value);
	Span rest;
	bool negative = s.length > 0 && s.data[0] == '-';
	bool sign = negative || (s.length > 0 && s.data[0] == '+');
	bool point;
	Span whole;
	Span fraction;
	Decimal ignored;

	*valid = false;
	if (s.length == 0)
		return value;
	rest = SpanOf(s.data + sign, s.length - sign);
	whole = SpanOf(rest.data, DigitRun(rest));
	rest = SpanOf(rest.data + whole.length, rest.length - whole.length);
	point = rest.length > 0 && rest.data[0] == '.';
	fraction = SpanOf(rest.data + point, rest.length - point);
	if (DigitRun(fraction) != fraction.length || whole.length + fraction.length == 0 ||
		(!point && fraction.length > 0))
		return value;
	/* only a long one can be out of range */
	if (s.length > DECIMAL_DIGITS && DecimalParse(s, &ignored) != CLEX_OK)
		return value;
	*valid = true;
	if (whole.length > 0 && (whole.data[0] != '0' || whole.length == 1) &&
		(!point || fraction.length > 0) &&
		(!sign || (negative && !(AllZero(whole) && AllZero(fraction)))))
		return s;
	if (negative && AllZero(whole) && AllZero(fraction))
		negative = false;
	while (whole.length > 1 && whole.data[0] == '0')
		whole = SpanOf(whole.data + 1, whole.length - 1);
	if (whole.length == 0)
		whole = SPAN_LITERAL("0");
	return JoinDecimal(arena, negative, whole, fraction);
}

static Span
CanonicalDate(Span value, bool *valid)
{
	int32_t date;

	*valid = DateParse(value, &date, NULL) == CLEX_OK;
	/* a legal date begins with its ten characters, a zone may follow */
	return *valid ? SpanOf(SpanTrim(value).data, 10) : value;
}

/* The lexical space of xs:base64Binary, white space anywhere. */
static bool
IsBase64(Span s)
{
	size_t digits = 0;
	size_t padding = 0;

	for (size_t i = 0; i < s.length; i++)
	{
		char c = s.data[i];

		if (IsXmlSpace(c))
			continue;
		if (c == '=')
			padding++;
		else if (padding > 0 || !((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
								  (c >= '0' && c <= '9') || c == '+' || c == '/'))
			return false;
		else
			digits++;
	}
	return padding <= 2 && (digits + padding) % 4 == 0;
}

Span
ValueCanonical(TermId term, Span value, Arena *arena, bool *valid)
{
	switch ((ValueType) ClexTerms[term].type)
	{
		case VALUE_DECIMAL:
			return CanonicalDecimal(value, arena, valid);
		case VALUE_DATE:
			return CanonicalDate(value, valid);
		case VALUE_BINARY:
			*valid = IsBase64(value);
			return value;
		case VALUE_UNTYPED:
		case VALUE_TEXT:
		case VALUE_GROUP:
			break;
	}
	*valid = true;
	return value;
}
