/*
 * statement FILE MEGABYTES: CPU seconds for reading a statement file of that size, made of copies of a sample,
 * the least of five runs; for looking at every byte of it; and the memory that reading took.
 */
#include "core/statement/statement.h"

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

static void
CountEntry(void *state, const Statement *statement, const StatementEntry *entry)
{
	(void) statement;
	(void) entry;
	++*(size_t *) state;
}

/* Read all; the number of entries, 0 on an error. */
static size_t
Read(Span content, const char *format, size_t *memory)
{
	size_t entries = 0;
	StatementSink sink = {.entry = CountEntry, .state = &entries};
	StatementRequest request = {.content = content, .format = format, .sink = &sink};
	ClexError error;
	Arena arena;
	Arena scratch;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
	request.arena = &arena;
	request.scratch = &scratch;
	if (StatementRead(&request, &error) != CLEX_OK)
		entries = 0;
	*memory = arena.allocated + scratch.allocated;
	ArenaFree(&arena);
	ArenaFree(&scratch);
	return entries;
}

int
main(int argc, char **argv)
{
	static char sample[1 << 16];
	FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
	size_t length = file != NULL ? fread(sample, 1, sizeof(sample), file) : 0;
	size_t count = length > 0 ? (strtoul(argv[2], NULL, 10) << 20) / length : 0;
	char *content = malloc(length * count + 1);
	double best = 1e9;
	double look = 1e9;
	size_t entries = 0;
	size_t memory = 0;
	unsigned sum = 0;

	if (count == 0 || content == NULL)
		return 1;
	for (size_t i = 0; i < count; i++)
		memcpy(content + i * length, sample, length);
	for (int i = 0; i < 5; i++)
	{
		double start = Cpu();
		double took;

		for (size_t k = 0; k < length * count; k++)
			sum = sum * 31 + (unsigned char) content[k];
		took = Cpu() - start;
		look = took < look ? took : look;
		start = Cpu();
		entries =
			Read(SpanOf(content, length * count), sample[0] == ':' ? "mt940" : "cfonb120", &memory);
		took = Cpu() - start;
		best = took < best ? took : best;
	}
	printf("%f %f %zu %zu %zu %u\n", best, look, length * count, entries, memory, sum & 1);
	free(content);
	return entries == 0;
}
