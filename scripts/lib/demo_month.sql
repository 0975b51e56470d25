-- A month of a group of three companies and twelve suppliers, told step by step: orders, receipts, invoices, approval, a dispute, the books.
--
-- Everything is made here, from numbers that are the same on every run.  Roles are set as people would log in: what
-- somebody may not do, nobody does for him.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
\pset footer off
\pset linestyle unicode
\pset null ''
\o /dev/null
DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY '{month_owner,month_erp,month_clerk,month_buyer,month_anna,month_cfo,month_mill}'::text[] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN EXECUTE format('CREATE ROLE %I NOLOGIN', r); END IF;
	END LOOP;
END $$;
SELECT clex.create_store('month', owner => 'month_owner');
SELECT month.add_tenant(1, 'Groupe Aubrac');
SELECT month.add_member(1, 'month_' || r, p)
FROM (VALUES ('erp', 'integration'), ('clerk', 'ap_clerk'), ('buyer', 'buyer'), ('anna', 'approver'), ('cfo', 'cfo'), ('mill', 'supplier')) m (r, p);

-- a French VAT identifier made of a number: SIREN with its Luhn digit, and the key in front
CREATE FUNCTION pg_temp.vat(n int) RETURNS text LANGUAGE sql AS $$
	SELECT 'FR' || lpad(((12 + 3 * (s.siren % 97)) % 97)::text, 2, '0') || s.siren
	FROM (SELECT min(c) AS siren FROM generate_series((40000000 + n * 1234567) * 10, (40000000 + n * 1234567) * 10 + 9) c WHERE clex.is_siren(c::text)) s $$;
-- how it appears on invoices: VAT identifier, SIREN, and the SIREN as electronic address
CREATE FUNCTION pg_temp.side(vat text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('vat_number', vat, 'legal_registration', jsonb_build_object('value', substr(vat, 5), 'scheme', '0002'),
		'electronic_address', jsonb_build_object('value', substr(vat, 5), 'scheme', '0225')) $$;
CREATE TEMPORARY TABLE company AS
SELECT code, name, pg_temp.vat(n) AS vat FROM (VALUES (1, 'BOUL', 'Boulangerie Aubrac SAS'), (2, 'TRAI', 'Traiteur Aubrac SARL'), (3, 'HOTE', 'Hôtel Aubrac SAS')) c (n, code, name);
CREATE TEMPORARY TABLE supplier AS
SELECT n, 'S' || lpad(n::text, 2, '0') AS code, name, currency, price, pg_temp.vat(n + 10) AS vat
FROM (VALUES (1, 'Moulins de la Baïse', 'EUR', 18.9), (2, 'Laiterie du Larzac', 'EUR', 4.35), (3, 'Beurrerie Charente', 'EUR', 61.2), (4, 'Levures Rhône', 'EUR', 12.75),
	(5, 'Emballages Vernet', 'EUR', 0.42), (6, 'Énergie Midi', 'EUR', 0.1875), (7, 'Fours Delmas', 'EUR', 2450), (8, 'Blanchisserie Lot', 'EUR', 3.1),
	(9, 'Vins Gaillac', 'EUR', 9.8), (10, 'Cacao Trading', 'USD', 3180), (11, 'Transports Causse', 'EUR', 145), (12, 'Konditorbedarf Basel', 'CHF', 27.4)) s (n, name, currency, price);
GRANT SELECT ON company, supplier TO PUBLIC;
SELECT month.set_party(1, c.code, c.name, 'FR'), month.add_identifier(1, c.code, 'vat', c.vat, '2026-01-01'), month.add_identifier(1, c.code, 'siren', substr(c.vat, 5), '2026-01-01') FROM company c;
SELECT month.set_party(1, s.code, s.name, 'FR', language => 'fr', email => lower(s.code) || '@example.org', valid_from => '2026-01-01'), month.add_identifier(1, s.code, 'vat', s.vat, '2026-01-01'), month.add_identifier(1, s.code, 'siren', substr(s.vat, 5), '2026-01-01') FROM supplier s;
SELECT month.set_entity(1, 'AUBRAC', 'group', 'Groupe Aubrac', valid_from => '2026-01-01');
SELECT month.set_entity(1, c.code, 'company', c.name, 'AUBRAC', c.code, '2026-01-01') FROM company c;
SELECT month.set_entity(1, 'CUISINE', 'department', 'Cuisine', 'HOTE', valid_from => '2026-01-01');
SELECT month.scope_member(1, 'month_mill', 'supplier', party => 'S01');

SET ROLE month_cfo;
SELECT month.define_approval_rule(1, 'all', 1, approvers => '{month_anna}', sla => '3 days'), month.define_approval_rule(1, 'over-5000', 2, currency => 'EUR', from_amount => 5000,
	approvers => '{month_cfo}', sla => '2 days');
SELECT month.define_route(1, 'kitchen', 10, 'contains(BT-27, ''Vins'')', entity => 'HOTE', to_entity => 'CUISINE'), month.define_route(1, 'rest', 90, to_role => 'month_clerk');
SELECT month.set_match_policy(1, price_percent => 1, over_percent => 2);
SELECT month.set_account_rule(1, k, a, n) FROM (VALUES ('expense', '607000', 'Achats de marchandises'), ('charge', '624100', 'Transports'),
	('supplier', '401000', 'Fournisseurs'), ('vat_deductible', '445660', 'TVA déductible')) r (k, a, n);

-- what is ordered: of each supplier by each company, two lines
CREATE TEMPORARY TABLE plan AS
SELECT row_number() OVER (ORDER BY s.n, c.code)::int AS k, 'BC-' || c.code || '-' || s.code AS order_number, c.code AS company, c.name AS company_name, c.vat AS company_vat,
	s.code AS supplier, s.name AS supplier_name, s.vat AS supplier_vat, s.currency, s.price
FROM supplier s CROSS JOIN company c;
ALTER TABLE plan ADD COLUMN quantity int, ADD COLUMN arrived int, ADD COLUMN invoiced_price numeric;
UPDATE plan SET quantity = 10 + (k * 37) % 90, invoiced_price = CASE WHEN k % 9 = 4 THEN round(price * 1.05, 4) ELSE price END;
UPDATE plan SET arrived = CASE WHEN k % 11 = 7 THEN 0 WHEN k % 7 = 3 THEN quantity - 2 ELSE quantity END;
GRANT SELECT ON plan TO PUBLIC;
SET ROLE month_erp;
-- each supplier gets them as it wants: EDIFACT, X12, Order-X, UBL; one wants none, and is telephoned
SELECT month.set_partner_channel(1, s.code, 'order', CASE WHEN s.n % 4 < 2 THEN 'edi' ELSE 'peppol' END,
	(ARRAY['ubl', 'edifact:D96A', 'orderx', 'x12', 'edifact:D01B'])[1 + s.n % 5]) FROM supplier s WHERE s.n <> 11;
SELECT month.create_order(1, p.order_number, p.company, p.supplier, jsonb_build_array(
		jsonb_build_object('line', '10', 'item', 'Article ' || p.supplier, 'quantity', p.quantity, 'unit', 'H87', 'price', p.price, 'deliver_by', '2026-03-09'),
		jsonb_build_object('line', '20', 'item', 'Article ' || p.supplier || ' B', 'quantity', 5, 'unit', 'H87', 'price', p.price * 2, 'deliver_by', '2026-03-09')), p.currency, '2026-03-02')
FROM plan p ORDER BY p.k;
SELECT month.create_order(1, 'BC-HOTE-S07-2', 'HOTE', 'S07', '[{"line": "10", "item": "Four à sole", "quantity": 1, "unit": "H87", "price": 9800}]', 'EUR', '2026-03-02');
-- what their machines say, and what they say themselves: three in four accept, the dairy delivers two days later, the ovens are not made any more
CREATE FUNCTION pg_temp.answer(p plan, code text) RETURNS bytea LANGUAGE sql AS $$
	SELECT clex.write(jsonb_strip_nulls(jsonb_build_object('$kind', 'order_response', 'order_response', jsonb_build_object('number', 'AR-' || p.order_number, 'issue_date', CURRENT_DATE, 'code', code),
		'order', jsonb_build_object('number', p.order_number), 'seller', pg_temp.side(p.supplier_vat) || jsonb_build_object('name', p.supplier_name), 'buyer', pg_temp.side(p.company_vat) || jsonb_build_object('name', p.company_name),
		'lines', CASE code WHEN 'CA' THEN jsonb_build_array(jsonb_build_object('identifier', '1', 'purchase_order_line', '10', 'action', '6', 'quantity', p.quantity, 'unit', 'H87', 'promised_date', '2026-03-11',
			'item', jsonb_build_object('name', 'Article ' || p.supplier))) END))::text::clex.document, 'ubl') $$;
SELECT month.receive_message(1, 'edi', 'ack-' || o.id, clex.acknowledge(o.content)) FROM month.outgoing_messages o WHERE o.tenant_id = 1 AND o.kind = 'order' AND o.format <> 'orderx' AND o.id % 7 <> 0 ORDER BY o.id;
SELECT month.receive_message(1, 'edi', 'answer-' || p.k, pg_temp.answer(p, CASE WHEN p.supplier = 'S02' THEN 'CA' ELSE 'AP' END)) FROM plan p WHERE p.k % 4 <> 1 ORDER BY p.k;
RESET ROLE;
SET ROLE month_mill;
SELECT month.answer_order(1, o.order_id, 'accepted') FROM month.orders o WHERE o.answer IS NULL ORDER BY o.order_id;
SELECT month.announce_delivery(1, o.order_id, 'BL-' || p.k, jsonb_build_array(jsonb_build_object('line', '10', 'quantity', p.arrived)), '2026-03-09', '2026-03-08')
FROM plan p JOIN month.orders o ON o.number = p.order_number WHERE p.arrived > 0 ORDER BY p.k;
SET ROLE month_clerk;
SELECT month.answer_order(1, o.order_id, 'rejected', message => 'No longer made') FROM month.orders o WHERE o.tenant_id = 1 AND o.number = 'BC-HOTE-S07-2';
SET ROLE month_buyer;
SELECT month.settle_response(1, r.response_id, true) FROM month.order_responses r WHERE r.tenant_id = 1 AND r.state = 'open' ORDER BY r.response_id;
SET ROLE month_erp;
SELECT month.receive_goods(1, o.order_id, 'BL-' || p.k, jsonb_build_array(jsonb_build_object('line', '10', 'quantity', p.arrived), jsonb_build_object('line', '20', 'quantity', 5)), '2026-03-09')
FROM plan p JOIN month.orders o ON o.tenant_id = 1 AND o.number = p.order_number WHERE p.arrived > 0 ORDER BY p.k;

-- what is invoiced: all of it; one total is wrong
SELECT month.submit_many(1, array_agg(i.content ORDER BY i.k), array_agg('mail ' || i.k ORDER BY i.k))
FROM (
	SELECT p.k, clex.write(jsonb_set(c, '{totals,payable}', to_jsonb((c #>> '{totals,payable}')::numeric + CASE WHEN p.k = 13 THEN 0.01 ELSE 0 END))::text::clex.document, 'ubl') AS content
	FROM plan p
	CROSS JOIN LATERAL month.complete_invoice(jsonb_build_object('$kind', 'invoice',
		'invoice', jsonb_build_object('number', 'F-2026-' || lpad(p.k::text, 4, '0'), 'issue_date', date '2026-03-10' + p.k % 12, 'due_date', date '2026-04-10' + p.k % 12, 'type_code', '380',
			'currency', p.currency, 'purchase_order', p.order_number),
		'process', '{"specification": "urn:cen.eu:en16931:2017"}'::jsonb,
		'seller', pg_temp.side(p.supplier_vat) || jsonb_build_object('name', p.supplier_name, 'address', '{"country": "FR"}'::jsonb),
		'buyer', pg_temp.side(p.company_vat) || jsonb_build_object('name', p.company_name, 'address', '{"country": "FR"}'::jsonb),
		'lines', jsonb_build_array(
			jsonb_build_object('purchase_order_line', '10', 'item', jsonb_build_object('name', 'Article ' || p.supplier), 'quantity', p.quantity, 'unit', 'H87',
				'price', jsonb_build_object('net', p.invoiced_price), 'vat', '{"category": "S", "rate": 20}'::jsonb),
			jsonb_build_object('purchase_order_line', '20', 'item', jsonb_build_object('name', 'Article ' || p.supplier || ' B'), 'quantity', 5, 'unit', 'H87',
				'price', jsonb_build_object('net', p.price * 2), 'vat', '{"category": "S", "rate": 20}'::jsonb)))) c) i;
RESET ROLE;
\o

\echo
\echo 'A month of Groupe Aubrac: three companies, twelve suppliers'
\echo
\echo 'What was ordered: how orders went out, and what the suppliers said'
SELECT m.format, count(*) AS orders, count(*) FILTER (WHERE m.state = 'acknowledged') AS "taken by the machine", count(*) FILTER (WHERE m.losses IS NOT NULL) AS "with losses",
	count(*) FILTER (WHERE o.answer = 'accepted') AS accepted, count(*) FILTER (WHERE o.answer = 'rejected') AS rejected, count(*) FILTER (WHERE o.answer IS NULL) AS silent
FROM month.order_messages m JOIN month.orders o ON o.tenant_id = m.tenant_id AND o.order_id = m.order_id WHERE m.tenant_id = 1 AND m.kind = 'order' GROUP BY 1 ORDER BY 1;
SELECT r.order_number, r.supplier, r.verdict, l.order_line, l.deliver_by AS wanted, l.promised, r.state AS "the buyer", o.version AS "order version", r.message
FROM month.order_responses r JOIN month.orders o ON o.tenant_id = 1 AND o.order_id = r.order_id LEFT JOIN month.order_response_lines l ON l.tenant_id = 1 AND l.response_id = r.response_id
WHERE r.tenant_id = 1 AND r.verdict <> 'accepted' ORDER BY 1;
\echo
\echo 'What came: invoices by entity and currency (amounts are never added across currencies)'
SELECT s.entity, s.currency, count(*) AS invoices, sum(s.gross) AS gross FROM month.invoice_states s WHERE s.tenant_id = 1 GROUP BY 1, 2 ORDER BY 1, 2;
\echo
\echo 'What does not match its order, and why'
SELECT number, seller_name, orders, left(reason, 90) AS reason FROM month.waiting_invoices WHERE tenant_id = 1 ORDER BY number;

\o /dev/null
-- the clerk takes in hand what matches; what does not conform goes back with its reasons
SET ROLE month_clerk;
SELECT month.reject_invoice(1, i.document_id) FROM month.invoices i WHERE i.tenant_id = 1 AND NOT i.valid;
SELECT month.set_status(1, s.document_id, 'in_hand') FROM month.invoice_states s WHERE s.tenant_id = 1 AND s.meaning IN ('available', 'received') ORDER BY s.document_id;
SELECT month.request_approval(1, m.document_id) FROM month.invoice_matches m WHERE m.tenant_id = 1 AND m.state = 'matched' AND m.status = 'in_hand' ORDER BY m.document_id;
-- a price that is above: the buyer knows why for one of them, the others are disputed
SET ROLE month_buyer;
SELECT month.accept_deviation(1, m.document_id, m.line_no, 'Price list of March') FROM month.match_lines m
WHERE m.tenant_id = 1 AND m.result = 'price_above' AND m.document_id = (SELECT min(l.document_id) FROM month.match_lines l WHERE l.tenant_id = 1 AND l.result = 'price_above');
SELECT month.ask(1, m.document_id, 'supplier', 'Prix', 'Quel tarif avez-vous appliqué ?', due_at => now() + '3 days') FROM month.match_lines m
JOIN month.invoice_states s ON s.tenant_id = 1 AND s.document_id = m.document_id WHERE m.tenant_id = 1 AND m.result = 'above_received' AND s.party = 'S01';
SET ROLE month_clerk;
SELECT month.open_dispute(1, m.document_id, '{QTE_ERR}', 'Deux manquent à la livraison', amount => round(2 * m.price * 1.2, 2))
FROM month.match_lines m JOIN month.invoice_states s ON s.tenant_id = 1 AND s.document_id = m.document_id
WHERE m.tenant_id = 1 AND m.result = 'above_received' AND m.received > 0 AND s.meaning = 'in_hand' ORDER BY m.document_id;
SELECT month.request_approval(1, m.document_id) FROM month.invoice_matches m WHERE m.tenant_id = 1 AND m.state = 'matched' AND m.status = 'in_hand'
	AND NOT EXISTS (SELECT FROM month.approvals a WHERE a.tenant_id = 1 AND a.document_id = m.document_id) ORDER BY m.document_id;
SET ROLE month_anna;
SELECT month.approve_invoice(1, a.document_id) FROM month.approvals a WHERE a.tenant_id = 1 AND a.state = 'open' AND a.rule = 'all' ORDER BY a.document_id;
SET ROLE month_cfo;
SELECT month.approve_invoice(1, a.document_id) FROM month.approvals a WHERE a.tenant_id = 1 AND a.state = 'open' AND a.rule = 'over-5000' ORDER BY a.document_id;
-- one supplier gives back what did not come: the note settles the dispute
SET ROLE month_erp;
SELECT month.submit(1, clex.write(c::text::clex.document, 'ubl'), 'mail, credit note')
FROM plan p, month.complete_invoice(jsonb_build_object('$kind', 'credit_note',
	'invoice', jsonb_build_object('number', 'A-2026-0001', 'issue_date', '2026-03-27', 'type_code', '381', 'currency', p.currency, 'purchase_order', p.order_number),
	'process', '{"specification": "urn:cen.eu:en16931:2017"}'::jsonb, 'preceding_invoices', '[{"number": "F-2026-0010", "issue_date": "2026-03-20"}]'::jsonb,
	'seller', pg_temp.side(p.supplier_vat) || jsonb_build_object('name', p.supplier_name, 'address', '{"country": "FR"}'::jsonb),
	'buyer', pg_temp.side(p.company_vat) || jsonb_build_object('name', p.company_name, 'address', '{"country": "FR"}'::jsonb),
	'lines', jsonb_build_array(jsonb_build_object('purchase_order_line', '10', 'item', jsonb_build_object('name', 'Article ' || p.supplier), 'quantity', 2, 'unit', 'H87',
		'price', jsonb_build_object('net', p.price), 'vat', '{"category": "S", "rate": 20}'::jsonb)))) c
WHERE p.k = 10;
SET ROLE month_clerk;
SELECT month.link_note(1, n.document_id, d.document_id, NULL, d.id) FROM month.disputes d, month.invoices n
WHERE d.tenant_id = 1 AND d.number = 'F-2026-0010' AND n.tenant_id = 1 AND n.number = 'A-2026-0001';
-- the books, and their way to the ERP, which confirms what it has booked
SET ROLE month_clerk;
SELECT month.book_invoice(1, s.document_id, date '2026-03-31') FROM month.invoice_states s WHERE s.tenant_id = 1 AND s.meaning = 'approved' AND s.currency = 'EUR' ORDER BY s.document_id;
SELECT month.hand_over(1);
SET ROLE month_erp;
SELECT month.confirm_message(1, m.message_id, 'ERP-' || m.document_id) FROM month.claim_messages(1, 'erp', 20) m;
RESET ROLE;
\o

\echo
\echo 'Where the invoices stand'
SELECT s.meaning AS status, s.currency, count(*) AS invoices, sum(s.gross) AS gross FROM month.invoice_states s WHERE s.tenant_id = 1 GROUP BY 1, 2 ORDER BY 1, 2;
\echo
\echo 'What can be paid, and what is held back'
SELECT o.currency, o.blocked_by, count(*) AS invoices, sum(o.open) AS open, sum(o.payable_now) AS "payable now" FROM month.open_amounts o WHERE o.tenant_id = 1 GROUP BY 1, 2 ORDER BY 1, 2;
\echo
\echo 'What the supplier Moulins de la Baïse sees of it, and nothing else'
SET ROLE month_mill;
SELECT number, buyer_name, gross, meaning AS status FROM month.invoice_states ORDER BY number;
SELECT subject, state, due_at::date AS due FROM month.queries;
RESET ROLE;
\echo
\echo 'What the buyer opens first: the oldest of each'
SELECT DISTINCT ON (b.task) b.task, b.number, b.partner, b.entity, b.overdue, left(b.detail, 60) AS detail FROM month.buyer_desk b WHERE b.tenant_id = 1 ORDER BY b.task, b.since, b.number;
\echo
\echo 'What the CFO opens first: each figure has its documents'
SELECT c.topic, c.currency, sum(c.items) AS items, sum(c.amount) AS amount FROM month.cfo_desk c WHERE c.tenant_id = 1 GROUP BY 1, 2 ORDER BY 1, 2;
\echo
\echo 'How the suppliers do'
SELECT s.supplier, s.name, s.on_time_percent AS "on time %", s.acceptance_percent AS "accepted %", s.invoices, s.price_deviation_percent AS "price %", s.quantity_deviation_percent AS "quantity %",
	s.dispute_percent AS "disputed %", s.first_pass_percent AS "first pass %" FROM month.supplier_scorecard s WHERE s.tenant_id = 1 ORDER BY 1;
\echo
\echo 'What waits for somebody'
SELECT t.task, t.needs, count(*) AS items, min(t.since)::date AS oldest FROM month.todo t WHERE t.tenant_id = 1 GROUP BY 1, 2 ORDER BY 3 DESC, 1;
\echo
\echo 'Disputes'
SELECT d.number, d.seller_name, d.amount, d.credited, d.currency, d.state FROM month.disputes d WHERE d.tenant_id = 1 ORDER BY d.number;
\echo
\echo 'Goods that came and nobody has invoiced, and orders with something to come'
SELECT (SELECT count(*) FROM month.unmatched_receipts u WHERE u.tenant_id = 1) AS "receipt lines not invoiced", (SELECT count(*) FROM month.open_orders o WHERE o.tenant_id = 1) AS "open order lines";
\echo
\echo 'The books: entries by account'
SELECT e.account, count(*) AS lines, sum(e.debit) AS debit, sum(e.credit) AS credit FROM month.accounting_entries e WHERE e.tenant_id = 1 GROUP BY 1 ORDER BY 1;
\echo
\echo 'Messages to be sent'
SELECT m.channel, m.kind, m.state, count(*) FROM month.outgoing_messages m WHERE m.tenant_id = 1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
