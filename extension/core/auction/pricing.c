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

/*
 * Where options are very many, all of them are looked at in some rounds only; in between those that were
 * the cheapest are enough to see which rows fill up.
 */
#define MANY_OPTIONS 1000000
#define NEAR_OPTIONS 8
#define ALL_ROUNDS 5

double
FirstStep(const Auction *auction, const Entries *entries)
{
	double saving = 0, amount = 0;

	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];

		if (e->option_count == 0)
			continue;
		amount += (double) e->amount;
		saving += (double) e->outside -
				  (double) e->weight *
					  AuctionBidAt(auction, (uint32_t) entries->options[e->first_option])->rate;
	}
	return amount > 0 && saving > 0 ? saving / amount / 12 : 1;
}

ClexStatus
AscentInit(Ascent *ascent, Auction *auction, const Entries *entries, double reach, int rounds)
{
	size_t bids = (size_t) auction->bid_count + 1, rows = (size_t) auction->row_count + 1;
	size_t count = (size_t) entries->count + 1, slots = 0;

	for (uint32_t t = 0; t < entries->count; t++)
		if (slots < (size_t) entries->entries[t].first_slot + entries->entries[t].slot_count)
			slots = (size_t) entries->entries[t].first_slot + entries->entries[t].slot_count;
	*ascent = (Ascent){.auction = auction,
					   .entries = entries,
					   .limit = auction->limit,
					   .reach = reach,
					   .rounds = rounds > 0 ? rounds : 1};
	ascent->price = ArenaAllocZero(auction->arena, rows * sizeof(double));
	ascent->bids = ArenaAllocArray(auction->arena, bids, sizeof(AscentBid));
	ascent->use = ArenaAllocArray(auction->arena, rows, sizeof(double));
	ascent->mean = ArenaAllocZero(auction->arena, rows * sizeof(double));
	ascent->square = ArenaAllocZero(auction->arena, rows * sizeof(double));
	ascent->tenor = ArenaAllocArray(auction->arena, count, sizeof(double));
	ascent->outside = ArenaAllocArray(auction->arena, count, sizeof(double));
	ascent->share = ArenaAllocArray(auction->arena, slots + 1, sizeof(double));
	if (auction->arena->exhausted)
		return CLEX_NO_MEMORY;
	for (uint32_t k = 0; k < auction->bid_count; k++)
		ascent->bids[k] = (AscentBid){.rate = AuctionBidAt(auction, k)->rate,
									  .financier = AuctionBidAt(auction, k)->financier};
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];

		ascent->tenor[t] = (double) e->weight / (double) e->amount;
		ascent->outside[t] = (double) e->outside / (double) e->amount;
		for (uint32_t s = e->first_slot; s < e->first_slot + e->slot_count; s++)
			ascent->share[s] = (double) entries->slots[s].amount / (double) e->amount;
	}
	return CLEX_OK;
}

/* What a bid asks per minor unit whatever it takes, and where the prices of its crossing caps stand. */
typedef struct Offer
{
	const Ascent *ascent;
	const Entry *entry;
	double tenor;
} Offer;

/* The cost of an option per minor unit if it is below a limit; otherwise something that is not. */
static inline double
OfferBelow(const Offer *offer, int32_t k, double limit)
{
	const Ascent *ascent = offer->ascent;
	const AscentBid *b = &ascent->bids[k];
	const Entry *e = offer->entry;
	double cost = offer->tenor * b->rate + b->fixed, cross = 0;

	/* crossing caps can only add to that */
	if (cost >= limit)
		return cost;
	for (uint32_t s = e->first_slot; s < e->first_slot + e->slot_count; s++)
		cross +=
			ascent->share[s] *
			ascent->price[SlotRow(ascent->auction, ascent->entries->slots[s].slot, b->financier)];
	return cost + cross;
}

/* Keep the cheapest options of an entry, the cheapest first; of equal ones that which comes first. */
static double
KeepNear(Ascent *ascent, uint32_t t, const Offer *offer)
{
	const int32_t *option = ascent->entries->options + offer->entry->first_option;
	uint32_t count = offer->entry->option_count, kept = 0;
	int32_t *near = ascent->near + (size_t) t * NEAR_OPTIONS;
	double price[NEAR_OPTIONS];

	for (uint32_t o = 0; o < count; o++)
	{
		double limit = kept < NEAR_OPTIONS ? HUGE_VAL : price[kept - 1];
		double cost = OfferBelow(offer, option[o], limit);
		uint32_t place;

		if (cost >= limit)
			continue;
		kept += kept < NEAR_OPTIONS;
		for (place = kept - 1; place > 0 && cost < price[place - 1]; place--)
		{
			price[place] = price[place - 1];
			near[place] = near[place - 1];
		}
		price[place] = cost;
		near[place] = option[o];
	}
	return price[0];
}

/*
 * The cheapest option of an entry at the present prices, or -1; *value per minor unit.  Unless `all`, of
 * those that were near when all were looked at.
 */
static int32_t
CheapestOption(Ascent *ascent, uint32_t t, bool all, double *value)
{
	const Entry *e = &ascent->entries->entries[t];
	const Offer offer = {ascent, e, ascent->tenor[t]};
	const int32_t *option = e->option_count > 0 ? ascent->entries->options + e->first_option : NULL;
	uint32_t count = e->option_count;
	double best = ascent->outside[t];
	int32_t chosen = -1;

	if (ascent->near != NULL && count > NEAR_OPTIONS)
	{
		option = ascent->near + (size_t) t * NEAR_OPTIONS;
		count = NEAR_OPTIONS;
		if (all)
		{
			double cost = KeepNear(ascent, t, &offer);

			*value = cost < best ? cost : best;
			return cost < best ? option[0] : -1;
		}
	}
	for (uint32_t o = 0; o < count; o++)
	{
		double cost = OfferBelow(&offer, option[o], best);

		if (cost < best)
		{
			best = cost;
			chosen = option[o];
		}
	}
	*value = best;
	return chosen;
}

/* What small entries use is kept free while large ones are awarded; bids add up to what they pay besides. */
static void
SumSmall(Ascent *ascent)
{
	const Auction *auction = ascent->auction;
	int64_t row[3];

	for (int sum = 0; sum < 2; sum++)
		for (uint32_t k = 0; k < auction->bid_count; k++)
		{
			FixedRows(auction, ascent->entries->own_buyer, (int32_t) k, row);
			for (int r = 1; r < 3; r++)
				if (row[r] >= 0)
					ascent->small_use[row[r]] =
						sum ? ascent->small_use[row[r]] + ascent->small_use[k] : 0;
		}
}

/* The dual value at the prices, and the use of every row; unless `all`, as if entries had near options alone. */
static double
Evaluate(Ascent *ascent, bool all)
{
	const Auction *auction = ascent->auction;
	const Entries *entries = ascent->entries;
	const double *price = ascent->price;
	bool counting = ascent->small_use != NULL && 2 * ascent->round >= ascent->rounds;
	double sum = 0;

	ascent->small_rounds += counting;
	memset(ascent->use, 0, (size_t) auction->row_count * sizeof(double));
	for (uint32_t k = 0; k < auction->bid_count; k++)
	{
		int64_t row[3];

		FixedRows(auction, entries->own_buyer, (int32_t) k, row);
		ascent->bids[k].fixed =
			price[k] + (row[1] >= 0 ? price[row[1]] : 0) + (row[2] >= 0 ? price[row[2]] : 0);
	}
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];
		double value;
		int32_t k = CheapestOption(ascent, t, all, &value);
		bool small;

		sum += value * (double) e->amount;
		if (k < 0)
			continue;
		ascent->use[k] += (double) e->amount;
		small = counting && e->amount < ascent->small;
		if (small)
			ascent->small_use[k] += (double) e->amount;
		for (uint32_t s = 0; s < e->slot_count; s++)
		{
			const EntrySlot *slot = &entries->slots[e->first_slot + s];
			int64_t row = SlotRow(auction, slot->slot, ascent->bids[k].financier);

			ascent->use[row] += (double) slot->amount;
			if (small)
				ascent->small_use[row] += (double) slot->amount;
		}
	}
	for (uint32_t k = 0; k < auction->bid_count; k++)
	{
		int64_t row[3];

		FixedRows(auction, entries->own_buyer, (int32_t) k, row);
		for (int r = 1; r < 3; r++)
			if (row[r] >= 0)
				ascent->use[row[r]] += ascent->use[k];
	}
	for (uint32_t r = 0; r < auction->row_count; r++)
		if (price[r] > 0)
			sum -= price[r] * (double) ascent->limit[r];
	return sum;
}

/* One step of all prices towards a fuller fit. */
static void
Step(Ascent *ascent, double length)
{
	const Auction *auction = ascent->auction;
	double *price = ascent->price;
	double correct_mean = 1 - pow(0.8, ascent->round + 1);
	double correct_square = 1 - pow(0.98, ascent->round + 1);

	for (uint32_t r = 0; r < auction->row_count; r++)
	{
		double over;

		if (ascent->limit[r] == AUCTION_NONE || (price[r] == 0 && ascent->use[r] == 0))
			continue;
		over = ascent->limit[r] > 0
				   ? (ascent->use[r] - (double) ascent->limit[r]) / (double) ascent->limit[r]
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
AscentRun(Ascent *ascent, const Entries *entries, int rounds, ClexError *error)
{
	Auction *auction = ascent->auction;
	double *best = ArenaAllocArray(auction->arena, (size_t) auction->row_count + 1, sizeof(double));
	double bound = -HUGE_VAL;

	if (best == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while pricing an auction");
	ascent->entries = entries;
	ascent->near = NULL;
	if (entries->option_count > MANY_OPTIONS)
	{
		ascent->near = ArenaAllocArray(auction->arena, (size_t) entries->count * NEAR_OPTIONS,
									   sizeof(int32_t));
		if (ascent->near == NULL)
			return ClexFail(error, CLEX_NO_MEMORY, "out of memory while pricing an auction");
	}
	for (int done = 0; rounds > 0 && !OutOfTime(auction); rounds--, done++, ascent->round++)
	{
		bool all = ascent->near == NULL || done % ALL_ROUNDS == 0;
		double value = Evaluate(ascent, all);

		if (ClexInterrupted(auction->arena->env))
			return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
		/* what some of the options promise is no bound */
		if (all && value > bound)
		{
			bound = value;
			memcpy(best, ascent->price, (size_t) auction->row_count * sizeof(double));
		}
		/* over the schedule steps shrink to a five-hundredth */
		Step(ascent, ascent->reach * pow(0.002, (double) ascent->round / ascent->rounds));
	}
	if (ascent->small_use != NULL)
		SumSmall(ascent);
	if (ascent->round >= ascent->rounds || rounds > 0)
		memcpy(ascent->price, best, (size_t) auction->row_count * sizeof(double));
	return CLEX_OK;
}
