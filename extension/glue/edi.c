/*
 * edi.c
 *		clex.acknowledge: CONTRL, TA1 and 997; of UBL see application_response.c.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "core/codec/edi_ack.h"
#include "core/codec/edi_codec.h"
#include "glue/application_response.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/limits.h"
#include "glue/report.h"
#include "glue/workspace.h"

PG_FUNCTION_INFO_V1(clex_content_acknowledge);

__attribute__((noreturn)) static void
RaiseOption(const char *key, const char *wanted)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("option \"%s\" is not legal", key), errhint("It is %s.", wanted)));
}

/* A text of letters and digits, at most so long; with `digits` exactly so many digits. */
static Span
WordOption(const char *key, const JsonbValue *value, size_t length, bool digits, const char *wanted)
{
	Span text;

	if (value->type != jbvString)
		RaiseOption(key, wanted);
	text = SpanOf(pnstrdup(value->val.string.val, value->val.string.len), value->val.string.len);
	if (text.length == 0 || text.length > length || (digits && text.length != length))
		RaiseOption(key, wanted);
	for (size_t i = 0; i < text.length; i++)
	{
		char c = text.data[i];

		if (!(c >= '0' && c <= '9') &&
			(digits || !((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-')))
			RaiseOption(key, wanted);
	}
	return text;
}

static void
TakeOption(EdiAckOptions *options, const char *key, const JsonbValue *value)
{
	if (strcmp(key, "date") == 0)
		options->date = WordOption(key, value, 8, true, "eight digits, as \"20260131\"");
	else if (strcmp(key, "time") == 0)
		options->time = WordOption(key, value, 4, true, "four digits, as \"0930\"");
	else if (strcmp(key, "reference") == 0)
		options->reference = WordOption(key, value, 14, false, "up to 14 letters and digits");
	else if (strcmp(key, "strict") == 0 && value->type == jbvBool)
		options->strict = value->val.boolean;
	else if (strcmp(key, "strict") == 0)
		RaiseOption(key, "true or false");
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown option \"%s\"", key),
				 errhint("Options are date, time, reference and strict.")));
}

static EdiAckOptions
OptionsFromJsonb(Jsonb *json)
{
	EdiAckOptions options = {0};
	JsonbIterator *iterator = JsonbIteratorInit(&json->root);
	JsonbIteratorToken token;
	JsonbValue value;
	char *key = NULL;

	if (!JB_ROOT_IS_OBJECT(json))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("options must be a JSON object")));
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
		if (token == WJB_KEY)
			key = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE)
			TakeOption(&options, key, &value);
	return options;
}

/* acknowledge(content bytea, options jsonb) -> bytea */
Datum
clex_content_acknowledge(PG_FUNCTION_ARGS)
{
	bytea *argument = PG_GETARG_BYTEA_PP(0);
	Span content = SpanOf(VARDATA_ANY(argument), VARSIZE_ANY_EXHDR(argument));
	EdiAckOptions options = OptionsFromJsonb(PG_GETARG_JSONB_P(1));
	Workspace *workspace;
	ClexError error = {0};
	EdiReader reader;
	bytea *result = NULL;
	ClexStatus status;
	Text out;

	if (!LooksLikeEdi(content))
	{
		result = AcknowledgeUbl(content, &options);
		if (result == NULL)
			PG_RETURN_NULL();
		PG_RETURN_BYTEA_P(result);
	}
	workspace = WorkspaceOpen();
	TextInit(&out, &workspace->permanent);
	status =
		content.length > CurrentXmlLimits()->max_bytes
			? ClexFail(&error, CLEX_LIMIT, "the document has %zu bytes, more than the limit of %zu",
					   content.length, CurrentXmlLimits()->max_bytes)
			: EdiReaderOpen(&reader, content, &workspace->permanent, &workspace->scratch, &error);
	while (status == CLEX_OK && EdiReaderNext(&reader))
		continue;
	if (status == CLEX_OK)
		status = reader.scanner.status;
	if (status == CLEX_OK)
		status = EdiAcknowledge(&reader, &options, &out, &error);
	if (status == CLEX_OK && out.length > 0)
	{
		result = palloc(VARHDRSZ + out.length);
		SET_VARSIZE(result, VARHDRSZ + out.length);
		memcpy(VARDATA(result), out.data, out.length);
	}
	WorkspaceClose(workspace);
	if (status != CLEX_OK)
		ReportError(&error);
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(result);
}
