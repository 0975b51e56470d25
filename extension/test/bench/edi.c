/*
 * edi FILE COUNT: CPU seconds for COUNT copies of an interchange, the least of ten runs: cutting it into segments, checking its
 * structure, reading all its documents; and for looking at every byte.
 */
#include "core/codec/edi_codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double
Cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

/* Cut into segments, forgetting each hundred; the number of values. */
static size_t
Tokenise(Span content, Arena *arena)
{
	EdiScanner scanner;
	EdiSegment segment;
	ClexError error;
	size_t values = 0;

	if (EdiOpen(&scanner, content, arena, &error) != CLEX_OK)
		return 0;
	for (unsigned n = 0; EdiNext(&scanner, &segment); n++)
	{
		values += segment.value_count;
		if (n % 100 == 0)
			EdiForget(&scanner);
	}
	return values;
}

/* Envelopes, places and elements of all messages. */
static size_t
Check(Span content, Arena *arena, Arena *body)
{
	EdiReader reader;
	ClexError error;

	if (EdiReaderOpen(&reader, content, arena, body, &error) != CLEX_OK)
		return 0;
	while (EdiReaderNext(&reader))
		continue;
	return reader.messages.count;
}

static bool
CountImage(void *state, const EdiReader *reader, Span image)
{
	(void) reader;
	*(size_t *) state += image.length;
	return true;
}

/* All the way to stored documents; the bytes of their images. */
static size_t
Read(Span content, Arena *arena, Arena *body)
{
	ReadRequest request = {.content = content};
	ClexError error;
	size_t bytes = 0;

	return EdiReadEach(&request, arena, body, false, CountImage, &bytes, &error) == CLEX_OK ? bytes
																							: 0;
}

/* Bytes of the same memory read once: what nobody can beat. */
static unsigned
Sum(Span content)
{
	unsigned sum = 0;

	for (size_t i = 0; i < content.length; i++)
		sum = sum * 31 + (unsigned char) content.data[i];
	return sum;
}

int
main(int argc, char **argv)
{
	static char message[1 << 20];
	FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
	size_t length = file != NULL ? fread(message, 1, sizeof(message), file) : 0;
	size_t count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	char *content = malloc(length * count + 1);
	double best[4] = {1e9, 1e9, 1e9, 1e9};
	size_t done[4] = {0};

	if (length == 0 || count == 0 || content == NULL)
		return 1;
	for (size_t i = 0; i < count; i++)
		memcpy(content + i * length, message, length);
	for (int i = 0; i < 40; i++)
	{
		Span all = SpanOf(content, length * count);
		Arena arena;
		Arena body;
		double start;

		ArenaInit(&arena, &ClexPlainEnv, 0);
		ArenaInit(&body, &ClexPlainEnv, 0);
		start = Cpu();
		done[i % 4] = i % 4 == 0   ? Tokenise(all, &arena)
					  : i % 4 == 1 ? Check(all, &arena, &body)
					  : i % 4 == 2 ? Read(all, &arena, &body)
								   : Sum(all);
		if (Cpu() - start < best[i % 4])
			best[i % 4] = Cpu() - start;
		ArenaFree(&arena);
		ArenaFree(&body);
	}
	fprintf(stderr, "# %zu values, %zu messages, %zu bytes of images, checksum %zu\n", done[0],
			done[1], done[2], done[3]);
	printf("%.6f\t%.6f\t%.6f\t%.6f\t%zu\n", best[0], best[1], best[2], best[3], length * count);
	return done[0] == 0 || done[1] == 0 || done[2] == 0;
}
