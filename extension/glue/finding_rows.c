/*
 * finding_rows.c
 *		Running the rules over a document, each finding as the columns of a row.
 *
 * findings() puts the rows into its result, examine() into an array: the caller says what is done with
 * a row.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "glue/compat.h"
#include "glue/finding_rows.h"
#include "glue/limits.h"

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

/* Where a finding is, and in which line. */
static void
SetPlace(FindingRows *rows, const Finding *finding, Datum *values, bool *nulls)
{
	Tree *tree = SubjectTree(rows->subject, finding->layer);
	uint32_t node = finding->node;
	Text location;

	TextInit(&location, &rows->subject->workspace->scratch);
	if (strcmp(finding->layer->syntax, "terms") == 0)
	{
		DocumentTreeLocation(tree, node, &location);
		nulls[COLUMN_LINE] = true;
	}
	else
	{
		TreeNumberSiblings(tree);
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
SetMessage(FindingRows *rows, const Finding *finding, Datum *values, bool *nulls)
{
	Workspace *workspace = rows->subject->workspace;
	Text message;

	TextInit(&message, &workspace->scratch);
	MessageWrite(finding, rows->language, workspace->wording, &message);
	SetSpan(values, nulls, COLUMN_MESSAGE, TextSpan(&message));
}

static bool
SinkFinding(void *state, const Finding *finding)
{
	FindingRows *rows = state;
	Datum values[FINDING_COLUMNS] = {0};
	bool nulls[FINDING_COLUMNS] = {0};
	const MessageFact *fact = finding->rule != NULL ? MessageFind(finding->rule) : NULL;
	MemoryContext outer = CurrentMemoryContext;

	CHECK_FOR_INTERRUPTS();
	if (rows->row != NULL)
		MemoryContextSwitchTo(rows->row);
	SetText(values, nulls, COLUMN_RULESET, finding->layer->set);
	SetText(values, nulls, COLUMN_RULE,
			finding->rule != NULL ? finding->rule->id : finding->notice);
	SetText(values, nulls, COLUMN_SEVERITY,
			SeverityName(finding->rule != NULL ? (RuleSeverity) finding->rule->severity
											   : SEVERITY_FATAL));
	values[COLUMN_TERMS] = TermsDatum(fact != NULL ? fact->terms : "");
	SetPlace(rows, finding, values, nulls);
	SetSpan(values, nulls, COLUMN_FOUND, finding->found);
	SetSpan(values, nulls, COLUMN_EXPECTED, finding->expected);
	SetMessage(rows, finding, values, nulls);
	rows->put(rows->state, values, nulls);
	if (rows->row != NULL)
	{
		MemoryContextSwitchTo(outer);
		MemoryContextReset(rows->row);
	}
	return true;
}

/* A row about the whole document that no rule is behind; line 0: none. */
static void
PutNotice(FindingRows *rows, const char *set, RuleSeverity severity, uint32_t line,
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
	SetMessage(rows, notice, values, nulls);
	rows->put(rows->state, values, nulls);
}

/* A document that cannot be read is one finding, of no rule set. */
static void
PutUnreadable(FindingRows *rows)
{
	const ClexError *error = &rows->subject->error;
	char reason[3 * CLEX_ERROR_TEXT];

	snprintf(reason, sizeof(reason), "%s.%s%s", error->message, error->detail[0] ? " " : "",
			 error->detail);
	PutNotice(rows, "read", SEVERITY_FATAL, error->line,
			  &(Finding){.notice = error->status == CLEX_LIMIT		   ? "OVER-LIMIT"
								   : error->status == CLEX_UNSUPPORTED ? "UNKNOWN-FORMAT"
																	   : "MALFORMED",
						 .reason = reason});
}

/* A set was asked for by name that has no rules for this syntax: say so once. */
static void
PutMissing(FindingRows *rows, const char *set)
{
	PutNotice(rows, set, SEVERITY_INFORMATION, 0,
			  &(Finding){.notice = "NO-LAYER",
						 .about = SpanFromCString(set),
						 .found = SpanFromCString(rows->subject->syntax)});
}

int32_t
CheckDay(FunctionCallInfo fcinfo, int arg)
{
	DateADT date = PG_ARGISNULL(arg) ? GetSQLCurrentDate() : PG_GETARG_DATEADT(arg);

	if (date < DATE_MIN || date > DATE_MAX)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("as_of is outside the years 1 to 9999")));
	return date;
}

MessageLanguage
FindingLanguage(FunctionCallInfo fcinfo, int arg)
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

ClexStatus
RunChecks(const Subject *subject, const CheckPlan *plan, FindingRows *rows, RuleVerdict *verdict,
		  ClexError *error)
{
	RuleRun run = {.tree = subject->tree,
				   .scratch = &subject->workspace->scratch,
				   .permanent = &subject->workspace->permanent,
				   .step_limit = CurrentStepLimit(),
				   .explain = rows != NULL,
				   .sink = rows != NULL ? SinkFinding : NULL,
				   .state = rows,
				   .regexes = subject->workspace->regexes};
	const uint64_t *traits[2] = {NULL, NULL}; /* of the source, and of the terms */

	*verdict = (RuleVerdict){.processable = true};
	if (subject->syntax == NULL)
	{
		*verdict = (RuleVerdict){.fatal = 1, .processable = false};
		if (rows != NULL)
			PutUnreadable(rows);
		return CLEX_OK;
	}
	for (uint32_t i = 0; rows != NULL && i < plan->missing_count; i++)
		PutMissing(rows, plan->missing[i]);
	for (uint32_t i = 0; i < plan->count; i++)
	{
		ClexStatus status;
		const uint64_t **noted;

		CHECK_FOR_INTERRUPTS();
		run.tree = SubjectTree(subject, RuleSetLayer(plan->sets[i]));
		noted = &traits[run.tree != subject->tree];
		/* where this fails, the run does too */
		if (plan->count > 1 && *noted == NULL)
			*noted = TraitsNote(run.tree, run.permanent);
		run.traits = *noted;
		status = RuleSetRun(plan->sets[i], &run, verdict, error);
		if (status != CLEX_OK)
			return status;
	}
	/* a document that no set could be applied to has not been found valid */
	if (plan->count == 0 && plan->missing_count > 0)
		verdict->processable = false;
	return CLEX_OK;
}
