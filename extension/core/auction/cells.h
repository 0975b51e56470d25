/*
 * cells.h
 *		Invoices that an optimum cannot tell apart, put together.
 */
#ifndef CLEX_AUCTION_CELLS_H
#define CLEX_AUCTION_CELLS_H

#include "core/auction/auction.h"

/* Same market, tenor, ticket step and reserve; the same keys too where caps look at them. */
typedef struct Cell
{
	int32_t market;
	int32_t tenor;
	int32_t step;
	int32_t reserve;
	int32_t admitted; /* bids that its group may take, where it was merged from several; else 0 */
	int32_t key[SCOPES];
	int64_t amount;
	uint32_t first; /* into order */
	uint32_t count;
} Cell;

/* Cells in order of market, tenor, step, keys, reserve; a cell's invoices by id. */
typedef struct Cells
{
	Cell *cells;
	uint32_t count;
	uint32_t *order;
} Cells;

/* by_keys: invoices of a cell also share the keys that crossing caps look at. */
extern ClexStatus CellsBuild(Auction *auction, bool by_keys, Cells *out, ClexError *error);

#endif
