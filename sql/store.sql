-- stores: making them, rights, submitting documents, what cannot be read
SET client_min_messages = warning;
CREATE ROLE regress_store_owner NOLOGIN;
CREATE ROLE regress_store_other NOLOGIN;
CREATE ROLE regress_clerk;
CREATE ROLE regress_auditor;
CREATE ROLE regress_supplier;
CREATE ROLE regress_stranger;
CREATE ROLE regress_both;
CREATE ROLE regress_login LOGIN;
\set VERBOSITY terse

-- owners and names that are refused
SELECT clex.create_store('erp');
SELECT clex.create_store('erp', owner => 'regress_login');
SELECT clex.create_store('erp', owner => 'regress_nobody');
SELECT clex.create_store('Erp; DROP TABLE x', owner => 'regress_store_owner');
SELECT clex.create_store('pg_erp', owner => 'regress_store_owner');
SELECT clex.create_store('public', owner => 'regress_store_owner');
SELECT clex.create_store('erp', '{base,everything}', 'regress_store_owner');
SET ROLE regress_stranger;
SELECT clex.create_store('erp', owner => 'regress_store_owner');
RESET ROLE;

-- one with a reserved word for a name, one with the base alone, one to work with
SELECT clex.create_store('order', owner => 'regress_store_owner');
SELECT clex.create_store('small', '{base}', 'regress_store_other');
SELECT clex.create_store('erp', owner => 'regress_store_owner');
SELECT clex.create_store('erp', owner => 'regress_store_owner');
SELECT * FROM clex.stores ORDER BY name;
SELECT module, count(*) > 0 AS has_steps, min(clex_version) = max(clex_version) AS one_version FROM "order".store_version GROUP BY module ORDER BY module;
SELECT module, step FROM small.store_version ORDER BY module, step;
SELECT clex.upgrade_store('erp');
SELECT clex.upgrade_store('nothing');
-- a module more: what it lacks is run, and the store works
SELECT clex.upgrade_store('small', '{nonsense}');
SELECT clex.upgrade_store('small', '{documents}');
SELECT clex.upgrade_store('small', '{documents}');
SELECT module, step FROM small.store_version ORDER BY module, step;
SELECT small.add_tenant(1, 'One');
SELECT state FROM small.submit(1, '<a/>');

-- an administrator without superuser needs the three functions, the owner's role and the right to make schemas
CREATE ROLE regress_store_admin;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_store_admin, regress_store_owner', current_database()) AS grant_create \gset
:grant_create;
GRANT EXECUTE ON FUNCTION clex.create_store, clex.upgrade_store, clex.drop_store TO regress_store_admin;
SET ROLE regress_store_admin;
SELECT clex.create_store('mine', owner => 'regress_store_owner');
SELECT clex.run_store_steps('erp', '{base}');
SELECT clex.lock_store('erp');
RESET ROLE;
GRANT regress_store_owner TO regress_store_admin;
SET ROLE regress_store_admin;
SELECT clex.create_store('mine', owner => 'regress_store_owner');
SELECT clex.upgrade_store('mine'), clex.upgrade_store('erp');
SELECT clex.upgrade_store('small');
SELECT clex.drop_store('mine');
RESET ROLE;
SELECT format('REVOKE CREATE ON DATABASE %I FROM regress_store_admin, regress_store_owner', current_database()) AS revoke_create \gset
:revoke_create;
REVOKE EXECUTE ON FUNCTION clex.create_store, clex.upgrade_store, clex.drop_store FROM regress_store_admin;
DROP ROLE regress_store_admin;

-- tenants and members
SELECT erp.add_tenant(1, 'First'), erp.add_tenant(2, 'Second');
SELECT erp.add_tenant(1, 'Again');
SELECT erp.add_tenant(0, 'Zero');
SELECT erp.add_member(1, 'regress_clerk', 'ap_clerk'), erp.add_member(1, 'regress_clerk', 'ap_clerk'),
	erp.add_member(1, 'regress_auditor', 'auditor'), erp.add_member(1, 'regress_supplier', 'supplier'),
	erp.add_member(1, 'regress_both', 'buyer'), erp.add_member(2, 'regress_both', 'integration');
SELECT erp.add_member(1, 'regress_nobody', 'auditor');
SELECT erp.add_member(1, 'regress_clerk', 'king');
SELECT erp.add_member(9, 'regress_clerk', 'auditor');
SELECT tenant_id, role_name, persona, may_read, may_submit, granted_by FROM erp.members ORDER BY 1, 2, 3;

-- the clerk submits for the first tenant only
\set ubl `cat extension/test/samples/fr-wrong-total.xml`
\set cii `cat extension/test/samples/facturx-fr-basic.xml`
SET ROLE regress_clerk;
SELECT * FROM erp.submit(1, convert_to(:'ubl', 'UTF8'), 'fr-wrong-total.xml');
SELECT * FROM erp.submit(1, convert_to(:'cii', 'UTF8'), source => 'facturx-fr-basic.xml');
SELECT * FROM erp.submit(1, content => convert_to(:'ubl', 'UTF8'));
SELECT * FROM erp.submit(2, 'x'::bytea);
SELECT * FROM erp.submit(9, 'x'::bytea);
SELECT * FROM erp.submit(NULL, 'x'::bytea);
SELECT * FROM erp.submit(1, NULL);
SELECT * FROM erp.submit_many(1, ARRAY['a', NULL, 'b']::bytea[]);
SELECT * FROM erp.submit_many(1, ARRAY['a', 'b']::bytea[], ARRAY['a']);
SELECT * FROM erp.submit_many(1, '{}');
SELECT tenant_id, name FROM erp.tenants;
SELECT role_name, persona FROM erp.members;
SELECT id, source, format, kind, profile, verdict, fatal, warning, size, left(encode(sha256, 'hex'), 12) AS sha256 FROM erp.documents ORDER BY id;
SELECT number, type_code, is_credit, issue_date, due_date, seller_key, seller_name, seller_country, buyer_name, order_reference, currency,
	net, vat, gross, payable, valid FROM erp.invoices ORDER BY document_id;
SELECT number, rule, severity, terms, found, expected FROM erp.findings ORDER BY document_id, finding_no;
SELECT seller_name, seller_country, currency, invoices, credit_notes, invalid, net, gross, payable, first_invoice FROM erp.suppliers ORDER BY seller_name;
SELECT clex.value(document, 'BT-27') AS seller, octet_length(content) AS bytes FROM erp.documents ORDER BY id;

-- nobody writes tables, nobody but the store calls its inner functions
INSERT INTO erp.document (tenant_id, received_from, content, state) VALUES (1, 'me', 'x', 'accepted');
UPDATE erp.invoice SET document_id = 1;
DELETE FROM erp.finding;
TRUNCATE erp.document;
INSERT INTO erp.membership VALUES (2, 'regress_clerk', 'cfo', now(), 'me');
SELECT erp.store_batch(2, ARRAY['x'::bytea], NULL);
SELECT erp.add_tenant(3, 'Mine');
SELECT erp.add_member(1, 'regress_stranger', 'cfo');
SELECT erp.remove_member(1, 'regress_auditor');
SELECT clex.drop_store('erp');

-- who sees what
SET ROLE regress_auditor;
SELECT count(*) FROM erp.documents;
SELECT * FROM erp.submit(1, 'x'::bytea);
SET ROLE regress_supplier;
SELECT count(*) FROM erp.documents;
SET ROLE regress_stranger;
SELECT count(*) FROM erp.documents;
SELECT count(*) FROM erp.tenants;
SELECT count(*) FROM erp.members;
-- a member of two tenants, who may submit for one of them
SET ROLE regress_both;
SELECT is_duplicate, state FROM erp.submit(2, convert_to(:'ubl', 'UTF8'));
SELECT * FROM erp.submit(1, 'x'::bytea);
SELECT tenant_id, count(*) FROM erp.documents GROUP BY 1 ORDER BY 1;
SET ROLE regress_clerk;
SELECT tenant_id, count(*) FROM erp.documents GROUP BY 1 ORDER BY 1;
RESET ROLE;
-- an operator sees all, and is told that a tenant does not exist
SELECT tenant_id, count(*) FROM erp.documents GROUP BY 1 ORDER BY 1;
SELECT * FROM erp.submit(9, 'x'::bytea);
-- rights that are taken away are gone
SELECT erp.remove_member(1, 'regress_clerk'), erp.remove_member(1, 'regress_clerk');
SET ROLE regress_clerk;
SELECT count(*) FROM erp.documents;
SELECT * FROM erp.submit(1, 'x'::bytea);
RESET ROLE;

-- bad input: a clear row, every time
SELECT erp.add_member(2, 'regress_clerk', 'ap_clerk');
SET ROLE regress_clerk;
SELECT s.ordinal, b.what, s.state, s.is_duplicate, s.error_code, s.error
FROM (SELECT array_agg(content ORDER BY n) AS contents FROM (VALUES
		(1, ''::bytea),
		(2, '   '),
		(3, '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><cbc:ID'),
		(4, '\x00000000'),
		(5, '<html><body>Rechnung</body></html>'),
		(6, '%PDF-1.7 ...'),
		(7, '\x504b0304140000000800'),
		(8, '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'),
		(9, convert_to(repeat('<a>', 100000), 'UTF8')),
		(10, convert_to('<?xml version="1.0" encoding="UTF-8"?><a>' || chr(228) || '</a>', 'LATIN1')),
		(11, '{"no": "invoice"}'),
		(12, '<?xml version="1.0" encoding="KLINGON"?><a/>'),
		(13, ''::bytea),
		(14, 'plain text')) v (n, content)) c,
	LATERAL erp.submit_many(2, c.contents) s
JOIN (VALUES (1, 'empty'), (2, 'blank'), (3, 'truncated'), (4, 'NUL bytes'), (5, 'HTML'), (6, 'PDF'), (7, 'ZIP'), (8, 'DOCTYPE'),
	(9, 'deep'), (10, 'not UTF-8'), (11, 'other JSON'), (12, 'unknown encoding'), (13, 'empty again'), (14, 'text')) b (n, what) ON b.n = s.ordinal
ORDER BY s.ordinal;
SELECT count(*), count(error), count(error_code) FROM erp.quarantine;
-- one that takes more memory than it may, among others: it alone waits
SET clex.max_memory = '1MB';
SELECT state, error_code, error FROM erp.submit_many(2, ARRAY[convert_to('<a>' || repeat('<b/>', 100000) || '</a>', 'UTF8'), 'plain too']);
RESET clex.max_memory;
-- a value that can be read but that no column takes
SELECT state, valid FROM erp.submit(2, convert_to(replace(:'ubl', 'Moulins de la Baïse SARL', repeat('long name ', 10000)), 'UTF8'));
SELECT octet_length(seller_name), octet_length(seller_key) FROM erp.invoices WHERE tenant_id = 2 ORDER BY document_id;
RESET ROLE;

-- a long comment before the root element does not hide what it is
SET ROLE regress_clerk;
SELECT format, kind, state FROM erp.submit(2, convert_to(replace(:'cii', '<rsm:CrossIndustryInvoice', '<!--' || repeat(' legal notice', 1000) || '--><rsm:CrossIndustryInvoice'), 'UTF8'));
RESET ROLE;

-- the same invoice in other bytes: stored, and said to repeat the first
SET ROLE regress_clerk;
SELECT is_duplicate, repeats = (SELECT min(document_id) FROM erp.invoices WHERE tenant_id = 2 AND seller_key = 'FR05832194070') AS repeats_first
FROM erp.submit(2, convert_to(:'ubl' || '<!-- again -->', 'UTF8'), 'again');
SELECT is_duplicate, repeats FROM erp.submit(2, convert_to(replace(:'ubl', '<cbc:IssueDate>2026', '<cbc:IssueDate>2025'), 'UTF8'), 'other year');
SELECT number, seller_name = repeat('long name ', 10000) AS long_name, issue_date, source FROM erp.duplicates ORDER BY document_id;

-- lines and VAT
SELECT line_no, line_identifier, item_name, quantity, unit, net_price, net_amount, vat_category, vat_rate FROM erp.invoice_lines WHERE document_id = (SELECT min(document_id) FROM erp.invoices) ORDER BY 1;
SELECT number, entry_no, category, rate, taxable_amount, tax_amount, currency FROM erp.vat_breakdown ORDER BY document_id, entry_no LIMIT 2;
SELECT count(*), sum(net_amount) FROM erp.invoice_lines;

-- checking again, reading again
SELECT count(*) FROM erp.findings;
RESET ROLE;
SELECT max(id) AS last FROM erp.events \gset
SET ROLE regress_clerk;
SELECT erp.revalidate(2);
SELECT erp.revalidate(2, '2026-01-01', '{en16931}', ARRAY(SELECT document_id FROM erp.duplicates WHERE source = 'again'));
SELECT as_of, rulesets, clex_version, fatal FROM erp.documents WHERE source = 'again';
SELECT erp.revalidate(2, '2026-01-01', '{peppol}', ARRAY(SELECT document_id FROM erp.duplicates WHERE source = 'again'));
SELECT erp.reread(2) = count(*) FROM erp.documents;
SELECT rulesets, fatal FROM erp.documents WHERE source = 'again';
SELECT count(*) FROM erp.findings;
SELECT count(*) FROM erp.quarantine;
SELECT erp.revalidate(2, NULL, '{nonsense}');
SELECT erp.revalidate(1);
SELECT erp.reread(1);
RESET ROLE;
-- the journal: a submission for each document, then what changed a verdict, and each call
SELECT count(*) FROM erp.documents;
SELECT action, actor, after ->> 'state' AS state, after ->> 'error_code' AS error_code, count(*), count(before), count(DISTINCT after ->> 'sha256') AS hashes
FROM erp.events WHERE subject = 'document' AND id <= :last GROUP BY 1, 2, 3, 4 ORDER BY 2, 3, 4;
SELECT e.action, e.subject, d.source, e.before - 'sha256' AS before, e.after - '{as_of,sha256}'::text[] AS after FROM erp.events e
LEFT JOIN erp.documents d ON e.subject = 'document' AND d.id = e.subject_key::bigint WHERE e.id > :last ORDER BY e.id;

-- while a store exists the extension stays
DROP EXTENSION clex;
SELECT clex.drop_store('nothing');
SELECT clex.drop_store('public');
SELECT clex.drop_store('erp'), clex.drop_store('order'), clex.drop_store('small');
SELECT * FROM clex.stores;
DROP ROLE regress_store_owner, regress_store_other, regress_clerk, regress_auditor, regress_supplier, regress_stranger, regress_both, regress_login;
