/*
 * Any bytes into the XML reader: what it accepts is a sound tree, and what the scanner of plain XML
 * makes of it is what libxml2 makes of it.  The first byte chooses the limits.
 */
#include "core/xml/xml_scan.h"
#include "fuzz.h"
#include "../unit/same_tree.h"

static void
CheckNode(const Tree *tree, uint32_t i)
{
	const TreeNode *node = TreeAt(tree, i);
	const Text *heap = node->flags & TREE_ATTRIBUTE ? &tree->attribute_text : &tree->text;

	Must(node->end > i && node->end <= TreeCount(tree), "a subtree ends within the tree");
	Must(i == 0 || node->parent < i, "a parent comes first");
	Must(i == 0 || node->end <= TreeAt(tree, node->parent)->end, "a subtree lies in its parent's");
	Must(node->text_length == 0 ||
			 (node->text <= heap->length && node->text_length <= heap->length - node->text),
		 "a text lies in its heap");
	Must(node->next_same == 0 ||
			 (node->next_same > i && TreeAt(tree, node->next_same)->name == node->name),
		 "nodes of a name are chained in order");
	Must(!(node->flags & TREE_ATTRIBUTE) || node->end == i + 1, "an attribute has no children");
}

/* Where the scanner is sure, libxml2 agrees. */
static void
CompareReaders(Span input, const XmlLimits *limits)
{
	XmlScanner *scanner = XmlScannerCreate(&ClexPlainEnv);
	XmlParser *parser = XmlParserCreate(&ClexPlainEnv);
	Arena arena;
	Tree scanned;
	Tree parsed;
	XmlInfo scanned_info;
	XmlInfo parsed_info;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	TreeInit(&scanned, &arena);
	if (XmlScan(scanner, input, limits, &scanned, &scanned_info) == SCAN_DONE)
	{
		Must(XmlParseGeneral(parser, input, limits, &arena, &parsed, &parsed_info, NULL) == CLEX_OK,
			 "libxml2 accepts what the scanner accepts");
		Must(SameTree(&scanned, &parsed), "both readers build the same tree");
		Must(SpanEqual(scanned_info.encoding, parsed_info.encoding), "and name one encoding");
	}
	ArenaFree(&arena);
	XmlParserFree(parser);
	XmlScannerFree(scanner);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	Arena arena;
	Tree tree;
	XmlInfo info;
	ClexError error = {0};
	Text location;
	Span input;

	if (size == 0)
		return 0;
	if (data[0] & 1)
		limits = (XmlLimits){2000, 5, 50, 4};
	input = ExactCopy(data + 1, size - 1);
	ArenaInit(&arena, &ClexPlainEnv, data[0] & 2 ? 20000 : FUZZ_MEMORY);
	TextInit(&location, &arena);
	if (XmlRead(input, &limits, &arena, &tree, &info, &error) == CLEX_OK)
	{
		for (uint32_t i = 0; i < TreeCount(&tree); i++)
			CheckNode(&tree, i);
		Must(TreeCount(&tree) > 1, "a document has a root element");
		Must(TreeCount(&tree) <= limits.max_nodes + 1, "the limit of nodes holds");
		TreeLocation(&tree, TreeCount(&tree) - 1, &location);
	}
	else
		Must(error.status != CLEX_OK && error.message[0] != '\0', "a refusal says why");
	ArenaFree(&arena);
	CompareReaders(input, &limits);
	free((void *) (uintptr_t) input.data);
	return 0;
}
