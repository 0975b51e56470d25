/*
 * date.h
 *		The proleptic Gregorian calendar on day numbers.
 *
 * A date is the number of days since 2000-01-01, as in PostgreSQL.  Finance works on the years 1 to
 * 9999; callers check that once (DayInRange), the arithmetic here does not.
 */
#ifndef CLEX_FINANCE_DATE_H
#define CLEX_FINANCE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#define DAY_FIRST (-730119) /* 0001-01-01 */
#define DAY_LAST 2921939	/* 9999-12-31 */

/* 2000-01-01 counted from 0000-03-01, the epoch in which leap days end a cycle. */
#define DAY_CIVIL_OFFSET 730425

typedef struct Ymd
{
	int32_t year;
	int32_t month; /* 1..12 */
	int32_t day;   /* 1..31 */
} Ymd;

static inline bool
DayInRange(int32_t day)
{
	return day >= DAY_FIRST && day <= DAY_LAST;
}

static inline bool
LeapYear(int32_t year)
{
	return (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
}

static inline int32_t
DaysInMonth(int32_t year, int32_t month)
{
	return month == 2 ? 28 + LeapYear(year) : 30 + ((month + (month >> 3)) & 1);
}

/* Year, month and day of a day number, by Euclidean affine functions (no table, no loop). */
static inline Ymd
DayToYmd(int32_t number)
{
	uint32_t n1 = 4 * (uint32_t) (number + DAY_CIVIL_OFFSET) + 3;
	uint32_t century = n1 / 146097;
	uint32_t n2 = (n1 % 146097) | 3;
	uint64_t p2 = UINT64_C(2939745) * n2;
	uint32_t year = 100 * century + (uint32_t) (p2 >> 32);
	uint32_t of_year = (uint32_t) p2 / 2939745 / 4;
	uint32_t n3 = 2141 * of_year + 197913;
	bool next = of_year >= 306;

	return (Ymd){(int32_t) year + next, (int32_t) (n3 >> 16) - (next ? 12 : 0),
				 (int32_t) ((n3 & 0xffff) / 2141) + 1};
}

static inline int32_t
DayFromYmd(int32_t year, int32_t month, int32_t day)
{
	int32_t y = month <= 2 ? year - 1 : year;
	int32_t m = month <= 2 ? month + 9 : month - 3;
	int32_t century = y / 100;

	return 1461 * y / 4 - century + century / 4 + (153 * m + 2) / 5 + day - 1 - DAY_CIVIL_OFFSET;
}

static inline bool
IsMonthEnd(Ymd d)
{
	return d.day == DaysInMonth(d.year, d.month);
}

static inline bool
IsFebruaryEnd(Ymd d)
{
	return d.month == 2 && d.day >= 28 && IsMonthEnd(d);
}

/* 0 = Sunday .. 6 = Saturday; 2000-01-01 was a Saturday. */
static inline int32_t
DayOfWeek(int32_t number)
{
	int32_t w = (number + 6) % 7;

	return w < 0 ? w + 7 : w;
}

/* The same day of the month `months` later, or that month's last day. */
static inline int32_t
AddMonths(int32_t number, int32_t months)
{
	Ymd d = DayToYmd(number);
	int32_t total = d.year * 12 + d.month - 1 + months;
	int32_t year = total / 12;
	int32_t month = total % 12 + 1;
	int32_t last = DaysInMonth(year, month);

	return DayFromYmd(year, month, d.day < last ? d.day : last);
}

/* The last day of the day's month. */
static inline int32_t
MonthEnd(int32_t number)
{
	Ymd d = DayToYmd(number);

	return number - d.day + DaysInMonth(d.year, d.month);
}

/* 29 February of the year as a day number; only for leap years. */
static inline int32_t
LeapDay(int32_t year)
{
	return DayFromYmd(year, 2, 29);
}

/* Number of 29 Februaries up to and including day `number`. */
static inline int32_t
LeapDaysUpTo(int32_t number)
{
	Ymd d = DayToYmd(number);
	int32_t y = d.year - 1;
	int32_t n = y / 4 - y / 100 + y / 400;

	return n + (LeapYear(d.year) && (d.month > 2 || (d.month == 2 && d.day == 29)));
}

#endif
