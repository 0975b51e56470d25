-- What an accountant wants to see, after loading; reads temporary table loaded of the same session.
\pset footer off
\pset border 1
\pset linestyle unicode
\pset null ''

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
SELECT count(*) FILTER (WHERE is_duplicate) AS duplicates, count(*) FILTER (WHERE error IS NOT NULL) AS unopened,
	count(*) AS accounted, count(*) <> :files OR count(*) FILTER (WHERE NOT is_duplicate) <> :documents AS lost
FROM loaded
\gset
\echo :files 'files:' :documents 'documents stored,' :duplicates 'more with the same bytes as another,' :unopened 'that could not be opened.'
\if :lost
DO $$ BEGIN RAISE 'files were lost: this must not happen'; END $$;
\endif

\pset tuples_only on
\pset format unaligned
\echo
\echo 'Most frequent findings, those that make an invoice invalid first'
SELECT pg_catalog.format(E'%6s %-9s  %s\n%16s  %s', f.documents,
	CASE f.documents WHEN 1 THEN 'document' ELSE 'documents' END, f.rule || ', ' || f.severity, '',
	pg_catalog.btrim(pg_catalog.regexp_replace(f.example, '(.{1,90})(\s+|$)', E'\\1\n                  ', 'g'), E' \n'))
FROM (
	SELECT count(DISTINCT g.document_id) AS documents, g.rule, g.severity,
		(array_agg(g.message ORDER BY g.document_id, g.finding_no))[1] AS example
	FROM demo.findings g
	GROUP BY g.rule, g.severity) f
ORDER BY f.severity <> 'fatal', f.documents DESC, f.rule
LIMIT 15;
\pset tuples_only off
\pset format aligned

\echo
\echo 'Invoices by supplier: the 15 with most documents; credit notes count as negative'
SELECT pg_catalog.left(s.seller_name, 34) AS supplier, s.seller_country AS country, s.invoices, s.credit_notes AS "credit notes", s.invalid,
	pg_catalog.lpad(pg_catalog.to_char(s.net, 'FM999,999,999,999,990.00'), 14) AS "          net",
	pg_catalog.lpad(pg_catalog.to_char(s.gross, 'FM999,999,999,999,990.00'), 14) AS "     with VAT",
	pg_catalog.lpad(pg_catalog.to_char(s.payable, 'FM999,999,999,999,990.00'), 14) AS "       to pay", s.currency
FROM demo.suppliers s
ORDER BY s.invoices + s.credit_notes DESC, s.gross DESC NULLS LAST, s.seller_name
LIMIT 15;

SELECT count(*) > 0 AS unreadable FROM demo.quarantine
\gset
\if :unreadable
\echo 'Could not be read: the 15 most frequent reasons'
SELECT count(*) AS documents, q.error_code AS code, q.error AS reason,
	(array_agg(pg_catalog.regexp_replace(q.source, '^.*/', '') ORDER BY q.document_id))[1] AS "for example"
FROM demo.quarantine q
GROUP BY q.error_code, q.error
ORDER BY 1 DESC, 2, 3
LIMIT 15;
\endif
SELECT count(*) > 0 AS refused FROM loaded WHERE error IS NOT NULL
\gset
\if :refused
\echo 'Could not be opened'
SELECT file, error FROM loaded WHERE error IS NOT NULL ORDER BY file LIMIT 15;
\endif
