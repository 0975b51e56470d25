SET datestyle = 'ISO';
-- CSV and positional files by a mapping
SELECT name, title, mapping ->> 'format' AS format FROM clex.mapping_templates ORDER BY name;
CREATE FUNCTION pg_temp.template(text) RETURNS jsonb LANGUAGE sql AS $$ SELECT t.mapping FROM clex.mapping_templates t WHERE t.name = $1 $$;

-- one row a line: decimal commas, dates, quotes, a byte order mark, mixed line ends, two documents
CREATE TEMP TABLE files (name text PRIMARY KEY, template text, content bytea);
INSERT INTO files VALUES ('lines', 'csv-lines-fr', '\xefbbbf'::bytea || convert_to(E'invoice_no;type;issue_date;due_date;currency;order_ref;seller_name;seller_vat;buyer_name;buyer_vat;line;item_code;gtin;description;quantity;unit;unit_price;line_allowance;vat_rate;line_net;colour\r\nF1;380;28/01/2026;27/02/2026;EUR;;"Armor; ""Fils""\nSARL";FR40303265045;B;;1;A1;3008468852534;Vis;2090;H87;0,085;0,00;20;177,65;red\r\nF1;380;28/01/2026;27/02/2026;EUR;;"Armor; ""Fils""\nSARL";FR40303265045;B;;2;;;Tôle;-1,5;MTK;41,9;1,55;5,5;-62,85;\rF2;381;01/02/2026;;EUR;;S;;B;;1;;;x;1;C62;1;0;20;1;\n\n', 'UTF8'));
SELECT document_no AS no, first_row, last_row, document FROM files CROSS JOIN LATERAL clex.read_mapped(content, pg_temp.template(template)) WHERE name = 'lines';
SELECT p.* FROM files CROSS JOIN LATERAL clex.mapping_problems(content, pg_temp.template(template)) p WHERE name = 'lines';
SELECT p.* FROM files CROSS JOIN LATERAL clex.mapping_preview(content, pg_temp.template(template), 3) p WHERE files.name = 'lines' AND p.row_no = 3;
-- header, line and VAT records; one row an invoice; positional records
INSERT INTO files VALUES ('records', 'csv-records', convert_to(E'H;F1;380;2026-01-28;;EUR;S;;B;;12.00\nL;1;Vis;10;H87;1;20;10\nT;20;10;2\nH;F2;381;2026-01-29;;EUR;S;;B;;1\n', 'UTF8')),
	('invoices', 'csv-invoices', convert_to(E'number;type;issue_date;due_date;currency;seller_name;seller_vat;buyer_name;buyer_vat;net;vat_rate;vat;gross\nF1;380;28/01/2026;;EUR;S;;B;;1 000,00;20;200,00;1200,00\nF2;380;28/01/2026;;EUR;S;;B;;10,00;0;0,00;10,00\n', 'UTF8')),
	('flat', 'flat-records', convert_to(rpad('HF1', 13) || '3802026012820260227EUR' || rpad('CDE1', 12) || rpad('Béranger', 40) || rpad('', 15) || rpad('Société', 40) || rpad('', 15) || '000000000001200' || E'\r\n'
		|| 'L000001' || rpad('', 13) || rpad('A1', 10) || rpad('Tôle', 40) || '000000000010000H87000000000010000002000000000000001000' || E'\r\n' || 'T002000000000000001000000000000000200' || E'\r\n', 'LATIN1'));
SELECT name, document_no AS no, first_row, last_row, document FROM files CROSS JOIN LATERAL clex.read_mapped(content, pg_temp.template(template)) WHERE name <> 'lines' ORDER BY name COLLATE "C", document_no;
SELECT name, p.* FROM files CROSS JOIN LATERAL clex.mapping_problems(content, pg_temp.template(template)) p WHERE name <> 'lines' ORDER BY name COLLATE "C", row_no;

SELECT clex.value(document, 'BT-106') FROM files CROSS JOIN LATERAL clex.read_mapped(content, pg_temp.template(template) || '{"thousands": " "}') WHERE name = 'invoices' ORDER BY document_no;

-- expressions over the fields of a row
CREATE FUNCTION pg_temp.small(terms text, o jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT ('{"format": "csv", "opens": true, "fields": [{"name": "a"}, {"name": "n", "type": "number"}, {"name": "d", "type": "date"}], "terms": ' || terms || '}')::jsonb || o $$;
SELECT term, name, expression, value FROM clex.mapping_preview('F 1,12.50,2026-01-31', pg_temp.small(
	'{"BT-1": "translate($a, '' '', ''-'')", "BT-112": "$n * 2", "BT-9": "$d + 30", "BT-5": "''EUR''", "BT-20": "if ($n > 10) then concat(''over ten: '', $n) else ()", "invoice.buyer_reference": "upper-case($a)", "BT-73": "$d", "BT-46": "$a", "BT-46-1": "''0088''"}')) ORDER BY term;

-- what can be wrong with a file: row, line, column, value
SELECT v.n, p.code, p.severity, p.row_no AS row, p.line, p.column_name AS col, p.found, p.expected FROM (VALUES
	(1, 'F1,1.5,2026-01-31,extra'::bytea), (2, 'F1,1.5'), (3, 'F1,"1,5",2026-01-31'), (4, 'F1,1.5,31/01/2026'), (5, 'F1,1.5,2026-02-30'), (6, E'"F1\nF2,1,2026-01-31'), (7, '"F1"x,1,2026-01-31'),
	(8, '=cmd|calc,1,2026-01-31'), (9, '+33 1 23,1,2026-01-31'), (10, '\x4631e92c312c323032362d30312d3331'), (11, '\x463100312c312c323032362d30312d3331'), (12, 'F1,1e3,2026-01-31'), (13, 'F1,--1,2026-01-31'), (14, ''), (15, E'\r\n\n  \n'),
	(16, '\xfffe46003100'), (17, convert_to(repeat('x,', 600), 'UTF8')), (18, convert_to('"' || repeat('x', 1100000) || ',1,2026-01-31', 'UTF8')), (19, convert_to(repeat('x', 1100000) || ',1,2026-01-31', 'UTF8'))) v(n, content)
CROSS JOIN LATERAL clex.mapping_problems(v.content, pg_temp.small('{"BT-1": "$a", "BT-112": "$n", "BT-2": "$d"}')) p ORDER BY v.n, p.row_no, p.column_name;
SELECT p.code, p.row_no AS row, p.column_name AS col, p.found, p.expected, p.message FROM clex.mapping_problems('F1,1,2026-01-31', pg_temp.small('{"BT-1": "$a", "BT-112": "1 div ($n - 1)", "BT-2": "$a", "BT-9": "$a * 2"}')) p;
SELECT p.code, p.row_no AS row, p.line, p.column_name AS col, p.found, p.expected FROM clex.mapping_problems(convert_to(E'x;y\nnumber;type;n2\nF1;380;1\nF1;381;2\n', 'UTF8'),
	'{"format": "csv", "separator": ";", "header_rows": 2, "document": "number", "fields": [{"name": "number"}, {"name": "type", "header": "TYPE"}, {"name": "gone"}], "terms": {"BT-1": "$number", "BT-3": "$type", "BT-5": "$gone"}}') p;
SELECT p.code, p.row_no AS row, p.found FROM clex.mapping_problems(convert_to(E'L;1\nX;1\nH;F1;380;2026-01-28;;EUR;S;;B;;12.00\n', 'UTF8'), pg_temp.template('csv-records')) p ORDER BY row, code;
SELECT message FROM clex.mapping_problems('F1,x,2026-01-31', pg_temp.small('{"BT-1": "$a", "BT-112": "$n"}'), 'fr');
SELECT message FROM clex.mapping_problems('F1,x,2026-01-31', pg_temp.small('{"BT-1": "$a", "BT-112": "$n"}'), 'de');
-- lenient reading keeps what is there, strict reading ends
SELECT document FROM clex.read_mapped('F1,x,2026-01-31', pg_temp.small('{"BT-1": "$a", "BT-112": "$n"}'));
SELECT document FROM clex.read_mapped('F1,x,2026-01-31', pg_temp.small('{"BT-1": "$a", "BT-112": "$n"}'), '{"mode": "strict"}');
SELECT document FROM clex.read_mapped('', pg_temp.small('{"BT-1": "$a"}'));
SELECT document FROM clex.read_mapped('\xfffe4600', pg_temp.small('{"BT-1": "$a"}'));
SELECT count(*) FROM clex.mapping_preview('', pg_temp.small('{"BT-1": "$a"}'));
SELECT count(*) FROM clex.mapping_preview('F1', pg_temp.small('{"BT-1": "$a"}'), 0);

-- a mapping that is wrong says where
CREATE FUNCTION pg_temp.refusal(mapping jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text; hint text;
BEGIN
	PERFORM FROM clex.read_mapped('F1,1,2026-01-31', mapping);
	RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM, NULLIF(detail, ''), NULLIF(hint, ''));
END $$;
SELECT n, pg_temp.refusal(m) FROM (VALUES
	(1, '[]'::jsonb), (2, '{}'), (3, '{"format": "xls"}'), (4, '{"format": "csv"}'), (5, pg_temp.small('{"BT-1": "$a"}', '{"colour": 1}')), (6, pg_temp.small('{"BT-999": "$a"}')),
	(7, pg_temp.small('{"BT-1": "$b"}')), (8, pg_temp.small('{"BT-1": "concat($a"}')), (9, pg_temp.small('{"BG-4": "$a"}')), (10, pg_temp.small('{"BT-1": 1}')), (11, pg_temp.small('{"BT-1": "$a"}', '{"separator": "::"}')),
	(12, pg_temp.small('{"BT-1": "$a"}', '{"separator": "\""}')), (13, pg_temp.small('{"BT-1": "$a"}', '{"encoding": "ebcdic"}')), (14, pg_temp.small('{"BT-1": "$a"}', '{"groups": {"seller": {"BT-27": "$a"}}}')),
	(15, pg_temp.small('{"BT-1": "$a"}', '{"groups": {"lines": {"BT-1": "$a"}}}')), (16, pg_temp.small('{"BT-1": "$a"}', '{"document": "b"}')), (17, pg_temp.small('{"BT-1": "$a"}', '{"header_rows": -1}')),
	(18, pg_temp.small('{"BT-1": "$a"}', '{"fields": [{"name": "a"}, {"name": "a"}]}')), (19, pg_temp.small('{"BT-1": "$a"}', '{"fields": [{"name": "a b"}]}')), (20, pg_temp.small('{"BT-1": "$a"}', '{"fields": [{"name": "a", "start": 1}]}')),
	(21, pg_temp.small('{"BT-1": "$a"}', '{"fields": [{"name": "a", "type": "money"}]}')), (22, '{"format": "flat", "records": {"H": {"fields": [{"name": "a", "start": 1, "length": 1}]}}}'), (23, pg_temp.small('{"BT-1": "$a"}', '{"records": []}'))) v(n, m) ORDER BY n;
-- of several errors the one that stands first in the mapping, as jsonb shows it, is told; not what only follows from another
SELECT n, pg_temp.refusal(m) FROM (VALUES
	(1, '{"date": "x", "quote": "::", "format": "xls", "encoding": "ebcdic"}'::jsonb), (2, pg_temp.small('{"BT-1": "$a"}', '{"separator": "::", "quote": "::", "colour": 1}')),
	(3, pg_temp.small('{"BT-1": "$b", "BT-999": "$a"}', '{"fields": [{"name": "a b"}]}')), (4, pg_temp.small('{"BT-1": "$b", "BT-2": "$c", "BT-999": "$a"}', '{"groups": {"seller": {}}}')),
	(5, pg_temp.small('{"BT-999": "$a"}', '{"groups": {"seller": {}}, "document": "z"}')), (6, '{"fields": [{"name": "a", "start": 1}, {"name": "a b"}]}'),
	(7, '{"format": "csv", "records": {"A": {"fields": []}, "B": {"colour": 1, "fields": [{"name": "a"}]}}}')) v(n, m) ORDER BY n;
