/*
 * cdar_write.c
 *		A lifecycle message from JSON.
 *
 * The JSON is read into a flat list first: its members may come in any order, the elements of the
 * schema may not.
 */
#include "core/codec/cdar.h"

#include "core/base/utf8.h"
#include "core/xml/xml_write.h"

#include <string.h>

#define CDAR_MAX_DEPTH 12
#define CDAR_INTERRUPT_STEPS 4096

typedef struct JsonItem
{
	Span key;	/* of a member; empty: an item of a list */
	Span value; /* of a string, number, true or false */
	char kind;	/* '{', '[', '"' for a value, '0' for null */
	uint32_t end;
} JsonItem;

typedef struct CdarWriting
{
	JsonScanner json;
	Vector items; /* JsonItem, in document order */
	Text *out;
	ClexStatus status;
} CdarWriting;

static const JsonItem *
Item(const CdarWriting *writing, uint32_t item)
{
	return &VectorAt(&writing->items, JsonItem, item);
}

/* ---- reading the JSON ---- */

static ClexStatus ParseItem(CdarWriting *writing, Span key, uint32_t depth);

static ClexStatus
ParseMembers(CdarWriting *writing, char open, uint32_t depth)
{
	JsonScanner *json = &writing->json;
	char close = open == '{' ? '}' : ']';
	ClexStatus status = JsonExpect(json, open);
	bool more = true;

	for (bool first = true; status == CLEX_OK; first = false)
	{
		Span key = SpanOf(NULL, 0);
		const char *at;

		status = JsonNextMember(json, close, first, &more);
		if (status != CLEX_OK || !more)
			break;
		if (open == '{')
			status = JsonKey(json, &key, &at);
		if (status == CLEX_OK)
			status = ParseItem(writing, key, depth + 1);
	}
	return status;
}

/* true, false or null. */
static ClexStatus
ParseWord(JsonScanner *json, JsonItem *item)
{
	static const char *const words[] = {"true", "false", "null"};

	JsonSkipSpace(json);
	for (int i = 0; i < 3; i++)
	{
		size_t length = strlen(words[i]);

		if ((size_t) (json->end - json->p) >= length && memcmp(json->p, words[i], length) == 0)
		{
			item->value = SpanOf(json->p, length);
			item->kind = i == 2 ? '0' : '"';
			json->p += length;
			return CLEX_OK;
		}
	}
	return JsonFail(json, json->p, "invalid JSON: a value expected");
}

static ClexStatus
ParseItem(CdarWriting *writing, Span key, uint32_t depth)
{
	uint32_t index = writing->items.count;
	JsonItem *slot = VectorPush(&writing->items);
	JsonItem item = {.key = key, .kind = '"'};
	JsonScanner *json = &writing->json;
	char c = JsonPeek(json);
	ClexStatus status;

	if (slot == NULL)
		return ClexFail(json->error, CLEX_NO_MEMORY, "out of memory");
	if (depth > CDAR_MAX_DEPTH)
		return JsonFail(json, json->p, "the message is nested too deeply");
	if (index % CDAR_INTERRUPT_STEPS == 0 && ClexInterrupted(writing->out->arena->env))
		return CLEX_INTERRUPTED;
	if (c == '{' || c == '[')
	{
		item.kind = c;
		status = ParseMembers(writing, c, depth);
	}
	else if (c == '"')
		status = JsonString(json, &item.value);
	else if (c == '-' || (c >= '0' && c <= '9'))
		status = JsonNumber(json, &item.value);
	else
		status = ParseWord(json, &item);
	item.end = writing->items.count;
	VectorAt(&writing->items, JsonItem, index) = item;
	return status;
}

/* ---- the table ---- */

static bool
IsKey(Span key, const char *name, const char *suffix)
{
	size_t length = strlen(name);

	return key.length == length + strlen(suffix) && memcmp(key.data, name, length) == 0 &&
		   memcmp(key.data + length, suffix, strlen(suffix)) == 0;
}

/* Is a member one of the level of these rows?  Groups have the level of what is around them. */
static bool
IsKnown(Span key, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i = CdarRowsEnd(i))
	{
		const CdarElement *row = &ClexCdarElements[i];

		if (row->kind == CDAR_GROUP
				? IsKnown(key, i + 1, CdarRowsEnd(i))
				: IsKey(key, row->key, "") ||
					  (row->kind == CDAR_ID && IsKey(key, row->key, "_scheme")) ||
					  (row->kind == CDAR_AMOUNT && IsKey(key, row->key, "_currency")))
			return true;
	}
	return false;
}

static bool
CheckMembers(CdarWriting *writing, uint32_t object, uint32_t from, uint32_t to)
{
	for (uint32_t i = object + 1; i < Item(writing, object)->end; i = Item(writing, i)->end)
	{
		Span key = Item(writing, i)->key;

		if (IsKnown(key, from, to))
			continue;
		key = Utf8Cut(key, 60);
		writing->status =
			ClexFail(writing->json.error, CLEX_INVALID,
					 "a lifecycle message has no member \"%.*s\" here", (int) key.length, key.data);
		ClexHint(writing->json.error,
				 "clex.read_status() shows how messages look; the names are in docs/p2p.md.");
		return false;
	}
	return true;
}

/* The member of an object, of kind `kind`; 0: not there, or null.  Item 0 is the whole message. */
static uint32_t
Member(CdarWriting *writing, uint32_t object, const char *key, const char *suffix, char kind)
{
	for (uint32_t i = object + 1; i < Item(writing, object)->end; i = Item(writing, i)->end)
	{
		const JsonItem *item = Item(writing, i);

		if (!IsKey(item->key, key, suffix) || item->kind == '0')
			continue;
		if (item->kind == kind)
			return i;
		writing->status =
			ClexFail(writing->json.error, CLEX_INVALID,
					 "member \"%s%s\" of a lifecycle message is of another kind", key, suffix);
		return 0;
	}
	return 0;
}

/* ---- writing the XML ---- */

static void
PutName(Text *out, NameId name)
{
	Span written = ClexStaticNames[name];

	/* the prefix that everybody gives the namespace of the root */
	if (written.length > 5 && memcmp(written.data, "cdar:", 5) == 0)
	{
		TextAppend(out, "rsm:", 4);
		written = SpanOf(written.data + 5, written.length - 5);
	}
	TextAppendSpan(out, written);
}

static void
PutTag(Text *out, NameId name, bool close)
{
	TextAppend(out, "</", close ? 2 : 1);
	PutName(out, name);
	TextAppendChar(out, '>');
}

/* An element with a value, and an attribute if there is one. */
static void
PutValue(Text *out, NameId name, const char *attribute, Span attribute_value, Span value)
{
	TextAppendChar(out, '<');
	PutName(out, name);
	if (attribute_value.length > 0)
	{
		TextAppendf(out, " %s=\"", attribute);
		XmlAppendValue(out, attribute_value);
		TextAppendChar(out, '"');
	}
	TextAppendChar(out, '>');
	XmlAppendText(out, value);
	PutTag(out, name, true);
}

/* Each line is an element. */
static void
PutLines(Text *out, NameId name, Span value)
{
	while (value.data != NULL)
	{
		const char *end = value.length > 0 ? memchr(value.data, '\n', value.length) : NULL;
		size_t length = end == NULL ? value.length : (size_t) (end - value.data);

		PutValue(out, name, "", SpanOf(NULL, 0), SpanOf(value.data, length));
		value = end == NULL ? SpanOf(NULL, 0) : SpanOf(end + 1, value.length - length - 1);
	}
}

static void
WriteValue(CdarWriting *writing, const CdarElement *row, uint32_t object)
{
	uint32_t item = Member(writing, object, row->key, "", '"');
	uint32_t beside = 0;
	Text *out = writing->out;
	Span value;

	if (item == 0)
		return;
	value = Item(writing, item)->value;
	if (row->kind == CDAR_ID || row->kind == CDAR_AMOUNT)
		beside =
			Member(writing, object, row->key, row->kind == CDAR_ID ? "_scheme" : "_currency", '"');
	switch (row->kind)
	{
		case CDAR_ID:
		case CDAR_AMOUNT:
			PutValue(out, row->name, row->kind == CDAR_ID ? "schemeID" : "currencyID",
					 beside == 0 ? SpanOf(NULL, 0) : Item(writing, beside)->value, value);
			return;
		case CDAR_TEXT:
			PutLines(out, row->name, value);
			return;
		default:
			break;
	}
	PutTag(out, row->name, false);
	if (row->kind == CDAR_TIME)
		PutValue(out, NAME_udt_DateTimeString, "format",
				 SpanFromCString(value.length == 8 ? "102" : "204"), value);
	else if (row->kind == CDAR_DATE)
		PutValue(out, NAME_qdt_DateTimeString, "format", SPAN_LITERAL("102"), value);
	else
		PutValue(out, row->kind == CDAR_FLAG ? NAME_udt_Indicator : NAME_udt_IndicatorString, "",
				 SpanOf(NULL, 0), value);
	PutTag(out, row->name, true);
}

static void WriteRows(CdarWriting *writing, uint32_t from, uint32_t to, uint32_t object);

static void
WriteObjects(CdarWriting *writing, uint32_t index, uint32_t object)
{
	const CdarElement *row = &ClexCdarElements[index];
	bool list = row->kind == CDAR_LIST;
	uint32_t item = Member(writing, object, row->key, "", list ? '[' : '{');
	uint32_t end;

	if (item == 0)
		return;
	end = Item(writing, item)->end;
	for (uint32_t i = list ? item + 1 : item; i < end && writing->status == CLEX_OK;
		 i = Item(writing, i)->end)
	{
		if (Item(writing, i)->kind != '{')
		{
			writing->status =
				ClexFail(writing->json.error, CLEX_INVALID,
						 "\"%s\" of a lifecycle message is a list of objects", row->key);
			return;
		}
		if (!CheckMembers(writing, i, index + 1, CdarRowsEnd(index)))
			return;
		PutTag(writing->out, row->name, false);
		WriteRows(writing, index + 1, CdarRowsEnd(index), i);
		PutTag(writing->out, row->name, true);
	}
}

static void
WriteRows(CdarWriting *writing, uint32_t from, uint32_t to, uint32_t object)
{
	Text *out = writing->out;

	for (uint32_t i = from; i < to && writing->status == CLEX_OK; i = CdarRowsEnd(i))
	{
		const CdarElement *row = &ClexCdarElements[i];
		size_t start = out->length;
		size_t inside;

		switch (row->kind)
		{
			case CDAR_GROUP:
				PutTag(out, row->name, false);
				inside = out->length;
				WriteRows(writing, i + 1, CdarRowsEnd(i), object);
				if (out->length == inside)
					out->length = start; /* nothing in it */
				else
					PutTag(out, row->name, true);
				break;
			case CDAR_OBJECT:
			case CDAR_LIST:
				WriteObjects(writing, i, object);
				break;
			default:
				WriteValue(writing, row, object);
		}
	}
}

ClexStatus
CdarFromJson(Span json, Arena *arena, Text *xml, ClexError *error)
{
	static const char *const prefixes[] = {"rsm", "ram", "qdt", "udt"};
	CdarWriting writing = {.json = JsonScannerOn(json, arena, error), .out = xml};

	VectorInit(&writing.items, arena, sizeof(JsonItem));
	writing.status = ParseItem(&writing, SpanOf(NULL, 0), 0);
	if (writing.status != CLEX_OK)
		return writing.status;
	if (Item(&writing, 0)->kind != '{')
		return ClexFail(error, CLEX_INVALID, "a lifecycle message is a JSON object");
	if (!CheckMembers(&writing, 0, 0, ClexCdarElementCount))
		return writing.status;
	TextAppendf(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rsm:%s",
				"CrossDomainAcknowledgementAndResponse");
	for (int i = 0; i < 4; i++)
		for (uint32_t n = 0; n < ClexNamespaceCount; n++)
			if (SpanEqualCString(ClexNamespaces[n].prefix, i == 0 ? "cdar" : prefixes[i]))
			{
				TextAppendf(xml, " xmlns:%s=\"", prefixes[i]);
				TextAppendSpan(xml, ClexNamespaces[n].uri);
				TextAppendChar(xml, '"');
			}
	TextAppendChar(xml, '>');
	WriteRows(&writing, 0, ClexCdarElementCount, 0);
	TextAppendf(xml, "</rsm:%s>\n", "CrossDomainAcknowledgementAndResponse");
	return writing.status == CLEX_OK && xml->failed
			   ? ClexFail(error, CLEX_NO_MEMORY, "out of memory")
			   : writing.status;
}
