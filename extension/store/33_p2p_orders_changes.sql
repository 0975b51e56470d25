-- Module p2p, what happens to orders: they are made, changed and cancelled by the buyer, and goods come.
--
-- Each change is a version of its own, with what the order was before in the journal; what has come cannot be changed away.

--! code
CREATE OR REPLACE FUNCTION @store@.create_order(
	p_tenant_id bigint,
	number text,
	entity text,
	supplier text,
	lines jsonb,
	currency text DEFAULT 'EUR',
	issue_date date DEFAULT CURRENT_DATE,
	document_id bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.purchase_order;
	v_same boolean;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'order');
	PERFORM @store@.require_given(jsonb_build_object('number', create_order.number, 'currency', create_order.currency, 'issue_date', create_order.issue_date));
	-- matching asks for it, and must not fail
	PERFORM clex.currency_digits(create_order.currency);
	v_order.entity_id := @store@.entity_id(p_tenant_id, create_order.entity);
	v_order.party_id := @store@.party_id(p_tenant_id, create_order.supplier);
	INSERT INTO @store@.purchase_order AS o (tenant_id, number, entity_id, party_id, currency, issue_date, document_id)
	VALUES (p_tenant_id, create_order.number, v_order.entity_id, v_order.party_id, create_order.currency, create_order.issue_date, create_order.document_id)
	ON CONFLICT (tenant_id, number, entity_id) DO NOTHING
	RETURNING o.id INTO v_order.id;
	IF NOT FOUND THEN
		SELECT o.id, o.version = 1 AND o.state = 'open' AND o.party_id = v_order.party_id AND o.currency = create_order.currency AND o.issue_date = create_order.issue_date
			AND NOT EXISTS (
				SELECT FROM (SELECT * FROM @store@.order_line l WHERE l.tenant_id = p_tenant_id AND l.order_id = o.id) l
				FULL JOIN @store@.read_order_lines(p_tenant_id, create_order.lines, false) n ON n.ordinal = l.line_no
				WHERE (l.identifier, l.item_name, l.seller_item, l.buyer_item, l.standard_item, l.quantity, l.unit, l.price, l.price_per, l.account, l.deliver_by)
					IS DISTINCT FROM (n.identifier, n.item, n.seller_item, n.buyer_item, n.standard_item, n.quantity, n.unit, n.price, COALESCE(n.price_per, 1), n.account, n.deliver_by))
		INTO v_order.id, v_same
		FROM @store@.purchase_order o
		WHERE o.tenant_id = p_tenant_id AND o.number = create_order.number AND o.entity_id = v_order.entity_id;
		IF v_same THEN
			RETURN v_order.id;
		END IF;
		RAISE EXCEPTION 'entity "%" has another order "%"', create_order.entity, create_order.number USING
			ERRCODE = 'unique_violation',
			DETAIL = format('It is order %s of this store.', v_order.id),
			HINT = 'change_order() changes an order.';
	END IF;
	INSERT INTO @store@.order_line (tenant_id, order_id, line_no, identifier, item_name, seller_item, buyer_item, standard_item, quantity, unit, price, price_per, account, deliver_by)
	SELECT p_tenant_id, v_order.id, n.ordinal, n.identifier, n.item, n.seller_item, n.buyer_item, n.standard_item, n.quantity, n.unit, n.price,
		COALESCE(n.price_per, 1), n.account, n.deliver_by
	FROM @store@.read_order_lines(p_tenant_id, create_order.lines, false) n;
	PERFORM @store@.record_event(p_tenant_id, 'create_order', 'order', v_order.id::text, NULL,
		jsonb_build_object('number', create_order.number, 'entity', create_order.entity, 'supplier', create_order.supplier, 'currency', create_order.currency)
			|| @store@.order_lines_event(p_tenant_id, v_order.id));
	-- invoices that came before the order they name
	PERFORM @store@.match_orders(p_tenant_id, ARRAY[v_order.id], ARRAY[create_order.number]);
	PERFORM @store@.order_made(p_tenant_id, v_order.id);
	RETURN v_order.id;
END;
$code$;
COMMENT ON FUNCTION @store@.create_order(bigint, text, text, text, jsonb, text, date, bigint) IS
'Makes an order of an entity to a supplier, and returns its number in the store. lines: JSON array of {"line": "10", "item": "Flour", "seller_item": "F65", "buyer_item": …, "standard_item": …, "quantity": 40, "unit": "XBG", "price": 18.90, "price_per": 1, "account": "607100", "deliver_by": "2026-04-01"}; quantity, unit and price are needed. The same order again is the same order, and changes nothing. Invoices that named it before it was there are matched, and it is sent where the supplier has a channel for orders (send_order()). For personas with the right order. Errors: 42501, 22004 number, currency or day missing, 23503 no such tenant, P0002 no such entity or party, 22023, 22P02, 23502, 23514 not an order, 23505 another order of the entity has the number.';

CREATE OR REPLACE FUNCTION @store@.change_order(p_tenant_id bigint, order_id bigint, lines jsonb, expected_version int DEFAULT NULL) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.purchase_order;
	v_before jsonb;
	v_wrong record;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'order');
	v_order := @store@.lock_order(p_tenant_id, change_order.order_id);
	IF change_order.expected_version <> v_order.version THEN
		RAISE EXCEPTION 'order % has changed meanwhile', v_order.number USING
			ERRCODE = 'serialization_failure',
			DETAIL = format('Its version is %s, not %s.', v_order.version, change_order.expected_version),
			HINT = 'Look at it again, then decide.';
	ELSIF v_order.state <> 'open' THEN
		RAISE EXCEPTION 'order % is %', v_order.number, v_order.state USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	v_before := @store@.order_lines_event(p_tenant_id, v_order.id);

	-- what was received or has been approved for payment cannot be made not to have been ordered
	SELECT l.identifier, n.cancel, l.received, i.invoiced, l.unit, n.unit IS NOT NULL AND n.unit <> l.unit AS other_unit INTO v_wrong
	FROM @store@.read_order_lines(p_tenant_id, change_order.lines, true) n
	JOIN @store@.order_line l ON l.tenant_id = p_tenant_id AND l.order_id = v_order.id AND l.identifier = n.identifier
	CROSS JOIN LATERAL (SELECT @store@.decided_quantity(p_tenant_id, l.order_id, l.line_no)) i (invoiced)
	WHERE GREATEST(l.received, i.invoiced) > CASE WHEN n.cancel THEN 0 ELSE COALESCE(n.quantity, l.quantity) END
			AND (n.cancel OR n.quantity < l.quantity)
		OR (n.unit <> l.unit AND GREATEST(l.received, i.invoiced) > 0)
	ORDER BY n.ordinal LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'line "%" of order % cannot be changed so', v_wrong.identifier, v_order.number USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('%s %s of it have been received, and %s are on invoices that were approved%s.', trim_scale(v_wrong.received), v_wrong.unit,
				trim_scale(v_wrong.invoiced), CASE WHEN v_wrong.other_unit THEN '; the unit stays' ELSE '' END),
			HINT = 'A return (receive_goods() with a negative quantity) or a credit note reduces them first.';
	END IF;
	UPDATE @store@.order_line l
	SET item_name = COALESCE(n.item, l.item_name), seller_item = COALESCE(n.seller_item, l.seller_item), buyer_item = COALESCE(n.buyer_item, l.buyer_item),
		standard_item = COALESCE(n.standard_item, l.standard_item), quantity = COALESCE(n.quantity, l.quantity), unit = COALESCE(n.unit, l.unit),
		price = COALESCE(n.price, l.price), price_per = COALESCE(n.price_per, l.price_per), account = COALESCE(n.account, l.account),
		deliver_by = COALESCE(n.deliver_by, l.deliver_by), cancelled = n.cancel
	FROM @store@.read_order_lines(p_tenant_id, change_order.lines, true) n
	WHERE l.tenant_id = p_tenant_id AND l.order_id = v_order.id AND l.identifier = n.identifier;
	INSERT INTO @store@.order_line (tenant_id, order_id, line_no, identifier, item_name, seller_item, buyer_item, standard_item, quantity, unit, price, price_per, account, deliver_by)
	SELECT p_tenant_id, v_order.id, (SELECT max(x.line_no) FROM @store@.order_line x WHERE x.tenant_id = p_tenant_id AND x.order_id = v_order.id) + row_number() OVER (ORDER BY n.ordinal),
		n.identifier, n.item, n.seller_item, n.buyer_item, n.standard_item, n.quantity, n.unit, n.price, COALESCE(n.price_per, 1), n.account, n.deliver_by
	FROM @store@.read_order_lines(p_tenant_id, change_order.lines, true) n
	WHERE NOT EXISTS (SELECT FROM @store@.order_line l WHERE l.tenant_id = p_tenant_id AND l.order_id = v_order.id AND l.identifier = n.identifier);
	UPDATE @store@.purchase_order o SET version = o.version + 1 WHERE o.tenant_id = p_tenant_id AND o.id = v_order.id RETURNING o.version INTO v_order.version;
	PERFORM @store@.record_event(p_tenant_id, 'change_order', 'order', v_order.id::text, v_before, @store@.order_lines_event(p_tenant_id, v_order.id));
	PERFORM @store@.match_orders(p_tenant_id, ARRAY[v_order.id]);
	PERFORM @store@.order_changed(p_tenant_id, v_order.id, v_before);
	RETURN v_order.version;
END;
$code$;
COMMENT ON FUNCTION @store@.change_order(bigint, bigint, jsonb, int) IS
'Changes an order: lines as in create_order(), named by line; what is not given stays, a name that is new is a new line, "cancel": true cancels one. Returns the version of the order since. Invoices that nobody has approved are matched again; those that were keep what they were approved on, and a quantity never falls below what has been received or approved. A supplier who was sent the order is sent the change, and has to answer again. For personas with the right order. Errors: 42501, P0002 no such order, 40001 changed meanwhile, 55000 not open, or less than has been received or approved, 22023, 22P02, 23502, 23514 not lines of an order.';

CREATE OR REPLACE FUNCTION @store@.cancel_order(p_tenant_id bigint, order_id bigint, reason text, close boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.purchase_order;
	v_wrong record;
	v_state text := CASE WHEN cancel_order.close THEN 'closed' ELSE 'cancelled' END;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'order');
	v_order := @store@.lock_order(p_tenant_id, cancel_order.order_id);
	IF v_order.state = v_state THEN
		RETURN;
	ELSIF v_order.state <> 'open' THEN
		RAISE EXCEPTION 'order % is %', v_order.number, v_order.state USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	SELECT l.identifier, l.received, i.invoiced, l.unit INTO v_wrong
	FROM @store@.order_line l
	CROSS JOIN LATERAL (SELECT @store@.decided_quantity(p_tenant_id, l.order_id, l.line_no)) i (invoiced)
	WHERE l.tenant_id = p_tenant_id AND l.order_id = v_order.id AND (l.received > 0 OR i.invoiced > 0)
	ORDER BY l.line_no LIMIT 1;
	IF FOUND AND NOT cancel_order.close THEN
		RAISE EXCEPTION 'order % cannot be cancelled', v_order.number USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('%s %s of line "%s" have been received, and %s are on invoices that were approved.', trim_scale(v_wrong.received), v_wrong.unit,
				v_wrong.identifier, trim_scale(v_wrong.invoiced)),
			HINT = 'close => true says that nothing more is to come.';
	END IF;
	UPDATE @store@.purchase_order o SET state = v_state, version = o.version + 1 WHERE o.tenant_id = p_tenant_id AND o.id = v_order.id;
	PERFORM @store@.record_event(p_tenant_id, 'cancel_order', 'order', v_order.id::text, to_jsonb(v_order.state),
		jsonb_build_object('state', v_state, 'reason', cancel_order.reason));
	PERFORM @store@.match_orders(p_tenant_id, ARRAY[v_order.id]);
	PERFORM @store@.order_ended(p_tenant_id, v_order.id, cancel_order.reason, v_order.answer IS NOT DISTINCT FROM 'rejected');
END;
$code$;
COMMENT ON FUNCTION @store@.cancel_order(bigint, bigint, text, boolean) IS
'Cancels an order of which nothing has been received nor approved; with close it says of any order that nothing more is to come. A supplier who was sent the order is sent the cancellation. Again: nothing changes. For personas with the right order. Errors: 42501, P0002 no such order, 55000 it is closed or cancelled, or something has been received or approved.';

CREATE OR REPLACE FUNCTION @store@.receive_goods(
	p_tenant_id bigint,
	order_id bigint,
	number text,
	lines jsonb,
	received_on date DEFAULT CURRENT_DATE,
	document_id bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.purchase_order;
	v_receipt bigint;
	v_wrong record;
	v_read @store@.receipt_line[];
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'receive');
	PERFORM @store@.require_given(jsonb_build_object('number', receive_goods.number, 'received_on', receive_goods.received_on));
	v_order := @store@.lock_order(p_tenant_id, receive_goods.order_id);
	v_read := ARRAY(
		SELECT ROW(p_tenant_id, NULL, l.line_no, v_order.id, l.order_line_no, l.quantity, l.stated_quantity, l.stated_unit)::@store@.receipt_line
		FROM @store@.read_delivery_lines(p_tenant_id, v_order, receive_goods.number, receive_goods.lines) l ORDER BY l.line_no);

	INSERT INTO @store@.receipt AS r (tenant_id, order_id, number, received_on, document_id)
	VALUES (p_tenant_id, v_order.id, receive_goods.number, receive_goods.received_on, receive_goods.document_id)
	ON CONFLICT (tenant_id, order_id, number) DO NOTHING
	RETURNING r.id INTO v_receipt;
	IF NOT FOUND THEN
		SELECT r.id INTO v_receipt FROM @store@.receipt r WHERE r.tenant_id = p_tenant_id AND r.order_id = v_order.id AND r.number = receive_goods.number;
		IF EXISTS (
			SELECT FROM (SELECT * FROM @store@.receipt_line l WHERE l.tenant_id = p_tenant_id AND l.receipt_id = v_receipt) l
			FULL JOIN unnest(v_read) n ON n.line_no = l.line_no
			WHERE (l.order_line_no, l.stated_quantity, l.stated_unit) IS DISTINCT FROM (n.order_line_no, n.stated_quantity, n.stated_unit))
		THEN
			RAISE EXCEPTION 'order % has another receipt "%"', v_order.number, receive_goods.number USING
				ERRCODE = 'unique_violation',
				HINT = 'What was recorded stays; put it right by another receipt, with negative quantities for what did not come.';
		END IF;
		RETURN v_receipt;
	END IF;
	IF v_order.state = 'cancelled' THEN
		RAISE EXCEPTION 'order % is cancelled', v_order.number USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	INSERT INTO @store@.receipt_line (tenant_id, receipt_id, line_no, order_id, order_line_no, quantity, stated_quantity, stated_unit)
	SELECT p_tenant_id, v_receipt, n.line_no, n.order_id, n.order_line_no, n.quantity, n.stated_quantity, n.stated_unit FROM unnest(v_read) n;
	SELECT l.identifier, l.unit, l.received, s.quantity INTO v_wrong
	FROM (SELECT n.order_line_no, sum(n.quantity) AS quantity FROM unnest(v_read) n GROUP BY 1) s
	JOIN @store@.order_line l ON l.tenant_id = p_tenant_id AND l.order_id = v_order.id AND l.line_no = s.order_line_no
	WHERE l.received + s.quantity < 0
	ORDER BY l.line_no LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'more of line "%" would go back than has come', v_wrong.identifier USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('%s %s have been received, and %s would go back.', trim_scale(v_wrong.received), v_wrong.unit, trim_scale(-v_wrong.quantity));
	END IF;
	UPDATE @store@.order_line l SET received = trim_scale(l.received + s.quantity)
	FROM (SELECT n.order_line_no, sum(n.quantity) AS quantity FROM unnest(v_read) n GROUP BY 1) s
	WHERE l.tenant_id = p_tenant_id AND l.order_id = v_order.id AND l.line_no = s.order_line_no;
	PERFORM @store@.record_event(p_tenant_id, 'receive_goods', 'order', v_order.id::text, NULL,
		jsonb_build_object('receipt', receive_goods.number, 'received_on', receive_goods.received_on, 'lines', receive_goods.lines));
	PERFORM @store@.match_orders(p_tenant_id, ARRAY[v_order.id]);
	IF EXISTS (SELECT FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'p2p.order_send_receipts' AND s.value = 'true') THEN
		PERFORM @store@.post_receipt(p_tenant_id, v_receipt);
	END IF;
	RETURN v_receipt;
END;
$code$;
COMMENT ON FUNCTION @store@.receive_goods(bigint, bigint, text, jsonb, date, bigint) IS
'Records a delivery, whole or in part: lines [{"line": "10", "quantity": 4, "unit": "XBG"}], unit if it is not that of the order line; a negative quantity went back. number: delivery note or receipt; the same again for the order is the same receipt, and changes nothing. More than was ordered is recorded as it came. Returns the number of the receipt; invoices that wait for it are matched again. For personas with the right receive. Errors: 42501, 22004 number or day missing, P0002 no such order or line, 22023 no quantity, or a unit nothing is known of, 23505 another receipt of the order has the number, 55000 the order is cancelled, or more would go back than has come.';

REVOKE ALL ON FUNCTION @store@.create_order(bigint, text, text, text, jsonb, text, date, bigint), @store@.change_order(bigint, bigint, jsonb, int),
	@store@.cancel_order(bigint, bigint, text, boolean), @store@.receive_goods(bigint, bigint, text, jsonb, date, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.create_order(bigint, text, text, text, jsonb, text, date, bigint), @store@.change_order(bigint, bigint, jsonb, int),
	@store@.cancel_order(bigint, bigint, text, boolean), @store@.receive_goods(bigint, bigint, text, jsonb, date, bigint) TO PUBLIC;
