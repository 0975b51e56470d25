/*
 * structure.c
 *		The pass over the tree: content models, attributes, text.
 *
 * A frame per open element holds the state of its content model.  After a child that does not fit the
 * pass goes on where that says most: a child that came too late or too often leaves the state alone, one
 * that came too early moves it and names what was skipped, an unknown one is passed over.  Only what
 * is wrong costs more than a look at the next names.
 */
#include "core/rules/structure.h"

/* The reader admits 256 open elements; libxml2 itself stops there. */
#define MAX_FRAMES 260
#define INTERRUPT_EVERY 4096 /* elements */
#define SHOWN_NAMES 8
#define SHOWN_BYTES 100

typedef struct Frame
{
	uint32_t node;
	uint32_t end;
	uint32_t text; /* text of the element before this is known to be legal */
	uint16_t type;
	uint16_t state;
	uint64_t seen[STRUCTURE_MAX_PARTICLES / 64]; /* particles that have matched */
	bool text_reported;
} Frame;

/* The xs:ID values of a document: open addressing, allocated when the first one is met. */
typedef struct IdTable
{
	Span *slots;
	uint32_t capacity; /* a power of two */
	uint32_t count;
} IdTable;

typedef struct Walk
{
	const StructureSchema *schema;
	const RuleLayerFact *layer;
	const RuleRun *run;
	const Tree *tree;
	RuleVerdict *verdict;
	ClexStatus status;
	bool stopped; /* the sink wants no more, or status is set */
	IdTable ids;
	uint32_t depth;
	Frame frames[MAX_FRAMES];
} Walk;

/* ---- findings ---- */

typedef struct Remark
{
	uint32_t problem; /* StructureProblem */
	uint32_t node;
	Span found;
	Span expected;
	Span about;
} Remark;

/* Texts for findings are built only for a sink that shows them. */
static bool
Explains(const Walk *walk)
{
	return walk->run->sink != NULL && walk->run->explain;
}

static void
Report(Walk *walk, const Remark *remark)
{
	Finding finding = {.layer = walk->layer,
					   .rule = StructureRule(walk->layer, remark->problem),
					   .node = remark->node,
					   .found = remark->found,
					   .expected = remark->expected,
					   .about = remark->about};

	walk->verdict->fatal++;
	if (walk->run->sink == NULL)
		return;
	if (!walk->run->sink(walk->run->state, &finding))
		walk->stopped = true;
	ArenaReset(walk->run->scratch);
}

/* Enough of a value to recognise it, cut between characters. */
static Span
Shown(Walk *walk, Span value)
{
	Text text;

	value = SpanTrim(value);
	if (value.length <= SHOWN_BYTES || !Explains(walk))
		return value;
	TextInit(&text, walk->run->scratch);
	value.length = SHOWN_BYTES;
	while (((unsigned char) value.data[value.length] & 0xC0) == 0x80)
		value.length--;
	TextAppendSpan(&text, value);
	TextAppend(&text, "…", strlen("…"));
	return TextSpan(&text);
}

static Span
StateName(uint16_t state)
{
	uint16_t name = ClexStructureNames[state];

	return name == STRUCTURE_WILDCARD ? SPAN_LITERAL("*") : ClexStaticNames[name];
}

/* Names of the states in some ranges, at most SHOWN_NAMES; NULL data if there are none. */
static Span
RangeNames(Walk *walk, uint16_t first, uint8_t count, const char *separator)
{
	Text text;
	int shown = 0;

	if (!Explains(walk))
		return (Span){NULL, 0};
	TextInit(&text, walk->run->scratch);
	for (uint8_t i = 0; i < count; i++)
	{
		StructureRange range = ClexStructureRanges[first + i];

		for (uint32_t state = range.low; state <= range.high; state++)
		{
			if (shown > 0)
				TextAppend(&text, separator, strlen(separator));
			if (shown++ == SHOWN_NAMES)
			{
				TextAppend(&text, "…", strlen("…"));
				return TextSpan(&text);
			}
			TextAppendSpan(&text, StateName((uint16_t) state));
		}
	}
	return TextSpan(&text);
}

static Span
AllowedNames(Walk *walk, uint16_t state)
{
	return RangeNames(walk, ClexStructureStates[state].follow,
					  ClexStructureStates[state].follow_count, ", ");
}

/* ---- simple values ---- */

/* Remember an xs:ID; false if the document has it already. */
static bool
AddId(Walk *walk, Span id)
{
	IdTable *ids = &walk->ids;
	uint32_t slot;

	if (ids->count * 2 >= ids->capacity)
	{
		IdTable grown = {.capacity = ids->capacity == 0 ? 64 : ids->capacity * 2};

		grown.slots = ArenaAllocZero(walk->run->permanent, grown.capacity * sizeof(Span));
		if (grown.slots == NULL)
		{
			walk->status = CLEX_NO_MEMORY;
			walk->stopped = true;
			return true;
		}
		for (uint32_t i = 0; i < ids->capacity; i++)
		{
			if (ids->slots[i].data == NULL)
				continue;
			slot = SpanHash(ids->slots[i]) & (grown.capacity - 1);
			while (grown.slots[slot].data != NULL)
				slot = (slot + 1) & (grown.capacity - 1);
			grown.slots[slot] = ids->slots[i];
		}
		grown.count = ids->count;
		*ids = grown;
	}
	slot = SpanHash(id) & (ids->capacity - 1);
	for (; ids->slots[slot].data != NULL; slot = (slot + 1) & (ids->capacity - 1))
		if (SpanEqual(ids->slots[slot], id))
			return false;
	ids->slots[slot] = id;
	ids->count++;
	return true;
}

/* What a value of the type looks like: its list, its length, else the name of the type. */
static Span
Expectation(Walk *walk, const SimpleType *type)
{
	Text text;

	if (!Explains(walk))
		return (Span){NULL, 0};
	if (type->values != NULL)
		return SpanFromCString(type->values);
	if (type->kind != SIMPLE_TOKEN)
		return SpanFromCString(type->name);
	TextInit(&text, walk->run->scratch);
	TextAppendf(&text, "%u–%u", type->min_length, type->max_length);
	return TextSpan(&text);
}

static void
CheckValue(Walk *walk, uint32_t node, uint16_t simple)
{
	const SimpleType *type = &ClexSimpleTypes[simple];
	Span text = TreeText(walk->tree, node);
	Remark remark = {.problem = PROBLEM_VALUE + type->kind, .node = node};

	if (SimpleValueIsLegal(type, text))
	{
		if (type->kind != SIMPLE_ID || AddId(walk, SpanTrim(text)))
			return;
		remark.problem = PROBLEM_ID_TWICE;
	}
	remark.found = Shown(walk, text);
	remark.expected = Expectation(walk, type);
	Report(walk, &remark);
}

/* ---- attributes ---- */

/* An attribute that the type does not list: fine if it is one of those of XML Schema itself. */
static void
UnlistedAttribute(Walk *walk, uint32_t node, const StructureType *type)
{
	Span name = TreeName(walk->tree, node);
	Remark remark = {.problem = PROBLEM_ATTRIBUTE, .node = node, .found = name};
	Text text;

	/* xsi:nil is wrong everywhere, as no element of these schemas may be nil */
	if (SpanEqualCString(name, "@xsi:schemaLocation") ||
		SpanEqualCString(name, "@xsi:noNamespaceSchemaLocation") ||
		SpanEqualCString(name, "@xsi:type"))
		return;
	if (Explains(walk) && type->attributes > 0)
	{
		TextInit(&text, walk->run->scratch);
		for (uint16_t i = 0; i < type->attributes && i < SHOWN_NAMES; i++)
		{
			if (i > 0)
				TextAppend(&text, ", ", 2);
			TextAppendSpan(&text,
						   ClexStaticNames[ClexStructureAttributes[type->attribute + i].name]);
		}
		remark.expected = TextSpan(&text);
	}
	Report(walk, &remark);
}

/* Check one attribute; returns its number in the type's list, or the length of that list. */
static uint16_t
CheckAttribute(Walk *walk, uint32_t node, const StructureType *type)
{
	const StructureAttribute *listed = ClexStructureAttributes + type->attribute;
	NameId name = TreeAt(walk->tree, node)->name;
	uint16_t i = 0;

	while (i < type->attributes && listed[i].name != name)
		i++;
	if (i == type->attributes)
		UnlistedAttribute(walk, node, type);
	else if (listed[i].fixed != NULL &&
			 !SimpleValueEquals(TreeText(walk->tree, node), listed[i].fixed))
		Report(walk, &(Remark){.problem = PROBLEM_ATTRIBUTE_FIXED,
							   .node = node,
							   .found = Shown(walk, TreeText(walk->tree, node)),
							   .expected = SpanFromCString(listed[i].fixed)});
	else
		CheckValue(walk, node, listed[i].simple);
	return i;
}

/* All attributes of an element; returns the node behind them. */
static uint32_t
CheckAttributes(Walk *walk, uint32_t node, const StructureType *type)
{
	uint32_t end = TreeAt(walk->tree, node)->end;
	uint32_t missing = type->required;
	uint32_t i = node + 1;

	for (; i < end && TreeIsAttribute(walk->tree, i); i++)
		missing &= ~(1u << CheckAttribute(walk, i, type));
	for (uint16_t j = 0; missing != 0; j++, missing >>= 1)
		if (missing & 1)
			Report(
				walk,
				&(Remark){.problem = PROBLEM_ATTRIBUTE_MISSING,
						  .node = node,
						  .expected =
							  ClexStaticNames[ClexStructureAttributes[type->attribute + j].name]});
	return i;
}

/* ---- content models ---- */

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
			Report(walk, &(Remark){.problem = PROBLEM_MISSING,
								   .node = frame->node,
								   .expected = RangeNames(walk, s->need, s->need_count, " | ")});
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
			remark.about = StateName(frame->state);
		}
	}
	remark.found = TreeName(walk->tree, node);
	remark.expected = AllowedNames(walk, frame->state);
	Report(walk, &remark);
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
		next = CheckAttributes(walk, node, t);
	if (!(n->flags & TREE_HAS_ELEMENTS) &&
		(t->content == STRUCTURE_ANY || t->content == STRUCTURE_SIMPLE))
	{
		if (t->content == STRUCTURE_SIMPLE)
			CheckValue(walk, node, t->simple);
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
		Report(walk, &(Remark){.problem = PROBLEM_UNDECLARED,
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
	Report(walk, &(Remark){.problem = PROBLEM_TEXT,
						   .node = frame->node,
						   .found = Shown(walk, SpanOf(text, length)),
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
		Report(walk, &(Remark){.problem = PROBLEM_INSIDE,
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
		Report(walk, &(Remark){.problem = PROBLEM_ROOT,
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
