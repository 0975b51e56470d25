/*
 * lp_basis.h
 *		The basis of a linear programme: its factors, and products with its inverse.
 *
 * Private to the simplex (lp.c) and to what it stands on (lp_basis.c, lp_factor.c).
 */
#ifndef CLEX_AUCTION_LP_BASIS_H
#define CLEX_AUCTION_LP_BASIS_H

#include "core/auction/lp.h"

#include <math.h>

#define LP_DROP 1e-11 /* smaller entries are no entries */
#define LP_PIVOT 1e-7 /* smaller pivots are no pivots */

/* The entries of a variable's column. */
static inline int32_t
LpColumn(const Lp *lp, int32_t variable, int32_t *slack_row, double *slack_value,
		 const int32_t **row, const double **value)
{
	int32_t j = variable - 2 * lp->rows;

	if (j >= 0)
	{
		*row = lp->row + lp->start[j];
		*value = lp->coefficient + lp->start[j];
		return lp->start[j + 1] - lp->start[j];
	}
	*slack_row = variable / 2;
	*slack_value = (variable & 1) != 0 ? -1.0 : 1.0;
	*row = slack_row;
	*value = slack_value;
	return 1;
}

/* The cost of a variable: a slack is free, overfilling has its row's price. */
static inline double
LpCost(const Lp *lp, int32_t variable)
{
	int32_t j = variable - 2 * lp->rows;

	if (j >= 0)
		return lp->cost[j];
	return (variable & 1) != 0 ? lp->over[variable / 2] : 0;
}

/*
 * x (by row) becomes inverse(B) x (by place, in `out`, which was zero); x is cleared.  `touched` (may
 * be NULL) gets the places that are not zero; returns how many.
 */
extern int32_t LpFtran(const Lp *lp, double *x, double *out, int32_t *touched);
/* c (by place) becomes c inverse(B) (by row, in `out`). */
extern void LpBtran(const Lp *lp, double *c, double *out);
/* Row `place` of inverse(B), scaled, is added to the prices. */
extern void LpUpdatePrices(Lp *lp, int32_t place, double factor);
/* Put a variable into a place of the basis; the entering column is in lp->entering. */
extern bool LpExchange(Lp *lp, int32_t variable, int32_t leaving, double step);
/* Factorise the basis anew and recompute the values; columns that depend on others become slacks. */
extern ClexStatus LpFactorise(Lp *lp);

/* One more entry of a sparse vector kept as two arrays; false when out of memory. */
static inline bool
LpPush(Vector *index, Vector *value, int32_t i, double x)
{
	int32_t *a = VectorPush(index);
	double *b = VectorPush(value);

	if (a == NULL || b == NULL)
		return false;
	*a = i;
	*b = x;
	return true;
}

#endif
