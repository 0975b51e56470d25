
-- finance: discounts, rates, currencies

CREATE FUNCTION clex.discount_amount(face numeric, rate numeric, d1 date, d2 date, convention text, method text, currency text, rounding text DEFAULT 'HALF_UP')
RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_discount_amount';
COMMENT ON FUNCTION clex.discount_amount(numeric, numeric, date, date, text, text, text, text) IS
'discount for paying on d1 what is due on d2, with t = year fraction from d1 to d2 under the convention: DISCOUNT_ON_FACE face*rate*t; DISCOUNT_ON_NET face*rate*t/(1+rate*t); COMPOUND face*(1-(1+rate)^-t). rate: fraction a year (0.05 = 5 %). Exact, rounded once to the currency''s minor unit (ISO 4217): HALF_UP (away from zero), HALF_EVEN, UP (away from zero), DOWN (towards zero). d1 after d2 gives a negative discount. Errors: 22023 unknown name or no value (1+rate*t <= 0, rate <= -1 compound), 22008 dates, 22003 NaN, infinite or too large';

CREATE FUNCTION clex.discount_rate(face numeric, discount numeric, d1 date, d2 date, convention text, method text, currency text, rounding text DEFAULT 'HALF_UP')
RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20
AS 'MODULE_PATHNAME', 'clex_discount_rate';
COMMENT ON FUNCTION clex.discount_rate(numeric, numeric, date, date, text, text, text, text) IS
'the inverse of discount_amount(): the yearly rate (a fraction) that gives exactly this discount, with 12 decimals or as many more as the way back needs. Errors: as discount_amount(); 22023 no days, face zero, discount not below the face value (net, compound) or not a whole number of minor units';

CREATE FUNCTION clex.discount_schedule(face numeric, rate numeric, first_date date, due_date date, convention text, method text, currency text, calendar text, rounding text DEFAULT 'HALF_UP',
	OUT pay_on date, OUT days int, OUT discount numeric, OUT net numeric)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 60
AS 'MODULE_PATHNAME', 'clex_discount_schedule';
COMMENT ON FUNCTION clex.discount_schedule(numeric, numeric, date, date, text, text, text, text, text) IS
'sliding-scale discount: a row for each open day from first_date to due_date with the days left (calendar days), the discount_amount() for paying then, and face minus discount. Errors: as discount_amount() and is_business_day()';

CREATE FUNCTION clex.own_funds_gain(face numeric, discount numeric, days int, basis int, cost_of_capital numeric, currency text, rounding text DEFAULT 'HALF_UP')
RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10
AS 'MODULE_PATHNAME', 'clex_own_funds_gain';
COMMENT ON FUNCTION clex.own_funds_gain(numeric, numeric, int, int, numeric, text, text) IS
'what an early payment from own funds earns above their cost: discount - (face - discount) * cost_of_capital * days / basis, rounded to the minor unit; negative: better not. cost_of_capital: fraction a year, simple. Errors: 22023 negative days, basis not positive, unknown name; 22003 NaN or infinite';

CREATE FUNCTION clex.currency_digits(code text) RETURNS int
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_currency_digits';
COMMENT ON FUNCTION clex.currency_digits(text) IS
'decimal digits of the minor unit by ISO 4217 (EUR 2, JPY 0, TND 3, CLF 4). Error: 22023 unknown code';

CREATE FUNCTION clex.round_to_currency(amount numeric, currency text, rounding text DEFAULT 'HALF_UP') RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_currency_round';
COMMENT ON FUNCTION clex.round_to_currency(numeric, text, text) IS
'amount rounded to the currency''s minor unit: HALF_UP (away from zero), HALF_EVEN, UP (away from zero), DOWN (towards zero). Errors: 22023 unknown name, 22003 NaN or infinite';

CREATE FUNCTION clex.simple_rate(face numeric, discount numeric, days int, basis int) RETURNS float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_simple_rate';
COMMENT ON FUNCTION clex.simple_rate(numeric, numeric, int, int) IS
'simple yearly rate on what is paid: discount / (face - discount) * basis / days, a fraction. Errors: 22023 days, basis or face not positive, discount not below face; 22003 out of range';

CREATE FUNCTION clex.money_market_rate(face numeric, discount numeric, days int, basis int) RETURNS float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_simple_rate';
COMMENT ON FUNCTION clex.money_market_rate(numeric, numeric, int, int) IS
'money-market (CD-equivalent) yield: discount / (face - discount) * basis / days, by custom over a basis of 360; the formula of simple_rate(). Errors as there';

CREATE FUNCTION clex.effective_rate(face numeric, discount numeric, days int, basis int) RETURNS float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_effective_rate';
COMMENT ON FUNCTION clex.effective_rate(numeric, numeric, int, int) IS
'effective annual rate: (face / (face - discount)) ^ (basis / days) - 1. Errors as simple_rate()';

CREATE FUNCTION clex.bank_discount_rate(face numeric, discount numeric, days int, basis int) RETURNS float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_bank_discount_rate';
COMMENT ON FUNCTION clex.bank_discount_rate(numeric, numeric, int, int) IS
'bank discount rate, on face: discount / face * basis / days. Errors: 22023 days, basis or face not positive; 22003 out of range';

CREATE FUNCTION clex.bond_equivalent_rate(face numeric, discount numeric, days int, basis int) RETURNS float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_bond_equivalent_rate';
COMMENT ON FUNCTION clex.bond_equivalent_rate(numeric, numeric, int, int) IS
'bond-equivalent (coupon-equivalent) yield: simple_rate() up to half a basis, beyond it the r of (1 + r/2) * (1 + r * (days/basis - 1/2)) = face / (face - discount). Source: 31 CFR 356, appendix B (US Treasury). Errors as simple_rate()';

CREATE FUNCTION clex.static_terms_yield(percent numeric, discount_days int, net_days int, basis int) RETURNS float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_static_terms_yield';
COMMENT ON FUNCTION clex.static_terms_yield(numeric, int, int, int) IS
'simple yearly yield of taking a static discount: percent / (100 - percent) * basis / (net_days - discount_days); 2/10 net 30 over 365: 37.24 %. effective_rate(100, percent, net_days - discount_days, basis) compounds it. Errors: 22023 net_days not after discount_days, basis not positive, percent not below 100';
