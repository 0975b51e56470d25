-- examine: what detect, read, verdict and findings say, in one row
\set good `cat extension/test/samples/facturx-fr-basic.xml`
\set bad `cat extension/test/samples/fr-wrong-total.xml`
CREATE TEMPORARY TABLE sample (name text, content bytea);
INSERT INTO sample VALUES ('good', convert_to(:'good', 'UTF8')), ('bad', convert_to(:'bad', 'UTF8'));
\x on
SELECT name, x.format, x.kind, x.version, x.profile, x.encoding, x.sha256 = sha256(content) AS is_hash,
	clex.value(x.document, 'BT-1') AS number, x.processable, x.valid, x.fatal, x.warning,
	cardinality(x.findings) AS findings, (x.findings[1]).rule, (x.findings[1]).line, (x.findings[1]).found, (x.findings[1]).expected,
	x.error_code, x.error, x.error_detail, x.error_hint
FROM sample, LATERAL clex.examine(content) x ORDER BY name DESC;
\x off

-- the same as one by one, for every sample
\! mkdir -p build && perl -e 'for (@ARGV) { local $/; open my $f, "<:raw", $_ or die; print "$_\t\\\\x", unpack("H*", <$f>), "\n" }' extension/test/samples/*.xml >build/examine.tsv
CREATE TEMPORARY TABLE file (name text, content bytea);
\copy file FROM 'build/examine.tsv'
SELECT count(*) > 70 AS many,
	count(*) FILTER (WHERE (x.format, x.kind, x.version, x.profile, x.encoding) IS DISTINCT FROM (d.format, d.kind, d.version, d.profile, d.encoding)) AS other_format,
	count(*) FILTER (WHERE x.sha256 IS DISTINCT FROM sha256(content)) AS other_hash,
	count(*) FILTER (WHERE (x.document OPERATOR(clex.=) clex.read(content)) IS NOT TRUE) AS other_document,
	count(*) FILTER (WHERE (x.processable, x.valid, x.fatal, x.warning) IS DISTINCT FROM (v.processable, v.valid, v.fatal, v.warning)) AS other_verdict,
	count(*) FILTER (WHERE COALESCE(x.findings, '{}') IS DISTINCT FROM f.findings) AS other_findings,
	count(x.findings) > 15 AS findings_there_are
FROM file, LATERAL clex.examine(content) x, LATERAL clex.detect(content) d, LATERAL clex.verdict(content) v,
	LATERAL (SELECT ARRAY(SELECT ROW(f.*)::clex.finding FROM clex.findings(content) f) AS findings) f;

-- what cannot be read: no error, but what it would have been
SELECT b.content, x.format, x.document IS NULL AND x.processable IS NULL AND x.valid IS NULL AND x.fatal IS NULL
		AND x.warning IS NULL AND x.findings IS NULL AS nothing, x.error_code, x.error, x.error_detail, x.error_hint
FROM (VALUES (1, ''), (2, '<a/>'), (3, '<Invoice'), (4, '{"kind": "invoice"}'), (5, '%PDF-1.7'), (6, '<!DOCTYPE a><a/>'),
	(7, E'<a>\n<b></a>'), (8, '<Statement xmlns="urn:oasis:names:specification:ubl:schema:xsd:Statement-2"/>')) b (n, content),
	LATERAL clex.examine(convert_to(b.content, 'UTF8')) x
ORDER BY b.n;
SELECT x.error_code, x.error FROM clex.examine('\x3c613ee43c2f613e') x;
SELECT x.error_code, x.error, x.sha256 = sha256(content) AS is_hash FROM (SELECT convert_to(repeat('<a>', 200), 'UTF8') AS content) c, LATERAL clex.examine(c.content) x;
SELECT x IS NULL AS is_null FROM clex.examine(NULL) x;

-- limits: of the document they are columns
BEGIN;
SET LOCAL clex.max_nodes = 10;
SELECT x.error_code, x.error FROM sample, LATERAL clex.examine(content) x WHERE name = 'good';
RESET clex.max_nodes;
SET LOCAL clex.max_steps = 1;
SELECT x.document IS NULL AS unread, x.fatal, x.error_code, x.error
FROM (SELECT convert_to(replace(convert_from(content, 'UTF8'), '<cac:InvoiceLine>', repeat('<cac:InvoiceLine/>', 20000) || '<cac:InvoiceLine>'), 'UTF8') AS content
	FROM sample WHERE name = 'bad') s, LATERAL clex.examine(content) x;
ROLLBACK;
-- and a document after one that was given up is its own
SELECT x.valid, x.fatal, x.error_code FROM sample, LATERAL clex.examine(content) x ORDER BY name;

-- rule sets, day, language
SELECT x.valid, (SELECT array_agg(DISTINCT f.ruleset ORDER BY f.ruleset) FROM unnest(x.findings) f) AS rulesets
FROM sample, LATERAL clex.examine(content, '{en16931,structure}') x WHERE name = 'bad';
SELECT x.processable, x.valid, (x.findings[1]).rule FROM sample, LATERAL clex.examine(content, '{structure-d22b}', '2026-01-01') x WHERE name = 'bad';
SELECT (x.findings[1]).message = f.message AS same, f.message ~ '^Le net' AS french
FROM sample, LATERAL clex.examine(content, lang => 'fr') x, LATERAL clex.findings(content, lang => 'fr') f WHERE name = 'bad';
\set VERBOSITY terse
-- mistakes of the caller are errors, also for what cannot be read
SELECT clex.examine('', '{nonsense}');
SELECT clex.examine('', lang => 'tlh');
SELECT clex.examine('', as_of => 'infinity');

-- canonical JSON is read where it says that it is: with the digest of its bytes, whatever it says of itself, and checked without a syntax layer
CREATE TEMP TABLE own AS SELECT clex.write('{"$kind": "credit_note", "invoice": {"number": "7", "issue_date": "2026-01-31 "}, "$provenance": {"sha256": "mine"}}'::clex.document, 'json') AS content;
SELECT d.*, clex.same_terms(clex.read(o.content), convert_from(o.content, 'UTF8')::clex.document) AS same, clex.read(o.content)::jsonb #>> '{$provenance,sha256}' = encode(sha256(o.content), 'hex') AS digest,
	clex.read(o.content)::jsonb -> '$lexical' AS spelling FROM own o, clex.detect(o.content) d;
SELECT e.format, e.kind, e.error_code, e.processable, e.valid, (SELECT array_agg(DISTINCT f.ruleset ORDER BY f.ruleset) FROM unnest(e.findings) f) AS rulesets FROM own o, clex.examine(o.content) e;
SELECT v.n, e.format, e.kind, e.error_code, e.error, e.error_detail FROM (VALUES (1, '{"$kind": "moon"}'::bytea), (2, '{"$kind": "invoice", "moon": 1}'), (3, '{"$kind": "invoice"'), (4, ' { "$kind" : "order" } '), (5, '{"invoice": {}, "$kind": "invoice"}')) v(n, content), clex.examine(v.content) e ORDER BY v.n;
