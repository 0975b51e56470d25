-- cXML: four requests and the invoice of whole orders, the only DOCTYPE that is read, and what goes out.
\set cxml_invoice `base64 -w0 extension/test/samples/formats/cxml-invoice.xml`
\set cxml_header_credit `base64 -w0 extension/test/samples/formats/cxml-header-credit.xml`
\set cxml_order `base64 -w0 extension/test/samples/formats/cxml-order.xml`
\set cxml_order_change `base64 -w0 extension/test/samples/formats/cxml-order-change.xml`
\set cxml_confirmation `base64 -w0 extension/test/samples/formats/cxml-confirmation.xml`
\set cxml_ship_notice `base64 -w0 extension/test/samples/formats/cxml-ship-notice.xml`
SET client_min_messages = warning;
CREATE TEMP TABLE sample AS SELECT 'formats/' || file AS file, decode(content, 'base64') AS content
FROM (VALUES ('cxml-invoice.xml', :'cxml_invoice'), ('cxml-header-credit.xml', :'cxml_header_credit'), ('cxml-order.xml', :'cxml_order'), ('cxml-order-change.xml', :'cxml_order_change'), ('cxml-confirmation.xml', :'cxml_confirmation'), ('cxml-ship-notice.xml', :'cxml_ship_notice')) v (file, content);
-- what they are; their DTD finds no fault with them
SELECT s.file, d.format, d.kind, d.version, (SELECT count(*) FROM clex.findings(content, ARRAY['structure']) f) AS faults
FROM sample s, clex.detect(content) d ORDER BY file COLLATE "C";
-- written and read again: the same terms, spellings and extras; a DOCTYPE stands in front
SELECT s.file, clex.same_terms(d, again) AS terms, d::jsonb -> '$lexical' IS NOT DISTINCT FROM again::jsonb -> '$lexical' AS spellings,
	(SELECT array_agg(e ->> 'path' || ' ' || (e ->> 'value') ORDER BY e ->> 'path' COLLATE "C", e ->> 'value' COLLATE "C") FROM jsonb_array_elements(d::jsonb -> '$extras') e)
	= (SELECT array_agg(e ->> 'path' || ' ' || (e ->> 'value') ORDER BY e ->> 'path' COLLATE "C", e ->> 'value' COLLATE "C") FROM jsonb_array_elements(again::jsonb -> '$extras') e) AS extras,
	(SELECT count(*) FROM clex.losses(d, 'cxml')) AS losses,
	(SELECT count(*) FROM clex.findings(clex.write(d, 'cxml'), ARRAY['structure'])) AS faults,
	substring(convert_from(clex.write(d, 'cxml'), 'UTF8') FROM '<!DOCTYPE[^>]*>') AS doctype
FROM sample s, clex.read(content) d, LATERAL (SELECT clex.read(clex.write(d, 'cxml')) AS again) w ORDER BY file COLLATE "C";
-- a net amount with the tax in it is none: the taxable amount is; so many days behind the date of the invoice; of several discounts each stays
SELECT clex.value(d, 'lines[1].net_amount') AS line, clex.value(d, 'BT-9') AS due, clex.value(d, 'BT-132') AS order_line, clex.value(d, 'BT-29-1') AS gln,
	clex.value(d, 'BT-111') AS vat_in_chf, clex.value(d, 'allowances[1].amount') AS allowance, clex.value(d, 'charges[1].reason_code') AS charge
FROM sample, clex.read(content) d WHERE file = 'formats/cxml-invoice.xml';
-- as UBL and back: what UBL cannot say are the extras alone
SELECT s.file, count(*) FILTER (WHERE l.term IS NOT NULL) AS terms, count(*) FILTER (WHERE l.term IS NULL) AS extras, min(l.reason) FILTER (WHERE l.term IS NULL) AS reason
FROM sample s LEFT JOIN LATERAL clex.losses(clex.read(s.content), 'ubl') l ON true GROUP BY s.file ORDER BY s.file COLLATE "C";
SELECT l.path, l.value, l.reason FROM sample, clex.losses(clex.read(clex.convert(content, 'ubl')), 'cxml') l WHERE file = 'formats/cxml-invoice.xml';
-- from another format: options of the envelope, the tax of a line, languages that nobody said
SELECT regexp_replace(x, '.*(<cXML[^>]*>).*(<From>.*?</From>).*(<InvoiceDetailItem [^>]*>).*', '\1 \2 \3') AS written
FROM (SELECT convert_from(clex.write('{"invoice": {"number": "7", "issue_date": "2026-03-01", "due_date": "2026-03-31", "currency": "EUR"}, "seller": {"name": "S"},
	"lines": [{"identifier": "1", "quantity": 2, "net_amount": 10.00, "vat": {"category": "S", "rate": 20}}], "totals": {"with_vat": 12.00}}',
	'cxml', '{"sender": "AN1", "reference": "m-1", "date": "2026-03-01T09:00:00+01:00"}'), 'UTF8') AS x) y;
SELECT regexp_matches(convert_from(clex.write('{"invoice": {"number": "7", "issue_date": "2026-03-01", "due_date": "2026-03-31", "currency": "EUR"},
	"lines": [{"identifier": "1", "net_amount": 10.05, "vat": {"category": "S", "rate": 5.5}}], "totals": {"with_vat": 10.60}}', 'cxml'), 'UTF8'),
	'payInNumberOfDays="(\d+)".*<Tax><Money currency="EUR">([\d.]+)</Money>') AS days_and_tax;
-- a date before that of the invoice is no number of days; reverse charge has no word; the kinds that there are
SELECT l.term, l.value, l.reason FROM clex.losses('{"invoice": {"number": "7", "issue_date": "2026-03-02", "due_date": "2026-03-01", "currency": "EUR"},
	"lines": [{"identifier": "1", "vat": {"category": "AE", "rate": 0}}], "totals": {"with_vat": 1.00}}', 'cxml') l;
SELECT clex.write('{"$kind": "receipt_advice"}', 'cxml');
-- the DOCTYPE: a published DTD by its system identifier, no subset, no entities but the five
CREATE FUNCTION pg_temp.attempt(content text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	RETURN 'read: ' || coalesce(clex.value(clex.read(convert_to(content, 'UTF8')), 'O-1'), '-');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM, hint);
END
$$;
SELECT n, what, pg_temp.attempt(doctype || '<cXML version="1.2.050"><Request><OrderRequest><OrderRequestHeader orderID="' || inside || '"/></OrderRequest></Request></cXML>')
FROM (VALUES
	(1, 'none', '', 'A'),
	(2, 'published', '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">', 'A'),
	(3, 'https, other case', '<!DOCTYPE cXML SYSTEM ''https://xml.cXML.org/schemas/cXML/1.1.010/Fulfill.dtd'' >', 'A &amp; B'),
	(4, 'another host', '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org.evil.example/schemas/cXML/1.2.050/cXML.dtd">', 'A'),
	(5, 'a file', '<!DOCTYPE cXML SYSTEM "file:///etc/passwd">', 'A'),
	(6, 'a relative name', '<!DOCTYPE cXML SYSTEM "cXML.dtd">', 'A'),
	(7, 'no identifier', '<!DOCTYPE cXML>', 'A'),
	(8, 'a public identifier', '<!DOCTYPE cXML PUBLIC "-//x" "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">', 'A'),
	(9, 'dots in the path', '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/../../x.dtd">', 'A'),
	(10, 'an internal subset', '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd" [<!ENTITY e "x">]>', '&e;'),
	(11, 'an empty subset', '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd" []>', 'A'),
	(12, 'an entity of the DTD', '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">', '&cxml.version;'),
	(13, 'another root', '<!DOCTYPE Invoice SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">', 'A'),
	(14, 'twice', '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd"><!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">', 'A')
) c(n, what, doctype, inside) ORDER BY n;
SELECT n, pg_temp.attempt(x) FROM (VALUES
	(1, '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd"><Invoice/>'),
	(2, '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd"><cXML><Request><OrderRequest>&x;</OrderRequest></Request></cXML>'),
	(3, '<cXML><Request><PunchOutSetupRequest/></Request></cXML>'),
	(4, '<cXML><Response/></cXML>'),
	(5, '<cXML xmlns="urn:x"><Request><OrderRequest/></Request></cXML>')) c(n, x) ORDER BY n;
-- what does not follow the DTD is read, and told
SELECT f.rule, f.found, f.expected FROM clex.findings('<cXML payloadID="1" timestamp="t"><Header/><Request><OrderRequest><OrderRequestHeader orderID="1" orderDate="d" type="old"><BillTo/></OrderRequestHeader></OrderRequest></Request></cXML>',
	ARRAY['structure']) f ORDER BY f.line, f.rule, f.location COLLATE "C", f.found COLLATE "C";

-- an invoice of services alone; telephone numbers in their parts, accounts, contacts
\set cxml_service `base64 -w0 extension/test/samples/formats/cxml-invoice-service.xml`
CREATE TEMP TABLE service AS SELECT decode(:'cxml_service', 'base64') AS content;
SELECT l ->> 'identifier' AS line, l -> 'item' ->> 'name' AS name, l ->> 'quantity' AS quantity, l ->> 'net_amount' AS net, l -> 'period' AS period, l -> 'allowances' AS allowances FROM service, jsonb_array_elements(clex.read(content)::jsonb -> 'lines') l ORDER BY 1;
SELECT d::jsonb #>> '{seller,contact}' AS seller, d::jsonb #>> '{buyer,contact}' AS buyer, d::jsonb #>> '{payment,credit_transfers}' AS accounts, d::jsonb #>> '{$provenance,form}' AS form FROM service, clex.read(content) d;
CREATE FUNCTION pg_temp.extras(clex.document) RETURNS text[] LANGUAGE sql AS $$ SELECT array_agg(concat_ws('=', e ->> 'path', e ->> 'value') ORDER BY e ->> 'path' COLLATE "C", e ->> 'value' COLLATE "C") FROM jsonb_array_elements($1::jsonb -> '$extras') e $$;
SELECT clex.same_terms(d, w) AS terms, pg_temp.extras(d) = pg_temp.extras(w) AS extras, count(f.rule) AS faults
FROM service, clex.read(content) d, LATERAL clex.write(d, 'cxml') c, LATERAL clex.read(c) w LEFT JOIN LATERAL clex.findings(c, ARRAY['structure']) f ON true GROUP BY 1, 2;
SELECT count(*) AS service_items FROM service, regexp_matches(convert_from(clex.write(clex.read(content), 'cxml'), 'UTF8'), '<InvoiceDetailServiceItem ', 'g');
SELECT t AS telephone, substring(x FROM '<TelephoneNumber>.*</TelephoneNumber>') AS written, clex.value(clex.read(convert_to(x, 'UTF8')), 'BT-42') = t AS same
FROM unnest(ARRAY['+33 388001122', '+49 7531 881200', '0388 11', '+33', '+12345678 9', '+1 ', 'durchwahl 12']) WITH ORDINALITY u (t, n),
	LATERAL (SELECT convert_from(clex.write(jsonb_build_object('invoice', '{"number": "1", "currency": "EUR"}'::jsonb, 'seller', jsonb_build_object('name', 'S', 'contact', jsonb_build_object('telephone', t), 'address', '{"country": "FR"}'::jsonb), 'totals', '{"with_vat": 1}'::jsonb)::text::clex.document, 'cxml'), 'UTF8')) w (x) ORDER BY n;
-- parts that could not be told apart again are extras
SELECT country, area, number, clex.value(d, 'BT-42') AS telephone, (SELECT count(*) FROM jsonb_array_elements(d::jsonb -> '$extras') e WHERE e ->> 'path' ~ 'TelephoneNumber') AS extras,
	pg_temp.extras(d) IS NOT DISTINCT FROM pg_temp.extras(clex.read(clex.write(d, 'cxml'))) AS extras_again, clex.same_terms(d, clex.read(clex.write(d, 'cxml'))) AS same
FROM (VALUES (1, '33', '3', '86000000'), (2, '', '03', '86'), (3, '+33', '3', '86'), (4, '33', '', '86'), (5, '', '', '86'), (6, '33', '+3', '86'), (7, '33', '3', '')) v (n, country, area, number),
	LATERAL clex.read(convert_to(format('<cXML version="1.2.050"><Request><InvoiceDetailRequest><InvoiceDetailRequestHeader invoiceID="1"><InvoicePartner><Contact role="from"><Name>S</Name><Phone><TelephoneNumber><CountryCode>%s</CountryCode><AreaOrCityCode>%s</AreaOrCityCode><Number>%s</Number></TelephoneNumber></Phone></Contact></InvoicePartner></InvoiceDetailRequestHeader></InvoiceDetailRequest></Request></cXML>', country, area, number), 'UTF8')) d ORDER BY n;
