-- Module base, policies: what row-level security asks of the rows of each table.
--
-- A policy asks clex.is_among(): a list is read when the first row asks for it, and a plan carries nothing for lists that are
-- never asked for, which for most callers are all but the first.  The policies of membership, persona and tenant, which the
-- lists themselves are read from, cannot ask so.

--! code
CREATE OR REPLACE FUNCTION @store@.scoped_tenants() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT p.tenant_id FROM @store@.membership_party p WHERE p.role_name = clex.caller()
	UNION
	SELECT e.tenant_id FROM @store@.membership_entity e WHERE e.role_name = clex.caller();
END;
$code$;
COMMENT ON FUNCTION @store@.scoped_tenants() IS 'Tenants of which the caller sees some of the documents, by the scopes of a membership.';

ALTER POLICY auditor ON @store@.event USING (clex.is_among('@store@.auditable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.party USING (clex.is_among('@store@.known_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.party_version USING (clex.is_among('@store@.known_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.party_identifier USING (clex.is_among('@store@.known_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.entity_revision USING (clex.is_among('@store@.known_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.entity USING (clex.is_among('@store@.known_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.entity_version USING (clex.is_among('@store@.known_tenants()', tenant_id));
ALTER POLICY own ON @store@.party USING (clex.is_among('@store@.own_parties()', tenant_id, id));
ALTER POLICY own ON @store@.party_version USING (clex.is_among('@store@.own_parties()', tenant_id, party_id));
ALTER POLICY own ON @store@.party_identifier USING (clex.is_among('@store@.own_parties()', tenant_id, party_id));
ALTER POLICY tenant ON @store@.setting USING (clex.is_among('@store@.known_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.translation USING (clex.is_among('@store@.known_tenants()', tenant_id));

GRANT EXECUTE ON FUNCTION @store@.scoped_tenants() TO PUBLIC;
