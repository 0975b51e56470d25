/*
 * flat_record.c
 *		Compiling one type of records of a mapping: its fields, and the terms and groups made of them.
 */
#include "core/codec/flat_compiler.h"

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
CompileField(FlatCompiler *c, const FlatNode *node)
{
	const FlatNode *name = FlatNodeMember(node, "name");
	const FlatNode *type = FlatNodeMember(node, "type");
	FlatField field = {.type = FLAT_TEXT};
	uint32_t scale = 0;
	FlatField *slot;
	ClexStatus status = FlatCheckKeys(c, node, "a field", "name|header|type|start|length|scale");

	if (status != CLEX_OK)
		return status;
	if (name == NULL || !IsVariable(name->text))
		return FlatInvalid(c, "the name of a field is not letters, digits and _:",
						   name != NULL ? name->text : SPAN_LITERAL(""));
	field.name = name->text;
	field.header =
		FlatNodeMember(node, "header") != NULL ? FlatNodeMember(node, "header")->text : name->text;
	if (type != NULL && SpanEqualCString(type->text, "number"))
		field.type = FLAT_NUMBER;
	else if (type != NULL && SpanEqualCString(type->text, "date"))
		field.type = FLAT_DATE;
	else if (type != NULL && !SpanEqualCString(type->text, "text"))
		return FlatInvalid(c, "the type of a field is not text, number or date:", type->text);
	if ((status = FlatWholeNumber(c, node, "start", 1, &field.start)) != CLEX_OK ||
		(status = FlatWholeNumber(c, node, "length", 1, &field.length)) != CLEX_OK ||
		(status = FlatWholeNumber(c, node, "scale", 0, &scale)) != CLEX_OK)
		return status;
	if (scale > 18)
		return FlatInvalid(c, "the scale of a field is over 18:", field.name);
	field.scale = (int) scale;
	if (!c->form_known)
		field.start = field.length = 0;
	else if (c->mapping->positional ? field.start == 0 || field.length == 0
									: field.start > 0 || field.length > 0)
		return FlatInvalid(c, "start and length belong to positional fields, and only to them:",
						   field.name);
	if (FindField(c->record, field.name) >= 0)
		return FlatInvalid(c, "a field is there twice:", field.name);
	slot = VectorPush(&c->record->fields);
	if (slot == NULL)
		return FlatCompileNoMemory(c);
	*slot = field;
	return CLEX_OK;
}

/* Names of the fields as variables of expressions. */
static ClexStatus
MakeScope(FlatCompiler *c)
{
	uint32_t count = c->record->fields.count;
	Span *names = ArenaAllocArray(c->arena, count + 1, sizeof(Span));

	if (names == NULL)
		return FlatCompileNoMemory(c);
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

/* Does a document of the mapping's kind have a term?  An invoice may turn out to be a credit note. */
static bool
KindHas(const FlatCompiler *c, TermId term)
{
	uint16_t kind = (uint16_t) (1 << c->mapping->kind);
	uint16_t invoices = 1 << DOCUMENT_INVOICE | 1 << DOCUMENT_CREDIT_NOTE;

	return (ClexTerms[term].kinds & ((kind & invoices) ? invoices : kind)) != 0;
}

static ClexStatus
NotOfKind(FlatCompiler *c, Span key)
{
	ClexFail(c->error, CLEX_INVALID, "mapping: documents of kind %s have no term \"%.*s\"",
			 DocumentKindName(c->mapping->kind), (int) SpanCut(key, 80).length, key.data);
	ClexHint(c->error, "Key \"kind\" says what the documents are; without it they are invoices.");
	return CLEX_INVALID;
}

/* One term and its expression; `group` is what repeats. */
static ClexStatus
CompileTerm(FlatCompiler *c, const FlatNode *node, TermId group, Vector *terms)
{
	FlatTerm term = {.term = TermLookup(node->key), .field = -1, .text = node->text};
	FlatTerm *slot;
	Expr *expr = NULL;

	if (term.term == TERM_NONE && group != TERM_NONE)
		term.term = TermChild(group, node->key);
	if (term.term == TERM_NONE)
		return FlatInvalid(c, "unknown business term", node->key);
	if (!KindHas(c, term.term))
		return NotOfKind(c, node->key);
	if (TermIsGroup(term.term) || !IsBelow(term.term, group))
		return FlatInvalid(c, "a term is a group, or does not stand in the group it is given in:",
						   node->key);
	if (node->kind != '"' || node->text.length == 0)
		return FlatInvalid(c, "a term is not given an expression:", node->key);
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
		return FlatCompileNoMemory(c);
	/* what qualifies a value comes after it */
	for (; slot > &VectorAt(terms, FlatTerm, 0) && Depth(slot[-1].term) > Depth(term.term); slot--)
		*slot = slot[-1];
	*slot = term;
	return CLEX_OK;
}

static ClexStatus
CompileTerms(FlatCompiler *c, const FlatNode *node, TermId group, Vector *terms)
{
	ClexStatus status = CLEX_OK;

	VectorInit(terms, c->arena, sizeof(FlatTerm));
	if (node == NULL)
		return CLEX_OK;
	if (node->kind != '{')
		return FlatSettle(c, node,
						  ClexFail(c->error, CLEX_INVALID, "mapping: terms are not an object"));
	for (uint32_t i = 0; i < FlatNodeCount(node) && status == CLEX_OK; i++)
		status = FlatSettle(c, FlatNodeChild(node, i),
							CompileTerm(c, FlatNodeChild(node, i), group, terms));
	return status;
}

/* A group that can be repeated: "lines", "BG-25", "lines.allowances"; outer ones come first. */
static ClexStatus
CompileGroup(FlatCompiler *c, const FlatNode *node)
{
	FlatGroup group = {.group = TermLookup(node->key)};
	FlatGroup *slot;
	ClexStatus status;

	if (group.group == TERM_NONE || !TermIsGroup(group.group) || ClexTerms[group.group].max == 1)
		return FlatInvalid(c, "not a group that can be repeated:", node->key);
	if (!KindHas(c, group.group))
		return NotOfKind(c, node->key);
	status = CompileTerms(c, node, group.group, &group.terms);
	if (status != CLEX_OK)
		return status;
	slot = VectorPush(&c->record->groups);
	if (slot == NULL)
		return FlatCompileNoMemory(c);
	for (; slot > &VectorAt(&c->record->groups, FlatGroup, 0) &&
		   Depth(slot[-1].group) > Depth(group.group);
		 slot--)
		*slot = slot[-1];
	*slot = group;
	return CLEX_OK;
}

/* The fields of a record: their names, types and places. */
static ClexStatus
CompileFields(FlatCompiler *c, const FlatNode *node)
{
	ClexStatus status = CLEX_OK;

	if (node == NULL || node->kind != '[' || FlatNodeCount(node) == 0 ||
		FlatNodeCount(node) > FLAT_MOST_FIELDS)
		return FlatSettle(c, node,
						  ClexFail(c->error, CLEX_INVALID,
								   "mapping: fields are not an array of 1 to %d",
								   FLAT_MOST_FIELDS));
	for (uint32_t i = 0; i < FlatNodeCount(node) && status == CLEX_OK; i++)
		status = FlatSettle(c, FlatNodeChild(node, i), CompileField(c, FlatNodeChild(node, i)));
	return status;
}

/* The field whose change begins a document. */
static ClexStatus
CompileKey(FlatCompiler *c, const FlatNode *node)
{
	FlatRecord *record = c->record;

	record->key = FindField(record, node->text);
	if (record->key < 0)
		return FlatInvalid(c, "key \"document\" is not a field:", node->text);
	VectorAt(&record->fields, FlatField, record->key).used = true;
	return CLEX_OK;
}

/* What a record says of its fields, which are right. */
static ClexStatus
CompileUses(FlatCompiler *c, Span type, const FlatNode *node)
{
	const FlatNode *key = FlatNodeMember(node, "document");
	const FlatNode *groups = FlatNodeMember(node, "groups");
	ClexStatus status = CLEX_OK;

	/* the cell that tells types apart has said what it has to */
	if (type.length > 0 && !c->mapping->positional)
		VectorAt(&c->record->fields, FlatField, 0).used = true;
	if (key != NULL)
		status = FlatSettle(c, key, CompileKey(c, key));
	if (status == CLEX_OK)
		status = MakeScope(c);
	if (status == CLEX_OK)
		status = CompileTerms(c, FlatNodeMember(node, "terms"), TERM_NONE, &c->record->terms);
	for (uint32_t i = 0; groups != NULL && i < FlatNodeCount(groups) && status == CLEX_OK; i++)
		status = FlatSettle(c, FlatNodeChild(groups, i), CompileGroup(c, FlatNodeChild(groups, i)));
	return status;
}

ClexStatus
FlatCompileRecord(FlatCompiler *c, Span type, const FlatNode *node)
{
	FlatRecord *record = VectorPush(&c->mapping->records);
	const FlatNode *opens = FlatNodeMember(node, "opens");
	uint32_t errors = c->errors;
	ClexStatus status;

	if (record == NULL)
		return FlatCompileNoMemory(c);
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
