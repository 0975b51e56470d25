/*
 * expr_names.c
 *		Steps that select nodes by a property of their name alone.
 *
 * A step such as "any element whose name ends in Amount" would look at every node of every document.  As its predicate
 * depends on nothing but the name, it is decided once for each name known to the library, and the walk
 * then follows the chains of the names that passed, and of the names that only the document knows.
 */
#include "core/expr/expr_tree.h"

/* Does the expression depend on the name of the context node alone? */
static bool
IsAboutName(const Expr *expr)
{
	switch (expr->op)
	{
		case EXPR_LITERAL:
		case EXPR_DOT:
			return true;
		case EXPR_PATH:
			return expr->start == START_CONTEXT && expr->steps->axis == AXIS_SELF &&
				   expr->steps->test == TEST_NAME && expr->steps->next == NULL &&
				   expr->steps->predicate_count == 0;
		case EXPR_CALL:
			switch ((FunctionId) expr->function)
			{
				case FUNCTION_NAME:
				case FUNCTION_LOCAL_NAME:
				case FUNCTION_EXISTS:
				case FUNCTION_EMPTY:
					return expr->arg_count == 1 && (expr->args[0]->op == EXPR_DOT
														? expr->function == FUNCTION_NAME ||
															  expr->function == FUNCTION_LOCAL_NAME
														: IsAboutName(expr->args[0]));
				case FUNCTION_ENDS_WITH:
				case FUNCTION_STARTS_WITH:
				case FUNCTION_CONTAINS:
				case FUNCTION_NOT:
					break;
				default:
					return false;
			}
			break;
		case EXPR_AND:
		case EXPR_OR:
		case EXPR_COMPARE:
		case EXPR_SEQUENCE:
			break;
		default:
			return false;
	}
	for (uint16_t i = 0; i < expr->arg_count; i++)
		if (expr->args[i]->op == EXPR_DOT || !IsAboutName(expr->args[i]))
			return false;
	return true;
}

/* Do all leading name predicates hold for the one node of the tree? */
static bool
AllHold(Evaluator *evaluator, const Step *step)
{
	for (uint16_t i = 0; i < step->name_predicates; i++)
		if (!EvaluateBoolean(evaluator, step->predicates[i], 1))
			return false;
	return true;
}

/* Try the predicates on a document of one node, for each static name. */
static void
ResolveStep(Step *step, Arena *arena)
{
	uint64_t *names = ArenaAllocZero(arena, TRAIT_NAMES / 64 * sizeof(uint64_t));
	bool any = false;
	Arena scratch;
	Arena permanent;
	Tree tree;
	Evaluator evaluator;

	ArenaInit(&scratch, arena->env, 0);
	ArenaInit(&permanent, arena->env, 0);
	TreeInit(&tree, &permanent);
	TreeOpen(&tree, 0, NAME_NONE, 0);
	if (names != NULL && !tree.failed &&
		EvaluatorInit(&evaluator, &tree, VOCABULARY_SOURCE, &permanent, &scratch, 0, NULL) ==
			CLEX_OK)
	{
		for (NameId name = 1; name < NAME_STATIC_COUNT; name++)
		{
			Span text = ClexStaticNames[name];

			VectorAt(&tree.nodes, TreeNode, 1).name = name;
			if (text.data[0] == '@' ||
				(step->test == TEST_PREFIX &&
				 (text.length <= step->prefix.length ||
				  memcmp(text.data, step->prefix.data, step->prefix.length) != 0)) ||
				!AllHold(&evaluator, step))
				continue;
			names[name / 64] |= (uint64_t) 1 << (name % 64);
			any = true;
		}
		if (evaluator.status == CLEX_OK && any)
			step->names = names;
	}
	ArenaFree(&scratch);
	ArenaFree(&permanent);
}

/* Chains do not come in document order, which can be put right only where the path yields nodes. */
static bool
YieldsValues(const Step *step)
{
	for (step = step->next; step != NULL; step = step->next)
		if (step->axis == AXIS_EXPRESSION || step->test == TEST_TEXT)
			return true;
	return false;
}

/* Look for such steps in an expression; its own predicates included. */
void
ResolveNameFilters(Expr *expr, Vocabulary vocabulary, Arena *arena)
{
	if (vocabulary != VOCABULARY_SOURCE)
		return;
	for (uint16_t i = 0; i < expr->arg_count; i++)
		ResolveNameFilters(expr->args[i], vocabulary, arena);
	if (expr->op != EXPR_PATH)
		return;
	for (Step *step = expr->steps; step != NULL; step = step->next)
		if (step->axis == AXIS_DESCENDANT && !step->positional && step->predicate_count > 0 &&
			(step->test == TEST_ELEMENT || step->test == TEST_PREFIX) && !YieldsValues(step))
		{
			while (step->name_predicates < step->predicate_count &&
				   IsAboutName(step->predicates[step->name_predicates]))
				step->name_predicates++;
			if (step->name_predicates == 0)
				continue;
			ResolveStep(step, arena);
			expr->unordered = true;
		}
}
