/*
 * structure_value.c
 *		Lexical checks of the simple types that the schemas use.
 *
 * By the lexical spaces of XML Schema 1.0 part 2, without building values: decimals have any length,
 * years any number of digits.  Every type but string collapses white space first, so blanks around
 * any value are legal.
 */
#include "core/rules/structure.h"

#include "core/base/date.h"

/* Take digits; returns how many. */
static size_t
SkipDigits(Span *s)
{
	size_t n = 0;

	while (n < s->length && s->data[n] >= '0' && s->data[n] <= '9')
		n++;
	*s = SpanOf(s->data + n, s->length - n);
	return n;
}

static bool
SkipChar(Span *s, char c)
{
	if (s->length == 0 || s->data[0] != c)
		return false;
	*s = SpanOf(s->data + 1, s->length - 1);
	return true;
}

/* Take exactly two digits; -1 if there are none. */
static int
TwoDigits(Span *s)
{
	int value;

	if (s->length < 2 || s->data[0] < '0' || s->data[0] > '9' || s->data[1] < '0' ||
		s->data[1] > '9')
		return -1;
	value = (s->data[0] - '0') * 10 + (s->data[1] - '0');
	*s = SpanOf(s->data + 2, s->length - 2);
	return value;
}

static bool
IsDecimal(Span s, bool integer)
{
	size_t digits;

	if (!SkipChar(&s, '-'))
		SkipChar(&s, '+');
	digits = SkipDigits(&s);
	if (!integer && SkipChar(&s, '.'))
		digits += SkipDigits(&s);
	return digits > 0 && s.length == 0;
}

static bool
IsBoolean(Span s)
{
	return SpanEqualCString(s, "true") || SpanEqualCString(s, "false") ||
		   SpanEqualCString(s, "1") || SpanEqualCString(s, "0");
}

/* YYYY-MM-DD; years are negative or longer than four digits too, but never 0000. */
static bool
SkipDate(Span *s)
{
	Span digits;
	size_t count;
	int year = 0;
	int month;
	int day;
	bool zero = true;

	SkipChar(s, '-');
	digits = *s;
	count = SkipDigits(s);
	if (count < 4 || (count > 4 && digits.data[0] == '0'))
		return false;
	for (size_t i = 0; i < count; i++)
	{
		zero &= digits.data[i] == '0';
		/* leap years repeat every 400 years */
		year = (year * 10 + (digits.data[i] - '0')) % 400;
	}
	if (zero || !SkipChar(s, '-') || (month = TwoDigits(s)) < 0 || !SkipChar(s, '-') ||
		(day = TwoDigits(s)) < 0)
		return false;
	return DateIsValid(year + 2000, month, day);
}

/* hh:mm:ss with an optional fraction; 24:00:00 is the end of a day. */
static bool
SkipTime(Span *s)
{
	int hour = TwoDigits(s);
	int minute = hour >= 0 && SkipChar(s, ':') ? TwoDigits(s) : -1;
	int second = minute >= 0 && SkipChar(s, ':') ? TwoDigits(s) : -1;
	bool fraction = false;

	if (second < 0 || minute > 59 || second > 59)
		return false;
	if (SkipChar(s, '.'))
	{
		Span digits = *s;
		size_t count = SkipDigits(s);

		if (count == 0)
			return false;
		for (size_t i = 0; i < count; i++)
			fraction |= digits.data[i] != '0';
	}
	return hour < 24 || (hour == 24 && minute == 0 && second == 0 && !fraction);
}

/* Nothing, Z, or an offset of at most 14 hours. */
static bool
IsZone(Span s)
{
	int hours;
	int minutes;

	if (s.length == 0 || SpanEqualCString(s, "Z"))
		return true;
	if (!SkipChar(&s, '+') && !SkipChar(&s, '-'))
		return false;
	hours = TwoDigits(&s);
	if (hours < 0 || !SkipChar(&s, ':'))
		return false;
	minutes = TwoDigits(&s);
	return s.length == 0 && minutes >= 0 && minutes <= 59 && hours * 60 + minutes <= 840;
}

static bool
IsHexDigit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
IsLetter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
IsLetterOrDigit(char c)
{
	return IsLetter(c) || (c >= '0' && c <= '9');
}

/*
 * Nearly every text is an anyURI: what is not legal in a URI is thought to be escaped.  What remains:
 * a colon in the first segment ends a scheme, % begins an escape, and there is one fragment.
 */
static bool
IsAnyUri(Span s)
{
	bool first_segment = true;
	bool scheme = true;
	bool fragment = false;

	for (size_t i = 0; i < s.length; i++)
	{
		char c = s.data[i];

		if (c == ':' && first_segment)
		{
			if (!scheme || i == 0)
				return false;
			first_segment = false;
		}
		else if (c == '%')
		{
			if (i + 2 >= s.length || !IsHexDigit(s.data[i + 1]) || !IsHexDigit(s.data[i + 2]))
				return false;
		}
		else if (c == '#')
		{
			if (fragment)
				return false;
			fragment = true;
		}
		if (c == '/' || c == '?' || c == '#')
			first_segment = false;
		else if (!(i == 0 ? IsLetter(c) : IsLetterOrDigit(c) || c == '+' || c == '-' || c == '.'))
			scheme = false;
	}
	return true;
}

/* The six bits of a character of the base64 alphabet. */
static int
Base64Bits(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : 63;
}

/*
 * Groups of four, white space anywhere, padding whose unused bits are 0.  Attachments make up most
 * of the documents that have them, so the alphabet is looked at eight bytes at a time.
 */
static bool
IsBase64(Span s)
{
	enum
	{
		BASE64_ILLEGAL,
		BASE64_SPACE,
		BASE64_PAD,
		BASE64_DIGIT = 4
	};
	static const uint8_t classes[256] = {
		[' '] = BASE64_SPACE,		  ['\t'] = BASE64_SPACE,		['\n'] = BASE64_SPACE,
		['\r'] = BASE64_SPACE,		  ['='] = BASE64_PAD,			['A' ... 'Z'] = BASE64_DIGIT,
		['a' ... 'z'] = BASE64_DIGIT, ['0' ... '9'] = BASE64_DIGIT, ['+'] = BASE64_DIGIT,
		['/'] = BASE64_DIGIT};
	const unsigned char *p = (const unsigned char *) s.data;
	const unsigned char *end = p + s.length;
	size_t digits = 0;
	size_t padding = 0;
	unsigned char last = 'A';

	while (p < end)
	{
		while (padding == 0 && end - p >= 8 &&
			   (classes[p[0]] & classes[p[1]] & classes[p[2]] & classes[p[3]] & classes[p[4]] &
				classes[p[5]] & classes[p[6]] & classes[p[7]] & BASE64_DIGIT))
		{
			digits += 8;
			last = p[7];
			p += 8;
		}
		if (p == end)
			break;
		switch (classes[*p])
		{
			case BASE64_SPACE:
				break;
			case BASE64_PAD:
				padding++;
				break;
			case BASE64_DIGIT:
				if (padding > 0)
					return false;
				last = *p;
				digits++;
				break;
			default:
				return false;
		}
		p++;
	}
	if (padding > 2 || (digits + padding) % 4 != 0)
		return false;
	return padding == 0 || (Base64Bits((char) last) & (padding == 1 ? 0x03 : 0x0F)) == 0;
}

/* Subtags of one to eight letters, digits too behind the first. */
static bool
IsLanguage(Span s)
{
	size_t length = 0;
	bool first = true;

	for (size_t i = 0; i < s.length; i++)
	{
		if (s.data[i] == '-' && length > 0)
		{
			length = 0;
			first = false;
		}
		else if (++length > 8 || !(first ? IsLetter(s.data[i]) : IsLetterOrDigit(s.data[i])))
			return false;
	}
	return length > 0;
}

/* One code point of text known to be UTF-8. */
static uint32_t
NextCodePoint(Span *s)
{
	const unsigned char *p = (const unsigned char *) s->data;
	size_t length = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	uint32_t code = length == 1 ? p[0] : p[0] & (0xFFu >> (length + 1));

	if (length > s->length)
		length = s->length;
	for (size_t i = 1; i < length; i++)
		code = code << 6 | (p[i] & 0x3Fu);
	*s = SpanOf(s->data + length, s->length - length);
	return code;
}

/* A character of names, by XML 1.0 (fifth edition), colon apart. */
static bool
IsNameCharacter(uint32_t c, bool first)
{
	static const uint32_t starts[][2] = {{0xC0, 0xD6},	   {0xD8, 0xF6},	 {0xF8, 0x2FF},
										 {0x370, 0x37D},   {0x37F, 0x1FFF},	 {0x200C, 0x200D},
										 {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF},
										 {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};

	if (c < 0x80)
		return IsLetter((char) c) || c == '_' ||
			   (!first && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (c >= starts[i][0] && c <= starts[i][1])
			return true;
	return !first && (c == 0xB7 || (c >= 0x300 && c <= 0x36F) || c == 0x203F || c == 0x2040);
}

/* An NCName; that it is unique is checked by the caller. */
static bool
IsId(Span s)
{
	bool first = true;

	while (s.length > 0)
	{
		if (!IsNameCharacter(NextCodePoint(&s), first))
			return false;
		first = false;
	}
	return !first;
}

/* Characters of a text with its white space collapsed. */
static size_t
TokenLength(Span s)
{
	size_t length = 0;

	for (size_t i = 0; i < s.length; i++)
		if (IsXmlSpace(s.data[i]))
			length += !IsXmlSpace(s.data[i - 1]);
		else
			length += ((unsigned char) s.data[i] & 0xC0) != 0x80;
	return length;
}

/* Characters of a text as it is. */
static size_t
StringLength(Span s)
{
	size_t length = 0;

	for (size_t i = 0; i < s.length; i++)
		length += ((unsigned char) s.data[i] & 0xC0) != 0x80;
	return length;
}

static bool
HasLength(const SimpleType *type, Span s)
{
	size_t length;

	if (type->min_length == 0 && type->max_length == 0)
		return true;
	length = type->kind == SIMPLE_STRING ? StringLength(s) : TokenLength(s);
	return length >= type->min_length && (type->max_length == 0 || length <= type->max_length);
}

/* Is it one of "a|b|c"? */
static bool
IsListed(const char *values, Span s)
{
	while (*values != '\0')
	{
		size_t length = strcspn(values, "|");

		if (SpanEqual(SpanOf(values, length), s))
			return true;
		values += length + (values[length] == '|');
	}
	return false;
}

bool
SimpleValueIsLegal(const SimpleType *type, Span text)
{
	Span s;

	if (type->values != NULL && !IsListed(type->values, text))
		return false;
	if (type->kind == SIMPLE_STRING)
		return HasLength(type, text);
	s = SpanTrim(text);
	switch ((SimpleKind) type->kind)
	{
		case SIMPLE_STRING:
			return true;
		case SIMPLE_TOKEN:
			return HasLength(type, s);
		case SIMPLE_DECIMAL:
			return IsDecimal(s, false);
		case SIMPLE_INTEGER:
			return IsDecimal(s, true);
		case SIMPLE_BOOLEAN:
			return IsBoolean(s);
		case SIMPLE_DATE:
			return SkipDate(&s) && IsZone(s);
		case SIMPLE_DATE_TIME:
			return SkipDate(&s) && SkipChar(&s, 'T') && SkipTime(&s) && IsZone(s);
		case SIMPLE_TIME:
			return SkipTime(&s) && IsZone(s);
		case SIMPLE_ANY_URI:
			return IsAnyUri(s);
		case SIMPLE_BASE64:
			return IsBase64(s);
		case SIMPLE_LANGUAGE:
			return IsLanguage(s);
		case SIMPLE_ID:
			return IsId(s);
	}
	return false;
}

bool
SimpleValueEquals(Span text, const char *fixed)
{
	Span s = SpanTrim(text);

	for (size_t i = 0; i < s.length; i++)
	{
		char c = s.data[i];

		if (IsXmlSpace(c))
		{
			if (IsXmlSpace(s.data[i - 1]))
				continue;
			c = ' ';
		}
		if (*fixed == '\0' || *fixed++ != c)
			return false;
	}
	return *fixed == '\0';
}
