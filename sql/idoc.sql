-- SAP IDocs ORDERS05 (orders and their responses), and flat files of both basic types
SET client_min_messages = warning;
\set orders `cat extension/test/samples/formats/idoc-orders05.xml`
\set ordrsp `cat extension/test/samples/formats/idoc-ordrsp.xml`
\set flat `cat extension/test/samples/formats/idoc-orders05.idoc`
\set invoic `cat extension/test/samples/formats/idoc-invoic02.idoc`
\set xml `cat extension/test/samples/formats/idoc-invoic02.xml`
CREATE TEMP TABLE source (name text PRIMARY KEY, content bytea NOT NULL);
INSERT INTO source VALUES ('orders', convert_to(:'orders', 'UTF8')), ('ordrsp', convert_to(:'ordrsp', 'UTF8')), ('flat', convert_to(:'flat', 'UTF8')),
	('flat invoic', convert_to(:'invoic', 'UTF8')), ('invoic', convert_to(:'xml', 'UTF8'));
SELECT name, d.* FROM source, clex.detect(content) d ORDER BY name;
SELECT jsonb_pretty(clex.read(content)::jsonb - '{$provenance,$extras}'::text[]) FROM source WHERE name = 'orders';
SELECT jsonb_pretty(clex.read(content)::jsonb - '{$provenance,$extras}'::text[]) FROM source WHERE name = 'ordrsp';
SELECT name, count(f) FROM source LEFT JOIN LATERAL clex.findings(content, ARRAY['structure']) f ON true GROUP BY name ORDER BY name;

-- the flat form says the same as XML, and each comes back as it was, extras too
CREATE TEMP TABLE document AS SELECT name, clex.read(content) AS d FROM source;
CREATE FUNCTION pg_temp.extras(d clex.document) RETURNS jsonb LANGUAGE sql AS
	$$ SELECT jsonb_agg(e - 'line' ORDER BY e ->> 'path', e ->> 'value') FROM jsonb_array_elements(d::jsonb -> '$extras') e $$;
SELECT a.name, b.name, clex.same_terms(a.d, b.d) FROM document a, document b WHERE (a.name, b.name) IN (('orders', 'flat'), ('invoic', 'flat invoic')) ORDER BY 1;
SELECT name, format, clex.same_terms(d, again) AS terms, pg_temp.extras(d) = pg_temp.extras(again) AS extras, (SELECT count(*) FROM clex.losses(d, format)) AS losses,
		clex.verdict(clex.write(d, format), ARRAY['structure'])
	FROM document, unnest(ARRAY['idoc', 'idoc:xml', 'idoc:flat']) format, LATERAL (SELECT clex.read(clex.write(d, format)) AS again) w ORDER BY name, format;
SELECT name, l.path, l.value, l.reason FROM document, clex.losses(d, 'idoc:xml') l WHERE name LIKE 'flat%' ORDER BY name;
SELECT rtrim(line) FROM document, regexp_split_to_table(convert_from(clex.write(d, 'idoc'), 'UTF8'), E'\n') WITH ORDINALITY t(line, n) WHERE name = 'flat' ORDER BY n;
SELECT bool_and(rtrim(a) = rtrim(b)) AS same_lines FROM source s JOIN document USING (name),
	ROWS FROM (regexp_split_to_table(convert_from(content, 'UTF8'), E'\n'), regexp_split_to_table(convert_from(clex.write(d, 'idoc'), 'UTF8'), E'\n')) t(a, b) WHERE name = 'flat';

-- an order of another format: who sends, what is cut, what has no place
CREATE FUNCTION pg_temp.order() RETURNS clex.document LANGUAGE sql IMMUTABLE AS $$ SELECT $q$
	{"$kind": "order", "order": {"number": "PO-1", "issue_date": "2026-05-04", "currency": "EUR", "type_code": "220", "contract": "C-9", "function": "9"},
	 "buyer": {"name": "Wohnhaus am Park Gesellschaft mit beschränkter Haftung", "identifier": {"value": "3020180000012", "scheme": "0088"}},
	 "seller": {"name": "Müller GmbH", "identifiers": ["4711", {"value": "4000001000005", "scheme": "0088"}, {"value": "X", "scheme": "0060"}], "address": {"country": "DE"}},
	 "notes": [{"text": "Rampe 3\nbitte anrufen"}, {"text": "zweite Notiz"}],
	 "lines": [{"identifier": "1", "quantity": 4, "unit": "C62", "price": {"net": 12.50}, "net_amount": 50.00, "item": {"name": "Stuhl", "standard_identifier": {"value": "4000001000012", "scheme": "0160"}}}]}
	$q$::clex.document $$;
SELECT term, path, value, reason FROM clex.losses(pg_temp.order(), 'idoc:flat');
SELECT term, path, value, reason FROM clex.losses(pg_temp.order(), 'idoc');
SELECT rtrim(line) FROM regexp_split_to_table(convert_from(clex.write(pg_temp.order(), 'idoc:flat', '{"recipient": "LS800", "reference": "0000000000000042"}'), 'UTF8'), E'\n') line;
SELECT convert_from(clex.write(pg_temp.order(), 'idoc', '{"indent": true}'), 'UTF8');
SELECT clex.write('{"$kind": "despatch_advice", "order_change": {"number": "1"}}'::clex.document, 'idoc');
SELECT clex.write(pg_temp.order(), 'idoc:edi');
SELECT clex.write(pg_temp.order(), 'idoc', '{"sender": "3020180000012"}');

-- bad input: what is there is read, and each deviation is a finding with its place and record
CREATE TEMP TABLE fault (n int PRIMARY KEY, what text NOT NULL, content bytea NOT NULL);
INSERT INTO fault
	SELECT n, what, convert_to(CASE WHEN pattern = '' THEN replacement ELSE regexp_replace(convert_from(content, 'UTF8'), pattern, replacement, 'n') END, 'UTF8') FROM source, (VALUES
	(1, 'a segment of another IDoc', '^(E2EDP20 {23}200)0000000000815001', '\10000000000815002'),
	(2, 'a segment of another client', '^(E2EDK17 {23})200', '\1300'),
	(3, 'numbers of segments skip one', '^(E2EDS01 {23}200\d{16})\d{6}', '\1000099'),
	(4, 'a parent that is none', '^(E2EDP20 {23}200\d{16}\d{6})\d{6}', '\1000001'),
	(5, 'a level that is none', '^(E2EDKT2001 {20}200\d{16}\d{6}\d{6})03', '\107'),
	(6, 'no segment E1EDK01', '^E2EDK01003.*\n', ''),
	(7, 'a line that is no segment', '^E2EDK14 .*\n', E'*** end of page ***\n'),
	(8, 'a text of an item without item', '^(E2EDK17 )', E'E2EDPT2001                    2000000000000815001000000000000003text\n\\1'),
	(9, 'cut in a header', '^(E2EDS01 {23}200\d{10})(.|\n)*$', '\1'),
	(10, 'a segment that nobody knows', '^E2EDK14 ', 'E2EDK98 ')) v(n, what, pattern, replacement) WHERE name = 'flat';
SELECT n, what, (clex.verdict(content, ARRAY['structure'])).valid, clex.value(clex.read(content), 'order.number') AS number, clex.value(clex.read(content), 'lines[2].identifier') AS last_line
	FROM fault ORDER BY n;
SELECT n, location, line, found, message FROM fault, clex.findings(content, ARRAY['structure']) WHERE found IS DISTINCT FROM 'Z1QUAI' ORDER BY n, line, location COLLATE "C";
SELECT n, clex.same_terms(d, again) AS terms, pg_temp.extras(d) = pg_temp.extras(again) AS extras
	FROM fault, LATERAL (SELECT clex.read(content) AS d) r, LATERAL (SELECT clex.read(clex.write(d, 'idoc')) AS again) w ORDER BY n;

-- records by their width alone, Windows-1252, line ends of DOS, several IDocs
SELECT how, clex.same_terms(clex.read(bytes), d) AS same, clex.read(bytes)::jsonb #>> '{$provenance,encoding}' AS encoding FROM source JOIN document USING (name), LATERAL (VALUES
		('no line ends', (SELECT convert_to(string_agg(rpad(line, CASE WHEN line LIKE 'EDI_DC40%' THEN 524 ELSE 1063 END), '' ORDER BY n), 'UTF8')
			FROM regexp_split_to_table(rtrim(convert_from(content, 'UTF8'), E'\n'), E'\n') WITH ORDINALITY t(line, n))),
		('windows-1252', convert_to(convert_from(content, 'UTF8'), 'WIN1252')),
		('dos', convert_to(replace(convert_from(content, 'UTF8'), E'\n', E'\r\n'), 'UTF8'))) v(how, bytes) WHERE name = 'flat' ORDER BY how;
SELECT clex.value(d, 'order.number'), d::jsonb -> '$extras' -> 0 FROM source, clex.read_all(content || '\x0a' || content) d WHERE name = 'flat';
SELECT clex.read(content || '\x0a' || content) FROM source WHERE name = 'flat';
SELECT clex.read(a.content || '\x0a' || b.content) FROM source a, source b WHERE a.name = 'flat' AND b.name = 'flat invoic';
SELECT clex.read(convert_to(rpad('EDI_DC40', 39) || rpad('DELVRY03', 30), 'UTF8'));
SELECT clex.read(convert_to('EDI_DC40', 'UTF8'));
SELECT clex.read(content || '\x00') FROM source WHERE name = 'flat';
-- ORDCHG is a change of the order it names; what is done with a line, in the codes of UNTDID 1229 and back; other codes of ACTION are a customer's own
SELECT a AS action, d.kind, clex.value(c, 'O-1') AS "order", clex.value(c, 'O-2') AS of, clex.value(c, 'C-3') AS issued, clex.value(c, 'C-7') AS type, clex.value(c, 'lines[1].action') AS line,
		(SELECT count(*) FROM clex.losses(c, 'idoc')) AS losses, (SELECT bool_and(clex.same_terms(clex.read(clex.write(c, f)), c)) FROM unnest(ARRAY['idoc', 'idoc:flat']) f) AS same,
		(regexp_match(convert_from(clex.write(c, 'idoc'), 'UTF8'), '<POSEX>000010</POSEX><ACTION>(\w*)'))[1] AS written, (clex.verdict(clex.write(c, 'idoc'), ARRAY['structure'])).valid
	FROM source, unnest('{001,002,003,004,091}'::text[]) a, LATERAL (SELECT convert_to(replace(replace(convert_from(content, 'UTF8'), '>ORDERS<', '>ORDCHG<'), '<POSEX>000010</POSEX>', '<POSEX>000010</POSEX><ACTION>' || a || '</ACTION>'), 'UTF8')) x(x),
	clex.detect(x) d, clex.read(x) c WHERE name = 'orders' ORDER BY a;
-- what a change of another format cannot say in it
SELECT term, value, reason FROM clex.losses('{"$kind": "order_change", "order_change": {"number": "C-1", "issue_date": "2026-03-05", "function": "4", "type_code": "230", "sequence": "2", "line_count": 1},
	"order": {"number": "PO-1"}, "lines": [{"identifier": "1", "action": "3", "quantity": 2, "unit": "C62"}, {"identifier": "2", "action": "74"}]}'::clex.document, 'idoc') ORDER BY term COLLATE "C";

-- a type of UNTDID 1001 that SAP has none for makes a credit note too, and nothing else
SELECT t AS type, (clex.detect(w)).kind, clex.kind(clex.read(w)), clex.value(clex.read(w), 'BT-3') AS again
FROM unnest('{381,261,262,380,389}'::text[]) t,
	LATERAL clex.write(format('{"$kind": "%s", "invoice": {"number": "1", "type_code": "%s"}}', CASE WHEN t < '380' OR t = '381' THEN 'credit_note' ELSE 'invoice' END, t)::clex.document, 'idoc') w;
