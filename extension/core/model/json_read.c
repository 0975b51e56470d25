/*
 * json_read.c
 *		A document from its JSON form.
 *
 * The terms drive it: a key that is no term, a repeated key or a number where text belongs is an error
 * with its place, and nesting goes no deeper than the dictionary.
 */
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/model/codes.h"
#include "core/model/image.h"

typedef struct JsonReader
{
	JsonScanner json;
	DocumentBuilder *builder;
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

static ClexStatus
Repeated(JsonReader *reader, const char *at, Span key)
{
	return JsonFail(&reader->json, at, "key \"%.*s\" stands twice in one object",
					(int) Utf8Cut(key, 60).length, key.data);
}

static ClexStatus
UnknownKey(JsonReader *reader, const char *at, Span key, TermId parent)
{
	TermId nearest = TermNearest(parent, key);
	int length = (int) Utf8Cut(key, 60).length;

	if (parent == TERM_NONE)
		JsonFail(&reader->json, at, "unknown business term \"%.*s\"", length, key.data);
	else
		JsonFail(&reader->json, at, "unknown business term \"%.*s\" in \"%s\"", length, key.data,
				 ClexTerms[parent].path.data);
	ClexHint(reader->json.error, "%s%s%sSee view clex.terms for the terms of an invoice.",
			 nearest == TERM_NONE ? "" : "Did you mean \"",
			 nearest == TERM_NONE ? "" : ClexTerms[nearest].name.data,
			 nearest == TERM_NONE ? "" : "\"? ");
	return CLEX_MALFORMED;
}

static ClexStatus
WrongType(JsonReader *reader, TermId term, const char *expected)
{
	if (JsonPeek(&reader->json) == '\0')
		return JsonFail(&reader->json, reader->json.p,
						"invalid JSON: it ends where a value is expected");
	JsonFail(&reader->json, reader->json.p, "\"%s\" must be %s", ClexTerms[term].path.data,
			 expected);
	if (*reader->json.p == 'n')
		ClexHint(reader->json.error, "Leave out the key of what a document does not have.");
	return CLEX_MALFORMED;
}

/* A scalar: a string, or a number for decimals. */
static ClexStatus
ReadScalar(JsonReader *reader, TermId term, Span *value)
{
	bool decimal = ClexTerms[term].type == VALUE_DECIMAL;
	char c = JsonPeek(&reader->json);

	if (c == '"')
		return JsonString(&reader->json, value);
	if (decimal && (c == '-' || (c >= '0' && c <= '9')))
		return JsonNumber(&reader->json, value);
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
	const char *open = reader->json.p++;
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

		status = JsonNextMember(&reader->json, '}', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if ((status = JsonKey(&reader->json, &key, &at)) != CLEX_OK)
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
		return JsonFail(&reader->json, open, "\"%s\" has no key \"value\"",
						ClexTerms[term].path.data);
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
	char c = JsonPeek(&reader->json);
	Span value;
	ClexStatus status;

	if (++reader->steps % 4096 == 0 && ClexInterrupted(reader->json.arena->env))
		return ClexFail(reader->json.error, CLEX_INTERRUPTED, "interrupted");
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

	if (JsonPeek(&reader->json) != '[')
		return ReadOccurrence(reader, parent, term);
	reader->json.p++;
	for (bool first = true; status == CLEX_OK; first = false)
	{
		status = JsonNextMember(&reader->json, ']', first, &more);
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

	reader->json.p++;
	for (bool first = true;; first = false)
	{
		const char *at;
		Span key;
		TermId term;

		status = JsonNextMember(&reader->json, '}', first, &more);
		if (status != CLEX_OK || !more)
			return status;
		if ((status = JsonKey(&reader->json, &key, &at)) != CLEX_OK)
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
	const char *open = reader->json.p;
	ClexStatus status = JsonExpect(&reader->json, '{');
	bool more;

	if (status != CLEX_OK)
		return status;
	for (bool first = true;; first = false)
	{
		const char *at;
		Span key;
		int k = 0;

		status = JsonNextMember(&reader->json, '}', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if ((status = JsonKey(&reader->json, &key, &at)) != CLEX_OK)
			return status;
		while (k < 3 && !SpanEqualCString(key, keys[k]))
			k++;
		if (k == 3)
			return JsonFail(&reader->json, at,
							"an extra has the keys \"path\", \"value\" and \"line\"");
		if (seen[k])
			return Repeated(reader, at, key);
		seen[k] = true;
		if (k < 2)
			status = JsonString(&reader->json, &texts[k]);
		else
			for (JsonPeek(&reader->json), at = reader->json.p;
				 reader->json.p < reader->json.end && *reader->json.p >= '0' &&
				 *reader->json.p <= '9';
				 reader->json.p++)
				if (line <= UINT32_MAX)
					line = line * 10 + (uint64_t) (*reader->json.p - '0');
		if (k == 2 && (line == 0 || line > UINT32_MAX || *at == '0'))
			return JsonFail(&reader->json, at, "the line of an extra must be a whole number");
		if (status != CLEX_OK)
			return status;
	}
	if (status != CLEX_OK)
		return status;
	if (!seen[0] || !seen[1])
		return JsonFail(&reader->json, open, "an extra needs the keys \"path\" and \"value\"");
	DocumentAddExtra(reader->builder, texts[0], texts[1], (uint32_t) line);
	return CLEX_OK;
}

static ClexStatus
ReadExtras(JsonReader *reader)
{
	ClexStatus status = JsonExpect(&reader->json, '[');
	bool more;

	for (bool first = true; status == CLEX_OK; first = false)
	{
		status = JsonNextMember(&reader->json, ']', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if (++reader->steps % 4096 == 0 && ClexInterrupted(reader->json.arena->env))
			return ClexFail(reader->json.error, CLEX_INTERRUPTED, "interrupted");
		status = ReadExtra(reader);
	}
	return status;
}

static ClexStatus
ReadProvenance(JsonReader *reader)
{
	Span keys[DOCUMENT_MAX_PROVENANCE];
	uint32_t count = 0;
	ClexStatus status = JsonExpect(&reader->json, '{');
	bool more;

	for (bool first = true; status == CLEX_OK; first = false)
	{
		const char *at;
		Span value;
		Span key;

		status = JsonNextMember(&reader->json, '}', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if ((status = JsonKey(&reader->json, &key, &at)) != CLEX_OK)
			return status;
		for (uint32_t i = 0; i < count; i++)
			if (SpanEqual(keys[i], key))
				return Repeated(reader, at, key);
		if (count == DOCUMENT_MAX_PROVENANCE)
			return JsonFail(&reader->json, at, "more than %d facts of provenance",
							DOCUMENT_MAX_PROVENANCE);
		key = keys[count++] = ArenaCopy(reader->json.arena, key);
		if (key.data == NULL)
			return ClexFail(reader->json.error, CLEX_NO_MEMORY, "out of memory");
		if ((status = JsonString(&reader->json, &value)) == CLEX_OK)
			DocumentSetProvenance(reader->builder, key.data, value);
	}
	return status;
}

/* The names of all kinds as a hint. */
static void
KindsHint(JsonReader *reader)
{
	Text names;

	TextInit(&names, reader->json.arena);
	for (unsigned k = 1; DocumentKindName(k) != NULL; k++)
		TextAppendf(&names, "%s%s", k > 1 ? ", " : "", DocumentKindName(k));
	TextAppendChar(&names, '\0');
	if (!names.failed)
		ClexHint(reader->json.error, "Kinds are: %s.", names.data);
}

static ClexStatus
ReadKind(JsonReader *reader)
{
	const char *at = (JsonPeek(&reader->json), reader->json.p);
	Span kind;
	ClexStatus status = JsonString(&reader->json, &kind);

	if (status != CLEX_OK)
		return status;
	for (unsigned k = 1; DocumentKindName(k) != NULL; k++)
		if (SpanEqualCString(kind, DocumentKindName(k)))
		{
			DocumentSetKind(reader->builder, (DocumentKind) k);
			reader->has_kind = true;
			return CLEX_OK;
		}
	JsonFail(&reader->json, at, "unknown kind of document");
	KindsHint(reader);
	return CLEX_MALFORMED;
}

static ClexStatus
ReadReaderVersion(JsonReader *reader)
{
	const char *at = (JsonPeek(&reader->json), reader->json.p);
	uint32_t version = 0;

	for (; reader->json.p < reader->json.end && *reader->json.p >= '0' && *reader->json.p <= '9';
		 reader->json.p++)
		if (version <= UINT16_MAX)
			version = version * 10 + (uint32_t) (*reader->json.p - '0');
	if (version == 0 || version > UINT16_MAX || *at == '0')
		return JsonFail(&reader->json, at,
						"the version of the reader must be a number from 1 to 65535");
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
	bool *had =
		view == NULL ? NULL : ArenaAllocZero(reader->json.arena, (size_t) view->node_count + 1);
	ClexStatus status;
	bool more;

	JsonPeek(&reader->json);
	reader->lexical = reader->json.p;
	if (view != NULL && had == NULL)
		return ClexFail(reader->json.error, CLEX_NO_MEMORY, "out of memory");
	status = JsonExpect(&reader->json, '{');
	for (bool first = true; status == CLEX_OK; first = false)
	{
		const char *at;
		Span spelling;
		Span key;
		uint32_t node;

		status = JsonNextMember(&reader->json, '}', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if ((status = JsonKey(&reader->json, &key, &at)) != CLEX_OK)
			return status;
		if (++reader->steps % 4096 == 0 && ClexInterrupted(reader->json.arena->env))
			return ClexFail(reader->json.error, CLEX_INTERRUPTED, "interrupted");
		if ((status = JsonString(&reader->json, &spelling)) != CLEX_OK || view == NULL)
			continue;
		if (ViewResolve(view, key, &node, NULL) != CLEX_OK || node == 0 ||
			TermIsGroup(ViewNode(view, node).term))
			return JsonFail(&reader->json, at,
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
			status = JsonString(&reader->json, &format);
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
	ClexStatus status = JsonExpect(&reader->json, '{');
	bool more;

	for (bool first = true; status == CLEX_OK; first = false)
	{
		const char *at;
		Span key;
		int k = 0;
		TermId term;

		status = JsonNextMember(&reader->json, '}', first, &more);
		if (status != CLEX_OK || !more)
			break;
		if ((status = JsonKey(&reader->json, &key, &at)) != CLEX_OK)
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
	if (status == CLEX_OK && (JsonSkipSpace(&reader->json), reader->json.p < reader->json.end))
		status =
			JsonFail(&reader->json, reader->json.p, "invalid JSON: something follows the document");
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
DocumentBuildJson(Span json, Arena *arena, DocumentBuilder **builder, ClexError *error)
{
	JsonReader reader = {.json = JsonScannerOn(json, arena, error)};
	DocumentView view;
	ClexStatus status;
	Span image;
	size_t good = Utf8ValidPrefix(json);

	*builder = reader.builder = DocumentBegin(arena, DOCUMENT_INVOICE, SPAN_LITERAL("json"));
	if (reader.builder == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	DocumentSetReader(reader.builder, 0);
	if (good < json.length)
		return JsonFail(&reader.json, json.data + good, "invalid JSON: not UTF-8");
	status = ReadDocument(&reader);
	if (status != CLEX_OK)
		return status;
	if (!reader.has_kind)
		DocumentSetKind(reader.builder, KindByTypeCode(reader.type_code));
	if (reader.lexical == NULL)
		return CLEX_OK;
	/* the spellings name their terms by path: find them in the document as it is laid out */
	status = DocumentFinish(reader.builder, &image, error);
	if (status == CLEX_OK)
		status = DocumentOpen(image, &view, error);
	reader.json.p = reader.lexical;
	return status == CLEX_OK ? ReadLexical(&reader, &view) : status;
}

ClexStatus
DocumentFromJson(Span json, Arena *arena, Span *image, ClexError *error)
{
	DocumentBuilder *builder;
	ClexStatus status = DocumentBuildJson(json, arena, &builder, error);

	return status == CLEX_OK ? DocumentFinish(builder, image, error) : status;
}
