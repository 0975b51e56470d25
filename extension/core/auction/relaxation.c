/*
 * relaxation.c
 *		An auction as a linear programme over the amounts of entries and bids.
 *
 * Rows that all demand together could not fill are left out, and so are bids that cost no less than
 * staying unfunded, unless it takes even those invoices to meet a minimum award.
 */
#include "core/auction/relaxation.h"

#include <math.h>

/* The simplex ends when the auction's time is over. */
static bool
TimeIsOver(const void *auction)
{
	return OutOfTime(auction);
}

static inline bool
Insisted(const Auction *auction, uint32_t k)
{
	return auction->insisted != NULL && auction->insisted[k];
}

/* Number the rows that could be full, and the columns that could pay. */
static ClexStatus
LayRows(Relaxation *x, bool minimums, int32_t *rows, int32_t *columns, int64_t *elements)
{
	Auction *auction = x->auction;
	const Entries *entries = x->entries;
	double *demand = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	const PathRow *path = entries->path;

	x->lp_row = ArenaAllocArray(auction->arena, (size_t) auction->row_count + 1, 4);
	x->minimum_row = ArenaAllocArray(auction->arena, (size_t) auction->bid_count + 1, 4);
	x->column = ArenaAllocArray(auction->arena, entries->option_count + 1, 4);
	if (demand == NULL || x->lp_row == NULL || x->column == NULL || x->minimum_row == NULL)
		return CLEX_NO_MEMORY;
	*rows = (int32_t) entries->count;
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];

		x->outside += (double) e->outside;
		for (uint64_t o = e->first_option; o < e->first_option + e->option_count; o++)
		{
			const AuctionBid *b = AuctionBidAt(auction, (uint32_t) entries->options[o]);
			double saving =
				((double) e->outside - (double) e->weight * b->rate) / (double) e->amount;
			int n = OptionRows(auction, entries, e, entries->options[o]);

			x->column[o] =
				auction->limit[entries->options[o]] > 0 && (saving > 0 || b->min_award > 1)
					? (*columns)++
					: -1;
			if (x->column[o] < 0)
				continue;
			*elements += n + 2;
			if (saving > x->dearest)
				x->dearest = saving;
			for (int r = 0; r < n; r++)
				demand[path[r].row] += (double) path[r].amount;
		}
	}
	for (uint32_t r = 0; r < auction->row_count; r++)
		x->lp_row[r] = demand[r] > (double) auction->limit[r] ? (*rows)++ : -1;
	for (uint32_t k = 0; k < auction->bid_count; k++)
		x->minimum_row[k] =
			(minimums || Insisted(auction, k)) && AuctionBidAt(auction, k)->min_award > 1
				? (*rows)++
				: -1;
	return CLEX_OK;
}

/* The column of one option, from element `at`; returns where the next begins. */
static int32_t
FillColumn(Relaxation *x, uint32_t t, uint64_t o, int32_t at)
{
	const Entry *e = &x->entries->entries[t];
	int32_t k = x->entries->options[o], j = x->column[o];
	const PathRow *path = x->entries->path;
	int n = OptionRows(x->auction, x->entries, e, k);
	Lp *lp = &x->lp;

	lp->start[j] = at;
	/* no option costs more than staying unfunded */
	lp->cost[j] = fmin(0, ((double) e->weight * AuctionBidAt(x->auction, (uint32_t) k)->rate -
						   (double) e->outside) /
							  (double) e->amount);
	lp->row[at] = (int32_t) t;
	lp->coefficient[at++] = 1;
	for (int r = 0; r < n; r++)
		if (x->lp_row[path[r].row] >= 0)
		{
			lp->row[at] = x->lp_row[path[r].row];
			lp->coefficient[at++] = (double) path[r].amount / (double) e->amount;
		}
	if (x->minimum_row[k] >= 0)
	{
		lp->row[at] = x->minimum_row[k];
		lp->coefficient[at++] = -1;
	}
	return at;
}

ClexStatus
RelaxationBuild(Auction *auction, const Entries *entries, bool minimums, Relaxation *x)
{
	int32_t rows = 0, columns = 0, at = 0;
	int64_t elements = 0;
	ClexStatus status;

	*x = (Relaxation){.auction = auction, .entries = entries};
	status = LayRows(x, minimums, &rows, &columns, &elements);
	if (status == CLEX_OK)
		status = LpInit(&x->lp, auction->arena, rows, columns, elements);
	if (status != CLEX_OK)
		return status;
	x->lp.enough = TimeIsOver;
	x->lp.context = auction;
	for (int32_t r = 0; r < rows; r++)
		x->lp.over[r] = 16 * (x->dearest + 1);
	for (uint32_t r = 0; r < auction->row_count; r++)
		if (x->lp_row[r] >= 0)
			x->lp.rhs[x->lp_row[r]] = (double) auction->limit[r];
	for (uint32_t k = 0; k < auction->bid_count; k++)
		if (x->minimum_row[k] >= 0)
		{
			x->lp.rhs[x->minimum_row[k]] = -(double) AuctionBidAt(auction, k)->min_award;
			x->lp.over[x->minimum_row[k]] = Insisted(auction, k) ? 8 * (x->dearest + 1) : 0;
		}
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];

		x->lp.rhs[t] = (double) e->amount;
		for (uint64_t o = e->first_option; o < e->first_option + e->option_count; o++)
			if (x->column[o] >= 0)
				at = FillColumn(x, t, o, at);
	}
	x->lp.start[columns] = at;
	return CLEX_OK;
}
