/*
 * settle.c
 *		What follows from awards: whether they keep the rules, at which rates they settle, and why an
 *		invoice got nothing.
 *
 * Nothing here knows how the awards were found.
 */
#include "core/auction/solve.h"

#include <stdio.h>

static const char *const reason_names[] = {"no_bid",	  "ticket",			 "reserve_too_low",
										   "cap_reached", "minimum_not_met", "outbid"};

const char *
AuctionReasonName(AuctionReasonCode code)
{
	return reason_names[code];
}

ClexStatus
AuctionItemAmounts(Auction *auction, int64_t **amounts)
{
	uint32_t lots = auction->names[NAME_LOT].spans.count;
	int64_t *total = ArenaAllocZero(auction->arena, ((size_t) lots + 1) * sizeof(int64_t));

	*amounts = ArenaAllocArray(auction->arena, (size_t) auction->invoice_count + 1, 8);
	if (total == NULL || *amounts == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t i = 0; i < auction->invoice_count; i++)
		if (auction->has_lots && AuctionInvoiceAt(auction, i)->lot >= 0)
			total[AuctionInvoiceAt(auction, i)->lot] += AuctionInvoiceAt(auction, i)->amount;
	for (uint32_t i = 0; i < auction->invoice_count; i++)
	{
		const AuctionInvoice *v = AuctionInvoiceAt(auction, i);

		(*amounts)[i] = auction->has_lots && v->lot >= 0 ? total[v->lot] : v->amount;
	}
	return CLEX_OK;
}

ClexStatus
AuctionRooms(Auction *auction, const AuctionAward *awards, uint32_t count, int64_t **room,
			 int64_t **given)
{
	*room = ArenaAllocArray(auction->arena, (size_t) auction->row_count + 1, sizeof(int64_t));
	*given = ArenaAllocZero(auction->arena, ((size_t) auction->bid_count + 1) * sizeof(int64_t));
	if (*room == NULL || *given == NULL)
		return CLEX_NO_MEMORY;
	memcpy(*room, auction->limit, (size_t) auction->row_count * sizeof(int64_t));
	for (uint32_t w = 0; w < count; w++)
	{
		const AuctionInvoice *v = AuctionInvoiceAt(auction, awards[w].invoice);
		uint32_t k = awards[w].bid;

		(*given)[k] += awards[w].amount;
		(*room)[k] -= awards[w].amount;
		for (int s = 0; s < SCOPES; s++)
		{
			int64_t row = AuctionCapRow(auction, s, s == 0 ? 0 : v->key[s],
										AuctionBidAt(auction, k)->financier);

			if (row >= 0)
				(*room)[row] -= awards[w].amount;
		}
	}
	return CLEX_OK;
}

void
AuctionRowCap(const Auction *auction, uint32_t row, int *scope, int32_t *key, int32_t *financier)
{
	int32_t slot = (int32_t) ((row - auction->bid_count) / auction->financier_count);

	*financier = (int32_t) ((row - auction->bid_count) % auction->financier_count);
	*scope = SCOPE_TOTAL;
	for (int s = 0; s < SCOPES; s++)
		if (auction->slot_base[s] >= 0 && auction->slot_base[s] <= slot)
			*scope = s;
	*key = *scope == SCOPE_TOTAL ? -1 : slot - auction->slot_base[*scope];
}

void
AuctionRowText(const Auction *auction, uint32_t row, char *text, size_t size)
{
	int32_t key, financier;
	int scope;
	Span name, value = {"", 0};

	if (row < auction->bid_count)
	{
		snprintf(text, size, "the ceiling of bid %lld", (long long) AuctionBidAt(auction, row)->id);
		return;
	}
	AuctionRowCap(auction, row, &scope, &key, &financier);
	name = AuctionNameOf(auction, NAME_FINANCIER, financier);
	if (key >= 0)
		value = AuctionNameOf(auction, NAME_BUYER + scope - SCOPE_BUYER, key);
	snprintf(text, size, "the cap of %.*s on %s%s%.*s", (int) (name.length > 60 ? 60 : name.length),
			 name.data, key >= 0 ? AuctionScopeName(scope) : "its total", key >= 0 ? " " : "",
			 (int) (value.length > 60 ? 60 : value.length), value.data);
}

/* The rules of a single award. */
static bool
BreaksEligibility(const Auction *auction, const AuctionAward *w, int64_t item, char *text,
				  size_t size)
{
	const AuctionInvoice *v = AuctionInvoiceAt(auction, w->invoice);
	const AuctionBid *b = AuctionBidAt(auction, w->bid);
	const char *what = NULL;

	if (b->buyer >= 0 && b->buyer != v->key[SCOPE_BUYER])
		what = "is of another buyer than";
	else if (v->tenor < b->tenor_min || v->tenor > b->tenor_max)
		what = "has a tenor outside";
	else if (b->rate > v->reserve)
		what = "has a reserve below";
	else if (item < b->min_ticket || item > b->max_ticket)
		what = "is no ticket for";
	if (what != NULL)
		snprintf(text, size, "invoice %lld %s bid %lld", (long long) v->id, what,
				 (long long) b->id);
	return what != NULL;
}

/* The rules of all awards of one invoice. */
static bool
BreaksInvoice(const Auction *auction, const AuctionAward *w, uint32_t count, char *text,
			  size_t size)
{
	const AuctionInvoice *v = AuctionInvoiceAt(auction, w->invoice);
	int64_t left = v->amount;
	bool whole = !auction->options->divisible;

	for (uint32_t i = 0; i < count; i++)
		left = left < w[i].amount ? -1 : left - w[i].amount;
	if (left < 0)
		snprintf(text, size, "invoice %lld is awarded more than its amount", (long long) v->id);
	else if (whole && (count > 1 || left > 0))
		snprintf(text, size, "invoice %lld is split", (long long) v->id);
	return left < 0 || (whole && (count > 1 || left > 0));
}

/* A lot goes to one bid as a whole. */
static ClexStatus
TornLot(Auction *auction, const AuctionAward *awards, uint32_t count, char *text, size_t size)
{
	uint32_t lots = auction->names[NAME_LOT].spans.count;
	int64_t *taker = ArenaAllocArray(auction->arena, (size_t) lots + 1, sizeof(int64_t));
	uint32_t w = 0;

	if (taker == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t l = 0; l < lots; l++)
		taker[l] = -2;
	for (uint32_t i = 0; i < auction->invoice_count; i++)
	{
		const AuctionInvoice *v = AuctionInvoiceAt(auction, i);
		int64_t bid = -1;

		while (w < count && awards[w].invoice == i)
			bid = awards[w++].bid;
		if (v->lot < 0)
			continue;
		if (taker[v->lot] == -2)
			taker[v->lot] = bid;
		else if (taker[v->lot] != bid && text[0] == '\0')
			snprintf(text, size, "the lot of invoice %lld is torn", (long long) v->id);
	}
	return CLEX_OK;
}

ClexStatus
AuctionViolation(Auction *auction, const AuctionAward *awards, uint32_t count, char *text,
				 size_t size)
{
	int64_t *room, *given, *items;
	ClexStatus status = AuctionRooms(auction, awards, count, &room, &given);

	text[0] = '\0';
	if (status == CLEX_OK)
		status = AuctionItemAmounts(auction, &items);
	if (status != CLEX_OK)
		return status;
	for (uint32_t w = 0, end; w < count; w = end)
	{
		for (end = w; end < count && awards[end].invoice == awards[w].invoice; end++)
			if (BreaksEligibility(auction, &awards[end], items[awards[end].invoice], text, size))
				return CLEX_OK;
		if (BreaksInvoice(auction, &awards[w], end - w, text, size))
			return CLEX_OK;
	}
	for (uint32_t r = 0; r < auction->row_count; r++)
		if (auction->limit[r] < AUCTION_NONE && room[r] < 0)
		{
			char name[200];

			AuctionRowText(auction, r, name, sizeof(name));
			snprintf(text, size, "%s is exceeded by %lld", name, (long long) -room[r]);
			return CLEX_OK;
		}
	for (uint32_t k = 0; k < auction->bid_count; k++)
		if (given[k] > 0 && given[k] < AuctionBidAt(auction, k)->min_award)
		{
			snprintf(text, size, "bid %lld is awarded less than its minimum",
					 (long long) AuctionBidAt(auction, k)->id);
			return CLEX_OK;
		}
	return auction->has_lots ? TornLot(auction, awards, count, text, size) : CLEX_OK;
}

AuctionReason
AuctionWhy(const Auction *auction, uint32_t invoice, int64_t item_amount, int64_t need,
		   const int64_t *room, const int64_t *given)
{
	const AuctionInvoice *v = AuctionInvoiceAt(auction, invoice);
	const AuctionMarket *m = &auction->markets[v->key[SCOPE_TOTAL]];
	AuctionReason why = {REASON_NO_BID, -1, -1, 0};

	/* bids come cheapest first: what holds back the first that would do is the reason */
	for (int32_t j = 0; j < m->count; j++)
	{
		int32_t k = auction->market_bids[m->first + j];
		const AuctionBid *b = AuctionBidAt(auction, (uint32_t) k);
		AuctionReason here = {REASON_OUTBID, k, -1, 0};

		if (item_amount < b->min_ticket || item_amount > b->max_ticket)
			here.code = REASON_TICKET;
		else if (b->rate > v->reserve)
			here = (AuctionReason){REASON_RESERVE, k, -1, b->rate - v->reserve};
		else
		{
			int64_t least = need;

			for (int s = -1; s < SCOPES; s++)
			{
				int64_t row =
					s < 0 ? k : AuctionCapRow(auction, s, s == 0 ? 0 : v->key[s], b->financier);

				if (row >= 0 && auction->limit[row] < AUCTION_NONE && room[row] < least)
				{
					least = room[row];
					here = (AuctionReason){REASON_CAP, k, row, need - least};
				}
			}
			if (here.code == REASON_OUTBID && given[k] == 0 && b->min_award > 0)
				here = (AuctionReason){REASON_MINIMUM, k, -1, b->min_award};
		}
		if (here.code > why.code)
			why = here;
		if (why.code >= REASON_CAP)
			return why;
	}
	return why;
}

ClexStatus
AuctionSettleRates(Auction *auction, const AuctionAward *awards, uint32_t count, int32_t **rates)
{
	int32_t *highest =
		ArenaAllocZero(auction->arena, ((size_t) auction->market_count + 1) * sizeof(int32_t));

	*rates = ArenaAllocArray(auction->arena, (size_t) count + 1, sizeof(int32_t));
	if (highest == NULL || *rates == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t w = 0; w < count; w++)
	{
		int32_t market = AuctionInvoiceAt(auction, awards[w].invoice)->key[SCOPE_TOTAL];

		(*rates)[w] = AuctionBidAt(auction, awards[w].bid)->rate;
		if ((*rates)[w] > highest[market])
			highest[market] = (*rates)[w];
	}
	for (uint32_t w = 0; w < count && auction->options->uniform; w++)
	{
		const AuctionInvoice *v = AuctionInvoiceAt(auction, awards[w].invoice);

		/* the last accepted rate of the market, but nobody pays more than the reserve */
		(*rates)[w] = highest[v->key[SCOPE_TOTAL]];
		if ((*rates)[w] > v->reserve)
			(*rates)[w] = v->reserve;
	}
	return CLEX_OK;
}
