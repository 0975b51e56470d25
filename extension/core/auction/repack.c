/*
 * repack.c
 *		The content of one bid after another awarded anew.
 *
 * A bid is emptied; what it held and what would rather be in it compete for the room again, by what
 * they lose elsewhere per minor unit.  So several small invoices push out a large one, or a large one
 * several small ones, which no exchange of two can do.  A step that does not gain is taken back.
 */
#include "core/auction/board.h"

#include <stdlib.h>

typedef struct Rival
{
	double density; /* what it loses elsewhere, per minor unit */
	uint32_t entry;
	int32_t option; /* of the bid that is packed */
} Rival;

static int
CompareRivals(const void *a, const void *b)
{
	const Rival *x = a, *y = b;

	if (x->density != y->density)
		return x->density > y->density ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

/* Empty a bid and list who competes for it. */
static bool
ListRivals(Board *b, int32_t k, Vector *rivals)
{
	rivals->count = 0;
	while (b->head[k] >= 0)
		if (!BoardMove(b, (uint32_t) b->head[k], -1))
			return false;
	for (uint32_t f = b->fan_start[k]; f < b->fan_start[k + 1]; f++)
	{
		const BoardFan *fan = &b->fans[f];
		const Entry *e = &b->entries->entries[fan->entry];
		int32_t other = b->choice[fan->entry];
		double loss;
		Rival *rival;

		if ((other >= 0 && other <= fan->option) || e->amount > b->room[k] ||
			BoardNeeds(b, fan->entry))
			continue;
		if (other < 0)
			other = BoardFit(b, fan->entry, (int32_t) e->option_count, k);
		loss = BoardCost(b, fan->entry, other) - BoardCost(b, fan->entry, fan->option);
		if (loss <= 0)
			continue;
		rival = VectorPush(rivals);
		if (rival == NULL)
			return false;
		*rival = (Rival){loss / (double) e->amount, fan->entry, fan->option};
	}
	return true;
}

/* What was moved makes its old and new bids worth another look. */
static void
MarkMoved(const Board *b, int32_t k, uint8_t *stale)
{
	for (uint32_t j = 0; j < b->journal.count; j++)
	{
		const BoardFan *line = &VectorAt(&b->journal, BoardFan, j);

		if (line->option >= 0)
			stale[BoardBid(b, line->entry, line->option)] = 1;
		if (b->choice[line->entry] >= 0)
			stale[BoardBid(b, line->entry, b->choice[line->entry])] = 1;
	}
	stale[k] = 0;
}

/* Award one bid anew; false when out of memory. */
static bool
PackBid(Board *b, int32_t k, Vector *rivals, uint8_t *stale)
{
	uint32_t held;

	b->journal.count = 0;
	b->change = 0;
	stale[k] = 0;
	if (!ListRivals(b, k, rivals))
		return false;
	held = b->journal.count;
	if (rivals->count > 1)
		qsort(rivals->data, rivals->count, sizeof(Rival), CompareRivals);
	for (uint32_t i = 0; i < rivals->count; i++)
	{
		const Rival *r = &VectorAt(rivals, Rival, i);

		if (BoardHasRoom(b, r->entry, r->option) && !BoardMove(b, r->entry, r->option))
			return false;
	}
	for (uint32_t j = 0; j < held; j++)
	{
		uint32_t t = VectorAt(&b->journal, BoardFan, j).entry;

		if (b->choice[t] < 0 &&
			!BoardMove(b, t, BoardFit(b, t, (int32_t) b->entries->entries[t].option_count, -1)))
			return false;
	}
	if (b->change < -1)
	{
		b->moves++;
		MarkMoved(b, k, stale);
	}
	else
		BoardUndo(b, 0);
	return true;
}

ClexStatus
Repack(Board *b, int passes, ClexError *error)
{
	Vector rivals;
	uint8_t *stale = ArenaAlloc(b->auction->arena, (size_t) b->auction->bid_count + 1);

	VectorInit(&rivals, b->auction->arena, sizeof(Rival));
	if (stale == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while improving an auction");
	memset(stale, 1, b->auction->bid_count);
	for (int pass = 0; pass < passes && !OutOfTime(b->auction); pass++)
	{
		int64_t before = b->moves;

		for (uint32_t k = 0; k < b->auction->bid_count; k++)
		{
			if ((k & 63) == 0 && ClexInterrupted(b->auction->arena->env))
				return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
			if (stale[k] && b->fan_start[k + 1] > b->fan_start[k] &&
				!PackBid(b, (int32_t) k, &rivals, stale))
				return ClexFail(error, CLEX_NO_MEMORY, "out of memory while improving an auction");
		}
		if (b->moves == before)
			break;
	}
	return CLEX_OK;
}
