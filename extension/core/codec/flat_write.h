/*
 * flat_write.h
 *		CSV and positional files of documents by a mapping: the way back of flat_read.h.
 */
#ifndef CLEX_CODEC_FLAT_WRITE_H
#define CLEX_CODEC_FLAT_WRITE_H

#include "core/codec/codec.h"
#include "core/codec/flat_mapping.h"

typedef struct FlatLayout
{
	const char *line_end; /* "\r\n" or "\n" */
	bool mark;			  /* UTF-8 begins with a byte order mark */
	bool guard;			  /* an apostrophe before texts that a spreadsheet would run */
} FlatLayout;

typedef struct FlatWriter FlatWriter;

/* Begin a file.  `mapping` is JSON in UTF-8; all of it lives in the arena.  Errors as of FlatMappingCompile. */
extern ClexStatus FlatWriterOpen(FlatWriter **writer, Span mapping, FlatLayout layout, Arena *arena,
								 ClexError *error);

/*
 * Add the rows of a document; `losses`, a Vector of Loss, is set up here.  Memory of the document is taken from
 * `body`, which may be reset afterwards.  Errors: CLEX_UNSUPPORTED (a kind that mappings do not have, or that
 * this one cannot say), CLEX_INVALID (it would be read as a part of the document before it, or as several),
 * CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus FlatWriterAdd(FlatWriter *writer, const DocumentView *document, Arena *body,
								Vector *losses, ClexError *error);

/* The file, in the writer's arena. */
extern ClexStatus FlatWriterFinish(FlatWriter *writer, Span *content, ClexError *error);

#endif
