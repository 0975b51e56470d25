/*
 * edi_write.c
 *		Writing invoices as INVOIC and 810: envelopes, segments in the order of the structure, separators.
 *
 * Nothing is taken from a clock or a counter: what the caller does not give comes from the document, so
 * the same call writes the same bytes.
 */
#include "core/base/date.h"
#include "core/codec/edi_codec.h"
#include "core/codec/edi_writer.h"

/* What the envelopes say. */
typedef struct Envelope
{
	Span sender;
	Span sender_qualifier;
	Span receiver;
	Span receiver_qualifier;
	Span reference;
	Span date; /* CCYYMMDD */
} Envelope;

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

/* A segment of the envelope or a count: `elements` as text that is safe, NULL at the end. */
static void
AppendService(EdiWriter *w, const char *tag, const Span *elements, unsigned count)
{
	TextAppend(w->job->out, tag, strlen(tag));
	for (unsigned i = 0; i < count; i++)
	{
		TextAppendChar(w->job->out, w->separators.element);
		TextAppendSpan(w->job->out, elements[i]);
	}
	EndSegment(w);
}

static void
Trace(EdiWriter *w, uint32_t node)
{
	EdiTrace *trace = node == 0 ? NULL : VectorPush(&w->traces);

	if (trace != NULL)
		*trace = (EdiTrace){(uint32_t) w->job->out->length, node};
	else if (node != 0)
		w->status = CLEX_NO_MEMORY;
}

static void
AppendPut(EdiWriter *w, const EdiPut *put)
{
	unsigned element = 0;
	unsigned component = 1;

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
		Trace(w, cell->node);
		AppendValue(w, cell->text);
	}
	EndSegment(w);
}

/* ---- the message ---- */

/* Segments that count or part: they follow from the message.  Returns how many were written. */
static uint32_t
AppendCounter(EdiWriter *w, EdiTag tag)
{
	Span lines = EdiPrinted(ArenaPrintf(w->job->arena, "%u", w->lines));

	if (tag == EDI_TAG('U', 'N', 'S'))
		AppendService(w, "UNS", (Span[]){SPAN_LITERAL("S")}, 1);
	else if (tag == EDI_TAG('C', 'N', 'T') && w->lines > 0)
		AppendService(w, "CNT",
					  (Span[]){EdiPrinted(
						  ArenaPrintf(w->job->arena, "2%c%u", w->separators.component, w->lines))},
					  1);
	else if (tag == EDI_TAG('C', 'T', 'T') && w->lines > 0)
		AppendService(w, "CTT", &lines, 1);
	else
		return 0;
	return 1;
}

static bool
IsService(EdiTag tag)
{
	return tag == EDI_TAG('U', 'N', 'H') || tag == EDI_TAG('U', 'N', 'T') ||
		   tag == EDI_TAG('U', 'N', 'S') || tag == EDI_TAG('C', 'N', 'T') ||
		   tag == EDI_TAG('C', 'T', 'T') || tag == EDI_TAG('S', 'T', '\0') ||
		   tag == EDI_TAG('S', 'E', '\0');
}

/* A group, its segments and groups in the order of the structure; how many segments. */
static uint32_t
AppendNest(EdiWriter *w, uint32_t index)
{
	const EdiNest *nest = EdiNestAt(w, index);
	uint16_t end = EdiWriterNode(w, nest->at)->end;
	uint32_t count = 0;

	for (uint16_t at = (uint16_t) (nest->at + 1); at < end && w->status == CLEX_OK;
		 at = EdiWriterNode(w, at)->group ? EdiWriterNode(w, at)->end : (uint16_t) (at + 1))
	{
		const EdiNodeFact *fact = EdiWriterNode(w, at);

		if (index == 0 && !fact->group && IsService(fact->tag))
		{
			count += AppendCounter(w, fact->tag);
			continue;
		}
		for (uint32_t i = fact->group ? EDI_NONE : nest->first_put; i != EDI_NONE;
			 i = EdiPutAt(w, i)->next)
			if (EdiPutAt(w, i)->at == at && !EdiPutAt(w, i)->dead)
			{
				AppendPut(w, EdiPutAt(w, i));
				count++;
			}
		for (uint32_t i = fact->group ? nest->first_nest : EDI_NONE; i != EDI_NONE;
			 i = EdiNestAt(w, i)->next)
			if (EdiNestAt(w, i)->at == at && !EdiNestAt(w, i)->dead)
				count += AppendNest(w, i);
	}
	return count;
}

/* Lines that are written. */
static void
CountLines(EdiWriter *w)
{
	const DocumentView *view = w->job->document;
	uint32_t count;
	uint32_t first = ViewFind(view, 0, TERM_BG_25, &count);

	for (uint32_t i = first; first != 0 && i < first + count; i++)
		if (w->nest_of[i] != 0 && !EdiNestAt(w, w->nest_of[i])->dead)
			w->lines++;
}

/* ---- options ---- */

/* A term of the document by its readable path, empty if it is not there. */
static Span
TermText(const EdiWriter *w, const char *path, uint32_t *node)
{
	ClexError ignored = {0};

	*node = 0;
	if (ViewResolve(w->job->document, SpanFromCString(path), node, &ignored) != CLEX_OK ||
		*node == 0)
		return SpanOf("", 0);
	return ViewNode(w->job->document, *node).value;
}

/* What is left of a text without signs that an envelope may not hold. */
static Span
Plain(EdiWriter *w, Span text, bool digits_only, size_t max)
{
	Text out;

	TextInit(&out, w->job->arena);
	for (size_t i = 0; i < text.length; i++)
	{
		char c = text.data[i];

		if ((c >= '0' && c <= '9') ||
			(!digits_only && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))))
			TextAppendChar(&out, c);
	}
	if (out.failed)
		w->status = CLEX_NO_MEMORY;
	/* the end of a number tells it from others */
	return out.length <= max ? TextSpan(&out) : SpanOf(out.data + out.length - max, max);
}

static ClexStatus
BadOption(const char *key, Span value, const char *hint, ClexError *error)
{
	ClexFail(error, CLEX_INVALID, "option \"%s\" is \"%.*s\"", key, (int) SpanCut(value, 60).length,
			 value.data);
	ClexHint(error, "%s", hint);
	return CLEX_INVALID;
}

/* Letters, digits and blanks of ASCII, and marks that separate nothing. */
static bool
IsPlainText(Span text, size_t min, size_t max)
{
	for (size_t i = 0; i < text.length; i++)
	{
		char c = text.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			  c == '-' || c == '.' || c == '/' || c == '_'))
			return false;
	}
	return text.length >= min && text.length <= max;
}

/*
 * A party of the envelope: the option, "id" or "id:qualifier", else an identifier of the document:
 * its GLN, VAT number or name.
 */
static ClexStatus
TakeParty(EdiWriter *w, const char *key, const char *const *paths, Span *id, Span *qualifier,
		  ClexError *error)
{
	bool x12 = w->family == EDI_X12;
	size_t max = x12 ? 15 : 35;
	Span option = JobOption(w->job, key);
	Span base = FormatBase(option);

	*qualifier = x12 ? SPAN_LITERAL("ZZ") : SPAN_LITERAL("");
	if (option.data != NULL)
	{
		*id = base;
		if (FormatVariant(option).data != NULL)
			*qualifier = FormatVariant(option);
		if (!IsPlainText(base, 2, max) || (FormatVariant(option).data != NULL &&
										   !IsPlainText(*qualifier, x12 ? 2 : 1, x12 ? 2 : 4)))
			return BadOption(
				key, option,
				x12 ? "It is 2 to 15 letters and digits, as in \"ACME\", with a "
					  "qualifier of two as in \"ACME:ZZ\"."
					: "It is 2 to 35 letters and digits, as in \"4012345000009\", with "
					  "a qualifier as in \"4012345000009:14\".",
				error);
		return CLEX_OK;
	}
	for (; *paths != NULL; paths++)
	{
		uint32_t node;
		uint32_t count;
		TermId scheme;
		uint32_t child;

		*id = Plain(w, TermText(w, *paths, &node), false, max);
		if (node == 0 || id->length < 2)
			continue;
		scheme = TermChild(ViewNode(w->job->document, node).term, SPAN_LITERAL("scheme"));
		child = scheme == TERM_NONE ? 0 : ViewFind(w->job->document, node, scheme, &count);
		if (!x12 && child != 0 && SpanEqualCString(ViewNode(w->job->document, child).value, "0088"))
			*qualifier = SPAN_LITERAL("14");
		return CLEX_OK;
	}
	*id = SPAN_LITERAL("UNKNOWN");
	return CLEX_OK;
}

static ClexStatus
TakeReference(EdiWriter *w, Span *reference, ClexError *error)
{
	bool x12 = w->family == EDI_X12;
	Span option = JobOption(w->job, "reference");
	uint32_t node;

	if (option.data != NULL)
	{
		*reference = option;
		if (!IsPlainText(option, 1, x12 ? 9 : 14) ||
			(x12 && Plain(w, option, true, 9).length != option.length))
			return BadOption("reference", option,
							 x12 ? "It is 1 to 9 digits." : "It is 1 to 14 letters and digits.",
							 error);
		return CLEX_OK;
	}
	*reference = Plain(w, TermText(w, "BT-1", &node), x12, x12 ? 9 : 14);
	if (reference->length == 0)
		*reference = SPAN_LITERAL("1");
	return CLEX_OK;
}

static ClexStatus
TakeDate(EdiWriter *w, Span *date, ClexError *error)
{
	Span option = JobOption(w->job, "date");
	uint32_t node;
	int32_t day;

	*date = option;
	if (option.data != NULL)
		return DateParseCompact(option, &day) == CLEX_OK
				   ? CLEX_OK
				   : BadOption("date", option, "It is written YYYYMMDD.", error);
	*date = Plain(w, TermText(w, "BT-2", &node), true, 14);
	if (date->length > 8)
		date->length = 8;
	if (DateParseCompact(*date, &day) != CLEX_OK)
		*date = SPAN_LITERAL("20000101");
	return CLEX_OK;
}

static ClexStatus
TakeOptions(EdiWriter *w, Envelope *e, ClexError *error)
{
	static const char *const seller[] = {"BT-34", "BT-29", "BT-31", "BT-27", NULL};
	static const char *const buyer[] = {"BT-49", "BT-46", "BT-48", "BT-44", NULL};
	ClexStatus status = TakeParty(w, "sender", seller, &e->sender, &e->sender_qualifier, error);

	if (status == CLEX_OK)
		status = TakeParty(w, "recipient", buyer, &e->receiver, &e->receiver_qualifier, error);
	if (status == CLEX_OK)
		status = TakeReference(w, &e->reference, error);
	if (status == CLEX_OK)
		status = TakeDate(w, &e->date, error);
	return status;
}

/* ---- envelopes ---- */

/* A party of UNB: "id" or "id:14". */
static Span
UnbParty(const EdiWriter *w, Span id, Span qualifier)
{
	return EdiPrinted(ArenaPrintf(w->job->arena, "%.*s%s%.*s", (int) id.length, id.data,
								  qualifier.length > 0 ? ":" : "", (int) qualifier.length,
								  qualifier.data));
}

static void
WriteEdifact(EdiWriter *w, const Envelope *e)
{
	Arena *arena = w->job->arena;
	const char *release = w->message->release;
	const char *usage = strcmp(release, "D96A") == 0   ? ":EAN008"
						: strcmp(release, "D01B") == 0 ? ":EAN011"
													   : "";
	size_t skip = w->utf8 ? 0 : 2; /* two digits of the year in version 3 */
	uint32_t count;

	AppendService(
		w, "UNB",
		(Span[]){w->utf8 ? SPAN_LITERAL("UNOY:4") : SPAN_LITERAL("UNOC:3"),
				 UnbParty(w, e->sender, e->sender_qualifier),
				 UnbParty(w, e->receiver, e->receiver_qualifier),
				 EdiPrinted(ArenaPrintf(arena, "%.*s:0000", (int) (8 - skip), e->date.data + skip)),
				 e->reference},
		5);
	AppendService(w, "UNH",
				  (Span[]){SPAN_LITERAL("1"),
						   EdiPrinted(ArenaPrintf(arena, "%s:%.1s:%s:UN%s", w->message->type,
												  release, release + 1, usage))},
				  2);
	count = AppendNest(w, 0);
	AppendService(w, "UNT",
				  (Span[]){EdiPrinted(ArenaPrintf(arena, "%u", count + 2)), SPAN_LITERAL("1")}, 2);
	AppendService(w, "UNZ", (Span[]){SPAN_LITERAL("1"), e->reference}, 2);
}

/* Leading zeros make no difference to a control number of GS. */
static Span
WithoutZeros(Span number)
{
	while (number.length > 1 && number.data[0] == '0')
		number = SpanOf(number.data + 1, number.length - 1);
	return number;
}

static void
WriteX12(EdiWriter *w, const Envelope *e)
{
	Arena *arena = w->job->arena;
	const char *release = w->message->release;
	Span number =
		EdiPrinted(ArenaPrintf(arena, "%.*s%.*s", (int) (9 - e->reference.length), "000000000",
							   (int) e->reference.length, e->reference.data));
	Span group = WithoutZeros(number);
	uint32_t count;

	TextAppendf(w->job->out,
				"ISA%c00%c          %c00%c          %c%.*s%c%-15.*s%c%.*s%c%-15.*s%c%.*s%c0000%cU%c"
				"%.5s%c%.*s%c0%cP%c%c",
				w->separators.element, w->separators.element, w->separators.element,
				w->separators.element, w->separators.element, (int) e->sender_qualifier.length,
				e->sender_qualifier.data, w->separators.element, (int) e->sender.length,
				e->sender.data, w->separators.element, (int) e->receiver_qualifier.length,
				e->receiver_qualifier.data, w->separators.element, (int) e->receiver.length,
				e->receiver.data, w->separators.element, 6, e->date.data + 2, w->separators.element,
				w->separators.element, w->separators.element, "00401", w->separators.element,
				(int) number.length, number.data, w->separators.element, w->separators.element,
				w->separators.element, w->separators.component);
	EndSegment(w);
	AppendService(w, "GS",
				  (Span[]){SPAN_LITERAL("IN"), e->sender, e->receiver, e->date,
						   SPAN_LITERAL("0000"), group, SPAN_LITERAL("X"),
						   SpanFromCString(release)},
				  8);
	AppendService(w, "ST", (Span[]){SpanFromCString(w->message->type), SPAN_LITERAL("0001")}, 2);
	count = AppendNest(w, 0);
	AppendService(w, "SE",
				  (Span[]){EdiPrinted(ArenaPrintf(arena, "%u", count + 2)), SPAN_LITERAL("0001")},
				  2);
	AppendService(w, "GE", (Span[]){SPAN_LITERAL("1"), group}, 2);
	AppendService(w, "IEA", (Span[]){SPAN_LITERAL("1"), number}, 2);
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
		w->separators = (EdiSeparators){.component = FreeSign(used, ">:^"),
										.element = FreeSign(used, "*|{"),
										.segment = FreeSign(used, "~!}")};
	else
		/* version 4 has repetitions, which are never written */
		w->separators = (EdiSeparators){.component = ':',
										.element = '+',
										.segment = '\'',
										.release = '?',
										.repetition = w->utf8 ? '*' : '\0'};
}

static ClexStatus
Write(EdiWriter *w, ClexError *error)
{
	Envelope envelope;
	ClexStatus status = TakeOptions(w, &envelope, error);

	if (status != CLEX_OK)
		return status;
	EdiPlaceTerms(w);
	EdiRepair(w);
	if (w->status == CLEX_OK)
	{
		ChooseSigns(w);
		CountLines(w);
		VectorInit(&w->traces, w->job->arena, sizeof(EdiTrace));
		if (w->family == EDI_X12)
			WriteX12(w, &envelope);
		else
			WriteEdifact(w, &envelope);
	}
	if (w->status == CLEX_INTERRUPTED)
		return ClexFail(error, CLEX_INTERRUPTED, "canceled");
	if (w->status != CLEX_OK || w->job->out->failed)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	return EdiProve(w, error);
}

static ClexStatus
WriteAs(WriteJob *job, EdiFamily family, const char *type, const char *release, ClexError *error)
{
	EdiWriter *w = ArenaAllocZero(job->arena, sizeof(EdiWriter));
	bool exact;

	if (w == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	w->job = job;
	w->family = family;
	w->message =
		EdiMessageFind(family, SpanFromCString(type),
					   job->variant.data != NULL ? job->variant : SpanFromCString(release), &exact);
	w->directory = w->message == NULL ? NULL : EdiDirectoryFind(w->message->release);
	if (w->directory == NULL)
		return ClexFail(error, CLEX_UNSUPPORTED, "no directory of %s", type);
	/* what no term took is not put back: only its own message could tell that it is sound there */
	memset(job->extra_fate, FATE_OTHER_FORMAT, job->document->extra_count);
	return Write(w, error);
}

ClexStatus
EdifactWrite(WriteJob *job, ClexError *error)
{
	return WriteAs(job, EDI_EDIFACT, "INVOIC", "D01B", error);
}

ClexStatus
X12Write(WriteJob *job, ClexError *error)
{
	return WriteAs(job, EDI_X12, "810", "004010", error);
}
