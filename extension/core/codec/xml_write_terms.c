/*
 * xml_write_terms.c
 *		Which node of the document a place takes next, and how its value is spelled there.
 */
#include "core/base/checkdigit.h"
#include "core/base/date.h"
#include "core/base/decimal.h"
#include "core/codec/xml_writer.h"
#include "core/xml/xml_write.h"

static bool
HasChildren(const Writer *w, uint32_t node)
{
	return w->job->children[node] < w->job->children[node + 1];
}

/*
 * Open a node: its children may be written now.  Groups that cannot repeat are opened with it, and such
 * values that are qualified, for the qualifier may stand in front.
 */
void
WriterOpen(Writer *w, uint32_t node, TermId term)
{
	uint32_t end = w->job->children[node + 1];
	uint32_t same;

	w->open[term] = node;
	w->around[term] = node == 0 ? 0 : ViewNode(w->view, node).parent;
	for (uint32_t i = w->job->children[node]; i < end; i = same)
	{
		TermId child = ViewNode(w->view, i).term;

		for (same = i + 1; same < end && ViewNode(w->view, same).term == child;)
			same++;
		w->cursor[child] = (Cursor){node, i, same};
		if (TermIsGroup(child) && ClexTerms[child].max == 1)
		{
			JobSay(w->job, i, HasChildren(w, i) ? FATE_SAID : FATE_BY_ITSELF);
			for (uint32_t k = i + 1; k < same; k++)
				JobSay(w->job, k, FATE_NO_ROOM);
			WriterOpen(w, i, child);
		}
		else if (ClexTerms[child].max == 1 && HasChildren(w, i))
			WriterOpen(w, i, child);
	}
}

/* Is the node of a term that was opened last still open? */
static bool
IsOpen(const Writer *w, TermId term)
{
	for (; term != TERM_NONE; term = ClexTerms[term].parent)
		if (w->open[term] == NO_NODE || w->around[term] != w->open[ClexTerms[term].parent])
			return false;
	return true;
}

/* Does the document have a term, within what is open? */
bool
WriterHasTerm(const Writer *w, TermId term)
{
	const Cursor *cursor = &w->cursor[term];

	return cursor->end > 0 && cursor->parent == w->open[ClexTerms[term].parent] &&
		   IsOpen(w, ClexTerms[term].parent);
}

uint32_t
WriterFirst(const Writer *w, TermId term)
{
	/* the cursor has moved on when it was written */
	if (WriterHasTerm(w, term))
		for (uint32_t i = w->cursor[term].end; i-- > 1;)
		{
			DocumentNode fact = ViewNode(w->view, i);

			if (fact.term == term && fact.ordinal == 1)
				return i;
		}
	return 0;
}

/* The node of a term written last, if the syntax repeats it and its parent is still open, else 0. */
uint32_t
WriterRepetition(const Writer *w, const BindState *state, const PlanState *plan)
{
	uint32_t node = w->latest[state->term];

	if (!(state->flags & BIND_REPEAT) || (plan->flags & PLAN_ONCE) || node == 0 ||
		ViewNode(w->view, node).parent != w->open[ClexTerms[state->term].parent] ||
		!IsOpen(w, ClexTerms[state->term].parent))
		return 0;
	return node;
}

/* The child of a node that is of a term, 0 if it has none. */
static uint32_t
FindChild(const Writer *w, uint32_t node, TermId term)
{
	for (uint32_t i = w->job->children[node]; i < w->job->children[node + 1]; i++)
		if (ViewNode(w->view, i).term == term)
			return i;
	return 0;
}

/* Does a node have what the place says of each of its values? */
static bool
ImpliedHolds(const Writer *w, const BindState *state, uint32_t node)
{
	for (uint16_t i = 0; i < state->implied_count; i++)
	{
		const BindImplied *implied = &ClexBindImplied[state->first_implied + i];
		uint32_t child;

		if (ClexTerms[implied->term].parent != state->term)
			continue;
		child = FindChild(w, node, implied->term);
		if (child == 0 || !SpanEqual(ViewNode(w->view, child).value, implied->value))
			return false;
	}
	return true;
}

/* Has a map a code for it? */
static bool
HasCode(uint8_t map, Span inner)
{
	for (uint32_t i = 0; i < ClexCodePairCount; i++)
		if (ClexCodePairs[i].map == map && SpanEqual(ClexCodePairs[i].inner, inner))
			return true;
	return false;
}

/* Was a term read from another place than its first? */
bool
WriterWasElsewhere(const Writer *w, TermId term)
{
	Span id = ClexTerms[term].id;
	Span rest = w->elsewhere;

	while (rest.length > 0)
	{
		const char *blank = memchr(rest.data, ' ', rest.length);
		size_t length = blank == NULL ? rest.length : (size_t) (blank - rest.data);

		if (SpanEqual(SpanOf(rest.data, length), id))
			return true;
		length += blank != NULL;
		rest = SpanOf(rest.data + length, rest.length - length);
	}
	return false;
}

/* Does a term go to the later of its two places?  Not beside one that stands there if the first is taken. */
static bool
BelongsElsewhere(const Writer *w, const PlanState *plan)
{
	return WriterWasElsewhere(w, plan->mark) &&
		   (plan->rival == TERM_NONE || !WriterHasTerm(w, plan->rival));
}

/* Does an extra at that path have this value? */
static bool
HasEvidence(const Writer *w, Span path, Span value)
{
	for (uint32_t i = 0; w->same && i < w->view->extra_count; i++)
	{
		DocumentExtra extra = ViewExtra(w->view, i);

		if (SpanEqual(extra.path, path) && SpanEqual(SpanTrim(extra.value), SpanTrim(value)))
			return true;
	}
	return false;
}

/* Does a place of a term take this node of it? */
static bool
Chosen(const Writer *w, const PlanState *plan, uint32_t node, uint32_t extra)
{
	const BindState *state = &ClexBindStates[plan - ClexPlanStates];

	if (state->implied_count > 0 && !ImpliedHolds(w, state, node))
		return false;
	if ((plan->flags & PLAN_GLN) && !CheckGln(SpanTrim(ViewNode(w->view, node).value)))
		return false;
	if ((plan->flags & PLAN_EVIDENCE) &&
		!HasEvidence(w, plan->filler, ViewNode(w->view, node).value))
		return false;
	/* of two places with codes of their own the other one has it */
	if ((plan->flags & PLAN_ALSO) && HasCode((uint8_t) plan->other, ViewNode(w->view, node).value))
		return false;
	switch ((PlanChoice) plan->choice)
	{
		case CHOOSE_ALWAYS:
			return true;
		case CHOOSE_BESIDE:
			return w->said > w->inside;
		case CHOOSE_NEVER:
			return false;
		case CHOOSE_SCHEME:
			return HasChildren(w, node);
		case CHOOSE_NO_SCHEME:
			return !HasChildren(w, node);
		case CHOOSE_IBAN:
			/* where the other place held something else, this one held the account */
			return CheckIban(SpanTrim(ViewNode(w->view, node).value)) ||
				   (extra != 0 &&
					ExtraFind(w->extras, extra, ClexStaticNames[plan->other], 1) != 0);
		case CHOOSE_NO_IBAN:
			return true;
		case CHOOSE_FIRST:
			return !BelongsElsewhere(w, plan);
		case CHOOSE_ELSEWHERE:
			return BelongsElsewhere(w, plan);
		case CHOOSE_OWN:
			return w->same && !WriterWasElsewhere(w, plan->mark);
	}
	return false;
}

/* One more node of a term was put into the elements that are gated. */
void
WriterPassGate(Writer *w, TermId term)
{
	for (Gate *gate = w->gate; gate != NULL; gate = gate->outer)
		for (uint32_t i = 0; i < gate->count; i++)
			if (gate->terms[i] == term && gate->left[i] > 0)
			{
				gate->left[i]--;
				break;
			}
}

static bool
GateIsOpen(const Writer *w, TermId term)
{
	if (w->gate == NULL)
		return true;
	for (uint32_t i = 0; i < w->gate->count; i++)
		if (w->gate->terms[i] == term && w->gate->left[i] > 0)
			return true;
	return false;
}

/* The next node of a term that is not yet said and that the place takes, 0 if there is none. */
uint32_t
WriterNext(Writer *w, const PlanState *plan, TermId term, uint32_t extra)
{
	Cursor *cursor = &w->cursor[term];

	if (!WriterHasTerm(w, term) || !GateIsOpen(w, term))
		return 0;
	while (cursor->next < cursor->end && w->job->fate[cursor->next] != FATE_UNSAID)
		cursor->next++;
	for (uint32_t i = cursor->next; i < cursor->end; i++)
		if (w->job->fate[i] == FATE_UNSAID && Chosen(w, plan, i, extra))
			return i;
	return 0;
}

/* May this place be used at all in this document? */
bool
WriterPlaceIsOpen(const Writer *w, const PlanState *plan)
{
	if ((plan->flags & PLAN_AFTER) && w->job->fate[WriterFirst(w, plan->needs)] == FATE_UNSAID)
		return false;
	return (plan->needs == TERM_NONE || WriterHasTerm(w, plan->needs)) &&
		   (plan->unless == TERM_NONE || !WriterHasTerm(w, plan->unless));
}

/* What the variant asked for puts in place of a term; NULL data if nothing. */
Span
WriterVariant(const Writer *w, TermId term)
{
	const char *value = NULL;

	if (w->variant != NULL && term == TERM_BT_24 && !w->specified)
		value = w->variant->specification;
	else if (w->variant != NULL && term == TERM_BT_23 && !w->processed && !WriterHasTerm(w, term))
		value = w->variant->process;
	return value == NULL ? SpanOf(NULL, 0) : SpanFromCString(value);
}

/* A node has been written; one that stood behind others not yet written has lost its place. */
void
WriterSay(Writer *w, uint32_t node, TermId term)
{
	uint32_t *trail = VectorPush(&w->trail);

	JobSay(w->job, node, w->cursor[term].next < node ? FATE_ORDER : FATE_SAID);
	if (trail == NULL)
		w->out->failed = true;
	else
		*trail = node;
	WriterPassGate(w, term);
	w->said++;
	w->open[term] = node;
	w->around[term] = w->open[ClexTerms[term].parent];
	w->latest[term] = node;
	if (HasChildren(w, node))
		WriterOpen(w, node, term);
}

/* Say what the place says beside the node, where that is what the document has. */
static void
SayImplied(Writer *w, const BindState *state, uint32_t node)
{
	for (uint16_t i = 0; i < state->implied_count; i++)
	{
		const BindImplied *implied = &ClexBindImplied[state->first_implied + i];
		uint32_t above =
			ClexTerms[implied->term].parent == state->term ? node : ViewNode(w->view, node).parent;
		uint32_t beside = FindChild(w, above, implied->term);

		if (beside != 0 && SpanEqual(ViewNode(w->view, beside).value, implied->value))
		{
			if (w->job->fate[beside] == FATE_UNSAID)
				WriterSay(w, beside, implied->term);
		}
		else
		{
			Beside *note = VectorPush(&w->beside);

			if (note == NULL)
				w->out->failed = true;
			else
				*note = (Beside){node, beside};
		}
	}
}

void
WriterCheckBeside(Writer *w)
{
	for (uint32_t i = 0; i < w->beside.count; i++)
	{
		const Beside *note = &VectorAt(&w->beside, Beside, i);

		if (note->other == 0 ||
			(w->job->fate[note->other] != FATE_SAID && w->job->fate[note->other] != FATE_AMBIGUOUS))
			JobSay(w->job, note->node, FATE_AMBIGUOUS);
	}
}

void
WriterSayAt(Writer *w, uint16_t number, uint32_t node)
{
	const BindState *state = &ClexBindStates[number];

	WriterSay(w, node, state->term);
	SayImplied(w, state, node);
}

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
	if (state->converter == CONVERT_STAMP && SpanEqual(InnerStamp(spelling, iso), value))
		return spelling;
	if ((state->converter == CONVERT_DATE_TIME || state->converter == CONVERT_DATE_TIME_ZONE) &&
		value.length == 10 && SpanTrim(spelling).length > 10 &&
		memcmp(SpanTrim(spelling).data, value.data, 10) == 0)
		return spelling;
	return none;
}

/* Cut "IT01234567890" behind the country; false if there is none. */
static bool
SplitHead(Span value, Span *head, Span *tail)
{
	if (value.length < 3 || value.data[0] < 'A' || value.data[0] > 'Z' || value.data[1] < 'A' ||
		value.data[1] > 'Z')
		return false;
	*head = SpanOf(value.data, 2);
	*tail = SpanOf(value.data + 2, value.length - 2);
	return true;
}

Span
WriterHead(Writer *w, uint16_t tail)
{
	const PlanState *plan = &ClexPlanStates[tail];
	uint32_t node =
		plan->choice == CHOOSE_NEVER ? 0 : WriterNext(w, plan, ClexBindStates[tail].term, 0);
	Span head = {NULL, 0};
	Span rest;

	if (node != 0 && ClexBindStates[tail].converter == CONVERT_JOIN)
	{
		Span value = ViewNode(w->view, node).value;

		rest = SourceSpelling(w, &ClexBindStates[tail], node, value);
		return rest.data == NULL ? head : SpanOf(value.data, value.length - rest.length - 1);
	}
	if (node != 0)
		SplitHead(ViewNode(w->view, node).value, &head, &rest);
	return head;
}

/* "{BT-31<}": country of the first value of a term, "{BT-31>}": what follows it. */
static Span
TermFiller(const Writer *w, Span name)
{
	TermId term = TermLookup(SpanOf(name.data, name.length - 1));
	Span head = {NULL, 0};
	Span tail = {NULL, 0};

	for (uint32_t i = 1; i <= w->view->node_count && head.data == NULL; i++)
		if (ViewNode(w->view, i).term == term &&
			SplitHead(ViewNode(w->view, i).value, &head, &tail))
			break;
	return name.data[name.length - 1] == '<' ? head : tail;
}

/* "{BT-131*BT-152}": a value times another per cent, as money; nothing is no per cent. */
static Span
ProductFiller(const Writer *w, Span one, Span other)
{
	uint32_t amount = WriterFirst(w, TermLookup(one));
	uint32_t rate = WriterFirst(w, TermLookup(other));
	Decimal product;
	Decimal percent = {0, 0};
	char text[DECIMAL_TEXT];

	if (amount == 0 || DecimalParse(ViewNode(w->view, amount).value, &product) != CLEX_OK ||
		(rate != 0 && DecimalParse(ViewNode(w->view, rate).value, &percent) != CLEX_OK) ||
		DecimalMultiply(product, percent, &product) != CLEX_OK ||
		DecimalDivide(product, (Decimal){100, 0}, 2, &product) != CLEX_OK)
		return SpanOf(NULL, 0);
	return ArenaCopy(w->job->arena, DecimalFormat(product, text));
}

/* "{BT-126}": the value of a term within what is open. */
static Span
ValueFiller(const Writer *w, TermId term)
{
	uint32_t node = WriterFirst(w, term);

	return node == 0 ? SpanOf(NULL, 0) : ViewNode(w->view, node).value;
}

bool
WriterFillerStands(const PlanState *plan)
{
	Span filler = plan->filler;

	return filler.length > 3 && memcmp(filler.data + filler.length - 2, "!}", 2) == 0;
}

Span
WriterFiller(const Writer *w, const PlanState *plan)
{
	Span filler = plan->filler;
	const char *times;
	Span name;

	if (filler.length == 0)
		return SpanOf(NULL, 0);
	if (SpanEqualCString(filler, "''"))
		return SPAN_LITERAL("");
	if (filler.length < 3 || filler.data[0] != '{')
		return filler;
	name = SpanOf(filler.data + 1, filler.length - 2);
	if (WriterFillerStands(plan))
		name.length--;
	if (name.data[name.length - 1] == '<' || name.data[name.length - 1] == '>')
		return TermFiller(w, name);
	times = memchr(name.data, '*', name.length);
	if (times != NULL)
		return ProductFiller(w, SpanOf(name.data, (size_t) (times - name.data)),
							 SpanOf(times + 1, (size_t) (name.data + name.length - times - 1)));
	/* terms are called by their numbers; words are the syntax's own */
	if (name.data[0] >= 'A' && name.data[0] <= 'Z')
		return ValueFiller(w, TermLookup(name));
	return w->syntax->fill == NULL ? SpanOf(NULL, 0) : w->syntax->fill(w->job, name);
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
	if (source.data != NULL)
		value = source;
	else if (state->converter == CONVERT_CODES)
		OuterCode(state->map, &value);
	else if (state->converter == CONVERT_NOTE)
		AppendSubject(w, state->subject, node, value);
	else if (state->converter == CONVERT_HEAD && !TermIsWords(state->term))
		SplitHead(value, &head, &value);
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
		!SplitHead(value, &head, &value))
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
