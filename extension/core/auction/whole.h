/*
 * whole.h
 *		A clearing of whole invoices while it goes on.
 */
#ifndef CLEX_AUCTION_WHOLE_H
#define CLEX_AUCTION_WHOLE_H

#include "core/auction/board.h"

/* Entries with so many options in all may be searched by the tree. */
#define TREE_OPTIONS 6000

typedef struct Whole
{
	Auction *auction;
	const Entries *entries;
	Entries shortlist;
	Board board; /* of the short list */
	double *price;
	double *proof;	 /* prices that prove more, or NULL */
	int32_t *choice; /* by place in the shortlist */
	int64_t *room;
	double dearest; /* about what a minor unit saves, ppm x day */
	double work;	/* effort asked for, 1 = default */
	bool far;		/* flows without crossing caps tell too little */
} Whole;

static inline bool
SmallAuction(const Entries *entries)
{
	return entries->option_count <= TREE_OPTIONS;
}

/* whole.c: close bids whose minimum is not met until there is none; search only while rounds last. */
extern ClexStatus MeetMinimums(Whole *w, ClexError *error);

/* small.c: what there is time for in small auctions; of larger ones nothing changes. */
extern ClexStatus ImproveSmall(Whole *w, AuctionResult *result, ClexError *error);

#endif
