/*
 * edi_write_nest.c
 *		The layout of a message that is being written: groups, segments in them, values in those.
 */
#include "core/codec/edi_writer.h"

EdiCell *
EdiCellFind(const EdiWriter *w, const EdiPut *put, unsigned element, unsigned component)
{
	for (uint32_t i = put->first; i != EDI_NONE; i = EdiCellAt(w, i)->next)
		if (EdiCellAt(w, i)->element == element && EdiCellAt(w, i)->component == component)
			return EdiCellAt(w, i);
	return NULL;
}

void
EdiCellSet(EdiWriter *w, uint32_t put, unsigned element, unsigned component, Span text,
		   uint32_t node)
{
	EdiCell *cell = VectorPush(&w->cells);
	uint32_t *link = &EdiPutAt(w, put)->first;

	if (cell == NULL)
	{
		w->status = CLEX_NO_MEMORY;
		return;
	}
	while (*link != EDI_NONE &&
		   (EdiCellAt(w, *link)->element < element || (EdiCellAt(w, *link)->element == element &&
													   EdiCellAt(w, *link)->component < component)))
		link = &EdiCellAt(w, *link)->next;
	*cell = (EdiCell){.text = text,
					  .node = node,
					  .next = *link,
					  .element = (uint8_t) element,
					  .component = (uint8_t) component};
	*link = w->cells.count - 1;
}

EdiCell
EdiCellTake(EdiWriter *w, uint32_t put, unsigned element, unsigned component)
{
	uint32_t *link = &EdiPutAt(w, put)->first;

	for (; *link != EDI_NONE; link = &EdiCellAt(w, *link)->next)
	{
		EdiCell cell = *EdiCellAt(w, *link);

		if (cell.element != element || cell.component != component)
			continue;
		*link = cell.next;
		return cell;
	}
	return (EdiCell){.text = {NULL, 0}};
}

uint32_t
EdiAddPut(EdiWriter *w, uint32_t nest, uint16_t at, bool owned)
{
	EdiPut *put = VectorPush(&w->puts);
	EdiNest *n = EdiNestAt(w, nest);
	uint32_t index = w->puts.count - 1;

	if (put == NULL)
	{
		w->status = CLEX_NO_MEMORY;
		return EDI_NONE;
	}
	*put = (EdiPut){.first = EDI_NONE, .next = EDI_NONE, .nest = nest, .at = at, .owned = owned};
	if (n->last_put == EDI_NONE)
		n->first_put = index;
	else
		EdiPutAt(w, n->last_put)->next = index;
	n->last_put = index;
	return index;
}

void
EdiHangNest(EdiWriter *w, uint32_t nest, uint32_t parent)
{
	EdiNest *p = EdiNestAt(w, parent);

	if (p->last_nest == EDI_NONE)
		p->first_nest = nest;
	else
		EdiNestAt(w, p->last_nest)->next = nest;
	p->last_nest = nest;
	EdiNestAt(w, nest)->parent = parent;
	EdiNestAt(w, nest)->next = EDI_NONE;
}

uint32_t
EdiAddNest(EdiWriter *w, uint32_t parent, uint16_t at, bool owned)
{
	EdiNest *nest = VectorPush(&w->nests);
	uint32_t index = w->nests.count - 1;

	if (nest == NULL)
	{
		w->status = CLEX_NO_MEMORY;
		return EDI_NONE;
	}
	*nest = (EdiNest){.parent = parent,
					  .next = EDI_NONE,
					  .first_nest = EDI_NONE,
					  .last_nest = EDI_NONE,
					  .first_put = EDI_NONE,
					  .last_put = EDI_NONE,
					  .at = at,
					  .owned = owned};
	if (index > 0)
	{
		EdiHangNest(w, index, parent);
		if (EdiAddPut(w, index, (uint16_t) (at + 1), owned) == EDI_NONE)
			return EDI_NONE;
	}
	return index;
}

bool
EdiHasRoom(const EdiWriter *w, uint32_t nest, uint16_t at)
{
	const EdiNodeFact *fact = EdiWriterNode(w, at);
	uint32_t count = 0;

	if (fact->max == 0)
		return true;
	if (fact->group)
		for (uint32_t i = EdiNestAt(w, nest)->first_nest; i != EDI_NONE; i = EdiNestAt(w, i)->next)
			count += EdiNestAt(w, i)->at == at;
	else
		for (uint32_t i = EdiNestAt(w, nest)->first_put; i != EDI_NONE; i = EdiPutAt(w, i)->next)
			count += EdiPutAt(w, i)->at == at;
	return count < fact->max;
}

void
EdiPlaceCount(EdiWriter *w)
{
	uint16_t at = 1;
	uint32_t nest;

	while (at < w->message->node_count &&
		   !(EdiWriterNode(w, at)->group && EdiWriterNode(w, at)->tag == EDI_TAG('C', 'T', 'T')))
		at = EdiWriterNode(w, at)->group ? EdiWriterNode(w, at)->end : (uint16_t) (at + 1);
	if (w->status != CLEX_OK || w->lines == 0 || at >= w->message->node_count ||
		(!EdiWriterNode(w, at)->mandatory && EdiDidWithout(w, (uint16_t) (at + 1))))
		return;
	for (nest = EdiNestAt(w, 0)->first_nest; nest != EDI_NONE; nest = EdiNestAt(w, nest)->next)
		if (EdiNestAt(w, nest)->at == at)
			return;
	nest = EdiAddNest(w, 0, at, false);
	if (nest != EDI_NONE)
		EdiNestAt(w, nest)->fixed = true;
}
