SET datestyle = 'ISO';
-- Orders, responses and despatch advices as CSV and positional files, in and out: key "kind" of the mapping
CREATE FUNCTION pg_temp.template(text) RETURNS jsonb LANGUAGE sql AS $$ SELECT t.mapping FROM clex.mapping_templates t WHERE t.name = $1 $$;
CREATE FUNCTION pg_temp.show(content bytea) RETURNS SETOF text LANGUAGE sql AS $$ SELECT regexp_replace(l, '\r', '\\r', 'g') FROM regexp_split_to_table(convert_from(content, 'UTF8'), '\n') l WHERE l <> '' $$;
CREATE TEMP TABLE doc (name text PRIMARY KEY, document clex.document);
INSERT INTO doc VALUES
	('order', '{"$kind": "order", "order": {"number": "PO-77", "issue_date": "2026-04-01", "type_code": "220", "currency": "EUR", "contract": "RC-9"}, "notes": [{"text": "Quai 4; sonner"}],
		"buyer": {"name": "Halles du Rhin", "identifier": {"value": "4000001000005", "scheme": "0088"}, "vat_number": "DE123456788"}, "seller": {"name": "Moulin Roy", "identifiers": [{"value": "3020180000024", "scheme": "0088"}]},
		"delivery": {"name": "Halle 3", "location": {"value": "4000001000012", "scheme": "0088"}, "requested_date": "2026-04-15"},
		"lines": [{"identifier": "1", "quantity": 40, "unit": "XBG", "net_amount": 756.00, "item": {"name": "Farine T65", "seller_identifier": "T65-25", "standard_identifier": {"value": "3020180000111", "scheme": "0160"}}, "price": {"net": 18.90}},
			{"identifier": "2", "quantity": 2.5, "unit": "KGM", "net_amount": 11.25, "item": {"name": "Levain", "buyer_identifier": "L-1"}, "price": {"net": 4.50}, "requested_date": "2026-04-20"}]}'),
	('order 2', '{"$kind": "order", "order": {"number": "PO-78", "issue_date": "2026-04-02", "currency": "CHF"}, "buyer": {"name": "B"}, "seller": {"name": "S"}, "lines": [{"identifier": "1", "quantity": 1, "item": {"name": "x"}}]}'),
	('response', '{"$kind": "order_response", "order_response": {"number": "AB-5", "issue_date": "2026-04-03", "code": "CA"}, "order": {"number": "PO-77"}, "lines": [{"identifier": "1", "action": "3", "quantity": 36, "unit": "XBG", "promised_date": "2026-04-16"}, {"identifier": "2", "action": "7"}]}'),
	('despatch', '{"$kind": "despatch_advice", "despatch_advice": {"number": "BL-3", "issue_date": "2026-04-14"}, "seller": {"name": "Moulin Roy"}, "buyer": {"name": "Halles du Rhin"}, "delivery": {"name": "Halle 3"}, "shipment": {"despatch_date": "2026-04-14", "carrier": {"name": "Transports Lys"}},
		"lines": [{"identifier": "1", "quantity": 36, "unit": "XBG", "purchase_order": "PO-77", "purchase_order_line": "1", "item": {"name": "Farine T65", "instances": [{"batch": "L26-04", "expiry_date": "2026-12-31"}, {"batch": "L26-05"}]}}]}'),
	('invoice', '{"invoice": {"number": "F1", "currency": "EUR"}, "lines": [{"identifier": "1", "item": {"name": "x"}}]}');

-- by the built-in mappings: what goes out comes in again, and what has no column is told
SELECT * FROM pg_temp.show((SELECT clex.write_mapped_all(array_agg(document ORDER BY name), pg_temp.template('csv-orders')) FROM doc WHERE name ~ '^order'));
SELECT r.document_no, clex.kind(r.document), clex.value(r.document, 'O-1'), clex.same_terms(r.document, d.document) AS same FROM doc d, clex.write_mapped(d.document, pg_temp.template('csv-orders')) c, clex.read_mapped(c, pg_temp.template('csv-orders')) r WHERE d.name ~ '^order' ORDER BY d.name;
SELECT d.name, l.* FROM doc d, clex.mapping_losses(d.document, pg_temp.template('csv-orders')) l WHERE d.name ~ '^order' ORDER BY d.name, l.path;
SELECT * FROM pg_temp.show((SELECT clex.write_mapped(document, pg_temp.template('csv-despatch')) FROM doc WHERE name = 'despatch'));
SELECT clex.kind(r.document), clex.same_terms(r.document, d.document) AS same FROM doc d, clex.write_mapped(d.document, pg_temp.template('csv-despatch')) c, clex.read_mapped(c, pg_temp.template('csv-despatch')) r WHERE d.name = 'despatch';

-- a positional file of header and lines, by a mapping of one's own
CREATE FUNCTION pg_temp.flat(kind text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_set('{"format": "flat", "record_type": {"start": 1, "length": 1}, "date": "YYYYMMDD", "records": {
	"H": {"opens": true, "fields": [{"name": "no", "start": 2, "length": 8}, {"name": "on", "type": "date", "start": 10, "length": 8}, {"name": "code", "start": 18, "length": 2}, {"name": "po", "start": 20, "length": 8}],
		"terms": {"O-5": "$no", "O-50": "$on", "O-52": "$code", "O-1": "$po"}},
	"L": {"fields": [{"name": "line", "start": 2, "length": 3}, {"name": "action", "start": 5, "length": 1}, {"name": "quantity", "type": "number", "scale": 2, "start": 6, "length": 7}, {"name": "unit", "start": 13, "length": 3}, {"name": "on", "type": "date", "start": 16, "length": 8}],
		"groups": {"lines": {"BT-126": "$line", "O-28": "$action", "BT-129": "$quantity", "BT-130": "$unit", "O-96": "$on"}}}}}', '{kind}', to_jsonb(kind)) $$;
SELECT * FROM pg_temp.show((SELECT clex.write_mapped(document, pg_temp.flat('order_response')) FROM doc WHERE name = 'response'));
SELECT clex.kind(r.document), r.document::jsonb - '$lexical'::text - '$provenance'::text AS document FROM doc d, clex.write_mapped(d.document, pg_temp.flat('order_response')) c, clex.read_mapped(c, pg_temp.flat('order_response')) r WHERE d.name = 'response';

-- an invoice or a credit note: what the type says, else what the mapping says
CREATE FUNCTION pg_temp.small(kind text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('format', 'csv', 'opens', true, 'kind', kind, 'fields', '[{"name": "a"}, {"name": "t"}]'::jsonb, 'terms', '{"BT-1": "$a", "BT-3": "$t"}'::jsonb) $$;
SELECT k AS mapping, c AS row, clex.kind(r.document) FROM unnest(ARRAY['invoice', 'credit_note']) k, unnest(ARRAY['1,', '1,380', '1,381']) c, clex.read_mapped(c::bytea, pg_temp.small(k)) r ORDER BY 1, 2;

-- what is refused
CREATE FUNCTION pg_temp.refusal(document clex.document, mapping jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
	PERFORM clex.write_mapped(document, mapping);
	RETURN 'written';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(hint, ''));
END $$;
SELECT d.name, t AS mapping, pg_temp.refusal(d.document, pg_temp.template(t)) FROM doc d, unnest(ARRAY['csv-orders', 'csv-despatch', 'csv-lines-fr']) t WHERE d.name <> 'order 2' ORDER BY 1, 2;
SELECT k, pg_temp.refusal(document, pg_temp.flat(k)) FROM doc, unnest(ARRAY['order', 'invoices', '']) k WHERE name = 'order' ORDER BY 1;
SELECT pg_temp.refusal(document, jsonb_set(pg_temp.small('order'), '{kind}', '["order"]')) FROM doc WHERE name = 'order';
