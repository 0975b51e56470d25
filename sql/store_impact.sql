-- which stored invoices would be judged otherwise from a day on, and why
SET client_min_messages = warning;
SET datestyle = 'ISO';
CREATE ROLE regress_impact_owner NOLOGIN;
CREATE ROLE regress_impact_erp;
CREATE ROLE regress_impact_auditor;
CREATE ROLE regress_impact_other;
CREATE ROLE regress_impact_supplier;
SELECT clex.create_store('impact', owner => 'regress_impact_owner');
SELECT impact.add_tenant(1, 'First'), impact.add_tenant(2, 'Second');
SELECT impact.add_member(1, 'regress_impact_erp', 'integration'), impact.add_member(1, 'regress_impact_auditor', 'auditor'),
	impact.add_member(2, 'regress_impact_other', 'integration'), impact.add_member(1, 'regress_impact_supplier', 'supplier');
\set order `cat extension/test/samples/fr-wrong-total.xml`
\set basic `cat extension/test/samples/facturx-fr-basic.xml`
\set dutch `cat extension/test/samples/nl-wrong-line-sum.xml`
\set cents `cat extension/test/samples/nl-cii-too-many-decimals.xml`
SET ROLE regress_impact_erp;
SELECT count(*) FROM impact.submit_many(1, ARRAY[convert_to(:'order', 'UTF8'), convert_to(:'basic', 'UTF8'), 'not readable'::bytea,
	convert_to(:'dutch', 'UTF8'), convert_to(:'cents', 'UTF8')]);
SELECT document_id, number, valid, fatal FROM impact.invoices ORDER BY document_id;

-- own rules that begin, change and end
SELECT impact.set_party(1, 'S', 'Seller', 'FR', valid_from => '2020-01-01') IS NOT NULL, impact.add_identifier(1, 'S', 'vat', 'FR05832194070', '2020-01-01');
SELECT impact.define_rule(1, 'OLD', 'exists(BT-13)', '{"en": "An order is needed."}', valid_from => '2020-01-01', valid_until => '2020-06-30'),
	impact.define_rule(1, 'NEW', 'BT-112 < 1600', '{"en": "{BT-112} is too much."}', valid_from => '2020-07-01'),
	impact.define_rule(1, 'SOFT', 'false()', '{"en": "x"}', 'warning', valid_from => '2020-07-01'),
	impact.define_rule(1, 'FAILS', '1 div (BT-112 - 669.36) != 0', '{"en": "x"}', valid_from => '2020-08-01'),
	impact.define_rule(1, 'DRAFT', 'false()', '{"en": "x"}', valid_from => '2020-07-01');
SELECT impact.activate_rule(1, r) FROM unnest('{OLD,NEW,SOFT,FAILS}'::text[]) r;
SELECT * FROM impact.upgrade_impact(1, 'own', as_of => '2020-07-01', before_day => '2020-06-30');
SELECT * FROM impact.upgrade_impact(1, 'own', as_of => '2020-08-01', before_day => '2020-07-01');
SELECT document_id, before, after, rule, change FROM impact.upgrade_impact(1, 'own', as_of => '2020-01-01', before_day => '2019-12-31');
SELECT document_id, before, after, rule, change FROM impact.upgrade_impact(1, 'own', as_of => '2020-07-01', before_day => '2020-06-30', documents => '{1,3,99}');
SELECT count(*) FROM impact.upgrade_impact(1, 'own', as_of => '2020-07-02', before_day => '2020-07-01');
-- it agrees with what checking on those days stores
SELECT impact.revalidate(1, '2020-06-30');
CREATE TEMPORARY TABLE stored AS SELECT document_id, bool_or(severity = 'fatal') AS before FROM impact.findings WHERE ruleset = 'own' GROUP BY 1;
SELECT impact.revalidate(1, '2020-07-01');
SELECT i.document_id, s.before IS TRUE AS fatal_before, EXISTS (SELECT FROM impact.findings f WHERE f.document_id = i.document_id AND f.ruleset = 'own' AND f.severity = 'fatal') AS fatal_after
FROM impact.invoices i LEFT JOIN stored s USING (document_id) ORDER BY 1;

-- published rules: the version in force changes nothing, a severity decided on does
SELECT ruleset, count(*) FROM (SELECT DISTINCT s.ruleset, s.version FROM clex.rule_sets s WHERE s.ruleset = 'en16931') s,
	LATERAL impact.upgrade_impact(1, s.ruleset, s.version) GROUP BY 1;
SELECT impact.set_severity(1, 'en16931', 'BR-CO-16', 'warning', 'agreed', 'S', '2020-07-01') IS NOT NULL,
	impact.set_severity(1, 'own', 'NEW', 'information', 'tried out', valid_from => '2020-07-15') IS NOT NULL;
SELECT document_id, number, before, after, rule, change, message FROM impact.upgrade_impact(1, 'en16931', as_of => '2020-07-01', before_day => '2020-06-30');
SELECT document_id, before, after, rule, change FROM impact.upgrade_impact(1, 'own', as_of => '2020-07-15', before_day => '2020-07-14');
-- what French law wants of invoices from a day on: a rule that was a warning before
\set credit `cat extension/test/samples/fr-avoir-retour.xml`
SELECT valid FROM impact.submit(1, convert_to(:'credit', 'UTF8'));
SELECT number, before, after, rule, change, message FROM impact.upgrade_impact(1, 'fr-invoice', '2027-09', before_day => '2026-09-01');
SELECT number, before, after, rule, change FROM impact.upgrade_impact(1, 'fr-invoice', '2026-09', before_day => '2027-09-01');
SELECT number, before, after, rule, change FROM impact.upgrade_impact(1, 'fr-invoice', '2019-10', before_day => '2026-09-01');
-- a set that has no rules for a document says nothing of it
SELECT document_id, before, after, rule, change FROM impact.upgrade_impact(1, 'xrechnung', as_of => '2020-07-01', before_day => '2020-06-30');

-- misuse
\set VERBOSITY terse
SELECT * FROM impact.upgrade_impact(1, 'moon', as_of => '2020-07-01');
SELECT * FROM impact.upgrade_impact(1, 'en16931');
SELECT * FROM impact.upgrade_impact(1, 'en16931', '1.3.16', '2020-07-01');
SELECT * FROM impact.upgrade_impact(1, 'en16931', '0.9');
SELECT * FROM impact.upgrade_impact(1, 'own', '1');

-- who reads a tenant's documents may ask, and nobody of another one's
SET ROLE regress_impact_auditor;
SELECT count(*) FROM impact.upgrade_impact(1, 'own', as_of => '2020-07-01', before_day => '2020-06-30');
SET ROLE regress_impact_other;
SELECT count(*) FROM impact.upgrade_impact(1, 'own', as_of => '2020-07-01', before_day => '2020-06-30');
SELECT count(*) FROM impact.upgrade_impact(1, 'en16931', as_of => '2020-07-01', before_day => '2020-06-30');
SET ROLE regress_impact_supplier;
SELECT count(*) FROM impact.upgrade_impact(1, 'en16931', as_of => '2020-07-01', before_day => '2020-06-30');
RESET ROLE;
DROP TABLE stored;
SELECT clex.drop_store('impact');
DROP ROLE regress_impact_owner;
DROP ROLE regress_impact_erp;
DROP ROLE regress_impact_auditor;
DROP ROLE regress_impact_other;
DROP ROLE regress_impact_supplier;
