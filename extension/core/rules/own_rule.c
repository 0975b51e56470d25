/*
 * own_rule.c
 *		Rules that users write: compiling them, and running a book of them over a document.
 */
#include "core/rules/own_rule.h"
#include "core/rules/own_eval.h"
#include "core/rules/own_message.h"

#include <stdio.h>

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
	OwnEvaluation evaluation;
	bool told; /* that the rule cannot be evaluated: once is enough */
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
ReportFailure(Running *running, const OwnRule *rule, uint32_t index, uint32_t node, Span reason)
{
	const OwnRun *run = running->evaluation.run;
	OwnFinding finding = NewFinding(rule, index, node);

	running->told = true;
	finding.failed = true;
	finding.found = reason;
	finding.message = OwnFailureSentence(run, rule->text.id, reason.data);
	run->sink(run->state, &finding);
}

/* What the evaluator says of an expression of the rule that just failed. */
static void
ReportEvaluation(Running *running, const OwnRule *rule, uint32_t index, const Expr *expr,
				 const char *part, uint32_t node)
{
	Span reason;

	if (running->told || running->evaluation.evaluator.status == CLEX_INTERRUPTED)
		return;
	reason = OwnEvaluationReason(&running->evaluation, expr, part, &node);
	ReportFailure(running, rule, index, node, reason);
}

static void
ReportBroken(Running *running, const OwnRule *rule, uint32_t index, uint32_t node)
{
	const OwnRun *run = running->evaluation.run;
	Evaluator *evaluator = &running->evaluation.evaluator;
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

static void
RunRule(Running *running, const OwnRule *rule, uint32_t index)
{
	OwnEvaluation *evaluation = &running->evaluation;
	Evaluator *evaluator = &evaluation->evaluator;

	running->told = false;
	if (rule->broken != NULL)
	{
		ReportFailure(running, rule, index, 0, SpanFromCString(rule->broken));
		return;
	}
	if (!OwnEvaluationPlaces(evaluation, rule->context))
	{
		ReportEvaluation(running, rule, index, rule->context, "context", 0);
		return;
	}
	/* without steps or memory left the other places would fare no better */
	for (uint32_t i = 0; i < evaluation->nodes.count && !OwnEvaluationSpent(evaluation); i++)
	{
		uint32_t node = VectorAt(&evaluation->nodes, uint32_t, i);
		bool holds;

		OwnEvaluationRecover(evaluation);
		holds = EvaluateBoolean(evaluator, rule->condition, node);
		if (evaluator->status != CLEX_OK)
			ReportEvaluation(running, rule, index, rule->condition, "condition", node);
		else if (!holds)
			ReportBroken(running, rule, index, node);
	}
}

ClexStatus
OwnBookRun(const OwnBook *book, const OwnRun *run, ClexError *error)
{
	Running running;

	OwnEvaluationBegin(&running.evaluation, run);
	for (uint32_t i = 0; i < book->count && !running.evaluation.over; i++)
	{
		OwnEvaluationNext(&running.evaluation);
		RunRule(&running, &book->rules[i], i);
	}
	OwnEvaluationSpent(&running.evaluation);
	return OwnEvaluationEnd(&running.evaluation, error);
}
