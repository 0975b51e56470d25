/*
 * own_rule.c
 *		clex.own_findings and clex.check_own_rule: rules that users write.
 *
 * A store hands over the same array of rules for document after document.  What it compiles to is kept
 * by the backend, found again by the bytes of the array: a handful of books, the one used longest ago
 * goes first.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "glue/check.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/finding_rows.h"
#include "glue/limits.h"
#include "glue/own_rule.h"
#include "glue/report.h"

PG_FUNCTION_INFO_V1(clex_own_rule_check);
PG_FUNCTION_INFO_V1(clex_own_findings);

/* Columns of clex.own_rule. */
enum
{
	RULE_ID,
	RULE_SEVERITY,
	RULE_CONTEXT,
	RULE_CONDITION,
	RULE_MESSAGES,
	RULE_COLUMNS
};

/* Columns of clex.own_finding. */
enum
{
	FOUND_RULE,
	FOUND_OUTCOME,
	FOUND_SEVERITY,
	FOUND_TERMS,
	FOUND_LOCATION,
	FOUND_FOUND,
	FOUND_EXPECTED,
	FOUND_MESSAGE,
	FOUND_COLUMNS
};

#define KEPT_BOOKS 16

static KeptBook *kept[KEPT_BOOKS];
static uint64 uses = 0;

Span
OwnText(Datum value, bool is_null)
{
	return is_null ? SpanOf(NULL, 0) : TextArgument(value);
}

OwnRows
OwnTakeRows(Datum datum, int columns)
{
	ArrayType *array = DatumGetArrayTypeP(datum);
	OwnRows rows = {.columns = columns};
	TupleDesc row = lookup_rowtype_tupdesc(ARR_ELEMTYPE(array), -1);
	Datum *items;
	bool *nulls;
	HeapTupleData tuple = {0};

	if (row->natts != columns)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("type %s must have %d columns", format_type_be(ARR_ELEMTYPE(array)),
							   columns)));
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE, &items, &nulls,
					  &rows.count);
	rows.values = palloc0((Size) (rows.count + 1) * columns * sizeof(Datum));
	rows.nulls = palloc0((Size) (rows.count + 1) * columns * sizeof(bool));
	for (int i = 0; i < rows.count; i++)
	{
		HeapTupleHeader header;

		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("element %d of the array is null", i + 1)));
		header = DatumGetHeapTupleHeader(items[i]);
		tuple.t_len = HeapTupleHeaderGetDatumLength(header);
		tuple.t_data = header;
		heap_deform_tuple(&tuple, row, rows.values + i * columns, rows.nulls + i * columns);
	}
	ReleaseTupleDesc(row);
	return rows;
}

TupleDesc
OwnResultRow(FunctionCallInfo fcinfo, int columns)
{
	TupleDesc row = fcinfo->flinfo->fn_extra;
	MemoryContext old;
	Oid element;

	if (row != NULL)
		return row;
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	element = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	row = OidIsValid(element) ? lookup_rowtype_tupdesc_copy(element, -1) : NULL;
	if (row == NULL || row->natts != columns)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the function must return an array of rows of %d columns", columns)));
	fcinfo->flinfo->fn_extra = row;
	MemoryContextSwitchTo(old);
	return row;
}

void
OwnRefuse(const ClexError *error, const char *before)
{
	if (error->status == CLEX_INVALID)
		ReportErrorAs(error, ERRCODE_SYNTAX_ERROR, before);
	ReportError(error);
}

void
OwnExplainLimit(const Arena *arena, ClexError *error)
{
	if (error->status != CLEX_NO_MEMORY || !arena->exhausted)
		return;
	ClexFail(error, CLEX_LIMIT, "rules take more than %d MB of memory when they are compiled",
			 (int) (OWN_BOOK_MEMORY >> 20));
	ClexDetail(error, "Those that are tried together must fit: they are compiled once for all "
					  "documents.");
	ClexHint(error, "Shorten conditions and messages, or retire rules.");
}

static uint8
SeverityOf(Datum value, bool is_null)
{
	const char *name = is_null ? "" : text_to_cstring(DatumGetTextPP(value));

	for (RuleSeverity severity = SEVERITY_FATAL; severity <= SEVERITY_INFORMATION; severity++)
		if (strcmp(name, SeverityName(severity)) == 0)
			return severity;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown severity \"%s\"", name),
			 errhint("Severities are: fatal, warning, information.")));
}

/* ---- messages by language ---- */

static Span
JsonText(const JsonbValue *value)
{
	text *copy = cstring_to_text_with_len(value->val.string.val, value->val.string.len);

	return TextArgument(PointerGetDatum(copy));
}

/* The message in a language, else in English, else any; no data if there is none. */
static Span
MessageIn(Datum messages, bool is_null, MessageLanguage language)
{
	static const char *const names[] = {"en", "fr", "de"};
	Jsonb *json = is_null ? NULL : DatumGetJsonbP(messages);
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue value;

	if (json == NULL || !JB_ROOT_IS_OBJECT(json))
		return SpanOf(NULL, 0);
	for (int i = 0; i < 2; i++)
	{
		const char *name = names[i == 0 ? language : LANGUAGE_EN];
		JsonbValue *found =
			getKeyJsonValueFromContainer(&json->root, name, (int) strlen(name), NULL);

		if (found != NULL && found->type == jbvString)
			return JsonText(found);
	}
	it = JsonbIteratorInit(&json->root);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
		if (token == WJB_VALUE && value.type == jbvString)
			return JsonText(&value);
	return SpanOf(NULL, 0);
}

static void
RefuseMessages(const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the messages of a rule must be an object of texts by language"),
					errdetail("%s", detail),
					errhint("An example: {\"en\": \"The order number is missing.\"}.")));
}

/* Check a rule with its message in one language. */
static void
CheckWith(OwnRuleText *rule, Span message, const char *before)
{
	Arena arena;
	ClexError error;

	ArenaInit(&arena, BackendEnv(CurrentMemoryContext), OWN_BOOK_MEMORY);
	rule->message = message;
	if (OwnRuleCheck(rule, &arena, &error) != CLEX_OK)
	{
		OwnExplainLimit(&arena, &error);
		OwnRefuse(&error, before);
	}
	ArenaFree(&arena);
}

static void
CheckMessages(OwnRuleText *rule, Jsonb *messages)
{
	JsonbIterator *it = JsonbIteratorInit(&messages->root);
	JsonbIteratorToken token;
	JsonbValue value;
	char language[8] = "";

	if (!JB_ROOT_IS_OBJECT(messages) || JB_ROOT_COUNT(messages) == 0)
		RefuseMessages("It is no object, or there is nothing in it.");
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			if (value.val.string.len != 2 ||
				strspn(value.val.string.val, "abcdefghijklmnopqrstuvwxyz") < 2)
				RefuseMessages("Languages have two lower-case letters (ISO 639-1).");
			snprintf(language, sizeof(language), "%.2s: ", value.val.string.val);
		}
		else if (token == WJB_VALUE)
		{
			if (value.type != jbvString || value.val.string.len == 0)
				RefuseMessages("A message is no text, or empty.");
			CheckWith(rule, JsonText(&value), language);
		}
	}
}

/* check_own_rule(rule clex.own_rule) -> void; raises what is wrong with it */
Datum
clex_own_rule_check(PG_FUNCTION_ARGS)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	Datum values[RULE_COLUMNS];
	bool nulls[RULE_COLUMNS];
	OwnRuleText rule = {0};

	for (int i = 0; i < RULE_COLUMNS; i++)
		values[i] = GetAttributeByNum(header, (AttrNumber) (i + 1), &nulls[i]);
	if (nulls[RULE_ID] || nulls[RULE_CONDITION] || nulls[RULE_MESSAGES])
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("a rule must have a name, a condition and a message")));
	rule.severity = SeverityOf(values[RULE_SEVERITY], nulls[RULE_SEVERITY]);
	rule.context = OwnText(values[RULE_CONTEXT], nulls[RULE_CONTEXT]);
	rule.condition = OwnText(values[RULE_CONDITION], false);
	CheckWith(&rule, SpanOf(NULL, 0), "");
	CheckMessages(&rule, DatumGetJsonbP(values[RULE_MESSAGES]));
	PG_RETURN_VOID();
}

/* ---- books ---- */

/* Compile an array of rules into the current context. */
static void
CompileRules(KeptBook *entry, Datum rules, Arena *arena)
{
	OwnRows rows = OwnTakeRows(rules, RULE_COLUMNS);
	OwnRuleText *texts = palloc0((rows.count + 1) * sizeof(OwnRuleText));
	OwnBook *book;
	ClexError error;

	for (int i = 0; i < rows.count; i++)
	{
		const Datum *values = rows.values + i * RULE_COLUMNS;
		const bool *nulls = rows.nulls + i * RULE_COLUMNS;
		OwnRuleText *text = &texts[i];

		if (nulls[RULE_ID] || nulls[RULE_CONDITION])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("a rule must have a name and a condition")));
		text->id = OwnText(values[RULE_ID], false);
		text->severity = SeverityOf(values[RULE_SEVERITY], nulls[RULE_SEVERITY]);
		text->context = OwnText(values[RULE_CONTEXT], nulls[RULE_CONTEXT]);
		text->condition = OwnText(values[RULE_CONDITION], false);
		text->message = MessageIn(values[RULE_MESSAGES], nulls[RULE_MESSAGES], entry->language);
	}
	if (OwnBookCompile(texts, (uint32_t) rows.count, arena, &book, &error) != CLEX_OK)
	{
		OwnExplainLimit(arena, &error);
		ReportError(&error);
	}
	entry->texts = texts;
	entry->book = book;
}

static bool
IsSource(const KeptBook *entry, struct varlena *rules, MessageLanguage language,
		 OwnCompiler compile)
{
	return entry->compile == compile && entry->language == language &&
		   VARSIZE(entry->source) == VARSIZE(rules) &&
		   memcmp(VARDATA(entry->source), VARDATA(rules), VARSIZE(rules) - VARHDRSZ) == 0;
}

KeptBook *
OwnFindBook(Datum rules, MessageLanguage language, OwnCompiler compile)
{
	struct varlena *array = PG_DETOAST_DATUM(rules);
	int oldest = 0;
	MemoryContext context;
	MemoryContext old;
	KeptBook *entry;
	Arena *arena;

	for (int i = 0; i < KEPT_BOOKS; i++)
	{
		if (kept[i] != NULL && IsSource(kept[i], array, language, compile))
		{
			kept[i]->used = ++uses;
			return kept[i];
		}
		if (kept[i] == NULL || (kept[oldest] != NULL && kept[i]->used < kept[oldest]->used))
			oldest = i;
	}
	/* below the caller's until it is whole, so that an error leaves nothing behind */
	context = AllocSetContextCreate(CurrentMemoryContext, "clex own rules", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	entry = palloc0(sizeof(KeptBook));
	entry->context = context;
	entry->language = language;
	entry->source = palloc(VARSIZE(array));
	memcpy(entry->source, array, VARSIZE(array));
	entry->compile = compile;
	arena = palloc(sizeof(Arena));
	ArenaInit(arena, BackendEnv(context), OWN_BOOK_MEMORY);
	compile(entry, PointerGetDatum(entry->source), arena);
	MemoryContextSwitchTo(old);
	if (kept[oldest] != NULL)
		MemoryContextDelete(kept[oldest]->context);
	MemoryContextSetParent(context, TopMemoryContext);
	entry->used = ++uses;
	kept[oldest] = entry;
	return entry;
}

/* ---- facts ---- */

static void
AddFact(Sequence *values, const JsonbValue *json)
{
	ExprItem item = {.type = ITEM_UNTYPED};

	if (json->type == jbvString)
		item.as.text = JsonText(json);
	else if (json->type == jbvNumeric)
		item.as.text = SpanFromCString(
			DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(json->val.numeric))));
	else
		return;
	if (values->items == NULL)
		values->items = palloc(values->capacity * sizeof(ExprItem));
	values->items[values->count++] = item;
}

/* One field: a value, or an array of them. */
static void
ReadField(Sequence *values, const JsonbValue *json)
{
	values->capacity = 1;
	if (json->type != jbvBinary)
		AddFact(values, json);
	else if (JsonContainerIsArray(json->val.binary.data))
	{
		values->capacity = JsonContainerSize(json->val.binary.data) + 1;
		for (uint32 i = 0; i + 1 < values->capacity; i++)
			AddFact(values, getIthJsonbValueFromContainer(json->val.binary.data, i));
	}
}

void
OwnReadFacts(Datum facts, OwnFacts *out)
{
	Jsonb *json = DatumGetJsonbP(facts);
	const ExprScope *scope = OwnFactScope();

	memset(out, 0, sizeof(*out));
	if (!JB_ROOT_IS_OBJECT(json))
		return;
	for (int i = 0; i < OWN_FACTS; i++)
	{
		const char *name = scope->names[i].data;
		int dot = (int) strcspn(name, ".");
		JsonbValue *party = getKeyJsonValueFromContainer(&json->root, name, dot, NULL);
		JsonbValue *field;

		if (party == NULL || party->type != jbvBinary ||
			!JsonContainerIsObject(party->val.binary.data))
			continue;
		field = getKeyJsonValueFromContainer(party->val.binary.data, name + dot + 1,
											 (int) strlen(name + dot + 1), NULL);
		if (field != NULL)
			ReadField(&out->values[i], field);
	}
}

/* ---- running ---- */

void
OwnOpenDocument(Datum document, Subject *subject, OwnRun *run)
{
	SubjectFromDocument(subject, document);
	run->tree = subject->tree;
	run->permanent = &subject->workspace->permanent;
	run->scratch = &subject->workspace->scratch;
	run->regexes = subject->workspace->regexes;
	run->wording = subject->workspace->wording;
	run->step_limit = CurrentStepLimit();
}

void
OwnAddItem(OwnItems *items, Datum *values, bool *nulls)
{
	if (items->count == items->capacity)
	{
		items->capacity = items->capacity == 0 ? 16 : 2 * items->capacity;
		items->items = items->items == NULL
						   ? palloc(items->capacity * sizeof(Datum))
						   : repalloc_huge(items->items, items->capacity * sizeof(Datum));
	}
	items->items[items->count++] = HeapTupleGetDatum(heap_form_tuple(items->row, values, nulls));
}

Datum
OwnItemArray(const OwnItems *items)
{
	return PointerGetDatum(construct_array(items->items, items->count, items->row->tdtypeid, -1,
										   false, TYPALIGN_DOUBLE));
}

void
OwnSetSpan(Datum *values, bool *nulls, int column, Span text)
{
	nulls[column] = text.data == NULL;
	if (text.data != NULL)
		values[column] = PointerGetDatum(TextFromSpan(text));
}

typedef struct FoundRows
{
	const OwnRuleText *texts;
	const Subject *subject;
	OwnItems items;
} FoundRows;

static Datum
TermNames(const OwnFinding *finding)
{
	Datum *names = palloc((finding->term_count + 1) * sizeof(Datum));

	for (uint32_t i = 0; i < finding->term_count; i++)
		names[i] = PointerGetDatum(TextFromSpan(ClexTerms[finding->terms[i]].id));
	return PointerGetDatum(
		construct_array(names, (int) finding->term_count, TEXTOID, -1, false, TYPALIGN_INT));
}

static Span
PlaceOf(const FoundRows *found, uint32_t node)
{
	Text location;

	TextInit(&location, &found->subject->workspace->permanent);
	DocumentTreeLocation(found->subject->tree, node, &location);
	if (location.length == 0)
		TextAppendChar(&location, '/');
	return TextSpan(&location);
}

static void
PutFinding(void *state, const OwnFinding *finding)
{
	FoundRows *found = state;
	Datum values[FOUND_COLUMNS] = {0};
	bool nulls[FOUND_COLUMNS] = {0};

	CHECK_FOR_INTERRUPTS();
	OwnSetSpan(values, nulls, FOUND_RULE, found->texts[finding->rule].id);
	values[FOUND_OUTCOME] = CStringGetTextDatum(finding->failed ? "not evaluated" : "broken");
	values[FOUND_SEVERITY] = CStringGetTextDatum(SeverityName((RuleSeverity) finding->severity));
	values[FOUND_TERMS] = TermNames(finding);
	OwnSetSpan(values, nulls, FOUND_LOCATION, PlaceOf(found, finding->node));
	OwnSetSpan(values, nulls, FOUND_FOUND, finding->found);
	OwnSetSpan(values, nulls, FOUND_EXPECTED, finding->expected);
	OwnSetSpan(values, nulls, FOUND_MESSAGE, finding->message);
	OwnAddItem(&found->items, values, nulls);
}

/* own_findings(document, rules clex.own_rule[], facts jsonb, lang text) -> clex.own_finding[] */
Datum
clex_own_findings(PG_FUNCTION_ARGS)
{
	FoundRows found = {0};
	Subject subject = {0};
	OwnFacts facts;
	OwnRun run = {.sink = PutFinding, .state = &found};
	const KeptBook *book;
	ClexError error;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	run.language = FindingLanguage(fcinfo, 3);
	found.items.row = OwnResultRow(fcinfo, FOUND_COLUMNS);
	book = OwnFindBook(PG_GETARG_DATUM(1), run.language, CompileRules);
	found.texts = book->texts;
	if (!PG_ARGISNULL(2))
	{
		OwnReadFacts(PG_GETARG_DATUM(2), &facts);
		run.facts = &facts;
	}
	OwnOpenDocument(PG_GETARG_DATUM(0), &subject, &run);
	found.subject = &subject;
	if (OwnBookRun(book->book, &run, &error) != CLEX_OK)
		ReportError(&error);
	WorkspaceClose(subject.workspace);
	if (found.items.count == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(OwnItemArray(&found.items));
}
