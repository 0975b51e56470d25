/*
 * iso_facts.h
 *		ISO 20022 messages as data/statements has them: names, content models, values, and paths to texts.
 */
#ifndef CLEX_STATEMENT_ISO_FACTS_H
#define CLEX_STATEMENT_ISO_FACTS_H

#include "core/base/span.h"

/* Local names of elements, sorted; number 0 is unknown. */
extern const Span ClexIsoNames[];
extern const uint32_t ClexIsoNameCount;

typedef enum IsoWhen
{
	ISO_ALWAYS,
	ISO_CREDIT,
	ISO_DEBIT,
} IsoWhen;

#define ISO_STEPS 8

/* One way to a text: numbers of element names. */
typedef struct IsoPath
{
	uint8_t text;
	uint8_t when;
	bool joined; /* its text is joined to that of the path before */
	bool all;	 /* all occurrences of its last element */
	uint8_t steps;
	uint16_t step[ISO_STEPS];
} IsoPath;

typedef enum IsoKind
{
	ISO_COMPLEX,
	ISO_SIMPLE,
	ISO_VALUE, /* text with attribute Ccy */
	ISO_ANY,
} IsoKind;

typedef enum IsoBase
{
	ISO_STRING,
	ISO_DECIMAL,
	ISO_BOOLEAN,
	ISO_DATE,
	ISO_DATE_TIME,
	ISO_YEAR,
	ISO_YEAR_MONTH,
} IsoBase;

typedef struct IsoValue
{
	uint8_t base;
	uint16_t min_length;
	uint16_t max_length; /* 0: any */
	uint8_t total_digits;
	int8_t fraction_digits; /* -1: any */
	bool positive;			/* at least `least` */
	int8_t least;
	const char *values; /* "a|b"; NULL: any */
	const char *pattern;
} IsoValue;

/* One element of a content model. */
typedef struct IsoMember
{
	uint16_t name;	/* 0: any element */
	uint16_t child; /* type or value */
	uint8_t kind;
	uint8_t min;
	uint8_t max;   /* 0: any number */
	uint8_t group; /* members of one group exclude one another; 0: none */
} IsoMember;

typedef struct IsoType
{
	uint16_t first; /* member */
	uint16_t count;
} IsoType;

typedef struct IsoRoot
{
	Span namespace;
	uint16_t name; /* of the element below Document */
	uint16_t type;
} IsoRoot;

extern const IsoValue ClexIsoValues[];
extern const IsoMember ClexIsoMembers[];
extern const IsoType ClexIsoTypes[];
extern const IsoRoot ClexIsoRoots[];
extern const uint32_t ClexIsoRootCount;
extern const uint16_t ClexIsoCurrency; /* value of attribute Ccy */

#endif
