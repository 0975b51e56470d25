/*
 * edi_reader.c
 *		Envelopes: where interchanges, groups and messages begin and end, their counts and references.
 *
 * EDIFACT and X12 differ in the names of their service segments and in where these keep what; the order
 * of things is the same, so there is one walk and a table of roles.
 */
#include "core/codec/edi_reader.h"

#include "core/codec/edi_text.h"

/* What a service segment does. */
typedef enum Role
{
	ROLE_NONE,
	ROLE_INTERCHANGE,
	ROLE_GROUP,
	ROLE_MESSAGE,
	ROLE_MESSAGE_END,
	ROLE_GROUP_END,
	ROLE_INTERCHANGE_END,
	ROLE_PACKAGE,	  /* UNO: a foreign object up to UNP */
	ROLE_PACKAGE_END, /* UNP without UNO before it */
	ROLE_NOTE,		  /* TA1, which stands between interchange and group */
} Role;

static Role
RoleOf(EdiTag tag)
{
	switch (tag)
	{
		case EDI_TAG('U', 'N', 'B'):
		case EDI_TAG('I', 'S', 'A'):
			return ROLE_INTERCHANGE;
		case EDI_TAG('U', 'N', 'G'):
		case EDI_TAG('G', 'S', '\0'):
			return ROLE_GROUP;
		case EDI_TAG('U', 'N', 'H'):
		case EDI_TAG('S', 'T', '\0'):
			return ROLE_MESSAGE;
		case EDI_TAG('U', 'N', 'T'):
		case EDI_TAG('S', 'E', '\0'):
			return ROLE_MESSAGE_END;
		case EDI_TAG('U', 'N', 'E'):
		case EDI_TAG('G', 'E', '\0'):
			return ROLE_GROUP_END;
		case EDI_TAG('U', 'N', 'Z'):
		case EDI_TAG('I', 'E', 'A'):
			return ROLE_INTERCHANGE_END;
		case EDI_TAG('U', 'N', 'O'):
			return ROLE_PACKAGE;
		case EDI_TAG('U', 'N', 'P'):
			return ROLE_PACKAGE_END;
		case EDI_TAG('T', 'A', '1'):
			return ROLE_NOTE;
		default:
			return ROLE_NONE;
	}
}

static bool
IsX12(const EdiReader *reader)
{
	return reader->scanner.family == EDI_X12;
}

static EdiInterchange *
OpenInterchange(const EdiReader *reader)
{
	return &VectorAt(&reader->interchanges, EdiInterchange, reader->interchanges.count - 1);
}

static EdiGroup *
OpenGroup(const EdiReader *reader)
{
	return &VectorAt(&reader->groups, EdiGroup, reader->groups.count - 1);
}

static void
OutOfMemory(EdiReader *reader)
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
		fatals = &OpenInterchange(reader)->fatal;
		warnings = &OpenInterchange(reader)->warnings;
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
		OutOfMemory(reader);
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
static void
NoteEnvelope(EdiReader *reader, EdiFault fault, EdiLevel level, const EdiSegment *segment,
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

static void
CheckCount(EdiReader *reader, EdiLevel level, const EdiSegment *segment, uint32_t counted)
{
	Span declared = Keep(reader, segment, 1, 1);

	if (NumberOf(declared) != (int64_t) counted)
		NoteEnvelope(reader, EDI_COUNT, level, segment, declared,
					 SpanFromCString(ArenaPrintf(reader->arena, "%u", counted)));
}

/* References are numbers in X12, which may be filled with zeros. */
static void
CheckReference(EdiReader *reader, EdiLevel level, const EdiSegment *segment, Span header)
{
	Span trailer = Keep(reader, segment, 2, 1);
	bool same = SpanEqual(trailer, header);

	if (!same && IsX12(reader))
		same = NumberOf(trailer) >= 0 && NumberOf(trailer) == NumberOf(header);
	if (!same)
		NoteEnvelope(reader, EDI_REFERENCE, level, segment, trailer, header);
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
		OutOfMemory(reader);
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
		NoteEnvelope(reader, EDI_DUPLICATE, level, segment, text, SpanOf(NULL, 0));
		return;
	}
	*slot = (struct EdiReference){text, scope, level};
	reader->reference_count++;
}

/* ---- headers ---- */

/* The directory of service segments. */
static const EdiDirectoryFact *
ServiceDirectory(const EdiReader *reader)
{
	if (IsX12(reader))
		return EdiDirectoryFind("004010");
	if (reader->interchanges.count > 0)
	{
		Span version = OpenInterchange(reader)->syntax_version;

		if (version.length > 0 && version.data[0] >= '4')
			return EdiDirectoryFind("S4");
	}
	return EdiDirectoryFind("S3");
}

static void
CheckService(EdiReader *reader, const EdiSegment *segment, EdiLevel level)
{
	if (segment->tag == EDI_TAG('I', 'S', 'A') && reader->scanner.short_isa)
		return;
	EdiCheckElements(reader, ServiceDirectory(reader), segment,
					 reader->in_message ? reader->segments.count : 0, level);
}

/* Is what is declared also what is sent? */
static void
CheckCharset(EdiReader *reader, const EdiSegment *segment)
{
	const EdiScanner *s = &reader->scanner;
	Span syntax = OpenInterchange(reader)->syntax;
	const EdiHalf *half;
	EdiCharset declared = IsX12(reader) ? EDI_UTF8 : EdiCharsetOf(s->syntax, &half);

	if (declared == EDI_UNKNOWN_SET)
		NoteEnvelope(reader, EDI_SYNTAX, EDI_LEVEL_INTERCHANGE, segment, syntax, SpanOf(NULL, 0));
	else if (declared != EDI_UTF8 && s->is_utf8)
		NoteEnvelope(reader, EDI_CHARSET, EDI_LEVEL_INTERCHANGE, segment, syntax,
					 SPAN_LITERAL("UTF-8"));
	if (s->has_mark && reader->interchanges.count == 1)
		NoteEnvelope(reader, EDI_BLANKS, EDI_LEVEL_INTERCHANGE, segment,
					 SPAN_LITERAL("a byte order mark"), SpanOf(NULL, 0));
}

static void
BeginInterchange(EdiReader *reader, const EdiSegment *s)
{
	EdiInterchange *i = VectorPush(&reader->interchanges);

	if (i == NULL)
	{
		OutOfMemory(reader);
		return;
	}
	memset(i, 0, sizeof(*i));
	reader->in_interchange = true;
	reader->said_outside = reader->said_character = reader->said_blanks = false;
	i->family = reader->scanner.family;
	i->separators = reader->scanner.separators;
	if (IsX12(reader))
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
	if (reader->scanner.short_isa && IsX12(reader))
		NoteEnvelope(reader, EDI_HEADER_LENGTH, EDI_LEVEL_INTERCHANGE, s,
					 SpanFromCString(ArenaPrintf(reader->arena, "%u", s->length + 1)),
					 SPAN_LITERAL("106"));
	CheckService(reader, s, EDI_LEVEL_INTERCHANGE);
	UseReference(reader, EDI_LEVEL_INTERCHANGE, 0, s, i->reference);
}

static void
BeginGroup(EdiReader *reader, const EdiSegment *s)
{
	EdiGroup *g = VectorPush(&reader->groups);
	bool x12 = IsX12(reader);

	if (g == NULL)
	{
		OutOfMemory(reader);
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
	CheckService(reader, s, EDI_LEVEL_GROUP);
	if (reader->interchanges.count > 0)
	{
		EdiInterchange *i = OpenInterchange(reader);

		if (i->loose > 0 && i->groups == 0)
			NoteEnvelope(reader, EDI_MIXED, EDI_LEVEL_INTERCHANGE, s, SpanOf(NULL, 0),
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
	return SpanFromCString(ArenaPrintf(reader->arena, "%.*s%.*s", (int) version.length,
									   version.data, (int) revision.length, revision.data));
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
	if (m->directory == NULL && IsX12(reader))
		m->directory = EdiDirectoryFind("004010");
}

static void
BeginMessage(EdiReader *reader, const EdiSegment *s)
{
	EdiMessage *m = VectorPush(&reader->messages);
	bool x12 = IsX12(reader);

	if (m == NULL)
	{
		OutOfMemory(reader);
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
		EdiInterchange *i = OpenInterchange(reader);

		i->messages++;
		if (reader->in_group)
			OpenGroup(reader)->messages++;
		else
		{
			if (i->groups > 0 && i->loose == 0)
				NoteEnvelope(reader, EDI_MIXED, EDI_LEVEL_INTERCHANGE, s, SpanOf(NULL, 0),
							 SpanOf(NULL, 0));
			i->loose++;
		}
	}
	UseReference(reader, EDI_LEVEL_MESSAGE,
				 reader->in_group ? 0x80000000u | reader->groups.count : reader->interchanges.count,
				 s, m->reference);
}

/* ---- trailers ---- */

static void
EndGroup(EdiReader *reader, const EdiSegment *s)
{
	EdiGroup *g = OpenGroup(reader);

	if (s == NULL)
	{
		EdiFinding *finding = EdiNote(reader, EDI_TRAILER, EDI_LEVEL_GROUP, NULL);

		if (finding != NULL)
			finding->expected = IsX12(reader) ? SPAN_LITERAL("GE") : SPAN_LITERAL("UNE");
	}
	else
	{
		g->closed = true;
		g->declared = Keep(reader, s, 1, 1);
		CheckService(reader, s, EDI_LEVEL_GROUP);
		CheckCount(reader, EDI_LEVEL_GROUP, s, g->messages);
		CheckReference(reader, EDI_LEVEL_GROUP, s, g->reference);
		if (g->messages == 0)
			NoteEnvelope(reader, EDI_EMPTY, EDI_LEVEL_GROUP, s, SpanOf(NULL, 0), SpanOf(NULL, 0));
	}
	reader->in_group = false;
}

static void
EndInterchange(EdiReader *reader, const EdiSegment *s)
{
	EdiInterchange *i = OpenInterchange(reader);

	if (reader->in_group)
		EndGroup(reader, NULL);
	if (s == NULL)
	{
		EdiFinding *finding = EdiNote(reader, EDI_TRAILER, EDI_LEVEL_INTERCHANGE, NULL);

		if (finding != NULL)
			finding->expected = i->family == EDI_X12 ? SPAN_LITERAL("IEA") : SPAN_LITERAL("UNZ");
	}
	else
	{
		bool groups = i->groups > 0 || IsX12(reader);

		i->closed = true;
		CheckService(reader, s, EDI_LEVEL_INTERCHANGE);
		CheckCount(reader, EDI_LEVEL_INTERCHANGE, s, groups ? i->groups : i->messages);
		CheckReference(reader, EDI_LEVEL_INTERCHANGE, s, i->reference);
		/* in X12 an interchange may hold nothing but an acknowledgement of another */
		if (i->messages == 0 && !IsX12(reader))
			NoteEnvelope(reader, EDI_EMPTY, EDI_LEVEL_INTERCHANGE, s, SpanOf(NULL, 0),
						 SpanOf(NULL, 0));
	}
	reader->in_interchange = false;
}

/* The message is complete, or another begins: place and check it. */
static bool
EndMessage(EdiReader *reader, const EdiSegment *trailer)
{
	EdiMessage *m = EdiCurrent(reader);

	m->segments = reader->segments.count;
	m->closed = trailer != NULL;
	if (m->fact != NULL)
		EdiPlaceSegments(reader);
	else
		NoteEnvelope(reader, EDI_MESSAGE, EDI_LEVEL_MESSAGE,
					 &VectorAt(&reader->segments, EdiPlaced, 0).segment,
					 SpanFromCString(ArenaPrintf(reader->arena, "%.*s %.*s", (int) m->type.length,
												 m->type.data, (int) m->release.length,
												 m->release.data)),
					 SpanOf(NULL, 0));
	for (uint32_t i = 0; i < reader->segments.count && reader->scanner.status == CLEX_OK; i++)
	{
		const EdiSegment *s = &VectorAt(&reader->segments, EdiPlaced, i).segment;

		if (RoleOf(s->tag) != ROLE_NONE)
			EdiCheckElements(reader, ServiceDirectory(reader), s, i + 1, EDI_LEVEL_MESSAGE);
		else if (m->directory != NULL && (m->exact || !IsX12(reader)))
			EdiCheckElements(reader, m->directory, s, i + 1, EDI_LEVEL_MESSAGE);
	}
	if (trailer == NULL)
	{
		EdiFinding *finding = EdiNote(reader, EDI_TRAILER, EDI_LEVEL_MESSAGE, NULL);

		if (finding != NULL)
			finding->expected = IsX12(reader) ? SPAN_LITERAL("SE") : SPAN_LITERAL("UNT");
	}
	else
	{
		CheckCount(reader, EDI_LEVEL_MESSAGE, trailer, m->segments);
		CheckReference(reader, EDI_LEVEL_MESSAGE, trailer, m->reference);
	}
	reader->in_message = false;
	return reader->scanner.status == CLEX_OK;
}

/* ---- the walk ---- */

/* A foreign object: skip to UNP, whatever it is made of. */
static void
SkipPackage(EdiReader *reader)
{
	EdiScanner *s = &reader->scanner;
	const char *p = s->next;

	while ((p = memchr(p, 'U', (size_t) (s->end - p))) != NULL && s->end - p >= 4)
	{
		if (memcmp(p, "UNP", 3) == 0 && p[3] == s->separators.element)
		{
			while (p < s->end && *p != s->separators.segment)
				p++;
			s->next = p < s->end ? p + 1 : p;
			if (reader->interchanges.count > 0)
			{
				OpenInterchange(reader)->messages++;
				OpenInterchange(reader)->loose++;
			}
			return;
		}
		p++;
	}
}

static void
CheckBytes(EdiReader *reader, const EdiSegment *segment)
{
	EdiFinding *finding;
	char tag[5];

	if ((segment->flags & EDI_SEGMENT_INDENTED) && !reader->said_blanks)
	{
		reader->said_blanks = true;
		NoteEnvelope(reader, EDI_BLANKS, EDI_LEVEL_INTERCHANGE, segment,
					 SPAN_LITERAL("blanks before a segment"), SpanOf(NULL, 0));
	}
	if ((segment->flags & EDI_SEGMENT_UNTERMINATED) == 0)
		return;
	finding = EdiNote(reader, segment->flags & EDI_SEGMENT_DANGLING ? EDI_RELEASE : EDI_CUT,
					  EDI_LEVEL_INTERCHANGE, segment);
	EdiTagText(segment->tag, tag);
	if (finding != NULL)
		finding->found = ArenaCopy(reader->arena, SpanFromCString(tag));
}

static void
NoteOutside(EdiReader *reader, const EdiSegment *segment)
{
	EdiFinding *finding;
	char tag[5];

	if (reader->said_outside)
		return;
	reader->said_outside = true;
	finding = EdiNote(reader, EDI_OUTSIDE, EDI_LEVEL_INTERCHANGE, segment);
	EdiTagText(segment->tag, tag);
	if (finding != NULL)
		finding->found = ArenaCopy(reader->arena, SpanFromCString(tag));
}

static bool
AddSegment(EdiReader *reader, const EdiSegment *segment)
{
	EdiPlaced *placed = VectorPush(&reader->segments);

	if (placed == NULL)
	{
		OutOfMemory(reader);
		return false;
	}
	*placed = (EdiPlaced){.segment = *segment, .node = EDI_NO_NODE};
	return true;
}

/* A segment that ends what is open: keep it for later, and end the message first. */
static bool
EndUnfinished(EdiReader *reader, const EdiSegment *segment)
{
	reader->pending = *segment;
	reader->has_pending = true;
	return EndMessage(reader, NULL);
}

/* One service segment outside messages. */
static void
TakeService(EdiReader *reader, const EdiSegment *segment, Role role)
{
	switch (role)
	{
		case ROLE_INTERCHANGE:
			if (reader->in_interchange)
				EndInterchange(reader, NULL);
			BeginInterchange(reader, segment);
			break;
		case ROLE_GROUP:
			if (reader->in_group)
				EndGroup(reader, NULL);
			BeginGroup(reader, segment);
			break;
		case ROLE_GROUP_END:
			if (reader->in_group)
				EndGroup(reader, segment);
			else
				NoteOutside(reader, segment);
			break;
		case ROLE_INTERCHANGE_END:
			if (reader->in_interchange)
				EndInterchange(reader, segment);
			else
				NoteOutside(reader, segment);
			break;
		case ROLE_PACKAGE:
			SkipPackage(reader);
			break;
		case ROLE_NOTE:
			CheckService(reader, segment, EDI_LEVEL_INTERCHANGE);
			break;
		case ROLE_NONE:
		case ROLE_MESSAGE:
		case ROLE_MESSAGE_END:
		case ROLE_PACKAGE_END:
			NoteOutside(reader, segment);
			break;
	}
}

/* Make room for the next message: what the last one held is gone. */
static void
ResetBody(EdiReader *reader)
{
	ArenaReset(reader->body);
	VectorInit(&reader->segments, reader->body, sizeof(EdiPlaced));
	VectorInit(&reader->frames, reader->body, sizeof(EdiFrame));
	reader->lasts = NULL;
}

/*
 * The next segment.  Values of earlier ones are kept within a message, and for a segment that was
 * read ahead; its values lie at the end of the old ones and are moved to the front.
 */
static bool
NextSegment(EdiReader *reader, EdiSegment *segment)
{
	EdiScanner *s = &reader->scanner;

	if (reader->has_pending)
	{
		reader->has_pending = false;
		*segment = reader->pending;
		if (segment->value_count > 0)
			memmove(EdiValueAt(s, 0), EdiValueAt(s, segment->first_value),
					segment->value_count * sizeof(EdiValue));
		segment->first_value = 0;
		s->values.count = segment->value_count;
		return true;
	}
	if (!reader->in_message)
		EdiForget(s);
	return EdiNext(s, segment);
}

ClexStatus
EdiReaderOpen(EdiReader *reader, Span content, Arena *arena, Arena *body, ClexError *error)
{
	memset(reader, 0, sizeof(*reader));
	reader->arena = arena;
	reader->body = body;
	VectorInit(&reader->findings, arena, sizeof(EdiFinding));
	VectorInit(&reader->interchanges, arena, sizeof(EdiInterchange));
	VectorInit(&reader->groups, arena, sizeof(EdiGroup));
	VectorInit(&reader->messages, arena, sizeof(EdiMessage));
	ResetBody(reader);
	return EdiOpen(&reader->scanner, content, arena, error);
}

bool
EdiReaderNext(EdiReader *reader)
{
	EdiSegment segment;

	ResetBody(reader);
	while (NextSegment(reader, &segment))
	{
		Role role = RoleOf(segment.tag);

		CheckBytes(reader, &segment);
		if (role == ROLE_MESSAGE && !reader->in_message)
		{
			BeginMessage(reader, &segment);
			if (!AddSegment(reader, &segment))
				return false;
			continue;
		}
		if (!reader->in_message)
		{
			TakeService(reader, &segment, role);
			continue;
		}
		if (role != ROLE_NONE && role != ROLE_MESSAGE_END && role != ROLE_NOTE)
			return EndUnfinished(reader, &segment);
		if (!AddSegment(reader, &segment))
			return false;
		if (role == ROLE_MESSAGE_END)
			return EndMessage(reader, &segment);
	}
	if (reader->scanner.status != CLEX_OK)
		return false;
	if (reader->in_message)
		return EndMessage(reader, NULL);
	if (reader->in_interchange)
		EndInterchange(reader, NULL);
	return false;
}

void
EdiLocation(const EdiReader *reader, const EdiFinding *finding, Text *out)
{
	bool x12 =
		finding->interchange > 0 &&
		VectorAt(&reader->interchanges, EdiInterchange, finding->interchange - 1).family == EDI_X12;
	char tag[5];

	EdiTagText(finding->tag, tag);
	TextAppendf(out, "/%s[%u]", x12 ? "ISA" : "UNB", finding->interchange);
	if (finding->group > 0)
		TextAppendf(out, "/%s[%u]", x12 ? "GS" : "UNG", finding->group);
	if (finding->message > 0)
		TextAppendf(out, "/%s[%u]", x12 ? "ST" : "UNH", finding->message);
	if (finding->tag != 0 && finding->fault != EDI_SEGMENT_MISSING)
		TextAppendf(out, "/%s", tag);
	if (finding->element > 0)
		TextAppendf(out, "/%u", finding->element);
	if (finding->component > 0 && finding->element > 0 && !x12)
		TextAppendf(out, ".%u", finding->component);
}
