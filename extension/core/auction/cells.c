/*
 * cells.c
 *		Invoices that an optimum cannot tell apart, put together.
 *
 * With divisible invoices and nested caps an auction of a million invoices is a flow problem of a
 * few thousand cells, exactly: what matters of an invoice is its market, tenor, ticket and reserve.
 * Stable radix passes, least significant key first, leave the invoices of a cell by id.
 */
#include "core/auction/cells.h"

/* Which part of its market's ticket range an amount falls into. */
static int32_t
TicketStep(const AuctionMarket *market, int64_t amount)
{
	int32_t low = 0, high = market->step_count;

	while (low < high)
	{
		int32_t middle = (low + high) / 2;

		if (market->steps[middle] <= amount)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* One stable pass over a key of the invoices. */
static ClexStatus
PassByKey(Auction *auction, uint32_t *order, uint64_t *keys, int scope)
{
	if (auction->slot_base[scope] < 0)
		return CLEX_OK;
	for (uint32_t i = 0; i < auction->invoice_count; i++)
		keys[i] = (uint64_t) AuctionInvoiceAt(auction, i)->key[scope];
	return AuctionRadixSort(auction, order, auction->invoice_count, keys);
}

static bool
SameCell(const Auction *auction, const Cell *cell, const AuctionInvoice *v, uint32_t step,
		 bool keys)
{
	if (cell->market != v->key[SCOPE_TOTAL] || cell->tenor != v->tenor ||
		(uint32_t) cell->step != step || cell->reserve != v->reserve)
		return false;
	for (int s = SCOPE_SUPPLIER; keys && s < SCOPES; s++)
		if (auction->slot_base[s] >= 0 && cell->key[s] != v->key[s])
			return false;
	return true;
}

ClexStatus
CellsBuild(Auction *auction, bool by_keys, Cells *out, ClexError *error)
{
	uint32_t n = auction->invoice_count;
	uint64_t *keys = ArenaAllocArray(auction->arena, (size_t) n + 1, sizeof(uint64_t));
	uint32_t *steps = ArenaAllocArray(auction->arena, (size_t) n + 1, sizeof(uint32_t));
	uint32_t *order = ArenaAllocArray(auction->arena, (size_t) n + 1, sizeof(uint32_t));
	ClexStatus status = keys && steps && order ? CLEX_OK : CLEX_NO_MEMORY;
	Vector cells;

	VectorInit(&cells, auction->arena, sizeof(Cell));
	for (uint32_t i = 0; i < n && status == CLEX_OK; i++)
	{
		const AuctionInvoice *v = AuctionInvoiceAt(auction, i);

		order[i] = i;
		steps[i] = (uint32_t) TicketStep(&auction->markets[v->key[SCOPE_TOTAL]], v->amount);
		keys[i] = (uint64_t) v->reserve;
	}
	if (status == CLEX_OK)
		status = AuctionRadixSort(auction, order, n, keys);
	for (int s = SCOPES - 1; by_keys && s >= SCOPE_SUPPLIER && status == CLEX_OK; s--)
		status = PassByKey(auction, order, keys, s);
	for (uint32_t i = 0; i < n && status == CLEX_OK; i++)
	{
		const AuctionInvoice *v = AuctionInvoiceAt(auction, i);

		keys[i] = (uint64_t) v->key[SCOPE_TOTAL] << 40 | (uint64_t) v->tenor << 24 | steps[i];
	}
	if (status == CLEX_OK)
		status = AuctionRadixSort(auction, order, n, keys);
	for (uint32_t i = 0; i < n && status == CLEX_OK; i++)
	{
		const AuctionInvoice *v = AuctionInvoiceAt(auction, order[i]);
		Cell *cell = cells.count > 0 ? &VectorAt(&cells, Cell, cells.count - 1) : NULL;

		if (cell == NULL || !SameCell(auction, cell, v, steps[order[i]], by_keys))
		{
			cell = VectorPush(&cells);
			if (cell == NULL)
			{
				status = CLEX_NO_MEMORY;
				break;
			}
			*cell = (Cell){.market = v->key[SCOPE_TOTAL],
						   .tenor = v->tenor,
						   .step = (int32_t) steps[order[i]],
						   .reserve = v->reserve,
						   .first = i};
			memcpy(cell->key, v->key, sizeof(cell->key));
		}
		cell->amount += v->amount;
		cell->count++;
	}
	if (status != CLEX_OK)
		return ClexFail(error, status, "out of memory while grouping invoices");
	out->cells = (Cell *) (void *) cells.data;
	out->count = cells.count;
	out->order = order;
	return CLEX_OK;
}
