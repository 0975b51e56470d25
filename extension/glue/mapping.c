/*
 * mapping.c
 *		clex.read_mapped, clex.mapping_problems, clex.mapping_preview.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "core/codec/flat_read.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/finding_rows.h"
#include "glue/limits.h"
#include "glue/payment.h"
#include "glue/problem.h"
#include "glue/report.h"
#include "glue/row.h"
#include "glue/workspace.h"

PG_FUNCTION_INFO_V1(clex_mapped_read);
PG_FUNCTION_INFO_V1(clex_mapped_problems);
PG_FUNCTION_INFO_V1(clex_mapped_preview);

/* A call: where its rows go, and the words of its problems. */
typedef struct MappingCall
{
	RowWriter rows;
	Arena arena;
	Arena scratch;
	Workspace *workspace;
	MessageLanguage language;
	char sentence[2 * CLEX_ERROR_TEXT]; /* of the first error; empty: none */
} MappingCall;

static void
PutDocument(void *state, uint32_t number, uint32_t first_row, uint32_t last_row, Span image)
{
	RowWriter *rows = &((MappingCall *) state)->rows;

	RowBegin(rows);
	RowInt(rows, true, (int32) number);
	RowDatum(rows, true, DocumentToDatum(image));
	RowInt(rows, true, (int32) first_row);
	RowInt(rows, true, (int32) last_row);
	RowEnd(rows);
}

static void
PutValue(void *state, const FlatValue *value)
{
	RowWriter *rows = &((MappingCall *) state)->rows;

	RowBegin(rows);
	RowInt(rows, true, (int32) value->row);
	RowInt(rows, true, (int32) value->line);
	RowInt(rows, true, (int32) value->document);
	RowSpan(rows, ClexTerms[value->term].id);
	RowSpan(rows, ClexTerms[value->term].path);
	RowSpan(rows, value->expression);
	RowSpan(rows, value->value);
	RowEnd(rows);
}

/* What a problem says, for its row and its sentence. */
static ProblemWords
Words(const FlatProblem *problem, const char *reason)
{
	return (ProblemWords){problem->code, problem->column, problem->found, problem->expected,
						  reason};
}

static void
PutProblemRow(MappingCall *call, const FlatProblem *problem, const char *severity,
			  const char *reason)
{
	RowWriter *rows = &call->rows;
	ProblemWords words = Words(problem, reason);

	RowBegin(rows);
	RowSpan(rows, SpanFromCString(problem->code));
	RowSpan(rows, SpanFromCString(severity));
	RowInt(rows, problem->row > 0, (int32) problem->row);
	RowInt(rows, problem->line > 0, (int32) problem->line);
	PutProblemWords(rows, call->workspace, call->language, &words);
}

static void
PutProblem(void *state, const FlatProblem *problem)
{
	PutProblemRow(state, problem, FlatSeverityName(problem->severity), NULL);
}

/* Strict reading ends at the first error: keep what is to be said about it. */
static void
KeepSentence(void *state, const FlatProblem *problem)
{
	MappingCall *call = state;
	ProblemWords words = Words(problem, NULL);
	Span sentence;

	if (problem->severity != FLAT_ERROR || call->sentence[0] != '\0')
		return;
	sentence = SpanCut(ProblemSentence(call->workspace, call->language, &words), CLEX_ERROR_TEXT);
	snprintf(call->sentence, sizeof(call->sentence), "Row %u: %.*s", problem->row,
			 (int) sentence.length, sentence.data);
	ArenaRewind(&call->workspace->scratch);
}

/* Read with a sink. */
static ClexStatus
Run(FunctionCallInfo fcinfo, MappingCall *call, FlatSink *sink, bool strict, uint32_t rows,
	ClexError *error)
{
	bytea *content = PG_GETARG_BYTEA_PP(0);
	Jsonb *mapping = PG_GETARG_JSONB_P(1);
	char *json = JsonbToCString(NULL, &mapping->root, VARSIZE(mapping));
	ClexEnv *env = BackendEnv(CurrentMemoryContext);
	FlatRequest request = {
		.content = SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)),
		.mapping = TextArgument(PointerGetDatum(cstring_to_text(json))),
		.strict = strict,
		.rows = rows,
		.arena = &call->arena,
		.scratch = &call->scratch,
		.sink = sink,
	};
	ClexStatus status;

	sink->state = call;
	RowsOpen(&call->rows, fcinfo);
	call->workspace = WorkspaceOpen();
	ArenaInit(&call->arena, env, CurrentMemoryLimit());
	ArenaInit(&call->scratch, env, CurrentMemoryLimit());
	status = FlatRead(&request, error);
	ArenaFree(&call->arena);
	ArenaFree(&call->scratch);
	return status;
}

static void
Report(const MappingCall *call, ClexError *error)
{
	if (call->sentence[0] != '\0')
	{
		ClexDetail(error, "%s", call->sentence);
		ClexHint(error, "clex.mapping_problems() lists everything that is wrong; mode \"lenient\" "
						"reads what is there.");
	}
	ReportErrorAs(error,
				  error->status == CLEX_MALFORMED ? ERRCODE_INVALID_TEXT_REPRESENTATION
												  : StatusSqlState(error->status),
				  "");
}

/* read_mapped(content bytea, mapping jsonb, options jsonb) -> rows of documents */
Datum
clex_mapped_read(PG_FUNCTION_ARGS)
{
	MappingCall call = {.language = 0};
	FlatSink sink = {.document = PutDocument};
	ClexError error = {0};
	bool strict = ModeIsStrict(PG_GETARG_JSONB_P(2));

	MessageLanguageFind(SpanFromCString(CurrentLanguage()), &call.language);
	if (strict)
		sink.problem = KeepSentence;
	if (Run(fcinfo, &call, &sink, strict, 0, &error) != CLEX_OK)
		Report(&call, &error);
	WorkspaceClose(call.workspace);
	return (Datum) 0;
}

/* mapping_problems(content bytea, mapping jsonb, lang text) -> rows of problems */
Datum
clex_mapped_problems(PG_FUNCTION_ARGS)
{
	MappingCall call = {.language = FindingLanguage(fcinfo, 2)};
	FlatSink sink = {.problem = PutProblem};
	ClexError error = {0};
	char reason[3 * CLEX_ERROR_TEXT];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
	{
		InitMaterializedSRF(fcinfo, 0);
		return (Datum) 0;
	}
	if (Run(fcinfo, &call, &sink, false, 0, &error) != CLEX_OK)
	{
		if (error.status != CLEX_MALFORMED && error.status != CLEX_UNSUPPORTED)
			ReportError(&error);
		snprintf(reason, sizeof(reason), "%s.", error.message);
		PutProblemRow(&call, &(FlatProblem){.code = "MALFORMED"}, "fatal", reason);
	}
	WorkspaceClose(call.workspace);
	return (Datum) 0;
}

/* mapping_preview(content bytea, mapping jsonb, rows int) -> rows of values */
Datum
clex_mapped_preview(PG_FUNCTION_ARGS)
{
	MappingCall call = {.language = 0};
	FlatSink sink = {.value = PutValue};
	ClexError error = {0};
	int32 rows = PG_GETARG_INT32(2);

	if (rows < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("rows must be at least 1, not %d", rows)));
	if (Run(fcinfo, &call, &sink, false, (uint32_t) rows, &error) != CLEX_OK &&
		error.status != CLEX_MALFORMED)
		Report(&call, &error);
	WorkspaceClose(call.workspace);
	return (Datum) 0;
}
