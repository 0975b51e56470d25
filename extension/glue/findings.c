/*
 * findings.c
 *		clex.findings, clex.document_findings, clex.verdict, clex.document_verdict.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "glue/check.h"
#include "glue/compat.h"
#include "glue/limits.h"
#include "glue/report.h"

enum
{
	COLUMN_RULESET,
	COLUMN_RULE,
	COLUMN_SEVERITY,
	COLUMN_TERMS,
	COLUMN_LOCATION,
	COLUMN_LINE,
	COLUMN_FOUND,
	COLUMN_EXPECTED,
	COLUMN_MESSAGE,
	FINDING_COLUMNS
};

/* Where findings go: rows of the result. */
typedef struct RowSink
{
	ReturnSetInfo *result;
	Subject *subject;
	MessageLanguage language;
	MemoryContext row; /* what one row takes */
} RowSink;

static Datum
SpanDatum(Span s)
{
	char *converted = pg_any_to_server(s.data, (int) s.length, PG_UTF8);

	return PointerGetDatum(converted == s.data ? cstring_to_text_with_len(s.data, (int) s.length)
											   : cstring_to_text(converted));
}

/* "BT-106 BT-131" as text[]. */
static Datum
TermsDatum(const char *terms)
{
	Datum items[64];
	int count = 0;

	while (*terms != '\0' && count < 64)
	{
		size_t length = strcspn(terms, " ");

		items[count++] = PointerGetDatum(cstring_to_text_with_len(terms, (int) length));
		terms += length;
		while (*terms == ' ')
			terms++;
	}
	return PointerGetDatum(construct_array(items, count, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
SetSpan(Datum *values, bool *nulls, int column, Span s)
{
	nulls[column] = s.data == NULL;
	if (s.data != NULL)
		values[column] = SpanDatum(s);
}

static void
SetText(Datum *values, bool *nulls, int column, const char *text)
{
	SetSpan(values, nulls, column, SpanFromCString(text));
}

static void
PutRow(RowSink *sink, Datum *values, bool *nulls)
{
	tuplestore_putvalues(sink->result->setResult, sink->result->setDesc, values, nulls);
}

/* Where a finding is, and in which line. */
static void
SetPlace(RowSink *sink, uint32_t node, Datum *values, bool *nulls)
{
	const Tree *tree = sink->subject->tree;
	Text location;

	TextInit(&location, &sink->subject->workspace->scratch);
	if (strcmp(sink->subject->syntax, "terms") == 0)
	{
		DocumentTreeLocation(tree, node, &location);
		nulls[COLUMN_LINE] = true;
	}
	else
	{
		TreeNumberSiblings(sink->subject->tree);
		TreeLocation(tree, node, &location);
		nulls[COLUMN_LINE] = node == 0;
		values[COLUMN_LINE] = Int32GetDatum((int32) TreeAt(tree, node)->line);
	}
	if (location.length == 0)
		TextAppendChar(&location, '/');
	SetSpan(values, nulls, COLUMN_LOCATION, TextSpan(&location));
}

/* The sentence of a finding, in the language that was asked for. */
static void
SetMessage(RowSink *sink, const Finding *finding, Datum *values, bool *nulls)
{
	Workspace *workspace = sink->subject->workspace;
	Text message;

	TextInit(&message, &workspace->scratch);
	MessageWrite(finding, sink->language, workspace->wording, &message);
	SetSpan(values, nulls, COLUMN_MESSAGE, TextSpan(&message));
}

static bool
SinkFinding(void *state, const Finding *finding)
{
	RowSink *sink = state;
	Datum values[FINDING_COLUMNS] = {0};
	bool nulls[FINDING_COLUMNS] = {0};
	const MessageFact *fact = finding->rule != NULL ? MessageFind(finding->rule) : NULL;
	MemoryContext outer;

	CHECK_FOR_INTERRUPTS();
	outer = MemoryContextSwitchTo(sink->row);
	SetText(values, nulls, COLUMN_RULESET, finding->layer->set);
	SetText(values, nulls, COLUMN_RULE,
			finding->rule != NULL ? finding->rule->id : finding->notice);
	SetText(values, nulls, COLUMN_SEVERITY,
			SeverityName(finding->rule != NULL ? (RuleSeverity) finding->rule->severity
											   : SEVERITY_FATAL));
	values[COLUMN_TERMS] = TermsDatum(fact != NULL ? fact->terms : "");
	SetPlace(sink, finding->node, values, nulls);
	SetSpan(values, nulls, COLUMN_FOUND, finding->found);
	SetSpan(values, nulls, COLUMN_EXPECTED, finding->expected);
	SetMessage(sink, finding, values, nulls);
	PutRow(sink, values, nulls);
	MemoryContextSwitchTo(outer);
	MemoryContextReset(sink->row);
	return true;
}

/* A row about the whole document that no rule is behind; line 0: none. */
static void
PutNotice(RowSink *sink, const char *set, RuleSeverity severity, uint32_t line,
		  const Finding *notice)
{
	Datum values[FINDING_COLUMNS] = {0};
	bool nulls[FINDING_COLUMNS] = {0};

	SetText(values, nulls, COLUMN_RULESET, set);
	SetText(values, nulls, COLUMN_RULE, notice->notice);
	SetText(values, nulls, COLUMN_SEVERITY, SeverityName(severity));
	values[COLUMN_TERMS] = TermsDatum("");
	nulls[COLUMN_LOCATION] = nulls[COLUMN_FOUND] = nulls[COLUMN_EXPECTED] = true;
	nulls[COLUMN_LINE] = line == 0;
	values[COLUMN_LINE] = Int32GetDatum((int32) line);
	SetMessage(sink, notice, values, nulls);
	PutRow(sink, values, nulls);
}

/* A document that cannot be read is one finding, of no rule set. */
static void
PutUnreadable(RowSink *sink)
{
	const ClexError *error = &sink->subject->error;
	char reason[3 * CLEX_ERROR_TEXT];

	snprintf(reason, sizeof(reason), "%s.%s%s", error->message, error->detail[0] ? " " : "",
			 error->detail);
	PutNotice(sink, "read", SEVERITY_FATAL, error->line,
			  &(Finding){.notice = error->status == CLEX_LIMIT		   ? "OVER-LIMIT"
								   : error->status == CLEX_UNSUPPORTED ? "UNKNOWN-FORMAT"
																	   : "MALFORMED",
						 .reason = reason});
}

/* A set was asked for by name that has no rules for this syntax: say so once. */
static void
PutMissing(RowSink *sink, const char *set)
{
	PutNotice(sink, set, SEVERITY_INFORMATION, 0,
			  &(Finding){.notice = "NO-LAYER",
						 .about = SpanFromCString(set),
						 .found = SpanFromCString(sink->subject->syntax)});
}

static int32_t
AsOf(FunctionCallInfo fcinfo, int arg)
{
	DateADT date = PG_ARGISNULL(arg) ? GetSQLCurrentDate() : PG_GETARG_DATEADT(arg);

	if (date < DATE_MIN || date > DATE_MAX)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("as_of is outside the years 1 to 9999")));
	return date;
}

static MessageLanguage
Language(FunctionCallInfo fcinfo, int arg)
{
	const char *name =
		PG_ARGISNULL(arg) ? CurrentLanguage() : text_to_cstring(PG_GETARG_TEXT_PP(arg));
	MessageLanguage language;

	if (!MessageLanguageFind(SpanFromCString(name), &language))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there are no messages in language \"%.*s\"",
							   pg_mbcliplen(name, (int) strlen(name), 20), name),
						errhint("Languages are en, fr and de.")));
	return language;
}

static void
RunPlan(const Subject *subject, const CheckPlan *plan, FindingSink sink, void *state, bool explain,
		RuleVerdict *verdict)
{
	RuleRun run = {.tree = subject->tree,
				   .scratch = &subject->workspace->scratch,
				   .permanent = &subject->workspace->permanent,
				   .step_limit = CurrentStepLimit(),
				   .explain = explain,
				   .sink = sink,
				   .state = state,
				   .regexes = subject->workspace->regexes};
	ClexError error;

	for (uint32_t i = 0; i < plan->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (RuleSetRun(plan->sets[i], &run, verdict, &error) != CLEX_OK)
			ReportError(&error);
	}
}

static void
FindingsOf(FunctionCallInfo fcinfo, Subject *subject)
{
	ArrayType *rulesets = PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1);
	RowSink sink = {.subject = subject, .language = Language(fcinfo, 3)};
	CheckPlan plan = PlanCheck(subject, rulesets, AsOf(fcinfo, 2));
	RuleVerdict verdict = {.processable = true};

	InitMaterializedSRF(fcinfo, 0);
	sink.result = (ReturnSetInfo *) fcinfo->resultinfo;
	sink.row = AllocSetContextCreate(CurrentMemoryContext, "clex finding", ALLOCSET_DEFAULT_SIZES);
	if (subject->syntax == NULL)
		PutUnreadable(&sink);
	else
	{
		for (uint32_t i = 0; i < plan.missing_count; i++)
			PutMissing(&sink, plan.missing[i]);
		RunPlan(subject, &plan, SinkFinding, &sink, true, &verdict);
	}
	WorkspaceClose(subject->workspace);
}

PG_FUNCTION_INFO_V1(clex_findings);

/* findings(content bytea, rulesets text[], as_of date, lang text) -> rows */
Datum
clex_findings(PG_FUNCTION_ARGS)
{
	Subject subject = {0};
	bytea *content;

	if (PG_ARGISNULL(0))
	{
		InitMaterializedSRF(fcinfo, 0);
		return (Datum) 0;
	}
	content = PG_GETARG_BYTEA_PP(0);
	SubjectFromContent(&subject, SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)));
	FindingsOf(fcinfo, &subject);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(clex_document_findings);

/* document_findings(document, rulesets text[], as_of date, lang text) -> rows */
Datum
clex_document_findings(PG_FUNCTION_ARGS)
{
	Subject subject = {0};

	if (PG_ARGISNULL(0))
	{
		InitMaterializedSRF(fcinfo, 0);
		return (Datum) 0;
	}
	SubjectFromDocument(&subject, PG_GETARG_DATUM(0));
	FindingsOf(fcinfo, &subject);
	return (Datum) 0;
}

/* The row type of verdict(), looked up once for each call site. */
static TupleDesc
VerdictDescriptor(FunctionCallInfo fcinfo)
{
	TupleDesc descriptor = fcinfo->flinfo->fn_extra;
	MemoryContext old;

	if (descriptor != NULL)
		return descriptor;
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("function returning record called in context that cannot accept it")));
	descriptor = BlessTupleDesc(CreateTupleDescCopy(descriptor));
	fcinfo->flinfo->fn_extra = descriptor;
	MemoryContextSwitchTo(old);
	return descriptor;
}

/* One row: processable, valid, fatal, warning. */
static Datum
VerdictOf(FunctionCallInfo fcinfo, Subject *subject)
{
	ArrayType *rulesets = PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1);
	CheckPlan plan = PlanCheck(subject, rulesets, AsOf(fcinfo, 2));
	RuleVerdict verdict = {.processable = true};
	Datum values[4];
	bool nulls[4] = {false, false, false, false};

	if (subject->syntax == NULL)
		verdict = (RuleVerdict){.fatal = 1, .processable = false};
	else
		RunPlan(subject, &plan, NULL, NULL, false, &verdict);
	/* a document that no set could be applied to has not been found valid */
	if (plan.count == 0 && plan.missing_count > 0)
		verdict.processable = false;
	WorkspaceClose(subject->workspace);
	values[0] = BoolGetDatum(verdict.processable);
	values[1] = BoolGetDatum(verdict.processable && verdict.fatal == 0);
	values[2] = Int32GetDatum((int32) verdict.fatal);
	values[3] = Int32GetDatum((int32) verdict.warning);
	return HeapTupleGetDatum(heap_form_tuple(VerdictDescriptor(fcinfo), values, nulls));
}

PG_FUNCTION_INFO_V1(clex_verdict);

Datum
clex_verdict(PG_FUNCTION_ARGS)
{
	Subject subject = {0};
	bytea *content;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	content = PG_GETARG_BYTEA_PP(0);
	SubjectFromContent(&subject, SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)));
	return VerdictOf(fcinfo, &subject);
}

PG_FUNCTION_INFO_V1(clex_document_verdict);

Datum
clex_document_verdict(PG_FUNCTION_ARGS)
{
	Subject subject = {0};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	SubjectFromDocument(&subject, PG_GETARG_DATUM(0));
	return VerdictOf(fcinfo, &subject);
}
