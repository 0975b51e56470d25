/*
 * Documents written as INVOIC and 810 and read again: over a folder (first argument; without it the
 * project's samples) every term comes back, in its order, but for the losses that were named, nothing
 * else comes with it, and a reader finds nothing wrong.  What is an interchange goes to UBL and back too.
 * Documents of random terms, which no codec would make, are written soundly or refused.
 * A second argument lists the losses and what was refused.
 */
#include "core/base/decimal.h"
#include "core/codec/edi_codec.h"
#define FOLDER_TAKES(name) true
#include "folder.h"
#include "random_document.h"
#include "tap.h"
#include "written.h"

static const char *const formats[] = {"edifact", "edifact:D96A", "edifact:D14B", "x12"};

static Arena arena;
static uint32_t documents;
static uint32_t unread;
static uint32_t refused;
static uint32_t losses;
static bool verbose;

static bool
IsSaid(uint8_t fate)
{
	return fate == FATE_SAID || IsAltered(fate);
}

static bool
SaysSomething(const DocumentView *view, const uint8_t *fates, uint32_t node)
{
	uint32_t count;
	uint32_t first = ViewChildren(view, node, &count);

	if (!TermIsGroup(ViewNode(view, node).term) && fates[node] != FATE_UNSAID)
		return IsSaid(fates[node]) || fates[node] == FATE_AMBIGUOUS || fates[node] == FATE_ORDER;
	for (uint32_t i = first; i < first + count; i++)
		if (SaysSomething(view, fates, i))
			return true;
	return false;
}

/* Is there anything in a group that is not told as what the format would take for something else? */
static bool
SaysFirmly(const DocumentView *view, const uint8_t *fates, uint32_t node)
{
	uint32_t count;
	uint32_t first = ViewChildren(view, node, &count);

	if (!TermIsGroup(ViewNode(view, node).term))
		return IsSaid(fates[node]);
	for (uint32_t i = first; i < first + count; i++)
		if (SaysFirmly(view, fates, i))
			return true;
	return false;
}

static bool
SameText(TermId term, Span a, Span b)
{
	Decimal x;
	Decimal y;

	return SpanEqual(a, b) ||
		   (ClexTerms[term].type == VALUE_DECIMAL && DecimalParse(a, &x) == CLEX_OK &&
			DecimalParse(b, &y) == CLEX_OK && DecimalCompare(x, y) == 0);
}

/* The children of two nodes that stand for each other. */
static void
CompareBelow(const DocumentView *source, uint32_t mine, const uint8_t *fates, Written *written,
			 uint32_t theirs)
{
	const DocumentView *again = &written->again;
	uint32_t count;
	uint32_t first = ViewChildren(source, mine, &count);

	for (uint32_t i = first; i < first + count;)
	{
		TermId term = ViewNode(source, i).term;
		uint32_t n;
		uint32_t found = ViewFind(again, theirs, term, &n);
		uint32_t used = 0;
		uint32_t lost = 0;
		bool moved = false;
		uint32_t end = i;

		for (; end < first + count && ViewNode(source, end).term == term; end++)
			moved |= fates[end] == FATE_AMBIGUOUS || fates[end] == FATE_ORDER;
		for (; i < end && !moved; i++)
		{
			char name[250];

			if (!SaysSomething(source, fates, i) ||
				(found == 0 && TermIsGroup(term) && !SaysFirmly(source, fates, i)))
			{
				lost++;
				continue;
			}
			DescribeNode(source, i, &arena, name, sizeof(name));
			if (found == 0 || used == n)
			{
				Differs(written, "%s is gone", name);
				return;
			}
			if (fates[i] == FATE_SAID && !TermIsGroup(term) &&
				!SameText(term, ViewNode(source, i).value, ViewNode(again, found + used).value))
				Differs(written, "%s became %.*s", name,
						(int) SpanCut(ViewNode(again, found + used).value, 60).length,
						ViewNode(again, found + used).value.data);
			CompareBelow(source, i, fates, written, found + used++);
		}
		i = end;
		if (!moved && found != 0 && n > used + lost && fates[0] != FATE_FILLED)
			Differs(written, "%u more of %.*s", n - used, (int) ClexTerms[term].id.length,
					ClexTerms[term].id.data);
	}
}

/* A default that a message must have, or a count: no loss where the document does not have it. */
static bool
IsPreset(const DocumentView *source, TermId term)
{
	static const char *const presets[] = {"O-3",  "O-4", "O-40", "O-55", "C-6",	 "C-7", "C-31",
										  "D-3",  "D-4", "D-5",	 "D-51", "D-34", "G-3", "G-4",
										  "G-30", "R-3", "R-6",	 "A-22", "BT-81"};

	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		if (SpanEqualCString(ClexTerms[term].id, presets[i]))
			return source->kind > DOCUMENT_CREDIT_NOTE;
	return false;
}

static void
CompareDocuments(const DocumentView *source, Written *written)
{
	const uint8_t *fates = Fates(source, &written->losses, &arena);

	CompareBelow(source, 0, fates, written, 0);
	for (uint32_t i = 1; i <= written->again.node_count; i++)
	{
		DocumentNode node = ViewNode(&written->again, i);
		bool known = false;

		for (uint32_t k = 1; k <= source->node_count && !known; k++)
			known = ViewNode(source, k).term == node.term;
		if (!known && fates[0] != FATE_FILLED && !TermIsGroup(node.term) &&
			!IsPreset(source, node.term))
			Differs(written, "%.*s is new", (int) ClexTerms[node.term].id.length,
					ClexTerms[node.term].id.data);
	}
}

/* Findings of a reader over what was written. */
static void
CheckSound(Written *written)
{
	EdiReader reader;
	Arena body;
	ClexError error = {0};

	ArenaInit(&body, &ClexPlainEnv, 0);
	if (EdiReaderOpen(&reader, written->content, &arena, &body, &error) != CLEX_OK)
		Differs(written, "not an interchange: %s", error.message);
	else
		while (EdiReaderNext(&reader))
			continue;
	for (uint32_t i = 0; written->why[0] == '\0' && i < reader.findings.count; i++)
	{
		const EdiFinding *f = &VectorAt(&reader.findings, EdiFinding, i);
		Text where;

		TextInit(&where, &arena);
		EdiLocation(&reader, f, &where);
		if (ClexEdiFaults[f->fault].fatal || f->fault != EDI_CHARACTER)
			Differs(written, "finding %s at %.*s", ClexEdiFaults[f->fault].name, (int) where.length,
					where.data);
	}
	ArenaFree(&body);
}

static void
CheckFormat(const char *path, const DocumentView *view, const char *format)
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
		CompareDocuments(view, &written);
		CheckSound(&written);
		if (written.again.extra_count > 0)
			Differs(&written, "extra %.*s is new", (int) ViewExtra(&written.again, 0).path.length,
					ViewExtra(&written.again, 0).path.data);
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
		CheckFormat(path, &ubl, SpanEqualCString(view->format, "x12") ? "x12" : "edifact");
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
		CheckFormat(path, &view, formats[i]);
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
			CheckSound(&written);
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
