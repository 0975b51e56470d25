-- master data of a tenant: parties, identifiers, entities in time, and the journal of it all
SET client_min_messages = warning;
SET datestyle = 'ISO';
CREATE ROLE regress_parties_owner NOLOGIN;
CREATE ROLE regress_erp;
CREATE ROLE regress_entry;
CREATE ROLE regress_audit;
\set VERBOSITY terse
SELECT clex.create_store('base', '{base}', 'regress_parties_owner');
SELECT base.add_tenant(1, 'First'), base.add_tenant(2, 'Second');
SELECT base.add_member(1, 'regress_erp', 'integration'), base.add_member(1, 'regress_entry', 'ap_clerk'), base.add_member(1, 'regress_audit', 'auditor');

-- parties: what is said holds from its day until the next
SET ROLE regress_erp;
SELECT base.set_party(1, 'S1', 'Moulins SARL', 'FR', city => 'Condom', valid_from => '2024-01-01') > 0;
SELECT base.set_party(1, 'S1', 'Moulins SAS', 'FR', city => 'Condom', valid_from => '2025-07-01') = base.set_party(1, 'S1', 'Moulins SAS', 'FR', city => 'Condom', valid_from => '2025-07-01') AS same;
-- what holds already makes no row, a correction of the same day replaces it
SELECT base.set_party(1, 'S1', 'Moulins SAS', 'FR', city => 'Condom', valid_from => '2025-08-01') > 0;
SELECT base.set_party(1, 'S1', 'Moulins SAS', 'FR', city => 'Nérac', language => 'fr', email => 'compta@moulins.example', valid_from => '2025-07-01') > 0;
SELECT base.set_party(1, 'S2', 'Glas GmbH', 'DE') > 0;
SELECT base.close_party(1, 'S2', CURRENT_DATE + 10);
SELECT base.set_party(1, 'S3', 'Gone Ltd', 'GB', valid_from => '2020-01-01') > 0;
SELECT base.close_party(1, 'S3', '2023-01-01'), base.close_party(1, 'S3', '2023-01-01');
SELECT code, name, city, country, language FROM base.parties ORDER BY code;
SELECT code, valid_from, valid_to, closed, name, city FROM base.party_history WHERE code <> 'S2' ORDER BY code, valid_from;
SELECT base.set_party(1, 'S4', '');
SELECT base.set_party(1, 'S4', NULL);
SELECT base.set_party(1, '', 'No code');
SELECT base.set_party(1, repeat('x', 201), 'Long code');
SELECT base.set_party(1, 'S4', 'Four', 'France');
SELECT base.set_party(1, 'S4', 'Four', email => 'nobody');
SELECT base.set_party(1, 'S4', 'Four', valid_from => 'infinity');
SELECT base.set_party(1, 'S4', 'Four', valid_from => NULL);
SELECT base.close_party(1, 'S9');
SELECT base.close_party(1, 'S1', '2023-12-31');
SELECT base.set_party(2, 'S1', 'Other tenant');
SELECT base.set_party(NULL, 'S1', 'No tenant');

-- identifiers: stored clean, with the check digits of their schemes
SELECT base.add_identifier(1, 'S1', 'siren', '732 829 320', '2024-01-01'), base.add_identifier(1, 'S1', 'siret', '73282932000074', '2024-01-01'),
	base.add_identifier(1, 'S1', 'vat', 'fr 44 732829320', '2024-01-01'), base.add_identifier(1, 'S1', 'gln', '4000001000005', '2024-01-01'),
	base.add_identifier(1, 'S1', 'lei', '529900T8BM49AURSDO55', '2024-01-01'), base.add_identifier(1, 'S1', 'iban', 'FR14 2004 1010 0505 0001 3M02 606', '2024-01-01'),
	base.add_identifier(1, 'S1', 'bic', 'PSSTFRPPXXX', '2024-01-01'), base.add_identifier(1, 'S1', 'duns', '123456789', '2024-01-01'),
	base.add_identifier(1, 'S1', '0002', '732829320', '2024-01-01'), base.add_identifier(1, 'S1', '9999', 'no check known', '2024-01-01'),
	base.add_identifier(1, 'S1', 'other', ' K-4711 ', '2024-01-01');
SELECT code, scheme, value, valid_from, valid_to, valid_today FROM base.party_identifiers ORDER BY code, scheme COLLATE "C", value;
-- each of them wrong
SELECT x.scheme, x.value, base.is_identifier(x.scheme, x.value)
FROM (VALUES ('siren', '732829321'), ('siret', '73282932000075'), ('vat', 'FR45732829320'), ('vat', 'US123456789'), ('gln', '4000001000006'), ('lei', '529900T8BM49AURSDO56'),
	('iban', 'FR1520041010050500013M02606'), ('bic', 'PSSTFRP'), ('duns', '12345678'), ('0002', '732829321'), ('00', 'x'), ('other', ''), ('passport', 'x'),
	('vat', 'CHE-116.281.710 MWST'), ('vat', 'GB980780684'), ('vat', 'NO974760673MVA')) x (scheme, value) ORDER BY 1, 2;
SELECT base.add_identifier(1, 'S1', 'siren', '732829321');
SELECT base.add_identifier(1, 'S1', 'passport', 'x');
SELECT base.add_identifier(1, 'S1', 'siren', NULL);
SELECT base.add_identifier(1, 'S9', 'siren', '732829320');
-- a SIREN stands for one party; a VAT group shares its number
SELECT base.add_identifier(1, 'S2', 'siren', '732829320');
SELECT base.add_identifier(1, 'S2', 'vat', 'FR44732829320');
-- ended, going on, never true
SELECT base.remove_identifier(1, 'S1', 'iban', 'FR1420041010050500013M02606', '2025-01-01');
SELECT base.remove_identifier(1, 'S1', 'vat', 'FR44732829320', '2024-01-01');
SELECT base.remove_identifier(1, 'S1', 'duns', '123456789');
SELECT base.remove_identifier(1, 'S1', 'duns', '123456789');
SELECT base.remove_identifier(1, 'S1', 'bic', 'PSSTFRPPXXX', '2025-01-01'), base.add_identifier(1, 'S1', 'bic', 'PSSTFRPPXXX', '2025-01-01');
SELECT base.add_identifier(1, 'S1', 'iban', 'FR1420041010050500013M02606', '2025-06-01');
SELECT scheme, valid_from, valid_to FROM base.party_identifiers WHERE scheme IN ('iban', 'bic', 'duns') AND code = 'S1' ORDER BY 1;

-- entities
SELECT base.set_entity(1, 'G', 'group', 'Groupe Exemple', valid_from => '2024-01-01') > 0, base.set_entity(1, 'C', 'company', 'Exemple SA', 'G', party => 'S2', valid_from => '2024-01-01') > 0,
	base.set_entity(1, 'D', 'department', 'Comptabilité', 'C', valid_from => '2024-01-01') > 0, base.set_entity(1, 'F', 'franchise', 'Exemple Lyon', 'C', valid_from => '2024-06-01') > 0,
	base.set_entity(1, 'T', 'department', 'Trésorerie', 'D', valid_from => '2024-01-01') > 0;
SELECT repeat('  ', depth) || name AS entity, kind, path, party_id IS NOT NULL AS has_party FROM base.entities ORDER BY path;
SELECT code, depth FROM base.entity_tree(1, '2024-03-01');
SELECT code FROM base.entity_tree(1, '2023-12-31');
-- moved on a day: before it the tree is the old one
SELECT base.set_entity(1, 'C', 'subsidiary', 'Exemple SA', valid_from => '2025-01-01') > 0;
SELECT base.set_entity(1, 'G', 'group', 'Groupe Exemple', 'C', valid_from => '2025-06-01') > 0;
SELECT path FROM base.entity_tree(1, '2024-12-31') UNION ALL SELECT path FROM base.entity_tree(1, '2025-06-01');
-- cycles: at once, through others, only in the past, only in the days until the next row
SELECT base.set_entity(1, 'G', 'group', 'Groupe Exemple', 'G', valid_from => '2025-06-01');
SELECT base.set_entity(1, 'C', 'subsidiary', 'Exemple SA', 'F', valid_from => '2025-02-01');
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT base.set_entity(1, 'C', 'subsidiary', 'Exemple SA', 'G', valid_from => '2025-03-01');
\set VERBOSITY terse
SELECT base.set_entity(1, 'G', 'group', 'Groupe Exemple', 'C', valid_from => '2024-06-01');
SELECT code, valid_from, valid_to, kind, parent_code FROM base.entity_history ORDER BY code, valid_from;
-- parents that are not there, or are departments
SELECT base.set_entity(1, 'X', 'company', 'Early', 'F', valid_from => '2024-05-31');
SELECT base.set_entity(1, 'X', 'company', 'Lost', 'nowhere');
SELECT base.set_entity(1, 'X', 'company', 'Wrong', 'D');
SELECT base.set_entity(1, 'X', 'department', 'Of nothing');
SELECT base.set_entity(1, 'X', 'kingdom', 'Unknown');
SELECT base.set_entity(1, 'D', 'company', 'Comptabilité SA', 'C');
SELECT base.set_entity(1, 'X', NULL, 'No kind');
SELECT base.set_entity(2, 'X', 'company', 'Not mine');
-- closing: from below
SELECT base.close_entity(1, 'D', '2026-01-01');
SELECT base.close_entity(1, 'T', '2026-01-01'), base.close_entity(1, 'D', '2026-01-01');
SELECT base.close_entity(1, 'F', '2024-01-01');
SELECT base.set_entity(1, 'X', 'department', 'Too late', 'D', valid_from => '2025-12-01');
SELECT code FROM base.entity_tree(1, '2026-01-01');
SELECT base.set_entity(1, 'D', 'department', 'Comptabilité', 'C', valid_from => '2026-02-01') > 0;
SELECT code FROM base.entity_tree(1, '2026-02-01');

-- settings and translations
SELECT base.set_setting(1, 'payment.terms', '{"days": 30}'), base.set_setting(1, 'payment.terms', '{"days": 45}'), base.set_setting(1, 'payment.terms', '{"days": 45}'), base.set_setting(1, 'dunning', 'false');
SELECT base.set_setting(1, 'dunning', NULL), base.set_setting(1, 'dunning', NULL);
SELECT tenant_id, name, value FROM base.settings ORDER BY 1, 2;
SELECT base.set_setting(1, 'Not a name', '1');
SELECT base.set_setting(2, 'dunning', '1');
SELECT base.set_translation(1, 'fr', 'state.approved', 'Bon à payer'), base.set_translation(1, 'en', 'state.approved', 'Approved'), base.set_translation(1, 'de', 'state.approved', 'x');
SELECT base.set_translation(1, 'de', 'state.approved', NULL);
SELECT l, base.translate(1, 'state.approved', l), base.translate(1, 'state.paid', l), base.translate(2, 'state.approved', l) FROM unnest('{fr,de,en}'::text[]) l;
SELECT base.set_translation(1, 'french', 'k', 'w');
SELECT base.set_translation(1, 'fr', 'k', '');

-- who enters invoices does not maintain, who is of another tenant sees nothing
SET ROLE regress_entry;
SELECT base.set_party(1, 'S1', 'Mine now');
SELECT base.add_identifier(1, 'S1', 'iban', 'DE89370400440532013000');
SELECT base.close_entity(1, 'C');
SELECT base.set_setting(1, 'dunning', 'true');
SELECT base.set_translation(1, 'fr', 'state.approved', 'Payez');
SELECT count(*) FROM base.parties;
SELECT count(*) FROM base.events;
SELECT base.record_event(1, 'forged', 'party', 'S1', NULL, NULL);
INSERT INTO base.event (tenant_id, action, subject, subject_key) VALUES (1, 'forged', 'party', 'S1');
UPDATE base.party_version SET name = 'x';

-- the journal
SET ROLE regress_audit;
SELECT action, subject, subject_key, actor, login = session_user AS logged_in FROM base.events WHERE tenant_id = 1 AND subject IN ('tenant', 'membership') ORDER BY id;
SELECT actor, action, before ->> 'name' AS name_before, after ->> 'name' AS name_after, before ->> 'city' AS city_before, after ->> 'city' AS city_after
FROM base.events WHERE subject_key = 'S1' AND action = 'set_party' ORDER BY id;
SELECT action, before - 'party_id' AS before, after - 'party_id' AS after FROM base.events WHERE COALESCE(before, after) ->> 'scheme' IN ('iban', 'duns') ORDER BY id;
SELECT action, subject_key, before ->> 'valid_from' AS before, after ->> 'valid_from' AS after, after ->> 'closed' AS closed FROM base.events WHERE subject = 'entity' ORDER BY id;
SELECT action, subject_key, before, after FROM base.events WHERE subject IN ('setting', 'translation') ORDER BY id;
SELECT count(*) FROM base.events WHERE tenant_id = 2;
UPDATE base.event SET actor = 'nobody';
-- not even the owner of the store, whose functions write it
SET ROLE regress_parties_owner;
SELECT count(*) > 20 AS there FROM base.event;
UPDATE base.event SET actor = 'nobody';
DELETE FROM base.event;
TRUNCATE base.event;
INSERT INTO base.event (tenant_id, actor, action, subject, subject_key) VALUES (1, 'regress_erp', 'forged', 'party', 'S1');
RESET ROLE;

SELECT base.remove_member(1, 'regress_erp');
SELECT action, subject_key, before, after FROM base.events ORDER BY id DESC LIMIT 1;
SELECT base.set_party(9, 'S1', 'No such tenant');
SELECT clex.drop_store('base');
DROP ROLE regress_parties_owner, regress_erp, regress_entry, regress_audit;
