/*
 * json.c
 *		A pull scanner of JSON: the caller says what it wants next.
 *
 * A scanner of its own, because it is strict where general ones are not, builds no tree, keeps numbers
 * as text, digit by digit, and names the place of an error.
 */
#include "core/base/json.h"

#include "core/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

JsonScanner
JsonScannerOn(Span text, Arena *arena, ClexError *error)
{
	const char *start = text.length > 0 ? text.data : "";

	return (JsonScanner){start, start, start + text.length, arena, error};
}

ClexStatus
JsonFail(JsonScanner *json, const char *at, const char *format, ...)
{
	char message[CLEX_ERROR_TEXT];
	va_list args;
	uint32_t line = 1;
	size_t column = 1;
	size_t shown = (size_t) (json->end - at) > 40 ? 40 : (size_t) (json->end - at);

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	for (const char *p = json->start; p < at; p++)
	{
		if (*p == '\n')
		{
			line++;
			column = 1;
		}
		else if (((unsigned char) *p & 0xC0) != 0x80)
			column++;
	}
	shown = Utf8Cut(SpanOf(at, shown), shown).length;
	for (size_t i = 0; i < shown; i++)
		if ((unsigned char) at[i] < 0x20)
			shown = i;
	ClexFail(json->error, CLEX_MALFORMED, "%s", message);
	if (shown > 0)
		ClexDetail(json->error, "Line %u, column %zu: %.*s", line, column, (int) shown, at);
	else
		ClexDetail(json->error, "Line %u, column %zu.", line, column);
	if (json->error != NULL)
	{
		json->error->line = line;
		json->error->offset = (uint64_t) (at - json->start);
	}
	return CLEX_MALFORMED;
}

void
JsonSkipSpace(JsonScanner *json)
{
	while (json->p < json->end && IsXmlSpace(*json->p))
		json->p++;
}

/* The next character that is not white space, 0 at the end. */
char
JsonPeek(JsonScanner *json)
{
	JsonSkipSpace(json);
	return json->p < json->end ? *json->p : '\0';
}

ClexStatus
JsonExpect(JsonScanner *json, char c)
{
	if (JsonPeek(json) != c)
		return JsonFail(json, json->p,
						json->p < json->end ? "invalid JSON: \"%c\" expected"
											: "invalid JSON: it ends where \"%c\" is expected",
						c);
	json->p++;
	return CLEX_OK;
}

/* Four hexadecimal digits at p, or -1. */
static int
HexQuad(const char *p, const char *end)
{
	int value = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		char c = p[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/* Decode one escape at json->p (on the backslash) to `out`, or fail. */
static ClexStatus
ReadEscape(JsonScanner *json, Text *out)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *at = json->p;
	const char *known;
	uint32_t code;
	int unit;
	char bytes[4];

	if (json->end - at < 2)
		return JsonFail(json, at, "invalid JSON: it ends within a string");
	known = at[1] == '\0' ? NULL : strchr(from, at[1]);
	json->p += 2;
	if (known != NULL)
	{
		TextAppendChar(out, to[known - from]);
		return CLEX_OK;
	}
	unit = at[1] == 'u' ? HexQuad(json->p, json->end) : -1;
	if (unit < 0)
		return JsonFail(json, at, "invalid JSON: unknown escape in a string");
	json->p += 4;
	code = (uint32_t) unit;
	if (unit >= 0xD800 && unit <= 0xDBFF && json->end - json->p >= 6 && json->p[0] == '\\' &&
		json->p[1] == 'u')
	{
		int low = HexQuad(json->p + 2, json->end);

		if (low >= 0xDC00 && low <= 0xDFFF)
		{
			code = 0x10000 + ((code - 0xD800) << 10) + ((uint32_t) low - 0xDC00);
			json->p += 6;
		}
	}
	if (code == 0)
		return JsonFail(json, at, "\\u0000 cannot be stored");
	if (code >= 0xD800 && code <= 0xDFFF)
		return JsonFail(json, at, "invalid JSON: half of a surrogate pair");
	TextAppend(out, bytes, (size_t) Utf8Encode(code, bytes));
	return CLEX_OK;
}

/* A string: a slice of the input where it has no escapes. */
ClexStatus
JsonString(JsonScanner *json, Span *string)
{
	const char *open;
	const char *plain;
	bool escaped = false;
	Text text;

	if (JsonPeek(json) != '"')
		return JsonFail(json, json->p, "a string is expected");
	open = json->p++;
	plain = json->p;
	TextInit(&text, json->arena);
	for (;;)
	{
		ClexStatus status;

		while (json->p < json->end && *json->p != '"' && *json->p != '\\' &&
			   (unsigned char) *json->p >= 0x20)
			json->p++;
		if (json->p >= json->end)
			return JsonFail(json, open, "invalid JSON: a string has no end");
		if (escaped || *json->p == '\\')
			TextAppendSpan(&text, SpanOf(plain, (size_t) (json->p - plain)));
		if (*json->p == '"')
			break;
		if (*json->p != '\\')
			return JsonFail(json, json->p,
							"invalid JSON: control characters in a string must be escaped");
		escaped = true;
		status = ReadEscape(json, &text);
		if (status != CLEX_OK)
			return status;
		plain = json->p;
	}
	*string = escaped ? TextSpan(&text) : SpanOf(plain, (size_t) (json->p - plain));
	if (text.failed)
		return ClexFail(json->error, CLEX_NO_MEMORY, "out of memory");
	json->p++;
	return CLEX_OK;
}

/* A number as it is written; no exponent. */
ClexStatus
JsonNumber(JsonScanner *json, Span *number)
{
	const char *start = json->p;
	const char *p = start + (*start == '-');
	const char *digits = p;
	bool good;

	while (p < json->end && *p >= '0' && *p <= '9')
		p++;
	good = p > digits && (p == digits + 1 || *digits != '0');
	if (good && p < json->end && *p == '.')
	{
		const char *point = p++;

		while (p < json->end && *p >= '0' && *p <= '9')
			p++;
		good = p > point + 1;
	}
	if (!good)
		return JsonFail(json, start, "invalid JSON: not a number");
	if (p < json->end && (*p | 0x20) == 'e')
	{
		JsonFail(json, start, "numbers with an exponent are not decimals");
		ClexHint(json->error, "Write all digits, as in 1000 for 1e3.");
		return CLEX_MALFORMED;
	}
	*number = SpanOf(start, (size_t) (p - start));
	json->p = p;
	return CLEX_OK;
}

/* Step to the next member of an object or array; *more is false behind its end. */
ClexStatus
JsonNextMember(JsonScanner *json, char close, bool first, bool *more)
{
	char c = JsonPeek(json);

	*more = c != close;
	if (!*more)
		json->p++;
	else if (!first)
	{
		if (c != ',')
			return JsonFail(json, json->p, "invalid JSON: \",\" or \"%c\" expected", close);
		json->p++;
		if (JsonPeek(json) == close)
			return JsonFail(json, json->p, "invalid JSON: a member is missing behind \",\"");
	}
	return CLEX_OK;
}

/* A key and its colon; *at is where the key stands. */
ClexStatus
JsonKey(JsonScanner *json, Span *key, const char **at)
{
	ClexStatus status;

	JsonPeek(json);
	*at = json->p;
	status = JsonString(json, key);
	return status == CLEX_OK ? JsonExpect(json, ':') : status;
}

void
JsonAppendString(Text *out, Span s)
{
	static const char hex[] = "0123456789abcdef";
	size_t start = 0;

	TextAppendChar(out, '"');
	for (size_t i = 0; i < s.length; i++)
	{
		unsigned char c = (unsigned char) s.data[i];
		char escape[6] = {'\\', 0, '0', '0', 0, 0};
		size_t length = 2;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		switch (c)
		{
			case '\n':
				escape[1] = 'n';
				break;
			case '\r':
				escape[1] = 'r';
				break;
			case '\t':
				escape[1] = 't';
				break;
			case '"':
			case '\\':
				escape[1] = (char) c;
				break;
			default:
				escape[1] = 'u';
				escape[4] = hex[c >> 4];
				escape[5] = hex[c & 15];
				length = 6;
		}
		TextAppend(out, s.data + start, i - start);
		TextAppend(out, escape, length);
		start = i + 1;
	}
	if (s.length > start)
		TextAppend(out, s.data + start, s.length - start);
	TextAppendChar(out, '"');
}
