-- looking inside a document

CREATE FUNCTION clex.value(document clex.document, term text) RETURNS text
	AS 'MODULE_PATHNAME', 'clex_document_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION clex.number(document clex.document, term text) RETURNS numeric
	AS 'MODULE_PATHNAME', 'clex_document_number' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION clex.on_date(document clex.document, term text) RETURNS date
	AS 'MODULE_PATHNAME', 'clex_document_on_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION clex.kind(document clex.document) RETURNS text
	AS 'MODULE_PATHNAME', 'clex_document_kind' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
CREATE FUNCTION clex.document_get(document clex.document, term text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'clex_document_get' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
CREATE FUNCTION clex.document_get_text(document clex.document, term text) RETURNS text
	AS 'MODULE_PATHNAME', 'clex_document_get_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
CREATE FUNCTION clex.same_terms(a clex.document, b clex.document) RETURNS boolean
	AS 'MODULE_PATHNAME', 'clex_document_same_terms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

CREATE OPERATOR clex.-> (
	LEFTARG = clex.document,
	RIGHTARG = text,
	FUNCTION = clex.document_get
);
CREATE OPERATOR clex.->> (
	LEFTARG = clex.document,
	RIGHTARG = text,
	FUNCTION = clex.document_get_text
);

COMMENT ON FUNCTION clex.value(clex.document, text) IS
	'The value of a term as text: clex.value(d, ''BT-1''), clex.value(d, ''lines[2].item.name''). Without an index the first occurrence counts. NULL if the document does not have it. Errors: 22023 for an unknown term or a group. Names: view clex.terms.';
COMMENT ON FUNCTION clex.number(clex.document, text) IS
	'The value of an amount, price, quantity or percentage, with the digits it was written with. NULL if the document does not have it or its text is no decimal (the findings say so). Errors: 22023 for an unknown term or one of another type.';
COMMENT ON FUNCTION clex.on_date(clex.document, text) IS
	'The value of a date term. NULL if the document does not have it or its text is no date (the findings say so). Errors: 22023 for an unknown term or one of another type.';
COMMENT ON FUNCTION clex.kind(clex.document) IS
	'What the document is: invoice, credit_note, order, order_response, order_change (a cancellation too), despatch_advice, receipt_advice, remittance_advice or application_response.';
COMMENT ON FUNCTION clex.document_get(clex.document, text) IS
	'Implementation of ->: a term as jsonb, a group with all that is in it, a repeatable term without index as an array.';
COMMENT ON FUNCTION clex.document_get_text(clex.document, text) IS
	'Implementation of ->>: a value as text; groups and repeatable terms without index as the text of their JSON.';
COMMENT ON FUNCTION clex.same_terms(clex.document, clex.document) IS
	'Whether two documents say the same: equal terms with equal values, decimals by value, whatever their format, extras or spelling.';
COMMENT ON OPERATOR clex.-> (clex.document, text) IS 'a term as jsonb';
COMMENT ON OPERATOR clex.->> (clex.document, text) IS 'a term as text';
