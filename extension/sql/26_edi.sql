-- acknowledgements of EDI interchanges and UBL documents

CREATE FUNCTION clex.acknowledge(content bytea, options jsonb DEFAULT '{}')
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'clex_content_acknowledge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION clex.acknowledge(bytea, jsonb) IS
	'The acknowledgement of an interchange or a UBL document: CONTRL (syntax 3) for EDIFACT, TA1 and 997 for X12, ApplicationResponse for UBL, one interchange for each that came, made of the findings of rule set structure. An interchange whose envelope is wrong is refused whole, else each message is accepted or refused with the segments and elements in error. The same content and options give the same bytes: date (YYYYMMDD), time (HHMM) and reference are those of the interchange itself unless given; strict true refuses on warnings too. NULL for an interchange that only acknowledges another. Of a UBL document the answer says AB (received) or, with a line for each finding of severity fatal, RE (rejected); it goes from who receives such a document to who sent it. Errors: 0A000 neither EDIFACT, X12 nor UBL, 2200M it cannot be read, 22023 an unknown or wrong option, 54000 over a limit.';
