/*
 * auction_read.h
 *		One call of an auction function: its options (auction_call.c) and its queries (auction_input.c).
 */
#ifndef CLEX_GLUE_AUCTION_READ_H
#define CLEX_GLUE_AUCTION_READ_H

#include "core/auction/auction.h"

/* One clearing of one call: everything lives in `context`. */
typedef struct AuctionCall
{
	MemoryContext context;
	Arena arena;
	Auction auction;
	AuctionOptions options;
	char *prices_query; /* option "prices", or NULL */
	TimestampTz started;
	TimestampTz noticed;
} AuctionCall;

/* The four queries of a call; NULL where it has none.  Awards and prices are read after preparation. */
extern AuctionCall *AuctionCallBegin(FunctionCallInfo fcinfo, int options_argument);
extern void AuctionCallEnd(AuctionCall *call);
/* Read invoices, bids and caps through SPI (connected by the caller) and prepare. */
extern void AuctionReadInput(AuctionCall *call, text *invoices, text *bids, text *caps);
/* Awards of a query, in order of invoice and bid. */
extern AuctionAward *AuctionReadAwards(AuctionCall *call, text *query, uint32_t *count);
/* Prices by row of the query of option "prices". */
extern int64_t *AuctionReadPrices(AuctionCall *call);
/* The index of an invoice or a bid by its id, or -1. */
extern int64 AuctionFindInvoice(const Auction *auction, int64_t id);

#endif
