/*
 * arena.h
 *		Memory of the core: grow-only chunks, freed all at once.
 *
 * The core never calls malloc.  Its owner passes a ClexEnv: an allocator that returns NULL when it
 * cannot (it must not longjmp: libxml2 may be on the stack), a release function and an interrupt
 * probe.  An arena refuses to grow past its limit; from then on it is `exhausted` and every
 * allocation returns NULL, so a caller may check once at the end of a batch of appends.
 */
#ifndef CLEX_BASE_ARENA_H
#define CLEX_BASE_ARENA_H

#include "core/base/span.h"
#include "core/base/status.h"

typedef struct ClexEnv
{
	void *(*alloc)(void *context, size_t size); /* NULL when out of memory */
	void (*release)(void *context, void *pointer);
	bool (*interrupted)(void *context); /* may be NULL */
	void *context;
	void (*full)(void *context, size_t limit); /* an arena reached its limit; may be NULL */
} ClexEnv;

/* malloc and free, no interrupts: for unit tests and tools. */
extern const ClexEnv ClexPlainEnv;

static inline bool
ClexInterrupted(const ClexEnv *env)
{
	return env->interrupted != NULL && env->interrupted(env->context);
}

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena
{
	const ClexEnv *env;
	ArenaChunk *chunks; /* newest first */
	char *start;		/* where next stands after a reset, NULL before */
	char *next;
	char *end;
	size_t allocated; /* bytes taken from env */
	size_t limit;	  /* 0 = none */
	bool exhausted;
} Arena;

/* Every allocation is aligned for __int128. */
#define ARENA_ALIGN 16

extern void ArenaInit(Arena *arena, const ClexEnv *env, size_t limit);
extern void ArenaFree(Arena *arena);

/* Forget everything but keep the largest chunk for reuse. */
extern void ArenaReset(Arena *arena);

/* The same where mostly nothing was allocated since the last time. */
static inline void
ArenaRewind(Arena *arena)
{
	if (arena->next != arena->start || arena->exhausted)
		ArenaReset(arena);
}

extern void *ArenaAllocSlow(Arena *arena, size_t size);

/* Uninitialised memory, or NULL. */
static inline void *
ArenaAlloc(Arena *arena, size_t size)
{
	size_t rounded = (size + ARENA_ALIGN - 1) & ~(size_t) (ARENA_ALIGN - 1);

	if (rounded >= size && (size_t) (arena->end - arena->next) >= rounded && arena->next != NULL)
	{
		void *p = arena->next;

		arena->next += rounded;
		return p;
	}
	return ArenaAllocSlow(arena, size);
}

extern void *ArenaAllocZero(Arena *arena, size_t size);
/* count * size, checked; NULL when it overflows. */
extern void *ArenaAllocArray(Arena *arena, size_t count, size_t size);
/* A terminated copy (length counts without the terminator), or a NULL data pointer. */
extern Span ArenaCopy(Arena *arena, Span s);
extern char *ArenaPrintf(Arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * A growing array in an arena: old storage is abandoned on growth (it doubles), which an arena can
 * afford.  `element` is the size of one element.  Returns the new element's address or NULL.
 */
typedef struct Vector
{
	Arena *arena;
	char *data;
	uint32_t count;
	uint32_t capacity;
	uint32_t element;
} Vector;

extern void VectorInit(Vector *vector, Arena *arena, uint32_t element);
extern bool VectorReserve(Vector *vector, uint32_t capacity);

static inline void *
VectorPush(Vector *vector)
{
	if (vector->count == vector->capacity &&
		!VectorReserve(vector, vector->capacity < 16 ? 16 : vector->capacity * 2))
		return NULL;
	return vector->data + (size_t) vector->count++ * vector->element;
}

#define VectorAt(vector, type, i) (((type *) (void *) (vector)->data)[i])

/* A growing byte string, same policy. */
typedef struct Text
{
	Arena *arena;
	char *data;
	size_t length;
	size_t capacity;
	bool failed;
} Text;

extern void TextInit(Text *text, Arena *arena);
extern bool TextReserve(Text *text, size_t extra);
extern void TextAppendSlow(Text *text, const char *data, size_t length);

/* Append; after a failure the text is `failed` and further appends do nothing. */
static inline void
TextAppend(Text *text, const char *data, size_t length)
{
	if (!text->failed && text->capacity - text->length >= length)
	{
		memcpy(text->data + text->length, data, length);
		text->length += length;
	}
	else
		TextAppendSlow(text, data, length);
}

static inline void
TextAppendSpan(Text *text, Span s)
{
	if (s.length > 0)
		TextAppend(text, s.data, s.length);
}

static inline void
TextAppendChar(Text *text, char c)
{
	TextAppend(text, &c, 1);
}

extern void TextAppendf(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline Span
TextSpan(const Text *text)
{
	return (Span){text->data, text->length};
}

#endif
