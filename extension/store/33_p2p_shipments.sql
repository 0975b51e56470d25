-- Module p2p, deliveries: what suppliers announce before it comes, and what they are told of what came.
--
-- An announcement (despatch advice) changes nothing of an order: it says what is on its way and when it should be there.  What came is said by
-- receipts alone; the supplier can be sent them (receipt advice), so that both sides invoice and pay the same quantity.

--! step 34 announced deliveries
CREATE TABLE @store@.despatch (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	order_id bigint NOT NULL,
	number text NOT NULL CHECK (number <> '' AND pg_catalog.length(number) <= 200),
	despatched_on date CHECK (pg_catalog.isfinite(despatched_on)),
	expected_on date CHECK (pg_catalog.isfinite(expected_on)),
	document_id bigint,
	recorded_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	recorded_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, order_id, number),
	FOREIGN KEY (tenant_id, order_id) REFERENCES @store@.purchase_order (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
COMMENT ON TABLE @store@.despatch IS 'Deliveries that suppliers announced. Written by announce_delivery() and by despatch advices, never changed.';
COMMENT ON COLUMN @store@.despatch.tenant_id IS 'Tenant that ordered.';
COMMENT ON COLUMN @store@.despatch.id IS 'Number of the announcement in this store.';
COMMENT ON COLUMN @store@.despatch.order_id IS 'Order it is for.';
COMMENT ON COLUMN @store@.despatch.number IS 'Number of the delivery note; the same number for an order again is the same announcement.';
COMMENT ON COLUMN @store@.despatch.despatched_on IS 'Day it left; NULL = not said.';
COMMENT ON COLUMN @store@.despatch.expected_on IS 'Day it should be there; NULL = not said.';
COMMENT ON COLUMN @store@.despatch.document_id IS 'Message that said so; NULL = a function call.';
COMMENT ON COLUMN @store@.despatch.recorded_at IS 'When the store learned of it.';
COMMENT ON COLUMN @store@.despatch.recorded_by IS 'Role that said so, or brought it.';

CREATE TABLE @store@.despatch_line (
	tenant_id bigint NOT NULL,
	despatch_id bigint NOT NULL,
	line_no int NOT NULL,
	order_id bigint NOT NULL,
	order_line_no int NOT NULL,
	quantity numeric NOT NULL CHECK (quantity > 0 AND quantity < 1e15),
	stated_quantity numeric NOT NULL,
	stated_unit text NOT NULL,
	PRIMARY KEY (tenant_id, despatch_id, line_no),
	FOREIGN KEY (tenant_id, despatch_id) REFERENCES @store@.despatch (tenant_id, id),
	FOREIGN KEY (tenant_id, order_id, order_line_no) REFERENCES @store@.order_line (tenant_id, order_id, line_no)
);
CREATE INDEX despatch_line_order_idx ON @store@.despatch_line (tenant_id, order_id, order_line_no);
COMMENT ON TABLE @store@.despatch_line IS 'What suppliers announced, line by line. Written with table despatch.';
COMMENT ON COLUMN @store@.despatch_line.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.despatch_line.despatch_id IS 'Announcement.';
COMMENT ON COLUMN @store@.despatch_line.line_no IS 'Position in it, from 1.';
COMMENT ON COLUMN @store@.despatch_line.order_id IS 'Order.';
COMMENT ON COLUMN @store@.despatch_line.order_line_no IS 'Line of the order.';
COMMENT ON COLUMN @store@.despatch_line.quantity IS 'Quantity in the unit of the order line.';
COMMENT ON COLUMN @store@.despatch_line.stated_quantity IS 'Quantity as it was stated.';
COMMENT ON COLUMN @store@.despatch_line.stated_unit IS 'Unit as it was stated.';

ALTER TABLE @store@.despatch ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.despatch_line ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.despatch USING (clex.is_among('@store@.readable_tenants()', tenant_id));
CREATE POLICY tenant ON @store@.despatch_line USING (clex.is_among('@store@.readable_tenants()', tenant_id));

--! code
CREATE OR REPLACE FUNCTION @store@.read_delivery_lines(p_tenant_id bigint, v_order @store@.purchase_order, number text, lines jsonb)
RETURNS TABLE (line_no int, order_line_no int, quantity numeric, stated_quantity numeric, stated_unit text)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_wrong record;
BEGIN
	IF jsonb_typeof(lines) IS DISTINCT FROM 'array' OR jsonb_array_length(lines) = 0 THEN
		RAISE EXCEPTION 'the lines of a delivery are a JSON array with at least one line' USING
			ERRCODE = 'invalid_parameter_value',
			HINT = '[{"line": "10", "quantity": 4, "unit": "XBG"}]';
	END IF;
	PERFORM @store@.require_line_values(p_tenant_id, format('delivery "%s"', read_delivery_lines.number), lines);
	SELECT x.ordinal, x.line, x.unit, x.quantity, l.line_no, l.unit AS order_unit, r.multiply INTO v_wrong
	FROM (SELECT l.ordinal, r.* FROM jsonb_array_elements(lines) WITH ORDINALITY l (line, ordinal), jsonb_to_record(l.line) r (line text, quantity numeric, unit text)) x
	LEFT JOIN @store@.order_line l ON l.tenant_id = p_tenant_id AND l.order_id = v_order.id AND l.identifier = x.line
	LEFT JOIN LATERAL @store@.unit_ratio(p_tenant_id, v_order.party_id, ARRAY[l.seller_item, l.buyer_item, l.standard_item], COALESCE(x.unit, l.unit), l.unit) r ON true
	WHERE l.line_no IS NULL OR r.multiply IS NULL OR x.quantity IS NULL
	ORDER BY x.ordinal LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'line % of delivery "%" cannot be recorded', v_wrong.ordinal, read_delivery_lines.number USING
			ERRCODE = CASE WHEN v_wrong.line_no IS NULL THEN 'no_data_found' ELSE 'invalid_parameter_value' END,
			DETAIL = CASE WHEN v_wrong.line_no IS NULL THEN format('Order %s has no line "%s".', v_order.number, v_wrong.line)
				WHEN v_wrong.quantity IS NULL THEN 'A quantity is needed.'
				ELSE format('The order line is in %s, and nothing says how many of them one %s is.', v_wrong.order_unit, v_wrong.unit) END,
			HINT = CASE WHEN v_wrong.line_no IS NOT NULL AND v_wrong.quantity IS NOT NULL THEN 'set_unit_equivalence() says so.' ELSE 'View order_lines lists the lines of orders.' END;
	END IF;
	RETURN QUERY
	SELECT x.ordinal::int, l.line_no, trim_scale(x.quantity * r.multiply / r.divide), x.quantity, COALESCE(x.unit, l.unit)
	FROM (SELECT l.ordinal, r.* FROM jsonb_array_elements(lines) WITH ORDINALITY l (line, ordinal), jsonb_to_record(l.line) r (line text, quantity numeric, unit text)) x
	JOIN @store@.order_line l ON l.tenant_id = p_tenant_id AND l.order_id = v_order.id AND l.identifier = x.line
	CROSS JOIN LATERAL @store@.unit_ratio(p_tenant_id, v_order.party_id, ARRAY[l.seller_item, l.buyer_item, l.standard_item], COALESCE(x.unit, l.unit), l.unit) r
	ORDER BY x.ordinal;
END;
$code$;
COMMENT ON FUNCTION @store@.read_delivery_lines(bigint, @store@.purchase_order, text, jsonb) IS 'Part of receive_goods() and announce_delivery(): the lines of a delivery as rows, also in the unit of the order line. Errors: P0002 no such line, 22023 no quantity, or a unit nothing is known of.';

CREATE OR REPLACE FUNCTION @store@.put_despatch(
	p_tenant_id bigint,
	v_order @store@.purchase_order,
	number text,
	lines jsonb,
	expected_on date,
	despatched_on date,
	document_id bigint,
	OUT despatch_id bigint,
	OUT is_repeated boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_lines @store@.despatch_line[];
BEGIN
	v_lines := ARRAY(
		SELECT ROW(p_tenant_id, NULL, l.line_no, v_order.id, l.order_line_no, l.quantity, l.stated_quantity, l.stated_unit)::@store@.despatch_line
		FROM @store@.read_delivery_lines(p_tenant_id, v_order, put_despatch.number, put_despatch.lines) l ORDER BY l.line_no);
	SELECT d.id, true INTO put_despatch.despatch_id, put_despatch.is_repeated
	FROM @store@.despatch d WHERE d.tenant_id = p_tenant_id AND d.order_id = v_order.id AND d.number = put_despatch.number;
	IF FOUND THEN
		IF EXISTS (
			SELECT FROM (SELECT * FROM @store@.despatch_line l WHERE l.tenant_id = p_tenant_id AND l.despatch_id = put_despatch.despatch_id) l
			FULL JOIN unnest(v_lines) n ON n.line_no = l.line_no
			WHERE (l.order_line_no, l.stated_quantity, l.stated_unit) IS DISTINCT FROM (n.order_line_no, n.stated_quantity, n.stated_unit))
		THEN
			RAISE EXCEPTION 'order % has another announcement "%"', v_order.number, put_despatch.number USING
				ERRCODE = 'unique_violation',
				HINT = 'What was announced stays; what comes is what receive_goods() says.';
		END IF;
		RETURN;
	ELSIF v_order.state = 'cancelled' THEN
		RAISE EXCEPTION 'order % is cancelled', v_order.number USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = 'Nobody can deliver on it any more.';
	END IF;
	INSERT INTO @store@.despatch AS d (tenant_id, order_id, number, despatched_on, expected_on, document_id)
	VALUES (p_tenant_id, v_order.id, put_despatch.number, put_despatch.despatched_on, put_despatch.expected_on, put_despatch.document_id)
	RETURNING d.id INTO put_despatch.despatch_id;
	INSERT INTO @store@.despatch_line
	SELECT l.tenant_id, put_despatch.despatch_id, l.line_no, l.order_id, l.order_line_no, l.quantity, l.stated_quantity, l.stated_unit FROM unnest(v_lines) l;
	-- who delivers has read the order
	UPDATE @store@.order_message m SET acknowledge_by = NULL
	WHERE m.tenant_id = p_tenant_id AND m.order_id = v_order.id AND m.kind <> 'receipt_advice' AND m.acknowledge_by IS NOT NULL;
	PERFORM @store@.record_event(p_tenant_id, 'announce_delivery', 'order', v_order.id::text, NULL, jsonb_strip_nulls(jsonb_build_object('despatch', put_despatch.number,
		'expected_on', put_despatch.expected_on, 'lines', put_despatch.lines)));
	is_repeated := false;
END;
$code$;
COMMENT ON FUNCTION @store@.put_despatch(bigint, @store@.purchase_order, text, jsonb, date, date, bigint) IS 'Part of functions that take announcements of deliveries on an order they have locked.';

CREATE OR REPLACE FUNCTION @store@.announce_delivery(
	p_tenant_id bigint,
	order_id bigint,
	number text,
	lines jsonb,
	expected_on date DEFAULT NULL,
	despatched_on date DEFAULT CURRENT_DATE)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.require_order_right(p_tenant_id, announce_delivery.order_id, 'respond');
	PERFORM @store@.require_given(jsonb_build_object('number', announce_delivery.number));
	RETURN (SELECT p.despatch_id FROM @store@.put_despatch(p_tenant_id, @store@.lock_order(p_tenant_id, announce_delivery.order_id), announce_delivery.number,
		announce_delivery.lines, announce_delivery.expected_on, announce_delivery.despatched_on, NULL) p);
END;
$code$;
COMMENT ON FUNCTION @store@.announce_delivery(bigint, bigint, text, jsonb, date, date) IS
'Says what is on its way for an order: lines [{"line": "10", "quantity": 4, "unit": "XBG"}], and when it should be there. Nothing of the order changes; receive_goods() says what came. The same number again changes nothing. Returns the number of the announcement. For suppliers of the order, and personas with the right respond. Errors: 42501, 22004 number missing, P0002 no such order or line, 22023 no quantity, or a unit nothing is known of, 23505 another announcement has the number, 23514 a quantity that is none, 55000 the order is cancelled.';

CREATE OR REPLACE FUNCTION @store@.post_receipt(p_tenant_id bigint, receipt_id bigint) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
	SELECT @store@.post_order(r.tenant_id, r.order_id, 'receipt_advice', r.number,
		pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('$kind', 'receipt_advice',
			'receipt_advice', pg_catalog.jsonb_build_object('number', r.number, 'issue_date', r.received_on,
				'despatch_advice', (SELECT d.number FROM @store@.despatch d WHERE d.tenant_id = r.tenant_id AND d.order_id = r.order_id AND d.number = r.number)),
			'orders', pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object('number', o.number, 'issue_date', o.issue_date)),
			'buyer', s.buyer, 'seller', s.seller, 'despatch_party', pg_catalog.jsonb_build_object('name', s.seller -> 'name', 'identifier', s.seller #> '{identifiers,0}'),
			'delivery', pg_catalog.jsonb_build_object('date', r.received_on, 'name', s.buyer -> 'name', 'location', s.buyer -> 'identifier'),
			'lines', (
				SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('identifier', l.line_no::text, 'purchase_order', o.number, 'purchase_order_line', x.identifier,
					'quantity', pg_catalog.trim_scale(l.stated_quantity), 'unit', l.stated_unit,
					'item', pg_catalog.jsonb_build_object('name', x.item_name, 'seller_identifier', x.seller_item, 'buyer_identifier', x.buyer_item,
						'standard_identifier', CASE WHEN x.standard_item IS NOT NULL THEN pg_catalog.jsonb_build_object('value', x.standard_item, 'scheme', '0160') END))
					ORDER BY l.line_no)
				FROM @store@.receipt_line l
				JOIN @store@.order_line x ON x.tenant_id = l.tenant_id AND x.order_id = l.order_id AND x.line_no = l.order_line_no
				WHERE l.tenant_id = r.tenant_id AND l.receipt_id = r.id))),
		pg_catalog.format('receipt/%s', r.id), false)
	FROM @store@.receipt r
	JOIN @store@.purchase_order o ON o.tenant_id = r.tenant_id AND o.id = r.order_id
	JOIN @store@.entity e ON e.tenant_id = o.tenant_id AND e.id = o.entity_id
	CROSS JOIN LATERAL (SELECT @store@.order_side(o.tenant_id, e.party_id, false) AS buyer, @store@.order_side(o.tenant_id, o.party_id, true) AS seller) s
	WHERE r.tenant_id = post_receipt.p_tenant_id AND r.id = post_receipt.receipt_id;
END;
COMMENT ON FUNCTION @store@.post_receipt(bigint, bigint) IS 'Part of receive_goods() and send_receipt(): posts what came to the supplier; NULL if it has no channel for orders.';

CREATE OR REPLACE FUNCTION @store@.send_receipt(p_tenant_id bigint, receipt_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_receipt @store@.receipt;
	v_message_id text;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'receive');
	SELECT * INTO v_receipt FROM @store@.receipt r WHERE r.tenant_id = p_tenant_id AND r.id = send_receipt.receipt_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no receipt %', p_tenant_id, send_receipt.receipt_id USING ERRCODE = 'no_data_found', HINT = 'View receipts lists those you may see.';
	END IF;
	PERFORM @store@.lock_order(p_tenant_id, v_receipt.order_id);
	v_message_id := (SELECT m.message_id FROM @store@.order_message m
		WHERE m.tenant_id = p_tenant_id AND m.order_id = v_receipt.order_id AND m.kind = 'receipt_advice' AND m.number = v_receipt.number ORDER BY m.id LIMIT 1);
	IF v_message_id IS NULL THEN
		v_message_id := @store@.post_receipt(p_tenant_id, v_receipt.id);
		IF v_message_id IS NULL THEN
			RAISE EXCEPTION 'nothing says how the supplier wants to be told of receipts' USING
				ERRCODE = 'object_not_in_prerequisite_state',
				HINT = 'set_partner_channel() with the purpose order says so; who maintains master data may.';
		END IF;
		PERFORM @store@.record_event(p_tenant_id, 'send_receipt', 'order', v_receipt.order_id::text, NULL, jsonb_build_object('receipt', v_receipt.number, 'message', v_message_id));
	END IF;
	RETURN v_message_id;
END;
$code$;
COMMENT ON FUNCTION @store@.send_receipt(bigint, bigint) IS
'Tells the supplier what came: posts a receipt as a receipt advice by its channel for orders, once, and returns the message id. Setting p2p.order_send_receipts (true) makes receive_goods() do so by itself. For personas with the right receive. Errors: 42501, P0002 no such receipt, 55000 the supplier has no channel.';

CREATE OR REPLACE VIEW @store@.despatches WITH (security_invoker) AS
SELECT d.tenant_id, d.id AS despatch_id, d.order_id, o.number AS order_number, p.code AS supplier, d.number, d.despatched_on, d.expected_on, l.line_no, x.identifier AS order_line,
	x.item_name, l.quantity, x.unit, x.received, x.received >= l.quantity AS has_come, l.stated_quantity, l.stated_unit, d.document_id, d.recorded_at, d.recorded_by
FROM @store@.despatch d
JOIN @store@.purchase_order o ON o.tenant_id = d.tenant_id AND o.id = d.order_id
JOIN @store@.despatch_line l ON l.tenant_id = d.tenant_id AND l.despatch_id = d.id
JOIN @store@.order_line x ON x.tenant_id = l.tenant_id AND x.order_id = l.order_id AND x.line_no = l.order_line_no
LEFT JOIN @store@.party p ON p.tenant_id = o.tenant_id AND p.id = o.party_id;
COMMENT ON VIEW @store@.despatches IS 'Deliveries that suppliers announced, one row for each line; quantity is in the unit of the order line, received is what has come of the order line in all.';

REVOKE ALL ON FUNCTION @store@.read_delivery_lines(bigint, @store@.purchase_order, text, jsonb),
	@store@.put_despatch(bigint, @store@.purchase_order, text, jsonb, date, date, bigint), @store@.announce_delivery(bigint, bigint, text, jsonb, date, date),
	@store@.post_receipt(bigint, bigint), @store@.send_receipt(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.announce_delivery(bigint, bigint, text, jsonb, date, date), @store@.send_receipt(bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.despatch, @store@.despatch_line, @store@.despatches TO PUBLIC;
