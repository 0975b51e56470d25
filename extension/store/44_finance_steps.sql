-- Module finance, steps of assignments up to settlement: accepted, notified, released, settled.
--
-- Each takes the locks of assignment_of(), asks require_step() whether it is lawful, and answers false to what was said before.

--! code
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

REVOKE ALL ON FUNCTION @store@.count_items(bigint, bigint, bigint, numeric, numeric, boolean), @store@.accept_assignment(bigint, bigint, text, date),
	@store@.hand_back(bigint, @store@.assignment, @store@.assignment_item), @store@.give_back_items(bigint, @store@.assignment, bigint[], text),
	@store@.release_assignment(bigint, bigint, text, text), @store@.notify_assignment(bigint, bigint), @store@.notify_assignments(bigint),
	@store@.accept_as_debtor(bigint, bigint, text, text), @store@.settle_assignment(bigint, bigint, date, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.accept_assignment(bigint, bigint, text, date), @store@.release_assignment(bigint, bigint, text, text),
	@store@.notify_assignment(bigint, bigint), @store@.notify_assignments(bigint), @store@.accept_as_debtor(bigint, bigint, text, text),
	@store@.settle_assignment(bigint, bigint, date, text, boolean) TO PUBLIC;
