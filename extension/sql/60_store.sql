-- Stores: schemas that hold a user's documents.  The extension owns no data; see docs/store.md.

-- Types, functions and views of clex are for everybody; what must not be is revoked one by one.
GRANT USAGE ON SCHEMA clex TO PUBLIC;

CREATE FUNCTION clex.caller() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE pg_catalog.current_setting('role')
		WHEN 'none' THEN session_user::text
		ELSE pg_catalog.current_setting('role')
	END;
END;
COMMENT ON FUNCTION clex.caller() IS
'The role on whose behalf the session acts: the one set by SET ROLE, else the session user. Also inside SECURITY DEFINER functions, where current_user is the function''s owner.';

CREATE FUNCTION clex.may_act_as_owner(relation regclass) RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_owner_acting'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clex.may_act_as_owner(regclass) IS
'Whether the caller, as clex.caller() says, may act as the owner of a relation; NULL if there is no such relation.';

CREATE FUNCTION clex.runs_as_owner(relation regclass) RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_owner_running'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clex.runs_as_owner(regclass) IS
'Whether the current user is the owner of a relation itself, as within the owner''s SECURITY DEFINER functions whoever called them; NULL if there is no such relation.';

CREATE FUNCTION clex.among_support(internal) RETURNS internal
AS 'MODULE_PATHNAME', 'clex_among_support'
LANGUAGE C STRICT;
COMMENT ON FUNCTION clex.among_support(internal) IS 'Tells the planner how many rows pass clex.is_among().';

CREATE FUNCTION clex.is_among(list regprocedure, tenant_id bigint) RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_tenant_among'
LANGUAGE C STABLE STRICT PARALLEL SAFE SUPPORT clex.among_support;
COMMENT ON FUNCTION clex.is_among(regprocedure, bigint) IS
'Whether a tenant is among those that a function lists: tenant_id IN (SELECT * FROM list()), for policies. The function is called when a row first asks, once in a statement, with the rights of the role that asks. It takes no arguments, returns rows of a bigint, and must depend on nothing but the rows it reads and clex.caller(). Errors: 42809 it returns something else, 42501 it may not be called.';

CREATE FUNCTION clex.is_among(list regprocedure, tenant_id bigint, key text) RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_key_among'
LANGUAGE C STABLE STRICT PARALLEL SAFE SUPPORT clex.among_support;
COMMENT ON FUNCTION clex.is_among(regprocedure, bigint, text) IS 'Whether a tenant with a key beside is among the rows (bigint, text) that a function lists; see clex.is_among(regprocedure, bigint).';

CREATE FUNCTION clex.is_among(list regprocedure, tenant_id bigint, number bigint) RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_number_among'
LANGUAGE C STABLE STRICT PARALLEL SAFE SUPPORT clex.among_support;
COMMENT ON FUNCTION clex.is_among(regprocedure, bigint, bigint) IS 'Whether a tenant with a number beside is among the rows (bigint, bigint) that a function lists; see clex.is_among(regprocedure, bigint).';

CREATE FUNCTION clex.store_steps(
	OUT ordinal int,
	OUT module text,
	OUT requires text,
	OUT step int,
	OUT title text,
	OUT script text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'clex_store_steps'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION clex.store_steps() IS
'The templates that stores are made of, in the order in which they run. A step with a number runs once for each store; step 0 holds functions and views and runs at every upgrade. @store@ stands for the name of the schema.';

CREATE VIEW clex.stores AS
SELECT n.nspname AS name, pg_catalog.pg_get_userbyid(n.nspowner) AS owner
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clex_version'
WHERE c.relname = 'store_version' AND c.relkind = 'r';
COMMENT ON VIEW clex.stores IS 'The stores of this database: schemas made by clex.create_store().';
COMMENT ON COLUMN clex.stores.name IS 'Schema of the store.';
COMMENT ON COLUMN clex.stores.owner IS 'Role that owns the store; roles that may act as it are the store''s operators.';
GRANT SELECT ON clex.stores TO PUBLIC;

-- Run what a store lacks, as the store's owner: who owns the schema can be tricked by nobody else.
-- This and the other parts of the three functions below are not revoked: they run with the caller's rights, and who is
-- granted the three must not need more.
CREATE FUNCTION clex.run_store_steps(store name, modules text[]) RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
	v_role text := current_setting('role');
	v_step record;
	v_done boolean;
	v_count int := 0;
BEGIN
	IF NOT (SELECT pg_has_role(current_user, n.nspowner, 'MEMBER') FROM pg_namespace n WHERE n.nspname = store) THEN
		RAISE EXCEPTION 'role "%" may not act as the owner of schema "%"', current_user, store USING
			ERRCODE = 'insufficient_privilege';
	END IF;
	PERFORM set_config('role', n.nspowner::regrole::text, true)
	FROM pg_namespace n
	WHERE n.nspname = store AND n.nspowner::regrole::text <> clex.caller();

	FOR v_step IN
		SELECT s.* FROM clex.store_steps() s WHERE s.module = ANY (modules) ORDER BY s.ordinal
	LOOP
		v_done := false;
		IF v_step.step > 0 AND to_regclass(format('%I.store_version', store)) IS NOT NULL THEN
			EXECUTE format('SELECT EXISTS (SELECT FROM %I.store_version v WHERE v.module = $1 AND v.step = $2)', store)
			INTO v_done USING v_step.module, v_step.step;
		END IF;
		CONTINUE WHEN v_done;
		EXECUTE replace(v_step.script, '@store@', quote_ident(store));
		IF v_step.step > 0 THEN
			EXECUTE format('INSERT INTO %I.store_version (module, step, clex_version) VALUES ($1, $2, $3)', store)
			USING v_step.module, v_step.step,
				(SELECT e.extversion FROM pg_extension e WHERE e.extname = 'clex');
			v_count := v_count + 1;
		END IF;
	END LOOP;

	PERFORM set_config('role', v_role, true);
	RETURN v_count;
END;
$$;
COMMENT ON FUNCTION clex.run_store_steps(name, text[]) IS
'Part of create_store() and upgrade_store(): runs the steps of the given modules that the store does not have yet, then their functions and views. Returns the number of steps run.';

-- The modules a store gets: those asked for and those they need.
CREATE FUNCTION clex.resolve_store_modules(modules text[]) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, clex, pg_temp
AS $$
DECLARE
	v_known text[] := ARRAY(SELECT DISTINCT s.module FROM clex.store_steps() s ORDER BY 1);
	v_unknown text;
BEGIN
	IF modules IS NULL THEN
		RETURN v_known;
	END IF;
	SELECT m INTO v_unknown FROM unnest(modules) m WHERE m IS NULL OR m <> ALL (v_known) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'unknown store module "%"', v_unknown USING
			ERRCODE = 'invalid_parameter_value',
			HINT = format('Modules are: %s.', array_to_string(v_known, ', '));
	END IF;
	RETURN modules || 'base'::text || ARRAY(
		SELECT r FROM clex.store_steps() s, string_to_table(s.requires, ' ') r
		WHERE s.module = ANY (modules) AND r <> '');
END;
$$;
COMMENT ON FUNCTION clex.resolve_store_modules(text[]) IS
'Part of create_store() and upgrade_store(): the modules asked for (NULL = all there are) and those they need. Errors: 22023 no such module.';

CREATE FUNCTION clex.create_store(name name, modules text[] DEFAULT NULL, owner name DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $$
DECLARE
	v_owner name := COALESCE(owner, current_user);
	v_role pg_roles;
BEGIN
	IF create_store.name IS NULL OR create_store.name !~ '^[a-z][a-z0-9_]{0,47}$'
		OR create_store.name ~ '^(pg_|clex$|public$|information_schema$)'
	THEN
		RAISE EXCEPTION 'a store cannot be named "%"', create_store.name USING
			ERRCODE = 'invalid_name',
			HINT = 'Take up to 48 lower-case letters, digits and underscores, starting with a letter; not pg_..., clex, public or information_schema.';
	END IF;

	SELECT * INTO v_role FROM pg_roles r WHERE r.rolname = v_owner;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'role "%" does not exist', v_owner USING
			ERRCODE = 'undefined_object',
			HINT = format('Make it first: CREATE ROLE %I NOLOGIN', v_owner);
	ELSIF v_role.rolsuper OR v_role.rolbypassrls OR v_role.rolcanlogin THEN
		RAISE EXCEPTION 'role "%" cannot own a store', v_owner USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = 'The functions of a store run as its owner, and row-level security must hold for them: the owner may be neither superuser nor BYPASSRLS, and nobody may log in as it.',
			HINT = format('Name another role: CREATE ROLE %I NOLOGIN; SELECT clex.create_store(%L, owner => %L)',
				create_store.name || '_owner', create_store.name, create_store.name || '_owner');
	ELSIF NOT pg_has_role(current_user, v_owner, 'MEMBER') THEN
		RAISE EXCEPTION 'role "%" may not act as "%"', current_user, v_owner USING
			ERRCODE = 'insufficient_privilege',
			HINT = format('GRANT %I TO %I', v_owner, current_user);
	END IF;

	IF EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = create_store.name) THEN
		RAISE EXCEPTION 'schema "%" already exists', create_store.name USING
			ERRCODE = 'duplicate_schema',
			HINT = 'clex.upgrade_store() moves an existing store forward.';
	END IF;

	EXECUTE format('CREATE SCHEMA %I AUTHORIZATION %I', create_store.name, v_owner);
	EXECUTE format('COMMENT ON SCHEMA %I IS %L', create_store.name, 'Invoice store made by clex.create_store().');
	PERFORM clex.run_store_steps(create_store.name, clex.resolve_store_modules(modules));
END;
$$;
COMMENT ON FUNCTION clex.create_store(name, text[], name) IS
'Makes a store: a schema with tables, policies, functions and views for a user''s documents. modules: NULL = all, a module brings those it needs. owner: a NOLOGIN role, neither superuser nor BYPASSRLS; NULL = the current role. Errors: 42602 name, 42P06 schema exists, 42704 no such owner, 22023 owner or module refused, 42501 not allowed to act as owner.';
REVOKE ALL ON FUNCTION clex.create_store(name, text[], name) FROM PUBLIC;

-- The owner of a store, or an error for a schema that is none or that the current role may not touch.
CREATE FUNCTION clex.check_store(store name) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, clex, pg_temp
AS $$
DECLARE
	v_owner name;
BEGIN
	SELECT s.owner INTO v_owner FROM clex.stores s WHERE s.name = store;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no store "%"', store USING
			ERRCODE = 'invalid_schema_name',
			HINT = 'View clex.stores lists the stores of this database.';
	ELSIF NOT pg_has_role(current_user, v_owner, 'MEMBER') THEN
		RAISE EXCEPTION 'role "%" may not act as "%", the owner of store "%"', current_user, v_owner, store USING
			ERRCODE = 'insufficient_privilege';
	END IF;
END;
$$;
COMMENT ON FUNCTION clex.check_store(name) IS
'Part of upgrade_store() and drop_store(): raises 3F000 when there is no such store, 42501 when the current role may not act as its owner.';

-- Tables and views of a store, all for this transaction.  LOCK TABLE would need privileges on the journal that nobody has.
CREATE FUNCTION clex.lock_store(store name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $$
DECLARE
	v_lock constant text := 'ALTER TABLE %s OWNER TO ' || (SELECT quote_ident(s.owner) FROM clex.stores s WHERE s.name = store);
	v_patience constant text := current_setting('lock_timeout');
	v_relation regclass;
	v_busy regclass;
	v_waits boolean;
BEGIN
	FOR v_round IN 1 .. 1000 LOOP
		BEGIN
			-- wait for one while holding none: who has it may need any other before letting it go
			v_waits := true;
			IF v_busy IS NOT NULL THEN
				EXECUTE format(v_lock, v_busy);
			END IF;
			v_waits := false;
			-- the others soon, or never: whoever has them may by now be waiting for us
			PERFORM set_config('lock_timeout', LEAST(v_round, 50) || 'ms', true);
			FOR v_relation IN
				SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
				WHERE n.nspname = store AND c.relkind IN ('r', 'v') ORDER BY c.oid
			LOOP
				EXECUTE format(v_lock, v_relation);
			END LOOP;
			PERFORM set_config('lock_timeout', v_patience, true);
			RETURN;
		EXCEPTION WHEN lock_not_available THEN
			IF v_waits THEN
				RAISE;
			END IF;
			v_busy := v_relation;
		END;
	END LOOP;
	RAISE EXCEPTION 'store "%" is too busy to be upgraded', store USING
		ERRCODE = 'lock_not_available',
		HINT = 'Nothing has changed. Try again when fewer sessions work with it.';
END;
$$;
COMMENT ON FUNCTION clex.lock_store(name) IS
'Part of upgrade_store(): takes all tables and views of a store for this transaction, without ever standing in the way of a session it waits for. Errors: 55P03 lock_timeout, or too busy.';

CREATE FUNCTION clex.upgrade_store(name name, modules text[] DEFAULT '{}') RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $$
DECLARE
	v_modules text[];
BEGIN
	PERFORM clex.check_store(upgrade_store.name);
	EXECUTE format('LOCK TABLE %I.store_version IN SHARE ROW EXCLUSIVE MODE', upgrade_store.name);
	PERFORM clex.lock_store(upgrade_store.name);
	EXECUTE format('SELECT array_agg(DISTINCT v.module) FROM %I.store_version v', upgrade_store.name) INTO v_modules;
	RETURN clex.run_store_steps(upgrade_store.name, clex.resolve_store_modules(v_modules || modules));
END;
$$;
COMMENT ON FUNCTION clex.upgrade_store(name, text[]) IS
'Moves a store forward to the templates of the installed library, in one transaction: steps it has not seen, then its functions and views. modules: further ones to add, with those they need. Returns the number of steps run; running it again is harmless. Sessions that work with the store meanwhile are waited for, and wait. Errors: 3F000 no such store, 22023 no such module, 42501 not allowed, 55P03 too busy.';
REVOKE ALL ON FUNCTION clex.upgrade_store(name, text[]) FROM PUBLIC;

CREATE FUNCTION clex.drop_store(name name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
	PERFORM clex.check_store(drop_store.name);
	EXECUTE format('DROP SCHEMA %I CASCADE', drop_store.name);
END;
$$;
COMMENT ON FUNCTION clex.drop_store(name) IS
'Drops a store with all its documents, for ever. Errors: 3F000 no such store, 42501 not allowed.';
REVOKE ALL ON FUNCTION clex.drop_store(name) FROM PUBLIC;
