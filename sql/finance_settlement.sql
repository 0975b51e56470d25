-- module finance: payment orders, what banks say of them, remittance advices, and the cash calendar
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_settle_owner NOLOGIN;
CREATE ROLE regress_settle_anna;
CREATE ROLE regress_settle_ben;
CREATE ROLE regress_settle_clerk;
CREATE ROLE regress_settle_gate;
CREATE ROLE regress_settle_supplier;
SELECT clex.create_store('erp', owner => 'regress_settle_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_settle_' || r, p) FROM (VALUES ('anna', 'treasurer'), ('ben', 'treasurer'), ('clerk', 'ap_clerk'), ('gate', 'integration'), ('supplier', 'supplier')) m (r, p);
SELECT erp.set_party(1, 'S1', 'Moulins', 'FR', language => 'fr', email => 'compta@moulins.example') > 0 AS s1, erp.set_party(1, 'S2', 'Fleurs', 'FR') > 0 AS s2, erp.set_party(1, 'B', 'Hotel', 'FR') > 0 AS b;
SELECT erp.add_identifier(1, 'S1', 'vat', 'FR05832194070'), erp.add_identifier(1, 'S2', 'vat', 'FR44732829320'), erp.add_identifier(1, 'B', 'vat', 'FR88790453187');
SELECT erp.add_identifier(1, 'S1', 'iban', 'FR7630006000011234567890189'), erp.add_identifier(1, 'S2', 'iban', 'FR7630006000011234567890189');
SELECT erp.set_entity(1, 'G', 'group', 'Group') > 0 AS top, erp.set_entity(1, 'E', 'company', 'Hotel', parent => 'G', party => 'B') > 0 AS entity;
SELECT erp.scope_member(1, 'regress_settle_supplier', 'supplier', party => 'S1');
-- due: days from today
CREATE FUNCTION paper(number text, payable numeric, due int, seller text DEFAULT 'FR05832194070', currency text DEFAULT 'EUR', kind text DEFAULT 'invoice') RETURNS bytea LANGUAGE sql AS $$
	SELECT clex.write(jsonb_build_object('$kind', kind,
		'invoice', jsonb_build_object('number', number, 'issue_date', CURRENT_DATE - 30, 'due_date', CURRENT_DATE + due, 'type_code', CASE kind WHEN 'invoice' THEN '380' ELSE '381' END, 'currency', currency),
		'seller', jsonb_build_object('name', CASE seller WHEN 'FR05832194070' THEN 'Moulins' ELSE 'Fleurs' END, 'vat_number', seller, 'address', '{"country": "FR"}'::jsonb),
		'buyer', '{"name": "Hotel", "vat_number": "FR88790453187", "address": {"country": "FR"}}'::jsonb,
		'payment', '{"means_code": "30", "credit_transfers": [{"account": "FR7630006000011234567890189"}]}'::jsonb,
		'totals', jsonb_build_object('payable', payable, 'with_vat', payable),
		'lines', '[{"identifier": "1", "quantity": 1, "unit": "H87", "net_amount": 1, "item": {"name": "Flour"}}]'::jsonb)::text::clex.document, 'ubl') $$;
SELECT s.document_id, s.state FROM (VALUES (1, paper('F-1', 1000, 5)), (2, paper('F-2', 500, 20)), (3, paper('F-3', 300, -3)), (4, paper('Y-1', 9000, 5, currency => 'JPY')),
	(5, paper('B-1', 70, 5, 'FR44732829320')), (6, paper('F-6', 80, 5)), (7, paper('A-1', 40, 5, kind => 'credit_note'))) v (n, content), erp.submit(1, content) s ORDER BY 1;
SELECT document_id, new_status FROM unnest('{1,2,3,4,5}'::bigint[]) document_id, erp.set_status(1, document_id, 'approved');
CREATE VIEW calendar WITH (security_invoker) AS SELECT flow, currency, pay_on - CURRENT_DATE AS days, entity, class, amount, invoices FROM erp.cash_calendar;
CREATE VIEW orders WITH (security_invoker) AS SELECT id, iban, currency, pay_on - CURRENT_DATE AS days, state, payments, total, accepted, booked, rejected, returned, waiting FROM erp.payment_orders;
GRANT SELECT ON calendar, orders TO PUBLIC;

-- what may be paid, and what hinders the rest; an entity without an account pays from the one above it
SELECT document_id, number, due_date - CURRENT_DATE AS days, currency, amount, payee, iban, hindrance FROM erp.payables(1) ORDER BY 1;
SET ROLE regress_settle_anna;
SELECT erp.set_paying_account(1, 'G', 'EUR', 'DE89370400440532013000');
RESET ROLE;
SELECT erp.set_paying_account(1, 'G', 'EUR', 'DE89370400440532013001');
SELECT erp.set_paying_account(1, 'G', 'Euro', 'DE89370400440532013000');
SELECT erp.set_paying_account(1, 'X', 'EUR', 'DE89370400440532013000');
SELECT erp.set_paying_account(1, 'G', 'EUR', 'DE89 3704 0044 0532 0130 00', 'COBADEFF', 'Group treasury');
SELECT erp.set_paying_account(1, 'E', 'JPY', 'FR1420041010050500013M02606');
SELECT * FROM erp.paying_accounts ORDER BY entity;
SELECT document_id, amount, hindrance FROM erp.payables(1, CURRENT_DATE + 10) ORDER BY 1;
SELECT * FROM calendar ORDER BY 1, 2, 3, 5;
-- by week, from Monday, is the same money
SELECT bool_and(extract(isodow FROM week) = 1 AND pay_on - week BETWEEN 0 AND 6) AS mondays, count(*) = count(DISTINCT (flow, currency, pay_on, entity, class)) AS each_once,
	sum(invoices) = (SELECT sum(invoices) FROM calendar WHERE days IS NOT NULL) AS same FROM erp.cash_calendar WHERE pay_on IS NOT NULL;

-- orders: one for each account, day and currency; twice the same orders nothing twice
SET ROLE regress_settle_clerk;
SELECT * FROM erp.make_payment_orders(1, CURRENT_DATE + 2, CURRENT_DATE + 10);
SET ROLE regress_settle_anna;
SELECT * FROM erp.make_payment_orders(1, CURRENT_DATE - 1);
SELECT * FROM erp.make_payment_orders(1, NULL);
SELECT order_id, iban, currency, execution_date - CURRENT_DATE AS days, payments, total FROM erp.make_payment_orders(1, CURRENT_DATE + 2, CURRENT_DATE + 10);
SELECT * FROM erp.make_payment_orders(1, CURRENT_DATE + 2, CURRENT_DATE + 10);
SELECT end_to_end_id, number, payee, currency, amount, discount, state FROM erp.payments ORDER BY order_id, payment_no;
SELECT number, kind, reference FROM erp.claims ORDER BY document_id;
SELECT document_id, hindrance FROM erp.payables(1) ORDER BY 1;
SELECT * FROM calendar ORDER BY 1, 2, 3, 5;
-- four eyes
SELECT erp.release_payment_order(1, 1);
SET ROLE regress_settle_clerk;
SELECT erp.release_payment_order(1, 1);
SET ROLE regress_settle_ben;
SELECT erp.release_payment_order(1, 99);
-- disputed meanwhile: not to be paid any more in full
RESET ROLE;
SELECT erp.open_dispute(1, 3, '{QTE_ERR}', 'one bag too few', amount => 30) > 0 AS disputed;
SET ROLE regress_settle_ben;
\set VERBOSITY default
SELECT erp.release_payment_order(1, 1);
\set VERBOSITY terse
SELECT erp.drop_payment(1, 1, 9, 'disputed');
SELECT erp.drop_payment(1, 1, 2, 'disputed'), erp.drop_payment(1, 1, 2, 'disputed');
SELECT number, kind FROM erp.claims ORDER BY document_id;
SELECT erp.release_payment_order(1, 1) = erp.release_payment_order(1, 1) AS same_message;
SELECT erp.release_payment_order(1, 2) IS NOT NULL AS released;
SELECT erp.drop_payment(1, 1, 1, 'too late');
SELECT * FROM orders ORDER BY 1;
-- the file: what is due, what is remitted, and to whom
SELECT p.end_to_end_id, p.amount, p.currency, p.debtor, p.debtor_account, p.creditor, p.creditor_account, p.documents #- '{0,date}' AS documents, o.format, o.kind
FROM erp.outgoing_messages o, clex.read_payments(o.content) p WHERE o.channel = 'bank' ORDER BY 1;
SELECT o.id, p.severity, p.code FROM erp.outgoing_messages o, clex.payment_problems(o.content) p WHERE o.channel = 'bank';
SELECT o.file_hash = encode(sha256(m.content), 'hex') AS hash FROM erp.payment_orders o JOIN erp.outgoing_messages m ON m.kind = 'payment_order' AND position(o.message_id::bytea IN m.content) > 0 ORDER BY o.id;
-- payees are told, each in its way: a notice in its language, or a remittance advice
SELECT n ->> 'to' AS recipient, n ->> 'language' AS language, n ->> 'subject' LIKE '%Group treasury%1%000,00%' AS subject, n ->> 'text' LIKE '%F-1%' AS names_invoice
FROM erp.outgoing_messages o, LATERAL (SELECT convert_from(o.content, 'UTF8')::jsonb AS n) x WHERE kind = 'notice' ORDER BY o.id LIMIT 1;

-- what banks say: a status report for the whole, a notification, a statement; again and again
RESET ROLE;
CREATE FUNCTION report(original text, grp text, singly text DEFAULT '') RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>S' || left(md5(concat(original, grp, singly)), 20) || '</MsgId><CreDtTm>2026-03-03T09:00:00</CreDtTm></GrpHdr>'
		|| '<OrgnlGrpInfAndSts><OrgnlMsgId>' || original || '</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>' || coalesce('<GrpSts>' || grp || '</GrpSts>', '') || '</OrgnlGrpInfAndSts>'
		|| singly || '</CstmrPmtStsRpt></Document>', 'UTF8') $$;
CREATE FUNCTION statement(entries text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>N' || left(md5(entries), 20) || '</MsgId><CreDtTm>2026-03-04T09:00:00</CreDtTm></GrpHdr>'
		|| '<Ntfctn><Id>1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>' || entries || '</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>', 'UTF8') $$;
CREATE FUNCTION entry(amount numeric, side text, id text, currency text DEFAULT 'EUR', status text DEFAULT 'BOOK') RETURNS text LANGUAGE sql AS $$
	SELECT format('<Ntry><Amt Ccy="%s">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>%s</Cd></Sts><BookgDt><Dt>2026-03-04</Dt></BookgDt><ValDt><Dt>2026-03-04</Dt></ValDt>'
		|| '<BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>', currency, amount, side, status, id) $$;
GRANT EXECUTE ON FUNCTION report(text, text, text), statement(text), entry(numeric, text, text, text, text) TO PUBLIC;
SET ROLE regress_settle_gate;
SELECT state, outcome FROM erp.receive_message(1, 'bank', 'r1', report('PO-1-1', 'ACCP'));
SELECT is_duplicate, state, outcome FROM erp.receive_message(1, 'bank', 'r1', report('PO-1-1', 'ACCP'));
SELECT state, outcome FROM erp.receive_message(1, 'bank', 'r1 again', report('PO-1-1', 'ACCP'));
SELECT state, outcome FROM erp.receive_message(1, 'bank', 'r2', report('PO-1-2', NULL, '<OrgnlPmtInfAndSts><OrgnlPmtInfId>PO-1-2-1</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>PO-1-2-1</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts>'));
SELECT * FROM orders ORDER BY 1;
SELECT number, kind FROM erp.claims ORDER BY document_id;
SELECT number, status, meaning FROM erp.invoice_states WHERE document_id IN (1, 4, 5) ORDER BY document_id;
-- one booked, one of another amount, one unknown, one of somebody else's
SELECT state, outcome FROM erp.receive_message(1, 'bank', 'n1', statement(entry(1000, 'DBIT', 'PO-1-1-1') || entry(71, 'DBIT', 'PO-1-1-3') || entry(5, 'DBIT', 'PO-1-9-1') || entry(9, 'DBIT', 'RENT')
	|| entry(70, 'DBIT', 'PO-1-1-3', status => 'PDNG')));
SELECT number, paid, open, overpaid FROM erp.ledger ORDER BY document_id;
-- said again by another file, with one more
SELECT state, outcome FROM erp.receive_message(1, 'bank', 'n2', statement(entry(1000, 'DBIT', 'PO-1-1-1') || entry(70, 'DBIT', 'PO-1-1-3')));
-- the money comes back; what was rejected is booked all the same: people look
SELECT state, outcome FROM erp.receive_message(1, 'bank', 'n3', statement(entry(70, 'CRDT', 'PO-1-1-3') || entry(9000, 'DBIT', 'PO-1-2-1', 'JPY')));
SELECT line_no, end_to_end_id, said, amount, currency, outcome, note, state FROM erp.bank_reports ORDER BY document_id, line_no;
SELECT number, paid, open, overpaid FROM erp.ledger ORDER BY document_id;
SELECT number, entry_no, kind, amount, booked_on, entry_key FROM erp.ledger_entries ORDER BY document_id, entry_no;
SELECT state, outcome FROM erp.receive_message(1, 'bank', 'bad', '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><Cstmr');
SET ROLE regress_settle_anna;
SELECT state, count(*) FROM erp.incoming_messages GROUP BY 1 ORDER BY 1;
SELECT * FROM calendar ORDER BY 1, 2, 3, 5;

-- what came back, or was rejected, is paid anew; a batch may be booked as one entry
SELECT order_id, currency, payments, total FROM erp.make_payment_orders(1, CURRENT_DATE + 2, documents => '{2,3,4,5,6}') ORDER BY 1;
SELECT number, kind, amount FROM erp.claims ORDER BY document_id;
SET ROLE regress_settle_ben;
SELECT erp.release_payment_order(1, o.id) IS NOT NULL AS released FROM orders o WHERE state = 'draft' ORDER BY o.id;
SET ROLE regress_settle_gate;
SELECT state, outcome FROM erp.receive_message(1, 'bank', 'n4', statement(replace(entry(840, 'DBIT', 'NOTPROVIDED'), '<Sts>', '<NtryRef>PO-1-3</NtryRef><Sts>')));
SET ROLE regress_settle_ben;
SELECT * FROM orders ORDER BY 1;
-- said by people
SELECT erp.confirm_payment(1, 'PO-1-4-1', 'booked', '2026-03-06'), erp.confirm_payment(1, 'PO-1-4-1', 'booked', '2026-03-06'), erp.confirm_payment(1, 'PO-1-4-1', 'accepted');
SELECT erp.confirm_payment(1, 'PO-1-4-1', 'rejected');
SELECT erp.confirm_payment(1, 'PO-1-4-1', 'lost');
SELECT erp.confirm_payment(1, 'PO-1-7-1', 'booked');
SET ROLE regress_settle_clerk;
SELECT erp.confirm_payment(1, 'PO-1-4-1', 'booked');
SET ROLE regress_settle_supplier;
SELECT number, amount, state FROM erp.payments ORDER BY order_id, payment_no;
SELECT count(*) FROM erp.payment_orders;
SELECT count(*) FROM erp.cash_calendar;

-- cancelled before the bank has it: free again; once it has, refused
RESET ROLE;
SELECT new_status FROM erp.set_status(1, 6, 'approved');
SET ROLE regress_settle_anna;
SELECT order_id, total FROM erp.make_payment_orders(1, CURRENT_DATE + 2, documents => '{6}');
SET ROLE regress_settle_ben;
SELECT erp.release_payment_order(1, 5) IS NOT NULL AS released;
SELECT erp.cancel_payment_order(1, 5, 'wrong day'), erp.cancel_payment_order(1, 5, 'wrong day');
SELECT erp.release_payment_order(1, 5);
SELECT kind, state FROM erp.outgoing_messages WHERE state = 'cancelled' ORDER BY id;
SELECT order_id, total FROM erp.make_payment_orders(1, CURRENT_DATE + 2, documents => '{6}');
SET ROLE regress_settle_anna;
SELECT erp.release_payment_order(1, 6) IS NOT NULL AS released;
SET ROLE regress_settle_gate;
SELECT kind, format FROM erp.claim_messages(1, 'bank', 100) ORDER BY 1, 2;
SET ROLE regress_settle_ben;
\set VERBOSITY default
SELECT erp.cancel_payment_order(1, 6, 'wrong day');
\set VERBOSITY terse
-- a remittance advice in the supplier's format
RESET ROLE;
SELECT erp.set_partner_channel(1, 'S1', 'remittance', 'edi', 'edifact:D96A', '3012345600015');
SELECT document_id, state FROM erp.submit(1, paper('F-9', 200, 5));
SELECT new_status FROM erp.set_status(1, 15, 'approved');
SELECT o.document_id, o.number, o.meaning FROM erp.invoice_states o WHERE number = 'F-9';
SET ROLE regress_settle_anna;
SELECT total FROM erp.make_payment_orders(1, CURRENT_DATE + 2, documents => ARRAY(SELECT document_id FROM erp.invoice WHERE number = 'F-9'));
SET ROLE regress_settle_ben;
SELECT erp.release_payment_order(1, 7) IS NOT NULL AS released;
SELECT o.channel, o.format, o.recipient, clex.value(d, 'R-5') AS paid, clex.value(d, 'R-34') AS payment_order, clex.value(d, 'R-22') AS document
FROM erp.outgoing_messages o, clex.read(o.content) d WHERE kind = 'remittance_advice';

-- what was agreed is paid on its day, with the discount; if the money comes back the discount is lost
RESET ROLE;
SELECT s.document_id FROM erp.submit(1, paper('F-10', 1000, 60)) s;
SELECT s.document_id FROM erp.submit(1, paper('F-11', 1000, 60)) s;
SELECT new_status FROM erp.invoice i, erp.set_status(1, i.document_id, 'approved') WHERE number IN ('F-10', 'F-11') ORDER BY document_id;
SET ROLE regress_settle_anna;
SELECT erp.make_offer(1, document_id, 0.06, pay_from => clex.add_business_days(CURRENT_DATE, 2, 'TARGET'), pay_until => CURRENT_DATE + 20) > 0 AS made FROM erp.invoice WHERE number IN ('F-10', 'F-11') ORDER BY document_id;
SET ROLE regress_settle_supplier;
SELECT count(*) FROM erp.offers o, erp.accept_offer(1, o.id, o.pay_from) WHERE o.state = 'open';
SET ROLE regress_settle_anna;
SELECT class, currency, sum(amount) < 2000 AS less, sum(invoices) FROM calendar WHERE class = 'agreed' GROUP BY 1, 2;
SELECT count(*) AS orders, sum(payments) AS payments FROM erp.make_payment_orders(1, CURRENT_DATE, CURRENT_DATE + 7, ARRAY(SELECT document_id FROM erp.invoice WHERE number IN ('F-10', 'F-11')));
SELECT number, state, agreed_as, amount + discount AS face, discount BETWEEN 8 AND 10 AS discount FROM erp.payments WHERE agreed_as = 'offer' ORDER BY document_id;
SELECT number, kind, amount FROM erp.claims WHERE number IN ('F-10', 'F-11') ORDER BY document_id;
SET ROLE regress_settle_ben;
SELECT erp.release_payment_order(1, id) IS NOT NULL AS released FROM orders WHERE state = 'draft' ORDER BY id;
SELECT p.amount + (p.documents -> 0 ->> 'discount')::numeric AS due, p.documents -> 0 ->> 'number' AS number
FROM erp.outgoing_messages o, clex.read_payments(o.content) p WHERE o.kind = 'payment_order' AND p.documents @> '[{"due": 1000}]' ORDER BY 2;
SELECT number, erp.confirm_payment(1, end_to_end_id, 'booked', CURRENT_DATE) FROM erp.payments WHERE agreed_as = 'offer' ORDER BY document_id;
SELECT number, face, paid + discount AS settled, discount > 0 AS discount, open FROM erp.ledger WHERE number IN ('F-10', 'F-11') ORDER BY document_id;
SELECT o.number, o.state FROM erp.offers o ORDER BY o.document_id;
SELECT number, erp.confirm_payment(1, end_to_end_id, 'returned', CURRENT_DATE, 'AC04') FROM erp.payments WHERE number = 'F-11';
SELECT number, face, paid, discount, open FROM erp.ledger WHERE number = 'F-11';
SELECT o.number, o.state, o.reason FROM erp.offers o ORDER BY o.document_id;
SELECT number, count(*), sum(v.gross) < 10 AS small, sum(v.vat) FROM erp.discount_vat v JOIN erp.invoice i USING (tenant_id, document_id) GROUP BY 1 ORDER BY 1;
SELECT number, hindrance FROM erp.payables(1) WHERE number = 'F-11';

-- the calendar is the same whether or not changes were worked in
SET ROLE regress_settle_ben;
CREATE TEMPORARY TABLE before AS SELECT * FROM calendar;
SET ROLE regress_settle_clerk;
SELECT erp.refresh_calendar(1);
SET ROLE regress_settle_ben;
SELECT erp.refresh_calendar(1) > 0 AS changes, erp.refresh_calendar(1) AS again;
SELECT * FROM calendar EXCEPT SELECT * FROM before;
SELECT * FROM before EXCEPT SELECT * FROM calendar;
SELECT * FROM calendar ORDER BY 1, 2, 3, 5;
SELECT number, class, amount FROM erp.calendar_invoices ORDER BY document_id, class;
RESET ROLE;
SELECT erp.open_dispute(1, 2, '{QTE_ERR}', 'all of it') > 0 AS disputed;
SELECT count(*) FROM erp.calendar_change;
SELECT * FROM calendar ORDER BY 1, 2, 3, 5;
SELECT action, count(*) FROM erp.event WHERE action ~ 'payment' GROUP BY 1 ORDER BY 1;

DROP TABLE before;
DROP VIEW calendar, orders;
SELECT clex.drop_store('erp');
DROP FUNCTION paper(text, numeric, int, text, text, text), report(text, text, text), statement(text), entry(numeric, text, text, text, text);
DROP ROLE regress_settle_owner, regress_settle_anna, regress_settle_ben, regress_settle_clerk, regress_settle_gate, regress_settle_supplier;
