/*
 * own_fill.c
 *		clex.own_fills, clex.check_own_fill and clex.with_terms: filling what a document lacks.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "core/model/document_set.h"
#include "core/rules/own_fill.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/finding_rows.h"
#include "glue/own_rule.h"
#include "glue/report.h"

PG_FUNCTION_INFO_V1(clex_own_fill_check);
PG_FUNCTION_INFO_V1(clex_own_fills);
PG_FUNCTION_INFO_V1(clex_document_with_terms);

/* Columns of clex.own_fill. */
enum
{
	FILL_RULE,
	FILL_TERM,
	FILL_CONTEXT,
	FILL_VALUE,
	FILL_CONDITION,
	FILL_COLUMNS
};

/* Columns of clex.own_filled. */
enum
{
	FILLED_RULE,
	FILLED_OUTCOME,
	FILLED_TERM,
	FILLED_PATH,
	FILLED_VALUE,
	FILLED_MESSAGE,
	FILLED_COLUMNS
};

static OwnFillText
FillText(const Datum *values, const bool *nulls)
{
	if (nulls[FILL_RULE] || nulls[FILL_TERM] || nulls[FILL_VALUE])
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("an enrichment must have a name, a term and a value")));
	return (OwnFillText){.id = OwnText(values[FILL_RULE], false),
						 .term = OwnText(values[FILL_TERM], false),
						 .context = OwnText(values[FILL_CONTEXT], nulls[FILL_CONTEXT]),
						 .value = OwnText(values[FILL_VALUE], false),
						 .condition = OwnText(values[FILL_CONDITION], nulls[FILL_CONDITION])};
}

/* check_own_fill(fill clex.own_fill) -> void; raises what is wrong with it */
Datum
clex_own_fill_check(PG_FUNCTION_ARGS)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	Datum values[FILL_COLUMNS];
	bool nulls[FILL_COLUMNS];
	OwnFillText fill;
	ClexError error;
	Arena arena;

	for (int i = 0; i < FILL_COLUMNS; i++)
		values[i] = GetAttributeByNum(header, (AttrNumber) (i + 1), &nulls[i]);
	fill = FillText(values, nulls);
	ArenaInit(&arena, BackendEnv(CurrentMemoryContext), OWN_BOOK_MEMORY);
	if (OwnFillCheck(&fill, &arena, &error) != CLEX_OK)
	{
		OwnExplainLimit(&arena, &error);
		OwnRefuse(&error, "");
	}
	ArenaFree(&arena);
	PG_RETURN_VOID();
}

static void
CompileFills(KeptBook *entry, Datum array, Arena *arena)
{
	OwnRows rows = OwnTakeRows(array, FILL_COLUMNS);
	OwnFillText *texts = palloc0((rows.count + 1) * sizeof(OwnFillText));
	OwnFills *fills;
	ClexError error;

	for (int i = 0; i < rows.count; i++)
		texts[i] = FillText(rows.values + i * FILL_COLUMNS, rows.nulls + i * FILL_COLUMNS);
	if (OwnFillsCompile(texts, (uint32_t) rows.count, arena, &fills, &error) != CLEX_OK)
	{
		OwnExplainLimit(arena, &error);
		ReportError(&error);
	}
	entry->texts = texts;
	entry->book = fills;
}

typedef struct FilledRows
{
	const OwnFillText *texts;
	const Subject *subject;
	OwnItems items;
} FilledRows;

static void
PutFilled(void *state, const OwnFilled *filled)
{
	FilledRows *rows = state;
	Datum values[FILLED_COLUMNS] = {0};
	bool nulls[FILLED_COLUMNS] = {0};
	Text path;

	CHECK_FOR_INTERRUPTS();
	TextInit(&path, &rows->subject->workspace->permanent);
	if (!filled->failed)
		OwnFilledPath(rows->subject->tree, filled, &path);
	OwnSetSpan(values, nulls, FILLED_RULE, rows->texts[filled->fill].id);
	values[FILLED_OUTCOME] = CStringGetTextDatum(filled->failed ? "not evaluated" : "filled");
	OwnSetSpan(values, nulls, FILLED_TERM,
			   filled->term == TERM_NONE ? SpanOf(NULL, 0) : ClexTerms[filled->term].id);
	OwnSetSpan(values, nulls, FILLED_PATH, TextSpan(&path));
	OwnSetSpan(values, nulls, FILLED_VALUE, filled->value);
	OwnSetSpan(values, nulls, FILLED_MESSAGE, filled->message);
	OwnAddItem(&rows->items, values, nulls);
}

/* own_fills(document, fills clex.own_fill[], facts jsonb, lang text) -> clex.own_filled[] */
Datum
clex_own_fills(PG_FUNCTION_ARGS)
{
	FilledRows rows = {0};
	Subject subject = {0};
	OwnRun run = {0};
	OwnFacts facts;
	const KeptBook *book;
	ClexError error;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	run.language = FindingLanguage(fcinfo, 3);
	rows.items.row = OwnResultRow(fcinfo, FILLED_COLUMNS);
	book = OwnFindBook(PG_GETARG_DATUM(1), run.language, CompileFills);
	rows.texts = book->texts;
	if (!PG_ARGISNULL(2))
	{
		OwnReadFacts(PG_GETARG_DATUM(2), &facts);
		run.facts = &facts;
	}
	OwnOpenDocument(PG_GETARG_DATUM(0), &subject, &run);
	rows.subject = &subject;
	if (OwnFillsRun(book->book, &run, PutFilled, &rows, &error) != CLEX_OK)
		ReportError(&error);
	WorkspaceClose(subject.workspace);
	if (rows.items.count == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(OwnItemArray(&rows.items));
}

/* ---- setting terms ---- */

/* A value of the object as it is set: a text, or a number as it is written. */
static Span
SettingValue(const JsonbValue *value)
{
	if (value->type == jbvString)
		return OwnText(PointerGetDatum(
						   cstring_to_text_with_len(value->val.string.val, value->val.string.len)),
					   false);
	if (value->type == jbvNumeric)
		return SpanFromCString(
			DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric))));
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("a business term can be set to a text or a number only")));
}

/* The members of an object of values by path. */
static TermSetting *
ReadSettings(Jsonb *json, uint32_t *count)
{
	TermSetting *settings;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue value;

	if (!JB_ROOT_IS_OBJECT(json))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("terms must be an object of values by path"),
						errhint("An example: {\"invoice.buyer_reference\": \"4711\"}.")));
	settings = palloc((JB_ROOT_COUNT(json) + 1) * sizeof(TermSetting));
	*count = 0;
	it = JsonbIteratorInit(&json->root);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			settings[*count].path = SettingValue(&value);
		else if (token == WJB_VALUE)
			settings[(*count)++].value = SettingValue(&value);
	}
	return settings;
}

/* with_terms(document, terms jsonb) -> document */
Datum
clex_document_with_terms(PG_FUNCTION_ARGS)
{
	DocumentView view;
	uint32_t count;
	TermSetting *settings = ReadSettings(PG_GETARG_JSONB_P(1), &count);
	ClexError error;
	Arena arena;
	Span image;
	Datum result;

	DocumentFromDatum(PG_GETARG_DATUM(0), &view);
	ArenaInit(&arena, BackendEnv(CurrentMemoryContext), 0);
	if (DocumentSetTerms(&view, settings, count, &arena, &image, &error) != CLEX_OK)
		ReportError(&error);
	result = DocumentToDatum(image);
	ArenaFree(&arena);
	PG_RETURN_DATUM(result);
}
