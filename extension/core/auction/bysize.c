/*
 * bysize.c
 *		A whole award from large entries to small ones, with new prices in between.
 *
 * Large entries decide what fits beside them, and once small ones fill a bid a large one cannot come
 * in any more.  So entries are awarded in classes by amount: each in the room that is left, less a
 * part of what smaller ones used at the prices, then improved among themselves at those prices.  The
 * prices of what is left follow before the next class: in large auctions first the exact ones of the flow in which
 * the rest may be split, then some ascent, which knows what crossing caps cost.
 */
#include "core/auction/board.h"

/* Of a class to the next; and the smallest that is still told apart. */
#define CLASS_FACTOR 3
#define SMALLEST_CLASS 2000

typedef struct BySize
{
	Auction *auction;
	const Entries *entries;
	const SizePlan *plan;
	double *price;
	double *small_use; /* by row, of the rounds of the last ascent */
	int small_rounds;
	int64_t *room;
	int32_t *bid; /* by entry: what it was awarded, -1 = nothing */
} BySize;

int64_t
LargestClass(const Entries *entries)
{
	int64_t most = 0;

	for (uint32_t t = 0; t < entries->count; t++)
		if (entries->entries[t].amount > most)
			most = entries->entries[t].amount;
	return most / 3 * 2;
}

/* The entries with an amount from low to below high; map tells which they are. */
static ClexStatus
Part(const BySize *s, int64_t low, int64_t high, Entries *part, uint32_t **map)
{
	Arena *arena = s->auction->arena;

	*part = *s->entries;
	part->count = 0;
	part->entries = ArenaAllocArray(arena, (size_t) s->entries->count + 1, sizeof(Entry));
	*map = ArenaAllocArray(arena, (size_t) s->entries->count + 1, sizeof(uint32_t));
	if (part->entries == NULL || *map == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t t = 0; t < s->entries->count; t++)
		if (s->entries->entries[t].amount >= low && s->entries->entries[t].amount < high)
		{
			(*map)[part->count] = t;
			part->entries[part->count++] = s->entries->entries[t];
		}
	return CLEX_OK;
}

/* Award one class; what it takes is gone from the room. */
static ClexStatus
AwardClass(BySize *s, int64_t low, int64_t high, ClexError *error)
{
	Auction *auction = s->auction;
	Arena *arena = auction->arena;
	Entries part, list;
	uint32_t *map;
	Board board;
	int64_t *room = ArenaAllocArray(arena, (size_t) auction->row_count + 1, sizeof(int64_t));
	ClexStatus status = room != NULL ? Part(s, low, high, &part, &map) : CLEX_NO_MEMORY;
	int32_t *choice;

	if (status != CLEX_OK)
		return status;
	for (uint32_t r = 0; r < auction->row_count; r++)
	{
		room[r] = s->room[r];
		if (auction->limit[r] != AUCTION_NONE && s->small_rounds > 0)
			room[r] -= (int64_t) (s->plan->kept_free * s->small_use[r] / s->small_rounds);
		if (room[r] < 0)
			room[r] = 0;
	}
	choice = ArenaAllocArray(arena, (size_t) part.count + 1, sizeof(int32_t));
	if (choice == NULL)
		return CLEX_NO_MEMORY;
	status = Shortlist(auction, &part, s->price, NULL, s->plan->options, &list);
	if (status == CLEX_OK)
		status = BoardInit(&board, auction, &list, s->price);
	if (status == CLEX_OK)
		status = GreedyAward(auction, &list, s->price, choice, room);
	if (status != CLEX_OK)
		return status;
	BoardSet(&board, choice, room);
	status = LocalSearch(&board, s->plan->passes, error);
	for (uint32_t i = 0; i < part.count; i++)
		if (choice[i] >= 0)
		{
			const Entry *e = &list.entries[i];
			int n = OptionRows(auction, &list, e, BoardBid(&board, i, choice[i]));

			s->bid[map[i]] = BoardBid(&board, i, choice[i]);
			for (int r = 0; r < n; r++)
				s->room[list.path[r].row] -= list.path[r].amount;
		}
	return status;
}

/*
 * Exact prices of nested caps for what is below an amount, if it could be split and crossing caps cost nothing: those
 * keep the prices they have.
 */
static ClexStatus
PriceByFlow(BySize *s, const Entries *rest, ClexError *error)
{
	Auction *auction = s->auction, left = *auction;
	Arena *arena = auction->arena;
	int64_t crossing = auction->row_count;
	uint8_t *in = ArenaAllocZero(arena, (size_t) auction->invoice_count + 1);
	double *price = ArenaAllocArray(arena, (size_t) auction->row_count + 1, sizeof(double));
	ClexStatus status;

	if (in == NULL || price == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t t = 0; t < rest->count; t++)
		for (uint32_t m = 0; m < rest->entries[t].member_count; m++)
			in[rest->members[rest->entries[t].first_member + m]] = 1;
	VectorInit(&left.invoices, arena, sizeof(AuctionInvoice));
	for (uint32_t i = 0; i < auction->invoice_count; i++)
	{
		AuctionInvoice *v = in[i] ? VectorPush(&left.invoices) : NULL;

		if (in[i] && v == NULL)
			return CLEX_NO_MEMORY;
		if (v != NULL)
			*v = *AuctionInvoiceAt(auction, i);
	}
	left.invoice_count = left.invoices.count;
	left.limit = s->room;
	status = NestedPrices(&left, price, error);
	/* rows of the scopes that cross come last */
	for (int scope = SCOPE_SUPPLIER; scope < SCOPES; scope++)
		if (auction->slot_base[scope] >= 0 &&
			SlotRow(auction, auction->slot_base[scope], 0) < crossing)
			crossing = SlotRow(auction, auction->slot_base[scope], 0);
	if (status == CLEX_OK)
		memcpy(s->price, price, (size_t) crossing * sizeof(double));
	return status;
}

/* New prices for the entries below an amount in the room that is left. */
static ClexStatus
Reprice(BySize *s, int64_t below, int64_t next, ClexError *error)
{
	Auction *auction = s->auction;
	size_t bytes = (size_t) auction->row_count * sizeof(double);
	Entries rest, list;
	uint32_t *map;
	Ascent ascent;
	ClexStatus status = Part(s, 0, below, &rest, &map);

	if (status == CLEX_OK && s->plan->flow)
		status = PriceByFlow(s, &rest, error);
	if (status == CLEX_OK)
		status = Shortlist(auction, &rest, s->price, NULL, s->plan->options, &list);
	if (status == CLEX_OK)
		status = AscentInit(&ascent, auction, &list, FirstStep(auction, &rest) * s->plan->step,
							s->plan->rounds);
	if (status != CLEX_OK)
		return status;
	memcpy(ascent.price, s->price, bytes);
	memset(s->small_use, 0, bytes);
	ascent.limit = s->room;
	ascent.small = next;
	ascent.small_use = s->small_use;
	status = AscentRun(&ascent, &list, s->plan->rounds, error);
	s->small_rounds = ascent.small_rounds;
	memcpy(s->price, ascent.price, bytes);
	return status;
}

ClexStatus
AwardBySize(Auction *auction, const Entries *entries, const SizePlan *plan, const Ascent *ascent,
			int32_t *bid, ClexError *error)
{
	Arena *own = auction->arena, scratch;
	size_t rows = (size_t) auction->row_count + 1;
	BySize s = {.auction = auction, .entries = entries, .plan = plan, .bid = bid};
	int64_t low = LargestClass(entries), least = low / SMALLEST_CLASS, high = INT64_MAX;
	ClexStatus status = CLEX_OK;

	s.price = ArenaAllocArray(own, rows, sizeof(double));
	s.small_use = ArenaAllocArray(own, rows, sizeof(double));
	s.room = ArenaAllocArray(own, rows, sizeof(int64_t));
	if (s.price == NULL || s.small_use == NULL || s.room == NULL)
		return CLEX_NO_MEMORY;
	memcpy(s.price, ascent->price, (rows - 1) * sizeof(double));
	memcpy(s.small_use, ascent->small_use, (rows - 1) * sizeof(double));
	memcpy(s.room, auction->limit, (rows - 1) * sizeof(int64_t));
	s.small_rounds = ascent->small_rounds;
	memset(bid, 0xff, (size_t) entries->count * sizeof(int32_t));
	ArenaInit(&scratch, own->env, own->limit > own->allocated ? own->limit - own->allocated : 0);
	auction->arena = &scratch;
	for (bool more = true; more && status == CLEX_OK;)
	{
		int64_t next = low / CLASS_FACTOR > least ? low / CLASS_FACTOR : 0;

		status = AwardClass(&s, low, high, error);
		more = low > 0;
		ArenaReset(&scratch);
		if (status == CLEX_OK && more)
			status = Reprice(&s, low, next, error);
		ArenaReset(&scratch);
		high = low;
		low = next;
	}
	auction->arena = own;
	ArenaFree(&scratch);
	return status;
}
