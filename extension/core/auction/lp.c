/*
 * lp.c
 *		A sparse primal simplex for packing programmes with soft rows.
 *
 * The basis of an auction is nearly a tree: peeling rows and columns with a single entry leaves a
 * small kernel, which is factorised column by column with threshold pivoting.  Between two
 * factorisations the inverse is kept in product form.  Prices are recomputed in every iteration, so
 * errors do not build up.  Amounts are integers up to 2^53 in practice: a thousandth of a minor unit
 * is the feasibility tolerance.
 */
#include "core/auction/lp.h"

#include <math.h>

#define FEASIBILITY 1e-3
#define DROP 1e-11
#define PIVOT 1e-7
#define REFACTOR 64

ClexStatus
LpInit(Lp *lp, Arena *arena, int32_t rows, int32_t columns, int64_t entries)
{
	size_t m = (size_t) rows + 1, n = (size_t) columns + 1;

	memset(lp, 0, sizeof(*lp));
	lp->arena = arena;
	lp->rows = rows;
	lp->columns = columns;
	lp->tolerance = 1e-3;
	lp->rhs = ArenaAllocZero(arena, m * sizeof(double));
	lp->over = ArenaAllocZero(arena, m * sizeof(double));
	lp->cost = ArenaAllocZero(arena, n * sizeof(double));
	lp->start = ArenaAllocZero(arena, n * sizeof(int32_t));
	lp->row = ArenaAllocArray(arena, (size_t) entries + 1, sizeof(int32_t));
	lp->coefficient = ArenaAllocArray(arena, (size_t) entries + 1, sizeof(double));
	lp->basis = ArenaAllocArray(arena, m, sizeof(int32_t));
	lp->place = ArenaAllocArray(arena, 2 * m + n, sizeof(int32_t));
	lp->scale = ArenaAllocArray(arena, 2 * m + n, sizeof(double));
	lp->value = ArenaAllocZero(arena, m * sizeof(double));
	lp->price = ArenaAllocZero(arena, m * sizeof(double));
	lp->pivot_row = ArenaAllocArray(arena, m, sizeof(int32_t));
	lp->pivot_place = ArenaAllocArray(arena, m, sizeof(int32_t));
	lp->diagonal = ArenaAllocArray(arena, m, sizeof(double));
	lp->lower_start = ArenaAllocArray(arena, m, sizeof(int32_t));
	lp->upper_start = ArenaAllocArray(arena, m, sizeof(int32_t));
	lp->work = ArenaAllocZero(arena, m * sizeof(double));
	lp->entering = ArenaAllocZero(arena, m * sizeof(double));
	lp->touched = ArenaAllocArray(arena, m, sizeof(int32_t));
	lp->unit = ArenaAllocZero(arena, m * sizeof(double));
	lp->unit_rows = ArenaAllocArray(arena, 2 * m, sizeof(int32_t));
	lp->row_first = ArenaAllocArray(arena, m + 2, sizeof(int32_t));
	lp->dense = ArenaAllocArray(arena, m, sizeof(int32_t));
	lp->count_scratch = ArenaAllocArray(arena, 4 * m, sizeof(int32_t));
	lp->list_scratch = ArenaAllocArray(arena, 4 * m, sizeof(int32_t));
	lp->candidates = ArenaAllocArray(arena, LP_CANDIDATES, sizeof(int32_t));
	VectorInit(&lp->lower_index, arena, sizeof(int32_t));
	VectorInit(&lp->lower_value, arena, sizeof(double));
	VectorInit(&lp->upper_index, arena, sizeof(int32_t));
	VectorInit(&lp->upper_value, arena, sizeof(double));
	VectorInit(&lp->row_pivot, arena, sizeof(int32_t));
	VectorInit(&lp->row_value, arena, sizeof(double));
	VectorInit(&lp->etas, arena, sizeof(LpEta));
	VectorInit(&lp->eta_index, arena, sizeof(int32_t));
	VectorInit(&lp->eta_value, arena, sizeof(double));
	return arena->exhausted ? CLEX_NO_MEMORY : CLEX_OK;
}

/* The entries of a variable's column. */
static inline int32_t
Column(const Lp *lp, int32_t variable, int32_t *slack_row, double *slack_value, const int32_t **row,
	   const double **value)
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

static inline double
Cost(const Lp *lp, int32_t variable)
{
	int32_t j = variable - 2 * lp->rows;

	if (j >= 0)
		return lp->cost[j];
	return (variable & 1) != 0 ? lp->over[variable / 2] : 0;
}

double
LpReducedCost(const Lp *lp, int32_t variable)
{
	double d = Cost(lp, variable), slack_value;
	const int32_t *row;
	const double *value;
	int32_t slack_row, n = Column(lp, variable, &slack_row, &slack_value, &row, &value);

	for (int32_t e = 0; e < n; e++)
		d -= value[e] * lp->price[row[e]];
	return d;
}

static inline bool
Push2(Vector *index, Vector *value, int32_t i, double x)
{
	int32_t *a = VectorPush(index);
	double *b = VectorPush(value);

	if (a == NULL || b == NULL)
		return false;
	*a = i;
	*b = x;
	return true;
}

/*
 * x (by row) becomes inverse(B) x (by place, in `out`, which was zero); x is cleared.  `touched` (may
 * be NULL) gets the places that are not zero; returns how many.
 */
static int32_t
Ftran(const Lp *lp, double *x, double *out, int32_t *touched)
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
		if (fabs(t) < DROP)
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
			out[ei[e]] = old - t * ev[e] == 0 ? DROP / 16 : old - t * ev[e];
			if (old == 0)
				touched[count++] = ei[e];
		}
	}
	return count;
}

/* Row `place` of inverse(B), scaled, is added to the prices. */
static void
UpdatePrices(Lp *lp, int32_t place, double factor)
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
		if (fabs(t) < DROP)
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

/* c (by place) becomes c inverse(B) (by row, in `out`). */
static void
Btran(const Lp *lp, double *c, double *out)
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

/* What a factorisation knows while it runs. */
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
		if (row[e] == pivot_row || fabs(value[e]) < DROP)
			continue;
		if (f->row_rank[row[e]] >= 0)
		{
			if (!Push2(&lp->upper_index, &lp->upper_value, row[e], value[e]))
				return false;
		}
		else if (!Push2(&lp->lower_index, &lp->lower_value, row[e], value[e] / pivot))
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
		n = Column(lp, lp->basis[place], &slack_row, &slack_value, &row, &value);
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

		n = Column(lp, lp->basis[places[c]], &slack_row, &slack_value, &row, &value);
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

			if (fabs(t) < DROP)
				continue;
			for (int32_t e = lp->lower_start[k]; e < lp->lower_start[k + 1]; e++)
			{
				if (x[li[e]] == 0)
					rows[touched++] = li[e];
				x[li[e]] -= t * lv[e];
				if (x[li[e]] == 0)
					x[li[e]] = DROP / 16;
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
		if (largest > PIVOT &&
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

/* Factorise the basis anew and recompute the values. */
static ClexStatus
Refactor(Lp *lp)
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
		f.col_left[i] =
			lp->basis[i] < 0 ? 0 : Column(lp, lp->basis[i], &slack_row, &slack_value, &row, &value);
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
			Column(lp, lp->basis[i], &slack_row, &slack_value, &row, &value);
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
	Ftran(lp, lp->work, lp->value, NULL);
	return CLEX_OK;
}

/* y = c_B inverse(B). */
static void
Reprice(Lp *lp)
{
	for (int32_t i = 0; i < lp->rows; i++)
		lp->work[i] = Cost(lp, lp->basis[i]);
	Btran(lp, lp->work, lp->price);
	memset(lp->work, 0, (size_t) lp->rows * sizeof(double));
}

/* A basic slack below zero is an overfill above it. */
static bool
TurnNegatives(Lp *lp)
{
	bool turned = false;

	for (int32_t i = 0; i < lp->rows; i++)
	{
		int32_t v = lp->basis[i];

		if (lp->value[i] >= -FEASIBILITY || v >= 2 * lp->rows)
			continue;
		lp->place[v] = -1;
		lp->basis[i] = v ^ 1;
		lp->place[v ^ 1] = i;
		turned = true;
	}
	return turned;
}

/* How far a variable can move at most: what it gains is judged by that. */
static void
SetScale(Lp *lp)
{
	for (int32_t v = 0; v < 2 * lp->rows + lp->columns; v++)
	{
		const int32_t *row;
		const double *value;
		int32_t slack_row, n;
		double slack_value, most = HUGE_VAL;

		n = Column(lp, v, &slack_row, &slack_value, &row, &value);
		for (int32_t e = 0; e < n; e++)
			if (value[e] > 0 && lp->rhs[row[e]] >= 0 && lp->rhs[row[e]] / value[e] < most)
				most = lp->rhs[row[e]] / value[e];
		lp->scale[v] = (most < HUGE_VAL ? most : fabs(lp->rhs[row[0]])) + 1;
	}
}

ClexStatus
LpStart(Lp *lp, const int32_t *variables, int32_t count)
{
	int32_t m = lp->rows;
	ClexStatus status;

	SetScale(lp);
	memset(lp->place, 0xff, ((size_t) 2 * m + (size_t) lp->columns) * sizeof(int32_t));
	for (int32_t i = 0; i < m; i++)
	{
		lp->basis[i] = i < count ? variables[i] : -1;
		if (i < count)
			lp->place[variables[i]] = i;
	}
	status = Refactor(lp);
	if (status == CLEX_OK && TurnNegatives(lp))
		status = Refactor(lp);
	return status;
}

/* Look for variables worth entering, from where the last look stopped. */
static void
Rescan(Lp *lp)
{
	int32_t total = 2 * lp->rows + lp->columns, block = total / 8 + 512;
	double worst[LP_CANDIDATES];

	lp->candidate_count = 0;
	for (int32_t seen = 0; seen < total; seen++)
	{
		int32_t v = lp->scan, at;
		double d;

		if (++lp->scan == total)
			lp->scan = 0;
		if (seen >= block && lp->candidate_count > 0)
			break;
		if (lp->place[v] >= 0)
			continue;
		d = LpReducedCost(lp, v);
		if (d > -lp->tolerance)
			continue;
		d *= lp->scale[v];
		if (lp->candidate_count < LP_CANDIDATES)
			at = lp->candidate_count++;
		else if (d < worst[LP_CANDIDATES - 1])
			at = LP_CANDIDATES - 1;
		else
			continue;
		/* kept in order of reduced cost */
		while (at > 0 && worst[at - 1] > d)
		{
			worst[at] = worst[at - 1];
			lp->candidates[at] = lp->candidates[at - 1];
			at--;
		}
		worst[at] = d;
		lp->candidates[at] = v;
	}
}

/* The variable to enter, or -1 at the optimum. */
static int32_t
ChooseEntering(Lp *lp)
{
	for (int attempt = 0; attempt < 2; attempt++)
	{
		double best = 0;
		int32_t entering = -1, kept = 0;

		for (int32_t c = 0; c < lp->candidate_count; c++)
		{
			int32_t v = lp->candidates[c];
			double d = lp->place[v] >= 0 ? 0 : LpReducedCost(lp, v);

			if (d > -lp->tolerance)
				continue;
			lp->candidates[kept++] = v;
			d *= lp->scale[v];
			if (d < best)
			{
				best = d;
				entering = v;
			}
		}
		lp->candidate_count = kept;
		if (entering >= 0 && (attempt == 1 || kept > LP_CANDIDATES / 8))
			return entering;
		if (attempt == 0)
			Rescan(lp);
	}
	return -1;
}

/* The place whose variable blocks first; the largest pivot of those that block together. */
static int32_t
ChooseLeaving(const Lp *lp, double *step)
{
	double limit = HUGE_VAL, largest = 0;
	int32_t leaving = -1, i;

	for (int32_t n = 0; n < lp->touched_count; n++)
		if (lp->entering[i = lp->touched[n]] > PIVOT)
		{
			double t = (lp->value[i] + FEASIBILITY) / lp->entering[i];

			if (t < limit)
				limit = t;
		}
	for (int32_t n = 0; n < lp->touched_count; n++)
		if (lp->entering[i = lp->touched[n]] > PIVOT && lp->value[i] <= limit * lp->entering[i] &&
			lp->entering[i] > largest)
		{
			largest = lp->entering[i];
			leaving = i;
		}
	if (leaving >= 0)
	{
		*step = lp->value[leaving] / lp->entering[leaving];
		if (*step < 0)
			*step = 0;
	}
	return leaving;
}

/* Put a variable into a place of the basis; the entering column is in lp->entering. */
static bool
Exchange(Lp *lp, int32_t variable, int32_t leaving, double step)
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
		if (i != leaving && fabs(lp->entering[i]) > DROP &&
			!Push2(&lp->eta_index, &lp->eta_value, i, lp->entering[i]))
			return false;
	}
	eta->count = (int32_t) lp->eta_index.count - eta->first;
	lp->value[leaving] = step;
	lp->place[lp->basis[leaving]] = -1;
	lp->basis[leaving] = variable;
	lp->place[variable] = leaving;
	return true;
}

/* One pivot: enter a variable.  CLEX_INVALID when nothing blocks it. */
static ClexStatus
EnterVariable(Lp *lp, int32_t entering)
{
	int32_t leaving, slack_row, n;
	double slack_value, step = 0, reduced = LpReducedCost(lp, entering);
	const int32_t *row;
	const double *value;

	n = Column(lp, entering, &slack_row, &slack_value, &row, &value);
	for (int32_t e = 0; e < n; e++)
		lp->work[row[e]] += value[e];
	lp->touched_count = Ftran(lp, lp->work, lp->entering, lp->touched);
	leaving = ChooseLeaving(lp, &step);
	if (leaving < 0)
		return CLEX_INVALID;
	UpdatePrices(lp, leaving, reduced / lp->entering[leaving]);
	if (!Exchange(lp, entering, leaving, step))
		return CLEX_NO_MEMORY;
	for (int32_t i = 0; i < lp->touched_count; i++)
		lp->entering[lp->touched[i]] = 0;
	return CLEX_OK;
}

/* A fresh factorisation, fresh values and fresh prices. */
static ClexStatus
Refresh(Lp *lp)
{
	ClexStatus status = Refactor(lp);

	if (status == CLEX_OK && TurnNegatives(lp))
		status = Refactor(lp);
	if (status == CLEX_OK)
		Reprice(lp);
	return status;
}

ClexStatus
LpSolve(Lp *lp, int64_t limit)
{
	int64_t end = lp->iterations + limit;
	ClexStatus status = CLEX_OK;

	lp->candidate_count = 0;
	Reprice(lp);
	while (status == CLEX_OK)
	{
		int32_t entering = ChooseEntering(lp);

		if ((lp->iterations & 63) == 0 && ClexInterrupted(lp->arena->env))
			return CLEX_INTERRUPTED;
		if (entering < 0)
		{
			/* believe it only with fresh factors */
			if (lp->etas.count == 0)
				return CLEX_OK;
			status = Refresh(lp);
			continue;
		}
		if (lp->iterations++ >= end)
			return CLEX_LIMIT;
		status = EnterVariable(lp, entering);
		if (status == CLEX_OK && lp->etas.count >= REFACTOR)
			status = Refresh(lp);
	}
	return status;
}

double
LpObjective(const Lp *lp)
{
	double sum = 0;

	for (int32_t i = 0; i < lp->rows; i++)
		sum += Cost(lp, lp->basis[i]) * lp->value[i];
	return sum;
}
