/*
 * Any bytes into the reader: no crash, no undefined behaviour, and every leaf accounted for.
 * A libFuzzer target; the documents of extension/test/samples make good seeds.
 */
#include "core/codec/read.h"

#include <stdlib.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Attributes and childless elements; stray text comes on top, so this is a lower bound. */
static uint32_t
CountLeaves(const Tree *tree)
{
	uint32_t leaves = 0;

	for (uint32_t i = 1; i < TreeCount(tree); i++)
		leaves += !(TreeAt(tree, i)->flags & TREE_HAS_ELEMENTS);
	return leaves;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = SpanOf((const char *) data, size), .limits = &limits};
	Arena arena;
	Tree source;
	DocumentBuilder *builder;
	BindCounts counts;
	ClexError error = {0};
	Span image;

	ArenaInit(&arena, &ClexPlainEnv, (size_t) 64 << 20);
	if (ReadTerms(&request, &arena, &source, &builder, &counts, &error) == CLEX_OK)
	{
		if (counts.terms + counts.constants + counts.extras < CountLeaves(&source))
			abort();
		if (DocumentFinish(builder, &image, &error) == CLEX_OK &&
			DocumentVerify(image, &error) != CLEX_OK)
			abort();
	}
	ArenaFree(&arena);
	return 0;
}
