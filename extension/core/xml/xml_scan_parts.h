/*
 * xml_scan_parts.h
 *		What the files of the scanner share: where it is, and what a byte may be.
 */
#ifndef CLEX_XML_SCAN_PARTS_H
#define CLEX_XML_SCAN_PARTS_H

#include "core/base/utf8.h"
#include "core/xml/xml_names.h"
#include "core/xml/xml_scan.h"

#define MOST_OPEN 200		  /* below libxml2's own limit of 256 */
#define MOST_ATTRIBUTES 32	  /* of one element: they are compared pairwise */
#define LONGEST_VALUE 1000000 /* of an attribute, comment or PI: libxml2 has limits there */
#define INTERRUPT_EVERY 4096  /* elements */

typedef struct OpenElement
{
	const char *name; /* as written */
	uint32_t length;
	uint32_t node;
	uint32_t bindings; /* in scope outside of it */
} OpenElement;

typedef struct RawName
{
	Span whole;
	Span prefix; /* no data: none */
	Span local;
} RawName;

typedef struct RawAttribute
{
	RawName name;
	Span value;
	NameId id;
} RawAttribute;

struct XmlScanner
{
	const ClexEnv *env;
	ScanResult result;
	const char *at;
	const char *end;
	uint32_t line;
	uint32_t depth;
	uint32_t attribute_count;
	uint32_t interrupt_countdown;
	bool text_break; /* as in the reader */
	const XmlLimits *limits;
	Tree *tree;
	OpenElement open[MOST_OPEN];
	RawAttribute attributes[MOST_ATTRIBUTES];
	XmlNames names;
};

/* What a byte is, in names (bits) and in text. */
#define NAME_STARTS 0x01
#define NAME_GOES_ON 0x02
#define TEXT_SPECIAL 0x04  /* text must stop at it */
#define VALUE_SPECIAL 0x08 /* an attribute's value must stop at it */
#define IS_SPACE 0x10

static const uint8_t kinds[256] = {
	[0 ... 8] = TEXT_SPECIAL | VALUE_SPECIAL,
	['\t'] = VALUE_SPECIAL | IS_SPACE,
	['\n'] = TEXT_SPECIAL | VALUE_SPECIAL | IS_SPACE,
	[11 ... 12] = TEXT_SPECIAL | VALUE_SPECIAL,
	['\r'] = TEXT_SPECIAL | VALUE_SPECIAL,
	[14 ... 31] = TEXT_SPECIAL | VALUE_SPECIAL,
	[' '] = IS_SPACE,
	['"'] = VALUE_SPECIAL,
	['\''] = VALUE_SPECIAL,
	['&'] = TEXT_SPECIAL | VALUE_SPECIAL,
	['<'] = TEXT_SPECIAL | VALUE_SPECIAL,
	[']'] = TEXT_SPECIAL,
	['-'] = NAME_GOES_ON,
	['.'] = NAME_GOES_ON,
	['0' ... '9'] = NAME_GOES_ON,
	['A' ... 'Z'] = NAME_STARTS | NAME_GOES_ON,
	['_'] = NAME_STARTS | NAME_GOES_ON,
	['a' ... 'z'] = NAME_STARTS | NAME_GOES_ON,
	[128 ... 255] = TEXT_SPECIAL | VALUE_SPECIAL,
};

static inline bool
Is(char c, uint8_t kind)
{
	return (kinds[(unsigned char) c] & kind) != 0;
}

static inline bool
Unsure(XmlScanner *s)
{
	s->result = SCAN_UNSURE;
	return false;
}

static inline bool
Fail(XmlScanner *s, ScanResult result)
{
	s->result = result;
	return false;
}

static inline size_t
Left(const XmlScanner *s)
{
	return (size_t) (s->end - s->at);
}

static inline bool
StartsWith(const XmlScanner *s, const char *text, size_t length)
{
	return Left(s) >= length && memcmp(s->at, text, length) == 0;
}

/* Step over a text that must stand here. */
static inline bool
Take(XmlScanner *s, const char *text)
{
	size_t length = strlen(text);

	if (!StartsWith(s, text, length))
		return false;
	s->at += length;
	return true;
}

/* White space; a carriage return is part of it only before a line feed. */
static inline bool
SkipSpace(XmlScanner *s)
{
	const char *start = s->at;

	for (; s->at < s->end; s->at++)
	{
		if (*s->at == '\n')
			s->line++;
		else if (!Is(*s->at, IS_SPACE) &&
				 !(*s->at == '\r' && s->at + 1 < s->end && s->at[1] == '\n'))
			break;
	}
	return s->at > start;
}

/* Length of the character at `p` beyond ASCII, 0 if it may not stand in XML. */
static inline size_t
WideLength(const char *p, const char *end)
{
	size_t length = Utf8SequenceLength((const unsigned char *) p, (size_t) (end - p));

	/* U+FFFE and U+FFFF */
	if (length == 3 && (unsigned char) p[0] == 0xEF && (unsigned char) p[1] == 0xBF &&
		(unsigned char) p[2] >= 0xBE)
		return 0;
	return length;
}

/* The element that text and elements now belong to. */
static inline uint32_t
Current(const XmlScanner *s)
{
	return s->depth > 0 ? s->open[s->depth - 1].node : 0;
}

/* ---- xml_scan_tags.c ---- */

/* A name of ASCII letters with at most one colon. */
extern bool XmlScanName(XmlScanner *s, RawName *name);
/* "<name attributes>" or "<name attributes/>", at its name. */
extern bool XmlScanStartTag(XmlScanner *s);
/* "</name>", behind the slash. */
extern bool XmlScanEndTag(XmlScanner *s);

#endif
