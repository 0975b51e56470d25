/*
 * examine.c
 *		clex.examine: what clex knows of some bytes, in one row and from one parse.
 *
 * A store asks this for each document that comes in.  detect(), read() and findings() one after the
 * other would parse twice, and their errors would need a subtransaction for each document; here the
 * rules run on the tree that the terms were read from, and an error of the document is a column.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "glue/compat.h"
#include "glue/document.h"
#include "glue/finding_rows.h"
#include "glue/read.h"
#include "glue/report.h"

/* The first columns are those of DetectColumns(). */
enum
{
	EXAMINED_SHA256 = DETECT_COLUMNS,
	EXAMINED_DOCUMENT,
	EXAMINED_PROCESSABLE,
	EXAMINED_VALID,
	EXAMINED_FATAL,
	EXAMINED_WARNING,
	EXAMINED_FINDINGS,
	EXAMINED_ERROR_CODE,
	EXAMINED_ERROR,
	EXAMINED_ERROR_DETAIL,
	EXAMINED_ERROR_HINT,
	EXAMINED_COLUMNS
};

/* The row types, looked up once for each call site. */
typedef struct ExamineTypes
{
	TupleDesc row;
	TupleDesc finding;
} ExamineTypes;

/* Findings as rows of type clex.finding. */
typedef struct FoundArray
{
	const ExamineTypes *types;
	Datum *items;
	int count;
	int capacity;
} FoundArray;

static const ExamineTypes *
LookUpTypes(FunctionCallInfo fcinfo)
{
	ExamineTypes *types = fcinfo->flinfo->fn_extra;
	MemoryContext old;
	TupleDesc row;
	Oid finding;

	if (types != NULL)
		return types;
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE ||
		row->natts != EXAMINED_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("clex.examine() must return a row of %d columns", EXAMINED_COLUMNS)));
	finding = get_element_type(TupleDescAttr(row, EXAMINED_FINDINGS)->atttypid);
	types = palloc(sizeof(ExamineTypes));
	types->row = BlessTupleDesc(CreateTupleDescCopy(row));
	types->finding = lookup_rowtype_tupdesc_copy(finding, -1);
	if (types->finding->natts != FINDING_COLUMNS)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("type clex.finding must have %d columns", FINDING_COLUMNS)));
	fcinfo->flinfo->fn_extra = types;
	MemoryContextSwitchTo(old);
	return types;
}

static void
PutItem(void *state, Datum *values, bool *nulls)
{
	FoundArray *found = state;

	if (found->count == found->capacity)
	{
		found->capacity = found->capacity == 0 ? 16 : 2 * found->capacity;
		found->items = found->items == NULL
						   ? palloc(found->capacity * sizeof(Datum))
						   : repalloc_huge(found->items, found->capacity * sizeof(Datum));
	}
	found->items[found->count++] =
		HeapTupleGetDatum(heap_form_tuple(found->types->finding, values, nulls));
}

static void
SetMessage(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text[0] == '\0';
	if (!nulls[column])
		values[column] = PointerGetDatum(TextFromSpan(SpanFromCString(text)));
}

/* An error of the document as read() or findings() would have raised it. */
static void
SetError(const ClexError *error, Datum *values, bool *nulls)
{
	values[EXAMINED_ERROR_CODE] =
		CStringGetTextDatum(unpack_sql_state(StatusSqlState(error->status)));
	nulls[EXAMINED_ERROR_CODE] = false;
	SetMessage(values, nulls, EXAMINED_ERROR,
			   error->message[0] ? error->message : ClexStatusName(error->status));
	SetMessage(values, nulls, EXAMINED_ERROR_DETAIL, error->detail);
	SetMessage(values, nulls, EXAMINED_ERROR_HINT, error->hint);
}

static void
SetVerdict(const RuleVerdict *verdict, const FoundArray *found, Datum *values, bool *nulls)
{
	values[EXAMINED_PROCESSABLE] = BoolGetDatum(verdict->processable);
	values[EXAMINED_VALID] = BoolGetDatum(verdict->processable && verdict->fatal == 0);
	values[EXAMINED_FATAL] = Int32GetDatum((int32) verdict->fatal);
	values[EXAMINED_WARNING] = Int32GetDatum((int32) verdict->warning);
	for (int i = EXAMINED_PROCESSABLE; i <= EXAMINED_WARNING; i++)
		nulls[i] = false;
	nulls[EXAMINED_FINDINGS] = found->count == 0;
	if (found->count > 0)
		values[EXAMINED_FINDINGS] = PointerGetDatum(construct_array(found->items, found->count,
																	found->types->finding->tdtypeid,
																	-1, false, TYPALIGN_DOUBLE));
}

/* Read, then check what was read; either may fail. */
static void
ExamineContent(FunctionCallInfo fcinfo, Span content, Span sha256, const ExamineTypes *types,
			   Datum *values, bool *nulls)
{
	ArrayType *rulesets = PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1);
	int32_t day = CheckDay(fcinfo, 2);
	FoundArray found = {.types = types};
	Subject subject;
	FindingRows rows = {.subject = &subject,
						.language = FindingLanguage(fcinfo, 3),
						.put = PutItem,
						.state = &found};
	CheckPlan plan;
	RuleVerdict verdict;
	Span image;

	SubjectRead(&subject, content, sha256, &image);
	plan = PlanCheck(&subject, rulesets, day);
	if (subject.syntax != NULL &&
		RunChecks(&subject, &plan, &rows, &verdict, &subject.error) != CLEX_OK)
	{
		RaiseUnlessDocuments(&subject.error);
		subject.syntax = NULL;
	}
	if (subject.syntax == NULL)
		SetError(&subject.error, values, nulls);
	else
	{
		nulls[EXAMINED_DOCUMENT] = image.data == NULL;
		if (image.data != NULL)
			values[EXAMINED_DOCUMENT] = DocumentToDatum(image);
		SetVerdict(&verdict, &found, values, nulls);
	}
	WorkspaceClose(subject.workspace);
}

PG_FUNCTION_INFO_V1(clex_content_examine);

/* examine(content bytea, rulesets text[], as_of date, lang text) -> one row */
Datum
clex_content_examine(PG_FUNCTION_ARGS)
{
	const ExamineTypes *types;
	bytea *argument;
	Span content;
	ContentHash hash;
	bytea *digest;
	Datum values[EXAMINED_COLUMNS] = {0};
	bool nulls[EXAMINED_COLUMNS];

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	types = LookUpTypes(fcinfo);
	argument = PG_GETARG_BYTEA_PP(0);
	content = SpanOf(VARDATA_ANY(argument), VARSIZE_ANY_EXHDR(argument));
	memset(nulls, true, sizeof(nulls));
	DetectColumns(content, values, nulls);
	HashContent(content, &hash);
	digest = palloc(VARHDRSZ + sizeof(hash.digest));
	SET_VARSIZE(digest, VARHDRSZ + sizeof(hash.digest));
	memcpy(VARDATA(digest), hash.digest, sizeof(hash.digest));
	values[EXAMINED_SHA256] = PointerGetDatum(digest);
	nulls[EXAMINED_SHA256] = false;
	ExamineContent(fcinfo, content, SpanOf(hash.hex, sizeof(hash.hex)), types, values, nulls);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(types->row, values, nulls)));
}
