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

CREATE OR REPLACE FUNCTION @store@.put_policies(policy text, tables text[], condition text, command text DEFAULT 'ALL') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_table text;
BEGIN
	FOREACH v_table IN ARRAY tables LOOP
		EXECUTE format('DROP POLICY IF EXISTS %I ON @store@.%I', policy, v_table);
		EXECUTE format('CREATE POLICY %I ON @store@.%I FOR %s USING (%s)', policy, v_table, command, condition);
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.put_policies(text, text[], text, text) IS 'Part of creation and upgrades: gives tables the same policy, in place of the one of that name. command: ALL, SELECT.';
REVOKE ALL ON FUNCTION @store@.put_policies(text, text[], text, text) FROM PUBLIC;

SELECT @store@.put_policies('auditor', '{event}', $$clex.is_among('@store@.auditable_tenants()', tenant_id)$$, 'SELECT');
SELECT @store@.put_policies('tenant', '{party,party_version,party_identifier,entity_revision,entity,entity_version,setting,translation}',
	$$clex.is_among('@store@.known_tenants()', tenant_id)$$);
ALTER POLICY own ON @store@.party USING (clex.is_among('@store@.own_parties()', tenant_id, id));
ALTER POLICY own ON @store@.party_version USING (clex.is_among('@store@.own_parties()', tenant_id, party_id));
ALTER POLICY own ON @store@.party_identifier USING (clex.is_among('@store@.own_parties()', tenant_id, party_id));

GRANT EXECUTE ON FUNCTION @store@.scoped_tenants() TO PUBLIC;
