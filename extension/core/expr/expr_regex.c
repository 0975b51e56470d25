/*
 * expr_regex.c
 *		Regular expressions: ICU's, with limits on time and stack, compiled once and kept.
 */
#include "core/expr/expr_tree.h"

#include <unicode/uregex.h>
#include <unicode/ustring.h>

#define REGEX_TIME_LIMIT 2000		/* in steps of ICU's match engine, some milliseconds each */
#define REGEX_STACK_LIMIT (1 << 20) /* bytes */
#define REGEX_CACHE_SIZE 512		/* a power of two */
#define REGEX_CACHE_WAYS 8			/* places that one pattern may have */

bool
ToWide(Evaluator *evaluator, Span s, Wide *wide)
{
	UErrorCode code = U_ZERO_ERROR;

	wide->data = NULL;
	wide->length = 0;
	if (s.length < INT32_MAX / 4)
		wide->data = ArenaAllocArray(evaluator->scratch, s.length + 1, sizeof(UChar));
	if (wide->data == NULL)
	{
		EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory evaluating an expression");
		return false;
	}
	for (wide->length = 0; wide->length < (int32_t) s.length; wide->length++)
	{
		if ((unsigned char) s.data[wide->length] >= 0x80)
			break;
		wide->data[wide->length] = (UChar) s.data[wide->length];
	}
	if (wide->length == (int32_t) s.length)
		return true;
	u_strFromUTF8(wide->data, (int32_t) s.length + 1, &wide->length, s.data, (int32_t) s.length,
				  &code);
	if (U_FAILURE(code))
		EvaluationFail(evaluator, CLEX_INVALID, "text is not UTF-8");
	return U_SUCCESS(code);
}

Span
FromWide(Evaluator *evaluator, const UChar *data, int32_t length)
{
	UErrorCode code = U_ZERO_ERROR;
	int32_t written = 0;
	char *out = ArenaAllocArray(evaluator->scratch, (size_t) length * 3 + 1, 1);

	if (out == NULL)
	{
		EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory evaluating an expression");
		return SPAN_LITERAL("");
	}
	u_strToUTF8(out, length * 3 + 1, &written, data, length, &code);
	return SpanOf(out, U_FAILURE(code) ? 0 : (size_t) written);
}

struct RegexCache
{
	const ClexEnv *env;
	struct CachedRegex
	{
		uint32_t options;
		size_t length;
		char *pattern; /* of env */
		URegularExpression *regex;
	} entries[REGEX_CACHE_SIZE];
	uint32_t next; /* the place to give up when all are in use */
};

RegexCache *
RegexCacheCreate(const ClexEnv *env)
{
	RegexCache *cache = env->alloc(env->context, sizeof(RegexCache));

	if (cache != NULL)
	{
		memset(cache, 0, sizeof(*cache));
		cache->env = env;
	}
	return cache;
}

static void
DropEntry(RegexCache *cache, struct CachedRegex *entry)
{
	if (entry->regex != NULL)
		uregex_close(entry->regex);
	if (entry->pattern != NULL)
		cache->env->release(cache->env->context, entry->pattern);
	memset(entry, 0, sizeof(*entry));
}

void
RegexCacheFree(RegexCache *cache)
{
	for (uint32_t i = 0; i < REGEX_CACHE_SIZE; i++)
		DropEntry(cache, &cache->entries[i]);
	cache->env->release(cache->env->context, cache);
}

static bool
RegexFlags(Evaluator *evaluator, Span flags, uint32_t *options)
{
	*options = 0;
	for (size_t i = 0; i < flags.length; i++)
	{
		switch (flags.data[i])
		{
			case 'i':
				*options |= UREGEX_CASE_INSENSITIVE;
				break;
			case 'm':
				*options |= UREGEX_MULTILINE;
				break;
			case 's':
				*options |= UREGEX_DOTALL;
				break;
			case 'x':
				*options |= UREGEX_COMMENTS;
				break;
			default:
				EvaluationFail(evaluator, CLEX_INVALID, "unknown flag of a regular expression");
				return false;
		}
	}
	return true;
}

/*
 * XPath's $ is the very end of the text; ICU's also stands before a line end that closes it.  Write \z
 * for it where it is not escaped and not in a class.  False (and failed) without memory.
 */
static bool
WriteEnd(Evaluator *evaluator, Wide *pattern)
{
	UChar *out =
		ArenaAllocArray(evaluator->scratch, (size_t) pattern->length * 2 + 1, sizeof(UChar));
	int32_t length = 0;
	bool in_class = false;

	if (out == NULL)
	{
		evaluator->status = CLEX_NO_MEMORY;
		return false;
	}
	for (int32_t i = 0; i < pattern->length; i++)
	{
		UChar c = pattern->data[i];

		if (c == '[' || c == ']')
			in_class = c == '[';
		if (c == '$' && !in_class)
		{
			out[length++] = '\\';
			c = 'z';
		}
		out[length++] = c;
		if (c == '\\' && i + 1 < pattern->length)
			out[length++] = pattern->data[++i];
	}
	pattern->data = out;
	pattern->length = length;
	return true;
}

/* Compile a pattern; NULL (and failed) if it is no good. */
static URegularExpression *
CompileRegex(Evaluator *evaluator, Span pattern, uint32_t options)
{
	UErrorCode code = U_ZERO_ERROR;
	UParseError where;
	URegularExpression *regex;
	Wide wide;

	if (!ToWide(evaluator, pattern, &wide) ||
		(!(options & UREGEX_MULTILINE) && !WriteEnd(evaluator, &wide)))
		return NULL;
	regex = uregex_open(wide.data, wide.length, options, &where, &code);
	if (U_SUCCESS(code))
	{
		uregex_setTimeLimit(regex, REGEX_TIME_LIMIT, &code);
		uregex_setStackLimit(regex, REGEX_STACK_LIMIT, &code);
	}
	if (U_FAILURE(code))
	{
		if (regex != NULL)
			uregex_close(regex);
		pattern = SpanCut(pattern, 80);
		EvaluationFail(evaluator, CLEX_INVALID, "malformed regular expression: %.*s",
					   (int) pattern.length, pattern.data);
		return NULL;
	}
	return regex;
}

/*
 * The compiled pattern, from the cache if there is one; the cache keeps it.  Patterns of rules stay where
 * they are in memory, so that is where they are sought.
 */
static URegularExpression *
FindRegex(Evaluator *evaluator, Span pattern, uint32_t options)
{
	RegexCache *cache = evaluator->regexes;
	uint64_t hash = ((uintptr_t) pattern.data ^ options) * 0x9E3779B97F4A7C15u;
	struct CachedRegex *place =
		&cache->entries[(hash >> 32) & (REGEX_CACHE_SIZE - REGEX_CACHE_WAYS)];
	struct CachedRegex *entry = NULL;

	for (uint32_t i = 0; i < REGEX_CACHE_WAYS; i++)
	{
		if (place[i].regex == NULL)
		{
			entry = &place[i];
			break;
		}
		if (place[i].options == options &&
			SpanEqual(SpanOf(place[i].pattern, place[i].length), pattern))
			return place[i].regex;
	}
	if (entry == NULL)
		entry = &place[cache->next++ % REGEX_CACHE_WAYS];
	DropEntry(cache, entry);
	entry->pattern = cache->env->alloc(cache->env->context, pattern.length + 1);
	entry->regex = entry->pattern != NULL ? CompileRegex(evaluator, pattern, options) : NULL;
	if (entry->regex == NULL)
	{
		DropEntry(cache, entry);
		return NULL;
	}
	memcpy(entry->pattern, pattern.data, pattern.length);
	entry->length = pattern.length;
	entry->options = options;
	return entry->regex;
}

/* ICU asks now and then whether to go on: each time counts as many steps as between two interrupts. */
static UBool
GoOnMatching(const void *context, int32_t steps)
{
	(void) steps;
	return EvaluatorPause((Evaluator *) (uintptr_t) context);
}

static UBool
GoOnFinding(const void *context, int64_t index)
{
	(void) index;
	return EvaluatorStep((Evaluator *) (uintptr_t) context);
}

/* A pattern set on a subject; close it with CloseRegex. */
static URegularExpression *
OpenRegex(Evaluator *evaluator, Span pattern, Span flags, const Wide *subject)
{
	UErrorCode code = U_ZERO_ERROR;
	uint32_t options;
	URegularExpression *regex;

	if (!RegexFlags(evaluator, flags, &options))
		return NULL;
	regex = evaluator->regexes != NULL ? FindRegex(evaluator, pattern, options)
									   : CompileRegex(evaluator, pattern, options);
	if (regex != NULL)
	{
		uregex_setText(regex, subject->data, subject->length, &code);
		uregex_setMatchCallback(regex, GoOnMatching, evaluator, &code);
		uregex_setFindProgressCallback(regex, GoOnFinding, evaluator, &code);
	}
	return regex;
}

static void
CloseRegex(Evaluator *evaluator, URegularExpression *regex)
{
	UErrorCode code = U_ZERO_ERROR;
	static const UChar nothing[] = {0};

	if (evaluator->regexes == NULL)
		uregex_close(regex);
	else
	{
		/* the subject goes with the scratch arena, the evaluator with the document */
		uregex_setText(regex, nothing, 0, &code);
		uregex_setMatchCallback(regex, NULL, NULL, &code);
		uregex_setFindProgressCallback(regex, NULL, NULL, &code);
	}
}

static bool
RegexFailed(Evaluator *evaluator, UErrorCode code)
{
	if (code == U_REGEX_TIME_OUT || code == U_REGEX_STACK_OVERFLOW)
		EvaluationFail(evaluator, CLEX_LIMIT, "a regular expression takes too long on this text");
	else if (U_FAILURE(code))
		EvaluationFail(evaluator, CLEX_INVALID, "a regular expression failed: %s",
					   u_errorName(code));
	return U_FAILURE(code);
}

static void
CallMatches(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	UErrorCode code = U_ZERO_ERROR;
	Span subject = ArgumentText(evaluator, expr, 0, focus);
	Span pattern = ArgumentText(evaluator, expr, 1, focus);
	Span flags = expr->arg_count > 2 ? ArgumentText(evaluator, expr, 2, focus) : SPAN_LITERAL("");
	URegularExpression *regex;
	Wide wide;
	bool found;

	if (evaluator->status != CLEX_OK || !ToWide(evaluator, subject, &wide) ||
		(regex = OpenRegex(evaluator, pattern, flags, &wide)) == NULL)
		return;
	found = uregex_find(regex, 0, &code);
	CloseRegex(evaluator, regex);
	if (!RegexFailed(evaluator, code))
		SequenceSet(out, BooleanItem(found));
}

static void
CallReplace(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	UErrorCode code = U_ZERO_ERROR;
	Span subject = ArgumentText(evaluator, expr, 0, focus);
	Span pattern = ArgumentText(evaluator, expr, 1, focus);
	Span by = ArgumentText(evaluator, expr, 2, focus);
	Span flags = expr->arg_count > 3 ? ArgumentText(evaluator, expr, 3, focus) : SPAN_LITERAL("");
	URegularExpression *regex;
	Wide wide;
	Wide replacement;
	UChar *result;
	int32_t length;

	if (evaluator->status != CLEX_OK || !ToWide(evaluator, subject, &wide) ||
		!ToWide(evaluator, by, &replacement) ||
		(regex = OpenRegex(evaluator, pattern, flags, &wide)) == NULL)
		return;
	length = uregex_replaceAll(regex, replacement.data, replacement.length, NULL, 0, &code);
	if (code == U_BUFFER_OVERFLOW_ERROR)
		code = U_ZERO_ERROR;
	result = ArenaAllocArray(evaluator->scratch, (size_t) length + 1, sizeof(UChar));
	if (result != NULL && U_SUCCESS(code))
		uregex_replaceAll(regex, replacement.data, replacement.length, result, length + 1, &code);
	CloseRegex(evaluator, regex);
	if (!RegexFailed(evaluator, code) && result != NULL)
		SequenceSet(out, TextItem(FromWide(evaluator, result, length)));
}

/* The pieces between the matches of a pattern. */
static void
CallTokenize(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	UErrorCode code = U_ZERO_ERROR;
	Span subject = ArgumentText(evaluator, expr, 0, focus);
	Span pattern = ArgumentText(evaluator, expr, 1, focus);
	Span flags = expr->arg_count > 2 ? ArgumentText(evaluator, expr, 2, focus) : SPAN_LITERAL("");
	URegularExpression *regex;
	Wide wide;
	int32_t from = 0;

	if (evaluator->status != CLEX_OK || subject.length == 0 || !ToWide(evaluator, subject, &wide) ||
		(regex = OpenRegex(evaluator, pattern, flags, &wide)) == NULL)
		return;
	while (uregex_findNext(regex, &code) && U_SUCCESS(code) && EvaluatorStep(evaluator))
	{
		int32_t start = uregex_start(regex, 0, &code);
		int32_t end = uregex_end(regex, 0, &code);

		if (start == end)
		{
			EvaluationFail(evaluator, CLEX_INVALID,
						   "tokenize() with a pattern that matches nothing");
			break;
		}
		SequenceAppend(evaluator, out,
					   TextItem(FromWide(evaluator, wide.data + from, start - from)));
		from = end;
	}
	CloseRegex(evaluator, regex);
	if (!RegexFailed(evaluator, code))
		SequenceAppend(evaluator, out,
					   TextItem(FromWide(evaluator, wide.data + from, wide.length - from)));
}

void
CallRegex(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	switch ((FunctionId) expr->function)
	{
		case FUNCTION_MATCHES:
			CallMatches(evaluator, expr, focus, out);
			return;
		case FUNCTION_REPLACE:
			CallReplace(evaluator, expr, focus, out);
			return;
		default:
			CallTokenize(evaluator, expr, focus, out);
			return;
	}
}
