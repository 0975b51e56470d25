/*
 * edi_tokens.h
 *		EDIFACT and X12 bytes cut into segments and values, nothing copied.
 *
 * A value is a component, or an element that is not composite, that is not empty; it points into the
 * input.  Release characters, line breaks and the character set are dealt with when its text is asked
 * for (EdiText), which most values need not be.  Separators come from UNA, or are the defaults, or
 * stand at fixed places of ISA; every interchange of a file may have its own.
 */
#ifndef CLEX_CODEC_EDI_TOKENS_H
#define CLEX_CODEC_EDI_TOKENS_H

#include "core/base/arena.h"

typedef enum EdiFamily
{
	EDI_EDIFACT,
	EDI_X12,
} EdiFamily;

/* Tags are compared as numbers: up to four characters, the first in the highest byte. */
typedef uint32_t EdiTag;

#define EDI_TAG(a, b, c)                                                                           \
	((EdiTag) (unsigned char) (a) << 24 | (EdiTag) (unsigned char) (b) << 16 |                     \
	 (EdiTag) (unsigned char) (c) << 8)

/* What a value holds besides plain characters; several are or-ed. */
#define EDI_VALUE_BREAK 0x01	/* a line break, which is no part of the text */
#define EDI_VALUE_HIGH 0x02		/* bytes above 127 */
#define EDI_VALUE_OUTSIDE 0x04	/* bytes that the declared repertoire does not have */
#define EDI_VALUE_RELEASED 0x08 /* release characters */
#define EDI_VALUE_CONTROL 0x10	/* control characters */
#define EDI_VALUE_REPEAT 0x20	/* a repetition of its element, not the first */
#define EDI_VALUE_USED 0x40		/* for the owner: something was made of it */

typedef struct EdiValue
{
	const char *data;
	uint32_t length;
	uint16_t element;  /* 1-based; 0: part of the tag */
	uint8_t component; /* 1-based */
	uint8_t flags;	   /* EDI_VALUE_... */
} EdiValue;

#define EDI_SEGMENT_INDENTED 0x01	  /* blanks before the tag */
#define EDI_SEGMENT_UNTERMINATED 0x02 /* the input ends within it */
#define EDI_SEGMENT_DANGLING 0x04	  /* the input ends behind a release character */
#define EDI_SEGMENT_CROWDED 0x08	  /* more elements or components than can be counted */

typedef struct EdiSegment
{
	EdiTag tag;			  /* 0: not two or three letters and digits */
	uint32_t offset;	  /* of the tag, in the content */
	uint32_t length;	  /* without the terminator */
	uint32_t first_value; /* in the scanner's values */
	uint32_t value_count;
	uint16_t element_count; /* with empty ones, without the tag */
	uint8_t flags;			/* EDI_SEGMENT_... */
} EdiSegment;

typedef struct EdiSeparators
{
	char component;
	char element;
	char segment;
	char release;	 /* '\0': none */
	char repetition; /* '\0': none */
	char decimal;
} EdiSeparators;

/* Character sets by the data element 0001; EDI_UNKNOWN_SET for one that nobody knows. */
typedef enum EdiCharset
{
	EDI_ASCII, /* UNOA, UNOB */
	EDI_UTF8,  /* UNOW, UNOX, UNOY, or found to be */
	EDI_SINGLE_BYTE,
	EDI_UNKNOWN_SET,
} EdiCharset;

/* One upper half of a single-byte set, generated from data/edi/charsets.tsv. */
typedef struct EdiHalf
{
	char syntax[8];
	uint16_t points[128]; /* of the bytes 128 .. 255; 0: not assigned */
} EdiHalf;

extern const EdiHalf ClexEdiHalves[];
extern const uint32_t ClexEdiHalfCount;

typedef struct EdiScanner
{
	Span content;
	const char *next;
	const char *end;
	Arena *arena;
	EdiFamily family;
	EdiSeparators separators;
	char syntax[5]; /* "UNOC"; empty before UNB and for X12 */
	EdiCharset charset;
	const EdiHalf *half; /* of EDI_SINGLE_BYTE */
	bool has_high;		 /* the content has bytes above 127 ... */
	bool is_utf8;		 /* ... and all of it is UTF-8 */
	bool has_mark;		 /* a byte order mark comes first */
	bool short_isa;		 /* the ISA read last is not of 106 characters */
	bool wide_lines;	 /* line breaks are text: the character set has them */
	uint8_t classes[256];
	Vector values;	   /* EdiValue, until EdiForget */
	ClexStatus status; /* why EdiNext ended: CLEX_OK at the end of the input */
	ClexError *error;
	uint32_t countdown; /* to the next interrupt probe */
} EdiScanner;

/*
 * Begin at the first UNA, UNB or ISA, after white space and a byte order mark.  `error` is kept for
 * EdiNext.  Errors: CLEX_MALFORMED (empty, no such beginning, separators that cannot be),
 * CLEX_LIMIT (over 4 GB), CLEX_NO_MEMORY.
 */
extern ClexStatus EdiOpen(EdiScanner *scanner, Span content, Arena *arena, ClexError *error);

/*
 * The next segment; false at the end and on errors (see scanner->status: as EdiOpen, and
 * CLEX_INTERRUPTED).  UNB sets the character set, a new UNA or ISA the separators.
 */
extern bool EdiNext(EdiScanner *scanner, EdiSegment *segment);

/* Drop the values read so far; segments that point at them are void. */
extern void EdiForget(EdiScanner *scanner);

static inline EdiValue *
EdiValueAt(const EdiScanner *scanner, uint32_t i)
{
	return &VectorAt(&scanner->values, EdiValue, i);
}

/* A value by its place, its first repetition; NULL if it is empty. */
extern EdiValue *EdiFind(const EdiScanner *scanner, const EdiSegment *segment, unsigned element,
						 unsigned component);

/*
 * The text of a value in UTF-8: the input itself where that will do, else new in the arena.  Bytes that
 * the character set does not have are read as Windows-1252 or become U+FFFD, so it is always valid.
 * Data is NULL when out of memory.
 */
extern Span EdiText(const EdiScanner *scanner, const EdiValue *value, Arena *arena);

/* The text at a place, empty if there is none. */
extern Span EdiTextAt(const EdiScanner *scanner, const EdiSegment *segment, unsigned element,
					  unsigned component, Arena *arena);

/* Where a value begins, in bytes from the start of the content. */
static inline uint32_t
EdiOffset(const EdiScanner *scanner, const EdiValue *value)
{
	return (uint32_t) (value->data - scanner->content.data);
}

/* A text made by ArenaPrintf, empty when out of memory. */
static inline Span
EdiPrinted(const char *text)
{
	return text == NULL ? SpanOf("", 0) : SpanFromCString(text);
}

/* "NAD" and its number; a tag of other length or signs is 0. */
extern EdiTag EdiTagOf(Span text);
extern void EdiTagText(EdiTag tag, char out[5]);

#endif
