-- what a file is, from its first bytes
SELECT name, d.format, d.kind, d.version, d.profile, d.encoding
FROM (VALUES
	(1, 'UBL invoice', convert_to($$<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
	xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
	<cbc:UBLVersionID>2.3</cbc:UBLVersionID><cbc:CustomizationID schemeID="x">urn:cen.eu:en16931:2017</cbc:CustomizationID></Invoice>$$, 'UTF8')),
	(2, 'UBL credit note, prefixed, comment first', convert_to($$<!-- <Invoice> --><u:CreditNote
	xmlns:u='urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2'/>$$, 'UTF8')),
	(3, 'CII invoice', convert_to($$<rsm:CrossIndustryInvoice
	xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
	xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100">
	<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn:factur-x.eu:1p0:minimum</ram:ID>
	</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
	<rsm:ExchangedDocument><ram:TypeCode>380</ram:TypeCode></rsm:ExchangedDocument></rsm:CrossIndustryInvoice>$$, 'UTF8')),
	(4, 'CII credit note', convert_to($$<c:CrossIndustryInvoice xmlns:c="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100">
	<c:ExchangedDocument><x:TypeCode>381</x:TypeCode></c:ExchangedDocument></c:CrossIndustryInvoice>$$, 'UTF8')),
	(5, 'UBL order', convert_to($$<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>$$, 'UTF8')),
	(6, 'ISO 20022', convert_to($$<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>$$, 'UTF8')),
	(7, 'any XML in Latin-1', convert_to($$<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>$$, 'LATIN1')),
	(8, 'a profile that is not UTF-8', convert_to($$<?xml version='1.0' encoding='ISO-8859-1'?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><CustomizationID>é</CustomizationID></Invoice>$$, 'LATIN1')),
	(9, 'UTF-16', '\xfffe3c0061002f003e00'::bytea),
	(10, 'PDF', '%PDF-1.7'::bytea),
	(11, 'ZIP', '\x504b030414'::bytea),
	(12, 'HTML', convert_to('<!DOCTYPE html><html></html>', 'UTF8')),
	(13, 'JSON', '{"a": 1}'::bytea),
	(14, 'EDIFACT', 'UNA:+.? ''UNB+UNOC:3+1+2'::bytea),
	(15, 'X12', 'ISA*00*          *00*'::bytea),
	(16, 'text', 'hello'::bytea),
	(17, 'binary', '\x00010203'::bytea),
	(18, 'empty', ''::bytea),
	(19, 'NULL', NULL)) AS v (number, name, content),
	LATERAL clex.detect(v.content) AS d
ORDER BY v.number;
-- a profile spelled with references and CDATA; what is no reference stays as it is
SELECT n, x AS spelled, d.format, d.kind, d.profile FROM (VALUES (1, 'urn:cen.eu:en1&#54;931:201&#x37;'), (2, '<![CDATA[urn:cen.eu:en16931:2017]]>'), (3, ' urn:<![CDATA[cen.eu]]>:en16931&#58;2017 '), (4, 'a&amp;b&lt;&gt;&quot;&apos;'),
	(5, '&#;&#x;&;&none;&#xZ;&#55296;&#1114112;&#99999999999;'), (6, '<![CDATA[never closed'), (7, '&#233;&#x1F600;'), (8, ''), (9, '<x/>')) v (n, x),
	LATERAL clex.detect(convert_to('<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><b:CustomizationID>' || x || '</b:CustomizationID></Invoice>', 'UTF8')) d ORDER BY n;
