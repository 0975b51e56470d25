-- enrichment: what suppliers leave out is filled, recorded and judged apart; what they sent stays as it was
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
CREATE ROLE regress_enrich_owner NOLOGIN;
CREATE ROLE regress_enrich_erp;
CREATE ROLE regress_enrich_clerk;
CREATE ROLE regress_enrich_other;
CREATE ROLE regress_enrich_supplier;
\set VERBOSITY terse
SELECT clex.create_store('enrich', owner => 'regress_enrich_owner');
SELECT enrich.add_tenant(1, 'First'), enrich.add_tenant(2, 'Second');
SELECT enrich.add_member(1, 'regress_enrich_erp', 'integration'), enrich.add_member(1, 'regress_enrich_clerk', 'ap_clerk'),
	enrich.add_member(2, 'regress_enrich_other', 'integration'), enrich.add_member(1, 'regress_enrich_supplier', 'supplier');
\set order `cat extension/test/samples/fr-wrong-total.xml`
\set basic `cat extension/test/samples/facturx-fr-basic.xml`
\set nobuyer `cat extension/test/samples/de-missing-buyer-country.xml`

-- definitions that are wrong, or by who may not
SET ROLE regress_enrich_erp;
\set VERBOSITY default
SELECT enrich.define_enrichment(1, 'E', 'BT-999', '''x''');
SELECT enrich.define_enrichment(1, 'E', 'BT-7', 'BT-2 +');
SELECT enrich.define_enrichment(1, 'E', 'BT-7', '''soon''');
\set VERBOSITY terse
SELECT enrich.define_enrichment(1, 'E', 'lines', '''x''');
SELECT enrich.define_enrichment(1, 'E', 'BT-7', 'BT-2', 'BT-1 = 3');
SELECT enrich.define_enrichment(1, 'E', 'BT-7', 'BT-2', context => '/lines');
SELECT enrich.define_enrichment(1, 'E', NULL, '''x''');
SELECT enrich.define_enrichment(1, 'E', 'BT-7', 'BT-2', party => 'NOBODY');
SELECT enrich.define_enrichment(2, 'E', 'BT-7', 'BT-2');
SET ROLE regress_enrich_clerk;
SELECT enrich.define_enrichment(1, 'E', 'BT-7', 'BT-2');
SELECT enrich.judge_enriched(1, '{1}', CURRENT_DATE);

-- a constant, other terms, the party record, lines; tried, then activated
SET ROLE regress_enrich_erp;
SELECT enrich.set_party(1, 'S', 'Seller', 'FR', valid_from => '2020-01-01') IS NOT NULL, enrich.add_identifier(1, 'S', 'vat', 'FR05832194070', '2020-01-01'),
	enrich.add_identifier(1, 'S', 'gln', '4012345000009', '2020-01-01');
SELECT enrich.set_party(1, 'D', 'Käufer', 'DE', valid_from => '2020-01-01') IS NOT NULL;
SELECT count(*) FROM enrich.submit_many(1, ARRAY[convert_to(:'order', 'UTF8'), convert_to(:'nobuyer', 'UTF8'), 'not readable'::bytea]);
SELECT number, valid, buyer_vat_id, seller_key FROM enrich.invoices ORDER BY number;
SELECT enrich.define_enrichment(1, 'ACCOUNT', 'BT-19', '''62410''', 'BT-112 > 1000', valid_from => '2020-01-01'),
	enrich.define_enrichment(1, 'CODE', 'BT-11', '$seller.code', valid_from => '2020-01-01'),
	enrich.define_enrichment(1, 'NOTES', 'lines.note', 'concat(''line '', BT-126)', 'BT-131 < 100', valid_from => '2020-01-01'),
	enrich.define_enrichment(1, 'COUNTRY', 'buyer.address.country', '''DE''', 'BT-40 = ''DE''', valid_from => '2020-01-01'),
	enrich.define_enrichment(1, 'A-ACCOUNT', 'BT-19', '''of all''', valid_from => '2020-01-01'),
	enrich.define_enrichment(1, 'Z-ACCOUNT', 'BT-19', '''of the seller''', party => 'S', valid_from => '2020-01-01'),
	enrich.define_enrichment(1, 'ZERO', 'BT-17', '1 div 0', valid_from => '2020-01-01'),
	enrich.define_enrichment(1, 'THERE', 'BT-1', '''never''', valid_from => '2020-01-01');
-- names are shared with rules
SELECT enrich.define_rule(1, 'ACCOUNT', 'true()', '{"en": "x"}');
SELECT rule, version, kind, state, term, value, source, party FROM enrich.own_rules ORDER BY rule;
SELECT number, outcome, location, expected, message FROM enrich.try_rule(1, 'NOTES') ORDER BY number, location;
SELECT number, outcome, location, expected FROM enrich.try_rule(1, 'CODE') ORDER BY number;
SELECT number, outcome, location, expected, message FROM enrich.try_rule(1, 'ZERO') ORDER BY number;
SELECT count(*) FROM enrich.enriched_terms;
SELECT enrich.activate_rule(1, r) FROM unnest('{ACCOUNT,CODE,NOTES,COUNTRY,Z-ACCOUNT,A-ACCOUNT,ZERO,THERE}'::text[]) r;

SELECT enrich.revalidate(1, '2026-06-30');
SELECT number, term, path, value, source, rule, rule_version FROM enrich.enriched_terms ORDER BY number, path;
SELECT number, ruleset, rule, severity, message FROM enrich.findings WHERE ruleset = 'own' ORDER BY number, rule;
-- the original, its document and its verdict are what they were; the enriched one has its own
SELECT i.number, i.valid, i.fatal, clex.value(i.document, 'BT-19') AS account, clex.value(i.document, 'BT-55') AS country,
	encode(d.sha256, 'hex') = encode(sha256(d.content), 'hex') AS untouched
FROM enrich.invoices i JOIN enrich.documents d ON d.id = i.document_id ORDER BY i.number;
SELECT number, valid, fatal, warning, valid_as_sent, fatal_as_sent, warning_as_sent, clex.value(document, 'BT-19') AS account, clex.value(document, 'BT-55') AS country,
	clex.value(document, 'BT-1') AS bt_1
FROM enrich.enriched_documents ORDER BY number;
SELECT document_id, ruleset, rule, severity FROM enrich.enriched_findings(1, '{1,2,3}', '2026-06-30') ORDER BY 1, 2, 3;
SELECT clex.value(enrich.enriched_document(1, 1), 'BT-11') AS enriched, enrich.enriched_document(1, 3) IS NULL AS none, enrich.enriched_document(1, 99) IS NULL AS none;
-- what comes in is enriched at once, also in a batch with what cannot be read
SELECT state, valid FROM enrich.submit_many(1, ARRAY[convert_to(:'basic', 'UTF8'), '<x'::bytea]) ORDER BY ordinal;
SELECT number, term, value, source, rule FROM enrich.enriched_terms WHERE document_id = (SELECT max(document_id) FROM enrich.enriched_terms) ORDER BY path;

-- own rules and severities count in both verdicts: a rule that only what was sent breaks
SELECT enrich.define_rule(1, 'NEEDED', 'exists(BT-19)', '{"en": "An account is needed."}', valid_from => '2020-01-01'), enrich.activate_rule(1, 'NEEDED');
SELECT enrich.set_severity(1, 'en16931', 'BR-CO-16', 'warning', 'agreed', 'S', '2020-01-01') IS NOT NULL;
SELECT enrich.revalidate(1, '2026-06-30');
SELECT number, valid, fatal, warning, valid_as_sent, fatal_as_sent, warning_as_sent FROM enrich.enriched_documents ORDER BY number;

-- another day, another version, none
SELECT enrich.define_enrichment(1, 'ACCOUNT', 'BT-19', '''70000''', valid_from => '2021-01-01'), enrich.activate_rule(1, 'ACCOUNT');
SELECT enrich.retire_rule(1, 'A-ACCOUNT', '2020-01-01'), enrich.retire_rule(1, 'Z-ACCOUNT', '2020-01-01');
SELECT enrich.revalidate(1, '2020-12-31');
SELECT number, value, rule_version FROM enrich.enriched_terms WHERE rule = 'ACCOUNT' ORDER BY number;
SELECT enrich.reread(1), enrich.revalidate(1, '2021-01-01');
SELECT number, value, rule_version FROM enrich.enriched_terms WHERE rule = 'ACCOUNT' ORDER BY number;
SELECT enrich.revalidate(1, '2019-12-31');
SELECT (SELECT count(*) FROM enrich.enriched_terms), (SELECT count(*) FROM enrich.enriched_documents);
SELECT enrich.revalidate(1, '2021-01-01');

-- another tenant and a supplier see nothing of it
SET ROLE regress_enrich_other;
SELECT (SELECT count(*) FROM enrich.enriched_terms), (SELECT count(*) FROM enrich.enriched_documents), enrich.enriched_document(1, 1) IS NULL,
	(SELECT count(*) FROM enrich.enriched_findings(1, '{1,2}'));
RESET ROLE;
SELECT enrich.scope_member(1, 'regress_enrich_supplier', 'supplier', party => 'S');
SET ROLE regress_enrich_supplier;
SELECT (SELECT count(*) FROM enrich.invoices), (SELECT count(*) FROM enrich.enriched_terms), (SELECT count(*) FROM enrich.enriched_documents),
	clex.value(enrich.enriched_document(1, 1), 'BT-19') IS NULL AS as_sent;
RESET ROLE;

SELECT clex.drop_store('enrich');
DROP ROLE regress_enrich_owner;
DROP ROLE regress_enrich_erp;
DROP ROLE regress_enrich_clerk;
DROP ROLE regress_enrich_other;
DROP ROLE regress_enrich_supplier;
