/*
 * finance_roots.c
 *		The aggregates xirr(), xirr_roots(), xirr_status(), npv(), irr().
 *
 * The state is the list of flows, exact as they came; everything happens in the final function.  Two
 * states combine by joining their lists, so the aggregates run in parallel, and the aggregates of one
 * query over the same arguments share one state.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/finance/roots.h"
#include "glue/compat.h"
#include "glue/finance_common.h"
#include "glue/finance_numeric.h"
#include "glue/report.h"

PG_FUNCTION_INFO_V1(clex_flow_accum);
PG_FUNCTION_INFO_V1(clex_flow_accum_rate);
PG_FUNCTION_INFO_V1(clex_flow_accum_period);
PG_FUNCTION_INFO_V1(clex_flow_combine);
PG_FUNCTION_INFO_V1(clex_flow_serialize);
PG_FUNCTION_INFO_V1(clex_flow_deserialize);
PG_FUNCTION_INFO_V1(clex_flow_xirr);
PG_FUNCTION_INFO_V1(clex_flow_irr);
PG_FUNCTION_INFO_V1(clex_flow_roots);
PG_FUNCTION_INFO_V1(clex_flow_status);
PG_FUNCTION_INFO_V1(clex_flow_npv);

/* Room for a year of monthly flows comes with the state. */
#define FLOWS_AT_FIRST 14

typedef struct FlowState
{
	uint32 count;
	uint32 capacity;
	bool has_rate;
	double rate; /* npv only */
	Flow *flows;
	Flow first[FLOWS_AT_FIRST];
} FlowState;

static FlowState *
NewFlowState(MemoryContext context)
{
	FlowState *state = MemoryContextAlloc(context, sizeof(FlowState));

	state->count = 0;
	state->capacity = FLOWS_AT_FIRST;
	state->has_rate = false;
	state->rate = 0;
	state->flows = state->first;
	return state;
}

/* Make room for `extra` more flows. */
static void
GrowFlowState(FlowState *state, MemoryContext context, uint32 extra)
{
	Size need = (Size) state->count + extra;
	Size capacity = Max((Size) state->capacity * 2, need);

	if (need > PG_INT32_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many cash flows")));
	capacity = Min(capacity, (Size) PG_INT32_MAX);
	if (state->flows == state->first)
	{
		Flow *flows = MemoryContextAllocHuge(context, capacity * sizeof(Flow));

		memcpy(flows, state->first, state->count * sizeof(Flow));
		state->flows = flows;
	}
	else
		state->flows = repalloc_huge(state->flows, capacity * sizeof(Flow));
	state->capacity = (uint32) capacity;
}

static MemoryContext
AggregateContext(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called outside an aggregate"); /* cannot happen */
	return context;
}

/* An amount that has at most 18 significant digits. */
static void
StoreAmount(Datum amount, Flow *flow)
{
	Exact exact;
	bool fits = NumericToExact(amount, &exact);

	while (fits && (exact.coefficient > PG_INT64_MAX || exact.coefficient < PG_INT64_MIN))
	{
		fits = exact.scale > 0 && exact.coefficient % 10 == 0;
		exact.coefficient /= 10;
		exact.scale--;
	}
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("cash flow out of range"),
				 errdetail("An amount has at most 18 significant digits.")));
	flow->coefficient = (int64) exact.coefficient;
	flow->scale = exact.scale;
}

/* The state of argument 0, new if there is none yet; NULL amounts or times add nothing. */
static FlowState *
AddFlow(FunctionCallInfo fcinfo, bool is_date)
{
	MemoryContext context = AggregateContext(fcinfo);
	FlowState *state = PG_ARGISNULL(0) ? NULL : (FlowState *) PG_GETARG_POINTER(0);
	Flow *flow;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return state;
	if (state == NULL)
		state = NewFlowState(context);
	if (state->count == state->capacity)
		GrowFlowState(state, context, 1);
	flow = &state->flows[state->count];
	flow->when = is_date ? PG_GETARG_DAY(2) : PG_GETARG_INT32(2);
	StoreAmount(PG_GETARG_DATUM(1), flow);
	state->count++;
	return state;
}

static Datum
ReturnState(FunctionCallInfo fcinfo, FlowState *state)
{
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/* (internal, amount numeric, on_date date) internal */
Datum
clex_flow_accum(PG_FUNCTION_ARGS)
{
	return ReturnState(fcinfo, AddFlow(fcinfo, true));
}

/* (internal, amount numeric, period int) internal */
Datum
clex_flow_accum_period(PG_FUNCTION_ARGS)
{
	return ReturnState(fcinfo, AddFlow(fcinfo, false));
}

static void
SetRate(FlowState *state, double rate)
{
	if (state->has_rate && state->rate != rate)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("npv needs one rate for all rows of a group")));
	state->has_rate = true;
	state->rate = rate;
}

/* (internal, amount numeric, on_date date, rate float8) internal; a NULL rate makes the result NULL */
Datum
clex_flow_accum_rate(PG_FUNCTION_ARGS)
{
	FlowState *state = AddFlow(fcinfo, true);

	if (state != NULL && !PG_ARGISNULL(3))
	{
		double rate = PG_GETARG_FLOAT8(3);

		if (!(rate > -1) || isinf(rate))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("the rate of a present value must be above -1")));
		SetRate(state, rate);
	}
	return ReturnState(fcinfo, state);
}

/* (internal, internal) internal: join the lists */
Datum
clex_flow_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = AggregateContext(fcinfo);
	FlowState *state = PG_ARGISNULL(0) ? NULL : (FlowState *) PG_GETARG_POINTER(0);
	FlowState *other = PG_ARGISNULL(1) ? NULL : (FlowState *) PG_GETARG_POINTER(1);

	if (other == NULL)
		return ReturnState(fcinfo, state);
	if (state == NULL)
		state = NewFlowState(context);
	if (state->capacity - state->count < other->count)
		GrowFlowState(state, context, other->count);
	memcpy(state->flows + state->count, other->flows, other->count * sizeof(Flow));
	state->count += other->count;
	if (other->has_rate)
		SetRate(state, other->rate);
	return ReturnState(fcinfo, state);
}

/* What a worker sends: has_rate, rate, then the flows as they are in memory. */
typedef struct FlowWire
{
	int32 vl_len_;
	int32 has_rate;
	double rate;
	Flow flows[FLEXIBLE_ARRAY_MEMBER];
} FlowWire;

/* (internal) bytea; strict */
Datum
clex_flow_serialize(PG_FUNCTION_ARGS)
{
	FlowState *state = (FlowState *) PG_GETARG_POINTER(0);
	Size size = offsetof(FlowWire, flows) + state->count * sizeof(Flow);
	FlowWire *wire;

	(void) AggregateContext(fcinfo);
	wire = palloc(size);
	SET_VARSIZE(wire, size);
	wire->has_rate = state->has_rate;
	wire->rate = state->rate;
	memcpy(wire->flows, state->flows, state->count * sizeof(Flow));
	PG_RETURN_BYTEA_P((bytea *) wire);
}

/* (bytea, internal) internal; strict */
Datum
clex_flow_deserialize(PG_FUNCTION_ARGS)
{
	FlowWire *wire;
	Size size;
	FlowState *state;

	(void) AggregateContext(fcinfo);
	wire = (FlowWire *) PG_GETARG_BYTEA_P(0);
	size = VARSIZE(wire);
	if (size < offsetof(FlowWire, flows) || (size - offsetof(FlowWire, flows)) % sizeof(Flow) != 0)
		elog(ERROR, "malformed cash flow state"); /* cannot happen */
	state = NewFlowState(CurrentMemoryContext);
	state->count = (uint32) ((size - offsetof(FlowWire, flows)) / sizeof(Flow));
	if (state->count > state->capacity)
	{
		state->flows = MemoryContextAllocHuge(CurrentMemoryContext, state->count * sizeof(Flow));
		state->capacity = state->count;
	}
	memcpy(state->flows, wire->flows, state->count * sizeof(Flow));
	state->has_rate = wire->has_rate != 0;
	state->rate = wire->rate;
	PG_RETURN_POINTER(state);
}

/* The scratch arena of a final function's call site, emptied. */
static Arena *
Scratch(FunctionCallInfo fcinfo)
{
	Arena *arena = fcinfo->flinfo->fn_extra;

	if (arena == NULL)
	{
		arena = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Arena));
		ArenaInit(arena, BackendEnv(fcinfo->flinfo->fn_mcxt), 0);
		fcinfo->flinfo->fn_extra = arena;
	}
	else
		ArenaReset(arena);
	return arena;
}

static Roots
SolveState(FunctionCallInfo fcinfo, FlowState *state, double unit)
{
	Roots roots;
	ClexError error;

	FinanceCheck(FlowRoots(Scratch(fcinfo), state->flows, state->count, unit, &roots, &error),
				 &error);
	return roots;
}

/* The only rate there is, else NULL. */
static Datum
OnlyRoot(FunctionCallInfo fcinfo, double unit)
{
	Roots roots;

	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	roots = SolveState(fcinfo, (FlowState *) PG_GETARG_POINTER(0), unit);
	if (roots.count != 1 || isinf(roots.rates[0]))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(roots.rates[0]);
}

/* (internal) float8 */
Datum
clex_flow_xirr(PG_FUNCTION_ARGS)
{
	return OnlyRoot(fcinfo, 365);
}

/* (internal) float8 */
Datum
clex_flow_irr(PG_FUNCTION_ARGS)
{
	return OnlyRoot(fcinfo, 1);
}

/* (internal) float8[] */
Datum
clex_flow_roots(PG_FUNCTION_ARGS)
{
	Roots roots;
	Datum *values;

	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	roots = SolveState(fcinfo, (FlowState *) PG_GETARG_POINTER(0), 365);
	values = palloc(Max(roots.count, 1) * sizeof(Datum));
	for (uint32 i = 0; i < roots.count; i++)
		values[i] = Float8GetDatum(roots.rates[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(values, (int) roots.count, FLOAT8OID, sizeof(float8),
										  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* (internal) text */
Datum
clex_flow_status(PG_FUNCTION_ARGS)
{
	Roots roots;
	const char *status;

	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	roots = SolveState(fcinfo, (FlowState *) PG_GETARG_POINTER(0), 365);
	if (roots.count == 0)
		status = "NO_ROOT";
	else if (roots.count > 1)
		status = "MULTIPLE";
	else
		status = isinf(roots.rates[0]) ? "OUT_OF_RANGE" : "OK";
	PG_RETURN_TEXT_P(cstring_to_text(status));
}

/* (internal) float8 */
Datum
clex_flow_npv(PG_FUNCTION_ARGS)
{
	FlowState *state;
	ClexError error;
	double value;

	(void) AggregateContext(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (FlowState *) PG_GETARG_POINTER(0);
	if (!state->has_rate)
		PG_RETURN_NULL();
	FinanceCheck(FlowPresentValue(Scratch(fcinfo), state->flows, state->count, 365, state->rate,
								  &value, &error),
				 &error);
	PG_RETURN_FLOAT8(value);
}
