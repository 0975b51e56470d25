/*
 * notice.c
 *		clex.format_message and clex.message_arguments: sentences in the reader's language.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "core/notice/notice.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/report.h"
#include "glue/row.h"
#include "glue/workspace.h"

PG_FUNCTION_INFO_V1(clex_message_format);
PG_FUNCTION_INFO_V1(clex_message_arguments);

/* A string of a JSON value in UTF-8. */
static Span
JsonbSpan(const JsonbValue *value)
{
	char *utf8 = pg_server_to_any(value->val.string.val, value->val.string.len, PG_UTF8);

	return utf8 == value->val.string.val ? SpanOf(utf8, (size_t) value->val.string.len)
										 : SpanFromCString(utf8);
}

static void
RaiseArgument(const NoticeArgument *argument)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("argument \"%s\" of a message has a value of the wrong type",
					StringFromSpan(argument->name)),
			 errdetail(
				 "It must be a string, a number, a truth value, null, or an object with amount "
				 "and currency.")));
}

/* A plain value: what it is printed as. */
static void
SetScalar(NoticeArgument *argument, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			argument->type = NOTICE_TYPE_NOTHING;
			break;
		case jbvString:
			argument->type = NOTICE_TYPE_TEXT;
			argument->text = JsonbSpan(value);
			break;
		case jbvNumeric:
			argument->type = NOTICE_TYPE_NUMBER;
			argument->text = SpanFromCString(DatumGetCString(
				DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric))));
			break;
		case jbvBool:
			argument->type = NOTICE_TYPE_TEXT;
			argument->text = value->val.boolean ? SPAN_LITERAL("true") : SPAN_LITERAL("false");
			break;
		default:
			RaiseArgument(argument);
	}
}

/* A member of an amount; the number may also be a string, as many write them in JSON. */
static const JsonbValue *
AmountMember(JsonbContainer *container, const char *key, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(container, key, (int) strlen(key), value);
}

static void
SetAmount(NoticeArgument *argument, JsonbContainer *container)
{
	JsonbValue amount;
	JsonbValue currency;

	if (!JsonContainerIsObject(container) || JsonContainerSize(container) != 2 ||
		AmountMember(container, "amount", &amount) == NULL ||
		AmountMember(container, "currency", &currency) == NULL || currency.type != jbvString ||
		(amount.type != jbvString && amount.type != jbvNumeric && amount.type != jbvNull))
		RaiseArgument(argument);
	SetScalar(argument, &amount);
	if (argument->type != NOTICE_TYPE_NOTHING)
		argument->type = NOTICE_TYPE_AMOUNT;
	argument->currency = JsonbSpan(&currency);
}

/* The members of an object, in its order. */
static NoticeArgument *
ArgumentsFromJsonb(Jsonb *json, size_t *count)
{
	NoticeArgument *arguments;
	JsonbIterator *iterator = JsonbIteratorInit(&json->root);
	JsonbIteratorToken token;
	JsonbValue value;

	if (!JB_ROOT_IS_OBJECT(json))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("arguments of a message must be a JSON object")));
	*count = 0;
	arguments = palloc0(sizeof(NoticeArgument) * ((size_t) JB_ROOT_COUNT(json) + 1));
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		NoticeArgument *argument = &arguments[*count];

		if (token == WJB_KEY)
			argument->name = JsonbSpan(&value);
		else if (token == WJB_VALUE)
		{
			if (value.type == jbvBinary)
				SetAmount(argument, value.val.binary.data);
			else
				SetScalar(argument, &value);
			++*count;
		}
	}
	return arguments;
}

/* Parse in the workspace; the result is good until it is closed. */
static NoticePart *
ParsePattern(Workspace *workspace, Datum pattern)
{
	NoticePart *parts;
	ClexError error = {0};
	ClexStatus status = NoticeParse(TextArgument(pattern), &workspace->permanent, &parts, &error);

	if (status == CLEX_INVALID)
		ReportErrorAs(&error, ERRCODE_SYNTAX_ERROR, "");
	if (status != CLEX_OK)
		ReportError(&error);
	return parts;
}

/* format_message(pattern text, arguments jsonb, lang text) -> text */
Datum
clex_message_format(PG_FUNCTION_ARGS)
{
	size_t count;
	NoticeArgument *arguments = ArgumentsFromJsonb(PG_GETARG_JSONB_P(1), &count);
	Workspace *workspace = WorkspaceOpen();
	NoticePart *parts = ParsePattern(workspace, PG_GETARG_DATUM(0));
	ClexError error = {0};
	Span sentence;
	text *result;

	if (NoticeFormat(parts, arguments, count, TextArgument(PG_GETARG_DATUM(2)),
					 &workspace->permanent, &sentence, &error) != CLEX_OK)
		ReportError(&error);
	result = TextFromSpan(sentence);
	WorkspaceClose(workspace);
	PG_RETURN_TEXT_P(result);
}

static const char *const kind_names[] = {
	[NOTICE_VALUE] = "value",	 [NOTICE_NUMBER] = "number",   [NOTICE_INTEGER] = "number",
	[NOTICE_PERCENT] = "number", [NOTICE_CURRENCY] = "amount", [NOTICE_DATE] = "date",
	[NOTICE_PLURAL] = "number",	 [NOTICE_ORDINAL] = "number",  [NOTICE_SELECT] = "choice",
};

/* Rows of the arguments below some parts, in reading order; nesting is bounded by the parser. */
static void
ListArguments(RowWriter *rows, const NoticePart *parts)
{
	for (const NoticePart *part = parts; part != NULL; part = part->next)
	{
		if (part->kind == NOTICE_LITERAL || part->kind == NOTICE_POUND)
			continue;
		CHECK_FOR_INTERRUPTS();
		RowBegin(rows);
		RowSpan(rows, part->text);
		RowSpan(rows, SpanFromCString(kind_names[part->kind]));
		RowEnd(rows);
		for (const NoticeBranch *branch = part->branches; branch != NULL; branch = branch->next)
			ListArguments(rows, branch->parts);
	}
}

/* message_arguments(pattern text) -> rows: name, kind */
Datum
clex_message_arguments(PG_FUNCTION_ARGS)
{
	Workspace *workspace = WorkspaceOpen();
	NoticePart *parts = ParsePattern(workspace, PG_GETARG_DATUM(0));
	RowWriter rows;

	RowsOpen(&rows, fcinfo);
	ListArguments(&rows, parts);
	WorkspaceClose(workspace);
	return (Datum) 0;
}
