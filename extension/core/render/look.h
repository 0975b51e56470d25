/*
 * look.h
 *		How documents look to people: labels, words, codes and layout, compiled from data/render.
 */
#ifndef CLEX_RENDER_LOOK_H
#define CLEX_RENDER_LOOK_H

#include "core/model/terms.h"

#include "render_data.h"

/* Texts are in these languages, in this order. */
#define PAGE_LANGUAGES 3

/* What a term looks like. */
typedef struct TermLook
{
	Span label[PAGE_LANGUAGES];
	uint8_t codes;	  /* PageCodes: what its values mean */
	TermId qualifier; /* its sibling that follows the value: a unit its quantity */
	TermId title;	  /* of a group: the child that is the label ... */
	TermId text;	  /* ... of this one */
} TermLook;

/* Indexed by TermId. */
extern const TermLook ClexTermLooks[];

/* Indexed by PageWord. */
extern const Span ClexPageWordKeys[];
extern const Span ClexPageWords[][PAGE_LANGUAGES];

typedef struct CodeWord
{
	Span code;
	Span word[PAGE_LANGUAGES];
} CodeWord;

/* Those of one list are sorted bytewise by code. */
typedef struct CodeWords
{
	uint16_t first;
	uint16_t count;
} CodeWords;

extern const CodeWord ClexCodeWords[];
/* Indexed by PageCodes. */
extern const CodeWords ClexCodeWordLists[];

typedef enum LayoutForm
{
	LAYOUT_KEYS,
	LAYOUT_PARTY,
	LAYOUT_FACTS,
	LAYOUT_TABLE,
	LAYOUT_BESIDE,
	LAYOUT_COLUMN,
	LAYOUT_TOTALS,
} LayoutForm;

typedef enum PageAlign
{
	PAGE_START,
	PAGE_END,
} PageAlign;

typedef struct LayoutRow
{
	uint8_t form;
	uint8_t heading; /* PageWord, WORD_NONE: the label of the group */
	TermId group;
	uint8_t align;
	bool main; /* a column that also takes what else its row says */
	uint8_t term_count;
	const uint16_t *terms;
} LayoutRow;

extern const LayoutRow ClexLayout[];
extern const uint32_t ClexLayoutRows;

/* The style sheet of HTML pages. */
extern const Span ClexPageStyle;

#endif
