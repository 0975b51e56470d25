/*
 * edi_write_extras.c
 *		What no term took goes back to its place in the message it was read from.
 *
 * The path of an extra numbers groups and segments as they stood.  Those that hold terms are brought into that order first,
 * with room for the others between them; then the path leads to the place, and what is not there yet is made.  A place
 * at which the message says something else stays as it is.
 */
#include "core/codec/edi_returns.h"

static bool
TakePlace(Span path, EdiPath *place)
{
	return EdiTakeSteps(&path, place) && EdiTakeChar(&path, '/') &&
		   EdiTakeNumber(&path, 99, &place->element) && EdiTakeChar(&path, '.') &&
		   EdiTakeNumber(&path, 99, &place->component) && path.length == 0;
}

bool
EdiExtraSays(const EdiWriter *w, EdiTag tag, unsigned element, unsigned component, Span value)
{
	const DocumentView *view = w->job->document;

	for (uint32_t i = 0; w->returns && i < view->extra_count; i++)
	{
		DocumentExtra extra = ViewExtra(view, i);
		EdiPath place;

		if (w->kept_out[i] == 0 && SpanEqual(extra.value, value) && TakePlace(extra.path, &place) &&
			place.element == element && place.component == component &&
			EdiTagOf(place.steps[place.count - 1].name) == tag)
			return true;
	}
	return false;
}

/* ---- extras ---- */

/* Does a value fit its element, as a reader takes numbers? */
static bool
FitsAsRead(EdiWriter *w, const EdiElementFact *fact, Span text)
{
	Span plain;

	if (fact->type != EDI_TYPE_NUMERIC && fact->type != EDI_TYPE_DIGITS)
		return EdiFits(fact, text);
	plain = text.length > 0 && text.data[0] == '+' ? SpanOf(text.data + 1, text.length - 1) : text;
	if (plain.length > 0 && memchr(plain.data, ',', plain.length) != NULL)
	{
		plain = ArenaCopy(w->job->arena, plain);
		if (plain.data == NULL)
			return false;
		*(char *) memchr((char *) (uintptr_t) plain.data, ',', plain.length) = '.';
	}
	return EdiFits(fact, plain);
}

uint32_t
EdiSeekSegment(EdiReturns *r, const EdiPath *place, WriteFate *fate)
{
	EdiWriter *w = r->w;
	const EdiStep *segment = &place->steps[place->count - 1];
	uint32_t nest = 0;
	uint16_t at = 0;

	*fate = FATE_NO_ROOM;
	for (unsigned i = 0; i + 1 < place->count; i++)
	{
		at = EdiNodeNamed(w, at, place->steps[i].name, true);
		if (at == 0)
			break;
		nest = EdiSeek(w, &r->nests[i], nest, at, place->steps[i].number, true);
		if (nest == EDI_NONE)
			return EDI_NONE;
	}
	at = nest != 0 && at == 0 ? 0 : EdiNodeNamed(w, EdiNestAt(w, nest)->at, segment->name, false);
	if (at == 0 || (nest == 0 && EdiIsEnvelope(EdiWriterNode(w, at)->tag)))
	{
		*fate = FATE_UNSAID;
		return EDI_NONE;
	}
	if (nest != 0 && at == EdiNestAt(w, nest)->at + 1)
		return EdiNestAt(w, nest)->first_put;
	return EdiSeek(w, &r->put, nest, at, segment->number, true);
}

/* Put an extra into its segment, if that has room for it. */
static WriteFate
PutInto(EdiWriter *w, uint32_t put, const EdiPath *place, uint32_t index)
{
	Span value = ViewExtra(w->job->document, index).value;
	const EdiElementFact *fact = EdiElementFind(w, EdiWriterNode(w, EdiPutAt(w, put)->at)->tag,
												place->element, place->component);
	EdiCell *cell;

	if (w->kept_out[index] != 0)
		return (WriteFate) w->kept_out[index];
	if (fact == NULL)
		return FATE_UNSAID;
	if (!FitsAsRead(w, fact, value))
		return fact->max > 0 && EdiCharacters(value) > fact->max ? FATE_LENGTH : FATE_CODE;
	cell = EdiCellFind(w, EdiPutAt(w, put), place->element, place->component);
	if (cell != NULL && !cell->blank)
	{
		if (!EdiMovePair(w, put, place->element, place->component))
			return FATE_NO_ROOM;
		cell = NULL;
	}
	if (cell == NULL)
	{
		EdiCellSet(w, put, place->element, place->component, value, 0);
		if (w->status != CLEX_OK)
			return FATE_UNSAID;
		cell = EdiCellAt(w, w->cells.count - 1);
	}
	cell->text = value;
	cell->extra = index + 1;
	cell->blank = false;
	return FATE_SAID;
}

static WriteFate
PutBack(EdiReturns *r, uint32_t index)
{
	EdiWriter *w = r->w;
	EdiPath place;
	WriteFate fate;
	uint32_t put;

	if (!TakePlace(ViewExtra(w->job->document, index).path, &place))
		return FATE_UNSAID;
	put = EdiSeekSegment(r, &place, &fate);
	if (put == EDI_NONE)
		return fate;
	fate = PutInto(w, put, &place, index);
	if (fate != FATE_SAID)
		EdiPutAt(w, put)->partial = true;
	return fate;
}

/* A group that held neither terms nor extras had what says nothing: it keeps the place of those behind it. */
static void
KeepPlace(EdiWriter *w, uint32_t nest)
{
	uint32_t put = EdiNestAt(w, nest)->first_put;
	EdiTag tag = EdiWriterNode(w, EdiPutAt(w, put)->at)->tag;

	if (EdiPutAt(w, put)->first != EDI_NONE || EdiNestAt(w, nest)->first_nest != EDI_NONE ||
		EdiPutAt(w, put)->next != EDI_NONE)
		return;
	for (uint32_t k = 0; k < ClexEdiConstantCount && w->status == CLEX_OK; k++)
		if (ClexEdiConstants[k].family == w->family && ClexEdiConstants[k].tag == tag &&
			ClexEdiConstants[k].always && ClexEdiConstants[k].element != 0)
			EdiNestAt(w, nest)->fixed = true;
}

void
EdiPutExtras(EdiWriter *w)
{
	const DocumentView *view = w->job->document;
	EdiReturns r = {.w = w};

	if (w->status != CLEX_OK || !w->returns || view->extra_count == 0)
		return;
	if (!EdiRestoreOrder(&r))
	{
		w->status = CLEX_NO_MEMORY;
		return;
	}
	r.put.index = EDI_NONE;
	for (unsigned i = 0; i < EDI_MAX_STEPS; i++)
		r.nests[i].index = EDI_NONE;
	for (uint32_t i = 0; i < view->extra_count && w->status == CLEX_OK; i++)
	{
		if ((i & 4095) == 0 && ClexInterrupted(w->job->arena->env))
			w->status = CLEX_INTERRUPTED;
		w->job->extra_fate[i] = (uint8_t) PutBack(&r, i);
	}
	for (uint32_t i = 0; i < r.made.count && w->status == CLEX_OK; i++)
		KeepPlace(w, VectorAt(&r.made, uint32_t, i));
}
