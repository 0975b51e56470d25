/*
 * test_auction_net.c
 *		Auctions large enough for coarse networks: the bound is the objective, whatever the shape.
 */
#include "core/auction/auction.h"
#include "tap.h"

typedef struct Shape
{
	const char *name;
	int invoices;
	int buyers;
	int bids; /* of a buyer */
	int tenors;
	int reserves; /* how far reserves reach above the lowest rate, in steps */
	bool volume;
	bool tickets;
	bool total; /* caps on totals beside those on buyers */
	bool minimums;
	int supplier_cap; /* of every supplier, 0 = none */
	int64_t
		most_pivots; /* on the last network; without a coarser one it takes several times as many */
} Shape;

static const Shape shapes[] = {
	{"plain", 8000, 5, 60, 170, 40, false, false, true, false, 0, 1000},
	{"no totals", 8000, 5, 60, 170, 40, false, false, false, false, 0, 1000},
	{"low reserves", 8000, 5, 80, 170, 9, false, false, true, false, 0, 6000},
	{"tickets", 6000, 4, 60, 170, 40, false, true, true, false, 0, 4000},
	{"volume", 6000, 3, 50, 170, 40, true, false, true, false, 0, 4000},
	{"long tenors", 3000, 1, 40, 3000, 40, false, false, true, false, 0, 1000},
	{"minimums", 2000, 2, 60, 170, 40, false, false, true, true, 0, 0},
	{"crossing caps", 1000, 2, 40, 60, 40, false, false, true, false, 500000, 0},
};

static uint64_t seed;

static uint32_t
Below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t) (seed >> 33) % n;
}

static int32_t
Name(Auction *a, AuctionName kind, char letter, int number)
{
	char name[16];

	snprintf(name, sizeof(name), "%c%d", letter, number);
	return AuctionIntern(a, kind, SpanFromCString(name));
}

static void
FillBids(Auction *a, const Shape *shape, int64_t each)
{
	ClexError error;

	for (int k = 0; k < shape->bids * shape->buyers; k++)
	{
		int32_t low = (int32_t) Below((uint32_t) shape->tenors / 2);
		AuctionBid b = {.id = k + 1,
						.financier = Name(a, NAME_FINANCIER, 'F', k % 12),
						.buyer = Name(a, NAME_BUYER, 'B', k / shape->bids),
						.tenor_min = k % 3 ? 0 : low,
						.tenor_max = shape->tenors,
						.rate = (int32_t) (20000 + 500 * Below(30)),
						.min_ticket = shape->tickets && k % 5 == 0 ? 400000 : 0,
						.max_ticket = shape->tickets && k % 7 == 0 ? 2000000 : INT64_MAX,
						.max_amount = each / 2 + Below((uint32_t) each),
						.row = (uint32_t) k + 1};

		if (shape->minimums && k % 9 == 0)
			b.min_award = b.max_amount / 2;
		AuctionAddBid(a, &b, &error);
	}
	for (int f = 0; f < 12; f++)
	{
		AuctionCap cap = {.financier = Name(a, NAME_FINANCIER, 'F', f),
						  .scope = SCOPE_BUYER,
						  .key = AUCTION_ANY,
						  .limit = each * shape->bids / 20};

		AuctionAddCap(a, &cap, &error);
		cap.scope = SCOPE_TOTAL;
		cap.limit = each * shape->bids * shape->buyers / 30;
		if (shape->total)
			AuctionAddCap(a, &cap, &error);
		cap.scope = SCOPE_SUPPLIER;
		cap.limit = shape->supplier_cap;
		if (shape->supplier_cap > 0)
			AuctionAddCap(a, &cap, &error);
	}
}

static void
TestShape(const Shape *shape, Arena *arena)
{
	AuctionOptions options = {.divisible = true, .volume = shape->volume};
	Auction a;
	AuctionResult r;
	ClexError error;
	char broken[200];
	int64_t total = 0;

	seed = 11;
	AuctionInit(&a, arena, &options);
	for (int i = 0; i < shape->invoices; i++)
	{
		AuctionInvoice v = {.id = i + 1,
							.amount = 1 + Below(3000000),
							.tenor = (int32_t) (1 + Below((uint32_t) shape->tenors)),
							.reserve = (int32_t) (20000 + 500 * Below((uint32_t) shape->reserves)),
							.lot = -1,
							.row = (uint32_t) i + 1};

		v.key[SCOPE_BUYER] = Name(&a, NAME_BUYER, 'B', (int) Below((uint32_t) shape->buyers));
		v.key[SCOPE_SUPPLIER] = Name(&a, NAME_SUPPLIER, 'S', (int) Below(300));
		v.key[SCOPE_SECTOR] = v.key[SCOPE_COUNTRY] = 0;
		total += v.amount;
		AuctionAddInvoice(&a, &v, &error);
	}
	AuctionIntern(&a, NAME_SECTOR, SpanFromCString(""));
	AuctionIntern(&a, NAME_COUNTRY, SpanFromCString(""));
	FillBids(&a, shape, total / (shape->bids * shape->buyers));
	Ok(AuctionPrepare(&a, &error) == CLEX_OK && AuctionClear(&a, &r, &error) == CLEX_OK,
	   "%s: cleared", shape->name);
	Ok(AuctionViolation(&a, r.awards, r.award_count, broken, sizeof(broken)) == CLEX_OK &&
		   broken[0] == '\0',
	   "%s: no rule is broken: %s", shape->name, broken);
	if (shape->most_pivots > 0)
	{
		Ok(*r.objective == *r.bound, "%s: optimal", shape->name);
		Ok(r.rounds < shape->most_pivots, "%s: started near it, %lld pivots", shape->name,
		   (long long) r.rounds);
	}
	else
		Ok(*r.bound <= *r.objective, "%s: the bound is below the objective", shape->name);
}

int
main(void)
{
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++)
	{
		Arena arena;

		ArenaInit(&arena, &ClexPlainEnv, 0);
		TestShape(&shapes[s], &arena);
		ArenaFree(&arena);
	}
	return Done();
}
