/*
 * gobl_json.c
 *		JSON to the source tree of a GOBL document.
 *
 * Two steps: the text becomes a list of members, then they are put into the tree in the order of the
 * schema.  Names are interned in between, so a key that stands twice is found without comparing keys.
 */
#include "core/codec/gobl_json.h"

#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/codec/xml_plan.h"

#define INTERRUPT_EVERY 4096 /* values */
#define ENVELOPE "/envelope"

typedef enum JsonKind
{
	JSON_STRING,
	JSON_NUMBER,
	JSON_BOOLEAN,
	JSON_NULL,
	JSON_OBJECT,
	JSON_ARRAY,
} JsonKind;

/* A member of an object or an item of an array. */
typedef struct Member
{
	NameId name;	/* of the key; NAME_NONE: an item */
	uint32_t line;	/* of the value */
	uint32_t first; /* of what it holds, 0: nothing */
	uint32_t next;	/* behind it in its object or array, 0: the last one */
	Span value;		/* of a scalar */
	uint8_t kind;
} Member;

typedef struct GoblReader
{
	JsonScanner json;
	Tree *tree;
	Vector members; /* Member; 0 is none */
	Vector seen;	/* uint32_t by name: the object that had it last */
	const XmlLimits *limits;
	ClexError *error;
	const char *counted; /* lines are counted up to here ... */
	uint32_t line;		 /* ... which is this one */
	NameId words;		 /* of attribute json */
	uint32_t objects;
	uint32_t depth;
	uint32_t countdown;
} GoblReader;

static ClexStatus ReadValue(GoblReader *r, NameId name, uint32_t *number);

static Member *
MemberAt(const GoblReader *r, uint32_t number)
{
	return &VectorAt(&r->members, Member, number);
}

/* ---- names ---- */

static bool
IsNameCharacter(uint32_t c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		   (!first && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
}

/* The value of hexadecimal digits; false if one is none. */
static bool
HexValue(Span digits, uint32_t *value)
{
	*value = 0;
	for (size_t i = 0; i < digits.length; i++)
	{
		char c = digits.data[i];
		char low = (char) (c | 0x20);

		if (c >= '0' && c <= '9')
			*value = *value << 4 | (uint32_t) (c - '0');
		else if (low >= 'a' && low <= 'f')
			*value = *value << 4 | (uint32_t) (low - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* Does an escape stand at `at`, "_x0024_" or "_x0001F600_"?  Its length, 0 if not. */
static size_t
EscapeAt(Span name, size_t at, uint32_t *code)
{
	for (size_t digits = 4; digits <= 8; digits += 4)
		if (name.length - at >= digits + 3 && name.data[at] == '_' && name.data[at + 1] == 'x' &&
			name.data[at + 2 + digits] == '_' && HexValue(SpanOf(name.data + at + 2, digits), code))
			return digits + 3;
	return 0;
}

/* One code point of valid UTF-8. */
static uint32_t
DecodeUtf8(const char *p, size_t length)
{
	uint32_t code = (unsigned char) *p;

	if (length > 1)
		code &= 0x7Fu >> length;
	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char) p[i] & 0x3F);
	return code;
}

/* A key as an element name; an empty one is the escape of nothing. */
static NameId
InternKey(GoblReader *r, Span key)
{
	Text text;
	uint32_t code;

	TextInit(&text, r->tree->arena);
	if (key.length == 0)
		TextAppendf(&text, "_x0000_");
	for (size_t i = 0; i < key.length;)
	{
		size_t length = Utf8SequenceLength((const unsigned char *) key.data + i, key.length - i);

		code = DecodeUtf8(key.data + i, length);
		if (IsNameCharacter(code, i == 0) && EscapeAt(key, i, &(uint32_t){0}) == 0)
			TextAppendChar(&text, (char) code);
		else
			TextAppendf(&text, code > 0xFFFF ? "_x%08X_" : "_x%04X_", code);
		i += length;
	}
	return text.failed ? NAME_NONE : TreeInternName(r->tree, TextSpan(&text));
}

Span
GoblKey(Span name, Arena *arena)
{
	Text text;
	char bytes[4];
	bool escaped = false;

	TextInit(&text, arena);
	for (size_t i = 0; i < name.length;)
	{
		uint32_t code;
		size_t length = EscapeAt(name, i, &code);

		/* what GoblParse did not write is no escape */
		if (length == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		{
			TextAppendChar(&text, name.data[i++]);
			continue;
		}
		escaped = true;
		if (code != 0)
			TextAppend(&text, bytes, (size_t) Utf8Encode(code, bytes));
		i += length;
	}
	return escaped ? TextSpan(&text) : name;
}

/* ---- text to members ---- */

/* The line of a place that is not in front of the last one asked for. */
static uint32_t
LineAt(GoblReader *r, const char *at)
{
	for (; r->counted < at; r->counted++)
		r->line += *r->counted == '\n';
	return r->line;
}

static ClexStatus
CheckLimits(GoblReader *r)
{
	if (r->members.count >= r->limits->max_nodes)
	{
		ClexFail(r->error, CLEX_LIMIT, "the JSON document has more than %u values",
				 r->limits->max_nodes);
		ClexHint(r->error, "Raise clex.max_nodes if the sender is trusted.");
		return CLEX_LIMIT;
	}
	if (r->depth > r->limits->max_depth)
	{
		ClexFail(r->error, CLEX_LIMIT, "JSON is nested deeper than %u values",
				 r->limits->max_depth);
		ClexHint(r->error, "Raise clex.max_depth (at most 256) if the sender is trusted.");
		return CLEX_LIMIT;
	}
	if (--r->countdown == 0)
	{
		r->countdown = INTERRUPT_EVERY;
		if (ClexInterrupted(r->tree->arena->env))
			return ClexFail(r->error, CLEX_INTERRUPTED, "canceled");
	}
	return CLEX_OK;
}

/* A key stands once in an object. */
static ClexStatus
CheckTwice(GoblReader *r, NameId name, uint32_t object, Span key, const char *at)
{
	uint32_t *seen;

	while (name != NAME_NONE && r->seen.count <= name && (seen = VectorPush(&r->seen)) != NULL)
		*seen = 0;
	if (name == NAME_NONE || r->seen.count <= name)
		return ClexFail(r->error, CLEX_NO_MEMORY, "out of memory reading JSON");
	seen = &VectorAt(&r->seen, uint32_t, name);
	if (*seen == object)
		return JsonFail(&r->json, at, "key \"%.*s\" stands twice in an object",
						(int) SpanCut(key, 60).length, key.data);
	*seen = object;
	return CLEX_OK;
}

/* The members of an object or the items of an array, whose bracket was read. */
static ClexStatus
ReadMembers(GoblReader *r, uint32_t holder, char close)
{
	uint32_t object = ++r->objects;
	uint32_t last = 0;

	for (;;)
	{
		NameId name = NAME_NONE;
		uint32_t number;
		const char *at;
		bool more;
		Span key;
		ClexStatus status = JsonNextMember(&r->json, close, last == 0, &more);

		if (status != CLEX_OK || !more)
			return status;
		if (close == '}')
		{
			status = JsonKey(&r->json, &key, &at);
			if (status == CLEX_OK)
			{
				name = InternKey(r, key);
				status = CheckTwice(r, name, object, key, at);
			}
		}
		if (status == CLEX_OK)
			status = ReadValue(r, name, &number);
		if (status != CLEX_OK)
			return status;
		*(last == 0 ? &MemberAt(r, holder)->first : &MemberAt(r, last)->next) = number;
		last = number;
	}
}

/* true, false, null. */
static ClexStatus
ReadWord(GoblReader *r, Member *member)
{
	static const char *const words[] = {"true", "false", "null"};
	const char *p = r->json.p;

	for (size_t i = 0; i < 3; i++)
	{
		size_t length = strlen(words[i]);

		if ((size_t) (r->json.end - p) < length || memcmp(p, words[i], length) != 0)
			continue;
		r->json.p += length;
		member->kind = i == 2 ? JSON_NULL : JSON_BOOLEAN;
		member->value = i == 2 ? SpanOf("", 0) : SpanOf(p, length);
		return CLEX_OK;
	}
	return JsonFail(&r->json, p,
					p < r->json.end ? "invalid JSON: a value is expected"
									: "invalid JSON: it ends where a value is "
									  "expected");
}

static ClexStatus
ReadValue(GoblReader *r, NameId name, uint32_t *number)
{
	char c = JsonPeek(&r->json);
	Member member = {.name = name, .line = LineAt(r, r->json.p)};
	Member *slot = VectorPush(&r->members);
	ClexStatus status;

	if (slot == NULL)
		return ClexFail(r->error, CLEX_NO_MEMORY, "out of memory reading JSON");
	*number = r->members.count - 1;
	r->depth++;
	status = CheckLimits(r);
	if (status == CLEX_OK && (c == '{' || c == '['))
	{
		member.kind = c == '{' ? JSON_OBJECT : JSON_ARRAY;
		*slot = member;
		r->json.p++;
		status = ReadMembers(r, *number, c == '{' ? '}' : ']');
	}
	else if (status == CLEX_OK)
	{
		if (c == '"')
			status = JsonString(&r->json, &member.value);
		else if (c == '-' || (c >= '0' && c <= '9'))
		{
			member.kind = JSON_NUMBER;
			status = JsonNumber(&r->json, &member.value);
		}
		else
			status = ReadWord(r, &member);
		*slot = member;
	}
	r->depth--;
	return status;
}

/* ---- members to elements ---- */

/* Put the members of an object into the order of its type; those of one place stay in theirs. */
static void
SortMembers(GoblReader *r, uint32_t object, uint16_t type)
{
	uint32_t first[PLAN_MAX_POSITION + 1] = {0};
	uint32_t last[PLAN_MAX_POSITION + 1] = {0};
	uint32_t *link = &MemberAt(r, object)->first;
	uint32_t next;

	for (uint32_t i = *link; i != 0; i = next)
	{
		const PlanElement *element = PlanFindElement(type, MemberAt(r, i)->name);
		uint16_t position = element == NULL ? PLAN_MAX_POSITION : element->position;

		next = MemberAt(r, i)->next;
		MemberAt(r, i)->next = 0;
		*(last[position] == 0 ? &first[position] : &MemberAt(r, last[position])->next) = i;
		last[position] = i;
	}
	for (uint32_t i = 0; i <= PLAN_MAX_POSITION; i++)
		if (first[i] != 0)
		{
			*link = first[i];
			link = &MemberAt(r, last[i])->next;
		}
}

/* What attribute `json` says of a value; NULL: it is what the schema has there. */
static const char *
JsonWords(const Member *member, const PlanElement *element, bool single)
{
	uint8_t flags = element == NULL ? 0 : element->flags;
	static const char *const words[][2] = {
		{NULL, "single"},			{"number", "single number"}, {"boolean", "single boolean"},
		{"null", "single null"},	{"object", "single object"}, {"array", "array"},
		{"string", "single string"}};
	uint8_t word = member->kind;

	if ((flags & PLAN_ELEMENT_NUMBER && member->kind == JSON_NUMBER) ||
		(flags & PLAN_ELEMENT_BOOLEAN && member->kind == JSON_BOOLEAN) ||
		(member->kind == JSON_OBJECT && member->first != 0))
		word = JSON_STRING;
	else if (flags & (PLAN_ELEMENT_NUMBER | PLAN_ELEMENT_BOOLEAN) && member->kind == JSON_STRING)
		word = 6;
	return words[word][single];
}

static uint32_t
OpenElement(GoblReader *r, uint32_t parent, NameId name, uint32_t line, const char *words)
{
	uint32_t node = TreeOpen(r->tree, parent, name, line);

	if (words != NULL && !r->tree->failed)
		TreeAddAttribute(r->tree, node, r->words, SpanFromCString(words));
	return node;
}

static void PutMembers(GoblReader *r, uint32_t parent, uint32_t object, uint16_t type);

/* One element; `single`: the schema has an array there. */
static void
PutValue(GoblReader *r, uint32_t parent, NameId name, uint32_t number, const PlanElement *element,
		 bool single)
{
	const Member *member = MemberAt(r, number);
	uint32_t node = OpenElement(r, parent, name, member->line, JsonWords(member, element, single));

	if (r->tree->failed)
		return;
	if (member->kind == JSON_OBJECT)
		PutMembers(r, node, number, element == NULL ? 0 : element->type);
	else if (member->kind == JSON_ARRAY)
		for (uint32_t i = member->first; i != 0 && !r->tree->failed; i = MemberAt(r, i)->next)
			PutValue(r, node, NAME_item, i, NULL, false);
	else
	{
		TextAppendSpan(&r->tree->text, member->value);
		r->tree->failed |= r->tree->text.failed;
	}
	if (!r->tree->failed)
		TreeClose(r->tree, node);
}

/* Is a member an array without items or an object without members, as the schema has it there? */
static bool
IsEmpty(const Member *member, const PlanElement *element)
{
	return element != NULL && member->first == 0 &&
		   (element->flags & PLAN_ELEMENT_MANY ? member->kind == JSON_ARRAY
											   : member->kind == JSON_OBJECT && element->type != 0);
}

/* The names of what is empty in an object, as its attribute. */
static void
PutEmpty(GoblReader *r, uint32_t node, uint32_t object, uint16_t type)
{
	Text names;

	TextInit(&names, r->tree->arena);
	for (uint32_t i = MemberAt(r, object)->first; i != 0; i = MemberAt(r, i)->next)
		if (IsEmpty(MemberAt(r, i), PlanFindElement(type, MemberAt(r, i)->name)))
		{
			Span name = ClexStaticNames[MemberAt(r, i)->name];

			TextAppendf(&names, "%s%.*s", names.length > 0 ? " " : "", (int) name.length,
						name.data);
		}
	if (names.length > 0)
		TreeAddAttribute(r->tree, node, NAME_at_empty, TextSpan(&names));
	r->tree->failed |= names.failed;
}

/* A member whose key the schema knows as an array: an element for each item. */
static void
PutArray(GoblReader *r, uint32_t parent, uint32_t number, const PlanElement *element)
{
	const Member *member = MemberAt(r, number);

	if (member->kind != JSON_ARRAY)
	{
		PutValue(r, parent, member->name, number, element, true);
		return;
	}
	for (uint32_t i = member->first; i != 0 && !r->tree->failed; i = MemberAt(r, i)->next)
		PutValue(r, parent, member->name, i, element, false);
}

static void
PutMembers(GoblReader *r, uint32_t parent, uint32_t object, uint16_t type)
{
	SortMembers(r, object, type);
	PutEmpty(r, parent, object, type);
	for (uint32_t i = MemberAt(r, object)->first; i != 0 && !r->tree->failed;
		 i = MemberAt(r, i)->next)
	{
		const PlanElement *element = PlanFindElement(type, MemberAt(r, i)->name);

		if (IsEmpty(MemberAt(r, i), element))
			continue;
		if (element != NULL && element->flags & PLAN_ELEMENT_MANY)
			PutArray(r, parent, i, element);
		else
			PutValue(r, parent, MemberAt(r, i)->name, i, element, false);
	}
}

/* Does the schema of the outermost object say that a document is in it? */
static bool
IsEnvelope(const GoblReader *r, uint32_t object)
{
	for (uint32_t i = MemberAt(r, object)->first; i != 0; i = MemberAt(r, i)->next)
	{
		Span value = MemberAt(r, i)->value;

		if (MemberAt(r, i)->name == NAME__x0024_schema)
			return value.length >= strlen(ENVELOPE) &&
				   memcmp(value.data + value.length - strlen(ENVELOPE), ENVELOPE,
						  strlen(ENVELOPE)) == 0;
	}
	return false;
}

static ClexStatus
PutDocument(GoblReader *r, uint32_t object)
{
	uint16_t type = ClexPlanStates[BindRootFind(NAME_gobl)->first_state].type;
	uint32_t root = TreeOpen(r->tree, 0, NAME_gobl, 1);

	if (!r->tree->failed)
	{
		if (IsEnvelope(r, object))
			PutMembers(r, root, object, type);
		else
			PutValue(r, root, NAME_doc, object, PlanFindElement(type, NAME_doc), false);
	}
	if (r->tree->failed)
		return ClexFail(r->error, CLEX_NO_MEMORY, "out of memory reading JSON");
	TreeClose(r->tree, root);
	TreeClose(r->tree, 0);
	return CLEX_OK;
}

/* Refuse what need not be scanned to be refused; a byte order mark is passed over. */
static ClexStatus
CheckBytes(Span *bytes, const XmlLimits *limits, ClexError *error)
{
	size_t valid;

	if (bytes->length > limits->max_bytes || bytes->length > INT32_MAX)
	{
		ClexFail(error, CLEX_LIMIT, "the document has %zu bytes, more than the limit of %zu",
				 bytes->length, limits->max_bytes);
		ClexHint(error, "Raise clex.max_document_size if such documents are expected.");
		return CLEX_LIMIT;
	}
	if (bytes->length >= 3 && memcmp(bytes->data, "\xEF\xBB\xBF", 3) == 0)
		*bytes = SpanOf(bytes->data + 3, bytes->length - 3);
	valid = Utf8ValidPrefix(*bytes);
	if (valid == bytes->length)
		return CLEX_OK;
	ClexFail(error, CLEX_MALFORMED, "the JSON document is not UTF-8");
	ClexDetail(error, "Byte %zu is no part of a character.", valid + 1);
	return CLEX_MALFORMED;
}

ClexStatus
GoblParse(Span bytes, const XmlLimits *limits, Arena *arena, Tree *tree, ClexError *error)
{
	GoblReader r = {.tree = tree, .limits = limits, .error = error, .line = 1};
	uint32_t object;
	ClexStatus status = CheckBytes(&bytes, limits, error);

	if (status != CLEX_OK)
		return status;
	TreeInit(tree, arena);
	r.json = JsonScannerOn(bytes, arena, error);
	r.counted = r.json.start;
	r.countdown = INTERRUPT_EVERY;
	r.words = TreeInternName(tree, SPAN_LITERAL("@json"));
	VectorInit(&r.members, arena, sizeof(Member));
	VectorInit(&r.seen, arena, sizeof(uint32_t));
	if (VectorPush(&r.members) == NULL || tree->failed)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory reading JSON");
	if (JsonPeek(&r.json) != '{')
		return JsonFail(&r.json, r.json.p, "a GOBL document is an object");
	status = ReadValue(&r, NAME_NONE, &object);
	JsonSkipSpace(&r.json);
	if (status == CLEX_OK && r.json.p < r.json.end)
		status = JsonFail(&r.json, r.json.p, "invalid JSON: something stands behind its end");
	return status != CLEX_OK ? status : PutDocument(&r, object);
}
