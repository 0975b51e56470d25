/*
 * parts.c
 *		Parts of an award solved exactly, one after another.
 *
 * A few entries that share bids or keys are taken out, and branch and bound places them again in the
 * room that the others leave: what no chain of exchanges finds, a tree of a few hundred nodes does.
 * The parts come in a fixed order of random numbers.
 */
#include "core/auction/board.h"

#define LEAST_ENTRIES 10
#define PART_ENTRIES 34
#define PART_NODES 300

typedef struct Parts
{
	Board *board;
	uint64_t seed;
	uint8_t *taken; /* by entry */
	uint32_t part[PART_ENTRIES];
	uint32_t count;
	uint32_t most;	   /* entries of the present part */
	int64_t *minimum;  /* by bid: minimum awards as they are */
	uint8_t *insisted; /* by bid: those who stay need the part; NULL = no minimums */
} Parts;

static inline uint32_t
Random(Parts *p, uint32_t below)
{
	p->seed = p->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t) ((p->seed >> 33) % below);
}

static void
Take(Parts *p, uint32_t t)
{
	if (p->taken[t] || p->count == p->most || p->board->entries->entries[t].option_count == 0)
		return;
	p->taken[t] = 1;
	p->part[p->count++] = t;
}

/* What a bid holds, a few at least of those that could be with it. */
static void
TakeBid(Parts *p, int32_t k)
{
	const Board *b = p->board;
	uint32_t fans = b->fan_start[k + 1] - b->fan_start[k];

	for (int32_t t = b->head[k]; t >= 0; t = b->next[t])
		Take(p, (uint32_t) t);
	for (uint32_t i = 0; i < 4 && fans > 0; i++)
		Take(p, b->fans[b->fan_start[k] + Random(p, fans)].entry);
}

/* Entries of one key, or of the bids that one entry could be with, or any. */
static void
ChoosePart(Parts *p)
{
	const Entries *entries = p->board->entries;
	uint32_t t = Random(p, entries->count), way = Random(p, 4);
	const Entry *e = &entries->entries[t];

	p->count = 0;
	p->most = LEAST_ENTRIES + Random(p, PART_ENTRIES - LEAST_ENTRIES + 1);
	Take(p, t);
	if (way == 0 && e->slot_count > 0)
	{
		int32_t slot = entries->slots[e->first_slot + Random(p, e->slot_count)].slot;

		for (uint32_t i = 1; i < entries->count; i++)
		{
			uint32_t u = (t + i) % entries->count;
			const Entry *other = &entries->entries[u];

			for (uint32_t s = 0; s < other->slot_count; s++)
				if (entries->slots[other->first_slot + s].slot == slot && Random(p, 2))
					Take(p, u);
		}
	}
	else if (way < 3 && e->option_count > 0)
		for (int i = 0; i < 8 && p->count < p->most; i++)
			TakeBid(p, entries->options[e->first_option + Random(p, e->option_count)]);
	for (int i = 0; i < 4 * PART_ENTRIES && p->count < p->most; i++)
		Take(p, Random(p, entries->count));
}

/* What the minimums ask of the part: nothing where those who stay meet them, else the rest. */
static void
SetMinimums(Parts *p)
{
	Board *b = p->board;

	for (uint32_t k = 0; k < b->auction->bid_count && p->insisted != NULL; k++)
	{
		AuctionBid *bid = &VectorAt(&b->auction->bids, AuctionBid, k);
		int64_t given = b->auction->limit[k] - b->room[k];

		bid->min_award = given < p->minimum[k] ? p->minimum[k] - given : 0;
		p->insisted[k] = given > 0 && bid->min_award > 0;
	}
}

/* The part as entries of their own; choice gets the places they have. */
static ClexStatus
CopyPart(const Parts *p, Entries *out, int32_t *choice)
{
	const Board *b = p->board;
	Arena *arena = b->auction->arena;
	uint64_t at = 0;

	*out = *b->entries;
	out->count = p->count;
	out->entries = ArenaAllocArray(arena, (size_t) p->count + 1, sizeof(Entry));
	for (uint32_t i = 0; i < p->count; i++)
		at += b->entries->entries[p->part[i]].option_count;
	out->options = ArenaAllocArray(arena, at + 1, sizeof(int32_t));
	out->option_count = at;
	if (out->entries == NULL || out->options == NULL)
		return CLEX_NO_MEMORY;
	at = 0;
	for (uint32_t i = 0; i < p->count; i++)
	{
		Entry *e = &out->entries[i];

		*e = b->entries->entries[p->part[i]];
		memcpy(out->options + at, b->entries->options + e->first_option,
			   e->option_count * sizeof(int32_t));
		e->first_option = at;
		at += e->option_count;
		choice[i] = b->choice[p->part[i]];
	}
	return CLEX_OK;
}

/* Solve one part in the room it has, and put it where the best solution has it. */
static ClexStatus
SolvePart(Parts *p, ClexError *error)
{
	Board *b = p->board;
	Auction *auction = b->auction;
	int64_t *limit = auction->limit, visited;
	int32_t choice[PART_ENTRIES];
	double cost, bound;
	double *price = ArenaAllocArray(auction->arena, (size_t) auction->row_count + 1, 8);
	Entries part;
	ClexStatus status = price != NULL ? CopyPart(p, &part, choice) : CLEX_NO_MEMORY;

	for (uint32_t i = 0; i < p->count && status == CLEX_OK; i++)
		if (!BoardMove(b, p->part[i], -1))
			status = CLEX_NO_MEMORY;
	if (status == CLEX_OK)
	{
		SetMinimums(p);
		auction->limit = b->room;
		auction->insisted = p->insisted;
		cost = ChoiceCost(auction, &part, choice);
		status =
			SearchTree(auction, &part, PART_NODES, choice, &cost, &bound, price, &visited, error);
		auction->limit = limit;
		auction->insisted = NULL;
	}
	for (uint32_t i = 0; i < p->count && status == CLEX_OK; i++)
	{
		p->taken[p->part[i]] = 0;
		if (!BoardMove(b, p->part[i], choice[i]))
			status = CLEX_NO_MEMORY;
	}
	return status;
}

ClexStatus
SolveParts(Board *b, int64_t times, ClexError *error)
{
	Auction *auction = b->auction;
	Arena *own = auction->arena, scratch;
	Parts p = {.board = b, .seed = 1};
	size_t bids = (size_t) auction->bid_count + 1;
	ClexStatus status = CLEX_OK;

	/* all of it is a matter for the tree */
	if (b->entries->count <= PART_ENTRIES)
		return CLEX_OK;
	p.taken = ArenaAllocZero(own, (size_t) b->entries->count + 1);
	p.minimum = ArenaAllocArray(own, bids, sizeof(int64_t));
	if (auction->has_minimum)
		p.insisted = ArenaAllocZero(own, bids);
	if (own->exhausted || (own->limit > 0 && own->allocated >= own->limit))
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while improving an auction");
	for (uint32_t k = 0; k < auction->bid_count; k++)
		p.minimum[k] = AuctionBidAt(auction, k)->min_award;
	ArenaInit(&scratch, own->env, own->limit > own->allocated ? own->limit - own->allocated : 0);
	auction->arena = &scratch;
	for (int64_t i = 0; i < times && b->entries->count > 0 && status == CLEX_OK; i++)
	{
		if (ClexInterrupted(own->env))
			status = CLEX_INTERRUPTED;
		if (status != CLEX_OK || OutOfTime(auction))
			break;
		b->journal.count = 0;
		ChoosePart(&p);
		status = SolvePart(&p, error);
		ArenaReset(&scratch);
	}
	for (uint32_t k = 0; k < auction->bid_count; k++)
		VectorAt(&auction->bids, AuctionBid, k).min_award = p.minimum[k];
	auction->arena = own;
	ArenaFree(&scratch);
	if (status != CLEX_OK && error->message[0] == '\0')
		ClexFail(error, status,
				 status == CLEX_INTERRUPTED ? "interrupted"
											: "out of memory while improving an auction");
	return status;
}
