/*
 * prepare.c
 *		An auction brought into one canonical form.
 *
 * Preparation sorts invoices by id and bids by the tie-break (rate, sequence, id), lays out caps, and
 * from there on nothing knows the order in which rows arrived.  Bids are grouped into markets: a
 * market is a buyer and a span of tenors over which the same bids apply.
 */
#include "core/auction/instance.h"

#include <stdlib.h>

/* One pass per byte in which the keys differ, low byte first, so equal keys keep their order. */
ClexStatus
AuctionRadixSort(Auction *auction, uint32_t *order, uint32_t count, const uint64_t *keys)
{
	uint32_t *scratch = ArenaAllocArray(auction->arena, count, sizeof(uint32_t));
	uint64_t differs = 0;

	if (scratch == NULL && count > 0)
		return CLEX_NO_MEMORY;
	for (uint32_t i = 1; i < count; i++)
		differs |= keys[order[i]] ^ keys[order[0]];
	for (int shift = 0; shift < 64; shift += 8)
	{
		uint32_t at[257] = {0};

		if (((differs >> shift) & 0xff) == 0)
			continue;
		for (uint32_t i = 0; i < count; i++)
			at[((keys[order[i]] >> shift) & 0xff) + 1]++;
		for (int b = 0; b < 256; b++)
			at[b + 1] += at[b];
		for (uint32_t i = 0; i < count; i++)
			scratch[at[(keys[order[i]] >> shift) & 0xff]++] = order[i];
		memcpy(order, scratch, (size_t) count * sizeof(uint32_t));
	}
	return CLEX_OK;
}

/* Rows in order of id; two with one id are an error. */
static ClexStatus
SortInvoices(Auction *auction, ClexError *error)
{
	uint32_t n = auction->invoices.count;
	AuctionInvoice *v = (AuctionInvoice *) (void *) auction->invoices.data;
	bool sorted = true;

	for (uint32_t i = 1; i < n && sorted; i++)
		sorted = v[i - 1].id < v[i].id;
	if (!sorted)
	{
		uint32_t *order = ArenaAllocArray(auction->arena, n, sizeof(uint32_t));
		uint64_t *keys = ArenaAllocArray(auction->arena, n, sizeof(uint64_t));
		AuctionInvoice *copy = ArenaAllocArray(auction->arena, n, sizeof(AuctionInvoice));

		if (order == NULL || keys == NULL || copy == NULL)
			return CLEX_NO_MEMORY;
		for (uint32_t i = 0; i < n; i++)
		{
			order[i] = i;
			keys[i] = (uint64_t) v[i].id ^ ((uint64_t) 1 << 63);
		}
		if (AuctionRadixSort(auction, order, n, keys) != CLEX_OK)
			return CLEX_NO_MEMORY;
		for (uint32_t i = 0; i < n; i++)
			copy[i] = v[order[i]];
		auction->invoices.data = (char *) copy;
		v = copy;
	}
	for (uint32_t i = 1; i < n; i++)
		if (v[i - 1].id == v[i].id)
			return ClexFail(error, CLEX_INVALID,
							"duplicate invoice_id %lld in rows %u and %u of the invoices query",
							(long long) v[i].id, v[i - 1].row, v[i].row);
	return CLEX_OK;
}

static int
CompareBidIds(const void *a, const void *b)
{
	const AuctionBid *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The tie-break order of the whole auction. */
static int
CompareBids(const void *a, const void *b)
{
	const AuctionBid *x = a, *y = b;

	if (x->rate != y->rate)
		return x->rate < y->rate ? -1 : 1;
	if (x->sequence != y->sequence)
		return x->sequence < y->sequence ? -1 : 1;
	return CompareBidIds(a, b);
}

static ClexStatus
SortBids(Auction *auction, ClexError *error)
{
	AuctionBid *bids = (AuctionBid *) (void *) auction->bids.data;
	uint32_t n = auction->bids.count;

	if (n == 0)
		return CLEX_OK;
	qsort(bids, n, sizeof(AuctionBid), CompareBidIds);
	for (uint32_t k = 1; k < n; k++)
		if (bids[k - 1].id == bids[k].id)
			return ClexFail(error, CLEX_INVALID,
							"duplicate bid_id %lld in rows %u and %u of the bids query",
							(long long) bids[k].id, bids[k - 1].row, bids[k].row);
	qsort(bids, n, sizeof(AuctionBid), CompareBids);
	return CLEX_OK;
}

static int
CompareCaps(const void *a, const void *b)
{
	const AuctionCap *x = a, *y = b;

	if (x->financier != y->financier)
		return x->financier < y->financier ? -1 : 1;
	if (x->scope != y->scope)
		return x->scope < y->scope ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

/* Lay the caps out by slot and financier; a cap on every key and one on a key: the smaller holds. */
static ClexStatus
LayCaps(Auction *auction, ClexError *error)
{
	AuctionCap *caps = (AuctionCap *) (void *) auction->caps.data;
	uint32_t n = auction->caps.count;
	uint64_t rows;

	if (n > 0)
		qsort(caps, n, sizeof(AuctionCap), CompareCaps);
	auction->financier_count = auction->names[NAME_FINANCIER].spans.count;
	for (int s = 0; s < SCOPES; s++)
		auction->slot_base[s] = -1;
	for (uint32_t c = 0; c < n; c++)
	{
		if (c > 0 && CompareCaps(&caps[c - 1], &caps[c]) == 0)
			return ClexFail(error, CLEX_INVALID,
							"duplicate cap in rows %u and %u of the caps query, columns financier, "
							"scope and key",
							caps[c - 1].row, caps[c].row);
		auction->slot_base[caps[c].scope] = 0;
	}
	for (int s = 0; s < SCOPES; s++)
		if (auction->slot_base[s] == 0)
		{
			auction->slot_base[s] = (int32_t) auction->slot_count;
			auction->slot_count +=
				s == SCOPE_TOTAL ? 1 : auction->names[NAME_BUYER + s - SCOPE_BUYER].spans.count;
		}
	rows = auction->bid_count + (uint64_t) auction->slot_count * auction->financier_count;
	if (rows > INT32_MAX)
		return ClexFail(error, CLEX_LIMIT, "too many caps: %u keys for %u financiers",
						auction->slot_count, auction->financier_count);
	auction->row_count = (uint32_t) rows;
	auction->limit = ArenaAllocArray(auction->arena, rows + 1, sizeof(int64_t));
	if (auction->limit == NULL)
		return CLEX_NO_MEMORY;
	for (uint64_t r = 0; r < rows; r++)
		auction->limit[r] =
			r < auction->bid_count ? AuctionBidAt(auction, (uint32_t) r)->max_amount : AUCTION_NONE;
	for (uint32_t c = 0; c < n; c++)
	{
		int scope = caps[c].scope;
		int32_t first = caps[c].key < 0 ? 0 : caps[c].key;
		int32_t last = first;

		if (scope != SCOPE_TOTAL && caps[c].key < 0)
			last = (int32_t) auction->names[NAME_BUYER + scope - SCOPE_BUYER].spans.count - 1;
		for (int32_t key = first; key <= last; key++)
		{
			int64_t row = AuctionCapRow(auction, scope, key, caps[c].financier);

			if (caps[c].limit < auction->limit[row])
				auction->limit[row] = caps[c].limit;
		}
	}
	return CLEX_OK;
}

static int
CompareInt64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

/* Sort values and drop repetitions; returns how many stay. */
static int32_t
SortUnique(int64_t *values, int32_t count)
{
	int32_t kept = 0;

	qsort(values, (size_t) count, sizeof(int64_t), CompareInt64);
	for (int32_t i = 0; i < count; i++)
		if (kept == 0 || values[kept - 1] != values[i])
			values[kept++] = values[i];
	return kept;
}

/* The markets of one buyer, whose bids (own and for any buyer) are listed in tie-break order. */
static ClexStatus
BuildBuyerMarkets(Auction *auction, int32_t buyer, const int32_t *bids, int32_t count,
				  Vector *markets, Vector *members)
{
	int64_t *edges = ArenaAllocArray(auction->arena, 2 * (size_t) count + 1, sizeof(int64_t));
	int32_t edge_count = 0;

	if (edges == NULL)
		return CLEX_NO_MEMORY;
	edges[edge_count++] = 0;
	for (int32_t j = 0; j < count; j++)
	{
		edges[edge_count++] = AuctionBidAt(auction, bids[j])->tenor_min;
		edges[edge_count++] = (int64_t) AuctionBidAt(auction, bids[j])->tenor_max + 1;
	}
	edge_count = SortUnique(edges, edge_count);
	for (int32_t e = 0; e < edge_count; e++)
	{
		AuctionMarket *market = VectorPush(markets);
		int64_t *steps = ArenaAllocArray(auction->arena, 2 * (size_t) count + 1, sizeof(int64_t));
		int32_t step_count = 0;

		if (market == NULL || steps == NULL)
			return CLEX_NO_MEMORY;
		*market = (AuctionMarket){.buyer = buyer,
								  .tenor_from = (int32_t) edges[e],
								  .first = (int32_t) members->count};
		for (int32_t j = 0; j < count; j++)
		{
			const AuctionBid *b = AuctionBidAt(auction, bids[j]);
			int32_t *member;

			if (b->tenor_min > edges[e] || b->tenor_max < edges[e])
				continue;
			member = VectorPush(members);
			if (member == NULL)
				return CLEX_NO_MEMORY;
			*member = bids[j];
			if (b->min_ticket > 1)
				steps[step_count++] = b->min_ticket;
			if (b->largest < auction->total)
				steps[step_count++] = b->largest + 1;
		}
		market->count = (int32_t) members->count - market->first;
		market->steps = steps;
		market->step_count = SortUnique(steps, step_count);
	}
	return CLEX_OK;
}

/* What each bid could take of one invoice: its ticket, and for whole invoices the limits on its path. */
static void
LimitTickets(Auction *auction)
{
	for (uint32_t k = 0; k < auction->bid_count; k++)
	{
		AuctionBid *b = &VectorAt(&auction->bids, AuctionBid, k);
		int64_t rows[3] = {k, AuctionCapRow(auction, SCOPE_TOTAL, 0, b->financier), -1};

		if (b->buyer >= 0)
			rows[2] = AuctionCapRow(auction, SCOPE_BUYER, b->buyer, b->financier);
		b->largest = b->max_ticket;
		for (int r = 0; r < 3 && !auction->options->divisible; r++)
			if (rows[r] >= 0 && auction->limit[rows[r]] < b->largest)
				b->largest = auction->limit[rows[r]];
	}
}

/* All markets, buyer by buyer in rank order. */
static ClexStatus
BuildMarkets(Auction *auction)
{
	int32_t buyers = (int32_t) auction->names[NAME_BUYER].spans.count;
	int32_t *starts = ArenaAllocZero(auction->arena, ((size_t) buyers + 2) * sizeof(int32_t));
	int32_t *own = ArenaAllocArray(auction->arena, (size_t) auction->bid_count + 1, 4);
	int32_t *list = ArenaAllocArray(auction->arena, (size_t) auction->bid_count + 1, 4);
	Vector markets, members;
	ClexStatus status;

	auction->buyer_market = ArenaAllocArray(auction->arena, (size_t) buyers + 1, sizeof(int32_t));
	if (starts == NULL || own == NULL || list == NULL || auction->buyer_market == NULL)
		return CLEX_NO_MEMORY;
	/* bids by buyer, AUCTION_ANY first */
	for (uint32_t k = 0; k < auction->bid_count; k++)
		starts[AuctionBidAt(auction, k)->buyer + 2]++;
	for (int32_t b = 0; b <= buyers; b++)
		starts[b + 1] += starts[b];
	for (uint32_t k = 0; k < auction->bid_count; k++)
		own[starts[AuctionBidAt(auction, k)->buyer + 1]++] = (int32_t) k;
	VectorInit(&markets, auction->arena, sizeof(AuctionMarket));
	VectorInit(&members, auction->arena, sizeof(int32_t));
	for (int32_t b = 0; b < buyers; b++)
	{
		/* merge the bids for any buyer with the buyer's own: both are ascending */
		int32_t i = 0, i_end = starts[0], j = starts[b], j_end = starts[b + 1], n = 0;

		while (i < i_end || j < j_end)
			list[n++] = j >= j_end || (i < i_end && own[i] < own[j]) ? own[i++] : own[j++];
		auction->buyer_market[b] = (int32_t) markets.count;
		status = BuildBuyerMarkets(auction, b, list, n, &markets, &members);
		if (status != CLEX_OK)
			return status;
	}
	if (markets.count >= 1 << 24 || auction->bid_count >= 1 << 23)
		return CLEX_LIMIT;
	auction->buyer_market[buyers] = (int32_t) markets.count;
	auction->markets = (AuctionMarket *) (void *) markets.data;
	auction->market_count = markets.count;
	auction->market_bids = (int32_t *) (void *) members.data;
	return CLEX_OK;
}

/* Give every invoice its market and see what kind of problem this is. */
static void
Classify(Auction *auction)
{
	int64_t dearest = 0;

	for (uint32_t i = 0; i < auction->invoice_count; i++)
	{
		AuctionInvoice *v = &VectorAt(&auction->invoices, AuctionInvoice, i);
		int32_t low = auction->buyer_market[v->key[SCOPE_BUYER]];
		int32_t high = auction->buyer_market[v->key[SCOPE_BUYER] + 1] - 1;

		while (low < high)
		{
			int32_t middle = (low + high + 1) / 2;

			if (auction->markets[middle].tenor_from <= v->tenor)
				low = middle;
			else
				high = middle - 1;
		}
		v->key[SCOPE_TOTAL] = low;
		if ((int64_t) v->tenor * v->reserve > dearest)
			dearest = (int64_t) v->tenor * v->reserve;
		auction->has_lots = auction->has_lots || v->lot >= 0;
	}
	/* funding must always beat not funding in volume mode */
	auction->volume_price = AUCTION_VOLUME_PRICE;
	while (auction->volume_price <= dearest)
		auction->volume_price *= 10;
	auction->has_lots = auction->has_lots && auction->options->lots && !auction->options->divisible;
	for (int s = SCOPE_SUPPLIER; s < SCOPES; s++)
		auction->crossing = auction->crossing || auction->slot_base[s] >= 0;
	for (uint32_t k = 0; k < auction->bid_count; k++)
	{
		const AuctionBid *b = AuctionBidAt(auction, k);

		if (b->buyer < 0 && auction->slot_base[SCOPE_BUYER] >= 0)
			auction->crossing = true;
		if (b->min_award > 1)
			auction->has_minimum = true;
	}
}

/* Everything that follows works on the prepared auction only. */
ClexStatus
AuctionPrepare(Auction *auction, ClexError *error)
{
	ClexStatus status;

	auction->invoice_count = auction->invoices.count;
	auction->bid_count = auction->bids.count;
	status = AuctionRankNames(auction);
	if (status == CLEX_OK)
		status = SortInvoices(auction, error);
	if (status == CLEX_OK)
		status = SortBids(auction, error);
	if (status == CLEX_OK)
		status = LayCaps(auction, error);
	if (status == CLEX_OK)
	{
		LimitTickets(auction);
		status = BuildMarkets(auction);
	}
	if (status == CLEX_NO_MEMORY)
		return AuctionOutOfMemory(auction, error);
	if (status == CLEX_LIMIT && error->message[0] == '\0')
		ClexFail(error, CLEX_LIMIT, "too many bids: at most 8388607 in 16777215 markets");
	if (status != CLEX_OK)
		return status;
	Classify(auction);
	auction->prepared = true;
	return CLEX_OK;
}
