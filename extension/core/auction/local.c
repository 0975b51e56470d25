/*
 * local.c
 *		Whole awards improved by shifting one entry, or by one entry pushing out another.
 *
 * Entries are visited in a fixed order.  An entry that fits a cheaper bid moves there.  One that does
 * not fit looks for an occupant of the row that blocks it, barely large enough, whose next best place
 * costs less than the move gains.  Nothing leaves a bid that would then miss its minimum.  Lists of
 * occupants are by amount and rebuilt once a pass.
 */
#include "core/auction/solve.h"

#include <math.h>

/* Occupants tried for one blocked option. */
#define TRIES 24

typedef struct Local
{
	Auction *auction;
	const Entries *entries; /* shortlist */
	int32_t *choice;
	int64_t *room;
	double *cost;		 /* by option, raw units */
	uint32_t *by_amount; /* entries */
	uint32_t *list;		 /* occupants by row, ascending amount */
	uint64_t *list_start;
	int64_t moves;
} Local;

static inline int32_t
BidOf(const Local *local, uint32_t t, int32_t choice)
{
	return local->entries->options[local->entries->entries[t].first_option + (uint32_t) choice];
}

static inline double
CostOf(const Local *local, uint32_t t, int32_t choice)
{
	const Entry *e = &local->entries->entries[t];

	return choice < 0 ? (double) e->outside : local->cost[e->first_option + (uint32_t) choice];
}

/* Add (sign -1) or take away (sign 1) an entry's amounts from the room of its rows. */
static void
Occupy(Local *local, uint32_t t, int32_t choice, int64_t sign)
{
	const Entry *e = &local->entries->entries[t];
	int64_t rows[ENTRY_ROWS], amounts[ENTRY_ROWS];
	int n;

	if (choice < 0)
		return;
	n = OptionRows(local->auction, local->entries, e, BidOf(local, t, choice), rows, amounts);
	for (int r = 0; r < n; r++)
		local->room[rows[r]] += sign * amounts[r];
}

/* The row that most lacks room for an option, or -1 when it fits. */
static int64_t
BlockingRow(const Local *local, uint32_t t, int32_t choice, int64_t *lack, int *blocked)
{
	const Entry *e = &local->entries->entries[t];
	int64_t rows[ENTRY_ROWS], amounts[ENTRY_ROWS], worst = -1;
	int n = OptionRows(local->auction, local->entries, e, BidOf(local, t, choice), rows, amounts);

	*lack = 0;
	*blocked = 0;
	for (int r = 0; r < n; r++)
		if (amounts[r] > local->room[rows[r]])
		{
			(*blocked)++;
			if (amounts[r] - local->room[rows[r]] > *lack)
			{
				*lack = amounts[r] - local->room[rows[r]];
				worst = rows[r];
			}
		}
	return worst;
}

/* The cheapest place of an entry that fits now and costs less than `below`; -2 when there is none. */
static int32_t
BestFit(const Local *local, uint32_t t, double below, double *cost)
{
	const Entry *e = &local->entries->entries[t];
	int32_t best = -2;

	if ((double) e->outside < below)
	{
		below = (double) e->outside;
		best = -1;
	}
	for (uint32_t o = 0; o < e->option_count; o++)
	{
		int64_t lack;
		int blocked;

		if (local->cost[e->first_option + o] >= below ||
			BlockingRow(local, t, (int32_t) o, &lack, &blocked) >= 0)
			continue;
		below = local->cost[e->first_option + o];
		best = (int32_t) o;
	}
	*cost = below;
	return best;
}

/* List the occupants of every row by amount. */
static void
ListOccupants(Local *local)
{
	const Auction *auction = local->auction;
	int64_t rows[ENTRY_ROWS], amounts[ENTRY_ROWS];

	memset(local->list_start, 0, ((size_t) auction->row_count + 2) * sizeof(uint64_t));
	for (int fill = 0; fill < 2; fill++)
	{
		for (uint32_t i = 0; i < local->entries->count; i++)
		{
			uint32_t t = local->by_amount[i];
			int n;

			if (local->choice[t] < 0)
				continue;
			n = OptionRows(auction, local->entries, &local->entries->entries[t],
						   BidOf(local, t, local->choice[t]), rows, amounts);
			for (int r = 0; r < n; r++)
				if (fill)
					local->list[local->list_start[rows[r] + 1]++] = t;
				else
					local->list_start[rows[r] + 2]++;
		}
		if (!fill)
			for (uint32_t r = 0; r < auction->row_count; r++)
				local->list_start[r + 2] += local->list_start[r + 1];
	}
}

/* Does an entry sit on a row now? */
static bool
Sits(const Local *local, uint32_t t, int64_t row)
{
	int64_t rows[ENTRY_ROWS], amounts[ENTRY_ROWS];
	int n;

	if (local->choice[t] < 0)
		return false;
	n = OptionRows(local->auction, local->entries, &local->entries->entries[t],
				   BidOf(local, t, local->choice[t]), rows, amounts);
	for (int r = 0; r < n; r++)
		if (rows[r] == row)
			return true;
	return false;
}

/* Does its bid meet its minimum with entry t, and miss it without? */
static bool
Needed(const Local *local, uint32_t t)
{
	const AuctionBid *b;
	int64_t given, amount = local->entries->entries[t].amount;
	int32_t k;

	if (!local->auction->has_minimum || local->choice[t] < 0)
		return false;
	k = BidOf(local, t, local->choice[t]);
	b = AuctionBidAt(local->auction, (uint32_t) k);
	given = local->auction->limit[k] - local->room[k];
	return given >= b->min_award && given > amount && given - amount < b->min_award;
}

/* Entry t wants an option that a row blocks: push one occupant out if that gains. */
static bool
PushOut(Local *local, uint32_t t, int32_t want, int64_t row, int64_t lack, double gain)
{
	const Entry *entries = local->entries->entries;
	uint64_t low = local->list_start[row], high = local->list_start[row + 1], end = high;

	while (low < high)
	{
		uint64_t middle = (low + high) / 2;

		if (entries[local->list[middle]].amount < lack)
			low = middle + 1;
		else
			high = middle;
	}
	for (int tries = 0; low < end && tries < TRIES; low++, tries++)
	{
		uint32_t u = local->list[low];
		int32_t u_old = local->choice[u], t_old = local->choice[t], u_new;
		int64_t still;
		int blocked;
		double u_cost;

		if (u == t || !Sits(local, u, row) || Needed(local, u))
			continue;
		Occupy(local, t, t_old, 1);
		Occupy(local, u, u_old, 1);
		if (BlockingRow(local, t, want, &still, &blocked) < 0)
		{
			Occupy(local, t, want, -1);
			u_new = BestFit(local, u, CostOf(local, u, u_old) + gain * (1 - 1e-9), &u_cost);
			if (u_new != -2)
			{
				Occupy(local, u, u_new, -1);
				local->choice[t] = want;
				local->choice[u] = u_new;
				local->moves++;
				return true;
			}
			Occupy(local, t, want, 1);
		}
		Occupy(local, u, u_old, -1);
		Occupy(local, t, t_old, -1);
	}
	return false;
}

/* Try to put one entry into a better place. */
static bool
Improve(Local *local, uint32_t t)
{
	const Entry *e = &local->entries->entries[t];
	double present = CostOf(local, t, local->choice[t]), cost;
	int32_t fit;

	if (Needed(local, t))
		return false;
	Occupy(local, t, local->choice[t], 1);
	fit = BestFit(local, t, present * (1 - 1e-12), &cost);
	if (fit != -2)
	{
		local->choice[t] = fit;
		local->moves++;
		present = cost;
	}
	Occupy(local, t, local->choice[t], -1);
	for (uint32_t o = 0; o < e->option_count; o++)
	{
		double gain = present - local->cost[e->first_option + o];
		int64_t row, lack;
		int blocked;

		if (gain <= present * 1e-12 || (int32_t) o == local->choice[t])
			continue;
		row = BlockingRow(local, t, (int32_t) o, &lack, &blocked);
		if (row >= 0 && PushOut(local, t, (int32_t) o, row, lack, gain))
			return true;
	}
	return fit != -2;
}

ClexStatus
LocalSearch(Auction *auction, const Entries *shortlist, int passes, int32_t *choice, int64_t *room,
			ClexError *error)
{
	Local local = {.auction = auction, .entries = shortlist, .choice = choice, .room = room};
	uint64_t *keys = ArenaAllocArray(auction->arena, (size_t) shortlist->count + 1, 8);
	size_t memberships = 0;

	for (uint32_t t = 0; t < shortlist->count; t++)
		memberships += 3 + shortlist->entries[t].slot_count;
	local.cost = ArenaAllocArray(auction->arena, shortlist->option_count + 1, sizeof(double));
	local.by_amount = ArenaAllocArray(auction->arena, (size_t) shortlist->count + 1, 4);
	local.list = ArenaAllocArray(auction->arena, memberships + 1, sizeof(uint32_t));
	local.list_start = ArenaAllocArray(auction->arena, (size_t) auction->row_count + 2, 8);
	if (keys == NULL || local.cost == NULL || local.by_amount == NULL || local.list == NULL ||
		local.list_start == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while improving an auction");
	for (uint32_t t = 0; t < shortlist->count; t++)
	{
		const Entry *e = &shortlist->entries[t];

		keys[t] = (uint64_t) e->amount;
		local.by_amount[t] = t;
		for (uint32_t o = 0; o < e->option_count; o++)
			local.cost[e->first_option + o] =
				(double) e->weight *
				AuctionBidAt(auction, (uint32_t) shortlist->options[e->first_option + o])->rate;
	}
	if (AuctionRadixSort(auction, local.by_amount, shortlist->count, keys) != CLEX_OK)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while improving an auction");
	for (int pass = 0; pass < passes && !OutOfTime(auction); pass++)
	{
		int64_t before = local.moves;

		ListOccupants(&local);
		/* large amounts first: small ones fill what they leave */
		for (uint32_t i = shortlist->count; i-- > 0;)
		{
			if ((i & 1023) == 0 && ClexInterrupted(auction->arena->env))
				return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
			Improve(&local, local.by_amount[i]);
		}
		if (local.moves == before)
			break;
	}
	return CLEX_OK;
}
