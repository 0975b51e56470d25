/*
 * html.c
 *		A page as an HTML document.
 *
 * One self-contained page: its style stands in it, nothing is loaded, nothing runs, and a content security
 * policy tells browsers so.  Every text of the document goes through Escape() and stands in an element
 * that isolates its direction, so an Arabic name does not turn the line it stands in.
 */
#include "core/render/page.h"

#include "core/xml/xml_write.h"

typedef struct Html
{
	const DocumentPage *page;
	Text *out;
	uint32_t headings; /* so far: headings have numbered ids that sections refer to */
	uint32_t steps;
	bool interrupted;
} Html;

static void
Put(Html *html, const char *markup)
{
	TextAppend(html->out, markup, strlen(markup));
}

/* Text of the document; characters that XML does not have are replaced. */
static void
Escape(Html *html, Span text)
{
	(void) XmlAppendText(html->out, text);
}

static void
EscapeValue(Html *html, Span text)
{
	(void) XmlAppendValue(html->out, text);
}

/* Open an element with the exact value in an attribute. */
static void
PutExact(Html *html, const char *element, const char *attribute, Span exact)
{
	TextAppendf(html->out, "<%s %s=\"", element, attribute);
	EscapeValue(html, exact);
	Put(html, "\">");
}

static void
PutNote(Html *html, Span note)
{
	if (note.length == 0)
		return;
	Put(html, " <small><bdi>");
	Escape(html, note);
	Put(html, "</bdi></small>");
}

static void
PutValue(Html *html, const PageItem *value)
{
	const char *element = "bdi";

	if (value->exact.data != NULL && value->type == VALUE_DATE)
		PutExact(html, element = "time", "datetime", value->exact);
	else if (value->exact.data != NULL)
		PutExact(html, element = "data", "value", value->exact);
	else
		Put(html, "<bdi>");
	Escape(html, value->shown);
	TextAppendf(html->out, "</%s>", element);
	PutNote(html, value->note);
}

/* The values right below an item, a line each unless they follow; returns the item behind them. */
static uint32_t
PutValues(Html *html, uint32_t parent)
{
	uint32_t end = PageAt(html->page, parent)->end;
	uint32_t i = parent + 1;

	while (i < end && PageAt(html->page, i)->kind == PAGE_VALUE)
	{
		const PageItem *value = PageAt(html->page, i);

		if (i > parent + 1)
			Put(html, value->style == STYLE_FOLLOWS ? "\xC2\xA0" : "<br/>");
		PutValue(html, value);
		i = value->end;
	}
	if (++html->steps % 1024 == 0 && ClexInterrupted(html->out->arena->env))
		html->interrupted = true;
	return i;
}

/* The facts from item i to `end` as a list of labels and values. */
static void
PutFacts(Html *html, uint32_t i, uint32_t end)
{
	if (i >= end)
		return;
	Put(html, "<dl>");
	while (i < end && !html->interrupted)
	{
		const PageItem *fact = PageAt(html->page, i);
		uint32_t below;

		Put(html, fact->style == STYLE_STRONG ? "<div class=\"strong\"><dt>" : "<div><dt>");
		if (fact->exact.data != NULL)
			PutExact(html, "data", "value", fact->exact);
		else
			Put(html, "<bdi>");
		Escape(html, fact->label);
		Put(html, fact->exact.data != NULL ? "</data>" : "</bdi>");
		PutNote(html, fact->note);
		Put(html, "</dt><dd>");
		below = PutValues(html, i);
		PutFacts(html, below, fact->end);
		Put(html, "</dd></div>\n");
		i = fact->end;
	}
	Put(html, "</dl>");
}

static void
PutColumns(Html *html, uint32_t *i)
{
	Put(html, "<thead><tr>");
	for (; PageAt(html->page, *i)->kind == PAGE_COLUMN; (*i)++)
	{
		const PageItem *column = PageAt(html->page, *i);

		Put(html, "<th scope=\"col\"");
		if (column->style == STYLE_STRONG)
			Put(html, " class=\"main\"");
		else if (column->align == PAGE_END)
			Put(html, " class=\"end\"");
		Put(html, ">");
		Escape(html, column->label);
		Put(html, "</th>");
	}
	Put(html, "</tr></thead>\n<tbody>");
}

static void
PutCell(Html *html, uint32_t i)
{
	const PageItem *cell = PageAt(html->page, i);
	bool main = cell->style == STYLE_STRONG;
	uint32_t below;

	if (main)
		Put(html, "<th scope=\"row\">");
	else
		Put(html, cell->align == PAGE_END ? "<td class=\"end\">" : "<td>");
	below = PutValues(html, i);
	PutFacts(html, below, cell->end);
	Put(html, main ? "</th>" : "</td>");
}

static void
PutTable(Html *html, uint32_t table, Span caption)
{
	uint32_t end = PageAt(html->page, table)->end;
	uint32_t i = table + 1;

	TextAppendf(html->out, "<table aria-labelledby=\"s%u\">", html->headings);
	if (caption.length > 0)
	{
		Put(html, "<caption>");
		Escape(html, caption);
		Put(html, "</caption>");
	}
	PutColumns(html, &i);
	while (i < end && !html->interrupted)
	{
		uint32_t row_end = PageAt(html->page, i)->end;

		Put(html, "<tr>");
		for (i++; i < row_end; i = PageAt(html->page, i)->end)
			PutCell(html, i);
		Put(html, "</tr>\n");
	}
	Put(html, "</tbody></table>");
}

/* What the document is, its number, and whose it is. */
static void
PutTitle(Html *html, uint32_t section)
{
	const PageItem *title = PageAt(html->page, section);
	uint32_t i = section + 1;

	Put(html, "<header>\n<h1>");
	Escape(html, title->label);
	if (i < title->end && PageAt(html->page, i)->style == STYLE_STRONG)
	{
		Put(html, " <bdi>");
		Escape(html, PageAt(html->page, i++)->shown);
		Put(html, "</bdi>");
	}
	Put(html, "</h1>\n");
	if (i < title->end)
	{
		Put(html, "<p class=\"brand\"><bdi>");
		Escape(html, PageAt(html->page, i)->shown);
		Put(html, "</bdi></p>\n");
	}
	Put(html, "</header>\n");
}

static const char *
SectionClass(const PageItem *section)
{
	switch (section->style)
	{
		case STYLE_KEYS:
			return "keys";
		case STYLE_PARTY:
			return "party";
		case STYLE_TABLE:
		case STYLE_BESIDE:
			return "table";
		case STYLE_TOTALS:
			return "totals";
		default:
			return "facts";
	}
}

static void
PutSection(Html *html, uint32_t i)
{
	const PageItem *section = PageAt(html->page, i);

	TextAppendf(html->out, "<section class=\"%s\"", SectionClass(section));
	if (section->label.length > 0)
	{
		TextAppendf(html->out, " aria-labelledby=\"s%u\">\n<h2 id=\"s%u\">", html->headings + 1,
					html->headings + 1);
		html->headings++;
		Escape(html, section->label);
		Put(html, "</h2>\n");
	}
	else
		Put(html, ">\n");
	if (section->style == STYLE_TABLE || section->style == STYLE_BESIDE)
		PutTable(html, i + 1, section->note);
	else
		PutFacts(html, i + 1, section->end);
	Put(html, "</section>\n");
}

/* Does a table stand beside the totals that follow it? */
static bool
BesideTotals(const DocumentPage *page, uint32_t i)
{
	const PageItem *section = PageAt(page, i);

	return section->style == STYLE_BESIDE && section->end < page->items.count &&
		   PageAt(page, section->end)->style == STYLE_TOTALS;
}

/* All sections; parties stand side by side, and so do the totals and the table before them. */
static void
PutSections(Html *html)
{
	const DocumentPage *page = html->page;
	bool beside = false;

	for (uint32_t i = 0; i < page->items.count && !html->interrupted;)
	{
		const PageItem *section = PageAt(page, i);
		bool next_party;

		if (section->style == STYLE_TITLE)
		{
			PutTitle(html, i);
			Put(html, "<main>\n");
			i = section->end;
			continue;
		}
		next_party =
			section->end < page->items.count && PageAt(page, section->end)->style == STYLE_PARTY;
		if (!beside && ((section->style == STYLE_PARTY && next_party) || BesideTotals(page, i)))
		{
			Put(html, section->style == STYLE_PARTY ? "<div class=\"parties\">\n"
													: "<div class=\"sums\">\n");
			beside = true;
		}
		PutSection(html, i);
		if (beside && !(section->style == STYLE_PARTY ? next_party : BesideTotals(page, i)))
		{
			Put(html, "</div>\n");
			beside = false;
		}
		i = section->end;
	}
}

/* The title of the window: "Invoice 2026-17". */
static void
PutWindowTitle(Html *html)
{
	const PageItem *title = PageAt(html->page, 0);

	Escape(html, title->label);
	if (title->end > 1 && PageAt(html->page, 1)->style == STYLE_STRONG)
	{
		Put(html, " ");
		Escape(html, PageAt(html->page, 1)->shown);
	}
}

ClexStatus
PageToHtml(const DocumentPage *page, Text *out, ClexError *error)
{
	Html html = {.page = page, .out = out};
	Span language = PageLanguageCode(page->language);

	TextAppendf(out, "<!DOCTYPE html>\n<html lang=\"%.*s\">\n<head>\n", (int) language.length,
				language.data);
	Put(&html,
		"<meta charset=\"utf-8\"/>\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\"/>\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>");
	PutWindowTitle(&html);
	Put(&html, "</title>\n<style>\n");
	TextAppendSpan(out, ClexPageStyle);
	Put(&html, "</style>\n</head>\n<body>\n");
	PutSections(&html);
	Put(&html, "</main>\n</body>\n</html>\n");
	if (html.interrupted)
		return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
	if (out->failed)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	return CLEX_OK;
}
