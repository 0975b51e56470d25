-- day counts: figures that a hand can check
SET datestyle = ISO;
SELECT convention, clex.days('2024-02-29', '2024-05-31', convention) AS days,
	clex.year_fraction('2024-02-29', '2024-05-31', convention, frequency => 2) AS years
FROM unnest(ARRAY['30/360_US', '30/360_BOND', '30E/360', '30E/360_ISDA', '30E+/360', '30/360_IT', '30/360_NASD', 'ACT/360', 'ACT/360_INC',
	'ACT/364', 'ACT/365F', 'NL/365', 'ACT/365.25', 'ACT/365L', 'ACT/ACT_ISDA', 'ACT/ACT_AFB', 'BUS/252_FR', 'BUS/252_FR+US_FED', '1/1'])
	WITH ORDINALITY AS c(convention, n) ORDER BY n;
-- the termination date in February keeps its day; coupons are counted back from maturity
SELECT clex.year_fraction('2024-08-31', '2025-02-28', '30E/360_ISDA') AS plain,
	clex.year_fraction('2024-08-31', '2025-02-28', '30E/360_ISDA', '2025-02-28') AS at_maturity,
	clex.year_fraction('2024-08-31', '2025-02-28', 'ACT/ACT_ICMA', '2030-02-28', 2) AS coupon,
	clex.year_fraction('2024-09-15', '2025-12-15', 'ACT/ACT_ICMA', '2030-09-15', 1) AS coupons,
	clex.year_fraction_icma('2024-11-30', '2025-02-28', '2024-08-31', '2025-02-28', 2) AS inside;
-- every name of the view works, and all are antisymmetric; two conventions count an empty span as one day or year
SELECT count(*) AS conventions, count(*) FILTER (WHERE n = 0) AS antisymmetric
FROM (SELECT convention, count(*) FILTER (WHERE
		clex.year_fraction(a, b, replace(convention, '252_X', '252_BR'), '2060-01-01', 4)
			IS DISTINCT FROM -clex.year_fraction(b, a, replace(convention, '252_X', '252_BR'), '2060-01-01', 4)) AS n
	FROM clex.day_counts, LATERAL (SELECT DATE '1999-12-20' + i * 17 AS a, DATE '1999-12-20' + i * 17 + 1 + i * i % 4000 AS b
		FROM generate_series(0, 600) AS i) AS d
	GROUP BY convention) AS x;
-- NULL in, NULL out
SELECT clex.year_fraction(NULL, '2024-01-01', 'ACT/360') IS NULL AS a, clex.year_fraction('2024-01-01', NULL, 'ACT/360') IS NULL AS b,
	clex.year_fraction('2024-01-01', '2024-01-01', NULL) IS NULL AS c, clex.days('2024-01-01', NULL, 'ACT/360') IS NULL AS d;
-- the convention may change from row to row
SELECT sum(clex.year_fraction('2024-01-01', '2025-01-01', c)) FROM unnest(ARRAY['ACT/360', 'BUS/252_BR', 'ACT/360', 'BUS/252_TARGET', '1/1']) AS c;
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
	($$SELECT clex.days('2024-01-01', '2024-02-01', 'ACT/361')$$),
	($$SELECT clex.days('2024-01-01', '2024-02-01', '')$$),
	($$SELECT clex.days('2024-01-01', '2024-02-01', 'BUS/252_XX')$$),
	($$SELECT clex.days('2024-01-01', 'infinity', 'ACT/360')$$),
	($$SELECT clex.days('-infinity', '2024-01-01', '30/360_US')$$),
	($$SELECT clex.days('4713-01-01 BC', '2024-01-01', 'ACT/360')$$),
	($$SELECT clex.days('2024-01-01', '12024-01-01', 'ACT/360')$$),
	($$SELECT clex.days('1989-12-31', '2024-01-01', 'BUS/252_FR')$$),
	($$SELECT clex.year_fraction('2024-01-01', '2024-02-01', 'ACT/365L')$$),
	($$SELECT clex.year_fraction('2024-01-01', '2024-02-01', 'ACT/365L', NULL, 0)$$),
	($$SELECT clex.year_fraction('2024-01-01', '2024-02-01', 'ACT/365L', NULL, 5)$$),
	($$SELECT clex.year_fraction('2024-01-01', '2024-02-01', 'ACT/ACT_ICMA')$$),
	($$SELECT clex.year_fraction('2024-01-01', '2024-02-01', 'ACT/ACT_ICMA', '2024-01-15', 2)$$),
	($$SELECT clex.year_fraction('2024-01-01', '2024-02-01', '30E/360_ISDA', 'infinity')$$),
	($$SELECT clex.year_fraction_icma('2024-01-01', '2024-03-01', '2024-01-01', '2024-02-01', 12)$$)) AS s(statement);
