/*
 * instance.h
 *		What the reading of an auction and its preparation share.
 */
#ifndef CLEX_AUCTION_INSTANCE_H
#define CLEX_AUCTION_INSTANCE_H

#include "core/auction/auction.h"

/* Put all names into byte order and renumber invoices, bids and caps. */
extern ClexStatus AuctionRankNames(Auction *auction);
/* The error of an auction that has outgrown its memory limit. */
extern ClexStatus AuctionOutOfMemory(const Auction *auction, ClexError *error);

#endif
