/*
 * expr_path.c
 *		Walking paths over a flat tree.
 *
 * A path is walked depth first and hands each result to a visitor, so that existence tests and sums
 * need no node lists.  Only where a path may yield nodes out of order or twice are they collected,
 * sorted and made unique, and only steps with positional predicates look at their siblings first.
 */
#include "core/expr/expr_tree.h"

#include <stdlib.h>

typedef struct Walk
{
	Evaluator *evaluator;
	ItemVisitor visitor;
	void *state;
} Walk;

static bool WalkStep(Walk *walk, const Step *step, ExprItem from, uint32_t position, uint32_t last);
static bool WalkAxis(Walk *walk, const Step *step, uint32_t from);

/* Does a node pass a step's name test?  `attribute` is what the axis yields. */
static bool
TestNode(const Evaluator *evaluator, const Step *step, uint32_t node)
{
	const TreeNode *n = TreeAt(evaluator->tree, node);

	switch (step->test)
	{
		case TEST_NAME:
			return n->name == step->name;
		case TEST_ELEMENT:
			return n->name != NAME_NONE &&
				   ((n->flags & TREE_ATTRIBUTE) != 0) == (step->axis == AXIS_ATTRIBUTE);
		case TEST_PREFIX:
		{
			Span name = TreeName(evaluator->tree, node);

			return evaluator->vocabulary == VOCABULARY_SOURCE &&
				   name.length > step->prefix.length &&
				   memcmp(name.data, step->prefix.data, step->prefix.length) == 0;
		}
		case TEST_NODE:
			return (n->flags & TREE_ATTRIBUTE) == 0 || step->axis == AXIS_ATTRIBUTE ||
				   step->axis == AXIS_SELF;
		case TEST_TEXT:
			break;
	}
	return false;
}

/* After a predicate: in matching, one that cannot be evaluated does not hold. */
static bool
Recovered(Evaluator *evaluator, bool matching)
{
	evaluator->matching = matching;
	if (!matching || evaluator->status != CLEX_INVALID)
		return false;
	evaluator->status = CLEX_OK;
	evaluator->failed_node = 0;
	return true;
}

/* One predicate on one candidate; see Evaluator.matching for errors. */
static bool
PredicateHolds(Evaluator *evaluator, const Expr *predicate, ExprItem candidate)
{
	Focus focus = {candidate, 1, 1};
	bool matching = evaluator->matching;
	bool holds;

	evaluator->matching = false;
	holds = EvaluateCondition(evaluator, predicate, &focus);
	return !Recovered(evaluator, matching) && holds;
}

/* The predicates that need no position, on one candidate; then the next step. */
static bool
Pass(Walk *walk, const Step *step, ExprItem candidate)
{
	Evaluator *evaluator = walk->evaluator;

	for (uint16_t i = 0; i < step->predicate_count; i++)
		if (!PredicateHolds(evaluator, step->predicates[i], candidate) ||
			evaluator->status != CLEX_OK)
			return evaluator->status != CLEX_OK;
	if (step->next == NULL)
		return walk->visitor(walk->state, candidate);
	return WalkStep(walk, step->next, candidate, 1, 1);
}

/* The same for a node: from plain step to plain step. */
static bool
PassNode(Walk *walk, const Step *step, uint32_t node)
{
	ExprItem candidate = {.type = ITEM_NODE, .as.node = node};

	if (step->predicate_count > 0 || (step->next != NULL && !step->next->plain))
		return Pass(walk, step, candidate);
	if (step->next == NULL)
		return walk->visitor(walk->state, candidate);
	return !EvaluatorStep(walk->evaluator) || WalkAxis(walk, step->next, node);
}

/*
 * Children or attributes of one name: the innermost loop of most rules.  A name that few nodes have is
 * found faster by its chain than among the children.
 */
static bool
WalkNamedChildren(Walk *walk, const Step *step, uint32_t from)
{
	const Tree *tree = walk->evaluator->tree;
	const TreeNode *nodes = (const TreeNode *) (const void *) tree->nodes.data;
	uint32_t end = nodes[from].end;
	NameId name = step->name;

	if (TreeNamedCount(tree, name) * 4 < end - from)
	{
		for (uint32_t i = TreeFirstNamed(tree, name); i != 0 && i < end; i = nodes[i].next_same)
			if (!EvaluatorStep(walk->evaluator) ||
				(nodes[i].parent == from && PassNode(walk, step, i)))
				return true;
		return false;
	}
	for (uint32_t i = from + 1; i < end; i = nodes[i].end)
		if (!EvaluatorStep(walk->evaluator) || (nodes[i].name == name && PassNode(walk, step, i)))
			return true;
	return false;
}

/* All nodes of one name, in document order. */
static bool
WalkChain(Walk *walk, const Step *step, NameId name)
{
	const Tree *tree = walk->evaluator->tree;

	for (uint32_t i = TreeFirstNamed(tree, name); i != 0; i = TreeAt(tree, i)->next_same)
	{
		if (!EvaluatorStep(walk->evaluator) || PassNode(walk, step, i))
			return true;
	}
	return false;
}

/* The nodes of the names that pass the predicates on names, and those of names nobody tried. */
static bool
WalkNames(Walk *walk, const Step *step)
{
	Evaluator *evaluator = walk->evaluator;
	const Tree *tree = evaluator->tree;
	Step rest = *step;

	rest.predicates += step->name_predicates;
	rest.predicate_count -= step->name_predicates;
	for (uint32_t word = 0; word < TRAIT_NAMES / 64; word++)
	{
		uint64_t names = step->names[word];

		if (evaluator->present != NULL)
			names &= evaluator->present[word];
		for (; names != 0; names &= names - 1)
			if (WalkChain(walk, &rest, word * 64 + (NameId) __builtin_ctzll(names)))
				return true;
	}
	for (uint32_t i = 0; i < tree->own_names.count; i++)
	{
		NameId name = NAME_STATIC_COUNT + i;

		if (TestNode(evaluator, step, TreeFirstNamed(tree, name)) && WalkChain(walk, step, name))
			return true;
	}
	return evaluator->status != CLEX_OK;
}

/* All elements before a node that do not contain it, or all after its end; in document order. */
static bool
WalkAround(Walk *walk, const Step *step, uint32_t from)
{
	const Tree *tree = walk->evaluator->tree;
	bool before = step->axis == AXIS_PRECEDING;
	uint32_t end = before ? from : TreeAt(tree, 0)->end;

	for (uint32_t i = before ? 1 : TreeAt(tree, from)->end; i < end; i++)
	{
		if (!EvaluatorStep(walk->evaluator))
			return true;
		if ((!before || TreeAt(tree, i)->end <= from) && !TreeIsAttribute(tree, i) &&
			TestNode(walk->evaluator, step, i) && PassNode(walk, step, i))
			return true;
	}
	return false;
}

/* Candidates of an axis, in the order of the axis. */
static bool
WalkAxis(Walk *walk, const Step *step, uint32_t from)
{
	Evaluator *evaluator = walk->evaluator;
	const Tree *tree = evaluator->tree;
	const TreeNode *n = TreeAt(tree, from);

	switch (step->axis)
	{
		case AXIS_CHILD:
		case AXIS_ATTRIBUTE:
			if (step->test == TEST_NAME)
				return WalkNamedChildren(walk, step, from);
			for (uint32_t i = from + 1, end = n->end; i < end; i = TreeAt(tree, i)->end)
			{
				if (!EvaluatorStep(evaluator) ||
					(TestNode(evaluator, step, i) && PassNode(walk, step, i)))
					return true;
			}
			return false;
		case AXIS_DESCENDANT_OR_SELF:
			if (TestNode(evaluator, step, from) && PassNode(walk, step, from))
				return true;
			/* FALLTHROUGH */
		case AXIS_DESCENDANT:
			if (from == 0 && step->test == TEST_NAME)
				return WalkChain(walk, step, step->name);
			if (from == 0 && step->names != NULL)
				return WalkNames(walk, step);
			for (uint32_t i = from + 1, end = n->end; i < end; i++)
			{
				if (!EvaluatorStep(evaluator) ||
					(TestNode(evaluator, step, i) && PassNode(walk, step, i)))
					return true;
			}
			return false;
		case AXIS_SELF:
			return TestNode(evaluator, step, from) && PassNode(walk, step, from);
		case AXIS_PARENT:
			return from != 0 && TestNode(evaluator, step, n->parent) &&
				   PassNode(walk, step, n->parent);
		case AXIS_ANCESTOR_OR_SELF:
			if (TestNode(evaluator, step, from) && PassNode(walk, step, from))
				return true;
			/* FALLTHROUGH */
		case AXIS_ANCESTOR:
			for (uint32_t i = from; i != 0;)
			{
				i = TreeAt(tree, i)->parent;
				if (!EvaluatorStep(evaluator) ||
					(TestNode(evaluator, step, i) && PassNode(walk, step, i)))
					return true;
			}
			return false;
		case AXIS_FOLLOWING_SIBLING:
			if (from == 0 || (n->flags & TREE_ATTRIBUTE))
				return false;
			for (uint32_t i = n->end, end = TreeAt(tree, n->parent)->end; i < end;
				 i = TreeAt(tree, i)->end)
			{
				if (!EvaluatorStep(evaluator) ||
					(TestNode(evaluator, step, i) && PassNode(walk, step, i)))
					return true;
			}
			return false;
		case AXIS_PRECEDING_SIBLING:
			if (from == 0 || (n->flags & TREE_ATTRIBUTE))
				return false;
			for (uint32_t i = n->parent + 1; i < from; i = TreeAt(tree, i)->end)
			{
				if (!EvaluatorStep(evaluator) ||
					(!TreeIsAttribute(tree, i) && TestNode(evaluator, step, i) &&
					 PassNode(walk, step, i)))
					return true;
			}
			return false;
		case AXIS_FOLLOWING:
		case AXIS_PRECEDING:
			return WalkAround(walk, step, from);
		case AXIS_EXPRESSION:
			break;
	}
	return false;
}

/* "text()": the string value of an element that has text of its own. */
static bool
WalkText(Walk *walk, const Step *step, uint32_t from)
{
	Span text = TreeText(walk->evaluator->tree, from);
	ExprItem item = {.type = ITEM_UNTYPED, .as.text = text};

	if (text.length == 0 || (TreeAt(walk->evaluator->tree, from)->flags & TREE_HAS_ELEMENTS))
		return false;
	return Pass(walk, step, item);
}

static bool
CollectItem(void *state, ExprItem item)
{
	void **pair = state;

	SequenceAppend(pair[0], pair[1], item);
	return ((Evaluator *) pair[0])->status != CLEX_OK;
}

/* Keep of `sequence` what passes one predicate, numbers meaning positions. */
static void
FilterByPosition(Evaluator *evaluator, const Expr *predicate, Sequence *sequence)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < sequence->count && evaluator->status == CLEX_OK; i++)
	{
		Focus focus = {sequence->items[i], i + 1, sequence->count};
		Sequence value;
		bool matching = evaluator->matching;
		bool keep;

		evaluator->matching = false;
		SequenceInit(&value);
		Evaluate(evaluator, predicate, &focus, &value);
		if (value.count == 1 &&
			(value.items[0].type == ITEM_DECIMAL || value.items[0].type == ITEM_DOUBLE))
		{
			double number;

			keep = ItemToDouble(evaluator, value.items[0], &number) && number == i + 1;
		}
		else
			keep = EvaluateCondition(evaluator, predicate, &focus);
		if (!Recovered(evaluator, matching) && keep)
			sequence->items[kept++] = sequence->items[i];
	}
	sequence->count = kept;
}

/* The nearest sibling before a node is the first of its axis. */
static void
Reverse(Sequence *sequence)
{
	for (uint32_t i = 0, j = sequence->count; i + 1 < j; i++)
	{
		ExprItem item = sequence->items[i];

		sequence->items[i] = sequence->items[--j];
		sequence->items[j] = item;
	}
}

/* A step with positional predicates: collect its candidates from one node, filter, go on. */
static bool
WalkPositional(Walk *walk, const Step *step, ExprItem from, uint32_t position, uint32_t last)
{
	Evaluator *evaluator = walk->evaluator;
	Sequence candidates;
	void *pair[2] = {evaluator, &candidates};
	Step bare = *step;
	Walk collect = {evaluator, CollectItem, pair};
	Step rest = {.axis = AXIS_SELF, .test = TEST_NODE, .next = step->next};

	SequenceInit(&candidates);
	bare.predicate_count = 0;
	bare.positional = false;
	bare.next = NULL;
	WalkStep(&collect, &bare, from, position, last);
	if (step->axis == AXIS_PRECEDING_SIBLING)
		Reverse(&candidates);
	for (uint16_t i = 0; i < step->predicate_count; i++)
		FilterByPosition(evaluator, step->predicates[i], &candidates);
	for (uint32_t i = 0; i < candidates.count && evaluator->status == CLEX_OK; i++)
		if (Pass(walk, &rest, candidates.items[i]))
			return true;
	return evaluator->status != CLEX_OK;
}

/* Evaluate an expression with the node as context and go on from each item. */
static bool
WalkExpression(Walk *walk, const Step *step, ExprItem from, uint32_t position, uint32_t last)
{
	Evaluator *evaluator = walk->evaluator;
	Focus focus = {from, position, last};
	Sequence own;
	const Sequence *value = Borrow(evaluator, step->expression, &focus, &own);

	for (uint32_t i = 0; i < value->count && evaluator->status == CLEX_OK; i++)
	{
		if (step->next != NULL && value->items[i].type != ITEM_NODE)
			EvaluationFail(evaluator, CLEX_INVALID,
						   "a value is not a node that a path can go on from");
		else if (Pass(walk, step, value->items[i]))
			return true;
	}
	return evaluator->status != CLEX_OK;
}

/* "name[2]": count along the children, nothing is collected. */
static bool
WalkNth(Walk *walk, const Step *step, uint32_t from)
{
	const Tree *tree = walk->evaluator->tree;
	const TreeNode *nodes = (const TreeNode *) (const void *) tree->nodes.data;
	uint32_t end = nodes[from].end;
	uint16_t left = step->nth;

	for (uint32_t i = from + 1; i < end; i = nodes[i].end)
	{
		ExprItem item = {.type = ITEM_NODE, .as.node = i};

		if (nodes[i].name != step->name || --left > 0)
			continue;
		return step->next == NULL ? walk->visitor(walk->state, item)
								  : WalkStep(walk, step->next, item, 1, 1);
	}
	return false;
}

static bool
WalkStep(Walk *walk, const Step *step, ExprItem from, uint32_t position, uint32_t last)
{
	if (!EvaluatorStep(walk->evaluator))
		return true;
	if (step->plain && from.type == ITEM_NODE)
		return WalkAxis(walk, step, from.as.node);
	if (step->nth > 0 && from.type == ITEM_NODE)
		return WalkNth(walk, step, from.as.node);
	if (step->positional)
		return WalkPositional(walk, step, from, position, last);
	if (step->axis == AXIS_EXPRESSION)
		return WalkExpression(walk, step, from, position, last);
	if (from.type != ITEM_NODE)
	{
		if (step->axis == AXIS_SELF && step->test == TEST_NODE)
			return Pass(walk, step, from);
		EvaluationFail(walk->evaluator, CLEX_INVALID,
					   "a value is not a node that a path can start from");
		return true;
	}
	if (step->test == TEST_TEXT)
		return WalkText(walk, step, from.as.node);
	return WalkAxis(walk, step, from.as.node);
}

/* Named descendants along simple steps; see PathFind. */
static uint32_t
FindAlong(const Tree *tree, const Step *step, uint32_t from, uint32_t enough, uint32_t *first)
{
	const TreeNode *nodes = (const TreeNode *) (const void *) tree->nodes.data;
	uint32_t end = nodes[from].end;
	uint32_t found = 0;
	bool by_chain = TreeNamedCount(tree, step->name) * 4 < end - from;
	uint32_t i = by_chain ? TreeFirstNamed(tree, step->name) : from + 1;

	while (i < end && i != 0 && found < enough)
	{
		if (nodes[i].name == step->name && nodes[i].parent == from)
		{
			if (step->next != NULL)
				found += FindAlong(tree, step->next, i, enough - found,
								   found == 0 ? first : &(uint32_t){0});
			else if (found++ == 0)
				*first = i;
		}
		i = by_chain ? nodes[i].next_same : nodes[i].end;
	}
	return found;
}

uint32_t
PathFind(const Tree *tree, const Expr *path, const Focus *focus, uint32_t enough, uint32_t *first)
{
	if (path->start == START_ROOT)
		return FindAlong(tree, path->steps, 0, enough, first);
	if (focus->item.type != ITEM_NODE)
		return 0;
	return FindAlong(tree, path->steps, focus->item.as.node, enough, first);
}

bool
PathVisit(Evaluator *evaluator, const Expr *path, const Focus *focus, ItemVisitor visitor,
		  void *state)
{
	Walk walk = {evaluator, visitor, state};
	ExprItem root = {.type = ITEM_NODE, .as.node = 0};
	const Sequence *start;
	Sequence own;

	if (path->start == START_CONTEXT)
		return WalkStep(&walk, path->steps, focus->item, focus->position, focus->last);
	if (path->start == START_ROOT)
		return path->steps == NULL ? visitor(state, root)
								   : WalkStep(&walk, path->steps, root, 1, 1);
	start = Borrow(evaluator, path->start_expression, focus, &own);
	for (uint32_t i = 0; i < start->count && evaluator->status == CLEX_OK; i++)
		if (WalkStep(&walk, path->steps, start->items[i], i + 1, start->count))
			return true;
	return evaluator->status != CLEX_OK;
}

static int
CompareNodes(const void *a, const void *b)
{
	uint32_t x = ((const ExprItem *) a)->as.node;
	uint32_t y = ((const ExprItem *) b)->as.node;

	return (x > y) - (x < y);
}

void
SortNodes(Evaluator *evaluator, Sequence *sequence)
{
	uint32_t kept = 0;
	bool sorted = true;

	if (evaluator->status != CLEX_OK || sequence->count < 2)
		return;
	for (uint32_t i = 0; i < sequence->count; i++)
	{
		if (sequence->items[i].type != ITEM_NODE)
			return; /* values keep the order in which they were made */
		if (i > 0 && sequence->items[i].as.node <= sequence->items[i - 1].as.node)
			sorted = false;
	}
	if (sorted)
		return;
	qsort(sequence->items, sequence->count, sizeof(ExprItem), CompareNodes);
	for (uint32_t i = 0; i < sequence->count; i++)
		if (kept == 0 || sequence->items[kept - 1].as.node != sequence->items[i].as.node)
			sequence->items[kept++] = sequence->items[i];
	sequence->count = kept;
}

void
PathCollect(Evaluator *evaluator, const Expr *path, const Focus *focus, Sequence *out)
{
	void *pair[2] = {evaluator, out};

	PathVisit(evaluator, path, focus, CollectItem, pair);
	if (path->unordered)
		SortNodes(evaluator, out);
}
