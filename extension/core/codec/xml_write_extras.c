/*
 * xml_write_extras.c
 *		Extras put back: attributes, and elements in the order of the schema.
 */
#include "core/codec/xml_writer.h"
#include "core/xml/xml_write.h"

void
WriterNewLine(Writer *w)
{
	if (!w->indent)
		return;
	TextAppendChar(w->out, '\n');
	for (uint32_t i = 0; i < w->depth; i++)
		TextAppend(w->out, "  ", 2);
}

/* Probe for a cancel now and then; what comes is then no longer written. */
void
WriterCount(Writer *w)
{
	if (--w->countdown == 0)
	{
		w->countdown = WRITER_INTERRUPT_EVERY;
		w->stopped |= ClexInterrupted(w->job->arena->env);
	}
}

/* The node of extras for an element of this name and position, 0 if nothing inside it is one. */
uint32_t
WriterExtra(const Writer *w, uint32_t parent, const PlanState *plan, uint32_t index)
{
	return parent == 0 ? 0 : ExtraFind(w->extras, parent, ClexStaticNames[plan->name], index);
}

void
WriterExtraDone(Writer *w, uint32_t extra)
{
	uint32_t *done = VectorPush(&w->done);

	if (done == NULL)
	{
		w->out->failed = true;
		return;
	}
	*done = extra;
	ExtraAt(w->extras, extra)->done = true;
}

/* Append the name of an extra: known prefixes as they are, others numbered at the root. */
static void
AppendExtraName(Writer *w, const ExtraNode *extra)
{
	Span name = extra->name;

	if (extra->kind == EXTRA_ATTRIBUTE)
		name = SpanOf(name.data + 1, name.length - 1);
	if (extra->space > 0)
	{
		const char *end = memchr(name.data, '}', name.length);
		size_t skip = end == NULL ? 0 : (size_t) (end - name.data) + 1;

		TextAppendf(w->out, "ns%u:", extra->space);
		name = SpanOf(name.data + skip, name.length - skip);
	}
	TextAppendSpan(w->out, name);
}

void
WriterExtraValue(Writer *w, const ExtraNode *extra, bool attribute)
{
	Span value = ViewExtra(w->view, extra->extra - 1).value;

	if (w->json)
		XmlAppendMarkup(w->out, value);
	else if (!(attribute ? XmlAppendValue(w->out, value) : XmlAppendText(w->out, value)))
		w->job->extra_fate[extra->extra - 1] = FATE_CHARACTERS;
}

/* Attributes among the extras of an element, but for those already written. */
void
WriterExtraAttributes(Writer *w, uint32_t parent)
{
	for (uint32_t i = ExtraAt(w->extras, parent)->first_child; i != 0;
		 i = ExtraAt(w->extras, i)->next)
	{
		const ExtraNode *extra = ExtraAt(w->extras, i);

		if (extra->kind != EXTRA_ATTRIBUTE || extra->done || extra->extra == 0)
			continue;
		TextAppendChar(w->out, ' ');
		AppendExtraName(w, extra);
		TextAppend(w->out, "=\"", 2);
		WriterExtraValue(w, extra, true);
		TextAppendChar(w->out, '"');
		WriterExtraDone(w, i);
	}
}

const PlanElement *
PlanFindElement(uint16_t type, NameId name)
{
	for (uint16_t i = 0; i < ClexPlanTypes[type].count; i++)
		if (ClexPlanElements[ClexPlanTypes[type].first + i].name == name)
			return &ClexPlanElements[ClexPlanTypes[type].first + i];
	return NULL;
}

/* Sort the children of an extra by position; those of one position stay in their order. */
bool
WriterOrderExtras(Writer *w, uint32_t parent, uint16_t type, ExtraOrder *order)
{
	uint32_t start[PLAN_MAX_POSITION + 2] = {0};
	uint32_t count = 0;
	Arena *arena = w->job->arena;

	memset(order, 0, sizeof(*order));
	if (parent == 0)
		return true;
	for (uint32_t i = ExtraAt(w->extras, parent)->first_child; i != 0;
		 i = ExtraAt(w->extras, i)->next)
		count += ExtraAt(w->extras, i)->kind != EXTRA_ATTRIBUTE;
	order->count = count;
	order->nodes = ArenaAllocArray(arena, (size_t) count + 1, sizeof(uint32_t));
	order->positions = ArenaAllocArray(arena, (size_t) count + 1, sizeof(uint16_t));
	order->types = ArenaAllocArray(arena, (size_t) count + 1, sizeof(uint16_t));
	if (order->nodes == NULL || order->positions == NULL || order->types == NULL)
	{
		w->out->failed = true;
		return false;
	}
	for (int pass = 0; pass < 2; pass++)
	{
		for (uint32_t i = ExtraAt(w->extras, parent)->first_child; i != 0;
			 i = ExtraAt(w->extras, i)->next)
		{
			const ExtraNode *extra = ExtraAt(w->extras, i);
			const PlanElement *element;
			uint32_t position = 0;

			if (extra->kind == EXTRA_ATTRIBUTE)
				continue;
			element =
				extra->kind == EXTRA_TEXT ? NULL : PlanFindElement(type, NameLookup(extra->name));
			if (extra->kind == EXTRA_ELEMENT)
				position = element == NULL ? PLAN_MAX_POSITION : element->position;
			if (pass == 0)
				start[position + 1]++;
			else
			{
				uint32_t at = start[position]++;

				order->nodes[at] = i;
				order->positions[at] = (uint16_t) position;
				order->types[at] = element == NULL ? 0 : element->type;
			}
		}
		for (uint32_t i = 1; pass == 0 && i <= PLAN_MAX_POSITION + 1; i++)
			start[i] += start[i - 1];
	}
	return true;
}

/* An element that holds nothing but extras. */
void
WriterExtraElement(Writer *w, uint32_t number, uint16_t type)
{
	const ExtraNode *extra = ExtraAt(w->extras, number);
	ExtraOrder order;
	bool elements = false;

	WriterCount(w);
	WriterExtraDone(w, number);
	if (extra->kind == EXTRA_TEXT)
	{
		WriterExtraValue(w, extra, false);
		return;
	}
	WriterNewLine(w);
	TextAppendChar(w->out, '<');
	AppendExtraName(w, extra);
	WriterExtraAttributes(w, number);
	TextAppendChar(w->out, '>');
	if (extra->extra > 0)
		WriterExtraValue(w, extra, false);
	w->depth++;
	if (!w->stopped && WriterOrderExtras(w, number, type, &order))
		for (uint32_t i = 0; i < order.count; i++)
		{
			WriterExtraElement(w, order.nodes[i], order.types[i]);
			elements |=
				order.positions[i] > 0 || ExtraAt(w->extras, order.nodes[i])->kind != EXTRA_TEXT;
		}
	w->depth--;
	if (elements)
		WriterNewLine(w);
	TextAppend(w->out, "</", 2);
	AppendExtraName(w, extra);
	TextAppendChar(w->out, '>');
}

/* Elements of extras that stand before `position` and are not yet written. */
void
WriterExtrasUntil(Writer *w, ExtraOrder *order, uint32_t position, bool *elements)
{
	for (; order->next < order->count && order->positions[order->next] < position; order->next++)
		if (!ExtraAt(w->extras, order->nodes[order->next])->done)
		{
			WriterExtraElement(w, order->nodes[order->next], order->types[order->next]);
			*elements = true;
		}
}
