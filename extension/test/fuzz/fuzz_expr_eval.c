/*
 * Any expression on small documents: it ends within its steps and memory, twice the same.
 * The first byte chooses the document, the rest is the expression; after a NUL comes XML of one's own.
 */
#include "core/base/utf8.h"
#include "core/expr/expr.h"
#include "core/model/document.h"
#include "core/xml/xml_read.h"
#include "fuzz.h"

#define STEPS 200000

static const char invoice[] =
	"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' "
	"xmlns:cac='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' "
	"xmlns:cbc='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>"
	"<cbc:ID schemeID=''> 47\xC3\xA9 </cbc:ID><cbc:IssueDate>2026-05-31</cbc:IssueDate>"
	"<cbc:Note/><cbc:Note>a<!-- b -->c</cbc:Note>"
	"<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:LineExtensionAmount currencyID='EUR'>1.005"
	"</cbc:LineExtensionAmount></cac:InvoiceLine>"
	"<cac:InvoiceLine><cbc:ID>2</cbc:ID><cbc:LineExtensionAmount>1E2</cbc:LineExtensionAmount>"
	"<foreign xmlns='urn:x'>x</foreign></cac:InvoiceLine></Invoice>";

static const char json[] =
	"{\"$kind\":\"invoice\",\"invoice\":{\"number\":\"4711\",\"issue_date\":\"2026-05-31\"},"
	"\"lines\":[{\"identifier\":\"1\",\"net_amount\":\"12.50\"},{\"identifier\":\"2\",\"net_"
	"amount\":\"-0.005\"}]}";

static bool
MakeTree(bool terms, Span xml, Arena *arena, Tree *tree)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	DocumentView view;
	XmlInfo info;
	Span image;

	if (!terms)
		return XmlRead(xml, &limits, arena, tree, &info, NULL) == CLEX_OK;
	return DocumentFromJson(SPAN_LITERAL(json), arena, &image, NULL) == CLEX_OK &&
		   DocumentOpen(image, &view, NULL) == CLEX_OK &&
		   DocumentToTree(&view, arena, tree, NULL) == CLEX_OK;
}

static ClexStatus
Run(const Tree *tree, Vocabulary vocabulary, const Expr *expr, Arena *permanent, Arena *scratch,
	RegexCache *regexes, Text *result, ClexError *error)
{
	Evaluator evaluator;
	Explanation explanation;
	bool holds;
	Span text;

	ArenaReset(scratch);
	Must(EvaluatorInit(&evaluator, tree, vocabulary, permanent, scratch, STEPS, error) == CLEX_OK,
		 "an evaluator is made");
	evaluator.regexes = regexes;
	text = EvaluateText(&evaluator, expr, 0, NULL);
	if (evaluator.status == CLEX_OK)
		TextAppendSpan(result, text);
	Must(evaluator.steps <= STEPS + 20000, "the step limit holds");
	if (evaluator.status != CLEX_OK)
		return evaluator.status;
	holds = EvaluateBoolean(&evaluator, expr, TreeCount(tree) - 1);
	TextAppendChar(result, evaluator.status != CLEX_OK ? '?' : holds ? 't' : 'f');
	if (evaluator.status == CLEX_OK)
		ExprExplain(&evaluator, expr, 0, &explanation);
	return CLEX_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ClexError error = {0};
	Span input;
	Span text;
	Arena arena;
	Arena scratch;
	Arena results; /* of their own: a long one must not take the other's memory */
	Tree tree;
	Expr *expr;
	bool terms;
	Text first;
	Text second;
	RegexCache *regexes;
	ClexStatus status;
	ClexStatus again;
	bool little;

	if (size == 0)
		return 0;
	terms = data[0] & 1;
	input = ExactCopy(data + 1, size - 1);
	text = input;
	text = TakeUntil(&input, '\0');
	if (input.length == 0)
		input = SPAN_LITERAL(invoice);
	ArenaInit(&arena, &ClexPlainEnv, FUZZ_MEMORY);
	ArenaInit(&scratch, &ClexPlainEnv, FUZZ_MEMORY / 4);
	ArenaInit(&results, &ClexPlainEnv, (size_t) 1 << 30);
	TextInit(&first, &results);
	TextInit(&second, &results);
	regexes = RegexCacheCreate(&ClexPlainEnv);
	if (ExprCompile(text, terms ? VOCABULARY_TERMS : VOCABULARY_SOURCE, TERM_NONE, NULL, &arena,
					&expr, NULL) == CLEX_OK &&
		MakeTree(terms, input, &arena, &tree))
	{
		Vocabulary vocabulary = terms ? VOCABULARY_TERMS : VOCABULARY_SOURCE;

		status = Run(&tree, vocabulary, expr, &arena, &scratch, regexes, &first, &error);
		little = scratch.exhausted || arena.exhausted;
		again = Run(&tree, vocabulary, expr, &arena, &scratch, NULL, &second, NULL);
		/* what the first run left may be what the second one lacks */
		if (!little && !scratch.exhausted && !arena.exhausted)
		{
			Must(status == again, "an evaluation ends twice the same");
			Must(SpanEqual(TextSpan(&first), TextSpan(&second)), "with the same result");
		}
		Must(status == CLEX_OK || (error.status == status && error.message[0] != '\0'),
			 "a failure says why");
		Must(!Utf8IsValid(text) || Utf8IsValid(SpanFromCString(error.message)),
			 "a failure of UTF-8 is UTF-8");
	}
	RegexCacheFree(regexes);
	ArenaFree(&scratch);
	ArenaFree(&results);
	ArenaFree(&arena);
	free((void *) (uintptr_t) text.data);
	return 0;
}
