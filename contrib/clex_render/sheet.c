/*
 * sheet.c
 *		Text laid out by Pango and put on sheets of paper by Cairo, in points.
 *
 * Pango shapes every script and breaks lines.  Lines run from left to right, as the labels do; a value of another
 * direction is isolated within its line.
 */
#include "sheet.h"

#include "core/base/utf8.h"

/* Latin, Greek and Cyrillic first; what these do not have comes from any font that does. */
#define FONT                                                                                       \
	"Noto Sans,Noto Naskh Arabic,Noto Sans Hebrew,Noto Sans Thai,Noto Sans Devanagari,"            \
	"Noto Sans CJK SC"
#define ISOLATE "\xE2\x81\xA8"	   /* U+2068 */
#define END_ISOLATE "\xE2\x81\xA9" /* U+2069 */

static const Look heading_look = {8.5, true, ACCENT, false};

static void
SetColor(Drawing *drawing, uint32_t color)
{
	cairo_set_source_rgb(drawing->cairo, (color >> 16) / 255.0, (color >> 8 & 255) / 255.0,
						 (color & 255) / 255.0);
}

/* The number of the sheet, and a new one. */
void
EndSheet(Drawing *drawing)
{
	char number[32];
	PangoLayout *layout = pango_layout_new(drawing->pango);
	PangoFontDescription *font = pango_font_description_from_string(FONT " 7.5");

	snprintf(number, sizeof(number), "%d / %d", drawing->sheet, drawing->sheets);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_text(layout, number, -1);
	pango_layout_set_width(layout, (int) (WIDTH * PANGO_SCALE));
	pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT);
	SetColor(drawing, QUIET);
	cairo_move_to(drawing->cairo, LEFT, SHEET_HEIGHT - 34);
	pango_cairo_show_layout(drawing->cairo, layout);
	g_object_unref(layout);
	cairo_show_page(drawing->cairo);
}

void
NextSheet(Drawing *drawing)
{
	EndSheet(drawing);
	drawing->sheet++;
	drawing->y = TOP;
}

/* Begin a new sheet unless so much fits on this one. */
void
Need(Drawing *drawing, double height)
{
	if (drawing->y + height > BOTTOM && drawing->y > TOP)
		NextSheet(drawing);
}

/*
 * Text of the document as markup: isolated, without characters that steer direction or are not text, which
 * could reach beyond it.
 */
void
AppendIsolated(GString *markup, Span text)
{
	g_string_append(markup, ISOLATE);
	for (size_t i = 0; i < text.length;)
	{
		size_t bytes = Utf8SequenceLength((const unsigned char *) text.data + i, text.length - i);
		unsigned char c = (unsigned char) text.data[i];
		gunichar character;

		if (bytes == 0)
			break;
		character = g_utf8_get_char(text.data + i);
		if (c == '&')
			g_string_append(markup, "&amp;");
		else if (c == '<')
			g_string_append(markup, "&lt;");
		else if (c == '>')
			g_string_append(markup, "&gt;");
		else if (c == '\n' || c == '\t')
			g_string_append_c(markup, c == '\n' ? '\n' : ' ');
		else if (c >= 0x20 && c != 0x7F && !(character >= 0x80 && character < 0xA0) &&
				 !(character >= 0x202A && character <= 0x202E) &&
				 !(character >= 0x2066 && character <= 0x2069) && (character & 0xFFFE) != 0xFFFE)
			g_string_append_len(markup, text.data + i, (gssize) bytes);
		i += bytes;
	}
	g_string_append(markup, END_ISOLATE);
}

void
AppendNote(GString *markup, Span note)
{
	if (note.length == 0)
		return;
	g_string_append(markup, " <span size=\"80%\" foreground=\"#56616e\">");
	AppendIsolated(markup, note);
	g_string_append(markup, "</span>");
}

/* The values right below an item; returns the item behind them. */
static uint32_t
AppendValues(GString *markup, const DocumentPage *page, uint32_t parent)
{
	uint32_t end = PageAt(page, parent)->end;
	uint32_t i = parent + 1;

	for (; i < end && PageAt(page, i)->kind == PAGE_VALUE; i = PageAt(page, i)->end)
	{
		const PageItem *value = PageAt(page, i);

		if (i > parent + 1)
			g_string_append(markup, value->style == STYLE_FOLLOWS ? "\xC2\xA0" : "\n");
		AppendIsolated(markup, value->shown);
		AppendNote(markup, value->note);
	}
	return i;
}

/* Facts within a value, "Label: value", a line each, or on one line. */
static void
AppendFacts(GString *markup, const DocumentPage *page, uint32_t i, uint32_t end,
			const char *between)
{
	for (bool first = true; i < end; i = PageAt(page, i)->end, first = false)
	{
		const PageItem *fact = PageAt(page, i);
		uint32_t below;

		if (!first)
			g_string_append(markup, between);
		g_string_append(markup, "<span foreground=\"#56616e\">");
		AppendIsolated(markup, fact->label);
		AppendNote(markup, fact->note);
		g_string_append(markup, ":</span> ");
		below = AppendValues(markup, page, i);
		AppendFacts(markup, page, below, fact->end, " \xC2\xB7 ");
	}
}

/* A layout of markup, `width` wide (0: as wide as it is); freed by the caller, the markup here. */
PangoLayout *
Layout(Drawing *drawing, GString *markup, const Look *look, double width)
{
	PangoLayout *layout = pango_layout_new(drawing->pango);
	PangoFontDescription *font = pango_font_description_from_string(FONT);

	pango_font_description_set_size(font, (int) (look->size * PANGO_SCALE));
	pango_font_description_set_weight(font, look->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_auto_dir(layout, FALSE);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	if (width > 0)
		pango_layout_set_width(layout, (int) (width * PANGO_SCALE));
	pango_layout_set_alignment(layout, look->end ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
	/* what is broken within a word is an identifier or a number: a hyphen would be read as part of it */
	g_string_prepend(markup, "<span insert_hyphens=\"false\">");
	g_string_append(markup, "</span>");
	pango_layout_set_markup(layout, markup->str, (int) markup->len);
	g_string_free(markup, TRUE);
	return layout;
}

PangoLayout *
SpanLayout(Drawing *drawing, Span text, const Look *look, double width)
{
	GString *markup = g_string_new(NULL);

	AppendIsolated(markup, text);
	return Layout(drawing, markup, look, width);
}

PangoLayout *
ValuesLayout(Drawing *drawing, uint32_t item, const Look *look, double width, const char *between)
{
	GString *markup = g_string_new(NULL);
	size_t begin;
	uint32_t below = AppendValues(markup, drawing->page, item);

	begin = markup->len;
	if (below < PageAt(drawing->page, item)->end)
	{
		if (begin > 0)
			g_string_append(markup, "\n");
		AppendFacts(markup, drawing->page, below, PageAt(drawing->page, item)->end, between);
	}
	return Layout(drawing, markup, look, width);
}

/* A cell with its details below, these smaller and not bold. */
PangoLayout *
CellLayout(Drawing *drawing, uint32_t cell, const Look *look, double width)
{
	GString *markup = g_string_new(look->bold ? "<b>" : NULL);
	Look plain = *look;
	uint32_t end = PageAt(drawing->page, cell)->end;
	uint32_t below = AppendValues(markup, drawing->page, cell);

	if (look->bold)
		g_string_append(markup, "</b>");
	if (below < end)
	{
		if (below > cell + 1)
			g_string_append_c(markup, '\n');
		g_string_append(markup, "<span size=\"88%\">");
		AppendFacts(markup, drawing->page, below, end, "\n");
		g_string_append(markup, "</span>");
	}
	plain.bold = false;
	return Layout(drawing, markup, &plain, width);
}

double
HeightOf(PangoLayout *layout)
{
	PangoRectangle box;

	pango_layout_get_extents(layout, NULL, &box);
	return (double) box.height / PANGO_SCALE;
}

double
WidthOf(PangoLayout *layout)
{
	PangoRectangle box;

	pango_layout_get_extents(layout, NULL, &box);
	return (double) box.width / PANGO_SCALE;
}

/* Draw and free. */
void
Show(Drawing *drawing, PangoLayout *layout, double x, double y, uint32_t color)
{
	SetColor(drawing, color);
	cairo_move_to(drawing->cairo, x, y);
	pango_cairo_show_layout(drawing->cairo, layout);
	g_object_unref(layout);
}

/* Draw line by line, over as many sheets as it takes; frees it, moves down. */
void
Flow(Drawing *drawing, PangoLayout *layout, double x, uint32_t color)
{
	PangoLayoutIter *iterator = pango_layout_get_iter(layout);

	do
	{
		PangoRectangle box;
		double height;

		pango_layout_iter_get_line_extents(iterator, NULL, &box);
		height = (double) box.height / PANGO_SCALE;
		if (drawing->y + height > BOTTOM)
			NextSheet(drawing);
		SetColor(drawing, color);
		cairo_move_to(drawing->cairo, x + (double) box.x / PANGO_SCALE,
					  drawing->y + (double) PANGO_ASCENT(box) / PANGO_SCALE);
		cairo_rel_move_to(drawing->cairo, 0,
						  (double) (pango_layout_iter_get_baseline(iterator) - box.y) /
								  PANGO_SCALE -
							  (double) PANGO_ASCENT(box) / PANGO_SCALE);
		pango_cairo_show_layout_line(drawing->cairo, pango_layout_iter_get_line_readonly(iterator));
		drawing->y += height;
	} while (pango_layout_iter_next_line(iterator));
	pango_layout_iter_free(iterator);
	g_object_unref(layout);
}

void
Rule(Drawing *drawing, double x, double width, double weight, uint32_t color)
{
	SetColor(drawing, color);
	cairo_rectangle(drawing->cairo, x, drawing->y, width, weight);
	cairo_fill(drawing->cairo);
}

void
Panel(Drawing *drawing, double x, double width, double height, uint32_t color)
{
	double r = 4;

	SetColor(drawing, color);
	cairo_new_path(drawing->cairo);
	cairo_arc(drawing->cairo, x + width - r, drawing->y + r, r, -G_PI / 2, 0);
	cairo_arc(drawing->cairo, x + width - r, drawing->y + height - r, r, 0, G_PI / 2);
	cairo_arc(drawing->cairo, x + r, drawing->y + height - r, r, G_PI / 2, G_PI);
	cairo_arc(drawing->cairo, x + r, drawing->y + r, r, G_PI, G_PI * 1.5);
	cairo_fill(drawing->cairo);
}

/* A heading in capitals; what follows it stays on the same sheet. */
void
Heading(Drawing *drawing, Span text, double x, double width, double follows)
{
	GString *markup = g_string_new("<span text_transform=\"uppercase\" letter_spacing=\"400\">");
	PangoLayout *layout;

	AppendIsolated(markup, text);
	g_string_append(markup, "</span>");
	layout = Layout(drawing, markup, &heading_look, width);
	Need(drawing, HeightOf(layout) + 4 + follows);
	drawing->y += HeightOf(layout) + 4;
	Show(drawing, layout, x, drawing->y - HeightOf(layout) - 4, ACCENT);
}
