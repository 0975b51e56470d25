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

/* 2026-05-20 as 20260520. */
static Span
SpellDate(Arena *arena, Span text)
{
	int32_t date;
	int year;
	int month;
	int day;

	if (DateParse(text, &date, NULL) != CLEX_OK)
		return SpanOf(NULL, 0);
	DateToCivil(date, &year, &month, &day);
	return EdiPrinted(ArenaPrintf(arena, "%04d%02d%02d", year, month, day));
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
			out = SpellDate(arena, text);
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
