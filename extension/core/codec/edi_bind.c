/*
 * edi_bind.c
 *		Binding: candidates first, the best of each term, then the document.
 *
 * Which of several places a term is taken from is known only at the end of what it belongs to (a total
 * may stand as MOA 77, 388 or 86, in any order), so a first pass notes who takes what, and a second one
 * adds the winners in their order.  What no winner took is an extra (edi_bind_rest.c).
 */
#include "core/codec/edi_binder.h"

#include "core/codec/syntax.h"

#define INTERRUPT_EVERY 4096

bool
EdiIsBound(const EdiReader *reader)
{
	const EdiMessage *message = EdiCurrent(reader);

	return message->fact != NULL &&
		   ClexEdiRuleStart[message->fact->first_node] <
			   ClexEdiRuleStart[message->fact->first_node + message->fact->node_count];
}

/* ---- conditions ---- */

/* The segment a condition looks at: this one, or the trigger of a group around it. */
static const EdiSegment *
ConditionSegment(const EdiReader *reader, const EdiPlaced *placed, uint8_t up)
{
	uint32_t frame = placed->frame;

	if (up == 0)
		return &placed->segment;
	while (--up > 0)
		frame = EdiFrameAt(reader, frame)->parent;
	return &EdiPlacedAt(reader, EdiFrameAt(reader, frame)->trigger)->segment;
}

/* The first of the values that occurs at the node of a segment anywhere in the message. */
static unsigned
BestOf(const EdiBinder *binder, const EdiCondition *condition, EdiTag tag)
{
	unsigned best = condition->value_count;

	for (uint32_t i = 0; i < binder->reader->segments.count && best > 0; i++)
	{
		const EdiSegment *segment = &EdiPlacedAt(binder->reader, i)->segment;
		const EdiValue *value;
		unsigned index;

		if (segment->tag != tag)
			continue;
		value =
			EdiFind(&binder->reader->scanner, segment, condition->element, condition->component);
		if (value != NULL &&
			EdiIsOneOf(EdiTextOf(binder, value), condition->first_value, (uint8_t) best, &index))
			best = index;
	}
	return best;
}

/* Does a condition hold; `rank` grows by the place of the value among those allowed. */
static bool
Holds(const EdiBinder *binder, const EdiCondition *condition, const EdiPlaced *placed,
	  uint32_t *rank)
{
	const EdiReader *reader = binder->reader;
	const EdiSegment *segment = ConditionSegment(reader, placed, condition->up);
	const EdiValue *value =
		EdiFind(&reader->scanner, segment, condition->element, condition->component);
	unsigned index = 0;
	bool found;

	if (condition->flags & EDI_CONDITION_EMPTY)
		return value == NULL;
	found = value != NULL && EdiIsOneOf(EdiTextOf(binder, value), condition->first_value,
										condition->value_count, &index);
	if (condition->flags & EDI_CONDITION_NOT)
		return !found;
	if (!found)
		return false;
	if (condition->flags & EDI_CONDITION_BEST)
		return index == BestOf(binder, condition, segment->tag);
	*rank += index;
	return true;
}

static bool
AllHold(const EdiBinder *binder, const EdiRule *rule, const EdiPlaced *placed, uint32_t *rank)
{
	*rank = rule->rank * 16u;
	for (uint8_t i = 0; i < rule->condition_count; i++)
		if (!Holds(binder, &ClexEdiConditions[rule->first_condition + i], placed, rank))
			return false;
	return true;
}

/* ---- first pass: who takes what ---- */

/* The value of a pair whose qualifier is one of the rule's. */
static EdiValue *
FindPair(const EdiBinder *binder, const EdiRule *rule, const EdiSegment *segment, uint32_t *rank,
		 EdiValue **qualifier)
{
	const EdiPairs *pairs = &ClexEdiPairs[rule->pair - 1];
	const EdiScanner *s = &binder->reader->scanner;
	EdiValue *best = NULL;
	unsigned lowest = UINT8_MAX;

	for (unsigned i = 0; i < pairs->count; i++)
	{
		unsigned shift = i * pairs->step;
		EdiValue *q =
			EdiFind(s, segment, pairs->qualifier_element + shift, pairs->qualifier_component);
		EdiValue *v = EdiFind(s, segment, pairs->value_element + shift, pairs->value_component);
		unsigned index;

		if (q == NULL || v == NULL || (v->flags & EDI_TAKEN) ||
			!EdiIsOneOf(EdiTextOf(binder, q), rule->first_value, rule->value_count, &index) ||
			index >= lowest)
			continue;
		lowest = index;
		*qualifier = q;
		best = v;
	}
	*rank += best == NULL ? 0 : lowest;
	return best;
}

/* Where the text of a rule begins: the first component of its range that is there. */
static EdiValue *
FindValue(const EdiBinder *binder, const EdiRule *rule, const EdiSegment *segment, uint32_t *rank,
		  EdiValue **qualifier)
{
	if (rule->pair != 0)
		return FindPair(binder, rule, segment, rank, qualifier);
	for (uint8_t c = rule->component; c <= rule->last; c++)
	{
		EdiValue *value = EdiFind(&binder->reader->scanner, segment, rule->element, c);

		if (value != NULL)
			return value;
	}
	return NULL;
}

/* What identifies the instance of a repeating group: a segment, or a group around it. */
static uint32_t
InstanceOf(const EdiBinder *binder, uint32_t segment, uint8_t up)
{
	uint32_t frame = EdiPlacedAt(binder->reader, segment)->frame;

	if (up == 0)
		return 0x80000000u | segment;
	while (--up > 0)
		frame = EdiFrameAt(binder->reader, frame)->parent;
	return frame + 1;
}

/* Mark the values that a candidate uses, or give them back. */
static void
MarkValues(EdiBinder *binder, const EdiCandidate *c, bool taken)
{
	const EdiScanner *s = &binder->reader->scanner;
	const EdiSegment *segment = &EdiPlacedAt(binder->reader, c->segment)->segment;
	EdiValue *value = EdiValueAt(s, c->value);
	uint32_t end = segment->first_value + segment->value_count;

	for (uint32_t i = c->value; i < end; i++)
	{
		EdiValue *v = EdiValueAt(s, i);

		if (v->element != value->element ||
			v->component > (c->rule->pair ? v->component : c->rule->last) ||
			(v->flags & EDI_VALUE_REPEAT) || (c->rule->pair && i > c->value))
			break;
		v->flags = (uint8_t) (taken ? v->flags | EDI_TAKEN | EDI_VALUE_USED
									: v->flags & ~(EDI_TAKEN | EDI_VALUE_USED));
	}
	if (c->qualifier != UINT32_MAX && taken)
		EdiValueAt(s, c->qualifier)->flags |= EDI_VALUE_USED;
}

/* What a rule's conditions looked at is told by the term, or by the place it is written to. */
static void
MarkConditions(EdiBinder *binder, const EdiCandidate *c)
{
	const EdiPlaced *placed = EdiPlacedAt(binder->reader, c->segment);

	for (uint8_t i = 0; i < c->rule->condition_count; i++)
	{
		const EdiCondition *condition = &ClexEdiConditions[c->rule->first_condition + i];
		EdiValue *value;

		if (condition->flags & (EDI_CONDITION_EMPTY | EDI_CONDITION_NOT))
			continue;
		value = EdiFind(&binder->reader->scanner,
						ConditionSegment(binder->reader, placed, condition->up), condition->element,
						condition->component);
		if (value != NULL)
			value->flags |= EDI_VALUE_USED;
	}
}

/* May the term be taken from here?  A better place beats one taken before. */
static bool
Wins(EdiBinder *binder, const EdiCandidate *c)
{
	EdiCandidate *before;

	if (ClexTerms[c->rule->term].max != 1 || binder->taken[c->rule->term] == 0)
		return true;
	before = &VectorAt(&binder->candidates, EdiCandidate, binder->taken[c->rule->term] - 1);
	if (before->instance != c->instance || before->outer != c->outer)
		return true;
	if (before->rank <= c->rank)
		return false;
	MarkValues(binder, before, false);
	before->rule = NULL;
	return true;
}

static void
TryRule(EdiBinder *binder, uint32_t segment, const EdiRule *rule)
{
	const EdiPlaced *placed = EdiPlacedAt(binder->reader, segment);
	EdiCandidate c = {.rule = rule, .segment = segment, .qualifier = UINT32_MAX};
	EdiValue *qualifier = NULL;
	EdiValue *value;
	EdiCandidate *added;

	if (!AllHold(binder, rule, placed, &c.rank))
		return;
	value = FindValue(binder, rule, &placed->segment, &c.rank, &qualifier);
	if (value == NULL || (value->flags & EDI_TAKEN))
		return;
	c.value = (uint32_t) (value - EdiValueAt(&binder->reader->scanner, 0));
	if (qualifier != NULL)
		c.qualifier = (uint32_t) (qualifier - EdiValueAt(&binder->reader->scanner, 0));
	if (rule->scope_count > 0)
		c.instance = InstanceOf(binder, segment, rule->scopes[0]);
	if (rule->scope_count > 1)
		c.outer = InstanceOf(binder, segment, rule->scopes[1]);
	if (!Wins(binder, &c))
		return;
	added = VectorPush(&binder->candidates);
	if (added == NULL)
	{
		binder->status = CLEX_NO_MEMORY;
		return;
	}
	*added = c;
	binder->taken[rule->term] = binder->candidates.count;
	MarkValues(binder, &c, true);
	MarkConditions(binder, &c);
}

/* ---- second pass: the document ---- */

/* The open node of a group for a candidate; `repeat` counts the repeating groups met so far. */
static uint32_t
OpenGroup(EdiBinder *binder, const EdiCandidate *c, TermId group, unsigned repeat)
{
	EdiNewest *newest = &binder->newest[group];
	bool repeats = group != TERM_NONE && ClexTerms[group].max != 1;
	uint32_t instance = repeats && repeat < c->rule->scope_count
							? InstanceOf(binder, c->segment, c->rule->scopes[repeat])
							: 0;
	uint32_t parent;

	if (group == TERM_NONE)
		return 0;
	/* an attribute of a value that was added before it, in the same instances */
	if (!TermIsGroup(group))
		return newest->instance == c->instance ? newest->handle : 0;
	parent = OpenGroup(binder, c, ClexTerms[group].parent, repeat + repeats);
	if (newest->handle == 0 || newest->parent != parent || newest->instance != instance)
		*newest = (EdiNewest){DocumentAdd(binder->builder, parent, group, SpanOf("", 0), 0), parent,
							  instance};
	return newest->handle;
}

/* The line that a term was added to, 0: none; `parent` is its group. */
static uint32_t
LineAround(const EdiBinder *binder, uint32_t parent)
{
	uint32_t line = binder->newest[TERM_BG_25].handle;

	return line != 0 && parent >= line ? line : 0;
}

static void
AddTerm(EdiBinder *binder, EdiCandidate *c)
{
	Span spelling;
	Span text = EdiConvertValue(binder->reader, binder->arena, c, &spelling);
	TermId scheme = TermChild(c->rule->term, SPAN_LITERAL("scheme"));
	Span scheme_text =
		scheme == TERM_NONE ? SpanOf(NULL, 0) : EdiScheme(binder->reader, binder->arena, c);
	uint32_t handle;
	uint32_t parent;

	if (text.data == NULL)
	{
		MarkValues(binder, c, false);
		return;
	}
	parent = OpenGroup(binder, c, ClexTerms[c->rule->term].parent, 0);
	if (parent == 0 && ClexTerms[c->rule->term].parent != TERM_NONE)
	{
		MarkValues(binder, c, false);
		return;
	}
	/* its source: where it stands in the file, counted from 1 */
	handle = DocumentAdd(
		binder->builder, parent, c->rule->term, text,
		EdiOffset(&binder->reader->scanner, EdiValueAt(&binder->reader->scanner, c->value)) + 1);
	if (spelling.data != NULL && handle != 0)
		DocumentSetLexical(binder->builder, handle, spelling);
	binder->newest[c->rule->term] = (EdiNewest){handle, parent, c->instance};
	c->handle = handle;
	if (binder->held[c->segment] == 0)
		binder->held[c->segment] =
			(uint32_t) (c - &VectorAt(&binder->candidates, EdiCandidate, 0)) + 1;
	EdiDeriveLine(&binder->derive, binder->newest[TERM_BG_25].handle);
	EdiDeriveNote(&binder->derive, c->rule->term, text, parent);
	EdiLevelsNote(&binder->levels, EdiPlacedAt(binder->reader, c->segment)->frame, c->rule->term,
				  text, LineAround(binder, parent));
	if (scheme_text.data != NULL && scheme_text.length > 0)
		DocumentAdd(binder->builder, handle, scheme, scheme_text, 0);
}

/* ---- the message ---- */

bool
EdiIsCreditNote(const EdiScanner *scanner, const EdiSegment *segment, Arena *arena)
{
	Span type;

	if (segment->tag == EDI_TAG('B', 'G', 'M'))
		return IsCreditNoteCode(EdiTextAt(scanner, segment, 1, 1, arena));
	type = EdiTextAt(scanner, segment, 7, 1, arena);
	return segment->tag == EDI_TAG('B', 'I', 'G') &&
		   (SpanEqualCString(type, "CN") || SpanEqualCString(type, "CR"));
}

const EdiUse *
EdiUseOf(Span type)
{
	for (uint32_t i = 0; i < ClexEdiUseCount; i++)
		if (SpanEqualCString(type, ClexEdiUses[i].type))
			return &ClexEdiUses[i];
	return NULL;
}

static DocumentKind
KindNamed(const char *name)
{
	unsigned kind = DOCUMENT_INVOICE;

	while (DocumentKindName(kind) != NULL && strcmp(DocumentKindName(kind), name) != 0)
		kind++;
	return (DocumentKind) kind;
}

DocumentKind
EdiKind(const EdiReader *reader)
{
	const EdiUse *use = EdiUseOf(EdiCurrent(reader)->type);
	DocumentKind kind = use == NULL ? DOCUMENT_INVOICE : KindNamed(use->role->kind);
	bool credit = false;

	if (kind != DOCUMENT_INVOICE)
		return kind;
	for (uint32_t i = 1; i < reader->segments.count && i < 4; i++)
		credit |= EdiIsCreditNote(&reader->scanner, &EdiPlacedAt(reader, i)->segment, reader->body);
	return credit ? DOCUMENT_CREDIT_NOTE : DOCUMENT_INVOICE;
}

static void
SetFact(DocumentBuilder *builder, const char *key, Span value)
{
	if (value.length > 0)
		DocumentSetProvenance(builder, key, value);
}

/* What the envelopes say. */
static void
SetProvenance(const EdiReader *reader, Span sha256, DocumentBuilder *builder)
{
	const EdiMessage *m = EdiCurrent(reader);
	const EdiInterchange *i =
		m->interchange == 0 ? NULL
							: &VectorAt(&reader->interchanges, EdiInterchange, m->interchange - 1);

	SetFact(builder, "format",
			reader->scanner.family == EDI_X12 ? SPAN_LITERAL("x12") : SPAN_LITERAL("edifact"));
	SetFact(builder, "version", m->release);
	SetFact(builder, "profile", m->association);
	SetFact(builder, "message", m->type);
	SetFact(builder, "message_reference", m->reference);
	SetFact(builder, "sha256", sha256);
	if (i == NULL)
		return;
	SetFact(builder, "encoding", i->syntax);
	SetFact(builder, "syntax_version",
			i->syntax_version.length > 0 ? i->syntax_version : i->version);
	SetFact(builder, "interchange", i->reference);
	SetFact(builder, "sender", i->sender);
	SetFact(builder, "sender_qualifier", i->sender_qualifier);
	SetFact(builder, "receiver", i->receiver);
	SetFact(builder, "receiver_qualifier", i->receiver_qualifier);
	SetFact(builder, "prepared", i->date);
	SetFact(builder, "test", i->test);
}

static void
BindSegments(EdiBinder *binder)
{
	EdiReader *reader = binder->reader;
	uint16_t first = EdiCurrent(reader)->fact->first_node;

	for (uint32_t i = 0; i < reader->segments.count && binder->status == CLEX_OK; i++)
	{
		const EdiPlaced *placed = EdiPlacedAt(reader, i);

		if (--binder->countdown == 0)
		{
			binder->countdown = INTERRUPT_EVERY;
			if (ClexInterrupted(reader->arena->env))
				binder->status = CLEX_INTERRUPTED;
		}
		if (placed->node == EDI_NO_NODE)
			continue;
		for (uint16_t r = ClexEdiRuleStart[first + placed->node];
			 r < ClexEdiRuleStart[first + placed->node + 1]; r++)
			TryRule(binder, i, &ClexEdiRules[r]);
	}
}

ClexStatus
EdiBind(EdiReader *reader, Span sha256, Arena *arena, DocumentBuilder *builder, ClexError *error)
{
	EdiBinder *binder = ArenaAllocZero(reader->body, sizeof(EdiBinder));

	if (binder == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory binding a document");
	binder->reader = reader;
	binder->arena = arena;
	binder->builder = builder;
	binder->countdown = INTERRUPT_EVERY;
	EdiDeriveInit(&binder->derive, builder, arena,
				  SpanEqualCString(EdiCurrent(reader)->type, "810"));
	if (SpanEqualCString(EdiCurrent(reader)->type, "TA1"))
		binder->derive.number = EdiCurrent(reader)->reference;
	VectorInit(&binder->candidates, reader->body, sizeof(EdiCandidate));
	binder->held = ArenaAllocZero(reader->body, reader->segments.count * sizeof(uint32_t));
	binder->extra = ArenaAllocZero(reader->body, reader->segments.count);
	SetProvenance(reader, sha256, builder);
	if (binder->held == NULL || binder->extra == NULL ||
		!EdiLevelsOpen(&binder->levels, reader, arena))
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory binding a document");
	BindSegments(binder);
	for (uint32_t i = 0; i < binder->candidates.count && binder->status == CLEX_OK; i++)
		if (VectorAt(&binder->candidates, EdiCandidate, i).rule != NULL)
			AddTerm(binder, &VectorAt(&binder->candidates, EdiCandidate, i));
	EdiDeriveEnd(&binder->derive);
	EdiLevelsEnd(&binder->levels, builder);
	EdiBindRest(binder);
	if (binder->status == CLEX_INTERRUPTED)
		return ClexFail(error, CLEX_INTERRUPTED, "canceled");
	if (binder->status != CLEX_OK)
		return ClexFail(error, binder->status, "out of memory binding a document");
	return CLEX_OK;
}
