-- every sample is read, and its verdict is the one its manifest says
SET client_min_messages = warning;
CREATE ROLE regress_samples_owner NOLOGIN;
SELECT clex.create_store('samples', owner => 'regress_samples_owner');
SELECT samples.add_tenant(1, 'Samples');
\! mkdir -p build && printf '%s\0' extension/test/samples/*.xml | perl scripts/lib/load.pl --store samples --tenant 1 >build/samples.load.sql
\i build/samples.load.sql
CREATE TEMPORARY TABLE manifest (file text, format text, kind text, country text, verdict text, shows text);
\copy manifest FROM 'extension/test/samples/manifest.tsv' WITH (FORMAT csv, DELIMITER E'\t', QUOTE E'\b', HEADER)

SELECT count(*) >= 60 AS enough, count(*) = (SELECT count(*) FROM loaded WHERE NOT is_duplicate AND error IS NULL) AS all_loaded FROM manifest;
SELECT m.file, m.format, d.format, m.kind, d.kind, m.verdict, d.verdict, d.error
FROM manifest m LEFT JOIN samples.documents d ON d.source = 'extension/test/samples/' || m.file
WHERE (m.format, m.kind, m.verdict) IS DISTINCT FROM (d.format, d.kind, d.verdict)
ORDER BY m.file;
-- a sample that is wrong is wrong where its manifest says
SELECT m.file, m.shows, array_agg(DISTINCT f.rule ORDER BY f.rule) AS fired
FROM manifest m
JOIN samples.documents d ON d.source = 'extension/test/samples/' || m.file
LEFT JOIN samples.findings f ON f.document_id = d.id AND f.severity = 'fatal'
WHERE m.verdict = 'invalid'
GROUP BY m.file, m.shows
HAVING array_to_string(array_agg(DISTINCT f.rule ORDER BY f.rule), ' ') IS DISTINCT FROM substring(m.shows FROM '\(([^()]*)\)$')
ORDER BY m.file;
-- nor does a valid one draw a warning
SELECT d.source, f.rule, f.message FROM samples.findings f JOIN samples.documents d ON d.id = f.document_id
WHERE d.verdict = 'valid' AND f.severity = 'warning' ORDER BY 1, 2;
-- many countries and currencies occur
SELECT string_agg(DISTINCT seller_country, ' ' ORDER BY seller_country) AS countries, string_agg(DISTINCT currency, ' ' ORDER BY currency) AS currencies
FROM samples.invoices;
SELECT clex.drop_store('samples');
DROP ROLE regress_samples_owner;
