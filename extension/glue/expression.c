/*
 * expression.c
 *		clex.test and clex.eval: term expressions over a semantic document.
 *
 * A call site usually sees one expression again and again, so the last one compiled is kept with the
 * function's call information.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "glue/check.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/limits.h"
#include "glue/report.h"

PG_FUNCTION_INFO_V1(clex_document_test);
PG_FUNCTION_INFO_V1(clex_document_eval);

/* The expression that this call site compiled last. */
typedef struct KeptExpression
{
	text *source;
	Expr *expr;
	Arena arena;
} KeptExpression;

static const Expr *
CompiledExpression(FunctionCallInfo fcinfo, text *source)
{
	KeptExpression *kept = fcinfo->flinfo->fn_extra;
	MemoryContext old;
	ClexError error;
	ClexStatus status;

	if (kept != NULL && kept->source != NULL &&
		VARSIZE_ANY_EXHDR(kept->source) == VARSIZE_ANY_EXHDR(source) &&
		memcmp(VARDATA_ANY(kept->source), VARDATA_ANY(source), VARSIZE_ANY_EXHDR(source)) == 0)
		return kept->expr;
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	if (kept == NULL)
	{
		kept = palloc0(sizeof(KeptExpression));
		ArenaInit(&kept->arena, BackendEnv(CurrentMemoryContext), 0);
		fcinfo->flinfo->fn_extra = kept;
	}
	else if (kept->source != NULL)
	{
		pfree(kept->source);
		kept->source = NULL;
		ArenaReset(&kept->arena);
	}
	kept->arena.limit = CurrentMemoryLimit();
	/* literals of the compiled form do not point into the text it was compiled from */
	status = ExprCompile(TextArgument(PointerGetDatum(source)), VOCABULARY_TERMS, TERM_NONE, NULL,
						 &kept->arena, &kept->expr, &error);
	if (status == CLEX_INVALID)
		ReportErrorAs(&error, ERRCODE_SYNTAX_ERROR, "");
	if (status != CLEX_OK)
		ReportError(&error);
	kept->source = DatumGetTextPCopy(PointerGetDatum(source));
	MemoryContextSwitchTo(old);
	return kept->expr;
}

/* A document and an expression, ready to be evaluated. */
static const Expr *
Prepare(FunctionCallInfo fcinfo, Subject *subject, Evaluator *evaluator, ClexError *error)
{
	const Expr *expr = CompiledExpression(fcinfo, PG_GETARG_TEXT_PP(1));

	SubjectFromDocument(subject, PG_GETARG_DATUM(0));
	if (EvaluatorInit(evaluator, subject->tree, VOCABULARY_TERMS, &subject->workspace->permanent,
					  &subject->workspace->scratch, CurrentStepLimit(), error) != CLEX_OK)
		ReportError(error);
	evaluator->regexes = subject->workspace->regexes;
	return expr;
}

static void
CheckEvaluated(const Evaluator *evaluator)
{
	if (evaluator->status == CLEX_OK)
		return;
	if (evaluator->status == CLEX_INVALID)
		ReportErrorAs(evaluator->error, ERRCODE_DATA_EXCEPTION, "expression cannot be evaluated: ");
	ReportError(evaluator->error);
}

/* test(document, expression) -> boolean */
Datum
clex_document_test(PG_FUNCTION_ARGS)
{
	Subject subject = {0};
	Evaluator evaluator;
	ClexError error;
	const Expr *expr = Prepare(fcinfo, &subject, &evaluator, &error);
	bool result = EvaluateBoolean(&evaluator, expr, 0);

	CheckEvaluated(&evaluator);
	WorkspaceClose(subject.workspace);
	PG_RETURN_BOOL(result);
}

/* eval(document, expression) -> text */
Datum
clex_document_eval(PG_FUNCTION_ARGS)
{
	Subject subject = {0};
	Evaluator evaluator;
	ClexError error;
	const Expr *expr = Prepare(fcinfo, &subject, &evaluator, &error);
	Span value = EvaluateText(&evaluator, expr, 0, NULL);
	text *result;

	CheckEvaluated(&evaluator);
	if (value.data == NULL)
		PG_RETURN_NULL();
	result = TextFromSpan(value);
	WorkspaceClose(subject.workspace);
	PG_RETURN_TEXT_P(result);
}
