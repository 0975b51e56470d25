/*
 * auction.h
 *		Clearing of a financing auction: invoices, bids and caps in; awards, prices, proof out.
 *
 * Everything is an integer.  An amount a of an invoice of tenor d under a bid of rate r costs a*d*r
 * (minor units x days x ppm, "raw units"); what stays unfunded costs a times its outside price.
 * Names become ranks in byte order and bids are kept in tie-break order (rate, sequence, id), so the
 * order of the input cannot matter: after AuctionPrepare an index is a rank.
 *
 * Rows are the things that can be full.  Row k < bid_count is the ceiling of bid k; the cap of
 * financier f on slot s is row bid_count + s * financier_count + f.  Slot 0 is the total, the others
 * are the keys of the scopes that have caps at all.
 */
#ifndef CLEX_AUCTION_AUCTION_H
#define CLEX_AUCTION_AUCTION_H

#include "core/base/arena.h"

typedef __int128 Int128;

#define AUCTION_NONE INT64_MAX			  /* no limit */
#define AUCTION_ANY (-1)				  /* any buyer; every key */
#define AUCTION_MAX_RATE 10000000		  /* ppm: 1000 % a year */
#define AUCTION_MAX_TENOR 36500			  /* days */
#define AUCTION_MAX_TOTAL (INT64_MAX / 8) /* minor units of all invoices together */
#define AUCTION_VOLUME_PRICE 100000000	  /* raw units per unfunded minor unit in volume mode */
#define AUCTION_PRICE_SCALE 1000		  /* prices are thousandths of ppm x day */

typedef enum AuctionName
{
	NAME_FINANCIER,
	NAME_BUYER,
	NAME_SUPPLIER,
	NAME_SECTOR,
	NAME_COUNTRY,
	NAME_LOT,
	NAME_KINDS
} AuctionName;

/* Scopes of caps; those after the total are named like the attribute they look at. */
typedef enum AuctionScope
{
	SCOPE_TOTAL,
	SCOPE_BUYER,
	SCOPE_SUPPLIER,
	SCOPE_SECTOR,
	SCOPE_COUNTRY,
	SCOPES
} AuctionScope;

typedef struct AuctionInvoice
{
	int64_t id;
	int64_t amount;
	int32_t tenor;
	int32_t reserve;
	int32_t key[SCOPES]; /* [SCOPE_TOTAL] is the market once prepared */
	int32_t lot;		 /* -1 = none */
	uint32_t row;		 /* 1-based row of the query, for messages */
} AuctionInvoice;

typedef struct AuctionBid
{
	int64_t id;
	int64_t sequence;
	int64_t min_ticket;
	int64_t max_ticket;
	int64_t max_amount;
	int64_t min_award;
	int64_t largest; /* invoice that it could take at all, once prepared */
	int32_t financier;
	int32_t buyer; /* AUCTION_ANY */
	int32_t tenor_min;
	int32_t tenor_max;
	int32_t rate;
	uint32_t row;
} AuctionBid;

typedef struct AuctionCap
{
	int64_t limit;
	int32_t financier;
	int32_t scope;
	int32_t key; /* AUCTION_ANY = each key by itself */
	uint32_t row;
} AuctionCap;

/* Interned names of one kind: numbered as they come, in byte order once prepared. */
typedef struct AuctionNames
{
	Vector spans; /* Span */
	uint32_t *table;
	uint32_t table_size;
} AuctionNames;

/* The bids that a buyer's invoices of a span of tenors may take, in tie-break order. */
typedef struct AuctionMarket
{
	int32_t buyer;
	int32_t tenor_from;
	int32_t first; /* into market_bids */
	int32_t count;
	int64_t *steps; /* amounts at which the set of bids by ticket changes */
	int32_t step_count;
} AuctionMarket;

typedef struct AuctionOptions
{
	bool volume;			/* fund as much as possible first */
	bool divisible;			/* an invoice may be split */
	bool lots;				/* a lot is one item (whole invoices only) */
	bool pro_rata;			/* share the margin between equal rates */
	bool uniform;			/* one price per buyer and tenor bucket */
	int64_t node_budget;	/* branch and bound nodes; 0 = default */
	int64_t work_budget;	/* effort of prices and local search in percent; 0 = 100 */
	int64_t time_budget_ms; /* 0 = none: deterministic */
} AuctionOptions;

typedef struct Auction
{
	Arena *arena;
	const AuctionOptions *options;
	Vector invoices; /* AuctionInvoice */
	Vector bids;	 /* AuctionBid */
	Vector caps;	 /* AuctionCap */
	AuctionNames names[NAME_KINDS];
	int64_t deadline;  /* of the monotonic clock in ns, 0 = none */
	const char *phase; /* what is being done, for progress messages */
	double reached;	   /* objective of the best award so far, 0 = none yet */
	double proved;	   /* no award costs less, as far as is known; 0 = nothing */
	bool prepared;
	bool crossing;	  /* caps that do not nest */
	bool has_minimum; /* some bid has a minimum award */
	bool has_lots;
	uint32_t invoice_count;
	uint32_t bid_count;
	uint32_t financier_count;
	uint32_t slot_count;
	int32_t slot_base[SCOPES]; /* -1: no cap of that scope */
	uint32_t row_count;
	int64_t *limit;	   /* by row; AUCTION_NONE */
	uint8_t *insisted; /* by bid: its minimum is to be met; NULL = no such bid */
	AuctionMarket *markets;
	uint32_t market_count;
	int32_t *market_bids;
	int32_t *buyer_market; /* first market of a buyer, buyers + 1 entries */
	int64_t volume_price;
	int64_t total; /* of all invoices */
} Auction;

typedef struct AuctionAward
{
	uint32_t invoice;
	uint32_t bid;
	int64_t amount;
} AuctionAward;

typedef struct AuctionResult
{
	AuctionAward *awards; /* by invoice, then bid */
	uint32_t award_count;
	int64_t *price; /* by row, in 1/AUCTION_PRICE_SCALE raw units per minor unit */
	Int128 *objective;
	Int128 *bound; /* times AUCTION_PRICE_SCALE, rounded up to a whole raw unit */
	int64_t funded;
	int64_t nodes;	/* of branch and bound */
	int64_t rounds; /* pivots of the simplex */
	bool proved;	/* the whole tree was searched */
} AuctionResult;

/* instance.c, prepare.c */
extern void AuctionInit(Auction *auction, Arena *arena, const AuctionOptions *options);
extern int32_t AuctionIntern(Auction *auction, AuctionName kind, Span name);
extern Span AuctionNameOf(const Auction *auction, AuctionName kind, int32_t index);
extern ClexStatus AuctionAddInvoice(Auction *auction, const AuctionInvoice *in, ClexError *error);
extern ClexStatus AuctionAddBid(Auction *auction, const AuctionBid *in, ClexError *error);
extern ClexStatus AuctionAddCap(Auction *auction, const AuctionCap *in, ClexError *error);
extern ClexStatus AuctionPrepare(Auction *auction, ClexError *error);
extern size_t AuctionMemory(const Auction *auction);
extern const char *AuctionScopeName(int scope);

static inline const AuctionInvoice *
AuctionInvoiceAt(const Auction *a, uint32_t i)
{
	return &VectorAt(&a->invoices, AuctionInvoice, i);
}

static inline const AuctionBid *
AuctionBidAt(const Auction *a, uint32_t k)
{
	return &VectorAt(&a->bids, AuctionBid, k);
}

/* The row of a financier's cap of one scope for one key, or -1 when the scope has no caps. */
static inline int64_t
AuctionCapRow(const Auction *a, int scope, int32_t key, int32_t financier)
{
	if (a->slot_base[scope] < 0)
		return -1;
	return (int64_t) a->bid_count +
		   (int64_t) (a->slot_base[scope] + (scope == SCOPE_TOTAL ? 0 : key)) * a->financier_count +
		   financier;
}

/* What a minor unit of an invoice costs while nobody funds it. */
static inline int64_t
AuctionOutside(const Auction *a, const AuctionInvoice *v)
{
	return a->options->volume ? a->volume_price : (int64_t) v->tenor * v->reserve;
}

/* May bid k fund an item of this total whose invoice is v?  Buyer and tenor are the market's. */
static inline bool
AuctionEligible(const AuctionBid *b, const AuctionInvoice *v, int64_t item_amount)
{
	return b->rate <= v->reserve && b->min_ticket <= item_amount && item_amount <= b->max_ticket;
}

/* Stable order of items by a non-negative key: `order` is permuted, `scratch` has the same size. */
extern ClexStatus AuctionRadixSort(Auction *auction, uint32_t *order, uint32_t count,
								   const uint64_t *keys);

/* settle.c: what follows from awards. */
typedef enum AuctionReasonCode
{
	REASON_NO_BID,
	REASON_TICKET,
	REASON_RESERVE,
	REASON_CAP,
	REASON_MINIMUM,
	REASON_OUTBID
} AuctionReasonCode;

typedef struct AuctionReason
{
	AuctionReasonCode code;
	int32_t bid; /* the bid that came nearest, or -1 */
	int64_t row; /* the full row, or -1 */
	int64_t by;	 /* ppm or minor units missing */
} AuctionReason;

/* Which cap a row is: scope, key (-1 for a total) and financier. */
extern void AuctionRowCap(const Auction *auction, uint32_t row, int *scope, int32_t *key,
						  int32_t *financier);
/* A row in words: "the ceiling of bid 7", "the cap of F1 on sector food". */
extern void AuctionRowText(const Auction *auction, uint32_t row, char *text, size_t size);
extern const char *AuctionReasonName(AuctionReasonCode code);
/* What every row has left after the awards (negative: overdrawn), and what every bid was given. */
extern ClexStatus AuctionRooms(Auction *auction, const AuctionAward *awards, uint32_t count,
							   int64_t **room, int64_t **given);
/* The first rule that awards (by invoice, then bid) break, in words; "" when there is none. */
extern ClexStatus AuctionViolation(Auction *auction, const AuctionAward *awards, uint32_t count,
								   char *text, size_t size);
/*
 * Why some of an invoice stays unfunded; item_amount is its lot's amount, or its own, and need what
 * a bid would have had to take.
 */
extern AuctionReason AuctionWhy(const Auction *auction, uint32_t invoice, int64_t item_amount,
								int64_t need, const int64_t *room, const int64_t *given);
/* The amount of each invoice's lot; of the invoice itself where it has none. */
extern ClexStatus AuctionItemAmounts(Auction *auction, int64_t **amounts);
/* The rate each award is settled at: its bid's, or the uniform one of its market. */
extern ClexStatus AuctionSettleRates(Auction *auction, const AuctionAward *awards, uint32_t count,
									 int32_t **rates);
extern Int128 AuctionObjective(const Auction *auction, const AuctionAward *awards, uint32_t count,
							   int64_t *funded);
/* The bound that prices prove. */
extern ClexStatus AuctionProve(Auction *auction, const int64_t *price, Int128 *bound,
							   ClexError *error);

/* clear.c */
extern ClexStatus AuctionClear(Auction *auction, AuctionResult *result, ClexError *error);

#endif
