-- Module p2p, intake: the row of state that an invoice gets when it is stored, and what modules do with documents that are new or were read again.

--! code
CREATE OR REPLACE FUNCTION @store@.party_of(p_tenant_id bigint, identifiers text[]) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan    -- one plan for all arrays: it was made anew for each call, which took ten times what it found
AS $code$
#variable_conflict use_column
BEGIN
	RETURN (
		SELECT i.party_id FROM @store@.party_identifier i
		WHERE i.tenant_id = p_tenant_id AND i.value = ANY (party_of.identifiers) AND i.scheme NOT IN ('iban', 'bic')
			AND i.valid_from <= CURRENT_DATE AND (i.valid_to > CURRENT_DATE) IS NOT FALSE
		ORDER BY array_position(party_of.identifiers, i.value), i.party_id
		LIMIT 1);
END;
$code$;
COMMENT ON FUNCTION @store@.party_of(bigint, text[]) IS 'Party that has the first of these identifiers that any party has today; NULL = none.';

CREATE OR REPLACE FUNCTION @store@.take_in(p_tenant_id bigint, documents bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off    -- a batch, looked up one by one, whatever the planner thinks of the tables
SET enable_mergejoin = off
SET jit = off
SET enable_seqscan = off
AS $code$
#variable_conflict use_column
DECLARE
	v_choice jsonb := COALESCE((SELECT s.value FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'p2p.lifecycle'), '{}')
		|| '{}';
	v_missing text;
BEGIN
	v_choice := '{"FR": "fr", "*": "peppol"}' || v_choice;
	FOR v_missing IN
		SELECT DISTINCT c.value FROM jsonb_each_text(v_choice) c
		WHERE NOT EXISTS (SELECT FROM @store@.lifecycle l WHERE l.tenant_id = p_tenant_id AND l.lifecycle = c.value)
		ORDER BY 1
	LOOP
		PERFORM @store@.need_lifecycle(p_tenant_id, v_missing);
	END LOOP;
	WITH invoice AS (
		SELECT i.*, d.kind, clex.value(i.document, 'BT-55') AS buyer_country,
			@store@.party_of(p_tenant_id, ARRAY[i.seller_key]) AS seller_party,
			@store@.party_of(p_tenant_id, ARRAY[i.buyer_vat_id, clex.value(i.document, 'BT-47'), clex.value(i.document, 'BT-46')]) AS buyer_party
		FROM unnest(documents) u (id)
		CROSS JOIN LATERAL (SELECT * FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = u.id LIMIT 1) d
		CROSS JOIN LATERAL (SELECT * FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = u.id LIMIT 1) i
		WHERE d.kind IN ('invoice', 'credit_note')
	), placed AS (
		SELECT v.*, CASE WHEN s.id IS NULL THEN 'purchase' WHEN b.id IS NULL THEN 'sale' ELSE 'internal' END AS direction,
			CASE WHEN s.id IS NOT NULL AND b.id IS NULL THEN s.id ELSE b.id END AS entity_id,
			CASE WHEN s.id IS NOT NULL AND b.id IS NULL THEN v.buyer_party ELSE v.seller_party END AS other_party,
			COALESCE(CASE WHEN v.seller_country = v.buyer_country THEN v_choice ->> v.seller_country END, v_choice ->> '*') AS lifecycle
		FROM invoice v
		LEFT JOIN LATERAL (SELECT e.id FROM @store@.entity e WHERE e.tenant_id = p_tenant_id AND e.party_id = v.seller_party ORDER BY e.is_department, e.id LIMIT 1) s ON true
		LEFT JOIN LATERAL (SELECT e.id FROM @store@.entity e WHERE e.tenant_id = p_tenant_id AND e.party_id = v.buyer_party ORDER BY e.is_department, e.id LIMIT 1) b ON true
	)
	INSERT INTO @store@.invoice_state AS s (tenant_id, document_id, direction, is_credit, lifecycle, status, meaning, since, seller_key, buyer_vat_id,
		party_id, entity_id, due_date)
	SELECT p_tenant_id, p.document_id, p.direction, p.kind = 'credit_note', l.lifecycle,
		t.status, t.meaning, now(), p.seller_key, p.buyer_vat_id, p.other_party, p.entity_id, p.due_date
	FROM placed p
	CROSS JOIN LATERAL (SELECT * FROM @store@.lifecycle l WHERE l.tenant_id = p_tenant_id AND l.lifecycle = p.lifecycle LIMIT 1) l
	LEFT JOIN LATERAL (SELECT * FROM @store@.lifecycle_status t WHERE t.tenant_id = p_tenant_id AND t.lifecycle = l.lifecycle
		AND t.status = CASE p.direction WHEN 'sale' THEN l.sale ELSE l.purchase END LIMIT 1) t ON true
	ORDER BY p.document_id
	ON CONFLICT (tenant_id, document_id) DO UPDATE SET seller_key = EXCLUDED.seller_key, buyer_vat_id = EXCLUDED.buyer_vat_id,
		due_date = EXCLUDED.due_date, party_id = EXCLUDED.party_id, entity_id = EXCLUDED.entity_id, is_credit = EXCLUDED.is_credit
	WHERE (s.seller_key, s.buyer_vat_id, s.due_date, s.party_id, s.entity_id, s.is_credit)
		IS DISTINCT FROM (EXCLUDED.seller_key, EXCLUDED.buyer_vat_id, EXCLUDED.due_date, EXCLUDED.party_id, EXCLUDED.entity_id, EXCLUDED.is_credit);
END;
$code$;
COMMENT ON FUNCTION @store@.take_in(bigint, bigint[]) IS
'Part of submit_many() and reread(): gives invoices and credit notes their row of state, or brings seller, buyer, parties and due date up to date. The lifecycle is what setting p2p.lifecycle names for the country of both sides, or for *: {"FR": "fr", "*": "peppol"} unless set.';

CREATE OR REPLACE FUNCTION @store@.amounts_changed(p_tenant_id bigint, documents bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
END;
$code$;
COMMENT ON FUNCTION @store@.amounts_changed(bigint, bigint[]) IS 'Part of functions that change what invoices come to, when, or whether it is contested; nothing unless a later module puts its own in place.';

CREATE OR REPLACE FUNCTION @store@.documents_changed(p_tenant_id bigint, documents bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.take_in(p_tenant_id, documents);
	PERFORM @store@.place_invoices(p_tenant_id, documents, false);
	PERFORM @store@.match_batch(p_tenant_id, documents);
	PERFORM @store@.amounts_changed(p_tenant_id, documents);
END;
$code$;
COMMENT ON FUNCTION @store@.documents_changed(bigint, bigint[]) IS 'Part of submit_many() and reread(): what modules do with documents that are new or were read again.';

-- documents that were there before the module
SELECT @store@.take_in(t.tenant_id, ARRAY(
	SELECT i.document_id FROM @store@.invoice i
	WHERE i.tenant_id = t.tenant_id
		AND NOT EXISTS (SELECT FROM @store@.invoice_state s WHERE s.tenant_id = i.tenant_id AND s.document_id = i.document_id)
	ORDER BY i.document_id))
FROM @store@.tenant t;

CREATE OR REPLACE VIEW @store@.invoice_states WITH (security_invoker) AS
SELECT s.tenant_id, s.document_id, i.number, i.seller_name, i.buyer_name, s.direction, s.is_credit, i.issue_date, s.due_date, i.currency, i.gross, i.payable,
	s.lifecycle, s.status, s.meaning, l.labels, s.since, s.marks, s.version, p.code AS party, e.code AS entity
FROM @store@.invoice_state s
JOIN @store@.invoice i ON i.tenant_id = s.tenant_id AND i.document_id = s.document_id
LEFT JOIN @store@.lifecycle_status l ON l.tenant_id = s.tenant_id AND l.lifecycle = s.lifecycle AND l.status = s.status
LEFT JOIN @store@.party p ON p.tenant_id = s.tenant_id AND p.id = s.party_id
LEFT JOIN @store@.entity e ON e.tenant_id = s.tenant_id AND e.id = s.entity_id;
COMMENT ON VIEW @store@.invoice_states IS 'Where each invoice and credit note stands.';

REVOKE ALL ON FUNCTION @store@.take_in(bigint, bigint[]), @store@.amounts_changed(bigint, bigint[]), @store@.documents_changed(bigint, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.party_of(bigint, text[]) TO PUBLIC;
GRANT SELECT ON @store@.invoice_states TO PUBLIC;
