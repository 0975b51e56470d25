/*
 * auction.c
 *		SQL functions of the auction: clearing, prices, both at once, certificate, reasons, statistics, contributions.
 */
#include "postgres.h"

#include <time.h>

#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "glue/auction_read.h"
#include "glue/compat.h"
#include "glue/report.h"

PG_FUNCTION_INFO_V1(clex_auction_clear);
PG_FUNCTION_INFO_V1(clex_auction_prices);
PG_FUNCTION_INFO_V1(clex_auction_clearing);
PG_FUNCTION_INFO_V1(clex_auction_certificate);
PG_FUNCTION_INFO_V1(clex_auction_unfunded);
PG_FUNCTION_INFO_V1(clex_auction_statistics);
PG_FUNCTION_INFO_V1(clex_auction_contributions);

/* Set up the result, read and prepare; SPI stays connected. */
static AuctionCall *
Begin(FunctionCallInfo fcinfo, int options_argument)
{
	AuctionCall *call;

	InitMaterializedSRF(fcinfo, 0);
	call = AuctionCallBegin(fcinfo, options_argument);
	if (SPI_connect() != SPI_OK_CONNECT)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("SPI_connect failed")));
	AuctionReadInput(call, PG_GETARG_TEXT_PP(0), PG_GETARG_TEXT_PP(1), PG_GETARG_TEXT_PP(2));
	return call;
}

static Datum
End(FunctionCallInfo fcinfo, AuctionCall *call)
{
	AuctionCallEnd(call);
	SPI_finish();
	PG_RETURN_NULL();
}

static void
Check(ClexStatus status, ClexError *error)
{
	if (status == CLEX_OK)
		return;
	if (error->message[0] == '\0')
		ClexFail(error, status == CLEX_NO_MEMORY ? CLEX_LIMIT : status,
				 "the auction needs more memory than its limit");
	ReportError(error);
}

static Datum
SpanText(Span span)
{
	return PointerGetDatum(cstring_to_text_with_len(span.data, (int) span.length));
}

/* An exact integer as a numeric. */
static Datum
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

static void
PutRow(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* CPU seconds of this backend. */
static double
CpuSeconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* Figures of one clearing for whoever measures it. */
static void
ReportWork(const AuctionCall *call, const AuctionResult *result, double reading, double clearing)
{
	ereport(
		DEBUG1,
		(errmsg_internal(
			"auction: read in %.3f s, cleared in %.3f s, %zu MB, objective %s, bound %s", reading,
			clearing, call->arena.allocated >> 20,
			DatumGetCString(
				DirectFunctionCall1(numeric_out, NumericFromInt128(*result->objective))),
			DatumGetCString(DirectFunctionCall1(numeric_out, NumericFromInt128(*result->bound))))));
}

/* The names of financiers, made once. */
static Datum *
FinancierNames(const Auction *auction)
{
	Datum *names = palloc0((auction->financier_count + 1) * sizeof(Datum));

	for (uint32_t f = 0; f < auction->financier_count; f++)
		names[f] = SpanText(AuctionNameOf(auction, NAME_FINANCIER, (int32_t) f));
	return names;
}

/* The columns of an award: invoice, bid, financier, amount, rate. */
static void
AwardValues(const Auction *auction, const AuctionAward *award, int32_t rate, const Datum *names,
			Datum *values)
{
	const AuctionBid *b = AuctionBidAt(auction, award->bid);

	values[0] = Int64GetDatum(AuctionInvoiceAt(auction, award->invoice)->id);
	values[1] = Int64GetDatum(b->id);
	values[2] = names[b->financier];
	values[3] = Int64GetDatum(award->amount);
	values[4] = Int32GetDatum(rate);
}

Datum
clex_auction_clear(PG_FUNCTION_ARGS)
{
	double start = CpuSeconds(), middle;
	AuctionCall *call = Begin(fcinfo, 3);
	Auction *auction = &call->auction;
	AuctionResult result;
	ClexError error = {0};
	int32_t *rates;
	Datum *names = FinancierNames(auction);
	bool nulls[5] = {0};

	middle = CpuSeconds();
	Check(AuctionClear(auction, &result, &error), &error);
	Check(AuctionSettleRates(auction, result.awards, result.award_count, &rates), &error);
	ReportWork(call, &result, middle - start, CpuSeconds() - middle);
	for (uint32_t w = 0; w < result.award_count; w++)
	{
		Datum values[5];

		if ((w & 4095) == 0)
			CHECK_FOR_INTERRUPTS();
		AwardValues(auction, &result.awards[w], rates[w], names, values);
		PutRow(fcinfo, values, nulls);
	}
	return End(fcinfo, call);
}

/* Columns of a price: bid, financier, scope, key, limit, price. */
#define PRICE_COLUMNS 6

/* The price of a row, or false when it has none. */
static bool
PriceOf(const Auction *auction, const AuctionResult *result, uint32_t row, Datum *values,
		bool *nulls)
{
	if (result->price[row] == 0)
		return false;
	memset(nulls, 0, PRICE_COLUMNS * sizeof(bool));
	if (row < auction->bid_count)
	{
		const AuctionBid *b = AuctionBidAt(auction, row);

		values[0] = Int64GetDatum(b->id);
		values[1] = SpanText(AuctionNameOf(auction, NAME_FINANCIER, b->financier));
		values[2] = CStringGetTextDatum("bid");
		values[3] = (Datum) 0;
		nulls[3] = true;
	}
	else
	{
		int scope;
		int32_t key, financier;

		AuctionRowCap(auction, row, &scope, &key, &financier);
		values[0] = (Datum) 0;
		nulls[0] = true;
		values[1] = SpanText(AuctionNameOf(auction, NAME_FINANCIER, financier));
		values[2] = CStringGetTextDatum(AuctionScopeName(scope));
		values[3] = key < 0
						? CStringGetTextDatum("*")
						: SpanText(AuctionNameOf(auction, NAME_BUYER + scope - SCOPE_BUYER, key));
	}
	values[4] = Int64GetDatum(auction->limit[row]);
	values[5] = Int64GetDatum(result->price[row]);
	return true;
}

Datum
clex_auction_prices(PG_FUNCTION_ARGS)
{
	AuctionCall *call = Begin(fcinfo, 3);
	Auction *auction = &call->auction;
	AuctionResult result;
	ClexError error = {0};

	Check(AuctionClear(auction, &result, &error), &error);
	for (uint32_t r = 0; r < auction->row_count; r++)
	{
		Datum values[PRICE_COLUMNS];
		bool nulls[PRICE_COLUMNS];

		if (PriceOf(auction, &result, r, values, nulls))
			PutRow(fcinfo, values, nulls);
	}
	return End(fcinfo, call);
}

/* Columns of clex.auction_clearing(). */
enum
{
	CLEARING_PART,
	CLEARING_INVOICE,
	CLEARING_BID,
	CLEARING_FINANCIER,
	CLEARING_AMOUNT,
	CLEARING_RATE,
	CLEARING_SCOPE,
	CLEARING_KEY,
	CLEARING_PRICE,
	CLEARING_OBJECTIVE,
	CLEARING_BOUND,
	CLEARING_OPTIMAL,
	CLEARING_COLUMNS
};

/* The row of a clearing that says what it comes to. */
static void
PutProof(FunctionCallInfo fcinfo, const AuctionResult *result)
{
	Datum values[CLEARING_COLUMNS] = {0};
	bool nulls[CLEARING_COLUMNS];

	memset(nulls, true, sizeof(nulls));
	values[CLEARING_PART] = CStringGetTextDatum("proof");
	values[CLEARING_OBJECTIVE] = NumericFromInt128(*result->objective);
	values[CLEARING_BOUND] = NumericFromInt128(*result->bound);
	values[CLEARING_OPTIMAL] = BoolGetDatum(*result->bound >= *result->objective);
	nulls[CLEARING_PART] = nulls[CLEARING_OBJECTIVE] = nulls[CLEARING_BOUND] = false;
	nulls[CLEARING_OPTIMAL] = false;
	PutRow(fcinfo, values, nulls);
}

/* The prices of a clearing, each in the columns that it shares with awards. */
static void
PutPrices(FunctionCallInfo fcinfo, const Auction *auction, const AuctionResult *result)
{
	static const int column[PRICE_COLUMNS] = {CLEARING_BID, CLEARING_FINANCIER, CLEARING_SCOPE,
											  CLEARING_KEY, CLEARING_AMOUNT,	CLEARING_PRICE};

	for (uint32_t r = 0; r < auction->row_count; r++)
	{
		Datum price[PRICE_COLUMNS], values[CLEARING_COLUMNS] = {0};
		bool missing[PRICE_COLUMNS], nulls[CLEARING_COLUMNS];

		if (!PriceOf(auction, result, r, price, missing))
			continue;
		memset(nulls, true, sizeof(nulls));
		values[CLEARING_PART] = CStringGetTextDatum("price");
		nulls[CLEARING_PART] = false;
		for (int c = 0; c < PRICE_COLUMNS; c++)
		{
			values[column[c]] = price[c];
			nulls[column[c]] = missing[c];
		}
		PutRow(fcinfo, values, nulls);
	}
}

Datum
clex_auction_clearing(PG_FUNCTION_ARGS)
{
	AuctionCall *call = Begin(fcinfo, 3);
	Auction *auction = &call->auction;
	AuctionResult result;
	ClexError error = {0};
	int32_t *rates;
	Datum part = CStringGetTextDatum("award");
	Datum *names = FinancierNames(auction);

	Check(AuctionClear(auction, &result, &error), &error);
	Check(AuctionSettleRates(auction, result.awards, result.award_count, &rates), &error);
	for (uint32_t w = 0; w < result.award_count; w++)
	{
		Datum values[CLEARING_COLUMNS] = {part};
		bool nulls[CLEARING_COLUMNS];

		if ((w & 4095) == 0)
			CHECK_FOR_INTERRUPTS();
		memset(nulls, true, sizeof(nulls));
		memset(nulls, false, (CLEARING_RATE + 1) * sizeof(bool));
		AwardValues(auction, &result.awards[w], rates[w], names, values + CLEARING_INVOICE);
		PutRow(fcinfo, values, nulls);
	}
	PutPrices(fcinfo, auction, &result);
	PutProof(fcinfo, &result);
	return End(fcinfo, call);
}

/* (objective - bound) / objective, exact to 18 digits. */
static Datum
GapOf(Int128 objective, Int128 bound)
{
	Datum gap = NumericFromInt128(objective - bound);

	if (objective == 0)
		return DirectFunctionCall1(int4_numeric, Int32GetDatum(0));
	gap = DirectFunctionCall2(numeric_div, gap, NumericFromInt128(objective));
	return DirectFunctionCall2(numeric_round, gap, Int32GetDatum(12));
}

Datum
clex_auction_certificate(PG_FUNCTION_ARGS)
{
	AuctionCall *call = Begin(fcinfo, 4);
	Auction *auction = &call->auction;
	AuctionResult result;
	AuctionAward *awards;
	ClexError error = {0};
	uint32_t count;
	int64_t *price, funded;
	Int128 objective, bound;
	char violation[300];
	Datum values[7];
	bool nulls[7] = {0};

	awards = AuctionReadAwards(call, PG_GETARG_TEXT_PP(3), &count);
	Check(AuctionViolation(auction, awards, count, violation, sizeof(violation)), &error);
	objective = AuctionObjective(auction, awards, count, &funded);
	if (call->prices_query != NULL)
		price = AuctionReadPrices(call);
	else
	{
		Check(AuctionClear(auction, &result, &error), &error);
		price = result.price;
	}
	Check(AuctionProve(auction, price, &bound, &error), &error);
	values[0] = BoolGetDatum(violation[0] == '\0');
	values[1] = CStringGetTextDatum(violation);
	nulls[1] = violation[0] == '\0';
	values[2] = NumericFromInt128(objective);
	values[3] = NumericFromInt128(bound);
	values[4] = GapOf(objective, bound);
	values[5] = Int64GetDatum(funded);
	values[6] = Int64GetDatum(auction->total - funded);
	PutRow(fcinfo, values, nulls);
	return End(fcinfo, call);
}

/* The last columns of a reason: bid, amount missing, and a sentence. */
static void
ExplainReason(const Auction *auction, const AuctionReason *why, Datum *values, bool *nulls)
{
	char row[200];

	values[2] = CStringGetTextDatum(AuctionReasonName(why->code));
	nulls[3] = why->bid < 0;
	if (why->bid >= 0)
		values[3] = Int64GetDatum(AuctionBidAt(auction, (uint32_t) why->bid)->id);
	nulls[4] = why->by == 0;
	values[4] = Int64GetDatum(why->by);
	switch (why->code)
	{
		case REASON_NO_BID:
			values[5] = CStringGetTextDatum("No bid takes this buyer and tenor.");
			break;
		case REASON_TICKET:
			values[5] = CStringGetTextDatum("The amount is outside the ticket range of every bid.");
			break;
		case REASON_RESERVE:
			values[5] = CStringGetTextDatum(psprintf(
				"The reserve is " INT64_FORMAT " ppm below the cheapest bid.", (int64) why->by));
			break;
		case REASON_CAP:
			AuctionRowText(auction, (uint32_t) why->row, row, sizeof(row));
			values[5] = CStringGetTextDatum(
				psprintf("It would exceed %s by " INT64_FORMAT ".", row, (int64) why->by));
			break;
		case REASON_MINIMUM:
			values[5] = CStringGetTextDatum(psprintf(
				"The bid's minimum award of " INT64_FORMAT " was not met.", (int64) why->by));
			break;
		case REASON_OUTBID:
			values[5] = CStringGetTextDatum("Its place is worth more to other invoices.");
			break;
	}
}

Datum
clex_auction_unfunded(PG_FUNCTION_ARGS)
{
	AuctionCall *call = Begin(fcinfo, 4);
	Auction *auction = &call->auction;
	ClexError error = {0};
	uint32_t count, w = 0;
	int64_t *room, *given, *items;
	AuctionAward *awards = AuctionReadAwards(call, PG_GETARG_TEXT_PP(3), &count);

	Check(AuctionRooms(auction, awards, count, &room, &given), &error);
	Check(AuctionItemAmounts(auction, &items), &error);
	for (uint32_t i = 0; i < auction->invoice_count; i++)
	{
		int64_t left = AuctionInvoiceAt(auction, i)->amount;
		AuctionReason why;
		Datum values[6] = {0};
		bool nulls[6] = {0};

		if ((i & 4095) == 0)
			CHECK_FOR_INTERRUPTS();
		while (w < count && awards[w].invoice == i)
			left -= awards[w++].amount;
		if (left <= 0)
			continue;
		why = AuctionWhy(auction, i, items[i], call->options.divisible ? left : items[i], room,
						 given);
		values[0] = Int64GetDatum(AuctionInvoiceAt(auction, i)->id);
		values[1] = Int64GetDatum(left);
		ExplainReason(auction, &why, values, nulls);
		PutRow(fcinfo, values, nulls);
	}
	return End(fcinfo, call);
}

/* One figure of the statistics. */
static void
PutFigure(FunctionCallInfo fcinfo, const char *measure, Span subject, Datum value)
{
	Datum values[3] = {CStringGetTextDatum(measure), SpanText(subject), value};
	bool nulls[3] = {false, subject.length == 0, false};

	PutRow(fcinfo, values, nulls);
}

/* a / b to six digits; zero when there is nothing to divide by. */
static Datum
Ratio(Int128 a, Int128 b)
{
	if (b == 0)
		return DirectFunctionCall1(int4_numeric, Int32GetDatum(0));
	return DirectFunctionCall2(
		numeric_round, DirectFunctionCall2(numeric_div, NumericFromInt128(a), NumericFromInt128(b)),
		Int32GetDatum(6));
}

/* Highest rate that was awarded, and what share of the bids at that rate it got. */
static void
PutMargin(FunctionCallInfo fcinfo, const Auction *auction, const int64_t *given)
{
	int32_t marginal = -1;
	Int128 offered = 0, awarded = 0;
	Span none = {"", 0};

	for (uint32_t k = 0; k < auction->bid_count; k++)
		if (given[k] > 0 && AuctionBidAt(auction, k)->rate > marginal)
			marginal = AuctionBidAt(auction, k)->rate;
	for (uint32_t k = 0; k < auction->bid_count; k++)
		if (AuctionBidAt(auction, k)->rate == marginal)
		{
			offered += AuctionBidAt(auction, k)->max_amount;
			awarded += given[k];
		}
	if (marginal < 0)
		return;
	PutFigure(fcinfo, "marginal_rate_ppm", none, NumericFromInt128(marginal));
	PutFigure(fcinfo, "share_at_margin", none, Ratio(awarded, offered));
}

Datum
clex_auction_statistics(PG_FUNCTION_ARGS)
{
	AuctionCall *call = Begin(fcinfo, 4);
	Auction *auction = &call->auction;
	ClexError error = {0};
	uint32_t count;
	int64_t *room, *given, funded;
	int32_t *rates;
	AuctionAward *awards = AuctionReadAwards(call, PG_GETARG_TEXT_PP(3), &count);
	Int128 offered = 0, cost = 0, reserve = 0, *by_financier;
	Span none = {"", 0};

	Check(AuctionRooms(auction, awards, count, &room, &given), &error);
	Check(AuctionSettleRates(auction, awards, count, &rates), &error);
	by_financier = ArenaAllocZero(&call->arena, (auction->financier_count + 1) * sizeof(Int128));
	if (by_financier == NULL)
		Check(CLEX_NO_MEMORY, &error);
	(void) AuctionObjective(auction, awards, count, &funded);
	for (uint32_t k = 0; k < auction->bid_count; k++)
	{
		offered += AuctionBidAt(auction, k)->max_amount;
		by_financier[AuctionBidAt(auction, k)->financier] += given[k];
	}
	for (uint32_t w = 0; w < count; w++)
	{
		const AuctionInvoice *v = AuctionInvoiceAt(auction, awards[w].invoice);

		cost += (Int128) awards[w].amount * ((int64_t) v->tenor * rates[w]);
		reserve += (Int128) awards[w].amount * ((int64_t) v->tenor * v->reserve);
	}
	PutFigure(fcinfo, "invoices_minor", none, NumericFromInt128(auction->total));
	PutFigure(fcinfo, "funded_minor", none, NumericFromInt128(funded));
	PutFigure(fcinfo, "bid_to_cover", none, Ratio(offered, funded));
	PutMargin(fcinfo, auction, given);
	PutFigure(fcinfo, "cost_raw", none, NumericFromInt128(cost));
	PutFigure(fcinfo, "saved_against_reserve_raw", none, NumericFromInt128(reserve - cost));
	for (uint32_t f = 0; f < auction->financier_count; f++)
		PutFigure(fcinfo, "funded_minor_by_financier",
				  AuctionNameOf(auction, NAME_FINANCIER, (int32_t) f),
				  NumericFromInt128(by_financier[f]));
	return End(fcinfo, call);
}

/* The objective of the auction without one financier, whose bids are closed meanwhile. */
static Int128
ObjectiveWithout(AuctionCall *call, uint32_t financier)
{
	Auction *auction = &call->auction;
	AuctionResult result;
	ClexError error = {0};
	size_t bytes = (size_t) auction->bid_count * sizeof(int64_t);
	int64_t *kept = MemoryContextAllocHuge(call->context, bytes + 1);
	Arena scratch;
	Int128 objective;

	ArenaInit(&scratch, call->arena.env, call->arena.limit);
	auction->arena = &scratch;
	memcpy(kept, auction->limit, bytes);
	for (uint32_t k = 0; k < auction->bid_count; k++)
		if (AuctionBidAt(auction, k)->financier == (int32_t) financier)
			auction->limit[k] = 0;
	Check(AuctionClear(auction, &result, &error), &error);
	memcpy(auction->limit, kept, bytes);
	pfree(kept);
	objective = *result.objective;
	auction->arena = &call->arena;
	ArenaFree(&scratch);
	return objective;
}

Datum
clex_auction_contributions(PG_FUNCTION_ARGS)
{
	AuctionCall *call = Begin(fcinfo, 3);
	Auction *auction = &call->auction;
	AuctionResult result;
	ClexError error = {0};
	Int128 *cost;

	Check(AuctionClear(auction, &result, &error), &error);
	cost = ArenaAllocZero(&call->arena, (auction->financier_count + 1) * sizeof(Int128));
	if (cost == NULL)
		Check(CLEX_NO_MEMORY, &error);
	for (uint32_t w = 0; w < result.award_count; w++)
	{
		const AuctionBid *b = AuctionBidAt(auction, result.awards[w].bid);

		cost[b->financier] +=
			(Int128) result.awards[w].amount *
			((int64_t) AuctionInvoiceAt(auction, result.awards[w].invoice)->tenor * b->rate);
	}
	for (uint32_t f = 0; f < auction->financier_count; f++)
	{
		Int128 without = ObjectiveWithout(call, f), worth = without - *result.objective;
		Datum values[5];
		bool nulls[5] = {0};

		values[0] = SpanText(AuctionNameOf(auction, NAME_FINANCIER, (int32_t) f));
		values[1] = NumericFromInt128(cost[f]);
		values[2] = NumericFromInt128(without);
		values[3] = NumericFromInt128(worth);
		values[4] = NumericFromInt128(cost[f] + worth);
		PutRow(fcinfo, values, nulls);
	}
	return End(fcinfo, call);
}
