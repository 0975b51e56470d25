CREATE TEMP TABLE currency (code text, iso int, icu int, differs int);
-- load currency currency_minor_units.tsv
CREATE TEMP TABLE dynamic (method text, amount numeric, currency text, rate_ppm numeric, days int, basis int, rounding text, exact text,
	discount numeric, net numeric);
-- load dynamic dynamic_discount.tsv
CREATE TEMP TABLE yields (face numeric, discount numeric, days int, bank360 numeric, mm360 numeric, apr360 numeric, apr365 numeric,
	ear365 numeric, ear360 numeric, bey365 numeric);
-- load yields yield_measures.tsv
CREATE TEMP TABLE terms (terms text, pct numeric, disc_days int, net_days int, simple365 numeric, simple360 numeric, effective365 numeric,
	naive365 numeric);
-- load terms static_terms.tsv

INSERT INTO checked
SELECT 'currencies', code, clex.currency_digits(code)::text, COALESCE(iso, 0)::text, clex.currency_digits(code) = COALESCE(iso, 0)
FROM currency;

INSERT INTO checked
SELECT 'discounts', concat_ws(' ', method, amount, currency, rate_ppm, days, basis, rounding), got::text, discount::text, got = discount AND amount - got = net
FROM (
	SELECT d.*, clex.discount_amount(amount * m, rate_ppm / 1e6, DATE '2026-01-01', DATE '2026-01-01' + days,
		CASE basis WHEN 360 THEN 'ACT/360' ELSE 'ACT/365F' END, method, currency, rounding) / m AS got
	FROM dynamic AS d, LATERAL (SELECT 10::numeric ^ -clex.currency_digits(currency) AS m) AS x) AS y;

-- the inverse leads back to the same discount (left out: discounts of 100 % and the rates above 10^10 that a few days
-- and a rounding up of some cents on a tiny face make)
INSERT INTO checked
SELECT 'inverse discounts', concat_ws(' ', method, amount, currency, rate_ppm, days, basis, rounding), back::text, d::text, back = d
FROM (
	SELECT y.*, clex.discount_amount(face, clex.discount_rate(face, d, d1, d2, convention, method, currency, rounding), d1, d2, convention,
		method, currency, rounding) AS back
	FROM (
		SELECT x.*, amount * m AS face, discount * m AS d, DATE '2026-01-01' AS d1, DATE '2026-01-01' + days AS d2,
			CASE basis WHEN 360 THEN 'ACT/360' ELSE 'ACT/365F' END AS convention
		FROM dynamic AS x, LATERAL (SELECT 10::numeric ^ -clex.currency_digits(currency) AS m) AS z) AS y
	WHERE amount <> 0 AND days <> 0 AND (method = 'DISCOUNT_ON_FACE' OR discount / amount < 1)
		AND (method <> 'COMPOUND' OR -ln(1 - discount / amount) * basis / days < 23)) AS w;

-- a rate above 1.8e308 has no float8: it must be refused with 22003
CREATE FUNCTION pg_temp.effective(face numeric, discount numeric, days int, basis int) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN RETURN clex.effective_rate(face, discount, days, basis); EXCEPTION WHEN numeric_value_out_of_range THEN RETURN NULL; END $$;
INSERT INTO checked
SELECT 'yields', concat_ws(' ', face, discount, days, name), got::text, expected::text, COALESCE(pg_temp.near(got, expected), false),
	CASE WHEN got IS NULL AND expected > 1.8e308 THEN 'a rate above 1.8e308 is no float8 and is refused (22003)' END
FROM yields, LATERAL (VALUES
	('bank_discount_360', clex.bank_discount_rate(face, discount, days, 360), bank360),
	('money_market_360', clex.money_market_rate(face, discount, days, 360), mm360),
	('simple_apr_360', clex.simple_rate(face, discount, days, 360), apr360),
	('simple_apr_365', clex.simple_rate(face, discount, days, 365), apr365),
	('effective_annual_365', pg_temp.effective(face, discount, days, 365), ear365),
	('effective_annual_360', pg_temp.effective(face, discount, days, 360), ear360),
	('bond_equivalent_365', clex.bond_equivalent_rate(face, discount, days, 365), bey365)) AS v(name, got, expected);

INSERT INTO checked
SELECT 'static terms', concat_ws(' ', terms, name), got::text, expected::text, pg_temp.near(got, expected)
FROM terms, LATERAL (VALUES
	('simple_365', clex.static_terms_yield(pct, disc_days, net_days, 365), simple365),
	('simple_360', clex.static_terms_yield(pct, disc_days, net_days, 360), simple360),
	('effective_365', clex.effective_rate(100, pct, net_days - disc_days, 365), effective365),
	('naive_365', clex.bank_discount_rate(100, pct, net_days - disc_days, 365), naive365)) AS v(name, got, expected);
