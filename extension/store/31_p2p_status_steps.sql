-- Module p2p, steps: what an event makes of the status of an invoice, and what all of them make of it in the order in which they happened.

--! code
CREATE OR REPLACE FUNCTION @store@.step_status(
	p_tenant_id bigint,
	lifecycle text,
	INOUT status text,
	INOUT marks text[],
	target text,
	reasons text[],
	OUT outcome text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_from @store@.lifecycle_status;
	v_to @store@.lifecycle_status;
BEGIN
	SELECT * INTO v_to FROM @store@.lifecycle_status s
	WHERE s.tenant_id = p_tenant_id AND s.lifecycle = step_status.lifecycle AND s.status = step_status.target;
	IF NOT FOUND OR v_to.kind = 'message' THEN
		outcome := 'kept';
		RETURN;
	END IF;
	SELECT * INTO v_from FROM @store@.lifecycle_status s
	WHERE s.tenant_id = p_tenant_id AND s.lifecycle = step_status.lifecycle AND s.status = step_status.status;
	outcome := CASE
		WHEN EXISTS (SELECT FROM @store@.lifecycle_reason r WHERE r.tenant_id = p_tenant_id AND r.lifecycle = step_status.lifecycle
			AND r.reason = ANY (reasons) AND v_to.status = ANY (r.copy_statuses)) AND v_from.status IS NOT NULL THEN 'kept'
		WHEN v_to.kind = 'mark' AND v_to.status = ANY (marks) THEN 'repeated'
		WHEN v_to.kind = 'mark' AND v_from.final THEN 'early'
		WHEN v_to.kind = 'mark' AND cardinality(v_to.after) > 0 AND NOT v_to.after && marks THEN 'early'
		WHEN EXISTS (SELECT FROM @store@.lifecycle_transition t WHERE t.tenant_id = p_tenant_id AND t.lifecycle = step_status.lifecycle
			AND t.to_status = v_to.status AND t.from_status IN (COALESCE(v_from.status, '-'), '*')) THEN 'applied'
		WHEN v_to.status = v_from.status THEN 'repeated'
		WHEN v_from.final THEN 'early'
		-- of the transmission what was skipped is heard of later, or never
		WHEN v_to.rank IS NOT NULL AND (v_from.phase <> 'transmission' OR v_from.rank >= v_to.rank) THEN 'late'
		WHEN v_to.rank IS NOT NULL THEN 'applied'
		WHEN (v_from.status IS NULL OR v_from.phase = 'transmission') AND EXISTS (
			SELECT FROM @store@.lifecycle_status s
			JOIN @store@.lifecycle_transition t ON t.tenant_id = s.tenant_id AND t.lifecycle = s.lifecycle AND t.from_status = s.status
			WHERE s.tenant_id = p_tenant_id AND s.lifecycle = step_status.lifecycle AND t.to_status = v_to.status
				AND s.rank = (SELECT max(m.rank) FROM @store@.lifecycle_status m WHERE m.tenant_id = p_tenant_id AND m.lifecycle = step_status.lifecycle))
			THEN 'applied'
		ELSE 'early' END;
	IF outcome = 'applied' AND v_to.kind = 'main' THEN
		status := v_to.status;
	ELSIF outcome = 'applied' AND cardinality(v_to.clears) > 0 THEN
		marks := ARRAY(SELECT m FROM unnest(marks) m WHERE m <> ALL (v_to.clears) ORDER BY m COLLATE "C");
	ELSIF outcome = 'applied' THEN
		marks := ARRAY(SELECT m FROM unnest(marks || v_to.status) m ORDER BY m COLLATE "C");
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.step_status(bigint, text, text, text[], text, text[]) IS
'Part of apply_status(): what an event makes of the status and the marks of an invoice. outcome: applied, repeated, late, early or kept, as in table status_event.';

CREATE OR REPLACE FUNCTION @store@.replay_status(
	p_tenant_id bigint,
	state @store@.invoice_state,
	event @store@.status_event DEFAULT NULL,
	OUT status text,
	OUT marks text[],
	OUT since timestamptz)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_event record;
	v_step record;
BEGIN
	SELECT CASE state.direction WHEN 'sale' THEN l.sale ELSE l.purchase END, '{}' INTO status, marks
	FROM @store@.lifecycle l WHERE l.tenant_id = p_tenant_id AND l.lifecycle = state.lifecycle;
	since := (SELECT d.received_at FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = state.document_id);
	FOR v_event IN
		SELECT e.status, e.reasons, e.ordered_at
		FROM (
			SELECT x.status, x.reasons, x.ordered_at, x.event_key FROM @store@.status_event x
			WHERE x.tenant_id = p_tenant_id AND x.document_id = state.document_id AND x.outcome <> 'refused'
			UNION ALL
			SELECT event.status, event.reasons, event.ordered_at, event.event_key WHERE event.status IS NOT NULL) e
		LEFT JOIN @store@.lifecycle_status s ON s.tenant_id = p_tenant_id AND s.lifecycle = state.lifecycle AND s.status = e.status
		ORDER BY e.ordered_at, s.rank NULLS LAST, e.status COLLATE "C", e.event_key COLLATE "C"
	LOOP
		v_step := @store@.step_status(p_tenant_id, state.lifecycle, status, marks, v_event.status, v_event.reasons);
		CONTINUE WHEN v_step.outcome <> 'applied';
		marks := v_step.marks;
		IF v_step.status IS DISTINCT FROM status THEN
			status := v_step.status;
			since := v_event.ordered_at;
		END IF;
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.replay_status(bigint, @store@.invoice_state, @store@.status_event) IS 'Status and marks that follow from all events of an invoice, and one more, in the order in which they happened; what apply_status() keeps in invoice_state.';

REVOKE ALL ON FUNCTION @store@.replay_status(bigint, @store@.invoice_state, @store@.status_event) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.step_status(bigint, text, text, text[], text, text[]) TO PUBLIC;
