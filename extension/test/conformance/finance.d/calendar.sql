CREATE TEMP TABLE holidays (calendar text, date date, weekday text);
-- load holidays calendar_holidays.tsv
CREATE TEMP TABLE adjusted (calendar text, date date, convention text, adjusted date);
-- load adjusted calendar_adjust.tsv E'\t' 'none'
CREATE TEMP TABLE busdays (calendar text, op text, date date, arg text, result text);
-- load busdays calendar_busdays.tsv E'\t' 'none'

-- Three calendars of the oracle depart from their law; "oracle" is ours with exactly these days changed.  A row is
-- explained when it follows from them and from nothing else.
CREATE TEMP TABLE variant AS
SELECT 'FR' AS calendar,
	clex.calendar('FR', NULL, array_agg(make_date(y, 5, 10)) || array_agg(make_date(y, 5, 21)),
		(SELECT array_agg(d) FROM generate_series(1990, 2150) AS y1,
			LATERAL (SELECT h AS d FROM clex.holidays('FR', make_date(y1, 4, 25), make_date(y1, 6, 20)) AS h
				WHERE to_char(h, 'MM-DD') NOT IN ('05-01', '05-08', '05-10', '05-21')
					AND h > (SELECT min(e) FROM clex.holidays('CH', make_date(y1, 3, 20), make_date(y1, 4, 30)) AS e) + 30) AS x)) AS oracle,
	'the oracle closes 10 and 21 May of every year; French law (Code du travail, L3133-1) has Ascension and Whit Monday' AS reason
FROM generate_series(1990, 2150) AS y
UNION ALL
SELECT 'US_FED',
	clex.calendar('US_FED', NULL, array_agg(make_date(y, 6, 18)) FILTER (WHERE extract(dow FROM make_date(y, 6, 18)) = 5 AND y >= 2022), NULL),
	'the oracle moves Juneteenth from Saturday to Friday; the Federal Reserve Banks stay open on the Friday before (K.8 schedule)'
FROM generate_series(1990, 2150) AS y
UNION ALL
SELECT 'DE', clex.calendar('DE', NULL, NULL, ARRAY[DATE '2017-10-31']),
	'the oracle lacks 31 October 2017, a holiday in all of Germany';

-- holidays: whole calendar-years, both directions
INSERT INTO checked
SELECT 'holidays', concat_ws(' ', calendar, date), our::text, theirs::text, our IS NOT NULL AND theirs IS NOT NULL,
	(SELECT reason FROM variant AS v WHERE v.calendar = x.calendar
		AND NOT clex.is_business_day(x.date, v.oracle) = (theirs IS NOT NULL))
FROM (
	SELECT calendar, COALESCE(o.date, t.date) AS date, o.date AS our, t.date AS theirs
	FROM (SELECT y.calendar, d AS date FROM (SELECT DISTINCT calendar, extract(year FROM date)::int AS year FROM holidays) AS y,
			LATERAL clex.holidays(y.calendar, make_date(year, 1, 1), make_date(year, 12, 31)) AS d) AS o
		FULL JOIN holidays AS t USING (calendar, date)
) AS x;

INSERT INTO checked
SELECT 'adjust', concat_ws(' ', calendar, date, convention), got::text, adjusted::text, got = adjusted, reason
FROM (
	SELECT a.*, clex.adjust(a.date, a.convention, a.calendar) AS got,
		(SELECT reason FROM variant AS v WHERE v.calendar = a.calendar
			AND clex.adjust(a.date, a.convention, v.oracle) = a.adjusted) AS reason
	FROM adjusted AS a) AS x;

CREATE FUNCTION pg_temp.busday(op text, date date, arg text, calendar text) RETURNS text LANGUAGE sql AS $$
SELECT CASE op
	WHEN 'add_busdays' THEN clex.add_business_days(date, arg::int, calendar)::text
	WHEN 'add_months_modfollowing_eom' THEN clex.add_months(date, arg::int, 'MODIFIED_FOLLOWING', calendar, true)::text
	WHEN 'busdays_between[from,to)' THEN clex.business_days(date, arg::date, calendar)::text END $$;
INSERT INTO checked
SELECT 'business days', concat_ws(' ', calendar, op, date, arg), got, result, got = result, reason
FROM (
	SELECT b.*, pg_temp.busday(op, date, arg, calendar) AS got,
		(SELECT reason FROM variant AS v WHERE v.calendar = b.calendar
			AND pg_temp.busday(op, date, arg, v.oracle) = result) AS reason
	FROM busdays AS b) AS x;
