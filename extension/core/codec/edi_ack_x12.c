/*
 * edi_ack_x12.c
 *		TA1 and 997: what became of an X12 interchange, its groups, sets and segments.
 */
#include "core/codec/edi_ack_parts.h"

#include <stdio.h>

/* A value of ISA, filled with blanks to its length. */
static void
Fixed(Ack *ack, Span text, size_t length)
{
	size_t start;

	TextAppendChar(ack->out, ack->s.element);
	start = ack->out->length;
	AckData(ack, SpanCut(text, length));
	while (!ack->out->failed && ack->out->length < start + length)
		TextAppendChar(ack->out, ' ');
}

/* A control number, filled with zeros. */
static void
Control(Ack *ack, Span number)
{
	TextAppendChar(ack->out, ack->s.element);
	for (size_t i = number.length; i < 9; i++)
		TextAppendChar(ack->out, '0');
	AckData(ack, SpanCut(number, 9));
}

static Span
Version(const Ack *ack)
{
	return ack->interchange->version.length == 5 ? ack->interchange->version
												 : SPAN_LITERAL("00401");
}

static void
IsaHeader(Ack *ack)
{
	const EdiInterchange *i = ack->interchange;

	AckTag(ack, "ISA");
	AckElementText(ack, "00");
	Fixed(ack, SPAN_LITERAL(""), 10);
	AckElementText(ack, "00");
	Fixed(ack, SPAN_LITERAL(""), 10);
	Fixed(ack, i->receiver_qualifier, 2);
	Fixed(ack, i->receiver, 15);
	Fixed(ack, i->sender_qualifier, 2);
	Fixed(ack, i->sender, 15);
	Fixed(ack, AckShortDate(AckOr(ack->options->date, i->date)), 6);
	Fixed(ack, AckOr(ack->options->time, i->time), 4);
	TextAppendChar(ack->out, ack->s.element);
	TextAppendChar(ack->out, ack->s.repetition != '\0' ? ack->s.repetition : 'U');
	Fixed(ack, Version(ack), 5);
	Control(ack, AckOr(ack->options->reference, i->reference));
	AckElementText(ack, "0");
	Fixed(ack, i->test.length == 1 ? i->test : SPAN_LITERAL("P"), 1);
	TextAppendChar(ack->out, ack->s.element);
	TextAppendChar(ack->out, ack->s.component);
	TextAppendChar(ack->out, ack->s.segment);
	TextAppendChar(ack->out, '\n');
}

static void
Ta1(Ack *ack, bool refused)
{
	const EdiInterchange *i = ack->interchange;
	const EdiFinding *f = AckFirstOf(ack, EDI_LEVEL_INTERCHANGE, ack->number);
	const char *note = f == NULL ? NULL : ClexEdiFaults[f->fault].note;

	AckTag(ack, "TA1");
	Control(ack, i->reference);
	AckElement(ack, i->date);
	AckElement(ack, i->time);
	AckElementText(ack, refused ? "R" : "A");
	AckElementText(ack, !refused ? "000" : (note != NULL ? note : "024"));
	AckEnd(ack);
}

/* AK3 and AK4: a segment in error and its elements. */
static void
X12Segments(Ack *ack)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < ack->found.count; i++)
	{
		const EdiFinding *f = AckFound(ack, i);
		const EdiFaultFact *fact = &ClexEdiFaults[f->fault];
		char tag[5];

		if (AckOfMessage(f) || fact->segment == NULL)
			continue;
		if (f->segment != last || f->element == 0)
		{
			EdiTagText(f->tag, tag);
			AckTag(ack, "AK3");
			AckElementText(ack, tag);
			AckElementNumber(ack, f->segment);
			AckElementText(ack, "");
			AckElementText(ack, fact->segment);
			AckEnd(ack);
			last = f->segment;
		}
		if (f->element == 0 || fact->element == NULL)
			continue;
		AckTag(ack, "AK4");
		AckElementNumber(ack, f->element);
		if (f->component > 0)
			AckComponent(ack, EdiPrinted(ArenaPrintf(ack->found.arena, "%u", f->component)));
		/* a reference that is no number (C040) is a composite of ours, not of the standard's */
		AckElementText(ack, f->number != NULL && f->number[0] >= '0' && f->number[0] <= '9'
								? f->number
								: "");
		AckElementText(ack, fact->element);
		AckElement(ack, SpanCut(f->found.data == NULL ? SpanOf("", 0) : f->found, 99));
		AckEnd(ack);
	}
}

/* Codes of 718 or 716 for the findings, each once, five at most. */
static void
Codes(Ack *ack, bool group, const EdiFinding *single)
{
	const char *written[5];
	unsigned count = 0;

	for (uint32_t i = 0; i < (single != NULL ? 1 : ack->found.count) && count < 5; i++)
	{
		const EdiFinding *f = single != NULL ? single : AckFound(ack, i);
		const char *code = group ? ClexEdiFaults[f->fault].group : ClexEdiFaults[f->fault].set;
		unsigned k = 0;

		if (code == NULL)
			continue;
		while (k < count && strcmp(written[k], code) != 0)
			k++;
		if (k < count)
			continue;
		written[count++] = code;
		AckElementText(ack, code);
	}
}

/* AK2 to AK5 for one set; true if it is accepted. */
static bool
X12Set(Ack *ack, uint32_t number)
{
	const EdiMessage *m = &VectorAt(&ack->reader->messages, EdiMessage, number - 1);
	bool refused = AckRefuses(ack, m->fatal, m->warnings);

	/* what was noted of one that is accepted with errors */
	AckCollect(ack, number, !refused);
	AckTag(ack, "AK2");
	AckElement(ack, m->type);
	AckElement(ack, m->reference);
	AckEnd(ack);
	X12Segments(ack);
	AckTag(ack, "AK5");
	AckElementText(ack, refused ? "R" : (m->warnings > 0 ? "E" : "A"));
	if (refused)
		Codes(ack, false, NULL);
	AckEnd(ack);
	return !refused;
}

/* A 997 for one group. */
static void
X12Group(Ack *ack, uint32_t number, uint32_t serial)
{
	const EdiGroup *g = &VectorAt(&ack->reader->groups, EdiGroup, number - 1);
	bool refused = AckRefuses(ack, g->fatal, g->warnings);
	char control[16];
	uint32_t accepted = 0;

	snprintf(control, sizeof(control), "%04u", serial);
	ack->segments = 0;
	AckTag(ack, "ST");
	AckElementText(ack, "997");
	AckElementText(ack, control);
	AckEnd(ack);
	AckTag(ack, "AK1");
	AckElement(ack, g->id);
	AckElement(ack, g->reference);
	AckEnd(ack);
	for (; ack->message < ack->reader->messages.count; ack->message++)
	{
		const EdiMessage *m = &VectorAt(&ack->reader->messages, EdiMessage, ack->message);

		if (m->interchange != ack->number || m->group > number)
			break;
		if (m->group == number)
			accepted += X12Set(ack, ack->message + 1);
	}
	AckTag(ack, "AK9");
	AckElementText(ack, refused || (accepted == 0 && g->messages > 0) ? "R"
						: accepted < g->messages					  ? "P"
																	  : "A");
	AckElement(ack, g->declared.length > 0
						? g->declared
						: EdiPrinted(ArenaPrintf(ack->found.arena, "%u", g->messages)));
	AckElementNumber(ack, g->messages);
	AckElementNumber(ack, refused ? 0 : accepted);
	if (refused)
		Codes(ack, true, AckFirstOf(ack, EDI_LEVEL_GROUP, number));
	AckEnd(ack);
	AckTag(ack, "SE");
	AckElementNumber(ack, ack->segments);
	AckElementText(ack, control);
	AckEnd(ack);
}

/* One group of 997, one for each group of the interchange. */
static void
X12Groups(Ack *ack, uint32_t first)
{
	const EdiInterchange *i = ack->interchange;
	const EdiGroup *g = &VectorAt(&ack->reader->groups, EdiGroup, first);
	Span reference = AckOr(ack->options->reference, i->reference);
	Span version = Version(ack);
	uint32_t count = 0;

	AckTag(ack, "GS");
	AckElementText(ack, "FA");
	AckElement(ack, g->receiver);
	AckElement(ack, g->sender);
	AckElement(ack, ack->options->date.length == 8
						? ack->options->date
						: EdiPrinted(ArenaPrintf(ack->found.arena, "20%.*s", (int) i->date.length,
												 i->date.data)));
	AckElement(ack, AckOr(ack->options->time, i->time));
	Control(ack, reference);
	AckElementText(ack, "X");
	AckElement(ack, EdiPrinted(ArenaPrintf(ack->found.arena, "%.*s0", (int) version.length,
										   version.data)));
	AckEnd(ack);
	for (; first < ack->reader->groups.count &&
		   VectorAt(&ack->reader->groups, EdiGroup, first).interchange == ack->number;
		 first++)
		X12Group(ack, first + 1, ++count);
	AckTag(ack, "GE");
	AckElementNumber(ack, count);
	Control(ack, reference);
	AckEnd(ack);
}

void
AckX12(Ack *ack)
{
	const EdiInterchange *i = ack->interchange;
	bool refused = AckRefuses(ack, i->fatal, i->warnings);
	uint32_t first = ack->group;
	bool grouped = first < ack->reader->groups.count &&
				   VectorAt(&ack->reader->groups, EdiGroup, first).interchange == ack->number;

	ack->s = i->separators;
	IsaHeader(ack);
	Ta1(ack, refused);
	if (!refused && grouped)
		X12Groups(ack, first);
	AckTag(ack, "IEA");
	AckElementNumber(ack, !refused && grouped ? 1 : 0);
	Control(ack, AckOr(ack->options->reference, i->reference));
	AckEnd(ack);
}
