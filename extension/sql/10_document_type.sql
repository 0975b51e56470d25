-- clex.document: the type, its text and binary form

CREATE TYPE clex.document;

CREATE FUNCTION clex.document_in(cstring) RETURNS clex.document
	AS 'MODULE_PATHNAME', 'clex_document_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION clex.document_out(clex.document) RETURNS cstring
	AS 'MODULE_PATHNAME', 'clex_document_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION clex.document_recv(internal) RETURNS clex.document
	AS 'MODULE_PATHNAME', 'clex_document_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
CREATE FUNCTION clex.document_send(clex.document) RETURNS bytea
	AS 'MODULE_PATHNAME', 'clex_document_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

CREATE TYPE clex.document (
	INPUT = clex.document_in,
	OUTPUT = clex.document_out,
	RECEIVE = clex.document_recv,
	SEND = clex.document_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);

COMMENT ON TYPE clex.document IS
	'A business document as the terms of EN 16931, with original spellings, extras and provenance. Its text form is canonical JSON with readable names: {"invoice": {"number": "R-1"}, "lines": [{"net_amount": 100.00}]}; in(out(x)) = x. View clex.terms lists the names.';
COMMENT ON FUNCTION clex.document_in(cstring) IS 'Input of clex.document: JSON. Errors: 22P02 with line and column.';
COMMENT ON FUNCTION clex.document_out(clex.document) IS 'Output of clex.document: canonical JSON.';
COMMENT ON FUNCTION clex.document_recv(internal) IS 'Binary input of clex.document: its image, completely checked. Errors: 22P03.';
COMMENT ON FUNCTION clex.document_send(clex.document) IS 'Binary output of clex.document: its image, the same on every machine.';

CREATE FUNCTION clex.document_to_jsonb(clex.document) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'clex_document_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000;
CREATE CAST (clex.document AS jsonb) WITH FUNCTION clex.document_to_jsonb(clex.document) AS ASSIGNMENT;
COMMENT ON FUNCTION clex.document_to_jsonb(clex.document) IS
	'The canonical JSON of a document as jsonb; numbers keep the digits they were written with.';
COMMENT ON CAST (clex.document AS jsonb) IS 'The canonical JSON of a document.';
