/*
 * certificate.c
 *		The proof of a result: its exact cost, and the bound that its prices prove.
 *
 * For any prices >= 0 on the rows, no award can cost less than
 *		sum over items of min(outside, min over bids (cost + amount * prices on the bid's path))
 *		- sum over rows of price * limit,
 * because within the limits the price terms can only be negative.  Prices are integers, so the bound
 * is exact: anybody may recompute it in one pass without trusting how the prices were found.
 */
#include "core/auction/solve.h"

Int128
AuctionObjective(const Auction *auction, const AuctionAward *awards, uint32_t count,
				 int64_t *funded)
{
	Int128 total = 0;

	*funded = 0;
	for (uint32_t i = 0; i < auction->invoice_count; i++)
		total += (Int128) AuctionInvoiceAt(auction, i)->amount *
				 AuctionOutside(auction, AuctionInvoiceAt(auction, i));
	for (uint32_t w = 0; w < count; w++)
	{
		const AuctionInvoice *v = AuctionInvoiceAt(auction, awards[w].invoice);

		total += (Int128) awards[w].amount *
				 ((int64_t) v->tenor * AuctionBidAt(auction, awards[w].bid)->rate -
				  AuctionOutside(auction, v));
		*funded += awards[w].amount;
	}
	return total;
}

/* What the prices of all rows charge for their limits, and the bound rounded up to raw units. */
static Int128
RoundBound(const Auction *auction, const int64_t *price, Int128 sum)
{
	for (uint32_t r = 0; r < auction->row_count; r++)
		if (price[r] != 0)
			sum -= (Int128) price[r] * auction->limit[r];
	/* the cost is a whole number of raw units; so is the best proof of it */
	return sum >= 0 ? (sum + AUCTION_PRICE_SCALE - 1) / AUCTION_PRICE_SCALE
					: -(-sum / AUCTION_PRICE_SCALE);
}

/* The prices of everything a bid pays for whatever it takes, by bid. */
static int64_t *
FixedPrices(Auction *auction, bool own_buyer, const int64_t *price)
{
	int64_t *fixed =
		ArenaAllocArray(auction->arena, (size_t) auction->bid_count + 1, sizeof(int64_t));

	for (uint32_t k = 0; fixed != NULL && k < auction->bid_count; k++)
	{
		int64_t row[3];

		FixedRows(auction, own_buyer, (int32_t) k, row);
		fixed[k] = 0;
		for (int r = 0; r < 3; r++)
			if (row[r] >= 0)
				fixed[k] += price[row[r]];
	}
	return fixed;
}

ClexStatus
AuctionBound(Auction *auction, const Entries *entries, const int64_t *price, Int128 *bound,
			 ClexError *error)
{
	int64_t *fixed = FixedPrices(auction, entries->own_buyer, price);
	Int128 *cross =
		ArenaAllocArray(auction->arena, (size_t) auction->financier_count + 1, sizeof(Int128));
	Int128 sum = 0;

	if (fixed == NULL || cross == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while proving an auction");
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];
		const int32_t *option = e->option_count > 0 ? entries->options + e->first_option : NULL;
		Int128 best = e->outside * AUCTION_PRICE_SCALE;

		if ((t & 4095) == 0 && ClexInterrupted(auction->arena->env))
			return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
		memset(cross, 0, auction->financier_count * sizeof(Int128));
		for (uint32_t s = 0; s < e->slot_count; s++)
		{
			const EntrySlot *slot = &entries->slots[e->first_slot + s];
			const int64_t *row = price + SlotRow(auction, slot->slot, 0);

			for (uint32_t f = 0; f < auction->financier_count; f++)
				cross[f] += (Int128) slot->amount * row[f];
		}
		for (uint32_t o = 0; o < e->option_count; o++)
		{
			const AuctionBid *b = AuctionBidAt(auction, (uint32_t) option[o]);
			Int128 cost = e->weight * ((int64_t) b->rate * AUCTION_PRICE_SCALE) +
						  (Int128) e->amount * fixed[option[o]] + cross[b->financier];

			if (cost < best)
				best = cost;
		}
		sum += best;
	}
	*bound = RoundBound(auction, price, sum);
	return CLEX_OK;
}

ClexStatus
NestedBound(Auction *auction, const Cells *cells, const int64_t *price, Int128 *bound,
			ClexError *error)
{
	int64_t *fixed = FixedPrices(auction, true, price), best = INT64_MAX;
	Int128 sum = 0;
	int32_t j = 0;

	if (fixed == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while proving an auction");
	for (uint32_t c = 0; c < cells->count; c++)
	{
		const Cell *cell = &cells->cells[c], *last = c > 0 ? cell - 1 : NULL;
		const AuctionInvoice *v = AuctionInvoiceAt(auction, cells->order[cell->first]);
		const AuctionMarket *m = &auction->markets[cell->market];
		int64_t outside = AuctionOutside(auction, v) * AUCTION_PRICE_SCALE;

		/* reserves and rates both ascend: each bid of a group is looked at once */
		if (last == NULL || last->market != cell->market || last->tenor != cell->tenor ||
			last->step != cell->step)
		{
			j = 0;
			best = INT64_MAX;
		}
		for (; j < m->count; j++)
		{
			int32_t k = auction->market_bids[m->first + j];
			const AuctionBid *b = AuctionBidAt(auction, (uint32_t) k);
			int64_t cost = (int64_t) cell->tenor * b->rate * AUCTION_PRICE_SCALE + fixed[k];

			if (b->rate > cell->reserve)
				break;
			if (cost < best && AuctionEligible(b, v, v->amount))
				best = cost;
		}
		sum += (Int128) cell->amount * (best < outside ? best : outside);
	}
	*bound = RoundBound(auction, price, sum);
	return CLEX_OK;
}

/* What a bid's path costs a cell at prices, per minor unit; *shut is its first row without room, or -1. */
static Int128
PathCost(const Auction *auction, const Cell *cell, int32_t bid, const int64_t *price, int64_t *shut)
{
	const AuctionBid *b = AuctionBidAt(auction, (uint32_t) bid);
	Int128 cost = (Int128) cell->tenor * b->rate * AUCTION_PRICE_SCALE + price[bid];

	*shut = auction->limit[bid] == 0 ? bid : -1;
	for (int s = 0; s < SCOPES; s++)
	{
		int64_t row = AuctionCapRow(auction, s, s == SCOPE_TOTAL ? 0 : cell->key[s], b->financier);

		if (row < 0)
			continue;
		cost += price[row];
		if (*shut < 0 && auction->limit[row] == 0)
			*shut = row;
	}
	return cost;
}

/* The cheapest way of a cell that is open; then the first shut row of each cheaper one is raised to it. */
static bool
PriceShutOf(const Auction *auction, const Cells *cells, const Cell *cell, int64_t *price)
{
	const AuctionInvoice *v = AuctionInvoiceAt(auction, cells->order[cell->first]);
	const AuctionMarket *m = &auction->markets[cell->market];
	Int128 best = (Int128) AuctionOutside(auction, v) * AUCTION_PRICE_SCALE;

	for (int pass = 0; pass < 2; pass++)
		for (int32_t j = 0; j < m->count; j++)
		{
			int32_t k = auction->market_bids[m->first + j];
			int64_t shut;
			Int128 cost;

			if (!AuctionEligible(AuctionBidAt(auction, (uint32_t) k), v, v->amount))
				continue;
			cost = PathCost(auction, cell, k, price, &shut);
			if (pass == 0 && shut < 0 && cost < best)
				best = cost;
			if (pass == 1 && shut >= 0 && cost < best &&
				__builtin_add_overflow(price[shut], best - cost, &price[shut]))
				return false;
		}
	return true;
}

ClexStatus
PriceShut(const Auction *auction, const Cells *cells, int64_t *price, ClexError *error)
{
	bool any = false;

	for (uint32_t r = 0; r < auction->row_count; r++)
		any = any || auction->limit[r] == 0;
	for (uint32_t c = 0; c < cells->count && any; c++)
	{
		if ((c & 4095) == 0 && ClexInterrupted(auction->arena->env))
			return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
		if (!PriceShutOf(auction, cells, &cells->cells[c], price))
			return ClexFail(error, CLEX_OUT_OF_RANGE, "a price of the auction is too large");
	}
	return CLEX_OK;
}
