/*
 * own_rule.c
 *		Rules that users write: compiling them, and running a book of them over a document.
 */
#include "core/rules/own_rule.h"
#include "core/rules/own_message.h"

#include <stdio.h>
#include <stdlib.h>

#define SHOWN_AT_MOST 1000 /* bytes of what a finding found */

static const char *const parties[OWN_FACT_PARTIES] = {"seller", "buyer"};
static const Span fact_names[OWN_FACTS] = {
#define FACTS_OF(party)                                                                            \
	SPAN_LITERAL(party ".code"), SPAN_LITERAL(party ".name"), SPAN_LITERAL(party ".legal_form"),   \
		SPAN_LITERAL(party ".street"), SPAN_LITERAL(party ".post_code"),                           \
		SPAN_LITERAL(party ".city"), SPAN_LITERAL(party ".country"),                               \
		SPAN_LITERAL(party ".language"), SPAN_LITERAL(party ".email"), SPAN_LITERAL(party ".vat"), \
		SPAN_LITERAL(party ".siren"), SPAN_LITERAL(party ".siret"), SPAN_LITERAL(party ".gln"),    \
		SPAN_LITERAL(party ".lei"), SPAN_LITERAL(party ".iban"), SPAN_LITERAL(party ".bic"),       \
		SPAN_LITERAL(party ".duns"), SPAN_LITERAL(party ".other")
	FACTS_OF("seller"), FACTS_OF("buyer")};

static const ExprScope fact_scope = {fact_names, OWN_FACTS, NULL};

typedef struct OwnRule
{
	OwnRuleText text;
	Expr *context; /* NULL: the document */
	Expr *condition;
	OwnMessage *message; /* NULL: none */
	Vector terms;		 /* uint32_t */
	TermId *term_ids;
	const char *broken; /* why it does not compile; NULL: it does */
} OwnRule;

struct OwnBook
{
	OwnRule *rules;
	uint32_t count;
};

int
OwnFactFind(Span name)
{
	for (int i = 0; i < OWN_FACTS; i++)
		if (SpanEqual(fact_names[i], name))
			return i;
	return -1;
}

const ExprScope *
OwnFactScope(void)
{
	return &fact_scope;
}

/* ---- compiling ---- */

/* "... in expression" says in which part of the rule instead. */
static void
NamePart(ClexError *error, const char *what)
{
	static const char general[] = " in expression";
	size_t length = strlen(error->message);
	size_t suffix = sizeof(general) - 1;

	if (length >= suffix && strcmp(error->message + length - suffix, general) == 0)
		length -= suffix;
	snprintf(error->message + length, sizeof(error->message) - length, " in rule %s", what);
}

ClexStatus
OwnExprCompile(Span text, uint32_t context, ExprUse use, const char *what, Arena *arena,
			   Expr **expr, ClexError *error)
{
	ClexStatus status =
		ExprCompile(text, VOCABULARY_TERMS, context, &fact_scope, arena, expr, error);

	if (status == CLEX_OK)
		status = ExprCheckTypes(*expr, use, text, error);
	if (status == CLEX_INVALID && error != NULL)
	{
		NamePart(error, what);
		if (strncmp(error->message, "unknown variable", 16) == 0)
			ClexHint(error,
					 "Beside the variables of the expression there are those of the parties, "
					 "such as $%s.iban and $%s.country.",
					 parties[0], parties[1]);
	}
	return status;
}

/* All parts of a rule; the memory of what failed is forgotten with the arena. */
static ClexStatus
CompileRule(OwnRule *rule, Arena *arena, ClexError *error)
{
	const OwnRuleText *text = &rule->text;
	uint32_t context = TERM_NONE;
	ClexStatus status = CLEX_OK;

	VectorInit(&rule->terms, arena, sizeof(uint32_t));
	if (text->context.data != NULL)
	{
		status = OwnExprCompile(text->context, TERM_NONE, EXPR_NODES, "context", arena,
								&rule->context, error);
		if (status == CLEX_OK)
			context = ExprTargetTerm(rule->context);
	}
	if (status == CLEX_OK)
		status = OwnExprCompile(text->condition, context, EXPR_CONDITION, "condition", arena,
								&rule->condition, error);
	if (status == CLEX_OK && text->message.data != NULL)
		status = OwnMessageCompile(text->message, context, arena, &rule->message, error);
	return status;
}

ClexStatus
OwnRuleCheck(const OwnRuleText *text, Arena *arena, ClexError *error)
{
	OwnRule rule = {.text = *text};

	return CompileRule(&rule, arena, error);
}

/* The terms of the condition, in the order in which it names them. */
static ClexStatus
NoteTerms(OwnRule *rule, Arena *arena, ClexError *error)
{
	if (!ExprCollectTerms(rule->condition, &rule->terms) ||
		(rule->term_ids = ArenaAllocArray(arena, rule->terms.count + 1u, sizeof(TermId))) == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	for (uint32_t i = 0; i < rule->terms.count; i++)
		rule->term_ids[i] = (TermId) VectorAt(&rule->terms, uint32_t, i);
	return CLEX_OK;
}

ClexStatus
OwnBookCompile(const OwnRuleText *rules, uint32_t count, Arena *arena, OwnBook **result,
			   ClexError *error)
{
	OwnBook *book = ArenaAllocZero(arena, sizeof(OwnBook));

	if (book == NULL ||
		(book->rules = ArenaAllocZero(arena, (count + 1u) * sizeof(OwnRule))) == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	book->count = count;
	for (uint32_t i = 0; i < count; i++)
	{
		OwnRule *rule = &book->rules[i];
		ClexError inner;
		ClexStatus status;

		rule->text = rules[i];
		status = CompileRule(rule, arena, &inner);
		if (status == CLEX_OK)
			status = NoteTerms(rule, arena, &inner);
		if (status == CLEX_OK)
			continue;
		if (status == CLEX_NO_MEMORY)
			return ClexFail(error, status, "%s", inner.message);
		rule->broken = ArenaPrintf(arena, "%s, %s", inner.message, inner.detail);
		if (rule->broken == NULL)
			return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	}
	*result = book;
	return CLEX_OK;
}

/* ---- running ---- */

typedef struct Running
{
	const OwnRun *run;
	Evaluator evaluator;
	ClexError reason;
	Vector nodes; /* uint32_t: where the rule is tried */
	bool told;	  /* that the rule cannot be evaluated: once is enough */
} Running;

static Span
Cut(Span text)
{
	return text.data != NULL ? SpanCut(text, SHOWN_AT_MOST) : text;
}

static OwnFinding
NewFinding(const OwnRule *rule, uint32_t index, uint32_t node)
{
	return (OwnFinding){.rule = index,
						.severity = rule->text.severity,
						.node = node,
						.terms = rule->term_ids,
						.term_count = rule->broken == NULL ? rule->terms.count : 0};
}

/* A rule that cannot be evaluated: why, and where in which part of it. */
static void
ReportFailure(Running *running, const OwnRule *rule, uint32_t index, uint32_t node,
			  const char *reason)
{
	const OwnRun *run = running->run;
	OwnFinding finding = NewFinding(rule, index, node);
	Text message;

	if (running->told)
		return;
	running->told = true;
	finding.failed = true;
	TextInit(&message, run->scratch);
	MessageWrite(&(Finding){.notice = "OWN-RULE-FAILED", .about = rule->text.id, .reason = reason},
				 run->language, NULL, &message);
	finding.message = TextSpan(&message);
	finding.found = SpanFromCString(reason);
	run->sink(run->state, &finding);
}

/* What the evaluator says of an expression of the rule that just failed. */
static void
ReportEvaluation(Running *running, const OwnRule *rule, uint32_t index, const Expr *expr,
				 const char *part, uint32_t node)
{
	Evaluator *evaluator = &running->evaluator;
	uint32_t position;
	char reason[CLEX_ERROR_TEXT + 80];

	if (running->told)
		return;
	position = ExprLocateFailure(evaluator, expr, node);
	snprintf(reason, sizeof(reason), "%s, in rule %s, position %u", running->reason.message, part,
			 position);
	ArenaReset(running->run->scratch);
	if (evaluator->failed_node != 0)
		node = evaluator->failed_node;
	ReportFailure(running, rule, index, node, reason);
}

static void
ReportBroken(Running *running, const OwnRule *rule, uint32_t index, uint32_t node)
{
	const OwnRun *run = running->run;
	Evaluator *evaluator = &running->evaluator;
	OwnFinding finding = NewFinding(rule, index, node);
	OwnShown shown = {.rule = rule->text.id};
	Explanation explanation;
	Text message;

	ExprExplain(evaluator, rule->condition, node, &explanation);
	if (explanation.node != 0)
		finding.node = explanation.node;
	finding.found = shown.found = Cut(explanation.found);
	finding.expected = shown.expected = Cut(explanation.expected);
	shown.found_kind = explanation.found_kind;
	shown.expected_kind = explanation.expected_kind;
	if (rule->message != NULL)
	{
		TextInit(&message, run->scratch);
		OwnMessageWrite(rule->message, evaluator, node, &shown, run, &message);
		finding.message = TextSpan(&message);
	}
	if (evaluator->status == CLEX_OK)
		run->sink(run->state, &finding);
}

/* Make the evaluator as good as new for a rule or a node of it. */
static void
Recover(Running *running)
{
	running->evaluator.status = CLEX_OK;
	running->evaluator.failed_node = 0;
	ArenaRewind(running->run->scratch);
}

static int
CompareNodes(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *) a;
	uint32_t y = *(const uint32_t *) b;

	return (x > y) - (x < y);
}

/* The places of a rule, in document order; false if they cannot be found. */
static bool
FindPlaces(Running *running, const OwnRule *rule, uint32_t index)
{
	Evaluator *evaluator = &running->evaluator;
	uint32_t *slot;

	running->nodes.count = 0;
	if (rule->context == NULL)
	{
		if ((slot = VectorPush(&running->nodes)) != NULL)
			*slot = 0;
		return slot != NULL;
	}
	EvaluateNodes(evaluator, rule->context, 0, &running->nodes);
	if (evaluator->status != CLEX_OK)
	{
		ReportEvaluation(running, rule, index, rule->context, "context", 0);
		return false;
	}
	if (running->nodes.count > 1)
		qsort(running->nodes.data, running->nodes.count, sizeof(uint32_t), CompareNodes);
	return true;
}

/* Has the run to end?  A rule's own trouble is no reason. */
static bool
IsOver(const Running *running)
{
	return running->evaluator.status == CLEX_INTERRUPTED;
}

static void
RunRule(Running *running, const OwnRule *rule, uint32_t index)
{
	Evaluator *evaluator = &running->evaluator;

	running->told = false;
	evaluator->steps = 0;
	if (rule->broken != NULL)
	{
		ReportFailure(running, rule, index, 0, rule->broken);
		return;
	}
	if (!FindPlaces(running, rule, index))
		return;
	for (uint32_t i = 0; i < running->nodes.count && !IsOver(running); i++)
	{
		uint32_t node = VectorAt(&running->nodes, uint32_t, i);
		bool holds;

		Recover(running);
		holds = EvaluateBoolean(evaluator, rule->condition, node);
		if (evaluator->status == CLEX_OK && !holds)
			ReportBroken(running, rule, index, node);
		else if (evaluator->status != CLEX_OK && !IsOver(running))
			ReportEvaluation(running, rule, index, rule->condition, "condition", node);
		/* without steps or memory left the other places would fare no better */
		if (evaluator->status == CLEX_LIMIT || evaluator->status == CLEX_NO_MEMORY)
			return;
	}
}

/* The facts as values of their variables. */
static ClexStatus
SetFacts(Running *running)
{
	static Expr *const none[OWN_FACTS];
	static const OwnFacts nothing;
	const OwnFacts *facts = running->run->facts != NULL ? running->run->facts : &nothing;
	Evaluator *evaluator = &running->evaluator;

	if (EvaluatorDefine(evaluator, none, OWN_FACTS) != CLEX_OK)
		return evaluator->status;
	for (int i = 0; i < OWN_FACTS; i++)
	{
		Sequence *value = &evaluator->globals[i];

		*value = facts->values[i];
		if (value->items == NULL)
			value->items = &value->single;
	}
	return CLEX_OK;
}

ClexStatus
OwnBookRun(const OwnBook *book, const OwnRun *run, ClexError *error)
{
	Running running = {.run = run};
	uint64_t steps =
		run->step_limit > 0 && run->step_limit < OWN_STEPS ? run->step_limit : OWN_STEPS;
	size_t limit = run->scratch->limit;

	if (limit == 0 || limit > OWN_MEMORY)
		run->scratch->limit = OWN_MEMORY;
	VectorInit(&running.nodes, run->permanent, sizeof(uint32_t));
	if (EvaluatorInit(&running.evaluator, run->tree, VOCABULARY_TERMS, run->permanent, run->scratch,
					  steps, &running.reason) == CLEX_OK &&
		SetFacts(&running) == CLEX_OK)
	{
		running.evaluator.regexes = run->regexes;
		for (uint32_t i = 0; i < book->count && !IsOver(&running); i++)
		{
			Recover(&running);
			RunRule(&running, &book->rules[i], i);
		}
	}
	else
		running.evaluator.status = CLEX_INTERRUPTED;
	run->scratch->limit = limit;
	if (!IsOver(&running))
		return CLEX_OK;
	return ClexFail(error,
					running.reason.status != CLEX_OK ? running.reason.status : CLEX_NO_MEMORY, "%s",
					running.reason.message);
}
