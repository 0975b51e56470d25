/*
 * Every leaf of a document ends somewhere: over a folder of documents (first argument; without it the
 * project's samples), the leaves counted here in the source tree must equal the terms, constants and
 * extras counted by the reader, and the extras must be in the image.
 */
#include "core/codec/read.h"
#include "tap.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

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

static void
CheckFile(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *bytes = NULL;
	size_t length = 0;
	size_t got;

	if (file == NULL)
		return;
	do
	{
		bytes = realloc(bytes, length + 65536);
		got = fread(bytes + length, 1, 65536, file);
		length += got;
	} while (got > 0);
	fclose(file);
	ArenaReset(&arena);
	CheckDocument(path, SpanOf(bytes, length));
	free(bytes);
}

static void
CheckFolder(const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++)
	{
		char path[4096];
		size_t length = strlen(entries[i]->d_name);
		struct stat about;

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && stat(path, &about) == 0)
		{
			if (S_ISDIR(about.st_mode))
				CheckFolder(path);
			else if (length > 4 && strcmp(entries[i]->d_name + length - 4, ".xml") == 0)
				CheckFile(path);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

int
main(int argc, char **argv)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	CheckFolder(argc > 1 ? argv[1] : "extension/test/samples");
	Ok(tap_failed == 0, "every leaf is accounted for");
	printf("# %u documents, %u of them unread, %llu leaves, %llu extras\n", documents, unread,
		   (unsigned long long) leaves_total, (unsigned long long) extras_total);
	ArenaFree(&arena);
	return Done();
}
