-- Module p2p, routing: on whose desk an invoice lands, and why.
--
-- Rules are looked at in their order and the first that holds decides; explain_route() shows what each of them said.  Where an
-- invoice lies is a row that can be changed by hand at any time; a rule never takes it away from whom a person gave it to.

--! step 75 routing rules, and where invoices lie
CREATE TABLE @store@.routing_rule (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	rule text NOT NULL CHECK (rule ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$'),
	position int NOT NULL,
	condition text,
	entity_id bigint,
	to_role text CHECK (to_role <> ''),
	to_entity_id bigint,
	sla interval CHECK (sla > interval '0'),
	retired boolean NOT NULL DEFAULT false,
	PRIMARY KEY (tenant_id, rule),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id),
	FOREIGN KEY (tenant_id, to_entity_id) REFERENCES @store@.entity (tenant_id, id),
	CONSTRAINT routing_rule_leads_somewhere CHECK (to_role IS NOT NULL OR to_entity_id IS NOT NULL)
);
COMMENT ON TABLE @store@.routing_rule IS 'On whose desk which invoices land. Written by define_route() and retire_route(); what a rule said before is in the journal.';
COMMENT ON COLUMN @store@.routing_rule.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.routing_rule.rule IS 'Its name.';
COMMENT ON COLUMN @store@.routing_rule.position IS 'Rules are looked at in this order, those of one position by name; the first that holds decides.';
COMMENT ON COLUMN @store@.routing_rule.condition IS 'Term expression that must hold for the invoice as it is enriched; NULL = always.';
COMMENT ON COLUMN @store@.routing_rule.entity_id IS 'Entity whose invoices it is for, with all below it; NULL = all.';
COMMENT ON COLUMN @store@.routing_rule.to_role IS 'Role that handles them; NULL = whoever of the entity or department does.';
COMMENT ON COLUMN @store@.routing_rule.to_entity_id IS 'Entity or department that handles them; NULL = none in particular.';
COMMENT ON COLUMN @store@.routing_rule.sla IS 'How long it may lie there; NULL = as long as it likes.';
COMMENT ON COLUMN @store@.routing_rule.retired IS 'No longer in force.';

CREATE TABLE @store@.invoice_route (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	rule text,
	to_role text,
	to_entity_id bigint,
	routed_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	routed_by text NOT NULL DEFAULT clex.caller(),
	due_at timestamptz,
	note text,
	PRIMARY KEY (tenant_id, document_id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	FOREIGN KEY (tenant_id, rule) REFERENCES @store@.routing_rule (tenant_id, rule),
	FOREIGN KEY (tenant_id, to_entity_id) REFERENCES @store@.entity (tenant_id, id)
);
CREATE INDEX invoice_route_role_idx ON @store@.invoice_route (tenant_id, to_role, due_at, document_id);
COMMENT ON TABLE @store@.invoice_route IS 'On whose desk each invoice lies. Written by route_invoices() and assign_invoice(); where it lay before is in the journal.';
COMMENT ON COLUMN @store@.invoice_route.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.invoice_route.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.invoice_route.rule IS 'Rule that decided; NULL = a person did.';
COMMENT ON COLUMN @store@.invoice_route.to_role IS 'Role that handles it; NULL = whoever of the entity or department does.';
COMMENT ON COLUMN @store@.invoice_route.to_entity_id IS 'Entity or department that handles it.';
COMMENT ON COLUMN @store@.invoice_route.routed_at IS 'Since when it lies there.';
COMMENT ON COLUMN @store@.invoice_route.routed_by IS 'Role that put it there, or submitted it.';
COMMENT ON COLUMN @store@.invoice_route.due_at IS 'Until when it may lie there; NULL = as long as it likes.';
COMMENT ON COLUMN @store@.invoice_route.note IS 'What was said beside.';

ALTER TABLE @store@.routing_rule ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.invoice_route ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
DROP POLICY IF EXISTS tenant ON @store@.routing_rule;
CREATE POLICY tenant ON @store@.routing_rule USING (clex.is_among('@store@.known_tenants()', tenant_id));
-- where it lies is no business of the seller's
DROP POLICY IF EXISTS tenant ON @store@.invoice_route;
CREATE POLICY tenant ON @store@.invoice_route USING (clex.is_among('@store@.readable_tenants()', tenant_id));
DROP POLICY IF EXISTS scope ON @store@.invoice_route;
CREATE POLICY scope ON @store@.invoice_route
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_as_buyer(tenant_id, document_id));

CREATE OR REPLACE FUNCTION @store@.define_route(
	p_tenant_id bigint,
	rule text,
	"position" int,
	condition text DEFAULT NULL,
	entity text DEFAULT NULL,
	to_role text DEFAULT NULL,
	to_entity text DEFAULT NULL,
	sla interval DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old @store@.routing_rule;
	v_new @store@.routing_rule;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	PERFORM @store@.check_condition(define_route.rule, define_route.condition);
	PERFORM @store@.require_roles(ARRAY(SELECT define_route.to_role WHERE define_route.to_role IS NOT NULL));
	v_new := ROW(p_tenant_id, define_route.rule, define_route.position, define_route.condition,
		CASE WHEN define_route.entity IS NOT NULL THEN @store@.entity_id(p_tenant_id, define_route.entity) END, define_route.to_role,
		CASE WHEN define_route.to_entity IS NOT NULL THEN @store@.entity_id(p_tenant_id, define_route.to_entity) END, define_route.sla, false);
	SELECT * INTO v_old FROM @store@.routing_rule r WHERE r.tenant_id = p_tenant_id AND r.rule = define_route.rule FOR UPDATE;
	IF v_old IS NOT DISTINCT FROM v_new THEN
		RETURN;
	END IF;
	INSERT INTO @store@.routing_rule SELECT v_new.*
	ON CONFLICT (tenant_id, rule) DO UPDATE SET position = EXCLUDED.position, condition = EXCLUDED.condition, entity_id = EXCLUDED.entity_id,
		to_role = EXCLUDED.to_role, to_entity_id = EXCLUDED.to_entity_id, sla = EXCLUDED.sla, retired = EXCLUDED.retired;
	PERFORM @store@.record_event(p_tenant_id, 'define_route', 'routing_rule', define_route.rule,
		CASE WHEN v_old.rule IS NOT NULL THEN jsonb_strip_nulls(to_jsonb(v_old) - 'tenant_id') END, jsonb_strip_nulls(to_jsonb(v_new) - 'tenant_id'));
END;
$code$;
COMMENT ON FUNCTION @store@.define_route(bigint, text, int, text, text, text, text, interval) IS
'Says on whose desk invoices land, or says it anew: those of an entity and all below it (entity) for which the condition, a term expression, holds, go to a role, or to an entity or department, and may lie there as long as sla says. Rules are looked at by position; the first that holds decides. Invoices that came before stay where they are; route_invoices() moves them. For personas with the right configure. Errors: 42501, 42601 condition, 42704 no such role, P0002 no such entity, 23514 a name, or it leads nowhere.';

CREATE OR REPLACE FUNCTION @store@.retire_route(p_tenant_id bigint, rule text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	UPDATE @store@.routing_rule r SET retired = true WHERE r.tenant_id = p_tenant_id AND r.rule = retire_route.rule AND NOT r.retired;
	IF FOUND THEN
		PERFORM @store@.record_event(p_tenant_id, 'retire_route', 'routing_rule', retire_route.rule, 'false', 'true');
	ELSIF NOT EXISTS (SELECT FROM @store@.routing_rule r WHERE r.tenant_id = p_tenant_id AND r.rule = retire_route.rule) THEN
		RAISE EXCEPTION 'tenant % has no routing rule "%"', p_tenant_id, retire_route.rule USING
			ERRCODE = 'no_data_found',
			HINT = 'View routing_rules lists them.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.retire_route(bigint, text) IS 'Ends a routing rule; invoices it routed stay where they are. For personas with the right configure. Errors: 42501, P0002 no such rule.';

CREATE OR REPLACE FUNCTION @store@.explain_route(p_tenant_id bigint, document_id bigint)
RETURNS TABLE ("position" int, rule text, condition text, value text, decides boolean, to_role text, to_entity text, sla interval)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH rule AS MATERIALIZED (
		SELECT r.*, @store@.is_in_entity(p_tenant_id, s.entity_id, r.entity_id) AS is_for
		FROM @store@.routing_rule r
		JOIN @store@.invoice_state s ON s.tenant_id = p_tenant_id AND s.document_id = explain_route.document_id
		WHERE r.tenant_id = p_tenant_id AND NOT r.retired
	), tried AS MATERIALIZED (
		SELECT r.rule, CASE WHEN r.is_for THEN c.outcome ELSE 'another entity' END AS outcome
		FROM (SELECT array_agg(r.rule ORDER BY r.rule) AS names, array_agg(r.condition ORDER BY r.rule) AS conditions FROM rule r WHERE r.is_for) a
		CROSS JOIN LATERAL @store@.condition_outcomes(p_tenant_id, explain_route.document_id, a.names, a.conditions) c
		RIGHT JOIN rule r ON r.rule = c.name
	)
	SELECT r.position, r.rule, r.condition, t.outcome,
		t.outcome = 'yes' AND NOT COALESCE(bool_or(t.outcome = 'yes') OVER (ORDER BY r.position, r.rule COLLATE "C" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), false),
		r.to_role, e.code, r.sla
	FROM rule r
	JOIN tried t ON t.rule = r.rule
	LEFT JOIN @store@.entity e ON e.tenant_id = p_tenant_id AND e.id = r.to_entity_id
	ORDER BY r.position, r.rule COLLATE "C";
END;
$code$;
COMMENT ON FUNCTION @store@.explain_route(bigint, bigint) IS 'What each routing rule says of an invoice now, in the order in which they are looked at: its condition, its value (yes, no, another entity, or why it could not be evaluated), and whether it is the one that decides. No row: there are no rules, or no such invoice that the caller may see.';

CREATE OR REPLACE FUNCTION @store@.place_invoices(p_tenant_id bigint, documents bigint[], again boolean) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_count bigint;
BEGIN
	IF NOT EXISTS (SELECT FROM @store@.routing_rule r WHERE r.tenant_id = p_tenant_id AND NOT r.retired) THEN
		RETURN 0;
	END IF;
	INSERT INTO @store@.invoice_route AS o (tenant_id, document_id, rule, to_role, to_entity_id, due_at)
	SELECT p_tenant_id, d.id, e.rule, e.to_role, t.id, now() + e.sla
	FROM unnest(documents) d (id)
	JOIN @store@.invoice_state s ON s.tenant_id = p_tenant_id AND s.document_id = d.id AND s.direction <> 'sale'
	CROSS JOIN LATERAL @store@.explain_route(p_tenant_id, d.id) e
	LEFT JOIN @store@.entity t ON t.tenant_id = p_tenant_id AND t.code = e.to_entity
	WHERE e.decides
	ORDER BY d.id
	ON CONFLICT (tenant_id, document_id) DO UPDATE SET rule = EXCLUDED.rule, to_role = EXCLUDED.to_role, to_entity_id = EXCLUDED.to_entity_id,
		due_at = EXCLUDED.due_at, routed_at = EXCLUDED.routed_at, routed_by = EXCLUDED.routed_by
	WHERE place_invoices.again AND o.rule IS NOT NULL
		AND (o.rule, o.to_role, o.to_entity_id) IS DISTINCT FROM (EXCLUDED.rule, EXCLUDED.to_role, EXCLUDED.to_entity_id);
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN v_count;
END;
$code$;
COMMENT ON FUNCTION @store@.place_invoices(bigint, bigint[], boolean) IS 'Part of documents_changed() and route_invoices(): puts invoices that were bought where the rules say; what lies somewhere is moved only if asked, and never from where a person put it. Returns how many moved.';

CREATE OR REPLACE FUNCTION @store@.route_invoices(p_tenant_id bigint, documents bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_count bigint;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle');
	PERFORM s.document_id FROM @store@.invoice_state s
	WHERE s.tenant_id = p_tenant_id AND s.document_id = ANY (route_invoices.documents)
	ORDER BY s.document_id FOR NO KEY UPDATE;
	v_count := @store@.place_invoices(p_tenant_id, route_invoices.documents, true);
	IF v_count > 0 THEN
		PERFORM @store@.record_event(p_tenant_id, 'route_invoices', 'invoice', array_to_string(route_invoices.documents[1:10], ' '), NULL, to_jsonb(v_count));
	END IF;
	RETURN v_count;
END;
$code$;
COMMENT ON FUNCTION @store@.route_invoices(bigint, bigint[]) IS 'Lets the rules of today decide where invoices lie that came before; what a person has assigned stays. Returns how many moved. For personas with the right handle. Errors: 42501.';

CREATE OR REPLACE FUNCTION @store@.assign_invoice(p_tenant_id bigint, document_id bigint, to_role text DEFAULT NULL, to_entity text DEFAULT NULL,
	note text DEFAULT NULL, due_at timestamptz DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old jsonb;
	v_new @store@.invoice_route;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle', assign_invoice.document_id);
	PERFORM @store@.require_roles(ARRAY(SELECT assign_invoice.to_role WHERE assign_invoice.to_role IS NOT NULL));
	PERFORM @store@.lock_invoice(p_tenant_id, assign_invoice.document_id);
	v_old := (SELECT jsonb_build_object('role', o.to_role, 'entity_id', o.to_entity_id, 'rule', o.rule) FROM @store@.invoice_route o
		WHERE o.tenant_id = p_tenant_id AND o.document_id = assign_invoice.document_id);
	INSERT INTO @store@.invoice_route AS o (tenant_id, document_id, to_role, to_entity_id, due_at, note)
	VALUES (p_tenant_id, assign_invoice.document_id, assign_invoice.to_role,
		CASE WHEN assign_invoice.to_entity IS NOT NULL THEN @store@.entity_id(p_tenant_id, assign_invoice.to_entity) END,
		assign_invoice.due_at, assign_invoice.note)
	ON CONFLICT (tenant_id, document_id) DO UPDATE SET rule = NULL, to_role = EXCLUDED.to_role, to_entity_id = EXCLUDED.to_entity_id,
		due_at = EXCLUDED.due_at, note = EXCLUDED.note, routed_at = EXCLUDED.routed_at, routed_by = EXCLUDED.routed_by
	RETURNING o.* INTO v_new;
	PERFORM @store@.record_event(p_tenant_id, 'assign_invoice', 'invoice', assign_invoice.document_id::text, v_old,
		jsonb_build_object('role', v_new.to_role, 'entity_id', v_new.to_entity_id, 'note', v_new.note));
END;
$code$;
COMMENT ON FUNCTION @store@.assign_invoice(bigint, bigint, text, text, text, timestamptz) IS
'Puts an invoice on somebody''s desk: a role, an entity or department, both, or (both NULL) back on nobody''s in particular; rules do not take it away again. For personas with the right handle. Errors: 42501, 42704 no such role, P0002 no such invoice or entity.';

CREATE OR REPLACE VIEW @store@.routing_rules WITH (security_invoker) AS
SELECT r.tenant_id, r.position, r.rule, r.condition, e.code AS entity, r.to_role, t.code AS to_entity, r.sla, r.retired
FROM @store@.routing_rule r
LEFT JOIN @store@.entity e ON e.tenant_id = r.tenant_id AND e.id = r.entity_id
LEFT JOIN @store@.entity t ON t.tenant_id = r.tenant_id AND t.id = r.to_entity_id;
COMMENT ON VIEW @store@.routing_rules IS 'On whose desk which invoices land.';

CREATE OR REPLACE VIEW @store@.invoice_routes WITH (security_invoker) AS
SELECT o.tenant_id, o.document_id, i.number, i.seller_name, i.currency, i.gross, o.to_role, e.code AS to_entity, o.rule, o.routed_at, o.routed_by, o.due_at,
	o.due_at < pg_catalog.now() AS is_overdue, o.note
FROM @store@.invoice_route o
JOIN @store@.invoice i ON i.tenant_id = o.tenant_id AND i.document_id = o.document_id
LEFT JOIN @store@.entity e ON e.tenant_id = o.tenant_id AND e.id = o.to_entity_id;
COMMENT ON VIEW @store@.invoice_routes IS 'On whose desk each invoice lies, since when, and which rule put it there (NULL: a person).';

REVOKE ALL ON FUNCTION @store@.define_route(bigint, text, int, text, text, text, text, interval), @store@.retire_route(bigint, text),
	@store@.place_invoices(bigint, bigint[], boolean), @store@.route_invoices(bigint, bigint[]),
	@store@.assign_invoice(bigint, bigint, text, text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.define_route(bigint, text, int, text, text, text, text, interval), @store@.retire_route(bigint, text),
	@store@.route_invoices(bigint, bigint[]), @store@.assign_invoice(bigint, bigint, text, text, text, timestamptz),
	@store@.explain_route(bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.routing_rule, @store@.invoice_route, @store@.routing_rules, @store@.invoice_routes TO PUBLIC;
