-- catalogue views: the terms of a document and the code lists

CREATE FUNCTION clex.list_terms(OUT term text, OUT path text, OUT name text, OUT title text, OUT type text, OUT datatype text,
	OUT cardinality text, OUT parent text, OUT ubl_invoice text, OUT ubl_credit_note text, OUT cii text, OUT number integer,
	OUT kinds text[], OUT aliases text[])
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_terms_list' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 480;
CREATE FUNCTION clex.list_term_places(OUT term text, OUT path text, OUT kind text, OUT format text, OUT root text, OUT xpath text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_places_list' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 1600;
CREATE FUNCTION clex.list_codes(OUT list text, OUT version text, OUT code text, OUT name text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_codes_list' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000 ROWS 10000;

CREATE VIEW clex.terms AS
	SELECT term, path, name, title, type, datatype, cardinality, parent, ubl_invoice, ubl_credit_note, cii, kinds, aliases
	FROM clex.list_terms()
	ORDER BY number;
CREATE VIEW clex.term_places AS
	SELECT term, path, kind, format, root, xpath FROM clex.list_term_places();
CREATE VIEW clex.codes AS
	SELECT list, version, code, name FROM clex.list_codes();

GRANT SELECT ON clex.terms, clex.term_places, clex.codes TO PUBLIC;

COMMENT ON FUNCTION clex.list_terms() IS 'Rows of the view clex.terms, with the number that document images use.';
COMMENT ON FUNCTION clex.list_codes() IS 'Rows of the view clex.codes.';
COMMENT ON FUNCTION clex.list_term_places() IS 'Rows of the view clex.term_places.';
COMMENT ON VIEW clex.terms IS 'The terms of documents: numbers, readable names, types, the kinds of documents that have each, and where it stands in invoices; of other documents see clex.term_places.';
COMMENT ON COLUMN clex.terms.term IS 'Number, in EN 16931 for what an invoice has: BT-112, BG-25, BT-29-1. O-1: orders, C-1: order changes, D-1: despatch advices, G-1: goods receipts, R-1: remittance advices, A-1: application responses.';
COMMENT ON COLUMN clex.terms.path IS 'Readable path from the root, as clex.value() takes it: totals.payable. A repeatable step takes an index: lines[2].net_amount.';
COMMENT ON COLUMN clex.terms.name IS 'Readable name within the parent: the key in a document''s JSON.';
COMMENT ON COLUMN clex.terms.title IS 'Title, in EN 16931 for its terms.';
COMMENT ON COLUMN clex.terms.type IS 'text, decimal, date, binary (base64) or group.';
COMMENT ON COLUMN clex.terms.datatype IS 'Data type, as EN 16931 names them.';
COMMENT ON COLUMN clex.terms.cardinality IS 'How often it stands within its parent: 0..1, 1..1, 0..n, 1..n.';
COMMENT ON COLUMN clex.terms.parent IS 'The group it belongs to, or the value it qualifies; NULL at the root.';
COMMENT ON COLUMN clex.terms.ubl_invoice IS 'XPath in a UBL 2.1 Invoice.';
COMMENT ON COLUMN clex.terms.ubl_credit_note IS 'XPath in a UBL 2.1 CreditNote.';
COMMENT ON COLUMN clex.terms.cii IS 'XPath in a UN/CEFACT Cross Industry Invoice.';
COMMENT ON COLUMN clex.terms.kinds IS 'Kinds of documents that have it.';
COMMENT ON COLUMN clex.terms.aliases IS 'Numbers it has in the lists of other documents, understood wherever the number is: O-39 is BT-106. NULL: none.';
COMMENT ON VIEW clex.term_places IS 'Where terms stand in the XML syntaxes: a row for each term and root element.';
COMMENT ON COLUMN clex.term_places.term IS 'Number of the term, as in clex.terms.';
COMMENT ON COLUMN clex.term_places.path IS 'Readable path of the term, as in clex.terms.';
COMMENT ON COLUMN clex.term_places.kind IS 'Kind of the document; a CII invoice may be a credit note, by its type code.';
COMMENT ON COLUMN clex.term_places.format IS 'Format, as clex.write() takes it.';
COMMENT ON COLUMN clex.term_places.root IS 'Root element of the document, with the prefix that paths of extras have.';
COMMENT ON COLUMN clex.term_places.xpath IS 'XPath from the root; alternatives on both sides of a bar.';
COMMENT ON VIEW clex.codes IS 'The code lists that rules and documents refer to.';
COMMENT ON COLUMN clex.codes.list IS 'Name of the list, as in-list() takes it.';
COMMENT ON COLUMN clex.codes.version IS 'Version of the list or of the artefact it was taken from.';
COMMENT ON COLUMN clex.codes.code IS 'The code, in exact spelling.';
COMMENT ON COLUMN clex.codes.name IS 'What it means, in English; NULL where the source gives no name.';
