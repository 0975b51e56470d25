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
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"

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
SetPlace(FindingRows *rows, uint32_t node, Datum *values, bool *nulls)
{
	const Tree *tree = rows->subject->tree;
	Text location;

	TextInit(&location, &rows->subject->workspace->permanent);
	if (strcmp(rows->subject->syntax, "terms") == 0)
	{
		DocumentTreeLocation(tree, node, &location);
		nulls[COLUMN_LINE] = true;
	}
	else
	{
		TreeNumberSiblings(rows->subject->tree);
		TreeLocation(tree, node, &location);
		nulls[COLUMN_LINE] = node == 0;
		values[COLUMN_LINE] = Int32GetDatum((int32) TreeAt(tree, node)->line);
	}
	if (location.length == 0)
		TextAppendChar(&location, '/');
	SetSpan(values, nulls, COLUMN_LOCATION, TextSpan(&location));
}

static bool
SinkFinding(void *state, const Finding *finding)
{
	FindingRows *rows = state;
	Datum values[FINDING_COLUMNS] = {0};
	bool nulls[FINDING_COLUMNS] = {0};
	const MessageFact *fact = finding->rule != NULL ? MessageFind(finding->rule) : NULL;
	Text message;

	SetText(values, nulls, COLUMN_RULESET, finding->layer->set);
	SetText(values, nulls, COLUMN_RULE,
			finding->rule != NULL ? finding->rule->id : "NOT-PROCESSABLE");
	SetText(values, nulls, COLUMN_SEVERITY,
			SeverityName(finding->rule != NULL ? (RuleSeverity) finding->rule->severity
											   : SEVERITY_FATAL));
	values[COLUMN_TERMS] = TermsDatum(fact != NULL ? fact->terms : "");
	SetPlace(rows, finding->node, values, nulls);
	SetSpan(values, nulls, COLUMN_FOUND, finding->found);
	SetSpan(values, nulls, COLUMN_EXPECTED, finding->expected);
	TextInit(&message, &rows->subject->workspace->permanent);
	MessageWrite(finding, rows->language, &message);
	SetSpan(values, nulls, COLUMN_MESSAGE, TextSpan(&message));
	rows->put(rows->state, values, nulls);
	return true;
}

/* A document that cannot be read is one finding, of no rule set. */
static void
PutUnreadable(FindingRows *rows)
{
	const ClexError *error = &rows->subject->error;
	Datum values[FINDING_COLUMNS] = {0};
	bool nulls[FINDING_COLUMNS] = {0};
	char message[3 * CLEX_ERROR_TEXT];

	SetText(values, nulls, COLUMN_RULESET, "read");
	SetText(values, nulls, COLUMN_RULE,
			error->status == CLEX_LIMIT			? "OVER-LIMIT"
			: error->status == CLEX_UNSUPPORTED ? "UNKNOWN-FORMAT"
												: "MALFORMED");
	SetText(values, nulls, COLUMN_SEVERITY, "fatal");
	values[COLUMN_TERMS] = TermsDatum("");
	nulls[COLUMN_LOCATION] = nulls[COLUMN_FOUND] = nulls[COLUMN_EXPECTED] = true;
	nulls[COLUMN_LINE] = error->line == 0;
	values[COLUMN_LINE] = Int32GetDatum((int32) error->line);
	snprintf(message, sizeof(message), "The document cannot be read: %s.%s%s", error->message,
			 error->detail[0] ? " " : "", error->detail);
	SetText(values, nulls, COLUMN_MESSAGE, message);
	rows->put(rows->state, values, nulls);
}

/* A set was asked for by name that has no rules for this syntax: say so once. */
static void
PutMissing(FindingRows *rows, const char *set)
{
	Datum values[FINDING_COLUMNS] = {0};
	bool nulls[FINDING_COLUMNS] = {0};
	char message[256];

	SetText(values, nulls, COLUMN_RULESET, set);
	SetText(values, nulls, COLUMN_RULE, "NO-LAYER");
	SetText(values, nulls, COLUMN_SEVERITY, "information");
	values[COLUMN_TERMS] = TermsDatum("");
	nulls[COLUMN_LOCATION] = nulls[COLUMN_LINE] = nulls[COLUMN_FOUND] = true;
	nulls[COLUMN_EXPECTED] = true;
	snprintf(message, sizeof(message), "Rule set %.60s has no rules for syntax %s on this day.",
			 set, rows->subject->syntax);
	SetText(values, nulls, COLUMN_MESSAGE, message);
	rows->put(rows->state, values, nulls);
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
						errmsg("there are no messages in language \"%.20s\"", name),
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
		ClexStatus status = RuleSetRun(plan->sets[i], &run, verdict, error);

		if (status != CLEX_OK)
			return status;
	}
	/* a document that no set could be applied to has not been found valid */
	if (plan->count == 0 && plan->missing_count > 0)
		verdict->processable = false;
	return CLEX_OK;
}
