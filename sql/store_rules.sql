-- a tenant's own rules: defined, tried, activated, applied, retired; alerts; severities it decides on
SET client_min_messages = warning;
SET datestyle = 'ISO';
CREATE ROLE regress_rules_owner NOLOGIN;
CREATE ROLE regress_rules_erp;
CREATE ROLE regress_rules_clerk;
CREATE ROLE regress_rules_other;
CREATE ROLE regress_rules_supplier;
\set VERBOSITY terse
SELECT clex.create_store('rules', owner => 'regress_rules_owner');
SELECT rules.add_tenant(1, 'First'), rules.add_tenant(2, 'Second');
SELECT rules.add_member(1, 'regress_rules_erp', 'integration'), rules.add_member(1, 'regress_rules_clerk', 'ap_clerk'),
	rules.add_member(2, 'regress_rules_other', 'integration'), rules.add_member(1, 'regress_rules_supplier', 'supplier');
\set order `cat extension/test/samples/fr-wrong-total.xml`
\set basic `cat extension/test/samples/facturx-fr-basic.xml`
\set dutch `cat extension/test/samples/nl-wrong-line-sum.xml`
CREATE VIEW own AS SELECT tenant_id, number, rule, severity, original_severity, rule_version AS v, location, found, expected, message
	FROM rules.findings WHERE ruleset = 'own';
GRANT SELECT ON own TO PUBLIC;

-- definitions that are wrong say where, and nothing is kept
SET ROLE regress_rules_erp;
\set VERBOSITY default
SELECT rules.define_rule(1, 'ORDER', 'BT-112 <= 10000 or exists(BT-999)', '{"en": "x"}');
SELECT rules.define_rule(1, 'ORDER', 'BT-112 <= ''10000''', '{"en": "x"}');
SELECT rules.define_rule(1, 'ORDER', 'in-list(''moon'', BT-3)', '{"en": "x"}');
SELECT rules.define_rule(1, 'ORDER', 'BT-131 > 0', '{"en": "x {BT-131 +}"}', context => '/lines');
\set VERBOSITY terse
SELECT rules.define_rule(1, 'ORDER', 'true()', '{"en": "x"}', severity => 'deadly');
SELECT rules.define_rule(1, 'ORDER', 'true()', '{}');
SELECT rules.define_rule(1, 'no name', 'true()', '{"en": "x"}');
SELECT rules.define_rule(1, NULL, 'true()', '{"en": "x"}');
SELECT rules.define_rule(1, 'ORDER', 'true()', '{"en": "x"}', party => 'NOBODY');
SELECT rules.define_rule(1, 'ORDER', 'true()', '{"en": "x"}', entity => 'NOTHING');
SELECT rules.define_rule(1, 'ORDER', 'true()', '{"en": "x"}', valid_from => '2020-02-01', valid_until => '2020-01-01');
SELECT rules.define_rule(1, 'ORDER', 'true()', '{"en": "x"}', valid_from => NULL);
SELECT count(*) FROM rules.own_rules;

-- only who maintains a tenant's master data defines its rules
SET ROLE regress_rules_clerk;
SELECT rules.define_rule(1, 'ORDER', 'true()', '{"en": "x"}');
SELECT rules.activate_rule(1, 'ORDER');
SELECT rules.retire_rule(1, 'ORDER');
SELECT rules.set_severity(1, 'en16931', 'BR-CO-16', 'warning', 'because');
SELECT rules.apply_rules(1, '{1}', CURRENT_DATE);
INSERT INTO rules.own_rule (tenant_id, rule) VALUES (1, 'X');
SET ROLE regress_rules_other;
SELECT rules.define_rule(1, 'ORDER', 'true()', '{"en": "x"}');

-- a draft is tried on what is there, and found nothing with
SET ROLE regress_rules_erp;
SELECT count(*) FROM rules.submit_many(1, ARRAY[convert_to(:'order', 'UTF8'), convert_to(:'basic', 'UTF8'), 'not readable'::bytea]);
SELECT rules.define_rule(1, 'ORDER', 'BT-112 <= 1000 or exists(BT-13)',
	'{"en": "{BT-112} {BT-5} is over 1,000: an order number is needed.", "fr": "{BT-112} {BT-5} dépasse 1 000 : il faut un numéro de commande."}',
	valid_from => '2020-01-01');
SELECT rules.define_rule(1, 'LINES', 'BT-131 >= 100', '{"en": "Line {BT-126} of {BT-131} {BT-5} is below 100."}', 'warning', '/lines', valid_from => '2020-01-01');
SELECT rules.define_rule(1, 'TERMS', 'contains(BT-20, ''30'') and BT-9 <= BT-2 + 30', '{"en": "Our payment terms are 30 days, not {BT-20}."}', 'information',
	valid_from => '2020-01-01', alert => true);
SELECT rules.define_rule(1, 'ZERO', 'BT-112 div (BT-112 - BT-112) > 1', '{"en": "x"}', 'warning', valid_from => '2020-01-01');
-- the same again changes nothing
SELECT rules.define_rule(1, 'ZERO', 'BT-112 div (BT-112 - BT-112) > 1', '{"en": "x"}', 'warning', valid_from => '2020-01-01');
SELECT number, outcome, location, found, message FROM rules.try_rule(1, 'LINES') ORDER BY number, location;
SELECT number, outcome, found FROM rules.try_rule(1, condition => 'exists(BT-13)') ORDER BY number;
SELECT number, outcome, location FROM rules.try_rule(1, condition => 'BT-129 > 5', context => '/lines', last_documents => 1) ORDER BY number, location;
SELECT number, outcome, found FROM rules.try_rule(1, 'ZERO') ORDER BY number;
SELECT * FROM rules.try_rule(1, condition => 'exists(BT-999)');
SELECT * FROM rules.try_rule(1, 'NONE');
SELECT * FROM rules.try_rule(1, 'ORDER', version => 7);
SELECT * FROM rules.try_rule(1);
SELECT * FROM rules.try_rule(1, 'ORDER', 'true()');
SELECT count(*) FROM own;

-- active rules hold for what comes in; a rule that fails stops neither the others nor the batch
SELECT rules.activate_rule(1, r) FROM unnest(ARRAY['ORDER', 'LINES', 'TERMS', 'ZERO', 'ZERO']) r;
SELECT rules.activate_rule(1, 'NONE');
SELECT rule, version, kind, state, in_force, severity, context, alert, valid_from, defined_by, activated_by FROM rules.own_rules ORDER BY rule;
SELECT is_duplicate, state, valid, fatal, warning FROM rules.submit_many(1, ARRAY[convert_to(:'dutch', 'UTF8'), '<a/>'::bytea, convert_to(:'order', 'UTF8')]) ORDER BY ordinal;
SELECT * FROM own ORDER BY number, rule, location;
SELECT rules.revalidate(1, '2020-06-30');
SELECT * FROM own ORDER BY number, rule, location;
SELECT number, verdict, d.fatal, d.warning FROM rules.documents d LEFT JOIN rules.invoices i ON i.document_id = d.id ORDER BY d.id;
SELECT rule, number, seller_name, severity, message FROM rules.alerts ORDER BY number;
-- the numbers of findings go on where those of the published rules end
SELECT document_id, array_agg(finding_no ORDER BY finding_no) = array_agg((n)::int ORDER BY n) AS in_a_row
FROM (SELECT document_id, finding_no, row_number() OVER (PARTITION BY document_id ORDER BY finding_no) n FROM rules.finding) f GROUP BY 1 ORDER BY 1;

-- a new version: the old one keeps its days
SELECT rules.define_rule(1, 'ORDER', 'exists(BT-13)', '{"en": "Every invoice needs an order number."}', 'warning', valid_from => '2020-07-01');
SELECT rules.revalidate(1, '2020-07-01');
SELECT number, rule, severity, v FROM own WHERE rule = 'ORDER' ORDER BY number;
SELECT rules.activate_rule(1, 'ORDER');
SELECT rules.revalidate(1, '2020-07-01');
SELECT number, rule, severity, v FROM own WHERE rule = 'ORDER' ORDER BY number;
SELECT rules.revalidate(1, '2020-06-30');
SELECT number, rule, severity, v FROM own WHERE rule = 'ORDER' ORDER BY number;
-- before any version there is none
SELECT rules.revalidate(1, '2019-12-31');
SELECT count(*) FROM own;
-- a version put right on the same day takes the place of the one before
SELECT rules.define_rule(1, 'ORDER', 'exists(BT-13) or BT-3 = ''381''', '{"en": "Every invoice needs an order number."}', 'warning', valid_from => '2020-07-01');
SELECT rules.activate_rule(1, 'ORDER', 3);
SELECT rules.revalidate(1, '2020-07-01');
SELECT number, rule, severity, v FROM own WHERE rule = 'ORDER' ORDER BY number;
-- retired from a day on; before it goes on to hold
SELECT rules.retire_rule(1, 'ORDER', '2020-08-01'), rules.retire_rule(1, 'ZERO', '2020-01-01');
SELECT rules.retire_rule(1, 'ORDER', '2020-09-01');
SELECT rules.retire_rule(1, 'NONE');
SELECT rules.activate_rule(1, 'ORDER');
SELECT rules.revalidate(1, '2020-08-01');
SELECT DISTINCT rule FROM own ORDER BY rule;
SELECT rules.revalidate(1, '2020-07-31');
SELECT DISTINCT rule, v FROM own ORDER BY rule;
-- valid until a day
SELECT rules.define_rule(1, 'ONCE', 'false()', '{"en": "x"}', 'information', valid_from => '2020-02-01', valid_until => '2020-02-28'), rules.activate_rule(1, 'ONCE');
SELECT d, (SELECT array_agg(r.rule || ' ' || r.version ORDER BY r.rule) FROM rules.own_rules_on(1, d) r)
FROM unnest(ARRAY['2020-01-31', '2020-02-01', '2020-02-28', '2020-03-01', '2020-07-01', '2020-08-01']::date[]) d ORDER BY d;
SELECT rules.retire_rule(1, 'ONCE', '2020-02-10');

-- for a party, for an entity and all below it, and what the party's record says
SELECT rules.set_party(1, 'S', 'Seller', 'FR', valid_from => '2020-01-01') IS NOT NULL, rules.add_identifier(1, 'S', 'vat', 'FR05832194070', '2020-01-01'),
	rules.add_identifier(1, 'S', 'iban', 'FR1420041010050500013M02606', '2020-03-01');
SELECT rules.set_party(1, 'B', 'Buyer', 'FR', valid_from => '2020-01-01') IS NOT NULL, rules.add_identifier(1, 'B', 'vat', 'FR88790453187', '2020-01-01');
SELECT rules.set_entity(1, 'HQ', 'group', 'Group', valid_from => '2020-01-01') IS NOT NULL,
	rules.set_entity(1, 'FR01', 'company', 'Company', 'HQ', 'B', valid_from => '2020-01-01') IS NOT NULL;
SELECT rules.define_rule(1, 'P', 'false()', '{"en": "from {$seller.code}"}', 'information', party => 'S', valid_from => '2020-01-01'),
	rules.define_rule(1, 'E', 'false()', '{"en": "to {$buyer.code}"}', 'information', entity => 'HQ', valid_from => '2020-01-01'),
	rules.define_rule(1, 'PE', 'false()', '{"en": "both"}', 'information', party => 'S', entity => 'FR01', valid_from => '2020-01-01'),
	rules.define_rule(1, 'IBAN', 'every $a in BT-84 satisfies $a = $seller.iban', '{"en": "{BT-84} is no account of {$seller.name}."}', valid_from => '2020-01-01');
SELECT rules.activate_rule(1, r) FROM unnest('{P,E,PE,IBAN}'::text[]) r;
SELECT rules.revalidate(1, '2020-07-31');
SELECT number, rule, severity, message FROM own WHERE rule IN ('P', 'E', 'PE', 'IBAN') ORDER BY number, rule;
SELECT DISTINCT number, outcome FROM rules.try_rule(1, 'P') ORDER BY number;
-- before the party had the account
SELECT rules.revalidate(1, '2020-02-15');
SELECT number, rule, message FROM own WHERE rule = 'IBAN' ORDER BY number;

-- severities: of a published rule for one partner, of an own rule for all, with reason and author
SELECT rules.revalidate(1, '2020-07-31');
SELECT number, ruleset, rule, severity FROM rules.findings WHERE severity = 'fatal' ORDER BY number, ruleset, rule;
SELECT rules.set_severity(1, 'en16931', 'BR-CO-16', 'warning', 'agreed with the supplier', 'S', '2020-07-01', '2020-12-31') IS NOT NULL,
	rules.set_severity(1, 'own', 'LINES', 'fatal', 'small lines cost too much', valid_from => '2020-07-01') IS NOT NULL;
SELECT rules.set_severity(1, 'en16931', 'BR-NONE', 'warning', 'x');
SELECT rules.set_severity(1, 'own', 'NONE', 'warning', 'x');
SELECT rules.set_severity(1, 'own', 'LINES', 'deadly', 'x');
SELECT rules.set_severity(1, 'own', 'LINES', 'fatal', NULL);
SELECT rules.set_severity(1, 'own', 'LINES', 'fatal', '');
SELECT rules.set_severity(1, 'own', 'LINES', 'fatal', 'x', 'NOBODY');
SELECT rules.revalidate(1, '2020-07-31');
SELECT number, ruleset, rule, severity, original_severity FROM rules.findings WHERE original_severity IS NOT NULL ORDER BY number, ruleset, rule, finding_no;
SELECT i.number, d.verdict, d.fatal, d.warning FROM rules.documents d JOIN rules.invoices i ON i.document_id = d.id ORDER BY d.id;
-- what is said of the partner counts first, also that a rule is as it was; another day, nothing of it holds
SELECT rules.set_severity(1, 'own', 'LINES', NULL, 'not for this one', 'S', '2020-07-01') IS NOT NULL;
SELECT rules.revalidate(1, '2020-07-31');
SELECT number, rule, severity, original_severity, count(*) FROM rules.findings WHERE rule = 'LINES' GROUP BY 1, 2, 3, 4 ORDER BY 1;
SELECT rules.revalidate(1, '2020-06-30');
SELECT count(*) FROM rules.findings WHERE original_severity IS NOT NULL;
SELECT ruleset, rule, party, severity, reason, valid_from, valid_until, decided_by FROM rules.severity_overrides ORDER BY id;
RESET ROLE;
SET ROLE regress_rules_owner;
UPDATE rules.severity_override SET reason = 'another';
RESET ROLE;

-- reread applies them too, and takes nothing twice
SELECT count(*) AS before FROM own \gset
SELECT rules.reread(1), rules.reread(1), rules.revalidate(1, '2020-06-30');
SELECT count(*) = :before AS same FROM own;

-- the journal has who and when
SELECT actor, action, subject_key, COALESCE(after ->> 'version', before ->> 'versions') AS version FROM rules.events
WHERE tenant_id = 1 AND subject IN ('rule', 'severity') ORDER BY id;

-- another tenant has rules of its own, and neither sees those of the other
SET ROLE regress_rules_other;
SELECT rules.define_rule(2, 'ORDER', 'false()', '{"en": "second"}', alert => true), rules.activate_rule(2, 'ORDER');
SELECT fatal, warning FROM rules.submit(2, convert_to(:'dutch', 'UTF8'));
SELECT tenant_id, rule, v, message FROM own;
SELECT tenant_id, rule FROM rules.alerts;
SELECT tenant_id, rule FROM rules.own_rules;
SELECT count(*) FROM rules.severity_overrides;
SELECT rules.try_rule(1, 'LINES');
SET ROLE regress_rules_supplier;
SELECT (SELECT count(*) FROM rules.own_rules), (SELECT count(*) FROM rules.alerts), (SELECT count(*) FROM rules.try_rule(1, condition => 'true()'));
SET ROLE regress_rules_clerk;
SELECT DISTINCT tenant_id FROM own;
-- whoever may submit has them applied
SELECT valid, fatal > 0 AS fatal FROM rules.submit(1, convert_to(:'dutch', 'UTF8') || '<!-- again -->'::bytea);
RESET ROLE;

DROP VIEW own;
SELECT clex.drop_store('rules');
DROP ROLE regress_rules_owner;
DROP ROLE regress_rules_erp;
DROP ROLE regress_rules_clerk;
DROP ROLE regress_rules_other;
DROP ROLE regress_rules_supplier;
