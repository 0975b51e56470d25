CREATE TEMP TABLE daycount (convention text, d1 date, d2 date, extra text, days int, yf_num numeric, yf_den numeric, yf float8,
	quantlib_enum text, quantlib_days text, quantlib_yf text, agrees text);
-- load daycount daycount.tsv
-- the float is the correctly rounded quotient, so equality is exact
INSERT INTO checked
SELECT 'day counts', concat_ws(' ', convention, d1, d2, extra), concat_ws(' ', got_days, got), concat_ws(' ', days, yf),
	got = yf AND got = yf_num::float8 / yf_den::float8 AND got_days = days,
	-- backwards the oracle counts (d2, d1], against its own rule that (d1, d2) is the negative of (d2, d1)
	CASE WHEN convention LIKE 'BUS/252%' AND d1 > d2 AND days = clex.business_days(d1, d2, substring(convention from 9))
		AND got_days = -clex.days(d2, d1, convention)
		THEN 'the oracle''s BUS/252 is not antisymmetric: backwards it counts the later end, not the earlier' END
FROM (
	SELECT *,
		CASE WHEN convention = 'ACT/ACT_ICMA' THEN clex.year_fraction_icma(d1, d2, ref_start::date, ref_end::date, freq::int)
			ELSE clex.year_fraction(d1, d2, convention, termination::date, freq::int) END AS got,
		-- days() has no termination argument: read them off the fraction there
		CASE WHEN termination IS NULL THEN clex.days(d1, d2, convention)
			ELSE round(clex.year_fraction(d1, d2, convention, termination::date)::numeric * 360) END AS got_days
	FROM daycount, LATERAL (
		SELECT NULLIF(substring(extra from 'termination=([0-9-]+)'), '') AS termination,
			substring(extra from 'freq=([0-9]+)') AS freq,
			substring(extra from 'ref_start=([0-9-]+)') AS ref_start,
			substring(extra from 'ref_end=([0-9-]+)') AS ref_end) AS x
) AS y;
