-- module p2p: what each persona opens first, figures, and the documents behind each of them
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_views_owner NOLOGIN;
CREATE ROLE regress_views_erp;
CREATE ROLE regress_views_buyer;
CREATE ROLE regress_views_clerk;
CREATE ROLE regress_views_approver;
CREATE ROLE regress_views_auditor;
CREATE ROLE regress_views_cfo;
CREATE ROLE regress_views_mill;
CREATE ROLE regress_views_cafe;
SELECT clex.create_store('erp', owner => 'regress_views_owner');
SELECT erp.add_tenant(1, 'Hotel'), erp.add_tenant(2, 'Noise');
SELECT erp.add_member(1, 'regress_views_' || r, p) FROM (VALUES ('erp', 'integration'), ('buyer', 'buyer'), ('clerk', 'ap_clerk'), ('approver', 'approver'), ('auditor', 'auditor'), ('cfo', 'cfo'), ('mill', 'supplier'), ('cafe', 'ap_clerk')) m (r, p);
SELECT erp.set_party(1, c, n, 'FR', valid_from => '2024-01-01') > 0 AS made FROM (VALUES ('HOTEL', 'Hôtel'), ('CAFE', 'Café'), ('MILL', 'Moulins'), ('DAIRY', 'Laiterie')) p (c, n);
SELECT erp.add_identifier(1, c, 'vat', v, '2024-01-01') FROM (VALUES ('HOTEL', 'FR88790453187'), ('CAFE', 'FR44732829320'), ('MILL', 'FR05832194070'), ('DAIRY', 'FR83404833048')) i (c, v);
SELECT erp.set_entity(1, 'H', 'company', 'Hôtel SAS', party => 'HOTEL', valid_from => '2024-01-01') > 0, erp.set_entity(1, 'C', 'franchise', 'Café Sàrl', 'H', 'CAFE', '2024-01-01') > 0;
SELECT erp.scope_member(1, 'regress_views_mill', 'supplier', party => 'MILL'), erp.scope_member(1, 'regress_views_cafe', 'ap_clerk', entity => 'C');
SELECT erp.set_partner_channel(1, p, 'order', 'edi') FROM unnest('{MILL,DAIRY}'::text[]) p;

-- an invoice of one line: order, quantity, price; 20 % VAT
CREATE FUNCTION pg_temp.invoice(number text, order_number text, quantity numeric, price numeric, seller text DEFAULT 'FR05832194070', buyer text DEFAULT 'FR88790453187', currency text DEFAULT 'EUR', due date DEFAULT NULL) RETURNS bytea LANGUAGE sql AS $$
	SELECT clex.write(jsonb_strip_nulls(erp.complete_invoice(jsonb_build_object('$kind', 'invoice', 'invoice', jsonb_build_object('number', number, 'issue_date', '2024-03-09', 'due_date', due, 'type_code', '380', 'currency', currency, 'purchase_order', order_number),
		'seller', jsonb_build_object('name', 'Seller', 'vat_number', seller, 'address', '{"country": "FR"}'::jsonb), 'buyer', jsonb_build_object('name', 'Buyer', 'vat_number', buyer, 'address', '{"country": "FR"}'::jsonb),
		'lines', jsonb_build_array(jsonb_build_object('purchase_order_line', '1', 'item', '{"name": "x"}'::jsonb, 'quantity', quantity, 'unit', 'H87', 'price', jsonb_build_object('net', price), 'vat', '{"category": "S", "rate": 20}'::jsonb)))))::text::clex.document, 'ubl') $$;
CREATE FUNCTION pg_temp.id(text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT document_id FROM erp.invoice WHERE tenant_id = 1 AND number = $1 $$;
CREATE FUNCTION pg_temp.order_id(text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT id FROM erp.purchase_order WHERE tenant_id = 1 AND number = $1 $$;

-- eight orders: some come in time, some late, some not at all; two are for the franchise, one of them in francs
SELECT erp.create_order(1, n, e, s, jsonb_build_array(jsonb_build_object('line', '1', 'item', 'x', 'quantity', q, 'unit', 'H87', 'price', 10, 'deliver_by', d)), c, '2024-02-01') > 0 AS made
FROM (VALUES ('B1', 'H', 'MILL', 10, '2024-03-01', 'EUR'), ('B2', 'H', 'MILL', 20, '2024-03-01', 'EUR'), ('B3', 'H', 'MILL', 30, '2024-03-01', 'EUR'), ('B4', 'H', 'DAIRY', 10, '2024-03-01', 'EUR'),
	('B5', 'C', 'DAIRY', 10, NULL, 'CHF'), ('B6', 'C', 'MILL', 10, '2024-03-01', 'EUR'), ('B7', 'H', 'DAIRY', 10, NULL, 'EUR'), ('B8', 'H', 'MILL', 5, '2999-01-01', 'EUR')) o (n, e, s, q, d, c);
SELECT erp.receive_goods(1, pg_temp.order_id(n), 'R' || n || d, jsonb_build_array(jsonb_build_object('line', '1', 'quantity', q)), d::date) > 0 AS received
FROM (VALUES ('B1', 10, '2024-03-01'), ('B2', 15, '2024-02-28'), ('B2', 5, '2024-03-02'), ('B4', 10, '2024-02-20'), ('B5', 10, '2024-03-01'), ('B6', 10, '2024-03-05'), ('B7', 10, '2024-03-05')) r (n, q, d);
-- answers: after 10, 20 and 60 hours
SELECT outcome FROM erp.answer_order(1, pg_temp.order_id('B1'), 'accepted', number => 'A1');
SELECT outcome FROM erp.answer_order(1, pg_temp.order_id('B2'), 'accepted', number => 'A2');
SELECT outcome FROM erp.answer_order(1, pg_temp.order_id('B3'), 'changes', '[{"line": "1", "deliver_by": "2024-03-20"}]', number => 'A3');
UPDATE erp.order_message m SET posted_at = r.responded_at - h * interval '1 hour'
FROM erp.order_response r, (VALUES ('A1', 10), ('A2', 20), ('A3', 60)) a (n, h) WHERE r.number = a.n AND m.order_id = r.order_id;
-- invoices: as ordered; dearer; more than came; of the franchise; in francs; without any order
SELECT (erp.submit(1, pg_temp.invoice(n, o, q, p, s, b, c, d::date))).state
FROM (VALUES ('F1', 'B1', 10, 10, 'FR05832194070', 'FR88790453187', 'EUR', '2024-04-03'), ('F2', 'B2', 20, 11, 'FR05832194070', 'FR88790453187', 'EUR', '2999-04-01'), ('F3', 'B3', 30, 10, 'FR05832194070', 'FR88790453187', 'EUR', NULL),
	('F4', 'B4', 10, 10, 'FR83404833048', 'FR88790453187', 'EUR', '2024-04-05'), ('F5', 'B5', 10, 10, 'FR83404833048', 'FR44732829320', 'CHF', '2024-04-05'), ('F6', 'B6', 10, 10, 'FR05832194070', 'FR44732829320', 'EUR', '2024-04-12'),
	('F7', 'B7', 10, 10, 'FR83404833048', 'FR88790453187', 'EUR', '2024-04-05')) f (n, o, q, p, s, b, c, d);
SELECT erp.set_status(1, pg_temp.id(n), 'in_hand') IS NOT NULL AS done FROM unnest('{F1,F2,F4,F5,F6,F7}'::text[]) n;
SET ROLE regress_views_approver;
SELECT outcome FROM unnest('{F1,F4,F5,F6}'::text[]) n, erp.set_status(1, pg_temp.id(n), 'approved');
SET ROLE regress_views_buyer;
SELECT erp.accept_deviation(1, pg_temp.id('F2'), 1, 'List of March');
SET ROLE regress_views_approver;
SELECT outcome FROM erp.set_status(1, pg_temp.id('F2'), 'approved');
SET ROLE regress_views_clerk;
-- a part of F5 in francs, a part of F6 in euros, and all of F7
SELECT erp.open_dispute(1, pg_temp.id('F5'), '{QTE_ERR}', 'One is broken', amount => 12), erp.open_dispute(1, pg_temp.id('F6'), '{QTE_ERR}', 'Two are broken', amount => 24), erp.open_dispute(1, pg_temp.id('F7'), '{QTE_ERR}', 'All are broken');
SELECT outcome FROM erp.set_status(1, pg_temp.id('F3'), 'refused', '{TRANSAC_INC}');
RESET ROLE;
SELECT state FROM erp.submit(1, pg_temp.invoice('F8', 'B8', 5, 10, due => '2024-04-01'));
SELECT outcome FROM erp.set_status(1, pg_temp.id('F1'), 'payment_sent');
-- as time goes by: disputes are 7, 8 and 61 days old, invoices took so many days
UPDATE erp.dispute d SET opened_at = now() - a.days * interval '1 day' FROM (VALUES ('F5', 7), ('F6', 8), ('F7', 61)) a (n, days) WHERE d.document_id = pg_temp.id(a.n);
UPDATE erp.document SET received_at = '2024-03-10 12:00+00' WHERE tenant_id = 1;
UPDATE erp.status_event e SET occurred_at = timestamptz '2024-03-10 12:00+00' + t.days * interval '1 day'
FROM (VALUES ('F1', 'in_hand', 1), ('F1', 'approved', 3), ('F1', 'payment_sent', 30), ('F2', 'in_hand', 2), ('F2', 'approved', 10), ('F4', 'in_hand', 4), ('F4', 'approved', 5), ('F3', 'refused', 6), ('F7', 'in_hand', 6)) t (n, m, days), erp.lifecycle_status l
WHERE e.document_id = pg_temp.id(t.n) AND l.tenant_id = 1 AND l.lifecycle = e.lifecycle AND l.status = e.status AND l.meaning = t.m;

SET ROLE regress_views_buyer;
-- suppliers
SELECT supplier, order_number, deliver_by, quantity, received, in_time, on_time FROM erp.supplier_deliveries ORDER BY 1, 2;
SELECT supplier, order_number, verdict, hours FROM erp.supplier_answers ORDER BY 1, 2;
SELECT supplier, number, match, price_deviates AS price, quantity_deviates AS quantity, deviation_accepted AS accepted, disputed, refused, first_pass FROM erp.supplier_invoices ORDER BY 1, 2;
SELECT supplier, lines_due, lines_on_time, on_time_percent, answers, acceptance_percent, answer_hours FROM erp.supplier_scorecard ORDER BY 1;
SELECT supplier, invoices, invoices_matched AS matched, price_deviation_percent AS price, quantity_deviation_percent AS quantity, dispute_percent AS disputed, refusal_percent AS refused, invoices_decided AS decided, first_pass_percent AS first_pass FROM erp.supplier_scorecard ORDER BY 1;
-- a supplier sees its own card, without what matching found
SET ROLE regress_views_mill;
SELECT supplier, lines_due, on_time_percent, invoices, invoices_matched, price_deviation_percent, dispute_percent FROM erp.supplier_scorecard;
SET ROLE regress_views_cafe;
SELECT supplier, lines_due, invoices FROM erp.supplier_scorecard ORDER BY 1;

-- times
SET ROLE regress_views_auditor;
SELECT entity, supplier, number, days_to_check, days_to_approve, days_to_pay, days_in_all FROM erp.invoice_times WHERE number IN ('F1', 'F2', 'F3', 'F4', 'F8') ORDER BY 3;
SELECT entity, supplier, invoices, checked, approved, paid, check_median, check_p90, approve_median, approve_p90, pay_median, pay_p90, in_all_median FROM erp.cycle_times WHERE entity = 'H' ORDER BY 1, 2;

-- disputes by age; francs stay francs
SELECT entity, supplier, currency, number, days, class, amount FROM erp.dispute_ages ORDER BY number;
SELECT entity, supplier, currency, class, disputes, amount, oldest_days, cardinality(document_ids) AS documents FROM erp.dispute_ageing ORDER BY 1, 2, 3, 4;

-- what is owed, and what is held back
SET ROLE regress_views_cfo;
SELECT entity, currency, due_week, number, open, disputed, payable_now FROM erp.liability_documents ORDER BY number;
SELECT entity, currency, due_week, invoices, open, payable_now, disputed, cardinality(document_ids) AS documents FROM erp.liabilities ORDER BY 1, 2, 3;
SELECT entity, currency, number, reason, amount FROM erp.blocked_documents ORDER BY number, reason;
SELECT entity, currency, reason, invoices, amount FROM erp.blocked_amounts ORDER BY 1, 2, 3;
-- what can be paid and what cannot is what is open, of every document
SELECT bool_and(l.open = l.payable_now + COALESCE(b.amount, 0)) AS adds_up FROM erp.liability_documents l
LEFT JOIN (SELECT document_id, sum(amount) AS amount FROM erp.blocked_documents GROUP BY 1) b USING (document_id);

-- desks
SELECT entity, currency, topic, items, amount FROM erp.cfo_desk ORDER BY 3, 1, 2;
SET ROLE regress_views_buyer;
SELECT task, number, partner, entity, overdue FROM erp.buyer_desk ORDER BY task, number;
SET ROLE regress_views_clerk;
SELECT task, number, partner, entity, amount, currency, days FROM erp.clerk_desk WHERE task IN ('match', 'take_in_hand', 'settle_dispute') ORDER BY task, number;
SET ROLE regress_views_approver;
SELECT task, number, partner, amount, currency FROM erp.approver_desk ORDER BY task, number;
SET ROLE regress_views_mill;
SELECT task, number, entity, currency, days FROM erp.supplier_desk ORDER BY task, number;
SET ROLE regress_views_cafe;
SELECT task, number, entity FROM erp.clerk_desk ORDER BY task, number;
SET ROLE regress_views_auditor;
SELECT actor, action, subject FROM erp.auditor_desk WHERE action NOT LIKE '%member' ORDER BY event_id;
SET ROLE regress_views_clerk;
SELECT count(*) AS not_for_clerks FROM erp.auditor_desk;

-- what has waited longest is what the desks list, whoever asks
RESET ROLE;
CREATE FUNCTION pg_temp.same_tasks(persona text, count int) RETURNS boolean LANGUAGE sql AS $$
	SELECT (SELECT array_agg(f ORDER BY f.since, f.task, f.subject_id) FROM erp.first_tasks(1, persona, count) f) IS NOT DISTINCT FROM (
		SELECT array_agg(t::erp.todo ORDER BY t.since, t.task, t.subject_id) FROM (
			SELECT t.* FROM erp.todo t
			WHERE t.tenant_id = 1 AND t.needs IN (SELECT r.may FROM erp.persona_right r WHERE r.persona = same_tasks.persona) AND (t.assigned_to IS NULL OR t.assigned_to = clex.caller())
				AND (t.needs <> 'respond' OR persona = 'supplier' OR EXISTS (
					SELECT FROM erp.invoice_state s WHERE s.tenant_id = t.tenant_id AND s.document_id = t.document_id AND s.direction <> 'purchase'))
			ORDER BY t.since, t.task, t.subject_id LIMIT same_tasks.count) t) $$;
SELECT p.persona, pg_temp.same_tasks(p.persona, 1000) AS all_tasks, pg_temp.same_tasks(p.persona, 3) AS first_three
FROM (SELECT DISTINCT persona FROM erp.persona_right) p ORDER BY 1;
SET ROLE regress_views_clerk;
SELECT pg_temp.same_tasks('ap_clerk', 1000);
SELECT (SELECT count(*) FROM erp.clerk_todo WHERE tenant_id = 1) = (SELECT count(*) FROM erp.clerk_desk WHERE tenant_id = 1) AS same;
SET ROLE regress_views_cafe;
SELECT pg_temp.same_tasks('ap_clerk', 1000);
SELECT * FROM erp.first_tasks(NULL, 'ap_clerk');
SELECT * FROM erp.first_tasks(1, 'auditor');
-- a supplier sees its own tasks, and none of the buyer's about its invoices and orders
SET ROLE regress_views_mill;
SELECT pg_temp.same_tasks('supplier', 1000);
SELECT needs, task, count(*) FROM erp.todo GROUP BY 1, 2 ORDER BY 1, 2;

-- every figure is what its documents say
RESET ROLE;
SELECT (SELECT sum(disputes) FROM erp.dispute_ageing) = (SELECT count(*) FROM erp.dispute_ages) AS disputes,
	(SELECT sum(invoices) FROM erp.liabilities) = (SELECT count(*) FROM erp.liability_documents) AS liabilities,
	(SELECT sum(invoices) FROM erp.blocked_amounts) = (SELECT count(*) FROM erp.blocked_documents) AS blocked,
	(SELECT sum(invoices) FROM erp.cycle_times) = (SELECT count(*) FROM erp.invoice_times) AS times,
	(SELECT sum(invoices) FROM erp.supplier_scorecard) = (SELECT count(*) FROM erp.supplier_invoices WHERE NOT is_credit) AS invoices,
	(SELECT sum(lines_due) FROM erp.supplier_scorecard) = (SELECT count(*) FROM erp.supplier_deliveries) AS deliveries,
	(SELECT sum(answers) FROM erp.supplier_scorecard) = (SELECT count(*) FROM erp.supplier_answers) AS answers;
SELECT clex.drop_store('erp');
DROP ROLE regress_views_owner, regress_views_erp, regress_views_buyer, regress_views_clerk, regress_views_approver, regress_views_auditor, regress_views_cfo, regress_views_mill, regress_views_cafe;
