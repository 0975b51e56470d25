/*
 * Any bytes as a PDF: no crash, no hang, bounded memory; what can be read can be checked, and what an invoice can be
 * attached to is a PDF with that invoice.
 */
#include "pdf.h"

#include <stdio.h>
#include <stdlib.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define GUIDELINE "urn:cen.eu:en16931:2017"
#define LIMITS ((PdfLimits){(size_t) 4 << 20, (size_t) 4 << 20, 200000})

static void
Must(bool good, const char *what)
{
	if (!good)
	{
		fprintf(stderr, "broken: %s\n", what);
		abort();
	}
}

/* Attach, and read again. */
static void
Attach(Span pdf, Arena *arena)
{
	PdfLimits limits = LIMITS;
	PdfEmbed embed = {.xml = SPAN_LITERAL("<a/>"),
					  .name = SPAN_LITERAL("factur-x.xml"),
					  .mime = SPAN_LITERAL("text/xml"),
					  .relationship = SPAN_LITERAL("Data"),
					  .modified = SPAN_LITERAL("D:20260101000000Z"),
					  .profile = PdfProfileOf(SPAN_LITERAL(GUIDELINE))};
	ClexError error = {0};
	PdfFacts facts;
	Span result;
	int invoice;

	if (PdfWrite(pdf, &embed, &limits, arena, &result, &error) != CLEX_OK)
		return;
	limits.max_bytes = limits.max_inflated = (size_t) 32 << 20;
	limits.max_tokens = 4000000;
	Must(PdfRead(result, &limits, PDF_LOAD_INVOICE, arena, &facts, &invoice, &error) == CLEX_OK ||
			 arena->exhausted,
		 error.message);
	Must(arena->exhausted ||
			 (invoice >= 0 &&
			  SpanEqual(VectorAt(&facts.attachments, PdfAttachment, invoice).content, embed.xml)),
		 "what was attached is not found");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + (size == 0));
	PdfLimits limits = LIMITS;
	ClexError error = {0};
	PdfFacts facts;
	Vector findings;
	Arena arena;
	int invoice;

	if (size > 0)
		memcpy(copy, data, size);
	ArenaInit(&arena, &ClexPlainEnv, (size_t) 256 << 20);
	VectorInit(&findings, &arena, sizeof(PdfFinding));
	if (PdfRead(SpanOf(copy, size), &limits, PDF_LOAD_ALL, &arena, &facts, &invoice, &error) ==
		CLEX_OK)
		Must(PdfCheck(&facts, invoice, 0, &arena, &findings, &error) == CLEX_OK || arena.exhausted,
			 "it was read but not checked");
	Attach(SpanOf(copy, size), &arena);
	ArenaFree(&arena);
	free(copy);
	return 0;
}
