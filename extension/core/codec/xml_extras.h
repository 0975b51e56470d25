/*
 * xml_extras.h
 *		The extras of a document as a tree, to be put back where they stood.
 *
 * The paths of extras have positions, so together they say what stood around the terms.  Paths may
 * also come from outside, in JSON: what could not stand in a well-formed document is left out and
 * stays a loss.
 */
#ifndef CLEX_CODEC_XML_EXTRAS_H
#define CLEX_CODEC_XML_EXTRAS_H

#include "core/codec/codec.h"

typedef enum ExtraKind
{
	EXTRA_ELEMENT,
	EXTRA_ATTRIBUTE,
	EXTRA_TEXT, /* between elements */
} ExtraKind;

/* Nodes are numbered from 1, which is the root element; 0 is none. */
typedef struct ExtraNode
{
	Span name;		/* as paths have it, "cbc:ID", "@schemeID", "{uri}local" */
	uint32_t space; /* of {uri}local: number of the namespace, from 1 */
	uint32_t index; /* among its siblings of that name */
	uint32_t parent;
	uint32_t first_child;
	uint32_t last_child;
	uint32_t next;	/* sibling */
	uint32_t hint;	/* + 1: first of ExtraTree.hints that speaks of its children */
	uint32_t extra; /* + 1 where it has a value; 0: only something inside it has */
	uint8_t kind;
	bool done; /* it stands in the output */
} ExtraNode;

/* What several children of one name held, as fact "order" of the provenance has it. */
typedef struct ExtraHint
{
	Span name;
	Span held;	   /* "BG-21|BG-20||BT-81+BG-17*2" */
	uint32_t next; /* + 1: another one of the same parent */
} ExtraHint;

typedef struct ExtraTree
{
	Vector nodes;	 /* ExtraNode; index 0 unused */
	uint32_t *slots; /* open addressing by (parent, name, index); 0 = free */
	uint32_t slot_count;
	Vector hints;	  /* ExtraHint */
	Vector spaces;	  /* Span: unknown namespaces, in order */
	uint64_t known;	  /* a bit for each of ClexNamespaces that is used */
	bool plain_names; /* there are elements in no namespace */
} ExtraTree;

static inline ExtraNode *
ExtraAt(const ExtraTree *tree, uint32_t node)
{
	return &VectorAt(&tree->nodes, ExtraNode, node);
}

/* Parse the extras below the root element `root`; NULL when out of memory. */
extern ExtraTree *ExtrasParse(const DocumentView *view, Span root, Arena *arena);

/* The child with that name and position, 0 if there is none. */
extern uint32_t ExtraFind(const ExtraTree *tree, uint32_t parent, Span name, uint32_t index);

/* What the children of that name held, NULL data if nothing is said of them. */
extern Span ExtraHeld(const ExtraTree *tree, uint32_t parent, Span name);

/* The number of a prefix among ClexNamespaces, or -1. */
extern int NamespaceNumber(Span prefix);

#endif
