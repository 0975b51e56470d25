SET datestyle = 'ISO';
-- payment orders: written, read, checked
CREATE TEMP TABLE due (id text, amount numeric, iban text, bic text, name text, pay_on date, note text, documents jsonb, purpose text);
INSERT INTO due VALUES
	('INV-1', 1190.5, 'DE89370400440532013000', 'COBADEFFXXX', 'Mueller Maschinenbau GmbH', '2026-11-23', 'Rechnung 4711', NULL, 'SUPP'),
	('INV-2', 950, 'FR7630006000011234567890189', NULL, 'Ateliers Beranger SAS', '2026-11-23', NULL,
		'[{"type": "CINV", "number": "FA1", "date": "2026-10-02", "due": 1000, "remitted": 1000}, {"type": "CREN", "number": "AV1", "date": "2026-10-05", "credit_note": 50}]', NULL),
	('INV-3', 0.01, 'NL91ABNA0417164300', NULL, 'Bloemen B.V.', '2026-11-24', NULL, NULL, NULL);
CREATE TEMP TABLE options AS SELECT '{"message_id": "MSG-2026-17", "created": "2026-11-20T10:00:00", "initiator": "Moulins SARL", "debtor": "Moulins SARL",
	"debtor_account": "FR1420041010050500013M02606", "debtor_bic": "PSSTFRPPXXX", "currency": "EUR", "batch_booking": true}'::jsonb AS o;
CREATE TEMP VIEW orders AS
	SELECT jsonb_agg(jsonb_build_object('end_to_end_id', id, 'amount', amount, 'creditor_account', iban, 'creditor_bic', bic, 'creditor', name, 'execution_date', pay_on,
		'remittance', note, 'documents', documents, 'purpose', purpose) ORDER BY id) AS p FROM due;
CREATE TEMP TABLE files AS
	SELECT f AS name, clex.write_payments(p, f, o) AS content FROM orders CROSS JOIN options CROSS JOIN (VALUES ('pain.001.001.03'), ('pain.001.001.09')) v(f);

SELECT convert_from(content, 'UTF8') FROM files WHERE name = 'pain.001.001.09';
SELECT name, d.* FROM files CROSS JOIN LATERAL clex.detect(content) d ORDER BY name;
SELECT name, payment_no AS no, batch_no AS batch, batch_id, batch_booking, execution_date, end_to_end_id, amount, currency, creditor, creditor_account, creditor_bic, remittance
FROM files CROSS JOIN LATERAL clex.read_payments(content) ORDER BY name, payment_no;
SELECT name, jsonb_array_elements(documents) AS document FROM files CROSS JOIN LATERAL clex.read_payments(content) WHERE documents IS NOT NULL ORDER BY name;
SELECT name, code, severity, payment_no AS no, place, message FROM files CROSS JOIN LATERAL clex.payment_problems(content) ORDER BY name, no;
-- both versions say the same; what was read can be written: the same bytes
SELECT count(*) FROM (SELECT to_jsonb(r) - 'line' FROM files CROSS JOIN LATERAL clex.read_payments(content) r GROUP BY 1 HAVING count(*) = 2) x;
SELECT name, clex.write_payments((SELECT jsonb_agg(r ORDER BY payment_no) FROM clex.read_payments(content) r), name) = content AS same FROM files ORDER BY name;

-- direct debits
CREATE TEMP TABLE debit AS SELECT clex.write_payments('[
	{"end_to_end_id": "D1", "amount": 99.9, "currency": "EUR", "debtor": "Kunde 1", "debtor_account": "DE89370400440532013000", "mandate_id": "M-1", "mandate_date": "2024-02-29", "remittance": "Beitrag"},
	{"end_to_end_id": "D2", "amount": 1, "currency": "EUR", "debtor": "Kunde 2", "debtor_account": "AT611904300234573201", "mandate_id": "M-2", "mandate_date": "2025-01-01", "sequence_type": "FRST"}]',
	f, '{"message_id": "DD1", "created": "2026-11-20T10:00:00Z", "initiator": "Verein", "creditor": "Verein", "creditor_account": "DE02120300000000202051", "creditor_id": "DE98ZZZ09999999999",
	"execution_date": "2026-12-01", "local_instrument": "CORE", "sequence_type": "RCUR"}') AS content, f FROM (VALUES ('pain.008.001.02'), ('pain.008.001.08')) v(f);
SELECT convert_from(content, 'UTF8') FROM debit WHERE f = 'pain.008.001.02';
SELECT f, batch_id, batch_no AS batch, sequence_type, local_instrument, execution_date, debtor, debtor_account, mandate_id, mandate_date, creditor_id, amount
FROM debit CROSS JOIN LATERAL clex.read_payments(content) ORDER BY f, payment_no;
SELECT f, p.* FROM debit CROSS JOIN LATERAL clex.payment_problems(content) p ORDER BY f;

-- every rule: what is wrong with one payment
CREATE FUNCTION pg_temp.wrong(member jsonb, format text DEFAULT 'pain.001.001.09', option jsonb DEFAULT '{}') RETURNS TABLE (code text, severity text, place text, found text, expected text) LANGUAGE sql AS $$
	SELECT p.code, p.severity, p.place, p.found, p.expected FROM options CROSS JOIN LATERAL clex.check_payments(jsonb_build_array(
		'{"end_to_end_id": "E1", "amount": 10, "creditor": "A", "creditor_account": "DE89370400440532013000", "execution_date": "2026-11-23"}'::jsonb || member), format, o || option) p $$;
SELECT n, w.* FROM (VALUES
	(1, '{"creditor_account": "DE89370400440532013001"}'::jsonb), (2, '{"creditor_account": "123456"}'), (3, '{"creditor_bic": "COBADEF"}'), (4, '{"amount": 0}'), (5, '{"amount": 10.005}'),
	(6, '{"amount": 1000000000}'), (7, '{"amount": "ten"}'), (8, '{"currency": "USD"}'), (9, '{"currency": "EUX"}'), (10, '{"creditor": "Société Générale & Cie"}'),
	(11, '{"creditor": "Aktiengesellschaft zur Herstellung von Gegenstaenden aller Art und jeder Groesse"}'), (12, '{"end_to_end_id": "A//B"}'), (13, '{"end_to_end_id": "Ä1"}'),
	(14, '{"end_to_end_id": "123456789012345678901234567890123456"}'), (15, '{"execution_date": "2026-12-25"}'), (16, '{"execution_date": "2026-02-30"}'), (17, '{"execution_date": null}'),
	(18, '{"remittance": "one\ntwo"}'), (19, '{"remittance": "one", "creditor_reference": "RF18539007547034"}'), (20, '{"creditor_reference": "RF19539007547034"}'),
	(21, '{"charge_bearer": "SHAR"}'), (22, '{"charge_bearer": "OUR"}'), (23, '{"creditor": null}'), (24, '{"creditor_address": "1 rue Haute\n75001 Paris"}'), (25, '{"creditor_country": "QQ"}'),
	(26, '{"sequence_type": "RCUR"}'), (27, '{"documents": [{"type": "CINV", "number": "1", "remitted": 11}]}'), (28, '{"documents": [{"type": "CINV", "number": "1", "block": 1}, {"type": "CREN", "number": "2", "block": 1, "credit_note": 1}]}'),
	(29, '{"uetr": "not one"}'), (30, '{"transfer_currency": "USD"}'), (31, '{"remittance": "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890+"}')) v(n, member)
CROSS JOIN LATERAL pg_temp.wrong(member) w ORDER BY n, code, place;
SELECT * FROM pg_temp.wrong('{"uetr": "3b7ed1b1-8a5d-4d27-9d53-2cf0b3a4c6a1"}', 'pain.001.001.03');
SELECT * FROM pg_temp.wrong('{"uetr": "3b7ed1b1-8a5d-4d27-9d53-2cf0b3a4c6a1"}');
SELECT * FROM pg_temp.wrong('{}', 'pain.008.001.08');
SELECT * FROM pg_temp.wrong('{"amount": 12.5, "currency": "JPY", "creditor_account": "0012345", "creditor_bic": "BOTKJPJT"}', option => '{"scheme": "any"}');
SELECT * FROM pg_temp.wrong('{"amount": 12, "currency": "JPY", "creditor_account": "0012345", "creditor_bic": "BOTKJPJT", "creditor": "日本"}', option => '{"scheme": "any"}');
SELECT code, severity, payment_no, place, found FROM options CROSS JOIN LATERAL clex.check_payments('[
	{"end_to_end_id": "E1", "amount": 1, "creditor": "A", "creditor_account": "DE89370400440532013000", "execution_date": "2026-11-23", "batch_id": "B"},
	{"end_to_end_id": "E1", "amount": 1, "creditor": "A", "creditor_account": "DE89370400440532013000", "execution_date": "2026-11-24", "batch_id": "B"}]', 'pain.001.001.09', o);

SELECT code, severity, payment_no, place, found FROM options CROSS JOIN LATERAL clex.check_payments('[
	{"end_to_end_id": "E2", "amount": 1, "creditor": "A", "creditor_account": "DE89370400440532013000", "execution_date": "2026-11-23"},
	{"end_to_end_id": "E1", "amount": 1, "creditor": "A", "creditor_account": "DE89370400440532013000", "execution_date": "2026-11-24"},
	{"end_to_end_id": "E1", "amount": 1, "creditor": "A", "creditor_account": "DE89370400440532013000", "execution_date": "2026-11-23"}]', 'pain.001.001.09', o);

-- characters: refused, exchanged and told, kept
SELECT * FROM pg_temp.wrong('{"creditor": "Łódź Œuvre & Straße “Ωμέγα” Щука 日"}', option => '{"characters": "exchange"}');
SELECT r.creditor FROM options CROSS JOIN LATERAL clex.read_payments(clex.write_payments('[{"amount": 1, "creditor": "Café", "creditor_account": "DE89370400440532013000", "execution_date": "2026-11-23"}]', 'pain.001.001.09', o || '{"characters": "exchange"}')) r;
SELECT r.creditor, r.end_to_end_id FROM options CROSS JOIN LATERAL clex.read_payments(clex.write_payments('[{"amount": 1, "creditor": "Café", "creditor_account": "DE89370400440532013000", "execution_date": "2026-11-23"}]', 'pain.001.001.09', o || '{"characters": "keep"}')) r;
SELECT clex.write_payments('[{"amount": 1, "creditor": "Café", "creditor_account": "DE89370400440532013000", "execution_date": "2026-11-23"}]', 'pain.001.001.09', o) FROM options;

-- misuse
SELECT clex.write_payments('{}', 'pain.001.001.09');
SELECT clex.write_payments('[]', 'pain.001.001.09');
SELECT clex.write_payments('[1]', 'pain.001.001.09');
SELECT clex.write_payments('[{"amout": 1}]', 'pain.001.001.09');
SELECT clex.write_payments('[{"amount": {}}]', 'pain.001.001.09');
SELECT clex.write_payments('[{"documents": [{"kind": 1}]}]', 'pain.001.001.09');
SELECT clex.write_payments('[{"documents": [{"block": 2}, {"block": 1}]}]', 'pain.001.001.09');
SELECT clex.write_payments('[{"amount": 1}]', 'pain.002.001.10');
SELECT clex.write_payments('[{"amount": 1}]', 'pain.001.001.09', '{"colour": 1}');
SELECT clex.write_payments('[{"amount": 1}]', 'pain.001.001.09', '{"scheme": "swift"}');
SELECT clex.write_payments('[{"amount": 1}]', 'pain.001.001.09', '[]');
SELECT * FROM clex.read_payments('\x41');
SELECT * FROM clex.read_payments('<a/>');
SELECT count(*) FROM files CROSS JOIN LATERAL clex.read_payments(content, '{"mode": "loose"}');
SELECT count(*) FROM clex.read_payments(NULL);

-- files of others: totals, structure, versions, values; what is there is read
CREATE FUNCTION pg_temp.spoilt(text, text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(regexp_replace(convert_from(content, 'UTF8'), $1, $2), 'UTF8') FROM files WHERE name = 'pain.001.001.09' $$;
SELECT n, p.code, p.severity, p.payment_no AS no, p.place, p.found, p.expected FROM (VALUES
	(1, '<NbOfTxs>3', '<NbOfTxs>4'), (2, '<CtrlSum>2140.51', '<CtrlSum>2140.5'), (3, '<PmtMtd>TRF</PmtMtd>', ''), (4, '<Nm>Bloemen B.V.</Nm>', '<Name>Bloemen</Name>'),
	(5, 'Ccy="EUR"', ''), (6, 'pain.001.001.09', 'pain.001.001.11'), (7, 'INV-2', 'INV-1'), (8, 'NL91', 'NL92'), (9, '<EndToEndId>INV-3', 'text<EndToEndId>INV-3'), (10, '0.01<', '0,01<')) v(n, a, b)
CROSS JOIN LATERAL clex.payment_problems(pg_temp.spoilt(a, b)) p WHERE p.code <> 'PAYMENT-EXTENDED' ORDER BY n, p.line, p.place;
SELECT amount, creditor FROM clex.read_payments(pg_temp.spoilt('0.01<', '0,01<')) ORDER BY payment_no;
SELECT amount, creditor FROM clex.read_payments(pg_temp.spoilt('0.01<', '0,01<'), '{"mode": "strict"}');
SELECT message FROM clex.payment_problems(pg_temp.spoilt('NL91', 'NL92'), 'fr') WHERE severity = 'error';
SELECT message FROM clex.payment_problems(pg_temp.spoilt('NL91', 'NL92'), 'de') WHERE severity = 'error';
SELECT * FROM clex.payment_problems('<a'::bytea);

-- what the bank answers
CREATE TEMP TABLE answer AS SELECT convert_to('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-11-20T18:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>MSG-2026-17</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><OrgnlNbOfTxs>3</OrgnlNbOfTxs><OrgnlCtrlSum>2140.51</OrgnlCtrlSum><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>MSG-2026-17-1</OrgnlPmtInfId><TxInfAndSts><StsId>X1</StsId><OrgnlEndToEndId>INV-1</OrgnlEndToEndId><TxSts>RJCT</TxSts>
<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf><AddtlInf>since May</AddtlInf></StsRsnInf><StsRsnInf><Rsn><Prtry>B7</Prtry></Rsn></StsRsnInf>
<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">1190.50</InstdAmt></Amt><ReqdExctnDt><Dt>2026-11-23</Dt></ReqdExctnDt><Cdtr><Pty><Nm>Mueller</Nm></Pty></Cdtr></OrgnlTxRef></TxInfAndSts></OrgnlPmtInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>MSG-2026-17-2</OrgnlPmtInfId><PmtInfSts>ACSC</PmtInfSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>', 'UTF8') AS content;
SELECT level, original_message_id, original_batch_id, original_end_to_end_id, status, reason, information, transactions, control_sum, amount, currency, execution_date, creditor, line
FROM answer CROSS JOIN LATERAL clex.read_payment_status(content);
SELECT p.* FROM answer CROSS JOIN LATERAL clex.payment_problems(content) p;
SELECT p.* FROM answer CROSS JOIN LATERAL clex.payment_problems(convert_to(replace(convert_from(content, 'UTF8'), '<GrpSts>PART', '<GrpSts>PARTLY'), 'UTF8')) p;
SELECT * FROM clex.read_payments((SELECT content FROM answer));
SELECT level FROM clex.read_payment_status((SELECT content FROM files LIMIT 1));
