/*
 * statement.c
 *		clex.read_statement, clex.read_balances, clex.statement_totals, clex.statement_problems.
 *
 * Each is one pass over the file with another sink.  Rows go to the result as they come, so a large file
 * takes the memory of a row and what work_mem gives the result.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "core/base/utf8.h"
#include "core/codec/detect.h"
#include "core/statement/statement.h"
#include "glue/check.h"
#include "glue/compat.h"
#include "glue/finding_rows.h"
#include "glue/limits.h"
#include "glue/problem.h"
#include "glue/report.h"
#include "glue/row.h"
#include "glue/workspace.h"

/* A call: what was asked for, and where the rows go. */
typedef struct StatementCall
{
	RowWriter rows;
	StatementRequest request;
	Arena arena;
	Arena scratch;
	Workspace *workspace;
	MessageLanguage language;
	char sentence[CLEX_ERROR_TEXT]; /* the first error, for strict reading; empty: none */
} StatementCall;

PG_FUNCTION_INFO_V1(clex_statement_read);
PG_FUNCTION_INFO_V1(clex_statement_balances);
PG_FUNCTION_INFO_V1(clex_statement_totals);
PG_FUNCTION_INFO_V1(clex_statement_problems);

static void
PutDate(RowWriter *rows, StatementDate date)
{
	RowDate(rows, date.known, date.day);
}

static void
PutAmount(RowWriter *rows, const StatementAmount *amount)
{
	RowDecimal(rows, amount->known, amount->value);
}

static void
PutEntry(void *state, const Statement *statement, const StatementEntry *entry)
{
	RowWriter *rows = &((StatementCall *) state)->rows;

	RowBegin(rows);
	RowInt(rows, true, (int32) statement->number);
	RowSpan(rows, statement->account);
	RowInt(rows, true, (int32) entry->number);
	RowInt(rows, entry->detail > 0, (int32) entry->detail);
	PutDate(rows, entry->booked);
	PutDate(rows, entry->value);
	PutAmount(rows, &entry->amount);
	RowSpan(rows,
			entry->amount.currency.data != NULL ? entry->amount.currency : statement->currency);
	RowBool(rows, entry->reversal);
	for (int i = 0; i < ENTRY_TEXTS; i++)
		RowSpan(rows, entry->text[i]);
	RowInt(rows, true, (int32) entry->line);
	RowEnd(rows);
}

static void
PutBalance(void *state, const Statement *statement, const StatementBalance *balance)
{
	RowWriter *rows = &((StatementCall *) state)->rows;

	RowBegin(rows);
	RowInt(rows, true, (int32) statement->number);
	RowSpan(rows, statement->account);
	RowSpan(rows, SpanFromCString(BalanceKindName(balance->kind)));
	RowSpan(rows, balance->code);
	PutDate(rows, balance->date);
	PutAmount(rows, &balance->amount);
	RowSpan(rows,
			balance->amount.currency.data != NULL ? balance->amount.currency : statement->currency);
	RowInt(rows, true, (int32) balance->line);
	RowEnd(rows);
}

static void
PutStatement(void *state, const Statement *statement)
{
	RowWriter *rows = &((StatementCall *) state)->rows;
	Decimal sum = DECIMAL_ZERO;
	bool known = statement->sums_known && statement->opening.known && statement->closing.known;

	if (known)
		known = DecimalAdd(statement->opening.value, statement->credits, &sum) == CLEX_OK &&
				DecimalAdd(sum, statement->debits, &sum) == CLEX_OK;
	RowBegin(rows);
	RowInt(rows, true, (int32) statement->number);
	RowSpan(rows, statement->reference);
	RowSpan(rows, statement->sequence);
	RowSpan(rows, statement->account);
	RowSpan(rows, statement->owner);
	RowSpan(rows, statement->servicer);
	RowSpan(rows, statement->currency);
	PutDate(rows, statement->opened);
	PutAmount(rows, &statement->opening);
	RowInt(rows, true, (int32) statement->entries);
	RowDecimal(rows, statement->sums_known, statement->credits);
	RowDecimal(rows, statement->sums_known, statement->debits);
	PutDate(rows, statement->closed);
	PutAmount(rows, &statement->closing);
	RowOptionalBool(rows, known, known && DecimalCompare(sum, statement->closing.value) == 0);
	RowInt(rows, true, (int32) statement->line);
	RowEnd(rows);
}

/* What a problem says, for its row and its sentence. */
static ProblemWords
Words(const StatementProblem *problem, const char *reason)
{
	return (ProblemWords){problem->code, problem->place, problem->found, problem->expected, reason};
}

static void
PutProblemRow(StatementCall *call, const StatementProblem *problem, const char *severity,
			  const char *reason)
{
	RowWriter *rows = &call->rows;
	ProblemWords words = Words(problem, reason);

	RowBegin(rows);
	RowSpan(rows, SpanFromCString(problem->code));
	RowSpan(rows, SpanFromCString(severity));
	RowInt(rows, problem->statement > 0, (int32) problem->statement);
	RowInt(rows, problem->entry > 0, (int32) problem->entry);
	RowInt(rows, problem->line > 0, (int32) problem->line);
	PutProblemWords(rows, call->workspace, call->language, &words);
}

static void
PutProblem(void *state, const StatementProblem *problem)
{
	PutProblemRow(state, problem, ProblemSeverityName(problem->severity), NULL);
}

/* Strict reading ends at the first error: keep what is to be said about it. */
static void
KeepSentence(void *state, const StatementProblem *problem)
{
	StatementCall *call = state;
	ProblemWords words = Words(problem, NULL);
	Span sentence;

	if (problem->severity != PROBLEM_ERROR || call->sentence[0] != '\0')
		return;
	sentence = Utf8Cut(ProblemSentence(call->workspace, call->language, &words),
					   sizeof(call->sentence) - 20);
	memcpy(call->sentence, sentence.data, sentence.length);
	call->sentence[sentence.length] = '\0';
	ArenaRewind(&call->workspace->scratch);
}

/* A file that cannot be read is one problem. */
static void
PutUnreadable(StatementCall *call, const ClexError *error)
{
	char reason[3 * CLEX_ERROR_TEXT];

	snprintf(reason, sizeof(reason), "%s.%s%s", error->message, error->detail[0] ? " " : "",
			 error->detail);
	PutProblemRow(call,
				  &(StatementProblem){.code = error->status == CLEX_LIMIT		  ? "OVER-LIMIT"
											  : error->status == CLEX_UNSUPPORTED ? "UNKNOWN-FORMAT"
																				  : "MALFORMED",
									  .line = error->line},
				  "fatal", reason);
}

/* A boolean option. */
static bool
BooleanOption(const char *name, const JsonbValue *value)
{
	if (value->type != jbvBool)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is neither true nor false", name)));
	return value->val.boolean;
}

static bool
StringIs(const JsonbValue *value, const char *text)
{
	return value->type == jbvString && value->val.string.len == (int) strlen(text) &&
		   memcmp(value->val.string.val, text, strlen(text)) == 0;
}

/* One member of the options. */
static void
TakeOption(StatementRequest *request, const JsonbValue *key, const JsonbValue *value)
{
	if (StringIs(key, "mode"))
	{
		request->strict = StringIs(value, "strict");
		if (!request->strict && !StringIs(value, "lenient"))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("option \"mode\" is neither \"lenient\" nor \"strict\"")));
	}
	else if (StringIs(key, "details"))
		request->details = BooleanOption("details", value);
	else if (StringIs(key, "raw"))
		request->raw = BooleanOption("raw", value);
	else
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unknown option \"%s\"",
							   pnstrdup(key->val.string.val, Min(key->val.string.len, 60))),
						errhint("Options are mode, details and raw.")));
}

static void
TakeOptions(StatementRequest *request, Jsonb *options)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue key = {0};
	JsonbValue value;

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("options must be an object"),
				 errhint("For example '{\"mode\": \"strict\"}'.")));
	iterator = JsonbIteratorInit(&options->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = value;
		else if (token == WJB_VALUE)
			TakeOption(request, &key, &value);
	}
}

/* Find out the format; an error if it is not one of ours. */
static ClexStatus
ChooseFormat(StatementCall *call, ClexError *error)
{
	Detected detected;

	if (DetectFormat(call->request.content, &call->arena, &detected) != CLEX_OK)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	if (SpanEqualCString(detected.format, "empty"))
		return ClexFailEmpty(error);
	if (!StatementFormatIsKnown(detected.format))
	{
		ClexFail(error, CLEX_UNSUPPORTED, "the file is not a bank statement that can be read");
		ClexDetail(error, "It looks like this format: %.*s.", (int) detected.format.length,
				   detected.format.data);
		ClexHint(error, "Statements are read from camt.052, camt.053, camt.054, mt940 and "
						"cfonb120.");
		return error->status;
	}
	call->request.format = pnstrdup(detected.format.data, detected.format.length);
	return CLEX_OK;
}

static ClexStatus
RunStatement(FunctionCallInfo fcinfo, StatementCall *call, const StatementSink *sink,
			 ClexError *error)
{
	bytea *content = PG_GETARG_BYTEA_PP(0);
	ClexEnv *env = BackendEnv(CurrentMemoryContext);
	ClexStatus status;

	ArenaInit(&call->arena, env, CurrentMemoryLimit());
	ArenaInit(&call->scratch, env, CurrentMemoryLimit());
	call->workspace = WorkspaceOpen();
	call->request.content = SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content));
	call->request.limits = CurrentXmlLimits();
	call->request.parser = call->workspace->parser;
	call->request.arena = &call->arena;
	call->request.scratch = &call->scratch;
	call->request.sink = sink;
	RowsOpen(&call->rows, fcinfo);
	status = ChooseFormat(call, error);
	if (status == CLEX_OK)
		status = StatementRead(&call->request, error);
	ArenaFree(&call->arena);
	ArenaFree(&call->scratch);
	return status;
}

/* Run with a sink; what cannot be read is an error. */
static Datum
Rows(FunctionCallInfo fcinfo, StatementCall *call, StatementSink *sink)
{
	ClexError error = {0};

	sink->state = call;
	TakeOptions(&call->request, PG_GETARG_JSONB_P(1));
	MessageLanguageFind(SpanFromCString(CurrentLanguage()), &call->language);
	if (call->request.strict)
		sink->problem = KeepSentence;
	if (RunStatement(fcinfo, call, sink, &error) != CLEX_OK)
	{
		if (call->sentence[0] != '\0')
		{
			ClexDetail(&error, "Line %u: %s", error.line, call->sentence);
			ClexHint(&error, "clex.statement_problems() lists all deviations; mode \"lenient\" "
							 "reads what is there.");
		}
		ReportErrorAs(&error,
					  error.status == CLEX_MALFORMED ? ERRCODE_INVALID_TEXT_REPRESENTATION
													 : StatusSqlState(error.status),
					  "");
	}
	WorkspaceClose(call->workspace);
	return (Datum) 0;
}

/* read_statement(content bytea, options jsonb) -> rows of entries */
Datum
clex_statement_read(PG_FUNCTION_ARGS)
{
	StatementCall call = {.request.raw = true};
	StatementSink sink = {.entry = PutEntry};

	return Rows(fcinfo, &call, &sink);
}

/* read_balances(content bytea, options jsonb) -> rows of balances */
Datum
clex_statement_balances(PG_FUNCTION_ARGS)
{
	StatementCall call = {.request.raw = false};
	StatementSink sink = {.balance = PutBalance};

	return Rows(fcinfo, &call, &sink);
}

/* statement_totals(content bytea, options jsonb) -> a row for each statement */
Datum
clex_statement_totals(PG_FUNCTION_ARGS)
{
	StatementCall call = {.request.raw = false};
	StatementSink sink = {.statement = PutStatement};

	return Rows(fcinfo, &call, &sink);
}

/* statement_problems(content bytea, lang text) -> rows of problems */
Datum
clex_statement_problems(PG_FUNCTION_ARGS)
{
	StatementCall call = {.request.raw = false};
	StatementSink sink = {.problem = PutProblem, .state = &call};
	ClexError error = {0};

	if (PG_ARGISNULL(0))
	{
		InitMaterializedSRF(fcinfo, 0);
		return (Datum) 0;
	}
	call.language = FindingLanguage(fcinfo, 1);
	if (RunStatement(fcinfo, &call, &sink, &error) != CLEX_OK)
	{
		RaiseUnlessDocuments(&error);
		PutUnreadable(&call, &error);
	}
	WorkspaceClose(call.workspace);
	return (Datum) 0;
}
