/*
 * draw.c
 *		A page of core/render drawn as PDF with Pango and Cairo.
 *
 * What is drawn where is decided here, from top to bottom; how text comes onto a sheet, in sheet.c.  Everything
 * is drawn twice: first to count the sheets, then with their numbers.
 */
#include "draw.h"

#include "sheet.h"

#define COLUMNS 12 /* of a table, at most */

static const Look label_look = {8, false, QUIET, false};
static const Look value_look = {9, false, INK, false};
static const Look strong_look = {10.5, true, INK, false};

static void
DrawTitle(Drawing *drawing, uint32_t section)
{
	const PageItem *title = PageAt(drawing->page, section);
	Look right = {19, true, ACCENT, true};
	Look number = {11, false, QUIET, true};
	Look brand = {14, true, INK, false};
	PangoLayout *layout = SpanLayout(drawing, title->label, &right, WIDTH * 0.45);
	double start = drawing->y;
	double height = HeightOf(layout);
	uint32_t i = section + 1;

	Show(drawing, layout, LEFT + WIDTH * 0.55, start, ACCENT);
	if (i < title->end && PageAt(drawing->page, i)->style == STYLE_STRONG)
	{
		layout = SpanLayout(drawing, PageAt(drawing->page, i++)->shown, &number, WIDTH * 0.45);
		height += HeightOf(layout);
		Show(drawing, layout, LEFT + WIDTH * 0.55, start + height - HeightOf(layout), QUIET);
	}
	if (i < title->end)
	{
		layout = SpanLayout(drawing, PageAt(drawing->page, i)->shown, &brand, WIDTH * 0.53);
		height = MAX(height, HeightOf(layout));
		Show(drawing, layout, LEFT, start, INK);
	}
	drawing->y = start + height + 9;
	Rule(drawing, LEFT, WIDTH, 2.2, ACCENT);
	drawing->y += 16;
}

/* The strip of key facts, in as many rows as it takes. */
static void
DrawKeys(Drawing *drawing, uint32_t section)
{
	uint32_t end = PageAt(drawing->page, section)->end;
	double row_height = 36;

	for (uint32_t i = section + 1; i < end;)
	{
		double x = LEFT + 12;

		Need(drawing, row_height);
		Panel(drawing, LEFT, WIDTH, row_height, PALE);
		for (bool first = true; i < end; first = false)
		{
			const PageItem *fact = PageAt(drawing->page, i);
			bool due = fact->style == STYLE_STRONG;
			double most = LEFT + WIDTH - 12 - x;
			PangoLayout *label = SpanLayout(drawing, fact->label, &label_look, 0);
			PangoLayout *value = ValuesLayout(drawing, i, &strong_look, 0, " \xC2\xB7 ");
			double width = MAX(WidthOf(label), WidthOf(value));

			if (!first && width > most)
			{
				g_object_unref(label);
				g_object_unref(value);
				break;
			}
			if (width > most)
			{
				pango_layout_set_width(value, (int) (most * PANGO_SCALE));
				pango_layout_set_ellipsize(value, PANGO_ELLIPSIZE_END);
			}
			Show(drawing, label, x, drawing->y + 5, QUIET);
			Show(drawing, value, x, drawing->y + 16, due ? ACCENT : INK);
			x += width + 26;
			i = fact->end;
		}
		drawing->y += row_height + (i < end ? 3 : 15);
	}
}

/* Facts from `i` to `end` with a column of labels; drawn only if `draw`; returns the height. */
static double
Facts(Drawing *drawing, uint32_t i, uint32_t end, double x, double width, double labels, bool draw)
{
	double start = drawing->y;
	double height = 0;

	for (; i < end; i = PageAt(drawing->page, i)->end)
	{
		const PageItem *fact = PageAt(drawing->page, i);
		bool strong = fact->style == STYLE_STRONG;
		GString *text = g_string_new(NULL);
		PangoLayout *label;
		PangoLayout *value = ValuesLayout(drawing, i, strong ? &strong_look : &value_look,
										  strong ? width : width - labels, "\n");
		double row;

		AppendIsolated(text, fact->label);
		AppendNote(text, fact->note);
		label = Layout(drawing, text, &label_look, labels - 8);
		row = MAX(strong ? 0 : HeightOf(label), HeightOf(value)) + 2.5;
		if (!draw)
			g_object_unref(value);
		else if (strong)
		{
			Flow(drawing, value, x, INK);
			drawing->y += 2.5;
		}
		else
		{
			double below = drawing->y + row;

			if (row < BOTTOM - TOP)
				Need(drawing, row);
			below = drawing->y + row;
			Show(drawing, g_object_ref(label), x, drawing->y + 0.8, QUIET);
			if (row < BOTTOM - TOP)
			{
				Show(drawing, value, x + labels, drawing->y, INK);
				drawing->y = below;
			}
			else
				Flow(drawing, value, x + labels, INK);
		}
		g_object_unref(label);
		height += row;
	}
	return draw ? drawing->y - start : height;
}

static void
DrawFacts(Drawing *drawing, uint32_t section)
{
	const PageItem *item = PageAt(drawing->page, section);

	Heading(drawing, item->label, LEFT, WIDTH, 24);
	Facts(drawing, section + 1, item->end, LEFT, WIDTH, 140, true);
	drawing->y += 11;
}

/* Two parties side by side where they fit on a sheet; returns the section behind them. */
static uint32_t
DrawParties(Drawing *drawing, uint32_t section)
{
	double width = (WIDTH - 26) / 2;
	uint32_t second = PageAt(drawing->page, section)->end;
	bool pair =
		second < drawing->page->items.count && PageAt(drawing->page, second)->style == STYLE_PARTY;
	double left = Facts(drawing, section + 1, second, LEFT, width, 84, false) + 16;
	double right = pair ? Facts(drawing, second + 1, PageAt(drawing->page, second)->end, LEFT,
								width, 84, false) +
							  16
						: 0;
	double start;

	if (MAX(left, right) > BOTTOM - TOP)
	{
		DrawFacts(drawing, section);
		return second;
	}
	Need(drawing, MAX(left, right));
	start = drawing->y;
	Heading(drawing, PageAt(drawing->page, section)->label, LEFT, width, 0);
	Facts(drawing, section + 1, second, LEFT, width, 84, true);
	if (pair)
	{
		drawing->y = start;
		Heading(drawing, PageAt(drawing->page, second)->label, LEFT + width + 26, width, 0);
		Facts(drawing, second + 1, PageAt(drawing->page, second)->end, LEFT + width + 26, width, 84,
			  true);
	}
	drawing->y = start + MAX(left, right) + 11;
	return pair ? PageAt(drawing->page, second)->end : second;
}

/* Columns of a table: where they stand. */
typedef struct Table
{
	uint32_t first_column;
	uint32_t first_row;
	uint32_t end;
	int columns;
	double x[COLUMNS];
	double width[COLUMNS];
} Table;

static Look
CellLook(const PageItem *item)
{
	return (Look){9, item->style == STYLE_STRONG, INK, item->align == PAGE_END};
}

/* Numbers take what they need, at most a share; the others divide the rest, the main column two parts of it. */
static void
PlaceColumns(Drawing *drawing, Table *table, double x, double width)
{
	double rest = width;
	double parts = 0;

	for (int k = 0; k < table->columns; k++)
	{
		const PageItem *column = PageAt(drawing->page, table->first_column + (uint32_t) k);

		table->width[k] = 0;
		if (column->align != PAGE_END)
			parts += column->style == STYLE_STRONG ? 2 : 1;
		else
		{
			/* a label may break between words: as narrow as it can be is its longest word */
			PangoLayout *layout = SpanLayout(drawing, column->label, &label_look, 1);

			pango_layout_set_wrap(layout, PANGO_WRAP_WORD);
			table->width[k] = MIN(WidthOf(layout) + 0.5, width * 0.25);
			g_object_unref(layout);
		}
	}
	for (uint32_t row = table->first_row; row < table->end; row = PageAt(drawing->page, row)->end)
	{
		uint32_t cell = row + 1;

		for (int k = 0; k < table->columns; k++, cell = PageAt(drawing->page, cell)->end)
			if (PageAt(drawing->page, cell)->align == PAGE_END)
			{
				Look look = CellLook(PageAt(drawing->page, cell));
				PangoLayout *layout = CellLayout(drawing, cell, &look, 0);

				table->width[k] = MAX(table->width[k], MIN(WidthOf(layout) + 0.5, width * 0.25));
				g_object_unref(layout);
			}
	}
	for (int k = 0; k < table->columns; k++)
		rest -= table->width[k] + (k > 0 ? GAP : 0);
	rest = MAX(rest, width * 0.15);
	for (int k = 0; k < table->columns; k++)
	{
		const PageItem *column = PageAt(drawing->page, table->first_column + (uint32_t) k);

		if (column->align != PAGE_END)
			table->width[k] = rest * (column->style == STYLE_STRONG ? 2 : 1) / parts;
		table->x[k] = x;
		x += table->width[k] + GAP;
	}
}

static void
DrawColumns(Drawing *drawing, const Table *table)
{
	PangoLayout *layouts[COLUMNS];
	double height = 0;

	for (int k = 0; k < table->columns; k++)
	{
		const PageItem *column = PageAt(drawing->page, table->first_column + (uint32_t) k);
		Look look = label_look;

		look.end = column->align == PAGE_END;
		layouts[k] = SpanLayout(drawing, column->label, &look, table->width[k]);
		height = MAX(height, HeightOf(layouts[k]));
	}
	for (int k = 0; k < table->columns; k++)
		Show(drawing, layouts[k], table->x[k], drawing->y + height - HeightOf(layouts[k]), QUIET);
	drawing->y += height + 3;
	Rule(drawing, table->x[0],
		 table->x[table->columns - 1] + table->width[table->columns - 1] - table->x[0], 1.1,
		 ACCENT);
	drawing->y += 1.1;
}

/* A row; what is taller than a sheet flows over several. */
static void
DrawRow(Drawing *drawing, const Table *table, uint32_t row)
{
	PangoLayout *layouts[COLUMNS];
	uint32_t cell = row + 1;
	double height = 0;
	int tallest = 0;

	for (int k = 0; k < table->columns; k++, cell = PageAt(drawing->page, cell)->end)
	{
		Look look = CellLook(PageAt(drawing->page, cell));

		layouts[k] = CellLayout(drawing, cell, &look, table->width[k]);
		if (HeightOf(layouts[k]) > height)
		{
			height = HeightOf(layouts[k]);
			tallest = k;
		}
	}
	if (drawing->y + height + 10 > BOTTOM && drawing->y > TOP + 60)
	{
		NextSheet(drawing);
		DrawColumns(drawing, table);
	}
	drawing->y += 5;
	if (drawing->y + height > BOTTOM)
	{
		for (int k = 0; k < table->columns; k++)
			if (k != tallest)
				Show(drawing, layouts[k], table->x[k], drawing->y, INK);
		Flow(drawing, layouts[tallest], table->x[tallest], INK);
	}
	else
	{
		for (int k = 0; k < table->columns; k++)
			Show(drawing, layouts[k], table->x[k], drawing->y, INK);
		drawing->y += height;
	}
	drawing->y += 4;
	Rule(drawing, table->x[0],
		 table->x[table->columns - 1] + table->width[table->columns - 1] - table->x[0], 0.6, RULE);
	drawing->y += 0.6;
}

static void
DrawTable(Drawing *drawing, uint32_t section, double x, double width)
{
	const PageItem *item = PageAt(drawing->page, section);
	Look note_look = {7.5, false, QUIET, true};
	Table table = {.first_column = section + 2, .end = item->end};
	PangoLayout *note;

	while (PageAt(drawing->page, table.first_column + (uint32_t) table.columns)->kind ==
		   PAGE_COLUMN)
		table.columns++;
	table.first_row = table.first_column + (uint32_t) table.columns;
	PlaceColumns(drawing, &table, x, width);
	Heading(drawing, item->label, x, width * 0.7, 60);
	if (item->note.length > 0)
	{
		note = SpanLayout(drawing, item->note, &note_look, width * 0.3);
		Show(drawing, note, x + width * 0.7, drawing->y - HeightOf(note) - 4, QUIET);
	}
	DrawColumns(drawing, &table);
	for (uint32_t row = table.first_row; row < table.end; row = PageAt(drawing->page, row)->end)
		DrawRow(drawing, &table, row);
	drawing->y += 11;
}

static void
DrawTotals(Drawing *drawing, uint32_t section, double x, double width)
{
	uint32_t end = PageAt(drawing->page, section)->end;

	Heading(drawing, PageAt(drawing->page, section)->label, x, width, 40);
	for (uint32_t i = section + 1; i < end; i = PageAt(drawing->page, i)->end)
	{
		bool due = PageAt(drawing->page, i)->style == STYLE_STRONG;
		Look look = {due ? 10.5 : 9, due, INK, false};
		Look value_end = {due ? 10.5 : 9, due, INK, true};
		double inner = width - (due ? 20 : 0);
		double left = x + (due ? 10 : 0);
		/* the sum stands on one line if it can; its label takes what is left */
		PangoLayout *value = ValuesLayout(drawing, i, &value_end, 0, "\n");
		double sum = MIN(WidthOf(value) + 1, inner * 0.7);
		PangoLayout *label =
			SpanLayout(drawing, PageAt(drawing->page, i)->label, &look, inner - sum - 8);
		double height;

		pango_layout_set_width(value, (int) (sum * PANGO_SCALE));
		height = MAX(HeightOf(label), HeightOf(value)) + (due ? 13 : 4);
		Need(drawing, height);
		if (due)
		{
			drawing->y += 3;
			Panel(drawing, x, width, height, ACCENT);
		}
		Show(drawing, label, left, drawing->y + (due ? 6.5 : 1), due ? WHITE : INK);
		Show(drawing, value, left + inner - sum, drawing->y + (due ? 6.5 : 1), due ? WHITE : INK);
		drawing->y += height;
	}
	drawing->y += 13;
}

/* A table and the totals beside it, where both fit on a sheet; else one below the other. */
static uint32_t
DrawBeside(Drawing *drawing, uint32_t section)
{
	uint32_t totals = PageAt(drawing->page, section)->end;
	bool both =
		totals < drawing->page->items.count && PageAt(drawing->page, totals)->style == STYLE_TOTALS;
	uint32_t items = totals - section;
	double guess =
		MAX(items * 5.0, both ? (PageAt(drawing->page, totals)->end - totals) * 10.0 : 0) + 40;
	double start;
	double below;

	if (!both || guess > (BOTTOM - TOP) * 0.6)
	{
		DrawTable(drawing, section, LEFT, WIDTH);
		return totals;
	}
	Need(drawing, guess);
	start = drawing->y;
	DrawTable(drawing, section, LEFT, WIDTH * 0.53);
	below = drawing->y;
	drawing->y = start;
	DrawTotals(drawing, totals, LEFT + WIDTH * 0.58, WIDTH * 0.42);
	drawing->y = MAX(below, drawing->y);
	return PageAt(drawing->page, totals)->end;
}

static void
DrawSections(Drawing *drawing)
{
	for (uint32_t i = 0; i < drawing->page->items.count;)
	{
		uint32_t next = PageAt(drawing->page, i)->end;

		switch ((PageStyle) PageAt(drawing->page, i)->style)
		{
			case STYLE_TITLE:
				DrawTitle(drawing, i);
				break;
			case STYLE_KEYS:
				DrawKeys(drawing, i);
				break;
			case STYLE_PARTY:
				next = DrawParties(drawing, i);
				break;
			case STYLE_TABLE:
				DrawTable(drawing, i, LEFT, WIDTH);
				break;
			case STYLE_BESIDE:
				next = DrawBeside(drawing, i);
				break;
			case STYLE_TOTALS:
				DrawTotals(drawing, i, LEFT + WIDTH * 0.5, WIDTH * 0.5);
				break;
			default:
				DrawFacts(drawing, i);
		}
		i = next;
	}
}

static cairo_status_t
Collect(void *closure, const unsigned char *data, unsigned int length)
{
	TextAppend(closure, (const char *) data, length);
	return ((Text *) closure)->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

/* All sheets into `out`; how many. */
static int
DrawOnce(const DocumentPage *page, int sheets, Text *out)
{
	cairo_surface_t *surface =
		cairo_pdf_surface_create_for_stream(Collect, out, SHEET_WIDTH, SHEET_HEIGHT);
	Drawing drawing = {.page = page, .y = TOP, .sheet = 1, .sheets = sheets};
	cairo_font_options_t *options = cairo_font_options_create();

	drawing.cairo = cairo_create(surface);
	drawing.pango = pango_cairo_create_context(drawing.cairo);
	/* sizes are in points; metrics do not depend on any screen */
	pango_cairo_context_set_resolution(drawing.pango, 72);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(drawing.pango, options);
	pango_context_set_language(drawing.pango,
							   pango_language_from_string(PageLanguageCode(page->language).data));
	pango_context_set_round_glyph_positions(drawing.pango, FALSE);
	pango_context_set_base_dir(drawing.pango, PANGO_DIRECTION_LTR);
	DrawSections(&drawing);
	EndSheet(&drawing);
	cairo_font_options_destroy(options);
	g_object_unref(drawing.pango);
	cairo_destroy(drawing.cairo);
	cairo_surface_finish(surface);
	out->failed |= cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS;
	cairo_surface_destroy(surface);
	return drawing.sheet;
}

ClexStatus
DrawPage(const DocumentPage *page, Span *pdf, ClexError *error)
{
	Text out;
	int sheets;

	TextInit(&out, page->arena);
	sheets = DrawOnce(page, 0, &out);
	out.length = 0;
	if (!out.failed)
		DrawOnce(page, sheets, &out);
	*pdf = TextSpan(&out);
	return out.failed ? ClexFail(error, CLEX_NO_MEMORY, "out of memory") : CLEX_OK;
}
