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

#include "core/codec/edi_reader.h"
#include "glue/compat.h"
#include "glue/finding_rows.h"
#include "glue/limits.h"

/* For so many findings siblings are counted one location at a time; for more, all of the tree at once. */
#define FEW_FINDINGS 16

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
		if (rows->message > 0)
			TextAppendf(&location, node > 1 ? "messages[%u]." : "messages[%u]", rows->message);
		DocumentTreeLocation(tree, node, &location);
		nulls[COLUMN_LINE] = true;
	}
	else
	{
		if (rows->count >= FEW_FINDINGS)
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
	rows->count++;
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

/* The row of a deviation of an interchange: its line is the segment's number in the message. */
static void
PutDeviation(FindingRows *rows, const EdiReader *reader, const EdiFinding *finding)
{
	const EdiFaultFact *fact = &ClexEdiFaults[finding->fault];
	Datum values[FINDING_COLUMNS] = {0};
	bool nulls[FINDING_COLUMNS] = {0};
	MemoryContext outer = CurrentMemoryContext;
	Text location;

	CHECK_FOR_INTERRUPTS();
	if (rows->row != NULL)
		MemoryContextSwitchTo(rows->row);
	TextInit(&location, &rows->subject->workspace->scratch);
	EdiLocation(reader, finding, &location);
	SetText(values, nulls, COLUMN_RULESET, "structure");
	SetText(values, nulls, COLUMN_RULE, fact->name);
	SetText(values, nulls, COLUMN_SEVERITY,
			SeverityName(fact->fatal ? SEVERITY_FATAL : SEVERITY_WARNING));
	values[COLUMN_TERMS] = TermsDatum("");
	SetSpan(values, nulls, COLUMN_LOCATION, TextSpan(&location));
	nulls[COLUMN_LINE] = finding->segment == 0;
	values[COLUMN_LINE] = Int32GetDatum((int32) finding->segment);
	SetSpan(values, nulls, COLUMN_FOUND, finding->found);
	SetSpan(values, nulls, COLUMN_EXPECTED, finding->expected);
	SetMessage(rows,
			   &(Finding){.notice = fact->name,
						  .found = finding->found,
						  .expected = finding->expected,
						  .about = finding->about},
			   values, nulls);
	rows->put(rows->state, values, nulls);
	if (rows->row != NULL)
	{
		MemoryContextSwitchTo(outer);
		MemoryContextReset(rows->row);
	}
}

/* The structure of an interchange: envelopes, segments, elements of all its messages. */
static ClexStatus
RunInterchange(const Subject *subject, FindingRows *rows, RuleVerdict *verdict, ClexError *error)
{
	Workspace *workspace = subject->workspace;
	EdiReader reader;
	ClexStatus status = EdiReaderOpen(&reader, subject->interchange, &workspace->permanent,
									  &workspace->scratch, error);

	if (status != CLEX_OK)
		return status;
	while (EdiReaderNext(&reader))
		continue;
	if (reader.scanner.status != CLEX_OK)
		return reader.scanner.status;
	verdict->fatal += reader.fatal;
	verdict->warning += reader.warnings;
	for (uint32_t i = 0; rows != NULL && i < reader.findings.count; i++)
		PutDeviation(rows, &reader, &VectorAt(&reader.findings, EdiFinding, i));
	return CLEX_OK;
}

/* Run the sets of a plan over one document, which of an interchange may be one of many. */
static ClexStatus
RunSets(const Subject *subject, const CheckPlan *plan, uint32_t message, RuleRun *run,
		RuleVerdict *verdict, ClexError *error)
{
	FindingRows *rows = run->state;
	const Tree *source = run->tree;
	const uint64_t *traits;

	if (subject->messages != NULL)
	{
		source = subject->messages[message];
		if (rows != NULL)
		{
			rows->message = message + 1;
			rows->subject->tree = subject->messages[message];
		}
	}
	/* where this fails, the first run does too */
	traits = plan->count > 1 ? TraitsNote(source, run->permanent) : NULL;
	for (uint32_t i = 0; i < plan->count; i++)
	{
		ClexStatus status;

		CHECK_FOR_INTERRUPTS();
		run->tree =
			subject->messages != NULL ? source : SubjectTree(subject, RuleSetLayer(plan->sets[i]));
		run->traits = run->tree == source ? traits : NULL;
		status = RuleSetRun(plan->sets[i], run, verdict, error);
		if (status != CLEX_OK)
			return status;
	}
	return CLEX_OK;
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
	if (plan->interchange)
	{
		ClexStatus status = RunInterchange(subject, rows, verdict, error);

		if (status != CLEX_OK)
			return status;
	}
	if (subject->interchange.length > 0 && rows != NULL && plan->count > 0)
		PutNotice(rows, RuleSetLayer(plan->sets[0])->set, SEVERITY_INFORMATION, 0,
				  &(Finding){.notice = "NO-SOURCE-RULES",
							 .found = SpanFromCString(subject->format)});
	for (uint32_t m = 0; m < Max(subject->message_count, 1); m++)
	{
		ClexStatus status = RunSets(subject, plan, m, &run, verdict, error);

		if (status != CLEX_OK)
			return status;
	}
	/* a document that no set could be applied to has not been found valid */
	if (plan->count == 0 && plan->missing_count > 0 && !plan->interchange)
		verdict->processable = false;
	return CLEX_OK;
}
