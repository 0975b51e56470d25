-- internal rates and present values
SET datestyle = ISO;
SET extra_float_digits = 0;
CREATE TEMP TABLE flows (name text, on_date date, amount numeric);
INSERT INTO flows VALUES
	('one year', '2024-01-01', -100), ('one year', '2024-12-31', 110),
	('no order', '2024-12-31', 60), ('no order', '2024-01-01', -100), ('no order', '2025-12-31', 60),
	('two rates', '2024-01-01', -100), ('two rates', '2024-12-31', 230), ('two rates', '2025-12-31', -132),
	('touching', '2024-01-01', -100), ('touching', '2024-12-31', 220), ('touching', '2025-12-31', -121),
	('no rate', '2024-01-01', -100), ('no rate', '2024-12-31', 150), ('no rate', '2025-12-31', -100),
	('one sign', '2024-01-01', 100), ('one sign', '2024-01-31', 20),
	('netted', '2024-01-01', 0.1), ('netted', '2024-01-01', 0.2), ('netted', '2024-01-01', -0.3), ('netted', '2024-01-01', NULL), ('netted', NULL, 5),
	('loss', '2024-01-01', -100), ('loss', '2024-12-31', 0.01),
	('too high', '2024-01-01', -1), ('too high', '2024-01-02', 1000);
SELECT name, round(clex.xirr(amount, on_date)::numeric, 7) AS xirr, clex.xirr_status(amount, on_date) AS status,
	(SELECT array_agg(CASE WHEN r = 'Infinity' THEN NULL ELSE round(r::numeric, 6) END) FROM unnest(clex.xirr_roots(amount, on_date)) AS r) AS roots,
	round(clex.npv(amount, on_date, 0.1)::numeric, 10) AS npv
FROM flows GROUP BY name ORDER BY name;
SELECT clex.xirr(amount, on_date) AS xirr, clex.xirr_status(amount, on_date) AS status, clex.xirr_roots(amount, on_date) AS roots, clex.npv(amount, on_date, 0.1) AS npv
FROM flows WHERE false;
SELECT round(clex.irr(a, p)::numeric, 12) AS irr, clex.irr(a, 0) AS none, clex.npv(a, DATE '2026-01-01' + p, NULL) AS no_rate
FROM (VALUES (-1000, 0), (400, 1), (400, 2), (400, 3)) AS f(a, p);
-- input order does not matter
SELECT count(DISTINCT x) FROM (SELECT clex.xirr(amount, on_date ORDER BY md5(i::text || on_date::text)) AS x FROM flows, generate_series(1, 20) AS i WHERE name = 'no order' GROUP BY i) AS y;
-- as a window function, the running rate
SELECT on_date, round(clex.xirr(amount, on_date) OVER (ORDER BY on_date)::numeric, 6) AS so_far FROM flows WHERE name = 'no order' ORDER BY on_date;
-- a parallel plan gives the same figures as a serial one
CREATE TABLE finance_flows AS
SELECT i % 500 AS grp, CASE WHEN i < 500 THEN -5000 ELSE 400 + i * 7919 % 300 END::numeric AS amount, DATE '2024-01-01' + (i / 500 * 29) AS on_date FROM generate_series(0, 9999) AS i;
ALTER TABLE finance_flows SET (parallel_workers = 2);
ANALYZE finance_flows;
CREATE TEMP TABLE serial AS
SELECT grp, clex.xirr(amount, on_date) AS x, clex.npv(amount, on_date, 0.07) AS n, clex.irr(amount, (on_date - '2024-01-01') / 29) AS i, clex.xirr_status(amount, on_date) AS s,
	clex.xirr_roots(amount, on_date) AS r FROM finance_flows GROUP BY grp;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2; SET enable_sort = off;
SET parallel_leader_participation = off;
CREATE VIEW finance_parallel AS
SELECT count(*) AS groups, count(*) FILTER (WHERE (s.x, s.n, s.i, s.s, s.r) IS NOT DISTINCT FROM (p.x, p.n, p.i, p.s, p.r)) AS same
FROM serial AS s JOIN (
	SELECT grp, clex.xirr(amount, on_date) AS x, clex.npv(amount, on_date, 0.07) AS n, clex.irr(amount, (on_date - '2024-01-01') / 29) AS i, clex.xirr_status(amount, on_date) AS s,
		clex.xirr_roots(amount, on_date) AS r FROM finance_flows GROUP BY grp OFFSET 0) AS p USING (grp);
EXPLAIN (COSTS OFF) SELECT * FROM finance_parallel;
SELECT * FROM finance_parallel;
-- so do the scalar functions inside workers
EXPLAIN (COSTS OFF) SELECT sum(clex.year_fraction(on_date, '2026-12-31', 'BUS/252_FR')) FROM finance_flows;
SELECT sum(clex.discount_amount(abs(amount), 0.05, on_date, '2026-12-31', 'ACT/ACT_ISDA', 'COMPOUND', 'EUR')) AS discounts,
	sum(clex.business_days(on_date, '2026-12-31', 'FR')) AS days, count(*) FILTER (WHERE clex.due_date('net60', on_date) > '2025-01-01') AS late FROM finance_flows;
SET max_parallel_workers_per_gather = 0;
SET client_min_messages = warning;
SELECT sum(clex.discount_amount(abs(amount), 0.05, on_date, '2026-12-31', 'ACT/ACT_ISDA', 'COMPOUND', 'EUR')) AS discounts,
	sum(clex.business_days(on_date, '2026-12-31', 'FR')) AS days, count(*) FILTER (WHERE clex.due_date('net60', on_date) > '2025-01-01') AS late FROM finance_flows;
DROP TABLE finance_flows CASCADE;
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
	($$SELECT clex.xirr(a, 'infinity') FROM (VALUES (1), (-1)) AS f(a)$$),
	($$SELECT clex.xirr(a, '2024-01-01') FROM (VALUES ('NaN'::numeric)) AS f(a)$$),
	($$SELECT clex.xirr(a, '2024-01-01') FROM (VALUES ('-Infinity'::numeric)) AS f(a)$$),
	($$SELECT clex.xirr(a, '2024-01-01') FROM (VALUES (1234567890123456789.01)) AS f(a)$$),
	($$SELECT clex.npv(a, '2024-01-01', -1) FROM (VALUES (1), (-1)) AS f(a)$$),
	($$SELECT clex.npv(a, '2024-01-01', 'NaN') FROM (VALUES (1), (-1)) AS f(a)$$),
	($$SELECT clex.npv(a, '2024-01-01', a / 10.0) FROM (VALUES (1), (2)) AS f(a)$$)) AS s(statement);
\x
-- no user gets at the state of an aggregate; servers refuse it in words of their own
SELECT pg_temp.error($$SELECT clex._flow_xirr(NULL)$$) <> 'no error' AS refused;
