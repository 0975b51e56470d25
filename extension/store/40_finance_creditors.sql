-- Module finance, creditors: who is to be paid for an invoice, and on which account.
--
-- An account that somebody changed pays nobody before somebody else has confirmed it through another channel.

--! code
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

REVOKE ALL ON FUNCTION @store@.set_creditor(bigint, bigint, text, bigint, bigint, text, text, text, text, timestamptz), @store@.confirm_creditor(bigint, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.confirm_creditor(bigint, bigint, text), @store@.creditor_of(bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.creditors TO PUBLIC;
