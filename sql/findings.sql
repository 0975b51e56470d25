-- findings, verdict, test, eval and the catalogue of rules: what they say, for NULLs and for wrong arguments too
\set VERBOSITY default
CREATE TEMPORARY TABLE invoice AS SELECT convert_to($$<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
<cbc:ID>2026-17</cbc:ID>
<cbc:IssueDate>2026-05-31</cbc:IssueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PostalAddress><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
 <cac:PartyTaxScheme><cbc:CompanyID>FR32552081317</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
 <cac:PartyLegalEntity><cbc:RegistrationName>Verger du Lac</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PostalAddress><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
 <cac:PartyLegalEntity><cbc:RegistrationName>Halle centrale</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount><cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">100.00</cbc:TaxableAmount>
 <cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
 <cbc:TaxInclusiveAmount currencyID="EUR">120.00</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">120.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="KGM">40</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">60.00</cbc:LineExtensionAmount>
 <cac:Item><cbc:Name>Pommes</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>
 <cac:Price><cbc:PriceAmount currencyID="EUR">1.50</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
<cac:InvoiceLine><cbc:ID>2</cbc:ID><cbc:InvoicedQuantity unitCode="KGM">20</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">40.00</cbc:LineExtensionAmount>
 <cac:Item><cbc:Name>Poires</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>
 <cac:Price><cbc:PriceAmount currencyID="EUR">2</cbc:PriceAmount></cac:Price></cac:InvoiceLine></Invoice>$$, 'UTF8') AS good;
ALTER TABLE invoice ADD wrong_sum bytea, ADD bad_cast bytea, ADD document clex.document;
UPDATE invoice SET
	wrong_sum = convert_to(replace(convert_from(good, 'UTF8'), 'EUR">60.00', 'EUR">61.00'), 'UTF8'),
	bad_cast = convert_to(replace(convert_from(good, 'UTF8'), 'EUR">60.00', 'EUR">6E1'), 'UTF8'),
	document = clex.read(good);
-- verdicts
SELECT v.* FROM invoice, clex.verdict(good) AS v;
SELECT v.* FROM invoice, clex.verdict(wrong_sum) AS v;
SELECT v.* FROM invoice, clex.verdict(bad_cast) AS v;
SELECT v.* FROM invoice, clex.document_verdict(document) AS v;
SELECT v.* FROM invoice, clex.document_verdict(clex.read(wrong_sum)) AS v;
SELECT v.* FROM invoice, clex.verdict(good, '{en16931,structure}', '2026-06-01') AS v;
SELECT v.* FROM clex.verdict('not a document') AS v;
SELECT v.* FROM clex.verdict(NULL) AS v;
SELECT v.* FROM clex.document_verdict(NULL) AS v;
-- findings
SELECT f.* FROM invoice, clex.findings(good) AS f;
\x on
SELECT f.* FROM invoice, clex.findings(wrong_sum) AS f ORDER BY f.rule;
SELECT f.* FROM invoice, clex.findings(wrong_sum, NULL, NULL, 'fr') AS f ORDER BY f.rule;
SELECT f.* FROM invoice, clex.findings(wrong_sum, NULL, NULL, 'de_DE.UTF-8') AS f ORDER BY f.rule;
-- a rule that cannot be evaluated ends the layer
SELECT f.* FROM invoice, clex.findings(bad_cast) AS f ORDER BY f.rule;
SELECT f.* FROM invoice, clex.document_findings(clex.read(wrong_sum)) AS f ORDER BY f.rule;
SELECT f.* FROM invoice, clex.document_findings(clex.read(bad_cast)) AS f ORDER BY f.rule;
SELECT f.ruleset, f.rule, f.severity, f.terms, f.location, f.line, left(f.message, 53) AS message FROM clex.findings('not a document') AS f;
\x off
-- the session's language
SET clex.language = 'fr';
SELECT f.rule, f.message FROM invoice, clex.findings(wrong_sum) AS f ORDER BY f.rule;
SET clex.language = 'xx';
SELECT f.rule FROM invoice, clex.findings(wrong_sum) AS f;
RESET clex.language;
-- NULL and empty arguments
SELECT count(*) FROM clex.findings(NULL);
SELECT count(*) FROM clex.document_findings(NULL);
SELECT count(*) FROM invoice, clex.findings(wrong_sum, '{}');
SELECT count(*) FROM invoice, clex.findings(wrong_sum, '{NULL}');
SELECT f.ruleset, f.rule FROM invoice, clex.findings(wrong_sum, '{en16931,en16931,NULL}') AS f ORDER BY f.rule;
SELECT f.ruleset, f.rule, f.severity, f.message FROM invoice, clex.document_findings(document, '{structure,structure}') AS f;
SELECT v.* FROM invoice, clex.document_verdict(document, '{structure}') AS v;
-- wrong arguments; the hint names the sets there are
\set VERBOSITY terse
SELECT * FROM invoice, clex.findings(good, '{en16932}');
SELECT * FROM clex.findings('not a document', '{en16932}');
SELECT * FROM invoice, clex.verdict(good, ARRAY[repeat('é', 100)]);
SELECT * FROM invoice, clex.findings(good, NULL, NULL, 'tlh');
SELECT * FROM invoice, clex.findings(good, NULL, NULL, repeat('é', 30));
SELECT * FROM invoice, clex.findings(good, NULL, 'infinity');
SELECT * FROM invoice, clex.findings(good, NULL, '0044-03-15 BC');
-- the oldest version there is wants a due date
SELECT v.* FROM invoice, clex.verdict(good, NULL, '0001-01-01') AS v;
\set VERBOSITY default
-- test and eval
SELECT clex.test(document, 'BT-106 = sum(lines/BT-131)') AS sum, clex.test(document, 'lines/BT-131 > 100') AS over,
	clex.test(document, 'every $l in lines satisfies $l/BT-131 = round($l/BT-146 * $l/BT-129, 2)') AS lines
FROM invoice;
SELECT clex.test(document, '()') AS nothing, clex.test(document, 'BT-20') AS absent, clex.test(document, 'BT-1') AS present FROM invoice;
SELECT clex.eval(document, 'BT-1') AS number, clex.eval(document, 'lines/BT-153') AS names, clex.eval(document, 'BT-112 * 1.005') AS product,
	clex.eval(document, 'round(BT-112 * 1.00005, 2)') AS rounded, clex.eval(document, 'BT-2 + 30') AS due, clex.eval(document, 'BT-20') IS NULL AS absent,
	clex.eval(document, '''''') AS empty
FROM invoice;
SELECT clex.eval(document, 'lines[2]/BT-131') AS second, clex.eval(document, 'lines/BT-5') AS currency, clex.eval(document, 'count(lines)') AS lines FROM invoice;
SELECT clex.test(NULL, 'BT-1') IS NULL AS a, clex.test('{}', NULL) IS NULL AS b, clex.eval(NULL, 'BT-1') IS NULL AS c, clex.eval('{}', NULL) IS NULL AS d;
SELECT clex.eval(document, 'BT-9999') FROM invoice;
SELECT clex.eval(document, 'lines/amuont + 1') FROM invoice;
SELECT clex.eval(document, 'BT-112 +') FROM invoice;
SELECT clex.eval(document, 'BT-112 div 0') FROM invoice;
SELECT clex.eval(document, 'decimal(BT-1)') FROM invoice;
SELECT clex.eval(document, 'BT-131 + 1') FROM invoice;
SELECT clex.test(document, 'date(BT-1) > BT-2') FROM invoice;
SELECT clex.eval(document, '99999999999999999999 * 99999999999999999999') FROM invoice;
-- one call site, several expressions
SELECT e, clex.eval(document, e) FROM invoice, unnest(ARRAY['BT-1', 'BT-2', 'BT-1', 'BT-5', 'BT-112']) WITH ORDINALITY AS u (e, n) ORDER BY n;
-- the catalogue
SELECT ruleset, version, syntax, valid_from, valid_until, rules > 0 AS has_rules FROM clex.rule_sets
WHERE ruleset IN ('en16931', 'structure') ORDER BY ruleset COLLATE "C", syntax COLLATE "C", version COLLATE "C";
SELECT rule, severity, terms, context, test, en IS NOT NULL AS en, fr IS NOT NULL AS fr, de IS NOT NULL AS de FROM clex.rules
WHERE ruleset = 'en16931' AND syntax = 'ubl' AND rule = 'BR-CO-10';
SELECT count(*) AS without_message FROM clex.rules WHERE en IS NULL OR fr IS NULL OR de IS NULL;
SELECT count(*) AS counted_wrong FROM clex.rule_sets AS s WHERE s.rules <> (SELECT count(*) FROM clex.rules AS r WHERE (r.ruleset, r.version, r.syntax, r.profile) IS NOT DISTINCT FROM (s.ruleset, s.version, s.syntax, s.profile));
-- parallel workers find the same
CREATE TABLE findings_parallel AS
	SELECT n, CASE n % 4 WHEN 0 THEN good WHEN 1 THEN wrong_sum WHEN 2 THEN bad_cast ELSE '<a/>' END AS content FROM invoice, generate_series(1, 2000) AS n;
ANALYZE findings_parallel;
CREATE FUNCTION findings_digest() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT md5(string_agg(concat_ws('|', p.n, f.ruleset, f.rule, f.location, f.line, f.found, f.expected, f.message), E'\n' ORDER BY p.n, f.rule, f.location))
	FROM findings_parallel AS p LEFT JOIN LATERAL clex.findings(p.content) AS f ON true
$$;
SET max_parallel_workers_per_gather = 0;
SELECT findings_digest() AS serial,
	(SELECT md5(string_agg(concat_ws('|', p.n, v), E'\n' ORDER BY p.n)) FROM findings_parallel AS p, clex.verdict(p.content) AS v) AS serial_verdict \gset
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT count(*) FROM findings_parallel AS p, clex.findings(p.content) AS f;
SELECT findings_digest() = :'serial' AS same_findings,
	(SELECT md5(string_agg(concat_ws('|', p.n, v), E'\n' ORDER BY p.n)) FROM findings_parallel AS p, clex.verdict(p.content) AS v) = :'serial_verdict' AS same_verdicts;
EXPLAIN (COSTS OFF) SELECT count(*) FROM findings_parallel AS p WHERE clex.test(clex.read(p.content), 'BT-106 = sum(lines/BT-131)');
SELECT count(*) FROM findings_parallel AS p WHERE p.n % 4 < 2 AND clex.test(clex.read(p.content), 'BT-106 = sum(lines/BT-131)');
DROP FUNCTION findings_digest();
DROP TABLE findings_parallel;
