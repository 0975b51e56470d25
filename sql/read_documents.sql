-- from bytes to documents
CREATE TEMP TABLE inputs (name text PRIMARY KEY, content bytea);
INSERT INTO inputs VALUES
	('ubl', convert_to($$<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
	xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
	xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
	<cbc:UBLVersionID>2.1</cbc:UBLVersionID>
	<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
	<cbc:ID>F-2026-001</cbc:ID>
	<cbc:IssueDate>2026-02-30</cbc:IssueDate>
	<cbc:DueDate>2026-03-31Z</cbc:DueDate>
	<cbc:InvoiceTypeCode listID="UNCL1001">380</cbc:InvoiceTypeCode>
	<cbc:Note>#AAI#Café  crème
payé</cbc:Note>
	<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
	<cac:AccountingSupplierParty>
		<cac:Party>
			<cac:PartyIdentification><cbc:ID schemeID="0009">73282932000074</cbc:ID></cac:PartyIdentification>
			<cac:PartyTaxScheme><cbc:CompanyID>FR44732829320</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
			<cac:PartyLegalEntity><cbc:RegistrationName>Établissements Dupont</cbc:RegistrationName></cac:PartyLegalEntity>
		</cac:Party>
	</cac:AccountingSupplierParty>
	<cac:LegalMonetaryTotal>
		<cbc:LineExtensionAmount currencyID="EUR"> +0100.50 </cbc:LineExtensionAmount>
		<cbc:PayableAmount currencyID="USD">1E2</cbc:PayableAmount>
	</cac:LegalMonetaryTotal>
	<cac:InvoiceLine>
		<cbc:ID>1</cbc:ID>
		<cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity>
		<cac:Item><cbc:Name>Thing</cbc:Name></cac:Item>
	</cac:InvoiceLine>
	<cac:InvoiceLine>
		<cbc:ID>2</cbc:ID>
		<cac:Item><cbc:Name>Other</cbc:Name><cbc:Name>Again</cbc:Name></cac:Item>
	</cac:InvoiceLine>
</Invoice>$$, 'UTF8')),
	('cii', convert_to($$<rsm:CrossIndustryInvoice
	xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
	xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
	xmlns="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100">
	<rsm:ExchangedDocument>
		<ID>G-1</ID>
		<TypeCode>381</TypeCode>
		<IssueDateTime><udt:DateTimeString format="102">20260131</udt:DateTimeString></IssueDateTime>
		<IncludedNote><Content>text</Content><SubjectCode>AAI</SubjectCode></IncludedNote>
	</rsm:ExchangedDocument>
	<rsm:SupplyChainTradeTransaction>
		<ApplicableHeaderTradeAgreement><SellerTradeParty><Name>商店</Name></SellerTradeParty></ApplicableHeaderTradeAgreement>
		<ApplicableHeaderTradeDelivery/>
		<ApplicableHeaderTradeSettlement>
			<InvoiceCurrencyCode>EUR</InvoiceCurrencyCode>
			<ApplicableTradeTax><CalculatedAmount>1.00</CalculatedAmount><TypeCode>VAT</TypeCode><CategoryCode>S</CategoryCode>
				<DueDateTypeCode>72</DueDateTypeCode></ApplicableTradeTax>
			<SpecifiedTradeSettlementHeaderMonetarySummation><TaxTotalAmount currencyID="EUR">1.00</TaxTotalAmount>
			</SpecifiedTradeSettlementHeaderMonetarySummation>
		</ApplicableHeaderTradeSettlement>
	</rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>$$, 'UTF8')),
	('latin1', convert_to($$<?xml version="1.0" encoding="ISO-8859-1"?>
<CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
	xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><cbc:Note>é</cbc:Note></CreditNote>$$, 'LATIN1'));

SELECT name, jsonb_pretty(clex.read(content)::text::jsonb) FROM inputs ORDER BY name;
-- UTF-16 says the same as ASCII
SELECT d #>> '{$provenance,encoding}' AS encoding, d #>> '{invoice,number}' AS number, d #>> '{lines,1,item,name}' AS second_item
FROM (SELECT clex.read('\xfffe'::bytea || decode(regexp_replace(encode(convert_to(regexp_replace(convert_from(content, 'UTF8'),
	'[^[:ascii:]]|<[?].*?[?]>', '', 'g'), 'UTF8'), 'hex'), '(..)', '\100', 'g'), 'hex'))::text::jsonb AS d
	FROM inputs WHERE name = 'ubl') AS u;
-- the hash is that of the bytes
SELECT name, clex.read(content)::text::jsonb #>> '{$provenance,sha256}' = encode(sha256(content), 'hex') AS hashed
FROM inputs ORDER BY name;
-- the format may be said, and must be true
SELECT clex.read(content, 'ubl:peppol')::text::jsonb #>> '{invoice,number}' FROM inputs WHERE name = 'ubl';
SELECT clex.read(content, 'cii') FROM inputs WHERE name = 'ubl';
SELECT clex.read(content, 'word') FROM inputs WHERE name = 'ubl';
-- one file, one document
SELECT count(*) FROM inputs, LATERAL clex.read_all(content) AS d;
SELECT i.name, d::text::jsonb #>> '{invoice,number}' AS number
FROM inputs AS i, LATERAL clex.read_all(i.content) AS d ORDER BY i.name;
-- nothing in, nothing out
SELECT clex.read(NULL) IS NULL AS nothing, (SELECT count(*) FROM clex.read_all(NULL)) AS documents;
