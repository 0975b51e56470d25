/*
 * expr_case.h
 *		Tables of expressions and what they yield, for the tests of the expression language.
 *
 * A result is the text of the items joined by blanks, "()" for the empty sequence, "!message" where
 * the evaluation fails and "?position message" where the expression does not compile.
 */
#ifndef CLEX_TEST_EXPR_CASE_H
#define CLEX_TEST_EXPR_CASE_H

#include "core/expr/expr.h"
#include "core/model/document.h"
#include "core/xml/xml_read.h"
#include "tap.h"

typedef struct ExprCase
{
	const char *expr;
	const char *expected;
} ExprCase;

typedef struct ExprBench
{
	Arena document; /* the tree */
	Arena arena;	/* compiled form and results of one case */
	Arena scratch;
	Tree tree;
	Vocabulary vocabulary;
	RegexCache *regexes;
	uint64_t step_limit;
	uint64_t steps;	   /* of the last evaluation */
	uint32_t context;  /* term that expressions start from */
	uint32_t node;	   /* node that they are evaluated at */
	bool condition;	   /* evaluate as a condition */
	ClexStatus status; /* of the last evaluation */
	ClexError error;
} ExprBench;

#define UBL_ROOT                                                                                   \
	"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' "                     \
	"xmlns:cac='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' "        \
	"xmlns:cbc='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>"

static inline void
BenchInit(ExprBench *bench)
{
	memset(bench, 0, sizeof(*bench));
	ArenaInit(&bench->document, &ClexPlainEnv, 0);
	ArenaInit(&bench->arena, &ClexPlainEnv, 0);
	ArenaInit(&bench->scratch, &ClexPlainEnv, (size_t) 64 << 20);
	bench->regexes = RegexCacheCreate(&ClexPlainEnv);
}

static inline void
BenchFree(ExprBench *bench)
{
	RegexCacheFree(bench->regexes);
	ArenaFree(&bench->document);
	ArenaFree(&bench->arena);
	ArenaFree(&bench->scratch);
}

/* Expressions from now on run on this XML. */
static inline void
BenchXml(ExprBench *bench, const char *xml)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	XmlInfo info;

	ArenaReset(&bench->document);
	bench->vocabulary = VOCABULARY_SOURCE;
	if (XmlRead(SpanFromCString(xml), &limits, &bench->document, &bench->tree, &info,
				&bench->error) != CLEX_OK)
		Ok(false, "the document is read: %s %s", bench->error.message, bench->error.detail);
}

/* Or on this document in JSON, by terms. */
static inline void
BenchJson(ExprBench *bench, const char *json)
{
	DocumentView view;
	Span image;

	ArenaReset(&bench->document);
	bench->vocabulary = VOCABULARY_TERMS;
	if (DocumentFromJson(SpanFromCString(json), &bench->document, &image, &bench->error) !=
			CLEX_OK ||
		DocumentOpen(image, &view, &bench->error) != CLEX_OK ||
		DocumentToTree(&view, &bench->document, &bench->tree, &bench->error) != CLEX_OK)
		Ok(false, "the document is read: %s %s", bench->error.message, bench->error.detail);
}

/* The result of one expression, in the bench's arena. */
static inline const char *
BenchRun(ExprBench *bench, Span text)
{
	Evaluator evaluator;
	Expr *expr;
	Span result;

	ArenaReset(&bench->arena);
	ArenaReset(&bench->scratch);
	memset(&bench->error, 0, sizeof(bench->error));
	bench->status = ExprCompile(text, bench->vocabulary, bench->context, NULL, &bench->arena, &expr,
								&bench->error);
	if (bench->status != CLEX_OK)
		return ArenaPrintf(&bench->arena, "?%u %s", (unsigned) bench->error.offset,
						   bench->error.message);
	EvaluatorInit(&evaluator, &bench->tree, bench->vocabulary, &bench->arena, &bench->scratch,
				  bench->step_limit, &bench->error);
	evaluator.regexes = bench->regexes;
	if (bench->condition)
		result = EvaluateBoolean(&evaluator, expr, bench->node) ? SPAN_LITERAL("true")
																: SPAN_LITERAL("false");
	else
		result = EvaluateText(&evaluator, expr, bench->node, NULL);
	bench->status = evaluator.status;
	bench->steps = evaluator.steps;
	if (evaluator.status != CLEX_OK)
		return ArenaPrintf(&bench->arena, "!%s", bench->error.message);
	if (result.data == NULL)
		return "()";
	return ArenaPrintf(&bench->arena, "%.*s", (int) result.length, result.data);
}

static inline void
BenchCases(ExprBench *bench, const ExprCase *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		Is(BenchRun(bench, SpanFromCString(cases[i].expr)), cases[i].expected, cases[i].expr);
}

#define BENCH(bench, cases) BenchCases(bench, cases, sizeof(cases) / sizeof((cases)[0]))

#endif
