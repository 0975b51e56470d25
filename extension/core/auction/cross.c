/*
 * cross.c
 *		Divisible invoices under crossing caps: a linear programme, solved to a vertex.
 *
 * The start is the flow optimum without the crossing caps.  Those then come in as soft rows whose
 * overfill becomes dearer in steps, each step going on from the basis of the last.  At the end every
 * column has been priced; the vertex is cut down to whole minor units, what this frees is handed out
 * again, and the rounded prices prove the result within about one minor unit per full row.
 */
#include "core/auction/lp.h"
#include "core/auction/solve.h"

#include <math.h>
#include <stdlib.h>

/* Rounds of price ascent before the simplex. */
#define START_ROUNDS 60

typedef struct Cross
{
	Auction *auction;
	const Entries *entries;
	Lp lp;
	int32_t *lp_row;  /* by row, -1 = can never be full */
	int32_t *column;  /* by option, -1 = never worth it */
	int64_t *option_amount; /* by option, whole minor units */
	int64_t *room;	  /* by row */
	double dearest;
} Cross;

/* Number the rows that could be full, and the columns that could pay. */
static ClexStatus
LayCross(Cross *cross)
{
	Auction *auction = cross->auction;
	const Entries *entries = cross->entries;
	double *demand = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	int32_t rows = (int32_t) entries->count, columns = 0;
	int64_t elements = 0, used[ENTRY_ROWS], amounts[ENTRY_ROWS];

	cross->lp_row = ArenaAllocArray(auction->arena, (size_t) auction->row_count + 1, 4);
	cross->column = ArenaAllocArray(auction->arena, entries->option_count + 1, 4);
	if (demand == NULL || cross->lp_row == NULL || cross->column == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];

		for (uint32_t o = 0; o < e->option_count; o++)
		{
			int32_t k = entries->options[e->first_option + o];
			double saving = (double) e->outside / (double) e->amount -
							(double) e->weight / (double) e->amount *
								AuctionBidAt(auction, (uint32_t) k)->rate;
			int n = OptionRows(auction, entries, e, k, used, amounts);

			cross->column[e->first_option + o] = saving > 0 ? columns++ : -1;
			elements += saving > 0 ? n + 1 : 0;
			if (saving > cross->dearest)
				cross->dearest = saving;
			/* several bids of one financier share the entry's amount: this counts it for each */
			for (int r = 0; r < n && saving > 0; r++)
				demand[used[r]] += (double) e->amount;
		}
	}
	for (uint32_t r = 0; r < auction->row_count; r++)
		cross->lp_row[r] = demand[r] > (double) auction->limit[r] ? rows++ : -1;
	return LpInit(&cross->lp, auction->arena, rows, columns, elements);
}

static void
FillCross(Cross *cross)
{
	const Auction *auction = cross->auction;
	const Entries *entries = cross->entries;
	Lp *lp = &cross->lp;
	int32_t at = 0;
	int64_t used[ENTRY_ROWS], amounts[ENTRY_ROWS];

	for (uint32_t r = 0; r < auction->row_count; r++)
		if (cross->lp_row[r] >= 0)
			lp->rhs[cross->lp_row[r]] = (double) auction->limit[r];
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];

		lp->rhs[t] = (double) e->amount;
		for (uint32_t o = 0; o < e->option_count; o++)
		{
			int32_t k = entries->options[e->first_option + o];
			int32_t j = cross->column[e->first_option + o];
			int n = OptionRows(auction, entries, e, k, used, amounts);

			if (j < 0)
				continue;
			lp->start[j] = at;
			lp->cost[j] = ((double) e->weight * AuctionBidAt(auction, (uint32_t) k)->rate -
						   (double) e->outside) /
						  (double) e->amount;
			lp->row[at] = (int32_t) t;
			lp->coefficient[at++] = 1;
			for (int r = 0; r < n; r++)
				if (cross->lp_row[used[r]] >= 0)
				{
					lp->row[at] = cross->lp_row[used[r]];
					lp->coefficient[at++] = 1;
				}
		}
	}
	lp->start[lp->columns] = at;
	for (int32_t r = 0; r < lp->rows; r++)
		lp->over[r] = cross->dearest + 1;
}

/* Whole minor units, never more than the vertex has. */
static void
CutDown(Cross *cross)
{
	const Auction *auction = cross->auction;
	const Entries *entries = cross->entries;
	int64_t used[ENTRY_ROWS], amounts[ENTRY_ROWS];

	memcpy(cross->room, auction->limit, (size_t) auction->row_count * sizeof(int64_t));
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];
		int64_t left = e->amount;

		for (uint32_t o = 0; o < e->option_count; o++)
		{
			int32_t j = cross->column[e->first_option + o];
			int32_t k = entries->options[e->first_option + o];
			int n = OptionRows(auction, entries, e, k, used, amounts);
			double x = j >= 0 ? LpValue(&cross->lp, j) : 0;
			int64_t amount = x > 0 ? (int64_t) floor(x + 1e-3) : 0;

			if (amount > left)
				amount = left;
			for (int r = 0; r < n; r++)
				if (amount > cross->room[used[r]])
					amount = cross->room[used[r]];
			for (int r = 0; r < n; r++)
				cross->room[used[r]] -= amount;
			cross->option_amount[e->first_option + o] = amount;
			left -= amount;
		}
	}
}

/* Hand out what cutting down left over, cheapest bid first. */
static void
FillUp(Cross *cross)
{
	const Entries *entries = cross->entries;
	int64_t used[ENTRY_ROWS], amounts[ENTRY_ROWS];

	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];
		int64_t left = e->amount;

		for (uint32_t o = 0; o < e->option_count; o++)
			left -= cross->option_amount[e->first_option + o];
		for (uint32_t o = 0; o < e->option_count && left > 0; o++)
		{
			int n = OptionRows(cross->auction, entries, e, entries->options[e->first_option + o],
							   used, amounts);
			int64_t amount = left;

			if (cross->column[e->first_option + o] < 0)
				break;
			for (int r = 0; r < n; r++)
				if (amount > cross->room[used[r]])
					amount = cross->room[used[r]];
			for (int r = 0; r < n; r++)
				cross->room[used[r]] -= amount;
			cross->option_amount[e->first_option + o] += amount;
			left -= amount;
		}
	}
}

static ClexStatus
ReadCross(Cross *cross, const Cells *cells, AuctionResult *result, Vector *awards)
{
	Auction *auction = cross->auction;
	const Entries *entries = cross->entries;
	int64_t *funded = ArenaAllocZero(auction->arena, ((size_t) cells->count + 1) * 8);
	int64_t *by_place = ArenaAllocZero(auction->arena, ((size_t) auction->bid_count + 2) * 8);
	ClexStatus status = funded != NULL && by_place != NULL ? CLEX_OK : CLEX_NO_MEMORY;

	for (uint32_t r = 0; r < auction->row_count; r++)
		if (cross->lp_row[r] >= 0 && cross->lp.price[cross->lp_row[r]] < 0)
			result->price[r] =
				(int64_t) llround(-cross->lp.price[cross->lp_row[r]] * AUCTION_PRICE_SCALE);
	for (uint32_t t = 0; t < entries->count && status == CLEX_OK; t++)
	{
		const Entry *e = &entries->entries[t];
		const AuctionMarket *m = &auction->markets[e->market];
		uint32_t o = 0;

		/* options are a part of the market's bids, in the same order */
		for (int32_t j = 0; j < m->count; j++)
		{
			by_place[j] = 0;
			if (o < e->option_count &&
				entries->options[e->first_option + o] == auction->market_bids[m->first + j])
				by_place[j] = cross->option_amount[e->first_option + o++];
			funded[t] += by_place[j];
		}
		status = Disaggregate(auction, cells, t, t + 1, funded, by_place, awards);
	}
	return status;
}

/* Entries that a greedy award at rough prices funds whole are in the first basis. */
static ClexStatus
StartGreedy(Cross *cross, ClexError *error)
{
	Auction *auction = cross->auction;
	const Entries *entries = cross->entries;
	double *price = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	int32_t *choice = ArenaAllocArray(auction->arena, (size_t) entries->count + 1, 4);
	int32_t *variables = ArenaAllocArray(auction->arena, (size_t) cross->lp.rows + 1, 4);
	int32_t count = 0;
	double bound;
	ClexStatus status;

	if (price == NULL || choice == NULL || variables == NULL)
		return CLEX_NO_MEMORY;
	status = PriceAscent(auction, entries, getenv("R")?atoi(getenv("R")):START_ROUNDS, cross->dearest / 10, price, &bound, error);
	if (status == CLEX_OK)
		status = GreedyAward(auction, entries, price, choice, cross->room);
	for (uint32_t t = 0; t < entries->count && status == CLEX_OK; t++)
	{
		uint64_t o = entries->entries[t].first_option + (uint32_t) choice[t];

		if (choice[t] >= 0 && cross->column[o] >= 0)
			variables[count++] = 2 * cross->lp.rows + cross->column[o];
		else
			variables[count++] = 2 * (int32_t) t;
	}
	for (int32_t r = (int32_t) entries->count; r < cross->lp.rows; r++)
		variables[count++] = 2 * r;
	return status == CLEX_OK ? LpStart(&cross->lp, variables, count) : status;
}

ClexStatus
ClearCross(Auction *auction, const Cells *cells, const Entries *entries, AuctionResult *result,
		   ClexError *error)
{
	Cross cross = {.auction = auction, .entries = entries};
	Vector awards;
	ClexStatus status = LayCross(&cross);

	VectorInit(&awards, auction->arena, sizeof(AuctionAward));
	cross.option_amount = ArenaAllocZero(auction->arena, (entries->option_count + 1) * 8);
	cross.room = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	if (status == CLEX_OK && (cross.option_amount == NULL || cross.room == NULL))
		status = CLEX_NO_MEMORY;
	if (status == CLEX_OK)
	{
		FillCross(&cross);
		status = StartGreedy(&cross, error);
	}
	if (status == CLEX_OK)
		status = LpSolve(&cross.lp, INT64_MAX / 2);
	result->rounds = cross.lp.iterations;
	if (status == CLEX_OK)
	{
		CutDown(&cross);
		FillUp(&cross);
		status = ReadCross(&cross, cells, result, &awards);
	}
	if (status == CLEX_OK)
		status = FinishAwards(auction, &awards, result);
	if (status != CLEX_OK)
		ClexFail(error, status, "cannot solve the linear programme of the auction");
	return status;
}
