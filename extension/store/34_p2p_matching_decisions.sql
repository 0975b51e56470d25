-- Module p2p, matching decisions: what people say about lines that matching alone cannot place, or finds deviating.
--
-- A deviation is accepted in the words of that moment: others, and other figures, are another deviation.

--! code
CREATE OR REPLACE FUNCTION @store@.require_match_line(p_tenant_id bigint, document_id bigint, line_no int) RETURNS @store@.match_line
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_line @store@.match_line;
	v_status text;
BEGIN
	SELECT * INTO v_line FROM @store@.match_line m
	WHERE m.tenant_id = p_tenant_id AND m.document_id = require_match_line.document_id AND m.line_no = require_match_line.line_no;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'nothing was matched for line % of invoice %', require_match_line.line_no, require_match_line.document_id USING
			ERRCODE = 'no_data_found',
			HINT = 'View match_lines lists the lines; 0 is the invoice as a whole.';
	END IF;
	SELECT s.status INTO v_status FROM @store@.invoice_state s
	WHERE s.tenant_id = p_tenant_id AND s.document_id = require_match_line.document_id AND @store@.match_turn(s.meaning) IS DISTINCT FROM 1;
	IF FOUND THEN
		RAISE EXCEPTION 'invoice % is not matched any more', require_match_line.document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Its status is %s.', v_status);
	END IF;
	RETURN v_line;
END;
$code$;
COMMENT ON FUNCTION @store@.require_match_line(bigint, bigint, int) IS 'Part of assign_line() and accept_deviation(): what matching found for a line. Errors: P0002 no such line, 55000 the invoice was approved, or counts no more.';

CREATE OR REPLACE FUNCTION @store@.assign_line(p_tenant_id bigint, document_id bigint, line_no int, order_id bigint, order_line text, note text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_line @store@.match_line;
	v_order_line int;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle');
	IF assign_line.order_id IS NOT NULL THEN
		PERFORM @store@.lock_orders(p_tenant_id, ARRAY[assign_line.order_id], ARRAY[assign_line.document_id]);
		PERFORM @store@.lock_order(p_tenant_id, assign_line.order_id);
		SELECT l.line_no INTO v_order_line FROM @store@.order_line l
		WHERE l.tenant_id = p_tenant_id AND l.order_id = assign_line.order_id AND l.identifier = assign_line.order_line;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'order % has no line "%"', assign_line.order_id, assign_line.order_line USING ERRCODE = 'no_data_found';
		END IF;
	END IF;
	v_line := @store@.require_match_line(p_tenant_id, assign_line.document_id, assign_line.line_no);
	INSERT INTO @store@.match_choice (tenant_id, document_id, line_no, order_id, order_line_no, note)
	VALUES (p_tenant_id, assign_line.document_id, assign_line.line_no, assign_line.order_id, v_order_line, assign_line.note)
	ON CONFLICT (tenant_id, document_id, line_no) DO UPDATE SET order_id = EXCLUDED.order_id, order_line_no = EXCLUDED.order_line_no,
		accepted = NULL, note = EXCLUDED.note, chosen_at = EXCLUDED.chosen_at, chosen_by = EXCLUDED.chosen_by;
	PERFORM @store@.record_event(p_tenant_id, 'assign_line', 'invoice', assign_line.document_id::text,
		jsonb_build_object('line', v_line.line_no, 'order_id', v_line.order_id, 'order_line', v_line.order_line_no),
		jsonb_build_object('line', v_line.line_no, 'order_id', assign_line.order_id, 'order_line', v_order_line, 'note', assign_line.note));
	PERFORM @store@.match_batch(p_tenant_id, ARRAY[assign_line.document_id]);
	RETURN (SELECT m.state FROM @store@.invoice_match m WHERE m.tenant_id = p_tenant_id AND m.document_id = assign_line.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.assign_line(bigint, bigint, int, bigint, text, text) IS
'Says which order line a line of an invoice is for, whatever the invoice says: an invoice may be for several orders. order_id NULL: as the invoice says. Matches it again and returns how the invoice stands. For personas with the right handle. Errors: 42501, P0002 no such order, order line or invoice line, 55000 the invoice was approved, or counts no more.';

CREATE OR REPLACE FUNCTION @store@.accept_deviation(p_tenant_id bigint, document_id bigint, line_no int, note text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_line @store@.match_line;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'order');
	IF COALESCE(btrim(accept_deviation.note), '') = '' THEN
		RAISE EXCEPTION 'who accepts a deviation says why' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM @store@.lock_invoice(p_tenant_id, accept_deviation.document_id);
	v_line := @store@.require_match_line(p_tenant_id, accept_deviation.document_id, accept_deviation.line_no);
	IF cardinality(v_line.results) = 0 THEN
		RAISE EXCEPTION 'line % of invoice % does not deviate', v_line.line_no, v_line.document_id USING ERRCODE = 'object_not_in_prerequisite_state';
	ELSIF v_line.results && '{other_supplier,currency_differs}' THEN
		RAISE EXCEPTION 'line % of invoice % cannot be accepted', v_line.line_no, v_line.document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Found: %s.', array_to_string(v_line.reasons, '; ')),
			HINT = 'assign_line() says which order it is for.';
	END IF;
	INSERT INTO @store@.match_choice (tenant_id, document_id, line_no, accepted, note)
	VALUES (p_tenant_id, v_line.document_id, v_line.line_no, v_line.reasons, accept_deviation.note)
	ON CONFLICT (tenant_id, document_id, line_no) DO UPDATE SET accepted = EXCLUDED.accepted, note = EXCLUDED.note, chosen_at = EXCLUDED.chosen_at, chosen_by = EXCLUDED.chosen_by;
	IF NOT v_line.accepted THEN
		UPDATE @store@.match_line m SET accepted = true
		WHERE m.tenant_id = p_tenant_id AND m.document_id = v_line.document_id AND m.line_no = v_line.line_no;
		UPDATE @store@.invoice_match m SET deviating = m.deviating - 1, state = CASE WHEN m.deviating = 1 THEN 'matched' ELSE m.state END
		WHERE m.tenant_id = p_tenant_id AND m.document_id = v_line.document_id;
		PERFORM @store@.record_event(p_tenant_id, 'accept_deviation', 'invoice', v_line.document_id::text, NULL,
			jsonb_build_object('line', v_line.line_no, 'accepted', v_line.reasons, 'note', accept_deviation.note));
	END IF;
	RETURN (SELECT m.state FROM @store@.invoice_match m WHERE m.tenant_id = p_tenant_id AND m.document_id = v_line.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.accept_deviation(bigint, bigint, int, text) IS
'Accepts what matching found for a line of an invoice (0: for the invoice as a whole), and says why; it holds for these deviations with these figures, and falls when they become others. Returns how the invoice stands. An order of another supplier, or in another currency, cannot be accepted. For personas with the right order. Errors: 42501, P0002 no such invoice or line, 22023 no reason, 55000 nothing deviates, cannot be accepted, or the invoice was approved or counts no more.';

REVOKE ALL ON FUNCTION @store@.require_match_line(bigint, bigint, int), @store@.assign_line(bigint, bigint, int, bigint, text, text),
	@store@.accept_deviation(bigint, bigint, int, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.assign_line(bigint, bigint, int, bigint, text, text), @store@.accept_deviation(bigint, bigint, int, text) TO PUBLIC;
