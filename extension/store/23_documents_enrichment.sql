-- Module documents, enrichment: terms that a supplier left out, filled from what the tenant knows.
--
-- The original and its verdict stay as they are: what was added is a row for each term beside them, and the
-- enriched document is made from both when it is asked for.  It has a verdict of its own.

--! step 6 enrichments
CREATE TABLE @store@.enriched_term (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	path text NOT NULL,
	term text NOT NULL,
	value text NOT NULL,
	source text NOT NULL,
	rule text NOT NULL,
	rule_version int NOT NULL,
	PRIMARY KEY (tenant_id, document_id, path),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id),
	FOREIGN KEY (tenant_id, rule, rule_version) REFERENCES @store@.own_rule (tenant_id, rule, version)
);
COMMENT ON TABLE @store@.enriched_term IS 'What enrichments added to documents, term by term. Written when a document is checked.';
COMMENT ON COLUMN @store@.enriched_term.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.enriched_term.document_id IS 'Document.';
COMMENT ON COLUMN @store@.enriched_term.path IS 'Where it was added, as clex.with_terms() takes it.';
COMMENT ON COLUMN @store@.enriched_term.term IS 'Business term.';
COMMENT ON COLUMN @store@.enriched_term.value IS 'What was added.';
COMMENT ON COLUMN @store@.enriched_term.source IS 'Where it came from: party (the party record), constant or document (other terms of it).';
COMMENT ON COLUMN @store@.enriched_term.rule IS 'Enrichment that added it.';
COMMENT ON COLUMN @store@.enriched_term.rule_version IS 'Its version.';

CREATE TABLE @store@.enriched_verdict (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	as_of date NOT NULL,
	checked_at timestamptz NOT NULL,
	processable boolean NOT NULL,
	fatal int NOT NULL,
	warning int NOT NULL,
	PRIMARY KEY (tenant_id, document_id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
COMMENT ON TABLE @store@.enriched_verdict IS 'Verdicts on documents with what enrichments added to them; the verdict on what was sent is in document. Written when a document is checked.';
COMMENT ON COLUMN @store@.enriched_verdict.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.enriched_verdict.document_id IS 'Document.';
COMMENT ON COLUMN @store@.enriched_verdict.as_of IS 'Day whose rules it was checked by.';
COMMENT ON COLUMN @store@.enriched_verdict.checked_at IS 'When it was checked.';
COMMENT ON COLUMN @store@.enriched_verdict.processable IS 'Whether every published rule could be evaluated.';
COMMENT ON COLUMN @store@.enriched_verdict.fatal IS 'Number of findings that make it invalid.';
COMMENT ON COLUMN @store@.enriched_verdict.warning IS 'Number of warnings.';

ALTER TABLE @store@.enriched_term ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.enriched_verdict ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.enriched_term USING (tenant_id IN (SELECT @store@.readable_tenants()));
CREATE POLICY tenant ON @store@.enriched_verdict USING (tenant_id IN (SELECT @store@.readable_tenants()));

--! code
CREATE OR REPLACE FUNCTION @store@.define_enrichment(
	p_tenant_id bigint,
	rule text,
	term text,
	value text,
	condition text DEFAULT NULL,
	context text DEFAULT NULL,
	party text DEFAULT NULL,
	entity text DEFAULT NULL,
	valid_from date DEFAULT CURRENT_DATE,
	valid_until date DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_new @store@.own_rule;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	PERFORM clex.check_own_fill(ROW(define_enrichment.rule, define_enrichment.term, define_enrichment.context, define_enrichment.value,
		define_enrichment.condition)::clex.own_fill);
	v_new.rule := define_enrichment.rule;
	v_new.kind := 'enrichment';
	v_new.context := define_enrichment.context;
	v_new.condition := define_enrichment.condition;
	v_new.alert := false;
	v_new.term := define_enrichment.term;
	v_new.value := define_enrichment.value;
	v_new.source := CASE
		WHEN define_enrichment.value ~ '[$](seller|buyer)[.]' THEN 'party'
		WHEN define_enrichment.value ~ '^\s*(''([^'']|'''')*''|"([^"]|"")*"|-?[0-9.]+)\s*$' THEN 'constant'
		ELSE 'document' END;
	v_new.party_id := CASE WHEN define_enrichment.party IS NOT NULL THEN @store@.party_id(p_tenant_id, define_enrichment.party) END;
	v_new.entity_id := CASE WHEN define_enrichment.entity IS NOT NULL THEN @store@.entity_id(p_tenant_id, define_enrichment.entity) END;
	v_new.valid_from := define_enrichment.valid_from;
	v_new.valid_until := define_enrichment.valid_until;
	RETURN @store@.put_own_rule(p_tenant_id, 'define_enrichment', v_new);
END;
$code$;
COMMENT ON FUNCTION @store@.define_enrichment(bigint, text, text, text, text, text, text, text, date, date) IS
'Writes down, as a draft, what a term is filled with where documents lack it: try_rule() shows what it would fill, activate_rule() puts it in force, retire_rule() ends it. term: number or readable path. value: a term expression: a constant (''62410''), the party record ($seller.iban), other terms (BT-2 + 30). condition: when; NULL = whenever it is missing. context: places it is filled at, such as /lines[1]; NULL = each group of the term that can be repeated (each line), else the document. Other arguments, versions and rights as of define_rule(). Where several would fill the same place, one for a party comes first, then one for an entity, then by name. Returns the version. Errors: 42501 not allowed, 23503 no such tenant, P0002 no such party or entity, 42601 term or expression (with position), 22004, 23502 and 23514 name or days, 42710 the name of a rule.';

CREATE OR REPLACE FUNCTION @store@.own_fill_texts(p_tenant_id bigint, rules @store@.own_rule[]) RETURNS clex.own_fill[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.array_agg(ROW(r.rule, r.term, r.context, r.value, r.condition)::clex.own_fill
		ORDER BY r.party_id IS NULL, r.entity_id IS NULL, r.rule)
	FROM pg_catalog.unnest(own_fill_texts.rules) r
	WHERE r.kind = 'enrichment';
END;
COMMENT ON FUNCTION @store@.own_fill_texts(bigint, @store@.own_rule[]) IS 'The enrichments among the rules, as clex.own_fills() takes them; those that come first where they fill the same.';

CREATE OR REPLACE FUNCTION @store@.own_fillings(p_tenant_id bigint, rules @store@.own_rule[], documents bigint[], as_of date)
RETURNS TABLE (document_id bigint, fill_no bigint, rule text, version int, source text, outcome text, term text, path text, value text, message text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	v_texts clex.own_fill[] := @store@.own_fill_texts(p_tenant_id, rules);
BEGIN
	RETURN QUERY
	SELECT DISTINCT ON (b.document_id, COALESCE(f.path, f.rule)) b.document_id, f.fill_no, f.rule, r.version, r.source, f.outcome, f.term, f.path, f.value, f.message
	FROM @store@.own_books(p_tenant_id, rules, documents, own_fillings.as_of) b
	JOIN @store@.invoice i ON i.tenant_id = p_tenant_id AND i.document_id = b.document_id
	CROSS JOIN LATERAL unnest(clex.own_fills(i.document,
			ARRAY(SELECT t FROM unnest(v_texts) t WHERE (t).rule = ANY (b.rule_names)), b.facts))
		WITH ORDINALITY AS f (rule, outcome, term, path, value, message, fill_no)
	JOIN unnest(rules) r ON r.rule = f.rule
	ORDER BY b.document_id, COALESCE(f.path, f.rule), f.fill_no;
END;
$code$;
COMMENT ON FUNCTION @store@.own_fillings(bigint, @store@.own_rule[], bigint[], date) IS 'What the enrichments among the rules fill in the documents, as clex.own_fills() says it, one for each place.';

CREATE OR REPLACE FUNCTION @store@.enriched_document(p_tenant_id bigint, document_id bigint) RETURNS clex.document
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT clex.with_terms(i.document, COALESCE((
		SELECT pg_catalog.jsonb_object_agg(t.path, t.value) FROM @store@.enriched_term t
		WHERE t.tenant_id = i.tenant_id AND t.document_id = i.document_id), '{}'))
	FROM @store@.invoice i
	WHERE i.tenant_id = enriched_document.p_tenant_id AND i.document_id = enriched_document.document_id;
END;
COMMENT ON FUNCTION @store@.enriched_document(bigint, bigint) IS 'The semantic document with what enrichments added to it; as it was sent if nothing was. NULL if it could not be read, is not there, or the caller may not see it.';

CREATE OR REPLACE FUNCTION @store@.enriched_findings(p_tenant_id bigint, documents bigint[], as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (document_id bigint, ruleset text, rule text, severity text, original_severity text, rule_version int, terms text[], location text,
	found text, expected text, message text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_rules @store@.own_rule[] := ARRAY(SELECT r FROM @store@.own_rules_on(p_tenant_id, enriched_findings.as_of) r WHERE r.kind = 'check');
	v_texts clex.own_rule[] := @store@.own_rule_texts(p_tenant_id, v_rules);
BEGIN
	RETURN QUERY
	WITH enriched AS MATERIALIZED (
		SELECT i.document_id, clex.with_terms(i.document, t.terms) AS document
		FROM (SELECT t.document_id, jsonb_object_agg(t.path, t.value) AS terms
			FROM @store@.enriched_term t
			WHERE t.tenant_id = p_tenant_id AND t.document_id = ANY (documents)
			GROUP BY t.document_id) t
		JOIN @store@.invoice i ON i.tenant_id = p_tenant_id AND i.document_id = t.document_id
	), found AS (
		SELECT e.document_id, f.ruleset, f.rule, f.severity, NULL::int AS rule_version, f.terms, f.location, f.found, f.expected, f.message
		FROM enriched e
		CROSS JOIN LATERAL clex.document_findings(e.document, NULL, enriched_findings.as_of) f
		UNION ALL
		SELECT e.document_id, 'own', f.rule, f.severity, r.version, f.terms, f.location, f.found, f.expected, f.message
		FROM @store@.own_books(p_tenant_id, v_rules, documents, enriched_findings.as_of) b
		JOIN enriched e ON e.document_id = b.document_id
		CROSS JOIN LATERAL unnest(clex.own_findings(e.document,
			ARRAY(SELECT t FROM unnest(v_texts) t WHERE (t).rule = ANY (b.rule_names)), b.facts)) f
		JOIN unnest(v_rules) r ON r.rule = f.rule
	)
	SELECT f.document_id, f.ruleset, f.rule, COALESCE(s.severity, f.severity), CASE WHEN s.severity <> f.severity THEN f.severity END, f.rule_version,
		f.terms, f.location, f.found, f.expected, f.message
	FROM found f
	LEFT JOIN @store@.decided_severities(p_tenant_id, documents, enriched_findings.as_of) s
		ON s.document_id = f.document_id AND s.ruleset = f.ruleset AND s.rule = f.rule;
END;
$code$;
COMMENT ON FUNCTION @store@.enriched_findings(bigint, bigint[], date) IS 'What is wrong with documents once enrichments have added to them, by the published rules over terms and the tenant''s own; nothing for documents that nothing was added to.';

CREATE OR REPLACE FUNCTION @store@.apply_enrichments(p_tenant_id bigint, rules @store@.own_rule[], documents bigint[], as_of date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	DELETE FROM @store@.enriched_verdict v WHERE v.tenant_id = p_tenant_id AND v.document_id = ANY (documents);
	DELETE FROM @store@.enriched_term t WHERE t.tenant_id = p_tenant_id AND t.document_id = ANY (documents);
	IF NOT EXISTS (SELECT FROM unnest(rules) r WHERE r.kind = 'enrichment') THEN
		RETURN;
	END IF;
	WITH filling AS MATERIALIZED (
		SELECT f.* FROM @store@.own_fillings(p_tenant_id, ARRAY(SELECT r FROM unnest(rules) r WHERE r.kind = 'enrichment'), documents,
			apply_enrichments.as_of) f
	), last AS (
		SELECT g.document_id, max(g.finding_no) AS finding_no
		FROM @store@.finding g
		WHERE g.tenant_id = p_tenant_id AND g.document_id = ANY (documents)
		GROUP BY g.document_id
	), filled AS (
		INSERT INTO @store@.enriched_term (tenant_id, document_id, path, term, value, source, rule, rule_version)
		SELECT p_tenant_id, f.document_id, f.path, f.term, f.value, f.source, f.rule, f.version FROM filling f WHERE f.outcome = 'filled'
	)
	INSERT INTO @store@.finding (tenant_id, document_id, finding_no, ruleset, rule, severity, terms, location, message, rule_version)
	SELECT p_tenant_id, f.document_id, row_number() OVER (PARTITION BY f.document_id ORDER BY f.fill_no) + COALESCE(l.finding_no, 0),
		'own', f.rule, 'warning', array_remove(ARRAY[f.term], NULL), '/', f.message, f.version
	FROM filling f
	LEFT JOIN last l ON l.document_id = f.document_id
	WHERE f.outcome <> 'filled';
END;
$code$;
COMMENT ON FUNCTION @store@.apply_enrichments(bigint, @store@.own_rule[], bigint[], date) IS 'Part of apply_rules(): fills what is missing; an enrichment that cannot be evaluated is a warning.';

CREATE OR REPLACE FUNCTION @store@.judge_enriched(p_tenant_id bigint, documents bigint[], as_of date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF NOT EXISTS (SELECT FROM @store@.enriched_term t WHERE t.tenant_id = p_tenant_id AND t.document_id = ANY (documents)) THEN
		RETURN;
	END IF;
	INSERT INTO @store@.enriched_verdict (tenant_id, document_id, as_of, checked_at, processable, fatal, warning)
	SELECT p_tenant_id, t.document_id, judge_enriched.as_of, now(), COALESCE(bool_and(f.rule <> 'NOT-PROCESSABLE'), true),
		count(*) FILTER (WHERE f.severity = 'fatal'), count(*) FILTER (WHERE f.severity = 'warning')
	FROM (SELECT DISTINCT t.document_id FROM @store@.enriched_term t
		WHERE t.tenant_id = p_tenant_id AND t.document_id = ANY (documents)) t
	LEFT JOIN @store@.enriched_findings(p_tenant_id, documents, judge_enriched.as_of) f ON f.document_id = t.document_id
	GROUP BY t.document_id;
END;
$code$;
COMMENT ON FUNCTION @store@.judge_enriched(bigint, bigint[], date) IS 'Part of apply_rules(): the verdicts on documents that something was added to.';

CREATE OR REPLACE VIEW @store@.enriched_terms WITH (security_invoker) AS
SELECT t.tenant_id, t.document_id, i.number, i.seller_name, t.term, t.path, t.value, t.source, t.rule, t.rule_version
FROM @store@.enriched_term t
JOIN @store@.invoice i ON i.tenant_id = t.tenant_id AND i.document_id = t.document_id;
COMMENT ON VIEW @store@.enriched_terms IS 'What enrichments added to documents, term by term, and where it came from.';

CREATE OR REPLACE VIEW @store@.enriched_documents WITH (security_invoker) AS
SELECT v.tenant_id, v.document_id, i.number, i.seller_name, v.processable AND v.fatal = 0 AS valid, v.fatal, v.warning,
	d.processable AND d.fatal = 0 AS valid_as_sent, d.fatal AS fatal_as_sent, d.warning AS warning_as_sent,
	clex.with_terms(i.document, (
		SELECT pg_catalog.jsonb_object_agg(t.path, t.value) FROM @store@.enriched_term t
		WHERE t.tenant_id = v.tenant_id AND t.document_id = v.document_id)) AS document, v.checked_at, v.as_of
FROM @store@.enriched_verdict v
JOIN @store@.document d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
JOIN @store@.invoice i ON i.tenant_id = v.tenant_id AND i.document_id = v.document_id;
COMMENT ON VIEW @store@.enriched_documents IS 'Documents that enrichments added something to: with it, and with the verdict on them beside that on what was sent.';

REVOKE ALL ON FUNCTION @store@.apply_enrichments(bigint, @store@.own_rule[], bigint[], date), @store@.judge_enriched(bigint, bigint[], date) FROM PUBLIC;
REVOKE ALL ON FUNCTION @store@.define_enrichment(bigint, text, text, text, text, text, text, text, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.define_enrichment(bigint, text, text, text, text, text, text, text, date, date) TO PUBLIC;
GRANT SELECT ON @store@.enriched_term, @store@.enriched_verdict, @store@.enriched_terms, @store@.enriched_documents TO PUBLIC;
