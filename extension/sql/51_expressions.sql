-- term expressions, rules and rule sets

CREATE FUNCTION clex.test(document clex.document, expr text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_document_test'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 500;

COMMENT ON FUNCTION clex.test(clex.document, text) IS
'Whether a condition holds for a document: a term expression (docs/expressions.md), such as BT-112 > 1000 and BT-5 = ''EUR'', or every $l in lines satisfies exists($l/BT-126).
Errors: 42601 the expression is malformed or names an unknown term (with position), 22000 it cannot be evaluated on this document, 54000 over clex.max_steps.';

CREATE FUNCTION clex.eval(document clex.document, expr text)
RETURNS text
AS 'MODULE_PATHNAME', 'clex_document_eval'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 500;

COMMENT ON FUNCTION clex.eval(clex.document, text) IS
'The value of a term expression (docs/expressions.md) as text; several items are joined by a blank, none is NULL. Errors as of clex.test.';
