/*
 * detect.c
 *		Recognising formats by magic bytes, root elements and the look of lines.
 *
 * UTF-16 is narrowed to ASCII first ('?' for what does not fit), so there is one scanner only.
 */
#include "core/codec/detect_parts.h"

#include <stdio.h>

#include "core/codec/edi_codec.h"
#include "core/codec/idoc_flat.h"

/* Position behind the next `what`, or NULL. */
const char *
ScanBehind(Scan *scan, const char *what)
{
	size_t length = strlen(what);
	const char *p = scan->p;

	while ((p = memchr(p, what[0], (size_t) (scan->end - p))) != NULL &&
		   (size_t) (scan->end - p) >= length)
	{
		if (memcmp(p, what, length) == 0)
			return p + length;
		p++;
	}
	return NULL;
}

void
DetectFact(const FormatFact *fact, Detected *detected)
{
	detected->format = SpanFromCString(fact->format);
	detected->kind = fact->kind != NULL ? SpanFromCString(fact->kind) : SpanOf(NULL, 0);
	detected->version = fact->version != NULL ? SpanFromCString(fact->version) : SpanOf(NULL, 0);
	detected->read = fact->read;
}

/* What the message type of an IDoc, or its basic type, makes of it. */
void
DetectIdocMessage(Span message, Detected *detected)
{
	static const char *const kinds[][2] = {
		{"ORDERS", "order"},		   {"ORDRSP", "order_response"},  {"ORDCHG", "order_change"},
		{"DESADV", "despatch_advice"}, {"DELVRY", "despatch_advice"}, {"INVOIC", "invoice"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && message.length > 0; i++)
		if (ScanBehind(&(Scan){.p = message.data, .end = message.data + message.length},
					   kinds[i][0]) != NULL)
			detected->kind = SpanFromCString(kinds[i][1]);
}

const char *
DetectUtf16(Span s)
{
	if (s.length < 2)
		return NULL;
	if (memcmp(s.data, "\xFF\xFE", 2) == 0 || memcmp(s.data, "<\0", 2) == 0)
		return "UTF-16LE";
	if (memcmp(s.data, "\xFE\xFF", 2) == 0 || memcmp(s.data, "\0<", 2) == 0)
		return "UTF-16BE";
	return NULL;
}

/* The ASCII characters of UTF-16; others become '?'. */
static Span
NarrowUtf16(Span s, bool big_endian, Arena *arena)
{
	char *narrow = ArenaAlloc(arena, s.length / 2 + 1);
	size_t length = 0;

	for (size_t i = 0; narrow != NULL && i + 1 < s.length; i += 2)
	{
		unsigned char high = (unsigned char) s.data[big_endian ? i : i + 1];
		unsigned char low = (unsigned char) s.data[big_endian ? i + 1 : i];

		if (high != 0xFE || low != 0xFF)
			narrow[length++] = high == 0 && low < 0x80 ? (char) low : '?';
	}
	return SpanOf(narrow, length);
}

/* No control characters but white space: bytes above 127 may be any text. */
static bool
LooksLikeText(Span s)
{
	for (size_t i = 0; i < s.length; i++)
		if ((unsigned char) s.data[i] < 0x20 && !IsXmlSpace(s.data[i]) && s.data[i] != '\f' &&
			s.data[i] != 0x1c && s.data[i] != 0x1d && s.data[i] != 0x1e && s.data[i] != 0x1f)
			return false;
	return true;
}

/* The first line, without its end. */
static Span
FirstLine(Span head)
{
	const char *end = memchr(head.data, '\n', head.length);

	return end != NULL ? SpanOf(head.data, (size_t) (end - head.data)) : head;
}

static bool
HasLine(Span head, Span what)
{
	while (head.length >= what.length)
	{
		const char *end = memchr(head.data, '\n', head.length);

		if (StartsWith(head, what))
			return true;
		if (end == NULL)
			return false;
		head = SpanOf(end + 1, head.length - (size_t) (end + 1 - head.data));
	}
	return false;
}

static bool
HasForm(Span head, Span form)
{
	if (head.length < form.length)
		return false;
	for (size_t i = 0; i < form.length; i++)
		if (form.data[i] == '#'	  ? head.data[i] < '0' || head.data[i] > '9'
			: form.data[i] == '?' ? head.data[i] == '\n'
								  : head.data[i] != form.data[i])
			return false;
	return true;
}

/* How often a separator stands in a line; before a blank it is one of prose. */
static int
CountSeparators(Span line, char separator)
{
	int count = 0;

	for (size_t i = 0; i < line.length; i++)
		count += line.data[i] == separator && (i + 1 == line.length || line.data[i + 1] != ' ');
	return count;
}

/* Two or more separators of a kind in the first line, and one at least in the second if there is one. */
static bool
LooksLikeTable(Span head)
{
	Span first = FirstLine(head);
	Span rest = SpanTrim(SpanOf(head.data + first.length, head.length - first.length));

	for (const char *separator = ",;\t|"; *separator != '\0'; separator++)
		if (CountSeparators(first, *separator) >= 2 &&
			(rest.length == 0 || CountSeparators(FirstLine(rest), *separator) > 0))
			return true;
	return false;
}

/* DER or BER of ContentInfo with signedData, and the text in what it signs; base64 is not looked into. */
static bool
IsSigned(Span head, Span what)
{
	static const char signed_data[] = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";
	Scan start = {.p = head.data, .end = head.data + (head.length < 20 ? head.length : 20)};

	return head.length > 0 && head.data[0] == 0x30 && ScanBehind(&start, signed_data) != NULL &&
		   ScanBehind(&(Scan){.p = head.data, .end = head.data + head.length}, what.data) != NULL;
}

/* Does a row of the table that is not about XML speak of this head? */
static bool
Recognises(const FormatFact *fact, Span head)
{
	bool markup = head.length > 0 && head.data[0] == '<';

	switch ((FormatTest) fact->test)
	{
		case FORMAT_BY_ROOT:
			return false;
		case FORMAT_BY_MAGIC:
			return StartsWith(head, fact->what);
		case FORMAT_BY_LINE:
			return !markup && HasLine(head, fact->what);
		case FORMAT_BY_FIRST:
			return !markup &&
				   ScanBehind(&(Scan){.p = head.data, .end = head.data + FirstLine(head).length},
							  fact->what.data) != NULL;
		case FORMAT_BY_FORM:
			return HasForm(head, fact->what);
		case FORMAT_BY_TABLE:
			return !markup && LooksLikeText(head) && LooksLikeTable(head);
		case FORMAT_BY_MEMBER:
			return head.length > 0 && head.data[0] == '{' &&
				   StartsWith(SpanTrim(SpanOf(head.data + 1, head.length - 1)), fact->what);
		case FORMAT_BY_JSON:
			return head.length > 0 && head.data[0] == '{' &&
				   ScanBehind(&(Scan){.p = head.data, .end = head.data + head.length},
							  fact->what.data) != NULL;
		case FORMAT_BY_SIGNED:
			return IsSigned(head, fact->what);
	}
	return false;
}

static Span
SpanHead(Span s, size_t length)
{
	return SpanOf(s.data, s.length < length ? s.length : length);
}

/* Basic type and message type in the control record of a flat IDoc, at their fixed places. */
static void
DetectIdoc(Span head, Detected *detected)
{
	Span type = IdocControlText(head, 39, 30);
	Span message = IdocControlText(head, 99, 30);

	if (type.length > 0)
		detected->version = type;
	DetectIdocMessage(message.length > 0 ? message : type, detected);
}

/* The type of the first message: MHD=1+ORDHDR:9. */
static void
DetectTradacoms(Span head, Detected *detected)
{
	Scan scan = {.p = head.data, .end = head.data + head.length};
	const char *type = ScanBehind(&scan, "MHD=");
	const char *end;

	if (type == NULL || (type = memchr(type, '+', (size_t) (scan.end - type))) == NULL)
		return;
	for (end = ++type; end < scan.end && *end >= 'A' && *end <= 'Z';)
		end++;
	detected->version = SpanOf(type, (size_t) (end - type));
	if (SpanEqualCString(detected->version, "ORDHDR"))
		detected->kind = SPAN_LITERAL("order");
	if (SpanEqualCString(detected->version, "INVFIL"))
		detected->kind = SPAN_LITERAL("invoice");
	if (SpanEqualCString(detected->version, "CREHDR"))
		detected->kind = SPAN_LITERAL("credit_note");
	if (SpanEqualCString(detected->version, "DELHDR"))
		detected->kind = SPAN_LITERAL("despatch_advice");
}

/* Is a member of a JSON object one of two texts? */
static bool
HasMember(Span head, const char *key, const char *one, const char *other)
{
	Scan scan = {.p = head.data, .end = head.data + head.length};

	while ((scan.p = ScanBehind(&scan, key)) != NULL)
	{
		const char *values[] = {one, other};

		SkipSpace(&scan);
		if (scan.p < scan.end && *scan.p == ':')
			scan.p++;
		SkipSpace(&scan);
		for (size_t i = 0; i < 2; i++)
			if (StartsWith(SpanOf(scan.p, (size_t) (scan.end - scan.p)),
						   SpanFromCString(values[i])))
				return true;
	}
	return false;
}

static bool
IsJsonInvoice(const FormatFact *fact)
{
	return (fact->test == FORMAT_BY_JSON || fact->test == FORMAT_BY_MEMBER) && fact->kind != NULL &&
		   strcmp(fact->kind, "invoice") == 0;
}

/* An invoice in JSON that is a credit note. */
static void
DetectJson(Span head, Detected *detected)
{
	if (SpanEqualCString(detected->format, "gobl")
			? HasMember(head, "\"type\"", "\"credit-note\"", "\"credit-note\"")
			: HasMember(head, "TypeCode\"", "\"381\"", "\"396\""))
		detected->kind = SPAN_LITERAL("credit_note");
}

/* The kind of a document in canonical JSON: the value of its first member. */
static void
DetectOwnJson(Span head, Detected *detected)
{
	for (unsigned k = 1; DocumentKindName(k) != NULL; k++)
	{
		char value[60];

		snprintf(value, sizeof(value), "\"%s\"", DocumentKindName(k));
		if (HasMember(head, "\"$kind\"", value, value))
			detected->kind = SpanFromCString(DocumentKindName(k));
	}
}

/* What these first bytes say. */
static ClexStatus
DetectHead(Span head, Arena *arena, Detected *detected)
{
	const char *wide = DetectUtf16(head);

	memset(detected, 0, sizeof(*detected));
	if (wide != NULL)
	{
		head = NarrowUtf16(head, strcmp(wide, "UTF-16BE") == 0, arena);
		if (head.data == NULL)
			return CLEX_NO_MEMORY;
		detected->encoding = SpanFromCString(wide);
	}
	else if (StartsWith(head, SPAN_LITERAL("\xEF\xBB\xBF")))
	{
		head = SpanOf(head.data + 3, head.length - 3);
		detected->encoding = SPAN_LITERAL("UTF-8");
	}
	/* white space, and the character that begins a transmission */
	while (head.length > 0 && (IsXmlSpace(head.data[0]) || head.data[0] == 0x01))
		head = SpanOf(head.data + 1, head.length - 1);
	for (uint32_t i = 0; i < ClexFormatCount && head.length > 0; i++)
		if (Recognises(&ClexFormats[i], head))
		{
			DetectFact(&ClexFormats[i], detected);
			if (LooksLikeEdi(head))
				EdiDetect(head, arena, detected);
			else if (SpanEqualCString(detected->format, "idoc"))
				DetectIdoc(head, detected);
			else if (IsJsonInvoice(&ClexFormats[i]))
				DetectJson(head, detected);
			else if (ClexFormats[i].test == FORMAT_BY_MEMBER)
				DetectOwnJson(head, detected);
			else if (SpanEqualCString(detected->format, "tradacoms"))
				DetectTradacoms(head, detected);
			return CLEX_OK;
		}
	if (head.length == 0)
		detected->format = SPAN_LITERAL("empty");
	else
		detected->format = LooksLikeText(head) ? SPAN_LITERAL("text") : SPAN_LITERAL("binary");
	if (head.length > 0 && head.data[0] == '<')
		DetectXml((Scan){head.data, head.data + head.length, arena}, detected);
	return CLEX_OK;
}

ClexStatus
DetectFormat(Span content, Arena *arena, Detected *detected)
{
	ClexStatus status = DetectHead(SpanHead(content, DETECT_BYTES), arena, detected);

	/* a long comment may stand before the root element: XML of no known kind gets a longer look */
	if (status == CLEX_OK && detected->xml && detected->kind.data == NULL &&
		content.length > DETECT_BYTES)
		status = DetectHead(SpanHead(content, DETECT_BYTES_AT_MOST), arena, detected);
	return status;
}
