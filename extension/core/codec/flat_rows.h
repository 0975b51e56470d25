/*
 * flat_rows.h
 *		The rows of CSV and positional files, and what is wrong with them.
 */
#ifndef CLEX_CODEC_FLAT_ROWS_H
#define CLEX_CODEC_FLAT_ROWS_H

#include "core/codec/flat_mapping.h"

typedef enum FlatSeverity
{
	FLAT_ERROR,
	FLAT_WARNING,
} FlatSeverity;

typedef struct FlatProblem
{
	const char *code; /* name of its message in data/messages/flat.messages */
	FlatSeverity severity;
	uint32_t row;  /* from 1, header rows included */
	uint32_t line; /* where it begins */
	Span column;   /* name of the field, or number of the cell; NULL data: of the row */
	Span found;
	Span expected;
} FlatProblem;

typedef struct FlatRows
{
	const FlatMapping *mapping;
	Span rest;
	bool windows; /* a byte is a character: of Windows-1252 ... */
	bool latin9;  /* ... or of ISO 8859-15 */
	bool wide;	  /* it was UTF-16 */
	uint32_t row;
	uint32_t line;		/* where the row begins */
	uint32_t next_line; /* where the next one does */
	uint32_t cells;
	Span cell[FLAT_MOST_FIELDS]; /* UTF-8; of a positional file the first holds the row */
	Arena *scratch;				 /* of one row; reset at the next */
	void (*problem)(void *state, const FlatProblem *problem);
	void *state;
	bool failed; /* out of memory */
} FlatRows;

extern void FlatRowsOpen(FlatRows *rows, const FlatMapping *mapping, Span content, Arena *scratch);
/* The next row that is not blank; false at the end.  Its cells live until the next call. */
extern bool FlatRowsNext(FlatRows *rows);
/* A part of a positional row: columns are characters, from 1.  Blanks around it are left out. */
extern Span FlatRowsPart(const FlatRows *rows, uint32_t start, uint32_t length);

extern void FlatTell(FlatRows *rows, const char *code, FlatSeverity severity, Span column,
					 Span found, Span expected);

#endif
