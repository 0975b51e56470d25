/*
 * flat_compiler.h
 *		What the parts of the compiler of mappings share.
 */
#ifndef CLEX_CODEC_FLAT_COMPILER_H
#define CLEX_CODEC_FLAT_COMPILER_H

#include "core/codec/flat_mapping.h"
#include "core/codec/flat_node.h"

typedef struct FlatCompiler
{
	Arena *arena;
	ClexError *error;
	FlatMapping *mapping;
	FlatRecord *record;
	uint32_t errors; /* so far */
	ClexError first; /* of these, the one that stands first */
	const char *at;	 /* ... and where */
	const char *end; /* of the text: where what is missing stands */
	bool form_known; /* positional or not */
} FlatCompiler;

#define FLAT_RECORD_KEYS "fields|document|opens|terms|groups"

/* "mapping: WHAT "NAME"". */
extern ClexStatus FlatInvalid(FlatCompiler *c, const char *what, Span name);

extern ClexStatus FlatCompileNoMemory(FlatCompiler *c);

/*
 * After a piece of the mapping was compiled: an error in it is kept if it stands first, and the rest goes on.
 * `piece` is NULL for what is missing.
 */
extern ClexStatus FlatSettle(FlatCompiler *c, const FlatNode *piece, ClexStatus status);

/* Every key of an object is one of a list, "a|b|c". */
extern ClexStatus FlatCheckKeys(FlatCompiler *c, const FlatNode *node, const char *what,
								const char *keys);

/* A whole number from `least` on, at most a million. */
extern ClexStatus FlatWholeNumber(FlatCompiler *c, const FlatNode *node, const char *key,
								  uint32_t least, uint32_t *result);

/* ---- flat_record.c ---- */

/* A type of records: its fields, and what it says of them.  `type`: how it begins; empty: the only one. */
extern ClexStatus FlatCompileRecord(FlatCompiler *c, Span type, const FlatNode *node);

#endif
