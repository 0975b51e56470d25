-- Module p2p, approval: who must have said yes before an invoice becomes approved.
--
-- Rules say for which invoices whose approval is needed, in levels: the next level is asked when all of one have approved.  A round
-- of approval is made of the rules that hold when it begins and stays as it is whatever becomes of the rules; it is bound to
-- what the invoice said then, by a hash, so that nobody's yes stands under another text.  Nobody approves what he brought himself,
-- and nobody twice for one rule; a delegate speaks in the name of somebody who could have spoken himself.

--! step 71 approval rules and delegations
CREATE TABLE @store@.approval_rule (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	rule text NOT NULL CHECK (rule ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$'),
	level int NOT NULL CHECK (level BETWEEN 1 AND 20),
	condition text,
	entity_id bigint,
	currency text CHECK (currency ~ '^[A-Z]{3}$'),
	from_amount numeric CHECK (from_amount > 0),
	approvers text[] CHECK (pg_catalog.cardinality(approvers) BETWEEN 1 AND 50 AND pg_catalog.array_position(approvers, NULL) IS NULL),
	votes int NOT NULL CHECK (votes BETWEEN 1 AND 10),
	sla interval CHECK (sla > interval '0'),
	retired boolean NOT NULL DEFAULT false,
	PRIMARY KEY (tenant_id, rule),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id),
	CONSTRAINT approval_rule_amount_has_currency CHECK ((from_amount IS NULL) = (currency IS NULL)),
	CONSTRAINT approval_rule_has_voters CHECK (approvers IS NULL OR pg_catalog.cardinality(approvers) >= votes)
);
COMMENT ON TABLE @store@.approval_rule IS 'For which invoices whose approval is needed. Written by define_approval_rule() and retire_approval_rule(); what a rule said before is in the journal.';
COMMENT ON COLUMN @store@.approval_rule.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.approval_rule.rule IS 'Its name.';
COMMENT ON COLUMN @store@.approval_rule.level IS 'Level: those of one level are asked together, the next level when all of them have approved.';
COMMENT ON COLUMN @store@.approval_rule.condition IS 'Term expression that must hold for the invoice as it is enriched; NULL = always.';
COMMENT ON COLUMN @store@.approval_rule.entity_id IS 'Entity whose invoices it is for, with all below it; NULL = all.';
COMMENT ON COLUMN @store@.approval_rule.currency IS 'Currency of the invoices it is for; NULL = any.';
COMMENT ON COLUMN @store@.approval_rule.from_amount IS 'Least amount with VAT, in that currency.';
COMMENT ON COLUMN @store@.approval_rule.approvers IS 'Roles that may approve; NULL = whoever has the right approve.';
COMMENT ON COLUMN @store@.approval_rule.votes IS 'How many of them must.';
COMMENT ON COLUMN @store@.approval_rule.sla IS 'How long they have, from when they are asked; NULL = as long as they like.';
COMMENT ON COLUMN @store@.approval_rule.retired IS 'No longer in force.';

CREATE TABLE @store@.approval_delegation (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	from_role text NOT NULL CHECK (from_role <> ''),
	to_role text NOT NULL CHECK (to_role <> '' AND to_role <> from_role),
	valid_from date NOT NULL CHECK (pg_catalog.isfinite(valid_from)),
	valid_until date NOT NULL CHECK (pg_catalog.isfinite(valid_until) AND valid_until >= valid_from),
	granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	granted_by text NOT NULL DEFAULT clex.caller(),
	revoked_at timestamptz,
	revoked_by text,
	PRIMARY KEY (tenant_id, id),
	CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX approval_delegation_to_idx ON @store@.approval_delegation (tenant_id, to_role, valid_until) WHERE revoked_at IS NULL;
COMMENT ON TABLE @store@.approval_delegation IS 'Who may approve in whose name, and when. Written by delegate_approval() and revoke_delegation().';
COMMENT ON COLUMN @store@.approval_delegation.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.approval_delegation.id IS 'Number of the delegation.';
COMMENT ON COLUMN @store@.approval_delegation.from_role IS 'Role in whose name.';
COMMENT ON COLUMN @store@.approval_delegation.to_role IS 'Role that approves.';
COMMENT ON COLUMN @store@.approval_delegation.valid_from IS 'First day.';
COMMENT ON COLUMN @store@.approval_delegation.valid_until IS 'Last day.';
COMMENT ON COLUMN @store@.approval_delegation.granted_at IS 'When it was given.';
COMMENT ON COLUMN @store@.approval_delegation.granted_by IS 'Role that gave it.';
COMMENT ON COLUMN @store@.approval_delegation.revoked_at IS 'When it was taken back; NULL = it was not.';
COMMENT ON COLUMN @store@.approval_delegation.revoked_by IS 'Role that took it back.';

--! step 72 rounds of approval
CREATE TABLE @store@.approval_request (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	round int NOT NULL CHECK (round >= 1),
	level int NOT NULL,
	rule text NOT NULL,
	approvers text[],
	votes int NOT NULL CHECK (votes >= 1),
	sla interval,
	digest bytea NOT NULL,
	requested_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	requested_by text NOT NULL DEFAULT clex.caller(),
	asked_at timestamptz,
	due_at timestamptz,
	state text NOT NULL CHECK (state IN ('waiting', 'open', 'granted', 'rejected', 'void')),
	settled_at timestamptz,
	PRIMARY KEY (tenant_id, document_id, round, rule),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	CHECK ((state IN ('waiting', 'open')) = (settled_at IS NULL)),
	CHECK (state <> 'open' OR asked_at IS NOT NULL)
);
CREATE INDEX approval_request_open_idx ON @store@.approval_request (tenant_id, due_at, document_id) WHERE state = 'open';
CREATE INDEX approval_request_rejected_idx ON @store@.approval_request (tenant_id, settled_at, document_id) WHERE state = 'rejected';
COMMENT ON TABLE @store@.approval_request IS 'What must be approved, rule by rule: one row for each rule that held when a round of approval began. Written by request_approval(), approve_invoice(), reject_approval(), reassign_approval() and whatever ends a round.';
COMMENT ON COLUMN @store@.approval_request.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.approval_request.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.approval_request.round IS 'Round of approval of this invoice, from 1.';
COMMENT ON COLUMN @store@.approval_request.level IS 'Level, as the rule said.';
COMMENT ON COLUMN @store@.approval_request.rule IS 'Rule that asks; - = none held, and somebody with the right approve is enough.';
COMMENT ON COLUMN @store@.approval_request.approvers IS 'Roles that may approve; NULL = whoever has the right approve.';
COMMENT ON COLUMN @store@.approval_request.votes IS 'How many of them must.';
COMMENT ON COLUMN @store@.approval_request.sla IS 'How long they have.';
COMMENT ON COLUMN @store@.approval_request.digest IS 'Hash of what the invoice said when the round began (approval_digest()).';
COMMENT ON COLUMN @store@.approval_request.requested_at IS 'When the round began.';
COMMENT ON COLUMN @store@.approval_request.requested_by IS 'Role that began it.';
COMMENT ON COLUMN @store@.approval_request.asked_at IS 'When its level was reached; NULL = not yet.';
COMMENT ON COLUMN @store@.approval_request.due_at IS 'When an answer is due; NULL = never, or not asked yet.';
COMMENT ON COLUMN @store@.approval_request.state IS 'waiting for lower levels, open, granted, rejected, or void: the round ended without it.';
COMMENT ON COLUMN @store@.approval_request.settled_at IS 'When it was granted, rejected or void.';

CREATE TABLE @store@.approval_vote (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	round int NOT NULL,
	actor text NOT NULL DEFAULT clex.caller(),
	login text NOT NULL DEFAULT session_user,
	rule text NOT NULL,
	on_behalf_of text NOT NULL,
	approves boolean NOT NULL,
	comment text,
	digest bytea NOT NULL,
	voted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (tenant_id, document_id, round, rule, actor),
	UNIQUE (tenant_id, document_id, round, rule, on_behalf_of),
	FOREIGN KEY (tenant_id, document_id, round, rule) REFERENCES @store@.approval_request (tenant_id, document_id, round, rule)
);
COMMENT ON TABLE @store@.approval_vote IS 'Who said yes or no, to what, and in whose name. Rows are added by approve_invoice() and reject_approval(), never changed, never deleted.';
COMMENT ON COLUMN @store@.approval_vote.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.approval_vote.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.approval_vote.round IS 'Round of approval.';
COMMENT ON COLUMN @store@.approval_vote.actor IS 'Role that spoke: once for a rule in a round.';
COMMENT ON COLUMN @store@.approval_vote.login IS 'Role that had logged in.';
COMMENT ON COLUMN @store@.approval_vote.rule IS 'Rule it counts for.';
COMMENT ON COLUMN @store@.approval_vote.on_behalf_of IS 'Role in whose name: the actor itself, or who delegated to it.';
COMMENT ON COLUMN @store@.approval_vote.approves IS 'Yes or no.';
COMMENT ON COLUMN @store@.approval_vote.comment IS 'What was said beside.';
COMMENT ON COLUMN @store@.approval_vote.digest IS 'Hash of what the invoice said when it was voted on.';
COMMENT ON COLUMN @store@.approval_vote.voted_at IS 'When.';

-- append-only for the store's own functions too
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.approval_vote FROM CURRENT_USER;

ALTER TABLE @store@.approval_rule ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.approval_delegation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.approval_request ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.approval_vote ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
-- how an invoice is approved is no business of its seller's: members, and those scoped to the buying entity
DROP POLICY IF EXISTS tenant ON @store@.approval_rule;
CREATE POLICY tenant ON @store@.approval_rule USING (clex.is_among('@store@.known_tenants()', tenant_id));
DROP POLICY IF EXISTS tenant ON @store@.approval_delegation;
CREATE POLICY tenant ON @store@.approval_delegation USING (clex.is_among('@store@.known_tenants()', tenant_id));
DROP POLICY IF EXISTS tenant ON @store@.approval_request;
CREATE POLICY tenant ON @store@.approval_request USING (clex.is_among('@store@.readable_tenants()', tenant_id));
DROP POLICY IF EXISTS scope ON @store@.approval_request;
CREATE POLICY scope ON @store@.approval_request
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_as_buyer(tenant_id, document_id));
DROP POLICY IF EXISTS tenant ON @store@.approval_vote;
CREATE POLICY tenant ON @store@.approval_vote FOR SELECT USING (clex.is_among('@store@.readable_tenants()', tenant_id));
DROP POLICY IF EXISTS scope ON @store@.approval_vote;
CREATE POLICY scope ON @store@.approval_vote FOR SELECT
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_as_buyer(tenant_id, document_id));
DROP POLICY IF EXISTS actor ON @store@.approval_vote;
CREATE POLICY actor ON @store@.approval_vote FOR INSERT WITH CHECK (actor = clex.caller() AND login = session_user);

GRANT SELECT ON @store@.approval_rule, @store@.approval_delegation, @store@.approval_request, @store@.approval_vote TO PUBLIC;
