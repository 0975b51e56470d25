/*
 * check.h
 *		Checking a document from SQL: which rule sets apply, and running them.
 */
#ifndef CLEX_GLUE_CHECK_H
#define CLEX_GLUE_CHECK_H

#include "utils/array.h"

#include "core/model/document.h"
#include "core/rules/rules.h"
#include "glue/workspace.h"

/* A document made ready for its rules. */
typedef struct Subject
{
	Workspace *workspace;
	Tree *tree;
	Tree *terms; /* of a document with a source: its terms, once PlanCheck found a set for them */
	/* "ubl", "ubl-other", "cii", "cdar", "terms", "terms-other", "edi"; NULL: unreadable, see error */
	const char *syntax;
	Span interchange;	/* EDIFACT or X12: its bytes, with a structure of their own; else empty */
	const char *format; /* of an interchange: "edifact", "x12" */
	Tree **messages;	/* of an interchange of several documents: all their trees, else NULL */
	uint32_t message_count;
	ClexError error;
} Subject;

/* What to check it with. */
typedef struct CheckPlan
{
	const RuleSet **sets;
	uint32_t count;
	bool interchange;	  /* the structure of an interchange too */
	const char **missing; /* sets asked for that have no layer for this syntax */
	uint32_t missing_count;
} CheckPlan;

/* Read XML content (or canonical JSON); an unreadable document is not an error, see Subject.syntax. */
extern void SubjectFromContent(Subject *subject, Span content);
/*
 * Read an invoice for good: the source tree becomes the subject, `image` (in the workspace) its semantic
 * document; a lifecycle message has none.  As with clex.read(), other documents and JSON are unreadable: see Subject.error.
 */
extern void SubjectRead(Subject *subject, Span content, Span sha256, Span *image);
/* A semantic document: its terms. */
extern void SubjectFromDocument(Subject *subject, Datum document);

/*
 * An allocator that gives up and being canceled are the session's business, all else the document's, also
 * that it takes more than clex.max_memory.
 */
extern void RaiseUnlessDocuments(ClexError *error);

/* Resolve set names (NULL: chosen by the document) for a day; unknown names are an error. */
extern CheckPlan PlanCheck(Subject *subject, ArrayType *rulesets, int32_t as_of);

/* The tree that the rules of a layer look at. */
extern Tree *SubjectTree(const Subject *subject, const RuleLayerFact *layer);

#endif
