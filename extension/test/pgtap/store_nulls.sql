-- Whoever leaves out an argument is told so, or it means what the function's comment says: never an error from the inside.
--
-- Every function of a store that everybody may call is called with each of its arguments null in turn, as an operator, with plain values for the others:
-- from the catalogue, so that a new function is among them.  It may do what it does; an error must be 22004, a missing right (42501), or one that the
-- comment of the function names, or the one that the same call gives without a null.
BEGIN;
CREATE ROLE nulls_owner NOLOGIN;
SELECT clex.create_store('nulls', owner => 'nulls_owner');
SELECT nulls.add_tenant(1, 'One');
SELECT nulls.set_party(1, 'x', 'Buyer'), nulls.set_party(1, 'S', 'Seller'), nulls.set_entity(1, 'x', 'company', 'Entity', party => 'x');
SELECT nulls.add_identifier(1, 'x', 'vat', 'FR88790453187'), nulls.add_identifier(1, 'S', 'vat', 'FR05832194070');
\set sample `cat extension/test/samples/fr-moulin-farine.xml`
SELECT state FROM nulls.submit(1, convert_to(:'sample', 'UTF8'));
SELECT nulls.create_order(1, 'x', 'x', 'S', '[{"quantity": 1, "unit": "H87", "price": 1}]');
SELECT count(*) FROM nulls.request_approval(1, 1);
SELECT nulls.ask(1, 1, 'colleague', 'Q', 'Why?');

-- a plain value of each type
CREATE FUNCTION pg_temp.plain(type regtype) RETURNS text LANGUAGE sql AS $$
	SELECT COALESCE((SELECT v.value FROM (VALUES ('bigint', '1'), ('integer', '1'), ('numeric', '1'), ('text', '''x'''), ('name', '''x'''), ('date', 'CURRENT_DATE'), ('boolean', 'true'),
		('timestamp with time zone', 'now()'), ('interval', '''1 day'''), ('jsonb', '''[]'''), ('bytea', '''x'''), ('text[]', '''{x}'''), ('bigint[]', '''{1}'''),
		('integer[]', '''{1}'''), ('numeric[]', '''{1}'''), ('bytea[]', '''{x}'''), ('date[]', 'ARRAY[CURRENT_DATE]')) v (name, value) WHERE v.name = type::text), 'NULL') || '::' || type $$;

CREATE TEMPORARY TABLE called AS
SELECT f.oid, replace(f.oid::regprocedure::text, 'nulls.', '') AS name, a.n, COALESCE(f.proargnames[a.n], '$' || a.n) AS argument,
	format('SELECT * FROM nulls.%I(%s)', f.proname, (
		SELECT string_agg(CASE WHEN x.n = a.n THEN 'NULL::' || x.type::regtype ELSE pg_temp.plain(x.type::regtype) END, ', ' ORDER BY x.n)
		FROM unnest(f.proargtypes::oid[]) WITH ORDINALITY x (type, n))) AS call,
	format('SELECT * FROM nulls.%I(%s)', f.proname, (
		SELECT string_agg(pg_temp.plain(x.type::regtype), ', ' ORDER BY x.n) FROM unnest(f.proargtypes::oid[]) WITH ORDINALITY x (type, n))) AS without, obj_description(f.oid, 'pg_proc') AS comment
FROM (
	SELECT p.* FROM pg_proc p WHERE p.pronamespace = 'nulls'::regnamespace AND p.prokind = 'f' AND has_function_privilege('public', p.oid, 'EXECUTE')) f
CROSS JOIN generate_series(1, f.pronargs) a (n);

CREATE FUNCTION pg_temp.outcome(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE call;
	RAISE EXCEPTION USING ERRCODE = 'YYYYY';    -- what it did is taken back
EXCEPTION
	WHEN SQLSTATE 'YYYYY' THEN RETURN 'ok';
	WHEN others THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE TEMPORARY TABLE plain AS SELECT c.without, pg_temp.outcome(c.without) AS outcome FROM (SELECT DISTINCT without FROM called) c;
CREATE TEMPORARY TABLE outcome AS SELECT c.*, pg_temp.outcome(c.call) AS outcome, p.outcome AS otherwise FROM called c JOIN plain p USING (without);
CREATE TEMPORARY VIEW wrong AS
SELECT o.name, o.argument, o.outcome FROM outcome o
WHERE o.outcome <> 'ok' AND left(o.outcome, 5) NOT IN ('22004', '42501') AND o.outcome <> o.otherwise
	AND o.comment !~ ('\m' || left(o.outcome, 5) || '\M');
\if :{?print_nulls}
SELECT w.name, w.argument, w.outcome FROM wrong w ORDER BY 1, 2;
\endif

SELECT plan(3);
SELECT cmp_ok((SELECT count(*) FROM outcome o WHERE left(o.outcome, 5) = '22004'), '>=', 10::bigint, 'functions were called, and some ask for what is missing');
SELECT is_empty($$SELECT name, argument, outcome FROM wrong$$, 'a null is what the comment says, or 22004');
SELECT is_empty($$SELECT name, argument, outcome FROM wrong WHERE left(outcome, 2) IN ('XX', '42', '21', '39', '38', '2F')$$, 'and never an error from the inside');
SELECT * FROM finish();
ROLLBACK;
