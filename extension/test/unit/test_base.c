/* Arenas, vectors, texts and error texts. */
#include "core/base/arena.h"
#include "tap.h"

static void
CountFull(void *context, size_t limit)
{
	(void) limit;
	(*(int *) context)++;
}

static void
TestArena(void)
{
	int times = 0;
	ClexEnv env = ClexPlainEnv;
	Arena arena;
	Vector vector;
	Text text;
	bool aligned = true;
	uint64_t sum = 0;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	for (size_t i = 0; i < 2000; i++)
		aligned &= ((uintptr_t) ArenaAlloc(&arena, i) % ARENA_ALIGN) == 0;
	Ok(aligned, "allocations of 0 to 1999 bytes are aligned to %d", ARENA_ALIGN);
	Ok(ArenaAlloc(&arena, SIZE_MAX - 3) == NULL && arena.exhausted, "an absurd size is refused");
	ArenaReset(&arena);
	Ok(!arena.exhausted && ArenaAlloc(&arena, 100) != NULL, "usable again after a reset");
	VectorInit(&vector, &arena, sizeof(uint32_t));
	for (uint32_t i = 0; i < 100000; i++)
		*(uint32_t *) VectorPush(&vector) = i;
	for (uint32_t i = 0; i < 100000; i++)
		sum += VectorAt(&vector, uint32_t, i);
	Ok(sum == 4999950000u, "a vector keeps what was pushed");
	TextInit(&text, &arena);
	TextAppendf(&text, "%d-", 42);
	TextAppendSpan(&text, SPAN_LITERAL("end"));
	Ok(SpanEqualCString(TextSpan(&text), "42-end"), "a text grows by format and by span");
	ArenaFree(&arena);
	env.full = CountFull;
	env.context = &times;
	ArenaInit(&arena, &env, 100000);
	Ok(ArenaAlloc(&arena, 90000) != NULL && times == 0, "within the limit");
	Ok(ArenaAlloc(&arena, 90000) == NULL && arena.exhausted, "over the limit is refused");
	Ok(ArenaAlloc(&arena, 1) == NULL && times == 1, "and its environment told, once");
	ArenaFree(&arena);
}

static void
TestError(void)
{
	ClexError error;
	char big[600];

	memset(big, 'x', sizeof(big));
	memcpy(big + CLEX_ERROR_TEXT - 2, "\xC3\xA9", 2);
	big[sizeof(big) - 1] = '\0';
	ClexFail(&error, CLEX_LIMIT, "%s", big);
	Ok(error.status == CLEX_LIMIT, "the status is kept");
	Ok(strlen(error.message) == CLEX_ERROR_TEXT - 2, "a text is cut before a split character");
	Ok(ClexFail(NULL, CLEX_INVALID, "x") == CLEX_INVALID, "a NULL error is fine");
}

int
main(void)
{
	TestArena();
	TestError();
	return Done();
}
