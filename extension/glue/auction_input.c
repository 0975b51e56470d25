/*
 * auction_input.c
 *		What each query of an auction means: invoices, bids, caps, awards, prices.
 *
 * Ids of awards and prices are looked up in the prepared auction, so those are read last.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "glue/auction_reader.h"
#include "glue/compat.h"
#include "glue/report.h"

/* No price is above what a unit left unfunded costs: in volume mode up to ten times the dearest reserve. */
#define MOST_PRICE ((int64) AUCTION_PRICE_SCALE * 10 * AUCTION_MAX_RATE * AUCTION_MAX_TENOR)

static void
Check(ClexStatus status, const ClexError *error)
{
	if (status != CLEX_OK)
		ReportError(error);
}

/* What the first invoice is in; every other one must say the same, or likewise nothing. */
typedef struct Currency
{
	size_t length;
	char text[16];
} Currency;

static void
ReadInvoice(AuctionCall *call, Reader *reader, void *state)
{
	ClexError error = {0};
	Span lot = ColumnText(reader, 6), currency = ColumnText(reader, 5);
	Currency *first = state;
	AuctionInvoice v = {.row = reader->row,
						.id = ColumnInt(reader, 0, 0),
						.amount = ColumnInt(reader, 1, 0),
						.tenor = ColumnInt32(reader, 2, 0),
						.reserve = ColumnInt32(reader, 3, 0),
						.lot = -1};

	v.key[SCOPE_BUYER] = ColumnName(call, reader, 4, NAME_BUYER);
	v.key[SCOPE_SUPPLIER] = ColumnName(call, reader, 7, NAME_SUPPLIER);
	v.key[SCOPE_SECTOR] = ColumnName(call, reader, 8, NAME_SECTOR);
	v.key[SCOPE_COUNTRY] = ColumnName(call, reader, 9, NAME_COUNTRY);
	if (lot.length > 0)
		v.lot = ColumnName(call, reader, 6, NAME_LOT);
	if (reader->row == 1)
	{
		first->length = Min(currency.length, sizeof(first->text));
		memcpy(first->text, currency.data, first->length);
	}
	else if (currency.length != first->length ||
			 memcmp(first->text, currency.data, first->length) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("two currencies in one auction: \"%.*s\" and \"%.*s\" in row %u of the "
						"invoices query, column currency",
						(int) first->length, first->text, (int) Min(currency.length, 60),
						currency.data, reader->row),
				 errhint("Clear one currency at a time.")));
	Check(AuctionAddInvoice(&call->auction, &v, &error), &error);
}

static void
ReadBid(AuctionCall *call, Reader *reader, void *state)
{
	ClexError error = {0};
	Span buyer = ColumnText(reader, 2);
	AuctionBid b = {.row = reader->row,
					.id = ColumnInt(reader, 0, 0),
					.financier = ColumnName(call, reader, 1, NAME_FINANCIER),
					.buyer = AUCTION_ANY,
					.rate = ColumnInt32(reader, 3, 0),
					.max_amount = ColumnInt(reader, 4, 0),
					.sequence = ColumnInt(reader, 5, 0),
					.tenor_min = ColumnInt32(reader, 6, 0),
					.tenor_max = ColumnInt32(reader, 7, AUCTION_MAX_TENOR),
					.min_ticket = ColumnInt(reader, 8, 0),
					.max_ticket = ColumnInt(reader, 9, PG_INT64_MAX - 1),
					.min_award = ColumnInt(reader, 10, 0)};

	(void) state;
	if (buyer.length > 0 && !SpanEqualCString(buyer, "*"))
		b.buyer = ColumnName(call, reader, 2, NAME_BUYER);
	Check(AuctionAddBid(&call->auction, &b, &error), &error);
}

/* The number of a scope, or an error that lists them. */
static int
ColumnScope(Reader *reader, int c)
{
	Span scope = ColumnText(reader, c);

	for (int s = 0; s < SCOPES; s++)
		if (SpanEqualCString(scope, AuctionScopeName(s)))
			return s;
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unknown scope \"%.*s\" in row %u of the %s query, column scope",
						   (int) Min(scope.length, 60), scope.data, reader->row, reader->name),
					errhint("Scopes are total, buyer, supplier, sector and country.")));
	pg_unreachable();
}

static void
ReadCap(AuctionCall *call, Reader *reader, void *state)
{
	ClexError error = {0};
	AuctionCap cap = {.row = reader->row,
					  .financier = ColumnName(call, reader, 0, NAME_FINANCIER),
					  .scope = ColumnScope(reader, 1),
					  .key = AUCTION_ANY,
					  .limit = ColumnInt(reader, 3, 0)};
	Span key = ColumnText(reader, 2);

	(void) state;
	if (key.length > 0 && !SpanEqualCString(key, "*"))
	{
		if (cap.scope == SCOPE_TOTAL)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a total has no key, in row %u of the caps query, column key",
								   reader->row)));
		cap.key = ColumnName(call, reader, 2, NAME_BUYER + cap.scope - SCOPE_BUYER);
	}
	Check(AuctionAddCap(&call->auction, &cap, &error), &error);
}

#define INTEGER(name, required)                                                                    \
	{                                                                                              \
		name, false, required, 0, false, 0,                                                        \
		{                                                                                          \
			0                                                                                      \
		}                                                                                          \
	}
#define NAME(name, required)                                                                       \
	{                                                                                              \
		name, true, required, 0, false, 0,                                                         \
		{                                                                                          \
			0                                                                                      \
		}                                                                                          \
	}

void
AuctionReadInput(AuctionCall *call, text *invoices, text *bids, text *caps)
{
	AuctionColumn invoice_columns[] = {INTEGER("invoice_id", true), INTEGER("amount_minor", true),
									   INTEGER("tenor_days", true), INTEGER("reserve_ppm", true),
									   NAME("buyer", true),			NAME("currency", false),
									   NAME("lot_id", false),		NAME("supplier", false),
									   NAME("sector", false),		NAME("country", false)};
	AuctionColumn bid_columns[] = {INTEGER("bid_id", true),		 NAME("financier", true),
								   NAME("buyer", false),		 INTEGER("rate_ppm", true),
								   INTEGER("max_amount", true),	 INTEGER("seq", false),
								   INTEGER("tenor_min", false),	 INTEGER("tenor_max", false),
								   INTEGER("min_ticket", false), INTEGER("max_ticket", false),
								   INTEGER("min_award", false)};
	AuctionColumn cap_columns[] = {NAME("financier", true), NAME("scope", true), NAME("key", false),
								   INTEGER("limit_minor", true)};
	Reader invoice_reader = {"invoices", invoice_columns, lengthof(invoice_columns), 0, NULL, NULL};
	Reader bid_reader = {"bids", bid_columns, lengthof(bid_columns), 0, NULL, NULL};
	Reader cap_reader = {"caps", cap_columns, lengthof(cap_columns), 0, NULL, NULL};
	ClexError error = {0};
	Currency currency = {0};

	ReadQuery(call, &invoice_reader, text_to_cstring(invoices), ReadInvoice, &currency);
	ReadQuery(call, &bid_reader, text_to_cstring(bids), ReadBid, NULL);
	ReadQuery(call, &cap_reader, text_to_cstring(caps), ReadCap, NULL);
	Check(AuctionPrepare(&call->auction, &error), &error);
}

int64
AuctionFindInvoice(const Auction *auction, int64_t id)
{
	int64 low = 0, high = (int64) auction->invoice_count - 1;

	while (low <= high)
	{
		int64 middle = (low + high) / 2;
		int64_t there = AuctionInvoiceAt(auction, (uint32_t) middle)->id;

		if (there == id)
			return middle;
		if (there < id)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

/* Bids by id: pairs in order of id. */
typedef struct BidById
{
	int64_t id;
	uint32_t index;
} BidById;

static int
CompareById(const void *a, const void *b)
{
	const BidById *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

typedef struct IdMap
{
	BidById *bids;
	uint32_t count;
	Vector awards;
	int64_t *price;
} IdMap;

static void
MapBids(AuctionCall *call, IdMap *map)
{
	map->count = call->auction.bid_count;
	map->bids = MemoryContextAllocHuge(call->context, (map->count + 1) * sizeof(BidById));
	for (uint32_t k = 0; k < map->count; k++)
		map->bids[k] = (BidById){AuctionBidAt(&call->auction, k)->id, k};
	qsort(map->bids, map->count, sizeof(BidById), CompareById);
}

/* The index of the bid a column names; an unknown one is an error. */
static uint32_t
ColumnBid(Reader *reader, int c, const IdMap *map)
{
	BidById key = {ColumnInt(reader, c, 0), 0};
	BidById *found =
		map->count == 0 ? NULL : bsearch(&key, map->bids, map->count, sizeof(BidById), CompareById);

	if (found == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown bid_id " INT64_FORMAT " in row %u of the %s query, column %s",
						key.id, reader->row, reader->name, reader->columns[c].name)));
	return found->index;
}

static void
ReadAward(AuctionCall *call, Reader *reader, void *state)
{
	IdMap *map = state;
	int64 id = ColumnInt(reader, 0, 0), amount = ColumnInt(reader, 2, 0);
	int64 invoice = AuctionFindInvoice(&call->auction, id);
	AuctionAward *award;

	if (invoice < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unknown invoice_id " INT64_FORMAT
							   " in row %u of the %s query, column invoice_id",
							   id, reader->row, reader->name)));
	if (amount <= 0 || amount > AUCTION_MAX_TOTAL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid amount_minor " INT64_FORMAT
							   " in row %u of the %s query, column amount_minor",
							   amount, reader->row, reader->name)));
	award = VectorPush(&map->awards);
	if (award == NULL)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the auction needs more memory than its limit")));
	*award = (AuctionAward){(uint32_t) invoice, ColumnBid(reader, 1, map), amount};
}

static int
CompareAwards(const void *a, const void *b)
{
	const AuctionAward *x = a, *y = b;

	if (x->invoice != y->invoice)
		return x->invoice < y->invoice ? -1 : 1;
	return (x->bid > y->bid) - (x->bid < y->bid);
}

AuctionAward *
AuctionReadAwards(AuctionCall *call, text *query, uint32_t *count)
{
	AuctionColumn columns[] = {INTEGER("invoice_id", true), INTEGER("bid_id", true),
							   INTEGER("amount_minor", true)};
	Reader reader = {"awards", columns, lengthof(columns), 0, NULL, NULL};
	IdMap map = {0};

	MapBids(call, &map);
	VectorInit(&map.awards, &call->arena, sizeof(AuctionAward));
	ReadQuery(call, &reader, text_to_cstring(query), ReadAward, &map);
	*count = map.awards.count;
	if (map.awards.count > 0)
		qsort(map.awards.data, map.awards.count, sizeof(AuctionAward), CompareAwards);
	return (AuctionAward *) map.awards.data;
}

/* The number of a name, or -1. */
static int32
FindName(const Auction *auction, AuctionName kind, Span name)
{
	for (uint32_t i = 0; i < auction->names[kind].spans.count; i++)
		if (SpanEqual(AuctionNameOf(auction, kind, (int32_t) i), name))
			return (int32) i;
	return -1;
}

/* The row of the cap that a line of the prices names; one that does not exist is an error. */
static int64
ColumnCap(Reader *reader, const Auction *auction)
{
	int scope = ColumnScope(reader, 2), wrong = -1;
	int32 financier = FindName(auction, NAME_FINANCIER, ColumnText(reader, 1)), key = 0;
	int64 row = -1;
	Span text;

	if (scope != SCOPE_TOTAL)
		key = FindName(auction, NAME_BUYER + scope - SCOPE_BUYER, ColumnText(reader, 3));
	if (financier >= 0 && key >= 0)
		row = AuctionCapRow(auction, scope, key, financier);
	if (financier < 0)
		wrong = 1;
	else if (key < 0)
		wrong = 3;
	else if (row < 0 || auction->limit[row] == AUCTION_NONE)
		wrong = 2;
	if (wrong < 0)
		return row;
	text = ColumnText(reader, wrong);
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("no cap for %s \"%.*s\" in row %u of the %s query, column %s",
						   reader->columns[wrong].name, (int) Min(text.length, 60), text.data,
						   reader->row, reader->name, reader->columns[wrong].name)));
	pg_unreachable();
}

static void
ReadPrice(AuctionCall *call, Reader *reader, void *state)
{
	IdMap *map = state;
	int64 price = ColumnInt(reader, 4, 0), row;
	bool null;

	(void) ColumnDatum(reader, 0, &null);
	row = null ? ColumnCap(reader, &call->auction) : (int64) ColumnBid(reader, 0, map);
	if (price < 0 || price > MOST_PRICE)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid price_milli " INT64_FORMAT
							   " in row %u of the %s query, column price_milli",
							   price, reader->row, reader->name)));
	if (map->price[row] >= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("duplicate price in row %u of the %s query, column %s", reader->row,
							   reader->name, reader->columns[null ? 2 : 0].name)));
	map->price[row] = price;
}

int64_t *
AuctionReadPrices(AuctionCall *call)
{
	AuctionColumn columns[] = {INTEGER("bid_id", false), NAME("financier", false),
							   NAME("scope", false), NAME("key", false),
							   INTEGER("price_milli", true)};
	Reader reader = {"prices", columns, lengthof(columns), 0, NULL, NULL};
	IdMap map = {0};
	uint32_t rows = call->auction.row_count;

	MapBids(call, &map);
	map.price = ArenaAllocArray(&call->arena, (size_t) rows + 1, sizeof(int64_t));
	if (map.price == NULL)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the auction needs more memory than its limit")));
	/* below zero: not priced yet */
	memset(map.price, 0xff, (size_t) rows * sizeof(int64_t));
	ReadQuery(call, &reader, call->prices_query, ReadPrice, &map);
	for (uint32_t r = 0; r < rows; r++)
		map.price[r] = Max(map.price[r], 0);
	return map.price;
}
