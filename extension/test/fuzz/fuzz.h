/*
 * fuzz.h
 *		What the fuzz targets share: one input split in two, an arena that ends, and a check that aborts.
 */
#ifndef CLEX_TEST_FUZZ_H
#define CLEX_TEST_FUZZ_H

#include "core/base/arena.h"

#include <stdio.h>
#include <stdlib.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_MEMORY ((size_t) 64 << 20)

/* An invariant: libFuzzer keeps the input that breaks it. */
static inline void
Must(bool good, const char *what)
{
	if (!good)
	{
		fprintf(stderr, "broken: %s\n", what);
		abort();
	}
}

/* A copy in a block of its very size, so that reading beyond it is seen. */
static inline Span
ExactCopy(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + (size == 0));

	if (size > 0)
		memcpy(copy, data, size);
	return SpanOf(copy, size);
}

/* What comes before the first byte `separator`; the rest, without it, stays in `input`. */
static inline Span
TakeUntil(Span *input, char separator)
{
	const char *at = input->length > 0 ? memchr(input->data, separator, input->length) : NULL;
	Span first = *input;

	if (at == NULL)
		*input = SpanOf(input->data + input->length, 0);
	else
	{
		first.length = (size_t) (at - input->data);
		*input = SpanOf(at + 1, input->length - first.length - 1);
	}
	return first;
}

#endif
