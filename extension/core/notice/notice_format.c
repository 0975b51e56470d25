/*
 * notice_format.c
 *		Patterns filled in: numbers, dates and plural rules by ICU.
 *
 * Numbers go to ICU as text, so none is rounded that was not asked to be.  What ICU prints hangs on its
 * version: results are for readers, not for comparing.
 */
#include "core/notice/notice.h"

#include <stdio.h>

#include <unicode/ucurr.h>
#include <unicode/udat.h>
#include <unicode/uloc.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "core/base/date.h"

#define LONGEST_NUMBER                                                                             \
	128 /* UTF-16 units of a formatted number or date: 38 digits, grouped, and words */
#define EPOCH_DAY 10957 /* 2000-01-01, the day dates count from, in days since 1970-01-01 */
#define DAY_MILLISECONDS 86400000.0

typedef struct NoticeWriter
{
	const NoticeArgument *arguments;
	size_t count;
	char locale[ULOC_FULLNAME_CAPACITY];
	Text out;
	ClexError *error;
	ClexStatus status;
} NoticeWriter;

/* The number that # stands for inside a plural, and how it is formatted. */
typedef struct PluralScope
{
	const NoticeArgument *argument;
	Decimal number;
} PluralScope;

static bool
Refuse(NoticeWriter *writer, Span name, const char *message)
{
	writer->status = ClexFail(writer->error, CLEX_INVALID, "argument \"%.*s\" of a message %s",
							  (int) SpanCut(name, 60).length, name.data, message);
	return false;
}

static bool
IcuFailed(NoticeWriter *writer, UErrorCode code)
{
	if (code == U_MEMORY_ALLOCATION_ERROR)
		writer->status =
			ClexFail(writer->error, CLEX_NO_MEMORY, "out of memory formatting a message");
	else if (U_FAILURE(code))
		writer->status = ClexFail(writer->error, CLEX_INVALID, "a message cannot be formatted: %s",
								  u_errorName(code));
	return U_FAILURE(code);
}

static const NoticeArgument *
FindArgument(NoticeWriter *writer, Span name)
{
	for (size_t i = 0; i < writer->count; i++)
		if (SpanEqual(writer->arguments[i].name, name))
			return &writer->arguments[i];
	Refuse(writer, name, "is missing");
	return NULL;
}

/* Append what ICU wrote. */
static void
AppendWide(NoticeWriter *writer, const UChar *wide, int32_t length)
{
	char utf8[LONGEST_NUMBER * 3];
	int32_t written = 0;
	UErrorCode code = U_ZERO_ERROR;

	u_strToUTF8(utf8, (int32_t) sizeof(utf8), &written, wide, length, &code);
	if (!IcuFailed(writer, code))
		TextAppend(&writer->out, utf8, (size_t) written);
}

/* The value of an argument that must be a number or an amount. */
static bool
NumberOf(NoticeWriter *writer, const NoticeArgument *argument, Decimal *number)
{
	if ((argument->type != NOTICE_TYPE_NUMBER && argument->type != NOTICE_TYPE_AMOUNT) ||
		DecimalParse(argument->text, number) != CLEX_OK)
		return Refuse(writer, argument->name, "is no number of up to 38 digits");
	return true;
}

/* Digits behind the point: as given, but no fewer than the currency has. */
static bool
AmountDigits(NoticeWriter *writer, Span currency, int32_t *digits)
{
	UChar code_units[4] = {0};
	UErrorCode code = U_ZERO_ERROR;
	int32_t usual;

	for (size_t i = 0; i < 3; i++)
		code_units[i] = (UChar) (unsigned char) currency.data[i];
	usual = ucurr_getDefaultFractionDigits(code_units, &code);
	if (IcuFailed(writer, code))
		return false;
	if (*digits < usual)
		*digits = usual;
	return true;
}

static bool
IsCurrencyCode(Span currency)
{
	if (currency.length != 3)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (currency.data[i] < 'A' || currency.data[i] > 'Z')
			return false;
	return true;
}

/* The skeleton that tells ICU how to print a number; see its documentation of number skeletons. */
static bool
NumberSkeleton(NoticeWriter *writer, NoticeKind kind, const NoticeArgument *argument,
			   Decimal number, char *skeleton, size_t size)
{
	char precision[64] = "precision-integer";
	int32_t digits = number.scale;

	if (kind == NOTICE_INTEGER)
		digits = 0;
	else if (kind == NOTICE_PERCENT)
		digits = DecimalNormalize(number).scale > 2 ? DecimalNormalize(number).scale - 2 : 0;
	else if (kind == NOTICE_CURRENCY)
	{
		if (argument->type != NOTICE_TYPE_AMOUNT)
			return Refuse(writer, argument->name, "is no amount with a currency");
		if (!IsCurrencyCode(argument->currency))
			return Refuse(writer, argument->name, "has no currency code of three letters");
		if (!AmountDigits(writer, argument->currency, &digits))
			return false;
	}
	if (digits > DECIMAL_DIGITS)
		digits = DECIMAL_DIGITS;
	if (digits > 0)
		snprintf(precision, sizeof(precision), ".%.*s", (int) digits,
				 "00000000000000000000000000000000000000");
	snprintf(skeleton, size, "%s%.*s %s rounding-mode-half-up",
			 kind == NOTICE_PERCENT	   ? "percent scale/100"
			 : kind == NOTICE_CURRENCY ? "currency/"
									   : "",
			 kind == NOTICE_CURRENCY ? (int) argument->currency.length : 0, argument->currency.data,
			 precision);
	return true;
}

/*
 * A number formatted by a skeleton; the caller closes the result.  NULL after an error.
 */
static UFormattedNumber *
FormatNumber(NoticeWriter *writer, const char *skeleton, Decimal number)
{
	UChar wide[160];
	char digits[DECIMAL_TEXT];
	UErrorCode code = U_ZERO_ERROR;
	UNumberFormatter *formatter;
	UFormattedNumber *result;

	u_uastrcpy(wide, skeleton);
	DecimalFormat(number, digits);
	formatter = unumf_openForSkeletonAndLocale(wide, -1, writer->locale, &code);
	result = unumf_openResult(&code);
	unumf_formatDecimal(formatter, digits, -1, result, &code);
	unumf_close(formatter);
	if (!IcuFailed(writer, code))
		return result;
	unumf_closeResult(result);
	return NULL;
}

static void
AppendNumber(NoticeWriter *writer, NoticeKind kind, const NoticeArgument *argument, Decimal number)
{
	char skeleton[160];
	UChar wide[LONGEST_NUMBER];
	UErrorCode code = U_ZERO_ERROR;
	UFormattedNumber *result;
	int32_t length;

	if (!NumberSkeleton(writer, kind, argument, number, skeleton, sizeof(skeleton)) ||
		(result = FormatNumber(writer, skeleton, number)) == NULL)
		return;
	length = unumf_resultToString(result, wide, LONGEST_NUMBER, &code);
	unumf_closeResult(result);
	if (!IcuFailed(writer, code))
		AppendWide(writer, wide, length);
}

static void
AppendDate(NoticeWriter *writer, const NoticePart *part, const NoticeArgument *argument)
{
	static const UDateFormatStyle styles[] = {
		[NOTICE_DATE_SHORT] = UDAT_SHORT,
		[NOTICE_DATE_MEDIUM] = UDAT_MEDIUM,
		[NOTICE_DATE_LONG] = UDAT_LONG,
		[NOTICE_DATE_FULL] = UDAT_FULL,
	};
	static const UChar utc[] = {'U', 'T', 'C', 0};
	UChar wide[LONGEST_NUMBER];
	UErrorCode code = U_ZERO_ERROR;
	UDateFormat *format;
	int32_t length;
	int32_t day;

	if (argument->type != NOTICE_TYPE_TEXT || DateParse(argument->text, &day, NULL) != CLEX_OK)
	{
		Refuse(writer, argument->name, "is no date such as 2026-05-31");
		return;
	}
	format =
		udat_open(UDAT_NONE, styles[part->date_style], writer->locale, utc, -1, NULL, 0, &code);
	length = udat_format(format, ((double) day + EPOCH_DAY) * DAY_MILLISECONDS, wide,
						 LONGEST_NUMBER, NULL, &code);
	if (format != NULL)
		udat_close(format);
	if (!IcuFailed(writer, code))
		AppendWide(writer, wide, length);
}

/* The case a number falls under in the reader's language: "one", "few", "other" ... */
static bool
PluralKeyword(NoticeWriter *writer, const NoticePart *part, const NoticeArgument *argument,
			  Decimal number, char keyword[32])
{
	UChar wide[32];
	char skeleton[160];
	UErrorCode code = U_ZERO_ERROR;
	UPluralRules *rules;
	UFormattedNumber *formatted;

	if (!NumberSkeleton(writer, NOTICE_NUMBER, argument, number, skeleton, sizeof(skeleton)) ||
		(formatted = FormatNumber(writer, skeleton, number)) == NULL)
		return false;
	rules = uplrules_openForType(writer->locale,
								 part->kind == NOTICE_PLURAL ? UPLURAL_TYPE_CARDINAL
															 : UPLURAL_TYPE_ORDINAL,
								 &code);
	uplrules_selectFormatted(rules, formatted, wide, 32, &code);
	if (rules != NULL)
		uplrules_close(rules);
	unumf_closeResult(formatted);
	if (IcuFailed(writer, code))
		return false;
	u_austrcpy(keyword, wide);
	return true;
}

/* The branch with a key, else "other", which every plural and select has. */
static const NoticeBranch *
BranchOf(const NoticePart *part, Span key)
{
	const NoticeBranch *other = NULL;

	for (const NoticeBranch *branch = part->branches; branch != NULL; branch = branch->next)
	{
		if (!branch->exact && SpanEqual(branch->key, key))
			return branch;
		if (SpanEqualCString(branch->key, "other"))
			other = branch;
	}
	return other;
}

static const NoticeBranch *
PluralBranch(NoticeWriter *writer, const NoticePart *part, const NoticeArgument *argument,
			 Decimal *number)
{
	char keyword[32];

	if (!NumberOf(writer, argument, number))
		return NULL;
	for (const NoticeBranch *branch = part->branches; branch != NULL; branch = branch->next)
		if (branch->exact && DecimalCompare(branch->number, *number) == 0)
			return branch;
	if (DecimalSubtract(*number, DecimalFromInt64(part->offset), number) != CLEX_OK)
	{
		Refuse(writer, argument->name, "is no number of up to 38 digits");
		return NULL;
	}
	if (!PluralKeyword(writer, part, argument, *number, keyword))
		return NULL;
	return BranchOf(part, SpanFromCString(keyword));
}

static void
AppendValue(NoticeWriter *writer, const NoticeArgument *argument)
{
	Decimal number;

	if (argument->type == NOTICE_TYPE_TEXT)
		TextAppendSpan(&writer->out, argument->text);
	else if (NumberOf(writer, argument, &number))
		AppendNumber(writer, argument->type == NOTICE_TYPE_AMOUNT ? NOTICE_CURRENCY : NOTICE_NUMBER,
					 argument, number);
}

static void WriteParts(NoticeWriter *writer, const NoticePart *parts, const PluralScope *scope);

static void
WriteArgument(NoticeWriter *writer, const NoticePart *part, const PluralScope *scope)
{
	const NoticeArgument *argument = FindArgument(writer, part->text);
	const NoticeBranch *branch;
	PluralScope inner = {.argument = argument};
	Decimal number;

	if (argument == NULL)
		return;
	switch (part->kind)
	{
		case NOTICE_PLURAL:
		case NOTICE_ORDINAL:
			branch = PluralBranch(writer, part, argument, &inner.number);
			if (branch != NULL)
				WriteParts(writer, branch->parts, &inner);
			return;
		case NOTICE_SELECT:
			WriteParts(writer, BranchOf(part, argument->text)->parts, scope);
			return;
		default:
			break;
	}
	if (argument->type == NOTICE_TYPE_NOTHING)
		return;
	if (part->kind == NOTICE_VALUE)
		AppendValue(writer, argument);
	else if (part->kind == NOTICE_DATE)
		AppendDate(writer, part, argument);
	else if (NumberOf(writer, argument, &number))
		AppendNumber(writer, part->kind, argument, number);
}

static void
WriteParts(NoticeWriter *writer, const NoticePart *parts, const PluralScope *scope)
{
	for (const NoticePart *part = parts; part != NULL && writer->status == CLEX_OK;
		 part = part->next)
	{
		if (part->kind == NOTICE_LITERAL)
			TextAppendSpan(&writer->out, part->text);
		else if (part->kind == NOTICE_POUND)
			AppendNumber(writer, NOTICE_NUMBER, scope->argument, scope->number);
		else
			WriteArgument(writer, part, scope);
		if (writer->out.length > NOTICE_MAX_RESULT && writer->status == CLEX_OK)
		{
			writer->status = ClexFail(writer->error, CLEX_LIMIT, "a message becomes too long");
			ClexDetail(writer->error, "The limit is %zu bytes.", NOTICE_MAX_RESULT);
		}
	}
}

/* A BCP 47 tag as ICU's name of a locale. */
static ClexStatus
SetLocale(NoticeWriter *writer, Span language)
{
	char tag[ULOC_FULLNAME_CAPACITY];
	UErrorCode code = U_ZERO_ERROR;
	int32_t parsed = 0;

	if (language.length > 0 && language.length < sizeof(tag))
	{
		memcpy(tag, language.data, language.length);
		tag[language.length] = '\0';
		uloc_forLanguageTag(tag, writer->locale, ULOC_FULLNAME_CAPACITY, &parsed, &code);
	}
	if (U_SUCCESS(code) && parsed == (int32_t) language.length && parsed > 0)
		return CLEX_OK;
	ClexFail(writer->error, CLEX_INVALID, "\"%.*s\" is no language tag",
			 (int) SpanCut(language, 40).length, language.data);
	ClexHint(writer->error, "Write it as \"fr\" or \"fr-CH\" (BCP 47).");
	return CLEX_INVALID;
}

ClexStatus
NoticeFormat(const NoticePart *parts, const NoticeArgument *arguments, size_t count, Span language,
			 Arena *arena, Span *result, ClexError *error)
{
	NoticeWriter writer = {.arguments = arguments, .count = count, .error = error};
	ClexStatus status = SetLocale(&writer, language);

	if (status != CLEX_OK)
		return status;
	TextInit(&writer.out, arena);
	WriteParts(&writer, parts, NULL);
	if (writer.status == CLEX_OK && writer.out.failed)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory formatting a message");
	*result = writer.out.length > 0 ? TextSpan(&writer.out) : SPAN_LITERAL("");
	return writer.status;
}
