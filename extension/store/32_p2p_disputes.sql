-- Module p2p, disputes: what is contested of an invoice, what credit notes take off it, and what is left to pay.
--
-- A dispute is about an invoice as a whole, a line or an amount; what is disputed is blocked from payment and financing, and the rest
-- goes on.  A credit note is a document of its own and reduces the invoices it is linked to, each by an amount of its own.  Amounts are
-- those of the invoice's currency, with VAT: none is ever added to one of another currency.

--! step 21 disputes
CREATE TABLE @store@.dispute (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	document_id bigint NOT NULL,
	line_no int,
	amount numeric CHECK (amount > 0),
	currency text NOT NULL,
	reasons text[] NOT NULL,
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'credited', 'withdrawn', 'refused')),
	opened_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	opened_by text NOT NULL DEFAULT clex.caller(),
	due_at timestamptz NOT NULL,
	closed_at timestamptz,
	closed_by text,
	seller_key text,
	buyer_vat_id text,
	party_id bigint,
	entity_id bigint,
	PRIMARY KEY (tenant_id, id),
	CHECK ((state = 'open') = (closed_at IS NULL)),
	CHECK (line_no IS NULL OR amount IS NOT NULL),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id)
);
CREATE INDEX dispute_document_idx ON @store@.dispute (tenant_id, document_id);
CREATE INDEX dispute_open_idx ON @store@.dispute (tenant_id, due_at, id) WHERE state = 'open';
COMMENT ON TABLE @store@.dispute IS 'What is contested of invoices. Written by open_dispute(), close_dispute() and link_note().';
COMMENT ON COLUMN @store@.dispute.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.dispute.id IS 'Number of the dispute in this store.';
COMMENT ON COLUMN @store@.dispute.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.dispute.line_no IS 'Line of the invoice, from 1; NULL = not of one line.';
COMMENT ON COLUMN @store@.dispute.amount IS 'Amount contested, with VAT; NULL = the invoice as a whole.';
COMMENT ON COLUMN @store@.dispute.currency IS 'Currency of the invoice.';
COMMENT ON COLUMN @store@.dispute.reasons IS 'Reason codes of the invoice''s lifecycle.';
COMMENT ON COLUMN @store@.dispute.state IS 'open; credited: credit notes cover it; withdrawn: the buyer pays after all; refused: the supplier does not give in, and the buyer closes it.';
COMMENT ON COLUMN @store@.dispute.opened_at IS 'When it was opened.';
COMMENT ON COLUMN @store@.dispute.opened_by IS 'Role that opened it, or brought the message that did.';
COMMENT ON COLUMN @store@.dispute.due_at IS 'When it should be settled.';
COMMENT ON COLUMN @store@.dispute.closed_at IS 'When it was settled; NULL = it is open.';
COMMENT ON COLUMN @store@.dispute.closed_by IS 'Role that settled it.';
COMMENT ON COLUMN @store@.dispute.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.dispute.buyer_vat_id IS 'Buyer, as in table invoice_state.';
COMMENT ON COLUMN @store@.dispute.party_id IS 'The other side, as in table invoice_state.';
COMMENT ON COLUMN @store@.dispute.entity_id IS 'Entity of the tenant, as in table invoice_state.';

CREATE TABLE @store@.dispute_message (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	dispute_id bigint NOT NULL,
	side text NOT NULL CHECK (side IN ('buyer', 'seller')),
	message text NOT NULL CHECK (message <> ''),
	actor text NOT NULL DEFAULT clex.caller(),
	said_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, dispute_id) REFERENCES @store@.dispute (tenant_id, id)
);
CREATE INDEX dispute_message_dispute_idx ON @store@.dispute_message (tenant_id, dispute_id, id);
COMMENT ON TABLE @store@.dispute_message IS 'What the two sides said in a dispute. Rows are added, never changed, never deleted.';
COMMENT ON COLUMN @store@.dispute_message.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.dispute_message.id IS 'Number of the message in this store.';
COMMENT ON COLUMN @store@.dispute_message.dispute_id IS 'Dispute.';
COMMENT ON COLUMN @store@.dispute_message.side IS 'Who spoke: buyer or seller.';
COMMENT ON COLUMN @store@.dispute_message.message IS 'What was said.';
COMMENT ON COLUMN @store@.dispute_message.actor IS 'Role that said it.';
COMMENT ON COLUMN @store@.dispute_message.said_at IS 'When.';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.dispute_message FROM CURRENT_USER;

--! step 22 credit and debit notes and what they correct
CREATE TABLE @store@.note_link (
	tenant_id bigint NOT NULL,
	note_id bigint NOT NULL,
	document_id bigint NOT NULL CHECK (document_id <> note_id),
	is_credit boolean NOT NULL,
	amount numeric NOT NULL CHECK (amount > 0),
	currency text NOT NULL,
	dispute_id bigint,
	linked_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	linked_by text NOT NULL DEFAULT clex.caller(),
	seller_key text,
	buyer_vat_id text,
	PRIMARY KEY (tenant_id, note_id, document_id),
	FOREIGN KEY (tenant_id, note_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	FOREIGN KEY (tenant_id, dispute_id) REFERENCES @store@.dispute (tenant_id, id)
);
CREATE INDEX note_link_document_idx ON @store@.note_link (tenant_id, document_id);
COMMENT ON TABLE @store@.note_link IS 'Which credit or debit note corrects which invoices, and by how much. Written by link_note().';
COMMENT ON COLUMN @store@.note_link.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.note_link.note_id IS 'Credit or debit note.';
COMMENT ON COLUMN @store@.note_link.document_id IS 'Invoice it corrects.';
COMMENT ON COLUMN @store@.note_link.is_credit IS 'Whether it takes off the invoice; a debit note is paid beside it.';
COMMENT ON COLUMN @store@.note_link.amount IS 'Part of the note that is for this invoice, with VAT.';
COMMENT ON COLUMN @store@.note_link.currency IS 'Currency of both.';
COMMENT ON COLUMN @store@.note_link.dispute_id IS 'Dispute that it settles, in full or in part.';
COMMENT ON COLUMN @store@.note_link.linked_at IS 'When it was linked.';
COMMENT ON COLUMN @store@.note_link.linked_by IS 'Role that linked it.';
COMMENT ON COLUMN @store@.note_link.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.note_link.buyer_vat_id IS 'Buyer, as in table invoice_state.';

ALTER TABLE @store@.dispute ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.dispute_message ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.note_link ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.dispute USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY scope_seller ON @store@.dispute
	USING ((tenant_id, seller_key) IN (SELECT k.tenant_id, k.seller_key FROM @store@.own_seller_keys() k));
CREATE POLICY scope_buyer ON @store@.dispute
	USING ((tenant_id, buyer_vat_id) IN (SELECT k.tenant_id, k.buyer_vat_id FROM @store@.own_buyer_keys() k));
CREATE POLICY tenant ON @store@.note_link USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY scope_seller ON @store@.note_link
	USING ((tenant_id, seller_key) IN (SELECT k.tenant_id, k.seller_key FROM @store@.own_seller_keys() k));
CREATE POLICY scope_buyer ON @store@.note_link
	USING ((tenant_id, buyer_vat_id) IN (SELECT k.tenant_id, k.buyer_vat_id FROM @store@.own_buyer_keys() k));
CREATE POLICY tenant ON @store@.dispute_message FOR SELECT USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY scope ON @store@.dispute_message FOR SELECT
	USING ((SELECT @store@.is_scoped())
		AND EXISTS (SELECT FROM @store@.dispute d WHERE d.tenant_id = dispute_message.tenant_id AND d.id = dispute_message.dispute_id));
CREATE POLICY actor ON @store@.dispute_message FOR INSERT WITH CHECK (actor = clex.caller());

--! step 23 disputes that a debit note settles
ALTER TABLE @store@.dispute DROP CONSTRAINT dispute_state_check,
	ADD CONSTRAINT dispute_state_check CHECK (state IN ('open', 'credited', 'debited', 'withdrawn', 'refused'));
COMMENT ON COLUMN @store@.dispute.state IS 'open; credited: credit notes cover it; debited: a debit note puts it right, and the invoice is paid with it; withdrawn: the buyer pays after all; refused: the supplier does not give in, and the buyer closes it.';

--! code
CREATE OR REPLACE VIEW @store@.notes_in_force WITH (security_invoker) AS
SELECT n.tenant_id, n.note_id, n.document_id, n.is_credit, n.amount, n.currency, n.dispute_id
FROM @store@.note_link n
JOIN @store@.invoice_state s ON s.tenant_id = n.tenant_id AND s.document_id = n.note_id
WHERE s.meaning IS NULL OR s.meaning NOT IN ('refused', 'rejected', 'cancelled', 'unacceptable');
COMMENT ON VIEW @store@.notes_in_force IS 'Links of notes to invoices that count: those of a note that was refused, rejected or cancelled after it had been linked do not.';

CREATE OR REPLACE VIEW @store@.open_amounts WITH (security_invoker) AS
SELECT s.tenant_id, s.document_id, i.number, s.direction, s.party_id, s.entity_id, s.due_date, i.currency, s.status, s.meaning,
	i.payable AS face, c.credited, o.open, d.disputed, o.open - d.disputed AS undisputed,
	CASE WHEN a.approved THEN o.open - d.disputed ELSE 0 END AS payable_now,
	CASE WHEN s.meaning IN ('refused', 'rejected', 'cancelled', 'unacceptable') THEN s.meaning
		WHEN o.open = 0 THEN 'nothing open' WHEN d.disputed = o.open THEN 'disputed' WHEN NOT a.approved THEN 'not approved' END AS blocked_by
FROM @store@.invoice_state s
JOIN @store@.invoice i ON i.tenant_id = s.tenant_id AND i.document_id = s.document_id
CROSS JOIN LATERAL (
	SELECT COALESCE(pg_catalog.sum(n.amount), 0) AS credited FROM @store@.notes_in_force n
	WHERE n.tenant_id = s.tenant_id AND n.document_id = s.document_id AND n.is_credit) c
CROSS JOIN LATERAL (
	-- refused and rejected invoices are owed by nobody
	SELECT CASE WHEN s.meaning IN ('refused', 'rejected', 'cancelled', 'unacceptable') THEN 0 ELSE GREATEST(i.payable - c.credited, 0) END AS open) o
CROSS JOIN LATERAL (
	-- what credit notes have taken off is no longer contested
	SELECT LEAST(o.open, COALESCE(pg_catalog.sum(GREATEST(COALESCE(t.amount, o.open)
			- CASE WHEN t.amount IS NULL THEN 0 ELSE (
				SELECT COALESCE(pg_catalog.sum(n.amount), 0) FROM @store@.notes_in_force n
				WHERE n.tenant_id = t.tenant_id AND n.document_id = t.document_id AND n.dispute_id = t.id AND n.is_credit) END, 0)), 0)) AS disputed
	FROM @store@.dispute t
	WHERE t.tenant_id = s.tenant_id AND t.document_id = s.document_id AND t.state = 'open') d
CROSS JOIN LATERAL (
	-- what was approved before it was disputed in part stays so
	SELECT s.meaning IN ('approved', 'payment_sent', 'payment_received') OR s.meaning = 'disputed' AND EXISTS (
		SELECT FROM @store@.status_event e
		JOIN @store@.lifecycle_status l ON l.tenant_id = e.tenant_id AND l.lifecycle = e.lifecycle AND l.status = e.status AND l.meaning = 'approved'
		WHERE e.tenant_id = s.tenant_id AND e.document_id = s.document_id AND e.outcome IN ('applied', 'replayed')) AS approved) a
WHERE NOT s.is_credit;
COMMENT ON VIEW @store@.open_amounts IS
'What is left to pay of each invoice, in its currency, with VAT: face (amount due as stated, BT-115), credited by linked credit notes that count, open = face - credited (never below 0; 0 once refused, rejected or cancelled), disputed (the part of open that is contested), undisputed = open - disputed, payable_now = undisputed if it is approved, else 0, and what blocks it. Payments are not in it.';

CREATE OR REPLACE FUNCTION @store@.dispute_of(p_tenant_id bigint, dispute_id bigint) RETURNS @store@.dispute
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_dispute @store@.dispute;
BEGIN
	SELECT * INTO v_dispute FROM @store@.dispute d WHERE d.tenant_id = p_tenant_id AND d.id = dispute_of.dispute_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no dispute %', p_tenant_id, dispute_of.dispute_id USING ERRCODE = 'no_data_found', HINT = 'View disputes lists those you may see.';
	END IF;
	-- the invoice is the lock of its disputes
	PERFORM @store@.lock_invoice(p_tenant_id, v_dispute.document_id);
	SELECT * INTO v_dispute FROM @store@.dispute d WHERE d.tenant_id = p_tenant_id AND d.id = dispute_of.dispute_id;
	RETURN v_dispute;
END;
$code$;
COMMENT ON FUNCTION @store@.dispute_of(bigint, bigint) IS 'Part of functions that write disputes: locks the invoice, then reads the dispute. Errors: P0002 no such dispute, or not one the caller may see.';

CREATE OR REPLACE FUNCTION @store@.open_dispute(
	p_tenant_id bigint,
	document_id bigint,
	reasons text[],
	message text,
	line_no int DEFAULT NULL,
	amount numeric DEFAULT NULL,
	due_at timestamptz DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
	v_open record;
	v_line record;
	v_amount numeric := open_dispute.amount;
	v_id bigint;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'dispute', open_dispute.document_id);
	PERFORM @store@.require_given(jsonb_build_object('reasons', open_dispute.reasons, 'message', open_dispute.message));
	v_state := @store@.lock_invoice(p_tenant_id, open_dispute.document_id);
	IF v_state.direction = 'sale' OR v_state.is_credit THEN
		RAISE EXCEPTION 'only invoices that were bought are disputed here' USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Document %s is a %s of direction %s.', v_state.document_id, CASE WHEN v_state.is_credit THEN 'credit note' ELSE 'invoice' END, v_state.direction);
	END IF;
	SELECT * INTO v_open FROM @store@.open_amounts o WHERE o.tenant_id = p_tenant_id AND o.document_id = v_state.document_id;
	IF open_dispute.line_no IS NOT NULL THEN
		SELECT * INTO v_line FROM @store@.invoice_lines l
		WHERE l.tenant_id = p_tenant_id AND l.document_id = v_state.document_id AND l.line_no = open_dispute.line_no;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'invoice % has no line %', v_state.document_id, open_dispute.line_no USING ERRCODE = 'no_data_found';
		END IF;
		v_amount := COALESCE(v_amount, round(v_line.net_amount * (1 + COALESCE(v_line.vat_rate, 0) / 100), 2));
	END IF;
	IF v_amount <= 0 OR COALESCE(v_amount, v_open.undisputed) > v_open.undisputed OR v_open.undisputed = 0 THEN
		RAISE EXCEPTION 'more is disputed than is open' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('Of %s %s open, %s is disputed already; the amount is %s.', v_open.open, v_open.currency, v_open.disputed, COALESCE(v_amount::text, 'the whole'));
	END IF;
	INSERT INTO @store@.dispute AS d (tenant_id, document_id, line_no, amount, currency, reasons, due_at, seller_key, buyer_vat_id, party_id, entity_id)
	VALUES (p_tenant_id, v_state.document_id, open_dispute.line_no, v_amount, v_open.currency, open_dispute.reasons,
		COALESCE(open_dispute.due_at, now() + interval '1 day' * COALESCE((SELECT (s.value #>> '{}')::int FROM @store@.setting s
			WHERE s.tenant_id = p_tenant_id AND s.name = 'p2p.dispute_days'), 30)),
		v_state.seller_key, v_state.buyer_vat_id, v_state.party_id, v_state.entity_id)
	RETURNING d.id INTO v_id;
	INSERT INTO @store@.dispute_message (tenant_id, dispute_id, side, message) VALUES (p_tenant_id, v_id, 'buyer', open_dispute.message);
	-- the reasons are asked for by the lifecycle, and the other side is told
	PERFORM @store@.apply_status(p_tenant_id, v_state.document_id, 'disputed', NULL, false, open_dispute.reasons, open_dispute.message,
		facts => jsonb_strip_nulls(jsonb_build_object('dispute', v_id, 'characteristics', CASE WHEN v_amount IS NOT NULL
			THEN jsonb_build_array(jsonb_build_object('type', 'MNATTC', 'amount', v_amount::text, 'amount_currency', v_open.currency)) END)),
		checked => true);
	PERFORM @store@.amounts_changed(p_tenant_id, ARRAY[v_state.document_id]);
	PERFORM @store@.record_event(p_tenant_id, 'open_dispute', 'dispute', v_id::text, NULL, jsonb_build_object('document', v_state.document_id,
		'line', open_dispute.line_no, 'amount', v_amount, 'currency', v_open.currency, 'reasons', open_dispute.reasons));
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.open_dispute(bigint, bigint, text[], text, int, numeric, timestamptz) IS
'Contests an invoice: as a whole, a line (its net amount with VAT, unless an amount is given) or an amount with VAT. That part is blocked from payment and financing; the invoice becomes disputed, with the reasons. due_at: after setting p2p.dispute_days (30) unless given. Returns the number of the dispute. For personas with the right dispute. Errors: 42501, 22004 no reasons or message, P0002 no such invoice or line, 22023 more than is open and undisputed or reasons that do not go with a dispute, 55000 not an invoice bought, or none that may be disputed now.';

CREATE OR REPLACE FUNCTION @store@.answer_dispute(p_tenant_id bigint, dispute_id bigint, message text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_dispute @store@.dispute;
	v_side text;
	v_id bigint;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	v_dispute := @store@.dispute_of(p_tenant_id, answer_dispute.dispute_id);
	v_side := (@store@.side_of(p_tenant_id, @store@.lock_invoice(p_tenant_id, v_dispute.document_id)))[1];
	PERFORM @store@.require_right(p_tenant_id, CASE v_side WHEN 'buyer' THEN 'dispute' ELSE 'respond' END, v_dispute.document_id);
	IF v_dispute.state <> 'open' THEN
		RAISE EXCEPTION 'dispute % is closed', v_dispute.id USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It is %s.', v_dispute.state);
	END IF;
	INSERT INTO @store@.dispute_message AS m (tenant_id, dispute_id, side, message) VALUES (p_tenant_id, v_dispute.id, v_side, answer_dispute.message)
	RETURNING m.id INTO v_id;
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.answer_dispute(bigint, bigint, text) IS 'Says something in an open dispute, for the caller''s side. For personas with the right dispute (buyer) or respond (seller, suppliers of their own invoices). Errors: 42501, P0002 no such dispute, 55000 it is closed.';

CREATE OR REPLACE FUNCTION @store@.close_dispute(p_tenant_id bigint, dispute_id bigint, state text, message text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_dispute @store@.dispute;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	v_dispute := @store@.dispute_of(p_tenant_id, close_dispute.dispute_id);
	PERFORM @store@.require_right(p_tenant_id, 'dispute', v_dispute.document_id);
	IF close_dispute.state IS NULL OR close_dispute.state NOT IN ('withdrawn', 'refused') THEN
		RAISE EXCEPTION 'a dispute is closed as withdrawn or refused' USING ERRCODE = 'invalid_parameter_value', HINT = 'A credit note closes it when link_note() links it.';
	ELSIF v_dispute.state = close_dispute.state THEN
		RETURN;
	ELSIF v_dispute.state <> 'open' THEN
		RAISE EXCEPTION 'dispute % is closed', v_dispute.id USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It is %s.', v_dispute.state);
	END IF;
	UPDATE @store@.dispute d SET state = close_dispute.state, closed_at = now(), closed_by = clex.caller()
	WHERE d.tenant_id = p_tenant_id AND d.id = v_dispute.id;
	INSERT INTO @store@.dispute_message (tenant_id, dispute_id, side, message) VALUES (p_tenant_id, v_dispute.id, 'buyer', close_dispute.message);
	PERFORM @store@.amounts_changed(p_tenant_id, ARRAY[v_dispute.document_id]);
	PERFORM @store@.record_event(p_tenant_id, 'close_dispute', 'dispute', v_dispute.id::text, to_jsonb(v_dispute.state), to_jsonb(close_dispute.state));
END;
$code$;
COMMENT ON FUNCTION @store@.close_dispute(bigint, bigint, text, text) IS 'Closes a dispute without a credit note: withdrawn, the buyer pays after all; refused, the supplier does not give in. What was disputed is payable again; an approver decides about the status. For personas with the right dispute. Errors: 42501, P0002 no such dispute, 22023 another state, 55000 closed otherwise.';

CREATE OR REPLACE FUNCTION @store@.link_note(p_tenant_id bigint, note_id bigint, document_id bigint, amount numeric DEFAULT NULL, dispute_id bigint DEFAULT NULL) RETURNS numeric
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_note record;
	v_invoice record;
	v_open numeric;
	v_left numeric;
	v_amount numeric;
	v_dispute @store@.dispute;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle', link_note.document_id);
	PERFORM @store@.require_right(p_tenant_id, 'handle', link_note.note_id);
	-- the lower number first, as everywhere
	PERFORM @store@.lock_invoice(p_tenant_id, LEAST(link_note.note_id, link_note.document_id));
	PERFORM @store@.lock_invoice(p_tenant_id, GREATEST(link_note.note_id, link_note.document_id));
	SELECT s.*, i.currency, i.payable, i.type_code INTO v_note FROM @store@.invoice_state s
	JOIN @store@.invoice i ON i.tenant_id = s.tenant_id AND i.document_id = s.document_id
	WHERE s.tenant_id = p_tenant_id AND s.document_id = link_note.note_id;
	SELECT s.*, i.currency, i.payable, i.type_code INTO v_invoice FROM @store@.invoice_state s
	JOIN @store@.invoice i ON i.tenant_id = s.tenant_id AND i.document_id = s.document_id
	WHERE s.tenant_id = p_tenant_id AND s.document_id = link_note.document_id;
	IF NOT (v_note.is_credit OR v_note.type_code IN ('383', '80', '84')) OR v_invoice.is_credit THEN
		RAISE EXCEPTION 'a credit or debit note corrects an invoice' USING ERRCODE = 'invalid_parameter_value',
			DETAIL = format('Document %s has type %s, document %s type %s.', link_note.note_id, v_note.type_code, link_note.document_id, v_invoice.type_code);
	ELSIF (v_note.currency, v_note.seller_key, v_note.direction) IS DISTINCT FROM (v_invoice.currency, v_invoice.seller_key, v_invoice.direction) THEN
		RAISE EXCEPTION 'a note corrects invoices of its seller and currency' USING ERRCODE = 'invalid_parameter_value',
			DETAIL = format('The note is of %s in %s, the invoice of %s in %s.', v_note.seller_key, v_note.currency, v_invoice.seller_key, v_invoice.currency);
	ELSIF v_note.meaning IN ('refused', 'rejected', 'cancelled', 'unacceptable') THEN
		RAISE EXCEPTION 'note % is %', link_note.note_id, v_note.meaning USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	SELECT n.amount INTO v_amount FROM @store@.note_link n
	WHERE n.tenant_id = p_tenant_id AND n.note_id = link_note.note_id AND n.document_id = link_note.document_id;
	IF FOUND THEN
		IF v_amount = COALESCE(link_note.amount, v_amount) THEN
			RETURN v_amount;
		END IF;
		RAISE EXCEPTION 'note % is linked to invoice % already', link_note.note_id, link_note.document_id USING
			ERRCODE = 'unique_violation', DETAIL = format('It takes off %s %s.', v_amount, v_note.currency);
	END IF;
	v_left := abs(v_note.payable) - (SELECT COALESCE(sum(n.amount), 0) FROM @store@.note_link n WHERE n.tenant_id = p_tenant_id AND n.note_id = link_note.note_id);
	v_open := CASE WHEN v_note.is_credit THEN (SELECT o.open FROM @store@.open_amounts o WHERE o.tenant_id = p_tenant_id AND o.document_id = link_note.document_id)
		ELSE v_left END;
	v_amount := COALESCE(link_note.amount, LEAST(v_left, v_open));
	IF v_amount <= 0 OR v_amount > v_left OR v_amount > v_open THEN
		RAISE EXCEPTION 'the note cannot take % % off this invoice', v_amount, v_note.currency USING ERRCODE = 'invalid_parameter_value',
			DETAIL = format('Of the note %s is left, of the invoice %s is open.', v_left, v_open);
	END IF;
	IF link_note.dispute_id IS NOT NULL THEN
		v_dispute := @store@.dispute_of(p_tenant_id, link_note.dispute_id);
		IF v_dispute.document_id <> link_note.document_id OR v_dispute.state <> 'open' THEN
			RAISE EXCEPTION 'dispute % is not an open one of this invoice', v_dispute.id USING ERRCODE = 'object_not_in_prerequisite_state';
		END IF;
	END IF;
	INSERT INTO @store@.note_link (tenant_id, note_id, document_id, is_credit, amount, currency, dispute_id, seller_key, buyer_vat_id)
	VALUES (p_tenant_id, link_note.note_id, link_note.document_id, v_note.is_credit, v_amount, v_note.currency, link_note.dispute_id, v_invoice.seller_key, v_invoice.buyer_vat_id);
	-- a dispute is settled when credit notes cover it, that of a whole invoice when nothing is open; by a debit note when somebody says that it does
	UPDATE @store@.dispute d SET state = CASE WHEN v_note.is_credit THEN 'credited' ELSE 'debited' END, closed_at = now(), closed_by = clex.caller()
	WHERE d.tenant_id = p_tenant_id AND d.document_id = link_note.document_id AND d.state = 'open'
		AND CASE WHEN v_note.is_credit THEN d.amount <= (
				SELECT sum(n.amount) FROM @store@.notes_in_force n WHERE n.tenant_id = p_tenant_id AND n.document_id = d.document_id AND n.dispute_id = d.id AND n.is_credit)
			OR v_open = v_amount ELSE d.id = link_note.dispute_id END;
	PERFORM @store@.amounts_changed(p_tenant_id, ARRAY[link_note.document_id]);
	PERFORM @store@.record_event(p_tenant_id, 'link_note', 'note', link_note.note_id::text, NULL, jsonb_build_object('invoice', link_note.document_id,
		'amount', v_amount, 'currency', v_note.currency, 'dispute', link_note.dispute_id));
	RETURN v_amount;
END;
$code$;
COMMENT ON FUNCTION @store@.link_note(bigint, bigint, bigint, numeric, bigint) IS
'Says which invoice a credit note takes off, and how much; a note may be for several invoices, an invoice have several notes. amount: NULL = as much as is left of the note and open of the invoice. dispute_id: the dispute it settles, in full or in part. A debit note is linked to what it corrects too, but paid beside it; the dispute it is said to settle is closed as debited, and the invoice payable again. Returns the amount; saying the same again changes nothing. For personas with the right handle. Errors: 42501, P0002 no such document or dispute, 22023 not a note and an invoice of one seller and currency, or more than there is, 23505 linked with another amount, 55000 the note is refused, or the dispute closed.';

CREATE OR REPLACE FUNCTION @store@.object_dispute(p_tenant_id bigint, document_id bigint, meaning text)
RETURNS TABLE (objection text, needed text, who text)
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF object_dispute.meaning = 'approved' THEN
		RETURN QUERY
		SELECT format('open dispute %s', d.id), 'a dispute that is settled, or partly_approved'::text, @store@.who_may('dispute')
		FROM @store@.dispute d
		WHERE d.tenant_id = p_tenant_id AND d.document_id = object_dispute.document_id AND d.state = 'open'
		ORDER BY d.id LIMIT 1;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.object_dispute(bigint, bigint, text) IS 'Part of status_objections(): an invoice is not approved in full while a part of it is disputed.';

CREATE OR REPLACE FUNCTION @store@.react_dispute(p_tenant_id bigint, document_id bigint, event_id bigint, received boolean) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF NOT received THEN
		RETURN;
	END IF;
	-- the buyer of an invoice that was sold disputes it: as a whole, or what it says it does not approve
	INSERT INTO @store@.dispute (tenant_id, document_id, amount, currency, reasons, due_at, seller_key, buyer_vat_id, party_id, entity_id)
	SELECT p_tenant_id, s.document_id, x.amount, i.currency, e.reasons, now() + interval '30 days', s.seller_key, s.buyer_vat_id, s.party_id, s.entity_id
	FROM @store@.status_event e
	JOIN @store@.invoice_state s ON s.tenant_id = e.tenant_id AND s.document_id = e.document_id AND s.direction = 'sale' AND s.meaning = 'disputed'
	JOIN @store@.invoice i ON i.tenant_id = e.tenant_id AND i.document_id = e.document_id
	LEFT JOIN LATERAL (
		SELECT sum((c ->> 'amount')::numeric) AS amount
		FROM jsonb_array_elements(e.facts -> 'details') d, jsonb_array_elements(d -> 'characteristics') c
		WHERE c ->> 'type' = 'MNATTC' AND c ->> 'amount' ~ '^[0-9]+(\.[0-9]+)?$' AND c ->> 'amount_currency' = i.currency
		HAVING sum((c ->> 'amount')::numeric) > 0) x ON true
	WHERE e.tenant_id = p_tenant_id AND e.document_id = react_dispute.document_id AND e.id = react_dispute.event_id AND e.status = s.status;
END;
$code$;
COMMENT ON FUNCTION @store@.react_dispute(bigint, bigint, bigint, boolean) IS 'Part of status_changed(): a dispute that the buyer of a sale announces is kept as one.';

CREATE OR REPLACE VIEW @store@.disputes WITH (security_invoker) AS
SELECT d.tenant_id, d.id, d.document_id, i.number, i.seller_name, d.line_no, d.amount, d.currency, d.reasons, d.state, d.opened_at, d.opened_by, d.due_at,
	CASE WHEN d.state = 'open' THEN pg_catalog.now() - d.opened_at ELSE d.closed_at - d.opened_at END AS age, d.state = 'open' AND d.due_at < pg_catalog.now() AS overdue,
	d.closed_at, d.closed_by, (
		SELECT pg_catalog.sum(n.amount) FROM @store@.note_link n
		WHERE n.tenant_id = d.tenant_id AND n.document_id = d.document_id AND n.dispute_id = d.id AND n.is_credit) AS credited, (
		SELECT m.message FROM @store@.dispute_message m
		WHERE m.tenant_id = d.tenant_id AND m.dispute_id = d.id ORDER BY m.id DESC LIMIT 1) AS last_message
FROM @store@.dispute d
JOIN @store@.invoice i ON i.tenant_id = d.tenant_id AND i.document_id = d.document_id;
COMMENT ON VIEW @store@.disputes IS 'Disputes with their age, what credit notes have settled of them, and what was said last. amount NULL = the invoice as a whole.';

CREATE OR REPLACE VIEW @store@.dispute_messages WITH (security_invoker) AS
SELECT m.tenant_id, m.id, m.dispute_id, d.document_id, m.side, m.message, m.actor, m.said_at
FROM @store@.dispute_message m
JOIN @store@.dispute d ON d.tenant_id = m.tenant_id AND d.id = m.dispute_id;
COMMENT ON VIEW @store@.dispute_messages IS 'What the two sides said in disputes.';

CREATE OR REPLACE VIEW @store@.corrections WITH (security_invoker) AS
SELECT n.tenant_id, n.note_id, c.number AS note_number, n.document_id, i.number, i.seller_name, n.is_credit, n.amount, n.currency, n.dispute_id, n.linked_at, n.linked_by
FROM @store@.note_link n
JOIN @store@.invoice c ON c.tenant_id = n.tenant_id AND c.document_id = n.note_id
JOIN @store@.invoice i ON i.tenant_id = n.tenant_id AND i.document_id = n.document_id;
COMMENT ON VIEW @store@.corrections IS 'Credit and debit notes, and how much of each is for which invoice.';

CREATE OR REPLACE VIEW @store@.unused_notes WITH (security_invoker) AS
SELECT s.tenant_id, s.document_id AS note_id, c.number, c.seller_name, c.currency, pg_catalog.abs(c.payable) AS amount, pg_catalog.abs(c.payable) - l.used AS unused,
	clex.value(c.document, 'BT-25') AS corrects_number, r.document_id AS corrects
FROM @store@.invoice_state s
JOIN @store@.invoice c ON c.tenant_id = s.tenant_id AND c.document_id = s.document_id
CROSS JOIN LATERAL (
	SELECT COALESCE(pg_catalog.sum(n.amount), 0) AS used FROM @store@.note_link n WHERE n.tenant_id = s.tenant_id AND n.note_id = s.document_id) l
LEFT JOIN LATERAL (
	SELECT i.document_id FROM @store@.invoice i
	WHERE i.tenant_id = s.tenant_id AND i.number_key = pg_catalog.left(clex.value(c.document, 'BT-25'), 200) AND i.seller_key = s.seller_key AND i.document_id <> s.document_id
	ORDER BY i.document_id LIMIT 1) r ON true
WHERE s.is_credit AND pg_catalog.abs(c.payable) > l.used AND s.meaning IS DISTINCT FROM 'refused' AND s.meaning IS DISTINCT FROM 'rejected';
COMMENT ON VIEW @store@.unused_notes IS 'Credit notes of which something is left, with the invoice that the note itself names (BT-25).';

REVOKE ALL ON FUNCTION @store@.dispute_of(bigint, bigint), @store@.react_dispute(bigint, bigint, bigint, boolean),
	@store@.open_dispute(bigint, bigint, text[], text, int, numeric, timestamptz), @store@.answer_dispute(bigint, bigint, text),
	@store@.close_dispute(bigint, bigint, text, text), @store@.link_note(bigint, bigint, bigint, numeric, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.open_dispute(bigint, bigint, text[], text, int, numeric, timestamptz), @store@.answer_dispute(bigint, bigint, text),
	@store@.close_dispute(bigint, bigint, text, text), @store@.link_note(bigint, bigint, bigint, numeric, bigint), @store@.object_dispute(bigint, bigint, text) TO PUBLIC;
GRANT SELECT ON @store@.dispute, @store@.dispute_message, @store@.note_link, @store@.notes_in_force, @store@.open_amounts, @store@.disputes, @store@.dispute_messages,
	@store@.corrections, @store@.unused_notes TO PUBLIC;
