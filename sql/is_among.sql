-- What row-level security of stores asks: lists are read when a row first asks, and what was read before is never believed
-- when something has changed.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE ROLE among_owner NOLOGIN;
CREATE ROLE among_clerk;
CREATE ROLE among_other;
SELECT clex.create_store('among', owner => 'among_owner');
SELECT among.add_tenant(1, 'One'), among.add_tenant(2, 'Two');
SELECT among.set_setting(t, 'a', '1') FROM generate_series(1, 2) t;
SELECT among.add_member(1, 'among_clerk', 'ap_clerk');
CREATE FUNCTION seen() RETURNS text LANGUAGE sql STABLE AS $$ SELECT string_agg(tenant_id::text, ',' ORDER BY tenant_id) FROM among.setting $$;

-- the three forms, NULL, and lists with NULL in them
CREATE FUNCTION few() RETURNS SETOF bigint LANGUAGE sql STABLE AS 'VALUES (3::bigint), (-1), (NULL), (9223372036854775807), (3)';
CREATE FUNCTION keys() RETURNS TABLE (t bigint, k text) LANGUAGE sql STABLE AS $$VALUES (1::bigint, 'é'), (1, 'e'), (1, ''), (2, 'e'), (2, NULL), (NULL, 'e')$$;
CREATE FUNCTION numbers() RETURNS TABLE (t bigint, n bigint) LANGUAGE sql STABLE AS 'VALUES (1::bigint, 10::bigint), (1, 9), (2, NULL)';
CREATE FUNCTION nobody() RETURNS SETOF bigint LANGUAGE sql STABLE AS 'SELECT 1::bigint WHERE false';
SELECT v, clex.is_among('few()', v) FROM unnest('{-1,0,3,4,9223372036854775807,NULL}'::bigint[]) v ORDER BY v;
SELECT t, k, clex.is_among('keys()', t, k) FROM (VALUES (1, 'e'), (1, 'é'), (1, 'è'), (1, ''), (1, 'ee'), (2, ''), (2, 'e'), (3, 'e'), (2, NULL)) v (t, k) ORDER BY t, k;
SELECT t, n, clex.is_among('numbers()', t, n) FROM (VALUES (1, 9::bigint), (1, 10), (1, 11), (2, 9)) v (t, n) ORDER BY t, n;
SELECT clex.is_among('nobody()', 1::bigint);
-- another list at the same place
SELECT f::text, clex.is_among(f, 3) FROM unnest('{few(),nobody(),few()}'::regprocedure[]) WITH ORDINALITY u (f, n) ORDER BY n;

-- no lists
CREATE FUNCTION words() RETURNS SETOF text LANGUAGE sql STABLE AS $$VALUES ('a')$$;
SELECT clex.is_among('words()', 1::bigint);
SELECT clex.is_among('keys()', 1::bigint);
SELECT clex.is_among('few()', 1, 'a'::text);
SELECT clex.is_among('keys()', 1, 1::bigint);
SELECT clex.is_among(0::oid::regprocedure, 1::bigint);
SELECT clex.is_among('upper(text)', 1::bigint);
-- nobody calls by it what he may not call
CREATE FUNCTION secret() RETURNS SETOF bigint LANGUAGE sql STABLE AS 'VALUES (1::bigint)';
REVOKE ALL ON FUNCTION secret() FROM PUBLIC;
SELECT clex.is_among('secret()', 1::bigint);
SET ROLE among_clerk;
SELECT clex.is_among('secret()', 1::bigint);
RESET ROLE;

-- in one transaction: roles, own changes, what is rolled back
SELECT seen();
BEGIN;
SELECT seen();
SET LOCAL ROLE among_clerk;
SELECT seen();
SET LOCAL ROLE among_other;
SELECT seen();
SET LOCAL ROLE among_owner;
SELECT seen();
SELECT among.add_member(2, 'among_clerk', 'buyer');
SET LOCAL ROLE among_clerk;
SELECT seen();
SAVEPOINT s;
SET LOCAL ROLE among_owner;
SELECT among.remove_member(1, 'among_clerk');
SET LOCAL ROLE among_clerk;
SELECT seen();
ROLLBACK TO s;
SELECT seen();
SAVEPOINT s;
SET LOCAL ROLE among_owner;
SELECT among.remove_member(1, 'among_clerk'), among.add_member(1, 'among_other', 'buyer');
RELEASE s;
SET LOCAL ROLE among_clerk;
SELECT seen();
SET LOCAL ROLE among_other;
SELECT seen();
ROLLBACK;
SET ROLE among_clerk;
SELECT seen();
RESET ROLE;

-- within one block that fails, and after it
DO $$
DECLARE
	v text := '';
BEGIN
	BEGIN
		PERFORM among.add_member(2, 'among_clerk', 'buyer');
		SET LOCAL ROLE among_clerk;
		v := v || seen();
		RAISE EXCEPTION 'no';
	EXCEPTION WHEN raise_exception THEN
		SET LOCAL ROLE among_clerk;
		v := v || ' ' || seen();
	END;
	RAISE WARNING 'seen: %', v;
END $$;
RESET ROLE;

-- one statement asks for rows of several tenants, while functions in it ask again at another moment
CREATE FUNCTION change() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	PERFORM among.add_member(2, 'among_other', 'buyer'), among.remove_member(2, 'among_other');
	RETURN seen();
END $$;
SELECT s.tenant_id, change() FROM among.setting s ORDER BY s.tenant_id;

-- who acts as the owner
SELECT clex.may_act_as_owner('among.tenant'), clex.may_act_as_owner(0::oid::regclass);
SET ROLE among_clerk;
SELECT clex.may_act_as_owner('among.tenant'), among.is_operator();
RESET ROLE;
GRANT among_owner TO among_clerk;
SET ROLE among_clerk;
SELECT clex.may_act_as_owner('among.tenant'), seen();
RESET ROLE;
REVOKE among_owner FROM among_clerk;
SET ROLE among_clerk;
SELECT clex.may_act_as_owner('among.tenant'), seen();
RESET ROLE;

-- who runs as the owner: nobody who may act as it, or is above it, but its own functions, whoever calls them
CREATE FUNCTION among.runs() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC SELECT clex.runs_as_owner('among.tenant'); END;
ALTER FUNCTION among.runs() OWNER TO among_owner;
SELECT clex.runs_as_owner('among.tenant'), clex.runs_as_owner(0::oid::regclass), among.in_store(), among.runs();
GRANT among_owner TO among_clerk;
SET ROLE among_clerk;
SELECT clex.runs_as_owner('among.tenant'), among.in_store(), among.runs();
RESET ROLE;
REVOKE among_owner FROM among_clerk;
SET ROLE among_owner;
SELECT clex.runs_as_owner('among.tenant'), among.in_store();
RESET ROLE;
DROP FUNCTION among.runs();

-- a large store: as fast for the last tenant as for the first, and parallel workers ask as well
CREATE TEMPORARY TABLE many AS SELECT g::bigint AS tenant_id FROM generate_series(1, 200000) g;
CREATE FUNCTION evens() RETURNS SETOF bigint LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT 2 * g FROM generate_series(1::bigint, 50000) g';
SELECT count(*), max(tenant_id) FROM many WHERE clex.is_among('evens()', tenant_id);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET ROLE among_clerk;
EXPLAIN (COSTS OFF) SELECT count(*) FROM among.translation;
SELECT count(*) FROM among.setting;
RESET ROLE;

DROP FUNCTION few(), keys(), numbers(), nobody(), words(), secret(), change(), evens(), seen();
SELECT clex.drop_store('among');
DROP ROLE among_owner, among_clerk, among_other;
