/*
 * xml_codec.h
 *		UBL and CII as formats: a reader driven by the binding tables.
 */
#ifndef CLEX_CODEC_XML_CODEC_H
#define CLEX_CODEC_XML_CODEC_H

#include "core/codec/codec.h"

extern ClexStatus XmlReadTerms(const ReadRequest *request, Arena *arena, Tree *source,
							   DocumentBuilder **builder, BindCounts *counts, ClexError *error);

#endif
