
-- finance: present value and internal rates of dated flows

CREATE FUNCTION clex._flow_accum(internal, numeric, date) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'clex_flow_accum';
CREATE FUNCTION clex._flow_accum_rate(internal, numeric, date, float8) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'clex_flow_accum_rate';
CREATE FUNCTION clex._flow_accum_period(internal, numeric, int) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'clex_flow_accum_period';
CREATE FUNCTION clex._flow_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'clex_flow_combine';
CREATE FUNCTION clex._flow_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clex_flow_serialize';
CREATE FUNCTION clex._flow_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clex_flow_deserialize';
CREATE FUNCTION clex._flow_xirr(internal) RETURNS float8
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'clex_flow_xirr';
CREATE FUNCTION clex._flow_irr(internal) RETURNS float8
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'clex_flow_irr';
CREATE FUNCTION clex._flow_roots(internal) RETURNS float8[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'clex_flow_roots';
CREATE FUNCTION clex._flow_status(internal) RETURNS text
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'clex_flow_status';
CREATE FUNCTION clex._flow_npv(internal) RETURNS float8
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'clex_flow_npv';
COMMENT ON FUNCTION clex._flow_accum(internal, numeric, date) IS 'support of the aggregates xirr, xirr_roots, xirr_status: keeps a flow';
COMMENT ON FUNCTION clex._flow_accum_rate(internal, numeric, date, float8) IS 'support of the aggregate npv: keeps a flow and the rate';
COMMENT ON FUNCTION clex._flow_accum_period(internal, numeric, int) IS 'support of the aggregate irr: keeps a flow';
COMMENT ON FUNCTION clex._flow_combine(internal, internal) IS 'support of the flow aggregates: joins two lists of flows';
COMMENT ON FUNCTION clex._flow_serialize(internal) IS 'support of the flow aggregates: flows for another process';
COMMENT ON FUNCTION clex._flow_deserialize(bytea, internal) IS 'support of the flow aggregates: flows from another process';
COMMENT ON FUNCTION clex._flow_xirr(internal) IS 'support of the aggregate xirr';
COMMENT ON FUNCTION clex._flow_irr(internal) IS 'support of the aggregate irr';
COMMENT ON FUNCTION clex._flow_roots(internal) IS 'support of the aggregate xirr_roots';
COMMENT ON FUNCTION clex._flow_status(internal) IS 'support of the aggregate xirr_status';
COMMENT ON FUNCTION clex._flow_npv(internal) IS 'support of the aggregate npv';

CREATE AGGREGATE clex.xirr(amount numeric, on_date date) (
	SFUNC = clex._flow_accum, STYPE = internal, SSPACE = 288,
	COMBINEFUNC = clex._flow_combine, SERIALFUNC = clex._flow_serialize, DESERIALFUNC = clex._flow_deserialize,
	FINALFUNC = clex._flow_xirr, PARALLEL = SAFE);
COMMENT ON AGGREGATE clex.xirr(numeric, date) IS
'internal rate of return of dated flows: the only r > -1 with sum(amount * (1 + r)^(-(on_date - first) / 365)) = 0, a fraction a year. Flows of one day are netted exactly, zeros dropped; order does not matter. NULL if no rate or several solve it, or it exceeds 1.8e308: xirr_status() says which. Rows with a NULL are skipped. Errors: 22008 infinite date, 22003 NaN, infinite or more than 18 digits';

CREATE AGGREGATE clex.xirr_roots(amount numeric, on_date date) (
	SFUNC = clex._flow_accum, STYPE = internal, SSPACE = 288,
	COMBINEFUNC = clex._flow_combine, SERIALFUNC = clex._flow_serialize, DESERIALFUNC = clex._flow_deserialize,
	FINALFUNC = clex._flow_roots, PARALLEL = SAFE);
COMMENT ON AGGREGATE clex.xirr_roots(numeric, date) IS
'every internal rate of return r > -1 of dated flows, ascending, as xirr() defines it; an empty array if there is none. A rate at which the value only touches zero counts once; a rate above 1.8e308 is Infinity';

CREATE AGGREGATE clex.xirr_status(amount numeric, on_date date) (
	SFUNC = clex._flow_accum, STYPE = internal, SSPACE = 288,
	COMBINEFUNC = clex._flow_combine, SERIALFUNC = clex._flow_serialize, DESERIALFUNC = clex._flow_deserialize,
	FINALFUNC = clex._flow_status, PARALLEL = SAFE);
COMMENT ON AGGREGATE clex.xirr_status(numeric, date) IS
'why xirr() is NULL: OK (it is not), NO_ROOT, MULTIPLE (see xirr_roots()), OUT_OF_RANGE (above 1.8e308); NULL without rows';

CREATE AGGREGATE clex.npv(amount numeric, on_date date, rate float8) (
	SFUNC = clex._flow_accum_rate, STYPE = internal, SSPACE = 288,
	COMBINEFUNC = clex._flow_combine, SERIALFUNC = clex._flow_serialize, DESERIALFUNC = clex._flow_deserialize,
	FINALFUNC = clex._flow_npv, PARALLEL = SAFE);
COMMENT ON AGGREGATE clex.npv(numeric, date, float8) IS
'net present value on the first flow''s date: sum(amount * (1 + rate)^(-(on_date - first) / 365)). rate: fraction a year, the same in all rows of a group. Errors: 22023 rate not above -1, infinite or not the same; 22008 infinite date; 22003 NaN, infinite or more than 18 digits';

CREATE AGGREGATE clex.irr(amount numeric, period int) (
	SFUNC = clex._flow_accum_period, STYPE = internal, SSPACE = 288,
	COMBINEFUNC = clex._flow_combine, SERIALFUNC = clex._flow_serialize, DESERIALFUNC = clex._flow_deserialize,
	FINALFUNC = clex._flow_irr, PARALLEL = SAFE);
COMMENT ON AGGREGATE clex.irr(numeric, int) IS
'internal rate of return per period: the only r > -1 with sum(amount * (1 + r)^-period) = 0, a fraction per period; NULL if there is none or several';
