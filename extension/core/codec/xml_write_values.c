/*
 * xml_write_values.c
 *		How the value of a node is spelled at its place, and whether the place can say it.
 */
#include "core/base/date.h"
#include "core/codec/xml_writer.h"
#include "core/xml/xml_write.h"

bool
OuterCode(uint8_t map, Span *code)
{
	bool taken = false;

	for (uint32_t i = 0; i < ClexCodePairCount; i++)
	{
		const CodePair *pair = &ClexCodePairs[i];

		if (pair->map == map && SpanEqual(pair->inner, *code))
		{
			*code = pair->outer;
			return true;
		}
		taken |= pair->map == map && SpanEqual(pair->outer, *code);
	}
	return !taken;
}

/* Is a value a head, what joins it (a hyphen, or a blank between words) and this tail? */
static bool
IsJoined(Span value, char join, Span tail)
{
	return value.length > tail.length + 1 && value.data[value.length - tail.length - 1] == join &&
		   memcmp(value.data + value.length - tail.length, tail.data, tail.length) == 0;
}

/*
 * The spelling that a code or a date had in this format, if it still means the value; NULL data if there
 * is none.
 */
static Span
SourceSpelling(const Writer *w, const BindState *state, uint32_t node, Span value)
{
	Span none = {NULL, 0};
	char iso[DATE_TEXT];
	Span spelling;

	if (!w->same || w->view->lexical_count == 0)
		return none;
	spelling = ViewLexical(w->view, node);
	if (spelling.data == NULL || SpanEqual(spelling, value))
		return none;
	if (state->converter == CONVERT_CODES && SpanEqual(InnerCode(state->map, spelling), value))
		return spelling;
	if (state->converter == CONVERT_JOIN &&
		IsJoined(value, TermIsWords(state->term) ? ' ' : '-', spelling))
		return spelling;
	if (state->converter == CONVERT_PHONE && IsJoined(value, ' ', spelling))
		return spelling;
	if (state->converter == CONVERT_STAMP && SpanEqual(InnerStamp(spelling, iso), value))
		return spelling;
	if ((state->converter == CONVERT_DATE_TIME || state->converter == CONVERT_DATE_TIME_ZONE) &&
		value.length == 10 && SpanTrim(spelling).length > 10 &&
		memcmp(SpanTrim(spelling).data, value.data, 10) == 0)
		return spelling;
	return none;
}

/* Cut "IT01234567890" behind the country; false if there is none. */
bool
WriterSplitHead(Span value, Span *head, Span *tail)
{
	if (value.length < 3 || value.data[0] < 'A' || value.data[0] > 'Z' || value.data[1] < 'A' ||
		value.data[1] > 'Z')
		return false;
	*head = SpanOf(value.data, 2);
	*tail = SpanOf(value.data + 2, value.length - 2);
	return true;
}

/* A telephone number in its parts: as they were, else what follows a country calling code. */
static void
SplitPhone(const Writer *w, const BindState *state, uint32_t node, Span *country, Span *area,
		   Span *number)
{
	Span value = ViewNode(w->view, node).value;
	Span spelling = SourceSpelling(w, state, node, value);

	*number = value;
	if (spelling.data != NULL)
	{
		PhoneSplit(SpanOf(value.data, value.length - spelling.length - 1), country, area);
		*number = spelling;
		return;
	}
	PhoneSplit(value, country, area);
	if (country->length > 0 && area->length > 0)
		*number = *area;
	else
		*country = SpanOf("", 0);
	*area = SpanOf("", 0);
}

Span
WriterHead(Writer *w, const PlanState *head_plan)
{
	uint16_t tail = head_plan->tail;
	const PlanState *plan = &ClexPlanStates[tail];
	uint32_t node =
		plan->choice == CHOOSE_NEVER ? 0 : WriterNext(w, plan, ClexBindStates[tail].term, 0);
	Span head = {NULL, 0};
	Span rest;

	if (node != 0 && ClexBindStates[tail].converter == CONVERT_PHONE)
	{
		Span area;

		SplitPhone(w, &ClexBindStates[tail], node, &head, &area, &rest);
		return head_plan->name == NAME_CountryCode ? head : area;
	}
	if (node != 0 && ClexBindStates[tail].converter == CONVERT_JOIN)
	{
		Span value = ViewNode(w->view, node).value;

		rest = SourceSpelling(w, &ClexBindStates[tail], node, value);
		return rest.data == NULL ? head : SpanOf(value.data, value.length - rest.length - 1);
	}
	if (node != 0)
		WriterSplitHead(ViewNode(w->view, node).value, &head, &rest);
	return head;
}

/* Does a spelling stand for a value, as this syntax writes it?  It may come from outside, in JSON. */
static bool
IsSpelling(const Writer *w, const DocumentNode *fact, Span spelling, bool compact)
{
	char iso[DATE_TEXT];
	int32_t date;
	bool valid;

	if (compact)
		return DateParseCompact(SpanTrim(spelling), &date) == CLEX_OK &&
			   SpanEqual(DateFormat(date, iso), fact->value);
	return SpanEqual(ValueCanonical(fact->term, spelling, w->job->arena, &valid), fact->value);
}

/* The spelling of the source where it means the same in this syntax: dates differ. */
Span
WriterSpelling(const Writer *w, uint32_t node, const DocumentNode *fact, bool compact)
{
	Span spelling;

	if (w->view->lexical_count == 0 || (!w->same && ClexTerms[fact->term].type == VALUE_DATE))
		return fact->value;
	spelling = ViewLexical(w->view, node);
	return SpanEqual(spelling, fact->value) || IsSpelling(w, fact, spelling, compact) ? spelling
																					  : fact->value;
}

static void
AppendChecked(Writer *w, uint32_t node, Span value, bool attribute)
{
	if (w->json)
		XmlAppendMarkup(w->out, value);
	else if (!(attribute ? XmlAppendValue(w->out, value) : XmlAppendText(w->out, value)))
		JobSay(w->job, node, FATE_CHARACTERS);
}

/* Three capital letters: what fits between the hash signs before a note. */
static bool
IsSubject(Span s)
{
	for (size_t i = 0; i < s.length; i++)
		if (s.data[i] < 'A' || s.data[i] > 'Z')
			return false;
	return s.length == 3;
}

/* The subject of a note in front of its text, "#AAI#"; a text that looks like one is taken for it. */
static void
AppendSubject(Writer *w, TermId term, uint32_t note, Span text)
{
	uint32_t node = WriterHasTerm(w, term) ? w->cursor[term].next : 0;
	Span value;

	if (node == 0 || w->job->fate[node] != FATE_UNSAID)
	{
		if (text.length >= 5 && text.data[0] == '#' && text.data[4] == '#' &&
			IsSubject(SpanOf(text.data + 1, 3)))
			JobSay(w->job, note, FATE_AMBIGUOUS);
		return;
	}
	value = ViewNode(w->view, node).value;
	if (!IsSubject(value))
	{
		JobSay(w->job, node, FATE_CODE);
		return;
	}
	TextAppendf(w->out, "#%.3s#", value.data);
	WriterSay(w, node, term);
}

static size_t
CountCharacters(Span s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.length; i++)
		count += ((unsigned char) s.data[i] & 0xC0) != 0x80;
	return count;
}

/* The first so many characters. */
static Span
CutCharacters(Span s, size_t limit)
{
	size_t i = 0;

	for (; i < s.length; i++)
		if (((unsigned char) s.data[i] & 0xC0) != 0x80 && limit-- == 0)
			break;
	return SpanOf(s.data, i);
}

/* The number of a line as six digits, counted in tens; false if it is no such number. */
static bool
AppendPosition(Text *out, Span value)
{
	if (value.length == 0 || value.length > 5 || value.data[0] == '0')
		return false;
	for (size_t i = 0; i < value.length; i++)
		if (value.data[i] < '0' || value.data[i] > '9')
			return false;
	for (size_t i = value.length; i < 5; i++)
		TextAppendChar(out, '0');
	TextAppendSpan(out, value);
	TextAppendChar(out, '0');
	return true;
}

/* The date that days are counted from; false if the document has none. */
static bool
CountedFrom(const Writer *w, const PlanState *plan, int32_t *date)
{
	uint32_t from = WriterFirst(w, plan->constant_term);

	return from != 0 && DateParse(ViewNode(w->view, from).value, date, NULL) == CLEX_OK;
}

/* A date as days behind another one; false if it is no date, and stays as it is. */
static bool
AppendDays(Writer *w, const PlanState *plan, Span value)
{
	int32_t date;
	int32_t from;

	if (DateParse(value, &date, NULL) != CLEX_OK || !CountedFrom(w, plan, &from))
		return false;
	TextAppendf(w->out, "%d", (int) (date - from));
	return true;
}

/* Can a date be said as days behind another one?  What is none must not be read as such a number. */
static WriteFate
FitsDays(const Writer *w, const PlanState *plan, Span value)
{
	int32_t date;
	int32_t from;
	int32_t days;
	bool counted = CountedFrom(w, plan, &from);

	if (DateParse(value, &date, NULL) != CLEX_OK)
		return counted && DaysParse(value, &days) ? FATE_AMBIGUOUS : FATE_SAID;
	return counted && date >= from && date - from <= 99999 ? FATE_SAID : FATE_BY_ITSELF;
}

/* The value of a node as this state writes it. */
void
WriterAppend(Writer *w, const BindState *state, uint32_t node, bool attribute)
{
	const PlanState *plan = &ClexPlanStates[state - ClexBindStates];
	DocumentNode fact = ViewNode(w->view, node);
	Span value = WriterSpelling(w, node, &fact, state->converter == CONVERT_DATE_102);
	Span source = SourceSpelling(w, state, node, fact.value);
	Span head;
	Span rest;

	if ((state->converter == CONVERT_DATE_102 || state->converter == CONVERT_STAMP) &&
		source.data == NULL && !(fact.flags & DOCUMENT_NODE_INVALID) &&
		SpanEqual(value, fact.value) && value.length == 10)
	{
		TextAppend(w->out, value.data, 4);
		TextAppend(w->out, value.data + 5, 2);
		TextAppend(w->out, value.data + 8, 2);
		return;
	}
	/* what is no date, and would be one here, unless an extra beside it says so */
	if (!w->formats && state->converter == CONVERT_DATE_102 &&
		(fact.flags & DOCUMENT_NODE_INVALID) &&
		DateParseCompact(SpanTrim(value), &(int32_t){0}) == CLEX_OK)
		JobSay(w->job, node, FATE_AMBIGUOUS);
	if (state->converter == CONVERT_PHONE)
		SplitPhone(w, state, node, &head, &rest, &value);
	else if (source.data != NULL)
		value = source;
	else if (state->converter == CONVERT_CODES)
		OuterCode(state->map, &value);
	else if (state->converter == CONVERT_NOTE)
		AppendSubject(w, state->subject, node, value);
	else if (state->converter == CONVERT_HEAD && !TermIsWords(state->term))
		WriterSplitHead(value, &head, &value);
	if ((state->converter == CONVERT_POSITION && AppendPosition(w->out, value)) ||
		(state->converter == CONVERT_DAYS && AppendDays(w, plan, fact.value)))
		return;
	if (!w->same && plan->max_length > 0 && CountCharacters(value) > plan->max_length)
	{
		JobSay(w->job, node, FATE_CUT);
		value = CutCharacters(value, plan->max_length);
	}
	AppendChecked(w, node, value, attribute);
	if (state->converter == CONVERT_PERCENT && !(fact.flags & DOCUMENT_NODE_INVALID))
		TextAppendChar(w->out, '%');
	if ((state->converter == CONVERT_DATE_TIME || state->converter == CONVERT_DATE_TIME_ZONE) &&
		source.data == NULL && !w->same && !(fact.flags & DOCUMENT_NODE_INVALID))
		TextAppendf(w->out, "T00:00:00%s",
					state->converter == CONVERT_DATE_TIME_ZONE ? "+00:00" : "");
}

/* One of "a|b|c". */
static bool
IsAmong(Span value, Span values)
{
	for (size_t at = 0; at <= values.length;)
	{
		size_t end = at;

		while (end < values.length && values.data[end] != '|')
			end++;
		if (SpanEqual(value, SpanOf(values.data + at, end - at)))
			return true;
		at = end + 1;
	}
	return false;
}

/* The characters that a value takes: those of a date in digits are less than its own. */
static size_t
WrittenLength(const BindState *state, Span value)
{
	int32_t date;

	if (state->converter == CONVERT_DATE_102 && value.length == strlen("YYYY-MM-DD") &&
		DateParse(value, &date, NULL) == CLEX_OK)
		return strlen("YYYYMMDD");
	return CountCharacters(value);
}

/* A number of up to nine digits, as it is counted. */
static bool
IsWhole(Span value)
{
	bool good = value.length > 0 && value.length < 10 && value.data[0] != '0';

	for (size_t i = 0; i < value.length && good; i++)
		good = value.data[i] >= '0' && value.data[i] <= '9';
	return good;
}

/* What another format's document may have, and this place cannot say; FATE_SAID if it can. */
static WriteFate
FitsPlace(const BindState *state, const PlanState *plan, Span value)
{
	Span head;
	char iso[DATE_TEXT];
	int32_t date;

	if ((plan->taken.length > 0 && IsAmong(value, plan->taken)) ||
		(state->converter == CONVERT_POSITION && InnerPosition(value).length != value.length) ||
		(state->converter == CONVERT_DATE_102 &&
		 DateParseCompact(SpanTrim(value), &date) == CLEX_OK) ||
		(state->converter == CONVERT_STAMP && InnerStamp(value, iso).data == iso))
		return FATE_AMBIGUOUS;
	if (state->converter == CONVERT_HEAD && !TermIsWords(state->term) &&
		!WriterSplitHead(value, &head, &value))
		return FATE_CODE;
	if (state->converter == CONVERT_WHOLE && !IsWhole(value))
		return FATE_CODE;
	if ((plan->values.length > 0 && !IsAmong(value, plan->values)) ||
		CountCharacters(value) < plan->min_length)
		return FATE_CODE;
	if (plan->max_length > 0 && !TermIsWords(state->term) &&
		WrittenLength(state, value) > plan->max_length)
		return FATE_LENGTH;
	return FATE_SAID;
}

bool
WriterTakes(Writer *w, uint16_t number, uint32_t node)
{
	const BindState *state = &ClexBindStates[number];
	Span code = ViewNode(w->view, node).value;
	Span inner = code;
	WriteFate fate = FATE_SAID;

	if (state->converter == CONVERT_CODES)
	{
		if (SourceSpelling(w, state, node, code).data != NULL)
			return true;
		if (!OuterCode(state->map, &code))
			fate = FATE_CODE;
	}
	if (state->converter == CONVERT_DAYS)
		fate = FitsDays(w, &ClexPlanStates[number], code);
	if (fate == FATE_SAID && (!w->same || (ClexPlanStates[number].flags & PLAN_TESTED)))
		fate = FitsPlace(state, &ClexPlanStates[number], code);
	if (fate != FATE_SAID)
	{
		JobSay(w->job, node, fate);
		return false;
	}
	if (state->converter == CONVERT_CODES && !SpanEqual(InnerCode(state->map, code), inner))
		JobSay(w->job, node, FATE_AMBIGUOUS);
	return true;
}
