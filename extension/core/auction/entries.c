/*
 * entries.c
 *		What is to be funded, with the bids that may fund it: the common view of all solvers.
 *
 * For whole invoices the impossible is dropped here: a bid that would break a limit on its path by
 * taking this item alone.  No later step can prove more than this list allows, and on tight caps
 * the filter lifts the bound more than any price does.
 */
#include "core/auction/solve.h"

/* Room for entries; options and slots grow as they are found. */
typedef struct Builder
{
	Auction *auction;
	Entries *out;
	Vector options;
	Vector slots;
	bool any_buyer;
} Builder;

static ClexStatus
BuilderInit(Builder *builder, Auction *auction, Entries *out, uint32_t count)
{
	memset(out, 0, sizeof(*out));
	*builder = (Builder){.auction = auction, .out = out};
	VectorInit(&builder->options, auction->arena, sizeof(int32_t));
	VectorInit(&builder->slots, auction->arena, sizeof(EntrySlot));
	out->entries = ArenaAllocArray(auction->arena, (size_t) count + 1, sizeof(Entry));
	out->own_buyer = true;
	for (uint32_t k = 0; k < auction->bid_count; k++)
		if (AuctionBidAt(auction, k)->buyer < 0 && auction->slot_base[SCOPE_BUYER] >= 0)
			out->own_buyer = false;
	return out->entries != NULL ? CLEX_OK : CLEX_NO_MEMORY;
}

/* Count an amount on the slots of an invoice's or a cell's keys. */
static ClexStatus
AddSlots(Builder *builder, Entry *e, const int32_t *key, int64_t amount)
{
	const Auction *auction = builder->auction;

	for (int s = builder->out->own_buyer ? SCOPE_SUPPLIER : SCOPE_BUYER; s < SCOPES; s++)
	{
		EntrySlot *slot = NULL;

		if (auction->slot_base[s] < 0)
			continue;
		for (uint32_t j = e->first_slot; j < builder->slots.count && slot == NULL; j++)
			if (VectorAt(&builder->slots, EntrySlot, j).slot == auction->slot_base[s] + key[s])
				slot = &VectorAt(&builder->slots, EntrySlot, j);
		if (slot == NULL)
		{
			slot = VectorPush(&builder->slots);
			if (slot == NULL)
				return CLEX_NO_MEMORY;
			*slot = (EntrySlot){.slot = auction->slot_base[s] + key[s]};
		}
		slot->amount += amount;
	}
	e->slot_count = builder->slots.count - e->first_slot;
	return CLEX_OK;
}

static Entry *
NextEntry(Builder *builder)
{
	Entry *e = &builder->out->entries[builder->out->count++];

	memset(e, 0, sizeof(*e));
	e->first_slot = builder->slots.count;
	e->first_option = builder->options.count;
	return e;
}

static ClexStatus
Finish(Builder *builder)
{
	uint32_t most = 0;

	for (uint32_t t = 0; t < builder->out->count; t++)
		if (builder->out->entries[t].slot_count > most)
			most = builder->out->entries[t].slot_count;
	builder->out->path =
		ArenaAllocArray(builder->auction->arena, (size_t) most + 3, sizeof(PathRow));
	if (builder->out->path == NULL)
		return CLEX_NO_MEMORY;
	builder->out->slots = (EntrySlot *) (void *) builder->slots.data;
	builder->out->options = (int32_t *) (void *) builder->options.data;
	builder->out->option_count = builder->options.count;
	return CLEX_OK;
}

static ClexStatus
AddOption(Builder *builder, Entry *e, int32_t bid)
{
	int32_t *slot = VectorPush(&builder->options);

	if (slot == NULL)
		return CLEX_NO_MEMORY;
	*slot = bid;
	e->option_count++;
	return CLEX_OK;
}

ClexStatus
EntriesFromCells(Auction *auction, const Cells *cells, Entries *out, ClexError *error)
{
	Builder builder;
	ClexStatus status = BuilderInit(&builder, auction, out, cells->count);

	for (uint32_t c = 0; c < cells->count && status == CLEX_OK; c++)
	{
		const Cell *cell = &cells->cells[c];
		const AuctionMarket *m = &auction->markets[cell->market];
		const AuctionInvoice *v = AuctionInvoiceAt(auction, cells->order[cell->first]);
		Entry *e = NextEntry(&builder);

		e->amount = cell->amount;
		e->market = cell->market;
		e->weight = (Int128) cell->amount * cell->tenor;
		e->outside = (Int128) cell->amount * AuctionOutside(auction, v);
		e->first_member = cell->first;
		e->member_count = cell->count;
		status = AddSlots(&builder, e, cell->key, cell->amount);
		for (int32_t j = 0; j < m->count && status == CLEX_OK; j++)
		{
			int32_t k = auction->market_bids[m->first + j];

			if (AuctionEligible(AuctionBidAt(auction, (uint32_t) k), v, v->amount))
				status = AddOption(&builder, e, k);
		}
	}
	out->members = cells->order;
	if (status != CLEX_OK)
		return ClexFail(error, status, "out of memory while listing what is to be funded");
	return Finish(&builder);
}

/* May bid k take the whole item, as far as the item alone can tell? */
static bool
Possible(const Builder *builder, const Entry *e, int32_t k)
{
	const Auction *auction = builder->auction;
	const AuctionBid *b = AuctionBidAt(auction, (uint32_t) k);
	int64_t row[3];

	for (uint32_t m = 0; m < e->member_count; m++)
	{
		const AuctionInvoice *v =
			AuctionInvoiceAt(auction, builder->out->members[e->first_member + m]);

		if (!AuctionEligible(b, v, e->amount) || v->tenor < b->tenor_min ||
			v->tenor > b->tenor_max || (b->buyer >= 0 && b->buyer != v->key[SCOPE_BUYER]))
			return false;
	}
	FixedRows(auction, builder->out->own_buyer, k, row);
	for (int r = 0; r < 3; r++)
		if (row[r] >= 0 && e->amount > auction->limit[row[r]])
			return false;
	for (uint32_t s = 0; s < e->slot_count; s++)
	{
		const EntrySlot *slot = &VectorAt(&builder->slots, EntrySlot, e->first_slot + s);

		if (slot->amount > auction->limit[SlotRow(auction, slot->slot, b->financier)])
			return false;
	}
	return true;
}

/* One item from the members that stand at the end of the list. */
static ClexStatus
AddItem(Builder *builder, uint32_t first, uint32_t count)
{
	const Auction *auction = builder->auction;
	Entry *e = NextEntry(builder);
	const AuctionMarket *m;
	ClexStatus status = CLEX_OK;

	e->first_member = first;
	e->member_count = count;
	for (uint32_t i = 0; i < count && status == CLEX_OK; i++)
	{
		const AuctionInvoice *v = AuctionInvoiceAt(auction, builder->out->members[first + i]);

		e->amount += v->amount;
		e->weight += (Int128) v->amount * v->tenor;
		e->outside += (Int128) v->amount * AuctionOutside(auction, v);
		e->market = v->key[SCOPE_TOTAL];
		status = AddSlots(builder, e, v->key, v->amount);
	}
	m = &auction->markets[e->market];
	for (int32_t j = 0; j < m->count && status == CLEX_OK; j++)
	{
		int32_t k = auction->market_bids[m->first + j];

		if (Possible(builder, e, k))
			status = AddOption(builder, e, k);
	}
	return status;
}

ClexStatus
EntriesFromItems(Auction *auction, Entries *out, ClexError *error)
{
	Builder builder;
	uint32_t n = auction->invoice_count;
	uint32_t *order = ArenaAllocArray(auction->arena, (size_t) n + 1, sizeof(uint32_t));
	uint64_t *keys = ArenaAllocArray(auction->arena, (size_t) n + 1, sizeof(uint64_t));
	ClexStatus status = BuilderInit(&builder, auction, out, n);

	if (order == NULL || keys == NULL)
		status = CLEX_NO_MEMORY;
	/* single invoices first, then lots; both by id */
	for (uint32_t i = 0; i < n && status == CLEX_OK; i++)
	{
		order[i] = i;
		keys[i] = auction->has_lots ? (uint64_t) (AuctionInvoiceAt(auction, i)->lot + 1) : 0;
	}
	if (status == CLEX_OK)
		status = AuctionRadixSort(auction, order, n, keys);
	out->members = order;
	for (uint32_t i = 0, end; i < n && status == CLEX_OK; i = end)
	{
		end = i + 1;
		while (keys[order[i]] != 0 && end < n && keys[order[end]] == keys[order[i]])
			end++;
		if ((i & 4095) == 0 && ClexInterrupted(auction->arena->env))
			status = CLEX_INTERRUPTED;
		else
			status = AddItem(&builder, i, end - i);
	}
	if (status == CLEX_INTERRUPTED)
		return ClexFail(error, status, "interrupted");
	if (status != CLEX_OK)
		return ClexFail(error, status, "out of memory while listing what is to be funded");
	return Finish(&builder);
}

/* Which slots could fill up for some financier, if all entries that use them came to it. */
static ClexStatus
FindTight(const Auction *auction, const Entries *entries, uint8_t *tight)
{
	int64_t *demand = ArenaAllocZero(auction->arena, ((size_t) auction->slot_count + 1) * 8);

	if (demand == NULL)
		return CLEX_NO_MEMORY;
	/* all invoices together are far below 2^63 */
	for (uint32_t t = 0; t < entries->count; t++)
		for (uint32_t s = 0; s < entries->entries[t].slot_count; s++)
		{
			const EntrySlot *slot = &entries->slots[entries->entries[t].first_slot + s];

			demand[slot->slot] += slot->amount;
		}
	for (uint32_t s = 0; s < auction->slot_count; s++)
		for (uint32_t f = 0; f < auction->financier_count; f++)
			if (demand[s] > auction->limit[SlotRow(auction, (int32_t) s, (int32_t) f)])
				tight[s] = 1;
	return CLEX_OK;
}

ClexStatus
EntriesOfTightSlots(Auction *auction, const Entries *entries, Entries *out)
{
	Arena *arena = auction->arena;
	uint8_t *tight = ArenaAllocZero(arena, (size_t) auction->slot_count + 1);
	Vector slots;

	*out = *entries;
	VectorInit(&slots, arena, sizeof(EntrySlot));
	out->entries = ArenaAllocArray(arena, (size_t) entries->count + 1, sizeof(Entry));
	if (tight == NULL || out->entries == NULL || FindTight(auction, entries, tight) != CLEX_OK)
		return CLEX_NO_MEMORY;
	for (uint32_t t = 0; t < entries->count; t++)
	{
		Entry *e = &out->entries[t];

		*e = entries->entries[t];
		e->first_slot = slots.count;
		for (uint32_t s = 0; s < entries->entries[t].slot_count; s++)
		{
			const EntrySlot *from = &entries->slots[entries->entries[t].first_slot + s];
			EntrySlot *slot = tight[from->slot] ? VectorPush(&slots) : NULL;

			if (slot != NULL)
				*slot = *from;
		}
		e->slot_count = slots.count - e->first_slot;
	}
	out->slots = (EntrySlot *) (void *) slots.data;
	return arena->exhausted ? CLEX_NO_MEMORY : CLEX_OK;
}
