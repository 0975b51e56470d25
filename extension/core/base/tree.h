/*
 * tree.h
 *		A document as a flat tree: what a reader saw, in document order.
 *
 * One array of nodes in preorder.  The subtree of node i is [i, end), attributes stand right behind
 * their element, node 0 is the document itself.  The text of all elements lies in one heap in
 * document order, so the string value of any element, simple or not, is one slice of it; values of
 * attributes lie in a second heap.  Nodes of one name are chained in document order, which makes
 * "//name" a walk over just those.
 *
 * Two kinds of tree are built: source trees (untyped: XML as read, names of names.h) and term trees
 * (typed: a semantic document, names are term numbers; see model/document.h).  The expression
 * language runs on both.
 */
#ifndef CLEX_BASE_TREE_H
#define CLEX_BASE_TREE_H

#include "core/base/arena.h"
#include "core/base/names.h"

typedef enum ValueType
{
	VALUE_UNTYPED =
		0, /* text of an XML source: compared by the rules of XPath for untyped values */
	VALUE_TEXT,
	VALUE_DECIMAL,
	VALUE_DATE,
	VALUE_BINARY, /* base64 text */
	VALUE_GROUP,  /* no value of its own */
} ValueType;

#define TREE_ATTRIBUTE 0x01	   /* an attribute; its text is in the attribute heap */
#define TREE_HAS_ELEMENTS 0x02 /* has element children */
#define TREE_SPLIT_TEXT 0x04   /* text interrupted by a comment, a PI, CDATA or an element */
#define TREE_INVALID 0x08	   /* term tree: the text is not a legal value of its type */

typedef struct TreeNode
{
	NameId name;
	uint32_t parent;	  /* of node 0: 0 */
	uint32_t end;		  /* one past the last node of the subtree, attributes included */
	uint32_t text;		  /* start in the heap */
	uint32_t text_length; /* string value in bytes */
	uint32_t next_same;	  /* next node of this name in document order, 0 = none */
	uint32_t line;		  /* 1-based line of the source; term trees: node in the image */
	uint16_t ordinal;	  /* free for the owner */
	uint8_t type;		  /* ValueType */
	uint8_t flags;		  /* TREE_... */
} TreeNode;

typedef struct Tree
{
	Arena *arena;
	Vector nodes; /* TreeNode */
	Text text;
	Text attribute_text;
	Vector first_same;	 /* uint32_t by name: first node of it, 0 = none */
	Vector name_count;	 /* uint32_t by name: how many nodes have it */
	Vector last_same;	 /* uint32_t by name, while building */
	Vector own_names;	 /* Span: names numbered from NAME_STATIC_COUNT on */
	uint32_t *own_table; /* open addressing over own_names: index + 1, 0 = free */
	uint32_t own_slots;
	uint32_t *positions; /* by node, see TreeNumberSiblings; NULL: not numbered */
	bool failed;		 /* out of memory while building */
} Tree;

extern void TreeInit(Tree *tree, Arena *arena);
/* Empty a tree that is being built, keeping its memory; false when out of memory. */
extern bool TreeRestart(Tree *tree);

static inline const TreeNode *
TreeAt(const Tree *tree, uint32_t node)
{
	return &VectorAt(&tree->nodes, TreeNode, node);
}

static inline uint32_t
TreeCount(const Tree *tree)
{
	return tree->nodes.count;
}

/* First node of a name in document order, 0 if there is none. */
static inline uint32_t
TreeFirstNamed(const Tree *tree, NameId name)
{
	return name < tree->first_same.count ? VectorAt(&tree->first_same, uint32_t, name) : 0;
}

/* How many nodes have a name. */
static inline uint32_t
TreeNamedCount(const Tree *tree, NameId name)
{
	return name < tree->name_count.count ? VectorAt(&tree->name_count, uint32_t, name) : 0;
}

/* The string value of a node. */
static inline Span
TreeText(const Tree *tree, uint32_t node)
{
	const TreeNode *n = TreeAt(tree, node);

	if (n->text_length == 0)
		return SpanOf("", 0);
	return SpanOf(((n->flags & TREE_ATTRIBUTE) ? tree->attribute_text.data : tree->text.data) +
					  n->text,
				  n->text_length);
}

static inline bool
TreeIsAttribute(const Tree *tree, uint32_t node)
{
	return (TreeAt(tree, node)->flags & TREE_ATTRIBUTE) != 0;
}

/* First child element or attribute with that name, or 0. */
extern uint32_t TreeChild(const Tree *tree, uint32_t parent, NameId name);
/* Next sibling after `node` with that name, or 0. */
extern uint32_t TreeNextNamed(const Tree *tree, uint32_t node, NameId name);

/* The written name of a node, with prefix ("cbc:ID", "@schemeID"); source trees only. */
extern Span TreeName(const Tree *tree, uint32_t node);

/* The number of a name, adding it to the tree's own names if nothing knows it. */
extern NameId TreeInternName(Tree *tree, Span name);

/* Building: open and close elements in document order.  After a failure tree->failed is set. */
extern uint32_t TreeOpen(Tree *tree, uint32_t parent, NameId name, uint32_t line);
extern uint32_t TreeAddAttribute(Tree *tree, uint32_t element, NameId name, Span value);
extern void TreeClose(Tree *tree, uint32_t node);

/*
 * Count each element among its siblings of the same name, once for the whole tree: locations then cost
 * their length.  False when out of memory.
 */
extern bool TreeNumberSiblings(Tree *tree);

/* After that: locations name a node as if it had no siblings of its name. */
extern void TreeHidePosition(Tree *tree, uint32_t node);

/* After that: is the node the first of several siblings of its name? */
extern bool TreeIsFirstOfSeveral(const Tree *tree, uint32_t node);

/*
 * The location of a node as an XPath with positions, "/ubl:Invoice/cac:InvoiceLine[2]/cbc:ID",
 * appended to `out`.  Positions are written where the parent has several children of that name.
 */
extern void TreeLocation(const Tree *tree, uint32_t node, Text *out);

#endif
