/*
 * flat_spell.h
 *		Values of documents as CSV and positional files have them.
 */
#ifndef CLEX_CODEC_FLAT_SPELL_H
#define CLEX_CODEC_FLAT_SPELL_H

#include "core/codec/codec.h"
#include "core/codec/flat_mapping.h"

/*
 * A value of a term as a field of the mapping holds it, in the arena, neither quoted nor padded with blanks.
 * *fate says what became of it: FATE_SAID, FATE_CUT or FATE_CHARACTERS; NULL data: the field cannot hold it, and
 * *fate says why, or there was no memory (FATE_UNSAID).  `guard`: an apostrophe before what a spreadsheet would run.
 */
extern Span FlatSpell(const FlatMapping *mapping, const FlatField *field, TermId term, Span value,
					  bool guard, Arena *arena, WriteFate *fate);

/* Append a cell, in quotes where it needs them. */
extern void FlatAppendCell(const FlatMapping *mapping, Span cell, Text *row);

/* Put a text into a positional row of blanks; columns are characters, from 1. */
extern void FlatPutPart(uint32_t *columns, uint32_t start, uint32_t length, Span text);

/* A file of UTF-8 in the encoding of the mapping, which has all of its characters; `mark`: with a byte order mark. */
extern ClexStatus FlatEncode(const FlatMapping *mapping, Span rows, bool mark, Text *out,
							 ClexError *error);

/* A text that a spreadsheet would run instead of show. */
extern bool FlatIsFormula(Span text);

#endif
