-- Module p2p, what its parts give together: work to be done, objections, reactions, messages.
--
-- Each part has a line here for what it gives; the order of parts is that of their files.

--! code
CREATE OR REPLACE FUNCTION @store@.status_objections(p_tenant_id bigint, document_id bigint, meaning text)
RETURNS TABLE (part text, objection text, needed text, who text)
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	RETURN QUERY SELECT 'approval', o.objection, o.needed, o.who
	FROM @store@.object_approval(p_tenant_id, status_objections.document_id, status_objections.meaning) o;
	RETURN QUERY SELECT 'matching', o.objection, o.needed, o.who FROM @store@.object_matching(p_tenant_id, status_objections.document_id, status_objections.meaning) o;
	RETURN QUERY SELECT 'dispute', o.objection, o.needed, o.who FROM @store@.object_dispute(p_tenant_id, document_id, meaning) o;
END;
$code$;
COMMENT ON FUNCTION @store@.status_objections(bigint, bigint, text) IS
'What parts of the module have against giving an invoice a status of that meaning now: part, what was found, what is needed, who may. No row: nothing.';

CREATE OR REPLACE FUNCTION @store@.react_finance(p_tenant_id bigint, document_id bigint, event_id bigint, received boolean) RETURNS void
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT;
END;
COMMENT ON FUNCTION @store@.react_finance(bigint, bigint, bigint, boolean) IS 'Part of status_changed(): nothing, in a store without module finance, which has its own.';

CREATE OR REPLACE FUNCTION @store@.status_changed(p_tenant_id bigint, document_id bigint, event_id bigint, received boolean) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_meaning record;
BEGIN
	SELECT max(l.meaning) FILTER (WHERE l.status = e.status) AS said, max(l.meaning) FILTER (WHERE l.status = e.from_status) AS before,
		max(l.meaning) FILTER (WHERE l.status = e.to_status) AS after INTO v_meaning
	FROM @store@.status_event e
	JOIN @store@.lifecycle_status l ON l.tenant_id = p_tenant_id AND l.lifecycle = e.lifecycle AND l.status IN (e.status, e.from_status, e.to_status)
	WHERE e.tenant_id = p_tenant_id AND e.id = status_changed.event_id;
	PERFORM @store@.react_approval(p_tenant_id, status_changed.document_id);
	PERFORM @store@.react_notices(p_tenant_id, status_changed.document_id, status_changed.event_id, received);
	PERFORM @store@.react_matching(p_tenant_id, status_changed.document_id, v_meaning.before, v_meaning.after);
	PERFORM @store@.react_dispute(p_tenant_id, status_changed.document_id, status_changed.event_id, received);
	-- a note that is refused takes nothing off any more
	PERFORM @store@.amounts_changed(p_tenant_id, ARRAY[status_changed.document_id] || ARRAY(
		SELECT n.document_id FROM @store@.note_link n WHERE n.tenant_id = p_tenant_id AND n.note_id = status_changed.document_id));
	-- whom to pay is changed by these alone
	IF v_meaning.said IN ('factored', 'account_changed', 'not_factored') THEN
		PERFORM @store@.react_finance(p_tenant_id, status_changed.document_id, status_changed.event_id, received);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.status_changed(bigint, bigint, bigint, boolean) IS
'Part of apply_status(): what parts of the module do, in the same transaction and under the lock of the invoice, when an event has changed its status or marks. received: somebody else said so.';

CREATE OR REPLACE FUNCTION @store@.handle_more(p_tenant_id bigint, document_id bigint, channel text, format text, kind text, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
END;
$code$;
COMMENT ON FUNCTION @store@.handle_more(bigint, bigint, text, text, text) IS 'Part of handle_message(): messages of other modules; nothing unless a later module puts its own in place.';

CREATE OR REPLACE FUNCTION @store@.handle_message(p_tenant_id bigint, document_id bigint, channel text, format text, kind text, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	CASE
		WHEN kind IN ('invoice', 'credit_note') THEN
			state := 'done';
			outcome := jsonb_build_object('document_id', document_id, 'kind', kind);
		WHEN format = 'cdar' THEN
			SELECT h.state, h.outcome INTO handle_message.state, handle_message.outcome FROM @store@.handle_cdar(p_tenant_id, document_id) h;
		WHEN @store@.is_order_document(format, kind) THEN
			SELECT h.state, h.outcome INTO handle_message.state, handle_message.outcome FROM @store@.handle_order_document(p_tenant_id, document_id) h;
		ELSE
			SELECT h.state, h.outcome INTO handle_message.state, handle_message.outcome
			FROM @store@.handle_more(p_tenant_id, document_id, channel, handle_message.format, kind) h;
	END CASE;
	IF state IS NULL THEN
		state := 'open';
		outcome := jsonb_build_object('document_id', document_id, 'reason',
			pg_catalog.format('nothing is done with %s', COALESCE(concat_ws(' ', handle_message.format, kind), 'what could not be read')));
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.handle_message(bigint, bigint, text, text, text) IS
'Part of receive_message(): lets the part that knows a format and kind of message do what it says. state: done, refused or open.';

CREATE OR REPLACE VIEW @store@.todo WITH (security_invoker) AS
SELECT s.tenant_id, 'take_in_hand'::text AS task, 'handle'::text AS needs, 'invoice'::text AS subject, s.document_id AS subject_id, s.document_id, s.party_id,
	COALESCE(o.to_entity_id, s.entity_id) AS entity_id, s.since, o.due_at, o.to_role AS assigned_to, NULL::text AS detail
FROM @store@.invoice_state s
LEFT JOIN @store@.invoice_route o ON o.tenant_id = s.tenant_id AND o.document_id = s.document_id
WHERE s.meaning = 'available' AND s.direction <> 'sale'
UNION ALL
SELECT s.tenant_id, 'await_answer', 'handle', 'invoice', s.document_id, s.document_id, s.party_id, s.entity_id, s.since, NULL, NULL, NULL
FROM @store@.invoice_state s
WHERE s.meaning = 'suspended' AND s.direction <> 'sale'
UNION ALL
SELECT s.tenant_id, 'answer', 'respond', 'invoice', s.document_id, s.document_id, s.party_id, s.entity_id, s.since, NULL, NULL, NULL
FROM @store@.invoice_state s
WHERE s.meaning = 'suspended'
UNION ALL
SELECT r.tenant_id, 'approve', 'approve', 'invoice', r.document_id, r.document_id, s.party_id, s.entity_id, r.asked_at, r.due_at,
	CASE WHEN pg_catalog.cardinality(r.approvers) = 1 THEN r.approvers[1] END, pg_catalog.concat_ws(': ', r.rule, pg_catalog.array_to_string(r.approvers, ', '))
FROM @store@.approval_request r
JOIN @store@.invoice_state s ON s.tenant_id = r.tenant_id AND s.document_id = r.document_id
WHERE r.state = 'open'
UNION ALL
SELECT r.tenant_id, 'escalate_approval', 'configure', 'invoice', r.document_id, r.document_id, s.party_id, s.entity_id, r.asked_at, r.due_at, NULL,
	pg_catalog.concat_ws(': ', r.rule, pg_catalog.array_to_string(r.approvers, ', '))
FROM @store@.approval_request r
JOIN @store@.invoice_state s ON s.tenant_id = r.tenant_id AND s.document_id = r.document_id
WHERE r.state = 'open' AND r.due_at < pg_catalog.now()
UNION ALL
SELECT r.tenant_id, 'approval_rejected', 'handle', 'invoice', r.document_id, r.document_id, s.party_id, s.entity_id, r.settled_at, NULL, NULL, (
	SELECT v.comment FROM @store@.approval_vote v
	WHERE v.tenant_id = r.tenant_id AND v.document_id = r.document_id AND v.round = r.round AND NOT v.approves LIMIT 1)
FROM @store@.approval_request r
JOIN @store@.invoice_state s ON s.tenant_id = r.tenant_id AND s.document_id = r.document_id
WHERE r.state = 'rejected' AND s.meaning IN ('in_hand', 'available')
	AND NOT EXISTS (SELECT FROM @store@.approval_request n WHERE n.tenant_id = r.tenant_id AND n.document_id = r.document_id AND n.round > r.round)
UNION ALL
SELECT q.tenant_id, CASE q.state WHEN 'open' THEN 'answer_query' ELSE 'read_answer' END, 'ask', 'query', q.id, q.document_id, s.party_id, s.entity_id,
	COALESCE(q.settled_at, q.asked_at), q.due_at, CASE q.state WHEN 'open' THEN q.owner ELSE q.asked_by END, q.subject
FROM @store@.query q
JOIN @store@.invoice_state s ON s.tenant_id = q.tenant_id AND s.document_id = q.document_id
WHERE q.state <> 'closed'
UNION ALL
SELECT d.tenant_id, 'settle_dispute', 'dispute', 'dispute', d.id, d.document_id, d.party_id, d.entity_id, d.opened_at, d.due_at, NULL, NULL
FROM @store@.dispute d
WHERE d.state = 'open'
UNION ALL
SELECT d.tenant_id, 'answer_dispute', 'respond', 'dispute', d.id, d.document_id, d.party_id, d.entity_id, d.opened_at, d.due_at, NULL, NULL
FROM @store@.dispute d
WHERE d.state = 'open'
UNION ALL
SELECT s.tenant_id, 'approve_after_dispute', 'approve', 'invoice', s.document_id, s.document_id, s.party_id, s.entity_id, s.since, NULL, NULL, NULL
FROM @store@.invoice_state s
WHERE s.meaning = 'disputed' AND s.direction <> 'sale'
	AND NOT EXISTS (SELECT FROM @store@.dispute d WHERE d.tenant_id = s.tenant_id AND d.document_id = s.document_id AND d.state = 'open')
UNION ALL
SELECT o.tenant_id, 'send_failed', 'handle', 'message', o.id, o.document_id, NULL, NULL, o.next_attempt, NULL, NULL, o.last_error
FROM @store@.outbox o
WHERE o.state = 'failed'
UNION ALL
SELECT i.tenant_id, 'look_at_message', 'handle', 'message', i.id, i.document_id, NULL, NULL, i.received_at, NULL, NULL, i.outcome ->> 'reason'
FROM @store@.inbox i
WHERE i.state <> 'done'
UNION ALL
SELECT m.tenant_id, 'match', 'handle', 'invoice', m.document_id, m.document_id, s.party_id, s.entity_id, m.matched_at, NULL, NULL, NULL
FROM @store@.invoice_match m
JOIN @store@.invoice_state s ON s.tenant_id = m.tenant_id AND s.document_id = m.document_id
WHERE m.state = 'unmatched' AND @store@.match_turn(s.meaning) = 1
UNION ALL
SELECT l.tenant_id, 'chase_delivery', 'order', 'order', l.order_id, NULL, o.party_id, o.entity_id, o.ordered_at, l.deliver_by::timestamptz, NULL,
	pg_catalog.format('line %s: %s of %s %s have come', l.identifier, pg_catalog.trim_scale(l.received), pg_catalog.trim_scale(l.quantity), l.unit)
FROM @store@.order_line l
JOIN @store@.purchase_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
LEFT JOIN @store@.setting s ON s.tenant_id = l.tenant_id AND s.name = 'p2p.order_delivery_days' AND pg_catalog.jsonb_typeof(s.value) = 'number'
WHERE l.received < l.quantity AND NOT l.cancelled AND l.deliver_by < CURRENT_DATE AND o.state = 'open'
	AND (s.value IS NULL OR l.deliver_by + s.value::int < CURRENT_DATE)
UNION ALL
SELECT m.tenant_id, 'chase_acknowledgement', 'order', 'order', m.order_id, NULL, o.party_id, o.entity_id, m.posted_at, m.acknowledge_by, NULL,
	pg_catalog.format('%s %s was sent, and no machine has taken it', m.kind, m.number)
FROM @store@.order_message m
JOIN @store@.purchase_order o ON o.tenant_id = m.tenant_id AND o.id = m.order_id
WHERE m.acknowledge_by < pg_catalog.now()
UNION ALL
SELECT m.tenant_id, 'chase_answer', 'order', 'order', m.order_id, NULL, o.party_id, o.entity_id, m.posted_at, m.answer_by, NULL,
	pg_catalog.format('%s %s has no answer', m.kind, m.number)
FROM @store@.order_message m
JOIN @store@.purchase_order o ON o.tenant_id = m.tenant_id AND o.id = m.order_id
WHERE m.answer_by < pg_catalog.now()
UNION ALL
SELECT m.tenant_id, 'answer_order', 'respond', 'order', m.order_id, NULL, o.party_id, o.entity_id, m.posted_at, m.answer_by, NULL,
	pg_catalog.format('%s %s', m.kind, m.number)
FROM @store@.order_message m
JOIN @store@.purchase_order o ON o.tenant_id = m.tenant_id AND o.id = m.order_id
WHERE m.answer_by IS NOT NULL
UNION ALL
SELECT m.tenant_id, 'send_order_again', 'order', 'order', m.order_id, NULL, o.party_id, o.entity_id, m.verdict_at, NULL, NULL,
	pg_catalog.concat_ws(': ', m.number, m.verdict)
FROM @store@.order_message m
JOIN @store@.purchase_order o ON o.tenant_id = m.tenant_id AND o.id = m.order_id
WHERE m.state = 'refused' AND m.version = o.sent_version
	AND NOT EXISTS (SELECT FROM @store@.order_message n WHERE n.tenant_id = m.tenant_id AND n.order_id = m.order_id AND n.number = m.number AND n.attempt > m.attempt)
UNION ALL
SELECT r.tenant_id, 'settle_response', 'order', 'order_response', r.id, NULL, o.party_id, o.entity_id, r.responded_at, NULL, NULL,
	pg_catalog.concat_ws(': ', pg_catalog.format('order %s: %s', o.number, r.verdict), r.message)
FROM @store@.order_response r
JOIN @store@.purchase_order o ON o.tenant_id = r.tenant_id AND o.id = r.order_id
WHERE r.state = 'open';
COMMENT ON VIEW @store@.todo IS
'Work to be done, one row for each thing that waits for somebody: what (task), the right it needs, what it is about (subject and its number, and the invoice), since when, when it is due, whose it is. Who it is for: WHERE needs IN (SELECT may FROM persona_right WHERE persona = …).';

REVOKE ALL ON FUNCTION @store@.handle_more(bigint, bigint, text, text, text), @store@.status_objections(bigint, bigint, text), @store@.status_changed(bigint, bigint, bigint, boolean),
	@store@.handle_message(bigint, bigint, text, text, text), @store@.react_finance(bigint, bigint, bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.status_objections(bigint, bigint, text) TO PUBLIC;
GRANT SELECT ON @store@.todo TO PUBLIC;
