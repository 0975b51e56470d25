-- Module p2p, tasks: what waits for somebody, and what of it has waited longest.
--
-- Each kind of task is a view of its own, so that a query for the first of one kind goes along an index and stops early; view todo is all of them
-- together, and has no such order.  first_tasks() takes the first of each kind and merges them: what it costs does not grow with what is
-- open, nor with what is done.
-- A supplier sees its invoices and orders, but what the buyer has to do about them is none of its tasks: views of the buyer's tasks ask for that.

--! step 91 what has waited longest, of each kind
CREATE INDEX approval_request_asked_idx ON @store@.approval_request (tenant_id, asked_at, document_id) WHERE state = 'open';
CREATE INDEX dispute_opened_idx ON @store@.dispute (tenant_id, opened_at, id) WHERE state = 'open';
CREATE INDEX query_waiting_idx ON @store@.query (tenant_id, (COALESCE(settled_at, asked_at)), id) WHERE state <> 'closed';
CREATE INDEX invoice_match_waiting_idx ON @store@.invoice_match (tenant_id, matched_at, document_id) WHERE state = 'unmatched';
CREATE INDEX order_line_wanted_idx ON @store@.order_line (tenant_id, (deliver_by::timestamp AT TIME ZONE 'UTC')) WHERE received < quantity AND NOT cancelled;
CREATE INDEX order_message_unacknowledged_idx ON @store@.order_message (tenant_id, posted_at) WHERE acknowledge_by IS NOT NULL;
CREATE INDEX order_message_unanswered_idx ON @store@.order_message (tenant_id, posted_at) WHERE answer_by IS NOT NULL;
CREATE INDEX order_message_verdict_idx ON @store@.order_message (tenant_id, verdict_at) WHERE state = 'refused';

CREATE INDEX invoice_state_sold_idx ON @store@.invoice_state (tenant_id, meaning, since, document_id) WHERE direction <> 'purchase';

--! code
CREATE OR REPLACE VIEW @store@.todo_take_in_hand WITH (security_invoker) AS
SELECT s.tenant_id, 'take_in_hand'::text AS task, 'handle'::text AS needs, 'invoice'::text AS subject, s.document_id AS subject_id, s.document_id, s.party_id,
	COALESCE(o.to_entity_id, s.entity_id) AS entity_id, s.since, o.due_at, o.to_role AS assigned_to, NULL::text AS detail
FROM @store@.invoice_state s
LEFT JOIN @store@.invoice_route o ON o.tenant_id = s.tenant_id AND o.document_id = s.document_id
WHERE s.meaning = 'available' AND s.direction <> 'sale'
	AND (clex.is_among('@store@.readable_tenants()', s.tenant_id) OR @store@.sees_as_buyer(s.tenant_id, s.document_id));
COMMENT ON VIEW @store@.todo_take_in_hand IS 'Invoices that are there and that nobody has taken in hand. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_await_answer WITH (security_invoker) AS
SELECT s.tenant_id, 'await_answer'::text AS task, 'handle'::text AS needs, 'invoice'::text AS subject, s.document_id AS subject_id, s.document_id, s.party_id, s.entity_id, s.since,
	NULL::timestamptz AS due_at, NULL::text AS assigned_to, NULL::text AS detail
FROM @store@.invoice_state s
WHERE s.meaning = 'suspended' AND s.direction <> 'sale'
	AND (clex.is_among('@store@.readable_tenants()', s.tenant_id) OR @store@.sees_as_buyer(s.tenant_id, s.document_id));
COMMENT ON VIEW @store@.todo_await_answer IS 'Suspended invoices whose seller is to answer, for those who wait. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_answer WITH (security_invoker) AS
SELECT s.tenant_id, 'answer'::text AS task, 'respond'::text AS needs, 'invoice'::text AS subject, s.document_id AS subject_id, s.document_id, s.party_id, s.entity_id, s.since,
	NULL::timestamptz AS due_at, NULL::text AS assigned_to, NULL::text AS detail
FROM @store@.invoice_state s
WHERE s.meaning = 'suspended';
COMMENT ON VIEW @store@.todo_answer IS 'Suspended invoices, for their sellers. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_approve WITH (security_invoker) AS
SELECT r.tenant_id, 'approve'::text AS task, 'approve'::text AS needs, 'invoice'::text AS subject, r.document_id AS subject_id, r.document_id, s.party_id, s.entity_id, r.asked_at AS since,
	r.due_at AS due_at, CASE WHEN pg_catalog.cardinality(r.approvers) = 1 THEN r.approvers[1] END AS assigned_to, pg_catalog.concat_ws(': ', r.rule, pg_catalog.array_to_string(r.approvers, ', ')) AS detail
FROM @store@.approval_request r
JOIN @store@.invoice_state s ON s.tenant_id = r.tenant_id AND s.document_id = r.document_id
WHERE r.state = 'open';
COMMENT ON VIEW @store@.todo_approve IS 'Approvals that are asked for. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_escalate_approval WITH (security_invoker) AS
SELECT r.tenant_id, 'escalate_approval'::text AS task, 'configure'::text AS needs, 'invoice'::text AS subject, r.document_id AS subject_id, r.document_id, s.party_id, s.entity_id, r.asked_at AS since,
	r.due_at AS due_at, NULL::text AS assigned_to, pg_catalog.concat_ws(': ', r.rule, pg_catalog.array_to_string(r.approvers, ', ')) AS detail
FROM @store@.approval_request r
JOIN @store@.invoice_state s ON s.tenant_id = r.tenant_id AND s.document_id = r.document_id
WHERE r.state = 'open' AND r.due_at < pg_catalog.now();
COMMENT ON VIEW @store@.todo_escalate_approval IS 'Approvals that are overdue. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_approval_rejected WITH (security_invoker) AS
SELECT r.tenant_id, 'approval_rejected'::text AS task, 'handle'::text AS needs, 'invoice'::text AS subject, r.document_id AS subject_id, r.document_id, s.party_id, s.entity_id, r.settled_at AS since,
	NULL::timestamptz AS due_at, NULL::text AS assigned_to, (
	SELECT v.comment FROM @store@.approval_vote v
	WHERE v.tenant_id = r.tenant_id AND v.document_id = r.document_id AND v.round = r.round AND NOT v.approves LIMIT 1) AS detail
FROM @store@.approval_request r
JOIN @store@.invoice_state s ON s.tenant_id = r.tenant_id AND s.document_id = r.document_id
WHERE r.state = 'rejected' AND s.meaning IN ('in_hand', 'available')
	AND NOT EXISTS (SELECT FROM @store@.approval_request n WHERE n.tenant_id = r.tenant_id AND n.document_id = r.document_id AND n.round > r.round);
COMMENT ON VIEW @store@.todo_approval_rejected IS 'Invoices whose approval was rejected. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_query WITH (security_invoker) AS
SELECT q.tenant_id, CASE q.state WHEN 'open' THEN 'answer_query' ELSE 'read_answer' END AS task, 'ask'::text AS needs, 'query'::text AS subject, q.id AS subject_id, q.document_id,
	s.party_id, s.entity_id, COALESCE(q.settled_at, q.asked_at) AS since, q.due_at, CASE q.state WHEN 'open' THEN q.owner ELSE q.asked_by END AS assigned_to, q.subject AS detail
FROM @store@.query q
JOIN @store@.invoice_state s ON s.tenant_id = q.tenant_id AND s.document_id = q.document_id
WHERE q.state <> 'closed'
	-- a supplier answers what it did not ask itself, and reads answers to what it asked
	AND (clex.is_among('@store@.readable_tenants()', q.tenant_id) OR @store@.sees_as_buyer(q.tenant_id, q.document_id)
		OR (q.state = 'open') <> (q.asked_by = clex.caller()));
COMMENT ON VIEW @store@.todo_query IS 'Questions that wait for an answer, for who is asked, and answers, for who asked. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_settle_dispute WITH (security_invoker) AS
SELECT d.tenant_id, 'settle_dispute'::text AS task, 'dispute'::text AS needs, 'dispute'::text AS subject, d.id AS subject_id, d.document_id, d.party_id, d.entity_id, d.opened_at AS since,
	d.due_at, NULL::text AS assigned_to, NULL::text AS detail
FROM @store@.dispute d
WHERE d.state = 'open'
	AND (clex.is_among('@store@.readable_tenants()', d.tenant_id) OR @store@.sees_as_buyer(d.tenant_id, d.document_id));
COMMENT ON VIEW @store@.todo_settle_dispute IS 'Disputes that are open, for the buyer. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_answer_dispute WITH (security_invoker) AS
SELECT d.tenant_id, 'answer_dispute'::text AS task, 'respond'::text AS needs, 'dispute'::text AS subject, d.id AS subject_id, d.document_id, d.party_id, d.entity_id, d.opened_at AS since,
	d.due_at, NULL::text AS assigned_to, NULL::text AS detail
FROM @store@.dispute d
WHERE d.state = 'open';
COMMENT ON VIEW @store@.todo_answer_dispute IS 'Disputes that are open, for the seller. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_approve_after_dispute WITH (security_invoker) AS
SELECT s.tenant_id, 'approve_after_dispute'::text AS task, 'approve'::text AS needs, 'invoice'::text AS subject, s.document_id AS subject_id, s.document_id, s.party_id, s.entity_id, s.since,
	NULL::timestamptz AS due_at, NULL::text AS assigned_to, NULL::text AS detail
FROM @store@.invoice_state s
WHERE s.meaning = 'disputed' AND s.direction <> 'sale'
	AND NOT EXISTS (SELECT FROM @store@.dispute d WHERE d.tenant_id = s.tenant_id AND d.document_id = s.document_id AND d.state = 'open')
	AND (clex.is_among('@store@.readable_tenants()', s.tenant_id) OR @store@.sees_as_buyer(s.tenant_id, s.document_id));
COMMENT ON VIEW @store@.todo_approve_after_dispute IS 'Disputed invoices whose disputes are all closed. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_send_failed WITH (security_invoker) AS
SELECT o.tenant_id, 'send_failed'::text AS task, 'handle'::text AS needs, 'message'::text AS subject, o.id AS subject_id, o.document_id, NULL::bigint AS party_id, NULL::bigint AS entity_id,
	o.next_attempt AS since, NULL::timestamptz AS due_at, NULL::text AS assigned_to, o.last_error AS detail
FROM @store@.outbox o
WHERE o.state = 'failed';
COMMENT ON VIEW @store@.todo_send_failed IS 'Messages that could not be sent. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_look_at_message WITH (security_invoker) AS
SELECT i.tenant_id, 'look_at_message'::text AS task, 'handle'::text AS needs, 'message'::text AS subject, i.id AS subject_id, i.document_id, NULL::bigint AS party_id, NULL::bigint AS entity_id,
	i.received_at AS since, NULL::timestamptz AS due_at, NULL::text AS assigned_to, i.outcome ->> 'reason' AS detail
FROM @store@.inbox i
WHERE i.state <> 'done';
COMMENT ON VIEW @store@.todo_look_at_message IS 'Messages that came in and had no effect. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_match WITH (security_invoker) AS
SELECT m.tenant_id, 'match'::text AS task, 'handle'::text AS needs, 'invoice'::text AS subject, m.document_id AS subject_id, m.document_id, s.party_id, s.entity_id, m.matched_at AS since,
	NULL::timestamptz AS due_at, NULL::text AS assigned_to, NULL::text AS detail
FROM @store@.invoice_match m
JOIN @store@.invoice_state s ON s.tenant_id = m.tenant_id AND s.document_id = m.document_id
WHERE m.state = 'unmatched' AND @store@.match_waits(s.meaning);
COMMENT ON VIEW @store@.todo_match IS 'Invoices that do not match their orders. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_chase_delivery WITH (security_invoker) AS
SELECT l.tenant_id, 'chase_delivery'::text AS task, 'order'::text AS needs, 'order'::text AS subject, l.order_id AS subject_id, NULL::bigint AS document_id, o.party_id, o.entity_id,
	l.deliver_by::timestamp AT TIME ZONE 'UTC' AS since, l.deliver_by::timestamptz AS due_at, NULL::text AS assigned_to,
	pg_catalog.format('line %s: %s of %s %s have come', l.identifier, pg_catalog.trim_scale(l.received), pg_catalog.trim_scale(l.quantity), l.unit) AS detail
FROM @store@.order_line l
JOIN @store@.purchase_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
LEFT JOIN @store@.setting s ON s.tenant_id = l.tenant_id AND s.name = 'p2p.order_delivery_days' AND pg_catalog.jsonb_typeof(s.value) = 'number'
WHERE l.received < l.quantity AND NOT l.cancelled AND l.deliver_by < CURRENT_DATE AND o.state = 'open'
	AND (s.value IS NULL OR l.deliver_by + s.value::int < CURRENT_DATE)
	AND (clex.is_among('@store@.readable_tenants()', o.tenant_id) OR clex.is_among('@store@.own_order_entities()', o.tenant_id, o.entity_id));
COMMENT ON VIEW @store@.todo_chase_delivery IS 'Order lines that have not come, since the day they were wanted. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_chase_acknowledgement WITH (security_invoker) AS
SELECT m.tenant_id, 'chase_acknowledgement'::text AS task, 'order'::text AS needs, 'order'::text AS subject, m.order_id AS subject_id, NULL::bigint AS document_id, o.party_id, o.entity_id, m.posted_at AS since,
	m.acknowledge_by AS due_at, NULL::text AS assigned_to, pg_catalog.format('%s %s was sent, and no machine has taken it', m.kind, m.number) AS detail
FROM @store@.order_message m
JOIN @store@.purchase_order o ON o.tenant_id = m.tenant_id AND o.id = m.order_id
WHERE m.acknowledge_by < pg_catalog.now()
	AND (clex.is_among('@store@.readable_tenants()', o.tenant_id) OR clex.is_among('@store@.own_order_entities()', o.tenant_id, o.entity_id));
COMMENT ON VIEW @store@.todo_chase_acknowledgement IS 'Orders that no machine has taken in time. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_chase_answer WITH (security_invoker) AS
SELECT m.tenant_id, 'chase_answer'::text AS task, 'order'::text AS needs, 'order'::text AS subject, m.order_id AS subject_id, NULL::bigint AS document_id, o.party_id, o.entity_id, m.posted_at AS since,
	m.answer_by AS due_at, NULL::text AS assigned_to, pg_catalog.format('%s %s has no answer', m.kind, m.number) AS detail
FROM @store@.order_message m
JOIN @store@.purchase_order o ON o.tenant_id = m.tenant_id AND o.id = m.order_id
WHERE m.answer_by < pg_catalog.now()
	AND (clex.is_among('@store@.readable_tenants()', o.tenant_id) OR clex.is_among('@store@.own_order_entities()', o.tenant_id, o.entity_id));
COMMENT ON VIEW @store@.todo_chase_answer IS 'Orders that were not answered in time. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_answer_order WITH (security_invoker) AS
SELECT m.tenant_id, 'answer_order'::text AS task, 'respond'::text AS needs, 'order'::text AS subject, m.order_id AS subject_id, NULL::bigint AS document_id, o.party_id, o.entity_id, m.posted_at AS since,
	m.answer_by AS due_at, NULL::text AS assigned_to, pg_catalog.format('%s %s', m.kind, m.number) AS detail
FROM @store@.order_message m
JOIN @store@.purchase_order o ON o.tenant_id = m.tenant_id AND o.id = m.order_id
WHERE m.answer_by IS NOT NULL;
COMMENT ON VIEW @store@.todo_answer_order IS 'Orders that wait for an answer, for their suppliers. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_send_order_again WITH (security_invoker) AS
SELECT m.tenant_id, 'send_order_again'::text AS task, 'order'::text AS needs, 'order'::text AS subject, m.order_id AS subject_id, NULL::bigint AS document_id, o.party_id, o.entity_id, m.verdict_at AS since,
	NULL::timestamptz AS due_at, NULL::text AS assigned_to, pg_catalog.concat_ws(': ', m.number, m.verdict) AS detail
FROM @store@.order_message m
JOIN @store@.purchase_order o ON o.tenant_id = m.tenant_id AND o.id = m.order_id
WHERE m.state = 'refused' AND m.version = o.sent_version
	AND NOT EXISTS (SELECT FROM @store@.order_message n WHERE n.tenant_id = m.tenant_id AND n.order_id = m.order_id AND n.number = m.number AND n.attempt > m.attempt)
	AND (clex.is_among('@store@.readable_tenants()', o.tenant_id) OR clex.is_among('@store@.own_order_entities()', o.tenant_id, o.entity_id));
COMMENT ON VIEW @store@.todo_send_order_again IS 'Orders that a machine has refused. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo_settle_response WITH (security_invoker) AS
SELECT r.tenant_id, 'settle_response'::text AS task, 'order'::text AS needs, 'order_response'::text AS subject, r.id AS subject_id, NULL::bigint AS document_id, o.party_id, o.entity_id,
	r.responded_at AS since, NULL::timestamptz AS due_at, NULL::text AS assigned_to, pg_catalog.concat_ws(': ', pg_catalog.format('order %s: %s', o.number, r.verdict), r.message) AS detail
FROM @store@.order_response r
JOIN @store@.purchase_order o ON o.tenant_id = r.tenant_id AND o.id = r.order_id
WHERE r.state = 'open'
	AND (clex.is_among('@store@.readable_tenants()', o.tenant_id) OR clex.is_among('@store@.own_order_entities()', o.tenant_id, o.entity_id));
COMMENT ON VIEW @store@.todo_settle_response IS 'Answers of suppliers that somebody is to decide on. Part of view todo.';

-- tasks of modules above this one: they replace it, after this at every upgrade
CREATE OR REPLACE VIEW @store@.todo_more WITH (security_invoker) AS
SELECT NULL::bigint AS tenant_id, NULL::text AS task, NULL::text AS needs, NULL::text AS subject, NULL::bigint AS subject_id, NULL::bigint AS document_id, NULL::bigint AS party_id,
	NULL::bigint AS entity_id, NULL::timestamptz AS since, NULL::timestamptz AS due_at, NULL::text AS assigned_to, NULL::text AS detail
WHERE false;
COMMENT ON VIEW @store@.todo_more IS 'Tasks of other modules than p2p, such as finance. Part of view todo.';

CREATE OR REPLACE VIEW @store@.todo WITH (security_invoker) AS
SELECT t.* FROM @store@.todo_take_in_hand t
UNION ALL
SELECT t.* FROM @store@.todo_await_answer t
UNION ALL
SELECT t.* FROM @store@.todo_answer t
UNION ALL
SELECT t.* FROM @store@.todo_approve t
UNION ALL
SELECT t.* FROM @store@.todo_escalate_approval t
UNION ALL
SELECT t.* FROM @store@.todo_approval_rejected t
UNION ALL
SELECT t.* FROM @store@.todo_query t
UNION ALL
SELECT t.* FROM @store@.todo_settle_dispute t
UNION ALL
SELECT t.* FROM @store@.todo_answer_dispute t
UNION ALL
SELECT t.* FROM @store@.todo_approve_after_dispute t
UNION ALL
SELECT t.* FROM @store@.todo_send_failed t
UNION ALL
SELECT t.* FROM @store@.todo_look_at_message t
UNION ALL
SELECT t.* FROM @store@.todo_match t
UNION ALL
SELECT t.* FROM @store@.todo_chase_delivery t
UNION ALL
SELECT t.* FROM @store@.todo_chase_acknowledgement t
UNION ALL
SELECT t.* FROM @store@.todo_chase_answer t
UNION ALL
SELECT t.* FROM @store@.todo_answer_order t
UNION ALL
SELECT t.* FROM @store@.todo_send_order_again t
UNION ALL
SELECT t.* FROM @store@.todo_settle_response t
UNION ALL
SELECT t.* FROM @store@.todo_more t;
COMMENT ON VIEW @store@.todo IS
'Work to be done, one row for each thing that waits for somebody: what (task), the right it needs, what it is about (subject and its number, and the invoice), since when, when it is due, whose it is. Who it is for: WHERE needs IN (SELECT may FROM persona_right WHERE persona = …). Suppliers see their own tasks. What has waited longest: first_tasks().';

CREATE OR REPLACE FUNCTION @store@.first_tasks(p_tenant_id bigint, persona text, count int DEFAULT 50) RETURNS SETOF @store@.todo
LANGUAGE plpgsql STABLE ROWS 50
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan    -- planned once in a session: that takes longer than to look a page up
SET enable_seqscan = off    -- each kind along its index, whatever the planner thinks of the tables
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_sort = off
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	v_rights text[] := ARRAY(SELECT r.may FROM @store@.persona_right r WHERE r.persona = first_tasks.persona);
	v_caller text := clex.caller();
	v_count int := first_tasks.count;
	-- what sellers have to answer is others' where the tenant sells
	v_answers boolean := first_tasks.persona = 'supplier' OR EXISTS (SELECT FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.direction <> 'purchase');
BEGIN
	IF num_nulls(p_tenant_id, first_tasks.persona, v_count) > 0 THEN
		RAISE EXCEPTION 'tenant, persona and the number of tasks are needed' USING ERRCODE = 'null_value_not_allowed';
	ELSIF cardinality(v_rights) = 0 THEN
		RAISE EXCEPTION 'persona "%" has no rights', first_tasks.persona USING ERRCODE = 'invalid_parameter_value', HINT = 'Table persona_right lists those that have.';
	END IF;
	RETURN QUERY
	SELECT f.* FROM (
		(SELECT t.* FROM @store@.todo_take_in_hand t WHERE t.tenant_id = p_tenant_id AND 'handle' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_await_answer t WHERE t.tenant_id = p_tenant_id AND 'handle' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_answer t WHERE t.tenant_id = p_tenant_id AND 'respond' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
				AND v_answers AND (first_tasks.persona = 'supplier' OR (SELECT s.direction FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = t.document_id) <> 'purchase')
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_approve t WHERE t.tenant_id = p_tenant_id AND 'approve' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_escalate_approval t WHERE t.tenant_id = p_tenant_id AND 'configure' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_approval_rejected t WHERE t.tenant_id = p_tenant_id AND 'handle' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_query t WHERE t.tenant_id = p_tenant_id AND 'ask' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_settle_dispute t WHERE t.tenant_id = p_tenant_id AND 'dispute' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_answer_dispute t WHERE t.tenant_id = p_tenant_id AND 'respond' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
				AND v_answers AND (first_tasks.persona = 'supplier' OR (SELECT s.direction FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = t.document_id) <> 'purchase')
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_approve_after_dispute t WHERE t.tenant_id = p_tenant_id AND 'approve' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_send_failed t WHERE t.tenant_id = p_tenant_id AND 'handle' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_look_at_message t WHERE t.tenant_id = p_tenant_id AND 'handle' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_match t WHERE t.tenant_id = p_tenant_id AND 'handle' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_chase_delivery t WHERE t.tenant_id = p_tenant_id AND 'order' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_chase_acknowledgement t WHERE t.tenant_id = p_tenant_id AND 'order' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_chase_answer t WHERE t.tenant_id = p_tenant_id AND 'order' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_answer_order t WHERE t.tenant_id = p_tenant_id AND 'respond' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
				AND first_tasks.persona = 'supplier'
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_send_order_again t WHERE t.tenant_id = p_tenant_id AND 'order' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_settle_response t WHERE t.tenant_id = p_tenant_id AND 'order' = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)
		UNION ALL
		(SELECT t.* FROM @store@.todo_more t WHERE t.tenant_id = p_tenant_id AND t.needs = ANY (v_rights) AND (t.assigned_to IS NULL OR t.assigned_to = v_caller)
			ORDER BY t.since LIMIT v_count)) f
	ORDER BY f.since, f.task, f.subject_id LIMIT v_count;
END;
$code$;
COMMENT ON FUNCTION @store@.first_tasks(bigint, text, int) IS 'What has waited longest of the tasks of view todo that a persona has the rights for and that are assigned to nobody or to the caller: the first so many. Errors: 22004 an argument is null, 22023 a persona without rights, 2201W a number below 0.';

CREATE OR REPLACE VIEW @store@.clerk_todo WITH (security_invoker) AS
SELECT m.tenant_id, f.task, f.needs, f.subject, f.subject_id, f.document_id, COALESCE(i.number, o.number) AS number, p.code AS partner, f.since, f.due_at, f.assigned_to, f.detail
FROM @store@.member_tenants() m (tenant_id)
CROSS JOIN LATERAL @store@.first_tasks(m.tenant_id, 'ap_clerk', 100) f
LEFT JOIN @store@.invoice i ON i.tenant_id = m.tenant_id AND i.document_id = f.document_id
LEFT JOIN @store@.purchase_order o ON f.subject = 'order' AND o.tenant_id = m.tenant_id AND o.id = f.subject_id
LEFT JOIN @store@.party p ON p.tenant_id = m.tenant_id AND p.id = f.party_id;
COMMENT ON VIEW @store@.clerk_todo IS 'The hundred tasks of accounts payable that have waited longest, of each tenant; as fast over a million invoices as over a few. All of them are in clerk_desk.';

REVOKE ALL ON FUNCTION @store@.first_tasks(bigint, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.first_tasks(bigint, text, int) TO PUBLIC;
GRANT SELECT ON @store@.todo, @store@.todo_more, @store@.clerk_todo, @store@.todo_take_in_hand, @store@.todo_await_answer, @store@.todo_answer, @store@.todo_approve, @store@.todo_escalate_approval, @store@.todo_approval_rejected,
	@store@.todo_query, @store@.todo_settle_dispute, @store@.todo_answer_dispute, @store@.todo_approve_after_dispute, @store@.todo_send_failed, @store@.todo_look_at_message, @store@.todo_match,
	@store@.todo_chase_delivery, @store@.todo_chase_acknowledgement, @store@.todo_chase_answer, @store@.todo_answer_order, @store@.todo_send_order_again, @store@.todo_settle_response TO PUBLIC;
