/*
 * page.c
 *		A document laid out as a page: sections by data/render/layout.tsv, then what is left.
 *
 * Every node that a section shows is marked.  The last section walks the whole document and shows what was
 * never marked, so a term that the layout does not know, or one that stands twice where once is the rule, is
 * shown nevertheless.  Attributes of a value stand as a note beside it.
 */
#include "core/render/page_parts.h"

/* Columns of a table that the layout may have. */
#define COLUMNS 12

int
PageLanguage(Span code)
{
	for (int i = 0; i < PAGE_LANGUAGES; i++)
		if (SpanEqual(code, PageLanguageCode(i)))
			return i;
	return -1;
}

Span
PageLanguageCode(int language)
{
	static const char *const codes[PAGE_LANGUAGES] = {"en", "fr", "de"};

	return SpanFromCString(codes[language]);
}

/* The first node of a term, found from `node`, which is of term `above`, downwards; 0 if there is none. */
static uint32_t
FindBelow(const DocumentView *view, uint32_t node, TermId above, TermId term)
{
	TermId parent = ClexTerms[term].parent;

	if (parent != above)
	{
		if (parent == TERM_NONE)
			return 0;
		node = FindBelow(view, node, above, parent);
		if (node == 0)
			return 0;
	}
	return ViewFind(view, node, term, NULL);
}

/* All occurrences of a group of the layout. */
static uint32_t
FindGroup(const DocumentView *view, TermId group, uint32_t *count)
{
	TermId above = ClexTerms[group].parent;
	uint32_t parent = above == TERM_NONE ? 0 : FindBelow(view, 0, TERM_NONE, above);

	*count = 0;
	if (above != TERM_NONE && parent == 0)
		return 0;
	return ViewFind(view, parent, group, count);
}

static void
EmitTitle(Builder *builder)
{
	const DocumentView *view = builder->view;
	uint32_t type = FindBelow(view, 0, TERM_NONE, TERM_BT_3);
	uint32_t number = FindBelow(view, 0, TERM_NONE, TERM_BT_1);
	uint32_t seller = FindBelow(view, 0, TERM_NONE, TERM_BT_27);
	const char *kind = DocumentKindName(view->kind);
	Span label = SpanOf(NULL, 0);
	uint32_t section;

	if (type != 0)
		label = CodeWordOf(CODES_DOCUMENT, ViewNode(view, type).value, builder->page->language);
	for (PageWord word = WORD_NONE + 1; word < WORD_COUNT && label.data == NULL; word++)
		if (kind != NULL && SpanEqualCString(ClexPageWordKeys[word], kind))
			label = PageWordText(builder, word);
	if (label.data == NULL)
		label = PageWordText(builder, WORD_DOCUMENT);
	section = PageOpen(builder, PAGE_SECTION, STYLE_TITLE, label);
	if (number != 0)
		PageEmitValue(builder, number, STYLE_STRONG, false);
	if (seller != 0)
	{
		PageEmitValue(builder, seller, STYLE_PLAIN, false);
		/* it stands in the seller's block too */
		builder->shown[seller] = 0;
	}
	PageClose(builder, section);
}

static void
EmitKeys(Builder *builder, const LayoutRow *row)
{
	uint32_t section = PageOpen(builder, PAGE_SECTION, STYLE_KEYS, SpanOf("", 0));

	for (int i = 0; i < row->term_count; i++)
	{
		uint32_t node = FindBelow(builder->view, 0, TERM_NONE, row->terms[i]);

		if (node != 0)
			PageEmitFact(builder, node, row->terms[i] == TERM_BT_115 ? STYLE_STRONG : STYLE_PLAIN,
						 true);
	}
	PageCloseUnlessEmpty(builder, section);
}

/* A block for each occurrence of a party: its name, then where it is, then the rest. */
static void
EmitParty(Builder *builder, const LayoutRow *row)
{
	static const char *const first_parts[] = {"name", "trading_name", "address"};
	uint32_t count;
	uint32_t first = FindGroup(builder->view, row->group, &count);

	for (uint32_t i = first; i < first + count; i++)
	{
		uint32_t section =
			PageOpen(builder, PAGE_SECTION, STYLE_PARTY, PageLabel(builder, row->group));

		for (size_t part = 0; part < 3; part++)
		{
			TermId term = TermChild(row->group, SpanFromCString(first_parts[part]));
			uint32_t node = term == TERM_NONE ? 0 : ViewFind(builder->view, i, term, NULL);

			if (node != 0 && part == 0 && !builder->shown[node])
				PageEmitFact(builder, node, STYLE_STRONG, false);
			else if (node != 0)
				PageEmitNode(builder, node, false);
		}
		PageEmitFacts(builder, i);
		PageCloseUnlessEmpty(builder, section);
	}
}

static Span
Heading(const Builder *builder, const LayoutRow *row)
{
	return row->heading == WORD_NONE ? PageLabel(builder, row->group)
									 : PageWordText(builder, (PageWord) row->heading);
}

static void
EmitFactsSection(Builder *builder, const LayoutRow *row)
{
	uint32_t section = PageOpen(builder, PAGE_SECTION, STYLE_PLAIN, Heading(builder, row));
	uint32_t count = 0;
	uint32_t first = row->group == TERM_NONE ? 0 : FindGroup(builder->view, row->group, &count);

	for (int i = 0; i < row->term_count; i++)
	{
		uint32_t node = FindBelow(builder->view, 0, TERM_NONE, row->terms[i]);

		if (node != 0 && !builder->shown[node])
			PageEmitFact(builder, node, STYLE_PLAIN, true);
	}
	for (uint32_t i = first; i < first + count; i++)
		PageEmitNode(builder, i, false);
	PageCloseUnlessEmpty(builder, section);
}

/* All sums, also those that stand above. */
static void
EmitTotals(Builder *builder, const LayoutRow *row)
{
	uint32_t count;
	uint32_t first = FindGroup(builder->view, row->group, &count);
	uint32_t section = PageOpen(builder, PAGE_SECTION, STYLE_TOTALS, Heading(builder, row));

	for (uint32_t group = first; group < first + count; group++)
		for (uint32_t i = builder->children[group]; i < builder->children[group + 1]; i++)
		{
			TermId term = ViewNode(builder->view, i).term;

			if (TermIsGroup(term))
				PageEmitNode(builder, i, false);
			else
				PageEmitFact(builder, i, term == TERM_BT_115 ? STYLE_STRONG : STYLE_PLAIN, true);
		}
	PageCloseUnlessEmpty(builder, section);
}

/* The nodes of a row that have columns of their own; marked, so that the main column leaves them alone. */
static void
ClaimCells(Builder *builder, const LayoutRow *columns, int column_count, uint32_t row,
		   uint32_t cells[COLUMNS])
{
	TermId above = ViewNode(builder->view, row).term;

	for (int k = 0; k < column_count; k++)
	{
		TermId qualifier = ClexTermLooks[columns[k].terms[0]].qualifier;

		cells[k] = FindBelow(builder->view, row, above, columns[k].terms[0]);
		if (cells[k] == 0)
			continue;
		builder->shown[cells[k]] = 1;
		if (qualifier != TERM_NONE)
		{
			uint32_t parent = ViewNode(builder->view, cells[k]).parent;
			uint32_t beside = ViewFind(builder->view, parent, qualifier, NULL);

			if (beside != 0)
				builder->shown[beside] = 1;
		}
	}
}

static void
EmitRow(Builder *builder, const LayoutRow *columns, int column_count, const bool *used,
		uint32_t node)
{
	uint32_t row = PageOpen(builder, PAGE_ROW, STYLE_PLAIN, SpanOf("", 0));
	uint32_t cells[COLUMNS];

	ClaimCells(builder, columns, column_count, node, cells);
	for (int k = 0; k < column_count && !builder->failed; k++)
	{
		uint32_t cell;

		if (!used[k])
			continue;
		cell = PageOpen(builder, PAGE_CELL, columns[k].main ? STYLE_STRONG : STYLE_PLAIN,
						SpanOf("", 0));
		if (cells[k] != 0)
			PageEmitValue(builder, cells[k], STYLE_PLAIN, false);
		if (columns[k].main)
			PageEmitFacts(builder, node);
		if (!builder->failed)
			PageItemAt(builder, cell)->align = columns[k].align;
		PageClose(builder, cell);
	}
	PageClose(builder, row);
}

/* A table; columns that no row has anything for are left out. */
static void
EmitTable(Builder *builder, const LayoutRow *layout, const LayoutRow *columns, int column_count)
{
	const DocumentView *view = builder->view;
	bool used[COLUMNS] = {false};
	bool amounts = false;
	uint32_t count;
	uint32_t first = FindGroup(view, layout->group, &count);
	uint32_t section;
	uint32_t table;

	if (count == 0)
		return;
	for (int k = 0; k < column_count; k++)
	{
		used[k] = columns[k].main;
		for (uint32_t i = first; i < first + count && !used[k]; i++)
			used[k] = FindBelow(view, i, layout->group, columns[k].terms[0]) != 0;
		amounts |= used[k] && strstr(ClexTerms[columns[k].terms[0]].kind, "mount") != NULL;
	}
	section =
		PageOpen(builder, PAGE_SECTION, layout->form == LAYOUT_BESIDE ? STYLE_BESIDE : STYLE_TABLE,
				 Heading(builder, layout));
	if (amounts && builder->currency.length > 0 && !builder->failed)
	{
		Text note;

		TextInit(&note, builder->page->arena);
		TextAppendSpan(&note, PageWordText(builder, WORD_AMOUNTS_IN));
		TextAppendChar(&note, ' ');
		TextAppendSpan(&note, builder->currency);
		builder->failed |= note.failed;
		PageItemAt(builder, section)->note = TextSpan(&note);
	}
	table = PageOpen(builder, PAGE_TABLE, STYLE_PLAIN, SpanOf("", 0));
	for (int k = 0; k < column_count; k++)
		if (used[k])
		{
			uint32_t column =
				PageOpen(builder, PAGE_COLUMN, columns[k].main ? STYLE_STRONG : STYLE_PLAIN,
						 PageLabel(builder, columns[k].terms[0]));

			if (!builder->failed)
				PageItemAt(builder, column)->align = columns[k].align;
		}
	for (uint32_t i = first; i < first + count && !builder->failed; i++)
		EmitRow(builder, columns, column_count, used, i);
	PageClose(builder, table);
	PageClose(builder, section);
}

/* A text that is no term as a value. */
static void
EmitText(Builder *builder, Span text)
{
	uint32_t value = PageOpen(builder, PAGE_VALUE, STYLE_PLAIN, SpanOf("", 0));

	if (!builder->failed)
	{
		PageItemAt(builder, value)->shown = text;
		PageItemAt(builder, value)->type = VALUE_TEXT;
	}
}

/* What no term took, with its place in the file. */
static void
EmitExtras(Builder *builder)
{
	uint32_t section;
	uint32_t table;

	if (builder->view->extra_count == 0)
		return;
	section = PageOpen(builder, PAGE_SECTION, STYLE_TABLE, PageWordText(builder, WORD_EXTRAS));
	table = PageOpen(builder, PAGE_TABLE, STYLE_MORE, SpanOf("", 0));
	(void) PageOpen(builder, PAGE_COLUMN, STYLE_STRONG, PageWordText(builder, WORD_PLACE));
	(void) PageOpen(builder, PAGE_COLUMN, STYLE_PLAIN, PageWordText(builder, WORD_VALUE));
	for (uint32_t i = 0; i < builder->view->extra_count && !builder->failed; i++)
	{
		DocumentExtra extra = ViewExtra(builder->view, i);
		uint32_t row = PageOpen(builder, PAGE_ROW, STYLE_PLAIN, SpanOf("", 0));
		uint32_t cell = PageOpen(builder, PAGE_CELL, STYLE_STRONG, SpanOf("", 0));

		EmitText(builder, extra.path);
		PageClose(builder, cell);
		cell = PageOpen(builder, PAGE_CELL, STYLE_PLAIN, SpanOf("", 0));
		EmitText(builder, extra.value);
		PageClose(builder, cell);
		PageClose(builder, row);
	}
	PageClose(builder, table);
	PageClose(builder, section);
}

/* What no section has shown. */
static void
EmitRest(Builder *builder)
{
	uint32_t section =
		PageOpen(builder, PAGE_SECTION, STYLE_MORE, PageWordText(builder, WORD_MORE));

	for (uint32_t i = builder->children[0]; i < builder->children[1] && !builder->failed; i++)
		PageEmitNode(builder, i, ViewNode(builder->view, i).term != TERM_BG_0);
	PageCloseUnlessEmpty(builder, section);
}

static void
EmitSections(Builder *builder)
{
	for (uint32_t i = 0; i < ClexLayoutRows && !builder->failed; i++)
	{
		const LayoutRow *row = &ClexLayout[i];
		int columns = 0;

		switch ((LayoutForm) row->form)
		{
			case LAYOUT_KEYS:
				EmitKeys(builder, row);
				break;
			case LAYOUT_PARTY:
				EmitParty(builder, row);
				break;
			case LAYOUT_FACTS:
				EmitFactsSection(builder, row);
				break;
			case LAYOUT_TOTALS:
				EmitTotals(builder, row);
				break;
			case LAYOUT_TABLE:
			case LAYOUT_BESIDE:
				while (i + 1 < ClexLayoutRows && ClexLayout[i + 1].form == LAYOUT_COLUMN &&
					   columns < COLUMNS)
				{
					i++;
					columns++;
				}
				EmitTable(builder, row, row + 1, columns);
				break;
			case LAYOUT_COLUMN:
				break;
		}
	}
}

ClexStatus
PageBuild(const DocumentView *view, int language, Arena *arena, DocumentPage *page,
		  ClexError *error)
{
	Builder builder = {.view = view, .page = page};
	uint32_t node;

	page->arena = arena;
	page->language = language;
	VectorInit(&page->items, arena, sizeof(PageItem));
	builder.children = ViewChildIndex(view, arena);
	builder.shown = ArenaAllocZero(arena, (size_t) view->node_count + 1);
	if (builder.children == NULL || builder.shown == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	node = FindBelow(view, 0, TERM_NONE, TERM_BT_5);
	builder.currency = node == 0 ? SpanOf("", 0) : ViewNode(view, node).value;
	node = FindBelow(view, 0, TERM_NONE, TERM_BT_6);
	builder.vat_currency = node == 0 ? builder.currency : ViewNode(view, node).value;
	EmitTitle(&builder);
	EmitSections(&builder);
	if (!builder.failed)
		EmitRest(&builder);
	if (!builder.failed)
		EmitExtras(&builder);
	if (!builder.failed)
		return CLEX_OK;
	if (ClexInterrupted(arena->env))
		return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
	return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
}
