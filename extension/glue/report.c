/*
 * report.c
 *		The core's environment inside a backend, and its errors as ereport().
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "glue/compat.h"
#include "glue/report.h"

static void *
BackendAlloc(void *context, size_t size)
{
	return MemoryContextAllocExtended((MemoryContext) context, size,
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
}

static void
BackendRelease(void *context, void *pointer)
{
	(void) context;
	pfree(pointer);
}

/* The limit that an arena reached since the call began; 0: none did. */
static size_t limit_reached = 0;

static void
BackendFull(void *context, size_t limit)
{
	(void) context;
	limit_reached = limit;
}

void
BackendForgetLimit(void)
{
	limit_reached = 0;
}

void
ExplainLimit(ClexError *error)
{
	if (error->status == CLEX_NO_MEMORY && limit_reached > 0)
	{
		ClexFail(error, CLEX_LIMIT, "more than %zu kB of memory would be needed",
				 limit_reached / 1024);
		ClexHint(error, "Setting clex.max_memory says how much a document may take.");
	}
	limit_reached = 0;
}

static bool
BackendInterrupted(void *context)
{
	(void) context;
	return InterruptPending && (QueryCancelPending || ProcDiePending);
}

ClexEnv *
BackendEnv(MemoryContext context)
{
	ClexEnv *env = MemoryContextAlloc(context, sizeof(ClexEnv));

	env->alloc = BackendAlloc;
	env->release = BackendRelease;
	env->interrupted = BackendInterrupted;
	env->context = context;
	env->full = BackendFull;
	BackendForgetLimit();
	return env;
}

int
StatusSqlState(ClexStatus status)
{
	switch (status)
	{
		case CLEX_NO_MEMORY:
			return ERRCODE_OUT_OF_MEMORY;
		case CLEX_INTERRUPTED:
			return ERRCODE_QUERY_CANCELED;
		case CLEX_LIMIT:
			return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
		case CLEX_MALFORMED:
			return ERRCODE_INVALID_XML_DOCUMENT;
		case CLEX_UNSUPPORTED:
			return ERRCODE_FEATURE_NOT_SUPPORTED;
		case CLEX_INVALID:
			return ERRCODE_INVALID_PARAMETER_VALUE;
		case CLEX_OUT_OF_RANGE:
			return ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
		case CLEX_OK:
			break;
	}
	return ERRCODE_INTERNAL_ERROR;
}

/* The core speaks UTF-8; messages are in the encoding of the database. */
static const char *
ServerText(const char *utf8)
{
	return pg_any_to_server(utf8, (int) strlen(utf8), PG_UTF8);
}

void
ReportError(const ClexError *error)
{
	ReportErrorAs(error, StatusSqlState(error->status), "");
}

void
ReportErrorAs(const ClexError *error, int sqlstate, const char *before)
{
	ClexError e = *error;

	CHECK_FOR_INTERRUPTS();
	ExplainLimit(&e);
	if (e.status != error->status)
		sqlstate = StatusSqlState(e.status);
	ereport(ERROR, (errcode(sqlstate),
					errmsg("%s%s", before,
						   e.message[0] ? ServerText(e.message) : ClexStatusName(e.status)),
					e.detail[0] ? errdetail("%s", ServerText(e.detail)) : 0,
					e.hint[0] ? errhint("%s", ServerText(e.hint)) : 0));
	pg_unreachable();
}
