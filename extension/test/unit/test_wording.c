/*
 * Numbers and dates in sentences: every digit kept, each language its own signs, nothing formatted that
 * only looks like a number; and what expressions say their values are.
 */
#include "core/rules/rules.h"
#include "core/xml/xml_read.h"
#include "tap.h"

#include <locale.h>
#include <stdlib.h>

/* narrow no-break space, between thousands in French */
#define NARROW "\u202f"

static Arena arena, scratch;
static Wording *wording;

/* What a number or date becomes, "-" if it is refused. */
static const char *
Shown(bool (*write)(Wording *, MessageLanguage, Span, Text *), MessageLanguage language,
	  const char *raw)
{
	Text out;

	TextInit(&out, &arena);
	if (!write(wording, language, SpanFromCString(raw), &out))
		return out.length == 0 ? "-" : "refused, but written";
	return ArenaPrintf(&arena, "%.*s", (int) out.length, out.data);
}

static void
TestNumbers(void)
{
	static const struct
	{
		const char *raw, *shown[MESSAGE_LANGUAGES];
	} cases[] = {
		{"4917.91", {"4,917.91", "4" NARROW "917,91", "4.917,91"}},
		{"-1234567.5", {"-1,234,567.5", "-1" NARROW "234" NARROW "567,5", "-1.234.567,5"}},
		{"19.000", {"19.000", "19,000", "19,000"}},
		{" +0.10 ", {"0.10", "0,10", "0,10"}},
		{".005", {"0.005", "0,005", "0,005"}},
		{"7.", {"7", "7", "7"}},
		{"-0.00", {"0.00", "0,00", "0,00"}},
		{"2.345", {"2.345", "2,345", "2,345"}},
		{"0.12345678901234567890123456789012345678",
		 {"0.12345678901234567890123456789012345678", "0,12345678901234567890123456789012345678",
		  "0,12345678901234567890123456789012345678"}},
		{"99999999999999999999999999999999999999",
		 {"99,999,999,999,999,999,999,999,999,999,999,999,999",
		  "99" NARROW "999" NARROW "999" NARROW "999" NARROW "999" NARROW "999" NARROW "999" NARROW
		  "999" NARROW "999" NARROW "999" NARROW "999" NARROW "999" NARROW "999",
		  "99.999.999.999.999.999.999.999.999.999.999.999.999"}},
		{"1.0E7", {"-", "-", "-"}},
		{"NaN", {"-", "-", "-"}},
		{"12a", {"-", "-", "-"}},
		{"", {"-", "-", "-"}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int language = 0; language < MESSAGE_LANGUAGES; language++)
			Is(Shown(WordingNumber, (MessageLanguage) language, cases[i].raw),
			   cases[i].shown[language], cases[i].raw);
}

static void
TestDates(void)
{
	static const struct
	{
		const char *raw, *shown[MESSAGE_LANGUAGES];
	} cases[] = {
		{"2026-12-01", {"1 December 2026", "01/12/2026", "01.12.2026"}},
		{"20261201", {"1 December 2026", "01/12/2026", "01.12.2026"}},
		{"2026-12-01+14:00", {"1 December 2026", "01/12/2026", "01.12.2026"}},
		{"0001-01-01", {"1 January 0001", "01/01/0001", "01.01.0001"}},
		{"1582-10-10", {"10 October 1582", "10/10/1582", "10.10.1582"}},
		{"9999-12-31", {"31 December 9999", "31/12/9999", "31.12.9999"}},
		{"2026-02-29", {"-", "-", "-"}},
		{"20261301", {"-", "-", "-"}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int language = 0; language < MESSAGE_LANGUAGES; language++)
			Is(Shown(WordingDate, (MessageLanguage) language, cases[i].raw),
			   cases[i].shown[language], cases[i].raw);
}

/* ---- what an explanation says of its values ---- */

static const char *const kinds[] = {"text", "untyped", "number", "date"};

static void
TestExplanations(void)
{
	static const char document[] =
		"<x:Invoice xmlns:x='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' "
		"xmlns:b='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>"
		"<b:ID>20261234</b:ID><b:IssueDate>2026-12-01</b:IssueDate><b:Note>7</b:Note>"
		"</x:Invoice>";
	static const struct
	{
		const char *test, *found, *expected;
	} cases[] = {
		{"/*/cbc:ID = 5", "number", "number"},
		{"5 = /*/cbc:ID", "number", "number"},
		{"/*/cbc:ID = '5'", "untyped", "text"},
		{"/*/cbc:ID = /*/cbc:Note", "untyped", "untyped"},
		{"decimal(/*/cbc:ID) < decimal(/*/cbc:Note)", "number", "number"},
		{"/*/cbc:ID < double(3)", "number", "number"},
		{"date(/*/cbc:IssueDate) < date('2020-01-01')", "date", "date"},
		{"/*/cbc:IssueDate < date('2020-01-01')", "date", "date"},
		{"in-list('ISO_4217', /*/cbc:ID)", "untyped", "text"},
		{"in-list('ISO_4217', normalize-space(/*/cbc:ID))", "text", "text"},
		{"empty(/*/cbc:ID)", "untyped", "text"},
		{"count(/*/cbc:ID) = 2", "number", "number"},
		{"/*/cbc:ID = (5, 'a')", "untyped", "text"},
	};
	XmlLimits limits = XML_DEFAULT_LIMITS;
	XmlInfo info;
	Tree tree;
	ClexError error;

	Ok(XmlRead(SPAN_LITERAL(document), &limits, &arena, &tree, &info, &error) == CLEX_OK,
	   "a document to explain");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Evaluator evaluator;
		Explanation explanation;
		Expr *expr;

		if (!Ok(ExprCompile(SpanFromCString(cases[i].test), VOCABULARY_SOURCE, 0, NULL, &arena,
							&expr, &error) == CLEX_OK,
				"%s compiles", cases[i].test))
			continue;
		EvaluatorInit(&evaluator, &tree, VOCABULARY_SOURCE, &arena, &scratch, 0, &error);
		ExprExplain(&evaluator, expr, 1, &explanation);
		Is(kinds[explanation.found_kind], cases[i].found, "found");
		Is(kinds[explanation.expected_kind], cases[i].expected, "expected");
		ArenaReset(&scratch);
	}
}

/* ---- sentences ---- */

static const char *
Sentence(const Finding *finding, MessageLanguage language, Wording *formats)
{
	Text out;

	TextInit(&out, &arena);
	MessageWrite(finding, language, formats, &out);
	return ArenaPrintf(&arena, "%.*s", (int) out.length, out.data);
}

static void
TestSentences(void)
{
	RuleFact rule = {.id = "BR-UNKNOWN", .say = "BR-29"};
	Finding finding = {.rule = &rule,
					   .found = SPAN_LITERAL("20260131"),
					   .expected = SPAN_LITERAL("20260201")};

	Is(Sentence(&finding, LANGUAGE_DE, wording),
	   "Der Abrechnungszeitraum endet am 31.01.2026 (BT-74), bevor er am 01.02.2026 (BT-73) "
	   "beginnt.",
	   "the message knows that these are dates");
	finding.found = SPAN_LITERAL("31 Jan");
	Is(Sentence(&finding, LANGUAGE_EN, wording),
	   "The invoicing period ends on 31 Jan (BT-74), before it begins on 1 February 2026 (BT-73).",
	   "what is none stays as it is");
	rule.say = "CII-DT-037";
	finding = (Finding){.rule = &rule,
						.found = SPAN_LITERAL("20261234"),
						.found_kind = SHOWN_UNTYPED,
						.expected = SPAN_LITERAL("not 1234.5, 2000, ..."),
						.expected_kind = SHOWN_NUMBER};
	Is(Sentence(&finding, LANGUAGE_DE, wording),
	   "Als Steuerart ist 20261234 angegeben. EN 16931 kennt hier nur nicht 1.234,5; 2.000; ....",
	   "untyped text is not formatted, lists of numbers are");
	Is(Sentence(&finding, LANGUAGE_EN, NULL),
	   "The type of tax is 20261234. EN 16931 knows only not 1234.5, 2000, ... here.",
	   "without formatters everything stays as it is");
	rule.tolerance = "1.00";
	rule.tolerance_say = "tolerance-within";
	finding.expected = (Span){NULL, 0};
	Is(Sentence(&finding, LANGUAGE_FR, wording),
	   "Le type de taxe est 20261234. EN 16931 n'admet ici que (rien). Un écart allant jusqu'à "
	   "1,00 est toléré.",
	   "the tolerance follows, and nothing is called so");
}

int
main(void)
{
	/* the process's own locale and time zone must not matter */
	setlocale(LC_ALL, "de_DE.UTF-8");
	setenv("TZ", "Pacific/Kiritimati", 1);
	setenv("LANG", "ar_EG.UTF-8", 1);
	ArenaInit(&arena, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
	wording = WordingCreate(&ClexPlainEnv);
	TestNumbers();
	TestDates();
	TestExplanations();
	TestSentences();
	WordingFree(wording);
	ArenaFree(&scratch);
	ArenaFree(&arena);
	return Done();
}
