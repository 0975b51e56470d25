/*
 * instance.c
 *		An auction's input: values checked as they come, and names made numbers.
 *
 * A name gets the next number when it is first seen; once all are there they are ranked by bytes, so
 * that numbers no longer tell who came first (and no locale is asked).
 */
#include "core/auction/instance.h"

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

ClexStatus
AuctionOutOfMemory(const Auction *auction, ClexError *error)
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
		return AuctionOutOfMemory(auction, error);
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
		return AuctionOutOfMemory(auction, error);
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
		return AuctionOutOfMemory(auction, error);
	*slot = *in;
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

ClexStatus
AuctionRankNames(Auction *auction)
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
