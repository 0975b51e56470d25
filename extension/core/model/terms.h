/*
 * terms.h
 *		The dictionary of business terms: EN 16931's BT and BG numbers and their siblings.
 *
 * Compiled from data/terms.tsv.  The number of a term is stored in document images, so it is given
 * there by hand and never reused; readable names may change, numbers may not.
 */
#ifndef CLEX_MODEL_TERMS_H
#define CLEX_MODEL_TERMS_H

#include "core/base/tree.h"

#include "terms_data.h"

typedef uint16_t TermId;

#define TERM_NONE ((TermId) 0) /* the document itself */

typedef struct Term
{
	Span id;	   /* "BT-106", "BG-25", "BT-29-1" */
	Span name;	   /* within its parent: "net_amount" */
	Span path;	   /* from the root: "totals.lines_net", "lines.net_amount" */
	Span title;	   /* as EN 16931 calls it: "Sum of Invoice line net amount" */
	TermId parent; /* TERM_NONE: child of the document */
	uint8_t type;  /* ValueType */
	uint8_t min;
	uint8_t max; /* 0 = unbounded */
	bool
		attribute; /* qualifies its parent's value (scheme, unit, MIME type): a key beside "value" */
	uint16_t kinds;	  /* of documents that have it: a bit for each DocumentKind */
	const char *kind; /* the standard's data type: "Amount", "Code", "Group" ... */
} Term;

/* Indexed by TermId; numbers that are not in use have an empty id. */
extern const Term ClexTerms[];

/* A number under which another list has a term: "O-15" of "BT-27". */
typedef struct TermAlias
{
	Span alias;
	TermId term;
} TermAlias;

/* Sorted by alias, bytewise. */
extern const TermAlias ClexTermAliases[];
extern const uint32_t ClexTermAliasCount;

/* Where a term stands in each syntax, as XPath; empty where the standard binds it to nothing. */
typedef struct TermPlace
{
	Span ubl_invoice;
	Span ubl_credit_note;
	Span cii;
} TermPlace;

/* Indexed by TermId. */
extern const TermPlace ClexTermPlaces[];

/* Open-addressing tables for the two look-ups below; 0 = free. */
extern const uint32_t ClexTermSlots;
extern const uint16_t ClexTermTable[];
extern const uint32_t ClexTermChildSlots;
extern const uint16_t ClexTermChildTable[];

/* A term by number ("BT-106", "O-39") or full readable path ("totals.lines_net"), or TERM_NONE. */
extern TermId TermLookup(Span id_or_path);
/* Is that one of the term's numbers, and not its path? */
extern bool TermHasNumber(TermId term, Span number);
/* The child of `parent` with that readable name, or TERM_NONE. */
extern TermId TermChild(TermId parent, Span name);

static inline bool
TermIsGroup(TermId term)
{
	return ClexTerms[term].type == VALUE_GROUP;
}

/* Is its value words, which may be cut, rather than a code, an identifier or a number? */
static inline bool
TermIsWords(TermId term)
{
	return ClexTerms[term].kind[0] == 'T' && ClexTerms[term].kind[1] == 'e';
}

#endif
