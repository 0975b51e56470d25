/*
 * test_auction_small.c
 *		Small auctions of every kind against the rules themselves, and those that once went wrong.
 */
#include "small_auction.h"
#include "tap.h"

/* So many auctions, each from the bytes of its number. */
static void
TestMany(uint32_t from, uint32_t to)
{
	for (uint32_t n = from; n < to; n++)
	{
		uint8_t bytes[3];
		const char *broken;

		/* mode and wholeness in turn; the rest is what follows from these bytes */
		bytes[0] = (uint8_t) (n & 31);
		bytes[1] = (uint8_t) (n >> 5);
		bytes[2] = (uint8_t) ((n >> 13) << 2);
		broken = SmallAuctionBroken(bytes, sizeof(bytes));
		Ok(broken == NULL, "auction %u: %s", n, broken != NULL ? broken : "sound");
	}
}

/* What a run of random bytes found. */
static void
TestFound(void)
{
	/* a bid meets its minimum only with an invoice on which it saves nothing */
	static const uint8_t no_saving[] = {0xc8, 0x68, 0x00, 0x68, 0x00, 0x68};
	const char *broken = SmallAuctionBroken(no_saving, sizeof(no_saving));

	Ok(broken == NULL, "a minimum met without saving: %s", broken != NULL ? broken : "sound");
}

/* A cap or, under crossing caps, a ceiling of zero lets nothing through, and the prices have to say so. */
static void
TestShut(bool crossing)
{
	AuctionOptions options = {.divisible = true, .volume = true};
	AuctionInvoice v = {.id = 1, .amount = 33, .tenor = 30, .reserve = 50000, .lot = -1};
	AuctionBid shut = {.id = 1, .buyer = AUCTION_ANY, .tenor_max = 90, .max_ticket = 100},
			   open = {.id = 2, .buyer = AUCTION_ANY, .tenor_max = 90, .max_ticket = 100};
	AuctionCap cap = {.scope = crossing ? SCOPE_SECTOR : SCOPE_TOTAL,
					  .key = AUCTION_ANY,
					  .limit = crossing ? 1000 : 0};
	Arena arena;
	Auction a;
	AuctionResult r;
	ClexError error = {0};
	int64_t row;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	AuctionInit(&a, &arena, &options);
	for (int s = SCOPE_BUYER; s < SCOPES; s++)
		v.key[s] = AuctionIntern(&a, NAME_BUYER + s - SCOPE_BUYER, SpanFromCString("x"));
	shut.financier = cap.financier = AuctionIntern(&a, NAME_FINANCIER, SpanFromCString("shut"));
	open.financier = AuctionIntern(&a, NAME_FINANCIER, SpanFromCString("open"));
	shut.rate = 20000;
	shut.max_amount = crossing ? 0 : 100;
	open.rate = 40000;
	open.max_amount = 100;
	AuctionAddInvoice(&a, &v, &error);
	AuctionAddBid(&a, &shut, &error);
	AuctionAddBid(&a, &open, &error);
	AuctionAddCap(&a, &cap, &error);
	Ok(AuctionPrepare(&a, &error) == CLEX_OK && AuctionClear(&a, &r, &error) == CLEX_OK,
	   "cleared %s", error.message);
	row = crossing ? 0 : AuctionCapRow(&a, SCOPE_TOTAL, 0, AuctionBidAt(&a, 0)->financier);
	Ok(r.price[row] == (int64_t) 30 * (40000 - 20000) * AUCTION_PRICE_SCALE,
	   "what is shut is worth what the other bid costs more (%lld)", (long long) r.price[row]);
	Ok(*r.bound == *r.objective && *r.objective == (Int128) 33 * 30 * 40000,
	   "and the bound is the objective");
	ArenaFree(&arena);
}

int
main(void)
{
	TestShut(false);
	TestShut(true);
	TestFound();
	TestMany(0, 600);
	return Done();
}
