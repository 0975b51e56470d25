-- Module base: tenants, who may do what for them, and the row-level security all modules stand on.
--
-- Tables have singular names and views plural ones: tables are the store's own business, views and
-- functions are its interface.  SELECT is granted to PUBLIC throughout, and row-level security alone decides:
-- it is forced, so that it holds for the store's own SECURITY DEFINER functions too.  That way a
-- dump carries no grant to a role that the target does not know.

--! step 1 tenants, personas and memberships
CREATE TABLE @store@.store_version (
	module text NOT NULL,
	step int NOT NULL,
	clex_version text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	PRIMARY KEY (module, step)
);
COMMENT ON TABLE @store@.store_version IS 'Steps that made this store what it is; written by clex.upgrade_store().';
COMMENT ON COLUMN @store@.store_version.module IS 'Module of the store.';
COMMENT ON COLUMN @store@.store_version.step IS 'Number of the step within its module.';
COMMENT ON COLUMN @store@.store_version.clex_version IS 'Version of the extension that ran the step.';
COMMENT ON COLUMN @store@.store_version.applied_at IS 'When it ran.';

CREATE TABLE @store@.tenant (
	tenant_id bigint PRIMARY KEY CHECK (tenant_id > 0),
	name text NOT NULL CHECK (name <> ''),
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE @store@.tenant IS 'Whose documents the store keeps. Written by add_tenant().';
COMMENT ON COLUMN @store@.tenant.tenant_id IS 'Number of the tenant, given by the operator; leads every key of the store.';
COMMENT ON COLUMN @store@.tenant.name IS 'Name for people.';
COMMENT ON COLUMN @store@.tenant.created_at IS 'When the tenant was added.';

CREATE TABLE @store@.persona (
	persona text PRIMARY KEY,
	may_read boolean NOT NULL,
	may_submit boolean NOT NULL,
	description text NOT NULL
);
COMMENT ON TABLE @store@.persona IS 'What a member of a tenant may do; reference data of the store.';
COMMENT ON COLUMN @store@.persona.persona IS 'Name of the persona.';
COMMENT ON COLUMN @store@.persona.may_read IS 'Sees all documents of the tenant.';
COMMENT ON COLUMN @store@.persona.may_submit IS 'May add documents.';
COMMENT ON COLUMN @store@.persona.description IS 'Who that is.';
INSERT INTO @store@.persona (persona, may_read, may_submit, description) VALUES
	('ap_clerk', true, true, 'Accounts payable: enters and checks invoices'),
	('buyer', true, false, 'Orders goods and confirms receipt'),
	('approver', true, false, 'Approves invoices for payment'),
	('treasurer', true, false, 'Pays, and plans cash'),
	('cfo', true, false, 'Answers for all of it'),
	('auditor', true, false, 'Reads everything, changes nothing'),
	('integration', true, true, 'An ERP system or a gateway'),
	('supplier', false, false, 'A company that sells to the tenant'),
	('financier', false, false, 'A company that pays early');

CREATE TABLE @store@.membership (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	role_name text NOT NULL CHECK (role_name <> ''),
	persona text NOT NULL REFERENCES @store@.persona,
	granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	granted_by text NOT NULL,
	PRIMARY KEY (tenant_id, role_name, persona)
);
CREATE INDEX membership_role_idx ON @store@.membership (role_name, tenant_id);
COMMENT ON TABLE @store@.membership IS 'Which database role acts for which tenant, and as what. Written by add_member() and remove_member().';
COMMENT ON COLUMN @store@.membership.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.membership.role_name IS 'Database role, as text: a dump restores before its roles exist.';
COMMENT ON COLUMN @store@.membership.persona IS 'What the role is for the tenant.';
COMMENT ON COLUMN @store@.membership.granted_at IS 'When the membership was given.';
COMMENT ON COLUMN @store@.membership.granted_by IS 'Role that gave it.';

CREATE FUNCTION @store@.is_operator() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.pg_has_role(clex.caller()::name, c.relowner, 'MEMBER')
	FROM pg_catalog.pg_class c
	WHERE c.oid = '@store@.tenant'::pg_catalog.regclass;
END;
COMMENT ON FUNCTION @store@.is_operator() IS 'Whether the caller may act as the owner of this store: operators add tenants and members, and see everything.';

CREATE FUNCTION @store@.readable_tenants() RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
	SELECT m.tenant_id
	FROM @store@.membership m
	JOIN @store@.persona p ON p.persona = m.persona
	WHERE m.role_name = clex.caller() AND p.may_read
	UNION
	SELECT t.tenant_id FROM @store@.tenant t WHERE (SELECT @store@.is_operator());
END;
COMMENT ON FUNCTION @store@.readable_tenants() IS 'Tenants all of whose documents the caller may see; the ground of the row-level security policies.';

ALTER TABLE @store@.store_version ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.tenant ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.persona ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.membership ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON @store@.store_version FOR SELECT USING (true);
CREATE POLICY operator ON @store@.store_version USING ((SELECT @store@.is_operator()));
CREATE POLICY everybody ON @store@.persona FOR SELECT USING (true);
CREATE POLICY operator ON @store@.persona USING ((SELECT @store@.is_operator()));
CREATE POLICY member ON @store@.membership FOR SELECT USING (role_name = clex.caller());
CREATE POLICY operator ON @store@.membership USING ((SELECT @store@.is_operator()));
CREATE POLICY member ON @store@.tenant FOR SELECT
	USING (tenant_id IN (SELECT m.tenant_id FROM @store@.membership m WHERE m.role_name = clex.caller()));
CREATE POLICY operator ON @store@.tenant USING ((SELECT @store@.is_operator()));

--! code
CREATE OR REPLACE FUNCTION @store@.require_operator() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	IF NOT @store@.is_operator() THEN
		RAISE EXCEPTION 'role "%" is not an operator of this store', clex.caller() USING
			ERRCODE = 'insufficient_privilege',
			HINT = 'Operators are the roles that may act as the owner of the store''s schema.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_operator() IS 'Raises 42501 unless the caller is an operator of this store.';

CREATE OR REPLACE FUNCTION @store@.require_submit(p_tenant_id bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	IF EXISTS (
		SELECT FROM @store@.membership m
		JOIN @store@.persona p ON p.persona = m.persona
		WHERE m.tenant_id = p_tenant_id AND m.role_name = clex.caller() AND p.may_submit)
	THEN
		RETURN;
	END IF;
	IF @store@.is_operator() THEN
		IF EXISTS (SELECT FROM @store@.tenant t WHERE t.tenant_id = p_tenant_id) THEN
			RETURN;
		END IF;
		RAISE EXCEPTION 'tenant % does not exist', p_tenant_id USING
			ERRCODE = 'foreign_key_violation',
			HINT = 'add_tenant() makes it.';
	END IF;
	RAISE EXCEPTION 'role "%" may not submit documents for tenant %', clex.caller(), p_tenant_id USING
		ERRCODE = 'insufficient_privilege',
		HINT = 'An operator of the store can give it a persona for that tenant with add_member().';
END;
$code$;
COMMENT ON FUNCTION @store@.require_submit(bigint) IS 'Raises 42501 unless the caller may add documents for that tenant; operators get 23503 for a tenant that does not exist.';

CREATE OR REPLACE FUNCTION @store@.add_tenant(p_tenant_id bigint, name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.require_operator();
	INSERT INTO @store@.tenant (tenant_id, name) VALUES (p_tenant_id, add_tenant.name);
END;
$code$;
COMMENT ON FUNCTION @store@.add_tenant(bigint, text) IS 'Adds a tenant. For operators. Errors: 42501, 23505 number taken, 23514 number not positive or name empty.';

CREATE OR REPLACE FUNCTION @store@.add_member(p_tenant_id bigint, role_name text, persona text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.require_operator();
	IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = add_member.role_name) THEN
		RAISE EXCEPTION 'role "%" does not exist', add_member.role_name USING
			ERRCODE = 'undefined_object',
			HINT = format('Make it first: CREATE ROLE %I LOGIN', add_member.role_name);
	END IF;
	IF NOT EXISTS (SELECT FROM @store@.persona p WHERE p.persona = add_member.persona) THEN
		RAISE EXCEPTION 'unknown persona "%"', add_member.persona USING
			ERRCODE = 'invalid_parameter_value',
			HINT = format('Personas are: %s.', (SELECT string_agg(p.persona, ', ' ORDER BY p.persona) FROM @store@.persona p));
	END IF;
	INSERT INTO @store@.membership (tenant_id, role_name, persona, granted_by)
	VALUES (p_tenant_id, add_member.role_name, add_member.persona, clex.caller())
	ON CONFLICT DO NOTHING;
END;
$code$;
COMMENT ON FUNCTION @store@.add_member(bigint, text, text) IS 'Gives a database role a persona for a tenant; giving it twice is harmless. For operators. Errors: 42501, 42704 no such role, 22023 no such persona, 23503 no such tenant.';

CREATE OR REPLACE FUNCTION @store@.remove_member(p_tenant_id bigint, role_name text, persona text DEFAULT NULL) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_count int;
BEGIN
	PERFORM @store@.require_operator();
	DELETE FROM @store@.membership m
	WHERE m.tenant_id = p_tenant_id AND m.role_name = remove_member.role_name
		AND (remove_member.persona IS NULL OR m.persona = remove_member.persona);
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN v_count;
END;
$code$;
COMMENT ON FUNCTION @store@.remove_member(bigint, text, text) IS 'Takes personas from a database role; persona NULL = all it has for the tenant. Returns how many. For operators. Errors: 42501.';

CREATE OR REPLACE VIEW @store@.tenants WITH (security_invoker) AS
SELECT t.tenant_id, t.name, t.created_at FROM @store@.tenant t;
COMMENT ON VIEW @store@.tenants IS 'Tenants the caller belongs to (operators: all).';
COMMENT ON COLUMN @store@.tenants.tenant_id IS 'Number of the tenant.';
COMMENT ON COLUMN @store@.tenants.name IS 'Name for people.';
COMMENT ON COLUMN @store@.tenants.created_at IS 'When the tenant was added.';

CREATE OR REPLACE VIEW @store@.members WITH (security_invoker) AS
SELECT m.tenant_id, m.role_name, m.persona, p.may_read, p.may_submit, m.granted_at, m.granted_by
FROM @store@.membership m JOIN @store@.persona p ON p.persona = m.persona;
COMMENT ON VIEW @store@.members IS 'The caller''s memberships (operators: all).';
COMMENT ON COLUMN @store@.members.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.members.role_name IS 'Database role.';
COMMENT ON COLUMN @store@.members.persona IS 'What the role is for the tenant.';
COMMENT ON COLUMN @store@.members.may_read IS 'Sees all documents of the tenant.';
COMMENT ON COLUMN @store@.members.may_submit IS 'May add documents.';
COMMENT ON COLUMN @store@.members.granted_at IS 'When the membership was given.';
COMMENT ON COLUMN @store@.members.granted_by IS 'Role that gave it.';

REVOKE ALL ON FUNCTION @store@.require_operator(), @store@.require_submit(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION @store@.add_tenant(bigint, text), @store@.add_member(bigint, text, text),
	@store@.remove_member(bigint, text, text) FROM PUBLIC;
GRANT USAGE ON SCHEMA @store@ TO PUBLIC;
GRANT SELECT ON @store@.store_version, @store@.tenant, @store@.persona, @store@.membership,
	@store@.tenants, @store@.members TO PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.is_operator(), @store@.readable_tenants(),
	@store@.add_tenant(bigint, text), @store@.add_member(bigint, text, text),
	@store@.remove_member(bigint, text, text) TO PUBLIC;
