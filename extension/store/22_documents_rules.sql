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

CREATE OR REPLACE FUNCTION @store@.own_rules_on(p_tenant_id bigint, as_of date) RETURNS SETOF @store@.own_rule
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
	SELECT (v.r).*
	FROM (SELECT DISTINCT ON (r.rule) r
		FROM @store@.own_rule r
		WHERE r.tenant_id = own_rules_on.p_tenant_id AND r.activated_at IS NOT NULL AND r.valid_from <= own_rules_on.as_of
		ORDER BY r.rule, r.valid_from DESC, r.version DESC) v
	WHERE ((v.r).valid_until >= own_rules_on.as_of) IS NOT FALSE AND ((v.r).retired_from > own_rules_on.as_of) IS NOT FALSE;
END;
COMMENT ON FUNCTION @store@.own_rules_on(bigint, date) IS 'Rules and enrichments of a tenant that are in force on a day, each in its version of that day.';

CREATE OR REPLACE FUNCTION @store@.party_facts(p_tenant_id bigint, key text, as_of date) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH party AS MATERIALIZED (
		SELECT DISTINCT i.party_id
		FROM @store@.party_identifier i
		WHERE i.tenant_id = party_facts.p_tenant_id AND i.value = party_facts.key AND i.scheme NOT IN ('iban', 'bic')
			AND i.valid_from <= party_facts.as_of AND (i.valid_to > party_facts.as_of) IS NOT FALSE
	)
	SELECT pg_catalog.jsonb_object_agg(f.field, f.vals)
	FROM (
		SELECT e.key AS field, pg_catalog.jsonb_agg(DISTINCT e.value) AS vals
		FROM party p
		JOIN @store@.party y ON y.tenant_id = party_facts.p_tenant_id AND y.id = p.party_id
		JOIN LATERAL (
			SELECT x.* FROM @store@.party_version x
			WHERE x.tenant_id = party_facts.p_tenant_id AND x.party_id = p.party_id AND x.valid_from <= party_facts.as_of
			ORDER BY x.valid_from DESC
			LIMIT 1) v ON NOT v.closed
		CROSS JOIN LATERAL pg_catalog.jsonb_each(pg_catalog.jsonb_build_object('code', y.code, 'name', v.name, 'legal_form', v.legal_form,
			'street', v.street, 'post_code', v.post_code, 'city', v.city, 'country', v.country, 'language', v.language, 'email', v.email)) e
		WHERE e.value <> 'null'
		GROUP BY e.key
		UNION ALL
		SELECT i.scheme, pg_catalog.jsonb_agg(DISTINCT i.value)
		FROM party p
		JOIN @store@.party_identifier i ON i.tenant_id = party_facts.p_tenant_id AND i.party_id = p.party_id
		WHERE i.valid_from <= party_facts.as_of AND (i.valid_to > party_facts.as_of) IS NOT FALSE
		GROUP BY i.scheme) f;
END;
COMMENT ON FUNCTION @store@.party_facts(bigint, text, date) IS 'What the party records say on a day of the party that is told by a key on invoices: an array for each field and identifier scheme, since a VAT group shares its key; NULL if no party has it.';

CREATE OR REPLACE FUNCTION @store@.own_rule_texts(p_tenant_id bigint, rules @store@.own_rule[]) RETURNS clex.own_rule[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.array_agg(ROW(r.rule, r.severity, r.context, r.condition, r.messages)::clex.own_rule ORDER BY r.rule)
	FROM pg_catalog.unnest(own_rule_texts.rules) r
	WHERE r.kind = 'check';
END;
COMMENT ON FUNCTION @store@.own_rule_texts(bigint, @store@.own_rule[]) IS 'The checks among the rules, as clex.own_findings() takes them.';

CREATE OR REPLACE FUNCTION @store@.asks_of_parties(p_tenant_id bigint, rules @store@.own_rule[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT EXISTS (
		SELECT FROM pg_catalog.unnest(asks_of_parties.rules) r
		WHERE r.party_id IS NOT NULL OR r.entity_id IS NOT NULL
			OR pg_catalog.concat_ws(' ', r.context, r.condition, r.value, r.messages) ~ '[$](seller|buyer)[.]');
END;
COMMENT ON FUNCTION @store@.asks_of_parties(bigint, @store@.own_rule[]) IS 'Whether one of the rules is for some parties only, or asks what their records say.';

CREATE OR REPLACE FUNCTION @store@.own_books(p_tenant_id bigint, rules @store@.own_rule[], documents bigint[], as_of date)
RETURNS TABLE (document_id bigint, rule_names text[], facts jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	v_facts boolean := (
		SELECT bool_or(concat_ws(' ', r.context, r.condition, r.value, r.messages) ~ '[$](seller|buyer)[.]') FROM unnest(rules) r);
BEGIN
	RETURN QUERY
	WITH rule AS MATERIALIZED (
		SELECT r.rule, r.party_id, r.entity_id FROM unnest(rules) r
	), member AS MATERIALIZED (
		-- the parties that each scope stands for
		SELECT r.rule, false AS of_entity, r.party_id FROM rule r WHERE r.party_id IS NOT NULL
		UNION ALL
		SELECT r.rule, true, t.party_id
		FROM rule r
		JOIN @store@.entity e ON e.tenant_id = p_tenant_id AND e.id = r.entity_id
		JOIN LATERAL @store@.entity_tree(p_tenant_id, own_books.as_of) t ON e.code = ANY (t.path)
		WHERE r.entity_id IS NOT NULL AND t.party_id IS NOT NULL
	), key AS MATERIALIZED (
		SELECT DISTINCT m.rule, m.of_entity, i.value
		FROM member m
		JOIN @store@.party_identifier i ON i.tenant_id = p_tenant_id AND i.party_id = m.party_id
		WHERE i.scheme NOT IN ('iban', 'bic') AND i.valid_from <= own_books.as_of AND (i.valid_to > own_books.as_of) IS NOT FALSE
	)
	SELECT i.document_id, b.rule_names,
		CASE WHEN v_facts THEN jsonb_build_object('seller', @store@.party_facts(p_tenant_id, i.seller_key, own_books.as_of),
			'buyer', @store@.party_facts(p_tenant_id, i.buyer_vat_id, own_books.as_of)) END
	FROM @store@.invoice i
	CROSS JOIN LATERAL (
		SELECT array_agg(r.rule) AS rule_names
		FROM rule r
		WHERE (r.party_id IS NULL OR EXISTS (
				SELECT FROM key k WHERE k.rule = r.rule AND NOT k.of_entity AND k.value IN (i.seller_key, i.buyer_vat_id)))
			AND (r.entity_id IS NULL OR EXISTS (
				SELECT FROM key k WHERE k.rule = r.rule AND k.of_entity AND k.value IN (i.seller_key, i.buyer_vat_id)))) b
	WHERE i.tenant_id = p_tenant_id AND i.document_id = ANY (documents) AND b.rule_names IS NOT NULL;
END;
$code$;
COMMENT ON FUNCTION @store@.own_books(bigint, @store@.own_rule[], bigint[], date) IS 'For each document those of the rules that are for it by party and entity, and what is known of its parties (NULL if no rule asks).';

CREATE OR REPLACE FUNCTION @store@.own_hits(p_tenant_id bigint, rules @store@.own_rule[], documents bigint[], as_of date)
RETURNS TABLE (document_id bigint, hit_no bigint, rule text, version int, alert boolean, outcome text, severity text, terms text[],
	location text, found text, expected text, message text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	v_texts clex.own_rule[] := @store@.own_rule_texts(p_tenant_id, rules);
BEGIN
	IF @store@.asks_of_parties(p_tenant_id, rules) THEN
		RETURN QUERY
		SELECT b.document_id, f.hit_no, f.rule, r.version, r.alert, f.outcome, f.severity, f.terms, f.location, f.found, f.expected, f.message
		FROM @store@.own_books(p_tenant_id, rules, documents, own_hits.as_of) b
		JOIN @store@.invoice i ON i.tenant_id = p_tenant_id AND i.document_id = b.document_id
		CROSS JOIN LATERAL unnest(clex.own_findings(i.document,
				ARRAY(SELECT t FROM unnest(v_texts) t WHERE (t).rule = ANY (b.rule_names)), b.facts))
			WITH ORDINALITY AS f (rule, outcome, severity, terms, location, found, expected, message, hit_no)
		JOIN unnest(rules) r ON r.rule = f.rule;
	ELSE
		RETURN QUERY
		SELECT i.document_id, f.hit_no, f.rule, r.version, r.alert, f.outcome, f.severity, f.terms, f.location, f.found, f.expected, f.message
		FROM @store@.invoice i
		CROSS JOIN LATERAL unnest(clex.own_findings(i.document, v_texts))
			WITH ORDINALITY AS f (rule, outcome, severity, terms, location, found, expected, message, hit_no)
		JOIN unnest(rules) r ON r.rule = f.rule
		WHERE i.tenant_id = p_tenant_id AND i.document_id = ANY (documents);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.own_hits(bigint, @store@.own_rule[], bigint[], date) IS 'What breaks the rules in the documents, as clex.own_findings() says it, with hit_no in the order of the rules and of the document.';

CREATE OR REPLACE FUNCTION @store@.add_own_findings(p_tenant_id bigint, rules @store@.own_rule[], documents bigint[], as_of date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_alert boolean;
BEGIN
	WITH hit AS MATERIALIZED (
		SELECT h.* FROM @store@.own_hits(p_tenant_id, rules, documents, add_own_findings.as_of) h
	), last AS (
		SELECT f.document_id, max(f.finding_no) AS finding_no
		FROM @store@.finding f
		WHERE f.tenant_id = p_tenant_id AND f.document_id = ANY (documents)
		GROUP BY f.document_id
	), added AS (
		INSERT INTO @store@.finding (tenant_id, document_id, finding_no, ruleset, rule, severity, terms, location, found, expected, message, rule_version)
		SELECT p_tenant_id, h.document_id, h.hit_no + COALESCE(l.finding_no, 0), 'own', h.rule, h.severity, h.terms, h.location, h.found, h.expected,
			h.message, h.version
		FROM hit h
		LEFT JOIN last l ON l.document_id = h.document_id
	)
	SELECT bool_or(h.alert) INTO v_alert FROM hit h;
	IF v_alert THEN
		-- whoever listens may be of any tenant: it says where to look, not what is there
		PERFORM pg_notify(n.nspname, 'alert')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.oid = '@store@.own_rule'::regclass;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.add_own_findings(bigint, @store@.own_rule[], bigint[], date) IS 'Part of apply_rules(): adds what breaks the rules to the findings, and notifies if there are alerts.';

CREATE OR REPLACE FUNCTION @store@.severities_on(p_tenant_id bigint, as_of date)
RETURNS TABLE (ruleset text, rule text, party_id bigint, severity text, override_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
	SELECT v.ruleset, v.rule, v.party_id, v.severity, v.id
	FROM (SELECT DISTINCT ON (o.ruleset, o.rule, o.party_id) o.*
		FROM @store@.severity_override o
		WHERE o.tenant_id = severities_on.p_tenant_id AND o.valid_from <= severities_on.as_of
		ORDER BY o.ruleset, o.rule, o.party_id, o.valid_from DESC, o.id DESC) v
	WHERE (v.valid_until >= severities_on.as_of) IS NOT FALSE;
END;
COMMENT ON FUNCTION @store@.severities_on(bigint, date) IS 'Severity overrides that hold on a day; severity NULL = as the rule says.';

CREATE OR REPLACE FUNCTION @store@.decided_severities(p_tenant_id bigint, documents bigint[], as_of date)
RETURNS TABLE (document_id bigint, ruleset text, rule text, severity text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
	WITH override AS MATERIALIZED (
		SELECT o.* FROM @store@.severities_on(decided_severities.p_tenant_id, decided_severities.as_of) o
	), key AS MATERIALIZED (
		SELECT DISTINCT o.party_id, i.value
		FROM override o
		JOIN @store@.party_identifier i ON i.tenant_id = decided_severities.p_tenant_id AND i.party_id = o.party_id
		WHERE i.scheme NOT IN ('iban', 'bic') AND i.valid_from <= decided_severities.as_of
			AND (i.valid_to > decided_severities.as_of) IS NOT FALSE
	)
	-- what is said of the partner counts before what is said of all
	SELECT DISTINCT ON (i.document_id, o.ruleset, o.rule) i.document_id, o.ruleset, o.rule, o.severity
	FROM @store@.invoice i
	JOIN override o ON o.party_id IS NULL
		OR EXISTS (SELECT FROM key k WHERE k.party_id = o.party_id AND k.value IN (i.seller_key, i.buyer_vat_id))
	WHERE i.tenant_id = decided_severities.p_tenant_id AND i.document_id = ANY (decided_severities.documents)
	ORDER BY i.document_id, o.ruleset, o.rule, o.party_id IS NULL, o.override_id DESC;
END;
COMMENT ON FUNCTION @store@.decided_severities(bigint, bigint[], date) IS 'How seriously the tenant takes rules in each of the documents; only rules it has decided on, severity NULL = as the rule says.';

CREATE OR REPLACE FUNCTION @store@.override_severities(p_tenant_id bigint, documents bigint[], as_of date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	UPDATE @store@.finding f SET original_severity = f.severity, severity = d.severity
	FROM @store@.decided_severities(p_tenant_id, documents, override_severities.as_of) d
	WHERE f.tenant_id = p_tenant_id AND f.document_id = d.document_id AND f.ruleset = d.ruleset AND f.rule = d.rule AND f.severity <> d.severity;
END;
$code$;
COMMENT ON FUNCTION @store@.override_severities(bigint, bigint[], date) IS 'Part of apply_rules(): gives findings the severity the tenant has decided on, and keeps the original one.';

CREATE OR REPLACE FUNCTION @store@.apply_rules(p_tenant_id bigint, documents bigint[], as_of date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = on    -- whatever suits the caller's own statement
SET plan_cache_mode = force_generic_plan    -- planning with the policies of all tables costs more than a batch
SET enable_seqscan = off    -- and a plan from when the tables were small must not scan them
AS $code$
#variable_conflict use_column
DECLARE
	v_rules @store@.own_rule[];
BEGIN
	-- a tenant without rules pays for these two look-ups, once for each batch
	IF NOT EXISTS (SELECT FROM @store@.own_rule r WHERE r.tenant_id = p_tenant_id)
		AND NOT EXISTS (SELECT FROM @store@.severity_override o WHERE o.tenant_id = p_tenant_id)
	THEN
		RETURN;
	END IF;
	v_rules := ARRAY(SELECT r FROM @store@.own_rules_on(p_tenant_id, apply_rules.as_of) r);
	IF EXISTS (SELECT FROM unnest(v_rules) r WHERE r.kind = 'check') THEN
		PERFORM @store@.add_own_findings(p_tenant_id, v_rules, documents, apply_rules.as_of);
	END IF;
	PERFORM @store@.apply_enrichments(p_tenant_id, v_rules, documents, apply_rules.as_of);
	PERFORM @store@.override_severities(p_tenant_id, documents, apply_rules.as_of);
	PERFORM @store@.judge_enriched(p_tenant_id, documents, apply_rules.as_of);
	UPDATE @store@.document d SET fatal = c.fatal, warning = c.warning
	FROM (
		SELECT f.document_id, count(*) FILTER (WHERE f.severity = 'fatal') AS fatal, count(*) FILTER (WHERE f.severity = 'warning') AS warning
		FROM @store@.finding f
		WHERE f.tenant_id = p_tenant_id AND f.document_id = ANY (documents)
		GROUP BY f.document_id
		HAVING bool_or(f.ruleset = 'own' OR f.original_severity IS NOT NULL)) c
	WHERE d.tenant_id = p_tenant_id AND d.id = c.document_id AND (d.fatal, d.warning) <> (c.fatal, c.warning);
END;
$code$;
COMMENT ON FUNCTION @store@.apply_rules(bigint, bigint[], date) IS 'Part of submit_many(), revalidate() and reread(): the tenant''s own rules and severities on documents that have just been checked by the published rules.';

CREATE OR REPLACE FUNCTION @store@.try_rule(
	p_tenant_id bigint,
	rule text DEFAULT NULL,
	condition text DEFAULT NULL,
	context text DEFAULT NULL,
	version int DEFAULT NULL,
	last_documents int DEFAULT 1000,
	as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (document_id bigint, number text, seller_name text, issue_date date, outcome text, location text, found text, expected text, message text)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_rule @store@.own_rule;
	v_documents bigint[] := ARRAY(
		SELECT i.document_id FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id ORDER BY i.document_id DESC LIMIT try_rule.last_documents);
BEGIN
	IF num_nonnulls(try_rule.rule, try_rule.condition) <> 1 THEN
		RAISE EXCEPTION 'either a rule or a condition is needed' USING
			ERRCODE = 'invalid_parameter_value',
			HINT = 'try_rule(1, rule => ''NAME'') or try_rule(1, condition => ''exists(BT-13)'').';
	END IF;
	IF try_rule.rule IS NOT NULL THEN
		SELECT * INTO v_rule FROM @store@.own_rule r
		WHERE r.tenant_id = p_tenant_id AND r.rule = try_rule.rule AND (r.version = try_rule.version) IS NOT FALSE
		ORDER BY r.version DESC LIMIT 1;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'tenant % has no rule "%", or not in that version', p_tenant_id, try_rule.rule USING
				ERRCODE = 'no_data_found',
				HINT = 'View own_rules lists them.';
		END IF;
	ELSE
		PERFORM clex.check_own_rule(ROW('condition', 'information', try_rule.context, try_rule.condition, '{"en": "{found}"}')::clex.own_rule);
		v_rule.rule := 'condition';
		v_rule.kind := 'check';
		v_rule.severity := 'information';
		v_rule.context := try_rule.context;
		v_rule.condition := try_rule.condition;
	END IF;
	IF v_rule.kind = 'enrichment' THEN
		RETURN QUERY
		SELECT i.document_id, i.number, i.seller_name, i.issue_date, COALESCE(f.outcome, 'kept'), f.path, NULL::text, f.value, f.message
		FROM @store@.own_books(p_tenant_id, ARRAY[v_rule], v_documents, try_rule.as_of) b
		JOIN @store@.invoice i ON i.tenant_id = p_tenant_id AND i.document_id = b.document_id
		LEFT JOIN @store@.own_fillings(p_tenant_id, ARRAY[v_rule], v_documents, try_rule.as_of) f ON f.document_id = b.document_id
		ORDER BY i.document_id DESC, f.fill_no;
		RETURN;
	END IF;
	RETURN QUERY
	SELECT i.document_id, i.number, i.seller_name, i.issue_date, COALESCE(h.outcome, 'kept'), h.location, h.found, h.expected, h.message
	FROM @store@.own_books(p_tenant_id, ARRAY[v_rule], v_documents, try_rule.as_of) b
	JOIN @store@.invoice i ON i.tenant_id = p_tenant_id AND i.document_id = b.document_id
	LEFT JOIN @store@.own_hits(p_tenant_id, ARRAY[v_rule], v_documents, try_rule.as_of) h ON h.document_id = b.document_id
	ORDER BY i.document_id DESC, h.hit_no;
END;
$code$;
COMMENT ON FUNCTION @store@.try_rule(bigint, text, text, text, int, int, date) IS
'What a rule would find in the last documents, before it is activated: outcome is kept, broken (a row for each place) or "not evaluated"; for an enrichment filled, with the place and, as expected, the value. rule: name of a defined rule or enrichment, version NULL = its last; or condition, with context: an expression to try out. last_documents: how many of the latest; documents of parties and entities that the rule is not for are left out. as_of: day whose party records count. Changes nothing. Errors: 22023 neither or both of rule and condition, P0002 no such rule, 42601 the expression is wrong (with position).';

CREATE OR REPLACE FUNCTION @store@.set_severity(
	p_tenant_id bigint,
	ruleset text,
	rule text,
	severity text,
	reason text,
	party text DEFAULT NULL,
	valid_from date DEFAULT CURRENT_DATE,
	valid_until date DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_new @store@.severity_override;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	IF NOT (CASE set_severity.ruleset
		WHEN 'own' THEN EXISTS (SELECT FROM @store@.own_rule r WHERE r.tenant_id = p_tenant_id AND r.rule = set_severity.rule)
		ELSE EXISTS (SELECT FROM clex.rules r WHERE r.ruleset = set_severity.ruleset AND r.rule = set_severity.rule) END)
	THEN
		RAISE EXCEPTION 'rule set "%" has no rule "%"', set_severity.ruleset, set_severity.rule USING
			ERRCODE = 'no_data_found',
			HINT = 'See view clex.rules; "own" is the rule set of the tenant''s own rules, in view own_rules.';
	END IF;
	INSERT INTO @store@.severity_override (tenant_id, ruleset, rule, party_id, severity, reason, valid_from, valid_until, decided_at, decided_by)
	VALUES (p_tenant_id, set_severity.ruleset, set_severity.rule,
		CASE WHEN set_severity.party IS NOT NULL THEN @store@.party_id(p_tenant_id, set_severity.party) END,
		set_severity.severity, set_severity.reason, set_severity.valid_from, set_severity.valid_until, now(), clex.caller())
	RETURNING * INTO v_new;
	PERFORM @store@.record_event(p_tenant_id, 'set_severity', 'severity', set_severity.ruleset || ' ' || set_severity.rule, NULL,
		jsonb_strip_nulls(to_jsonb(v_new) - 'tenant_id'));
	RETURN v_new.id;
END;
$code$;
COMMENT ON FUNCTION @store@.set_severity(bigint, text, text, text, text, text, date, date) IS
'Decides how seriously a rule is taken: severity fatal, warning or information, NULL = as the rule says. ruleset and rule: as in findings, own = a rule of the tenant. reason: why, kept with the author. party: for documents that this party sent or received, NULL = for all; what is said of a party counts before what is said of all. Findings made from now on have it, and keep the original severity beside; revalidate() makes the others again. A later decision for the same rule and party takes its place from its valid_from on. For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, P0002 no such rule or party, 23502 and 23514 severity, reason or days.';

CREATE OR REPLACE VIEW @store@.own_rules WITH (security_invoker) AS
SELECT r.tenant_id, r.rule, r.version, r.kind, r.state, f.version IS NOT NULL AS in_force, r.severity, r.context, r.condition, r.messages, r.alert,
	r.term, r.value, r.source, p.code AS party, e.code AS entity, r.valid_from, r.valid_until, r.retired_from,
	r.defined_at, r.defined_by, r.activated_at, r.activated_by, r.retired_at, r.retired_by
FROM @store@.own_rule r
LEFT JOIN @store@.party p ON p.tenant_id = r.tenant_id AND p.id = r.party_id
LEFT JOIN @store@.entity e ON e.tenant_id = r.tenant_id AND e.id = r.entity_id
LEFT JOIN LATERAL (
	SELECT o.version FROM @store@.own_rules_on(r.tenant_id, CURRENT_DATE) o WHERE o.rule = r.rule AND o.version = r.version) f ON true;
COMMENT ON VIEW @store@.own_rules IS 'Rules and enrichments of the tenants, all versions; in_force: whether it holds today.';

CREATE OR REPLACE VIEW @store@.alerts WITH (security_invoker) AS
SELECT f.tenant_id, f.document_id, f.finding_no, f.rule, f.rule_version, f.severity, i.number, i.seller_name, i.issue_date, i.gross, i.currency,
	f.location, f.found, f.expected, f.message, d.checked_at, d.source
FROM @store@.finding f
JOIN @store@.own_rule r ON r.tenant_id = f.tenant_id AND r.rule = f.rule AND r.version = f.rule_version
JOIN @store@.document d ON d.tenant_id = f.tenant_id AND d.id = f.document_id
LEFT JOIN @store@.invoice i ON i.tenant_id = f.tenant_id AND i.document_id = f.document_id
WHERE f.ruleset = 'own' AND r.alert;
COMMENT ON VIEW @store@.alerts IS 'What broke rules that are flagged alert. LISTEN on a channel of the store''s name gives "alert" when there are new ones.';

CREATE OR REPLACE VIEW @store@.severity_overrides WITH (security_invoker) AS
SELECT o.tenant_id, o.id, o.ruleset, o.rule, p.code AS party, o.severity, o.reason, o.valid_from, o.valid_until,
	s.override_id IS NOT NULL AS holds_today, o.decided_at, o.decided_by
FROM @store@.severity_override o
LEFT JOIN @store@.party p ON p.tenant_id = o.tenant_id AND p.id = o.party_id
LEFT JOIN LATERAL (
	SELECT x.override_id FROM @store@.severities_on(o.tenant_id, CURRENT_DATE) x WHERE x.override_id = o.id) s ON true;
COMMENT ON VIEW @store@.severity_overrides IS 'Decisions on the severity of rules, with reason and author, past and coming ones too.';

REVOKE ALL ON FUNCTION @store@.put_own_rule(bigint, text, @store@.own_rule), @store@.own_rule_version(bigint, text, int), @store@.add_own_findings(bigint, @store@.own_rule[], bigint[], date),
	@store@.override_severities(bigint, bigint[], date), @store@.apply_rules(bigint, bigint[], date) FROM PUBLIC;
REVOKE ALL ON FUNCTION @store@.define_rule(bigint, text, text, jsonb, text, text, text, text, date, date, boolean),
	@store@.activate_rule(bigint, text, int), @store@.retire_rule(bigint, text, date),
	@store@.set_severity(bigint, text, text, text, text, text, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.define_rule(bigint, text, text, jsonb, text, text, text, text, date, date, boolean),
	@store@.activate_rule(bigint, text, int), @store@.retire_rule(bigint, text, date),
	@store@.set_severity(bigint, text, text, text, text, text, date, date) TO PUBLIC;
GRANT SELECT ON @store@.own_rule, @store@.severity_override, @store@.own_rules, @store@.alerts, @store@.severity_overrides TO PUBLIC;
