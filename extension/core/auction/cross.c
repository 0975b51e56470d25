/*
 * cross.c
 *		Divisible invoices under crossing caps: a linear programme, solved to a vertex.
 *
 * The simplex starts from a greedy award at rough prices, whose whole awards are a basis as they
 * stand.  At the end every column has been priced; the vertex is cut down to whole minor units, what
 * this frees is handed out again, and the rounded prices prove the result within about one minor unit
 * per full row.
 */
#include "core/auction/relaxation.h"

#include <math.h>

/* Rounds of price ascent before the simplex. */
#define START_ROUNDS 60

typedef struct Cross
{
	Auction *auction;
	const Entries *entries;
	Relaxation relaxation;
	int64_t *option_amount; /* by option, whole minor units */
	int64_t *room;			/* by row */
} Cross;

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
			int32_t j = cross->relaxation.column[e->first_option + o];
			int32_t k = entries->options[e->first_option + o];
			int n = OptionRows(auction, entries, e, k, used, amounts);
			double x = j >= 0 ? LpValue(&cross->relaxation.lp, j) : 0;
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

			if (cross->relaxation.column[e->first_option + o] < 0)
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
		if (cross->relaxation.lp_row[r] >= 0 &&
			cross->relaxation.lp.price[cross->relaxation.lp_row[r]] < 0)
			result->price[r] = (int64_t) llround(
				-cross->relaxation.lp.price[cross->relaxation.lp_row[r]] * AUCTION_PRICE_SCALE);
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
	Ascent ascent;
	int32_t *choice = ArenaAllocArray(auction->arena, (size_t) entries->count + 1, 4);
	int32_t *variables = ArenaAllocArray(auction->arena, (size_t) cross->relaxation.lp.rows + 1, 4);
	int32_t count = 0;
	ClexStatus status;

	if (choice == NULL || variables == NULL)
		return CLEX_NO_MEMORY;
	status = AscentInit(&ascent, auction, entries, cross->relaxation.dearest / 10, START_ROUNDS);
	if (status == CLEX_OK)
		status = AscentRun(&ascent, entries, START_ROUNDS, error);
	if (status == CLEX_OK)
		status = GreedyAward(auction, entries, ascent.price, choice, cross->room);
	for (uint32_t t = 0; t < entries->count && status == CLEX_OK; t++)
	{
		uint64_t o = entries->entries[t].first_option + (uint32_t) choice[t];

		if (choice[t] >= 0 && cross->relaxation.column[o] >= 0)
			variables[count++] = 2 * cross->relaxation.lp.rows + cross->relaxation.column[o];
		else
			variables[count++] = 2 * (int32_t) t;
	}
	for (int32_t r = (int32_t) entries->count; r < cross->relaxation.lp.rows; r++)
		variables[count++] = 2 * r;
	return status == CLEX_OK ? LpStart(&cross->relaxation.lp, variables, count) : status;
}

ClexStatus
ClearCross(Auction *auction, const Cells *cells, const Entries *entries, AuctionResult *result,
		   ClexError *error)
{
	Cross cross = {.auction = auction, .entries = entries};
	Vector awards;
	ClexStatus status = RelaxationBuild(auction, entries, false, &cross.relaxation);

	VectorInit(&awards, auction->arena, sizeof(AuctionAward));
	cross.option_amount = ArenaAllocZero(auction->arena, (entries->option_count + 1) * 8);
	cross.room = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	if (status == CLEX_OK && (cross.option_amount == NULL || cross.room == NULL))
		status = CLEX_NO_MEMORY;
	if (status == CLEX_OK)
		status = StartGreedy(&cross, error);
	if (status == CLEX_OK)
		status = LpSolve(&cross.relaxation.lp, INT64_MAX / 2);
	result->rounds = cross.relaxation.lp.iterations;
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
