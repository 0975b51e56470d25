/*
 * charset.h
 *		Single-byte character sets that text files come in.
 */
#ifndef CLEX_BASE_CHARSET_H
#define CLEX_BASE_CHARSET_H

#include <stdint.h>

/* The code point of a byte in Windows-1252, 0: not assigned.  ISO 8859-1 is the same beyond 9F. */
extern uint32_t Windows1252Point(unsigned char byte);

/* The same of ISO 8859-15; control characters of 80 to 9F are not assigned. */
extern uint32_t Iso8859_15Point(unsigned char byte);

#endif
