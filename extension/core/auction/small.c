/*
 * small.c
 *		Whole awards of small auctions: the tree, new starts, annealing, parts solved exactly.
 *
 * The tree comes first, with few nodes: where it ends, nothing else is needed.  Else awards are looked
 * for from prices shaken anew and by parts solved exactly (in auctions too large for the tree: by ruins
 * that may cost something); a second time without the bids whose minimum the relaxation would rather not meet, as no exchange of a few
 * entries empties such a bid.  Then the tree again, with all its nodes.
 */
#include "core/auction/whole.h"

#include <math.h>

/* Nodes of the first tree, and of the second: work by options. */
#define FIRST_NODES 1000
#define TREE_WORK 10000000
#define TINY_OPTIONS 200
#define TINY_WORK 20000000
/* New starts: work by options, in auctions for the tree and larger ones. */
#define SHAKES 10000
#define SHAKE_OPTIONS 20000
#define SHAKE_WORK 1500000.0
#define SMALL_SHAKE_WORK 1000000.0
#define PASSES 8
/* Ruins of auctions too large for the tree, and what an award may cost more at first. */
#define ANNEALS 300000
#define ALLOWANCE 0.008
/* Parts that are solved exactly. */
#define PARTS 1000

static inline uint32_t
Random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t) (*seed >> 33);
}

/* Take a random part of the entries out of the best award and put them back in random order. */
static ClexStatus
Scatter(const Whole *w, Whole *trial, uint64_t *seed)
{
	uint32_t n = w->shortlist.count, out = 0;
	uint32_t *removed = ArenaAllocArray(w->auction->arena, (size_t) n + 1, sizeof(uint32_t));
	uint32_t part = 3 + Random(seed) % 40;

	if (removed == NULL)
		return CLEX_NO_MEMORY;
	memcpy(trial->choice, w->choice, (size_t) n * sizeof(int32_t));
	memcpy(trial->room, w->room, (size_t) w->auction->row_count * sizeof(int64_t));
	for (uint32_t k = 0; k < w->auction->bid_count; k++)
		if (trial->room[k] < 0)
			trial->room[k] = w->auction->limit[k];
	BoardSet(&trial->board, trial->choice, trial->room);
	for (uint32_t t = 0; t < n; t++)
	{
		if (trial->choice[t] >= 0 && Random(seed) % 100 >= part)
			continue;
		removed[out++] = t;
		if (!BoardMove(&trial->board, t, -1))
			return CLEX_NO_MEMORY;
	}
	for (uint32_t i = out; i > 0; i--)
	{
		uint32_t j = Random(seed) % i, t = removed[j];

		removed[j] = removed[i - 1];
		trial->choice[t] = PlaceEntry(w->auction, &w->shortlist, t, trial->price, trial->room);
	}
	return CLEX_OK;
}

/* Draw entries to one or two bids with a minimum, or keep them away. */
static void
Tempt(const Whole *w, Whole *trial, uint64_t *seed)
{
	uint32_t bids = w->auction->bid_count;

	for (uint32_t times = Random(seed) % 3; times > 0; times--)
	{
		uint32_t k = Random(seed) % bids, seen = 0;

		while (seen++ < bids && AuctionBidAt(w->auction, k)->min_award <= 1)
			k = (k + 1) % bids;
		if (Random(seed) % 2)
			trial->price[k] = w->dearest;
		else
			trial->price[k] -= w->dearest * (double) (Random(seed) % 100) / 100;
	}
}

/*
 * One more award at prices shaken by up to a half, from nothing or from a part of the best one;
 * improved, and kept if it is cheaper.
 */
static ClexStatus
Shake(Whole *w, Whole *trial, bool scatter, uint64_t *seed, double *cost, ClexError *error)
{
	size_t rows = (size_t) w->auction->row_count * sizeof(int64_t);
	ClexStatus status;
	double found;

	for (uint32_t r = 0; r < w->auction->row_count; r++)
		trial->price[r] = w->price[r] * (0.5 + (double) Random(seed) / (double) (1u << 31));
	if (w->auction->has_minimum)
		Tempt(w, trial, seed);
	if (scatter)
		status = Scatter(w, trial, seed);
	else
	{
		memcpy(trial->room, w->auction->limit, rows);
		status = GreedyAward(w->auction, &w->shortlist, trial->price, trial->choice, trial->room);
	}
	BoardSet(&trial->board, trial->choice, trial->room);
	if (status == CLEX_OK)
		status = LocalSearch(&trial->board, PASSES, error);
	if (status == CLEX_OK && w->auction->has_minimum)
		status = MeetMinimums(trial, error);
	found = ChoiceCost(w->auction, &w->shortlist, trial->choice);
	if (status == CLEX_OK && found < *cost)
	{
		*cost = w->auction->reached = found;
		memcpy(w->choice, trial->choice, (size_t) w->shortlist.count * sizeof(int32_t));
		memcpy(w->room, trial->room, rows);
	}
	return status;
}

/* Start again from shaken prices, as often as the auction is small. */
static ClexStatus
ShakeMany(Whole *w, int times, ClexError *error)
{
	Auction *auction = w->auction;
	Whole trial = *w;
	Arena *own = auction->arena, scratch;
	uint64_t seed = 1;
	double cost = ChoiceCost(auction, &w->shortlist, w->choice);
	ClexStatus status = CLEX_OK;

	trial.price = ArenaAllocArray(own, (size_t) auction->row_count + 1, sizeof(double));
	trial.choice = ArenaAllocArray(own, (size_t) w->shortlist.count + 1, sizeof(int32_t));
	trial.room = ArenaAllocArray(own, (size_t) auction->row_count + 1, sizeof(int64_t));
	if (trial.price == NULL || trial.choice == NULL || trial.room == NULL)
		return CLEX_NO_MEMORY;
	ArenaInit(&scratch, own->env, own->limit);
	auction->arena = &scratch;
	for (int i = 0; i < times && i < SHAKES && status == CLEX_OK && !OutOfTime(auction); i++)
	{
		status = Shake(w, &trial, i % 4 != 0, &seed, &cost, error);
		ArenaReset(&scratch);
	}
	auction->arena = own;
	ArenaFree(&scratch);
	return status;
}

/* Count the award's room anew, and look at it. */
static void
SetBoard(Whole *w)
{
	const Entries *entries = &w->shortlist;

	memcpy(w->room, w->auction->limit, (size_t) w->auction->row_count * sizeof(int64_t));
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t];
		int n = w->choice[t] < 0
					? 0
					: OptionRows(w->auction, entries, e,
								 entries->options[e->first_option + (uint32_t) w->choice[t]]);

		for (int r = 0; r < n; r++)
			w->room[entries->path[r].row] -= entries->path[r].amount;
	}
	BoardSet(&w->board, w->choice, w->room);
}

/* New starts, annealing, parts: as much as the size of the auction allows. */
static ClexStatus
Intensify(Whole *w, ClexError *error)
{
	uint64_t options = w->shortlist.option_count;
	bool small = SmallAuction(w->entries);
	int times =
		(int) ((small ? SMALL_SHAKE_WORK : SHAKE_WORK) * w->work / (double) (options + 100));
	ClexStatus status = ShakeMany(w, times, error);
	double cost = ChoiceCost(w->auction, &w->shortlist, w->choice);

	w->auction->phase = "improving";
	SetBoard(w);
	/* where parts can be solved exactly they find more in less time than ruins do */
	if (status == CLEX_OK && small)
		return SolveParts(&w->board, (int64_t) (PARTS * w->work), error);
	for (double part = ALLOWANCE; part > ALLOWANCE / 20 && status == CLEX_OK; part /= 4)
		status = Ruin(&w->board, w->price, (int64_t) (ANNEALS * w->work), cost * part, error);
	return status;
}

/* Take what bids that are closed hold from them; was there anything? */
static bool
EmptyClosed(Whole *w, const uint8_t *closed)
{
	bool any = false;

	for (uint32_t t = 0; t < w->shortlist.count; t++)
		if (w->choice[t] >= 0 && closed[BoardBid(&w->board, t, w->choice[t])])
		{
			w->choice[t] = -1;
			any = true;
		}
	return any;
}

/* Once more without the bids that the relaxation would close, if any of them holds something. */
static ClexStatus
IntensifyClosed(Whole *w, ClexError *error)
{
	Auction *auction = w->auction;
	size_t count = (size_t) w->shortlist.count + 1, rows = (size_t) auction->row_count + 1;
	uint8_t *closed = ArenaAllocZero(auction->arena, (size_t) auction->bid_count + 1);
	int32_t *kept = ArenaAllocArray(auction->arena, count, sizeof(int32_t));
	int64_t *limit = ArenaAllocArray(auction->arena, rows, sizeof(int64_t)), *own = auction->limit;
	double cost = ChoiceCost(auction, &w->shortlist, w->choice);
	ClexStatus status = closed != NULL && kept != NULL && limit != NULL
							? SearchMinimums(auction, &w->shortlist, closed, error)
							: CLEX_NO_MEMORY;

	if (status != CLEX_OK)
		return status;
	memcpy(kept, w->choice, (count - 1) * sizeof(int32_t));
	memcpy(limit, own, (rows - 1) * sizeof(int64_t));
	if (!EmptyClosed(w, closed))
		return CLEX_OK;
	for (uint32_t k = 0; k < auction->bid_count; k++)
		if (closed[k])
			limit[k] = 0;
	auction->limit = limit;
	SetBoard(w);
	status = LocalSearch(&w->board, PASSES, error);
	if (status == CLEX_OK)
		status = MeetMinimums(w, error);
	if (status == CLEX_OK)
		status = Intensify(w, error);
	auction->limit = own;
	if (ChoiceCost(auction, &w->shortlist, w->choice) >= cost)
		memcpy(w->choice, kept, (count - 1) * sizeof(int32_t));
	SetBoard(w);
	return status;
}

/* Search the tree from the present award, which becomes the best that it finds. */
static ClexStatus
Branch(Whole *w, int64_t nodes, AuctionResult *result, ClexError *error)
{
	Auction *auction = w->auction;
	double cost = ChoiceCost(auction, &w->shortlist, w->choice), bound;
	int64_t visited;
	ClexStatus status;

	if (w->proof == NULL)
		w->proof = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	if (w->proof == NULL)
		return CLEX_NO_MEMORY;
	auction->phase = "searching";
	auction->reached = cost;
	status = SearchTree(auction, &w->shortlist, nodes, w->choice, &cost, &bound, w->proof, &visited,
						error);
	if (status != CLEX_OK)
		return status;
	result->nodes += visited;
	result->proved = bound >= cost;
	auction->reached = cost;
	SetBoard(w);
	return CLEX_OK;
}

ClexStatus
ImproveSmall(Whole *w, AuctionResult *result, ClexError *error)
{
	uint64_t options = w->shortlist.option_count;
	int64_t nodes = w->auction->options->node_budget;
	ClexStatus status = CLEX_OK;

	if (!SmallAuction(w->entries))
		return options <= SHAKE_OPTIONS ? Intensify(w, error) : CLEX_OK;
	if (nodes == 0)
		nodes = (options <= TINY_OPTIONS ? TINY_WORK : TREE_WORK) / (int64_t) (options + 100);
	status = Branch(w, nodes < FIRST_NODES ? nodes : FIRST_NODES, result, error);
	if (status == CLEX_OK && !result->proved)
		status = Intensify(w, error);
	if (status == CLEX_OK && !result->proved && w->auction->has_minimum)
		status = IntensifyClosed(w, error);
	if (status == CLEX_OK && !result->proved)
		status = Branch(w, nodes, result, error);
	return status;
}
