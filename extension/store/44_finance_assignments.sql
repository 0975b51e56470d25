-- Module finance, assignments: receivables that a financier takes over, from the proposal to the day on which everybody has been paid.
--
-- An assignment is of one financier, one currency and one day of settlement; its items are invoices, each with what was assigned of it.  Which instrument may
-- be used hangs on what the financier is by law, and stands in a table, as do the words that an instrument must have and the steps that may follow each other.
-- For each assignor one instrument is written, as bytes that never change; a signature is a row beside it that names their hash.
-- Up to settlement the items go together; from then on each goes its own way: repaid by the debtor, or back to the assignor, in parts too.
-- The financier's price is between it and the assignor: it takes nothing off the invoice, and nothing off its VAT.

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

INSERT INTO @store@.instrument AS i (instrument, document, law) VALUES
	('dailly', 'bordereau', '{"fr": "articles L. 313-23 à L. 313-34 du code monétaire et financier", "en": "articles L. 313-23 to L. 313-34 of the French monetary and financial code", "de": "Artikel L. 313-23 bis L. 313-34 des französischen Währungs- und Finanzgesetzbuchs"}'),
	('subrogation', 'quittance', '{"fr": "articles 1346-1 et suivants du code civil", "en": "articles 1346-1 ff. of the French civil code", "de": "Artikel 1346-1 ff. des französischen Zivilgesetzbuchs"}'),
	('civil', 'deed', '{"fr": "articles 1321 et suivants du code civil", "en": "articles 1321 ff. of the French civil code", "de": "Artikel 1321 ff. des französischen Zivilgesetzbuchs"}')
ON CONFLICT (instrument) DO UPDATE SET document = EXCLUDED.document, law = EXCLUDED.law;

INSERT INTO @store@.instrument_rule AS r (legal_status, instrument, ordinal, needs_authorisation, source) VALUES
	('credit_institution', 'dailly', 1, false, 'CMF L313-23'),
	('credit_institution', 'subrogation', 2, false, 'C. civ. 1346-1'),
	('credit_institution', 'civil', 3, false, 'C. civ. 1321'),
	('financing_company', 'dailly', 1, false, 'CMF L313-23'),
	('financing_company', 'subrogation', 2, false, 'C. civ. 1346-1'),
	('financing_company', 'civil', 3, false, 'C. civ. 1321'),
	-- some funds may take a bordereau, by law or licence, and say which
	('fund', 'civil', 1, false, 'C. civ. 1321'),
	('fund', 'dailly', 2, true, 'CMF L313-23'),
	('other', 'civil', 1, false, 'C. civ. 1321'),
	('other', 'subrogation', 2, false, 'C. civ. 1346-1')
ON CONFLICT (legal_status, instrument) DO UPDATE SET ordinal = EXCLUDED.ordinal, needs_authorisation = EXCLUDED.needs_authorisation, source = EXCLUDED.source;

INSERT INTO @store@.act_default AS d (instrument, part, wording) VALUES
	('dailly', 'head', $text$BORDEREAU N° {reference}
acte de cession de créances professionnelles

Le présent bordereau est soumis aux dispositions des articles L. 313-23 à L. 313-34 du code monétaire et financier.

Cédant : {assignor} ({assignor_id}), {assignor_address}
Bénéficiaire : {assignee} ({assignee_id}), {assignee_address}
Monnaie : {currency}
Date : celle que le bénéficiaire appose ; la cession prend effet à cette date.

Le cédant transmet au bénéficiaire, qui en devient propriétaire, les créances suivantes :
$text$),
	('dailly', 'list', $text$Les créances sont transmises par un procédé informatique permettant de les identifier : fichier CSV joint, empreinte SHA-256 {list_hash}.
$text$),
	('dailly', 'foot', $text$Nombre de créances : {count}
Montant global : {total} {currency}
Prix : escompte {discount} {currency}, net versé {net} {currency} le {value_date}
Recours contre le cédant en cas de défaillance du débiteur : {recourse, select, true {oui} other {non}}
$text$),
	('subrogation', 'head', $text$QUITTANCE SUBROGATIVE N° {reference}

Le {value_date}, {assignor} ({assignor_id}), {assignor_address}, reçoit de {assignee} ({assignee_id}), {assignee_address}, le paiement de {total} {currency}, montant des factures désignées ci-dessous ; les frais financiers de {discount} {currency} sont dus par ailleurs et compensés.
Par la présente et en même temps que le paiement, {assignor} subroge expressément {assignee} dans tous ses droits et actions contre les débiteurs, avec leurs accessoires (article 1346-1 du code civil).
Monnaie : {currency}

Factures :
$text$),
	('subrogation', 'list', $text$La liste des factures est transmise par un procédé informatique : fichier CSV joint, empreinte SHA-256 {list_hash}.
$text$),
	('subrogation', 'foot', $text$Nombre de factures : {count}
Montant global : {total} {currency}
Recours contre le créancier en cas de défaillance du débiteur : {recourse, select, true {oui} other {non}}
$text$),
	('civil', 'head', $text$ACTE DE CESSION DE CRÉANCES N° {reference}

Le présent acte est soumis aux articles 1321 et suivants du code civil.

Cédant : {assignor} ({assignor_id}), {assignor_address}
Cessionnaire : {assignee} ({assignee_id}), {assignee_address}
Monnaie : {currency}

Le cédant cède au cessionnaire, qui accepte, les créances suivantes et leurs accessoires :
$text$),
	('civil', 'list', $text$La liste des créances est transmise par un procédé informatique : fichier CSV joint, empreinte SHA-256 {list_hash}.
$text$),
	('civil', 'foot', $text$Nombre de créances : {count}
Montant global : {total} {currency}
Prix de cession : {net} {currency}, payable le {value_date}
Garantie de la solvabilité du débiteur : {recourse, select, true {oui} other {non}}
La cession est opposable au débiteur une fois qu''elle lui a été notifiée ou qu''il en a pris acte (article 1324).
$text$)
ON CONFLICT (instrument, part) DO UPDATE SET wording = EXCLUDED.wording;

INSERT INTO @store@.act_mention AS m (instrument, mention, ordinal, kind, needed, applies, source) VALUES
	('dailly', 'title', 1, 'words', 'acte de cession de créances professionnelles', 'always', 'CMF L313-23 1°'),
	('dailly', 'law', 2, 'words', 'articles L. 313-23 à L. 313-34 du code monétaire et financier', 'always', 'CMF L313-23 2°'),
	('dailly', 'beneficiary', 3, 'assignment', 'assignee', 'always', 'CMF L313-23 3°'),
	('dailly', 'debtor', 4, 'item', 'debtor', 'paper', 'CMF L313-23 4°'),
	('dailly', 'place', 5, 'item', 'place', 'paper', 'CMF L313-23 4°'),
	('dailly', 'amount', 6, 'item', 'amount', 'paper', 'CMF L313-23 4°'),
	('dailly', 'due_date', 7, 'item', 'due', 'paper', 'CMF L313-23 4°'),
	('dailly', 'means', 8, 'words', 'procédé informatique permettant de les identifier', 'electronic', 'CMF L313-23'),
	('dailly', 'file', 9, 'assignment', 'list_hash', 'electronic', 'CMF L313-23'),
	('dailly', 'count', 10, 'assignment', 'count', 'electronic', 'CMF L313-23'),
	('dailly', 'total', 11, 'assignment', 'total', 'electronic', 'CMF L313-23'),
	('dailly', 'signature', 12, 'signature', 'assignor', 'always', 'CMF L313-25'),
	('dailly', 'date', 13, 'date', 'assignee', 'always', 'CMF L313-27'),
	('subrogation', 'express', 1, 'words', 'subroge expressément', 'always', 'C. civ. 1346-1'),
	('subrogation', 'concurrent', 2, 'words', 'en même temps que le paiement', 'always', 'C. civ. 1346-1'),
	('subrogation', 'payment_date', 3, 'assignment', 'value_date', 'always', 'C. civ. 1346-1'),
	('subrogation', 'payer', 4, 'assignment', 'assignee', 'always', 'C. civ. 1346-1'),
	('subrogation', 'total', 5, 'assignment', 'total', 'always', 'C. civ. 1346-4'),
	('subrogation', 'invoice', 6, 'item', 'number', 'paper', 'C. civ. 1346-1'),
	('subrogation', 'debtor', 7, 'item', 'debtor', 'paper', 'C. civ. 1346-1'),
	('subrogation', 'amount', 8, 'item', 'amount', 'paper', 'C. civ. 1346-4'),
	('subrogation', 'file', 9, 'assignment', 'list_hash', 'electronic', 'C. civ. 1346-1'),
	('subrogation', 'signature', 10, 'signature', 'assignor', 'always', 'C. civ. 1346-1'),
	('civil', 'law', 1, 'words', 'articles 1321 et suivants du code civil', 'always', 'C. civ. 1321'),
	('civil', 'assignee', 2, 'assignment', 'assignee', 'always', 'C. civ. 1321'),
	('civil', 'invoice', 3, 'item', 'number', 'paper', 'C. civ. 1321'),
	('civil', 'debtor', 4, 'item', 'debtor', 'paper', 'C. civ. 1321'),
	('civil', 'amount', 5, 'item', 'amount', 'paper', 'C. civ. 1321'),
	('civil', 'file', 6, 'assignment', 'list_hash', 'electronic', 'C. civ. 1321'),
	('civil', 'signature', 7, 'signature', 'assignor', 'always', 'C. civ. 1322')
ON CONFLICT (instrument, mention) DO UPDATE SET ordinal = EXCLUDED.ordinal, kind = EXCLUDED.kind, needed = EXCLUDED.needed, applies = EXCLUDED.applies, source = EXCLUDED.source;

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

CREATE OR REPLACE FUNCTION @store@.own_assigned_documents() RETURNS TABLE (tenant_id bigint, document_id bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT i.tenant_id, i.document_id FROM @store@.own_financiers() f
	JOIN @store@.assignment_item i ON i.tenant_id = f.tenant_id AND i.financier_id = f.financier_id AND i.state NOT IN ('repaid', 'released');
END;
$code$;
COMMENT ON FUNCTION @store@.own_assigned_documents() IS 'Invoices that are assigned to the caller, as a financier, and neither repaid nor released.';

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
	-- what a financier's steps read and change of invoices that are its own, within the store's functions alone
	FOREACH v_table IN ARRAY '{invoice_state,invoice,document,note_link,dispute,status_event}'::text[] LOOP
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS financier ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY financier ON @store@.%I FOR SELECT USING ((SELECT @store@.in_store()) AND (tenant_id, %I) IN (SELECT d.tenant_id, d.document_id FROM @store@.own_assigned_documents() d))',
			v_table, CASE v_table WHEN 'document' THEN 'id' ELSE 'document_id' END);
	END LOOP;
	-- and whether the notes that are linked to them count
	DROP POLICY IF EXISTS financier_note ON @store@.invoice_state;
	CREATE POLICY financier_note ON @store@.invoice_state FOR SELECT
		USING (is_credit AND (SELECT @store@.in_store()) AND (tenant_id, document_id) IN (SELECT n.tenant_id, n.note_id FROM @store@.note_link n));
	DROP POLICY IF EXISTS financier_change ON @store@.invoice_state;
	CREATE POLICY financier_change ON @store@.invoice_state FOR UPDATE
		USING ((SELECT @store@.in_store()) AND (tenant_id, document_id) IN (SELECT d.tenant_id, d.document_id FROM @store@.own_assigned_documents() d));
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

CREATE OR REPLACE FUNCTION @store@.instrument_for(p_tenant_id bigint, financier @store@.financier, wanted text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_rule @store@.instrument_rule;
BEGIN
	SELECT * INTO v_rule FROM @store@.instrument_rule r
	WHERE r.legal_status = financier.legal_status AND r.instrument = COALESCE(wanted, r.instrument) AND (NOT r.needs_authorisation OR financier.authorisation IS NOT NULL OR wanted IS NOT NULL)
	ORDER BY r.ordinal LIMIT 1;
	IF NOT FOUND OR v_rule.needs_authorisation AND financier.authorisation IS NULL THEN
		RAISE EXCEPTION 'financier "%" may not use instrument "%"', financier.code, wanted USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = CASE WHEN v_rule.instrument IS NULL THEN format('Its legal status is %s.', financier.legal_status)
				ELSE format('A %s must name what entitles it (%s).', financier.legal_status, v_rule.source) END,
			HINT = format('It may use: %s.', (SELECT string_agg(r.instrument, ', ' ORDER BY r.ordinal) FROM @store@.instrument_rule r
				WHERE r.legal_status = financier.legal_status AND (NOT r.needs_authorisation OR financier.authorisation IS NOT NULL)));
	END IF;
	RETURN v_rule.instrument;
END;
$code$;
COMMENT ON FUNCTION @store@.instrument_for(bigint, @store@.financier, text) IS 'Part of assign_invoices(): instrument that a financier may use by its legal status; wanted: NULL = the first one. Errors: 22023 not that one.';

CREATE OR REPLACE FUNCTION @store@.write_acts(p_tenant_id bigint, assignment @store@.assignment, financier @store@.financier) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET datestyle = 'ISO, YMD'    -- an instrument says a day in one way, whoever has it written
AS $code$
#variable_conflict use_column
DECLARE
	v_words jsonb := (SELECT jsonb_object_agg(d.part, d.wording) FROM @store@.act_default d WHERE d.instrument = assignment.instrument);
	v_most int := @store@.finance_setting(p_tenant_id, 'electronic_list_above', '100')::int;
	v_own jsonb := (SELECT s.value FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'finance.act_' || assignment.instrument);
	v_seller record;
	v_arguments jsonb;
	v_list bytea;
BEGIN
	v_words := v_words || COALESCE(v_own, '{}');
	FOR v_seller IN
		SELECT i.seller_key, min(i.seller_name) AS name, min(i.seller_id) AS id, min(i.seller_address) AS address, count(*)::int AS count, sum(i.amount) AS total,
			sum(i.discount) AS discount, sum(i.net) AS net, @store@.party_of(p_tenant_id, ARRAY[i.seller_key]) AS party_id,
			string_agg(concat_ws(' ; ', format('%s. facture %s du %s', i.n, i.number, i.issue_date), format('débiteur : %s', concat_ws(', ', i.debtor_name, i.debtor_id)),
				format('lieu de paiement : %s', i.place), format('montant : %s %s', i.amount, assignment.currency), format('échéance : %s', i.due_date)), E'\n' ORDER BY i.n) AS lines,
			string_agg(concat_ws(';', i.n, '"' || replace(concat_ws(' ', i.number), '"', '""') || '"', i.issue_date, '"' || replace(concat_ws(', ', i.debtor_name, i.debtor_id), '"', '""') || '"',
				'"' || replace(concat_ws(' ', i.place), '"', '""') || '"', i.amount, assignment.currency, i.due_date), E'\n' ORDER BY i.n) AS rows
		FROM (SELECT x.*, row_number() OVER (PARTITION BY x.seller_key ORDER BY x.due_date, x.document_id) AS n FROM @store@.assignment_item x
			WHERE x.tenant_id = p_tenant_id AND x.assignment_id = assignment.id) i
		GROUP BY i.seller_key ORDER BY i.seller_key
	LOOP
		v_list := CASE WHEN v_seller.count > v_most THEN convert_to(E'n;invoice;issued;debtor;place;amount;currency;due\n' || v_seller.rows || E'\n', 'UTF8') END;
		v_arguments := jsonb_build_object('reference', format('%s/%s', p_tenant_id, assignment.id), 'assignor', v_seller.name, 'assignor_id', v_seller.id,
			'assignor_address', v_seller.address, 'assignee', financier.name, 'assignee_id', financier.registration, 'assignee_address', financier.address,
			'currency', assignment.currency, 'count', v_seller.count::text, 'total', v_seller.total::text, 'discount', v_seller.discount::text, 'net', v_seller.net::text,
			'value_date', assignment.settlement_date::text, 'recourse', assignment.recourse::text, 'list_hash', encode(sha256(v_list), 'hex'));
		INSERT INTO @store@.assignment_act (tenant_id, assignment_id, kind, seller_key, seller_name, email, language, electronic, count, total, content, list)
		SELECT p_tenant_id, assignment.id, n.document, v_seller.seller_key, v_seller.name, p.email, p.language, v_list IS NOT NULL, v_seller.count, v_seller.total,
			convert_to(clex.format_message(v_words ->> 'head', v_arguments, 'fr')
				|| CASE WHEN v_list IS NULL THEN v_seller.lines || E'\n' ELSE clex.format_message(v_words ->> 'list', v_arguments, 'fr') END
				|| clex.format_message(v_words ->> 'foot', v_arguments, 'fr'), 'UTF8'), v_list
		FROM @store@.instrument n
		LEFT JOIN LATERAL (SELECT v.email, v.language FROM @store@.party_version v
			WHERE v.tenant_id = p_tenant_id AND v.party_id = v_seller.party_id AND v.valid_from <= CURRENT_DATE ORDER BY v.valid_from DESC LIMIT 1) p ON true
		WHERE n.instrument = assignment.instrument;
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.write_acts(bigint, @store@.assignment, @store@.financier) IS
'Part of assign_invoices(): writes the instrument of each assignor. Amounts and dates are written in digits (1234.50, 2026-05-31). Above setting finance.electronic_list_above receivables (100) they stand in a file. Setting finance.act_dailly (act_subrogation, act_civil) has words of the tenant''s own: {"head": …, "list": …, "foot": …}.';

CREATE OR REPLACE FUNCTION @store@.act_findings(p_tenant_id bigint, act_id bigint)
RETURNS TABLE (ordinal int, mention text, holds boolean, found text, needed text, source text)
LANGUAGE plpgsql STABLE ROWS 12
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'    -- an instrument says a day in one way, whoever has it written
AS $code$
#variable_conflict use_column
DECLARE
	v_act record;
	v_text text;
BEGIN
	SELECT a.*, s.instrument, s.settlement_date, s.currency, f.name AS assignee INTO v_act
	FROM @store@.assignment_act a
	JOIN @store@.assignment s ON s.tenant_id = a.tenant_id AND s.id = a.assignment_id
	JOIN @store@.financier f ON f.tenant_id = s.tenant_id AND f.financier_id = s.financier_id
	WHERE a.tenant_id = p_tenant_id AND a.id = act_findings.act_id;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	v_text := convert_from(v_act.content, 'UTF8');
	RETURN QUERY
	SELECT m.ordinal, m.mention, r.holds IS TRUE, r.found, m.needed, m.source
	FROM @store@.act_mention m
	CROSS JOIN LATERAL (
		SELECT v.value, CASE m.needed WHEN 'assignee' THEN v_act.assignee WHEN 'list_hash' THEN encode(sha256(v_act.list), 'hex') WHEN 'count' THEN v_act.count::text
			WHEN 'total' THEN v_act.total::text WHEN 'value_date' THEN v_act.settlement_date::text END AS wanted
		FROM (SELECT NULL) v (value)) w
	CROSS JOIN LATERAL (
		SELECT position(m.needed IN v_text) > 0 AS holds, CASE WHEN position(m.needed IN v_text) > 0 THEN m.needed END AS found WHERE m.kind = 'words'
		UNION ALL
		SELECT position(w.wanted IN v_text) > 0, CASE WHEN position(w.wanted IN v_text) > 0 THEN w.wanted END WHERE m.kind = 'assignment'
		UNION ALL
		-- each receivable says it, in the act's own words
		SELECT count(*) FILTER (WHERE x.value <> '' AND position(x.value IN v_text) > 0) = v_act.count,
			format('%s of %s', count(*) FILTER (WHERE x.value <> '' AND position(x.value IN v_text) > 0), v_act.count)
		FROM @store@.assignment_item i
		CROSS JOIN LATERAL (SELECT CASE m.needed WHEN 'debtor' THEN i.debtor_name WHEN 'place' THEN i.place WHEN 'amount' THEN i.amount::text || ' ' || v_act.currency
			WHEN 'due' THEN i.due_date::text WHEN 'number' THEN i.number END) x (value)
		WHERE m.kind = 'item' AND i.tenant_id = p_tenant_id AND i.assignment_id = v_act.assignment_id AND i.seller_key IS NOT DISTINCT FROM v_act.seller_key
		HAVING m.kind = 'item'
		UNION ALL
		SELECT g.act_id IS NOT NULL, CASE m.kind WHEN 'date' THEN g.dated_on::text ELSE g.signer END
		FROM (SELECT) one
		LEFT JOIN @store@.act_signature g ON g.tenant_id = p_tenant_id AND g.act_id = v_act.id AND g.side = m.needed AND g.sha256 = v_act.sha256
		WHERE m.kind IN ('signature', 'date')) r
	WHERE m.instrument = v_act.instrument AND m.applies IN ('always', CASE WHEN v_act.electronic THEN 'electronic' ELSE 'paper' END)
	ORDER BY m.ordinal;
END;
$code$;
COMMENT ON FUNCTION @store@.act_findings(bigint, bigint) IS
'What an instrument must say to be one (table act_mention), whether it does, what was found and needed, and where that is said. For an item: of how many receivables it is said. No row: no such instrument, or not one the caller may see.';

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
AS $code$
#variable_conflict use_column
DECLARE
	v_financier @store@.financier;
	v_line @store@.financier_line;
	v_assignment @store@.assignment;
	v_calendar text := @store@.finance_setting(p_tenant_id, 'calendar', 'TARGET');
	v_currency text;
	v_id bigint;
	v_wrong record;
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	v_financier := @store@.financier_by_code(p_tenant_id, assign_invoices.financier);
	IF assign_invoices.documents IS NULL OR cardinality(assign_invoices.documents) = 0 OR array_position(assign_invoices.documents, NULL) IS NOT NULL
		OR cardinality(assign_invoices.documents) <> (SELECT count(DISTINCT d) FROM unnest(assign_invoices.documents) d)
		OR cardinality(assign_invoices.rates) <> cardinality(assign_invoices.documents)
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
			OR ARRAY(SELECT i.document_id FROM @store@.assignment_item i WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id ORDER BY 1)
				<> ARRAY(SELECT d FROM unnest(assign_invoices.documents) d ORDER BY 1)
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
		PERFORM @store@.turn_claims(p_tenant_id, array_agg(d ORDER BY d), 'auction', array_agg(substring(assign_invoices.source_key FROM '^auction/([0-9]{1,18})/')::bigint ORDER BY d), 'assignment',
			v_financier.code, array_agg(v_id ORDER BY d))
		FROM unnest(assign_invoices.documents) d;
		SELECT l.number, l.undisputed, c.amount INTO v_wrong FROM @store@.claim c
		JOIN @store@.ledger l ON l.tenant_id = c.tenant_id AND l.document_id = c.document_id
		WHERE c.tenant_id = p_tenant_id AND c.kind = 'assignment' AND c.reference = v_id AND l.undisputed < c.amount ORDER BY c.document_id LIMIT 1;
		IF FOUND THEN
			RAISE EXCEPTION 'invoice "%" is worth less than when it was claimed', v_wrong.number USING
				ERRCODE = 'object_not_in_prerequisite_state',
				DETAIL = format('%s of %s is open and undisputed.', v_wrong.undisputed, v_wrong.amount),
				HINT = 'Take it out of the awards.';
		END IF;
	ELSE
		PERFORM @store@.claim_invoices(p_tenant_id, array_agg(d ORDER BY d), 'assignment', v_financier.code, array_agg(v_id ORDER BY d)) FROM unnest(assign_invoices.documents) d;
	END IF;
	SELECT min(l.currency) AS currency, count(DISTINCT l.currency) AS currencies, count(*) FILTER (WHERE l.direction <> 'sale') AS bought INTO v_wrong
	FROM unnest(assign_invoices.documents) d JOIN @store@.ledger l ON l.tenant_id = p_tenant_id AND l.document_id = d;
	v_currency := v_wrong.currency;
	v_line := @store@.line_on(p_tenant_id, v_financier.financier_id, v_currency, assign_invoices.settlement_date);
	IF v_wrong.currencies > 1 THEN
		RAISE EXCEPTION 'an assignment is of one currency' USING ERRCODE = 'invalid_parameter_value', HINT = 'Make one for each.';
	ELSIF v_line.currency IS NULL THEN
		RAISE EXCEPTION 'financier "%" has no line in % on %', v_financier.code, v_currency, assign_invoices.settlement_date USING
			ERRCODE = 'object_not_in_prerequisite_state', HINT = 'View financier_lines lists its lines.';
	ELSIF NOT assign_invoices.disclosed AND v_wrong.bought > 0 THEN
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
	SELECT p_tenant_id, v_id, l.document_id, v_financier.financier_id, 'proposed', l.direction, i.number, i.issue_date, l.due_date, l.face, i.vat, l.undisputed, w.rate,
		clex.days(v_assignment.settlement_date, l.due_date, v_assignment.day_count),
		clex.discount_amount(l.undisputed, w.rate, v_assignment.settlement_date, l.due_date, v_assignment.day_count, v_assignment.method, v_currency, v_assignment.rounding),
		l.paid, i.seller_name, COALESCE(@store@.siren_of(i.document, 'BT-30', 'BT-31'), clex.value(i.document, 'BT-30'), i.seller_vat_id),
		NULLIF(concat_ws(', ', clex.value(i.document, 'BT-35'), concat_ws(' ', clex.value(i.document, 'BT-38'), clex.value(i.document, 'BT-37')), clex.value(i.document, 'BT-40')), ''),
		upper(regexp_replace(clex.value(i.document, 'BT-84'), '\s', '', 'g')), i.buyer_name, k.debtor, p.debtor,
		COALESCE(upper(regexp_replace(clex.value(i.document, 'BT-84'), '\s', '', 'g')), clex.value(i.document, 'BT-37')),
		ARRAY['*', COALESCE(k.debtor, '?'), COALESCE(i.seller_key, '?'), COALESCE(clex.value(i.document, 'BT-55'), '?'), COALESCE(i.seller_country, '?'), COALESCE(
			(SELECT s.sector FROM @store@.party_sector s WHERE s.tenant_id = p_tenant_id AND s.party_id = p.debtor), '?'), COALESCE(
			(SELECT s.sector FROM @store@.party_sector s WHERE s.tenant_id = p_tenant_id AND s.party_id = p.seller), '?')],
		i.seller_key
	FROM unnest(assign_invoices.documents, COALESCE(assign_invoices.rates, array_fill(v_line.rate, ARRAY[cardinality(assign_invoices.documents)]))) w (id, rate)
	JOIN @store@.ledger l ON l.tenant_id = p_tenant_id AND l.document_id = w.id
	JOIN @store@.invoice i ON i.tenant_id = p_tenant_id AND i.document_id = w.id
	CROSS JOIN LATERAL (SELECT left(COALESCE(i.buyer_vat_id, clex.value(i.document, 'BT-47'), clex.value(i.document, 'BT-46'), i.buyer_name), 200) AS debtor) k
	CROSS JOIN LATERAL (SELECT @store@.party_of(p_tenant_id, ARRAY[i.buyer_vat_id, clex.value(i.document, 'BT-47'), clex.value(i.document, 'BT-46')]) AS debtor,
		@store@.party_of(p_tenant_id, ARRAY[i.seller_key, clex.value(i.document, 'BT-30'), clex.value(i.document, 'BT-29')]) AS seller) p
	WHERE w.rate IS NOT NULL AND l.due_date >= v_assignment.settlement_date;
	SELECT d AS id, l.number, l.due_date INTO v_wrong FROM unnest(assign_invoices.documents) d
	JOIN @store@.ledger l ON l.tenant_id = p_tenant_id AND l.document_id = d
	LEFT JOIN @store@.assignment_item i ON i.tenant_id = p_tenant_id AND i.assignment_id = v_id AND i.document_id = d
	WHERE i.document_id IS NULL OR i.days < v_line.min_days OR i.days > v_line.max_days OR i.discount >= i.amount ORDER BY d LIMIT 1;
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

CREATE OR REPLACE FUNCTION @store@.count_items(p_tenant_id bigint, assignment_id bigint, document_id bigint, factor numeric, amount numeric DEFAULT NULL, forced boolean DEFAULT false) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT @store@.use_limits(count_items.p_tenant_id, a.financier_id, a.currency, u.scopes, u.keys, u.amounts, count_items.forced)
	FROM @store@.assignment a
	CROSS JOIN LATERAL (
		SELECT pg_catalog.array_agg(s.scope) AS scopes, pg_catalog.array_agg(s.key) AS keys, pg_catalog.array_agg(s.amount) AS amounts
		FROM (
			SELECT k.scope, k.key, pg_catalog.sum(count_items.factor * COALESCE(count_items.amount, i.amount - i.repaid - i.bought_back)) AS amount
			FROM @store@.assignment_item i
			CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(@store@.limit_scopes()), pg_catalog.unnest(i.keys)) AS k (scope, key)
			WHERE i.tenant_id = a.tenant_id AND i.assignment_id = a.id AND i.document_id = COALESCE(count_items.document_id, i.document_id)
			GROUP BY k.scope, k.key) s) u
	WHERE a.tenant_id = count_items.p_tenant_id AND a.id = count_items.assignment_id;
END;
COMMENT ON FUNCTION @store@.count_items(bigint, bigint, bigint, numeric, numeric, boolean) IS 'Part of functions of assignments: counts what is outstanding of one invoice, or of all, or an amount of each, in limits (factor 1), or gives it back (-1); see use_limits().';

CREATE OR REPLACE FUNCTION @store@.post_letter(p_tenant_id bigint, template text, post_key text, arguments jsonb, language text, email text, document_id bigint DEFAULT NULL) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_words record;
BEGIN
	v_words := @store@.notice(p_tenant_id, post_letter.template, post_letter.language, post_letter.arguments);
	RETURN @store@.post_message(p_tenant_id, post_letter.post_key, 'mail', 'json', 'notice', convert_to(jsonb_build_object('notice', post_letter.template,
		'to', post_letter.email, 'language', v_words.written_in, 'subject', v_words.subject, 'text', v_words.body)::text, 'UTF8'), post_letter.email, post_letter.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.post_letter(bigint, text, text, jsonb, text, text, bigint) IS 'Part of functions of assignments: post_notice() to an address and in a language that are known, as whoever takes a step need not see the party.';

CREATE OR REPLACE FUNCTION @store@.item_lines(p_tenant_id bigint, assignment_id bigint, template text, language text, documents bigint[]) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN (
		SELECT string_agg((@store@.notice(p_tenant_id, item_lines.template, item_lines.language, jsonb_build_object('number', i.number, 'issued', i.issue_date, 'due', i.due_date,
			'amount', jsonb_build_object('amount', i.amount, 'currency', a.currency), 'vat', jsonb_build_object('amount', COALESCE(i.vat, 0), 'currency', a.currency),
			'face', jsonb_build_object('amount', i.face, 'currency', a.currency), 'discount', jsonb_build_object('amount', i.discount, 'currency', a.currency),
			'net', jsonb_build_object('amount', i.net, 'currency', a.currency), 'days', i.days, 'convention', a.day_count, 'rate', trim_scale(i.rate * 100)))).body, E'\n' ORDER BY i.due_date, i.document_id)
		FROM @store@.assignment_item i
		JOIN @store@.assignment a ON a.tenant_id = i.tenant_id AND a.id = i.assignment_id
		WHERE i.tenant_id = p_tenant_id AND i.assignment_id = item_lines.assignment_id AND i.document_id = ANY (item_lines.documents));
END;
$code$;
COMMENT ON FUNCTION @store@.item_lines(bigint, bigint, text, text, bigint[]) IS 'Part of functions of assignments: receivables as lines of a letter.';

CREATE OR REPLACE FUNCTION @store@.write_debtors(p_tenant_id bigint, assignment @store@.assignment, template text, documents bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_financier @store@.financier;
	v_letter record;
	v_contact record;
BEGIN
	SELECT * INTO v_financier FROM @store@.financier f WHERE f.tenant_id = p_tenant_id AND f.financier_id = assignment.financier_id;
	-- a letter for each debtor and assignor, of five hundred invoices at most
	FOR v_letter IN
		SELECT i.seller_key, i.debtor_id, min(i.seller_name) AS seller, min(i.debtor_party) AS party_id, min(i.seller_iban) AS seller_iban, i.page, array_agg(i.document_id) AS documents,
			count(*) AS count, sum(i.amount) AS total
		FROM (SELECT x.*, (row_number() OVER (PARTITION BY x.seller_key, x.debtor_id ORDER BY x.due_date, x.document_id) - 1) / 500 AS page FROM @store@.assignment_item x
			WHERE x.tenant_id = p_tenant_id AND x.assignment_id = assignment.id AND x.document_id = ANY (write_debtors.documents)) i
		GROUP BY i.seller_key, i.debtor_id, i.page ORDER BY i.seller_key, i.debtor_id, i.page
	LOOP
		SELECT v.email, v.language INTO v_contact FROM (SELECT) one
		LEFT JOIN LATERAL (SELECT x.email, x.language FROM @store@.party_version x
			WHERE x.tenant_id = p_tenant_id AND x.party_id = v_letter.party_id AND x.valid_from <= CURRENT_DATE ORDER BY x.valid_from DESC LIMIT 1) v ON true;
		PERFORM @store@.post_letter(p_tenant_id, write_debtors.template,
			concat_ws('/', write_debtors.template, assignment.id, v_letter.seller_key, v_letter.debtor_id, v_letter.page, CASE WHEN write_debtors.template <> 'receivables_assigned' THEN v_letter.documents[1] END),
			jsonb_build_object('assignor', v_letter.seller, 'assignee', v_financier.name, 'dated', assignment.dated_on, 'count', v_letter.count,
				'total', jsonb_build_object('amount', v_letter.total, 'currency', assignment.currency), 'account', assignment.iban, 'bank', assignment.bic,
				'holder', assignment.account_name, 'old_account', v_letter.seller_iban,
				'law', (SELECT COALESCE(n.law ->> v_contact.language, n.law ->> 'en') FROM @store@.instrument n WHERE n.instrument = assignment.instrument),
				'list', @store@.item_lines(p_tenant_id, assignment.id, 'assigned_line', v_contact.language, v_letter.documents)), v_contact.language, v_contact.email,
			CASE WHEN v_letter.count = 1 THEN v_letter.documents[1] END);
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.write_debtors(bigint, @store@.assignment, text, bigint[]) IS 'Part of functions of assignments: writes to the debtors of some of its invoices, each in its language: whom they pay from now on.';

CREATE OR REPLACE FUNCTION @store@.has_status(p_tenant_id bigint, document_id bigint, meaning text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT EXISTS (
		SELECT FROM @store@.invoice_state s
		JOIN @store@.lifecycle_status l ON l.tenant_id = s.tenant_id AND l.lifecycle = s.lifecycle AND l.meaning = has_status.meaning
		WHERE s.tenant_id = has_status.p_tenant_id AND s.document_id = has_status.document_id
			AND NOT EXISTS (SELECT FROM @store@.lifecycle_status n WHERE n.tenant_id = s.tenant_id AND n.lifecycle = s.lifecycle AND n.status = s.status AND n.final)
			AND (l.kind = 'mark' OR EXISTS (SELECT FROM @store@.lifecycle_transition t WHERE t.tenant_id = s.tenant_id AND t.lifecycle = s.lifecycle
				AND t.to_status = l.status AND t.from_status IN (s.status, '*')))
			AND (pg_catalog.cardinality(l.after) = 0 OR l.after && s.marks));
END;
COMMENT ON FUNCTION @store@.has_status(bigint, bigint, text) IS 'Part of functions of assignments: whether the lifecycle of an invoice has a status of that meaning, and a step leads there now.';

CREATE OR REPLACE FUNCTION @store@.tell_receipt(p_tenant_id bigint, document_id bigint, amount numeric, payer text, event_key text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_amounts jsonb;
BEGIN
	IF NOT @store@.has_status(p_tenant_id, tell_receipt.document_id, 'payment_received') THEN
		RETURN;
	END IF;
	-- shares of the VAT rates in what was paid: cumulated and rounded, so that they add up
	SELECT jsonb_agg(jsonb_build_object('type', 'MEN', 'amount', (s.upto - s.before)::text, 'amount_currency', s.currency, 'percent', s.rate::text) ORDER BY s.rate DESC) INTO v_amounts
	FROM (
		SELECT w.rate, w.currency, w.upto, lag(w.upto, 1, 0::numeric) OVER (ORDER BY w.rate DESC) AS before
		FROM (
			SELECT v.rate, v.currency, clex.round_to_currency(tell_receipt.amount * sum(v.gross) OVER (ORDER BY v.rate DESC) / sum(v.gross) OVER (), v.currency) AS upto
			FROM (SELECT COALESCE(b.rate, 0) AS rate, min(b.currency) AS currency, sum(b.taxable_amount + COALESCE(b.tax_amount, 0)) AS gross FROM @store@.vat_breakdown b
				WHERE b.tenant_id = p_tenant_id AND b.document_id = tell_receipt.document_id GROUP BY 1 HAVING sum(b.taxable_amount + COALESCE(b.tax_amount, 0)) <> 0) v) w) s;
	PERFORM @store@.apply_status(p_tenant_id, tell_receipt.document_id, 'payment_received', 'seller', false, '{}', format('paid by %s', payer),
		event_key => tell_receipt.event_key, facts => jsonb_build_object('payer', payer, 'characteristics', v_amounts), checked => true);
END;
$code$;
COMMENT ON FUNCTION @store@.tell_receipt(bigint, bigint, numeric, text, text) IS
'Part of functions of assignments: says of an invoice that was sold that a part of it has been paid (212), by whom, with the amount of each VAT rate: one message for each payer. A price that a financier takes is not in it: the amounts are those of the invoice.';

CREATE OR REPLACE FUNCTION @store@.sign_act(p_tenant_id bigint, act_id bigint, signer text, means text, sha256 bytea, dated_on date DEFAULT CURRENT_DATE) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_act @store@.assignment_act;
	v_assignment @store@.assignment;
	v_before @store@.act_signature;
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	SELECT * INTO v_act FROM @store@.assignment_act a WHERE a.tenant_id = p_tenant_id AND a.id = sign_act.act_id
		AND (p_tenant_id IN (SELECT t FROM @store@.readable_tenants() t) OR (a.tenant_id, a.seller_key) IN (SELECT k.tenant_id, k.seller_key FROM @store@.own_seller_keys() k)
			OR @store@.financier_of_caller(p_tenant_id) = (SELECT s.financier_id FROM @store@.assignment s WHERE s.tenant_id = a.tenant_id AND s.id = a.assignment_id));
	v_assignment := @store@.assignment_of(p_tenant_id, v_act.assignment_id);
	PERFORM @store@.require_right(p_tenant_id, 'finance', i.document_id) FROM @store@.assignment_item i
	WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_act.assignment_id AND i.seller_key IS NOT DISTINCT FROM v_act.seller_key;
	IF sign_act.sha256 IS DISTINCT FROM v_act.sha256 THEN
		RAISE EXCEPTION 'what was signed is not instrument %', v_act.id USING ERRCODE = 'invalid_parameter_value', DETAIL = format('Its SHA-256 is %s.', encode(v_act.sha256, 'hex'));
	END IF;
	SELECT * INTO v_before FROM @store@.act_signature s WHERE s.tenant_id = p_tenant_id AND s.act_id = v_act.id AND s.side = 'assignor';
	IF FOUND THEN
		IF (v_before.signer, v_before.means) = (sign_act.signer, sign_act.means) THEN
			RETURN false;
		END IF;
		RAISE EXCEPTION 'instrument % has been signed by "%"', v_act.id, v_before.signer USING ERRCODE = 'unique_violation';
	ELSIF v_assignment.state <> 'proposed' THEN
		RAISE EXCEPTION 'assignment % is %', v_assignment.id, v_assignment.state USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'It is signed before it is accepted.';
	END IF;
	INSERT INTO @store@.act_signature (tenant_id, act_id, side, signer, means, sha256, dated_on)
	VALUES (p_tenant_id, v_act.id, 'assignor', sign_act.signer, sign_act.means, sign_act.sha256, sign_act.dated_on);
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.sign_act(bigint, bigint, text, text, bytea, date) IS
'Records that the assignor has signed an instrument: who, by what means, and the SHA-256 of what was signed, which must be its own. The same again: false, and nothing happens. For personas with the right finance, suppliers for their own. Errors: 42501, P0002 no such instrument, 22023 something else was signed, 23505 signed by another, 55000 no longer proposed, 23502, 23514 signer or means.';

CREATE OR REPLACE FUNCTION @store@.accept_assignment(p_tenant_id bigint, assignment_id bigint, signer text, dated_on date DEFAULT CURRENT_DATE) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_assignment @store@.assignment;
	v_missing record;
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	v_assignment := @store@.assignment_of(p_tenant_id, accept_assignment.assignment_id);
	PERFORM @store@.require_financier(p_tenant_id, v_assignment.financier_id);
	IF v_assignment.state <> 'released' AND v_assignment.dated_on = accept_assignment.dated_on THEN
		RETURN false;
	END IF;
	PERFORM @store@.require_step(p_tenant_id, v_assignment, v_assignment.state, 'accepted');
	SELECT s.dated_on INTO v_missing FROM @store@.act_signature s
	JOIN @store@.assignment_act a ON a.tenant_id = s.tenant_id AND a.id = s.act_id
	WHERE a.tenant_id = p_tenant_id AND a.assignment_id = v_assignment.id AND s.dated_on > accept_assignment.dated_on ORDER BY s.dated_on DESC LIMIT 1;
	IF FOUND OR accept_assignment.dated_on > v_assignment.settlement_date THEN
		RAISE EXCEPTION '% is no date for the instruments', accept_assignment.dated_on USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = CASE WHEN FOUND THEN format('They were signed on %s.', v_missing.dated_on) ELSE format('They are settled on %s.', v_assignment.settlement_date) END;
	END IF;
	INSERT INTO @store@.act_signature (tenant_id, act_id, side, signer, means, sha256, dated_on)
	SELECT p_tenant_id, a.id, 'assignee', accept_assignment.signer, 'accept_assignment', a.sha256, accept_assignment.dated_on
	FROM @store@.assignment_act a WHERE a.tenant_id = p_tenant_id AND a.assignment_id = v_assignment.id;
	-- an instrument that lacks a mention is none, and nobody pays on it
	SELECT a.id, f.mention, f.found, f.needed, f.source INTO v_missing
	FROM @store@.assignment_act a CROSS JOIN LATERAL @store@.act_findings(p_tenant_id, a.id) f
	WHERE a.tenant_id = p_tenant_id AND a.assignment_id = v_assignment.id AND NOT f.holds ORDER BY a.id, f.ordinal LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'instrument % lacks its mention "%"', v_missing.id, v_missing.mention USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Needed is %s (%s), found %s.', v_missing.needed, v_missing.source, COALESCE(v_missing.found, 'nothing')),
			HINT = 'act_findings() lists all of them.';
	END IF;
	UPDATE @store@.assignment a SET state = 'accepted', dated_on = accept_assignment.dated_on WHERE a.tenant_id = p_tenant_id AND a.id = v_assignment.id;
	UPDATE @store@.assignment_item i SET state = 'accepted' WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id;
	PERFORM @store@.note_step(p_tenant_id, v_assignment.id, v_assignment.state, 'accepted');
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.accept_assignment(bigint, bigint, text, date) IS
'The financier takes over what was proposed, and puts the date on the instruments, which must have been signed and say all they must (act_findings()). The same date again: false, and nothing happens. For the financier of the assignment. Errors: 42501, P0002 no such assignment, 22023 a date before the signature or after settlement, 55000 not proposed, a mention is missing.';

CREATE OR REPLACE FUNCTION @store@.hand_back(p_tenant_id bigint, assignment @store@.assignment, item @store@.assignment_item) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF NOT assignment.disclosed OR assignment.notified_at IS NULL THEN
		RETURN;
	END IF;
	PERFORM @store@.set_creditor(p_tenant_id, item.document_id, 'supplier', NULL, NULL, item.seller_iban, NULL, item.seller_name, '228');
	-- of an invoice that is closed nothing more is said
	IF @store@.has_status(p_tenant_id, item.document_id, 'not_factored') THEN
		PERFORM @store@.apply_status(p_tenant_id, item.document_id, 'not_factored', 'seller', false,
			event_key => format('assignment/%s/%s/228', assignment.id, item.document_id), facts => jsonb_build_object('assignment', assignment.id), checked => true);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.hand_back(bigint, @store@.assignment, @store@.assignment_item) IS 'Part of functions of assignments: who owes an invoice, and was told that it was assigned, pays the assignor again, on an account that is to be confirmed (228).';

CREATE OR REPLACE FUNCTION @store@.give_back_items(p_tenant_id bigint, assignment @store@.assignment, documents bigint[], reason text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_item @store@.assignment_item;
BEGIN
	IF assignment.disclosed AND assignment.notified_at IS NOT NULL THEN
		PERFORM @store@.write_debtors(p_tenant_id, assignment, 'receivables_released', documents);
	END IF;
	FOR v_item IN
		SELECT * FROM @store@.assignment_item i WHERE i.tenant_id = p_tenant_id AND i.assignment_id = assignment.id AND i.document_id = ANY (give_back_items.documents) ORDER BY i.document_id
	LOOP
		PERFORM @store@.hand_back(p_tenant_id, assignment, v_item);
		PERFORM @store@.release_claim(p_tenant_id, v_item.document_id, 'assignment', assignment.id);
	END LOOP;
	IF cardinality(documents) = (SELECT count(*) FROM @store@.assignment_item i WHERE i.tenant_id = p_tenant_id AND i.assignment_id = assignment.id) THEN
		PERFORM @store@.count_items(p_tenant_id, assignment.id, NULL, -1, forced => true);
	ELSE
		PERFORM @store@.count_items(p_tenant_id, assignment.id, d, -1, forced => true) FROM unnest(documents) d;
	END IF;
	UPDATE @store@.assignment_item i SET state = 'released', reason = COALESCE(give_back_items.reason, i.reason)
	WHERE i.tenant_id = p_tenant_id AND i.assignment_id = assignment.id AND i.document_id = ANY (give_back_items.documents);
END;
$code$;
COMMENT ON FUNCTION @store@.give_back_items(bigint, @store@.assignment, bigint[], text) IS 'Part of functions that release: receivables are the assignor''s again; their claims and limits are free, and debtors who were told are told so (228, and a letter), to pay an account that is to be confirmed.';

CREATE OR REPLACE FUNCTION @store@.release_assignment(p_tenant_id bigint, assignment_id bigint, reason text, message text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_assignment @store@.assignment;
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	v_assignment := @store@.assignment_of(p_tenant_id, release_assignment.assignment_id);
	IF v_assignment.state = 'released' AND EXISTS (SELECT FROM @store@.assignment_event e
		WHERE e.tenant_id = p_tenant_id AND e.assignment_id = v_assignment.id AND e.to_state = 'released' AND e.reason = release_assignment.reason)
	THEN
		RETURN false;
	END IF;
	PERFORM @store@.require_step(p_tenant_id, v_assignment, v_assignment.state, 'released', release_assignment.reason);
	PERFORM @store@.give_back_items(p_tenant_id, v_assignment, ARRAY(SELECT i.document_id FROM @store@.assignment_item i
		WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id ORDER BY 1), release_assignment.reason);
	UPDATE @store@.assignment a SET state = 'released' WHERE a.tenant_id = p_tenant_id AND a.id = v_assignment.id;
	PERFORM @store@.note_step(p_tenant_id, v_assignment.id, v_assignment.state, 'released', NULL, release_assignment.reason, NULL, release_assignment.message);
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.release_assignment(bigint, bigint, text, text) IS
'Gives up an assignment that has not been paid: declined by the financier, withdrawn by the assignor before it was accepted, or not_paid. Its invoices are free. Again for the same reason: false, and nothing happens. Errors: 42501 not the caller''s to give up, P0002 no such assignment, 22023 not a reason for it, 55000 it has been paid.';

CREATE OR REPLACE FUNCTION @store@.notify_assignment(p_tenant_id bigint, assignment_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_assignment @store@.assignment;
	v_meaning text;
	v_item @store@.assignment_item;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'finance');
	v_assignment := @store@.assignment_of(p_tenant_id, notify_assignment.assignment_id);
	IF v_assignment.notified_at IS NOT NULL THEN
		RETURN false;
	END IF;
	PERFORM @store@.require_step(p_tenant_id, v_assignment, v_assignment.state, 'notified');
	v_meaning := CASE WHEN v_assignment.disclosed THEN 'factored' ELSE 'factored_undisclosed' END;
	FOR v_item IN SELECT * FROM @store@.assignment_item i WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id ORDER BY i.document_id LOOP
		IF v_assignment.disclosed THEN
			PERFORM @store@.set_creditor(p_tenant_id, v_item.document_id, 'financier', f.party_id, f.financier_id, v_assignment.iban, v_assignment.bic, v_assignment.account_name, 'assignment')
			FROM @store@.financier f WHERE f.tenant_id = p_tenant_id AND f.financier_id = v_assignment.financier_id;
		END IF;
		CONTINUE WHEN NOT @store@.has_status(p_tenant_id, v_item.document_id, v_meaning);
		PERFORM @store@.apply_status(p_tenant_id, v_item.document_id, v_meaning, 'seller', false,
			event_key => format('assignment/%s/%s/%s', v_assignment.id, v_item.document_id, CASE WHEN v_assignment.disclosed THEN '225' ELSE '226' END), checked => true,
			facts => jsonb_strip_nulls(jsonb_build_object('assignment', v_assignment.id, 'characteristics', CASE WHEN v_assignment.disclosed
				THEN jsonb_build_array(jsonb_build_object('type', 'CBB', 'name', v_assignment.account_name, 'description', v_assignment.bic, 'value', v_assignment.iban)) END)));
	END LOOP;
	UPDATE @store@.assignment a SET state = 'notified', notified_at = now() WHERE a.tenant_id = p_tenant_id AND a.id = v_assignment.id;
	UPDATE @store@.assignment_item i SET state = 'notified' WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id;
	IF v_assignment.disclosed THEN
		PERFORM @store@.write_debtors(p_tenant_id, v_assignment, 'receivables_assigned',
			ARRAY(SELECT i.document_id FROM @store@.assignment_item i WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id));
	END IF;
	PERFORM @store@.note_step(p_tenant_id, v_assignment.id, v_assignment.state, 'notified');
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.notify_assignment(bigint, bigint) IS
'Tells debtors of an assignment that was accepted: the lifecycle status 225 with the account to pay where the lifecycle has it, a letter to each in its language, and the new creditor, who is paid once somebody else has confirmed the account (confirm_creditor()). Of an undisclosed one status 226 is kept, and nobody is told. Again: false, and nothing happens. For personas with the right finance for the whole tenant. Errors: 42501, P0002 no such assignment, 55000 not accepted, an invoice that is closed.';

CREATE OR REPLACE FUNCTION @store@.notify_assignments(p_tenant_id bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_id bigint;
	v_count bigint := 0;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'finance');
	FOR v_id IN SELECT a.id FROM @store@.assignment a WHERE a.tenant_id = p_tenant_id AND a.state = 'accepted' ORDER BY a.id LOOP
		v_count := v_count + @store@.notify_assignment(p_tenant_id, v_id)::int;
	END LOOP;
	RETURN v_count;
END;
$code$;
COMMENT ON FUNCTION @store@.notify_assignments(bigint) IS 'notify_assignment() for all that were accepted; to be run by whatever runs jobs, as often as it likes: after a crash it does what is left. Returns how many there were. For personas with the right finance. Errors: 42501, as notify_assignment().';

CREATE OR REPLACE FUNCTION @store@.accept_as_debtor(p_tenant_id bigint, assignment_id bigint, signer text, means text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'    -- an instrument says a day in one way, whoever has it written
AS $code$
#variable_conflict use_column
DECLARE
	v_assignment @store@.assignment;
	v_count bigint;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'finance');
	v_assignment := @store@.assignment_of(p_tenant_id, accept_as_debtor.assignment_id);
	IF v_assignment.debtor_accepted_at IS NOT NULL THEN
		RETURN 0;
	ELSIF v_assignment.instrument <> 'dailly' OR NOT v_assignment.disclosed OR v_assignment.state NOT IN ('accepted', 'notified', 'settled') THEN
		RAISE EXCEPTION 'assignment % cannot be accepted by its debtor', v_assignment.id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('It is %s, by instrument %s.', v_assignment.state, v_assignment.instrument),
			HINT = 'Debtors accept what was assigned to them by bordereau (CMF L313-29), once the financier has dated it.';
	END IF;
	-- the title is that of the law, without which it is void
	WITH act AS (
		INSERT INTO @store@.assignment_act AS n (tenant_id, assignment_id, kind, seller_key, seller_name, language, electronic, count, total, content)
		SELECT p_tenant_id, a.assignment_id, 'acceptance', a.seller_key, a.seller_name, 'fr', false, a.count, a.total, convert_to(format(
			E'Acte d''acceptation de la cession d''une créance professionnelle\n\nÀ la demande de %s, bénéficiaire du bordereau n° %s/%s de %s (empreinte SHA-256 %s), daté du %s, le débiteur %s s''engage à lui payer directement les %s créances qui y sont désignées, d''un montant global de %s %s (article L. 313-29 du code monétaire et financier).\n',
			f.name, p_tenant_id, a.assignment_id, a.seller_name, encode(a.sha256, 'hex'), v_assignment.dated_on, d.names, a.count, a.total, v_assignment.currency), 'UTF8')
		FROM @store@.assignment_act a
		JOIN @store@.financier f ON f.tenant_id = a.tenant_id AND f.financier_id = v_assignment.financier_id
		CROSS JOIN LATERAL (SELECT string_agg(DISTINCT i.debtor_name, ', ' ORDER BY i.debtor_name) AS names FROM @store@.assignment_item i
			WHERE i.tenant_id = p_tenant_id AND i.assignment_id = a.assignment_id AND i.seller_key IS NOT DISTINCT FROM a.seller_key) d
		WHERE a.tenant_id = p_tenant_id AND a.assignment_id = v_assignment.id AND a.kind = 'bordereau'
		ORDER BY a.id
		RETURNING n.id, n.sha256)
	INSERT INTO @store@.act_signature (tenant_id, act_id, side, signer, means, sha256, dated_on)
	SELECT p_tenant_id, act.id, 'debtor', accept_as_debtor.signer, accept_as_debtor.means, act.sha256, CURRENT_DATE FROM act;
	GET DIAGNOSTICS v_count = ROW_COUNT;
	UPDATE @store@.assignment a SET debtor_accepted_at = now() WHERE a.tenant_id = p_tenant_id AND a.id = v_assignment.id;
	PERFORM @store@.note_step(p_tenant_id, v_assignment.id, v_assignment.state, v_assignment.state, NULL, NULL, NULL, 'accepted by the debtor');
	RETURN v_count;
END;
$code$;
COMMENT ON FUNCTION @store@.accept_as_debtor(bigint, bigint, text, text) IS
'Records that the debtor has undertaken to pay the financier directly what was assigned to it by bordereau (CMF L313-29), by an instrument of its own for each assignor, which is written and signed. Returns how many; 0 if that was done before. For personas with the right finance. Errors: 42501, P0002 no such assignment, 55000 not by bordereau, not accepted by the financier, or undisclosed.';

CREATE OR REPLACE FUNCTION @store@.settle_assignment(p_tenant_id bigint, assignment_id bigint, paid_on date, reference text, despite_hurt boolean DEFAULT false) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_assignment @store@.assignment;
	v_financier @store@.financier;
	v_hurt record;
	v_letter record;
	v_language text;
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	v_assignment := @store@.assignment_of(p_tenant_id, settle_assignment.assignment_id);
	PERFORM @store@.require_financier(p_tenant_id, v_assignment.financier_id);
	IF v_assignment.settled_on IS NOT NULL THEN
		IF (v_assignment.settled_on, v_assignment.payment_reference) = (settle_assignment.paid_on, settle_assignment.reference) THEN
			RETURN false;
		END IF;
		RAISE EXCEPTION 'assignment % was settled on %', v_assignment.id, v_assignment.settled_on USING
			ERRCODE = 'unique_violation', DETAIL = format('By payment "%s".', v_assignment.payment_reference);
	END IF;
	PERFORM @store@.require_step(p_tenant_id, v_assignment, v_assignment.state, 'settled');
	IF settle_assignment.reference IS NULL OR settle_assignment.paid_on IS NULL OR settle_assignment.paid_on < v_assignment.dated_on
		OR v_assignment.instrument = 'subrogation' AND settle_assignment.paid_on <> v_assignment.settlement_date
	THEN
		RAISE EXCEPTION 'not a payment of assignment %: "%" on %', v_assignment.id, settle_assignment.reference, settle_assignment.paid_on USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = CASE WHEN v_assignment.instrument = 'subrogation' THEN format('The receipt says that it is paid on %s, and subrogates with the payment.', v_assignment.settlement_date)
				ELSE format('It is dated %s.', v_assignment.dated_on) END;
	END IF;
	SELECT i.number, i.amount, l.undisputed INTO v_hurt FROM @store@.assignment_item i
	JOIN @store@.ledger l ON l.tenant_id = i.tenant_id AND l.document_id = i.document_id
	WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id AND l.undisputed < i.amount ORDER BY i.document_id LIMIT 1;
	IF FOUND AND NOT settle_assignment.despite_hurt THEN
		RAISE EXCEPTION 'invoice "%" is worth less than was assigned', v_hurt.number USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('%s of %s is open and undisputed.', v_hurt.undisputed, v_hurt.amount),
			HINT = 'Release the assignment, or pay despite (despite_hurt) and take recourse.';
	END IF;
	UPDATE @store@.assignment a SET state = 'settled', settled_on = settle_assignment.paid_on, payment_reference = settle_assignment.reference
	WHERE a.tenant_id = p_tenant_id AND a.id = v_assignment.id
	RETURNING * INTO v_assignment;
	UPDATE @store@.assignment_item i SET state = 'settled', paid_before = l.paid
	FROM @store@.ledger l
	WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id AND l.tenant_id = i.tenant_id AND l.document_id = i.document_id;
	PERFORM @store@.note_step(p_tenant_id, v_assignment.id, 'notified', 'settled', NULL, NULL, NULL, settle_assignment.reference);
	SELECT * INTO v_financier FROM @store@.financier f WHERE f.tenant_id = p_tenant_id AND f.financier_id = v_assignment.financier_id;
	IF @store@.finance_setting(p_tenant_id, 'receipt_by', 'debtor') = 'financier' THEN
		PERFORM @store@.tell_receipt(p_tenant_id, i.document_id, i.amount, v_financier.name, format('assignment/%s/%s/212', v_assignment.id, i.document_id))
		FROM @store@.assignment_item i WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id AND i.direction = 'sale' ORDER BY i.document_id;
	END IF;
	-- to each assignor in its language, and to the financier in its own: the same figures
	FOR v_letter IN
		SELECT a.seller_key, a.seller_name, a.email, a.language, a.sha256, s.side, i.page, i.documents, i.amount, i.discount, i.net, i.iban
		FROM @store@.assignment_act a
		CROSS JOIN unnest('{seller,financier}'::text[]) s (side)
		CROSS JOIN LATERAL (
			SELECT p.page, array_agg(p.document_id) AS documents, sum(p.amount) AS amount, sum(p.discount) AS discount, sum(p.net) AS net, min(p.seller_iban) AS iban
			FROM (SELECT x.*, (row_number() OVER (ORDER BY x.due_date, x.document_id) - 1) / 500 AS page FROM @store@.assignment_item x
				WHERE x.tenant_id = p_tenant_id AND x.assignment_id = v_assignment.id AND x.seller_key IS NOT DISTINCT FROM a.seller_key) p GROUP BY p.page) i
		WHERE a.tenant_id = p_tenant_id AND a.assignment_id = v_assignment.id AND a.kind <> 'acceptance'
		ORDER BY a.id, s.side, i.page
	LOOP
		v_language := CASE v_letter.side WHEN 'seller' THEN v_letter.language ELSE v_financier.language END;
		PERFORM @store@.post_letter(p_tenant_id, 'financing_settled', format('financing_settled/%s/%s/%s/%s', v_assignment.id, v_letter.side, v_letter.seller_key, v_letter.page),
			jsonb_build_object('assignor', v_letter.seller_name, 'assignee', v_financier.name, 'reference', format('%s/%s', p_tenant_id, v_assignment.id),
				'campaign', v_assignment.source || ' ' || v_assignment.source_key, 'rules', concat_ws(', ', v_assignment.rule_version, v_assignment.day_count, v_assignment.method, v_assignment.rounding),
				'list', @store@.item_lines(p_tenant_id, v_assignment.id, 'financing_line', v_language, v_letter.documents), 'value_date', v_assignment.settled_on,
				'amount', jsonb_build_object('amount', v_letter.amount, 'currency', v_assignment.currency), 'discount', jsonb_build_object('amount', v_letter.discount, 'currency', v_assignment.currency),
				'net', jsonb_build_object('amount', v_letter.net, 'currency', v_assignment.currency), 'beneficiary', v_letter.iban,
				'disclosed', v_assignment.disclosed::text, 'account', v_assignment.iban, 'holder', v_assignment.account_name,
				'law', (SELECT COALESCE(n.law ->> v_language, n.law ->> 'en') FROM @store@.instrument n WHERE n.instrument = v_assignment.instrument), 'hash', encode(v_letter.sha256, 'hex')),
			v_language, CASE v_letter.side WHEN 'seller' THEN v_letter.email ELSE v_financier.email END);
	END LOOP;
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.settle_assignment(bigint, bigint, date, text, boolean) IS
'The financier says that it has paid the assignors what an assignment is worth to it, on which day and by which payment. Refused where an invoice is worth less by now (a dispute, a credit note), unless despite_hurt. Notices go to each assignor and to the financier, in their languages, with face, VAT, days, rate, price, net, accounts and the hash of the instrument. The same payment again: false, and nothing happens. For the financier of the assignment. Errors: 42501, P0002 no such assignment, 22023 a day before the instrument, or another than that of a receipt that subrogates, 23505 settled by another payment, 55000 debtors have not been told, an invoice is worth less.';

CREATE OR REPLACE FUNCTION @store@.sum_up_assignment(p_tenant_id bigint, assignment_id bigint) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE @store@.assignment a SET state = s.state
	FROM (
		SELECT CASE WHEN pg_catalog.bool_or(i.state = 'recourse') THEN 'recourse' WHEN pg_catalog.bool_or(i.state = 'settled') THEN 'settled'
			WHEN pg_catalog.bool_and(i.state = 'released') THEN 'released' ELSE 'repaid' END AS state
		FROM @store@.assignment_item i WHERE i.tenant_id = sum_up_assignment.p_tenant_id AND i.assignment_id = sum_up_assignment.assignment_id) s
	WHERE a.tenant_id = sum_up_assignment.p_tenant_id AND a.id = sum_up_assignment.assignment_id AND a.state <> s.state;
END;
COMMENT ON FUNCTION @store@.sum_up_assignment(bigint, bigint) IS 'Part of functions of assignments: the state of an assignment that was settled follows from its items: recourse if one is in it, settled while one is outstanding, released if all are, else repaid.';

CREATE OR REPLACE FUNCTION @store@.close_item(p_tenant_id bigint, assignment_id bigint, document_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.release_claim(p_tenant_id, close_item.document_id, 'assignment', close_item.assignment_id);
	-- what was bought back, and is owed after all, is the assignor's
	PERFORM @store@.hand_back(p_tenant_id, a, i)
	FROM @store@.assignment_item i
	JOIN @store@.assignment a ON a.tenant_id = i.tenant_id AND a.id = i.assignment_id
	JOIN @store@.ledger l ON l.tenant_id = i.tenant_id AND l.document_id = i.document_id AND l.open > 0
	WHERE i.tenant_id = p_tenant_id AND i.assignment_id = close_item.assignment_id AND i.document_id = close_item.document_id AND i.bought_back > 0;
END;
$code$;
COMMENT ON FUNCTION @store@.close_item(bigint, bigint, bigint) IS 'Part of functions of assignments: the financier has all that is its due of a receivable; its claim goes, and what is left of the invoice is the assignor''s.';

CREATE OR REPLACE FUNCTION @store@.book_repayment(p_tenant_id bigint, item @store@.assignment_item, repaid numeric, event_key text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_left numeric := item.amount - item.bought_back - book_repayment.repaid;
	v_state text := CASE WHEN v_left = 0 THEN 'repaid' WHEN LEAST(item.asked_back, v_left) > 0 THEN 'recourse' ELSE 'settled' END;
BEGIN
	UPDATE @store@.assignment_item i SET repaid = book_repayment.repaid, asked_back = LEAST(item.asked_back, v_left), state = v_state
	WHERE i.tenant_id = p_tenant_id AND i.assignment_id = item.assignment_id AND i.document_id = item.document_id;
	PERFORM @store@.count_items(p_tenant_id, item.assignment_id, item.document_id, -1, book_repayment.repaid - item.repaid, true);
	PERFORM @store@.note_step(p_tenant_id, item.assignment_id, item.state, v_state, item.document_id, NULL, book_repayment.repaid - item.repaid, NULL, book_repayment.event_key);
	PERFORM @store@.sum_up_assignment(p_tenant_id, item.assignment_id);
	IF v_state = 'repaid' THEN
		PERFORM @store@.close_item(p_tenant_id, item.assignment_id, item.document_id);
	ELSIF item.state = 'repaid' AND NOT EXISTS (SELECT FROM @store@.claim c WHERE c.tenant_id = p_tenant_id AND c.document_id = item.document_id) THEN
		-- a payment came back: it is relied on again, if that can be
		IF NOT EXISTS (SELECT FROM @store@.claim_objections(p_tenant_id, ARRAY[item.document_id])) THEN
			PERFORM @store@.claim_invoice(p_tenant_id, item.document_id, 'assignment', f.code, item.assignment_id)
			FROM @store@.financier f WHERE f.tenant_id = p_tenant_id AND f.financier_id = item.financier_id;
		END IF;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.book_repayment(bigint, @store@.assignment_item, numeric, text) IS 'Part of functions of assignments: what the financier has got of a receivable in all; what is left counts in limits.';

CREATE OR REPLACE FUNCTION @store@.ledger_changed(p_tenant_id bigint, document_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_item @store@.assignment_item;
	v_paid numeric;
	v_repaid numeric;
BEGIN
	-- the invoice is locked; one assignment of it is live, or the last one was repaid and may be again
	SELECT i.* INTO v_item FROM @store@.assignment_item i
	JOIN @store@.assignment a ON a.tenant_id = i.tenant_id AND a.id = i.assignment_id AND a.disclosed
	WHERE i.tenant_id = p_tenant_id AND i.document_id = ledger_changed.document_id AND i.state IN ('settled', 'recourse', 'repaid')
	ORDER BY i.state = 'repaid', i.assignment_id DESC LIMIT 1;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	SELECT l.paid INTO v_paid FROM @store@.ledger l WHERE l.tenant_id = p_tenant_id AND l.document_id = ledger_changed.document_id;
	v_repaid := LEAST(GREATEST(v_paid - v_item.paid_before, 0), v_item.amount - v_item.bought_back);
	IF v_repaid = v_item.repaid THEN
		RETURN;
	END IF;
	PERFORM @store@.book_repayment(p_tenant_id, v_item, v_repaid, NULL);
	IF v_item.direction = 'sale' AND v_repaid > v_item.repaid AND @store@.finance_setting(p_tenant_id, 'receipt_by', 'debtor') = 'debtor' THEN
		PERFORM @store@.tell_receipt(p_tenant_id, v_item.document_id, v_repaid - v_item.repaid, v_item.debtor_name,
			(SELECT format('assignment/%s/%s/212/%s', v_item.assignment_id, v_item.document_id, max(e.entry_no)) FROM @store@.ledger_entry e
				WHERE e.tenant_id = p_tenant_id AND e.document_id = v_item.document_id));
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.ledger_changed(bigint, bigint) IS
'Part of book_entry() and reverse_entry(): what a debtor pays of an invoice that was assigned and disclosed, and settled, is the financier''s; a payment that came back is outstanding again, whatever limits say. Of an invoice sold the receipt is told (212), unless setting finance.receipt_by says that it is when the financier pays (financier), or never (none).';

CREATE OR REPLACE FUNCTION @store@.assignment_paid(p_tenant_id bigint, reference bigint, document_id bigint, amount numeric, booked_on date, entry_key text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.assigned_item(p_tenant_id, assignment_paid.reference, assignment_paid.document_id);
	RETURN @store@.book_entry(p_tenant_id, assignment_paid.document_id, 'paid', assignment_paid.amount, assignment_paid.booked_on, format('assignment %s', assignment_paid.reference),
		assignment_paid.entry_key, by_bank => true);
END;
$code$;
COMMENT ON FUNCTION @store@.assignment_paid(bigint, bigint, bigint, numeric, date, text) IS
'Part of functions that apply what banks say: the debtor has paid the financier for an invoice of an assignment (reference): booked in the ledger of the invoice, and what is left of the receivable follows. The same entry_key again: false, and nothing happens. Errors: P0002 not an invoice of that assignment, 22023, 23505 as book_entry().';

CREATE OR REPLACE FUNCTION @store@.assigned_item(p_tenant_id bigint, assignment_id bigint, document_id bigint) RETURNS @store@.assignment_item
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_item @store@.assignment_item;
BEGIN
	SELECT * INTO v_item FROM @store@.assignment_item i
	WHERE i.tenant_id = p_tenant_id AND i.assignment_id = assigned_item.assignment_id AND i.document_id = assigned_item.document_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'assignment % has no invoice %', assigned_item.assignment_id, assigned_item.document_id USING ERRCODE = 'no_data_found';
	END IF;
	RETURN v_item;
END;
$code$;
COMMENT ON FUNCTION @store@.assigned_item(bigint, bigint, bigint) IS 'Part of functions of assignments: one receivable of an assignment. Errors: P0002 there is none.';

CREATE OR REPLACE FUNCTION @store@.said_before(p_tenant_id bigint, assignment_id bigint, document_id bigint, amount numeric, event_key text) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_event @store@.assignment_event;
BEGIN
	IF said_before.event_key IS NULL THEN
		RAISE EXCEPTION 'a payment has a key' USING ERRCODE = 'null_value_not_allowed', HINT = 'The same key again is the same payment.';
	END IF;
	SELECT * INTO v_event FROM @store@.assignment_event e
	WHERE e.tenant_id = p_tenant_id AND e.assignment_id = said_before.assignment_id AND e.event_key = said_before.event_key;
	IF FOUND AND (v_event.document_id, v_event.amount) IS DISTINCT FROM (said_before.document_id, said_before.amount) THEN
		RAISE EXCEPTION 'key "%" stands for another payment', said_before.event_key USING
			ERRCODE = 'unique_violation', DETAIL = format('It came with %s of invoice %s.', v_event.amount, v_event.document_id);
	END IF;
	RETURN v_event.id IS NOT NULL;
END;
$code$;
COMMENT ON FUNCTION @store@.said_before(bigint, bigint, bigint, numeric, text) IS 'Part of functions that financiers call: whether a payment of that key was said before. Errors: 22004 no key, 23505 with other figures.';

CREATE OR REPLACE FUNCTION @store@.confirm_repayment(p_tenant_id bigint, assignment_id bigint, document_id bigint, amount numeric, event_key text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_assignment @store@.assignment;
	v_item @store@.assignment_item;
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	v_assignment := @store@.assignment_of(p_tenant_id, confirm_repayment.assignment_id);
	PERFORM @store@.require_financier(p_tenant_id, v_assignment.financier_id);
	IF @store@.said_before(p_tenant_id, v_assignment.id, confirm_repayment.document_id, confirm_repayment.amount, confirm_repayment.event_key) THEN
		RETURN false;
	END IF;
	v_item := @store@.assigned_item(p_tenant_id, v_assignment.id, confirm_repayment.document_id);
	IF v_assignment.disclosed OR v_item.state NOT IN ('settled', 'recourse') THEN
		RAISE EXCEPTION 'invoice % of assignment % is not passed on by its assignor', v_item.document_id, v_assignment.id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('The assignment is %s, the receivable %s.', CASE WHEN v_assignment.disclosed THEN 'disclosed' ELSE 'not disclosed' END, v_item.state);
	ELSIF (confirm_repayment.amount > 0 AND confirm_repayment.amount <= v_item.amount - v_item.repaid - v_item.bought_back) IS NOT TRUE THEN
		RAISE EXCEPTION 'more is repaid than is outstanding' USING
			ERRCODE = 'invalid_parameter_value', DETAIL = format('%s is outstanding; the amount is %s.', v_item.amount - v_item.repaid - v_item.bought_back, confirm_repayment.amount);
	END IF;
	PERFORM @store@.require_step(p_tenant_id, v_assignment, v_item.state, 'repaid');
	PERFORM @store@.book_repayment(p_tenant_id, v_item, v_item.repaid + confirm_repayment.amount, confirm_repayment.event_key);
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.confirm_repayment(bigint, bigint, bigint, numeric, text) IS
'The financier of an undisclosed assignment says what the assignor has passed on of an invoice, in full or in part. What debtors pay of a disclosed one follows from the ledger. The same event_key again: false, and nothing happens. For the financier of the assignment. Errors: 42501, P0002 no such assignment or invoice, 22004 no key, 22023 more than is outstanding, 23505 the key of another payment, 55000 disclosed, not settled.';

CREATE OR REPLACE FUNCTION @store@.missing_of(p_tenant_id bigint, item @store@.assignment_item) RETURNS numeric
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT GREATEST(($2).amount - ($2).repaid - ($2).bought_back - l.undisputed, 0) FROM @store@.ledger l
	WHERE l.tenant_id = missing_of.p_tenant_id AND l.document_id = ($2).document_id;
END;
COMMENT ON FUNCTION @store@.missing_of(bigint, @store@.assignment_item) IS 'Part of functions of assignments: what is outstanding of a receivable and not owed undisputedly any more.';

CREATE OR REPLACE FUNCTION @store@.take_recourse(p_tenant_id bigint, assignment_id bigint, document_id bigint, reason text, amount numeric DEFAULT NULL, message text DEFAULT NULL) RETURNS numeric
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_assignment @store@.assignment;
	v_item @store@.assignment_item;
	v_reason @store@.assignment_reason;
	v_most numeric;
	v_amount numeric;
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	v_assignment := @store@.assignment_of(p_tenant_id, take_recourse.assignment_id);
	PERFORM @store@.require_financier(p_tenant_id, v_assignment.financier_id);
	v_item := @store@.assigned_item(p_tenant_id, v_assignment.id, take_recourse.document_id);
	IF v_item.state = 'recourse' AND v_item.reason = take_recourse.reason AND v_item.asked_back = COALESCE(take_recourse.amount, v_item.asked_back) THEN
		RETURN v_item.asked_back;
	END IF;
	PERFORM @store@.require_step(p_tenant_id, v_assignment, v_item.state, 'recourse', take_recourse.reason);
	SELECT * INTO v_reason FROM @store@.assignment_reason r WHERE r.reason = take_recourse.reason;
	IF v_reason.dilution THEN
		v_most := @store@.missing_of(p_tenant_id, v_item);
	ELSIF v_assignment.recourse AND v_item.due_date < CURRENT_DATE THEN
		v_most := v_item.amount - v_item.repaid - v_item.bought_back;
	ELSE
		RAISE EXCEPTION 'the assignor does not answer for that' USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = CASE WHEN v_assignment.recourse THEN format('The invoice is due on %s.', v_item.due_date) ELSE 'The receivable was taken over without recourse for a debtor that does not pay.' END;
	END IF;
	v_amount := COALESCE(take_recourse.amount, v_most);
	IF (v_amount > 0 AND v_amount <= v_most) IS NOT TRUE THEN
		RAISE EXCEPTION 'more is asked back than is missing' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('%s of what is outstanding is missing; the amount is %s.', v_most, COALESCE(v_amount::text, 'none'));
	END IF;
	UPDATE @store@.assignment_item i SET state = 'recourse', asked_back = v_amount, reason = take_recourse.reason
	WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id AND i.document_id = v_item.document_id;
	PERFORM @store@.note_step(p_tenant_id, v_assignment.id, v_item.state, 'recourse', v_item.document_id, take_recourse.reason, v_amount, take_recourse.message);
	PERFORM @store@.sum_up_assignment(p_tenant_id, v_assignment.id);
	PERFORM @store@.post_letter(p_tenant_id, 'recourse_taken', format('recourse_taken/%s', max(e.id)), jsonb_build_object('assignee', f.name, 'number', v_item.number,
			'reason', COALESCE(v_reason.labels ->> a.language, v_reason.labels ->> 'en'), 'amount', jsonb_build_object('amount', v_amount, 'currency', v_assignment.currency)),
		a.language, a.email, v_item.document_id)
	FROM @store@.assignment_act a
	JOIN @store@.financier f ON f.tenant_id = a.tenant_id AND f.financier_id = v_assignment.financier_id
	JOIN @store@.assignment_event e ON e.tenant_id = a.tenant_id AND e.assignment_id = a.assignment_id AND e.document_id = v_item.document_id
	WHERE a.tenant_id = p_tenant_id AND a.assignment_id = v_assignment.id AND a.seller_key IS NOT DISTINCT FROM v_item.seller_key AND a.kind <> 'acceptance'
	GROUP BY a.id, f.financier_id, f.name, a.language, a.email;
	RETURN v_amount;
END;
$code$;
COMMENT ON FUNCTION @store@.take_recourse(bigint, bigint, bigint, text, numeric, text) IS
'The financier asks the assignor to pay back what an invoice is not worth: dispute, credit_note, refused, paid_otherwise up to what is missing of what is outstanding (NULL = all of it), whatever was agreed; unpaid, once it is due, where the line was with recourse. The assignor is told. Returns the amount; the same again changes nothing. For the financier of the assignment. Errors: 42501, P0002 no such assignment or invoice, 22023 not a reason, more than is missing, 55000 not settled, without recourse, not due yet.';

CREATE OR REPLACE FUNCTION @store@.settle_recourse(p_tenant_id bigint, assignment_id bigint, document_id bigint, amount numeric, event_key text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_assignment @store@.assignment;
	v_item @store@.assignment_item;
	v_left numeric;
	v_state text;
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	v_assignment := @store@.assignment_of(p_tenant_id, settle_recourse.assignment_id);
	PERFORM @store@.require_financier(p_tenant_id, v_assignment.financier_id);
	IF @store@.said_before(p_tenant_id, v_assignment.id, settle_recourse.document_id, settle_recourse.amount, settle_recourse.event_key) THEN
		RETURN false;
	END IF;
	v_item := @store@.assigned_item(p_tenant_id, v_assignment.id, settle_recourse.document_id);
	IF v_item.state <> 'recourse' THEN
		RAISE EXCEPTION 'nothing is asked back of invoice %', v_item.document_id USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The receivable is %s.', v_item.state);
	ELSIF settle_recourse.amount IS NULL OR settle_recourse.amount < 0 OR settle_recourse.amount > v_item.asked_back THEN
		RAISE EXCEPTION 'more is paid back than was asked' USING ERRCODE = 'invalid_parameter_value', DETAIL = format('%s was asked; the amount is %s.', v_item.asked_back, settle_recourse.amount);
	END IF;
	-- 0: nothing is asked any more
	v_left := v_item.amount - v_item.repaid - v_item.bought_back - settle_recourse.amount;
	v_state := CASE WHEN settle_recourse.amount > 0 AND settle_recourse.amount < v_item.asked_back THEN 'recourse' WHEN v_left > 0 THEN 'settled' WHEN v_item.repaid > 0 THEN 'repaid' ELSE 'released' END;
	IF v_state <> 'recourse' THEN
		PERFORM @store@.require_step(p_tenant_id, v_assignment, 'recourse', v_state);
	END IF;
	UPDATE @store@.assignment_item i SET bought_back = i.bought_back + settle_recourse.amount,
		asked_back = CASE v_state WHEN 'recourse' THEN i.asked_back - settle_recourse.amount ELSE 0 END, state = CASE v_state WHEN 'released' THEN 'settled' ELSE v_state END
	WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_assignment.id AND i.document_id = v_item.document_id;
	IF settle_recourse.amount > 0 THEN
		PERFORM @store@.count_items(p_tenant_id, v_assignment.id, v_item.document_id, -1, settle_recourse.amount, true);
	END IF;
	IF v_state = 'released' THEN
		PERFORM @store@.give_back_items(p_tenant_id, v_assignment, ARRAY[v_item.document_id], NULL);
	ELSIF v_state = 'repaid' THEN
		PERFORM @store@.close_item(p_tenant_id, v_assignment.id, v_item.document_id);
	END IF;
	PERFORM @store@.note_step(p_tenant_id, v_assignment.id, 'recourse', v_state, v_item.document_id, CASE WHEN settle_recourse.amount = 0 THEN 'given_up' END, settle_recourse.amount, NULL, settle_recourse.event_key);
	PERFORM @store@.sum_up_assignment(p_tenant_id, v_assignment.id);
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.settle_recourse(bigint, bigint, bigint, numeric, text) IS
'The financier says what the assignor has paid back of what was asked, in full or in part; 0 = nothing is asked any more. An invoice of which all was paid back is the assignor''s again: the debtor is told (228, and a letter), and pays an account that is to be confirmed. The same event_key again: false, and nothing happens. For the financier of the assignment. Errors: 42501, P0002 no such assignment or invoice, 22004 no key, 22023 more than was asked, 23505 the key of another payment, 55000 nothing is asked back.';

CREATE OR REPLACE FUNCTION @store@.hurt_receivables(p_tenant_id bigint)
RETURNS TABLE (assignment_id bigint, document_id bigint, number text, currency text, outstanding numeric, undisputed numeric, missing numeric, asked_back numeric, reasons text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	RETURN QUERY
	SELECT i.assignment_id, i.document_id, i.number, l.currency, i.amount - i.repaid - i.bought_back, l.undisputed, i.amount - i.repaid - i.bought_back - l.undisputed, i.asked_back,
		array_remove(ARRAY[CASE WHEN l.face = 0 THEN 'refused' END, CASE WHEN l.disputed > 0 THEN 'dispute' END, CASE WHEN l.credited > 0 THEN 'credit_note' END,
			CASE WHEN l.paid - i.paid_before > i.repaid THEN 'paid_otherwise' END], NULL)
	FROM @store@.assignment_item i
	JOIN @store@.ledger l ON l.tenant_id = i.tenant_id AND l.document_id = i.document_id
	WHERE i.tenant_id = p_tenant_id AND i.state NOT IN ('repaid', 'released') AND l.undisputed < i.amount - i.repaid - i.bought_back
		AND (p_tenant_id IN (SELECT t FROM @store@.readable_tenants() t) OR i.financier_id = @store@.financier_of_caller(p_tenant_id)
			OR (i.tenant_id, i.seller_key) IN (SELECT k.tenant_id, k.seller_key FROM @store@.own_seller_keys() k))
	ORDER BY i.assignment_id, i.document_id;
END;
$code$;
COMMENT ON FUNCTION @store@.hurt_receivables(bigint) IS
'Receivables that are worth less by now than is outstanding of them, since the invoice was disputed, credited, refused or paid otherwise: what the assignor answers for, and the reasons that take_recourse() takes. Of all assignments for who sees the tenant, of its own for a financier and a supplier. Errors: 42501.';

CREATE OR REPLACE FUNCTION @store@.financing_choices(p_tenant_id bigint, financier text, documents bigint[], from_date date DEFAULT CURRENT_DATE, choices int DEFAULT 10)
RETURNS TABLE (settlement_date date, invoices int, amount numeric, discount numeric, net numeric, currency text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_financier @store@.financier;
	v_calendar text := @store@.finance_setting(p_tenant_id, 'calendar', 'TARGET');
	v_day_count text := @store@.finance_setting(p_tenant_id, 'day_count', 'ACT/360');
	v_method text := @store@.finance_setting(p_tenant_id, 'method', 'DISCOUNT_ON_FACE');
	v_rounding text := @store@.finance_setting(p_tenant_id, 'rounding', 'HALF_UP');
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	IF NOT @store@.has_right(p_tenant_id, 'finance') THEN
		PERFORM @store@.require_right(p_tenant_id, 'finance', d) FROM unnest(financing_choices.documents) d;
	END IF;
	v_financier := @store@.financier_by_code(p_tenant_id, financing_choices.financier);
	RETURN QUERY
	SELECT d.day, count(*)::int, sum(l.undisputed), sum(x.discount), sum(l.undisputed - x.discount), l.currency
	FROM (SELECT min(l.due_date) AS last FROM unnest(financing_choices.documents) u (id) JOIN @store@.ledger l ON l.tenant_id = p_tenant_id AND l.document_id = u.id) m
	CROSS JOIN LATERAL (
		SELECT g.day::date AS day FROM generate_series(financing_choices.from_date, m.last, interval '1 day') g (day)
		WHERE clex.is_business_day(g.day::date, v_calendar) ORDER BY 1 LIMIT GREATEST(LEAST(financing_choices.choices, 400), 0)) d
	CROSS JOIN unnest(financing_choices.documents) u (id)
	JOIN @store@.ledger l ON l.tenant_id = p_tenant_id AND l.document_id = u.id
	CROSS JOIN LATERAL @store@.line_on(p_tenant_id, v_financier.financier_id, l.currency, d.day) n
	CROSS JOIN LATERAL (SELECT clex.discount_amount(l.undisputed, n.rate, d.day, l.due_date, v_day_count, v_method, l.currency, v_rounding) AS discount) x
	WHERE n.rate IS NOT NULL
	GROUP BY d.day, l.currency ORDER BY d.day, l.currency;
END;
$code$;
COMMENT ON FUNCTION @store@.financing_choices(bigint, text, bigint[], date, int) IS
'Days on which invoices could be settled by a financier, from from_date up to the first due date among them, business days by setting finance.calendar, with what they would bring at the rate of its line: amount, price and net, a row for each day and currency. Nothing is reserved. For personas with the right finance, suppliers for their own invoices. Errors: 42501, P0002 no such financier.';

CREATE OR REPLACE FUNCTION @store@.react_finance(p_tenant_id bigint, document_id bigint, event_id bigint, received boolean) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_event record;
	v_account record;
	v_now record;
BEGIN
	SELECT l.meaning, e.facts, s.direction, i.seller_name, upper(regexp_replace(clex.value(i.document, 'BT-84'), '\s', '', 'g')) AS seller_iban INTO v_event
	FROM @store@.status_event e
	JOIN @store@.lifecycle_status l ON l.tenant_id = e.tenant_id AND l.lifecycle = e.lifecycle AND l.status = e.status
	JOIN @store@.invoice_state s ON s.tenant_id = e.tenant_id AND s.document_id = e.document_id
	JOIN @store@.invoice i ON i.tenant_id = e.tenant_id AND i.document_id = e.document_id
	WHERE e.tenant_id = p_tenant_id AND e.id = react_finance.event_id AND e.outcome IN ('applied', 'replayed', 'repeated')
		AND l.meaning IN ('factored', 'account_changed', 'not_factored');
	IF NOT FOUND OR v_event.direction = 'sale' THEN
		RETURN;
	END IF;
	SELECT * INTO v_now FROM @store@.creditor_of(p_tenant_id, react_finance.document_id);
	IF v_event.meaning = 'not_factored' THEN
		SELECT v_event.seller_iban AS iban, NULL::text AS bic, v_event.seller_name AS name INTO v_account;
	ELSE
		-- what is said of an account that is none blocks the payment, until somebody has asked
		SELECT upper(regexp_replace(COALESCE(c ->> 'value', c ->> 'name'), '\s', '', 'g')) AS iban, c ->> 'description' AS bic, c ->> 'name' AS name INTO v_account
		FROM (SELECT v_event.facts -> 'characteristics' AS list UNION ALL
			SELECT d -> 'characteristics' FROM jsonb_array_elements(CASE jsonb_typeof(v_event.facts -> 'details') WHEN 'array' THEN v_event.facts -> 'details' ELSE '[]' END) d) x,
			jsonb_array_elements(CASE jsonb_typeof(x.list) WHEN 'array' THEN x.list ELSE '[]' END) c
		WHERE c ->> 'type' = 'CBB' LIMIT 1;
	END IF;
	IF v_now.source <> 'invoice' AND v_now.iban = v_account.iban THEN
		RETURN;
	END IF;
	PERFORM @store@.set_creditor(p_tenant_id, react_finance.document_id, CASE v_event.meaning WHEN 'factored' THEN 'financier' WHEN 'not_factored' THEN 'supplier' ELSE v_now.payee_kind END,
		NULL, NULL, CASE WHEN clex.is_iban(v_account.iban) THEN v_account.iban END, v_account.bic, v_account.name,
		CASE v_event.meaning WHEN 'factored' THEN '225' WHEN 'not_factored' THEN '228' ELSE '227' END);
END;
$code$;
COMMENT ON FUNCTION @store@.react_finance(bigint, bigint, bigint, boolean) IS
'Part of status_changed(): when it is said of an invoice that was bought that it is factored (225), that its account has changed (227) or that it is factored no more (228), the payee is another one, and nobody is paid before confirm_creditor(): the account is that of block CBB, or of the invoice; none, if what is said is no IBAN.';

INSERT INTO @store@.notice_default AS d (template, language, arguments, subject, body)
SELECT t.template, w.language, t.arguments, w.subject, w.body
FROM (VALUES
	('receivables_assigned', '{assignor,assignee,dated,count,total,list,account,bank,holder,old_account,law}'::text[]),
	('receivables_released', '{assignor,assignee,dated,count,total,list,account,bank,holder,old_account,law}'),
	('financing_settled', '{assignor,assignee,reference,campaign,rules,list,value_date,amount,discount,net,beneficiary,disclosed,account,holder,law,hash}'),
	('recourse_taken', '{assignee,number,reason,amount}'),
	('assigned_line', '{number,issued,due,amount,face,vat,discount,net,days,convention,rate}'),
	('financing_line', '{number,issued,due,amount,face,vat,discount,net,days,convention,rate}')) t (template, arguments)
JOIN (VALUES
	('assigned_line', 'en', '{number}', '{number} of {issued}: {amount}, due {due}'),
	('assigned_line', 'fr', '{number}', '{number} du {issued} : {amount}, échéance {due}'),
	('assigned_line', 'de', '{number}', '{number} vom {issued}: {amount}, fällig {due}'),
	('financing_line', 'en', '{number}', '{number}: face {face} (VAT {vat}, unchanged), assigned {amount}, due {due}, {days} days {convention}, rate {rate} % a year, price {discount}, net {net}'),
	('financing_line', 'fr', '{number}', '{number} : montant {face} (TVA {vat}, inchangée), cédé {amount}, échéance {due}, {days} jours {convention}, taux {rate} % par an, frais {discount}, net {net}'),
	('financing_line', 'de', '{number}', '{number}: Betrag {face} (USt. {vat}, unverändert), abgetreten {amount}, fällig {due}, {days} Tage {convention}, Satz {rate} % im Jahr, Preis {discount}, netto {net}'),
	('receivables_assigned', 'en', '{assignor} has assigned what you owe it to {assignee}',
		E'By an instrument dated {dated}, {assignor} has transferred to us, {assignee}, what you owe it for the following {count, plural, one {invoice} other {# invoices}}, {total} in all ({law}):\n{list}\nPlease pay {count, plural, one {it} other {them}} from now on to account {account} ({bank}) of {holder} alone, and no longer to {assignor}: only a payment to that account frees you. Before you pay for the first time, have the account confirmed through a number that you have known before.'),
	('receivables_assigned', 'fr', '{assignor} nous a cédé ses factures : {assignee}',
		E'Par acte daté du {dated}, {assignor} nous a transmis, à nous {assignee}, {count, plural, one {la facture suivante} other {les # factures suivantes}}, d''un montant de {total} ({law}) :\n{list}\nÀ réception de cette lettre, cessez de payer {assignor} à ce titre : seul un règlement sur le compte {account} ({bank}) de {holder} vous libère. Avant le premier règlement, faites confirmer ce compte par un numéro que vous connaissiez déjà.'),
	('receivables_assigned', 'de', '{assignor} hat Forderungen an {assignee} abgetreten',
		E'Mit Urkunde vom {dated} hat {assignor} uns, {assignee}, {count, plural, one {die folgende Rechnung} other {die folgenden # Rechnungen}} über {total} übertragen ({law}):\n{list}\nBitte zahlen Sie ab sofort nur noch auf das Konto {account} ({bank}) von {holder} und nicht mehr an {assignor}: nur eine Zahlung dorthin befreit Sie. Lassen Sie sich das Konto vor der ersten Zahlung unter einer Ihnen bekannten Nummer bestätigen.'),
	('receivables_released', 'en', 'Please pay {assignor} again',
		E'{assignee} no longer holds the following {count, plural, one {invoice} other {# invoices}} of {assignor}:\n{list}\nPlease pay {assignor} again, to the account that it confirms to you (on the invoice: {old_account}).'),
	('receivables_released', 'fr', 'Veuillez de nouveau payer {assignor}',
		E'{assignee} ne détient plus {count, plural, one {la facture suivante} other {les # factures suivantes}} de {assignor} :\n{list}\nVeuillez de nouveau payer {assignor}, sur le compte que ce fournisseur vous confirmera (sur la facture : {old_account}).'),
	('receivables_released', 'de', 'Bitte zahlen Sie wieder an {assignor}',
		E'{assignee} hält {count, plural, one {die folgende Rechnung} other {die folgenden # Rechnungen}} von {assignor} nicht mehr:\n{list}\nBitte zahlen Sie wieder an {assignor}, auf das Konto, das Ihnen von dort bestätigt wird (auf der Rechnung: {old_account}).'),
	('financing_settled', 'en', 'Settled: {assignor}, {net}',
		E'Assignment {reference} ({campaign}; {rules}) of {assignor} to {assignee}, value date {value_date}:\n{list}\nAssigned {amount}, price {discount}, paid {net} to account {beneficiary}. The price is a charge of the financier: no invoice and no VAT is reduced by it, and no credit note is due.\n{disclosed, select, true {Debtors pay {assignee} from now on, on account {account} of {holder}.} other {Debtors go on paying {assignor}, who passes it on to {assignee}.}}\nIt rests on {law}. SHA-256 of the instrument: {hash}'),
	('financing_settled', 'fr', 'Règlement : {assignor}, {net}',
		E'Cession {reference} ({campaign} ; {rules}) de {assignor} à {assignee}, date de valeur {value_date} :\n{list}\nCédé {amount}, frais {discount}, versé {net} sur le compte {beneficiary}. Ces frais sont des frais financiers : ils ne réduisent ni les factures ni leur TVA, et n''appellent aucun avoir.\n{disclosed, select, true {Les débiteurs paient désormais {assignee}, sur le compte {account} de {holder}.} other {Les débiteurs continuent de payer {assignor}, qui reverse à {assignee}.}}\nFondement : {law}. SHA-256 de l''acte : {hash}'),
	('financing_settled', 'de', 'Abgerechnet: {assignor}, {net}',
		E'Abtretung {reference} ({campaign}; {rules}) von {assignor} an {assignee}, Wertstellung {value_date}:\n{list}\nAbgetreten {amount}, Preis {discount}, gezahlt {net} auf Konto {beneficiary}. Der Preis sind Finanzierungskosten: er mindert weder Rechnungen noch Umsatzsteuer, eine Gutschrift ist nicht zu schreiben.\n{disclosed, select, true {Schuldner zahlen ab jetzt an {assignee}, auf Konto {account} von {holder}.} other {Schuldner zahlen weiter an {assignor}, der an {assignee} weiterleitet.}}\nGrundlage: {law}. SHA-256 der Urkunde: {hash}'),
	('recourse_taken', 'en', '{assignee} asks {amount} back: invoice {number}',
		'{assignee} asks you to pay back {amount} for invoice {number}: {reason}.'),
	('recourse_taken', 'fr', 'Recours de {assignee} : facture {number}, {amount}',
		'{assignee} vous demande de rembourser {amount} au titre de la facture {number} : {reason}.'),
	('recourse_taken', 'de', '{assignee} fordert {amount} zurück: Rechnung {number}',
		'{assignee} bittet Sie um Rückzahlung von {amount} zu Rechnung {number}: {reason}.')) w (template, language, subject, body)
	ON w.template = t.template
ON CONFLICT (template, language) DO UPDATE SET arguments = EXCLUDED.arguments, subject = EXCLUDED.subject, body = EXCLUDED.body;

CREATE OR REPLACE VIEW @store@.assignments WITH (security_invoker) AS
SELECT a.tenant_id, a.id, f.code AS financier, a.currency, a.settlement_date, a.instrument, a.disclosed, a.recourse, a.source, a.source_key, a.state,
	i.invoices, i.amount, i.discount, i.net, i.repaid, i.bought_back, i.asked_back, i.outstanding, i.next_due, a.dated_on, a.notified_at, a.debtor_accepted_at, a.settled_on, a.payment_reference,
	a.proposed_at, a.proposed_by, a.day_count, a.method, a.rounding, a.rule_version
FROM @store@.assignment a
JOIN @store@.financier f ON f.tenant_id = a.tenant_id AND f.financier_id = a.financier_id
CROSS JOIN LATERAL (
	SELECT count(*) AS invoices, pg_catalog.sum(x.amount) AS amount, pg_catalog.sum(x.discount) AS discount, pg_catalog.sum(x.net) AS net, pg_catalog.sum(x.repaid) AS repaid,
		pg_catalog.sum(x.bought_back) AS bought_back, pg_catalog.sum(x.asked_back) AS asked_back,
		COALESCE(pg_catalog.sum(x.amount - x.repaid - x.bought_back) FILTER (WHERE x.state NOT IN ('repaid', 'released')), 0) AS outstanding,
		pg_catalog.min(x.due_date) FILTER (WHERE x.state NOT IN ('repaid', 'released')) AS next_due
	FROM @store@.assignment_item x WHERE x.tenant_id = a.tenant_id AND x.assignment_id = a.id) i;
COMMENT ON VIEW @store@.assignments IS 'Assignments with their sums; a supplier''s are those of its own invoices, a financier''s those made to it.';

CREATE OR REPLACE VIEW @store@.assigned_invoices WITH (security_invoker) AS
SELECT i.tenant_id, i.assignment_id, i.document_id, f.code AS financier, i.number, i.issue_date, i.due_date, i.seller_name, i.debtor_name, a.currency, i.face, i.vat, i.amount, i.rate, i.days,
	i.discount, i.net, i.repaid, i.bought_back, i.asked_back, CASE WHEN i.state IN ('repaid', 'released') THEN 0 ELSE i.amount - i.repaid - i.bought_back END AS outstanding, i.state, i.reason, a.settlement_date
FROM @store@.assignment_item i
JOIN @store@.assignment a ON a.tenant_id = i.tenant_id AND a.id = i.assignment_id
JOIN @store@.financier f ON f.tenant_id = i.tenant_id AND f.financier_id = i.financier_id;
COMMENT ON VIEW @store@.assigned_invoices IS 'Invoices of assignments, with the price of each and what became of it. face and vat are those of the invoice, which no price changes.';

CREATE OR REPLACE VIEW @store@.assignment_acts WITH (security_invoker) AS
SELECT t.tenant_id, t.id, t.assignment_id, t.kind, t.seller_name, t.electronic, t.count, t.total, pg_catalog.convert_from(t.content, 'UTF8') AS text, pg_catalog.encode(t.sha256, 'hex') AS sha256,
	t.list, t.made_at, s.signer, s.means, s.dated_on AS signed_on, e.dated_on
FROM @store@.assignment_act t
LEFT JOIN @store@.act_signature s ON s.tenant_id = t.tenant_id AND s.act_id = t.id AND s.side IN ('assignor', 'debtor')
LEFT JOIN @store@.act_signature e ON e.tenant_id = t.tenant_id AND e.act_id = t.id AND e.side = 'assignee';
COMMENT ON VIEW @store@.assignment_acts IS 'Instruments of assignments: their words, the SHA-256 of their bytes, who signed them and when the financier dated them.';

CREATE OR REPLACE VIEW @store@.assignment_events WITH (security_invoker) AS
SELECT e.tenant_id, e.id, e.assignment_id, e.document_id, e.from_state, e.to_state, e.reason, e.amount, e.message, e.event_key, e.actor, e.happened_at FROM @store@.assignment_event e;
COMMENT ON VIEW @store@.assignment_events IS 'What happened to assignments and their invoices.';

CREATE OR REPLACE VIEW @store@.exposures WITH (security_invoker) AS
SELECT i.tenant_id, i.financier_id, f.code AS financier, a.currency,
	COALESCE(pg_catalog.sum(o.left) FILTER (WHERE i.state IN ('proposed', 'accepted', 'notified')), 0) AS reserved,
	COALESCE(pg_catalog.sum(o.left) FILTER (WHERE i.state IN ('settled', 'recourse')), 0) AS drawn, COALESCE(pg_catalog.sum(i.asked_back), 0) AS asked_back,
	COALESCE(pg_catalog.sum(o.left) FILTER (WHERE i.state IN ('settled', 'recourse') AND i.due_date < CURRENT_DATE), 0) AS overdue,
	COALESCE(pg_catalog.sum(o.left), 0) AS outstanding, count(*) AS invoices, pg_catalog.min(i.due_date) AS next_due
FROM @store@.assignment_item i
JOIN @store@.assignment a ON a.tenant_id = i.tenant_id AND a.id = i.assignment_id
JOIN @store@.financier f ON f.tenant_id = i.tenant_id AND f.financier_id = i.financier_id
CROSS JOIN LATERAL (SELECT i.amount - i.repaid - i.bought_back AS left) o
WHERE i.state NOT IN ('repaid', 'released')
GROUP BY i.tenant_id, i.financier_id, f.code, a.currency;
COMMENT ON VIEW @store@.exposures IS 'What financiers have outstanding, by currency, in face amounts: reserved (proposed, accepted, debtors told), drawn (paid to assignors), of that asked back and overdue; outstanding = reserved + drawn, which is what the total limit counts.';

CREATE OR REPLACE VIEW @store@.financeable_invoices WITH (security_invoker) AS
SELECT l.tenant_id, l.document_id, l.number, l.direction, l.currency, l.due_date, l.due_date - CURRENT_DATE AS days_to_due, l.undisputed AS amount, n.financier, n.rate, n.committed, n.recourse,
	n.min_days, n.max_days, c.kind AS claimed,
	CASE WHEN c.kind IS NOT NULL THEN 'claimed' WHEN l.open = 0 THEN 'nothing open' WHEN l.disputed > 0 THEN 'disputed' WHEN l.direction <> 'sale' AND l.payable_now = 0 THEN 'not approved'
		WHEN l.due_date IS NULL THEN 'no due date' WHEN l.due_date < CURRENT_DATE THEN 'overdue' WHEN n.financier IS NULL THEN 'no line in that currency'
		WHEN l.due_date - CURRENT_DATE < n.min_days THEN 'due too soon for the line' END AS blocked_by
FROM @store@.ledger l
LEFT JOIN (
	SELECT f.tenant_id, f.code AS financier, x.currency, x.rate, x.committed, x.recourse, x.min_days, x.max_days
	FROM @store@.financier f
	JOIN @store@.financier_lines x ON x.tenant_id = f.tenant_id AND x.financier_id = f.financier_id AND NOT x.closed AND x.valid_from <= CURRENT_DATE AND (x.valid_until < CURRENT_DATE) IS NOT TRUE
	WHERE f.active) n ON n.tenant_id = l.tenant_id AND n.currency = l.currency
LEFT JOIN @store@.claim c ON c.tenant_id = l.tenant_id AND c.document_id = l.document_id
WHERE l.open > 0;
COMMENT ON VIEW @store@.financeable_invoices IS
'What could be financed, a row for each open invoice and line in its currency: amount, indicative rate (a fraction a year), and what stands against it (blocked_by; claimed: by what). Name a tenant, and an invoice or supplier. financing_choices() has days and prices; whether limits have room shows when it is proposed.';

REVOKE ALL ON FUNCTION @store@.assignment_of(bigint, bigint), @store@.require_step(bigint, @store@.assignment, text, text, text), @store@.note_step(bigint, bigint, text, text, bigint, text, numeric, text, text),
	@store@.instrument_for(bigint, @store@.financier, text), @store@.write_acts(bigint, @store@.assignment, @store@.financier),
	@store@.assign_invoices(bigint, text, bigint[], date, numeric[], text, text, boolean, text), @store@.count_items(bigint, bigint, bigint, numeric, numeric, boolean),
	@store@.post_letter(bigint, text, text, jsonb, text, text, bigint), @store@.item_lines(bigint, bigint, text, text, bigint[]), @store@.write_debtors(bigint, @store@.assignment, text, bigint[]),
	@store@.tell_receipt(bigint, bigint, numeric, text, text), @store@.sign_act(bigint, bigint, text, text, bytea, date), @store@.accept_assignment(bigint, bigint, text, date),
	@store@.hand_back(bigint, @store@.assignment, @store@.assignment_item), @store@.close_item(bigint, bigint, bigint), @store@.give_back_items(bigint, @store@.assignment, bigint[], text), @store@.release_assignment(bigint, bigint, text, text), @store@.notify_assignment(bigint, bigint),
	@store@.notify_assignments(bigint), @store@.accept_as_debtor(bigint, bigint, text, text), @store@.settle_assignment(bigint, bigint, date, text, boolean),
	@store@.sum_up_assignment(bigint, bigint), @store@.book_repayment(bigint, @store@.assignment_item, numeric, text), @store@.ledger_changed(bigint, bigint),
	@store@.assignment_paid(bigint, bigint, bigint, numeric, date, text),
	@store@.assigned_item(bigint, bigint, bigint), @store@.said_before(bigint, bigint, bigint, numeric, text), @store@.confirm_repayment(bigint, bigint, bigint, numeric, text),
	@store@.take_recourse(bigint, bigint, bigint, text, numeric, text), @store@.settle_recourse(bigint, bigint, bigint, numeric, text), @store@.hurt_receivables(bigint),
	@store@.financing_choices(bigint, text, bigint[], date, int), @store@.react_finance(bigint, bigint, bigint, boolean), @store@.missing_of(bigint, @store@.assignment_item),
	@store@.has_status(bigint, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.own_assignments(), @store@.own_assigned_documents(), @store@.act_findings(bigint, bigint),
	@store@.assign_invoices(bigint, text, bigint[], date, numeric[], text, text, boolean, text), @store@.sign_act(bigint, bigint, text, text, bytea, date),
	@store@.accept_assignment(bigint, bigint, text, date), @store@.release_assignment(bigint, bigint, text, text), @store@.notify_assignment(bigint, bigint), @store@.notify_assignments(bigint),
	@store@.accept_as_debtor(bigint, bigint, text, text), @store@.settle_assignment(bigint, bigint, date, text, boolean), @store@.confirm_repayment(bigint, bigint, bigint, numeric, text),
	@store@.take_recourse(bigint, bigint, bigint, text, numeric, text), @store@.settle_recourse(bigint, bigint, bigint, numeric, text), @store@.hurt_receivables(bigint),
	@store@.financing_choices(bigint, text, bigint[], date, int) TO PUBLIC;
GRANT SELECT ON @store@.instrument, @store@.instrument_rule, @store@.act_default, @store@.act_mention, @store@.assignment_reason, @store@.assignment_transition,
	@store@.assignment, @store@.assignment_item, @store@.assignment_act, @store@.act_signature, @store@.assignment_event,
	@store@.assignments, @store@.assigned_invoices, @store@.assignment_acts, @store@.assignment_events, @store@.exposures, @store@.financeable_invoices TO PUBLIC;
