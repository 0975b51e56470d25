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
#include "core/codec/xml_writer.h"
#include "core/xml/xml_write.h"

/* What can be taken back. */
typedef struct Mark
{
	size_t length;
	uint32_t said;
	uint32_t repeated;
	uint32_t done;
	uint32_t trail;
} Mark;

static void WriteContent(Writer *w, uint16_t number, uint32_t extra, bool *elements);

static Mark
SetMark(const Writer *w)
{
	return (Mark){w->out->length, w->said, w->repeated, w->done.count, w->trail.count};
}

static void
TakeBack(Writer *w, const Mark *mark)
{
	w->out->length = mark->length;
	w->said = mark->said;
	w->repeated = mark->repeated;
	w->trail.count = mark->trail;
	while (w->done.count > mark->done)
		ExtraAt(w->extras, VectorAt(&w->done, uint32_t, --w->done.count))->done = false;
}

/* The value of a constant; NULL data if the document has no term to take it from. */
static Span
ConstantValue(Writer *w, const BindState *state, const PlanState *plan)
{
	DocumentNode fact;
	uint32_t node;

	if (state->constant == CONSTANT_HEAD)
		return WriterHead(w, plan->tail);
	if (state->constant == CONSTANT_NONE || w->bare)
		return SpanOf(NULL, 0);
	if (plan->constant_term == TERM_NONE)
		return state->value;
	node = WriterFirst(w, plan->constant_term);
	if (node == 0)
		return SpanOf(NULL, 0);
	fact = ViewNode(w->view, node);
	return WriterSpelling(w, node, &fact, false);
}

/* An attribute stands once, whatever terms may stand in it: has one of those before `i` been written? */
static bool
IsWritten(const PlanState *plan, uint64_t written, uint32_t i)
{
	NameId name = ClexPlanStates[ClexPlanChildren[plan->first_child + i]].name;

	for (uint32_t before = 0; before < i; before++)
		if ((written >> before & 1) &&
			ClexPlanStates[ClexPlanChildren[plan->first_child + before]].name == name)
			return true;
	return false;
}

/* The attributes of an element that is being written: terms, constants, extras. */
static void
WriteAttributes(Writer *w, const PlanState *plan, uint32_t extra)
{
	uint64_t written = 0;

	for (uint32_t i = 0; i < plan->attribute_count; i++)
	{
		uint16_t number = ClexPlanChildren[plan->first_child + i];
		const BindState *state = &ClexBindStates[number];
		const PlanState *child = &ClexPlanStates[number];
		Span value = {NULL, 0};
		uint32_t node = 0;

		if (WriterExtra(w, extra, child, 1) != 0 || IsWritten(plan, written, i))
			continue;
		if (state->kind == BIND_TERM)
		{
			node = WriterNext(w, child, state->term, 0);
			if (node != 0 && !WriterTakes(w, number, node))
				node = 0;
			else if (node == 0)
				node = WriterRepetition(w, state, child);
			else
				WriterSayAt(w, number, node);
		}
		else
			value = ConstantValue(w, state, child);
		if (node == 0 && value.data == NULL && (child->flags & PLAN_REQUIRED) && !w->same)
		{
			value = WriterFiller(w, child);
			w->filled |= value.data != NULL && !(child->flags & PLAN_QUIET);
		}
		if (node == 0 && value.data == NULL)
			continue;
		written |= UINT64_C(1) << i;
		TextAppendSpan(w->out, child->open);
		if (node != 0)
			WriterAppend(w, state, node, true);
		else
			XmlAppendValue(w->out, value);
		TextAppendChar(w->out, '"');
	}
	if (extra != 0)
		WriterExtraAttributes(w, extra);
}

/* Append a start tag with its attributes; returns where it ends. */
static size_t
OpenElement(Writer *w, const PlanState *plan, uint32_t extra)
{
	WriterCount(w);
	WriterNewLine(w);
	TextAppendSpan(w->out, plan->open);
	WriteAttributes(w, plan, extra);
	TextAppendChar(w->out, '>');
	return w->out->length;
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

	start = OpenElement(w, plan, extra);
	if (node != 0)
		WriterAppend(w, &ClexBindStates[number], node, false);
	else
		XmlAppendText(w->out, text);
	CloseElement(w, plan, start);
	if (extra != 0)
		WriterExtraDone(w, extra);
}

/*
 * What the schema requires in an element and the document does not have: without it the element goes, and
 * what was said inside is said no more; or a placeholder was written, and what comes first inside tells.
 */
static bool
KeepIncomplete(Writer *w, const Mark *mark)
{
	for (uint32_t i = mark->trail; i < w->trail.count; i++)
	{
		uint32_t node = VectorAt(&w->trail, uint32_t, i);

		if (!w->missing)
		{
			JobSay(w->job, node, FATE_FILLED);
			break;
		}
		w->job->fate[node] = FATE_BY_ITSELF;
		w->job->filled[node] = false;
	}
	return !w->missing;
}

/*
 * An element that holds others; taken back if nothing was said inside and nothing else asks for it.  In one
 * with extras in which nothing is said, the reader took constants for extras (but for one of constants
 * alone, which the element around decides): it is written again with those alone.
 */
static bool
WriteContainer(Writer *w, uint16_t number, uint32_t extra, bool always)
{
	const PlanState *plan = &ClexPlanStates[number];
	Mark mark = SetMark(w);
	uint32_t inside = w->inside;
	bool elements = false;
	bool filled;
	bool keep;
	size_t start;

	start = OpenElement(w, plan, extra);
	filled = w->filled;
	if (extra != 0 && ExtraAt(w->extras, extra)->extra > 0)
		WriterExtraValue(w, ExtraAt(w->extras, extra), false);
	w->depth++;
	w->inside = mark.said;
	WriteContent(w, number, extra, &elements);
	w->inside = inside;
	w->filled |= filled;
	w->depth--;
	keep =
		always || w->said > mark.said ||
		(w->repeated > mark.repeated && (!(plan->flags & PLAN_MANY) || (plan->flags & PLAN_KEEP)));
	if (keep && (w->missing || w->filled))
		keep = KeepIncomplete(w, &mark);
	w->missing = w->filled = false;
	if (!keep)
	{
		TakeBack(w, &mark);
		return false;
	}
	if (!w->bare && !(plan->flags & PLAN_CONSTANT) && w->said == mark.said &&
		w->done.count > mark.done)
	{
		TakeBack(w, &mark);
		w->bare = true;
		WriteContainer(w, number, extra, true);
		w->bare = false;
		return true;
	}
	if (elements)
		WriterNewLine(w);
	CloseElement(w, plan, start);
	if (extra != 0)
		WriterExtraDone(w, extra);
	return true;
}

/* The elements of one name below an open element. */
typedef struct NameRun
{
	uint32_t extra; /* node of extras of the element around them */
	uint32_t count; /* written so far */
	uint32_t limit; /* so many at most for now; 0: no limit */
	bool many;		/* there may be more than one */
	bool *missing;	/* the element around lacks what it needs */
	bool *filled;	/* ... or has a placeholder for it */
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
	uint32_t extra = WriterExtra(w, run->extra, plan, run->count + 1);

	if (extra == 0 || ExtraAt(w->extras, extra)->done || RunIsFull(run))
		return false;
	WriterExtraElement(w, extra, plan->type);
	run->count++;
	*run->elements = true;
	return true;
}

/* Leaves that are extras come first where their position says so: they are no terms. */
static void
WriteExtraLeaves(Writer *w, NameRun *run, const PlanState *plan)
{
	uint32_t extra;

	while ((extra = WriterExtra(w, run->extra, plan, run->count + 1)) != 0 &&
		   ExtraAt(w->extras, extra)->extra != 0 && WriteBareElement(w, plan, run))
		;
}

/* A node of a term, or the value that a variant puts there. */
static void
WriteTerms(Writer *w, uint16_t number, NameRun *run)
{
	const BindState *state = &ClexBindStates[number];
	const PlanState *plan = &ClexPlanStates[number];
	Span value = WriterVariant(w, state->term);
	uint32_t node;

	for (;;)
	{
		bool repeat = false;

		if (run->extra != 0)
			WriteExtraLeaves(w, run, plan);
		if (RunIsFull(run))
			return;
		node = WriterNext(w, plan, state->term, run->extra);
		if (node != 0 && !WriterTakes(w, number, node))
			continue;
		if (node == 0 && value.data == NULL)
		{
			repeat = true;
			node = run->count == 0 ? WriterRepetition(w, state, plan) : 0;
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
			WriterSayAt(w, number, node);
			if (value.data != NULL && !SpanEqual(value, ViewNode(w->view, node).value))
				JobSay(w->job, node, FATE_REPLACED);
		}
		WriteLeaf(w, number, value.data != NULL ? 0 : node, value,
				  WriterExtra(w, run->extra, plan, run->count + 1));
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
	WriteLeaf(w, number, 0, value, WriterExtra(w, run->extra, plan, 1));
	run->count++;
	*run->elements = true;
}

static bool
WriteOneContainer(Writer *w, uint16_t number, NameRun *run, bool always)
{
	uint32_t extra = WriterExtra(w, run->extra, &ClexPlanStates[number], run->count + 1);

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
	TermId term = plan->each != TERM_NONE ? plan->each : state->group;
	uint32_t written = run->count;
	uint32_t node;

	while (!RunIsFull(run) && !w->stopped && (node = WriterNext(w, plan, term, 0)) != 0)
	{
		uint32_t before = run->count;
		Gate *gate = w->gate;

		if (plan->each == TERM_NONE)
		{
			WriterPassGate(w, term);
			w->gate = NULL;
		}
		WriterOpen(w, node, term);
		if (state->kind == BIND_TERM)
			WriteTerms(w, number, run);
		else
			WriteOneContainer(w, number, run, false);
		w->gate = gate;
		JobSay(w->job, node, run->count > before ? FATE_SAID : FATE_BY_ITSELF);
	}
	w->open[term] = NO_NODE;
	if ((plan->flags & PLAN_ALSO_ALONE) && run->count == written)
		WriteOneContainer(w, number, run, false);
}

/* All elements of one state below an open element. */
static void
WriteState(Writer *w, uint16_t number, NameRun *run)
{
	const BindState *state = &ClexBindStates[number];
	const PlanState *plan = &ClexPlanStates[number];

	if (!WriterPlaceIsOpen(w, plan))
		return;
	if (plan->flags & PLAN_EACH)
		WriteGroups(w, number, run);
	else if (state->kind == BIND_TERM)
		WriteTerms(w, number, run);
	else if (state->kind == BIND_CONSTANT)
		WriteConstant(w, number, run);
	else if (plan->flags & PLAN_CONSTANT)
	{
		if (!w->bare)
			WriteOneContainer(w, number, run, true);
	}
	else if ((state->flags & BIND_MAY_BE_EMPTY) || ((plan->flags & PLAN_FRAME) && !w->same))
		WriteOneContainer(w, number, run, true);
	else
		while (!RunIsFull(run) && WriteOneContainer(w, number, run, false) &&
			   !(plan->flags & PLAN_KEEP))
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

/* Write the placeholder for an element that the schema requires, or tell that it is missing. */
static void
FillRequired(Writer *w, const uint16_t *states, uint32_t count, NameRun *run)
{
	for (uint32_t i = 0; i < count && run->count == 0; i++)
	{
		const PlanState *plan = &ClexPlanStates[states[i]];
		Span filler;

		if (!(plan->flags & PLAN_REQUIRED))
			continue;
		filler = WriterFiller(w, plan);
		if (filler.data == NULL)
			*run->missing |= !(plan->flags & PLAN_QUIET);
		else
		{
			WriteLeaf(w, states[i], 0, filler, 0);
			*run->elements = true;
			*run->filled |= !(plan->flags & PLAN_QUIET);
			w->said += WriterFillerStands(plan);
			run->count++;
		}
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
	if (run->count == 0 && !w->same)
		FillRequired(w, states, count, run);
	while (run->extra != 0 && !w->stopped && WriteBareElement(w, &ClexPlanStates[states[0]], run))
		;
}

/* Is one of them a group of which the syntax has one only, although it reads several? */
static bool
IsOnce(const uint16_t *states, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (ClexBindStates[states[i]].kind == BIND_CONTAINER &&
			(ClexPlanStates[states[i]].flags & PLAN_ONCE))
			return true;
	return false;
}

/* What stands inside an element: the children of its state, and extras between them. */
static void
WriteContent(Writer *w, uint16_t number, uint32_t extra, bool *elements)
{
	const PlanState *plan = &ClexPlanStates[number];
	const uint16_t *states = &ClexPlanChildren[plan->first_child];
	ExtraOrder order;
	bool missing = false;
	bool filled = false;
	uint32_t same;

	if (!WriterOrderExtras(w, extra, plan->type, &order))
		return;
	for (uint32_t i = plan->attribute_count; i < plan->child_count && !w->stopped; i = same)
	{
		const PlanState *child = &ClexPlanStates[states[i]];
		NameRun run = {
			.extra = extra, .elements = elements, .missing = &missing, .filled = &filled};

		for (same = i + 1;
			 same < plan->child_count && ClexPlanStates[states[same]].name == child->name;)
			same++;
		run.many = (child->flags & (w->wide ? PLAN_MANY | PLAN_MANY_LATER : PLAN_MANY)) != 0 &&
				   (w->same || !IsOnce(states + i, same - i));
		WriterExtrasUntil(w, &order, child->position, elements);
		WriteName(w, states + i, same - i, &run);
	}
	WriterExtrasUntil(w, &order, UINT32_MAX, elements);
	w->missing = missing;
	w->filled = filled;
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
	const PlanState *plan = &ClexPlanStates[syntax->root->first_state];
	Span name = ClexStaticNames[plan->name];
	const char *colon = memchr(name.data, ':', name.length);
	Span prefix = SpanOf(name.data, colon == NULL ? 0 : (size_t) (colon - name.data));
	uint64_t known = w->extras == NULL ? 0 : w->extras->known;
	bool plain = syntax->plain_root && (w->extras == NULL || !w->extras->plain_names);
	bool elements = false;

	for (const char *const *p = syntax->prefixes; *p != NULL; p++)
		known |= UINT64_C(1) << NamespaceNumber(SpanFromCString(*p));
	if (!plain && prefix.length > 0)
		known |= UINT64_C(1) << NamespaceNumber(prefix);
	else if (plain)
		name = SpanOf(colon + 1, name.length - prefix.length - 1);
	TextAppendf(w->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	if (syntax->doctype.length > 0)
		TextAppendf(w->out, "<!DOCTYPE %.*s SYSTEM \"%.*s\">\n", (int) name.length, name.data,
					(int) syntax->doctype.length, syntax->doctype.data);
	TextAppendf(w->out, "<%.*s", (int) name.length, name.data);
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
		WriterExtraValue(w, ExtraAt(w->extras, 1), false);
		WriterExtraDone(w, 1);
	}
	WriteContent(w, syntax->root->first_state, w->extras == NULL ? 0 : 1, &elements);
	w->depth = 0;
	if (elements)
		WriterNewLine(w);
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
ExplainUnsaid(Writer *w, const BindRoot *root)
{
	for (uint32_t i = 1; i <= w->view->node_count; i++)
	{
		DocumentNode node = ViewNode(w->view, i);
		uint8_t above = node.parent == 0 ? FATE_SAID : w->job->fate[node.parent];

		if (w->job->fate[i] == FATE_UNSAID && BindRootPlace(root, node.term).data != NULL)
			w->job->fate[i] =
				above == FATE_NO_ROOM || node.ordinal > 1 ? FATE_NO_ROOM : FATE_BY_ITSELF;
	}
}

/* What the root element says of itself needs no place. */
static void
SayImplied(Writer *w, const BindRoot *root)
{
	const Cursor *cursor = &w->cursor[root->implied];

	if (root->implied != TERM_NONE && WriterHasTerm(w, root->implied) &&
		SpanEqual(ViewNode(w->view, cursor->next).value, root->implied_value))
		JobSay(w->job, cursor->next, FATE_SAID);
}

/* The currency that a document named beside its amounts alone is said by the amount to be paid. */
static void
SayBorrowedCurrency(Writer *w, TermId currency)
{
	static const char attribute[] = "cbc:PayableAmount/@currencyID";

	if (currency == TERM_NONE || !WriterWasElsewhere(w, currency) || !WriterHasTerm(w, currency) ||
		!WriterHasTerm(w, TERM_BT_115))
		return;
	for (uint32_t i = 0; i < w->view->extra_count; i++)
	{
		Span path = ViewExtra(w->view, i).path;

		if (memmem(path.data, path.length, attribute, sizeof(attribute) - 1) != NULL)
			return;
	}
	JobSay(w->job, w->cursor[currency].next, FATE_SAID);
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

/* The root element that the paths of the extras begin with: a slip in its namespace is read all the same. */
static Span
SourceRoot(const Writer *w)
{
	Span name = ClexStaticNames[w->syntax->root->name];
	Span root = ViewProvenance(w->view, "root");
	const char *colon = memchr(name.data, ':', name.length);
	Span local =
		colon == NULL ? name : SpanOf(colon + 1, name.length - (size_t) (colon + 1 - name.data));

	return root.length > local.length && root.data[0] == '{' &&
				   memcmp(root.data + root.length - local.length, local.data, local.length) == 0
			   ? root
			   : name;
}

static bool
EndsWithFormat(Span path)
{
	static const char end[] = "/@format";
	size_t length = sizeof(end) - 1;

	return path.length >= length && memcmp(path.data + path.length - length, end, length) == 0;
}

static ClexStatus
WriteDocument(WriteJob *job, const XmlSyntax *syntax, bool json, ClexError *error)
{
	Writer *w = ArenaAllocZero(job->arena, sizeof(Writer));
	ClexStatus status;

	if (w == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	w->job = job;
	w->view = job->document;
	w->out = job->out;
	w->variant = FindVariant(job);
	w->syntax = syntax;
	w->same = SpanEqualCString(job->document->format, job->codec->name);
	for (uint32_t i = 0; w->same && i < job->document->extra_count && !w->formats; i++)
		w->formats = EndsWithFormat(ViewExtra(job->document, i).path);
	w->wide = w->same || SpanEqualCString(job->variant, "D22B");
	w->countdown = WRITER_INTERRUPT_EVERY;
	VectorInit(&w->done, job->arena, sizeof(uint32_t));
	VectorInit(&w->trail, job->arena, sizeof(uint32_t));
	VectorInit(&w->beside, job->arena, sizeof(Beside));
	w->json = json;
	status = json ? CLEX_OK : JobFlag(job, "indent", &w->indent, error);
	if (status != CLEX_OK)
		return status;
	memset(w->open, 0xFF, sizeof(w->open)); /* NO_NODE */
	if (w->same && job->document->extra_count > 0)
	{
		w->extras = ExtrasParse(job->document, SourceRoot(w), job->arena);
		if (w->extras == NULL)
			w->out->failed = true;
	}
	if (w->same)
		w->elsewhere = ViewProvenance(job->document, "elsewhere");
	WriterOpen(w, 0, TERM_NONE);
	SayImplied(w, syntax->root);
	SayBorrowedCurrency(w, syntax->root->currency);
	if (!w->out->failed)
		WriteRoot(w, syntax);
	SayExtras(w);
	WriterCheckBeside(w);
	ExplainUnsaid(w, syntax->root);
	if (w->stopped || ClexInterrupted(job->arena->env))
		return ClexFail(error, CLEX_INTERRUPTED, "canceled");
	return CLEX_OK;
}

ClexStatus
XmlWriteDocument(WriteJob *job, const XmlSyntax *syntax, ClexError *error)
{
	return WriteDocument(job, syntax, false, error);
}

ClexStatus
XmlWriteElements(WriteJob *job, const XmlSyntax *syntax, ClexError *error)
{
	return WriteDocument(job, syntax, true, error);
}
