/*
 * small_auction.h
 *		Any bytes as an auction of up to six invoices and four bids, cleared and judged by its rules alone.
 *
 * The rules stand here a second time, over the rows as they were given: what the core makes of them is
 * not asked.  Whole awards are compared with all there are; of split ones the proof has to close.
 */
#ifndef CLEX_TEST_SMALL_AUCTION_H
#define CLEX_TEST_SMALL_AUCTION_H

#include "core/auction/auction.h"

#define SMALL_INVOICES 6
#define SMALL_BIDS 4
#define SMALL_CAPS 8
#define SMALL_NAMES 3

typedef struct SmallAuction
{
	const uint8_t *data;
	size_t size;
	uint64_t random; /* from all bytes: what comes when they are used up */
	AuctionOptions options;
	int64_t unit; /* of amounts */
	int32_t rate; /* unit of rates and tenors */
	int32_t tenor;
	size_t memory; /* limit, 0 = none */
	int invoice_count;
	int bid_count;
	int cap_count;
	AuctionInvoice invoices[SMALL_INVOICES];
	AuctionBid bids[SMALL_BIDS];
	AuctionCap caps[SMALL_CAPS];
} SmallAuction;

/* What each bid takes of each invoice, by place in the rows. */
typedef int64_t SmallAward[SMALL_INVOICES][SMALL_BIDS];

/* The next byte; beyond the last random ones, so that few bytes make a full auction too. */
static inline int
NextByte(SmallAuction *s)
{
	if (s->size == 0)
	{
		s->random = s->random * 6364136223846793005u + 1442695040888963407u;
		return (int) (s->random >> 56);
	}
	s->size--;
	return *s->data++;
}

/* An amount of 0 to 63 units and a little; 255 is the largest there is. */
static inline int64_t
NextLimit(SmallAuction *s)
{
	int byte = NextByte(s);

	return byte == 255 ? INT64_MAX : (byte & 63) * s->unit + (byte >> 6);
}

/* A smallest amount: none as often as not. */
static inline int64_t
NextMinimum(SmallAuction *s)
{
	int byte = NextByte(s);

	return byte == 255 ? INT64_MAX : (byte & 128 ? (byte & 31) * s->unit + (byte >> 5 & 3) : 0);
}

static inline void
ReadOptions(SmallAuction *s)
{
	static const int64_t units[] = {1, 100, 1000003, 1000000000000};
	static const int32_t rates[] = {1, 100, 2503, 39062}, tenors[] = {1, 7, 30, 1140};
	int flags = NextByte(s), scale = NextByte(s), effort = NextByte(s);

	s->options = (AuctionOptions){.volume = flags & 1,
								  .divisible = flags & 2,
								  .lots = flags & 4,
								  .pro_rata = (flags & 10) == 10,
								  .uniform = flags & 16};
	s->unit = units[scale & 3];
	s->rate = rates[scale >> 2 & 3];
	s->tenor = tenors[scale >> 4 & 3];
	/* few nodes, and little work beside them */
	if (effort & 1)
	{
		s->options.node_budget = 1 + (effort >> 4);
		s->options.work_budget = 1;
	}
	s->memory = effort & 2 ? (size_t) (1 + (effort >> 2)) << 16 : 0;
}

static inline void
ReadRows(SmallAuction *s)
{
	int counts = NextByte(s);

	s->invoice_count = counts % (SMALL_INVOICES + 1);
	s->bid_count = counts / (SMALL_INVOICES + 1) % (SMALL_BIDS + 1);
	s->cap_count = NextByte(s) % (SMALL_CAPS + 1);
	for (int i = 0; i < s->invoice_count; i++)
	{
		int amount = NextByte(s), days = NextByte(s), reserve = NextByte(s), keys = NextByte(s);

		s->invoices[i] = (AuctionInvoice){.id = i + 1,
										  .amount = 1 + (amount & 31) * s->unit + (amount >> 5),
										  .tenor = (1 + (days & 31)) * s->tenor,
										  .reserve = reserve * s->rate,
										  .key = {0, keys & 1, (keys >> 1) % SMALL_NAMES,
												  (keys >> 4) & 1, (keys >> 5) & 1},
										  .lot = (days >> 5) % 3 - 1,
										  .row = (uint32_t) i + 1};
	}
	for (int k = 0; k < s->bid_count; k++)
	{
		int who = NextByte(s), days = NextByte(s), rate = NextByte(s);
		AuctionBid *b = &s->bids[k];

		*b = (AuctionBid){.id = k + 1,
						  .sequence = who >> 6,
						  .financier = who % SMALL_NAMES,
						  .buyer = (who >> 3) % 3 - 1,
						  .tenor_min = (days & 7) * s->tenor,
						  .rate = (rate & 127) * s->rate,
						  .row = (uint32_t) k + 1};
		b->tenor_max = b->tenor_min + (1 + (days >> 2)) * s->tenor;
		b->max_amount = NextLimit(s);
		b->min_ticket = NextMinimum(s);
		b->max_ticket = NextLimit(s);
		b->min_award = NextMinimum(s);
		if (b->max_ticket < b->min_ticket)
			b->max_ticket = INT64_MAX;
	}
}

/* Caps, each of them once. */
static inline void
ReadCaps(SmallAuction *s)
{
	int count = s->cap_count;

	s->cap_count = 0;
	for (int c = 0; c < count; c++)
	{
		int what = NextByte(s), key = NextByte(s);
		bool twice = false;
		AuctionCap cap = {.financier = what % SMALL_NAMES,
						  .scope = (what >> 2) % SCOPES,
						  .key = key % (SMALL_NAMES + 1) - 1,
						  .row = (uint32_t) c + 1};

		if (cap.scope == SCOPE_TOTAL)
			cap.key = AUCTION_ANY;
		cap.limit = NextLimit(s);
		for (int d = 0; d < s->cap_count; d++)
			twice = twice || (s->caps[d].financier == cap.financier &&
							  s->caps[d].scope == cap.scope && s->caps[d].key == cap.key);
		if (!twice)
			s->caps[s->cap_count++] = cap;
	}
}

static inline void
ReadSmallAuction(SmallAuction *s, const uint8_t *data, size_t size)
{
	memset(s, 0, sizeof(*s));
	s->data = data;
	s->size = size;
	for (size_t i = 0; i < size; i++)
		s->random = (s->random ^ data[i]) * 1099511628211u;
	ReadOptions(s);
	ReadRows(s);
	ReadCaps(s);
}

static inline int32_t
SmallName(Auction *a, AuctionName kind, int32_t number)
{
	static const char *const names[SMALL_NAMES] = {"A", "B", "C"};

	return number < 0 ? number : AuctionIntern(a, kind, SpanFromCString(names[number]));
}

/* The rows into the core, backwards if asked. */
static inline ClexStatus
FeedSmallAuction(const SmallAuction *s, Auction *a, bool backwards, ClexError *error)
{
	ClexStatus status = CLEX_OK;

	for (int i = 0; i < s->invoice_count && status == CLEX_OK; i++)
	{
		AuctionInvoice v = s->invoices[backwards ? s->invoice_count - 1 - i : i];

		for (int scope = SCOPE_BUYER; scope < SCOPES; scope++)
			v.key[scope] = SmallName(a, NAME_BUYER + scope - SCOPE_BUYER, v.key[scope]);
		v.lot = SmallName(a, NAME_LOT, v.lot);
		status = AuctionAddInvoice(a, &v, error);
	}
	for (int k = 0; k < s->bid_count && status == CLEX_OK; k++)
	{
		AuctionBid b = s->bids[backwards ? s->bid_count - 1 - k : k];

		b.financier = SmallName(a, NAME_FINANCIER, b.financier);
		b.buyer = SmallName(a, NAME_BUYER, b.buyer);
		status = AuctionAddBid(a, &b, error);
	}
	for (int c = 0; c < s->cap_count && status == CLEX_OK; c++)
	{
		AuctionCap cap = s->caps[backwards ? s->cap_count - 1 - c : c];

		cap.financier = SmallName(a, NAME_FINANCIER, cap.financier);
		if (cap.scope != SCOPE_TOTAL)
			cap.key = SmallName(a, NAME_BUYER + cap.scope - SCOPE_BUYER, cap.key);
		status = AuctionAddCap(a, &cap, error);
	}
	return status;
}

/* Do two invoices go to one bid together, if at all? */
static inline bool
SameItem(const SmallAuction *s, int i, int j)
{
	return i == j || (s->options.lots && !s->options.divisible && s->invoices[i].lot >= 0 &&
					  s->invoices[i].lot == s->invoices[j].lot);
}

static inline bool
MayTake(const SmallAuction *s, int k, int i)
{
	const AuctionBid *b = &s->bids[k];
	const AuctionInvoice *v = &s->invoices[i];
	int64_t ticket = 0;

	for (int j = 0; j < s->invoice_count; j++)
		if (SameItem(s, i, j))
			ticket += s->invoices[j].amount;
	return (b->buyer < 0 || b->buyer == v->key[SCOPE_BUYER]) && b->tenor_min <= v->tenor &&
		   v->tenor <= b->tenor_max && b->rate <= v->reserve && b->min_ticket <= ticket &&
		   ticket <= b->max_ticket;
}

/* Does a financier's cap hold for one of its keys? */
static inline bool
CapHolds(const SmallAuction *s, const AuctionCap *cap, int key, SmallAward take)
{
	int64_t used = 0;

	for (int i = 0; i < s->invoice_count; i++)
		for (int k = 0; k < s->bid_count; k++)
			if (s->bids[k].financier == cap->financier &&
				(cap->scope == SCOPE_TOTAL || s->invoices[i].key[cap->scope] == key))
				used += take[i][k];
	return used <= cap->limit;
}

/* Which limit an award exceeds; NULL if none. */
static inline const char *
LimitBroken(const SmallAuction *s, SmallAward take)
{
	for (int c = 0; c < s->cap_count; c++)
		for (int key = 0; key < SMALL_NAMES; key++)
			if ((s->caps[c].key < 0 || s->caps[c].key == key) &&
				!CapHolds(s, &s->caps[c], key, take))
				return "a cap is exceeded";
	for (int k = 0; k < s->bid_count; k++)
	{
		int64_t used = 0;

		for (int i = 0; i < s->invoice_count; i++)
			used += take[i][k];
		if (used > s->bids[k].max_amount)
			return "a ceiling is exceeded";
	}
	return NULL;
}

static inline bool
MinimumsMet(const SmallAuction *s, SmallAward take)
{
	for (int k = 0; k < s->bid_count; k++)
	{
		int64_t used = 0;

		for (int i = 0; i < s->invoice_count; i++)
			used += take[i][k];
		if (used > 0 && used < s->bids[k].min_award)
			return false;
	}
	return true;
}

/* What else an award breaks: who may take what, wholeness, lots, minimums. */
static inline const char *
RuleBroken(const SmallAuction *s, SmallAward take)
{
	for (int i = 0; i < s->invoice_count; i++)
	{
		int64_t funded = 0;

		for (int k = 0; k < s->bid_count; k++)
		{
			if (take[i][k] < 0 || (take[i][k] > 0 && !MayTake(s, k, i)))
				return "a bid takes what it may not";
			funded += take[i][k];
			if (!s->options.divisible && take[i][k] > 0 && take[i][k] < s->invoices[i].amount)
				return "an invoice is split";
			for (int j = 0; j < i; j++)
				if (SameItem(s, i, j) && (take[i][k] > 0) != (take[j][k] > 0))
					return "a lot is torn";
		}
		if (funded > s->invoices[i].amount)
			return "an invoice is awarded more than its amount";
	}
	return MinimumsMet(s, take) ? LimitBroken(s, take) : "a minimum is missed";
}

/* What a minor unit of an invoice costs while nobody funds it. */
static inline int64_t
SmallOutside(const SmallAuction *s, int i)
{
	int64_t dearest = 0, price = 100000000;

	for (int j = 0; j < s->invoice_count; j++)
		if ((int64_t) s->invoices[j].tenor * s->invoices[j].reserve > dearest)
			dearest = (int64_t) s->invoices[j].tenor * s->invoices[j].reserve;
	while (price <= dearest)
		price *= 10;
	return s->options.volume ? price : (int64_t) s->invoices[i].tenor * s->invoices[i].reserve;
}

static inline Int128
SmallObjective(const SmallAuction *s, SmallAward take)
{
	Int128 total = 0;

	for (int i = 0; i < s->invoice_count; i++)
	{
		int64_t left = s->invoices[i].amount;

		for (int k = 0; k < s->bid_count; k++)
		{
			total += (Int128) take[i][k] * s->invoices[i].tenor * s->bids[k].rate;
			left -= take[i][k];
		}
		total += (Int128) left * SmallOutside(s, i);
	}
	return total;
}

/* The cheapest whole award from invoice i on, by trying all; *best is that of those tried so far. */
static inline void
TryWhole(const SmallAuction *s, int i, SmallAward take, Int128 *best)
{
	if (LimitBroken(s, take) != NULL)
		return;
	/* what came before decides about the rest of a lot */
	for (int j = 0; j < i && i < s->invoice_count; j++)
		if (SameItem(s, i, j))
		{
			TryWhole(s, i + 1, take, best);
			return;
		}
	if (i == s->invoice_count)
	{
		Int128 cost = MinimumsMet(s, take) ? SmallObjective(s, take) : *best;

		*best = cost < *best ? cost : *best;
		return;
	}
	TryWhole(s, i + 1, take, best);
	for (int k = 0; k < s->bid_count; k++)
	{
		bool may = true;

		for (int j = i; j < s->invoice_count; j++)
			may = may && (!SameItem(s, i, j) || MayTake(s, k, j));
		if (!may)
			continue;
		for (int j = i; j < s->invoice_count; j++)
			take[j][k] = SameItem(s, i, j) ? s->invoices[j].amount : take[j][k];
		TryWhole(s, i + 1, take, best);
		for (int j = i; j < s->invoice_count; j++)
			take[j][k] = SameItem(s, i, j) ? 0 : take[j][k];
	}
}

/* The awards of a result by place in the rows; false if one stands there twice or is empty. */
static inline bool
SmallTake(const Auction *a, const AuctionResult *r, SmallAward take)
{
	memset(take, 0, sizeof(SmallAward));
	for (uint32_t w = 0; w < r->award_count; w++)
	{
		int64_t *place = &take[AuctionInvoiceAt(a, r->awards[w].invoice)->id - 1]
							  [AuctionBidAt(a, r->awards[w].bid)->id - 1];

		if (*place != 0 || r->awards[w].amount <= 0)
			return false;
		*place = r->awards[w].amount;
	}
	return true;
}

/* Judge what a clearing says of itself: award, objective, bound; the rates that it settles at. */
static inline const char *
JudgeResult(const SmallAuction *s, Auction *a, const AuctionResult *r, SmallAward take)
{
	SmallAward tried = {0};
	Int128 best = SmallObjective(s, tried), proof;
	int32_t *rates;
	char violation[200];
	const char *broken = SmallTake(a, r, take) ? RuleBroken(s, take) : "an award is no award";
	ClexError error = {0};

	if (broken != NULL)
		return broken;
	if (AuctionViolation(a, r->awards, r->award_count, violation, sizeof(violation)) != CLEX_OK ||
		violation[0] != '\0')
		return "an award that keeps the rules is refused";
	if (*r->objective != SmallObjective(s, take))
		return "the objective is not that of the award";
	if (*r->bound > *r->objective)
		return "the bound is above the objective";
	if (AuctionProve(a, r->price, &proof, &error) != CLEX_OK || proof > *r->bound ||
		(proof < *r->bound && !r->proved))
		return "the prices do not prove the bound";
	if (s->options.divisible && !a->crossing && !a->has_minimum && proof != *r->objective)
		return "the flow leaves a gap";
	if (!s->options.divisible)
	{
		TryWhole(s, 0, tried, &best);
		if (proof > best)
			return "the prices prove too much";
		if (*r->objective < best)
			return "an award is cheaper than the cheapest";
		if (r->proved && *r->objective - best > best / 100000000000)
			return "an award that is proved is not the cheapest";
	}
	if (AuctionSettleRates(a, r->awards, r->award_count, &rates) != CLEX_OK)
		return "the rates are missing";
	for (uint32_t w = 0; w < r->award_count; w++)
		if (rates[w] < AuctionBidAt(a, r->awards[w].bid)->rate ||
			rates[w] > AuctionInvoiceAt(a, r->awards[w].invoice)->reserve)
			return "a rate is outside bid and reserve";
	return NULL;
}

/* Clear once and judge; *take is the award, *proved whether the tree was finished. */
static inline const char *
ClearSmallAuction(const SmallAuction *s, bool backwards, SmallAward take, bool *refused)
{
	ClexError error = {0};
	AuctionResult result;
	const char *broken = NULL;
	ClexStatus status;
	Auction auction;
	Arena arena;

	ArenaInit(&arena, &ClexPlainEnv, s->memory);
	AuctionInit(&auction, &arena, &s->options);
	status = FeedSmallAuction(s, &auction, backwards, &error);
	if (status == CLEX_OK)
		status = AuctionPrepare(&auction, &error);
	if (status == CLEX_OK)
		status = AuctionClear(&auction, &result, &error);
	*refused = status != CLEX_OK;
	if (status == CLEX_OK)
	{
		arena.limit = 0;
		broken = JudgeResult(s, &auction, &result, take);
	}
	else if (error.message[0] == '\0')
		broken = "a refusal does not say why";
	else if (s->memory == 0)
		broken = "an auction is refused";
	ArenaFree(&arena);
	return broken;
}

/* What is wrong with the clearing of an auction made of these bytes; NULL if nothing is. */
static inline const char *
SmallAuctionBroken(const uint8_t *data, size_t size)
{
	SmallAuction s;
	SmallAward take, again;
	bool refused;
	const char *broken;

	ReadSmallAuction(&s, data, size);
	broken = ClearSmallAuction(&s, false, take, &refused);
	if (broken != NULL || refused)
		return broken;
	broken = ClearSmallAuction(&s, true, again, &refused);
	if (broken != NULL || refused)
		return broken;
	return memcmp(take, again, sizeof(take)) == 0 ? NULL : "the order of the rows matters";
}

#endif
