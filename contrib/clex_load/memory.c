/*
 * memory.c: allocation that never returns NULL, and the clock.
 *
 * What is allocated here is small; the contents of files are not, and files.c reports that they do
 * not fit.  The program ends when there is no memory left: the store and the journal are whole at
 * any moment.
 */
#include "load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Ends the program. */
static _Noreturn void
OutOfMemory(void)
{
	fputs("clex-load: there is not enough memory.\n", stderr);
	exit(EXIT_SERVER);
}

/* Memory of size bytes, zeroed; the caller frees it. */
void *
Allocate(size_t size)
{
	void *memory = calloc(1, size > 0 ? size : 1);

	if (memory == NULL)
		OutOfMemory();
	return memory;
}

/* Grows or shrinks memory as realloc() does. */
void *
Reallocate(void *memory, size_t size)
{
	void *moved = realloc(memory, size > 0 ? size : 1);

	if (moved == NULL)
		OutOfMemory();
	return moved;
}

/* A copy of text; the caller frees it. */
char *
Copy(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(Allocate(size), text, size);
}

/* Text as printf() makes it; the caller frees it. */
char *
Format(const char *format, ...)
{
	va_list arguments;
	int length;
	char *text;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	text = Allocate((size_t) length + 1);
	va_start(arguments, format);
	vsnprintf(text, (size_t) length + 1, format, arguments);
	va_end(arguments);
	return text;
}

/* Seconds since some moment before the program started. */
double
Now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}
