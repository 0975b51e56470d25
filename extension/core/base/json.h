/*
 * json.h
 *		A pull scanner of JSON: the caller says what it wants next.
 *
 * It goes over UTF-8 that was checked before.  Every function steps over white space first and fails
 * with CLEX_MALFORMED and the place, or CLEX_NO_MEMORY.
 */
#ifndef CLEX_BASE_JSON_H
#define CLEX_BASE_JSON_H

#include "core/base/arena.h"

typedef struct JsonScanner
{
	const char *start;
	const char *p; /* the next character */
	const char *end;
	Arena *arena; /* of strings with escapes */
	ClexError *error;
} JsonScanner;

/* `text` must outlive the scanner and the strings read. */
extern JsonScanner JsonScannerOn(Span text, Arena *arena, ClexError *error);

/* Report trouble at a place of the input, with line, column (in characters) and what stands there. */
extern ClexStatus JsonFail(JsonScanner *json, const char *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

extern void JsonSkipSpace(JsonScanner *json);

/* The next character that is not white space, 0 at the end. */
extern char JsonPeek(JsonScanner *json);

extern ClexStatus JsonExpect(JsonScanner *json, char c);

/* A string: a slice of the input where it has no escapes, else in the arena. */
extern ClexStatus JsonString(JsonScanner *json, Span *string);

/* A number as it is written; no exponent. */
extern ClexStatus JsonNumber(JsonScanner *json, Span *number);

/*
 * Step to the next member of an object or array, whose brace or bracket was read; `close` ends it.
 * *more is false behind that.
 */
extern ClexStatus JsonNextMember(JsonScanner *json, char close, bool first, bool *more);

/* A key and its colon; *at is where the key stands. */
extern ClexStatus JsonKey(JsonScanner *json, Span *key, const char **at);

/* A string in quotes, appended; bytes from 0x80 on are UTF-8 and stay. */
extern void JsonAppendString(Text *out, Span s);

#endif
