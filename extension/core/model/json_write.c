/*
 * json_write.c
 *		Canonical JSON of a document.
 *
 * Terms are nested as their groups are, under readable names, in the order of the image.  A term that
 * may repeat is an array, always; one that may not, only where a document repeats it nevertheless.
 * Decimals are numbers with the digits as written, everything else is a string; a value that is not
 * legal for its type is a string too.  A value with attributes is an object whose key "value" comes
 * first.  Everything about the document that is no term stands under keys with a dollar sign.
 */
#include "core/base/json.h"
#include "core/model/image.h"

const char *
DocumentKindName(unsigned kind)
{
	static const char *const names[] = {
		[DOCUMENT_INVOICE] = "invoice",
		[DOCUMENT_CREDIT_NOTE] = "credit_note",
		[DOCUMENT_ORDER] = "order",
		[DOCUMENT_ORDER_RESPONSE] = "order_response",
		[DOCUMENT_ORDER_CHANGE] = "order_change",
		[DOCUMENT_DESPATCH_ADVICE] = "despatch_advice",
		[DOCUMENT_RECEIPT_ADVICE] = "receipt_advice",
		[DOCUMENT_REMITTANCE_ADVICE] = "remittance_advice",
		[DOCUMENT_APPLICATION_RESPONSE] = "application_response",
	};

	return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : NULL;
}

/* What separates one member from the next. */
static void
Separate(Text *out, bool *any)
{
	if (*any)
		TextAppend(out, ", ", 2);
	*any = true;
}

static void
WriteKey(Text *out, bool *any, Span key)
{
	Separate(out, any);
	JsonAppendString(out, key);
	TextAppend(out, ": ", 2);
}

/* A walk over a document and what it needs. */
typedef struct JsonWriter
{
	const DocumentView *view;
	const uint32_t *index; /* of children; NULL: search for them, as only a part is written */
	Text *out;
} JsonWriter;

/* The children of a node: from *first until before *end. */
static void
ChildRange(const JsonWriter *writer, uint32_t node, uint32_t *first, uint32_t *end)
{
	if (writer->index != NULL)
	{
		*first = writer->index[node];
		*end = writer->index[node + 1];
	}
	else
	{
		*first = ViewChildren(writer->view, node, end);
		*end += *first;
	}
}

static void WriteMembers(const JsonWriter *writer, uint32_t first, uint32_t end, bool *any);

/* One node: an object for groups and values with attributes, else a scalar. */
static void
WriteNode(const JsonWriter *writer, uint32_t node)
{
	DocumentNode fact = ViewNode(writer->view, node);
	Text *out = writer->out;
	bool group = TermIsGroup(fact.term);
	bool children;
	bool any = false;
	uint32_t first;
	uint32_t end;

	ChildRange(writer, node, &first, &end);
	children = first < end;
	if (group || children)
		TextAppendChar(out, '{');
	if (!group)
	{
		if (children)
			WriteKey(out, &any, SPAN_LITERAL("value"));
		if (ClexTerms[fact.term].type == VALUE_DECIMAL && !(fact.flags & DOCUMENT_NODE_INVALID))
			TextAppendSpan(out, fact.value);
		else
			JsonAppendString(out, fact.value);
	}
	if (group || children)
	{
		WriteMembers(writer, first, end, &any);
		TextAppendChar(out, '}');
	}
}

static void
WriteOccurrences(const JsonWriter *writer, uint32_t first, uint32_t count, bool array)
{
	if (array)
		TextAppendChar(writer->out, '[');
	for (uint32_t i = 0; i < count; i++)
	{
		if (i > 0)
			TextAppend(writer->out, ", ", 2);
		WriteNode(writer, first + i);
		if (i % 1024 == 1023 && ClexInterrupted(writer->out->arena->env))
			writer->out->failed = true;
	}
	if (array)
		TextAppendChar(writer->out, ']');
}

/* The children of one node as members of an object.  Depth: that of the dictionary. */
static void
WriteMembers(const JsonWriter *writer, uint32_t first, uint32_t end, bool *any)
{
	uint32_t same;

	for (uint32_t i = first; i < end && !writer->out->failed; i += same)
	{
		TermId term = ViewNode(writer->view, i).term;

		for (same = 1; i + same < end && ViewNode(writer->view, i + same).term == term;)
			same++;
		WriteKey(writer->out, any, ClexTerms[term].name);
		WriteOccurrences(writer, i, same, same > 1 || ClexTerms[term].max == 0);
	}
}

void
ViewPath(const DocumentView *view, uint32_t node, Text *out)
{
	DocumentNode fact = ViewNode(view, node);

	if (fact.parent != 0)
	{
		ViewPath(view, fact.parent, out);
		TextAppendChar(out, '.');
	}
	TextAppendSpan(out, ClexTerms[fact.term].name);
	if (fact.ordinal > 1 || ClexTerms[fact.term].max == 0)
		TextAppendf(out, "[%u]", fact.ordinal);
}

static void
WriteLexical(const DocumentView *view, Text *out, bool *any)
{
	bool inner = false;
	Text path;

	if (view->lexical_count == 0)
		return;
	TextInit(&path, out->arena);
	WriteKey(out, any, SPAN_LITERAL("$lexical"));
	TextAppendChar(out, '{');
	for (uint32_t i = 0; i < view->lexical_count && !out->failed; i++)
	{
		const char *p = view->lexical + (size_t) i * IMAGE_LEXICAL;

		path.length = 0;
		ViewPath(view, Load32(p), &path);
		out->failed |= path.failed;
		WriteKey(out, &inner, TextSpan(&path));
		JsonAppendString(out, HeapText(view, p + 4));
	}
	TextAppendChar(out, '}');
}

static void
WriteExtras(const DocumentView *view, Text *out, bool *any)
{
	bool inner = false;

	if (view->extra_count == 0)
		return;
	WriteKey(out, any, SPAN_LITERAL("$extras"));
	TextAppendChar(out, '[');
	for (uint32_t i = 0; i < view->extra_count && !out->failed; i++)
	{
		DocumentExtra extra = ViewExtra(view, i);

		Separate(out, &inner);
		TextAppend(out, "{\"path\": ", 9);
		JsonAppendString(out, extra.path);
		TextAppend(out, ", \"value\": ", 11);
		JsonAppendString(out, extra.value);
		if (extra.line > 0)
			TextAppendf(out, ", \"line\": %u", extra.line);
		TextAppendChar(out, '}');
	}
	TextAppendChar(out, ']');
}

static void
WriteProvenance(const DocumentView *view, Text *out, bool *any)
{
	bool inner = false;

	if (view->provenance_count == 0)
		return;
	WriteKey(out, any, SPAN_LITERAL("$provenance"));
	TextAppendChar(out, '{');
	for (uint32_t i = 0; i < view->provenance_count; i++)
	{
		Span key;
		Span value = ViewProvenanceAt(view, i, &key);

		WriteKey(out, &inner, key);
		JsonAppendString(out, value);
	}
	TextAppendChar(out, '}');
}

/* A text that failed did so for want of memory or because of an interrupt. */
static ClexStatus
Outcome(const Text *out, ClexError *error)
{
	if (!out->failed)
		return CLEX_OK;
	if (ClexInterrupted(out->arena->env))
		return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
	return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
}

ClexStatus
ViewToJson(const DocumentView *view, uint32_t first, uint32_t count, bool array, Text *out,
		   ClexError *error)
{
	JsonWriter writer = {view, NULL, out};

	WriteOccurrences(&writer, first, count, array);
	return Outcome(out, error);
}

ClexStatus
DocumentToJson(const DocumentView *view, Text *out, ClexError *error)
{
	bool any = false;
	const char *kind = DocumentKindName(view->kind);
	JsonWriter writer = {view, ViewChildIndex(view, out->arena), out};

	if (writer.index == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	TextAppendChar(out, '{');
	WriteKey(out, &any, SPAN_LITERAL("$kind"));
	JsonAppendString(out, SpanFromCString(kind == NULL ? "" : kind));
	WriteKey(out, &any, SPAN_LITERAL("$format"));
	JsonAppendString(out, view->format);
	if (view->reader_version > 0)
	{
		WriteKey(out, &any, SPAN_LITERAL("$reader"));
		TextAppendf(out, "%u", (unsigned) view->reader_version);
	}
	WriteMembers(&writer, writer.index[0], writer.index[1], &any);
	WriteLexical(view, out, &any);
	WriteExtras(view, out, &any);
	WriteProvenance(view, out, &any);
	TextAppendChar(out, '}');
	return Outcome(out, error);
}
