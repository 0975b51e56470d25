/*
 * edi_ack_parts.h
 *		What CONTRL and 997 are written with: segments, and the findings of a message.
 */
#ifndef CLEX_EDI_ACK_PARTS_H
#define CLEX_EDI_ACK_PARTS_H

#include "core/codec/edi_ack.h"

/* What is being written. */
typedef struct Ack
{
	const EdiReader *reader;
	const EdiAckOptions *options;
	const EdiInterchange *interchange;
	uint32_t number;   /* of the interchange, from 1 */
	uint32_t finding;  /* those before are of earlier messages */
	uint32_t message;  /* those before, from 0, are of earlier interchanges or groups */
	uint32_t group;	   /* likewise */
	uint32_t segments; /* written since the message header */
	EdiSeparators s;
	Text *out;
	Vector found; /* const EdiFinding *, of one message, by segment */
} Ack;

extern bool AckRefuses(const Ack *ack, uint32_t fatal, uint32_t warnings);
extern void AckTag(Ack *ack, const char *tag);
extern void AckData(Ack *ack, Span text);
extern void AckElement(Ack *ack, Span text);
extern void AckElementText(Ack *ack, const char *text);
extern void AckElementNumber(Ack *ack, uint32_t number);
extern void AckComponent(Ack *ack, Span text);
extern void AckEnd(Ack *ack);
extern Span AckOr(Span option, Span otherwise);
extern Span AckShortDate(Span date);
extern const EdiFinding *AckFirstOf(const Ack *ack, EdiLevel level, uint32_t number);
extern void AckCollect(Ack *ack, uint32_t message, bool warnings);
extern const EdiFinding *AckFound(const Ack *ack, uint32_t i);
extern bool AckOfMessage(const EdiFinding *f);

/* One interchange answered. */
extern void AckContrl(Ack *ack);
extern void AckX12(Ack *ack);

#endif
