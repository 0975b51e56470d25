/*
 * sheet.h
 *		Sheets of paper, and text on them: what the drawing of a page is made of.
 */
#ifndef CLEX_RENDER_SHEET_H
#define CLEX_RENDER_SHEET_H

#include "core/render/page.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

/* A4 and its margins, in points. */
#define SHEET_WIDTH 595.276
#define SHEET_HEIGHT 841.89
#define LEFT 43.0
#define TOP 46.0
#define BOTTOM (SHEET_HEIGHT - 52.0)
#define WIDTH (SHEET_WIDTH - 2 * LEFT)
#define GAP 11.0 /* between columns */

/* Colours as 0xRRGGBB. */
#define INK 0x1c2430
#define QUIET 0x56616e
#define ACCENT 0x1f4e79
#define PALE 0xf1f5f9
#define RULE 0xdde3ea
#define WHITE 0xffffff

typedef struct Drawing
{
	const DocumentPage *page;
	cairo_t *cairo;
	PangoContext *pango;
	double y;
	int sheet;	/* from 1 */
	int sheets; /* all of them; 0: not known yet */
} Drawing;

/* How a text looks. */
typedef struct Look
{
	double size;
	bool bold;
	uint32_t color;
	bool end; /* aligned to the right */
} Look;

extern void EndSheet(Drawing *drawing);
extern void NextSheet(Drawing *drawing);
extern void Need(Drawing *drawing, double height);
extern void AppendIsolated(GString *markup, Span text);
extern void AppendNote(GString *markup, Span note);
extern PangoLayout *Layout(Drawing *drawing, GString *markup, const Look *look, double width);
extern PangoLayout *SpanLayout(Drawing *drawing, Span text, const Look *look, double width);
extern PangoLayout *ValuesLayout(Drawing *drawing, uint32_t item, const Look *look, double width,
								 const char *between);
extern PangoLayout *CellLayout(Drawing *drawing, uint32_t cell, const Look *look, double width);
extern double HeightOf(PangoLayout *layout);
extern double WidthOf(PangoLayout *layout);
extern void Show(Drawing *drawing, PangoLayout *layout, double x, double y, uint32_t color);
extern void Flow(Drawing *drawing, PangoLayout *layout, double x, uint32_t color);
extern void Rule(Drawing *drawing, double x, double width, double weight, uint32_t color);
extern void Panel(Drawing *drawing, double x, double width, double height, uint32_t color);
extern void Heading(Drawing *drawing, Span text, double x, double width, double follows);

#endif
