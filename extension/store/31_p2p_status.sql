-- Module p2p, status: where each invoice stands, and what was said of it, in which order whatever it came.
--
-- An invoice has one row of state, which is the lock of everything that is decided about the invoice.  What is said of it is an event,
-- kept whether or not it moves the status, and the status is what follows from all events in the order in which things happened, not
-- that in which they were heard of: any order of arrival ends in the same status.

--! step 12 state of invoices, and what was said of them
CREATE TABLE @store@.invoice_state (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	direction text NOT NULL CHECK (direction IN ('purchase', 'sale', 'internal')),
	is_credit boolean NOT NULL,
	lifecycle text NOT NULL,
	status text,
	meaning text,
	since timestamptz NOT NULL,
	marks text[] NOT NULL DEFAULT '{}',
	version int NOT NULL DEFAULT 0,
	seller_key text,
	buyer_vat_id text,
	party_id bigint,
	entity_id bigint,
	due_date date,
	PRIMARY KEY (tenant_id, document_id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice (tenant_id, document_id),
	FOREIGN KEY (tenant_id, lifecycle, status) REFERENCES @store@.lifecycle_status (tenant_id, lifecycle, status),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id)
);
CREATE INDEX invoice_state_meaning_idx ON @store@.invoice_state (tenant_id, meaning, since, document_id);
CREATE INDEX invoice_state_seller_idx ON @store@.invoice_state (tenant_id, seller_key, document_id);
COMMENT ON TABLE @store@.invoice_state IS 'Where each invoice stands; its row is the lock of all that is decided about the invoice. Written by take_in() and apply_status().';
COMMENT ON COLUMN @store@.invoice_state.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.invoice_state.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.invoice_state.direction IS 'purchase: the tenant is the buyer. sale: the seller is an entity of the tenant. internal: both are.';
COMMENT ON COLUMN @store@.invoice_state.is_credit IS 'Whether it is a credit note: its amounts are owed the other way.';
COMMENT ON COLUMN @store@.invoice_state.lifecycle IS 'Lifecycle it goes through.';
COMMENT ON COLUMN @store@.invoice_state.status IS 'Status; NULL = nothing is said of it yet.';
COMMENT ON COLUMN @store@.invoice_state.meaning IS 'Meaning of the status, in the same word for all lifecycles.';
COMMENT ON COLUMN @store@.invoice_state.since IS 'When what gave it this status happened.';
COMMENT ON COLUMN @store@.invoice_state.marks IS 'Statuses that stand beside it, such as factored.';
COMMENT ON COLUMN @store@.invoice_state.version IS 'Grows by one with every event that changes status or marks.';
COMMENT ON COLUMN @store@.invoice_state.seller_key IS 'Seller, as in table invoice.';
COMMENT ON COLUMN @store@.invoice_state.buyer_vat_id IS 'Buyer, as in table invoice.';
COMMENT ON COLUMN @store@.invoice_state.party_id IS 'The other side as a party: the seller of a purchase, the buyer of a sale; NULL = not known.';
COMMENT ON COLUMN @store@.invoice_state.entity_id IS 'Entity of the tenant whose invoice it is; NULL = not known.';
COMMENT ON COLUMN @store@.invoice_state.due_date IS 'Date payment is due (BT-9); NULL = not stated.';

CREATE TABLE @store@.status_event (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	document_id bigint NOT NULL,
	event_key text NOT NULL CHECK (event_key <> '' AND pg_catalog.length(event_key) <= 300),
	lifecycle text NOT NULL,
	status text NOT NULL,
	issuer text NOT NULL CHECK (issuer IN ('platform', 'buyer', 'seller', 'authority')),
	reasons text[] NOT NULL,
	message text,
	facts jsonb,
	source_document bigint,
	occurred_at timestamptz NOT NULL,
	received_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	ordered_at timestamptz NOT NULL GENERATED ALWAYS AS (LEAST(occurred_at, received_at)) STORED,
	actor text NOT NULL DEFAULT clex.caller(),
	login text NOT NULL DEFAULT session_user,
	outcome text NOT NULL CHECK (outcome IN ('applied', 'replayed', 'repeated', 'late', 'early', 'kept', 'refused')),
	from_status text,
	to_status text,
	refusal text,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, event_key),
	CHECK ((outcome = 'refused') <= (refusal IS NOT NULL)),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	FOREIGN KEY (tenant_id, source_document) REFERENCES @store@.document (tenant_id, id)
);
CREATE INDEX status_event_document_idx ON @store@.status_event (tenant_id, document_id, ordered_at);
COMMENT ON TABLE @store@.status_event IS 'What was said of invoices, by whom and when, whether or not it had an effect. Rows are added by apply_status(), never changed, never deleted.';
COMMENT ON COLUMN @store@.status_event.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.status_event.id IS 'Number of the event in this store: the order in which the store heard of it.';
COMMENT ON COLUMN @store@.status_event.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.status_event.event_key IS 'What its sender calls it: the same key again is the same event.';
COMMENT ON COLUMN @store@.status_event.lifecycle IS 'Lifecycle of the invoice at that time.';
COMMENT ON COLUMN @store@.status_event.status IS 'Status that was said, known to the lifecycle or not.';
COMMENT ON COLUMN @store@.status_event.issuer IS 'Side that said so: platform, buyer, seller, authority.';
COMMENT ON COLUMN @store@.status_event.reasons IS 'Reason codes.';
COMMENT ON COLUMN @store@.status_event.message IS 'What was said beside, for people.';
COMMENT ON COLUMN @store@.status_event.facts IS 'Amounts, accounts and other data of the event.';
COMMENT ON COLUMN @store@.status_event.source_document IS 'Message that said so; NULL = a function call.';
COMMENT ON COLUMN @store@.status_event.occurred_at IS 'When it happened, as its sender says.';
COMMENT ON COLUMN @store@.status_event.received_at IS 'When the store heard of it.';
COMMENT ON COLUMN @store@.status_event.ordered_at IS 'Time by which events are put in order: when it happened, and never later than the store heard of it.';
COMMENT ON COLUMN @store@.status_event.actor IS 'Role that said so, or brought it, as clex.caller() says.';
COMMENT ON COLUMN @store@.status_event.login IS 'Role that had logged in.';
COMMENT ON COLUMN @store@.status_event.outcome IS 'applied: it gave the invoice its status, or a mark. replayed: it happened before others, and all were gone through again. repeated: the invoice had that status. late: others had gone beyond. early: no lawful step yet, later events may make it one. kept: it moves no invoice. refused: it never can.';
COMMENT ON COLUMN @store@.status_event.from_status IS 'Status of the invoice before.';
COMMENT ON COLUMN @store@.status_event.to_status IS 'Status of the invoice after.';
COMMENT ON COLUMN @store@.status_event.refusal IS 'Why it had no effect.';

-- append-only for the store's own functions too
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.status_event FROM CURRENT_USER;

ALTER TABLE @store@.invoice_state ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.status_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
-- written by who acts on its own documents too: the functions ask for the right
DROP POLICY IF EXISTS tenant ON @store@.invoice_state;
CREATE POLICY tenant ON @store@.invoice_state USING (clex.is_among('@store@.readable_tenants()', tenant_id));
DROP POLICY IF EXISTS scope_seller ON @store@.invoice_state;
CREATE POLICY scope_seller ON @store@.invoice_state
	USING (clex.is_among('@store@.own_seller_keys()', tenant_id, seller_key));
DROP POLICY IF EXISTS scope_buyer ON @store@.invoice_state;
CREATE POLICY scope_buyer ON @store@.invoice_state
	USING (clex.is_among('@store@.own_buyer_keys()', tenant_id, buyer_vat_id));
DROP POLICY IF EXISTS tenant ON @store@.status_event;
CREATE POLICY tenant ON @store@.status_event FOR SELECT USING (clex.is_among('@store@.readable_tenants()', tenant_id));
DROP POLICY IF EXISTS scope ON @store@.status_event;
CREATE POLICY scope ON @store@.status_event FOR SELECT
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_invoice(tenant_id, document_id));
DROP POLICY IF EXISTS actor ON @store@.status_event;
CREATE POLICY actor ON @store@.status_event FOR INSERT WITH CHECK (actor = clex.caller() AND login = session_user);

GRANT SELECT ON @store@.invoice_state, @store@.status_event TO PUBLIC;
