/*
 * Every leaf of a document ends somewhere: over a folder of documents (first argument; without it the
 * project's samples), the leaves counted here in the source tree must equal the terms, constants and
 * extras counted by the reader, and the extras must be in the image.
 */
#include "core/codec/read.h"
#include "folder.h"
#include "tap.h"

static Arena arena;
static uint32_t documents;
static uint32_t unread;
static uint64_t leaves_total;
static uint64_t extras_total;

/* Text directly inside an element that has element children, piece by piece. */
static uint32_t
StrayPieces(const Tree *tree, uint32_t node)
{
	const TreeNode *n = TreeAt(tree, node);
	uint32_t pieces = 0;
	bool blank = true;
	uint32_t child = node + 1;

	for (size_t at = n->text; at <= (size_t) n->text + n->text_length; at++)
	{
		while (child < n->end && (TreeIsAttribute(tree, child) || TreeAt(tree, child)->text <= at))
		{
			if (!TreeIsAttribute(tree, child))
			{
				pieces += !blank;
				blank = true;
				at = (size_t) TreeAt(tree, child)->text + TreeAt(tree, child)->text_length;
			}
			child = TreeAt(tree, child)->end;
		}
		if (at < (size_t) n->text + n->text_length && !IsXmlSpace(tree->text.data[at]))
			blank = false;
	}
	return pieces + !blank;
}

static uint32_t
CountLeaves(const Tree *tree)
{
	uint32_t leaves = 0;

	for (uint32_t i = 1; i < TreeCount(tree); i++)
		leaves += (TreeAt(tree, i)->flags & TREE_HAS_ELEMENTS) ? StrayPieces(tree, i) : 1;
	return leaves;
}

static void
CheckDocument(const char *path, Span content)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = content, .limits = &limits};
	Tree tree;
	DocumentBuilder *builder;
	BindCounts counts;
	DocumentView view;
	ClexError error = {0};
	Span image;
	uint32_t leaves;

	documents++;
	ArenaReset(&arena);
	if (ReadTerms(&request, &arena, &tree, &builder, &counts, &error) != CLEX_OK)
	{
		unread++;
		printf("# %s: %s (%s)\n", path, error.message, error.detail);
		return;
	}
	leaves = CountLeaves(&tree);
	if (leaves != counts.terms + counts.constants + counts.extras)
		Ok(false, "%s: %u leaves, %u terms + %u constants + %u extras", path, leaves, counts.terms,
		   counts.constants, counts.extras);
	if (DocumentFinish(builder, &image, &error) != CLEX_OK ||
		DocumentOpen(image, &view, &error) != CLEX_OK || DocumentVerify(image, &error) != CLEX_OK)
		Ok(false, "%s: %s", path, error.message);
	else if (view.extra_count != counts.extras)
		Ok(false, "%s: %u extras counted, %u in the image", path, counts.extras, view.extra_count);
	leaves_total += leaves;
	extras_total += counts.extras;
}

int
main(int argc, char **argv)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	CheckFolder(argc > 1 ? argv[1] : "extension/test/samples", CheckDocument);
	Ok(tap_failed == 0, "every leaf is accounted for");
	printf("# %u documents, %u of them unread, %llu leaves, %llu extras\n", documents, unread,
		   (unsigned long long) leaves_total, (unsigned long long) extras_total);
	ArenaFree(&arena);
	return Done();
}
