/*
 * json_read.c
 *		A document from its JSON form.
 *
 * A reader of its own, because it is strict where general ones are not: the terms drive it, so a key
 * that is no term, a repeated key or a number where text belongs is an error with its place, and
 * nesting goes no deeper than the dictionary.  Numbers stay text, digit by digit.
 */
#include "core/base/utf8.h"
#include "core/model/codes.h"
#include "core/model/image.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct JsonReader
{
	const char *start;
	const char *p;
	const char *end;
	Arena *arena;
	DocumentBuilder *builder;
	ClexError *error;
	uint32_t nodes;		 /* handles given so far */
	uint32_t steps;		 /* for the interrupt probe */
	const char *lexical; /* where the object behind "$lexical" begins, or NULL */
	bool has_kind;
	Span type_code; /* BT-3, to tell the kind where it is not said */
} JsonReader;

/* Keys of objects that are not groups of terms. */
enum
{
	KEY_KIND,
	KEY_FORMAT,
	KEY_READER,
	KEY_LEXICAL,
	KEY_EXTRAS,
	KEY_PROVENANCE,
	KEY_COUNT
};

static const char *const ReservedKeys[KEY_COUNT] = {"$kind",	"$format", "$reader",
													"$lexical", "$extras", "$provenance"};

/* Report trouble at a place of the input, with line, column (in characters) and what stands there. */
__attribute__((format(printf, 3, 4))) static ClexStatus
JsonFail(JsonReader *reader, const char *at, const char *format, ...)
{
	char message[CLEX_ERROR_TEXT];
	va_list args;
	uint32_t line = 1;
	size_t column = 1;
	size_t shown = (size_t) (reader->end - at) > 40 ? 40 : (size_t) (reader->end - at);

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	for (const char *p = reader->start; p < at; p++)
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
	ClexFail(reader->error, CLEX_MALFORMED, "%s", message);
	if (shown > 0)
		ClexDetail(reader->error, "Line %u, column %zu: %.*s", line, column, (int) shown, at);
	else
		ClexDetail(reader->error, "Line %u, column %zu.", line, column);
	if (reader->error != NULL)
	{
		reader->error->line = line;
		reader->error->offset = (uint64_t) (at - reader->start);
	}
	return CLEX_MALFORMED;
}

static void
SkipSpace(JsonReader *reader)
{
	while (reader->p < reader->end && IsXmlSpace(*reader->p))
		reader->p++;
}

/* The next character that is not white space, 0 at the end. */
static char
Peek(JsonReader *reader)
{
	SkipSpace(reader);
	return reader->p < reader->end ? *reader->p : '\0';
}

static ClexStatus
Expect(JsonReader *reader, char c)
{
	if (Peek(reader) != c)
		return JsonFail(reader, reader->p,
						reader->p < reader->end ? "invalid JSON: \"%c\" expected"
												: "invalid JSON: it ends where \"%c\" is expected",
						c);
	reader->p++;
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

/* Decode one escape at reader->p (on the backslash) to `out`, or fail. */
static ClexStatus
ReadEscape(JsonReader *reader, Text *out)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *at = reader->p;
	const char *known;
	uint32_t code;
	int unit;
	char bytes[4];

	if (reader->end - at < 2)
		return JsonFail(reader, at, "invalid JSON: it ends within a string");
	known = at[1] == '\0' ? NULL : strchr(from, at[1]);
	reader->p += 2;
	if (known != NULL)
	{
		TextAppendChar(out, to[known - from]);
		return CLEX_OK;
	}
	unit = at[1] == 'u' ? HexQuad(reader->p, reader->end) : -1;
	if (unit < 0)
		return JsonFail(reader, at, "invalid JSON: unknown escape in a string");
	reader->p += 4;
	code = (uint32_t) unit;
	if (unit >= 0xD800 && unit <= 0xDBFF && reader->end - reader->p >= 6 && reader->p[0] == '\\' &&
		reader->p[1] == 'u')
	{
		int low = HexQuad(reader->p + 2, reader->end);

		if (low >= 0xDC00 && low <= 0xDFFF)
		{
			code = 0x10000 + ((code - 0xD800) << 10) + ((uint32_t) low - 0xDC00);
			reader->p += 6;
		}
	}
	if (code == 0)
		return JsonFail(reader, at, "\\u0000 cannot be stored");
	if (code >= 0xD800 && code <= 0xDFFF)
		return JsonFail(reader, at, "invalid JSON: half of a surrogate pair");
	TextAppend(out, bytes, (size_t) Utf8Encode(code, bytes));
	return CLEX_OK;
}

/* A string: a slice of the input where it has no escapes. */
static ClexStatus
ReadString(JsonReader *reader, Span *string)
{
	const char *open;
	const char *plain;
	bool escaped = false;
	Text text;

	if (Peek(reader) != '"')
		return JsonFail(reader, reader->p, "a string is expected");
	open = reader->p++;
	plain = reader->p;
	TextInit(&text, reader->arena);
	for (;;)
	{
		ClexStatus status;

		while (reader->p < reader->end && *reader->p != '"' && *reader->p != '\\' &&
			   (unsigned char) *reader->p >= 0x20)
			reader->p++;
		if (reader->p >= reader->end)
			return JsonFail(reader, open, "invalid JSON: a string has no end");
		if (escaped || *reader->p == '\\')
			TextAppendSpan(&text, SpanOf(plain, (size_t) (reader->p - plain)));
		if (*reader->p == '"')
			break;
		if (*reader->p != '\\')
			return JsonFail(reader, reader->p,
							"invalid JSON: control characters in a string must be escaped");
		escaped = true;
		status = ReadEscape(reader, &text);
		if (status != CLEX_OK)
			return status;
		plain = reader->p;
	}
	*string = escaped ? TextSpan(&text) : SpanOf(plain, (size_t) (reader->p - plain));
	if (text.failed)
		return ClexFail(reader->error, CLEX_NO_MEMORY, "out of memory");
	reader->p++;
	return CLEX_OK;
}

/* A number as it is written; no exponent. */
static ClexStatus
ReadNumber(JsonReader *reader, Span *number)
{
	const char *start = reader->p;
	const char *p = start + (*start == '-');
	const char *digits = p;
	bool good;

	while (p < reader->end && *p >= '0' && *p <= '9')
		p++;
	good = p > digits && (p == digits + 1 || *digits != '0');
	if (good && p < reader->end && *p == '.')
	{
		const char *point = p++;

		while (p < reader->end && *p >= '0' && *p <= '9')
			p++;
		good = p > point + 1;
	}
	if (!good)
		return JsonFail(reader, start, "invalid JSON: not a number");
	if (p < reader->end && (*p | 0x20) == 'e')
	{
		JsonFail(reader, start, "numbers with an exponent are not decimals");
		ClexHint(reader->error, "Write all digits, as in 1000 for 1e3.");
		return CLEX_MALFORMED;
	}
	*number = SpanOf(start, (size_t) (p - start));
	reader->p = p;
	return CLEX_OK;
}

/* Step to the next member of an object or array; *more is false behind its end. */
static ClexStatus
NextMember(JsonReader *reader, char close, bool first, bool *more)
{
	char c = Peek(reader);

	*more = c != close;
	if (!*more)
		reader->p++;
	else if (!first)
	{
		if (c != ',')
			return JsonFail(reader, reader->p, "invalid JSON: \",\" or \"%c\" expected", close);
		reader->p++;
		if (Peek(reader) == close)
			return JsonFail(reader, reader->p, "invalid JSON: a member is missing behind \",\"");
	}
	return CLEX_OK;
}

/* A key and its colon; *at is where the key stands. */
static ClexStatus
ReadKey(JsonReader *reader, Span *key, const char **at)
{
	ClexStatus status;

	Peek(reader);
	*at = reader->p;
	status = ReadString(reader, key);
	return status == CLEX_OK ? Expect(reader, ':') : status;
}

static ClexStatus
Repeated(JsonReader *reader, const char *at, Span key)
{
	return JsonFail(reader, at, "key \"%.*s\" stands twice in one object",
					(int) Utf8Cut(key, 60).length, key.data);
}

static ClexStatus
UnknownKey(JsonReader *reader, const char *at, Span key, TermId parent)
{
	TermId nearest = TermNearest(parent, key);
	int length = (int) Utf8Cut(key, 60).length;

	if (parent == TERM_NONE)
		JsonFail(reader, at, "unknown business term \"%.*s\"", length, key.data);
	else
		JsonFail(reader, at, "unknown business term \"%.*s\" in \"%s\"", length, key.data,
				 ClexTerms[parent].path.data);
	ClexHint(reader->error, "%s%s%sSee view clex.terms for the terms of an invoice.",
			 nearest == TERM_NONE ? "" : "Did you mean \"",
			 nearest == TERM_NONE ? "" : ClexTerms[nearest].name.data,
			 nearest == TERM_NONE ? "" : "\"? ");
	return CLEX_MALFORMED;
}

static ClexStatus
WrongType(JsonReader *reader, TermId term, const char *expected)
{
	if (Peek(reader) == '\0')
		return JsonFail(reader, reader->p, "invalid JSON: it ends where a value is expected");
	JsonFail(reader, reader->p, "\"%s\" must be %s", ClexTerms[term].path.data, expected);
	if (*reader->p == 'n')
		ClexHint(reader->error, "Leave out the key of what a document does not have.");
	return CLEX_MALFORMED;
}

/* A scalar: a string, or a number for decimals. */
static ClexStatus
ReadScalar(JsonReader *reader, TermId term, Span *value)
{
	bool decimal = ClexTerms[term].type == VALUE_DECIMAL;
	char c = Peek(reader);

	if (c == '"')
		return ReadString(reader, value);
	if (decimal && (c == '-' || (c >= '0' && c <= '9')))
		return ReadNumber(reader, value);
	return WrongType(reader, term, decimal ? "a number" : "a string");
}

/* Add a term; its handle also serves as its source, to find it again by its place in the image. */
static uint32_t
AddTerm(JsonReader *reader, uint32_t parent, TermId term, Span value)
{
	if (term == TERM_BT_3)
		reader->type_code = value;
	return DocumentAdd(reader->builder, parent, term, value, ++reader->nodes);
}

/* Which terms an object has named so far. */
typedef struct TermSet
{
	uint64_t bits[(TERM_COUNT + 63) / 64];
} TermSet;

static bool
TermSetAdd(TermSet *set, TermId term)
{
	uint64_t bit = (uint64_t) 1 << (term % 64);
	bool had = (set->bits[term / 64] & bit) != 0;

	set->bits[term / 64] |= bit;
	return !had;
}

#define MAX_ATTRIBUTES 8

/* A value with attributes: {"value": ..., "scheme": ...}, keys in any order. */
static ClexStatus
ReadQualified(JsonReader *reader, uint32_t parent, TermId term)
{
	const char *open = reader->p++;
	TermSet seen = {0};
	TermId names[MAX_ATTRIBUTES];
	Span values[MAX_ATTRIBUTES];
	uint32_t count = 0;
	bool has_value = false;
	Span value = {NULL, 0};
	ClexStatus status;
	bool more;

	for (bool first = true;; first = false)
	{
		const char *at;
		Span key;
		TermId attribute;

		status = NextMember(reader, '}', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if ((status = ReadKey(reader, &key, &at)) != CLEX_OK)
			return status;
		if (SpanEqualCString(key, "value"))
		{
			if (has_value)
				return Repeated(reader, at, key);
			has_value = true;
			if ((status = ReadScalar(reader, term, &value)) != CLEX_OK)
				return status;
			continue;
		}
		attribute = TermChild(term, key);
		if (attribute == TERM_NONE || count == MAX_ATTRIBUTES)
			return UnknownKey(reader, at, key, term);
		if (!TermSetAdd(&seen, attribute))
			return Repeated(reader, at, key);
		names[count] = attribute;
		if ((status = ReadScalar(reader, attribute, &values[count++])) != CLEX_OK)
			return status;
	}
	if (status != CLEX_OK)
		return status;
	if (!has_value)
		return JsonFail(reader, open, "\"%s\" has no key \"value\"", ClexTerms[term].path.data);
	parent = AddTerm(reader, parent, term, value);
	for (uint32_t i = 0; i < count; i++)
		AddTerm(reader, parent, names[i], values[i]);
	return CLEX_OK;
}

static ClexStatus ReadGroup(JsonReader *reader, uint32_t parent, TermId term);

/* One occurrence of a term. */
static ClexStatus
ReadOccurrence(JsonReader *reader, uint32_t parent, TermId term)
{
	char c = Peek(reader);
	Span value;
	ClexStatus status;

	if (++reader->steps % 4096 == 0 && ClexInterrupted(reader->arena->env))
		return ClexFail(reader->error, CLEX_INTERRUPTED, "interrupted");
	if (TermIsGroup(term))
	{
		if (c != '{')
			return WrongType(reader, term, "an object");
		return ReadGroup(reader, AddTerm(reader, parent, term, SpanOf(NULL, 0)), term);
	}
	if (c == '{')
		return ReadQualified(reader, parent, term);
	status = ReadScalar(reader, term, &value);
	if (status == CLEX_OK)
		AddTerm(reader, parent, term, value);
	return status;
}

/* The value behind a term's key: one occurrence, or an array of them. */
static ClexStatus
ReadTerm(JsonReader *reader, uint32_t parent, TermId term)
{
	ClexStatus status = CLEX_OK;
	bool more = true;

	if (Peek(reader) != '[')
		return ReadOccurrence(reader, parent, term);
	reader->p++;
	for (bool first = true; status == CLEX_OK; first = false)
	{
		status = NextMember(reader, ']', first, &more);
		if (status != CLEX_OK || !more)
			break;
		status = ReadOccurrence(reader, parent, term);
	}
	return status;
}

/* The members of a group, the reader standing on its brace. */
static ClexStatus
ReadGroup(JsonReader *reader, uint32_t parent, TermId group)
{
	TermSet seen = {0};
	ClexStatus status;
	bool more;

	reader->p++;
	for (bool first = true;; first = false)
	{
		const char *at;
		Span key;
		TermId term;

		status = NextMember(reader, '}', first, &more);
		if (status != CLEX_OK || !more)
			return status;
		if ((status = ReadKey(reader, &key, &at)) != CLEX_OK)
			return status;
		term = TermChild(group, key);
		if (term == TERM_NONE)
			return UnknownKey(reader, at, key, group);
		if (!TermSetAdd(&seen, term))
			return Repeated(reader, at, key);
		if ((status = ReadTerm(reader, parent, term)) != CLEX_OK)
			return status;
	}
}

/* {"path": ..., "value": ..., "line": n} */
static ClexStatus
ReadExtra(JsonReader *reader)
{
	static const char *const keys[] = {"path", "value", "line"};
	Span texts[2] = {{NULL, 0}, {NULL, 0}};
	bool seen[3] = {false, false, false};
	uint64_t line = 0;
	const char *open = reader->p;
	ClexStatus status = Expect(reader, '{');
	bool more;

	if (status != CLEX_OK)
		return status;
	for (bool first = true;; first = false)
	{
		const char *at;
		Span key;
		int k = 0;

		status = NextMember(reader, '}', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if ((status = ReadKey(reader, &key, &at)) != CLEX_OK)
			return status;
		while (k < 3 && !SpanEqualCString(key, keys[k]))
			k++;
		if (k == 3)
			return JsonFail(reader, at, "an extra has the keys \"path\", \"value\" and \"line\"");
		if (seen[k])
			return Repeated(reader, at, key);
		seen[k] = true;
		if (k < 2)
			status = ReadString(reader, &texts[k]);
		else
			for (Peek(reader), at = reader->p;
				 reader->p < reader->end && *reader->p >= '0' && *reader->p <= '9'; reader->p++)
				if (line <= UINT32_MAX)
					line = line * 10 + (uint64_t) (*reader->p - '0');
		if (k == 2 && (line == 0 || line > UINT32_MAX || *at == '0'))
			return JsonFail(reader, at, "the line of an extra must be a whole number");
		if (status != CLEX_OK)
			return status;
	}
	if (status != CLEX_OK)
		return status;
	if (!seen[0] || !seen[1])
		return JsonFail(reader, open, "an extra needs the keys \"path\" and \"value\"");
	DocumentAddExtra(reader->builder, texts[0], texts[1], (uint32_t) line);
	return CLEX_OK;
}

static ClexStatus
ReadExtras(JsonReader *reader)
{
	ClexStatus status = Expect(reader, '[');
	bool more;

	for (bool first = true; status == CLEX_OK; first = false)
	{
		status = NextMember(reader, ']', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if (++reader->steps % 4096 == 0 && ClexInterrupted(reader->arena->env))
			return ClexFail(reader->error, CLEX_INTERRUPTED, "interrupted");
		status = ReadExtra(reader);
	}
	return status;
}

static ClexStatus
ReadProvenance(JsonReader *reader)
{
	Span keys[DOCUMENT_MAX_PROVENANCE];
	uint32_t count = 0;
	ClexStatus status = Expect(reader, '{');
	bool more;

	for (bool first = true; status == CLEX_OK; first = false)
	{
		const char *at;
		Span value;
		Span key;

		status = NextMember(reader, '}', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if ((status = ReadKey(reader, &key, &at)) != CLEX_OK)
			return status;
		for (uint32_t i = 0; i < count; i++)
			if (SpanEqual(keys[i], key))
				return Repeated(reader, at, key);
		if (count == DOCUMENT_MAX_PROVENANCE)
			return JsonFail(reader, at, "more than %d facts of provenance",
							DOCUMENT_MAX_PROVENANCE);
		key = keys[count++] = ArenaCopy(reader->arena, key);
		if (key.data == NULL)
			return ClexFail(reader->error, CLEX_NO_MEMORY, "out of memory");
		if ((status = ReadString(reader, &value)) == CLEX_OK)
			DocumentSetProvenance(reader->builder, key.data, value);
	}
	return status;
}

static ClexStatus
ReadKind(JsonReader *reader)
{
	const char *at = (Peek(reader), reader->p);
	Span kind;
	ClexStatus status = ReadString(reader, &kind);

	if (status != CLEX_OK)
		return status;
	for (unsigned k = 1; DocumentKindName(k) != NULL; k++)
		if (SpanEqualCString(kind, DocumentKindName(k)))
		{
			DocumentSetKind(reader->builder, (DocumentKind) k);
			reader->has_kind = true;
			return CLEX_OK;
		}
	JsonFail(reader, at, "unknown kind of document");
	ClexHint(reader->error, "Kinds are \"%s\" and \"%s\".", DocumentKindName(DOCUMENT_INVOICE),
			 DocumentKindName(DOCUMENT_CREDIT_NOTE));
	return CLEX_MALFORMED;
}

static ClexStatus
ReadReaderVersion(JsonReader *reader)
{
	const char *at = (Peek(reader), reader->p);
	uint32_t version = 0;

	for (; reader->p < reader->end && *reader->p >= '0' && *reader->p <= '9'; reader->p++)
		if (version <= UINT16_MAX)
			version = version * 10 + (uint32_t) (*reader->p - '0');
	if (version == 0 || version > UINT16_MAX || *at == '0')
		return JsonFail(reader, at, "the version of the reader must be a number from 1 to 65535");
	DocumentSetReader(reader->builder, (uint16_t) version);
	return CLEX_OK;
}

/*
 * The object behind "$lexical": paths and spellings.  On the first pass its place is noted and it is
 * read over; on the second, when the document is laid out, `view` finds the terms.
 */
static ClexStatus
ReadLexical(JsonReader *reader, const DocumentView *view)
{
	bool *had = view == NULL ? NULL : ArenaAllocZero(reader->arena, (size_t) view->node_count + 1);
	ClexStatus status;
	bool more;

	Peek(reader);
	reader->lexical = reader->p;
	if (view != NULL && had == NULL)
		return ClexFail(reader->error, CLEX_NO_MEMORY, "out of memory");
	status = Expect(reader, '{');
	for (bool first = true; status == CLEX_OK; first = false)
	{
		const char *at;
		Span spelling;
		Span key;
		uint32_t node;

		status = NextMember(reader, '}', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if ((status = ReadKey(reader, &key, &at)) != CLEX_OK)
			return status;
		if (++reader->steps % 4096 == 0 && ClexInterrupted(reader->arena->env))
			return ClexFail(reader->error, CLEX_INTERRUPTED, "interrupted");
		if ((status = ReadString(reader, &spelling)) != CLEX_OK || view == NULL)
			continue;
		if (ViewResolve(view, key, &node, NULL) != CLEX_OK || node == 0 ||
			TermIsGroup(ViewNode(view, node).term))
			return JsonFail(reader, at,
							"\"$lexical\" names a term that the document does not have");
		if (had[node])
			return Repeated(reader, at, key);
		had[node] = true;
		DocumentSetLexical(reader->builder, DocumentSources(reader->builder)[node], spelling);
	}
	return status;
}

static ClexStatus
ReadReserved(JsonReader *reader, int key)
{
	Span format;
	ClexStatus status;

	switch (key)
	{
		case KEY_KIND:
			return ReadKind(reader);
		case KEY_READER:
			return ReadReaderVersion(reader);
		case KEY_LEXICAL:
			return ReadLexical(reader, NULL);
		case KEY_EXTRAS:
			return ReadExtras(reader);
		case KEY_PROVENANCE:
			return ReadProvenance(reader);
		default:
			status = ReadString(reader, &format);
			if (status == CLEX_OK)
				DocumentSetFormat(reader->builder, format);
			return status;
	}
}

/* The whole document. */
static ClexStatus
ReadDocument(JsonReader *reader)
{
	TermSet seen = {0};
	bool reserved[KEY_COUNT] = {false};
	ClexStatus status = Expect(reader, '{');
	bool more;

	for (bool first = true; status == CLEX_OK; first = false)
	{
		const char *at;
		Span key;
		int k = 0;
		TermId term;

		status = NextMember(reader, '}', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if ((status = ReadKey(reader, &key, &at)) != CLEX_OK)
			return status;
		while (k < KEY_COUNT && !SpanEqualCString(key, ReservedKeys[k]))
			k++;
		term = k < KEY_COUNT ? TERM_NONE : TermChild(TERM_NONE, key);
		if (k == KEY_COUNT && term == TERM_NONE)
			return UnknownKey(reader, at, key, TERM_NONE);
		if (k < KEY_COUNT ? reserved[k] : !TermSetAdd(&seen, term))
			return Repeated(reader, at, key);
		if (k < KEY_COUNT)
			reserved[k] = true;
		status = k < KEY_COUNT ? ReadReserved(reader, k) : ReadTerm(reader, 0, term);
	}
	if (status == CLEX_OK && (SkipSpace(reader), reader->p < reader->end))
		status = JsonFail(reader, reader->p, "invalid JSON: something follows the document");
	return status;
}

/* The kind of a document that does not say it: by its type code. */
static DocumentKind
KindByTypeCode(Span type_code)
{
	const CodeListFact *credit_notes = CodeListFind(SPAN_LITERAL("UNTDID_1001_creditnote"));

	return credit_notes != NULL && CodeListContains(credit_notes, type_code) ? DOCUMENT_CREDIT_NOTE
																			 : DOCUMENT_INVOICE;
}

ClexStatus
DocumentFromJson(Span json, Arena *arena, Span *image, ClexError *error)
{
	JsonReader reader = {.start = json.data,
						 .p = json.data,
						 .end = json.data + json.length,
						 .arena = arena,
						 .error = error};
	DocumentView view;
	ClexStatus status;
	size_t good = Utf8ValidPrefix(json);

	if (json.length == 0)
		reader.start = reader.p = reader.end = "";
	reader.builder = DocumentBegin(arena, DOCUMENT_INVOICE, SPAN_LITERAL("json"));
	if (reader.builder == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	DocumentSetReader(reader.builder, 0);
	if (good < json.length)
		return JsonFail(&reader, json.data + good, "invalid JSON: not UTF-8");
	status = ReadDocument(&reader);
	if (status != CLEX_OK)
		return status;
	if (!reader.has_kind)
		DocumentSetKind(reader.builder, KindByTypeCode(reader.type_code));
	status = DocumentFinish(reader.builder, image, error);
	if (status != CLEX_OK || reader.lexical == NULL)
		return status;
	/* the spellings name their terms by path: find them in the document, then lay it out again */
	status = DocumentOpen(*image, &view, error);
	reader.p = reader.lexical;
	if (status == CLEX_OK)
		status = ReadLexical(&reader, &view);
	return status == CLEX_OK ? DocumentFinish(reader.builder, image, error) : status;
}
