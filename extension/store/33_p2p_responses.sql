-- Module p2p, what suppliers say of orders: accepted, rejected, or accepted with other quantities, prices or days.
--
-- An answer is of one version of the order; what it says is compared with that version line by line, so that changes are changes whatever the answer calls
-- itself.  Nothing of the order changes before the buyer agrees: then it has a new version, which the supplier is sent.  An answer that comes too late, for
-- another version or for an order that is cancelled changes nothing, and says so.

--! step 33 answers of suppliers
CREATE TABLE @store@.order_response (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	order_id bigint NOT NULL,
	number text NOT NULL CHECK (number <> '' AND pg_catalog.length(number) <= 200),
	version int NOT NULL,
	verdict text NOT NULL CHECK (verdict IN ('accepted', 'changes', 'rejected')),
	state text NOT NULL CHECK (state IN ('open', 'agreed', 'declined', 'replaced', 'outdated')),
	message text,
	said jsonb,
	document_id bigint,
	responded_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	responded_by text NOT NULL DEFAULT clex.caller(),
	settled_at timestamptz,
	settled_by text,
	reason text,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, order_id, number),
	CHECK ((state IN ('open', 'outdated')) = (settled_at IS NULL)),
	FOREIGN KEY (tenant_id, order_id) REFERENCES @store@.purchase_order (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
CREATE INDEX order_response_open_idx ON @store@.order_response (tenant_id, responded_at, id) WHERE state = 'open';
COMMENT ON TABLE @store@.order_response IS 'What suppliers said of orders, and what buyers made of it. Written by answer_order(), settle_response(), and by messages that answer orders.';
COMMENT ON COLUMN @store@.order_response.tenant_id IS 'Tenant that ordered.';
COMMENT ON COLUMN @store@.order_response.id IS 'Number of the answer in this store.';
COMMENT ON COLUMN @store@.order_response.order_id IS 'Order.';
COMMENT ON COLUMN @store@.order_response.number IS 'What the supplier calls its answer; the same number for the order again is the same answer.';
COMMENT ON COLUMN @store@.order_response.version IS 'Version of the order it speaks of.';
COMMENT ON COLUMN @store@.order_response.verdict IS 'accepted; changes: accepted with these; rejected.';
COMMENT ON COLUMN @store@.order_response.state IS 'open: the buyer has to decide; agreed; declined, the order is cancelled; replaced: another answer, or a change of the order, came first; outdated: the order had changed before it came.';
COMMENT ON COLUMN @store@.order_response.message IS 'What was said beside, for people.';
COMMENT ON COLUMN @store@.order_response.said IS 'The lines as they were said.';
COMMENT ON COLUMN @store@.order_response.document_id IS 'Message that said so; NULL = a function call.';
COMMENT ON COLUMN @store@.order_response.responded_at IS 'When the store learned of it.';
COMMENT ON COLUMN @store@.order_response.responded_by IS 'Role that said so, or brought it.';
COMMENT ON COLUMN @store@.order_response.settled_at IS 'When it was decided on; NULL = not yet, or nothing is to be decided.';
COMMENT ON COLUMN @store@.order_response.settled_by IS 'Role that decided.';
COMMENT ON COLUMN @store@.order_response.reason IS 'Why, as the buyer says.';

CREATE TABLE @store@.order_response_line (
	tenant_id bigint NOT NULL,
	response_id bigint NOT NULL,
	line_no int NOT NULL,
	order_id bigint NOT NULL,
	order_line_no int NOT NULL,
	verdict text NOT NULL CHECK (verdict IN ('accepted', 'changes', 'rejected')),
	ordered numeric NOT NULL,
	quantity numeric NOT NULL CHECK (quantity >= 0 AND quantity < 1e15),
	order_price numeric NOT NULL,
	price numeric NOT NULL CHECK (price >= 0 AND price < 1e15),
	price_per numeric NOT NULL CHECK (price_per > 0),
	deliver_by date,
	promised date CHECK (pg_catalog.isfinite(promised)),
	note text,
	PRIMARY KEY (tenant_id, response_id, line_no),
	FOREIGN KEY (tenant_id, response_id) REFERENCES @store@.order_response (tenant_id, id),
	FOREIGN KEY (tenant_id, order_id, order_line_no) REFERENCES @store@.order_line (tenant_id, order_id, line_no)
);
COMMENT ON TABLE @store@.order_response_line IS 'What suppliers said of lines of orders. Written with table order_response, never changed.';
COMMENT ON COLUMN @store@.order_response_line.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.order_response_line.response_id IS 'Answer.';
COMMENT ON COLUMN @store@.order_response_line.line_no IS 'Position in the answer, from 1.';
COMMENT ON COLUMN @store@.order_response_line.order_id IS 'Order.';
COMMENT ON COLUMN @store@.order_response_line.order_line_no IS 'Line of the order.';
COMMENT ON COLUMN @store@.order_response_line.verdict IS 'accepted as ordered; changes; rejected.';
COMMENT ON COLUMN @store@.order_response_line.ordered IS 'Quantity that was ordered then, in the unit of the order line …';
COMMENT ON COLUMN @store@.order_response_line.quantity IS '… and that the supplier will deliver.';
COMMENT ON COLUMN @store@.order_response_line.order_price IS 'Price of one unit that was ordered …';
COMMENT ON COLUMN @store@.order_response_line.price IS '… and that the supplier wants …';
COMMENT ON COLUMN @store@.order_response_line.price_per IS '… for so many units.';
COMMENT ON COLUMN @store@.order_response_line.deliver_by IS 'Day by which it was wanted; NULL = none was said …';
COMMENT ON COLUMN @store@.order_response_line.promised IS '… and by which the supplier will deliver.';
COMMENT ON COLUMN @store@.order_response_line.note IS 'What was said beside, for people.';

ALTER TABLE @store@.order_response ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.order_response_line ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.order_response USING (clex.is_among('@store@.readable_tenants()', tenant_id));
CREATE POLICY tenant ON @store@.order_response_line USING (clex.is_among('@store@.readable_tenants()', tenant_id));

--! code
CREATE OR REPLACE FUNCTION @store@.require_order_right(p_tenant_id bigint, order_id bigint, may text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF EXISTS (
		SELECT FROM @store@.purchase_order o
		JOIN @store@.membership_party m ON m.tenant_id = o.tenant_id AND m.party_id = o.party_id AND m.role_name = clex.caller()
		JOIN @store@.persona_right r ON r.persona = m.persona AND r.may = require_order_right.may
		WHERE o.tenant_id = p_tenant_id AND o.id = require_order_right.order_id)
	THEN
		RETURN;
	END IF;
	PERFORM @store@.require_right(p_tenant_id, require_order_right.may);
END;
$code$;
COMMENT ON FUNCTION @store@.require_order_right(bigint, bigint, text) IS 'Raises 42501, saying who may, unless the caller has a right for the tenant or, as the supplier of the order, for its own.';

CREATE OR REPLACE FUNCTION @store@.read_response_lines(p_tenant_id bigint, v_order @store@.purchase_order, lines jsonb)
RETURNS SETOF @store@.order_response_line
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_wrong record;
BEGIN
	IF jsonb_typeof(lines) IS DISTINCT FROM 'array' THEN
		RAISE EXCEPTION 'the lines of an answer are a JSON array' USING ERRCODE = 'invalid_parameter_value',
			HINT = '[{"line": "10", "quantity": 8, "price": 19.20, "deliver_by": "2026-04-08"}, {"line": "20", "reject": true}]';
	END IF;
	PERFORM @store@.require_line_values(p_tenant_id, 'the answer', lines);
	SELECT x.ordinal, x.line, CASE
		WHEN x.unknown_key IS NOT NULL THEN format('It has "%s".', x.unknown_key)
		WHEN l.line_no IS NULL THEN format('Order %s has no line "%s".', v_order.number, x.line)
		WHEN x.times > 1 THEN 'It is there twice.'
		WHEN x.quantity < 0 OR x.price < 0 OR x.price_per <= 0 THEN 'Quantity and price are not negative.'
		WHEN r.multiply IS NULL THEN format('The order line is in %s, and nothing says how many of them one %s is.', l.unit, x.unit) END AS words INTO v_wrong
	FROM (
		SELECT n.ordinal, r.*, count(*) OVER (PARTITION BY r.line) AS times, (
			SELECT k FROM jsonb_object_keys(CASE jsonb_typeof(n.line) WHEN 'object' THEN n.line ELSE '{"not an object": null}' END) k
			WHERE k NOT IN ('line', 'reject', 'quantity', 'unit', 'price', 'price_per', 'deliver_by', 'note') ORDER BY k COLLATE "C" LIMIT 1) AS unknown_key
		FROM jsonb_array_elements(lines) WITH ORDINALITY n (line, ordinal)
		CROSS JOIN LATERAL jsonb_to_record(CASE jsonb_typeof(n.line) WHEN 'object' THEN n.line ELSE '{}' END) r (line text, quantity numeric, unit text, price numeric, price_per numeric)) x
	LEFT JOIN @store@.order_line l ON l.tenant_id = p_tenant_id AND l.order_id = v_order.id AND l.identifier = x.line
	LEFT JOIN LATERAL @store@.unit_ratio(p_tenant_id, v_order.party_id, ARRAY[l.seller_item, l.buyer_item, l.standard_item], COALESCE(x.unit, l.unit), l.unit) r ON true
	WHERE x.unknown_key IS NOT NULL OR l.line_no IS NULL OR x.times > 1 OR x.quantity < 0 OR x.price < 0 OR x.price_per <= 0 OR r.multiply IS NULL
	ORDER BY x.ordinal LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'line % of the answer cannot be read', v_wrong.ordinal USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = v_wrong.words,
			HINT = 'A line may have: line, reject, quantity, unit, price, price_per, deliver_by, note; what is not given is as ordered.';
	END IF;
	RETURN QUERY
	SELECT p_tenant_id, NULL::bigint, x.ordinal::int, l.order_id, l.line_no,
		CASE WHEN x.rejected THEN 'rejected' WHEN c.quantity <> l.quantity OR c.price * l.price_per <> l.price * c.price_per OR x.deliver_by > l.deliver_by THEN 'changes' ELSE 'accepted' END,
		l.quantity, CASE WHEN x.rejected THEN 0 ELSE c.quantity END, trim_scale(round(l.price / l.price_per, 10)),
		CASE WHEN e.exact THEN trim_scale(e.price) ELSE c.price END, CASE WHEN e.exact THEN l.price_per ELSE c.price_per END, l.deliver_by, x.deliver_by, x.note
	FROM (
		SELECT n.ordinal, r.*, COALESCE(r.reject, false) OR r.quantity = 0 AS rejected
		FROM jsonb_array_elements(lines) WITH ORDINALITY n (line, ordinal)
		CROSS JOIN LATERAL jsonb_to_record(n.line) r (line text, reject boolean, quantity numeric, unit text, price numeric, price_per numeric, deliver_by date, note text)) x
	JOIN @store@.order_line l ON l.tenant_id = p_tenant_id AND l.order_id = v_order.id AND l.identifier = x.line
	CROSS JOIN LATERAL @store@.unit_ratio(p_tenant_id, v_order.party_id, ARRAY[l.seller_item, l.buyer_item, l.standard_item], COALESCE(x.unit, l.unit), l.unit) r
	-- a price is for the unit that the line names
	CROSS JOIN LATERAL (
		SELECT trim_scale(COALESCE(x.quantity * r.multiply / r.divide, l.quantity)) AS quantity, COALESCE(x.price, l.price) AS price,
			CASE WHEN x.price IS NULL THEN l.price_per ELSE trim_scale(COALESCE(x.price_per, CASE WHEN x.unit IS DISTINCT FROM l.unit AND x.unit IS NOT NULL THEN 1 ELSE l.price_per END)
				* r.multiply / r.divide) END AS price_per) c
	-- for as many units as in the order, if that is a number with few digits
	CROSS JOIN LATERAL (SELECT round(c.price * l.price_per / c.price_per, 6) AS price, round(c.price * l.price_per / c.price_per, 6) * c.price_per = c.price * l.price_per AS exact) e
	WHERE NOT l.cancelled OR NOT x.rejected
	ORDER BY x.ordinal;
END;
$code$;
COMMENT ON FUNCTION @store@.read_response_lines(bigint, @store@.purchase_order, jsonb) IS
'Part of functions that take answers: the lines of an answer beside those of the order: quantities in the unit of the order line, and what differs. A day is other only where it is later than the one wanted. Errors: 22023 not lines of an answer to this order, 22P02, 22007 not a number, not a date.';

CREATE OR REPLACE FUNCTION @store@.put_response(
	p_tenant_id bigint,
	v_order @store@.purchase_order,
	number text,
	version int,
	verdict text,
	lines jsonb,
	message text,
	document_id bigint,
	OUT response_id bigint,
	OUT outcome text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_lines @store@.order_response_line[];
	v_before @store@.order_response;
	v_verdict text;
	v_state text;
BEGIN
	SELECT * INTO v_before FROM @store@.order_response r WHERE r.tenant_id = p_tenant_id AND r.order_id = v_order.id AND r.number = put_response.number;
	IF FOUND THEN
		IF (v_before.said, v_before.message) IS DISTINCT FROM (jsonb_build_object('verdict', put_response.verdict, 'lines', put_response.lines), put_response.message) THEN
			RAISE EXCEPTION 'order % has another answer "%"', v_order.number, put_response.number USING
				ERRCODE = 'unique_violation',
				DETAIL = format('It came at %s and is %s.', v_before.responded_at, v_before.state),
				HINT = 'What was said stays; the supplier can give another answer, with a number of its own.';
		END IF;
		response_id := v_before.id;
		outcome := 'repeated';
		RETURN;
	ELSIF v_order.state <> 'open' THEN
		RAISE EXCEPTION 'order % is %', v_order.number, v_order.state USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = 'Nobody can answer it any more.';
	END IF;
	v_lines := ARRAY(SELECT l FROM @store@.read_response_lines(p_tenant_id, v_order, put_response.lines) l ORDER BY l.line_no);
	v_verdict := CASE
		WHEN put_response.verdict = 'rejected' THEN 'rejected'
		WHEN NOT EXISTS (SELECT FROM @store@.order_line l WHERE l.tenant_id = p_tenant_id AND l.order_id = v_order.id AND NOT l.cancelled
			AND NOT EXISTS (SELECT FROM unnest(v_lines) n WHERE n.order_line_no = l.line_no AND n.verdict = 'rejected')) THEN 'rejected'
		WHEN EXISTS (SELECT FROM unnest(v_lines) n WHERE n.verdict <> 'accepted') THEN 'changes'
		-- changes that no line shows are for people to read
		WHEN put_response.verdict = 'changes' THEN 'changes'
		ELSE 'accepted' END;
	v_state := CASE WHEN put_response.version <> v_order.version THEN 'outdated' WHEN v_verdict = 'accepted' THEN 'agreed' ELSE 'open' END;
	IF v_state <> 'outdated' THEN
		UPDATE @store@.order_response r SET state = 'replaced', settled_at = now(), settled_by = clex.caller()
		WHERE r.tenant_id = p_tenant_id AND r.order_id = v_order.id AND r.state = 'open';
		UPDATE @store@.order_message m
		SET state = CASE WHEN m.version = v_order.version THEN 'acknowledged' ELSE m.state END, acknowledge_by = NULL, answer_by = NULL
		WHERE m.tenant_id = p_tenant_id AND m.order_id = v_order.id AND m.kind <> 'receipt_advice'
			AND (num_nonnulls(m.acknowledge_by, m.answer_by) > 0 OR m.version = v_order.version);
		UPDATE @store@.purchase_order o SET answer = v_verdict, answered_version = v_order.version WHERE o.tenant_id = p_tenant_id AND o.id = v_order.id;
	END IF;
	INSERT INTO @store@.order_response AS r (tenant_id, order_id, number, version, verdict, state, message, said, document_id, settled_at, settled_by)
	VALUES (p_tenant_id, v_order.id, put_response.number, put_response.version, v_verdict, v_state, put_response.message,
		jsonb_build_object('verdict', put_response.verdict, 'lines', put_response.lines), put_response.document_id,
		CASE WHEN v_state = 'agreed' THEN now() END, CASE WHEN v_state = 'agreed' THEN clex.caller() END)
	RETURNING r.id INTO response_id;
	INSERT INTO @store@.order_response_line
	SELECT l.tenant_id, put_response.response_id, l.line_no, l.order_id, l.order_line_no, l.verdict, l.ordered, l.quantity, l.order_price, l.price, l.price_per, l.deliver_by, l.promised, l.note
	FROM unnest(v_lines) l;
	PERFORM @store@.record_event(p_tenant_id, 'answer_order', 'order', v_order.id::text, NULL, jsonb_strip_nulls(jsonb_build_object('answer', put_response.number,
		'version', put_response.version, 'verdict', v_verdict, 'state', v_state, 'lines', put_response.lines, 'message', put_response.message)));
	outcome := CASE v_state WHEN 'outdated' THEN 'outdated' ELSE v_verdict END;
END;
$code$;
COMMENT ON FUNCTION @store@.put_response(bigint, @store@.purchase_order, text, int, text, jsonb, text, bigint) IS
'Part of functions that take answers to an order they have locked: keeps the answer with its lines; outcome accepted, changes, rejected, repeated (known), or outdated: it was of a version that is no longer, and changes nothing. Errors: 22023 not an answer to this order, 23505 another answer has the number, 55000 the order is closed or cancelled.';

CREATE OR REPLACE FUNCTION @store@.answer_order(
	p_tenant_id bigint,
	order_id bigint,
	verdict text,
	lines jsonb DEFAULT '[]',
	message text DEFAULT NULL,
	number text DEFAULT NULL,
	expected_version int DEFAULT NULL,
	OUT response_id bigint,
	OUT outcome text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.purchase_order;
BEGIN
	PERFORM @store@.require_order_right(p_tenant_id, answer_order.order_id, 'respond');
	v_order := @store@.lock_order(p_tenant_id, answer_order.order_id);
	IF answer_order.verdict IS NULL OR answer_order.verdict NOT IN ('accepted', 'changes', 'rejected') THEN
		RAISE EXCEPTION 'an order is accepted, accepted with changes, or rejected' USING
			ERRCODE = 'invalid_parameter_value',
			HINT = 'verdict is accepted, changes or rejected.';
	ELSIF answer_order.expected_version <> v_order.version THEN
		RAISE EXCEPTION 'order % has changed meanwhile', v_order.number USING
			ERRCODE = 'serialization_failure',
			DETAIL = format('Its version is %s, not %s.', v_order.version, answer_order.expected_version),
			HINT = 'Look at it again, then answer.';
	END IF;
	SELECT p.response_id, p.outcome INTO answer_order.response_id, answer_order.outcome
	FROM @store@.put_response(p_tenant_id, v_order, COALESCE(answer_order.number, gen_random_uuid()::text), v_order.version, answer_order.verdict,
		answer_order.lines, answer_order.message, NULL) p;
END;
$code$;
COMMENT ON FUNCTION @store@.answer_order(bigint, bigint, text, jsonb, text, text, int) IS
'What the supplier says of an order, in a portal or on the telephone. verdict: accepted, changes, rejected. lines: what differs, [{"line": "10", "quantity": 8, "unit": "XBG", "price": 19.20, "price_per": 1, "deliver_by": "2026-04-08", "note": "…"}, {"line": "20", "reject": true}]; lines that are not named are as ordered. What differs from the order makes it changes, whatever verdict says; what is called changes stays so. number: what the supplier calls the answer; the same again changes nothing. expected_version: the version that was looked at. outcome: accepted, changes, rejected or repeated. For suppliers of the order, and personas with the right respond. Errors: 42501, P0002 no such order, 22023 not an answer to this order, 23505 another answer has the number, 40001 changed meanwhile, 55000 the order is closed or cancelled.';

CREATE OR REPLACE FUNCTION @store@.settle_response(p_tenant_id bigint, response_id bigint, agree boolean, reason text DEFAULT NULL) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_response @store@.order_response;
	v_order @store@.purchase_order;
	v_lines jsonb;
	v_state text := CASE WHEN agree THEN 'agreed' ELSE 'declined' END;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'order');
	SELECT * INTO v_response FROM @store@.order_response r WHERE r.tenant_id = p_tenant_id AND r.id = settle_response.response_id;
	IF NOT FOUND OR settle_response.agree IS NULL THEN
		RAISE EXCEPTION 'tenant % has no answer % to an order', p_tenant_id, settle_response.response_id USING
			ERRCODE = 'no_data_found',
			HINT = 'View order_responses lists those you may see; agree is true or false.';
	END IF;
	v_order := @store@.lock_order(p_tenant_id, v_response.order_id);
	SELECT * INTO v_response FROM @store@.order_response r WHERE r.tenant_id = p_tenant_id AND r.id = settle_response.response_id;
	IF v_response.state = v_state THEN
		RETURN v_order.version;
	ELSIF v_response.state <> 'open' THEN
		RAISE EXCEPTION 'answer "%" to order % is %', v_response.number, v_order.number, v_response.state USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = CASE WHEN v_response.state = 'replaced' THEN format('Another answer, or what became of the order, came before that, at %s.', v_response.settled_at)
				WHEN v_response.settled_at IS NOT NULL THEN format('%s decided so at %s.', v_response.settled_by, v_response.settled_at)
				ELSE format('It is of version %s of the order, which has version %s.', v_response.version, v_order.version) END,
			HINT = 'change_order() and cancel_order() decide about the order as it is now.';
	ELSIF NOT agree AND v_response.verdict = 'rejected' THEN
		RAISE EXCEPTION 'the supplier has rejected order %', v_order.number USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'change_order() asks it for something else; who agrees cancels the order.';
	END IF;
	UPDATE @store@.order_response r SET state = v_state, settled_at = now(), settled_by = clex.caller(), reason = settle_response.reason
	WHERE r.tenant_id = p_tenant_id AND r.id = v_response.id;
	PERFORM @store@.record_event(p_tenant_id, 'settle_response', 'order', v_order.id::text, to_jsonb(v_response.state),
		jsonb_strip_nulls(jsonb_build_object('answer', v_response.number, 'state', v_state, 'reason', settle_response.reason)));
	IF NOT agree OR v_response.verdict = 'rejected' THEN
		PERFORM @store@.cancel_order(p_tenant_id, v_order.id, COALESCE(settle_response.reason, v_response.message));
		RETURN v_order.version + 1;
	END IF;
	v_lines := (
		SELECT jsonb_agg(CASE l.verdict WHEN 'rejected' THEN jsonb_build_object('line', x.identifier, 'cancel', true)
			ELSE jsonb_strip_nulls(jsonb_build_object('line', x.identifier, 'quantity', l.quantity, 'price', l.price, 'price_per', l.price_per,
				'deliver_by', CASE WHEN l.promised > l.deliver_by THEN l.promised END)) END ORDER BY l.line_no)
		FROM @store@.order_response_line l
		JOIN @store@.order_line x ON x.tenant_id = l.tenant_id AND x.order_id = l.order_id AND x.line_no = l.order_line_no
		WHERE l.tenant_id = p_tenant_id AND l.response_id = v_response.id AND l.verdict <> 'accepted');
	IF v_lines IS NOT NULL THEN
		v_order.version := @store@.change_order(p_tenant_id, v_order.id, v_lines);
		-- the change is the supplier's own: it is told, and has answered
		UPDATE @store@.order_message m SET answer_by = NULL WHERE m.tenant_id = p_tenant_id AND m.order_id = v_order.id AND m.answer_by IS NOT NULL;
	END IF;
	UPDATE @store@.purchase_order o SET answer = 'accepted', answered_version = o.version WHERE o.tenant_id = p_tenant_id AND o.id = v_order.id;
	RETURN v_order.version;
END;
$code$;
COMMENT ON FUNCTION @store@.settle_response(bigint, bigint, boolean, text) IS
'What the buyer makes of an answer that waits: who agrees to changes gives the order a new version with them, which the supplier is sent; who agrees to a rejection, or does not agree to changes, cancels the order. Returns the version of the order since. The same decision again changes nothing. For personas with the right order. Errors: 42501, P0002 no such answer, 55000 it was decided on otherwise, another answer or a change of the order came first, or the order cannot be changed or cancelled so: something has been received or approved.';

CREATE OR REPLACE VIEW @store@.order_responses WITH (security_invoker) AS
SELECT r.tenant_id, r.id AS response_id, r.order_id, o.number AS order_number, p.code AS supplier, e.code AS entity, o.currency, r.number, r.version, o.version AS order_version,
	r.verdict, r.state, r.message, r.responded_at, r.responded_by, r.settled_at, r.settled_by, r.reason, r.document_id
FROM @store@.order_response r
JOIN @store@.purchase_order o ON o.tenant_id = r.tenant_id AND o.id = r.order_id
LEFT JOIN @store@.party p ON p.tenant_id = o.tenant_id AND p.id = o.party_id
LEFT JOIN @store@.entity e ON e.tenant_id = o.tenant_id AND e.id = o.entity_id;
COMMENT ON VIEW @store@.order_responses IS 'What suppliers said of orders, and what buyers made of it.';

CREATE OR REPLACE VIEW @store@.order_response_lines WITH (security_invoker) AS
SELECT l.tenant_id, l.response_id, l.line_no, l.order_id, x.identifier AS order_line, x.item_name, l.verdict, l.ordered, l.quantity, x.unit, l.order_price,
	pg_catalog.trim_scale(pg_catalog.round(l.price / l.price_per, 10)) AS price, l.deliver_by, l.promised, l.note
FROM @store@.order_response_line l
JOIN @store@.order_line x ON x.tenant_id = l.tenant_id AND x.order_id = l.order_id AND x.line_no = l.order_line_no;
COMMENT ON VIEW @store@.order_response_lines IS 'What suppliers said of lines of orders, beside what was ordered; quantities and prices are those of one unit of the order line.';

REVOKE ALL ON FUNCTION @store@.require_order_right(bigint, bigint, text), @store@.read_response_lines(bigint, @store@.purchase_order, jsonb),
	@store@.put_response(bigint, @store@.purchase_order, text, int, text, jsonb, text, bigint), @store@.answer_order(bigint, bigint, text, jsonb, text, text, int),
	@store@.settle_response(bigint, bigint, boolean, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.answer_order(bigint, bigint, text, jsonb, text, text, int), @store@.settle_response(bigint, bigint, boolean, text) TO PUBLIC;
GRANT SELECT ON @store@.order_response, @store@.order_response_line, @store@.order_responses, @store@.order_response_lines TO PUBLIC;
