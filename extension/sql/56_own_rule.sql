-- rules that users write, over semantic documents

CREATE TYPE clex.own_rule AS (
	rule text,
	severity text,
	context text,
	condition text,
	messages jsonb
);
COMMENT ON TYPE clex.own_rule IS 'A rule of a user: severity (fatal, warning, information); context, the places it is tried at (a term expression such as /lines; NULL = the document); condition, what must hold there; messages, its sentence by language, with expressions in braces.';

CREATE TYPE clex.own_finding AS (
	rule text,
	outcome text,
	severity text,
	terms text[],
	location text,
	found text,
	expected text,
	message text
);
COMMENT ON TYPE clex.own_finding IS 'What clex.own_findings() found: outcome is broken, or "not evaluated" if the rule failed on this document (found and message say why and where in the rule); location is a readable path such as lines[2].net_amount, / for the document.';

CREATE FUNCTION clex.check_own_rule(rule clex.own_rule) RETURNS void
AS 'MODULE_PATHNAME', 'clex_own_rule_check'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION clex.check_own_rule(clex.own_rule) IS
'Raises what is wrong with a rule before it meets a document; nothing otherwise. Errors: 42601 context, condition or message is malformed, names an unknown term, function or code list, or compares what cannot be compared, with position and hint; 22023 severity, or messages that are no object of texts by language; 22004 name, condition or messages missing; 54000 too long.';

CREATE FUNCTION clex.own_findings(
	document clex.document,
	rules clex.own_rule[],
	facts jsonb DEFAULT NULL,
	lang text DEFAULT NULL)
RETURNS clex.own_finding[]
AS 'MODULE_PATHNAME', 'clex_own_findings'
LANGUAGE C STABLE PARALLEL SAFE COST 2000;
COMMENT ON FUNCTION clex.own_findings(clex.document, clex.own_rule[], jsonb, text) IS
'What breaks rules of one''s own in a document: one element for each rule and place, in the order of the rules and of the document; NULL if nothing does. facts: what is known of the parties, {"seller": {"iban": ["…"], "country": "FR"}, "buyer": {…}}, which rules see as $seller.iban. lang: en, fr or de, NULL = setting clex.language; a message that is not written in it is taken in English, else in any language.
A rule that cannot be evaluated (division by zero, a value that is no number, more than 10 million steps or 64 MB) is an element of outcome "not evaluated", and the other rules go on. Compiled rules are kept by the session. Errors: 22023 unknown language or severity, 22004 a rule, its name or condition is null, 53200 over clex.max_memory.';
