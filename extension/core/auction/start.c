/*
 * start.c
 *		A first tree for the flow network: the optimum of one in which tenors are coarser.
 *
 * Groups of two neighbouring tenors become one, and what is optimal for them is nearly so for the two.  The
 * coarse network is solved in the same way, from one that is coarser still.  Its tree becomes a
 * tree of the fine network with the same full rows: the bids of a coarse group go to its groups from the
 * dearest rate and the shortest tenor on, and each step of that staircase is an arc of the tree.
 */
#include "core/auction/net.h"

#include <math.h>

/* A coarser network is worth it if it has at most so many groups for each hundred. */
#define FEWER_GROUPS 60

/* Order cells by market, span of tenors, step, keys that cost something, bids of their group and reserve. */
static ClexStatus
SortCells(const Net *net, int32_t days, uint32_t *order, uint64_t *keys, const int32_t *admitted)
{
	Auction *auction = net->auction;
	const Cell *cells = net->cells->cells;
	uint32_t n = net->cells->count;
	ClexStatus status;

	for (uint32_t c = 0; c < n; c++)
	{
		order[c] = c;
		keys[c] = (uint64_t) admitted[c] << 32 | (uint32_t) cells[c].reserve;
	}
	status = AuctionRadixSort(auction, order, n, keys);
	for (int s = SCOPES - 1; s >= SCOPE_SUPPLIER && net->price != NULL && status == CLEX_OK; s--)
	{
		for (uint32_t c = 0; c < n; c++)
			keys[c] = (uint64_t) cells[c].key[s];
		status = AuctionRadixSort(auction, order, n, keys);
	}
	for (uint32_t c = 0; c < n; c++)
		keys[c] = (uint64_t) cells[c].market << 40 | (uint64_t) (cells[c].tenor / days) << 24 |
				  (uint64_t) cells[c].step;
	return status == CLEX_OK ? AuctionRadixSort(auction, order, n, keys) : status;
}

/*
 * Cells that are equal but for tenors of one span become one, where their groups may take the same bids;
 * map tells which.
 */
static ClexStatus
MergeCells(const Net *net, int32_t days, Cells *out, uint32_t *map)
{
	Arena *arena = net->auction->arena;
	const Cell *cells = net->cells->cells;
	uint32_t n = net->cells->count;
	uint32_t *order = ArenaAllocArray(arena, (size_t) n + 1, sizeof(uint32_t));
	uint64_t *keys = ArenaAllocArray(arena, (size_t) n + 1, sizeof(uint64_t));
	int32_t *admitted = ArenaAllocArray(arena, (size_t) n + 1, sizeof(int32_t));
	Vector merged;

	if (order == NULL || keys == NULL || admitted == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t g = 0; g < net->groups.count; g++)
	{
		const NetGroup *group = &VectorAt(&net->groups, NetGroup, g);

		for (uint32_t c = group->first_cell; c < group->end_cell; c++)
			admitted[c] = group->bids;
	}
	if (SortCells(net, days, order, keys, admitted) != CLEX_OK)
		return CLEX_NO_MEMORY;
	VectorInit(&merged, arena, sizeof(Cell));
	for (uint32_t i = 0; i < n; i++)
	{
		const Cell *cell = &cells[order[i]];
		Cell *last = merged.count > 0 ? &VectorAt(&merged, Cell, merged.count - 1) : NULL;

		if (last == NULL || keys[order[i]] != keys[order[i - 1]] ||
			last->admitted != admitted[order[i]] || last->reserve != cell->reserve ||
			(net->price != NULL && memcmp(last->key, cell->key, sizeof(cell->key)) != 0))
		{
			last = VectorPush(&merged);
			if (last == NULL)
				return CLEX_NO_MEMORY;
			*last = *cell;
			last->tenor = cell->tenor / days * days + days / 2;
			last->admitted = admitted[order[i]];
			last->amount = 0;
		}
		last->amount += cell->amount;
		map[order[i]] = merged.count - 1;
	}
	*out = (Cells){(Cell *) (void *) merged.data, merged.count, net->cells->order};
	return CLEX_OK;
}

/* A coarse group and the groups that are in it, while its arcs of the tree become theirs. */
typedef struct Staircase
{
	Net *net;
	Net *coarse;
	const uint32_t *map;	/* from cells to coarse cells */
	const NetGroup *from;	/* the coarse group */
	const uint32_t *groups; /* in it, by tenor */
	uint32_t count;
	int32_t
		way; /* place of the bid by which the coarse group reaches the sink, -1 = past all bids */
	uint32_t root;	  /* place of the group that reaches it past all bids, if that is the way */
	int32_t root_arc; /* -1 = not known */
} Staircase;

static const NetGroup *
GroupAt(const Staircase *s, uint32_t place)
{
	return &VectorAt(&s->net->groups, NetGroup, s->groups[place]);
}

/* The arc past all bids for a cell of a group. */
static int32_t
OutsideArc(const Net *net, const NetGroup *group, uint32_t cell)
{
	return group->first_arc + group->bids +
		   (net->auction->options->volume ? 0 : (int32_t) (cell - group->first_cell));
}

/* What goes unfunded does so again, short tenors first; where an arc does not fill up is the way to the sink. */
static void
LeaveOutside(Staircase *s, uint32_t place)
{
	Flow *flow = &s->net->flow;
	const NetGroup *group = GroupAt(s, place);
	int64_t *supply = &flow->supply[s->groups[place]];
	bool volume = s->net->auction->options->volume;
	uint32_t end = volume ? group->first_cell + 1 : group->end_cell;

	for (uint32_t c = group->first_cell; c < end; c++)
	{
		int32_t a = OutsideArc(s->net, group, c), b = OutsideArc(s->coarse, s->from, s->map[c]);
		int64_t amount = volume ? *supply : s->net->cells->cells[c].amount;
		int64_t *left = &s->coarse->flow.flow[b];
		bool open = s->root_arc < 0 || flow->flow[s->root_arc] == flow->capacity[s->root_arc];

		flow->flow[a] = *left < amount ? *left : amount;
		flow->capacity[a] = amount;
		*left -= flow->flow[a];
		*supply -= flow->flow[a];
		if (s->way < 0 && open &&
			s->coarse->flow.node[s->from - &VectorAt(&s->coarse->groups, NetGroup, 0)].arc == b)
		{
			s->root = place;
			s->root_arc = a;
		}
	}
}

/* The next bid of the tree before a place, dearest first, or -1. */
static int32_t
NextBid(const Staircase *s, int32_t place)
{
	while (--place >= 0 && s->coarse->flow.state[s->from->first_arc + place] != 0)
		;
	return place;
}

/* The node of the bid at a place of the groups' market. */
static FlowNode *
BidNode(const Staircase *s, int32_t place)
{
	const Auction *auction = s->net->auction;
	const Cell *head = &s->net->cells->cells[GroupAt(s, 0)->first_cell];
	int32_t bid = auction->market_bids[auction->markets[head->market].first + place];

	return &s->net->flow.node[s->net->row_node[bid]];
}

/*
 * What is left of the groups goes to the bids of the coarse group's tree, step by step.  Before the way to
 * the sink is reached, who is done hangs from who goes on; after it, who comes in from who is there.
 * When both are done at once, the step is the one that leaves an empty arc leading towards the sink.
 */
static void
Climb(Staircase *s, int32_t bid)
{
	FlowNode *node = s->net->flow.node;
	const int64_t *supply = s->net->flow.supply;
	uint32_t place = 0;
	int64_t left = supply[s->groups[0]];
	int64_t wanted = s->coarse->flow.flow[s->from->first_arc + bid];
	bool rooted = false;

	for (;;)
	{
		int32_t arc = GroupAt(s, place)->first_arc + bid, next = NextBid(s, bid);
		int64_t amount = left < wanted ? left : wanted;
		FlowNode *group = &node[s->groups[place]];

		if (!rooted && bid == s->way)
			group->arc = arc;
		else if (!rooted && s->way < 0 && place == s->root)
		{
			group->arc = s->root_arc;
			BidNode(s, bid)->arc = arc;
		}
		rooted = rooted || bid == s->way || (s->way < 0 && place == s->root);
		left -= amount;
		wanted -= amount;
		if (place + 1 == s->count && next < 0)
			return;
		if (next < 0 || (left == 0 && place + 1 < s->count && (wanted > 0 || rooted)))
		{
			left = supply[s->groups[++place]];
			if (rooted)
				node[s->groups[place]].arc = GroupAt(s, place)->first_arc + bid;
			else
				group->arc = arc;
			continue;
		}
		if (!rooted)
			BidNode(s, bid)->arc = arc;
		bid = next;
		wanted = s->coarse->flow.flow[s->from->first_arc + bid];
		if (rooted)
			BidNode(s, bid)->arc = GroupAt(s, place)->first_arc + bid;
	}
}

/* The tree and the full arcs of a coarse group become those of its groups. */
static void
RefineGroup(Staircase *s, uint32_t g)
{
	Flow *flow = &s->net->flow;
	int32_t arc = s->coarse->flow.node[g].arc, bid;

	s->from = &VectorAt(&s->coarse->groups, NetGroup, g);
	s->way = arc < s->from->first_arc + s->from->bids ? arc - s->from->first_arc : -1;
	s->root_arc = -1;
	bid = NextBid(s, s->from->bids);
	for (uint32_t place = 0; place < s->count; place++)
	{
		LeaveOutside(s, place);
		/* nothing is funded: all leave by their dearest arc, which is never full */
		if (bid < 0)
			flow->capacity[flow->node[s->groups[place]].arc] = AUCTION_NONE;
	}
	if (bid >= 0)
		Climb(s, bid);
}

/* The groups of every coarse group by tenor: those of g end where start[g] ends. */
static ClexStatus
ListGroups(const Net *net, const Net *coarse, const uint32_t *map, uint32_t **list,
		   uint32_t **start)
{
	Arena *arena = net->auction->arena;
	uint32_t n = net->groups.count;
	uint32_t *of_cell = ArenaAllocArray(arena, (size_t) coarse->cells->count + 1, 4);

	*list = ArenaAllocArray(arena, (size_t) n + 1, sizeof(uint32_t));
	*start = ArenaAllocZero(arena, ((size_t) coarse->groups.count + 2) * sizeof(uint32_t));
	if (of_cell == NULL || *list == NULL || *start == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t g = 0; g < coarse->groups.count; g++)
		for (uint32_t c = VectorAt(&coarse->groups, NetGroup, g).first_cell;
			 c < VectorAt(&coarse->groups, NetGroup, g).end_cell; c++)
			of_cell[c] = g;
	for (uint32_t g = 0; g < n; g++)
		(*start)[of_cell[map[VectorAt(&net->groups, NetGroup, g).first_cell]] + 2]++;
	for (uint32_t g = 0; g < coarse->groups.count; g++)
		(*start)[g + 2] += (*start)[g + 1];
	for (uint32_t g = 0; g < n; g++)
		(*list)[(*start)[of_cell[map[VectorAt(&net->groups, NetGroup, g).first_cell]] + 1]++] = g;
	return CLEX_OK;
}

/* Rows that were full are so again, and rows hang as they did unless from a group. */
static void
RefineRows(Net *net, const Net *coarse)
{
	Flow *flow = &net->flow;
	int32_t rows = VectorAt(&net->groups, NetGroup, 0).first_arc;
	int32_t shift = (int32_t) net->groups.count - (int32_t) coarse->groups.count;

	for (int32_t a = 0; a < rows; a++)
	{
		if (coarse->flow.state[a] >= 0)
			continue;
		flow->flow[a] = flow->capacity[a];
		flow->supply[flow->from[a]] -= flow->capacity[a];
		if (flow->to[a] < flow->nodes)
			flow->supply[flow->to[a]] += flow->capacity[a];
	}
	for (int32_t v = (int32_t) coarse->groups.count; v < coarse->nodes; v++)
		if (coarse->flow.node[v].arc < rows)
			flow->node[v + shift].arc = coarse->flow.node[v].arc;
}

/* Lay out a network with coarser tenors that is worth solving; false when there is none. */
static ClexStatus
Coarsen(const Net *net, Net *coarse, Cells *cells, uint32_t *map, bool *worth)
{
	ClexStatus status = CLEX_OK;

	*worth = false;
	for (int32_t days = 2 * net->days; days <= 2 * AUCTION_MAX_TENOR && !*worth; days *= 2)
	{
		ArenaReset(net->auction->arena);
		*coarse = (Net){.auction = net->auction, .days = days, .cells = cells, .price = net->price};
		status = MergeCells(net, days, cells, map);
		if (status == CLEX_OK)
			status = NetLay(coarse);
		if (status != CLEX_OK)
			return status;
		*worth = coarse->groups.count * 100 <= net->groups.count * FEWER_GROUPS;
	}
	return CLEX_OK;
}

/* Solve the coarser network and take over its tree. */
static ClexStatus
TakeOver(Net *net, Net *coarse, const uint32_t *map, ClexError *error)
{
	Staircase s = {.net = net, .coarse = coarse, .map = map};
	uint32_t *list, *start;
	ClexStatus status = NetSolve(coarse, error);

	if (status == CLEX_OK)
		status = ListGroups(net, coarse, map, &list, &start);
	if (status != CLEX_OK)
		return status;
	RefineRows(net, coarse);
	for (uint32_t g = 0; g < coarse->groups.count; g++)
	{
		s.groups = list + start[g];
		s.count = start[g + 1] - start[g];
		RefineGroup(&s, g);
	}
	return CLEX_OK;
}

/* Take the room of a bid's path for a whole group; something must be left of every row. */
static bool
TakePath(const Net *net, uint32_t k, int64_t amount, int64_t *room)
{
	const Auction *auction = net->auction;
	const AuctionBid *b = AuctionBidAt(auction, k);

	for (int64_t row = k; row >= 0; row = NextRow(auction, b, row))
		if (room[row] <= amount)
			return false;
	for (int64_t row = k; row >= 0; row = NextRow(auction, b, row))
		room[row] -= amount;
	return true;
}

/* The open bid that is cheapest for a group at prices, or -1. */
static int32_t
CheapestBid(const Net *net, const NetGroup *group, const double *path_price, double *cost)
{
	const Cell *head = &net->cells->cells[group->first_cell];
	const int32_t *bid = net->auction->market_bids + net->auction->markets[head->market].first;
	int32_t found = -1;

	*cost = HUGE_VAL;
	for (int32_t j = 0; j < group->bids; j++)
	{
		double here = (double) net->flow.cost[group->first_arc + j] + path_price[bid[j]];

		if (here >= *cost || net->flow.capacity[group->first_arc + j] == 0)
			continue;
		*cost = here;
		found = j;
	}
	return found;
}

/*
 * Where no coarser network helps: at the prices most reserves are clearly below or above what funding
 * costs.  Those below start full; what is worth funding starts at its cheapest bid while there is room.
 */
static ClexStatus
StartAtPrices(Net *net)
{
	const Auction *auction = net->auction;
	Flow *flow = &net->flow;
	int64_t *room = ArenaAllocZero(auction->arena, ((size_t) auction->row_count + 1) * 8);
	double *path_price = ArenaAllocZero(auction->arena, ((size_t) auction->bid_count + 1) * 8);

	if (room == NULL || path_price == NULL)
		return CLEX_NO_MEMORY;
	/* what a row's own arc can carry: less than its limit when its bid is insisted on */
	for (uint32_t row = 0; row < auction->row_count; row++)
		if (net->row_arc[row] >= 0)
			room[row] = flow->capacity[net->row_arc[row]];
	for (uint32_t k = 0; k < auction->bid_count; k++)
		for (int64_t row = k; row >= 0; row = NextRow(auction, AuctionBidAt(auction, k), row))
			path_price[k] += net->price[row];
	for (uint32_t g = 0; g < net->groups.count; g++)
	{
		const NetGroup *group = &VectorAt(&net->groups, NetGroup, g);
		const Cell *head = &net->cells->cells[group->first_cell];
		double best;
		int32_t bid = CheapestBid(net, group, path_price, &best), dearest = flow->node[g].arc;

		for (int32_t a = group->first_arc + group->bids; a < dearest; a++)
			if ((double) flow->cost[a] < best)
			{
				flow->flow[a] = flow->capacity[a];
				flow->supply[g] -= flow->capacity[a];
			}
		if (bid >= 0 && best < (double) flow->cost[dearest] &&
			TakePath(net,
					 (uint32_t) auction->market_bids[auction->markets[head->market].first + bid],
					 flow->supply[g], room))
			flow->node[g].arc = group->first_arc + bid;
	}
	return CLEX_OK;
}

ClexStatus
NetStart(Net *net, ClexError *error)
{
	Auction *auction = net->auction;
	Arena *own = auction->arena, scratch;
	uint32_t *map = ArenaAllocArray(own, (size_t) net->cells->count + 1, sizeof(uint32_t));
	Cells cells;
	Net coarse;
	bool worth;
	ClexStatus status;

	if (map == NULL)
		return CLEX_NO_MEMORY;
	ArenaInit(&scratch, own->env, own->limit > own->allocated ? own->limit - own->allocated : 0);
	auction->arena = &scratch;
	status = Coarsen(net, &coarse, &cells, map, &worth);
	if (status == CLEX_OK && worth)
		status = TakeOver(net, &coarse, map, error);
	else if (status == CLEX_OK && net->price != NULL)
		status = StartAtPrices(net);
	auction->arena = own;
	ArenaFree(&scratch);
	return status;
}
