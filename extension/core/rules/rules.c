/*
 * rules.c
 *		Compiling a layer and running it.
 *
 * Two observations make a run cheap.  Contexts end in a name, and the tree chains nodes by name, so
 * finding the nodes of a context costs nothing where there are none.  And most rules forbid something:
 * each rule carries the names without which it cannot be broken (ExprTrueWithout), so the bulk is
 * dismissed by looking at chain heads.
 */
#include "core/rules/rules.h"
#include "core/rules/structure.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_AT_MOST 1000 /* bytes of what a finding found */

typedef struct CompiledRule
{
	const RuleFact *fact;
	Expr *test;
	Expr *found;		   /* NULL: derived from the test */
	Expr *expected;		   /* likewise */
	const uint16_t *needs; /* packed, see PackNeeds */
} CompiledRule;

typedef struct CompiledContext
{
	Expr *path;
	const uint16_t *needs;
	uint16_t pattern;
	bool shared; /* another context of the pattern may match the same nodes */
	CompiledRule *rules;
	uint16_t rule_count;
} CompiledContext;

struct RuleSet
{
	const RuleLayerFact *layer;
	Vocabulary vocabulary;
	Expr **defines;
	CompiledContext *contexts;
	uint16_t context_count;
};

/* ---- finding layers ---- */

static bool
InForce(const RuleLayerFact *layer, int32_t as_of)
{
	int32_t day;

	if (layer->valid_from != NULL &&
		DateParse(SpanFromCString(layer->valid_from), &day, NULL) == CLEX_OK && as_of < day)
		return false;
	if (layer->valid_until != NULL &&
		DateParse(SpanFromCString(layer->valid_until), &day, NULL) == CLEX_OK && as_of > day)
		return false;
	return true;
}

const RuleLayerFact *
RuleLayerFind(Span set, Span syntax, int32_t as_of)
{
	for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
		if (SpanEqualCString(set, ClexRuleLayers[i].set) &&
			SpanEqualCString(syntax, ClexRuleLayers[i].syntax) &&
			InForce(&ClexRuleLayers[i], as_of))
			return &ClexRuleLayers[i];
	return NULL;
}

bool
RuleSetExists(Span set)
{
	for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
		if (SpanEqualCString(set, ClexRuleLayers[i].set))
			return true;
	return false;
}

const RuleLayerFact *
RuleSetLayer(const RuleSet *set)
{
	return set->layer;
}

/* ---- compiling ---- */

typedef struct Compilation
{
	RuleSet *set;
	ExprScope scope;
	Arena *arena;
	ClexError *error;
	ClexStatus status;
	uint16_t *packed;
	uint32_t packed_count;
} Compilation;

/* Compile one expression of the data; an error is a defect of the data and says where. */
static Expr *
CompileText(Compilation *compilation, const char *text, uint32_t context, const char *owner)
{
	Expr *expr = NULL;
	ClexError inner;

	if (text == NULL || compilation->status != CLEX_OK)
		return NULL;
	compilation->status = ExprCompile(SpanFromCString(text), compilation->set->vocabulary, context,
									  &compilation->scope, compilation->arena, &expr, &inner);
	if (compilation->status != CLEX_OK)
	{
		ClexFail(compilation->error, compilation->status, "%s, in rule set %s (%s), %s",
				 inner.message, compilation->set->layer->set, compilation->set->layer->syntax,
				 owner);
		ClexDetail(compilation->error, "%s", inner.detail);
		ClexHint(compilation->error, "%s", inner.hint);
	}
	return expr;
}

static void
CompileDefines(Compilation *compilation)
{
	const RuleLayerFact *layer = compilation->set->layer;
	Span *names = ArenaAllocArray(compilation->arena, layer->define_count + 1u, sizeof(Span));
	Expr **defines = ArenaAllocArray(compilation->arena, layer->define_count + 1u, sizeof(Expr *));

	if (names == NULL || defines == NULL)
	{
		compilation->status = ClexFail(compilation->error, CLEX_NO_MEMORY, "out of memory");
		return;
	}
	compilation->scope.names = names;
	compilation->set->defines = defines;
	for (uint16_t i = 0; i < layer->define_count; i++)
	{
		defines[i] =
			CompileText(compilation, layer->defines[i].expression, 0, layer->defines[i].name);
		names[i] = SpanFromCString(layer->defines[i].name);
		/* a definition may use those before it */
		compilation->scope.count = (uint16_t) (i + 1);
	}
}

/*
 * Needs as one run of numbers: guards and groups, each counted first.  All of a layer lie together, so
 * that a run over a thousand rules reads memory straight on.
 */
static const uint16_t *
PackNeeds(Compilation *compilation, ExprNeeds needs)
{
	uint16_t *start = compilation->packed + compilation->packed_count;
	uint16_t *at = start;

	*at++ = needs.count;
	for (uint8_t i = 0; i < needs.count; i++)
	{
		*at++ = needs.groups[i].count;
		for (uint8_t j = 0; j < needs.groups[i].count; j++)
			*at++ = (uint16_t) needs.groups[i].traits[j];
	}
	*at++ = needs.guard_count;
	for (uint8_t i = 0; i < needs.guard_count; i++)
		*at++ = (uint16_t) needs.guards[i];
	compilation->packed_count += (uint32_t) (at - start);
	return start;
}

#define PACKED_AT_MOST (2 + EXPR_MAX_GROUPS * (1 + EXPR_MAX_GROUP_TRAITS) + EXPR_MAX_GUARDS)

static void
CompileRules(Compilation *compilation, CompiledContext *context, uint16_t index,
			 uint16_t *next_rule)
{
	const RuleLayerFact *layer = compilation->set->layer;
	uint16_t first = *next_rule;
	uint32_t term = ExprTargetTerm(context->path);

	while (*next_rule < layer->rule_count && layer->rules[*next_rule].context == index)
		++*next_rule;
	context->rule_count = (uint16_t) (*next_rule - first);
	context->rules =
		ArenaAllocArray(compilation->arena, context->rule_count + 1u, sizeof(CompiledRule));
	if (context->rules == NULL)
	{
		compilation->status = ClexFail(compilation->error, CLEX_NO_MEMORY, "out of memory");
		return;
	}
	for (uint16_t i = 0; i < context->rule_count && compilation->status == CLEX_OK; i++)
	{
		CompiledRule *rule = &context->rules[i];

		rule->fact = &layer->rules[first + i];
		rule->test = CompileText(compilation, rule->fact->test, term, rule->fact->id);
		rule->found = CompileText(compilation, rule->fact->found, term, rule->fact->id);
		rule->expected = CompileText(compilation, rule->fact->expected, term, rule->fact->id);
		if (compilation->status == CLEX_OK)
			rule->needs =
				PackNeeds(compilation, ExprTrueWithout(rule->test, compilation->set->defines));
	}
}

/* Names that the nodes of a context may have; false if that is not known. */
static bool
TargetNames(const Expr *path, Vector *names)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < ExprBranches(path); i++)
	{
		NameId name = ExprTargetName(ExprBranch(path, i));
		NameId *slot = name != NAME_NONE ? VectorPush(names) : NULL;

		if (slot == NULL)
			return false;
		*slot = name;
		count++;
	}
	return count > 0;
}

/* Contexts of one pattern that end in different names can never meet. */
static void
MarkShared(RuleSet *set, Arena *arena)
{
	for (uint16_t i = 0; i < set->context_count; i++)
		for (uint16_t j = 0; j < i; j++)
		{
			Vector a;
			Vector b;
			bool meet;

			if (set->contexts[i].pattern != set->contexts[j].pattern)
				continue;
			VectorInit(&a, arena, sizeof(NameId));
			VectorInit(&b, arena, sizeof(NameId));
			meet =
				!TargetNames(set->contexts[i].path, &a) || !TargetNames(set->contexts[j].path, &b);
			for (uint32_t k = 0; k < a.count && !meet; k++)
				for (uint32_t l = 0; l < b.count && !meet; l++)
					meet = VectorAt(&a, NameId, k) == VectorAt(&b, NameId, l);
			set->contexts[i].shared |= meet;
			set->contexts[j].shared |= meet;
		}
}

ClexStatus
RuleSetCompile(const RuleLayerFact *layer, Arena *arena, RuleSet **result, ClexError *error)
{
	RuleSet *set = ArenaAllocZero(arena, sizeof(RuleSet));
	Compilation compilation = {.set = set, .arena = arena, .error = error, .status = CLEX_OK};
	uint16_t next_rule = 0;

	if (set == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	set->layer = layer;
	*result = set;
	if (layer->schema != NULL)
		return CLEX_OK;
	set->vocabulary = strcmp(layer->syntax, "terms") == 0 ? VOCABULARY_TERMS : VOCABULARY_SOURCE;
	compilation.packed =
		ArenaAllocArray(arena,
						(size_t) (layer->rule_count + layer->context_count) * PACKED_AT_MOST + 1,
						sizeof(uint16_t));
	if (compilation.packed == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	CompileDefines(&compilation);
	set->context_count = layer->context_count;
	set->contexts = ArenaAllocZero(arena, (layer->context_count + 1u) * sizeof(CompiledContext));
	if (set->contexts == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	for (uint16_t i = 0; i < layer->context_count && compilation.status == CLEX_OK; i++)
	{
		CompiledContext *context = &set->contexts[i];

		context->pattern = layer->contexts[i].pattern;
		context->path = CompileText(&compilation, layer->contexts[i].path, 0, "context");
		if (compilation.status != CLEX_OK)
			break;
		context->needs = PackNeeds(&compilation, ExprEmptyWithout(context->path, set->defines));
		CompileRules(&compilation, context, i, &next_rule);
	}
	if (compilation.status == CLEX_OK && next_rule != layer->rule_count)
		compilation.status = ClexFail(error, CLEX_INVALID, "rules of set %s (%s) are out of order",
									  layer->set, layer->syntax);
	if (compilation.status == CLEX_OK)
		MarkShared(set, arena);
	return compilation.status;
}

/* ---- running ---- */

typedef struct Running
{
	const RuleSet *set;
	const RuleRun *run;
	RuleVerdict *verdict;
	Evaluator evaluator;
	ClexError reason;
	Vector nodes;		/* of the current context */
	uint8_t *taken;		/* by node: seen by an earlier context of this pattern */
	uint16_t pattern;	/* the pattern that `taken` is about */
	bool stopped;		/* the sink wants no more */
	uint64_t *traits;	/* bits: what the document holds, see ExprNeeds */
	uint64_t *repeated; /* bits: names that stand twice under one parent */
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
		if (Has(running->repeated, *needs++))
			return false;
	return true;
}

/* Short values of nodes are traits, as they stand and in upper case. */
static void
NoteText(uint64_t *traits, Span text)
{
	char upper[TRAIT_TEXT_LENGTH];

	text = SpanTrim(text);
	if (text.length == 0 || text.length > TRAIT_TEXT_LENGTH)
		return;
	for (size_t i = 0; i < text.length; i++)
		upper[i] = text.data[i] >= 'a' && text.data[i] <= 'z' ? (char) (text.data[i] ^ 0x20)
															  : text.data[i];
	Set(traits, TraitOfText(text));
	Set(traits, TraitOfText(SpanOf(upper, text.length)));
}

/* The traits of the document, and which names stand twice under one parent. */
static bool
NoteTraits(Running *running)
{
	const Tree *tree = running->run->tree;
	uint32_t count = TreeCount(tree);
	size_t words = TRAIT_COUNT / 64;

	running->traits = ArenaAllocZero(running->run->permanent, words * sizeof(uint64_t));
	running->repeated = ArenaAllocZero(running->run->permanent, words * sizeof(uint64_t));
	if (running->traits == NULL || running->repeated == NULL)
		return false;
	for (uint32_t i = 1; i < count; i++)
	{
		const TreeNode *node = TreeAt(tree, i);

		/* only names known to the library stand in rules */
		if (node->name >= NAME_STATIC_COUNT)
			continue;
		Set(running->traits, node->name);
		if (node->next_same != 0 && TreeAt(tree, node->next_same)->parent == node->parent)
			Set(running->repeated, node->name);
		if (node->text_length > 0 && node->text_length <= 32)
			NoteText(running->traits, TreeText(tree, i));
	}
	return true;
}

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
	finding->expected = explanation.expected;
	finding->list = explanation.list;
	if (rule->found != NULL)
		finding->found = EvaluateText(evaluator, rule->found, node);
	if (rule->expected != NULL)
		finding->expected = EvaluateText(evaluator, rule->expected, node);
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
	Finding finding = {.layer = running->set->layer, .node = node};
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
		for (uint16_t j = 0; j < context->rule_count; j++)
			if (!ApplyRule(running, &context->rules[j]))
				return;
	}
}

/* A layer of rules. */
static ClexStatus
RunRules(const RuleSet *set, const RuleRun *run, RuleVerdict *verdict, ClexError *error)
{
	Running running = {.set = set, .run = run, .verdict = verdict, .pattern = UINT16_MAX};
	ClexStatus status =
		EvaluatorInit(&running.evaluator, run->tree, set->vocabulary, run->permanent, run->scratch,
					  run->step_limit, &running.reason);

	running.evaluator.regexes = run->regexes;
	running.taken = ArenaAllocZero(run->permanent, TreeCount(run->tree));
	VectorInit(&running.nodes, run->permanent, sizeof(uint32_t));
	if (status != CLEX_OK || running.taken == NULL || !NoteTraits(&running))
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
