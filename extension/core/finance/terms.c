/*
 * terms.c
 *		Payment terms: due dates by rule, and static early-payment discounts.
 */
#include "core/finance/terms.h"

#include "core/finance/date.h"

static ClexStatus
BadRule(Span rule, const char *what, ClexError *error)
{
	ClexFail(error, CLEX_INVALID, "unknown due-date rule \"%.*s\"",
			 rule.length > 60 ? 60 : (int) rule.length, rule.data);
	ClexDetail(error, "%s", what);
	ClexHint(error, "Use a name of view clex.due_date_rules, or issue or delivery followed by "
					"steps: +N, +Nm, eom, decade, dayN.");
	return CLEX_INVALID;
}

/* The next word, or an empty one at the end. */
static Span
NextWord(Span *rest)
{
	const char *p = rest->data;
	const char *end = p + rest->length;
	const char *start;

	while (p < end && (IsXmlSpace(*p) || *p == ','))
		p++;
	start = p;
	while (p < end && !IsXmlSpace(*p) && *p != ',')
		p++;
	*rest = SpanOf(p, (size_t) (end - p));
	return SpanOf(start, (size_t) (p - start));
}

/* All of a span as a number of at most four digits. */
static bool
Number(Span s, int32_t *value)
{
	if (s.length == 0 || s.length > 4)
		return false;
	*value = 0;
	for (size_t i = 0; i < s.length; i++)
	{
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
		*value = *value * 10 + (s.data[i] - '0');
	}
	return true;
}

/* The next day with this number in its month, or the day itself; short months end it. */
static int32_t
NextDayOfMonth(int32_t day, int32_t number)
{
	Ymd d = DayToYmd(day);
	int32_t last = DaysInMonth(d.year, d.month);
	int32_t wanted = number < last ? number : last;

	if (d.day <= wanted)
		return day + wanted - d.day;
	d = DayToYmd(day + last - d.day + 1);
	last = DaysInMonth(d.year, d.month);
	return DayFromYmd(d.year, d.month, number < last ? number : last);
}

/* Apply one step; false if it is none. */
static bool
ApplyStep(Span step, int32_t *day)
{
	int32_t n;

	if (SpanEqualCString(step, "eom"))
		*day = MonthEnd(*day);
	else if (SpanEqualCString(step, "decade"))
	{
		Ymd d = DayToYmd(*day);

		*day = d.day <= 20 ? *day - d.day + (d.day <= 10 ? 10 : 20) : MonthEnd(*day);
	}
	else if (step.length > 1 && step.data[0] == '+' &&
			 Number(SpanOf(step.data + 1, step.length - 1), &n))
		*day += n;
	else if (step.length > 2 && step.data[0] == '+' && step.data[step.length - 1] == 'm' &&
			 Number(SpanOf(step.data + 1, step.length - 2), &n))
		*day = AddMonths(*day, n);
	else if (step.length > 3 && memcmp(step.data, "day", 3) == 0 &&
			 Number(SpanOf(step.data + 3, step.length - 3), &n) && n >= 1 && n <= 31)
		*day = NextDayOfMonth(*day, n);
	else
		return false;
	return true;
}

ClexStatus
DueDate(Span rule, const TermDates *dates, int32_t *due, ClexError *error)
{
	Span rest = rule;
	Span word;
	int32_t day;

	for (int i = 0; i < ClexDueDateRuleCount; i++)
	{
		if (SpanEqualCString(rule, ClexDueDateRules[i].name))
			rest = SpanFromCString(ClexDueDateRules[i].steps);
	}
	word = NextWord(&rest);
	if (SpanEqualCString(word, "issue"))
		day = dates->issue;
	else if (SpanEqualCString(word, "delivery"))
	{
		if (!dates->has_delivery)
		{
			ClexFail(error, CLEX_INVALID, "the due-date rule needs a delivery date");
			return CLEX_INVALID;
		}
		day = dates->delivery;
	}
	else
		return BadRule(rule, "It is no name of a rule and does not begin with issue or delivery.",
					   error);
	while ((word = NextWord(&rest)).length > 0)
	{
		if (!ApplyStep(word, &day))
			return BadRule(rule, "One of its steps is not understood.", error);
		if (!DayInRange(day))
			return ClexFail(error, CLEX_OUT_OF_RANGE, "due date out of range");
	}
	*due = day;
	return CLEX_OK;
}

/* "2" or "0.75" as an exact decimal of at most 4 + 6 digits. */
static bool
Percent(Span s, Exact *value)
{
	*value = (Exact){0, 0};
	bool point = false;

	if (s.length == 0 || s.length > 11 || s.data[0] == '.')
		return false;
	for (size_t i = 0; i < s.length; i++)
	{
		if (s.data[i] == '.' && !point)
			point = true;
		else if (s.data[i] >= '0' && s.data[i] <= '9')
		{
			value->coefficient = value->coefficient * 10 + (s.data[i] - '0');
			value->scale += point;
		}
		else
			return false;
	}
	return value->coefficient < 100 * PowersOfTen[value->scale];
}

/* "P/D" or "P/Deom" */
static bool
Tier(Span word, const TermDates *dates, TermTier *tier)
{
	const char *slash = memchr(word.data, '/', word.length);
	Span days;
	int32_t n;
	bool month_end;

	if (slash == NULL || !Percent(SpanOf(word.data, (size_t) (slash - word.data)), &tier->percent))
		return false;
	days = SpanOf(slash + 1, (size_t) (word.data + word.length - slash - 1));
	month_end = days.length > 3 && memcmp(days.data + days.length - 3, "eom", 3) == 0;
	if (month_end)
		days.length -= 3;
	if (!Number(days, &n))
		return false;
	tier->pay_by = (month_end ? MonthEnd(dates->issue) : dates->issue) + n;
	return true;
}

ClexStatus
StaticTerms(Span text, const TermDates *dates, TermTier tiers[TERM_TIERS], int *count,
			ClexError *error)
{
	Span rest = text;
	Span before = rest;
	Span word = NextWord(&rest);
	int32_t n;

	*count = 0;
	while (word.length > 0 && memchr(word.data, '/', word.length) != NULL)
	{
		if (*count == TERM_TIERS - 1)
			return ClexFail(error, CLEX_LIMIT, "more than %d discount tiers", TERM_TIERS - 1);
		if (!Tier(word, dates, &tiers[(*count)++]))
		{
			ClexFail(error, CLEX_INVALID, "malformed discount tier \"%.*s\"",
					 word.length > 40 ? 40 : (int) word.length, word.data);
			ClexHint(error, "A tier is PERCENT/DAYS or PERCENT/DAYSeom, like 2/10.");
			return CLEX_INVALID;
		}
		before = rest;
		word = NextWord(&rest);
	}
	tiers[*count].percent = (Exact){0, 0};
	if (SpanEqualCString(word, "net"))
	{
		if (!Number(SpanTrim(rest), &n))
			return BadRule(SpanTrim(rest), "After net stands a number of days.", error);
		tiers[*count].pay_by = dates->issue + n;
	}
	else
	{
		Span rule = SpanTrim(before);

		while (rule.length > 0 && rule.data[0] == ',')
			rule = SpanTrim(SpanOf(rule.data + 1, rule.length - 1));
		ClexStatus status;

		if (rule.length == 0)
			return BadRule(rule, "Terms end with net and a number of days, or with a rule.", error);
		status = DueDate(rule, dates, &tiers[*count].pay_by, error);
		if (status != CLEX_OK)
			return status;
	}
	(*count)++;
	for (int i = 0; i < *count; i++)
	{
		if (!DayInRange(tiers[i].pay_by))
			return ClexFail(error, CLEX_OUT_OF_RANGE, "due date out of range");
	}
	return CLEX_OK;
}
