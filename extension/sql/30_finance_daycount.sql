
-- finance: day counts

CREATE FUNCTION clex.days(d1 date, d2 date, convention text) RETURNS int
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_days';
COMMENT ON FUNCTION clex.days(date, date, text) IS
'days from d1 to d2 under a day-count convention (view clex.day_counts); days(a, b) = -days(b, a). Errors: 22023 unknown convention or calendar, 22008 infinite or absurd date, 22003 BUS/252 outside 1990-2150';

CREATE FUNCTION clex.year_fraction(d1 date, d2 date, convention text, termination date DEFAULT NULL, frequency int DEFAULT NULL)
RETURNS float8
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_year_fraction';
COMMENT ON FUNCTION clex.year_fraction(date, date, text, date, int) IS
'years from d1 to d2 under a day-count convention (view clex.day_counts), the correctly rounded quotient of two integers; antisymmetric. termination: maturity, for 30E/360_ISDA and ACT/ACT_ICMA; frequency: payments a year (1 2 3 4 6 12), for ACT/365L and ACT/ACT_ICMA. NULL if d1, d2 or convention is. Errors as days(), 22023 when the convention lacks what it needs';

CREATE FUNCTION clex.year_fraction_icma(d1 date, d2 date, ref_start date, ref_end date, frequency int)
RETURNS float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'clex_year_fraction_icma';
COMMENT ON FUNCTION clex.year_fraction_icma(date, date, date, date, int) IS
'ACT/ACT ICMA inside one reference period: (d2 - d1) / (frequency * (ref_end - ref_start)) years; source: ICMA rule 251. Errors: 22023 when d1 or d2 lies outside the reference period or the frequency does not divide 12';
