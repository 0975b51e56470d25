/*
 * ruin.c
 *		Entries round a bid taken out at random and placed again, cheapest at prices first.
 *
 * Prices say what room is worth to others, so the new places differ from those that a search by cost
 * alone would find.  A step is kept when what results costs less than the best award by now and an
 * allowance that melts away; without an allowance, when it gains.
 */
#include "core/auction/board.h"

#include <math.h>
#include <stdlib.h>

/* Entries moved at once, and bids emptied. */
#define MOST_TAKEN 60
#define MOST_BIDS 3

typedef struct Taken
{
	double key;
	uint32_t entry;
} Taken;

typedef struct Ruining
{
	Board *board;
	double *priced; /* by option: cost at prices */
	double *regret; /* by entry: what its second choice costs more */
	uint8_t *taken; /* by entry */
	uint64_t seed;
	int32_t *best;	   /* the cheapest award by now; NULL without an allowance */
	double above;	   /* what the present one costs more */
	int32_t favourite; /* a bid that is to be filled, -1 = none */
	Taken list[MOST_TAKEN];
	int count;
} Ruining;

static inline uint32_t
Random(Ruining *r, uint32_t below)
{
	r->seed = r->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t) ((r->seed >> 33) % below);
}

static int
CompareTaken(const void *a, const void *b)
{
	const Taken *x = a, *y = b;

	if (x->key != y->key)
		return x->key > y->key ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

/* Costs at prices, and what each entry would lose with its second choice. */
static ClexStatus
RuinInit(Ruining *r, Board *b, const double *price)
{
	Arena *arena = b->auction->arena;
	const Entries *entries = b->entries;

	*r = (Ruining){.board = b, .seed = 1};
	r->priced = ArenaAllocArray(arena, entries->option_count + 1, sizeof(double));
	r->regret = ArenaAllocArray(arena, (size_t) entries->count + 1, sizeof(double));
	r->taken = ArenaAllocZero(arena, (size_t) entries->count + 1);
	if (r->priced == NULL || r->regret == NULL || r->taken == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];
		double best = (double) e->outside, second = best;

		for (uint64_t o = e->first_option; o < e->first_option + e->option_count; o++)
		{
			double cost = OptionCost(b->auction, entries, e, entries->options[o], price);

			r->priced[o] = cost;
			if (cost < best)
			{
				second = best;
				best = cost;
			}
			else if (cost < second)
				second = cost;
		}
		r->regret[t] = second - best;
	}
	return CLEX_OK;
}

static bool
Take(Ruining *r, uint32_t t)
{
	if (r->taken[t] || r->count == MOST_TAKEN)
		return true;
	r->taken[t] = 1;
	r->list[r->count++].entry = t;
	return BoardMove(r->board, t, -1);
}

/* Take a part of what a bid holds. */
static bool
TakeBid(Ruining *r, int32_t k, uint32_t part)
{
	Board *b = r->board;

	for (int32_t t = b->head[k], next; t >= 0; t = next)
	{
		next = b->next[t];
		if (Random(r, 100) < part && !Take(r, (uint32_t) t))
			return false;
	}
	return true;
}

/* Take some of those that would rather be with a bid. */
static bool
TakeFans(Ruining *r, int32_t k)
{
	Board *b = r->board;
	uint32_t fans = b->fan_start[k + 1] - b->fan_start[k];
	int wanted = r->count / 2 + 2;

	for (int tries = 4 * wanted; fans > 0 && tries > 0 && wanted > 0; tries--)
	{
		const BoardFan *fan = &b->fans[b->fan_start[k] + Random(r, fans)];
		const Entry *e = &b->entries->entries[fan->entry];
		int32_t now = b->choice[fan->entry];

		if (r->taken[fan->entry] || (now >= 0 && now <= fan->option) ||
			(now < 0 &&
			 r->priced[e->first_option + (uint32_t) fan->option] >= b->outside[fan->entry]))
			continue;
		if (!Take(r, fan->entry))
			return false;
		wanted--;
	}
	return true;
}

/* Take some of those that could be with a bid, to fill it at once: its minimum asks for that. */
static bool
TakeForBid(Ruining *r, int32_t k, uint32_t part)
{
	const Board *b = r->board;

	for (uint32_t f = b->fan_start[k]; f < b->fan_start[k + 1]; f++)
		if (Random(r, 100) < part && !Take(r, b->fans[f].entry))
			return false;
	return true;
}

/* Take a part of the entries that share one of an entry's keys, such as its supplier. */
static bool
TakeKin(Ruining *r, uint32_t t, uint32_t part)
{
	const Entries *entries = r->board->entries;
	const Entry *e = &entries->entries[t];
	int32_t slot = entries->slots[e->first_slot + Random(r, e->slot_count)].slot;

	for (uint32_t i = 1; i < entries->count; i++)
	{
		uint32_t u = (t + i) % entries->count;
		const Entry *other = &entries->entries[u];
		bool kin = false;

		for (uint32_t s = 0; s < other->slot_count && !kin; s++)
			kin = entries->slots[other->first_slot + s].slot == slot;
		if (kin && Random(r, 100) < part && !Take(r, u))
			return false;
	}
	return true;
}

/* Take what stands round one entry. */
static bool
TakeRound(Ruining *r, uint32_t t)
{
	const Board *b = r->board;
	const Entry *e = &b->entries->entries[t];
	const int32_t *options = b->entries->options + e->first_option;
	uint32_t part = 30 + Random(r, 70);
	int32_t k =
		b->choice[t] >= 0 ? BoardBid(b, t, b->choice[t]) : options[Random(r, e->option_count)];

	r->count = 0;
	r->favourite = -1;
	if (!Take(r, t))
		return false;
	if (r->best != NULL && b->auction->has_minimum && Random(r, 4) == 0)
	{
		r->favourite = options[Random(r, e->option_count)];
		return TakeForBid(r, r->favourite, part);
	}
	if (r->best != NULL && e->slot_count > 0 && Random(r, 2))
		return TakeKin(r, t, part);
	if (!TakeBid(r, k, part))
		return false;
	for (uint32_t more = Random(r, MOST_BIDS); more > 0; more--)
		if (!TakeBid(r, options[Random(r, e->option_count)], part))
			return false;
	return TakeFans(r, k);
}

/* The order of placing: by regret, amount or regret per unit, shaken. */
static void
Order(Ruining *r)
{
	uint32_t by = Random(r, 3);

	for (int i = 0; i < r->count; i++)
	{
		uint32_t t = r->list[i].entry;
		double amount = (double) r->board->entries->entries[t].amount;
		double key = by == 0 ? r->regret[t] : by == 1 ? amount : r->regret[t] / amount;

		r->list[i].key = key * (0.6 + (double) Random(r, 1024) / 1024);
		r->taken[t] = 0;
	}
	qsort(r->list, (size_t) r->count, sizeof(Taken), CompareTaken);
}

/* Place an entry where it costs least at prices, more or less; now and then an option is overlooked. */
static bool
PlaceAtPrices(Ruining *r, uint32_t t, double noise)
{
	const Entry *e = &r->board->entries->entries[t];
	double best = r->board->outside[t], unit = noise * best / 1024;
	int32_t choice = -1;

	for (uint32_t o = 0; o < e->option_count; o++)
	{
		double cost = r->priced[e->first_option + o];

		if (unit > 0)
			cost += unit * Random(r, 1024);
		if (r->favourite >= 0 && BoardBid(r->board, t, (int32_t) o) == r->favourite)
			cost -= best;
		if (cost < best && Random(r, 64) != 0 && BoardHasRoom(r->board, t, (int32_t) o))
		{
			best = cost;
			choice = (int32_t) o;
		}
	}
	return choice < 0 || BoardMove(r->board, t, choice);
}

/* Did the last step leave no bid with less than its minimum? */
static bool
MinimumsMet(const Board *b)
{
	for (uint32_t j = 0; j < b->journal.count && b->auction->has_minimum; j++)
	{
		const BoardFan *line = &VectorAt(&b->journal, BoardFan, j);
		int32_t bids[2] = {-1, -1};

		if (line->option >= 0)
			bids[0] = BoardBid(b, line->entry, line->option);
		if (b->choice[line->entry] >= 0)
			bids[1] = BoardBid(b, line->entry, b->choice[line->entry]);
		for (int i = 0; i < 2; i++)
			if (bids[i] >= 0 && b->head[bids[i]] >= 0 &&
				b->auction->limit[bids[i]] - b->room[bids[i]] <
					AuctionBidAt(b->auction, (uint32_t) bids[i])->min_award)
				return false;
	}
	return true;
}

/* Remember the present award if none was cheaper. */
static void
KeepBest(Ruining *r)
{
	if (r->best == NULL || r->above > -1)
		return;
	memcpy(r->best, r->board->choice, (size_t) r->board->entries->count * sizeof(int32_t));
	r->above = 0;
}

/* One ruin; false when out of memory. */
static bool
RuinOnce(Ruining *r, double allowance)
{
	Board *b = r->board;
	uint32_t t = Random(r, b->entries->count);
	double noise = r->best != NULL && Random(r, 2) ? 0.3 / (1 + Random(r, 16)) : 0;

	if (b->entries->entries[t].option_count == 0)
		return true;
	b->journal.count = 0;
	b->change = 0;
	if (!TakeRound(r, t))
		return false;
	Order(r);
	for (int i = 0; i < r->count; i++)
		if (!PlaceAtPrices(r, r->list[i].entry, noise))
			return false;
	/* what prices left out or placed dearly may still fit */
	for (int i = 0; i < r->count; i++)
	{
		int32_t now = b->choice[r->list[i].entry];
		int32_t end = now < 0 ? (int32_t) b->entries->entries[r->list[i].entry].option_count : now;
		int32_t fit = BoardFit(b, r->list[i].entry, end, -1);

		if (fit >= 0 && !BoardMove(b, r->list[i].entry, fit))
			return false;
	}
	if (b->change < (r->best == NULL ? -1 : allowance - r->above) && MinimumsMet(b))
	{
		b->moves += b->change < -1;
		r->above += b->change;
		KeepBest(r);
	}
	else
		BoardUndo(b, 0);
	return true;
}

/* Go back to the cheapest award. */
static bool
Return(Ruining *r)
{
	Board *b = r->board;

	b->journal.count = 0;
	for (uint32_t t = 0; t < b->entries->count; t++)
		if (b->choice[t] != r->best[t] && !BoardMove(b, t, -1))
			return false;
	for (uint32_t t = 0; t < b->entries->count; t++)
		if (b->choice[t] != r->best[t] && !BoardMove(b, t, r->best[t]))
			return false;
	return true;
}

ClexStatus
Ruin(Board *b, const double *price, int64_t times, double allowance, ClexError *error)
{
	Ruining r;
	size_t bytes = (size_t) b->entries->count * sizeof(int32_t);
	ClexStatus status = b->entries->count > 0 ? RuinInit(&r, b, price) : CLEX_OK;

	if (b->entries->count == 0)
		return CLEX_OK;
	if (status == CLEX_OK && allowance > 0)
	{
		r.best = ArenaAlloc(b->auction->arena, bytes);
		if (r.best == NULL)
			status = CLEX_NO_MEMORY;
		else
			memcpy(r.best, b->choice, bytes);
	}
	for (int64_t i = 0; status == CLEX_OK && i < times; i++)
	{
		if ((i & 255) == 0 && ClexInterrupted(b->auction->arena->env))
			return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
		if ((i & 255) == 0 && OutOfTime(b->auction))
			break;
		if (!RuinOnce(&r, allowance * (1 - (double) i / (double) times)))
			status = CLEX_NO_MEMORY;
	}
	if (status == CLEX_OK && r.best != NULL && !Return(&r))
		status = CLEX_NO_MEMORY;
	return status != CLEX_OK ? ClexFail(error, status, "out of memory while improving an auction")
							 : CLEX_OK;
}
