/*
 * detect.h
 *		What a file is, from its first bytes.
 *
 * Nothing is parsed: magic bytes, or the root element of XML with its namespace, looked up in
 * data/formats.tsv.  The answer is a guess good enough to choose a reader, which then decides.
 */
#ifndef CLEX_CODEC_DETECT_H
#define CLEX_CODEC_DETECT_H

#include "core/base/arena.h"

#define DETECT_BYTES 4096		   /* as much of the content is looked at */
#define DETECT_BYTES_AT_MOST 65536 /* ... or as much, where the root element comes late */

typedef enum FormatTest
{
	FORMAT_BY_ROOT,
	FORMAT_BY_MAGIC,
	FORMAT_BY_LINE,	  /* a line begins so */
	FORMAT_BY_FIRST,  /* the first line holds it */
	FORMAT_BY_FORM,	  /* the beginning has this form: # a digit, ? any character */
	FORMAT_BY_TABLE,  /* the first line has cells */
	FORMAT_BY_MEMBER, /* a JSON object whose first key is this */
	FORMAT_BY_JSON,	  /* a JSON object whose beginning holds it */
	FORMAT_BY_SIGNED, /* a CMS signature around a file whose beginning holds it */
} FormatTest;

typedef struct FormatFact
{
	uint8_t test;
	bool prefix; /* `what` is the beginning of a namespace; empty: any root */
	Span what;
	Span local; /* empty: any */
	const char *format;
	const char *kind;	 /* NULL: unknown */
	const char *version; /* NULL: unknown; "*": it stands in the namespace */
	bool read;
} FormatFact;

extern const FormatFact ClexFormats[];
extern const uint32_t ClexFormatCount;

/* Spans with NULL data are unknown. */
typedef struct Detected
{
	Span format; /* "ubl", "cii", "pdf", "empty", "text", "binary", "xml" ... */
	Span kind;	 /* "invoice", "credit_note" ... */
	Span version;
	Span profile;  /* UBL: CustomizationID, CII: guideline; as written */
	Span encoding; /* as declared, or told by a byte order mark; of text formats only */
	bool xml;	   /* it claims to be XML */
	bool read;	   /* ReadDocument takes it */
} Detected;

/* Spans point into the content, static text or the arena.  CLEX_NO_MEMORY is the only error. */
extern ClexStatus DetectFormat(Span content, Arena *arena, Detected *detected);

/* "UTF-16LE" or "UTF-16BE", by its byte order mark or the zero byte beside '<'; NULL if neither. */
extern const char *DetectUtf16(Span content);

#endif
