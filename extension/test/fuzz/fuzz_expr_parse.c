/*
 * Any bytes as an expression: it compiles, or is refused with a place and texts that are UTF-8 if the
 * expression is.  The first byte chooses vocabulary and context.
 */
#include "core/base/utf8.h"
#include "core/expr/expr.h"
#include "core/model/terms.h"
#include "fuzz.h"

static const Span names[] = {SPAN_LITERAL("currency"), SPAN_LITERAL("x")};
static const ExprScope scope = {names, 2, NULL};

static bool
IsUtf8(const char *text)
{
	return Utf8IsValid(SpanFromCString(text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ClexError error = {0};
	Span text;
	Arena arena;
	Expr *expr;
	ClexStatus status;

	if (size == 0)
		return 0;
	text = ExactCopy(data + 1, size - 1);
	ArenaInit(&arena, &ClexPlainEnv, FUZZ_MEMORY);
	status = ExprCompile(text, data[0] & 1 ? VOCABULARY_TERMS : VOCABULARY_SOURCE,
						 data[0] & 2 ? TERM_BG_25 : TERM_NONE, data[0] & 4 ? &scope : NULL, &arena,
						 &expr, &error);
	if (status == CLEX_OK)
	{
		ExprTrueWithout(expr, NULL);
		ExprEmptyWithout(expr, NULL);
		for (uint32_t i = 0; i < ExprBranches(expr); i++)
			ExprTargetName(ExprBranch(expr, i));
	}
	else
	{
		Must(status == CLEX_INVALID || status == CLEX_NO_MEMORY || status == CLEX_LIMIT,
			 "a refusal is one of the expression");
		Must(status != CLEX_INVALID || (error.offset >= 1 && error.offset <= text.length + 1),
			 "a refusal has a place");
		Must(!Utf8IsValid(text) || (IsUtf8(error.message) && IsUtf8(error.detail)),
			 "a refusal of UTF-8 is UTF-8");
	}
	ArenaFree(&arena);
	free((void *) (uintptr_t) text.data);
	return 0;
}
