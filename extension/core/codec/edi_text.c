/*
 * edi_text.c
 *		From the bytes of a value to its text.
 *
 * Line breaks within values are the work of programs that wrap lines: they are dropped, but where the
 * character set is UTF-8 (UNOW, UNOX, UNOY) they are characters like others and are kept as LF.
 */
#include "core/codec/edi_text.h"

#include "core/base/utf8.h"

#define REPLACEMENT 0xFFFD

const EdiHalf *
EdiHalfOf(const char *syntax)
{
	for (uint32_t i = 0; i < ClexEdiHalfCount; i++)
		if (strcmp(ClexEdiHalves[i].syntax, syntax) == 0)
			return &ClexEdiHalves[i];
	return NULL;
}

EdiCharset
EdiCharsetOf(const char *syntax, const EdiHalf **half)
{
	*half = EdiHalfOf(syntax);
	if (*half != NULL)
		return EDI_SINGLE_BYTE;
	if (strcmp(syntax, "UNOA") == 0 || strcmp(syntax, "UNOB") == 0)
		return EDI_ASCII;
	if (strcmp(syntax, "UNOW") == 0 || strcmp(syntax, "UNOX") == 0 || strcmp(syntax, "UNOY") == 0)
		return EDI_UTF8;
	return EDI_UNKNOWN_SET;
}

/* Characters of level A and B besides letters, digits and blank. */
static const char level_marks[] = ".,-()/=!\"%&*;<>'+:?";

static bool
InLevel(unsigned char c, bool lower)
{
	return c == ' ' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		   (lower && c >= 'a' && c <= 'z') || (c != '\0' && strchr(level_marks, c) != NULL);
}

void
EdiRepertoire(const char *syntax, EdiCharset charset, const EdiHalf *half, uint8_t classes[256])
{
	bool level = charset == EDI_ASCII && syntax[0] != '\0';

	for (unsigned c = 0; c < 256; c++)
	{
		uint8_t class = 0;

		if (c == '\n' || c == '\r')
			class = EDI_VALUE_BREAK;
		else if (c < 0x20 || c == 0x7F)
			class = EDI_VALUE_CONTROL | EDI_VALUE_OUTSIDE;
		else if (c > 0x7F)
		{
			class = EDI_VALUE_HIGH;
			if (level || (charset == EDI_SINGLE_BYTE && half->points[c - 128] == 0))
				class |= EDI_VALUE_OUTSIDE;
		}
		else if (level && !InLevel((unsigned char) c, syntax[3] == 'B'))
			class = EDI_VALUE_OUTSIDE;
		classes[c] = class;
	}
}

bool
EdiHasHighBytes(Span content)
{
	size_t i = 0;
	uint64_t seen = 0;

	for (; content.length - i >= 8; i += 8)
	{
		uint64_t word;

		memcpy(&word, content.data + i, 8);
		seen |= word;
	}
	for (; i < content.length; i++)
		seen |= (unsigned char) content.data[i];
	return (seen & 0x8080808080808080u) != 0;
}

/* One byte above 127 of a single-byte set. */
static void
AppendHigh(const EdiScanner *scanner, unsigned char c, Text *out)
{
	const EdiHalf *half = scanner->charset == EDI_SINGLE_BYTE ? scanner->half : NULL;
	const EdiHalf *sent = EdiHalfOf("WINDOWS");
	uint32_t point = half != NULL ? half->points[c - 128] : 0;
	char bytes[4];

	if (point == 0 && sent != NULL)
		point = sent->points[c - 128];
	if (point == 0)
		point = half == NULL && c >= 0xA0 ? c : REPLACEMENT;
	TextAppend(out, bytes, (size_t) Utf8Encode(point, bytes));
}

/* What is UTF-8 as it is, the rest byte by byte; no control characters that text cannot hold. */
static void
AppendBytes(const EdiScanner *scanner, Span s, Text *out)
{
	char bytes[4];

	for (size_t i = 0; i < s.length;)
	{
		unsigned char c = (unsigned char) s.data[i];
		size_t length = 1;

		if (c == '\0')
			TextAppend(out, bytes, (size_t) Utf8Encode(REPLACEMENT, bytes));
		else if (c < 0x80)
			TextAppendChar(out, (char) c);
		else
		{
			size_t left = s.length - i < 4 ? s.length - i : 4;

			length = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
			if (scanner->charset != EDI_UTF8 || left < length ||
				Utf8ValidPrefix(SpanOf(s.data + i, length)) != length)
			{
				AppendHigh(scanner, c, out);
				length = 1;
			}
			else
				TextAppend(out, s.data + i, length);
		}
		i += length;
	}
}

Span
EdiText(const EdiScanner *scanner, const EdiValue *value, Arena *arena)
{
	const char *p = value->data;
	const char *end = p + value->length;
	Text text;

	if ((value->flags &
		 (EDI_VALUE_RELEASED | EDI_VALUE_BREAK | EDI_VALUE_HIGH | EDI_VALUE_CONTROL)) == 0)
		return SpanOf(value->data, value->length);
	TextInit(&text, arena);
	TextReserve(&text, value->length);
	while (p < end)
	{
		const char *start = p;

		while (p < end && *p != '\n' && *p != '\r' &&
			   !(*p == scanner->separators.release && *p != '\0'))
			p++;
		AppendBytes(scanner, SpanOf(start, (size_t) (p - start)), &text);
		if (p == end)
			break;
		if (*p == '\n' || *p == '\r')
		{
			if (scanner->wide_lines && *p == '\n' && text.length > 0)
				TextAppendChar(&text, '\n');
			p++;
			continue;
		}
		/* released: the next character stands for itself */
		p++;
		while (p < end && (*p == '\n' || *p == '\r'))
			p++;
		if (p < end && (unsigned char) *p < 0x80)
			AppendBytes(scanner, SpanOf(p++, 1), &text);
	}
	while (scanner->wide_lines && text.length > 0 && text.data[text.length - 1] == '\n')
		text.length--;
	return text.failed ? SpanOf(NULL, 0) : SpanOf(text.length > 0 ? text.data : "", text.length);
}

Span
EdiTextAt(const EdiScanner *scanner, const EdiSegment *segment, unsigned element,
		  unsigned component, Arena *arena)
{
	const EdiValue *value = EdiFind(scanner, segment, element, component);
	Span text = value == NULL ? SpanOf("", 0) : EdiText(scanner, value, arena);

	return text.data == NULL ? SpanOf("", 0) : text;
}
