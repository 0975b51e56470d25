/*
 * board.c
 *		The bookkeeping of whole awards that are being improved.
 */
#include "core/auction/board.h"

/* List for every bid the entries that may take it. */
static void
ListFans(Board *b)
{
	const Entries *entries = b->entries;

	memset(b->fan_start, 0, ((size_t) b->auction->bid_count + 2) * sizeof(uint32_t));
	for (uint64_t o = 0; o < entries->option_count; o++)
		b->fan_start[entries->options[o] + 2]++;
	for (uint32_t k = 0; k < b->auction->bid_count; k++)
		b->fan_start[k + 2] += b->fan_start[k + 1];
	for (uint32_t t = 0; t < entries->count; t++)
		for (uint32_t o = 0; o < entries->entries[t].option_count; o++)
			b->fans[b->fan_start[BoardBid(b, t, (int32_t) o) + 1]++] = (BoardFan){t, (int32_t) o};
}

/* Costs of an entry's options, cheapest first; options are few enough for insertion. */
static void
SortOptions(Board *b, Entries *entries, uint32_t t, const double *price)
{
	const Entry *e = &entries->entries[t];
	double *cost = b->cost + e->first_option;
	int32_t *option = entries->options + e->first_option;

	for (uint32_t o = 0; o < e->option_count; o++)
	{
		int32_t k = option[o];
		double c = price != NULL
					   ? OptionCost(b->auction, entries, e, k, price)
					   : (double) e->weight * AuctionBidAt(b->auction, (uint32_t) k)->rate;
		uint32_t j = o;

		for (; j > 0 && (cost[j - 1] > c || (cost[j - 1] == c && option[j - 1] > k)); j--)
		{
			cost[j] = cost[j - 1];
			option[j] = option[j - 1];
		}
		cost[j] = c;
		option[j] = k;
	}
}

/* The rows of an entry's options, from `row` on. */
static void
LayRows(Board *b, uint32_t t, int32_t *row)
{
	const Auction *auction = b->auction;
	const Entry *e = &b->entries->entries[t];

	for (uint32_t o = 0; o < e->option_count; o++)
	{
		int32_t k = BoardBid(b, t, (int32_t) o);
		int32_t f = AuctionBidAt(auction, (uint32_t) k)->financier;
		int64_t fixed[3];

		FixedRows(auction, b->entries->own_buyer, k, fixed);
		for (int r = 0; r < 3; r++)
			row[r] = (int32_t) fixed[r];
		for (uint32_t s = 0; s < e->slot_count; s++)
			row[3 + s] = (int32_t) SlotRow(auction, b->entries->slots[e->first_slot + s].slot, f);
		for (uint32_t r = 0; r < 3 + e->slot_count; r++)
			if (row[r] < 0 || auction->limit[row[r]] == AUCTION_NONE)
				row[r] = (int32_t) auction->row_count;
		row += 3 + e->slot_count;
	}
}

ClexStatus
BoardInit(Board *b, Auction *auction, Entries *entries, const double *price)
{
	Arena *arena = auction->arena;
	size_t bids = (size_t) auction->bid_count + 2, count = (size_t) entries->count + 1;
	uint64_t rows = 0;

	*b = (Board){.auction = auction, .entries = entries};
	VectorInit(&b->journal, arena, sizeof(BoardFan));
	b->first_row = ArenaAllocArray(arena, count, sizeof(uint64_t));
	b->cost = ArenaAllocArray(arena, entries->option_count + 1, sizeof(double));
	b->outside = ArenaAllocArray(arena, count, sizeof(double));
	b->fan_start = ArenaAllocArray(arena, bids, sizeof(uint32_t));
	b->fans = ArenaAllocArray(arena, entries->option_count + 1, sizeof(BoardFan));
	b->head = ArenaAllocArray(arena, bids, sizeof(int32_t));
	b->next = ArenaAllocArray(arena, count, sizeof(int32_t));
	b->prev = ArenaAllocArray(arena, count, sizeof(int32_t));
	if (arena->exhausted || entries->option_count > UINT32_MAX)
		return CLEX_NO_MEMORY;
	for (uint32_t t = 0; t < entries->count; t++)
	{
		b->first_row[t] = rows;
		b->outside[t] = (double) entries->entries[t].outside;
		rows += (uint64_t) entries->entries[t].option_count * (3 + entries->entries[t].slot_count);
	}
	b->rows = ArenaAllocArray(arena, rows + 1, sizeof(int32_t));
	if (b->rows == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t t = 0; t < entries->count; t++)
	{
		SortOptions(b, entries, t, price);
		LayRows(b, t, b->rows + b->first_row[t]);
	}
	ListFans(b);
	return CLEX_OK;
}

/* Put an entry on the list of its bid, or take it off. */
static inline void
Link(Board *b, uint32_t t)
{
	int32_t *head = &b->head[BoardBid(b, t, b->choice[t])];

	b->prev[t] = -1;
	b->next[t] = *head;
	if (*head >= 0)
		b->prev[*head] = (int32_t) t;
	*head = (int32_t) t;
}

static inline void
Unlink(Board *b, uint32_t t)
{
	if (b->prev[t] >= 0)
		b->next[b->prev[t]] = b->next[t];
	else
		b->head[BoardBid(b, t, b->choice[t])] = b->next[t];
	if (b->next[t] >= 0)
		b->prev[b->next[t]] = b->prev[t];
}

void
BoardSet(Board *b, int32_t *choice, int64_t *room)
{
	b->choice = choice;
	b->room = room;
	memset(b->head, 0xff, (size_t) b->auction->bid_count * sizeof(int32_t));
	room[b->auction->row_count] = INT64_MAX / 2;
	for (uint32_t t = 0; t < b->entries->count; t++)
		if (choice[t] >= 0)
			Link(b, t);
	b->journal.count = 0;
}

/* Count an entry's amounts on the rows of its option, or take them off. */
static inline void
Occupy(Board *b, uint32_t t, int32_t choice, int64_t sign)
{
	const Entry *e = &b->entries->entries[t];
	const int32_t *rows = BoardRows(b, t, choice);

	for (uint32_t r = 0; r < 3 + e->slot_count; r++)
		b->room[rows[r]] += sign * BoardAmount(b, e, r);
}

static inline void
Put(Board *b, uint32_t t, int32_t choice)
{
	b->change += BoardCost(b, t, choice) - BoardCost(b, t, b->choice[t]);
	if (b->choice[t] >= 0)
	{
		Unlink(b, t);
		Occupy(b, t, b->choice[t], 1);
	}
	b->choice[t] = choice;
	if (choice >= 0)
	{
		Occupy(b, t, choice, -1);
		Link(b, t);
	}
}

bool
BoardMove(Board *b, uint32_t t, int32_t choice)
{
	BoardFan *line = VectorPush(&b->journal);

	if (line == NULL)
		return false;
	*line = (BoardFan){t, b->choice[t]};
	Put(b, t, choice);
	return true;
}

void
BoardUndo(Board *b, uint32_t to)
{
	while (b->journal.count > to)
	{
		const BoardFan *line = &VectorAt(&b->journal, BoardFan, --b->journal.count);

		Put(b, line->entry, line->option);
	}
}

int32_t
BoardFit(const Board *b, uint32_t t, int32_t end, int32_t except)
{
	for (int32_t o = 0; o < end; o++)
		if (BoardHasRoom(b, t, o) && BoardBid(b, t, o) != except)
			return BoardCost(b, t, o) < b->outside[t] ? o : -1;
	return -1;
}

bool
BoardNeeds(const Board *b, uint32_t t)
{
	const AuctionBid *bid;
	int64_t given, amount = b->entries->entries[t].amount;
	int32_t k;

	if (!b->auction->has_minimum || b->choice[t] < 0)
		return false;
	k = BoardBid(b, t, b->choice[t]);
	bid = AuctionBidAt(b->auction, (uint32_t) k);
	given = b->auction->limit[k] - b->room[k];
	return given >= bid->min_award && given > amount && given - amount < bid->min_award;
}
