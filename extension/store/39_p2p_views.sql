-- Module p2p, what its parts give together: objections, reactions, messages; work to be done is in 39_p2p_tasks.sql.
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

REVOKE ALL ON FUNCTION @store@.handle_more(bigint, bigint, text, text, text), @store@.status_objections(bigint, bigint, text), @store@.status_changed(bigint, bigint, bigint, boolean),
	@store@.handle_message(bigint, bigint, text, text, text), @store@.react_finance(bigint, bigint, bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.status_objections(bigint, bigint, text) TO PUBLIC;
