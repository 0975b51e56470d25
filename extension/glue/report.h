/*
 * report.h
 *		The core's environment inside a backend, and its errors as ereport().
 */
#ifndef CLEX_GLUE_REPORT_H
#define CLEX_GLUE_REPORT_H

#include "core/base/arena.h"

/*
 * An environment that allocates in a memory context of the caller's (NULL when out of memory, never
 * a longjmp) and whose interrupt probe sees a pending cancel or termination.  The environment itself
 * lives in that context; deleting the context frees all that the core took from it.
 */
extern ClexEnv *BackendEnv(MemoryContext context);

/* Forget that an arena reached its limit: a new call begins.  BackendEnv() does it too. */
extern void BackendForgetLimit(void);

/*
 * An error of memory that the limit of an arena made, and not the server, becomes CLEX_LIMIT; any other is left as it
 * is.
 */
extern void ExplainLimit(ClexError *error);

/* The SQLSTATE of a status. */
extern int StatusSqlState(ClexStatus status);

/* Raise an error of the core: message, detail, hint.  Runs pending interrupts first. */
extern void ReportError(const ClexError *error) __attribute__((noreturn));

/* The same with an SQLSTATE of the caller's choice, and words before the message. */
extern void ReportErrorAs(const ClexError *error, int sqlstate, const char *before)
	__attribute__((noreturn));

#endif
