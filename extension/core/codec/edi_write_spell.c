/*
 * edi_write_spell.c
 *		From the spelling of the model to that of EDIFACT and X12: the way back of edi_convert.c.
 */
#include "core/base/date.h"
#include "core/base/decimal.h"
#include "core/codec/edi_writer.h"

size_t
EdiCharacters(Span text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i++)
		count += ((unsigned char) text.data[i] & 0xC0) != 0x80;
	return count;
}

Span
EdiFirstCharacters(Span text, size_t count)
{
	for (size_t i = 0; i < text.length; i++)
		if (((unsigned char) text.data[i] & 0xC0) != 0x80 && count-- == 0)
			return SpanOf(text.data, i);
	return text;
}

const EdiElementFact *
EdiElementFind(const EdiWriter *w, EdiTag tag, unsigned element, unsigned component)
{
	const EdiSegmentFact *fact = EdiSegmentFind(w->directory, tag);

	for (uint16_t i = 0; fact != NULL && i < fact->element_count; i++)
	{
		const EdiElementFact *e = &ClexEdiElements[fact->first_element + i];

		if (e->element == element && e->component == component)
			return e;
	}
	return NULL;
}

/* Digits of a number, 0 if it is none. */
static size_t
CountDigits(Span text, bool mark_allowed)
{
	size_t digits = 0;
	size_t marks = 0;

	for (size_t i = text.length > 0 && text.data[0] == '-' ? 1 : 0; i < text.length; i++)
		if (text.data[i] >= '0' && text.data[i] <= '9')
			digits++;
		else if (text.data[i] == '.' && mark_allowed)
			marks++;
		else
			return 0;
	return marks > 1 ? 0 : digits;
}

bool
EdiFits(const EdiElementFact *fact, Span text)
{
	size_t length = EdiCharacters(text);

	switch ((EdiType) fact->type)
	{
		case EDI_TYPE_NUMERIC:
		case EDI_TYPE_DIGITS:
			length = CountDigits(text, fact->type == EDI_TYPE_NUMERIC);
			if (length == 0)
				return false;
			break;
		case EDI_TYPE_DATE:
			if (CountDigits(text, false) != text.length)
				return false;
			break;
		case EDI_TYPE_ALPHA:
			for (size_t i = 0; i < text.length; i++)
				if (text.data[i] >= '0' && text.data[i] <= '9')
					return false;
			break;
		case EDI_TYPE_ANY:
			break;
	}
	return text.length > 0 && (fact->max == 0 || length <= fact->max) && length >= fact->min;
}

/* The format of a date that is written so, by its length; NULL: it is not written. */
static const EdiDateFormat *
FormatOf(const EdiWriter *w, Span text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((text.data[i] < '0' || text.data[i] > '9') && !(i == 8 && text.data[i] == '-'))
			return NULL;
	for (uint32_t i = 0; w->family == EDI_EDIFACT && i < ClexEdiDateFormatCount; i++)
		if (text.length == ClexEdiDateFormats[i].written && text.length > 0 &&
			(text.length == 17) == (text.length > 8 && text.data[8] == '-'))
			return &ClexEdiDateFormats[i];
	return NULL;
}

/* 2026-05-20 as 20260520; in EDIFACT with the time of day that is in its spelling. */
static Span
SpellDate(const EdiWriter *w, Arena *arena, uint32_t node)
{
	Span text = ViewNode(w->job->document, node).value;
	Span spelling = ViewLexical(w->job->document, node);
	int32_t date;
	int year;
	int month;
	int day;

	if (DateParse(text, &date, NULL) != CLEX_OK)
		return SpanOf(NULL, 0);
	DateToCivil(date, &year, &month, &day);
	text = EdiPrinted(ArenaPrintf(arena, "%04d%02d%02d", year, month, day));
	return FormatOf(w, spelling) != NULL && text.length == 8 &&
				   memcmp(spelling.data, text.data, 8) == 0
			   ? spelling
			   : text;
}

/* 123.45 as 12345; nothing if that would lose digits. */
static Span
SpellCents(Arena *arena, Span text)
{
	Decimal value;
	Decimal hundred = {100, 0};
	char digits[DECIMAL_TEXT];

	if (DecimalParse(text, &value) != CLEX_OK || DecimalMultiply(value, hundred, &value) != CLEX_OK)
		return SpanOf(NULL, 0);
	value = DecimalNormalize(value);
	return ArenaCopy(arena, DecimalFormat(value, digits));
}

/* 09:30:00 as 0930, 09:30:15 as 093015; what is no such time has no spelling. */
static Span
SpellTime(Arena *arena, Span text)
{
	const char *p = text.data;
	bool seconds = text.length >= 8 && p[5] == ':' && memcmp(p + 6, "00", 2) != 0;

	if ((text.length != 5 && text.length != 8) || p[2] != ':' || (text.length == 8 && p[5] != ':'))
		return SpanOf(NULL, 0);
	return EdiPrinted(
		ArenaPrintf(arena, "%.2s%.2s%.*s", p, p + 3, seconds ? 2 : 0, seconds ? p + 6 : ""));
}

/* The first outer code of an inner one; closed maps have no others. */
static Span
SpellCode(uint8_t map, Span text)
{
	bool closed = false;
	bool taken = false;

	for (uint32_t i = 0; i < ClexEdiMapRowCount; i++)
	{
		const EdiMapRow *row = &ClexEdiMapRows[i];

		if (row->map != map)
			continue;
		if (SpanEqualCString(row->outer, "*"))
			closed = true;
		else if (SpanEqual(row->inner, text))
			return row->outer;
		else
			taken |= SpanEqual(row->outer, text);
	}
	return closed || taken ? SpanOf(NULL, 0) : text;
}

/* The scheme of an identifier, empty if it has none. */
static Span
SchemeOf(const EdiWriter *w, uint32_t node)
{
	const DocumentView *view = w->job->document;
	uint32_t count;
	TermId scheme = TermChild(ViewNode(view, node).term, SPAN_LITERAL("scheme"));
	uint32_t child = scheme == TERM_NONE ? 0 : ViewFind(view, node, scheme, &count);

	return child == 0 ? SpanOf("", 0) : ViewNode(view, child).value;
}

Span
EdiSpell(EdiWriter *w, const EdiRule *rule, uint32_t node, WriteFate *fate)
{
	Arena *arena = w->job->arena;
	Span text = ViewNode(w->job->document, node).value;
	Span out = text;

	switch ((EdiConvert) rule->convert)
	{
		case EDI_DATE:
			out = SpellDate(w, arena, node);
			break;
		case EDI_CENTS:
			out = SpellCents(arena, text);
			break;
		case EDI_TIME:
			out = SpellTime(arena, text);
			break;
		case EDI_SHORTAGE:
			out = EdiPrinted(ArenaPrintf(arena, "-%.*s", (int) text.length, text.data));
			break;
		case EDI_CODE:
			out = SpellCode(rule->map, text);
			break;
		case EDI_ITEM:
			if (!SpanEqualCString(SchemeOf(w, node), "0160"))
				out.data = NULL;
			break;
		case EDI_ADDRESS:
			if (!SpanEqualCString(SchemeOf(w, node), "EM"))
				out.data = NULL;
			break;
		case EDI_CLASS:
		case EDI_AS_IT_IS:
		case EDI_NUMBER:
		case EDI_PARTY:
			break;
	}
	*fate = out.data == NULL || out.length == 0 ? FATE_CODE : FATE_SAID;
	return *fate == FATE_SAID ? out : SpanOf(NULL, 0);
}

/* ---- what goes with a value ---- */

void
EdiPutScheme(EdiWriter *w, uint32_t put, uint32_t party)
{
	TermId term = TermChild(ViewNode(w->job->document, party).term, SPAN_LITERAL("scheme"));
	uint32_t count;
	uint32_t node = term == TERM_NONE ? 0 : ViewFind(w->job->document, party, term, &count);
	Span scheme = node == 0 ? SpanOf("", 0) : ViewNode(w->job->document, node).value;
	bool gln = SpanEqualCString(scheme, "0088");
	bool duns = SpanEqualCString(scheme, "0060");
	const EdiElementFact *list;

	if (w->family == EDI_X12)
	{
		EdiCellSet(w, put, 3, 1,
				   gln	  ? SPAN_LITERAL("UL")
				   : duns ? SPAN_LITERAL("1")
						  : SPAN_LITERAL("92"),
				   gln || duns ? node : 0);
		if (!gln && !duns && w->status == CLEX_OK)
			EdiCellAt(w, w->cells.count - 1)->blank = true;
		return;
	}
	if (node == 0)
		return;
	list = EdiElementFind(w, EdiWriterNode(w, EdiPutAt(w, put)->at)->tag, 2, 2);
	if (gln || duns)
		EdiCellSet(w, put, 2, 3, gln ? SPAN_LITERAL("9") : SPAN_LITERAL("16"), node);
	else if (scheme.length == 4 && list != NULL && EdiFits(list, scheme))
		EdiCellSet(w, put, 2, 2, scheme, node);
	else
		JobSay(w->job, node, FATE_CODE);
}

void
EdiPutDateFormat(EdiWriter *w, uint32_t put, const EdiRule *rule, Span text)
{
	const EdiDateFormat *format = FormatOf(w, text);

	if (format != NULL && text.length > 8)
		EdiCellSet(w, put, rule->element, rule->component + 1u, SpanFromCString(format->code), 0);
}

Span
EdiItemQualifier(const EdiRule *rule, Span number)
{
	/* a number of the American scheme goes by its length */
	const char *wanted = number.length == 12 ? "UP" : number.length == 14 ? "UK" : "EN";

	for (uint8_t i = 0; i < rule->value_count; i++)
		if (SpanEqualCString(ClexEdiBindValues[rule->first_value + i], wanted))
			return ClexEdiBindValues[rule->first_value + i];
	return ClexEdiBindValues[rule->first_value];
}
