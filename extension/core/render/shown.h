/*
 * shown.h
 *		Values as people of a language write them.
 */
#ifndef CLEX_RENDER_SHOWN_H
#define CLEX_RENDER_SHOWN_H

#include "core/render/page.h"

/*
 * Fill shown, exact, note and type of an item from a value of a term.  Every digit is kept; amounts get at
 * least the digits of `currency`, and its code behind them if `name_currency`.  What is not legal for the
 * term's type is shown as it is.  No data in shown: out of memory.
 */
extern void ShowValue(const DocumentNode *node, int language, Span currency, bool name_currency,
					  Arena *arena, PageItem *item);

/* What a code means; no data if no list says it. */
extern Span CodeWordOf(uint8_t codes, Span code, int language);

#endif
