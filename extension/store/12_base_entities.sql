-- Module base, entities: how the tenant itself is made up, in time.
--
-- Groups, companies, subsidiaries, franchises and departments are nodes of one kind of tree, so that
-- one right, "this entity and all below it", serves for all of them.  Where an entity hangs is kept in
-- keyed periods (see parties), so the tree differs from day to day; that it has no cycle and no
-- orphan on any day is checked by its only writers, which go one after the other for each tenant:
-- each moves the tenant's revision, a row that two transactions cannot change at once at any
-- isolation level.

--! step 4 entities
CREATE TABLE @store@.entity_revision (
	tenant_id bigint PRIMARY KEY REFERENCES @store@.tenant,
	revision bigint NOT NULL
);
COMMENT ON TABLE @store@.entity_revision IS 'How often the entities of a tenant have been changed; writers of the tree wait for each other here.';
COMMENT ON COLUMN @store@.entity_revision.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.entity_revision.revision IS 'Number of changes so far.';

CREATE TABLE @store@.entity (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	code text NOT NULL CHECK (code <> '' AND pg_catalog.length(code) <= 200),
	is_department boolean NOT NULL,
	party_id bigint,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, code),
	UNIQUE (tenant_id, id, is_department),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
COMMENT ON TABLE @store@.entity IS 'Groups, companies, subsidiaries, franchises and departments of the tenant. Written by set_entity().';
COMMENT ON COLUMN @store@.entity.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.entity.id IS 'Number of the entity in this store.';
COMMENT ON COLUMN @store@.entity.code IS 'What the tenant calls it: its number in the ERP system.';
COMMENT ON COLUMN @store@.entity.is_department IS 'Whether it is a department: a company may become a subsidiary, but never a department.';
COMMENT ON COLUMN @store@.entity.party_id IS 'The entity as a party: the identifiers it appears with on invoices.';

CREATE TABLE @store@.entity_version (
	tenant_id bigint NOT NULL,
	entity_id bigint NOT NULL,
	valid_from date NOT NULL CHECK (pg_catalog.isfinite(valid_from)),
	closed boolean NOT NULL,
	kind text NOT NULL CHECK (kind IN ('group', 'company', 'subsidiary', 'franchise', 'department')),
	name text NOT NULL CHECK (name <> ''),
	parent_id bigint CHECK (parent_id <> entity_id),
	is_department boolean NOT NULL GENERATED ALWAYS AS (kind = 'department') STORED,
	PRIMARY KEY (tenant_id, entity_id, valid_from),
	FOREIGN KEY (tenant_id, entity_id, is_department) REFERENCES @store@.entity (tenant_id, id, is_department),
	FOREIGN KEY (tenant_id, parent_id) REFERENCES @store@.entity (tenant_id, id),
	CONSTRAINT entity_version_department_belongs CHECK (kind <> 'department' OR parent_id IS NOT NULL)
);
CREATE INDEX entity_version_parent_idx ON @store@.entity_version (tenant_id, parent_id) WHERE parent_id IS NOT NULL;
COMMENT ON TABLE @store@.entity_version IS 'What and where entities are: a row holds from its day until the next row of the entity. Written by set_entity() and close_entity().';
COMMENT ON COLUMN @store@.entity_version.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.entity_version.entity_id IS 'Entity.';
COMMENT ON COLUMN @store@.entity_version.valid_from IS 'First day on which this holds.';
COMMENT ON COLUMN @store@.entity_version.closed IS 'From this day on the entity is no longer there; the other columns are those of the day before.';
COMMENT ON COLUMN @store@.entity_version.kind IS 'group, company, subsidiary, franchise or department.';
COMMENT ON COLUMN @store@.entity_version.name IS 'Name.';
COMMENT ON COLUMN @store@.entity_version.parent_id IS 'Entity it belongs to; NULL = none, it is the root of a tree.';
COMMENT ON COLUMN @store@.entity_version.is_department IS 'Whether this is a department, for the foreign key to the entity.';

ALTER TABLE @store@.entity_revision ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.entity ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.entity_version ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.entity_revision USING (tenant_id IN (SELECT @store@.known_tenants()));
CREATE POLICY tenant ON @store@.entity USING (tenant_id IN (SELECT @store@.known_tenants()));
CREATE POLICY tenant ON @store@.entity_version USING (tenant_id IN (SELECT @store@.known_tenants()));

--! code
CREATE OR REPLACE FUNCTION @store@.entity_id(p_tenant_id bigint, code text) RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_id bigint;
BEGIN
	SELECT e.id INTO v_id FROM @store@.entity e WHERE e.tenant_id = p_tenant_id AND e.code = entity_id.code;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no entity "%"', p_tenant_id, entity_id.code USING
			ERRCODE = 'no_data_found',
			HINT = 'set_entity() makes it; view entities lists them.';
	END IF;
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.entity_id(bigint, text) IS 'Number of the entity with that code. Errors: P0002 no such entity, or none that the caller may see.';

CREATE OR REPLACE FUNCTION @store@.entity_periods(p_tenant_id bigint, entity_id bigint)
RETURNS TABLE (period daterange, closed boolean, kind text, name text, parent_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
	SELECT pg_catalog.daterange(v.valid_from, pg_catalog.lead(v.valid_from) OVER (ORDER BY v.valid_from)),
		v.closed, v.kind, v.name, v.parent_id
	FROM @store@.entity_version v
	WHERE v.tenant_id = entity_periods.p_tenant_id AND v.entity_id = entity_periods.entity_id;
END;
COMMENT ON FUNCTION @store@.entity_periods(bigint, bigint) IS 'What an entity is in time, one row for each period.';

CREATE OR REPLACE FUNCTION @store@.check_entity_parent(p_tenant_id bigint, entity_id bigint, kind text, parent_id bigint, period daterange) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_parent text := (SELECT e.code FROM @store@.entity e WHERE e.tenant_id = p_tenant_id AND e.id = check_entity_parent.parent_id);
	v_day date;
BEGIN
	IF (SELECT range_agg(p.period) @> check_entity_parent.period
		FROM @store@.entity_periods(p_tenant_id, check_entity_parent.parent_id) p WHERE NOT p.closed) IS NOT TRUE
	THEN
		RAISE EXCEPTION 'entity "%" is not there in all of %', v_parent, check_entity_parent.period USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = 'An entity belongs to another one only while that one is there.',
			HINT = 'View entity_history says from when to when it is.';
	END IF;
	IF check_entity_parent.kind <> 'department'
		AND (SELECT e.is_department FROM @store@.entity e WHERE e.tenant_id = p_tenant_id AND e.id = check_entity_parent.parent_id)
	THEN
		RAISE EXCEPTION 'a % cannot belong to a department', check_entity_parent.kind USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('"%s" is a department.', v_parent);
	END IF;

	-- walk up in all trees that hold in the period, with the days on which each step is there
	WITH RECURSIVE up (id, period) AS (
		SELECT check_entity_parent.parent_id, check_entity_parent.period
		UNION
		SELECT p.parent_id, u.period * p.period
		FROM up u
		CROSS JOIN LATERAL @store@.entity_periods(p_tenant_id, u.id) p
		WHERE u.id <> check_entity_parent.entity_id AND p.parent_id IS NOT NULL AND NOT p.closed AND p.period && u.period
	)
	SELECT min(lower(u.period)) INTO v_day FROM up u WHERE u.id = check_entity_parent.entity_id;
	IF v_day IS NOT NULL THEN
		RAISE EXCEPTION 'an entity cannot belong to itself' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('From %s on, "%s" belongs to it or to an entity below it.', v_day, v_parent);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.check_entity_parent(bigint, bigint, text, bigint, daterange) IS 'Part of set_entity(): raises 55000 or 22023 unless an entity may belong to another one on each day of the period.';

CREATE OR REPLACE FUNCTION @store@.put_entity_version(p_tenant_id bigint, action text, code text, version @store@.entity_version) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old @store@.entity_version;
	v_period daterange;
	v_child text;
BEGIN
	SELECT * INTO v_old FROM @store@.entity_version v
	WHERE v.tenant_id = p_tenant_id AND v.entity_id = version.entity_id AND v.valid_from <= version.valid_from
	ORDER BY v.valid_from DESC LIMIT 1;
	IF (v_old.closed, v_old.kind, v_old.name, v_old.parent_id)
		IS NOT DISTINCT FROM (version.closed, version.kind, version.name, version.parent_id)
	THEN
		RETURN;
	END IF;

	v_period := daterange(version.valid_from, (
		SELECT min(v.valid_from) FROM @store@.entity_version v
		WHERE v.tenant_id = p_tenant_id AND v.entity_id = version.entity_id AND v.valid_from > version.valid_from));
	IF version.closed THEN
		SELECT e.code INTO v_child
		FROM (SELECT DISTINCT v.entity_id FROM @store@.entity_version v
			WHERE v.tenant_id = p_tenant_id AND v.parent_id = version.entity_id) c
		JOIN @store@.entity e ON e.tenant_id = p_tenant_id AND e.id = c.entity_id
		CROSS JOIN LATERAL @store@.entity_periods(p_tenant_id, c.entity_id) p
		WHERE p.parent_id = version.entity_id AND NOT p.closed AND p.period && v_period
		ORDER BY e.code LIMIT 1;
		IF FOUND THEN
			RAISE EXCEPTION 'entity "%" still has entities below it', put_entity_version.code USING
				ERRCODE = 'object_not_in_prerequisite_state',
				DETAIL = format('One of them is "%s".', v_child),
				HINT = 'Close or move them first.';
		END IF;
	ELSIF version.parent_id IS NOT NULL THEN
		PERFORM @store@.check_entity_parent(p_tenant_id, version.entity_id, version.kind, version.parent_id, v_period);
	END IF;

	DELETE FROM @store@.entity_version v
	WHERE v.tenant_id = p_tenant_id AND v.entity_id = version.entity_id AND v.valid_from = version.valid_from;
	INSERT INTO @store@.entity_version (tenant_id, entity_id, valid_from, closed, kind, name, parent_id)
	VALUES (p_tenant_id, version.entity_id, version.valid_from, version.closed, version.kind, version.name, version.parent_id);
	PERFORM @store@.record_event(p_tenant_id, put_entity_version.action, 'entity', put_entity_version.code,
		CASE WHEN v_old.entity_id IS NOT NULL THEN to_jsonb(v_old) - '{tenant_id,is_department}'::text[] END,
		to_jsonb(version) - '{tenant_id,is_department}'::text[]);
END;
$code$;
COMMENT ON FUNCTION @store@.put_entity_version(bigint, text, text, @store@.entity_version) IS 'Part of set_entity() and close_entity(): stores what holds from a day on, unless it held already or the tree would not be one.';

CREATE OR REPLACE FUNCTION @store@.move_entity_revision(p_tenant_id bigint) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
	INSERT INTO @store@.entity_revision AS r (tenant_id, revision) VALUES (move_entity_revision.p_tenant_id, 1)
	ON CONFLICT (tenant_id) DO UPDATE SET revision = r.revision + 1;
END;
COMMENT ON FUNCTION @store@.move_entity_revision(bigint) IS 'Part of set_entity() and close_entity(): waits until no other transaction changes the entities of the tenant.';

CREATE OR REPLACE FUNCTION @store@.set_entity(
	p_tenant_id bigint,
	code text,
	kind text,
	name text,
	parent text DEFAULT NULL,
	party text DEFAULT NULL,
	valid_from date DEFAULT CURRENT_DATE)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_new @store@.entity;
	v_old @store@.entity;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	PERFORM @store@.move_entity_revision(p_tenant_id);
	IF set_entity.party IS NOT NULL THEN
		v_new.party_id := @store@.party_id(p_tenant_id, set_entity.party);
	END IF;
	SELECT * INTO v_old FROM @store@.entity e WHERE e.tenant_id = p_tenant_id AND e.code = set_entity.code;
	IF NOT FOUND THEN
		INSERT INTO @store@.entity (tenant_id, code, is_department, party_id)
		VALUES (p_tenant_id, set_entity.code, set_entity.kind = 'department', v_new.party_id)
		RETURNING id INTO v_new.id;
	ELSE
		v_new.id := v_old.id;
		IF v_old.is_department <> (set_entity.kind = 'department') THEN
			RAISE EXCEPTION 'entity "%" % a department and stays so', set_entity.code,
				CASE WHEN v_old.is_department THEN 'is' ELSE 'is not' END USING
				ERRCODE = 'invalid_parameter_value',
				HINT = 'Give the new one another code.';
		END IF;
	END IF;
	-- the party holds for all days
	IF v_new.party_id <> v_old.party_id OR v_old.id IS NOT NULL AND v_old.party_id IS NULL AND v_new.party_id IS NOT NULL THEN
		UPDATE @store@.entity e SET party_id = v_new.party_id WHERE e.tenant_id = p_tenant_id AND e.id = v_new.id;
		PERFORM @store@.record_event(p_tenant_id, 'set_entity', 'entity', set_entity.code,
			jsonb_build_object('party_id', v_old.party_id), jsonb_build_object('party_id', v_new.party_id));
	END IF;
	PERFORM @store@.put_entity_version(p_tenant_id, 'set_entity', set_entity.code,
		ROW(p_tenant_id, v_new.id, set_entity.valid_from, false, set_entity.kind, set_entity.name,
			CASE WHEN set_entity.parent IS NOT NULL THEN @store@.entity_id(p_tenant_id, set_entity.parent) END, NULL)::@store@.entity_version);
	RETURN v_new.id;
END;
$code$;
COMMENT ON FUNCTION @store@.set_entity(bigint, text, text, text, text, text, date) IS
'Says what an entity is and which one (parent, by its code) it belongs to from a day on (valid_from), until the next day for which something has been said; makes the entity if there is none with that code. kind: group, company, subsidiary, franchise or department. party: code of the party it appears as on invoices, for all days; NULL leaves it. The same again changes nothing. Returns the number of the entity. For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, P0002 no such parent or party, 23502 and 23514 kind, name or day, a department without parent; 22023 it would belong to itself on some day, or to a department; 55000 the parent is not there all the time.';

CREATE OR REPLACE FUNCTION @store@.close_entity(p_tenant_id bigint, code text, closed_from date DEFAULT CURRENT_DATE) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_version @store@.entity_version;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	PERFORM @store@.move_entity_revision(p_tenant_id);
	SELECT * INTO v_version FROM @store@.entity_version v
	WHERE v.tenant_id = p_tenant_id AND v.entity_id = @store@.entity_id(p_tenant_id, close_entity.code) AND v.valid_from <= close_entity.closed_from
	ORDER BY v.valid_from DESC LIMIT 1;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'entity "%" is not there on %', close_entity.code, close_entity.closed_from USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'View entity_history says from when.';
	END IF;
	v_version.valid_from := close_entity.closed_from;
	v_version.closed := true;
	PERFORM @store@.put_entity_version(p_tenant_id, 'close_entity', close_entity.code, v_version);
END;
$code$;
COMMENT ON FUNCTION @store@.close_entity(bigint, text, date) IS
'From that day on the entity is not there any more; set_entity() for a later day brings it back. For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, P0002 no such entity, 55000 not there before that day, or entities still belong to it.';

CREATE OR REPLACE FUNCTION @store@.entity_tree(p_tenant_id bigint, as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (entity_id bigint, code text, kind text, name text, parent_id bigint, party_id bigint, depth int, path text[], valid_from date)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 50
BEGIN ATOMIC
	WITH RECURSIVE today AS MATERIALIZED (
		SELECT DISTINCT ON (v.entity_id) v.*
		FROM @store@.entity_version v
		WHERE v.tenant_id = entity_tree.p_tenant_id AND v.valid_from <= entity_tree.as_of
		ORDER BY v.entity_id, v.valid_from DESC
	), node AS MATERIALIZED (
		SELECT t.*, e.code, e.party_id
		FROM today t
		JOIN @store@.entity e ON e.tenant_id = entity_tree.p_tenant_id AND e.id = t.entity_id
		WHERE NOT t.closed
	), tree AS (
		SELECT n.entity_id, 0 AS depth, ARRAY[n.code] AS path FROM node n WHERE n.parent_id IS NULL
		UNION ALL
		SELECT n.entity_id, t.depth + 1, t.path || n.code
		FROM tree t JOIN node n ON n.parent_id = t.entity_id
	)
	SELECT n.entity_id, n.code, n.kind, n.name, n.parent_id, n.party_id, t.depth, t.path, n.valid_from
	FROM tree t JOIN node n ON n.entity_id = t.entity_id
	ORDER BY t.path;
END;
COMMENT ON FUNCTION @store@.entity_tree(bigint, date) IS 'The entities of a tenant as they are on a day, each with the codes from the root down to it (path); in the order of the tree.';

CREATE OR REPLACE VIEW @store@.entities WITH (security_invoker) AS
SELECT t.tenant_id, e.entity_id, e.code, e.kind, e.name, e.parent_id, e.party_id, e.depth, e.path, e.valid_from
FROM @store@.tenant t
CROSS JOIN LATERAL @store@.entity_tree(t.tenant_id, CURRENT_DATE) e;
COMMENT ON VIEW @store@.entities IS 'Groups, companies, subsidiaries, franchises and departments as they are today; entity_tree() has the other days.';

CREATE OR REPLACE VIEW @store@.entity_history WITH (security_invoker) AS
SELECT v.tenant_id, v.entity_id, e.code, v.valid_from,
	pg_catalog.lead(v.valid_from) OVER (PARTITION BY v.tenant_id, v.entity_id ORDER BY v.valid_from) AS valid_to,
	v.closed, v.kind, v.name, v.parent_id, p.code AS parent_code
FROM @store@.entity_version v
JOIN @store@.entity e ON e.tenant_id = v.tenant_id AND e.id = v.entity_id
LEFT JOIN @store@.entity p ON p.tenant_id = v.tenant_id AND p.id = v.parent_id;
COMMENT ON VIEW @store@.entity_history IS 'Entities in time: what holds from valid_from until the day before valid_to (NULL = open end).';

REVOKE ALL ON FUNCTION @store@.entity_id(bigint, text), @store@.entity_periods(bigint, bigint),
	@store@.check_entity_parent(bigint, bigint, text, bigint, daterange),
	@store@.put_entity_version(bigint, text, text, @store@.entity_version), @store@.move_entity_revision(bigint),
	@store@.set_entity(bigint, text, text, text, text, text, date), @store@.close_entity(bigint, text, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.set_entity(bigint, text, text, text, text, text, date), @store@.close_entity(bigint, text, date) TO PUBLIC;
GRANT SELECT ON @store@.entity_revision, @store@.entity, @store@.entity_version,
	@store@.entities, @store@.entity_history TO PUBLIC;
