/*
 * date.c
 *		Calendar dates.
 *
 * Days are counted in eras of 400 years (146,097 days) that begin on 1 March, so that the leap day is
 * the last one of its year and needs no special case.
 */
#include "core/base/date.h"

#define DAYS_PER_ERA 146097
/* 0000-03-01 to 2000-01-01 */
#define EPOCH_OFFSET 730425

bool
DateIsValid(int year, int month, int day)
{
	static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (month == 2 && leap);
}

int32_t
DateFromCivil(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = y / 400; /* y >= 0 for every valid date */
	int year_of_era = y - era * 400;
	int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_PER_ERA + day_of_era - EPOCH_OFFSET;
}

void
DateToCivil(int32_t date, int *year, int *month, int *day)
{
	int days = date + EPOCH_OFFSET;
	int era = days / DAYS_PER_ERA;
	int day_of_era = days - era * DAYS_PER_ERA;
	int year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int m = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = era * 400 + year_of_era + (*month <= 2);
}

/* `count` digits as a number, or -1. */
static int
Digits(const char *s, size_t count)
{
	int value = 0;

	for (size_t i = 0; i < count; i++)
	{
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

/* What may follow the day: nothing, Z, or an offset of at most 14 hours. */
static bool
ParseZone(Span s, DateZone *zone)
{
	int hours;
	int minutes;

	*zone = (DateZone){false, 0};
	if (s.length == 0)
		return true;
	zone->present = true;
	if (s.length == 1 && s.data[0] == 'Z')
		return true;
	if (s.length != 6 || (s.data[0] != '+' && s.data[0] != '-') || s.data[3] != ':')
		return false;
	hours = Digits(s.data + 1, 2);
	minutes = Digits(s.data + 4, 2);
	if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 840)
		return false;
	zone->minutes = (int16_t) ((s.data[0] == '-' ? -1 : 1) * (hours * 60 + minutes));
	return true;
}

ClexStatus
DateParse(Span text, int32_t *date, DateZone *zone)
{
	Span s = SpanTrim(text);
	bool negative = s.length > 0 && s.data[0] == '-';
	size_t year_digits = 0;
	const char *rest;
	DateZone found;
	int year;
	int month;
	int day;

	if (negative)
		s = SpanOf(s.data + 1, s.length - 1);
	while (year_digits < s.length && s.data[year_digits] >= '0' && s.data[year_digits] <= '9')
		year_digits++;
	if (year_digits < 4 || s.length < year_digits + 6 || (year_digits > 4 && s.data[0] == '0'))
		return CLEX_INVALID;
	rest = s.data + year_digits;
	if (rest[0] != '-' || rest[3] != '-')
		return CLEX_INVALID;
	year = Digits(s.data, 4);
	month = Digits(rest + 1, 2);
	day = Digits(rest + 4, 2);
	if (!ParseZone(SpanOf(rest + 6, s.length - year_digits - 6), &found))
		return CLEX_INVALID;
	if (negative || year_digits > 4)
		return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? CLEX_OUT_OF_RANGE
																  : CLEX_INVALID;
	if (!DateIsValid(year, month, day))
		return CLEX_INVALID;
	*date = DateFromCivil(year, month, day);
	if (zone != NULL)
		*zone = found;
	return CLEX_OK;
}

ClexStatus
DateParseCompact(Span text, int32_t *date)
{
	int year;
	int month;
	int day;

	if (text.length != 8 || Digits(text.data, 8) < 0)
		return CLEX_INVALID;
	year = Digits(text.data, 4);
	month = Digits(text.data + 4, 2);
	day = Digits(text.data + 6, 2);
	if (!DateIsValid(year, month, day))
		return CLEX_INVALID;
	*date = DateFromCivil(year, month, day);
	return CLEX_OK;
}

Span
DateFormat(int32_t date, char text[DATE_TEXT])
{
	int year;
	int month;
	int day;

	DateToCivil(date, &year, &month, &day);
	text[0] = (char) ('0' + year / 1000 % 10);
	text[1] = (char) ('0' + year / 100 % 10);
	text[2] = (char) ('0' + year / 10 % 10);
	text[3] = (char) ('0' + year % 10);
	text[4] = '-';
	text[5] = (char) ('0' + month / 10 % 10);
	text[6] = (char) ('0' + month % 10);
	text[7] = '-';
	text[8] = (char) ('0' + day / 10 % 10);
	text[9] = (char) ('0' + day % 10);
	text[10] = '\0';
	return SpanOf(text, 10);
}
