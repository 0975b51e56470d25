-- Module p2p, rounds of approval: asking for the approvals that the rules of this moment want, level by level, until all are given or one is refused.
--
-- A round is bound to what the invoice said when it began, by a hash: what is read or enriched anew is approved anew.

--! code
CREATE OR REPLACE FUNCTION @store@.approval_digest(p_tenant_id bigint, document_id bigint) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.sha256(d.sha256 || pg_catalog.convert_to(
		COALESCE(@store@.enriched_document(approval_digest.p_tenant_id, approval_digest.document_id)::text, ''), 'UTF8'))
	FROM @store@.document d
	WHERE d.tenant_id = approval_digest.p_tenant_id AND d.id = approval_digest.document_id;
END;
COMMENT ON FUNCTION @store@.approval_digest(bigint, bigint) IS 'SHA-256 of what is approved: the original bytes (their SHA-256), and what was read from them with what enrichments added. NULL if there is no such document.';

CREATE OR REPLACE FUNCTION @store@.open_level(p_tenant_id bigint, document_id bigint, round int) RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_level int := (
		SELECT min(r.level) FROM @store@.approval_request r
		WHERE r.tenant_id = p_tenant_id AND r.document_id = open_level.document_id AND r.round = open_level.round AND r.state IN ('waiting', 'open'));
BEGIN
	UPDATE @store@.approval_request r SET state = 'open', asked_at = now(), due_at = now() + r.sla
	WHERE r.tenant_id = p_tenant_id AND r.document_id = open_level.document_id AND r.round = open_level.round AND r.level = v_level AND r.state = 'waiting';
	IF FOUND THEN
		PERFORM @store@.post_notice(p_tenant_id, 'approval_asked', format('approval_asked/%s/%s/%s/%s', r.document_id, r.round, r.rule, a.role_name),
			@store@.invoice_arguments(p_tenant_id, r.document_id) || jsonb_build_object('rule', r.rule, 'due', r.due_at::date), a.role_name, NULL, r.document_id)
		FROM @store@.approval_request r
		CROSS JOIN LATERAL unnest(r.approvers) a (role_name)
		WHERE r.tenant_id = p_tenant_id AND r.document_id = open_level.document_id AND r.round = open_level.round AND r.level = v_level
		ORDER BY r.rule COLLATE "C", a.role_name COLLATE "C";
	END IF;
	RETURN v_level;
END;
$code$;
COMMENT ON FUNCTION @store@.open_level(bigint, bigint, int) IS 'Part of approval: asks those of the lowest level of a round that is not settled, and tells those who are named; NULL if all are settled.';

CREATE OR REPLACE FUNCTION @store@.end_round(p_tenant_id bigint, document_id bigint) RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	UPDATE @store@.approval_request r SET state = 'void', settled_at = now()
	WHERE r.tenant_id = p_tenant_id AND r.document_id = end_round.document_id AND r.state IN ('waiting', 'open');
	RETURN (SELECT COALESCE(max(r.round), 0) FROM @store@.approval_request r WHERE r.tenant_id = p_tenant_id AND r.document_id = end_round.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.end_round(bigint, bigint) IS 'Part of approval: ends the round that is going on, if one is; returns the number of the last round.';

CREATE OR REPLACE FUNCTION @store@.request_approval(p_tenant_id bigint, document_id bigint)
RETURNS TABLE (round int, level int, rule text, approvers text[], votes int, state text, due_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER ROWS 5
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
	v_digest bytea;
	v_round int;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle', request_approval.document_id);
	v_state := @store@.lock_invoice(p_tenant_id, request_approval.document_id);
	IF v_state.direction = 'sale' OR v_state.meaning = 'approved' OR EXISTS (
		SELECT FROM @store@.lifecycle_status s
		WHERE s.tenant_id = p_tenant_id AND s.lifecycle = v_state.lifecycle AND s.status = v_state.status AND s.final)
	THEN
		RAISE EXCEPTION 'invoice % needs no approval', request_approval.document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = CASE v_state.direction WHEN 'sale' THEN 'It was sold, not bought.' ELSE format('Its status is %s (%s).', v_state.status, v_state.meaning) END;
	END IF;
	v_digest := @store@.approval_digest(p_tenant_id, request_approval.document_id);
	v_round := 1 + @store@.end_round(p_tenant_id, request_approval.document_id);
	INSERT INTO @store@.approval_request (tenant_id, document_id, round, level, rule, approvers, votes, sla, digest, state)
	SELECT p_tenant_id, request_approval.document_id, v_round, e.level, e.rule, e.approvers, e.votes, e.sla, v_digest, 'waiting'
	FROM @store@.explain_approval(p_tenant_id, request_approval.document_id) e
	WHERE e.applies;
	IF NOT FOUND THEN
		INSERT INTO @store@.approval_request (tenant_id, document_id, round, level, rule, votes, digest, state)
		VALUES (p_tenant_id, request_approval.document_id, v_round, 1, '-', 1, v_digest, 'waiting');
	END IF;
	PERFORM @store@.open_level(p_tenant_id, request_approval.document_id, v_round);
	RETURN QUERY
	SELECT r.round, r.level, r.rule, r.approvers, r.votes, r.state, r.due_at
	FROM @store@.approval_request r
	WHERE r.tenant_id = p_tenant_id AND r.document_id = request_approval.document_id AND r.round = v_round
	ORDER BY r.level, r.rule COLLATE "C";
END;
$code$;
COMMENT ON FUNCTION @store@.request_approval(bigint, bigint) IS
'Begins a round of approval of an invoice: the rules that hold now are who must approve (explain_approval() says why); if none holds, one who has the right approve is enough. A round that was going on ends, and its votes with it. For personas with the right handle. Errors: 42501, P0002 no such invoice, 55000 it was sold, is approved already, or its status is final.';

CREATE OR REPLACE FUNCTION @store@.reassign_approval(p_tenant_id bigint, document_id bigint, rule text, approvers text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old @store@.approval_request;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	PERFORM @store@.require_roles(reassign_approval.approvers);
	PERFORM @store@.lock_invoice(p_tenant_id, reassign_approval.document_id);
	SELECT * INTO v_old FROM @store@.approval_request r
	WHERE r.tenant_id = p_tenant_id AND r.document_id = reassign_approval.document_id AND r.rule = reassign_approval.rule AND r.state IN ('waiting', 'open');
	IF NOT FOUND THEN
		RAISE EXCEPTION 'rule "%" does not ask for approval of invoice %', reassign_approval.rule, reassign_approval.document_id USING
			ERRCODE = 'no_data_found',
			HINT = 'View approvals lists what is asked.';
	ELSIF cardinality(reassign_approval.approvers) < v_old.votes THEN
		RAISE EXCEPTION 'rule "%" needs % votes', reassign_approval.rule, v_old.votes USING ERRCODE = 'invalid_parameter_value';
	END IF;
	UPDATE @store@.approval_request r SET approvers = reassign_approval.approvers, due_at = CASE WHEN r.state = 'open' THEN now() + r.sla END
	WHERE r.tenant_id = p_tenant_id AND r.document_id = v_old.document_id AND r.round = v_old.round AND r.rule = v_old.rule;
	PERFORM @store@.record_event(p_tenant_id, 'reassign_approval', 'invoice', reassign_approval.document_id::text,
		jsonb_build_object('rule', v_old.rule, 'approvers', v_old.approvers), jsonb_build_object('rule', v_old.rule, 'approvers', reassign_approval.approvers));
END;
$code$;
COMMENT ON FUNCTION @store@.reassign_approval(bigint, bigint, text, text[]) IS
'Asks others instead, where who was asked has left or does not answer; NULL = whoever has the right approve. The time they have begins anew. Votes that were given count. For personas with the right configure. Errors: 42501, 42704 no such role, P0002 no such invoice, or the rule asks nothing, 22023 fewer approvers than votes.';

CREATE OR REPLACE FUNCTION @store@.object_approval(p_tenant_id bigint, document_id bigint, meaning text)
RETURNS TABLE (objection text, needed text, who text)
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_round int;
	v_open record;
BEGIN
	IF meaning <> 'approved' THEN
		RETURN;
	END IF;
	v_round := (SELECT max(r.round) FROM @store@.approval_request r WHERE r.tenant_id = p_tenant_id AND r.document_id = object_approval.document_id);
	SELECT string_agg(format('%s of level %s is %s', r.rule, r.level, r.state), ', ' ORDER BY r.level, r.rule COLLATE "C") AS missing,
		string_agg(COALESCE(array_to_string(r.approvers, ', '), @store@.who_may('approve')), '; ' ORDER BY r.level, r.rule COLLATE "C") AS who INTO v_open
	FROM @store@.approval_request r
	WHERE r.tenant_id = p_tenant_id AND r.document_id = object_approval.document_id AND r.round = v_round AND r.state <> 'granted';
	IF v_open.missing IS NOT NULL THEN
		RETURN QUERY SELECT v_open.missing, 'all approvals of the round', v_open.who;
	ELSIF v_round IS NULL AND EXISTS (SELECT FROM @store@.approval_rule r WHERE r.tenant_id = p_tenant_id AND NOT r.retired) THEN
		RETURN QUERY
		SELECT format('%s of level %s asks for approval', e.rule, e.level), 'request_approval()', @store@.who_may('handle')
		FROM @store@.explain_approval(p_tenant_id, object_approval.document_id) e WHERE e.applies LIMIT 1;
	ELSIF EXISTS (SELECT FROM @store@.approval_request r
		WHERE r.tenant_id = p_tenant_id AND r.document_id = object_approval.document_id AND r.round = v_round
			AND r.digest IS DISTINCT FROM @store@.approval_digest(p_tenant_id, object_approval.document_id))
	THEN
		RETURN QUERY SELECT 'the invoice has changed since it was approved', 'a new round: request_approval()', @store@.who_may('handle');
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.object_approval(bigint, bigint, text) IS 'Part of status_objections(): whose approval is missing before an invoice may be approved.';

CREATE OR REPLACE FUNCTION @store@.react_approval(p_tenant_id bigint, document_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.end_round(p_tenant_id, react_approval.document_id)
	FROM @store@.invoice_state s
	LEFT JOIN @store@.lifecycle_status l ON l.tenant_id = s.tenant_id AND l.lifecycle = s.lifecycle AND l.status = s.status
	WHERE s.tenant_id = p_tenant_id AND s.document_id = react_approval.document_id AND (l.final OR s.meaning IN ('approved', 'disputed', 'suspended'))
		AND EXISTS (SELECT FROM @store@.approval_request r
			WHERE r.tenant_id = p_tenant_id AND r.document_id = react_approval.document_id AND r.state IN ('waiting', 'open'));
END;
$code$;
COMMENT ON FUNCTION @store@.react_approval(bigint, bigint) IS 'Part of status_changed(): an invoice that is approved, disputed, suspended, refused or gone is not asked about any more.';

CREATE OR REPLACE VIEW @store@.approvals WITH (security_invoker) AS
SELECT r.tenant_id, r.document_id, i.number, i.seller_name, i.currency, i.gross, r.round, r.level, r.rule, r.state, r.approvers, r.votes,
	(SELECT count(*) FROM @store@.approval_vote v
		WHERE v.tenant_id = r.tenant_id AND v.document_id = r.document_id AND v.round = r.round AND v.rule = r.rule AND v.approves) AS votes_given,
	r.requested_at, r.requested_by, r.asked_at, r.due_at, r.state = 'open' AND r.due_at < pg_catalog.now() AS is_overdue, r.settled_at
FROM @store@.approval_request r
JOIN @store@.invoice i ON i.tenant_id = r.tenant_id AND i.document_id = r.document_id;
COMMENT ON VIEW @store@.approvals IS 'What must be approved, by whom, and what has been: one row for each rule of each round.';

REVOKE ALL ON FUNCTION @store@.open_level(bigint, bigint, int), @store@.end_round(bigint, bigint), @store@.request_approval(bigint, bigint),
	@store@.reassign_approval(bigint, bigint, text, text[]), @store@.react_approval(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.request_approval(bigint, bigint), @store@.reassign_approval(bigint, bigint, text, text[]),
	@store@.approval_digest(bigint, bigint), @store@.object_approval(bigint, bigint, text) TO PUBLIC;
GRANT SELECT ON @store@.approvals TO PUBLIC;
