-- Module documents, rules: what a tenant asks of documents beyond the standard, and how seriously it takes a rule.
--
-- A rule is a row for each version, and a version never changes but for its state: what was in force on a
-- day can be told for ever, and a verdict had again.  Conditions are term expressions, evaluated by
-- clex.own_findings(): no SQL is ever made from a rule.  Party and entity are told by what stands on an
-- invoice, as in scopes: the key of the seller or the VAT identifier of the buyer.

--! step 5 own rules, severity overrides
CREATE TABLE @store@.own_rule (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	rule text NOT NULL CHECK (rule ~ '^[A-Za-z][A-Za-z0-9_.-]{0,99}$'),
	version int NOT NULL CHECK (version > 0),
	kind text NOT NULL CHECK (kind IN ('check', 'enrichment')),
	state text NOT NULL CHECK (state IN ('draft', 'active', 'retired')),
	severity text CHECK (severity IN ('fatal', 'warning', 'information')),
	context text,
	condition text,
	messages jsonb,
	alert boolean NOT NULL,
	term text,
	value text,
	source text CHECK (source IN ('party', 'constant', 'document')),
	party_id bigint,
	entity_id bigint,
	valid_from date NOT NULL CHECK (pg_catalog.isfinite(valid_from)),
	valid_until date CHECK (valid_until >= valid_from AND pg_catalog.isfinite(valid_until)),
	defined_at timestamptz NOT NULL,
	defined_by text NOT NULL,
	activated_at timestamptz,
	activated_by text,
	retired_from date,
	retired_at timestamptz,
	retired_by text,
	PRIMARY KEY (tenant_id, rule, version),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id),
	CHECK ((kind = 'check') = (severity IS NOT NULL AND condition IS NOT NULL AND messages IS NOT NULL)),
	CHECK ((kind = 'enrichment') = (term IS NOT NULL AND value IS NOT NULL AND source IS NOT NULL)),
	CHECK ((activated_at IS NULL) = (activated_by IS NULL)),
	CHECK (state <> 'active' OR activated_at IS NOT NULL),
	CHECK ((state = 'retired') = (retired_from IS NOT NULL AND retired_at IS NOT NULL AND retired_by IS NOT NULL))
);
COMMENT ON TABLE @store@.own_rule IS 'Rules and enrichments of a tenant, a row for each version. Written by define_rule(), define_enrichment(), activate_rule() and retire_rule().';
COMMENT ON COLUMN @store@.own_rule.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.own_rule.rule IS 'Name of the rule.';
COMMENT ON COLUMN @store@.own_rule.version IS 'Version, from 1.';
COMMENT ON COLUMN @store@.own_rule.kind IS 'check: a condition that documents must meet. enrichment: a term that is filled where it is missing.';
COMMENT ON COLUMN @store@.own_rule.state IS 'draft: written down. active: applied on the days it is valid. retired: applied no more from retired_from on.';
COMMENT ON COLUMN @store@.own_rule.severity IS 'fatal, warning or information; checks only.';
COMMENT ON COLUMN @store@.own_rule.context IS 'Places it is applied at, a term expression; NULL = the document (a check), the group of the term (an enrichment).';
COMMENT ON COLUMN @store@.own_rule.condition IS 'What must hold (a check), or when a term is filled (an enrichment; NULL = whenever it is missing).';
COMMENT ON COLUMN @store@.own_rule.messages IS 'Sentences by language; checks only.';
COMMENT ON COLUMN @store@.own_rule.alert IS 'Whether a document that breaks it is shown in view alerts.';
COMMENT ON COLUMN @store@.own_rule.term IS 'Term that is filled; enrichments only.';
COMMENT ON COLUMN @store@.own_rule.value IS 'Expression it is filled with; enrichments only.';
COMMENT ON COLUMN @store@.own_rule.source IS 'Where the value comes from: party, constant or document; enrichments only.';
COMMENT ON COLUMN @store@.own_rule.party_id IS 'Party it is for: documents that it sent or received; NULL = all.';
COMMENT ON COLUMN @store@.own_rule.entity_id IS 'Entity it is for, with all below it: documents that they sent or received; NULL = all.';
COMMENT ON COLUMN @store@.own_rule.valid_from IS 'First day on which it is valid, as as_of.';
COMMENT ON COLUMN @store@.own_rule.valid_until IS 'Last day; NULL = until the next version.';
COMMENT ON COLUMN @store@.own_rule.defined_at IS 'When it was defined.';
COMMENT ON COLUMN @store@.own_rule.defined_by IS 'Role that defined it.';
COMMENT ON COLUMN @store@.own_rule.activated_at IS 'When it was activated.';
COMMENT ON COLUMN @store@.own_rule.activated_by IS 'Role that activated it.';
COMMENT ON COLUMN @store@.own_rule.retired_from IS 'First day on which it is not applied any more.';
COMMENT ON COLUMN @store@.own_rule.retired_at IS 'When it was retired.';
COMMENT ON COLUMN @store@.own_rule.retired_by IS 'Role that retired it.';

CREATE TABLE @store@.severity_override (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	ruleset text NOT NULL,
	rule text NOT NULL,
	party_id bigint,
	severity text CHECK (severity IN ('fatal', 'warning', 'information')),
	reason text NOT NULL CHECK (reason <> ''),
	valid_from date NOT NULL CHECK (pg_catalog.isfinite(valid_from)),
	valid_until date CHECK (valid_until >= valid_from AND pg_catalog.isfinite(valid_until)),
	decided_at timestamptz NOT NULL,
	decided_by text NOT NULL,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
CREATE INDEX severity_override_rule_idx ON @store@.severity_override (tenant_id, ruleset, rule);
COMMENT ON TABLE @store@.severity_override IS 'How seriously a tenant takes a rule, for a partner or for all. Rows are added by set_severity() and never changed.';
COMMENT ON COLUMN @store@.severity_override.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.severity_override.id IS 'Number of the decision in this store.';
COMMENT ON COLUMN @store@.severity_override.ruleset IS 'Rule set; own = rules of the tenant.';
COMMENT ON COLUMN @store@.severity_override.rule IS 'Rule.';
COMMENT ON COLUMN @store@.severity_override.party_id IS 'Partner it is for: documents that it sent or received; NULL = all.';
COMMENT ON COLUMN @store@.severity_override.severity IS 'fatal, warning or information; NULL = as the rule says.';
COMMENT ON COLUMN @store@.severity_override.reason IS 'Why.';
COMMENT ON COLUMN @store@.severity_override.valid_from IS 'First day on which it holds.';
COMMENT ON COLUMN @store@.severity_override.valid_until IS 'Last day; NULL = until another decision.';
COMMENT ON COLUMN @store@.severity_override.decided_at IS 'When it was decided.';
COMMENT ON COLUMN @store@.severity_override.decided_by IS 'Role that decided it.';

REVOKE UPDATE, DELETE, TRUNCATE ON @store@.severity_override FROM CURRENT_USER;
ALTER TABLE @store@.own_rule ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.severity_override ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.own_rule USING (tenant_id IN (SELECT @store@.known_tenants()));
CREATE POLICY tenant ON @store@.severity_override USING (tenant_id IN (SELECT @store@.known_tenants()));

--! code
CREATE OR REPLACE FUNCTION @store@.put_own_rule(p_tenant_id bigint, action text, definition @store@.own_rule) RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_ignored constant text[] := '{tenant_id,version,state,defined_at,defined_by,activated_at,activated_by,retired_from,retired_at,retired_by}';
	v_old @store@.own_rule;
BEGIN
	PERFORM @store@.require_form(p_tenant_id, 'the name', definition.rule, '^[A-Za-z][A-Za-z0-9_.-]{0,99}$', 'up to 100 letters, digits and _ . -, starting with a letter');
	-- who defines a name for the first time has no row to lock: the later of two looks again
	LOOP
		SELECT * INTO v_old FROM @store@.own_rule r
		WHERE r.tenant_id = p_tenant_id AND r.rule = definition.rule
		ORDER BY r.version DESC LIMIT 1 FOR UPDATE;
		IF v_old.kind <> definition.kind THEN
			RAISE EXCEPTION '"%" is a name of kind % already', definition.rule, v_old.kind USING
				ERRCODE = 'duplicate_object',
				HINT = 'Rules and enrichments of a tenant share their names: view own_rules lists them.';
		END IF;
		IF v_old.state <> 'retired' AND to_jsonb(v_old) - v_ignored = to_jsonb(definition) - v_ignored THEN
			RETURN v_old.version;
		END IF;
		definition.tenant_id := p_tenant_id;
		definition.version := COALESCE(v_old.version, 0) + 1;
		definition.state := 'draft';
		definition.defined_at := now();
		definition.defined_by := clex.caller();
		INSERT INTO @store@.own_rule SELECT definition.* ON CONFLICT DO NOTHING;
		EXIT WHEN FOUND;
	END LOOP;
	PERFORM @store@.record_event(p_tenant_id, put_own_rule.action, 'rule', definition.rule,
		CASE WHEN v_old.rule IS NOT NULL THEN jsonb_strip_nulls(to_jsonb(v_old) - 'tenant_id') END,
		jsonb_strip_nulls(to_jsonb(definition) - 'tenant_id'));
	RETURN definition.version;
END;
$code$;
COMMENT ON FUNCTION @store@.put_own_rule(bigint, text, @store@.own_rule) IS 'Part of define_rule() and define_enrichment(): adds a draft of the next version, unless the last one says the same.';

CREATE OR REPLACE FUNCTION @store@.own_rule_version(p_tenant_id bigint, rule text, version int) RETURNS @store@.own_rule
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_found @store@.own_rule;
BEGIN
	SELECT * INTO v_found FROM @store@.own_rule r
	WHERE r.tenant_id = p_tenant_id AND r.rule = own_rule_version.rule AND (r.version = own_rule_version.version) IS NOT FALSE
	ORDER BY r.version DESC LIMIT 1;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no rule "%", or not in that version', p_tenant_id, own_rule_version.rule USING
			ERRCODE = 'no_data_found',
			HINT = 'View own_rules lists them.';
	END IF;
	RETURN v_found;
END;
$code$;
COMMENT ON FUNCTION @store@.own_rule_version(bigint, text, int) IS 'Part of activate_rule() and retire_rule(): a version of a rule, NULL = the last one. Errors: P0002 no such rule or version.';

CREATE OR REPLACE FUNCTION @store@.define_rule(
	p_tenant_id bigint,
	rule text,
	condition text,
	messages jsonb,
	severity text DEFAULT 'fatal',
	context text DEFAULT NULL,
	party text DEFAULT NULL,
	entity text DEFAULT NULL,
	valid_from date DEFAULT CURRENT_DATE,
	valid_until date DEFAULT NULL,
	alert boolean DEFAULT false)
RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_new @store@.own_rule;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	PERFORM clex.check_own_rule(ROW(define_rule.rule, define_rule.severity, define_rule.context, define_rule.condition,
		define_rule.messages)::clex.own_rule);
	v_new.rule := define_rule.rule;
	v_new.kind := 'check';
	v_new.severity := define_rule.severity;
	v_new.context := define_rule.context;
	v_new.condition := define_rule.condition;
	v_new.messages := define_rule.messages;
	v_new.alert := define_rule.alert;
	v_new.party_id := CASE WHEN define_rule.party IS NOT NULL THEN @store@.party_id(p_tenant_id, define_rule.party) END;
	v_new.entity_id := CASE WHEN define_rule.entity IS NOT NULL THEN @store@.entity_id(p_tenant_id, define_rule.entity) END;
	v_new.valid_from := define_rule.valid_from;
	v_new.valid_until := define_rule.valid_until;
	RETURN @store@.put_own_rule(p_tenant_id, 'define_rule', v_new);
END;
$code$;
COMMENT ON FUNCTION @store@.define_rule(bigint, text, text, jsonb, text, text, text, text, date, date, boolean) IS
'Writes a rule down as a draft: try_rule() shows what it would find, activate_rule() puts it in force. condition: a term expression that must hold (docs/expressions.md); of the parties it knows $seller.iban and the like (docs/rules.md). messages: {"en": "…", "fr": "…"} with expressions in braces. severity: fatal, warning or information. context: places it is tried at, such as /lines; NULL = the document. party, entity: only documents that this party, or this entity with all below it, sent or received. valid_from, valid_until: first and last day. alert: show hits in view alerts and notify. The same name again makes the next version; earlier ones keep their days. The same again changes nothing. Returns the version. For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, P0002 no such party or entity, 42601 an expression is wrong (with position), 22023 severity or messages, 22004, 23502 and 23514 name or days, 42710 the name of an enrichment.';

CREATE OR REPLACE FUNCTION @store@.activate_rule(p_tenant_id bigint, rule text, version int DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old @store@.own_rule;
	v_new @store@.own_rule;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	v_old := @store@.own_rule_version(p_tenant_id, activate_rule.rule, activate_rule.version);
	IF v_old.state = 'retired' THEN
		RAISE EXCEPTION 'version % of rule "%" is retired', v_old.version, v_old.rule USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'Define it again: that makes a new version.';
	ELSIF v_old.state = 'active' THEN
		RETURN;
	END IF;
	UPDATE @store@.own_rule r SET state = 'active', activated_at = now(), activated_by = clex.caller()
	WHERE r.tenant_id = p_tenant_id AND r.rule = v_old.rule AND r.version = v_old.version AND r.state = 'draft'
	RETURNING * INTO v_new;
	IF FOUND THEN
		PERFORM @store@.record_event(p_tenant_id, 'activate_rule', 'rule', v_old.rule,
			jsonb_build_object('version', v_old.version, 'state', v_old.state), jsonb_build_object('version', v_old.version, 'state', v_new.state));
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.activate_rule(bigint, text, int) IS
'Puts a rule or enrichment in force on the days it is valid. version: NULL = the last one. Documents that come in from now on are checked with it; revalidate() checks the others. Of several active versions the one with the latest valid_from, then the highest, holds on a day. For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, P0002 no such rule or version, 55000 it is retired.';

CREATE OR REPLACE FUNCTION @store@.retire_rule(p_tenant_id bigint, rule text, retired_from date DEFAULT CURRENT_DATE) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_versions jsonb;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	PERFORM @store@.own_rule_version(p_tenant_id, retire_rule.rule, NULL);
	WITH retired AS (
		UPDATE @store@.own_rule r
		SET state = 'retired', retired_from = retire_rule.retired_from, retired_at = now(), retired_by = clex.caller()
		WHERE r.tenant_id = p_tenant_id AND r.rule = retire_rule.rule AND r.state <> 'retired'
		RETURNING r.version
	)
	SELECT jsonb_agg(r.version ORDER BY r.version) INTO v_versions FROM retired r;
	IF v_versions IS NOT NULL THEN
		PERFORM @store@.record_event(p_tenant_id, 'retire_rule', 'rule', retire_rule.rule, jsonb_build_object('versions', v_versions),
			jsonb_build_object('retired_from', retire_rule.retired_from));
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.retire_rule(bigint, text, date) IS
'Ends a rule or enrichment, drafts too: from that day on it is not applied any more; on earlier days it goes on to hold. Findings stay until revalidate(). For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, P0002 no such rule.';

REVOKE ALL ON FUNCTION @store@.put_own_rule(bigint, text, @store@.own_rule), @store@.own_rule_version(bigint, text, int),
	@store@.define_rule(bigint, text, text, jsonb, text, text, text, text, date, date, boolean), @store@.activate_rule(bigint, text, int),
	@store@.retire_rule(bigint, text, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.define_rule(bigint, text, text, jsonb, text, text, text, text, date, date, boolean), @store@.activate_rule(bigint, text, int),
	@store@.retire_rule(bigint, text, date) TO PUBLIC;
GRANT SELECT ON @store@.own_rule, @store@.severity_override TO PUBLIC;
