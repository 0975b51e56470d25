-- Module finance, after settlement: what debtors pay to financiers, and what financiers ask back.
--
-- Repayment of a disclosed assignment follows from the ledger, whoever books it; that of an undisclosed one is what the financier confirms.  The assignor
-- answers for what an invoice lost by a dispute or a credit note, and for a debtor that does not pay only where the line says so.

--! code
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
		-- a payment came back: it is relied on again; claim_objections() says so where it cannot be claimed
		PERFORM FROM @store@.financier f
		CROSS JOIN LATERAL @store@.try_claims(p_tenant_id, ARRAY[item.document_id], 'assignment', f.code, ARRAY[item.assignment_id])
		WHERE f.tenant_id = p_tenant_id AND f.financier_id = item.financier_id;
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

REVOKE ALL ON FUNCTION @store@.close_item(bigint, bigint, bigint), @store@.sum_up_assignment(bigint, bigint),
	@store@.book_repayment(bigint, @store@.assignment_item, numeric, text), @store@.ledger_changed(bigint, bigint),
	@store@.assignment_paid(bigint, bigint, bigint, numeric, date, text), @store@.assigned_item(bigint, bigint, bigint),
	@store@.said_before(bigint, bigint, bigint, numeric, text), @store@.confirm_repayment(bigint, bigint, bigint, numeric, text),
	@store@.take_recourse(bigint, bigint, bigint, text, numeric, text), @store@.settle_recourse(bigint, bigint, bigint, numeric, text), @store@.hurt_receivables(bigint),
	@store@.missing_of(bigint, @store@.assignment_item) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.confirm_repayment(bigint, bigint, bigint, numeric, text), @store@.take_recourse(bigint, bigint, bigint, text, numeric, text),
	@store@.settle_recourse(bigint, bigint, bigint, numeric, text), @store@.hurt_receivables(bigint) TO PUBLIC;
