-- from documents to bytes

CREATE FUNCTION clex.write(document clex.document, format text, options jsonb DEFAULT '{}')
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'clex_document_write'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION clex.write(clex.document, text, jsonb) IS
	'The document in a format: ubl, cii or json, with a variant behind a colon if wanted (ubl:xrechnung, cii:D22B). Nothing is recomputed. Option indent of ubl and cii: one element a line. In the format it was read from, what no business term took is put back where it stood. Option on_loss says what happens when the format cannot say all of the document: ignore (default), report (a notice), error (22000). Errors: 22023 unknown format, variant or option, 0A000 a kind of document the format does not have, 54000 over a limit.';

CREATE FUNCTION clex.convert(content bytea, to_format text, options jsonb DEFAULT '{}')
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'clex_content_convert'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000;

COMMENT ON FUNCTION clex.convert(bytea, text, jsonb) IS
	'A file in another format: clex.write(clex.read(content), to_format, options) in one call, without storing the document between. Options and errors as those of clex.write() and clex.read().';

CREATE FUNCTION clex.losses(
	document clex.document,
	to_format text,
	OUT term text,
	OUT path text,
	OUT value text,
	OUT reason text
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_document_losses'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 10;

COMMENT ON FUNCTION clex.losses(clex.document, text) IS
	'What clex.write(document, to_format) leaves out or alters: a row for each business term (path as in clex.value(), lines[2].item.name) and for each leaf of the source that no term took (term NULL, path in the source), with its value and the reason. No row: the format says all of it. Errors as those of clex.write().';
