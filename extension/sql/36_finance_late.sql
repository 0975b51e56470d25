
-- finance: payment terms and late-payment interest

CREATE FUNCTION clex.due_date(rule text, issue_date date, delivery_date date DEFAULT NULL) RETURNS date
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_due_date';
COMMENT ON FUNCTION clex.due_date(text, date, date) IS
'due date by a rule of view clex.due_date_rules, or by steps: issue or delivery, then +N (days), +Nm (months), eom (end of month), decade (10th, 20th or end of month), dayN (next N-th of a month): issue eom +45. NULL if rule or issue date is. Errors: 22023 unknown rule, delivery date missing; 22008 and 22003 dates';

CREATE FUNCTION clex.excess_days(rule text, issue_date date, delivery_date date, due_date date) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN GREATEST(due_date - clex.due_date(rule, issue_date, delivery_date), 0);
COMMENT ON FUNCTION clex.excess_days(text, date, date, date) IS
'days by which a due date exceeds the maximum that a rule sets (see due_date()), 0 if it does not. Source: C. com. L441-10, L441-11; Directive 2011/7/EU';

CREATE FUNCTION clex.static_terms(terms text, amount numeric, currency text, issue_date date, delivery_date date DEFAULT NULL, basis int DEFAULT 365, rounding text DEFAULT 'HALF_UP',
	OUT pay_by date, OUT percent numeric, OUT discount numeric, OUT net numeric, OUT days int, OUT simple_rate float8)
RETURNS SETOF record
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 ROWS 2
AS 'MODULE_PATHNAME', 'clex_static_terms';
COMMENT ON FUNCTION clex.static_terms(text, numeric, text, date, date, int, text) IS
'static terms as rows, one per tier and one for the due date: pay by, percent off, discount (rounded to the minor unit) and net, days before the due date, simple yearly rate earned (percent / (100 - percent) * basis / days). terms: PERCENT/DAYS or PERCENT/DAYSeom, then net DAYS or a rule of due_date(): 2/10 net 30; 3/10, 1/20 net 60; 2/10 eom45_end_then_add. Errors: 22023, 22008, 22003';

CREATE FUNCTION clex.late_interest(amount numeric, due_date date, until date, half_years date[], rates numeric[], frozen boolean DEFAULT false, day_count text DEFAULT 'ACT/365F',
	paid_on date[] DEFAULT '{}', paid numeric[] DEFAULT '{}', currency text DEFAULT 'EUR', rounding text DEFAULT 'HALF_UP')
RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20
AS 'MODULE_PATHNAME', 'clex_late_interest';
COMMENT ON FUNCTION clex.late_interest(numeric, date, date, date[], numeric[], boolean, text, date[], numeric[], text, text) IS
'simple interest on what is unpaid, from the day after the due date to until, both counted: sum(unpaid * rate * days / 365), rounded once to the minor unit. rates: yearly fractions of the half-years (each given by any of its days); frozen: the first half-year''s rate stays; day_count ACT/365F or ACT/ACT_ISDA; a payment lowers the balance from the day after its value date. 0 if until is not after the due date. Errors: 22023 a half-year without a rate, negative amount or rate, arrays of different length or with NULL; 22008 dates; 22003 NaN or too large. Source: C. com. L441-10 II; CCP R2192-31; Directive 2011/7/EU';

CREATE FUNCTION clex.late_interest_periods(amount numeric, due_date date, until date, half_years date[], rates numeric[], frozen boolean DEFAULT false, day_count text DEFAULT 'ACT/365F',
	paid_on date[] DEFAULT '{}', paid numeric[] DEFAULT '{}',
	OUT from_date date, OUT to_date date, OUT days int, OUT unpaid numeric, OUT rate numeric, OUT interest numeric)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 4
AS 'MODULE_PATHNAME', 'clex_late_interest_periods';
COMMENT ON FUNCTION clex.late_interest_periods(numeric, date, date, date[], numeric[], boolean, text, date[], numeric[]) IS
'the periods that late_interest() adds up: first and last day, days, balance, yearly rate, interest to 8 decimals. Arguments and errors as there';

CREATE FUNCTION clex.late_payment(policy text, amount numeric, due_date date, until date, half_years date[] DEFAULT NULL, reference numeric[] DEFAULT NULL, legal numeric[] DEFAULT NULL,
	paid_on date[] DEFAULT '{}', paid numeric[] DEFAULT '{}',
	OUT days_late int, OUT interest numeric, OUT indemnity numeric)
RETURNS record
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, clex, pg_temp
AS $$
DECLARE
	p record;
	rates numeric[];
BEGIN
	IF policy IS NULL OR amount IS NULL OR due_date IS NULL OR until IS NULL THEN
		RETURN;
	END IF;
	SELECT * INTO p FROM clex.late_policies AS l WHERE l.policy = late_payment.policy;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'unknown late-payment policy "%"', left(policy, 60)
			USING ERRCODE = 'invalid_parameter_value', HINT = 'See view clex.late_policies.';
	END IF;
	IF half_years IS NULL THEN
		SELECT array_agg(e.half_year ORDER BY e.half_year), array_agg(e.rate ORDER BY e.half_year), array_agg(f.rate ORDER BY e.half_year)
		INTO half_years, reference, legal
		FROM clex.reference_rates AS e
			LEFT JOIN clex.reference_rates AS f ON f.half_year = e.half_year AND f.series = 'FR_LEGAL_PRO'
		WHERE e.series = 'ECB_MRO' AND (p.floor_multiple = 0 OR f.rate IS NOT NULL);
	END IF;
	IF cardinality(half_years) IS DISTINCT FROM cardinality(reference)
		OR p.floor_multiple > 0 AND cardinality(half_years) IS DISTINCT FROM cardinality(legal) THEN
		RAISE EXCEPTION 'half-year and rate arrays differ in length' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT COALESCE(array_agg(CASE WHEN p.floor_multiple > 0 AND l IS NOT NULL
			THEN greatest(r + p.points, p.floor_multiple * l) WHEN p.floor_multiple > 0 THEN NULL ELSE r + p.points END ORDER BY n), '{}')
	INTO rates
	FROM unnest(reference, CASE WHEN p.floor_multiple > 0 THEN legal END) WITH ORDINALITY AS u(r, l, n);
	days_late := greatest(until - due_date, 0);
	interest := clex.late_interest(amount, due_date, until, half_years, rates, p.frozen, p.day_count, paid_on, paid);
	indemnity := CASE WHEN days_late > 0 AND amount > 0 THEN p.indemnity ELSE 0 END::numeric(12,2);
END $$;
COMMENT ON FUNCTION clex.late_payment(text, numeric, date, date, date[], numeric[], numeric[], date[], numeric[]) IS
'late-payment interest and fixed indemnity in EUR by a policy of view clex.late_policies: rate of a half-year = reference + points, not below floor_multiple * legal. half_years, reference and legal (yearly fractions) default to view clex.reference_rates; a half-year without a rate is error 22023, never a guess. Interest as late_interest(); the indemnity is due once per invoice paid late. NULL if one of the first four arguments is';
