/*
 * edi_returns.h
 *		Extras on their way back into a message: private to the files that do it.
 */
#ifndef CLEX_CODEC_EDI_RETURNS_H
#define CLEX_CODEC_EDI_RETURNS_H

#include "core/codec/edi_writer.h"

#define EDI_MAX_STEPS 10
#define EDI_MAX_NUMBER (INT32_MAX / 16)

/* "SG2[3]": a group, or a segment, and which of them. */
typedef struct EdiStep
{
	Span name;
	uint32_t number;
} EdiStep;

/* The place that a path names: groups, the segment, and the value in it. */
typedef struct EdiPath
{
	EdiStep steps[EDI_MAX_STEPS];
	unsigned count;
	unsigned element;
	unsigned component;
} EdiPath;

/* Where the last extra went: the next one is beside it, or behind it. */
typedef struct EdiCursor
{
	uint32_t owner;
	uint32_t number;
	uint32_t index; /* of the group or segment, EDI_NONE: nothing is known */
	uint16_t at;
} EdiCursor;

typedef struct EdiReturns
{
	EdiWriter *w;
	const uint32_t *nodes; /* those of a term: first_of[term] .. first_of[term + 1] - 1 */
	const uint32_t *first_of;
	uint32_t *put_at; /* by node of the document: put + 1, 0: it is not written */
	uint32_t set;	  /* siblings that are put in order, counted */
	Vector made;	  /* uint32_t, nests that were made to keep a place */
	EdiCursor nests[EDI_MAX_STEPS];
	EdiCursor put;
} EdiReturns;

/* A group or segment among those beside it. */
typedef struct EdiSibling
{
	uint32_t *next;
	uint32_t *set;
	uint16_t at;
} EdiSibling;

static inline EdiSibling
EdiSiblingAt(const EdiWriter *w, bool group, uint32_t index)
{
	EdiNest *nest = group ? EdiNestAt(w, index) : NULL;
	EdiPut *put = group ? NULL : EdiPutAt(w, index);

	return group ? (EdiSibling){&nest->next, &nest->set, nest->at}
				 : (EdiSibling){&put->next, &put->set, put->at};
}

/* A number from 1 to `max`, a sign: taken off the beginning of a text; false if it does not begin so. */
extern bool EdiTakeNumber(Span *rest, unsigned max, unsigned *number);
extern bool EdiTakeChar(Span *rest, char c);

/* "/SG2[3]/LOC[2]": steps, as many as there are before a number, a blank or the end. */
extern bool EdiTakeSteps(Span *rest, EdiPath *path);

/* A group or segment of a group by its name, 0 if there is none. */
extern uint16_t EdiNodeNamed(const EdiWriter *w, uint16_t parent, Span name, bool group);

/*
 * The group or segment of a number among those of a node in a group, made behind the others if there are fewer and
 * `make` is said; or EDI_NONE.
 */
extern uint32_t EdiSeek(EdiWriter *w, EdiCursor *cursor, uint32_t owner, uint16_t at,
						uint32_t number, bool make);

/* The segment that a path leads to, made if need be; EDI_NONE: there is none, and `fate` says why. */
extern uint32_t EdiSeekSegment(EdiReturns *r, const EdiPath *path, WriteFate *fate);

#define EDI_MAX_PAIRS 16 /* as many as a segment of pairs.tsv has, and one more */

/* Bring the pairs of a segment into the order of some nodes of the document (0: room for another). */
extern void EdiArrangePairs(EdiWriter *w, uint32_t put, const uint32_t *nodes, unsigned count);

/* Move the pair of a term out of the way of an extra, to the first free place; false if there is none. */
extern bool EdiMovePair(EdiWriter *w, uint32_t put, unsigned element, unsigned component);

/*
 * The pair of a node that stood in a segment of its own, and is written into one with others, goes into its own, with the
 * same codes before it; EDI_NONE: the segment has no pairs.
 */
extern uint32_t EdiSplitPair(EdiReturns *r, uint32_t put, uint32_t node);

/* Bring groups and segments into the order that the provenance tells, with room for those that hold no terms. */
extern bool EdiRestoreOrder(EdiReturns *r);

#endif
