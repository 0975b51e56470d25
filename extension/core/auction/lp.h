/*
 * lp.h
 *		A sparse primal simplex for packing programmes with soft rows.
 *
 *		minimise  sum c_j x_j + sum over_r v_r     subject to  sum a_rj x_j + s_r - v_r = b_r,  all >= 0
 *
 * A row may be overfilled (v) at a price; with that price high enough it is a hard limit.  So every
 * start is feasible, and a column is excluded by a cost alone, which keeps the basis usable: branch
 * and bound changes costs and goes on from where it stands.
 */
#ifndef CLEX_AUCTION_LP_H
#define CLEX_AUCTION_LP_H

#include "core/base/arena.h"

/* Variable numbers: slack of row r is 2r, overfill of row r is 2r + 1, column j is 2 * rows + j. */
typedef struct LpEta
{
	int32_t place;
	int32_t first;
	int32_t count;
	double pivot;
} LpEta;

typedef struct Lp
{
	Arena *arena;
	int32_t rows;
	int32_t columns;
	double *rhs;
	double *over; /* price of overfilling a row: the most its price can be */
	double *cost; /* of columns */
	int32_t *start;
	int32_t *row;
	double *coefficient;
	/* basis */
	int32_t *basis; /* by place */
	int32_t *place; /* by variable, -1 = not in the basis */
	double *scale;	/* by variable: how far it can move */
	double *value;	/* by place */
	double *price;	/* y by row: reduced cost of x is cost - sum a y */
	/* factors of the basis, in order of pivots */
	int32_t *pivot_row;
	int32_t *pivot_place;
	double *diagonal;
	int32_t *lower_start;
	int32_t *upper_start;
	Vector lower_index, lower_value; /* rows */
	Vector upper_index, upper_value; /* rows pivoted earlier */
	Vector etas, eta_index, eta_value;
	int32_t *row_first; /* U by rows: where row r begins */
	Vector row_pivot, row_value;
	int32_t *dense; /* pivots with entries in L */
	int32_t dense_count;
	/* scratch */
	double *work;
	double *entering; /* by place: the entering column */
	int32_t *touched; /* its places that are not zero */
	int32_t touched_count;
	double *unit; /* by row: a row of the inverse */
	int32_t *unit_rows;
	int32_t *count_scratch;
	int32_t *list_scratch;
	int32_t *candidates;
	int32_t candidate_count;
	int32_t scan;
	int64_t iterations;
	int64_t stalled;					 /* pivots since the last that moved anything */
	bool (*enough)(const void *context); /* ends LpSolve early; NULL = never */
	const void *context;
	double tolerance; /* of reduced costs */
} Lp;

#define LP_CANDIDATES 128

extern ClexStatus LpInit(Lp *lp, Arena *arena, int32_t rows, int32_t columns, int64_t entries);
/* Start from these variables (as many as are independent) and the slacks of rows left open. */
extern ClexStatus LpStart(Lp *lp, const int32_t *variables, int32_t count);
/*
 * Pivot to the optimum, or for at most `limit` iterations or until it is enough; CLEX_LIMIT then: the
 * basis is feasible all the same.
 */
extern ClexStatus LpSolve(Lp *lp, int64_t limit);
/* More iterations than any sound programme of this size takes. */
extern int64_t LpPatience(const Lp *lp);
extern double LpObjective(const Lp *lp);
extern double LpReducedCost(const Lp *lp, int32_t variable);

static inline double
LpValue(const Lp *lp, int32_t column)
{
	int32_t at = lp->place[2 * lp->rows + column];

	return at >= 0 ? lp->value[at] : 0;
}

#endif
