/*
 * findings.c
 *		clex.findings, clex.document_findings, clex.verdict, clex.document_verdict.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "glue/compat.h"
#include "glue/finding_rows.h"
#include "glue/report.h"

/* A row of the result. */
static void
PutRow(void *state, Datum *values, bool *nulls)
{
	ReturnSetInfo *result = state;

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
FindingsOf(FunctionCallInfo fcinfo, Subject *subject)
{
	ArrayType *rulesets = PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1);
	FindingRows rows = {.subject = subject, .language = FindingLanguage(fcinfo, 3), .put = PutRow};
	CheckPlan plan = PlanCheck(subject, rulesets, CheckDay(fcinfo, 2));
	RuleVerdict verdict;
	ClexError error;

	/* the row type that the executor looked up already */
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	rows.state = fcinfo->resultinfo;
	rows.row = AllocSetContextCreate(CurrentMemoryContext, "clex finding", ALLOCSET_DEFAULT_SIZES);
	if (RunChecks(subject, &plan, &rows, &verdict, &error) != CLEX_OK)
		ReportError(&error);
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

PG_FUNCTION_INFO_V1(clex_chosen_rulesets);

/* chosen_rulesets(content bytea, as_of date) -> text[] */
Datum
clex_chosen_rulesets(PG_FUNCTION_ARGS)
{
	Subject subject = {0};
	CheckPlan plan;
	Datum *names;
	int count = 0;
	bytea *content;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	content = PG_GETARG_BYTEA_PP(0);
	SubjectFromContent(&subject, SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)));
	plan = PlanCheck(&subject, NULL, CheckDay(fcinfo, 1));
	WorkspaceClose(subject.workspace);
	names = palloc((plan.count + 1) * sizeof(Datum));
	if (plan.interchange)
		names[count++] = CStringGetTextDatum("structure");
	for (uint32_t i = 0; i < plan.count; i++)
		names[count++] = CStringGetTextDatum(RuleSetLayer(plan.sets[i])->set);
	PG_RETURN_ARRAYTYPE_P(construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
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
	CheckPlan plan = PlanCheck(subject, rulesets, CheckDay(fcinfo, 2));
	RuleVerdict verdict;
	ClexError error;
	Datum values[4];
	bool nulls[4] = {false, false, false, false};

	if (RunChecks(subject, &plan, NULL, &verdict, &error) != CLEX_OK)
		ReportError(&error);
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
