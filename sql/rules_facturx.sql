-- Rule set facturx: what may and must be there in each of its five profiles
\set VERBOSITY terse
SET search_path = pg_catalog, public;

SELECT ruleset, version, syntax, profile, rules FROM clex.rule_sets WHERE ruleset = 'facturx' ORDER BY rules;

\set basic `cat extension/test/samples/facturx-fr-basic.xml`
CREATE TEMP TABLE base AS SELECT :'basic'::text AS xml;
-- the sample with another profile, and with a part of it replaced
CREATE FUNCTION pg_temp.doc(profile text, part text DEFAULT '', by text DEFAULT '') RETURNS bytea LANGUAGE sql STABLE RETURN
	(SELECT convert_to(regexp_replace(replace(xml, 'urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic', profile), part, by), 'UTF8') FROM base);
CREATE FUNCTION pg_temp.rules(content bytea, sets text[]) RETURNS text LANGUAGE sql STABLE RETURN
	(SELECT coalesce(string_agg(rule || CASE WHEN n > 1 THEN ' x' || n ELSE '' END, ' ' ORDER BY rule COLLATE "C"), 'fine')
	FROM (SELECT rule, count(*) AS n FROM clex.findings(content, sets) GROUP BY rule) f);

-- one invoice, five profiles: each says what it has no place for (lines in BASIC WL are the schema's business); the profile chooses the set
SELECT n, name, clex.chosen_rulesets(pg_temp.doc(profile)) AS chosen, pg_temp.rules(pg_temp.doc(profile), ARRAY['facturx']) AS facturx
FROM (VALUES (1, 'minimum', 'urn:factur-x.eu:1p0:minimum'), (2, 'basic wl', 'urn:factur-x.eu:1p0:basicwl'),
	(3, 'basic', 'urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic'), (4, 'en 16931', 'urn:cen.eu:en16931:2017'),
	(5, 'extended', 'urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended'),
	(6, 'basic of zugferd', 'urn:cen.eu:en16931:2017#compliant#urn:zugferd.de:2p0:basic'),
	(7, 'basic, old spelling', 'urn:cen.eu:en16931:2017:compliant:factur-x.eu:1p0:basic'),
	(8, 'blanks around', ' urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic '),
	(9, 'none of them', 'urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0'), (10, 'nothing', '')) AS p(n, name, profile)
ORDER BY n;

-- cardinalities, attributes, codes
SELECT n, what, pg_temp.rules(pg_temp.doc('urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic', part, by), ARRAY['facturx']) AS facturx
FROM (VALUES
	(1, 'a second currency', '(<ram:InvoiceCurrencyCode>.*?</ram:InvoiceCurrencyCode>)', '\1\1'),
	(2, 'a currency that is none', '<ram:InvoiceCurrencyCode>EUR', '<ram:InvoiceCurrencyCode>EUX'),
	(3, 'an attribute too many', '<ram:ID>FX-26-118', '<ram:ID schemeID="x">FX-26-118'),
	(4, 'currency on a total', '<ram:GrandTotalAmount>', '<ram:GrandTotalAmount currencyID="EUR">'),
	(5, 'no currency on the tax total', '<ram:TaxTotalAmount currencyID="EUR">', '<ram:TaxTotalAmount>'),
	(6, 'a format of dates', 'format="102"', 'format="203"'),
	(7, 'an empty code', '<ram:TypeCode>380</ram:TypeCode>', '<ram:TypeCode></ram:TypeCode>'),
	(8, 'a tax registration of another kind', 'schemeID="VA"', 'schemeID="XX"'),
	(9, 'no name', '<ram:Name>Moulins de la Baïse SARL</ram:Name>', '')) AS c(n, what, part, by)
ORDER BY n;

-- in words
SELECT lang, message FROM (VALUES ('de'), ('en'), ('fr')) AS l(lang), clex.findings(pg_temp.doc('urn:factur-x.eu:1p0:minimum'), lang => lang) f
WHERE rule = 'FX-NOT-USED' AND line = (SELECT min(line) FROM clex.findings(pg_temp.doc('urn:factur-x.eu:1p0:minimum')) WHERE rule = 'FX-NOT-USED')
ORDER BY lang, message;
SELECT rule, found, message FROM clex.findings(pg_temp.doc('urn:example:none'), ARRAY['facturx']);

-- the set is for CII only; a document that says so in UBL is held against EN 16931
SELECT rule, severity FROM clex.findings('<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>', ARRAY['facturx']);
SELECT clex.chosen_rulesets(convert_to('<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><cbc:CustomizationID>' || profile || '</cbc:CustomizationID></Invoice>', 'UTF8'))
FROM (VALUES (1, 'urn:factur-x.eu:1p0:basicwl'), (2, 'urn:cen.eu:en16931:2017#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr'),
	(3, 'urn:cen.eu:en16931:2017#compliant#urn.cpro.gouv.fr:1p0:en16931-ctc-fr')) AS p(n, profile) ORDER BY n;
-- as JSON neither has rules on terms: EN 16931 stays
SELECT clex.chosen_rulesets(convert_to('{"process": {"specification": "urn:cen.eu:en16931:2017#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr"}}', 'UTF8'));

-- what a profile has no place for at all is in its schema: lines in BASIC WL, all but a few totals in MINIMUM
SELECT n, profile, count(f.rule) AS findings, min(f.line) AS first_line, (array_agg(f.message ORDER BY f.line))[1] AS first
FROM (VALUES (1, 'urn:factur-x.eu:1p0:minimum'), (2, 'urn:factur-x.eu:1p0:basicwl'), (3, 'urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic'),
	(4, 'urn:cen.eu:en16931:2017'), (5, 'urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended')) AS p(n, profile)
LEFT JOIN LATERAL clex.findings(pg_temp.doc(profile), ARRAY['structure-facturx']) f ON true
GROUP BY n, profile ORDER BY n;
SELECT rule, severity FROM clex.findings(pg_temp.doc('urn:example:none'), ARRAY['structure-facturx']);
