/*
 * flat_mapping.c
 *		Compiling mappings: JSON to records, fields, terms and expressions.
 *
 * Everything a mapping says is checked here, so that reading can only fail for what is in the file.  Of
 * several errors the one that stands first in the text is told; expressions are looked at where the fields
 * that they may name are right.  What is missing stands nowhere: it is told when nothing that is there is wrong.
 */
#include "core/codec/flat_mapping.h"

#include "core/codec/flat_node.h"

typedef struct Compiler
{
	Arena *arena;
	ClexError *error;
	FlatMapping *mapping;
	FlatRecord *record;
	uint32_t errors; /* so far */
	ClexError first; /* of these, the one that stands first */
	const char *at;	 /* ... and where */
	const char *end; /* of the text: where what is missing stands */
	bool form_known; /* positional or not */
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

/*
 * After a piece of the mapping was compiled: an error in it is kept if it stands first, and the rest goes on.
 * `piece` is NULL for what is missing.
 */
static ClexStatus
Settle(Compiler *c, const FlatNode *piece, ClexStatus status)
{
	const char *at = piece != NULL ? piece->at : c->end;

	if (status == CLEX_OK || status == CLEX_NO_MEMORY || status == CLEX_INTERRUPTED)
		return status;
	if (c->errors++ == 0 || at < c->at)
	{
		c->first = *c->error;
		c->at = at;
	}
	return CLEX_OK;
}

/* Every key of an object is one of a list, "a|b|c". */
static ClexStatus
CheckKeys(Compiler *c, const FlatNode *node, const char *what, const char *keys)
{
	if (node->kind != '{')
		return ClexFail(c->error, CLEX_INVALID, "mapping: %s is not an object", what);
	for (uint32_t i = 0; i < FlatNodeCount(node); i++)
	{
		Span key = FlatNodeChild(node, i)->key;
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
			Settle(c, FlatNodeChild(node, i), CLEX_INVALID);
		}
	}
	return CLEX_OK;
}

/* A whole number from `least` on, at most a million. */
static ClexStatus
WholeNumber(Compiler *c, const FlatNode *node, const char *key, uint32_t least, uint32_t *result)
{
	const FlatNode *member = FlatNodeMember(node, key);
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
OneCharacter(Compiler *c, const FlatNode *node, const char *key, char *result)
{
	const FlatNode *member = FlatNodeMember(node, key);

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
CompileField(Compiler *c, const FlatNode *node)
{
	const FlatNode *name = FlatNodeMember(node, "name");
	const FlatNode *type = FlatNodeMember(node, "type");
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
	field.header =
		FlatNodeMember(node, "header") != NULL ? FlatNodeMember(node, "header")->text : name->text;
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
	if (!c->form_known)
		field.start = field.length = 0;
	else if (c->mapping->positional ? field.start == 0 || field.length == 0
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
CompileTerm(Compiler *c, const FlatNode *node, TermId group, Vector *terms)
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
CompileTerms(Compiler *c, const FlatNode *node, TermId group, Vector *terms)
{
	ClexStatus status = CLEX_OK;

	VectorInit(terms, c->arena, sizeof(FlatTerm));
	if (node == NULL)
		return CLEX_OK;
	if (node->kind != '{')
		return Settle(c, node,
					  ClexFail(c->error, CLEX_INVALID, "mapping: terms are not an object"));
	for (uint32_t i = 0; i < FlatNodeCount(node) && status == CLEX_OK; i++)
		status =
			Settle(c, FlatNodeChild(node, i), CompileTerm(c, FlatNodeChild(node, i), group, terms));
	return status;
}

/* A group that can be repeated: "lines", "BG-25", "lines.allowances"; outer ones come first. */
static ClexStatus
CompileGroup(Compiler *c, const FlatNode *node)
{
	FlatGroup group = {.group = TermLookup(node->key)};
	FlatGroup *slot;
	ClexStatus status;

	if (group.group == TERM_NONE || !TermIsGroup(group.group) || ClexTerms[group.group].max == 1)
		return Invalid(c, "not a group that can be repeated:", node->key);
	status = CompileTerms(c, node, group.group, &group.terms);
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
	return CLEX_OK;
}

/* The fields of a record: their names, types and places. */
static ClexStatus
CompileFields(Compiler *c, const FlatNode *node)
{
	ClexStatus status = CLEX_OK;

	if (node == NULL || node->kind != '[' || FlatNodeCount(node) == 0 ||
		FlatNodeCount(node) > FLAT_MOST_FIELDS)
		return Settle(c, node,
					  ClexFail(c->error, CLEX_INVALID,
							   "mapping: fields are not an array of 1 to %d", FLAT_MOST_FIELDS));
	for (uint32_t i = 0; i < FlatNodeCount(node) && status == CLEX_OK; i++)
		status = Settle(c, FlatNodeChild(node, i), CompileField(c, FlatNodeChild(node, i)));
	return status;
}

/* The field whose change begins a document. */
static ClexStatus
CompileKey(Compiler *c, const FlatNode *node)
{
	FlatRecord *record = c->record;

	record->key = FindField(record, node->text);
	if (record->key < 0)
		return Invalid(c, "key \"document\" is not a field:", node->text);
	VectorAt(&record->fields, FlatField, record->key).used = true;
	return CLEX_OK;
}

/* What a record says of its fields, which are right. */
static ClexStatus
CompileUses(Compiler *c, Span type, const FlatNode *node)
{
	const FlatNode *key = FlatNodeMember(node, "document");
	const FlatNode *groups = FlatNodeMember(node, "groups");
	ClexStatus status = CLEX_OK;

	/* the cell that tells types apart has said what it has to */
	if (type.length > 0 && !c->mapping->positional)
		VectorAt(&c->record->fields, FlatField, 0).used = true;
	if (key != NULL)
		status = Settle(c, key, CompileKey(c, key));
	if (status == CLEX_OK)
		status = MakeScope(c);
	if (status == CLEX_OK)
		status = CompileTerms(c, FlatNodeMember(node, "terms"), TERM_NONE, &c->record->terms);
	for (uint32_t i = 0; groups != NULL && i < FlatNodeCount(groups) && status == CLEX_OK; i++)
		status = Settle(c, FlatNodeChild(groups, i), CompileGroup(c, FlatNodeChild(groups, i)));
	return status;
}

static ClexStatus
CompileRecord(Compiler *c, Span type, const FlatNode *node)
{
	FlatRecord *record = VectorPush(&c->mapping->records);
	const FlatNode *opens = FlatNodeMember(node, "opens");
	uint32_t errors = c->errors;
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
	status = CompileFields(c, FlatNodeMember(node, "fields"));
	return status == CLEX_OK && c->errors == errors ? CompileUses(c, type, node) : status;
}

#define SYNTAX_KEYS                                                                                \
	"format|encoding|separator|quote|decimal|thousands|date|header_rows|record_type|title"
#define RECORD_KEYS "fields|document|opens|terms|groups"

/* CSV, or positions. */
static ClexStatus
CompileForm(Compiler *c, const FlatNode *root)
{
	const FlatNode *format = FlatNodeMember(root, "format");

	c->mapping->positional = format != NULL && SpanEqualCString(format->text, "flat");
	c->form_known =
		c->mapping->positional || (format != NULL && SpanEqualCString(format->text, "csv"));
	if (c->form_known)
		return CLEX_OK;
	return Settle(c, format,
				  ClexFail(c->error, CLEX_INVALID,
						   "mapping: key \"format\" is neither \"csv\" nor \"flat\""));
}

static ClexStatus
CompileEncoding(Compiler *c, const FlatNode *encoding)
{
	if (SpanEqualCString(encoding->text, "utf-8"))
		c->mapping->encoding = FLAT_UTF8;
	else if (SpanEqualCString(encoding->text, "windows-1252") ||
			 SpanEqualCString(encoding->text, "iso-8859-1"))
		c->mapping->encoding = FLAT_WINDOWS_1252;
	else if (SpanEqualCString(encoding->text, "iso-8859-15"))
		c->mapping->encoding = FLAT_ISO_8859_15;
	else if (SpanEqualCString(encoding->text, "utf-16"))
		c->mapping->encoding = FLAT_UTF16;
	else
	{
		Invalid(c, "unknown encoding", encoding->text);
		ClexHint(c->error, "It is utf-8, utf-16, windows-1252, iso-8859-1 or iso-8859-15; without "
						   "it, the first of them that fits.");
		return CLEX_INVALID;
	}
	return CLEX_OK;
}

/* The characters that part and mark. */
static ClexStatus
CompileMarks(Compiler *c, const FlatNode *root)
{
	FlatMapping *m = c->mapping;
	const struct
	{
		const char *key;
		char *mark;
	} marks[] = {{"separator", &m->separator},
				 {"quote", &m->quote},
				 {"decimal", &m->decimal},
				 {"thousands", &m->thousands}};
	ClexStatus status = CLEX_OK;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]) && status == CLEX_OK; i++)
		status = Settle(c, FlatNodeMember(root, marks[i].key),
						OneCharacter(c, root, marks[i].key, marks[i].mark));
	if (status == CLEX_OK && c->form_known && !m->positional &&
		(m->separator == 0 || m->separator == m->quote))
		status = Settle(c, FlatNodeMember(root, m->separator == 0 ? "separator" : "quote"),
						ClexFail(c->error, CLEX_INVALID,
								 "mapping: there is no separator, or it is the quote"));
	return status;
}

/* Where the type of a positional record stands. */
static ClexStatus
CompileType(Compiler *c, const FlatNode *type)
{
	ClexStatus status = CheckKeys(c, type, "record_type", "start|length");

	if (status == CLEX_OK)
		status = WholeNumber(c, type, "start", 1, &c->mapping->type_start);
	return status == CLEX_OK ? WholeNumber(c, type, "length", 1, &c->mapping->type_length) : status;
}

/* Separators, marks, dates, encoding. */
static ClexStatus
CompileSyntax(Compiler *c, const FlatNode *root)
{
	const FlatNode *encoding = FlatNodeMember(root, "encoding");
	const FlatNode *date = FlatNodeMember(root, "date");
	const FlatNode *type = FlatNodeMember(root, "record_type");
	ClexStatus status = CompileForm(c, root);

	if (status == CLEX_OK && encoding != NULL)
		status = Settle(c, encoding, CompileEncoding(c, encoding));
	if (date != NULL)
		c->mapping->date = date->text;
	if (status == CLEX_OK)
		status = CompileMarks(c, root);
	if (status == CLEX_OK)
		status = Settle(c, FlatNodeMember(root, "header_rows"),
						WholeNumber(c, root, "header_rows", 0, &c->mapping->header_rows));
	if (status == CLEX_OK && type != NULL)
		status = Settle(c, type, CompileType(c, type));
	return status;
}

/* One type of records at the top, or several by how they begin. */
static ClexStatus
CompileRecords(Compiler *c, const FlatNode *root)
{
	const FlatNode *records = FlatNodeMember(root, "records");
	ClexStatus status = CLEX_OK;

	VectorInit(&c->mapping->records, c->arena, sizeof(FlatRecord));
	if (records == NULL)
		return CompileRecord(c, SpanOf("", 0), root);
	if (records->kind != '{' || FlatNodeCount(records) == 0)
		return Settle(c, records,
					  ClexFail(c->error, CLEX_INVALID,
							   "mapping: records are not an object of them"));
	if (c->mapping->positional && c->mapping->type_length == 0)
		status = Settle(c, FlatNodeMember(root, "record_type"),
						ClexFail(c->error, CLEX_INVALID,
								 "mapping: several records, and no record_type that tells them "
								 "apart"));
	for (uint32_t i = 0; i < FlatNodeCount(records) && status == CLEX_OK; i++)
	{
		const FlatNode *one = FlatNodeChild(records, i);

		status = Settle(c, one, CheckKeys(c, one, "a record", RECORD_KEYS));
		if (status == CLEX_OK && one->kind == '{')
			status = CompileRecord(c, one->key, one);
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
	return Settle(c, NULL, CLEX_INVALID);
}

ClexStatus
FlatMappingCompile(Span json, Arena *arena, FlatMapping *mapping, ClexError *error)
{
	ClexError newest = {0};
	Compiler c = {
		.arena = arena, .error = &newest, .mapping = mapping, .end = json.data + json.length};
	FlatNode root = {.kind = 0};
	ClexStatus status = FlatNodeParse(json, arena, &root, &newest);

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
	if (status == CLEX_OK && c.errors == 0)
		status = CheckOpens(&c);
	if (status == CLEX_OK && c.errors > 0)
	{
		newest = c.first;
		status = newest.status;
	}
	if (status != CLEX_OK && error != NULL)
		*error = newest;
	return status;
}
