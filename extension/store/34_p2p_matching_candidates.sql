-- Module p2p, matching candidates: which orders an invoice has to do with, and which line of them each of its lines is for.
--
-- What people chose comes first, then what the invoice says, then what its items are called.  Orders are locked before invoices, each in the order of their
-- numbers, so that sessions that match invoices of the same orders wait for each other and never for one that waits for them.

--! code
CREATE OR REPLACE FUNCTION @store@.json_number(value jsonb) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE pg_catalog.jsonb_typeof(value) WHEN 'number' THEN value::numeric END;
END;
COMMENT ON FUNCTION @store@.json_number(jsonb) IS 'A JSON number as numeric; NULL for anything else, such as an amount that could not be read.';

CREATE OR REPLACE FUNCTION @store@.line_orders(document jsonb) RETURNS TABLE (line_no int, number text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	-- the standard has one order for an invoice; UBL and CII can name one for each line, which no term takes
	SELECT COALESCE(m.found[1], '1')::int, pg_catalog.btrim(x.value ->> 'value')
	FROM pg_catalog.jsonb_array_elements(document -> '$extras') x,
		LATERAL pg_catalog.regexp_match(x.value ->> 'path', '/(?:cac:InvoiceLine|cac:CreditNoteLine|ram:IncludedSupplyChainTradeLineItem)(?:\[(\d{1,6})\])?/(?:cac:OrderLineReference/cac:OrderReference/cbc:ID|ram:SpecifiedLineTradeAgreement/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID)$') m (found)
	WHERE m.found IS NOT NULL AND pg_catalog.btrim(x.value ->> 'value') <> '';
END;
COMMENT ON FUNCTION @store@.line_orders(jsonb) IS 'Orders that single lines of an invoice name, of the JSON of a document: those of UBL (OrderLineReference/OrderReference) and CII (BuyerOrderReferencedDocument).';

CREATE OR REPLACE FUNCTION @store@.orders_of(p_tenant_id bigint, documents bigint[]) RETURNS TABLE (document_id bigint, order_id bigint)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT i.document_id, o.id FROM unnest(orders_of.documents) u (id)
	CROSS JOIN LATERAL (SELECT i.document_id, i.order_reference, i.document::jsonb AS document FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = u.id LIMIT 1) i
	CROSS JOIN LATERAL (SELECT left(btrim(i.order_reference), 200) UNION SELECT left(l.number, 200) FROM @store@.line_orders(i.document) l) n (number)
	JOIN @store@.purchase_order o ON o.tenant_id = p_tenant_id AND o.number = n.number
	UNION ALL
	SELECT c.document_id, c.order_id FROM unnest(orders_of.documents) u (id) JOIN @store@.match_choice c ON c.tenant_id = p_tenant_id AND c.document_id = u.id
	WHERE c.order_id IS NOT NULL
	UNION ALL
	SELECT m.document_id, m.order_id FROM unnest(orders_of.documents) u (id) JOIN @store@.match_line m ON m.tenant_id = p_tenant_id AND m.document_id = u.id
	WHERE m.order_id IS NOT NULL;
END;
$code$;
COMMENT ON FUNCTION @store@.orders_of(bigint, bigint[]) IS 'Orders that these invoices have to do with: that they name, that people chose for lines of theirs, that they were matched with before; a row may come twice.';

CREATE OR REPLACE FUNCTION @store@.lock_orders(p_tenant_id bigint, orders bigint[], documents bigint[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_locked bigint[] := array_remove(lock_orders.orders, NULL);
	v_needed bigint[];
BEGIN
	LOOP
		BEGIN
			PERFORM FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id AND o.id = ANY (v_locked) ORDER BY o.id FOR NO KEY UPDATE;
			v_needed := ARRAY(
				SELECT unnest(array_remove(lock_orders.orders, NULL))
				UNION
				SELECT b.order_id FROM @store@.orders_of(p_tenant_id, lock_orders.documents || ARRAY(
					SELECT DISTINCT m.document_id FROM @store@.match_line m
					CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = m.document_id LIMIT 1) s
					WHERE m.tenant_id = p_tenant_id AND m.order_id = ANY (lock_orders.orders) AND @store@.match_turn(s.meaning) = 1)) b);
			EXIT WHEN v_needed <@ v_locked;
			-- one of them may stand before one that is locked: none stays locked, and all are locked in their order
			RAISE 'orders are locked anew' USING ERRCODE = 'CX001';
		EXCEPTION WHEN SQLSTATE 'CX001' THEN
			v_locked := v_needed;
		END;
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.lock_orders(bigint, bigint[], bigint[]) IS 'Locks orders, with all that share an invoice with them which is still to be matched, and those of the given invoices, for the rest of the transaction and in the order of their numbers: what follows matches those invoices again, and must not wait for an order that stands before one it holds.';

CREATE OR REPLACE FUNCTION @store@.match_subjects(p_tenant_id bigint, documents bigint[])
RETURNS TABLE (document_id bigint, party_id bigint, entity_id bigint, sign int, currency text, lines jsonb, charges jsonb, line_orders jsonb, order_reference text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
	SELECT s.document_id, s.party_id, s.entity_id, CASE WHEN s.is_credit THEN -1 ELSE 1 END, i.currency, i.document -> 'lines', i.document -> 'charges',
		(SELECT pg_catalog.jsonb_object_agg(x.line_no, x.number) FROM @store@.line_orders(i.document) x),
		pg_catalog."left"(NULLIF(pg_catalog.btrim(i.order_reference), ''), 200)
	FROM pg_catalog.unnest(documents) u (id)
	CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = match_subjects.p_tenant_id AND s.document_id = u.id LIMIT 1) s
	CROSS JOIN LATERAL (
		SELECT i.currency, i.order_reference, i.document::jsonb AS document
		FROM @store@.invoice i WHERE i.tenant_id = match_subjects.p_tenant_id AND i.document_id = u.id LIMIT 1) i;
END;
COMMENT ON FUNCTION @store@.match_subjects(bigint, bigint[]) IS 'What matching asks of invoices: whose they are, their lines and charges as JSON, the order they name and those that single lines name (an object by line number); sign is -1 for credit notes.';

CREATE OR REPLACE FUNCTION @store@.line_terms(lines jsonb)
RETURNS TABLE (line_no int, order_line text, quantity numeric, unit text, amount numeric, item_name text, seller_item text, buyer_item text, standard_item text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
	SELECT l.ordinal::int, NULLIF(pg_catalog.btrim(l.line ->> 'purchase_order_line'), ''), @store@.json_number(l.line -> 'quantity'), l.line ->> 'unit',
		@store@.json_number(l.line -> 'net_amount'), l.line #>> '{item,name}', l.line #>> '{item,seller_identifier}', l.line #>> '{item,buyer_identifier}',
		COALESCE(l.line #>> '{item,standard_identifier,value}', l.line #>> '{item,standard_identifier}')
	FROM pg_catalog.jsonb_array_elements(lines) WITH ORDINALITY l (line, ordinal);
END;
COMMENT ON FUNCTION @store@.line_terms(jsonb) IS 'What the lines of an invoice, as JSON, say that matching asks for: which order line they name, quantity, amount and item.';

CREATE OR REPLACE FUNCTION @store@.order_for(p_tenant_id bigint, chosen_order bigint, order_number text, supplier_id bigint, entity_id bigint)
RETURNS TABLE (order_id bigint, number text, party_id bigint, currency text, state text, version int)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT o.id, o.number, o.party_id, o.currency, o.state, o.version
	FROM (
		SELECT * FROM @store@.purchase_order o WHERE o.tenant_id = order_for.p_tenant_id AND o.number = order_for.order_number AND order_for.chosen_order IS NULL
		UNION ALL
		SELECT * FROM @store@.purchase_order o WHERE o.tenant_id = order_for.p_tenant_id AND o.id = order_for.chosen_order) o
	ORDER BY (o.party_id = order_for.supplier_id) IS TRUE DESC, (o.entity_id = order_for.entity_id) IS TRUE DESC, o.id LIMIT 1;
END;
COMMENT ON FUNCTION @store@.order_for(bigint, bigint, text, bigint, bigint) IS 'The order that an invoice line is for: the one people chose, else of those with the number that it names one of the same supplier, then entity, then the oldest. No row: there is none.';

CREATE OR REPLACE FUNCTION @store@.order_line_for(
	p_tenant_id bigint,
	order_id bigint,
	chosen_line int,
	order_line text,
	buyer_item text,
	seller_item text,
	standard_item text,
	item_name text,
	quantity numeric,
	amount numeric)
RETURNS SETOF @store@.order_line
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT n.* FROM @store@.order_line n
	WHERE n.tenant_id = order_line_for.p_tenant_id AND n.order_id = order_line_for.order_id
		AND CASE WHEN order_line_for.chosen_line IS NOT NULL THEN n.line_no = order_line_for.chosen_line
			-- 00010 and 10 are the same line
			WHEN order_line_for.order_line IS NOT NULL THEN n.identifier = order_line_for.order_line OR pg_catalog.ltrim(n.identifier, '0') = pg_catalog.ltrim(order_line_for.order_line, '0')
			ELSE n.buyer_item = order_line_for.buyer_item OR n.seller_item = order_line_for.seller_item OR n.standard_item = order_line_for.standard_item
				OR pg_catalog.lower(n.item_name) = pg_catalog.lower(order_line_for.item_name) END
	ORDER BY CASE WHEN order_line_for.chosen_line IS NOT NULL OR order_line_for.order_line IS NOT NULL THEN 0 WHEN n.buyer_item = order_line_for.buyer_item THEN 1
			WHEN n.seller_item = order_line_for.seller_item THEN 2 WHEN n.standard_item = order_line_for.standard_item THEN 3 ELSE 4 END,
		n.identifier = order_line_for.order_line DESC NULLS LAST, n.cancelled,
		pg_catalog.abs(order_line_for.amount) = pg_catalog.abs(order_line_for.quantity) * n.price / n.price_per DESC NULLS LAST, n.line_no
	LIMIT 1;
END;
COMMENT ON FUNCTION @store@.order_line_for(bigint, bigint, int, text, text, text, text, text, numeric, numeric) IS
'The line of an order that an invoice line is for: the one people chose; else the one that it names; else the one for the same item, by the buyer''s number before the seller''s, the standard one and the name; of several one that is not cancelled, at the same price, the first. No row: there is none.';

REVOKE ALL ON FUNCTION @store@.match_subjects(bigint, bigint[]), @store@.line_terms(jsonb), @store@.order_for(bigint, bigint, text, bigint, bigint),
	@store@.order_line_for(bigint, bigint, int, text, text, text, text, text, numeric, numeric),
	@store@.json_number(jsonb), @store@.line_orders(jsonb), @store@.orders_of(bigint, bigint[]),
	@store@.lock_orders(bigint, bigint[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.match_subjects(bigint, bigint[]), @store@.line_terms(jsonb), @store@.order_for(bigint, bigint, text, bigint, bigint),
	@store@.order_line_for(bigint, bigint, int, text, text, text, text, text, numeric, numeric),
	@store@.json_number(jsonb), @store@.line_orders(jsonb) TO PUBLIC;
