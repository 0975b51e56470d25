-- Module base, scopes: members who see only what concerns some entities or one company.
--
-- A membership is for the whole tenant until it is given a scope; from then on it is scoped, and sees
-- what its scopes name and nothing else.  That is a column and not the absence of rows, so that losing
-- the last scope takes rights away instead of giving all.  A supplier never sees but its scope.
-- The functions that policies ask are PL/pgSQL, so that they are not merged into every query: planned
-- once in a session, and run only for members with scopes.

--! step 5 scopes of memberships
ALTER TABLE @store@.membership ADD COLUMN scoped boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN @store@.membership.scoped IS 'Sees only what its rows in membership_entity and membership_party name, and changes nothing.';

CREATE TABLE @store@.membership_entity (
	tenant_id bigint NOT NULL,
	role_name text NOT NULL,
	persona text NOT NULL,
	entity_id bigint NOT NULL,
	PRIMARY KEY (tenant_id, role_name, persona, entity_id),
	FOREIGN KEY (tenant_id, role_name, persona) REFERENCES @store@.membership ON DELETE CASCADE,
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id)
);
CREATE INDEX membership_entity_role_idx ON @store@.membership_entity (role_name, tenant_id);
COMMENT ON TABLE @store@.membership_entity IS 'Entities whose documents, with those of all entities below, a scoped member sees. Written by scope_member().';
COMMENT ON COLUMN @store@.membership_entity.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.membership_entity.role_name IS 'Database role.';
COMMENT ON COLUMN @store@.membership_entity.persona IS 'What the role is for the tenant.';
COMMENT ON COLUMN @store@.membership_entity.entity_id IS 'Entity.';

CREATE TABLE @store@.membership_party (
	tenant_id bigint NOT NULL,
	role_name text NOT NULL,
	persona text NOT NULL CHECK (persona = 'supplier'),
	party_id bigint NOT NULL,
	PRIMARY KEY (tenant_id, role_name, persona, party_id),
	FOREIGN KEY (tenant_id, role_name, persona) REFERENCES @store@.membership ON DELETE CASCADE,
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
CREATE INDEX membership_party_role_idx ON @store@.membership_party (role_name, tenant_id);
COMMENT ON TABLE @store@.membership_party IS 'Parties a supplier member is: it sees their master data and the documents they issued. Written by scope_member().';
COMMENT ON COLUMN @store@.membership_party.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.membership_party.role_name IS 'Database role.';
COMMENT ON COLUMN @store@.membership_party.persona IS 'What the role is for the tenant: supplier.';
COMMENT ON COLUMN @store@.membership_party.party_id IS 'Party.';

CREATE FUNCTION @store@.own_parties() RETURNS TABLE (tenant_id bigint, party_id bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT m.tenant_id, m.party_id FROM @store@.membership_party m WHERE m.role_name = clex.caller();
END;
$code$;
COMMENT ON FUNCTION @store@.own_parties() IS 'Parties the caller is, as a supplier.';

ALTER TABLE @store@.membership_entity ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.membership_party ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY member ON @store@.membership_entity FOR SELECT USING (role_name = clex.caller());
CREATE POLICY operator ON @store@.membership_entity USING ((SELECT @store@.is_operator()));
CREATE POLICY member ON @store@.membership_party FOR SELECT USING (role_name = clex.caller());
CREATE POLICY operator ON @store@.membership_party USING ((SELECT @store@.is_operator()));
CREATE POLICY own ON @store@.party FOR SELECT
	USING ((tenant_id, id) IN (SELECT p.tenant_id, p.party_id FROM @store@.own_parties() p));
CREATE POLICY own ON @store@.party_version FOR SELECT
	USING ((tenant_id, party_id) IN (SELECT p.tenant_id, p.party_id FROM @store@.own_parties() p));
CREATE POLICY own ON @store@.party_identifier FOR SELECT
	USING ((tenant_id, party_id) IN (SELECT p.tenant_id, p.party_id FROM @store@.own_parties() p));

--! code
CREATE OR REPLACE FUNCTION @store@.is_operator() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT clex.may_act_as_owner('@store@.tenant'::pg_catalog.regclass);
END;
COMMENT ON FUNCTION @store@.is_operator() IS 'Whether the caller may act as the owner of this store: operators add tenants and members, and see everything.';

CREATE OR REPLACE FUNCTION @store@.readable_tenants() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF @store@.is_operator() THEN
		RETURN QUERY SELECT t.tenant_id FROM @store@.tenant t;
	ELSE
		RETURN QUERY
		SELECT DISTINCT m.tenant_id
		FROM @store@.membership m
		JOIN @store@.persona p ON p.persona = m.persona
		WHERE m.role_name = clex.caller() AND p.may_read AND NOT m.scoped;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.readable_tenants() IS 'Tenants all of whose documents the caller may see; the ground of the row-level security policies.';

CREATE OR REPLACE FUNCTION @store@.auditable_tenants() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF @store@.is_operator() THEN
		RETURN QUERY SELECT t.tenant_id FROM @store@.tenant t;
	ELSE
		RETURN QUERY
		SELECT DISTINCT m.tenant_id
		FROM @store@.membership m
		JOIN @store@.persona p ON p.persona = m.persona
		WHERE m.role_name = clex.caller() AND p.may_audit AND NOT m.scoped;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.auditable_tenants() IS 'Tenants whose journal the caller may read.';

CREATE OR REPLACE FUNCTION @store@.known_tenants() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF @store@.is_operator() THEN
		RETURN QUERY SELECT t.tenant_id FROM @store@.tenant t;
	ELSE
		RETURN QUERY
		SELECT DISTINCT m.tenant_id
		FROM @store@.membership m
		JOIN @store@.persona p ON p.persona = m.persona
		WHERE m.role_name = clex.caller() AND p.may_read;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.known_tenants() IS 'Tenants whose parties and entities the caller may see.';

CREATE OR REPLACE FUNCTION @store@.is_scoped() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN EXISTS (SELECT FROM @store@.membership_party p WHERE p.role_name = clex.caller())
		OR EXISTS (SELECT FROM @store@.membership_entity e WHERE e.role_name = clex.caller());
END;
$code$;
COMMENT ON FUNCTION @store@.is_scoped() IS 'Whether the caller has a membership that sees some of the documents of a tenant.';

CREATE OR REPLACE FUNCTION @store@.own_seller_keys() RETURNS TABLE (tenant_id bigint, seller_key text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT i.tenant_id, i.value
	FROM @store@.own_parties() p
	JOIN @store@.party_identifier i ON i.tenant_id = p.tenant_id AND i.party_id = p.party_id
	WHERE i.scheme NOT IN ('iban', 'bic') AND i.valid_from <= CURRENT_DATE AND (i.valid_to > CURRENT_DATE) IS NOT FALSE;
END;
$code$;
COMMENT ON FUNCTION @store@.own_seller_keys() IS 'What tells the caller, as a supplier, from other sellers on invoices today.';

CREATE OR REPLACE FUNCTION @store@.own_buyer_keys() RETURNS TABLE (tenant_id bigint, buyer_vat_id text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT DISTINCT i.tenant_id, i.value
	FROM @store@.membership_entity m
	JOIN @store@.membership s ON s.tenant_id = m.tenant_id AND s.role_name = m.role_name AND s.persona = m.persona
	JOIN @store@.persona p ON p.persona = m.persona AND p.may_read
	JOIN @store@.entity r ON r.tenant_id = m.tenant_id AND r.id = m.entity_id
	CROSS JOIN LATERAL @store@.entity_tree(m.tenant_id, CURRENT_DATE) e
	JOIN @store@.party_identifier i ON i.tenant_id = m.tenant_id AND i.party_id = e.party_id AND i.scheme = 'vat'
		AND i.valid_from <= CURRENT_DATE AND (i.valid_to > CURRENT_DATE) IS NOT FALSE
	WHERE m.role_name = clex.caller() AND r.code = ANY (e.path);
END;
$code$;
COMMENT ON FUNCTION @store@.own_buyer_keys() IS 'VAT identifiers of the entities the caller is scoped to and of all entities below them, as they are today.';

CREATE OR REPLACE FUNCTION @store@.scope_member(p_tenant_id bigint, role_name text, persona text, entity text DEFAULT NULL, party text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.require_operator();
	IF num_nonnulls(scope_member.entity, scope_member.party) <> 1 OR (scope_member.party IS NOT NULL) <> (scope_member.persona = 'supplier') THEN
		RAISE EXCEPTION 'a scope is a party for a supplier, an entity for others' USING
			ERRCODE = 'invalid_parameter_value';
	END IF;
	UPDATE @store@.membership m SET scoped = true
	WHERE m.tenant_id = p_tenant_id AND m.role_name = scope_member.role_name AND m.persona = scope_member.persona;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'role "%" is no % of tenant %', scope_member.role_name, scope_member.persona, p_tenant_id USING
			ERRCODE = 'no_data_found',
			HINT = 'add_member() makes it one; do both in one transaction.';
	END IF;
	IF scope_member.entity IS NOT NULL THEN
		INSERT INTO @store@.membership_entity (tenant_id, role_name, persona, entity_id)
		VALUES (p_tenant_id, scope_member.role_name, scope_member.persona, @store@.entity_id(p_tenant_id, scope_member.entity))
		ON CONFLICT DO NOTHING;
	ELSE
		INSERT INTO @store@.membership_party (tenant_id, role_name, persona, party_id)
		VALUES (p_tenant_id, scope_member.role_name, scope_member.persona, @store@.party_id(p_tenant_id, scope_member.party))
		ON CONFLICT DO NOTHING;
	END IF;
	IF FOUND THEN
		PERFORM @store@.record_event(p_tenant_id, 'scope_member', 'membership', scope_member.role_name, NULL,
			jsonb_build_object('persona', scope_member.persona, 'entity', scope_member.entity, 'party', scope_member.party));
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.scope_member(bigint, text, text, text, text) IS
'Narrows a membership to an entity with all below it, or tells which party a supplier is; may be given several times for several of them. A scoped member sees master data and the documents of its scope, and submits nothing. remove_member() takes scopes away with the membership. For operators. Errors: 42501, 22023 not a party for a supplier or an entity for others, P0002 no such membership, entity or party.';

CREATE OR REPLACE VIEW @store@.members WITH (security_invoker) AS
SELECT m.tenant_id, m.role_name, m.persona, p.may_read, p.may_submit, m.granted_at, m.granted_by, p.may_maintain, p.may_audit, m.scoped
FROM @store@.membership m JOIN @store@.persona p ON p.persona = m.persona;
COMMENT ON VIEW @store@.members IS 'The caller''s memberships (operators: all).';
COMMENT ON COLUMN @store@.members.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.members.role_name IS 'Database role.';
COMMENT ON COLUMN @store@.members.persona IS 'What the role is for the tenant.';
COMMENT ON COLUMN @store@.members.may_read IS 'Sees all documents of the tenant.';
COMMENT ON COLUMN @store@.members.may_submit IS 'May add documents.';
COMMENT ON COLUMN @store@.members.granted_at IS 'When the membership was given.';
COMMENT ON COLUMN @store@.members.granted_by IS 'Role that gave it.';
COMMENT ON COLUMN @store@.members.may_maintain IS 'May change parties, entities and settings of the tenant.';
COMMENT ON COLUMN @store@.members.may_audit IS 'Reads the journal of the tenant.';
COMMENT ON COLUMN @store@.members.scoped IS 'Sees only what member_scopes names, and changes nothing.';

CREATE OR REPLACE VIEW @store@.member_scopes WITH (security_invoker) AS
SELECT m.tenant_id, m.role_name, m.persona, e.code AS entity, NULL::text AS party
FROM @store@.membership_entity m
JOIN @store@.entity e ON e.tenant_id = m.tenant_id AND e.id = m.entity_id
UNION ALL
SELECT m.tenant_id, m.role_name, m.persona, NULL, p.code
FROM @store@.membership_party m
JOIN @store@.party p ON p.tenant_id = m.tenant_id AND p.id = m.party_id;
COMMENT ON VIEW @store@.member_scopes IS 'Scopes of the caller''s memberships (operators: all): entities, with all below them, and parties.';

REVOKE ALL ON FUNCTION @store@.scope_member(bigint, text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.scope_member(bigint, text, text, text, text), @store@.own_parties(),
	@store@.own_seller_keys(), @store@.own_buyer_keys(), @store@.is_scoped() TO PUBLIC;
GRANT SELECT ON @store@.membership_entity, @store@.membership_party, @store@.members, @store@.member_scopes TO PUBLIC;
