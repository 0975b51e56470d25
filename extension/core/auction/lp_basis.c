/*
 * lp_basis.c
 *		Products with the inverse of a basis, which is kept as factors and a product form.
 *
 * The factors are those of lp_factor.c; every exchange since then is an eta: the entering column as it
 * was in the basis of its time.  Only pivots with entries in L are walked, and zeros are skipped.
 */
#include "core/auction/lp_basis.h"

int32_t
LpFtran(const Lp *lp, double *x, double *out, int32_t *touched)
{
	const int32_t *li = (const int32_t *) (const void *) lp->lower_index.data;
	const double *lv = (const double *) (const void *) lp->lower_value.data;
	const int32_t *ui = (const int32_t *) (const void *) lp->upper_index.data;
	const double *uv = (const double *) (const void *) lp->upper_value.data;
	const int32_t *ei = (const int32_t *) (const void *) lp->eta_index.data;
	const double *ev = (const double *) (const void *) lp->eta_value.data;
	int32_t count = 0;

	for (int32_t d = 0; d < lp->dense_count; d++)
	{
		int32_t k = lp->dense[d];
		double t = x[lp->pivot_row[k]];

		if (t != 0)
			for (int32_t e = lp->lower_start[k]; e < lp->lower_start[k + 1]; e++)
				x[li[e]] -= t * lv[e];
	}
	for (int32_t k = lp->rows - 1; k >= 0; k--)
	{
		double t = x[lp->pivot_row[k]];

		if (t == 0)
			continue;
		x[lp->pivot_row[k]] = 0;
		if (fabs(t) < LP_DROP)
			continue;
		t /= lp->diagonal[k];
		out[lp->pivot_place[k]] = t;
		if (touched != NULL)
			touched[count++] = lp->pivot_place[k];
		for (int32_t e = lp->upper_start[k]; e < lp->upper_start[k + 1]; e++)
			x[ui[e]] -= t * uv[e];
	}
	for (uint32_t n = 0; n < lp->etas.count; n++)
	{
		const LpEta *eta = &VectorAt(&lp->etas, LpEta, n);
		double t = out[eta->place];

		if (t == 0)
			continue;
		t /= eta->pivot;
		out[eta->place] = t;
		for (int32_t e = eta->first; e < eta->first + eta->count; e++)
		{
			double old = out[ei[e]];

			/* what cancels stays in the list as a zero too small to matter */
			out[ei[e]] = old - t * ev[e] == 0 ? LP_DROP / 16 : old - t * ev[e];
			if (old == 0)
				touched[count++] = ei[e];
		}
	}
	return count;
}

void
LpUpdatePrices(Lp *lp, int32_t place, double factor)
{
	const int32_t *li = (const int32_t *) (const void *) lp->lower_index.data;
	const double *lv = (const double *) (const void *) lp->lower_value.data;
	const int32_t *ri = (const int32_t *) (const void *) lp->row_pivot.data;
	const double *rv = (const double *) (const void *) lp->row_value.data;
	const int32_t *ei = (const int32_t *) (const void *) lp->eta_index.data;
	const double *ev = (const double *) (const void *) lp->eta_value.data;
	double *c = lp->work;
	int32_t count = 0;

	c[place] = 1;
	for (uint32_t n = lp->etas.count; n-- > 0;)
	{
		const LpEta *eta = &VectorAt(&lp->etas, LpEta, n);
		double t = c[eta->place];

		for (int32_t e = eta->first; e < eta->first + eta->count; e++)
			t -= ev[e] * c[ei[e]];
		c[eta->place] = t / eta->pivot;
	}
	for (int32_t k = 0; k < lp->rows; k++)
	{
		double t = c[lp->pivot_place[k]];
		int32_t row;

		if (t == 0)
			continue;
		c[lp->pivot_place[k]] = 0;
		if (fabs(t) < LP_DROP)
			continue;
		row = lp->pivot_row[k];
		t /= lp->diagonal[k];
		lp->unit[row] = t;
		lp->unit_rows[count++] = row;
		for (int32_t e = lp->row_first[row]; e < lp->row_first[row + 1]; e++)
			c[lp->pivot_place[ri[e]]] -= rv[e] * t;
	}
	for (int32_t d = lp->dense_count - 1; d >= 0; d--)
	{
		int32_t k = lp->dense[d], row = lp->pivot_row[k];
		double t = lp->unit[row];

		for (int32_t e = lp->lower_start[k]; e < lp->lower_start[k + 1]; e++)
			t -= lv[e] * lp->unit[li[e]];
		if (t != 0 && lp->unit[row] == 0)
			lp->unit_rows[count++] = row;
		lp->unit[row] = t;
	}
	for (int32_t i = 0; i < count; i++)
	{
		lp->price[lp->unit_rows[i]] += factor * lp->unit[lp->unit_rows[i]];
		lp->unit[lp->unit_rows[i]] = 0;
	}
}

void
LpBtran(const Lp *lp, double *c, double *out)
{
	const int32_t *li = (const int32_t *) (const void *) lp->lower_index.data;
	const double *lv = (const double *) (const void *) lp->lower_value.data;
	const int32_t *ui = (const int32_t *) (const void *) lp->upper_index.data;
	const double *uv = (const double *) (const void *) lp->upper_value.data;
	const int32_t *ei = (const int32_t *) (const void *) lp->eta_index.data;
	const double *ev = (const double *) (const void *) lp->eta_value.data;

	for (uint32_t n = lp->etas.count; n-- > 0;)
	{
		const LpEta *eta = &VectorAt(&lp->etas, LpEta, n);
		double t = c[eta->place];

		for (int32_t e = eta->first; e < eta->first + eta->count; e++)
			t -= ev[e] * c[ei[e]];
		c[eta->place] = t / eta->pivot;
	}
	for (int32_t k = 0; k < lp->rows; k++)
	{
		double t = c[lp->pivot_place[k]];

		for (int32_t e = lp->upper_start[k]; e < lp->upper_start[k + 1]; e++)
			t -= uv[e] * out[ui[e]];
		out[lp->pivot_row[k]] = t / lp->diagonal[k];
	}
	for (int32_t k = lp->rows - 1; k >= 0; k--)
	{
		double t = out[lp->pivot_row[k]];

		for (int32_t e = lp->lower_start[k]; e < lp->lower_start[k + 1]; e++)
			t -= lv[e] * out[li[e]];
		out[lp->pivot_row[k]] = t;
	}
}

bool
LpExchange(Lp *lp, int32_t variable, int32_t leaving, double step)
{
	LpEta *eta = VectorPush(&lp->etas);

	if (eta == NULL)
		return false;
	*eta = (LpEta){.place = leaving,
				   .first = (int32_t) lp->eta_index.count,
				   .pivot = lp->entering[leaving]};
	for (int32_t n = 0; n < lp->touched_count; n++)
	{
		int32_t i = lp->touched[n];

		lp->value[i] -= step * lp->entering[i];
		if (i != leaving && fabs(lp->entering[i]) > LP_DROP &&
			!LpPush(&lp->eta_index, &lp->eta_value, i, lp->entering[i]))
			return false;
	}
	eta->count = (int32_t) lp->eta_index.count - eta->first;
	lp->value[leaving] = step;
	lp->place[lp->basis[leaving]] = -1;
	lp->basis[leaving] = variable;
	lp->place[variable] = leaving;
	return true;
}
