/*
 * pricing.c
 *		Prices of full rows by ascent of the dual bound.
 *
 * At given prices every entry takes its cheapest option; rows that this overfills become dearer,
 * rows that it leaves empty cheaper.  Steps are scaled per row (by a running mean of its squared
 * relative overuse) and shrink geometrically, so that one rule serves caps of all sizes.  The number
 * of rounds is fixed: the result depends on the auction alone.  Prices here are doubles in ppm x day;
 * whatever they are, certificate.c proves the bound in integers.
 */
#include "core/auction/solve.h"

#include <math.h>

typedef struct Ascent
{
	Auction *auction;
	const Entries *entries;
	double *fixed; /* by bid */
	double *rate;  /* by bid */
	int32_t *financier; /* by bid */
	double *cross; /* by financier */
	double *use;   /* by row */
	double *mean;  /* running mean of relative overuse, by row */
	double *square;
} Ascent;

static ClexStatus
AscentInit(Ascent *ascent, Auction *auction, const Entries *entries)
{
	size_t bids = (size_t) auction->bid_count + 1, rows = (size_t) auction->row_count + 1;

	*ascent = (Ascent){.auction = auction, .entries = entries};
	ascent->fixed = ArenaAllocArray(auction->arena, bids, sizeof(double));
	ascent->rate = ArenaAllocArray(auction->arena, bids, sizeof(double));
	ascent->financier = ArenaAllocArray(auction->arena, bids, sizeof(int32_t));
	ascent->cross = ArenaAllocZero(auction->arena, (auction->financier_count + 1) * sizeof(double));
	ascent->use = ArenaAllocArray(auction->arena, rows, sizeof(double));
	ascent->mean = ArenaAllocZero(auction->arena, rows * sizeof(double));
	ascent->square = ArenaAllocZero(auction->arena, rows * sizeof(double));
	if (auction->arena->exhausted)
		return CLEX_NO_MEMORY;
	for (uint32_t k = 0; k < auction->bid_count; k++)
	{
		ascent->rate[k] = AuctionBidAt(auction, k)->rate;
		ascent->financier[k] = AuctionBidAt(auction, k)->financier;
	}
	return CLEX_OK;
}

/* The cheapest option of an entry at the present prices, or -1; *value per minor unit. */
static int32_t
CheapestOption(Ascent *ascent, const Entry *e, const double *price, double *value)
{
	const Auction *auction = ascent->auction;
	const int32_t *option = ascent->entries->options + e->first_option;
	double tenor = (double) e->weight / (double) e->amount;
	double best = (double) e->outside / (double) e->amount;
	int32_t chosen = -1;

	for (uint32_t s = 0; s < e->slot_count; s++)
	{
		const EntrySlot *slot = &ascent->entries->slots[e->first_slot + s];
		const double *row = price + SlotRow(auction, slot->slot, 0);
		double share = (double) slot->amount / (double) e->amount;

		for (uint32_t f = 0; f < auction->financier_count; f++)
			ascent->cross[f] = (s == 0 ? 0 : ascent->cross[f]) + share * row[f];
	}
	for (uint32_t o = 0; o < e->option_count; o++)
	{
		int32_t k = option[o];
		double cost =
			tenor * ascent->rate[k] + ascent->fixed[k] + ascent->cross[ascent->financier[k]];

		if (cost < best)
		{
			best = cost;
			chosen = k;
		}
	}
	*value = best;
	return chosen;
}

/* The dual value at the prices, and the use of every row. */
static double
Evaluate(Ascent *ascent, const double *price)
{
	const Auction *auction = ascent->auction;
	const Entries *entries = ascent->entries;
	double sum = 0;

	memset(ascent->use, 0, (size_t) auction->row_count * sizeof(double));
	for (uint32_t k = 0; k < auction->bid_count; k++)
	{
		int64_t row[3];

		FixedRows(auction, entries, (int32_t) k, row);
		ascent->fixed[k] = price[k] + (row[1] >= 0 ? price[row[1]] : 0) +
						   (row[2] >= 0 ? price[row[2]] : 0);
	}
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];
		double value;
		int32_t k = CheapestOption(ascent, e, price, &value);

		sum += value * (double) e->amount;
		if (k < 0)
			continue;
		ascent->use[k] += (double) e->amount;
		for (uint32_t s = 0; s < e->slot_count; s++)
		{
			const EntrySlot *slot = &entries->slots[e->first_slot + s];

			ascent->use[SlotRow(auction, slot->slot, ascent->financier[k])] +=
				(double) slot->amount;
		}
	}
	for (uint32_t k = 0; k < auction->bid_count; k++)
	{
		int64_t row[3];

		FixedRows(auction, entries, (int32_t) k, row);
		for (int r = 1; r < 3; r++)
			if (row[r] >= 0)
				ascent->use[row[r]] += ascent->use[k];
	}
	for (uint32_t r = 0; r < auction->row_count; r++)
		if (price[r] > 0)
			sum -= price[r] * (double) auction->limit[r];
	return sum;
}

/* One step of all prices towards a fuller fit. */
static void
Step(Ascent *ascent, double *price, double length, int round)
{
	const Auction *auction = ascent->auction;
	double correct_mean = 1 - pow(0.8, round + 1), correct_square = 1 - pow(0.98, round + 1);

	for (uint32_t r = 0; r < auction->row_count; r++)
	{
		double over;

		if (auction->limit[r] == AUCTION_NONE || (price[r] == 0 && ascent->use[r] == 0))
			continue;
		over = auction->limit[r] > 0
				   ? (ascent->use[r] - (double) auction->limit[r]) / (double) auction->limit[r]
				   : (ascent->use[r] > 0 ? 1.0 : 0.0);
		if (over > 2)
			over = 2;
		ascent->mean[r] = 0.8 * ascent->mean[r] + 0.2 * over;
		ascent->square[r] = 0.98 * ascent->square[r] + 0.02 * over * over;
		price[r] += length * (ascent->mean[r] / correct_mean) /
					(sqrt(ascent->square[r] / correct_square) + 0.02);
		if (price[r] < 0)
			price[r] = 0;
	}
}

ClexStatus
PriceAscent(Auction *auction, const Entries *entries, int rounds, double reach, double *price,
			double *bound, ClexError *error)
{
	Ascent ascent;
	double *best = ArenaAllocArray(auction->arena, (size_t) auction->row_count + 1, sizeof(double));
	double length = reach, shrink = pow(0.002, 1.0 / (rounds > 0 ? rounds : 1));

	if (AscentInit(&ascent, auction, entries) != CLEX_OK || best == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while pricing an auction");
	*bound = -HUGE_VAL;
	for (int round = 0; round < rounds; round++, length *= shrink)
	{
		double value = Evaluate(&ascent, price);

		if (ClexInterrupted(auction->arena->env))
			return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
		if (value > *bound)
		{
			*bound = value;
			memcpy(best, price, (size_t) auction->row_count * sizeof(double));
		}
		Step(&ascent, price, length, round);
	}
	memcpy(price, best, (size_t) auction->row_count * sizeof(double));
	return CLEX_OK;
}
