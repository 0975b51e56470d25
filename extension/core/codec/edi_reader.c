/*
 * edi_reader.c
 *		Where interchanges, groups and messages begin and end.
 *
 * EDIFACT and X12 have the same levels under other names, so there is one walk and a table of roles.
 */
#include "core/codec/edi_envelope.h"

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
		EdiNoteEnvelope(reader, EDI_MESSAGE, EDI_LEVEL_MESSAGE,
						&VectorAt(&reader->segments, EdiPlaced, 0).segment,
						EdiPrinted(ArenaPrintf(reader->arena, "%.*s %.*s", (int) m->type.length,
											   m->type.data, (int) m->release.length,
											   m->release.data)),
						SpanOf(NULL, 0));
	for (uint32_t i = 0; i < reader->segments.count && reader->scanner.status == CLEX_OK; i++)
	{
		const EdiSegment *s = &VectorAt(&reader->segments, EdiPlaced, i).segment;

		if (RoleOf(s->tag) != ROLE_NONE)
			EdiCheckElements(reader, EdiServiceDirectory(reader), s, i + 1, EDI_LEVEL_MESSAGE);
		else if (m->directory != NULL && (m->exact || !EdiIsX12(reader)))
			EdiCheckElements(reader, m->directory, s, i + 1, EDI_LEVEL_MESSAGE);
	}
	if (trailer == NULL)
	{
		EdiFinding *finding = EdiNote(reader, EDI_TRAILER, EDI_LEVEL_MESSAGE, NULL);

		if (finding != NULL)
			finding->expected = EdiIsX12(reader) ? SPAN_LITERAL("SE") : SPAN_LITERAL("UNT");
	}
	else
	{
		EdiCheckCount(reader, EDI_LEVEL_MESSAGE, trailer, m->segments);
		EdiCheckReference(reader, EDI_LEVEL_MESSAGE, trailer, m->reference);
	}
	reader->in_message = false;
	if (trailer != NULL)
		EdiTakePackages(reader);
	return reader->scanner.status == CLEX_OK;
}

/* ---- the walk ---- */

static void
CheckBytes(EdiReader *reader, const EdiSegment *segment)
{
	EdiFinding *finding;
	char tag[5];

	if ((segment->flags & EDI_SEGMENT_INDENTED) && !reader->said_blanks)
	{
		reader->said_blanks = true;
		EdiNoteEnvelope(reader, EDI_BLANKS, EDI_LEVEL_INTERCHANGE, segment,
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
		EdiOutOfMemory(reader);
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
				EdiEndInterchange(reader, NULL);
			EdiBeginInterchange(reader, segment);
			break;
		case ROLE_GROUP:
			if (reader->in_group)
				EdiEndGroup(reader, NULL);
			EdiBeginGroup(reader, segment);
			break;
		case ROLE_GROUP_END:
			if (reader->in_group)
				EdiEndGroup(reader, segment);
			else
				NoteOutside(reader, segment);
			break;
		case ROLE_INTERCHANGE_END:
			if (reader->in_interchange)
				EdiEndInterchange(reader, segment);
			else
				NoteOutside(reader, segment);
			break;
		case ROLE_PACKAGE:
			EdiTakePackage(reader, segment);
			break;
		case ROLE_NOTE:
			EdiCheckService(reader, segment, EDI_LEVEL_INTERCHANGE);
			break;
		case ROLE_NONE:
		case ROLE_MESSAGE:
		case ROLE_MESSAGE_END:
		case ROLE_PACKAGE_END:
			NoteOutside(reader, segment);
			break;
	}
}

/*
 * Does the interchange hold nothing but TA1?  Found out once for each, at its first TA1: nothing but TA1
 * follows to its end.  Where groups follow, TA1 is a note beside them.
 */
static bool
HoldsAnswers(EdiReader *reader)
{
	EdiScanner *s = &reader->scanner;
	EdiInterchange *i = EdiOpenInterchange(reader);
	EdiScanner ahead;
	EdiSegment segment;
	Role role = ROLE_NOTE;

	if (i->answers || i->groups > 0 || i->messages > 0)
		return i->answers;
	ahead = *s;
	VectorInit(&ahead.values, reader->body, sizeof(EdiValue));
	while (role == ROLE_NOTE && EdiNext(&ahead, &segment))
	{
		role = RoleOf(segment.tag);
		EdiForget(&ahead);
	}
	if (ahead.status != CLEX_OK)
		s->status = ahead.status;
	else
		i->answers = role == ROLE_NOTE || role == ROLE_INTERCHANGE_END || role == ROLE_INTERCHANGE;
	return i->answers && s->status == CLEX_OK;
}

/* A TA1 by itself is all of its message. */
static bool
TakeAnswer(EdiReader *reader, const EdiSegment *segment)
{
	EdiCheckService(reader, segment, EDI_LEVEL_INTERCHANGE);
	EdiBeginAnswer(reader, segment);
	if (reader->scanner.status != CLEX_OK || !AddSegment(reader, segment))
		return false;
	EdiCurrent(reader)->segments = 1;
	EdiPlaceSegments(reader);
	return reader->scanner.status == CLEX_OK;
}

/* Make room for the next message: what the last one held is gone. */
static void
ResetBody(EdiReader *reader)
{
	ArenaReset(reader->body);
	VectorInit(&reader->segments, reader->body, sizeof(EdiPlaced));
	VectorInit(&reader->frames, reader->body, sizeof(EdiFrame));
	VectorInit(&reader->packages, reader->body, sizeof(EdiPackage));
	reader->lasts = NULL;
	reader->counts = NULL;
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
	if (!reader->in_message && reader->packages.count == 0)
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
			EdiBeginMessage(reader, &segment);
			if (!AddSegment(reader, &segment))
				return false;
			continue;
		}
		if (role == ROLE_NOTE && !reader->in_message && reader->in_interchange &&
			EdiIsX12(reader) && HoldsAnswers(reader))
			return TakeAnswer(reader, &segment);
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
		EdiEndInterchange(reader, NULL);
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
