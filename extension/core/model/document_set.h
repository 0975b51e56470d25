/*
 * document_set.h
 *		A copy of a document with some terms set.
 */
#ifndef CLEX_MODEL_DOCUMENT_SET_H
#define CLEX_MODEL_DOCUMENT_SET_H

#include "core/model/document.h"

/* Where, as ViewResolve() reads it, and what: decimals with a point, dates ISO 8601. */
typedef struct TermSetting
{
	Span path;
	Span value;
} TermSetting;

/*
 * Replace values and add those that are missing, with the groups around them: "lines[3].note" where there
 * are two lines makes a third one, a fourth could not be made.  Everything else stays as it was.  Errors
 * (CLEX_INVALID): an unknown term or place, a group, a value of another type, one place set twice.
 */
extern ClexStatus DocumentSetTerms(const DocumentView *view, const TermSetting *settings,
								   uint32_t count, Arena *arena, Span *image, ClexError *error);

/*
 * A value of a term in its canonical spelling, and whether it is legal for the term's type; data is NULL
 * when out of memory.
 */
extern Span DocumentTermValue(TermId term, Span value, Arena *arena, bool *valid);

#endif
