/*
 * greedy.c
 *		Whole awards at given prices: who loses most by waiting chooses first.
 *
 * With good prices this is close to an optimum; it starts the simplex and the local search.
 */
#include "core/auction/solve.h"

#include <math.h>

int
OptionRows(const Auction *auction, const Entries *entries, const Entry *e, int32_t bid)
{
	int64_t fixed[3];
	int n = 0;
	int32_t f = AuctionBidAt(auction, (uint32_t) bid)->financier;

	FixedRows(auction, entries->own_buyer, bid, fixed);
	for (int r = 0; r < 3; r++)
		if (fixed[r] >= 0 && auction->limit[fixed[r]] < AUCTION_NONE)
			entries->path[n++] = (PathRow){fixed[r], e->amount};
	for (uint32_t s = 0; s < e->slot_count; s++)
	{
		const EntrySlot *slot = &entries->slots[e->first_slot + s];
		int64_t row = SlotRow(auction, slot->slot, f);

		if (auction->limit[row] != AUCTION_NONE)
			entries->path[n++] = (PathRow){row, slot->amount};
	}
	return n;
}

double
OptionCost(const Auction *auction, const Entries *entries, const Entry *e, int32_t bid,
		   const double *price)
{
	const AuctionBid *b = AuctionBidAt(auction, (uint32_t) bid);
	double cost = (double) e->weight * b->rate;
	int64_t fixed[3];

	FixedRows(auction, entries->own_buyer, bid, fixed);
	for (int r = 0; r < 3; r++)
		if (fixed[r] >= 0)
			cost += (double) e->amount * price[fixed[r]];
	for (uint32_t s = 0; s < e->slot_count; s++)
	{
		const EntrySlot *slot = &entries->slots[e->first_slot + s];

		cost += (double) slot->amount * price[SlotRow(auction, slot->slot, b->financier)];
	}
	return cost;
}

/* The more is lost with the second choice, the earlier an entry chooses. */
static uint64_t
RegretKey(const Auction *auction, const Entries *entries, const Entry *e, const double *price)
{
	double best = (double) e->outside, second = best;
	double regret;
	uint64_t bits;

	for (uint32_t o = 0; o < e->option_count; o++)
	{
		double cost = OptionCost(auction, entries, e, entries->options[e->first_option + o], price);

		if (cost < best)
		{
			second = best;
			best = cost;
		}
		else if (cost < second)
			second = cost;
	}
	regret = second - best;
	memcpy(&bits, &regret, sizeof(bits));
	return ~bits;
}

int32_t
PlaceEntry(const Auction *auction, const Entries *entries, uint32_t t, const double *price,
		   int64_t *room)
{
	const Entry *e = &entries->entries[t];
	double best = (double) e->outside;
	int32_t choice = -1;
	int n;

	for (uint32_t o = 0; o < e->option_count; o++)
	{
		int32_t k = entries->options[e->first_option + o];
		double cost = OptionCost(auction, entries, e, k, price);
		bool fits = true;

		if (cost >= best)
			continue;
		n = OptionRows(auction, entries, e, k);
		for (int r = 0; r < n && fits; r++)
			fits = entries->path[r].amount <= room[entries->path[r].row];
		if (!fits)
			continue;
		best = cost;
		choice = (int32_t) o;
	}
	if (choice < 0)
		return choice;
	n = OptionRows(auction, entries, e, entries->options[e->first_option + (uint32_t) choice]);
	for (int r = 0; r < n; r++)
		room[entries->path[r].row] -= entries->path[r].amount;
	return choice;
}

ClexStatus
GreedyAward(Auction *auction, const Entries *entries, const double *price, int32_t *choice,
			int64_t *room)
{
	uint32_t *order = ArenaAllocArray(auction->arena, (size_t) entries->count + 1, 4);
	uint64_t *keys = ArenaAllocArray(auction->arena, (size_t) entries->count + 1, 8);

	if (order == NULL || keys == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t t = 0; t < entries->count; t++)
	{
		order[t] = t;
		keys[t] = RegretKey(auction, entries, &entries->entries[t], price);
	}
	if (AuctionRadixSort(auction, order, entries->count, keys) != CLEX_OK)
		return CLEX_NO_MEMORY;
	for (uint32_t i = 0; i < entries->count; i++)
	{
		if ((i & 4095) == 0 && ClexInterrupted(auction->arena->env))
			return CLEX_INTERRUPTED;
		choice[order[i]] = PlaceEntry(auction, entries, order[i], price, room);
	}
	return CLEX_OK;
}

/* What a bid asks of every entry: its rate, and the prices of the rows it fills whatever it takes. */
typedef struct BidPrice
{
	double rate;
	double row[3];
	int32_t financier;
} BidPrice;

static BidPrice *
PriceBids(const Auction *auction, bool own_buyer, const double *price)
{
	BidPrice *bids =
		ArenaAllocZero(auction->arena, ((size_t) auction->bid_count + 1) * sizeof(BidPrice));

	for (uint32_t k = 0; k < auction->bid_count && bids != NULL; k++)
	{
		const AuctionBid *b = AuctionBidAt(auction, k);
		int64_t fixed[3];

		FixedRows(auction, own_buyer, (int32_t) k, fixed);
		bids[k].rate = b->rate;
		bids[k].financier = b->financier;
		for (int r = 0; r < 3; r++)
			bids[k].row[r] = fixed[r] >= 0 ? price[fixed[r]] : 0;
	}
	return bids;
}

ClexStatus
Shortlist(Auction *auction, const Entries *entries, const double *price, const int32_t *keep,
		  uint32_t most, Entries *out)
{
	double *costs = ArenaAllocArray(auction->arena, most, sizeof(double));
	BidPrice *bids = PriceBids(auction, entries->own_buyer, price);
	size_t room = 0, at = 0;

	*out = *entries;
	for (uint32_t t = 0; t < entries->count; t++)
		room += entries->entries[t].option_count < most ? entries->entries[t].option_count : most;
	out->entries = ArenaAllocArray(auction->arena, (size_t) entries->count + 1, sizeof(Entry));
	out->options = ArenaAllocArray(auction->arena, room + 1, sizeof(int32_t));
	out->option_count = room;
	if (costs == NULL || bids == NULL || out->entries == NULL || out->options == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];
		int32_t *list = out->options + at;
		double amount = (double) e->amount, weight = (double) e->weight;
		uint32_t kept = 0;
		bool has = keep == NULL || keep[t] < 0;

		for (uint32_t o = 0; o < e->option_count; o++)
		{
			int32_t k = entries->options[e->first_option + o];
			double cost = weight * bids[k].rate;
			uint32_t i;

			for (int r = 0; r < 3; r++)
				cost += amount * bids[k].row[r];
			for (uint32_t s = e->first_slot; s < e->first_slot + e->slot_count; s++)
				cost += (double) entries->slots[s].amount *
						price[SlotRow(auction, entries->slots[s].slot, bids[k].financier)];

			if (kept == most && cost >= costs[most - 1])
				continue;
			i = kept < most ? kept++ : most - 1;
			for (; i > 0 && costs[i - 1] > cost; i--)
			{
				costs[i] = costs[i - 1];
				list[i] = list[i - 1];
			}
			costs[i] = cost;
			list[i] = k;
		}
		for (uint32_t i = 0; i < kept && !has; i++)
			has = list[i] == keep[t];
		if (!has)
			list[kept - 1] = keep[t];
		out->entries[t] = *e;
		out->entries[t].first_option = at;
		out->entries[t].option_count = kept;
		at += kept;
	}
	return CLEX_OK;
}

double
ChoiceCost(const Auction *auction, const Entries *entries, const int32_t *choice)
{
	double cost = 0;

	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];

		cost += choice[t] < 0
					? (double) e->outside
					: (double) e->weight *
						  AuctionBidAt(
							  auction,
							  (uint32_t) entries->options[e->first_option + (uint32_t) choice[t]])
							  ->rate;
	}
	return cost;
}
