/*
 * net.c
 *		Divisible invoices under nested caps: one minimum-cost flow, exact.
 *
 * Supply stands at groups of cells (market, tenor, ticket step; in volume mode also by the bids that
 * the reserve admits) and flows through bid, buyer cap and total cap to the sink, or past all of
 * them at the price of staying unfunded.  In surplus mode a group need not know its reserves: an
 * optimum never leaves the dearer money to the lower reserve, so each reserve is one outside arc.  A
 * minimum that is insisted on would: groups then know the bids that their reserves admit.
 * Crossing caps can enter as prices only; groups then also differ by their keys.  Large networks start
 * from a coarser one: see start.c.
 */
#include "core/auction/net.h"

#include <math.h>

/* Networks with more arcs start from the optimum of a coarser one. */
#define MANY_ARCS 30000

/* More than a chain of a hundred displaced bids can cost; a million premiums still add up. */
#define INSIST_PREMIUM ((int64_t) 1 << 42)

/* How many of a market's bids (cheapest first) a reserve admits. */
static int32_t
Admitted(const Auction *auction, const AuctionMarket *market, int32_t reserve)
{
	int32_t low = 0, high = market->count;

	while (low < high)
	{
		int32_t middle = (low + high) / 2;

		if (AuctionBidAt(auction, (uint32_t) auction->market_bids[market->first + middle])->rate <=
			reserve)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Is no row of a bid's path shut? */
static bool
Usable(const Auction *auction, uint32_t k)
{
	const AuctionBid *b = AuctionBidAt(auction, k);

	for (int64_t row = k; row >= 0; row = NextRow(auction, b, row))
		if (auction->limit[row] == 0)
			return false;
	return true;
}

/* Nodes for the rows that can be used: bids first, those of one cap together, then the caps. */
static ClexStatus
NumberRows(Net *net)
{
	const Auction *auction = net->auction;
	uint32_t bids = auction->bid_count;
	uint32_t *order = ArenaAllocArray(auction->arena, (size_t) bids + 1, sizeof(uint32_t));
	uint64_t *keys = ArenaAllocArray(auction->arena, (size_t) bids + 1, sizeof(uint64_t));

	if (order == NULL || keys == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t k = 0; k < bids; k++)
	{
		order[k] = k;
		keys[k] = (uint64_t) (NextRow(auction, AuctionBidAt(auction, k), k) + 1);
	}
	if (AuctionRadixSort(net->auction, order, bids, keys) != CLEX_OK)
		return CLEX_NO_MEMORY;
	for (uint32_t i = 0; i < bids; i++)
		if (Usable(auction, order[i]))
			net->row_node[order[i]] = net->nodes++;
	net->inner = net->nodes;
	for (uint32_t i = 0; i < bids; i++)
		for (int64_t row = order[i]; net->row_node[order[i]] >= 0 && row >= 0;
			 row = NextRow(auction, AuctionBidAt(auction, order[i]), row))
			if (net->row_node[row] < 0)
				net->row_node[row] = net->nodes++;
	return CLEX_OK;
}

/* Is the bid to be given its minimum at any cost? */
static inline bool
Insisted(const Net *net, uint32_t k)
{
	return net->auction->insisted != NULL && net->auction->insisted[k] && net->row_node[k] >= 0;
}

/* Put cells into groups and count nodes and arcs. */
ClexStatus
NetLay(Net *net)
{
	Auction *auction = net->auction;
	bool volume = auction->options->volume;

	VectorInit(&net->groups, auction->arena, sizeof(NetGroup));
	for (uint32_t c = 0; c < net->cells->count; c++)
	{
		const Cell *cell = &net->cells->cells[c];
		const AuctionMarket *market = &auction->markets[cell->market];
		int32_t bids = Admitted(auction, market, cell->reserve);
		NetGroup *g =
			net->groups.count > 0 ? &VectorAt(&net->groups, NetGroup, net->groups.count - 1) : NULL;
		const Cell *head = g != NULL ? &net->cells->cells[g->first_cell] : NULL;

		if (g == NULL || head->market != cell->market || head->tenor != cell->tenor ||
			head->step != cell->step || head->admitted != cell->admitted ||
			((volume || auction->insisted != NULL) && g->bids != bids) ||
			(net->price != NULL && memcmp(head->key, cell->key, sizeof(head->key)) != 0))
		{
			g = VectorPush(&net->groups);
			if (g == NULL)
				return CLEX_NO_MEMORY;
			*g = (NetGroup){.first_cell = c};
		}
		g->end_cell = c + 1;
		g->bids = bids;
	}
	net->nodes = (int32_t) net->groups.count;
	net->row_node = ArenaAllocArray(auction->arena, auction->row_count + 1, sizeof(int32_t));
	net->row_arc = ArenaAllocArray(auction->arena, auction->row_count + 1, sizeof(int32_t));
	if (net->row_node == NULL || net->row_arc == NULL)
		return CLEX_NO_MEMORY;
	memset(net->row_node, 0xff, (size_t) auction->row_count * sizeof(int32_t));
	if (NumberRows(net) != CLEX_OK)
		return CLEX_NO_MEMORY;
	net->arcs = net->nodes - (int32_t) net->groups.count;
	for (uint32_t k = 0; k < auction->bid_count; k++)
		net->arcs += Insisted(net, k);
	for (uint32_t g = 0; g < net->groups.count; g++)
	{
		NetGroup *group = &VectorAt(&net->groups, NetGroup, g);

		group->first_arc = net->arcs;
		if (__builtin_add_overflow(net->arcs, group->bids, &net->arcs) ||
			__builtin_add_overflow(net->arcs,
								   volume ? 1 : (int32_t) (group->end_cell - group->first_cell),
								   &net->arcs))
			return CLEX_LIMIT;
	}
	return CLEX_OK;
}

static void
SetArc(Flow *f, int32_t a, int32_t from, int32_t to, int64_t cost, int64_t capacity)
{
	f->from[a] = from;
	f->to[a] = to;
	f->cost[a] = cost;
	f->capacity[a] = capacity;
}

/* An insisted bid's arc carries the minimum at a premium, and a second one the rest. */
static void
SplitArc(Net *net, uint32_t k, int32_t second)
{
	Flow *flow = &net->flow;
	int32_t first = net->row_arc[k];
	int64_t minimum = AuctionBidAt(net->auction, k)->min_award, rest = flow->capacity[first];

	if (minimum > rest)
		minimum = rest;
	SetArc(flow, second, flow->from[first], flow->to[first], 0, rest - minimum);
	flow->capacity[first] = minimum;
	flow->cost[first] = -INSIST_PREMIUM;
}

/* What the crossing caps of a cell's keys cost a bid, in whole raw units per minor unit. */
static int64_t
CrossPrice(const Net *net, const Cell *cell, const AuctionBid *b)
{
	double sum = 0;

	if (net->price == NULL)
		return 0;
	for (int s = SCOPE_SUPPLIER; s < SCOPES; s++)
	{
		int64_t row = AuctionCapRow(net->auction, s, cell->key[s], b->financier);

		sum += row >= 0 ? net->price[row] : 0;
	}
	return llround(sum);
}

/* Arcs of a group to its bids and past them. */
static void
FillGroup(Net *net, int32_t g)
{
	const Auction *auction = net->auction;
	const NetGroup *group = &VectorAt(&net->groups, NetGroup, g);
	const Cell *cells = net->cells->cells;
	const Cell *head = &cells[group->first_cell];
	const AuctionMarket *market = &auction->markets[head->market];
	int64_t sample = AuctionInvoiceAt(auction, net->cells->order[head->first])->amount;
	int32_t a = group->first_arc, dearest;

	for (int32_t j = 0; j < group->bids; j++)
	{
		int32_t k = auction->market_bids[market->first + j];
		const AuctionBid *b = AuctionBidAt(auction, (uint32_t) k);
		bool open = net->row_node[k] >= 0 && b->min_ticket <= sample && sample <= b->largest;

		/* an arc that is not open keeps its place and can carry nothing */
		SetArc(&net->flow, a++, g, open ? net->row_node[k] : net->flow.nodes,
			   open ? (int64_t) head->tenor * b->rate + CrossPrice(net, head, b) : INT64_MAX / 4,
			   open ? AUCTION_NONE : 0);
	}
	dearest = a;
	for (uint32_t c = group->first_cell; c < group->end_cell; c++)
	{
		net->flow.supply[g] += cells[c].amount;
		if (auction->options->volume)
			continue;
		SetArc(&net->flow, a, g, net->flow.nodes, (int64_t) head->tenor * cells[c].reserve,
			   cells[c].amount);
		if (net->flow.cost[a] >= net->flow.cost[dearest])
			dearest = a;
		a++;
	}
	if (auction->options->volume)
		SetArc(&net->flow, a, g, net->flow.nodes, auction->volume_price, AUCTION_NONE);
	/* the dearest outside arc never needs its limit, and so the first tree can carry everything */
	net->flow.capacity[dearest] = AUCTION_NONE;
	net->flow.node[g].arc = dearest;
}

static ClexStatus
FillNet(Net *net)
{
	Auction *auction = net->auction;
	ClexStatus status = FlowInit(&net->flow, auction->arena, net->nodes,
								 (int32_t) net->groups.count, net->inner, net->arcs);
	int32_t a = 0;

	if (status != CLEX_OK)
		return status;
	memset(net->row_arc, 0xff, (size_t) auction->row_count * sizeof(int32_t));
	for (uint32_t k = 0; k < auction->bid_count; k++)
	{
		const AuctionBid *b = AuctionBidAt(auction, k);

		if (net->row_node[k] < 0)
			continue;
		for (int64_t row = k; row >= 0; row = NextRow(auction, b, row))
		{
			int64_t next = NextRow(auction, b, row);

			if (net->row_arc[row] >= 0)
				break;
			SetArc(&net->flow, a, net->row_node[row],
				   next >= 0 ? net->row_node[next] : net->flow.nodes, 0, auction->limit[row]);
			net->row_arc[row] = a;
			net->flow.node[net->row_node[row]].arc = a++;
		}
		if (Insisted(net, k))
			SplitArc(net, k, a++);
	}
	for (uint32_t g = 0; g < net->groups.count; g++)
		FillGroup(net, (int32_t) g);
	return CLEX_OK;
}

/* The price of a full row is what its arc's reduced cost lacks. */
static ClexStatus
ReadPrices(Net *net, AuctionResult *result)
{
	for (uint32_t row = 0; row < net->auction->row_count; row++)
		if (net->row_arc[row] >= 0)
		{
			int64_t rc = FlowReducedCost(&net->flow, net->row_arc[row]);

			if (rc < 0 && __builtin_mul_overflow(-rc, AUCTION_PRICE_SCALE, &result->price[row]))
				return CLEX_OUT_OF_RANGE;
		}
	return CLEX_OK;
}

/* The tie-break as costs: the place of the bid; staying unfunded comes after all bids. */
static ClexStatus
BreakTies(Net *net, ClexError *error)
{
	const Auction *auction = net->auction;
	int64_t *cost = ArenaAllocZero(auction->arena, (size_t) net->arcs * sizeof(int64_t) + 1);

	if (cost == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t g = 0; g < net->groups.count; g++)
	{
		const NetGroup *group = &VectorAt(&net->groups, NetGroup, g);
		const AuctionMarket *market =
			&auction->markets[net->cells->cells[group->first_cell].market];
		int32_t end = g + 1 < net->groups.count ? VectorAt(&net->groups, NetGroup, g + 1).first_arc
												: net->arcs;

		for (int32_t a = group->first_arc; a < end; a++)
			cost[a] = a - group->first_arc < group->bids
						  ? auction->market_bids[market->first + a - group->first_arc]
						  : (int64_t) auction->bid_count;
	}
	FlowRefine(&net->flow, cost);
	return FlowSolve(&net->flow, error);
}

/* Flows of groups become awards of invoices. */
static ClexStatus
ReadAwards(Net *net, Vector *awards)
{
	const Auction *auction = net->auction;
	int64_t *funded = ArenaAllocArray(auction->arena, net->cells->count + 1, sizeof(int64_t));
	ClexStatus status = funded != NULL ? CLEX_OK : CLEX_NO_MEMORY;

	for (uint32_t g = 0; g < net->groups.count && status == CLEX_OK; g++)
	{
		const NetGroup *group = &VectorAt(&net->groups, NetGroup, g);
		const int64_t *flow = net->flow.flow + group->first_arc;
		int64_t left = 0;

		for (int32_t j = 0; j < group->bids; j++)
			left += flow[j];
		for (uint32_t c = group->first_cell; c < group->end_cell; c++)
		{
			int64_t amount = net->cells->cells[c].amount;

			funded[c] = auction->options->volume
							? (left < amount ? left : amount)
							: amount - flow[group->bids + (int32_t) (c - group->first_cell)];
			left -= funded[c];
		}
		status = Disaggregate(net->auction, net->cells, group->first_cell, group->end_cell, funded,
							  flow, awards);
	}
	return status;
}

/* Lay out the network and find the optimum. */
ClexStatus
NetSolve(Net *net, ClexError *error)
{
	ClexStatus status = FillNet(net);

	if (status == CLEX_OK && net->arcs > MANY_ARCS)
		status = NetStart(net, error);
	if (status == CLEX_OK)
		status = FlowStart(&net->flow, error);
	if (status == CLEX_OK)
		status = FlowSolve(&net->flow, error);
	return status;
}

/* A group's cells by reserve: those of low reserve go without first, and get cheap bids first. */
static ClexStatus
HandOut(const Net *net, const NetGroup *group, uint32_t *order, uint64_t *keys, Vector *awards,
		uint32_t *first)
{
	const AuctionMarket *market =
		&net->auction->markets[net->cells->cells[group->first_cell].market];
	const int64_t *flow = net->flow.flow + group->first_arc;
	uint32_t count = group->end_cell - group->first_cell;
	int64_t unfunded = 0, left = 0;
	int32_t j = -1;

	for (uint32_t i = 0; i < count; i++)
	{
		order[i] = i;
		keys[i] = (uint64_t) net->cells->cells[group->first_cell + i].reserve;
		unfunded += net->cells->cells[group->first_cell + i].amount;
	}
	for (int32_t b = 0; b < group->bids; b++)
		unfunded -= flow[b];
	if (count > 1 && AuctionRadixSort(net->auction, order, count, keys) != CLEX_OK)
		return CLEX_NO_MEMORY;
	for (uint32_t i = 0; i < count; i++)
	{
		uint32_t c = group->first_cell + order[i];
		int64_t want = net->cells->cells[c].amount, none = want < unfunded ? want : unfunded;

		first[c] = awards->count;
		unfunded -= none;
		for (want -= none; want > 0;)
		{
			AuctionAward *award = VectorPush(awards);

			if (award == NULL)
				return CLEX_NO_MEMORY;
			while (left == 0)
				left = flow[++j];
			*award = (AuctionAward){c, (uint32_t) market->first + (uint32_t) j,
									want < left ? want : left};
			want -= award->amount;
			left -= award->amount;
		}
	}
	return CLEX_OK;
}

ClexStatus
NestedAward(Auction *auction, const Cells *cells, const double *price, Vector *awards,
			uint32_t *first, ClexError *error)
{
	Net net = {.auction = auction, .days = 1, .cells = cells, .price = price};
	uint32_t *order = ArenaAllocArray(auction->arena, (size_t) cells->count + 1, 4);
	uint64_t *keys = ArenaAllocArray(auction->arena, (size_t) cells->count + 1, 8);
	ClexStatus status = order != NULL && keys != NULL ? NetLay(&net) : CLEX_NO_MEMORY;

	if (status == CLEX_OK)
		status = NetSolve(&net, error);

	VectorInit(awards, auction->arena, sizeof(AuctionAward));
	for (uint32_t g = 0; g < net.groups.count && status == CLEX_OK; g++)
	{
		const NetGroup *group = &VectorAt(&net.groups, NetGroup, g);

		status = HandOut(&net, group, order, keys, awards, first);
	}
	return status;
}

ClexStatus
NestedPrices(Auction *auction, double *price, ClexError *error)
{
	Arena *own = auction->arena, scratch;
	Net net = {.auction = auction, .days = 1};
	Cells cells;
	ClexStatus status;

	ArenaInit(&scratch, own->env, own->limit > own->allocated ? own->limit - own->allocated : 0);
	auction->arena = &scratch;
	status = CellsBuild(auction, false, &cells, error);
	net.cells = &cells;
	if (status == CLEX_OK)
		status = NetLay(&net);
	if (status == CLEX_OK)
		status = NetSolve(&net, error);
	for (uint32_t row = 0; row < auction->row_count && status == CLEX_OK; row++)
		price[row] = net.row_arc[row] >= 0
						 ? fmax(0, -(double) FlowReducedCost(&net.flow, net.row_arc[row]))
						 : 0;
	auction->arena = own;
	ArenaFree(&scratch);
	return status;
}

ClexStatus
ClearNet(Auction *auction, const Cells *cells, AuctionResult *result, ClexError *error)
{
	Net net = {.auction = auction, .days = 1, .cells = cells};
	Vector awards;
	ClexStatus status;

	VectorInit(&awards, auction->arena, sizeof(AuctionAward));
	status = NetLay(&net);
	if (status == CLEX_OK)
		status = NetSolve(&net, error);
	result->rounds = net.flow.pivots;
	if (status == CLEX_OK)
		status = ReadPrices(&net, result);
	if (status == CLEX_OK)
		status = BreakTies(&net, error);
	if (status == CLEX_OK)
		status = ReadAwards(&net, &awards);
	if (status == CLEX_OK)
		status = FinishAwards(auction, &awards, result);
	if (status == CLEX_NO_MEMORY)
		ClexFail(error, status, "out of memory while clearing an auction");
	if (status == CLEX_LIMIT || status == CLEX_OUT_OF_RANGE)
		ClexFail(error, status, "the auction's flow network is too large");
	return status;
}
