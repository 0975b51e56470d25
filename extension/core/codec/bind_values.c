/*
 * bind_values.c
 *		Values on their way in: each converter of the bindings, and the term that is made of it.
 *
 * Functions of bind.h undo here what a writer does; the writer's proof uses them too.
 */
#include <limits.h>

#include "core/base/date.h"
#include "core/codec/bind_parts.h"

/* A compact date in ISO spelling; what is none stays as it is, to be marked invalid. */
static Span
ConvertDate102(Binder *binder, uint32_t node, Span text, char iso[DATE_TEXT])
{
	uint32_t format = TreeChild(binder->tree, node, NAME_at_format);
	int32_t date;

	if (format != 0 && !SpanEqualCString(TreeText(binder->tree, format), "102"))
		return text;
	if (DateParseCompact(SpanTrim(text), &date) != CLEX_OK)
		return text;
	return DateFormat(date, iso);
}

Span
InnerCode(uint8_t map, Span outer)
{
	for (uint32_t i = 0; i < ClexCodePairCount; i++)
		if (ClexCodePairs[i].map == map && SpanEqual(ClexCodePairs[i].outer, outer))
			return ClexCodePairs[i].inner;
	return outer;
}

/* Is a code the one that a writer would choose, the first of those that mean the same? */
static bool
IsFirstCode(uint8_t map, Span inner, Span outer)
{
	for (uint32_t i = 0; i < ClexCodePairCount; i++)
		if (ClexCodePairs[i].map == map && SpanEqual(ClexCodePairs[i].inner, inner))
			return SpanEqual(ClexCodePairs[i].outer, outer);
	return true;
}

/* The date before a time of day; what is none stays as it is. */
static Span
ConvertDateTime(Span text)
{
	Span trimmed = SpanTrim(text);
	int32_t date;

	return trimmed.length > 10 && trimmed.data[10] == 'T' &&
				   DateParse(SpanOf(trimmed.data, 10), &date, NULL) == CLEX_OK
			   ? SpanOf(trimmed.data, 10)
			   : text;
}

bool
DaysParse(Span text, int32_t *days)
{
	text = SpanTrim(text);
	*days = 0;
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		else if (i < 5)
			*days = *days * 10 + (text.data[i] - '0');
	return text.length > 0 && text.length <= 5;
}

/* So many days behind the date of the term before it; what is no such number stays as it is. */
static Span
ConvertDays(Binder *binder, const BindState *state, Span text, char iso[DATE_TEXT])
{
	const Newest *from = &binder->newest[ClexPlanStates[state - ClexBindStates].constant_term];
	int32_t date;
	int32_t days;

	if (from->handle == 0 || !DaysParse(text, &days) ||
		DateParse(SpanTrim(ConvertDateTime(TreeText(binder->tree, from->source))), &date, NULL) !=
			CLEX_OK)
		return text;
	return DateFormat(date + days, iso);
}

Span
InnerPosition(Span text)
{
	size_t start = 0;

	if (text.length != 6 || text.data[5] != '0')
		return text;
	for (size_t i = 0; i < 6; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return text;
	while (start < 5 && text.data[start] == '0')
		start++;
	return start == 5 ? text : SpanOf(text.data + start, 5 - start);
}

Span
InnerStamp(Span text, char iso[DATE_TEXT])
{
	Span trimmed = SpanTrim(text);
	int32_t date;

	if (trimmed.length != 8 && trimmed.length != 12 && trimmed.length != 14)
		return text;
	for (size_t i = 8; i < trimmed.length; i++)
		if (trimmed.data[i] < '0' || trimmed.data[i] > '9')
			return text;
	return DateParseCompact(SpanOf(trimmed.data, 8), &date) == CLEX_OK ? DateFormat(date, iso)
																	   : text;
}

/* As the format beside it says: 102 (or nothing) a date, 203 and 204 a date and a time. */
static Span
ConvertStamp(Binder *binder, uint32_t node, Span text, char iso[DATE_TEXT])
{
	static const char *const formats[] = {[8] = "102", [12] = "203", [14] = "204"};
	uint32_t format = TreeChild(binder->tree, node, NAME_at_format);
	Span converted = InnerStamp(text, iso);

	if (converted.data != iso || (format == 0 && SpanTrim(text).length == 8) ||
		(format != 0 &&
		 SpanEqualCString(TreeText(binder->tree, format), formats[SpanTrim(text).length])))
		return converted;
	return text;
}

static Span
ConvertPercent(Span text)
{
	Span trimmed = SpanTrim(text);

	return trimmed.length > 1 && trimmed.data[trimmed.length - 1] == '%'
			   ? SpanOf(trimmed.data, trimmed.length - 1)
			   : text;
}

/* Country and number, first name and name: a blank between two words; series and number: a hyphen. */
static Span
ConvertHead(Binder *binder, const BindState *state, uint32_t node, Span text)
{
	uint32_t head = TreeChild(binder->tree, TreeAt(binder->tree, node)->parent, state->head);
	Span before = head == 0 ? SpanOf(NULL, 0) : TreeText(binder->tree, head);
	const char *joined;

	if (before.length == 0 || before.length > INT_MAX / 4 || text.length > INT_MAX / 4)
		return text;
	joined = ArenaPrintf(binder->tree->arena, "%.*s%s%.*s", (int) before.length, before.data,
						 TermIsWords(state->term)			? " "
						 : state->converter == CONVERT_JOIN ? "-"
															: "",
						 (int) text.length, text.data);
	if (joined == NULL)
	{
		binder->status = CLEX_NO_MEMORY;
		return text;
	}
	return SpanFromCString(joined);
}

/* The text of a sibling; empty where there is none. */
static Span
BesideText(const Tree *tree, uint32_t parent, NameId name)
{
	uint32_t node = TreeChild(tree, parent, name);

	return node == 0 ? SpanOf("", 0) : TreeText(tree, node);
}

/* Digits of a country calling code: one to four. */
static size_t
CallingCode(Span text)
{
	size_t length = 0;

	while (length < text.length && text.data[length] >= '0' && text.data[length] <= '9')
		length++;
	return length > 4 ? 0 : length;
}

bool
PhoneJoins(const Tree *tree, uint32_t telephone)
{
	Span country = BesideText(tree, telephone, NAME_CountryCode);
	Span area = BesideText(tree, telephone, NAME_AreaOrCityCode);

	return BesideText(tree, telephone, NAME_Number).length > 0 &&
		   CallingCode(country) == country.length && (area.length == 0 || area.data[0] != '+') &&
		   area.length < INT_MAX / 4;
}

void
PhoneSplit(Span head, Span *country, Span *area)
{
	size_t digits = head.length > 1 && head.data[0] == '+'
						? CallingCode(SpanOf(head.data + 1, head.length - 1))
						: 0;

	*country = SpanOf("", 0);
	*area = head;
	if (digits == 0 || (digits + 1 < head.length && head.data[digits + 1] != ' '))
		return;
	*country = SpanOf(head.data + 1, digits);
	digits += digits + 1 < head.length ? 2 : 1;
	*area = SpanOf(head.data + digits, head.length - digits);
}

/* "+33 3 86000000" of its three elements; those that cannot be told apart again are not joined. */
static Span
ConvertPhone(Binder *binder, uint32_t node, Span text)
{
	uint32_t telephone = TreeAt(binder->tree, node)->parent;
	Span country = BesideText(binder->tree, telephone, NAME_CountryCode);
	Span area = BesideText(binder->tree, telephone, NAME_AreaOrCityCode);
	const char *joined;

	if (!PhoneJoins(binder->tree, telephone) || country.length + area.length == 0 ||
		text.length > INT_MAX / 4)
		return text;
	joined = ArenaPrintf(binder->tree->arena, "%s%.*s%s%.*s%s%.*s", country.length > 0 ? "+" : "",
						 (int) country.length, country.data, country.length > 0 ? " " : "",
						 (int) area.length, area.data, area.length > 0 ? " " : "",
						 (int) text.length, text.data);
	if (joined == NULL)
	{
		binder->status = CLEX_NO_MEMORY;
		return text;
	}
	return SpanFromCString(joined);
}

/* The terms that an element says beside its own. */
static void
AddImplied(Binder *binder, const BindState *state, uint32_t parent, uint32_t node)
{
	for (uint16_t i = 0; i < state->implied_count; i++)
	{
		const BindImplied *implied = &ClexBindImplied[state->first_implied + i];
		Newest *newest = &binder->newest[implied->term];
		uint32_t above = ClexTerms[implied->term].parent == state->term
							 ? binder->newest[state->term].handle
							 : parent;

		if (newest->handle != 0 && newest->parent == above)
			continue;
		newest->handle = DocumentAdd(binder->builder, above, implied->term, implied->value, node);
		newest->parent = above;
		newest->source = node;
	}
}

/* Take "#AAI#" off the front of a note; an empty span if it has none. */
static Span
SplitSubject(Span *text)
{
	Span subject = {NULL, 0};

	if (text->length >= 5 && text->data[0] == '#' && text->data[4] == '#')
	{
		for (int i = 1; i < 4; i++)
			if (!(text->data[i] >= 'A' && text->data[i] <= 'Z'))
				return subject;
		subject = SpanOf(text->data + 1, 3);
		text->data += 5;
		text->length -= 5;
	}
	return subject;
}

void
BindNoteElsewhere(Binder *binder, TermId term)
{
	if (term == binder->last_elsewhere)
		return;
	binder->last_elsewhere = term;
	TextAppendf(&binder->elsewhere, "%s%s", binder->elsewhere.length > 0 ? " " : "",
				ClexTerms[term].id.data);
}

void
BindAddTerm(Binder *binder, const BindState *state, uint32_t parent, uint32_t node)
{
	Span text = TreeText(binder->tree, node);
	Span value = text;
	char iso[DATE_TEXT];
	Newest *newest = &binder->newest[state->term];

	if (state->converter == CONVERT_DATE_102)
		value = ConvertDate102(binder, node, text, iso);
	else if (state->converter == CONVERT_STAMP)
		value = ConvertStamp(binder, node, text, iso);
	else if (state->converter == CONVERT_CODES)
		value = InnerCode(state->map, text);
	else if (state->converter == CONVERT_DATE_TIME || state->converter == CONVERT_DATE_TIME_ZONE)
		value = ConvertDateTime(text);
	else if (state->converter == CONVERT_DAYS)
		value = ConvertDays(binder, state, text, iso);
	else if (state->converter == CONVERT_POSITION)
		value = InnerPosition(text);
	else if (state->converter == CONVERT_PERCENT)
		value = ConvertPercent(text);
	else if (state->converter == CONVERT_HEAD || state->converter == CONVERT_JOIN)
		value = ConvertHead(binder, state, node, text);
	else if (state->converter == CONVERT_PHONE)
		value = ConvertPhone(binder, node, text);
	else if (state->converter == CONVERT_NOTE)
	{
		Span subject = SplitSubject(&value);

		if (subject.length > 0)
			DocumentAdd(binder->builder, parent, state->subject, subject, node);
	}
	/* handles are in the order of their sources */
	newest->source = binder->retrying ? binder->newest[ClexTerms[state->term].parent].source : node;
	newest->handle = DocumentAdd(binder->builder, parent, state->term, value, newest->source);
	newest->parent = parent;
	/* what the converter undoes is no spelling of its own; white space around it is */
	if (value.data == iso && text.length != 8)
		DocumentSetLexical(binder->builder, newest->handle, text);
	else if ((state->converter == CONVERT_CODES && !SpanEqual(value, text) &&
			  !IsFirstCode(state->map, value, text)) ||
			 ((state->converter == CONVERT_DATE_TIME || state->converter == CONVERT_JOIN ||
			   state->converter == CONVERT_DATE_TIME_ZONE || state->converter == CONVERT_PHONE) &&
			  value.length != text.length))
		DocumentSetLexical(binder->builder, newest->handle, text);
	AddImplied(binder, state, parent, newest->source);
	if (state->flags & BIND_ELSEWHERE)
		BindNoteElsewhere(binder, ClexPlanStates[state - ClexBindStates].mark);
	binder->counts.terms++;
}
