/*
 * rules.c
 *		Finding and compiling layers.
 *
 * Two observations make a run cheap.  Contexts end in a name, and the tree chains nodes by name, so
 * finding the nodes of a context costs nothing where there are none.  And most rules forbid something
 * or speak of one case out of many: each rule carries what a document must hold for it to be broken
 * (ExprTrueWithout), so the bulk is dismissed by an index from there to the rules.
 */
#include "core/rules/compiled.h"

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

static bool
EndsIn(Span text, const char *end)
{
	size_t length = strlen(end);

	return text.length >= length && length > 0 &&
		   memcmp(text.data + text.length - length, end, length) == 0;
}

const RuleLayerFact *
RuleLayerForProfile(Span set, Span syntax, Span profile, int32_t as_of)
{
	profile = SpanTrim(profile);
	for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
		if (SpanEqualCString(set, ClexRuleLayers[i].set) &&
			SpanEqualCString(syntax, ClexRuleLayers[i].syntax) &&
			(ClexRuleLayers[i].profile == NULL || EndsIn(profile, ClexRuleLayers[i].profile)) &&
			InForce(&ClexRuleLayers[i], as_of))
			return &ClexRuleLayers[i];
	return NULL;
}

const RuleLayerFact *
RuleLayerFind(Span set, Span syntax, int32_t as_of)
{
	return RuleLayerForProfile(set, syntax, SpanOf(NULL, 0), as_of);
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
	compilation->scope.values = defines;
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

/* The name of all nodes of a context. */
static NameId
ContextName(const Expr *path)
{
	NameId name = ExprTargetName(ExprBranch(path, 0));

	for (uint32_t i = 1; i < ExprBranches(path); i++)
		if (ExprTargetName(ExprBranch(path, i)) != name)
			return NAME_UNKNOWN;
	return name != NAME_NONE ? name : NAME_UNKNOWN;
}

static void
CompileRules(Compilation *compilation, CompiledContext *context, uint16_t index,
			 uint16_t *next_rule)
{
	const RuleLayerFact *layer = compilation->set->layer;
	uint16_t first = *next_rule;
	uint32_t term = ExprTargetTerm(context->path);
	NameId name = ContextName(context->path);

	while (*next_rule < layer->rule_count && layer->rules[*next_rule].context == index)
		++*next_rule;
	context->rule_count = (uint16_t) (*next_rule - first);
	context->rules = compilation->set->rules + first;
	for (uint16_t i = 0; i < context->rule_count && compilation->status == CLEX_OK; i++)
	{
		CompiledRule *rule = &context->rules[i];

		rule->fact = &layer->rules[first + i];
		rule->test = CompileText(compilation, rule->fact->test, term, rule->fact->id);
		rule->found = CompileText(compilation, rule->fact->found, term, rule->fact->id);
		rule->expected = CompileText(compilation, rule->fact->expected, term, rule->fact->id);
		if (compilation->status == CLEX_OK)
			rule->needs = PackNeeds(compilation,
									ExprTrueWithout(rule->test, name, compilation->set->defines));
	}
}

typedef void (*TriggerVisitor)(RuleSet *set, uint32_t trait, uint32_t rule);

/* The traits without all of which a rule cannot be broken: the first of each group, and the guards. */
static void
VisitTriggers(RuleSet *set, uint32_t rule, TriggerVisitor visitor)
{
	const uint16_t *needs = set->rules[rule].needs;

	if (needs[0] == 0)
		set->always[rule / 64] |= (uint64_t) 1 << (rule % 64);
	for (uint16_t groups = *needs++; groups > 0; groups--)
	{
		visitor(set, needs[1], rule);
		needs += needs[0] + 1;
	}
	for (uint16_t guards = *needs++; guards > 0; guards--)
		visitor(set, *needs++, rule);
}

static void
CountTrigger(RuleSet *set, uint32_t trait, uint32_t rule)
{
	(void) rule;
	set->triggered_from[trait + 1]++;
	set->triggers[trait / 64] |= (uint64_t) 1 << (trait % 64);
}

/* While filling, triggered_from[t] is where the next rule of t goes. */
static void
PutTrigger(RuleSet *set, uint32_t trait, uint32_t rule)
{
	set->triggered[set->triggered_from[trait]++] = (uint16_t) rule;
}

/* Sort the rules by their triggers. */
static ClexStatus
IndexRules(Compilation *compilation)
{
	RuleSet *set = compilation->set;
	uint32_t count = set->layer->rule_count;

	set->rule_words = (count + 63) / 64;
	set->always = ArenaAllocZero(compilation->arena, (set->rule_words + 1) * sizeof(uint64_t));
	set->triggers = ArenaAllocZero(compilation->arena, TRAIT_COUNT / 64 * sizeof(uint64_t));
	set->triggered_from = ArenaAllocZero(compilation->arena, (TRAIT_COUNT + 1) * sizeof(uint32_t));
	set->triggered =
		ArenaAllocArray(compilation->arena,
						(size_t) count * (EXPR_MAX_GROUPS + EXPR_MAX_GUARDS) + 1, sizeof(uint16_t));
	if (set->always == NULL || set->triggers == NULL || set->triggered_from == NULL ||
		set->triggered == NULL)
		return ClexFail(compilation->error, CLEX_NO_MEMORY, "out of memory");
	for (uint32_t i = 0; i < count; i++)
		VisitTriggers(set, i, CountTrigger);
	for (uint32_t trait = 0; trait < TRAIT_COUNT; trait++)
		set->triggered_from[trait + 1] += set->triggered_from[trait];
	for (uint32_t i = 0; i < count; i++)
		VisitTriggers(set, i, PutTrigger);
	/* each entry now is where the next trait begins */
	memmove(set->triggered_from + 1, set->triggered_from, TRAIT_COUNT * sizeof(uint32_t));
	set->triggered_from[0] = 0;
	return CLEX_OK;
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
	set->rules = ArenaAllocArray(arena, layer->rule_count + 1u, sizeof(CompiledRule));
	if (compilation.packed == NULL || set->rules == NULL)
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
		compilation.status = IndexRules(&compilation);
	if (compilation.status == CLEX_OK)
		MarkShared(set, arena);
	return compilation.status;
}
