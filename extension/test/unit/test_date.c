/* Dates: every day of four centuries, the lexical space of xs:date, and what is no date. */
#include "core/base/date.h"
#include "tap.h"

static void
TestCalendar(void)
{
	int32_t day = DATE_MIN;
	bool good = true;

	for (int year = 1; year <= 9999; year++)
		for (int month = 1; month <= 12; month++)
			for (int d = 1; d <= 31; d++)
			{
				int y2;
				int m2;
				int d2;

				if (!DateIsValid(year, month, d))
					continue;
				DateToCivil(day, &y2, &m2, &d2);
				good &=
					DateFromCivil(year, month, d) == day && y2 == year && m2 == month && d2 == d;
				day++;
			}
	Ok(good, "every day of the years 1 to 9999, both ways");
	Ok(day == DATE_MAX + 1, "there are as many as there should be");
	Ok(DateFromCivil(2000, 1, 1) == 0, "2000-01-01 is day 0");
	Ok(DateIsValid(2024, 2, 29) && !DateIsValid(2023, 2, 29) && !DateIsValid(1900, 2, 29) &&
		   DateIsValid(2000, 2, 29),
	   "leap years");
	Ok(!DateIsValid(0, 1, 1) && !DateIsValid(10000, 1, 1) && !DateIsValid(2024, 0, 1) &&
		   !DateIsValid(2024, 13, 1) && !DateIsValid(2024, 4, 31) && !DateIsValid(2024, 4, 0),
	   "what is no date");
}

static void
TestParse(void)
{
	static const struct
	{
		const char *text;
		const char *expected; /* the date, or the status */
		int zone;			  /* minutes, 9999 = none */
	} cases[] = {
		{"2026-05-31", "2026-05-31", 9999},
		{" \n2026-05-31\t", "2026-05-31", 9999},
		{"2026-05-31Z", "2026-05-31", 0},
		{"2026-05-31+02:00", "2026-05-31", 120},
		{"2026-05-31-14:00", "2026-05-31", -840},
		{"0001-01-01", "0001-01-01", 9999},
		{"9999-12-31", "9999-12-31", 9999},
		{"2026-05-31+14:01", "invalid", 0},
		{"2026-05-31+2:00", "invalid", 0},
		{"2026-05-31z", "invalid", 0},
		{"2026-05-31T00:00:00", "invalid", 0},
		{"2026-02-30", "invalid", 0},
		{"2026-13-01", "invalid", 0},
		{"2026-5-31", "invalid", 0},
		{"26-05-31", "invalid", 0},
		{"20260531", "invalid", 0},
		{"2026/05/31", "invalid", 0},
		{"31.05.2026", "invalid", 0},
		{"0000-01-01", "invalid", 0},
		{"", "invalid", 0},
		{"-", "invalid", 0},
		{"2026-05-3", "invalid", 0},
		{"+2026-05-31", "invalid", 0},
		{"02026-05-31", "invalid", 0},
		{"12026-05-31", "out of range", 0},
		{"-2026-05-31", "out of range", 0},
		{"2026\xD9\xA0-05-31", "invalid", 0},
	};
	char buffer[DATE_TEXT];
	int32_t date;
	DateZone zone;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		ClexStatus status = DateParse(SpanFromCString(cases[i].text), &date, &zone);

		Is(status == CLEX_OK ? DateFormat(date, buffer).data : ClexStatusName(status),
		   cases[i].expected, cases[i].text);
		if (status == CLEX_OK)
			Ok((zone.present ? zone.minutes : 9999) == cases[i].zone, "zone of %s", cases[i].text);
	}
	Ok(DateParse(SPAN_LITERAL("2026-05-31Z"), &date, NULL) == CLEX_OK, "a zone may be ignored");
	Ok(DateParseCompact(SPAN_LITERAL("20240229"), &date) == CLEX_OK &&
		   date == DateFromCivil(2024, 2, 29),
	   "yyyymmdd");
	Ok(DateParseCompact(SPAN_LITERAL("20230229"), &date) == CLEX_INVALID &&
		   DateParseCompact(SPAN_LITERAL(" 20240229"), &date) == CLEX_INVALID &&
		   DateParseCompact(SPAN_LITERAL("2024022"), &date) == CLEX_INVALID &&
		   DateParseCompact(SPAN_LITERAL("2024-2-9"), &date) == CLEX_INVALID,
	   "what is not yyyymmdd");
}

int
main(void)
{
	TestCalendar();
	TestParse();
	return Done();
}
