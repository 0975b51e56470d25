/*
 * date.h
 *		Calendar dates as days since 2000-01-01, proleptic Gregorian, years 1 to 9999.
 */
#ifndef CLEX_BASE_DATE_H
#define CLEX_BASE_DATE_H

#include "core/base/span.h"
#include "core/base/status.h"

#define DATE_TEXT 11 /* "YYYY-MM-DD" with terminator */

#define DATE_MIN (-730119) /* 0001-01-01 */
#define DATE_MAX 2921939   /* 9999-12-31 */

/* The time zone an ISO date may carry; it does not move the date. */
typedef struct DateZone
{
	bool present;
	int16_t minutes; /* east of UTC, -840 .. 840 */
} DateZone;

extern bool DateIsValid(int year, int month, int day);
/* Valid dates only. */
extern int32_t DateFromCivil(int year, int month, int day);
extern void DateToCivil(int32_t date, int *year, int *month, int *day);

/*
 * The lexical space of xs:date: "2026-05-31", "2026-05-31Z", "2026-05-31+02:00", white space around
 * it.  CLEX_INVALID for anything else and for days no calendar has; CLEX_OUT_OF_RANGE for well formed
 * years that are negative or beyond 9999.  `zone` may be NULL.
 */
extern ClexStatus DateParse(Span text, int32_t *date, DateZone *zone);
/* Exactly eight digits: yyyymmdd (format 102 of UN/EDIFACT 2379). */
extern ClexStatus DateParseCompact(Span text, int32_t *date);

/* "YYYY-MM-DD", terminated. */
extern Span DateFormat(int32_t date, char text[DATE_TEXT]);

#endif
