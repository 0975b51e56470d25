/*
 * finance_common.c
 *		Arguments of the finance functions: names parsed once per call site, dates checked.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "core/finance/currency.h"
#include "glue/compat.h"
#include "glue/finance_common.h"
#include "glue/report.h"

FinanceCache *
NewFinanceCache(FmgrInfo *flinfo)
{
	FinanceCache *cache = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(FinanceCache));

	cache->context = flinfo->fn_mcxt;
	cache->env = BackendEnv(flinfo->fn_mcxt);
	cache->convention_length = CONVENTION_NONE;
	flinfo->fn_extra = cache;
	return cache;
}

/* Find or build; the oldest slot is reused in turn. */
const Calendar *
LookupCalendar(FinanceCache *cache, Span expression)
{
	CalendarSlot *slot;
	ClexError error = {0};

	for (uint32 i = 0; i < CALENDAR_SLOTS; i++)
	{
		if (cache->slots[i].expression != NULL &&
			SpanEqual(TextArgSpan(cache->slots[i].expression), expression))
			return cache->slots[i].calendar;
	}
	slot = &cache->slots[cache->victim];
	if (slot->expression != NULL)
	{
		/* the convention's calendar may be the one that goes */
		cache->convention_length = CONVENTION_NONE;
		pfree(slot->expression);
		slot->expression = NULL;
		ArenaReset(&slot->arena);
	}
	else if (slot->arena.env == NULL)
		ArenaInit(&slot->arena, cache->env, 0);
	FinanceCheck(CalendarBuild(&slot->arena, expression, &slot->calendar, &error), &error);
	slot->expression = MemoryContextAlloc(cache->context, VARHDRSZ + expression.length);
	SET_VARSIZE(slot->expression, VARHDRSZ + expression.length);
	memcpy(VARDATA(slot->expression), expression.data, expression.length);
	cache->victim = (cache->victim + 1) % CALENDAR_SLOTS;
	return slot->calendar;
}

void
ParseConventionSlow(FinanceCache *cache, Span name, DayCountTerms *terms)
{
	Span calendar;
	DayCount convention = DayCountFromName(name, &calendar);

	if (convention == DAYCOUNT_NONE)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unknown day-count convention \"%.*s\"", (int) Min(name.length, 60),
							   name.data),
						errhint("See view clex.day_counts.")));
	terms->convention = convention;
	terms->calendar = convention == DAYCOUNT_BUS_252 ? LookupCalendar(cache, calendar) : NULL;
	cache->convention_length = CONVENTION_NONE;
	if (name.length <= CONVENTION_MAX)
	{
		cache->convention = convention;
		cache->calendar = terms->calendar;
		cache->convention_length = name.length;
		memcpy(cache->convention_text, name.data, name.length);
	}
}

void
DateOutOfRange(DateADT date)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
			 DATE_NOT_FINITE(date) ? errmsg("date is infinite") : errmsg("date out of range"),
			 errdetail("Dates from 0001-01-01 to 9999-12-31 are supported.")));
	pg_unreachable();
}

void
FinanceCheckSlow(ClexStatus status, const ClexError *error)
{
	if (status != CLEX_OK)
		ReportError(error);
}

/* Raise 22023 for a name that stands for nothing. */
void
UnknownName(const char *what, Span name, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unknown %s \"%.*s\"", what, (int) Min(name.length, 60), name.data),
					errhint("%s", hint)));
}

/* Digits of a currency's minor unit; an unknown code is an error. */
int
ParseCurrency(Span code)
{
	int digits = CurrencyDigits(code);

	if (unlikely(digits < 0))
		UnknownName("currency", code, "See view clex.currencies.");
	return digits;
}

/* A rounding by name; an unknown one is an error. */
Rounding
ParseRounding(Span name)
{
	Rounding rounding = RoundingFromName(name);

	if (unlikely(rounding == ROUND_NONE))
		UnknownName("rounding", name, "Use HALF_UP, HALF_EVEN, UP or DOWN.");
	return rounding;
}
