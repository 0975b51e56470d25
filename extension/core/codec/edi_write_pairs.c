/*
 * edi_write_pairs.c
 *		Pairs of a qualifier and a value, which repeat within a segment: where extras are beside them they go back to
 *		where they stood.
 */
#include "core/codec/edi_returns.h"

/* The pairs of a segment, NULL if it has none. */
static const EdiPairs *
PairsOf(const EdiWriter *w, EdiTag tag)
{
	for (uint32_t k = 0; k < ClexEdiPairsCount; k++)
		if (ClexEdiPairs[k].family == w->family && ClexEdiPairs[k].tag == tag)
			return &ClexEdiPairs[k];
	return NULL;
}

/* The same, if a place belongs to a pair, and to which. */
static const EdiPairs *
PairsAt(const EdiWriter *w, EdiTag tag, unsigned element, unsigned component, unsigned *index)
{
	const EdiPairs *pairs = PairsOf(w, tag);

	for (*index = 0; pairs != NULL && *index < pairs->count; (*index)++)
	{
		unsigned shift = *index * pairs->step;

		if ((element == pairs->qualifier_element + shift &&
			 component == pairs->qualifier_component) ||
			(element == pairs->value_element + shift && component == pairs->value_component))
			return pairs;
	}
	return NULL;
}

/* Take the pairs of a segment out of it. */
static void
TakePairs(EdiWriter *w, uint32_t put, const EdiPairs *pairs, EdiCell *qualifiers, EdiCell *values)
{
	for (unsigned i = 0; i < pairs->count && i < EDI_MAX_PAIRS; i++)
	{
		unsigned shift = i * pairs->step;

		qualifiers[i] =
			EdiCellTake(w, put, pairs->qualifier_element + shift, pairs->qualifier_component);
		values[i] = EdiCellTake(w, put, pairs->value_element + shift, pairs->value_component);
	}
}

/* Put a value that was taken out to another place. */
static void
PutCell(EdiWriter *w, uint32_t put, unsigned element, unsigned component, const EdiCell *cell)
{
	if (cell->text.data == NULL)
		return;
	EdiCellSet(w, put, element, component, cell->text, cell->node);
	if (w->status == CLEX_OK)
		EdiCellAt(w, w->cells.count - 1)->extra = cell->extra;
}

static void
PutPair(EdiWriter *w, uint32_t put, const EdiPairs *pairs, unsigned index, const EdiCell *qualifier,
		const EdiCell *value)
{
	unsigned shift = index * pairs->step;

	PutCell(w, put, pairs->qualifier_element + shift, pairs->qualifier_component, qualifier);
	PutCell(w, put, pairs->value_element + shift, pairs->value_component, value);
}

void
EdiArrangePairs(EdiWriter *w, uint32_t put, const uint32_t *nodes, unsigned count)
{
	EdiCell qualifiers[EDI_MAX_PAIRS];
	EdiCell values[EDI_MAX_PAIRS];
	unsigned to[EDI_MAX_PAIRS];
	bool used[EDI_MAX_PAIRS] = {false};
	const EdiPairs *pairs = PairsOf(w, EdiWriterNode(w, EdiPutAt(w, put)->at)->tag);
	unsigned next = 0;

	if (pairs == NULL)
		return;
	TakePairs(w, put, pairs, qualifiers, values);
	for (unsigned i = 0; i < pairs->count; i++)
	{
		to[i] = EDI_MAX_PAIRS;
		for (unsigned k = 0; k < count && k < pairs->count && values[i].node != 0; k++)
			if (nodes[k] == values[i].node && !used[k])
				to[i] = k;
		if (to[i] < EDI_MAX_PAIRS)
			used[to[i]] = true;
	}
	for (unsigned i = 0; i < pairs->count; i++)
	{
		if (values[i].text.data == NULL && qualifiers[i].text.data == NULL)
			continue;
		while (to[i] == EDI_MAX_PAIRS && used[next])
			next++;
		if (to[i] == EDI_MAX_PAIRS)
		{
			to[i] = next;
			used[next] = true;
		}
		PutPair(w, put, pairs, to[i], &qualifiers[i], &values[i]);
	}
}

bool
EdiMovePair(EdiWriter *w, uint32_t put, unsigned element, unsigned component)
{
	unsigned index;
	const EdiPairs *pairs =
		PairsAt(w, EdiWriterNode(w, EdiPutAt(w, put)->at)->tag, element, component, &index);

	for (unsigned i = index + 1; pairs != NULL && i < pairs->count; i++)
	{
		const EdiPut *p = EdiPutAt(w, put);
		unsigned shift = i * pairs->step;
		EdiCell qualifier;
		EdiCell value;

		if (EdiCellFind(w, p, pairs->qualifier_element + shift, pairs->qualifier_component) !=
				NULL ||
			EdiCellFind(w, p, pairs->value_element + shift, pairs->value_component) != NULL)
			continue;
		shift = index * pairs->step;
		qualifier =
			EdiCellTake(w, put, pairs->qualifier_element + shift, pairs->qualifier_component);
		value = EdiCellTake(w, put, pairs->value_element + shift, pairs->value_component);
		PutPair(w, put, pairs, i, &qualifier, &value);
		return true;
	}
	return false;
}

uint32_t
EdiSplitPair(EdiReturns *r, uint32_t put, uint32_t node)
{
	EdiWriter *w = r->w;
	EdiCell qualifiers[EDI_MAX_PAIRS];
	EdiCell values[EDI_MAX_PAIRS];
	const EdiPairs *pairs = PairsOf(w, EdiWriterNode(w, EdiPutAt(w, put)->at)->tag);
	uint32_t own;

	if (pairs == NULL || !EdiHasRoom(w, EdiPutAt(w, put)->nest, EdiPutAt(w, put)->at))
		return EDI_NONE;
	own = EdiAddPut(w, EdiPutAt(w, put)->nest, EdiPutAt(w, put)->at, true);
	if (own == EDI_NONE)
		return EDI_NONE;
	TakePairs(w, put, pairs, qualifiers, values);
	for (uint32_t i = EdiPutAt(w, put)->first; i != EDI_NONE; i = EdiCellAt(w, i)->next)
		if (EdiCellAt(w, i)->node == 0)
			EdiCellSet(w, own, EdiCellAt(w, i)->element, EdiCellAt(w, i)->component,
					   EdiCellAt(w, i)->text, 0);
	for (unsigned i = 0, next = 0; i < pairs->count; i++)
	{
		bool mine = values[i].node == node;

		if (values[i].text.data == NULL && qualifiers[i].text.data == NULL)
			continue;
		PutPair(w, mine ? own : put, pairs, mine ? 0 : next, &qualifiers[i], &values[i]);
		next += !mine;
	}
	r->put_at[node] = own + 1;
	return w->status == CLEX_OK ? own : EDI_NONE;
}
