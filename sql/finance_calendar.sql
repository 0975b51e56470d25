-- calendars
SET datestyle = ISO;
SELECT name, weekend, first_day, last_day FROM clex.calendars ORDER BY name;
SELECT array_agg(d ORDER BY d) FROM clex.holidays('FR', '2026-01-01', '2026-12-31') AS d;
SELECT array_agg(d ORDER BY d) FROM clex.holidays('TARGET', '2026-01-01', '2026-12-31') AS d;
SELECT array_agg(d ORDER BY d) FROM clex.holidays('JP', '2026-01-01', '2026-12-31') AS d;
-- single days that no rule gives, and days on which calendars differ
SELECT clex.is_business_day('2022-09-19', 'GB') AS gb_funeral, clex.is_business_day('2026-05-14', 'FR') AS fr_ascension,
	clex.is_business_day('2026-05-14', 'TARGET') AS target_ascension, clex.is_business_day('2027-06-18', 'US') AS us_juneteenth,
	clex.is_business_day('2027-06-18', 'US_FED') AS fed_juneteenth, clex.is_business_day('2024-11-20', 'BR') AS br_november,
	clex.is_business_day('2026-07-14', 'NULL') AS none, clex.is_business_day('2026-07-14', 'WEEKENDS') AS weekends;
-- adjustment
SELECT d, clex.adjust(d, 'FOLLOWING', 'FR') AS following, clex.adjust(d, 'MODIFIED_FOLLOWING', 'FR') AS modified_following,
	clex.adjust(d, 'PRECEDING', 'FR') AS preceding, clex.adjust(d, 'MODIFIED_PRECEDING', 'FR') AS modified_preceding,
	clex.adjust(d, 'NEAREST', 'FR') AS nearest, clex.adjust(d, 'HALF_MONTH_MODIFIED_FOLLOWING', 'FR') AS half_month,
	clex.adjust(d, 'END_OF_MONTH', 'FR') AS end_of_month, clex.adjust(d, 'UNADJUSTED', 'FR') AS unadjusted
FROM unnest(ARRAY['2026-01-31', '2026-02-01', '2026-05-14', '2026-08-15', '2026-11-10']::date[]) AS d ORDER BY d;
SELECT clex.add_business_days('2026-04-02', 1, 'TARGET') AS next, clex.add_business_days('2026-04-07', -1, 'TARGET') AS previous,
	clex.add_business_days('2026-04-04', 0, 'TARGET') AS same, clex.business_days('2026-04-01', '2026-04-30', 'TARGET') AS april,
	clex.business_days('2026-04-30', '2026-04-01', 'TARGET') AS back, clex.business_days('2026-04-04', '2026-04-04', 'TARGET') AS none;
SELECT clex.add_months('2026-01-30', 1, 'MODIFIED_FOLLOWING', 'FR', true) AS month_end, clex.add_months('2026-01-30', 1, 'MODIFIED_FOLLOWING', 'FR', false) AS same_day,
	clex.add_months('2026-02-27', 1, 'MODIFIED_FOLLOWING', 'FR', true) AS last_open, clex.add_months('2026-03-31', -1, 'UNADJUSTED', 'NULL', false) AS back,
	clex.add_months('2026-05-14', 0, 'FOLLOWING', 'FR', true) AS only_adjusted;
-- joint and own calendars are expressions
SELECT clex.is_business_day('2026-07-14', 'FR+TARGET') AS joint, clex.is_business_day('2026-07-14', 'FR|TARGET') AS either,
	clex.is_business_day('2026-12-25', 'FR|TARGET') AS neither,
	clex.calendar('FR', closed => ARRAY['2026-12-24', '2026-05-15']::date[], open => ARRAY['2026-05-25']::date[]) AS own,
	clex.is_business_day('2026-05-15', clex.calendar('FR', closed => ARRAY['2026-12-24', '2026-05-15']::date[])) AS bridge,
	clex.is_business_day('2026-05-25', clex.calendar('FR', open => ARRAY['2026-05-25']::date[])) AS solidarity,
	clex.is_business_day('2026-11-20', clex.calendar('NULL', 'FRI,SAT')) AS friday, clex.is_business_day('2026-11-22', clex.calendar('NULL', 'FRI,SAT')) AS sunday;
-- many calendars in one call site
SELECT count(*), count(DISTINCT got) FROM (
	SELECT clex.add_business_days('2026-01-01', 200, name || CASE WHEN i % 2 = 0 THEN '' ELSE '+TARGET' END) AS got
	FROM clex.calendars, generate_series(1, 20) AS i) AS x;
-- more of them than a call site keeps, in turn, inside a convention
SELECT count(*) AS rows, count(*) FILTER (WHERE clex.year_fraction('2026-01-01', '2026-07-01', 'BUS/252_' || k)
	<> clex.business_days('2026-01-01', '2026-07-01', k) / 252::float8) AS differ
FROM (SELECT 'FR closed=2026-02-' || lpad((i * 7 % 23 + 1)::text, 2, '0') AS k FROM generate_series(1, 200) AS i) AS x;
-- laws: adjusting twice changes nothing; there and back again from an open day
SELECT count(*) AS days, count(*) FILTER (WHERE clex.adjust(clex.adjust(d, c, k), c, k) <> clex.adjust(d, c, k)) AS not_idempotent,
	count(*) FILTER (WHERE clex.is_business_day(d, k) AND clex.add_business_days(clex.add_business_days(d, n, k), -n, k) <> d) AS not_back,
	count(*) FILTER (WHERE NOT clex.is_business_day(clex.adjust(d, c, k), k)) AS closed
FROM (SELECT DATE '1999-01-01' + i * 13 AS d, i % 37 AS n, k, c
	FROM generate_series(0, 1500) AS i, unnest(ARRAY['FR', 'JP', 'GB', 'US_GOVBOND+BR']) AS k,
		unnest(ARRAY['FOLLOWING', 'MODIFIED_FOLLOWING', 'PRECEDING', 'MODIFIED_PRECEDING', 'NEAREST', 'HALF_MONTH_MODIFIED_FOLLOWING', 'END_OF_MONTH']) AS c) AS x;
-- errors
CREATE FUNCTION pg_temp.error(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', state, message, NULLIF(detail, ''), NULLIF(hint, ''));
END $$;
\x
SELECT statement, pg_temp.error(statement) FROM (VALUES
	($$SELECT clex.is_business_day('2026-01-01', 'XX')$$),
	($$SELECT clex.is_business_day('2026-01-01', '')$$),
	($$SELECT clex.is_business_day('2026-01-01', 'FR closed=2026-13-01')$$),
	($$SELECT clex.is_business_day('2026-01-01', 'FR+US|GB')$$),
	($$SELECT clex.is_business_day('2026-01-01', clex.calendar('FR', 'SAT,SUNDAY'))$$),
	($$SELECT clex.is_business_day('2026-01-01', clex.calendar('FR', closed => ARRAY['infinity']::date[]))$$),
	($$SELECT clex.is_business_day('1989-12-31', 'FR')$$),
	($$SELECT clex.is_business_day('infinity', 'FR')$$),
	($$SELECT clex.adjust('2026-01-01', 'following', 'FR')$$),
	($$SELECT clex.add_business_days('2026-01-01', 2147483647, 'FR')$$),
	($$SELECT clex.add_business_days('2026-01-01', -2147483648, 'FR')$$),
	($$SELECT clex.add_months('2026-01-01', 2147483647, 'FOLLOWING', 'FR', true)$$),
	($$SELECT clex.business_days('2026-01-01', '2151-01-01', 'FR')$$)) AS s(statement);
