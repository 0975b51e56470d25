/*
 * xml_write.c
 *		Escaping, and what a name is.
 *
 * Bytes that need no care, which are nearly all, are found by one look into a table and copied in runs.
 */
#include "core/xml/xml_write.h"

#include "core/base/utf8.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* What a byte needs. */
enum
{
	PLAIN = 0,
	MARKUP = 1,	 /* & < >: always escaped */
	QUOTED = 2,	 /* " and white space but the space: escaped in attributes */
	RETURN = 3,	 /* a parser would make a line feed of it */
	ILLEGAL = 4, /* not in XML at all */
	PERHAPS = 5, /* begins U+FFFE and U+FFFF */
};

static const uint8_t care[256] = {
	[0x00 ... 0x08] = ILLEGAL,
	['\t'] = QUOTED,
	['\n'] = QUOTED,
	[0x0B ... 0x0C] = ILLEGAL,
	['\r'] = RETURN,
	[0x0E ... 0x1F] = ILLEGAL,
	['"'] = QUOTED,
	['&'] = MARKUP,
	['<'] = MARKUP,
	['>'] = MARKUP,
	[0xEF] = PERHAPS,
};

static const char *
Escape(unsigned char c)
{
	switch (c)
	{
		case '&':
			return "&amp;";
		case '<':
			return "&lt;";
		case '>':
			return "&gt;";
		case '"':
			return "&quot;";
		case '\t':
			return "&#9;";
		case '\n':
			return "&#10;";
		default:
			return "&#13;";
	}
}

/* U+FFFE or U+FFFF at position i, which holds 0xEF. */
static bool
IsNonCharacter(Span s, size_t i)
{
	return s.length - i >= 3 && (unsigned char) s.data[i + 1] == 0xBF &&
		   (unsigned char) s.data[i + 2] >= 0xBE;
}

static bool
AppendEscaped(Text *out, Span s, bool attribute)
{
	size_t start = 0;
	bool clean = true;

	for (size_t i = 0; i < s.length; i++)
	{
		unsigned char c = (unsigned char) s.data[i];
		uint8_t need = care[c];
		const char *escape;
		size_t length = 1;

		if (need == PLAIN || (need == QUOTED && !attribute) ||
			(need == PERHAPS && !IsNonCharacter(s, i)))
			continue;
		if (need == ILLEGAL || need == PERHAPS)
		{
			clean = false;
			escape = REPLACEMENT;
			length = need == PERHAPS ? 3 : 1;
		}
		else
			escape = Escape(c);
		TextAppend(out, s.data + start, i - start);
		TextAppend(out, escape, strlen(escape));
		i += length - 1;
		start = i + 1;
	}
	if (s.length > start)
		TextAppend(out, s.data + start, s.length - start);
	return clean;
}

bool
XmlAppendText(Text *out, Span s)
{
	return AppendEscaped(out, s, false);
}

bool
XmlAppendValue(Text *out, Span s)
{
	return AppendEscaped(out, s, true);
}

void
XmlAppendMarkup(Text *out, Span s)
{
	size_t start = 0;

	for (size_t i = 0; i < s.length; i++)
	{
		const char *escape;

		if (care[(unsigned char) s.data[i]] != MARKUP && s.data[i] != '"')
			continue;
		escape = Escape((unsigned char) s.data[i]);
		TextAppend(out, s.data + start, i - start);
		TextAppend(out, escape, strlen(escape));
		start = i + 1;
	}
	if (s.length > start)
		TextAppend(out, s.data + start, s.length - start);
}

/* NameStartChar of XML 1.0, fifth edition, without the colon; then what NameChar has beside it. */
static const uint32_t name_start[][2] = {{'A', 'Z'},	   {'_', '_'},		 {'a', 'z'},
										 {0xC0, 0xD6},	   {0xD8, 0xF6},	 {0xF8, 0x2FF},
										 {0x370, 0x37D},   {0x37F, 0x1FFF},	 {0x200C, 0x200D},
										 {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF},
										 {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
										 {'-', '-'},	   {'.', '.'},		 {'0', '9'},
										 {0xB7, 0xB7},	   {0x300, 0x36F},	 {0x203F, 0x2040}};
#define NAME_RANGES (sizeof(name_start) / sizeof(name_start[0]))
#define START_RANGES (NAME_RANGES - 6)

bool
XmlIsName(Span s)
{
	size_t bytes;

	if (s.length == 0 || !Utf8IsValid(s))
		return false;
	for (size_t i = 0; i < s.length; i += bytes)
	{
		uint32_t c = Utf8Point(SpanOf(s.data + i, s.length - i), &bytes);
		bool good = false;

		for (size_t k = 0; k < (i == 0 ? START_RANGES : NAME_RANGES) && !good; k++)
			good = c >= name_start[k][0] && c <= name_start[k][1];
		if (!good)
			return false;
	}
	return true;
}
