/*
 * edi_text.h
 *		Character sets of EDI: what a byte is worth, and what it becomes in UTF-8.
 */
#ifndef CLEX_CODEC_EDI_TEXT_H
#define CLEX_CODEC_EDI_TEXT_H

#include "core/codec/edi_tokens.h"

/* The upper half of a single-byte set by its name in data/edi/charsets.tsv, or NULL. */
extern const EdiHalf *EdiHalfOf(const char *syntax);

/* The character set that a syntax identifier declares, and its upper half. */
extern EdiCharset EdiCharsetOf(const char *syntax, const EdiHalf **half);

/* The class of every byte by the declared repertoire: EDI_VALUE_... bits. */
extern void EdiRepertoire(const char *syntax, EdiCharset charset, const EdiHalf *half,
						  uint8_t classes[256]);

extern bool EdiHasHighBytes(Span content);

#endif
