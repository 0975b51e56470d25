/*
 * whole.c
 *		Whole invoices and lots: prices, an award by size, local search, and a tree where it is small.
 *
 * The plan is fixed by the size of the auction, so that the result is too.  At good prices an award
 * from large to small is close to the best one; local search, bids packed anew, ruins round a bid, for
 * small auctions new starts from shaken prices, parts solved exactly and the tree close in on it.  Bids
 * whose minimum is not met are closed one after another and their entries placed again; new starts draw
 * entries to some of them, or keep them away.
 */
#include "core/auction/board.h"

#include <math.h>

/* Rounds of price ascent, and its first step as a part of the usual one: the flow is near. */
/* From so many options on the flow gives the first prices. */
#define FLOW_OPTIONS 100000
#define SMALL_ROUNDS 400
#define PRICE_ROUNDS 120
#define FEWER_ROUNDS 24
#define NEAR 0.03
#define MANY_OPTIONS 1000000
#define PASSES 8
#define PACK_PASSES 5
#define SHORTLIST 16
#define LONG_LIST 100
#define MANY_ENTRIES 30000
/* Steps of ruin and repair: entries times this, within limits. */
#define RUINS 2
#define MOST_RUINS 20000
/* Steps for small auctions, and what an award may cost more at first. */
#define ANNEALS 300000
#define ALLOWANCE 0.008
/* Parts of small auctions that are solved exactly. */
#define PARTS 1000
#define TREE_OPTIONS 6000
#define TREE_WORK 10000000
#define TINY_OPTIONS 200
#define TINY_WORK 250000000
#define SHAKES 10000
#define SHAKE_OPTIONS 20000
#define SHAKE_WORK 1500000.0
#define SMALL_SHAKE_WORK 8000000.0
#define MINIMUM_ROUNDS 200

typedef struct Whole
{
	Auction *auction;
	const Entries *entries;
	Entries shortlist;
	Board board; /* of the short list */
	double *price;
	int32_t *choice; /* by place in the shortlist */
	int64_t *room;
	double dearest; /* about what a minor unit saves, ppm x day */
	double work;	/* effort asked for, 1 = default */
} Whole;

/*
 * Prices of rows: those of the nested caps from the flow in which invoices are divisible, then some
 * ascent in which crossing caps get theirs.  Small auctions have time for ascent alone, which spreads
 * prices over more rows: a better start for new starts.
 */
static ClexStatus
FindPrices(Whole *w, Ascent *ascent, ClexError *error)
{
	Auction *auction = w->auction;
	bool small = w->entries->option_count <= FLOW_OPTIONS;
	int rounds = small ? SMALL_ROUNDS
					   : (w->entries->option_count > MANY_OPTIONS ? FEWER_ROUNDS : PRICE_ROUNDS);
	double reach = FirstStep(auction, w->entries);
	ClexStatus status;

	rounds = (int) ceil(rounds * w->work);
	status = AscentInit(ascent, auction, w->entries, small ? reach : reach * NEAR, rounds);
	auction->phase = "pricing";
	w->dearest = 12 * reach;
	w->price = ascent->price;
	ascent->small = LargestClass(w->entries);
	ascent->small_use = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	if (status == CLEX_OK && ascent->small_use == NULL)
		status = CLEX_NO_MEMORY;
	if (status == CLEX_OK && !small)
		status = NestedPrices(auction, ascent->price, error);
	if (status == CLEX_OK)
		status = AscentRun(ascent, w->entries, rounds, error);
	return status;
}

/* What the first prices prove, for progress messages. */
static ClexStatus
FirstBound(Whole *w, ClexError *error)
{
	Auction *auction = w->auction;
	int64_t *price = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	Int128 bound;
	ClexStatus status;

	if (price == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t r = 0; r < auction->row_count; r++)
		if (auction->limit[r] != AUCTION_NONE)
			price[r] = (int64_t) llround(w->price[r] * AUCTION_PRICE_SCALE);
	status = AuctionBound(auction, w->entries, price, &bound, error);
	if (status == CLEX_OK)
		auction->proved = (double) bound;
	return status;
}

/* The short list with an award by size on it. */
static ClexStatus
FirstAward(Whole *w, const Ascent *ascent, ClexError *error)
{
	Auction *auction = w->auction;
	bool many = w->entries->option_count > MANY_OPTIONS;
	SizePlan plan = {many ? SHORTLIST : LONG_LIST, many ? 20 : 60, many ? 3 : 8};
	int32_t *bid = ArenaAllocArray(auction->arena, (size_t) w->entries->count + 1, 4);
	ClexStatus status = bid != NULL ? CLEX_OK : CLEX_NO_MEMORY;

	auction->phase = "awarding";
	if (status == CLEX_OK)
		status = AwardBySize(auction, w->entries, &plan, ascent, bid, error);
	if (status == CLEX_OK)
		status = Shortlist(auction, w->entries, w->price, bid, plan.options, &w->shortlist);
	if (status == CLEX_OK)
		status = BoardInit(&w->board, auction, &w->shortlist, NULL);
	if (status != CLEX_OK)
		return status;
	memcpy(w->room, auction->limit, (size_t) auction->row_count * sizeof(int64_t));
	for (uint32_t t = 0; t < w->shortlist.count; t++)
		w->choice[t] = -1;
	BoardSet(&w->board, w->choice, w->room);
	for (uint32_t t = 0; t < w->shortlist.count; t++)
		for (uint32_t o = 0; o < w->shortlist.entries[t].option_count && bid[t] >= 0; o++)
			if (BoardBid(&w->board, t, (int32_t) o) == bid[t] &&
				!BoardMove(&w->board, t, (int32_t) o))
				return CLEX_NO_MEMORY;
	return CLEX_OK;
}

/* Local search in turn with bids packed anew, then ruins. */
static ClexStatus
ImproveAward(Whole *w, ClexError *error)
{
	double ruins = fmin(RUINS * (double) w->entries->count, MOST_RUINS) * w->work;
	ClexStatus status = CLEX_OK;

	w->auction->phase = "improving";
	for (int turn = 0; turn < 2 && status == CLEX_OK; turn++)
	{
		status = Repack(&w->board, PACK_PASSES, error);
		if (status == CLEX_OK)
			status = LocalSearch(&w->board, 1, error);
	}
	if (status == CLEX_OK)
		status = Ruin(&w->board, w->price, (int64_t) ruins, 0, error);
	if (status == CLEX_OK)
		status = Repack(&w->board, PACK_PASSES, error);
	return status;
}

/* Take everything from a bid and bar it. */
static ClexStatus
CloseBid(Whole *w, int32_t bid)
{
	while (w->board.head[bid] >= 0)
		if (!BoardMove(&w->board, (uint32_t) w->board.head[bid], -1))
			return CLEX_NO_MEMORY;
	w->room[bid] = INT64_MIN / 2;
	return CLEX_OK;
}

/* The bid that misses its minimum by most, or -1. */
static int32_t
WorstShort(const Whole *w, int64_t *given)
{
	double worst = 1;
	int32_t found = -1;

	memset(given, 0, (size_t) w->auction->bid_count * sizeof(int64_t));
	for (uint32_t t = 0; t < w->shortlist.count; t++)
		if (w->choice[t] >= 0)
			given[w->shortlist
					  .options[w->shortlist.entries[t].first_option + (uint32_t) w->choice[t]]] +=
				w->shortlist.entries[t].amount;
	for (uint32_t k = 0; k < w->auction->bid_count; k++)
	{
		int64_t minimum = AuctionBidAt(w->auction, k)->min_award;

		if (given[k] > 0 && given[k] < minimum && (double) given[k] / (double) minimum < worst)
		{
			worst = (double) given[k] / (double) minimum;
			found = (int32_t) k;
		}
	}
	return found;
}

/* Close bids whose minimum is not met until there is none; search only while rounds last. */
static ClexStatus
MeetMinimums(Whole *w, ClexError *error)
{
	int64_t *given =
		ArenaAllocArray(w->auction->arena, (size_t) w->auction->bid_count + 1, sizeof(int64_t));
	ClexStatus status = given != NULL ? CLEX_OK : CLEX_NO_MEMORY;
	int32_t bid;

	for (int round = 0; status == CLEX_OK && (bid = WorstShort(w, given)) >= 0; round++)
	{
		status = CloseBid(w, bid);
		if (status == CLEX_OK && round < MINIMUM_ROUNDS && w->shortlist.count < MANY_ENTRIES)
			status = LocalSearch(&w->board, 1, error);
	}
	return status;
}

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
ShakeMany(Whole *w, ClexError *error)
{
	Auction *auction = w->auction;
	Arena *own = auction->arena, scratch;
	Whole trial = *w;
	uint64_t seed = 1;
	double cost = ChoiceCost(auction, &w->shortlist, w->choice);
	int times =
		w->shortlist.option_count > SHAKE_OPTIONS
			? 0
			: (int) ((w->shortlist.option_count <= TREE_OPTIONS ? SMALL_SHAKE_WORK : SHAKE_WORK) *
					 w->work / (double) (w->shortlist.option_count + 100));
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
	if (status == CLEX_OK && times > 0)
	{
		BoardSet(&w->board, w->choice, w->room);
		for (uint32_t k = 0; k < auction->bid_count; k++)
			if (w->room[k] < 0)
				w->room[k] = auction->limit[k];
		for (double part = ALLOWANCE; part > ALLOWANCE / 20 && status == CLEX_OK; part /= 4)
			status = Ruin(&w->board, w->price, (int64_t) (ANNEALS * w->work), cost * part, error);
		if (status == CLEX_OK && w->shortlist.option_count <= TREE_OPTIONS)
			status = SolveParts(&w->board, (int64_t) (PARTS * w->work), error);
	}
	auction->arena = own;
	ArenaFree(&scratch);
	return status;
}

/* Search the tree of a small auction from the present award. */
static ClexStatus
Branch(Whole *w, AuctionResult *result, ClexError *error)
{
	Auction *auction = w->auction;
	const Entries *entries = w->entries;
	int32_t *choice = ArenaAllocArray(auction->arena, (size_t) entries->count + 1, 4);
	double *price = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	double cost, bound;
	int64_t nodes = auction->options->node_budget > 0
						? auction->options->node_budget
						: (entries->option_count <= TINY_OPTIONS ? TINY_WORK : TREE_WORK) /
							  (int64_t) (entries->option_count + 100);
	ClexStatus status;

	if (choice == NULL || price == NULL)
		return CLEX_NO_MEMORY;
	auction->phase = "searching";
	for (uint32_t t = 0; t < entries->count; t++)
	{
		const Entry *e = &entries->entries[t], *short_e = &w->shortlist.entries[t];

		choice[t] = -1;
		for (uint32_t o = 0; o < e->option_count && w->choice[t] >= 0; o++)
			if (entries->options[e->first_option + o] ==
				w->shortlist.options[short_e->first_option + (uint32_t) w->choice[t]])
				choice[t] = (int32_t) o;
	}
	cost = auction->reached = ChoiceCost(auction, entries, choice);
	status =
		SearchTree(auction, entries, nodes, choice, &cost, &bound, price, &result->nodes, error);
	if (status != CLEX_OK)
		return status;
	result->proved = bound >= cost;
	if (result->nodes > 0)
		w->price = price;
	w->shortlist = *entries;
	w->choice = choice;
	return CLEX_OK;
}

/* The chosen options as awards of invoices, and the prices as integers. */
static ClexStatus
ReadWhole(Whole *w, AuctionResult *result)
{
	Vector awards;

	for (uint32_t r = 0; r < w->auction->row_count; r++)
		result->price[r] = w->auction->limit[r] == AUCTION_NONE
							   ? 0
							   : (int64_t) llround(w->price[r] * AUCTION_PRICE_SCALE);
	VectorInit(&awards, w->auction->arena, sizeof(AuctionAward));
	for (uint32_t t = 0; t < w->shortlist.count; t++)
	{
		const Entry *e = &w->shortlist.entries[t];

		for (uint32_t m = 0; m < e->member_count && w->choice[t] >= 0; m++)
		{
			uint32_t i = w->entries->members[e->first_member + m];
			AuctionAward *award = VectorPush(&awards);

			if (award == NULL)
				return CLEX_NO_MEMORY;
			*award = (AuctionAward){
				i, (uint32_t) w->shortlist.options[e->first_option + (uint32_t) w->choice[t]],
				AuctionInvoiceAt(w->auction, i)->amount};
		}
	}
	return FinishAwards(w->auction, &awards, result);
}

ClexStatus
ClearWhole(Auction *auction, const Entries *entries, AuctionResult *result, ClexError *error)
{
	Whole w = {.auction = auction, .entries = entries, .work = 1};
	Ascent ascent;
	ClexStatus status;

	if (auction->options->work_budget > 0)
		w.work = (double) auction->options->work_budget / 100;
	w.choice = ArenaAllocArray(auction->arena, (size_t) entries->count + 1, sizeof(int32_t));
	w.room = ArenaAllocArray(auction->arena, (size_t) auction->row_count + 1, sizeof(int64_t));
	status = w.choice != NULL && w.room != NULL ? FindPrices(&w, &ascent, error) : CLEX_NO_MEMORY;
	if (status == CLEX_OK)
		status = FirstBound(&w, error);
	if (status == CLEX_OK)
		status = FirstAward(&w, &ascent, error);
	if (status == CLEX_OK)
	{
		auction->reached = ChoiceCost(auction, &w.shortlist, w.choice);
		status = ImproveAward(&w, error);
	}
	if (status == CLEX_OK && auction->has_minimum)
		status = MeetMinimums(&w, error);
	if (status == CLEX_OK)
		status = ShakeMany(&w, error);
	if (status == CLEX_OK && entries->option_count <= TREE_OPTIONS)
		status = Branch(&w, result, error);
	if (status == CLEX_OK)
		status = ReadWhole(&w, result);
	if (status != CLEX_OK && error->message[0] == '\0')
		ClexFail(error, status,
				 status == CLEX_INTERRUPTED ? "interrupted"
											: "out of memory while clearing an auction");
	return status;
}
