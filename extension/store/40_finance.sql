-- Module finance, ground: the ledger of each invoice, who has a claim on it, and who is to be paid.
--
-- What an invoice comes to is said once: face = paid + discount + credited + open, whatever is done in whatever order.  The state row of the invoice, which
-- procure to pay locks for all that is decided about it, is the lock of its ledger and its claim too; of several invoices the lowest number comes first, and
-- budgets and limits come after invoices.  At most one claim lies on an invoice, of whatever kind, and none on the same receivable under another document.
-- Suppliers and financiers act on rows that others have made, so that the tables of this module are open to the store's own functions (in_store()), whoever
-- calls them; the functions ask for the right.  What people see by views and tables is what they may see.

--! requires base documents p2p
--! step 1 rights of finance
INSERT INTO @store@.persona_right (persona, may)
SELECT p.persona, r.may
FROM (VALUES
	('treasurer', 'discount auction settle'),
	('cfo', 'discount'),
	-- of their own documents, and of what is theirs, alone
	('supplier', 'accept'),
	('financier', 'fund')) p (persona, rights),
	pg_catalog.string_to_table(p.rights, ' ') r (may)
ON CONFLICT DO NOTHING;

--! step 2 ledger
CREATE TABLE @store@.ledger_entry (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	entry_no int NOT NULL CHECK (entry_no > 0),
	kind text NOT NULL CHECK (kind IN ('paid', 'discount')),
	amount numeric NOT NULL CHECK (amount <> 0),
	currency text NOT NULL,
	booked_on date NOT NULL,
	reference text,
	reverses int,
	entry_key text NOT NULL CHECK (entry_key <> '' AND pg_catalog.length(entry_key) <= 200),
	actor text NOT NULL DEFAULT clex.caller(),
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	seller_key text,
	buyer_vat_id text,
	PRIMARY KEY (tenant_id, document_id, entry_no),
	UNIQUE (tenant_id, entry_key),
	UNIQUE (tenant_id, document_id, reverses),
	CHECK ((amount < 0) = (reverses IS NOT NULL)),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id)
);
CREATE INDEX ledger_entry_booked_idx ON @store@.ledger_entry (tenant_id, booked_on, document_id);
COMMENT ON TABLE @store@.ledger_entry IS 'What was paid of invoices, and what discount was taken, each once. Rows are added by book_entry() and reverse_entry(), never changed, never deleted.';
COMMENT ON COLUMN @store@.ledger_entry.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.ledger_entry.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.ledger_entry.entry_no IS 'Place among the entries of the invoice, from 1.';
COMMENT ON COLUMN @store@.ledger_entry.kind IS 'paid: money that left for whoever is the creditor. discount: what is not paid, since the rest was paid early from own funds.';
COMMENT ON COLUMN @store@.ledger_entry.amount IS 'Amount, with VAT; below 0 if it reverses another entry.';
COMMENT ON COLUMN @store@.ledger_entry.currency IS 'Currency of the invoice.';
COMMENT ON COLUMN @store@.ledger_entry.booked_on IS 'Day for which it counts: value date of a payment.';
COMMENT ON COLUMN @store@.ledger_entry.reference IS 'What it comes from: a payment order, a line of a statement, an offer.';
COMMENT ON COLUMN @store@.ledger_entry.reverses IS 'Entry of the invoice that it takes back in full; NULL = none.';
COMMENT ON COLUMN @store@.ledger_entry.entry_key IS 'What makes it be booked once: the same key again is the same entry.';
COMMENT ON COLUMN @store@.ledger_entry.actor IS 'Role on whose behalf it was booked.';
COMMENT ON COLUMN @store@.ledger_entry.created_at IS 'When.';
COMMENT ON COLUMN @store@.ledger_entry.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.ledger_entry.buyer_vat_id IS 'Buyer, as in table invoice_state.';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.ledger_entry FROM CURRENT_USER;

--! step 3 claims on invoices
CREATE TABLE @store@.claim (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	kind text NOT NULL CHECK (kind IN ('offer', 'assignment', 'auction', 'payment')),
	holder text NOT NULL CHECK (holder <> ''),
	reference bigint NOT NULL,
	amount numeric NOT NULL CHECK (amount > 0),
	currency text NOT NULL,
	claimed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	claimed_by text NOT NULL DEFAULT clex.caller(),
	seller text NOT NULL,
	number text NOT NULL,
	year int NOT NULL,
	seller_key text,
	buyer_vat_id text,
	PRIMARY KEY (tenant_id, document_id),
	UNIQUE (tenant_id, seller, number, year),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id)
);
CREATE INDEX claim_reference_idx ON @store@.claim (tenant_id, kind, reference, document_id);
COMMENT ON TABLE @store@.claim IS 'Invoices of which somebody relies on what is open: at most one claim on an invoice, and on a receivable whatever document it came as. Written by claim_invoices(), turn_claims() and release_claim().';
COMMENT ON COLUMN @store@.claim.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.claim.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.claim.kind IS 'offer: a discount that was accepted. assignment: sold to a financier. auction: in a batch that is open. payment: in a payment order that is not yet confirmed.';
COMMENT ON COLUMN @store@.claim.holder IS 'Who relies on it: a campaign, a financier, an auction, as its part of the module names it.';
COMMENT ON COLUMN @store@.claim.reference IS 'Number of the offer, assignment, auction or payment order.';
COMMENT ON COLUMN @store@.claim.amount IS 'What was open, and not contested, when it was claimed.';
COMMENT ON COLUMN @store@.claim.currency IS 'Currency of the invoice.';
COMMENT ON COLUMN @store@.claim.claimed_at IS 'When it was claimed, or turned into this kind.';
COMMENT ON COLUMN @store@.claim.claimed_by IS 'Role on whose behalf.';
COMMENT ON COLUMN @store@.claim.seller IS 'Seller, in one spelling for all its identifiers: SIREN, else party, else what the invoice says.';
COMMENT ON COLUMN @store@.claim.number IS 'Invoice number in one spelling (canonical_number()).';
COMMENT ON COLUMN @store@.claim.year IS 'Year of issue; 0 = not known.';
COMMENT ON COLUMN @store@.claim.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.claim.buyer_vat_id IS 'Buyer, as in table invoice_state.';

--! step 4 creditors and their accounts
CREATE TABLE @store@.creditor (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	document_id bigint NOT NULL,
	valid_from timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	payee_kind text NOT NULL CHECK (payee_kind IN ('supplier', 'financier')),
	party_id bigint,
	financier_id bigint,
	iban text,
	bic text,
	name text,
	source text NOT NULL CHECK (source IN ('invoice', '225', '227', '228', 'assignment')),
	entered_by text NOT NULL DEFAULT clex.caller(),
	confirmed_by text,
	confirmed_at timestamptz,
	channel text,
	seller_key text,
	buyer_vat_id text,
	PRIMARY KEY (tenant_id, id),
	CHECK ((payee_kind = 'financier') >= (financier_id IS NOT NULL)),
	CHECK (pg_catalog.num_nulls(confirmed_by, confirmed_at, channel) IN (0, 3)),
	CHECK (confirmed_by <> entered_by),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
CREATE INDEX creditor_document_idx ON @store@.creditor (tenant_id, document_id, valid_from DESC, id DESC);
CREATE INDEX creditor_unconfirmed_idx ON @store@.creditor (tenant_id, id) WHERE confirmed_at IS NULL;
COMMENT ON TABLE @store@.creditor IS 'Who is to be paid for an invoice instead of whom the invoice names, and on which account: the last row that has begun counts, and pays nobody before it is confirmed. Written by set_creditor() and confirm_creditor().';
COMMENT ON COLUMN @store@.creditor.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.creditor.id IS 'Number of the row in this store.';
COMMENT ON COLUMN @store@.creditor.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.creditor.valid_from IS 'From when on it counts.';
COMMENT ON COLUMN @store@.creditor.payee_kind IS 'supplier: who sold. financier: who bought the receivable, or paid it early.';
COMMENT ON COLUMN @store@.creditor.party_id IS 'The payee as a party; NULL = not known.';
COMMENT ON COLUMN @store@.creditor.financier_id IS 'The financier; NULL = it is no financier of the tenant, or the supplier.';
COMMENT ON COLUMN @store@.creditor.iban IS 'Account to pay to.';
COMMENT ON COLUMN @store@.creditor.bic IS 'Its bank.';
COMMENT ON COLUMN @store@.creditor.name IS 'Whose account it is.';
COMMENT ON COLUMN @store@.creditor.source IS 'What said so: the invoice, a lifecycle status (225, 227, 228), an assignment made here.';
COMMENT ON COLUMN @store@.creditor.entered_by IS 'Role that entered it, or brought the message that said so.';
COMMENT ON COLUMN @store@.creditor.confirmed_by IS 'Role that confirmed it through a second channel, never the one that entered it; NULL = nobody yet.';
COMMENT ON COLUMN @store@.creditor.confirmed_at IS 'When it was confirmed.';
COMMENT ON COLUMN @store@.creditor.channel IS 'The second channel: a call to a number that was known before, a letter.';
COMMENT ON COLUMN @store@.creditor.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.creditor.buyer_vat_id IS 'Buyer, as in table invoice_state.';

ALTER TABLE @store@.ledger_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.claim ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.creditor ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
CREATE OR REPLACE FUNCTION @store@.in_store() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT clex.runs_as_owner('@store@.tenant'::pg_catalog.regclass);
END;
COMMENT ON FUNCTION @store@.in_store() IS 'Whether one of the store''s own SECURITY DEFINER functions asks, whoever called it: ground of policies of tables on which suppliers and financiers act beside the rows they may see.';

CREATE OR REPLACE FUNCTION @store@.put_finance_policies(tables text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_table text;
BEGIN
	FOREACH v_table IN ARRAY tables LOOP
		EXECUTE format('DROP POLICY IF EXISTS tenant ON @store@.%I', v_table);
		EXECUTE format('CREATE POLICY tenant ON @store@.%I FOR SELECT USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t))', v_table);
		EXECUTE format('DROP POLICY IF EXISTS scope_seller ON @store@.%I', v_table);
		EXECUTE format('CREATE POLICY scope_seller ON @store@.%I FOR SELECT USING ((tenant_id, seller_key) IN (SELECT k.tenant_id, k.seller_key FROM @store@.own_seller_keys() k))', v_table);
		EXECUTE format('DROP POLICY IF EXISTS scope_buyer ON @store@.%I', v_table);
		EXECUTE format('CREATE POLICY scope_buyer ON @store@.%I FOR SELECT USING ((tenant_id, buyer_vat_id) IN (SELECT k.tenant_id, k.buyer_vat_id FROM @store@.own_buyer_keys() k))', v_table);
		EXECUTE format('DROP POLICY IF EXISTS store ON @store@.%I', v_table);
		EXECUTE format('CREATE POLICY store ON @store@.%I USING ((SELECT @store@.in_store()))', v_table);
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.put_finance_policies(text[]) IS 'Part of creation and upgrades: the policies of tables that stand beside an invoice, with its seller_key and buyer_vat_id: who sees the tenant, the seller or the buyer reads, the store''s own functions write.';
REVOKE ALL ON FUNCTION @store@.put_finance_policies(text[]) FROM PUBLIC;
SELECT @store@.put_finance_policies('{ledger_entry,claim,creditor}');
-- how discounts are computed holds for suppliers too, which do not get to see what the tenant has chosen
DROP POLICY IF EXISTS finance ON @store@.setting;
CREATE POLICY finance ON @store@.setting FOR SELECT USING (name ~ '^finance\.' AND (SELECT @store@.in_store()));

CREATE OR REPLACE FUNCTION @store@.finance_setting(p_tenant_id bigint, name text, otherwise text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN COALESCE((SELECT s.value #>> '{}' FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'finance.' || finance_setting.name), otherwise);
END;
$code$;
COMMENT ON FUNCTION @store@.finance_setting(bigint, text, text) IS 'A setting of finance (its name without finance.) as text, or what holds unless it is set.';

CREATE OR REPLACE VIEW @store@.ledger WITH (security_invoker) AS
SELECT o.tenant_id, o.document_id, o.number, o.direction, o.party_id, o.entity_id, o.due_date, o.currency, o.meaning, f.face, o.credited, e.paid, e.discount,
	a.open, GREATEST(e.paid + e.discount + o.credited - f.face, 0) AS overpaid, LEAST(a.open, o.disputed) AS disputed, a.open - LEAST(a.open, o.disputed) AS undisputed,
	CASE WHEN o.payable_now > 0 THEN a.open - LEAST(a.open, o.disputed) ELSE 0 END AS payable_now
FROM @store@.open_amounts o
CROSS JOIN LATERAL (
	SELECT COALESCE(pg_catalog.sum(x.amount) FILTER (WHERE x.kind = 'paid'), 0) AS paid, COALESCE(pg_catalog.sum(x.amount) FILTER (WHERE x.kind = 'discount'), 0) AS discount
	FROM @store@.ledger_entry x WHERE x.tenant_id = o.tenant_id AND x.document_id = o.document_id) e
CROSS JOIN LATERAL (
	SELECT CASE WHEN o.meaning IN ('refused', 'rejected', 'cancelled', 'unacceptable') THEN 0 ELSE COALESCE(o.face, 0) END AS face) f
CROSS JOIN LATERAL (SELECT GREATEST(f.face - o.credited - e.paid - e.discount, 0) AS open) a;
COMMENT ON VIEW @store@.ledger IS
'What each invoice comes to, in its currency, with VAT: face + overpaid = paid + discount + credited + open, always. face: amount due as stated (BT-115), 0 once the invoice is refused, rejected or cancelled. credited: by linked credit notes. paid, discount: of the ledger, reversals taken off. open: left to pay, never below 0; overpaid: what is over, never below 0. disputed: part of open that is contested; undisputed: the rest; payable_now: the rest if it is approved, else 0.';

CREATE OR REPLACE VIEW @store@.ledger_entries WITH (security_invoker) AS
SELECT e.tenant_id, e.document_id, i.number, e.entry_no, e.kind, e.amount, e.currency, e.booked_on, e.reference, e.reverses, e.entry_key, e.actor, e.created_at
FROM @store@.ledger_entry e
JOIN @store@.invoice i ON i.tenant_id = e.tenant_id AND i.document_id = e.document_id;
COMMENT ON VIEW @store@.ledger_entries IS 'What was paid of invoices, and what discount was taken, entry by entry.';

CREATE OR REPLACE FUNCTION @store@.book_entry(
	p_tenant_id bigint,
	document_id bigint,
	kind text,
	amount numeric,
	booked_on date,
	reference text,
	entry_key text,
	by_bank boolean DEFAULT false)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan    -- its statements are planned once, not for each invoice
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state := @store@.lock_invoice(p_tenant_id, book_entry.document_id);
	v_before @store@.ledger_entry;
	v_open record;
BEGIN
	SELECT * INTO v_before FROM @store@.ledger_entry e WHERE e.tenant_id = p_tenant_id AND e.entry_key = book_entry.entry_key;
	IF FOUND THEN
		IF (v_before.document_id, v_before.kind, v_before.amount, v_before.booked_on) IS DISTINCT FROM (book_entry.document_id, book_entry.kind, book_entry.amount, book_entry.booked_on) THEN
			RAISE EXCEPTION 'entry key "%" stands for another entry', book_entry.entry_key USING
				ERRCODE = 'unique_violation',
				DETAIL = format('It came with %s %s of invoice %s on %s.', v_before.kind, v_before.amount, v_before.document_id, v_before.booked_on);
		END IF;
		RETURN false;
	END IF;
	SELECT l.open, l.currency INTO v_open FROM @store@.ledger l WHERE l.tenant_id = p_tenant_id AND l.document_id = book_entry.document_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'nothing is booked on a credit note' USING ERRCODE = 'invalid_parameter_value', DETAIL = format('Document %s is one.', book_entry.document_id);
	ELSIF (book_entry.amount > 0) IS NOT TRUE OR book_entry.amount <> clex.round_to_currency(book_entry.amount, v_open.currency) THEN
		RAISE EXCEPTION 'an amount above 0 in the minor unit of % is needed', v_open.currency USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('The amount is %s.', book_entry.amount),
			HINT = 'What was booked is taken back by reverse_entry().';
	ELSIF book_entry.amount > v_open.open AND NOT (book_entry.by_bank AND book_entry.kind = 'paid') THEN
		RAISE EXCEPTION 'more would be % than is open', CASE book_entry.kind WHEN 'paid' THEN 'paid' ELSE 'taken off' END USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('Of invoice %s %s %s is open; the amount is %s.', book_entry.document_id, v_open.open, v_open.currency, book_entry.amount);
	END IF;
	INSERT INTO @store@.ledger_entry (tenant_id, document_id, entry_no, kind, amount, currency, booked_on, reference, entry_key, seller_key, buyer_vat_id)
	VALUES (p_tenant_id, book_entry.document_id,
		(SELECT COALESCE(max(e.entry_no), 0) + 1 FROM @store@.ledger_entry e WHERE e.tenant_id = p_tenant_id AND e.document_id = book_entry.document_id),
		book_entry.kind, book_entry.amount, v_open.currency, book_entry.booked_on, book_entry.reference, book_entry.entry_key, v_state.seller_key, v_state.buyer_vat_id);
	PERFORM @store@.amounts_changed(p_tenant_id, ARRAY[book_entry.document_id]);
	PERFORM @store@.ledger_changed(p_tenant_id, book_entry.document_id);
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.book_entry(bigint, bigint, text, numeric, date, text, text, boolean) IS
'Part of functions that pay, and that take discounts: adds an entry to the ledger of an invoice, under its lock. kind: paid or discount. by_bank: a bank says that it was paid, so that what is more than open is booked too, and overpaid. The same entry_key with the same figures again: false, and nothing happens. Errors: P0002 no such invoice, 22023 not an amount of that currency, more than is open, a credit note, 23505 the key of another entry, 23502, 23514 kind, day or key.';

CREATE OR REPLACE FUNCTION @store@.reverse_entry(p_tenant_id bigint, document_id bigint, reversed_key text, booked_on date, reference text, entry_key text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_entry @store@.ledger_entry;
	v_before @store@.ledger_entry;
BEGIN
	PERFORM @store@.lock_invoice(p_tenant_id, reverse_entry.document_id);
	SELECT * INTO v_entry FROM @store@.ledger_entry e
	WHERE e.tenant_id = p_tenant_id AND e.document_id = reverse_entry.document_id AND e.entry_key = reverse_entry.reversed_key AND e.reverses IS NULL;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'invoice % has no entry "%" to be reversed', reverse_entry.document_id, reverse_entry.reversed_key USING
			ERRCODE = 'no_data_found',
			HINT = 'View ledger_entries lists them; a reversal is not reversed: book anew what happened anew.';
	END IF;
	SELECT * INTO v_before FROM @store@.ledger_entry e WHERE e.tenant_id = p_tenant_id AND (e.entry_key = reverse_entry.entry_key
		OR e.document_id = reverse_entry.document_id AND e.reverses = v_entry.entry_no) ORDER BY e.entry_key = reverse_entry.entry_key DESC LIMIT 1;
	IF FOUND THEN
		IF (v_before.document_id, v_before.reverses, v_before.entry_key, v_before.booked_on)
			IS DISTINCT FROM (reverse_entry.document_id, v_entry.entry_no, reverse_entry.entry_key, reverse_entry.booked_on)
		THEN
			RAISE EXCEPTION 'entry "%" has been reversed, or "%" is the key of another entry', reverse_entry.reversed_key, reverse_entry.entry_key USING
				ERRCODE = 'unique_violation',
				DETAIL = format('There is entry "%s" of invoice %s on %s.', v_before.entry_key, v_before.document_id, v_before.booked_on);
		END IF;
		RETURN false;
	END IF;
	INSERT INTO @store@.ledger_entry (tenant_id, document_id, entry_no, kind, amount, currency, booked_on, reference, reverses, entry_key, seller_key, buyer_vat_id)
	VALUES (p_tenant_id, reverse_entry.document_id,
		(SELECT max(e.entry_no) + 1 FROM @store@.ledger_entry e WHERE e.tenant_id = p_tenant_id AND e.document_id = reverse_entry.document_id),
		v_entry.kind, -v_entry.amount, v_entry.currency, reverse_entry.booked_on, reverse_entry.reference, v_entry.entry_no, reverse_entry.entry_key,
		v_entry.seller_key, v_entry.buyer_vat_id);
	PERFORM @store@.amounts_changed(p_tenant_id, ARRAY[reverse_entry.document_id]);
	PERFORM @store@.ledger_changed(p_tenant_id, reverse_entry.document_id);
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.reverse_entry(bigint, bigint, text, date, text, text) IS
'Part of functions that take back what was booked: adds the reversal of an entry, in full, once. The same entry_key for the same entry again: false, and nothing happens. Errors: P0002 no such invoice or entry, 23505 reversed under another key, or the key of another entry.';

CREATE OR REPLACE FUNCTION @store@.require_payer(p_tenant_id bigint, document_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
BEGIN
	v_state := @store@.lock_invoice(p_tenant_id, require_payer.document_id);
	PERFORM @store@.require_right(p_tenant_id, CASE v_state.direction WHEN 'sale' THEN 'collect' ELSE 'pay' END);
END;
$code$;
COMMENT ON FUNCTION @store@.require_payer(bigint, bigint) IS 'Part of functions that record payments: locks the invoice, and raises 42501 unless the caller has the right pay, or collect for what was sold, for the whole tenant.';

CREATE OR REPLACE FUNCTION @store@.record_payment(p_tenant_id bigint, document_id bigint, amount numeric, paid_on date, reference text, entry_key text, by_bank boolean DEFAULT false) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_booked boolean;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	PERFORM @store@.require_given(jsonb_build_object('amount', record_payment.amount, 'paid_on', record_payment.paid_on, 'entry_key', record_payment.entry_key));
	PERFORM @store@.require_payer(p_tenant_id, record_payment.document_id);
	v_booked := @store@.book_entry(p_tenant_id, record_payment.document_id, 'paid', record_payment.amount, record_payment.paid_on, record_payment.reference,
		'payment/' || record_payment.entry_key, record_payment.by_bank);
	IF v_booked THEN
		PERFORM @store@.record_event(p_tenant_id, 'record_payment', 'invoice', record_payment.document_id::text, NULL,
			jsonb_build_object('amount', record_payment.amount, 'paid_on', record_payment.paid_on, 'key', record_payment.entry_key));
	END IF;
	RETURN v_booked;
END;
$code$;
COMMENT ON FUNCTION @store@.record_payment(bigint, bigint, numeric, date, text, text, boolean) IS
'Records a payment of an invoice that was made or received, in full or in part. by_bank: a bank says so; what is more than open is then booked as overpaid, else refused. The same entry_key again: false, and nothing happens. For personas with the right pay (invoices bought) or collect (sold). Errors: 42501, P0002 no such invoice, 22023 not an amount of its currency, or more than is open, 22004 no amount, day or key, 23505 the key of another payment.';

CREATE OR REPLACE FUNCTION @store@.reverse_payment(p_tenant_id bigint, document_id bigint, reversed_key text, booked_on date, reference text, entry_key text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_booked boolean;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	PERFORM @store@.require_given(jsonb_build_object('reversed_key', reverse_payment.reversed_key, 'booked_on', reverse_payment.booked_on, 'entry_key', reverse_payment.entry_key));
	PERFORM @store@.require_payer(p_tenant_id, reverse_payment.document_id);
	v_booked := @store@.reverse_entry(p_tenant_id, reverse_payment.document_id, 'payment/' || reverse_payment.reversed_key, reverse_payment.booked_on, reverse_payment.reference,
		'payment/' || reverse_payment.entry_key);
	IF v_booked THEN
		PERFORM @store@.record_event(p_tenant_id, 'reverse_payment', 'invoice', reverse_payment.document_id::text, NULL,
			jsonb_build_object('reversed', reverse_payment.reversed_key, 'booked_on', reverse_payment.booked_on, 'key', reverse_payment.entry_key));
	END IF;
	RETURN v_booked;
END;
$code$;
COMMENT ON FUNCTION @store@.reverse_payment(bigint, bigint, text, date, text, text) IS
'Takes back a payment that record_payment() recorded under reversed_key, in full, once: it came back, or was recorded wrongly. The same entry_key again: false, and nothing happens. For personas with the right pay (invoices bought) or collect (sold). Errors: 42501, P0002 no such invoice or payment, 22004 no key or day, 23505 taken back under another key, or the key of another payment.';

REVOKE ALL ON FUNCTION @store@.book_entry(bigint, bigint, text, numeric, date, text, text, boolean), @store@.reverse_entry(bigint, bigint, text, date, text, text),
	@store@.require_payer(bigint, bigint), @store@.record_payment(bigint, bigint, numeric, date, text, text, boolean), @store@.reverse_payment(bigint, bigint, text, date, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.in_store(), @store@.finance_setting(bigint, text, text), @store@.record_payment(bigint, bigint, numeric, date, text, text, boolean),
	@store@.reverse_payment(bigint, bigint, text, date, text, text) TO PUBLIC;
GRANT SELECT ON @store@.ledger_entry, @store@.claim, @store@.creditor, @store@.ledger, @store@.ledger_entries TO PUBLIC;
