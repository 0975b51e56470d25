-- Module finance, assignments: receivables that a financier takes over, from the proposal to the day on which everybody has been paid.
--
-- An assignment is of one financier, one currency and one day of settlement; its items are invoices, each with what was assigned of it.  Which instrument may
-- be used hangs on what the financier is by law, and stands in a table, as do the words that an instrument must have and the steps that may follow each other.
-- Up to settlement the items go together; from then on each goes its own way: repaid by the debtor, or back to the assignor, in parts too.
-- The financier's price is between it and the assignor: it takes nothing off the invoice, and nothing off its VAT.
-- This part has the tables, who may take which step, and the proposal; the parts after it have instruments, letters, steps, what comes after settlement, and views.

--! step 30 instruments, the words they need, and the steps of an assignment
CREATE TABLE @store@.instrument (
	instrument text PRIMARY KEY CHECK (instrument ~ '^[a-z]+$'),
	document text NOT NULL,
	law jsonb NOT NULL
);
COMMENT ON TABLE @store@.instrument IS 'By what receivables pass to another creditor; reference data of the store.';
COMMENT ON COLUMN @store@.instrument.instrument IS 'Instrument.';
COMMENT ON COLUMN @store@.instrument.document IS 'Kind of the document that it takes.';
COMMENT ON COLUMN @store@.instrument.law IS 'What it rests on, as letters say: language to wording.';

CREATE TABLE @store@.instrument_rule (
	legal_status text NOT NULL,
	instrument text NOT NULL REFERENCES @store@.instrument,
	ordinal int NOT NULL,
	needs_authorisation boolean NOT NULL,
	source text NOT NULL,
	PRIMARY KEY (legal_status, instrument)
);
COMMENT ON TABLE @store@.instrument_rule IS 'Which instruments a financier may use, by what it is; reference data of the store.';
COMMENT ON COLUMN @store@.instrument_rule.legal_status IS 'Legal status, as in table financier.';
COMMENT ON COLUMN @store@.instrument_rule.instrument IS 'Instrument it may use.';
COMMENT ON COLUMN @store@.instrument_rule.ordinal IS 'The first one is taken unless another one is asked for.';
COMMENT ON COLUMN @store@.instrument_rule.needs_authorisation IS 'Whether the financier must name what entitles it (column authorisation).';
COMMENT ON COLUMN @store@.instrument_rule.source IS 'Where that is said.';

CREATE TABLE @store@.act_default (
	instrument text NOT NULL REFERENCES @store@.instrument,
	part text NOT NULL CHECK (part IN ('head', 'list', 'foot')),
	wording text NOT NULL,
	PRIMARY KEY (instrument, part)
);
COMMENT ON TABLE @store@.act_default IS 'How instruments are worded unless a tenant has words of its own; reference data of the store.';
COMMENT ON COLUMN @store@.act_default.instrument IS 'Instrument.';
COMMENT ON COLUMN @store@.act_default.part IS 'head and foot stand before and after the receivables; list stands for them where they are transmitted as a file.';
COMMENT ON COLUMN @store@.act_default.wording IS 'Pattern of the words.';

CREATE TABLE @store@.act_mention (
	instrument text NOT NULL REFERENCES @store@.instrument,
	mention text NOT NULL CHECK (mention ~ '^[a-z_]+$'),
	ordinal int NOT NULL,
	kind text NOT NULL CHECK (kind IN ('words', 'assignment', 'item', 'signature', 'date')),
	needed text NOT NULL,
	applies text NOT NULL CHECK (applies IN ('always', 'paper', 'electronic')),
	source text NOT NULL,
	PRIMARY KEY (instrument, mention)
);
COMMENT ON TABLE @store@.act_mention IS 'What an instrument must say to be one; reference data of the store, and what act_findings() goes by.';
COMMENT ON COLUMN @store@.act_mention.instrument IS 'Instrument.';
COMMENT ON COLUMN @store@.act_mention.mention IS 'Name of the mention.';
COMMENT ON COLUMN @store@.act_mention.ordinal IS 'Order in which mentions are looked at.';
COMMENT ON COLUMN @store@.act_mention.kind IS 'words: exactly these. assignment: a value of the whole. item: a value of each receivable. signature: of this side. date: put by this side.';
COMMENT ON COLUMN @store@.act_mention.needed IS 'The words; the name of the value; the side.';
COMMENT ON COLUMN @store@.act_mention.applies IS 'always; paper: where the instrument lists the receivables itself; electronic: where it names a file.';
COMMENT ON COLUMN @store@.act_mention.source IS 'Where that is said.';

CREATE TABLE @store@.assignment_reason (
	reason text PRIMARY KEY CHECK (reason ~ '^[a-z_]+$'),
	to_states text[] NOT NULL,
	side text NOT NULL CHECK (side IN ('financier', 'seller')),
	dilution boolean NOT NULL,
	labels jsonb NOT NULL
);
COMMENT ON TABLE @store@.assignment_reason IS 'Reasons for steps of assignments; reference data of the store.';
COMMENT ON COLUMN @store@.assignment_reason.reason IS 'Code.';
COMMENT ON COLUMN @store@.assignment_reason.to_states IS 'States to which it may lead.';
COMMENT ON COLUMN @store@.assignment_reason.side IS 'Whose reason it is.';
COMMENT ON COLUMN @store@.assignment_reason.dilution IS 'The receivable is not what it was sold as: the assignor answers for that with recourse or without.';
COMMENT ON COLUMN @store@.assignment_reason.labels IS 'What people call it: language to label.';

CREATE TABLE @store@.assignment_transition (
	from_state text NOT NULL,
	to_state text NOT NULL,
	side text NOT NULL CHECK (side IN ('financier', 'seller', 'tenant', 'ledger')),
	needs text NOT NULL,
	needs_reason boolean NOT NULL,
	note text NOT NULL,
	PRIMARY KEY (from_state, to_state, side)
);
COMMENT ON TABLE @store@.assignment_transition IS 'Lawful steps of assignments and their items, and who may take them; reference data of the store.';
COMMENT ON COLUMN @store@.assignment_transition.from_state IS 'State before.';
COMMENT ON COLUMN @store@.assignment_transition.to_state IS 'State after.';
COMMENT ON COLUMN @store@.assignment_transition.side IS 'financier: the one of the assignment. seller: who may finance all of its invoices. tenant: who has the right for the whole tenant. ledger: it follows from what is paid.';
COMMENT ON COLUMN @store@.assignment_transition.needs IS 'Right that it takes.';
COMMENT ON COLUMN @store@.assignment_transition.needs_reason IS 'Whether a reason must be given.';
COMMENT ON COLUMN @store@.assignment_transition.note IS 'What it is.';

--! step 31 assignments, what is assigned, instruments and what happens
CREATE TABLE @store@.assignment (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	financier_id bigint NOT NULL,
	currency text NOT NULL,
	settlement_date date NOT NULL,
	instrument text NOT NULL REFERENCES @store@.instrument,
	disclosed boolean NOT NULL,
	recourse boolean NOT NULL,
	source text NOT NULL CHECK (source ~ '^[a-z_]{1,30}$'),
	source_key text NOT NULL CHECK (source_key <> '' AND pg_catalog.length(source_key) <= 300),
	state text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'accepted', 'notified', 'settled', 'repaid', 'recourse', 'released')),
	day_count text NOT NULL,
	method text NOT NULL,
	rounding text NOT NULL,
	rule_version text NOT NULL,
	iban text,
	bic text,
	account_name text NOT NULL,
	proposed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	proposed_by text NOT NULL DEFAULT clex.caller(),
	dated_on date,
	notified_at timestamptz,
	debtor_accepted_at timestamptz,
	settled_on date,
	payment_reference text,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, source_key),
	FOREIGN KEY (tenant_id, financier_id) REFERENCES @store@.financier (tenant_id, financier_id)
);
CREATE INDEX assignment_financier_idx ON @store@.assignment (tenant_id, financier_id, id);
CREATE INDEX assignment_waiting_idx ON @store@.assignment (tenant_id, state, settlement_date, id) WHERE state IN ('proposed', 'accepted', 'notified');
COMMENT ON TABLE @store@.assignment IS 'Receivables that a financier takes over together. Written by assign_invoices() and the functions that take its steps.';
COMMENT ON COLUMN @store@.assignment.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.assignment.id IS 'Number of the assignment in this store.';
COMMENT ON COLUMN @store@.assignment.financier_id IS 'Who takes them over.';
COMMENT ON COLUMN @store@.assignment.currency IS 'Currency of all of them.';
COMMENT ON COLUMN @store@.assignment.settlement_date IS 'Day on which the financier pays, for which prices were computed.';
COMMENT ON COLUMN @store@.assignment.instrument IS 'By what they pass to it.';
COMMENT ON COLUMN @store@.assignment.disclosed IS 'Whether debtors are told; if not they go on paying the assignor, who passes it on.';
COMMENT ON COLUMN @store@.assignment.recourse IS 'Whether the assignor answers for a debtor that does not pay.';
COMMENT ON COLUMN @store@.assignment.source IS 'Where it comes from: direct, auction …';
COMMENT ON COLUMN @store@.assignment.source_key IS 'What its maker calls it: the same key again is the same assignment.';
COMMENT ON COLUMN @store@.assignment.state IS 'proposed to the financier; accepted by it; notified: debtors told, or the status 226 kept where they are not to be; settled: paid to the assignors; repaid: all paid to the financier; recourse: something is asked back; released: nothing is assigned any more.';
COMMENT ON COLUMN @store@.assignment.day_count IS 'Day count by which prices were computed.';
COMMENT ON COLUMN @store@.assignment.method IS 'Method by which prices were computed, as clex.discount_amount() names it.';
COMMENT ON COLUMN @store@.assignment.rounding IS 'How prices were rounded to the currency''s minor unit.';
COMMENT ON COLUMN @store@.assignment.rule_version IS 'Version of clex that computed them.';
COMMENT ON COLUMN @store@.assignment.iban IS 'Account to which debtors pay, as the line said.';
COMMENT ON COLUMN @store@.assignment.bic IS 'Its bank.';
COMMENT ON COLUMN @store@.assignment.account_name IS 'Whose account it is.';
COMMENT ON COLUMN @store@.assignment.proposed_at IS 'When it was proposed.';
COMMENT ON COLUMN @store@.assignment.proposed_by IS 'Role that proposed it.';
COMMENT ON COLUMN @store@.assignment.dated_on IS 'Date that the financier has put on the instruments: from that day on the receivables are its own.';
COMMENT ON COLUMN @store@.assignment.notified_at IS 'When debtors were told.';
COMMENT ON COLUMN @store@.assignment.debtor_accepted_at IS 'When the debtor undertook to pay the financier directly.';
COMMENT ON COLUMN @store@.assignment.settled_on IS 'Day on which the financier paid.';
COMMENT ON COLUMN @store@.assignment.payment_reference IS 'What the financier calls that payment.';

CREATE TABLE @store@.assignment_item (
	tenant_id bigint NOT NULL,
	assignment_id bigint NOT NULL,
	document_id bigint NOT NULL,
	financier_id bigint NOT NULL,
	state text NOT NULL CHECK (state IN ('proposed', 'accepted', 'notified', 'settled', 'repaid', 'recourse', 'released')),
	direction text NOT NULL,
	number text,
	issue_date date,
	due_date date NOT NULL,
	face numeric NOT NULL,
	vat numeric,
	amount numeric NOT NULL CHECK (amount > 0),
	rate numeric NOT NULL,
	days int NOT NULL,
	discount numeric NOT NULL,
	net numeric NOT NULL GENERATED ALWAYS AS (amount - discount) STORED,
	paid_before numeric NOT NULL,
	repaid numeric NOT NULL DEFAULT 0,
	bought_back numeric NOT NULL DEFAULT 0,
	asked_back numeric NOT NULL DEFAULT 0,
	reason text,
	seller_name text,
	seller_id text,
	seller_address text,
	seller_iban text,
	debtor_name text,
	debtor_id text,
	debtor_party bigint,
	place text,
	keys text[] NOT NULL CHECK (pg_catalog.array_length(keys, 1) = 7),
	seller_key text,
	PRIMARY KEY (tenant_id, assignment_id, document_id),
	CHECK (repaid >= 0 AND bought_back >= 0 AND asked_back >= 0 AND repaid + bought_back + asked_back <= amount),
	CHECK ((state = 'recourse') = (asked_back > 0)),
	FOREIGN KEY (tenant_id, assignment_id) REFERENCES @store@.assignment (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	FOREIGN KEY (reason) REFERENCES @store@.assignment_reason
);
-- one live assignment of an invoice, whatever becomes of claims
CREATE UNIQUE INDEX assignment_item_live_idx ON @store@.assignment_item (tenant_id, document_id) WHERE state NOT IN ('repaid', 'released');
CREATE INDEX assignment_item_document_idx ON @store@.assignment_item (tenant_id, document_id, assignment_id);
CREATE INDEX assignment_item_financier_idx ON @store@.assignment_item (tenant_id, financier_id, due_date) WHERE state NOT IN ('repaid', 'released');
COMMENT ON TABLE @store@.assignment_item IS 'Receivables of assignments, with their price and what became of each. Written by the functions of assignments.';
COMMENT ON COLUMN @store@.assignment_item.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.assignment_item.assignment_id IS 'Assignment.';
COMMENT ON COLUMN @store@.assignment_item.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.assignment_item.financier_id IS 'Who takes it over, as in table assignment.';
COMMENT ON COLUMN @store@.assignment_item.state IS 'State, as in table assignment; after settlement of this receivable alone.';
COMMENT ON COLUMN @store@.assignment_item.direction IS 'Whether the tenant bought or sold, as in table invoice_state.';
COMMENT ON COLUMN @store@.assignment_item.number IS 'Number of the invoice.';
COMMENT ON COLUMN @store@.assignment_item.issue_date IS 'Its date.';
COMMENT ON COLUMN @store@.assignment_item.due_date IS 'When it is due.';
COMMENT ON COLUMN @store@.assignment_item.face IS 'What the invoice was due for.';
COMMENT ON COLUMN @store@.assignment_item.vat IS 'VAT in it, as invoiced: it stays what it is.';
COMMENT ON COLUMN @store@.assignment_item.amount IS 'What was assigned: what was open and not disputed.';
COMMENT ON COLUMN @store@.assignment_item.rate IS 'Rate, a fraction a year.';
COMMENT ON COLUMN @store@.assignment_item.days IS 'Days from settlement to due date, by the day count.';
COMMENT ON COLUMN @store@.assignment_item.discount IS 'The financier''s price.';
COMMENT ON COLUMN @store@.assignment_item.net IS 'What the assignor gets: amount - discount.';
COMMENT ON COLUMN @store@.assignment_item.paid_before IS 'What had been paid of the invoice when it was assigned.';
COMMENT ON COLUMN @store@.assignment_item.repaid IS 'What the financier has got of it from the debtor.';
COMMENT ON COLUMN @store@.assignment_item.bought_back IS 'What the assignor has paid back.';
COMMENT ON COLUMN @store@.assignment_item.asked_back IS 'What the financier asks back and has not got.';
COMMENT ON COLUMN @store@.assignment_item.reason IS 'Why it was asked back, or released.';
COMMENT ON COLUMN @store@.assignment_item.seller_name IS 'Assignor.';
COMMENT ON COLUMN @store@.assignment_item.seller_id IS 'Its registration, as the invoice says.';
COMMENT ON COLUMN @store@.assignment_item.seller_address IS 'Its address, as the invoice says.';
COMMENT ON COLUMN @store@.assignment_item.seller_iban IS 'Its account, as the invoice says: the financier pays there.';
COMMENT ON COLUMN @store@.assignment_item.debtor_name IS 'Debtor.';
COMMENT ON COLUMN @store@.assignment_item.debtor_id IS 'Its identifier, as the invoice says.';
COMMENT ON COLUMN @store@.assignment_item.debtor_party IS 'The debtor as a party; NULL = not known.';
COMMENT ON COLUMN @store@.assignment_item.place IS 'Place of payment: account that the invoice names, else the seat of the assignor.';
COMMENT ON COLUMN @store@.assignment_item.keys IS 'What it counts under, in limits of each scope, in the order of limit_scopes().';
COMMENT ON COLUMN @store@.assignment_item.seller_key IS 'Seller, as in table invoice_state.';

CREATE TABLE @store@.assignment_act (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	assignment_id bigint NOT NULL,
	kind text NOT NULL,
	seller_key text,
	seller_name text,
	email text,
	language text,
	electronic boolean NOT NULL,
	count int NOT NULL,
	total numeric NOT NULL,
	content bytea NOT NULL,
	sha256 bytea NOT NULL GENERATED ALWAYS AS (pg_catalog.sha256(content)) STORED,
	list bytea,
	made_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	made_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, id),
	CHECK (electronic = (list IS NOT NULL)),
	FOREIGN KEY (tenant_id, assignment_id) REFERENCES @store@.assignment (tenant_id, id)
);
CREATE INDEX assignment_act_assignment_idx ON @store@.assignment_act (tenant_id, assignment_id, id);
COMMENT ON TABLE @store@.assignment_act IS 'Instruments, one for each assignor of an assignment, as they were written. Rows are added by assign_invoices(), never changed, never deleted.';
COMMENT ON COLUMN @store@.assignment_act.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.assignment_act.id IS 'Number of the instrument in this store.';
COMMENT ON COLUMN @store@.assignment_act.assignment_id IS 'Assignment.';
COMMENT ON COLUMN @store@.assignment_act.kind IS 'Kind of document, as in table instrument.';
COMMENT ON COLUMN @store@.assignment_act.seller_key IS 'Assignor, as in table invoice_state.';
COMMENT ON COLUMN @store@.assignment_act.seller_name IS 'Its name.';
COMMENT ON COLUMN @store@.assignment_act.email IS 'Where to write to it.';
COMMENT ON COLUMN @store@.assignment_act.language IS 'Language to write to it in; NULL = that of the tenant.';
COMMENT ON COLUMN @store@.assignment_act.electronic IS 'Whether the receivables stand in a file that it names.';
COMMENT ON COLUMN @store@.assignment_act.count IS 'Number of receivables.';
COMMENT ON COLUMN @store@.assignment_act.total IS 'Their amount.';
COMMENT ON COLUMN @store@.assignment_act.content IS 'The instrument: text in UTF-8, lines ended by line feeds.';
COMMENT ON COLUMN @store@.assignment_act.sha256 IS 'SHA-256 of it.';
COMMENT ON COLUMN @store@.assignment_act.list IS 'The file of receivables (CSV), if there is one; the instrument states its SHA-256.';
COMMENT ON COLUMN @store@.assignment_act.made_at IS 'When it was written.';
COMMENT ON COLUMN @store@.assignment_act.made_by IS 'Role on whose behalf.';

CREATE TABLE @store@.act_signature (
	tenant_id bigint NOT NULL,
	act_id bigint NOT NULL,
	side text NOT NULL CHECK (side IN ('assignor', 'assignee', 'debtor')),
	signer text NOT NULL CHECK (signer <> ''),
	means text NOT NULL CHECK (means <> ''),
	sha256 bytea NOT NULL,
	dated_on date NOT NULL,
	recorded_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	actor text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, act_id, side),
	FOREIGN KEY (tenant_id, act_id) REFERENCES @store@.assignment_act (tenant_id, id)
);
COMMENT ON TABLE @store@.act_signature IS 'Who signed instruments, and who dated them. Rows are added, never changed, never deleted.';
COMMENT ON COLUMN @store@.act_signature.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.act_signature.act_id IS 'Instrument.';
COMMENT ON COLUMN @store@.act_signature.side IS 'assignor: signs. assignee: puts the date. debtor: accepts.';
COMMENT ON COLUMN @store@.act_signature.signer IS 'Who signed, by name.';
COMMENT ON COLUMN @store@.act_signature.means IS 'By what: a signing service and its transaction, paper.';
COMMENT ON COLUMN @store@.act_signature.sha256 IS 'SHA-256 of what was signed: that of the instrument.';
COMMENT ON COLUMN @store@.act_signature.dated_on IS 'Date of the signature; of the assignee: date of the instrument.';
COMMENT ON COLUMN @store@.act_signature.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN @store@.act_signature.actor IS 'Role that recorded it.';

CREATE TABLE @store@.assignment_event (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	assignment_id bigint NOT NULL,
	document_id bigint,
	from_state text,
	to_state text NOT NULL,
	reason text,
	amount numeric,
	message text,
	event_key text,
	actor text NOT NULL DEFAULT clex.caller(),
	login text NOT NULL DEFAULT session_user,
	happened_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, assignment_id, event_key),
	FOREIGN KEY (tenant_id, assignment_id) REFERENCES @store@.assignment (tenant_id, id)
);
COMMENT ON TABLE @store@.assignment_event IS 'What happened to assignments: who took which step, when and why, and what the financier got. Rows are added, never changed, never deleted.';
COMMENT ON COLUMN @store@.assignment_event.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.assignment_event.id IS 'Number of the event in this store.';
COMMENT ON COLUMN @store@.assignment_event.assignment_id IS 'Assignment.';
COMMENT ON COLUMN @store@.assignment_event.document_id IS 'Invoice; NULL = all of them.';
COMMENT ON COLUMN @store@.assignment_event.from_state IS 'State before; NULL = there was none.';
COMMENT ON COLUMN @store@.assignment_event.to_state IS 'State after.';
COMMENT ON COLUMN @store@.assignment_event.reason IS 'Why.';
COMMENT ON COLUMN @store@.assignment_event.amount IS 'Amount that was paid or asked back.';
COMMENT ON COLUMN @store@.assignment_event.message IS 'What was said beside, for people.';
COMMENT ON COLUMN @store@.assignment_event.event_key IS 'What the caller calls it: the same key again is the same event.';
COMMENT ON COLUMN @store@.assignment_event.actor IS 'Role that did it.';
COMMENT ON COLUMN @store@.assignment_event.login IS 'Role that had logged in.';
COMMENT ON COLUMN @store@.assignment_event.happened_at IS 'When.';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.assignment_act, @store@.act_signature, @store@.assignment_event FROM CURRENT_USER;
-- a foreign key locks what it points to, which takes the privilege to change some column of it; no policy lets anybody change it
GRANT UPDATE (made_by) ON @store@.assignment_act TO CURRENT_USER;

ALTER TABLE @store@.instrument ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.instrument_rule ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.act_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.act_mention ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.assignment_reason ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.assignment_transition ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.assignment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.assignment_item ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.assignment_act ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.act_signature ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.assignment_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! step 32 claims change hands in place
-- an auction's claims become assignments, and these payments: no index says whose they are, and there is room for the new version of a row beside the old one
DROP INDEX @store@.claim_reference_idx;
ALTER TABLE @store@.claim SET (fillfactor = 50);

--! code
DO $policies$
DECLARE
	v_table text;
BEGIN
	FOREACH v_table IN ARRAY '{instrument,instrument_rule,act_default,act_mention,assignment_reason,assignment_transition}'::text[] LOOP
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS everybody ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY everybody ON @store@.%I FOR SELECT USING (true)', v_table);
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS operator ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY operator ON @store@.%I USING ((SELECT @store@.is_operator()))', v_table);
	END LOOP;
END;
$policies$;

INSERT INTO @store@.assignment_reason AS r (reason, to_states, side, dilution, labels) VALUES
	('declined', '{released}', 'financier', false, '{"en": "Declined by the financier", "fr": "Refusée par le financeur", "de": "Vom Finanzierer abgelehnt"}'),
	('withdrawn', '{released}', 'seller', false, '{"en": "Withdrawn by the assignor", "fr": "Retirée par le cédant", "de": "Vom Abtretenden zurückgezogen"}'),
	('not_paid', '{released}', 'financier', false, '{"en": "The financier did not pay", "fr": "Non payée par le financeur", "de": "Vom Finanzierer nicht bezahlt"}'),
	('dispute', '{recourse}', 'financier', true, '{"en": "The debtor disputes the invoice", "fr": "Litige avec le débiteur", "de": "Vom Schuldner bestritten"}'),
	('credit_note', '{recourse}', 'financier', true, '{"en": "A credit note reduces the invoice", "fr": "Avoir émis sur la facture", "de": "Durch Gutschrift gemindert"}'),
	('refused', '{recourse}', 'financier', true, '{"en": "The invoice is refused or cancelled", "fr": "Facture refusée ou annulée", "de": "Rechnung abgelehnt oder storniert"}'),
	('paid_otherwise', '{recourse}', 'financier', true, '{"en": "Paid to the assignor", "fr": "Payée au cédant", "de": "An den Abtretenden bezahlt"}'),
	('unpaid', '{recourse}', 'financier', false, '{"en": "The debtor has not paid", "fr": "Impayée par le débiteur", "de": "Vom Schuldner nicht bezahlt"}'),
	('given_up', '{settled}', 'financier', false, '{"en": "The financier asks nothing back", "fr": "Recours abandonné", "de": "Rückgriff aufgegeben"}')
ON CONFLICT (reason) DO UPDATE SET to_states = EXCLUDED.to_states, side = EXCLUDED.side, dilution = EXCLUDED.dilution, labels = EXCLUDED.labels;

INSERT INTO @store@.assignment_transition AS t (from_state, to_state, side, needs, needs_reason, note) VALUES
	('proposed', 'accepted', 'financier', 'fund', false, 'the financier takes it, and dates the instruments'),
	('proposed', 'released', 'financier', 'fund', true, 'it declines'),
	('proposed', 'released', 'seller', 'finance', true, 'withdrawn before it was accepted'),
	('accepted', 'notified', 'tenant', 'finance', false, 'debtors are told, or the status is kept where they are not to be'),
	('accepted', 'released', 'financier', 'fund', true, 'given up before it was paid'),
	('notified', 'settled', 'financier', 'fund', false, 'the financier has paid the assignors'),
	('notified', 'released', 'financier', 'fund', true, 'given up before it was paid: debtors are told that they pay the assignor'),
	('settled', 'repaid', 'financier', 'fund', false, 'what the assignor collected was passed on, where debtors were not told'),
	('settled', 'repaid', 'ledger', 'pay', false, 'the debtor has paid all of it'),
	('settled', 'recourse', 'financier', 'fund', true, 'the financier asks the assignor to pay back'),
	('recourse', 'settled', 'financier', 'fund', false, 'a part was paid back, or nothing is asked any more: the rest is still the financier''s'),
	('recourse', 'released', 'financier', 'fund', false, 'all was paid back: the receivable is the assignor''s again'),
	('recourse', 'repaid', 'financier', 'fund', false, 'paid in part by the debtor, the rest paid back'),
	('recourse', 'repaid', 'ledger', 'pay', false, 'the debtor has paid after all'),
	('repaid', 'settled', 'ledger', 'pay', false, 'a payment came back')
ON CONFLICT (from_state, to_state, side) DO UPDATE SET needs = EXCLUDED.needs, needs_reason = EXCLUDED.needs_reason, note = EXCLUDED.note;

CREATE OR REPLACE FUNCTION @store@.own_assignments() RETURNS TABLE (tenant_id bigint, assignment_id bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT i.tenant_id, i.assignment_id FROM @store@.assignment_item i
	JOIN @store@.own_seller_keys() k ON k.tenant_id = i.tenant_id AND k.seller_key = i.seller_key;
END;
$code$;
COMMENT ON FUNCTION @store@.own_assignments() IS 'Assignments with receivables of the caller, as a supplier.';

DO $policies$
DECLARE
	v_table text;
BEGIN
	FOREACH v_table IN ARRAY '{assignment,assignment_item,assignment_act,act_signature,assignment_event}'::text[] LOOP
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS tenant ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY tenant ON @store@.%I FOR SELECT USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t))', v_table);
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS store ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS actor ON @store@.%I', v_table);
		IF v_table IN ('assignment', 'assignment_item') THEN
			EXECUTE pg_catalog.format('CREATE POLICY store ON @store@.%I USING ((SELECT @store@.in_store()))', v_table);
		ELSE
			EXECUTE pg_catalog.format('CREATE POLICY store ON @store@.%I FOR SELECT USING ((SELECT @store@.in_store()))', v_table);
			EXECUTE pg_catalog.format('CREATE POLICY actor ON @store@.%I FOR INSERT WITH CHECK (%I = clex.caller())', v_table, CASE v_table WHEN 'assignment_act' THEN 'made_by' ELSE 'actor' END);
		END IF;
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS financier ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS scope_seller ON @store@.%I', v_table);
	END LOOP;
	FOREACH v_table IN ARRAY '{assignment,assignment_item}'::text[] LOOP
		EXECUTE pg_catalog.format('CREATE POLICY financier ON @store@.%I FOR SELECT USING ((tenant_id, financier_id) IN (SELECT f.tenant_id, f.financier_id FROM @store@.own_financiers() f))', v_table);
	END LOOP;
	FOREACH v_table IN ARRAY '{assignment_item,assignment_act}'::text[] LOOP
		EXECUTE pg_catalog.format('CREATE POLICY scope_seller ON @store@.%I FOR SELECT USING ((tenant_id, seller_key) IN (SELECT k.tenant_id, k.seller_key FROM @store@.own_seller_keys() k))', v_table);
	END LOOP;
	-- what a financier's steps read and change of invoices, within the store's functions alone: they ask whose an invoice is
	FOREACH v_table IN ARRAY '{invoice_state,invoice,document,note_link,dispute,status_event}'::text[] LOOP
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS financier ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY financier ON @store@.%I FOR SELECT USING ((SELECT @store@.in_store()) AND tenant_id IN (SELECT f.tenant_id FROM @store@.own_financiers() f))', v_table);
	END LOOP;
	DROP POLICY IF EXISTS financier_change ON @store@.invoice_state;
	CREATE POLICY financier_change ON @store@.invoice_state FOR UPDATE
		USING ((SELECT @store@.in_store()) AND tenant_id IN (SELECT f.tenant_id FROM @store@.own_financiers() f));
	-- which statuses there are, for steps of financiers, who are no members
	FOREACH v_table IN ARRAY '{lifecycle,lifecycle_status,lifecycle_transition,lifecycle_reason}'::text[] LOOP
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS store ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY store ON @store@.%I FOR SELECT USING ((SELECT @store@.in_store()))', v_table);
	END LOOP;
END;
$policies$;
CREATE POLICY scope_seller ON @store@.assignment FOR SELECT
	USING ((tenant_id, id) IN (SELECT a.tenant_id, a.assignment_id FROM @store@.own_assignments() a));
CREATE POLICY financier ON @store@.assignment_act FOR SELECT
	USING (EXISTS (SELECT FROM @store@.assignment a JOIN @store@.own_financiers() f ON f.tenant_id = a.tenant_id AND f.financier_id = a.financier_id
		WHERE a.tenant_id = assignment_act.tenant_id AND a.id = assignment_act.assignment_id));
CREATE POLICY financier ON @store@.assignment_event FOR SELECT
	USING (EXISTS (SELECT FROM @store@.assignment a JOIN @store@.own_financiers() f ON f.tenant_id = a.tenant_id AND f.financier_id = a.financier_id
		WHERE a.tenant_id = assignment_event.tenant_id AND a.id = assignment_event.assignment_id));
-- of an assignment of several sellers each sees what is said of all, and of its own invoices
CREATE POLICY scope_seller ON @store@.assignment_event FOR SELECT
	USING (EXISTS (SELECT FROM @store@.assignment_item i JOIN @store@.own_seller_keys() k ON k.tenant_id = i.tenant_id AND k.seller_key = i.seller_key
		WHERE i.tenant_id = assignment_event.tenant_id AND i.assignment_id = assignment_event.assignment_id
			AND i.document_id = COALESCE(assignment_event.document_id, i.document_id)));
CREATE POLICY scope_seller ON @store@.act_signature FOR SELECT
	USING (EXISTS (SELECT FROM @store@.assignment_act a WHERE a.tenant_id = act_signature.tenant_id AND a.id = act_signature.act_id));

CREATE OR REPLACE FUNCTION @store@.assignment_of(p_tenant_id bigint, assignment_id bigint) RETURNS @store@.assignment
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_assignment @store@.assignment;
BEGIN
	IF p_tenant_id NOT IN (SELECT t FROM @store@.readable_tenants() t) AND @store@.financier_of_caller(p_tenant_id) IS NULL
		AND NOT EXISTS (SELECT FROM @store@.own_parties() p WHERE p.tenant_id = p_tenant_id)
	THEN
		RAISE EXCEPTION 'role "%" has nothing to do with assignments of tenant %', clex.caller(), p_tenant_id USING ERRCODE = 'insufficient_privilege';
	END IF;
	-- others may not learn that there is one
	IF EXISTS (SELECT FROM @store@.assignment a WHERE a.tenant_id = p_tenant_id AND a.id = assignment_of.assignment_id
		AND (p_tenant_id IN (SELECT t FROM @store@.readable_tenants() t) OR a.financier_id = @store@.financier_of_caller(p_tenant_id)
			OR EXISTS (SELECT FROM @store@.own_assignments() o WHERE o.tenant_id = p_tenant_id AND o.assignment_id = a.id)))
	THEN
		-- invoices before what is decided about them together, the lowest first
		PERFORM FROM @store@.invoice_state s
		WHERE s.tenant_id = p_tenant_id
			AND s.document_id IN (SELECT i.document_id FROM @store@.assignment_item i WHERE i.tenant_id = p_tenant_id AND i.assignment_id = assignment_of.assignment_id)
		ORDER BY s.document_id FOR NO KEY UPDATE;
		SELECT * INTO v_assignment FROM @store@.assignment a WHERE a.tenant_id = p_tenant_id AND a.id = assignment_of.assignment_id FOR NO KEY UPDATE;
	END IF;
	IF v_assignment.id IS NULL THEN
		RAISE EXCEPTION 'tenant % has no assignment %', p_tenant_id, assignment_of.assignment_id USING ERRCODE = 'no_data_found', HINT = 'View assignments lists those you may see.';
	END IF;
	RETURN v_assignment;
END;
$code$;
COMMENT ON FUNCTION @store@.assignment_of(bigint, bigint) IS 'Part of functions that take steps of assignments: locks the invoices, then the assignment. Errors: 42501, P0002 no such assignment, or not one the caller may see.';

CREATE OR REPLACE FUNCTION @store@.require_step(p_tenant_id bigint, assignment @store@.assignment, from_state text, to_state text, reason text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_step @store@.assignment_transition;
	v_who text;
	v_reasons text[];
BEGIN
	FOR v_step IN
		SELECT t.* FROM @store@.assignment_transition t
		WHERE t.from_state = require_step.from_state AND t.to_state = require_step.to_state AND t.side <> 'ledger' ORDER BY t.side
	LOOP
		v_who := concat_ws(', ', v_who, format('%s with the right %s', v_step.side, v_step.needs));
		CONTINUE WHEN CASE v_step.side
			WHEN 'financier' THEN @store@.is_operator() OR assignment.financier_id = @store@.financier_of_caller(p_tenant_id)
			WHEN 'tenant' THEN @store@.has_right(p_tenant_id, v_step.needs)
			ELSE @store@.has_right(p_tenant_id, v_step.needs) OR NOT EXISTS (SELECT FROM @store@.assignment_item i
				WHERE i.tenant_id = p_tenant_id AND i.assignment_id = assignment.id AND NOT @store@.has_right(p_tenant_id, v_step.needs, i.document_id)) END IS NOT TRUE;
		v_reasons := ARRAY(SELECT r.reason FROM @store@.assignment_reason r WHERE require_step.to_state = ANY (r.to_states) AND r.side = v_step.side ORDER BY r.reason);
		IF require_step.reason = ANY (v_reasons) OR require_step.reason IS NULL AND NOT v_step.needs_reason THEN
			RETURN;
		END IF;
	END LOOP;
	IF v_reasons IS NOT NULL AND (reason IS NULL OR NOT EXISTS (SELECT FROM @store@.assignment_reason r WHERE r.reason = require_step.reason AND require_step.to_state = ANY (r.to_states))) THEN
		RAISE EXCEPTION 'not a reason for that step: %', COALESCE(reason, 'none') USING
			ERRCODE = 'invalid_parameter_value',
			HINT = format('Reasons are: %s.', array_to_string(v_reasons, ', '));
	END IF;
	IF v_who IS NULL THEN
		RAISE EXCEPTION 'assignment % cannot go from "%" to "%"', assignment.id, from_state, to_state USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = format('From there it can become: %s.', COALESCE((SELECT string_agg(DISTINCT t.to_state, ', ' ORDER BY t.to_state) FROM @store@.assignment_transition t
				WHERE t.from_state = require_step.from_state AND t.side <> 'ledger'), 'nothing'));
	END IF;
	RAISE EXCEPTION 'role "%" may not take assignment % from "%" to "%"', clex.caller(), assignment.id, from_state, to_state USING
		ERRCODE = 'insufficient_privilege',
		HINT = format('Who may: %s.', v_who);
END;
$code$;
COMMENT ON FUNCTION @store@.require_step(bigint, @store@.assignment, text, text, text) IS 'Part of functions that take steps of assignments: raises unless table assignment_transition lets the caller take that one, for that reason. Errors: 42501 not the caller''s to take, 55000 no such step, 22023 not a reason for it.';

CREATE OR REPLACE FUNCTION @store@.note_step(p_tenant_id bigint, assignment_id bigint, from_state text, to_state text, document_id bigint DEFAULT NULL, reason text DEFAULT NULL,
	amount numeric DEFAULT NULL, message text DEFAULT NULL, event_key text DEFAULT NULL) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
	INSERT INTO @store@.assignment_event (tenant_id, assignment_id, document_id, from_state, to_state, reason, amount, message, event_key)
	VALUES (note_step.p_tenant_id, note_step.assignment_id, note_step.document_id, note_step.from_state, note_step.to_state, note_step.reason, note_step.amount,
		note_step.message, note_step.event_key);
END;
COMMENT ON FUNCTION @store@.note_step(bigint, bigint, text, text, bigint, text, numeric, text, text) IS 'Part of functions that take steps of assignments: keeps what happened.';

CREATE OR REPLACE FUNCTION @store@.assign_invoices(
	p_tenant_id bigint,
	financier text,
	documents bigint[],
	settlement_date date,
	rates numeric[] DEFAULT NULL,
	source text DEFAULT 'direct',
	source_key text DEFAULT NULL,
	disclosed boolean DEFAULT true,
	instrument text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
SET jit = off    -- many expressions over some thousand rows: compiling them takes longer than they do
SET enable_memoize = off    -- documents are no keys to be remembered
AS $code$
#variable_conflict use_column
DECLARE
	v_financier @store@.financier;
	v_line @store@.financier_line;
	v_assignment @store@.assignment;
	v_calendar text := @store@.finance_setting(p_tenant_id, 'calendar', 'TARGET');
	v_documents bigint[] := ARRAY(SELECT DISTINCT d FROM unnest(documents) d WHERE d IS NOT NULL ORDER BY d);
	v_size constant int[] := ARRAY[cardinality(v_documents)];
	v_currency text;
	v_id bigint;
	v_count bigint;
	v_wrong record;
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	v_financier := @store@.financier_by_code(p_tenant_id, assign_invoices.financier);
	IF (cardinality(assign_invoices.documents) = cardinality(v_documents) AND cardinality(v_documents) > 0) IS NOT TRUE
		OR cardinality(assign_invoices.rates) <> cardinality(v_documents)
	THEN
		RAISE EXCEPTION 'invoices are named, each once, and with as many rates' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF NOT @store@.has_right(p_tenant_id, 'finance') THEN
		PERFORM @store@.require_right(p_tenant_id, 'finance', d) FROM unnest(assign_invoices.documents) d;
	END IF;
	INSERT INTO @store@.assignment AS a (tenant_id, financier_id, currency, settlement_date, instrument, disclosed, recourse, source, source_key, day_count, method, rounding, rule_version, account_name)
	VALUES (p_tenant_id, v_financier.financier_id, '', assign_invoices.settlement_date, @store@.instrument_for(p_tenant_id, v_financier, assign_invoices.instrument),
		assign_invoices.disclosed, false, assign_invoices.source, COALESCE(assign_invoices.source_key, gen_random_uuid()::text),
		@store@.finance_setting(p_tenant_id, 'day_count', 'ACT/360'), @store@.finance_setting(p_tenant_id, 'method', 'DISCOUNT_ON_FACE'), @store@.finance_setting(p_tenant_id, 'rounding', 'HALF_UP'),
		'clex ' || (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'clex'), v_financier.name)
	ON CONFLICT (tenant_id, source_key) DO NOTHING
	RETURNING a.id INTO v_id;
	IF v_id IS NULL THEN
		SELECT * INTO v_assignment FROM @store@.assignment a WHERE a.tenant_id = p_tenant_id AND a.source_key = assign_invoices.source_key;
		IF (v_assignment.financier_id, v_assignment.settlement_date) IS DISTINCT FROM (v_financier.financier_id, assign_invoices.settlement_date)
			OR ARRAY(SELECT i.document_id FROM @store@.assignment_item i WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id ORDER BY 1) <> v_documents
		THEN
			RAISE EXCEPTION 'source key "%" stands for another assignment', assign_invoices.source_key USING ERRCODE = 'unique_violation';
		END IF;
		RETURN v_assignment.id;
	END IF;

	IF NOT v_financier.active THEN
		RAISE EXCEPTION 'financier "%" takes nothing more over', v_financier.code USING ERRCODE = 'object_not_in_prerequisite_state';
	ELSIF assign_invoices.settlement_date < CURRENT_DATE OR NOT clex.is_business_day(assign_invoices.settlement_date, v_calendar) THEN
		RAISE EXCEPTION '% is no day on which anything is settled', assign_invoices.settlement_date USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('It is %s.', CASE WHEN assign_invoices.settlement_date < CURRENT_DATE THEN 'past' ELSE 'closed in calendar ' || v_calendar END),
			HINT = format('The next day is %s; financing_choices() lists days with their price.', clex.adjust(GREATEST(assign_invoices.settlement_date, CURRENT_DATE), 'FOLLOWING', v_calendar));
	END IF;
	-- one claim on each, new or taken over from the auction that this comes from; invoices are locked from here on
	IF assign_invoices.source = 'auction' THEN
		PERFORM @store@.turn_claims(p_tenant_id, v_documents, 'auction', array_fill(substring(assign_invoices.source_key FROM '^auction/([0-9]{1,18})/')::bigint, v_size), 'assignment',
			v_financier.code, array_fill(v_id, v_size));
	ELSE
		PERFORM @store@.claim_invoices(p_tenant_id, v_documents, 'assignment', v_financier.code, array_fill(v_id, v_size));
	END IF;
	-- claimed for an auction, while a payment to an earlier financier came back
	IF EXISTS (SELECT FROM @store@.assignment_item i WHERE i.tenant_id = p_tenant_id AND i.document_id = ANY (v_documents) AND i.state NOT IN ('repaid', 'released')) THEN
		RAISE EXCEPTION 'an invoice cannot be assigned: another financier has it outstanding' USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	SELECT min(c.currency) AS currency, max(c.currency) AS other INTO v_wrong
	FROM unnest(v_documents) d
	CROSS JOIN LATERAL (SELECT x.currency FROM @store@.claim x WHERE x.tenant_id = p_tenant_id AND x.document_id = d OFFSET 0) c;
	v_currency := v_wrong.currency;
	v_line := @store@.line_on(p_tenant_id, v_financier.financier_id, v_currency, assign_invoices.settlement_date);
	IF v_wrong.other <> v_wrong.currency THEN
		RAISE EXCEPTION 'an assignment is of one currency' USING ERRCODE = 'invalid_parameter_value', HINT = 'Make one for each.';
	ELSIF v_line.currency IS NULL THEN
		RAISE EXCEPTION 'financier "%" has no line in % on %', v_financier.code, v_currency, assign_invoices.settlement_date USING
			ERRCODE = 'object_not_in_prerequisite_state', HINT = 'View financier_lines lists its lines.';
	ELSIF NOT assign_invoices.disclosed AND EXISTS (SELECT FROM @store@.invoice_state s
		WHERE s.tenant_id = p_tenant_id AND s.document_id = ANY (v_documents) AND s.direction <> 'sale')
	THEN
		RAISE EXCEPTION 'what the tenant has bought cannot be assigned without its knowing' USING
			ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'The debtor of an invoice that was bought is the tenant itself.';
	ELSIF assign_invoices.disclosed AND v_line.iban IS NULL THEN
		RAISE EXCEPTION 'the line of financier "%" in % names no account to which debtors pay', v_financier.code, v_currency USING
			ERRCODE = 'object_not_in_prerequisite_state', HINT = 'set_line() names it.';
	END IF;
	UPDATE @store@.assignment a SET currency = v_currency, recourse = v_line.recourse, iban = v_line.iban, bic = v_line.bic, account_name = COALESCE(v_line.account_name, v_financier.name)
	WHERE a.tenant_id = p_tenant_id AND a.id = v_id
	RETURNING * INTO v_assignment;
	INSERT INTO @store@.assignment_item (tenant_id, assignment_id, document_id, financier_id, state, direction, number, issue_date, due_date, face, vat, amount, rate, days, discount,
		paid_before, seller_name, seller_id, seller_address, seller_iban, debtor_name, debtor_id, debtor_party, place, keys, seller_key)
	-- invoices are looked up one by one (OFFSET 0), few among all that there are; many have few debtors, and each of these is looked up once
	WITH offered AS MATERIALIZED (
		SELECT l.document_id, l.direction, l.due_date, l.face, l.undisputed, l.paid, l.party_id, l.entity_id, w.rate, i.number, i.issue_date, i.vat, i.seller_name, i.seller_key, i.seller_country, i.buyer_name,
			x.*, COALESCE(@store@.siren_of(i.document, 'BT-30', 'BT-31'), clex.value(i.document, 'BT-30'), i.seller_vat_id) AS seller_id,
			NULLIF(concat_ws(', ', clex.value(i.document, 'BT-35'), concat_ws(' ', clex.value(i.document, 'BT-38'), x.city), clex.value(i.document, 'BT-40')), '') AS seller_address,
			left(COALESCE(x.debtor_keys[1], x.debtor_keys[2], x.debtor_keys[3], i.buyer_name), 200) AS debtor_id
		FROM unnest(assign_invoices.documents, COALESCE(assign_invoices.rates, array_fill(v_line.rate, ARRAY[cardinality(assign_invoices.documents)]))) w (id, rate)
		CROSS JOIN LATERAL (SELECT y.amount FROM @store@.claim y WHERE y.tenant_id = p_tenant_id AND y.document_id = w.id OFFSET 0) c
		CROSS JOIN LATERAL (SELECT * FROM @store@.ledger y WHERE y.tenant_id = p_tenant_id AND y.document_id = w.id OFFSET 0) l
		CROSS JOIN LATERAL (SELECT * FROM @store@.invoice y WHERE y.tenant_id = p_tenant_id AND y.document_id = w.id OFFSET 0) i
		CROSS JOIN LATERAL (SELECT ARRAY[i.buyer_vat_id, clex.value(i.document, 'BT-47'), clex.value(i.document, 'BT-46')] AS debtor_keys, clex.value(i.document, 'BT-37') AS city,
			clex.value(i.document, 'BT-55') AS debtor_country, upper(regexp_replace(clex.value(i.document, 'BT-84'), '\s', '', 'g')) AS seller_iban OFFSET 0) x
		WHERE w.rate IS NOT NULL AND l.due_date >= v_assignment.settlement_date AND l.undisputed >= c.amount
	), debtor AS MATERIALIZED (
		SELECT k.debtor_keys, @store@.party_of(p_tenant_id, k.debtor_keys) AS party_id FROM (SELECT DISTINCT o.debtor_keys FROM offered o) k
	)
	SELECT p_tenant_id, v_id, o.document_id, v_financier.financier_id, 'proposed', o.direction, o.number, o.issue_date, o.due_date, o.face, o.vat, o.undisputed, o.rate,
		clex.days(v_assignment.settlement_date, o.due_date, v_assignment.day_count),
		clex.discount_amount(o.undisputed, o.rate, v_assignment.settlement_date, o.due_date, v_assignment.day_count, v_assignment.method, v_currency, v_assignment.rounding),
		o.paid, o.seller_name, o.seller_id, o.seller_address, o.seller_iban, o.buyer_name, o.debtor_id, p.debtor, COALESCE(o.seller_iban, o.city),
		ARRAY['*', COALESCE(o.debtor_id, '?'), COALESCE(o.seller_key, '?'), COALESCE(o.debtor_country, '?'), COALESCE(o.seller_country, '?'), COALESCE(
			(SELECT s.sector FROM @store@.party_sector s WHERE s.tenant_id = p_tenant_id AND s.party_id = p.debtor), '?'), COALESCE(
			(SELECT s.sector FROM @store@.party_sector s WHERE s.tenant_id = p_tenant_id AND s.party_id = p.seller), '?')],
		o.seller_key
	FROM offered o
	LEFT JOIN debtor b ON b.debtor_keys = o.debtor_keys
	LEFT JOIN @store@.entity e ON e.tenant_id = p_tenant_id AND e.id = o.entity_id
	CROSS JOIN LATERAL (SELECT
		COALESCE(CASE o.direction WHEN 'sale' THEN o.party_id ELSE e.party_id END, b.party_id) AS debtor,
		COALESCE(CASE o.direction WHEN 'sale' THEN e.party_id ELSE o.party_id END, @store@.party_of(p_tenant_id, ARRAY[o.seller_key])) AS seller) p;
	GET DIAGNOSTICS v_count = ROW_COUNT;
	IF v_count < cardinality(v_documents) THEN
		SELECT l.number, l.undisputed, c.amount INTO v_wrong FROM @store@.claim c
		JOIN @store@.ledger l ON l.tenant_id = c.tenant_id AND l.document_id = c.document_id
		WHERE c.tenant_id = p_tenant_id AND c.document_id = ANY (v_documents) AND l.undisputed < c.amount
		ORDER BY c.document_id LIMIT 1;
		IF FOUND THEN
			RAISE EXCEPTION 'invoice "%" is worth less than when it was claimed', v_wrong.number USING
				ERRCODE = 'object_not_in_prerequisite_state',
				DETAIL = format('%s of %s is open and undisputed.', v_wrong.undisputed, v_wrong.amount),
				HINT = 'Take it out of the awards.';
		END IF;
	END IF;
	SELECT i.number, s.due_date INTO v_wrong
	FROM @store@.invoice i
	JOIN @store@.invoice_state s ON s.tenant_id = i.tenant_id AND s.document_id = i.document_id
	WHERE i.tenant_id = p_tenant_id AND i.document_id = (SELECT min(x.id) FROM (
		SELECT t.document_id AS id FROM @store@.assignment_item t
		WHERE t.tenant_id = p_tenant_id AND t.assignment_id = v_id AND (t.days < v_line.min_days OR t.days > v_line.max_days OR t.discount >= t.amount)
		UNION ALL (
		SELECT d FROM unnest(v_documents) d WHERE v_count < cardinality(v_documents)
		EXCEPT SELECT t.document_id FROM @store@.assignment_item t WHERE v_count < cardinality(v_documents) AND t.tenant_id = p_tenant_id AND t.assignment_id = v_id)) x);
	IF FOUND THEN
		RAISE EXCEPTION 'invoice "%" cannot be settled on %', v_wrong.number, assign_invoices.settlement_date USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = CASE WHEN v_wrong.due_date IS NULL THEN 'It does not say when it is due.' WHEN v_wrong.due_date < assign_invoices.settlement_date THEN format('It is due before, on %s.', v_wrong.due_date)
				WHEN assign_invoices.rates IS NULL AND v_line.rate IS NULL OR array_position(assign_invoices.rates, NULL) IS NOT NULL THEN 'No rate is given, and the line has none.'
				ELSE format('It is due on %s; the line takes %s to %s days, at a price below the amount.', v_wrong.due_date, COALESCE(v_line.min_days, 0), COALESCE(v_line.max_days::text, 'any number of')) END;
	END IF;
	PERFORM @store@.count_items(p_tenant_id, v_id, NULL, 1);
	PERFORM @store@.write_acts(p_tenant_id, v_assignment, v_financier);
	PERFORM @store@.note_step(p_tenant_id, v_id, NULL, 'proposed');
	PERFORM @store@.record_event(p_tenant_id, 'assign_invoices', 'assignment', v_id::text, NULL, jsonb_build_object('financier', v_financier.code, 'currency', v_currency,
		'settlement_date', v_assignment.settlement_date, 'source', v_assignment.source, 'source_key', v_assignment.source_key, 'invoices', cardinality(assign_invoices.documents)));
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.assign_invoices(bigint, text, bigint[], date, numeric[], text, text, boolean, text) IS
'Proposes invoices of one currency to a financier: what is open and undisputed of each, at a rate (fractions a year; NULL = that of its line), to be paid on a business day (setting finance.calendar, TARGET) not after any due date. Each gets its claim, or that of the auction which source (auction) and source_key (auction/<number>/…) name is turned into it; limits are used from now on; the instruments are written. disclosed: whether debtors are told; what the tenant bought cannot be assigned without. instrument: NULL = the first one the financier may use by law. All or nothing. The same source_key again is the same assignment. Returns its number. For personas with the right finance, suppliers for their own invoices. Errors: 42501, P0002 no such financier or invoice, 22023 day, rate, currencies or instrument, 55000 no line, no room in a limit, an invoice that cannot be claimed, 23505 the key of another assignment.';

REVOKE ALL ON FUNCTION @store@.assignment_of(bigint, bigint), @store@.require_step(bigint, @store@.assignment, text, text, text),
	@store@.note_step(bigint, bigint, text, text, bigint, text, numeric, text, text),
	@store@.assign_invoices(bigint, text, bigint[], date, numeric[], text, text, boolean, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.own_assignments(), @store@.assign_invoices(bigint, text, bigint[], date, numeric[], text, text, boolean, text) TO PUBLIC;
GRANT SELECT ON @store@.instrument, @store@.instrument_rule, @store@.act_default, @store@.act_mention, @store@.assignment_reason, @store@.assignment_transition,
	@store@.assignment, @store@.assignment_item, @store@.assignment_act, @store@.act_signature, @store@.assignment_event TO PUBLIC;
