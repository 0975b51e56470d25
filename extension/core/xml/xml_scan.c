/*
 * xml_scan.c
 *		Plain XML read without libxml2.
 *
 * Nearly every business document is UTF-8 without DOCTYPE, CDATA or odd characters.  Such a document is
 * read here in one go over its bytes.  The scanner never decides that a document is wrong: whatever it
 * does not know for certain, errors and limits included, it leaves to libxml2, which then reads the
 * document from its start.  So what is accepted, and every error, is libxml2's; what is here must only
 * yield the tree that libxml2 would have yielded, and tests and a fuzz target compare the two.
 */
#include "core/xml/xml_scan.h"

#include "core/base/utf8.h"
#include "core/xml/xml_names.h"

#include <strings.h>

#define MOST_OPEN 200	   /* below libxml2's own limit of 256 */
#define MOST_ATTRIBUTES 32 /* of one element: they are compared pairwise */
#define LONGEST_NAME 200
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

static bool
Unsure(XmlScanner *s)
{
	s->result = SCAN_UNSURE;
	return false;
}

static bool
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
static bool
Take(XmlScanner *s, const char *text)
{
	size_t length = strlen(text);

	if (!StartsWith(s, text, length))
		return false;
	s->at += length;
	return true;
}

/* White space; a carriage return is part of it only before a line feed. */
static bool
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
static size_t
WideLength(const char *p, const char *end)
{
	size_t length = Utf8SequenceLength((const unsigned char *) p, (size_t) (end - p));

	/* U+FFFE and U+FFFF */
	if (length == 3 && (unsigned char) p[0] == 0xEF && (unsigned char) p[1] == 0xBF &&
		(unsigned char) p[2] >= 0xBE)
		return 0;
	return length;
}

/* ---- names ---- */

/* A name of ASCII letters with at most one colon. */
static bool
ScanName(XmlScanner *s, RawName *name)
{
	const char *p = s->at;
	const char *end = s->end;
	const char *start = p;

	name->prefix = SpanOf(NULL, 0);
	if (p == end || !Is(*p, NAME_STARTS))
		return Unsure(s);
	while (p < end && Is(*p, NAME_GOES_ON))
		p++;
	if (p < end && *p == ':')
	{
		name->prefix = SpanOf(start, (size_t) (p - start));
		start = ++p;
		if (p == end || !Is(*p, NAME_STARTS))
			return Unsure(s);
		while (p < end && Is(*p, NAME_GOES_ON))
			p++;
	}
	/* what follows is ASCII and no part of a name, so the name is complete */
	if (p == end || *p == ':' || (unsigned char) *p >= 0x80 || p - s->at > LONGEST_NAME)
		return Unsure(s);
	name->local = SpanOf(start, (size_t) (p - start));
	name->whole = SpanOf(s->at, (size_t) (p - s->at));
	s->at = p;
	return true;
}

/* ---- tags ---- */

/* A quoted value without line feeds, tabs and references: those are changed when read. */
static bool
ScanValue(XmlScanner *s, Span *value)
{
	const char *p = s->at;
	const char *end = s->end;
	const char *start;
	char quote;

	if (p == end || (*p != '"' && *p != '\''))
		return Unsure(s);
	quote = *p++;
	start = p;
	for (;;)
	{
		size_t length;

		while (p < end && !Is(*p, VALUE_SPECIAL))
			p++;
		if (p == end || *p == quote)
			break;
		if (*p == '"' || *p == '\'')
			p++;
		else if ((unsigned char) *p >= 0x80 && (length = WideLength(p, end)) > 0)
			p += length;
		else
			return Unsure(s);
	}
	if (p == end || p - start > LONGEST_VALUE)
		return Unsure(s);
	*value = SpanOf(start, (size_t) (p - start));
	s->at = p + 1;
	return true;
}

/* The attributes of a tag up to its end; namespaces come into scope. */
static bool
ScanAttributes(XmlScanner *s, uint32_t outside)
{
	s->attribute_count = 0;
	for (;;)
	{
		bool space = SkipSpace(s);
		RawAttribute *attribute = &s->attributes[s->attribute_count];

		if (s->at == s->end)
			return Unsure(s);
		if (*s->at == '>' || *s->at == '/')
			return true;
		if (!space || s->attribute_count == MOST_ATTRIBUTES || !ScanName(s, &attribute->name))
			return Unsure(s);
		SkipSpace(s);
		if (s->at == s->end || *s->at++ != '=')
			return Unsure(s);
		SkipSpace(s);
		if (!ScanValue(s, &attribute->value))
			return false;
		if (SpanEqualCString(attribute->name.prefix.data != NULL ? attribute->name.prefix
																 : attribute->name.local,
							 "xmlns"))
		{
			if (!XmlBind(&s->names,
						 attribute->name.prefix.data != NULL ? attribute->name.local
															 : SPAN_LITERAL(""),
						 attribute->value, outside))
				return Unsure(s);
		}
		else
			s->attribute_count++;
	}
}

/* The numbers of the attributes' names; two of one name are an error. */
static bool
NameAttributes(XmlScanner *s)
{
	for (uint32_t i = 0; i < s->attribute_count; i++)
	{
		RawAttribute *attribute = &s->attributes[i];
		const XmlBinding *binding = NULL;

		if (attribute->name.prefix.data != NULL &&
			!XmlResolve(&s->names, attribute->name.prefix, &binding))
			return Unsure(s);
		attribute->id = XmlFindName(&s->names, s->tree, attribute->name.local, binding, true);
		for (uint32_t j = 0; j < i; j++)
			if (s->attributes[j].id == attribute->id)
				return Unsure(s);
	}
	return true;
}

static bool
WithinLimits(XmlScanner *s, uint32_t outside)
{
	uint32_t attributes = s->attribute_count + s->names.binding_count - outside;

	if (s->depth >= s->limits->max_depth || s->depth >= MOST_OPEN ||
		attributes > s->limits->max_attributes ||
		TreeCount(s->tree) + attributes >= s->limits->max_nodes)
		return Unsure(s);
	if (--s->interrupt_countdown == 0)
	{
		s->interrupt_countdown = INTERRUPT_EVERY;
		if (ClexInterrupted(s->env))
			return Fail(s, SCAN_INTERRUPTED);
	}
	return true;
}

/* The element that text and elements now belong to. */
static inline uint32_t
Current(const XmlScanner *s)
{
	return s->depth > 0 ? s->open[s->depth - 1].node : 0;
}

/* "<name attributes>" or "<name attributes/>", at its name. */
static bool
ScanStartTag(XmlScanner *s)
{
	OpenElement *open = &s->open[s->depth];
	uint32_t outside = s->names.binding_count;
	const XmlBinding *binding;
	RawName name;
	NameId id;
	bool empty;
	uint32_t node;

	if (!ScanName(s, &name) || !ScanAttributes(s, outside) || !WithinLimits(s, outside))
		return false;
	if (!XmlResolve(&s->names, name.prefix, &binding))
		return Unsure(s);
	id = XmlFindName(&s->names, s->tree, name.local, binding, false);
	if (!NameAttributes(s))
		return false;
	node = TreeOpen(s->tree, Current(s), id, s->line);
	for (uint32_t i = 0; i < s->attribute_count; i++)
		TreeAddAttribute(s->tree, node, s->attributes[i].id, s->attributes[i].value);
	if (s->tree->failed)
		return Fail(s, SCAN_NO_MEMORY);
	s->text_break = false;
	empty = *s->at == '/';
	s->at += empty;
	if (s->at == s->end || *s->at++ != '>')
		return Unsure(s);
	if (empty)
	{
		TreeClose(s->tree, node);
		s->names.binding_count = outside;
		return true;
	}
	*open = (OpenElement){name.whole.data, (uint32_t) name.whole.length, node, outside};
	s->depth++;
	return true;
}

/* "</name>", behind the slash. */
static bool
ScanEndTag(XmlScanner *s)
{
	const OpenElement *open = &s->open[s->depth - 1];

	if (!StartsWith(s, open->name, open->length))
		return Unsure(s);
	s->at += open->length;
	if (s->at < s->end && *s->at != '>')
		SkipSpace(s);
	if (s->at == s->end || *s->at++ != '>')
		return Unsure(s);
	TreeClose(s->tree, open->node);
	s->names.binding_count = open->bindings;
	s->text_break = false;
	s->depth--;
	return true;
}

/* ---- text, comments, processing instructions ---- */

/* One of the five predefined entities; references to characters are left to libxml2. */
static bool
ScanEntity(XmlScanner *s)
{
	static const struct
	{
		const char *name;
		char character;
	} entities[] = {
		{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (Take(s, entities[i].name))
		{
			XmlAddText(s->tree, Current(s), s->text_break, &entities[i].character, 1);
			s->text_break = false;
			return true;
		}
	return Unsure(s);
}

/* Text so far, from `start`. */
static void
AddText(XmlScanner *s, const char *start)
{
	if (s->at == start)
		return;
	XmlAddText(s->tree, Current(s), s->text_break, start, (size_t) (s->at - start));
	s->text_break = false;
}

/* Text of the open element up to the next tag. */
static bool
ScanText(XmlScanner *s)
{
	const char *end = s->end;
	const char *start = s->at;

	for (;;)
	{
		const char *p = s->at;
		size_t length;

		while (p < end && !Is(*p, TEXT_SPECIAL))
			p++;
		s->at = p;
		if (p == end)
			return Unsure(s);
		if (*p == '\n')
		{
			s->line++;
			s->at++;
		}
		else if (*p == '<')
			break;
		else if (*p == '&')
		{
			AddText(s, start);
			if (!ScanEntity(s))
				return false;
			start = s->at;
		}
		else if (*p == '\r' && end - p > 1 && p[1] == '\n')
		{
			AddText(s, start);
			start = ++s->at;
		}
		else if (*p == ']' && end - p > 2 && !(p[1] == ']' && p[2] == '>'))
			s->at++;
		else if ((unsigned char) *p >= 0x80 && (length = WideLength(p, end)) > 0)
			s->at += length;
		else
			return Unsure(s);
	}
	AddText(s, start);
	return !s->tree->text.failed || Fail(s, SCAN_NO_MEMORY);
}

/* Step over characters up to a text that ends them. */
static bool
SkipUntil(XmlScanner *s, const char *closing)
{
	const char *start = s->at;
	size_t closing_length = strlen(closing);

	while (!StartsWith(s, closing, closing_length))
	{
		size_t length = 1;

		if (s->at == s->end || s->at - start > LONGEST_VALUE)
			return Unsure(s);
		if (*s->at == '\n')
			s->line++;
		else if ((unsigned char) *s->at >= 0x80)
			length = WideLength(s->at, s->end);
		else if ((unsigned char) *s->at < 0x20 && *s->at != '\t' &&
				 !(*s->at == '\r' && Left(s) > 1 && s->at[1] == '\n'))
			length = 0;
		if (length == 0)
			return Unsure(s);
		s->at += length;
	}
	s->at += closing_length;
	return true;
}

/* A comment, behind "<!--"; "--" may only stand at its end. */
static bool
ScanComment(XmlScanner *s)
{
	s->text_break = true;
	return SkipUntil(s, "--") && (Take(s, ">") || Unsure(s));
}

/* A processing instruction, behind "<?"; names such as "xml" are reserved. */
static bool
ScanInstruction(XmlScanner *s)
{
	RawName name;

	s->text_break = true;
	if (!ScanName(s, &name) || name.prefix.data != NULL ||
		(name.local.length == 3 && strncasecmp(name.local.data, "xml", 3) == 0))
		return Unsure(s);
	if (s->at < s->end && !Is(*s->at, IS_SPACE) && !StartsWith(s, "?>", 2))
		return Unsure(s);
	return SkipUntil(s, "?>");
}

/* ---- the document ---- */

/* The encoding that the XML declaration names: UTF-8, or the scanner is unsure. */
static bool
ScanDeclaration(XmlScanner *s, Span *encoding)
{
	static const char *const declarations[] = {"<?xml version=\"1.0\"", "<?xml version='1.0'"};
	static const char *const encodings[] = {" encoding=\"", " encoding='"};
	static const char *const standalones[] = {" standalone=\"yes\"", " standalone=\"no\"",
											  " standalone='yes'", " standalone='no'"};
	size_t i = 0;

	*encoding = SPAN_LITERAL("UTF-8");
	if (!StartsWith(s, "<?xml", 5) || Left(s) == 5 || Is(s->at[5], NAME_GOES_ON))
		return true;
	if (!Take(s, declarations[0]) && !Take(s, declarations[1]))
		return Unsure(s);
	for (i = 0; i < 2; i++)
		if (Take(s, encodings[i]))
		{
			*encoding = StartsWith(s, "utf-8", 5) ? SPAN_LITERAL("utf-8") : *encoding;
			if (!Take(s, encoding->data) || !Take(s, i == 0 ? "\"" : "'"))
				return Unsure(s);
			break;
		}
	for (i = 0; i < 4; i++)
		if (Take(s, standalones[i]))
			break;
	SkipSpace(s);
	return Take(s, "?>") || Unsure(s);
}

/* What may stand before and behind the root element. */
static bool
ScanMisc(XmlScanner *s)
{
	for (;;)
	{
		SkipSpace(s);
		if (Take(s, "<!--"))
		{
			if (!ScanComment(s))
				return false;
		}
		else if (Take(s, "<?"))
		{
			if (!ScanInstruction(s))
				return false;
		}
		else
			return true;
	}
}

/* From the root's start tag to its end. */
static bool
ScanRoot(XmlScanner *s)
{
	if (Left(s) < 2 || *s->at != '<' || !Is(s->at[1], NAME_STARTS))
		return Unsure(s);
	s->at++;
	if (!ScanStartTag(s))
		return false;
	while (s->depth > 0)
	{
		bool good;

		/* at "<" when there is text: it ends there */
		if (!ScanText(s))
			return false;
		if (Left(s) < 2)
			return Unsure(s);
		s->at++;
		if (*s->at == '/')
		{
			s->at++;
			good = ScanEndTag(s);
		}
		else if (*s->at == '?')
		{
			s->at++;
			good = ScanInstruction(s);
		}
		else if (*s->at == '!')
			good = Take(s, "!--") ? ScanComment(s) : Unsure(s);
		else
			good = ScanStartTag(s);
		if (!good)
			return false;
	}
	return true;
}

ScanResult
XmlScan(XmlScanner *scanner, Span bytes, const XmlLimits *limits, Tree *tree, XmlInfo *info)
{
	XmlScanner *s = scanner;

	s->result = SCAN_DONE;
	s->at = bytes.data;
	s->end = bytes.data + bytes.length;
	s->line = 1;
	s->depth = s->names.binding_count = s->attribute_count = 0;
	s->interrupt_countdown = INTERRUPT_EVERY;
	s->text_break = false;
	s->limits = limits;
	s->tree = tree;
	Take(s, "\xEF\xBB\xBF");
	if (ScanDeclaration(s, &info->encoding) && ScanMisc(s) && ScanRoot(s) && ScanMisc(s) &&
		s->at < s->end)
		Unsure(s);
	if (s->result == SCAN_DONE)
		TreeClose(tree, 0);
	return s->result;
}

XmlScanner *
XmlScannerCreate(const ClexEnv *env)
{
	XmlScanner *scanner = env->alloc(env->context, sizeof(XmlScanner));

	if (scanner == NULL)
		return NULL;
	memset(scanner, 0, sizeof(*scanner));
	scanner->env = env;
	return scanner;
}

void
XmlScannerFree(XmlScanner *scanner)
{
	scanner->env->release(scanner->env->context, scanner);
}
