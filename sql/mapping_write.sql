SET datestyle = 'ISO';
-- Documents as CSV and positional files, by the mapping that reads them
CREATE FUNCTION pg_temp.template(text) RETURNS jsonb LANGUAGE sql AS $$ SELECT t.mapping FROM clex.mapping_templates t WHERE t.name = $1 $$;
CREATE FUNCTION pg_temp.show(content bytea, encoding text DEFAULT 'UTF8') RETURNS SETOF text LANGUAGE sql AS $$ SELECT regexp_replace(l, '\r', '\\r', 'g') FROM regexp_split_to_table(convert_from(content, encoding), '\n') l $$;
CREATE TEMP TABLE doc (n int PRIMARY KEY, document clex.document);
INSERT INTO doc VALUES
	(1, '{"invoice": {"number": "F;1", "issue_date": "2026-01-28", "type_code": "380", "due_date": "2026-02-27", "currency": "EUR", "payment_terms": "30 jours"}, "seller": {"name": "Armor \"Fils\"\nSARL", "vat_number": "FR40303265045"}, "buyer": {"name": "Łódź = café"},
		"totals": {"with_vat": 138.00}, "vat_breakdown": [{"taxable_amount": 115.00, "tax_amount": 23.00, "category": "S", "rate": 20}],
		"lines": [{"identifier": "1", "quantity": 2, "unit": "H87", "net_amount": 100.00, "item": {"name": "=cmd()", "standard_identifier": {"value": "3008468852534", "scheme": "0160"}}, "vat": {"category": "S", "rate": 20}, "price": {"net": 55},
			"allowances": [{"amount": 5.00, "reason_code": "95"}, {"amount": 5.00, "reason_code": "95", "reason": "Remise"}]},
			{"identifier": "A2", "quantity": -1.2345, "unit": "KGM", "net_amount": 15.00, "item": {"name": "Zwölf Kilo"}, "vat": {"category": "Z", "rate": 0}, "price": {"net": 15}}]}'),
	(2, '{"$kind": "credit_note", "invoice": {"number": "AV2", "issue_date": "1999-12-31", "type_code": "381", "currency": "EUR"}, "seller": {"name": "S"}, "buyer": {"name": "B"}, "lines": [{"identifier": "1", "net_amount": 1, "item": {"name": "x"}, "vat": {"category": "S", "rate": 20}}]}');
-- one row a line: the second allowance of a line has a row of its own; quotes, separators and line breaks in cells
SELECT * FROM pg_temp.show((SELECT clex.write_mapped(document, pg_temp.template('csv-lines-fr')) FROM doc WHERE n = 1));
SELECT l.* FROM doc, clex.mapping_losses(document, pg_temp.template('csv-lines-fr')) l WHERE n = 1;
SELECT clex.write_mapped(r.document, pg_temp.template('csv-lines-fr')) = c.content AS written_again_the_same
FROM (SELECT clex.write_mapped(document, pg_temp.template('csv-lines-fr')) AS content FROM doc WHERE n = 1) c, clex.read_mapped(c.content, pg_temp.template('csv-lines-fr')) r;
-- the encoding lacks a letter; header, line and VAT records; fixed columns; one row an invoice
SELECT * FROM pg_temp.show((SELECT clex.write_mapped(document, pg_temp.template('csv-lines-latin1'), '{"line_end": "lf"}') FROM doc WHERE n = 1), 'WIN1252');
SELECT l.* FROM doc, clex.mapping_losses(document, pg_temp.template('csv-lines-latin1')) l WHERE n = 1 AND l.reason ~ 'character';
SELECT * FROM pg_temp.show((SELECT clex.write_mapped(document, pg_temp.template('csv-records')) FROM doc WHERE n = 1));
SELECT * FROM pg_temp.show((SELECT clex.write_mapped(document, pg_temp.template('flat-records')) FROM doc WHERE n = 1), 'WIN1252');
SELECT l.* FROM doc, clex.mapping_losses(document, pg_temp.template('flat-records')) l WHERE n = 1 AND l.reason !~ 'no place';
SELECT * FROM pg_temp.show((SELECT clex.write_mapped(document, pg_temp.template('csv-invoices')) FROM doc WHERE n = 1));
-- several documents in one file, read again
SELECT * FROM pg_temp.show((SELECT clex.write_mapped_all(array_agg(document ORDER BY n), pg_temp.template('csv-lines-fr')) FROM doc));
SELECT r.document_no, clex.kind(r.document), clex.value(r.document, 'BT-1') FROM clex.read_mapped((SELECT clex.write_mapped_all(array_agg(document ORDER BY n), pg_temp.template('csv-lines-fr')) FROM doc), pg_temp.template('csv-lines-fr')) r ORDER BY 1;
SELECT * FROM pg_temp.show(clex.write_mapped_all('{}', pg_temp.template('csv-lines-fr')));
SELECT clex.write_mapped_all(ARRAY[document, document], pg_temp.template('csv-lines-fr')) FROM doc WHERE n = 1;
SELECT clex.write_mapped_all(ARRAY[document, NULL], pg_temp.template('csv-lines-fr')) FROM doc WHERE n = 1;

-- what can be inverted: a field alone, an expression that gives back what is put into it, one that agrees with what is known
CREATE FUNCTION pg_temp.small(terms text, o jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT ('{"format": "csv", "opens": true, "fields": [{"name": "a"}, {"name": "ab"}, {"name": "n", "type": "number"}, {"name": "d", "type": "date"}], "terms": ' || terms || '}')::jsonb || o $$;
CREATE FUNCTION pg_temp.invoice(text) RETURNS clex.document LANGUAGE sql AS $$ SELECT ('{"invoice": ' || $1 || '}')::clex.document $$;
SELECT v.n, s AS row, (SELECT string_agg(l.term || ' ' || l.reason, ', ' ORDER BY l.term) FROM clex.mapping_losses(pg_temp.invoice(v.invoice), pg_temp.small(v.terms, v.o)) l) AS losses FROM (VALUES
	(1, '{"number": "1", "issue_date": "2026-01-31", "due_date": "2026-03-02"}', '{"BT-1": "$a", "BT-2": "$d", "BT-9": "$d + 30"}', '{}'::jsonb),
	(2, '{"number": "1", "issue_date": "2026-01-31", "due_date": "2026-03-03"}', '{"BT-1": "$a", "BT-2": "$d", "BT-9": "$d + 30"}', '{}'),
	(3, '{"number": "1", "buyer_reference": "X"}', '{"BT-1": "$a", "BT-10": "upper-case($ab)"}', '{}'),
	(4, '{"number": "1", "buyer_reference": "x"}', '{"BT-1": "$a", "BT-10": "upper-case($ab)"}', '{}'),
	(5, '{"number": "1", "buyer_reference": "1-2"}', '{"BT-1": "$a", "BT-10": "concat($a, ''-'', $ab)"}', '{}'),
	(6, '{"number": "1", "currency": "EUR"}', '{"BT-1": "$a", "BT-5": "''USD''"}', '{}'),
	(7, '{"number": "1"}', '{"BT-1": "$a", "BT-5": "''USD''"}', '{}'),
	(8, '{"number": "1", "buyer_reference": "2"}', '{"BT-1": "$a", "BT-10": "$a"}', '{}'),
	(9, '{"number": "1", "issue_date": "1999-01-31"}', '{"BT-1": "$a", "BT-2": "$d"}', '{"date": "DD.MM.YY"}'),
	(10, '{"number": "1,5", "currency": "EUR"}', '{"BT-1": "$n", "BT-5": "$a"}', '{"decimal": ",", "separator": ";"}'),
	(11, '{"number": "a\"b,c\nd"}', '{"BT-1": "$ab"}', '{"quote": ""}'),
	(12, '{"number": " a "}', '{"BT-1": "$a"}', '{}')) v(n, invoice, terms, o),
	pg_temp.show(clex.write_mapped(pg_temp.invoice(v.invoice), pg_temp.small(v.terms, v.o))) s WHERE s <> '' ORDER BY v.n;
-- lines are not made up by the rows of a group that shares a field with them
SELECT s FROM pg_temp.show(clex.write_mapped('{"invoice": {"number": "1"}, "vat_breakdown": [{"rate": 20}, {"rate": 7}], "lines": [{"identifier": "1", "vat": {"rate": 20}}]}',
	'{"format": "csv", "document": "a", "fields": [{"name": "a"}, {"name": "i"}, {"name": "r"}], "terms": {"BT-1": "$a"}, "groups": {"lines": {"BT-126": "$i", "BT-152": "$r"}, "vat_breakdown": {"BT-119": "$r"}}}')) s WHERE s <> '';
-- a key that no term gives is the number of the document
SELECT s FROM pg_temp.show(clex.write_mapped_all(ARRAY[pg_temp.invoice('{"number": "7"}'), pg_temp.invoice('{"number": "7"}')], pg_temp.small('{"BT-1": "$ab"}', '{"document": "a", "opens": false}'))) s WHERE s <> '';

-- formulas, byte order mark, UTF-16
SELECT s FROM unnest(ARRAY['{}', '{"guard_formulas": true}']::jsonb[]) o, unnest(ARRAY['=1+1', '-5', '+33 1', '@x', 'a=b']) t, pg_temp.show(clex.write_mapped(pg_temp.invoice(jsonb_build_object('number', t)::text), pg_temp.small('{"BT-1": "$a"}'), o)) s WHERE s <> '' ORDER BY o, s COLLATE "C";
SELECT l.term, l.reason FROM clex.mapping_losses(pg_temp.invoice('{"number": "=1+1"}'), pg_temp.small('{"BT-1": "$a"}'), '{"guard_formulas": true}') l;
SELECT clex.write_mapped(pg_temp.invoice('{"number": "1"}'), pg_temp.small('{"BT-1": "$a"}'), '{"byte_order_mark": true, "line_end": "lf"}'),
	clex.write_mapped(pg_temp.invoice('{"number": "é😀"}'), pg_temp.small('{"BT-1": "$a"}', '{"encoding": "utf-16"}'), '{"line_end": "lf"}');
-- what is lost as a notice or an error
SELECT octet_length(clex.write_mapped(document, pg_temp.template('csv-invoices'), '{"on_loss": "report"}')) FROM doc WHERE n = 2;
SELECT octet_length(clex.write_mapped(document, pg_temp.template('csv-invoices'), '{"on_loss": "error"}')) FROM doc WHERE n = 2;

-- refusals
CREATE FUNCTION pg_temp.refusal(d clex.document, mapping jsonb, o jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text; hint text;
BEGIN
	PERFORM clex.write_mapped(d, mapping, o);
	RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM, NULLIF(detail, ''), NULLIF(hint, ''));
END $$;
SELECT n, pg_temp.refusal(d, m, o) FROM (VALUES
	(1, '{"$kind": "order", "order": {"number": "1"}}'::clex.document, pg_temp.small('{"BT-1": "$a"}'), '{}'::jsonb), (2, '{"$kind": "credit_note", "invoice": {"number": "1"}}', pg_temp.small('{"BT-1": "$a"}'), '{}'),
	(3, pg_temp.invoice('{"currency": "EUR"}'), pg_temp.small('{"BT-1": "$a"}'), '{}'), (4, pg_temp.invoice('{"currency": "EUR"}'), pg_temp.small('{"BT-1": "$a", "BT-5": "''USD''"}'), '{}'),
	(5, pg_temp.invoice('{"number": "1"}'), '{"format": "csv", "fields": [{"name": "a"}], "terms": {"BT-1": "$a"}}', '{}'), (6, pg_temp.invoice('{"number": "1"}'), '[]', '{}'),
	(7, pg_temp.invoice('{"number": "1"}'), pg_temp.small('{"BT-1": "$a"}'), '{"colour": 1}'), (8, pg_temp.invoice('{"number": "1"}'), pg_temp.small('{"BT-1": "$a"}'), '{"line_end": "cr"}'),
	(9, pg_temp.invoice('{"number": "1"}'), pg_temp.small('{"BT-1": "$a"}'), '{"on_loss": "cry"}'), (10, pg_temp.invoice('{"number": "1"}'), pg_temp.small('{"BT-1": "$a"}'), '{"guard_formulas": 1}'),
	(11, pg_temp.invoice('{"number": "1"}'), pg_temp.small('{"BT-1": "$a"}'), '[]')) v(n, d, m, o) ORDER BY n;
