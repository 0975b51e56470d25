/*
 * pdf.h
 *		PDF files with invoices in them: what is attached, and attaching.  No PostgreSQL in here.
 *
 * libqpdf reads and writes; it is C++ behind a C interface, which catches its exceptions.  Whoever calls this
 * must not longjmp out of it: memory comes from an Arena, errors are a ClexStatus, and every object of qpdf is
 * gone when a function returns.  qpdf itself cannot be told how much memory it may take, so pdf_guard.c looks
 * at a file before qpdf does.
 */
#ifndef CLEX_PDF_PDF_H
#define CLEX_PDF_PDF_H

#include "core/base/arena.h"

typedef struct PdfLimits
{
	size_t max_bytes;	 /* of the file */
	size_t max_inflated; /* of what compressed streams that are read become, together */
	size_t max_tokens;	 /* tokens of all objects: what qpdf's memory is proportional to */
} PdfLimits;

#define PDF_DEFAULT_LIMITS ((PdfLimits){(size_t) 64 << 20, (size_t) 64 << 20, 4000000})

/* An attached file; spans with NULL data: the PDF does not say. */
typedef struct PdfAttachment
{
	Span name;		   /* UTF-8 */
	Span mime;		   /* "text/xml" */
	Span relationship; /* "Alternative" */
	Span description;
	Span modified; /* as the PDF writes dates: "D:20260331120000+02'00'" */
	Span checksum; /* MD5, 16 bytes, as the PDF says it */
	int64_t declared_size;
	bool in_names;	 /* stands in the name tree EmbeddedFiles */
	bool associated; /* stands in the catalog's array AF */
	Span content;	 /* NULL data: not loaded */
} PdfAttachment;

typedef struct PdfFacts
{
	Vector attachments; /* PdfAttachment, in the order of the name tree, then of AF */
	Span version;		/* "1.7" */
	Span xmp;			/* NULL data: there is no metadata stream */
	bool encrypted;		/* ... and readable without a password */
	bool repaired;		/* qpdf had to mend something */
	Span repair;		/* the first thing it said about it */
	bool output_intent; /* has one for PDF/A */
} PdfFacts;

typedef enum PdfLoad
{
	PDF_LOAD_NONE,	  /* names and facts */
	PDF_LOAD_INVOICE, /* the contents needed to choose the invoice, and its own */
	PDF_LOAD_ALL,
} PdfLoad;

/*
 * Read a PDF.  `pdf` must stay while the function runs; everything in `facts` lies in the arena.  With
 * PDF_LOAD_INVOICE *invoice is the number of the attachment that is the invoice, -1 if none is.  Errors:
 * CLEX_MALFORMED (no PDF, or damaged beyond repair), CLEX_LIMIT, CLEX_UNSUPPORTED (a password, a filter),
 * CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus PdfRead(Span pdf, const PdfLimits *limits, PdfLoad load, Arena *arena,
						  PdfFacts *facts, int *invoice, ClexError *error);

/* Which attachment of loaded ones is the invoice, -1 if none is. */
extern int PdfChooseInvoice(const PdfFacts *facts, Arena *arena);

/* Is it a name that a standard gives to an invoice or order in a PDF?  0 = no, else its rank from 1. */
extern int PdfInvoiceNameRank(Span name);

/* Look at a file before qpdf does: CLEX_LIMIT, CLEX_UNSUPPORTED or CLEX_INTERRUPTED if it must not. */
extern ClexStatus PdfGuard(Span pdf, const PdfLimits *limits, Arena *arena, ClexError *error);

typedef struct PdfInflated
{
	size_t length;
	size_t separators; /* bytes between tokens, where it was counted only */
} PdfInflated;

/*
 * What data of a Flate stream becomes.  With `out` NULL it is counted only.  CLEX_LIMIT beyond `most`;
 * damaged data gives what could be read, as readers do.
 */
extern ClexStatus PdfInflate(Span data, size_t most, const ClexEnv *env, Text *out,
							 PdfInflated *result, ClexError *error);

/* What XMP metadata says. */
typedef struct PdfXmp
{
	Span part;		  /* pdfaid:part, "3" */
	Span conformance; /* pdfaid:conformance, "B" */
	Span document_type;
	Span file_name;
	Span version;
	Span level;			/* fx:ConformanceLevel */
	Span invoice_space; /* namespace of those four */
	bool described;		/* an extension schema declares them, as PDF/A wants it */
} PdfXmp;

/* Parse; what is not there has NULL data.  CLEX_MALFORMED if it is no XML. */
extern ClexStatus PdfReadXmp(Span xmp, Arena *arena, PdfXmp *result, ClexError *error);

/* What a guideline asks of the PDF that carries it; see data/profiles.tsv. */
typedef struct PdfProfile
{
	Span guideline; /* how it begins */
	Span part;		/* what it has besides; may be empty */
	Span level;
	const char *relationships[4]; /* allowed, the preferred one first; NULL at the end */
	Span file;
	Span document_type;
	Span version;
	Span prefix;
	Span space;
} PdfProfile;

/* NULL for a guideline that no PDF is known to carry. */
extern const PdfProfile *PdfProfileOf(Span guideline);

/* What is attached, and how. */
typedef struct PdfEmbed
{
	Span xml;
	Span name;
	Span mime;
	Span relationship;
	Span description;
	Span modified; /* a PDF date */
	const PdfProfile *profile;
	bool claim; /* a page of our own: make metadata that claim PDF/A-3b, and an output intent */
	Span title; /* of such a page */
	Span icc;	/* its RGB profile */
} PdfEmbed;

/*
 * A new PDF, in the arena, with the attachment; what had its name before is replaced.  The PDF must claim to be
 * PDF/A (CLEX_INVALID) and becomes PDF/A-3; the same input gives the same bytes.
 */
extern ClexStatus PdfWrite(Span pdf, const PdfEmbed *embed, const PdfLimits *limits, Arena *arena,
						   Span *result, ClexError *error);

/* The XMP packet `old`, or with NULL data a new one, saying what `embed` says. */
extern ClexStatus PdfWriteXmp(Span old, const PdfEmbed *embed, Arena *arena, Span *result,
							  ClexError *error);

/* One thing that is wrong; spans with NULL data: nothing to say. */
typedef struct PdfFinding
{
	const char *rule;
	const char *severity;
	Span location; /* the attachment */
	Span found;
	Span expected;
	Span message;
} PdfFinding;

/*
 * What is wrong with a PDF as the carrier of an invoice; `facts` were read with PDF_LOAD_ALL.  `language`: 0
 * English, 1 French, 2 German.  Appends PdfFinding.
 */
extern ClexStatus PdfCheck(const PdfFacts *facts, int invoice, int language, Arena *arena,
						   Vector *findings, ClexError *error);

/* Does a loaded attachment have the checksum that the PDF says?  Spelt in hexadecimal counts too. */
extern bool PdfChecksumMatches(const PdfAttachment *file);

/* MD5, which PDF has for the check of attachments. */
extern void PdfMd5(Span data, uint8_t digest[16]);

#endif
