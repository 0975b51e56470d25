-- Sentences as their reader writes numbers and dates; the columns found and expected stay as they are in the document.
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
SET TimeZone = 'Pacific/Kiritimati';
SET lc_numeric = 'C';

CREATE FUNCTION pg_temp.ubl(body text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to('<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">' || body || '</Invoice>', 'UTF8') $$;
CREATE FUNCTION pg_temp.cii(body text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to('<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"><rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeSettlement>'
	|| body || '</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>', 'UTF8') $$;
CREATE TEMP TABLE language AS SELECT * FROM (VALUES (1, 'en'), (2, 'fr'), (3, 'de')) l (n, lang);

-- amounts, and the tolerance of a rule
CREATE TEMP TABLE faulty AS SELECT pg_temp.ubl($$<cbc:ID>20261234</cbc:ID>
<cac:TaxTotal><cac:TaxSubtotal><cbc:TaxableAmount>24589.55</cbc:TaxableAmount><cbc:TaxAmount>4900.005</cbc:TaxAmount>
<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount>1234567.89</cbc:LineExtensionAmount></cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:LineExtensionAmount>-24589.5</cbc:LineExtensionAmount></cac:InvoiceLine>$$) AS content;
SELECT l.lang, f.rule, f.found, f.expected, f.message FROM faulty, language l, clex.findings(content, ARRAY['en16931'], NULL, l.lang) f
WHERE f.rule IN ('BR-CO-10', 'BR-CO-17', 'BR-DEC-20', 'BR-S-09') ORDER BY f.rule, l.n;

-- dates of both syntaxes, and of a semantic document
SELECT l.lang, f.found, f.expected, f.message FROM language l,
	clex.findings(pg_temp.ubl('<cac:InvoicePeriod><cbc:StartDate>2026-12-01+14:00</cbc:StartDate><cbc:EndDate>2026-11-30</cbc:EndDate></cac:InvoicePeriod>'),
		ARRAY['en16931'], NULL, l.lang) f WHERE f.rule = 'BR-29' ORDER BY l.n;
SELECT l.lang, f.found, f.expected, f.message FROM language l,
	clex.findings(pg_temp.cii('<ram:BillingSpecifiedPeriod><ram:StartDateTime><udt:DateTimeString format="102">20261201</udt:DateTimeString></ram:StartDateTime>
<ram:EndDateTime><udt:DateTimeString format="102">20261130</udt:DateTimeString></ram:EndDateTime></ram:BillingSpecifiedPeriod>'),
		ARRAY['en16931'], NULL, l.lang) f WHERE f.rule = 'BR-29' ORDER BY l.n;
SELECT l.lang, f.rule, f.found, f.expected, f.message FROM language l, clex.document_findings(clex.read(pg_temp.ubl($$<cbc:ID>20261234</cbc:ID>
<cac:InvoicePeriod><cbc:StartDate>2026-12-01</cbc:StartDate><cbc:EndDate>2026-11-30</cbc:EndDate></cac:InvoicePeriod>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount>1234.5</cbc:LineExtensionAmount></cac:LegalMonetaryTotal>$$)), NULL, NULL, l.lang) f
WHERE f.rule IN ('BR-29', 'BR-CO-10') ORDER BY f.rule, l.n;

-- codes and identifiers that look like numbers are shown as they are
SELECT l.lang, f.rule, f.found, f.message FROM language l,
	clex.findings(pg_temp.ubl($$<cbc:UBLVersionID>20261234</cbc:UBLVersionID><cbc:InvoiceTypeCode>38000</cbc:InvoiceTypeCode>
<cac:PaymentMeans><cbc:PaymentMeansCode>4500</cbc:PaymentMeansCode></cac:PaymentMeans>$$), ARRAY['en16931'], NULL, l.lang) f
WHERE f.rule IN ('BR-CL-01', 'BR-CL-16', 'UBL-CR-002') ORDER BY f.rule, l.n;

-- what is said when no rule is broken
SELECT l.lang, f.rule, f.severity, f.line, f.message FROM language l, (VALUES
	(1, NULL, convert_to('<a><b></a>', 'UTF8')),
	(2, NULL, convert_to('<a xmlns="urn:own"/>', 'UTF8')),
	(3, 'structure-d22b', pg_temp.ubl('')),
	(4, NULL, pg_temp.ubl('<cac:LegalMonetaryTotal><cbc:LineExtensionAmount>12 EUR</cbc:LineExtensionAmount></cac:LegalMonetaryTotal>'))) d (n, set, content),
	clex.findings(d.content, CASE WHEN d.set IS NOT NULL THEN ARRAY[d.set] END, NULL, l.lang) f
WHERE f.rule IN ('MALFORMED', 'UNKNOWN-FORMAT', 'NO-LAYER', 'NOT-PROCESSABLE') ORDER BY d.n, l.n;
SET clex.max_document_size = '1kB';
SELECT l.lang, f.rule, f.message FROM language l, clex.findings(pg_temp.ubl(repeat('<!-- -->', 300)), NULL, NULL, l.lang) f ORDER BY l.n;
