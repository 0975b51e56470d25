/*
 * finance_calendar.c
 *		Business days: is_business_day(), adjust(), add_business_days(), business_days(),
 *		add_months(), holidays().
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "glue/compat.h"
#include "glue/finance_common.h"

PG_FUNCTION_INFO_V1(clex_is_business_day);
PG_FUNCTION_INFO_V1(clex_date_adjust);
PG_FUNCTION_INFO_V1(clex_business_days_add);
PG_FUNCTION_INFO_V1(clex_business_days_count);
PG_FUNCTION_INFO_V1(clex_months_add);
PG_FUNCTION_INFO_V1(clex_calendar_holidays);
PG_FUNCTION_INFO_V1(clex_calendar_expression);

static Adjustment
ParseAdjustment(Span name)
{
	Adjustment convention = AdjustmentFromName(name);

	if (convention == ADJUST_NONE)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unknown business-day convention \"%.*s\"",
							   (int) Min(name.length, 60), name.data),
						errhint("Use UNADJUSTED, FOLLOWING, MODIFIED_FOLLOWING, PRECEDING, "
								"MODIFIED_PRECEDING, NEAREST, HALF_MONTH_MODIFIED_FOLLOWING or "
								"END_OF_MONTH.")));
	return convention;
}

/* is_business_day(d date, calendar text) boolean; strict */
Datum
clex_is_business_day(PG_FUNCTION_ARGS)
{
	FinanceCache *cache = GetFinanceCache(fcinfo->flinfo);
	ClexError error;
	bool open = false;

	FinanceCheck(CalendarIsOpen(LookupCalendar(cache, PG_GETARG_SPAN(1)), PG_GETARG_DAY(0), &open,
								&error),
				 &error);
	PG_RETURN_BOOL(open);
}

/* adjust(d date, convention text, calendar text) date; strict */
Datum
clex_date_adjust(PG_FUNCTION_ARGS)
{
	FinanceCache *cache = GetFinanceCache(fcinfo->flinfo);
	ClexError error;
	int32_t result = 0;

	FinanceCheck(CalendarAdjust(LookupCalendar(cache, PG_GETARG_SPAN(2)), PG_GETARG_DAY(0),
								ParseAdjustment(PG_GETARG_SPAN(1)), &result, &error),
				 &error);
	PG_RETURN_DATEADT(result);
}

/* add_business_days(d date, n int, calendar text) date; strict */
Datum
clex_business_days_add(PG_FUNCTION_ARGS)
{
	FinanceCache *cache = GetFinanceCache(fcinfo->flinfo);
	ClexError error;
	int32_t result = 0;

	FinanceCheck(CalendarAddDays(LookupCalendar(cache, PG_GETARG_SPAN(2)), PG_GETARG_DAY(0),
								 PG_GETARG_INT32(1), &result, &error),
				 &error);
	PG_RETURN_DATEADT(result);
}

/* business_days(d1 date, d2 date, calendar text) int; strict; [d1, d2), negative when reversed */
Datum
clex_business_days_count(PG_FUNCTION_ARGS)
{
	FinanceCache *cache = GetFinanceCache(fcinfo->flinfo);
	ClexError error;
	int32_t count = 0;

	FinanceCheck(CalendarCount(LookupCalendar(cache, PG_GETARG_SPAN(2)), PG_GETARG_DAY(0),
							   PG_GETARG_DAY(1), &count, &error),
				 &error);
	PG_RETURN_INT32(count);
}

/* add_months(d date, n int, convention text, calendar text, end_of_month boolean) date; strict */
Datum
clex_months_add(PG_FUNCTION_ARGS)
{
	FinanceCache *cache = GetFinanceCache(fcinfo->flinfo);
	ClexError error;
	int32_t result = 0;

	FinanceCheck(CalendarAddMonths(LookupCalendar(cache, PG_GETARG_SPAN(3)), PG_GETARG_DAY(0),
								   PG_GETARG_INT32(1), ParseAdjustment(PG_GETARG_SPAN(2)),
								   PG_GETARG_BOOL(4), &result, &error),
				 &error);
	PG_RETURN_DATEADT(result);
}

/* holidays(calendar text, from_date date, to_date date) setof date; strict; closed but no weekend */
Datum
clex_calendar_holidays(PG_FUNCTION_ARGS)
{
	FinanceCache *cache = GetFinanceCache(fcinfo->flinfo);
	const Calendar *calendar = LookupCalendar(cache, PG_GETARG_SPAN(0));
	DateADT from = PG_GETARG_DAY(1);
	DateADT to = PG_GETARG_DAY(2);
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	ClexError error;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (DateADT day = from; day <= to; day++)
	{
		Datum value = DateADTGetDatum(day);
		bool null = false;
		bool open = false;

		CHECK_FOR_INTERRUPTS();
		FinanceCheck(CalendarIsOpen(calendar, day, &open, &error), &error);
		if (CalendarIsHoliday(calendar, day))
			tuplestore_putvalues(set->setResult, set->setDesc, &value, &null);
	}
	PG_RETURN_NULL();
}

/* Append " key=YYYY-MM-DD,..." for a date array; an empty one adds nothing. */
static void
AppendDates(StringInfo expression, const char *key, ArrayType *array)
{
	Datum *dates;
	bool *nulls;
	int count;

	deconstruct_array(array, DATEOID, sizeof(DateADT), true, TYPALIGN_INT, &dates, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		Ymd d;

		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("a calendar has no NULL dates")));
		d = DayToYmd(CheckDate(DatumGetDateADT(dates[i])));
		if (i == 0)
			appendStringInfo(expression, " %s=", key);
		appendStringInfo(expression, "%s%04d-%02d-%02d", i > 0 ? "," : "", d.year, d.month, d.day);
	}
}

/* calendar(base text, weekend text, closed date[], open date[]) text; NULL if base is */
Datum
clex_calendar_expression(PG_FUNCTION_ARGS)
{
	StringInfoData expression;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	initStringInfo(&expression);
	appendStringInfoString(&expression, text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (!PG_ARGISNULL(1))
		appendStringInfo(&expression, " weekend=%s", text_to_cstring(PG_GETARG_TEXT_PP(1)));
	if (!PG_ARGISNULL(2))
		AppendDates(&expression, "closed", PG_GETARG_ARRAYTYPE_P(2));
	if (!PG_ARGISNULL(3))
		AppendDates(&expression, "open", PG_GETARG_ARRAYTYPE_P(3));
	/* refuse now what no function would accept later */
	(void) LookupCalendar(GetFinanceCache(fcinfo->flinfo),
						  SpanOf(expression.data, (size_t) expression.len));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(expression.data, expression.len));
}
