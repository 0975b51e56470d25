/*
 * pdf_qpdf.h
 *		libqpdf within this library: opening, closing, and what went wrong.
 */
#ifndef CLEX_PDF_PDF_QPDF_H
#define CLEX_PDF_PDF_QPDF_H

#include "pdf.h"

#include <stdlib.h>
#include <strings.h>

#include <qpdf/qpdf-c.h>

#include "core/base/utf8.h"

/* An open PDF.  Who opened it closes it, on every path. */
typedef struct PdfHandle
{
	qpdf_data qpdf;
	Arena *arena;
} PdfHandle;

/* Open after PdfGuard().  On failure the handle is closed already. */
extern ClexStatus PdfOpen(Span pdf, const PdfLimits *limits, Arena *arena, PdfHandle *handle,
						  ClexError *error);
extern void PdfClose(PdfHandle *handle);

/* qpdf's error as ours: its words become the detail. */
extern ClexStatus PdfTrouble(PdfHandle *handle, ClexError *error);

/* Its warnings: was anything mended? */
extern void PdfTakeWarnings(PdfHandle *handle, PdfFacts *facts);

/* Items of an array, 0 if it is none. */
extern int PdfArrayLength(qpdf_data qpdf, qpdf_oh array);

/* What a stream holds, at most `most` bytes; CLEX_LIMIT beyond. */
extern ClexStatus PdfStreamData(PdfHandle *handle, qpdf_oh stream, size_t most, Span *content,
								ClexError *error);

#endif
