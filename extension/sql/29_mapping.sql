-- CSV and positional files by a mapping

CREATE FUNCTION clex.read_mapped(
	content bytea,
	mapping jsonb,
	options jsonb DEFAULT '{}',
	OUT document_no int,
	OUT document clex.document,
	OUT first_row int,
	OUT last_row int
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_mapped_read'
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000 ROWS 100;

COMMENT ON FUNCTION clex.read_mapped(bytea, jsonb, jsonb) IS
	'The documents of a CSV or positional file, a row each, by a mapping (docs/mapping.md; examples in clex.mapping_templates). first_row and last_row are the rows of the file it was made of. Option mode: lenient (default: what is there is read, clex.mapping_problems() lists what is wrong) or strict (the first error ends reading, 22P02). Errors: 22023 the mapping, with what is wrong in it, 22P02 no document in the file, 22023 UTF-16 that has no byte order mark although the mapping says so.';

CREATE FUNCTION clex.mapping_problems(
	content bytea,
	mapping jsonb,
	lang text DEFAULT NULL,
	OUT code text,
	OUT severity text,
	OUT row_no int,
	OUT line int,
	OUT column_name text,
	OUT found text,
	OUT expected text,
	OUT message text
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_mapped_problems'
	LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 10;

COMMENT ON FUNCTION clex.mapping_problems(bytea, jsonb, text) IS
	'What is wrong with a CSV or positional file when it is read by a mapping, a row each, in the order of the file. severity: fatal (nothing can be read), error (strict reading ends there), warning. row_no counts header rows too; column_name is a field of the mapping, a term, or the number of a cell; message is a sentence in lang (en, fr, de; default clex.language). Errors: 22023 the mapping. Never an error for what is in the file.';

CREATE FUNCTION clex.mapping_preview(
	content bytea,
	mapping jsonb,
	rows int DEFAULT 20,
	OUT row_no int,
	OUT line int,
	OUT document_no int,
	OUT term text,
	OUT name text,
	OUT expression text,
	OUT value text
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_mapped_preview'
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000 ROWS 100;

COMMENT ON FUNCTION clex.mapping_preview(bytea, jsonb, int) IS
	'What a mapping makes of the first rows of a file (header rows included): a row for each value, with the row it comes from, the document it goes to, the term, its readable name and the expression that made it. Errors as those of clex.read_mapped(), but for a file without a document.';
