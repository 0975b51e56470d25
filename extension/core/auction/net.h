/*
 * net.h
 *		The flow network of divisible invoices under nested caps.
 */
#ifndef CLEX_AUCTION_NET_H
#define CLEX_AUCTION_NET_H

#include "core/auction/flow.h"
#include "core/auction/solve.h"

typedef struct NetGroup
{
	uint32_t first_cell;
	uint32_t end_cell;
	int32_t bids;	   /* the first so many of the market */
	int32_t first_arc; /* bids, then outside arcs */
} NetGroup;

typedef struct Net
{
	Auction *auction;
	const Cells *cells;
	int32_t days;		 /* that a group spans: more than one where the network is a coarse one */
	const double *price; /* of crossing caps, by row; NULL = there are none */
	Vector groups;		 /* NetGroup */
	int32_t *row_node;	 /* node of a row, or -1 */
	int32_t *row_arc;
	Flow flow;
	int32_t nodes;
	int32_t inner; /* the first node of a cap */
	int32_t arcs;
} Net;

/* The row that a row's flow enters next, or -1 for the sink. */
static inline int64_t
NextRow(const Auction *auction, const AuctionBid *b, int64_t row)
{
	int64_t next = -1;

	if (row < auction->bid_count && b->buyer >= 0)
		next = AuctionCapRow(auction, SCOPE_BUYER, b->buyer, b->financier);
	if (next >= 0 && auction->limit[next] < AUCTION_NONE)
		return next;
	next = AuctionCapRow(auction, SCOPE_TOTAL, 0, b->financier);
	return next >= 0 && next != row && auction->limit[next] < AUCTION_NONE ? next : -1;
}

/* net.c: groups, nodes and how many arcs there are; then the arcs, and the optimum. */
extern ClexStatus NetLay(Net *net);
extern ClexStatus NetSolve(Net *net, ClexError *error);

/* start.c: flows and a tree near the optimum, where the network is large enough to be worth it. */
extern ClexStatus NetStart(Net *net, ClexError *error);

#endif
