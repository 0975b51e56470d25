/*
 * edi_writer.h
 *		A document laid out as segments: private to the writers of EDIFACT and X12.
 *
 * The rows that bind a message when it is read place every term of a document, in instances of groups and
 * segments; these are put out in the order of the structure.  What a receiver makes of it is then known
 * by reading it: a node that does not come back as it was is a loss.
 */
#ifndef CLEX_CODEC_EDI_WRITER_H
#define CLEX_CODEC_EDI_WRITER_H

#include "core/codec/codec.h"
#include "core/codec/edi_bind.h"

#define EDI_NONE UINT32_MAX

/* A value of a segment; those of one segment are a list in the order of their places. */
typedef struct EdiCell
{
	Span text;
	uint32_t node;	/* of the document, 0: none */
	uint32_t extra; /* of the document, counted from 1; 0: none */
	uint32_t next;
	uint8_t element;
	uint8_t component;
	bool preset; /* a default: it may come back as a term that the document does not have */
	bool counts; /* the number of lines */
	bool blank;	 /* it says nothing: an extra may stand there instead */
} EdiCell;

typedef struct EdiPut
{
	uint32_t first; /* cell */
	uint32_t next;	/* segment of the same nest */
	uint32_t nest;
	uint32_t set;	/* siblings that were put in order together, 0: none were */
	uint32_t begin; /* in the output, if it is there ... */
	uint32_t end;
	uint16_t at;  /* node of the structure */
	bool owned;	  /* by an instance of a business group */
	bool dead;	  /* not to be written: it lacks what must be beside it */
	bool partial; /* an extra that stood in it does not go back */
} EdiPut;

/* An instance of a group of segments; 0 is the message. */
typedef struct EdiNest
{
	uint32_t parent;
	uint32_t next; /* of the same parent */
	uint32_t first_nest;
	uint32_t last_nest;
	uint32_t first_put; /* the trigger, but in the message */
	uint32_t last_put;
	uint32_t set; /* as of segments */
	uint16_t at;
	bool owned;
	bool dead;
	bool fixed; /* it stands even if it says nothing */
} EdiNest;

/* A rule and its node of the structure. */
typedef struct EdiSpot
{
	const EdiRule *rule;
	uint16_t at;
} EdiSpot;

/* Where a value went in the output: offsets ascend. */
typedef struct EdiTrace
{
	uint32_t offset;
	uint32_t node; /* EDI_NONE: a default or a count; with EDI_IS_EXTRA the number of an extra */
} EdiTrace;

#define EDI_IS_EXTRA 0x80000000u

/* What the envelopes say. */
typedef struct EdiAddresses
{
	Span sender;
	Span sender_qualifier;
	Span receiver;
	Span receiver_qualifier;
	Span reference;
	Span date; /* CCYYMMDD */
} EdiAddresses;

typedef struct EdiWriter
{
	WriteJob *job;
	EdiFamily family;
	const EdiUse *use;
	const char *release; /* as it is written */
	const EdiMessageFact *message;
	const EdiDirectoryFact *directory;
	Vector cells;
	Vector puts;
	Vector nests;
	Vector traces;
	uint32_t *nest_of; /* of each node that is an instance of a business group */
	uint32_t *put_of;
	uint32_t packed_line; /* the line asked for last, and its package */
	uint32_t package;
	uint32_t first_unit; /* node of a handling unit with a package of its own, 0: none */
	EdiSpot
		*spots; /* of the message by term: spots[first_spot[term]] .. first_spot[term + 1] - 1 */
	uint32_t first_spot[TERM_COUNT + 1];
	TermId placed_term; /* the last that found a place */
	uint32_t placed_parent;
	EdiSeparators separators;
	bool utf8;
	Span reference; /* of the message */
	Span date;		/* CCYYMMDD */
	uint32_t lines;
	bool same;	  /* the document was read from this message: what it did without is not added */
	bool returns; /* ... and extras go back */
	uint8_t *kept_out; /* by extra: WriteFate of one that does not go back after all, 0: it does */
	bool again;		   /* another one was kept out: the message is to be written without it */
	ClexStatus status;
} EdiWriter;

static inline const EdiNodeFact *
EdiWriterNode(const EdiWriter *w, uint16_t at)
{
	return &ClexEdiNodes[w->message->first_node + at];
}

static inline EdiCell *
EdiCellAt(const EdiWriter *w, uint32_t i)
{
	return &VectorAt(&w->cells, EdiCell, i);
}

static inline EdiPut *
EdiPutAt(const EdiWriter *w, uint32_t i)
{
	return &VectorAt(&w->puts, EdiPut, i);
}

static inline EdiNest *
EdiNestAt(const EdiWriter *w, uint32_t i)
{
	return &VectorAt(&w->nests, EdiNest, i);
}

/* The cell at a place, NULL if it is empty. */
extern EdiCell *EdiCellFind(const EdiWriter *w, const EdiPut *put, unsigned element,
							unsigned component);

/* Put a value at a place that is empty. */
extern void EdiCellSet(EdiWriter *w, uint32_t put, unsigned element, unsigned component, Span text,
					   uint32_t node);

/* Take the value at a place out; text without data: there is none. */
extern EdiCell EdiCellTake(EdiWriter *w, uint32_t put, unsigned element, unsigned component);

/* One more segment or group, EDI_NONE without memory; is there room for one more of a node? */
extern uint32_t EdiAddPut(EdiWriter *w, uint32_t nest, uint16_t at, bool owned);
extern uint32_t EdiAddNest(EdiWriter *w, uint32_t parent, uint16_t at, bool owned);
extern void EdiHangNest(EdiWriter *w, uint32_t nest, uint32_t parent); /* behind the others */
extern bool EdiHasRoom(const EdiWriter *w, uint32_t nest, uint16_t at);

/* Was the document read from this message, which did not have the count that stands in a segment? */
extern bool EdiDidWithout(const EdiWriter *w, uint16_t at);

/* A group that counts the lines, if the message has one. */
extern void EdiPlaceCount(EdiWriter *w);

/*
 * Packages of DESADV for the handling units of the document; numbers for those that have none; the one for
 * what a line (0: no line) says in a group `at`, EDI_NONE: none.
 */
extern void EdiPlaceUnits(EdiWriter *w);
extern void EdiNumberPackages(EdiWriter *w);
extern uint32_t EdiUnitOf(EdiWriter *w, uint16_t at, uint32_t line);

/* Put the levels of 856 into one another and number those that are alive. */
extern void EdiStackLevels(EdiWriter *w);

/* Give every term of the document its place; fates tell why one has none. */
extern void EdiPlaceTerms(EdiWriter *w);

/* Put extras back to their places; fates tell why one has none. */
extern void EdiPutExtras(EdiWriter *w);

/* Is there an extra to go back that says that in some segment of a tag? */
extern bool EdiExtraSays(const EdiWriter *w, EdiTag tag, unsigned element, unsigned component,
						 Span value);

/* Is a segment of the message made from what is in it, or around it, alone? */
extern bool EdiIsEnvelope(EdiTag tag);

/* Fill in what must stand beside terms, and drop what is not sound without what is missing. */
extern void EdiRepair(EdiWriter *w);

/* What the directory says of a value, NULL: there is no such element. */
extern const EdiElementFact *EdiElementFind(const EdiWriter *w, EdiTag tag, unsigned element,
											unsigned component);

/*
 * The value of a node as a rule spells it; NULL data if it cannot, and then the fate says why.
 */
extern Span EdiSpell(EdiWriter *w, const EdiRule *rule, uint32_t node, WriteFate *fate);

/* The scheme of a party beside it: agency or list; in X12 a qualifier.  The format of a date that is not CCYYMMDD. */
extern void EdiPutScheme(EdiWriter *w, uint32_t put, uint32_t party);
extern void EdiPutDateFormat(EdiWriter *w, uint32_t put, const EdiRule *rule, Span text);

/* The qualifier of an item number. */
extern Span EdiItemQualifier(const EdiRule *rule, Span number);

/* Is a text of the type of an element, and not too long or short? */
extern bool EdiFits(const EdiElementFact *fact, Span text);

/* The number of characters of a UTF-8 text, and its first so many. */
extern size_t EdiCharacters(Span text);
extern Span EdiFirstCharacters(Span text, size_t count);

/* Append a segment of the envelope or a count: `elements` are texts that need no release. */
extern void EdiAppendService(EdiWriter *w, const char *tag, const Span *elements, unsigned count);

/* Append a group, its segments and groups in the order of the structure; returns how many segments. */
extern uint32_t EdiAppendNest(EdiWriter *w, uint32_t index);

/* What the caller gave, or the document; errors: CLEX_INVALID for an option that cannot be. */
extern ClexStatus EdiTakeAddresses(EdiWriter *w, EdiAddresses *addresses, ClexError *error);

/* Append the interchange. */
extern void EdiWriteEdifact(EdiWriter *w, const EdiAddresses *addresses);
extern void EdiWriteX12(EdiWriter *w, const EdiAddresses *addresses);

/*
 * Read what was written: fates tell what does not come back, an error what is not sound.  Extras that do harm, or do not
 * come back, are kept out, and w->again is set: the message is to be written once more.
 */
extern ClexStatus EdiProve(EdiWriter *w, ClexError *error);

/* An extra, those in unsound segments, those that did not come back: they are kept out from now on. */
extern void EdiKeepOut(EdiWriter *w, uint32_t extra, WriteFate fate);
extern void EdiBlameFaults(EdiWriter *w, const EdiReader *reader);
extern void EdiProveExtras(EdiWriter *w, const DocumentView *again);

/* Lay the message out, append it and prove it; with extras, as often as it takes until those do no harm. */
extern ClexStatus EdiWriteOnce(EdiWriter *w, const EdiAddresses *addresses, ClexError *error);
extern ClexStatus EdiWriteReturning(EdiWriter *w, const EdiAddresses *addresses, ClexError *error);

#endif
