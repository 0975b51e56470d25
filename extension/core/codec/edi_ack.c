/*
 * edi_ack.c
 *		Acknowledgements, written from the same list of findings that clex.findings() shows.
 *
 * An interchange is answered by one interchange: refused as a whole if its own envelope is wrong, else
 * message by message.  Levels that are refused are not looked into, as both standards ask.
 */
#include "core/codec/edi_ack_parts.h"

#include <stdio.h>

bool
AckRefuses(const Ack *ack, uint32_t fatal, uint32_t warnings)
{
	return fatal > 0 || (ack->options->strict && warnings > 0);
}

static bool
AckCounts(const Ack *ack, const EdiFinding *finding)
{
	return ClexEdiFaults[finding->fault].fatal || ack->options->strict;
}

/* ---- segments ---- */

void
AckTag(Ack *ack, const char *tag)
{
	TextAppend(ack->out, tag, strlen(tag));
	ack->segments++;
}

/* Data: service characters released, or left out where there is no release character; Latin-1. */
void
AckData(Ack *ack, Span text)
{
	for (size_t i = 0; i < text.length; i++)
	{
		unsigned char c = (unsigned char) text.data[i];
		const EdiSeparators *s = &ack->s;

		if (c == (unsigned char) s->component || c == (unsigned char) s->element ||
			c == (unsigned char) s->segment ||
			(s->release != '\0' && c == (unsigned char) s->release))
		{
			if (s->release == '\0')
				continue;
			TextAppendChar(ack->out, s->release);
		}
		if (c < 0x20)
			continue;
		if ((c & 0xFE) == 0xC2 && i + 1 < text.length)
			TextAppendChar(ack->out, (char) ((c << 6 & 0xC0) | (text.data[++i] & 0x3F)));
		else if (c < 0x80)
			TextAppendChar(ack->out, (char) c);
		else if ((c & 0xC0) != 0x80)
			TextAppendChar(ack->out, '.');
	}
}

/* Take separators off the end that nothing follows. */
static void
AckDropTrailing(Ack *ack, char separator)
{
	Text *out = ack->out;

	while (out->length > 1 && out->data[out->length - 1] == separator &&
		   (ack->s.release == '\0' || out->data[out->length - 2] != ack->s.release))
		out->length--;
}

void
AckElement(Ack *ack, Span text)
{
	AckDropTrailing(ack, ack->s.component);
	TextAppendChar(ack->out, ack->s.element);
	AckData(ack, text);
}

void
AckElementText(Ack *ack, const char *text)
{
	AckElement(ack, SpanFromCString(text));
}

void
AckElementNumber(Ack *ack, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	AckElementText(ack, text);
}

void
AckComponent(Ack *ack, Span text)
{
	TextAppendChar(ack->out, ack->s.component);
	AckData(ack, text);
}

/* End a segment: separators at its end that say nothing go. */
void
AckEnd(Ack *ack)
{
	Text *out = ack->out;

	while (out->length > 1 &&
		   (out->data[out->length - 1] == ack->s.element ||
			out->data[out->length - 1] == ack->s.component) &&
		   (ack->s.release == '\0' || out->data[out->length - 2] != ack->s.release))
		out->length--;
	TextAppendChar(out, ack->s.segment);
	TextAppendChar(out, '\n');
}

Span
AckOr(Span option, Span otherwise)
{
	return option.length > 0 ? option : otherwise;
}

/* The last six digits of a date with eight. */
Span
AckShortDate(Span date)
{
	return date.length == 8 ? SpanOf(date.data + 2, 6) : date;
}

/* ---- findings ---- */

/* The first finding that refuses a level of this interchange, NULL if none is listed. */
const EdiFinding *
AckFirstOf(const Ack *ack, EdiLevel level, uint32_t number)
{
	for (uint32_t i = 0; i < ack->reader->findings.count; i++)
	{
		const EdiFinding *f = &VectorAt(&ack->reader->findings, EdiFinding, i);

		if (f->level == level && AckCounts(ack, f) &&
			(level == EDI_LEVEL_INTERCHANGE ? f->interchange == number : f->group == number))
			return f;
	}
	return NULL;
}

/* Those of a message, in the order of its segments; of one segment, as they were found.  With warnings, or what counts. */
void
AckCollect(Ack *ack, uint32_t message, bool warnings)
{
	const Vector *all = &ack->reader->findings;
	uint32_t sorted;

	ack->found.count = 0;
	for (; ack->finding < all->count; ack->finding++)
	{
		const EdiFinding *f = &VectorAt(all, EdiFinding, ack->finding);
		const EdiFinding **slot;

		if (f->message > message)
			break;
		if (f->message != message || f->level != EDI_LEVEL_MESSAGE ||
			!(warnings || AckCounts(ack, f)) || (slot = VectorPush(&ack->found)) == NULL)
			continue;
		*slot = f;
		/* two runs, both ascending: insertion is short */
		for (sorted = ack->found.count - 1; sorted > 0; sorted--)
		{
			const EdiFinding **at = &VectorAt(&ack->found, const EdiFinding *, sorted);

			if (at[-1]->segment <= at[0]->segment)
				break;
			f = at[-1];
			at[-1] = at[0];
			at[0] = f;
		}
	}
}

const EdiFinding *
AckFound(const Ack *ack, uint32_t i)
{
	return VectorAt(&ack->found, const EdiFinding *, i);
}

/* Is it about the message as a whole: its envelope, its count? */
bool
AckOfMessage(const EdiFinding *f)
{
	return f->segment == 0 || f->fault == EDI_MESSAGE || f->tag == EDI_TAG('U', 'N', 'H') ||
		   f->tag == EDI_TAG('U', 'N', 'T') || f->tag == EDI_TAG('S', 'T', '\0') ||
		   f->tag == EDI_TAG('S', 'E', '\0');
}

/* An interchange of nothing but acknowledgements is not answered. */
static bool
IsAnswer(const Ack *ack)
{
	const EdiReader *reader = ack->reader;
	bool any = false;

	for (uint32_t m = ack->message; m < reader->messages.count; m++)
	{
		const EdiMessage *message = &VectorAt(&reader->messages, EdiMessage, m);

		if (message->interchange != ack->number)
			break;
		any = true;
		if (!SpanEqualCString(message->type, "CONTRL") && !SpanEqualCString(message->type, "997") &&
			!SpanEqualCString(message->type, "999") && !SpanEqualCString(message->type, "TA1"))
			return false;
	}
	/* X12 without sets carries a TA1 */
	return any || ack->interchange->family == EDI_X12;
}

ClexStatus
EdiAcknowledge(const EdiReader *reader, const EdiAckOptions *options, Text *out, ClexError *error)
{
	Ack ack = {.reader = reader, .options = options, .out = out};

	VectorInit(&ack.found, out->arena, sizeof(const EdiFinding *));
	for (uint32_t i = 0; i < reader->interchanges.count; i++)
	{
		ack.interchange = &VectorAt(&reader->interchanges, EdiInterchange, i);
		ack.number = i + 1;
		if (ClexInterrupted(reader->arena->env))
			return ClexFail(error, CLEX_INTERRUPTED, "canceled");
		while (ack.message < reader->messages.count &&
			   VectorAt(&reader->messages, EdiMessage, ack.message).interchange < ack.number)
			ack.message++;
		while (ack.group < reader->groups.count &&
			   VectorAt(&reader->groups, EdiGroup, ack.group).interchange < ack.number)
			ack.group++;
		if (IsAnswer(&ack))
			continue;
		if (ack.interchange->family == EDI_X12)
			AckX12(&ack);
		else
			AckContrl(&ack);
	}
	return out->failed ? ClexFail(error, CLEX_NO_MEMORY, "out of memory writing an acknowledgement")
					   : CLEX_OK;
}
