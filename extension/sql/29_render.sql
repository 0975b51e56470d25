-- documents for people

CREATE FUNCTION clex.render_html(document clex.document, lang text DEFAULT 'en')
	RETURNS text
	AS 'MODULE_PATHNAME', 'clex_document_render_html'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000;

COMMENT ON FUNCTION clex.render_html(clex.document, text) IS
	'The document as an HTML page in English, French or German (en, fr, de), for screens and A4 paper: complete, self-contained, without scripts. Every value stands under a label; amounts and dates are written as the language does, with every digit, and exactly in the attributes value and datetime. A file that is attached shows its name, type and size; what no business term took is listed at the end. The size is proportional to that of the document. Errors: 22023 unknown language, 54000 over a limit.';
