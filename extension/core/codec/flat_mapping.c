/*
 * flat_mapping.c
 *		Compiling mappings: JSON to records, fields, terms and expressions.
 *
 * Everything a mapping says is checked here, so that reading can only fail for what is in the file.  Of
 * several errors the one that stands first in the text is told; expressions are looked at where the fields
 * that they may name are right.  What is missing stands nowhere: it is told when nothing that is there is wrong.
 */
#include "core/codec/flat_compiler.h"

ClexStatus
FlatCompileNoMemory(FlatCompiler *c)
{
	return ClexFail(c->error, CLEX_NO_MEMORY, "out of memory reading a mapping");
}

ClexStatus
FlatInvalid(FlatCompiler *c, const char *what, Span name)
{
	return ClexFail(c->error, CLEX_INVALID, "mapping: %s \"%.*s\"", what,
					(int) SpanCut(name, 80).length, name.data);
}

/*
 * After a piece of the mapping was compiled: an error in it is kept if it stands first, and the rest goes on.
 * `piece` is NULL for what is missing.
 */
ClexStatus
FlatSettle(FlatCompiler *c, const FlatNode *piece, ClexStatus status)
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
ClexStatus
FlatCheckKeys(FlatCompiler *c, const FlatNode *node, const char *what, const char *keys)
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
			FlatInvalid(c, "unknown key", key);
			ClexHint(c->error, "Keys of %s are: %s.", what, keys);
			FlatSettle(c, FlatNodeChild(node, i), CLEX_INVALID);
		}
	}
	return CLEX_OK;
}

/* A whole number from `least` on, at most a million. */
ClexStatus
FlatWholeNumber(FlatCompiler *c, const FlatNode *node, const char *key, uint32_t least,
				uint32_t *result)
{
	const FlatNode *member = FlatNodeMember(node, key);
	Decimal number;
	int64_t whole;

	if (member == NULL)
		return CLEX_OK;
	if (member->kind != '0' || DecimalParse(member->text, &number) != CLEX_OK || number.scale > 0 ||
		DecimalToInt64(number, &whole) != CLEX_OK || whole < least || whole > 1000000)
		return FlatInvalid(c, "a number is wrong:", member->key);
	*result = (uint32_t) whole;
	return CLEX_OK;
}

/* A member that is a single character, or "tab", or null. */
static ClexStatus
OneCharacter(FlatCompiler *c, const FlatNode *node, const char *key, char *result)
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
		return FlatInvalid(c, "not a single character of ASCII:", member->key);
	return CLEX_OK;
}

#define SYNTAX_KEYS                                                                                \
	"format|kind|encoding|separator|quote|decimal|thousands|date|header_rows|record_type|title"

/* CSV, or positions. */
static ClexStatus
CompileForm(FlatCompiler *c, const FlatNode *root)
{
	const FlatNode *format = FlatNodeMember(root, "format");

	c->mapping->positional = format != NULL && SpanEqualCString(format->text, "flat");
	c->form_known =
		c->mapping->positional || (format != NULL && SpanEqualCString(format->text, "csv"));
	if (c->form_known)
		return CLEX_OK;
	return FlatSettle(c, format,
					  ClexFail(c->error, CLEX_INVALID,
							   "mapping: key \"format\" is neither \"csv\" nor \"flat\""));
}

/* The kind of documents that the file has. */
static ClexStatus
CompileKind(FlatCompiler *c, const FlatNode *kind)
{
	for (unsigned k = 1; DocumentKindName(k) != NULL; k++)
		if (SpanEqualCString(kind->text, DocumentKindName(k)))
		{
			c->mapping->kind = (DocumentKind) k;
			return CLEX_OK;
		}
	FlatInvalid(c, "unknown kind of document", kind->text);
	ClexHint(c->error, "Column kinds of view clex.terms has them.");
	return CLEX_INVALID;
}

static ClexStatus
CompileEncoding(FlatCompiler *c, const FlatNode *encoding)
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
		FlatInvalid(c, "unknown encoding", encoding->text);
		ClexHint(c->error, "It is utf-8, utf-16, windows-1252, iso-8859-1 or iso-8859-15; without "
						   "it, the first of them that fits.");
		return CLEX_INVALID;
	}
	return CLEX_OK;
}

/* The characters that part and mark. */
static ClexStatus
CompileMarks(FlatCompiler *c, const FlatNode *root)
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
		status = FlatSettle(c, FlatNodeMember(root, marks[i].key),
							OneCharacter(c, root, marks[i].key, marks[i].mark));
	if (status == CLEX_OK && c->form_known && !m->positional &&
		(m->separator == 0 || m->separator == m->quote))
		status = FlatSettle(c, FlatNodeMember(root, m->separator == 0 ? "separator" : "quote"),
							ClexFail(c->error, CLEX_INVALID,
									 "mapping: there is no separator, or it is the quote"));
	return status;
}

/* Where the type of a positional record stands. */
static ClexStatus
CompileType(FlatCompiler *c, const FlatNode *type)
{
	ClexStatus status = FlatCheckKeys(c, type, "record_type", "start|length");

	if (status == CLEX_OK)
		status = FlatWholeNumber(c, type, "start", 1, &c->mapping->type_start);
	return status == CLEX_OK ? FlatWholeNumber(c, type, "length", 1, &c->mapping->type_length)
							 : status;
}

/* Separators, marks, dates, encoding. */
static ClexStatus
CompileSyntax(FlatCompiler *c, const FlatNode *root)
{
	const FlatNode *kind = FlatNodeMember(root, "kind");
	const FlatNode *encoding = FlatNodeMember(root, "encoding");
	const FlatNode *date = FlatNodeMember(root, "date");
	const FlatNode *type = FlatNodeMember(root, "record_type");
	ClexStatus status = CompileForm(c, root);

	if (status == CLEX_OK && kind != NULL)
		status = FlatSettle(c, kind, CompileKind(c, kind));
	if (status == CLEX_OK && encoding != NULL)
		status = FlatSettle(c, encoding, CompileEncoding(c, encoding));
	if (date != NULL)
		c->mapping->date = date->text;
	if (status == CLEX_OK)
		status = CompileMarks(c, root);
	if (status == CLEX_OK)
		status = FlatSettle(c, FlatNodeMember(root, "header_rows"),
							FlatWholeNumber(c, root, "header_rows", 0, &c->mapping->header_rows));
	if (status == CLEX_OK && type != NULL)
		status = FlatSettle(c, type, CompileType(c, type));
	return status;
}

/* One type of records at the top, or several by how they begin. */
static ClexStatus
CompileRecords(FlatCompiler *c, const FlatNode *root)
{
	const FlatNode *records = FlatNodeMember(root, "records");
	ClexStatus status = CLEX_OK;

	VectorInit(&c->mapping->records, c->arena, sizeof(FlatRecord));
	if (records == NULL)
		return FlatCompileRecord(c, SpanOf("", 0), root);
	if (records->kind != '{' || FlatNodeCount(records) == 0)
		return FlatSettle(c, records,
						  ClexFail(c->error, CLEX_INVALID,
								   "mapping: records are not an object of them"));
	if (c->mapping->positional && c->mapping->type_length == 0)
		status = FlatSettle(c, FlatNodeMember(root, "record_type"),
							ClexFail(c->error, CLEX_INVALID,
									 "mapping: several records, and no record_type that tells them "
									 "apart"));
	for (uint32_t i = 0; i < FlatNodeCount(records) && status == CLEX_OK; i++)
	{
		const FlatNode *one = FlatNodeChild(records, i);

		status = FlatSettle(c, one, FlatCheckKeys(c, one, "a record", FLAT_RECORD_KEYS));
		if (status == CLEX_OK && one->kind == '{')
			status = FlatCompileRecord(c, one->key, one);
	}
	return status;
}

/* Some type of records begins documents. */
static ClexStatus
CheckOpens(FlatCompiler *c)
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
	return FlatSettle(c, NULL, CLEX_INVALID);
}

ClexStatus
FlatMappingCompile(Span json, Arena *arena, FlatMapping *mapping, ClexError *error)
{
	ClexError newest = {0};
	FlatCompiler c = {
		.arena = arena, .error = &newest, .mapping = mapping, .end = json.data + json.length};
	FlatNode root = {.kind = 0};
	ClexStatus status = FlatNodeParse(json, arena, &root, &newest);

	memset(mapping, 0, sizeof(*mapping));
	mapping->kind = DOCUMENT_INVOICE;
	mapping->separator = ',';
	mapping->quote = '"';
	mapping->decimal = '.';
	mapping->date = SPAN_LITERAL("YYYY-MM-DD");
	if (status == CLEX_OK)
		status = FlatCheckKeys(&c, &root, "a mapping", SYNTAX_KEYS "|records|" FLAT_RECORD_KEYS);
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
