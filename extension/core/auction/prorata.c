/*
 * prorata.c
 *		Equal offers share what they were given together by their ceilings.
 *
 * Bids of one rate, buyer, tenor range and ticket range are the same offer: the cost of an award does
 * not say which of them gets it.  Instead of the earlier sequence all get their share, rounded by
 * largest remainder, as far as the financiers' caps allow.  Bids with a minimum award keep theirs.
 */
#include "core/auction/solve.h"

/* What one bid gave away or still wants. */
typedef struct Share
{
	int32_t first;	/* the first bid of the same offer */
	int64_t excess; /* given - share */
} Share;

static bool
SameOffer(const AuctionBid *a, const AuctionBid *b)
{
	return a->rate == b->rate && a->buyer == b->buyer && a->tenor_min == b->tenor_min &&
		   a->tenor_max == b->tenor_max && a->min_ticket == b->min_ticket &&
		   a->max_ticket == b->max_ticket && a->min_award <= 1 && b->min_award <= 1;
}

/* Split the sum given to bids first.. by their ceilings: floors, then one unit by remainder. */
static void
Apportion(const Auction *auction, Share *shares, int32_t first, const int64_t *given)
{
	Int128 ceilings = 0, total = 0;
	int64_t left;

	for (uint32_t k = (uint32_t) first; k < auction->bid_count; k++)
		if (shares[k].first == first)
		{
			ceilings += auction->limit[k];
			total += given[k];
		}
	if (ceilings == 0)
		return;
	left = (int64_t) total;
	for (uint32_t k = (uint32_t) first; k < auction->bid_count; k++)
		if (shares[k].first == first)
		{
			int64_t share = (int64_t) (total * auction->limit[k] / ceilings);

			shares[k].excess = given[k] - share;
			left -= share;
		}
	while (left-- > 0)
	{
		Int128 largest = -1;
		uint32_t best = 0;

		for (uint32_t k = (uint32_t) first; k < auction->bid_count; k++)
			if (shares[k].first == first)
			{
				Int128 share = given[k] - shares[k].excess;
				Int128 remainder = total * auction->limit[k] - share * ceilings;

				if (remainder > largest)
				{
					largest = remainder;
					best = k;
				}
			}
		shares[best].excess--;
	}
}

/* How much of an invoice's award may move to another bid of the same offer. */
static int64_t
Movable(const Auction *auction, const AuctionAward *award, uint32_t to, int64_t want,
		const int64_t *room)
{
	const AuctionInvoice *v = AuctionInvoiceAt(auction, award->invoice);
	int32_t f = AuctionBidAt(auction, to)->financier;

	if (want > room[to])
		want = room[to];
	for (int s = 0; s < SCOPES && f != AuctionBidAt(auction, award->bid)->financier; s++)
	{
		int64_t row = AuctionCapRow(auction, s, s == 0 ? 0 : v->key[s], f);

		if (row >= 0 && room[row] < want)
			want = room[row];
	}
	return want > 0 ? want : 0;
}

static void
MoveRoom(const Auction *auction, const AuctionAward *award, uint32_t to, int64_t amount,
		 int64_t *room)
{
	const AuctionInvoice *v = AuctionInvoiceAt(auction, award->invoice);

	room[award->bid] += amount;
	room[to] -= amount;
	for (int s = 0; s < SCOPES; s++)
	{
		int32_t key = s == 0 ? 0 : v->key[s];
		int64_t old = AuctionCapRow(auction, s, key, AuctionBidAt(auction, award->bid)->financier);
		int64_t new = AuctionCapRow(auction, s, key, AuctionBidAt(auction, to)->financier);

		if (old >= 0)
			room[old] += amount;
		if (new >= 0)
			room[new] -= amount;
	}
}

/* Offers with company, and what each bid of them has too much. */
static ClexStatus
FindShares(Auction *auction, const int64_t *given, Share **out)
{
	Share *shares =
		ArenaAllocZero(auction->arena, ((size_t) auction->bid_count + 1) * sizeof(Share));

	*out = shares;
	if (shares == NULL)
		return CLEX_NO_MEMORY;
	for (uint32_t k = 0; k < auction->bid_count; k++)
		shares[k].first = -1;
	for (uint32_t k = 0; k < auction->bid_count; k++)
	{
		const AuctionBid *b = AuctionBidAt(auction, k);
		bool company = false;

		if (shares[k].first >= 0)
			continue;
		for (uint32_t j = k + 1;
			 j < auction->bid_count && AuctionBidAt(auction, j)->rate == b->rate; j++)
			if (shares[j].first < 0 && SameOffer(b, AuctionBidAt(auction, j)))
			{
				shares[j].first = (int32_t) k;
				company = true;
			}
		if (!company)
			continue;
		shares[k].first = (int32_t) k;
		Apportion(auction, shares, (int32_t) k, given);
	}
	return CLEX_OK;
}

ClexStatus
ProRata(Auction *auction, AuctionResult *result)
{
	int64_t *room, *given;
	Share *shares;
	Vector awards;
	ClexStatus status = AuctionRooms(auction, result->awards, result->award_count, &room, &given);

	if (status == CLEX_OK)
		status = FindShares(auction, given, &shares);
	VectorInit(&awards, auction->arena, sizeof(AuctionAward));
	for (uint32_t w = 0; w < result->award_count && status == CLEX_OK; w++)
	{
		AuctionAward award = result->awards[w], *slot;
		int32_t first = shares[award.bid].first;

		for (uint32_t k = first < 0 ? auction->bid_count : (uint32_t) first;
			 k < auction->bid_count && shares[award.bid].excess > 0 && award.amount > 0; k++)
		{
			int64_t amount = award.amount;

			if (shares[k].first != first || shares[k].excess >= 0)
				continue;
			if (amount > shares[award.bid].excess)
				amount = shares[award.bid].excess;
			if (amount > -shares[k].excess)
				amount = -shares[k].excess;
			amount = Movable(auction, &award, k, amount, room);
			if (amount == 0)
				continue;
			MoveRoom(auction, &award, k, amount, room);
			shares[award.bid].excess -= amount;
			shares[k].excess += amount;
			award.amount -= amount;
			slot = VectorPush(&awards);
			if (slot == NULL)
				return CLEX_NO_MEMORY;
			*slot = (AuctionAward){award.invoice, k, amount};
		}
		if (award.amount == 0)
			continue;
		slot = VectorPush(&awards);
		if (slot == NULL)
			return CLEX_NO_MEMORY;
		*slot = award;
	}
	return status == CLEX_OK ? FinishAwards(auction, &awards, result) : status;
}
