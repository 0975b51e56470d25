/*
 * span.h
 *		A string by reference: bytes and length, not terminated, not owned.  Text is UTF-8.
 */
#ifndef CLEX_BASE_SPAN_H
#define CLEX_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Span
{
	const char *data;
	size_t length;
} Span;

#define SPAN_LITERAL(s) ((Span){(s), sizeof(s) - 1})

static inline Span
SpanOf(const char *data, size_t length)
{
	return (Span){data, length};
}

static inline Span
SpanFromCString(const char *s)
{
	return (Span){s, strlen(s)};
}

static inline bool
SpanEqual(Span a, Span b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool
SpanEqualCString(Span a, const char *s)
{
	size_t length = strlen(s);

	return a.length == length && (length == 0 || memcmp(a.data, s, length) == 0);
}

/* The white space of XML 1.0 and XPath: space, tab, line feed, carriage return. */
static inline bool
IsXmlSpace(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The span without leading and trailing XML white space. */
static inline Span
SpanTrim(Span s)
{
	while (s.length > 0 && IsXmlSpace(s.data[0]))
	{
		s.data++;
		s.length--;
	}
	while (s.length > 0 && IsXmlSpace(s.data[s.length - 1]))
		s.length--;
	return s;
}

/* At most `limit` bytes of a text, not ending within a UTF-8 character; for messages. */
static inline Span
SpanCut(Span s, size_t limit)
{
	if (s.length <= limit)
		return s;
	while (limit > 0 && ((unsigned char) s.data[limit] & 0xC0) == 0x80)
		limit--;
	return SpanOf(s.data, limit);
}

/* FNV-1a, for small in-memory tables: not for anything stored. */
static inline uint32_t
SpanHash(Span s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.length; i++)
		h = (h ^ (unsigned char) s.data[i]) * 16777619u;
	return h;
}

#endif
