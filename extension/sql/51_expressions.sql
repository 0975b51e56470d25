-- term expressions, rules and rule sets

CREATE FUNCTION clex.test(document clex.document, expr text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_document_test'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 500;

COMMENT ON FUNCTION clex.test(clex.document, text) IS
'Whether a condition holds for a document: a term expression (docs/expressions.md), such as BT-112 > 1000 and BT-5 = ''EUR'', or every $l in lines satisfies exists($l/BT-126).
Errors: 42601 the expression is malformed or names an unknown term (with position), 22000 it cannot be evaluated on this document, 54000 over clex.max_steps.';

CREATE FUNCTION clex.eval(document clex.document, expr text)
RETURNS text
AS 'MODULE_PATHNAME', 'clex_document_eval'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 500;

COMMENT ON FUNCTION clex.eval(clex.document, text) IS
'The value of a term expression (docs/expressions.md) as text; several items are joined by a blank, none is NULL. Errors as of clex.test.';

CREATE FUNCTION clex.rule_rows(
	OUT ruleset text,
	OUT version text,
	OUT syntax text,
	OUT rule text,
	OUT severity text,
	OUT terms text,
	OUT context text,
	OUT test text,
	OUT en text,
	OUT fr text,
	OUT de text,
	OUT profile text,
	OUT valid_from date,
	OUT valid_until date)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'clex_rule_rows'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 2000;

COMMENT ON FUNCTION clex.rule_rows() IS
'The rules that are compiled in, as rows; read them through view clex.rules.';

CREATE VIEW clex.rules AS
SELECT r.ruleset, r.version, r.syntax, r.rule, r.severity,
	pg_catalog.string_to_array(NULLIF(r.terms, ''), ' ') AS terms,
	r.context, r.test, r.en, r.fr, r.de, r.profile, r.valid_from, r.valid_until
FROM clex.rule_rows() AS r;

COMMENT ON VIEW clex.rules IS
'Every rule of every rule set: one row for each assertion and syntax it is written for.';
COMMENT ON COLUMN clex.rules.ruleset IS 'Name of the rule set, as in the argument rulesets of clex.findings.';
COMMENT ON COLUMN clex.rules.version IS 'Version of the rule set, as its publisher counts.';
COMMENT ON COLUMN clex.rules.syntax IS 'What the rule looks at: ubl (invoices and credit notes), ubl-other or cii (the XML as sent), or terms (a semantic document).';
COMMENT ON COLUMN clex.rules.rule IS 'Identifier of the rule.';
COMMENT ON COLUMN clex.rules.severity IS 'fatal, warning or information.';
COMMENT ON COLUMN clex.rules.terms IS 'Business terms the rule is about; see clex.terms.';
COMMENT ON COLUMN clex.rules.context IS 'The nodes the rule is applied to, a term expression.';
COMMENT ON COLUMN clex.rules.test IS 'The condition that must hold there, a term expression; NULL for the rules of an XML schema.';
COMMENT ON COLUMN clex.rules.en IS 'Message in English, with placeholders.';
COMMENT ON COLUMN clex.rules.fr IS 'Message in French.';
COMMENT ON COLUMN clex.rules.de IS 'Message in German.';
COMMENT ON COLUMN clex.rules.profile IS 'Only for documents whose profile (BT-24) ends so; NULL = for all, or all for which the set has no rows of their own.';

COMMENT ON COLUMN clex.rules.valid_from IS 'First day on which argument as_of chooses this version of the rule; NULL = ever.';
COMMENT ON COLUMN clex.rules.valid_until IS 'Last day; NULL = for ever.';

CREATE FUNCTION clex.rule_set_rows(
	OUT ruleset text,
	OUT version text,
	OUT syntax text,
	OUT valid_from date,
	OUT valid_until date,
	OUT rules integer,
	OUT profile text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'clex_rule_set_rows'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 10;

COMMENT ON FUNCTION clex.rule_set_rows() IS
'The rule sets that are compiled in, as rows; read them through view clex.rule_sets.';

CREATE VIEW clex.rule_sets AS
SELECT s.ruleset, s.version, s.syntax, s.valid_from, s.valid_until, s.rules, s.profile
FROM clex.rule_set_rows() AS s;

COMMENT ON VIEW clex.rule_sets IS 'The rule sets, one row for each version, syntax and profile.';
COMMENT ON COLUMN clex.rule_sets.ruleset IS 'Name, as in the argument rulesets of clex.findings.';
COMMENT ON COLUMN clex.rule_sets.version IS 'Version, as its publisher counts.';
COMMENT ON COLUMN clex.rule_sets.syntax IS 'What its rules look at: ubl (invoices and credit notes), ubl-other or cii (the XML as sent), or terms (a semantic document).';
COMMENT ON COLUMN clex.rule_sets.valid_from IS 'First day on which argument as_of chooses it; NULL = ever.';
COMMENT ON COLUMN clex.rule_sets.valid_until IS 'Last day; NULL = for ever.';
COMMENT ON COLUMN clex.rule_sets.rules IS 'Number of assertions.';
COMMENT ON COLUMN clex.rule_sets.profile IS 'Only for documents whose profile (BT-24) ends so; NULL = for all, or all for which the set has no row of their own.';

CREATE FUNCTION clex.rule_changes(
	ruleset text,
	old_version text,
	new_version text,
	OUT syntax text,
	OUT rule text,
	OUT change text,
	OUT before text,
	OUT after text,
	OUT profile text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 50
SET search_path = pg_catalog, clex, pg_temp
AS $function$
DECLARE
	wanted text;
BEGIN
	IF NOT EXISTS (SELECT FROM clex.rule_sets AS s WHERE s.ruleset = rule_changes.ruleset) THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = pg_catalog.format('unknown rule set "%s"', rule_changes.ruleset),
			HINT = 'View clex.rule_sets lists the rule sets and their versions.';
	END IF;
	FOREACH wanted IN ARRAY ARRAY[old_version, new_version] LOOP
		IF NOT EXISTS (SELECT FROM clex.rule_sets AS s WHERE s.ruleset = rule_changes.ruleset AND s.version = wanted) THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = pg_catalog.format('rule set "%s" has no version "%s"', rule_changes.ruleset, wanted),
				HINT = 'View clex.rule_sets lists the versions of each rule set.';
		END IF;
	END LOOP;
	RETURN QUERY
	WITH rules AS MATERIALIZED (
		SELECT r.version, r.syntax, r.profile, r.rule,
			pg_catalog.string_agg(DISTINCT r.severity, ', ' ORDER BY r.severity) AS severity,
			pg_catalog.string_agg(r.context || ': ' || coalesce(r.test, 'schema'), E'\n' ORDER BY r.context, r.test) AS test,
			pg_catalog.string_agg(DISTINCT r.en, E'\n' ORDER BY r.en) AS message,
			pg_catalog.string_agg(DISTINCT r.en || E'\n' || r.fr || E'\n' || r.de, E'\n' ORDER BY r.en || E'\n' || r.fr || E'\n' || r.de) AS messages
		FROM clex.rules AS r
		WHERE r.ruleset = rule_changes.ruleset AND r.version IN (old_version, new_version)
		GROUP BY r.version, r.syntax, r.profile, r.rule
	),
	-- a syntax that one of the versions does not know has not changed
	layers AS (
		SELECT l.syntax, l.profile FROM rules AS l WHERE l.version = old_version
		INTERSECT
		SELECT l.syntax, l.profile FROM rules AS l WHERE l.version = new_version
	),
	pairs AS (
		SELECT k.syntax, k.profile, k.rule, o AS old, n AS new
		FROM (SELECT DISTINCT r.syntax, r.profile, r.rule FROM rules AS r) AS k
		JOIN layers AS l ON l.syntax = k.syntax AND l.profile IS NOT DISTINCT FROM k.profile
		LEFT JOIN rules AS o ON o.version = old_version AND o.syntax = k.syntax AND o.profile IS NOT DISTINCT FROM k.profile AND o.rule = k.rule
		LEFT JOIN rules AS n ON n.version = new_version AND n.syntax = k.syntax AND n.profile IS NOT DISTINCT FROM k.profile AND n.rule = k.rule
	)
	SELECT p.syntax, p.rule, c.change, c.before, c.after, p.profile
	FROM pairs AS p
	CROSS JOIN LATERAL (VALUES
		(1, 'added', NULL, (p.new).test, (p.old).rule IS NULL),
		(2, 'removed', (p.old).test, NULL, (p.new).rule IS NULL),
		(3, 'severity', (p.old).severity, (p.new).severity, (p.old).severity <> (p.new).severity),
		(4, 'test', (p.old).test, (p.new).test, (p.old).test <> (p.new).test),
		(5, 'message', (p.old).message, (p.new).message, (p.old).messages <> (p.new).messages)) AS c(position, change, before, after, changed)
	WHERE c.changed
	ORDER BY p.syntax, p.profile NULLS FIRST, p.rule COLLATE "C", c.position;
END
$function$;

COMMENT ON FUNCTION clex.rule_changes(text, text, text) IS
'What changed in a rule set from one version to another, in the syntaxes (and profiles) that both know: one row for each rule and change. change is added, removed (before or after is NULL), severity, test (every context of the rule with its test, one a line) or message (in English, also when only another language changed).
Errors: 22023 the set is unknown or has no such version (view clex.rule_sets lists them).';

GRANT SELECT ON clex.rules, clex.rule_sets TO PUBLIC;
