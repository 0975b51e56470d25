-- Suppliers see the documents of their party, scoped members those of their entities, nobody more;
-- and for who sees a whole tenant the newest invoices still come from an index.
BEGIN;
CREATE ROLE scopes_owner NOLOGIN;
SELECT clex.create_store('erp', owner => 'scopes_owner');
CREATE ROLE scopes_clerk;
CREATE ROLE scopes_supplier;
CREATE ROLE scopes_other_supplier;
CREATE ROLE scopes_north;
CREATE ROLE scopes_group;
CREATE ROLE scopes_two;
SELECT plan(29);
SELECT erp.add_tenant(1, 'One'), erp.add_tenant(2, 'Two');

-- two suppliers, two buying companies under one group
\set sample `cat extension/test/samples/fr-wrong-total.xml`
CREATE TEMPORARY TABLE sample AS SELECT :'sample'::text AS content;
CREATE TEMPORARY TABLE vat AS
SELECT clex.value(d, 'BT-31') AS seller, clex.value(d, 'BT-48') AS buyer FROM sample, clex.read(convert_to(content, 'UTF8')) d;
SELECT seller AS seller, buyer AS buyer FROM vat \gset
SELECT isnt(:'seller'::text, :'buyer'::text, 'the sample names two companies');
SELECT s.* FROM sample, erp.submit(1, convert_to(content, 'UTF8')) s;
SELECT s.* FROM sample, erp.submit(1, convert_to(replace(content, :'seller', 'DE136695976'), 'UTF8')) s;
SELECT s.* FROM sample, erp.submit(1, convert_to(replace(content, :'buyer', 'FR44732829320'), 'UTF8')) s;
SELECT s.* FROM sample, erp.submit(1, 'not readable') s;
SELECT s.* FROM sample, erp.submit(2, convert_to(content, 'UTF8')) s;
SELECT erp.set_party(1, 'S1', 'Seller'), erp.add_identifier(1, 'S1', 'vat', :'seller', '2020-01-01'),
	erp.set_party(1, 'S2', 'Other seller'), erp.add_identifier(1, 'S2', 'vat', 'DE136695976', '2020-01-01'),
	erp.set_party(1, 'N', 'North'), erp.add_identifier(1, 'N', 'vat', 'FR44732829320', '2020-01-01'),
	erp.set_party(1, 'S', 'South'), erp.add_identifier(1, 'S', 'vat', :'buyer', '2020-01-01'),
	erp.set_entity(1, 'G', 'group', 'Group', valid_from => '2020-01-01');
SELECT erp.set_entity(1, 'N', 'company', 'North', 'G', 'N', '2020-01-01'), erp.set_entity(1, 'S', 'company', 'South', 'G', 'S', '2020-01-01');
SELECT erp.add_member(1, 'scopes_clerk', 'ap_clerk'), erp.add_member(1, 'scopes_supplier', 'supplier'), erp.add_member(1, 'scopes_other_supplier', 'supplier'),
	erp.add_member(1, 'scopes_north', 'ap_clerk'), erp.add_member(1, 'scopes_group', 'cfo'), erp.add_member(1, 'scopes_two', 'ap_clerk'), erp.add_member(2, 'scopes_two', 'ap_clerk');
SELECT erp.scope_member(1, 'scopes_supplier', 'supplier', party => 'S1'), erp.scope_member(1, 'scopes_other_supplier', 'supplier', party => 'S2'),
	erp.scope_member(1, 'scopes_north', 'ap_clerk', entity => 'N'), erp.scope_member(1, 'scopes_group', 'cfo', entity => 'G'), erp.scope_member(1, 'scopes_two', 'ap_clerk', entity => 'S');

-- what a role sees: documents, invoices, findings of tenant 1, and documents of tenant 2
CREATE FUNCTION pg_temp.sees(role_name text, OUT seen text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role_name);
	SELECT concat_ws(' ', (SELECT count(*) FROM erp.documents WHERE tenant_id = 1), (SELECT count(*) FROM erp.invoices WHERE tenant_id = 1),
		(SELECT count(DISTINCT document_id) FROM erp.findings WHERE tenant_id = 1), (SELECT count(*) FROM erp.documents WHERE tenant_id = 2)) INTO seen;
	RESET ROLE;
END $$;
SELECT is(pg_temp.sees('scopes_clerk'), '4 3 3 0', 'a clerk of the tenant sees all of it');
SELECT is(pg_temp.sees('scopes_supplier'), '2 2 2 0', 'a supplier sees its documents');
SELECT is(pg_temp.sees('scopes_other_supplier'), '1 1 1 0', 'and another supplier its own');
SELECT is(pg_temp.sees('scopes_north'), '1 1 1 0', 'a clerk of one company sees what is addressed to it');
SELECT is(pg_temp.sees('scopes_group'), '3 3 3 0', 'the CFO of the group sees what is addressed to all companies below it');
SELECT is(pg_temp.sees('scopes_two'), '2 2 2 1', 'a scope in one tenant does not narrow another one');

SET LOCAL ROLE scopes_supplier;
SELECT results_eq('SELECT code FROM erp.parties', ARRAY['S1'], 'a supplier sees its own master data alone');
SELECT results_eq('SELECT value FROM erp.party_identifiers', ARRAY[:'seller'::text], 'and its identifiers');
SELECT is_empty('SELECT * FROM erp.entities', 'and nothing of how the tenant is made up');
SELECT results_eq('SELECT persona, party FROM erp.member_scopes', $$VALUES ('supplier', 'S1')$$, 'it knows what it is');
SELECT is_empty('SELECT * FROM erp.events', 'it reads no journal');
SELECT throws_ok($$SELECT * FROM erp.submit(1, 'x')$$, '42501', NULL, 'and submits nothing');
SELECT throws_ok($$SELECT erp.scope_member(1, 'scopes_supplier', 'supplier', party => 'S2')$$, '42501', NULL, 'nor does it widen its own scope');
SET LOCAL ROLE scopes_north;
SELECT results_eq('SELECT code FROM erp.parties ORDER BY 1', ARRAY['N', 'S', 'S1', 'S2'], 'a scoped clerk sees all parties');
SELECT throws_ok($$SELECT * FROM erp.submit(1, 'x')$$, '42501', NULL, 'but submits nothing');
SELECT throws_ok($$SELECT * FROM erp.reread(1)$$, '42501', NULL, 'nor does it read anything again');
SET LOCAL ROLE scopes_group;
SELECT is_empty('SELECT * FROM erp.events', 'who is scoped reads no journal, which is the whole tenant''s');
RESET ROLE;

-- misuse
SELECT throws_ok($$SELECT erp.scope_member(1, 'scopes_clerk', 'ap_clerk', party => 'S1')$$, '22023', NULL, 'a clerk is no party');
SELECT throws_ok($$SELECT erp.scope_member(1, 'scopes_supplier', 'supplier', entity => 'N')$$, '22023', NULL, 'a supplier is no entity');
SELECT throws_ok($$SELECT erp.scope_member(1, 'scopes_clerk', 'buyer', entity => 'N')$$, 'P0002', NULL, 'there must be a membership');

-- scopes follow the tree and the identifiers
SELECT erp.set_entity(1, 'N', 'company', 'North');
SELECT is(pg_temp.sees('scopes_group'), '2 2 2 0', 'a company that left the group is not seen from there');
SELECT erp.remove_identifier(1, 'S1', 'vat', :'seller', CURRENT_DATE);
SELECT is(pg_temp.sees('scopes_supplier'), '0 0 0 0', 'an identifier that has ended shows nothing any more');
SELECT erp.remove_member(1, 'scopes_north');
SELECT is(pg_temp.sees('scopes_north'), '0 0 0 0', 'nor does a membership that was taken away');
SELECT is_empty($$SELECT FROM erp.membership_entity WHERE role_name = 'scopes_north'$$, 'its scopes went with it');
SELECT results_eq($$SELECT action, before ->> 'scopes' FROM erp.events WHERE subject_key = 'scopes_north' ORDER BY id$$,
	$$VALUES ('add_member', NULL), ('scope_member', NULL), ('remove_member', '["N"]')$$, 'and the journal knows');

-- many rows: the newest from an index, and what scopes cost is not paid
INSERT INTO erp.document (tenant_id, received_from, content, kind, state, processable, fatal, warning, checked_at, as_of, clex_version)
SELECT 1, 'test', n::text::bytea, 'invoice', 'accepted', true, 0, 0, now(), CURRENT_DATE, 'test' FROM generate_series(1, 20000) n;
INSERT INTO erp.invoice (tenant_id, document_id, document)
SELECT 1, d.id, (SELECT document FROM erp.invoice LIMIT 1) FROM erp.document d WHERE d.received_from = 'test';
ANALYZE erp.document;
ANALYZE erp.invoice;
CREATE FUNCTION pg_temp.plan(role_name text, query text, OUT plan text) LANGUAGE plpgsql AS $$
DECLARE
	v_line text;
BEGIN
	plan := '';
	EXECUTE format('SET LOCAL ROLE %I', role_name);
	FOR v_line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
		plan := plan || v_line || E'\n';
	END LOOP;
	RESET ROLE;
END $$;
CREATE TEMPORARY TABLE plan AS
SELECT pg_temp.plan('scopes_clerk', 'SELECT number, gross FROM erp.invoices WHERE tenant_id = 1 ORDER BY issue_date DESC, document_id DESC LIMIT 50') AS plan;
SELECT matches(plan, 'Index Scan using invoice_issued_idx', 'the newest 50 of a tenant come from an index') FROM plan;
SELECT doesnt_match(plan, 'Sort|Seq Scan on (invoice|document) ', 'unsorted, unscanned') FROM plan;
SELECT doesnt_match(plan, 'Function Scan on own_[^\n]* \(actual|Index[^\n]*invoice i_1 \(actual', 'and nothing of scopes is evaluated') FROM plan;
\if :{?print_plan}
SELECT plan FROM plan;
\endif
SELECT * FROM finish();
ROLLBACK;
