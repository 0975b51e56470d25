-- Module p2p, events: saying something of an invoice, and hearing what others say of it.
--
-- What members say must be lawful, else it is an error; what others said is kept whatever it is, with what came of it.

--! code
CREATE OR REPLACE FUNCTION @store@.lock_invoice(p_tenant_id bigint, document_id bigint) RETURNS @store@.invoice_state
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
BEGIN
	SELECT * INTO v_state FROM @store@.invoice_state s
	WHERE s.tenant_id = p_tenant_id AND s.document_id = lock_invoice.document_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no invoice %', p_tenant_id, lock_invoice.document_id USING
			ERRCODE = 'no_data_found',
			HINT = 'View invoices lists those you may see.';
	END IF;
	RETURN v_state;
END;
$code$;
COMMENT ON FUNCTION @store@.lock_invoice(bigint, bigint) IS 'Locks an invoice for the rest of the transaction, and returns its state: first lock of whatever decides about it. Of several invoices the one with the lowest number is locked first. Errors: P0002 no such invoice, or not one the caller may see.';

CREATE OR REPLACE FUNCTION @store@.said_before(p_tenant_id bigint, event_key text, document_id bigint, status text, reasons text[]) RETURNS @store@.status_event
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_event @store@.status_event;
BEGIN
	SELECT * INTO v_event FROM @store@.status_event e WHERE e.tenant_id = p_tenant_id AND e.event_key = said_before.event_key;
	IF FOUND AND (v_event.document_id, v_event.status, v_event.reasons) IS DISTINCT FROM (said_before.document_id, said_before.status, said_before.reasons) THEN
		RAISE EXCEPTION 'event key "%" stands for another event', said_before.event_key USING
			ERRCODE = 'unique_violation',
			DETAIL = format('It came with status %s of invoice %s.', v_event.status, v_event.document_id);
	END IF;
	RETURN v_event;
END;
$code$;
COMMENT ON FUNCTION @store@.said_before(bigint, text, bigint, text, text[]) IS 'Part of apply_status(): the event that came with this key before; NULL if none did. Errors: 23505 the key stands for another event.';

CREATE OR REPLACE FUNCTION @store@.require_settable(p_tenant_id bigint, state @store@.invoice_state, status text, is_known boolean, expected_version int) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF expected_version <> state.version THEN
		RAISE EXCEPTION 'invoice % has changed meanwhile', state.document_id USING
			ERRCODE = 'serialization_failure',
			DETAIL = format('Its version is %s, not %s; its status is %s.', state.version, expected_version, COALESCE(state.status, '-')),
			HINT = 'Look at it again, then decide.';
	ELSIF NOT is_known THEN
		RAISE EXCEPTION 'lifecycle "%" has no status "%"', state.lifecycle, require_settable.status USING
			ERRCODE = 'invalid_parameter_value',
			HINT = format('It has: %s.', (SELECT string_agg(concat_ws(' ', s.status, s.meaning), ', ' ORDER BY s.status COLLATE "C") FROM @store@.lifecycle_status s
				WHERE s.tenant_id = p_tenant_id AND s.lifecycle = state.lifecycle));
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_settable(bigint, @store@.invoice_state, text, boolean, int) IS 'Part of apply_status(): raises 40001 if the invoice is no longer in the version that the caller looked at (NULL = any), and 22023 if its lifecycle does not know the status.';

CREATE OR REPLACE FUNCTION @store@.record_status(p_tenant_id bigint, event @store@.status_event, status text, marks text[], since timestamptz) RETURNS @store@.status_event
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_event @store@.status_event;
	v_moves boolean := event.outcome IN ('applied', 'replayed');
BEGIN
	INSERT INTO @store@.status_event AS e (tenant_id, document_id, event_key, lifecycle, status, issuer, reasons, message, facts, source_document,
		occurred_at, received_at, outcome, from_status, to_status, refusal)
	VALUES (p_tenant_id, event.document_id, event.event_key, event.lifecycle, event.status, event.issuer, event.reasons, event.message, event.facts, event.source_document,
		event.occurred_at, event.received_at, event.outcome, event.from_status, CASE WHEN v_moves THEN record_status.status ELSE event.from_status END, event.refusal)
	RETURNING e.* INTO v_event;
	IF v_moves THEN
		UPDATE @store@.invoice_state s
		SET status = record_status.status, marks = record_status.marks, version = s.version + 1, since = COALESCE(record_status.since, s.since),
			meaning = (SELECT l.meaning FROM @store@.lifecycle_status l
				WHERE l.tenant_id = p_tenant_id AND l.lifecycle = event.lifecycle AND l.status = record_status.status)
		WHERE s.tenant_id = p_tenant_id AND s.document_id = event.document_id;
	END IF;
	RETURN v_event;
END;
$code$;
COMMENT ON FUNCTION @store@.record_status(bigint, @store@.status_event, text, text[], timestamptz) IS 'Part of apply_status(): writes an event down and, if it was applied or replayed, the status and the marks that its invoice has by it and since when (NULL = as before).';

CREATE OR REPLACE FUNCTION @store@.apply_status(
	p_tenant_id bigint,
	p_document_id bigint,
	p_status text,
	issuer text,
	received boolean,
	reasons text[] DEFAULT '{}',
	message text DEFAULT NULL,
	occurred_at timestamptz DEFAULT NULL,
	event_key text DEFAULT NULL,
	facts jsonb DEFAULT NULL,
	source_document bigint DEFAULT NULL,
	expected_version int DEFAULT NULL,
	checked boolean DEFAULT false,
	OUT event_id bigint,
	OUT outcome text,
	OUT status text,
	OUT version int,
	OUT refusal text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off    -- one invoice is looked up by its keys, also where a plan was made when the tables were small
SET jit = off    -- whatever that seems to cost
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state := @store@.lock_invoice(p_tenant_id, p_document_id);
	v_issuers text[] := CASE WHEN apply_status.issuer IS NULL THEN @store@.side_of(p_tenant_id, v_state) ELSE ARRAY[apply_status.issuer] END;
	v_target @store@.lifecycle_status;
	v_event @store@.status_event;
	v_latest timestamptz := (SELECT max(e.ordered_at) FROM @store@.status_event e WHERE e.tenant_id = p_tenant_id AND e.document_id = p_document_id);
	v_status text;
	v_marks text[];
	v_since timestamptz;
BEGIN
	reasons := COALESCE(reasons, '{}');
	status := v_state.status;
	version := v_state.version;
	SELECT * INTO v_target FROM @store@.lifecycle_status s
	WHERE s.tenant_id = p_tenant_id AND s.lifecycle = v_state.lifecycle AND p_status IN (s.status, s.meaning)
	ORDER BY s.status = p_status DESC LIMIT 1;
	IF apply_status.event_key IS NOT NULL THEN
		v_event := @store@.said_before(p_tenant_id, apply_status.event_key, p_document_id, COALESCE(v_target.status, p_status), reasons);
		IF v_event.id IS NOT NULL THEN
			event_id := v_event.id;
			outcome := v_event.outcome;
			refusal := v_event.refusal;
			RETURN;
		END IF;
	END IF;
	PERFORM @store@.require_settable(p_tenant_id, v_state, p_status, v_target.status IS NOT NULL OR received, expected_version);
	IF v_target.kind IN ('main', 'mark') THEN
		refusal := @store@.refusal_of(p_tenant_id, v_state, v_target, v_issuers, reasons, received, checked);
	END IF;

	-- of two things said of one invoice no two are heard of in the same moment
	v_event.received_at := GREATEST(clock_timestamp(), v_latest + interval '1 microsecond');
	v_event.occurred_at := COALESCE(apply_status.occurred_at, v_event.received_at);
	v_event.ordered_at := LEAST(v_event.occurred_at, v_event.received_at);
	v_event.event_key := COALESCE(apply_status.event_key, gen_random_uuid()::text);
	v_event.status := COALESCE(v_target.status, p_status);
	v_event.reasons := reasons;
	IF refusal IS NOT NULL THEN
		outcome := 'refused';
	ELSE
		SELECT s.status, s.marks, s.outcome INTO v_status, v_marks, outcome
		FROM @store@.step_status(p_tenant_id, v_state.lifecycle, v_state.status, v_state.marks, v_event.status, reasons) s;
		-- said again it is no event, unless it says more
		IF outcome = 'repeated' AND NOT received AND apply_status.facts IS NULL THEN
			RETURN;
		END IF;
		IF v_event.ordered_at <= v_latest AND outcome <> 'kept' THEN
			SELECT r.status, r.marks, r.since INTO v_status, v_marks, v_since FROM @store@.replay_status(p_tenant_id, v_state, v_event) r;
			outcome := CASE WHEN (v_status, v_marks, v_since) IS DISTINCT FROM (v_state.status, v_state.marks, v_state.since) THEN 'replayed'
				WHEN outcome = 'applied' THEN 'late' ELSE outcome END;
		ELSIF v_status IS DISTINCT FROM v_state.status THEN
			v_since := v_event.ordered_at;
		END IF;
	END IF;

	v_event.document_id := p_document_id;
	v_event.lifecycle := v_state.lifecycle;
	v_event.issuer := v_issuers[1];
	v_event.message := apply_status.message;
	v_event.facts := apply_status.facts;
	v_event.source_document := apply_status.source_document;
	v_event.outcome := outcome;
	v_event.from_status := v_state.status;
	v_event.refusal := refusal;
	v_event := @store@.record_status(p_tenant_id, v_event, v_status, v_marks, v_since);
	event_id := v_event.id;
	IF outcome IN ('applied', 'replayed') THEN
		status := v_status;
		version := v_state.version + 1;
	END IF;
	IF outcome IN ('applied', 'replayed') OR outcome = 'repeated' AND NOT received THEN
		PERFORM @store@.status_changed(p_tenant_id, p_document_id, event_id, received);
		IF NOT received THEN
			PERFORM @store@.announce_statuses(p_tenant_id, ARRAY[v_event]);
		END IF;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.apply_status(bigint, bigint, text, text, boolean, text[], text, timestamptz, text, jsonb, bigint, int, boolean) IS
'Part of set_status(), receive_status() and of other functions that decide about an invoice: the only writer of status_event and of the status in invoice_state. issuer: side that says so, NULL = that of the caller. received: somebody else said so and it is kept whatever it is; else what is not lawful is an error. checked: the function that calls has asked for rights and objections itself. p_status: code or meaning.';

CREATE OR REPLACE FUNCTION @store@.set_status(
	p_tenant_id bigint,
	document_id bigint,
	status text,
	reasons text[] DEFAULT '{}',
	message text DEFAULT NULL,
	facts jsonb DEFAULT NULL,
	event_key text DEFAULT NULL,
	occurred_at timestamptz DEFAULT NULL,
	expected_version int DEFAULT NULL,
	OUT event_id bigint,
	OUT outcome text,
	OUT new_status text,
	OUT version int)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	SELECT a.event_id, a.outcome, a.status, a.version INTO set_status.event_id, set_status.outcome, set_status.new_status, set_status.version
	FROM @store@.apply_status(p_tenant_id, set_status.document_id, set_status.status, NULL, false, set_status.reasons, set_status.message,
		set_status.occurred_at, set_status.event_key, set_status.facts, NULL, set_status.expected_version) a;
END;
$code$;
COMMENT ON FUNCTION @store@.set_status(bigint, bigint, text, text[], text, jsonb, text, timestamptz, int) IS
'Gives an invoice a status on behalf of the caller''s side. status: its code, or its meaning (approved, disputed …). reasons: codes of view lifecycle_reasons, mandatory for some. message: for people. facts: data of the event, such as amounts. event_key: what the caller calls this event; the same key again gets the first answer. occurred_at: when it happened, if before now. expected_version: the version that the caller looked at. outcome: applied; repeated, it had that status; late and replayed for what happened earlier. Errors: 42501 not the caller''s to say, P0002 no such invoice, 22023 no such status or reason, 55000 not lawful now, 23505 the key of another event, 40001 changed meanwhile; each says why and who may, and explain_status() all of it.';

CREATE OR REPLACE FUNCTION @store@.receive_status(
	p_tenant_id bigint,
	document_id bigint,
	status text,
	issuer text,
	event_key text,
	occurred_at timestamptz,
	reasons text[] DEFAULT '{}',
	message text DEFAULT NULL,
	facts jsonb DEFAULT NULL,
	OUT event_id bigint,
	OUT outcome text,
	OUT new_status text,
	OUT version int,
	OUT refusal text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'exchange');
	PERFORM @store@.require_given(jsonb_build_object('status', receive_status.status));
	IF num_nulls(receive_status.issuer, receive_status.event_key, receive_status.occurred_at) > 0 THEN
		RAISE EXCEPTION 'issuer, event key and time of a status that was received are needed' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	PERFORM @store@.require_form(p_tenant_id, 'the issuer', receive_status.issuer, '^(platform|buyer|seller|authority)$', 'platform, buyer, seller or authority');
	SELECT a.event_id, a.outcome, a.status, a.version, a.refusal
	INTO receive_status.event_id, receive_status.outcome, receive_status.new_status, receive_status.version, receive_status.refusal
	FROM @store@.apply_status(p_tenant_id, receive_status.document_id, receive_status.status, receive_status.issuer, true, receive_status.reasons,
		receive_status.message, receive_status.occurred_at, receive_status.event_key, receive_status.facts) a;
END;
$code$;
COMMENT ON FUNCTION @store@.receive_status(bigint, bigint, text, text, text, timestamptz, text[], text, jsonb) IS
'Keeps what somebody else said of an invoice, and lets it have its effect. issuer: platform, buyer, seller or authority. It never fails for what is said: outcome tells whether it was applied, replayed (it happened before others, which were gone through again), repeated, late (others had gone beyond), early (no lawful step yet), kept (moves no invoice) or refused, with the reason in refusal. For personas with the right exchange. Errors: 42501, 22004 status, issuer, key or time missing, 23514 not an issuer or a key, P0002 no such invoice, 23505 the key of another event.';

CREATE OR REPLACE VIEW @store@.status_events WITH (security_invoker) AS
SELECT e.tenant_id, e.id, e.document_id, i.number, e.occurred_at, e.received_at, e.lifecycle, e.status, l.meaning, l.labels, e.issuer, e.reasons, e.message, e.facts,
	e.outcome, e.from_status, e.to_status, e.refusal, e.actor, e.login, e.event_key, e.source_document
FROM @store@.status_event e
JOIN @store@.invoice i ON i.tenant_id = e.tenant_id AND i.document_id = e.document_id
LEFT JOIN @store@.lifecycle_status l ON l.tenant_id = e.tenant_id AND l.lifecycle = e.lifecycle AND l.status = e.status;
COMMENT ON VIEW @store@.status_events IS 'What was said of invoices: what, by whom, when it happened and when it was heard of, and what came of it.';

REVOKE ALL ON FUNCTION @store@.lock_invoice(bigint, bigint), @store@.said_before(bigint, text, bigint, text, text[]), @store@.require_settable(bigint, @store@.invoice_state, text, boolean, int),
	@store@.record_status(bigint, @store@.status_event, text, text[], timestamptz),
	@store@.apply_status(bigint, bigint, text, text, boolean, text[], text, timestamptz, text, jsonb, bigint, int, boolean),
	@store@.set_status(bigint, bigint, text, text[], text, jsonb, text, timestamptz, int),
	@store@.receive_status(bigint, bigint, text, text, text, timestamptz, text[], text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.set_status(bigint, bigint, text, text[], text, jsonb, text, timestamptz, int),
	@store@.receive_status(bigint, bigint, text, text, text, timestamptz, text[], text, jsonb) TO PUBLIC;
GRANT SELECT ON @store@.status_events TO PUBLIC;
