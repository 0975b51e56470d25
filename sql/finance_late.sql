-- payment terms
SET datestyle = ISO;
SELECT rule, clex.due_date(rule, '2026-01-15', '2026-01-11') AS due FROM clex.due_date_rules ORDER BY rule;
SELECT clex.due_date('issue +1m day10', '2026-01-15') AS tenth, clex.due_date('issue eom +10', '2026-01-15') AS ten_after_month,
	clex.due_date('delivery decade', '2026-01-15', '2026-02-21') AS decade, clex.due_date('issue day31', '2026-02-03') AS last, clex.due_date('net30', NULL) IS NULL AS none;
-- 45 days end of month: both readings against the 60 days maximum
SELECT i AS issued, clex.due_date('eom45_add_then_end', i) AS add_then_end, clex.excess_days('net60', i, NULL, clex.due_date('eom45_add_then_end', i)) AS excess,
	clex.due_date('eom45_end_then_add', i) AS end_then_add, clex.excess_days('net60', i, NULL, clex.due_date('eom45_end_then_add', i)) AS excess_2
FROM unnest(ARRAY['2026-01-15', '2026-01-01', '2026-01-31']::date[]) AS i ORDER BY i;
SELECT * FROM clex.static_terms('3/10, 1/20 net 60', 1000, 'EUR', '2026-01-15');
SELECT pay_by, percent, discount, net, days, round(simple_rate::numeric, 6) AS rate FROM clex.static_terms('2/10eom eom45_end_then_add', 1234.56, 'EUR', '2026-01-15', NULL, 360, 'DOWN');
SELECT count(*) FROM clex.static_terms(NULL, 1000, 'EUR', '2026-01-15');
-- late payment: policies on published rates, and the periods behind the figure
SELECT policy, points, floor_multiple, frozen, day_count, indemnity FROM clex.late_policies ORDER BY policy;
SELECT half_year, max(rate) FILTER (WHERE series = 'ECB_MRO') AS ecb, max(rate) FILTER (WHERE series = 'FR_LEGAL_PRO') AS legal FROM clex.reference_rates GROUP BY half_year ORDER BY half_year;
SELECT p.policy, l.* FROM clex.late_policies AS p, LATERAL clex.late_payment(p.policy, 12000, '2024-06-15', '2025-01-20') AS l ORDER BY p.policy;
SELECT * FROM clex.late_interest_periods(12000, '2025-06-15', '2025-07-20', '{2025-01-01,2025-07-01}', '{0.1315,0.1215}', paid_on => '{2025-06-20}', paid => '{5000}');
SELECT clex.late_interest(12000, '2025-06-15', '2025-07-20', '{2025-01-01,2025-07-01}', '{0.1315,0.1215}', paid_on => '{2025-06-20}', paid => '{5000}') AS with_payment,
	clex.late_interest(12000, '2025-06-15', '2025-07-20', '{2025-01-01}', '{0.1315}', true) AS frozen,
	clex.late_interest(12000, '2023-12-31', '2024-12-31', '{2024-01-01,2024-07-01}', '{0.1,0.1}', false, 'ACT/ACT_ISDA') AS leap_year,
	clex.late_interest(12000, '2025-06-15', '2025-06-15', '{}', '{}') AS on_time,
	clex.late_interest(100000, '2025-06-15', '2025-07-20', '{2025-01-01,2025-07-01}', '{0.1315,0.1215}', currency => 'JPY', rounding => 'DOWN') AS yen;
SELECT * FROM clex.late_payment('fr_b2b_default', 500, '2026-06-20', '2026-07-10', '{2026-01-01,2026-07-01}', '{0.0215,0.02}');
SELECT * FROM clex.late_payment('fr_b2b_default', 500, '2026-06-20', '2026-06-20');
SELECT * FROM clex.late_payment('fr_b2b_default', NULL, '2026-06-20', '2026-07-20');
-- interest grows with every day and never by more than a day's worth
SELECT count(*) AS days, count(*) FILTER (WHERE step < 0 OR step > 3.96) AS wrong FROM (
	SELECT i - lag(i, 1, 0) OVER (ORDER BY d) AS step FROM (
		SELECT d, clex.late_interest(12000, '2025-01-10', DATE '2025-01-10' + d, '{2025-01-01,2025-07-01}', '{0.12,0.10}') AS i FROM generate_series(1, 300) AS d) AS x) AS y;
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
	($$SELECT * FROM clex.late_payment('fr_b2b_default', 500, '2026-06-20', '2026-07-10')$$),
	($$SELECT * FROM clex.late_payment('fr_b2b_floored', 500, '2026-06-20', '2026-07-10', '{2026-01-01,2026-07-01}', '{0.0215,0.02}')$$),
	($$SELECT * FROM clex.late_payment('nobody', 500, '2026-06-20', '2026-07-10')$$),
	($$SELECT clex.late_interest(12000, '2025-06-15', '2025-07-20', '{2025-01-01}', '{0.1315,0.1215}')$$),
	($$SELECT clex.late_interest(12000, '2025-06-15', '2025-07-20', '{2025-01-01,NULL}', '{0.1315,0.1215}')$$),
	($$SELECT clex.late_interest(12000, '2025-06-15', '2025-07-20', '{2025-01-01}', '{-0.1}')$$),
	($$SELECT clex.late_interest(12000, '2025-06-15', '2025-07-20', '{2025-01-01}', '{NaN}')$$),
	($$SELECT clex.late_interest(-1, '2025-06-15', '2025-07-20', '{2025-01-01}', '{0.1}')$$),
	($$SELECT clex.late_interest(1, '2025-06-15', 'infinity', '{2025-01-01}', '{0.1}')$$),
	($$SELECT clex.late_interest(1, '2025-06-15', '2025-06-20', '{2025-01-01}', '{0.1}', false, 'ACT/360')$$),
	($$SELECT clex.due_date('net31', '2026-01-15')$$),
	($$SELECT clex.due_date('issue +1x', '2026-01-15')$$),
	($$SELECT clex.due_date('cattle20_delivery', '2026-01-15')$$),
	($$SELECT clex.due_date('net30', 'infinity')$$),
	($$SELECT clex.due_date('issue +30', '9999-12-31')$$),
	($$SELECT * FROM clex.static_terms('2/10', 1000, 'EUR', '2026-01-15')$$),
	($$SELECT * FROM clex.static_terms('2%/10 net 30', 1000, 'EUR', '2026-01-15')$$)) AS s(statement);
