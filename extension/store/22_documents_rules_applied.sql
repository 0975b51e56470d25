-- Module documents, rules applied: which of a tenant's own rules are in force for which document, and what breaks them.
--
-- They run after the published rules, in statements of their own: a tenant without rules pays two look-ups for a batch.

--! code
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
		SELECT i.document_id FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id ORDER BY i.document_id DESC LIMIT GREATEST(try_rule.last_documents, 0));
BEGIN
	IF try_rule.last_documents < 0 THEN
		RAISE EXCEPTION 'last_documents must not be negative' USING ERRCODE = 'invalid_parameter_value';
	END IF;
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

REVOKE ALL ON FUNCTION @store@.add_own_findings(bigint, @store@.own_rule[], bigint[], date), @store@.apply_rules(bigint, bigint[], date) FROM PUBLIC;
GRANT SELECT ON @store@.own_rules, @store@.alerts TO PUBLIC;
