-- Module p2p, matching: does an invoice ask for what was ordered, and has come, at the price that was agreed.
--
-- The result for an invoice follows from orders, receipts and the invoices before it, and from nothing else: those that were approved count first, then the
-- others in the order of their numbers in the store.  So it does not matter in which order things arrived or which session matched them, and matching again
-- gives the same.  One statement matches one invoice or all of them.  An invoice that has been approved keeps what it was approved on.
-- What an invoice line costs is its net amount, so that charges on the line cannot hide; an amount is rounded to the currency, hence half of its smallest unit is
-- never a deviation.  Tolerances are of the order's quantities and prices: each that is given must hold, and where none is given nothing is tolerated.

--! step 41 matching
CREATE TABLE @store@.match_policy (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	party_id bigint,
	entity_id bigint,
	ways int NOT NULL CHECK (ways IN (2, 3)),
	order_required boolean NOT NULL,
	price_percent numeric CHECK (price_percent >= 0),
	price_amount numeric CHECK (price_amount >= 0),
	price_under_percent numeric CHECK (price_under_percent >= 0),
	quantity_percent numeric CHECK (quantity_percent >= 0),
	quantity numeric CHECK (quantity >= 0),
	over_percent numeric CHECK (over_percent >= 0),
	over_quantity numeric CHECK (over_quantity >= 0),
	under_percent numeric CHECK (under_percent BETWEEN 0 AND 100),
	charge_amount numeric CHECK (charge_amount >= 0),
	PRIMARY KEY (tenant_id, id),
	UNIQUE NULLS NOT DISTINCT (tenant_id, party_id, entity_id),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id)
);
COMMENT ON TABLE @store@.match_policy IS 'How invoices are matched, for a supplier, an entity, both or all. Written by set_match_policy().';
COMMENT ON COLUMN @store@.match_policy.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.match_policy.id IS 'Number of the policy in this store.';
COMMENT ON COLUMN @store@.match_policy.party_id IS 'Supplier; NULL = all.';
COMMENT ON COLUMN @store@.match_policy.entity_id IS 'Entity whose invoice it is; NULL = all.';
COMMENT ON COLUMN @store@.match_policy.ways IS '2: with the order. 3: with the order and what was received.';
COMMENT ON COLUMN @store@.match_policy.order_required IS 'An invoice that names no order cannot be approved.';
COMMENT ON COLUMN @store@.match_policy.price_percent IS 'Price above that ordered, in percent of it.';
COMMENT ON COLUMN @store@.match_policy.price_amount IS 'Price above that ordered, in currency for each unit of the order.';
COMMENT ON COLUMN @store@.match_policy.price_under_percent IS 'Price below that ordered, in percent of it; NULL = any.';
COMMENT ON COLUMN @store@.match_policy.quantity_percent IS 'Invoiced above received, in percent of the quantity ordered.';
COMMENT ON COLUMN @store@.match_policy.quantity IS 'Invoiced above received, in units of the order.';
COMMENT ON COLUMN @store@.match_policy.over_percent IS 'Invoiced above ordered (over-delivery), in percent of the quantity ordered.';
COMMENT ON COLUMN @store@.match_policy.over_quantity IS 'Invoiced above ordered (over-delivery), in units of the order.';
COMMENT ON COLUMN @store@.match_policy.under_percent IS 'A line of which so much in percent has not come counts as delivered (under-delivery).';
COMMENT ON COLUMN @store@.match_policy.charge_amount IS 'Charges on the whole invoice, which no order line has, in currency.';

CREATE TABLE @store@.match_choice (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	line_no int NOT NULL CHECK (line_no >= 0),
	order_id bigint,
	order_line_no int,
	accepted text[],
	note text,
	chosen_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	chosen_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, document_id, line_no),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	FOREIGN KEY (tenant_id, order_id, order_line_no) REFERENCES @store@.order_line (tenant_id, order_id, line_no)
);
COMMENT ON TABLE @store@.match_choice IS 'What people decided about lines of invoices: which order line one is for, which deviations are accepted. Written by assign_line() and accept_deviation().';
COMMENT ON COLUMN @store@.match_choice.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.match_choice.document_id IS 'Invoice.';
COMMENT ON COLUMN @store@.match_choice.line_no IS 'Line, from 1; 0 = the invoice as a whole.';
COMMENT ON COLUMN @store@.match_choice.order_id IS 'Order the line is for; NULL = as the invoice says.';
COMMENT ON COLUMN @store@.match_choice.order_line_no IS 'Line of that order.';
COMMENT ON COLUMN @store@.match_choice.accepted IS 'Deviations that are accepted, in the words of that moment: others, and other figures, are not.';
COMMENT ON COLUMN @store@.match_choice.note IS 'Why.';
COMMENT ON COLUMN @store@.match_choice.chosen_at IS 'When.';
COMMENT ON COLUMN @store@.match_choice.chosen_by IS 'Role that decided.';

CREATE TABLE @store@.match_line (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	line_no int NOT NULL,
	order_number text,
	order_id bigint,
	order_line_no int,
	order_version int,
	quantity numeric,
	net_amount numeric,
	price numeric,
	order_price numeric,
	ordered numeric,
	received numeric,
	invoiced_before numeric,
	results text[] NOT NULL,
	reasons text[] NOT NULL,
	accepted boolean NOT NULL,
	PRIMARY KEY (tenant_id, document_id, line_no),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	FOREIGN KEY (tenant_id, order_id, order_line_no) REFERENCES @store@.order_line (tenant_id, order_id, line_no)
);
CREATE INDEX match_line_order_idx ON @store@.match_line (tenant_id, order_id, order_line_no, document_id);
CREATE INDEX match_line_number_idx ON @store@.match_line (tenant_id, order_number) WHERE order_line_no IS NULL AND order_number IS NOT NULL;
COMMENT ON TABLE @store@.match_line IS 'What matching found for each line of an invoice; line 0 is the invoice as a whole, where something is to be said of it. Written by matching alone.';
COMMENT ON COLUMN @store@.match_line.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.match_line.document_id IS 'Invoice.';
COMMENT ON COLUMN @store@.match_line.line_no IS 'Line, from 1, as in view invoice_lines.';
COMMENT ON COLUMN @store@.match_line.order_number IS 'Order the line names (first 200 characters); NULL = none.';
COMMENT ON COLUMN @store@.match_line.order_id IS 'Order; NULL = there is none.';
COMMENT ON COLUMN @store@.match_line.order_line_no IS 'Line of the order; NULL = none found.';
COMMENT ON COLUMN @store@.match_line.order_version IS 'Version of the order it was matched with.';
COMMENT ON COLUMN @store@.match_line.quantity IS 'Quantity it takes of the order line, in its unit; credit notes give some back and are negative, a credit of value takes none. NULL = it takes no part.';
COMMENT ON COLUMN @store@.match_line.net_amount IS 'Net amount of the line, negative for credit notes.';
COMMENT ON COLUMN @store@.match_line.price IS 'What one unit of the order costs on the invoice: net amount by quantity, to ten digits.';
COMMENT ON COLUMN @store@.match_line.order_price IS 'What it costs in the order.';
COMMENT ON COLUMN @store@.match_line.ordered IS 'Quantity ordered.';
COMMENT ON COLUMN @store@.match_line.received IS 'Quantity received.';
COMMENT ON COLUMN @store@.match_line.invoiced_before IS 'Quantity that invoices before it take: those that were approved, and those with a lower number.';
COMMENT ON COLUMN @store@.match_line.results IS 'Deviations by code; none = matched.';
COMMENT ON COLUMN @store@.match_line.reasons IS 'The same in words.';
COMMENT ON COLUMN @store@.match_line.accepted IS 'Somebody accepted these deviations.';

CREATE TABLE @store@.invoice_match (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	state text NOT NULL CHECK (state IN ('matched', 'unmatched', 'no_order')),
	ways int NOT NULL,
	order_required boolean NOT NULL,
	lines int NOT NULL,
	deviating int NOT NULL,
	matched_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_id, document_id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id)
);
CREATE INDEX invoice_match_unmatched_idx ON @store@.invoice_match (tenant_id, document_id) WHERE state = 'unmatched';
COMMENT ON TABLE @store@.invoice_match IS 'Whether invoices bought match their orders. Written by matching alone.';
COMMENT ON COLUMN @store@.invoice_match.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.invoice_match.document_id IS 'Invoice or credit note.';
COMMENT ON COLUMN @store@.invoice_match.state IS 'matched: every line, or somebody accepted what deviates. unmatched. no_order: it names none, and needs none.';
COMMENT ON COLUMN @store@.invoice_match.ways IS '2 or 3, as table match_policy said then.';
COMMENT ON COLUMN @store@.invoice_match.order_required IS 'Whether it needed an order, as table match_policy said then.';
COMMENT ON COLUMN @store@.invoice_match.lines IS 'Number of lines.';
COMMENT ON COLUMN @store@.invoice_match.deviating IS 'How many deviate and were not accepted.';
COMMENT ON COLUMN @store@.invoice_match.matched_at IS 'When it was matched last.';

CREATE TABLE @store@.match_request (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	document_id bigint NOT NULL,
	requested_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX match_request_document_idx ON @store@.match_request (tenant_id, document_id);
COMMENT ON TABLE @store@.match_request IS 'Invoices that count no more, or count again, since their status changed: those after them on the same orders are to be matched again. Who changes a status holds the invoice, and may not wait for orders. Written by react_matching(), emptied by matching.';
COMMENT ON COLUMN @store@.match_request.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.match_request.id IS 'Number of the request: each change asks for itself, so that none is lost with another.';
COMMENT ON COLUMN @store@.match_request.document_id IS 'Invoice whose status changed.';
COMMENT ON COLUMN @store@.match_request.requested_by IS 'Role that changed it.';

ALTER TABLE @store@.match_policy ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.match_choice ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.match_line ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.invoice_match ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.match_request ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.match_policy USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.match_choice USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.match_line USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.invoice_match USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.match_request USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
-- a supplier cancels its invoice without seeing what that means for others
CREATE POLICY requester ON @store@.match_request FOR INSERT WITH CHECK (requested_by = clex.caller());

--! step 42 lines that are still to come, by the day they are wanted, without a day too
CREATE INDEX order_line_due_idx ON @store@.order_line (tenant_id, deliver_by, order_id, line_no) WHERE received < quantity AND NOT cancelled;

--! code
-- who is scoped to entities sees how its invoices match; suppliers are not shown tolerances
DROP POLICY IF EXISTS scope ON @store@.match_line;
CREATE POLICY scope ON @store@.match_line FOR SELECT
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_as_buyer(tenant_id, document_id));
DROP POLICY IF EXISTS scope ON @store@.invoice_match;
CREATE POLICY scope ON @store@.invoice_match FOR SELECT
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_as_buyer(tenant_id, document_id));

CREATE OR REPLACE FUNCTION @store@.match_turn(meaning text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
		WHEN meaning IN ('approved', 'partly_approved', 'payment_sent', 'payment_received') THEN 0
		WHEN meaning IN ('refused', 'rejected', 'cancelled', 'unacceptable') THEN NULL
		ELSE 1 END;
END;
COMMENT ON FUNCTION @store@.match_turn(text) IS 'When an invoice with a status of that meaning has its turn at the quantities of its orders: 0 = first, it was approved and is not matched again; 1 = after those; NULL = never, it counts no more.';

CREATE OR REPLACE FUNCTION @store@.match_waits(meaning text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE(meaning, '') <> ALL ('{approved,partly_approved,payment_sent,payment_received,refused,rejected,cancelled,unacceptable}'::text[]);
END;
COMMENT ON FUNCTION @store@.match_waits(text) IS 'match_turn() = 1, in a form that the planner takes to hold for most rows: of unmatched invoices it does, though of all invoices few are without a decision.';

CREATE OR REPLACE FUNCTION @store@.decided_quantity(p_tenant_id bigint, order_id bigint, line_no int) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE(sum(m.quantity), 0)
	FROM @store@.match_line m
	JOIN @store@.invoice_state s ON s.tenant_id = m.tenant_id AND s.document_id = m.document_id
	WHERE m.tenant_id = decided_quantity.p_tenant_id AND m.order_id = decided_quantity.order_id AND m.order_line_no = decided_quantity.line_no
		AND @store@.match_turn(s.meaning) = 0;
END;
COMMENT ON FUNCTION @store@.decided_quantity(bigint, bigint, int) IS 'Quantity of an order line on invoices that were approved, in the unit of the line.';

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

CREATE OR REPLACE FUNCTION @store@.invoice_remarks(lines jsonb, charges jsonb, charge_amount numeric) RETURNS TABLE (code text, words text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT w.code, w.words
	FROM (SELECT COALESCE(pg_catalog.jsonb_array_length(lines), 0) = 0 AS has_none,
		(SELECT pg_catalog.sum(@store@.json_number(h -> 'amount')) FROM pg_catalog.jsonb_array_elements(charges) h) AS charged) i
	CROSS JOIN LATERAL (
		SELECT 'no_lines' AS code, 'it has no lines that could be matched' AS words WHERE i.has_none
		UNION ALL
		SELECT 'charge_above', pg_catalog.format('charges of %s are not in the order', i.charged)
		WHERE NOT i.has_none AND i.charged > COALESCE(invoice_remarks.charge_amount, 0)) w;
END;
COMMENT ON FUNCTION @store@.invoice_remarks(jsonb, jsonb, numeric) IS 'What matching has to say of an invoice that names an order as a whole, of the JSON of its lines and charges: that it has no lines, or charges above charge_amount (NULL: none are tolerated), which no order line has. No row: nothing.';

CREATE OR REPLACE FUNCTION @store@.missing_order(order_number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN order_number IS NULL THEN 'it names no order' ELSE pg_catalog.format('there is no order %s', order_number) END;
END;
COMMENT ON FUNCTION @store@.missing_order(text) IS 'What matching has to say of a line for which there is no order, by the order number that it names.';

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

CREATE OR REPLACE FUNCTION @store@.match_without_order(p_tenant_id bigint, documents bigint[]) RETURNS SETOF @store@.match_line
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF cardinality(match_without_order.documents) = 0 THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH invoice AS MATERIALIZED (
		SELECT s.document_id, s.party_id, s.entity_id, CASE WHEN s.is_credit THEN -1 ELSE 1 END AS sign, i.document -> 'lines' AS lines, i.document -> 'charges' AS charges,
			(SELECT jsonb_object_agg(x.line_no, x.number) FROM @store@.line_orders(i.document) x) AS line_orders,
			left(NULLIF(btrim(i.order_reference), ''), 200) AS order_reference
		FROM unnest(match_without_order.documents) u (id)
		CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = u.id LIMIT 1) s
		CROSS JOIN LATERAL (SELECT i.order_reference, i.document::jsonb AS document FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = u.id LIMIT 1) i
	), said AS (
		SELECT v.document_id, l.ordinal::int AS line_no, n.number, v.sign * @store@.json_number(l.line -> 'net_amount') AS amount,
			CASE WHEN n.number IS NULL THEN 'no_order' ELSE 'unknown_order' END AS code, @store@.missing_order(n.number) AS words
		FROM invoice v
		CROSS JOIN LATERAL jsonb_array_elements(v.lines) WITH ORDINALITY l (line, ordinal)
		CROSS JOIN LATERAL (SELECT COALESCE(left(v.line_orders ->> l.ordinal::text, 200), v.order_reference)) n (number)
		UNION ALL
		SELECT v.document_id, 0, v.order_reference, NULL, w.code, w.words
		FROM invoice v
		LEFT JOIN LATERAL (
			SELECT p.charge_amount FROM @store@.match_policy p
			WHERE p.tenant_id = p_tenant_id AND (p.party_id IS NULL OR p.party_id = v.party_id) AND (p.entity_id IS NULL OR p.entity_id = v.entity_id)
			ORDER BY p.party_id IS NULL, p.entity_id IS NULL LIMIT 1) p ON true
		CROSS JOIN LATERAL @store@.invoice_remarks(v.lines, v.charges, p.charge_amount) w
		WHERE v.sign = 1 AND num_nonnulls(v.order_reference, v.line_orders) > 0
	)
	SELECT p_tenant_id, s.document_id, s.line_no, s.number, NULL::bigint, NULL::int, NULL::int, NULL::numeric, s.amount, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric,
		ARRAY[s.code], ARRAY[s.words], (ARRAY[s.words] = c.accepted) IS TRUE
	FROM said s
	LEFT JOIN LATERAL (SELECT c.accepted FROM @store@.match_choice c WHERE c.tenant_id = p_tenant_id AND c.document_id = s.document_id AND c.line_no = s.line_no LIMIT 1) c ON true;
END;
$code$;
COMMENT ON FUNCTION @store@.match_without_order(bigint, bigint[]) IS 'Part of match_batch(): what match_results() finds for invoices that have to do with no order (orders_of()), which is little, and found quickly.';

CREATE OR REPLACE FUNCTION @store@.match_results(p_tenant_id bigint, documents bigint[]) RETURNS SETOF @store@.match_line
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF cardinality(match_results.documents) = 0 THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH invoice AS MATERIALIZED (
		SELECT s.document_id, s.party_id, s.entity_id, CASE WHEN s.is_credit THEN -1 ELSE 1 END AS sign, i.currency, i.document -> 'lines' AS lines, i.document -> 'charges' AS charges,
			(SELECT jsonb_object_agg(x.line_no, x.number) FROM @store@.line_orders(i.document) x) AS line_orders,
			left(NULLIF(btrim(i.order_reference), ''), 200) AS order_reference,
			p.ways, p.price_percent, p.price_amount, p.price_under_percent, p.quantity_percent, p.quantity AS quantity_tolerance, p.over_percent, p.over_quantity, p.charge_amount
		FROM unnest(documents) u (id)
		CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = u.id LIMIT 1) s
		CROSS JOIN LATERAL (
			SELECT i.currency, i.order_reference, i.document::jsonb AS document FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = u.id LIMIT 1) i
		LEFT JOIN LATERAL (
			SELECT * FROM @store@.match_policy p
			WHERE p.tenant_id = p_tenant_id AND (p.party_id IS NULL OR p.party_id = s.party_id) AND (p.entity_id IS NULL OR p.entity_id = s.entity_id)
			ORDER BY p.party_id IS NULL, p.entity_id IS NULL LIMIT 1) p ON true
	), line AS MATERIALIZED (
		-- as columns: below row-level security no index is searched for what an expression gives
		SELECT v.document_id, v.party_id, v.entity_id, v.sign, v.currency, v.ways, v.price_percent, v.price_amount, v.price_under_percent, v.quantity_percent, v.quantity_tolerance,
			v.over_percent, v.over_quantity, l.ordinal::int AS line_no, c.order_id AS chosen_order, c.order_line_no AS chosen_line, c.accepted,
			COALESCE(left(v.line_orders ->> l.ordinal::text, 200), v.order_reference) AS order_number, NULLIF(btrim(l.line ->> 'purchase_order_line'), '') AS order_line,
			v.sign * @store@.json_number(l.line -> 'quantity') AS quantity, l.line ->> 'unit' AS unit, v.sign * @store@.json_number(l.line -> 'net_amount') AS amount,
			l.line #>> '{item,name}' AS item_name, l.line #>> '{item,seller_identifier}' AS seller_item, l.line #>> '{item,buyer_identifier}' AS buyer_item,
			COALESCE(l.line #>> '{item,standard_identifier,value}', l.line #>> '{item,standard_identifier}') AS standard_item
		FROM invoice v
		CROSS JOIN LATERAL jsonb_array_elements(v.lines) WITH ORDINALITY l (line, ordinal)
		LEFT JOIN LATERAL (SELECT * FROM @store@.match_choice c WHERE c.tenant_id = p_tenant_id AND c.document_id = v.document_id AND c.line_no = l.ordinal LIMIT 1) c ON true
	), placed AS MATERIALIZED (
		SELECT l.document_id, l.line_no, l.party_id, l.sign, l.currency, 0.5 * power(10::numeric, -clex.currency_digits(o.currency)) AS half, l.ways, l.price_percent, l.price_amount, l.price_under_percent, l.quantity_percent,
			l.quantity_tolerance, l.over_percent, l.over_quantity, l.accepted, COALESCE(o.number, l.order_number) AS order_number, l.order_line, l.unit, l.amount,
			l.quantity AS stated_quantity, o.id AS order_id, o.party_id AS order_party, o.currency AS order_currency, o.state AS order_state, o.version AS order_version,
			n.line_no AS order_line_no, n.identifier, n.cancelled, n.quantity AS ordered, n.unit AS order_unit, n.received, trim_scale(round(n.price / n.price_per, 10)) AS order_price,
			l.quantity * r.multiply / r.divide AS quantity, abs(l.amount) - abs(l.quantity) * r.multiply * n.price / (r.divide * n.price_per) AS excess,
			n.line_no IS NOT NULL AND o.party_id = l.party_id AND o.currency = l.currency AND o.state <> 'cancelled' AND NOT n.cancelled
				AND r.multiply IS NOT NULL AND l.quantity IS NOT NULL AND l.amount IS NOT NULL AS takes_part
		FROM line l
		LEFT JOIN LATERAL (
			SELECT o.* FROM (
				SELECT * FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id AND o.number = l.order_number AND l.chosen_order IS NULL
				UNION ALL
				SELECT * FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id AND o.id = l.chosen_order) o
			ORDER BY (o.party_id = l.party_id) IS TRUE DESC, (o.entity_id = l.entity_id) IS TRUE DESC, o.id LIMIT 1) o ON true
		LEFT JOIN LATERAL (
			SELECT n.*, CASE WHEN l.chosen_order IS NOT NULL OR l.order_line IS NOT NULL THEN 0 WHEN n.buyer_item = l.buyer_item THEN 1 WHEN n.seller_item = l.seller_item THEN 2
				WHEN n.standard_item = l.standard_item THEN 3 ELSE 4 END AS tier
			FROM @store@.order_line n
			WHERE n.tenant_id = p_tenant_id AND n.order_id = o.id
				AND CASE WHEN l.chosen_order IS NOT NULL THEN n.line_no = l.chosen_line
					-- 00010 and 10 are the same line
					WHEN l.order_line IS NOT NULL THEN n.identifier = l.order_line OR ltrim(n.identifier, '0') = ltrim(l.order_line, '0')
					ELSE n.buyer_item = l.buyer_item OR n.seller_item = l.seller_item OR n.standard_item = l.standard_item OR lower(n.item_name) = lower(l.item_name) END
			ORDER BY tier, n.identifier = l.order_line DESC NULLS LAST, n.cancelled, abs(l.amount) = abs(l.quantity) * n.price / n.price_per DESC NULLS LAST, n.line_no LIMIT 1) n ON true
		LEFT JOIN LATERAL @store@.unit_ratio(p_tenant_id, o.party_id, ARRAY[n.seller_item, n.buyer_item, n.standard_item], l.unit, n.unit) r ON n.line_no IS NOT NULL
	), claimed AS (
		-- a credit at a price that was neither ordered nor invoiced is one of value, and gives back no quantity
		SELECT p.*, CASE WHEN p.takes_part THEN CASE
			WHEN p.quantity < 0 AND abs(p.excess) > p.half
				AND NOT EXISTS (SELECT FROM @store@.match_line m WHERE m.tenant_id = p_tenant_id AND m.order_id = p.order_id AND m.order_line_no = p.order_line_no
					AND m.quantity > 0 AND abs(abs(p.amount) * m.quantity - abs(p.quantity) * m.net_amount) <= p.half * m.quantity)
				AND NOT EXISTS (SELECT FROM placed q WHERE q.order_id = p.order_id AND q.order_line_no = p.order_line_no AND q.takes_part
					AND q.quantity > 0 AND abs(abs(p.amount) * q.quantity - abs(p.quantity) * q.amount) <= p.half * q.quantity)
			THEN 0 ELSE p.quantity END END AS claim
		FROM placed p
	), turn AS (
		SELECT c.order_id, c.order_line_no, 1 AS turn, c.document_id, c.line_no, c.claim, c.amount FROM claimed c WHERE c.takes_part
		UNION ALL
		SELECT m.order_id, m.order_line_no, @store@.match_turn(s.meaning), m.document_id, m.line_no, m.quantity, m.net_amount
		FROM (SELECT DISTINCT c.order_id, c.order_line_no FROM claimed c WHERE c.takes_part) k
		CROSS JOIN LATERAL (
			SELECT * FROM @store@.match_line m
			WHERE m.tenant_id = p_tenant_id AND m.order_id = k.order_id AND m.order_line_no = k.order_line_no AND m.quantity IS NOT NULL AND m.document_id <> ALL (documents)
			OFFSET 0) m
		CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = m.document_id LIMIT 1) s
		WHERE @store@.match_turn(s.meaning) IS NOT NULL
	), running AS (
		SELECT t.document_id, t.line_no, sum(t.claim) OVER w - t.claim AS before, sum(t.amount) OVER w - t.amount AS amount_before
		FROM turn t
		WINDOW w AS (PARTITION BY t.order_id, t.order_line_no ORDER BY t.turn, t.document_id, t.line_no)
	), judged AS (
		SELECT c.document_id, c.line_no, c.order_number, c.order_id, c.order_line_no, c.order_version, c.claim, c.amount,
			CASE WHEN c.takes_part THEN trim_scale(round(c.amount / NULLIF(c.quantity, 0), 10)) END AS price, c.order_price, c.ordered, c.received, b.before, c.accepted, d.results, d.reasons
		FROM claimed c
		LEFT JOIN running b ON b.document_id = c.document_id AND b.line_no = c.line_no AND c.takes_part
		CROSS JOIN LATERAL (
			SELECT COALESCE(LEAST(c.order_price * c.price_percent / 100, c.price_amount), 0) AS price_over, c.order_price * c.price_under_percent / 100 AS price_under,
				COALESCE(LEAST(c.ordered * c.quantity_percent / 100, c.quantity_tolerance), 0) AS above_received,
				COALESCE(LEAST(c.ordered * c.over_percent / 100, c.over_quantity), 0) AS above_ordered, b.before + c.claim AS total) t
		CROSS JOIN LATERAL (
			-- in the order of their codes, which follow
			SELECT ARRAY[
				CASE WHEN c.order_number IS NULL THEN @store@.missing_order(NULL) END,
				CASE WHEN c.order_id IS NULL AND c.order_number IS NOT NULL THEN @store@.missing_order(c.order_number) END,
				CASE WHEN c.order_party IS DISTINCT FROM c.party_id AND c.order_id IS NOT NULL THEN
					CASE WHEN c.party_id IS NULL THEN 'its supplier is not among the parties' ELSE format('order %s is of another supplier', c.order_number) END END,
				CASE WHEN c.order_currency IS DISTINCT FROM c.currency AND c.order_id IS NOT NULL
					THEN format('the currency is %s, that of order %s %s', COALESCE(c.currency, 'not stated'), c.order_number, c.order_currency) END,
				CASE WHEN c.order_state = 'cancelled' THEN format('order %s is cancelled', c.order_number) END,
				CASE WHEN c.order_id IS NOT NULL AND c.order_line_no IS NULL
					THEN CASE WHEN c.order_line IS NULL THEN format('no line of order %s is for this item', c.order_number) ELSE format('order %s has no line %s', c.order_number, c.order_line) END END,
				CASE WHEN c.cancelled THEN format('line %s of order %s is cancelled', c.identifier, c.order_number) END,
				CASE WHEN c.order_line_no IS NOT NULL AND num_nulls(c.stated_quantity, c.amount) > 0 THEN 'quantity or net amount cannot be read' END,
				CASE WHEN c.order_line_no IS NOT NULL AND c.stated_quantity IS NOT NULL AND c.quantity IS NULL
					THEN format('nothing says how many %s one %s is', c.order_unit, COALESCE(c.unit, 'unit')) END,
				CASE WHEN c.takes_part AND c.quantity >= 0 AND c.excess > c.quantity * t.price_over + c.half
					THEN format('price above by %s: %s, and %s ordered', trim_scale(round(c.excess / COALESCE(NULLIF(abs(c.quantity), 0), 1), 4)),
						trim_scale(round(abs(c.amount) / COALESCE(NULLIF(abs(c.quantity), 0), 1), 4)), trim_scale(round(c.order_price, 4))) END,
				CASE WHEN c.takes_part AND c.quantity > 0 AND -c.excess > c.quantity * t.price_under + c.half
					THEN format('price below by %s: %s, and %s ordered', trim_scale(round(-c.excess / c.quantity, 4)), trim_scale(round(c.amount / c.quantity, 4)), trim_scale(round(c.order_price, 4))) END,
				CASE WHEN c.claim > 0 AND t.total > c.ordered + t.above_ordered
					THEN format('quantity above ordered by %s %s: %s, after %s before, and %s ordered', trim_scale(round(t.total - c.ordered, 4)), c.order_unit, trim_scale(round(c.claim, 4)), trim_scale(round(b.before, 4)), trim_scale(c.ordered)) END,
				CASE WHEN COALESCE(c.ways, 3) = 3 AND c.claim > 0 AND c.received = 0 AND t.total > t.above_received
					THEN format('nothing of line %s of order %s has been received', c.identifier, c.order_number) END,
				CASE WHEN COALESCE(c.ways, 3) = 3 AND c.claim > 0 AND c.received > 0 AND t.total > c.received + t.above_received
					THEN format('quantity above received by %s %s: %s, after %s before, and %s received', trim_scale(round(t.total - c.received, 4)), c.order_unit, trim_scale(round(c.claim, 4)), trim_scale(round(b.before, 4)), trim_scale(round(c.received, 4))) END,
				CASE WHEN c.claim < 0 AND t.total < 0
					THEN format('more is credited than was invoiced: %s %s, and %s before', trim_scale(round(-c.claim, 4)), c.order_unit, trim_scale(round(b.before, 4)))
					WHEN c.claim = 0 AND c.quantity < 0 AND b.amount_before + c.amount < -c.half
					THEN format('more is credited than was invoiced: %s, and %s before', -c.amount, b.amount_before) END] AS words OFFSET 0) w
		CROSS JOIN LATERAL (SELECT array_remove(w.words, NULL) AS reasons OFFSET 0) r
		CROSS JOIN LATERAL (
			SELECT r.reasons, CASE WHEN cardinality(r.reasons) = 0 THEN '{}' ELSE ARRAY(
				SELECT x.code FROM unnest(w.words, '{no_order,unknown_order,other_supplier,currency_differs,order_cancelled,unknown_line,line_cancelled,
					no_amount,unit_differs,price_above,price_below,above_ordered,not_received,above_received,credit_above_invoiced}'::text[]) WITH ORDINALITY x (words, code, n)
				WHERE x.words IS NOT NULL ORDER BY x.n) END AS results) d
	)
	SELECT p_tenant_id, j.document_id, j.line_no, j.order_number, j.order_id, j.order_line_no, j.order_version, j.claim, j.amount, j.price, j.order_price, j.ordered, j.received, j.before,
		j.results, j.reasons, (j.reasons = j.accepted AND cardinality(j.reasons) > 0) IS TRUE
	FROM judged j
	UNION ALL
	-- what is to be said of the invoice as a whole
	SELECT p_tenant_id, v.document_id, 0, v.order_reference, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		ARRAY[w.code], ARRAY[w.words], (ARRAY[w.words] = c.accepted) IS TRUE
	FROM invoice v
	CROSS JOIN LATERAL @store@.invoice_remarks(v.lines, v.charges, v.charge_amount) w
	LEFT JOIN LATERAL (SELECT c.accepted FROM @store@.match_choice c WHERE c.tenant_id = p_tenant_id AND c.document_id = v.document_id AND c.line_no = 0 LIMIT 1) c ON true
	WHERE v.sign = 1 AND num_nonnulls(v.order_reference, v.line_orders) > 0;
END;
$code$;
COMMENT ON FUNCTION @store@.match_results(bigint, bigint[]) IS
'What matching finds for these invoices now, as rows of table match_line, without writing any: the invoices are taken to be ones that nobody has approved. Whoever asks must see orders, receipts and invoices of the tenant.';

CREATE OR REPLACE FUNCTION @store@.match_batch(p_tenant_id bigint, documents bigint[]) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET plan_cache_mode = auto
SET enable_hashjoin = on
SET enable_mergejoin = on
SET enable_seqscan = on
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	-- whose orders are kept elsewhere cannot be asked to match them
	v_keeps_orders boolean := EXISTS (SELECT FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id);
	v_documents bigint[];
	v_ordered bigint[] := '{}';
	v_orders bigint[] := '{}';
	v_found bigint[];
BEGIN
	-- a few are looked up one by one, whatever the planner thinks of the tables; many are planned for
	IF cardinality(documents) <= 500 THEN
		PERFORM set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
			set_config('enable_mergejoin', 'off', true);
	ELSE
		PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
	END IF;
	v_documents := ARRAY(
		SELECT s.document_id FROM unnest(documents) u (id)
		CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = u.id LIMIT 1) s
		WHERE s.direction <> 'sale' AND @store@.match_turn(s.meaning) = 1
		GROUP BY s.document_id ORDER BY s.document_id);
	IF cardinality(v_documents) = 0 THEN
		RETURN v_documents;
	END IF;

	-- orders first, then invoices, each in the order of their numbers
	IF v_keeps_orders THEN
		SELECT COALESCE(array_agg(DISTINCT o.document_id), '{}'), COALESCE(array_agg(DISTINCT o.order_id), '{}') INTO v_ordered, v_orders
		FROM @store@.orders_of(p_tenant_id, v_documents) o;
	END IF;
	IF cardinality(v_orders) > 0 THEN
		-- an update alone locks in no order
		IF cardinality(v_orders) > 1 THEN
			PERFORM FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id AND o.id = ANY (v_orders) ORDER BY o.id FOR NO KEY UPDATE;
		END IF;
		UPDATE @store@.purchase_order o SET matches = o.matches + 1 WHERE o.tenant_id = p_tenant_id AND o.id = ANY (v_orders);
		-- those that come after one of these are matched again
		v_found := ARRAY(
			SELECT m.document_id FROM unnest(v_orders) u (id)
			CROSS JOIN LATERAL (
				SELECT DISTINCT m.document_id FROM @store@.match_line m
				WHERE m.tenant_id = p_tenant_id AND m.order_id = u.id AND m.document_id > v_documents[1]
				OFFSET 0) m
			CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = m.document_id LIMIT 1) s
			WHERE @store@.match_turn(s.meaning) = 1);
		IF cardinality(v_found) > 0 THEN
			v_documents := ARRAY(SELECT d FROM unnest(v_documents || v_found) d GROUP BY d ORDER BY d);
			v_ordered := v_ordered || v_found;
		END IF;
	END IF;
	v_documents := ARRAY(
		SELECT s.document_id FROM unnest(v_documents) u (id)
		CROSS JOIN LATERAL (
			SELECT s.document_id, s.meaning FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = u.id FOR NO KEY UPDATE) s
		WHERE @store@.match_turn(s.meaning) = 1);
	v_ordered := ARRAY(SELECT unnest(v_documents) INTERSECT SELECT unnest(v_ordered));

	DELETE FROM @store@.match_line m USING unnest(v_documents) u (id) WHERE m.tenant_id = p_tenant_id AND m.document_id = u.id;
	WITH matched AS (
		INSERT INTO @store@.match_line
		SELECT * FROM @store@.match_results(p_tenant_id, v_ordered)
		UNION ALL
		SELECT * FROM @store@.match_without_order(p_tenant_id, ARRAY(SELECT unnest(v_documents) EXCEPT SELECT unnest(v_ordered)))
		RETURNING document_id, line_no, results, accepted
	)
	INSERT INTO @store@.invoice_match AS x (tenant_id, document_id, state, ways, order_required, lines, deviating, matched_at)
	SELECT p_tenant_id, u.id,
		CASE WHEN m.unnamed = m.lines AND m.lines > 0 AND p.order_required IS NOT TRUE THEN 'no_order' WHEN m.deviating > 0 THEN 'unmatched' WHEN m.lines > 0 THEN 'matched' ELSE 'no_order' END,
		COALESCE(p.ways, 3), COALESCE(p.order_required, false), m.lines,
		CASE WHEN m.unnamed = m.lines AND p.order_required IS NOT TRUE THEN 0 ELSE m.deviating END, now()
	FROM unnest(v_documents) u (id)
	LEFT JOIN (
		SELECT m.document_id, count(*) FILTER (WHERE m.line_no > 0) AS lines, count(*) FILTER (WHERE cardinality(m.results) > 0 AND NOT m.accepted) AS deviating,
			count(*) FILTER (WHERE m.results = '{no_order}' OR m.results = '{unknown_order}' AND NOT v_keeps_orders) AS unnamed
		FROM matched m GROUP BY m.document_id) g ON g.document_id = u.id
	CROSS JOIN LATERAL (SELECT COALESCE(g.lines, 0), COALESCE(g.deviating, 0), COALESCE(g.unnamed, 0)) m (lines, deviating, unnamed)
	CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = u.id LIMIT 1) s
	LEFT JOIN LATERAL (
		SELECT p.ways, p.order_required FROM @store@.match_policy p
		WHERE p.tenant_id = p_tenant_id AND (p.party_id IS NULL OR p.party_id = s.party_id) AND (p.entity_id IS NULL OR p.entity_id = s.entity_id)
		ORDER BY p.party_id IS NULL, p.entity_id IS NULL LIMIT 1) p ON true
	ON CONFLICT (tenant_id, document_id) DO UPDATE SET state = EXCLUDED.state, ways = EXCLUDED.ways, order_required = EXCLUDED.order_required, lines = EXCLUDED.lines,
		deviating = EXCLUDED.deviating, matched_at = EXCLUDED.matched_at;
	RETURN v_documents;
END;
$code$;
COMMENT ON FUNCTION @store@.match_batch(bigint, bigint[]) IS 'Part of match_invoices(), match_orders() and of submit_many(): matches invoices bought that nobody has approved, and those that come after them on the same orders. Returns which. Two sessions that match invoices of one order wait for each other.';

CREATE OR REPLACE FUNCTION @store@.match_orders(p_tenant_id bigint, orders bigint[], numbers text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.match_batch(p_tenant_id, ARRAY(
		SELECT m.document_id FROM @store@.match_line m WHERE m.tenant_id = p_tenant_id AND m.order_id = ANY (orders)
		UNION
		SELECT m.document_id FROM @store@.match_line m
		WHERE m.tenant_id = p_tenant_id AND m.order_number = ANY (numbers) AND m.order_line_no IS NULL AND m.order_number IS NOT NULL));
END;
$code$;
COMMENT ON FUNCTION @store@.match_orders(bigint, bigint[], text[]) IS 'Part of functions that change orders: matches the invoices of these orders again, and those that found none under these numbers.';

CREATE OR REPLACE FUNCTION @store@.match_invoices(p_tenant_id bigint, documents bigint[] DEFAULT NULL) RETURNS TABLE (document_id bigint, state text, deviating int)
LANGUAGE plpgsql SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_requests bigint[];
	v_changed bigint[];
	v_matched bigint[];
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle');
	IF documents IS NULL THEN
		SELECT array_agg(r.id), array_agg(DISTINCT r.document_id) INTO v_requests, v_changed FROM @store@.match_request r WHERE r.tenant_id = p_tenant_id;
		documents := ARRAY(
			SELECT m.document_id FROM @store@.invoice_match m WHERE m.tenant_id = p_tenant_id AND m.state = 'unmatched'
			UNION
			SELECT o.document_id
			FROM unnest(v_changed) r (id)
			JOIN @store@.match_line m ON m.tenant_id = p_tenant_id AND m.document_id = r.id
			JOIN @store@.match_line o ON o.tenant_id = p_tenant_id AND o.order_id = m.order_id AND o.order_line_no = m.order_line_no
			UNION
			SELECT s.document_id FROM @store@.invoice_state s
			WHERE s.tenant_id = p_tenant_id AND s.direction <> 'sale'
				AND NOT EXISTS (SELECT FROM @store@.invoice_match m WHERE m.tenant_id = s.tenant_id AND m.document_id = s.document_id)
			UNION
			SELECT r.id FROM unnest(v_changed) r (id));
	END IF;
	-- parties that were made known since
	PERFORM @store@.take_in(p_tenant_id, ARRAY(
		SELECT s.document_id FROM unnest(documents) u (id) JOIN @store@.invoice_state s ON s.tenant_id = p_tenant_id AND s.document_id = u.id
		WHERE s.party_id IS NULL ORDER BY s.document_id));
	v_matched := @store@.match_batch(p_tenant_id, documents);
	DELETE FROM @store@.match_request r WHERE r.tenant_id = p_tenant_id AND r.id = ANY (v_requests);
	RETURN QUERY
	SELECT m.document_id, m.state, m.deviating FROM @store@.invoice_match m
	WHERE m.tenant_id = p_tenant_id AND m.document_id = ANY (v_matched)
	ORDER BY m.document_id;
END;
$code$;
COMMENT ON FUNCTION @store@.match_invoices(bigint, bigint[]) IS
'Matches invoices and credit notes bought with their orders and receipts, and says how each stands: matched, unmatched or no_order, and how many lines deviate; invoices after them on the same orders are matched with them. documents: NULL = all that wait for something, that were never matched, or to which the status of another makes a difference. Those that were approved, and those that count no more, are left alone. It is done by itself when an invoice, a receipt or a change of an order comes in. For personas with the right handle. Errors: 42501, 23503 no such tenant; 40P01 and 40001: try again.';

DROP FUNCTION IF EXISTS @store@.react_matching(bigint, bigint, bigint);
CREATE OR REPLACE FUNCTION @store@.react_matching(p_tenant_id bigint, document_id bigint, before text, after text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	-- counting no more, or again, makes a difference to others; an approval does if more was accepted than there was to take
	IF @store@.match_turn(before) IS DISTINCT FROM @store@.match_turn(after) AND (@store@.match_turn(after) IS DISTINCT FROM 0 OR EXISTS (
		SELECT FROM @store@.match_line l WHERE l.tenant_id = p_tenant_id AND l.document_id = react_matching.document_id AND l.accepted))
	THEN
		INSERT INTO @store@.match_request (tenant_id, document_id) VALUES (p_tenant_id, react_matching.document_id);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.react_matching(bigint, bigint, text, text) IS 'Part of status_changed(), by the meanings of the status before and after: notes that invoices after this one on the same orders are to be matched again.';

CREATE OR REPLACE FUNCTION @store@.object_matching(p_tenant_id bigint, document_id bigint, meaning text) RETURNS TABLE (objection text, needed text, who text)
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF object_matching.meaning <> 'approved' THEN
		RETURN;
	END IF;
	IF 'unmatched' = (SELECT m.state FROM @store@.invoice_match m WHERE m.tenant_id = p_tenant_id AND m.document_id = object_matching.document_id) THEN
		RETURN QUERY
		SELECT CASE WHEN l.line_no = 0 THEN '' ELSE format('line %s: ', l.line_no) END || array_to_string(l.reasons, '; '),
			'a line that matches its order, or accept_deviation()', @store@.who_may('order')
		FROM @store@.match_line l
		WHERE l.tenant_id = p_tenant_id AND l.document_id = object_matching.document_id AND cardinality(l.results) > 0 AND NOT l.accepted
		ORDER BY l.line_no;
	-- what an invoice before it gave back, or took, while nobody could wait for the order
	ELSIF EXISTS (SELECT FROM @store@.match_request r WHERE r.tenant_id = p_tenant_id) AND EXISTS (
		SELECT FROM @store@.match_line m
		CROSS JOIN LATERAL (
			SELECT * FROM @store@.match_line o WHERE o.tenant_id = p_tenant_id AND o.order_id = m.order_id AND o.order_line_no = m.order_line_no OFFSET 0) o
		CROSS JOIN LATERAL (SELECT * FROM @store@.match_request r WHERE r.tenant_id = p_tenant_id AND r.document_id = o.document_id LIMIT 1) r
		WHERE m.tenant_id = p_tenant_id AND m.document_id = object_matching.document_id)
	THEN
		RETURN QUERY SELECT 'the status of an invoice on the same order has changed since it was matched', 'match_invoices()', @store@.who_may('handle');
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.object_matching(bigint, bigint, text) IS 'Part of status_objections(): an invoice that does not match its orders cannot be approved, unless the deviations were accepted.';

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

CREATE OR REPLACE FUNCTION @store@.set_match_policy(
	p_tenant_id bigint,
	supplier text DEFAULT NULL,
	entity text DEFAULT NULL,
	ways int DEFAULT 3,
	order_required boolean DEFAULT false,
	price_percent numeric DEFAULT NULL,
	price_amount numeric DEFAULT NULL,
	price_under_percent numeric DEFAULT NULL,
	quantity_percent numeric DEFAULT NULL,
	quantity numeric DEFAULT NULL,
	over_percent numeric DEFAULT NULL,
	over_quantity numeric DEFAULT NULL,
	under_percent numeric DEFAULT NULL,
	charge_amount numeric DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_party_id bigint;
	v_entity_id bigint;
	v_old @store@.match_policy;
	v_new @store@.match_policy;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	PERFORM @store@.require_given(jsonb_build_object('order_required', set_match_policy.order_required));
	IF set_match_policy.supplier IS NOT NULL THEN
		v_party_id := @store@.party_id(p_tenant_id, set_match_policy.supplier);
	END IF;
	IF set_match_policy.entity IS NOT NULL THEN
		v_entity_id := @store@.entity_id(p_tenant_id, set_match_policy.entity);
	END IF;
	DELETE FROM @store@.match_policy p
	WHERE p.tenant_id = p_tenant_id AND p.party_id IS NOT DISTINCT FROM v_party_id AND p.entity_id IS NOT DISTINCT FROM v_entity_id
	RETURNING * INTO v_old;
	IF set_match_policy.ways IS NOT NULL THEN
		INSERT INTO @store@.match_policy AS p (tenant_id, party_id, entity_id, ways, order_required, price_percent, price_amount, price_under_percent,
			quantity_percent, quantity, over_percent, over_quantity, under_percent, charge_amount)
		VALUES (p_tenant_id, v_party_id, v_entity_id, set_match_policy.ways, set_match_policy.order_required, set_match_policy.price_percent, set_match_policy.price_amount,
			set_match_policy.price_under_percent, set_match_policy.quantity_percent, set_match_policy.quantity, set_match_policy.over_percent,
			set_match_policy.over_quantity, set_match_policy.under_percent, set_match_policy.charge_amount)
		RETURNING * INTO v_new;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_match_policy', 'match_policy', concat_ws('/', COALESCE(set_match_policy.supplier, '*'), COALESCE(set_match_policy.entity, '*')),
		CASE WHEN v_old.id IS NOT NULL THEN jsonb_strip_nulls(to_jsonb(v_old) - '{tenant_id,id}'::text[]) END,
		CASE WHEN v_new.id IS NOT NULL THEN jsonb_strip_nulls(to_jsonb(v_new) - '{tenant_id,id}'::text[]) END);
END;
$code$;
COMMENT ON FUNCTION @store@.set_match_policy(bigint, text, text, int, boolean, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric) IS
'Says how invoices are matched: of a supplier, of an entity, of a supplier for an entity, or all; the first of supplier and entity, supplier, entity, all that is there holds. ways: 2 = order, 3 = order and receipt; NULL takes the policy away. Tolerances: for a price above the order''s (price_percent, price_amount), below it (price_under_percent; not given = any), a quantity above that received (quantity_percent, quantity) and above that ordered (over_percent, over_quantity), a delivery that counts as complete (under_percent), charges no order has (charge_amount). Of percent and absolute each that is given must hold; where none is given nothing is tolerated. Holds from the next matching on. For personas with the right configure. Errors: 42501, P0002 no such party or entity, 23514 not a tolerance.';

CREATE OR REPLACE VIEW @store@.match_policies WITH (security_invoker) AS
SELECT m.tenant_id, p.code AS supplier, e.code AS entity, m.ways, m.order_required, m.price_percent, m.price_amount, m.price_under_percent, m.quantity_percent, m.quantity,
	m.over_percent, m.over_quantity, m.under_percent, m.charge_amount
FROM @store@.match_policy m
LEFT JOIN @store@.party p ON p.tenant_id = m.tenant_id AND p.id = m.party_id
LEFT JOIN @store@.entity e ON e.tenant_id = m.tenant_id AND e.id = m.entity_id;
COMMENT ON VIEW @store@.match_policies IS 'How invoices are matched, with tolerances: for a supplier, an entity, both or (NULL) all.';

CREATE OR REPLACE VIEW @store@.match_lines WITH (security_invoker) AS
SELECT m.tenant_id, m.document_id, m.line_no, i.number, m.order_number, m.order_id, l.identifier AS order_line, m.order_version, m.quantity, l.unit, m.net_amount, m.price, m.order_price,
	m.ordered, m.received, m.invoiced_before, CASE WHEN cardinality(m.results) = 0 THEN 'matched' WHEN m.accepted THEN 'accepted' ELSE m.results[1] END AS result, m.results,
	CASE WHEN cardinality(m.results) = 0 THEN 'matched' ELSE array_to_string(m.reasons, '; ') END AS reason, c.note, c.chosen_by
FROM @store@.match_line m
JOIN @store@.invoice i ON i.tenant_id = m.tenant_id AND i.document_id = m.document_id
LEFT JOIN @store@.order_line l ON l.tenant_id = m.tenant_id AND l.order_id = m.order_id AND l.line_no = m.order_line_no
LEFT JOIN @store@.match_choice c ON c.tenant_id = m.tenant_id AND c.document_id = m.document_id AND c.line_no = m.line_no;
COMMENT ON VIEW @store@.match_lines IS 'What matching found for each line of an invoice: the order line, quantities and prices in its unit, and in words what deviates; line 0 is the invoice as a whole.';

CREATE OR REPLACE VIEW @store@.invoice_matches WITH (security_invoker) AS
SELECT m.tenant_id, m.document_id, i.number, i.seller_name, i.currency, i.net, s.meaning AS status, m.state, m.ways, m.lines, m.deviating, m.matched_at,
	(SELECT string_agg(DISTINCT l.order_number, ', ') FROM @store@.match_line l WHERE l.tenant_id = m.tenant_id AND l.document_id = m.document_id) AS orders,
	(SELECT string_agg(CASE l.line_no WHEN 0 THEN '' ELSE pg_catalog.format('line %s: ', l.line_no) END || pg_catalog.array_to_string(l.reasons, '; '), '; ' ORDER BY l.line_no)
		FROM @store@.match_line l WHERE l.tenant_id = m.tenant_id AND l.document_id = m.document_id AND cardinality(l.results) > 0 AND NOT l.accepted) AS reason
FROM @store@.invoice_match m
JOIN @store@.invoice i ON i.tenant_id = m.tenant_id AND i.document_id = m.document_id
JOIN @store@.invoice_state s ON s.tenant_id = m.tenant_id AND s.document_id = m.document_id;
COMMENT ON VIEW @store@.invoice_matches IS 'Whether invoices bought match their orders, and why not.';

CREATE OR REPLACE VIEW @store@.waiting_invoices WITH (security_invoker) AS
SELECT m.tenant_id, m.document_id, m.number, m.seller_name, m.currency, m.net, m.status, m.orders, m.deviating, m.reason, m.matched_at
FROM @store@.invoice_matches m
WHERE m.state = 'unmatched' AND @store@.match_waits(m.status);
COMMENT ON VIEW @store@.waiting_invoices IS 'Invoices that wait for their match, and what for.';

CREATE OR REPLACE VIEW @store@.order_lines WITH (security_invoker) AS
SELECT l.tenant_id, l.order_id, o.number AS order_number, l.line_no, l.identifier, l.item_name, l.seller_item, l.buyer_item, l.standard_item, l.quantity, l.unit, l.price, l.price_per,
	o.currency, pg_catalog.round(l.quantity * l.price / l.price_per, 2) AS net_amount, l.deliver_by, l.cancelled, l.received,
	CASE WHEN (o.tenant_id, o.party_id) IN (SELECT p.tenant_id, p.party_id FROM @store@.own_parties() p) THEN NULL ELSE COALESCE(i.invoiced, 0) END AS invoiced, l.account
FROM @store@.order_line l
JOIN @store@.purchase_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
CROSS JOIN LATERAL (
	SELECT sum(m.quantity) AS invoiced FROM @store@.match_line m
	JOIN @store@.invoice_state s ON s.tenant_id = m.tenant_id AND s.document_id = m.document_id
	WHERE m.tenant_id = l.tenant_id AND m.order_id = l.order_id AND m.order_line_no = l.line_no AND @store@.match_turn(s.meaning) IS NOT NULL) i;
COMMENT ON VIEW @store@.order_lines IS 'Lines of orders, with what has been received and invoiced, in the unit of the line; suppliers are not shown what the matching says.';

CREATE OR REPLACE VIEW @store@.open_orders WITH (security_invoker) AS
SELECT l.tenant_id, l.order_id, o.number AS order_number, e.code AS entity, s.code AS supplier, l.identifier AS order_line, l.item_name, l.quantity, l.received,
	l.quantity - l.received AS open_quantity, l.unit, pg_catalog.round((l.quantity - l.received) * l.price / l.price_per, 2) AS open_amount, o.currency, l.deliver_by,
	CURRENT_DATE - l.deliver_by AS days_late
FROM @store@.order_line l
JOIN @store@.purchase_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
LEFT JOIN @store@.entity e ON e.tenant_id = o.tenant_id AND e.id = o.entity_id
LEFT JOIN @store@.party s ON s.tenant_id = o.tenant_id AND s.id = o.party_id
LEFT JOIN LATERAL (
	SELECT p.under_percent FROM @store@.match_policy p
	WHERE p.tenant_id = o.tenant_id AND (p.party_id IS NULL OR p.party_id = o.party_id) AND (p.entity_id IS NULL OR p.entity_id = o.entity_id)
	ORDER BY p.party_id IS NULL, p.entity_id IS NULL LIMIT 1) p ON true
-- the second is the tolerance, the first what the index of open lines says
WHERE o.state = 'open' AND NOT l.cancelled AND l.received < l.quantity AND l.received < l.quantity * (1 - COALESCE(p.under_percent, 0) / 100);
COMMENT ON VIEW @store@.open_orders IS 'Order lines of which something is still to come, beyond the tolerance for under-delivery; days_late is negative before the day it is wanted.';

CREATE OR REPLACE VIEW @store@.unmatched_receipts WITH (security_invoker) AS
SELECT l.tenant_id, l.order_id, l.order_number, o.entity, o.supplier, l.identifier AS order_line, l.item_name, l.received, l.invoiced, l.received - l.invoiced AS quantity, l.unit,
	pg_catalog.round((l.received - l.invoiced) * l.price / l.price_per, 2) AS amount, l.currency,
	(SELECT min(r.received_on) FROM @store@.receipt_line x JOIN @store@.receipt r ON r.tenant_id = x.tenant_id AND r.id = x.receipt_id
		WHERE x.tenant_id = l.tenant_id AND x.order_id = l.order_id AND x.order_line_no = l.line_no) AS first_received
FROM @store@.order_lines l
JOIN @store@.orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
WHERE l.received > l.invoiced;
COMMENT ON VIEW @store@.unmatched_receipts IS 'What has been received and not invoiced, at the price of the order: invoices to come, and at the end of a year what is to be accrued for them.';

REVOKE ALL ON FUNCTION @store@.match_turn(text), @store@.match_waits(text), @store@.decided_quantity(bigint, bigint, int), @store@.json_number(jsonb), @store@.line_orders(jsonb),
	@store@.invoice_remarks(jsonb, jsonb, numeric), @store@.missing_order(text), @store@.orders_of(bigint, bigint[]), @store@.lock_orders(bigint, bigint[], bigint[]), @store@.match_without_order(bigint, bigint[]),
	@store@.match_results(bigint, bigint[]), @store@.match_batch(bigint, bigint[]), @store@.match_orders(bigint, bigint[], text[]), @store@.match_invoices(bigint, bigint[]),
	@store@.react_matching(bigint, bigint, text, text), @store@.object_matching(bigint, bigint, text), @store@.require_match_line(bigint, bigint, int),
	@store@.assign_line(bigint, bigint, int, bigint, text, text), @store@.accept_deviation(bigint, bigint, int, text),
	@store@.set_match_policy(bigint, text, text, int, boolean, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.match_turn(text), @store@.match_waits(text), @store@.decided_quantity(bigint, bigint, int), @store@.json_number(jsonb), @store@.line_orders(jsonb),
	@store@.invoice_remarks(jsonb, jsonb, numeric), @store@.missing_order(text),
	@store@.match_results(bigint, bigint[]), @store@.object_matching(bigint, bigint, text), @store@.match_invoices(bigint, bigint[]),
	@store@.assign_line(bigint, bigint, int, bigint, text, text), @store@.accept_deviation(bigint, bigint, int, text),
	@store@.set_match_policy(bigint, text, text, int, boolean, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric) TO PUBLIC;
GRANT SELECT ON @store@.match_policy, @store@.match_choice, @store@.match_line, @store@.invoice_match, @store@.match_request, @store@.match_policies, @store@.match_lines,
	@store@.invoice_matches, @store@.waiting_invoices, @store@.order_lines, @store@.open_orders, @store@.unmatched_receipts TO PUBLIC;
