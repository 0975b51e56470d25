
-- finance: business-day calendars

CREATE FUNCTION clex.is_business_day(d date, calendar text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_is_business_day';
COMMENT ON FUNCTION clex.is_business_day(date, text) IS
'is the day open? calendar: a name of view clex.calendars or an expression (see calendar()). Errors: 22023 unknown calendar or malformed expression, 22003 date outside 1990-2150';

CREATE FUNCTION clex.adjust(d date, convention text, calendar text) RETURNS date
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_date_adjust';
COMMENT ON FUNCTION clex.adjust(date, text, text) IS
'the day moved to an open one: UNADJUSTED; FOLLOWING; MODIFIED_FOLLOWING (but not into the next month); PRECEDING; MODIFIED_PRECEDING; NEAREST (a tie goes forward); HALF_MONTH_MODIFIED_FOLLOWING (nor past the 15th); END_OF_MONTH (last open day of the month). Source: ISDA 2006 definitions 4.12 and market practice. Errors: 22023, 22003 outside 1990-2150';

CREATE FUNCTION clex.add_business_days(d date, n int, calendar text) RETURNS date
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_business_days_add';
COMMENT ON FUNCTION clex.add_business_days(date, int, text) IS
'the n-th open day after d (before d for n < 0); n = 0: d itself, or the next open day. Errors: 22023, 22003 outside 1990-2150';

CREATE FUNCTION clex.business_days(d1 date, d2 date, calendar text) RETURNS int
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_business_days_count';
COMMENT ON FUNCTION clex.business_days(date, date, text) IS
'open days in [d1, d2), the first day counted and the last not; for d1 > d2 minus those in (d2, d1]. Errors: 22023, 22003 outside 1990-2150';

CREATE FUNCTION clex.add_months(d date, n int, convention text, calendar text, end_of_month boolean) RETURNS date
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_months_add';
COMMENT ON FUNCTION clex.add_months(date, int, text, text, boolean) IS
'the same day of the month n months later (or that month''s last day), adjusted to an open day; with end_of_month a start on or after its month''s last open day ends on the last open day. n = 0 only adjusts. Errors: 22023, 22003 outside 1990-2150';

CREATE FUNCTION clex.holidays(calendar text, from_date date, to_date date) RETURNS SETOF date
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 12
AS 'MODULE_PATHNAME', 'clex_calendar_holidays';
COMMENT ON FUNCTION clex.holidays(text, date, date) IS
'closed days from from_date to to_date, both included, other than the days of the weekend. Errors: 22023, 22003 outside 1990-2150';

CREATE FUNCTION clex.calendar(base text, weekend text DEFAULT NULL, closed date[] DEFAULT NULL, open date[] DEFAULT NULL)
RETURNS text
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10
AS 'MODULE_PATHNAME', 'clex_calendar_expression';
COMMENT ON FUNCTION clex.calendar(text, text, date[], date[]) IS
'a calendar expression for any calendar argument: base is a name of view clex.calendars or several joined by + (closed when one is) or by | (closed when all are); weekend replaces Saturday and Sunday (FRI,SAT; NONE); closed and open list single days, open wins. It is text: a store keeps it, nothing else has to be looked up. NULL if base is. Errors: 22023 malformed, 22008 infinite date, 22003 outside 1990-2150';
