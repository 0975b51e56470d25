/*
 * award.c
 *		From amounts per cell and bid to awards of single invoices, always in the same way.
 *
 * Within a group cheap money goes to low reserves and low ids: reserves ascend as rates do, so every
 * award respects its invoice's reserve whenever any split of the same amounts does.
 */
#include "core/auction/solve.h"

ClexStatus
Disaggregate(Auction *auction, const Cells *cells, uint32_t first, uint32_t end,
			 const int64_t *funded, const int64_t *amount, Vector *awards)
{
	const AuctionMarket *market = &auction->markets[cells->cells[first].market];
	int32_t j = 0;
	int64_t left = market->count > 0 ? amount[0] : 0;

	for (uint32_t c = first; c < end; c++)
	{
		const Cell *cell = &cells->cells[c];
		int64_t cell_left = funded[c];

		for (uint32_t i = 0; i < cell->count && cell_left > 0; i++)
		{
			uint32_t invoice = cells->order[cell->first + i];
			int64_t want = AuctionInvoiceAt(auction, invoice)->amount;

			if (want > cell_left)
				want = cell_left;
			cell_left -= want;
			while (want > 0)
			{
				AuctionAward *award;
				int64_t take;

				while (left == 0)
					left = amount[++j];
				take = want < left ? want : left;
				award = VectorPush(awards);
				if (award == NULL)
					return CLEX_NO_MEMORY;
				*award = (AuctionAward){invoice, (uint32_t) auction->market_bids[market->first + j],
										take};
				want -= take;
				left -= take;
			}
		}
	}
	return CLEX_OK;
}

ClexStatus
FinishAwards(Auction *auction, Vector *awards, AuctionResult *result)
{
	uint32_t n = awards->count;
	uint32_t *order = ArenaAllocArray(auction->arena, (size_t) n + 1, sizeof(uint32_t));
	uint64_t *keys = ArenaAllocArray(auction->arena, (size_t) n + 1, sizeof(uint64_t));

	result->awards = ArenaAllocArray(auction->arena, (size_t) n + 1, sizeof(AuctionAward));
	if (order == NULL || keys == NULL || result->awards == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t w = 0; w < n; w++)
	{
		const AuctionAward *award = &VectorAt(awards, AuctionAward, w);

		order[w] = w;
		keys[w] = (uint64_t) award->invoice << 32 | award->bid;
	}
	if (AuctionRadixSort(auction, order, n, keys) != CLEX_OK)
		return CLEX_NO_MEMORY;
	result->award_count = 0;
	for (uint32_t w = 0; w < n; w++)
	{
		const AuctionAward *award = &VectorAt(awards, AuctionAward, order[w]);
		AuctionAward *last =
			result->award_count > 0 ? &result->awards[result->award_count - 1] : NULL;

		if (last != NULL && last->invoice == award->invoice && last->bid == award->bid)
			last->amount += award->amount;
		else
			result->awards[result->award_count++] = *award;
	}
	return CLEX_OK;
}
