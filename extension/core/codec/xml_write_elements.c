/*
 * xml_write_elements.c
 *		The walk over the plan of a syntax that writes the elements of a document.
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
		return WriterHead(w, plan);
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
void
WriterAttributes(Writer *w, const PlanState *plan, uint32_t extra)
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
	WriterAttributes(w, plan, extra);
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
 * alone, which the element around decides): it is written again with those alone.  `held`: it is known to
 * have held terms, so repetitions are not enough.
 */
static bool
WriteContainer(Writer *w, uint16_t number, uint32_t extra, bool always, bool held)
{
	const PlanState *plan = &ClexPlanStates[number];
	Mark mark = SetMark(w);
	uint32_t inside = w->inside;
	bool elements = false;
	bool filled;
	bool keep;
	size_t start;

	w->inside = mark.said;
	start = OpenElement(w, plan, extra);
	filled = w->filled;
	if (extra != 0 && ExtraAt(w->extras, extra)->extra > 0)
		WriterExtraValue(w, ExtraAt(w->extras, extra), false);
	w->depth++;
	WriterContent(w, number, extra, &elements);
	w->inside = inside;
	w->filled |= filled;
	w->depth--;
	keep = always || w->said > mark.said ||
		   (w->repeated > mark.repeated &&
			(!(plan->flags & PLAN_MANY) || ((plan->flags & PLAN_KEEP) && !held)));
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
		WriteContainer(w, number, extra, true, held);
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

/*
 * May the next element repeat what was said?  The first one; others where only their attributes are extras.
 * What was read as an extra is none.
 */
static bool
RepeatsNext(const Writer *w, const PlanState *plan, const NameRun *run)
{
	uint32_t extra = WriterExtra(w, run->extra, plan, run->count + 1);

	return !w->bare && (run->count == 0 || (extra != 0 && ExtraAt(w->extras, extra)->extra == 0));
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
			node = RepeatsNext(w, plan, run) ? WriterRepetition(w, state, plan) : 0;
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
		if (value.data != NULL)
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

	if (w->stopped || w->out->failed || !WriteContainer(w, number, extra, always, run->limit > 0))
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

/* Did the next element hold no others where it was read, so that it is an extra itself? */
static bool
WasLeaf(const Writer *w, const PlanState *plan, const NameRun *run)
{
	uint32_t extra = WriterExtra(w, run->extra, plan, run->count + 1);

	return extra != 0 && ExtraAt(w->extras, extra)->extra > 0;
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
		if (!w->bare && !WasLeaf(w, plan, run))
			WriteOneContainer(w, number, run, true);
	}
	else if ((state->flags & BIND_MAY_BE_EMPTY) || ((plan->flags & PLAN_FRAME) && !w->same))
		WriteOneContainer(w, number, run, true);
	else
		while (!RunIsFull(run) && WriteOneContainer(w, number, run, false) &&
			   !(plan->flags & PLAN_KEEP))
			;
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

		held = WriterParseGate(held, &gate);
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
void
WriterContent(Writer *w, uint16_t number, uint32_t extra, bool *elements)
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
