/*
 * codes.h
 *		Code lists, compiled from data/codelists.
 */
#ifndef CLEX_MODEL_CODES_H
#define CLEX_MODEL_CODES_H

#include "core/base/span.h"

/* Codes of one list are sorted bytewise. */
typedef struct CodeFact
{
	Span code;
	Span name; /* empty where the source gives none */
} CodeFact;

typedef struct CodeListFact
{
	Span list;			 /* "ISO_4217" */
	const char *version; /* of the list, as its source names it */
	const CodeFact *codes;
	uint32_t code_count;
	const uint16_t *slots; /* open addressing by SpanHash: index of the code + 1, 0 = free */
	uint32_t slot_count;
} CodeListFact;

/* Sorted by list, bytewise. */
extern const CodeListFact ClexCodeLists[];
extern const uint32_t ClexCodeListCount;

/* A list by name, or NULL. */
extern const CodeListFact *CodeListFind(Span list);
/* Exact spelling; no trimming. */
extern bool CodeListContains(const CodeListFact *list, Span code);

#endif
