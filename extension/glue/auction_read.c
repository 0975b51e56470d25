/*
 * auction_read.c
 *		An auction's queries read through cursors, and its options.
 *
 * Rows come in batches from a cursor and go straight into the core's arrays: a million invoices are
 * never a million tuples at once.  Columns go by name and every complaint names query, row, column.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "glue/auction_read.h"
#include "glue/compat.h"
#include "glue/report.h"

#define BATCH 10000
#define MEGABYTE (1024 * 1024)

typedef struct AuctionColumn
{
	const char *name;
	bool is_text;
	bool required;
	int attribute; /* 0 = absent */
	bool plain_text;
	Oid type;
	FmgrInfo output;
} AuctionColumn;

/* One query on its way in. */
typedef struct Reader
{
	const char *name;
	AuctionColumn *columns;
	int column_count;
	uint32 row;
	HeapTuple tuple;
	TupleDesc desc;
} Reader;

/* The core's interrupt probe: says something now and then when a clearing takes long. */
static bool
ProbeCall(void *context)
{
	AuctionCall *call = context;
	TimestampTz now;

	if (InterruptPending && (QueryCancelPending || ProcDiePending))
		return true;
	now = GetCurrentTimestamp();
	if (TimestampDifferenceExceeds(call->noticed, now, 10000))
	{
		call->noticed = now;
		ereport(NOTICE, (errmsg("clearing the auction: %s, %d s so far",
								call->auction.phase ? call->auction.phase : "reading",
								(int) ((now - call->started) / USECS_PER_SEC))));
	}
	return false;
}

static void *
CallAlloc(void *context, size_t size)
{
	return MemoryContextAllocExtended(((AuctionCall *) context)->context, size,
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
}

static void
CallRelease(void *context, void *pointer)
{
	(void) context;
	pfree(pointer);
}

/* A number of an option, within bounds. */
static int64
OptionNumber(const char *name, JsonbValue *value, int64 low)
{
	int64 number;

	if (value->type != jbvNumeric)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("auction option \"%s\" is not a number", name)));
	number = DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(value->val.numeric)));
	if (number < low)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("auction option \"%s\" is less than " INT64_FORMAT, name, low)));
	return number;
}

static bool
OptionBool(const char *name, JsonbValue *value)
{
	if (value->type != jbvBool)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("auction option \"%s\" is not true or false", name)));
	return value->val.boolean;
}

/* Which of two words an option has: true for the second. */
static bool
OptionWord(const char *name, JsonbValue *value, const char *first, const char *second)
{
	if (value->type == jbvString)
	{
		char *word = pnstrdup(value->val.string.val, value->val.string.len);

		if (strcmp(word, first) == 0 || strcmp(word, second) == 0)
			return strcmp(word, second) == 0;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("auction option \"%s\" is neither \"%s\" nor \"%s\"", name, first, second)));
	pg_unreachable();
}

static void
SetOption(AuctionCall *call, const char *name, JsonbValue *value, int64 *memory)
{
	AuctionOptions *o = &call->options;

	if (strcmp(name, "mode") == 0)
		o->volume = OptionWord(name, value, "surplus", "volume");
	else if (strcmp(name, "pricing") == 0)
		o->uniform = OptionWord(name, value, "pay-as-bid", "uniform");
	else if (strcmp(name, "divisible") == 0)
		o->divisible = OptionBool(name, value);
	else if (strcmp(name, "lots") == 0)
		o->lots = OptionBool(name, value);
	else if (strcmp(name, "pro_rata") == 0)
		o->pro_rata = OptionBool(name, value);
	else if (strcmp(name, "time_budget_ms") == 0)
		o->time_budget_ms = OptionNumber(name, value, 1);
	else if (strcmp(name, "node_budget") == 0)
		o->node_budget = OptionNumber(name, value, 1);
	else if (strcmp(name, "work_budget") == 0)
		o->work_budget = OptionNumber(name, value, 1);
	else if (strcmp(name, "memory_limit") == 0)
		*memory = OptionNumber(name, value, 1);
	else if (strcmp(name, "prices") == 0 && value->type == jbvString)
		call->prices_query = pnstrdup(value->val.string.val, value->val.string.len);
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown auction option \"%s\"", name),
				 errhint("Options are mode, divisible, lots, pricing, pro_rata, time_budget_ms, "
						 "node_budget, work_budget, memory_limit (megabytes) and prices.")));
}

AuctionCall *
AuctionCallBegin(FunctionCallInfo fcinfo, int options_argument)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "clex auction", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	AuctionCall *call = palloc0(sizeof(AuctionCall));
	ClexEnv *env = palloc0(sizeof(ClexEnv));
	Jsonb *options = PG_GETARG_JSONB_P(options_argument);
	int64 memory = 1024;
	JsonbIterator *it = JsonbIteratorInit(&options->root);
	JsonbValue key, value;

	call->context = context;
	call->started = call->noticed = GetCurrentTimestamp();
	call->options.lots = true;
	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the options of an auction are not a JSON object")));
	for (JsonbIteratorToken token = JsonbIteratorNext(&it, &key, true); token != WJB_DONE;
		 token = JsonbIteratorNext(&it, &key, true))
	{
		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&it, &value, true);
		SetOption(call, pnstrdup(key.val.string.val, key.val.string.len), &value, &memory);
	}
	if (call->options.pro_rata && !call->options.divisible)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("auction option \"pro_rata\" needs divisible invoices"),
				 errhint("Set the option \"divisible\" to true, or leave out \"pro_rata\".")));
	*env = (ClexEnv){CallAlloc, CallRelease, ProbeCall, call};
	ArenaInit(&call->arena, env, (size_t) memory * MEGABYTE);
	AuctionInit(&call->auction, &call->arena, &call->options);
	MemoryContextSwitchTo(old);
	return call;
}

void
AuctionCallEnd(AuctionCall *call)
{
	MemoryContextDelete(call->context);
}

/* Find a query's columns by name and look at their types. */
static void
BindColumns(Reader *reader, TupleDesc desc)
{
	reader->desc = desc;
	for (int c = 0; c < reader->column_count; c++)
	{
		AuctionColumn *column = &reader->columns[c];
		bool varlena;
		Oid output;

		for (int a = 1; a <= desc->natts; a++)
			if (strcmp(NameStr(TupleDescAttr(desc, a - 1)->attname), column->name) == 0)
				column->attribute = a;
		if (column->attribute == 0)
		{
			if (column->required)
				ereport(ERROR,
						(errcode(ERRCODE_UNDEFINED_COLUMN),
						 errmsg("the %s query has no column %s", reader->name, column->name)));
			continue;
		}
		column->type = TupleDescAttr(desc, column->attribute - 1)->atttypid;
		if (!column->is_text && column->type != INT8OID && column->type != INT4OID &&
			column->type != INT2OID)
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("column %s of the %s query has type %s", column->name,
								   reader->name, format_type_be(column->type)),
							errhint("Cast it to bigint.")));
		column->plain_text = column->type == TEXTOID || column->type == VARCHAROID;
		getTypeOutputInfo(column->type, &output, &varlena);
		fmgr_info(output, &column->output);
	}
}

static Datum
ColumnDatum(Reader *reader, int c, bool *null)
{
	AuctionColumn *column = &reader->columns[c];
	Datum datum = 0;

	*null = true;
	if (column->attribute > 0)
		datum = heap_getattr(reader->tuple, column->attribute, reader->desc, null);
	if (*null && column->required)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("column %s is null in row %u of the %s query", column->name,
							   reader->row, reader->name)));
	return datum;
}

/* An integer column, or what stands for an absent or null one. */
static int64
ColumnInt(Reader *reader, int c, int64 absent)
{
	bool null;
	Datum datum = ColumnDatum(reader, c, &null);

	if (null)
		return absent;
	switch (reader->columns[c].type)
	{
		case INT8OID:
			return DatumGetInt64(datum);
		case INT4OID:
			return DatumGetInt32(datum);
		default:
			return DatumGetInt16(datum);
	}
}

/* The same where the core keeps 32 bits: what does not fit is as invalid as any huge value. */
static int32
ColumnInt32(Reader *reader, int c, int64 absent)
{
	int64 value = ColumnInt(reader, c, absent);

	if (value < PG_INT32_MIN || value > PG_INT32_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid %s " INT64_FORMAT " in row %u of the %s query",
							   reader->columns[c].name, value, reader->row, reader->name)));
	return (int32) value;
}

/* A text column as bytes; empty when absent or null. */
static Span
ColumnText(Reader *reader, int c)
{
	AuctionColumn *column = &reader->columns[c];
	bool null;
	Datum datum = ColumnDatum(reader, c, &null);

	if (null)
		return (Span){"", 0};
	if (column->plain_text)
	{
		text *t = DatumGetTextPP(datum);

		return SpanOf(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
	}
	return SpanFromCString(OutputFunctionCall(&column->output, datum));
}

static int32
ColumnName(AuctionCall *call, Reader *reader, int c, AuctionName kind)
{
	int32 index = AuctionIntern(&call->auction, kind, ColumnText(reader, c));

	if (index < 0)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the auction needs more memory than its limit"),
						errhint("Raise the option memory_limit, or clear fewer invoices.")));
	return index;
}

typedef void (*RowReader)(AuctionCall *call, Reader *reader, void *state);

/* Run a query through a cursor and hand over its rows. */
static void
ReadQuery(AuctionCall *call, Reader *reader, const char *query, RowReader row, void *state)
{
	MemoryContext per_batch =
		AllocSetContextCreate(call->context, "clex auction batch", ALLOCSET_DEFAULT_SIZES);
	SPIPlanPtr plan = SPI_prepare(query, 0, NULL);
	Portal portal;

	if (plan == NULL)
		ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR),
						errmsg("cannot prepare the %s query", reader->name)));
	if (!SPI_is_cursor_plan(plan))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the %s query does not return rows", reader->name),
						errhint("Give a single SELECT, VALUES or TABLE.")));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	BindColumns(reader, portal->tupDesc);
	for (;;)
	{
		MemoryContext old;

		SPI_cursor_fetch(portal, true, BATCH);
		if (SPI_processed == 0)
			break;
		old = MemoryContextSwitchTo(per_batch);
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			reader->tuple = SPI_tuptable->vals[i];
			reader->row++;
			row(call, reader, state);
		}
		MemoryContextSwitchTo(old);
		MemoryContextReset(per_batch);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	SPI_freeplan(plan);
	MemoryContextDelete(per_batch);
}

static void
Check(AuctionCall *call, ClexStatus status, const ClexError *error)
{
	(void) call;
	if (status != CLEX_OK)
		ReportError(error);
}

static void
ReadInvoice(AuctionCall *call, Reader *reader, void *state)
{
	ClexError error = {0};
	Span lot = ColumnText(reader, 6), currency = ColumnText(reader, 5);
	char *first_currency = state;
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
	if (currency.length > 15)
		currency.length = 15;
	if (first_currency[0] == '\0')
		memcpy(first_currency, currency.data, currency.length);
	else if (!SpanEqualCString(currency, first_currency))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("two currencies in one auction: %s and %.*s in row %u of the invoices "
						"query, column currency",
						first_currency, (int) currency.length, currency.data, reader->row),
				 errhint("Clear one currency at a time.")));
	Check(call, AuctionAddInvoice(&call->auction, &v, &error), &error);
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
	Check(call, AuctionAddBid(&call->auction, &b, &error), &error);
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
	Check(call, AuctionAddCap(&call->auction, &cap, &error), &error);
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
	char currency[16] = "";

	ReadQuery(call, &invoice_reader, text_to_cstring(invoices), ReadInvoice, currency);
	ReadQuery(call, &bid_reader, text_to_cstring(bids), ReadBid, NULL);
	ReadQuery(call, &cap_reader, text_to_cstring(caps), ReadCap, NULL);
	Check(call, AuctionPrepare(&call->auction, &error), &error);
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
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unknown bid_id " INT64_FORMAT " in row %u of the %s query", key.id,
							   reader->row, reader->name)));
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
						errmsg("unknown invoice_id " INT64_FORMAT " in row %u of the %s query", id,
							   reader->row, reader->name)));
	if (amount <= 0 || amount > AUCTION_MAX_TOTAL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid amount_minor " INT64_FORMAT " in row %u of the %s query",
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

static void
ReadPrice(AuctionCall *call, Reader *reader, void *state)
{
	const Auction *auction = &call->auction;
	IdMap *map = state;
	int64 price = ColumnInt(reader, 4, 0), row = -1;
	bool null;

	(void) ColumnDatum(reader, 0, &null);
	if (!null)
		row = ColumnBid(reader, 0, map);
	else
	{
		int scope = ColumnScope(reader, 2);
		int32 financier = FindName(auction, NAME_FINANCIER, ColumnText(reader, 1));
		int32 key = scope == SCOPE_TOTAL ? 0
										 : FindName(auction, NAME_BUYER + scope - SCOPE_BUYER,
													ColumnText(reader, 3));

		if (financier >= 0 && key >= 0)
			row = AuctionCapRow(auction, scope, key, financier);
		if (row < 0 || auction->limit[row] == AUCTION_NONE)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("row %u of the prices query prices a cap that does not exist",
								   reader->row)));
	}
	if (price < 0 || price > (int64) AUCTION_PRICE_SCALE * AUCTION_MAX_RATE * AUCTION_MAX_TENOR)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid price_milli " INT64_FORMAT " in row %u of the prices query",
							   price, reader->row)));
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

	MapBids(call, &map);
	map.price = ArenaAllocZero(&call->arena, ((size_t) call->auction.row_count + 1) * 8);
	if (map.price == NULL)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the auction needs more memory than its limit")));
	ReadQuery(call, &reader, call->prices_query, ReadPrice, &map);
	return map.price;
}

Datum
NumericFromInt128(Int128 value)
{
	char digits[48], *p = digits + sizeof(digits) - 1;
	bool negative = value < 0;

	*p = '\0';
	do
	{
		int d = (int) (value % 10);

		*--p = (char) ('0' + (d < 0 ? -d : d));
		value /= 10;
	} while (value != 0);
	if (negative)
		*--p = '-';
	return DirectFunctionCall3(numeric_in, CStringGetDatum(p), ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}
