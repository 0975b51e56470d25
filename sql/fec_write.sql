SET datestyle = 'ISO';
-- French files of accounting entries: what was read is written again
\set good `cat extension/test/samples/bank/732829320FEC20261231.txt`
CREATE TEMP TABLE ledger AS SELECT convert_to(:'good', 'UTF8') AS content, '732829320FEC20261231.txt' AS name;
CREATE TEMP TABLE entries AS SELECT f.*, row_number() OVER () AS n FROM ledger CROSS JOIN LATERAL clex.read_fec(content, name) f;
CREATE FUNCTION pg_temp.entries() RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_agg(to_jsonb(e) - 'n' ORDER BY n) FROM entries e $$;

SELECT convert_from(clex.write_fec(pg_temp.entries(), '{"separator": "|", "line_end": "lf", "extra_columns": ["CodeSite"]}'), 'UTF8');
SELECT o AS options, octet_length(c) AS bytes, (SELECT count(*) FROM clex.fec_findings(c, '732829320FEC20261231.txt')) AS findings,
	NOT EXISTS (SELECT to_jsonb(r) FROM clex.read_fec(c, '732829320FEC20261231.txt') r EXCEPT SELECT to_jsonb(e) - 'n' FROM entries e) AS same
FROM (VALUES ('{}'::jsonb), ('{"separator": "|"}'), ('{"encoding": "iso-8859-15"}'), ('{"line_end": "lf"}'), ('{"amounts": "montant_sens"}'), ('{"file_name": "732829320FEC20261231.txt"}')) v(o)
CROSS JOIN LATERAL clex.write_fec(pg_temp.entries(), o || '{"extra_columns": ["CodeSite"]}') c ORDER BY o::text COLLATE "C";
-- further columns, as cash accounting has them
SELECT convert_from(clex.write_fec((SELECT jsonb_agg(to_jsonb(e) - 'n' || jsonb_build_object('extras', jsonb_build_object('DateRglt', '20260115', 'ModeRglt', 'VIR')) ORDER BY n) FROM entries e),
	'{"separator": "|", "line_end": "lf", "extra_columns": ["DateRglt", "ModeRglt", "NatOp"]}'), 'UTF8');
-- ... all four of them, read again as they were
SELECT split_part(convert_from(c, 'UTF8'), E'\n', 1) AS header, (SELECT count(*) FROM clex.fec_findings(c)) AS findings, (SELECT array_agg(DISTINCT r.extras) FROM clex.read_fec(c) r) AS extras
FROM clex.write_fec((SELECT jsonb_agg(to_jsonb(e) - 'n' || jsonb_build_object('extras', jsonb_build_object('DateRglt', '20260115', 'ModeRglt', 'VIR', 'NatOp', 'VENTE', 'IdClient', 'C1')) ORDER BY n) FROM entries e),
	'{"separator": "|", "line_end": "lf", "cash_accounting": true}') c;
SELECT clex.write_fec('[]', '{"cash_accounting": 1}');

-- nothing is changed to fit, and nothing invalid is given out
CREATE FUNCTION pg_temp.changed(member jsonb, o jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text; hint text;
BEGIN
	PERFORM clex.write_fec((SELECT jsonb_agg(to_jsonb(e) - 'n' || CASE WHEN n = 2 THEN member ELSE '{}' END ORDER BY n) FROM entries e), '{"extra_columns": ["CodeSite"]}' || o);
	RETURN 'written';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM, NULLIF(detail, ''), NULLIF(hint, ''));
END $$;
SELECT n, pg_temp.changed(m, o) FROM (VALUES
	(1, '{"ecriture_lib": "a\tb"}'::jsonb, '{}'::jsonb), (2, '{"ecriture_lib": "a|b"}', '{"separator": "|"}'), (3, '{"ecriture_lib": "a|b"}', '{}'), (4, '{"ecriture_lib": "a\nb"}', '{}'),
	(5, '{"ecriture_lib": "Łódź"}', '{"encoding": "iso-8859-15"}'), (6, '{"ecriture_lib": "coût 5 €"}', '{"encoding": "iso-8859-15"}'), (7, '{"ecriture_date": "2026-02-30"}', '{}'),
	(8, '{"debit": "5,00"}', '{}'), (9, '{"debit": 5}', '{}'), (10, '{"debit": 5, "credit": 5}', '{"amounts": "montant_sens"}'), (11, '{"compte_num": null}', '{}'), (12, '{"compte": "1"}', '{}'),
	(13, '{"extras": {"X": 1}}', '{}'), (14, '{"debit": 5}', '{"check": false}'), (15, '{}', '{"file_name": "export.txt"}'), (16, '{}', '{"encoding": "utf-16"}'), (17, '{}', '{"colour": 1}'),
	(18, '{"debit": {}}', '{}')) v(n, m, o) ORDER BY n;
SELECT clex.write_fec('{}');
SELECT clex.write_fec('[1]');
SELECT clex.write_fec('[]');
SELECT encode(clex.write_fec('[{"ecriture_lib": "5 €"}]', '{"check": false, "encoding": "iso-8859-15", "line_end": "lf"}'), 'escape');
