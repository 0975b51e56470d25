-- findings and verdicts

CREATE FUNCTION clex.findings(
	content bytea,
	rulesets text[] DEFAULT NULL,
	as_of date DEFAULT NULL,
	lang text DEFAULT NULL,
	OUT ruleset text,
	OUT rule text,
	OUT severity text,
	OUT terms text[],
	OUT location text,
	OUT line integer,
	OUT found text,
	OUT expected text,
	OUT message text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'clex_findings'
LANGUAGE C STABLE PARALLEL SAFE COST 10000 ROWS 5;

COMMENT ON FUNCTION clex.findings(bytea, text[], date, text) IS
'What is wrong with a document: one row for each rule it breaks and place where it does.
content: the document as received (UBL Invoice or CreditNote, CII, EDIFACT or X12, or canonical JSON; for set structure also the other UBL documents). rulesets: names of view clex.rule_sets, NULL = chosen by the document: en16931 for every invoice, and the sets that its profile (BT-24) asks for: peppol, peppol-selfbilling, xrechnung and others as listed in data/profiles.tsv (clex.chosen_rulesets says which); for other UBL documents structure. as_of: the day whose rules apply, NULL = today. lang: en, fr or de, NULL = setting clex.language.
severity is fatal, warning or information. A document that cannot be read gives one row of rule set "read"; it never raises an error. A rule that cannot be evaluated gives rule NOT-PROCESSABLE and ends its set, as in the official validators.
Errors: 22023 unknown rule set or language, 54000 over clex.max_steps.';

CREATE FUNCTION clex.chosen_rulesets(content bytea, as_of date DEFAULT NULL)
RETURNS text[]
AS 'MODULE_PATHNAME', 'clex_chosen_rulesets'
LANGUAGE C STABLE PARALLEL SAFE COST 5000;

COMMENT ON FUNCTION clex.chosen_rulesets(bytea, date) IS
'The rule sets that clex.findings and clex.verdict check a document with when none are named: en16931 for invoices, structure for other UBL documents, and what the profile of the document (BT-24) asks for by the table data/profiles.tsv, as far as there are rules for its syntax. NULL for NULL content, empty for a document that cannot be read.';

CREATE FUNCTION clex.document_findings(
	document clex.document,
	rulesets text[] DEFAULT NULL,
	as_of date DEFAULT NULL,
	lang text DEFAULT NULL,
	OUT ruleset text,
	OUT rule text,
	OUT severity text,
	OUT terms text[],
	OUT location text,
	OUT line integer,
	OUT found text,
	OUT expected text,
	OUT message text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'clex_document_findings'
LANGUAGE C STABLE PARALLEL SAFE COST 10000 ROWS 5;

COMMENT ON FUNCTION clex.document_findings(clex.document, text[], date, text) IS
'What is wrong with a semantic document, by the rules over business terms (it has no XML source, so no syntax rules apply): rows as of clex.findings, location is a readable path such as lines[2].net_amount, line is NULL.
Errors: 22023 unknown rule set or language, 54000 over clex.max_steps.';

CREATE FUNCTION clex.verdict(
	content bytea,
	rulesets text[] DEFAULT NULL,
	as_of date DEFAULT NULL,
	OUT processable boolean,
	OUT valid boolean,
	OUT fatal integer,
	OUT warning integer)
RETURNS record
AS 'MODULE_PATHNAME', 'clex_verdict'
LANGUAGE C STABLE PARALLEL SAFE COST 8000;

COMMENT ON FUNCTION clex.verdict(bytea, text[], date) IS
'The verdict on a document, one row: processable (it can be read, at least one of the sets knows its syntax, and every rule could be evaluated), valid (processable and no fatal finding), and how many fatal and warning findings there are. Arguments as of clex.findings.';

CREATE FUNCTION clex.document_verdict(
	document clex.document,
	rulesets text[] DEFAULT NULL,
	as_of date DEFAULT NULL,
	OUT processable boolean,
	OUT valid boolean,
	OUT fatal integer,
	OUT warning integer)
RETURNS record
AS 'MODULE_PATHNAME', 'clex_document_verdict'
LANGUAGE C STABLE PARALLEL SAFE COST 8000;

COMMENT ON FUNCTION clex.document_verdict(clex.document, text[], date) IS
'The verdict on a semantic document by the rules over business terms, one row as of clex.verdict.';
