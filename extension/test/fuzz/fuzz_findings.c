/*
 * Any bytes as a document to check, with every rule set compiled in: the findings are the same twice,
 * and the same where no rule is skipped.  The first byte chooses what is asked for.
 */
#include "core/base/utf8.h"
#include "core/rules/rules.h"
#include "core/xml/xml_read.h"
#include "fuzz.h"

#define MAX_LAYERS 64

static RuleSet *sets[MAX_LAYERS];
static Arena rules;
static Wording *wording;

static void
CompileOnce(void)
{
	if (rules.env != NULL)
		return;
	ArenaInit(&rules, &ClexPlainEnv, 0);
	wording = WordingCreate(&ClexPlainEnv);
	Must(wording != NULL, "there is memory to begin with");
	for (uint32_t i = 0; i < ClexRuleLayerCount && i < MAX_LAYERS; i++)
		Must(RuleSetCompile(&ClexRuleLayers[i], &rules, &sets[i], NULL) == CLEX_OK,
			 "the rules compile");
}

static bool
PutFinding(void *state, const Finding *finding)
{
	Text *out = state;

	TextAppendf(out, "%u %s\n", finding->node,
				finding->rule ? finding->rule->id : "NOT-PROCESSABLE");
	for (int language = 0; language < MESSAGE_LANGUAGES; language++)
	{
		size_t start = out->length;

		MessageWrite(finding, (MessageLanguage) language, wording, out);
		Must(out->failed || Utf8IsValid(SpanOf(out->data + start, out->length - start)),
			 "a message is UTF-8");
	}
	return true;
}

static Span
FindingsOf(const RuleSet *set, const Tree *tree, bool exhaustive, Arena *arena)
{
	RuleVerdict verdict = {.processable = true};
	ClexError error = {0};
	Arena scratch;
	Text out;
	RuleRun run = {.tree = tree,
				   .scratch = &scratch,
				   .permanent = arena,
				   .step_limit = 20000000,
				   .explain = true,
				   .exhaustive = exhaustive,
				   .sink = PutFinding,
				   .state = &out};

	ArenaInit(&scratch, &ClexPlainEnv, FUZZ_MEMORY);
	TextInit(&out, arena);
	if (RuleSetRun(set, &run, &verdict, &error) != CLEX_OK)
		Must(error.message[0] != '\0', "a run that fails says why");
	ArenaFree(&scratch);
	return TextSpan(&out);
}

static const char *
Syntax(const Tree *tree)
{
	switch (TreeAt(tree, 1)->name)
	{
		case NAME_ubl_Invoice:
		case NAME_cn_CreditNote:
			return "ubl";
		case NAME_rsm_CrossIndustryInvoice:
			return "cii";
		default:
			return "";
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	XmlLimits limits = {1000000, 40, 20000, 100};
	Span input = ExactCopy(data, size);
	Arena arena;
	Tree tree;
	XmlInfo info;

	CompileOnce();
	ArenaInit(&arena, &ClexPlainEnv, 4 * FUZZ_MEMORY);
	if (XmlRead(input, &limits, &arena, &tree, &info, NULL) == CLEX_OK)
		for (uint32_t i = 0; i < ClexRuleLayerCount && i < MAX_LAYERS; i++)
			if (strcmp(ClexRuleLayers[i].syntax, Syntax(&tree)) == 0)
			{
				Span first = FindingsOf(sets[i], &tree, false, &arena);

				Must(SpanEqual(first, FindingsOf(sets[i], &tree, false, &arena)),
					 "findings are the same twice");
				Must(SpanEqual(first, FindingsOf(sets[i], &tree, true, &arena)),
					 "skipping changes nothing");
			}
	ArenaFree(&arena);
	free((void *) (uintptr_t) input.data);
	return 0;
}
