/*
 * local.c
 *		Whole awards improved by shifting one entry, or by one entry pushing out another.
 *
 * Entries are visited in a fixed order.  An entry that fits a cheaper bid moves there.  One that does
 * not fit looks for an occupant of the row that blocks it, barely large enough, whose next best place
 * costs less than the move gains.  Nothing leaves a bid that would then miss its minimum.  Lists of
 * occupants are by amount and rebuilt once a pass.
 */
#include "core/auction/board.h"

/* Occupants tried for one blocked option, and beyond so many entries. */
#define TRIES 24
#define FEWER_TRIES 6
#define MANY_ENTRIES 2000

typedef struct Local
{
	Board *board;
	uint32_t *by_amount; /* entries */
	uint32_t *list;		 /* occupants by row, ascending amount */
	uint64_t *list_start;
} Local;

/* The row that most lacks room for an option, or -1 when it fits. */
static int32_t
BlockingRow(const Board *b, uint32_t t, int32_t choice, int64_t *lack)
{
	const Entry *e = &b->entries->entries[t];
	const int32_t *rows = BoardRows(b, t, choice);
	int32_t worst = -1;

	*lack = 0;
	for (uint32_t r = 0; r < 3 + e->slot_count; r++)
		if (BoardAmount(b, e, r) - b->room[rows[r]] > *lack)
		{
			*lack = BoardAmount(b, e, r) - b->room[rows[r]];
			worst = rows[r];
		}
	return worst;
}

/* List the occupants of every row by amount. */
static void
ListOccupants(Local *local)
{
	const Board *b = local->board;

	memset(local->list_start, 0, ((size_t) b->auction->row_count + 3) * sizeof(uint64_t));
	for (int fill = 0; fill < 2; fill++)
	{
		for (uint32_t i = 0; i < b->entries->count; i++)
		{
			uint32_t t = local->by_amount[i];
			const int32_t *rows;

			if (b->choice[t] < 0)
				continue;
			rows = BoardRows(b, t, b->choice[t]);
			for (uint32_t r = 0; r < 3 + b->entries->entries[t].slot_count; r++)
				if (fill)
					local->list[local->list_start[rows[r] + 1]++] = t;
				else
					local->list_start[rows[r] + 2]++;
		}
		if (!fill)
			for (uint32_t r = 0; r <= b->auction->row_count; r++)
				local->list_start[r + 2] += local->list_start[r + 1];
	}
}

/* Does an entry sit on a row now? */
static bool
Sits(const Board *b, uint32_t t, int32_t row)
{
	const int32_t *rows;

	if (b->choice[t] < 0)
		return false;
	rows = BoardRows(b, t, b->choice[t]);
	for (uint32_t r = 0; r < 3 + b->entries->entries[t].slot_count; r++)
		if (rows[r] == row)
			return true;
	return false;
}

/* The first place in a row's list whose amount is not smaller. */
static uint64_t
FirstOfAmount(const Local *local, int32_t row, int64_t amount)
{
	uint64_t low = local->list_start[row], high = local->list_start[row + 1];

	while (low < high)
	{
		uint64_t middle = (low + high) / 2;

		if (local->board->entries->entries[local->list[middle]].amount < amount)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Would an option of entry t, which sits nowhere, have room if entry u left? */
static bool
RoomWithout(const Board *b, uint32_t t, int32_t want, uint32_t u)
{
	const Entry *e = &b->entries->entries[t], *other = &b->entries->entries[u];
	const int32_t *rows = BoardRows(b, t, want), *its = BoardRows(b, u, b->choice[u]);

	for (uint32_t r = 0; r < 3 + e->slot_count; r++)
	{
		int64_t lack = BoardAmount(b, e, r) - b->room[rows[r]];

		for (uint32_t o = 0; o < 3 + other->slot_count && lack > 0; o++)
			if (its[o] == rows[r])
				lack -= BoardAmount(b, other, o);
		if (lack > 0)
			return false;
	}
	return true;
}

/* Exchange: t goes where it wants, u to the best place that costs less than `below`; else nothing. */
static ClexStatus
Exchange(Board *b, uint32_t t, int32_t want, uint32_t u, double below, bool *done)
{
	uint32_t line = b->journal.count;
	int32_t end = 0, options = (int32_t) b->entries->entries[u].option_count, fit = -1;

	while (end < options && BoardCost(b, u, end) < below)
		end++;
	if (end == 0 && b->outside[u] >= below)
		return CLEX_OK;
	if (!BoardMove(b, u, -1) || !BoardMove(b, t, want))
		return CLEX_NO_MEMORY;
	fit = BoardFit(b, u, end, -1);
	*done = fit >= 0 || b->outside[u] < below;
	if (!*done)
		BoardUndo(b, line);
	else if (fit >= 0 && !BoardMove(b, u, fit))
		return CLEX_NO_MEMORY;
	return CLEX_OK;
}

/* Entry t takes an option that a row blocks, if one occupant can go elsewhere for less than it gains. */
static ClexStatus
PushOut(Local *local, uint32_t t, int32_t want, int32_t row, int64_t lack, bool *done)
{
	Board *b = local->board;
	uint64_t at = FirstOfAmount(local, row, lack), end = local->list_start[row + 1];
	double gain = BoardCost(b, t, b->choice[t]) - BoardCost(b, t, want);
	int most = b->entries->count > MANY_ENTRIES ? FEWER_TRIES : TRIES;
	ClexStatus status = CLEX_OK;

	b->journal.count = 0;
	if (!BoardMove(b, t, -1))
		return CLEX_NO_MEMORY;
	for (int tries = 0; at < end && tries < most && !*done && status == CLEX_OK; at++, tries++)
	{
		uint32_t u = local->list[at];

		if (u != t && Sits(b, u, row) && !BoardNeeds(b, u) && RoomWithout(b, t, want, u))
			status =
				Exchange(b, t, want, u, BoardCost(b, u, b->choice[u]) + gain * (1 - 1e-9), done);
	}
	if (!*done)
		BoardUndo(b, 0);
	b->moves += *done;
	return status;
}

/* Try to put one entry into a better place. */
static ClexStatus
Improve(Local *local, uint32_t t)
{
	Board *b = local->board;
	const Entry *e = &b->entries->entries[t];
	ClexStatus status = CLEX_OK;
	int32_t was = b->choice[t], end = was < 0 ? (int32_t) e->option_count : was, fit;
	bool done = false;

	if (end == 0 || BoardNeeds(b, t))
		return CLEX_OK;
	/* what it takes up itself is free for it */
	b->journal.count = 0;
	if (!BoardMove(b, t, -1))
		return CLEX_NO_MEMORY;
	fit = BoardFit(b, t, end, -1);
	if (!BoardMove(b, t, fit >= 0 ? fit : was))
		return CLEX_NO_MEMORY;
	b->moves += fit >= 0;
	if (fit >= 0)
		end = fit;
	for (int32_t o = 0; o < end && !done && status == CLEX_OK; o++)
	{
		int64_t lack;
		int32_t row;

		if (BoardCost(b, t, o) >= BoardCost(b, t, b->choice[t]) * (1 - 1e-12))
			break;
		row = BlockingRow(b, t, o, &lack);
		if (row >= 0)
			status = PushOut(local, t, o, row, lack, &done);
	}
	return status;
}

/* Room for the lists, and the entries by amount. */
static ClexStatus
LocalInit(Local *local, Board *b)
{
	Arena *arena = b->auction->arena;
	const Entries *entries = b->entries;
	uint64_t *keys = ArenaAllocArray(arena, (size_t) entries->count + 1, 8);
	size_t memberships = 0;

	*local = (Local){.board = b};
	for (uint32_t t = 0; t < entries->count; t++)
		memberships += 3 + entries->entries[t].slot_count;
	local->by_amount = ArenaAllocArray(arena, (size_t) entries->count + 1, 4);
	local->list = ArenaAllocArray(arena, memberships + 1, sizeof(uint32_t));
	local->list_start = ArenaAllocArray(arena, (size_t) b->auction->row_count + 3, 8);
	if (keys == NULL || local->by_amount == NULL || local->list == NULL ||
		local->list_start == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t t = 0; t < entries->count; t++)
	{
		keys[t] = (uint64_t) entries->entries[t].amount;
		local->by_amount[t] = t;
	}
	return AuctionRadixSort(b->auction, local->by_amount, entries->count, keys);
}

ClexStatus
LocalSearch(Board *b, int passes, ClexError *error)
{
	Local local;
	ClexStatus status = LocalInit(&local, b);

	for (int pass = 0; pass < passes && status == CLEX_OK && !OutOfTime(b->auction); pass++)
	{
		int64_t before = b->moves;

		ListOccupants(&local);
		/* large amounts first: small ones fill what they leave */
		for (uint32_t i = b->entries->count; i-- > 0 && status == CLEX_OK;)
		{
			if ((i & 1023) == 0 && ClexInterrupted(b->auction->arena->env))
				return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
			status = Improve(&local, local.by_amount[i]);
		}
		if (b->moves == before)
			break;
	}
	return status != CLEX_OK ? ClexFail(error, status, "out of memory while improving an auction")
							 : CLEX_OK;
}
