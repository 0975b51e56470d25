/*
 * tap.h
 *		The smallest TAP producer: plan at the end, one line a check.
 */
#ifndef CLEX_TEST_TAP_H
#define CLEX_TEST_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count = 0;
static int tap_failed = 0;

__attribute__((format(printf, 2, 3))) static inline bool
Ok(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	if (!good)
		tap_failed++;
	return good;
}

static inline bool
Is(const char *got, const char *expected, const char *what)
{
	bool good = strcmp(got, expected) == 0;

	Ok(good, "%s", what);
	if (!good)
		printf("# got      \"%s\"\n# expected \"%s\"\n", got, expected);
	return good;
}

static inline int
Done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed == 0 ? 0 : 1;
}

#endif
