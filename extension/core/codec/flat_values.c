/*
 * flat_values.c
 *		Numbers, dates and characters of CSV and positional files, as a mapping has them.
 */
#include "core/codec/flat_values.h"

#include "core/base/date.h"
#include "core/base/utf8.h"

/* Bytes of a separator of thousands at a place, 0 if there is none: blanks and apostrophes have several forms. */
static size_t
ThousandsAt(const FlatMapping *mapping, Span text, size_t at)
{
	static const char *const blanks[] = {"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"};
	Span rest = SpanOf(text.data + at, text.length - at);

	if (mapping->thousands == 0 || rest.length == 0)
		return 0;
	if (rest.data[0] == mapping->thousands)
		return 1;
	for (size_t i = 0; mapping->thousands == ' ' && i < sizeof(blanks) / sizeof(blanks[0]); i++)
		if (rest.length >= strlen(blanks[i]) &&
			memcmp(rest.data, blanks[i], strlen(blanks[i])) == 0)
			return strlen(blanks[i]);
	return mapping->thousands == '\'' && rest.length >= 3 &&
				   memcmp(rest.data, "\xE2\x80\x99", 3) == 0
			   ? 3
			   : 0;
}

/* Take the sign off: before or behind the number, or parentheses around it. */
static Span
TakeSign(Span text, bool *negative)
{
	size_t last = text.length - 1;

	*negative = true;
	if (text.length >= 3 && text.data[0] == '(' && text.data[last] == ')')
		return SpanOf(text.data + 1, text.length - 2);
	if (text.length >= 2 && text.data[0] == '-')
		return SpanOf(text.data + 1, last);
	if (text.length >= 2 && text.data[last] == '-')
		return SpanOf(text.data, last);
	if (text.length >= 4 && memcmp(text.data, "\xE2\x88\x92", 3) == 0)
		return SpanOf(text.data + 3, text.length - 3);
	*negative = false;
	return text.length >= 2 && text.data[0] == '+' ? SpanOf(text.data + 1, last) : text;
}

/*
 * Separators of thousands stand before the decimals, with two or three digits between them and three behind the
 * last: "1.5" is not 15.
 */
static bool
TakeDigits(const FlatMapping *mapping, Span text, char *plain, size_t room, size_t *length)
{
	bool separated = false;
	bool decimals = false;
	size_t group = 0; /* digits since the last separator */

	for (size_t i = 0; i < text.length; i++)
	{
		char c = text.data[i];
		size_t thousands = ThousandsAt(mapping, text, i);

		if (*length == room)
			return false;
		if (thousands > 0)
		{
			if (decimals || group == 0 || group > 3 || (separated && group < 2))
				return false;
			separated = true;
			group = 0;
			i += thousands - 1;
		}
		else if (c >= '0' && c <= '9')
		{
			plain[(*length)++] = c;
			group++;
		}
		else if (c == mapping->decimal && !decimals && (!separated || group == 3))
		{
			plain[(*length)++] = '.';
			decimals = true;
		}
		else
			return false;
	}
	return !separated || decimals || group == 3;
}

bool
FlatNumber(const FlatMapping *mapping, const FlatField *field, Span text, Decimal *value)
{
	char plain[80];
	size_t length = 0;
	bool negative;

	if (text.length == 0)
		return false;
	text = TakeSign(text, &negative);
	if (!TakeDigits(mapping, text, plain, sizeof(plain), &length) ||
		DecimalParse(SpanOf(plain, length), value) != CLEX_OK)
		return false;
	if (negative)
		*value = DecimalNegate(*value);
	if (field->scale > 0 && value->scale == 0)
		value->scale = field->scale;
	return true;
}

/* Two or four digits of a date, -1 if there are others. */
static int
Digits(Span text, size_t at, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++)
	{
		if (at + (size_t) i >= text.length || text.data[at + (size_t) i] < '0' ||
			text.data[at + (size_t) i] > '9')
			return -1;
		value = value * 10 + (text.data[at + (size_t) i] - '0');
	}
	return value;
}

static bool
PatternAt(Span pattern, size_t at, const char *word)
{
	size_t length = strlen(word);

	return pattern.length - at >= length && memcmp(pattern.data + at, word, length) == 0;
}

bool
FlatDate(Span pattern, Span text, int32_t *date)
{
	int year = -1, month = -1, day = -1;
	size_t at = 0;

	for (size_t i = 0; i < pattern.length;)
	{
		int count = PatternAt(pattern, i, "YYYY") ? 4 : 2;

		if (count == 4)
			year = Digits(text, at, 4);
		else if (PatternAt(pattern, i, "YY"))
			year = Digits(text, at, 2) < 0 ? -1 : 2000 + Digits(text, at, 2);
		else if (PatternAt(pattern, i, "MM"))
			month = Digits(text, at, 2);
		else if (PatternAt(pattern, i, "DD"))
			day = Digits(text, at, 2);
		else if (at < text.length && text.data[at] == pattern.data[i])
			count = 1;
		else
			return false;
		i += (size_t) count;
		at += (size_t) count;
	}
	if (at != text.length || year < 0 || month < 0 || day < 0 || !DateIsValid(year, month, day))
		return false;
	*date = DateFromCivil(year, month, day);
	return true;
}

/* The 16 bits at a place. */
static uint32_t
Unit(Span s, size_t at, bool big)
{
	unsigned char one = (unsigned char) s.data[at];
	unsigned char two = (unsigned char) s.data[at + 1];

	return big ? (uint32_t) one << 8 | two : (uint32_t) two << 8 | one;
}

/* Append what UTF-16 says behind its byte order mark. */
static void
NarrowUtf16(Span s, bool big, Text *text)
{
	size_t at = 2;

	while (at + 1 < s.length && !text->failed)
	{
		uint32_t point = Unit(s, at, big);
		char encoded[4];

		at += 2;
		if (point >= 0xD800 && point < 0xE000)
		{
			uint32_t low = point < 0xDC00 && at + 1 < s.length ? Unit(s, at, big) : 0;

			at += low >= 0xDC00 && low < 0xE000 ? 2 : 0;
			point = low >= 0xDC00 && low < 0xE000
						? 0x10000 + ((point - 0xD800) << 10) + low - 0xDC00
						: 0xFFFD;
		}
		TextAppend(text, encoded, (size_t) Utf8Encode(point, encoded));
	}
	/* half a unit */
	if (at < s.length)
		TextAppend(text, "\xEF\xBF\xBD", 3);
}

ClexStatus
FlatNarrow(const FlatMapping *mapping, Span *content, Arena *arena, ClexError *error)
{
	bool little = content->length >= 2 && memcmp(content->data, "\xFF\xFE", 2) == 0;
	bool big = content->length >= 2 && memcmp(content->data, "\xFE\xFF", 2) == 0;
	Text text;

	if (!little && !big)
	{
		if (mapping->encoding != FLAT_UTF16)
			return CLEX_OK;
		ClexFail(error, CLEX_INVALID, "the file has no byte order mark");
		ClexHint(error, "The mapping says that it is in UTF-16, which begins with one.");
		return CLEX_INVALID;
	}
	TextInit(&text, arena);
	/* two bytes are three at most */
	TextReserve(&text, content->length / 2 * 3 + 4);
	NarrowUtf16(*content, big, &text);
	if (text.failed)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	*content = TextSpan(&text);
	return CLEX_OK;
}
