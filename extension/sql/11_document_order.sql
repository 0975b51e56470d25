-- clex.document: equality, order, hashes; bytewise over the whole image

CREATE FUNCTION clex.document_eq(clex.document, clex.document) RETURNS boolean
	AS 'MODULE_PATHNAME', 'clex_document_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION clex.document_ne(clex.document, clex.document) RETURNS boolean
	AS 'MODULE_PATHNAME', 'clex_document_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION clex.document_lt(clex.document, clex.document) RETURNS boolean
	AS 'MODULE_PATHNAME', 'clex_document_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION clex.document_le(clex.document, clex.document) RETURNS boolean
	AS 'MODULE_PATHNAME', 'clex_document_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION clex.document_gt(clex.document, clex.document) RETURNS boolean
	AS 'MODULE_PATHNAME', 'clex_document_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION clex.document_ge(clex.document, clex.document) RETURNS boolean
	AS 'MODULE_PATHNAME', 'clex_document_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION clex.document_cmp(clex.document, clex.document) RETURNS integer
	AS 'MODULE_PATHNAME', 'clex_document_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION clex.document_hash(clex.document) RETURNS integer
	AS 'MODULE_PATHNAME', 'clex_document_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION clex.document_hash_extended(clex.document, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'clex_document_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION clex.document_eq(clex.document, clex.document) IS 'Implementation of =: the same bytes.';
COMMENT ON FUNCTION clex.document_ne(clex.document, clex.document) IS 'Implementation of <>.';
COMMENT ON FUNCTION clex.document_lt(clex.document, clex.document) IS 'Implementation of <: bytewise order.';
COMMENT ON FUNCTION clex.document_le(clex.document, clex.document) IS 'Implementation of <=: bytewise order.';
COMMENT ON FUNCTION clex.document_gt(clex.document, clex.document) IS 'Implementation of >: bytewise order.';
COMMENT ON FUNCTION clex.document_ge(clex.document, clex.document) IS 'Implementation of >=: bytewise order.';
COMMENT ON FUNCTION clex.document_cmp(clex.document, clex.document) IS 'Bytewise order of two documents: negative, 0 or positive.';
COMMENT ON FUNCTION clex.document_hash(clex.document) IS 'Hash of a document''s bytes, 32 bits.';
COMMENT ON FUNCTION clex.document_hash_extended(clex.document, bigint) IS 'Hash of a document''s bytes with a seed, 64 bits.';

CREATE OPERATOR clex.= (
	LEFTARG = clex.document,
	RIGHTARG = clex.document,
	FUNCTION = clex.document_eq,
	COMMUTATOR = OPERATOR(clex.=),
	NEGATOR = OPERATOR(clex.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);
CREATE OPERATOR clex.<> (
	LEFTARG = clex.document,
	RIGHTARG = clex.document,
	FUNCTION = clex.document_ne,
	COMMUTATOR = OPERATOR(clex.<>),
	NEGATOR = OPERATOR(clex.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);
CREATE OPERATOR clex.< (
	LEFTARG = clex.document,
	RIGHTARG = clex.document,
	FUNCTION = clex.document_lt,
	COMMUTATOR = OPERATOR(clex.>),
	NEGATOR = OPERATOR(clex.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);
CREATE OPERATOR clex.<= (
	LEFTARG = clex.document,
	RIGHTARG = clex.document,
	FUNCTION = clex.document_le,
	COMMUTATOR = OPERATOR(clex.>=),
	NEGATOR = OPERATOR(clex.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);
CREATE OPERATOR clex.> (
	LEFTARG = clex.document,
	RIGHTARG = clex.document,
	FUNCTION = clex.document_gt,
	COMMUTATOR = OPERATOR(clex.<),
	NEGATOR = OPERATOR(clex.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);
CREATE OPERATOR clex.>= (
	LEFTARG = clex.document,
	RIGHTARG = clex.document,
	FUNCTION = clex.document_ge,
	COMMUTATOR = OPERATOR(clex.<=),
	NEGATOR = OPERATOR(clex.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);

COMMENT ON OPERATOR clex.= (clex.document, clex.document) IS 'the same document, byte for byte; clex.same_terms compares meaning';
COMMENT ON OPERATOR clex.<> (clex.document, clex.document) IS 'not the same bytes';
COMMENT ON OPERATOR clex.< (clex.document, clex.document) IS 'before, in bytewise order';
COMMENT ON OPERATOR clex.<= (clex.document, clex.document) IS 'before or equal, in bytewise order';
COMMENT ON OPERATOR clex.> (clex.document, clex.document) IS 'after, in bytewise order';
COMMENT ON OPERATOR clex.>= (clex.document, clex.document) IS 'after or equal, in bytewise order';

CREATE OPERATOR CLASS clex.document_ops
	DEFAULT FOR TYPE clex.document USING btree AS
	OPERATOR 1 clex.<,
	OPERATOR 2 clex.<=,
	OPERATOR 3 clex.=,
	OPERATOR 4 clex.>=,
	OPERATOR 5 clex.>,
	FUNCTION 1 clex.document_cmp(clex.document, clex.document);
CREATE OPERATOR CLASS clex.document_hash_ops
	DEFAULT FOR TYPE clex.document USING hash AS
	OPERATOR 1 clex.=,
	FUNCTION 1 clex.document_hash(clex.document),
	FUNCTION 2 clex.document_hash_extended(clex.document, bigint);

COMMENT ON OPERATOR CLASS clex.document_ops USING btree IS 'documents by bytes: for DISTINCT, GROUP BY and merge joins';
COMMENT ON OPERATOR CLASS clex.document_hash_ops USING hash IS 'documents by bytes: for hash joins, hashed grouping and hash partitions';
