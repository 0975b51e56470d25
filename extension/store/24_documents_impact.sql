-- Module documents, impact: which stored invoices would be judged otherwise on the day a rule set changes.
--
-- Nothing is stored: the invoices are checked by the rules of both days, with the severities the tenant has
-- decided on for each of them.

--! code
CREATE OR REPLACE FUNCTION @store@.breaches_on(p_tenant_id bigint, ruleset text, documents bigint[], as_of date)
RETURNS TABLE (document_id bigint, rule text, severity text, message text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH found AS (
		SELECT d.id AS document_id, f.rule, f.severity, f.message
		FROM @store@.document d
		CROSS JOIN LATERAL clex.findings(d.content, ARRAY[breaches_on.ruleset], breaches_on.as_of) f
		WHERE breaches_on.ruleset <> 'own' AND d.tenant_id = p_tenant_id AND d.id = ANY (documents)
		UNION ALL
		SELECT h.document_id, h.rule, h.severity, h.message
		FROM @store@.own_hits(p_tenant_id, ARRAY(SELECT r FROM @store@.own_rules_on(p_tenant_id, breaches_on.as_of) r
			WHERE breaches_on.ruleset = 'own' AND r.kind = 'check'), documents, breaches_on.as_of) h
	)
	SELECT f.document_id, f.rule, COALESCE(s.severity, f.severity), f.message
	FROM found f
	LEFT JOIN @store@.decided_severities(p_tenant_id, documents, breaches_on.as_of) s
		ON s.document_id = f.document_id AND s.ruleset = breaches_on.ruleset AND s.rule = f.rule;
END;
$code$;
COMMENT ON FUNCTION @store@.breaches_on(bigint, text, bigint[], date) IS 'What documents break of one rule set by the rules and severities of a day; own = the tenant''s rules.';

CREATE OR REPLACE FUNCTION @store@.upgrade_impact(
	p_tenant_id bigint,
	ruleset text,
	version text DEFAULT NULL,
	as_of date DEFAULT NULL,
	before_day date DEFAULT CURRENT_DATE,
	documents bigint[] DEFAULT NULL)
RETURNS TABLE (document_id bigint, number text, seller_name text, issue_date date, before text, after text, rule text, change text, message text)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_after date := upgrade_impact.as_of;
	v_documents bigint[];
BEGIN
	IF num_nonnulls(upgrade_impact.version, upgrade_impact.as_of) <> 1 THEN
		RAISE EXCEPTION 'either a version or a day is needed' USING
			ERRCODE = 'invalid_parameter_value',
			HINT = 'View clex.rule_sets lists the versions of the rule sets with their days.';
	END IF;
	-- a set that does not exist is this call's mistake, not the documents'
	IF upgrade_impact.ruleset <> 'own' THEN
		PERFORM clex.verdict('', ARRAY[upgrade_impact.ruleset]);
	END IF;
	IF upgrade_impact.version IS NOT NULL THEN
		SELECT COALESCE(max(s.valid_from), min(s.valid_until), CURRENT_DATE) INTO v_after
		FROM clex.rule_sets s
		WHERE s.ruleset = upgrade_impact.ruleset AND s.version = upgrade_impact.version
		HAVING count(*) > 0;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'rule set "%" has no version "%"', upgrade_impact.ruleset, upgrade_impact.version USING
				ERRCODE = 'invalid_parameter_value',
				HINT = 'View clex.rule_sets lists the versions; the rules of a tenant ("own") go by day.';
		END IF;
	END IF;
	v_documents := ARRAY(
		SELECT i.document_id FROM @store@.invoice i
		WHERE i.tenant_id = p_tenant_id AND (documents IS NULL OR i.document_id = ANY (documents))
		ORDER BY i.document_id);

	RETURN QUERY
	WITH breach AS (
		SELECT false AS later, b.* FROM @store@.breaches_on(p_tenant_id, upgrade_impact.ruleset, v_documents, upgrade_impact.before_day) b
		UNION ALL
		SELECT true, b.* FROM @store@.breaches_on(p_tenant_id, upgrade_impact.ruleset, v_documents, v_after) b
	), judged AS (
		SELECT i.document_id, l.later,
			CASE WHEN bool_or(b.rule = 'NO-LAYER') THEN 'no rules'
				WHEN bool_or(b.rule = 'NOT-PROCESSABLE') THEN 'not processable'
				WHEN bool_or(b.severity = 'fatal') THEN 'invalid'
				ELSE 'valid' END AS verdict
		FROM unnest(v_documents) i (document_id)
		CROSS JOIN (VALUES (false), (true)) l (later)
		LEFT JOIN breach b ON b.document_id = i.document_id AND b.later = l.later
		GROUP BY i.document_id, l.later
	), changed AS (
		SELECT x.document_id, x.verdict AS before, y.verdict AS after
		FROM judged x
		JOIN judged y ON y.document_id = x.document_id AND NOT x.later AND y.later
		-- to be judged by no rules is no worse than to be found valid
		WHERE NULLIF(x.verdict, 'no rules') IS DISTINCT FROM NULLIF(y.verdict, 'no rules') AND NOT (x.verdict IN ('valid', 'no rules') AND y.verdict IN ('valid', 'no rules'))
	)
	SELECT c.document_id, i.number, i.seller_name, i.issue_date, c.before, c.after, w.rule,
		CASE WHEN w.later THEN 'new' ELSE 'gone' END, w.message
	FROM changed c
	JOIN @store@.invoice i ON i.tenant_id = p_tenant_id AND i.document_id = c.document_id
	LEFT JOIN LATERAL (
		-- why: rules that make it invalid on one of the days only
		SELECT b.rule, bool_or(b.later) AS later, min(b.message) AS message
		FROM breach b
		WHERE b.document_id = c.document_id AND b.severity = 'fatal'
		GROUP BY b.rule
		HAVING bool_or(b.later) <> bool_or(NOT b.later)) w ON true
	ORDER BY c.document_id, w.later DESC, w.rule;
END;
$code$;
COMMENT ON FUNCTION @store@.upgrade_impact(bigint, text, text, date, date, bigint[]) IS
'Which stored invoices a rule set would judge otherwise from a day on, and why: a row for each rule that makes the invoice invalid on one of the two days only (change new or gone). ruleset: of view clex.rule_sets, or own = the rules of the tenant. version: that of the set, from the day it is valid; or as_of, the day itself. before_day: the day to compare with. documents: NULL = all. before and after are the verdicts of that rule set alone: valid, invalid, not processable, no rules (none in force for the document), with the severities the tenant has decided on. Changes nothing; checks each invoice twice. Errors: 22023 no such rule set or version, neither or both of version and as_of.';
