/*
 * edi_bind.h
 *		From placed segments to business terms, by table.
 *
 * The tables of data/edi are compiled into rules, each at a node of a message's structure: where the value
 * stands in the segment, what the segment and the triggers of its groups must hold, the term, and how
 * many groups up the instances of its repeating business groups begin.
 */
#ifndef CLEX_CODEC_EDI_BIND_H
#define CLEX_CODEC_EDI_BIND_H

#include "core/codec/edi_reader.h"
#include "core/model/document.h"

typedef enum EdiConvert
{
	EDI_AS_IT_IS,
	EDI_DATE,
	EDI_NUMBER,	  /* a decimal comma becomes a point */
	EDI_CENTS,	  /* two implied decimals */
	EDI_PARTY,	  /* the scheme follows the identifier */
	EDI_ADDRESS,  /* so does that of an electronic address */
	EDI_ITEM,	  /* GTIN: scheme 0160 */
	EDI_CLASS,	  /* the qualifier is the scheme */
	EDI_TIME,	  /* of the day: HHMM or HHMMSS */
	EDI_SHORTAGE, /* a negative variance is what is missing */
	EDI_CODE,	  /* by a map */
} EdiConvert;

#define EDI_CONDITION_NOT 0x01	 /* none of the values */
#define EDI_CONDITION_BEST 0x02	 /* the first value that occurs at this node in the message */
#define EDI_CONDITION_EMPTY 0x04 /* nothing stands there */

typedef struct EdiCondition
{
	uint8_t up; /* 0: the segment; n: the trigger of the n-th group around it */
	uint8_t element;
	uint8_t component;
	uint8_t flags;
	uint16_t first_value;
	uint8_t value_count;
} EdiCondition;

#define EDI_SCOPES 2

typedef struct EdiRule
{
	TermId term;
	uint8_t convert;
	uint8_t map;	 /* of EDI_CODE */
	uint8_t element; /* 0: of a pair */
	uint8_t component;
	uint8_t last;				/* component that the text may go on to */
	uint8_t rank;				/* of its place among others of the term */
	uint8_t scope_count;		/* repeating groups around the term, the innermost first ... */
	uint8_t scopes[EDI_SCOPES]; /* ... begin: 0 at the segment, n at the n-th group around it */
	uint8_t pair;				/* kind of pairs + 1, 0: none */
	uint16_t first_value;		/* qualifiers of a pair */
	uint8_t value_count;
	uint8_t condition_count;
	uint16_t first_condition;
} EdiRule;

typedef struct EdiPairs
{
	EdiFamily family;
	EdiTag tag;
	uint8_t qualifier_element;
	uint8_t qualifier_component;
	uint8_t value_element;
	uint8_t value_component;
	uint8_t step;
	uint8_t count;
} EdiPairs;

typedef struct EdiMapRow
{
	uint8_t map;
	Span outer; /* "*": nothing else has a meaning */
	Span inner;
} EdiMapRow;

/* How a date is spelt in EDIFACT (data element 2379). */
typedef struct EdiDateFormat
{
	const char *code;
	const char *picture; /* of what a value begins with: CC, YY, MM, DD */
	uint8_t written;	 /* characters of a value that is written so; 0: none is */
} EdiDateFormat;

extern const EdiDateFormat ClexEdiDateFormats[];
extern const uint32_t ClexEdiDateFormatCount;

typedef struct EdiConstant
{
	EdiFamily family;
	EdiTag tag;
	uint8_t element; /* 0: any place */
	uint8_t component;
	bool always;
	bool preset;		  /* what a writer fills in is a term that its absence means too */
	bool credit_note;	  /* only of a credit note, whose type does not say so */
	const char *message;  /* type, empty: any */
	uint16_t first_value; /* "*": any */
	uint8_t value_count;
} EdiConstant;

extern const EdiRule ClexEdiRules[];
/* Rules of the node n of ClexEdiNodes: ClexEdiRuleStart[n] .. ClexEdiRuleStart[n + 1] - 1. */
extern const uint16_t ClexEdiRuleStart[];
extern const EdiCondition ClexEdiConditions[];
extern const Span ClexEdiBindValues[];
extern const EdiPairs ClexEdiPairs[];
extern const uint32_t ClexEdiPairsCount;
extern const EdiMapRow ClexEdiMapRows[];
extern const uint32_t ClexEdiMapRowCount;
extern const EdiConstant ClexEdiConstants[]; /* by family and segment */
extern const uint32_t ClexEdiConstantCount;

/* The first constant of a segment, if there is one at that place. */
static inline uint32_t
EdiFirstConstant(EdiFamily family, EdiTag tag)
{
	uint32_t low = 0;
	uint32_t high = ClexEdiConstantCount;

	while (low < high)
	{
		uint32_t middle = (low + high) / 2;
		const EdiConstant *fact = &ClexEdiConstants[middle];

		if (fact->family < family || (fact->family == family && fact->tag < tag))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#define EDI_NAMES 8

/* The element of the segment that a constant repeats ("=3"), 0: it is none of this kind. */
static inline unsigned
EdiRepeats(const EdiConstant *constant)
{
	Span value = ClexEdiBindValues[constant->first_value];

	return value.length == 2 && value.data[0] == '=' ? (unsigned) (value.data[1] - '0') : 0;
}

/* Does a constant stand in messages of a type? */
static inline bool
EdiIsFor(const EdiConstant *constant, Span type)
{
	return constant->message[0] == '\0' || SpanEqualCString(type, constant->message);
}

/* What envelopes take from documents of a kind, as paths of ViewResolve. */
typedef struct EdiRole
{
	const char *kind; /* DocumentKindName; "invoice" for credit notes too */
	const char *number;
	const char *date;
	const char *sender[EDI_NAMES]; /* NULL at the end */
	const char *recipient[EDI_NAMES];
	TermId lines; /* what CNT and CTT count */
} EdiRole;

/* A message whose terms are read and written. */
typedef struct EdiUse
{
	EdiFamily family;
	const char *release; /* of the structure */
	const char *type;
	const char *association; /* code in UNH, empty: none */
	const char *group;		 /* functional identifier in GS */
	const EdiRole *role;
} EdiUse;

extern const EdiRole ClexEdiRoles[];
extern const EdiUse ClexEdiUses[];
extern const uint32_t ClexEdiUseCount;

/* A rule that applies to a segment. */
typedef struct EdiCandidate
{
	const EdiRule *rule; /* NULL: beaten by a better one */
	uint32_t segment;
	uint32_t value;		/* first value of the text, in the scanner */
	uint32_t qualifier; /* of a pair, UINT32_MAX: none */
	uint32_t instance;	/* of the innermost repeating group, 0: none */
	uint32_t outer;		/* of the one around it */
	uint32_t rank;
	uint32_t handle; /* of the term in the document, 0: it is not added */
} EdiCandidate;

/*
 * The value of a candidate, converted; NULL data if it has no meaning there.  `spelling` is set if it says more than
 * that (the time of day behind a date), else its data is NULL.
 */
extern Span EdiConvertValue(const EdiReader *reader, Arena *arena, const EdiCandidate *c,
							Span *spelling);

/* The scheme that goes with it, NULL data if none does; the value that tells it is marked as used. */
extern Span EdiScheme(const EdiReader *reader, Arena *arena, const EdiCandidate *c);

/* Is the current message one whose terms are read? */
extern bool EdiIsBound(const EdiReader *reader);

/* How the terms of a message are known, by its type; NULL: they are not. */
extern const EdiUse *EdiUseOf(Span type);

/* The kind of the current message, one that is bound: of INVOIC and 810, invoice or credit note. */
extern DocumentKind EdiKind(const EdiReader *reader);

/* Is this segment, BGM or BIG, that of a credit note? */
extern bool EdiIsCreditNote(const EdiScanner *scanner, const EdiSegment *segment, Arena *arena);

/*
 * Bind the current message; texts that are not the input's own go to `arena`.  `builder` gets its terms and extras; `sha256` of the file and what the
 * envelopes say become provenance.  Errors: CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus EdiBind(EdiReader *reader, Span sha256, Arena *arena, DocumentBuilder *builder,
						  ClexError *error);

#endif
