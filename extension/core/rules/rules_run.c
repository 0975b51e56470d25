/*
 * rules_run.c
 *		Running a compiled layer over a document.
 */
#include "core/rules/compiled.h"
#include "core/rules/structure.h"

#include <stdio.h>

typedef struct Running
{
	const RuleSet *set;
	const RuleRun *run;
	RuleVerdict *verdict;
	Evaluator evaluator;
	ClexError reason;
	Vector nodes;			/* of the current context */
	uint8_t *taken;			/* by node: seen by an earlier context of this pattern */
	uint16_t pattern;		/* the pattern that `taken` is about */
	bool stopped;			/* the sink wants no more */
	uint64_t *candidates;	/* bits: rules worth a look */
	const uint64_t *traits; /* bits: what the document holds, see ExprNeeds */
} Running;

static inline bool
Has(const uint64_t *bits, uint32_t bit)
{
	return bits[bit >> 6] >> (bit & 63) & 1;
}

static inline void
Set(uint64_t *bits, uint32_t bit)
{
	bits[bit >> 6] |= (uint64_t) 1 << (bit & 63);
}

/* True if every group misses one of its traits and no guard stands: then the claim holds. */
static bool
IsCertain(const Running *running, const uint16_t *needs)
{
	uint16_t groups = *needs++;

	if (groups == 0 || running->run->exhaustive)
		return false;
	for (; groups > 0; groups--)
	{
		uint16_t count = *needs++;
		uint16_t i = 0;

		while (i < count && Has(running->traits, needs[i]))
			i++;
		if (i == count)
			return false;
		needs += count;
	}
	for (uint16_t guards = *needs++; guards > 0; guards--)
		if (Has(running->traits, *needs++))
			return false;
	return true;
}

#define SHOWN_AT_MOST 1000 /* bytes of what a finding found */

/* A text as a finding shows it: a long one is cut. */
static Span
Shown(Running *running, Span text)
{
	Span cut = SpanCut(text, SHOWN_AT_MOST);
	char *copy;

	if (cut.length == text.length)
		return text;
	copy = ArenaPrintf(running->run->scratch, "%.*s...", (int) cut.length, cut.data);
	return copy != NULL ? SpanFromCString(copy) : cut;
}

static void
Explain(Running *running, const CompiledRule *rule, uint32_t node, Finding *finding)
{
	Evaluator *evaluator = &running->evaluator;
	Explanation explanation;

	ExprExplain(evaluator, rule->test, node, &explanation);
	if (explanation.node != 0)
		finding->node = explanation.node;
	finding->found = explanation.found;
	finding->found_kind = explanation.found_kind;
	finding->expected = explanation.expected;
	finding->expected_kind = explanation.expected_kind;
	finding->list = explanation.list;
	if (rule->found != NULL)
		finding->found = EvaluateText(evaluator, rule->found, node, &finding->found_kind);
	if (rule->expected != NULL)
		finding->expected = EvaluateText(evaluator, rule->expected, node, &finding->expected_kind);
	if (rule->found != NULL && rule->expected != NULL)
		MatchKinds(&finding->found_kind, &finding->expected_kind);
	finding->found = Shown(running, finding->found);
	finding->expected = Shown(running, finding->expected);
	if (rule->fact->about != NULL)
		finding->about = SpanFromCString(rule->fact->about);
	evaluator->status = CLEX_OK;
}

static void
Report(Running *running, const CompiledRule *rule, uint32_t node)
{
	Finding finding = {.layer = running->set->layer, .rule = rule->fact, .node = node};

	switch ((RuleSeverity) rule->fact->severity)
	{
		case SEVERITY_FATAL:
			running->verdict->fatal++;
			break;
		case SEVERITY_WARNING:
			running->verdict->warning++;
			break;
		case SEVERITY_INFORMATION:
			running->verdict->information++;
			break;
	}
	if (running->run->sink == NULL)
		return;
	if (running->run->explain)
		Explain(running, rule, node, &finding);
	if (!running->run->sink(running->run->state, &finding))
		running->stopped = true;
}

/* A rule that cannot be evaluated ends the layer, as it ends the official validators. */
static void
ReportAbort(Running *running, const char *rule, uint32_t node)
{
	Finding finding = {.layer = running->set->layer,
					   .notice = NOTICE_NOT_PROCESSABLE,
					   .node = node};
	char text[CLEX_ERROR_TEXT + 80];

	running->verdict->fatal++;
	running->verdict->processable = false;
	if (running->run->sink == NULL)
		return;
	snprintf(text, sizeof(text), "%s: %s", rule, running->reason.message);
	finding.reason = text;
	if (running->evaluator.failed_node != 0)
		finding.node = running->evaluator.failed_node;
	running->run->sink(running->run->state, &finding);
}

/* Nodes of a context that no earlier context of its pattern has taken. */
static void
CollectNodes(Running *running, const CompiledContext *context)
{
	uint32_t kept = 0;

	running->nodes.count = 0;
	running->evaluator.matching = true;
	EvaluateNodes(&running->evaluator, context->path, 0, &running->nodes);
	running->evaluator.matching = false;
	if (!context->shared || running->nodes.count == 0)
		return;
	if (running->pattern != context->pattern)
	{
		memset(running->taken, 0, TreeCount(running->run->tree));
		running->pattern = context->pattern;
	}
	for (uint32_t i = 0; i < running->nodes.count; i++)
	{
		uint32_t node = VectorAt(&running->nodes, uint32_t, i);

		if (running->taken[node])
			continue;
		running->taken[node] = 1;
		VectorAt(&running->nodes, uint32_t, kept++) = node;
	}
	running->nodes.count = kept;
}

/* Apply one rule to the nodes of its context; false ends the layer. */
static bool
ApplyRule(Running *running, const CompiledRule *rule)
{
	const RuleRun *run = running->run;

	if (IsCertain(running, rule->needs))
		return true;
	for (uint32_t i = 0; i < running->nodes.count && !running->stopped; i++)
	{
		uint32_t node = VectorAt(&running->nodes, uint32_t, i);
		bool holds;

		running->evaluator.failed_node = 0;
		holds = EvaluateBoolean(&running->evaluator, rule->test, node);

		if (running->evaluator.status != CLEX_OK)
		{
			if (running->evaluator.status == CLEX_INVALID ||
				running->evaluator.status == CLEX_OUT_OF_RANGE)
				ReportAbort(running, rule->fact->id, node);
			return false;
		}
		if (!holds)
			Report(running, rule, node);
		ArenaRewind(run->scratch);
	}
	return !running->stopped;
}

/* Rules whose trigger the document holds, and those that are always tried. */
static bool
NoteCandidates(Running *running)
{
	const RuleSet *set = running->set;

	running->candidates =
		ArenaAlloc(running->run->permanent, (set->rule_words + 1) * sizeof(uint64_t));
	if (running->candidates == NULL)
		return false;
	if (running->run->exhaustive)
	{
		memset(running->candidates, 0xFF, (set->rule_words + 1) * sizeof(uint64_t));
		return true;
	}
	memcpy(running->candidates, set->always, (set->rule_words + 1) * sizeof(uint64_t));
	for (uint32_t word = 0; word < TRAIT_COUNT / 64; word++)
		for (uint64_t bits = running->traits[word] & set->triggers[word]; bits != 0;
			 bits &= bits - 1)
		{
			uint32_t trait = word * 64 + (uint32_t) __builtin_ctzll(bits);

			for (uint32_t i = set->triggered_from[trait]; i < set->triggered_from[trait + 1]; i++)
				Set(running->candidates, set->triggered[i]);
		}
	return true;
}

/* The next candidate from a rule on, or `end`. */
static uint32_t
NextCandidate(const uint64_t *candidates, uint32_t rule, uint32_t end)
{
	while (rule < end)
	{
		uint64_t bits = candidates[rule / 64] >> (rule % 64);

		if (bits != 0)
		{
			rule += (uint32_t) __builtin_ctzll(bits);
			return rule < end ? rule : end;
		}
		rule = (rule / 64 + 1) * 64;
	}
	return end;
}

/* Apply the rules of a context to its nodes; false ends the layer. */
static bool
ApplyRules(Running *running, const CompiledContext *context)
{
	uint32_t first = (uint32_t) (context->rules - running->set->rules);
	uint32_t end = first + context->rule_count;

	for (uint32_t i = NextCandidate(running->candidates, first, end); i < end;
		 i = NextCandidate(running->candidates, i + 1, end))
		if (!ApplyRule(running, &running->set->rules[i]))
			return false;
	return true;
}

static void
RunContexts(Running *running)
{
	const RuleSet *set = running->set;

	for (uint16_t i = 0; i < set->context_count; i++)
	{
		const CompiledContext *context = &set->contexts[i];

		if (IsCertain(running, context->needs))
			continue;
		CollectNodes(running, context);
		if (running->evaluator.status != CLEX_OK)
		{
			if (running->evaluator.status == CLEX_INVALID)
				ReportAbort(running, "context", 0);
			return;
		}
		ArenaRewind(running->run->scratch);
		if (running->nodes.count == 0)
			continue;
		if (!ApplyRules(running, context))
			return;
	}
}

/* A layer of rules. */
static ClexStatus
RunRules(const RuleSet *set, const RuleRun *run, RuleVerdict *verdict, ClexError *error)
{
	Running running = {
		.set = set, .run = run, .verdict = verdict, .pattern = UINT16_MAX, .traits = run->traits};
	ClexStatus status =
		EvaluatorInit(&running.evaluator, run->tree, set->vocabulary, run->permanent, run->scratch,
					  run->step_limit, &running.reason);

	running.evaluator.regexes = run->regexes;
	if (running.traits == NULL)
		running.traits = TraitsNote(run->tree, run->permanent);
	running.evaluator.present = running.traits;
	running.taken = ArenaAllocZero(run->permanent, TreeCount(run->tree));
	VectorInit(&running.nodes, run->permanent, sizeof(uint32_t));
	if (status != CLEX_OK || running.taken == NULL || running.traits == NULL ||
		!NoteCandidates(&running))
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	if (EvaluatorDefine(&running.evaluator, set->defines, set->layer->define_count) == CLEX_OK)
		RunContexts(&running);
	status = running.evaluator.status;
	if (status == CLEX_OK || status == CLEX_INVALID || status == CLEX_OUT_OF_RANGE)
		return CLEX_OK;
	if (error != NULL)
		*error = running.reason;
	return status;
}

ClexStatus
RuleSetRun(const RuleSet *set, const RuleRun *run, RuleVerdict *verdict, ClexError *error)
{
	if (set->layer->schema != NULL)
		return StructureRun(set->layer, run, verdict, error);
	return RunRules(set, run, verdict, error);
}
