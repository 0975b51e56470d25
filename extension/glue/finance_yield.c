/*
 * finance_yield.c
 *		Annual rates of a discount: simple_rate(), money_market_rate(), effective_rate(),
 *		bank_discount_rate(), bond_equivalent_rate(), static_terms_yield().
 */
#include "postgres.h"

#include "common/int.h"

#include "core/finance/yield.h"
#include "glue/compat.h"
#include "glue/finance_common.h"
#include "glue/finance_numeric.h"

PG_FUNCTION_INFO_V1(clex_simple_rate);
PG_FUNCTION_INFO_V1(clex_effective_rate);
PG_FUNCTION_INFO_V1(clex_bank_discount_rate);
PG_FUNCTION_INFO_V1(clex_bond_equivalent_rate);
PG_FUNCTION_INFO_V1(clex_static_terms_yield);

/* (face numeric, discount numeric, days int, basis int) float8; strict */
static Datum
Yield(FunctionCallInfo fcinfo, YieldKind kind)
{
	Exact face;
	Exact discount;
	ClexError error;
	double rate;

	GetExact(PG_GETARG_DATUM(0), &face);
	GetExact(PG_GETARG_DATUM(1), &discount);
	FinanceCheck(YieldRate(kind, face, discount, PG_GETARG_INT32(2), PG_GETARG_INT32(3), &rate,
						   &error),
				 &error);
	PG_RETURN_FLOAT8(rate);
}

Datum
clex_simple_rate(PG_FUNCTION_ARGS)
{
	return Yield(fcinfo, YIELD_SIMPLE);
}

Datum
clex_effective_rate(PG_FUNCTION_ARGS)
{
	return Yield(fcinfo, YIELD_EFFECTIVE);
}

Datum
clex_bank_discount_rate(PG_FUNCTION_ARGS)
{
	return Yield(fcinfo, YIELD_BANK_DISCOUNT);
}

Datum
clex_bond_equivalent_rate(PG_FUNCTION_ARGS)
{
	return Yield(fcinfo, YIELD_BOND_EQUIVALENT);
}

/* static_terms_yield(percent numeric, discount_days int, net_days int, basis int) float8; strict */
Datum
clex_static_terms_yield(PG_FUNCTION_ARGS)
{
	Exact percent;
	ClexError error;
	double rate;
	int32 days;

	GetExact(PG_GETARG_DATUM(0), &percent);
	if (pg_sub_s32_overflow(PG_GETARG_INT32(2), PG_GETARG_INT32(1), &days))
		days = 0;
	FinanceCheck(YieldRate(YIELD_SIMPLE, (Exact){100, 0}, percent, days, PG_GETARG_INT32(3), &rate,
						   &error),
				 &error);
	PG_RETURN_FLOAT8(rate);
}
