-- FatturaPA: detecting, reading, findings, writing, what is refused
SET client_min_messages = warning;
\set file `cat extension/test/samples/formats/fatturapa-studio.xml`
CREATE TABLE source (name text PRIMARY KEY, content bytea NOT NULL);
INSERT INTO source SELECT 'fatturapa', convert_to(:'file', 'UTF8');

SELECT d.* FROM source, clex.detect(content) d WHERE name = 'fatturapa';
SELECT jsonb_pretty(d::jsonb - '$provenance') FROM source, clex.read_all(content) d WHERE name = 'fatturapa' ORDER BY clex.value(d, 'BT-1');
SELECT count(*) FROM source, clex.findings(content, ARRAY['structure']) WHERE name = 'fatturapa';
SELECT clex.read(content) FROM source WHERE name = 'fatturapa';

-- written and read again; in UBL the rest is lost
CREATE TABLE document AS SELECT row_number() OVER () AS n, d FROM source, clex.read_all(content) d WHERE name = 'fatturapa';
SELECT n, clex.same_terms(d, again) AS terms, d::jsonb -> '$lexical' = again::jsonb -> '$lexical' AS spellings,
		(SELECT count(*) FROM clex.losses(d, 'fatturapa')) AS losses,
		clex.verdict(clex.write(d, 'fatturapa'), ARRAY['structure'])
	FROM document, LATERAL (SELECT clex.read(clex.write(d, 'fatturapa')) AS again) w ORDER BY n;
SELECT l.* FROM document, clex.losses(d, 'ubl') l WHERE n = 1 AND l.term IS NOT NULL;
SELECT convert_from(clex.write(d, 'fatturapa', '{"indent": true}'), 'UTF8') FROM document WHERE n = 1;

-- from another format: what the schema requires is put there, and told
CREATE FUNCTION pg_temp.invoice(buyer text DEFAULT '{}') RETURNS clex.document LANGUAGE sql IMMUTABLE AS $$ SELECT ($q$
	{"invoice": {"number": "R-1", "issue_date": "2026-05-31", "type_code": "380", "currency": "EUR"},
	 "seller": {"name": "Müller GmbH", "vat_number": "DE123456788", "tax_registration": "12/345", "address": {"line_1": "Hafen 1", "city": "Bremen", "country": "DE"}},
	 "buyer": $q$ || buyer || $q$,
	 "totals": {"with_vat": 119.00, "payable": 119.00},
	 "vat_breakdown": [{"taxable_amount": 100.00, "tax_amount": 19.00, "category": "S", "rate": 19}],
	 "lines": [{"identifier": "1", "net_amount": 100.00, "quantity": 1, "unit": "C62", "price": {"net": 100.00}, "vat": {"category": "Z", "rate": 0}, "item": {"name": "Stuhl"}}]}$q$)::clex.document $$;
SELECT * FROM clex.losses(pg_temp.invoice(), 'fatturapa');
SELECT convert_from(clex.write(pg_temp.invoice('{"name": "Comune di Prova", "electronic_address": {"value": "UFAB12", "scheme": "0201"}}'), 'fatturapa',
	'{"indent": true, "progressive": "B2"}'), 'UTF8');
SELECT clex.write(pg_temp.invoice(), 'fatturapa', '{"progressive": "no blanks"}');
SELECT clex.write(pg_temp.invoice(), 'fatturapa', '{"sender": "x"}');

-- deviations: read, and told
SELECT rule, location, message FROM source, clex.findings(replace(encode(content, 'escape'), '<Numero>17/2026</Numero>', '')::bytea, ARRAY['structure']) WHERE name = 'fatturapa';
SELECT clex.value(d, 'BT-1') FROM source, clex.read_all(replace(encode(content, 'escape'), 'fatture/v1.2', 'fatture/v1.2 ')::bytea) d WHERE name = 'fatturapa';
SELECT rule, location FROM source, clex.findings(replace(encode(content, 'escape'), 'fatture/v1.2', 'fatture/v1.2 ')::bytea, ARRAY['structure']) WHERE name = 'fatturapa';
SELECT clex.read('<p:FatturaElettronicaSemplificata xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.0" versione="FSM10"/>'::bytea);
SELECT clex.read('<a/>'::bytea, 'fatturapa');

-- IDoc INVOIC02
\set file `cat extension/test/samples/formats/idoc-invoic02.xml`
INSERT INTO source SELECT 'idoc', convert_to(:'file', 'UTF8');
SELECT d.* FROM source, clex.detect(content) d WHERE name = 'idoc';
SELECT jsonb_pretty(clex.read(content)::jsonb - '$provenance') FROM source WHERE name = 'idoc';
SELECT count(*) FROM source, clex.findings(content, ARRAY['structure']) WHERE name = 'idoc';
SELECT clex.same_terms(d, again) AS terms, d::jsonb -> '$lexical' = again::jsonb -> '$lexical' AS spellings,
		(SELECT count(*) FROM clex.losses(d, 'idoc')) AS losses, clex.verdict(clex.write(d, 'idoc'), ARRAY['structure'])
	FROM source, LATERAL (SELECT clex.read(content) AS d) r, LATERAL (SELECT clex.read(clex.write(d, 'idoc')) AS again) w WHERE name = 'idoc';
SELECT convert_from(clex.convert(content, 'idoc', '{"indent": true}'), 'UTF8') FROM source WHERE name = 'idoc';
SELECT * FROM clex.losses(pg_temp.invoice(), 'idoc');
SELECT convert_from(clex.write(pg_temp.invoice(), 'idoc', '{"indent": true, "sender": "S1", "recipient": "R1", "reference": "0000000000000042"}'), 'UTF8');
SELECT rule, location, message FROM source, clex.findings(replace(encode(content, 'escape'), 'KSCHL>', 'KSHL>')::bytea, ARRAY['structure']) WHERE name = 'idoc';
SELECT clex.read(replace(encode(content, 'escape'), 'INVOIC02>', 'DESADV01>')::bytea) FROM source WHERE name = 'idoc';

-- only detected
SELECT c, d.format, d.kind, d.version FROM unnest(ARRAY['{"$schema": "https://gobl.org/draft-0/bill/invoice", "type": "credit-note"}',
	'{"$schema": "https://gobl.org/draft-0/envelope", "doc": {"$schema": "https://gobl.org/draft-0/bill/delivery"}}',
	'{"ubl:Invoice": {"cbc:InvoiceTypeCode": "381"}}', '{ "ubl:Invoice":{"cbc:InvoiceTypeCode":"380"}}', '{"properties": {"ubl:Invoice": {}}}',
	'STX=ANA:1+1+2+1+1''MHD=1+ORDHDR:9''', 'STX=ANAA:1+1+2+1+1''',
	'<!DOCTYPE cXML SYSTEM "x.dtd"><cXML version="1.2.037"><Request><InvoiceDetailRequest><InvoiceDetailRequestHeader purpose="creditMemo"/>', '<cXML><OrderRequest/></cXML>',
	rpad('EDI_DC40', 39) || rpad('ORDERS01', 30), 'EDI_DC40']) WITH ORDINALITY AS t(c, n), clex.detect(c::bytea) d ORDER BY n;
