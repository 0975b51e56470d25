/*
 * gobl_write.c
 *		GOBL bill/invoice: the elements that the tables write, as JSON.
 *
 * The writer of XML makes the elements; what it appends is known to the byte, so it is read again without a
 * parser.  A document that came in an envelope goes into one, with its old digest and signatures; another
 * one is bare, as GOBL itself takes it, calculates what it lacks and puts it in an envelope.
 */
#include "core/codec/gobl_json.h"

#include "core/base/json.h"
#include "core/codec/xml_codec.h"
#include "core/codec/xml_plan.h"

/* Elements on their way to JSON. */
typedef struct GoblWriter
{
	WriteJob *job;
	const char *p; /* the next byte of the elements */
	const char *end;
	Text *out;
	bool indent;
	uint32_t depth;
} GoblWriter;

/* A start tag that was read. */
typedef struct Tag
{
	Span name;
	Span words;	 /* of attribute json */
	Span empty;	 /* of attribute empty; NULL data: it has none */
	bool closed; /* it is the end tag as well */
} Tag;

static void PutElement(GoblWriter *w, const Tag *tag, uint16_t type, uint8_t flags);

/* ---- elements as the writer spells them ---- */

static bool
StartsWith(const GoblWriter *w, const char *text)
{
	size_t length = strlen(text);

	return (size_t) (w->end - w->p) >= length && memcmp(w->p, text, length) == 0;
}

/* Up to one of two characters; the cursor stands on it. */
static Span
ScanUntil(GoblWriter *w, char one, char other)
{
	const char *start = w->p;

	while (w->p < w->end && *w->p != one && *w->p != other)
		w->p++;
	return SpanOf(start, (size_t) (w->p - start));
}

/* Step over an end tag. */
static void
SkipEnd(GoblWriter *w)
{
	ScanUntil(w, '>', '>');
	w->p += w->p < w->end;
}

/* The start tag at the cursor. */
static Tag
ScanTag(GoblWriter *w)
{
	Tag tag = {{NULL, 0}, {NULL, 0}, {NULL, 0}, false};
	const char *start = ++w->p;

	while (w->p < w->end && *w->p != ' ' && *w->p != '>' && *w->p != '/')
		w->p++;
	tag.name = SpanOf(start, (size_t) (w->p - start));
	while (w->p < w->end && *w->p == ' ')
	{
		Span attribute;
		Span value;

		w->p++;
		attribute = ScanUntil(w, '=', '>');
		if (!StartsWith(w, "=\""))
			break;
		w->p += 2;
		value = ScanUntil(w, '"', '"');
		if (SpanEqualCString(attribute, "json"))
			tag.words = value;
		else if (SpanEqualCString(attribute, "empty"))
			tag.empty = value;
		w->p += w->p < w->end;
	}
	tag.closed = StartsWith(w, "/>");
	w->p += tag.closed ? 2 : w->p < w->end;
	return tag;
}

/* Text with its references resolved. */
static Span
Unescape(Span text, Arena *arena)
{
	static const struct
	{
		const char *reference;
		char character;
	} known[] = {{"&amp;", '&'}, {"&lt;", '<'},	  {"&gt;", '>'},  {"&quot;", '"'},
				 {"&#9;", '\t'}, {"&#10;", '\n'}, {"&#13;", '\r'}};
	Text out;

	if (text.length == 0 || memchr(text.data, '&', text.length) == NULL)
		return text;
	TextInit(&out, arena);
	for (size_t i = 0; i < text.length; i++)
	{
		size_t k = 0;

		while (text.data[i] == '&' && k < sizeof(known) / sizeof(known[0]) &&
			   (text.length - i < strlen(known[k].reference) ||
				memcmp(text.data + i, known[k].reference, strlen(known[k].reference)) != 0))
			k++;
		if (text.data[i] != '&' || k == sizeof(known) / sizeof(known[0]))
			TextAppendChar(&out, text.data[i]);
		else
		{
			TextAppendChar(&out, known[k].character);
			i += strlen(known[k].reference) - 1;
		}
	}
	return TextSpan(&out);
}

/* ---- JSON ---- */

static void
NewLine(GoblWriter *w)
{
	if (!w->indent)
		return;
	TextAppendChar(w->out, '\n');
	for (uint32_t i = 0; i < w->depth; i++)
		TextAppend(w->out, "  ", 2);
}

/* Is it one of the words of attribute json? */
static bool
HasWord(Span words, const char *word)
{
	size_t length = strlen(word);

	for (size_t at = 0; at + length <= words.length; at++)
		if (memcmp(words.data + at, word, length) == 0 && (at == 0 || words.data[at - 1] == ' ') &&
			(at + length == words.length || words.data[at + length] == ' '))
			return true;
	return false;
}

/* Digits as JSON has them; what is none is written as a string. */
static bool
IsNumber(Span s)
{
	size_t i = s.length > 0 && s.data[0] == '-';
	size_t digits = i;

	while (i < s.length && s.data[i] >= '0' && s.data[i] <= '9')
		i++;
	if (i == digits || (i > digits + 1 && s.data[digits] == '0'))
		return false;
	if (i < s.length && s.data[i] == '.')
	{
		size_t point = i++;

		while (i < s.length && s.data[i] >= '0' && s.data[i] <= '9')
			i++;
		if (i == point + 1)
			return false;
	}
	return i == s.length;
}

static void
PutScalar(GoblWriter *w, Span text, Span words, uint8_t flags)
{
	bool string = HasWord(words, "string");

	if (HasWord(words, "null"))
		TextAppend(w->out, "null", 4);
	else if (((HasWord(words, "number") || flags & PLAN_ELEMENT_NUMBER) && !string &&
			  IsNumber(text)) ||
			 ((HasWord(words, "boolean") || flags & PLAN_ELEMENT_BOOLEAN) && !string &&
			  (SpanEqualCString(text, "true") || SpanEqualCString(text, "false"))))
		TextAppendSpan(w->out, text);
	else
		JsonAppendString(w->out, text);
}

/* The key of a member and what stands behind it. */
static void
PutKey(GoblWriter *w, Span name)
{
	JsonAppendString(w->out, GoblKey(name, w->job->arena));
	TextAppend(w->out, w->indent ? ": " : ":", w->indent ? 2 : 1);
}

/* Elements of one name, the first of which is at the cursor: a value or an array of them. */
static void
PutMember(GoblWriter *w, uint16_t type, bool key)
{
	Tag tag = ScanTag(w);
	const PlanElement *element = PlanFindElement(type, NameLookup(tag.name));
	uint8_t flags = element == NULL ? 0 : (uint8_t) element->flags;
	bool many = flags & PLAN_ELEMENT_MANY && !HasWord(tag.words, "single");
	Span name = tag.name;
	size_t start;

	if (key)
		PutKey(w, name);
	start = w->out->length;
	if (many)
		TextAppendChar(w->out, '[');
	w->depth += many;
	for (uint32_t count = 0;; count++)
	{
		const char *before;

		if (many)
			NewLine(w);
		PutElement(w, &tag, element == NULL ? 0 : element->type, flags);
		before = w->p;
		if (!key || !StartsWith(w, "<") || StartsWith(w, "</"))
			break;
		tag = ScanTag(w);
		if (!SpanEqual(tag.name, name))
		{
			w->p = before;
			break;
		}
		if (!many && count == 0 && TextReserve(w->out, 1))
		{
			/* what the schema has once came twice: an array all the same */
			memmove(w->out->data + start + 1, w->out->data + start, w->out->length - start);
			w->out->data[start] = '[';
			w->out->length++;
			many = true;
			w->depth++;
		}
		TextAppendChar(w->out, ',');
	}
	w->depth -= many;
	if (many)
	{
		NewLine(w);
		TextAppendChar(w->out, ']');
	}
}

/* Arrays without items and objects without members; false if there was none. */
static bool
PutEmpty(GoblWriter *w, Span names, uint16_t type)
{
	bool any = false;

	for (size_t at = 0, end; at < names.length; at = end + 1)
	{
		Span name;
		const PlanElement *element;

		for (end = at; end < names.length && names.data[end] != ' ';)
			end++;
		name = SpanOf(names.data + at, end - at);
		element = PlanFindElement(type, NameLookup(name));
		if (element == NULL)
			continue;
		if (any)
			TextAppendChar(w->out, ',');
		any = true;
		NewLine(w);
		PutKey(w, name);
		TextAppend(w->out, element->flags & PLAN_ELEMENT_MANY ? "[]" : "{}", 2);
	}
	return any;
}

/* The elements inside an open one, and its end tag. */
static void
PutContent(GoblWriter *w, const Tag *tag, uint16_t type, bool array)
{
	bool first;

	TextAppendChar(w->out, array ? '[' : '{');
	w->depth++;
	first = !PutEmpty(w, tag->empty, type);
	while (!tag->closed && StartsWith(w, "<") && !StartsWith(w, "</"))
	{
		if (!first)
			TextAppendChar(w->out, ',');
		first = false;
		NewLine(w);
		PutMember(w, type, !array);
	}
	w->depth--;
	if (!first)
		NewLine(w);
	TextAppendChar(w->out, array ? ']' : '}');
	if (!tag->closed)
		SkipEnd(w);
}

/* The value of an element whose start tag was read. */
static void
PutElement(GoblWriter *w, const Tag *tag, uint16_t type, uint8_t flags)
{
	bool array = HasWord(tag->words, "array");

	if (array || tag->empty.data != NULL || HasWord(tag->words, "object") ||
		(!tag->closed && StartsWith(w, "<") && !StartsWith(w, "</")))
		PutContent(w, tag, type, array);
	else if (tag->closed)
		PutScalar(w, SpanOf("", 0), tag->words, flags);
	else
	{
		PutScalar(w, Unescape(ScanUntil(w, '<', '<'), w->job->arena), tag->words, flags);
		SkipEnd(w);
	}
}

/* Did anything stand around the document it was read from? */
static bool
HadEnvelope(const WriteJob *job)
{
	static const char around[] = "/gobl/";
	static const char inside[] = "/gobl/doc";

	if (!SpanEqualCString(job->document->format, "gobl"))
		return false;
	for (uint32_t i = 0; i < job->document->extra_count; i++)
	{
		Span path = ViewExtra(job->document, i).path;

		if (path.length > strlen(inside) && memcmp(path.data, around, strlen(around)) == 0 &&
			(memcmp(path.data, inside, strlen(inside)) != 0 || path.data[strlen(inside)] != '/'))
			return true;
	}
	return false;
}

/* The root, which is the envelope; without one the document in it. */
static void
PutRoot(GoblWriter *w)
{
	uint16_t type = ClexPlanStates[BindRootFind(NAME_gobl)->first_state].type;
	Tag tag;

	while (w->p < w->end && !StartsWith(w, "<gobl"))
		w->p++;
	tag = ScanTag(w);
	if (HadEnvelope(w->job))
		PutContent(w, &tag, type, false);
	else
	{
		tag = ScanTag(w);
		PutElement(w, &tag, PlanFindElement(type, NAME_doc)->type, 0);
	}
	TextAppendChar(w->out, '\n');
}

/* ---- the document ---- */

/* The first value of a term, NULL data if there is none. */
static Span
FirstValue(const WriteJob *job, TermId term)
{
	for (uint32_t i = 1; i <= job->document->node_count; i++)
		if (ViewNode(job->document, i).term == term)
			return ViewNode(job->document, i).value;
	return SpanOf(NULL, 0);
}

/* The key of GOBL for a code of the document, NULL data if it has none. */
static Span
KeyOf(uint8_t map, Span code)
{
	Span key = code;

	return code.data != NULL && OuterCode(map, &key) && key.data != code.data ? key
																			  : SpanOf(NULL, 0);
}

/*
 * The keys that stand beside a code of UNTDID: the type, which tells credit notes and is standard where
 * nothing is said, and the means of payment.
 */
static Span
Fill(const WriteJob *job, Span name)
{
	bool type = SpanEqualCString(name, "type");
	Span code = FirstValue(job, type ? TERM_BT_3 : TERM_BT_81);
	Span key = KeyOf(type ? BIND_MAP_GOBL_TYPE : BIND_MAP_GOBL_MEANS, code);

	if (type && job->document->kind == DOCUMENT_CREDIT_NOTE)
		return SPAN_LITERAL("credit-note");
	if (code.data == NULL)
		return code;
	if (key.data == NULL || SpanEqualCString(key, "credit-note"))
		return type ? SPAN_LITERAL("standard") : SPAN_LITERAL("other");
	return key;
}

ClexStatus
GoblWrite(WriteJob *job, ClexError *error)
{
	static const char *const prefixes[] = {NULL};
	XmlSyntax syntax = {BindRootFind(NAME_gobl), false, prefixes, {NULL, 0}, Fill};
	GoblWriter w = {.job = job, .out = job->out};
	Text elements;
	ClexStatus status = JobFlag(job, "indent", &w.indent, error);

	if (status != CLEX_OK)
		return status;
	TextInit(&elements, job->arena);
	job->out = &elements;
	status = XmlWriteElements(job, &syntax, error);
	job->out = w.out;
	w.out->failed |= elements.failed;
	if (status != CLEX_OK || elements.failed)
		return status;
	w.p = elements.data;
	w.end = elements.data + elements.length;
	PutRoot(&w);
	return CLEX_OK;
}
