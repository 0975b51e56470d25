/*
 * read.c
 *		SQL functions that turn bytes into documents: detect, read, read_all.
 *
 * A document is read in the backend's workspace, which is emptied when its image is copied out or an
 * error is raised.
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "core/codec/detect.h"
#include "core/codec/edi_codec.h"
#include "core/codec/read.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/limits.h"
#include "glue/read.h"
#include "glue/report.h"
#include "glue/workspace.h"

PG_FUNCTION_INFO_V1(clex_content_detect);
PG_FUNCTION_INFO_V1(clex_content_read);
PG_FUNCTION_INFO_V1(clex_content_read_all);

void
HashContent(Span content, ContentHash *hash)
{
	static const char digits[] = "0123456789abcdef";
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
	bool good = context != NULL && pg_cryptohash_init(context) >= 0 &&
				pg_cryptohash_update(context, (const uint8 *) content.data, content.length) >= 0 &&
				pg_cryptohash_final(context, hash->digest, sizeof(hash->digest)) >= 0;

	pg_cryptohash_free(context);
	if (!good)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("could not compute the SHA-256 of a document")));
	for (int i = 0; i < PG_SHA256_DIGEST_LENGTH; i++)
	{
		hash->hex[2 * i] = digits[hash->digest[i] >> 4];
		hash->hex[2 * i + 1] = digits[hash->digest[i] & 15];
	}
}

/* Read a document into a value of the current context. */
static Datum
ReadContent(Span content, Span format)
{
	ContentHash hash;
	Workspace *workspace = WorkspaceOpen();
	ReadRequest request = {.content = content,
						   .format = format,
						   .limits = CurrentXmlLimits(),
						   .parser = workspace->parser};
	ClexError error = {0};
	Tree source;
	Span image;
	Datum result;

	HashContent(content, &hash);
	request.sha256 = SpanOf(hash.hex, sizeof(hash.hex));
	if (ReadDocument(&request, &workspace->permanent, &source, &image, &error) != CLEX_OK)
	{
		WorkspaceClose(workspace);
		ReportError(&error);
	}
	result = DocumentToDatum(image);
	WorkspaceClose(workspace);
	return result;
}

/* Content and format of read() and read_all(), the content detoasted once. */
static Datum
ReadArguments(FunctionCallInfo fcinfo)
{
	bytea *content = PG_GETARG_BYTEA_PP(0);
	Span format = PG_ARGISNULL(1) ? SpanOf(NULL, 0) : TextArgument(PG_GETARG_DATUM(1));

	return ReadContent(SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)), format);
}

/* clex.read(content bytea, format text) -> clex.document */
Datum
clex_content_read(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(ReadArguments(fcinfo));
}

/* A document as a row. */
static bool
PutDocument(void *state, Span image)
{
	ReturnSetInfo *result = state;
	Datum value = DocumentToDatum(image);
	bool null = false;

	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(result->setResult, result->setDesc, &value, &null);
	pfree(DatumGetPointer(value));
	return true;
}

static bool
PutMessage(void *state, const EdiReader *reader, Span image)
{
	(void) reader;
	return PutDocument(state, image);
}

/* Each message of an interchange or document of another file, one at a time. */
static void
ReadAll(Span content, Span format, ReturnSetInfo *result)
{
	ContentHash hash;
	Workspace *workspace = WorkspaceOpen();
	ReadRequest request = {.content = content, .format = format, .limits = CurrentXmlLimits()};
	ClexError error = {0};
	ClexStatus status;

	request.parser = workspace->parser;
	HashContent(content, &hash);
	request.sha256 = SpanOf(hash.hex, sizeof(hash.hex));
	if (LooksLikeEdi(content))
		status = EdiReadEach(&request, &workspace->permanent, &workspace->scratch, false,
							 PutMessage, result, &error);
	else
		status = ReadEach(&request, &workspace->permanent, PutDocument, result, &error);
	if (status != CLEX_OK)
	{
		WorkspaceClose(workspace);
		ReportError(&error);
	}
	WorkspaceClose(workspace);
}

/* clex.read_all(content bytea, format text) -> SETOF clex.document */
Datum
clex_content_read_all(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bytea *content;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	content = PG_GETARG_BYTEA_PP(0);
	ReadAll(SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)),
			PG_ARGISNULL(1) ? SpanOf(NULL, 0) : TextArgument(PG_GETARG_DATUM(1)), result);
	return (Datum) 0;
}

/* A column of detect(): NULL if unknown, or if the content's bytes there are not UTF-8. */
static void
SetDetected(Span value, int column, Datum *values, bool *nulls)
{
	nulls[column] =
		value.data == NULL || !pg_verify_mbstr(PG_UTF8, value.data, (int) value.length, true);
	if (!nulls[column])
		values[column] = PointerGetDatum(TextFromSpan(value));
}

void
DetectColumns(Span content, Datum *values, bool *nulls)
{
	Detected detected;
	Arena arena;

	ArenaInit(&arena, BackendEnv(CurrentMemoryContext), 0);
	if (DetectFormat(SpanOf(content.data, Min(content.length, DETECT_BYTES_AT_MOST)), &arena,
					 &detected) != CLEX_OK)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	SetDetected(detected.format, 0, values, nulls);
	SetDetected(detected.kind, 1, values, nulls);
	SetDetected(detected.version, 2, values, nulls);
	SetDetected(detected.profile, 3, values, nulls);
	SetDetected(detected.encoding, 4, values, nulls);
}

/* clex.detect(content bytea) -> (format, kind, version, profile, encoding) */
Datum
clex_content_detect(PG_FUNCTION_ARGS)
{
	bytea *head = PG_GETARG_BYTEA_P_SLICE(0, 0, DETECT_BYTES_AT_MOST);
	TupleDesc columns;
	Datum values[DETECT_COLUMNS] = {0};
	bool nulls[DETECT_COLUMNS];

	if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("clex.detect() must return a row")));
	DetectColumns(SpanOf(VARDATA_ANY(head), VARSIZE_ANY_EXHDR(head)), values, nulls);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(columns, values, nulls)));
}
