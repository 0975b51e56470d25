-- writing documents: the frame, whatever the format, then UBL and CII
CREATE FUNCTION pg_temp.shown(content bytea) RETURNS text LANGUAGE sql AS
	$$SELECT regexp_replace(convert_from(content, 'UTF8'), ' xmlns(:\w+)?="[^"]*"', '', 'g')$$;

SELECT convert_from(clex.write('{"$kind": "invoice", "$format": "json", "invoice": {"number": "R-1"}, "totals": {"payable": 12.50}}', 'json'), 'UTF8');
SELECT * FROM clex.losses('{"invoice": {"number": "R-1"}}', 'json');

-- what JSON writes is what the document prints
SELECT convert_from(clex.write(d, 'json'), 'UTF8') = d::text AS same
FROM (VALUES ('{"invoice": {"number": "R-1"}, "$extras": [{"path": "/x", "value": "1"}]}'::clex.document)) v(d);

-- misuse
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'pdf');
SELECT clex.write('{"invoice": {"number": "R-1"}}', '');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'json:pretty');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'ubl:pretty');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'json:');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'json', '{"indent": true}');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'ubl', '{"pretty": true}');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'ubl', '{"indent": 2}');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'json', '[]');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'json', '{"on_loss": "cry"}');
SELECT clex.write(NULL, 'json') IS NULL AS null_document, clex.write('{"invoice": {"number": "R-1"}}', NULL) IS NULL AS null_format;
SELECT clex.convert('', 'json');
SELECT clex.convert('no document', 'json');

-- an empty document, and one without lines
SELECT f AS format, pg_temp.shown(clex.write('{}', f)) FROM unnest(ARRAY['ubl', 'cii']) f;
SELECT convert_from(clex.write('{"invoice": {"number": "R-1", "issue_date": "2026-05-31", "currency": "EUR"}, "totals": {"payable": 12.50}}', 'ubl', '{"indent": true}'), 'UTF8');
SELECT pg_temp.shown(clex.write('{"$kind": "credit_note", "invoice": {"number": "R-1", "type_code": "381", "due_date": "2026-06-30", "currency": "EUR"},
	"payment": {"means_code": "58", "credit_transfers": [{"account": "A"}, {"account": "DE75512108001245126199"}]}}', 'ubl', '{"indent": true}'));
SELECT pg_temp.shown(clex.write('{"invoice": {"number": "R-1", "due_date": "2026-06-30", "currency": "EUR"}, "seller": {"identifiers": ["1", {"value": "2", "scheme": "0088"}]},
	"payment": {"means_code": "58", "credit_transfers": [{"account": "A"}, {"account": "DE75512108001245126199"}]}}', 'cii', '{"indent": true}'));

-- digits and spellings stay as they are; dates are written as the syntax has them
SELECT pg_temp.shown(clex.write('{"invoice": {"issue_date": "2026-05-31", "due_date": "2026-02-30"}, "totals": {"payable": 12.50, "lines_net": 0.100},
	"$lexical": {"totals.payable": " +012.50"}}', 'cii'));

-- what a format cannot say is listed
SELECT * FROM clex.losses('{"invoice": {"number": "R-1"}, "notes": [{"text": "#AAI#x"}, {"subject_code": "x", "text": "y"}, {"subject_code": "AAI"}],
	"payment": {"credit_transfers": [{"account": {"value": "1", "scheme": "IBAN"}}]},
	"preceding_invoices": [{"number": "1"}, {"number": "2", "issue_date": "2026-01-01"}], "totals": {"vat_in_vat_currency": 1.00},
	"lines": [{"unit": "C62"}, {}], "buyer": {}, "$extras": [{"path": "/x/y", "value": "z"}]}', 'cii');
SELECT * FROM clex.losses('{"invoice": {"number": "R-1"}, "notes": [{"text": "#AAI#x"}, {"subject_code": "x", "text": "y"}, {"subject_code": "AAI"}], "lines": [{"unit": "C62"}, {}]}', 'ubl');
SELECT path, reason FROM clex.losses('{"preceding_invoices": [{"number": "1"}, {"number": "2", "issue_date": "2026-01-01"}]}', 'cii:D22B');
SELECT * FROM clex.losses('{"seller": {"identifiers": [{"value": "2", "scheme": "0088"}, "1"]}, "invoice": {"tax_point_code": "29"}}', 'cii');
SELECT octet_length(clex.write('{"payment": {"credit_transfers": [{"account": {"value": "1", "scheme": "IBAN"}}]}}', 'cii', '{"on_loss": "report"}')) > 0 AS written;
SELECT clex.write('{"payment": {"credit_transfers": [{"account": {"value": "1", "scheme": "IBAN"}}]}}', 'cii', '{"on_loss": "error"}');
SELECT octet_length(clex.write('{"payment": {"credit_transfers": [{"account": "1"}]}}', 'cii', '{"on_loss": "error"}')) > 0 AS written;

-- hostile text: escaped, and characters that XML does not have are told
SELECT pg_temp.shown(clex.write(d, 'ubl')), clex.same_terms(clex.read(clex.write(d, 'ubl')), d) AS same
FROM (VALUES ('{"invoice": {"number": "<&>\"'']]>\t\r\n <!-- x --> &amp; Straße €"}, "seller": {"electronic_address": {"value": "a", "scheme": "\"<\t\r\n"}}}'::clex.document)) v(d);
SELECT pg_temp.shown(clex.write(d, 'ubl')) FROM (VALUES ('{"invoice": {"number": "a\u001fb\u0001"}}'::clex.document)) v(d);
SELECT term, path, reason FROM clex.losses('{"invoice": {"number": "a\u001fb\uffff"}}', 'ubl');
SELECT clex.write('{"invoice": {"number": "a\u001fb"}}', 'cii', '{"on_loss": "error"}');
SELECT clex.same_terms(clex.read(clex.write(d, f)), d) AS long_text_same
FROM (SELECT ('{"notes": [{"text": "' || repeat('x & y ', 200000) || '"}]}')::clex.document) v(d), unnest(ARRAY['ubl', 'cii']) f;

-- a variant puts its own identifiers in
SELECT clex.value(d, 'BT-24') AS specification, clex.value(d, 'BT-23') AS process
FROM unnest(ARRAY['ubl:xrechnung', 'cii:xrechnung', 'ubl:peppol', 'cii:en16931', 'cii:D22B']) f,
	clex.read(clex.write('{"process": {"specification": "mine"}}', f)) d;
SELECT * FROM clex.losses('{"process": {"specification": "mine", "type": "my own"}}', 'ubl:peppol');

-- extras of the same format stand where they stood; another format lists them
CREATE TEMPORARY TABLE source AS SELECT convert_to($$<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
	xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
	xmlns:x="urn:example:x" x:version="7"><b:UBLVersionID>2.1</b:UBLVersionID><b:ID schemeName="n">1</b:ID><b:UUID>u</b:UUID><b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>
	<cac:AllowanceCharge><b:ChargeIndicator>true</b:ChargeIndicator><b:SequenceNumeric>1</b:SequenceNumeric><b:Amount currencyID="EUR">1.0</b:Amount></cac:AllowanceCharge>
	<cac:AllowanceCharge><b:ChargeIndicator>true</b:ChargeIndicator><b:SequenceNumeric>2</b:SequenceNumeric></cac:AllowanceCharge>
	<cac:AllowanceCharge><b:ChargeIndicator>false</b:ChargeIndicator><b:SequenceNumeric>3</b:SequenceNumeric><b:Amount currencyID="USD">2.0</b:Amount></cac:AllowanceCharge>
	<x:own><x:inner a="&lt;">text</x:inner></x:own><none xmlns="">n</none></Invoice>$$, 'UTF8') AS content;
SELECT convert_from(clex.convert(content, 'ubl', '{"indent": true}'), 'UTF8') FROM source;
SELECT clex.same_terms(a, b) AS same_terms, count(*) AS extras, count(*) FILTER (WHERE x = y) AS same
FROM source, clex.read(content) a, clex.read(clex.write(a, 'ubl')) b,
	ROWS FROM (jsonb_array_elements(a::jsonb -> '$extras'), jsonb_array_elements(b::jsonb -> '$extras')) e(p, q),
	LATERAL (SELECT p - 'line', q - 'line') l(x, y)
GROUP BY 1;
SELECT path, value, reason FROM source, clex.losses(clex.read(content), 'cii');

-- extras that came in as JSON: what could not be well-formed is not written
SELECT pg_temp.shown(clex.write(d, 'ubl')) FROM (VALUES ('{"$format": "ubl", "$extras": [{"path": "/ubl:Invoice/a b", "value": "1"}, {"path": "/ubl:Invoice/x:y", "value": "1"},
	{"path": "/ubl:Invoice/cbc:UUID", "value": "<"}, {"path": "/cn:CreditNote/cbc:UUID", "value": "2"}, {"path": "", "value": "3"}, {"path": "/ubl:Invoice/cbc:UUID", "value": "4"},
	{"path": "/ubl:Invoice/{}z", "value": "5"}, {"path": "/ubl:Invoice/cbc:ID[0]", "value": "6"}, {"path": "/ubl:Invoice/@xmlns", "value": "7"}]}'::clex.document)) v(d);
SELECT path, value, reason FROM clex.losses('{"$format": "ubl", "$extras": [{"path": "/ubl:Invoice/a b", "value": "1"}, {"path": "/ubl:Invoice/cbc:UUID", "value": "<"},
	{"path": "/ubl:Invoice/cbc:UUID", "value": "4"}]}', 'ubl');

-- a spelling that does not stand for the value is not written
SELECT convert_from(clex.write(d, f), 'UTF8') ~ 'evil|99|2020' AS written, clex.same_terms(clex.read(clex.write(d, f)), d) AS same
FROM (VALUES ('{"$format": "ubl", "invoice": {"number": "1", "issue_date": "2026-05-31"}, "totals": {"payable": 12.50},
	"$lexical": {"invoice.number": "evil", "totals.payable": "99", "invoice.issue_date": "20200101"}}'::clex.document)) v(d), unnest(ARRAY['ubl', 'cii']) f;
