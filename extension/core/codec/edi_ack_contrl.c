/*
 * edi_ack_contrl.c
 *		CONTRL: what became of an EDIFACT interchange, its groups, messages and segments.
 */
#include "core/codec/edi_ack_parts.h"

/* Action, and for a refusal the first error with the service segment and place it is in. */
static void
Action(Ack *ack, bool refused, const EdiFinding *f)
{
	char tag[5];

	AckElementText(ack, refused ? "4" : "7");
	if (!refused || f == NULL)
		return;
	AckElementNumber(ack, ClexEdiFaults[f->fault].contrl);
	EdiTagText(f->tag, tag);
	AckElementText(ack, f->tag == 0 ? (f->expected.data != NULL ? f->expected.data : "") : tag);
	if (f->element == 0)
		return;
	/* the tag is the first element there */
	AckElementNumber(ack, f->element + 1u);
	if (f->component > 0)
		AckComponent(ack, EdiPrinted(ArenaPrintf(ack->found.arena, "%u", f->component)));
}

/* The segments of a message that are in error, and their elements. */
static void
ContrlSegments(Ack *ack)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < ack->found.count; i++)
	{
		const EdiFinding *f = AckFound(ack, i);

		if (AckOfMessage(f))
			continue;
		if (f->segment != last || f->element == 0)
		{
			AckTag(ack, "UCS");
			AckElementNumber(ack, f->segment);
			if (f->element == 0)
				AckElementNumber(ack, ClexEdiFaults[f->fault].contrl);
			AckEnd(ack);
			last = f->segment;
		}
		if (f->element == 0)
			continue;
		AckTag(ack, "UCD");
		AckElementNumber(ack, ClexEdiFaults[f->fault].contrl);
		AckElementNumber(ack, f->element + 1u);
		if (f->component > 0)
			AckComponent(ack, EdiPrinted(ArenaPrintf(ack->found.arena, "%u", f->component)));
		AckEnd(ack);
	}
}

static void
ContrlMessage(Ack *ack, uint32_t number)
{
	const EdiMessage *m = &VectorAt(&ack->reader->messages, EdiMessage, number - 1);
	const EdiFinding *first = NULL;
	bool refused = AckRefuses(ack, m->fatal, m->warnings);

	AckCollect(ack, number, false);
	for (uint32_t i = 0; i < ack->found.count && first == NULL; i++)
		if (AckOfMessage(AckFound(ack, i)))
			first = AckFound(ack, i);
	AckTag(ack, "UCM");
	AckElement(ack, m->reference);
	AckElement(ack, m->type);
	AckComponent(ack, m->version);
	AckComponent(ack, m->revision);
	AckComponent(ack, m->agency);
	if (m->association.length > 0)
		AckComponent(ack, m->association);
	Action(ack, refused, first);
	AckEnd(ack);
	if (refused)
		ContrlSegments(ack);
}

static void
ContrlGroup(Ack *ack, uint32_t number)
{
	const EdiGroup *g = &VectorAt(&ack->reader->groups, EdiGroup, number - 1);

	AckTag(ack, "UCF");
	AckElement(ack, g->reference);
	AckElement(ack, g->sender);
	AckElement(ack, g->receiver);
	Action(ack, AckRefuses(ack, g->fatal, g->warnings), AckFirstOf(ack, EDI_LEVEL_GROUP, number));
	AckEnd(ack);
}

static void
ContrlHeader(Ack *ack)
{
	const EdiInterchange *i = ack->interchange;

	AckTag(ack, "UNB");
	AckElementText(ack, "UNOC");
	AckComponent(ack, SPAN_LITERAL("3"));
	AckElement(ack, i->receiver);
	AckComponent(ack, i->receiver_qualifier);
	AckElement(ack, i->sender);
	AckComponent(ack, i->sender_qualifier);
	AckElement(ack, AckShortDate(AckOr(ack->options->date, i->date)));
	AckComponent(ack, AckOr(ack->options->time, i->time));
	AckElement(ack, AckOr(ack->options->reference, i->reference));
	AckEnd(ack);
	ack->segments = 0;
	AckTag(ack, "UNH");
	AckElementText(ack, "1");
	AckElementText(ack, "CONTRL");
	AckComponent(ack, SPAN_LITERAL("D"));
	AckComponent(ack, SPAN_LITERAL("3"));
	AckComponent(ack, SPAN_LITERAL("UN"));
	AckEnd(ack);
}

/* The messages of this interchange, with their groups. */
static void
ContrlMessages(Ack *ack)
{
	uint32_t group = 0;

	for (uint32_t m = ack->message + 1; m <= ack->reader->messages.count; m++)
	{
		const EdiMessage *message = &VectorAt(&ack->reader->messages, EdiMessage, m - 1);
		const EdiGroup *g;

		if (message->interchange != ack->number)
			break;
		g = message->group == 0 ? NULL
								: &VectorAt(&ack->reader->groups, EdiGroup, message->group - 1);
		if (message->group != group && g != NULL)
			ContrlGroup(ack, message->group);
		group = message->group;
		if (g == NULL || !AckRefuses(ack, g->fatal, g->warnings))
			ContrlMessage(ack, m);
	}
}

void
AckContrl(Ack *ack)
{
	const EdiInterchange *i = ack->interchange;
	bool refused = AckRefuses(ack, i->fatal, i->warnings);

	ack->s = (EdiSeparators){':', '+', '\'', '?', '\0', '.'};
	ContrlHeader(ack);
	AckTag(ack, "UCI");
	AckElement(ack, i->reference);
	AckElement(ack, i->sender);
	AckComponent(ack, i->sender_qualifier);
	if (i->sender_inner.length > 0)
		AckComponent(ack, i->sender_inner);
	AckElement(ack, i->receiver);
	AckComponent(ack, i->receiver_qualifier);
	if (i->receiver_inner.length > 0)
		AckComponent(ack, i->receiver_inner);
	Action(ack, refused, AckFirstOf(ack, EDI_LEVEL_INTERCHANGE, ack->number));
	AckEnd(ack);
	if (!refused)
		ContrlMessages(ack);
	AckTag(ack, "UNT");
	AckElementNumber(ack, ack->segments);
	AckElementText(ack, "1");
	AckEnd(ack);
	AckTag(ack, "UNZ");
	AckElementText(ack, "1");
	AckElement(ack, AckOr(ack->options->reference, i->reference));
	AckEnd(ack);
}
