-- Module p2p, orders: what was ordered, what came of it, and what that leaves open.
--
-- An order belongs to an entity of the tenant and to one supplier, in one currency.  Its row is the first lock of whatever is decided about
-- its lines: changes, receipts and matching wait for each other there and nowhere else.  What has been received stands beside each line, as the
-- sum of its receipts, so that nobody adds them up for each invoice.
-- Units of measure are converted as fractions of two whole numbers, never by a rounded factor.

--! step 31 orders and receipts
CREATE TABLE @store@.unit (
	unit text PRIMARY KEY,
	base text NOT NULL,
	factor numeric NOT NULL CHECK (factor > 0),
	name text NOT NULL
);
COMMENT ON TABLE @store@.unit IS 'Units of measure that are always the same number of others; reference data of the store.';
COMMENT ON COLUMN @store@.unit.unit IS 'Code, UN/ECE Recommendation 20.';
COMMENT ON COLUMN @store@.unit.base IS 'Unit it is measured in.';
COMMENT ON COLUMN @store@.unit.factor IS 'How many of the base unit it is.';
COMMENT ON COLUMN @store@.unit.name IS 'What it is.';
INSERT INTO @store@.unit (unit, base, factor, name) VALUES
	('C62', 'C62', 1, 'one'), ('H87', 'C62', 1, 'piece'), ('EA', 'C62', 1, 'each'), ('PR', 'C62', 2, 'pair'), ('DZN', 'C62', 12, 'dozen'),
	('CEN', 'C62', 100, 'hundred'), ('GRO', 'C62', 144, 'gross'), ('MIL', 'C62', 1000, 'thousand'),
	('MGM', 'GRM', 0.001, 'milligram'), ('GRM', 'GRM', 1, 'gram'), ('KGM', 'GRM', 1000, 'kilogram'), ('TNE', 'GRM', 1000000, 'tonne'),
	('MLT', 'MLT', 1, 'millilitre'), ('CLT', 'MLT', 10, 'centilitre'), ('DLT', 'MLT', 100, 'decilitre'), ('LTR', 'MLT', 1000, 'litre'),
	('HLT', 'MLT', 100000, 'hectolitre'), ('CMQ', 'MLT', 1, 'cubic centimetre'), ('DMQ', 'MLT', 1000, 'cubic decimetre'), ('MTQ', 'MLT', 1000000, 'cubic metre'),
	('MMT', 'MMT', 1, 'millimetre'), ('CMT', 'MMT', 10, 'centimetre'), ('MTR', 'MMT', 1000, 'metre'), ('KMT', 'MMT', 1000000, 'kilometre'),
	('CMK', 'CMK', 1, 'square centimetre'), ('MTK', 'CMK', 10000, 'square metre'), ('HAR', 'CMK', 100000000, 'hectare'),
	('SEC', 'SEC', 1, 'second'), ('MIN', 'SEC', 60, 'minute'), ('HUR', 'SEC', 3600, 'hour'),
	('WHR', 'WHR', 1, 'watt hour'), ('KWH', 'WHR', 1000, 'kilowatt hour'), ('MWH', 'WHR', 1000000, 'megawatt hour');
ALTER TABLE @store@.unit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON @store@.unit FOR SELECT USING (true);
CREATE POLICY operator ON @store@.unit USING ((SELECT @store@.is_operator()));

CREATE TABLE @store@.unit_equivalence (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	party_id bigint,
	item text CHECK (item <> ''),
	unit text NOT NULL CHECK (unit <> ''),
	quantity numeric NOT NULL CHECK (quantity > 0),
	equal_unit text NOT NULL CHECK (equal_unit <> ''),
	equal_quantity numeric NOT NULL CHECK (equal_quantity > 0),
	PRIMARY KEY (tenant_id, id),
	UNIQUE NULLS NOT DISTINCT (tenant_id, unit, equal_unit, party_id, item),
	CHECK (unit <> equal_unit),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
COMMENT ON TABLE @store@.unit_equivalence IS 'What a unit is worth in another, for a supplier or an item or everywhere: 1 XBX = 12 H87. Written by set_unit_equivalence().';
COMMENT ON COLUMN @store@.unit_equivalence.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.unit_equivalence.id IS 'Number of the equivalence in this store.';
COMMENT ON COLUMN @store@.unit_equivalence.party_id IS 'Supplier for whom it holds; NULL = all.';
COMMENT ON COLUMN @store@.unit_equivalence.item IS 'Item for which it holds, by any of its identifiers; NULL = all.';
COMMENT ON COLUMN @store@.unit_equivalence.unit IS 'Unit.';
COMMENT ON COLUMN @store@.unit_equivalence.quantity IS 'So many of it …';
COMMENT ON COLUMN @store@.unit_equivalence.equal_unit IS 'The other unit.';
COMMENT ON COLUMN @store@.unit_equivalence.equal_quantity IS '… are so many of the other.';

CREATE TABLE @store@.purchase_order (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	number text NOT NULL CHECK (number <> '' AND pg_catalog.length(number) <= 200),
	entity_id bigint NOT NULL,
	party_id bigint NOT NULL,
	currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	issue_date date NOT NULL CHECK (pg_catalog.isfinite(issue_date)),
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed', 'cancelled')),
	version int NOT NULL DEFAULT 1,
	matches bigint NOT NULL DEFAULT 0,
	document_id bigint,
	ordered_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	ordered_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, number, entity_id),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
CREATE INDEX purchase_order_party_idx ON @store@.purchase_order (tenant_id, party_id, id);
CREATE INDEX purchase_order_open_idx ON @store@.purchase_order (tenant_id, id) WHERE state = 'open';
COMMENT ON TABLE @store@.purchase_order IS 'Orders; the row is the lock of all that is decided about the order. Written by create_order(), change_order(), cancel_order() and by matching.';
COMMENT ON COLUMN @store@.purchase_order.tenant_id IS 'Tenant that orders.';
COMMENT ON COLUMN @store@.purchase_order.id IS 'Number of the order in this store.';
COMMENT ON COLUMN @store@.purchase_order.number IS 'Order number (BT-13 of its invoices), unique for the entity.';
COMMENT ON COLUMN @store@.purchase_order.entity_id IS 'Entity that orders.';
COMMENT ON COLUMN @store@.purchase_order.party_id IS 'Supplier.';
COMMENT ON COLUMN @store@.purchase_order.currency IS 'Currency of the prices, ISO 4217.';
COMMENT ON COLUMN @store@.purchase_order.issue_date IS 'Date of the order.';
COMMENT ON COLUMN @store@.purchase_order.state IS 'open; closed: nothing more is to come; cancelled: it never was to be.';
COMMENT ON COLUMN @store@.purchase_order.version IS 'Grows by one with every change of the order.';
COMMENT ON COLUMN @store@.purchase_order.matches IS 'Grows by one with every matching of invoices: transactions that began before one of them get 40001 rather than match what they cannot see.';
COMMENT ON COLUMN @store@.purchase_order.document_id IS 'Document the order was read from; NULL = made by function.';
COMMENT ON COLUMN @store@.purchase_order.ordered_at IS 'When the store learned of it.';
COMMENT ON COLUMN @store@.purchase_order.ordered_by IS 'Role that made it.';

CREATE TABLE @store@.order_line (
	tenant_id bigint NOT NULL,
	order_id bigint NOT NULL,
	line_no int NOT NULL,
	identifier text NOT NULL CHECK (identifier <> ''),
	item_name text,
	seller_item text,
	buyer_item text,
	standard_item text,
	quantity numeric NOT NULL CHECK (quantity > 0 AND quantity < 1e15),
	unit text NOT NULL CHECK (unit <> ''),
	price numeric NOT NULL CHECK (price >= 0 AND price < 1e15),
	price_per numeric NOT NULL DEFAULT 1 CHECK (price_per > 0),
	account text CHECK (account ~ '^[0-9A-Z]{3,20}$'),
	deliver_by date,
	cancelled boolean NOT NULL DEFAULT false,
	received numeric NOT NULL DEFAULT 0 CHECK (received >= 0),
	PRIMARY KEY (tenant_id, order_id, line_no),
	UNIQUE (tenant_id, order_id, identifier),
	FOREIGN KEY (tenant_id, order_id) REFERENCES @store@.purchase_order (tenant_id, id)
);
CREATE INDEX order_line_open_idx ON @store@.order_line (tenant_id, deliver_by, order_id) WHERE received < quantity AND NOT cancelled AND deliver_by IS NOT NULL;
COMMENT ON TABLE @store@.order_line IS 'Lines of orders as they are now; the journal has what they were. Written by create_order(), change_order() and receive_goods().';
COMMENT ON COLUMN @store@.order_line.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.order_line.order_id IS 'Order.';
COMMENT ON COLUMN @store@.order_line.line_no IS 'Position, from 1.';
COMMENT ON COLUMN @store@.order_line.identifier IS 'What the order calls the line (BT-132 of invoice lines).';
COMMENT ON COLUMN @store@.order_line.item_name IS 'What is ordered.';
COMMENT ON COLUMN @store@.order_line.seller_item IS 'What the supplier calls the item.';
COMMENT ON COLUMN @store@.order_line.buyer_item IS 'What the buyer calls the item.';
COMMENT ON COLUMN @store@.order_line.standard_item IS 'GTIN or other standard identifier of the item.';
COMMENT ON COLUMN @store@.order_line.quantity IS 'Quantity ordered.';
COMMENT ON COLUMN @store@.order_line.unit IS 'Unit of the quantities of the line, UN/ECE Recommendation 20.';
COMMENT ON COLUMN @store@.order_line.price IS 'Net price, without VAT, in the currency of the order …';
COMMENT ON COLUMN @store@.order_line.price_per IS '… for so many units.';
COMMENT ON COLUMN @store@.order_line.account IS 'Expense account its invoices go to; NULL = as the account rules say.';
COMMENT ON COLUMN @store@.order_line.deliver_by IS 'Day by which it is wanted.';
COMMENT ON COLUMN @store@.order_line.cancelled IS 'Not wanted any more.';
COMMENT ON COLUMN @store@.order_line.received IS 'Quantity that has come, less what went back: the sum of its receipt lines.';

CREATE TABLE @store@.receipt (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	order_id bigint NOT NULL,
	number text NOT NULL CHECK (number <> '' AND pg_catalog.length(number) <= 200),
	received_on date NOT NULL CHECK (pg_catalog.isfinite(received_on)),
	document_id bigint,
	recorded_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	recorded_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, order_id, number),
	FOREIGN KEY (tenant_id, order_id) REFERENCES @store@.purchase_order (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
COMMENT ON TABLE @store@.receipt IS 'Deliveries that came in. Written by receive_goods(), never changed: what was wrong is put right by another one.';
COMMENT ON COLUMN @store@.receipt.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.receipt.id IS 'Number of the receipt in this store.';
COMMENT ON COLUMN @store@.receipt.order_id IS 'Order it is for.';
COMMENT ON COLUMN @store@.receipt.number IS 'Number of the delivery note or of the receipt; the same number for an order again is the same receipt.';
COMMENT ON COLUMN @store@.receipt.received_on IS 'Day of the delivery.';
COMMENT ON COLUMN @store@.receipt.document_id IS 'Message that said so; NULL = a function call.';
COMMENT ON COLUMN @store@.receipt.recorded_at IS 'When the store learned of it.';
COMMENT ON COLUMN @store@.receipt.recorded_by IS 'Role that said so.';

CREATE TABLE @store@.receipt_line (
	tenant_id bigint NOT NULL,
	receipt_id bigint NOT NULL,
	line_no int NOT NULL,
	order_id bigint NOT NULL,
	order_line_no int NOT NULL,
	quantity numeric NOT NULL,
	stated_quantity numeric NOT NULL CHECK (stated_quantity <> 0 AND pg_catalog.abs(stated_quantity) < 1e15),
	stated_unit text NOT NULL,
	PRIMARY KEY (tenant_id, receipt_id, line_no),
	FOREIGN KEY (tenant_id, receipt_id) REFERENCES @store@.receipt (tenant_id, id),
	FOREIGN KEY (tenant_id, order_id, order_line_no) REFERENCES @store@.order_line (tenant_id, order_id, line_no)
);
CREATE INDEX receipt_line_order_idx ON @store@.receipt_line (tenant_id, order_id, order_line_no);
COMMENT ON TABLE @store@.receipt_line IS 'What came in a delivery. Written by receive_goods().';
COMMENT ON COLUMN @store@.receipt_line.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.receipt_line.receipt_id IS 'Receipt.';
COMMENT ON COLUMN @store@.receipt_line.line_no IS 'Position in the receipt, from 1.';
COMMENT ON COLUMN @store@.receipt_line.order_id IS 'Order.';
COMMENT ON COLUMN @store@.receipt_line.order_line_no IS 'Line of the order.';
COMMENT ON COLUMN @store@.receipt_line.quantity IS 'Quantity in the unit of the order line; negative = it went back.';
COMMENT ON COLUMN @store@.receipt_line.stated_quantity IS 'Quantity as it was stated.';
COMMENT ON COLUMN @store@.receipt_line.stated_unit IS 'Unit as it was stated.';

ALTER TABLE @store@.unit_equivalence ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.purchase_order ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.order_line ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.receipt ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.receipt_line ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.unit_equivalence USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.purchase_order USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.order_line USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.receipt USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.receipt_line USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));

--! code
CREATE OR REPLACE FUNCTION @store@.own_order_entities() RETURNS TABLE (tenant_id bigint, entity_id bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT DISTINCT m.tenant_id, e.entity_id
	FROM @store@.membership_entity m
	JOIN @store@.persona p ON p.persona = m.persona AND p.may_read
	JOIN @store@.entity r ON r.tenant_id = m.tenant_id AND r.id = m.entity_id
	CROSS JOIN LATERAL @store@.entity_tree(m.tenant_id, CURRENT_DATE) e
	WHERE m.role_name = clex.caller() AND r.code = ANY (e.path);
END;
$code$;
COMMENT ON FUNCTION @store@.own_order_entities() IS 'Entities the caller is scoped to, and all entities below them, as they are today.';

DROP POLICY IF EXISTS scope_party ON @store@.purchase_order;
CREATE POLICY scope_party ON @store@.purchase_order
	USING (clex.is_among('@store@.own_parties()', tenant_id, party_id));
DROP POLICY IF EXISTS scope_entity ON @store@.purchase_order;
CREATE POLICY scope_entity ON @store@.purchase_order
	USING (clex.is_among('@store@.own_order_entities()', tenant_id, entity_id));

CREATE OR REPLACE FUNCTION @store@.unit_ratio(p_tenant_id bigint, party_id bigint, items text[], unit text, into_unit text, OUT multiply numeric, OUT divide numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF unit_ratio.unit IS NULL OR unit_ratio.into_unit IS NULL THEN
		RETURN;
	END IF;
	IF unit_ratio.unit = unit_ratio.into_unit THEN
		multiply := 1;
		divide := 1;
		RETURN;
	END IF;
	-- what was agreed goes before what is always so, and what was agreed for an item before all
	SELECT e.equal_quantity, e.quantity INTO multiply, divide
	FROM (
		SELECT x.party_id, x.item, x.quantity, x.equal_quantity FROM @store@.unit_equivalence x
		WHERE x.tenant_id = p_tenant_id AND x.unit = unit_ratio.unit AND x.equal_unit = unit_ratio.into_unit
		UNION ALL
		SELECT x.party_id, x.item, x.equal_quantity, x.quantity FROM @store@.unit_equivalence x
		WHERE x.tenant_id = p_tenant_id AND x.unit = unit_ratio.into_unit AND x.equal_unit = unit_ratio.unit) e
	WHERE (e.party_id IS NULL OR e.party_id = unit_ratio.party_id) AND (e.item IS NULL OR e.item = ANY (items))
	ORDER BY e.item IS NULL, e.party_id IS NULL, e.quantity, e.equal_quantity
	LIMIT 1;
	IF NOT FOUND THEN
		SELECT f.factor, t.factor INTO multiply, divide
		FROM @store@.unit f JOIN @store@.unit t ON t.base = f.base
		WHERE f.unit = unit_ratio.unit AND t.unit = unit_ratio.into_unit;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.unit_ratio(bigint, bigint, text[], text, text) IS 'How a quantity in one unit becomes one in another: quantity * multiply / divide; NULL if nothing says so. What was agreed for an item or a supplier (table unit_equivalence) goes before what is always so (table unit).';

CREATE OR REPLACE FUNCTION @store@.set_unit_equivalence(p_tenant_id bigint, unit text, quantity numeric, equal_unit text, equal_quantity numeric, supplier text DEFAULT NULL, item text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_party_id bigint;
	v_old @store@.unit_equivalence;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'order');
	PERFORM @store@.require_given(jsonb_build_object('unit', set_unit_equivalence.unit, 'equal_unit', set_unit_equivalence.equal_unit)
		|| CASE num_nulls(set_unit_equivalence.quantity, set_unit_equivalence.equal_quantity) WHEN 1
			THEN jsonb_build_object('quantity', set_unit_equivalence.quantity, 'equal_quantity', set_unit_equivalence.equal_quantity) ELSE '{}' END);
	IF set_unit_equivalence.supplier IS NOT NULL THEN
		v_party_id := @store@.party_id(p_tenant_id, set_unit_equivalence.supplier);
	END IF;
	DELETE FROM @store@.unit_equivalence e
	WHERE e.tenant_id = p_tenant_id AND (e.unit, e.equal_unit) IN ((set_unit_equivalence.unit, set_unit_equivalence.equal_unit), (set_unit_equivalence.equal_unit, set_unit_equivalence.unit))
		AND e.party_id IS NOT DISTINCT FROM v_party_id AND e.item IS NOT DISTINCT FROM set_unit_equivalence.item
	RETURNING * INTO v_old;
	IF set_unit_equivalence.quantity IS NOT NULL OR set_unit_equivalence.equal_quantity IS NOT NULL THEN
		INSERT INTO @store@.unit_equivalence (tenant_id, party_id, item, unit, quantity, equal_unit, equal_quantity)
		VALUES (p_tenant_id, v_party_id, set_unit_equivalence.item, set_unit_equivalence.unit, set_unit_equivalence.quantity,
			set_unit_equivalence.equal_unit, set_unit_equivalence.equal_quantity);
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_unit_equivalence', 'unit', set_unit_equivalence.unit,
		CASE WHEN v_old.id IS NOT NULL THEN to_jsonb(v_old) - '{tenant_id,id}'::text[] END,
		jsonb_strip_nulls(jsonb_build_object('quantity', set_unit_equivalence.quantity, 'equal_unit', set_unit_equivalence.equal_unit,
			'equal_quantity', set_unit_equivalence.equal_quantity, 'supplier', set_unit_equivalence.supplier, 'item', set_unit_equivalence.item)));
END;
$code$;
COMMENT ON FUNCTION @store@.set_unit_equivalence(bigint, text, numeric, text, numeric, text, text) IS
'Says what a unit is worth in another: 1 XBX = 12 H87, for a supplier, an item, both or everywhere; both quantities NULL takes it away. Holds from the next matching and receipt on. For personas with the right order. Errors: 42501, 22004 no unit, or one quantity alone, P0002 no such party, 23514 not a quantity or unit.';

CREATE OR REPLACE FUNCTION @store@.lock_order(p_tenant_id bigint, order_id bigint) RETURNS @store@.purchase_order
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.purchase_order;
BEGIN
	PERFORM @store@.lock_orders(p_tenant_id, ARRAY[lock_order.order_id]);
	SELECT * INTO v_order FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id AND o.id = lock_order.order_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no order %', p_tenant_id, lock_order.order_id USING
			ERRCODE = 'no_data_found',
			HINT = 'View orders lists those you may see.';
	END IF;
	RETURN v_order;
END;
$code$;
COMMENT ON FUNCTION @store@.lock_order(bigint, bigint) IS 'Locks an order for the rest of the transaction and returns it: first lock of all, before any invoice. Errors: P0002 no such order, or not one the caller may see.';

CREATE OR REPLACE FUNCTION @store@.require_line_values(p_tenant_id bigint, subject text, lines jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_wrong record;
BEGIN
	SELECT l.ordinal, v.key, v.value, CASE
		WHEN v.key IN ('quantity', 'price', 'price_per') THEN 'a number' WHEN v.key = 'deliver_by' THEN 'a day (YYYY-MM-DD)' ELSE 'true or false' END AS needed INTO v_wrong
	FROM jsonb_array_elements(lines) WITH ORDINALITY l (line, ordinal)
	LEFT JOIN LATERAL jsonb_each_text(CASE jsonb_typeof(l.line) WHEN 'object' THEN l.line ELSE '{}' END) v ON true
	WHERE jsonb_typeof(l.line) <> 'object' OR v.value IS NOT NULL AND CASE
		WHEN v.key IN ('quantity', 'price', 'price_per') THEN v.value !~ '^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*$'
		WHEN v.key = 'deliver_by' THEN v.value !~ '^\s*\d{4}-\d{2}-\d{2}\M'
		WHEN v.key IN ('cancel', 'reject') THEN v.value NOT IN ('true', 'false') END
	ORDER BY l.ordinal, v.key COLLATE "C" LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'line % of % cannot be read', v_wrong.ordinal, subject USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = CASE WHEN v_wrong.key IS NULL THEN 'It is no JSON object.' ELSE format('Its "%s" is "%s".', v_wrong.key, left(v_wrong.value, 60)) END,
			HINT = CASE WHEN v_wrong.key IS NULL THEN 'A line is {"line": "10", "quantity": 4} and the like.' ELSE format('It must be %s.', v_wrong.needed) END;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_line_values(bigint, text, jsonb) IS 'Raises 22023, saying which, unless the lines of an order, a delivery or an answer are objects whose quantities and prices are numbers, whose days are days, and whose flags are true or false.';

CREATE OR REPLACE FUNCTION @store@.read_order_lines(p_tenant_id bigint, lines jsonb, partial boolean)
RETURNS TABLE (ordinal int, identifier text, item text, seller_item text, buyer_item text, standard_item text, quantity numeric, unit text,
	price numeric, price_per numeric, account text, deliver_by date, cancel boolean)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_wrong record;
BEGIN
	IF jsonb_typeof(lines) IS DISTINCT FROM 'array' OR jsonb_array_length(lines) = 0 THEN
		RAISE EXCEPTION 'the lines of an order are a JSON array with at least one line' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM @store@.require_line_values(p_tenant_id, 'the order', lines);
	SELECT l.ordinal, k.key, l.line ->> 'line' AS line INTO v_wrong
	FROM jsonb_array_elements(lines) WITH ORDINALITY l (line, ordinal)
	LEFT JOIN LATERAL (
		SELECT k FROM jsonb_object_keys(CASE jsonb_typeof(l.line) WHEN 'object' THEN l.line ELSE '{"not an object": null}' END) k
		WHERE k NOT IN ('line', 'item', 'seller_item', 'buyer_item', 'standard_item', 'quantity', 'unit', 'price', 'price_per', 'account', 'deliver_by')
			AND NOT (partial AND k = 'cancel')
		ORDER BY k COLLATE "C" LIMIT 1) k (key) ON true
	WHERE k.key IS NOT NULL OR (NOT partial AND num_nulls(l.line ->> 'quantity', l.line ->> 'unit', l.line ->> 'price') > 0)
		OR (partial AND l.line ->> 'line' IS NULL)
	ORDER BY l.ordinal LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'line % of the order cannot be read', v_wrong.ordinal USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = CASE WHEN v_wrong.key IS NOT NULL THEN format('It has "%s".', v_wrong.key)
				WHEN partial THEN 'It does not say which line it is.' ELSE 'A quantity, a unit and a price are needed.' END,
			HINT = 'A line may have: line, item, seller_item, buyer_item, standard_item, quantity, unit, price, price_per, account, deliver_by; in a change also cancel.';
	END IF;
	RETURN QUERY
	SELECT l.ordinal::int, COALESCE(NULLIF(l.line ->> 'line', ''), l.ordinal::text), x.item, x.seller_item, x.buyer_item, x.standard_item, x.quantity, x.unit,
		x.price, x.price_per, x.account, x.deliver_by, COALESCE(x.cancel, false)
	FROM jsonb_array_elements(lines) WITH ORDINALITY l (line, ordinal),
		jsonb_to_record(l.line) x (item text, seller_item text, buyer_item text, standard_item text, quantity numeric, unit text,
			price numeric, price_per numeric, account text, deliver_by date, cancel boolean)
	ORDER BY l.ordinal;
END;
$code$;
COMMENT ON FUNCTION @store@.read_order_lines(bigint, jsonb, boolean) IS 'Part of create_order() and change_order(): the lines of a JSON array as rows. partial: a change, where lines are named and what is not given stays. Errors: 22023 not lines of an order, 22P02 and 22007 not a number, not a date.';

CREATE OR REPLACE FUNCTION @store@.order_lines_event(p_tenant_id bigint, order_id bigint) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.jsonb_build_object('state', o.state, 'version', o.version, 'lines', (
		SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.to_jsonb(l) - '{tenant_id,order_id,line_no,received}'::text[]) ORDER BY l.line_no)
		FROM @store@.order_line l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id))
	FROM @store@.purchase_order o
	WHERE o.tenant_id = order_lines_event.p_tenant_id AND o.id = order_lines_event.order_id;
END;
COMMENT ON FUNCTION @store@.order_lines_event(bigint, bigint) IS 'What the journal says of an order.';

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

CREATE OR REPLACE VIEW @store@.receipts WITH (security_invoker) AS
SELECT r.tenant_id, r.id AS receipt_id, r.order_id, o.number AS order_number, r.number, r.received_on, l.line_no, x.identifier AS order_line, l.quantity, x.unit,
	l.stated_quantity, l.stated_unit, r.document_id, r.recorded_at, r.recorded_by
FROM @store@.receipt r
JOIN @store@.purchase_order o ON o.tenant_id = r.tenant_id AND o.id = r.order_id
JOIN @store@.receipt_line l ON l.tenant_id = r.tenant_id AND l.receipt_id = r.id
JOIN @store@.order_line x ON x.tenant_id = l.tenant_id AND x.order_id = l.order_id AND x.line_no = l.order_line_no;
COMMENT ON VIEW @store@.receipts IS 'Deliveries that came in, one row for each line; quantity is in the unit of the order line.';

REVOKE ALL ON FUNCTION @store@.require_line_values(bigint, text, jsonb), @store@.unit_ratio(bigint, bigint, text[], text, text), @store@.set_unit_equivalence(bigint, text, numeric, text, numeric, text, text),
	@store@.lock_order(bigint, bigint), @store@.read_order_lines(bigint, jsonb, boolean), @store@.order_lines_event(bigint, bigint),
	@store@.create_order(bigint, text, text, text, jsonb, text, date, bigint), @store@.change_order(bigint, bigint, jsonb, int),
	@store@.cancel_order(bigint, bigint, text, boolean), @store@.receive_goods(bigint, bigint, text, jsonb, date, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.own_order_entities(), @store@.unit_ratio(bigint, bigint, text[], text, text),
	@store@.set_unit_equivalence(bigint, text, numeric, text, numeric, text, text),
	@store@.create_order(bigint, text, text, text, jsonb, text, date, bigint), @store@.change_order(bigint, bigint, jsonb, int),
	@store@.cancel_order(bigint, bigint, text, boolean), @store@.receive_goods(bigint, bigint, text, jsonb, date, bigint) TO PUBLIC;
GRANT SELECT ON @store@.unit, @store@.unit_equivalence, @store@.purchase_order, @store@.order_line, @store@.receipt, @store@.receipt_line,
	@store@.receipts TO PUBLIC;
