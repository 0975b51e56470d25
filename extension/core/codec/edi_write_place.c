/*
 * edi_write_place.c
 *		From terms to places: the instances of groups and segments that a document needs.
 *
 * A rule says which groups lie around its segment and what their triggers hold.  On the way down each
 * group is found or made: that of an instance of a business group belongs to it alone, others are shared
 * by all terms whose conditions they meet.
 */
#include "core/codec/edi_writer.h"

#define MAX_LEVELS 8
#define MAX_PLACES 8 /* of one term, as the table has them */

/* One value on its way to its place. */
typedef struct Placing
{
	const EdiRule *rule;
	uint32_t node;
	uint16_t at;
	uint16_t levels[MAX_LEVELS + 1]; /* groups around it, the innermost at 1 */
	uint8_t depth;
	uint32_t owners[EDI_SCOPES]; /* instances of business groups, the innermost first */
	Span qualifier;				 /* of a pair */
	Span text;
} Placing;

/* ---- conditions ---- */

static const EdiCondition *
ConditionAt(const EdiRule *rule, unsigned i)
{
	return &ClexEdiConditions[rule->first_condition + i];
}

static bool
IsListed(const EdiCondition *condition, Span text)
{
	for (uint8_t i = 0; i < condition->value_count; i++)
		if (SpanEqual(text, ClexEdiBindValues[condition->first_value + i]))
			return true;
	return false;
}

/* Does the value itself stand where the condition looks? */
static bool
IsOwnPlace(const EdiRule *rule, const EdiCondition *condition)
{
	return condition->up == 0 && rule->pair == 0 && condition->element == rule->element &&
		   condition->component == rule->component;
}

/*
 * The value written for a condition: the first; where another would come before it, the last, unless an extra
 * says that one, since then the terms came from another.
 */
static Span
Choice(const EdiWriter *w, const EdiCondition *condition, EdiTag tag)
{
	const Span *values = &ClexEdiBindValues[condition->first_value];
	Span last = values[condition->value_count - 1];

	return (condition->flags & EDI_CONDITION_BEST) &&
				   !EdiExtraSays(w, tag, condition->element, condition->component, last)
			   ? last
			   : values[0];
}

/* Can a segment meet the conditions of a level, with what it has? */
static bool
Meets(const EdiWriter *w, const Placing *p, const EdiPut *put, uint8_t up)
{
	for (unsigned i = 0; i < p->rule->condition_count; i++)
	{
		const EdiCondition *c = ConditionAt(p->rule, i);
		const EdiCell *cell;

		if (c->up != up || IsOwnPlace(p->rule, c))
			continue;
		cell = EdiCellFind(w, put, c->element, c->component);
		if (cell == NULL)
			continue;
		if ((c->flags & EDI_CONDITION_EMPTY) ||
			((c->flags & EDI_CONDITION_NOT) && IsListed(c, cell->text)) ||
			((c->flags & EDI_CONDITION_BEST) &&
			 !SpanEqual(cell->text, Choice(w, c, EdiWriterNode(w, put->at)->tag))) ||
			(!(c->flags & EDI_CONDITION_NOT) && !IsListed(c, cell->text)))
			return false;
	}
	return true;
}

/* A value that a condition does not exclude, of those that say nothing there; empty: none. */
static Span
Neutral(const EdiWriter *w, const EdiCondition *condition, EdiTag tag)
{
	for (uint32_t k = 0; k < ClexEdiConstantCount; k++)
	{
		const EdiConstant *fact = &ClexEdiConstants[k];

		if (fact->family != w->family || fact->tag != tag || fact->element != condition->element ||
			fact->component != condition->component)
			continue;
		for (uint8_t i = 0; i < fact->value_count; i++)
			if (!IsListed(condition, ClexEdiBindValues[fact->first_value + i]))
				return ClexEdiBindValues[fact->first_value + i];
	}
	return SpanOf("", 0);
}

/* Make a segment meet them. */
static void
Establish(EdiWriter *w, const Placing *p, uint32_t put, uint8_t up)
{
	for (unsigned i = 0; i < p->rule->condition_count && w->status == CLEX_OK; i++)
	{
		const EdiCondition *c = ConditionAt(p->rule, i);
		EdiTag tag = EdiWriterNode(w, EdiPutAt(w, put)->at)->tag;
		Span value;

		if (c->up != up || IsOwnPlace(p->rule, c) || (c->flags & EDI_CONDITION_EMPTY) ||
			EdiCellFind(w, EdiPutAt(w, put), c->element, c->component) != NULL)
			continue;
		value = c->flags & EDI_CONDITION_NOT ? Neutral(w, c, tag) : Choice(w, c, tag);
		if (value.length > 0)
			EdiCellSet(w, put, c->element, c->component, value, 0);
		if (value.length > 0 && (c->flags & EDI_CONDITION_NOT) && w->status == CLEX_OK)
			EdiCellAt(w, w->cells.count - 1)->blank = true;
	}
}

/* The first pair of a segment that is free, or -1; one value of a term with schemes in each. */
static int
FreePair(const EdiWriter *w, const Placing *p, const EdiPut *put)
{
	const EdiPairs *pairs = &ClexEdiPairs[p->rule->pair - 1];

	for (uint32_t i = put->first; i != EDI_NONE; i = EdiCellAt(w, i)->next)
		if (EdiCellAt(w, i)->node != 0 &&
			ViewNode(w->job->document, EdiCellAt(w, i)->node).term == p->rule->term)
			return -1;
	for (unsigned i = 0; i < pairs->count; i++)
		if (EdiCellFind(w, put, pairs->value_element + i * pairs->step, pairs->value_component) ==
			NULL)
			return (int) i;
	return -1;
}

static bool
IsFree(const EdiWriter *w, const Placing *p, const EdiPut *put)
{
	if (p->rule->pair != 0)
		return FreePair(w, p, put) >= 0;
	for (unsigned c = p->rule->component; c <= p->rule->last; c++)
		if (EdiCellFind(w, put, p->rule->element, c) != NULL)
			return false;
	return true;
}

/* Does the value stand where a condition allows only some? */
static bool
IsAllowed(const Placing *p)
{
	for (unsigned i = 0; i < p->rule->condition_count; i++)
	{
		const EdiCondition *c = ConditionAt(p->rule, i);

		if (IsOwnPlace(p->rule, c) && IsListed(c, p->text) != !(c->flags & EDI_CONDITION_NOT))
			return false;
	}
	return true;
}

static bool
NeedsEmpty(const EdiRule *rule)
{
	for (unsigned i = 0; i < rule->condition_count; i++)
		if (ConditionAt(rule, i)->flags & EDI_CONDITION_EMPTY)
			return true;
	return false;
}

/* ---- finding a place ---- */

/* The instance of a business group that owns a level, 0 if none. */
static uint32_t
OwnerOf(const Placing *p, uint8_t level)
{
	/* of two that begin together the outer one */
	for (uint8_t i = p->rule->scope_count; i > 0; i--)
		if (p->rule->scopes[i - 1] == level)
			return p->owners[i - 1];
	return 0;
}

/* Is the segment the trigger of its innermost group? */
static bool
IsTrigger(const Placing *p)
{
	return p->depth > 0 && p->at == p->levels[1] + 1;
}

/* The line that a value belongs to, 0: none. */
static uint32_t
LineOf(const EdiWriter *w, const Placing *p)
{
	for (uint8_t i = 0; i < p->rule->scope_count; i++)
		if (p->owners[i] != 0 && ViewNode(w->job->document, p->owners[i]).term == TERM_BG_25)
			return p->owners[i];
	return 0;
}

/* The group of a level within another, found or made. */
static uint32_t
FindNest(EdiWriter *w, const Placing *p, uint32_t parent, uint8_t level)
{
	uint32_t owner = OwnerOf(p, level);
	bool at_value = level == 1 && IsTrigger(p);
	uint32_t nest;

	if (owner != 0 && w->nest_of[owner] != 0)
	{
		const EdiNest *n = EdiNestAt(w, w->nest_of[owner]);

		return n->parent == parent && n->at == p->levels[level] &&
					   Meets(w, p, EdiPutAt(w, n->first_put), level)
				   ? w->nest_of[owner]
				   : EDI_NONE;
	}
	nest = owner != 0 ? EDI_NONE : EdiUnitOf(w, p->levels[level], LineOf(w, p));
	if (nest != EDI_NONE && Meets(w, p, EdiPutAt(w, EdiNestAt(w, nest)->first_put), level))
		return nest;
	for (nest = EdiNestAt(w, parent)->first_nest; owner == 0 && nest != EDI_NONE;
		 nest = EdiNestAt(w, nest)->next)
	{
		const EdiNest *n = EdiNestAt(w, nest);
		const EdiPut *trigger = EdiPutAt(w, n->first_put);

		if (n->at == p->levels[level] && !n->owned && Meets(w, p, trigger, level) &&
			(!at_value || (Meets(w, p, trigger, 0) && IsFree(w, p, trigger))))
			return nest;
	}
	if (!EdiHasRoom(w, parent, p->levels[level]))
		return EDI_NONE;
	nest = EdiAddNest(w, parent, p->levels[level], owner != 0);
	if (nest != EDI_NONE && owner != 0)
		w->nest_of[owner] = nest;
	return nest;
}

/* The segment, found or made. */
static uint32_t
FindPut(EdiWriter *w, const Placing *p, uint32_t nest)
{
	uint32_t owner = OwnerOf(p, 0);
	bool alone = NeedsEmpty(p->rule);
	uint32_t put = owner != 0 ? w->put_of[owner] : 0;

	if (IsTrigger(p))
	{
		put = EdiNestAt(w, nest)->first_put;
		return Meets(w, p, EdiPutAt(w, put), 0) && IsFree(w, p, EdiPutAt(w, put)) ? put : EDI_NONE;
	}
	if (put != 0)
		return EdiPutAt(w, put - 1)->at == p->at && Meets(w, p, EdiPutAt(w, put - 1), 0) &&
					   IsFree(w, p, EdiPutAt(w, put - 1))
				   ? put - 1
				   : EDI_NONE;
	for (put = EdiNestAt(w, nest)->first_put; owner == 0 && !alone && put != EDI_NONE;
		 put = EdiPutAt(w, put)->next)
		if (EdiPutAt(w, put)->at == p->at && !EdiPutAt(w, put)->owned &&
			Meets(w, p, EdiPutAt(w, put), 0) && IsFree(w, p, EdiPutAt(w, put)))
			return put;
	if (!EdiHasRoom(w, nest, p->at))
		return EDI_NONE;
	put = EdiAddPut(w, nest, p->at, owner != 0 || alone);
	if (put != EDI_NONE && owner != 0)
		w->put_of[owner] = put + 1;
	return put;
}

static uint32_t
FindPlace(EdiWriter *w, const Placing *p)
{
	uint32_t nest = 0;
	uint32_t put;

	for (uint8_t level = p->depth; level > 0; level--)
	{
		nest = FindNest(w, p, nest, level);
		if (nest == EDI_NONE)
			return EDI_NONE;
		Establish(w, p, EdiNestAt(w, nest)->first_put, level);
	}
	put = FindPut(w, p, nest);
	if (put != EDI_NONE)
		Establish(w, p, put, 0);
	return put;
}

/* ---- values ---- */

/* A text over several components: lines where they are wide, else pieces that run on. */
static WriteFate
PutText(EdiWriter *w, const Placing *p, uint32_t put, size_t full)
{
	Span rest = p->text;
	unsigned component = p->rule->component;

	while (rest.length > 0 && component <= p->rule->last)
	{
		const char *end = full > 35 ? memchr(rest.data, '\n', rest.length) : NULL;
		Span line = end == NULL ? rest : SpanOf(rest.data, (size_t) (end - rest.data));
		Span piece = EdiFirstCharacters(line, full);
		size_t used = piece.length + (piece.length == line.length && end != NULL);

		if (piece.length > 0)
			EdiCellSet(w, put, p->rule->element, component++, piece, p->node);
		rest = SpanOf(rest.data + used, rest.length - used);
	}
	return rest.length > 0 ? FATE_CUT : FATE_SAID;
}

/* A value that may be cut is one that a human reads. */
static bool
MayBeCut(TermId term)
{
	return strcmp(ClexTerms[term].kind, "Text") == 0;
}

/* Which qualifier goes with the value of a pair; false if there is none. */
static bool
ChooseQualifier(EdiWriter *w, Placing *p)
{
	const EdiRule *rule = p->rule;
	TermId term = TermChild(rule->term, SPAN_LITERAL("scheme"));
	uint32_t count;
	uint32_t node;

	p->qualifier = ClexEdiBindValues[rule->first_value];
	if (rule->convert == EDI_ITEM)
		p->qualifier = EdiItemQualifier(rule, p->text);
	if (rule->convert != EDI_CLASS || term == TERM_NONE)
		return true;
	node = ViewFind(w->job->document, p->node, term, &count);
	if (node == 0)
		return false;
	for (uint8_t i = 0; i < rule->value_count; i++)
		if (SpanEqual(ClexEdiBindValues[rule->first_value + i],
					  ViewNode(w->job->document, node).value))
		{
			p->qualifier = ClexEdiBindValues[rule->first_value + i];
			return true;
		}
	return false;
}

/* Where the value of a rule stands, for its length; of pairs the first. */
static const EdiElementFact *
TargetFact(const EdiWriter *w, const Placing *p)
{
	EdiTag tag = EdiWriterNode(w, p->at)->tag;

	if (p->rule->pair != 0)
		return EdiElementFind(w, tag, ClexEdiPairs[p->rule->pair - 1].value_element,
							  ClexEdiPairs[p->rule->pair - 1].value_component);
	return EdiElementFind(w, tag, p->rule->element, p->rule->component);
}

/* Write a pair into the first free one of a segment. */
static void
PutPair(EdiWriter *w, const Placing *p, uint32_t put)
{
	const EdiPairs *pairs = &ClexEdiPairs[p->rule->pair - 1];
	unsigned shift = (unsigned) FreePair(w, p, EdiPutAt(w, put)) * pairs->step;

	EdiCellSet(w, put, pairs->qualifier_element + shift, pairs->qualifier_component, p->qualifier,
			   0);
	EdiCellSet(w, put, pairs->value_element + shift, pairs->value_component, p->text, p->node);
}

/* Try one rule. */
static WriteFate
TrySpot(EdiWriter *w, Placing *p)
{
	WriteFate fate;
	const EdiElementFact *fact = TargetFact(w, p);
	bool runs_on = p->rule->last > p->rule->component;
	uint32_t put;

	p->text = EdiSpell(w, p->rule, p->node, &fate);
	if (fact == NULL)
		return FATE_UNSAID;
	if (p->text.data == NULL)
		return fate;
	if (p->rule->pair != 0 && !ChooseQualifier(w, p))
		return FATE_CODE;
	if (!runs_on && !EdiFits(fact, p->text) && fact->type == EDI_TYPE_ANY && fact->max > 0 &&
		EdiCharacters(p->text) > fact->max)
	{
		if (!MayBeCut(p->rule->term))
			return strcmp(ClexTerms[p->rule->term].kind, "Code") == 0 ? FATE_CODE : FATE_LENGTH;
		p->text = EdiFirstCharacters(p->text, fact->max);
		fate = FATE_CUT;
	}
	if ((!runs_on && !EdiFits(fact, p->text)) || !IsAllowed(p))
		return FATE_CODE;
	put = FindPlace(w, p);
	if (put == EDI_NONE)
		return FATE_NO_ROOM;
	if (p->rule->pair != 0)
		PutPair(w, p, put);
	else if (runs_on)
		fate = PutText(w, p, put, fact->max);
	else
		EdiCellSet(w, put, p->rule->element, p->rule->component, p->text, p->node);
	if (p->rule->convert == EDI_PARTY)
		EdiPutScheme(w, put, p->node);
	if (p->rule->convert == EDI_DATE)
		EdiPutDateFormat(w, put, p->rule, p->text);
	return fate;
}

/* The groups around the node of a rule, and the instances around a node of the document. */
static void
Prepare(const EdiWriter *w, Placing *p, const EdiSpot *spot, uint32_t node)
{
	const DocumentView *view = w->job->document;
	uint8_t owners = 0;

	*p = (Placing){.rule = spot->rule, .node = node, .at = spot->at};
	for (uint16_t g = EdiWriterNode(w, spot->at)->parent; g != 0 && p->depth < MAX_LEVELS;
		 g = EdiWriterNode(w, g)->parent)
		p->levels[++p->depth] = g;
	for (uint32_t n = ViewNode(view, node).parent; n != 0 && owners < EDI_SCOPES;
		 n = ViewNode(view, n).parent)
		if (ClexTerms[ViewNode(view, n).term].max != 1)
			p->owners[owners++] = n;
}

/*
 * A term that repeats without a group of its own has one place, but for pairs and for segments that repeat
 * without beginning a group.
 */
static bool
IsSecond(const EdiWriter *w, const Placing *p, const DocumentNode *n)
{
	return n->ordinal > 1 && p->rule->pair == 0 && w->placed_term == n->term &&
		   w->placed_parent == n->parent && (IsTrigger(p) || EdiWriterNode(w, p->at)->max == 1);
}

/*
 * Is the node below a second instance of a group that the message has once, or once in the instance of the
 * group around it?
 */
static bool
IsBeyond(const EdiWriter *w, const Placing *p)
{
	for (uint8_t i = 0; i < p->rule->scope_count; i++)
	{
		uint8_t scope = p->rule->scopes[i];
		bool shared = i + 1 < p->rule->scope_count && p->rule->scopes[i + 1] == scope;

		if ((scope > p->depth || shared) && p->owners[i] != 0 &&
			ViewNode(w->job->document, p->owners[i]).ordinal > 1)
			return true;
	}
	return false;
}

static void
PlaceNode(EdiWriter *w, uint32_t node)
{
	DocumentNode n = ViewNode(w->job->document, node);
	WriteFate first = FATE_UNSAID;

	for (uint32_t i = w->first_spot[n.term]; i < w->first_spot[n.term + 1]; i++)
	{
		Placing p;
		WriteFate fate;

		Prepare(w, &p, &w->spots[i], node);
		fate = IsSecond(w, &p, &n) || IsBeyond(w, &p) ? FATE_NO_ROOM : TrySpot(w, &p);
		if (w->status != CLEX_OK)
			return;
		if (fate == FATE_SAID || fate == FATE_CUT)
		{
			w->job->fate[node] = (uint8_t) fate;
			w->placed_term = n.term;
			w->placed_parent = n.parent;
			return;
		}
		if (first == FATE_UNSAID)
			first = fate;
	}
	JobSay(w->job, node, first);
}

/* All below a node, in the order of the document. */
static void
PlaceBelow(EdiWriter *w, uint32_t node)
{
	for (uint32_t i = w->job->children[node]; i < w->job->children[node + 1]; i++)
	{
		if (w->status != CLEX_OK)
			return;
		if ((i & 4095) == 0 && ClexInterrupted(w->job->arena->env))
		{
			w->status = CLEX_INTERRUPTED;
			return;
		}
		if (!TermIsGroup(ViewNode(w->job->document, i).term))
		{
			PlaceNode(w, i);
			/* an attribute says nothing without its value */
			if (w->job->fate[i] != FATE_SAID && w->job->fate[i] != FATE_CUT)
				continue;
		}
		PlaceBelow(w, i);
	}
}

/* The rules of the message by term, those of the better places first. */
static bool
IndexRules(EdiWriter *w)
{
	uint16_t begin = ClexEdiRuleStart[w->message->first_node];
	uint16_t end = ClexEdiRuleStart[w->message->first_node + w->message->node_count];
	uint32_t counts[TERM_COUNT] = {0};
	uint32_t count = 0;

	w->spots = ArenaAllocArray(w->job->arena, (size_t) (end - begin) + 1, sizeof(EdiSpot));
	if (w->spots == NULL)
		return false;
	for (uint16_t r = begin; r < end; r++)
		counts[ClexEdiRules[r].term]++;
	for (uint32_t term = 0; term < TERM_COUNT; term++)
	{
		w->first_spot[term] = count;
		count += counts[term];
		counts[term] = w->first_spot[term];
	}
	for (unsigned rank = 0; rank < MAX_PLACES; rank++)
		for (uint16_t at = 0; at < w->message->node_count; at++)
			for (uint16_t r = ClexEdiRuleStart[w->message->first_node + at];
				 r < ClexEdiRuleStart[w->message->first_node + at + 1]; r++)
				if (ClexEdiRules[r].rank == rank)
					w->spots[counts[ClexEdiRules[r].term]++] = (EdiSpot){&ClexEdiRules[r], at};
	w->first_spot[TERM_COUNT] = count;
	return true;
}

void
EdiPlaceTerms(EdiWriter *w)
{
	size_t nodes = (size_t) w->job->document->node_count + 1;

	VectorInit(&w->cells, w->job->arena, sizeof(EdiCell));
	VectorInit(&w->puts, w->job->arena, sizeof(EdiPut));
	VectorInit(&w->nests, w->job->arena, sizeof(EdiNest));
	w->nest_of = ArenaAllocZero(w->job->arena, nodes * sizeof(uint32_t));
	w->put_of = ArenaAllocZero(w->job->arena, nodes * sizeof(uint32_t));
	if (w->nest_of == NULL || w->put_of == NULL || !IndexRules(w) ||
		EdiAddNest(w, 0, 0, false) == EDI_NONE)
		w->status = CLEX_NO_MEMORY;
	if (w->status == CLEX_OK)
		EdiPlaceUnits(w);
	if (w->status == CLEX_OK)
		PlaceBelow(w, 0);
}
