-- what cannot be read says so, and the backend lives
CREATE FUNCTION pg_temp.try_read(content bytea, OUT state text, OUT message text, OUT detail text, OUT hint text)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM clex.read(content);
	message := 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	-- the words behind the line are those of the libxml2 at hand
	detail := regexp_replace(detail, '^(Line \d+): .*', '\1: ...');
END
$$;
\x on
SELECT name, e.*
FROM (VALUES
	(1, 'empty', ''::bytea),
	(2, 'white space', ' '),
	(3, 'PDF', '%PDF-1.7'),
	(4, 'ZIP', '\x504b030414'),
	(5, 'HTML', '<!DOCTYPE html><html></html>'),
	(6, 'EDIFACT', 'UNB+UNOC:3+1+2'),
	(7, 'text', 'hello'),
	(8, 'NUL', '\x00'),
	(9, 'any XML', '<a/>'),
	(10, 'UBL statement', '<Statement xmlns="urn:oasis:names:specification:ubl:schema:xsd:Statement-2"/>'),
	(11, 'truncated', convert_to(E'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">\n  <ID>', 'UTF8')),
	(12, 'crossed tags', convert_to(E'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">\n<a></b></Invoice>', 'UTF8')),
	(13, 'entity', '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'),
	(14, 'Latin-1 undeclared', '<a>\351</a>'),
	(15, 'NUL inside', '<a>\000</a>'),
	(19, 'JSON', '{"a": 1}'),
	(16, 'UTF-16 cut in the middle', '\xfffe3c0061002f003e'),
	(17, 'deep', convert_to(repeat('<a>', 100000), 'UTF8')),
	(18, 'many attributes', (SELECT convert_to('<a' || string_agg(' a' || i || '=""', '') || '/>', 'UTF8') FROM generate_series(1, 5000) AS i)))
	AS v (number, name, content),
	LATERAL pg_temp.try_read(v.content) AS e
ORDER BY v.number;
\x off
\set VERBOSITY terse
SET clex.max_document_size = '1kB';
SELECT clex.read(convert_to('<a>' || repeat('x', 2000) || '</a>', 'UTF8'));
RESET clex.max_document_size;
SET clex.max_depth = 2;
SELECT clex.read('<a><b><c/></b></a>');
RESET clex.max_depth;
SELECT clex.read(NULL) IS NULL AS alive;
