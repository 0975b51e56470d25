/*
 * calendar.c
 *		Business-day calendars: expressions, bitmaps, adjustment.
 *
 * Building one takes some microseconds (900 words), so callers keep it for as long as its expression
 * stays the same and nothing global is needed.
 */
#include "core/finance/calendar.h"

#include "core/finance/date.h"

/* A cursor over an expression. */
typedef struct Scan
{
	const char *next;
	const char *end;
	ClexError *error;
} Scan;

static void
SkipSpace(Scan *scan)
{
	while (scan->next < scan->end && IsXmlSpace(*scan->next))
		scan->next++;
}

/* Letters, digits and underscores. */
static Span
ScanWord(Scan *scan)
{
	const char *start = scan->next;

	while (scan->next < scan->end &&
		   ((*scan->next >= 'A' && *scan->next <= 'Z') ||
			(*scan->next >= 'a' && *scan->next <= 'z') ||
			(*scan->next >= '0' && *scan->next <= '9') || *scan->next == '_'))
		scan->next++;
	return SpanOf(start, (size_t) (scan->next - start));
}

static bool
ScanChar(Scan *scan, char c)
{
	if (scan->next == scan->end || *scan->next != c)
		return false;
	scan->next++;
	return true;
}

static ClexStatus
BadExpression(const Scan *scan, const char *what)
{
	int rest = (int) (scan->end - scan->next);

	ClexFail(scan->error, CLEX_INVALID, "malformed calendar expression");
	ClexDetail(scan->error, "Expected %s at \"%.*s\".", what, rest > 40 ? 40 : rest, scan->next);
	ClexHint(scan->error, "An expression is NAME, A+B or A|B, then optionally weekend=SAT,SUN, "
						  "closed=YYYY-MM-DD,..., open=YYYY-MM-DD,...");
	return CLEX_INVALID;
}

static const CalendarData *
FindCalendar(Span name)
{
	for (int i = 0; i < ClexCalendarCount; i++)
	{
		if (SpanEqualCString(name, ClexCalendars[i].name))
			return &ClexCalendars[i];
	}
	return NULL;
}

/* The base calendars of an expression: up to 16 names joined by one operator. */
#define CALENDAR_BASES 16

typedef struct Bases
{
	const CalendarData *list[CALENDAR_BASES];
	int count;
	char join; /* '+', '|' or 0 */
} Bases;

static ClexStatus
ScanBases(Scan *scan, Bases *bases)
{
	*bases = (Bases){0};
	for (;;)
	{
		SkipSpace(scan);
		Span name = ScanWord(scan);
		char c;

		if (name.length == 0)
			return BadExpression(scan, "a calendar name");
		if (bases->count == CALENDAR_BASES)
			return ClexFail(scan->error, CLEX_LIMIT, "more than %d joint calendars",
							CALENDAR_BASES);
		bases->list[bases->count] = FindCalendar(name);
		if (bases->list[bases->count++] == NULL)
		{
			ClexFail(scan->error, CLEX_INVALID, "unknown calendar \"%.*s\"",
					 name.length > 40 ? 40 : (int) name.length, name.data);
			ClexHint(scan->error, "See view clex.calendars.");
			return CLEX_INVALID;
		}
		SkipSpace(scan);
		if (scan->next == scan->end || (*scan->next != '+' && *scan->next != '|'))
			return CLEX_OK;
		c = *scan->next;
		if (bases->join != 0 && bases->join != c)
			return BadExpression(scan, "the same operator between all calendars");
		bases->join = c;
		scan->next++;
	}
}

/* "SAT,SUN" or "NONE" as a mask of weekdays. */
static ClexStatus
ScanWeekend(Scan *scan, uint8_t *mask)
{
	static const char days[][4] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

	*mask = 0;
	do
	{
		Span word = ScanWord(scan);
		int i = 0;

		if (SpanEqualCString(word, "NONE"))
			continue;
		while (i < 7 && !SpanEqualCString(word, days[i]))
			i++;
		if (i == 7)
		{
			scan->next = word.data;
			return BadExpression(scan, "weekdays (MON TUE WED THU FRI SAT SUN or NONE)");
		}
		*mask |= (uint8_t) (1 << i);
	} while (ScanChar(scan, ','));
	if (*mask == 0x7f)
		return ClexFail(scan->error, CLEX_INVALID, "a calendar needs a working weekday");
	return CLEX_OK;
}

/* YYYY-MM-DD */
static ClexStatus
ScanDate(Scan *scan, int32_t *day)
{
	int32_t part[3] = {0, 0, 0};
	const char *p = scan->next;

	if (scan->end - p < 10)
		return BadExpression(scan, "a date YYYY-MM-DD");
	for (int i = 0, k = 0; i < 10; i++)
	{
		if (i == 4 || i == 7)
		{
			if (p[i] != '-')
				return BadExpression(scan, "a date YYYY-MM-DD");
			k++;
		}
		else if (p[i] >= '0' && p[i] <= '9')
			part[k] = part[k] * 10 + (p[i] - '0');
		else
			return BadExpression(scan, "a date YYYY-MM-DD");
	}
	if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[0] < 1 ||
		part[2] > DaysInMonth(part[0], part[1]))
		return BadExpression(scan, "a valid date");
	scan->next += 10;
	*day = DayFromYmd(part[0], part[1], part[2]);
	return CLEX_OK;
}

static ClexStatus
CheckDay(int32_t day, ClexError *error)
{
	if (day >= CALENDAR_FIRST && day <= CALENDAR_LAST)
		return CLEX_OK;
	ClexFail(error, CLEX_OUT_OF_RANGE, "date outside the calendar");
	ClexDetail(error, "Calendars cover 1990-01-01 to 2150-12-31.");
	return CLEX_OUT_OF_RANGE;
}

/* A list of dates to close or to open. */
static ClexStatus
ScanDates(Scan *scan, Calendar *calendar, bool close)
{
	do
	{
		int32_t day = 0;
		ClexStatus status = ScanDate(scan, &day);

		if (status == CLEX_OK)
			status = CheckDay(day, scan->error);
		if (status != CLEX_OK)
			return status;
		uint32_t i = (uint32_t) (day - CALENDAR_FIRST);

		if (close)
			calendar->closed[i / 64] |= UINT64_C(1) << (i % 64);
		else
			calendar->closed[i / 64] &= ~(UINT64_C(1) << (i % 64));
	} while (ScanChar(scan, ','));
	return CLEX_OK;
}

/* The weekend days of each of the seven words that a week-periodic bitmap repeats. */
static void
WeekendPattern(uint8_t mask, uint64_t pattern[7])
{
	int first = DayOfWeek(CALENDAR_FIRST);

	for (int w = 0; w < 7; w++)
	{
		pattern[w] = 0;
		for (int b = 0; b < 64; b++)
		{
			if (mask >> ((first + w * 64 + b) % 7) & 1)
				pattern[w] |= UINT64_C(1) << b;
		}
	}
}

static void
JoinBases(Calendar *calendar, const Bases *bases, const uint8_t *weekend)
{
	for (int k = 0; k < bases->count; k++)
	{
		const CalendarData *base = bases->list[k];
		uint8_t mask = weekend != NULL ? *weekend : base->weekend;
		uint64_t pattern[7];

		calendar->weekend = k == 0				 ? mask
							: bases->join == '|' ? calendar->weekend & mask
												 : calendar->weekend | mask;
		WeekendPattern(mask, pattern);
		for (int w = 0; w < CALENDAR_WORDS; w++)
		{
			uint64_t closed = base->holidays[w] | pattern[w % 7];

			if (k == 0)
				calendar->closed[w] = closed;
			else if (bases->join == '|')
				calendar->closed[w] &= closed;
			else
				calendar->closed[w] |= closed;
		}
	}
}

/* Days after the range count as closed, then the running totals. */
static void
CountOpen(Calendar *calendar)
{
	int32_t open = 0;

	if (CALENDAR_DAYS % 64 != 0)
		calendar->closed[CALENDAR_WORDS - 1] |= ~UINT64_C(0) << (CALENDAR_DAYS % 64);
	for (int w = 0; w < CALENDAR_WORDS; w++)
	{
		calendar->open_before[w] = open;
		open += __builtin_popcountll(~calendar->closed[w]);
	}
	calendar->open_before[CALENDAR_WORDS] = open;
}

/* The clauses after the names; the weekend comes first because it decides the bitmap. */
static ClexStatus
ScanClauses(Scan *scan, Calendar *calendar, const Bases *bases)
{
	bool built = false;

	for (;;)
	{
		ClexStatus status = CLEX_OK;

		SkipSpace(scan);
		const char *start = scan->next;
		Span key = ScanWord(scan);

		if (key.length == 0 && scan->next == scan->end)
			break;
		if (!ScanChar(scan, '='))
		{
			scan->next = start;
			return BadExpression(scan, "weekend=, closed= or open=");
		}
		if (SpanEqualCString(key, "weekend") && !built)
		{
			uint8_t mask;

			status = ScanWeekend(scan, &mask);
			if (status == CLEX_OK)
				JoinBases(calendar, bases, &mask);
			built = true;
		}
		else if (SpanEqualCString(key, "closed") || SpanEqualCString(key, "open"))
		{
			if (!built)
				JoinBases(calendar, bases, NULL);
			built = true;
			status = ScanDates(scan, calendar, key.data[0] == 'c');
		}
		else
		{
			scan->next = start;
			return BadExpression(scan, "weekend= (once, first), closed= or open=");
		}
		if (status != CLEX_OK)
			return status;
	}
	if (!built)
		JoinBases(calendar, bases, NULL);
	return CLEX_OK;
}

ClexStatus
CalendarBuild(Arena *arena, Span expression, const Calendar **result, ClexError *error)
{
	Scan scan = {expression.data, expression.data + expression.length, error};
	Calendar *calendar = ArenaAlloc(arena, sizeof(Calendar));
	Bases bases;
	ClexStatus status;

	if (calendar == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	status = ScanBases(&scan, &bases);
	if (status == CLEX_OK)
		status = ScanClauses(&scan, calendar, &bases);
	if (status != CLEX_OK)
		return status;
	CountOpen(calendar);
	*result = calendar;
	return CLEX_OK;
}

Adjustment
AdjustmentFromName(Span name)
{
	static const struct
	{
		char name[32];
		Adjustment convention;
	} names[] = {
		{"FOLLOWING", ADJUST_FOLLOWING},
		{"MODIFIED_FOLLOWING", ADJUST_MODIFIED_FOLLOWING},
		{"PRECEDING", ADJUST_PRECEDING},
		{"MODIFIED_PRECEDING", ADJUST_MODIFIED_PRECEDING},
		{"NEAREST", ADJUST_NEAREST},
		{"HALF_MONTH_MODIFIED_FOLLOWING", ADJUST_HALF_MONTH_MODIFIED_FOLLOWING},
		{"END_OF_MONTH", ADJUST_END_OF_MONTH},
		{"UNADJUSTED", ADJUST_UNADJUSTED},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		if (SpanEqualCString(name, names[i].name))
			return names[i].convention;
	}
	return ADJUST_NONE;
}

/* Is a day in range open? */
static inline bool
Open(const Calendar *calendar, int32_t day)
{
	uint32_t i = (uint32_t) (day - CALENDAR_FIRST);

	return !(calendar->closed[i / 64] >> (i % 64) & 1);
}

/* Open days before a day; day may be one past the range. */
static inline int32_t
OpenBefore(const Calendar *calendar, int32_t day)
{
	uint32_t i = (uint32_t) (day - CALENDAR_FIRST);

	if (i % 64 == 0)
		return calendar->open_before[i / 64];
	return calendar->open_before[i / 64] +
		   __builtin_popcountll(~calendar->closed[i / 64] & ((UINT64_C(1) << (i % 64)) - 1));
}

/* The open day with `index` open days before it. */
static ClexStatus
OpenAt(const Calendar *calendar, int32_t index, int32_t *day, ClexError *error)
{
	int32_t low = 0;
	int32_t high = CALENDAR_WORDS;

	if (index < 0 || index >= calendar->open_before[CALENDAR_WORDS])
		return CheckDay(CALENDAR_LAST + 1, error);
	while (high - low > 1)
	{
		int32_t middle = (low + high) / 2;

		if (calendar->open_before[middle] <= index)
			low = middle;
		else
			high = middle;
	}
	uint64_t open = ~calendar->closed[low];

	for (int32_t skip = index - calendar->open_before[low]; skip > 0; skip--)
		open &= open - 1;
	*day = CALENDAR_FIRST + low * 64 + __builtin_ctzll(open);
	return CLEX_OK;
}

ClexStatus
CalendarIsOpen(const Calendar *calendar, int32_t day, bool *open, ClexError *error)
{
	ClexStatus status = CheckDay(day, error);

	if (status == CLEX_OK)
		*open = Open(calendar, day);
	return status;
}

bool
CalendarIsHoliday(const Calendar *calendar, int32_t day)
{
	return !Open(calendar, day) && !(calendar->weekend >> DayOfWeek(day) & 1);
}

ClexStatus
CalendarCount(const Calendar *calendar, int32_t from, int32_t to, int32_t *count, ClexError *error)
{
	ClexStatus status = CheckDay(from, error);

	if (status == CLEX_OK)
		status = CheckDay(to, error);
	if (status != CLEX_OK)
		return status;
	if (from <= to)
		*count = OpenBefore(calendar, to) - OpenBefore(calendar, from);
	else
		*count = OpenBefore(calendar, to + 1) - OpenBefore(calendar, from + 1);
	return CLEX_OK;
}

ClexStatus
CalendarAddDays(const Calendar *calendar, int32_t day, int32_t n, int32_t *result, ClexError *error)
{
	ClexStatus status = CheckDay(day, error);

	if (status != CLEX_OK)
		return status;
	if (n < -CALENDAR_DAYS || n > CALENDAR_DAYS)
		return CheckDay(CALENDAR_LAST + 1, error);
	if (n > 0)
		return OpenAt(calendar, OpenBefore(calendar, day + 1) + n - 1, result, error);
	return OpenAt(calendar, OpenBefore(calendar, day) + n, result, error);
}

/* The last open day of the day's month. */
static ClexStatus
LastOpenOfMonth(const Calendar *calendar, int32_t day, int32_t *result, ClexError *error)
{
	return OpenAt(calendar, OpenBefore(calendar, MonthEnd(day) + 1) - 1, result, error);
}

ClexStatus
CalendarAdjust(const Calendar *calendar, int32_t day, Adjustment convention, int32_t *result,
			   ClexError *error)
{
	ClexStatus status = CheckDay(day, error);
	int32_t next;
	int32_t previous;

	if (status != CLEX_OK)
		return status;
	if (convention == ADJUST_END_OF_MONTH)
		return LastOpenOfMonth(calendar, day, result, error);
	*result = day;
	if (convention == ADJUST_UNADJUSTED || Open(calendar, day))
		return CLEX_OK;
	int32_t rank = OpenBefore(calendar, day);
	bool has_next = OpenAt(calendar, rank, &next, NULL) == CLEX_OK;
	bool has_previous = OpenAt(calendar, rank - 1, &previous, NULL) == CLEX_OK;

	if (!has_next || !has_previous)
		return CheckDay(CALENDAR_LAST + 1, error);
	Ymd d = DayToYmd(day);
	Ymd n = DayToYmd(next);

	switch (convention)
	{
		case ADJUST_MODIFIED_FOLLOWING:
			*result = n.month != d.month ? previous : next;
			break;
		case ADJUST_HALF_MONTH_MODIFIED_FOLLOWING:
			*result = n.month != d.month || (d.day <= 15 && n.day > 15) ? previous : next;
			break;
		case ADJUST_PRECEDING:
			*result = previous;
			break;
		case ADJUST_MODIFIED_PRECEDING:
			*result = DayToYmd(previous).month != d.month ? next : previous;
			break;
		case ADJUST_NEAREST:
			*result = next - day <= day - previous ? next : previous;
			break;
		default:
			*result = next;
			break;
	}
	return CLEX_OK;
}

ClexStatus
CalendarAddMonths(const Calendar *calendar, int32_t day, int32_t n, Adjustment convention,
				  bool end_of_month, int32_t *result, ClexError *error)
{
	ClexStatus status = CheckDay(day, error);
	int32_t last;
	int32_t moved;

	if (status != CLEX_OK)
		return status;
	if (n == 0)
		return CalendarAdjust(calendar, day, convention, result, error);
	if (n < -12 * 200 || n > 12 * 200)
		return CheckDay(CALENDAR_LAST + 1, error);
	moved = AddMonths(day, n);
	status = CheckDay(moved, error);
	if (status != CLEX_OK)
		return status;
	if (end_of_month)
	{
		status = LastOpenOfMonth(calendar, day, &last, error);
		if (status != CLEX_OK)
			return status;
		if (day >= last)
			return LastOpenOfMonth(calendar, moved, result, error);
	}
	return CalendarAdjust(calendar, moved, convention, result, error);
}
