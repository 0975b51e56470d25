/*
 * read.c
 *		SQL functions that turn bytes into documents: detect, read, read_all.
 *
 * Each document is read in a memory context of its own, which goes as a whole when its image is
 * copied out or an error is raised.
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "core/codec/detect.h"
#include "core/codec/read.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/limits.h"
#include "glue/report.h"

#define SHA256_HEX (2 * PG_SHA256_DIGEST_LENGTH)

PG_FUNCTION_INFO_V1(clex_content_detect);
PG_FUNCTION_INFO_V1(clex_content_read);
PG_FUNCTION_INFO_V1(clex_content_read_all);

/* The SHA-256 of some bytes in hexadecimal, not terminated. */
static void
HashContent(Span content, char hex[SHA256_HEX])
{
	static const char digits[] = "0123456789abcdef";
	uint8 digest[PG_SHA256_DIGEST_LENGTH];
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
	bool good = context != NULL && pg_cryptohash_init(context) >= 0 &&
				pg_cryptohash_update(context, (const uint8 *) content.data, content.length) >= 0 &&
				pg_cryptohash_final(context, digest, sizeof(digest)) >= 0;

	pg_cryptohash_free(context);
	if (!good)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("could not compute the SHA-256 of a document")));
	for (int i = 0; i < PG_SHA256_DIGEST_LENGTH; i++)
	{
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
}

/* Read a document into a value of the current context. */
static Datum
ReadContent(Span content, Span format)
{
	MemoryContext memory =
		AllocSetContextCreate(CurrentMemoryContext, "clex read", ALLOCSET_DEFAULT_SIZES);
	char hex[SHA256_HEX];
	ReadRequest request = {.content = content, .format = format, .limits = CurrentXmlLimits()};
	ClexError error = {0};
	Arena arena;
	Tree source;
	Span image;
	Datum result;

	HashContent(content, hex);
	request.sha256 = SpanOf(hex, SHA256_HEX);
	ArenaInit(&arena, BackendEnv(memory), CurrentMemoryLimit());
	if (ReadDocument(&request, &arena, &source, &image, &error) != CLEX_OK)
	{
		MemoryContextDelete(memory);
		ReportError(&error);
	}
	result = DocumentToDatum(image);
	MemoryContextDelete(memory);
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

/* clex.read_all(content bytea, format text) -> SETOF clex.document: an XML file holds one. */
Datum
clex_content_read_all(PG_FUNCTION_ARGS)
{
	FuncCallContext *calls;

	if (SRF_IS_FIRSTCALL())
		SRF_FIRSTCALL_INIT();
	calls = SRF_PERCALL_SETUP();
	if (PG_ARGISNULL(0) || calls->call_cntr > 0)
		SRF_RETURN_DONE(calls);
	SRF_RETURN_NEXT(calls, ReadArguments(fcinfo));
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

/* clex.detect(content bytea) -> (format, kind, version, profile, encoding) */
Datum
clex_content_detect(PG_FUNCTION_ARGS)
{
	bytea *head = PG_GETARG_BYTEA_P_SLICE(0, 0, DETECT_BYTES_AT_MOST);
	Detected detected;
	Arena arena;
	TupleDesc columns;
	Datum values[5] = {0};
	bool nulls[5];

	if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("clex.detect() must return a row")));
	ArenaInit(&arena, BackendEnv(CurrentMemoryContext), 0);
	if (DetectFormat(SpanOf(VARDATA_ANY(head), VARSIZE_ANY_EXHDR(head)), &arena, &detected) !=
		CLEX_OK)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	SetDetected(detected.format, 0, values, nulls);
	SetDetected(detected.kind, 1, values, nulls);
	SetDetected(detected.version, 2, values, nulls);
	SetDetected(detected.profile, 3, values, nulls);
	SetDetected(detected.encoding, 4, values, nulls);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(columns, values, nulls)));
}
