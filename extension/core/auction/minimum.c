/*
 * minimum.c
 *		Divisible invoices: nested or crossing caps, and minimum awards on top.
 *
 * A minimum award makes a bid all or nothing below that amount, so the relaxation alone cannot keep
 * it.  Where it gives a bid less than its minimum, the bid is closed or insisted on, depth first, the
 * nearer side first; every node is a full clearing.  When the nodes run out without an award, all
 * bids that miss are closed until none does.  Prices are those of the relaxation: what they prove
 * holds for every award.
 */
#include "core/auction/solve.h"

/* Nodes times cells and bids. */
#define MINIMUM_WORK 400000
#define MINIMUM_WORK_CROSSING 60000

typedef struct Decision
{
	int32_t bid;
	bool insist;
	bool second; /* the other side is being searched */
} Decision;

typedef struct Minimums
{
	Auction *auction;
	const Cells *cells;
	const Entries *entries;
	int64_t *ceiling; /* by bid, as they were */
	Vector decisions;
	AuctionAward *best;
	uint32_t best_count;
	Int128 cost;
	bool found;
	bool complete;
} Minimums;

static ClexStatus
ClearRelaxed(Auction *auction, const Cells *cells, const Entries *entries, AuctionResult *result,
			 ClexError *error)
{
	return auction->crossing ? ClearCross(auction, cells, entries, result, error)
							 : ClearNet(auction, cells, result, error);
}

/* The bid that misses its minimum by least, in parts of it; -1 when none does. */
static int32_t
NearestMiss(const Auction *auction, const int64_t *given, bool *near)
{
	double nearest = -1;
	int32_t found = -1;

	for (uint32_t k = 0; k < auction->bid_count; k++)
	{
		int64_t minimum = AuctionBidAt(auction, k)->min_award;
		double part = (double) given[k] / (double) minimum;

		/* a bid that is insisted on and misses all the same makes the node worthless */
		if (auction->insisted[k] && given[k] < minimum)
		{
			*near = false;
			return (int32_t) k;
		}
		if (given[k] > 0 && given[k] < minimum && part > nearest)
		{
			nearest = part;
			found = (int32_t) k;
		}
	}
	*near = nearest >= 0.5;
	return found;
}

static void
Decide(Minimums *m, const Decision *d)
{
	m->auction->insisted[d->bid] = d->insist;
	m->auction->limit[d->bid] = d->insist ? m->ceiling[d->bid] : 0;
}

/* Turn to the other side of the last decision that has one; false when there is none. */
static bool
TurnBack(Minimums *m)
{
	while (m->decisions.count > 0)
	{
		Decision *d = &VectorAt(&m->decisions, Decision, m->decisions.count - 1);

		if (!d->second)
		{
			d->second = true;
			d->insist = !d->insist;
			Decide(m, d);
			return true;
		}
		m->auction->insisted[d->bid] = 0;
		m->auction->limit[d->bid] = m->ceiling[d->bid];
		m->decisions.count--;
	}
	return false;
}

/* Keep an award that meets all minimums; the first, or a cheaper one. */
static ClexStatus
Keep(Minimums *m, Arena *own, const AuctionResult *trial, Int128 cost)
{
	m->best = ArenaAllocArray(own, (size_t) trial->award_count + 1, sizeof(AuctionAward));
	if (m->best == NULL)
		return CLEX_NO_MEMORY;
	if (trial->award_count > 0)
		memcpy(m->best, trial->awards, (size_t) trial->award_count * sizeof(AuctionAward));
	m->best_count = trial->award_count;
	m->cost = cost;
	m->auction->reached = (double) cost;
	m->found = true;
	return CLEX_OK;
}

/* Close every bid that misses. */
static void
CloseMisses(Minimums *m, const int64_t *given)
{
	for (uint32_t k = 0; k < m->auction->bid_count; k++)
		if ((given[k] > 0 || m->auction->insisted[k]) &&
			given[k] < AuctionBidAt(m->auction, k)->min_award)
		{
			m->auction->insisted[k] = 0;
			m->auction->limit[k] = 0;
		}
}

/* Look at one node's award: keep it, give it up, or decide about a bid.  *more: there is a node left. */
static ClexStatus
Look(Minimums *m, Arena *own, const AuctionResult *trial, bool last, bool *more)
{
	int64_t *room, *given, funded;
	Int128 cost = AuctionObjective(m->auction, trial->awards, trial->award_count, &funded);
	ClexStatus status = AuctionRooms(m->auction, trial->awards, trial->award_count, &room, &given);
	bool near, promising = !m->found || cost < m->cost;
	int32_t bid;
	Decision *d;

	if (status != CLEX_OK)
		return status;
	bid = NearestMiss(m->auction, given, &near);
	if (bid < 0 && promising)
		status = Keep(m, own, trial, cost);
	if (last)
	{
		*more = bid >= 0 && !m->found;
		if (*more)
			CloseMisses(m, given);
		return status;
	}
	if (bid < 0 || !promising || m->auction->insisted[bid])
	{
		*more = TurnBack(m);
		m->complete = !*more;
		return status;
	}
	d = VectorPush(&m->decisions);
	if (d == NULL)
		return CLEX_NO_MEMORY;
	*d = (Decision){bid, near, false};
	Decide(m, d);
	return status;
}

/* Search the decisions, every node in scratch memory of its own. */
static ClexStatus
SearchDecisions(Minimums *m, AuctionResult *result, ClexError *error)
{
	Auction *auction = m->auction;
	Arena *own = auction->arena, scratch;
	int64_t size = (int64_t) m->cells->count + auction->bid_count;
	int64_t budget = auction->options->node_budget;
	bool more = true;
	ClexStatus status = CLEX_OK;

	if (budget <= 0)
		budget = (auction->crossing ? MINIMUM_WORK_CROSSING : MINIMUM_WORK) / size + 2;
	/* nothing left is not the same as no limit */
	if (own->limit > 0 && own->allocated >= own->limit)
		return CLEX_NO_MEMORY;
	ArenaInit(&scratch, own->env, own->limit > own->allocated ? own->limit - own->allocated : 0);
	auction->arena = &scratch;
	/* the relaxation is the first node: its award is at hand */
	status = Look(m, own, result, false, &more);
	for (result->nodes = 1; more && status == CLEX_OK; result->nodes++)
	{
		bool last = result->nodes >= budget || OutOfTime(auction);
		AuctionResult trial = {0};

		if (last && m->found)
			break;
		ArenaReset(&scratch);
		trial.price = ArenaAllocZero(&scratch, ((size_t) auction->row_count + 1) * 8);
		status = trial.price == NULL ? CLEX_NO_MEMORY
									 : ClearRelaxed(auction, m->cells, m->entries, &trial, error);
		if (status == CLEX_OK)
			status = Look(m, own, &trial, last, &more);
		result->rounds += trial.rounds;
	}
	auction->arena = own;
	ArenaFree(&scratch);
	return status;
}

ClexStatus
ClearDivisible(Auction *auction, const Cells *cells, const Entries *entries, AuctionResult *result,
			   ClexError *error)
{
	Minimums m = {.auction = auction, .cells = cells, .entries = entries};
	size_t bids = (size_t) auction->bid_count;
	ClexStatus status = ClearRelaxed(auction, cells, entries, result, error);
	int64_t *room, *given, funded;
	bool near;

	if (status != CLEX_OK || !auction->has_minimum)
		return status;
	VectorInit(&m.decisions, auction->arena, sizeof(Decision));
	m.ceiling = ArenaAllocArray(auction->arena, bids + 1, sizeof(int64_t));
	auction->insisted = ArenaAllocZero(auction->arena, bids + 1);
	if (m.ceiling == NULL || auction->insisted == NULL)
		status = CLEX_NO_MEMORY;
	else
		status = AuctionRooms(auction, result->awards, result->award_count, &room, &given);
	if (status == CLEX_OK && NearestMiss(auction, given, &near) >= 0)
	{
		auction->proved =
			(double) AuctionObjective(auction, result->awards, result->award_count, &funded);
		memcpy(m.ceiling, auction->limit, bids * sizeof(int64_t));
		status = SearchDecisions(&m, result, error);
		memcpy(auction->limit, m.ceiling, bids * sizeof(int64_t));
		if (status == CLEX_OK)
		{
			result->awards = m.best;
			result->award_count = m.best_count;
			result->proved = m.complete && !auction->crossing;
		}
	}
	auction->insisted = NULL;
	if (status != CLEX_OK && error->message[0] == '\0')
		ClexFail(error, status, "out of memory while meeting minimum awards");
	return status;
}
