/*
 * flat_read.h
 *		Documents of CSV and positional files by a mapping.
 */
#ifndef CLEX_CODEC_FLAT_READ_H
#define CLEX_CODEC_FLAT_READ_H

#include "core/codec/flat_rows.h"

/* A value on its way from a row to a document, for previews. */
typedef struct FlatValue
{
	uint32_t row;
	uint32_t line;
	uint32_t document; /* from 1 */
	TermId term;
	Span expression;
	Span value;
} FlatValue;

/* Texts live until the function returns.  A NULL function is not called. */
typedef struct FlatSink
{
	void (*document)(void *state, uint32_t number, uint32_t first_row, uint32_t last_row,
					 Span image);
	void (*value)(void *state, const FlatValue *value);
	void (*problem)(void *state, const FlatProblem *problem);
	void *state;
} FlatSink;

typedef struct FlatRequest
{
	Span content;
	Span mapping;				 /* JSON in UTF-8 */
	const FlatMapping *compiled; /* instead of it; NULL: compile it */
	bool strict;				 /* end at the first error */
	uint32_t rows;				 /* no more than these, header rows included; 0: all */
	Arena *arena;				 /* for the length of the call */
	Arena *scratch;
	const FlatSink *sink;
} FlatRequest;

/*
 * Read all documents.  Each goes to the sink when it is complete: memory is that of one document, but for
 * UTF-16.  Errors: CLEX_INVALID (the mapping, or a byte order mark that it misses), CLEX_MALFORMED (strict:
 * the first error, with line; no document), CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus FlatRead(const FlatRequest *request, ClexError *error);

extern const char *FlatSeverityName(FlatSeverity severity);

#endif
