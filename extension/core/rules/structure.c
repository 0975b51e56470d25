/*
 * structure.c
 *		The pass over the tree: content models, attributes, text.
 *
 * A frame per open element holds the state of its content model.  After a child that does not fit the
 * pass goes on where that says most: a child that came too late or too often leaves the state alone, one
 * that came too early moves it and names what was skipped, an unknown one is passed over.  Only what
 * is wrong costs more than a look at the next names.
 */
#include "core/rules/structure_walk.h"

#define INTERRUPT_EVERY 4096 /* elements */

/* ---- content models ---- */

static Span
AllowedNames(Walk *walk, uint16_t state)
{
	return StructureNames(walk, ClexStructureStates[state].follow,
						  ClexStructureStates[state].follow_count, ", ");
}

/* ##any, or any namespace but one and but none. */
static bool
Admits(const StructureWildcard *wildcard, Span name)
{
	const char *colon;

	if (wildcard->other == NULL || name.data[0] == '{')
		return true;
	colon = memchr(name.data, ':', name.length);
	return colon != NULL &&
		   !SpanEqualCString(SpanOf(name.data, (size_t) (colon - name.data)), wildcard->other);
}

static bool
StateMatches(const Walk *walk, uint32_t state, uint32_t node)
{
	uint16_t name = ClexStructureNames[state];

	if (name == STRUCTURE_WILDCARD)
		return Admits(&ClexStructureWildcards[ClexStructureStates[state].target],
					  TreeName(walk->tree, node));
	return name == TreeAt(walk->tree, node)->name;
}

/* The state that a child leads to, 0 if it may not come now (state 0 is only ever a start). */
static uint16_t
NextState(const Walk *walk, uint16_t state, uint32_t node)
{
	const StructureState *s = &ClexStructureStates[state];

	for (uint8_t i = 0; i < s->follow_count; i++)
	{
		StructureRange range = ClexStructureRanges[s->follow + i];

		for (uint32_t next = range.low; next <= range.high; next++)
			if (StateMatches(walk, next, node))
				return (uint16_t) next;
	}
	return 0;
}

static bool
Follows(uint16_t state, uint16_t next)
{
	const StructureState *s = &ClexStructureStates[state];

	for (uint8_t i = 0; i < s->follow_count; i++)
		if (next >= ClexStructureRanges[s->follow + i].low &&
			next <= ClexStructureRanges[s->follow + i].high)
			return true;
	return false;
}

/* One that must come after the state; 0 if none must. */
static uint16_t
NeededState(uint16_t state)
{
	const StructureState *s = &ClexStructureStates[state];

	return s->need_count == 0 ? 0 : ClexStructureRanges[s->need].low;
}

/* Would `later` come after `state` if what must stand between them stood there? */
static bool
Leads(uint16_t state, uint16_t later)
{
	do
	{
		if (Follows(state, later))
			return true;
	} while ((state = NeededState(state)) != 0);
	return false;
}

/* The particle that a misplaced child belongs to: the next one that takes it, else the last. */
static uint16_t
FindParticle(const Walk *walk, const Frame *frame, uint32_t node)
{
	const StructureType *type = &ClexStructureTypes[frame->type];
	uint16_t found = 0;

	for (uint32_t state = type->start + 1u; state <= (uint32_t) type->start + type->particles;
		 state++)
	{
		if (!StateMatches(walk, state, node))
			continue;
		found = (uint16_t) state;
		if (found > frame->state)
			break;
	}
	return found;
}

/* Is a child there that the ranges name, though in the wrong place? */
static bool
StandsElsewhere(const Walk *walk, const Frame *frame, const StructureState *state)
{
	for (uint8_t i = 0; i < state->need_count; i++)
	{
		StructureRange range = ClexStructureRanges[state->need + i];

		for (uint32_t s = range.low; s <= range.high; s++)
			if (ClexStructureNames[s] != STRUCTURE_WILDCARD &&
				TreeChild(walk->tree, frame->node, ClexStructureNames[s]) != 0)
				return true;
	}
	return false;
}

/*
 * Report what must come before `until` can, or (0) before the element may end.  What stands elsewhere
 * in the element is reported there.
 */
static void
ReportMissing(Walk *walk, const Frame *frame, uint16_t until)
{
	uint16_t state = frame->state;

	while (ClexStructureStates[state].need_count > 0 && !(until != 0 && Follows(state, until)))
	{
		const StructureState *s = &ClexStructureStates[state];

		if (!StandsElsewhere(walk, frame, s))
			StructureReport(walk, &(Remark){.problem = PROBLEM_MISSING,
											.node = frame->node,
											.expected = StructureNames(walk, s->need, s->need_count,
																	   " | ")});
		state = NeededState(state);
	}
}

/* Has a particle matched a child of the open element before? */
static bool
WasSeen(const Frame *frame, uint16_t state)
{
	uint32_t index = state - ClexStructureTypes[frame->type].start - 1u;

	return frame->seen[index / 64] >> (index % 64) & 1;
}

static void
MarkSeen(Frame *frame, uint16_t state)
{
	uint32_t index = state - ClexStructureTypes[frame->type].start - 1u;

	frame->seen[index / 64] |= (uint64_t) 1 << (index % 64);
}

/* A child that may not come now: report it; returns its particle, or 0 if it belongs to none. */
static uint16_t
Misplaced(Walk *walk, Frame *frame, uint32_t node)
{
	uint16_t particle = FindParticle(walk, frame, node);
	Remark remark = {.problem = PROBLEM_UNEXPECTED, .node = node};

	if (particle > frame->state && Leads(frame->state, particle))
	{
		ReportMissing(walk, frame, particle);
		frame->state = particle;
		return particle;
	}
	if (particle != 0 && particle <= frame->state)
	{
		if (WasSeen(frame, particle))
			remark.problem = PROBLEM_TOO_MANY;
		else if (Leads(particle, frame->state))
		{
			remark.problem = PROBLEM_ORDER;
			remark.about = StructureStateName(frame->state);
		}
	}
	remark.found = TreeName(walk->tree, node);
	remark.expected = AllowedNames(walk, frame->state);
	StructureReport(walk, &remark);
	return particle;
}

/* ---- walking ---- */

static uint16_t
FindElement(const StructureElement *elements, uint32_t count, NameId name, bool *found)
{
	uint32_t low = 0;
	uint32_t high = count;

	*found = false;
	while (low < high)
	{
		uint32_t middle = (low + high) / 2;

		if (elements[middle].name == name)
		{
			*found = true;
			return elements[middle].type;
		}
		if (elements[middle].name < name)
			low = middle + 1;
		else
			high = middle;
	}
	return STRUCTURE_ANY_TYPE;
}

/*
 * Begin an element of a known type: attributes now, the value too if it has no children.  Returns
 * the node to go on with.
 */
static uint32_t
Enter(Walk *walk, uint32_t node, uint16_t type)
{
	const StructureType *t = &ClexStructureTypes[type];
	const TreeNode *n = TreeAt(walk->tree, node);
	uint32_t next = node + 1;
	Frame *frame;

	if (t->content != STRUCTURE_ANY)
		next = StructureCheckAttributes(walk, node, t);
	if (!(n->flags & TREE_HAS_ELEMENTS) &&
		(t->content == STRUCTURE_ANY || t->content == STRUCTURE_SIMPLE))
	{
		if (t->content == STRUCTURE_SIMPLE)
			StructureCheckValue(walk, node, t->simple);
		return n->end;
	}
	if (walk->depth == MAX_FRAMES)
	{
		walk->status = CLEX_LIMIT;
		walk->stopped = true;
		return n->end;
	}
	frame = &walk->frames[walk->depth++];
	*frame = (Frame){.node = node, .end = n->end, .text = n->text, .type = type, .state = t->start};
	return next;
}

/* Begin an element in wildcard content: checked if it is declared. */
static uint32_t
EnterWild(Walk *walk, uint32_t node, bool strict)
{
	NameId name = TreeAt(walk->tree, node)->name;
	bool found;
	uint16_t type = FindElement(walk->schema->globals, walk->schema->global_count, name, &found);

	/* of the roots only the document's own is declared for it */
	if (!found && name == TreeAt(walk->tree, 1)->name)
		type = FindElement(walk->schema->roots, walk->schema->root_count, name, &found);
	if (!found && strict)
	{
		StructureReport(walk, &(Remark){.problem = PROBLEM_UNDECLARED,
										.node = node,
										.found = TreeName(walk->tree, node)});
		return TreeAt(walk->tree, node)->end;
	}
	return Enter(walk, node, type);
}

static bool
IsBlank(const char *p, size_t length)
{
	while (length > 0)
	{
		while (length >= 8 && memcmp(p, "        ", 8) == 0)
		{
			p += 8;
			length -= 8;
		}
		if (length == 0)
			break;
		if (!IsXmlSpace(*p))
			return false;
		p++;
		length--;
	}
	return true;
}

/* Text of an element with element content up to a place in the heap: white space only. */
static void
CheckText(Walk *walk, Frame *frame, uint32_t end)
{
	const char *text = walk->tree->text.data + frame->text;
	size_t length = end - frame->text;
	uint8_t content = ClexStructureTypes[frame->type].content;

	if ((content != STRUCTURE_ELEMENTS && content != STRUCTURE_EMPTY) || length == 0 ||
		frame->text_reported || (content == STRUCTURE_ELEMENTS && IsBlank(text, length)))
		return;
	frame->text_reported = true;
	StructureReport(walk, &(Remark){.problem = PROBLEM_TEXT,
									.node = frame->node,
									.found = StructureShown(walk, SpanOf(text, length)),
									.expected = AllowedNames(walk, frame->state)});
}

/* A child of the open element; returns the node to go on with. */
static uint32_t
Child(Walk *walk, Frame *frame, uint32_t node)
{
	const StructureType *type = &ClexStructureTypes[frame->type];
	const TreeNode *n = TreeAt(walk->tree, node);
	uint16_t state;

	CheckText(walk, frame, n->text);
	frame->text = n->text + n->text_length;
	if (type->content == STRUCTURE_ANY)
		return EnterWild(walk, node, false);
	if (type->content == STRUCTURE_SIMPLE || type->content == STRUCTURE_EMPTY)
	{
		StructureReport(walk, &(Remark){.problem = PROBLEM_INSIDE,
										.node = node,
										.found = TreeName(walk->tree, node),
										.about = TreeName(walk->tree, frame->node)});
		return n->end;
	}
	state = NextState(walk, frame->state, node);
	if (state != 0)
		frame->state = state;
	else if ((state = Misplaced(walk, frame, node)) == 0)
		return n->end;
	MarkSeen(frame, state);
	if (ClexStructureNames[state] == STRUCTURE_WILDCARD)
		return EnterWild(walk, node,
						 ClexStructureWildcards[ClexStructureStates[state].target].strict);
	return Enter(walk, node, ClexStructureStates[state].target);
}

/* The end of the open element. */
static void
Leave(Walk *walk)
{
	Frame *frame = &walk->frames[walk->depth - 1];
	const TreeNode *n = TreeAt(walk->tree, frame->node);
	uint8_t content = ClexStructureTypes[frame->type].content;

	CheckText(walk, frame, n->text + n->text_length);
	if (content == STRUCTURE_ELEMENTS || content == STRUCTURE_MIXED)
		ReportMissing(walk, frame, 0);
	walk->depth--;
}

static void
WalkTree(Walk *walk)
{
	const ClexEnv *env = walk->tree->arena->env;
	uint32_t countdown = INTERRUPT_EVERY;
	bool found;
	uint16_t type = FindElement(walk->schema->roots, walk->schema->root_count,
								TreeAt(walk->tree, 1)->name, &found);
	uint32_t node;

	if (!found)
	{
		StructureReport(walk, &(Remark){.problem = PROBLEM_ROOT,
										.node = 1,
										.found = TreeName(walk->tree, 1),
										.expected = SpanFromCString(walk->schema->version)});
		return;
	}
	node = Enter(walk, 1, type);
	while (walk->depth > 0 && !walk->stopped)
	{
		Frame *frame = &walk->frames[walk->depth - 1];

		if (node < frame->end && TreeIsAttribute(walk->tree, node))
			node++; /* attributes of wildcard content are not looked at */
		else if (node < frame->end)
			node = Child(walk, frame, node);
		else
			Leave(walk);
		if (--countdown == 0)
		{
			countdown = INTERRUPT_EVERY;
			if (ClexInterrupted(env))
			{
				walk->status = CLEX_INTERRUPTED;
				return;
			}
		}
	}
}

ClexStatus
StructureRun(const RuleLayerFact *layer, const RuleRun *run, RuleVerdict *verdict, ClexError *error)
{
	Walk walk;

	walk.schema = layer->schema;
	walk.layer = layer;
	walk.run = run;
	walk.tree = run->tree;
	walk.verdict = verdict;
	walk.status = CLEX_OK;
	walk.stopped = false;
	walk.ids = (IdTable){NULL, 0, 0};
	walk.depth = 0;
	WalkTree(&walk);
	switch (walk.status)
	{
		case CLEX_OK:
			return CLEX_OK;
		case CLEX_INTERRUPTED:
			return ClexFail(error, CLEX_INTERRUPTED, "canceled");
		case CLEX_LIMIT:
			return ClexFail(error, CLEX_LIMIT, "XML is nested deeper than %d elements", MAX_FRAMES);
		default:
			return ClexFail(error, walk.status, "out of memory");
	}
}
