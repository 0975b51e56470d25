/*
 * Pages: how values are written in each language, where they stand, and that every value of samples and of
 * random documents is there, hostile ones too.
 */
#include "core/codec/codec.h"
#include "core/render/shown.h"
#include "folder.h"
#include "random_document.h"
#include "rendered.h"
#include "tap.h"

static Arena arena;
static uint32_t rendered_count;

static const char *
Shown(TermId term, const char *value, const char *language, const char *currency, uint16_t flags)
{
	DocumentNode node = {
		.term = term, .ordinal = 1, .value = SpanFromCString(value), .flags = flags};
	PageItem item = {0};

	ShowValue(&node, PageLanguage(SpanFromCString(language)), SpanFromCString(currency), true,
			  &arena, &item);
	return ArenaCopy(&arena, item.shown).data;
}

static void
CheckShown(void)
{
	static const struct
	{
		TermId term;
		const char *value;
		const char *language;
		const char *currency;
		const char *shown;
	} cases[] = {
		{TERM_BT_112, "1234567.5", "en", "EUR", "1,234,567.50\u00A0EUR"},
		{TERM_BT_112, "1234567.5", "fr", "EUR", "1\u202F234\u202F567,50\u00A0EUR"},
		{TERM_BT_112, "1234567.5", "de", "EUR", "1.234.567,50\u00A0EUR"},
		{TERM_BT_112, "-999", "en", "EUR", "\u2212999.00\u00A0EUR"},
		{TERM_BT_112, "-1000", "en", "JPY", "\u22121,000\u00A0JPY"},
		{TERM_BT_112, "12.3", "en", "TND", "12.300\u00A0TND"},
		{TERM_BT_112, "12.34567", "en", "EUR", "12.34567\u00A0EUR"},
		{TERM_BT_112, "12", "en", "???", "12\u00A0???"},
		{TERM_BT_112, "12", "en", "", "12"},
		{TERM_BT_129, "1000.10", "de", "EUR", "1.000,10"},
		{TERM_BT_146, "0.004500", "en", "EUR", "0.004500\u00A0EUR"},
		{TERM_BT_152, "5.5", "en", "EUR", "5.5%"},
		{TERM_BT_152, "5.5", "fr", "EUR", "5,5\u00A0%"},
		{TERM_BT_2, "2026-01-01", "en", "", "1\u00A0January\u00A02026"},
		{TERM_BT_2, "2026-08-01", "fr", "", "1er\u00A0ao\u00FBt\u00A02026"},
		{TERM_BT_2, "2026-03-31", "de", "", "31.\u00A0M\u00E4rz\u00A02026"},
		{TERM_BT_3, "381", "fr", "", "Avoir"},
		{TERM_BT_3, "9999", "fr", "", "9999"},
		{TERM_BT_130, "H87", "de", "", "St\u00FCck"},
		{TERM_BT_40, "DE", "en", "", "Germany"},
		{TERM_BT_84, "FR7630006000011234567890189", "en", "",
		 "FR76\u202F3000\u202F6000\u202F0112\u202F3456\u202F7890\u202F189"},
		{TERM_BT_84, "FR7630006000011234567890188", "en", "", "FR7630006000011234567890188"},
		{TERM_BT_125, "YWJjZA==", "en", "", "4\u00A0bytes"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		Is(Shown(cases[i].term, cases[i].value, cases[i].language, cases[i].currency, 0),
		   cases[i].shown, cases[i].value);
	Is(Shown(TERM_BT_112, "1,5", "en", "EUR", DOCUMENT_NODE_INVALID), "1,5",
	   "what is no number is not written as one");
	Ok(PageLanguage(SPAN_LITERAL("it")) == -1 && PageLanguage(SPAN_LITERAL("")) == -1 &&
		   PageLanguage(SPAN_LITERAL("EN")) == -1,
	   "other languages");
}

/* Labels for every term of EN 16931, and words for the codes that matter. */
static void
CheckLabels(void)
{
	uint32_t without = 0;

	for (uint32_t t = 1; t < TERM_COUNT; t++)
		if (ClexTerms[t].id.length > 3 && ClexTerms[t].id.data[0] == 'B')
			without += SpanEqual(ClexTermLooks[t].label[1], ClexTerms[t].title) &&
					   SpanEqual(ClexTermLooks[t].label[2], ClexTerms[t].title);
	Ok(without == 0, "every term of EN 16931 has labels in French and German");
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

	ArenaReset(&arena);
	if (ReadDocument(&request, &arena, &tree, &image, &error) != CLEX_OK ||
		DocumentOpen(image, &view, &error) != CLEX_OK)
		return;
	for (int language = 0; language < PAGE_LANGUAGES; language++)
	{
		Rendered rendered;

		RenderAndCheck(&view, language, &arena, &rendered);
		rendered_count++;
		if (rendered.why[0] != '\0')
			Ok(false, "%s: %s", path, rendered.why);
	}
}

static void
CheckRandom(void)
{
	uint32_t pages = 0;

	for (uint32_t i = 0; i < 600; i++)
	{
		DocumentView view;
		Rendered rendered;
		Span image;

		ArenaReset(&arena);
		if (DocumentFinish(RandomDocument(&arena, Random(200)), &image, NULL) != CLEX_OK ||
			DocumentOpen(image, &view, NULL) != CLEX_OK)
			continue;
		RenderAndCheck(&view, (int) (i % PAGE_LANGUAGES), &arena, &rendered);
		pages++;
		if (rendered.why[0] != '\0')
			Ok(false, "random document %u: %s", i, rendered.why);
	}
	Ok(pages > 500, "random documents are rendered whole");
}

/* Little memory gives an error, never half a page. */
static void
CheckMemory(void)
{
	Arena small;
	DocumentView view;
	ClexError error = {0};
	Span image;
	DocumentPage page;
	Text html;
	uint32_t whole = 0;

	ArenaReset(&arena);
	DocumentFinish(RandomDocument(&arena, 300), &image, &error);
	DocumentOpen(image, &view, &error);
	for (size_t limit = 1024; limit < 4 << 20; limit += limit / 4)
	{
		ArenaInit(&small, &ClexPlainEnv, limit);
		TextInit(&html, &small);
		if (PageBuild(&view, 0, &small, &page, &error) == CLEX_OK &&
			PageToHtml(&page, &html, &error) == CLEX_OK)
			whole++;
		else if (error.status != CLEX_NO_MEMORY)
			Ok(false, "limit %zu: %s", limit, error.message);
		ArenaFree(&small);
	}
	Ok(whole > 0 && whole < 30, "a page is whole or there is none");
}

int
main(int argc, char **argv)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	CheckShown();
	CheckLabels();
	CheckFolder(argc > 1 ? argv[1] : "extension/test/samples", CheckDocument);
	Ok(rendered_count > 0 && tap_failed == 0, "every value of %u pages stands on them",
	   rendered_count);
	CheckRandom();
	CheckMemory();
	ArenaFree(&arena);
	return Done();
}
