/*
 * xml_codec_write.c
 *		The walk over the plan of a syntax that writes a document.
 *
 * Each state asks for the next node of its term that is not yet said, under the groups that are open.
 * A container is written if something inside it was said, else it is taken back; one that the schema
 * lets repeat is written until nothing is left for it.  So tables alone decide: one account for each
 * PaymentMeans, one identifier for each PartyIdentification.
 *
 * In the format it was read from, the extras of a document are merged in: an element with extras inside
 * is found by its name and position, and one with extras only stands where the schema wants its name.
 */
#include "core/codec/xml_codec.h"

#include "core/base/checkdigit.h"
#include "core/codec/xml_extras.h"
#include "core/codec/xml_plan.h"
#include "core/xml/xml_write.h"

#define NO_NODE UINT32_MAX
#define INTERRUPT_EVERY 4096 /* elements */

/* The children of one term below the node that is open. */
typedef struct Cursor
{
	uint32_t parent;
	uint32_t next;
	uint32_t end;
} Cursor;

/* What one of several elements may hold, so that it stands where it stood. */
#define GATE_TERMS 32

typedef struct Gate
{
	struct Gate *outer;
	uint32_t count;
	TermId terms[GATE_TERMS];
	uint32_t left[GATE_TERMS];
} Gate;

typedef struct Writer
{
	WriteJob *job;
	const DocumentView *view;
	Text *out;
	ExtraTree *extras; /* NULL: nothing to put back */
	const CodecVariant *variant;
	bool specified; /* the variant's values are written */
	bool processed;
	bool same; /* the document was read from this format */
	bool wide; /* what only a later edition of the schema lets repeat, repeats */
	bool indent;
	bool stopped;
	uint32_t depth;
	uint32_t said;	   /* nodes so far */
	uint32_t inside;   /* ... when the element around was opened */
	uint32_t repeated; /* repetitions of nodes said before */
	uint32_t countdown;
	Gate *gate;	 /* of the element being written, NULL: it holds what there is */
	Vector done; /* uint32_t: nodes of extras as they were written, to take them back */
	Cursor cursor[TERM_COUNT];
	uint32_t open[TERM_COUNT];	 /* node of a term opened last, NO_NODE if none */
	uint32_t around[TERM_COUNT]; /* ... and its parent */
	uint32_t latest[TERM_COUNT]; /* ... written last, 0 if none */
} Writer;

/* What can be taken back. */
typedef struct Mark
{
	size_t length;
	uint32_t said;
	uint32_t repeated;
	uint32_t done;
} Mark;

static void WriteContent(Writer *w, uint16_t number, uint32_t extra, bool *elements);

static Mark
SetMark(const Writer *w)
{
	return (Mark){w->out->length, w->said, w->repeated, w->done.count};
}

static void
TakeBack(Writer *w, const Mark *mark)
{
	w->out->length = mark->length;
	w->repeated = mark->repeated;
	while (w->done.count > mark->done)
		ExtraAt(w->extras, VectorAt(&w->done, uint32_t, --w->done.count))->done = false;
}

/* ---- the document ---- */

static bool
HasChildren(const Writer *w, uint32_t node)
{
	return w->job->children[node] < w->job->children[node + 1];
}

/* Open a node: its children may be written now.  Groups that cannot repeat are opened with it. */
static void
OpenNode(Writer *w, uint32_t node, TermId term)
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
			OpenNode(w, i, child);
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
static bool
HasTerm(const Writer *w, TermId term)
{
	const Cursor *cursor = &w->cursor[term];

	return cursor->end > 0 && cursor->parent == w->open[ClexTerms[term].parent] &&
		   IsOpen(w, ClexTerms[term].parent);
}

/* The node of a term written last, if the syntax repeats it and its parent is still open, else 0. */
static uint32_t
Repetition(const Writer *w, const BindState *state)
{
	uint32_t node = w->latest[state->term];

	if (!(state->flags & BIND_REPEAT) || node == 0 ||
		ViewNode(w->view, node).parent != w->open[ClexTerms[state->term].parent] ||
		!IsOpen(w, ClexTerms[state->term].parent))
		return 0;
	return node;
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
	}
	return false;
}

/* One more node of a term was put into the elements that are gated. */
static void
PassGate(Writer *w, TermId term)
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
static uint32_t
NextNode(Writer *w, const PlanState *plan, TermId term, uint32_t extra)
{
	Cursor *cursor = &w->cursor[term];

	if (!HasTerm(w, term) || !GateIsOpen(w, term))
		return 0;
	while (cursor->next < cursor->end && w->job->fate[cursor->next] != FATE_UNSAID)
		cursor->next++;
	for (uint32_t i = cursor->next; i < cursor->end; i++)
		if (w->job->fate[i] == FATE_UNSAID && Chosen(w, plan, i, extra))
			return i;
	return 0;
}

/* May this place be used at all in this document? */
static bool
PlaceIsOpen(const Writer *w, const PlanState *plan)
{
	return (plan->needs == TERM_NONE || HasTerm(w, plan->needs)) &&
		   (plan->unless == TERM_NONE || !HasTerm(w, plan->unless));
}

/* What the variant asked for puts in place of a term; NULL data if nothing. */
static Span
VariantValue(const Writer *w, TermId term)
{
	const char *value = NULL;

	if (w->variant != NULL && term == TERM_BT_24 && !w->specified)
		value = w->variant->specification;
	else if (w->variant != NULL && term == TERM_BT_23 && !w->processed && !HasTerm(w, term))
		value = w->variant->process;
	return value == NULL ? SpanOf(NULL, 0) : SpanFromCString(value);
}

/* A node has been written; one that stood behind others not yet written has lost its place. */
static void
Say(Writer *w, uint32_t node, TermId term)
{
	JobSay(w->job, node, w->cursor[term].next < node ? FATE_ORDER : FATE_SAID);
	PassGate(w, term);
	w->said++;
	w->open[term] = node;
	w->around[term] = w->open[ClexTerms[term].parent];
	w->latest[term] = node;
	if (HasChildren(w, node))
		OpenNode(w, node, term);
}

/* ---- values ---- */

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

/* The spelling of the source where it means the same in this syntax: dates differ. */
static Span
Spelling(const Writer *w, uint32_t node, const DocumentNode *fact)
{
	if (w->view->lexical_count == 0 || (!w->same && ClexTerms[fact->term].type == VALUE_DATE))
		return fact->value;
	return ViewLexical(w->view, node);
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
	uint32_t node = HasTerm(w, term) ? w->cursor[term].next : 0;
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
	Say(w, node, term);
}

/* The value of a node as this state writes it. */
static void
AppendValue(Writer *w, const BindState *state, uint32_t node, bool attribute)
{
	DocumentNode fact = ViewNode(w->view, node);
	Span value = Spelling(w, node, &fact);

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

/* ---- elements ---- */

static void
NewLine(Writer *w)
{
	if (!w->indent)
		return;
	TextAppendChar(w->out, '\n');
	for (uint32_t i = 0; i < w->depth; i++)
		TextAppend(w->out, "  ", 2);
}

/* Probe for a cancel now and then; what comes is then no longer written. */
static void
CountElement(Writer *w)
{
	if (--w->countdown == 0)
	{
		w->countdown = INTERRUPT_EVERY;
		w->stopped |= ClexInterrupted(w->job->arena->env);
	}
}

/* The node of extras for an element of this name and position, 0 if nothing inside it is one. */
static uint32_t
ExtraOf(const Writer *w, uint32_t parent, const PlanState *plan, uint32_t index)
{
	return parent == 0 ? 0 : ExtraFind(w->extras, parent, ClexStaticNames[plan->name], index);
}

static void
ExtraDone(Writer *w, uint32_t extra)
{
	uint32_t *done = VectorPush(&w->done);

	if (done == NULL)
	{
		w->out->failed = true;
		return;
	}
	*done = extra;
	ExtraAt(w->extras, extra)->done = true;
}

/* Append the name of an extra: known prefixes as they are, others numbered at the root. */
static void
AppendExtraName(Writer *w, const ExtraNode *extra)
{
	Span name = extra->name;

	if (extra->kind == EXTRA_ATTRIBUTE)
		name = SpanOf(name.data + 1, name.length - 1);
	if (extra->space > 0)
	{
		const char *end = memchr(name.data, '}', name.length);
		size_t skip = end == NULL ? 0 : (size_t) (end - name.data) + 1;

		TextAppendf(w->out, "ns%u:", extra->space);
		name = SpanOf(name.data + skip, name.length - skip);
	}
	TextAppendSpan(w->out, name);
}

static void
AppendExtraValue(Writer *w, const ExtraNode *extra, bool attribute)
{
	Span value = ViewExtra(w->view, extra->extra - 1).value;

	if (!(attribute ? XmlAppendValue(w->out, value) : XmlAppendText(w->out, value)))
		w->job->extra_fate[extra->extra - 1] = FATE_CHARACTERS;
}

/* Attributes among the extras of an element, but for those already written. */
static void
WriteExtraAttributes(Writer *w, uint32_t parent)
{
	for (uint32_t i = ExtraAt(w->extras, parent)->first_child; i != 0;
		 i = ExtraAt(w->extras, i)->next)
	{
		const ExtraNode *extra = ExtraAt(w->extras, i);

		if (extra->kind != EXTRA_ATTRIBUTE || extra->done || extra->extra == 0)
			continue;
		TextAppendChar(w->out, ' ');
		AppendExtraName(w, extra);
		TextAppend(w->out, "=\"", 2);
		AppendExtraValue(w, extra, true);
		TextAppendChar(w->out, '"');
		ExtraDone(w, i);
	}
}

/* Elements among the extras of an element, by their place in its type; text in front of them. */
typedef struct ExtraOrder
{
	uint32_t *nodes;
	uint32_t count;
	uint32_t next;
	uint16_t *positions;
	uint16_t *types;
} ExtraOrder;

static const PlanElement *
FindElement(uint16_t type, NameId name)
{
	const PlanElement *low = &ClexPlanElements[ClexPlanTypes[type].first];
	uint32_t count = ClexPlanTypes[type].count;

	while (count > 0)
	{
		uint32_t half = count / 2;

		if (low[half].name == name)
			return &low[half];
		if (low[half].name < name)
		{
			low += half + 1;
			count -= half + 1;
		}
		else
			count = half;
	}
	return NULL;
}

/* Sort the children of an extra by position; those of one position stay in their order. */
static bool
OrderExtras(Writer *w, uint32_t parent, uint16_t type, ExtraOrder *order)
{
	uint32_t start[PLAN_MAX_POSITION + 2] = {0};
	uint32_t count = 0;
	Arena *arena = w->job->arena;

	memset(order, 0, sizeof(*order));
	if (parent == 0)
		return true;
	for (uint32_t i = ExtraAt(w->extras, parent)->first_child; i != 0;
		 i = ExtraAt(w->extras, i)->next)
		count += ExtraAt(w->extras, i)->kind != EXTRA_ATTRIBUTE;
	order->count = count;
	order->nodes = ArenaAllocArray(arena, (size_t) count + 1, sizeof(uint32_t));
	order->positions = ArenaAllocArray(arena, (size_t) count + 1, sizeof(uint16_t));
	order->types = ArenaAllocArray(arena, (size_t) count + 1, sizeof(uint16_t));
	if (order->nodes == NULL || order->positions == NULL || order->types == NULL)
	{
		w->out->failed = true;
		return false;
	}
	for (int pass = 0; pass < 2; pass++)
	{
		for (uint32_t i = ExtraAt(w->extras, parent)->first_child; i != 0;
			 i = ExtraAt(w->extras, i)->next)
		{
			const ExtraNode *extra = ExtraAt(w->extras, i);
			const PlanElement *element;
			uint32_t position = 0;

			if (extra->kind == EXTRA_ATTRIBUTE)
				continue;
			element = extra->kind == EXTRA_TEXT ? NULL : FindElement(type, NameLookup(extra->name));
			if (extra->kind == EXTRA_ELEMENT)
				position = element == NULL ? PLAN_MAX_POSITION : element->position;
			if (pass == 0)
				start[position + 1]++;
			else
			{
				uint32_t at = start[position]++;

				order->nodes[at] = i;
				order->positions[at] = (uint16_t) position;
				order->types[at] = element == NULL ? 0 : element->type;
			}
		}
		for (uint32_t i = 1; pass == 0 && i <= PLAN_MAX_POSITION + 1; i++)
			start[i] += start[i - 1];
	}
	return true;
}

/* An element that holds nothing but extras. */
static void
WriteExtraElement(Writer *w, uint32_t number, uint16_t type)
{
	const ExtraNode *extra = ExtraAt(w->extras, number);
	ExtraOrder order;
	bool elements = false;

	CountElement(w);
	ExtraDone(w, number);
	if (extra->kind == EXTRA_TEXT)
	{
		AppendExtraValue(w, extra, false);
		return;
	}
	NewLine(w);
	TextAppendChar(w->out, '<');
	AppendExtraName(w, extra);
	WriteExtraAttributes(w, number);
	TextAppendChar(w->out, '>');
	if (extra->extra > 0)
		AppendExtraValue(w, extra, false);
	w->depth++;
	if (!w->stopped && OrderExtras(w, number, type, &order))
		for (uint32_t i = 0; i < order.count; i++)
		{
			WriteExtraElement(w, order.nodes[i], order.types[i]);
			elements |=
				order.positions[i] > 0 || ExtraAt(w->extras, order.nodes[i])->kind != EXTRA_TEXT;
		}
	w->depth--;
	if (elements)
		NewLine(w);
	TextAppend(w->out, "</", 2);
	AppendExtraName(w, extra);
	TextAppendChar(w->out, '>');
}

/* Elements of extras that stand before `position` and are not yet written. */
static void
WriteExtrasUntil(Writer *w, ExtraOrder *order, uint32_t position, bool *elements)
{
	for (; order->next < order->count && order->positions[order->next] < position; order->next++)
		if (!ExtraAt(w->extras, order->nodes[order->next])->done)
		{
			WriteExtraElement(w, order->nodes[order->next], order->types[order->next]);
			*elements = true;
		}
}

/* The value of a constant; NULL data if the document has no term to take it from. */
static Span
ConstantValue(const Writer *w, const BindState *state, const PlanState *plan)
{
	if (plan->constant_term == TERM_NONE)
		return state->value;
	if (!HasTerm(w, plan->constant_term))
		return SpanOf(NULL, 0);
	/* the first one: the cursor has moved on when it was written */
	for (uint32_t i = w->cursor[plan->constant_term].end; i-- > 1;)
	{
		DocumentNode fact = ViewNode(w->view, i);

		if (fact.term == plan->constant_term && fact.ordinal == 1)
			return Spelling(w, i, &fact);
	}
	return SpanOf(NULL, 0);
}

/* The attributes of an element that is being written: terms, constants, extras. */
static void
WriteAttributes(Writer *w, const PlanState *plan, uint32_t extra)
{
	for (uint32_t i = 0; i < plan->attribute_count; i++)
	{
		uint16_t number = ClexPlanChildren[plan->first_child + i];
		const BindState *state = &ClexBindStates[number];
		const PlanState *child = &ClexPlanStates[number];
		Span value = {NULL, 0};
		uint32_t node = 0;

		if (ExtraOf(w, extra, child, 1) != 0)
			continue;
		if (state->kind == BIND_TERM)
		{
			node = NextNode(w, child, state->term, 0);
			if (node == 0)
				node = Repetition(w, state);
			else
				Say(w, node, state->term);
		}
		else
			value = ConstantValue(w, state, child);
		if (node == 0 && value.data == NULL)
			continue;
		TextAppendSpan(w->out, child->open);
		if (node != 0)
			AppendValue(w, state, node, true);
		else
			XmlAppendValue(w->out, value);
		TextAppendChar(w->out, '"');
	}
	if (extra != 0)
		WriteExtraAttributes(w, extra);
}

/* End an element whose start tag ended at `start`. */
static void
CloseElement(Writer *w, const PlanState *plan, size_t start)
{
	if (w->out->length == start && !w->out->failed)
	{
		w->out->length--;
		TextAppend(w->out, "/>", 2);
	}
	else
		TextAppendSpan(w->out, plan->close);
}

/* An element with a value: a node of a term, or a text. */
static void
WriteLeaf(Writer *w, uint16_t number, uint32_t node, Span text, uint32_t extra)
{
	const PlanState *plan = &ClexPlanStates[number];
	size_t start;

	CountElement(w);
	NewLine(w);
	TextAppendSpan(w->out, plan->open);
	WriteAttributes(w, plan, extra);
	TextAppendChar(w->out, '>');
	start = w->out->length;
	if (node != 0)
		AppendValue(w, &ClexBindStates[number], node, false);
	else
		XmlAppendText(w->out, text);
	CloseElement(w, plan, start);
	if (extra != 0)
		ExtraDone(w, extra);
}

/* An element that holds others; taken back if nothing was said inside and nothing else asks for it. */
static bool
WriteContainer(Writer *w, uint16_t number, uint32_t extra, bool always)
{
	const PlanState *plan = &ClexPlanStates[number];
	Mark mark = SetMark(w);
	uint32_t inside = w->inside;
	bool elements = false;
	size_t start;

	CountElement(w);
	NewLine(w);
	TextAppendSpan(w->out, plan->open);
	WriteAttributes(w, plan, extra);
	TextAppendChar(w->out, '>');
	start = w->out->length;
	w->depth++;
	w->inside = mark.said;
	WriteContent(w, number, extra, &elements);
	w->inside = inside;
	w->depth--;
	if (!always && w->said == mark.said &&
		(w->repeated == mark.repeated || (plan->flags & PLAN_MANY)))
	{
		TakeBack(w, &mark);
		return false;
	}
	if (elements)
		NewLine(w);
	CloseElement(w, plan, start);
	if (extra != 0)
		ExtraDone(w, extra);
	return true;
}

/* The elements of one name below an open element. */
typedef struct NameRun
{
	uint32_t extra; /* node of extras of the element around them */
	uint32_t count; /* written so far */
	uint32_t limit; /* so many at most for now; 0: no limit */
	bool many;		/* there may be more than one */
	ExtraOrder *order;
	bool *elements;
} NameRun;

static bool
RunIsFull(const NameRun *run)
{
	return (run->count > 0 && !run->many) || (run->limit > 0 && run->count >= run->limit);
}

/* An element without terms that stood among others. */
static bool
WriteBareElement(Writer *w, const PlanState *plan, NameRun *run)
{
	uint32_t extra = ExtraOf(w, run->extra, plan, run->count + 1);

	if (extra == 0 || ExtraAt(w->extras, extra)->done || RunIsFull(run))
		return false;
	WriteExtraElement(w, extra, plan->type);
	run->count++;
	*run->elements = true;
	return true;
}

/* Leaves that are extras come first where their position says so: they are no terms. */
static void
WriteExtraLeaves(Writer *w, NameRun *run, const PlanState *plan)
{
	uint32_t extra;

	while ((extra = ExtraOf(w, run->extra, plan, run->count + 1)) != 0 &&
		   ExtraAt(w->extras, extra)->extra != 0 && WriteBareElement(w, plan, run))
		;
}

/* Can the syntax say a node's code?  One that it cannot is not written. */
static bool
HasCode(Writer *w, const BindState *state, uint32_t node)
{
	Span code = ViewNode(w->view, node).value;

	if (state->converter != CONVERT_CODES || OuterCode(state->map, &code))
		return true;
	JobSay(w->job, node, FATE_CODE);
	return false;
}

/* A node of a term, or the value that a variant puts there. */
static void
WriteTerms(Writer *w, uint16_t number, NameRun *run)
{
	const BindState *state = &ClexBindStates[number];
	const PlanState *plan = &ClexPlanStates[number];
	Span value = VariantValue(w, state->term);
	uint32_t node;

	for (;;)
	{
		bool repeat = false;

		if (run->extra != 0)
			WriteExtraLeaves(w, run, plan);
		if (RunIsFull(run))
			return;
		node = NextNode(w, plan, state->term, run->extra);
		if (node != 0 && !HasCode(w, state, node))
			continue;
		if (node == 0 && value.data == NULL)
		{
			repeat = true;
			node = run->count == 0 ? Repetition(w, state) : 0;
			if (node == 0)
				return;
			w->repeated++;
		}
		else if (value.data != NULL)
		{
			w->said++;
			w->specified |= state->term == TERM_BT_24;
			w->processed |= state->term == TERM_BT_23;
		}
		if (node != 0 && !repeat)
		{
			Say(w, node, state->term);
			if (value.data != NULL && !SpanEqual(value, ViewNode(w->view, node).value))
				JobSay(w->job, node, FATE_REPLACED);
		}
		WriteLeaf(w, number, value.data != NULL ? 0 : node, value,
				  ExtraOf(w, run->extra, plan, run->count + 1));
		run->count++;
		*run->elements = true;
		if (repeat || value.data != NULL)
			return;
	}
}

static void
WriteConstant(Writer *w, uint16_t number, NameRun *run)
{
	const PlanState *plan = &ClexPlanStates[number];
	Span value = ConstantValue(w, &ClexBindStates[number], plan);

	if (run->extra != 0)
		WriteExtraLeaves(w, run, plan);
	if (run->count > 0 || value.data == NULL)
		return;
	WriteLeaf(w, number, 0, value, ExtraOf(w, run->extra, plan, 1));
	run->count++;
	*run->elements = true;
}

static bool
WriteOneContainer(Writer *w, uint16_t number, NameRun *run, bool always)
{
	uint32_t extra = ExtraOf(w, run->extra, &ClexPlanStates[number], run->count + 1);

	if (w->stopped || w->out->failed || !WriteContainer(w, number, extra, always))
		return false;
	run->count++;
	*run->elements = true;
	return true;
}

/* Once for each node of a group, then once without where other groups have terms in it. */
static void
WriteGroups(Writer *w, uint16_t number, NameRun *run)
{
	const BindState *state = &ClexBindStates[number];
	const PlanState *plan = &ClexPlanStates[number];
	uint32_t written = run->count;
	uint32_t node;

	while (!RunIsFull(run) && !w->stopped && (node = NextNode(w, plan, state->group, 0)) != 0)
	{
		uint32_t before = run->count;
		Gate *gate = w->gate;

		PassGate(w, state->group);
		w->gate = NULL;
		OpenNode(w, node, state->group);
		if (state->kind == BIND_TERM)
			WriteTerms(w, number, run);
		else
			WriteOneContainer(w, number, run, false);
		w->gate = gate;
		JobSay(w->job, node, run->count > before ? FATE_SAID : FATE_BY_ITSELF);
	}
	w->open[state->group] = NO_NODE;
	if ((plan->flags & PLAN_ALSO_ALONE) && run->count == written)
		WriteOneContainer(w, number, run, false);
}

/* All elements of one state below an open element. */
static void
WriteState(Writer *w, uint16_t number, NameRun *run)
{
	const BindState *state = &ClexBindStates[number];
	const PlanState *plan = &ClexPlanStates[number];

	if (!PlaceIsOpen(w, plan))
		return;
	if (plan->flags & PLAN_EACH)
		WriteGroups(w, number, run);
	else if (state->kind == BIND_TERM)
		WriteTerms(w, number, run);
	else if (state->kind == BIND_CONSTANT)
		WriteConstant(w, number, run);
	else if (plan->flags & PLAN_CONSTANT)
		WriteOneContainer(w, number, run, true);
	else if (state->flags & BIND_MAY_BE_EMPTY)
		WriteOneContainer(w, number, run, true);
	else
		while (!RunIsFull(run) && WriteOneContainer(w, number, run, false))
			;
}

/* Parse what one element held, "BT-81+BG-17*2", up to the next bar. */
static Span
ParseGate(Span held, Gate *gate)
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

/* An element that held nothing but constants and repetitions. */
static void
WriteEmptyElement(Writer *w, const uint16_t *states, uint32_t count, NameRun *run)
{
	Gate none = {.outer = w->gate};

	w->gate = &none;
	for (uint32_t i = 0; i < count; i++)
		if (ClexBindStates[states[i]].kind == BIND_CONTAINER &&
			!(ClexPlanStates[states[i]].flags & PLAN_EACH))
		{
			WriteOneContainer(w, states[i], run, true);
			break;
		}
	w->gate = none.outer;
}

/* The elements of one name in the order and with the content they had in the source. */
static void
WriteHeld(Writer *w, const uint16_t *states, uint32_t count, Span held, NameRun *run)
{
	Gate gate = {.outer = w->gate};

	for (bool more = held.data != NULL; more && !w->stopped && !RunIsFull(run);)
	{
		uint32_t before = run->count;

		held = ParseGate(held, &gate);
		if (gate.count == 0 && !WriteBareElement(w, &ClexPlanStates[states[0]], run))
			WriteEmptyElement(w, states, count, run);
		else if (gate.count > 0)
		{
			w->gate = &gate;
			run->limit = before + 1;
			for (uint32_t i = 0; i < count && run->count == before; i++)
				WriteState(w, states[i], run);
			run->limit = 0;
			w->gate = gate.outer;
		}
		more = held.length > 0;
		held = SpanOf(held.data + more, held.length - more);
	}
}

/* All elements of one name: as they stood, then what is left, then those without terms. */
static void
WriteName(Writer *w, const uint16_t *states, uint32_t count, NameRun *run)
{
	if (run->extra != 0)
		WriteHeld(w, states, count,
				  ExtraHeld(w->extras, run->extra, ClexStaticNames[ClexPlanStates[states[0]].name]),
				  run);
	for (uint32_t i = 0; i < count && !w->stopped; i++)
		WriteState(w, states[i], run);
	while (run->extra != 0 && !w->stopped && WriteBareElement(w, &ClexPlanStates[states[0]], run))
		;
}

/* What stands inside an element: the children of its state, and extras between them. */
static void
WriteContent(Writer *w, uint16_t number, uint32_t extra, bool *elements)
{
	const PlanState *plan = &ClexPlanStates[number];
	const uint16_t *states = &ClexPlanChildren[plan->first_child];
	ExtraOrder order;
	uint32_t same;

	if (!OrderExtras(w, extra, plan->type, &order))
		return;
	for (uint32_t i = plan->attribute_count; i < plan->child_count && !w->stopped; i = same)
	{
		const PlanState *child = &ClexPlanStates[states[i]];
		NameRun run = {.extra = extra, .elements = elements};

		for (same = i + 1;
			 same < plan->child_count && ClexPlanStates[states[same]].name == child->name;)
			same++;
		run.many = (child->flags & (w->wide ? PLAN_MANY | PLAN_MANY_LATER : PLAN_MANY)) != 0;
		WriteExtrasUntil(w, &order, child->position, elements);
		WriteName(w, states + i, same - i, &run);
	}
	WriteExtrasUntil(w, &order, UINT32_MAX, elements);
}

/* ---- the document as a whole ---- */

/* Declare what was appended to " xmlns". */
static void
DeclareNamespace(Writer *w, Span uri)
{
	TextAppend(w->out, "=\"", 2);
	XmlAppendValue(w->out, uri);
	TextAppendChar(w->out, '"');
}

/* The root element with every namespace that is used; that of UBL's root is the default. */
static void
WriteRoot(Writer *w, const XmlSyntax *syntax)
{
	const PlanState *plan = &ClexPlanStates[syntax->root_state];
	Span name = ClexStaticNames[plan->name];
	const char *colon = memchr(name.data, ':', name.length);
	Span prefix = SpanOf(name.data, (size_t) (colon - name.data));
	uint64_t known = w->extras == NULL ? 0 : w->extras->known;
	bool plain = syntax->plain_root && (w->extras == NULL || !w->extras->plain_names);
	bool elements = false;

	for (const char *const *p = syntax->prefixes; *p != NULL; p++)
		known |= UINT64_C(1) << NamespaceNumber(SpanFromCString(*p));
	if (!plain)
		known |= UINT64_C(1) << NamespaceNumber(prefix);
	else
		name = SpanOf(colon + 1, name.length - prefix.length - 1);
	TextAppendf(w->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%.*s", (int) name.length,
				name.data);
	for (uint32_t i = 0; i < ClexNamespaceCount; i++)
	{
		Span own = ClexNamespaces[i].prefix;

		if (plain && SpanEqual(own, prefix))
		{
			TextAppendf(w->out, " xmlns");
			DeclareNamespace(w, ClexNamespaces[i].uri);
		}
		if ((known & UINT64_C(1) << i) && !SpanEqualCString(own, "xml"))
		{
			TextAppendf(w->out, " xmlns:%s", own.data);
			DeclareNamespace(w, ClexNamespaces[i].uri);
		}
	}
	for (uint32_t i = 0; w->extras != NULL && i < w->extras->spaces.count; i++)
	{
		TextAppendf(w->out, " xmlns:ns%u", i + 1);
		DeclareNamespace(w, VectorAt(&w->extras->spaces, Span, i));
	}
	WriteAttributes(w, plan, w->extras == NULL ? 0 : 1);
	TextAppendChar(w->out, '>');
	w->depth = 1;
	if (w->extras != NULL && ExtraAt(w->extras, 1)->extra > 0)
	{
		AppendExtraValue(w, ExtraAt(w->extras, 1), false);
		ExtraDone(w, 1);
	}
	WriteContent(w, syntax->root_state, w->extras == NULL ? 0 : 1, &elements);
	w->depth = 0;
	if (elements)
		NewLine(w);
	TextAppendf(w->out, "</%.*s>\n", (int) name.length, name.data);
}

/* Extras that were written are said. */
static void
SayExtras(Writer *w)
{
	for (uint32_t i = 0; w->extras != NULL && i < w->done.count; i++)
	{
		const ExtraNode *node = ExtraAt(w->extras, VectorAt(&w->done, uint32_t, i));

		if (node->extra > 0 && w->job->extra_fate[node->extra - 1] == FATE_UNSAID)
			w->job->extra_fate[node->extra - 1] = FATE_SAID;
	}
}

/* What was not said although the syntax has a place for it: one too many, or nothing to stand beside. */
static void
ExplainUnsaid(Writer *w, uint16_t root_state)
{
	for (uint32_t i = 1; i <= w->view->node_count; i++)
	{
		DocumentNode node = ViewNode(w->view, i);
		const TermPlace *place = &ClexTermPlaces[node.term];
		uint8_t above = node.parent == 0 ? FATE_SAID : w->job->fate[node.parent];
		Span path;

		if (w->job->fate[i] != FATE_UNSAID)
			continue;
		path = root_state == BIND_ROOT_CII			 ? place->cii
			   : root_state == BIND_ROOT_UBL_INVOICE ? place->ubl_invoice
													 : place->ubl_credit_note;
		if (path.length > 0)
			w->job->fate[i] =
				above == FATE_NO_ROOM || node.ordinal > 1 ? FATE_NO_ROOM : FATE_BY_ITSELF;
	}
}

static const CodecVariant *
FindVariant(const WriteJob *job)
{
	for (uint32_t i = 0; i < ClexCodecVariantCount; i++)
		if (strcmp(ClexCodecVariants[i].format, job->codec->name) == 0 &&
			SpanEqualCString(job->variant, ClexCodecVariants[i].name))
			return &ClexCodecVariants[i];
	return NULL;
}

ClexStatus
XmlWriteDocument(WriteJob *job, const XmlSyntax *syntax, ClexError *error)
{
	Writer *w = ArenaAllocZero(job->arena, sizeof(Writer));
	ClexStatus status;

	if (w == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	w->job = job;
	w->view = job->document;
	w->out = job->out;
	w->variant = FindVariant(job);
	w->same = SpanEqualCString(job->document->format, job->codec->name);
	w->wide = w->same || SpanEqualCString(job->variant, "D22B");
	w->countdown = INTERRUPT_EVERY;
	VectorInit(&w->done, job->arena, sizeof(uint32_t));
	status = JobFlag(job, "indent", &w->indent, error);
	if (status != CLEX_OK)
		return status;
	for (uint32_t i = 0; i < TERM_COUNT; i++)
		w->open[i] = NO_NODE;
	if (w->same && job->document->extra_count > 0)
	{
		w->extras =
			ExtrasParse(job->document, ClexStaticNames[ClexPlanStates[syntax->root_state].name],
						job->arena);
		if (w->extras == NULL)
			w->out->failed = true;
	}
	OpenNode(w, 0, TERM_NONE);
	if (!w->out->failed)
		WriteRoot(w, syntax);
	SayExtras(w);
	ExplainUnsaid(w, syntax->root_state);
	if (w->stopped || ClexInterrupted(job->arena->env))
		return ClexFail(error, CLEX_INTERRUPTED, "canceled");
	return CLEX_OK;
}
