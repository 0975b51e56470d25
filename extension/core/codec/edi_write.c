/*
 * edi_write.c
 *		Writing documents as messages: segments in the order of the structure, separators, character set.
 *
 * Nothing is taken from a clock or a counter: what the caller does not give comes from the document, so
 * the same call writes the same bytes.
 */
#include "core/codec/edi_codec.h"
#include "core/codec/edi_writer.h"

/* ---- values and segments ---- */

/* Does the character set UNOC (ISO 8859-1) have all of a text? */
static bool
IsLatin(Span text)
{
	for (size_t i = 0; i < text.length; i++)
	{
		unsigned char c = (unsigned char) text.data[i];

		/* two bytes from C2 A0 to C3 BF */
		if (c > 0xC3 ||
			(c == 0xC2 && i + 1 < text.length && (unsigned char) text.data[i + 1] < 0xA0))
			return false;
	}
	return true;
}

/* One value, with release characters in EDIFACT; what cannot be said becomes a blank. */
static void
AppendValue(EdiWriter *w, Span text)
{
	const EdiSeparators *s = &w->separators;
	Text *out = w->job->out;

	for (size_t i = 0; i < text.length; i++)
	{
		unsigned char c = (unsigned char) text.data[i];
		bool mark = text.data[i] == s->component || text.data[i] == s->element ||
					text.data[i] == s->segment ||
					(s->release != '\0' && text.data[i] == s->release) ||
					(s->repetition != '\0' && text.data[i] == s->repetition);

		if (c == 0x7F || (c < 0x20 && !(c == '\n' && w->utf8 && w->family == EDI_EDIFACT)) ||
			(mark && s->release == '\0'))
			TextAppendChar(out, ' ');
		else if (mark)
		{
			TextAppendChar(out, s->release);
			TextAppendChar(out, (char) c);
		}
		else if (c >= 0xC2 && !w->utf8 && i + 1 < text.length)
			TextAppendChar(out, (char) ((c - 0xC2) * 0x40 + (unsigned char) text.data[++i]));
		else
			TextAppendChar(out, (char) c);
	}
}

static void
AppendTag(EdiWriter *w, EdiTag tag)
{
	char text[5];

	EdiTagText(tag, text);
	TextAppend(w->job->out, text, strlen(text));
}

static void
EndSegment(EdiWriter *w)
{
	TextAppendChar(w->job->out, w->separators.segment);
	TextAppendChar(w->job->out, '\n');
}

void
EdiAppendService(EdiWriter *w, const char *tag, const Span *elements, unsigned count)
{
	TextAppend(w->job->out, tag, strlen(tag));
	for (unsigned i = 0; i < count; i++)
	{
		TextAppendChar(w->job->out, w->separators.element);
		TextAppendSpan(w->job->out, elements[i]);
	}
	EndSegment(w);
}

/* What a value becomes that begins so many bytes on; node EDI_NONE: a default. */
static void
Trace(EdiWriter *w, size_t ahead, uint32_t node)
{
	EdiTrace *trace = node == 0 ? NULL : VectorPush(&w->traces);

	if (trace != NULL)
		*trace = (EdiTrace){(uint32_t) (w->job->out->length + ahead), node};
	else if (node != 0)
		w->status = CLEX_NO_MEMORY;
}

static Span
Printed(const EdiWriter *w, uint32_t number)
{
	return EdiPrinted(ArenaPrintf(w->job->arena, "%u", number));
}

static void
AppendPut(EdiWriter *w, EdiPut *put)
{
	unsigned element = 0;
	unsigned component = 1;

	put->begin = (uint32_t) w->job->out->length;
	AppendTag(w, EdiWriterNode(w, put->at)->tag);
	for (uint32_t i = put->first; i != EDI_NONE; i = EdiCellAt(w, i)->next)
	{
		const EdiCell *cell = EdiCellAt(w, i);

		for (; element < cell->element; element++)
		{
			TextAppendChar(w->job->out, w->separators.element);
			component = 1;
		}
		for (; component < cell->component; component++)
			TextAppendChar(w->job->out, w->separators.component);
		Trace(w, 0,
			  cell->extra != 0 ? EDI_IS_EXTRA | (cell->extra - 1)
			  : cell->preset   ? EDI_NONE
							   : cell->node);
		AppendValue(w, cell->counts ? Printed(w, w->lines) : cell->text);
	}
	EndSegment(w);
	put->end = (uint32_t) w->job->out->length;
}

/* ---- the message ---- */

/* A segment that counts; the count, which begins at `at`, is a term in some messages. */
static void
AppendCount(EdiWriter *w, const char *tag, Span value, size_t at)
{
	Trace(w, strlen(tag) + 1 + at, EDI_NONE);
	EdiAppendService(w, tag, &value, 1);
}

bool
EdiDidWithout(const EdiWriter *w, uint16_t at)
{
	uint16_t first = (uint16_t) (w->message->first_node + at);

	for (uint16_t r = ClexEdiRuleStart[first]; w->same && r < ClexEdiRuleStart[first + 1]; r++)
	{
		uint32_t i = 1;

		while (i <= w->job->document->node_count &&
			   ViewNode(w->job->document, i).term != ClexEdiRules[r].term)
			i++;
		if (i > w->job->document->node_count)
			return true;
	}
	return false;
}

/* Segments that count or part: they follow from the message.  Returns how many were written. */
static uint32_t
AppendCounter(EdiWriter *w, uint16_t at)
{
	EdiTag tag = EdiWriterNode(w, at)->tag;

	if (!EdiWriterNode(w, at)->mandatory && EdiDidWithout(w, at))
		return 0;
	if (tag == EDI_TAG('U', 'N', 'S'))
		EdiAppendService(w, "UNS", (Span[]){SPAN_LITERAL("S")}, 1);
	else if (w->lines == 0 || w->use->role->lines != TERM_BG_25)
		return 0;
	else if (tag == EDI_TAG('C', 'N', 'T'))
		AppendCount(
			w, "CNT",
			EdiPrinted(ArenaPrintf(w->job->arena, "2%c%u", w->separators.component, w->lines)), 2);
	else if (tag == EDI_TAG('C', 'T', 'T'))
		AppendCount(w, "CTT", Printed(w, w->lines), 0);
	else
		return 0;
	return 1;
}

bool
EdiIsEnvelope(EdiTag tag)
{
	return tag == EDI_TAG('U', 'N', 'H') || tag == EDI_TAG('U', 'N', 'T') ||
		   tag == EDI_TAG('U', 'N', 'S') || tag == EDI_TAG('S', 'T', '\0') ||
		   tag == EDI_TAG('S', 'E', '\0');
}

/* Is a segment of the message written without anything in it?  Where extras stand in CTT, its count is beside them. */
static bool
IsCounter(const EdiWriter *w, uint16_t at)
{
	EdiTag tag = EdiWriterNode(w, at)->tag;

	if (tag == EDI_TAG('C', 'T', 'T'))
		for (uint32_t i = EdiNestAt(w, 0)->first_put; i != EDI_NONE; i = EdiPutAt(w, i)->next)
			for (uint32_t c = EdiPutAt(w, i)->first; c != EDI_NONE; c = EdiCellAt(w, c)->next)
				if (EdiPutAt(w, i)->at == at && !EdiPutAt(w, i)->dead &&
					EdiCellAt(w, c)->extra != 0)
					return false;
	return EdiIsEnvelope(tag) || tag == EDI_TAG('C', 'N', 'T') || tag == EDI_TAG('C', 'T', 'T');
}

/* Does the count of lines stand in a segment, or is this the place that was kept for it? */
static bool
CountsLines(const EdiWriter *w, const EdiPut *put)
{
	const EdiCell *what = EdiCellFind(w, put, 1, 1);

	return what == NULL || SpanEqualCString(what->text, "2");
}

/* The first segment of CNT that counts lines, EDI_NONE: there is none. */
static uint32_t
LineCount(const EdiWriter *w, uint16_t at)
{
	uint32_t i = EdiNestAt(w, 0)->first_put;

	while (i != EDI_NONE && (EdiPutAt(w, i)->at != at || !CountsLines(w, EdiPutAt(w, i))))
		i = EdiPutAt(w, i)->next;
	return i;
}

/* Segments that count: the lines where their count stood, else first; CNT may count other things beside. */
static uint32_t
AppendCounters(EdiWriter *w, uint16_t at)
{
	uint32_t lines = LineCount(w, at);
	uint32_t count = lines == EDI_NONE ? AppendCounter(w, at) : 0;

	for (uint32_t i = EdiNestAt(w, 0)->first_put; i != EDI_NONE; i = EdiPutAt(w, i)->next)
	{
		EdiPut *put = EdiPutAt(w, i);

		if (i == lines)
			count += AppendCounter(w, at);
		else if (put->at == at && !put->dead && !CountsLines(w, put))
		{
			AppendPut(w, put);
			count++;
		}
	}
	return count;
}

/* The segments of a node in a group; returns how many. */
static uint32_t
AppendPuts(EdiWriter *w, uint32_t index, uint16_t at)
{
	uint32_t count = 0;

	if (index == 0 && IsCounter(w, at))
		return AppendCounters(w, at);
	for (uint32_t i = EdiNestAt(w, index)->first_put; i != EDI_NONE; i = EdiPutAt(w, i)->next)
		if (EdiPutAt(w, i)->at == at && !EdiPutAt(w, i)->dead)
		{
			AppendPut(w, EdiPutAt(w, i));
			count++;
		}
	return count;
}

uint32_t
EdiAppendNest(EdiWriter *w, uint32_t index)
{
	const EdiNest *nest = EdiNestAt(w, index);
	uint16_t end = EdiWriterNode(w, nest->at)->end;
	uint32_t count = 0;

	for (uint16_t at = (uint16_t) (nest->at + 1); at < end && w->status == CLEX_OK;
		 at = EdiWriterNode(w, at)->group ? EdiWriterNode(w, at)->end : (uint16_t) (at + 1))
	{
		if (!EdiWriterNode(w, at)->group)
			count += AppendPuts(w, index, at);
		for (uint32_t i = EdiWriterNode(w, at)->group ? nest->first_nest : EDI_NONE; i != EDI_NONE;
			 i = EdiNestAt(w, i)->next)
			if (EdiNestAt(w, i)->at == at && !EdiNestAt(w, i)->dead)
				count += EdiAppendNest(w, i);
	}
	return count;
}

/* Lines that are written, as far as is known. */
static void
CountLines(EdiWriter *w)
{
	w->lines = 0;
	const DocumentView *view = w->job->document;
	uint32_t count;
	TermId group = w->use->role->lines;
	uint32_t first = group == TERM_NONE ? 0 : ViewFind(view, 0, group, &count);

	for (uint32_t i = first; first != 0 && i < first + count; i++)
		if (w->nest_of[i] != 0 && !EdiNestAt(w, w->nest_of[i])->dead)
			w->lines++;
}

/* ---- separators and character set ---- */

/* The first of some signs that no value has, else the first. */
static char
FreeSign(const bool used[128], const char *signs)
{
	for (const char *p = signs; *p != '\0'; p++)
		if (!used[(unsigned char) *p])
			return *p;
	return signs[0];
}

/* By what the values hold: UNOC if it has all of it, signs of X12 that do not occur. */
static void
ChooseSigns(EdiWriter *w)
{
	bool used[128] = {false};

	w->utf8 = w->family == EDI_X12;
	for (uint32_t i = 0; i < w->cells.count; i++)
	{
		Span text = EdiCellAt(w, i)->text;

		w->utf8 |= !IsLatin(text);
		for (size_t k = 0; k < text.length; k++)
			if ((unsigned char) text.data[k] < 128)
				used[(unsigned char) text.data[k]] = true;
	}
	if (w->family == EDI_X12)
	{
		bool repeats = w->release[2] >= '5';

		w->separators = (EdiSeparators){.component = FreeSign(used, repeats ? ">:\\" : ">:^"),
										.element = FreeSign(used, "*|{"),
										.segment = FreeSign(used, "~!}"),
										.repetition = repeats ? FreeSign(used, "^%@") : '\0'};
	}
	else
		/* version 4 has repetitions, which are never written */
		w->separators = (EdiSeparators){.component = ':',
										.element = '+',
										.segment = '\'',
										.release = '?',
										.repetition = w->utf8 ? '*' : '\0'};
}

ClexStatus
EdiWriteOnce(EdiWriter *w, const EdiAddresses *addresses, ClexError *error)
{
	w->again = false;
	w->job->out->length = 0;
	memset(w->job->fate, FATE_UNSAID, (size_t) w->job->document->node_count + 1);
	memset(w->job->filled, false, (size_t) w->job->document->node_count + 1);
	memcpy(w->job->extra_fate, w->kept_out, w->job->document->extra_count);
	EdiPlaceTerms(w);
	CountLines(w);
	EdiPlaceCount(w);
	if (w->status == CLEX_OK)
		EdiNumberPackages(w);
	EdiStackLevels(w);
	EdiPutExtras(w);
	EdiRepair(w);
	EdiStackLevels(w);
	if (w->status == CLEX_OK)
	{
		ChooseSigns(w);
		CountLines(w);
		VectorInit(&w->traces, w->job->arena, sizeof(EdiTrace));
		if (w->family == EDI_X12)
			EdiWriteX12(w, addresses);
		else
			EdiWriteEdifact(w, addresses);
	}
	if (w->status == CLEX_INTERRUPTED)
		return ClexFail(error, CLEX_INTERRUPTED, "canceled");
	if (w->status != CLEX_OK || w->job->out->failed)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	return EdiProve(w, error);
}

static ClexStatus
Write(EdiWriter *w, ClexError *error)
{
	EdiAddresses addresses;
	ClexStatus status = EdiTakeAddresses(w, &addresses, error);

	if (status != CLEX_OK)
		return status;
	return w->returns && w->job->document->extra_count > 0 ? EdiWriteReturning(w, &addresses, error)
														   : EdiWriteOnce(w, &addresses, error);
}

/* Was the document read by the structure of a message? */
static bool
IsReadBy(const WriteJob *job, const EdiUse *use)
{
	const DocumentView *view = job->document;
	Span type = ViewProvenance(view, "message");
	Span release = ViewProvenance(view, "version");
	const EdiMessageFact *fact;
	bool exact;

	if (!SpanEqualCString(view->format, use->family == EDI_X12 ? "x12" : "edifact") ||
		!SpanEqualCString(type, use->type))
		return false;
	fact =
		EdiMessageFind(use->family, type, release.data == NULL ? SpanOf("", 0) : release, &exact);
	return fact != NULL && strcmp(fact->release, use->release) == 0;
}

/*
 * The message for a document: of its kind, the one a variant names by type; else of those of the release it
 * names, if it does, the one the document was read from, or the first in the table.
 */
static const EdiUse *
ChooseUse(const WriteJob *job, EdiFamily family)
{
	Span type = ViewProvenance(job->document, "message");
	unsigned kind =
		job->document->kind == DOCUMENT_CREDIT_NOTE ? DOCUMENT_INVOICE : job->document->kind;
	const EdiUse *best = NULL;
	int best_fit = -1;

	for (uint32_t i = 0; i < ClexEdiUseCount; i++)
	{
		const EdiUse *use = &ClexEdiUses[i];
		int fit = 4 * SpanEqualCString(job->variant, use->release) + 2 * IsReadBy(job, use) +
				  SpanEqualCString(type, use->type);

		/* what stands in no group, TA1, answers interchanges: clex.acknowledge() makes it */
		if (use->family != family || strcmp(use->role->kind, DocumentKindName(kind)) != 0 ||
			(family == EDI_X12 && use->group[0] == '\0'))
			continue;
		if (SpanEqualCString(job->variant, use->type))
			return use;
		if (fit > best_fit)
		{
			best = use;
			best_fit = fit;
		}
	}
	return best;
}

static ClexStatus
WriteAs(WriteJob *job, EdiFamily family, ClexError *error)
{
	EdiWriter *w = ArenaAllocZero(job->arena, sizeof(EdiWriter));
	bool exact;

	if (w == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	w->job = job;
	w->family = family;
	w->use = ChooseUse(job, family);
	if (w->use != NULL)
		w->message = EdiMessageFind(family, SpanFromCString(w->use->type),
									SpanFromCString(w->use->release), &exact);
	w->directory = w->message == NULL ? NULL : EdiDirectoryFind(w->message->release);
	if (w->directory == NULL)
		return ClexFail(error, CLEX_UNSUPPORTED,
						"format \"%s\" has no message for documents of kind %s", job->codec->name,
						DocumentKindName(job->document->kind));
	w->release = w->message->release;
	/* what is written of a set is the same in 005010, whose repetitions have a separator */
	if (family == EDI_X12 && SpanEqualCString(job->variant, "005010"))
		w->release = "005010";
	/* what no term took goes back into the message it came from: only there its place is known */
	w->same = w->returns = IsReadBy(job, w->use);
	w->kept_out = ArenaAllocZero(job->arena, (size_t) job->document->extra_count + 1);
	if (w->kept_out == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	if (!w->returns)
		memset(w->kept_out, FATE_OTHER_FORMAT, job->document->extra_count);
	return Write(w, error);
}

ClexStatus
EdifactWrite(WriteJob *job, ClexError *error)
{
	return WriteAs(job, EDI_EDIFACT, error);
}

ClexStatus
X12Write(WriteJob *job, ClexError *error)
{
	return WriteAs(job, EDI_X12, error);
}
