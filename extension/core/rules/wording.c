/*
 * wording.c
 *		Numbers and dates as the reader of a sentence writes them, by ICU.
 *
 * A value keeps every digit it has: only separators and the order of a date change.  The locale is
 * always named and the calendar is that of GMT, so nothing of the process takes part.  Opening a
 * formatter costs ICU tens of microseconds; each is opened when first needed and kept.
 */
#include "core/base/date.h"
#include "core/base/decimal.h"
#include "core/rules/rules.h"

#include <string.h>
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

#define MILLISECONDS_A_DAY 86400000.0
#define DAYS_TO_2000 10957 /* from ICU's 1970-01-01 to ours */
#define MAX_SCALE 100	   /* longer fractions are shown as they are written */
#define WIDE_TEXT 512	   /* 38 digits, grouped, and MAX_SCALE more fit well */

struct Wording
{
	const ClexEnv *env;
	UNumberFormat *numbers[MESSAGE_LANGUAGES];
	UDateFormat *dates[MESSAGE_LANGUAGES];
};

static const char *const locales[MESSAGE_LANGUAGES] = {"en", "fr", "de"};
static const UChar *const date_patterns[MESSAGE_LANGUAGES] = {u"d MMMM yyyy", u"dd/MM/yyyy",
															  u"dd.MM.yyyy"};

Wording *
WordingCreate(const ClexEnv *env)
{
	Wording *wording = env->alloc(env->context, sizeof(Wording));

	if (wording != NULL)
	{
		memset(wording, 0, sizeof(*wording));
		wording->env = env;
	}
	return wording;
}

void
WordingFree(Wording *wording)
{
	for (int i = 0; i < MESSAGE_LANGUAGES; i++)
	{
		if (wording->numbers[i] != NULL)
			unum_close(wording->numbers[i]);
		if (wording->dates[i] != NULL)
			udat_close(wording->dates[i]);
	}
	wording->env->release(wording->env->context, wording);
}

/* The formatter of a language, NULL if ICU cannot make one. */
static UNumberFormat *
NumberFormatter(Wording *wording, MessageLanguage language)
{
	UErrorCode code = U_ZERO_ERROR;

	if (wording->numbers[language] == NULL)
	{
		UNumberFormat *format = unum_open(UNUM_DECIMAL, NULL, 0, locales[language], NULL, &code);

		if (U_SUCCESS(code))
			wording->numbers[language] = format;
		else if (format != NULL)
			unum_close(format);
	}
	return wording->numbers[language];
}

/* Likewise; Gregorian on every day, as dates of documents are. */
static UDateFormat *
DateFormatter(Wording *wording, MessageLanguage language)
{
	UErrorCode code = U_ZERO_ERROR;
	UDateFormat *format;
	UCalendar *calendar;

	if (wording->dates[language] != NULL)
		return wording->dates[language];
	format = udat_open(UDAT_PATTERN, UDAT_PATTERN, locales[language], u"GMT", -1,
					   date_patterns[language], -1, &code);
	calendar = ucal_open(u"GMT", -1, locales[language], UCAL_GREGORIAN, &code);
	if (U_SUCCESS(code))
		ucal_setGregorianChange(calendar, (DATE_MIN + DAYS_TO_2000) * MILLISECONDS_A_DAY, &code);
	if (U_SUCCESS(code))
	{
		udat_setCalendar(format, calendar);
		wording->dates[language] = format;
	}
	else if (format != NULL)
		udat_close(format);
	if (calendar != NULL)
		ucal_close(calendar);
	return wording->dates[language];
}

static bool
AppendWide(const UChar *wide, int32_t length, Text *out)
{
	char utf8[3 * WIDE_TEXT];
	int32_t written;
	UErrorCode code = U_ZERO_ERROR;

	u_strToUTF8(utf8, sizeof(utf8), &written, wide, length, &code);
	if (U_FAILURE(code))
		return false;
	TextAppend(out, utf8, (size_t) written);
	return true;
}

bool
WordingNumber(Wording *wording, MessageLanguage language, Span raw, Text *out)
{
	UErrorCode code = U_ZERO_ERROR;
	UNumberFormat *format;
	UChar wide[WIDE_TEXT];
	char text[DECIMAL_TEXT];
	Decimal value;
	Span plain;
	int32_t length;

	if (DecimalParse(raw, &value) != CLEX_OK || value.scale > MAX_SCALE)
		return false;
	format = NumberFormatter(wording, language);
	if (format == NULL)
		return false;
	plain = DecimalFormat(value, text);
	unum_setAttribute(format, UNUM_MAX_FRACTION_DIGITS, value.scale);
	unum_setAttribute(format, UNUM_MIN_FRACTION_DIGITS, value.scale);
	length = unum_formatDecimal(format, plain.data, (int32_t) plain.length, wide, WIDE_TEXT, NULL,
								&code);
	return U_SUCCESS(code) && length <= WIDE_TEXT && AppendWide(wide, length, out);
}

bool
WordingDate(Wording *wording, MessageLanguage language, Span raw, Text *out)
{
	UErrorCode code = U_ZERO_ERROR;
	UDateFormat *format;
	UChar wide[WIDE_TEXT];
	int32_t date;
	int32_t length;

	if (DateParse(raw, &date, NULL) != CLEX_OK && DateParseCompact(raw, &date) != CLEX_OK)
		return false;
	format = DateFormatter(wording, language);
	if (format == NULL)
		return false;
	length = udat_format(format, (date + DAYS_TO_2000) * MILLISECONDS_A_DAY, wide, WIDE_TEXT, NULL,
						 &code);
	return U_SUCCESS(code) && length <= WIDE_TEXT && AppendWide(wide, length, out);
}
