-- What an accountant wants to see, after loading; reads temporary table loaded of the same session.
\pset footer off
\pset border 1
\pset linestyle unicode
\pset null ''
\pset format wrapped
\pset columns :columns

\echo
\echo 'Documents by format and verdict'
SELECT COALESCE(d.format, 'unknown') AS format, COALESCE(d.kind, '') AS kind,
	count(*) AS documents,
	count(*) FILTER (WHERE d.verdict = 'valid') AS valid,
	count(*) FILTER (WHERE d.verdict = 'invalid') AS invalid,
	count(*) FILTER (WHERE d.verdict = 'not processable') AS "not processable",
	count(*) FILTER (WHERE d.verdict = 'not readable') AS "not readable",
	pg_catalog.pg_size_pretty(sum(d.size)) AS size
FROM demo.documents d
GROUP BY d.format, d.kind
ORDER BY count(*) DESC, 1, 2;

SELECT count(*) AS documents FROM demo.documents
\gset
SELECT count(*) FILTER (WHERE is_duplicate) AS duplicates, count(*) FILTER (WHERE error IS NOT NULL) AS unloaded,
	count(*) AS accounted, count(*) <> :files AS lost
FROM loaded
\gset
\echo :files 'files:' :documents 'documents stored,' :duplicates 'more with the same bytes as another,' :unloaded 'that the disk would not give.'
\if :lost
\echo 'ERROR: only' :accounted 'files are accounted for'
SELECT 1 / 0 AS "files were lost";
\endif

\echo
\echo 'Most frequent findings'
SELECT count(DISTINCT f.document_id) AS documents, f.rule, f.severity,
	(array_agg(f.message ORDER BY f.document_id, f.finding_no))[1] AS "for example"
FROM demo.findings f
GROUP BY f.rule, f.severity
ORDER BY 1 DESC, 2
LIMIT 15;

\echo
\echo 'Invoices by supplier (the 15 with most documents; credit notes count as negative)'
SELECT pg_catalog.left(s.seller_name, 34) AS supplier, s.seller_country AS country, s.invoices, s.credit_notes AS "credit notes", s.invalid,
	pg_catalog.to_char(s.net, 'FM999,999,999,999,990.00') AS net,
	pg_catalog.to_char(s.gross, 'FM999,999,999,999,990.00') AS "with VAT",
	pg_catalog.to_char(s.payable, 'FM999,999,999,999,990.00') AS "to pay", s.currency
FROM demo.suppliers s
ORDER BY s.invoices + s.credit_notes DESC, s.gross DESC NULLS LAST, s.seller_name
LIMIT 15;

SELECT count(*) > 0 AS unreadable FROM demo.quarantine \gset
\if :unreadable
\echo
\echo 'Could not be read (the first 15 kinds of reason)'
SELECT count(*) AS documents, q.error_code AS code, q.error AS reason,
	(array_agg(pg_catalog.regexp_replace(q.source, '^.*/', '') ORDER BY q.document_id))[1] AS "for example"
FROM demo.quarantine q
GROUP BY q.error_code, q.error
ORDER BY 1 DESC, 2, 3
LIMIT 15;
\endif
SELECT count(*) > 0 AS refused FROM loaded WHERE error IS NOT NULL \gset
\if :refused
\echo
\echo 'Files that could not be opened'
SELECT file, error FROM loaded WHERE error IS NOT NULL ORDER BY file LIMIT 15;
\endif
