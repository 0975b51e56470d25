-- The French rules at work: flux 2 beside EN 16931, and the extended profile in its place.
SET client_encoding = 'UTF8';
SET client_min_messages = warning;

-- one invoice with faults that only France sees, written by hand in UBL
CREATE TEMP TABLE invoice AS SELECT convert_to($$<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
<cbc:ProfileID>S1</cbc:ProfileID>
<cbc:ID>FA 2026/117</cbc:ID>
<cbc:IssueDate>2026-11-16</cbc:IssueDate>
<cbc:DueDate>2026-11-02</cbc:DueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:Note>#PMT#Indemnité forfaitaire pour frais de recouvrement : 40 euros</cbc:Note>
<cbc:Note>#PMD#Pénalités de retard : trois fois le taux légal</cbc:Note>
<cbc:Note>#BAR#B2B</cbc:Note>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cbc:EndpointID schemeID="0225">552081317_ventes</cbc:EndpointID>
 <cac:PartyIdentification><cbc:ID schemeID="0009">73282932000074</cbc:ID></cac:PartyIdentification>
 <cac:PostalAddress><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
 <cac:PartyTaxScheme><cbc:CompanyID>FR03552081317</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
 <cac:PartyLegalEntity><cbc:RegistrationName>Atelier Mistral</cbc:RegistrationName><cbc:CompanyID schemeID="0002">552081317</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cbc:EndpointID schemeID="0009">73282932000074</cbc:EndpointID>
 <cac:PostalAddress><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
 <cac:PartyLegalEntity><cbc:RegistrationName>Chantiers du Port</cbc:RegistrationName><cbc:CompanyID schemeID="0002">73282932</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount><cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">100.00</cbc:TaxableAmount>
 <cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20.000</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
 <cbc:TaxInclusiveAmount currencyID="EUR">120.00</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">120.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">100.01</cbc:LineExtensionAmount>
 <cac:Item><cbc:Name>Gants de voilerie</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>
 <cac:Price><cbc:PriceAmount currencyID="EUR">100.01</cbc:PriceAmount></cac:Price></cac:InvoiceLine></Invoice>$$, 'UTF8') AS content;

SELECT f.rule, f.severity, f.terms, f.message FROM invoice, clex.findings(content, ARRAY['fr-ctc'], NULL, 'fr') f ORDER BY f.rule, f.line;
SELECT l.lang, f.message FROM invoice, (VALUES (1, 'en'), (2, 'fr'), (3, 'de')) l (n, lang),
	clex.findings(content, ARRAY['fr-ctc'], NULL, l.lang) f WHERE f.rule = 'BR-FR-05_BT-22-3' ORDER BY l.n;

-- one cent on one line: too much for EN 16931, within the tolerance of the extended profile, but for the taxable amount, where
-- the sum of the lines is computed in binary and ends a hair above it
SELECT f.ruleset, f.rule, f.found, f.expected FROM invoice, clex.findings(content, ARRAY['en16931', 'fr-ctc-extended'], NULL, 'en') f ORDER BY f.ruleset, f.rule;

-- every rule is there, and has a sentence in every language
SELECT ruleset, syntax, count(DISTINCT rule), count(*) FILTER (WHERE en IS NULL OR fr IS NULL OR de IS NULL) AS silent
FROM clex.rules WHERE ruleset LIKE 'fr-ctc%' GROUP BY 1, 2 ORDER BY 1, 2;
