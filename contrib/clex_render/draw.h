/*
 * draw.h
 *		A page of core/render drawn as PDF with Pango and Cairo.
 */
#ifndef CLEX_RENDER_DRAW_H
#define CLEX_RENDER_DRAW_H

#include "core/render/page.h"

/*
 * Draw on A4 sheets into a PDF, in the page's arena.  CLEX_NO_MEMORY, or CLEX_INVALID if there is no font.
 * GLib, which Pango is built on, ends the program when memory runs out: this is for programs, not for servers.
 */
extern ClexStatus DrawPage(const DocumentPage *page, Span *pdf, ClexError *error);

/* An RGB profile with the colours of sRGB (IEC 61966-2-1), ICC version 2; NULL data when out of memory. */
extern Span SrgbProfile(Arena *arena);

#endif
