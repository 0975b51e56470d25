/*
 * document.h
 *		Documents as PostgreSQL values.
 */
#ifndef CLEX_GLUE_DOCUMENT_H
#define CLEX_GLUE_DOCUMENT_H

#include "fmgr.h"

#include "core/model/document.h"

/*
 * Open a document argument.  The view points into the (detoasted) value, which is not copied if it
 * is stored plainly; it is good as long as the argument is.
 */
extern void DocumentFromDatum(Datum datum, DocumentView *view);

/* A new value from an image. */
extern Datum DocumentToDatum(Span image);

/* A text argument in UTF-8. */
extern Span TextArgument(Datum datum);

/* UTF-8 as a text value, and as a terminated string, in the encoding of the database. */
extern text *TextFromSpan(Span utf8);
extern char *StringFromSpan(Span utf8);

#endif
