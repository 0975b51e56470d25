/*
 * own_eval.c
 *		Evaluating what users write, bounded for each of their rules.
 */
#include "core/rules/own_eval.h"

#include <stdio.h>
#include <stdlib.h>

/* The facts as values of their variables. */
static bool
SetFacts(OwnEvaluation *evaluation)
{
	static Expr *const none[OWN_FACTS];
	static const OwnFacts nothing;
	const OwnFacts *facts = evaluation->run->facts != NULL ? evaluation->run->facts : &nothing;
	Evaluator *evaluator = &evaluation->evaluator;

	if (EvaluatorDefine(evaluator, none, OWN_FACTS) != CLEX_OK)
		return false;
	for (int i = 0; i < OWN_FACTS; i++)
	{
		Sequence *value = &evaluator->globals[i];

		*value = facts->values[i];
		if (value->items == NULL)
			value->items = &value->single;
	}
	return true;
}

void
OwnEvaluationBegin(OwnEvaluation *evaluation, const OwnRun *run)
{
	uint64_t steps =
		run->step_limit > 0 && run->step_limit < OWN_STEPS ? run->step_limit : OWN_STEPS;

	memset(evaluation, 0, sizeof(*evaluation));
	evaluation->run = run;
	evaluation->limit = run->scratch->limit;
	if (run->scratch->limit == 0 || run->scratch->limit > OWN_MEMORY)
		run->scratch->limit = OWN_MEMORY;
	VectorInit(&evaluation->nodes, run->permanent, sizeof(uint32_t));
	evaluation->over =
		EvaluatorInit(&evaluation->evaluator, run->tree, VOCABULARY_TERMS, run->permanent,
					  run->scratch, steps, &evaluation->reason) != CLEX_OK ||
		!SetFacts(evaluation);
	evaluation->evaluator.regexes = run->regexes;
}

ClexStatus
OwnEvaluationEnd(OwnEvaluation *evaluation, ClexError *error)
{
	evaluation->run->scratch->limit = evaluation->limit;
	if (!evaluation->over)
		return CLEX_OK;
	return ClexFail(error, evaluation->reason.status, "%s", evaluation->reason.message);
}

void
OwnEvaluationRecover(OwnEvaluation *evaluation)
{
	evaluation->evaluator.status = CLEX_OK;
	evaluation->evaluator.failed_node = 0;
	ArenaRewind(evaluation->run->scratch);
}

void
OwnEvaluationNext(OwnEvaluation *evaluation)
{
	evaluation->evaluator.steps = 0;
	OwnEvaluationRecover(evaluation);
}

bool
OwnEvaluationSpent(OwnEvaluation *evaluation)
{
	ClexStatus status = evaluation->evaluator.status;

	evaluation->over |= status == CLEX_INTERRUPTED;
	return evaluation->over || status == CLEX_LIMIT || status == CLEX_NO_MEMORY;
}

static int
CompareNodes(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *) a;
	uint32_t y = *(const uint32_t *) b;

	return (x > y) - (x < y);
}

bool
OwnEvaluationPlaces(OwnEvaluation *evaluation, const Expr *context)
{
	Vector *nodes = &evaluation->nodes;
	uint32_t *slot;

	nodes->count = 0;
	if (context != NULL)
		EvaluateNodes(&evaluation->evaluator, context, 0, nodes);
	else if ((slot = VectorPush(nodes)) != NULL)
		*slot = 0;
	if (nodes->count > 1)
		qsort(nodes->data, nodes->count, sizeof(uint32_t), CompareNodes);
	return evaluation->evaluator.status == CLEX_OK;
}

/* What failed in words; of what was used up, how much of it there was and what says so. */
static void
DescribeFailure(const OwnEvaluation *evaluation, char *words, size_t size)
{
	const Arena *scratch = evaluation->run->scratch;
	const Evaluator *evaluator = &evaluation->evaluator;
	const char *own =
		", the most that a rule may take on a document (a narrower context needs less)";

	if (evaluator->status == CLEX_NO_MEMORY && scratch->exhausted)
		snprintf(words, size, "it needs more than %zu kB of memory%s", scratch->limit / 1024,
				 scratch->limit == OWN_MEMORY ? own : " (clex.max_memory)");
	else if (evaluator->status == CLEX_LIMIT && evaluator->steps > evaluator->step_limit)
		snprintf(words, size, "it needs more than %llu steps%s",
				 (unsigned long long) evaluator->step_limit,
				 evaluator->step_limit == OWN_STEPS ? own : " (clex.max_steps)");
	else
		snprintf(words, size, "%s", evaluation->reason.message);
}

Span
OwnEvaluationReason(OwnEvaluation *evaluation, const Expr *expr, const char *part, uint32_t *node)
{
	Evaluator *evaluator = &evaluation->evaluator;
	char words[CLEX_ERROR_TEXT];
	uint32_t position;
	const char *reason;

	DescribeFailure(evaluation, words, sizeof(words));
	position = ExprLocateFailure(evaluator, expr, *node);
	ArenaReset(evaluation->run->scratch);
	reason =
		ArenaPrintf(evaluation->run->scratch, "%s, in rule %s, position %u", words, part, position);
	if (evaluator->failed_node != 0)
		*node = evaluator->failed_node;
	return SpanFromCString(reason != NULL ? reason : "out of memory");
}

Span
OwnFailureSentence(const OwnRun *run, Span id, const char *reason)
{
	Text message;

	TextInit(&message, run->scratch);
	MessageWrite(&(Finding){.notice = "OWN-RULE-FAILED", .about = id, .reason = reason},
				 run->language, NULL, &message);
	return TextSpan(&message);
}
