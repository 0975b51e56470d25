/*
 * Documents written and read again: over a folder (first argument; without it the project's samples)
 * each document in its own format, where nothing may be lost, and in the other one, where all that is
 * lost is named.
 */
#include "folder.h"
#include "tap.h"
#include "written.h"

/* ... and in these, whose losses are not counted. */
static const char *const others[] = {"fatturapa", "idoc"};

static Arena arena;
static uint32_t documents;
static uint32_t unread;
static uint32_t losses;

static void
CheckFormat(const char *path, const DocumentView *view, const char *format)
{
	bool same = SpanEqualCString(view->format, format);
	Written written;

	WriteAndRead(view, format, &arena, &written);
	if (written.why[0] != '\0')
		Ok(false, "%s as %s: %s", path, format, written.why);
	if (same && written.losses.count > 0)
	{
		Loss loss = VectorAt(&written.losses, Loss, 0);

		Ok(false, "%s as %s: %u losses, the first is %s", path, format, written.losses.count,
		   FateReason(loss.fate));
	}
	if (!same)
		losses += written.losses.count;
}

static void
CheckDocument(const char *path, Span content)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = content, .limits = &limits};
	DocumentView view;
	ClexError error = {0};
	uint32_t ours;
	Tree tree;
	Span image;

	documents++;
	ArenaReset(&arena);
	if (ReadDocument(&request, &arena, &tree, &image, &error) != CLEX_OK ||
		DocumentOpen(image, &view, &error) != CLEX_OK)
	{
		unread++;
		return;
	}
	CheckFormat(path, &view, "ubl");
	CheckFormat(path, &view, "cii");
	ours = losses;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CheckFormat(path, &view, others[i]);
	losses = ours;
}

int
main(int argc, char **argv)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	CheckFolder(argc > 1 ? argv[1] : "extension/test/samples", CheckDocument);
	Ok(tap_failed == 0, "what is written is read again");
	printf("# %u documents, %u of them unread, %u losses in the other format\n", documents, unread,
		   losses);
	ArenaFree(&arena);
	return Done();
}
