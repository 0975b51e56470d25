-- writing INVOIC and 810
CREATE FUNCTION pg_temp.shown(content bytea) RETURNS text LANGUAGE sql AS $$SELECT convert_from(content, 'UTF8')$$;
CREATE FUNCTION pg_temp.invoice(more text) RETURNS clex.document LANGUAGE sql AS $$SELECT ('{"$kind": "invoice",
	"invoice": {"number": "R-1", "issue_date": "2026-05-31", "type_code": "380", "currency": "EUR"}, "totals": {"with_vat": 12.50, "payable": 12.50}' || more || '}')::clex.document$$;
CREATE TEMPORARY TABLE doc AS SELECT '{"$kind": "invoice",
	"invoice": {"number": "R-2026/17", "issue_date": "2026-05-31", "type_code": "380", "currency": "EUR", "due_date": "2026-06-30", "purchase_order": "PO 9"},
	"notes": [{"text": "no subject"}, {"subject_code": "AAI", "text": "one\ntwo"}],
	"seller": {"name": "Müller + Söhne: O''Brien? *~", "identifiers": [{"value": "4012345000009", "scheme": "0088"}], "vat_number": "DE123456789",
		"address": {"line_1": "Weg 1", "city": "Köln", "post_code": "50667", "country": "DE"}, "contact": {"name": "Info", "telephone": "+49 221", "email": "a@b.example"}},
	"buyer": {"name": "Acheteur SA", "address": {"city": "Lyon", "country": "FR"}},
	"totals": {"lines_net": 95.00, "without_vat": 95.00, "vat": 18.05, "with_vat": 113.05, "payable": 113.05},
	"vat_breakdown": [{"taxable_amount": 95.00, "tax_amount": 18.05, "category": "S", "rate": 19}],
	"lines": [{"identifier": "1", "quantity": 4, "unit": "C62", "net_amount": 95.00, "allowances": [{"amount": 5.00, "reason": "Treue"}],
		"price": {"net": 25.00}, "vat": {"category": "S", "rate": 19}, "item": {"name": "Wand + Dübel", "seller_identifier": "W''1"}}]}'::clex.document AS d;

-- separators in texts, references and counts; nothing lost that a receiver could read
SELECT convert_from(clex.write(d, 'edifact'), 'LATIN1') FROM doc;
SELECT convert_from(clex.write(d, 'edifact:D96A'), 'LATIN1') = replace(convert_from(clex.write(d, 'edifact'), 'LATIN1'), 'D:01B:UN:EAN011', 'D:96A:UN:EAN008') AS d96a_differs_in_its_name FROM doc;
SELECT pg_temp.shown(clex.write(d, 'x12')) FROM doc;
SELECT f AS format, clex.same_terms(clex.read(clex.write(d, f)), d) AS same, v.valid, (SELECT count(*) FROM clex.losses(d, f)) AS losses
FROM doc, unnest(ARRAY['edifact', 'edifact:D96A', 'edifact:D01B', 'edifact:D14B', 'x12', 'x12:004010']) f, clex.verdict(clex.write(d, f), ARRAY['structure']) v;
SELECT term, path, value, reason FROM doc, clex.losses(d, 'x12');

-- credit notes; to UBL and back
SELECT clex.detect(clex.write(d, f)), clex.same_terms(clex.read(clex.convert(clex.convert(clex.write(d, f), 'ubl'), f)), d) AS same
FROM (VALUES (replace(pg_temp.invoice('')::text, '"380"', '"381"')::jsonb || '{"$kind": "credit_note"}')) v(j), LATERAL (SELECT j::text::clex.document) w(d), unnest(ARRAY['edifact', 'x12']) f;

-- who, when and which: options, else the document; the same call gives the same bytes
SELECT split_part(pg_temp.shown(clex.write(pg_temp.invoice(''), f, o)), E'\n', 1)
FROM (VALUES ('edifact', '{}'::jsonb), ('edifact', '{"sender": "4012345000009:14", "recipient": "ACME", "reference": "A77", "date": "20260601"}'),
	('x12', '{}'), ('x12', '{"sender": "ACME:ZZ", "recipient": "0012345:01", "reference": "77", "date": "20260601"}')) v(f, o);
SELECT clex.write(pg_temp.invoice(''), 'edifact', '{"sender": "a+b"}');
SELECT clex.write(pg_temp.invoice(''), 'x12', '{"sender": "a name that is too long"}');
SELECT clex.write(pg_temp.invoice(''), 'x12', '{"reference": "A77"}');
SELECT clex.write(pg_temp.invoice(''), 'edifact', '{"reference": "a reference"}');
SELECT clex.write(pg_temp.invoice(''), 'edifact', '{"date": "2026-06-01"}');
SELECT clex.write(pg_temp.invoice(''), 'edifact', '{"indent": true}');
SELECT clex.write(pg_temp.invoice(''), 'edifact:D97A');

-- what a message must have; without lines
SELECT clex.write('{}', 'edifact');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'x12');
SELECT clex.write('{"invoice": {"number": "a number of more than 22 signs", "issue_date": "2026-05-31"}, "totals": {"with_vat": 1.00}}', 'x12');
SELECT pg_temp.shown(clex.write(pg_temp.invoice(', "lines": [], "seller": {}'), 'edifact'));

-- what has no place, no room, no code; what is too long
SELECT f AS format, term, path, left(value, 40) AS value, length(value), reason FROM unnest(ARRAY['edifact', 'edifact:D96A', 'x12']) f,
	clex.losses(pg_temp.invoice(', "seller": {"name": "' || repeat('very long ', 20) || '", "vat_number": "' || repeat('9', 40) || '",
		"identifiers": [{"value": "1", "scheme": "0009"}, "2"], "address": {"subdivision": "Nordrhein-Westfalen"}},
		"notes": [{"subject_code": "REG", "text": "x"}], "lines": [{"identifier": "A", "quantity": 1, "unit": "XBG", "item": {"standard_identifier": {"value": "1", "scheme": "0001"}}}],
		"preceding_invoices": [{"issue_date": "2026-01-01"}], "$extras": [{"path": "/SG2[1]/LOC/1.1", "value": "z"}]'), f)
ORDER BY array_position(ARRAY['edifact', 'edifact:D96A', 'x12'], f), path, term;
SELECT term, value, reason FROM clex.losses(replace(pg_temp.invoice('')::text, '12.50', '12.505')::clex.document, 'edifact');
SELECT clex.write(replace(pg_temp.invoice('')::text, '12.50', '12.505')::clex.document, 'x12');

-- character sets: UNOC as long as it will do, else UNOY; control characters are told
SELECT f AS format, left(pg_temp.shown(c), 15) AS head, clex.same_terms(clex.read(c), d) AS same
FROM (VALUES (pg_temp.invoice(', "buyer": {"name": "Ακτή * Μιαούλη ? € 𝄞"}'))) v(d), unnest(ARRAY['edifact', 'x12']) f, clex.write(d, f) c;
SELECT f AS format, term, path, reason FROM unnest(ARRAY['edifact', 'x12']) f, clex.losses(pg_temp.invoice(', "buyer": {"name": "a\u0001b", "address": {"city": "*|{ ~!} >:^"}}'), f) ORDER BY 1, 2;
SELECT clex.write(pg_temp.invoice(', "buyer": {"name": "a\u0001b"}'), 'edifact', '{"on_loss": "error"}');

-- ten thousand lines
SELECT f AS format, (regexp_match(pg_temp.shown(c), E'\n((?:CNT|CTT|UNT|SE)[^\n]*)\n(?:MOA|SE)'))[1] AS count, clex.same_terms(clex.read(c), d) AS same, v.valid
FROM (SELECT pg_temp.invoice(', "lines": [' || string_agg(format('{"identifier": "%s", "quantity": 1, "unit": "C62", "net_amount": 1.00, "price": {"net": 1.00}, "item": {"name": "x"}}', i), ',' ORDER BY i) || ']')
	FROM generate_series(1, 10000) i) big(d), unnest(ARRAY['edifact', 'x12']) f, clex.write(d, f) c, clex.verdict(c, ARRAY['structure']) v;
-- a credit note that has no type, or that of an invoice; without a number it is refused
SELECT f AS format, j ->> '$kind' AS kind, clex.kind(clex.read(clex.write(d, f))) AS again, ARRAY(SELECT concat_ws(' ', term, reason) FROM clex.losses(d, f)) AS losses
FROM (VALUES (1, pg_temp.invoice('')::jsonb #- '{invoice,type_code}'), (2, pg_temp.invoice('')::jsonb)) v(n, i),
	LATERAL (SELECT i || '{"$kind": "credit_note"}', (i || '{"$kind": "credit_note"}')::text::clex.document) w(j, d), unnest(ARRAY['edifact:D96A', 'edifact:D14B', 'x12']) f ORDER BY n, f;
SELECT clex.write((pg_temp.invoice('')::jsonb #- '{invoice,number}' #- '{invoice,type_code}' || '{"$kind": "credit_note"}')::text::clex.document, f) FROM unnest(ARRAY['edifact']) f;
