-- Module documents, severities: how seriously a tenant takes a rule, its own or a published one, for a partner or for all.
--
-- A decision is a row that is never changed; a finding that one has touched keeps its original severity beside.

--! code
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

CREATE OR REPLACE VIEW @store@.severity_overrides WITH (security_invoker) AS
SELECT o.tenant_id, o.id, o.ruleset, o.rule, p.code AS party, o.severity, o.reason, o.valid_from, o.valid_until,
	s.override_id IS NOT NULL AS holds_today, o.decided_at, o.decided_by
FROM @store@.severity_override o
LEFT JOIN @store@.party p ON p.tenant_id = o.tenant_id AND p.id = o.party_id
LEFT JOIN LATERAL (
	SELECT x.override_id FROM @store@.severities_on(o.tenant_id, CURRENT_DATE) x WHERE x.override_id = o.id) s ON true;
COMMENT ON VIEW @store@.severity_overrides IS 'Decisions on the severity of rules, with reason and author, past and coming ones too.';

REVOKE ALL ON FUNCTION @store@.override_severities(bigint, bigint[], date), @store@.set_severity(bigint, text, text, text, text, text, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.set_severity(bigint, text, text, text, text, text, date, date) TO PUBLIC;
GRANT SELECT ON @store@.severity_overrides TO PUBLIC;
