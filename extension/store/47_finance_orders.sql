-- Module finance, payment orders: what is due, or was agreed, is paid once.
--
-- An order is for one account, day and currency, and has a payment for each invoice.  An invoice is in one order at a time: its claim says so, and what it was
-- claimed for before (an offer, an assignment) is what the claim becomes again when the payment fails.  Who makes an order does not release it.  From then
-- on a payment goes by its end-to-end id: whatever a bank says of it, in whatever order and however often, is applied once.

--! step 60 accounts to pay from
INSERT INTO @store@.persona_right (persona, may) VALUES ('treasurer', 'release'), ('cfo', 'release') ON CONFLICT DO NOTHING;
CREATE TABLE @store@.paying_account (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	entity_id bigint NOT NULL,
	currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	iban text NOT NULL CHECK (clex.is_iban(iban)),
	bic text CHECK (clex.is_bic(bic)),
	name text NOT NULL CHECK (name <> ''),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, entity_id, currency),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id)
);
COMMENT ON TABLE @store@.paying_account IS 'Accounts that entities pay from, one for each currency; an entity without one pays from that of the entity it belongs to. Written by set_paying_account().';
COMMENT ON COLUMN @store@.paying_account.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.paying_account.id IS 'Number of the account in this store.';
COMMENT ON COLUMN @store@.paying_account.entity_id IS 'Entity whose account it is.';
COMMENT ON COLUMN @store@.paying_account.currency IS 'Currency that is paid from it, ISO 4217.';
COMMENT ON COLUMN @store@.paying_account.iban IS 'The account.';
COMMENT ON COLUMN @store@.paying_account.bic IS 'Its bank.';
COMMENT ON COLUMN @store@.paying_account.name IS 'Whose name it is in.';

--! step 61 payment orders and their payments
CREATE TABLE @store@.payment_order (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	iban text NOT NULL,
	bic text,
	name text NOT NULL,
	currency text NOT NULL,
	pay_on date NOT NULL,
	state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'released', 'cancelled')),
	message_id text NOT NULL,
	format text,
	file_hash bytea,
	made_by text NOT NULL DEFAULT clex.caller(),
	made_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	released_by text,
	released_at timestamptz,
	note text,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, message_id),
	CHECK (state <> 'released' OR pg_catalog.num_nulls(format, file_hash, released_by, released_at) = 0),
	CHECK (released_by <> made_by)
);
CREATE INDEX payment_order_open_idx ON @store@.payment_order (tenant_id, pay_on, id) WHERE state = 'draft';
COMMENT ON TABLE @store@.payment_order IS 'Orders to banks: payments from one account, on one day, in one currency. Written by make_payment_orders(), release_payment_order() and cancel_payment_order().';
COMMENT ON COLUMN @store@.payment_order.tenant_id IS 'Tenant that pays.';
COMMENT ON COLUMN @store@.payment_order.id IS 'Number of the order in this store.';
COMMENT ON COLUMN @store@.payment_order.iban IS 'Account that is paid from.';
COMMENT ON COLUMN @store@.payment_order.bic IS 'Its bank.';
COMMENT ON COLUMN @store@.payment_order.name IS 'Whose name it is in.';
COMMENT ON COLUMN @store@.payment_order.currency IS 'Currency of all its payments.';
COMMENT ON COLUMN @store@.payment_order.pay_on IS 'Day on which the bank is to pay.';
COMMENT ON COLUMN @store@.payment_order.state IS 'draft: made, not yet released. released: posted to the bank. cancelled: given up before the bank got it.';
COMMENT ON COLUMN @store@.payment_order.message_id IS 'What the bank knows the order by (MsgId).';
COMMENT ON COLUMN @store@.payment_order.format IS 'Format it was written in.';
COMMENT ON COLUMN @store@.payment_order.file_hash IS 'SHA-256 of the file that was posted.';
COMMENT ON COLUMN @store@.payment_order.made_by IS 'Role that made it.';
COMMENT ON COLUMN @store@.payment_order.made_at IS 'When it was made.';
COMMENT ON COLUMN @store@.payment_order.released_by IS 'Role that released it, never the one that made it.';
COMMENT ON COLUMN @store@.payment_order.released_at IS 'When it was released.';
COMMENT ON COLUMN @store@.payment_order.note IS 'Why it was cancelled.';

CREATE TABLE @store@.payment (
	tenant_id bigint NOT NULL,
	order_id bigint NOT NULL,
	payment_no int NOT NULL CHECK (payment_no > 0),
	end_to_end_id text NOT NULL,
	document_id bigint NOT NULL,
	amount numeric NOT NULL CHECK (amount > 0),
	discount numeric NOT NULL CHECK (discount >= 0),
	payee_kind text NOT NULL,
	party_id bigint,
	financier_id bigint,
	payee text NOT NULL,
	iban text NOT NULL,
	bic text,
	claim_kind text,
	claim_holder text,
	claim_reference bigint,
	state text NOT NULL DEFAULT 'ordered' CHECK (state IN ('ordered', 'accepted', 'booked', 'rejected', 'returned', 'cancelled')),
	booked_on date,
	reason text,
	seller_key text,
	buyer_vat_id text,
	PRIMARY KEY (tenant_id, order_id, payment_no),
	UNIQUE (tenant_id, end_to_end_id),
	CHECK (pg_catalog.num_nulls(claim_kind, claim_holder, claim_reference) IN (0, 3)),
	CHECK (state NOT IN ('booked', 'returned') OR booked_on IS NOT NULL),
	FOREIGN KEY (tenant_id, order_id) REFERENCES @store@.payment_order (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id)
);
CREATE INDEX payment_document_idx ON @store@.payment (tenant_id, document_id, order_id);
CREATE INDEX payment_seller_idx ON @store@.payment (tenant_id, seller_key);
COMMENT ON TABLE @store@.payment IS 'Payments of orders, one for each invoice. Written with the order; settle_payment() says what became of them.';
COMMENT ON COLUMN @store@.payment.tenant_id IS 'Tenant that pays.';
COMMENT ON COLUMN @store@.payment.order_id IS 'Order it belongs to.';
COMMENT ON COLUMN @store@.payment.payment_no IS 'Its place there, from 1.';
COMMENT ON COLUMN @store@.payment.end_to_end_id IS 'What the bank and the payee know it by.';
COMMENT ON COLUMN @store@.payment.document_id IS 'Invoice that is paid.';
COMMENT ON COLUMN @store@.payment.amount IS 'What is paid, in the currency of the order.';
COMMENT ON COLUMN @store@.payment.discount IS 'What is taken off, as it was agreed.';
COMMENT ON COLUMN @store@.payment.payee_kind IS 'supplier or financier.';
COMMENT ON COLUMN @store@.payment.party_id IS 'The payee as a party; NULL = not known.';
COMMENT ON COLUMN @store@.payment.financier_id IS 'The payee as a financier; NULL = none.';
COMMENT ON COLUMN @store@.payment.payee IS 'Name of the payee.';
COMMENT ON COLUMN @store@.payment.iban IS 'Account that is paid to.';
COMMENT ON COLUMN @store@.payment.bic IS 'Its bank.';
COMMENT ON COLUMN @store@.payment.claim_kind IS 'What the invoice was claimed for before it was ordered: offer, assignment; NULL = nothing.';
COMMENT ON COLUMN @store@.payment.claim_holder IS 'Holder of that claim.';
COMMENT ON COLUMN @store@.payment.claim_reference IS 'Reference of that claim.';
COMMENT ON COLUMN @store@.payment.state IS 'ordered; accepted: the bank will pay; booked: it has paid; rejected: it will not; returned: the money came back; cancelled: taken out before the bank got it.';
COMMENT ON COLUMN @store@.payment.booked_on IS 'Day of the booking.';
COMMENT ON COLUMN @store@.payment.reason IS 'Why it was rejected, returned or cancelled.';
COMMENT ON COLUMN @store@.payment.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.payment.buyer_vat_id IS 'Buyer, as in table invoice_state.';

CREATE TABLE @store@.payment_step (
	from_state text NOT NULL,
	said text NOT NULL CHECK (said IN ('accepted', 'booked', 'rejected', 'returned')),
	outcome text NOT NULL CHECK (outcome IN ('applied', 'repeated', 'late', 'refused')),
	PRIMARY KEY (from_state, said)
);
COMMENT ON TABLE @store@.payment_step IS 'What comes of what a bank says of a payment; reference data of the store.';
COMMENT ON COLUMN @store@.payment_step.from_state IS 'State of the payment.';
COMMENT ON COLUMN @store@.payment_step.said IS 'What is said, and the state that it has then.';
COMMENT ON COLUMN @store@.payment_step.outcome IS 'applied: it has that state now. repeated: it had it. late: it had gone beyond. refused: it cannot be, people must look.';
INSERT INTO @store@.payment_step (from_state, said, outcome) VALUES
	('ordered', 'accepted', 'applied'), ('ordered', 'booked', 'applied'), ('ordered', 'rejected', 'applied'), ('ordered', 'returned', 'refused'),
	('accepted', 'accepted', 'repeated'), ('accepted', 'booked', 'applied'), ('accepted', 'rejected', 'applied'), ('accepted', 'returned', 'refused'),
	('booked', 'accepted', 'late'), ('booked', 'booked', 'repeated'), ('booked', 'rejected', 'refused'), ('booked', 'returned', 'applied'),
	('rejected', 'accepted', 'refused'), ('rejected', 'booked', 'refused'), ('rejected', 'rejected', 'repeated'), ('rejected', 'returned', 'refused'),
	('returned', 'accepted', 'late'), ('returned', 'booked', 'late'), ('returned', 'rejected', 'repeated'), ('returned', 'returned', 'repeated'),
	('cancelled', 'accepted', 'refused'), ('cancelled', 'booked', 'refused'), ('cancelled', 'rejected', 'repeated'), ('cancelled', 'returned', 'refused');

ALTER TABLE @store@.partner_channel DROP CONSTRAINT partner_channel_purpose_check,
	ADD CONSTRAINT partner_channel_purpose_check CHECK (purpose IN ('invoice', 'answer', 'order', 'remittance'));
COMMENT ON COLUMN @store@.partner_channel.purpose IS 'invoice: invoices and credit notes. answer: answers to its invoices. order: orders. remittance: remittance advices.';

ALTER TABLE @store@.paying_account ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.payment_order ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.payment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.payment_step ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
DROP POLICY IF EXISTS tenant ON @store@.paying_account;
CREATE POLICY tenant ON @store@.paying_account USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
-- an order is of the tenant as a whole: who sees some of its documents sees their payments
DROP POLICY IF EXISTS tenant ON @store@.payment_order;
CREATE POLICY tenant ON @store@.payment_order USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
DROP POLICY IF EXISTS tenant ON @store@.payment;
CREATE POLICY tenant ON @store@.payment USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
DROP POLICY IF EXISTS scope_seller ON @store@.payment;
CREATE POLICY scope_seller ON @store@.payment FOR SELECT
	USING ((tenant_id, seller_key) IN (SELECT k.tenant_id, k.seller_key FROM @store@.own_seller_keys() k));
DROP POLICY IF EXISTS scope_buyer ON @store@.payment;
CREATE POLICY scope_buyer ON @store@.payment FOR SELECT
	USING ((tenant_id, buyer_vat_id) IN (SELECT k.tenant_id, k.buyer_vat_id FROM @store@.own_buyer_keys() k));
DROP POLICY IF EXISTS everybody ON @store@.payment_step;
CREATE POLICY everybody ON @store@.payment_step FOR SELECT USING (true);
DROP POLICY IF EXISTS operator ON @store@.payment_step;
CREATE POLICY operator ON @store@.payment_step USING ((SELECT @store@.is_operator()));

INSERT INTO @store@.notice_default AS d (template, language, arguments, subject, body)
VALUES
	('payment_made', 'en', '{payer,count,total,pay_on,invoices,discount,payee}', '{payer} pays {total} on {pay_on, date, long}',
		'To {payee}: on {pay_on, date, long} {payer} pays {total} for {count, plural, one {invoice} other {# invoices}} {invoices}. Discount taken as agreed: {discount}.'),
	('payment_made', 'fr', '{payer,count,total,pay_on,invoices,discount,payee}', '{payer} règle {total} le {pay_on, date, long}',
		'À {payee} : le {pay_on, date, long}, {payer} règle {total} pour {count, plural, one {la facture} other {# factures :}} {invoices}. Escompte convenu déduit : {discount}.'),
	('payment_made', 'de', '{payer,count,total,pay_on,invoices,discount,payee}', '{payer} zahlt {total} am {pay_on, date, long}',
		'An {payee}: Am {pay_on, date, long} zahlt {payer} {total} für {count, plural, one {die Rechnung} other {# Rechnungen:}} {invoices}. Abgezogenes Skonto wie vereinbart: {discount}.')
ON CONFLICT (template, language) DO UPDATE SET arguments = EXCLUDED.arguments, subject = EXCLUDED.subject, body = EXCLUDED.body;

CREATE OR REPLACE FUNCTION @store@.set_paying_account(p_tenant_id bigint, entity text, currency text, iban text, bic text DEFAULT NULL, name text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_entity bigint;
	v_old @store@.paying_account;
	v_iban text := upper(regexp_replace(set_paying_account.iban, '\s', '', 'g'));
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	v_entity := @store@.entity_id(p_tenant_id, set_paying_account.entity);
	IF NOT clex.is_iban(v_iban) THEN
		RAISE EXCEPTION 'not an IBAN: "%"', set_paying_account.iban USING ERRCODE = 'invalid_parameter_value', HINT = 'Its form or its check digits are wrong.';
	ELSIF (set_paying_account.currency ~ '^[A-Z]{3}$') IS NOT TRUE THEN
		RAISE EXCEPTION 'not a currency: "%"', set_paying_account.currency USING ERRCODE = 'invalid_parameter_value', HINT = 'Currencies are three capitals, as EUR.';
	END IF;
	DELETE FROM @store@.paying_account a
	WHERE a.tenant_id = p_tenant_id AND a.entity_id = v_entity AND a.currency = set_paying_account.currency RETURNING * INTO v_old;
	IF v_iban IS NOT NULL THEN
		INSERT INTO @store@.paying_account (tenant_id, entity_id, currency, iban, bic, name)
		VALUES (p_tenant_id, v_entity, set_paying_account.currency, v_iban, set_paying_account.bic,
			COALESCE(set_paying_account.name, (SELECT t.name FROM @store@.entity_tree(p_tenant_id, CURRENT_DATE) t WHERE t.entity_id = v_entity), set_paying_account.entity));
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_paying_account', 'entity', set_paying_account.entity,
		CASE WHEN v_old.id IS NOT NULL THEN jsonb_build_object('currency', v_old.currency, 'iban', v_old.iban) END,
		jsonb_build_object('currency', set_paying_account.currency, 'iban', v_iban));
END;
$code$;
COMMENT ON FUNCTION @store@.set_paying_account(bigint, text, text, text, text, text) IS
'Says which account an entity, and those below it that have none of their own, pays a currency from; name: whose name it is in (the entity''s). iban NULL takes it away. For personas with the right configure. Errors: 42501, P0002 no such entity, 22023 not an IBAN or currency, 23514 not a BIC.';

CREATE OR REPLACE FUNCTION @store@.agreed_discounts(p_tenant_id bigint, documents bigint[]) RETURNS TABLE (document_id bigint, reference bigint, pay_on date, discount numeric)
LANGUAGE sql STABLE ROWS 10
BEGIN ATOMIC
	SELECT o.document_id, o.id, o.pay_on, o.discount
	FROM @store@.offer o
	WHERE o.tenant_id = agreed_discounts.p_tenant_id AND o.state = 'accepted' AND (agreed_discounts.documents IS NULL OR o.document_id = ANY (agreed_discounts.documents));
END;
COMMENT ON FUNCTION @store@.agreed_discounts(bigint, bigint[]) IS 'What is taken off invoices (NULL = all) if they are paid on the day that was agreed: offers that were accepted and are not settled yet.';

CREATE OR REPLACE FUNCTION @store@.offer_paid(p_tenant_id bigint, offer_id bigint, booked_on date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_offer @store@.offer := @store@.offer_of(p_tenant_id, offer_paid.offer_id);
	v_discount numeric;
BEGIN
	IF v_offer.state <> 'accepted' THEN
		RETURN;
	END IF;
	-- what a credit note has taken off since is not taken off again
	v_discount := LEAST(v_offer.discount, (SELECT l.open FROM @store@.ledger l WHERE l.tenant_id = p_tenant_id AND l.document_id = v_offer.document_id));
	IF v_discount > 0 THEN
		PERFORM @store@.book_discount(p_tenant_id, v_offer.document_id, v_discount, offer_paid.booked_on, format('offer/%s', v_offer.id), format('offer/%s/discount', v_offer.id));
	END IF;
	UPDATE @store@.offer o SET state = 'settled', settled_on = offer_paid.booked_on WHERE o.tenant_id = p_tenant_id AND o.id = v_offer.id;
	PERFORM @store@.release_claim(p_tenant_id, v_offer.document_id, 'offer', v_offer.id);
END;
$code$;
COMMENT ON FUNCTION @store@.offer_paid(bigint, bigint, date) IS 'Part of settle_payment(): a bank has paid what was agreed, so that the discount is taken, with what it does to VAT. Once.';

CREATE OR REPLACE FUNCTION @store@.offer_unpaid(p_tenant_id bigint, offer_id bigint, booked_on date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_offer @store@.offer := @store@.offer_of(p_tenant_id, offer_unpaid.offer_id);
	v_key text := format('offer/%s/discount', offer_id);
BEGIN
	IF v_offer.state <> 'settled' THEN
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM @store@.ledger_entry e WHERE e.tenant_id = p_tenant_id AND e.entry_key = v_key) THEN
		PERFORM @store@.take_back_discount(p_tenant_id, v_offer.document_id, v_key, offer_unpaid.booked_on, format('offer/%s', v_offer.id), v_key || '/returned');
	END IF;
	UPDATE @store@.offer o SET settled_on = NULL, state = 'accepted' WHERE o.tenant_id = p_tenant_id AND o.id = v_offer.id;
	PERFORM @store@.give_up_offer(p_tenant_id, v_offer, 'lapsed', 'The payment came back.');
END;
$code$;
COMMENT ON FUNCTION @store@.offer_unpaid(bigint, bigint, date) IS 'Part of settle_payment(): the payment of what was agreed came back, so that the discount is lost, and its part of the budget is free again. Once.';

CREATE OR REPLACE FUNCTION @store@.payables(p_tenant_id bigint, due_until date DEFAULT NULL, documents bigint[] DEFAULT NULL)
RETURNS TABLE (document_id bigint, number text, entity_id bigint, party_id bigint, due_date date, pay_on date, currency text, amount numeric, discount numeric, account_id bigint,
	payee_kind text, payee_party bigint, financier_id bigint, payee text, iban text, bic text, claim_kind text, claim_holder text, claim_reference bigint, hindrance text)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH tree AS MATERIALIZED (
		SELECT t.entity_id, t.path FROM @store@.entity_tree(p_tenant_id, CURRENT_DATE) t
	), account AS MATERIALIZED (
		-- of an entity, or the nearest one above it
		SELECT DISTINCT ON (t.entity_id, a.currency) t.entity_id, a.currency, a.id
		FROM tree t
		JOIN @store@.entity e ON e.tenant_id = p_tenant_id AND e.code = ANY (t.path)
		JOIN @store@.paying_account a ON a.tenant_id = p_tenant_id AND a.entity_id = e.id
		ORDER BY t.entity_id, a.currency, array_position(t.path, e.code) DESC
	), agreed AS MATERIALIZED (
		SELECT d.document_id, d.reference, d.pay_on, d.discount FROM @store@.agreed_discounts(p_tenant_id, payables.documents) d
	)
	SELECT l.document_id, l.number, l.entity_id, l.party_id, l.due_date, d.pay_on, l.currency, l.payable_now - COALESCE(d.discount, 0), COALESCE(d.discount, 0), a.id,
		c.payee_kind, c.party_id, c.financier_id, c.name, c.iban, c.bic, k.kind, k.holder, k.reference,
		CASE
			WHEN k.kind = 'payment' THEN format('it is in payment order %s', k.reference)
			WHEN k.kind = 'auction' THEN 'it is in an auction'
			WHEN k.kind IS NULL AND (EXISTS (SELECT FROM @store@.claim x WHERE x.tenant_id = p_tenant_id AND (x.seller, x.number, x.year) = (r.seller, r.canonical, r.year))
				OR row_number() OVER (PARTITION BY r.seller, r.canonical, r.year ORDER BY k.kind IS NULL, l.document_id) > 1) THEN 'the same receivable is there under another document'
			-- the financier is about to pay the supplier, and nobody else is to be paid before the creditor is another one
			WHEN g.id IS NOT NULL AND c.financier_id IS DISTINCT FROM g.financier_id THEN 'it is being assigned to a financier'
			WHEN l.meaning IN ('payment_sent', 'payment_received') AND l.paid = 0 AND NOT EXISTS (
				SELECT FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.document_id = l.document_id AND p.state IN ('rejected', 'returned')) THEN 'it is said to be paid'
			WHEN d.pay_on < CURRENT_DATE THEN format('it was to be paid on %s, which has passed', d.pay_on)
			WHEN a.id IS NULL THEN format('there is no account to pay %s from', l.currency)
			WHEN c.iban IS NULL OR c.name IS NULL THEN 'nothing says whom and where to pay'
			WHEN NOT c.confirmed THEN format('account %s is not confirmed', c.iban) END
	FROM @store@.ledger l
	LEFT JOIN @store@.claim k ON k.tenant_id = p_tenant_id AND k.document_id = l.document_id
	LEFT JOIN agreed d ON d.document_id = l.document_id AND k.kind = 'offer' AND d.reference = k.reference
	LEFT JOIN @store@.assignment g ON g.tenant_id = p_tenant_id AND k.kind = 'assignment' AND g.id = k.reference
	LEFT JOIN account a ON a.entity_id = l.entity_id AND a.currency = l.currency
	JOIN @store@.invoice i ON i.tenant_id = p_tenant_id AND i.document_id = l.document_id
	CROSS JOIN LATERAL @store@.receivable_of(p_tenant_id, l.document_id, i.document, i.seller_key, i.number, i.issue_date) r
	CROSS JOIN LATERAL @store@.creditor_of(p_tenant_id, l.document_id) c
	WHERE l.tenant_id = p_tenant_id AND l.direction <> 'sale' AND l.payable_now > 0
		AND (payables.documents IS NULL OR l.document_id = ANY (payables.documents))
		AND (payables.due_until IS NULL OR LEAST(l.due_date, d.pay_on) <= payables.due_until OR l.due_date IS NULL);
END;
$code$;
COMMENT ON FUNCTION @store@.payables(bigint, date, bigint[]) IS
'What the caller sees of the invoices that may be paid: approved, with something open that nobody contests, due (or agreed to be paid) until a day; those without a due date are due. amount is what is paid and discount what is taken off as agreed, in the currency of the invoice; pay_on the day that was agreed. hindrance: why make_payment_orders() leaves it out; NULL = it does not.';

CREATE OR REPLACE FUNCTION @store@.make_payment_orders(p_tenant_id bigint, pay_on date, due_until date DEFAULT NULL, documents bigint[] DEFAULT NULL)
RETURNS TABLE (order_id bigint, iban text, currency text, execution_date date, payments bigint, total numeric)
LANGUAGE plpgsql SECURITY DEFINER ROWS 5
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_documents bigint[];
	v_orders bigint[];
	v_claims record;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'settle');
	IF (make_payment_orders.pay_on >= CURRENT_DATE) IS NOT TRUE THEN
		RAISE EXCEPTION 'payments are ordered for today or later, not for %', make_payment_orders.pay_on USING ERRCODE = 'invalid_parameter_value';
	END IF;
	v_documents := ARRAY(
		SELECT p.document_id FROM @store@.payables(p_tenant_id, COALESCE(make_payment_orders.due_until, CASE WHEN make_payment_orders.documents IS NULL THEN make_payment_orders.pay_on END),
			make_payment_orders.documents) p WHERE p.hindrance IS NULL);
	PERFORM FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = ANY (v_documents) ORDER BY s.document_id FOR NO KEY UPDATE;
	-- what somebody else did before the locks were got is seen now
	WITH due AS MATERIALIZED (
		SELECT p.*, COALESCE(p.pay_on, make_payment_orders.pay_on) AS day, a.iban AS from_iban, a.bic AS from_bic, a.name AS from_name
		FROM @store@.payables(p_tenant_id, NULL, v_documents) p
		JOIN @store@.paying_account a ON a.tenant_id = p_tenant_id AND a.id = p.account_id
		WHERE p.hindrance IS NULL
	), numbered AS (
		SELECT nextval(pg_get_serial_sequence('@store@.payment_order', 'id')) AS id, g.*
		FROM (SELECT d.from_iban, d.from_bic, d.from_name, d.currency, d.day FROM due d GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 4, 5, 3, 2) g
	), made AS (
		INSERT INTO @store@.payment_order (tenant_id, id, iban, bic, name, currency, pay_on, message_id)
		OVERRIDING SYSTEM VALUE
		SELECT p_tenant_id, n.id, n.from_iban, n.from_bic, n.from_name, n.currency, n.day, format('PO-%s-%s', p_tenant_id, n.id) FROM numbered n
	), paid AS (
		INSERT INTO @store@.payment AS p (tenant_id, order_id, payment_no, end_to_end_id, document_id, amount, discount, payee_kind, party_id, financier_id, payee, iban, bic,
			claim_kind, claim_holder, claim_reference, seller_key, buyer_vat_id)
		SELECT p_tenant_id, n.id, x.place, format('PO-%s-%s-%s', p_tenant_id, n.id, x.place), x.document_id, x.amount, x.discount, x.payee_kind, x.payee_party, x.financier_id,
			x.payee, x.iban, x.bic, x.claim_kind, x.claim_holder, x.claim_reference, s.seller_key, s.buyer_vat_id
		FROM (
			SELECT d.*, row_number() OVER (PARTITION BY d.from_iban, d.from_bic, d.from_name, d.currency, d.day ORDER BY d.document_id)::int AS place FROM due d) x
		JOIN numbered n ON (n.from_iban, n.from_name, n.currency, n.day) = (x.from_iban, x.from_name, x.currency, x.day) AND n.from_bic IS NOT DISTINCT FROM x.from_bic
		JOIN @store@.invoice_state s ON s.tenant_id = p_tenant_id AND s.document_id = x.document_id
		RETURNING p.order_id
	)
	SELECT ARRAY(SELECT DISTINCT d.order_id FROM paid d ORDER BY 1) INTO v_orders;
	-- those that were free are claimed, others turned
	FOR v_claims IN
		SELECT p.claim_kind AS kind, array_agg(p.document_id ORDER BY p.document_id) AS documents, array_agg(p.claim_reference ORDER BY p.document_id) AS before,
			array_agg(p.order_id ORDER BY p.document_id) AS orders
		FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.order_id = ANY (v_orders)
		GROUP BY p.claim_kind ORDER BY p.claim_kind
	LOOP
		IF v_claims.kind IS NULL THEN
			PERFORM @store@.claim_invoices(p_tenant_id, v_claims.documents, 'payment', 'payment order', v_claims.orders);
		ELSE
			PERFORM @store@.turn_claims(p_tenant_id, v_claims.documents, v_claims.kind, v_claims.before, 'payment', 'payment order', v_claims.orders);
		END IF;
	END LOOP;
	PERFORM @store@.record_event(p_tenant_id, 'make_payment_orders', 'payment_order', o::text, NULL,
			(SELECT jsonb_build_object('payments', count(*), 'total', sum(p.amount)) FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.order_id = o))
	FROM unnest(v_orders) o;
	RETURN QUERY
	SELECT o.id, o.iban, o.currency, o.pay_on, count(*), sum(p.amount)
	FROM @store@.payment_order o
	JOIN @store@.payment p ON p.tenant_id = o.tenant_id AND p.order_id = o.id
	WHERE o.tenant_id = p_tenant_id AND o.id = ANY (v_orders)
	GROUP BY o.tenant_id, o.id ORDER BY o.id;
END;
$code$;
COMMENT ON FUNCTION @store@.make_payment_orders(bigint, date, date, bigint[]) IS
'Makes payment orders of what payables() lists and nothing hinders: of these documents, or of all that is due until due_until (pay_on, unless said). One order for each account, day and currency; the day is pay_on, or the one that was agreed. What is ordered is claimed, so that calling it again, or at once, orders nothing twice: no row. An order is a draft until somebody else releases it. For personas with the right settle. Errors: 42501, 22023 a day in the past, 55000 a receivable that is claimed under another document.';

CREATE OR REPLACE FUNCTION @store@.lock_payment_order(p_tenant_id bigint, order_id bigint, needed text) RETURNS @store@.payment_order
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.payment_order;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, needed);
	-- invoices before whatever is made of them
	PERFORM FROM @store@.invoice_state s
	WHERE s.tenant_id = p_tenant_id AND s.document_id IN (
		SELECT p.document_id FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.order_id = lock_payment_order.order_id)
	ORDER BY s.document_id FOR NO KEY UPDATE;
	SELECT * INTO v_order FROM @store@.payment_order o WHERE o.tenant_id = p_tenant_id AND o.id = lock_payment_order.order_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no payment order %', p_tenant_id, lock_payment_order.order_id USING ERRCODE = 'no_data_found', HINT = 'View payment_orders lists them.';
	END IF;
	RETURN v_order;
END;
$code$;
COMMENT ON FUNCTION @store@.lock_payment_order(bigint, bigint, text) IS 'Part of functions that decide about payment orders: asks for the right, locks the invoices of an order and the order itself. Errors: 42501, P0002 no such order.';

CREATE OR REPLACE FUNCTION @store@.payment_file(p_tenant_id bigint, order_id bigint, format text) RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.payment_order;
	v_payments jsonb;
BEGIN
	SELECT * INTO v_order FROM @store@.payment_order o WHERE o.tenant_id = p_tenant_id AND o.id = payment_file.order_id;
	v_payments := (
		SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('end_to_end_id', p.end_to_end_id, 'amount', p.amount, 'creditor', p.payee, 'creditor_account', p.iban, 'creditor_bic', p.bic,
			'documents', jsonb_build_array(jsonb_build_object('type', 'CINV', 'number', i.number, 'date', i.issue_date, 'due', p.amount + p.discount,
				'discount', NULLIF(p.discount, 0), 'remitted', p.amount)))) ORDER BY p.payment_no)
		FROM @store@.payment p
		JOIN @store@.invoice i ON i.tenant_id = p.tenant_id AND i.document_id = p.document_id
		WHERE p.tenant_id = p_tenant_id AND p.order_id = v_order.id AND p.state = 'ordered');
	RETURN clex.write_payments(v_payments, payment_file.format, jsonb_strip_nulls(jsonb_build_object('message_id', v_order.message_id,
		'created', to_char(v_order.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'initiator', v_order.name, 'debtor', v_order.name,
		'debtor_account', v_order.iban, 'debtor_bic', v_order.bic, 'currency', v_order.currency, 'execution_date', v_order.pay_on,
		'scheme', CASE WHEN v_order.currency = 'EUR' THEN 'sepa' ELSE 'any' END, 'characters', 'exchange')));
END;
$code$;
COMMENT ON FUNCTION @store@.payment_file(bigint, bigint, text) IS
'Part of release_payment_order(): an order as a message for the bank, a payment with structured remittance for each invoice (number, date, what is due, the discount that is taken, what is remitted). The same order is the same bytes. Characters that SEPA has not are exchanged. Errors: those of clex.write_payments().';

CREATE OR REPLACE FUNCTION @store@.post_remittances(p_tenant_id bigint, order_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.payment_order;
	v_payee record;
	v_channel @store@.partner_channel;
	v_key text;
BEGIN
	SELECT * INTO v_order FROM @store@.payment_order o WHERE o.tenant_id = p_tenant_id AND o.id = post_remittances.order_id;
	FOR v_payee IN
		SELECT p.party_id, p.payee, p.iban, count(*) AS count, sum(p.amount) AS total, sum(p.discount) AS discount, string_agg(i.number, ', ' ORDER BY p.payment_no) AS numbers,
			jsonb_agg(jsonb_strip_nulls(jsonb_build_object('identifier', p.payment_no::text, 'document', i.number, 'document_date', i.issue_date, 'document_type', i.type_code,
				'paid', p.amount, 'due', p.amount + p.discount, 'discount', NULLIF(p.discount, 0))) ORDER BY p.payment_no) AS items,
			-- notices are about a document the payee knows
			min(p.document_id) AS document_id
		FROM @store@.payment p
		JOIN @store@.invoice i ON i.tenant_id = p.tenant_id AND i.document_id = p.document_id
		WHERE p.tenant_id = p_tenant_id AND p.order_id = v_order.id AND p.state = 'ordered' AND p.party_id IS NOT NULL
		GROUP BY p.party_id, p.payee, p.iban ORDER BY p.party_id, p.payee, p.iban
	LOOP
		v_key := format('remittance/%s/%s/%s', v_order.id, v_payee.party_id, v_payee.iban);
		SELECT * INTO v_channel FROM @store@.partner_channel c WHERE c.tenant_id = p_tenant_id AND c.party_id = v_payee.party_id AND c.purpose = 'remittance';
		IF FOUND THEN
			PERFORM @store@.post_message(p_tenant_id, v_key, v_channel.channel, split_part(v_channel.format, ':', 1), 'remittance_advice',
				clex.write(jsonb_build_object('$kind', 'remittance_advice',
					'remittance_advice', jsonb_build_object('number', format('%s-%s', v_order.message_id, v_payee.items -> 0 ->> 'identifier'), 'issue_date', v_order.pay_on, 'currency', v_order.currency,
						'total_paid', v_payee.total, 'payment_order', v_order.message_id),
					'buyer', jsonb_build_object('name', v_order.name), 'seller', jsonb_build_object('name', v_payee.payee),
					'items', v_payee.items)::text::clex.document, v_channel.format), v_channel.recipient, v_payee.document_id);
		ELSE
			PERFORM @store@.post_notice(p_tenant_id, 'payment_made', v_key, jsonb_build_object('payer', v_order.name, 'payee', v_payee.payee, 'count', v_payee.count,
				'total', jsonb_build_object('amount', v_payee.total, 'currency', v_order.currency), 'discount', jsonb_build_object('amount', v_payee.discount, 'currency', v_order.currency),
				'pay_on', v_order.pay_on, 'invoices', v_payee.numbers), NULL, v_payee.party_id, v_payee.document_id);
		END IF;
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.post_remittances(bigint, bigint) IS
'Part of release_payment_order(): tells each payee that is a party what is paid: a remittance advice in the way it wants them (table partner_channel, purpose remittance), else a notice in its language. Once for each order and account.';

CREATE OR REPLACE FUNCTION @store@.release_payment_order(p_tenant_id bigint, order_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.payment_order := @store@.lock_payment_order(p_tenant_id, release_payment_order.order_id, 'release');
	v_format text := @store@.finance_setting(p_tenant_id, 'payment_format', 'pain.001.001.09');
	v_key text := format('payment/%s', v_order.id);
	v_hurt record;
	v_file bytea;
BEGIN
	IF v_order.state = 'released' THEN
		RETURN (SELECT o.message_id FROM @store@.outbox o WHERE o.tenant_id = p_tenant_id AND o.post_key = v_key);
	ELSIF v_order.state = 'cancelled' THEN
		RAISE EXCEPTION 'payment order % is cancelled', v_order.id USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = v_order.note;
	ELSIF v_order.made_by = clex.caller() THEN
		RAISE EXCEPTION 'role "%" has made payment order % itself', clex.caller(), v_order.id USING
			ERRCODE = 'insufficient_privilege',
			HINT = 'Somebody else with the right "release" releases it.';
	ELSIF v_order.pay_on < CURRENT_DATE THEN
		RAISE EXCEPTION 'payment order % was for %', v_order.id, v_order.pay_on USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'Cancel it, and make another one.';
	END IF;
	SELECT p.payment_no, i.number, p.amount + p.discount AS needed, l.payable_now, c.iban IS DISTINCT FROM p.iban AS moved, c.confirmed INTO v_hurt
	FROM @store@.payment p
	JOIN @store@.invoice i ON i.tenant_id = p.tenant_id AND i.document_id = p.document_id
	JOIN @store@.ledger l ON l.tenant_id = p.tenant_id AND l.document_id = p.document_id
	CROSS JOIN LATERAL @store@.creditor_of(p_tenant_id, p.document_id) c
	WHERE p.tenant_id = p_tenant_id AND p.order_id = v_order.id AND p.state = 'ordered'
		AND (l.payable_now < p.amount + p.discount OR c.iban IS DISTINCT FROM p.iban OR NOT c.confirmed)
	ORDER BY p.payment_no LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'payment % of order % is not to be made any more', v_hurt.payment_no, v_order.id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = CASE WHEN v_hurt.payable_now < v_hurt.needed
				THEN format('Of invoice %s, %s may be paid; the payment needs %s.', v_hurt.number, v_hurt.payable_now, v_hurt.needed)
				ELSE format('The account to pay invoice %s to is another one since, or not confirmed.', v_hurt.number) END,
			HINT = 'drop_payment() takes it out of the order.';
	END IF;
	v_file := @store@.payment_file(p_tenant_id, v_order.id, v_format);
	PERFORM @store@.post_message(p_tenant_id, v_key, 'bank', v_format, 'payment_order', v_file, v_order.bic);
	PERFORM @store@.post_remittances(p_tenant_id, v_order.id);
	UPDATE @store@.payment_order o SET state = 'released', format = v_format, file_hash = sha256(v_file), released_by = clex.caller(), released_at = clock_timestamp()
	WHERE o.tenant_id = p_tenant_id AND o.id = v_order.id;
	PERFORM @store@.record_event(p_tenant_id, 'release_payment_order', 'payment_order', v_order.id::text, NULL, jsonb_build_object('sha256', encode(sha256(v_file), 'hex')));
	RETURN (SELECT o.message_id FROM @store@.outbox o WHERE o.tenant_id = p_tenant_id AND o.post_key = v_key);
END;
$code$;
COMMENT ON FUNCTION @store@.release_payment_order(bigint, bigint) IS
'Releases a payment order: writes it in the format of setting finance.payment_format (pain.001.001.09), posts it to channel bank, and tells the payees. Each payment is looked at again: what may no longer be paid in full, or to that account, is refused. Again: the same message. Returns its message id. For personas with the right release, and never for who made the order. Errors: 42501, P0002 no such order, 55000 cancelled, for a day that has passed, a payment that is not to be made any more.';

CREATE OR REPLACE FUNCTION @store@.free_payment(p_tenant_id bigint, payment @store@.payment) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	-- what was agreed may have ended while the payment was under way: an assignment released or repaid, an offer that has lapsed
	IF (CASE payment.claim_kind
		WHEN 'assignment' THEN EXISTS (SELECT FROM @store@.assignment_item i
			WHERE i.tenant_id = p_tenant_id AND i.assignment_id = payment.claim_reference AND i.document_id = payment.document_id AND i.state NOT IN ('repaid', 'released'))
		WHEN 'offer' THEN EXISTS (SELECT FROM @store@.offer o
			WHERE o.tenant_id = p_tenant_id AND o.id = payment.claim_reference AND o.state = 'accepted')
		ELSE payment.claim_kind IS NOT NULL END)
	THEN
		PERFORM @store@.turn_claim(p_tenant_id, payment.document_id, 'payment', payment.order_id, payment.claim_kind, payment.claim_holder, payment.claim_reference);
	ELSE
		PERFORM @store@.release_claim(p_tenant_id, payment.document_id, 'payment', payment.order_id);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.free_payment(bigint, @store@.payment) IS 'Part of functions that give a payment up: the claim on its invoice becomes what it was before, or ends if what was agreed has ended meanwhile.';

CREATE OR REPLACE FUNCTION @store@.drop_payment(p_tenant_id bigint, order_id bigint, payment_no int, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.payment_order := @store@.lock_payment_order(p_tenant_id, drop_payment.order_id, 'settle');
	v_payment @store@.payment;
BEGIN
	SELECT * INTO v_payment FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.order_id = v_order.id AND p.payment_no = drop_payment.payment_no;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'payment order % has no payment %', v_order.id, drop_payment.payment_no USING ERRCODE = 'no_data_found';
	ELSIF v_order.state <> 'draft' THEN
		RAISE EXCEPTION 'payment order % is %', v_order.id, v_order.state USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Payments are taken out of drafts.';
	ELSIF v_payment.state = 'cancelled' THEN
		RETURN;
	END IF;
	UPDATE @store@.payment p SET state = 'cancelled', reason = drop_payment.reason WHERE p.tenant_id = p_tenant_id AND p.order_id = v_order.id AND p.payment_no = drop_payment.payment_no;
	PERFORM @store@.free_payment(p_tenant_id, v_payment);
	IF NOT EXISTS (SELECT FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.order_id = v_order.id AND p.state = 'ordered') THEN
		UPDATE @store@.payment_order o SET state = 'cancelled', note = drop_payment.reason WHERE o.tenant_id = p_tenant_id AND o.id = v_order.id;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'drop_payment', 'payment_order', v_order.id::text, NULL,
		jsonb_build_object('payment', drop_payment.payment_no, 'document', v_payment.document_id, 'reason', drop_payment.reason));
END;
$code$;
COMMENT ON FUNCTION @store@.drop_payment(bigint, bigint, int, text) IS
'Takes a payment out of an order that is a draft; its invoice is free, or claimed as it was before. An order without payments is cancelled. Again: nothing happens. For personas with the right settle. Errors: 42501, P0002 no such order or payment, 55000 the order is no draft.';

CREATE OR REPLACE FUNCTION @store@.cancel_payment_order(p_tenant_id bigint, order_id bigint, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.payment_order := @store@.lock_payment_order(p_tenant_id, cancel_payment_order.order_id, 'settle');
	v_message record;
	v_payment @store@.payment;
BEGIN
	IF v_order.state = 'cancelled' THEN
		RETURN;
	END IF;
	SELECT o.id, o.state INTO v_message FROM @store@.outbox o WHERE o.tenant_id = p_tenant_id AND o.post_key = format('payment/%s', v_order.id) FOR NO KEY UPDATE;
	IF v_message.state NOT IN ('ready', 'failed') THEN
		RAISE EXCEPTION 'the bank may have payment order % already', v_order.id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Its message is %s.', v_message.state),
			HINT = 'Recall it at the bank; what the bank then says of its payments frees their invoices.';
	END IF;
	UPDATE @store@.outbox o SET state = 'cancelled', settled_at = now() WHERE o.tenant_id = p_tenant_id AND o.id = v_message.id;
	-- nobody is told of what is not paid, if that can still be helped
	UPDATE @store@.outbox o SET state = 'cancelled', settled_at = now()
	WHERE o.tenant_id = p_tenant_id AND o.post_key LIKE format('remittance/%s/%%', v_order.id) AND o.state IN ('ready', 'failed');
	FOR v_payment IN SELECT * FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.order_id = v_order.id AND p.state = 'ordered' ORDER BY p.document_id LOOP
		PERFORM @store@.free_payment(p_tenant_id, v_payment);
	END LOOP;
	UPDATE @store@.payment p SET state = 'cancelled', reason = cancel_payment_order.reason
	WHERE p.tenant_id = p_tenant_id AND p.order_id = v_order.id AND p.state = 'ordered';
	UPDATE @store@.payment_order o SET state = 'cancelled', note = cancel_payment_order.reason WHERE o.tenant_id = p_tenant_id AND o.id = v_order.id;
	PERFORM @store@.record_event(p_tenant_id, 'cancel_payment_order', 'payment_order', v_order.id::text, to_jsonb(v_order.state), to_jsonb(cancel_payment_order.reason));
END;
$code$;
COMMENT ON FUNCTION @store@.cancel_payment_order(bigint, bigint, text) IS
'Gives up a payment order that no bank has got: a draft, or one whose message nobody has claimed. Its invoices are free, or claimed as they were before. Again: nothing happens. For personas with the right settle. Errors: 42501, P0002 no such order, 55000 its message was claimed.';

CREATE OR REPLACE VIEW @store@.paying_accounts WITH (security_invoker) AS
SELECT a.tenant_id, e.code AS entity, a.currency, a.iban, a.bic, a.name
FROM @store@.paying_account a
JOIN @store@.entity e ON e.tenant_id = a.tenant_id AND e.id = a.entity_id;
COMMENT ON VIEW @store@.paying_accounts IS 'Accounts that entities pay from; an entity without one pays from that of the entity it belongs to.';

CREATE OR REPLACE VIEW @store@.payment_orders WITH (security_invoker) AS
SELECT o.tenant_id, o.id, o.iban, o.name, o.currency, o.pay_on, o.state, p.payments, p.total, p.discount, p.accepted, p.booked, p.rejected, p.returned, p.waiting,
	o.message_id, o.format, pg_catalog.encode(o.file_hash, 'hex') AS file_hash, o.made_by, o.made_at, o.released_by, o.released_at, o.note
FROM @store@.payment_order o
CROSS JOIN LATERAL (
	SELECT pg_catalog.count(*) AS payments, pg_catalog.sum(x.amount) AS total, pg_catalog.sum(x.discount) AS discount,
		pg_catalog.count(*) FILTER (WHERE x.state = 'accepted') AS accepted, pg_catalog.count(*) FILTER (WHERE x.state = 'booked') AS booked,
		pg_catalog.count(*) FILTER (WHERE x.state = 'rejected') AS rejected, pg_catalog.count(*) FILTER (WHERE x.state = 'returned') AS returned,
		pg_catalog.count(*) FILTER (WHERE x.state IN ('ordered', 'accepted')) AS waiting
	FROM @store@.payment x
	WHERE x.tenant_id = o.tenant_id AND x.order_id = o.id AND (x.state <> 'cancelled' OR o.state = 'cancelled')) p;
COMMENT ON VIEW @store@.payment_orders IS 'Payment orders: what they come to, and how many of their payments the bank has accepted, booked, rejected or returned; waiting: of which it has said nothing final.';

CREATE OR REPLACE VIEW @store@.payments WITH (security_invoker) AS
SELECT p.tenant_id, p.order_id, p.payment_no, p.end_to_end_id, p.document_id, i.number, i.seller_name, p.payee_kind, p.payee, p.iban, i.currency, p.amount, p.discount,
	p.state, p.booked_on, p.reason, p.claim_kind AS agreed_as, p.claim_reference AS agreed_reference
FROM @store@.payment p
JOIN @store@.invoice i ON i.tenant_id = p.tenant_id AND i.document_id = p.document_id;
COMMENT ON VIEW @store@.payments IS 'Payments of orders, one for each invoice, and what became of them. agreed_as: what had been agreed for the invoice (offer, assignment), NULL = nothing.';

REVOKE ALL ON FUNCTION @store@.offer_paid(bigint, bigint, date), @store@.offer_unpaid(bigint, bigint, date), @store@.set_paying_account(bigint, text, text, text, text, text),
	@store@.make_payment_orders(bigint, date, date, bigint[]), @store@.lock_payment_order(bigint, bigint, text), @store@.payment_file(bigint, bigint, text),
	@store@.post_remittances(bigint, bigint), @store@.release_payment_order(bigint, bigint), @store@.free_payment(bigint, @store@.payment),
	@store@.drop_payment(bigint, bigint, int, text), @store@.cancel_payment_order(bigint, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.set_paying_account(bigint, text, text, text, text, text), @store@.payables(bigint, date, bigint[]),
	@store@.make_payment_orders(bigint, date, date, bigint[]), @store@.release_payment_order(bigint, bigint), @store@.drop_payment(bigint, bigint, int, text),
	@store@.cancel_payment_order(bigint, bigint, text) TO PUBLIC;
GRANT SELECT ON @store@.paying_account, @store@.payment_order, @store@.payment, @store@.payment_step, @store@.paying_accounts, @store@.payment_orders, @store@.payments TO PUBLIC;
