/*
 * calendar.h
 *		Business-day calendars.
 *
 * A calendar is a bitmap of closed days from 1990 to 2150 with running counts, so that every question
 * (is it open, how many, which is the n-th) is answered by counting bits.  It is built from an
 * expression, which makes joint and user calendars the same thing as the compiled-in ones:
 *
 *		NAME            a calendar of extension/data/calendars
 *		A+B  A|B        closed when one is closed, closed when both are
 *		A weekend=FRI,SAT closed=2026-12-24,2026-12-31 open=2026-05-08
 */
#ifndef CLEX_FINANCE_CALENDAR_H
#define CLEX_FINANCE_CALENDAR_H

#include "core/base/arena.h"
#include "core/base/span.h"
#include "core/base/status.h"

#define CALENDAR_FIRST (-3652) /* 1990-01-01 */
#define CALENDAR_LAST 55151	   /* 2150-12-31 */
#define CALENDAR_DAYS (CALENDAR_LAST - CALENDAR_FIRST + 1)
#define CALENDAR_WORDS ((CALENDAR_DAYS + 63) / 64)

/* Compiled in: holidays (also those that fall on weekends) and the weekend (bit 0 = Sunday). */
typedef struct CalendarData
{
	const char *name;
	uint8_t weekend;
	const uint64_t *holidays;
} CalendarData;

extern const CalendarData ClexCalendars[];
extern const int ClexCalendarCount;

typedef struct Calendar
{
	uint64_t closed[CALENDAR_WORDS];
	int32_t open_before[CALENDAR_WORDS + 1]; /* open days before each word, last: all */
	uint8_t weekend;						 /* of a joint calendar: days closed every week */
} Calendar;

typedef enum Adjustment
{
	ADJUST_NONE = 0, /* not a convention's name */
	ADJUST_UNADJUSTED,
	ADJUST_FOLLOWING,
	ADJUST_MODIFIED_FOLLOWING,
	ADJUST_PRECEDING,
	ADJUST_MODIFIED_PRECEDING,
	ADJUST_NEAREST,
	ADJUST_HALF_MONTH_MODIFIED_FOLLOWING,
	ADJUST_END_OF_MONTH,
} Adjustment;

/* Build a calendar from an expression.  The calendar lives in the arena. */
extern ClexStatus CalendarBuild(Arena *arena, Span expression, const Calendar **result,
								ClexError *error);

extern Adjustment AdjustmentFromName(Span name);

/* All of these fail with CLEX_OUT_OF_RANGE for days outside 1990 to 2150. */
extern ClexStatus CalendarIsOpen(const Calendar *calendar, int32_t day, bool *open,
								 ClexError *error);
/* Is a closed day in range closed for another reason than the weekend? */
extern bool CalendarIsHoliday(const Calendar *calendar, int32_t day);
/* Open days in [from, to); for from > to minus those in (to, from]: `from` counts, `to` does not. */
extern ClexStatus CalendarCount(const Calendar *calendar, int32_t from, int32_t to, int32_t *count,
								ClexError *error);
/* The n-th open day after (n > 0) or before (n < 0) a day; n = 0: the day, or the next open one. */
extern ClexStatus CalendarAddDays(const Calendar *calendar, int32_t day, int32_t n, int32_t *result,
								  ClexError *error);
extern ClexStatus CalendarAdjust(const Calendar *calendar, int32_t day, Adjustment convention,
								 int32_t *result, ClexError *error);
/*
 * The same day n months later, adjusted.  With end_of_month a start on its month's last open day
 * ends on the last open day.
 */
extern ClexStatus CalendarAddMonths(const Calendar *calendar, int32_t day, int32_t n,
									Adjustment convention, bool end_of_month, int32_t *result,
									ClexError *error);

#endif
