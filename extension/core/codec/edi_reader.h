/*
 * edi_reader.h
 *		Interchanges message by message: envelopes, the place of every segment, and what is wrong.
 *
 * One message is held at a time; of those before only what an acknowledgement needs is kept: the
 * envelopes, one record a message, and the findings.  Nothing is refused here but bytes that cannot be
 * cut into segments: a deviation is a finding, and reading goes on.
 */
#ifndef CLEX_CODEC_EDI_READER_H
#define CLEX_CODEC_EDI_READER_H

#include "core/codec/edi_facts.h"

/* What a finding is about, and what it makes unusable. */
typedef enum EdiLevel
{
	EDI_LEVEL_INTERCHANGE,
	EDI_LEVEL_GROUP,
	EDI_LEVEL_MESSAGE,
} EdiLevel;

typedef struct EdiFinding
{
	EdiFault fault;
	EdiLevel level;
	uint32_t interchange; /* 1-based in the file, 0: none is open */
	uint32_t group;		  /* 1-based in the file, 0: none */
	uint32_t message;	  /* 1-based in the file, 0: none */
	uint32_t segment;	  /* 1-based in its message, 0: of the envelope */
	uint32_t offset;	  /* byte in the content */
	EdiTag tag;
	uint16_t element;	/* 0: the whole segment */
	uint8_t component;	/* 0: the whole element */
	const char *number; /* of the data element in its directory, NULL: unknown */
	Span found;			/* NULL data: nothing to show */
	Span expected;
	Span about;
} EdiFinding;

/* Findings of one file; what comes after is only counted. */
#define EDI_MAX_FINDINGS 10000

typedef struct EdiInterchange
{
	EdiFamily family;
	EdiSeparators separators;
	Span syntax; /* 0001 */
	Span syntax_version;
	Span sender;
	Span sender_qualifier;
	Span sender_inner;
	Span receiver;
	Span receiver_qualifier;
	Span receiver_inner;
	Span date;
	Span time;
	Span reference;
	Span standard; /* X12: ISA11, ISA12 */
	Span version;
	Span test;
	bool answers; /* X12 without groups: each TA1 is a message */
	uint32_t groups;
	uint32_t messages; /* outside groups too, packages included */
	uint32_t loose;	   /* messages and packages outside groups */
	uint32_t fatal;	   /* findings of this level, listed or not; likewise below */
	uint32_t warnings;
	bool closed;
} EdiInterchange;

typedef struct EdiGroup
{
	uint32_t interchange;
	Span id; /* message type, or functional identifier */
	Span sender;
	Span receiver;
	Span reference;
	Span version; /* X12: GS08 */
	uint32_t messages;
	Span declared; /* X12: GE01 */
	uint32_t fatal;
	uint32_t warnings;
	bool closed;
} EdiGroup;

typedef struct EdiMessage
{
	uint32_t interchange;
	uint32_t group; /* 0: none */
	Span reference;
	Span type;	  /* "INVOIC", "810" */
	Span release; /* "D96A", "004010" */
	Span version; /* as written: UNH 2.2 and 2.3, GS08 */
	Span revision;
	Span agency;
	Span association;
	const EdiMessageFact *fact;		   /* NULL: unknown */
	const EdiDirectoryFact *directory; /* of its segments, NULL: unknown */
	bool exact;						   /* the structure is of this very release */
	bool closed;
	uint32_t segments;
	uint32_t offset;
	uint32_t fatal;
	uint32_t warnings;
} EdiMessage;

/* A segment of the current message and its place in the structure. */
typedef struct EdiPlaced
{
	EdiSegment segment;
	uint16_t node;	  /* EDI_NO_NODE: it has no place */
	uint32_t frame;	  /* instance of the group it stands in */
	uint32_t ordinal; /* among the segments of this node there; 0: it has no place */
} EdiPlaced;

/* An instance of a group; 0 is the message. */
typedef struct EdiFrame
{
	uint16_t node;
	uint16_t at;	/* node reached within it, 0: none */
	uint32_t count; /* instances at that node */
	uint32_t parent;
	uint32_t ordinal; /* among the instances of this group in the parent */
	uint32_t trigger; /* segment, index */
} EdiFrame;

/* A foreign object between UNO and UNP. */
typedef struct EdiPackage
{
	EdiSegment header;
	Span object; /* bytes of the content */
} EdiPackage;

typedef struct EdiReader
{
	EdiScanner scanner;
	Arena *arena;		 /* for the length of the file */
	Arena *body;		 /* for one message */
	Vector findings;	 /* EdiFinding */
	Vector interchanges; /* EdiInterchange */
	Vector groups;		 /* EdiGroup */
	Vector messages;	 /* EdiMessage */
	uint32_t unlisted;	 /* findings beyond EDI_MAX_FINDINGS */
	uint32_t fatal;		 /* findings by severity, listed or not */
	uint32_t warnings;
	Vector segments; /* EdiPlaced, of the current message */
	Vector frames;	 /* EdiFrame, likewise */
	Vector packages; /* EdiPackage, likewise: behind it, or before the first one */
	uint32_t package_total;
	struct EdiLast *lasts;	 /* likewise, NULL: not known yet */
	struct EdiCount *counts; /* likewise */
	uint32_t count_slots;
	bool in_interchange;
	bool in_group;
	bool in_message;
	bool said_outside;
	bool said_character;
	bool said_blanks;
	EdiSegment pending; /* read, but of what comes after the message */
	bool has_pending;
	struct EdiReference *references; /* open addressing: what was used before */
	uint32_t reference_count;
	uint32_t reference_slots;
} EdiReader;

/* Begin.  `body` is reset for every message.  Errors as of EdiOpen. */
extern ClexStatus EdiReaderOpen(EdiReader *reader, Span content, Arena *arena, Arena *body,
								ClexError *error);

/*
 * Read the next message; it is the last of reader->messages, its segments are placed and checked.
 * False at the end, when all findings are known, and on errors (scanner.status).
 */
extern bool EdiReaderNext(EdiReader *reader);

static inline EdiMessage *
EdiCurrent(const EdiReader *reader)
{
	return &VectorAt(&reader->messages, EdiMessage, reader->messages.count - 1);
}

static inline const EdiNodeFact *
EdiNode(const EdiMessage *message, uint16_t node)
{
	return &ClexEdiNodes[message->fact->first_node + node];
}

/* Where a finding is: "/UNB[1]/UNH[2]/MOA/1.2". */
extern void EdiLocation(const EdiReader *reader, const EdiFinding *finding, Text *out);

/* ---- between the parts of the reader ---- */

/* Note a finding at a segment of the current message or envelope; NULL if it is not listed. */
extern EdiFinding *EdiNote(EdiReader *reader, EdiFault fault, EdiLevel level,
						   const EdiSegment *segment);

/* The object of a package as text: itself, or base64 where it is no UTF-8.  Data is NULL: no memory. */
extern Span EdiPackageText(const EdiPackage *package, Arena *arena, bool *encoded);

/* Find the place of every segment of the current message. */
extern void EdiPlaceSegments(EdiReader *reader);

/* Check the elements of a segment against its directory; `position` in the message, 0: envelope. */
extern void EdiCheckElements(EdiReader *reader, const EdiDirectoryFact *directory,
							 const EdiSegment *segment, uint32_t position, EdiLevel level);

#endif
