/*
 * expr_shape.c
 *		What the shape of a parsed path tells of it: its depth, and the order its nodes come in.
 */
#include "core/expr/parser.h"

/* May nodes come out of document order, or twice? */
bool
PathMayBeUnordered(const Expr *path)
{
	bool many = path->start == START_EXPRESSION;

	for (const Step *step = path->steps; step != NULL; step = step->next)
	{
		switch (step->axis)
		{
			case AXIS_CHILD:
			case AXIS_ATTRIBUTE:
			case AXIS_SELF:
				break;
			case AXIS_DESCENDANT:
			case AXIS_DESCENDANT_OR_SELF:
				/* below one start node only; a name may contain itself, so later steps may mix */
				if (many || step->next != NULL)
					return true;
				break;
			case AXIS_PARENT:
				if (many)
					return true;
				break;
			case AXIS_EXPRESSION:
				if (step->next != NULL || step->expression->op != EXPR_CALL)
					return true;
				break;
			default:
				return true;
		}
		many |= step->axis != AXIS_PARENT && step->axis != AXIS_SELF;
	}
	return false;
}

/* Nothing but named children and attributes, from the context node or the root? */
bool
PathIsSimple(const Expr *path)
{
	if (path->start == START_EXPRESSION)
		return false;
	for (const Step *step = path->steps; step != NULL; step = step->next)
		if ((step->axis != AXIS_CHILD && step->axis != AXIS_ATTRIBUTE) || step->test != TEST_NAME ||
			step->predicate_count > 0)
			return false;
	return path->steps != NULL;
}

/* A path recurses once a step, and from there into predicates and expressions. */
bool
PathMeasure(Parser *parser, Expr *path)
{
	uint32_t depth = path->start_expression != NULL ? path->start_expression->depth + 1u : 0;
	uint32_t steps = 0;

	for (const Step *step = path->steps; step != NULL; step = step->next)
	{
		uint32_t inner = step->expression != NULL ? step->expression->depth : 0;

		for (uint16_t i = 0; i < step->predicate_count; i++)
			if (step->predicates[i]->depth > inner)
				inner = step->predicates[i]->depth;
		if (++steps + inner + 1 > depth)
			depth = steps + inner + 1;
	}
	return ParserSetDepth(parser, path, depth);
}

/*
 * A step that yields values is taken once for each node before it, in document order.  Where the steps
 * before it may yield nodes out of order or twice they become a path of their own, which is sorted.
 */
bool
PathSortBeforeValues(Parser *parser, Expr *path)
{
	Step **values = &path->steps;
	Expr *nodes;
	Step *rest;

	while (*values != NULL && (*values)->axis != AXIS_EXPRESSION && (*values)->test != TEST_TEXT)
		values = &(*values)->next;
	rest = *values;
	if (rest == NULL || rest == path->steps)
	{
		path->unordered = PathMayBeUnordered(path);
		return true;
	}
	*values = NULL;
	if (!PathMayBeUnordered(path))
	{
		*values = rest;
		path->unordered = PathMayBeUnordered(path);
		return true;
	}
	if ((nodes = ParserNewExpr(parser, EXPR_PATH, path->position - 1)) == NULL)
		return false;
	nodes->start = path->start;
	nodes->start_expression = path->start_expression;
	nodes->steps = path->steps;
	nodes->unordered = true;
	path->start = START_EXPRESSION;
	path->start_expression = nodes;
	path->steps = rest;
	path->unordered = PathMayBeUnordered(path);
	return PathMeasure(parser, nodes);
}
