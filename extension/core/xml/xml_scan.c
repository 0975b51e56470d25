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
#include "core/xml/xml_scan_parts.h"

#include <strings.h>

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
	if (!XmlScanName(s, &name) || name.prefix.data != NULL ||
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
	if (!XmlScanStartTag(s))
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
			good = XmlScanEndTag(s);
		}
		else if (*s->at == '?')
		{
			s->at++;
			good = ScanInstruction(s);
		}
		else if (*s->at == '!')
			good = Take(s, "!--") ? ScanComment(s) : Unsure(s);
		else
			good = XmlScanStartTag(s);
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
