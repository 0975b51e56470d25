/*
 * cross.c
 *		Divisible invoices under crossing caps: a linear programme, solved to a vertex.
 *
 * Few crossing caps are full in the end.  The simplex starts from the flow optimum in which they
 * cost rough prices: its tree is a basis as it stands.  At the end every column has been priced; the vertex is cut down to whole minor units, what
 * this frees is handed out again, and the rounded prices prove the result within about one minor unit
 * per full row.
 */
#include "core/auction/relaxation.h"

#include <math.h>

/* Rounds of price ascent before the simplex. */
#define START_ROUNDS 100

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
	const PathRow *path = entries->path;

	memcpy(cross->room, auction->limit, (size_t) auction->row_count * sizeof(int64_t));
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];
		int64_t left = e->amount;

		for (uint32_t o = 0; o < e->option_count; o++)
		{
			int32_t j = cross->relaxation.column[e->first_option + o];
			int32_t k = entries->options[e->first_option + o];
			int n = OptionRows(auction, entries, e, k);
			double x = j >= 0 ? LpValue(&cross->relaxation.lp, j) : 0;
			int64_t amount = x > 0 ? (int64_t) floor(x + 1e-3) : 0;

			if (amount > left)
				amount = left;
			for (int r = 0; r < n; r++)
				if (amount > cross->room[path[r].row])
					amount = cross->room[path[r].row];
			for (int r = 0; r < n; r++)
				cross->room[path[r].row] -= amount;
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
	const PathRow *path = entries->path;

	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];
		int64_t left = e->amount;

		for (uint32_t o = 0; o < e->option_count; o++)
			left -= cross->option_amount[e->first_option + o];
		for (uint32_t o = 0; o < e->option_count && left > 0; o++)
		{
			int n = OptionRows(cross->auction, entries, e, entries->options[e->first_option + o]);
			int64_t amount = left;

			if (cross->relaxation.column[e->first_option + o] < 0)
				break;
			for (int r = 0; r < n; r++)
				if (amount > cross->room[path[r].row])
					amount = cross->room[path[r].row];
			for (int r = 0; r < n; r++)
				cross->room[path[r].row] -= amount;
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

/* The options of an entry in the award, and its slack unless it is funded whole. */
static void
StartEntry(Cross *cross, uint32_t t, const Vector *awards, uint32_t w, int32_t *variables,
		   int32_t *count)
{
	const Auction *auction = cross->auction;
	const Entry *e = &cross->entries->entries[t];
	const Lp *lp = &cross->relaxation.lp;
	const PathRow *path = cross->entries->path;
	int64_t left = e->amount;
	uint32_t o = 0;

	for (; w < awards->count && VectorAt(awards, AuctionAward, w).invoice == t; w++)
	{
		const AuctionAward *award = &VectorAt(awards, AuctionAward, w);
		int32_t k = auction->market_bids[award->bid];
		int n;

		while (o < e->option_count && cross->entries->options[e->first_option + o] != k)
			o++;
		if (o == e->option_count || cross->relaxation.column[e->first_option + o] < 0)
			continue;
		n = OptionRows(auction, cross->entries, e, k);
		for (int r = 0; r < n; r++)
			cross->room[path[r].row] -= award->amount;
		left -= award->amount;
		if (*count < lp->rows)
			variables[(*count)++] = 2 * lp->rows + cross->relaxation.column[e->first_option + o];
	}
	if (left > 0 && *count < lp->rows)
		variables[(*count)++] = 2 * (int32_t) t;
}

/* The flow optimum at rough prices is the first basis; what it overfills stays so at a price. */
static ClexStatus
StartNested(Cross *cross, const Cells *cells, ClexError *error)
{
	Auction *auction = cross->auction;
	const Relaxation *x = &cross->relaxation;
	int32_t *variables = ArenaAllocArray(auction->arena, (size_t) x->lp.rows + 1, 4);
	uint32_t *first = ArenaAllocArray(auction->arena, (size_t) cells->count + 1, 4);
	int32_t count = 0;
	Ascent ascent;
	Vector awards;
	ClexStatus status = variables != NULL && first != NULL ? CLEX_OK : CLEX_NO_MEMORY;

	if (status == CLEX_OK)
		status = AscentInit(&ascent, auction, cross->entries, x->dearest / 10, START_ROUNDS);
	if (status == CLEX_OK)
		status = AscentRun(&ascent, cross->entries, START_ROUNDS, error);
	if (status == CLEX_OK)
		status = NestedAward(auction, cells, ascent.price, &awards, first, error);

	if (status != CLEX_OK)
		return status;
	memcpy(cross->room, auction->limit, (size_t) auction->row_count * sizeof(int64_t));
	for (uint32_t t = 0; t < cross->entries->count; t++)
		StartEntry(cross, t, &awards, first[t], variables, &count);
	for (uint32_t r = 0; r < auction->row_count && count < x->lp.rows; r++)
		if (x->lp_row[r] >= 0 && cross->room[r] != 0)
			variables[count++] = 2 * x->lp_row[r] + (cross->room[r] < 0);
	return LpStart(&cross->relaxation.lp, variables, count);
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
		status = StartNested(&cross, cells, error);
	if (status == CLEX_OK)
		status = LpSolve(&cross.relaxation.lp, LpPatience(&cross.relaxation.lp));
	/* what was reached is an award with prices all the same: the gap tells how far it is */
	if (status == CLEX_LIMIT)
		status = CLEX_OK;
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
