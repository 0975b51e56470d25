-- Module finance, desks: what waits for treasurers, financiers, suppliers and CFO.
--
-- Finance adds its tasks to view todo of module p2p, so that every desk has them: which desk that is follows from the right that a task needs.  A bid that is to
-- be revealed is no task here: whether there is one is the bidder's secret, and own_bids() tells it.

--! code
CREATE OR REPLACE VIEW @store@.finance_todo WITH (security_invoker) AS
-- the other side of an offer has to answer; customers are no members, and whoever runs offers records what they say
SELECT o.tenant_id, 'answer_offer'::text AS task, CASE WHEN o.direction = 'purchase' AND o.side = 'buyer' THEN 'accept' ELSE 'discount' END AS needs, 'offer'::text AS subject,
	o.id AS subject_id, o.document_id, o.party_id, o.entity_id, o.made_at AS since, o.expires_at AS due_at, NULL::text AS assigned_to,
	pg_catalog.format('%s %% a year', pg_catalog.trim_scale(o.rate * 100)) AS detail
FROM @store@.offer o
WHERE o.state = 'open' AND o.expires_at > pg_catalog.now()
UNION ALL
SELECT o.tenant_id, 'pay_offer', 'settle', 'offer', o.id, o.document_id, o.party_id, o.entity_id, o.answered_at, o.pay_on::timestamptz, NULL,
	pg_catalog.format('%s %s, a discount of %s taken off', o.net, o.currency, o.discount)
FROM @store@.offer o
JOIN @store@.claim c ON c.tenant_id = o.tenant_id AND c.document_id = o.document_id AND c.kind = 'offer' AND c.reference = o.id
WHERE o.state = 'accepted' AND o.direction = 'purchase' AND o.pay_on <= CURRENT_DATE + 3
UNION ALL
SELECT p.tenant_id, 'release_payment_order', 'release', 'payment_order', p.id, NULL, NULL, NULL, p.made_at, p.pay_on::timestamptz, NULL, pg_catalog.format('made by %s', p.made_by)
FROM @store@.payment_order p
WHERE p.state = 'draft'
UNION ALL
SELECT c.tenant_id, 'confirm_account', 'settle', 'creditor', c.id, c.document_id, s.party_id, s.entity_id, c.valid_from, s.due_date::timestamptz, NULL,
	pg_catalog.concat_ws(', ', c.name, c.iban, pg_catalog.format('entered by %s', c.entered_by))
FROM @store@.creditor c
JOIN @store@.invoice_state s ON s.tenant_id = c.tenant_id AND s.document_id = c.document_id
WHERE c.confirmed_at IS NULL AND c.iban IS NOT NULL
	AND NOT EXISTS (SELECT FROM @store@.creditor n WHERE n.tenant_id = c.tenant_id AND n.document_id = c.document_id AND (n.valid_from, n.id) > (c.valid_from, c.id))
UNION ALL
SELECT a.tenant_id, w.task, w.needs, 'assignment', a.id, NULL, NULL, NULL, a.proposed_at, a.settlement_date::timestamptz, NULL, w.detail
FROM @store@.assignment a
JOIN @store@.financier f ON f.tenant_id = a.tenant_id AND f.financier_id = a.financier_id
CROSS JOIN LATERAL (
	SELECT pg_catalog.count(*) AS acts FROM @store@.assignment_act t
	WHERE t.tenant_id = a.tenant_id AND t.assignment_id = a.id AND t.kind <> 'acceptance'
		AND NOT EXISTS (SELECT FROM @store@.act_signature g WHERE g.tenant_id = t.tenant_id AND g.act_id = t.id AND g.side = 'assignor')) u
CROSS JOIN LATERAL (SELECT
	CASE a.state WHEN 'proposed' THEN CASE WHEN u.acts > 0 THEN 'sign_act' ELSE 'accept_assignment' END WHEN 'accepted' THEN 'notify_debtors' ELSE 'settle_assignment' END AS task,
	-- of what the tenant has bought its supplier is the assignor
	CASE WHEN a.state = 'accepted' THEN 'finance' WHEN a.state = 'notified' OR u.acts = 0 THEN 'fund' WHEN EXISTS (
		SELECT FROM @store@.assignment_item i WHERE i.tenant_id = a.tenant_id AND i.assignment_id = a.id AND i.direction = 'sale') THEN 'finance' ELSE 'accept' END AS needs,
	pg_catalog.concat_ws(': ', f.code, CASE WHEN a.state = 'proposed' AND u.acts > 0 THEN pg_catalog.format('%s to be signed', u.acts) END) AS detail) w
WHERE a.state IN ('proposed', 'notified') OR a.state = 'accepted' AND a.tenant_id IN (SELECT t FROM @store@.readable_tenants() t)
UNION ALL
SELECT i.tenant_id, 'pay_back', CASE i.direction WHEN 'sale' THEN 'finance' ELSE 'accept' END, 'assignment', i.assignment_id, i.document_id, s.party_id, s.entity_id, (
	SELECT pg_catalog.max(e.happened_at) FROM @store@.assignment_event e
	WHERE e.tenant_id = i.tenant_id AND e.assignment_id = i.assignment_id AND e.document_id = i.document_id AND e.to_state = 'recourse'), NULL, NULL,
	pg_catalog.format('%s asked back: %s', i.asked_back, i.reason)
FROM @store@.assignment_item i
JOIN @store@.invoice_state s ON s.tenant_id = i.tenant_id AND s.document_id = i.document_id
WHERE i.state = 'recourse'
UNION ALL
SELECT a.tenant_id, 'close_auction', 'auction', 'auction', a.id, NULL, NULL, NULL, a.reveal_until, a.settlement_date::timestamptz, NULL, pg_catalog.concat_ws(': ', a.name, a.state)
FROM @store@.auction a
WHERE a.state IN ('open', 'frozen', 'cleared', 'assigned') AND a.reveal_until < pg_catalog.now()
UNION ALL
-- auctions leave out by themselves what was hurt, and financiers are told by hurt_receivables()
SELECT h.tenant_id, 'settle_hurt_claim', CASE h.kind WHEN 'offer' THEN 'discount' ELSE 'settle' END, h.kind, h.reference, h.document_id, s.party_id, s.entity_id, s.since, NULL, NULL,
	pg_catalog.format('%s: %s of %s %s is missing; %s', h.hurt, h.missing, h.amount, h.currency, h.remedy)
FROM @store@.hurt_claims h
JOIN @store@.invoice_state s ON s.tenant_id = h.tenant_id AND s.document_id = h.document_id
WHERE h.kind IN ('offer', 'payment');
COMMENT ON VIEW @store@.finance_todo IS
'Work of finance that waits for somebody, in the columns of view todo, which has it too: offers to answer and to pay, payment orders to release, accounts to confirm, instruments to sign, assignments to accept, to tell debtors of and to pay, what is asked back, auctions to close, claims on invoices that are worth less than when they were claimed.';

CREATE OR REPLACE VIEW @store@.todo_more WITH (security_invoker) AS
SELECT f.* FROM @store@.finance_todo f;

CREATE OR REPLACE VIEW @store@.treasurer_desk WITH (security_invoker) AS
SELECT w.* FROM @store@.work w WHERE w.needs = ANY (ARRAY(SELECT r.may FROM @store@.persona_right r WHERE r.persona = 'treasurer'));
COMMENT ON VIEW @store@.treasurer_desk IS 'What waits for treasurers: offers to answer and to pay, payment orders to release, accounts to confirm, assignments to tell debtors of, auctions to close, claims that are hurt. Oldest first: ORDER BY since.';

CREATE OR REPLACE VIEW @store@.financier_desk WITH (security_invoker) AS
SELECT w.* FROM @store@.work w WHERE w.needs = 'fund';
COMMENT ON VIEW @store@.financier_desk IS 'What waits for financiers: assignments to accept and to pay; a financier sees its own. hurt_receivables() tells what invoices that it bought have lost, own_bids() what it has bid.';

GRANT SELECT ON @store@.finance_todo, @store@.treasurer_desk, @store@.financier_desk TO PUBLIC;
