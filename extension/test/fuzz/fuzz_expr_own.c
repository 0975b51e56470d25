/*
 * Any bytes as a user's rule: context, condition and message, with a NUL between.  Its definition is
 * refused with a place, or the rule runs, each failure a finding; what was refused for its types is run
 * as well, as a rule that an older library let in.
 */
#include "core/base/utf8.h"
#include "core/model/document.h"
#include "core/rules/own_rule.h"
#include "fuzz.h"

static const char json[] =
	"{\"$kind\":\"invoice\",\"invoice\":{\"number\":\"4711\",\"issue_date\":\"2026-05-31\"},"
	"\"lines\":[{\"identifier\":\"1\",\"net_amount\":\"12.50\"},{\"identifier\":\"2\",\"net_"
	"amount\":\"-0.005\"},{\"identifier\":\"3\",\"net_amount\":\"many\"}]}";

typedef struct Seen
{
	Text text;
	uint32_t failed;
	bool utf8;
} Seen;

static void
See(void *state, const OwnFinding *finding)
{
	Seen *seen = state;

	Must(finding->rule < 2, "a finding is of one of the rules");
	Must(!finding->failed || finding->message.length > 0, "a failure says why");
	Must(!seen->utf8 || Utf8IsValid(finding->message), "a message of UTF-8 is UTF-8");
	seen->failed += finding->failed && finding->rule == 0;
	TextAppendf(&seen->text, "%u %d %u;", finding->rule, finding->failed, finding->node);
	TextAppendSpan(&seen->text, finding->message);
}

static void
CheckDefinition(const OwnRuleText *rule, bool utf8)
{
	ClexError error = {0};
	Arena arena;
	ClexStatus status;

	ArenaInit(&arena, &ClexPlainEnv, FUZZ_MEMORY);
	status = OwnRuleCheck(rule, &arena, &error);
	Must(status == CLEX_OK || status == CLEX_INVALID || status == CLEX_NO_MEMORY ||
			 status == CLEX_LIMIT,
		 "a refusal is one of the rule");
	Must(status != CLEX_INVALID || error.offset >= 1, "a refusal has a place");
	Must(!utf8 || (Utf8IsValid(SpanFromCString(error.message)) &&
				   Utf8IsValid(SpanFromCString(error.detail))),
		 "a refusal of UTF-8 is UTF-8");
	ArenaFree(&arena);
}

static void
Run(const OwnBook *book, const Tree *tree, Arena *permanent, Seen *seen)
{
	Arena scratch;
	OwnRun run = {.tree = tree,
				  .permanent = permanent,
				  .scratch = &scratch,
				  .step_limit = 200000,
				  .sink = See,
				  .state = seen};

	ArenaInit(&scratch, &ClexPlainEnv, FUZZ_MEMORY / 8);
	Must(OwnBookRun(book, &run, NULL) == CLEX_OK, "a run ends");
	Must(scratch.limit == FUZZ_MEMORY / 8, "and leaves the limit as it was");
	ArenaFree(&scratch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OwnRuleText rules[2] = {{.id = SPAN_LITERAL("R"), .severity = SEVERITY_FATAL},
							{.id = SPAN_LITERAL("S"),
							 .severity = SEVERITY_WARNING,
							 .condition = SPAN_LITERAL("BT-1 = '4712'"),
							 .message = SPAN_LITERAL("{BT-1}")}};
	Span input = ExactCopy(data, size);
	Span rest = input;
	Seen first = {.failed = 0};
	Seen second = {.failed = 0};
	DocumentView view;
	OwnBook *book;
	Arena arena;
	Span image;
	Tree tree;

	rules[0].context = TakeUntil(&rest, '\0');
	rules[0].condition = TakeUntil(&rest, '\0');
	rules[0].message = rest;
	if (rules[0].context.length == 0)
		rules[0].context.data = NULL;
	first.utf8 = second.utf8 = Utf8IsValid(rules[0].context) && Utf8IsValid(rules[0].condition) &&
							   Utf8IsValid(rules[0].message);
	CheckDefinition(&rules[0], first.utf8);
	ArenaInit(&arena, &ClexPlainEnv, FUZZ_MEMORY);
	TextInit(&first.text, &arena);
	TextInit(&second.text, &arena);
	Must(DocumentFromJson(SPAN_LITERAL(json), &arena, &image, NULL) == CLEX_OK &&
			 DocumentOpen(image, &view, NULL) == CLEX_OK &&
			 DocumentToTree(&view, &arena, &tree, NULL) == CLEX_OK,
		 "the document is one");
	if (OwnBookCompile(rules, 2, &arena, &book, NULL) == CLEX_OK)
	{
		Run(book, &tree, &arena, &first);
		Run(book, &tree, &arena, &second);
		Must(first.failed <= 1, "a rule fails once");
		Must(SpanEqual(TextSpan(&first.text), TextSpan(&second.text)), "twice the same");
		Must(first.text.failed ||
				 strstr(ArenaCopy(&arena, TextSpan(&first.text)).data, "1 0 ") != NULL,
			 "the rule after it is tried");
	}
	ArenaFree(&arena);
	free((void *) (uintptr_t) input.data);
	return 0;
}
