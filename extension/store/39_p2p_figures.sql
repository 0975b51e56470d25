-- Module p2p, figures: how suppliers deliver, invoice and answer, how long things take, what is contested, owed and held back.
--
-- Each figure is counted from a view that lists what it counts, with the same columns to choose by: who doubts a number looks at its documents.
-- Amounts are of one currency in each row, and none is added to one of another.  What the reader may not see is unknown to him (NULL), not zero.

--! code
CREATE OR REPLACE VIEW @store@.supplier_deliveries WITH (security_invoker) AS
SELECT o.tenant_id, o.party_id, p.code AS supplier, o.entity_id, e.code AS entity, o.id AS order_id, o.number AS order_number, l.line_no, l.identifier AS order_line, l.item_name,
	l.deliver_by, l.quantity, l.unit, l.received, r.in_time, r.last_on, r.in_time >= l.quantity AS on_time
FROM @store@.order_line l
JOIN @store@.purchase_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
LEFT JOIN @store@.party p ON p.tenant_id = o.tenant_id AND p.id = o.party_id
LEFT JOIN @store@.entity e ON e.tenant_id = o.tenant_id AND e.id = o.entity_id
CROSS JOIN LATERAL (
	SELECT COALESCE(pg_catalog.sum(x.quantity) FILTER (WHERE t.received_on <= l.deliver_by), 0) AS in_time, pg_catalog.max(t.received_on) AS last_on
	FROM @store@.receipt_line x
	JOIN @store@.receipt t ON t.tenant_id = x.tenant_id AND t.id = x.receipt_id
	WHERE x.tenant_id = l.tenant_id AND x.order_id = l.order_id AND x.order_line_no = l.line_no) r
WHERE l.deliver_by IS NOT NULL AND NOT l.cancelled AND o.state <> 'cancelled' AND (l.deliver_by < CURRENT_DATE OR l.received >= l.quantity);
COMMENT ON VIEW @store@.supplier_deliveries IS
'Order lines of which it is known whether they came in time: the day they were wanted has passed, or all has come. in_time: quantity that had come by that day; on_time: it was all of it. Counted in supplier_scorecard.';

CREATE OR REPLACE VIEW @store@.supplier_answers WITH (security_invoker) AS
SELECT r.tenant_id, o.party_id, p.code AS supplier, o.entity_id, e.code AS entity, o.id AS order_id, o.number AS order_number, r.id AS response_id, r.number, r.version, r.verdict, r.state,
	COALESCE(m.posted_at, o.ordered_at) AS asked_at, r.responded_at,
	pg_catalog.round(pg_catalog.date_part('epoch', r.responded_at - COALESCE(m.posted_at, o.ordered_at))::numeric / 3600, 2) AS hours
FROM @store@.order_response r
JOIN @store@.purchase_order o ON o.tenant_id = r.tenant_id AND o.id = r.order_id
LEFT JOIN @store@.party p ON p.tenant_id = o.tenant_id AND p.id = o.party_id
LEFT JOIN @store@.entity e ON e.tenant_id = o.tenant_id AND e.id = o.entity_id
LEFT JOIN LATERAL (
	SELECT pg_catalog.min(x.posted_at) AS posted_at FROM @store@.order_message x
	WHERE x.tenant_id = r.tenant_id AND x.order_id = r.order_id AND x.version = r.version AND x.kind IN ('order', 'order_change')) m ON true;
COMMENT ON VIEW @store@.supplier_answers IS 'Answers of suppliers to orders, and how many hours each took since the version it answers was sent (since the order was made, if nothing was). Counted in supplier_scorecard.';

CREATE OR REPLACE VIEW @store@.supplier_invoices WITH (security_invoker) AS
SELECT s.tenant_id, s.party_id, p.code AS supplier, s.entity_id, e.code AS entity, s.document_id, i.number, i.issue_date, i.currency, i.gross, s.is_credit, s.meaning,
	m.state AS match, d.price AS price_deviates, d.quantity AS quantity_deviates, d.accepted AS deviation_accepted, x.disputed, x.asked, x.refused,
	CASE WHEN x.refused OR @store@.match_turn(s.meaning) = 0 THEN NOT (x.refused OR x.disputed OR x.asked OR COALESCE(d.any_of_them, false)) END AS first_pass
FROM @store@.invoice_state s
JOIN @store@.invoice i ON i.tenant_id = s.tenant_id AND i.document_id = s.document_id
LEFT JOIN @store@.party p ON p.tenant_id = s.tenant_id AND p.id = s.party_id
LEFT JOIN @store@.entity e ON e.tenant_id = s.tenant_id AND e.id = s.entity_id
LEFT JOIN @store@.invoice_match m ON m.tenant_id = s.tenant_id AND m.document_id = s.document_id AND m.state <> 'no_order'
LEFT JOIN LATERAL (
	SELECT COALESCE(pg_catalog.bool_or(l.results && '{price_above,price_below}'), false) AS price,
		COALESCE(pg_catalog.bool_or(l.results && '{above_ordered,above_received,not_received,credit_above_invoiced}'), false) AS quantity,
		COALESCE(pg_catalog.bool_or(l.accepted), false) AS accepted, COALESCE(pg_catalog.bool_or(pg_catalog.cardinality(l.results) > 0), false) AS any_of_them
	FROM @store@.match_line l WHERE l.tenant_id = m.tenant_id AND l.document_id = m.document_id) d ON m.document_id IS NOT NULL
CROSS JOIN LATERAL (
	SELECT EXISTS (SELECT FROM @store@.dispute t WHERE t.tenant_id = s.tenant_id AND t.document_id = s.document_id) AS disputed,
		EXISTS (SELECT FROM @store@.query q WHERE q.tenant_id = s.tenant_id AND q.document_id = s.document_id AND q.addressee = 'supplier') AS asked,
		COALESCE(s.meaning IN ('refused', 'rejected', 'unacceptable'), false) AS refused) x
WHERE s.direction <> 'sale';
COMMENT ON VIEW @store@.supplier_invoices IS
'Invoices and credit notes bought, with what went wrong: price or quantity other than ordered and received (NULL: it is matched with no order, or the reader does not see matching), disputed, a question asked of the supplier, refused. first_pass: it was approved and nothing of that happened; NULL: not decided yet. Counted in supplier_scorecard.';

CREATE OR REPLACE VIEW @store@.supplier_scorecard WITH (security_invoker) AS
SELECT p.tenant_id, p.id AS party_id, p.code AS supplier, v.name,
	d.lines AS lines_due, d.on_time AS lines_on_time, pg_catalog.round(100.0 * d.on_time / NULLIF(d.lines, 0), 1) AS on_time_percent,
	a.answers, a.accepted AS answers_accepted, pg_catalog.round(100.0 * a.accepted / NULLIF(a.answers, 0), 1) AS acceptance_percent, a.median_hours AS answer_hours,
	i.invoices, i.matched AS invoices_matched, pg_catalog.round(100.0 * i.price / NULLIF(i.matched, 0), 1) AS price_deviation_percent,
	pg_catalog.round(100.0 * i.quantity / NULLIF(i.matched, 0), 1) AS quantity_deviation_percent,
	i.disputed AS invoices_disputed, pg_catalog.round(100.0 * i.disputed / NULLIF(i.invoices, 0), 1) AS dispute_percent,
	i.refused AS invoices_refused, pg_catalog.round(100.0 * i.refused / NULLIF(i.invoices, 0), 1) AS refusal_percent,
	i.decided AS invoices_decided, pg_catalog.round(100.0 * i.first_pass / NULLIF(i.decided, 0), 1) AS first_pass_percent
FROM @store@.party p
LEFT JOIN @store@.parties v ON v.tenant_id = p.tenant_id AND v.party_id = p.id
LEFT JOIN (
	SELECT x.tenant_id, x.party_id, pg_catalog.count(*) AS lines, pg_catalog.count(*) FILTER (WHERE x.on_time) AS on_time
	FROM @store@.supplier_deliveries x GROUP BY 1, 2) d ON d.tenant_id = p.tenant_id AND d.party_id = p.id
LEFT JOIN (
	SELECT x.tenant_id, x.party_id, pg_catalog.count(*) AS answers, pg_catalog.count(*) FILTER (WHERE x.verdict = 'accepted') AS accepted,
		pg_catalog.round(pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY x.hours::float8)::numeric, 2) AS median_hours
	FROM @store@.supplier_answers x GROUP BY 1, 2) a ON a.tenant_id = p.tenant_id AND a.party_id = p.id
LEFT JOIN (
	SELECT x.tenant_id, x.party_id, pg_catalog.count(*) FILTER (WHERE NOT x.is_credit) AS invoices, pg_catalog.count(x.match) FILTER (WHERE NOT x.is_credit) AS matched,
		pg_catalog.count(*) FILTER (WHERE x.price_deviates AND NOT x.is_credit) AS price, pg_catalog.count(*) FILTER (WHERE x.quantity_deviates AND NOT x.is_credit) AS quantity,
		pg_catalog.count(*) FILTER (WHERE x.disputed AND NOT x.is_credit) AS disputed, pg_catalog.count(*) FILTER (WHERE x.refused AND NOT x.is_credit) AS refused,
		pg_catalog.count(x.first_pass) FILTER (WHERE NOT x.is_credit) AS decided, pg_catalog.count(*) FILTER (WHERE x.first_pass AND NOT x.is_credit) AS first_pass
	FROM @store@.supplier_invoices x GROUP BY 1, 2) i ON i.tenant_id = p.tenant_id AND i.party_id = p.id
WHERE pg_catalog.num_nonnulls(d.lines, a.answers, i.invoices) > 0;
COMMENT ON VIEW @store@.supplier_scorecard IS
'Suppliers: order lines that came in full by the day they were wanted (drill down: supplier_deliveries), answers to orders and the median of hours they took (supplier_answers), invoices with another price or quantity than ordered, in percent of those matched with orders, disputed and refused ones in percent of all, and those approved at first pass in percent of the decided (supplier_invoices; credit notes are not counted). NULL: nothing to count.';
COMMENT ON COLUMN @store@.supplier_scorecard.on_time_percent IS 'lines_on_time in percent of lines_due.';
COMMENT ON COLUMN @store@.supplier_scorecard.answer_hours IS 'Median of the hours from sending an order to its answer.';
COMMENT ON COLUMN @store@.supplier_scorecard.first_pass_percent IS 'Invoices approved without deviation, dispute, question or refusal, in percent of invoices_decided.';

CREATE OR REPLACE VIEW @store@.invoice_times WITH (security_invoker) AS
SELECT s.tenant_id, s.entity_id, e.code AS entity, s.party_id, p.code AS supplier, s.document_id, i.number, s.meaning, d.received_at, t.checked_at, t.approved_at, t.paid_at,
	pg_catalog.round(pg_catalog.date_part('epoch', t.checked_at - d.received_at)::numeric / 86400, 4) AS days_to_check,
	pg_catalog.round(pg_catalog.date_part('epoch', t.approved_at - t.checked_at)::numeric / 86400, 4) AS days_to_approve,
	pg_catalog.round(pg_catalog.date_part('epoch', t.paid_at - t.approved_at)::numeric / 86400, 4) AS days_to_pay,
	pg_catalog.round(pg_catalog.date_part('epoch', t.paid_at - d.received_at)::numeric / 86400, 4) AS days_in_all
FROM @store@.invoice_state s
JOIN @store@.invoice i ON i.tenant_id = s.tenant_id AND i.document_id = s.document_id
JOIN @store@.document d ON d.tenant_id = s.tenant_id AND d.id = s.document_id
LEFT JOIN @store@.entity e ON e.tenant_id = s.tenant_id AND e.id = s.entity_id
LEFT JOIN @store@.party p ON p.tenant_id = s.tenant_id AND p.id = s.party_id
CROSS JOIN LATERAL (
	-- nothing is before it was received, whatever the clock of who said so
	SELECT GREATEST(LEAST(f.in_hand, f.approved), d.received_at) AS checked_at, GREATEST(f.approved, LEAST(f.in_hand, f.approved), d.received_at) AS approved_at,
		GREATEST(f.paid, f.approved, d.received_at) AS paid_at, f.in_hand, f.approved, f.paid
	FROM (
		SELECT pg_catalog.min(v.ordered_at) FILTER (WHERE l.meaning IN ('in_hand', 'refused')) AS in_hand,
			pg_catalog.min(v.ordered_at) FILTER (WHERE l.meaning IN ('approved', 'partly_approved')) AS approved,
			pg_catalog.min(v.ordered_at) FILTER (WHERE l.meaning IN ('payment_sent', 'payment_received')) AS paid
		FROM @store@.status_event v
		JOIN @store@.lifecycle_status l ON l.tenant_id = v.tenant_id AND l.lifecycle = v.lifecycle AND l.status = v.status
		WHERE v.tenant_id = s.tenant_id AND v.document_id = s.document_id AND v.outcome IN ('applied', 'replayed')) f) g
CROSS JOIN LATERAL (
	SELECT CASE WHEN pg_catalog.num_nonnulls(g.in_hand, g.approved) > 0 THEN g.checked_at END AS checked_at, CASE WHEN g.approved IS NOT NULL THEN g.approved_at END AS approved_at,
		CASE WHEN g.paid IS NOT NULL THEN g.paid_at END AS paid_at) t
WHERE s.direction <> 'sale' AND NOT s.is_credit;
COMMENT ON VIEW @store@.invoice_times IS
'Invoices bought: when each was received, checked (taken in hand, refused or approved, whichever came first), approved and paid, and the days between. Counted in cycle_times.';

CREATE OR REPLACE VIEW @store@.cycle_times WITH (security_invoker) AS
SELECT t.tenant_id, t.entity_id, t.entity, t.party_id, t.supplier, pg_catalog.count(*) AS invoices, pg_catalog.count(t.days_to_check) AS checked, pg_catalog.count(t.days_to_approve) AS approved,
	pg_catalog.count(t.days_to_pay) AS paid,
	pg_catalog.round(pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY t.days_to_check::float8)::numeric, 2) AS check_median,
	pg_catalog.round(pg_catalog.percentile_cont(0.9) WITHIN GROUP (ORDER BY t.days_to_check::float8)::numeric, 2) AS check_p90,
	pg_catalog.round(pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY t.days_to_approve::float8)::numeric, 2) AS approve_median,
	pg_catalog.round(pg_catalog.percentile_cont(0.9) WITHIN GROUP (ORDER BY t.days_to_approve::float8)::numeric, 2) AS approve_p90,
	pg_catalog.round(pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY t.days_to_pay::float8)::numeric, 2) AS pay_median,
	pg_catalog.round(pg_catalog.percentile_cont(0.9) WITHIN GROUP (ORDER BY t.days_to_pay::float8)::numeric, 2) AS pay_p90,
	pg_catalog.round(pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY t.days_in_all::float8)::numeric, 2) AS in_all_median,
	pg_catalog.round(pg_catalog.percentile_cont(0.9) WITHIN GROUP (ORDER BY t.days_in_all::float8)::numeric, 2) AS in_all_p90
FROM @store@.invoice_times t
GROUP BY t.tenant_id, t.entity_id, t.entity, t.party_id, t.supplier;
COMMENT ON VIEW @store@.cycle_times IS
'How many days invoices bought take, by entity and supplier: received to checked, checked to approved, approved to paid, and in all; median and 90th percentile of those that got so far. Drill down: invoice_times.';

CREATE OR REPLACE VIEW @store@.dispute_ages WITH (security_invoker) AS
SELECT d.tenant_id, d.entity_id, e.code AS entity, d.party_id, p.code AS supplier, d.currency, d.id AS dispute_id, d.document_id, i.number, d.line_no, d.reasons, d.opened_at, d.due_at,
	a.days, CASE WHEN a.days <= 7 THEN '0-7' WHEN a.days <= 30 THEN '8-30' WHEN a.days <= 60 THEN '31-60' ELSE '61+' END AS class,
	GREATEST(COALESCE(d.amount - c.credited, o.disputed), 0) AS amount
FROM @store@.dispute d
JOIN @store@.invoice i ON i.tenant_id = d.tenant_id AND i.document_id = d.document_id
JOIN @store@.open_amounts o ON o.tenant_id = d.tenant_id AND o.document_id = d.document_id
LEFT JOIN @store@.entity e ON e.tenant_id = d.tenant_id AND e.id = d.entity_id
LEFT JOIN @store@.party p ON p.tenant_id = d.tenant_id AND p.id = d.party_id
CROSS JOIN LATERAL (SELECT CURRENT_DATE - d.opened_at::date AS days) a
CROSS JOIN LATERAL (
	SELECT COALESCE(pg_catalog.sum(n.amount), 0) AS credited FROM @store@.notes_in_force n
	WHERE n.tenant_id = d.tenant_id AND n.document_id = d.document_id AND n.dispute_id = d.id AND n.is_credit) c
WHERE d.state = 'open';
COMMENT ON VIEW @store@.dispute_ages IS 'Open disputes with their age in days, its class, and what is still contested (less what credit notes have taken off; of an invoice disputed as a whole all that is open). Counted in dispute_ageing.';

CREATE OR REPLACE VIEW @store@.dispute_ageing WITH (security_invoker) AS
SELECT a.tenant_id, a.entity_id, a.entity, a.party_id, a.supplier, a.currency, a.class, pg_catalog.count(*) AS disputes, pg_catalog.sum(a.amount) AS amount,
	pg_catalog.max(a.days) AS oldest_days, pg_catalog.array_agg(a.dispute_id ORDER BY a.dispute_id) AS dispute_ids, pg_catalog.array_agg(DISTINCT a.document_id) AS document_ids
FROM @store@.dispute_ages a
GROUP BY a.tenant_id, a.entity_id, a.entity, a.party_id, a.supplier, a.currency, a.class;
COMMENT ON VIEW @store@.dispute_ageing IS 'Open disputes by entity, supplier, currency and class of age (0-7, 8-30, 31-60, 61+ days): how many, what is contested, and which they are. Drill down: dispute_ages.';

CREATE OR REPLACE VIEW @store@.liability_documents WITH (security_invoker) AS
SELECT o.tenant_id, o.entity_id, e.code AS entity, o.party_id, p.code AS supplier, o.currency, o.document_id, o.number, o.due_date,
	pg_catalog.date_trunc('week', o.due_date::timestamp)::date AS due_week, o.due_date < CURRENT_DATE AS overdue, o.open, o.disputed, o.payable_now, o.blocked_by
FROM @store@.open_amounts o
LEFT JOIN @store@.entity e ON e.tenant_id = o.tenant_id AND e.id = o.entity_id
LEFT JOIN @store@.party p ON p.tenant_id = o.tenant_id AND p.id = o.party_id
WHERE o.direction <> 'sale' AND o.open > 0 AND o.meaning IS DISTINCT FROM 'payment_sent' AND o.meaning IS DISTINCT FROM 'payment_received';
COMMENT ON VIEW @store@.liability_documents IS 'Invoices bought of which something is open, with the Monday of the week they are due; those whose status says that they were paid are not in it. Counted in liabilities.';

CREATE OR REPLACE VIEW @store@.liabilities WITH (security_invoker) AS
SELECT l.tenant_id, l.entity_id, l.entity, l.currency, l.due_week, pg_catalog.count(*) AS invoices, pg_catalog.sum(l.open) AS open, pg_catalog.sum(l.payable_now) AS payable_now,
	pg_catalog.sum(l.disputed) AS disputed, pg_catalog.array_agg(l.document_id ORDER BY l.document_id) AS document_ids
FROM @store@.liability_documents l
GROUP BY l.tenant_id, l.entity_id, l.entity, l.currency, l.due_week;
COMMENT ON VIEW @store@.liabilities IS 'What is owed by entity, currency and week (its Monday) of the due date; NULL = no due date is stated. payable_now: approved and not disputed. Drill down: liability_documents.';

CREATE OR REPLACE VIEW @store@.blocked_documents WITH (security_invoker) AS
SELECT l.tenant_id, l.entity_id, l.entity, l.party_id, l.supplier, l.currency, l.document_id, l.number, l.due_date, b.reason, b.amount
FROM @store@.liability_documents l
LEFT JOIN @store@.invoice_match m ON m.tenant_id = l.tenant_id AND m.document_id = l.document_id
CROSS JOIN LATERAL (
	SELECT 'disputed' AS reason, l.disputed AS amount
	UNION ALL
	SELECT CASE WHEN m.state = 'unmatched' THEN 'does not match its order'
			WHEN EXISTS (SELECT FROM @store@.approval_request r WHERE r.tenant_id = l.tenant_id AND r.document_id = l.document_id AND r.state = 'open') THEN 'waits for approval'
			ELSE 'not approved' END,
		l.open - l.disputed - l.payable_now) b
WHERE b.amount > 0;
COMMENT ON VIEW @store@.blocked_documents IS 'What cannot be paid of invoices bought, one row for each reason: disputed; does not match its order; waits for approval; not approved. With what is payable now the amounts of an invoice are what is open of it. Counted in blocked_amounts.';

CREATE OR REPLACE VIEW @store@.blocked_amounts WITH (security_invoker) AS
SELECT b.tenant_id, b.entity_id, b.entity, b.currency, b.reason, pg_catalog.count(*) AS invoices, pg_catalog.sum(b.amount) AS amount,
	pg_catalog.array_agg(b.document_id ORDER BY b.document_id) AS document_ids
FROM @store@.blocked_documents b
GROUP BY b.tenant_id, b.entity_id, b.entity, b.currency, b.reason;
COMMENT ON VIEW @store@.blocked_amounts IS 'What cannot be paid, by entity, currency and reason. Drill down: blocked_documents.';

GRANT SELECT ON @store@.supplier_deliveries, @store@.supplier_answers, @store@.supplier_invoices, @store@.supplier_scorecard, @store@.invoice_times, @store@.cycle_times,
	@store@.dispute_ages, @store@.dispute_ageing, @store@.liability_documents, @store@.liabilities, @store@.blocked_documents, @store@.blocked_amounts TO PUBLIC;
