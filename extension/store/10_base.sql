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

--! step 2 event journal, rights to maintain and to audit
ALTER TABLE @store@.persona
	ADD COLUMN may_maintain boolean NOT NULL DEFAULT false,
	ADD COLUMN may_audit boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN @store@.persona.may_maintain IS 'May change parties, entities and settings of the tenant.';
COMMENT ON COLUMN @store@.persona.may_audit IS 'Reads the journal of the tenant.';
-- who enters invoices does not also say which bank account is a supplier's
UPDATE @store@.persona SET may_maintain = true WHERE persona = 'integration';
UPDATE @store@.persona SET may_audit = true WHERE persona IN ('auditor', 'cfo');

CREATE TABLE @store@.event (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	happened_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	actor text NOT NULL DEFAULT clex.caller(),
	login text NOT NULL DEFAULT session_user,
	action text NOT NULL CHECK (action ~ '^[a-z_]+$'),
	subject text NOT NULL CHECK (subject <> ''),
	subject_key text NOT NULL,
	before jsonb,
	after jsonb,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX event_subject_idx ON @store@.event (tenant_id, subject, subject_key, id);
COMMENT ON TABLE @store@.event IS 'Journal: who did what, when, and what was there before and after. Rows are added by record_event(), never changed, never deleted.';
COMMENT ON COLUMN @store@.event.tenant_id IS 'Tenant it happened to.';
COMMENT ON COLUMN @store@.event.id IS 'Number of the event in this store.';
COMMENT ON COLUMN @store@.event.happened_at IS 'When it was done; it holds from the end of that transaction.';
COMMENT ON COLUMN @store@.event.actor IS 'Role that did it, as clex.caller() says.';
COMMENT ON COLUMN @store@.event.login IS 'Role that had logged in; another one than actor after SET ROLE.';
COMMENT ON COLUMN @store@.event.action IS 'Function that did it.';
COMMENT ON COLUMN @store@.event.subject IS 'What kind of thing it was done to.';
COMMENT ON COLUMN @store@.event.subject_key IS 'Which one: its code or number.';
COMMENT ON COLUMN @store@.event.before IS 'What was there before; NULL if nothing was.';
COMMENT ON COLUMN @store@.event.after IS 'What is there since; NULL if nothing is.';

-- append-only for the store's own functions too: no privilege, and no policy, to change or delete
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.event FROM CURRENT_USER;
CREATE FUNCTION @store@.auditable_tenants() RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
	SELECT m.tenant_id
	FROM @store@.membership m
	JOIN @store@.persona p ON p.persona = m.persona
	WHERE m.role_name = clex.caller() AND p.may_audit
	UNION
	SELECT t.tenant_id FROM @store@.tenant t WHERE (SELECT @store@.is_operator());
END;
COMMENT ON FUNCTION @store@.auditable_tenants() IS 'Tenants whose journal the caller may read.';
CREATE FUNCTION @store@.known_tenants() RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
	SELECT m.tenant_id
	FROM @store@.membership m
	JOIN @store@.persona p ON p.persona = m.persona
	WHERE m.role_name = clex.caller() AND p.may_read
	UNION
	SELECT t.tenant_id FROM @store@.tenant t WHERE (SELECT @store@.is_operator());
END;
COMMENT ON FUNCTION @store@.known_tenants() IS 'Tenants whose parties and entities the caller may see.';
ALTER TABLE @store@.event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY auditor ON @store@.event FOR SELECT USING (tenant_id IN (SELECT @store@.auditable_tenants()));
CREATE POLICY actor ON @store@.event FOR INSERT WITH CHECK (actor = clex.caller() AND login = session_user);

--! code
CREATE OR REPLACE FUNCTION @store@.record_event(p_tenant_id bigint, action text, subject text, subject_key text, before jsonb, after jsonb) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
	INSERT INTO @store@.event (tenant_id, action, subject, subject_key, before, after)
	VALUES (record_event.p_tenant_id, record_event.action, record_event.subject, record_event.subject_key,
		record_event.before, record_event.after);
END;
COMMENT ON FUNCTION @store@.record_event(bigint, text, text, text, jsonb, jsonb) IS 'Adds an event to the journal, in the name of the caller and with the time of day. Part of every function that writes.';

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
SET plan_cache_mode = force_generic_plan    -- whatever suits the caller's own statement
AS $code$
BEGIN
	IF EXISTS (
		SELECT FROM @store@.membership m
		JOIN @store@.persona p ON p.persona = m.persona
		WHERE m.tenant_id = p_tenant_id AND m.role_name = clex.caller() AND p.may_submit AND NOT m.scoped)
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

CREATE OR REPLACE FUNCTION @store@.require_maintain(p_tenant_id bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan    -- whatever suits the caller's own statement
AS $code$
BEGIN
	IF EXISTS (
		SELECT FROM @store@.membership m
		JOIN @store@.persona p ON p.persona = m.persona
		WHERE m.tenant_id = p_tenant_id AND m.role_name = clex.caller() AND p.may_maintain AND NOT m.scoped)
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
	RAISE EXCEPTION 'role "%" may not maintain the master data of tenant %', clex.caller(), p_tenant_id USING
		ERRCODE = 'insufficient_privilege',
		HINT = 'An operator of the store can give it the persona integration for that tenant with add_member().';
END;
$code$;
COMMENT ON FUNCTION @store@.require_maintain(bigint) IS 'Raises 42501 unless the caller may change parties, entities and settings of that tenant; operators get 23503 for a tenant that does not exist.';

CREATE OR REPLACE FUNCTION @store@.add_tenant(p_tenant_id bigint, name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.require_operator();
	PERFORM @store@.require_form(p_tenant_id, 'the number of a tenant', add_tenant.p_tenant_id::text, '^[1-9]', 'above 0');
	INSERT INTO @store@.tenant (tenant_id, name) VALUES (p_tenant_id, add_tenant.name);
	PERFORM @store@.record_event(p_tenant_id, 'add_tenant', 'tenant', p_tenant_id::text, NULL, jsonb_build_object('name', add_tenant.name));
END;
$code$;
COMMENT ON FUNCTION @store@.add_tenant(bigint, text) IS 'Adds a tenant. For operators. Errors: 42501, 23502 number or name missing, 23505 number taken, 23514 number not positive or name empty.';

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
	IF FOUND THEN
		PERFORM @store@.record_event(p_tenant_id, 'add_member', 'membership', add_member.role_name, NULL,
			jsonb_build_object('persona', add_member.persona));
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.add_member(bigint, text, text) IS 'Gives a database role a persona for a tenant; giving it twice is harmless. For operators. Errors: 42501, 42704 no such role, 22023 no such persona, 23503 no such tenant.';

CREATE OR REPLACE FUNCTION @store@.require_form(p_tenant_id bigint, argument text, value text, pattern text, needed text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	IF value !~ pattern THEN
		RAISE EXCEPTION '% cannot be "%"', argument, left(value, 60) USING
			ERRCODE = 'check_violation',
			HINT = format('It must be %s.', needed);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_form(bigint, text, text, text, text) IS 'Raises 23514, saying what is needed instead, unless an argument is NULL or matches a pattern: what a CHECK of its table asks, in words.';

CREATE OR REPLACE FUNCTION @store@.membership_ended(p_tenant_id bigint, role_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
END;
$code$;
COMMENT ON FUNCTION @store@.membership_ended(bigint, text) IS 'Part of remove_member(): what ends with a membership; nothing unless a later module puts its own in place.';

CREATE OR REPLACE FUNCTION @store@.remove_member(p_tenant_id bigint, role_name text, persona text DEFAULT NULL) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_before jsonb;
	v_count int := 0;
BEGIN
	PERFORM @store@.require_operator();
	FOR v_before IN
		DELETE FROM @store@.membership m
		WHERE m.tenant_id = p_tenant_id AND m.role_name = remove_member.role_name
			AND (remove_member.persona IS NULL OR m.persona = remove_member.persona)
		RETURNING jsonb_strip_nulls(jsonb_build_object('persona', m.persona, 'scopes', (
			SELECT jsonb_agg(COALESCE(s.entity, s.party) ORDER BY s.entity, s.party) FROM @store@.member_scopes s
			WHERE s.tenant_id = m.tenant_id AND s.role_name = m.role_name AND s.persona = m.persona)))
	LOOP
		PERFORM @store@.record_event(p_tenant_id, 'remove_member', 'membership', remove_member.role_name, v_before, NULL);
		v_count := v_count + 1;
	END LOOP;
	IF v_count > 0 THEN
		PERFORM @store@.membership_ended(p_tenant_id, remove_member.role_name);
	END IF;
	RETURN v_count;
END;
$code$;
COMMENT ON FUNCTION @store@.remove_member(bigint, text, text) IS 'Takes personas from a database role; persona NULL = all it has for the tenant. What it did stays; delegations of approval that it gave end when it may approve no more. Returns how many. For operators. Errors: 42501.';

CREATE OR REPLACE VIEW @store@.tenants WITH (security_invoker) AS
SELECT t.tenant_id, t.name, t.created_at FROM @store@.tenant t;
COMMENT ON VIEW @store@.tenants IS 'Tenants the caller belongs to (operators: all).';
COMMENT ON COLUMN @store@.tenants.tenant_id IS 'Number of the tenant.';
COMMENT ON COLUMN @store@.tenants.name IS 'Name for people.';
COMMENT ON COLUMN @store@.tenants.created_at IS 'When the tenant was added.';

CREATE OR REPLACE VIEW @store@.events WITH (security_invoker) AS
SELECT e.tenant_id, e.id, e.happened_at, e.actor, e.login, e.action, e.subject, e.subject_key, e.before, e.after
FROM @store@.event e;
COMMENT ON VIEW @store@.events IS 'Journal of the tenants the caller may audit: who did what, when, and what was there before and after.';

REVOKE ALL ON FUNCTION @store@.membership_ended(bigint, text), @store@.require_form(bigint, text, text, text, text), @store@.require_operator(), @store@.require_submit(bigint), @store@.require_maintain(bigint),
	@store@.record_event(bigint, text, text, text, jsonb, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION @store@.add_tenant(bigint, text), @store@.add_member(bigint, text, text),
	@store@.remove_member(bigint, text, text) FROM PUBLIC;
GRANT USAGE ON SCHEMA @store@ TO PUBLIC;
GRANT SELECT ON @store@.store_version, @store@.tenant, @store@.persona, @store@.membership,
	@store@.tenants, @store@.event, @store@.events TO PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.is_operator(), @store@.readable_tenants(), @store@.auditable_tenants(), @store@.known_tenants(),
	@store@.add_tenant(bigint, text), @store@.add_member(bigint, text, text),
	@store@.remove_member(bigint, text, text) TO PUBLIC;
