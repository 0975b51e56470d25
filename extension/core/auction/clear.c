/*
 * clear.c
 *		Clearing: pick the solver that fits, then price and prove what it found.
 *
 * Divisible invoices under nested caps are a flow; crossing caps make it a linear programme; whole
 * invoices and lots make it an integer one, minimum awards a tree of the others.  Whatever the solver, objective and bound
 * are recomputed here from awards and prices alone.
 */
#include "core/auction/solve.h"

#include <time.h>

static int64_t
MonotonicNow(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

bool
OutOfTime(const Auction *auction)
{
	return auction->deadline != 0 && MonotonicNow() > auction->deadline;
}

/* Bytes that clearing will take beyond what the input has taken, from above. */
size_t
AuctionMemory(const Auction *auction)
{
	size_t rows = (size_t) auction->row_count * 48 + (1 << 20);

	return rows + (auction->options->divisible ? (size_t) auction->invoice_count * 120
											   : WholeMemory(auction));
}

static ClexStatus
Prove(Auction *auction, const Cells *cells, const Entries *entries, const int64_t *price,
	  Int128 *bound, ClexError *error)
{
	return auction->options->divisible && !auction->crossing
			   ? NestedBound(auction, cells, price, bound, error)
			   : AuctionBound(auction, entries, price, bound, error);
}

/* What is to be funded, in the form that its solver wants: cells, entries or both. */
static ClexStatus
BuildEntries(Auction *auction, Cells *cells, Entries *entries, ClexError *error)
{
	ClexStatus status;

	auction->phase = "grouping";
	if (!auction->options->divisible)
		return EntriesFromItems(auction, entries, error);
	status = CellsBuild(auction, true, cells, error);
	if (status != CLEX_OK || !auction->crossing)
		return status;
	return EntriesFromCells(auction, cells, entries, error);
}

ClexStatus
AuctionClear(Auction *auction, AuctionResult *result, ClexError *error)
{
	Cells cells;
	Entries entries;
	ClexStatus status;
	size_t need = AuctionMemory(auction);

	memset(result, 0, sizeof(*result));
	auction->reached = auction->proved = 0;
	if (auction->arena->limit > 0 && auction->arena->allocated + need > auction->arena->limit)
	{
		ClexFail(error, CLEX_LIMIT, "the auction needs more memory than its limit");
		ClexDetail(error, "It takes about %zu MB; the limit is %zu MB.",
				   (auction->arena->allocated + need) >> 20, auction->arena->limit >> 20);
		ClexHint(error, "Raise the option memory_limit, or clear fewer invoices at a time.");
		return CLEX_LIMIT;
	}
	result->price = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	result->objective = ArenaAlloc(auction->arena, sizeof(Int128));
	result->bound = ArenaAlloc(auction->arena, sizeof(Int128));
	if (result->price == NULL || result->objective == NULL || result->bound == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while clearing an auction");
	auction->deadline = auction->options->time_budget_ms > 0
							? MonotonicNow() + auction->options->time_budget_ms * 1000000
							: 0;
	status = BuildEntries(auction, &cells, &entries, error);
	if (status != CLEX_OK)
		return status;
	auction->phase = "solving";
	if (!auction->options->divisible)
		status = ClearWhole(auction, &entries, result, error);
	else
		status = ClearDivisible(auction, &cells, &entries, result, error);
	if (status == CLEX_OK && auction->options->divisible)
		status = PriceShut(auction, &cells, result->price, error);
	if (status == CLEX_OK && auction->options->pro_rata && ProRata(auction, result) != CLEX_OK)
		status = ClexFail(error, CLEX_NO_MEMORY, "out of memory while sharing awards");
	if (status != CLEX_OK)
		return status;
	auction->phase = "proving";
	*result->objective =
		AuctionObjective(auction, result->awards, result->award_count, &result->funded);
	status = Prove(auction, &cells, &entries, result->price, result->bound, error);
	if (result->proved)
		*result->bound = *result->objective;
	return status;
}

ClexStatus
AuctionProve(Auction *auction, const int64_t *price, Int128 *bound, ClexError *error)
{
	Cells cells;
	Entries entries;
	ClexStatus status = BuildEntries(auction, &cells, &entries, error);

	return status == CLEX_OK ? Prove(auction, &cells, &entries, price, bound, error) : status;
}
