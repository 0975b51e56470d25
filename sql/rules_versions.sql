-- Versions of rule sets side by side, chosen by the day; what changed from one to the other; messages of every rule
\set VERBOSITY terse
SET search_path = pg_catalog, public;

SELECT ruleset, version, syntax, valid_from, valid_until FROM clex.rule_sets WHERE valid_from IS NOT NULL OR valid_until IS NOT NULL ORDER BY ruleset, version;
-- no day has two versions of a layer, and none is left out between two
SELECT s.ruleset, s.version, t.version FROM clex.rule_sets s JOIN clex.rule_sets t ON (s.ruleset, s.syntax) = (t.ruleset, t.syntax) AND s.profile IS NOT DISTINCT FROM t.profile
	AND s.version < t.version AND daterange(s.valid_from, s.valid_until, '[]') && daterange(t.valid_from, t.valid_until, '[]');
SELECT s.ruleset, s.syntax, s.valid_until FROM clex.rule_sets s WHERE s.valid_until IS NOT NULL AND NOT EXISTS (SELECT FROM clex.rule_sets t
	WHERE (s.ruleset, s.syntax) = (t.ruleset, t.syntax) AND s.profile IS NOT DISTINCT FROM t.profile AND t.valid_from = s.valid_until + 1);

-- 1.3.16 of the EN 16931 artefacts knows other codes than 1.3.15: what a document breaks depends on the day
CREATE FUNCTION pg_temp.ubl(part text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN convert_to('<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
	|| ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">' || part || '</Invoice>', 'UTF8');
CREATE FUNCTION pg_temp.on_day(part text, day date) RETURNS text LANGUAGE sql STABLE RETURN (SELECT coalesce(string_agg(rule, ' ' ORDER BY rule), 'fine')
	FROM clex.findings(pg_temp.ubl(part), ARRAY['en16931'], day) WHERE rule LIKE 'BR-CL-%' OR rule IN ('BR-B-02', 'BR-CO-25', 'UBL-CR-674', 'UBL-SR-23', 'UBL-SR-56'));
SELECT n, what, pg_temp.on_day(part, '2026-04-09') AS until_1_3_15, pg_temp.on_day(part, '2026-04-10') AS from_1_3_16
FROM (VALUES (1, 'leva', '<cbc:DocumentCurrencyCode>BGN</cbc:DocumentCurrencyCode>'), (2, 'Caribbean guilder', '<cbc:DocumentCurrencyCode>XCG</cbc:DocumentCurrencyCode>'),
	(3, 'euro', '<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>'), (4, 'type 502', '<cbc:InvoiceTypeCode>502</cbc:InvoiceTypeCode>'),
	(5, 'scheme 0248', '<cac:AccountingCustomerParty><cac:Party><cbc:EndpointID schemeID="0248">1</cbc:EndpointID></cac:Party></cac:AccountingCustomerParty>'),
	(6, 'no due date', '<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">1</cbc:PayableAmount></cac:LegalMonetaryTotal>'),
	(7, 'two references of a tender', '<cac:OriginatorDocumentReference><cbc:ID>1</cbc:ID><cbc:ID>2</cbc:ID></cac:OriginatorDocumentReference>')) AS c(n, what, part) ORDER BY n;
SELECT DISTINCT version FROM clex.rules WHERE ruleset = 'en16931' AND syntax = 'ubl' AND date '2026-04-09' BETWEEN coalesce(valid_from, '-infinity') AND coalesce(valid_until, 'infinity');

-- what changed
SELECT syntax, rule, change FROM clex.rule_changes('en16931', '1.3.15', '1.3.16');
SELECT rule, change, before, after FROM clex.rule_changes('en16931', '1.3.15', '1.3.16') WHERE rule IN ('BR-CL-04', 'BR-CO-25', 'UBL-SR-56');
SELECT rule, change, before, after FROM clex.rule_changes('fr-invoice', '2026-09', '2027-09');
SELECT rule, change FROM clex.rule_changes('fr-invoice', '2026-09', '2019-10');
SELECT count(*) FROM clex.rule_changes('peppol', '3.0.21', '3.0.21');
-- what there is not
SELECT * FROM clex.rule_changes('en16931', '1.3.15', '9');
SELECT * FROM clex.rule_changes('nothing', '1', '2');
SELECT * FROM clex.rule_changes(NULL, NULL, NULL);

-- every rule of every set speaks English, French and German, each its own
SELECT ruleset, count(*) > 0 AS rules, count(*) - count(en) AS en_missing, count(*) - count(fr) AS fr_missing, count(*) - count(de) AS de_missing,
	count(*) FILTER (WHERE en IN (fr, de) OR fr = de OR '' IN (en, fr, de)) AS not_translated
FROM clex.rules GROUP BY ruleset ORDER BY ruleset;
-- and with the same things shown
SELECT DISTINCT ruleset, rule FROM clex.rules r WHERE EXISTS (SELECT FROM regexp_matches(en, '\{(?:found|expected|tolerance)', 'g') m WHERE position(m[1] IN fr) = 0 OR position(m[1] IN de) = 0) ORDER BY 1, 2;
