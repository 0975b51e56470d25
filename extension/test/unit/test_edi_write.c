/*
 * Documents written as INVOIC and 810 and read again: over a folder (first argument; without it the
 * project's samples) every term comes back, in its order, but for the losses that were named, nothing
 * else comes with it, and a reader finds nothing wrong.  What is an interchange goes to UBL and back too.
 * Documents of random terms, which no codec would make, are written soundly or refused.
 * A second argument lists the losses and what was refused.
 */
#define FOLDER_TAKES(name) true
#include "edi_written.h"
#include "folder.h"
#include "random_document.h"
#include "tap.h"

static const char *const formats[] = {"edifact", "edifact:D96A", "edifact:D14B", "x12"};

static Arena arena;
static uint32_t documents;
static uint32_t unread;
static uint32_t refused;
static uint32_t losses;
static bool verbose;

static void
CheckFormat(const char *path, Span content, const DocumentView *view, const char *format)
{
	WriteRequest request = {.document = view, .format = SpanFromCString(format)};
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest read = {.limits = &limits};
	Written written = {0};
	ClexError error = {0};
	ClexStatus status = CodecWrite(&request, &arena, &written.content, &written.losses, &error);
	Tree tree;
	Span image;

	if (status == CLEX_UNSUPPORTED)
	{
		refused++;
		if (verbose)
			printf("# %s as %s: refused: %s %s\n", path, format, error.message, error.detail);
		return;
	}
	read.content = written.content;
	if (status != CLEX_OK)
		Differs(&written, "not written: %s", error.message);
	else if (ReadDocument(&read, &arena, &tree, &image, &error) != CLEX_OK ||
			 DocumentOpen(image, &written.again, &error) != CLEX_OK)
		Differs(&written, "not read again: %s %s", error.message, error.detail);
	else
	{
		CompareDocuments(view, &written, &arena);
		CheckSound(&written, IsReturned(view, &written) ? content : SpanOf("", 0), &arena);
		CompareReturned(view, &written, &arena);
	}
	if (written.why[0] != '\0')
		Ok(false, "%s as %s: %s", path, format, written.why);
	losses += written.losses.count;
	if (verbose)
		for (uint32_t i = 0; i < written.losses.count; i++)
		{
			Loss loss = VectorAt(&written.losses, Loss, i);

			if (loss.node != 0)
				printf("#loss\t%s\t%.*s\t%s\t%.*s\n", format,
					   (int) ClexTerms[ViewNode(view, loss.node).term].id.length,
					   ClexTerms[ViewNode(view, loss.node).term].id.data, FateReason(loss.fate),
					   (int) SpanCut(ViewNode(view, loss.node).value, 40).length,
					   ViewNode(view, loss.node).value.data);
		}
}

/* To UBL and from there to the format the document came in. */
static void
CheckByUbl(const char *path, const DocumentView *view)
{
	WriteRequest request = {.document = view, .format = SPAN_LITERAL("ubl")};
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest read = {.limits = &limits};
	DocumentView ubl;
	ClexError error = {0};
	Tree tree;
	Span image;

	if (CodecWrite(&request, &arena, &read.content, NULL, &error) != CLEX_OK ||
		ReadDocument(&read, &arena, &tree, &image, &error) != CLEX_OK ||
		DocumentOpen(image, &ubl, &error) != CLEX_OK)
		Ok(false, "%s by way of UBL: %s", path, error.message);
	else
		CheckFormat(path, SpanOf("", 0), &ubl,
					SpanEqualCString(view->format, "x12") ? "x12" : "edifact");
}

static void
CheckDocument(const char *path, Span content)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = content, .limits = &limits};
	DocumentView view;
	ClexError error = {0};
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
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		CheckFormat(path, content, &view, formats[i]);
	/* what was an interchange becomes one again by way of UBL */
	if (!SpanEqualCString(view.format, "ubl") && !SpanEqualCString(view.format, "cii"))
		CheckByUbl(path, &view);
}

/* Documents of any terms in any order, with what a message needs: what is written is sound. */
static void
CheckRandom(uint32_t size)
{
	DocumentBuilder *builder;
	DocumentView view;
	ClexError error = {0};
	uint32_t group;
	Span image;

	ArenaReset(&arena);
	builder = RandomDocument(&arena, size);
	group = DocumentAdd(builder, 0, TERM_BG_0, SpanOf("", 0), 0);
	DocumentAdd(builder, group, TERM_BT_1, SPAN_LITERAL("1"), 0);
	DocumentAdd(builder, group, TERM_BT_2, SPAN_LITERAL("2026-05-31"), 0);
	group = DocumentAdd(builder, 0, TERM_BG_22, SpanOf("", 0), 0);
	DocumentAdd(builder, group, TERM_BT_112, SPAN_LITERAL("1.00"), 0);
	DocumentAdd(builder, group, TERM_BT_115, SPAN_LITERAL("1.00"), 0);
	if (DocumentFinish(builder, &image, &error) != CLEX_OK ||
		DocumentOpen(image, &view, &error) != CLEX_OK)
		return;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
	{
		WriteRequest request = {.document = &view, .format = SpanFromCString(formats[i])};
		Written written = {0};
		ClexStatus status = CodecWrite(&request, &arena, &written.content, &written.losses, &error);

		if (status == CLEX_OK)
			CheckSound(&written, SpanOf("", 0), &arena);
		if ((status != CLEX_OK && status != CLEX_UNSUPPORTED) || written.why[0] != '\0')
			Ok(false, "random document of size %u as %s: %s", size, formats[i],
			   status == CLEX_OK ? written.why : error.message);
	}
}

int
main(int argc, char **argv)
{
	verbose = argc > 2;
	ArenaInit(&arena, &ClexPlainEnv, 0);
	CheckFolder(argc > 1 ? argv[1] : "extension/test/samples", CheckDocument);
	Ok(tap_failed == 0, "what is written is read again");
	for (uint32_t i = 1; i <= 300; i++)
		CheckRandom(i);
	Ok(tap_failed == 0, "what no codec would make is written soundly or refused");
	printf("# %u documents, %u of them unread, %u refused, %u losses\n", documents, unread, refused,
		   losses);
	ArenaFree(&arena);
	return Done();
}
