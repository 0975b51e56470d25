/*
 * solve.h
 *		The solvers of an auction and what they share.
 */
#ifndef CLEX_AUCTION_SOLVE_H
#define CLEX_AUCTION_SOLVE_H

#include "core/auction/cells.h"

/*
 * What is to be funded: a cell of divisible invoices, an invoice, or a lot.  A bid of rate r that
 * takes all of it costs weight * r.  Slots are the keys whose caps it uses beyond those that every
 * bid knows by itself (its ceiling, its financier's total, its own buyer).
 */
typedef struct Entry
{
	int64_t amount;
	Int128 weight;	/* sum of amount * tenor */
	Int128 outside; /* raw units when nobody funds it */
	int32_t market;
	uint32_t first_member; /* into members: invoices, ascending */
	uint32_t member_count;
	uint32_t first_slot;
	uint32_t slot_count;
	uint64_t first_option; /* into options: bids in tie-break order */
	uint32_t option_count;
} Entry;

typedef struct EntrySlot
{
	int64_t amount;
	int32_t slot;
} EntrySlot;

/* A row that an option uses, and how much of it. */
typedef struct PathRow
{
	int64_t row;
	int64_t amount;
} PathRow;

typedef struct Entries
{
	Entry *entries;
	uint32_t count;
	uint32_t *members;
	EntrySlot *slots;
	int32_t *options;
	uint64_t option_count;
	bool own_buyer; /* every bid names its buyer or no cap looks at buyers */
	PathRow *path;	/* what OptionRows found last */
} Entries;

/* Has a time budget run out?  Never without one. */
extern bool OutOfTime(const Auction *auction);

/* entries.c */
extern ClexStatus EntriesFromCells(Auction *auction, const Cells *cells, Entries *out,
								   ClexError *error);
extern ClexStatus EntriesFromItems(Auction *auction, Entries *out, ClexError *error);
/* The same entries without the slots that nothing can fill up: they need not be looked at when awards are sought. */
extern ClexStatus EntriesOfTightSlots(Auction *auction, const Entries *entries, Entries *out);

/* The rows on a bid's path that do not depend on the entry: ceiling, total, own buyer; -1 = none. */
static inline void
FixedRows(const Auction *auction, bool own_buyer, int32_t bid, int64_t row[3])
{
	const AuctionBid *b = AuctionBidAt(auction, (uint32_t) bid);

	row[0] = bid;
	row[1] = AuctionCapRow(auction, SCOPE_TOTAL, 0, b->financier);
	row[2] = own_buyer && b->buyer >= 0
				 ? AuctionCapRow(auction, SCOPE_BUYER, b->buyer, b->financier)
				 : -1;
}

/* The row of a slot for a financier. */
static inline int64_t
SlotRow(const Auction *auction, int32_t slot, int32_t financier)
{
	return (int64_t) auction->bid_count + (int64_t) slot * auction->financier_count + financier;
}

/* What the ascent asks of a bid at every option. */
typedef struct AscentBid
{
	double rate;
	double fixed; /* price of everything it pays whatever it takes */
	int32_t financier;
} AscentBid;

/* pricing.c: prices of rows, by ascent of the dual bound; prices are doubles in ppm x day. */
typedef struct Ascent
{
	Auction *auction;
	const Entries *entries;
	const int64_t *limit; /* by row; what is left of the auction's own */
	double reach;		  /* the first step */
	int round;
	int rounds;		   /* of the whole schedule */
	double *price;	   /* by row */
	AscentBid *bids;   /* by bid */
	double *use;	   /* by row */
	double *mean;	   /* running mean of relative overuse, by row */
	double *square;	   /* and of its square */
	double *tenor;	   /* by entry: mean tenor */
	double *outside;   /* by entry: price of staying unfunded, per minor unit */
	double *share;	   /* by slot */
	int64_t small;	   /* entries below this amount are counted in small_use */
	double *small_use; /* by row, summed over the last half of the rounds; or NULL */
	int small_rounds;
	int32_t *near; /* by entry: options that were cheapest when all were looked at; or NULL */
} Ascent;

/* A first step for prices: a part of what funding saves on average. */
extern double FirstStep(const Auction *auction, const Entries *entries);
extern ClexStatus AscentInit(Ascent *ascent, Auction *auction, const Entries *entries, double reach,
							 int rounds);
/* Some more rounds of the schedule, on these entries (the same ones, perhaps with fewer options). */
extern ClexStatus AscentRun(Ascent *ascent, const Entries *entries, int rounds, ClexError *error);

/* greedy.c: the limited rows that an option uses, into entries->path; returns how many. */
extern int OptionRows(const Auction *auction, const Entries *entries, const Entry *e, int32_t bid);
/*
 * Whole awards by reduced cost in the room there is, dearest regret first; choice[t] is a place in
 * the options or -1.
 */
extern ClexStatus GreedyAward(Auction *auction, const Entries *entries, const double *price,
							  int32_t *choice, int64_t *room);

/* Put one entry into its cheapest option at prices that has room; its place, or -1 for none. */
extern int32_t PlaceEntry(const Auction *auction, const Entries *entries, uint32_t t,
						  const double *price, int64_t *room);

/* The cost of a bid for an entry at prices, in raw units; and that of leaving it unfunded. */
extern double OptionCost(const Auction *auction, const Entries *entries, const Entry *e,
						 int32_t bid, const double *price);

/*
 * The best few options of every entry at prices, cheapest first at those prices; `keep` (by entry, -1 =
 * none; may be NULL) is among them.
 */
extern ClexStatus Shortlist(Auction *auction, const Entries *entries, const double *price,
							const int32_t *keep, uint32_t most, Entries *out);

/* bysize.c: how much work a whole award by size is. */
typedef struct SizePlan
{
	uint32_t options; /* of an entry, that are looked at */
	int rounds;		  /* of price ascent between two classes */
	int passes;		  /* of local search over a class */
	bool flow;		  /* prices of the rest begin with those of its flow */
	double kept_free; /* part of the smaller entries' use that larger ones leave free */
	double step;	  /* the first of the ascent, as a part of the usual one */
} SizePlan;

/* Entries from this amount on are awarded first. */
extern int64_t LargestClass(const Entries *entries);
/*
 * A whole award at the prices of an ascent that counted what entries below the largest class use:
 * the bid of every entry, or -1.
 */
extern ClexStatus AwardBySize(Auction *auction, const Entries *entries, const SizePlan *plan,
							  const Ascent *ascent, int32_t *bid, ClexError *error);

/*
 * search.c: branch and bound from an incumbent (choice by place in the options; *cost its objective).
 * *bound is what was proved, in raw units; the root's prices are left in price.
 */
extern ClexStatus SearchTree(Auction *auction, const Entries *entries, int64_t nodes,
							 int32_t *choice, double *cost, double *bound, double *price,
							 int64_t *visited, ClexError *error);

/*
 * Which bids are better closed than given their minimum, as far as the relaxation can tell: closed is by
 * bid, and only ever set.
 */
extern ClexStatus SearchMinimums(Auction *auction, const Entries *entries, uint8_t *closed,
								 ClexError *error);

/* The objective of a choice in raw units. */
extern double ChoiceCost(const Auction *auction, const Entries *entries, const int32_t *choice);

/* net.c, cross.c, minimum.c, whole.c: fill awards and prices of the result. */
extern ClexStatus ClearNet(Auction *auction, const Cells *cells, AuctionResult *result,
						   ClexError *error);
/* Prices of ceilings, buyer and total caps as if invoices were divisible and no caps crossed. */
extern ClexStatus NestedPrices(Auction *auction, double *price, ClexError *error);
/*
 * The optimum where crossing caps only cost their prices: awards of cells (as invoice) by places in market_bids (as bid);
 * those of a cell stand together from its `first`.
 */
extern ClexStatus NestedAward(Auction *auction, const Cells *cells, const double *price,
							  Vector *awards, uint32_t *first, ClexError *error);
extern ClexStatus ClearCross(Auction *auction, const Cells *cells, const Entries *entries,
							 AuctionResult *result, ClexError *error);
extern ClexStatus ClearDivisible(Auction *auction, const Cells *cells, const Entries *entries,
								 AuctionResult *result, ClexError *error);
/* About what ClearWhole takes: lists of options, short lists on two boards. */
extern size_t WholeMemory(const Auction *auction);
extern ClexStatus ClearWhole(Auction *auction, const Entries *entries, AuctionResult *result,
							 ClexError *error);

/* certificate.c: exact objective and dual bound. */
extern ClexStatus AuctionBound(Auction *auction, const Entries *entries, const int64_t *price,
							   Int128 *bound, ClexError *error);

/* The same for divisible cells under nested caps, without a list of entries. */
extern ClexStatus NestedBound(Auction *auction, const Cells *cells, const int64_t *price,
							  Int128 *bound, ClexError *error);

/*
 * Rows without any room have no part in the solving; each gets the least price at which no cell of divisible
 * invoices prefers it, which costs the bound nothing.
 */
extern ClexStatus PriceShut(const Auction *auction, const Cells *cells, int64_t *price,
							ClexError *error);

/*
 * Hand the funded amounts of consecutive cells (reserve ascending) to their invoices: cheap bids to
 * low reserves and low ids first.  amount[j] belongs to the j-th bid of the cells' market.
 */
extern ClexStatus Disaggregate(Auction *auction, const Cells *cells, uint32_t first, uint32_t end,
							   const int64_t *funded, const int64_t *amount, Vector *awards);

/* prorata.c: share what equal offers were given by their ceilings, as far as the caps allow. */
extern ClexStatus ProRata(Auction *auction, AuctionResult *result);

/* Awards in order of invoice and bid, one for each pair, into the result. */
extern ClexStatus FinishAwards(Auction *auction, Vector *awards, AuctionResult *result);

#endif
