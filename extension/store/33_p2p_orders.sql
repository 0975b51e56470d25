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

CREATE OR REPLACE VIEW @store@.receipts WITH (security_invoker) AS
SELECT r.tenant_id, r.id AS receipt_id, r.order_id, o.number AS order_number, r.number, r.received_on, l.line_no, x.identifier AS order_line, l.quantity, x.unit,
	l.stated_quantity, l.stated_unit, r.document_id, r.recorded_at, r.recorded_by
FROM @store@.receipt r
JOIN @store@.purchase_order o ON o.tenant_id = r.tenant_id AND o.id = r.order_id
JOIN @store@.receipt_line l ON l.tenant_id = r.tenant_id AND l.receipt_id = r.id
JOIN @store@.order_line x ON x.tenant_id = l.tenant_id AND x.order_id = l.order_id AND x.line_no = l.order_line_no;
COMMENT ON VIEW @store@.receipts IS 'Deliveries that came in, one row for each line; quantity is in the unit of the order line.';

REVOKE ALL ON FUNCTION @store@.lock_order(bigint, bigint), @store@.order_lines_event(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.own_order_entities() TO PUBLIC;
GRANT SELECT ON @store@.unit, @store@.unit_equivalence, @store@.purchase_order, @store@.order_line, @store@.receipt, @store@.receipt_line,
	@store@.receipts TO PUBLIC;
