/*
 * whole.c
 *		Whole invoices and lots: prices, an award by size, local search.
 *
 * The plan is fixed by the size of the auction, so that the result is too.  At good prices an award
 * from large to small is close to the best one; local search, bids packed anew and ruins round a bid close
 * in on it, and what small.c knows where the auction is small.  Bids whose minimum is not met are closed
 * one after another and their entries placed again.
 */
#include "core/auction/whole.h"

#include <math.h>

/* From so many options on flows give the prices that ascent begins with; and beyond so many all is dear. */
#define FLOW_OPTIONS 100000
#define MANY_OPTIONS 1000000
/* Rounds of price ascent by these sizes, and its first step as a part of the usual one where the flow is near. */
#define SMALL_ROUNDS 400
#define PRICE_ROUNDS 120
#define FEWER_ROUNDS 12
#define NEAR 0.03
/*
 * The same between two classes of sizes: the flow's prices want no more than a touch.  Without it, what smaller
 * entries will need is known too little, so that a part of it is kept free.
 */
#define CLASS_STEP 0.1
#define FLOW_STEP (1 / 300.0)
#define KEPT_FREE 0.2
#define PACK_PASSES 5
#define SHORTLIST 24
#define LONG_LIST 100
#define MANY_ENTRIES 30000
/* Steps of ruin and repair: entries times this, within limits. */
#define RUINS 2
#define MOST_RUINS 20000
#define MINIMUM_ROUNDS 200

static inline bool
LargeAuction(const Entries *entries)
{
	return entries->option_count > FLOW_OPTIONS;
}

size_t
WholeMemory(const Auction *auction)
{
	uint64_t options = 0, listed = 0;
	size_t rows = 3; /* that an option fills */

	for (int s = SCOPE_BUYER; s < SCOPES; s++)
		rows += auction->slot_base[s] >= 0;
	for (uint32_t i = 0; i < auction->invoice_count; i++)
		options +=
			(uint64_t) auction->markets[AuctionInvoiceAt(auction, i)->key[SCOPE_TOTAL]].count;
	for (uint32_t i = 0; i < auction->invoice_count; i++)
	{
		int32_t most = options > MANY_OPTIONS ? SHORTLIST : LONG_LIST;
		int32_t count = auction->markets[AuctionInvoiceAt(auction, i)->key[SCOPE_TOTAL]].count;

		listed += (uint64_t) (count < most ? count : most);
	}
	return options * sizeof(int32_t) + 2 * listed * (20 + rows * sizeof(int32_t)) +
		   (size_t) auction->invoice_count * 300;
}

/*
 * Prices of rows: those of the nested caps from the flow in which invoices are divisible, then some
 * ascent in which crossing caps get theirs.  Small auctions have time for ascent alone, which spreads
 * prices over more rows: a better start for new starts.
 */
static ClexStatus
FindPrices(Whole *w, Ascent *ascent, ClexError *error)
{
	Auction *auction = w->auction;
	bool small = !LargeAuction(w->entries);
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
	bool flow = LargeAuction(w->entries);
	SizePlan plan = {.options = many ? SHORTLIST : LONG_LIST,
					 .rounds = many ? 48 : (flow ? 40 : 60),
					 .passes = many ? 2 : 8,
					 .flow = flow,
					 .kept_free = flow ? 0 : KEPT_FREE,
					 .step = flow ? FLOW_STEP : CLASS_STEP};
	/* the tree may choose any option, so the board of a small auction has them all */
	uint32_t most = SmallAuction(w->entries) ? auction->bid_count + 1 : plan.options;
	int32_t *bid = ArenaAllocArray(auction->arena, (size_t) w->entries->count + 1, 4);
	ClexStatus status = bid != NULL ? CLEX_OK : CLEX_NO_MEMORY;

	auction->phase = "awarding";
	if (status == CLEX_OK)
		status = AwardBySize(auction, w->entries, &plan, ascent, bid, error);
	if (status == CLEX_OK)
		status = Shortlist(auction, w->entries, w->price, bid, most, &w->shortlist);
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

/*
 * Local search in turn with bids packed anew, then ruins.  In large auctions flow and ascent leave ruins nothing that
 * is worth their time, in very large ones the others neither.
 */
static ClexStatus
ImproveAward(Whole *w, ClexError *error)
{
	double ruins = fmin(RUINS * (double) w->entries->count, MOST_RUINS) * w->work;
	ClexStatus status = CLEX_OK;

	if (w->entries->option_count > MANY_OPTIONS)
		return CLEX_OK;
	w->auction->phase = "improving";
	for (int turn = 0; turn < 2 && status == CLEX_OK; turn++)
	{
		status = Repack(&w->board, PACK_PASSES, error);
		if (status == CLEX_OK)
			status = LocalSearch(&w->board, 1, error);
	}
	if (status == CLEX_OK && !LargeAuction(w->entries))
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

ClexStatus
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

/* Would a bid that takes an entry beside what it has meet its minimum? */
static bool
MeetsWith(const Whole *w, uint32_t t, int32_t option)
{
	int32_t k = BoardBid(&w->board, t, option);

	return w->auction->limit[k] - w->room[k] + w->shortlist.entries[t].amount >=
		   AuctionBidAt(w->auction, (uint32_t) k)->min_award;
}

/* Among bids of equal cost the one that ranks first: entry by entry, until none can move any more. */
static ClexStatus
SettleTies(Whole *w, ClexError *error)
{
	Board *b = &w->board;
	bool moved = true;

	while (moved)
	{
		moved = false;
		if (ClexInterrupted(w->auction->arena->env))
			return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
		b->journal.count = 0;
		for (uint32_t t = 0; t < w->shortlist.count; t++)
		{
			int32_t was = w->choice[t], first = was;

			while (first > 0 && BoardCost(b, t, first - 1) == BoardCost(b, t, was))
				first--;
			if (first == was || BoardNeeds(b, t))
				continue;
			if (!BoardMove(b, t, -1))
				return CLEX_NO_MEMORY;
			while (first < was && !(BoardHasRoom(b, t, first) && MeetsWith(w, t, first)))
				first++;
			if (!BoardMove(b, t, first))
				return CLEX_NO_MEMORY;
			moved = moved || first < was;
		}
	}
	return CLEX_OK;
}

/* The chosen options as awards of invoices, and the prices as integers. */
static ClexStatus
ReadWhole(Whole *w, AuctionResult *result)
{
	const double *price = w->proof != NULL ? w->proof : w->price;
	Vector awards;

	for (uint32_t r = 0; r < w->auction->row_count; r++)
		result->price[r] = w->auction->limit[r] == AUCTION_NONE
							   ? 0
							   : (int64_t) llround(price[r] * AUCTION_PRICE_SCALE);
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
	Entries tight;
	Ascent ascent;
	ClexStatus status;

	if (auction->options->work_budget > 0)
		w.work = (double) auction->options->work_budget / 100;
	w.choice = ArenaAllocArray(auction->arena, (size_t) entries->count + 1, sizeof(int32_t));
	w.room = ArenaAllocArray(auction->arena, (size_t) auction->row_count + 1, sizeof(int64_t));
	status = w.choice != NULL && w.room != NULL ? CLEX_OK : CLEX_NO_MEMORY;
	if (status == CLEX_OK && LargeAuction(entries))
	{
		status = EntriesOfTightSlots(auction, entries, &tight);
		w.entries = &tight;
	}
	if (status == CLEX_OK)
		status = FindPrices(&w, &ascent, error);
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
		status = ImproveSmall(&w, result, error);
	if (status == CLEX_OK)
		status = SettleTies(&w, error);
	if (status == CLEX_OK)
		status = ReadWhole(&w, result);
	if (status != CLEX_OK && error->message[0] == '\0')
		ClexFail(error, status,
				 status == CLEX_INTERRUPTED ? "interrupted"
											: "out of memory while clearing an auction");
	return status;
}
