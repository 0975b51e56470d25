/*
 * edi_write_repair.c
 *		What must stand beside terms: qualifiers that say nothing by themselves are filled in, and what is
 *		not sound without something that the document does not have is left out.
 */
#include "core/codec/edi_writer.h"

/* Does the segment say a term? */
static bool
SaysTerm(const EdiWriter *w, const EdiPut *put)
{
	for (uint32_t i = put->first; i != EDI_NONE; i = EdiCellAt(w, i)->next)
		if (EdiCellAt(w, i)->node != 0)
			return true;
	return false;
}

/* Does it hold an extra, in that element (0: in any)? */
static bool
HasExtra(const EdiWriter *w, const EdiPut *put, unsigned element)
{
	for (uint32_t i = put->first; i != EDI_NONE; i = EdiCellAt(w, i)->next)
		if (EdiCellAt(w, i)->extra != 0 && (element == 0 || EdiCellAt(w, i)->element == element))
			return true;
	return false;
}

/* Does it say something of the document? */
static bool
SaysAnything(const EdiWriter *w, const EdiPut *put)
{
	return SaysTerm(w, put) || HasExtra(w, put, 0);
}

static bool
HasElement(const EdiWriter *w, const EdiPut *put, unsigned element)
{
	for (uint32_t i = put->first; i != EDI_NONE; i = EdiCellAt(w, i)->next)
		if (EdiCellAt(w, i)->element == element)
			return true;
	return false;
}

/* What stands in a cell is not said after all. */
static void
Drop(EdiWriter *w, const EdiCell *cell)
{
	if (cell->node != 0)
		w->job->fate[cell->node] = FATE_BY_ITSELF;
	if (cell->extra != 0)
		w->job->extra_fate[cell->extra - 1] = FATE_BY_ITSELF;
}

static void
KillPut(EdiWriter *w, EdiPut *put)
{
	put->dead = true;
	for (uint32_t i = put->first; i != EDI_NONE; i = EdiCellAt(w, i)->next)
		Drop(w, EdiCellAt(w, i));
}

static void
KillNest(EdiWriter *w, EdiNest *nest)
{
	nest->dead = true;
	for (uint32_t i = nest->first_put; i != EDI_NONE; i = EdiPutAt(w, i)->next)
		KillPut(w, EdiPutAt(w, i));
	for (uint32_t i = nest->first_nest; i != EDI_NONE; i = EdiNestAt(w, i)->next)
		KillNest(w, EdiNestAt(w, i));
}

/* Fill in the constants that stand beside values; beside extras alone only those that stand there anyway. */
static void
FillConstants(EdiWriter *w, uint32_t index)
{
	EdiTag tag = EdiWriterNode(w, EdiPutAt(w, index)->at)->tag;
	bool returned = HasExtra(w, EdiPutAt(w, index), 0) && !SaysTerm(w, EdiPutAt(w, index));

	for (uint32_t k = 0; k < ClexEdiConstantCount; k++)
	{
		const EdiConstant *fact = &ClexEdiConstants[k];
		const EdiPut *put = EdiPutAt(w, index);
		const EdiElementFact *element;

		if (fact->family != w->family || fact->tag != tag || fact->element == 0 ||
			(fact->credit_note && w->job->document->kind != DOCUMENT_CREDIT_NOTE) ||
			!EdiIsFor(fact, SpanFromCString(w->message->type)) || (returned && !fact->always) ||
			EdiCellFind(w, put, fact->element, fact->component) != NULL ||
			SpanEqualCString(ClexEdiBindValues[fact->first_value], "*"))
			continue;
		element = EdiElementFind(w, tag, fact->element, fact->component);
		if (element == NULL ||
			(element->composite && fact->component == 1 && !fact->preset &&
			 !HasElement(w, put, fact->element)) ||
			(fact->component > 1 &&
			 EdiCellFind(w, put, fact->element, fact->component - 1u) == NULL) ||
			(EdiRepeats(fact) != 0 && EdiCellFind(w, put, EdiRepeats(fact), 1) == NULL) ||
			/* the message did without */
			(w->same && fact->preset && !fact->credit_note && !element->mandatory &&
			 !element->mandatory_component))
			continue;
		EdiCellSet(w, index, fact->element, fact->component, ClexEdiBindValues[fact->first_value],
				   0);
		if (w->status == CLEX_OK)
		{
			EdiCell *cell = EdiCellAt(w, w->cells.count - 1);

			cell->counts = SpanEqualCString(cell->text, "#");
			if (SpanEqualCString(cell->text, "@"))
				cell->text = w->date;
			if (EdiRepeats(fact) != 0)
				cell->text = EdiCellFind(w, EdiPutAt(w, index), EdiRepeats(fact), 1)->text;
			cell->preset = fact->preset || cell->counts;
		}
	}
}

/* Take out an element. */
static void
RemoveElement(EdiWriter *w, EdiPut *put, unsigned element)
{
	uint32_t *link = &put->first;

	while (*link != EDI_NONE)
		if (EdiCellAt(w, *link)->element == element)
		{
			Drop(w, EdiCellAt(w, *link));
			*link = EdiCellAt(w, *link)->next;
		}
		else
			link = &EdiCellAt(w, *link)->next;
}

/* One relation of X12: what stands without its partners is taken out; false: nothing is left. */
static bool
MeetRelation(EdiWriter *w, EdiPut *put, Span relation)
{
	unsigned elements[8];
	unsigned count = (unsigned) (relation.length - 1) / 2;
	unsigned present = 0;

	for (unsigned i = 0; i < count && i < 8; i++)
	{
		const char *p = relation.data + 1 + 2 * (size_t) i;

		elements[i] = (unsigned) (p[0] - '0') * 10 + (unsigned) (p[1] - '0');
		present += HasElement(w, put, elements[i]);
		/* as it came */
		if (!put->partial && HasExtra(w, put, elements[i]))
			return true;
	}
	if (relation.data[0] == 'R')
		return present > 0 || (!put->partial && HasExtra(w, put, 0));
	if (relation.data[0] == 'P' && present < count)
		for (unsigned i = 0; i < count; i++)
			RemoveElement(w, put, elements[i]);
	else if ((relation.data[0] == 'C' && present < count) ||
			 (relation.data[0] == 'L' && present == 1))
		RemoveElement(w, put, elements[0]);
	else if (relation.data[0] == 'E' && present > 1)
		for (unsigned i = 1; i < count; i++)
			RemoveElement(w, put, elements[i]);
	return true;
}

/* All relations of a segment: those that take elements out, or those that then ask for what is left. */
static bool
MeetRelations(EdiWriter *w, EdiPut *put, const char *relations, bool required)
{
	for (const char *p = relations; *p != '\0';)
	{
		size_t length = strcspn(p, " ");

		if ((*p == 'R') == required && !MeetRelation(w, put, SpanOf(p, length)))
			return false;
		p += length;
		while (*p == ' ')
			p++;
	}
	return true;
}

/* Is all there that the directory demands? */
static bool
IsComplete(const EdiWriter *w, const EdiPut *put, const EdiSegmentFact *fact)
{
	for (uint16_t i = 0; i < fact->element_count; i++)
	{
		const EdiElementFact *e = &ClexEdiElements[fact->first_element + i];
		bool there = HasElement(w, put, e->element);

		if (EdiCellFind(w, put, e->element, e->component) != NULL)
			continue;
		if (e->mandatory_component ? e->mandatory || there
								   : e->mandatory && e->component == 1 && !there)
			return false;
	}
	return true;
}

/* A composite that lacks its mandatory component goes; that of a mandatory one ends the segment. */
static void
RemoveIncomplete(EdiWriter *w, EdiPut *put, const EdiSegmentFact *fact)
{
	for (uint16_t i = 0; i < fact->element_count; i++)
	{
		const EdiElementFact *e = &ClexEdiElements[fact->first_element + i];

		if (e->mandatory_component && !e->mandatory && HasElement(w, put, e->element) &&
			EdiCellFind(w, put, e->element, e->component) == NULL)
			RemoveElement(w, put, e->element);
	}
}

/* Make a segment sound; false if it cannot be. */
static bool
RepairPut(EdiWriter *w, uint32_t index, bool trigger)
{
	EdiPut *put = EdiPutAt(w, index);
	const EdiSegmentFact *fact = EdiSegmentFind(w->directory, EdiWriterNode(w, put->at)->tag);

	if (fact == NULL || (!trigger && !SaysAnything(w, put)))
		return false;
	FillConstants(w, index);
	put = EdiPutAt(w, index);
	RemoveIncomplete(w, put, fact);
	if (!MeetRelations(w, put, fact->relations, false) ||
		!MeetRelations(w, put, fact->relations, true))
		return false;
	return IsComplete(w, put, fact) && (trigger || SaysAnything(w, put));
}

/* Is every mandatory segment and group of a group there? */
static bool
HasMembers(const EdiWriter *w, const EdiNest *nest)
{
	uint16_t end = EdiWriterNode(w, nest->at)->end;

	for (uint16_t at = (uint16_t) (nest->at + 2); at < end;
		 at = EdiWriterNode(w, at)->group ? EdiWriterNode(w, at)->end : (uint16_t) (at + 1))
	{
		bool there = !EdiWriterNode(w, at)->mandatory;

		for (uint32_t i = nest->first_put; !there && i != EDI_NONE; i = EdiPutAt(w, i)->next)
			there = EdiPutAt(w, i)->at == at && !EdiPutAt(w, i)->dead;
		for (uint32_t i = nest->first_nest; !there && i != EDI_NONE; i = EdiNestAt(w, i)->next)
			there = EdiNestAt(w, i)->at == at && !EdiNestAt(w, i)->dead;
		if (!there)
			return false;
	}
	return true;
}

static void
RepairNest(EdiWriter *w, uint32_t index)
{
	EdiNest *nest = EdiNestAt(w, index);
	bool alive = index == 0 || nest->fixed;
	bool sound = true;

	for (uint32_t i = nest->first_put; i != EDI_NONE; i = EdiPutAt(w, i)->next)
	{
		bool trigger = index > 0 && i == nest->first_put;

		if (RepairPut(w, i, trigger))
			alive |= !trigger || SaysAnything(w, EdiPutAt(w, i));
		else if (trigger)
			sound = false;
		else
			KillPut(w, EdiPutAt(w, i));
	}
	for (uint32_t i = nest->first_nest; i != EDI_NONE; i = EdiNestAt(w, i)->next)
	{
		RepairNest(w, i);
		alive |= !EdiNestAt(w, i)->dead;
	}
	if (index > 0 && (!alive || !sound || !HasMembers(w, nest)))
		KillNest(w, nest);
}

void
EdiRepair(EdiWriter *w)
{
	if (w->status == CLEX_OK)
		RepairNest(w, 0);
}
