/*
 * search.c
 *		Branch and bound over the linear relaxation, for auctions small enough.
 *
 * Nodes differ only in costs: an option that is ruled out becomes too dear, one that is fixed is paid
 * to be taken, a minimum award that is insisted on is paid for when missed.  So the simplex goes on
 * from basis to basis.  Depth first, the fixed option before the ruled-out one, always in the same
 * order; budgets count nodes, not time.
 */
#include "core/auction/relaxation.h"

#include <math.h>

/* Pivots that a node may take on average: ten times what it does on large trees. */
#define NODE_PIVOTS 300

typedef struct Change
{
	bool over; /* a row's price, else a column's cost */
	int32_t index;
	double old;
} Change;

typedef struct Branch
{
	uint32_t changes; /* how many there were before */
	double offset;
	int64_t option; /* fixed here, or -1 */
	uint32_t entry;
	int32_t bid;	  /* its minimum insisted on, or it closed, when option is -1 */
	bool close_first; /* the closed bid comes before the minimum insisted on */
	bool second;	  /* the other side is being searched */
} Branch;

typedef struct Search
{
	Auction *auction;
	const Entries *entries;
	Relaxation relaxation;
	double big;
	double offset; /* what fixing paid */
	Vector changes;
	Vector branches;
	uint8_t *fixed;	 /* by entry */
	int64_t *room;	 /* by row: what fixed options leave */
	int64_t *left;	 /* by row: what the trial leaves */
	int32_t *choice; /* the incumbent */
	int32_t *trial;
	double cost;
} Search;

static bool
Change1(Search *s, bool over, int32_t index, double by)
{
	double *value = over ? &s->relaxation.lp.over[index] : &s->relaxation.lp.cost[index];
	Change *change = VectorPush(&s->changes);

	if (change == NULL)
		return false;
	*change = (Change){over, index, *value};
	*value += by;
	return true;
}

static void
Undo(Search *s, uint32_t to)
{
	while (s->changes.count > to)
	{
		Change *c = &VectorAt(&s->changes, Change, --s->changes.count);

		if (c->over)
			s->relaxation.lp.over[c->index] = c->old;
		else
			s->relaxation.lp.cost[c->index] = c->old;
	}
}

/* Rule out every option of a bid. */
static bool
CloseBid(Search *s, int32_t bid)
{
	for (uint64_t o = 0; o < s->entries->option_count; o++)
		if (s->entries->options[o] == bid && s->relaxation.column[o] >= 0 &&
			!Change1(s, false, s->relaxation.column[o], s->big))
			return false;
	return true;
}

/* Count a fixed option on its rows, or take it off. */
static void
Occupy(Search *s, uint32_t t, uint64_t option, int sign)
{
	int n =
		OptionRows(s->auction, s->entries, &s->entries->entries[t], s->entries->options[option]);

	for (int r = 0; r < n; r++)
		s->room[s->entries->path[r].row] -= sign * s->entries->path[r].amount;
}

/* Rule out what no longer fits beside the options that are fixed. */
static bool
RuleOutLarge(Search *s)
{
	for (uint32_t t = 0; t < s->entries->count; t++)
	{
		const Entry *e = &s->entries->entries[t];

		for (uint64_t o = e->first_option; o < e->first_option + e->option_count && !s->fixed[t];
			 o++)
		{
			int32_t j = s->relaxation.column[o];
			bool fits = true;
			int n;

			if (j < 0 || s->relaxation.lp.cost[j] > 0)
				continue;
			n = OptionRows(s->auction, s->entries, e, s->entries->options[o]);
			for (int r = 0; r < n && fits; r++)
				fits = s->entries->path[r].amount <= s->room[s->entries->path[r].row];
			if (!fits && !Change1(s, false, j, s->big))
				return false;
		}
	}
	return true;
}

/* Take one option of an entry, and none of its others. */
static bool
FixOption(Search *s, uint32_t t, uint64_t option)
{
	const Entry *e = &s->entries->entries[t];

	for (uint64_t o = e->first_option; o < e->first_option + e->option_count; o++)
		if (s->relaxation.column[o] >= 0 &&
			!Change1(s, false, s->relaxation.column[o], o == option ? -s->big : s->big))
			return false;
	s->offset += s->big * (double) e->amount;
	s->fixed[t] = 1;
	Occupy(s, t, option, 1);
	return RuleOutLarge(s);
}

/* The entry that is most split, by amount; its largest part.  False when all are whole. */
static bool
FindSplit(const Search *s, uint32_t *entry, uint64_t *option)
{
	double worst = 0;

	for (uint32_t t = 0; t < s->entries->count; t++)
	{
		const Entry *e = &s->entries->entries[t];
		double largest = 0, split = 0;
		uint64_t at = 0;

		for (uint64_t o = e->first_option; o < e->first_option + e->option_count; o++)
		{
			double x = s->relaxation.column[o] >= 0
						   ? LpValue(&s->relaxation.lp, s->relaxation.column[o])
						   : 0;
			double rest = (double) e->amount - x;

			if (x > 0.5 && rest > 0.5)
				split += x < rest ? x : rest;
			if (x > largest)
			{
				largest = x;
				at = o;
			}
		}
		if (split > worst)
		{
			worst = split;
			*entry = t;
			*option = at;
		}
	}
	return worst > 0;
}

/* A bid given something, but less than its minimum; -1 when there is none. */
static int32_t
FindShort(const Search *s)
{
	for (uint32_t k = 0; k < s->auction->bid_count; k++)
	{
		double given = 0;

		if (s->relaxation.minimum_row[k] < 0)
			continue;
		for (uint64_t o = 0; o < s->entries->option_count; o++)
			if (s->entries->options[o] == (int32_t) k && s->relaxation.column[o] >= 0)
				given += LpValue(&s->relaxation.lp, s->relaxation.column[o]);
		if (given > 0.5 && given < (double) AuctionBidAt(s->auction, k)->min_award - 0.5)
			return (int32_t) k;
	}
	return -1;
}

/* Does the trial keep every limit and minimum?  The relaxation's amounts are no integers. */
static bool
TrialHolds(Search *s)
{
	const Auction *auction = s->auction;
	bool holds = true;

	memcpy(s->left, auction->limit, (size_t) auction->row_count * sizeof(int64_t));
	for (uint32_t t = 0; t < s->entries->count; t++)
	{
		const Entry *e = &s->entries->entries[t];
		int n = s->trial[t] < 0
					? 0
					: OptionRows(auction, s->entries, e,
								 s->entries->options[e->first_option + (uint32_t) s->trial[t]]);

		for (int r = 0; r < n; r++)
			s->left[s->entries->path[r].row] -= s->entries->path[r].amount;
	}
	for (uint32_t r = 0; r < auction->row_count && holds; r++)
		holds = s->left[r] >= 0;
	for (uint32_t k = 0; k < auction->bid_count && holds; k++)
	{
		int64_t given = auction->limit[k] - s->left[k];
		bool insisted = auction->insisted != NULL && auction->insisted[k];

		holds = (given == 0 && !insisted) || given >= AuctionBidAt(auction, k)->min_award;
	}
	return holds;
}

/* A whole solution: keep it when it is the best so far. */
static void
TakeIncumbent(Search *s)
{
	double cost;

	for (uint32_t t = 0; t < s->entries->count; t++)
	{
		const Entry *e = &s->entries->entries[t];

		s->trial[t] = -1;
		for (uint32_t o = 0; o < e->option_count; o++)
		{
			int32_t j = s->relaxation.column[e->first_option + o];

			if (j >= 0 && LpValue(&s->relaxation.lp, j) > 0.5 * (double) e->amount)
				s->trial[t] = (int32_t) o;
		}
	}
	cost = ChoiceCost(s->auction, s->entries, s->trial);
	if (cost < s->cost && TrialHolds(s))
	{
		s->cost = cost;
		memcpy(s->choice, s->trial, (size_t) s->entries->count * sizeof(int32_t));
	}
}

/* Close a bid, or insist on its minimum. */
static bool
Decide(Search *s, int32_t bid, bool close)
{
	return close ? CloseBid(s, bid) : Change1(s, true, s->relaxation.minimum_row[bid], s->big);
}

/* Does the relaxation cost less with a bid closed than with its minimum insisted on? */
static ClexStatus
Probe(Search *s, int32_t bid, bool *close)
{
	double cost[2];

	for (int side = 0; side < 2; side++)
	{
		uint32_t mark = s->changes.count;
		ClexStatus status = Decide(s, bid, side == 1)
								? LpSolve(&s->relaxation.lp, LpPatience(&s->relaxation.lp))
								: CLEX_NO_MEMORY;

		if (status != CLEX_OK)
			return status;
		cost[side] = LpObjective(&s->relaxation.lp);
		Undo(s, mark);
	}
	*close = cost[1] < cost[0];
	return CLEX_OK;
}

/* Open a branch at the present node: on a split entry or on a minimum not met. */
static bool
OpenBranch(Search *s, uint32_t entry, int64_t option, int32_t bid, bool close_first)
{
	Branch *b = VectorPush(&s->branches);

	if (b == NULL)
		return false;
	*b = (Branch){s->changes.count, s->offset, option, entry, bid, close_first, false};
	return option >= 0 ? FixOption(s, entry, (uint64_t) option) : Decide(s, bid, close_first);
}

/* Go on to the next node; false when the tree is done. */
static bool
NextNode(Search *s, ClexStatus *status)
{
	while (s->branches.count > 0)
	{
		Branch *b = &VectorAt(&s->branches, Branch, s->branches.count - 1);

		Undo(s, b->changes);
		s->offset = b->offset;
		if (b->second)
		{
			s->branches.count--;
			continue;
		}
		b->second = true;
		if (b->option >= 0)
		{
			s->fixed[b->entry] = 0;
			Occupy(s, b->entry, (uint64_t) b->option, -1);
		}
		if (b->option >= 0 ? !Change1(s, false, s->relaxation.column[b->option], s->big)
						   : !Decide(s, b->bid, !b->close_first))
			*status = CLEX_NO_MEMORY;
		return *status == CLEX_OK;
	}
	return false;
}

/* Rule out what could not even pay for the way to the incumbent. */
static bool
RuleOut(Search *s, double bound)
{
	for (uint32_t t = 0; t < s->entries->count; t++)
	{
		const Entry *e = &s->entries->entries[t];

		for (uint64_t o = e->first_option; o < e->first_option + e->option_count; o++)
		{
			int32_t j = s->relaxation.column[o];

			if (j >= 0 && s->relaxation.lp.cost[j] <= 0 &&
				s->relaxation.lp.place[2 * s->relaxation.lp.rows + j] < 0 &&
				LpReducedCost(&s->relaxation.lp, 2 * s->relaxation.lp.rows + j) *
						(double) e->amount >
					s->cost - bound &&
				!Change1(s, false, j, s->big))
				return false;
		}
	}
	return true;
}

/* Look at the node whose relaxation is solved: prune, keep, or branch.  True when it branched. */
static bool
Examine(Search *s, ClexStatus *status)
{
	double lower = s->relaxation.outside + LpObjective(&s->relaxation.lp) + s->offset;
	uint32_t entry = 0;
	uint64_t option = 0;
	int32_t bid = -1;
	bool close_first = false;

	if (lower >= s->cost - 1 - 1e-11 * fabs(s->cost))
		return false;
	if (!RuleOut(s, lower))
	{
		*status = CLEX_NO_MEMORY;
		return false;
	}
	/* minimum awards first: they decide about whole bids */
	bid = FindShort(s);
	if (bid >= 0)
	{
		if (s->relaxation.lp.over[s->relaxation.minimum_row[bid]] > 0)
			return false;
		*status = Probe(s, bid, &close_first);
		if (*status == CLEX_OK && !OpenBranch(s, 0, -1, bid, close_first))
			*status = CLEX_NO_MEMORY;
		return true;
	}
	if (FindSplit(s, &entry, &option))
	{
		/* what was fixed and still does not fit never will */
		if (s->fixed[entry])
			return false;
		if (!OpenBranch(s, entry, (int64_t) option, -1, false))
			*status = CLEX_NO_MEMORY;
		return true;
	}
	TakeIncumbent(s);
	return false;
}

static ClexStatus
SearchInit(Search *s, Auction *auction, const Entries *entries)
{
	ClexStatus status;

	*s = (Search){.auction = auction, .entries = entries};
	VectorInit(&s->changes, auction->arena, sizeof(Change));
	VectorInit(&s->branches, auction->arena, sizeof(Branch));
	s->trial = ArenaAllocArray(auction->arena, (size_t) entries->count + 1, sizeof(int32_t));
	s->fixed = ArenaAllocZero(auction->arena, (size_t) entries->count + 1);
	s->room = ArenaAllocArray(auction->arena, (size_t) auction->row_count + 1, sizeof(int64_t));
	s->left = ArenaAllocArray(auction->arena, (size_t) auction->row_count + 1, sizeof(int64_t));
	status = RelaxationBuild(auction, entries, auction->has_minimum, &s->relaxation);
	if (status != CLEX_OK || s->trial == NULL || s->fixed == NULL || s->room == NULL ||
		s->left == NULL)
		return CLEX_NO_MEMORY;
	memcpy(s->room, auction->limit, (size_t) auction->row_count * sizeof(int64_t));
	s->big = 100 * (s->relaxation.dearest + 1);
	/* of so large costs no smaller difference can be believed */
	s->relaxation.lp.tolerance = fmax(s->relaxation.lp.tolerance, 4e-12 * s->big);
	/* the minimum rows stay free; all others cost more than fixing pays */
	for (int32_t r = 0; r < s->relaxation.lp.rows; r++)
		if (s->relaxation.lp.over[r] > 0)
			s->relaxation.lp.over[r] = 4 * s->big;
	return LpStart(&s->relaxation.lp, NULL, 0);
}

ClexStatus
SearchTree(Auction *auction, const Entries *entries, int64_t nodes, int32_t *choice, double *cost,
		   double *bound, double *price, int64_t *visited, ClexError *error)
{
	Search s;
	ClexStatus status = SearchInit(&s, auction, entries);
	bool more = true;
	int64_t most;

	if (__builtin_mul_overflow(nodes, NODE_PIVOTS, &most) ||
		__builtin_add_overflow(most, LpPatience(&s.relaxation.lp), &most))
		most = INT64_MAX;
	*visited = 0;
	s.choice = choice;
	s.cost = *cost;
	*bound = -HUGE_VAL;
	while (status == CLEX_OK && more && *visited < nodes && s.relaxation.lp.iterations < most &&
		   !OutOfTime(auction))
	{
		status = LpSolve(&s.relaxation.lp, LpPatience(&s.relaxation.lp));
		if (status != CLEX_OK)
			break;
		if ((*visited)++ == 0)
		{
			*bound = s.relaxation.outside + LpObjective(&s.relaxation.lp);
			for (uint32_t r = 0; r < auction->row_count; r++)
				price[r] = s.relaxation.lp_row[r] >= 0
							   ? fmax(0, -s.relaxation.lp.price[s.relaxation.lp_row[r]])
							   : 0;
		}
		if (!Examine(&s, &status))
			more = NextNode(&s, &status);
	}
	*cost = s.cost;
	if (status == CLEX_OK && !more)
		*bound = s.cost;
	/* a simplex that runs long ends the search, not the clearing */
	if (status == CLEX_LIMIT || status == CLEX_INVALID)
		status = CLEX_OK;
	if (status != CLEX_OK)
		ClexFail(error, status,
				 status == CLEX_INTERRUPTED ? "interrupted" : "out of memory while searching");
	return status;
}

ClexStatus
SearchMinimums(Auction *auction, const Entries *entries, uint8_t *closed, ClexError *error)
{
	Search s;
	ClexStatus status = SearchInit(&s, auction, entries);
	int32_t bid;

	for (uint32_t n = 0; n <= auction->bid_count && status == CLEX_OK; n++)
	{
		bool close = false;

		status = LpSolve(&s.relaxation.lp, LpPatience(&s.relaxation.lp));
		bid = status == CLEX_OK ? FindShort(&s) : -1;
		if (bid < 0)
			break;
		/* insisted on and still short: there is no award for what was decided before */
		status = s.relaxation.lp.over[s.relaxation.minimum_row[bid]] > 0 ? CLEX_LIMIT
																		 : Probe(&s, bid, &close);
		if (status != CLEX_OK)
			break;
		closed[bid] = close;
		if (!Decide(&s, bid, close))
			status = CLEX_NO_MEMORY;
	}
	if (status == CLEX_LIMIT || status == CLEX_INVALID)
		status = CLEX_OK;
	if (status != CLEX_OK)
		ClexFail(error, status,
				 status == CLEX_INTERRUPTED ? "interrupted" : "out of memory while searching");
	return status;
}
