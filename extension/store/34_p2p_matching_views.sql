-- Module p2p, views of matching: invoices with what they wait for, and orders with what has come and been invoiced.

--! code
CREATE OR REPLACE VIEW @store@.match_lines WITH (security_invoker) AS
SELECT m.tenant_id, m.document_id, m.line_no, i.number, m.order_number, m.order_id, l.identifier AS order_line, m.order_version, m.quantity, l.unit, m.net_amount, m.price, m.order_price,
	m.ordered, m.received, m.invoiced_before, CASE WHEN cardinality(m.results) = 0 THEN 'matched' WHEN m.accepted THEN 'accepted' ELSE m.results[1] END AS result, m.results,
	CASE WHEN cardinality(m.results) = 0 THEN 'matched' ELSE array_to_string(m.reasons, '; ') END AS reason, c.note, c.chosen_by
FROM @store@.match_line m
JOIN @store@.invoice i ON i.tenant_id = m.tenant_id AND i.document_id = m.document_id
LEFT JOIN @store@.order_line l ON l.tenant_id = m.tenant_id AND l.order_id = m.order_id AND l.line_no = m.order_line_no
LEFT JOIN @store@.match_choice c ON c.tenant_id = m.tenant_id AND c.document_id = m.document_id AND c.line_no = m.line_no;
COMMENT ON VIEW @store@.match_lines IS 'What matching found for each line of an invoice: the order line, quantities and prices in its unit, and in words what deviates; line 0 is the invoice as a whole.';

CREATE OR REPLACE VIEW @store@.invoice_matches WITH (security_invoker) AS
SELECT m.tenant_id, m.document_id, i.number, i.seller_name, i.currency, i.net, s.meaning AS status, m.state, m.ways, m.lines, m.deviating, m.matched_at,
	(SELECT string_agg(DISTINCT l.order_number, ', ') FROM @store@.match_line l WHERE l.tenant_id = m.tenant_id AND l.document_id = m.document_id) AS orders,
	(SELECT string_agg(CASE l.line_no WHEN 0 THEN '' ELSE pg_catalog.format('line %s: ', l.line_no) END || pg_catalog.array_to_string(l.reasons, '; '), '; ' ORDER BY l.line_no)
		FROM @store@.match_line l WHERE l.tenant_id = m.tenant_id AND l.document_id = m.document_id AND cardinality(l.results) > 0 AND NOT l.accepted) AS reason
FROM @store@.invoice_match m
JOIN @store@.invoice i ON i.tenant_id = m.tenant_id AND i.document_id = m.document_id
JOIN @store@.invoice_state s ON s.tenant_id = m.tenant_id AND s.document_id = m.document_id;
COMMENT ON VIEW @store@.invoice_matches IS 'Whether invoices bought match their orders, and why not.';

CREATE OR REPLACE VIEW @store@.waiting_invoices WITH (security_invoker) AS
SELECT m.tenant_id, m.document_id, m.number, m.seller_name, m.currency, m.net, m.status, m.orders, m.deviating, m.reason, m.matched_at
FROM @store@.invoice_matches m
WHERE m.state = 'unmatched' AND @store@.match_waits(m.status);
COMMENT ON VIEW @store@.waiting_invoices IS 'Invoices that wait for their match, and what for.';

CREATE OR REPLACE VIEW @store@.order_lines WITH (security_invoker) AS
SELECT l.tenant_id, l.order_id, o.number AS order_number, l.line_no, l.identifier, l.item_name, l.seller_item, l.buyer_item, l.standard_item, l.quantity, l.unit, l.price, l.price_per,
	o.currency, pg_catalog.round(l.quantity * l.price / l.price_per, 2) AS net_amount, l.deliver_by, l.cancelled, l.received,
	CASE WHEN (o.tenant_id, o.party_id) IN (SELECT p.tenant_id, p.party_id FROM @store@.own_parties() p) THEN NULL ELSE COALESCE(i.invoiced, 0) END AS invoiced, l.account
FROM @store@.order_line l
JOIN @store@.purchase_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
CROSS JOIN LATERAL (
	SELECT sum(m.quantity) AS invoiced FROM @store@.match_line m
	JOIN @store@.invoice_state s ON s.tenant_id = m.tenant_id AND s.document_id = m.document_id
	WHERE m.tenant_id = l.tenant_id AND m.order_id = l.order_id AND m.order_line_no = l.line_no AND @store@.match_turn(s.meaning) IS NOT NULL) i;
COMMENT ON VIEW @store@.order_lines IS 'Lines of orders, with what has been received and invoiced, in the unit of the line; suppliers are not shown what the matching says.';

CREATE OR REPLACE VIEW @store@.open_orders WITH (security_invoker) AS
SELECT l.tenant_id, l.order_id, o.number AS order_number, e.code AS entity, s.code AS supplier, l.identifier AS order_line, l.item_name, l.quantity, l.received,
	l.quantity - l.received AS open_quantity, l.unit, pg_catalog.round((l.quantity - l.received) * l.price / l.price_per, 2) AS open_amount, o.currency, l.deliver_by,
	CURRENT_DATE - l.deliver_by AS days_late
FROM @store@.order_line l
JOIN @store@.purchase_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
LEFT JOIN @store@.entity e ON e.tenant_id = o.tenant_id AND e.id = o.entity_id
LEFT JOIN @store@.party s ON s.tenant_id = o.tenant_id AND s.id = o.party_id
LEFT JOIN LATERAL @store@.policy_for(o.tenant_id, o.party_id, o.entity_id) p ON true
-- the second is the tolerance, the first what the index of open lines says
WHERE o.state = 'open' AND NOT l.cancelled AND l.received < l.quantity AND l.received < l.quantity * (1 - COALESCE(p.under_percent, 0) / 100);
COMMENT ON VIEW @store@.open_orders IS 'Order lines of which something is still to come, beyond the tolerance for under-delivery; days_late is negative before the day it is wanted.';

CREATE OR REPLACE VIEW @store@.unmatched_receipts WITH (security_invoker) AS
SELECT l.tenant_id, l.order_id, l.order_number, o.entity, o.supplier, l.identifier AS order_line, l.item_name, l.received, l.invoiced, l.received - l.invoiced AS quantity, l.unit,
	pg_catalog.round((l.received - l.invoiced) * l.price / l.price_per, 2) AS amount, l.currency,
	(SELECT min(r.received_on) FROM @store@.receipt_line x JOIN @store@.receipt r ON r.tenant_id = x.tenant_id AND r.id = x.receipt_id
		WHERE x.tenant_id = l.tenant_id AND x.order_id = l.order_id AND x.order_line_no = l.line_no) AS first_received
FROM @store@.order_lines l
JOIN @store@.orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
WHERE l.received > l.invoiced;
COMMENT ON VIEW @store@.unmatched_receipts IS 'What has been received and not invoiced, at the price of the order: invoices to come, and at the end of a year what is to be accrued for them.';

GRANT SELECT ON @store@.match_lines, @store@.invoice_matches, @store@.waiting_invoices, @store@.order_lines, @store@.open_orders,
	@store@.unmatched_receipts TO PUBLIC;
