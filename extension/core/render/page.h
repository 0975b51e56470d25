/*
 * page.h
 *		A document as people read it: sections, facts and tables, in one language.
 *
 * A page is made once and then written as HTML here, or drawn by the renderer of PDF: both show the same.
 * It is a flat tree in the order of reading: the items below item i are i + 1 .. end - 1.  Every value of the
 * document stands on it, under a label; what the layout has no place for stands in the last sections.
 */
#ifndef CLEX_RENDER_PAGE_H
#define CLEX_RENDER_PAGE_H

#include "core/model/document.h"
#include "core/render/look.h"

typedef enum PageItemKind
{
	PAGE_SECTION, /* label: its heading; below: facts, or a table */
	PAGE_FACT,	  /* label; below: values, then facts */
	PAGE_TABLE,	  /* below: columns, then rows */
	PAGE_COLUMN,  /* label */
	PAGE_ROW,	  /* below: a cell for each column */
	PAGE_CELL,	  /* below: values, then facts */
	PAGE_VALUE,
} PageItemKind;

/* Of sections: what they hold; of facts and columns: how they stand out. */
typedef enum PageStyle
{
	STYLE_PLAIN,
	STYLE_TITLE, /* section: label = what the document is, its first value = the number */
	STYLE_KEYS,
	STYLE_PARTY,
	STYLE_TABLE,
	STYLE_BESIDE, /* a table beside the totals that come next */
	STYLE_TOTALS,
	STYLE_MORE,	   /* section: what had no place */
	STYLE_STRONG,  /* fact: the name of a party, the amount due; column: the main one */
	STYLE_FOLLOWS, /* value: qualifies the one before, on its line */
} PageStyle;

typedef struct PageItem
{
	uint8_t kind;
	uint8_t style;
	uint8_t align;
	uint8_t type; /* of a value: ValueType */
	uint32_t end; /* one past the last item below */
	Span label;
	Span shown; /* of a value: as people write it */
	Span exact; /* as the document has it; no data: as shown */
	Span note;	/* what explains it: the code behind a word, a scheme; may be empty */
} PageItem;

typedef struct DocumentPage
{
	Arena *arena;
	int language; /* index of the languages */
	Vector items; /* PageItem */
} DocumentPage;

static inline const PageItem *
PageAt(const DocumentPage *page, uint32_t item)
{
	return &VectorAt(&page->items, PageItem, item);
}

/* "en", "fr" or "de" as an index, -1 if there are no texts in that language; and back. */
extern int PageLanguage(Span code);
extern Span PageLanguageCode(int language);

static inline Span
PageWordIn(int language, PageWord word)
{
	return ClexPageWords[word][language];
}

/* Lay out a document.  The page points into the document and the arena. */
extern ClexStatus PageBuild(const DocumentView *view, int language, Arena *arena,
							DocumentPage *page, ClexError *error);

/* The page as an HTML document, UTF-8, appended to `out`: no scripts, nothing loaded from elsewhere. */
extern ClexStatus PageToHtml(const DocumentPage *page, Text *out, ClexError *error);

#endif
