/*
 * payment_facts.h
 *		What data/payments says about payments, as gen_statements.pl compiles it.
 */
#ifndef CLEX_PAYMENT_FACTS_H
#define CLEX_PAYMENT_FACTS_H

#include "core/payment/payment.h"
#include "core/statement/iso_facts.h"

typedef enum PainScope
{
	PAIN_MESSAGE,
	PAIN_BATCH,
	PAIN_TRANSACTION,
	PAIN_REMITTANCE,
	PAIN_DOCUMENT,
	PAIN_GROUP,
	PAIN_INSTRUCTION,
	PAIN_STATUS,
	PAIN_REASON,
	PAIN_SCOPES
} PainScope;

/* IsoPath.when of a path that is not written. */
#define ISO_READ_ONLY ISO_DEBIT

/* Paths of a scope: ClexPainPaths[ClexPainScopes[scope]] up to the first of the next scope. */
extern const IsoPath ClexPainPaths[];
extern const uint16_t ClexPainScopes[PAIN_SCOPES + 1];

/* A character outside the Latin set, and what stands for it; sorted by code point. */
typedef struct LatinFact
{
	uint32_t point;
	const char *text;
} LatinFact;

extern const LatinFact ClexLatin[];
extern const uint32_t ClexLatinCount;

/* Names of elements that the codec itself asks for. */
typedef struct PainNames
{
	uint16_t batch;
	uint16_t transfer;
	uint16_t debit;
	uint16_t remittance;
	uint16_t structured;
	uint16_t document;
	uint16_t instruction;
	uint16_t group;
	uint16_t status;
	uint16_t reason;
} PainNames;

extern const PainNames ClexPainNames;

#endif
