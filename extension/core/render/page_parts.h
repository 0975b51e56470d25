/*
 * page_parts.h
 *		What the parts of the page builder share; page.h is for its callers.
 */
#ifndef CLEX_RENDER_PAGE_PARTS_H
#define CLEX_RENDER_PAGE_PARTS_H

#include "core/render/shown.h"

/* A page being built: what is laid out, and what of it was shown. */
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

/* A new item at the end, whose subtree is open; its number. */
extern uint32_t PageOpen(Builder *builder, PageItemKind kind, PageStyle style, Span label);

/* An item by its number, until the next one begins. */
extern PageItem *PageItemAt(Builder *builder, uint32_t item);

/* All below an item was added. */
extern void PageClose(Builder *builder, uint32_t item);

/* The same, but an item with nothing below it goes away; true if it stays. */
extern bool PageCloseUnlessEmpty(Builder *builder, uint32_t item);

/* The label of a term, and a word of the page, in its language. */
extern Span PageLabel(const Builder *builder, TermId term);
extern Span PageWordText(const Builder *builder, PageWord word);

/* A value of the document, with what qualifies it. */
extern void PageEmitValue(Builder *builder, uint32_t node, PageStyle style, bool name_currency);

/* Label and value. */
extern void PageEmitFact(Builder *builder, uint32_t node, PageStyle style, bool name_currency);

/*
 * A node of any kind that was not shown yet.  A group that stands once gives its facts as they are, unless
 * `nested`; others give a fact with facts below.  Depth: that of the dictionary.
 */
extern void PageEmitNode(Builder *builder, uint32_t node, bool nested);

/* What is not shown yet below a node. */
extern void PageEmitFacts(Builder *builder, uint32_t parent);

#endif
