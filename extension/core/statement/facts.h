/*
 * facts.h
 *		What data/statements says about statements, as gen_statements.pl compiles it.
 */
#ifndef CLEX_STATEMENT_FACTS_H
#define CLEX_STATEMENT_FACTS_H

#include "core/statement/iso_facts.h"
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

/* Paths of a scope: ClexCamtPaths[ClexCamtScopes[scope]] up to the first of the next scope. */
extern const IsoPath ClexCamtPaths[];
extern const uint16_t ClexCamtScopes[CAMT_SCOPES + 1];

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

#endif
