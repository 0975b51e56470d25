/* The rule engine on layers of its own: patterns, aborts, defines, layers by day, messages. */
#include "core/rules/rules.h"
#include "core/xml/xml_read.h"
#include "expr_case.h"

static Arena arena;
static Arena scratch;
static Tree tree;

static const char invoice[] = UBL_ROOT
	"<cbc:ID>4711</cbc:ID><cbc:Note>a</cbc:Note><cbc:Note>b</cbc:Note>"
	"<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:LineExtensionAmount>10</cbc:LineExtensionAmount>"
	"</cac:InvoiceLine><cac:InvoiceLine><cbc:ID>2</cbc:ID>"
	"<cbc:LineExtensionAmount>x</cbc:LineExtensionAmount></cac:InvoiceLine></Invoice>";

static bool
PutFinding(void *state, const Finding *finding)
{
	Text *out = state;

	TextAppendf(out, "%s@", finding->rule ? finding->rule->id : finding->reason);
	TreeLocation(&tree, finding->node, out);
	if (finding->found.data != NULL)
	{
		TextAppendChar(out, '=');
		TextAppendSpan(out, finding->found);
	}
	TextAppendChar(out, ' ');
	return true;
}

/* What a layer says of the invoice: rule@place=found, blank separated. */
static const char *
Findings(const RuleContextFact *contexts, uint16_t context_count, const RuleFact *rules,
		 uint16_t rule_count, const RuleDefineFact *defines, uint16_t define_count,
		 RuleVerdict *verdict)
{
	RuleLayerFact layer = {.set = "own",
						   .version = "1",
						   .syntax = "ubl",
						   .defines = defines,
						   .define_count = define_count,
						   .contexts = contexts,
						   .context_count = context_count,
						   .rules = rules,
						   .rule_count = rule_count};
	ClexError error = {0};
	RuleSet *set;
	Text out;
	RuleRun run = {.tree = &tree,
				   .scratch = &scratch,
				   .permanent = &arena,
				   .explain = true,
				   .sink = PutFinding,
				   .state = &out};

	*verdict = (RuleVerdict){.processable = true};
	TextInit(&out, &arena);
	if (RuleSetCompile(&layer, &arena, &set, &error) != CLEX_OK)
		return ArenaPrintf(&arena, "%s / %s", error.message, error.detail);
	if (RuleSetRun(set, &run, verdict, &error) != CLEX_OK)
		return ArenaPrintf(&arena, "failed: %s", error.message);
	TextAppendChar(&out, '\0');
	return out.data;
}

#define COUNT(list) ((uint16_t) (sizeof(list) / sizeof((list)[0])))

/* Within a pattern a node obeys the first context that matches it; patterns are independent. */
static void
TestPatterns(void)
{
	static const RuleContextFact contexts[] = {{1, "//cbc:Note[. = 'a']"},
											   {1, "//cbc:Note | //cbc:ID[. = '1']"},
											   {1, "//cbc:ID"},
											   {2, "//cbc:Note"}};
	static const RuleFact rules[] = {
		{.id = "A", .severity = SEVERITY_FATAL, .context = 0, .test = "false()"},
		{.id = "B", .severity = SEVERITY_WARNING, .context = 1, .test = "false()"},
		{.id = "C", .severity = SEVERITY_INFORMATION, .context = 2, .test = "false()"},
		{.id = "D", .severity = SEVERITY_FATAL, .context = 3, .test = ". = 'b'"}};
	RuleVerdict verdict;

	Is(Findings(contexts, COUNT(contexts), rules, COUNT(rules), NULL, 0, &verdict),
	   "A@/ubl:Invoice/cbc:Note[1] B@/ubl:Invoice/cbc:Note[2] "
	   "B@/ubl:Invoice/cac:InvoiceLine[1]/cbc:ID C@/ubl:Invoice/cbc:ID "
	   "C@/ubl:Invoice/cac:InvoiceLine[2]/cbc:ID D@/ubl:Invoice/cbc:Note[1]=a ",
	   "the first context of a pattern takes a node");
	Ok(verdict.fatal == 2 && verdict.warning == 2 && verdict.information == 2 &&
		   verdict.processable,
	   "severities are counted");
}

/* A rule that cannot be evaluated ends the layer; a context that cannot does not match. */
static void
TestAborts(void)
{
	static const RuleContextFact contexts[] = {
		{1, "//cac:InvoiceLine[decimal(cbc:LineExtensionAmount) > 5]"},
		{2, "//cac:InvoiceLine[decimal(cbc:LineExtensionAmount) > 5][position() < 9]"},
		{3, "//cac:InvoiceLine"},
		{4, "/ubl:Invoice"}};
	static const RuleFact rules[] = {
		{.id = "A", .severity = SEVERITY_FATAL, .context = 0, .test = "false()"},
		{.id = "B", .severity = SEVERITY_FATAL, .context = 1, .test = "false()"},
		{.id = "C",
		 .severity = SEVERITY_FATAL,
		 .context = 2,
		 .test = "decimal(cbc:LineExtensionAmount) > 20"},
		{.id = "D", .severity = SEVERITY_FATAL, .context = 3, .test = "false()"}};
	static const RuleFact several[] = {{.id = "E",
										.severity = SEVERITY_WARNING,
										.context = 3,
										.test = "normalize-space(cbc:Note) = 'a'"}};
	RuleVerdict verdict;

	Is(Findings(contexts, COUNT(contexts), rules, COUNT(rules), NULL, 0, &verdict),
	   "A@/ubl:Invoice/cac:InvoiceLine[1] B@/ubl:Invoice/cac:InvoiceLine[1] "
	   "C@/ubl:Invoice/cac:InvoiceLine[1]/cbc:LineExtensionAmount=10 "
	   "C: \"x\" is not a decimal number@/ubl:Invoice/cac:InvoiceLine[2]/cbc:LineExtensionAmount ",
	   "a bad cast ends the layer where it stands");
	Ok(!verdict.processable && verdict.fatal == 4, "and counts as fatal");
	Is(Findings(contexts, COUNT(contexts), several, COUNT(several), NULL, 0, &verdict),
	   "E: 2 values where one is needed: \"a\", \"b\"@/ubl:Invoice/cbc:Note[2] ",
	   "so do several values where one is needed");
}

/* Document-wide values are evaluated when first asked for, with variables of their own. */
static void
TestDefines(void)
{
	static const RuleDefineFact defines[] = {
		{"bad", "//cbc:LineExtensionAmount/decimal(.)"},
		{"ids", "for $x in //cac:InvoiceLine return string($x/cbc:ID)"},
		{"more", "($ids, '3')"}};
	static const RuleContextFact contexts[] = {{1, "//cac:InvoiceLine[count($bad) = 2]"},
											   {1, "//cac:InvoiceLine[count($bad) = 0]"},
											   {2, "/ubl:Invoice"}};
	static const RuleFact unused[] = {
		{.id = "A", .severity = SEVERITY_FATAL, .context = 2, .test = "count($more) = 4"},
		{.id = "B",
		 .severity = SEVERITY_FATAL,
		 .context = 2,
		 .test = "every $x in //cbc:Note satisfies ($x = $ids or $x = ('a', 'b'))"}};
	static const RuleFact contextual[] = {
		{.id = "C", .severity = SEVERITY_FATAL, .context = 0, .test = "false()"},
		{.id = "D", .severity = SEVERITY_FATAL, .context = 1, .test = "false()"}};
	RuleVerdict verdict;

	Is(Findings(contexts + 2, 1,
				(RuleFact[]){
					{.id = "A", .severity = SEVERITY_FATAL, .context = 0, .test = unused[0].test},
					{.id = "B", .severity = SEVERITY_FATAL, .context = 0, .test = unused[1].test}},
				2, defines, COUNT(defines), &verdict),
	   "A@/ubl:Invoice=3 ", "a value nobody asks for may be bad; variables are not mixed up");
	Is(Findings(contexts, 2, contextual, COUNT(contextual), defines, COUNT(defines), &verdict), "",
	   "a bad value matches no context, however often it is asked for");
	Is(Findings(
		   contexts + 2, 1,
		   (RuleFact[]){
			   {.id = "A", .severity = SEVERITY_FATAL, .context = 0, .test = "count($later) = 0"}},
		   1, defines, COUNT(defines), &verdict),
	   "unknown variable in expression, in rule set own (ubl), A / position 7: $later) = 0",
	   "a defect of a rule is told with rule and place");
}

static void
TestLayers(void)
{
	int32_t day = 0;
	MessageLanguage language;

	DateParse(SPAN_LITERAL("2026-05-31"), &day, NULL);
	for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
	{
		const RuleLayerFact *layer = &ClexRuleLayers[i];
		const RuleLayerFact *found =
			RuleLayerFind(SpanFromCString(layer->set), SpanFromCString(layer->syntax), day);

		Ok(found == NULL ||
			   (strcmp(found->set, layer->set) == 0 && strcmp(found->syntax, layer->syntax) == 0),
		   "%s %s is found", layer->set, layer->syntax);
		Ok(RuleSetExists(SpanFromCString(layer->set)), "%s exists", layer->set);
	}
	Ok(RuleLayerFind(SPAN_LITERAL("en16931"), SPAN_LITERAL("edifact"), day) == NULL,
	   "no such syntax");
	Ok(!RuleSetExists(SPAN_LITERAL("en1693")) && !RuleSetExists(SPAN_LITERAL("")), "no such set");
	Ok(MessageLanguageFind(SPAN_LITERAL("fr-FR"), &language) && language == LANGUAGE_FR, "fr-FR");
	Ok(MessageLanguageFind(SPAN_LITERAL("de_DE.UTF-8"), &language) && language == LANGUAGE_DE,
	   "de_DE");
	Ok(!MessageLanguageFind(SPAN_LITERAL("deu"), &language), "deu is not de");
	Ok(!MessageLanguageFind(SPAN_LITERAL(""), &language), "nothing is no language");
}

/* Every message, with every placeholder filled and none filled, in every language. */
static void
TestMessages(void)
{
	Finding finding = {.found = SPAN_LITERAL("FOUND"),
					   .expected = SPAN_LITERAL("EXPECTED"),
					   .about = SPAN_LITERAL("ABOUT"),
					   .list = SPAN_LITERAL("LIST")};
	Finding bare = {.layer = NULL};
	uint32_t bad = 0;
	uint32_t shown = 0;

	for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
		for (uint16_t j = 0; j < ClexRuleLayers[i].rule_count; j++)
			for (int language = 0; language < MESSAGE_LANGUAGES; language++)
			{
				Text full;
				Text empty;

				TextInit(&full, &scratch);
				TextInit(&empty, &scratch);
				finding.rule = bare.rule = &ClexRuleLayers[i].rules[j];
				MessageWrite(&finding, (MessageLanguage) language, NULL, &full);
				MessageWrite(&bare, (MessageLanguage) language, NULL, &empty);
				bad += full.length < 10 || memchr(full.data, '{', full.length) != NULL ||
					   empty.length < 10 || memchr(empty.data, '{', empty.length) != NULL ||
					   MessageFind(finding.rule) == NULL ||
					   MessageFind(finding.rule)->text[language] == NULL;
				shown += memmem(full.data, full.length, "FOUND", 5) != NULL;
				ArenaReset(&scratch);
			}
	Ok(bad == 0, "%u messages are missing or have a placeholder left", bad);
	Ok(shown > 500, "%u messages show what was found", shown);
	finding.rule = NULL;
	finding.notice = NOTICE_NOT_PROCESSABLE;
	finding.reason = "REASON";
	for (int language = 0; language < MESSAGE_LANGUAGES; language++)
	{
		Text out;

		TextInit(&out, &scratch);
		MessageWrite(&finding, (MessageLanguage) language, NULL, &out);
		Ok(memmem(out.data, out.length, "REASON", 6) != NULL, "%.*s", (int) out.length, out.data);
	}
}

int
main(void)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	XmlInfo info;
	Arena document;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
	ArenaInit(&document, &ClexPlainEnv, 0);
	Ok(XmlRead(SpanFromCString(invoice), &limits, &document, &tree, &info, NULL) == CLEX_OK,
	   "the invoice is read");
	TestPatterns();
	TestAborts();
	TestDefines();
	TestLayers();
	TestMessages();
	ArenaFree(&arena);
	ArenaFree(&scratch);
	ArenaFree(&document);
	return Done();
}
