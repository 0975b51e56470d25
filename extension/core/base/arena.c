/*
 * arena.c
 *		Arenas, growing arrays and growing texts.
 */
#include "core/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct ArenaChunk
{
	ArenaChunk *older;
	size_t size; /* payload bytes */
};

#define CHUNK_HEADER ((sizeof(ArenaChunk) + ARENA_ALIGN - 1) & ~(size_t) (ARENA_ALIGN - 1))
/* The first aligned byte of a chunk's payload; one ARENA_ALIGN more than asked was allocated. */
static char *
ChunkPayload(ArenaChunk *chunk)
{
	uintptr_t p = (uintptr_t) chunk + CHUNK_HEADER;

	return (char *) ((p + ARENA_ALIGN - 1) & ~(uintptr_t) (ARENA_ALIGN - 1));
}

#define FIRST_CHUNK ((size_t) 16 * 1024)
#define LARGEST_DOUBLING ((size_t) 4 * 1024 * 1024)

static void *
PlainAlloc(void *context, size_t size)
{
	(void) context;
	return malloc(size);
}

static void
PlainRelease(void *context, void *pointer)
{
	(void) context;
	free(pointer);
}

const ClexEnv ClexPlainEnv = {PlainAlloc, PlainRelease, NULL, NULL, NULL};

void
ArenaInit(Arena *arena, const ClexEnv *env, size_t limit)
{
	memset(arena, 0, sizeof(*arena));
	arena->env = env;
	arena->limit = limit;
}

void
ArenaFree(Arena *arena)
{
	ArenaChunk *chunk = arena->chunks;

	while (chunk != NULL)
	{
		ArenaChunk *older = chunk->older;

		arena->env->release(arena->env->context, chunk);
		chunk = older;
	}
	arena->chunks = NULL;
	arena->start = arena->next = arena->end = NULL;
	arena->allocated = 0;
	arena->exhausted = false;
}

void
ArenaReset(Arena *arena)
{
	ArenaChunk *largest = arena->chunks;
	ArenaChunk *chunk;

	if (largest == NULL)
	{
		arena->exhausted = false;
		return;
	}
	for (chunk = arena->chunks; chunk != NULL; chunk = chunk->older)
		if (chunk->size > largest->size)
			largest = chunk;
	chunk = arena->chunks;
	while (chunk != NULL)
	{
		ArenaChunk *older = chunk->older;

		if (chunk != largest)
			arena->env->release(arena->env->context, chunk);
		chunk = older;
	}
	largest->older = NULL;
	arena->chunks = largest;
	arena->allocated = largest->size + CHUNK_HEADER;
	arena->start = arena->next = ChunkPayload(largest);
	arena->end = arena->next + largest->size;
	arena->exhausted = false;
}

void *
ArenaAllocSlow(Arena *arena, size_t size)
{
	size_t rounded = (size + ARENA_ALIGN - 1) & ~(size_t) (ARENA_ALIGN - 1);
	size_t payload = arena->chunks == NULL ? FIRST_CHUNK : arena->chunks->size * 2;
	ArenaChunk *chunk;
	void *p;

	if (arena->exhausted || rounded < size || rounded > SIZE_MAX / 2)
	{
		arena->exhausted = true;
		return NULL;
	}
	if (payload > LARGEST_DOUBLING)
		payload = LARGEST_DOUBLING;
	if (payload < rounded)
		payload = rounded;
	if (arena->limit > 0 && payload + CHUNK_HEADER > arena->limit - arena->allocated)
	{
		payload = rounded;
		if (arena->allocated > arena->limit ||
			payload + CHUNK_HEADER > arena->limit - arena->allocated)
		{
			arena->exhausted = true;
			if (arena->env->full != NULL)
				arena->env->full(arena->env->context, arena->limit);
			return NULL;
		}
	}
	chunk = arena->env->alloc(arena->env->context, payload + CHUNK_HEADER + ARENA_ALIGN);
	if (chunk == NULL)
	{
		arena->exhausted = true;
		return NULL;
	}
	/* a large block of its own goes behind the current chunk, which keeps its free tail */
	chunk->size = payload;
	arena->allocated += payload + CHUNK_HEADER;
	p = ChunkPayload(chunk);
	if (arena->chunks != NULL && payload == rounded &&
		(size_t) (arena->end - arena->next) > FIRST_CHUNK / 4)
	{
		chunk->older = arena->chunks->older;
		arena->chunks->older = chunk;
		return p;
	}
	chunk->older = arena->chunks;
	arena->chunks = chunk;
	arena->next = (char *) p + rounded;
	arena->end = (char *) p + payload;
	return p;
}

void *
ArenaAllocZero(Arena *arena, size_t size)
{
	void *p = ArenaAlloc(arena, size);

	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void *
ArenaAllocArray(Arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
	{
		arena->exhausted = true;
		return NULL;
	}
	return ArenaAlloc(arena, total);
}

Span
ArenaCopy(Arena *arena, Span s)
{
	char *p = ArenaAlloc(arena, s.length + 1);

	if (p == NULL)
		return (Span){NULL, 0};
	if (s.length > 0)
		memcpy(p, s.data, s.length);
	p[s.length] = '\0';
	return (Span){p, s.length};
}

char *
ArenaPrintf(Arena *arena, const char *format, ...)
{
	va_list args;
	int length;
	char *p;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0 || (p = ArenaAlloc(arena, (size_t) length + 1)) == NULL)
		return NULL;
	va_start(args, format);
	vsnprintf(p, (size_t) length + 1, format, args);
	va_end(args);
	return p;
}

void
VectorInit(Vector *vector, Arena *arena, uint32_t element)
{
	*vector = (Vector){.arena = arena, .element = element};
}

bool
VectorReserve(Vector *vector, uint32_t capacity)
{
	char *data;

	if (capacity <= vector->capacity)
		return true;
	data = ArenaAllocArray(vector->arena, capacity, vector->element);
	if (data == NULL)
		return false;
	if (vector->count > 0)
		memcpy(data, vector->data, (size_t) vector->count * vector->element);
	vector->data = data;
	vector->capacity = capacity;
	return true;
}

void
TextInit(Text *text, Arena *arena)
{
	*text = (Text){.arena = arena};
}

bool
TextReserve(Text *text, size_t extra)
{
	size_t needed = text->length + extra;
	size_t capacity = text->capacity < 128 ? 256 : text->capacity * 2;
	char *data;

	if (text->failed)
		return false;
	if (text->capacity - text->length >= extra)
		return true;
	if (capacity < needed)
		capacity = needed;
	data = needed < text->length ? NULL : ArenaAlloc(text->arena, capacity);
	if (data == NULL)
	{
		text->failed = true;
		return false;
	}
	if (text->length > 0)
		memcpy(data, text->data, text->length);
	text->data = data;
	text->capacity = capacity;
	return true;
}

void
TextAppendSlow(Text *text, const char *data, size_t length)
{
	if (!TextReserve(text, length))
		return;
	memcpy(text->data + text->length, data, length);
	text->length += length;
}

void
TextAppendf(Text *text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0 || !TextReserve(text, (size_t) length + 1))
		return;
	va_start(args, format);
	vsnprintf(text->data + text->length, (size_t) length + 1, format, args);
	va_end(args);
	text->length += (size_t) length;
}
