/*
 * utf8.h
 *		Strict UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.
 */
#ifndef CLEX_BASE_UTF8_H
#define CLEX_BASE_UTF8_H

#include "core/base/span.h"

/* Bytes of the character at `s`, 0 if there is none or U+0000; `left` bytes, at least 1, may be read. */
extern size_t Utf8SequenceLength(const unsigned char *s, size_t left);

/* Bytes of the longest prefix that is UTF-8 without U+0000: s.length if all of it is. */
extern size_t Utf8ValidPrefix(Span s);

static inline bool
Utf8IsValid(Span s)
{
	return Utf8ValidPrefix(s) == s.length;
}

/* The beginning of a text, at most `bytes` long, cut before a character: for messages. */
static inline Span
Utf8Cut(Span s, size_t bytes)
{
	return SpanOf(s.data, Utf8ValidPrefix(SpanOf(s.data, s.length < bytes ? s.length : bytes)));
}

/* The code point of the first character of a text that is UTF-8 and not empty, and its bytes. */
extern uint32_t Utf8Point(Span s, size_t *bytes);

/* Characters of a text that is UTF-8. */
extern size_t Utf8Count(Span s);

/* Write one code point (not a surrogate, at most U+10FFFF); returns the bytes written, 1 to 4. */
extern int Utf8Encode(uint32_t code_point, char out[4]);

#endif
