/*
 * flat_mapping.c
 *		Compiling mappings: JSON to records, fields, terms and expressions.
 *
 * Everything a mapping says is checked here, so that reading can only fail for what is in the file.
 */
#include "core/codec/flat_mapping.h"

#include "core/base/json.h"

#define DEEPEST 8

/* A value of JSON, as it is looked into: members of objects have keys. */
typedef struct Node
{
	Span key;
	Span text; /* of a string or number; "true", "false", "null" */
	char kind; /* { [ " 0 t */
	Vector children;
} Node;

typedef struct Compiler
{
	Arena *arena;
	ClexError *error;
	FlatMapping *mapping;
	FlatRecord *record;
} Compiler;

static ClexStatus
OutOfMemory(Compiler *c)
{
	return ClexFail(c->error, CLEX_NO_MEMORY, "out of memory reading a mapping");
}

static ClexStatus
Invalid(Compiler *c, const char *what, Span name)
{
	return ClexFail(c->error, CLEX_INVALID, "mapping: %s \"%.*s\"", what,
					(int) SpanCut(name, 80).length, name.data);
}

static ClexStatus ParseNode(Compiler *c, JsonScanner *json, Node *node, int depth);

/* The members of an object or the items of an array whose bracket was read. */
static ClexStatus
ParseChildren(Compiler *c, JsonScanner *json, Node *node, int depth)
{
	bool more = true;

	VectorInit(&node->children, c->arena, sizeof(Node));
	for (bool first = true;; first = false)
	{
		ClexStatus status = JsonNextMember(json, node->kind == '{' ? '}' : ']', first, &more);
		const char *at;
		Node child = {.kind = 0};
		Node *slot;

		if (status != CLEX_OK || !more)
			return status;
		if (node->kind == '{' && (status = JsonKey(json, &child.key, &at)) != CLEX_OK)
			return status;
		status = ParseNode(c, json, &child, depth + 1);
		if (status != CLEX_OK)
			return status;
		slot = VectorPush(&node->children);
		if (slot == NULL)
			return OutOfMemory(c);
		*slot = child;
	}
}

static ClexStatus
ParseNode(Compiler *c, JsonScanner *json, Node *node, int depth)
{
	char next = JsonPeek(json);

	if (depth > DEEPEST)
		return ClexFail(c->error, CLEX_INVALID, "mapping: it is nested too deeply");
	if (next == 0)
		return ClexFail(c->error, CLEX_MALFORMED, "mapping: it ends too early");
	if (next == '{' || next == '[')
	{
		node->kind = next;
		JsonExpect(json, next);
		return ParseChildren(c, json, node, depth);
	}
	if (next == '"')
	{
		node->kind = '"';
		return JsonString(json, &node->text);
	}
	if (next == 't' || next == 'f' || next == 'n')
	{
		const char *start = json->p;

		node->kind = 't';
		while (json->p < json->end && *json->p >= 'a' && *json->p <= 'z')
			json->p++;
		node->text = SpanOf(start, (size_t) (json->p - start));
		return CLEX_OK;
	}
	node->kind = '0';
	return JsonNumber(json, &node->text);
}

static uint32_t
Count(const Node *node)
{
	return node->kind == '{' || node->kind == '[' ? node->children.count : 0;
}

static const Node *
Child(const Node *node, uint32_t i)
{
	return &VectorAt(&node->children, Node, i);
}

/* A member of an object, NULL if it is not there or null. */
static const Node *
Member(const Node *node, const char *key)
{
	for (uint32_t i = 0; i < Count(node); i++)
		if (SpanEqualCString(Child(node, i)->key, key))
			return SpanEqualCString(Child(node, i)->text, "null") && Child(node, i)->kind == 't'
					   ? NULL
					   : Child(node, i);
	return NULL;
}

/* Every key of an object is one of a list, "a|b|c". */
static ClexStatus
CheckKeys(Compiler *c, const Node *node, const char *what, const char *keys)
{
	if (node->kind != '{')
		return ClexFail(c->error, CLEX_INVALID, "mapping: %s is not an object", what);
	for (uint32_t i = 0; i < Count(node); i++)
	{
		Span key = Child(node, i)->key;
		const char *at = keys;
		bool known = false;

		while (!known && at != NULL && *at != '\0')
		{
			const char *bar = strchrnul(at, '|');

			known = SpanEqual(key, SpanOf(at, (size_t) (bar - at)));
			at = *bar == '|' ? bar + 1 : NULL;
		}
		if (!known)
		{
			Invalid(c, "unknown key", key);
			ClexHint(c->error, "Keys of %s are: %s.", what, keys);
			return CLEX_INVALID;
		}
	}
	return CLEX_OK;
}

/* A whole number from `least` on, at most a million. */
static ClexStatus
WholeNumber(Compiler *c, const Node *node, const char *key, uint32_t least, uint32_t *result)
{
	const Node *member = Member(node, key);
	Decimal number;
	int64_t whole;

	if (member == NULL)
		return CLEX_OK;
	if (member->kind != '0' || DecimalParse(member->text, &number) != CLEX_OK || number.scale > 0 ||
		DecimalToInt64(number, &whole) != CLEX_OK || whole < least || whole > 1000000)
		return Invalid(c, "a number is wrong:", member->key);
	*result = (uint32_t) whole;
	return CLEX_OK;
}

/* A member that is a single character, or "tab", or null. */
static ClexStatus
OneCharacter(Compiler *c, const Node *node, const char *key, char *result)
{
	const Node *member = Member(node, key);

	if (member == NULL)
		return CLEX_OK;
	if (SpanEqualCString(member->text, "tab"))
		*result = '\t';
	else if (member->kind == '"' && member->text.length == 0)
		*result = 0;
	else if (member->kind == '"' && member->text.length == 1 && member->text.data[0] >= ' ' &&
			 member->text.data[0] <= '~')
		*result = member->text.data[0];
	else
		return Invalid(c, "not a single character of ASCII:", member->key);
	return CLEX_OK;
}

static bool
IsNameCharacter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
		   ch == '_';
}

static bool
IsVariable(Span name)
{
	for (size_t i = 0; i < name.length; i++)
	{
		char ch = name.data[i];

		if (!IsNameCharacter(ch) || (i == 0 && ch >= '0' && ch <= '9'))
			return false;
	}
	return name.length > 0 && name.length <= 60;
}

static int
FindField(const FlatRecord *record, Span name)
{
	for (uint32_t i = 0; i < record->fields.count; i++)
		if (SpanEqual(VectorAt(&record->fields, FlatField, i).name, name))
			return (int) i;
	return -1;
}

static ClexStatus
CompileField(Compiler *c, const Node *node)
{
	const Node *name = Member(node, "name");
	const Node *type = Member(node, "type");
	FlatField field = {.type = FLAT_TEXT};
	uint32_t scale = 0;
	FlatField *slot;
	ClexStatus status = CheckKeys(c, node, "a field", "name|header|type|start|length|scale");

	if (status != CLEX_OK)
		return status;
	if (name == NULL || !IsVariable(name->text))
		return Invalid(c, "the name of a field is not letters, digits and _:",
					   name != NULL ? name->text : SPAN_LITERAL(""));
	field.name = name->text;
	field.header = Member(node, "header") != NULL ? Member(node, "header")->text : name->text;
	if (type != NULL && SpanEqualCString(type->text, "number"))
		field.type = FLAT_NUMBER;
	else if (type != NULL && SpanEqualCString(type->text, "date"))
		field.type = FLAT_DATE;
	else if (type != NULL && !SpanEqualCString(type->text, "text"))
		return Invalid(c, "the type of a field is not text, number or date:", type->text);
	if ((status = WholeNumber(c, node, "start", 1, &field.start)) != CLEX_OK ||
		(status = WholeNumber(c, node, "length", 1, &field.length)) != CLEX_OK ||
		(status = WholeNumber(c, node, "scale", 0, &scale)) != CLEX_OK)
		return status;
	if (scale > 18)
		return Invalid(c, "the scale of a field is over 18:", field.name);
	field.scale = (int) scale;
	if (c->mapping->positional ? field.start == 0 || field.length == 0
							   : field.start > 0 || field.length > 0)
		return Invalid(c, "start and length belong to positional fields, and only to them:",
					   field.name);
	if (FindField(c->record, field.name) >= 0)
		return Invalid(c, "a field is there twice:", field.name);
	slot = VectorPush(&c->record->fields);
	if (slot == NULL)
		return OutOfMemory(c);
	*slot = field;
	return CLEX_OK;
}

/* Names of the fields as variables of expressions. */
static ClexStatus
MakeScope(Compiler *c)
{
	uint32_t count = c->record->fields.count;
	Span *names = ArenaAllocArray(c->arena, count + 1, sizeof(Span));

	if (names == NULL)
		return OutOfMemory(c);
	for (uint32_t i = 0; i < count; i++)
		names[i] = VectorAt(&c->record->fields, FlatField, i).name;
	c->record->scope = (ExprScope){.names = names, .count = (uint16_t) count};
	return CLEX_OK;
}

bool
FlatNames(Span expression, Span field)
{
	const char *at = expression.data;
	const char *end = expression.data + expression.length;

	while ((at = memchr(at, '$', (size_t) (end - at))) != NULL)
	{
		at++;
		if ((size_t) (end - at) >= field.length && memcmp(at, field.data, field.length) == 0 &&
			(at + field.length == end || !IsNameCharacter(at[field.length])))
			return true;
	}
	return false;
}

/* Note the fields that an expression names. */
static void
NoteFields(FlatRecord *record, Span text)
{
	for (uint32_t i = 0; i < record->fields.count; i++)
	{
		FlatField *field = &VectorAt(&record->fields, FlatField, i);

		field->used |= FlatNames(text, field->name);
	}
}

/* How many terms stand above one. */
static int
Depth(TermId term)
{
	int depth = 0;

	while ((term = ClexTerms[term].parent) != TERM_NONE)
		depth++;
	return depth;
}

static bool
IsBelow(TermId term, TermId group)
{
	while (term != TERM_NONE && term != group)
		term = ClexTerms[term].parent;
	return term == group;
}

/* One term and its expression; `group` is what repeats. */
static ClexStatus
CompileTerm(Compiler *c, const Node *node, TermId group, Vector *terms)
{
	FlatTerm term = {.term = TermLookup(node->key), .field = -1, .text = node->text};
	FlatTerm *slot;
	Expr *expr = NULL;

	if (term.term == TERM_NONE && group != TERM_NONE)
		term.term = TermChild(group, node->key);
	if (term.term == TERM_NONE)
		return Invalid(c, "unknown business term", node->key);
	if (TermIsGroup(term.term) || !IsBelow(term.term, group))
		return Invalid(c, "a term is a group, or does not stand in the group it is given in:",
					   node->key);
	if (node->kind != '"' || node->text.length == 0)
		return Invalid(c, "a term is not given an expression:", node->key);
	if (node->text.data[0] == '$')
		term.field = FindField(c->record, SpanOf(node->text.data + 1, node->text.length - 1));
	if (term.field < 0)
	{
		if (ExprCompile(node->text, VOCABULARY_TERMS, TERM_NONE, &c->record->scope, c->arena, &expr,
						c->error) != CLEX_OK)
		{
			ClexDetail(c->error, "In the expression of \"%.*s\", position %u.",
					   (int) SpanCut(node->key, 60).length, node->key.data,
					   (unsigned) c->error->offset);
			return c->error->status;
		}
		term.expr = expr;
	}
	else
		VectorAt(&c->record->fields, FlatField, term.field).direct = true;
	NoteFields(c->record, node->text);
	slot = VectorPush(terms);
	if (slot == NULL)
		return OutOfMemory(c);
	/* what qualifies a value comes after it */
	for (; slot > &VectorAt(terms, FlatTerm, 0) && Depth(slot[-1].term) > Depth(term.term); slot--)
		*slot = slot[-1];
	*slot = term;
	return CLEX_OK;
}

static ClexStatus
CompileTerms(Compiler *c, const Node *node, TermId group, Vector *terms)
{
	ClexStatus status = CLEX_OK;

	VectorInit(terms, c->arena, sizeof(FlatTerm));
	if (node == NULL)
		return CLEX_OK;
	if (node->kind != '{')
		return ClexFail(c->error, CLEX_INVALID, "mapping: terms are not an object");
	for (uint32_t i = 0; i < Count(node) && status == CLEX_OK; i++)
		status = CompileTerm(c, Child(node, i), group, terms);
	return status;
}

/* Groups that can be repeated: "lines", "BG-25", "lines.allowances"; outer ones first. */
static ClexStatus
CompileGroups(Compiler *c, const Node *node)
{
	for (uint32_t i = 0; node != NULL && i < Count(node); i++)
	{
		const Node *one = Child(node, i);
		FlatGroup group = {.group = TermLookup(one->key)};
		FlatGroup *slot;
		ClexStatus status;

		if (group.group == TERM_NONE || !TermIsGroup(group.group) ||
			ClexTerms[group.group].max == 1)
			return Invalid(c, "not a group that can be repeated:", one->key);
		status = CompileTerms(c, one, group.group, &group.terms);
		if (status != CLEX_OK)
			return status;
		slot = VectorPush(&c->record->groups);
		if (slot == NULL)
			return OutOfMemory(c);
		for (; slot > &VectorAt(&c->record->groups, FlatGroup, 0) &&
			   Depth(slot[-1].group) > Depth(group.group);
			 slot--)
			*slot = slot[-1];
		*slot = group;
	}
	return CLEX_OK;
}

static ClexStatus
CompileRecord(Compiler *c, Span type, const Node *node)
{
	FlatRecord *record = VectorPush(&c->mapping->records);
	const Node *fields = Member(node, "fields");
	const Node *opens = Member(node, "opens");
	const Node *key = Member(node, "document");
	ClexStatus status;

	if (record == NULL)
		return OutOfMemory(c);
	memset(record, 0, sizeof(*record));
	c->record = record;
	record->type = type;
	record->key = -1;
	record->opens = opens != NULL && SpanEqualCString(opens->text, "true");
	VectorInit(&record->fields, c->arena, sizeof(FlatField));
	VectorInit(&record->groups, c->arena, sizeof(FlatGroup));
	if (fields == NULL || fields->kind != '[' || Count(fields) == 0 ||
		Count(fields) > FLAT_MOST_FIELDS)
		return ClexFail(c->error, CLEX_INVALID, "mapping: fields are not an array of 1 to %d",
						FLAT_MOST_FIELDS);
	for (uint32_t i = 0; i < Count(fields); i++)
		if ((status = CompileField(c, Child(fields, i))) != CLEX_OK)
			return status;
	/* the cell that tells types apart has said what it has to */
	if (type.length > 0 && !c->mapping->positional)
		VectorAt(&record->fields, FlatField, 0).used = true;
	if (key != NULL)
	{
		record->key = FindField(record, key->text);
		if (record->key < 0)
			return Invalid(c, "key \"document\" is not a field:", key->text);
		VectorAt(&record->fields, FlatField, record->key).used = true;
	}
	if ((status = MakeScope(c)) != CLEX_OK ||
		(status = CompileTerms(c, Member(node, "terms"), TERM_NONE, &record->terms)) != CLEX_OK)
		return status;
	return CompileGroups(c, Member(node, "groups"));
}

#define SYNTAX_KEYS                                                                                \
	"format|encoding|separator|quote|decimal|thousands|date|header_rows|record_type|title"
#define RECORD_KEYS "fields|document|opens|terms|groups"

/* Separators, marks, dates, encoding. */
static ClexStatus
CompileSyntax(Compiler *c, const Node *root)
{
	FlatMapping *m = c->mapping;
	const Node *format = Member(root, "format");
	const Node *encoding = Member(root, "encoding");
	const Node *date = Member(root, "date");
	const Node *type = Member(root, "record_type");
	ClexStatus status;

	if (format == NULL ||
		(!SpanEqualCString(format->text, "csv") && !SpanEqualCString(format->text, "flat")))
		return ClexFail(c->error, CLEX_INVALID,
						"mapping: key \"format\" is neither \"csv\" nor \"flat\"");
	m->positional = SpanEqualCString(format->text, "flat");
	if (encoding != NULL && SpanEqualCString(encoding->text, "utf-8"))
		m->encoding = FLAT_UTF8;
	else if (encoding != NULL && (SpanEqualCString(encoding->text, "windows-1252") ||
								  SpanEqualCString(encoding->text, "iso-8859-1")))
		m->encoding = FLAT_WINDOWS_1252;
	else if (encoding != NULL && SpanEqualCString(encoding->text, "iso-8859-15"))
		m->encoding = FLAT_ISO_8859_15;
	else if (encoding != NULL && SpanEqualCString(encoding->text, "utf-16"))
		m->encoding = FLAT_UTF16;
	else if (encoding != NULL)
	{
		Invalid(c, "unknown encoding", encoding->text);
		ClexHint(c->error, "It is utf-8, utf-16, windows-1252, iso-8859-1 or iso-8859-15; without "
						   "it, the first of "
						   "them that fits.");
		return CLEX_INVALID;
	}
	if (date != NULL)
		m->date = date->text;
	if ((status = OneCharacter(c, root, "separator", &m->separator)) != CLEX_OK ||
		(status = OneCharacter(c, root, "quote", &m->quote)) != CLEX_OK ||
		(status = OneCharacter(c, root, "decimal", &m->decimal)) != CLEX_OK ||
		(status = OneCharacter(c, root, "thousands", &m->thousands)) != CLEX_OK ||
		(status = WholeNumber(c, root, "header_rows", 0, &m->header_rows)) != CLEX_OK)
		return status;
	if (!m->positional && (m->separator == 0 || m->separator == m->quote))
		return ClexFail(c->error, CLEX_INVALID,
						"mapping: there is no separator, or it is the quote");
	if (type != NULL && ((status = CheckKeys(c, type, "record_type", "start|length")) != CLEX_OK ||
						 (status = WholeNumber(c, type, "start", 1, &m->type_start)) != CLEX_OK ||
						 (status = WholeNumber(c, type, "length", 1, &m->type_length)) != CLEX_OK))
		return status;
	return CLEX_OK;
}

/* One type of records at the top, or several by how they begin. */
static ClexStatus
CompileRecords(Compiler *c, const Node *root)
{
	const Node *records = Member(root, "records");
	ClexStatus status = CLEX_OK;

	VectorInit(&c->mapping->records, c->arena, sizeof(FlatRecord));
	if (records == NULL)
		return CompileRecord(c, SpanOf("", 0), root);
	if (records->kind != '{' || Count(records) == 0)
		return ClexFail(c->error, CLEX_INVALID, "mapping: records are not an object of them");
	if (c->mapping->positional && c->mapping->type_length == 0)
		return ClexFail(c->error, CLEX_INVALID,
						"mapping: several records, and no record_type that tells them apart");
	for (uint32_t i = 0; i < Count(records) && status == CLEX_OK; i++)
	{
		status = CheckKeys(c, Child(records, i), "a record", RECORD_KEYS);
		if (status == CLEX_OK)
			status = CompileRecord(c, Child(records, i)->key, Child(records, i));
	}
	return status;
}

/* Some type of records begins documents. */
static ClexStatus
CheckOpens(Compiler *c)
{
	for (uint32_t i = 0; i < c->mapping->records.count; i++)
	{
		const FlatRecord *record = &VectorAt(&c->mapping->records, FlatRecord, i);

		if (record->opens || record->key >= 0)
			return CLEX_OK;
	}
	ClexFail(c->error, CLEX_INVALID, "mapping: no row begins a document");
	ClexHint(c->error, "Key \"document\" names the field whose change does; \"opens\": true says "
					   "that each row of the type does.");
	return CLEX_INVALID;
}

ClexStatus
FlatMappingCompile(Span json, Arena *arena, FlatMapping *mapping, ClexError *error)
{
	Compiler c = {.arena = arena, .error = error, .mapping = mapping};
	JsonScanner scanner = JsonScannerOn(json, arena, error);
	Node root = {.kind = 0};
	ClexStatus status = ParseNode(&c, &scanner, &root, 0);

	memset(mapping, 0, sizeof(*mapping));
	mapping->separator = ',';
	mapping->quote = '"';
	mapping->decimal = '.';
	mapping->date = SPAN_LITERAL("YYYY-MM-DD");
	if (status == CLEX_OK)
		status = CheckKeys(&c, &root, "a mapping", SYNTAX_KEYS "|records|" RECORD_KEYS);
	if (status == CLEX_OK)
		status = CompileSyntax(&c, &root);
	if (status == CLEX_OK)
		status = CompileRecords(&c, &root);
	return status == CLEX_OK ? CheckOpens(&c) : status;
}
