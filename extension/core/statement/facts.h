/*
 * facts.h
 *		What data/statements says about statements, as gen_statements.pl compiles it.
 */
#ifndef CLEX_STATEMENT_FACTS_H
#define CLEX_STATEMENT_FACTS_H

#include "core/statement/statement.h"

typedef enum DetailStyle
{
	DETAIL_SEPA,
	DETAIL_SLASH,
	DETAIL_CFONB,
} DetailStyle;

/* A keyword in the free text of an entry. */
typedef struct DetailKey
{
	uint8_t style;
	Span key;
	int8_t text;   /* EntryText; -1: none */
	uint8_t width; /* characters of it; 0: all */
	int8_t rest;   /* where what follows them goes; -1: nowhere */
} DetailKey;

extern const DetailKey ClexDetailKeys[];
extern const uint32_t ClexDetailKeyCount;

/* What a path of a camt message gives; EntryText comes first. */
typedef enum CamtText
{
	CAMT_AMOUNT = ENTRY_TEXTS,
	CAMT_SIGN,
	CAMT_REVERSAL,
	CAMT_BOOKED,
	CAMT_VALUE,
	CAMT_DATE,
	CAMT_SEQUENCE,
	CAMT_ACCOUNT,
	CAMT_OWNER,
	CAMT_SERVICER,
	CAMT_CURRENCY,
	CAMT_TEXTS
} CamtText;

typedef enum CamtScope
{
	CAMT_STATEMENT,
	CAMT_BALANCE,
	CAMT_ENTRY,
	CAMT_DETAIL,
	CAMT_SCOPES
} CamtScope;

typedef enum CamtWhen
{
	CAMT_ALWAYS,
	CAMT_CREDIT,
	CAMT_DEBIT,
} CamtWhen;

#define CAMT_STEPS 8

/* One way to a text: numbers of element names. */
typedef struct CamtPath
{
	uint8_t text;
	uint8_t when;
	bool joined; /* its text is joined to that of the path before */
	bool all;	 /* all occurrences of its last element */
	uint8_t steps;
	uint16_t step[CAMT_STEPS];
} CamtPath;

/* Paths of a scope: ClexCamtPaths[ClexCamtScopes[scope]] up to the first of the next scope. */
extern const CamtPath ClexCamtPaths[];
extern const uint16_t ClexCamtScopes[CAMT_SCOPES + 1];

/* Local names of elements, sorted; number 0 is unknown. */
extern const Span ClexIsoNames[];
extern const uint32_t ClexIsoNameCount;

/* Names that the reader itself asks for. */
typedef struct CamtNames
{
	uint16_t statement[3]; /* Rpt, Stmt, Ntfctn */
	uint16_t balance;
	uint16_t entry;
	uint16_t details;
	uint16_t transaction;
} CamtNames;

extern const CamtNames ClexCamtNames;

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
