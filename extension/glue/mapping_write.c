/*
 * mapping_write.c
 *		clex.write_mapped, clex.write_mapped_all, clex.mapping_losses: documents to CSV and positional files.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "core/codec/flat_write.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/limits.h"
#include "glue/loss.h"
#include "glue/payment.h"
#include "glue/report.h"
#include "glue/workspace.h"

PG_FUNCTION_INFO_V1(clex_mapped_write);
PG_FUNCTION_INFO_V1(clex_mapped_write_all);
PG_FUNCTION_INFO_V1(clex_mapped_losses);

/* A file being written: it lies in the workspace, each document in an arena of its own. */
typedef struct MappedFile
{
	Workspace *workspace;
	FlatWriter *writer;
	FlatLayout layout;
	OnLoss on_loss;
	Span format; /* csv or flat, for messages */
	Arena body;
} MappedFile;

static bool
FlagOf(Span key, const JsonbValue *value)
{
	if (value->type != jbvBool)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is neither true nor false", StringFromSpan(key))));
	return value->val.boolean;
}

static void
TakeLayout(void *state, Span key, const JsonbValue *value)
{
	MappedFile *file = state;
	Span given = JsonText(value);

	if (SpanEqualCString(key, "on_loss"))
		file->on_loss = OnLossOption(given.data != NULL ? given : SPAN_LITERAL("null"));
	else if (SpanEqualCString(key, "byte_order_mark"))
		file->layout.mark = FlagOf(key, value);
	else if (SpanEqualCString(key, "guard_formulas"))
		file->layout.guard = FlagOf(key, value);
	else if (SpanEqualCString(key, "line_end") &&
			 (SpanEqualCString(given, "crlf") || SpanEqualCString(given, "lf")))
		file->layout.line_end = given.length == 2 ? "\n" : "\r\n";
	else if (SpanEqualCString(key, "line_end"))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"line_end\" has no such value"), errhint("It is crlf or lf.")));
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown option \"%s\"", StringFromSpan(SpanCut(key, 60))),
				 errhint("Options are on_loss, line_end, byte_order_mark and guard_formulas.")));
}

/* Report an error of the core after giving the memory back. */
__attribute__((noreturn)) static void
Refuse(MappedFile *file, const ClexError *error)
{
	ArenaFree(&file->body);
	WorkspaceClose(file->workspace);
	ReportError(error);
}

/* Take mapping and options, and begin the file. */
static void
OpenFile(MappedFile *file, Jsonb *mapping, Jsonb *options)
{
	char *json = JsonbToCString(NULL, &mapping->root, VARSIZE(mapping));
	JsonbValue *format;
	ClexError error = {0};

	memset(file, 0, sizeof(*file));
	file->layout.line_end = "\r\n";
	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("options must be an object"),
				 errhint("For example '{\"on_loss\": \"error\"}'.")));
	EachMember(&options->root, TakeLayout, file);
	format = JB_ROOT_IS_OBJECT(mapping)
				 ? getKeyJsonValueFromContainer(&mapping->root, "format", strlen("format"), NULL)
				 : NULL;
	file->format = format != NULL && format->type == jbvString ? JsonText(format) : SpanOf("", 0);
	file->workspace = WorkspaceOpen();
	ArenaInit(&file->body, BackendEnv(CurrentMemoryContext), CurrentMemoryLimit());
	if (FlatWriterOpen(&file->writer, TextArgument(PointerGetDatum(cstring_to_text(json))),
					   file->layout, &file->workspace->permanent, &error) != CLEX_OK)
		Refuse(file, &error);
}

/* Add a document, and say what is lost of it. */
static void
AddDocument(MappedFile *file, Datum document, int number)
{
	ClexError error = {0};
	DocumentView view;
	Vector losses;

	DocumentFromDatum(document, &view);
	if (FlatWriterAdd(file->writer, &view, &file->body, &losses, &error) != CLEX_OK)
	{
		if (number > 0 && error.detail[0] == '\0')
			ClexDetail(&error, "Document %d.", number);
		Refuse(file, &error);
	}
	if (file->on_loss != LOSS_IGNORE)
		TellLosses(&view, file->format, &losses, file->on_loss, "clex.mapping_losses()",
				   &file->body);
	ArenaReset(&file->body);
}

static Datum
FinishFile(MappedFile *file)
{
	ClexError error = {0};
	Span content = {NULL, 0};
	Datum result;

	if (FlatWriterFinish(file->writer, &content, &error) != CLEX_OK)
		Refuse(file, &error);
	ArenaFree(&file->body);
	if (content.length > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("the file is larger than 1 GB")));
	result = PointerGetDatum(cstring_to_text_with_len(content.data, (int) content.length));
	WorkspaceClose(file->workspace);
	return result;
}

/* clex.write_mapped(document, mapping jsonb, options jsonb) -> bytea */
Datum
clex_mapped_write(PG_FUNCTION_ARGS)
{
	MappedFile file;

	OpenFile(&file, PG_GETARG_JSONB_P(1), PG_GETARG_JSONB_P(2));
	AddDocument(&file, PG_GETARG_DATUM(0), 0);
	PG_RETURN_DATUM(FinishFile(&file));
}

/* clex.write_mapped_all(documents[], mapping jsonb, options jsonb) -> bytea */
Datum
clex_mapped_write_all(PG_FUNCTION_ARGS)
{
	ArrayType *documents = PG_GETARG_ARRAYTYPE_P(0);
	ArrayIterator iterator;
	MappedFile file;
	int number = 0;
	Datum document;
	bool missing;

	if (array_contains_nulls(documents))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("a document of the array is null")));
	OpenFile(&file, PG_GETARG_JSONB_P(1), PG_GETARG_JSONB_P(2));
	iterator = array_create_iterator(documents, 0, NULL);
	while (array_iterate(iterator, &document, &missing))
	{
		CHECK_FOR_INTERRUPTS();
		AddDocument(&file, document, ++number);
	}
	array_free_iterator(iterator);
	PG_RETURN_DATUM(FinishFile(&file));
}

/* clex.mapping_losses(document, mapping jsonb, options jsonb) -> (term, path, value, reason) */
Datum
clex_mapped_losses(PG_FUNCTION_ARGS)
{
	ClexError error = {0};
	DocumentView view;
	MappedFile file;
	RowWriter rows;
	Vector losses;

	RowsOpen(&rows, fcinfo);
	OpenFile(&file, PG_GETARG_JSONB_P(1), PG_GETARG_JSONB_P(2));
	DocumentFromDatum(PG_GETARG_DATUM(0), &view);
	if (FlatWriterAdd(file.writer, &view, &file.body, &losses, &error) != CLEX_OK)
		Refuse(&file, &error);
	PutLosses(&rows, &view, &losses, &file.body);
	ArenaFree(&file.body);
	WorkspaceClose(file.workspace);
	return (Datum) 0;
}
