/*
 * clear.c
 *		Clearing: pick the solver that fits, then price and prove what it found.
 *
 * Divisible invoices under nested caps are a flow; crossing caps make it a linear programme; whole
 * invoices, lots and minimum awards make it an integer one.  Whatever the solver, objective and bound
 * are recomputed here from awards and prices alone.
 */
#include "core/auction/solve.h"

/* Bytes that clearing will take beyond what the input has taken, from above. */
size_t
AuctionMemory(const Auction *auction)
{
	size_t per_invoice = auction->options->divisible ? 120 : 400;

	return (size_t) auction->invoice_count * per_invoice + (size_t) auction->row_count * 48 +
		   (1 << 20);
}

ClexStatus
AuctionClear(Auction *auction, AuctionResult *result, ClexError *error)
{
	Cells cells;
	Entries entries;
	ClexStatus status;
	size_t need = AuctionMemory(auction);

	memset(result, 0, sizeof(*result));
	if (auction->arena->limit > 0 && auction->arena->allocated + need > auction->arena->limit)
	{
		ClexFail(error, CLEX_LIMIT, "the auction needs more memory than its limit");
		ClexDetail(error, "It takes about %zu MB; the limit is %zu MB.",
				   (auction->arena->allocated + need) >> 20, auction->arena->limit >> 20);
		ClexHint(error, "Raise the option memory_limit, or clear fewer invoices at a time.");
		return CLEX_LIMIT;
	}
	result->price = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	result->objective = ArenaAlloc(auction->arena, sizeof(int128));
	result->bound = ArenaAlloc(auction->arena, sizeof(int128));
	if (result->price == NULL || result->objective == NULL || result->bound == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while clearing an auction");
	if (auction->options->divisible)
	{
		status = CellsBuild(auction, &cells, error);
		if (status == CLEX_OK)
			status = EntriesFromCells(auction, &cells, &entries, error);
		if (status == CLEX_OK)
			status = auction->crossing ? ClearCross(auction, &cells, &entries, result, error)
									   : ClearNet(auction, &cells, &entries, result, error);
	}
	else
	{
		status = EntriesFromItems(auction, &entries, error);
		if (status == CLEX_OK)
			status = ClearWhole(auction, &entries, result, error);
	}
	if (status != CLEX_OK)
		return status;
	*result->objective =
		AuctionObjective(auction, result->awards, result->award_count, &result->funded);
	return AuctionBound(auction, &entries, result->price, result->bound, error);
}
