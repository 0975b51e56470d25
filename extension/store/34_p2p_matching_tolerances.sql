-- Module p2p, tolerances: how much an invoice may deviate from its orders, for a supplier, an entity, both or all.

--! code
CREATE OR REPLACE FUNCTION @store@.policy_for(p_tenant_id bigint, party_id bigint, entity_id bigint) RETURNS SETOF @store@.match_policy
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT * FROM @store@.match_policy p
	WHERE p.tenant_id = policy_for.p_tenant_id AND (p.party_id IS NULL OR p.party_id = policy_for.party_id) AND (p.entity_id IS NULL OR p.entity_id = policy_for.entity_id)
	ORDER BY p.party_id IS NULL, p.entity_id IS NULL LIMIT 1;
END;
COMMENT ON FUNCTION @store@.policy_for(bigint, bigint, bigint) IS 'How an invoice of a supplier for an entity (NULL: not known) is matched: the policy of both, of the supplier, of the entity, of all, whichever comes first. No row: nothing is tolerated, and three ways.';

CREATE OR REPLACE FUNCTION @store@.tolerated(base numeric, percent numeric, absolute numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE(LEAST(base * percent / 100, absolute), 0);
END;
COMMENT ON FUNCTION @store@.tolerated(numeric, numeric, numeric) IS 'How far something may lie above its base: of percent and absolute each that is given must hold; where none is given nothing is tolerated.';

CREATE OR REPLACE FUNCTION @store@.policy_for(p_tenant_id bigint, party_id bigint, entity_id bigint) RETURNS SETOF @store@.match_policy
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT * FROM @store@.match_policy p
	WHERE p.tenant_id = policy_for.p_tenant_id AND (p.party_id IS NULL OR p.party_id = policy_for.party_id) AND (p.entity_id IS NULL OR p.entity_id = policy_for.entity_id)
	ORDER BY p.party_id IS NULL, p.entity_id IS NULL LIMIT 1;
END;
COMMENT ON FUNCTION @store@.policy_for(bigint, bigint, bigint) IS 'How an invoice of a supplier for an entity (NULL: not known) is matched: the policy of both, of the supplier, of the entity, of all, whichever comes first. No row: nothing is tolerated, and three ways.';

CREATE OR REPLACE FUNCTION @store@.tolerated(base numeric, percent numeric, absolute numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE(LEAST(base * percent / 100, absolute), 0);
END;
COMMENT ON FUNCTION @store@.tolerated(numeric, numeric, numeric) IS 'How far something may lie above its base: of percent and absolute each that is given must hold; where none is given nothing is tolerated.';

CREATE OR REPLACE FUNCTION @store@.set_match_policy(
	p_tenant_id bigint,
	supplier text DEFAULT NULL,
	entity text DEFAULT NULL,
	ways int DEFAULT 3,
	order_required boolean DEFAULT false,
	price_percent numeric DEFAULT NULL,
	price_amount numeric DEFAULT NULL,
	price_under_percent numeric DEFAULT NULL,
	quantity_percent numeric DEFAULT NULL,
	quantity numeric DEFAULT NULL,
	over_percent numeric DEFAULT NULL,
	over_quantity numeric DEFAULT NULL,
	under_percent numeric DEFAULT NULL,
	charge_amount numeric DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_party_id bigint;
	v_entity_id bigint;
	v_old @store@.match_policy;
	v_new @store@.match_policy;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	PERFORM @store@.require_given(jsonb_build_object('order_required', set_match_policy.order_required));
	PERFORM @store@.require_form(p_tenant_id, 'ways', set_match_policy.ways::text, '^[23]$', '2 (with the order) or 3 (with what was received too)');
	IF set_match_policy.supplier IS NOT NULL THEN
		v_party_id := @store@.party_id(p_tenant_id, set_match_policy.supplier);
	END IF;
	IF set_match_policy.entity IS NOT NULL THEN
		v_entity_id := @store@.entity_id(p_tenant_id, set_match_policy.entity);
	END IF;
	DELETE FROM @store@.match_policy p
	WHERE p.tenant_id = p_tenant_id AND p.party_id IS NOT DISTINCT FROM v_party_id AND p.entity_id IS NOT DISTINCT FROM v_entity_id
	RETURNING * INTO v_old;
	IF set_match_policy.ways IS NOT NULL THEN
		INSERT INTO @store@.match_policy AS p (tenant_id, party_id, entity_id, ways, order_required, price_percent, price_amount, price_under_percent,
			quantity_percent, quantity, over_percent, over_quantity, under_percent, charge_amount)
		VALUES (p_tenant_id, v_party_id, v_entity_id, set_match_policy.ways, set_match_policy.order_required, set_match_policy.price_percent, set_match_policy.price_amount,
			set_match_policy.price_under_percent, set_match_policy.quantity_percent, set_match_policy.quantity, set_match_policy.over_percent,
			set_match_policy.over_quantity, set_match_policy.under_percent, set_match_policy.charge_amount)
		RETURNING * INTO v_new;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_match_policy', 'match_policy', concat_ws('/', COALESCE(set_match_policy.supplier, '*'), COALESCE(set_match_policy.entity, '*')),
		CASE WHEN v_old.id IS NOT NULL THEN jsonb_strip_nulls(to_jsonb(v_old) - '{tenant_id,id}'::text[]) END,
		CASE WHEN v_new.id IS NOT NULL THEN jsonb_strip_nulls(to_jsonb(v_new) - '{tenant_id,id}'::text[]) END);
END;
$code$;
COMMENT ON FUNCTION @store@.set_match_policy(bigint, text, text, int, boolean, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric) IS
'Says how invoices are matched: of a supplier, of an entity, of a supplier for an entity, or all; the first of supplier and entity, supplier, entity, all that is there holds. ways: 2 = order, 3 = order and receipt; NULL takes the policy away. Tolerances: for a price above the order''s (price_percent, price_amount), below it (price_under_percent; not given = any), a quantity above that received (quantity_percent, quantity) and above that ordered (over_percent, over_quantity), a delivery that counts as complete (under_percent), charges no order has (charge_amount). Of percent and absolute each that is given must hold; where none is given nothing is tolerated. Holds from the next matching on. For personas with the right configure. Errors: 42501, P0002 no such party or entity, 23514 not a tolerance.';

CREATE OR REPLACE VIEW @store@.match_policies WITH (security_invoker) AS
SELECT m.tenant_id, p.code AS supplier, e.code AS entity, m.ways, m.order_required, m.price_percent, m.price_amount, m.price_under_percent, m.quantity_percent, m.quantity,
	m.over_percent, m.over_quantity, m.under_percent, m.charge_amount
FROM @store@.match_policy m
LEFT JOIN @store@.party p ON p.tenant_id = m.tenant_id AND p.id = m.party_id
LEFT JOIN @store@.entity e ON e.tenant_id = m.tenant_id AND e.id = m.entity_id;
COMMENT ON VIEW @store@.match_policies IS 'How invoices are matched, with tolerances: for a supplier, an entity, both or (NULL) all.';

REVOKE ALL ON FUNCTION @store@.policy_for(bigint, bigint, bigint), @store@.tolerated(numeric, numeric, numeric),
	@store@.policy_for(bigint, bigint, bigint), @store@.tolerated(numeric, numeric, numeric),
	@store@.set_match_policy(bigint, text, text, int, boolean, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.policy_for(bigint, bigint, bigint), @store@.tolerated(numeric, numeric, numeric),
	@store@.policy_for(bigint, bigint, bigint), @store@.tolerated(numeric, numeric, numeric),
	@store@.set_match_policy(bigint, text, text, int, boolean, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric) TO PUBLIC;
GRANT SELECT ON @store@.match_policies TO PUBLIC;
