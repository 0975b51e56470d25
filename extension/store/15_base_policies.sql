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

CREATE OR REPLACE FUNCTION @store@.put_policies(
	policy text,
	tables text[],
	list text,
	key text DEFAULT NULL,
	sees text DEFAULT NULL,
	read_only boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_list text := format('@store@.%I()', list);
	v_form text := concat('CREATE POLICY %1$I ON @store@.%2$I', CASE WHEN read_only THEN ' FOR SELECT' END, ' USING (clex.is_among(%3$L, tenant_id',
		CASE WHEN key IS NOT NULL AND sees IS NULL THEN ', %4$I' END, ')', CASE WHEN sees IS NOT NULL THEN ' AND @store@.%5$I(tenant_id, %4$I)' END, ')');
	v_table text;
BEGIN
	FOREACH v_table IN ARRAY tables LOOP
		EXECUTE format('DROP POLICY IF EXISTS %I ON @store@.%I', policy, v_table);
		EXECUTE format(v_form, policy, v_table, v_list, key, sees);
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.put_policies(text, text[], text, text, text, boolean) IS
'Part of creation and upgrades: gives tables the same policy, in place of the one of that name: the tenant of a row is among those that function list gives; with its column key, if that is given; or function sees says so of the tenant and that column. read_only: for SELECT alone.';
REVOKE ALL ON FUNCTION @store@.put_policies(text, text[], text, text, text, boolean) FROM PUBLIC;

SELECT @store@.put_policies('auditor', '{event}', 'auditable_tenants', read_only => true);
SELECT @store@.put_policies('tenant', '{party,party_version,party_identifier,entity_revision,entity,entity_version,setting,translation}', 'known_tenants');
SELECT @store@.put_policies('own', '{party}', 'own_parties', 'id', read_only => true);
SELECT @store@.put_policies('own', '{party_version,party_identifier}', 'own_parties', 'party_id', read_only => true);

GRANT EXECUTE ON FUNCTION @store@.scoped_tenants() TO PUBLIC;
