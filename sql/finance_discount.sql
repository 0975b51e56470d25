-- discounts
SET datestyle = ISO;
-- 10 000.00 at 6 % a year, 45 days early: 75.00 on face; 74.44 on net; 71.58 compound over 365
SELECT clex.discount_amount(10000, 0.06, '2026-01-01', '2026-02-15', 'ACT/360', 'DISCOUNT_ON_FACE', 'EUR') AS on_face,
	clex.discount_amount(10000, 0.06, '2026-01-01', '2026-02-15', 'ACT/360', 'DISCOUNT_ON_NET', 'EUR') AS on_net,
	clex.discount_amount(10000, 0.06, '2026-01-01', '2026-02-15', 'ACT/365F', 'COMPOUND', 'EUR') AS compound,
	clex.discount_amount(10000, 0.06, '2026-02-15', '2026-01-01', 'ACT/360', 'DISCOUNT_ON_FACE', 'EUR') AS too_late,
	clex.discount_amount(10000, 0.06, '2026-01-01', '2026-01-01', 'ACT/360', 'COMPOUND', 'EUR') AS at_once;
-- the four roundings on both sides of zero; minor units of currencies
SELECT r AS rounding, clex.round_to_currency(1.005, 'EUR', r) AS half, clex.round_to_currency(-1.015, 'EUR', r) AS minus,
	clex.round_to_currency(1.0001, 'EUR', r) AS little, clex.round_to_currency(2.5, 'JPY', r) AS jpy, clex.round_to_currency(-0.00005, 'CLF', r) AS clf,
	clex.round_to_currency(0.0125, 'TND', r) AS tnd, clex.round_to_currency(7, 'EUR', r) AS whole
FROM unnest(ARRAY['HALF_UP', 'HALF_EVEN', 'UP', 'DOWN']) WITH ORDINALITY AS x(r, n) ORDER BY n;
SELECT digits, count(*) FROM clex.currencies GROUP BY digits ORDER BY digits;
SELECT code, digits FROM clex.currencies WHERE code IN ('EUR', 'JPY', 'TND', 'IQD', 'CLF', 'HUF', 'XAU') AND digits = clex.currency_digits(code) ORDER BY code;
-- numeric to integers and back, against numeric's own arithmetic: short and long headers, many scales and signs
SELECT count(*) AS values, count(*) FILTER (WHERE clex.round_to_currency(v, c, 'HALF_UP')::text IS DISTINCT FROM round(v, clex.currency_digits(c))::text) AS differ
FROM (SELECT (s * m * 10::numeric ^ e)::numeric AS v
	FROM unnest(ARRAY[1, -1]) AS s, unnest(ARRAY[0, 1, 5, 9999, 10000, 10001, 12345678, 99999999, 100000000, 123456789012345678,
			9223372036854775807, 99999999999999999999.5, 1234.5678, 0.00005, 4.99995, 50.005]::numeric[]) AS m,
		unnest(ARRAY[-30, -21, -9, -8, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 8, 13, 21, 34, 150]) AS e) AS x,
	unnest(ARRAY['JPY', 'EUR', 'TND', 'CLF']) AS c;
-- stored and packed values, rows from a table
CREATE TEMP TABLE stored AS SELECT (i * 7919 % 100000 / 100.0)::numeric(12,2) AS face, (i % 90 / 1000.0)::numeric(6,4) AS rate, i % 120 AS days FROM generate_series(1, 2000) AS i;
SELECT count(*) AS rows, count(*) FILTER (WHERE clex.discount_amount(face, rate, '2026-01-01', DATE '2026-01-01' + days, 'ACT/360', 'DISCOUNT_ON_FACE', 'EUR')
	<> round(face * rate * days / 360, 2)) AS differ FROM stored;
-- amounts beyond 128 bits take the slow road with the same rounding
SELECT clex.discount_amount(1e40, 0.06, '2026-01-01', '2026-02-15', 'ACT/360', 'DISCOUNT_ON_FACE', 'EUR') AS on_face,
	clex.discount_amount(-1e40, 0.07, '2026-01-01', '2026-02-15', 'ACT/365F', 'DISCOUNT_ON_NET', 'EUR', 'UP') AS on_net,
	clex.discount_amount(123456789012345678901234567890.12, 0.123456789012345, '2026-01-01', '2026-02-15', 'ACT/360', 'DISCOUNT_ON_FACE', 'EUR')
		= round(123456789012345678901234567890.12 * 0.123456789012345 * 45 / 360, 2) AS same,
	clex.round_to_currency(123456789012345678901234567890123456789012345.125, 'EUR', 'HALF_EVEN') AS rounded;
-- the inverse: the rate, and the same discount again, for all methods and roundings
SELECT clex.discount_rate(10000, 75, '2026-01-01', '2026-02-15', 'ACT/360', 'DISCOUNT_ON_FACE', 'EUR') AS on_face,
	clex.discount_rate(100, 2, '2026-01-01', '2026-01-21', 'ACT/365F', 'DISCOUNT_ON_NET', 'EUR') AS on_net,
	clex.discount_rate(100, 2, '2026-01-01', '2026-01-21', 'ACT/365F', 'COMPOUND', 'EUR') AS compound;
SELECT count(*) AS rows, count(*) FILTER (WHERE clex.discount_amount(face, clex.discount_rate(face, d, d1, d2, 'ACT/365F', method, 'EUR', rounding), d1, d2, 'ACT/365F', method, 'EUR', rounding) <> d) AS differ
FROM (SELECT face, d1, d1 + i AS d2, method, rounding, clex.discount_amount(face, 0.0001 * (i * 37 % 2500), d1, d1 + i, 'ACT/365F', method, 'EUR', rounding) AS d
	FROM generate_series(1, 150) AS i, unnest(ARRAY[100, 1234.56, 987654321.09]) AS face, CAST('2026-01-01' AS date) AS d1,
		unnest(ARRAY['DISCOUNT_ON_FACE', 'DISCOUNT_ON_NET', 'COMPOUND']) AS method, unnest(ARRAY['HALF_UP', 'HALF_EVEN', 'UP', 'DOWN']) AS rounding) AS x;
-- sliding scale: a row per open day
SELECT * FROM clex.discount_schedule(10000, 0.06, '2026-05-12', '2026-05-20', 'ACT/360', 'DISCOUNT_ON_FACE', 'EUR', 'FR') ORDER BY pay_on;
SELECT count(*) AS after_due_date FROM clex.discount_schedule(10000, 0.06, '2026-05-21', '2026-05-20', 'ACT/360', 'DISCOUNT_ON_FACE', 'EUR', 'FR');
-- own funds: 75.00 earned, 9925 * 3 % * 45 / 360 = 37.22 of cost
SELECT clex.own_funds_gain(10000, 75, 45, 360, 0.03, 'EUR') AS gain, clex.own_funds_gain(10000, 75, 45, 360, 0.09, 'EUR') AS loss;
-- yields of 2/10 net 30
SELECT clex.static_terms_yield(2, 10, 30, 365) AS simple_365, clex.static_terms_yield(2, 10, 30, 360) AS simple_360,
	clex.effective_rate(100, 2, 20, 365) AS effective, clex.bank_discount_rate(100, 2, 20, 365) AS on_face,
	clex.money_market_rate(100, 2, 20, 360) AS money_market, clex.bond_equivalent_rate(100, 2, 20, 365) AS bond_equivalent,
	clex.bond_equivalent_rate(1000000, 7510, 364, 365) AS beyond_half_a_year, clex.simple_rate(100, -2, 20, 365) AS negative;
-- NULL in, NULL out
SELECT clex.discount_amount(NULL, 0.06, '2026-01-01', '2026-02-15', 'ACT/360', 'COMPOUND', 'EUR') IS NULL AS a, clex.simple_rate(100, NULL, 20, 365) IS NULL AS b;
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
	($$SELECT clex.discount_amount('NaN', 0.06, '2026-01-01', '2026-02-15', 'ACT/360', 'DISCOUNT_ON_FACE', 'EUR')$$),
	($$SELECT clex.discount_amount(100, 'Infinity', '2026-01-01', '2026-02-15', 'ACT/360', 'COMPOUND', 'EUR')$$),
	($$SELECT clex.discount_amount(100, -1, '2026-01-01', '2026-02-15', 'ACT/360', 'COMPOUND', 'EUR')$$),
	($$SELECT clex.discount_amount(100, -9, '2026-01-01', '2026-02-15', 'ACT/360', 'DISCOUNT_ON_NET', 'EUR')$$),
	($$SELECT clex.discount_amount(1e40, 0.06, '2026-01-01', '2026-02-15', 'ACT/360', 'COMPOUND', 'EUR')$$),
	($$SELECT clex.discount_amount(100, 0.06, '2026-01-01', 'infinity', 'ACT/360', 'COMPOUND', 'EUR')$$),
	($$SELECT clex.discount_amount(100, 0.06, '2026-01-01', '2026-02-15', 'ACT/360', 'compound', 'EUR')$$),
	($$SELECT clex.discount_amount(100, 0.06, '2026-01-01', '2026-02-15', 'ACT/360', 'COMPOUND', 'EURO')$$),
	($$SELECT clex.discount_amount(100, 0.06, '2026-01-01', '2026-02-15', 'ACT/360', 'COMPOUND', 'EUR', 'HALF_DOWN')$$),
	($$SELECT clex.discount_rate(100, 2, '2026-01-01', '2026-01-01', 'ACT/360', 'COMPOUND', 'EUR')$$),
	($$SELECT clex.discount_rate(0, 2, '2026-01-01', '2026-01-31', 'ACT/360', 'DISCOUNT_ON_FACE', 'EUR')$$),
	($$SELECT clex.discount_rate(100, 100, '2026-01-01', '2026-01-31', 'ACT/360', 'DISCOUNT_ON_NET', 'EUR')$$),
	($$SELECT clex.discount_rate(100, 100, '2026-01-01', '2026-01-31', 'ACT/360', 'COMPOUND', 'EUR')$$),
	($$SELECT clex.discount_rate(100, 2.001, '2026-01-01', '2026-01-31', 'ACT/360', 'DISCOUNT_ON_FACE', 'EUR')$$),
	($$SELECT clex.own_funds_gain(100, 2, 20, 0, 0.03, 'EUR')$$),
	($$SELECT clex.own_funds_gain('NaN', 2, 20, 360, 0.03, 'EUR')$$),
	($$SELECT clex.simple_rate(100, 2, 0, 365)$$),
	($$SELECT clex.simple_rate(100, 2, 20, 0)$$),
	($$SELECT clex.simple_rate(100, 2, 20, -365)$$),
	($$SELECT clex.simple_rate(100, 100, 20, 365)$$),
	($$SELECT clex.bank_discount_rate(0, 0, 20, 365)$$),
	($$SELECT clex.effective_rate(100, 99.99, 1, 365)$$),
	($$SELECT clex.static_terms_yield(2, 30, 10, 365)$$),
	($$SELECT clex.static_terms_yield('NaN', 10, 30, 365)$$),
	($$SELECT clex.currency_digits('eur')$$)) AS s(statement);
