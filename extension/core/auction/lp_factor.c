/*
 * lp_factor.c
 *		Factors of a basis that is nearly a tree.
 *
 * Peeling rows and columns with a single entry leaves a small kernel, which is factorised column by
 * column with threshold pivoting.  Columns that turn out to depend on others give way to slacks, so
 * there always are factors.
 */
#include "core/auction/lp_basis.h"

typedef struct Factor
{
	Lp *lp;
	int32_t done;	   /* pivots so far */
	int32_t *row_rank; /* pivot number of a row, or -1 */
	int32_t *row_left; /* entries of a row in columns not yet pivoted */
	int32_t *col_left; /* entries of a place's column in rows not yet pivoted; -1 = pivoted */
	int32_t *row_start;
	int32_t *row_places; /* places by row */
} Factor;

/* Record column entries around a pivot: rows done go to U, rows to come to L. */
static bool
Pivot(Factor *f, int32_t place, int32_t pivot_row, double pivot, const int32_t *row,
	  const double *value, int32_t count)
{
	Lp *lp = f->lp;
	int32_t k = f->done++;

	lp->pivot_row[k] = pivot_row;
	lp->pivot_place[k] = place;
	lp->diagonal[k] = pivot;
	for (int32_t e = 0; e < count; e++)
	{
		if (row[e] == pivot_row || fabs(value[e]) < LP_DROP)
			continue;
		if (f->row_rank[row[e]] >= 0)
		{
			if (!LpPush(&lp->upper_index, &lp->upper_value, row[e], value[e]))
				return false;
		}
		else if (!LpPush(&lp->lower_index, &lp->lower_value, row[e], value[e] / pivot))
			return false;
	}
	lp->lower_start[k + 1] = (int32_t) lp->lower_index.count;
	lp->upper_start[k + 1] = (int32_t) lp->upper_index.count;
	f->row_rank[pivot_row] = k;
	f->col_left[place] = -1;
	return true;
}

/* Peel columns (or rows) that have one entry left until none has. */
static bool
Peel(Factor *f, bool by_row)
{
	Lp *lp = f->lp;
	int32_t *stack = lp->list_scratch, depth = 0;

	for (int32_t i = 0; i < lp->rows; i++)
		if (by_row ? f->row_rank[i] < 0 && f->row_left[i] == 1 : f->col_left[i] == 1)
			stack[depth++] = i;
	while (depth > 0)
	{
		int32_t i = stack[--depth], place = i, pivot_row = i, slack_row, n;
		double slack_value, pivot = 0;
		const int32_t *row;
		const double *value;

		if (by_row ? f->row_rank[i] >= 0 || f->row_left[i] != 1 : f->col_left[i] != 1)
			continue;
		if (by_row)
		{
			for (int32_t e = f->row_start[i]; e < f->row_start[i + 1]; e++)
				if (f->col_left[f->row_places[e]] > 0)
					place = f->row_places[e];
		}
		n = LpColumn(lp, lp->basis[place], &slack_row, &slack_value, &row, &value);
		for (int32_t e = 0; e < n; e++)
			if (by_row ? row[e] == i : f->row_rank[row[e]] < 0)
			{
				pivot_row = row[e];
				pivot = value[e];
			}
		if (!Pivot(f, place, pivot_row, pivot, row, value, n))
			return false;
		/* the pivot's row and column leave the rest */
		for (int32_t e = 0; e < n; e++)
			if (--f->row_left[row[e]] == 1 && by_row && f->row_rank[row[e]] < 0 &&
				depth < 3 * lp->rows)
				stack[depth++] = row[e];
		for (int32_t e = f->row_start[pivot_row]; e < f->row_start[pivot_row + 1]; e++)
			if (f->col_left[f->row_places[e]] > 0 && --f->col_left[f->row_places[e]] == 1 &&
				!by_row && depth < 3 * lp->rows)
				stack[depth++] = f->row_places[e];
	}
	return true;
}

/* Factorise what peeling left, columns with few entries first. */
static bool
Kernel(Factor *f)
{
	Lp *lp = f->lp;
	int32_t first = f->done, count = 0;
	int32_t *places = lp->list_scratch, *rows = lp->list_scratch + lp->rows;
	double *x = lp->work, *values = lp->entering;
	const int32_t *li;
	const double *lv;

	for (int32_t want = 1; count < lp->rows - first && want < lp->rows + 2; want++)
	{
		bool more = false;

		for (int32_t i = 0; i < lp->rows; i++)
		{
			if (f->col_left[i] == want)
				places[count++] = i;
			more = more || f->col_left[i] > want;
		}
		if (!more)
			break;
	}
	for (int32_t c = 0; c < count; c++)
	{
		int32_t slack_row, n, touched = 0, best = -1;
		double slack_value, largest = 0;
		const int32_t *row;
		const double *value;

		n = LpColumn(lp, lp->basis[places[c]], &slack_row, &slack_value, &row, &value);
		for (int32_t e = 0; e < n; e++)
		{
			rows[touched++] = row[e];
			x[row[e]] = value[e];
		}
		li = (const int32_t *) (const void *) lp->lower_index.data;
		lv = (const double *) (const void *) lp->lower_value.data;
		for (int32_t k = first; k < f->done; k++)
		{
			double t = x[lp->pivot_row[k]];

			if (fabs(t) < LP_DROP)
				continue;
			for (int32_t e = lp->lower_start[k]; e < lp->lower_start[k + 1]; e++)
			{
				if (x[li[e]] == 0)
					rows[touched++] = li[e];
				x[li[e]] -= t * lv[e];
				if (x[li[e]] == 0)
					x[li[e]] = LP_DROP / 16;
			}
		}
		for (int32_t e = 0; e < touched; e++)
			if (f->row_rank[rows[e]] < 0 && fabs(x[rows[e]]) > largest)
				largest = fabs(x[rows[e]]);
		for (int32_t e = 0; e < touched; e++)
		{
			values[e] = x[rows[e]];
			if (f->row_rank[rows[e]] >= 0 || fabs(values[e]) < 0.1 * largest ||
				(best >= 0 && f->row_left[rows[best]] <= f->row_left[rows[e]]))
				continue;
			best = e;
		}
		for (int32_t e = 0; e < touched; e++)
			x[rows[e]] = 0;
		if (largest > LP_PIVOT &&
			!Pivot(f, places[c], rows[best], values[best], rows, values, touched))
			return false;
	}
	return true;
}

/* Places whose columns depend on others get the slack of a row that nothing covers. */
static bool
Repair(Factor *f)
{
	Lp *lp = f->lp;
	int32_t row = 0;

	for (int32_t i = 0; i < lp->rows; i++)
	{
		double one = 1.0;

		if (f->col_left[i] < 0)
			continue;
		while (f->row_rank[row] >= 0)
			row++;
		if (lp->basis[i] >= 0)
			lp->place[lp->basis[i]] = -1;
		lp->basis[i] = 2 * row;
		lp->place[2 * row] = i;
		if (!Pivot(f, i, row, 1.0, &row, &one, 1))
			return false;
	}
	return true;
}

/* U by rows too, and which pivots have anything in L. */
static bool
Transpose(Lp *lp)
{
	int32_t entries = (int32_t) lp->upper_index.count;
	int32_t *pivots;
	double *values;

	if (!VectorReserve(&lp->row_pivot, (uint32_t) entries + 16) ||
		!VectorReserve(&lp->row_value, (uint32_t) entries + 16))
		return false;
	pivots = (int32_t *) (void *) lp->row_pivot.data;
	values = (double *) (void *) lp->row_value.data;
	memset(lp->row_first, 0, ((size_t) lp->rows + 2) * sizeof(int32_t));
	for (int32_t e = 0; e < entries; e++)
		lp->row_first[VectorAt(&lp->upper_index, int32_t, e) + 2]++;
	for (int32_t r = 0; r < lp->rows; r++)
		lp->row_first[r + 2] += lp->row_first[r + 1];
	lp->dense_count = 0;
	for (int32_t k = 0; k < lp->rows; k++)
	{
		if (lp->lower_start[k + 1] > lp->lower_start[k])
			lp->dense[lp->dense_count++] = k;
		for (int32_t e = lp->upper_start[k]; e < lp->upper_start[k + 1]; e++)
		{
			int32_t at = lp->row_first[VectorAt(&lp->upper_index, int32_t, e) + 1]++;

			pivots[at] = k;
			values[at] = VectorAt(&lp->upper_value, double, e);
		}
	}
	return true;
}

ClexStatus
LpFactorise(Lp *lp)
{
	Factor f = {.lp = lp};
	int32_t m = lp->rows, slack_row, total = 0;
	double slack_value;
	const int32_t *row = NULL;
	const double *value = NULL;

	f.row_rank = lp->count_scratch;
	f.row_left = f.row_rank + m + 1;
	f.col_left = f.row_left + m + 1;
	f.row_start = f.col_left + m + 1;
	lp->lower_index.count = lp->lower_value.count = 0;
	lp->upper_index.count = lp->upper_value.count = 0;
	lp->etas.count = lp->eta_index.count = lp->eta_value.count = 0;
	lp->lower_start[0] = lp->upper_start[0] = 0;
	memset(f.row_rank, 0xff, (size_t) m * sizeof(int32_t));
	memset(f.row_left, 0, (size_t) m * sizeof(int32_t));
	for (int32_t i = 0; i < m; i++)
	{
		f.col_left[i] = lp->basis[i] < 0
							? 0
							: LpColumn(lp, lp->basis[i], &slack_row, &slack_value, &row, &value);
		total += f.col_left[i];
		for (int32_t e = 0; e < f.col_left[i]; e++)
			f.row_left[row[e]]++;
	}
	if (!VectorReserve(&lp->eta_index, (uint32_t) total + 16))
		return CLEX_NO_MEMORY;
	/* the etas are empty now: their index array lists places by row meanwhile */
	f.row_places = (int32_t *) (void *) lp->eta_index.data;
	f.row_start[0] = 0;
	for (int32_t r = 0; r < m; r++)
		f.row_start[r + 1] = f.row_start[r] + f.row_left[r];
	for (int32_t i = 0; i < m; i++)
	{
		if (f.col_left[i] > 0)
			LpColumn(lp, lp->basis[i], &slack_row, &slack_value, &row, &value);
		for (int32_t e = 0; e < f.col_left[i]; e++)
			f.row_places[f.row_start[row[e]]++] = i;
	}
	for (int32_t r = m; r > 0; r--)
		f.row_start[r] = f.row_start[r - 1];
	f.row_start[0] = 0;
	if (!Peel(&f, false) || !Peel(&f, true) || !Kernel(&f) || !Repair(&f) || !Transpose(lp))
		return CLEX_NO_MEMORY;
	memset(lp->entering, 0, (size_t) m * sizeof(double));
	memset(lp->value, 0, (size_t) m * sizeof(double));
	memcpy(lp->work, lp->rhs, (size_t) m * sizeof(double));
	LpFtran(lp, lp->work, lp->value, NULL);
	return CLEX_OK;
}
