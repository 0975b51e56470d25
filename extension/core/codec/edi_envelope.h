/*
 * edi_envelope.h
 *		Headers and trailers of interchanges, groups and messages: private to the reader.
 */
#ifndef CLEX_CODEC_EDI_ENVELOPE_H
#define CLEX_CODEC_EDI_ENVELOPE_H

#include "core/codec/edi_reader.h"

static inline bool
EdiIsX12(const EdiReader *reader)
{
	return reader->scanner.family == EDI_X12;
}

static inline EdiInterchange *
EdiOpenInterchange(const EdiReader *reader)
{
	return &VectorAt(&reader->interchanges, EdiInterchange, reader->interchanges.count - 1);
}

extern void EdiOutOfMemory(EdiReader *reader);

/* The directory of service segments. */
extern const EdiDirectoryFact *EdiServiceDirectory(const EdiReader *reader);

/* Check the elements of a service segment. */
extern void EdiCheckService(EdiReader *reader, const EdiSegment *segment, EdiLevel level);

/* Note a finding of an envelope, with what was found and expected. */
extern void EdiNoteEnvelope(EdiReader *reader, EdiFault fault, EdiLevel level,
							const EdiSegment *segment, Span found, Span expected);

/* Compare the count and the reference of a trailer. */
extern void EdiCheckCount(EdiReader *reader, EdiLevel level, const EdiSegment *segment,
						  uint32_t counted);
extern void EdiCheckReference(EdiReader *reader, EdiLevel level, const EdiSegment *segment,
							  Span header);

extern void EdiBeginInterchange(EdiReader *reader, const EdiSegment *s);
extern void EdiBeginGroup(EdiReader *reader, const EdiSegment *s);
extern void EdiBeginMessage(EdiReader *reader, const EdiSegment *s);

/* A TA1 that stands alone is a message without header and trailer. */
extern void EdiBeginAnswer(EdiReader *reader, const EdiSegment *s);

/* Note a package and skip it; those that follow the current message. */
extern void EdiTakePackage(EdiReader *reader, const EdiSegment *header);
extern void EdiTakePackages(EdiReader *reader);

/* `s` NULL: there is no trailer. */
extern void EdiEndGroup(EdiReader *reader, const EdiSegment *s);
extern void EdiEndInterchange(EdiReader *reader, const EdiSegment *s);

#endif
