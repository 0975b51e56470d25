/*
 * flat_node.c
 *		The JSON of a mapping as a small tree: parsed, counted, looked into.
 */
#include "core/codec/flat_node.h"

#define DEEPEST 8

static ClexStatus ParseNode(JsonScanner *json, Arena *arena, FlatNode *node, int depth,
							ClexError *error);

/* The members of an object or the items of an array whose bracket was read. */
static ClexStatus
ParseChildren(JsonScanner *json, Arena *arena, FlatNode *node, int depth, ClexError *error)
{
	bool more = true;

	VectorInit(&node->children, arena, sizeof(FlatNode));
	for (bool first = true;; first = false)
	{
		ClexStatus status = JsonNextMember(json, node->kind == '{' ? '}' : ']', first, &more);
		FlatNode child = {.kind = 0};
		const char *key = NULL;
		FlatNode *slot;

		if (status != CLEX_OK || !more)
			return status;
		if (node->kind == '{' && (status = JsonKey(json, &child.key, &key)) != CLEX_OK)
			return status;
		status = ParseNode(json, arena, &child, depth + 1, error);
		if (status != CLEX_OK)
			return status;
		if (key != NULL)
			child.at = key;
		slot = VectorPush(&node->children);
		if (slot == NULL)
			return ClexFail(error, CLEX_NO_MEMORY, "out of memory reading a mapping");
		*slot = child;
	}
}

static ClexStatus
ParseNode(JsonScanner *json, Arena *arena, FlatNode *node, int depth, ClexError *error)
{
	char next = JsonPeek(json);

	node->at = json->p;
	if (depth > DEEPEST)
		return ClexFail(error, CLEX_INVALID, "mapping: it is nested too deeply");
	if (next == 0)
		return ClexFail(error, CLEX_MALFORMED, "mapping: it ends too early");
	if (next == '{' || next == '[')
	{
		node->kind = next;
		JsonExpect(json, next);
		return ParseChildren(json, arena, node, depth, error);
	}
	if (next == '"')
	{
		node->kind = '"';
		return JsonString(json, &node->text);
	}
	if (next == 't' || next == 'f' || next == 'n')
	{
		const char *start = json->p;

		node->kind = 't';
		while (json->p < json->end && *json->p >= 'a' && *json->p <= 'z')
			json->p++;
		node->text = SpanOf(start, (size_t) (json->p - start));
		return CLEX_OK;
	}
	node->kind = '0';
	return JsonNumber(json, &node->text);
}

ClexStatus
FlatNodeParse(Span json, Arena *arena, FlatNode *root, ClexError *error)
{
	JsonScanner scanner = JsonScannerOn(json, arena, error);

	return ParseNode(&scanner, arena, root, 0, error);
}

uint32_t
FlatNodeCount(const FlatNode *node)
{
	return node->kind == '{' || node->kind == '[' ? node->children.count : 0;
}

const FlatNode *
FlatNodeChild(const FlatNode *node, uint32_t i)
{
	return &VectorAt(&node->children, FlatNode, i);
}

const FlatNode *
FlatNodeMember(const FlatNode *node, const char *key)
{
	for (uint32_t i = 0; i < FlatNodeCount(node); i++)
	{
		const FlatNode *child = FlatNodeChild(node, i);

		if (SpanEqualCString(child->key, key))
			return child->kind == 't' && SpanEqualCString(child->text, "null") ? NULL : child;
	}
	return NULL;
}
