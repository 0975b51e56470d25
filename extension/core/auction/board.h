/*
 * board.h
 *		Whole awards being improved: who sits where, and what room every row has left.
 *
 * Options of an entry stand from cheap to dear.  Rows without a limit stand for the one row after the
 * last, which has room for everything: so every option of an entry has the same number of rows.
 */
#ifndef CLEX_AUCTION_BOARD_H
#define CLEX_AUCTION_BOARD_H

#include "core/auction/solve.h"

typedef struct BoardFan
{
	uint32_t entry;
	int32_t option;
} BoardFan;

typedef struct Board
{
	Auction *auction;
	const Entries *entries; /* a short list, its options in the board's order */
	int32_t *choice;
	int64_t *room;
	double *cost;		 /* by option, raw units, prices of rows included */
	double *outside;	 /* by entry */
	int32_t *rows;		 /* by option: ceiling, total, own buyer, slots */
	uint64_t *first_row; /* by entry: where the rows of its options begin */
	uint32_t *fan_start; /* by bid: entries that have it as an option */
	BoardFan *fans;
	int32_t *head; /* by bid: the first entry it funds, -1 = none */
	int32_t *next; /* by entry */
	int32_t *prev;
	Vector journal; /* BoardFan: entries moved, with the choice they had */
	double change;	/* what moves since it was last set to zero cost, raw units */
	int64_t moves;
} Board;

/* Costs at prices (NULL: as they are); the options are put into their order. */
extern ClexStatus BoardInit(Board *board, Auction *auction, Entries *entries, const double *price);
/* Look at an award: places in the options, and what room they leave (rows and one). */
extern void BoardSet(Board *board, int32_t *choice, int64_t *room);
/* Move an entry, whether or not there is room; false when out of memory. */
extern bool BoardMove(Board *board, uint32_t t, int32_t choice);
/* Take back what was moved since the journal had so many lines. */
extern void BoardUndo(Board *board, uint32_t to);
/* The cheapest option of an entry before `end` that has room, other than one bid's; or -1. */
extern int32_t BoardFit(const Board *board, uint32_t t, int32_t end, int32_t except);
/* Does its bid meet its minimum with entry t, and miss it without? */
extern bool BoardNeeds(const Board *board, uint32_t t);

static inline int32_t
BoardBid(const Board *b, uint32_t t, int32_t choice)
{
	return b->entries->options[b->entries->entries[t].first_option + (uint32_t) choice];
}

static inline double
BoardCost(const Board *b, uint32_t t, int32_t choice)
{
	return choice < 0 ? b->outside[t]
					  : b->cost[b->entries->entries[t].first_option + (uint32_t) choice];
}

/* The rows of an option; the first three take the entry's amount, the others their slot's. */
static inline const int32_t *
BoardRows(const Board *b, uint32_t t, int32_t choice)
{
	return b->rows + b->first_row[t] + (uint64_t) choice * (3 + b->entries->entries[t].slot_count);
}

static inline int64_t
BoardAmount(const Board *b, const Entry *e, uint32_t r)
{
	return r < 3 ? e->amount : b->entries->slots[e->first_slot + r - 3].amount;
}

static inline bool
BoardHasRoom(const Board *b, uint32_t t, int32_t choice)
{
	const Entry *e = &b->entries->entries[t];
	const int32_t *rows = BoardRows(b, t, choice);

	for (uint32_t r = 0; r < 3 + e->slot_count; r++)
		if (BoardAmount(b, e, r) > b->room[rows[r]])
			return false;
	return true;
}

/* local.c: shift and exchange entries until nothing gains, at most `passes` times over all. */
extern ClexStatus LocalSearch(Board *board, int passes, ClexError *error);

/* repack.c: award the content of every bid anew, again and again while it gains. */
extern ClexStatus Repack(Board *board, int passes, ClexError *error);

/*
 * ruin.c: take entries round a bid out at random and place them again, so many times; at first an award
 * may cost so much more than the best.
 */
extern ClexStatus Ruin(Board *board, const double *price, int64_t times, double allowance,
					   ClexError *error);

/* parts.c: place a few entries anew by branch and bound, so many times. */
extern ClexStatus SolveParts(Board *board, int64_t times, ClexError *error);

#endif
