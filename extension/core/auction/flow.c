/*
 * flow.c
 *		Minimum-cost flow to one sink by the network simplex method, in exact integers.
 *
 * The first tree needs no artificial arcs: every unit may go unfunded straight to the sink.  The
 * tree is kept strongly feasible (from every node something can still be sent to the sink), which
 * rules out cycling.  It is held as parent, child and sibling links, and the part that hangs on the
 * leaving arc is re-hung and re-priced.
 *
 * The entering arc is nearly the best one there is: every block of arcs remembers its best, the best
 * block wins a tournament and is looked at again before it is believed, and a few blocks are looked at
 * in turn for what the last pivots have made better.
 *
 * Most of a re-hung part would be leaves.  Sources, and what they alone lead to, are left out of their
 * parents' lists where their potential follows from the parent's: it is asked for when it is needed.
 */
#include "core/auction/flow.h"

/* In place of the previous sibling: a node that its parent does not list. */
#define UNLISTED (-2)

/* Arcs of a block, at least; blocks looked at in turn before every pivot. */
#define BLOCK_ARCS 300
#define TURNS 2

ClexStatus
FlowInit(Flow *f, Arena *arena, int32_t nodes, int32_t sources, int32_t inner, int32_t arcs)
{
	size_t n = (size_t) nodes + 1, m = (size_t) arcs + 1;

	memset(f, 0, sizeof(*f));
	f->arena = arena;
	f->nodes = nodes;
	f->sources = sources;
	f->inner = inner;
	f->arcs = arcs;
	f->from = ArenaAllocArray(arena, m, sizeof(int32_t));
	f->to = ArenaAllocArray(arena, m, sizeof(int32_t));
	f->cost = ArenaAllocArray(arena, m, sizeof(int64_t));
	f->capacity = ArenaAllocArray(arena, m, sizeof(int64_t));
	f->flow = ArenaAllocZero(arena, m * sizeof(int64_t));
	f->state = ArenaAllocArray(arena, m, 1);
	f->supply = ArenaAllocZero(arena, n * sizeof(int64_t));
	f->node = ArenaAllocZero(arena, n * sizeof(FlowNode));
	f->potential = ArenaAllocZero(arena, n * sizeof(int64_t));
	f->anchor = ArenaAllocArray(arena, n, sizeof(int32_t));
	return arena->exhausted ? CLEX_NO_MEMORY : CLEX_OK;
}

static inline int32_t
OtherEnd(const Flow *f, int32_t a, int32_t v)
{
	return f->from[a] == v ? f->to[a] : f->from[a];
}

static inline void
Link(Flow *f, int32_t v)
{
	int32_t p = f->node[v].parent;

	f->node[v].prev = -1;
	f->node[v].next = f->node[p].child;
	if (f->node[p].child >= 0)
		f->node[f->node[p].child].prev = v;
	f->node[p].child = v;
}

static inline void
Unlink(Flow *f, int32_t v)
{
	if (f->node[v].prev >= 0)
		f->node[f->node[v].prev].next = f->node[v].next;
	else
		f->node[f->node[v].parent].child = f->node[v].next;
	if (f->node[v].next >= 0)
		f->node[f->node[v].next].prev = f->node[v].prev;
}

/* Does the potential of a node without listed children follow from its parent's? */
static inline bool
Follows(const Flow *f, int32_t v)
{
	int32_t a = f->node[v].arc;

	return v < f->sources || (v < f->inner && f->from[a] == v && f->cost[a] == 0);
}

static inline void
Unlist(Flow *f, int32_t v)
{
	f->node[v].prev = UNLISTED;
	f->anchor[v] = f->node[v].parent;
}

/* Hang node v below its parent; who gets a first listed child is listed from now on. */
static inline void
Hang(Flow *f, int32_t v)
{
	int32_t p = f->node[v].parent;

	if (f->node[v].child < 0 && Follows(f, v))
	{
		Unlist(f, v);
		return;
	}
	f->anchor[v] = v;
	Link(f, v);
	for (; f->node[p].prev == UNLISTED; p = f->node[p].parent)
	{
		f->anchor[p] = p;
		Link(f, p);
	}
}

static inline void
Unhang(Flow *f, int32_t v)
{
	int32_t p = f->node[v].parent;

	if (f->node[v].prev == UNLISTED)
		return;
	Unlink(f, v);
	if (f->node[p].child < 0 && Follows(f, p))
	{
		Unlink(f, p);
		Unlist(f, p);
	}
}

/* The node after v in the depth-first order of the listed tree below root, or -1. */
static inline int32_t
Following(const Flow *f, int32_t v, int32_t root)
{
	if (f->node[v].child >= 0)
		return f->node[v].child;
	while (v != root)
	{
		if (f->node[v].next >= 0)
			return f->node[v].next;
		v = f->node[v].parent;
	}
	return -1;
}

/* What a node's potential and depth must be, given its parent's. */
static inline void
PriceNode(Flow *f, int32_t v)
{
	int32_t a = f->node[v].arc, p = f->node[v].parent;

	f->node[v].depth = f->node[p].depth + 1;
	f->potential[v] = f->potential[p] + (f->from[a] == v ? -f->cost[a] : f->cost[a]);
}

/* Depth and potential of an end of an arc, which may not be listed; nor may its parent then. */
static inline void
PriceEnd(Flow *f, int32_t v)
{
	if (f->node[v].prev != UNLISTED)
		return;
	if (f->node[f->node[v].parent].prev == UNLISTED)
		PriceNode(f, f->node[v].parent);
	PriceNode(f, v);
}

/* The same for all nodes. */
static void
PriceUnlisted(Flow *f)
{
	for (int32_t v = 0; v < f->inner; v++)
		PriceEnd(f, v);
}

/* Depths and potentials of the whole tree from its arcs' costs. */
static void
PriceTree(Flow *f)
{
	f->potential[f->nodes] = 0;
	f->node[f->nodes].depth = 0;
	for (int32_t v = f->node[f->nodes].child; v >= 0; v = Following(f, v, f->nodes))
		PriceNode(f, v);
	PriceUnlisted(f);
}

ClexStatus
FlowStart(Flow *f, ClexError *error)
{
	int32_t *order = ArenaAllocArray(f->arena, (size_t) f->nodes + 1, sizeof(int32_t));
	int32_t count = 0, unlisted;

	if (order == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while building the flow network");
	for (int32_t a = 0; a < f->arcs; a++)
		f->state[a] = f->flow[a] > 0 ? -1 : 1;
	for (int32_t v = 0; v <= f->nodes; v++)
	{
		f->node[v].child = f->node[v].next = f->node[v].prev = -1;
		f->node[v].parent = v < f->nodes ? OtherEnd(f, f->node[v].arc, v) : -1;
		f->anchor[v] = v;
	}
	for (int32_t v = f->nodes - 1; v >= 0; v--)
	{
		f->state[f->node[v].arc] = 0;
		Hang(f, v);
	}
	PriceTree(f);
	/* what is not listed, sources first; then the others from the leaves to the sink */
	for (int32_t v = 0; v < f->inner; v++)
		if (f->node[v].prev == UNLISTED)
			order[count++] = v;
	unlisted = count;
	for (int32_t v = Following(f, f->nodes, f->nodes); v >= 0; v = Following(f, v, f->nodes))
		order[count++] = v;
	for (int32_t i = 0, last = count; i < count; i++)
	{
		int32_t v = i < unlisted ? order[i] : order[--last], p = f->node[v].parent;

		f->flow[f->node[v].arc] += f->from[f->node[v].arc] == v ? f->supply[v] : -f->supply[v];
		if (p < f->nodes)
			f->supply[p] += f->supply[v];
	}
	return CLEX_OK;
}

/* Cut the arcs into blocks, where the tail changes. */
static ClexStatus
LayBlocks(Flow *f)
{
	int32_t count = 0, size = 0;

	if (f->blocks != NULL)
		return CLEX_OK;
	f->blocks = ArenaAllocArray(f->arena, (size_t) f->arcs / BLOCK_ARCS + 2, sizeof(FlowBlock));
	if (f->blocks == NULL)
		return CLEX_NO_MEMORY;
	for (int32_t a = 0; a < f->arcs; a++, size++)
		if (a == 0 || (size >= BLOCK_ARCS && f->from[a] != f->from[a - 1]))
		{
			f->blocks[count++].first = a;
			size = 0;
		}
	f->blocks[count].first = f->arcs;
	f->block_count = count;
	for (f->leaves = 1; f->leaves < count;)
		f->leaves *= 2;
	f->winner = ArenaAllocArray(f->arena, 2 * (size_t) f->leaves, sizeof(int64_t));
	return f->winner != NULL ? CLEX_OK : CLEX_NO_MEMORY;
}

/* Look at a block; the matches it plays are played again. */
static void
PriceBlock(Flow *f, int32_t b)
{
	int64_t best = 0, sent = 0; /* sent: potential of the tail */
	int32_t tail = -1, i = f->leaves + b;

	for (int32_t a = f->blocks[b].first; a < f->blocks[b + 1].first; a++)
	{
		int64_t rc;

		if (f->from[a] != tail)
		{
			tail = f->from[a];
			sent = f->potential[f->anchor[tail]];
			if (tail < f->sources)
				sent =
					f->potential[f->anchor[f->to[f->node[tail].arc]]] - f->cost[f->node[tail].arc];
		}
		rc = f->state[a] * (f->cost[a] + sent - f->potential[f->anchor[f->to[a]]]);
		if (rc < best)
		{
			best = rc;
			f->blocks[b].best = a;
		}
	}
	for (f->winner[i] = best; i > 1; i /= 2)
	{
		int64_t other = f->winner[i ^ 1], better = f->winner[i] < other ? f->winner[i] : other;

		if (f->winner[i / 2] == better)
			break;
		f->winner[i / 2] = better;
	}
}

/* The next arc to enter, or -1 at the optimum. */
static int32_t
FindEntering(Flow *f)
{
	int32_t idle = 0; /* blocks looked at in turn since the last that was worth it */

	if (f->block_count == 0)
		return -1;
	for (int32_t turns = 0; turns < TURNS || f->winner[1] == 0; turns++)
	{
		PriceBlock(f, f->turn);
		idle = f->winner[1] == 0 ? idle + 1 : 0;
		if (idle == f->block_count)
			return -1;
		f->turn = f->turn + 1 == f->block_count ? 0 : f->turn + 1;
	}
	for (;;)
	{
		int64_t claimed = f->winner[1];
		int32_t i = 1;

		if (claimed == 0)
			return FindEntering(f); /* what seemed worth it is not: on with the turn */
		while (i < f->leaves)
			i = f->winner[2 * i] == claimed ? 2 * i : 2 * i + 1;
		PriceBlock(f, i - f->leaves);
		if (f->winner[1] < 0 && f->winner[i] == f->winner[1])
			return f->blocks[i - f->leaves].best;
	}
}

static int32_t
FindJoin(const Flow *f, int32_t u, int32_t v)
{
	while (u != v)
	{
		if (f->node[u].depth >= f->node[v].depth)
			u = f->node[u].parent;
		else
			v = f->node[v].parent;
	}
	return u;
}

/* Push as much as fits round the cycle of arc a; *leaving is the node whose arc fills up, or -1. */
static void
PushCycle(Flow *f, int32_t a, int32_t first, int32_t second, int32_t join, int32_t *leaving,
		  bool *on_first)
{
	int64_t delta = f->capacity[a];

	*leaving = -1;
	/* of several blocking arcs the last one in the direction of the push keeps the tree strong */
	for (int32_t u = first; u != join; u = f->node[u].parent)
	{
		int32_t t = f->node[u].arc;
		int64_t room = f->from[t] == u ? f->flow[t] : f->capacity[t] - f->flow[t];

		if (room < delta)
		{
			delta = room;
			*leaving = u;
			*on_first = true;
		}
	}
	for (int32_t u = second; u != join; u = f->node[u].parent)
	{
		int32_t t = f->node[u].arc;
		int64_t room = f->from[t] == u ? f->capacity[t] - f->flow[t] : f->flow[t];

		if (room <= delta)
		{
			delta = room;
			*leaving = u;
			*on_first = false;
		}
	}
	if (delta == 0)
		return;
	f->flow[a] += f->state[a] * delta;
	for (int32_t u = first; u != join; u = f->node[u].parent)
		f->flow[f->node[u].arc] += f->from[f->node[u].arc] == u ? -delta : delta;
	for (int32_t u = second; u != join; u = f->node[u].parent)
		f->flow[f->node[u].arc] += f->from[f->node[u].arc] == u ? delta : -delta;
}

/* Take node `out`'s arc from the tree and hang what was below it, turned round, on arc a at `in`. */
static void
Rehang(Flow *f, int32_t a, int32_t in, int32_t out)
{
	int32_t to = OtherEnd(f, a, in);
	int32_t v = in, parent = to, arc = a;
	int64_t change;

	for (;;)
	{
		int32_t old_parent = f->node[v].parent, old_arc = f->node[v].arc;

		Unhang(f, v);
		f->node[v].parent = parent;
		f->node[v].arc = arc;
		Hang(f, v);
		if (v == out)
			break;
		parent = v;
		arc = old_arc;
		v = old_parent;
	}
	change = f->potential[to] + (f->from[a] == in ? -f->cost[a] : f->cost[a]) - f->potential[in];
	for (v = in; v >= 0; v = Following(f, v, in))
	{
		f->potential[v] += change;
		f->node[v].depth = f->node[f->node[v].parent].depth + 1;
	}
}

ClexStatus
FlowSolve(Flow *f, ClexError *error)
{
	if (LayBlocks(f) != CLEX_OK)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while solving the flow network");
	memset(f->winner, 0, 2 * (size_t) f->leaves * sizeof(int64_t));
	f->turn = 0;
	for (;;)
	{
		int32_t a = FindEntering(f);
		int32_t first, second, join, leaving;
		bool on_first = false;

		if (a < 0)
			break;
		PriceEnd(f, f->from[a]);
		PriceEnd(f, f->to[a]);
		if ((++f->pivots & 4095) == 0 && ClexInterrupted(f->arena->env))
			return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
		first = f->state[a] > 0 ? f->from[a] : f->to[a];
		second = f->state[a] > 0 ? f->to[a] : f->from[a];
		join = FindJoin(f, first, second);
		PushCycle(f, a, first, second, join, &leaving, &on_first);
		if (leaving < 0)
		{
			f->state[a] = (int8_t) -f->state[a];
			continue;
		}
		f->state[a] = 0;
		f->state[f->node[leaving].arc] = f->flow[f->node[leaving].arc] == 0 ? 1 : -1;
		Rehang(f, a, on_first ? first : second, leaving);
	}
	PriceUnlisted(f);
	return CLEX_OK;
}

void
FlowRefine(Flow *f, const int64_t *cost)
{
	for (int32_t a = 0; a < f->arcs; a++)
		if (FlowReducedCost(f, a) != 0)
			f->state[a] = 0;
	memcpy(f->cost, cost, (size_t) f->arcs * sizeof(int64_t));
	PriceTree(f);
}
