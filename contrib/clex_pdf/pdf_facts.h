/*
 * pdf_facts.h
 *		The tables of data/, compiled by gen_pdf.pl.
 */
#ifndef CLEX_PDF_PDF_FACTS_H
#define CLEX_PDF_PDF_FACTS_H

#include "pdf.h"

extern const Span ClexPdfNames[];
extern const uint32_t ClexPdfNameCount;
extern const PdfProfile ClexPdfProfiles[];
extern const uint32_t ClexPdfProfileCount;

/* What may be wrong: its sentence in English, French and German. */
typedef struct PdfRule
{
	const char *rule;
	const char *severity;
	const char *text[3];
} PdfRule;

extern const PdfRule ClexPdfRules[];
extern const uint32_t ClexPdfRuleCount;

#endif
