/*
 * read.h
 *		Bytes of any readable format to a semantic document.
 */
#ifndef CLEX_CODEC_READ_H
#define CLEX_CODEC_READ_H

#include "core/codec/bind.h"
#include "core/xml/xml_read.h"

typedef struct ReadRequest
{
	Span content;
	Span format; /* what the caller says it is, "ubl" or "ubl:variant"; empty: found out */
	Span sha256; /* of the content, in hexadecimal; the core has no cryptography */
	const XmlLimits *limits;
	XmlParser *parser; /* kept by the caller; NULL: one for this document only */
} ReadRequest;

/* What becomes a source tree. */
typedef enum SourceForm
{
	SOURCE_XML, /* or what nobody knows */
	SOURCE_GOBL,
	SOURCE_IDOC, /* flat */
} SourceForm;

extern SourceForm SourceFormOf(Span content, Arena *arena);

/* Make a tree of the content of a request.  Errors as of the parser of that form. */
extern ClexStatus SourceParse(const ReadRequest *request, SourceForm form, Arena *arena,
							  Tree *source, XmlInfo *info, ClexError *error);

/*
 * Read a document.  `source` becomes its source tree, `builder` (not yet finished) its terms, extras
 * and provenance, `counts` what became of its leaves; all of it lives in `arena`.  Errors:
 * CLEX_UNSUPPORTED (nothing here reads it), CLEX_MALFORMED, CLEX_LIMIT, CLEX_INVALID (it is not of
 * the format asked for, or there is no such format), CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus ReadTerms(const ReadRequest *request, Arena *arena, Tree *source,
							DocumentBuilder **builder, BindCounts *counts, ClexError *error);

/* Called with every document of a file, the image valid until it returns.  False ends the reading. */
typedef bool (*ReadSink)(void *state, Span image);

/* Read all documents of a file that is no interchange, one at a time.  Errors as of ReadTerms. */
extern ClexStatus ReadEach(const ReadRequest *request, Arena *arena, ReadSink sink, void *state,
						   ClexError *error);

/* The same as ReadTerms, finished: `image` lies in the arena. */
extern ClexStatus ReadDocument(const ReadRequest *request, Arena *arena, Tree *source, Span *image,
							   ClexError *error);

/* The image of a document that has been parsed already; it says nothing of encoding or digest. */
extern ClexStatus ReadTree(Tree *source, Arena *arena, Span *image, ClexError *error);

#endif
