/*
 * bind.c
 *		The table-driven walk from a source tree to a semantic document.
 *
 * Groups are made when their first term comes.  For each term the newest node and the parent it was
 * added to are remembered: a group is still open if its parent is the newest node of its own parent
 * term, all the way up, so beginning a new invoice line closes everything inside the old one without
 * touching it.
 */
#include "core/codec/bind_order.h"
#include "core/codec/bind_parts.h"

static void BindChildren(Binder *binder, uint32_t node, const BindState *state);

/* The open node of a group, begun here if there is none. */
static uint32_t
OpenGroup(Binder *binder, TermId group, uint32_t source)
{
	Newest *newest = &binder->newest[group];
	uint32_t parent;

	if (group == TERM_NONE)
		return 0;
	parent = OpenGroup(binder, ClexTerms[group].parent, source);
	if (newest->handle == 0 || newest->parent != parent)
	{
		newest->handle = DocumentAdd(binder->builder, parent, group, (Span){NULL, 0}, source);
		newest->parent = parent;
		newest->source = source;
	}
	return newest->handle;
}

/*
 * Find the node a term belongs under.  A term that qualifies another one belongs to the value that was
 * read from the same element, or from a sibling in CII, from a sibling of the element around (ext) in
 * GOBL; false if there is none.
 */
static bool
FindParent(Binder *binder, TermId term, uint32_t source, uint32_t *parent)
{
	const Tree *tree = binder->tree;
	TermId above = ClexTerms[term].parent;
	const Newest *value = &binder->newest[above];
	uint32_t element = TreeAt(tree, source)->parent;

	if (TermIsGroup(above))
	{
		*parent = OpenGroup(binder, above, source);
		return true;
	}
	*parent = value->handle;
	return value->handle != 0 &&
		   (value->source == element || TreeAt(tree, value->source)->parent == element ||
			(binder->root->name == NAME_gobl &&
			 TreeAt(tree, value->source)->parent == TreeAt(tree, element)->parent));
}

/* Keep a node that qualifies a value of the same element until that value has come. */
static bool
Defer(Binder *binder, const BindState *state, uint32_t node)
{
	uint32_t *kept;

	if (binder->retrying || TermIsGroup(ClexTerms[state->term].parent) ||
		TreeIsAttribute(binder->tree, node) || (kept = VectorPush(&binder->deferred)) == NULL)
		return false;
	*kept = node;
	return true;
}

/* A leaf says nothing beside the terms. */
static void
NoteConstant(Binder *binder, uint32_t node)
{
	uint32_t *constant = VectorPush(&binder->constants);

	binder->counts.constants++;
	if (constant == NULL)
		binder->status = CLEX_NO_MEMORY;
	else
		*constant = node;
}

/* A leaf that is a term: false if it is no leaf, or one more than the term allows. */
static bool
BindTerm(Binder *binder, const BindState *state, const BindBranch *branch, uint32_t node)
{
	const Newest *newest = &binder->newest[state->term];
	uint32_t parent;

	if (HasElements(binder->tree, node) || !BindTestsHold(binder, branch, node))
		return false;
	if (state->group != TERM_NONE)
		binder->newest[state->group].handle = 0;
	if (!FindParent(binder, state->term, node, &parent))
		return Defer(binder, state, node);
	if (ClexTerms[state->term].max == 1 && newest->handle != 0 && newest->parent == parent)
	{
		if (!(state->flags & BIND_REPEAT) ||
			!SpanEqual(TreeText(binder->tree, newest->source), TreeText(binder->tree, node)))
			return false;
		NoteConstant(binder, node);
	}
	else
		BindAddTerm(binder, state, parent, node);
	BindChildren(binder, node, state);
	return true;
}

/* Is the value that a leaf begins there, and can the two be told apart again? */
static bool
BeginsTerm(const Binder *binder, uint16_t tail, uint32_t node)
{
	uint32_t parent = TreeAt(binder->tree, node)->parent;

	return TreeChild(binder->tree, parent, ClexPlanStates[tail].name) != 0 &&
		   (ClexBindStates[tail].converter != CONVERT_PHONE || PhoneJoins(binder->tree, parent));
}

/* A leaf that has one possible value: false if it has another. */
static bool
BindConstantLeaf(Binder *binder, const BindState *state, uint32_t node)
{
	Span text = TreeText(binder->tree, node);
	bool good = false;

	if (HasElements(binder->tree, node))
		return false;
	switch ((BindConstant) state->constant)
	{
		case CONSTANT_NONE:
			break;
		case CONSTANT_VALUE:
			good = SpanEqual(text, state->value);
			break;
		case CONSTANT_BOOLEAN:
			good = BindIsBoolean(SpanTrim(text), SpanEqualCString(state->value, "true"));
			break;
		case CONSTANT_CURRENCY:
			good = SpanEqual(text, binder->currency);
			break;
		case CONSTANT_ANY:
			good = true;
			break;
		case CONSTANT_HEAD:
			good = BeginsTerm(binder, ClexPlanStates[state - ClexBindStates].tail, node);
			break;
	}
	if (!good)
		return false;
	NoteConstant(binder, node);
	BindChildren(binder, node, state);
	return true;
}

/* Constants from `first` on are extras. */
static void
KeepAll(Binder *binder, uint32_t first)
{
	for (uint32_t i = first; i < binder->constants.count && binder->status == CLEX_OK; i++)
	{
		uint32_t node = VectorAt(&binder->constants, uint32_t, i);

		binder->counts.constants--;
		BindAddExtra(binder, node, (Span){NULL, 0}, TreeText(binder->tree, node));
	}
	binder->constants.count = first;
}

/*
 * Constants and repetitions say nothing beside terms.  In an element that has none, but extras, they are
 * extras too: nothing else tells that they were there.
 */
static void
KeepConstants(Binder *binder, const BindCounts *before, uint32_t first)
{
	if (binder->counts.terms == before->terms && binder->counts.extras > before->extras)
		KeepAll(binder, first);
}

/* The group of an element begins with it: false if it is a second one of a single group. */
static bool
EnterGroup(Binder *binder, const BindState *state, uint32_t node)
{
	uint32_t *entered = &binder->entered[state - ClexBindStates - binder->root->first_state];

	if (state->group != TERM_NONE && ClexTerms[state->group].max == 1)
	{
		if (*entered == binder->scope)
			return false;
		*entered = binder->scope;
	}
	else if (state->group != TERM_NONE)
	{
		binder->newest[state->group].handle = 0;
		binder->scope = node + 1;
	}
	return true;
}

/* An element without others, whose attributes say something: false if they do not. */
static bool
BindAttributes(Binder *binder, const BindState *state, const BindBranch *branch, uint32_t node)
{
	uint32_t scope = binder->scope;
	uint32_t terms = binder->counts.terms;
	uint32_t first = binder->constants.count;
	Span text = TreeText(binder->tree, node);

	if (!BindTestsHold(binder, branch, node) || !EnterGroup(binder, state, node))
		return false;
	BindChildren(binder, node, state);
	if (binder->counts.terms == terms)
		KeepAll(binder, first);
	if (binder->counts.terms == terms || !IsBlank(text))
		BindAddExtra(binder, node, (Span){NULL, 0}, text);
	else
		binder->counts.constants++;
	binder->scope = scope;
	return true;
}

/* An element that holds others: false if it is empty, or a second one of a single group. */
static bool
BindContainer(Binder *binder, const BindState *state, const BindBranch *branch, uint32_t node)
{
	uint32_t scope = binder->scope;
	BindCounts before = binder->counts;
	uint32_t first = binder->constants.count;

	if (!HasElements(binder->tree, node) && (state->flags & BIND_ATTRIBUTES))
		return BindAttributes(binder, state, branch, node);
	if (!HasElements(binder->tree, node))
	{
		if (!(state->flags & BIND_MAY_BE_EMPTY) || !IsBlank(TreeText(binder->tree, node)) ||
			!BindTestsHold(binder, branch, node))
			return false;
		binder->counts.constants++;
		BindChildren(binder, node, state);
		return true;
	}
	if (!BindTestsHold(binder, branch, node) || !EnterGroup(binder, state, node))
		return false;
	BindChildren(binder, node, state);
	if (!(ClexPlanStates[state - ClexBindStates].flags & PLAN_CONSTANT))
		KeepConstants(binder, &before, first);
	binder->scope = scope;
	return true;
}

/* ---- the walk ---- */

static const BindEdge *
FindEdge(const BindState *state, NameId name)
{
	const BindEdge *low = &ClexBindEdges[state->first_edge];
	uint32_t count = state->edge_count;

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

/* Offer a node to the branches its name leads to; what none accepts is an extra. */
static void
BindNode(Binder *binder, uint32_t node, const BindState *from)
{
	const BindEdge *edge = FindEdge(from, TreeAt(binder->tree, node)->name);

	for (uint16_t i = 0; edge != NULL && i < edge->branch_count; i++)
	{
		const BindBranch *branch = &ClexBindBranches[edge->first_branch + i];
		const BindState *state = &ClexBindStates[branch->state];
		bool accepted = false;

		switch ((BindKind) state->kind)
		{
			case BIND_TERM:
				accepted = BindTerm(binder, state, branch, node);
				break;
			case BIND_CONSTANT:
				accepted = BindConstantLeaf(binder, state, node);
				break;
			case BIND_CONTAINER:
				accepted = BindContainer(binder, state, branch, node);
				break;
		}
		if (accepted)
			return;
	}
	BindAddExtras(binder, node);
}

/* Nodes that came before the value they qualify; what finds none is an extra. */
static void
BindDeferred(Binder *binder, const BindState *state, uint32_t first)
{
	bool retrying = binder->retrying;

	binder->retrying = true;
	for (uint32_t i = first; i < binder->deferred.count && binder->status == CLEX_OK; i++)
		BindNode(binder, VectorAt(&binder->deferred, uint32_t, i), state);
	binder->deferred.count = first;
	binder->retrying = retrying;
}

/* Is it another part of the file than the one that is bound? */
static bool
IsOtherPart(const Binder *binder, uint32_t node)
{
	return binder->part != 0 && node != binder->part &&
		   TreeAt(binder->tree, node)->parent == TreeAt(binder->tree, binder->part)->parent &&
		   TreeAt(binder->tree, node)->name == TreeAt(binder->tree, binder->part)->name;
}

static void
BindChildren(Binder *binder, uint32_t node, const BindState *state)
{
	const Tree *tree = binder->tree;
	uint32_t end = TreeAt(tree, node)->end;
	uint32_t first = binder->deferred.count;

	for (uint32_t i = node + 1; i < end && binder->status == CLEX_OK; i = TreeAt(tree, i)->end)
	{
		CountStep(binder);
		if (!IsOtherPart(binder, i))
			BindNode(binder, i, state);
	}
	if (binder->deferred.count > first)
		BindDeferred(binder, state, first);
	if (HasElements(tree, node))
		BindAddStrayText(binder, node);
}

/* The term that the root itself says. */
static void
AddRootTerm(Binder *binder)
{
	TermId term = binder->root->implied;

	if (term != TERM_NONE)
		DocumentAdd(binder->builder, OpenGroup(binder, ClexTerms[term].parent, 1), term,
					binder->root->implied_value, 1);
}

/*
 * A document that names its currency beside its amounts alone.  It comes behind all nodes of the tree; an
 * invoice without BT-5 stays one.
 */
static void
AddBorrowedCurrency(Binder *binder)
{
	TermId term = binder->root->currency;
	uint32_t behind = TreeCount(binder->tree) + 1;

	if (term == TERM_NONE || term == TERM_BT_5 || binder->currency.length == 0 ||
		binder->newest[term].handle != 0)
		return;
	DocumentAdd(binder->builder, OpenGroup(binder, ClexTerms[term].parent, behind), term,
				binder->currency, behind);
	BindNoteElsewhere(binder, term);
}

ClexStatus
BindTree(Tree *tree, const BindRoot *root, uint32_t part, Span currency, Arena *arena,
		 DocumentBuilder *builder, BindCounts *counts, ClexError *error)
{
	Binder *binder = ArenaAllocZero(arena, sizeof(Binder));

	if (binder != NULL)
	{
		binder->entered = ArenaAllocZero(arena, root->state_count * sizeof(uint32_t));
		binder->found = ArenaAllocZero(arena, (root->test_count + 1u) * sizeof(*binder->found));
	}
	if (binder == NULL || binder->entered == NULL || binder->found == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory binding a document");
	binder->root = root;
	binder->tree = tree;
	binder->builder = builder;
	binder->currency = currency;
	binder->interrupt_countdown = INTERRUPT_EVERY;
	binder->path_bytes = BIND_PATH_BYTES + (size_t) BIND_PATH_BYTES_PER_NODE * TreeCount(tree);
	binder->scope = 1;
	binder->part = part;
	TextInit(&binder->path, arena);
	TextInit(&binder->elsewhere, arena);
	VectorInit(&binder->extras, arena, sizeof(uint32_t));
	VectorInit(&binder->constants, arena, sizeof(uint32_t));
	VectorInit(&binder->deferred, arena, sizeof(uint32_t));
	AddRootTerm(binder);
	if (HasElements(tree, 1))
		BindChildren(binder, 1, &ClexBindStates[root->first_state]);
	else
		BindAddExtras(binder, 1);
	AddBorrowedCurrency(binder);
	if (binder->status == CLEX_OK && binder->extras.count > 0 &&
		!BindOrder(tree, &binder->extras, builder))
		binder->status = CLEX_NO_MEMORY;
	if (binder->elsewhere.length > 0)
		DocumentSetProvenance(builder, "elsewhere", TextSpan(&binder->elsewhere));
	if (binder->elsewhere.failed)
		binder->status = CLEX_NO_MEMORY;
	*counts = binder->counts;
	if (binder->status == CLEX_INTERRUPTED)
		return ClexFail(error, CLEX_INTERRUPTED, "canceled");
	if (binder->status == CLEX_LIMIT)
	{
		ClexFail(error, CLEX_LIMIT, "the locations of unknown elements take more than %zu bytes",
				 BIND_PATH_BYTES + (size_t) BIND_PATH_BYTES_PER_NODE * TreeCount(tree));
		ClexHint(error, "The names of these elements or of their namespaces are unusually long.");
		return CLEX_LIMIT;
	}
	if (binder->status != CLEX_OK)
		return ClexFail(error, binder->status, "out of memory binding a document");
	return CLEX_OK;
}
