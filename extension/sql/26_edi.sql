-- acknowledgements of EDI interchanges

CREATE FUNCTION clex.acknowledge(content bytea, options jsonb DEFAULT '{}')
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'clex_content_acknowledge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION clex.acknowledge(bytea, jsonb) IS
	'The acknowledgement of an interchange: CONTRL (syntax 3) for EDIFACT, TA1 and 997 for X12, one interchange for each that came, made of the findings of rule set structure. An interchange whose envelope is wrong is refused whole, else each message is accepted or refused with the segments and elements in error. The same content and options give the same bytes: date (YYYYMMDD), time (HHMM) and reference are those of the interchange itself unless given; strict true refuses on warnings too. NULL for an interchange that only acknowledges another. Errors: 0A000 neither EDIFACT nor X12, 2200M it cannot be cut into segments, 22023 an unknown or wrong option, 54000 over a limit.';
