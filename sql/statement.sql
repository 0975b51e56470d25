SET datestyle = 'ISO';
-- bank statements: entries, balances, totals, problems
\set de `cat extension/test/samples/bank/mt940-de.sta`
\set nl `cat extension/test/samples/bank/mt940-nl.sta`
\set cfonb `cat extension/test/samples/bank/cfonb120.txt`
\set camt `cat extension/test/samples/bank/camt053-v08.camt`
CREATE TEMP TABLE files (name text PRIMARY KEY, content bytea);
INSERT INTO files VALUES
	('camt', convert_to(:'camt', 'UTF8')),
	('cfonb', convert_to(:'cfonb', 'UTF8')),
	('mt940 de', convert_to(:'de', 'UTF8')),
	('mt940 nl', convert_to(:'nl', 'UTF8'));

SELECT name, format, kind, version FROM files CROSS JOIN LATERAL clex.detect(content) ORDER BY name COLLATE "C";
SELECT name, statement_no AS no, account, entry_no AS entry, booked, value_date, amount, currency, reversal AS r
FROM files CROSS JOIN LATERAL clex.read_statement(content) ORDER BY name COLLATE "C", statement_no, entry_no;
SELECT name, entry_no AS entry, reference, bank_reference, end_to_end_id, mandate_id, creditor_id, transaction_code, status
FROM files CROSS JOIN LATERAL clex.read_statement(content) ORDER BY name COLLATE "C", statement_no, entry_no;
SELECT name, entry_no AS entry, counterparty, counterparty_account, counterparty_bic, remittance, purpose, description
FROM files CROSS JOIN LATERAL clex.read_statement(content) ORDER BY name COLLATE "C", statement_no, entry_no;
SELECT name, kind, code, balance_date, amount, currency, line
FROM files CROSS JOIN LATERAL clex.read_balances(content) ORDER BY name COLLATE "C", line, code;
SELECT name, reference, sequence, account, owner, servicer, opening, credits, debits, closing, entries, balanced
FROM files CROSS JOIN LATERAL clex.statement_totals(content) ORDER BY name COLLATE "C", statement_no;
SELECT name, p.* FROM files CROSS JOIN LATERAL clex.statement_problems(content) p ORDER BY name COLLATE "C", line;

-- raw is what stands in the file, and for camt every leaf of the entry
SELECT raw FROM files CROSS JOIN LATERAL clex.read_statement(content) WHERE name IN ('mt940 nl', 'cfonb') ORDER BY name COLLATE "C", entry_no;
SELECT raw FROM files CROSS JOIN LATERAL clex.read_statement(content) WHERE name = 'camt' AND entry_no = 2;
SELECT count(*), count(raw) FROM files CROSS JOIN LATERAL clex.read_statement(content, '{"raw": false}') WHERE name = 'camt';

-- a batch can be taken apart into its transactions
SELECT entry_no AS entry, detail_no AS detail, amount, end_to_end_id, counterparty, counterparty_account, remittance, structured_reference
FROM files CROSS JOIN LATERAL clex.read_statement(content, '{"details": true}') WHERE name = 'camt' ORDER BY entry_no, detail_no;

-- two-digit years, entries over the turn of the year, leap days
SELECT booked, value_date FROM clex.read_statement(convert_to(
':20:A
:25:1
:28C:1
:60F:C791231EUR1,
:61:7912310101C1,NTRFX
:61:2401021231C1,NTRFX
:61:0002290229C1,NTRFX
:62F:C000229EUR4,
', 'UTF8'));

-- MT940 that deviates: lenient reading lists it, strict reading refuses
\set bad ':20:A\n:25:1\n:28:1\n:60F:C260101EUR100,00\n:61:2602300102DR5.00 NTRFREFERENCE OF MORE THAN SIXTEEN//B1\n:86:Gr\303\274n\n:12:30 is no field\n:61:260103X5,00NTRFX\n:61:260103C1,00NTRFNONREF//B1\n:61:260103C1,00NTRFNONREF//B1\n:62F:C260103GBP97,00\n-\nbetween\n:20:B\n:25:1\n:28C:1\n:60F:C260103EUR97,00\n:62F:C260103EUR98,00\n-\n'
SELECT entry_no, booked, value_date, amount, reference, remittance FROM clex.read_statement(convert_to(E:'bad', 'UTF8'));
SELECT code, severity, statement_no AS no, entry_no AS entry, line, place, found, expected FROM clex.statement_problems(convert_to(E:'bad', 'UTF8'));
SELECT message FROM clex.statement_problems(convert_to(E:'bad', 'UTF8'), 'de') ORDER BY line, code LIMIT 4;
SELECT message FROM clex.statement_problems(convert_to(E:'bad', 'UTF8'), 'fr') WHERE code = 'STATEMENT-SUM';
SELECT count(*) FROM clex.read_statement(convert_to(E:'bad', 'UTF8'), '{"mode": "strict"}');
SELECT statement_no, opening, credits, debits, closing, balanced FROM clex.statement_totals(convert_to(E:'bad', 'UTF8'));

-- Windows-1252, as many banks send it
SELECT remittance, amount FROM clex.read_statement(convert_to(E':20:A\n:25:1\n:28C:1\n:60F:C260101EUR0,\n:61:260101C5,NTRFX\n:86:Gr', 'UTF8') || '\xfcdf65208035'::bytea || convert_to(E'\n:62F:C260101EUR5,\n', 'UTF8'));

-- CFONB: signs in the last digit, decimals of the currency, records that are missing, cut or outside
CREATE FUNCTION pg_temp.record(code text, amount text, decimals text DEFAULT '2', day text DEFAULT '020126') RETURNS text LANGUAGE sql AS $$
	SELECT rpad(rpad(rpad(rpad(code || '30004', 11) || '00830' || 'JPY' || decimals, 21) || '00012345678', 34) || day || CASE code WHEN '04' THEN '  ' || day ELSE '' END, 90)
		|| lpad(amount, 14, '0') || repeat(' ', 16) || E'\n' $$;
SELECT s.amount, s.booked FROM (VALUES (1, 'A', '2'), (2, '1}', '2'), (3, '1R', '0'), (4, '{', '3'), (5, '99999999999999I', '2'), (6, '12', '2'), (7, 'x', '2')) v(n, amount, decimals)
CROSS JOIN LATERAL clex.read_statement(convert_to(pg_temp.record('01', '{') || pg_temp.record('04', right(v.amount, 14), v.decimals) || pg_temp.record('07', '{'), 'UTF8')) s ORDER BY v.n;
SELECT code, severity, line, place, found, expected FROM clex.statement_problems(convert_to(
	pg_temp.record('04', '1{') || pg_temp.record('07', '1{', '2', '300226') || pg_temp.record('05', '') || 'noise' || E'\n' || pg_temp.record('01', '5{') || pg_temp.record('01', '5{'), 'UTF8'));
SELECT statement_no, opening, closing, entries FROM clex.statement_totals(convert_to(replace(pg_temp.record('01', '5{') || pg_temp.record('07', '5{'), E'\n', ''), 'UTF8'));

-- camt: order, values, attributes, versions
CREATE FUNCTION pg_temp.camt(version text, entries text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(format('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.%s"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>1</MsgId><CreDtTm>2026-01-01T00:00:00</CreDtTm></GrpHdr><Ntfctn><Id>1</Id><CreDtTm>2026-01-01T24:00:00Z</CreDtTm><Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>%s</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>', version, entries), 'UTF8') $$;
SELECT n, p.code, p.severity, p.place, p.found, p.expected FROM (VALUES
	(1, '04', ''),
	(2, '04', '<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BkTxCd/></Ntry>'),
	(3, '04', '<Ntry><CdtDbtInd>credit</CdtDbtInd><Amt>1,00</Amt><Sts>BOOK</Sts><BkTxCd/></Ntry>'),
	(4, '04', '<Ntry><Amt Ccy="EUR">1.000001</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><ValDt><Dt>2026-02-30</Dt></ValDt><BkTxCd/></Ntry>'),
	(5, '04', '<Ntry>text<Amt Ccy="EUR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BkTxCd/><Novelty/></Ntry>'),
	(6, '99', '<Ntry><Amt Ccy="EUR">1</Amt></Ntry>')) v(n, version, entries)
CROSS JOIN LATERAL clex.statement_problems(pg_temp.camt(version, entries)) p ORDER BY n, p.line, p.place, p.code;
SELECT amount, currency, status FROM clex.read_statement(pg_temp.camt('04', '<Ntry><Amt Ccy="EUR">0.30</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BkTxCd/></Ntry>'), '{"mode": "strict"}');

-- what is no statement
SELECT * FROM clex.read_statement('');
SELECT * FROM clex.read_balances(E'\\xefbbbf200a');
SELECT code, severity, message FROM clex.statement_problems('');
SELECT * FROM clex.read_statement('some text');
SELECT * FROM clex.read_statement(convert_to(E':86:only a field\n', 'UTF8'));
SELECT * FROM clex.read_statement('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt/></Document>');
SELECT * FROM clex.read_statement('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>');
SELECT code, severity, line, message FROM clex.statement_problems('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>');
SELECT code, severity, message FROM clex.statement_problems('some text', 'fr');
SELECT count(*) FROM clex.statement_problems(NULL);
SELECT count(*) FROM clex.read_statement(NULL);

-- misuse
SELECT * FROM clex.read_balances('', '{"mode": "fast"}');
SELECT * FROM clex.read_balances('', '{"speed": 1}');
SELECT * FROM clex.read_balances('', '{"details": "yes"}');
SELECT * FROM clex.read_balances('', '[]');

-- formats that are only recognised
SELECT f.n, d.format, d.kind, d.version FROM (VALUES
	(1, E':20:A\n:25:1\n:28C:1\n:34F:EUR0,\n'), (2, '{1:F01X}{2:O940X}{4:'), (3, E'!Type:Bank\nD1/1/26\n'), (4, 'OFXHEADER:100'), (5, '<OFX><X/></OFX>'),
	(6, '3100000120260101E    3000'), (7, E'a;b;c\n1;2;3\n'), (8, 'Dear Sir, as you know, this is prose, not a table'), (9, E'JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum\n'),
	(10, E'the time is\n:12:30 now')) f(n, content)
CROSS JOIN LATERAL clex.detect(convert_to(f.content, 'UTF8')) d ORDER BY n;

-- a large file: many statements, exact sums
SELECT count(*), sum(entries), sum(credits), bool_and(balanced) FROM clex.statement_totals((
	SELECT convert_to(string_agg(format(E':20:%s\n:25:1\n:28C:1\n:60F:C260101EUR0,10\n%s:62F:C260101EUR20,30\n', n, repeat(E':61:260101C0,10NTRFX\n:86:x\n', 202)), ''), 'UTF8') FROM generate_series(1, 500) n));

-- very many lines of one field, or records of one entry, take memory in proportion
SELECT count(*), max(length(description)) FROM clex.read_statement(convert_to(E':20:A\n:25:1\n:28C:1\n:60F:C260101EUR0,\n:61:260101C1,00NTRFX\n' || repeat(E'x\n', 200000), 'UTF8'));
SELECT count(*), max(length(remittance)) FROM clex.read_statement(convert_to(E':20:A\n:25:1\n:28C:1\n:60F:C260101EUR0,\n:61:260101C1,00NTRFX\n' || repeat(E':86:x\n', 100000), 'UTF8'));
SELECT count(*), max(length(end_to_end_id)) FROM clex.read_statement(convert_to(E':20:A\n:25:1\n:28C:1\n:60F:C260101EUR0,\n:61:260101C1,00NTRFX\n:86:166' || repeat('?20EREF+x', 100000), 'UTF8'));
