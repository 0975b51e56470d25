/*
 * edi_ack.c
 *		Acknowledgements, written from the same list of findings that clex.findings() shows.
 *
 * An interchange is answered by one interchange: refused as a whole if its own envelope is wrong, else
 * message by message.  Levels that are refused are not looked into, as both standards ask.
 */
#include "core/codec/edi_ack.h"

#include <stdio.h>

/* What is being written. */
typedef struct Ack
{
	const EdiReader *reader;
	const EdiAckOptions *options;
	const EdiInterchange *interchange;
	uint32_t number;   /* of the interchange, from 1 */
	uint32_t finding;  /* those before are of earlier messages */
	uint32_t segments; /* written since the message header */
	EdiSeparators s;
	Text *out;
	Vector found; /* const EdiFinding *, of one message, by segment */
} Ack;

static bool
Refuses(const Ack *ack, uint32_t fatal, uint32_t warnings)
{
	return fatal > 0 || (ack->options->strict && warnings > 0);
}

static bool
Counts(const Ack *ack, const EdiFinding *finding)
{
	return ClexEdiFaults[finding->fault].fatal || ack->options->strict;
}

/* ---- segments ---- */

static void
Tag(Ack *ack, const char *tag)
{
	TextAppend(ack->out, tag, strlen(tag));
	ack->segments++;
}

/* Data: service characters released, or left out where there is no release character; Latin-1. */
static void
Data(Ack *ack, Span text)
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
DropTrailing(Ack *ack, char separator)
{
	Text *out = ack->out;

	while (out->length > 1 && out->data[out->length - 1] == separator &&
		   (ack->s.release == '\0' || out->data[out->length - 2] != ack->s.release))
		out->length--;
}

static void
Element(Ack *ack, Span text)
{
	DropTrailing(ack, ack->s.component);
	TextAppendChar(ack->out, ack->s.element);
	Data(ack, text);
}

static void
ElementText(Ack *ack, const char *text)
{
	Element(ack, SpanFromCString(text));
}

static void
ElementNumber(Ack *ack, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	ElementText(ack, text);
}

static void
Component(Ack *ack, Span text)
{
	TextAppendChar(ack->out, ack->s.component);
	Data(ack, text);
}

/* End a segment: separators at its end that say nothing go. */
static void
End(Ack *ack)
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

static Span
Or(Span option, Span otherwise)
{
	return option.length > 0 ? option : otherwise;
}

/* The last six digits of a date with eight. */
static Span
ShortDate(Span date)
{
	return date.length == 8 ? SpanOf(date.data + 2, 6) : date;
}

/* ---- findings ---- */

/* The first finding that refuses a level of this interchange, NULL if none is listed. */
static const EdiFinding *
FirstOf(const Ack *ack, EdiLevel level, uint32_t number)
{
	for (uint32_t i = 0; i < ack->reader->findings.count; i++)
	{
		const EdiFinding *f = &VectorAt(&ack->reader->findings, EdiFinding, i);

		if (f->level == level && Counts(ack, f) &&
			(level == EDI_LEVEL_INTERCHANGE ? f->interchange == number : f->group == number))
			return f;
	}
	return NULL;
}

/* Those of a message, in the order of its segments; of one segment, as they were found. */
static void
Collect(Ack *ack, uint32_t message)
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
		if (f->message != message || f->level != EDI_LEVEL_MESSAGE || !Counts(ack, f) ||
			(slot = VectorPush(&ack->found)) == NULL)
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

static const EdiFinding *
Found(const Ack *ack, uint32_t i)
{
	return VectorAt(&ack->found, const EdiFinding *, i);
}

/* Is it about the message as a whole: its envelope, its count? */
static bool
OfMessage(const EdiFinding *f)
{
	return f->segment == 0 || f->fault == EDI_MESSAGE || f->tag == EDI_TAG('U', 'N', 'H') ||
		   f->tag == EDI_TAG('U', 'N', 'T') || f->tag == EDI_TAG('S', 'T', '\0') ||
		   f->tag == EDI_TAG('S', 'E', '\0');
}

/* ---- CONTRL ---- */

/* Action, and for a refusal the first error with the service segment and place it is in. */
static void
Action(Ack *ack, bool refused, const EdiFinding *f)
{
	char tag[5];

	ElementText(ack, refused ? "4" : "7");
	if (!refused || f == NULL)
		return;
	ElementNumber(ack, ClexEdiFaults[f->fault].contrl);
	EdiTagText(f->tag, tag);
	ElementText(ack, f->tag == 0 ? (f->expected.data != NULL ? f->expected.data : "") : tag);
	if (f->element == 0)
		return;
	/* the tag is the first element there */
	ElementNumber(ack, f->element + 1u);
	if (f->component > 0)
		Component(ack, EdiPrinted(ArenaPrintf(ack->found.arena, "%u", f->component)));
}

/* The segments of a message that are in error, and their elements. */
static void
ContrlSegments(Ack *ack)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < ack->found.count; i++)
	{
		const EdiFinding *f = Found(ack, i);

		if (OfMessage(f))
			continue;
		if (f->segment != last || f->element == 0)
		{
			Tag(ack, "UCS");
			ElementNumber(ack, f->segment);
			if (f->element == 0)
				ElementNumber(ack, ClexEdiFaults[f->fault].contrl);
			End(ack);
			last = f->segment;
		}
		if (f->element == 0)
			continue;
		Tag(ack, "UCD");
		ElementNumber(ack, ClexEdiFaults[f->fault].contrl);
		ElementNumber(ack, f->element + 1u);
		if (f->component > 0)
			Component(ack, EdiPrinted(ArenaPrintf(ack->found.arena, "%u", f->component)));
		End(ack);
	}
}

static void
ContrlMessage(Ack *ack, uint32_t number)
{
	const EdiMessage *m = &VectorAt(&ack->reader->messages, EdiMessage, number - 1);
	const EdiFinding *first = NULL;
	bool refused = Refuses(ack, m->fatal, m->warnings);

	Collect(ack, number);
	for (uint32_t i = 0; i < ack->found.count && first == NULL; i++)
		if (OfMessage(Found(ack, i)))
			first = Found(ack, i);
	Tag(ack, "UCM");
	Element(ack, m->reference);
	Element(ack, m->type);
	Component(ack, m->version);
	Component(ack, m->revision);
	Component(ack, m->agency);
	if (m->association.length > 0)
		Component(ack, m->association);
	Action(ack, refused, first);
	End(ack);
	if (refused)
		ContrlSegments(ack);
}

static void
ContrlGroup(Ack *ack, uint32_t number)
{
	const EdiGroup *g = &VectorAt(&ack->reader->groups, EdiGroup, number - 1);

	Tag(ack, "UCF");
	Element(ack, g->reference);
	Element(ack, g->sender);
	Element(ack, g->receiver);
	Action(ack, Refuses(ack, g->fatal, g->warnings), FirstOf(ack, EDI_LEVEL_GROUP, number));
	End(ack);
}

static void
ContrlHeader(Ack *ack)
{
	const EdiInterchange *i = ack->interchange;

	Tag(ack, "UNB");
	ElementText(ack, "UNOC");
	Component(ack, SPAN_LITERAL("3"));
	Element(ack, i->receiver);
	Component(ack, i->receiver_qualifier);
	Element(ack, i->sender);
	Component(ack, i->sender_qualifier);
	Element(ack, ShortDate(Or(ack->options->date, i->date)));
	Component(ack, Or(ack->options->time, i->time));
	Element(ack, Or(ack->options->reference, i->reference));
	End(ack);
	ack->segments = 0;
	Tag(ack, "UNH");
	ElementText(ack, "1");
	ElementText(ack, "CONTRL");
	Component(ack, SPAN_LITERAL("D"));
	Component(ack, SPAN_LITERAL("3"));
	Component(ack, SPAN_LITERAL("UN"));
	End(ack);
}

/* The messages of this interchange, with their groups. */
static void
ContrlMessages(Ack *ack)
{
	uint32_t group = 0;

	for (uint32_t m = 1; m <= ack->reader->messages.count; m++)
	{
		const EdiMessage *message = &VectorAt(&ack->reader->messages, EdiMessage, m - 1);
		const EdiGroup *g;

		if (message->interchange != ack->number)
			continue;
		g = message->group == 0 ? NULL
								: &VectorAt(&ack->reader->groups, EdiGroup, message->group - 1);
		if (message->group != group && g != NULL)
			ContrlGroup(ack, message->group);
		group = message->group;
		if (g == NULL || !Refuses(ack, g->fatal, g->warnings))
			ContrlMessage(ack, m);
	}
}

static void
Contrl(Ack *ack)
{
	const EdiInterchange *i = ack->interchange;
	bool refused = Refuses(ack, i->fatal, i->warnings);

	ack->s = (EdiSeparators){':', '+', '\'', '?', '\0', '.'};
	ContrlHeader(ack);
	Tag(ack, "UCI");
	Element(ack, i->reference);
	Element(ack, i->sender);
	Component(ack, i->sender_qualifier);
	if (i->sender_inner.length > 0)
		Component(ack, i->sender_inner);
	Element(ack, i->receiver);
	Component(ack, i->receiver_qualifier);
	if (i->receiver_inner.length > 0)
		Component(ack, i->receiver_inner);
	Action(ack, refused, FirstOf(ack, EDI_LEVEL_INTERCHANGE, ack->number));
	End(ack);
	if (!refused)
		ContrlMessages(ack);
	Tag(ack, "UNT");
	ElementNumber(ack, ack->segments);
	ElementText(ack, "1");
	End(ack);
	Tag(ack, "UNZ");
	ElementText(ack, "1");
	Element(ack, Or(ack->options->reference, i->reference));
	End(ack);
}

/* ---- TA1 and 997 ---- */

/* A value of ISA, filled with blanks to its length. */
static void
Fixed(Ack *ack, Span text, size_t length)
{
	size_t start;

	TextAppendChar(ack->out, ack->s.element);
	start = ack->out->length;
	Data(ack, SpanCut(text, length));
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
	Data(ack, SpanCut(number, 9));
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

	Tag(ack, "ISA");
	ElementText(ack, "00");
	Fixed(ack, SPAN_LITERAL(""), 10);
	ElementText(ack, "00");
	Fixed(ack, SPAN_LITERAL(""), 10);
	Fixed(ack, i->receiver_qualifier, 2);
	Fixed(ack, i->receiver, 15);
	Fixed(ack, i->sender_qualifier, 2);
	Fixed(ack, i->sender, 15);
	Fixed(ack, ShortDate(Or(ack->options->date, i->date)), 6);
	Fixed(ack, Or(ack->options->time, i->time), 4);
	TextAppendChar(ack->out, ack->s.element);
	TextAppendChar(ack->out, ack->s.repetition != '\0' ? ack->s.repetition : 'U');
	Fixed(ack, Version(ack), 5);
	Control(ack, Or(ack->options->reference, i->reference));
	ElementText(ack, "0");
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
	const EdiFinding *f = FirstOf(ack, EDI_LEVEL_INTERCHANGE, ack->number);
	const char *note = f == NULL ? NULL : ClexEdiFaults[f->fault].note;

	Tag(ack, "TA1");
	Control(ack, i->reference);
	Element(ack, i->date);
	Element(ack, i->time);
	ElementText(ack, refused ? "R" : "A");
	ElementText(ack, !refused ? "000" : (note != NULL ? note : "024"));
	End(ack);
}

/* AK3 and AK4: a segment in error and its elements. */
static void
X12Segments(Ack *ack)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < ack->found.count; i++)
	{
		const EdiFinding *f = Found(ack, i);
		const EdiFaultFact *fact = &ClexEdiFaults[f->fault];
		char tag[5];

		if (OfMessage(f) || fact->segment == NULL)
			continue;
		if (f->segment != last || f->element == 0)
		{
			EdiTagText(f->tag, tag);
			Tag(ack, "AK3");
			ElementText(ack, tag);
			ElementNumber(ack, f->segment);
			ElementText(ack, "");
			ElementText(ack, fact->segment);
			End(ack);
			last = f->segment;
		}
		if (f->element == 0 || fact->element == NULL)
			continue;
		Tag(ack, "AK4");
		ElementNumber(ack, f->element);
		if (f->component > 0)
			Component(ack, EdiPrinted(ArenaPrintf(ack->found.arena, "%u", f->component)));
		/* a reference that is no number (C040) is a composite of ours, not of the standard's */
		ElementText(ack, f->number != NULL && f->number[0] >= '0' && f->number[0] <= '9' ? f->number
																						 : "");
		ElementText(ack, fact->element);
		Element(ack, SpanCut(f->found.data == NULL ? SpanOf("", 0) : f->found, 99));
		End(ack);
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
		const EdiFinding *f = single != NULL ? single : Found(ack, i);
		const char *code = group ? ClexEdiFaults[f->fault].group : ClexEdiFaults[f->fault].set;
		unsigned k = 0;

		if (code == NULL)
			continue;
		while (k < count && strcmp(written[k], code) != 0)
			k++;
		if (k < count)
			continue;
		written[count++] = code;
		ElementText(ack, code);
	}
}

/* AK2 to AK5 for one set; true if it is accepted. */
static bool
X12Set(Ack *ack, uint32_t number)
{
	const EdiMessage *m = &VectorAt(&ack->reader->messages, EdiMessage, number - 1);
	bool refused = Refuses(ack, m->fatal, m->warnings);

	Collect(ack, number);
	Tag(ack, "AK2");
	Element(ack, m->type);
	Element(ack, m->reference);
	End(ack);
	X12Segments(ack);
	Tag(ack, "AK5");
	ElementText(ack, refused ? "R" : (m->warnings > 0 ? "E" : "A"));
	if (refused)
		Codes(ack, false, NULL);
	End(ack);
	return !refused;
}

/* A 997 for one group. */
static void
X12Group(Ack *ack, uint32_t number, uint32_t serial)
{
	const EdiGroup *g = &VectorAt(&ack->reader->groups, EdiGroup, number - 1);
	bool refused = Refuses(ack, g->fatal, g->warnings);
	char control[16];
	uint32_t accepted = 0;

	snprintf(control, sizeof(control), "%04u", serial);
	ack->segments = 0;
	Tag(ack, "ST");
	ElementText(ack, "997");
	ElementText(ack, control);
	End(ack);
	Tag(ack, "AK1");
	Element(ack, g->id);
	Element(ack, g->reference);
	End(ack);
	for (uint32_t m = 1; m <= ack->reader->messages.count; m++)
		if (VectorAt(&ack->reader->messages, EdiMessage, m - 1).group == number)
			accepted += X12Set(ack, m);
	Tag(ack, "AK9");
	ElementText(ack, refused || (accepted == 0 && g->messages > 0) ? "R"
					 : accepted < g->messages					   ? "P"
																   : "A");
	Element(ack, g->declared.length > 0
					 ? g->declared
					 : EdiPrinted(ArenaPrintf(ack->found.arena, "%u", g->messages)));
	ElementNumber(ack, g->messages);
	ElementNumber(ack, refused ? 0 : accepted);
	if (refused)
		Codes(ack, true, FirstOf(ack, EDI_LEVEL_GROUP, number));
	End(ack);
	Tag(ack, "SE");
	ElementNumber(ack, ack->segments);
	ElementText(ack, control);
	End(ack);
}

/* One group of 997, one for each group of the interchange. */
static void
X12Groups(Ack *ack, uint32_t first)
{
	const EdiInterchange *i = ack->interchange;
	const EdiGroup *g = &VectorAt(&ack->reader->groups, EdiGroup, first);
	Span reference = Or(ack->options->reference, i->reference);
	Span version = Version(ack);
	uint32_t count = 0;

	Tag(ack, "GS");
	ElementText(ack, "FA");
	Element(ack, g->receiver);
	Element(ack, g->sender);
	Element(ack, ack->options->date.length == 8
					 ? ack->options->date
					 : EdiPrinted(ArenaPrintf(ack->found.arena, "20%.*s", (int) i->date.length,
											  i->date.data)));
	Element(ack, Or(ack->options->time, i->time));
	Control(ack, reference);
	ElementText(ack, "X");
	Element(ack,
			EdiPrinted(ArenaPrintf(ack->found.arena, "%.*s0", (int) version.length, version.data)));
	End(ack);
	for (; first < ack->reader->groups.count; first++)
		if (VectorAt(&ack->reader->groups, EdiGroup, first).interchange == ack->number)
			X12Group(ack, first + 1, ++count);
	Tag(ack, "GE");
	ElementNumber(ack, count);
	Control(ack, reference);
	End(ack);
}

static void
X12(Ack *ack)
{
	const EdiInterchange *i = ack->interchange;
	bool refused = Refuses(ack, i->fatal, i->warnings);
	uint32_t first = 0;

	ack->s = i->separators;
	while (first < ack->reader->groups.count &&
		   VectorAt(&ack->reader->groups, EdiGroup, first).interchange != ack->number)
		first++;
	IsaHeader(ack);
	Ta1(ack, refused);
	if (!refused && first < ack->reader->groups.count)
		X12Groups(ack, first);
	Tag(ack, "IEA");
	ElementNumber(ack, !refused && first < ack->reader->groups.count ? 1 : 0);
	Control(ack, Or(ack->options->reference, i->reference));
	End(ack);
}

/* An interchange of nothing but acknowledgements is not answered. */
static bool
IsAnswer(const EdiReader *reader, uint32_t number)
{
	bool any = false;

	for (uint32_t m = 0; m < reader->messages.count; m++)
	{
		const EdiMessage *message = &VectorAt(&reader->messages, EdiMessage, m);

		if (message->interchange != number)
			continue;
		any = true;
		if (!SpanEqualCString(message->type, "CONTRL") && !SpanEqualCString(message->type, "997") &&
			!SpanEqualCString(message->type, "999"))
			return false;
	}
	/* X12 without sets carries a TA1 */
	return any || VectorAt(&reader->interchanges, EdiInterchange, number - 1).family == EDI_X12;
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
		if (IsAnswer(reader, ack.number))
			continue;
		if (ack.interchange->family == EDI_X12)
			X12(&ack);
		else
			Contrl(&ack);
	}
	return out->failed ? ClexFail(error, CLEX_NO_MEMORY, "out of memory writing an acknowledgement")
					   : CLEX_OK;
}
