CREATE TEMP TABLE xirr (name text, kind text, basis text, dates text, amounts text, sign_changes int, n_roots int, roots text, expected text,
	npv numeric);
-- load xirr xirr.tsv
CREATE TEMP TABLE xirr_got AS
SELECT x.*, y.*, string_to_array(x.roots, ',')::numeric[] AS their_roots
FROM xirr AS x, LATERAL (
	SELECT clex.xirr(a, d) AS rate, clex.xirr_roots(a, d) AS our_roots, clex.xirr_status(a, d) AS status, clex.npv(a, d, 0.1) AS our_npv,
		sum(abs(a)) AS size
	FROM unnest(string_to_array(amounts, ',')::numeric[], string_to_array(dates, ',')::date[]) AS f(a, d)) AS y;

INSERT INTO checked
SELECT 'xirr', name, concat_ws(' ', status, rate), expected,
	CASE expected WHEN 'NO_ROOT' THEN status = 'NO_ROOT' AND rate IS NULL WHEN 'MULTIPLE' THEN status = 'MULTIPLE' AND rate IS NULL
		ELSE status = 'OK' AND pg_temp.near(rate, expected::numeric) END
FROM xirr_got;
INSERT INTO checked
SELECT 'xirr roots', name, our_roots::text, roots, cardinality(our_roots) = n_roots
	AND (SELECT COALESCE(bool_and(pg_temp.near(o, t)), true) FROM unnest(our_roots, their_roots) AS r(o, t))
FROM xirr_got;
-- relative to the flows' size: the value itself may be zero
INSERT INTO checked
SELECT 'npv', name, our_npv::text, npv::text, abs(our_npv::numeric - npv) <= 1e-12 * size,
	CASE WHEN abs(our_npv::numeric * 1.1 ^ ((listed - earliest) / 365.0) - npv) <= 1e-12 * size
		THEN 'the oracle discounts to the first flow listed; an aggregate''s rows have no order, so ours is the earliest' END
FROM xirr_got, LATERAL (SELECT split_part(dates, ',', 1)::date AS listed, min(d) AS earliest
	FROM unnest(string_to_array(dates, ',')::date[]) AS d) AS x;
