/*
 * page_items.c
 *		The items of a page: values with their notes, facts, and what stands in groups, each marked as shown.
 */
#include "core/render/page_parts.h"

uint32_t
PageOpen(Builder *builder, PageItemKind kind, PageStyle style, Span label)
{
	PageItem *item = VectorPush(&builder->page->items);

	if (++builder->steps % 4096 == 0 && ClexInterrupted(builder->page->arena->env))
		builder->failed = true;
	if (item == NULL)
	{
		builder->failed = true;
		return 0;
	}
	*item = (PageItem){.kind = kind, .style = style, .label = label};
	item->end = builder->page->items.count;
	return item->end - 1;
}

PageItem *
PageItemAt(Builder *builder, uint32_t item)
{
	return &VectorAt(&builder->page->items, PageItem, item);
}

void
PageClose(Builder *builder, uint32_t item)
{
	if (item < builder->page->items.count)
		PageItemAt(builder, item)->end = builder->page->items.count;
}

bool
PageCloseUnlessEmpty(Builder *builder, uint32_t item)
{
	if (!builder->failed && builder->page->items.count == item + 1)
	{
		builder->page->items.count = item;
		return false;
	}
	PageClose(builder, item);
	return true;
}

Span
PageLabel(const Builder *builder, TermId term)
{
	return ClexTermLooks[term].label[builder->page->language];
}

Span
PageWordText(const Builder *builder, PageWord word)
{
	return PageWordIn(builder->page->language, word);
}

/* What the attributes of a value say, "SIREN 0002, 2008": words before their codes. */
static Span
AttributesNote(Builder *builder, uint32_t node)
{
	Text note;

	if (builder->children[node] == builder->children[node + 1])
		return SpanOf("", 0);
	TextInit(&note, builder->page->arena);
	for (uint32_t i = builder->children[node]; i < builder->children[node + 1]; i++)
	{
		DocumentNode attribute = ViewNode(builder->view, i);
		Span word = CodeWordOf(ClexTermLooks[attribute.term].codes, attribute.value,
							   builder->page->language);

		if (note.length > 0)
			TextAppend(&note, ", ", 2);
		if (word.data != NULL && !SpanEqual(word, attribute.value))
		{
			TextAppendSpan(&note, word);
			TextAppendChar(&note, ' ');
		}
		TextAppendSpan(&note, attribute.value);
		builder->shown[i] = 1;
	}
	builder->failed |= note.failed;
	return note.failed ? SpanOf("", 0) : TextSpan(&note);
}

void
PageEmitValue(Builder *builder, uint32_t node, PageStyle style, bool name_currency)
{
	DocumentNode fact = ViewNode(builder->view, node);
	Span currency = fact.term == TERM_BT_111 ? builder->vat_currency : builder->currency;
	TermId qualifier = ClexTermLooks[fact.term].qualifier;
	uint32_t value = PageOpen(builder, PAGE_VALUE, style, SpanOf("", 0));
	PageItem shown = {0};
	Span note = AttributesNote(builder, node);
	uint32_t beside =
		qualifier == TERM_NONE ? 0 : ViewFind(builder->view, fact.parent, qualifier, NULL);

	if (builder->failed)
		return;
	ShowValue(&fact, builder->page->language, currency, name_currency, builder->page->arena,
			  &shown);
	shown.kind = PAGE_VALUE;
	shown.style = style;
	shown.end = value + 1;
	if (note.length > 0)
		shown.note = note;
	/* behind a rate the code of its category is enough; a unit is said in words */
	if (style == STYLE_FOLLOWS && shown.note.length > 0 && note.length == 0)
		shown = (PageItem){.kind = PAGE_VALUE,
						   .style = STYLE_FOLLOWS,
						   .type = VALUE_TEXT,
						   .end = value + 1,
						   .shown = fact.value};
	builder->failed |= shown.shown.data == NULL;
	*PageItemAt(builder, value) = shown;
	builder->shown[node] = 1;
	if (beside != 0 && fact.ordinal == 1)
		PageEmitValue(builder, beside, STYLE_FOLLOWS, false);
}

void
PageEmitFact(Builder *builder, uint32_t node, PageStyle style, bool name_currency)
{
	uint32_t fact =
		PageOpen(builder, PAGE_FACT, style, PageLabel(builder, ViewNode(builder->view, node).term));

	PageEmitValue(builder, node, STYLE_PLAIN, name_currency);
	PageClose(builder, fact);
}

/* The lines of an address as one fact, the town behind its post code. */
static void
EmitAddress(Builder *builder, uint32_t group)
{
	static const char *const parts[] = {"line_1", "line_2",		 "line_3", "post_code",
										"city",	  "subdivision", "country"};
	uint32_t fact = PageOpen(builder, PAGE_FACT, STYLE_PLAIN,
							 PageLabel(builder, ViewNode(builder->view, group).term));
	bool post_code = false;

	for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++)
	{
		TermId term = TermChild(ViewNode(builder->view, group).term, SpanFromCString(parts[part]));
		uint32_t node = term == TERM_NONE ? 0 : ViewFind(builder->view, group, term, NULL);

		if (node == 0 || builder->shown[node])
			continue;
		PageEmitValue(builder, node, part == 4 && post_code ? STYLE_FOLLOWS : STYLE_PLAIN, false);
		post_code |= part == 3;
	}
	PageEmitFacts(builder, group);
	PageCloseUnlessEmpty(builder, fact);
	builder->shown[group] = 1;
}

/* A group one of whose values is the label of the other: "Colour: red". */
static void
EmitTitled(Builder *builder, uint32_t group)
{
	DocumentNode fact = ViewNode(builder->view, group);
	const TermLook *look = &ClexTermLooks[fact.term];
	uint32_t title = ViewFind(builder->view, group, look->title, NULL);
	uint32_t text = ViewFind(builder->view, group, look->text, NULL);
	uint32_t item = PageOpen(builder, PAGE_FACT, STYLE_PLAIN, PageLabel(builder, fact.term));

	if (title != 0 && text != 0 && !builder->shown[title] && !builder->failed)
	{
		DocumentNode node = ViewNode(builder->view, title);
		PageItem label = {0};

		ShowValue(&node, builder->page->language, SpanOf("", 0), false, builder->page->arena,
				  &label);
		builder->failed |= label.shown.data == NULL;
		PageItemAt(builder, item)->label = label.shown;
		PageItemAt(builder, item)->exact = label.exact;
		PageItemAt(builder, item)->note = label.note;
		builder->shown[title] = 1;
	}
	if (text != 0 && !builder->shown[text])
		PageEmitValue(builder, text, STYLE_PLAIN, false);
	PageEmitFacts(builder, group);
	PageCloseUnlessEmpty(builder, item);
}

void
PageEmitNode(Builder *builder, uint32_t node, bool nested)
{
	DocumentNode fact = ViewNode(builder->view, node);
	uint32_t item;

	if (builder->failed)
		return;
	if (!TermIsGroup(fact.term))
	{
		if (!builder->shown[node])
			PageEmitFact(builder, node, STYLE_PLAIN, false);
		return;
	}
	if (ClexTermLooks[fact.term].title != TERM_NONE)
		EmitTitled(builder, node);
	else if (SpanEqualCString(ClexTerms[fact.term].name, "address"))
		EmitAddress(builder, node);
	else if (!nested && ClexTerms[fact.term].max == 1 && fact.ordinal == 1)
		PageEmitFacts(builder, node);
	else
	{
		item = PageOpen(builder, PAGE_FACT, STYLE_PLAIN, PageLabel(builder, fact.term));
		PageEmitFacts(builder, node);
		PageCloseUnlessEmpty(builder, item);
	}
}

void
PageEmitFacts(Builder *builder, uint32_t parent)
{
	for (uint32_t i = builder->children[parent];
		 i < builder->children[parent + 1] && !builder->failed; i++)
		PageEmitNode(builder, i, false);
}
