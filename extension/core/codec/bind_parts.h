/*
 * bind_parts.h
 *		What the parts of the binder share; bind.h is for its callers.
 */
#ifndef CLEX_CODEC_BIND_PARTS_H
#define CLEX_CODEC_BIND_PARTS_H

#include "core/codec/bind.h"
#include "core/codec/xml_plan.h"

#define INTERRUPT_EVERY 4096 /* nodes */

/* The newest node of a term. */
typedef struct Newest
{
	uint32_t handle; /* 0: none yet, or a new one must be begun */
	uint32_t parent; /* handle of its parent */
	uint32_t source; /* node of the source tree */
} Newest;

/* The first node a side of a test reaches, remembered for the node it starts down from. */
typedef struct FoundSide
{
	uint32_t base; /* + 1; 0: nothing remembered */
	uint32_t node;
} FoundSide;

typedef struct Binder
{
	Tree *tree; /* siblings are numbered when the first extra is located */
	DocumentBuilder *builder;
	Span currency;
	Text path;		  /* of the last extra */
	Vector extras;	  /* uint32_t: nodes of the source tree */
	Vector constants; /* uint32_t: leaves that are constants, below the elements that are open */
	BindCounts counts;
	ClexStatus status;
	uint32_t interrupt_countdown;
	size_t path_bytes;	   /* left for the locations of extras */
	uint32_t scope;		   /* + 1: element of the innermost repeatable group */
	uint32_t *entered;	   /* by state of the root: scope in which a single group was last begun */
	FoundSide (*found)[2]; /* by test of the root */
	const BindRoot *root;
	Text elsewhere;		   /* terms and groups read from another place than their first */
	TermId last_elsewhere; /* ... the last of them */
	Vector deferred;	   /* uint32_t: nodes that qualify a value still to come */
	bool retrying;		   /* ... and now they must find it */
	uint32_t part;		   /* of several children of the root, the one to bind */
	Newest newest[TERM_COUNT];
} Binder;

/* Probe for a cancel now and then. */
static inline void
CountStep(Binder *binder)
{
	if (--binder->interrupt_countdown == 0)
	{
		binder->interrupt_countdown = INTERRUPT_EVERY;
		if (ClexInterrupted(binder->tree->arena->env))
			binder->status = CLEX_INTERRUPTED;
	}
}

static inline bool
IsBlank(Span s)
{
	return SpanTrim(s).length == 0;
}

static inline bool
HasElements(const Tree *tree, uint32_t node)
{
	return (TreeAt(tree, node)->flags & TREE_HAS_ELEMENTS) != 0;
}

/* ---- bind_extras.c ---- */

/* Keep a value of a node, or what a suffix of its location names, as an extra. */
extern void BindAddExtra(Binder *binder, uint32_t node, Span suffix, Span value);

/* Text between the children of an element: no format has a meaning for it, but it is kept. */
extern void BindAddStrayText(Binder *binder, uint32_t node);

/* Keep every leaf of a subtree that no binding knows. */
extern void BindAddExtras(Binder *binder, uint32_t node);

/* ---- bind_tests.c ---- */

/* Do all tests of a branch hold for a node? */
extern bool BindTestsHold(Binder *binder, const BindBranch *branch, uint32_t node);

/* Is it a truth value of XML Schema, and this one? */
extern bool BindIsBoolean(Span s, bool truth);

/* ---- bind_values.c ---- */

/* Add the term of a leaf under `parent`, its value converted, and what it implies. */
extern void BindAddTerm(Binder *binder, const BindState *state, uint32_t parent, uint32_t node);

/* A term or group was read from another place than its first. */
extern void BindNoteElsewhere(Binder *binder, TermId term);

#endif
