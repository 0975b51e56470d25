/*
 * finance_common.h
 *		Arguments of the finance functions: names parsed once per call site, dates checked.
 *
 * A convention or a calendar is nearly always the same text for all rows of a query.  Each call site
 * (FmgrInfo) keeps what it parsed, with the text it was parsed from, in fn_extra.
 */
#ifndef CLEX_GLUE_FINANCE_COMMON_H
#define CLEX_GLUE_FINANCE_COMMON_H

#include "fmgr.h"
#include "utils/date.h"

#include "core/finance/calendar.h"
#include "core/finance/date.h"
#include "core/finance/daycount.h"
#include "core/finance/discount.h"

/* One calendar expression and the calendar built from it. */
typedef struct CalendarSlot
{
	text *expression; /* NULL: free */
	const Calendar *calendar;
	Arena arena;
} CalendarSlot;

/* So many different expressions stay built per call site: a table of countries fits. */
#define CALENDAR_SLOTS 16
#define CONVENTION_MAX 40
#define CONVENTION_NONE PG_UINT32_MAX /* convention_length when none is parsed */

typedef struct FinanceCache
{
	MemoryContext context;
	ClexEnv *env;
	uint32 convention_length; /* bytes of convention_text */
	char convention_text[CONVENTION_MAX];
	DayCount convention;
	const Calendar *calendar; /* of convention BUS/252 */
	uint32 victim;
	CalendarSlot slots[CALENDAR_SLOTS];
} FinanceCache;

extern FinanceCache *NewFinanceCache(FmgrInfo *flinfo);

static inline FinanceCache *
GetFinanceCache(FmgrInfo *flinfo)
{
	return flinfo->fn_extra != NULL ? (FinanceCache *) flinfo->fn_extra : NewFinanceCache(flinfo);
}

static inline Span
TextArgSpan(text *t)
{
	return SpanOf(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
}

#define PG_GETARG_SPAN(n) TextArgSpan(PG_GETARG_TEXT_PP(n))

/* The calendar of an expression, built or found in the cache. */
extern const Calendar *LookupCalendar(FinanceCache *cache, Span expression);

/* Parse a convention and the calendar of BUS/252 into terms; other fields are left alone. */
extern void ParseConventionSlow(FinanceCache *cache, Span name, DayCountTerms *terms);

static inline void
ParseConvention(FinanceCache *cache, Span name, DayCountTerms *terms)
{
	if (name.length == cache->convention_length &&
		memcmp(name.data, cache->convention_text, name.length) == 0)
	{
		terms->convention = cache->convention;
		terms->calendar = cache->calendar;
	}
	else
		ParseConventionSlow(cache, name, terms);
}

extern _Noreturn void UnknownName(const char *what, Span name, const char *hint);
extern int ParseCurrency(Span code);
extern Rounding ParseRounding(Span name);

extern _Noreturn void DateOutOfRange(DateADT date);

/* Infinite dates and years outside 1 to 9999 are an error, 22008. */
static inline DateADT
CheckDate(DateADT date)
{
	if (unlikely(!DayInRange(date)))
		DateOutOfRange(date);
	return date;
}

#define PG_GETARG_DAY(n) CheckDate(PG_GETARG_DATEADT(n))

/* Raise the core's error unless the status is CLEX_OK. */
extern void FinanceCheckSlow(ClexStatus status, const ClexError *error);

static inline void
FinanceCheck(ClexStatus status, const ClexError *error)
{
	if (unlikely(status != CLEX_OK))
		FinanceCheckSlow(status, error);
}

#endif
