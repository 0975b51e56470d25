/*
 * edi_ack.h
 *		Acknowledgements: CONTRL for EDIFACT, TA1 and 997 for X12, from the findings of a reader.
 */
#ifndef CLEX_CODEC_EDI_ACK_H
#define CLEX_CODEC_EDI_ACK_H

#include "core/codec/edi_reader.h"

/* Empty spans: as the interchange that is acknowledged has it. */
typedef struct EdiAckOptions
{
	Span date;		/* YYYYMMDD */
	Span time;		/* HHMM */
	Span reference; /* of the acknowledging interchange; digits for X12 */
	bool strict;	/* warnings refuse too */
} EdiAckOptions;

/*
 * Acknowledge everything a reader has read to its end.  `out` stays empty if there is nothing to
 * acknowledge: acknowledgements are not acknowledged.  Same input and options, same bytes.
 */
extern ClexStatus EdiAcknowledge(const EdiReader *reader, const EdiAckOptions *options, Text *out,
								 ClexError *error);

#endif
