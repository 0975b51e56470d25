/*
 * Any bytes as a document image: what DocumentVerify lets in can be walked, and prints to JSON that
 * reads back to the same bytes.
 */
#include "core/model/document.h"
#include "fuzz.h"

static void
Walk(const DocumentView *view, Arena *arena)
{
	Tree tree;
	Text location;
	ClexError error = {0};

	for (uint32_t i = 1; i <= view->node_count; i++)
	{
		DocumentNode node = ViewNode(view, i);
		uint32_t count;
		uint32_t first = ViewFind(view, node.parent, node.term, &count);

		Must(node.term < TERM_COUNT && node.parent < i, "a node is known and below an earlier one");
		Must(first > 0 && i - first + 1 == node.ordinal && node.ordinal <= count,
			 "a node is found by its parent and term");
		ViewLexical(view, i);
	}
	for (uint32_t i = 0; i < view->extra_count; i++)
		ViewExtra(view, i);
	Must(DocumentSameTerms(view, view), "a document has the terms of itself");
	if (DocumentToTree(view, arena, &tree, &error) != CLEX_OK)
	{
		Must(error.status == CLEX_NO_MEMORY, "a sound document becomes a tree");
		return;
	}
	Must(TreeCount(&tree) == view->node_count + 1, "each term is in the tree");
	TextInit(&location, arena);
	for (uint32_t i = 1; i < TreeCount(&tree) && i < 100; i++)
		DocumentTreeLocation(&tree, i, &location);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Span image = ExactCopy(data, size);
	Span again;
	Arena arena;
	DocumentView view;
	ClexError error = {0};
	Text json;

	ArenaInit(&arena, &ClexPlainEnv, FUZZ_MEMORY);
	TextInit(&json, &arena);
	if (DocumentVerify(image, &error) == CLEX_OK)
	{
		Must(DocumentOpen(image, &view, &error) == CLEX_OK, "a verified image opens");
		Walk(&view, &arena);
		Must(DocumentToJson(&view, &json, &error) == CLEX_OK, "a verified image prints");
		Must(DocumentFromJson(TextSpan(&json), &arena, &again, &error) == CLEX_OK,
			 "what was printed is read");
		Must(SpanEqual(image, again), "and is the same");
	}
	else
		Must(error.status == CLEX_MALFORMED || error.status == CLEX_UNSUPPORTED,
			 "a refusal says why");
	ArenaFree(&arena);
	free((void *) (uintptr_t) image.data);
	return 0;
}
