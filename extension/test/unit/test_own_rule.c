/* Users' rules: what a definition may be, and that each rule of a book stands alone. */
#include "core/model/document.h"
#include "core/rules/own_rule.h"
#include "tap.h"

static const char invoice[] =
	"{\"$kind\":\"invoice\",\"invoice\":{\"number\":\"4711\","
	"\"issue_date\":\"2026-05-31\",\"currency\":\"EUR\"},"
	"\"totals\":{\"lines_net\":\"30.00\",\"with_vat\":\"35.70\"},"
	"\"lines\":[{\"identifier\":\"1\",\"net_amount\":\"10.00\",\"quantity\":\"2\"},"
	"{\"identifier\":\"2\",\"net_amount\":\"20.00\"},{\"identifier\":\"3\","
	"\"net_amount\":\"6E1\"}]}";

typedef struct Definition
{
	const char *context;
	const char *condition;
	const char *message;
	const char *expected; /* "" or "position message" */
} Definition;

static const Definition definitions[] = {
	{NULL, "BT-112 <= 10000 or exists(BT-13)", "{BT-112} without order", ""},
	{"/lines", "BT-131 > 0", "line {BT-126}", ""},
	{"/", "true()", "x", ""},
	{"/lines | /vat_breakdown", "count(*) > 1", "x", ""},
	{NULL, "BT-2 + 30 >= BT-9", "{BT-9 - BT-2} days", ""},
	{NULL, "BT-2 >= '2026-01-01'", "x", ""},
	{NULL, "$seller.iban = BT-84", "x", ""},
	{NULL, "BT-112 = $buyer.code", "x", ""},
	{NULL, "if (exists(BT-9)) then BT-9 > BT-2 else BT-20 != ''", "x", ""},
	{NULL, "BT-3 = ('380', '381')", "x", ""},
	{NULL, "BT-13", "x", ""},
	{NULL, "max(lines/BT-131) < 10 and min(BT-2) < '2030-01-01'", "x", ""},
	{NULL, "('a', 'b')[. = 'a'] = 'a'", "x", ""},
	{NULL, "lines/string-length(BT-126) > 1", "x", ""},
	{NULL, "(BT-5, BT-6) = 'EUR'", "x", ""},
	{NULL, "() = 1", "x", ""},
	/* types */
	{NULL, "BT-1 = 4711", "x", "1 a text and a number cannot be compared in rule condition"},
	{NULL, "true() and BT-112 = 'x'", "x",
	 "12 a number and a text cannot be compared in rule condition"},
	{NULL, "BT-2 > BT-112", "x", "1 a date and a number cannot be compared in rule condition"},
	{NULL, "BT-2 > 'tomorrow'", "x",
	 "8 a text that is no date is compared with a date in rule condition"},
	{NULL, "lines = 3", "x",
	 "1 a group of terms and a number cannot be compared in rule condition"},
	{NULL, "sum(BT-126) > 1", "x", "5 a text is no number in rule condition"},
	{NULL, "BT-1 * 2 > 1", "x", "1 a text is no number in rule condition"},
	{NULL, "BT-2 * 2 > 1", "x", "1 a date is no number in rule condition"},
	{NULL, "BT-2 + BT-9 > 1", "x", "1 two dates cannot be added up in rule condition"},
	{NULL, "3 - BT-2 > 1", "x", "1 a date cannot be taken from a number in rule condition"},
	{NULL, "date(BT-112) > BT-2", "x", "6 a number is no date in rule condition"},
	{NULL, "BT-112 - 1", "x", "1 a number is no condition in rule condition"},
	{NULL, "not(BT-2 + 1)", "x", "5 a date is no condition in rule condition"},
	{NULL, "some $l in lines satisfies $l/BT-126 > 1", "x",
	 "28 a text and a number cannot be compared in rule condition"},
	{NULL, "every $a in lines/BT-131 satisfies $a = 'x'", "x",
	 "36 a number and a text cannot be compared in rule condition"},
	{"/lines[BT-131 = 'x']", "true()", "x",
	 "8 a number and a text cannot be compared in rule context"},
	/* what is no expression */
	{NULL, "", "x", "1 a name, a value or \"(\" expected in rule condition"},
	{NULL, "exists(BT-999)", "x", "8 unknown business term \"BT-999\" in rule condition"},
	{NULL, "in-list('moon', BT-3)", "x", "1 unknown code list in rule condition"},
	{NULL, "recurse(BT-3)", "x", "1 unknown function in rule condition"},
	{NULL, "$seller.secret = 'x'", "x", "1 unknown variable in rule condition"},
	{"count(lines)", "true()", "x", "1 something else than places of the document in rule context"},
	{"/line", "true()", "x", "2 unknown business term \"line\" in rule context"},
	/* messages */
	{NULL, "true()", "", ""},
	{NULL, "true()", "{{{BT-1}}}", ""},
	{NULL, "true()", "{'}'} {found} { expected } {rule}", ""},
	{"/lines", "true()", "a {BT-126", "3 a \"{\" that is not closed in rule message"},
	{NULL, "true()", "a } b", "3 unexpected \"}\" in rule message"},
	{NULL, "true()", "a {BT-1} {BT-0}", "11 unknown business term \"BT-0\" in rule message"},
	{NULL, "true()", "a {}", "4 a name, a value or \"(\" expected in rule message"},
	{NULL, "true()", "{lines}", "2 a group of terms is no value in rule message"},
	{NULL, "true()", "{BT-1 + 1}", "2 a text is no number in rule message"},
};

static Span
TextOrNone(const char *text)
{
	return text == NULL ? SpanOf(NULL, 0) : SpanFromCString(text);
}

static void
TestDefinitions(void)
{
	for (size_t i = 0; i < sizeof(definitions) / sizeof(definitions[0]); i++)
	{
		const Definition *d = &definitions[i];
		OwnRuleText rule = {.id = SPAN_LITERAL("R"),
							.severity = SEVERITY_FATAL,
							.context = TextOrNone(d->context),
							.condition = TextOrNone(d->condition),
							.message = TextOrNone(d->message)};
		ClexError error = {0};
		char got[400] = "";
		char what[400];
		Arena arena;

		ArenaInit(&arena, &ClexPlainEnv, 0);
		if (OwnRuleCheck(&rule, &arena, &error) != CLEX_OK)
			snprintf(got, sizeof(got), "%d %s", (int) error.offset, error.message);
		snprintf(what, sizeof(what), "%s: %s: %s", d->context, d->condition, d->message);
		Is(got, d->expected, what);
		ArenaFree(&arena);
	}
}

/* ---- running ---- */

typedef struct Runs
{
	const char *context;
	const char *condition;
	const char *message;
	const char *expected; /* findings: node, message */
} Runs;

static const Runs runs[] = {
	{NULL, "BT-112 > 100", "{BT-112} on {BT-2}, {found} is not {expected}",
	 "35.70 on 31 May 2026, 35.70 is not > 100; "},
	{NULL, "BT-112 > 10", "x", ""},
	{"/lines", "BT-126 = '2'", "line {BT-126} of {BT-1}", "line 1 of 4711; line 3 of 4711; "},
	{"/lines[BT-126 != '3']", "BT-131 > 15", "{{{BT-131}}}", "{10.00}; "},
	/* a place that fails is told, the others are looked at */
	{"/lines", "BT-131 > 15", "{BT-126}",
	 "1; !\"6E1\" and \"15\" cannot be compared, in rule condition, position 1; "},
	{"/lines", "(BT-131 div (20 - BT-131)) < 0", "{BT-126}",
	 "1; !division by zero, in rule condition, position 2; "},
	{NULL, "exists(BT-1) and (some $l in lines satisfies 1 idiv ($l/BT-131 - 10) = 0)", "x",
	 "!division by zero, in rule condition, position 46; "},
	{NULL, "for $x in lines return $x/BT-131 + 1", "x",
	 "!\"6E1\" is not a number, in rule condition, position 24; "},
	{NULL, "let $x := lines/BT-131 return $x + 1 > 0", "x",
	 "!3 values where one is needed: \"10.00\", \"20.00\", ..., in rule condition, position 31; "},
	{NULL, "if (BT-112 > 1) then BT-1 + 1 > 0 else true()", "x",
	 "!a text is no number in rule condition, position 22: BT-1 + 1 > 0 else true(); "},
	{"/lines[BT-131 > 1]", "true()", "x",
	 "!\"6E1\" and \"1\" cannot be compared, in rule context, position 1; "},
	{NULL, "some $a in (1 to 9999), $b in (1 to 9999) satisfies $a + $b < 0", "x",
	 "!it needs more than 100000 steps (clex.max_steps), in rule condition, position 6; "},
	{NULL, "string-length(string-join(for $a in 1 to 90000 return 'xxxxxxxxxx', '-')) = 1", "x",
	 "!it needs more than 100000 steps (clex.max_steps), in rule condition, position 1; "},
	{NULL, "in-list('moon', BT-3)", "x",
	 "!unknown code list in rule condition, position 1: in-list('moon', BT-3); "},
	/* an expression of a message that fails leaves the finding */
	{NULL, "false()", "a {1 div 0} b", "a (nothing) b; "},
	{NULL, "BT-84 = $seller.iban", "{$seller.iban}{BT-20}", "FR1 FR2(nothing); "},
	{NULL, "$seller.iban = 'FR2' and empty($buyer.iban)", "x", ""},
};

static void
Collect(void *state, const OwnFinding *finding)
{
	Text *text = state;

	TextAppendf(text, "%s%.*s; ", finding->failed ? "!" : "",
				(int) (finding->failed ? finding->found.length : finding->message.length),
				finding->failed ? finding->found.data : finding->message.data);
}

static void
TestRuns(void)
{
	ExprItem accounts[] = {{.type = ITEM_UNTYPED, .as.text = SPAN_LITERAL("FR1")},
						   {.type = ITEM_UNTYPED, .as.text = SPAN_LITERAL("FR2")}};
	static OwnFacts facts;
	Wording *wording = WordingCreate(&ClexPlainEnv);
	DocumentView view;
	Arena document;
	Span image;
	Tree tree;

	ArenaInit(&document, &ClexPlainEnv, 0);
	Ok(DocumentFromJson(SPAN_LITERAL(invoice), &document, &image, NULL) == CLEX_OK &&
		   DocumentOpen(image, &view, NULL) == CLEX_OK &&
		   DocumentToTree(&view, &document, &tree, NULL) == CLEX_OK,
	   "an invoice");
	facts.values[OwnFactFind(SPAN_LITERAL("seller.iban"))] =
		(Sequence){.items = accounts, .count = 2, .capacity = 2};
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
	{
		OwnRuleText rule = {.id = SPAN_LITERAL("R"),
							.severity = SEVERITY_FATAL,
							.context = TextOrNone(runs[i].context),
							.condition = TextOrNone(runs[i].condition),
							.message = TextOrNone(runs[i].message)};
		Arena arena;
		Arena scratch;
		Text got;
		OwnBook *book;
		OwnRun run = {.tree = &tree,
					  .permanent = &arena,
					  .scratch = &scratch,
					  .step_limit = 100000,
					  .facts = &facts,
					  .wording = wording,
					  .sink = Collect,
					  .state = &got};

		ArenaInit(&arena, &ClexPlainEnv, 0);
		ArenaInit(&scratch, &ClexPlainEnv, 0);
		TextInit(&got, &arena);
		Ok(OwnBookCompile(&rule, 1, &arena, &book, NULL) == CLEX_OK &&
			   OwnBookRun(book, &run, NULL) == CLEX_OK,
		   "a book runs");
		TextAppendChar(&got, '\0');
		Is(got.data, runs[i].expected, runs[i].condition);
		Ok(scratch.limit == 0, "and leaves the scratch arena's limit");
		ArenaFree(&scratch);
		ArenaFree(&arena);
	}
	WordingFree(wording);
	ArenaFree(&document);
}

int
main(void)
{
	Ok(OwnFactFind(SPAN_LITERAL("buyer.country")) > 0, "a fact that there is");
	Ok(OwnFactFind(SPAN_LITERAL("buyer.hat")) < 0, "a fact that there is not");
	TestDefinitions();
	TestRuns();
	return Done();
}
