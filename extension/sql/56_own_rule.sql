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
'What breaks rules of one''s own in a document: one element for each rule and place, in the order of the rules and of the document; NULL if nothing does. facts: what is known of the parties, {"seller": {"iban": ["..."], "country": "FR"}, "buyer": {...}}, which rules see as $seller.iban. lang: en, fr or de, NULL = setting clex.language; a message that is not written in it is taken in English, else in any language.
A rule that cannot be evaluated (division by zero, a value that is no number, more than 10 million steps or 64 MB) is an element of outcome "not evaluated", and the other rules go on. Compiled rules are kept by the session. Errors: 22023 unknown language or severity, 22004 a rule, its name or condition is null, 53200 over clex.max_memory.';

CREATE FUNCTION clex.with_terms(document clex.document, terms jsonb) RETURNS clex.document
AS 'MODULE_PATHNAME', 'clex_document_with_terms'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION clex.with_terms(clex.document, jsonb) IS
'A copy of a document with terms set: an object of values (texts, or numbers) by path, {"invoice.buyer_reference": "4711", "lines[2].note": "urgent"}. What is there is replaced, what is missing is added with the groups around it; an index one beyond the last adds one. Dates are YYYY-MM-DD, numbers have a point. All else stays, also where it came from. Errors: 22023 unknown term or place, a group, a value that does not fit its term, a place set twice, neither text nor number.';

CREATE TYPE clex.own_fill AS (
	rule text,
	term text,
	context text,
	value text,
	condition text
);
COMMENT ON TYPE clex.own_fill IS 'An enrichment of a user: term, number or readable path of what is filled where it is missing; context, the places it is filled at (a term expression such as /lines; NULL = each group of the term that can be repeated, else the document); value and condition, term expressions there (condition NULL = always).';

CREATE TYPE clex.own_filled AS (
	rule text,
	outcome text,
	term text,
	path text,
	value text,
	message text
);
COMMENT ON TYPE clex.own_filled IS 'What clex.own_fills() gives: outcome filled with path and value as clex.with_terms() takes them, or "not evaluated" with a message that says why and where in the enrichment.';

CREATE FUNCTION clex.check_own_fill(fill clex.own_fill) RETURNS void
AS 'MODULE_PATHNAME', 'clex_own_fill_check'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION clex.check_own_fill(clex.own_fill) IS
'Raises what is wrong with an enrichment before it meets a document; nothing otherwise. Errors: 42601 an unknown term, a group, a constant that is no value of the term, or a wrong expression, with position and hint; 22004 name, term or value missing; 54000 too long.';

CREATE FUNCTION clex.own_fills(
	document clex.document,
	fills clex.own_fill[],
	facts jsonb DEFAULT NULL,
	lang text DEFAULT NULL)
RETURNS clex.own_filled[]
AS 'MODULE_PATHNAME', 'clex_own_fills'
LANGUAGE C STABLE PARALLEL SAFE COST 2000;
COMMENT ON FUNCTION clex.own_fills(clex.document, clex.own_fill[], jsonb, text) IS
'What enrichments would fill in a document, in their order; NULL if nothing. Each looks at the document as it is: none sees what another one fills. A value that is empty fills nothing; one that does not fit its term, or is several, is "not evaluated", and the others go on. Arguments and errors as of clex.own_findings.';
