-- Module p2p, votes: saying yes or no to an invoice, for oneself or in the name of somebody who delegated to the caller.
--
-- Nobody approves what he brought himself, and nobody speaks twice for one rule.

--! code
CREATE OR REPLACE FUNCTION @store@.approval_voices(p_tenant_id bigint, request @store@.approval_request, role_name text)
RETURNS TABLE (on_behalf_of text)
LANGUAGE plpgsql STABLE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT v.voice
	FROM (
		-- for oneself, as long as one has the right
		SELECT role_name AS voice, 1 AS preference
		WHERE @store@.has_right(p_tenant_id, 'approve', request.document_id)
		UNION ALL
		SELECT d.from_role, 2 FROM @store@.approval_delegation d
		WHERE d.tenant_id = p_tenant_id AND d.to_role = role_name AND d.revoked_at IS NULL
			AND CURRENT_DATE BETWEEN d.valid_from AND d.valid_until) v
	WHERE (request.approvers IS NULL OR v.voice = ANY (request.approvers))
		AND NOT EXISTS (SELECT FROM @store@.approval_vote o WHERE o.tenant_id = p_tenant_id AND o.document_id = request.document_id
			AND o.round = request.round AND o.rule = request.rule AND (o.on_behalf_of = v.voice OR o.actor = role_name))
	GROUP BY v.voice
	ORDER BY min(v.preference), v.voice COLLATE "C";
END;
$code$;
COMMENT ON FUNCTION @store@.approval_voices(bigint, @store@.approval_request, text) IS 'Part of vote(): in whose names the caller may still speak on a request: its own first, then those who delegated to it, by name.';

CREATE OR REPLACE FUNCTION @store@.require_voice(p_tenant_id bigint, document_id bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF NOT EXISTS (SELECT FROM @store@.approval_delegation d WHERE d.tenant_id = p_tenant_id AND d.to_role = clex.caller() AND d.revoked_at IS NULL
		AND CURRENT_DATE BETWEEN d.valid_from AND d.valid_until)
	THEN
		PERFORM @store@.require_right(p_tenant_id, 'approve', require_voice.document_id);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_voice(bigint, bigint) IS 'Part of approve_invoice() and reject_approval(): raises 42501 unless the caller has the right approve, or somebody delegated to it today.';

CREATE OR REPLACE FUNCTION @store@.require_four_eyes(p_tenant_id bigint, document_id bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	IF clex.caller() = (SELECT d.received_from FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = require_four_eyes.document_id) THEN
		RAISE EXCEPTION 'role "%" brought invoice %, and cannot approve it', clex.caller(), document_id USING
			ERRCODE = 'insufficient_privilege',
			DETAIL = 'It takes four eyes.',
			HINT = 'View approvals tells who is asked.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_four_eyes(bigint, bigint) IS 'Part of approval: raises 42501 if the caller submitted the invoice itself.';

CREATE OR REPLACE FUNCTION @store@.vote(p_tenant_id bigint, p_document_id bigint, approves boolean, comment text, voice text)
RETURNS @store@.approval_request
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_caller text := clex.caller();
	v_state @store@.invoice_state := @store@.lock_invoice(p_tenant_id, p_document_id);
	v_round int := (SELECT max(r.round) FROM @store@.approval_request r WHERE r.tenant_id = p_tenant_id AND r.document_id = p_document_id);
	v_request @store@.approval_request;
	v_candidate @store@.approval_request;
	v_voice text;
	v_digest bytea := @store@.approval_digest(p_tenant_id, p_document_id);
BEGIN
	IF NOT EXISTS (SELECT FROM @store@.approval_request r
		WHERE r.tenant_id = p_tenant_id AND r.document_id = p_document_id AND r.round = v_round AND r.state = 'open')
	THEN
		RAISE EXCEPTION 'nobody is asked to approve invoice %', p_document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Its status is %s (%s).', COALESCE(v_state.status, '-'), COALESCE(v_state.meaning, 'nothing said yet')),
			HINT = 'request_approval() asks.';
	END IF;
	IF approves THEN
		PERFORM @store@.require_four_eyes(p_tenant_id, p_document_id);
	END IF;
	FOR v_candidate IN
		SELECT * FROM @store@.approval_request r
		WHERE r.tenant_id = p_tenant_id AND r.document_id = p_document_id AND r.round = v_round AND r.state = 'open'
		ORDER BY r.rule COLLATE "C"
	LOOP
		SELECT o.on_behalf_of INTO v_voice FROM @store@.approval_voices(p_tenant_id, v_candidate, v_caller) o
		WHERE vote.voice IS NULL OR o.on_behalf_of = vote.voice LIMIT 1;
		IF FOUND THEN
			v_request := v_candidate;
			EXIT;
		END IF;
	END LOOP;
	IF v_request.rule IS NULL THEN
		RAISE EXCEPTION 'role "%" is not asked to approve invoice %', v_caller, p_document_id USING
			ERRCODE = 'insufficient_privilege',
			DETAIL = CASE WHEN vote.voice IS NOT NULL THEN format('It may not speak in the name of "%s" now.', vote.voice)
				WHEN EXISTS (SELECT FROM @store@.approval_vote o
					WHERE o.tenant_id = p_tenant_id AND o.document_id = p_document_id AND o.round = v_round AND v_caller IN (o.actor, o.on_behalf_of))
				THEN 'It has spoken in this round, or somebody in its name.' ELSE 'Neither it nor anybody who delegated to it is.' END,
			HINT = format('Who is asked: %s.', (
				SELECT string_agg(COALESCE(array_to_string(r.approvers, ', '), @store@.who_may('approve')), '; ' ORDER BY r.rule COLLATE "C")
				FROM @store@.approval_request r
				WHERE r.tenant_id = p_tenant_id AND r.document_id = p_document_id AND r.round = v_round AND r.state = 'open'));
	END IF;
	IF v_request.digest IS DISTINCT FROM v_digest THEN
		RAISE EXCEPTION 'invoice % has changed since its approval was asked for', p_document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = 'It was read or enriched anew, and says something else now.',
			HINT = 'request_approval() begins a new round.';
	END IF;
	INSERT INTO @store@.approval_vote (tenant_id, document_id, round, rule, on_behalf_of, approves, comment, digest)
	VALUES (p_tenant_id, p_document_id, v_round, v_request.rule, v_voice, vote.approves, vote.comment, v_digest);
	RETURN v_request;
END;
$code$;
COMMENT ON FUNCTION @store@.vote(bigint, bigint, boolean, text, text) IS 'Part of approve_invoice() and reject_approval(): writes down a vote on the first request, by name, that the caller may speak on, and returns that.';

CREATE OR REPLACE FUNCTION @store@.approve_invoice(
	p_tenant_id bigint,
	document_id bigint,
	comment text DEFAULT NULL,
	on_behalf_of text DEFAULT NULL,
	OUT rule text,
	OUT votes_missing int,
	OUT level int,
	OUT status text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_request @store@.approval_request;
	v_objection record;
BEGIN
	PERFORM @store@.require_voice(p_tenant_id, approve_invoice.document_id);
	v_request := @store@.vote(p_tenant_id, approve_invoice.document_id, true, approve_invoice.comment, approve_invoice.on_behalf_of);
	rule := v_request.rule;
	votes_missing := v_request.votes - (
		SELECT count(*) FROM @store@.approval_vote o WHERE o.tenant_id = p_tenant_id AND o.document_id = v_request.document_id
			AND o.round = v_request.round AND o.rule = v_request.rule);
	IF votes_missing = 0 THEN
		UPDATE @store@.approval_request r SET state = 'granted', settled_at = now()
		WHERE r.tenant_id = p_tenant_id AND r.document_id = v_request.document_id AND r.round = v_request.round AND r.rule = v_request.rule;
	END IF;
	level := @store@.open_level(p_tenant_id, v_request.document_id, v_request.round);
	IF level IS NULL THEN
		SELECT * INTO v_objection FROM @store@.status_objections(p_tenant_id, v_request.document_id, 'approved') o WHERE o.part <> 'approval' LIMIT 1;
		IF FOUND THEN
			RAISE EXCEPTION 'invoice % cannot be approved', v_request.document_id USING
				ERRCODE = 'object_not_in_prerequisite_state',
				DETAIL = format('%s: found %s, needed %s.', v_objection.part, v_objection.objection, v_objection.needed),
				HINT = COALESCE(format('Who may: %s.', v_objection.who), 'explain_status() lists all conditions.');
		END IF;
		SELECT a.status INTO status
		FROM @store@.apply_status(p_tenant_id, v_request.document_id, 'approved', NULL, false, message => approve_invoice.comment,
			event_key => format('approval/%s/%s', v_request.document_id, v_request.round), checked => true) a;
	ELSE
		status := (SELECT s.status FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = v_request.document_id);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.approve_invoice(bigint, bigint, text, text) IS
'Says yes to an invoice, as an approver who is asked, or in the name of one who delegated to the caller (on_behalf_of; NULL = oneself if one is asked, else the first such). Returns the rule it counts for, how many votes that still needs, the level asked next (NULL: none), and the status: when all have approved it is approved, in the same transaction. Who brought the invoice cannot approve it, and nobody votes twice for one rule. Errors: 42501 not asked, or voted before, P0002 no such invoice, 55000 nobody is asked, the invoice has changed since, or another part of the module objects to the last yes (it does not match its order).';

CREATE OR REPLACE FUNCTION @store@.reject_approval(p_tenant_id bigint, document_id bigint, comment text, on_behalf_of text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_request @store@.approval_request;
BEGIN
	PERFORM @store@.require_voice(p_tenant_id, reject_approval.document_id);
	IF COALESCE(btrim(reject_approval.comment), '') = '' THEN
		RAISE EXCEPTION 'a no needs a reason' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	v_request := @store@.vote(p_tenant_id, reject_approval.document_id, false, reject_approval.comment, reject_approval.on_behalf_of);
	UPDATE @store@.approval_request r SET state = 'rejected', settled_at = now()
	WHERE r.tenant_id = p_tenant_id AND r.document_id = v_request.document_id AND r.round = v_request.round AND r.rule = v_request.rule;
	PERFORM @store@.end_round(p_tenant_id, v_request.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.reject_approval(bigint, bigint, text, text) IS
'Says no to an invoice, and why: the round ends, and the invoice is back with those who handle it (view todo), who dispute it, refuse it, or ask again. It keeps its status. Errors: 22004 no reason, and those of approve_invoice(): 42501, P0002, 55000.';

CREATE OR REPLACE VIEW @store@.approval_votes WITH (security_invoker) AS
SELECT v.tenant_id, v.document_id, i.number, v.round, v.rule, v.actor, v.login, v.on_behalf_of, v.approves, v.comment, v.digest, v.voted_at
FROM @store@.approval_vote v
JOIN @store@.invoice i ON i.tenant_id = v.tenant_id AND i.document_id = v.document_id;
COMMENT ON VIEW @store@.approval_votes IS 'Who said yes or no to which invoice, when, in whose name, and to which text of it (digest).';

REVOKE ALL ON FUNCTION @store@.vote(bigint, bigint, boolean, text, text), @store@.require_voice(bigint, bigint), @store@.require_four_eyes(bigint, bigint),
	@store@.approval_voices(bigint, @store@.approval_request, text), @store@.approve_invoice(bigint, bigint, text, text),
	@store@.reject_approval(bigint, bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.approve_invoice(bigint, bigint, text, text), @store@.reject_approval(bigint, bigint, text, text) TO PUBLIC;
GRANT SELECT ON @store@.approval_votes TO PUBLIC;
