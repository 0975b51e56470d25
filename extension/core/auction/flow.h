/*
 * flow.h
 *		Minimum-cost flow to one sink by the network simplex method.
 */
#ifndef CLEX_AUCTION_FLOW_H
#define CLEX_AUCTION_FLOW_H

#include "core/base/arena.h"

/* Arcs lie together by their tail where possible: pricing reads them in order. */
typedef struct Flow
{
	Arena *arena;
	int32_t nodes; /* without the sink, which is node number `nodes` */
	int32_t arcs;
	int32_t *from;
	int32_t *to;
	int64_t *cost;
	int64_t *capacity;
	int64_t *flow;
	int8_t *state; /* 1 at lower bound, 0 in the tree or frozen, -1 at capacity */
	int64_t *supply;
	/* the spanning tree; a node's arc leads to its parent */
	int32_t *arc;
	int32_t *parent;
	int32_t *depth;
	int32_t *child;
	int32_t *next;
	int32_t *prev;
	int64_t *potential;
	int64_t pivots;
} Flow;

/* Room for a network; the caller fills from, to, cost, capacity, supply and a first tree in `arc`. */
extern ClexStatus FlowInit(Flow *flow, Arena *arena, int32_t nodes, int32_t arcs);

/*
 * Build the tree the caller named (each node's arc leaves the node, and has room for all supply that
 * passes) and put all supply on it.  Other arcs may be full already: their flow is set, and what they
 * carry is not in the supply.
 */
extern ClexStatus FlowStart(Flow *flow, ClexError *error);

/* Pivot to the optimum.  Reduced cost of an arc: cost + potential[from] - potential[to]. */
extern ClexStatus FlowSolve(Flow *flow, ClexError *error);

/*
 * Second pass: keep to the optimal flows (arcs of non-zero reduced cost are frozen) and prepare to
 * minimise other costs, which replace the old ones.
 */
extern void FlowRefine(Flow *flow, const int64_t *cost);

static inline int64_t
FlowReducedCost(const Flow *f, int32_t a)
{
	return f->cost[a] + f->potential[f->from[a]] - f->potential[f->to[a]];
}

#endif
