-- Module p2p, approval of many: one approver says yes to a page of invoices in one call.
--
-- What a single yes has to look at is looked at for all of them together.  An invoice takes the short way if nothing about it is
-- out of the ordinary: this yes is the last one it needs, or none is asked for; whatever else there is to it goes through the
-- same functions as a single invoice, each by itself, so that a refusal is a row and takes nothing from the others.

--! code
CREATE OR REPLACE FUNCTION @store@.ready_for_approval(p_tenant_id bigint, documents bigint[])
RETURNS TABLE (document_id bigint, round int, rule text, digest bytea, lifecycle text, from_status text, to_status text)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_caller text := clex.caller();
	v_has_rules boolean := EXISTS (SELECT FROM @store@.approval_rule r WHERE r.tenant_id = p_tenant_id AND NOT r.retired);
BEGIN
	-- scoped to some, or for others: one by one
	IF NOT @store@.has_right(p_tenant_id, 'approve') OR EXISTS (
		SELECT FROM @store@.approval_delegation d
		WHERE d.tenant_id = p_tenant_id AND d.to_role = v_caller AND d.revoked_at IS NULL AND CURRENT_DATE BETWEEN d.valid_from AND d.valid_until)
	THEN
		RETURN;
	END IF;
	RETURN QUERY
	SELECT s.document_id, q.round, r.rule, r.digest, s.lifecycle, s.status, t.status
	FROM unnest(ready_for_approval.documents) u (id)
	CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = u.id LIMIT 1) s
	CROSS JOIN LATERAL (
		SELECT * FROM @store@.lifecycle_status t
		WHERE t.tenant_id = p_tenant_id AND t.lifecycle = s.lifecycle AND t.meaning = 'approved' AND t.kind = 'main' AND t.needs = 'approve'
			AND NOT t.needs_reason AND NOT t.private AND cardinality(t.after) = 0 AND 'buyer' = ANY (t.emitters) LIMIT 1) t
	CROSS JOIN LATERAL (
		SELECT d.received_from FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = s.document_id LIMIT 1) d
	CROSS JOIN LATERAL (
		SELECT max(r.round) AS round FROM @store@.approval_request r WHERE r.tenant_id = p_tenant_id AND r.document_id = s.document_id) q
	CROSS JOIN LATERAL (
		-- the only request of the round that is not granted
		SELECT min(r.rule) AS rule, (array_agg(r.digest))[1] AS digest, count(*) AS requests, bool_and(r.state = 'open' AND COALESCE(v_caller = ANY (r.approvers), true)
			AND r.votes = 1 + (SELECT count(*) FROM @store@.approval_vote v
				WHERE v.tenant_id = p_tenant_id AND v.document_id = r.document_id AND v.round = r.round AND v.rule = r.rule)
			AND NOT EXISTS (SELECT FROM @store@.approval_vote v
				WHERE v.tenant_id = p_tenant_id AND v.document_id = r.document_id AND v.round = r.round AND v.rule = r.rule AND v_caller IN (v.actor, v.on_behalf_of))
			AND r.digest = @store@.approval_digest(p_tenant_id, r.document_id)) AS lacks_this
		FROM @store@.approval_request r
		WHERE r.tenant_id = p_tenant_id AND r.document_id = s.document_id AND r.round = q.round AND r.state <> 'granted') r
	WHERE s.direction = 'purchase' AND d.received_from <> v_caller
		AND CASE WHEN q.round IS NULL THEN NOT v_has_rules ELSE r.requests = 1 AND r.lacks_this END
		AND NOT EXISTS (SELECT FROM @store@.lifecycle_status f
			WHERE f.tenant_id = p_tenant_id AND f.lifecycle = s.lifecycle AND f.status = s.status AND f.final)
		AND EXISTS (SELECT FROM @store@.lifecycle_transition n
			WHERE n.tenant_id = p_tenant_id AND n.lifecycle = s.lifecycle AND n.from_status = s.status AND n.to_status = t.status)
		AND NOT EXISTS (SELECT FROM @store@.status_objections(p_tenant_id, s.document_id, 'approved') o WHERE o.part <> 'approval');
END;
$code$;
COMMENT ON FUNCTION @store@.ready_for_approval(bigint, bigint[]) IS
'Part of approve_invoices(): those of the invoices, which are locked, that become approved by the caller''s yes and about which there is nothing out of the ordinary; with the round and rule it counts for (NULL: none is going on, and none is asked for), and the step.';

CREATE OR REPLACE FUNCTION @store@.approve_ready(p_tenant_id bigint, documents bigint[], note text) RETURNS TABLE (document_id bigint, rule text, status text)
LANGUAGE plpgsql ROWS 100
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_events @store@.status_event[];
	v_documents bigint[];
	v_rules text[];
	v_statuses text[];
BEGIN
	WITH ready AS MATERIALIZED (
		SELECT r.* FROM @store@.ready_for_approval(p_tenant_id, approve_ready.documents) r ORDER BY r.document_id
	), voted AS (
		INSERT INTO @store@.approval_vote (tenant_id, document_id, round, rule, on_behalf_of, approves, comment, digest)
		SELECT p_tenant_id, r.document_id, r.round, r.rule, clex.caller(), true, approve_ready.note, r.digest FROM ready r WHERE r.round IS NOT NULL
	), granted AS (
		UPDATE @store@.approval_request q SET state = 'granted', settled_at = now()
		FROM ready r WHERE q.tenant_id = p_tenant_id AND q.document_id = r.document_id AND q.round = r.round AND q.rule = r.rule
	), said AS (
		INSERT INTO @store@.status_event AS e (tenant_id, document_id, event_key, lifecycle, status, issuer, reasons, message, occurred_at, received_at,
			outcome, from_status, to_status)
		SELECT p_tenant_id, r.document_id, CASE WHEN r.round IS NULL THEN gen_random_uuid()::text ELSE format('approval/%s/%s', r.document_id, r.round) END,
			r.lifecycle, r.to_status, 'buyer', '{}', approve_ready.note, t.at, t.at, 'applied', r.from_status, r.to_status
		FROM ready r
		CROSS JOIN LATERAL (
			-- of two things said of one invoice no two are heard of in the same moment
			SELECT GREATEST(clock_timestamp(), max(e.ordered_at) + interval '1 microsecond') AS at
			FROM @store@.status_event e WHERE e.tenant_id = p_tenant_id AND e.document_id = r.document_id OFFSET 0) t
		ORDER BY r.document_id
		RETURNING e AS event, e.id, e.document_id, e.status, e.ordered_at
	), stated AS (
		UPDATE @store@.invoice_state s SET status = e.status, meaning = 'approved', version = s.version + 1, since = e.ordered_at
		FROM said e WHERE s.tenant_id = p_tenant_id AND s.document_id = e.document_id
	)
	SELECT array_agg(e.event ORDER BY e.id), array_agg(e.document_id ORDER BY e.id), array_agg(r.rule ORDER BY e.id), array_agg(e.status ORDER BY e.id)
	INTO v_events, v_documents, v_rules, v_statuses
	FROM said e JOIN ready r ON r.document_id = e.document_id;
	PERFORM @store@.status_changed(p_tenant_id, e.document_id, e.id, false) FROM unnest(v_events) e;
	PERFORM @store@.announce_statuses(p_tenant_id, v_events);
	RETURN QUERY SELECT * FROM unnest(v_documents, v_rules, v_statuses);
END;
$code$;
COMMENT ON FUNCTION @store@.approve_ready(bigint, bigint[], text) IS 'Part of approve_invoices(): approves those of the invoices, which are locked, that take the short way, and returns them.';

CREATE OR REPLACE FUNCTION @store@.approve_invoices(p_tenant_id bigint, documents bigint[], note text DEFAULT NULL)
RETURNS TABLE (document_id bigint, outcome text, rule text, votes_missing int, level int, status text, error_code text, error text, detail text, hint text)
LANGUAGE plpgsql SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan    -- a page of invoices is looked up one by one, whatever the planner thinks of the tables
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	v_documents bigint[] := ARRAY(SELECT DISTINCT d FROM unnest(approve_invoices.documents) d WHERE d IS NOT NULL ORDER BY d);
	v_done bigint[];
	v_rules text[];
	v_statuses text[];
	v_id bigint;
	v_vote record;
	v_said jsonb := '{}';
	v_code text;
	v_error text;
	v_detail text;
	v_hint text;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	IF approve_invoices.documents IS NULL THEN
		RAISE EXCEPTION 'the invoices to be approved are needed' USING ERRCODE = 'null_value_not_allowed', HINT = 'View todo lists those that wait for approval.';
	END IF;
	PERFORM FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = ANY (v_documents) ORDER BY s.document_id FOR NO KEY UPDATE;
	SELECT array_agg(a.document_id), array_agg(a.rule), array_agg(a.status) INTO v_done, v_rules, v_statuses
	FROM @store@.approve_ready(p_tenant_id, v_documents, approve_invoices.note) a;
	FOREACH v_id IN ARRAY v_documents LOOP
		CONTINUE WHEN v_id = ANY (v_done);
		BEGIN
			IF EXISTS (SELECT FROM @store@.approval_request r WHERE r.tenant_id = p_tenant_id AND r.document_id = v_id AND r.state = 'open') THEN
				SELECT * INTO v_vote FROM @store@.approve_invoice(p_tenant_id, v_id, approve_invoices.note);
				v_said := v_said || jsonb_build_object(v_id, jsonb_build_object('outcome', CASE WHEN v_vote.level IS NULL THEN 'approved' ELSE 'voted' END,
					'rule', v_vote.rule, 'votes_missing', v_vote.votes_missing, 'level', v_vote.level, 'status', v_vote.status));
			ELSE
				PERFORM @store@.require_four_eyes(p_tenant_id, v_id);
				SELECT * INTO v_vote FROM @store@.apply_status(p_tenant_id, v_id, 'approved', NULL, false, message => approve_invoices.note);
				v_said := v_said || jsonb_build_object(v_id, jsonb_build_object('outcome', CASE v_vote.outcome WHEN 'applied' THEN 'approved' ELSE v_vote.outcome END,
					'status', v_vote.status));
			END IF;
		EXCEPTION WHEN insufficient_privilege OR no_data_found OR object_not_in_prerequisite_state OR invalid_parameter_value THEN
			GET STACKED DIAGNOSTICS v_code = RETURNED_SQLSTATE, v_error = MESSAGE_TEXT, v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
			v_said := v_said || jsonb_build_object(v_id, jsonb_build_object('outcome', 'refused', 'error_code', v_code, 'error', v_error,
				'detail', NULLIF(v_detail, ''), 'hint', NULLIF(v_hint, ''),
				'status', (SELECT s.status FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = v_id)));
		END;
	END LOOP;
	RETURN QUERY
	SELECT x.* FROM (
		SELECT a.document_id, 'approved', a.rule, CASE WHEN a.rule IS NOT NULL THEN 0 END, NULL::int, a.status, NULL::text, NULL::text, NULL::text, NULL::text
		FROM unnest(v_done, v_rules, v_statuses) a (document_id, rule, status)
		UNION ALL
		SELECT k.key::bigint, k.value ->> 'outcome', k.value ->> 'rule', (k.value ->> 'votes_missing')::int, (k.value ->> 'level')::int, k.value ->> 'status',
			k.value ->> 'error_code', k.value ->> 'error', k.value ->> 'detail', k.value ->> 'hint'
		FROM jsonb_each(v_said) k) x
	ORDER BY 1;
END;
$code$;
COMMENT ON FUNCTION @store@.approve_invoices(bigint, bigint[], text) IS
'Says yes to many invoices: to those that the caller is asked about as approve_invoice() does, and, where nobody is asked and no rule asks, as set_status() does. One row for each, by number; outcome: approved; voted, others are still to say yes (rule, votes_missing, level as of approve_invoice()); repeated, it was approved before; refused, with error_code (SQLSTATE), error, detail and hint, and nothing of it is changed. Who brought an invoice cannot approve it. Errors: 42501 not a member of the tenant, 22004 no invoices given; what is wrong with one invoice is a row.';

REVOKE ALL ON FUNCTION @store@.ready_for_approval(bigint, bigint[]), @store@.approve_ready(bigint, bigint[], text), @store@.approve_invoices(bigint, bigint[], text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.approve_invoices(bigint, bigint[], text) TO PUBLIC;
