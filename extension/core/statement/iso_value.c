/*
 * iso_value.c
 *		Values of ISO 20022 messages: lexical spaces, lengths, digits, lists, patterns.
 *
 * The patterns of these schemas use classes, groups, escapes and counts only; the matcher knows no more and
 * needs no more memory than its stack.
 */
#include "core/base/utf8.h"
#include "core/statement/iso_check.h"
#include "core/statement/reader.h"

/* One item of a pattern, with its count. */
typedef struct PatternItem
{
	const char *start; /* of a class, a character or what is within a group */
	const char *end;
	bool group;
	uint32_t min;
	uint32_t max;
} PatternItem;

/* {2,3}, {2}, or nothing, which is once. */
static const char *
ScanCount(const char *p, const char *end, PatternItem *item)
{
	item->min = item->max = 1;
	if (p == end || *p != '{')
		return p;
	item->min = 0;
	for (p++; p < end && *p >= '0' && *p <= '9'; p++)
		item->min = item->min * 10 + (uint32_t) (*p - '0');
	item->max = item->min;
	if (p < end && *p == ',')
	{
		item->max = 0;
		for (p++; p < end && *p >= '0' && *p <= '9'; p++)
			item->max = item->max * 10 + (uint32_t) (*p - '0');
	}
	return p < end ? p + 1 : p;
}

/* Take the next item off a pattern; returns what follows it. */
static const char *
ScanItem(const char *p, const char *end, PatternItem *item)
{
	item->group = *p == '(';
	item->start = p;
	if (*p == '[')
		while (p < end && *p != ']')
			p += *p == '\\' ? 2 : 1;
	else if (*p == '(')
	{
		item->start = p + 1;
		while (p < end && *p != ')')
			p++;
	}
	else if (*p == '\\')
		p++;
	p = p < end ? p + 1 : end;
	item->end = item->group ? p - 1 : p;
	return ScanCount(p, end, item);
}

/* Is a character the one that an item of a pattern stands for? */
static bool
ItemTakes(const PatternItem *item, char c)
{
	const char *p = item->start;

	if (*p != '[')
		return c == (*p == '\\' ? p[1] : *p);
	for (p++; p < item->end - 1; p++)
	{
		char from = *p == '\\' ? *++p : *p;

		if (p + 2 < item->end - 1 && p[1] == '-')
		{
			if (c >= from && c <= p[2])
				return true;
			p += 2;
		}
		else if (c == from)
			return true;
	}
	return false;
}

/* Characters that a pattern takes at most from the beginning of a text; -1: it does not match. */
static int64_t
MatchPrefix(const char *p, const char *end, Span text)
{
	size_t at = 0;

	while (p < end)
	{
		PatternItem item;
		uint32_t count = 0;

		p = ScanItem(p, end, &item);
		while (count < item.max && at < text.length)
		{
			int64_t taken = item.group ? MatchPrefix(item.start, item.end,
													 SpanOf(text.data + at, text.length - at))
									   : ItemTakes(&item, text.data[at]) - 1;

			if (taken < 0)
				break;
			at += item.group ? (size_t) taken : 1;
			count++;
		}
		if (count < item.min)
			return -1;
	}
	return (int64_t) at;
}

bool
IsoPatternMatches(const char *pattern, Span text)
{
	return MatchPrefix(pattern, pattern + strlen(pattern), text) == (int64_t) text.length;
}

static bool
IsListed(const char *values, Span text)
{
	while (*values != '\0')
	{
		size_t length = strcspn(values, "|");

		if (length == text.length && memcmp(values, text.data, length) == 0)
			return true;
		values += length;
		values += *values == '|';
	}
	return false;
}

/* Digits of a decimal, leading zeros and trailing ones after the point left out. */
static bool
DigitsFit(const IsoValue *value, Span text)
{
	int total = 0;
	int fraction = 0;
	Decimal number;

	if (DecimalParse(text, &number) != CLEX_OK)
		return false;
	number = DecimalNormalize(number);
	fraction = number.scale;
	for (Decimal rest = DecimalAbs(number); rest.mantissa != 0; rest.mantissa /= 10)
		total++;
	if (total < fraction)
		total = fraction;
	return (value->total_digits == 0 || total <= value->total_digits) &&
		   (value->fraction_digits < 0 || fraction <= value->fraction_digits) &&
		   (!value->positive || DecimalCompare(number, DecimalFromInt64(value->least)) >= 0);
}

/* hh:mm:ss, perhaps with a fraction, perhaps with a time zone. */
static bool
IsTime(Span text)
{
	size_t at = 8;
	int hour, minute, second;

	if (text.length < 8 || text.data[2] != ':' || text.data[5] != ':')
		return false;
	hour = DigitsValue(text.data, 2);
	minute = DigitsValue(text.data + 3, 2);
	second = DigitsValue(text.data + 6, 2);
	if (hour < 0 || minute < 0 || second < 0 || minute > 59 || second > 59 || hour > 24 ||
		(hour == 24 && (minute > 0 || second > 0)))
		return false;
	if (at < text.length && text.data[at] == '.')
	{
		size_t first = ++at;

		while (at < text.length && text.data[at] >= '0' && text.data[at] <= '9')
			at++;
		if (at == first)
			return false;
	}
	text = SpanOf(text.data + at, text.length - at);
	if (text.length == 0 || SpanEqualCString(text, "Z"))
		return true;
	return text.length == 6 && (text.data[0] == '+' || text.data[0] == '-') &&
		   text.data[3] == ':' && DigitsValue(text.data + 1, 2) >= 0 &&
		   DigitsValue(text.data + 1, 2) <= 14 && DigitsValue(text.data + 4, 2) >= 0 &&
		   DigitsValue(text.data + 4, 2) <= 59;
}

static bool
IsDateTime(Span text)
{
	int32_t day;

	return text.length > 11 && text.data[10] == 'T' &&
		   DateParse(SpanOf(text.data, 10), &day, NULL) == CLEX_OK &&
		   IsTime(SpanOf(text.data + 11, text.length - 11));
}

/* yyyy or yyyy-mm, perhaps with a time zone. */
static bool
IsYear(Span text, bool month)
{
	char day[40];
	size_t head = month ? 7 : 4;

	if (text.length < head || text.length > 20)
		return false;
	memcpy(day, text.data, head);
	memcpy(day + head, month ? "-01" : "-01-01", month ? 3 : 6);
	memcpy(day + head + (month ? 3 : 6), text.data + head, text.length - head);
	return DateParse(SpanOf(day, text.length + (month ? 3 : 6)), &(int32_t){0}, NULL) == CLEX_OK;
}

bool
IsoValueIsLegal(const IsoValue *value, Span text)
{
	int32_t day;

	switch ((IsoBase) value->base)
	{
		case ISO_STRING:
			break;
		case ISO_DECIMAL:
			return DigitsFit(value, text);
		case ISO_BOOLEAN:
			return IsListed("true|false|1|0", SpanTrim(text));
		case ISO_DATE:
			return DateParse(text, &day, NULL) == CLEX_OK;
		case ISO_DATE_TIME:
			return IsDateTime(SpanTrim(text));
		case ISO_YEAR:
			return IsYear(SpanTrim(text), false);
		case ISO_YEAR_MONTH:
			return IsYear(SpanTrim(text), true);
	}
	if (value->min_length > 0 || value->max_length > 0)
	{
		size_t count = Utf8Count(text);

		if (count < value->min_length || (value->max_length > 0 && count > value->max_length))
			return false;
	}
	return (value->values == NULL || IsListed(value->values, text)) &&
		   (value->pattern == NULL || IsoPatternMatches(value->pattern, text));
}

const char *
IsoValueForm(const IsoValue *value, Arena *arena)
{
	static const char *const forms[] = {
		[ISO_STRING] = "",
		[ISO_DECIMAL] = "123.45",
		[ISO_BOOLEAN] = "true|false",
		[ISO_DATE] = "2026-12-31",
		[ISO_DATE_TIME] = "2026-12-31T23:59:59",
		[ISO_YEAR] = "2026",
		[ISO_YEAR_MONTH] = "2026-12",
	};
	const char *lengths = NULL;

	if (value->values != NULL || value->pattern != NULL)
		return value->values != NULL ? value->values : value->pattern;
	if (value->base == ISO_STRING && value->max_length > 0)
		lengths = ArenaPrintf(arena, "%u..%u", value->min_length, value->max_length);
	return lengths != NULL ? lengths : forms[value->base];
}
