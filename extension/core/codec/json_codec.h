/*
 * json_codec.h
 *		Canonical JSON as a format to write.
 */
#ifndef CLEX_CODEC_JSON_CODEC_H
#define CLEX_CODEC_JSON_CODEC_H

#include "core/codec/codec.h"

extern ClexStatus JsonWrite(WriteJob *job, ClexError *error);

#endif
