-- Module p2p, desks: what each persona opens first.
--
-- A desk is the work that waits for a persona, with what people know it by and how long it has waited.  Which work that is follows from the rights
-- that the persona has (table persona_right), so that a right that is given to another persona moves the work with it.  CFO and auditor decide little and
-- ask much: theirs are figures, and what was done that is out of the ordinary; each row names its documents or its subject.

--! code
CREATE OR REPLACE VIEW @store@.work WITH (security_invoker) AS
SELECT t.tenant_id, t.task, t.needs, t.subject, t.subject_id, t.document_id, COALESCE(i.number, o.number) AS number, p.code AS partner, e.code AS entity, i.payable AS amount,
	COALESCE(i.currency, o.currency) AS currency, t.since, pg_catalog.date_part('day', pg_catalog.now() - t.since)::int AS days, t.due_at, COALESCE(t.due_at < pg_catalog.now(), false) AS overdue,
	t.assigned_to, t.detail, t.party_id, t.entity_id
FROM @store@.todo t
LEFT JOIN @store@.invoice i ON i.tenant_id = t.tenant_id AND i.document_id = t.document_id
LEFT JOIN @store@.order_response r ON t.subject = 'order_response' AND r.tenant_id = t.tenant_id AND r.id = t.subject_id
LEFT JOIN @store@.purchase_order o ON t.subject IN ('order', 'order_response') AND o.tenant_id = t.tenant_id AND o.id = COALESCE(r.order_id, t.subject_id)
LEFT JOIN @store@.party p ON p.tenant_id = t.tenant_id AND p.id = t.party_id
LEFT JOIN @store@.entity e ON e.tenant_id = t.tenant_id AND e.id = t.entity_id;
COMMENT ON VIEW @store@.work IS 'View todo with what people know things by: number of the invoice or order, partner, entity, amount to pay, and the days it has waited.';

CREATE OR REPLACE VIEW @store@.buyer_desk WITH (security_invoker) AS
SELECT w.* FROM @store@.work w WHERE w.needs = ANY (ARRAY(SELECT r.may FROM @store@.persona_right r WHERE r.persona = 'buyer'));
COMMENT ON VIEW @store@.buyer_desk IS 'What waits for buyers: orders without acknowledgement, answer or goods, answers to decide on, disputes, questions. Oldest first: ORDER BY since.';

CREATE OR REPLACE VIEW @store@.clerk_desk WITH (security_invoker) AS
SELECT w.* FROM @store@.work w
WHERE w.needs = ANY (ARRAY(SELECT r.may FROM @store@.persona_right r WHERE r.persona = 'ap_clerk')) AND (w.assigned_to IS NULL OR w.assigned_to = clex.caller())
	-- what sellers have to answer is the clerk's where the tenant sells
	AND (w.needs <> 'respond' OR EXISTS (SELECT FROM @store@.invoice_state s WHERE s.tenant_id = w.tenant_id AND s.document_id = w.document_id AND s.direction <> 'purchase'));
COMMENT ON VIEW @store@.clerk_desk IS 'What waits for accounts payable: invoices to take in hand and to match, refused approvals, disputes, questions, messages that failed; what is assigned to somebody is on that one''s desk alone.';

CREATE OR REPLACE VIEW @store@.approver_desk WITH (security_invoker) AS
SELECT w.* FROM @store@.work w
WHERE w.needs = ANY (ARRAY(SELECT r.may FROM @store@.persona_right r WHERE r.persona = 'approver')) AND (w.assigned_to IS NULL OR w.assigned_to = clex.caller());
COMMENT ON VIEW @store@.approver_desk IS 'What waits for approvers: invoices to say yes or no to, those whose dispute is settled, disputes, questions; what is asked of one approver is on that one''s desk alone.';

CREATE OR REPLACE VIEW @store@.supplier_desk WITH (security_invoker) AS
SELECT w.* FROM @store@.work w WHERE w.needs = ANY (ARRAY(SELECT r.may FROM @store@.persona_right r WHERE r.persona = 'supplier'));
COMMENT ON VIEW @store@.supplier_desk IS 'What waits for suppliers: orders to answer, suspended and disputed invoices, questions. A supplier sees its own.';

CREATE OR REPLACE VIEW @store@.auditor_desk WITH (security_invoker) AS
SELECT v.tenant_id, v.id AS event_id, v.happened_at, CURRENT_DATE - v.happened_at::date AS days, v.actor, v.login, v.action, v.subject, v.subject_key, v.before, v.after
FROM @store@.events v
WHERE v.action = ANY ('{accept_deviation,assign_line,reassign_approval,delegate_approval,define_approval_rule,retire_approval_rule,set_match_policy,set_severity,
		void_number,reverse_entry,reverse_payment,settle_message,retry_message,add_member,remove_member,scope_member}')
	OR v.action IN ('add_identifier', 'remove_identifier') AND 'iban' IN (v.after ->> 'scheme', v.before ->> 'scheme');
COMMENT ON VIEW @store@.auditor_desk IS 'What was done that is out of the ordinary: deviations accepted, approval and matching rules changed, approvals put to others, numbers voided, entries and payments reversed, messages settled by hand, members and bank accounts changed; with who did it and what was there before. For personas that audit. Latest first: ORDER BY event_id DESC.';

CREATE OR REPLACE VIEW @store@.cfo_desk WITH (security_invoker) AS
SELECT l.tenant_id, l.entity, l.currency, c.topic, pg_catalog.count(*) AS items, pg_catalog.sum(l.open) AS amount, pg_catalog.array_agg(l.document_id ORDER BY l.document_id) AS document_ids
FROM @store@.liability_documents l
CROSS JOIN LATERAL (SELECT CASE WHEN l.due_week IS NULL THEN 'owed: no due date' WHEN l.overdue THEN 'owed: overdue'
	WHEN l.due_week <= pg_catalog.date_trunc('week', CURRENT_DATE::timestamp)::date THEN 'owed: due this week'
	WHEN l.due_week <= pg_catalog.date_trunc('week', CURRENT_DATE::timestamp)::date + 7 THEN 'owed: due next week' ELSE 'owed: due later' END AS topic) c
GROUP BY l.tenant_id, l.entity, l.currency, c.topic
UNION ALL
SELECT l.tenant_id, l.entity, l.currency, 'payable now', pg_catalog.count(*), pg_catalog.sum(l.payable_now), pg_catalog.array_agg(l.document_id ORDER BY l.document_id)
FROM @store@.liability_documents l WHERE l.payable_now > 0
GROUP BY l.tenant_id, l.entity, l.currency
UNION ALL
SELECT b.tenant_id, b.entity, b.currency, 'blocked: ' || b.reason, b.invoices, b.amount, b.document_ids
FROM @store@.blocked_amounts b
UNION ALL
SELECT a.tenant_id, a.entity, a.currency, 'disputed for days: ' || a.class, pg_catalog.count(*), pg_catalog.sum(a.amount), pg_catalog.array_agg(DISTINCT a.document_id)
FROM @store@.dispute_ages a
GROUP BY a.tenant_id, a.entity, a.currency, a.class
UNION ALL
SELECT w.tenant_id, w.entity, w.currency, 'to decide: ' || w.task, pg_catalog.count(*), pg_catalog.sum(w.amount), pg_catalog.array_agg(DISTINCT w.document_id)
FROM @store@.work w WHERE w.needs = 'configure'
GROUP BY w.tenant_id, w.entity, w.currency, w.task;
COMMENT ON VIEW @store@.cfo_desk IS 'What is owed, payable now, blocked and why, disputed for how long, and overdue for a decision, by entity and currency, each with its documents. A topic is a figure of its own: owed holds the others, which are not to be added to it. Drill down: liability_documents, blocked_documents, dispute_ages.';

GRANT SELECT ON @store@.work, @store@.buyer_desk, @store@.clerk_desk, @store@.approver_desk, @store@.supplier_desk, @store@.auditor_desk, @store@.cfo_desk TO PUBLIC;
