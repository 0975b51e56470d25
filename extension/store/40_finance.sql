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

CREATE OR REPLACE FUNCTION @store@.canonical_number(number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	-- FAC 0012, fac-12 and FAC12 are one number; 1-11 and 11-1 are two
	SELECT pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.upper(canonical_number.number COLLATE "C"),
		'[][\s!-/:-@\\^_`{-~]+', '-', 'g'), '^-|-$|(?<![0-9])-|-(?![0-9])', '', 'g'), '(?<![0-9])0+(?=[0-9])', '', 'g');
END;
COMMENT ON FUNCTION @store@.canonical_number(text) IS 'An invoice number in one spelling: capitals, no leading zeros, no blanks and marks but one hyphen between digits.';

CREATE OR REPLACE FUNCTION @store@.claim_objections(p_tenant_id bigint, documents bigint[]) RETURNS TABLE (document_id bigint, objection text)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off    -- a list of invoices, looked up one by one, whatever the planner thinks of the tables
SET enable_mergejoin = off
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT o.id, o.objection
	FROM (
		SELECT u.id, CASE
			WHEN s.document_id IS NULL THEN 'there is no such invoice'
			WHEN s.is_credit THEN 'it is a credit note'
			WHEN c.kind IS NOT NULL THEN format('there is a claim on it: %s', c.kind)
			WHEN s.meaning IN ('refused', 'rejected', 'cancelled', 'unacceptable') THEN format('it is %s', s.meaning)
			WHEN l.open = 0 THEN 'nothing is open'
			WHEN l.currency IS NULL THEN 'it names no currency'
			WHEN l.disputed > 0 THEN format('%s %s of it is disputed', l.disputed, l.currency)
			-- who sold it may rely on it before its buyer has said anything
			WHEN s.direction <> 'sale' AND l.payable_now = 0 THEN 'it is not approved'
			-- but what came back, or never left, may be paid anew
			WHEN s.meaning IN ('payment_sent', 'payment_received') AND l.paid = 0 AND NOT EXISTS (
				SELECT FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.document_id = u.id AND p.state IN ('rejected', 'returned')) THEN 'it is said to be paid'
			-- paid back to a financier, and that payment came back while there could be no claim: the financier relies on it all the same
			WHEN EXISTS (SELECT FROM @store@.assignment_item a WHERE a.tenant_id = p_tenant_id AND a.document_id = u.id AND a.state NOT IN ('repaid', 'released'))
				THEN 'a financier has it outstanding' END AS objection
		FROM unnest(documents) u (id)
		LEFT JOIN @store@.invoice_state s ON s.tenant_id = p_tenant_id AND s.document_id = u.id
		LEFT JOIN @store@.ledger l ON l.tenant_id = p_tenant_id AND l.document_id = u.id
		LEFT JOIN @store@.claim c ON c.tenant_id = p_tenant_id AND c.document_id = u.id) o
	WHERE o.objection IS NOT NULL
	ORDER BY o.id;
END;
$code$;
COMMENT ON FUNCTION @store@.claim_objections(bigint, bigint[]) IS 'What speaks against a claim on each of these invoices now, one reason each; no row: nothing. Of another claim it names the kind and never the holder. That the same receivable is claimed under another document is found by claim_invoices(), and told by claimed_elsewhere().';

CREATE OR REPLACE FUNCTION @store@.receivable_of(p_tenant_id bigint, document_id bigint, document clex.document, seller_key text, number text, issue_date date)
RETURNS TABLE (seller text, canonical text, year int)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
	SELECT COALESCE('siren ' || @store@.siren_of(receivable_of.document, 'BT-30', 'BT-31'),
			'party ' || @store@.party_of(receivable_of.p_tenant_id, ARRAY[receivable_of.seller_key, clex.value(receivable_of.document, 'BT-30'), clex.value(receivable_of.document, 'BT-29')]),
			'key ' || pg_catalog.upper(pg_catalog.regexp_replace(receivable_of.seller_key, '[^A-Za-z0-9]', '', 'g')), 'unknown ' || receivable_of.document_id),
		COALESCE(NULLIF(@store@.canonical_number(receivable_of.number), ''), 'document ' || receivable_of.document_id), COALESCE(pg_catalog.date_part('year', receivable_of.issue_date)::int, 0);
END;
COMMENT ON FUNCTION @store@.receivable_of(bigint, bigint, clex.document, text, text, date) IS
'Which receivable an invoice is, whatever document it came as: seller, number in one spelling and year of issue, as columns seller, number and year of table claim.';

CREATE OR REPLACE FUNCTION @store@.claimed_elsewhere(p_tenant_id bigint, document_id bigint) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT EXISTS (
		SELECT FROM @store@.invoice i
		CROSS JOIN LATERAL @store@.receivable_of(i.tenant_id, i.document_id, i.document, i.seller_key, i.number, i.issue_date) r
		JOIN @store@.claim c ON c.tenant_id = i.tenant_id AND c.seller = r.seller AND c.number = r.canonical AND c.year = r.year AND c.document_id <> i.document_id
		WHERE i.tenant_id = claimed_elsewhere.p_tenant_id AND i.document_id = claimed_elsewhere.document_id);
END;
COMMENT ON FUNCTION @store@.claimed_elsewhere(bigint, bigint) IS 'Whether the same receivable is claimed under another document, as far as the caller sees claims.';

CREATE OR REPLACE FUNCTION @store@.try_claims(p_tenant_id bigint, documents bigint[], kind text, holder text, "references" bigint[]) RETURNS TABLE (document_id bigint, objection text)
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off    -- a list of invoices, looked up one by one, whatever the planner thinks of the tables
SET enable_mergejoin = off
AS $code$
#variable_conflict use_column
DECLARE
	v_refused bigint[];
	v_objections text[];
	v_free bigint[];
	v_for bigint[];
BEGIN
	IF cardinality(documents) <> cardinality("references") THEN
		RAISE EXCEPTION 'as many references as invoices are needed' USING ERRCODE = 'array_subscript_error';
	END IF;
	PERFORM FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = ANY (documents) ORDER BY s.document_id FOR NO KEY UPDATE;
	SELECT array_agg(o.document_id), array_agg(o.objection) INTO v_refused, v_objections FROM @store@.claim_objections(p_tenant_id, documents) o
	-- what is contested is not paid; the rest is
	WHERE NOT (try_claims.kind = 'payment' AND EXISTS (
			SELECT FROM @store@.ledger l WHERE l.tenant_id = p_tenant_id AND l.document_id = o.document_id AND l.disputed > 0 AND l.payable_now > 0
				AND NOT EXISTS (SELECT FROM @store@.claim c WHERE c.tenant_id = p_tenant_id AND c.document_id = o.document_id)))
		-- nor does a financier stand in its own way, or in that of its payment
		AND NOT (o.objection = 'a financier has it outstanding' AND (try_claims.kind = 'payment' OR try_claims.kind = 'assignment' AND EXISTS (
			SELECT FROM @store@.assignment_item a JOIN unnest("references") r (id) ON a.assignment_id = r.id
			WHERE a.tenant_id = p_tenant_id AND a.document_id = o.document_id AND a.state NOT IN ('repaid', 'released'))));
	-- lists are put together by groups, here and below: joined, each of one would be compared with each of the other
	SELECT array_agg(x.id ORDER BY x.id), array_agg(x.reference ORDER BY x.id) INTO v_free, v_for
	FROM (
		SELECT w.id, max(w.reference) AS reference
		FROM (
			SELECT u.id, u.reference, false AS refused FROM unnest(documents, "references") u (id, reference)
			UNION ALL
			SELECT r.id, NULL, true FROM unnest(v_refused) r (id)) w
		GROUP BY w.id HAVING NOT bool_or(w.refused)) x;
	INSERT INTO @store@.claim (tenant_id, document_id, kind, holder, reference, amount, currency, seller, number, year, seller_key, buyer_vat_id)
	SELECT p_tenant_id, u.id, try_claims.kind, try_claims.holder, u.reference, l.undisputed, l.currency, k.seller, k.canonical, k.year, i.seller_key, i.buyer_vat_id
	FROM unnest(v_free, v_for) u (id, reference)
	JOIN @store@.ledger l ON l.tenant_id = p_tenant_id AND l.document_id = u.id
	JOIN @store@.invoice i ON i.tenant_id = p_tenant_id AND i.document_id = u.id
	CROSS JOIN LATERAL @store@.receivable_of(p_tenant_id, u.id, i.document, i.seller_key, i.number, i.issue_date) k
	ORDER BY u.id
	ON CONFLICT DO NOTHING;
	PERFORM @store@.amounts_changed(p_tenant_id, documents);
	RETURN QUERY
	SELECT w.id, max(w.objection)
	FROM (
		SELECT u.id, CASE WHEN NOT EXISTS (SELECT FROM @store@.claim k
			WHERE k.tenant_id = p_tenant_id AND k.document_id = u.id AND k.kind = try_claims.kind AND k.reference = u.reference) THEN
			'there is a claim on the same receivable under another document: seller, number and year of issue are the same' END AS objection
		FROM unnest(v_free, v_for) u (id, reference)
		UNION ALL
		SELECT r.id, r.objection FROM unnest(v_refused, v_objections) r (id, objection)) w
	GROUP BY w.id ORDER BY w.id;
END;
$code$;
COMMENT ON FUNCTION @store@.try_claims(bigint, bigint[], text, text, bigint[]) IS
'Part of functions that rely on what is open: puts claims on those of the invoices that may have one, each with its reference, under their locks. Returns a row for each: NULL if it is claimed now, else what speaks against it (claim_objections()), or that the same receivable is claimed under another document.';

CREATE OR REPLACE FUNCTION @store@.claim_invoices(p_tenant_id bigint, documents bigint[], kind text, holder text, "references" bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_refused record;
BEGIN
	SELECT * INTO v_refused FROM @store@.try_claims(p_tenant_id, documents, claim_invoices.kind, claim_invoices.holder, "references") t
	WHERE t.objection IS NOT NULL ORDER BY t.objection ~ '^there is a claim on the same receivable', t.document_id LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'invoice % cannot be claimed', v_refused.document_id USING
			ERRCODE = CASE WHEN v_refused.objection = 'there is no such invoice' THEN 'no_data_found' ELSE 'object_not_in_prerequisite_state' END,
			DETAIL = upper(left(v_refused.objection, 1)) || substr(v_refused.objection, 2) || '.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.claim_invoices(bigint, bigint[], text, text, bigint[]) IS
'Part of functions that rely on what is open: locks invoices, lowest first, and puts a claim on each, with a reference of its own; all or none. Errors: P0002 no such invoice, or not one the caller may see, 55000 it is claimed (the detail names the kind alone), not approved, disputed, refused, a credit note, has nothing open, or the same receivable is claimed under another document, 2202E numbers differ.';

CREATE OR REPLACE FUNCTION @store@.claim_invoice(p_tenant_id bigint, document_id bigint, kind text, holder text, reference bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.claim_invoices(p_tenant_id, ARRAY[claim_invoice.document_id], claim_invoice.kind, claim_invoice.holder, ARRAY[claim_invoice.reference]);
END;
$code$;
COMMENT ON FUNCTION @store@.claim_invoice(bigint, bigint, text, text, bigint) IS 'Part of functions that rely on what is open: puts a claim on one invoice; see claim_invoices().';

CREATE OR REPLACE FUNCTION @store@.release_claim(p_tenant_id bigint, document_id bigint, kind text, reference bigint) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	DELETE FROM @store@.claim c
	WHERE c.tenant_id = p_tenant_id AND c.document_id = release_claim.document_id AND c.kind = release_claim.kind AND c.reference = release_claim.reference;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM @store@.amounts_changed(p_tenant_id, ARRAY[release_claim.document_id]);
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.release_claim(bigint, bigint, text, bigint) IS 'Part of functions that rely on what is open no more: takes away their claim on an invoice, and no other one. Returns whether it was there.';

CREATE OR REPLACE FUNCTION @store@.release_claims(p_tenant_id bigint, documents bigint[], kind text, reference bigint) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_freed bigint[];
BEGIN
	WITH freed AS (
		DELETE FROM @store@.claim c
		WHERE c.tenant_id = p_tenant_id AND c.kind = release_claims.kind AND c.reference = release_claims.reference
			AND (release_claims.documents IS NULL OR c.document_id = ANY (release_claims.documents))
		RETURNING c.document_id
	)
	SELECT ARRAY(SELECT f.document_id FROM freed f) INTO v_freed;
	PERFORM @store@.amounts_changed(p_tenant_id, v_freed);
	RETURN cardinality(v_freed);
END;
$code$;
COMMENT ON FUNCTION @store@.release_claims(bigint, bigint[], text, bigint) IS 'Part of functions that rely on what is open no more: takes away the claims of one kind and reference on these invoices (NULL = on all), and no others. Returns how many there were.';

CREATE OR REPLACE FUNCTION @store@.turn_claims(p_tenant_id bigint, documents bigint[], from_kind text, from_references bigint[], to_kind text, holder text, to_references bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off    -- a list of invoices, looked up one by one, whatever the planner thinks of the tables
SET enable_mergejoin = off
AS $code$
#variable_conflict use_column
DECLARE
	v_count bigint;
	v_missing bigint;
BEGIN
	IF cardinality(documents) <> cardinality(from_references) OR cardinality(documents) <> cardinality(to_references) THEN
		RAISE EXCEPTION 'as many references as invoices are needed' USING ERRCODE = 'array_subscript_error';
	END IF;
	PERFORM FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = ANY (documents) ORDER BY s.document_id FOR NO KEY UPDATE;
	UPDATE @store@.claim c SET kind = turn_claims.to_kind, holder = turn_claims.holder, reference = u.to_reference, claimed_at = clock_timestamp(), claimed_by = clex.caller()
	FROM unnest(documents, from_references, to_references) u (id, from_reference, to_reference)
	WHERE c.tenant_id = p_tenant_id AND c.document_id = u.id
		AND (c.kind = turn_claims.from_kind AND c.reference = u.from_reference OR c.kind = turn_claims.to_kind AND c.reference = u.to_reference AND c.holder = turn_claims.holder);
	GET DIAGNOSTICS v_count = ROW_COUNT;
	IF v_count < cardinality(documents) THEN
		SELECT u.id INTO v_missing FROM unnest(documents, to_references) u (id, reference)
		WHERE NOT EXISTS (SELECT FROM @store@.claim c WHERE c.tenant_id = p_tenant_id AND c.document_id = u.id AND c.kind = turn_claims.to_kind AND c.reference = u.reference
			AND c.holder = turn_claims.holder)
		ORDER BY u.id LIMIT 1;
		RAISE EXCEPTION 'invoice % has no claim of that kind and reference', v_missing USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('%s of %s claims are there to be turned from %s to %s.', v_count, cardinality(documents), from_kind, to_kind);
	END IF;
	PERFORM @store@.amounts_changed(p_tenant_id, documents);
END;
$code$;
COMMENT ON FUNCTION @store@.turn_claims(bigint, bigint[], text, bigint[], text, text, bigint[]) IS
'Part of functions that take over from others: makes claims of one kind and reference ones of another (auction, assignment, payment), all or none, without a moment at which the invoices are free. Those that were turned before stay as they are. A dispute since the claim does not hinder it: view hurt_claims lists those. Errors: 55000 no such claim, 2202E numbers differ.';

CREATE OR REPLACE FUNCTION @store@.turn_claim(p_tenant_id bigint, document_id bigint, from_kind text, from_reference bigint, to_kind text, holder text, to_reference bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.turn_claims(p_tenant_id, ARRAY[turn_claim.document_id], turn_claim.from_kind, ARRAY[turn_claim.from_reference], turn_claim.to_kind, turn_claim.holder,
		ARRAY[turn_claim.to_reference]);
END;
$code$;
COMMENT ON FUNCTION @store@.turn_claim(bigint, bigint, text, bigint, text, text, bigint) IS 'Part of functions that take over from others: turns the claim on one invoice; see turn_claims().';

CREATE OR REPLACE VIEW @store@.claims WITH (security_invoker) AS
SELECT c.tenant_id, c.document_id, i.number, i.seller_name, c.kind, c.holder, c.reference, c.amount, c.currency, c.claimed_at, c.claimed_by
FROM @store@.claim c
JOIN @store@.invoice i ON i.tenant_id = c.tenant_id AND i.document_id = c.document_id;
COMMENT ON VIEW @store@.claims IS 'Invoices of which somebody relies on what is open, and who.';

CREATE OR REPLACE VIEW @store@.hurt_claims WITH (security_invoker) AS
SELECT c.tenant_id, c.document_id, l.number, c.kind, c.holder, c.reference, c.amount, l.undisputed, c.amount - l.undisputed AS missing, c.currency,
	CASE WHEN l.face = 0 THEN l.meaning WHEN l.disputed > 0 THEN 'disputed' WHEN l.open = 0 AND l.paid > 0 THEN 'paid' ELSE 'less is open' END AS hurt,
	CASE c.kind WHEN 'offer' THEN 'release' WHEN 'assignment' THEN 'recourse' WHEN 'auction' THEN 'take out' ELSE 'recall' END AS remedy
FROM @store@.claim c
JOIN @store@.ledger l ON l.tenant_id = c.tenant_id AND l.document_id = c.document_id
WHERE l.undisputed < c.amount;
COMMENT ON VIEW @store@.hurt_claims IS
'Claims on invoices that are worth less than when they were claimed: a dispute was opened, a credit note linked, the invoice refused or paid otherwise. Nothing is undone by itself; remedy says what is to be done: release (an offer that was accepted), recourse (a financier paid for it), take out (of an auction), recall (a payment order).';

CREATE OR REPLACE FUNCTION @store@.set_creditor(
	p_tenant_id bigint,
	document_id bigint,
	payee_kind text,
	party_id bigint,
	financier_id bigint,
	iban text,
	bic text,
	name text,
	source text,
	valid_from timestamptz DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state := @store@.lock_invoice(p_tenant_id, set_creditor.document_id);
	v_iban text := upper(regexp_replace(set_creditor.iban, '\s', '', 'g'));
	v_last @store@.creditor;
	v_id bigint;
BEGIN
	IF NOT clex.is_iban(v_iban) THEN
		RAISE EXCEPTION 'not an IBAN: "%"', set_creditor.iban USING ERRCODE = 'invalid_parameter_value', HINT = 'Its form or its check digits are wrong.';
	END IF;
	SELECT * INTO v_last FROM @store@.creditor c WHERE c.tenant_id = p_tenant_id AND c.document_id = set_creditor.document_id ORDER BY c.valid_from DESC, c.id DESC LIMIT 1;
	-- said twice it is said once, and keeps its confirmation
	IF (v_last.payee_kind, v_last.party_id, v_last.financier_id, v_last.iban, v_last.bic, v_last.name, v_last.source)
		IS NOT DISTINCT FROM (set_creditor.payee_kind, set_creditor.party_id, set_creditor.financier_id, v_iban, set_creditor.bic, set_creditor.name, set_creditor.source)
	THEN
		RETURN v_last.id;
	END IF;
	INSERT INTO @store@.creditor AS c (tenant_id, document_id, valid_from, payee_kind, party_id, financier_id, iban, bic, name, source, seller_key, buyer_vat_id)
	VALUES (p_tenant_id, set_creditor.document_id, COALESCE(set_creditor.valid_from, clock_timestamp()), set_creditor.payee_kind, set_creditor.party_id, set_creditor.financier_id,
		v_iban, set_creditor.bic, set_creditor.name, set_creditor.source, v_state.seller_key, v_state.buyer_vat_id)
	RETURNING c.id INTO v_id;
	PERFORM @store@.record_event(p_tenant_id, 'set_creditor', 'creditor', v_id::text, CASE WHEN v_last.id IS NOT NULL THEN to_jsonb(v_last.iban) END,
		jsonb_strip_nulls(jsonb_build_object('document', set_creditor.document_id, 'payee', set_creditor.payee_kind, 'iban', v_iban, 'name', set_creditor.name, 'source', set_creditor.source)));
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.set_creditor(bigint, bigint, text, bigint, bigint, text, text, text, text, timestamptz) IS
'Part of functions that change who is to be paid for an invoice (assignments, lifecycle statuses 225, 227, 228): from valid_from (now) on it is this payee on this account, who is paid nothing before confirm_creditor(). The same again is the same row. Returns its number. Errors: P0002 no such invoice, 22023 not an IBAN, 23502, 23514 payee or source.';

CREATE OR REPLACE FUNCTION @store@.confirm_creditor(p_tenant_id bigint, creditor_id bigint, channel text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_creditor @store@.creditor;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'settle');
	SELECT * INTO v_creditor FROM @store@.creditor c WHERE c.tenant_id = p_tenant_id AND c.id = confirm_creditor.creditor_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no creditor %', p_tenant_id, confirm_creditor.creditor_id USING ERRCODE = 'no_data_found', HINT = 'View creditors lists them.';
	ELSIF btrim(COALESCE(confirm_creditor.channel, '')) = '' THEN
		RAISE EXCEPTION 'who confirms an account says through which channel' USING ERRCODE = 'invalid_parameter_value';
	ELSIF v_creditor.confirmed_at IS NOT NULL THEN
		RETURN false;
	ELSIF v_creditor.entered_by = clex.caller() THEN
		RAISE EXCEPTION 'role "%" has entered this account itself', clex.caller() USING
			ERRCODE = 'insufficient_privilege',
			HINT = 'Somebody else confirms it, through another channel than the one it came by.';
	END IF;
	UPDATE @store@.creditor c SET confirmed_by = clex.caller(), confirmed_at = clock_timestamp(), channel = confirm_creditor.channel
	WHERE c.tenant_id = p_tenant_id AND c.id = v_creditor.id;
	PERFORM @store@.record_event(p_tenant_id, 'confirm_creditor', 'creditor', v_creditor.id::text, NULL, jsonb_build_object('iban', v_creditor.iban, 'channel', confirm_creditor.channel));
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.confirm_creditor(bigint, bigint, text) IS
'Confirms through a second channel (a call to a number known before) that a payee is to be paid on an account. False if it was confirmed before. For personas with the right settle, and never for who entered it. Errors: 42501, P0002 no such row, 22023 no channel.';

CREATE OR REPLACE FUNCTION @store@.creditor_of(
	p_tenant_id bigint,
	document_id bigint,
	OUT creditor_id bigint,
	OUT payee_kind text,
	OUT party_id bigint,
	OUT financier_id bigint,
	OUT iban text,
	OUT bic text,
	OUT name text,
	OUT source text,
	OUT confirmed boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	SELECT c.id, c.payee_kind, c.party_id, c.financier_id, c.iban, c.bic, c.name, c.source, c.confirmed_at IS NOT NULL
	INTO creditor_id, payee_kind, party_id, financier_id, iban, bic, name, source, confirmed
	FROM @store@.creditor c
	WHERE c.tenant_id = p_tenant_id AND c.document_id = creditor_of.document_id AND c.valid_from <= clock_timestamp()
	ORDER BY c.valid_from DESC, c.id DESC LIMIT 1;
	IF FOUND THEN
		RETURN;
	END IF;
	-- the account on the invoice is as good as the master data say
	SELECT 'supplier', p.id, a.iban, clex.value(i.document, 'BT-86'), COALESCE(clex.value(i.document, 'BT-59'), clex.value(i.document, 'BT-85'), i.seller_name), 'invoice',
		EXISTS (SELECT FROM @store@.party_identifier d WHERE d.tenant_id = p_tenant_id AND d.party_id = p.id AND d.scheme = 'iban' AND d.value = a.iban
			AND d.valid_from <= CURRENT_DATE AND (d.valid_to > CURRENT_DATE) IS NOT FALSE)
	INTO payee_kind, party_id, iban, bic, name, source, confirmed
	FROM @store@.invoice i
	CROSS JOIN LATERAL (SELECT CASE WHEN clex.value(i.document, 'BT-59') IS NULL
		THEN @store@.party_of(p_tenant_id, ARRAY[i.seller_key, clex.value(i.document, 'BT-30'), clex.value(i.document, 'BT-29')])
		ELSE @store@.party_of(p_tenant_id, ARRAY[clex.value(i.document, 'BT-61'), clex.value(i.document, 'BT-60')]) END AS id) p
	CROSS JOIN LATERAL (SELECT upper(regexp_replace(clex.value(i.document, 'BT-84'), '\s', '', 'g')) AS iban) a
	WHERE i.tenant_id = p_tenant_id AND i.document_id = creditor_of.document_id;
END;
$code$;
COMMENT ON FUNCTION @store@.creditor_of(bigint, bigint) IS
'Who is to be paid for an invoice now, on which account, and whether that is confirmed: the last row of table creditor that has begun, else the payee and account that the invoice names (source invoice), which count as confirmed if the account is one of the party''s master data. What is not confirmed is not paid. All NULL: no such invoice.';

CREATE OR REPLACE VIEW @store@.creditors WITH (security_invoker) AS
SELECT c.tenant_id, c.id, c.document_id, i.number, c.valid_from, c.payee_kind, c.party_id, c.financier_id, c.iban, c.bic, c.name, c.source, c.entered_by,
	c.confirmed_at IS NOT NULL AS confirmed, c.confirmed_by, c.confirmed_at, c.channel
FROM @store@.creditor c
JOIN @store@.invoice i ON i.tenant_id = c.tenant_id AND i.document_id = c.document_id;
COMMENT ON VIEW @store@.creditors IS 'Who is to be paid for invoices instead of whom they name, and which accounts wait to be confirmed.';

REVOKE ALL ON FUNCTION @store@.book_entry(bigint, bigint, text, numeric, date, text, text, boolean), @store@.reverse_entry(bigint, bigint, text, date, text, text),
	@store@.require_payer(bigint, bigint), @store@.record_payment(bigint, bigint, numeric, date, text, text, boolean),
	@store@.reverse_payment(bigint, bigint, text, date, text, text), @store@.claim_objections(bigint, bigint[]),
	@store@.try_claims(bigint, bigint[], text, text, bigint[]), @store@.release_claims(bigint, bigint[], text, bigint), @store@.claim_invoices(bigint, bigint[], text, text, bigint[]), @store@.claim_invoice(bigint, bigint, text, text, bigint),
	@store@.release_claim(bigint, bigint, text, bigint), @store@.turn_claims(bigint, bigint[], text, bigint[], text, text, bigint[]),
	@store@.turn_claim(bigint, bigint, text, bigint, text, text, bigint), @store@.set_creditor(bigint, bigint, text, bigint, bigint, text, text, text, text, timestamptz),
	@store@.confirm_creditor(bigint, bigint, text) FROM PUBLIC;
-- siren_of() is a pure function of a document, which whoever lists payables calls by receivable_of()
GRANT EXECUTE ON FUNCTION @store@.in_store(), @store@.finance_setting(bigint, text, text), @store@.canonical_number(text), @store@.siren_of(clex.document, text, text),
	@store@.receivable_of(bigint, bigint, clex.document, text, text, date), @store@.claimed_elsewhere(bigint, bigint), @store@.record_payment(bigint, bigint, numeric, date, text, text, boolean),
	@store@.reverse_payment(bigint, bigint, text, date, text, text), @store@.claim_objections(bigint, bigint[]), @store@.confirm_creditor(bigint, bigint, text),
	@store@.creditor_of(bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.ledger_entry, @store@.claim, @store@.creditor, @store@.ledger, @store@.ledger_entries, @store@.claims, @store@.hurt_claims, @store@.creditors TO PUBLIC;
