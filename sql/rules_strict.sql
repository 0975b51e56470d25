-- Rule set strict: what the official rules let pass, on documents of any format
\set VERBOSITY terse
SET search_path = pg_catalog, public;
\set ubl `cat extension/test/samples/de-maschine-nach-italien.xml`
\set cii `cat extension/test/samples/de-cii-wrong-grand-total.xml`
CREATE TEMP TABLE base AS SELECT clex.read(convert_to(:'ubl', 'UTF8'))::jsonb AS doc;

-- the sample is fine, as XML, as a document and as JSON; never chosen by a document
SELECT v.* FROM clex.verdict(convert_to(:'ubl', 'UTF8'), ARRAY['strict']) v;
SELECT v.* FROM base, clex.document_verdict(doc::text::clex.document, ARRAY['strict']) v;
SELECT v.* FROM base, clex.verdict(convert_to(doc::text, 'UTF8'), ARRAY['strict']) v;
SELECT clex.chosen_rulesets(convert_to(:'ubl', 'UTF8'));
-- beside sets that look at the source each finding says where it is: a path of terms and no line, or XPath and line
SELECT ruleset, rule, location, line, found, expected, message FROM clex.findings(convert_to(:'cii', 'UTF8'), ARRAY['en16931', 'strict']) ORDER BY ruleset, rule;
-- a document that has no terms
SELECT ruleset, rule, severity FROM clex.findings('<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', ARRAY['strict']);

-- one thing changed at a time
CREATE FUNCTION pg_temp.strict(path text, value jsonb) RETURNS TABLE (rule text, severity text, location text, found text, expected text) LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT f.rule, f.severity, f.location, f.found, f.expected
	FROM base, clex.document_findings(jsonb_set(doc, path::text[], value)::text::clex.document, ARRAY['strict']) f;
END;
SELECT n, path, f.* FROM (VALUES
	(1, '{invoice,issue_date}', '"2026-02-30"'::jsonb), (2, '{invoice,issue_date}', '"1926-02-28"'), (3, '{invoice,due_date}', '"2020-01-01"'),
	(4, '{preceding_invoices}', '[{"number": "1", "issue_date": "2999-01-01"}]'),
	(5, '{seller,vat_number}', '"DE136695977"'), (6, '{seller,vat_number}', '"CHE-107.787.577 MWST"'), (7, '{buyer,vat_number}', '"FR00552100554"'),
	(8, '{payment,credit_transfers}', '[{"account": "DE88370400440532013000"}]'), (9, '{payment,credit_transfers}', '[{"account": "de89 3704 0044 0532 0130 00"}]'),
	(10, '{payment,credit_transfers}', '[{"account": "12345678"}]'), (11, '{payment,credit_transfers}', '[{"account": "DE89370400440532013000", "service_provider": "DEUTDEFF5"}]'),
	(12, '{payment,direct_debit}', '{"creditor_identifier": "DE98ZZZ09999999998"}'), (13, '{payment,direct_debit}', '{"creditor_identifier": "DE98ZZZ09999999999"}'),
	(14, '{seller,identifiers}', '[{"value": "4012345000008", "scheme": "0088"}, {"value": "4012345000009", "scheme": "0088"}, {"value": "whatever"}]'),
	(15, '{buyer,electronic_address}', '{"value": "552100555", "scheme": "0002"}'), (16, '{seller,contact}', '{"email": "at example.com"}'),
	(17, '{buyer,legal_registration}', '{"value": "5493001KJTIIGC8Y1R13", "scheme": "0199"}'),
	(18, '{lines,0,quantity}', '4'), (19, '{lines,0,price,gross}', '1'), (20, '{lines,0,allowances}', '[{"amount": -1}]'),
	(21, '{lines,0,item,standard_identifier}', '{"value": "4012345000008", "scheme": "0088"}'), (22, '{lines,0,vat,rate}', '119'),
	(23, '{vat_breakdown,0,tax_amount}', '0.02'), (24, '{vat_breakdown,0,taxable_amount}', '0.01'), (25, '{totals,with_vat}', '-1'),
	(26, '{totals,paid}', '99999999'), (27, '{totals,rounding}', '1.5'), (28, '{totals}', '{"lines_net": 18770.75, "charges": 890, "without_vat": 19660.75, "vat": 0.02, "vat_in_vat_currency": -0.02, "with_vat": 19660.77, "payable": 19660.77}'),
	(29, '{buyer,vat_number}', '"DE 812459075"'), (30, '{invoice,currency}', '"HUF"')) AS c(n, path, value), LATERAL pg_temp.strict(path, value) f
ORDER BY n, f.rule COLLATE "C", f.location COLLATE "C";
-- lines that share a number, and entries of the breakdown that belong together
SELECT f.rule, f.found, f.expected FROM base, clex.document_findings(jsonb_set(doc, '{lines}', (doc -> 'lines') || (doc -> 'lines'))::text::clex.document, ARRAY['strict']) f
WHERE f.rule = 'STRICT-LINE-NUMBER';
SELECT f.rule, f.found FROM base, clex.document_findings(jsonb_set(doc, '{vat_breakdown}', (doc -> 'vat_breakdown') || (doc -> 'vat_breakdown'))::text::clex.document, ARRAY['strict']) f
WHERE f.rule = 'STRICT-VAT-TWICE';
-- SIREN, SIRET and VAT number of one company
SELECT n, f.rule, f.found, f.expected FROM (VALUES (1, '732829320', '73282932000074', 'FR44732829320'), (2, '552100554', '73282932000074', 'FR44732829320')) AS c(n, siren, siret, vat), base,
	clex.document_findings(jsonb_set(doc, '{seller}', jsonb_build_object('name', 'S', 'vat_number', vat, 'legal_registration', jsonb_build_object('value', siren, 'scheme', '0002'),
		'identifiers', jsonb_build_array(jsonb_build_object('value', siret, 'scheme', '0009'))))::text::clex.document, ARRAY['strict']) f
ORDER BY n, f.rule;
-- an empty document breaks none of what it does not have
SELECT f.rule, f.found, f.expected FROM clex.document_findings('{}', ARRAY['strict']) f ORDER BY f.rule;

-- in words
SELECT lang, message FROM (VALUES ('de'), ('en'), ('fr')) AS l(lang), base,
	clex.document_findings(jsonb_set(doc, '{invoice,due_date}', '"2020-01-01"')::text::clex.document, ARRAY['strict'], lang => lang) ORDER BY lang;
