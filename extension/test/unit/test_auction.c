/*
 * test_auction.c
 *		The clearing core without a server: exactness against brute force, order, overflow, limits.
 */
#include "core/auction/auction.h"
#include "core/auction/flow.h"
#include "core/auction/lp.h"
#include "tap.h"

#include <math.h>

static uint64_t seed = 42;

static uint32_t
Below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t) (seed >> 33) % n;
}

static int32_t
Name(Auction *a, AuctionName kind, const char *name)
{
	return AuctionIntern(a, kind, SpanFromCString(name));
}

/* A random auction of a few invoices and bids; `reversed` feeds the rows backwards. */
static void
Fill(Auction *a, uint64_t s, int invoices, int bids, bool reversed, bool crossing)
{
	const char *const who[] = {"F1", "F2", "F3"};
	AuctionInvoice v[8];
	AuctionBid b[8];
	ClexError error;

	seed = s;
	for (int i = 0; i < invoices; i++)
		v[i] = (AuctionInvoice){.id = i + 1,
								.amount = 1 + Below(9),
								.tenor = (int32_t) (1 + Below(5)),
								.reserve = (int32_t) (10 + Below(90)),
								.key = {0, 0, (int32_t) Below(2), 0, 0},
								.lot = -1,
								.row = (uint32_t) i + 1};
	for (int k = 0; k < bids; k++)
		b[k] = (AuctionBid){.id = k + 1,
							.financier = (int32_t) Below(3),
							.tenor_min = (int32_t) Below(3),
							.tenor_max = (int32_t) (3 + Below(3)),
							.rate = (int32_t) (5 + Below(60)),
							.max_ticket = 100,
							.max_amount = 3 + Below(15),
							.row = (uint32_t) k + 1};
	for (int i = 0; i < invoices; i++)
	{
		AuctionInvoice in = v[reversed ? invoices - 1 - i : i];

		in.key[SCOPE_SUPPLIER] = Name(a, NAME_SUPPLIER, in.key[SCOPE_SUPPLIER] ? "S1" : "S2");
		in.key[SCOPE_BUYER] = Name(a, NAME_BUYER, "B");
		in.key[SCOPE_SECTOR] = Name(a, NAME_SECTOR, "");
		in.key[SCOPE_COUNTRY] = Name(a, NAME_COUNTRY, "");
		Ok(AuctionAddInvoice(a, &in, &error) == CLEX_OK, "invoice taken");
	}
	for (int k = 0; k < bids; k++)
	{
		AuctionBid in = b[reversed ? bids - 1 - k : k];

		in.financier = Name(a, NAME_FINANCIER, who[in.financier]);
		in.buyer = Name(a, NAME_BUYER, "B");
		AuctionAddBid(a, &in, &error);
	}
	for (int f = 0; f < 3; f++)
	{
		AuctionCap cap = {.limit = 8 + f,
						  .financier = Name(a, NAME_FINANCIER, who[f]),
						  .key = AUCTION_ANY,
						  .scope = SCOPE_TOTAL,
						  .row = (uint32_t) f + 1};

		AuctionAddCap(a, &cap, &error);
		cap.scope = SCOPE_SUPPLIER;
		cap.limit = 5;
		if (crossing)
			AuctionAddCap(a, &cap, &error);
	}
}

/* The cheapest whole award by trying all. */
static int64_t
BruteForce(const Auction *a, uint32_t i, int64_t *room)
{
	const AuctionInvoice *v;
	int64_t best;

	if (i == a->invoice_count)
	{
		for (uint32_t k = 0; k < a->bid_count; k++)
			if (AuctionBidAt(a, k)->max_amount > room[k] &&
				AuctionBidAt(a, k)->max_amount - room[k] < AuctionBidAt(a, k)->min_award)
				return INT64_MAX / 4;
		return 0;
	}
	v = AuctionInvoiceAt(a, i);
	best = v->amount * AuctionOutside(a, v) + BruteForce(a, i + 1, room);
	for (uint32_t k = 0; k < a->bid_count; k++)
	{
		const AuctionBid *b = AuctionBidAt(a, k);
		int64_t rows[3] = {k, AuctionCapRow(a, SCOPE_TOTAL, 0, b->financier),
						   AuctionCapRow(a, SCOPE_SUPPLIER, v->key[SCOPE_SUPPLIER], b->financier)};
		bool fits = AuctionEligible(b, v, v->amount) && v->tenor >= b->tenor_min &&
					v->tenor <= b->tenor_max;
		int64_t cost;

		for (int r = 0; r < 3 && fits; r++)
			fits = rows[r] < 0 || room[rows[r]] >= v->amount;
		if (!fits)
			continue;
		for (int r = 0; r < 3; r++)
			if (rows[r] >= 0)
				room[rows[r]] -= v->amount;
		cost = v->amount * v->tenor * b->rate + BruteForce(a, i + 1, room);
		for (int r = 0; r < 3; r++)
			if (rows[r] >= 0)
				room[rows[r]] += v->amount;
		if (cost < best)
			best = cost;
	}
	return best;
}

/* The cheapest split award by trying all: minor units left of invoice i, from bid k on. */
static int64_t
BruteSplit(const Auction *a, uint32_t i, uint32_t k, int64_t left, int64_t *room, int64_t *given)
{
	const AuctionInvoice *v = i < a->invoice_count ? AuctionInvoiceAt(a, i) : NULL;
	int64_t best = INT64_MAX / 4, rows[3], x = 0;
	const AuctionBid *b;

	if (v == NULL)
	{
		for (uint32_t j = 0; j < a->bid_count; j++)
			if (given[j] > 0 && given[j] < AuctionBidAt(a, j)->min_award)
				return best;
		return 0;
	}
	if (k == a->bid_count)
		return left * AuctionOutside(a, v) +
			   BruteSplit(a, i + 1, 0,
						  i + 1 < a->invoice_count ? AuctionInvoiceAt(a, i + 1)->amount : 0, room,
						  given);
	b = AuctionBidAt(a, k);
	rows[0] = k;
	rows[1] = AuctionCapRow(a, SCOPE_TOTAL, 0, b->financier);
	rows[2] = AuctionCapRow(a, SCOPE_SUPPLIER, v->key[SCOPE_SUPPLIER], b->financier);
	for (;; x++)
	{
		int64_t cost = x * v->tenor * b->rate + BruteSplit(a, i, k + 1, left - x, room, given);
		bool fits = AuctionEligible(b, v, v->amount) && v->tenor >= b->tenor_min &&
					v->tenor <= b->tenor_max && x < left;

		best = cost < best ? cost : best;
		for (int r = 0; r < 3; r++)
			fits = fits && (rows[r] < 0 || room[rows[r]] > 0);
		if (!fits)
			break;
		for (int r = 0; r < 3; r++)
			if (rows[r] >= 0)
				room[rows[r]]--;
		given[k]++;
	}
	for (int r = 0; r < 3; r++)
		if (rows[r] >= 0)
			room[rows[r]] += x;
	given[k] -= x;
	return best;
}

/* Split awards with minimums: all kept, and under nested caps the optimum. */
static void
TestMinimums(uint64_t s, bool crossing)
{
	AuctionOptions options = {.divisible = true};
	Arena arena;
	Auction a;
	AuctionResult result;
	ClexError error = {0};
	char violation[200];
	int64_t given[8] = {0}, best;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	AuctionInit(&a, &arena, &options);
	Fill(&a, s, 3, 4, false, crossing);
	for (uint32_t k = 0; k < a.bids.count; k++)
	{
		AuctionBid *b = &VectorAt(&a.bids, AuctionBid, k);

		b->min_award = Below(2) ? 1 + Below((uint32_t) b->max_amount) : 0;
	}
	Ok(AuctionPrepare(&a, &error) == CLEX_OK, "prepared");
	Ok(AuctionClear(&a, &result, &error) == CLEX_OK, "cleared %s", error.message);
	AuctionViolation(&a, result.awards, result.award_count, violation, sizeof(violation));
	Is(violation, "", "minimums are kept");
	best = BruteSplit(&a, 0, 0, AuctionInvoiceAt(&a, 0)->amount, a.limit, given);
	Ok(*result.bound <= best, "the bound holds");
	Ok(crossing ? *result.objective >= best : *result.objective == best,
	   "optimum with minimums of seed %d: %lld, best %lld", (int) s, (long long) *result.objective,
	   (long long) best);
	ArenaFree(&arena);
}

/* Whole awards equal brute force; divisible ones are proved and never dearer. */
static void
TestRandom(uint64_t s, bool crossing)
{
	AuctionOptions whole = {.lots = true}, divisible = {.divisible = true};
	Int128 objective[3];
	ClexError error = {0};

	for (int run = 0; run < 3; run++)
	{
		Arena arena;
		Auction auction;
		AuctionResult result;
		char violation[200];

		ArenaInit(&arena, &ClexPlainEnv, 0);
		AuctionInit(&auction, &arena, run == 1 ? &divisible : &whole);
		Fill(&auction, s, 6, 6, run == 2, crossing);
		Ok(AuctionPrepare(&auction, &error) == CLEX_OK, "prepared");
		Ok(AuctionClear(&auction, &result, &error) == CLEX_OK, "cleared %s", error.message);
		AuctionViolation(&auction, result.awards, result.award_count, violation, sizeof(violation));
		Is(violation, "", "no rule is broken");
		objective[run] = *result.objective;
		if (run == 0)
			Ok(*result.objective == BruteForce(&auction, 0, auction.limit), "optimum of seed %d",
			   (int) s);
		if (run == 1)
			Ok(*result.bound <= *result.objective &&
				   (crossing || *result.bound == *result.objective),
			   "proved");
		ArenaFree(&arena);
	}
	Ok(objective[1] <= objective[0], "splitting never costs");
	Ok(objective[0] == objective[2], "order of input does not matter");
}

/* Whole awards with minimums, in both modes, equal brute force and are proved. */
static void
TestWholeMinimums(uint64_t s, bool volume)
{
	AuctionOptions options = {.volume = volume};
	Arena arena;
	Auction a;
	AuctionResult result;
	ClexError error = {0};
	char violation[200];

	ArenaInit(&arena, &ClexPlainEnv, 0);
	AuctionInit(&a, &arena, &options);
	Fill(&a, s, 6, 6, false, s % 2 == 0);
	for (uint32_t k = 0; k < a.bids.count; k++)
	{
		AuctionBid *b = &VectorAt(&a.bids, AuctionBid, k);

		b->min_award = Below(3) ? 1 + Below((uint32_t) b->max_amount) : 0;
	}
	Ok(AuctionPrepare(&a, &error) == CLEX_OK, "prepared");
	Ok(AuctionClear(&a, &result, &error) == CLEX_OK, "cleared %s", error.message);
	AuctionViolation(&a, result.awards, result.award_count, violation, sizeof(violation));
	Is(violation, "", "minimums of whole awards are kept");
	Ok(result.proved && *result.objective == BruteForce(&a, 0, a.limit),
	   "whole optimum with minimums of seed %d", (int) s);
	ArenaFree(&arena);
}

/* Whole invoices among bids of one rate: none could move to a bid that ranks before its own. */
static void
TestTies(uint64_t s)
{
	AuctionOptions options = {0};
	Arena arena;
	Auction a;
	AuctionResult r;
	ClexError error = {0};
	int64_t *room, *given;
	int movable = 0;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	AuctionInit(&a, &arena, &options);
	Fill(&a, s, 8, 8, false, s % 2 == 0);
	for (uint32_t k = 0; k < a.bids.count; k++)
		VectorAt(&a.bids, AuctionBid, k).rate = 10;
	Ok(AuctionPrepare(&a, &error) == CLEX_OK && AuctionClear(&a, &r, &error) == CLEX_OK &&
		   AuctionRooms(&a, r.awards, r.award_count, &room, &given) == CLEX_OK,
	   "cleared");
	for (uint32_t w = 0; w < r.award_count; w++)
	{
		const AuctionInvoice *v = AuctionInvoiceAt(&a, r.awards[w].invoice);
		int32_t f = AuctionBidAt(&a, r.awards[w].bid)->financier;

		for (uint32_t k = 0; k < r.awards[w].bid; k++)
		{
			const AuctionBid *b = AuctionBidAt(&a, k);
			int64_t total = AuctionCapRow(&a, SCOPE_TOTAL, 0, b->financier);
			int64_t key = AuctionCapRow(&a, SCOPE_SUPPLIER, v->key[SCOPE_SUPPLIER], b->financier);
			int64_t back = b->financier == f ? v->amount : 0;

			movable += v->tenor >= b->tenor_min && v->tenor <= b->tenor_max &&
					   AuctionEligible(b, v, v->amount) && room[k] >= v->amount &&
					   room[total] + back >= v->amount &&
					   (key < 0 || room[key] + back >= v->amount);
		}
	}
	Ok(movable == 0, "ties of seed %d are settled (%d could move)", (int) s, movable);
	ArenaFree(&arena);
}

/* Thirty invoices for four bids that can take a third: the tree ends only if what cannot fit is seen. */
static void
TestPacking(uint64_t s)
{
	AuctionOptions options = {.node_budget = 20000};
	Arena arena;
	Auction a;
	AuctionResult result;
	ClexError error = {0};

	ArenaInit(&arena, &ClexPlainEnv, 0);
	AuctionInit(&a, &arena, &options);
	seed = s;
	for (int i = 0; i < 30; i++)
	{
		AuctionInvoice v = {.id = i + 1,
							.amount = 100 + Below(900),
							.tenor = (int32_t) (10 + Below(80)),
							.reserve = (int32_t) (60 + Below(40)),
							.lot = -1};

		v.key[SCOPE_BUYER] = Name(&a, NAME_BUYER, "B");
		for (int k = SCOPE_SUPPLIER; k < SCOPES; k++)
			v.key[k] = Name(&a, NAME_SUPPLIER + k - SCOPE_SUPPLIER, "");
		AuctionAddInvoice(&a, &v, &error);
	}
	for (int k = 0; k < 4; k++)
		AuctionAddBid(&a,
					  &(AuctionBid){.id = k + 1,
									.financier = Name(&a, NAME_FINANCIER, "F"),
									.buyer = AUCTION_ANY,
									.tenor_max = 90,
									.rate = (int32_t) (20 + 10 * k),
									.max_ticket = 10000,
									.max_amount = 1100 + Below(400)},
					  &error);
	Ok(AuctionPrepare(&a, &error) == CLEX_OK && AuctionClear(&a, &result, &error) == CLEX_OK &&
		   result.proved,
	   "packing %d is solved within its nodes", (int) s);
	ArenaFree(&arena);
}

static void
TestRefusals(void)
{
	AuctionOptions options = {0};
	Arena arena;
	Auction a;
	ClexError error = {0};
	AuctionInvoice v = {
		.id = 1, .amount = INT64_MAX / 8, .tenor = 1, .reserve = 1, .lot = -1, .row = 1};

	ArenaInit(&arena, &ClexPlainEnv, 0);
	AuctionInit(&a, &arena, &options);
	Ok(AuctionAddInvoice(&a, &v, &error) == CLEX_OK, "the largest total");
	v.amount = 1;
	v.row = 2;
	Ok(AuctionAddInvoice(&a, &v, &error) == CLEX_OUT_OF_RANGE, "one more overflows");
	Is(error.message, "amounts overflow at row 2 of the invoices query, column amount_minor",
	   "says where");
	v.tenor = 0;
	Ok(AuctionAddInvoice(&a, &v, &error) == CLEX_INVALID, "no tenor");
	ArenaFree(&arena);

	ArenaInit(&arena, &ClexPlainEnv, (size_t) 1 << 20);
	AuctionInit(&a, &arena, &options);
	Fill(&a, 1, 6, 6, false, false);
	Ok(AuctionPrepare(&a, &error) == CLEX_OK, "a small auction is read within a small limit");
	{
		AuctionResult result;

		Ok(AuctionClear(&a, &result, &error) == CLEX_LIMIT, "but not cleared: checked before");
	}
	ArenaFree(&arena);
}

/* Two sources over a shared bid: the dearer way past is taken by the one that loses less. */
static void
TestFlow(void)
{
	Arena arena;
	Flow f;
	ClexError error;
	/* nodes: 0, 1 sources, 2 bid, 3 sink; arcs: to the bid, past it, bid to sink */
	const int32_t from[] = {0, 1, 0, 1, 2}, to[] = {2, 2, 3, 3, 3};
	const int64_t cost[] = {1, 1, 10, 5, 0},
				  room[] = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, 7};

	ArenaInit(&arena, &ClexPlainEnv, 0);
	FlowInit(&f, &arena, 3, 2, 3, 5);
	for (int a = 0; a < 5; a++)
	{
		f.from[a] = from[a];
		f.to[a] = to[a];
		f.cost[a] = cost[a];
		f.capacity[a] = room[a];
	}
	f.supply[0] = f.supply[1] = 5;
	f.node[0].arc = 2;
	f.node[1].arc = 3;
	f.node[2].arc = 4;
	Ok(FlowStart(&f, &error) == CLEX_OK && FlowSolve(&f, &error) == CLEX_OK, "solved");
	Ok(f.flow[0] == 5 && f.flow[1] == 2 && f.flow[3] == 3,
	   "the cheap bid goes where it saves most");
	Ok(FlowReducedCost(&f, 4) == -4, "a unit of its ceiling is worth 4");
	ArenaFree(&arena);
}

static void
TestLp(void)
{
	Arena arena;
	Lp lp;

	/* maximise 3x + 2y, x + y <= 4, x + 3y <= 6, x <= 3 */
	ArenaInit(&arena, &ClexPlainEnv, 0);
	LpInit(&lp, &arena, 3, 2, 5);
	memcpy(lp.row, (int32_t[]){0, 1, 2, 0, 1}, 5 * sizeof(int32_t));
	memcpy(lp.coefficient, (double[]){1, 1, 1, 1, 3}, 5 * sizeof(double));
	memcpy(lp.start, (int32_t[]){0, 3, 5}, 3 * sizeof(int32_t));
	memcpy(lp.cost, (double[]){-3, -2}, 2 * sizeof(double));
	memcpy(lp.rhs, (double[]){4, 6, 3}, 3 * sizeof(double));
	for (int r = 0; r < 3; r++)
		lp.over[r] = 100;
	Ok(LpStart(&lp, NULL, 0) == CLEX_OK && LpSolve(&lp, 1000) == CLEX_OK, "solved");
	Ok(fabs(LpObjective(&lp) + 11) < 1e-6, "optimum 11");
	Ok(fabs(LpValue(&lp, 0) - 3) < 1e-6 && fabs(LpValue(&lp, 1) - 1) < 1e-6, "at (3, 1)");
	lp.cost[0] = 0;
	Ok(LpSolve(&lp, 1000) == CLEX_OK && fabs(LpObjective(&lp) + 4) < 1e-6,
	   "and goes on from there");
	ArenaFree(&arena);
}

/*
 * Programmes at whose start every pivot is degenerate, found among twenty million random ones: the
 * quick rules go round in a circle on each of them.
 */
static void
TestCycles(void)
{
	static const uint32_t seeds[] = {1043747, 2512137, 2589340,	 4074871,
									 7665343, 9984777, 10387189, 11730299};

	for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++)
	{
		Arena arena;
		Lp lp;
		int rows, columns, at = 0;

		seed = seeds[s] * 7919u + 1;
		rows = (int) Below(4) + 2;
		columns = (int) Below(6) + 3;
		ArenaInit(&arena, &ClexPlainEnv, 0);
		LpInit(&lp, &arena, rows + 1, columns, (int64_t) columns * (rows + 1));
		for (int j = 0; j < columns; j++)
		{
			lp.start[j] = at;
			lp.cost[j] = (double) Below(41) - 26;
			for (int r = 0; r <= rows; r++)
			{
				int x = r < rows ? (int) Below(19) - 9 : 1;

				if (x == 0)
					continue;
				lp.row[at] = r;
				lp.coefficient[at++] = x;
			}
		}
		lp.start[columns] = at;
		for (int r = 0; r <= rows; r++)
			lp.over[r] = 1e6;
		lp.rhs[rows] = 1000000;
		Ok(LpStart(&lp, NULL, 0) == CLEX_OK && LpSolve(&lp, LpPatience(&lp)) == CLEX_OK,
		   "degenerate programme %u does not go round in a circle", seeds[s]);
		ArenaFree(&arena);
	}
}

/* A lot over many suppliers, each with a cap: more rows than one invoice could use. */
static void
TestWideLot(void)
{
	AuctionOptions options = {.lots = true};
	Arena arena;
	Auction a;
	AuctionResult r;
	ClexError error;
	char name[] = "S00";

	ArenaInit(&arena, &ClexPlainEnv, 0);
	AuctionInit(&a, &arena, &options);
	for (int i = 0; i < 20; i++)
	{
		AuctionInvoice v = {.id = i + 1, .amount = 10, .tenor = 30, .reserve = 90, .row = 1};

		name[1] = (char) ('0' + i / 10);
		name[2] = (char) ('0' + i % 10);
		v.lot = Name(&a, NAME_LOT, "L");
		v.key[SCOPE_BUYER] = Name(&a, NAME_BUYER, "B");
		for (int s = SCOPE_SUPPLIER; s < SCOPES; s++)
			v.key[s] = Name(&a, NAME_SUPPLIER + s - SCOPE_SUPPLIER, name);
		AuctionAddInvoice(&a, &v, &error);
	}
	AuctionAddBid(&a,
				  &(AuctionBid){.id = 1,
								.financier = Name(&a, NAME_FINANCIER, "F"),
								.buyer = AUCTION_ANY,
								.tenor_max = 60,
								.rate = 50,
								.max_ticket = 1000,
								.max_amount = 1000},
				  &error);
	for (int s = SCOPE_SUPPLIER; s < SCOPES; s++)
		AuctionAddCap(&a,
					  &(AuctionCap){.limit = 10,
									.financier = Name(&a, NAME_FINANCIER, "F"),
									.scope = s,
									.key = AUCTION_ANY},
					  &error);
	Ok(AuctionPrepare(&a, &error) == CLEX_OK && AuctionClear(&a, &r, &error) == CLEX_OK &&
		   r.award_count == 20,
	   "a lot over twenty suppliers is funded whole");
	ArenaFree(&arena);
}

static double last_reached;

/* An interrupt probe as a server's: it looks at how far the auction has come. */
static bool
LookAtProgress(void *context)
{
	const Auction *a = context;

	if (a->reached > 0 && a->proved > 0 && a->reached < HUGE_VAL)
	{
		last_reached = a->reached;
		if (a->proved > a->reached)
			last_reached = -1;
	}
	return false;
}

/* While whole invoices are cleared the probe sees an objective and a bound below it. */
static void
TestProgress(void)
{
	AuctionOptions options = {.lots = true};
	Auction a;
	ClexEnv env = ClexPlainEnv;
	Arena arena;
	AuctionResult r;
	ClexError error;

	env.interrupted = LookAtProgress;
	env.context = &a;
	ArenaInit(&arena, &env, 0);
	AuctionInit(&a, &arena, &options);
	Fill(&a, 5, 8, 6, false, false);
	Ok(AuctionPrepare(&a, &error) == CLEX_OK && AuctionClear(&a, &r, &error) == CLEX_OK &&
		   last_reached >= (double) *r.objective,
	   "a probe sees an objective that is no better than the last and a bound below it");
	ArenaFree(&arena);
}

int
main(void)
{
	TestWideLot();
	TestFlow();
	TestLp();
	TestCycles();
	TestProgress();
	TestRefusals();
	for (uint64_t s = 1; s <= 40; s++)
	{
		TestRandom(s, s % 2 == 0);
		TestMinimums(s, s % 3 == 0);
		TestWholeMinimums(s, s % 4 < 2);
		TestTies(s);
	}
	/* the search alone leaves invoices of these with a later bid */
	TestTies(95);
	TestTies(101);
	TestTies(131);
	for (uint64_t s = 1; s <= 4; s++)
		TestPacking(s);
	return Done();
}
