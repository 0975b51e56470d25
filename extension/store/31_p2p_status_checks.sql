-- Module p2p, checks of a status: may the caller give an invoice this status now, and if not, why, and who may.
--
-- Each condition is a row, so that what refuses a status (set_status()) and what explains it (explain_status()) cannot differ.

--! code
CREATE OR REPLACE FUNCTION @store@.require_member(p_tenant_id bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	-- a query, so that each call reads the list anew
	IF NOT EXISTS (SELECT WHERE clex.is_among('@store@.member_tenants()', p_tenant_id)) THEN
		RAISE EXCEPTION 'role "%" does not work for tenant %', clex.caller(), p_tenant_id USING
			ERRCODE = 'insufficient_privilege',
			HINT = 'An operator of the store can give it a persona for that tenant with add_member().';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_member(bigint) IS 'Raises 42501 unless the caller works for the tenant or sells to it. First line of functions that ask for a right later, when they know what for.';

CREATE OR REPLACE FUNCTION @store@.side_of(p_tenant_id bigint, state @store@.invoice_state) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	-- who sees it as the company that sold it
	IF EXISTS (SELECT WHERE NOT clex.is_among('@store@.readable_tenants()', p_tenant_id) AND clex.is_among('@store@.own_seller_keys()', p_tenant_id, state.seller_key))
	THEN
		RETURN '{seller}';
	END IF;
	RETURN CASE state.direction WHEN 'purchase' THEN '{buyer}' WHEN 'sale' THEN '{seller}' ELSE '{buyer,seller}' END::text[];
END;
$code$;
COMMENT ON FUNCTION @store@.side_of(bigint, @store@.invoice_state) IS 'Side for which the caller speaks of an invoice: buyer, seller, or both where the tenant is both.';

CREATE OR REPLACE FUNCTION @store@.is_public_body(p_tenant_id bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE((SELECT s.value = 'true' FROM @store@.setting s WHERE s.tenant_id = is_public_body.p_tenant_id AND s.name = 'p2p.public_body'), false);
END;
COMMENT ON FUNCTION @store@.is_public_body(bigint) IS 'Whether setting p2p.public_body says that the tenant is a public body: some reason codes are for its invoices alone.';

CREATE OR REPLACE FUNCTION @store@.status_checks(
	p_tenant_id bigint,
	state @store@.invoice_state,
	target @store@.lifecycle_status,
	issuers text[],
	reasons text[],
	received boolean)
RETURNS TABLE (ordinal int, condition text, holds boolean, found text, needed text, who text)
LANGUAGE plpgsql STABLE ROWS 8
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_codes text[];
	v_wrong text;
BEGIN
	RETURN QUERY SELECT 1, 'side', target.emitters && issuers, array_to_string(issuers, ', '), array_to_string(target.emitters, ', '),
		array_to_string(target.emitters, ', ');
	IF NOT received THEN
		RETURN QUERY SELECT 2, 'right', @store@.has_right(p_tenant_id, h.needed, state.document_id), clex.caller(), h.needed, @store@.who_may(h.needed)
		FROM (SELECT CASE WHEN '{platform,authority}' && issuers THEN 'exchange' ELSE target.needs END) h (needed);
	END IF;
	RETURN QUERY SELECT 3, 'not private to the seller', NOT target.private OR state.direction = 'sale', state.direction, 'sale', 'seller'
	WHERE target.private;
	v_codes := ARRAY(SELECT r.reason FROM @store@.lifecycle_reason r
		WHERE r.tenant_id = p_tenant_id AND r.lifecycle = state.lifecycle AND (target.status = ANY (r.statuses)
			OR target.status = ANY (r.public_statuses) AND (received OR @store@.is_public_body(p_tenant_id)))
		ORDER BY r.reason COLLATE "C");
	IF target.needs_reason OR cardinality(reasons) > 0 THEN
		SELECT r INTO v_wrong FROM unnest(reasons) r WHERE cardinality(v_codes) > 0 AND r <> ALL (v_codes) LIMIT 1;
		RETURN QUERY SELECT 4, 'reason', v_wrong IS NULL AND (cardinality(reasons) > 0 OR NOT target.needs_reason),
			COALESCE(v_wrong, array_to_string(reasons, ', ')), array_to_string(v_codes, ', '), NULL::text;
	END IF;
	RETURN QUERY SELECT 5, 'not final', NOT s.final OR target.status = s.status, s.status, 'a status that is not final', 'nobody'::text
	FROM @store@.lifecycle_status s
	WHERE s.tenant_id = p_tenant_id AND s.lifecycle = state.lifecycle AND s.status = state.status;
	IF cardinality(target.after) > 0 THEN
		RETURN QUERY SELECT 6, 'mark', target.after && state.marks, array_to_string(state.marks, ', '), array_to_string(target.after, ', '), NULL::text;
	END IF;
	RETURN QUERY SELECT 7, 'step', target.status = state.status OR EXISTS (
			SELECT FROM @store@.lifecycle_transition t
			WHERE t.tenant_id = p_tenant_id AND t.lifecycle = state.lifecycle AND t.to_status = target.status
				AND t.from_status IN (COALESCE(state.status, '-'), '*')),
		COALESCE(state.status, '-'), (
			SELECT string_agg(t.from_status, ', ' ORDER BY t.from_status COLLATE "C") FROM @store@.lifecycle_transition t
			WHERE t.tenant_id = p_tenant_id AND t.lifecycle = state.lifecycle AND t.to_status = target.status), NULL::text;
	IF NOT received THEN
		RETURN QUERY SELECT 8, o.part, false, o.objection, o.needed, o.who
		FROM @store@.status_objections(p_tenant_id, state.document_id, target.meaning) o;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.status_checks(bigint, @store@.invoice_state, @store@.lifecycle_status, text[], text[], boolean) IS
'Part of apply_status() and explain_status(): the conditions of giving an invoice a status, in the order in which they are looked at; those that other parts of the module set come last (status_objections()), and do not hold.';

CREATE OR REPLACE FUNCTION @store@.refuse_status(document_id bigint, status text, condition text, who text, refusal text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	RAISE EXCEPTION 'invoice % cannot become "%"', document_id, status USING
		ERRCODE = CASE WHEN condition IN ('right', 'side') THEN 'insufficient_privilege'
			WHEN condition = 'reason' THEN 'invalid_parameter_value' ELSE 'object_not_in_prerequisite_state' END,
		DETAIL = 'C' || substr(refusal, 2) || '.',
		HINT = CASE WHEN who IS NOT NULL THEN format('Who may: %s.', who) ELSE 'explain_status() lists all conditions.' END;
END;
$code$;
COMMENT ON FUNCTION @store@.refuse_status(bigint, text, text, text, text) IS 'Part of apply_status(): raises that an invoice cannot have a status, for the condition of status_checks() that does not hold, and who may.';

CREATE OR REPLACE FUNCTION @store@.refusal_of(p_tenant_id bigint, state @store@.invoice_state, target @store@.lifecycle_status, issuers text[], reasons text[], received boolean, checked boolean) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_check record;
	v_refusal text;
BEGIN
	SELECT * INTO v_check FROM @store@.status_checks(p_tenant_id, state, target, issuers, reasons, received OR checked) c
	WHERE NOT c.holds
		AND CASE WHEN received THEN c.condition NOT IN ('step', 'mark', 'not final') ELSE NOT (checked AND c.condition = 'side') END
	ORDER BY c.ordinal LIMIT 1;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	v_refusal := format('condition "%s" does not hold: found %s, needed %s', v_check.condition,
		COALESCE(NULLIF(v_check.found, ''), 'none'), COALESCE(NULLIF(v_check.needed, ''), 'none'));
	-- what the store is told is kept; what its members say must be lawful
	IF NOT received THEN
		PERFORM @store@.refuse_status(state.document_id, target.status, v_check.condition, v_check.who, v_refusal);
	END IF;
	RETURN v_refusal;
END;
$code$;
COMMENT ON FUNCTION @store@.refusal_of(bigint, @store@.invoice_state, @store@.lifecycle_status, text[], text[], boolean, boolean) IS 'Part of apply_status(): why an invoice cannot have a status, NULL if it can. received: told by others, who cannot be asked to know where the invoice stands here; else a refusal is an error (42501, 22023, 55000).';

CREATE OR REPLACE FUNCTION @store@.explain_status(p_tenant_id bigint, document_id bigint, status text, reasons text[] DEFAULT '{}')
RETURNS TABLE (condition text, holds boolean, found text, needed text, who text)
LANGUAGE plpgsql STABLE ROWS 8
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT c.condition, c.holds, c.found, c.needed, c.who
	FROM @store@.invoice_state s
	JOIN @store@.lifecycle_status t ON t.tenant_id = s.tenant_id AND t.lifecycle = s.lifecycle AND explain_status.status IN (t.status, t.meaning)
	CROSS JOIN LATERAL @store@.status_checks(p_tenant_id, s, t, @store@.side_of(p_tenant_id, s), explain_status.reasons, false) c
	WHERE s.tenant_id = p_tenant_id AND s.document_id = explain_status.document_id
	ORDER BY c.ordinal;
END;
$code$;
COMMENT ON FUNCTION @store@.explain_status(bigint, bigint, text, text[]) IS 'Whether the caller may give an invoice a status now: each condition, whether it holds, what was found and needed, and who may. No row: no such invoice or status.';

CREATE OR REPLACE VIEW @store@.status_choices WITH (security_invoker) AS
SELECT s.tenant_id, s.document_id, s.status AS from_status, t.status, t.meaning, t.labels, c.condition, c.holds, c.found, c.needed, c.who
FROM @store@.invoice_state s
JOIN @store@.lifecycle_status t ON t.tenant_id = s.tenant_id AND t.lifecycle = s.lifecycle AND t.kind <> 'message'
CROSS JOIN LATERAL @store@.status_checks(s.tenant_id, s, t, @store@.side_of(s.tenant_id, s), '{}', false) c;
COMMENT ON VIEW @store@.status_choices IS 'For each invoice and each status of its lifecycle the conditions of giving it that status now, whether they hold for the caller, and who may. Name a tenant and an invoice.';

REVOKE ALL ON FUNCTION @store@.refuse_status(bigint, text, text, text, text),
	@store@.refusal_of(bigint, @store@.invoice_state, @store@.lifecycle_status, text[], text[], boolean, boolean), @store@.require_member(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.is_public_body(bigint), @store@.side_of(bigint, @store@.invoice_state),
	@store@.status_checks(bigint, @store@.invoice_state, @store@.lifecycle_status, text[], text[], boolean),
	@store@.explain_status(bigint, bigint, text, text[]) TO PUBLIC;
GRANT SELECT ON @store@.status_choices TO PUBLIC;
