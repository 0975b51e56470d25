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

REVOKE ALL ON FUNCTION @store@.match_turn(text), @store@.match_waits(text), @store@.decided_quantity(bigint, bigint, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.match_turn(text), @store@.match_waits(text), @store@.decided_quantity(bigint, bigint, int) TO PUBLIC;
GRANT SELECT ON @store@.match_policy, @store@.match_choice, @store@.match_line, @store@.invoice_match, @store@.match_request TO PUBLIC;
