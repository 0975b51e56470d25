-- everything about a document at once

CREATE TYPE clex.finding AS (
	ruleset text,
	rule text,
	severity text,
	terms text[],
	location text,
	line integer,
	found text,
	expected text,
	message text
);
COMMENT ON TYPE clex.finding IS 'A finding as clex.examine() gives it; the columns are those of clex.findings().';

CREATE FUNCTION clex.examine(
	content bytea,
	rulesets text[] DEFAULT NULL,
	as_of date DEFAULT NULL,
	lang text DEFAULT NULL,
	OUT format text,
	OUT kind text,
	OUT version text,
	OUT profile text,
	OUT encoding text,
	OUT sha256 bytea,
	OUT document clex.document,
	OUT processable boolean,
	OUT valid boolean,
	OUT fatal integer,
	OUT warning integer,
	OUT findings clex.finding[],
	OUT error_code text,
	OUT error text,
	OUT error_detail text,
	OUT error_hint text)
RETURNS record
AS 'MODULE_PATHNAME', 'clex_content_examine'
LANGUAGE C STABLE PARALLEL SAFE COST 10000;

COMMENT ON FUNCTION clex.examine(bytea, text[], date, text) IS
'clex.detect(), SHA-256, clex.read(), clex.verdict() and clex.findings() of a document in one row, for less than read() and findings() cost. Arguments as of clex.findings.
findings is NULL if there are none. A document that clex.read() would refuse, or that goes over clex.max_steps, does not raise: document, verdict and findings are NULL, error_code is the SQLSTATE and error, error_detail and error_hint say why.
Errors: 22023 unknown rule set or language, 22008 as_of outside the years 1 to 9999, 53200 over clex.max_memory.';
