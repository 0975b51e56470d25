/*
 * edi_write_levels.c
 *		Lines, orders and handling units of a despatch advice as levels that stand within one another.
 *
 * The way back of edi_levels.c: in DESADV a line goes into the package of the unit it names.  In 856 levels
 * are numbered, each names the one around it, and what is inside follows it.
 */
#include "core/codec/edi_writer.h"

/* Is a group of segments a package of DESADV, or a level of 856? */
static bool
IsTagged(const EdiWriter *w, uint16_t at, EdiTag tag)
{
	return EdiWriterNode(w, at)->group && EdiWriterNode(w, at)->tag == tag;
}

/* The group at the root of the message that a tag begins, 0 if there is none. */
static uint16_t
RootGroup(const EdiWriter *w, EdiTag tag)
{
	uint16_t at = 1;

	while (at < w->message->node_count && !IsTagged(w, at, tag))
		at = EdiWriterNode(w, at)->group ? EdiWriterNode(w, at)->end : (uint16_t) (at + 1);
	return at < w->message->node_count ? at : 0;
}

/* A value below a node, NULL data if it is not there. */
static Span
ValueBelow(const EdiWriter *w, uint32_t node, TermId term)
{
	uint32_t count;
	uint32_t found = ViewFind(w->job->document, node, term, &count);

	return found == 0 ? SpanOf(NULL, 0) : ViewNode(w->job->document, found).value;
}

void
EdiPlaceUnits(EdiWriter *w)
{
	uint16_t at = RootGroup(w, EDI_TAG('C', 'P', 'S'));

	for (uint32_t i = 1; at != 0 && i <= w->job->document->node_count; i++)
		if (ViewNode(w->job->document, i).term == TERM_DG_7 && EdiHasRoom(w, 0, at))
		{
			w->nest_of[i] = EdiAddNest(w, 0, at, true);
			if (w->status != CLEX_OK)
				return;
			w->first_unit = w->first_unit == 0 ? i : w->first_unit;
		}
}

uint32_t
EdiUnitOf(const EdiWriter *w, uint16_t at, uint32_t line)
{
	const DocumentView *view = w->job->document;
	Span name;

	if (w->first_unit == 0 || !IsTagged(w, at, EDI_TAG('C', 'P', 'S')))
		return EDI_NONE;
	if (line == 0)
		return w->nest_of[w->first_unit];
	name = ValueBelow(w, line, TERM_D_76);
	for (uint32_t i = w->first_unit; i <= view->node_count; i++)
	{
		Span unit;

		if (ViewNode(view, i).term != TERM_DG_7 || w->nest_of[i] == 0)
			continue;
		unit = ValueBelow(w, i, TERM_D_33);
		if (name.data == NULL ? unit.data == NULL : unit.data != NULL && SpanEqual(unit, name))
			return w->nest_of[i];
	}
	return EDI_NONE;
}

/* ---- 856 ---- */

/* Levels of the message by nest: the one around each, and what is inside. */
typedef struct Tower
{
	EdiWriter *w;
	uint16_t at;
	uint32_t shipment;
	uint32_t *around; /* by nest; EDI_NONE: none */
	uint32_t *inside; /* the first one, 0: none */
	uint32_t *last;
	uint32_t *next;
	uint32_t number;
} Tower;

/* The nest of the first node of a term with a value below it. */
static uint32_t
NestNamed(const EdiWriter *w, TermId group, TermId term, Span name)
{
	const DocumentView *view = w->job->document;

	for (uint32_t i = 1; name.data != NULL && i <= view->node_count; i++)
		if (ViewNode(view, i).term == group && w->nest_of[i] != 0 &&
			!EdiNestAt(w, w->nest_of[i])->dead && SpanEqual(ValueBelow(w, i, term), name))
			return w->nest_of[i];
	return 0;
}

/* Where each line stands: in its unit if that is one of its order or of none, else in its order. */
static void
FindAround(Tower *tower)
{
	EdiWriter *w = tower->w;
	const DocumentView *view = w->job->document;

	for (uint32_t i = 1; i <= view->node_count; i++)
	{
		uint32_t nest = w->nest_of[i];
		uint32_t order;
		uint32_t unit;

		if (nest == 0 || ViewNode(view, i).term != TERM_BG_25)
			continue;
		order = NestNamed(w, TERM_DG_1, TERM_D_7, ValueBelow(w, i, TERM_D_44));
		unit = NestNamed(w, TERM_DG_7, TERM_D_33, ValueBelow(w, i, TERM_D_76));
		if (order == 0)
			order = tower->shipment;
		if (unit != 0 && tower->around[unit] == EDI_NONE)
			tower->around[unit] = order;
		tower->around[nest] = unit != 0 && tower->around[unit] == order ? unit : order;
	}
}

static void
PutNumber(EdiWriter *w, uint32_t put, unsigned element, uint32_t number)
{
	Span text = EdiPrinted(ArenaPrintf(w->job->arena, "%u", number));
	EdiCell *cell = EdiCellFind(w, EdiPutAt(w, put), element, 1);

	if (cell != NULL)
		cell->text = text;
	else
		EdiCellSet(w, put, element, 1, text, 0);
}

/* Number a level and link it behind what came before; then what is inside it. */
static void
Stack(Tower *tower, uint32_t nest, uint32_t above)
{
	EdiWriter *w = tower->w;
	EdiNest *root = EdiNestAt(w, 0);
	uint32_t put = EdiNestAt(w, nest)->first_put;
	uint32_t number = ++tower->number;

	PutNumber(w, put, 1, number);
	if (above != 0)
		PutNumber(w, put, 2, above);
	PutNumber(w, put, 4, tower->inside[nest] != 0);
	if (root->last_nest == EDI_NONE)
		root->first_nest = nest;
	else
		EdiNestAt(w, root->last_nest)->next = nest;
	root->last_nest = nest;
	EdiNestAt(w, nest)->next = EDI_NONE;
	for (uint32_t i = tower->inside[nest]; i != 0 && w->status == CLEX_OK; i = tower->next[i])
		Stack(tower, i, number);
}

/* The level of the shipment, made if no term needed it. */
static uint32_t
FindShipment(EdiWriter *w, uint16_t at)
{
	uint32_t nest = EdiNestAt(w, 0)->first_nest;

	for (; nest != EDI_NONE; nest = EdiNestAt(w, nest)->next)
	{
		EdiCell *level = EdiCellFind(w, EdiPutAt(w, EdiNestAt(w, nest)->first_put), 3, 1);

		if (level != NULL && SpanEqualCString(level->text, "S"))
			break;
	}
	if (nest == EDI_NONE)
	{
		nest = EdiAddNest(w, 0, at, false);
		if (nest == EDI_NONE)
			return 0;
		EdiCellSet(w, EdiNestAt(w, nest)->first_put, 3, 1, SPAN_LITERAL("S"), 0);
	}
	EdiNestAt(w, nest)->fixed = true;
	return nest;
}

void
EdiStackLevels(EdiWriter *w)
{
	Tower tower = {.w = w, .at = RootGroup(w, EDI_TAG('H', 'L', '\0'))};
	size_t size;
	uint32_t nest;

	if (w->status != CLEX_OK || tower.at == 0)
		return;
	tower.shipment = FindShipment(w, tower.at);
	size = (size_t) w->nests.count * sizeof(uint32_t);
	tower.around = ArenaAlloc(w->job->arena, size);
	tower.inside = ArenaAllocZero(w->job->arena, size);
	tower.last = ArenaAllocZero(w->job->arena, size);
	tower.next = ArenaAllocZero(w->job->arena, size);
	if (tower.shipment == 0 || tower.around == NULL || tower.inside == NULL || tower.last == NULL ||
		tower.next == NULL)
	{
		w->status = CLEX_NO_MEMORY;
		return;
	}
	memset(tower.around, 0xFF, size);
	FindAround(&tower);
	for (nest = EdiNestAt(w, 0)->first_nest; nest != EDI_NONE; nest = EdiNestAt(w, nest)->next)
	{
		uint32_t around = tower.around[nest] == EDI_NONE ? tower.shipment : tower.around[nest];

		if (nest == tower.shipment || EdiNestAt(w, nest)->dead)
			continue;
		if (tower.inside[around] == 0)
			tower.inside[around] = nest;
		else
			tower.next[tower.last[around]] = nest;
		tower.last[around] = nest;
	}
	EdiNestAt(w, 0)->first_nest = EdiNestAt(w, 0)->last_nest = EDI_NONE;
	Stack(&tower, tower.shipment, 0);
}
