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

CREATE FUNCTION clex.write_mapped(document clex.document, mapping jsonb, options jsonb DEFAULT '{}')
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'clex_mapped_write'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000;

COMMENT ON FUNCTION clex.write_mapped(clex.document, jsonb, jsonb) IS
	'A document as a CSV or positional file, by the mapping that would read it: clex.read_mapped() of the file gives its terms again, but for what clex.mapping_losses() lists. Options: on_loss ignore (default), report (a notice), error (22000); line_end crlf (default) or lf; byte_order_mark (of UTF-8, default false); guard_formulas (default false): an apostrophe before texts that begin with =, +, -, @, tab or a line break and are no numbers, for files that people open in a spreadsheet. Errors: 22023 the mapping, an option, or a document that would be read as several; 0A000 another kind of document than the mapping has (its key kind), or a credit note of which the mapping cannot say that it is one.';

CREATE FUNCTION clex.write_mapped_all(documents clex.document[], mapping jsonb, options jsonb DEFAULT '{}')
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'clex_mapped_write_all'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000;

COMMENT ON FUNCTION clex.write_mapped_all(clex.document[], jsonb, jsonb) IS
	'Several documents as one file, in the order of the array (array_agg(document ORDER BY ...)); no document: the header alone. Options and errors as those of clex.write_mapped(), and 22023 for two documents one after the other that would be read as one, 22004 for a document that is null.';

CREATE FUNCTION clex.mapping_losses(
	document clex.document,
	mapping jsonb,
	options jsonb DEFAULT '{}',
	OUT term text,
	OUT path text,
	OUT value text,
	OUT reason text
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_mapped_losses'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000 ROWS 20;

COMMENT ON FUNCTION clex.mapping_losses(clex.document, jsonb, jsonb) IS
	'What clex.write_mapped() with the same arguments leaves out or alters, a row each, as clex.losses() has them. The rows are read again and compared, so a value that would come back as another one is among them. Errors as those of clex.write_mapped().';
