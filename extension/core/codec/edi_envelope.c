/*
 * edi_envelope.c
 *		Headers and trailers: what they declare, and whether counts and references agree.
 *
 * EDIFACT and X12 differ in where their service segments keep what; what is checked is the same.
 */
#include "core/codec/edi_envelope.h"

#include "core/codec/edi_text.h"

static EdiGroup *
OpenGroup(const EdiReader *reader)
{
	return &VectorAt(&reader->groups, EdiGroup, reader->groups.count - 1);
}

void
EdiOutOfMemory(EdiReader *reader)
{
	reader->scanner.status =
		ClexFail(reader->scanner.error, CLEX_NO_MEMORY, "out of memory reading EDI");
}

/* A text of a service segment that is kept, without the blanks that fill fixed lengths. */
static Span
Keep(EdiReader *reader, const EdiSegment *segment, unsigned element, unsigned component)
{
	Span text = EdiTextAt(&reader->scanner, segment, element, component, reader->arena);

	while (text.length > 0 && text.data[text.length - 1] == ' ')
		text.length--;
	return ArenaCopy(reader->arena, text);
}

/* ---- findings ---- */

/* Count a fault for the file and for what it makes unusable. */
static void
CountFault(EdiReader *reader, EdiLevel level, bool fatal)
{
	uint32_t *fatals = &reader->fatal;
	uint32_t *warnings = &reader->warnings;

	*(fatal ? fatals : warnings) += 1;
	if (level == EDI_LEVEL_MESSAGE && reader->messages.count > 0)
	{
		fatals = &EdiCurrent(reader)->fatal;
		warnings = &EdiCurrent(reader)->warnings;
	}
	else if (level == EDI_LEVEL_GROUP && reader->groups.count > 0)
	{
		fatals = &OpenGroup(reader)->fatal;
		warnings = &OpenGroup(reader)->warnings;
	}
	else if (reader->interchanges.count > 0)
	{
		fatals = &EdiOpenInterchange(reader)->fatal;
		warnings = &EdiOpenInterchange(reader)->warnings;
	}
	else
		return;
	*(fatal ? fatals : warnings) += 1;
}

EdiFinding *
EdiNote(EdiReader *reader, EdiFault fault, EdiLevel level, const EdiSegment *segment)
{
	EdiFinding *finding;

	CountFault(reader, level, ClexEdiFaults[fault].fatal);
	if (reader->findings.count >= EDI_MAX_FINDINGS)
	{
		reader->unlisted++;
		return NULL;
	}
	finding = VectorPush(&reader->findings);
	if (finding == NULL)
	{
		EdiOutOfMemory(reader);
		return NULL;
	}
	memset(finding, 0, sizeof(*finding));
	finding->fault = fault;
	finding->level = level;
	finding->interchange = reader->interchanges.count;
	finding->group = reader->in_group ? reader->groups.count : 0;
	finding->message = reader->in_message ? reader->messages.count : 0;
	if (segment != NULL)
	{
		finding->tag = segment->tag;
		finding->offset = segment->offset;
	}
	return finding;
}

/* A finding with found and expected, of an envelope. */
void
EdiNoteEnvelope(EdiReader *reader, EdiFault fault, EdiLevel level, const EdiSegment *segment,
				Span found, Span expected)
{
	EdiFinding *finding = EdiNote(reader, fault, level, segment);
	char tag[5];

	if (finding == NULL)
		return;
	EdiTagText(finding->tag, tag);
	finding->about = ArenaCopy(reader->arena, SpanFromCString(tag));
	finding->found = found;
	finding->expected = expected;
}

/* A number as it is written, without leading zeros; -1 if it is none. */
static int64_t
NumberOf(Span s)
{
	int64_t number = 0;

	if (s.length == 0 || s.length > 12)
		return -1;
	for (size_t i = 0; i < s.length; i++)
	{
		if (s.data[i] < '0' || s.data[i] > '9')
			return -1;
		number = 10 * number + (s.data[i] - '0');
	}
	return number;
}

void
EdiCheckCount(EdiReader *reader, EdiLevel level, const EdiSegment *segment, uint32_t counted)
{
	Span declared = Keep(reader, segment, 1, 1);

	if (NumberOf(declared) != (int64_t) counted)
		EdiNoteEnvelope(reader, EDI_COUNT, level, segment, declared,
						EdiPrinted(ArenaPrintf(reader->arena, "%u", counted)));
}

/* References are numbers in X12, which may be filled with zeros. */
void
EdiCheckReference(EdiReader *reader, EdiLevel level, const EdiSegment *segment, Span header)
{
	Span trailer = Keep(reader, segment, 2, 1);
	bool same = SpanEqual(trailer, header);

	if (!same && EdiIsX12(reader))
		same = NumberOf(trailer) >= 0 && NumberOf(trailer) == NumberOf(header);
	if (!same)
		EdiNoteEnvelope(reader, EDI_REFERENCE, level, segment, trailer, header);
}

/* ---- references used before ---- */

struct EdiReference
{
	Span text; /* NULL data: free */
	uint32_t scope;
	EdiLevel level;
};

static struct EdiReference *
ReferenceSlot(EdiReader *reader, EdiLevel level, uint32_t scope, Span text)
{
	uint32_t slot =
		(SpanHash(text) ^ scope * 2654435761u ^ (uint32_t) level) % reader->reference_slots;

	for (;; slot = (slot + 1) % reader->reference_slots)
	{
		struct EdiReference *r = &reader->references[slot];

		if (r->text.data == NULL ||
			(r->level == level && r->scope == scope && SpanEqual(r->text, text)))
			return r;
	}
}

static bool
GrowReferences(EdiReader *reader)
{
	struct EdiReference *old = reader->references;
	uint32_t slots = reader->reference_slots;

	if (2 * reader->reference_count < slots)
		return true;
	reader->reference_slots = slots == 0 ? 64 : 4 * slots;
	reader->references =
		ArenaAllocZero(reader->arena, reader->reference_slots * sizeof(struct EdiReference));
	if (reader->references == NULL)
	{
		EdiOutOfMemory(reader);
		return false;
	}
	for (uint32_t i = 0; i < slots; i++)
		if (old[i].text.data != NULL)
			*ReferenceSlot(reader, old[i].level, old[i].scope, old[i].text) = old[i];
	return true;
}

/* The same reference twice in one scope: interchanges in the file, groups and messages in theirs. */
static void
UseReference(EdiReader *reader, EdiLevel level, uint32_t scope, const EdiSegment *segment,
			 Span text)
{
	struct EdiReference *slot;

	if (text.length == 0 || !GrowReferences(reader))
		return;
	slot = ReferenceSlot(reader, level, scope, text);
	if (slot->text.data != NULL)
	{
		EdiNoteEnvelope(reader, EDI_DUPLICATE, level, segment, text, SpanOf(NULL, 0));
		return;
	}
	*slot = (struct EdiReference){text, scope, level};
	reader->reference_count++;
}

/* ---- headers ---- */

/* The directory of service segments. */
const EdiDirectoryFact *
EdiServiceDirectory(const EdiReader *reader)
{
	if (EdiIsX12(reader))
	{
		/* GS08 of the group says it; "005010X220A1" names a guide of the release too */
		Span version = reader->in_group ? OpenGroup(reader)->version : SpanOf("", 0);
		bool later = version.length >= 3 && memcmp(version.data, "005", 3) >= 0;

		return EdiDirectoryFind(later ? "005010" : "004010");
	}
	if (reader->interchanges.count > 0)
	{
		Span version = EdiOpenInterchange(reader)->syntax_version;

		if (version.length > 0 && version.data[0] >= '4')
			return EdiDirectoryFind("S4");
	}
	return EdiDirectoryFind("S3");
}

void
EdiCheckService(EdiReader *reader, const EdiSegment *segment, EdiLevel level)
{
	if (segment->tag == EDI_TAG('I', 'S', 'A') && reader->scanner.short_isa)
		return;
	EdiCheckElements(reader, EdiServiceDirectory(reader), segment,
					 reader->in_message ? reader->segments.count : 0, level);
}

/* Is what is declared also what is sent? */
static void
CheckCharset(EdiReader *reader, const EdiSegment *segment)
{
	const EdiScanner *s = &reader->scanner;
	Span syntax = EdiOpenInterchange(reader)->syntax;
	const EdiHalf *half;
	EdiCharset declared = EdiIsX12(reader) ? EDI_UTF8 : EdiCharsetOf(s->syntax, &half);

	if (declared == EDI_UNKNOWN_SET)
		EdiNoteEnvelope(reader, EDI_SYNTAX, EDI_LEVEL_INTERCHANGE, segment, syntax,
						SpanOf(NULL, 0));
	else if (declared != EDI_UTF8 && s->is_utf8)
		EdiNoteEnvelope(reader, EDI_CHARSET, EDI_LEVEL_INTERCHANGE, segment, syntax,
						SPAN_LITERAL("UTF-8"));
	if (s->has_mark && reader->interchanges.count == 1)
		EdiNoteEnvelope(reader, EDI_BLANKS, EDI_LEVEL_INTERCHANGE, segment,
						SPAN_LITERAL("a byte order mark"), SpanOf(NULL, 0));
}

void
EdiBeginInterchange(EdiReader *reader, const EdiSegment *s)
{
	EdiInterchange *i = VectorPush(&reader->interchanges);

	if (i == NULL)
	{
		EdiOutOfMemory(reader);
		return;
	}
	memset(i, 0, sizeof(*i));
	reader->in_interchange = true;
	reader->said_outside = reader->said_character = reader->said_blanks = false;
	i->family = reader->scanner.family;
	i->separators = reader->scanner.separators;
	if (EdiIsX12(reader))
	{
		i->sender_qualifier = Keep(reader, s, 5, 1);
		i->sender = Keep(reader, s, 6, 1);
		i->receiver_qualifier = Keep(reader, s, 7, 1);
		i->receiver = Keep(reader, s, 8, 1);
		i->date = Keep(reader, s, 9, 1);
		i->time = Keep(reader, s, 10, 1);
		i->standard = Keep(reader, s, 11, 1);
		i->version = Keep(reader, s, 12, 1);
		i->reference = Keep(reader, s, 13, 1);
		i->test = Keep(reader, s, 15, 1);
	}
	else
	{
		i->syntax = Keep(reader, s, 1, 1);
		i->syntax_version = Keep(reader, s, 1, 2);
		i->sender = Keep(reader, s, 2, 1);
		i->sender_qualifier = Keep(reader, s, 2, 2);
		i->sender_inner = Keep(reader, s, 2, 3);
		i->receiver = Keep(reader, s, 3, 1);
		i->receiver_qualifier = Keep(reader, s, 3, 2);
		i->receiver_inner = Keep(reader, s, 3, 3);
		i->date = Keep(reader, s, 4, 1);
		i->time = Keep(reader, s, 4, 2);
		i->reference = Keep(reader, s, 5, 1);
		i->test = Keep(reader, s, 11, 1);
	}
	CheckCharset(reader, s);
	if (reader->scanner.short_isa && EdiIsX12(reader))
		EdiNoteEnvelope(reader, EDI_HEADER_LENGTH, EDI_LEVEL_INTERCHANGE, s,
						EdiPrinted(ArenaPrintf(reader->arena, "%u", s->length + 1)),
						SPAN_LITERAL("106"));
	EdiCheckService(reader, s, EDI_LEVEL_INTERCHANGE);
	UseReference(reader, EDI_LEVEL_INTERCHANGE, 0, s, i->reference);
}

void
EdiBeginGroup(EdiReader *reader, const EdiSegment *s)
{
	EdiGroup *g = VectorPush(&reader->groups);
	bool x12 = EdiIsX12(reader);

	if (g == NULL)
	{
		EdiOutOfMemory(reader);
		return;
	}
	memset(g, 0, sizeof(*g));
	reader->in_group = true;
	g->interchange = reader->interchanges.count;
	g->id = Keep(reader, s, 1, 1);
	g->sender = Keep(reader, s, 2, 1);
	g->receiver = Keep(reader, s, 3, 1);
	g->reference = x12 ? Keep(reader, s, 6, 1) : Keep(reader, s, 5, 1);
	if (x12)
		g->version = Keep(reader, s, 8, 1);
	EdiCheckService(reader, s, EDI_LEVEL_GROUP);
	if (reader->interchanges.count > 0)
	{
		EdiInterchange *i = EdiOpenInterchange(reader);

		if (i->loose > 0 && i->groups == 0)
			EdiNoteEnvelope(reader, EDI_MIXED, EDI_LEVEL_INTERCHANGE, s, SpanOf(NULL, 0),
							SpanOf(NULL, 0));
		i->groups++;
	}
	UseReference(reader, EDI_LEVEL_GROUP, reader->interchanges.count, s, g->reference);
}

/* "D" and "96A" give "D96A"; a type alone gives nothing. */
static Span
ReleaseOf(EdiReader *reader, Span version, Span revision)
{
	if (version.length + revision.length == 0)
		return SpanOf("", 0);
	return EdiPrinted(ArenaPrintf(reader->arena, "%.*s%.*s", (int) version.length, version.data,
								  (int) revision.length, revision.data));
}

/* The structure of the message, and the directory of its segments. */
static void
ChooseStructure(EdiReader *reader, EdiMessage *m)
{
	m->fact = EdiMessageFind(reader->scanner.family, m->type, m->release, &m->exact);
	if (m->fact == NULL)
		return;
	m->directory = EdiDirectoryFind(m->fact->release);
	/* acknowledgements of X12 are the same in all releases, and share the directory of sets */
	if (m->directory == NULL && EdiIsX12(reader))
		m->directory = EdiDirectoryFind("004010");
}

void
EdiBeginMessage(EdiReader *reader, const EdiSegment *s)
{
	EdiMessage *m = VectorPush(&reader->messages);
	bool x12 = EdiIsX12(reader);

	if (m == NULL)
	{
		EdiOutOfMemory(reader);
		return;
	}
	memset(m, 0, sizeof(*m));
	reader->in_message = true;
	m->interchange = reader->interchanges.count;
	m->group = reader->in_group ? reader->groups.count : 0;
	m->offset = s->offset;
	if (x12)
	{
		m->type = Keep(reader, s, 1, 1);
		m->reference = Keep(reader, s, 2, 1);
		m->version = m->release = reader->in_group ? OpenGroup(reader)->version : SpanOf("", 0);
	}
	else
	{
		m->reference = Keep(reader, s, 1, 1);
		m->type = Keep(reader, s, 2, 1);
		m->version = Keep(reader, s, 2, 2);
		m->revision = Keep(reader, s, 2, 3);
		m->agency = Keep(reader, s, 2, 4);
		m->association = Keep(reader, s, 2, 5);
		m->release = ReleaseOf(reader, m->version, m->revision);
	}
	ChooseStructure(reader, m);
	if (reader->interchanges.count > 0)
	{
		EdiInterchange *i = EdiOpenInterchange(reader);

		i->messages++;
		if (reader->in_group)
			OpenGroup(reader)->messages++;
		else
		{
			if (i->groups > 0 && i->loose == 0)
				EdiNoteEnvelope(reader, EDI_MIXED, EDI_LEVEL_INTERCHANGE, s, SpanOf(NULL, 0),
								SpanOf(NULL, 0));
			i->loose++;
		}
	}
	UseReference(reader, EDI_LEVEL_MESSAGE,
				 reader->in_group ? 0x80000000u | reader->groups.count : reader->interchanges.count,
				 s, m->reference);
}

void
EdiBeginAnswer(EdiReader *reader, const EdiSegment *s)
{
	EdiInterchange *i = EdiOpenInterchange(reader);
	EdiMessage *m = VectorPush(&reader->messages);

	if (m == NULL)
	{
		EdiOutOfMemory(reader);
		return;
	}
	memset(m, 0, sizeof(*m));
	m->interchange = reader->interchanges.count;
	m->offset = s->offset;
	m->type = SPAN_LITERAL("TA1");
	m->reference = i->reference;
	m->version = m->release = i->version;
	m->closed = true;
	ChooseStructure(reader, m);
	i->messages++;
}

/* ---- trailers ---- */

void
EdiEndGroup(EdiReader *reader, const EdiSegment *s)
{
	EdiGroup *g = OpenGroup(reader);

	if (s == NULL)
	{
		EdiFinding *finding = EdiNote(reader, EDI_TRAILER, EDI_LEVEL_GROUP, NULL);

		if (finding != NULL)
			finding->expected = EdiIsX12(reader) ? SPAN_LITERAL("GE") : SPAN_LITERAL("UNE");
	}
	else
	{
		g->closed = true;
		g->declared = Keep(reader, s, 1, 1);
		EdiCheckService(reader, s, EDI_LEVEL_GROUP);
		EdiCheckCount(reader, EDI_LEVEL_GROUP, s, g->messages);
		EdiCheckReference(reader, EDI_LEVEL_GROUP, s, g->reference);
		if (g->messages == 0)
			EdiNoteEnvelope(reader, EDI_EMPTY, EDI_LEVEL_GROUP, s, SpanOf(NULL, 0),
							SpanOf(NULL, 0));
	}
	reader->in_group = false;
}

void
EdiEndInterchange(EdiReader *reader, const EdiSegment *s)
{
	EdiInterchange *i = EdiOpenInterchange(reader);

	if (reader->in_group)
		EdiEndGroup(reader, NULL);
	if (s == NULL)
	{
		EdiFinding *finding = EdiNote(reader, EDI_TRAILER, EDI_LEVEL_INTERCHANGE, NULL);

		if (finding != NULL)
			finding->expected = i->family == EDI_X12 ? SPAN_LITERAL("IEA") : SPAN_LITERAL("UNZ");
	}
	else
	{
		bool groups = i->groups > 0 || EdiIsX12(reader);

		i->closed = true;
		EdiCheckService(reader, s, EDI_LEVEL_INTERCHANGE);
		EdiCheckCount(reader, EDI_LEVEL_INTERCHANGE, s, groups ? i->groups : i->messages);
		EdiCheckReference(reader, EDI_LEVEL_INTERCHANGE, s, i->reference);
		/* in X12 an interchange may hold nothing but an acknowledgement of another */
		if (i->messages == 0 && !EdiIsX12(reader))
			EdiNoteEnvelope(reader, EDI_EMPTY, EDI_LEVEL_INTERCHANGE, s, SpanOf(NULL, 0),
							SpanOf(NULL, 0));
	}
	reader->in_interchange = false;
}
