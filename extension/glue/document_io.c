/*
 * document_io.c
 *		Text and binary form of clex.document, and its cast to jsonb.
 *
 * The text form is canonical JSON; the binary form is the image as it is stored, which is the same on
 * every machine.  Both are checked completely on the way in.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "glue/compat.h"
#include "glue/document.h"
#include "glue/report.h"

PG_FUNCTION_INFO_V1(clex_document_in);
PG_FUNCTION_INFO_V1(clex_document_out);
PG_FUNCTION_INFO_V1(clex_document_recv);
PG_FUNCTION_INFO_V1(clex_document_send);
PG_FUNCTION_INFO_V1(clex_document_to_jsonb);

void
DocumentFromDatum(Datum datum, DocumentView *view)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);
	ClexError error;

	if (DocumentOpen(SpanOf(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)), view, &error) != CLEX_OK)
		ereport(ERROR,
				(errcode(error.status == CLEX_UNSUPPORTED ? ERRCODE_FEATURE_NOT_SUPPORTED
														  : ERRCODE_DATA_CORRUPTED),
				 errmsg("%s", error.message), error.hint[0] ? errhint("%s", error.hint) : 0));
}

Datum
DocumentToDatum(Span image)
{
	bytea *value = palloc(VARHDRSZ + image.length);

	SET_VARSIZE(value, VARHDRSZ + image.length);
	memcpy(VARDATA(value), image.data, image.length);
	return PointerGetDatum(value);
}

Span
TextArgument(Datum datum)
{
	text *value = DatumGetTextPP(datum);
	char *data = VARDATA_ANY(value);
	int length = (int) VARSIZE_ANY_EXHDR(value);
	char *utf8 = pg_server_to_any(data, length, PG_UTF8);

	return utf8 == data ? SpanOf(data, length) : SpanFromCString(utf8);
}

/* UTF-8 in the database's encoding; the same bytes where that is UTF-8. */
static Span
ServerSpan(Span utf8)
{
	char *server;

	if (utf8.length >= MaxAllocSize - VARHDRSZ)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("document is too large to be shown as text")));
	if (utf8.length == 0 || GetDatabaseEncoding() == PG_UTF8)
		return utf8;
	server = pg_any_to_server(utf8.data, (int) utf8.length, PG_UTF8);
	return server == utf8.data ? utf8 : SpanFromCString(server);
}

text *
TextFromSpan(Span utf8)
{
	Span server = ServerSpan(utf8);

	return cstring_to_text_with_len(server.data, (int) server.length);
}

char *
StringFromSpan(Span utf8)
{
	Span server = ServerSpan(utf8);

	return pnstrdup(server.length == 0 ? "" : server.data, server.length);
}

Datum
clex_document_in(PG_FUNCTION_ARGS)
{
	char *json = PG_GETARG_CSTRING(0);
	char *utf8 = pg_server_to_any(json, (int) strlen(json), PG_UTF8);
	ClexEnv *env = BackendEnv(CurrentMemoryContext);
	ClexError error;
	ClexStatus status;
	Arena arena;
	Span image;
	Datum result;

	ArenaInit(&arena, env, 0);
	status = DocumentFromJson(SpanFromCString(utf8), &arena, &image, &error);
	if (status == CLEX_MALFORMED || status == CLEX_INVALID)
	{
		ArenaFree(&arena);
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("%s", StringFromSpan(SpanFromCString(error.message))),
				 errdetail("%s", StringFromSpan(SpanFromCString(error.detail))),
				 error.hint[0] ? errhint("%s", error.hint) : 0));
	}
	if (status != CLEX_OK)
		ReportError(&error);
	result = DocumentToDatum(image);
	ArenaFree(&arena);
	PG_RETURN_DATUM(result);
}

/* The canonical JSON of a document, as a terminated string in the database's encoding. */
static char *
DocumentJson(Datum datum)
{
	DocumentView view;
	ClexError error;
	Arena arena;
	Text json;
	char *result;

	DocumentFromDatum(datum, &view);
	ArenaInit(&arena, BackendEnv(CurrentMemoryContext), 0);
	TextInit(&json, &arena);
	if (DocumentToJson(&view, &json, &error) != CLEX_OK)
		ReportError(&error);
	result = StringFromSpan(TextSpan(&json));
	ArenaFree(&arena);
	return result;
}

Datum
clex_document_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(DocumentJson(PG_GETARG_DATUM(0)));
}

Datum
clex_document_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	int length = message->len - message->cursor;
	const char *bytes = pq_getmsgbytes(message, length);
	ClexError error;

	if (DocumentVerify(SpanOf(bytes, length), &error) != CLEX_OK)
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION), errmsg("%s", error.message),
						error.detail[0] ? errdetail("%s", error.detail) : 0,
						error.hint[0] ? errhint("%s", error.hint) : 0));
	PG_RETURN_DATUM(DocumentToDatum(SpanOf(bytes, length)));
}

Datum
clex_document_send(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbytes(&message, VARDATA_ANY(value), (int) VARSIZE_ANY_EXHDR(value));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum
clex_document_to_jsonb(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(DocumentJson(PG_GETARG_DATUM(0))));
}
