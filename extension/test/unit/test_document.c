/* Building, finding, verifying documents, and 100,000 damaged images. */
#include "core/model/document.h"
#include "random_document.h"
#include "tap.h"

#include <stdlib.h>

static Span
S(const char *s)
{
	return SpanFromCString(s);
}

/* An invoice of two lines, added in an order that is not the image's. */
static DocumentBuilder *
Sample(Arena *arena)
{
	DocumentBuilder *b = DocumentBegin(arena, DOCUMENT_INVOICE, S("ubl"));
	uint32_t totals = DocumentAdd(b, 0, TERM_BG_22, S(""), 90);
	uint32_t seller;
	uint32_t line;
	uint32_t invoice;
	uint32_t id;

	DocumentAdd(b, totals, TERM_BT_115, S("+0119.00"), 91);
	line = DocumentAdd(b, 0, TERM_BG_25, S(""), 20);
	DocumentAdd(b, line, TERM_BT_131, S("100.00"), 21);
	DocumentAdd(b, line, TERM_BT_126, S("1"), 22);
	seller = DocumentAdd(b, 0, TERM_BG_4, S(""), 10);
	id = DocumentAdd(b, seller, TERM_BT_29, S("4000001000005"), 11);
	DocumentAdd(b, id, TERM_BT_29_1, S("0088"), 12);
	DocumentAdd(b, seller, TERM_BT_29, S("X"), 13);
	DocumentAdd(b, seller, TERM_BT_27, S("M\xC3\xBCller"), 14);
	line = DocumentAdd(b, 0, TERM_BG_25, S(""), 30);
	DocumentAdd(b, line, TERM_BT_126, S("2"), 31);
	DocumentAdd(b, line, TERM_BT_131, S("1e2"), 32);
	invoice = DocumentAdd(b, 0, TERM_BG_0, S(""), 0);
	DocumentAdd(b, invoice, TERM_BT_2, S("2026-05-31+02:00"), 2);
	DocumentAdd(b, invoice, TERM_BT_1, S("R-1"), 1);
	DocumentAddExtra(b, S("/a/b"), S("left"), 7);
	DocumentSetProvenance(b, "version", S("2.1"));
	DocumentSetProvenance(b, "encoding", S("UTF-8"));
	DocumentSetProvenance(b, "version", S("2.2"));
	return b;
}

/* The value at a written path, or what is wrong. */
static const char *
At(const DocumentView *view, const char *path)
{
	static char buffer[600];
	ClexError error;
	uint32_t node;

	if (ViewResolve(view, S(path), &node, &error) != CLEX_OK)
		snprintf(buffer, sizeof(buffer), "%s | %s | %s", error.message, error.detail, error.hint);
	else if (node == 0)
		snprintf(buffer, sizeof(buffer), "-");
	else
	{
		Span value = ViewNode(view, node).value;

		snprintf(buffer, sizeof(buffer), "%.*s", (int) value.length, value.data);
	}
	return buffer;
}

#define PATH_HINT                                                                                  \
	" | Write names with points or slashes between them, and an index from 1: lines[2].net_amount"
#define TERM_HINT "See view clex.terms for the terms of an invoice."

static void
TestFind(void)
{
	Arena arena;
	DocumentView view;
	ClexError error;
	DocumentBuilder *builder;
	Span image;
	uint32_t count;
	uint32_t node;
	TermId term;
	bool indexed;
	const uint32_t *sources;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	builder = Sample(&arena);
	Ok(DocumentFinish(builder, &image, &error) == CLEX_OK, "an invoice is laid out");
	Ok(DocumentOpen(image, &view, &error) == CLEX_OK, "and opened");
	Ok(DocumentVerify(image, &error) == CLEX_OK, "and verified");
	Ok(view.node_count == 16 && view.kind == DOCUMENT_INVOICE &&
		   view.reader_version == DOCUMENT_READER_VERSION && SpanEqualCString(view.format, "ubl"),
	   "its header says what it is");
	Is(At(&view, "BT-1"), "R-1", "a term by number");
	Is(At(&view, "invoice.number"), "R-1", "a term by name");
	Is(At(&view, "seller.name"), "M\xC3\xBCller", "in a group");
	Is(At(&view, "lines[2].identifier"), "2", "in the second of a kind");
	Is(At(&view, "BG-25[2]/BT-131"), "1e2", "numbers and slashes");
	Is(At(&view, "lines.net_amount"), "100.00", "without an index the first");
	Is(At(&view, "BT-131"), "100.00", "also by number alone");
	Is(At(&view, "lines[3].net_amount"), "-", "a line that is not there");
	Is(At(&view, "lines[99999999999].net_amount"), "-", "nor one that cannot be");
	Is(At(&view, "BT-29-1"), "0088", "an attribute by number");
	Is(At(&view, "seller.identifiers[2].scheme"), "-", "an attribute that is not there");
	Is(At(&view, "seller.identifiers[2]"), "X", "the second value");
	Is(At(&view, "buyer.name"), "-", "a group that is not there");
	Is(At(&view, "totals.payable"), "119.00", "a decimal is canonical");
	Is(At(&view, "BT-999"), "unknown business term \"BT-999\" | Position 1: BT-999 | " TERM_HINT,
	   "an unknown number");
	Is(At(&view, "seller.nam"),
	   "unknown business term \"nam\" | Position 8: seller.nam | Did you mean \"name\"? " TERM_HINT,
	   "a mistyped name");
	Is(At(&view, "buyer.bogus"),
	   "unknown business term \"bogus\" | Position 7: buyer.bogus | " TERM_HINT,
	   "an unknown name below a group that is not there");
	Is(At(&view, "seller.BT-131"),
	   "unknown business term \"BT-131\" | Position 8: seller.BT-131 | " TERM_HINT,
	   "a number that is not below its group");
	Is(At(&view, ""), "a name is missing in the path to a business term | Position 1: " PATH_HINT,
	   "an empty path");
	Is(At(&view, "seller."),
	   "a name is missing in the path to a business term | Position 8: seller." PATH_HINT,
	   "a path that ends in a point");
	Is(At(&view, "lines[0]"),
	   "invalid index in the path to a business term | Position 6: lines[0]" PATH_HINT, "index 0");
	Is(At(&view, "lines[x]"),
	   "invalid index in the path to a business term | Position 6: lines[x]" PATH_HINT,
	   "an index that is none");
	Is(At(&view, "lines[1"),
	   "invalid index in the path to a business term | Position 6: lines[1" PATH_HINT,
	   "an index without end");
	Is(At(&view, "lines[1]x"),
	   "invalid index in the path to a business term | Position 6: lines[1]x" PATH_HINT,
	   "text behind an index");

	ViewResolveAll(&view, S("lines"), &term, &node, &count, &indexed, &error);
	Ok(term == TERM_BG_25 && count == 2 && node != 0 && !indexed, "all lines");
	ViewResolveAll(&view, S("lines[2]"), &term, &node, &count, &indexed, &error);
	Ok(count == 1 && indexed && ViewNode(&view, node).ordinal == 2, "one line");
	ViewResolve(&view, S("totals.payable"), &node, &error);
	Ok(SpanEqualCString(ViewLexical(&view, node), "+0119.00"), "the spelling of a decimal is kept");
	ViewResolve(&view, S("BT-2"), &node, &error);
	Ok(SpanEqualCString(ViewNode(&view, node).value, "2026-05-31") &&
		   SpanEqualCString(ViewLexical(&view, node), "2026-05-31+02:00"),
	   "and that of a date with a zone");
	ViewResolve(&view, S("BT-1"), &node, &error);
	Ok(SpanEqualCString(ViewLexical(&view, node), "R-1"), "without one it is the value");
	ViewResolve(&view, S("lines[2].net_amount"), &node, &error);
	Ok(ViewNode(&view, node).flags == DOCUMENT_NODE_INVALID, "an illegal decimal is marked");
	sources = DocumentSources(builder);
	Ok(sources[node] == 32, "a node's source is known after layout");
	Ok(SpanEqualCString(ViewProvenance(&view, "version"), "2.2") &&
		   SpanEqualCString(ViewProvenance(&view, "encoding"), "UTF-8") &&
		   ViewProvenance(&view, "x").data == NULL && view.provenance_count == 2,
	   "provenance: the last value wins");
	Ok(view.extra_count == 1 && ViewExtra(&view, 0).line == 7 &&
		   SpanEqualCString(ViewExtra(&view, 0).path, "/a/b"),
	   "extras are kept");
	Ok(ViewNode(&view, 0).value.length == 0 && ViewNode(&view, 99).value.length == 0,
	   "a node that is none has no value");
	ArenaFree(&arena);
}

static void
TestMisuse(void)
{
	static const struct
	{
		TermId parent;
		TermId term;
		const char *value;
		ClexStatus status;
		const char *what;
	} cases[] = {
		{TERM_NONE, TERM_BT_1, "1", CLEX_INVALID, "a term outside its group"},
		{TERM_BG_4, TERM_BT_131, "1", CLEX_INVALID, "a term in another group"},
		{TERM_NONE, TERM_NONE, "", CLEX_INVALID, "no term"},
		{TERM_NONE, TERM_COUNT, "", CLEX_INVALID, "a term that does not exist"},
		{TERM_NONE, TERM_BG_4, "x", CLEX_INVALID, "a group with a value"},
		{TERM_BG_4, TERM_BT_27, "\xC3", CLEX_MALFORMED, "half a character"},
		{TERM_BG_4, TERM_BT_27, "\xED\xA0\x80", CLEX_MALFORMED, "a surrogate"},
		{TERM_BG_4, TERM_BT_27, "12345678\xC0\x80", CLEX_MALFORMED, "an overlong form"},
	};
	Arena arena;
	ClexError error;
	Span image;
	DocumentBuilder *b;
	uint32_t node;
	uint32_t refused = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		ArenaInit(&arena, &ClexPlainEnv, 0);
		b = DocumentBegin(&arena, DOCUMENT_INVOICE, S("x"));
		node = cases[i].parent == TERM_NONE ? 0 : DocumentAdd(b, 0, cases[i].parent, S(""), 0);
		Ok(DocumentAdd(b, node, cases[i].term, S(cases[i].value), 0) == 0 &&
			   DocumentFinish(b, &image, &error) == cases[i].status,
		   "refused: %s (%s)", cases[i].what, error.message);
		ArenaFree(&arena);
	}
	ArenaInit(&arena, &ClexPlainEnv, 0);
	b = DocumentBegin(&arena, DOCUMENT_INVOICE, S("x"));
	node = DocumentAdd(b, 0, TERM_BG_4, S(""), 0);
	Ok(DocumentAdd(b, node, TERM_BT_27, SpanOf("a\0b", 3), 0) == 0, "refused: a NUL");
	b = DocumentBegin(&arena, DOCUMENT_INVOICE, S("x"));
	node = DocumentAdd(b, DocumentAdd(b, 0, TERM_BG_4, S(""), 0), TERM_BT_29, S("1"), 0);
	DocumentAdd(b, node, TERM_BT_29_1, S("0088"), 0);
	DocumentAdd(b, node, TERM_BT_29_1, S("0060"), 0);
	Ok(DocumentFinish(b, &image, &error) == CLEX_INVALID, "refused: an attribute twice");
	ArenaFree(&arena);
	/* out of memory at every point is a status, never a crash */
	for (size_t limit = 0; limit < 40000; limit += 61)
	{
		Span ignored;

		ArenaInit(&arena, &ClexPlainEnv, limit + 1);
		refused += DocumentFinish(Sample(&arena), &image, &error) == CLEX_NO_MEMORY;
		DocumentFromJson(S("{\"invoice\": {\"number\": \"\\n\"}, \"$lexical\": {\"BT-1\": \"\"}}"),
						 &arena, &ignored, &error);
		ArenaFree(&arena);
	}
	Ok(refused > 100 && refused < 600, "out of memory is a status, %u times", refused);
}

/* Visit everything there is to see, as a user of a verified image may. */
static uint64_t
Walk(const DocumentView *view, Arena *arena)
{
	uint64_t sum = 0;
	Tree tree;
	Text json;
	ClexError error;

	for (uint32_t i = 0; i <= view->node_count; i++)
	{
		DocumentNode node = ViewNode(view, i);
		Span lexical = ViewLexical(view, i);
		uint32_t count;

		for (size_t k = 0; k < node.value.length; k++)
			sum = sum * 31 + (unsigned char) node.value.data[k];
		for (size_t k = 0; k < lexical.length; k++)
			sum = sum * 31 + (unsigned char) lexical.data[k];
		sum += ViewChildren(view, i, &count) + count;
		sum += ViewFind(view, i, (TermId) (1 + sum % (TERM_COUNT - 1)), &count) + count;
	}
	TextInit(&json, arena);
	if (DocumentToTree(view, arena, &tree, &error) == CLEX_OK)
		sum += TreeCount(&tree);
	if (DocumentToJson(view, &json, &error) == CLEX_OK)
		sum += json.length;
	return sum + DocumentSameTerms(view, view);
}

static void
TestDamage(void)
{
	Arena arena;
	Arena scratch;
	uint32_t passed = 0;
	uint32_t cut = 0;
	uint64_t sum = 0;
	ClexError error;
	bool round = true;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
	for (int i = 0; i < 100000; i++)
	{
		Span image;
		char *bytes;
		DocumentView view;

		if (i % 500 == 0)
			ArenaReset(&arena);
		if (i % 50 == 0)
			DocumentFinish(RandomDocument(&arena, 1 + Random(60)), &image, &error);
		/* a copy of its own size, so that reading past it shows */
		bytes = malloc(image.length);
		memcpy(bytes, image.data, image.length);
		for (uint32_t k = 1 + Random(3); k > 0; k--)
		{
			uint32_t at =
				Random(3) == 0 && image.length > 40 ? Random(40) : Random((uint32_t) image.length);

			bytes[at] = Random(2) == 0 ? (char) (bytes[at] ^ (1 << Random(8))) : (char) Random(256);
		}
		if (DocumentVerify(SpanOf(bytes, image.length), &error) == CLEX_OK)
		{
			Span again;
			Text json;

			passed++;
			ArenaReset(&scratch);
			DocumentOpen(SpanOf(bytes, image.length), &view, &error);
			sum += Walk(&view, &scratch);
			TextInit(&json, &scratch);
			round &= DocumentToJson(&view, &json, &error) == CLEX_OK &&
					 DocumentFromJson(TextSpan(&json), &scratch, &again, &error) == CLEX_OK &&
					 SpanEqual(again, SpanOf(bytes, image.length));
		}
		free(bytes);
		bytes = malloc(image.length / 2 + 1);
		memcpy(bytes, image.data, image.length / 2);
		cut += DocumentVerify(SpanOf(bytes, image.length / 2), &error) != CLEX_OK;
		free(bytes);
	}
	Ok(passed > 1000 && passed < 90000, "%u of 100000 damaged images pass as another document",
	   passed);
	Ok(round, "each of those prints and reads back to the same bytes");
	Ok(cut == 100000, "an image cut in half never passes");
	Ok(sum != 0, "walked");
	ArenaFree(&scratch);
	ArenaFree(&arena);
}

static void
TestTree(void)
{
	Arena arena;
	DocumentView view;
	ClexError error;
	Span image;
	Tree tree;
	uint32_t node;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	DocumentFinish(Sample(&arena), &image, &error);
	DocumentOpen(image, &view, &error);
	Ok(DocumentToTree(&view, &arena, &tree, &error) == CLEX_OK, "a tree");
	Ok(TreeCount(&tree) == 17, "one node a term, and the document");
	node = TreeFirstNamed(&tree, TERM_BT_29);
	Ok(SpanEqualCString(TreeText(&tree, node), "4000001000005"), "a value without its attributes");
	Ok(TreeIsAttribute(&tree, node + 1) && SpanEqualCString(TreeText(&tree, node + 1), "0088"),
	   "which follow it");
	Ok(SpanEqualCString(TreeText(&tree, TreeNextNamed(&tree, node, TERM_BT_29)), "X"), "siblings");
	node = TreeFirstNamed(&tree, TERM_BT_131);
	Ok(TreeAt(&tree, node)->type == VALUE_DECIMAL && !(TreeAt(&tree, node)->flags & TREE_INVALID),
	   "typed");
	node = TreeAt(&tree, node)->next_same;
	Ok((TreeAt(&tree, node)->flags & TREE_INVALID) != 0, "an illegal value is marked");
	Ok(SpanEqualCString(ViewNode(&view, TreeAt(&tree, node)->line).value, "1e2"),
	   "the line is the number in the image");
	Ok(TreeAt(&tree, 0)->end == 17 && TreeAt(&tree, 0)->type == VALUE_GROUP, "the root spans all");
	ArenaFree(&arena);
}

/* A document of one line whose net amount is given. */
static Span
OneAmount(Arena *arena, const char *amount, const char *format)
{
	DocumentBuilder *b = DocumentBegin(arena, DOCUMENT_INVOICE, S(format));
	ClexError error;
	Span image;

	DocumentAdd(b, DocumentAdd(b, 0, TERM_BG_25, S(""), 0), TERM_BT_131, S(amount), 0);
	DocumentAddExtra(b, S(format), S(""), 1);
	DocumentFinish(b, &image, &error);
	return image;
}

static void
TestSame(void)
{
	static const struct
	{
		const char *a;
		const char *b;
		bool same;
	} cases[] = {{"1.50", "1.5", true},	 {"1.50", "+1.500", true}, {"1.5", "1.51", false},
				 {"1e3", "1000", false}, {"1e3", "1e3", true},	   {"-0", "0.00", true}};
	Arena arena;
	ClexError error;
	DocumentView a;
	DocumentView b;
	Span image;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		DocumentOpen(OneAmount(&arena, cases[i].a, "ubl"), &a, &error);
		DocumentOpen(OneAmount(&arena, cases[i].b, "cii"), &b, &error);
		Ok(DocumentSameTerms(&a, &b) == cases[i].same, "%s and %s", cases[i].a, cases[i].b);
	}
	DocumentFinish(Sample(&arena), &image, &error);
	DocumentOpen(image, &a, &error);
	Ok(!DocumentSameTerms(&a, &b), "other terms");
	ArenaFree(&arena);
}

/* 100,000 lines, added backwards within each, are laid out and found. */
static void
TestLarge(void)
{
	Arena arena;
	ClexError error;
	DocumentView view;
	Span image;
	DocumentBuilder *b;
	char text[16];
	bool good = true;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	b = DocumentBegin(&arena, DOCUMENT_INVOICE, S("ubl"));
	for (int i = 1; i <= 100000; i++)
	{
		uint32_t line = DocumentAdd(b, 0, TERM_BG_25, S(""), 0);

		snprintf(text, sizeof(text), "%d", i);
		DocumentAdd(b, line, TERM_BT_131, S("1.00"), 0);
		DocumentAdd(b, line, TERM_BT_126, S(text), 0);
	}
	Ok(DocumentFinish(b, &image, &error) == CLEX_OK && DocumentVerify(image, &error) == CLEX_OK &&
		   DocumentOpen(image, &view, &error) == CLEX_OK,
	   "100000 lines");
	for (int i = 1; i <= 100000; i += 777)
	{
		char path[40];

		snprintf(path, sizeof(path), "lines[%d].identifier", i);
		snprintf(text, sizeof(text), "%d", i);
		good &= strcmp(At(&view, path), text) == 0;
	}
	Ok(good, "are found by index");
	ArenaFree(&arena);
}

int
main(void)
{
	TestFind();
	TestMisuse();
	TestTree();
	TestSame();
	TestLarge();
	TestDamage();
	return Done();
}
