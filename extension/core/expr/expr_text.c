/*
 * expr_text.c
 *		Functions on text.  Case mapping is ICU's, root locale; regular expressions are in expr_regex.c.
 */
#include "core/base/checkdigit.h"
#include "core/expr/expr_tree.h"

#include <math.h>

#include <unicode/ustring.h>

/* A function on a text counts a step for so many bytes of it. */
#define LONG_TEXT 64

ExprItem
TextItem(Span text)
{
	return (ExprItem){.type = ITEM_TEXT, .as.text = text.data != NULL ? text : SPAN_LITERAL("")};
}

static bool TextOfCall(Evaluator *evaluator, const Expr *expr, const Focus *focus, Span *text);

bool
EvaluateTextFunction(Evaluator *evaluator, const Expr *expr, const Focus *focus, Span *text)
{
	return EvaluatorStep(evaluator) && TextOfCall(evaluator, expr, focus, text) &&
		   evaluator->status == CLEX_OK;
}

/* An argument as text: nothing counts as "", several items are an error. */
Span
ArgumentText(Evaluator *evaluator, const Expr *expr, uint16_t arg, const Focus *focus)
{
	ExprItem item = focus->item;
	Span text;
	bool found;

	if (arg < expr->arg_count &&
		EvaluateTextValue(evaluator, expr->args[arg], focus, &found, &text))
	{
		if (!found)
			return SPAN_LITERAL("");
	}
	else
	{
		if (arg < expr->arg_count && !EvaluateItem(evaluator, expr->args[arg], focus, &item))
			return SPAN_LITERAL("");
		text = ItemText(evaluator, item);
	}
	if (text.length > LONG_TEXT)
		EvaluatorCharge(evaluator, text.length / LONG_TEXT);
	return text.data != NULL ? text : SPAN_LITERAL("");
}

int64_t
CharacterCount(Span s)
{
	int64_t count = 0;

	for (size_t i = 0; i < s.length; i++)
		count += ((unsigned char) s.data[i] & 0xC0) != 0x80;
	return count;
}

/* The bytes of the character that begins at `at`. */
static size_t
CharacterLength(Span s, size_t at)
{
	size_t end = at + 1;

	while (end < s.length && ((unsigned char) s.data[end] & 0xC0) == 0x80)
		end++;
	return end - at;
}

/* Inner runs of white space become one blank, outer ones go. */
static Span
NormalizeSpace(Evaluator *evaluator, Span s)
{
	bool clean = true;
	char *out;
	size_t length = 0;

	s = SpanTrim(s);
	for (size_t i = 0; i < s.length && clean; i++)
		clean = !IsXmlSpace(s.data[i]) || (s.data[i] == ' ' && !IsXmlSpace(s.data[i + 1]));
	if (clean)
		return s;
	out = ArenaAlloc(evaluator->scratch, s.length);
	if (out == NULL)
	{
		EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory evaluating an expression");
		return SPAN_LITERAL("");
	}
	for (size_t i = 0; i < s.length; i++)
	{
		if (!IsXmlSpace(s.data[i]))
			out[length++] = s.data[i];
		else if (out[length - 1] != ' ')
			out[length++] = ' ';
	}
	return SpanOf(out, length);
}

/* ---- case ---- */

static Span
MapCase(Evaluator *evaluator, Span s, bool upper)
{
	bool ascii = true;
	char *out;
	Wide wide;
	UChar *mapped;
	int32_t length;
	UErrorCode code = U_ZERO_ERROR;

	for (size_t i = 0; i < s.length; i++)
		ascii &= (unsigned char) s.data[i] < 0x80;
	if (ascii)
	{
		if ((out = ArenaAlloc(evaluator->scratch, s.length + 1)) == NULL)
			return SPAN_LITERAL("");
		for (size_t i = 0; i < s.length; i++)
		{
			char c = s.data[i];

			if (upper ? (c >= 'a' && c <= 'z') : (c >= 'A' && c <= 'Z'))
				c = (char) (c ^ 0x20);
			out[i] = c;
		}
		return SpanOf(out, s.length);
	}
	if (!ToWide(evaluator, s, &wide))
		return SPAN_LITERAL("");
	mapped = ArenaAllocArray(evaluator->scratch, (size_t) wide.length * 3 + 1, sizeof(UChar));
	if (mapped == NULL)
		return SPAN_LITERAL("");
	length = upper ? u_strToUpper(mapped, wide.length * 3 + 1, wide.data, wide.length, "", &code)
				   : u_strToLower(mapped, wide.length * 3 + 1, wide.data, wide.length, "", &code);
	return FromWide(evaluator, mapped, U_FAILURE(code) ? 0 : length);
}

/* ---- parts of text ---- */

/* substring(): positions are characters, rounded as XPath rounds them. */
static bool
Substring(Evaluator *evaluator, const Expr *expr, const Focus *focus, Span *text)
{
	Span s = ArgumentText(evaluator, expr, 0, focus);
	ExprItem item;
	double from;
	double to = INFINITY;
	size_t start = 0;
	size_t end = 0;
	double position = 0;

	if (!EvaluateItem(evaluator, expr->args[1], focus, &item) ||
		!ItemToDouble(evaluator, item, &from))
		return false;
	from = floor(from + 0.5);
	if (expr->arg_count > 2)
	{
		double length;

		if (!EvaluateItem(evaluator, expr->args[2], focus, &item) ||
			!ItemToDouble(evaluator, item, &length))
			return false;
		to = from + floor(length + 0.5);
	}
	for (size_t i = 0; i < s.length && position + 1 < to; i += CharacterLength(s, i))
	{
		position += 1;
		if (position < from)
			start = end = i + CharacterLength(s, i);
		else if (position < to)
			end = i + CharacterLength(s, i);
	}
	*text = isnan(from) || isnan(to) ? SPAN_LITERAL("") : SpanOf(s.data + start, end - start);
	return true;
}

/* Where `part` begins in `s`, or SIZE_MAX. */
static size_t
Find(Span s, Span part)
{
	const char *at;

	if (part.length == 0)
		return 0;
	at = memmem(s.data, s.length, part.data, part.length);
	return at == NULL ? SIZE_MAX : (size_t) (at - s.data);
}

/* contains(), starts-with(), ends-with() */
static bool
HoldsPart(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	Span s = ArgumentText(evaluator, expr, 0, focus);
	Span part = ArgumentText(evaluator, expr, 1, focus);

	switch ((FunctionId) expr->function)
	{
		case FUNCTION_STARTS_WITH:
			return part.length <= s.length && SpanEqual(SpanOf(s.data, part.length), part);
		case FUNCTION_ENDS_WITH:
			return part.length <= s.length &&
				   SpanEqual(SpanOf(s.data + s.length - part.length, part.length), part);
		default:
			return Find(s, part) != SIZE_MAX;
	}
}

/* substring-before() and substring-after() */
static Span
TextBeside(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	Span s = ArgumentText(evaluator, expr, 0, focus);
	Span part = ArgumentText(evaluator, expr, 1, focus);
	size_t at = Find(s, part);

	if (at == SIZE_MAX)
		return SPAN_LITERAL("");
	if (expr->function == FUNCTION_SUBSTRING_BEFORE)
		return SpanOf(s.data, at);
	return SpanOf(s.data + at + part.length, s.length - at - part.length);
}

/* Which characters of ASCII a short text has, as bits; false if it has others, or is not short. */
static bool
AsciiBits(Span s, uint64_t bits[2])
{
	bits[0] = bits[1] = 0;
	if (s.length > 128)
		return false;
	for (size_t i = 0; i < s.length; i++)
	{
		if ((unsigned char) s.data[i] >= 0x80)
			return false;
		bits[s.data[i] >> 6] |= (uint64_t) 1 << (s.data[i] & 63);
	}
	return true;
}

/* translate() where what is looked for and what comes in its place is ASCII: byte by byte. */
static Span
TranslateAscii(Evaluator *evaluator, Span s, Span from, Span to, const uint64_t bits[2])
{
	char *out = ArenaAlloc(evaluator->scratch, s.length + 1);
	size_t length = 0;

	if (out == NULL)
	{
		EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory evaluating an expression");
		return SPAN_LITERAL("");
	}
	EvaluatorCharge(evaluator, s.length);
	for (size_t i = 0; i < s.length; i++)
	{
		unsigned char c = (unsigned char) s.data[i];
		size_t at;

		out[length] = (char) c;
		if (c >= 0x80 || (bits[c >> 6] >> (c & 63) & 1) == 0)
		{
			length++;
			continue;
		}
		at = (size_t) ((const char *) memchr(from.data, c, from.length) - from.data);
		if (at < to.length)
			out[length++] = to.data[at];
	}
	return SpanOf(out, length);
}

static Span
Translate(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	Span s = ArgumentText(evaluator, expr, 0, focus);
	Span from = ArgumentText(evaluator, expr, 1, focus);
	Span to = ArgumentText(evaluator, expr, 2, focus);
	uint64_t bits[2];
	Text text;

	/* `to` first: the bits that stay are those of `from` */
	if (AsciiBits(to, bits) && AsciiBits(from, bits))
		return TranslateAscii(evaluator, s, from, to, bits);
	TextInit(&text, evaluator->scratch);
	for (size_t i = 0, length; i < s.length; i += length)
	{
		size_t j = 0;
		size_t k = 0;

		length = CharacterLength(s, i);
		while (
			j < from.length && EvaluatorStep(evaluator) &&
			!(CharacterLength(from, j) == length && memcmp(from.data + j, s.data + i, length) == 0))
		{
			j += CharacterLength(from, j);
			if (k < to.length)
				k += CharacterLength(to, k);
		}
		if (j >= from.length)
			TextAppend(&text, s.data + i, length);
		else if (k < to.length)
			TextAppend(&text, to.data + k, CharacterLength(to, k));
	}
	if (text.failed)
		EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory evaluating an expression");
	return TextSpan(&text);
}

static Span
Concat(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	Text text;

	TextInit(&text, evaluator->scratch);
	if (expr->function == FUNCTION_STRING_JOIN)
	{
		Span separator = ArgumentText(evaluator, expr, 1, focus);
		Sequence values;

		SequenceInit(&values);
		Evaluate(evaluator, expr->args[0], focus, &values);
		for (uint32_t i = 0; i < values.count; i++)
		{
			if (i > 0)
				TextAppendSpan(&text, separator);
			TextAppendSpan(&text, ItemText(evaluator, values.items[i]));
		}
	}
	else
		for (uint16_t i = 0; i < expr->arg_count; i++)
			TextAppendSpan(&text, ArgumentText(evaluator, expr, i, focus));
	if (text.failed)
		EvaluationFail(evaluator, CLEX_NO_MEMORY, "out of memory evaluating an expression");
	return TextSpan(&text);
}

/* Characters after the first point of the raw text. */
int64_t
WrittenScale(Span s)
{
	const char *point = s.length > 0 ? memchr(s.data, '.', s.length) : NULL;

	return point == NULL
			   ? 0
			   : CharacterCount(SpanOf(point + 1, (size_t) (s.data + s.length - point - 1)));
}

/* Would a cast to xs:integer succeed? */
static bool
IsInteger(Span s)
{
	Decimal decimal;

	return DecimalParse(s, &decimal) == CLEX_OK && memchr(s.data, '.', s.length) == NULL;
}

/* What a text is said to be by its form or its check digits. */
static bool
HasForm(FunctionId function, Span s)
{
	int32_t date;

	switch (function)
	{
		case FUNCTION_IS_DATE:
			return DateParse(s, &date, NULL) == CLEX_OK;
		case FUNCTION_IS_INTEGER:
			return IsInteger(s);
		case FUNCTION_LUHN:
			return CheckLuhn(s);
		case FUNCTION_MOD97:
			return CheckMod97(s);
		case FUNCTION_MOD11:
			return CheckMod11(s);
		case FUNCTION_GS1:
			return CheckGs1(s);
		case FUNCTION_GLN:
			return CheckGln(s);
		case FUNCTION_SIREN:
			return CheckSiren(s);
		case FUNCTION_SIRET:
			return CheckSiret(s);
		case FUNCTION_IBAN:
			return CheckIban(s);
		case FUNCTION_BIC:
			return CheckBic(s);
		default:
			return CheckVatId(s);
	}
}

/* scheme-id(scheme, x): false only if an identifier of that scheme cannot be so. */
static bool
HoldsSchemeId(Evaluator *evaluator, const Expr *expr, const Focus *focus)
{
	Span scheme = ArgumentText(evaluator, expr, 0, focus);
	Span id = ArgumentText(evaluator, expr, 1, focus);

	return evaluator->status == CLEX_OK && CheckIso6523(scheme, id) != CHECK_INVALID;
}

/* False where there is no value, or the evaluation failed. */
static bool
TextOfCall(Evaluator *evaluator, const Expr *expr, const Focus *focus, Span *text)
{
	FunctionId function = (FunctionId) expr->function;

	switch (function)
	{
		case FUNCTION_SUBSTRING:
			return Substring(evaluator, expr, focus, text);
		case FUNCTION_SUBSTRING_BEFORE:
		case FUNCTION_SUBSTRING_AFTER:
			*text = TextBeside(evaluator, expr, focus);
			break;
		case FUNCTION_TRANSLATE:
			*text = Translate(evaluator, expr, focus);
			break;
		case FUNCTION_CONCAT:
		case FUNCTION_STRING_JOIN:
			*text = Concat(evaluator, expr, focus);
			break;
		default:
			*text = ArgumentText(evaluator, expr, 0, focus);
			if (evaluator->status != CLEX_OK)
				return false;
			if (function == FUNCTION_NORMALIZE_SPACE)
				*text = NormalizeSpace(evaluator, *text);
			else if (function == FUNCTION_UPPER_CASE || function == FUNCTION_LOWER_CASE)
				*text = MapCase(evaluator, *text, function == FUNCTION_UPPER_CASE);
			break;
	}
	return true;
}

void
EvaluateTextCall(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out)
{
	Span s;
	bool holds;

	switch ((FunctionId) expr->function)
	{
		case FUNCTION_REPLACE:
		case FUNCTION_MATCHES:
		case FUNCTION_TOKENIZE:
			CallRegex(evaluator, expr, focus, out);
			return;
		case FUNCTION_CONTAINS:
		case FUNCTION_STARTS_WITH:
		case FUNCTION_ENDS_WITH:
			holds = HoldsPart(evaluator, expr, focus);
			break;
		case FUNCTION_SCHEME_ID:
			holds = HoldsSchemeId(evaluator, expr, focus);
			break;
		default:
			if (YieldsText(expr))
			{
				if (TextOfCall(evaluator, expr, focus, &s))
					SequenceSet(out, TextItem(s));
				return;
			}
			s = ArgumentText(evaluator, expr, 0, focus);
			holds = evaluator->status == CLEX_OK && HasForm((FunctionId) expr->function, s);
			break;
	}
	if (evaluator->status == CLEX_OK)
		SequenceSet(out, BooleanItem(holds));
}
