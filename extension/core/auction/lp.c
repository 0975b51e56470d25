/*
 * lp.c
 *		A sparse primal simplex for packing programmes with soft rows.
 *
 * Factors and inverse of the basis are the matter of lp_factor.c and lp_basis.c; here is which
 * variable enters, which leaves, and when that ends.  Prices are recomputed in every iteration, so
 * errors do not build up.  Amounts are integers up to 2^53 in practice: a thousandth of a minor unit
 * is the feasibility tolerance.
 *
 * The rules that choose quickly can cycle: a chain of pivots that move nothing and come back to where
 * it began.  After many such pivots in a row the lowest variables are chosen until something moves
 * (Bland's rule, which cannot cycle but for rounding), and for rounding every caller has a limit.
 */
#include "core/auction/lp_basis.h"

#define FEASIBILITY 1e-3
#define REFACTOR 64
/* Pivots in a row that move nothing, by rows: that is a cycle. */
#define STALL_ROWS 4
#define STALL_LEAST 100

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

double
LpReducedCost(const Lp *lp, int32_t variable)
{
	double d = LpCost(lp, variable), slack_value;
	const int32_t *row;
	const double *value;
	int32_t slack_row, n = LpColumn(lp, variable, &slack_row, &slack_value, &row, &value);

	for (int32_t e = 0; e < n; e++)
		d -= value[e] * lp->price[row[e]];
	return d;
}

/* y = c_B inverse(B). */
static void
Reprice(Lp *lp)
{
	for (int32_t i = 0; i < lp->rows; i++)
		lp->work[i] = LpCost(lp, lp->basis[i]);
	LpBtran(lp, lp->work, lp->price);
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

		n = LpColumn(lp, v, &slack_row, &slack_value, &row, &value);
		for (int32_t e = 0; e < n; e++)
			if (value[e] > 0 && lp->rhs[row[e]] >= 0 && lp->rhs[row[e]] / value[e] < most)
				most = lp->rhs[row[e]] / value[e];
		lp->scale[v] = (most < HUGE_VAL ? most : fabs(lp->rhs[row[0]])) + 1;
	}
}

/* Has a column of the basis a negative value?  No overfill stands for that as it does for a slack. */
static bool
Infeasible(const Lp *lp)
{
	for (int32_t i = 0; i < lp->rows; i++)
		if (lp->basis[i] >= 2 * lp->rows && lp->value[i] < -FEASIBILITY)
			return true;
	return false;
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
	status = LpFactorise(lp);
	if (status == CLEX_OK && TurnNegatives(lp))
		status = LpFactorise(lp);
	/* rows that the variables leave dependent can do that: then from nothing */
	return status == CLEX_OK && count > 0 && Infeasible(lp) ? LpStart(lp, NULL, 0) : status;
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
		if (lp->entering[i = lp->touched[n]] > LP_PIVOT)
		{
			double t = (lp->value[i] + FEASIBILITY) / lp->entering[i];

			if (t < limit)
				limit = t;
		}
	for (int32_t n = 0; n < lp->touched_count; n++)
		if (lp->entering[i = lp->touched[n]] > LP_PIVOT &&
			lp->value[i] <= limit * lp->entering[i] && lp->entering[i] > largest)
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

/* Has the simplex not moved for so long that it may be going round in a circle? */
static inline bool
Stalled(const Lp *lp)
{
	return lp->stalled > STALL_LEAST + (int64_t) STALL_ROWS * lp->rows;
}

/* By Bland's rule: the lowest variable worth entering, or -1 at the optimum. */
static int32_t
LowestEntering(const Lp *lp)
{
	for (int32_t v = 0; v < 2 * lp->rows + lp->columns; v++)
		if (lp->place[v] < 0 && LpReducedCost(lp, v) < -lp->tolerance)
			return v;
	return -1;
}

/* By Bland's rule: of the places that block first the one with the lowest variable, or -1. */
static int32_t
LowestLeaving(const Lp *lp, double *step)
{
	int32_t leaving = -1;

	for (int32_t n = 0; n < lp->touched_count; n++)
	{
		int32_t i = lp->touched[n];
		double t = lp->value[i] < FEASIBILITY ? 0 : lp->value[i] / lp->entering[i];

		if (lp->entering[i] <= LP_PIVOT)
			continue;
		if (leaving < 0 || t < *step || (t == *step && lp->basis[i] < lp->basis[leaving]))
		{
			leaving = i;
			*step = t;
		}
	}
	return leaving;
}

/* One pivot: enter a variable.  CLEX_INVALID when nothing blocks it: then nothing has changed. */
static ClexStatus
EnterVariable(Lp *lp, int32_t entering)
{
	int32_t leaving, slack_row, n;
	double slack_value, step = 0, reduced = LpReducedCost(lp, entering);
	const int32_t *row;
	const double *value;

	n = LpColumn(lp, entering, &slack_row, &slack_value, &row, &value);
	for (int32_t e = 0; e < n; e++)
		lp->work[row[e]] += value[e];
	lp->touched_count = LpFtran(lp, lp->work, lp->entering, lp->touched);
	leaving = Stalled(lp) ? LowestLeaving(lp, &step) : ChooseLeaving(lp, &step);
	if (leaving >= 0)
	{
		LpUpdatePrices(lp, leaving, reduced / lp->entering[leaving]);
		if (!LpExchange(lp, entering, leaving, step))
			return CLEX_NO_MEMORY;
		lp->stalled = step > FEASIBILITY ? 0 : lp->stalled + 1;
	}
	for (int32_t i = 0; i < lp->touched_count; i++)
		lp->entering[lp->touched[i]] = 0;
	return leaving >= 0 ? CLEX_OK : CLEX_INVALID;
}

/* A fresh factorisation, fresh values and fresh prices. */
static ClexStatus
Refresh(Lp *lp)
{
	ClexStatus status = LpFactorise(lp);

	if (status == CLEX_OK && TurnNegatives(lp))
		status = LpFactorise(lp);
	if (status == CLEX_OK)
		Reprice(lp);
	return status;
}

int64_t
LpPatience(const Lp *lp)
{
	return 2000 + 20 * ((int64_t) lp->rows + lp->columns);
}

ClexStatus
LpSolve(Lp *lp, int64_t limit)
{
	int64_t end = lp->iterations + limit;
	ClexStatus status = CLEX_OK;

	lp->candidate_count = 0;
	lp->stalled = 0;
	Reprice(lp);
	while (status == CLEX_OK)
	{
		int32_t entering = Stalled(lp) ? LowestEntering(lp) : ChooseEntering(lp);

		if ((lp->iterations & 63) == 0 && ClexInterrupted(lp->arena->env))
			return CLEX_INTERRUPTED;
		if ((lp->iterations & 63) == 0 && lp->enough != NULL && lp->enough(lp->context))
			return CLEX_LIMIT;
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
		/* every row can be overfilled, so what nothing blocks only looks worth it: prices have drifted */
		if ((status == CLEX_OK && lp->etas.count >= REFACTOR) ||
			(status == CLEX_INVALID && lp->etas.count > 0))
			status = Refresh(lp);
	}
	return status;
}

double
LpObjective(const Lp *lp)
{
	double sum = 0;

	for (int32_t i = 0; i < lp->rows; i++)
		sum += LpCost(lp, lp->basis[i]) * lp->value[i];
	return sum;
}
