/*
 * edi_write_order.c
 *		Groups and segments that hold terms into the order in which they stood, where extras are among them.
 *
 * The way back of edi_order.c.  What one group held may be written into several, and the other way round: groups are
 * moved to where they stood, and split.  What held no term gets its place, to be filled by extras.
 */
#include "core/codec/edi_returns.h"

static void
PushIndex(EdiWriter *w, Vector *list, uint32_t index)
{
	uint32_t *slot = VectorPush(list);

	if (slot == NULL)
		w->status = CLEX_NO_MEMORY;
	else
		*slot = index;
}

/* Put those of a node into the order of `slots`; others of it follow. */
static void
PutInOrder(EdiReturns *r, uint32_t owner, uint16_t at, const Vector *slots)
{
	EdiWriter *w = r->w;
	bool group = EdiWriterNode(w, at)->group;
	EdiNest *nest = EdiNestAt(w, owner);
	Vector all;
	uint32_t *link = group ? &nest->first_nest : &nest->first_put;
	uint32_t *last = group ? &nest->last_nest : &nest->last_put;

	VectorInit(&all, w->job->arena, sizeof(uint32_t));
	for (uint32_t i = *link; i != EDI_NONE; i = *EdiSiblingAt(w, group, i).next)
		if (EdiSiblingAt(w, group, i).at != at)
			PushIndex(w, &all, i);
	for (uint32_t k = 0; k < slots->count; k++)
		PushIndex(w, &all, VectorAt(slots, uint32_t, k));
	for (uint32_t i = *link; i != EDI_NONE; i = *EdiSiblingAt(w, group, i).next)
		if (EdiSiblingAt(w, group, i).at == at && *EdiSiblingAt(w, group, i).set != r->set)
			PushIndex(w, &all, i);
	if (w->status != CLEX_OK)
		return;
	for (uint32_t k = 0; k < all.count; k++)
	{
		*link = *last = VectorAt(&all, uint32_t, k);
		link = EdiSiblingAt(w, group, *last).next;
	}
	*link = EDI_NONE;
	for (unsigned i = 0; i < EDI_MAX_STEPS; i++)
		if (r->nests[i].owner == owner && r->nests[i].at == at)
			r->nests[i].index = EDI_NONE;
	if (r->put.owner == owner && r->put.at == at)
		r->put.index = EDI_NONE;
}

/* The n-th node of a term, "BT-27[1]"; 0: there is none. */
static uint32_t
NodeNamed(const EdiReturns *r, Span item)
{
	size_t length = 0;
	Span rest;
	unsigned number;
	TermId term;

	while (length < item.length && item.data[length] != '[')
		length++;
	rest = SpanOf(item.data + length, item.length - length);
	term = TermLookup(SpanOf(item.data, length));
	if (term == TERM_NONE || !EdiTakeChar(&rest, '[') ||
		!EdiTakeNumber(&rest, EDI_MAX_NUMBER, &number) ||
		number > r->first_of[term + 1] - r->first_of[term])
		return 0;
	return r->nodes[r->first_of[term] + number - 1];
}

/* Take a group out of the one that it stands in, and put it behind those of another. */
static void
MoveNest(EdiWriter *w, uint32_t nest, uint32_t owner)
{
	EdiNest *from = EdiNestAt(w, EdiNestAt(w, nest)->parent);
	uint32_t *link = &from->first_nest;
	uint32_t before = EDI_NONE;

	for (; *link != nest; link = &EdiNestAt(w, before)->next)
		before = *link;
	*link = EdiNestAt(w, nest)->next;
	if (from->last_nest == nest)
		from->last_nest = before;
	EdiHangNest(w, nest, owner);
}

/*
 * A group that holds what two held: the one within it that `part` is in goes into one of its own, with the same codes at
 * its beginning.
 */
static uint32_t
SplitNest(EdiWriter *w, uint32_t nest, uint32_t part, uint32_t owner)
{
	uint32_t own;
	uint32_t i;

	while (part != nest && EdiNestAt(w, part)->parent != nest)
		part = EdiNestAt(w, part)->parent;
	if (part == nest || !EdiHasRoom(w, owner, EdiNestAt(w, nest)->at))
		return EDI_NONE;
	own = EdiAddNest(w, owner, EdiNestAt(w, nest)->at, true);
	if (own == EDI_NONE)
		return EDI_NONE;
	MoveNest(w, part, own);
	for (i = EdiPutAt(w, EdiNestAt(w, nest)->first_put)->first; i != EDI_NONE;
		 i = EdiCellAt(w, i)->next)
		if (EdiCellAt(w, i)->node == 0)
			EdiCellSet(w, EdiNestAt(w, own)->first_put, EdiCellAt(w, i)->element,
					   EdiCellAt(w, i)->component, EdiCellAt(w, i)->text, 0);
	return own;
}

/* The group of segments that a node of the document is in: that of its segment, or of the group it belongs to; 0: none. */
static uint32_t
NestOf(const EdiReturns *r, uint32_t node)
{
	const EdiWriter *w = r->w;

	if (node != 0 && r->put_at[node] != 0)
		return EdiPutAt(w, r->put_at[node] - 1)->nest;
	while (node != 0 && w->nest_of[node] == 0)
		node = ViewNode(w->job->document, node).parent;
	return node == 0 ? 0 : w->nest_of[node];
}

/* The segment of a node in a group that holds a node of the document, EDI_NONE: there is none. */
static uint32_t
SegmentWith(EdiReturns *r, uint32_t node, uint32_t owner, uint16_t at)
{
	uint32_t put = node == 0 ? 0 : r->put_at[node];

	if (put == 0 || EdiPutAt(r->w, put - 1)->nest != owner || EdiPutAt(r->w, put - 1)->at != at)
		return EDI_NONE;
	return EdiPutAt(r->w, put - 1)->set == r->set ? EdiSplitPair(r, put - 1, node) : put - 1;
}

/* The group of a node in another that holds a node of the document, brought there if need be; EDI_NONE: none. */
static uint32_t
GroupWith(EdiReturns *r, uint32_t node, uint32_t owner, uint16_t at)
{
	EdiWriter *w = r->w;
	uint32_t part = NestOf(r, node);
	uint32_t nest = part;

	while (nest != 0 && EdiNestAt(w, nest)->at != at)
		nest = EdiNestAt(w, nest)->parent;
	if (nest == 0)
		return EDI_NONE;
	if (EdiNestAt(w, nest)->set == r->set)
		return SplitNest(w, nest, part, owner);
	/* in another group of the kind of that around it */
	if (EdiNestAt(w, nest)->parent != owner)
	{
		if (EdiNestAt(w, nest)->set != 0 ||
			EdiNestAt(w, EdiNestAt(w, nest)->parent)->at != EdiNestAt(w, owner)->at ||
			!EdiHasRoom(w, owner, at))
			return EDI_NONE;
		MoveNest(w, nest, owner);
	}
	return nest;
}

/* What goes to the place of an item: what holds its term, or a new group or segment; EDI_NONE: nothing. */
static uint32_t
TakeItem(EdiReturns *r, Span item, uint32_t owner, uint16_t at)
{
	EdiWriter *w = r->w;
	bool group = EdiWriterNode(w, at)->group;
	uint32_t node = NodeNamed(r, item);
	uint32_t taken = group ? GroupWith(r, node, owner, at) : SegmentWith(r, node, owner, at);

	if (taken != EDI_NONE || !EdiHasRoom(w, owner, at))
		return taken;
	taken = group ? EdiAddNest(w, owner, at, true) : EdiAddPut(w, owner, at, true);
	if (group && taken != EDI_NONE)
		PushIndex(w, &r->made, taken);
	return taken;
}

/* The group and node whose siblings a path speaks of; false if there are none. */
static bool
FindSiblings(EdiReturns *r, const EdiPath *path, uint32_t *owner, uint16_t *at)
{
	EdiWriter *w = r->w;

	*owner = 0;
	*at = 0;
	for (unsigned i = 0; i < path->count; i++)
	{
		bool last = i + 1 == path->count;

		*at = EdiNodeNamed(w, EdiNestAt(w, *owner)->at, path->steps[i].name, true);
		if (*at == 0 && last)
			*at = EdiNodeNamed(w, EdiNestAt(w, *owner)->at, path->steps[i].name, false);
		if (*at == 0)
			return false;
		if (!last)
			*owner = EdiSeek(w, &r->nests[i], *owner, *at, path->steps[i].number, false);
		if (*owner == EDI_NONE)
			return false;
	}
	/* a group begins with its first segment */
	return *owner == 0 || *at != EdiNestAt(w, *owner)->at + 1;
}

/* The next item of a list, taken off its beginning; false behind the last one. */
static bool
NextItem(Span *list, Span *item)
{
	const char *bar = list->length > 0 ? memchr(list->data, '|', list->length) : NULL;

	if (list->data == NULL)
		return false;
	*item = bar == NULL ? *list : SpanOf(list->data, (size_t) (bar - list->data));
	*list = bar == NULL ? SpanOf(NULL, 0) : SpanOf(bar + 1, list->length - item->length - 1);
	return true;
}

/* The pairs of a segment in the order in which they stood. */
static void
TakePairs(EdiReturns *r, const EdiPath *path, Span list)
{
	uint32_t nodes[EDI_MAX_PAIRS] = {0};
	unsigned count = 0;
	WriteFate fate;
	uint32_t put = EdiSeekSegment(r, path, &fate);
	Span item;

	while (count < EDI_MAX_PAIRS && NextItem(&list, &item))
		nodes[count++] = NodeNamed(r, item);
	if (put != EDI_NONE)
		EdiArrangePairs(r->w, put, nodes, count);
}

/* One line of fact "order": siblings that hold terms change places, others get room between them. */
static void
TakeOrder(EdiReturns *r, Span line)
{
	EdiWriter *w = r->w;
	EdiPath path;
	bool pairs;
	uint32_t owner;
	uint16_t at;
	Vector slots;
	Span item;

	if (!EdiTakeSteps(&line, &path))
		return;
	pairs = EdiTakeChar(&line, '/');
	if (!EdiTakeChar(&line, ' '))
		return;
	if (pairs)
		TakePairs(r, &path, line);
	if (pairs || !FindSiblings(r, &path, &owner, &at))
		return;
	r->set++;
	VectorInit(&slots, w->job->arena, sizeof(uint32_t));
	while (w->status == CLEX_OK && NextItem(&line, &item))
	{
		uint32_t taken = TakeItem(r, item, owner, at);

		if (taken == EDI_NONE || w->status != CLEX_OK)
			continue;
		*EdiSiblingAt(w, EdiWriterNode(w, at)->group, taken).set = r->set;
		PushIndex(w, &slots, taken);
	}
	if (w->status == CLEX_OK)
		PutInOrder(r, owner, at, &slots);
}

/* Terms and the segments they stand in. */
static bool
IndexTerms(EdiReturns *r)
{
	EdiWriter *w = r->w;
	const DocumentView *view = w->job->document;
	uint32_t *nodes =
		ArenaAllocArray(w->job->arena, (size_t) view->node_count + 1, sizeof(uint32_t));
	uint32_t *first_of = ArenaAllocZero(w->job->arena, (TERM_COUNT + 2) * sizeof(uint32_t));
	uint32_t *next = ArenaAllocArray(w->job->arena, TERM_COUNT + 2, sizeof(uint32_t));

	r->put_at = ArenaAllocZero(w->job->arena, ((size_t) view->node_count + 1) * sizeof(uint32_t));
	if (nodes == NULL || first_of == NULL || next == NULL || r->put_at == NULL)
		return false;
	for (uint32_t i = 1; i <= view->node_count; i++)
		first_of[ViewNode(view, i).term + 1]++;
	for (uint32_t term = 0; term <= TERM_COUNT; term++)
		first_of[term + 1] += first_of[term];
	memcpy(next, first_of, (TERM_COUNT + 2) * sizeof(uint32_t));
	for (uint32_t i = 1; i <= view->node_count; i++)
		nodes[next[ViewNode(view, i).term]++] = i;
	for (uint32_t p = 0; p < w->puts.count; p++)
		for (uint32_t i = EdiPutAt(w, p)->first; i != EDI_NONE; i = EdiCellAt(w, i)->next)
			if (EdiCellAt(w, i)->node != 0)
				r->put_at[EdiCellAt(w, i)->node] = p + 1;
	r->nodes = nodes;
	r->first_of = first_of;
	return true;
}

bool
EdiRestoreOrder(EdiReturns *r)
{
	EdiWriter *w = r->w;
	Span rest = ViewProvenance(w->job->document, "order");

	VectorInit(&r->made, w->job->arena, sizeof(uint32_t));
	r->put.index = EDI_NONE;
	for (unsigned i = 0; i < EDI_MAX_STEPS; i++)
		r->nests[i].index = EDI_NONE;
	if (!IndexTerms(r))
		return false;
	while (rest.length > 0 && w->status == CLEX_OK)
	{
		const char *end = memchr(rest.data, '\n', rest.length);
		size_t length = end == NULL ? rest.length : (size_t) (end - rest.data);

		TakeOrder(r, SpanOf(rest.data, length));
		length += end != NULL;
		rest = SpanOf(rest.data + length, rest.length - length);
	}
	return true;
}
