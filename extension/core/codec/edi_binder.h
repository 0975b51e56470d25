/*
 * edi_binder.h
 *		A message while its terms are bound: private to the files that do it.
 */
#ifndef CLEX_CODEC_EDI_BINDER_H
#define CLEX_CODEC_EDI_BINDER_H

#include "core/codec/edi_bind.h"
#include "core/codec/edi_derive.h"
#include "core/codec/edi_levels.h"

#define EDI_TAKEN 0x80 /* flag of a value that is a term */

/* The newest node of a group or repeating term. */
typedef struct EdiNewest
{
	uint32_t handle;
	uint32_t parent;
	uint32_t instance;
} EdiNewest;

typedef struct EdiBinder
{
	EdiReader *reader;
	Arena *arena; /* of the document */
	DocumentBuilder *builder;
	Vector candidates;
	uint32_t taken[TERM_COUNT]; /* index + 1 of the newest candidate */
	EdiNewest newest[TERM_COUNT];
	uint32_t *held; /* by segment: number of the first candidate that became a term + 1, 0: none */
	bool *extra;	/* by segment: an extra is in it ... */
	bool any_extra; /* ... or in any */
	EdiDerive derive;
	EdiLevels levels;
	ClexStatus status;
	uint32_t countdown;
} EdiBinder;

static inline const EdiPlaced *
EdiPlacedAt(const EdiReader *reader, uint32_t i)
{
	return &VectorAt(&reader->segments, EdiPlaced, i);
}

static inline const EdiFrame *
EdiFrameAt(const EdiReader *reader, uint32_t i)
{
	return &VectorAt(&reader->frames, EdiFrame, i);
}

/* The text of a value of the message, outer blanks gone. */
static inline Span
EdiTextOf(const EdiBinder *binder, const EdiValue *value)
{
	Span text = EdiText(&binder->reader->scanner, value, binder->arena);

	return text.data == NULL ? SpanOf("", 0) : text;
}

static inline bool
EdiIsOneOf(Span text, uint16_t first, uint8_t count, unsigned *index)
{
	for (uint8_t i = 0; i < count; i++)
		if (SpanEqual(text, ClexEdiBindValues[first + i]))
		{
			*index = i;
			return true;
		}
	return false;
}

/* Add what no term took: values that no constant recognises, and packages. */
extern void EdiBindRest(EdiBinder *binder);

/* Append the groups around a segment: "/SG25[3]/SG38[1]". */
extern void EdiAppendGroups(const EdiReader *reader, uint32_t frame, Text *path);

/* Note what stood beside extras, where the terms do not tell; false: out of memory. */
extern bool EdiBindOrder(EdiBinder *binder);

#endif
