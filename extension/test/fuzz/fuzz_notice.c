/*
 * Any bytes as a message pattern: it is filled in, in a language the first byte chooses, or refused with
 * a place; what comes out of UTF-8 is UTF-8.
 */
#include "core/base/utf8.h"
#include "core/notice/notice.h"
#include "fuzz.h"

static const NoticeArgument arguments[] = {
	{SPAN_LITERAL("a"), NOTICE_TYPE_TEXT, SPAN_LITERAL("2026-05-31"), SPAN_LITERAL("")},
	{SPAN_LITERAL("n"), NOTICE_TYPE_NUMBER, SPAN_LITERAL("-1234.50"), SPAN_LITERAL("")},
	{SPAN_LITERAL("m"), NOTICE_TYPE_AMOUNT, SPAN_LITERAL("2"), SPAN_LITERAL("EUR")},
	{SPAN_LITERAL("x"), NOTICE_TYPE_NOTHING, SPAN_LITERAL(""), SPAN_LITERAL("")},
};

static const char *const languages[] = {"en", "fr", "ar", "pl", "zh-Hant", "x-y"};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ClexError error = {0};
	NoticePart *parts;
	Span pattern;
	Span sentence;
	Arena arena;
	ClexStatus status;

	if (size == 0)
		return 0;
	pattern = ExactCopy(data + 1, size - 1);
	ArenaInit(&arena, &ClexPlainEnv, FUZZ_MEMORY);
	status = NoticeParse(pattern, &arena, &parts, &error);
	Must(status != CLEX_INVALID || (error.offset >= 1 && error.offset <= pattern.length + 1),
		 "a refusal has a place");
	if (status == CLEX_OK)
		status = NoticeFormat(parts, arguments, 4, SpanFromCString(languages[data[0] % 6]), &arena,
							  &sentence, &error);
	if (status == CLEX_OK)
		Must(!Utf8IsValid(pattern) || Utf8IsValid(sentence), "a sentence of UTF-8 is UTF-8");
	else
		Must(status == CLEX_INVALID || status == CLEX_NO_MEMORY || status == CLEX_LIMIT,
			 "a refusal is one of the pattern or of an argument");
	ArenaFree(&arena);
	free((void *) (uintptr_t) pattern.data);
	return 0;
}
