/*
 * notice_parse.c
 *		Patterns of notices, taken apart.
 *
 * Apostrophes follow ICU's default: two make one, one before a brace (or # in a plural) quotes up to
 * the next one, any other stands for itself, so that "aujourd'hui" needs no thought.
 */
#include "core/notice/notice.h"

#include <stdio.h>

typedef struct PatternParser
{
	Span pattern;
	size_t at;
	int depth;
	Arena *arena;
	ClexError *error;
	ClexStatus status;
} PatternParser;

/* The place of a byte in characters, from 1. */
static unsigned long
PlaceOf(const PatternParser *parser, size_t at)
{
	unsigned long place = 1;

	for (size_t i = 0; i < at && i < parser->pattern.length; i++)
		place += ((unsigned char) parser->pattern.data[i] & 0xC0) != 0x80;
	return place;
}

/* The first error counts. */
static void *
PatternFail(PatternParser *parser, size_t at, const char *message)
{
	if (parser->status == CLEX_OK)
	{
		unsigned long place = PlaceOf(parser, at);

		parser->status =
			ClexFail(parser->error, CLEX_INVALID, "invalid message pattern: %s", message);
		parser->error->offset = place;
		ClexDetail(parser->error, "Character %lu: \"%.*s\".", place,
				   (int) SpanCut(SpanOf(parser->pattern.data + at, parser->pattern.length - at), 40)
					   .length,
				   parser->pattern.data + at);
		ClexHint(parser->error, "A brace or # that stands for itself is quoted: '{'.");
	}
	return NULL;
}

static void *
PatternNoMemory(PatternParser *parser)
{
	if (parser->status == CLEX_OK)
		parser->status = ClexFail(parser->error, CLEX_NO_MEMORY, "out of memory reading a pattern");
	return NULL;
}

static char
PeekAt(const PatternParser *parser, size_t ahead)
{
	return parser->at + ahead < parser->pattern.length ? parser->pattern.data[parser->at + ahead]
													   : '\0';
}

static bool
AtEnd(const PatternParser *parser)
{
	return parser->at >= parser->pattern.length;
}

static void
SkipBlanks(PatternParser *parser)
{
	while (!AtEnd(parser) && IsXmlSpace(PeekAt(parser, 0)))
		parser->at++;
}

static bool
TakeChar(PatternParser *parser, char c)
{
	SkipBlanks(parser);
	if (PeekAt(parser, 0) != c || AtEnd(parser))
		return false;
	parser->at++;
	return true;
}

/* A name, keyword or number: up to a blank or a sign of the syntax. */
static Span
TakeWord(PatternParser *parser)
{
	size_t from;

	SkipBlanks(parser);
	for (from = parser->at; !AtEnd(parser); parser->at++)
	{
		char c = PeekAt(parser, 0);

		if (IsXmlSpace(c) || strchr("{},#':", c) != NULL)
			break;
	}
	return SpanOf(parser->pattern.data + from, parser->at - from);
}

static NoticePart *
NewPart(PatternParser *parser, NoticeKind kind, Span text)
{
	NoticePart *part = ArenaAllocZero(parser->arena, sizeof(NoticePart));

	if (part == NULL)
		return PatternNoMemory(parser);
	part->kind = kind;
	part->text = text;
	return part;
}

/* Text behind an apostrophe that opened a quotation, up to the one that closes it. */
static bool
TakeQuoted(PatternParser *parser, Text *text)
{
	size_t opened = parser->at - 1;

	for (; !AtEnd(parser); parser->at++)
	{
		if (PeekAt(parser, 0) == '\'')
		{
			if (PeekAt(parser, 1) != '\'')
			{
				parser->at++;
				return true;
			}
			parser->at++;
		}
		TextAppendChar(text, PeekAt(parser, 0));
	}
	return PatternFail(parser, opened, "a quotation does not end") != NULL;
}

/* Text up to a brace, or up to # within a plural. */
static NoticePart *
ParseLiteral(PatternParser *parser, bool in_plural)
{
	Text text;

	TextInit(&text, parser->arena);
	while (!AtEnd(parser))
	{
		char c = PeekAt(parser, 0);
		char next = PeekAt(parser, 1);

		if (c == '{' || c == '}' || (c == '#' && in_plural))
			break;
		parser->at++;
		if (c == '\'' && next == '\'')
			parser->at++;
		else if (c == '\'' && (next == '{' || next == '}' || (next == '#' && in_plural)))
		{
			if (!TakeQuoted(parser, &text))
				return NULL;
			continue;
		}
		TextAppendChar(&text, c);
	}
	if (text.failed)
		return PatternNoMemory(parser);
	return NewPart(parser, NOTICE_LITERAL, TextSpan(&text));
}

static NoticePart *ParseParts(PatternParser *parser, bool in_plural);

/* The number of a branch such as "=2". */
static bool
SetExact(PatternParser *parser, NoticeBranch *branch, size_t at)
{
	branch->exact = branch->key.length > 0 && branch->key.data[0] == '=';
	if (branch->exact && DecimalParse(SpanOf(branch->key.data + 1, branch->key.length - 1),
									  &branch->number) != CLEX_OK)
		return PatternFail(parser, at, "a number is expected behind =") != NULL;
	return true;
}

/* One "key {parts}" of a plural or select. */
static NoticeBranch *
ParseBranch(PatternParser *parser, const NoticePart *part, bool in_plural)
{
	NoticeBranch *branch = ArenaAllocZero(parser->arena, sizeof(NoticeBranch));
	size_t at;

	if (branch == NULL)
		return PatternNoMemory(parser);
	SkipBlanks(parser);
	at = parser->at;
	branch->key = TakeWord(parser);
	if (branch->key.length == 0)
		return PatternFail(parser, at, "a case and its text in braces are expected");
	if (part->kind != NOTICE_SELECT && !SetExact(parser, branch, at))
		return NULL;
	for (const NoticeBranch *other = part->branches; other != NULL; other = other->next)
		if (SpanEqual(other->key, branch->key))
			return PatternFail(parser, at, "a case stands twice");
	if (!TakeChar(parser, '{'))
		return PatternFail(parser, parser->at, "the text of a case stands in braces");
	branch->parts = ParseParts(parser, in_plural);
	if (parser->status == CLEX_OK && !TakeChar(parser, '}'))
		return PatternFail(parser, parser->at, "a brace is not closed");
	return parser->status == CLEX_OK ? branch : NULL;
}

/* "offset:1" in front of the cases of a plural. */
static bool
ParseOffset(PatternParser *parser, NoticePart *part)
{
	size_t from = parser->at;
	Decimal offset;

	if (part->kind == NOTICE_SELECT || !SpanEqualCString(TakeWord(parser), "offset") ||
		!TakeChar(parser, ':'))
	{
		parser->at = from;
		return true;
	}
	if (DecimalParse(TakeWord(parser), &offset) != CLEX_OK ||
		DecimalToInt64(offset, &part->offset) != CLEX_OK || part->offset < 0)
		return PatternFail(parser, from, "an offset is a whole number") != NULL;
	return true;
}

/* The cases of a plural or select, behind its comma. */
static bool
ParseBranches(PatternParser *parser, NoticePart *part, bool in_plural, size_t at)
{
	NoticeBranch **end = &part->branches;
	bool other = false;

	if (!TakeChar(parser, ','))
		return PatternFail(parser, parser->at, "a comma and cases are expected") != NULL;
	if (!ParseOffset(parser, part))
		return false;
	in_plural |= part->kind != NOTICE_SELECT;
	for (SkipBlanks(parser); PeekAt(parser, 0) != '}' && !AtEnd(parser); SkipBlanks(parser))
	{
		if ((*end = ParseBranch(parser, part, in_plural)) == NULL)
			return false;
		other |= SpanEqualCString((*end)->key, "other");
		end = &(*end)->next;
	}
	if (!other)
		return PatternFail(parser, at, "case \"other\" is missing") != NULL;
	return true;
}

/* What may follow a name: the words of the syntax and what they mean. */
static const struct
{
	const char *type;
	const char *style; /* "" if none is given */
	NoticeKind kind;
	NoticeDateStyle date_style;
} argument_forms[] = {
	{"number", "", NOTICE_NUMBER, 0},
	{"number", "integer", NOTICE_INTEGER, 0},
	{"number", "percent", NOTICE_PERCENT, 0},
	{"number", "currency", NOTICE_CURRENCY, 0},
	{"date", "", NOTICE_DATE, NOTICE_DATE_MEDIUM},
	{"date", "short", NOTICE_DATE, NOTICE_DATE_SHORT},
	{"date", "medium", NOTICE_DATE, NOTICE_DATE_MEDIUM},
	{"date", "long", NOTICE_DATE, NOTICE_DATE_LONG},
	{"date", "full", NOTICE_DATE, NOTICE_DATE_FULL},
};

static bool
ParseForm(PatternParser *parser, NoticePart *part, Span type, size_t at)
{
	Span style = SPAN_LITERAL("");
	bool known = false;

	if (TakeChar(parser, ','))
		style = TakeWord(parser);
	for (size_t i = 0; i < sizeof(argument_forms) / sizeof(argument_forms[0]); i++)
	{
		if (!SpanEqualCString(type, argument_forms[i].type))
			continue;
		known = true;
		if (!SpanEqualCString(style, argument_forms[i].style))
			continue;
		part->kind = argument_forms[i].kind;
		part->date_style = argument_forms[i].date_style;
		return true;
	}
	PatternFail(parser, at,
				known
					? "the style must be integer, percent or currency for a number, short, medium, "
					  "long or full for a date"
					: "the type must be number, date, plural, selectordinal or select");
	return false;
}

/* An argument behind its opening brace. */
static NoticePart *
ParseArgument(PatternParser *parser, bool in_plural)
{
	size_t at = parser->at;
	Span name = TakeWord(parser);
	NoticePart *part = NewPart(parser, NOTICE_VALUE, name);
	bool good = true;

	if (part == NULL)
		return NULL;
	if (name.length == 0)
		return PatternFail(parser, at, "the name of an argument is expected");
	if (TakeChar(parser, ','))
	{
		Span type = TakeWord(parser);

		part->kind = SpanEqualCString(type, "plural")		   ? NOTICE_PLURAL
					 : SpanEqualCString(type, "selectordinal") ? NOTICE_ORDINAL
					 : SpanEqualCString(type, "select")		   ? NOTICE_SELECT
															   : NOTICE_VALUE;
		good = part->kind == NOTICE_VALUE ? ParseForm(parser, part, type, at)
										  : ParseBranches(parser, part, in_plural, at);
	}
	if (good && !TakeChar(parser, '}'))
		return PatternFail(parser, parser->at, "a brace is not closed");
	return good ? part : NULL;
}

/* Parts up to a closing brace or the end. */
static NoticePart *
ParseParts(PatternParser *parser, bool in_plural)
{
	NoticePart *first = NULL;
	NoticePart **end = &first;

	if (++parser->depth > NOTICE_MAX_DEPTH)
	{
		parser->status =
			ClexFail(parser->error, CLEX_LIMIT, "a message pattern is nested too deeply");
		ClexDetail(parser->error, "The limit is %d.", NOTICE_MAX_DEPTH);
	}
	while (parser->status == CLEX_OK && !AtEnd(parser) && PeekAt(parser, 0) != '}')
	{
		if (PeekAt(parser, 0) == '#' && in_plural)
		{
			parser->at++;
			*end = NewPart(parser, NOTICE_POUND, SPAN_LITERAL(""));
		}
		else if (PeekAt(parser, 0) == '{')
		{
			parser->at++;
			*end = ParseArgument(parser, in_plural);
		}
		else
			*end = ParseLiteral(parser, in_plural);
		if (*end != NULL)
			end = &(*end)->next;
	}
	parser->depth--;
	return first;
}

ClexStatus
NoticeParse(Span pattern, Arena *arena, NoticePart **parts, ClexError *error)
{
	PatternParser parser = {.pattern = pattern, .arena = arena, .error = error};

	*parts = NULL;
	if (pattern.length > NOTICE_MAX_PATTERN)
	{
		ClexFail(error, CLEX_LIMIT, "a message pattern is too long");
		ClexDetail(error, "It has %zu bytes; the limit is %zu.", pattern.length,
				   NOTICE_MAX_PATTERN);
		return CLEX_LIMIT;
	}
	*parts = ParseParts(&parser, false);
	if (parser.status == CLEX_OK && !AtEnd(&parser))
		PatternFail(&parser, parser.at, "a closing brace has no opening one");
	return parser.status;
}
