/*
 * xml_write_terms.c
 *		Which node of the document a place takes next.
 */
#include "core/base/checkdigit.h"
#include "core/codec/xml_writer.h"

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

/* Parse what one element held, "BT-81+BG-17*2", up to the next bar. */
Span
WriterParseGate(Span held, Gate *gate)
{
	size_t at = 0;

	gate->count = 0;
	while (at < held.length && held.data[at] != '|')
	{
		size_t start = at;
		uint32_t times = 0;
		TermId term;

		while (at < held.length && held.data[at] != '|' && held.data[at] != '+' &&
			   held.data[at] != '*')
			at++;
		term = TermLookup(SpanOf(held.data + start, at - start));
		if (at < held.length && held.data[at] == '*')
			for (at++; at < held.length && held.data[at] >= '0' && held.data[at] <= '9'; at++)
				times = times < 100000000 ? times * 10 + (uint32_t) (held.data[at] - '0') : times;
		if (term != TERM_NONE && gate->count < GATE_TERMS)
		{
			gate->terms[gate->count] = term;
			gate->left[gate->count++] = times > 0 ? times : 1;
		}
		while (at < held.length && held.data[at] != '|' && held.data[at] != '+')
			at++;
		at += at < held.length && held.data[at] == '+';
	}
	return SpanOf(held.data + at, held.length - at);
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
