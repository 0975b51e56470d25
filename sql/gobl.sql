-- GOBL: invoices and credit notes, in an envelope or bare, both ways
CREATE SCHEMA gobl_test;
CREATE TABLE gobl_test.sample (file text PRIMARY KEY, content bytea NOT NULL);
\! mkdir -p build && (cd extension/test/samples/formats && perl -e 'for (@ARGV) { local $/; open my $f, "<:raw", $_ or die; print "$_\t\\\\x", unpack("H*", <$f>), "\n" }' gobl-credit-note.json gobl-invoice.json) >build/gobl.tsv
\copy gobl_test.sample FROM 'build/gobl.tsv'
SELECT file, d.* FROM gobl_test.sample, clex.detect(content) d ORDER BY file;
SELECT jsonb_pretty(clex.read(content)::jsonb - '$provenance') FROM gobl_test.sample ORDER BY file;

-- written and read again: the same terms, spellings and extras; the same JSON but for the order of members
SELECT file, clex.same_terms(d, w) AS terms, d::jsonb -> '$lexical' IS NOT DISTINCT FROM w::jsonb -> '$lexical' AS spellings, (SELECT count(*) FROM clex.losses(d, 'gobl')) AS losses,
	convert_from(clex.write(d, 'gobl'), 'UTF8')::jsonb = convert_from(content, 'UTF8')::jsonb AS same_json, convert_from(clex.write(d, 'gobl', '{"indent": true}'), 'UTF8')::jsonb = convert_from(content, 'UTF8')::jsonb AS indented,
	clex.verdict(clex.write(d, 'gobl'), '{structure}') AS structure
FROM gobl_test.sample, clex.read(content) d, LATERAL clex.read(clex.write(d, 'gobl')) w ORDER BY file;
SELECT file, rule, location, line, found FROM gobl_test.sample, clex.findings(content) f ORDER BY file, line, rule;
SELECT file, term, value, reason FROM gobl_test.sample, clex.losses(clex.read(content), 'ubl') WHERE term IS NOT NULL ORDER BY file, term;

-- from other formats: bare, with the extensions that hold the codes
SELECT convert_from(clex.write('{"invoice": {"number": "A-1", "type_code": "389", "currency": "EUR"}, "seller": {"name": "S", "vat_number": "DE123456789", "electronic_address": {"value": "a@b.example", "scheme": "EM"}},
	"payment": {"means_code": "58", "credit_transfers": [{"account": "DE02120300000000202051"}, {"account": "4711"}]}, "lines": [{"identifier": "A1", "quantity": 2, "unit": "XPX", "vat": {"category": "AE", "rate": 0}}, {"identifier": "2", "vat": {"category": "L"}}],
	"totals": {"payable": 10, "paid": 2}}', 'gobl', '{"indent": true}'), 'UTF8');
SELECT term, path, value, reason FROM clex.losses('{"invoice": {"number": "A-1"}, "seller": {"vat_number": "123"}, "lines": [{"identifier": "A1"}, {"identifier": "07"}], "payment": {"means_code": "ZZZ"}}', 'gobl') ORDER BY path;
SELECT clex.write('{"$kind": "order", "order": {"number": "1"}}', 'gobl');

-- what is not as the schema has it is kept, and a finding; order of members says nothing
CREATE FUNCTION gobl_test.gobl(members text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(format('{"$schema": "https://gobl.org/draft-0/bill/invoice", %s}', members), 'UTF8')
$$;
SELECT m, (SELECT string_agg(concat(e ->> 'path', '=', e ->> 'value'), ' ') FROM jsonb_array_elements(d::jsonb -> '$extras') e) AS extras, w::jsonb = (convert_from(gobl_test.gobl(m), 'UTF8'))::jsonb AS same,
	(SELECT string_agg(concat_ws(' ', f.rule, f.location), '; ' ORDER BY f.location, f.rule) FROM clex.findings(gobl_test.gobl(m), '{structure}') f WHERE f.rule <> 'STRUCTURE-MISSING') AS findings
FROM unnest(ARRAY['"lines": []', '"lines": {}', '"lines": [[]]', '"lines": ["x", {"i": "1"}, {}]', '"code": 7', '"code": ["A", "B"]', '"code": {"a": null}', '"tax": {}', '"tax": {"ext": {}}', '"tax": "VAT"', '"supplier": [{"name": "A"}]',
	'"a b": {"": 1, "é/[1]": [], "_x0041_": {}, "@x": -0.50, "x": true}', '"totals": {"sum": "1,5", "payable": 12.30}', '"lines": [{"i": 1, "taxes": [{"percent": "21%", "cat": "VAT"}], "quantity": "1"}], "code": "1", "series": "A"',
	'"notes": [{"text": "a\u0001b\n \"<&>\" \ud83d\ude00"}]', '"issue_date": "12.3.2026"']) WITH ORDINALITY u (m, n), clex.read(gobl_test.gobl(m)) d, LATERAL (SELECT convert_from(clex.write(d, 'gobl'), 'UTF8')::jsonb) x (w) ORDER BY n;

-- a tax-inclusive price is no net price
SELECT jsonb_path_query_array(d::jsonb, '$.lines[*].price'), clex.value(d, 'totals.lines_net'), clex.value(d, 'totals.without_vat')
FROM clex.read(gobl_test.gobl('"tax": {"prices_include": "VAT"}, "lines": [{"item": {"price": "10.00"}, "total": "10.00"}], "totals": {"sum": "10.00", "total": "8.26"}')) d;

-- refused
CREATE FUNCTION gobl_test.attempt(content bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text; hint text;
BEGIN
	RETURN clex.kind(clex.read(content));
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(left(detail, 90), ''), nullif(left(hint, 60), ''));
END $$;
SELECT n, gobl_test.attempt(c) FROM (VALUES (1, gobl_test.gobl('"code": "1", "code": "2"')), (2, gobl_test.gobl('"code": ')), (3, gobl_test.gobl('"code": "1"') || '}'), (4, gobl_test.gobl('"n": 1e5')), (5, gobl_test.gobl('"n": 01')),
	(6, gobl_test.gobl('"n": tru')), (7, gobl_test.gobl('"n": "\u0000"')), (8, gobl_test.gobl('"n": "\ud800"')), (9, gobl_test.gobl('"code": "') || '\xff'::bytea), (10, gobl_test.gobl(format('"n": %s1%s', repeat('[', 200), repeat(']', 200)))),
	(11, gobl_test.gobl(format('"n": %s', repeat('9', 2000)))), (12, convert_to('{"$schema": "https://gobl.org/draft-0/envelope", "doc": 5}', 'UTF8')), (13, convert_to('{"$schema": "https://gobl.org/draft-0/envelope", "doc": {"$schema": "https://gobl.org/draft-0/bill/delivery"}}', 'UTF8')),
	(14, convert_to('[{"$schema": "https://gobl.org/draft-0/bill/invoice"}]', 'UTF8')), (15, '\xefbbbf'::bytea || gobl_test.gobl('"code": "1"'))) v (n, c) ORDER BY n;
SET clex.max_nodes = 100;
SELECT gobl_test.attempt(gobl_test.gobl(format('"n": [%s0]', repeat('0,', 200))));
RESET clex.max_nodes;
SELECT rule, message FROM clex.findings(gobl_test.gobl('"code": "1", "code": "2"'));
SET client_min_messages = warning;
DROP SCHEMA gobl_test CASCADE;
