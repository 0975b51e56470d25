/*
 * flow.c
 *		Minimum-cost flow to one sink by the network simplex method, in exact integers.
 *
 * The first tree needs no artificial arcs: every unit may go unfunded straight to the sink.  The
 * tree is kept strongly feasible (from every node something can still be sent to the sink), which
 * rules out cycling.  Entering arcs are found by block search; the tree is held as parent, child and
 * sibling links, and the part that hangs on the leaving arc is re-hung and re-priced.
 */
#include "core/auction/flow.h"

ClexStatus
FlowInit(Flow *f, Arena *arena, int32_t nodes, int32_t arcs)
{
	size_t n = (size_t) nodes + 1, m = (size_t) arcs + 1;

	memset(f, 0, sizeof(*f));
	f->arena = arena;
	f->nodes = nodes;
	f->arcs = arcs;
	f->from = ArenaAllocArray(arena, m, sizeof(int32_t));
	f->to = ArenaAllocArray(arena, m, sizeof(int32_t));
	f->cost = ArenaAllocArray(arena, m, sizeof(int64_t));
	f->capacity = ArenaAllocArray(arena, m, sizeof(int64_t));
	f->flow = ArenaAllocZero(arena, m * sizeof(int64_t));
	f->state = ArenaAllocArray(arena, m, 1);
	f->supply = ArenaAllocZero(arena, n * sizeof(int64_t));
	f->arc = ArenaAllocArray(arena, n, sizeof(int32_t));
	f->parent = ArenaAllocArray(arena, n, sizeof(int32_t));
	f->depth = ArenaAllocZero(arena, n * sizeof(int32_t));
	f->child = ArenaAllocArray(arena, n, sizeof(int32_t));
	f->next = ArenaAllocArray(arena, n, sizeof(int32_t));
	f->prev = ArenaAllocArray(arena, n, sizeof(int32_t));
	f->potential = ArenaAllocZero(arena, n * sizeof(int64_t));
	return arena->exhausted ? CLEX_NO_MEMORY : CLEX_OK;
}

/* Hang node v below its parent. */
static inline void
Hang(Flow *f, int32_t v)
{
	int32_t p = f->parent[v];

	f->prev[v] = -1;
	f->next[v] = f->child[p];
	if (f->child[p] >= 0)
		f->prev[f->child[p]] = v;
	f->child[p] = v;
}

static inline void
Unhang(Flow *f, int32_t v)
{
	if (f->prev[v] >= 0)
		f->next[f->prev[v]] = f->next[v];
	else
		f->child[f->parent[v]] = f->next[v];
	if (f->next[v] >= 0)
		f->prev[f->next[v]] = f->prev[v];
}

/* The node after v in the depth-first order of the tree below root, or -1. */
static inline int32_t
Following(const Flow *f, int32_t v, int32_t root)
{
	if (f->child[v] >= 0)
		return f->child[v];
	while (v != root)
	{
		if (f->next[v] >= 0)
			return f->next[v];
		v = f->parent[v];
	}
	return -1;
}

/* Depths and potentials of the whole tree from its arcs' costs. */
static void
PriceTree(Flow *f)
{
	f->potential[f->nodes] = 0;
	f->depth[f->nodes] = 0;
	for (int32_t v = Following(f, f->nodes, f->nodes); v >= 0; v = Following(f, v, f->nodes))
	{
		int32_t a = f->arc[v], p = f->parent[v];

		f->depth[v] = f->depth[p] + 1;
		f->potential[v] = f->potential[p] + (f->from[a] == v ? -f->cost[a] : f->cost[a]);
	}
}

ClexStatus
FlowStart(Flow *f, ClexError *error)
{
	int32_t *order = ArenaAllocArray(f->arena, (size_t) f->nodes + 1, sizeof(int32_t));
	int32_t count = 0;

	if (order == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while building the flow network");
	for (int32_t a = 0; a < f->arcs; a++)
		f->state[a] = f->flow[a] > 0 ? -1 : 1;
	for (int32_t v = 0; v <= f->nodes; v++)
		f->child[v] = -1;
	f->parent[f->nodes] = -1;
	f->next[f->nodes] = f->prev[f->nodes] = -1;
	for (int32_t v = f->nodes - 1; v >= 0; v--)
	{
		f->parent[v] = f->to[f->arc[v]];
		f->state[f->arc[v]] = 0;
		Hang(f, v);
	}
	PriceTree(f);
	for (int32_t v = Following(f, f->nodes, f->nodes); v >= 0; v = Following(f, v, f->nodes))
		order[count++] = v;
	while (count-- > 0)
	{
		int32_t v = order[count], a = f->arc[v], p = f->parent[v];

		f->flow[a] += f->supply[v];
		if (p < f->nodes)
			f->supply[p] += f->supply[v];
	}
	return CLEX_OK;
}

/* The next arc worth entering, by blocks from where the last search stopped; -1 at the optimum. */
static int32_t
FindEntering(const Flow *f, int32_t *where, int32_t block)
{
	int64_t best = 0;
	int32_t entering = -1, a = *where, left = block;

	for (int32_t seen = 0; seen < f->arcs; seen++)
	{
		int64_t rc = f->state[a] * FlowReducedCost(f, a);

		if (rc < best)
		{
			best = rc;
			entering = a;
		}
		if (++a == f->arcs)
			a = 0;
		if (--left == 0)
		{
			if (entering >= 0)
				break;
			left = block;
		}
	}
	*where = a;
	return entering;
}

static int32_t
FindJoin(const Flow *f, int32_t u, int32_t v)
{
	while (u != v)
	{
		if (f->depth[u] >= f->depth[v])
			u = f->parent[u];
		else
			v = f->parent[v];
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
	for (int32_t u = first; u != join; u = f->parent[u])
	{
		int32_t t = f->arc[u];
		int64_t room = f->from[t] == u ? f->flow[t] : f->capacity[t] - f->flow[t];

		if (room < delta)
		{
			delta = room;
			*leaving = u;
			*on_first = true;
		}
	}
	for (int32_t u = second; u != join; u = f->parent[u])
	{
		int32_t t = f->arc[u];
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
	for (int32_t u = first; u != join; u = f->parent[u])
		f->flow[f->arc[u]] += f->from[f->arc[u]] == u ? -delta : delta;
	for (int32_t u = second; u != join; u = f->parent[u])
		f->flow[f->arc[u]] += f->from[f->arc[u]] == u ? delta : -delta;
}

/* Take node `out`'s arc from the tree and hang what was below it, turned round, on arc a at `in`. */
static void
Rehang(Flow *f, int32_t a, int32_t in, int32_t out)
{
	int32_t to = f->from[a] == in ? f->to[a] : f->from[a];
	int32_t v = in, parent = to, arc = a;
	int64_t change;

	for (;;)
	{
		int32_t old_parent = f->parent[v], old_arc = f->arc[v];

		Unhang(f, v);
		f->parent[v] = parent;
		f->arc[v] = arc;
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
		f->depth[v] = f->depth[f->parent[v]] + 1;
	}
}

ClexStatus
FlowSolve(Flow *f, ClexError *error)
{
	int32_t where = 0, block = 32;

	while ((int64_t) block * block < (int64_t) f->arcs * 80)
		block++;
	for (;;)
	{
		int32_t a = FindEntering(f, &where, block);
		int32_t first, second, join, leaving;
		bool on_first = false;

		if (a < 0)
			return CLEX_OK;
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
		f->state[f->arc[leaving]] = f->flow[f->arc[leaving]] == 0 ? 1 : -1;
		Rehang(f, a, on_first ? first : second, leaving);
	}
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
