/*
 * instance.c
 *		An auction's input: checked as it comes, then brought into one canonical form.
 *
 * Preparation sorts names by bytes, invoices by id and bids by the tie-break (rate, sequence, id),
 * and from there on nothing knows the order in which rows arrived.  Bids are grouped into markets:
 * a market is a buyer and a span of tenors over which the same bids apply.
 */
#include "core/auction/auction.h"

#include <stdlib.h>

static const char *const scope_names[SCOPES] = {"total", "buyer", "supplier", "sector", "country"};

const char *
AuctionScopeName(int scope)
{
	return scope_names[scope];
}

void
AuctionInit(Auction *auction, Arena *arena, const AuctionOptions *options)
{
	memset(auction, 0, sizeof(*auction));
	auction->arena = arena;
	auction->options = options;
	VectorInit(&auction->invoices, arena, sizeof(AuctionInvoice));
	VectorInit(&auction->bids, arena, sizeof(AuctionBid));
	VectorInit(&auction->caps, arena, sizeof(AuctionCap));
	for (int k = 0; k < NAME_KINDS; k++)
		VectorInit(&auction->names[k].spans, arena, sizeof(Span));
}

/* Double a name table's hash array; false when out of memory. */
static bool
NamesGrow(AuctionNames *names, Arena *arena)
{
	uint32_t size = names->table_size == 0 ? 64 : names->table_size * 2;
	uint32_t *table = ArenaAllocArray(arena, size, sizeof(uint32_t));

	if (table == NULL)
		return false;
	memset(table, 0xff, (size_t) size * sizeof(uint32_t));
	for (uint32_t i = 0; i < names->spans.count; i++)
	{
		uint32_t at = SpanHash(VectorAt(&names->spans, Span, i)) & (size - 1);

		while (table[at] != UINT32_MAX)
			at = (at + 1) & (size - 1);
		table[at] = i;
	}
	names->table = table;
	names->table_size = size;
	return true;
}

/* The number of a name (copied when new), or -1 when out of memory. */
int32_t
AuctionIntern(Auction *auction, AuctionName kind, Span name)
{
	AuctionNames *names = &auction->names[kind];
	uint32_t at;
	Span *slot;

	if (names->spans.count * 2 >= names->table_size && !NamesGrow(names, auction->arena))
		return -1;
	at = SpanHash(name) & (names->table_size - 1);
	while (names->table[at] != UINT32_MAX)
	{
		if (SpanEqual(VectorAt(&names->spans, Span, names->table[at]), name))
			return (int32_t) names->table[at];
		at = (at + 1) & (names->table_size - 1);
	}
	slot = VectorPush(&names->spans);
	if (slot == NULL)
		return -1;
	*slot = ArenaCopy(auction->arena, name);
	if (slot->data == NULL)
		return -1;
	names->table[at] = names->spans.count - 1;
	return (int32_t) names->table[at];
}

Span
AuctionNameOf(const Auction *auction, AuctionName kind, int32_t index)
{
	return VectorAt(&auction->names[kind].spans, Span, index);
}

/* The error of a value outside its domain, naming query, row and column. */
static ClexStatus
BadValue(ClexError *error, const char *query, uint32_t row, const char *column, int64_t value,
		 const char *rule)
{
	ClexFail(error, CLEX_INVALID, "invalid %s %lld in row %u of the %s query", column,
			 (long long) value, row, query);
	ClexDetail(error, "%s", rule);
	return CLEX_INVALID;
}

static ClexStatus
OutOfMemory(const Auction *auction, ClexError *error)
{
	if (auction->arena->limit == 0)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory while reading an auction");
	ClexFail(error, CLEX_LIMIT, "the auction needs more memory than its limit of %zu MB",
			 auction->arena->limit >> 20);
	ClexHint(error, "Raise the option memory_limit, or clear fewer invoices at a time.");
	return CLEX_LIMIT;
}

ClexStatus
AuctionAddInvoice(Auction *auction, const AuctionInvoice *in, ClexError *error)
{
	AuctionInvoice *slot;

	if (in->amount <= 0)
		return BadValue(error, "invoices", in->row, "amount_minor", in->amount,
						"An invoice's amount is a positive number of minor units.");
	if (in->tenor < 1 || in->tenor > AUCTION_MAX_TENOR)
		return BadValue(error, "invoices", in->row, "tenor_days", in->tenor,
						"A tenor is 1 to 36500 days.");
	if (in->reserve < 0 || in->reserve > AUCTION_MAX_RATE)
		return BadValue(error, "invoices", in->row, "reserve_ppm", in->reserve,
						"A reserve rate is 0 to 10000000 ppm a year.");
	if (__builtin_add_overflow(auction->total, in->amount, &auction->total) ||
		auction->total > AUCTION_MAX_TOTAL)
		return ClexFail(error, CLEX_OUT_OF_RANGE,
						"amounts overflow at row %u of the invoices query, column amount_minor",
						in->row);
	slot = VectorPush(&auction->invoices);
	if (slot == NULL)
		return OutOfMemory(auction, error);
	*slot = *in;
	return CLEX_OK;
}

ClexStatus
AuctionAddBid(Auction *auction, const AuctionBid *in, ClexError *error)
{
	AuctionBid *slot;

	if (in->tenor_min < 0)
		return BadValue(error, "bids", in->row, "tenor_min", in->tenor_min,
						"A tenor is not negative.");
	if (in->tenor_max < in->tenor_min)
		return BadValue(error, "bids", in->row, "tenor_max", in->tenor_max,
						"A tenor range does not end before it begins.");
	if (in->rate < 0 || in->rate > AUCTION_MAX_RATE)
		return BadValue(error, "bids", in->row, "rate_ppm", in->rate,
						"A rate is 0 to 10000000 ppm a year.");
	if (in->min_ticket < 0)
		return BadValue(error, "bids", in->row, "min_ticket", in->min_ticket,
						"A ticket is not negative.");
	if (in->max_ticket < in->min_ticket)
		return BadValue(error, "bids", in->row, "max_ticket", in->max_ticket,
						"The largest ticket is not smaller than the smallest.");
	if (in->max_amount < 0)
		return BadValue(error, "bids", in->row, "max_amount", in->max_amount,
						"A ceiling is not negative.");
	if (in->min_award < 0)
		return BadValue(error, "bids", in->row, "min_award", in->min_award,
						"A minimum award is not negative.");
	slot = VectorPush(&auction->bids);
	if (slot == NULL)
		return OutOfMemory(auction, error);
	*slot = *in;
	return CLEX_OK;
}

ClexStatus
AuctionAddCap(Auction *auction, const AuctionCap *in, ClexError *error)
{
	AuctionCap *slot;

	if (in->limit < 0)
		return BadValue(error, "caps", in->row, "limit_minor", in->limit,
						"A limit is not negative.");
	slot = VectorPush(&auction->caps);
	if (slot == NULL)
		return OutOfMemory(auction, error);
	*slot = *in;
	return CLEX_OK;
}

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

static int
CompareSpans(Span a, Span b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int c = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;

	return c != 0 ? c : (a.length > b.length) - (a.length < b.length);
}

typedef struct NamedSpan
{
	Span span;
	uint32_t old;
} NamedSpan;

static int
CompareNamedSpans(const void *a, const void *b)
{
	return CompareSpans(((const NamedSpan *) a)->span, ((const NamedSpan *) b)->span);
}

/* Put the names of a kind into byte order; *map takes old numbers to new ones. */
static ClexStatus
RankNames(Auction *auction, AuctionName kind, int32_t **map)
{
	AuctionNames *names = &auction->names[kind];
	uint32_t n = names->spans.count;
	NamedSpan *sorted = ArenaAllocArray(auction->arena, n + 1, sizeof(NamedSpan));

	*map = ArenaAllocArray(auction->arena, n + 1, sizeof(int32_t));
	if (sorted == NULL || *map == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t i = 0; i < n; i++)
		sorted[i] = (NamedSpan){VectorAt(&names->spans, Span, i), i};
	qsort(sorted, n, sizeof(NamedSpan), CompareNamedSpans);
	for (uint32_t i = 0; i < n; i++)
	{
		VectorAt(&names->spans, Span, i) = sorted[i].span;
		(*map)[sorted[i].old] = (int32_t) i;
	}
	return n == 0 || NamesGrow(names, auction->arena) ? CLEX_OK : CLEX_NO_MEMORY;
}

static ClexStatus
RankAllNames(Auction *auction)
{
	int32_t *map[NAME_KINDS];

	for (int k = 0; k < NAME_KINDS; k++)
		if (RankNames(auction, k, &map[k]) != CLEX_OK)
			return CLEX_NO_MEMORY;
	for (uint32_t i = 0; i < auction->invoices.count; i++)
	{
		AuctionInvoice *v = &VectorAt(&auction->invoices, AuctionInvoice, i);

		for (int s = SCOPE_BUYER; s < SCOPES; s++)
			v->key[s] = map[NAME_BUYER + s - SCOPE_BUYER][v->key[s]];
		if (v->lot >= 0)
			v->lot = map[NAME_LOT][v->lot];
	}
	for (uint32_t k = 0; k < auction->bids.count; k++)
	{
		AuctionBid *b = &VectorAt(&auction->bids, AuctionBid, k);

		b->financier = map[NAME_FINANCIER][b->financier];
		if (b->buyer >= 0)
			b->buyer = map[NAME_BUYER][b->buyer];
	}
	for (uint32_t c = 0; c < auction->caps.count; c++)
	{
		AuctionCap *cap = &VectorAt(&auction->caps, AuctionCap, c);

		cap->financier = map[NAME_FINANCIER][cap->financier];
		if (cap->key >= 0)
			cap->key = map[NAME_BUYER + cap->scope - SCOPE_BUYER][cap->key];
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
							"duplicate cap in rows %u and %u of the caps query", caps[c - 1].row,
							caps[c].row);
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
	status = RankAllNames(auction);
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
		return OutOfMemory(auction, error);
	if (status == CLEX_LIMIT && error->message[0] == '\0')
		ClexFail(error, CLEX_LIMIT, "too many bids: at most 8388607 in 16777215 markets");
	if (status != CLEX_OK)
		return status;
	Classify(auction);
	auction->prepared = true;
	return CLEX_OK;
}
