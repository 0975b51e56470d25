/*
 * page.c
 *		A document laid out as a page: sections by data/render/layout.tsv, then what is left.
 *
 * Every node that a section shows is marked.  The last section walks the whole document and shows what was
 * never marked, so a term that the layout does not know, or one that stands twice where once is the rule, is
 * shown nevertheless.  Attributes of a value stand as a note beside it.
 */
#include "core/render/shown.h"

/* Columns of a table that the layout may have. */
#define COLUMNS 12

typedef struct Builder
{
	const DocumentView *view;
	DocumentPage *page;
	const uint32_t *children; /* ViewChildIndex */
	uint8_t *shown;			  /* by node */
	Span currency;
	Span vat_currency;
	uint32_t steps;
	bool failed;
} Builder;

static void EmitFacts(Builder *builder, uint32_t parent);

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

/* A new item at the end, whose subtree is open; its number. */
static uint32_t
Open(Builder *builder, PageItemKind kind, PageStyle style, Span label)
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

static PageItem *
ItemAt(Builder *builder, uint32_t item)
{
	return &VectorAt(&builder->page->items, PageItem, item);
}

static void
Close(Builder *builder, uint32_t item)
{
	if (item < builder->page->items.count)
		ItemAt(builder, item)->end = builder->page->items.count;
}

/* The same, but an item with nothing below it goes away; true if it stays. */
static bool
CloseUnlessEmpty(Builder *builder, uint32_t item)
{
	if (!builder->failed && builder->page->items.count == item + 1)
	{
		builder->page->items.count = item;
		return false;
	}
	Close(builder, item);
	return true;
}

static Span
Label(const Builder *builder, TermId term)
{
	return ClexTermLooks[term].label[builder->page->language];
}

static Span
Word(const Builder *builder, PageWord word)
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

/* A value of the document, with what qualifies it. */
static void
EmitValue(Builder *builder, uint32_t node, PageStyle style, bool name_currency)
{
	DocumentNode fact = ViewNode(builder->view, node);
	Span currency = fact.term == TERM_BT_111 ? builder->vat_currency : builder->currency;
	TermId qualifier = ClexTermLooks[fact.term].qualifier;
	uint32_t value = Open(builder, PAGE_VALUE, style, SpanOf("", 0));
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
	*ItemAt(builder, value) = shown;
	builder->shown[node] = 1;
	if (beside != 0 && fact.ordinal == 1)
		EmitValue(builder, beside, STYLE_FOLLOWS, false);
}

/* Label and value. */
static void
EmitFact(Builder *builder, uint32_t node, PageStyle style, bool name_currency)
{
	uint32_t fact =
		Open(builder, PAGE_FACT, style, Label(builder, ViewNode(builder->view, node).term));

	EmitValue(builder, node, STYLE_PLAIN, name_currency);
	Close(builder, fact);
}

/* The lines of an address as one fact, the town behind its post code. */
static void
EmitAddress(Builder *builder, uint32_t group)
{
	static const char *const parts[] = {"line_1", "line_2",		 "line_3", "post_code",
										"city",	  "subdivision", "country"};
	uint32_t fact =
		Open(builder, PAGE_FACT, STYLE_PLAIN, Label(builder, ViewNode(builder->view, group).term));
	bool post_code = false;

	for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++)
	{
		TermId term = TermChild(ViewNode(builder->view, group).term, SpanFromCString(parts[part]));
		uint32_t node = term == TERM_NONE ? 0 : ViewFind(builder->view, group, term, NULL);

		if (node == 0 || builder->shown[node])
			continue;
		EmitValue(builder, node, part == 4 && post_code ? STYLE_FOLLOWS : STYLE_PLAIN, false);
		post_code |= part == 3;
	}
	EmitFacts(builder, group);
	CloseUnlessEmpty(builder, fact);
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
	uint32_t item = Open(builder, PAGE_FACT, STYLE_PLAIN, Label(builder, fact.term));

	if (title != 0 && text != 0 && !builder->shown[title] && !builder->failed)
	{
		DocumentNode node = ViewNode(builder->view, title);
		PageItem label = {0};

		ShowValue(&node, builder->page->language, SpanOf("", 0), false, builder->page->arena,
				  &label);
		builder->failed |= label.shown.data == NULL;
		ItemAt(builder, item)->label = label.shown;
		ItemAt(builder, item)->exact = label.exact;
		ItemAt(builder, item)->note = label.note;
		builder->shown[title] = 1;
	}
	if (text != 0 && !builder->shown[text])
		EmitValue(builder, text, STYLE_PLAIN, false);
	EmitFacts(builder, group);
	CloseUnlessEmpty(builder, item);
}

/*
 * A node of any kind that was not shown yet.  A group that stands once gives its facts as they are, unless
 * `nested`; others give a fact with facts below.  Depth: that of the dictionary.
 */
static void
EmitNode(Builder *builder, uint32_t node, bool nested)
{
	DocumentNode fact = ViewNode(builder->view, node);
	uint32_t item;

	if (builder->failed)
		return;
	if (!TermIsGroup(fact.term))
	{
		if (!builder->shown[node])
			EmitFact(builder, node, STYLE_PLAIN, false);
		return;
	}
	if (ClexTermLooks[fact.term].title != TERM_NONE)
		EmitTitled(builder, node);
	else if (SpanEqualCString(ClexTerms[fact.term].name, "address"))
		EmitAddress(builder, node);
	else if (!nested && ClexTerms[fact.term].max == 1 && fact.ordinal == 1)
		EmitFacts(builder, node);
	else
	{
		item = Open(builder, PAGE_FACT, STYLE_PLAIN, Label(builder, fact.term));
		EmitFacts(builder, node);
		CloseUnlessEmpty(builder, item);
	}
}

/* What is not shown yet below a node. */
static void
EmitFacts(Builder *builder, uint32_t parent)
{
	for (uint32_t i = builder->children[parent];
		 i < builder->children[parent + 1] && !builder->failed; i++)
		EmitNode(builder, i, false);
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
			label = Word(builder, word);
	if (label.data == NULL)
		label = Word(builder, WORD_DOCUMENT);
	section = Open(builder, PAGE_SECTION, STYLE_TITLE, label);
	if (number != 0)
		EmitValue(builder, number, STYLE_STRONG, false);
	if (seller != 0)
	{
		EmitValue(builder, seller, STYLE_PLAIN, false);
		/* it stands in the seller's block too */
		builder->shown[seller] = 0;
	}
	Close(builder, section);
}

static void
EmitKeys(Builder *builder, const LayoutRow *row)
{
	uint32_t section = Open(builder, PAGE_SECTION, STYLE_KEYS, SpanOf("", 0));

	for (int i = 0; i < row->term_count; i++)
	{
		uint32_t node = FindBelow(builder->view, 0, TERM_NONE, row->terms[i]);

		if (node != 0)
			EmitFact(builder, node, row->terms[i] == TERM_BT_115 ? STYLE_STRONG : STYLE_PLAIN,
					 true);
	}
	CloseUnlessEmpty(builder, section);
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
		uint32_t section = Open(builder, PAGE_SECTION, STYLE_PARTY, Label(builder, row->group));

		for (size_t part = 0; part < 3; part++)
		{
			TermId term = TermChild(row->group, SpanFromCString(first_parts[part]));
			uint32_t node = term == TERM_NONE ? 0 : ViewFind(builder->view, i, term, NULL);

			if (node != 0 && part == 0 && !builder->shown[node])
				EmitFact(builder, node, STYLE_STRONG, false);
			else if (node != 0)
				EmitNode(builder, node, false);
		}
		EmitFacts(builder, i);
		CloseUnlessEmpty(builder, section);
	}
}

static Span
Heading(const Builder *builder, const LayoutRow *row)
{
	return row->heading == WORD_NONE ? Label(builder, row->group)
									 : Word(builder, (PageWord) row->heading);
}

static void
EmitFactsSection(Builder *builder, const LayoutRow *row)
{
	uint32_t section = Open(builder, PAGE_SECTION, STYLE_PLAIN, Heading(builder, row));
	uint32_t count = 0;
	uint32_t first = row->group == TERM_NONE ? 0 : FindGroup(builder->view, row->group, &count);

	for (int i = 0; i < row->term_count; i++)
	{
		uint32_t node = FindBelow(builder->view, 0, TERM_NONE, row->terms[i]);

		if (node != 0 && !builder->shown[node])
			EmitFact(builder, node, STYLE_PLAIN, true);
	}
	for (uint32_t i = first; i < first + count; i++)
		EmitNode(builder, i, false);
	CloseUnlessEmpty(builder, section);
}

/* All sums, also those that stand above. */
static void
EmitTotals(Builder *builder, const LayoutRow *row)
{
	uint32_t count;
	uint32_t first = FindGroup(builder->view, row->group, &count);
	uint32_t section = Open(builder, PAGE_SECTION, STYLE_TOTALS, Heading(builder, row));

	for (uint32_t group = first; group < first + count; group++)
		for (uint32_t i = builder->children[group]; i < builder->children[group + 1]; i++)
		{
			TermId term = ViewNode(builder->view, i).term;

			if (TermIsGroup(term))
				EmitNode(builder, i, false);
			else
				EmitFact(builder, i, term == TERM_BT_115 ? STYLE_STRONG : STYLE_PLAIN, true);
		}
	CloseUnlessEmpty(builder, section);
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
	uint32_t row = Open(builder, PAGE_ROW, STYLE_PLAIN, SpanOf("", 0));
	uint32_t cells[COLUMNS];

	ClaimCells(builder, columns, column_count, node, cells);
	for (int k = 0; k < column_count && !builder->failed; k++)
	{
		uint32_t cell;

		if (!used[k])
			continue;
		cell =
			Open(builder, PAGE_CELL, columns[k].main ? STYLE_STRONG : STYLE_PLAIN, SpanOf("", 0));
		if (cells[k] != 0)
			EmitValue(builder, cells[k], STYLE_PLAIN, false);
		if (columns[k].main)
			EmitFacts(builder, node);
		if (!builder->failed)
			ItemAt(builder, cell)->align = columns[k].align;
		Close(builder, cell);
	}
	Close(builder, row);
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
		Open(builder, PAGE_SECTION, layout->form == LAYOUT_BESIDE ? STYLE_BESIDE : STYLE_TABLE,
			 Heading(builder, layout));
	if (amounts && builder->currency.length > 0 && !builder->failed)
	{
		Text note;

		TextInit(&note, builder->page->arena);
		TextAppendSpan(&note, Word(builder, WORD_AMOUNTS_IN));
		TextAppendChar(&note, ' ');
		TextAppendSpan(&note, builder->currency);
		builder->failed |= note.failed;
		ItemAt(builder, section)->note = TextSpan(&note);
	}
	table = Open(builder, PAGE_TABLE, STYLE_PLAIN, SpanOf("", 0));
	for (int k = 0; k < column_count; k++)
		if (used[k])
		{
			uint32_t column =
				Open(builder, PAGE_COLUMN, columns[k].main ? STYLE_STRONG : STYLE_PLAIN,
					 Label(builder, columns[k].terms[0]));

			if (!builder->failed)
				ItemAt(builder, column)->align = columns[k].align;
		}
	for (uint32_t i = first; i < first + count && !builder->failed; i++)
		EmitRow(builder, columns, column_count, used, i);
	Close(builder, table);
	Close(builder, section);
}

/* A text that is no term as a value. */
static void
EmitText(Builder *builder, Span text)
{
	uint32_t value = Open(builder, PAGE_VALUE, STYLE_PLAIN, SpanOf("", 0));

	if (!builder->failed)
	{
		ItemAt(builder, value)->shown = text;
		ItemAt(builder, value)->type = VALUE_TEXT;
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
	section = Open(builder, PAGE_SECTION, STYLE_TABLE, Word(builder, WORD_EXTRAS));
	table = Open(builder, PAGE_TABLE, STYLE_MORE, SpanOf("", 0));
	(void) Open(builder, PAGE_COLUMN, STYLE_STRONG, Word(builder, WORD_PLACE));
	(void) Open(builder, PAGE_COLUMN, STYLE_PLAIN, Word(builder, WORD_VALUE));
	for (uint32_t i = 0; i < builder->view->extra_count && !builder->failed; i++)
	{
		DocumentExtra extra = ViewExtra(builder->view, i);
		uint32_t row = Open(builder, PAGE_ROW, STYLE_PLAIN, SpanOf("", 0));
		uint32_t cell = Open(builder, PAGE_CELL, STYLE_STRONG, SpanOf("", 0));

		EmitText(builder, extra.path);
		Close(builder, cell);
		cell = Open(builder, PAGE_CELL, STYLE_PLAIN, SpanOf("", 0));
		EmitText(builder, extra.value);
		Close(builder, cell);
		Close(builder, row);
	}
	Close(builder, table);
	Close(builder, section);
}

/* What no section has shown. */
static void
EmitRest(Builder *builder)
{
	uint32_t section = Open(builder, PAGE_SECTION, STYLE_MORE, Word(builder, WORD_MORE));

	for (uint32_t i = builder->children[0]; i < builder->children[1] && !builder->failed; i++)
		EmitNode(builder, i, ViewNode(builder->view, i).term != TERM_BG_0);
	CloseUnlessEmpty(builder, section);
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
