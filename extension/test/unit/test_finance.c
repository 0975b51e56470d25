/*
 * test_finance.c
 *		The finance core: dates, day counts, calendars, discounts, roots, late interest.
 */
#include <math.h>
#include <stdlib.h>

#include "core/finance/calendar.h"
#include "core/finance/currency.h"
#include "core/finance/date.h"
#include "core/finance/daycount.h"
#include "core/finance/discount.h"
#include "core/finance/late.h"
#include "core/finance/roots.h"
#include "core/finance/terms.h"
#include "core/finance/wide.h"
#include "core/finance/yield.h"
#include "tap.h"

static uint64_t seed = 20260101;

/* A small deterministic generator (xorshift). */
static uint64_t
Random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static int32_t
RandomDay(int32_t from, int32_t to)
{
	return from + (int32_t) (Random() % (uint64_t) (to - from + 1));
}

static int32_t
Day(int32_t y, int32_t m, int32_t d)
{
	return DayFromYmd(y, m, d);
}

/* Every day of ten thousand years, walked by the rules of the calendar. */
static void
TestDates(void)
{
	Ymd e = {1, 1, 1};
	int32_t leap_days = 0;
	bool good = true;

	for (int32_t day = DAY_FIRST; day <= DAY_LAST; day++)
	{
		Ymd d = DayToYmd(day);

		leap_days += e.month == 2 && e.day == 29;
		good &= d.year == e.year && d.month == e.month && d.day == e.day &&
				DayFromYmd(d.year, d.month, d.day) == day && LeapDaysUpTo(day) == leap_days;
		if (++e.day > DaysInMonth(e.year, e.month))
		{
			e.day = 1;
			if (++e.month > 12)
			{
				e.month = 1;
				e.year++;
			}
		}
	}
	Ok(good && e.year == 10000, "years 1 to 9999: day numbers, civil dates and leap days agree");
	Ok(DayOfWeek(0) == 6 && DayOfWeek(-1) == 5 && DayOfWeek(Day(2026, 11, 22)) == 0, "weekdays");
	Ok(AddMonths(Day(2024, 1, 31), 1) == Day(2024, 2, 29) &&
		   AddMonths(Day(2024, 3, 31), -13) == Day(2023, 2, 28),
	   "months end at the shorter month's end");
}

static const Calendar *
Build(Arena *arena, const char *expression, ClexStatus *status)
{
	const Calendar *calendar = NULL;
	ClexError error;

	*status = CalendarBuild(arena, SpanFromCString(expression), &calendar, &error);
	return calendar;
}

static void
TestDayCounts(Arena *arena)
{
	ClexStatus status;
	const Calendar *calendar = Build(arena, "TARGET", &status);
	bool antisymmetric = true;
	bool additive = true;
	bool monotone = true;
	ClexError error;
	Span rest;

	for (int i = 0; i < 200000; i++)
	{
		DayCountTerms terms = {(DayCount) (1 + Random() % DAYCOUNT_1_1), calendar, false, 0, 2};
		int32_t a = RandomDay(Day(1995, 1, 1), Day(2100, 12, 31));
		int32_t b = a + RandomDay(0, i % 2 ? 70 : 9000);
		int32_t c = b + RandomDay(0, 40);
		YearFraction ab, ba, ac, bc;

		terms.has_termination = terms.convention == DAYCOUNT_ACT_ACT_ICMA || i % 3 == 0;
		terms.termination = c + 100;
		if (DayCountFraction(&terms, a, b, &ab, &error) != CLEX_OK ||
			DayCountFraction(&terms, b, a, &ba, &error) != CLEX_OK ||
			DayCountFraction(&terms, a, c, &ac, &error) != CLEX_OK ||
			DayCountFraction(&terms, b, c, &bc, &error) != CLEX_OK)
		{
			antisymmetric = false;
			continue;
		}
		antisymmetric &= (a == b || (ab.numerator == -ba.numerator && ab.days == -ba.days)) &&
						 ab.denominator == ba.denominator && ab.denominator > 0;
		if (terms.convention == DAYCOUNT_ACT_360 || terms.convention == DAYCOUNT_ACT_365F ||
			terms.convention == DAYCOUNT_NL_365 || terms.convention == DAYCOUNT_BUS_252)
			additive &= ac.numerator == ab.numerator + bc.numerator;
		/* ACT/365L changes its denominator with the end date: it alone may step back */
		if (terms.convention != DAYCOUNT_ACT_365L)
			monotone &= (double) ac.numerator / (double) ac.denominator >=
						(double) ab.numerator / (double) ab.denominator - 1e-15;
	}
	Ok(antisymmetric, "all conventions are antisymmetric");
	Ok(additive, "ACT/360, ACT/365F, NL/365 and BUS/252 add up");
	Ok(monotone, "a later end never gives a smaller fraction");
	Ok(DayCountFromName(SPAN_LITERAL("30/360"), &rest) == DAYCOUNT_NONE &&
		   DayCountFromName(SPAN_LITERAL(""), &rest) == DAYCOUNT_NONE &&
		   DayCountFromName(SPAN_LITERAL("act/360"), &rest) == DAYCOUNT_NONE,
	   "names are exact");
	DayCountTerms terms = {DAYCOUNT_ACT_365L, NULL, false, 0, 0};
	YearFraction fraction;

	Ok(DayCountFraction(&terms, 0, 1, &fraction, &error) == CLEX_INVALID,
	   "ACT/365L without a frequency is refused");
	terms.frequency = 5;
	Ok(DayCountFraction(&terms, 0, 1, &fraction, &error) == CLEX_INVALID,
	   "a frequency must divide 12");
	terms = (DayCountTerms){DAYCOUNT_ACT_ACT_ICMA, NULL, true, Day(2030, 2, 28), 2};
	DayCountFraction(&terms, Day(2024, 8, 31), Day(2027, 8, 31), &fraction, &error);
	Ok(fraction.numerator == 3 * fraction.denominator, "ICMA coupons stay on month ends");
}

static void
TestCalendars(Arena *arena)
{
	ClexStatus status;
	const Calendar *fr = Build(arena, "FR", &status);
	const Calendar *joint = Build(arena, "FR+US_FED", &status);
	const Calendar *either = Build(arena, "FR|US_FED", &status);
	const Calendar *gulf =
		Build(arena, "WEEKENDS weekend=FRI,SAT closed=2026-12-24,2026-12-31 open=2026-12-25",
			  &status);
	bool open;
	bool steps = true;
	bool counts = true;
	bool joins = true;
	int32_t day;
	ClexError error;
	static const char *const bad[] = {"",
									  "XX",
									  "FR+",
									  "FR+US|GB",
									  "FR weekend=SAT weekend=SUN",
									  "FR closed=2026-02-30",
									  "FR closed=26-01-01",
									  "FR closed=2026-01-01,",
									  "FR colsed=2026-01-01",
									  "FR weekend=SAT,SUN,MON,TUE,WED,THU,FRI",
									  "FR weekend=sat",
									  "FR closed=1980-01-01",
									  "FR US"};

	Ok(status == CLEX_OK && CalendarIsOpen(gulf, Day(2026, 12, 25), &open, &error) == CLEX_OK &&
		   open && CalendarIsOpen(gulf, Day(2026, 12, 27), &open, &error) == CLEX_OK && open,
	   "weekend, closed and open clauses");
	Ok(CalendarIsOpen(gulf, Day(2026, 12, 24), &open, &error) == CLEX_OK && !open, "a closed day");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		Build(arena, bad[i], &status);
		Ok(status != CLEX_OK, "refused: \"%s\"", bad[i]);
	}
	for (int i = 0; i < 20000; i++)
	{
		int32_t a = RandomDay(Day(1991, 1, 1), Day(2149, 12, 31));
		int32_t n = RandomDay(-80, 80);
		int32_t walked = a;
		int32_t left = abs(n);
		bool f, u, j, e;

		/* the n-th open day, by walking */
		while (left > 0)
		{
			walked += n > 0 ? 1 : -1;
			CalendarIsOpen(fr, walked, &open, &error);
			left -= open;
		}
		if (n != 0)
			steps &= CalendarAddDays(fr, a, n, &day, &error) == CLEX_OK && day == walked;
		int32_t count = 0;
		int32_t got;

		for (int32_t d = a; d < a + abs(n); d++)
		{
			CalendarIsOpen(fr, d, &open, &error);
			count += open;
		}
		counts &= CalendarCount(fr, a, a + abs(n), &got, &error) == CLEX_OK && got == count;
		CalendarIsOpen(fr, a, &f, &error);
		CalendarIsOpen(Build(arena, "US_FED", &status), a, &u, &error);
		CalendarIsOpen(joint, a, &j, &error);
		CalendarIsOpen(either, a, &e, &error);
		joins &= j == (f && u) && e == (f || u);
		if (i % 64 == 0)
		{
			ArenaReset(arena);
			fr = Build(arena, "FR", &status);
			joint = Build(arena, "FR+US_FED", &status);
			either = Build(arena, "FR|US_FED", &status);
		}
	}
	Ok(steps, "the n-th open day is the one found by walking");
	Ok(counts, "open days are those found by walking");
	Ok(joins, "A+B is open when both are, A|B when one is");
	Ok(CalendarIsOpen(fr, CALENDAR_LAST + 1, &open, &error) == CLEX_OUT_OF_RANGE &&
		   CalendarIsOpen(fr, CALENDAR_FIRST - 1, &open, &error) == CLEX_OUT_OF_RANGE &&
		   CalendarAddDays(fr, CALENDAR_LAST, 10, &day, &error) == CLEX_OUT_OF_RANGE &&
		   CalendarAddDays(fr, CALENDAR_FIRST, -10, &day, &error) == CLEX_OUT_OF_RANGE &&
		   CalendarAddMonths(fr, 0, INT32_MAX, ADJUST_FOLLOWING, true, &day, &error) ==
			   CLEX_OUT_OF_RANGE &&
		   CalendarAdjust(fr, CALENDAR_FIRST, ADJUST_PRECEDING, &day, &error) == CLEX_OUT_OF_RANGE,
	   "nothing is known outside 1990 to 2150");
}

/* Rounding by comparison of doubled remainders, as the definition says it. */
static __int128
NaiveRound(__int128 n, __int128 d, Rounding rounding)
{
	__int128 q = n / d; /* towards zero */
	__int128 r = n % d < 0 ? -(n % d) : n % d;
	__int128 away = n < 0 ? q - 1 : q + 1;

	if (r == 0 || rounding == ROUND_DOWN)
		return q;
	if (rounding == ROUND_UP || 2 * r > d)
		return away;
	if (2 * r < d)
		return q;
	return rounding == ROUND_HALF_UP || q % 2 != 0 ? away : q;
}

static void
TestDiscounts(void)
{
	bool rounds = true;
	bool monotone = true;
	bool ties = true;
	__int128 minor;
	ClexError error;

	for (int i = 0; i < 200000; i++)
	{
		__int128 n = (__int128) (int64_t) Random() >> (Random() % 60);
		__int128 d = (__int128) (1 + Random() % (i % 2 ? 8 : 1000000));
		Rounding r = (Rounding) (1 + Random() % 4);

		if (i % 5 == 0)
			n *= (int64_t) (Random() >> 2);
		rounds &= RoundQuotient(n, d, r) == NaiveRound(n, d, r);
	}
	Ok(rounds, "four roundings as defined");
	for (int i = 0; i < 60000; i++)
	{
		DiscountTerms t = {{(__int128) (Random() % 100000000000), 2},
						   {(__int128) (Random() % 300000), 6},
						   RandomDay(1, 400),
						   i % 2 ? 360 : 365,
						   (DiscountMethod) (1 + Random() % 3),
						   (Rounding) (1 + Random() % 4),
						   2};
		__int128 later;
		__int128 dearer;

		DiscountAmount(&t, &minor, &error);
		t.years_numerator++;
		DiscountAmount(&t, &later, &error);
		t.rate.coefficient++;
		DiscountAmount(&t, &dearer, &error);
		monotone &= minor >= 0 && later >= minor && dearer >= later;
		monotone &= t.method == DISCOUNT_ON_FACE || later <= t.face.coefficient;
	}
	Ok(monotone, "a discount grows with time and rate");
	/* (1 + 21 %)^-1/2 = 1/1.1: exact values on the boundary of every rounding */
	for (int i = 1; i < 2000; i++)
	{
		DiscountTerms t = {{(__int128) 11 * i, 2}, {21, 2},	 180, 360,
						   DISCOUNT_COMPOUND,	   ROUND_UP, 2};

		DiscountAmount(&t, &minor, &error);
		ties &= minor == i;
		t.rounding = ROUND_DOWN;
		DiscountAmount(&t, &minor, &error);
		ties &= minor == i;
		/* 22 i / 2 cents: an odd number of half cents */
		t.face.coefficient = (__int128) 11 * (2 * i + 1) * 5;
		t.face.scale = 3;
		t.rounding = ROUND_HALF_EVEN;
		DiscountAmount(&t, &minor, &error);
		ties &= minor == (2 * i + 1) / 2 + ((2 * i + 1) / 2) % 2;
		t.rounding = ROUND_HALF_UP;
		DiscountAmount(&t, &minor, &error);
		ties &= minor == i + 1;
	}
	Ok(ties, "compound discounts on a boundary are recognised");
	DiscountTerms t = {{100000, 2}, {-1, 0}, 1, 1, DISCOUNT_COMPOUND, ROUND_HALF_UP, 2};

	Ok(DiscountAmount(&t, &minor, &error) == CLEX_INVALID, "a compound rate of -100 %% is refused");
	t.method = DISCOUNT_ON_NET;
	Ok(DiscountAmount(&t, &minor, &error) == CLEX_INVALID, "a net of nothing is refused");
	t.method = DISCOUNT_ON_FACE;
	t.face.coefficient = PowersOfTen[36];
	t.rate = (Exact){PowersOfTen[30], 20};
	Ok(DiscountAmount(&t, &minor, &error) == CLEX_OUT_OF_RANGE, "too large is reported");
}

static void
TestWide(void)
{
	bool good = true;

	for (int i = 0; i < 20000; i++)
	{
		Wide a = {ldexp((double) (Random() >> 11), -50), 0};
		Wide b = WideLog(WideExp(a));

		good &= fabs((b.hi - a.hi) + b.lo) <= 1e-29 * (1 + a.hi) * (1 + a.hi);
	}
	Ok(good, "ln(e^a) = a to 29 digits");
	Wide e = WideExp((Wide){1, 0});

	Ok(e.hi == 0x1.5bf0a8b145769p+1 && fabs(e.lo - 0x1.4d57ee2b1013ap-53) < 1e-31, "e");
}

/* Present value of flows at a rate, in long double. */
static long double
Value(const Flow *flows, uint32_t n, double rate)
{
	long double sum = 0;
	long double size = 0;

	for (uint32_t i = 0; i < n; i++)
	{
		long double v = (long double) flows[i].coefficient *
						powl(1 + (long double) rate, -(flows[i].when - flows[0].when) / 365.0L);

		sum += v;
		size += fabsl(v);
	}
	return sum / size;
}

static void
TestRoots(Arena *arena)
{
	Roots roots;
	ClexError error;
	bool zero = true;
	bool parity = true;
	double value;

	for (int i = 0; i < 20000; i++)
	{
		Flow flows[40];
		uint32_t n = 2 + (uint32_t) (Random() % (i % 10 ? 12 : 38));
		int32_t when = 0;

		for (uint32_t k = 0; k < n; k++)
		{
			flows[k] = (Flow){(int64_t) (Random() % 2000001) - 1000000, when, 2};
			flows[k].coefficient += flows[k].coefficient == 0;
			when += RandomDay(1, 200);
		}
		ArenaReset(arena);
		if (FlowRoots(arena, flows, n, 365, &roots, &error) != CLEX_OK)
		{
			zero = false;
			continue;
		}
		/* a rate near -1 or beyond 1e6 as a double is too coarse to check */
		for (uint32_t k = 0; k < roots.count; k++)
			zero &= roots.rates[k] >= -1 && (roots.rates[k] < -0.9999 || roots.rates[k] > 1e6 ||
											 fabsl(Value(flows, n, roots.rates[k])) < 1e-11L);
		/* the value's sign at both ends of all rates is that of the first and the last flow */
		parity &= roots.count % 2 == ((flows[0].coefficient > 0) != (flows[n - 1].coefficient > 0));
	}
	Ok(zero, "at every rate found the flows are worth nothing");
	Ok(parity, "their number is odd when first and last flow differ in sign");
	Flow touching[] = {{-100, 0, 0}, {220, 365, 0}, {-121, 730, 0}};

	FlowRoots(arena, touching, 3, 365, &roots, &error);
	if (!Ok(roots.count == 1 && fabs(roots.rates[0] - 0.1) < 1e-6, "a touching rate counts once"))
		printf("# %u rates, %.17g %.17g\n", roots.count, roots.count > 0 ? roots.rates[0] : 0,
			   roots.count > 1 ? roots.rates[1] : 0);
	Flow huge[] = {{-1, 0, 0}, {1000, 1, 0}};

	FlowRoots(arena, huge, 2, 365, &roots, &error);
	Ok(roots.count == 1 && isinf(roots.rates[0]), "a rate beyond doubles is Infinity");
	Flow same[] = {{-100, 5, 0}, {100, 5, 0}, {0, 9, 0}};

	FlowRoots(arena, same, 3, 365, &roots, &error);
	Ok(roots.count == 0, "netted away");
	Flow cents[] = {{1, 5, 1}, {2, 5, 1}, {-3, 5, 1}, {-100, 6, 0}, {110, 371, 0}};

	FlowRoots(arena, cents, 5, 365, &roots, &error);
	Ok(roots.count == 1 && fabs(roots.rates[0] - 0.1) < 1e-14, "0.1 + 0.2 - 0.3 nets to nothing");
	Ok(FlowPresentValue(arena, cents, 5, 365, -1, &value, &error) == CLEX_INVALID &&
		   FlowPresentValue(arena, cents, 5, 365, NAN, &value, &error) == CLEX_INVALID,
	   "no present value at -100 %% or NaN");
	Flow far[] = {{INT64_MAX, 0, 0}, {-1, 1, 36}};

	Ok(FlowRoots(arena, far, 2, 365, &roots, &error) == CLEX_OUT_OF_RANGE, "scales too far apart");
	/* many changes of sign must not take for ever */
	Flow *many = malloc(20000 * sizeof(Flow));

	for (int32_t k = 0; k < 20000; k++)
		many[k] = (Flow){(int64_t) (Random() % 2001) - 1000, k, 0};
	Ok(FlowRoots(arena, many, 20000, 365, &roots, &error) == CLEX_OK, "20,000 flows, %u roots",
	   roots.count);
	free(many);
}

static void
TestLate(void)
{
	HalfYearRate rates[] = {{Day(2025, 1, 1), 1315}, {Day(2025, 9, 9), 1215}};
	LatePayment payments[] = {{500000, Day(2025, 6, 20)}};
	LateTerms t = {
		{1200000, 2}, Day(2025, 6, 15), Day(2025, 7, 20), rates, 2, 4, false, false, payments, 0};
	__int128 minor = 0;
	ClexError error;

	LateInterest(&t, 2, ROUND_HALF_UP, &minor, &error);
	Ok(minor == 14474, "two half-years: 12000.00 over 15 days at 13.15 and 20 at 12.15 %%");
	t.payment_count = 1;
	LateInterest(&t, 2, ROUND_HALF_UP, &minor, &error);
	/* 12000 * 0.1315 * 5 + 7000 * (0.1315 * 10 + 0.1215 * 20), over 365 */
	Ok(minor == 9344, "a payment lowers the balance from the next day");
	t.until = Day(2026, 1, 5);
	Ok(LateInterest(&t, 2, ROUND_HALF_UP, &minor, &error) == CLEX_INVALID,
	   "a half-year without a rate is refused");
	t.frozen = true;
	Ok(LateInterest(&t, 2, ROUND_HALF_UP, &minor, &error) == CLEX_OK, "unless the rate is frozen");
	t.until = t.due;
	LateInterest(&t, 2, ROUND_HALF_UP, &minor, &error);
	Ok(minor == 0, "nothing on the due date");
}

static void
TestTerms(void)
{
	TermDates dates = {Day(2026, 1, 15), Day(2026, 1, 11), true};
	TermTier tiers[TERM_TIERS];
	ClexError error;
	int32_t due;
	int count;
	static const char *const bad[] = {"",		   "issue 30",	 "issue +99999", "issue eof",
									  "+30 issue", "issue day0", "invoice +30",	 "issue +"};

	Ok(DueDate(SPAN_LITERAL("issue +1m day10"), &dates, &due, &error) == CLEX_OK &&
		   due == Day(2026, 3, 10),
	   "steps");
	Ok(DueDate(SPAN_LITERAL("eom45_end_then_add"), &dates, &due, &error) == CLEX_OK &&
		   due == Day(2026, 3, 17),
	   "a name");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		Ok(DueDate(SpanFromCString(bad[i]), &dates, &due, &error) == CLEX_INVALID,
		   "refused: \"%s\"", bad[i]);
	Ok(StaticTerms(SPAN_LITERAL("3/10, 1.5/5eom, eom45_add_then_end"), &dates, tiers, &count,
				   &error) == CLEX_OK &&
		   count == 3 && tiers[0].pay_by == Day(2026, 1, 25) &&
		   tiers[1].pay_by == Day(2026, 2, 5) && tiers[1].percent.coefficient == 15 &&
		   tiers[2].pay_by == Day(2026, 3, 31),
	   "tiers and a rule");
	Ok(StaticTerms(SPAN_LITERAL("2/10"), &dates, tiers, &count, &error) == CLEX_INVALID &&
		   StaticTerms(SPAN_LITERAL("100/10 net 30"), &dates, tiers, &count, &error) ==
			   CLEX_INVALID &&
		   StaticTerms(SPAN_LITERAL("2/ net 30"), &dates, tiers, &count, &error) == CLEX_INVALID &&
		   StaticTerms(SPAN_LITERAL("2/10 net"), &dates, tiers, &count, &error) == CLEX_INVALID,
	   "malformed terms are refused");
}

/* Mutated expressions, rules and terms: refused or accepted, never worse (the sanitizers watch). */
static void
TestMutations(Arena *arena)
{
	static const char *const seeds[] = {
		"FR+US_FED weekend=FRI,SAT closed=2026-12-24,2026-12-31 open=2026-12-25",
		"issue +1m day31 eom +45 decade", "3/10, 1.5/5eom delivery +30", "BUS/252_FR|TARGET",
		"2/10 net 30"};
	TermDates dates = {DAY_LAST - 40, DAY_LAST - 9, true};
	int accepted = 0;

	for (int i = 0; i < 60000; i++)
	{
		const char *seed_text = seeds[i % 5];
		size_t length = strlen(seed_text);
		char *copy = malloc(length); /* exact size: an overread is seen */
		const Calendar *calendar;
		TermTier tiers[TERM_TIERS];
		Span rest;
		int32_t due;
		int count;
		ClexError error;

		memcpy(copy, seed_text, length);
		for (uint64_t k = Random() % 3; k > 0; k--)
			copy[Random() % length] = " +|=,-/0129aFx\x80"[Random() % 15];
		length -= Random() % (i % 3 == 0 ? length : 1);
		ArenaReset(arena);
		accepted += CalendarBuild(arena, SpanOf(copy, length), &calendar, &error) == CLEX_OK;
		accepted += DueDate(SpanOf(copy, length), &dates, &due, &error) == CLEX_OK;
		accepted += StaticTerms(SpanOf(copy, length), &dates, tiers, &count, &error) == CLEX_OK;
		accepted += DayCountFromName(SpanOf(copy, length), &rest) != DAYCOUNT_NONE;
		free(copy);
	}
	Ok(accepted > 1000, "mutated expressions: %d accepted", accepted);
}

int
main(void)
{
	Arena arena;
	double rate;
	ClexError error;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	TestDates();
	TestDayCounts(&arena);
	TestCalendars(&arena);
	TestDiscounts();
	TestWide();
	TestRoots(&arena);
	TestLate();
	TestTerms();
	TestMutations(&arena);
	Ok(CurrencyDigits(SPAN_LITERAL("EUR")) == 2 && CurrencyDigits(SPAN_LITERAL("JPY")) == 0 &&
		   CurrencyDigits(SPAN_LITERAL("eur")) == -1 && CurrencyDigits(SPAN_LITERAL("ZZZ")) == -1 &&
		   CurrencyDigits(SPAN_LITERAL("EURO")) == -1,
	   "currencies");
	Ok(YieldRate(YIELD_SIMPLE, (Exact){100, 0}, (Exact){2, 0}, 0, 365, &rate, &error) ==
			   CLEX_INVALID &&
		   YieldRate(YIELD_SIMPLE, (Exact){100, 0}, (Exact){100, 0}, 20, 365, &rate, &error) ==
			   CLEX_INVALID &&
		   YieldRate(YIELD_EFFECTIVE, (Exact){100, 0}, (Exact){2, 0}, 20, -365, &rate, &error) ==
			   CLEX_INVALID,
	   "yields need days, a basis and something left");
	ArenaFree(&arena);
	return Done();
}
