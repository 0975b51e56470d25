/*
 * edi_convert.c
 *		From the spelling of EDIFACT and X12 to that of the model: dates, numbers, codes, split texts, schemes.
 */
#include "core/base/date.h"
#include "core/codec/edi_bind.h"

static Span
TextOf(const EdiReader *reader, Arena *arena, const EdiValue *value)
{
	Span text = EdiText(&reader->scanner, value, arena);

	return text.data == NULL ? SpanOf("", 0) : text;
}

/* Components that continue one another: a full one runs on, else a line or word ends. */
static Span
JoinComponents(const EdiReader *reader, Arena *arena, const EdiCandidate *c, const EdiValue *value)
{
	const EdiScanner *s = &reader->scanner;
	const EdiMessage *message = EdiCurrent(reader);
	const EdiSegment *segment = &VectorAt(&reader->segments, EdiPlaced, c->segment).segment;
	const EdiSegmentFact *fact =
		message->directory == NULL ? NULL : EdiSegmentFind(message->directory, segment->tag);
	uint16_t full = 0;
	size_t length = 0;
	Text text;

	for (uint16_t i = 0; fact != NULL && i < fact->element_count; i++)
		if (ClexEdiElements[fact->first_element + i].element == value->element &&
			ClexEdiElements[fact->first_element + i].component == value->component)
			full = ClexEdiElements[fact->first_element + i].max;
	TextInit(&text, arena);
	for (unsigned component = value->component; component <= c->rule->last; component++)
	{
		const EdiValue *v = EdiFind(s, segment, value->element, component);
		Span part;

		if (v == NULL)
			continue;
		part = TextOf(reader, arena, v);
		if (text.length > 0 && length < full)
			TextAppendChar(&text, full > 35 ? '\n' : ' ');
		TextAppendSpan(&text, part);
		length = 0;
		for (size_t i = 0; i < part.length; i++)
			length += ((unsigned char) part.data[i] & 0xC0) != 0x80;
	}
	return text.failed ? SpanOf("", 0) : TextSpan(&text);
}

/* Digits of a date by their number: CCYYMMDD, YYMMDD of 1950 to 2049; else as it is. */
static Span
ConvertDigits(Arena *arena, Span text)
{
	char *iso = ArenaAlloc(arena, DATE_TEXT);
	char *wide;
	int32_t date;

	if (iso == NULL)
		return text;
	if (text.length == 6)
	{
		wide = ArenaPrintf(arena, "%s%.*s", text.data[0] >= '5' ? "19" : "20", 6, text.data);
		if (wide == NULL)
			return text;
		text = SpanOf(wide, 8);
	}
	else if (text.length > 8)
		text.length = 8; /* the time of day behind it */
	return DateParseCompact(text, &date) == CLEX_OK ? DateFormat(date, iso) : text;
}

/* The digits that two letters of a picture stand for, NULL: it has no such letters. */
static const char *
PictureAt(const char *picture, const char *letters, Span text)
{
	const char *found = strstr(picture, letters);

	return found == NULL ? NULL : text.data + (found - picture);
}

/* A date by its picture, as CCYYMMDD in front of it says; as it is if the picture does not fit. */
static Span
ConvertPicture(Arena *arena, Span text, const char *picture)
{
	const char *century = PictureAt(picture, "CC", text);
	const char *year = PictureAt(picture, "YY", text);
	const char *month = PictureAt(picture, "MM", text);
	const char *day = PictureAt(picture, "DD", text);
	Span digits;
	Span date;

	if (text.length < strlen(picture))
		return ConvertDigits(arena, text);
	digits = EdiPrinted(ArenaPrintf(arena, "%.2s%.2s%.2s%.2s",
									century != NULL	 ? century
									: year[0] >= '5' ? "19"
													 : "20",
									year, month, day));
	date = ConvertDigits(arena, digits);
	return SpanEqual(date, digits) ? text : date;
}

/*
 * A date as EDIFACT, with its format beside it, or X12 writes it, in ISO spelling; else as it is.  NULL data if the format
 * is not one of dates.
 */
static Span
ConvertDate(const EdiReader *reader, Arena *arena, const EdiCandidate *c, Span text, Span *spelling)
{
	const EdiScanner *s = &reader->scanner;
	const EdiSegment *segment = &VectorAt(&reader->segments, EdiPlaced, c->segment).segment;
	EdiValue *format = s->family == EDI_X12 || segment->tag != EDI_TAG('D', 'T', 'M')
						   ? NULL
						   : EdiFind(s, segment, c->rule->element, c->rule->component + 1u);
	Span code = format == NULL ? SpanOf("", 0) : SpanTrim(TextOf(reader, arena, format));

	for (uint32_t i = 0; i < ClexEdiDateFormatCount && code.length > 0; i++)
	{
		const EdiDateFormat *fact = &ClexEdiDateFormats[i];

		if (!SpanEqualCString(code, fact->code))
			continue;
		format->flags |= EDI_VALUE_USED;
		if (text.length > strlen(fact->picture))
			*spelling = text;
		return ConvertPicture(arena, text, fact->picture);
	}
	return code.length == 0 || text.length == 8 ? ConvertDigits(arena, text) : SpanOf(NULL, 0);
}

static Span
ConvertNumber(Arena *arena, Span text)
{
	const char *comma = text.length > 0 ? memchr(text.data, ',', text.length) : NULL;
	Span copy;

	if (comma == NULL || memchr(text.data, '.', text.length) != NULL)
		return text;
	copy = ArenaCopy(arena, text);
	if (copy.data == NULL)
		return text;
	((char *) (uintptr_t) copy.data)[comma - text.data] = '.';
	return copy;
}

/* "12345" is 123.45; what has a point, or is no number, stays. */
static Span
ConvertCents(Arena *arena, Span text)
{
	bool negative = text.length > 0 && text.data[0] == '-';
	Span digits = negative ? SpanOf(text.data + 1, text.length - 1) : text;

	for (size_t i = 0; i < digits.length; i++)
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return text;
	if (digits.length == 0)
		return text;
	if (digits.length <= 2)
		return EdiPrinted(ArenaPrintf(arena, "%s0.%s%.*s", negative ? "-" : "",
									  digits.length == 1 ? "0" : "", (int) digits.length,
									  digits.data));
	return EdiPrinted(ArenaPrintf(arena, "%s%.*s.%.*s", negative ? "-" : "",
								  (int) digits.length - 2, digits.data, 2,
								  digits.data + digits.length - 2));
}

/* "0930" and "093015" as times of the day; else as it is. */
static Span
ConvertTime(Arena *arena, Span text)
{
	const char *p = text.data;

	for (size_t i = 0; i < text.length; i++)
		if (p[i] < '0' || p[i] > '9')
			return text;
	if (text.length != 4 && text.length != 6 && text.length != 8)
		return text;
	return EdiPrinted(
		ArenaPrintf(arena, "%.2s:%.2s:%.2s", p, p + 2, text.length > 4 ? p + 4 : "00"));
}

/* "-5" is 5 missing; what is not negative says something else. */
static Span
ConvertShortage(Arena *arena, Span text)
{
	if (text.length < 2 || text.data[0] != '-')
		return SpanOf(NULL, 0);
	return ConvertNumber(arena, SpanOf(text.data + 1, text.length - 1));
}

/* By the map; NULL data if it is closed and does not have the code. */
static Span
ConvertCode(uint8_t map, Span text)
{
	for (uint32_t i = 0; i < ClexEdiMapRowCount; i++)
	{
		const EdiMapRow *row = &ClexEdiMapRows[i];

		if (row->map != map)
			continue;
		if (SpanEqual(row->outer, text))
			return row->inner;
		if (SpanEqualCString(row->outer, "*"))
			return SpanOf(NULL, 0);
	}
	return text;
}

Span
EdiConvertValue(const EdiReader *reader, Arena *arena, const EdiCandidate *c, Span *spelling)
{
	const EdiValue *value = EdiValueAt(&reader->scanner, c->value);
	Span text = c->rule->last > c->rule->component ? JoinComponents(reader, arena, c, value)
												   : TextOf(reader, arena, value);

	*spelling = SpanOf(NULL, 0);
	switch ((EdiConvert) c->rule->convert)
	{
		case EDI_DATE:
			return ConvertDate(reader, arena, c, SpanTrim(text), spelling);
		case EDI_NUMBER:
			return ConvertNumber(arena, SpanTrim(text));
		case EDI_CENTS:
			return ConvertCents(arena, SpanTrim(text));
		case EDI_TIME:
			return ConvertTime(arena, SpanTrim(text));
		case EDI_SHORTAGE:
			return ConvertShortage(arena, SpanTrim(text));
		case EDI_CODE:
			return ConvertCode(c->rule->map, SpanTrim(text));
		case EDI_AS_IT_IS:
		case EDI_PARTY:
		case EDI_ADDRESS:
		case EDI_ITEM:
		case EDI_CLASS:
			break;
	}
	return text;
}

/* A scheme told by the agency (3055) or the list (1131) of a party, or by the qualifier of X12. */
static Span
PartyScheme(const EdiReader *reader, Arena *arena, const EdiCandidate *c)
{
	const EdiScanner *s = &reader->scanner;
	const EdiSegment *segment = &VectorAt(&reader->segments, EdiPlaced, c->segment).segment;
	bool x12 = s->family == EDI_X12;
	EdiValue *list = x12 ? NULL : EdiFind(s, segment, 2, 2);
	EdiValue *agency = x12 ? EdiFind(s, segment, 3, 1) : EdiFind(s, segment, 2, 3);
	Span scheme = {NULL, 0};

	if (list != NULL && list->length == 4)
	{
		list->flags |= EDI_VALUE_USED;
		return TextOf(reader, arena, list);
	}
	if (agency == NULL)
		return scheme;
	if (SpanEqualCString(TextOf(reader, arena, agency), x12 ? "UL" : "9"))
		scheme = SPAN_LITERAL("0088");
	else if (x12 && SpanEqualCString(TextOf(reader, arena, agency), "1"))
		scheme = SPAN_LITERAL("0060");
	else if (!x12 && SpanEqualCString(TextOf(reader, arena, agency), "16"))
		scheme = SPAN_LITERAL("0060");
	if (scheme.data != NULL)
		agency->flags |= EDI_VALUE_USED;
	return scheme;
}

/* The scheme that goes with the value of a candidate. */
Span
EdiScheme(const EdiReader *reader, Arena *arena, const EdiCandidate *c)
{
	switch ((EdiConvert) c->rule->convert)
	{
		case EDI_PARTY:
			return PartyScheme(reader, arena, c);
		case EDI_ITEM:
			return SPAN_LITERAL("0160");
		case EDI_ADDRESS:
			return SPAN_LITERAL("EM");
		case EDI_CLASS:
			return c->qualifier == UINT32_MAX
					   ? SpanOf(NULL, 0)
					   : TextOf(reader, arena, EdiValueAt(&reader->scanner, c->qualifier));
		case EDI_AS_IT_IS:
		case EDI_DATE:
		case EDI_NUMBER:
		case EDI_CENTS:
		case EDI_TIME:
		case EDI_SHORTAGE:
		case EDI_CODE:
			break;
	}
	return SpanOf(NULL, 0);
}
