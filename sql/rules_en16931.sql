-- The EN 16931 rules at work: sentences in three languages, and the layer over business terms.
SET client_encoding = 'UTF8';
SET client_min_messages = warning;

-- one invoice with a few faults, written by hand in UBL
CREATE TEMP TABLE invoice AS SELECT convert_to($$<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
<cbc:ID>R-7</cbc:ID>
<cbc:IssueDate>2026-03-02</cbc:IssueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PostalAddress><cac:Country><cbc:IdentificationCode>FX</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
 <cac:PartyTaxScheme><cbc:CompanyID>FR32552081317</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
 <cac:PartyLegalEntity><cbc:RegistrationName>Atelier Mistral</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PostalAddress><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
 <cac:PartyLegalEntity><cbc:RegistrationName>Hafenwerk GmbH</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount><cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">100.00</cbc:TaxableAmount>
 <cbc:TaxAmount currencyID="EUR">19.000</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">99.00</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="EUR">99.00</cbc:TaxExclusiveAmount>
 <cbc:TaxInclusiveAmount currencyID="EUR">118.00</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">118.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount>
 <cac:Item><cbc:Name>Segelmacherhandschuh</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>0</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>
 <cac:Price><cbc:PriceAmount currencyID="EUR">100.00</cbc:PriceAmount></cac:Price></cac:InvoiceLine></Invoice>$$, 'UTF8') AS content;

SELECT f.rule, f.severity, f.terms, f.line, f.found, f.expected FROM invoice, clex.findings(content, ARRAY['en16931']) f ORDER BY f.rule, f.line;
SELECT l.lang, f.rule, f.message FROM invoice, (VALUES (1, 'en'), (2, 'fr'), (3, 'de')) l (n, lang),
	clex.findings(content, ARRAY['en16931'], NULL, l.lang) f WHERE f.rule IN ('BR-CO-10', 'BR-S-05', 'BR-DEC-20') ORDER BY f.rule, l.n;

-- the same invoice as a semantic document: no source paths, the same business rules
SELECT f.rule, f.location, f.found, f.expected FROM invoice, clex.document_findings(clex.read(content)) f ORDER BY f.rule, f.location;

-- every rule is there, and has a sentence in every language
SELECT ruleset, syntax, count(DISTINCT rule), count(*) FILTER (WHERE en IS NULL OR fr IS NULL OR de IS NULL) AS silent
FROM clex.rules WHERE ruleset = 'en16931' GROUP BY 1, 2 ORDER BY 1, 2;
