/*
 * relaxation.h
 *		An auction as a linear programme over the amounts of entries and bids.
 */
#ifndef CLEX_AUCTION_RELAXATION_H
#define CLEX_AUCTION_RELAXATION_H

#include "core/auction/lp.h"
#include "core/auction/solve.h"

/* Row t is entry t (its slack: unfunded); costs are against staying unfunded, per minor unit. */
typedef struct Relaxation
{
	Auction *auction;
	const Entries *entries;
	Lp lp;
	int32_t *lp_row;	  /* by row of the auction, -1 = can never be full */
	int32_t *column;	  /* by option, -1 = never worth it */
	int32_t *minimum_row; /* by bid: at least its minimum award, off while its overfill is free */
	double dearest;		  /* the most that a minor unit can save */
	double outside;		  /* cost of funding nothing */
} Relaxation;

/* Rows and columns, every row hard; minimum rows only when asked for. */
extern ClexStatus RelaxationBuild(Auction *auction, const Entries *entries, bool minimums,
								  Relaxation *relaxation);

#endif
