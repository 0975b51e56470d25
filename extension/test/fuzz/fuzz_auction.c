/*
 * Any bytes as a small auction: its award keeps the rules, costs what it says and is the cheapest where it is
 * said to be, its prices prove no more than is true, and the order of the rows does not matter.
 */
#include "fuzz.h"
#include "small_auction.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *broken = SmallAuctionBroken(data, size);

	Must(broken == NULL, broken);
	return 0;
}
