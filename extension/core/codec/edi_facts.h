/*
 * edi_facts.h
 *		What the directories of EDIFACT and X12 say: messages, segments, elements; and what is wrong how.
 *
 * Compiled from data/edi.  A message is an array of nodes in their order: a group stands before what it
 * holds, its first segment is its trigger.
 */
#ifndef CLEX_CODEC_EDI_FACTS_H
#define CLEX_CODEC_EDI_FACTS_H

#include "core/codec/edi_tokens.h"

typedef enum EdiType
{
	EDI_TYPE_ANY,	  /* an, AN, ID */
	EDI_TYPE_ALPHA,	  /* a */
	EDI_TYPE_NUMERIC, /* n, R: digits, a sign and a decimal mark, which do not count */
	EDI_TYPE_DIGITS,  /* N0 .. N9: digits and a sign, which does not count */
	EDI_TYPE_DATE,	  /* DT, TM: digits */
} EdiType;

typedef struct EdiElementFact
{
	uint8_t element;
	uint8_t component;
	bool composite;			  /* else there is one component, which is the element */
	bool mandatory;			  /* the element in its segment */
	bool mandatory_component; /* the component in an element that is there */
	uint8_t type;
	uint16_t min;
	uint16_t max; /* characters */
	const char *name;
} EdiElementFact;

typedef struct EdiSegmentFact
{
	EdiTag tag;
	uint16_t first_element;
	uint16_t element_count;
	const char *relations; /* X12: "P0304 R0102", empty if none */
} EdiSegmentFact;

typedef struct EdiDirectoryFact
{
	const char *release; /* "D96A", "S3", "004010" */
	uint16_t first_segment;
	uint16_t segment_count; /* sorted by tag */
} EdiDirectoryFact;

#define EDI_NO_NODE UINT16_MAX

typedef struct EdiNodeFact
{
	EdiTag tag;		 /* of the segment, or of the trigger of a group */
	uint16_t parent; /* a group, counted from the message's first node, which is the message */
	uint16_t end;	 /* one past the last node of a group, likewise */
	uint16_t max;	 /* 0: any number */
	bool group;
	bool mandatory;
	char name[6]; /* "SG15", "N1", "NAD" */
} EdiNodeFact;

typedef struct EdiMessageFact
{
	const char *release;
	const char *type; /* "INVOIC", "810" */
	uint16_t first_node;
	uint16_t node_count;
} EdiMessageFact;

extern const EdiElementFact ClexEdiElements[];
extern const EdiSegmentFact ClexEdiSegments[];
extern const EdiDirectoryFact ClexEdiDirectories[];
extern const uint32_t ClexEdiDirectoryCount;
extern const EdiNodeFact ClexEdiNodes[];
extern const EdiMessageFact ClexEdiMessages[];
extern const uint32_t ClexEdiMessageCount;

/* How a message deviates; names, severities and acknowledgement codes in data/edi/faults.tsv. */
#include "edi_faults.h"

typedef struct EdiFaultFact
{
	const char *name;	 /* of the rule and its message, "EDI-COUNT" */
	bool fatal;			 /* else a warning: what is meant is clear */
	uint8_t contrl;		 /* data element 0085 */
	const char *segment; /* 997: element 720; NULL: none */
	const char *element; /* 723 */
	const char *set;	 /* 718 */
	const char *group;	 /* 716 */
	const char *note;	 /* TA1: I18 */
} EdiFaultFact;

/* Indexed by EdiFault. */
extern const EdiFaultFact ClexEdiFaults[];

extern const EdiDirectoryFact *EdiDirectoryFind(const char *release);
extern const EdiSegmentFact *EdiSegmentFind(const EdiDirectoryFact *directory, EdiTag tag);

/*
 * The structure of a message: of its release, else of the nearest one by year (`exact` tells), or NULL.
 * Releases are written "D96A" and "004010".
 */
extern const EdiMessageFact *EdiMessageFind(EdiFamily family, Span type, Span release, bool *exact);

#endif
