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
	lp->value = ArenaAllocZero(arena, m * sizeof(double));
	lp->price = ArenaAllocZero(arena, m * sizeof(double));
	lp->pivot_row = ArenaAllocArray(arena, m, sizeof(int32_t));
	lp->pivot_place = ArenaAllocArray(arena, m, sizeof(int32_t));
	lp->diagonal = ArenaAllocArray(arena, m, sizeof(double));
	lp->lower_start = ArenaAllocArray(arena, m, sizeof(int32_t));
	lp->upper_start = ArenaAllocArray(arena, m, sizeof(int32_t));
	lp->work = ArenaAllocZero(arena, m * sizeof(double));
	lp->entering = ArenaAllocZero(arena, m * sizeof(double));
	lp->count_scratch = ArenaAllocArray(arena, 4 * m, sizeof(int32_t));
	lp->list_scratch = ArenaAllocArray(arena, 4 * m, sizeof(int32_t));
	lp->candidates = ArenaAllocArray(arena, LP_CANDIDATES, sizeof(int32_t));
	VectorInit(&lp->lower_index, arena, sizeof(int32_t));
	VectorInit(&lp->lower_value, arena, sizeof(double));
	VectorInit(&lp->upper_index, arena, sizeof(int32_t));
	VectorInit(&lp->upper_value, arena, sizeof(double));
	VectorInit(&lp->etas, arena, sizeof(LpEta));
	VectorInit(&lp->eta_index, arena, sizeof(int32_t));
	VectorInit(&lp->eta_value, arena, sizeof(double));
	return arena->exhausted ? CLEX_NO_MEMORY : CLEX_OK;
}

/* The entries of a variable's column. */
static inline int32_t
Column(const Lp *lp, int32_t variable, int32_t *slack_row, double *slack_value,
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

/* x (by row) becomes inverse(B) x (by place, in `out`); x is cleared. */
static void
Ftran(const Lp *lp, double *x, double *out)
{
	const int32_t *li = (const int32_t *) (const void *) lp->lower_index.data;
	const double *lv = (const double *) (const void *) lp->lower_value.data;
	const int32_t *ui = (const int32_t *) (const void *) lp->upper_index.data;
	const double *uv = (const double *) (const void *) lp->upper_value.data;
	const int32_t *ei = (const int32_t *) (const void *) lp->eta_index.data;
	const double *ev = (const double *) (const void *) lp->eta_value.data;

	for (int32_t k = 0; k < lp->rows; k++)
	{
		double t = x[lp->pivot_row[k]];

		if (t != 0)
			for (int32_t e = lp->lower_start[k]; e < lp->lower_start[k + 1]; e++)
				x[li[e]] -= t * lv[e];
	}
	for (int32_t k = lp->rows - 1; k >= 0; k--)
	{
		double t = x[lp->pivot_row[k]];

		x[lp->pivot_row[k]] = 0;
		out[lp->pivot_place[k]] = 0;
		if (fabs(t) < DROP)
			continue;
		t /= lp->diagonal[k];
		out[lp->pivot_place[k]] = t;
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
			out[ei[e]] -= t * ev[e];
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
			if (--f->row_left[row[e]] == 1 && by_row && f->row_rank[row[e]] < 0 && depth < 3 * lp->rows)
				stack[depth++] = row[e];
		for (int32_t e = f->row_start[pivot_row]; e < f->row_start[pivot_row + 1]; e++)
			if (f->col_left[f->row_places[e]] > 0 && --f->col_left[f->row_places[e]] == 1 && !by_row &&
				depth < 3 * lp->rows)
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
			if (f->col_left[i] == want || (want == 1 && f->col_left[i] == 0))
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
		if (largest > PIVOT && !Pivot(f, places[c], rows[best], values[best], rows, values, touched))
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

/* Factorise the basis anew and recompute the values. */
static ClexStatus
Refactor(Lp *lp)
{
	Factor f = {.lp = lp};
	int32_t m = lp->rows, slack_row, total = 0;
	double slack_value;
	const int32_t *row;
	const double *value;

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
		f.col_left[i] = Column(lp, lp->basis[i], &slack_row, &slack_value, &row, &value);
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
		Column(lp, lp->basis[i], &slack_row, &slack_value, &row, &value);
		for (int32_t e = 0; e < f.col_left[i]; e++)
			f.row_places[f.row_start[row[e]]++] = i;
	}
	for (int32_t r = m; r > 0; r--)
		f.row_start[r] = f.row_start[r - 1];
	f.row_start[0] = 0;
	if (!Peel(&f, false) || !Peel(&f, true) || !Kernel(&f) || !Repair(&f))
		return CLEX_NO_MEMORY;
	memcpy(lp->work, lp->rhs, (size_t) m * sizeof(double));
	Ftran(lp, lp->work, lp->value);
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

ClexStatus
LpStart(Lp *lp, const int32_t *columns, int32_t count)
{
	int32_t m = lp->rows;
	ClexStatus status;

	memset(lp->place, 0xff, ((size_t) 2 * m + (size_t) lp->columns) * sizeof(int32_t));
	for (int32_t i = 0; i < m; i++)
	{
		lp->basis[i] = i < count ? 2 * m + columns[i] : 2 * (i - count);
		lp->place[lp->basis[i]] = i;
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
		double best = -lp->tolerance;
		int32_t entering = -1, kept = 0;

		for (int32_t c = 0; c < lp->candidate_count; c++)
		{
			int32_t v = lp->candidates[c];
			double d = lp->place[v] >= 0 ? 0 : LpReducedCost(lp, v);

			if (d > -lp->tolerance)
				continue;
			lp->candidates[kept++] = v;
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
	int32_t leaving = -1;

	for (int32_t i = 0; i < lp->rows; i++)
		if (lp->entering[i] > PIVOT)
		{
			double t = (lp->value[i] + FEASIBILITY) / lp->entering[i];

			if (t < limit)
				limit = t;
		}
	for (int32_t i = 0; i < lp->rows; i++)
		if (lp->entering[i] > PIVOT && lp->value[i] <= limit * lp->entering[i] &&
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
	for (int32_t i = 0; i < lp->rows; i++)
	{
		if (lp->entering[i] == 0)
			continue;
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

ClexStatus
LpSolve(Lp *lp, int64_t limit)
{
	int64_t end = lp->iterations + limit;

	lp->candidate_count = 0;
	Reprice(lp);
	for (;;)
	{
		int32_t entering, leaving, slack_row, n;
		double slack_value, step = 0;
		const int32_t *row;
		const double *value;

		if ((lp->iterations & 63) == 0 && ClexInterrupted(lp->arena->env))
			return CLEX_INTERRUPTED;
		entering = ChooseEntering(lp);
		if (entering < 0)
			return CLEX_OK;
		if (lp->iterations++ >= end)
			return CLEX_LIMIT;
		n = Column(lp, entering, &slack_row, &slack_value, &row, &value);
		for (int32_t e = 0; e < n; e++)
			lp->work[row[e]] += value[e];
		Ftran(lp, lp->work, lp->entering);
		leaving = ChooseLeaving(lp, &step);
		if (leaving < 0)
			return CLEX_INVALID;
		if (!Exchange(lp, entering, leaving, step))
			return CLEX_NO_MEMORY;
		if (lp->etas.count >= REFACTOR)
		{
			if (Refactor(lp) != CLEX_OK)
				return CLEX_NO_MEMORY;
			if (TurnNegatives(lp) && Refactor(lp) != CLEX_OK)
				return CLEX_NO_MEMORY;
		}
		Reprice(lp);
	}
}

double
LpObjective(const Lp *lp)
{
	double sum = 0;

	for (int32_t i = 0; i < lp->rows; i++)
		sum += Cost(lp, lp->basis[i]) * lp->value[i];
	return sum;
}
