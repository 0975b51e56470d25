-- from bytes to documents

CREATE FUNCTION clex.detect(
	content bytea,
	OUT format text,
	OUT kind text,
	OUT version text,
	OUT profile text,
	OUT encoding text
)
	AS 'MODULE_PATHNAME', 'clex_content_detect'
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION clex.detect(bytea) IS
	'What a file is, from its first 4096 bytes: format (ubl, cii, pdf, zip, edifact, html, empty, text, binary ...), kind of document (invoice, credit_note, order ...), version of the syntax, profile (the specification identifier as written) and encoding; NULL where unknown. Never an error.';

CREATE FUNCTION clex.read(content bytea, format text DEFAULT NULL)
	RETURNS clex.document
	AS 'MODULE_PATHNAME', 'clex_content_read'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION clex.read(bytea, text) IS
	'The semantic document in a file: UBL 2.1 invoices and credit notes, UN/CEFACT CII D16B and D22B, EDIFACT INVOIC, X12 810, FatturaPA 1.2, IDoc INVOIC02, cXML 1.2. A file of several messages or documents is refused (22023): clex.read_all reads them. The format is found out unless it is given. What no business term takes is kept as extras. Errors: 2200M not well-formed, 0A000 a format that is not read, 22023 not the format asked for, 54000 over a limit (clex.max_document_size ...).';

CREATE FUNCTION clex.read_all(content bytea, format text DEFAULT NULL)
	RETURNS SETOF clex.document
	AS 'MODULE_PATHNAME', 'clex_content_read_all'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 2;

COMMENT ON FUNCTION clex.read_all(bytea, text) IS
	'All semantic documents in a file, in their order there, as clex.read() reads them: a UBL or CII file holds one; an interchange, a FatturaPA file and a file of IDocs any number.';
