/*
 * json_codec.h
 *		Canonical JSON as a format to read and write.
 */
#ifndef CLEX_CODEC_JSON_CODEC_H
#define CLEX_CODEC_JSON_CODEC_H

#include "core/codec/codec.h"

extern ClexStatus JsonReadTerms(const ReadRequest *request, Arena *arena, Tree *source,
								DocumentBuilder **builder, BindCounts *counts, ClexError *error);
extern ClexStatus JsonWrite(WriteJob *job, ClexError *error);

/* Does it say that it is canonical JSON? */
extern bool IsOwnJson(Span content);

#endif
