/*
 * status.h
 *		How the core reports trouble.
 *
 * The core has no exceptions: every function that can fail returns a ClexStatus and, where it has
 * something to say, fills a ClexError that the caller owns.  The glue turns it into ereport().
 * Findings about a document are not errors; see rules/finding.h.
 */
#ifndef CLEX_BASE_STATUS_H
#define CLEX_BASE_STATUS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ClexStatus
{
	CLEX_OK = 0,
	CLEX_NO_MEMORY,	   /* the allocator gave up, or an arena reached its limit */
	CLEX_INTERRUPTED,  /* the interrupt probe said stop */
	CLEX_LIMIT,		   /* over a documented limit (size, depth, steps): SQLSTATE 54000 */
	CLEX_MALFORMED,	   /* the bytes are not what they claim to be */
	CLEX_UNSUPPORTED,  /* well formed, but nothing here reads it */
	CLEX_INVALID,	   /* an argument is outside its domain */
	CLEX_OUT_OF_RANGE, /* a result does not fit: SQLSTATE 22003 */
} ClexStatus;

#define CLEX_ERROR_TEXT 256

typedef struct ClexError
{
	ClexStatus status;
	uint32_t line;	 /* 1-based line of the input, 0 if unknown */
	uint64_t offset; /* byte offset or 1-based position in an expression, 0 if unknown */
	char message[CLEX_ERROR_TEXT];
	char detail[CLEX_ERROR_TEXT];
	char hint[CLEX_ERROR_TEXT];
} ClexError;

/* Set status and message (printf style, cut to fit); detail and hint become empty.  Returns status. */
extern ClexStatus ClexFail(ClexError *error, ClexStatus status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

extern ClexStatus ClexFailArgs(ClexError *error, ClexStatus status, const char *format,
							   va_list args) __attribute__((format(printf, 3, 0)));

/* Add a detail or a hint to an error set before.  A NULL error is ignored. */
extern void ClexDetail(ClexError *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
extern void ClexHint(ClexError *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* There is nothing in what was given to be read: the same sentence and hint in every reader. */
extern ClexStatus ClexFailEmpty(ClexError *error);

/* A short English name of a status, for tests and last-resort messages. */
extern const char *ClexStatusName(ClexStatus status);

#endif
