SET datestyle = 'ISO';
-- French files of accounting entries
\set good `cat extension/test/samples/bank/732829320FEC20261231.txt`
CREATE TEMP TABLE ledger AS SELECT convert_to(:'good', 'UTF8') AS content, '732829320FEC20261231.txt' AS name;

SELECT format, kind FROM ledger CROSS JOIN LATERAL clex.detect(content);
SELECT f.* FROM ledger CROSS JOIN LATERAL clex.read_fec(content, name) f ORDER BY line;
SELECT f.* FROM ledger CROSS JOIN LATERAL clex.fec_findings(content, name) f;

-- one defect after another; the first word is the rule that must speak
CREATE FUNCTION pg_temp.spoilt(text, text, text DEFAULT '') RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(regexp_replace(convert_from(content, 'UTF8'), $1, $2, $3), 'UTF8') FROM ledger $$;
CREATE TEMP TABLE cases (rule text, n int, content bytea, name text DEFAULT '732829320FEC20261231.txt');
INSERT INTO cases (rule, n, content) VALUES
	('F01', 1, pg_temp.spoilt('\tValidDate', E'\tValide')),
	('F02', 1, pg_temp.spoilt('JournalCode\tJournalLib', E'JournalLib\tJournalCode')),
	('F03', 1, pg_temp.spoilt('0,00\t100,00', E'0,00\t100,01')),
	('F04', 1, pg_temp.spoilt('FA1\t20260115', E'FA1\t20260230')),
	('F04', 2, pg_temp.spoilt('FA1\t20260115', E'FA1\t15/01/2026')),
	('F05', 1, pg_temp.spoilt('1\t20260115', E'1\t20270115', 'g')),
	('F05', 2, pg_temp.spoilt('1\t20260115', E'1\t20250615', 'g')),
	('F06', 1, pg_temp.spoilt('706000', '70A000')),
	('F07', 1, pg_temp.spoilt('706000', '')),
	('F07', 2, pg_temp.spoilt('0,00\t100,00', E'\t')),
	('F08', 1, pg_temp.spoilt('120,00', '120.00')),
	('F08', 2, pg_temp.spoilt('129,60', '1 129,60')),
	('F09', 1, pg_temp.spoilt('0,00\t100,00', E'5,00\t105,00')),
	('F10', 1, pg_temp.spoilt('BQ\tBanque\t2', E'VE\tVentes\t4', 'g')),
	('F11', 1, pg_temp.spoilt('Prestations', E'Presta\ttions')),
	('F13', 1, (SELECT content || '\x80'::bytea FROM ledger)),
	('F14', 1, pg_temp.spoilt('A\t20260201', E'A\t')),
	('F15', 1, pg_temp.spoilt('\tA\t', E'\tB\t')),
	('F16', 1, pg_temp.spoilt('C1', 'C2')),
	('F17', 1, pg_temp.spoilt('USD', '')),
	('F17', 2, pg_temp.spoilt('USD', 'USX')),
	('F18', 1, pg_temp.spoilt('C1', '')),
	('F19', 1, pg_temp.spoilt('\nVE.*', ''));
INSERT INTO cases SELECT 'F12', 1, content, 'export.txt' FROM ledger;
INSERT INTO cases SELECT 'F12', 2, content, '732829320FEC20260230.txt' FROM ledger;
INSERT INTO cases SELECT 'F13', 2, '\xfffe'::bytea || string_agg(decode(lpad(to_hex(ascii(c) & 255), 2, '0') || lpad(to_hex(ascii(c) >> 8), 2, '0'), 'hex'), ''::bytea ORDER BY o), name
	FROM ledger CROSS JOIN LATERAL regexp_split_to_table(convert_from(content, 'UTF8'), '') WITH ORDINALITY t(c, o) GROUP BY name;
SELECT c.rule, c.n, f.rule AS says, f.severity, f.line, f.column_name, f.found, f.expected
FROM cases c LEFT JOIN LATERAL clex.fec_findings(c.content, c.name) f ON true ORDER BY c.rule, c.n, f.rule, f.line;
SELECT f.rule, f.message FROM cases c CROSS JOIN LATERAL clex.fec_findings(c.content, c.name, 'fr') f WHERE c.rule = f.rule AND c.n = 1 ORDER BY f.rule, f.line;
SELECT f.message FROM cases c CROSS JOIN LATERAL clex.fec_findings(c.content, c.name, 'de') f WHERE c.rule = 'F03';

-- without a name neither name nor financial year are looked at
SELECT count(*) FROM cases c CROSS JOIN LATERAL clex.fec_findings(c.content) f WHERE c.rule IN ('F05', 'F12') AND f.rule IN ('F05', 'F12');

-- cells that cannot be read are kept; UTF-16 is read all the same
SELECT line, ecriture_date, piece_date, extras FROM cases c CROSS JOIN LATERAL clex.read_fec(c.content) f WHERE (c.rule, c.n) = ('F04', 2) ORDER BY line LIMIT 2;
SELECT line, montant_devise, extras FROM cases c CROSS JOIN LATERAL clex.read_fec(c.content) f WHERE (c.rule, c.n) = ('F08', 2) AND f.line = 5;
SELECT line, ecriture_lib, debit FROM cases c CROSS JOIN LATERAL clex.read_fec(c.content) f WHERE (c.rule, c.n) = ('F13', 2) AND line = 5;

-- pipes, Latin-9, amount and side, blank lines
SELECT line, compte_lib, debit, credit, extras FROM clex.read_fec(convert_to(E'JournalCode|EcritureNum|CompteNum|CompteLib|Montant|Sens\n\nVE|1|411000|', 'UTF8') || '\xbc757672e9a4'::bytea || convert_to(E'|12,5|D\nVE|1|706000|Ventes|12,5|C\nVE|1|706000|Ventes|12,5|?\nVE|1|706000|Ventes|1|-1|more\n', 'UTF8'));

-- what is no FEC
SELECT * FROM clex.read_fec('');
SELECT * FROM clex.read_fec(E'\\xefbbbf');
SELECT * FROM clex.fec_findings(convert_to(E' \r\n\n', 'UTF8'));
SELECT * FROM clex.read_fec(convert_to(E'a|b|c\n1|2|3\n', 'UTF8'));
SELECT * FROM clex.fec_findings(convert_to(E'a|b|c\n1|2|3\n', 'UTF8'));
SELECT count(*) FROM clex.read_fec(NULL);
SELECT count(*) FROM clex.fec_findings(NULL);
SELECT count(*) FROM clex.fec_findings('', NULL, 'it');
