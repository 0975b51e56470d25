/*
 * roots.h
 *		Present values and internal rates of return of dated cash flows.
 */
#ifndef CLEX_FINANCE_ROOTS_H
#define CLEX_FINANCE_ROOTS_H

#include "core/base/arena.h"
#include "core/base/status.h"

/* coefficient / 10^scale, due at day or period `when` */
typedef struct Flow
{
	int64_t coefficient;
	int32_t when;
	int32_t scale; /* 0..36 */
} Flow;

/* Every rate above -1 at which the flows are worth nothing, ascending; Infinity above 1.8e308. */
typedef struct Roots
{
	double *rates;
	uint32_t count;
} Roots;

/*
 * All internal rates per `unit` of time (365 for days, 1 for periods): roots of
 * sum amount (1 + r)^(-(when - first) / unit).  Flows of the same time are netted exactly; flows that
 * are all nothing, or of one sign, have no rate.  The result lives in the arena.
 */
extern ClexStatus FlowRoots(Arena *arena, const Flow *flows, uint32_t count, double unit,
							Roots *roots, ClexError *error);

/* The value at the first flow's time, for a rate above -1. */
extern ClexStatus FlowPresentValue(Arena *arena, const Flow *flows, uint32_t count, double unit,
								   double rate, double *value, ClexError *error);

#endif
