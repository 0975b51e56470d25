-- The laws every table, function and view of a store obeys, checked on the catalogue of a fresh one.
BEGIN;
CREATE ROLE laws_owner NOLOGIN;
SELECT clex.create_store('laws', owner => 'laws_owner');
SELECT plan(25);

-- what is not tenant-owned, and says so here
CREATE TEMPORARY TABLE reference_table AS
SELECT 'laws.' || t AS name FROM unnest(ARRAY['store_version', 'persona', 'persona_right', 'notice_default', 'unit', 'payment_step', 'instrument', 'instrument_rule', 'act_default', 'act_mention', 'assignment_reason', 'assignment_transition']) t;
-- functions without a tenant: for operators, pure ones, or parts that policies and other functions call
CREATE TEMPORARY TABLE tenantless_function AS
SELECT f AS name FROM regexp_split_to_table(btrim($$
	auction_options
	auditable_tenants
	booked_amounts
	canonical_number
	check_condition
	clean_identifier
	complete_invoice
	credit_words
	deviation_codes
	in_store
	invoice_remarks
	is_identifier
	is_operator
	is_order_document
	is_scoped
	is_server_trouble
	json_number
	json_text
	known_tenants
	limit_scopes
	line_orders
	line_terms
	match_turn
	match_waits
	member_tenants
	missing_order
	net_amounts
	offer_figures
	order_lines_read
	order_words
	own_assignments
	own_auctions
	own_buyer_keys
	own_financiers
	own_order_entities
	own_parties
	own_seller_keys
	price_words
	put_auction_policies
	put_finance_policies
	put_policies
	quantity_words
	readable_tenants
	refuse_status
	require_given
	require_lawful
	require_open
	require_operator
	require_roles
	scoped_tenants
	seller_key
	shown_number
	side_keys
	siren_of
	split_discount
	stands_in
	stated_terms
	tolerated
	verdict_event
	who_may
	written_number
$$, E' \n\t'), '\s+') f;

CREATE TEMPORARY VIEW tables AS
SELECT c.oid, c.oid::regclass::text AS name, c.relrowsecurity, c.relforcerowsecurity, c.relowner
FROM pg_class c WHERE c.relnamespace = 'laws'::regnamespace AND c.relkind IN ('r', 'p');
CREATE TEMPORARY VIEW tenant_tables AS
SELECT t.* FROM tables t WHERE t.name NOT IN (SELECT name FROM reference_table);
CREATE TEMPORARY VIEW functions AS
SELECT p.oid, p.oid::regprocedure::text AS name, p.proname, p.proargnames, p.proargtypes, p.prosecdef, p.proconfig, p.prosqlbody,
	p.proowner, l.lanname
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.pronamespace = 'laws'::regnamespace;

SELECT isnt_empty('SELECT 1 FROM tenant_tables', 'the store has tables');
SELECT is_empty($$SELECT name FROM reference_table WHERE to_regclass(name) IS NULL$$, 'the list of reference tables names no table that is not there');
SELECT is_empty($$SELECT name FROM tenantless_function WHERE name NOT IN (SELECT proname FROM functions)$$, 'nor does the list of functions');

-- keys
SELECT is_empty($$SELECT t.name FROM tables t WHERE NOT EXISTS (
	SELECT FROM pg_constraint k WHERE k.conrelid = t.oid AND k.contype = 'p')$$, 'every table has a primary key');
SELECT is_empty($$SELECT t.name FROM tenant_tables t WHERE NOT EXISTS (
	SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'tenant_id' AND a.atttypid = 'bigint'::regtype
		AND a.attnotnull AND a.attgenerated = '')$$, 'every tenant table has tenant_id bigint NOT NULL');
SELECT is_empty($$SELECT t.name, k.conname FROM tenant_tables t JOIN pg_constraint k ON k.conrelid = t.oid
	JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]
	WHERE k.contype IN ('p', 'u', 'f') AND a.attname <> 'tenant_id' AND NOT (k.contype = 'f' AND k.confrelid::regclass::text IN (SELECT name FROM reference_table))$$,
	'tenant_id leads every primary key, unique constraint and foreign key');
SELECT is_empty($$SELECT i.indexrelid::regclass FROM tenant_tables t JOIN pg_index i ON i.indrelid = t.oid
	WHERE (i.indisunique OR i.indisexclusion) AND NOT EXISTS (
		SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'tenant_id' AND a.attnum = ANY (i.indkey))$$,
	'every unique or exclusion index contains tenant_id');
SELECT is_empty($$SELECT t.name, k.conname FROM tenant_tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
	WHERE k.confrelid::regclass::text NOT IN (SELECT name FROM reference_table)
		AND (SELECT attname FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1]) <> 'tenant_id'$$,
	'foreign keys go from tenant to tenant, or to a reference table');
SELECT is_empty($$SELECT k.conname FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
	WHERE t.name IN (SELECT name FROM reference_table) AND k.confrelid::regclass::text NOT IN (SELECT name FROM reference_table)$$,
	'no reference table points at a tenant table');
SELECT is_empty($$SELECT i.indexrelid::regclass FROM tenant_tables t JOIN pg_index i ON i.indrelid = t.oid
	-- these are gone along in their order, and nothing is searched in them
	WHERE i.indexprs IS NOT NULL AND i.indexrelid::regclass::text NOT IN ('laws.query_waiting_idx', 'laws.order_line_wanted_idx')$$,
	'no index is on an expression: below row-level security PostgreSQL searches none for a function that is not leakproof');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid
	WHERE c.relnamespace = 'laws'::regnamespace AND s.seqtypid <> 'bigint'::regtype$$, 'every sequence is bigint');

-- no invariant rests on triggers, and expressions that are stored do not change
SELECT is_empty($$SELECT t.name, g.tgname FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal$$, 'no table has a trigger');
SELECT is_empty($$SELECT t.name, p.oid::regprocedure FROM tables t
	JOIN pg_attribute a ON a.attrelid = t.oid AND a.attgenerated = 's'
	JOIN pg_attrdef e ON e.adrelid = t.oid AND e.adnum = a.attnum
	JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid AND d.refclassid = 'pg_proc'::regclass
	JOIN pg_proc p ON p.oid = d.refobjid
	WHERE p.provolatile <> 'i'$$, 'generated columns rest on immutable functions');

-- row-level security
SELECT is_empty($$SELECT name FROM tables WHERE NOT (relrowsecurity AND relforcerowsecurity)$$, 'every table has row-level security, forced');
SELECT is_empty($$SELECT name FROM tables t WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid)$$, 'every table has a policy');
SELECT is_empty($$SELECT t.name, x.grantee::regrole, x.privilege_type FROM tables t JOIN pg_class c ON c.oid = t.oid,
	aclexplode(c.relacl) x WHERE x.grantee <> t.relowner AND x.privilege_type <> 'SELECT'$$, 'nobody but the owner may write a table');
SELECT is_empty($$SELECT name FROM tables t WHERE t.relowner <> 'laws_owner'::regrole
	UNION ALL SELECT name FROM functions WHERE proowner <> 'laws_owner'::regrole$$, 'all of it belongs to the store''s owner');

-- functions
SELECT is_empty($$SELECT name FROM functions WHERE proname NOT IN (SELECT name FROM tenantless_function)
	AND NOT (proargnames[1] = 'p_tenant_id' AND proargtypes[0] = 'bigint'::regtype)$$, 'every function takes p_tenant_id bigint first, or is listed');
SELECT is_empty($$SELECT name FROM functions WHERE lanname IN ('sql', 'plpgsql') AND prosqlbody IS NULL
	AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c ~ '^search_path=pg_catalog, .*pg_temp$')$$, 'every function pins its search_path, pg_temp last, or is BEGIN ATOMIC');
SELECT is_empty($$SELECT name FROM functions f WHERE prosecdef AND NOT EXISTS (
	SELECT FROM pg_proc p WHERE p.oid = f.oid AND p.prosrc ~ '(require_(operator|submit|maintain|right|member|voice|query|order_right|financing|bidder)|lock_payment_order)\(')$$, 'every SECURITY DEFINER function asks whether the caller may');

-- views: the policies of the tables are the barrier; security_barrier as well would keep LIMIT from walking an index
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'laws'::regnamespace AND c.relkind = 'v'
	AND NOT COALESCE(c.reloptions::text ~ 'security_invoker=(true|on)', false)$$, 'every view is a security_invoker');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'laws'::regnamespace AND c.relkind = 'm'$$, 'there is no materialized view');

-- what everything is, is written beside it
SELECT is_empty($$SELECT c.oid::regclass, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0 AND NOT a.attisdropped
	WHERE c.relnamespace = 'laws'::regnamespace AND c.relkind IN ('r', 'p') AND col_description(c.oid, a.attnum) IS NULL
	UNION ALL
	SELECT c.oid::regclass, NULL FROM pg_class c
	WHERE c.relnamespace = 'laws'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND obj_description(c.oid, 'pg_class') IS NULL$$, 'every table, column and view has a comment');
SELECT is_empty($$SELECT name FROM functions WHERE obj_description(oid, 'pg_proc') IS NULL$$, 'every function has a comment');
SELECT is_empty($$SELECT t.oid::regtype FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
	WHERE t.typnamespace = 'laws'::regnamespace AND t.typelem = 0 AND (t.typrelid = 0 OR c.relkind = 'c')
		AND COALESCE(obj_description(t.oid, 'pg_type'), obj_description(t.typrelid, 'pg_class')) IS NULL$$, 'every type has a comment');

SELECT * FROM finish();
ROLLBACK;
