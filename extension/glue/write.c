/*
 * write.c
 *		SQL functions from documents to bytes: write, convert, losses.
 *
 * A document is written in the backend's workspace.  What the format cannot say is known when it has
 * been written; option on_loss decides whether that stays quiet, gives a notice or is an error.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "core/codec/codec.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/limits.h"
#include "glue/loss.h"
#include "glue/read.h"
#include "glue/report.h"
#include "glue/workspace.h"

PG_FUNCTION_INFO_V1(clex_document_write);
PG_FUNCTION_INFO_V1(clex_content_convert);
PG_FUNCTION_INFO_V1(clex_document_losses);

/* The caller's options, palloc'd. */
typedef struct WriteOptions
{
	OnLoss on_loss;
	CodecOption *options;
	uint32 count;
} WriteOptions;

/* Report an error of the core after giving the workspace back. */
__attribute__((noreturn)) static void
Refuse(Workspace *workspace, const ClexError *error)
{
	WorkspaceClose(workspace);
	ReportError(error);
}

/* A value of the options as text: scalars as they are, objects and arrays as JSON. */
static Span
OptionText(JsonbValue *value)
{
	StringInfoData json;

	switch (value->type)
	{
		case jbvString:
			return TextArgument(PointerGetDatum(
				cstring_to_text_with_len(value->val.string.val, value->val.string.len)));
		case jbvBool:
			return value->val.boolean ? SPAN_LITERAL("true") : SPAN_LITERAL("false");
		case jbvNumeric:
			return SpanFromCString(numeric_normalize(value->val.numeric));
		case jbvBinary:
			initStringInfo(&json);
			(void) JsonbToCString(&json, value->val.binary.data, value->val.binary.len);
			return TextArgument(PointerGetDatum(cstring_to_text_with_len(json.data, json.len)));
		default:
			return SPAN_LITERAL("null");
	}
}

/* Take a jsonb object apart; what a format does with its members is the format's business. */
static WriteOptions
OptionsArgument(Datum datum)
{
	Jsonb *options = DatumGetJsonbP(datum);
	WriteOptions result = {LOSS_IGNORE, NULL, 0};
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue value;

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("options must be an object"),
				 errhint("For example '{\"on_loss\": \"error\"}'.")));
	if (JB_ROOT_COUNT(options) == 0)
		return result;
	result.options = palloc(JB_ROOT_COUNT(options) * sizeof(CodecOption));
	iterator = JsonbIteratorInit(&options->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		CodecOption *option = &result.options[result.count];

		if (token == WJB_KEY)
			option->key = OptionText(&value);
		else if (token == WJB_VALUE)
		{
			option->value = OptionText(&value);
			if (SpanEqualCString(option->key, "on_loss"))
				result.on_loss = OnLossOption(option->value);
			else
				result.count++;
		}
	}
	return result;
}

/* Write into the workspace and copy out. */
static Datum
WriteDocument(Workspace *workspace, const DocumentView *view, Span format,
			  const WriteOptions *options)
{
	WriteRequest request = {view, format, options->options, options->count};
	ClexError error = {0};
	Vector losses;
	Span content;
	Datum result;

	if (CodecWrite(&request, &workspace->permanent, &content,
				   options->on_loss == LOSS_IGNORE ? NULL : &losses, &error) != CLEX_OK)
		Refuse(workspace, &error);
	if (options->on_loss != LOSS_IGNORE)
		TellLosses(view, format, &losses, options->on_loss, "clex.losses()", &workspace->permanent);
	if (content.length > MaxAllocSize - VARHDRSZ)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("document of %zu bytes is too large for a bytea", content.length)));
	result = PointerGetDatum(cstring_to_text_with_len(content.data, (int) content.length));
	WorkspaceClose(workspace);
	return result;
}

/* clex.write(document, format text, options jsonb) -> bytea */
Datum
clex_document_write(PG_FUNCTION_ARGS)
{
	WriteOptions options = OptionsArgument(PG_GETARG_DATUM(2));
	Span format = TextArgument(PG_GETARG_DATUM(1));
	DocumentView view;

	DocumentFromDatum(PG_GETARG_DATUM(0), &view);
	PG_RETURN_DATUM(WriteDocument(WorkspaceOpen(), &view, format, &options));
}

/* Read content in the workspace; the image lies there too. */
static void
ReadContent(Workspace *workspace, Span content, Span to_format, DocumentView *view)
{
	ContentHash hash;
	const Codec *codec = CodecFind(to_format);
	ReadRequest request = {.content = content,
						   .limits = CurrentXmlLimits(),
						   .parser = workspace->parser};
	ClexError error = {0};
	Tree source;
	Span image;

	/* a format that does not show the source needs no hash of it */
	if (codec != NULL && codec->says_source)
	{
		HashContent(content, &hash);
		request.sha256 = SpanOf(hash.hex, sizeof(hash.hex));
	}
	if (ReadDocument(&request, &workspace->permanent, &source, &image, &error) != CLEX_OK ||
		DocumentOpen(image, view, &error) != CLEX_OK)
		Refuse(workspace, &error);
}

/* clex.convert(content bytea, to_format text, options jsonb) -> bytea */
Datum
clex_content_convert(PG_FUNCTION_ARGS)
{
	WriteOptions options = OptionsArgument(PG_GETARG_DATUM(2));
	Span format = TextArgument(PG_GETARG_DATUM(1));
	bytea *content = PG_GETARG_BYTEA_PP(0);
	Workspace *workspace = WorkspaceOpen();
	DocumentView view;

	ReadContent(workspace, SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)), format, &view);
	PG_RETURN_DATUM(WriteDocument(workspace, &view, format, &options));
}

/* clex.losses(document, to_format text) -> (term, path, value, reason) */
Datum
clex_document_losses(PG_FUNCTION_ARGS)
{
	Span format = TextArgument(PG_GETARG_DATUM(1));
	WriteRequest request = {.format = format};
	RowWriter rows;
	Workspace *workspace = WorkspaceOpen();
	ClexError error = {0};
	DocumentView view;
	Vector losses;
	Span content;

	DocumentFromDatum(PG_GETARG_DATUM(0), &view);
	request.document = &view;
	RowsOpen(&rows, fcinfo);
	if (CodecWrite(&request, &workspace->permanent, &content, &losses, &error) != CLEX_OK)
		Refuse(workspace, &error);
	PutLosses(&rows, &view, &losses, &workspace->permanent);
	WorkspaceClose(workspace);
	return (Datum) 0;
}
