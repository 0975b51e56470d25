/* edi FILE COUNT: CPU seconds for cutting an interchange of COUNT copies of a message, the least of ten runs. */
#include "core/codec/edi_tokens.h"

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
	double best = 1e9;
	double read = 1e9;
	size_t values = 0;
	unsigned sum = 0;
	Arena arena;

	if (length == 0 || count == 0 || content == NULL)
		return 1;
	for (size_t i = 0; i < count; i++)
		memcpy(content + i * length, message, length);
	for (int i = 0; i < 10; i++)
	{
		double start = Cpu();

		sum += Sum(SpanOf(content, length * count));
		read = Cpu() - start < read ? Cpu() - start : read;
		ArenaInit(&arena, &ClexPlainEnv, 0);
		start = Cpu();
		values = Tokenise(SpanOf(content, length * count), &arena);
		best = Cpu() - start < best ? Cpu() - start : best;
		ArenaFree(&arena);
	}
	fprintf(stderr, "# %zu values, checksum %u\n", values, sum);
	printf("%.6f\t%.6f\t%zu\n", best, read, length * count);
	return values == 0;
}
