/*
 * roots.c
 *		Present values and internal rates of return of dated cash flows.
 *
 * With x = ln(1 + r) let P(x) and N(x) be the present values of what comes in and what goes out.  The
 * rates are the zeros of h = ln P - ln N.  Two facts make all of them findable: ln P and ln N are
 * convex and their slopes are minus the mean times of the discounted flows, which fall as x grows; so
 * the mean times at an interval's ends bound the slope of h inside.  An interval is settled when h is
 * monotone there or its bounds keep it off zero, else halved.  One change of sign in the flows means
 * one zero and a nearly straight h: Newton needs three or four steps, whatever the rate's size.
 */
#include "core/finance/roots.h"

#include <math.h>

#include "core/finance/discount.h"

/* One side of the flows: amounts > 0, times ascending. */
typedef struct Side
{
	double *amount;
	double *time;
	uint32_t count;
} Side;

typedef struct Problem
{
	Side in;
	Side out;
	uint32_t sign_changes;
	bool starts_in; /* is the first flow one that comes in? */
	double bound;	/* all zeros lie in [-bound_low, bound] */
	double bound_low;
	double span; /* time from first to last flow */
} Problem;

/* h at a point, and the mean times of both sides there. */
typedef struct Point
{
	double x;
	double h;
	double mean_in;
	double mean_out;
} Point;

/* Netted flows of one time. */
typedef struct Net
{
	int64_t when;
	__int128 amount;
} Net;

/* Sort by time: merge sort, with the scratch array as big as the flows; stable. */
static void
SortFlows(Flow *flows, Flow *scratch, uint32_t count)
{
	if (count <= 24)
	{
		for (uint32_t i = 1; i < count; i++)
		{
			Flow f = flows[i];
			uint32_t j = i;

			for (; j > 0 && flows[j - 1].when > f.when; j--)
				flows[j] = flows[j - 1];
			flows[j] = f;
		}
		return;
	}
	uint32_t half = count / 2;
	uint32_t i = 0;
	uint32_t j = half;

	SortFlows(flows, scratch, half);
	SortFlows(flows + half, scratch, count - half);
	if (flows[half - 1].when <= flows[half].when)
		return;
	memcpy(scratch, flows, count * sizeof(Flow));
	for (uint32_t k = 0; k < count; k++)
		flows[k] = j == count || (i < half && scratch[i].when <= scratch[j].when) ? scratch[i++]
																				  : scratch[j++];
}

/* The flows sorted by time, same times added up exactly, zeros dropped, at a common scale. */
static ClexStatus
NetFlows(Arena *arena, const Flow *flows, uint32_t count, Net **result, uint32_t *result_count,
		 int32_t *first, int *scale, ClexError *error)
{
	Flow *sorted = ArenaAllocArray(arena, count, sizeof(Flow));
	Flow *scratch = ArenaAllocArray(arena, count, sizeof(Flow));
	Net *nets = ArenaAllocArray(arena, count, sizeof(Net));
	uint32_t n = 0;

	if (sorted == NULL || scratch == NULL || nets == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	memcpy(sorted, flows, count * sizeof(Flow));
	SortFlows(sorted, scratch, count);
	*first = sorted[0].when;
	*scale = 0;
	for (uint32_t i = 0; i < count; i++)
	{
		if (sorted[i].scale > *scale)
			*scale = sorted[i].scale;
	}
	for (uint32_t i = 0; i < count;)
	{
		int32_t when = sorted[i].when;
		__int128 sum = 0;

		for (; i < count && sorted[i].when == when; i++)
		{
			__int128 amount;

			if (__builtin_mul_overflow((__int128) sorted[i].coefficient,
									   PowersOfTen[*scale - sorted[i].scale], &amount) ||
				__builtin_add_overflow(sum, amount, &sum))
				return ClexFail(error, CLEX_OUT_OF_RANGE, "cash flow out of range");
		}
		if (sum != 0)
			nets[n++] = (Net){when, sum};
	}
	*result = nets;
	*result_count = n;
	return CLEX_OK;
}

/* Split the netted flows by sign and bound the zeros. */
static ClexStatus
Prepare(Arena *arena, const Net *nets, uint32_t n, double unit, Problem *p, ClexError *error)
{
	double *memory = ArenaAllocArray(arena, (size_t) n * 4, sizeof(double));
	double sum = 0;

	if (memory == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	*p = (Problem){{memory, memory + n, 0},
				   {memory + 2 * n, memory + 3 * n, 0},
				   0,
				   nets[0].amount > 0,
				   0,
				   0,
				   0};
	for (uint32_t i = 0; i < n; i++)
	{
		Side *side = nets[i].amount > 0 ? &p->in : &p->out;
		double amount = fabs((double) nets[i].amount);

		side->amount[side->count] = amount;
		side->time[side->count++] = (double) (nets[i].when - nets[0].when) / unit;
		p->sign_changes += i > 0 && (nets[i].amount > 0) != (nets[i - 1].amount > 0);
		sum += amount;
	}
	if (n < 2)
		return CLEX_OK;
	/* beyond these the first (last) flow outweighs all others together */
	p->bound =
		log(sum / fabs((double) nets[0].amount)) / ((double) (nets[1].when - nets[0].when) / unit) +
		1e-9;
	p->bound_low = log(sum / fabs((double) nets[n - 1].amount)) /
					   ((double) (nets[n - 1].when - nets[n - 2].when) / unit) +
				   1e-9;
	p->span = (double) (nets[n - 1].when - nets[0].when) / unit;
	return CLEX_OK;
}

/* ln of a side's present value, less x times *anchor, and its mean time.  Nothing overflows. */
static inline double
Discounted(const Side *side, double x, double *anchor, double *mean)
{
	double origin = x >= 0 ? side->time[0] : side->time[side->count - 1];
	double sum = 0;
	double moment = 0;

	for (uint32_t i = 0; i < side->count; i++)
	{
		double time = side->time[i] - origin;
		double value = side->amount[i] * exp(-x * time);

		sum += value;
		moment += value * time;
	}
	*anchor = origin;
	*mean = origin + moment / sum;
	return sum;
}

static inline Point
Evaluate(const Problem *p, double x)
{
	Point point = {x, 0, 0, 0};
	double in_anchor;
	double out_anchor;
	double in = Discounted(&p->in, x, &in_anchor, &point.mean_in);
	double out = Discounted(&p->out, x, &out_anchor, &point.mean_out);

	point.h = log(in / out) - x * (in_anchor - out_anchor);
	return point;
}

static inline double
Slope(const Point *point)
{
	return point->mean_out - point->mean_in;
}

/*
 * The zero of h where it is monotone: Newton, kept between the points known to lie on either side.
 * low and high may be infinite at first; rising tells the sign of the slope.
 */
static double
SolveMonotone(const Problem *p, double x, double low, double high, bool rising)
{
	for (int step = 0; step < 200; step++)
	{
		Point point = Evaluate(p, x);
		double next;

		if (point.h == 0)
			return x;
		if ((point.h > 0) == rising)
			high = x;
		else
			low = x;
		next = x - point.h / Slope(&point);
		if (!(next > low && next < high))
		{
			if (isinf(low) || isinf(high)) /* a flat spot far from the zero */
				next = isinf(low) ? x - 1 - 2 * fabs(x) : x + 1 + 2 * fabs(x);
			else
				next = low + (high - low) / 2;
		}
		if (fabs(next - x) <= 0x1p-52 * fabs(x) + 1e-17 || next == low || next == high)
			return next;
		x = next;
	}
	return x;
}

/* The sign of h, 0 within its rounding error. */
static int
SignOf(double h, double noise)
{
	return h > noise ? 1 : h < -noise ? -1 : 0;
}

/* Does h keep off zero between two points of equal sign, given bounds on its slope? */
static bool
KeepsSign(const Point *a, const Point *b, double slope_min, double slope_max)
{
	double width = b->x - a->x;
	double ha = fabs(a->h);
	double hb = fabs(b->h);

	if (a->h < 0)
	{
		double swap = slope_min;

		slope_min = -slope_max;
		slope_max = -swap;
	}
	/* the lowest point under both ends' lines */
	return slope_max * ha - slope_min * hb + slope_min * slope_max * width > 0;
}

#define SPLIT_DEPTH 200

/* Zeros found so far, and a stretch in which h is too small to tell its sign. */
typedef struct Found
{
	Vector xs;
	bool flat;
	double flat_from;
	double flat_to;
} Found;

static ClexStatus
AddRoot(Found *found, double x, ClexError *error)
{
	double *slot = VectorPush(&found->xs);

	if (slot == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	*slot = x;
	return CLEX_OK;
}

/* A flat stretch is one zero: a touching one, or some that doubles cannot part. */
static ClexStatus
EndFlat(Found *found, ClexError *error)
{
	if (!found->flat)
		return CLEX_OK;
	found->flat = false;
	return AddRoot(found, found->flat_from + (found->flat_to - found->flat_from) / 2, error);
}

static void
ExtendFlat(Found *found, double from, double to)
{
	if (!found->flat)
		found->flat_from = from;
	found->flat = true;
	found->flat_to = to;
}

/* An interval in which h is monotone: a zero inside, at an end, or none. */
static ClexStatus
Monotone(const Problem *p, Found *found, const Point *a, const Point *b, double noise,
		 ClexError *error)
{
	int sign_a = SignOf(a->h, noise);
	int sign_b = SignOf(b->h, noise);
	ClexStatus status;

	if (sign_a == 0)
		ExtendFlat(found, a->x, sign_b == 0 ? b->x : a->x);
	if (sign_a == 0 && sign_b == 0)
		return CLEX_OK;
	status = EndFlat(found, error);
	if (status == CLEX_OK && sign_a * sign_b < 0)
		status =
			AddRoot(found,
					SolveMonotone(p, a->x + (b->x - a->x) * fabs(a->h) / (fabs(a->h) + fabs(b->h)),
								  a->x, b->x, sign_b > 0),
					error);
	if (sign_b == 0)
		ExtendFlat(found, b->x, b->x);
	return status;
}

/* All zeros, by halving the bounded range until every part is settled; left to right. */
static ClexStatus
SolveAll(Arena *arena, const Problem *p, Found *found, ClexError *error)
{
	Point stack[SPLIT_DEPTH]; /* right ends still to visit, innermost last */
	int depth = 0;
	Point a = Evaluate(p, -p->bound_low);
	uint32_t steps = 0;

	stack[depth++] = Evaluate(p, p->bound);
	while (depth > 0)
	{
		Point b = stack[depth - 1];
		double slope_min = b.mean_out - a.mean_in;
		double slope_max = a.mean_out - b.mean_in;
		double noise = 0x1p-50 * (1 + sqrt(p->in.count + p->out.count) / 4 +
								  fmax(fabs(a.x), fabs(b.x)) * p->span / 8);
		int sign = SignOf(a.h, noise);
		ClexStatus status = CLEX_OK;

		if (++steps % 256 == 0 && ClexInterrupted(arena->env))
			return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
		if (slope_min > 0 || slope_max < 0)
			status = Monotone(p, found, &a, &b, noise, error);
		else if (sign != 0 && sign == SignOf(b.h, noise) && KeepsSign(&a, &b, slope_min, slope_max))
			status = EndFlat(found, error);
		else if (b.x - a.x > 1e-9 * (1 + fabs(a.x)) && depth < SPLIT_DEPTH)
		{
			stack[depth++] = Evaluate(p, a.x + (b.x - a.x) / 2);
			continue;
		}
		else
			ExtendFlat(found, a.x, b.x);
		if (status != CLEX_OK)
			return status;
		a = b;
		depth--;
	}
	return EndFlat(found, error);
}

ClexStatus
FlowRoots(Arena *arena, const Flow *flows, uint32_t count, double unit, Roots *roots,
		  ClexError *error)
{
	Net *nets;
	uint32_t n;
	int32_t first;
	int scale;
	Problem problem = {0};
	Found found = {0};
	ClexStatus status;

	*roots = (Roots){NULL, 0};
	if (count == 0)
		return CLEX_OK;
	status = NetFlows(arena, flows, count, &nets, &n, &first, &scale, error);
	if (status != CLEX_OK || n < 2)
		return status;
	status = Prepare(arena, nets, n, unit, &problem, error);
	if (status != CLEX_OK || problem.sign_changes == 0)
		return status;
	VectorInit(&found.xs, arena, sizeof(double));
	if (problem.sign_changes == 1)
		/* money first in: a higher rate leaves more of it, h rises */
		status = AddRoot(&found, SolveMonotone(&problem, 0, -INFINITY, INFINITY, problem.starts_in),
						 error);
	else
		status = SolveAll(arena, &problem, &found, error);
	roots->rates = (double *) (void *) found.xs.data;
	roots->count = found.xs.count;
	for (uint32_t i = 0; i < found.xs.count; i++)
		roots->rates[i] = expm1(roots->rates[i]);
	return status;
}

ClexStatus
FlowPresentValue(Arena *arena, const Flow *flows, uint32_t count, double unit, double rate,
				 double *value, ClexError *error)
{
	Net *nets;
	uint32_t n;
	int32_t first;
	int scale;
	double x = log1p(rate);
	double sum = 0;
	double lost = 0; /* Neumaier's correction */
	ClexStatus status;

	*value = 0;
	if (!(rate > -1) || isinf(rate))
		return ClexFail(error, CLEX_INVALID, "the rate of a present value must be above -1");
	if (count == 0)
		return CLEX_OK;
	status = NetFlows(arena, flows, count, &nets, &n, &first, &scale, error);
	if (status != CLEX_OK)
		return status;
	for (uint32_t i = 0; i < n; i++)
	{
		double time = (double) (nets[i].when - first) / unit;
		double term = (double) nets[i].amount / (double) PowersOfTen[scale] * exp(-x * time);
		double next = sum + term;

		lost += fabs(sum) >= fabs(term) ? (sum - next) + term : (term - next) + sum;
		sum = next;
	}
	*value = sum + lost;
	if (!isfinite(*value))
		return ClexFail(error, CLEX_OUT_OF_RANGE, "present value out of range");
	return CLEX_OK;
}
