/*
 * flow.h
 *		Minimum-cost flow to one sink by the network simplex method.
 */
#ifndef CLEX_AUCTION_FLOW_H
#define CLEX_AUCTION_FLOW_H

#include "core/base/arena.h"

/* Arcs that lie together and are priced together. */
typedef struct FlowBlock
{
	int32_t first;
	int32_t best; /* arc that was most worth entering when the block was last looked at */
} FlowBlock;

/* A node of the spanning tree; its arc leads to its parent. */
typedef struct FlowNode
{
	int32_t parent;
	int32_t depth;
	int32_t child;
	int32_t next;
	int32_t prev;
	int32_t arc;
} FlowNode;

/*
 * Nodes below `sources` only send; those from there to `inner` get from sources alone.  Arcs lie
 * together by their tail where possible.
 */
typedef struct Flow
{
	Arena *arena;
	int32_t nodes; /* without the sink, which is node number `nodes` */
	int32_t sources;
	int32_t inner;
	int32_t arcs;
	int32_t *from;
	int32_t *to;
	int64_t *cost;
	int64_t *capacity;
	int64_t *flow;
	int8_t *state; /* 1 at lower bound, 0 in the tree or frozen, -1 at capacity */
	int64_t *supply;
	FlowNode *node; /* the spanning tree */
	int64_t *potential;
	int32_t *anchor; /* the node whose potential a node has: itself, or its parent */
	/* pricing: a tournament of blocks */
	FlowBlock *blocks; /* and one more, to end the last */
	int32_t block_count;
	int64_t
		*winner; /* reduced cost of the better of 2i and 2i + 1; a block's own from `leaves` on */
	int32_t leaves;
	int32_t turn; /* block to be looked at next */
	int64_t pivots;
} Flow;

/*
 * Room for a network; the caller fills from, to, cost, capacity, supply and a first tree in the nodes' `arc`.
 */
extern ClexStatus FlowInit(Flow *flow, Arena *arena, int32_t nodes, int32_t sources, int32_t inner,
						   int32_t arcs);

/*
 * Build the tree the caller named (each node's arc, which leads to its parent or comes from there) and put all
 * supply on it, for which there must be room.  Other arcs may be full already: their flow is set, and the
 * supply is without what they carry (and with it, where they lead).
 */
extern ClexStatus FlowStart(Flow *flow, ClexError *error);

/* Pivot to the optimum. */
extern ClexStatus FlowSolve(Flow *flow, ClexError *error);

/*
 * Second pass: keep to the optimal flows (arcs of non-zero reduced cost are frozen) and prepare to
 * minimise other costs, which replace the old ones; arcs without cost must have none there either.
 */
extern void FlowRefine(Flow *flow, const int64_t *cost);

/* Potentials are all there only after FlowSolve has returned. */
static inline int64_t
FlowReducedCost(const Flow *f, int32_t a)
{
	return f->cost[a] + f->potential[f->from[a]] - f->potential[f->to[a]];
}

#endif
