/*
 * edi_codec.h
 *		EDIFACT and X12 as formats: detecting them, reading one message or all.
 */
#ifndef CLEX_CODEC_EDI_CODEC_H
#define CLEX_CODEC_EDI_CODEC_H

#include "core/codec/codec.h"
#include "core/codec/detect.h"
#include "core/codec/edi_bind.h"

typedef struct EdiKindFact
{
	const char *type;
	const char *kind;
} EdiKindFact;

extern const EdiKindFact ClexEdiKinds[];
extern const uint32_t ClexEdiKindCount;

/* Does the content begin as an interchange does? */
extern bool LooksLikeEdi(Span content);

/* Fill in what the first message says; `head` may end anywhere. */
extern void EdiDetect(Span head, Arena *arena, Detected *detected);

/*
 * The reader of formats edifact and x12, as codec.h asks for it; the source tree stays empty.  An
 * interchange of several messages is CLEX_INVALID: ReadAll is for those.
 */
extern ClexStatus EdiReadTerms(const ReadRequest *request, Arena *arena, Tree *source,
							   DocumentBuilder **builder, BindCounts *counts, ClexError *error);

/*
 * The writers: the message of the kind of document, of the release that the variant names, it was read by, or the first
 * in the table; extras go back into the message they came from.  Errors besides those of
 * CodecWrite: CLEX_UNSUPPORTED for a document that lacks what the structure of the message requires.
 */
extern ClexStatus EdifactWrite(WriteJob *job, ClexError *error);
extern ClexStatus X12Write(WriteJob *job, ClexError *error);

/* Called with every document; its image lies in `body`.  False ends the reading. */
typedef bool (*EdiSink)(void *state, const EdiReader *reader, Span image);

/*
 * Read all messages, one at a time in `body`.  Messages that nothing reads are errors unless `lenient`,
 * which passes them over.  Errors as of EdiReadTerms.
 */
extern ClexStatus EdiReadEach(const ReadRequest *request, Arena *arena, Arena *body, bool lenient,
							  EdiSink sink, void *state, ClexError *error);

#endif
