/*
 * edi_write_envelope.c
 *		What stands around a message: who, when and which, from options or the document.
 */
#include "core/base/date.h"
#include "core/codec/edi_writer.h"

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
	*reference = Plain(w, TermText(w, w->use->role->number, &node), x12, x12 ? 9 : 14);
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
	*date = Plain(w, TermText(w, w->use->role->date, &node), true, 14);
	if (date->length > 8)
		date->length = 8;
	if (DateParseCompact(*date, &day) != CLEX_OK)
		*date = SPAN_LITERAL("20000101");
	return CLEX_OK;
}

/* The reference in the header of the message: its number, where a table says that it stands there. */
static void
TakeMessageReference(EdiWriter *w)
{
	bool x12 = w->family == EDI_X12;
	uint16_t header = (uint16_t) (w->message->first_node + 1);
	uint32_t node;

	w->reference = x12 ? SPAN_LITERAL("0001") : SPAN_LITERAL("1");
	if (ClexEdiRuleStart[header] < ClexEdiRuleStart[header + 1])
	{
		Span number = Plain(w, TermText(w, w->use->role->number, &node), false, x12 ? 9 : 14);

		if (number.length >= (x12 ? 4 : 1))
			w->reference = number;
	}
}

ClexStatus
EdiTakeAddresses(EdiWriter *w, EdiAddresses *e, ClexError *error)
{
	const EdiRole *role = w->use->role;
	ClexStatus status =
		TakeParty(w, "sender", role->sender, &e->sender, &e->sender_qualifier, error);

	if (status == CLEX_OK)
		status =
			TakeParty(w, "recipient", role->recipient, &e->receiver, &e->receiver_qualifier, error);
	if (status == CLEX_OK)
		status = TakeReference(w, &e->reference, error);
	if (status == CLEX_OK)
		status = TakeDate(w, &e->date, error);
	w->date = e->date;
	if (status == CLEX_OK)
		TakeMessageReference(w);
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

void
EdiWriteEdifact(EdiWriter *w, const EdiAddresses *e)
{
	Arena *arena = w->job->arena;
	const char *release = w->release;
	const char *usage = w->use->association;
	size_t skip = w->utf8 ? 0 : 2; /* two digits of the year in version 3 */
	uint32_t count;

	EdiAppendService(
		w, "UNB",
		(Span[]){w->utf8 ? SPAN_LITERAL("UNOY:4") : SPAN_LITERAL("UNOC:3"),
				 UnbParty(w, e->sender, e->sender_qualifier),
				 UnbParty(w, e->receiver, e->receiver_qualifier),
				 EdiPrinted(ArenaPrintf(arena, "%.*s:0000", (int) (8 - skip), e->date.data + skip)),
				 e->reference},
		5);
	EdiAppendService(w, "UNH",
					 (Span[]){w->reference,
							  EdiPrinted(ArenaPrintf(arena, "%s:%.1s:%s:UN%s%s", w->message->type,
													 release, release + 1,
													 usage[0] == '\0' ? "" : ":", usage))},
					 2);
	count = EdiAppendNest(w, 0);
	EdiAppendService(w, "UNT",
					 (Span[]){EdiPrinted(ArenaPrintf(arena, "%u", count + 2)), w->reference}, 2);
	EdiAppendService(w, "UNZ", (Span[]){SPAN_LITERAL("1"), e->reference}, 2);
}

/* Leading zeros make no difference to a control number of GS. */
static Span
WithoutZeros(Span number)
{
	while (number.length > 1 && number.data[0] == '0')
		number = SpanOf(number.data + 1, number.length - 1);
	return number;
}

void
EdiWriteX12(EdiWriter *w, const EdiAddresses *e)
{
	Arena *arena = w->job->arena;
	const char *release = w->release;
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
				w->separators.element, w->separators.element, release, w->separators.element,
				(int) number.length, number.data, w->separators.element, w->separators.element,
				w->separators.element, w->separators.component);
	TextAppendChar(w->job->out, w->separators.segment);
	TextAppendChar(w->job->out, '\n');
	EdiAppendService(w, "GS",
					 (Span[]){SpanFromCString(w->use->group), e->sender, e->receiver, e->date,
							  SPAN_LITERAL("0000"), group, SPAN_LITERAL("X"),
							  SpanFromCString(release)},
					 8);
	EdiAppendService(w, "ST", (Span[]){SpanFromCString(w->message->type), w->reference}, 2);
	count = EdiAppendNest(w, 0);
	EdiAppendService(w, "SE",
					 (Span[]){EdiPrinted(ArenaPrintf(arena, "%u", count + 2)), w->reference}, 2);
	EdiAppendService(w, "GE", (Span[]){SPAN_LITERAL("1"), group}, 2);
	EdiAppendService(w, "IEA", (Span[]){SPAN_LITERAL("1"), number}, 2);
}
