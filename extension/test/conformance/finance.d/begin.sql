-- one row per checked figure; explained: why a deviation is right, proved for that row
CREATE TEMP TABLE checked (suite text, key text, got text, expected text, agrees boolean, explained text);
-- 1e-12 relative on 1 + r, the oracle's tolerance for rates
CREATE FUNCTION pg_temp.near(got float8, expected numeric) RETURNS boolean LANGUAGE sql AS
$$ SELECT CASE WHEN got::text IN ('Infinity', '-Infinity', 'NaN') THEN false
	ELSE abs(got::numeric - expected) <= 1e-12 * abs(1 + expected) + abs(expected) * 1e-15 END $$;
