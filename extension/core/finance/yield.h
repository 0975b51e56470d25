/*
 * yield.h
 *		Annual rates of a discount: what paying face minus discount, `days` before the due date, earns.
 */
#ifndef CLEX_FINANCE_YIELD_H
#define CLEX_FINANCE_YIELD_H

#include "core/base/status.h"
#include "core/finance/discount.h"

typedef enum YieldKind
{
	YIELD_BANK_DISCOUNT,   /* d / F * B / t */
	YIELD_SIMPLE,		   /* d / (F - d) * B / t; money market: the same over 360 */
	YIELD_EFFECTIVE,	   /* (F / (F - d))^(B / t) - 1 */
	YIELD_BOND_EQUIVALENT, /* simple up to half a year, then with one half-yearly compounding */
} YieldKind;

/* The rate as a fraction per year.  days and basis are positive. */
extern ClexStatus YieldRate(YieldKind kind, Exact face, Exact discount, int32_t days, int32_t basis,
							double *rate, ClexError *error);

#endif
