/*
 * flat_node.h
 *		The JSON of a mapping as a small tree.
 *
 * Nodes know where they stand in the text, so of several errors the first can be told.
 */
#ifndef CLEX_CODEC_FLAT_NODE_H
#define CLEX_CODEC_FLAT_NODE_H

#include "core/base/json.h"
#include "core/base/arena.h"

/* A value of JSON, as it is looked into: members of objects have keys. */
typedef struct FlatNode
{
	Span key;
	Span text; /* of a string or number; "true", "false", "null" */
	char kind; /* { [ " 0 t */
	Vector children;
	const char *at; /* its first character, of a member that of its key */
} FlatNode;

/* Parse a text of JSON; nodes are in the arena, and point into it and the text. */
extern ClexStatus FlatNodeParse(Span json, Arena *arena, FlatNode *root, ClexError *error);

/* How many members or items a node has. */
extern uint32_t FlatNodeCount(const FlatNode *node);

extern const FlatNode *FlatNodeChild(const FlatNode *node, uint32_t i);

/* A member of an object, NULL if it is not there or null. */
extern const FlatNode *FlatNodeMember(const FlatNode *node, const char *key);

#endif
