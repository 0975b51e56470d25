/*
 * xml_write_terms.c
 *		Which node of the document a place takes next, and how its value is spelled there.
 */
#include "core/base/checkdigit.h"
#include "core/base/date.h"
#include "core/codec/xml_writer.h"
#include "core/xml/xml_write.h"

static bool
HasChildren(const Writer *w, uint32_t node)
{
	return w->job->children[node] < w->job->children[node + 1];
}

/* Open a node: its children may be written now.  Groups that cannot repeat are opened with it. */
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

/* Does a place of a term take this node of it? */
static bool
Chosen(const Writer *w, const PlanState *plan, uint32_t node, uint32_t extra)
{
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

/* A code of the document in the other syntax; false if it has none and means something else there. */
static bool
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
	if (!(attribute ? XmlAppendValue(w->out, value) : XmlAppendText(w->out, value)))
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

/* The value of a node as this state writes it. */
void
WriterAppend(Writer *w, const BindState *state, uint32_t node, bool attribute)
{
	DocumentNode fact = ViewNode(w->view, node);
	Span value = WriterSpelling(w, node, &fact, state->converter == CONVERT_DATE_102);

	if (state->converter == CONVERT_DATE_102 && !(fact.flags & DOCUMENT_NODE_INVALID) &&
		SpanEqual(value, fact.value) && value.length == 10)
	{
		TextAppend(w->out, value.data, 4);
		TextAppend(w->out, value.data + 5, 2);
		TextAppend(w->out, value.data + 8, 2);
		return;
	}
	if (state->converter == CONVERT_CODES)
		OuterCode(state->map, &value);
	else if (state->converter == CONVERT_NOTE)
		AppendSubject(w, state->subject, node, value);
	AppendChecked(w, node, value, attribute);
}

/* Can the syntax say a node's code?  One that it cannot is not written. */
bool
WriterHasCode(Writer *w, const BindState *state, uint32_t node)
{
	Span code = ViewNode(w->view, node).value;

	if (state->converter != CONVERT_CODES || OuterCode(state->map, &code))
		return true;
	JobSay(w->job, node, FATE_CODE);
	return false;
}
