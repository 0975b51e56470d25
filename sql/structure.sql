-- rule sets structure and structure-d22b: the XML schemas
CREATE FUNCTION pg_temp.ubl(content text) RETURNS bytea LANGUAGE sql AS $$
SELECT convert_to('<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
	xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
	xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
	xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">' || content || '
	<cac:AccountingSupplierParty/>
	<cac:AccountingCustomerParty/>
	<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">1</cbc:PayableAmount></cac:LegalMonetaryTotal>
	<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:LineExtensionAmount currencyID="EUR">1</cbc:LineExtensionAmount><cac:Item/></cac:InvoiceLine>
</Invoice>', 'UTF8')
$$;
CREATE TEMP TABLE doc (number int, name text, content bytea);
INSERT INTO doc VALUES
	(1, 'good', pg_temp.ubl('<cbc:ID>1</cbc:ID><cbc:IssueDate>2026-05-31</cbc:IssueDate>')),
	(2, 'order', pg_temp.ubl('
		<cbc:IssueDate>2026-05-31</cbc:IssueDate>
		<cbc:ID>1</cbc:ID>')),
	(3, 'missing', pg_temp.ubl('<cbc:ID>1</cbc:ID>')),
	(4, 'too many', pg_temp.ubl('<cbc:ID>1</cbc:ID><cbc:IssueDate>2026-05-31</cbc:IssueDate><cbc:IssueDate>2026-06-01</cbc:IssueDate>')),
	(5, 'unexpected', pg_temp.ubl('<cbc:ID>1</cbc:ID><cbc:IssueDate>2026-05-31</cbc:IssueDate><cbc:Total>1</cbc:Total>')),
	(6, 'value', pg_temp.ubl('<cbc:ID>1</cbc:ID><cbc:IssueDate>31.05.2026</cbc:IssueDate>')),
	(7, 'attributes', pg_temp.ubl('<cbc:ID kind="x">1</cbc:ID><cbc:IssueDate>2026-05-31</cbc:IssueDate><cac:PrepaidPayment><cbc:PaidAmount>1</cbc:PaidAmount></cac:PrepaidPayment>')),
	(8, 'text', pg_temp.ubl('<cbc:ID>1</cbc:ID><cbc:IssueDate>2026-05-31</cbc:IssueDate>paid')),
	(9, 'blanks around a date', pg_temp.ubl('<cbc:ID>1</cbc:ID><cbc:IssueDate> 2026-05-31 </cbc:IssueDate>')),
	(10, 'extension', pg_temp.ubl('<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><own xmlns="urn:own">x<cbc:ID z=""/></own></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions><cbc:ID>1</cbc:ID><cbc:IssueDate>2026-05-31</cbc:IssueDate>')),
	(11, 'long text', pg_temp.ubl('<cbc:ID>1</cbc:ID><cbc:IssueDate>' || repeat('é', 200) || '</cbc:IssueDate>')),
	(12, 'no XML', 'hello'),
	(13, 'another schema', convert_to('<invoice xmlns="urn:own"/>', 'UTF8')),
	(14, 'UBL order', convert_to('<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', 'UTF8'));
SELECT d.number, d.name, v.* FROM doc d CROSS JOIN LATERAL clex.verdict(d.content, ARRAY['structure']) v ORDER BY d.number;
\x on
SELECT d.number, f.ruleset, f.rule, f.severity, f.location, f.line, f.found, f.expected, f.message
FROM doc d CROSS JOIN LATERAL clex.findings(d.content, ARRAY['structure']) f
WHERE d.name <> 'no XML' -- the words are those of the libxml2 at hand
ORDER BY d.number, f.line, f.location, f.expected;
\x off
-- in the reader's language
SELECT d.number, l.lang, f.message
FROM doc d CROSS JOIN (VALUES ('fr'), ('de')) l (lang) CROSS JOIN LATERAL clex.findings(d.content, ARRAY['structure'], lang => l.lang) f
WHERE d.number BETWEEN 2 AND 8
ORDER BY d.number, f.line, f.location, l.lang;
-- CII has two schemas
CREATE FUNCTION pg_temp.cii(settlement text) RETURNS bytea LANGUAGE sql AS $$
SELECT convert_to('<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
	xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
	xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"><rsm:ExchangedDocumentContext/><rsm:ExchangedDocument>
	<ram:ID>1</ram:ID><ram:IssueDateTime><udt:DateTimeString format="102">20260531</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>
	<rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement/><ram:ApplicableHeaderTradeDelivery/><ram:ApplicableHeaderTradeSettlement>
	' || settlement || '</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>', 'UTF8')
$$;
SELECT d.settlement, s.name, v.valid, f.rule, f.location, f.line
FROM (VALUES (1, ''), (2, '<ram:InvoiceReferencedDocument/><ram:InvoiceReferencedDocument/>')) d (number, settlement)
CROSS JOIN (VALUES ('structure'), ('structure-d22b')) s (name)
CROSS JOIN LATERAL clex.verdict(pg_temp.cii(d.settlement), ARRAY[s.name]) v
LEFT JOIN LATERAL clex.findings(pg_temp.cii(d.settlement), ARRAY[s.name]) f ON true
ORDER BY d.number, s.name;
-- a set that does not know the syntax finds nothing valid
SELECT f.ruleset, f.rule, f.severity, f.message FROM clex.findings(pg_temp.ubl(''), ARRAY['structure-d22b']) f;
SELECT v.* FROM clex.verdict(pg_temp.ubl(''), ARRAY['structure-d22b']) v;
-- orders have no rules of EN 16931: by default they are held against their schema
SELECT v.* FROM doc d CROSS JOIN LATERAL clex.verdict(d.content) v WHERE d.number = 14;
SELECT v.* FROM doc d CROSS JOIN LATERAL clex.verdict(d.content, ARRAY['en16931']) v WHERE d.number = 14;
-- several sets in one call
SELECT f.ruleset, count(*) FROM doc d CROSS JOIN LATERAL clex.findings(d.content, ARRAY['structure', 'en16931']) f
WHERE d.number = 6 AND f.rule IN ('STRUCTURE-VALUE', 'BR-02', 'BR-04', 'BR-05') GROUP BY f.ruleset ORDER BY f.ruleset;
SELECT r.ruleset, r.version, r.syntax, count(DISTINCT r.rule), bool_and(r.test IS NULL), bool_and(num_nulls(r.en, r.fr, r.de) = 0)
FROM clex.rules r WHERE r.ruleset LIKE 'structure%' GROUP BY r.ruleset, r.version, r.syntax ORDER BY r.ruleset, r.syntax;
