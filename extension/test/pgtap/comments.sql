-- Every public object of the extension says what it is, and nothing it should not be granted is.
BEGIN;
SELECT plan(7);

CREATE TEMPORARY VIEW members AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS object
FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND e.extname = 'clex' AND d.deptype = 'e';

SELECT isnt_empty('SELECT 1 FROM members', 'the extension has members');
SELECT is_empty($$SELECT object FROM members WHERE classid = 'pg_proc'::regclass AND obj_description(objid, 'pg_proc') IS NULL ORDER BY 1$$,
	'every function and aggregate has a comment');
SELECT is_empty($$SELECT m.object FROM members m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
	WHERE obj_description(m.objid, 'pg_class') IS NULL ORDER BY 1$$, 'every view and table has a comment');
SELECT is_empty($$SELECT m.object FROM members m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
	LEFT JOIN pg_class c ON c.oid = t.typrelid
	WHERE t.typelem = 0 AND (t.typrelid = 0 OR c.relkind = 'c')
		AND COALESCE(obj_description(m.objid, 'pg_type'), obj_description(t.typrelid, 'pg_class')) IS NULL ORDER BY 1$$, 'every type has a comment');
SELECT is_empty($$SELECT object FROM members WHERE classid = 'pg_operator'::regclass AND obj_description(objid, 'pg_operator') IS NULL ORDER BY 1$$,
	'every operator has a comment');
SELECT is_empty($$SELECT m.object FROM members m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
	JOIN pg_language l ON l.oid = p.prolang
	WHERE l.lanname IN ('sql', 'plpgsql') AND p.prosqlbody IS NULL AND NOT COALESCE(p.proconfig::text ~ 'search_path=pg_catalog', false) ORDER BY 1$$,
	'every SQL and PL/pgSQL function pins its search_path or is BEGIN ATOMIC');

SELECT is_empty($$SELECT m.object FROM members m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
	WHERE c.relkind = 'v' AND NOT EXISTS (SELECT FROM aclexplode(c.relacl) x WHERE x.grantee = 0 AND x.privilege_type = 'SELECT') ORDER BY 1$$,
	'every view may be read by everybody');

SELECT * FROM finish();
ROLLBACK;
