-- Module finance, what banks say of payments: status reports (pain.002), statements and notifications (camt.053, camt.054, MT940, CFONB 120).
--
-- A report is a document like any other, kept as it came.  Each of its lines that speaks of a payment has an outcome; a line that is applied changes the payment
-- and the ledger of its invoice, and the same said again, in the same file or another, changes nothing.  What cannot be is left for people.

--! step 62 lines of bank reports
CREATE TABLE @store@.bank_report_line (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	line_no int NOT NULL CHECK (line_no > 0),
	order_id bigint,
	payment_no int,
	end_to_end_id text,
	said text NOT NULL CHECK (said IN ('accepted', 'booked', 'rejected', 'returned', 'pending')),
	amount numeric,
	currency text,
	said_on date,
	outcome text NOT NULL CHECK (outcome IN ('applied', 'repeated', 'late', 'kept', 'refused', 'differs', 'unknown')),
	note text,
	PRIMARY KEY (tenant_id, document_id, line_no),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id),
	FOREIGN KEY (tenant_id, order_id, payment_no) REFERENCES @store@.payment (tenant_id, order_id, payment_no)
);
CREATE INDEX bank_report_line_payment_idx ON @store@.bank_report_line (tenant_id, order_id, payment_no);
COMMENT ON TABLE @store@.bank_report_line IS 'What banks said of payments, line by line, and what came of it. Rows are added by handle_bank_report(), never changed.';
COMMENT ON COLUMN @store@.bank_report_line.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.bank_report_line.document_id IS 'The report.';
COMMENT ON COLUMN @store@.bank_report_line.line_no IS 'Place among the lines of the report that speak of payments.';
COMMENT ON COLUMN @store@.bank_report_line.order_id IS 'Order of the payment it is about; NULL = none is known.';
COMMENT ON COLUMN @store@.bank_report_line.payment_no IS 'The payment.';
COMMENT ON COLUMN @store@.bank_report_line.end_to_end_id IS 'What the bank calls the payment.';
COMMENT ON COLUMN @store@.bank_report_line.said IS 'What it says: accepted, booked, rejected, returned; pending: nothing yet.';
COMMENT ON COLUMN @store@.bank_report_line.amount IS 'Amount, as it says.';
COMMENT ON COLUMN @store@.bank_report_line.currency IS 'Currency, as it says.';
COMMENT ON COLUMN @store@.bank_report_line.said_on IS 'Day of the booking, or of the message.';
COMMENT ON COLUMN @store@.bank_report_line.outcome IS 'applied; repeated: it was so before; late: it had gone beyond; kept: it changes nothing; refused: it cannot be; differs: another amount or currency; unknown: no such payment. People look at the last three.';
COMMENT ON COLUMN @store@.bank_report_line.note IS 'Codes and words of the bank, or why it had no effect.';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.bank_report_line FROM CURRENT_USER;
ALTER TABLE @store@.bank_report_line ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
DROP POLICY IF EXISTS tenant ON @store@.bank_report_line;
CREATE POLICY tenant ON @store@.bank_report_line USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));

CREATE OR REPLACE FUNCTION @store@.settle_payment(p_tenant_id bigint, payment @store@.payment, said text, said_on date, note text) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_payment @store@.payment;
	v_outcome text;
	v_key text := format('transfer/%s', (payment).end_to_end_id);
BEGIN
	PERFORM @store@.lock_invoice(p_tenant_id, (settle_payment.payment).document_id);
	SELECT * INTO v_payment FROM @store@.payment p
	WHERE p.tenant_id = p_tenant_id AND p.order_id = (settle_payment.payment).order_id AND p.payment_no = (settle_payment.payment).payment_no FOR NO KEY UPDATE;
	v_outcome := (SELECT s.outcome FROM @store@.payment_step s WHERE s.from_state = v_payment.state AND s.said = settle_payment.said);
	IF v_outcome <> 'applied' THEN
		RETURN v_outcome;
	END IF;
	UPDATE @store@.payment p SET state = settle_payment.said, booked_on = CASE WHEN settle_payment.said IN ('booked', 'returned') THEN COALESCE(p.booked_on, settle_payment.said_on) END,
		reason = CASE WHEN settle_payment.said IN ('rejected', 'returned') THEN settle_payment.note END
	WHERE p.tenant_id = p_tenant_id AND p.order_id = v_payment.order_id AND p.payment_no = v_payment.payment_no;
	CASE settle_payment.said
		WHEN 'booked' THEN
			-- whose claim it was before finds it again when the ledger is written
			PERFORM @store@.free_payment(p_tenant_id, v_payment);
			PERFORM @store@.book_entry(p_tenant_id, v_payment.document_id, 'paid', v_payment.amount, settle_payment.said_on, v_payment.end_to_end_id, v_key, true);
			IF v_payment.claim_kind = 'offer' THEN
				PERFORM @store@.offer_paid(p_tenant_id, v_payment.claim_reference, settle_payment.said_on);
			END IF;
			PERFORM @store@.announce_payment(p_tenant_id, v_payment.document_id, v_payment.amount, v_payment.discount, settle_payment.said_on, v_key);
		WHEN 'accepted' THEN
			PERFORM @store@.announce_payment(p_tenant_id, v_payment.document_id, v_payment.amount, v_payment.discount, settle_payment.said_on, v_key);
		WHEN 'rejected' THEN
			PERFORM @store@.free_payment(p_tenant_id, v_payment);
		WHEN 'returned' THEN
			PERFORM @store@.reverse_entry(p_tenant_id, v_payment.document_id, v_key, settle_payment.said_on, v_payment.end_to_end_id, v_key || '/returned');
			IF v_payment.claim_kind = 'offer' THEN
				PERFORM @store@.offer_unpaid(p_tenant_id, v_payment.claim_reference, settle_payment.said_on);
			END IF;
	END CASE;
	RETURN v_outcome;
END;
$code$;
COMMENT ON FUNCTION @store@.settle_payment(bigint, @store@.payment, text, date, text) IS
'Part of confirm_payment() and handle_bank_report(): lets what a bank says of a payment have its effect, under the lock of its invoice. booked: it goes into the ledger, with the discount that was agreed; rejected: the claim becomes what it was before; returned: the ledger takes it back. Returns the outcome of table payment_step.';

CREATE OR REPLACE FUNCTION @store@.confirm_payment(p_tenant_id bigint, end_to_end_id text, said text, said_on date DEFAULT CURRENT_DATE, note text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_payment @store@.payment;
	v_outcome text;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'pay');
	IF confirm_payment.said IS NULL OR confirm_payment.said NOT IN ('accepted', 'booked', 'rejected', 'returned') OR confirm_payment.said_on IS NULL THEN
		RAISE EXCEPTION 'nothing is known of a payment that is "%" on %', confirm_payment.said, confirm_payment.said_on USING
			ERRCODE = 'invalid_parameter_value',
			HINT = 'Payments are accepted, booked, rejected or returned, on a day.';
	END IF;
	SELECT * INTO v_payment FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.end_to_end_id = confirm_payment.end_to_end_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no payment "%"', p_tenant_id, confirm_payment.end_to_end_id USING ERRCODE = 'no_data_found', HINT = 'View payments lists them.';
	ELSIF (SELECT o.state FROM @store@.payment_order o WHERE o.tenant_id = p_tenant_id AND o.id = v_payment.order_id) <> 'released' THEN
		RAISE EXCEPTION 'payment order % was not released', v_payment.order_id USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	v_outcome := @store@.settle_payment(p_tenant_id, v_payment, confirm_payment.said, confirm_payment.said_on, confirm_payment.note);
	IF v_outcome = 'refused' THEN
		RAISE EXCEPTION 'payment "%" cannot be %', confirm_payment.end_to_end_id, confirm_payment.said USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('It is %s.', (SELECT p.state FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.end_to_end_id = confirm_payment.end_to_end_id));
	ELSIF v_outcome = 'applied' THEN
		PERFORM @store@.record_event(p_tenant_id, 'confirm_payment', 'payment', confirm_payment.end_to_end_id, to_jsonb(v_payment.state),
			jsonb_strip_nulls(jsonb_build_object('said', confirm_payment.said, 'on', confirm_payment.said_on, 'note', confirm_payment.note)));
	END IF;
	RETURN v_outcome;
END;
$code$;
COMMENT ON FUNCTION @store@.confirm_payment(bigint, text, text, date, text) IS
'Says what a bank said of a payment, where no file of the bank does: accepted, booked (said_on: value date), rejected, returned. Returns applied, repeated (it was so before) or late (it had gone beyond). For personas with the right pay. Errors: 42501, P0002 no such payment, 22023 nothing that can be said, 55000 it cannot be, or the order was not released.';

CREATE OR REPLACE FUNCTION @store@.status_report_lines(p_tenant_id bigint, content bytea)
RETURNS TABLE (order_id bigint, payment_no int, end_to_end_id text, said text, amount numeric, currency text, said_on date, note text)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH report AS MATERIALIZED (
		SELECT r.level, r.original_message_id, r.original_end_to_end_id, r.status, concat_ws(' ', r.reason, r.information) AS words, r.line,
			r.amount, r.currency, COALESCE(r.execution_date, left(r.accepted, 10)::date, left(r.created, 10)::date) AS on_day
		FROM clex.read_payment_status(status_report_lines.content) r
	), singly AS (
		SELECT r.original_end_to_end_id AS id, r.status, r.words, r.line, r.amount, r.currency, r.on_day FROM report r WHERE r.level = 'transaction'
	), wholly AS (
		-- the last that is said of all, batch after group, where nothing is said of one of them
		SELECT DISTINCT ON (p.end_to_end_id) p.end_to_end_id AS id, r.status, r.words, r.line, NULL::numeric AS amount, NULL::text AS currency, r.on_day
		FROM report r
		JOIN @store@.payment_order o ON o.tenant_id = p_tenant_id AND o.message_id = r.original_message_id
		JOIN @store@.payment p ON p.tenant_id = o.tenant_id AND p.order_id = o.id AND p.state <> 'cancelled'
		WHERE r.level <> 'transaction' AND r.status IS NOT NULL AND r.status <> 'PART'
			AND NOT EXISTS (SELECT FROM singly s WHERE s.id = p.end_to_end_id)
		ORDER BY p.end_to_end_id, r.line DESC
	)
	SELECT p.order_id, p.payment_no, x.id,
		CASE WHEN x.status IN ('RJCT', 'CANC') THEN 'rejected' WHEN x.status IN ('ACSC', 'ACCC') THEN 'booked'
			WHEN x.status IN ('ACTC', 'ACCP', 'ACSP', 'ACWC', 'ACFC', 'ACWP') THEN 'accepted' ELSE 'pending' END,
		x.amount, x.currency, x.on_day, concat_ws(' ', x.status, NULLIF(x.words, ''))
	FROM (SELECT * FROM singly UNION ALL SELECT * FROM wholly) x
	LEFT JOIN @store@.payment p ON p.tenant_id = p_tenant_id AND p.end_to_end_id = x.id
	ORDER BY p.document_id, x.line, x.id;
END;
$code$;
COMMENT ON FUNCTION @store@.status_report_lines(bigint, bytea) IS
'Part of handle_bank_report(): what a status report (pain.002) says of each payment: transactions singly; a status of the whole message or batch of all others in that order. ACSC and ACCC: booked; ACTC, ACCP, ACSP, ACWC, ACFC, ACWP: accepted; RJCT, CANC: rejected; others: pending.';

CREATE OR REPLACE FUNCTION @store@.statement_lines(p_tenant_id bigint, content bytea)
RETURNS TABLE (order_id bigint, payment_no int, end_to_end_id text, said text, amount numeric, currency text, said_on date, note text)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH entry AS MATERIALIZED (
		SELECT e.amount, e.currency, COALESCE(e.value_date, e.booked) AS on_day, e.end_to_end_id AS id, e.reference, e.instruction_id, e.remittance, e.status,
			concat_ws(' ', e.return_reason, e.description) AS words, e.line, COALESCE(e.detail_no, 0) AS detail, e.statement_no, e.entry_no
		FROM clex.read_statement(statement_lines.content, '{"details": true, "raw": false}') e
	), singly AS (
		SELECT p.order_id, p.payment_no, COALESCE(p.end_to_end_id, e.id) AS id, abs(e.amount) AS amount, e.currency, e.amount > 0 AS back, e.on_day, e.words, e.status, e.line, e.detail,
			p.document_id, e.statement_no, e.entry_no
		FROM entry e
		LEFT JOIN @store@.payment p ON p.tenant_id = p_tenant_id AND p.end_to_end_id = e.id
		-- other entries of the account are none of our business; one that bears our name is
		WHERE p.order_id IS NOT NULL OR e.id LIKE format('PO-%s-%%', p_tenant_id)
	), wholly AS (
		-- one entry for all of an order, as banks book batches
		SELECT p.order_id, p.payment_no, p.end_to_end_id AS id, p.amount, e.currency, false AS back, e.on_day, e.words, e.status, e.line, p.payment_no AS detail, p.document_id,
			e.statement_no, e.entry_no
		FROM entry e
		JOIN @store@.payment_order o ON o.tenant_id = p_tenant_id
			AND (o.message_id = e.reference OR o.message_id || '-1' = e.reference OR o.message_id || '-1' = e.id OR o.message_id = e.id OR o.message_id || '-1' = e.instruction_id)
		JOIN @store@.payment p ON p.tenant_id = o.tenant_id AND p.order_id = o.id AND p.state NOT IN ('cancelled', 'rejected')
		WHERE e.amount < 0 AND e.currency = o.currency AND -e.amount = (
				SELECT sum(x.amount) FROM @store@.payment x WHERE x.tenant_id = o.tenant_id AND x.order_id = o.id AND x.state NOT IN ('cancelled', 'rejected'))
			AND NOT EXISTS (SELECT FROM singly s WHERE s.statement_no = e.statement_no AND s.entry_no = e.entry_no AND s.order_id IS NOT NULL)
	)
	SELECT x.order_id, x.payment_no, x.id, CASE WHEN COALESCE(x.status, 'BOOK') <> 'BOOK' THEN 'pending' WHEN x.back THEN 'returned' ELSE 'booked' END,
		x.amount, x.currency, x.on_day, NULLIF(x.words, '')
	FROM (
		SELECT * FROM singly s WHERE s.order_id IS NOT NULL OR NOT EXISTS (SELECT FROM wholly w WHERE w.statement_no = s.statement_no AND w.entry_no = s.entry_no)
		UNION ALL
		SELECT * FROM wholly) x
	-- of one invoice in the order of the file: what is booked comes back later
	ORDER BY x.document_id, x.line, x.detail, x.id;
END;
$code$;
COMMENT ON FUNCTION @store@.statement_lines(bigint, bytea) IS
'Part of handle_bank_report(): entries of a statement that are payments of orders: by end-to-end id, or as one entry that bears the reference of an order and comes to all of it. A credit is a payment that came back. Entries that are not booked yet are pending.';

CREATE OR REPLACE FUNCTION @store@.handle_bank_report(p_tenant_id bigint, document_id bigint, format text, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_content bytea := (SELECT d.content FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = handle_bank_report.document_id);
	v_line record;
	v_count int := 0;
	v_outcome text;
	v_words text;
	v_payment @store@.payment;
BEGIN
	IF EXISTS (SELECT FROM @store@.bank_report_line l WHERE l.tenant_id = p_tenant_id AND l.document_id = handle_bank_report.document_id) THEN
		state := 'done';
		outcome := jsonb_build_object('document_id', document_id, 'reason', 'the same file came before');
		RETURN;
	END IF;
	BEGIN
		FOR v_line IN
			SELECT * FROM @store@.status_report_lines(p_tenant_id, v_content) WHERE format = 'pain.002'
			UNION ALL
			SELECT * FROM @store@.statement_lines(p_tenant_id, v_content) WHERE format <> 'pain.002'
		LOOP
			v_count := v_count + 1;
			v_words := v_line.note;
			SELECT * INTO v_payment FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.order_id = v_line.order_id AND p.payment_no = v_line.payment_no;
			v_outcome := CASE
				WHEN v_payment.order_id IS NULL THEN 'unknown'
				WHEN v_line.said = 'pending' THEN 'kept'
				WHEN v_line.amount <> v_payment.amount OR v_line.currency <> (
					SELECT o.currency FROM @store@.payment_order o WHERE o.tenant_id = p_tenant_id AND o.id = v_payment.order_id) THEN 'differs'
				ELSE @store@.settle_payment(p_tenant_id, v_payment, v_line.said, COALESCE(v_line.said_on, CURRENT_DATE), v_line.note) END;
			IF v_outcome = 'differs' THEN
				v_words := concat_ws('; ', v_words, pg_catalog.format('the payment is of %s', v_payment.amount));
			ELSIF v_outcome = 'refused' THEN
				v_words := concat_ws('; ', v_words, pg_catalog.format('the payment is %s', v_payment.state));
			END IF;
			INSERT INTO @store@.bank_report_line (tenant_id, document_id, line_no, order_id, payment_no, end_to_end_id, said, amount, currency, said_on, outcome, note)
			VALUES (p_tenant_id, handle_bank_report.document_id, v_count, v_payment.order_id, v_payment.payment_no, v_line.end_to_end_id, v_line.said, v_line.amount, v_line.currency,
				v_line.said_on, v_outcome, v_words);
		END LOOP;
	EXCEPTION
		-- a file that cannot be read has no effect, and is there for people
		WHEN data_exception OR feature_not_supported OR program_limit_exceeded THEN
			state := 'refused';
			outcome := jsonb_build_object('document_id', document_id, 'reason', SQLERRM);
			RETURN;
	END;
	SELECT CASE WHEN bool_or(l.outcome IN ('refused', 'differs', 'unknown')) THEN 'open' ELSE 'done' END,
		jsonb_build_object('document_id', handle_bank_report.document_id, 'lines', count(*), 'applied', count(*) FILTER (WHERE l.outcome = 'applied'))
			|| CASE WHEN bool_or(l.outcome IN ('refused', 'differs', 'unknown'))
				THEN jsonb_build_object('reason', pg_catalog.format('%s lines could not be applied: view bank_reports', count(*) FILTER (WHERE l.outcome IN ('refused', 'differs', 'unknown')))) ELSE '{}' END
	INTO state, outcome
	FROM @store@.bank_report_line l WHERE l.tenant_id = p_tenant_id AND l.document_id = handle_bank_report.document_id;
END;
$code$;
COMMENT ON FUNCTION @store@.handle_bank_report(bigint, bigint, text) IS
'Part of handle_message(): lets each line of a bank report that speaks of a payment have its effect, invoice by invoice. done: all had one, or had it before; open: some cannot be (another amount, an unknown payment, one that was rejected), people look at them in view bank_reports; refused: not to be read. A file that came before has no effect.';

CREATE OR REPLACE FUNCTION @store@.handle_more(p_tenant_id bigint, document_id bigint, channel text, format text, kind text, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	-- none of these has terms, so that nothing else of the store has looked at them
	IF format IN ('pain.002', 'camt.053', 'camt.054', 'mt940', 'cfonb120') THEN
		SELECT h.state, h.outcome INTO handle_more.state, handle_more.outcome FROM @store@.handle_bank_report(p_tenant_id, document_id, format) h;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.handle_more(bigint, bigint, text, text, text) IS 'Part of handle_message(): messages of banks. NULL: not one of them.';

CREATE OR REPLACE VIEW @store@.bank_reports WITH (security_invoker) AS
SELECT l.tenant_id, l.document_id, d.format, l.line_no, l.end_to_end_id, l.said, l.amount, l.currency, l.said_on, l.outcome, l.note, l.order_id, l.payment_no,
	p.document_id AS invoice_id, p.amount AS ordered, p.state
FROM @store@.bank_report_line l
JOIN @store@.document d ON d.tenant_id = l.tenant_id AND d.id = l.document_id
LEFT JOIN @store@.payment p ON p.tenant_id = l.tenant_id AND p.order_id = l.order_id AND p.payment_no = l.payment_no;
COMMENT ON VIEW @store@.bank_reports IS 'What banks said of payments, line by line, what came of it, and the payment as it is now.';

REVOKE ALL ON FUNCTION @store@.settle_payment(bigint, @store@.payment, text, date, text),
	@store@.confirm_payment(bigint, text, text, date, text), @store@.status_report_lines(bigint, bytea), @store@.statement_lines(bigint, bytea),
	@store@.handle_bank_report(bigint, bigint, text), @store@.handle_more(bigint, bigint, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.confirm_payment(bigint, text, text, date, text) TO PUBLIC;
GRANT SELECT ON @store@.bank_report_line, @store@.bank_reports TO PUBLIC;
