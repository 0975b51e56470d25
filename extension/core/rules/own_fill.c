/*
 * own_fill.c
 *		Filling terms that a document lacks, by expressions that users write.
 */
#include "core/rules/own_fill.h"
#include "core/model/document_set.h"
#include "core/rules/own_eval.h"

#include <stdio.h>

typedef struct OwnFill
{
	OwnFillText text;
	TermId term;
	TermId group; /* the term is filled once in each of these; TERM_NONE: the document */
	bool make;	  /* the first group may be made */
	Expr *context;
	Expr *value;
	Expr *condition;	/* NULL: none */
	const char *broken; /* why it does not compile; NULL: it does */
} OwnFill;

struct OwnFills
{
	OwnFill *fills;
	uint32_t count;
};

/* ---- compiling ---- */

/* Does `group` stand around `term`? */
static bool
IsAbove(TermId group, TermId term)
{
	while (term != TERM_NONE && term != group)
		term = ClexTerms[term].parent;
	return term == group;
}

static ClexStatus
Refuse(ClexError *error, Span text, const char *message)
{
	Span shown = SpanCut(text, 60);

	ClexFail(error, CLEX_INVALID, "%s", message);
	ClexDetail(error, "position 1: %.*s", (int) shown.length, shown.data);
	if (error != NULL)
		error->offset = 1;
	return CLEX_INVALID;
}

static ClexStatus
FindTerm(OwnFill *fill, ClexError *error)
{
	Span name = SpanCut(fill->text.term, 60);

	fill->term = TermLookup(fill->text.term);
	if (fill->term == TERM_NONE)
	{
		char message[120];

		snprintf(message, sizeof(message), "unknown business term \"%.*s\" in rule term",
				 (int) name.length, name.data);
		Refuse(error, fill->text.term, message);
		ClexHint(error, "See view clex.terms for the terms of an invoice.");
		return CLEX_INVALID;
	}
	if (TermIsGroup(fill->term))
		return Refuse(error, fill->text.term, "a group of terms has no value in rule term");
	if (ClexTerms[fill->term].attribute)
		return Refuse(error, fill->text.term,
					  "an attribute cannot be filled by itself in rule term");
	return CLEX_OK;
}

/* The innermost group around the term that can be repeated, and whether a first one may be made. */
static void
FindGroup(OwnFill *fill)
{
	TermId group = ClexTerms[fill->term].parent;
	TermId outer;

	while (group != TERM_NONE && ClexTerms[group].max == 1)
		group = ClexTerms[group].parent;
	fill->group = group;
	if (group == TERM_NONE)
		return;
	fill->make = ClexTerms[group].min == 0;
	for (outer = ClexTerms[group].parent; outer != TERM_NONE; outer = ClexTerms[outer].parent)
		fill->make &= ClexTerms[outer].max == 1;
}

static ClexStatus
CompileContext(OwnFill *fill, Arena *arena, ClexError *error)
{
	uint32_t target;
	ClexStatus status = OwnExprCompile(fill->text.context, TERM_NONE, EXPR_NODES, "context", arena,
									   &fill->context, error);

	if (status != CLEX_OK)
		return status;
	target = ExprTargetTerm(fill->context);
	if (target >= TERM_COUNT || target == fill->term || !IsAbove((TermId) target, fill->term))
		return Refuse(error, fill->text.context,
					  "the term does not belong to these places in rule context");
	fill->group = (TermId) target;
	return CLEX_OK;
}

static ClexStatus
CompileFill(OwnFill *fill, Arena *arena, ClexError *error)
{
	ClexStatus status = FindTerm(fill, error);

	if (status == CLEX_OK && fill->text.context.data != NULL)
		status = CompileContext(fill, arena, error);
	else if (status == CLEX_OK)
		FindGroup(fill);
	if (status == CLEX_OK)
		status = OwnExprCompile(fill->text.value, fill->group, EXPR_VALUE, "value", arena,
								&fill->value, error);
	if (status == CLEX_OK && fill->text.condition.data != NULL)
		status = OwnExprCompile(fill->text.condition, fill->group, EXPR_CONDITION, "condition",
								arena, &fill->condition, error);
	return status;
}

ClexStatus
OwnFillsCompile(const OwnFillText *fills, uint32_t count, Arena *arena, OwnFills **result,
				ClexError *error)
{
	OwnFills *made = ArenaAllocZero(arena, sizeof(OwnFills));

	if (made == NULL ||
		(made->fills = ArenaAllocZero(arena, (count + 1u) * sizeof(OwnFill))) == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	made->count = count;
	for (uint32_t i = 0; i < count; i++)
	{
		OwnFill *fill = &made->fills[i];
		ClexError inner;
		ClexStatus status;

		fill->text = fills[i];
		status = CompileFill(fill, arena, &inner);
		if (status == CLEX_NO_MEMORY)
			return ClexFail(error, status, "%s", inner.message);
		if (status != CLEX_OK)
			fill->broken = ArenaPrintf(arena, "%s, %s", inner.message, inner.detail);
		if (status != CLEX_OK && fill->broken == NULL)
			return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	}
	*result = made;
	return CLEX_OK;
}

/* ---- running ---- */

typedef struct Filling
{
	OwnEvaluation evaluation;
	void (*sink)(void *state, const OwnFilled *filled);
	void *state;
	bool told;
} Filling;

static void
ReportFailure(Filling *filling, const OwnFill *fill, uint32_t index, uint32_t node, Span reason)
{
	OwnFilled filled = {.fill = index, .failed = true, .node = node, .term = fill->term};

	if (filling->told)
		return;
	filling->told = true;
	filled.message = OwnFailureSentence(filling->evaluation.run, fill->text.id, reason.data);
	filling->sink(filling->state, &filled);
}

static void
ReportEvaluation(Filling *filling, const OwnFill *fill, uint32_t index, const Expr *expr,
				 const char *part, uint32_t node)
{
	Span reason;

	if (filling->told || filling->evaluation.evaluator.status == CLEX_INTERRUPTED)
		return;
	reason = OwnEvaluationReason(&filling->evaluation, expr, part, &node);
	ReportFailure(filling, fill, index, node, reason);
}

/* Is the term there, below a node of one of the groups around it? */
static bool
IsThere(const Tree *tree, uint32_t node, TermId term)
{
	if (node == 0)
		return TreeFirstNamed(tree, term) != 0;
	for (uint32_t i = node + 1; i < TreeAt(tree, node)->end; i++)
		if (TreeAt(tree, i)->name == term)
			return true;
	return false;
}

/* Evaluate the value and hand it over; what is no value of the term is a failure. */
static void
FillAt(Filling *filling, const OwnFill *fill, uint32_t index, uint32_t node)
{
	Evaluator *evaluator = &filling->evaluation.evaluator;
	Arena *scratch = filling->evaluation.run->scratch;
	OwnFilled filled = {.fill = index, .node = node, .term = fill->term};
	Sequence items;
	bool valid;
	Span text;

	EvaluateSequence(evaluator, fill->value, node, &items);
	if (evaluator->status == CLEX_OK && items.count > 1)
	{
		ReportFailure(filling, fill, index, node,
					  SPAN_LITERAL(
						  "several values where one is needed, in rule value, position 1"));
		return;
	}
	text = EvaluateText(evaluator, fill->value, node, NULL);
	if (evaluator->status != CLEX_OK)
	{
		ReportEvaluation(filling, fill, index, fill->value, "value", node);
		return;
	}
	text = SpanTrim(text);
	if (text.data == NULL || text.length == 0)
		return;
	filled.value = DocumentTermValue(fill->term, text, scratch, &valid);
	if (filled.value.data != NULL && valid)
		filling->sink(filling->state, &filled);
	else
	{
		Span shown = SpanCut(text, 60);
		const char *reason =
			ArenaPrintf(scratch, "\"%.*s\" is no value for business term \"%s\"",
						(int) shown.length, shown.data, ClexTerms[fill->term].id.data);

		ReportFailure(filling, fill, index, node,
					  SpanFromCString(reason != NULL ? reason : "out of memory"));
	}
}

/* Is the node a group around the term? */
static bool
CanHold(const TreeNode *node, uint32_t index, TermId term)
{
	TermId group = index == 0 ? TERM_NONE : (TermId) node->name;

	return group != term && IsAbove(group, term);
}

/* Where it is missing, and the condition holds. */
static void
TryAt(Filling *filling, const OwnFill *fill, uint32_t index, uint32_t node)
{
	Evaluator *evaluator = &filling->evaluation.evaluator;
	bool wanted;

	OwnEvaluationRecover(&filling->evaluation);
	/* a context such as "*" does not tell beforehand what it leads to */
	if (!CanHold(TreeAt(filling->evaluation.run->tree, node), node, fill->term))
	{
		ReportFailure(filling, fill, index, node,
					  SPAN_LITERAL("the term does not belong to these places, in rule context, "
								   "position 1"));
		return;
	}
	if (IsThere(filling->evaluation.run->tree, node, fill->term))
		return;
	wanted = fill->condition == NULL || EvaluateBoolean(evaluator, fill->condition, node);
	if (evaluator->status != CLEX_OK)
		ReportEvaluation(filling, fill, index, fill->condition, "condition", node);
	else if (wanted)
		FillAt(filling, fill, index, node);
}

/* Without a context: each group of the term there is. */
static void
FillGroups(Filling *filling, const OwnFill *fill, uint32_t index)
{
	const Tree *tree = filling->evaluation.run->tree;
	uint32_t node = fill->group == TERM_NONE ? 0 : TreeFirstNamed(tree, fill->group);

	if (fill->group == TERM_NONE || (node == 0 && fill->make))
	{
		TryAt(filling, fill, index, 0);
		return;
	}
	for (; node != 0 && !OwnEvaluationSpent(&filling->evaluation);
		 node = TreeAt(tree, node)->next_same)
		TryAt(filling, fill, index, node);
}

static void
RunFill(Filling *filling, const OwnFill *fill, uint32_t index)
{
	OwnEvaluation *evaluation = &filling->evaluation;

	filling->told = false;
	if (fill->broken != NULL)
		ReportFailure(filling, fill, index, 0, SpanFromCString(fill->broken));
	else if (fill->context == NULL)
		FillGroups(filling, fill, index);
	else if (!OwnEvaluationPlaces(evaluation, fill->context))
		ReportEvaluation(filling, fill, index, fill->context, "context", 0);
	else
		for (uint32_t i = 0; i < evaluation->nodes.count && !OwnEvaluationSpent(evaluation); i++)
			TryAt(filling, fill, index, VectorAt(&evaluation->nodes, uint32_t, i));
}

ClexStatus
OwnFillsRun(const OwnFills *fills, const OwnRun *run,
			void (*sink)(void *state, const OwnFilled *filled), void *state, ClexError *error)
{
	Filling filling = {.sink = sink, .state = state};

	OwnEvaluationBegin(&filling.evaluation, run);
	for (uint32_t i = 0; i < fills->count && !filling.evaluation.over; i++)
	{
		OwnEvaluationNext(&filling.evaluation);
		RunFill(&filling, &fills->fills[i], i);
	}
	OwnEvaluationSpent(&filling.evaluation);
	return OwnEvaluationEnd(&filling.evaluation, error);
}

/*
 * The groups from the one the value was filled in down to the term, the first of each; the path begins at
 * `start`.
 */
static void
AppendBelow(TermId group, TermId term, size_t start, Text *out)
{
	if (term == group)
		return;
	AppendBelow(group, ClexTerms[term].parent, start, out);
	if (out->length > start)
		TextAppendChar(out, '.');
	TextAppendSpan(out, ClexTerms[term].name);
	if (ClexTerms[term].max != 1)
		TextAppendSpan(out, SPAN_LITERAL("[1]"));
}

void
OwnFilledPath(const Tree *tree, const OwnFilled *filled, Text *out)
{
	size_t start = out->length;

	DocumentTreeLocation(tree, filled->node, out);
	AppendBelow(filled->node == 0 ? TERM_NONE : (TermId) TreeAt(tree, filled->node)->name,
				filled->term, start, out);
}

/* ---- definitions ---- */

/* A value that asks nothing of the document must be one of the term. */
static ClexStatus
TryConstant(const OwnFill *fill, Arena *arena, ClexError *error)
{
	OwnEvaluation evaluation;
	Arena scratch;
	Tree tree;
	OwnRun run = {.tree = &tree, .permanent = arena, .scratch = &scratch};
	ClexStatus status = CLEX_OK;
	bool valid = true;
	Vector terms;
	Span text;

	VectorInit(&terms, arena, sizeof(uint32_t));
	if (!ExprCollectTerms(fill->value, &terms))
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	if (terms.count > 0 || memchr(fill->text.value.data, '$', fill->text.value.length) != NULL)
		return CLEX_OK;
	ArenaInit(&scratch, arena->env, 0);
	TreeInit(&tree, arena);
	TreeClose(&tree, 0);
	OwnEvaluationBegin(&evaluation, &run);
	if (!evaluation.over)
	{
		text = EvaluateText(&evaluation.evaluator, fill->value, 0, NULL);
		if (evaluation.evaluator.status == CLEX_OK && text.data != NULL)
			DocumentTermValue(fill->term, SpanTrim(text), &scratch, &valid);
		OwnEvaluationSpent(&evaluation);
	}
	status = OwnEvaluationEnd(&evaluation, error);
	ArenaFree(&scratch);
	if (status == CLEX_OK && !valid)
		status = Refuse(error, fill->text.value, "the value does not fit the term in rule value");
	return status;
}

ClexStatus
OwnFillCheck(const OwnFillText *text, Arena *arena, ClexError *error)
{
	OwnFill fill = {.text = *text};
	ClexStatus status = CompileFill(&fill, arena, error);

	return status == CLEX_OK ? TryConstant(&fill, arena, error) : status;
}
