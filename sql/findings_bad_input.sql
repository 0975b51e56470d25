-- bad input ends as a row or as an SQLSTATE, in bounded time and memory, and the backend lives
SET clex.language = 'en';
-- what each function makes of some content: an SQLSTATE, or what it returned
CREATE FUNCTION pg_temp.outcome(query text, content bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE query INTO result USING content;
	RETURN result;
EXCEPTION WHEN OTHERS OR query_canceled THEN
	RETURN SQLSTATE;
END
$$;
CREATE FUNCTION pg_temp.invoice(inner_xml text) RETURNS text IMMUTABLE LANGUAGE sql AS $$
	SELECT '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" '
		'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
		'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">' || inner_xml || '</Invoice>'
$$;
CREATE FUNCTION pg_temp.lines(count int) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg('<cac:InvoiceLine><cbc:ID>' || i || '</cbc:ID><cbc:LineExtensionAmount currencyID="EUR">1.00'
		'</cbc:LineExtensionAmount></cac:InvoiceLine>', '' ORDER BY i)
	FROM generate_series(1, count) AS i
$$;
-- UTF-16 of ASCII text, with a byte order mark
CREATE FUNCTION pg_temp.utf16(ascii text) RETURNS bytea LANGUAGE sql AS $$
	SELECT '\xfffe'::bytea || decode(regexp_replace(encode(convert_to(ascii, 'UTF8'), 'hex'), '(..)', '\100', 'g'), 'hex')
$$;
CREATE TEMPORARY TABLE input (number int PRIMARY KEY, name text, content bytea);
INSERT INTO input VALUES
	(1, 'empty', ''),
	(2, 'white space', E' \n\t '),
	(3, 'truncated', convert_to(left(pg_temp.invoice('<cbc:ID>1</cbc:ID>'), 250), 'UTF8')),
	(4, 'truncated within a tag', convert_to(left(pg_temp.invoice(''), 60), 'UTF8')),
	(5, 'Latin-1 without saying so', convert_to(pg_temp.invoice('<cbc:ID>caf'), 'UTF8') || '\xe9'::bytea || convert_to('</cbc:ID></Invoice>', 'UTF8')),
	(6, 'Latin-1 declared', convert_to('<?xml version="1.0" encoding="ISO-8859-1"?>' || pg_temp.invoice('<cbc:ID>café</cbc:ID>'), 'LATIN1')),
	(7, 'UTF-16', pg_temp.utf16('<?xml version="1.0" encoding="UTF-16"?>' || pg_temp.invoice('<cbc:ID>1</cbc:ID>'))),
	(8, 'UTF-16 cut in a character', substr(pg_temp.utf16(pg_temp.invoice('<cbc:ID>1</cbc:ID>')), 1, 301)),
	(9, 'UTF-8 declared, UTF-16 sent', pg_temp.utf16('<?xml version="1.0" encoding="UTF-8"?>' || pg_temp.invoice('<cbc:ID>1</cbc:ID>'))),
	(10, 'an unknown encoding', convert_to('<?xml version="1.0" encoding="klingon"?>' || pg_temp.invoice(''), 'UTF8')),
	(11, 'UTF-7', convert_to('<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-', 'UTF8')),
	(12, 'EBCDIC', '\x4c6fa79493'),
	(13, 'DOCTYPE', convert_to('<!DOCTYPE Invoice>' || pg_temp.invoice(''), 'UTF8')),
	(14, 'external DOCTYPE', convert_to('<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:1/x.dtd">' || pg_temp.invoice(''), 'UTF8')),
	(15, 'external entity', convert_to('<!DOCTYPE Invoice [<!ENTITY e SYSTEM "file:///etc/passwd">]>' || pg_temp.invoice('<cbc:ID>&e;</cbc:ID>'), 'UTF8')),
	(16, 'a billion laughs', convert_to('<!DOCTYPE l [<!ENTITY l0 "lol">'
		|| (SELECT string_agg('<!ENTITY l' || i || ' "' || repeat('&l' || i - 1 || ';', 10) || '">', '' ORDER BY i) FROM generate_series(1, 9) AS i)
		|| ']>' || pg_temp.invoice('<cbc:ID>&l9;</cbc:ID>'), 'UTF8')),
	(17, 'an undeclared entity', convert_to(pg_temp.invoice('<cbc:ID>&nbsp;</cbc:ID>'), 'UTF8')),
	(18, 'nested 100,000 deep', convert_to(repeat('<a>', 100000) || repeat('</a>', 100000), 'UTF8')),
	(19, 'nested 100,000 deep in UBL', convert_to(pg_temp.invoice(repeat('<cac:SubInvoiceLine>', 100000)), 'UTF8')),
	(20, 'a million attributes', convert_to('<a' || (SELECT string_agg(' a' || i || '=""', '') FROM generate_series(1, 1000000) AS i) || '/>', 'UTF8')),
	(21, '2,000 attributes', convert_to('<a' || (SELECT string_agg(' a' || i || '=""', '') FROM generate_series(1, 2000) AS i) || '/>', 'UTF8')),
	(22, '2,000 namespaces', convert_to('<a' || (SELECT string_agg(' xmlns:a' || i || '="u"', '') FROM generate_series(1, 2000) AS i) || '/>', 'UTF8')),
	(23, 'a NUL byte', '\x00'),
	(24, 'a NUL byte inside', convert_to(pg_temp.invoice('<cbc:ID>'), 'UTF8') || '\x00'::bytea || convert_to('</cbc:ID></Invoice>', 'UTF8')),
	(25, 'a control character', convert_to(pg_temp.invoice(E'<cbc:ID>\x01</cbc:ID>'), 'UTF8')),
	(26, 'HTML', '<!DOCTYPE html><html><body>invoice</body></html>'),
	(27, 'HTML without DOCTYPE', '<html><body><p>invoice<br></body></html>'),
	(28, 'PDF', '\x255044462d312e370a25e2e3cfd30a'),
	(29, 'ZIP', '\x504b03041400000008'),
	(30, 'gzip', '\x1f8b0800'),
	(31, 'random bytes', decode('fffefdfc00017f80c0c1f5ff', 'hex')),
	(32, 'text', 'Dear Sir or Madam'),
	(33, 'JSON of something else', '{"hello": "world"}'),
	(34, 'JSON cut off', '{"invoice": {"number": "1'),
	(35, 'JSON nested 100,000 deep', convert_to(repeat('{"invoice":', 100000), 'UTF8')),
	(36, 'JSON with a lone surrogate', '{"invoice": {"number": "\\ud800"}}'),
	(37, 'a JSON array', '[1, 2]'),
	(38, 'another XML document', '<catalogue/>'),
	(39, 'a root name of 300 bytes', convert_to('<' || repeat('é', 150) || '/>', 'UTF8')),
	(40, 'a crossed tag of 300 bytes', convert_to('<x' || repeat('é', 150) || '></b>', 'UTF8')),
	(41, 'a text of 20 MB', convert_to(pg_temp.invoice('<cbc:ID>1</cbc:ID><cbc:InvoiceTypeCode>' || repeat('x', 20000000) || '</cbc:InvoiceTypeCode>'), 'UTF8')),
	(42, 'an attribute of 11 MB', convert_to(pg_temp.invoice('<cbc:ID schemeID="' || repeat('x', 11000000) || '"/>'), 'UTF8')),
	(43, 'a comment of 200 kB of "="', convert_to(pg_temp.invoice('<!--' || repeat('=', 200000) || '--><cbc:ID>1</cbc:ID>'), 'UTF8')),
	(44, 'two documents', convert_to(pg_temp.invoice('') || pg_temp.invoice(''), 'UTF8')),
	(45, 'a value in a root', convert_to(pg_temp.invoice('text'), 'UTF8')),
	(46, 'an order', '<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>');
SELECT i.number, i.name,
	pg_temp.outcome('SELECT CASE WHEN f.ruleset = ''read'' THEN f.rule ELSE ''checked'' END FROM clex.findings($1) AS f LIMIT 1', i.content) AS findings,
	pg_temp.outcome('SELECT concat(v.processable, '' '', v.valid) FROM clex.verdict($1) AS v', i.content) AS verdict,
	pg_temp.outcome('SELECT ''read '' || clex.value(clex.read($1), ''BT-1'')', i.content) AS read,
	pg_temp.outcome('SELECT concat_ws('' '', d.format, d.kind) FROM clex.detect($1) AS d', i.content) AS detect
FROM input AS i
ORDER BY i.number;
-- one row says what is wrong and where; the words of libxml2 differ by version
SELECT i.number, f.ruleset, f.rule, f.severity, f.location, f.line,
	left(regexp_replace(f.message, 'Line (\d+): .*', 'Line \1: ...'), 150) AS message
FROM input AS i, clex.findings(i.content) AS f
WHERE f.ruleset = 'read'
ORDER BY i.number;
-- values of a megabyte are not copied into messages
SELECT max(length(f.message)) < 4000 AS short, max(length(f.found)) < 2000 AS found_short
FROM input AS i, clex.findings(i.content) AS f
WHERE i.number = 41;
-- limits
\set VERBOSITY terse
CREATE FUNCTION pg_temp.outcomes(content bytea, OUT findings text, OUT verdict text, OUT read text, OUT detect text)
LANGUAGE sql AS $$
	SELECT pg_temp.outcome('SELECT f.rule || '': '' || f.message FROM clex.findings($1) AS f WHERE f.ruleset = ''read''', content),
		pg_temp.outcome('SELECT concat(v.processable, '' '', v.valid) FROM clex.verdict($1) AS v', content),
		pg_temp.outcome('SELECT ''read '' || clex.value(clex.read($1), ''BT-1'')', content),
		pg_temp.outcome('SELECT concat_ws('' '', d.format, d.kind) FROM clex.detect($1) AS d', content)
$$;
CREATE TEMPORARY TABLE big AS SELECT convert_to(pg_temp.invoice('<cbc:ID>1</cbc:ID>' || pg_temp.lines(100000)), 'UTF8') AS content;
CREATE TEMPORARY TABLE small AS SELECT convert_to(pg_temp.invoice('<cbc:ID>1</cbc:ID>' || pg_temp.lines(3)), 'UTF8') AS content;
SET clex.max_nodes = 1000;
SELECT o.* FROM big, pg_temp.outcomes(content) AS o;
SELECT o.* FROM small, pg_temp.outcomes(content) AS o;
RESET clex.max_nodes;
SET clex.max_document_size = '1MB';
SELECT o.* FROM big, pg_temp.outcomes(content) AS o;
SELECT o.* FROM pg_temp.outcomes(convert_to('{"invoice": {"number": "' || repeat('x', 2000000) || '"}}', 'UTF8')) AS o;
RESET clex.max_document_size;
SET clex.max_depth = 2;
SELECT o.* FROM small, pg_temp.outcomes(content) AS o;
RESET clex.max_depth;
SET clex.max_attributes = 2;
SELECT o.* FROM pg_temp.outcomes('<a b="" c="" d=""/>') AS o;
SELECT o.* FROM pg_temp.outcomes('<a xmlns:b="u" xmlns:c="u" d=""/>') AS o;
RESET clex.max_attributes;
SET clex.max_memory = '2MB';
SELECT o.* FROM big, pg_temp.outcomes(content) AS o;
SELECT o.* FROM small, pg_temp.outcomes(content) AS o;
RESET clex.max_memory;
SET clex.max_steps = 1;
SELECT o.* FROM big, pg_temp.outcomes(content) AS o;
SELECT o.* FROM small, pg_temp.outcomes(content) AS o;
RESET clex.max_steps;
SELECT pg_temp.outcome('SELECT concat(v.processable, '' '', v.valid) FROM clex.verdict($1) AS v', content) AS verdict FROM big;
-- expressions
CREATE TEMPORARY TABLE document AS SELECT clex.read(content) AS d FROM big;
CREATE TEMPORARY TABLE little AS SELECT clex.read(content) AS d FROM small;
CREATE FUNCTION pg_temp.evaluate(expression text, source regclass = 'document') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SELECT left(clex.eval(d, $1), 60) FROM %s', source) INTO result USING expression;
	RETURN result;
EXCEPTION WHEN OTHERS OR query_canceled THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
SELECT pg_temp.evaluate('count(lines)');
SELECT pg_temp.evaluate(repeat('(', 100000));
SELECT pg_temp.evaluate('1' || repeat('+1', 100000));
SELECT pg_temp.evaluate('.' || repeat('/.', 100000));
SELECT pg_temp.evaluate('.' || repeat('[1]', 100000));
SELECT pg_temp.evaluate('1' || repeat(',1', 100000));
SELECT pg_temp.evaluate(repeat('not(', 100000));
SELECT pg_temp.evaluate('''' || repeat('x', 2000000) || '''');
SELECT pg_temp.evaluate('x' || repeat('é', 100));
SELECT pg_temp.evaluate('matches(''' || repeat('a', 40) || 'b'', ''^(a+)+$'')');
SELECT pg_temp.evaluate('matches(''a'', ''(' || repeat('é', 60) || ''')');
SELECT pg_temp.evaluate('matches(''a'', ''' || repeat('(', 20000) || ''')');
SELECT pg_temp.evaluate('count(1 to 100000000)');
SET clex.max_steps = 5;
SELECT pg_temp.evaluate('lines/BT-126 = (for $l in lines return ''none'')');
SELECT pg_temp.evaluate('count(for $a in lines return (for $b in lines return $b)[1])');
SELECT pg_temp.evaluate('some $a in lines, $b in lines satisfies $a/BT-126 = concat($b/BT-126, ''x'')');
SELECT pg_temp.evaluate('let $t := string-join(lines/BT-126, '''') return translate($t, concat($t, ''x''), '''') = ''''');
SELECT pg_temp.evaluate('count(distinct-values(lines/BT-126))');
RESET clex.max_steps;
SET clex.max_memory = '32MB';
SELECT pg_temp.evaluate('count(lines)');
SELECT pg_temp.evaluate('string-length(string-join(for $l in 1 to 100000 return ''' || repeat('x', 1000) || ''', '' ''))', 'little');
SELECT pg_temp.evaluate('let $a := ''' || repeat('x', 1000) || ''' return '
	|| (SELECT string_agg('let $a := concat($a, $a) return ', '') FROM generate_series(1, 30)) || 'string-length($a)', 'little');
SELECT pg_temp.evaluate('count(for $a in 1 to 1000000 return (1 to 1000000))', 'little');
RESET clex.max_memory;
-- a cancel is seen while reading, checking and evaluating, whoever asks
CREATE FUNCTION pg_temp.canceled(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN 'done';
EXCEPTION WHEN query_canceled THEN
	RETURN 'canceled';
END
$$;
CREATE TEMPORARY TABLE huge AS SELECT convert_to(pg_temp.invoice(pg_temp.lines(200000)), 'UTF8') AS content;
SET statement_timeout = '50ms';
SELECT pg_temp.canceled('SELECT count(*) FROM huge, clex.findings(content)');
SELECT pg_temp.canceled('SELECT v.* FROM huge, clex.verdict(content) AS v');
SELECT pg_temp.canceled('SELECT v.* FROM huge, clex.verdict(content, ''{structure}'') AS v');
SELECT pg_temp.canceled('SELECT clex.read(content) FROM huge');
SELECT pg_temp.canceled('SELECT clex.test(d, ''some $a in lines, $b in lines satisfies $a/BT-126 = concat($b/BT-126, "x")'') FROM document');
SELECT pg_temp.canceled('SELECT clex.eval(d, ''lines/BT-126 = (for $l in lines return concat($l/BT-126, "x"))'') FROM document');
SELECT pg_temp.canceled('SELECT clex.eval(d, ''let $t := string-join(lines/BT-126, "") return translate($t, concat($t, "y"), "")'') FROM document');
SELECT pg_temp.canceled('SELECT clex.eval(d, ''for $l in lines return matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^(a|aa)+$")'') FROM document');
RESET statement_timeout;
-- alive, and what was canceled left nothing behind
SELECT o.* FROM small, pg_temp.outcomes(content) AS o;
