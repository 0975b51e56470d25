/*
 * test_expr_forms.c
 *		Functions that judge the form of a text: dates, whole numbers, check digits.
 */
#include "core/expr/expr.h"
#include "core/xml/xml_read.h"
#include "tap.h"

static Arena run, scratch;

static const struct
{
	const char *expression;
	bool holds;
} cases[] = {
	{"is-date('2024-02-29')", true},
	{"is-date('2026-02-29')", false},
	{"is-date(' 2026-05-31Z ')", true},
	{"is-date('20260531')", false},
	{"is-date('')", false},
	{"is-date(())", false},
	{"is-date(/*)", true},
	{"is-integer('0012')", true},
	{"is-integer(' -7 ')", true},
	{"is-integer('1.0')", false},
	{"is-integer('1E2')", false},
	{"is-integer('')", false},
	{"is-integer(())", false},
	{"gs1('4012345005')", true},
	{"gs1('4012345006')", false},
	{"gs1('')", false},
	{"mod11('923609016')", true},
	{"mod11('923609017')", false},
	{"mod11('000000000')", false},
};

int
main(void)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	XmlInfo info;
	Tree tree;
	ClexError error;

	ArenaInit(&run, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
	Ok(XmlRead(SPAN_LITERAL("<d>2026-05-31</d>"), &limits, &run, &tree, &info, &error) == CLEX_OK,
	   "a document");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Evaluator evaluator;
		Expr *expr;
		bool holds;

		if (ExprCompile(SpanFromCString(cases[i].expression), VOCABULARY_SOURCE, 0, NULL, &run,
						&expr, &error) != CLEX_OK ||
			EvaluatorInit(&evaluator, &tree, VOCABULARY_SOURCE, &run, &scratch, 0, &error) !=
				CLEX_OK)
		{
			Ok(false, "%s: %s", cases[i].expression, error.message);
			continue;
		}
		holds = EvaluateBoolean(&evaluator, expr, 0);
		Ok(evaluator.status == CLEX_OK && holds == cases[i].holds, "%s is %s", cases[i].expression,
		   cases[i].holds ? "true" : "false");
	}
	ArenaFree(&run);
	ArenaFree(&scratch);
	return Done();
}
