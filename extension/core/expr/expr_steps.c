/*
 * expr_steps.c
 *		Paths: steps, axes, predicates, and the names in them.
 */
#include "core/expr/parser.h"

#include <ctype.h>
#include <stdio.h>

static const struct
{
	const char *name;
	StepAxis axis;
} axis_names[] = {
	{"child::", AXIS_CHILD},
	{"attribute::", AXIS_ATTRIBUTE},
	{"descendant::", AXIS_DESCENDANT},
	{"descendant-or-self::", AXIS_DESCENDANT_OR_SELF},
	{"parent::", AXIS_PARENT},
	{"ancestor::", AXIS_ANCESTOR},
	{"ancestor-or-self::", AXIS_ANCESTOR_OR_SELF},
	{"self::", AXIS_SELF},
	{"following-sibling::", AXIS_FOLLOWING_SIBLING},
	{"preceding-sibling::", AXIS_PRECEDING_SIBLING},
	{"following::", AXIS_FOLLOWING},
	{"preceding::", AXIS_PRECEDING},
};

static Step *
NewStep(Parser *parser, StepAxis axis, StepTest test, NameId name)
{
	Step *step = ArenaAllocZero(parser->arena, sizeof(Step));

	if (step == NULL)
		return ParserNoMemory(parser);
	step->axis = axis;
	step->test = test;
	step->name = name;
	return step;
}

/* Is `ancestor` the term or a group around it? */
static bool
TermContains(uint32_t ancestor, uint32_t term)
{
	while (term != ancestor && term != TERM_NONE)
		term = ClexTerms[term].parent;
	return term == ancestor;
}

/*
 * Steps from the context term to another term: up to the nearest common group, then down.  Returns
 * the first step and sets *last.
 */
static Step *
StepsToTerm(Parser *parser, uint32_t term, Step **last)
{
	uint32_t from = parser->context == TARGET_UNKNOWN ? TERM_NONE : parser->context;
	Step *first = NULL;
	Step **end = &first;
	uint32_t down[32];
	uint32_t depth = 0;

	while (!TermContains(from, term) || (from == term && from != TERM_NONE))
	{
		*end = NewStep(parser, AXIS_PARENT, TEST_NODE, NAME_NONE);
		if (*end == NULL)
			return NULL;
		*last = *end;
		end = &(*end)->next;
		from = ClexTerms[from].parent;
	}
	for (uint32_t t = term; t != from && depth < 32; t = ClexTerms[t].parent)
		down[depth++] = t;
	while (depth > 0)
	{
		*end = NewStep(parser, AXIS_CHILD, TEST_NAME, down[--depth]);
		if (*end == NULL)
			return NULL;
		*last = *end;
		end = &(*end)->next;
	}
	return first;
}

/* A written term name: a number, a child of the context, or a path from the document. */
static uint32_t
ResolveTerm(Parser *parser, Span name)
{
	uint32_t term;

	if (parser->context != TARGET_UNKNOWN)
	{
		term = TermChild((TermId) parser->context, name);
		if (term != TERM_NONE)
			return term;
	}
	return TermLookup(name);
}

static Step *
UnknownName(Parser *parser, Span name, size_t at)
{
	char message[120];

	name = SpanCut(name, 60);
	snprintf(message, sizeof(message),
			 parser->vocabulary == VOCABULARY_TERMS
				 ? "unknown business term \"%.*s\" in expression"
				 : "unknown element or attribute \"%.*s\" in expression",
			 (int) name.length, name.data);
	ParserFail(parser, at, message);
	if (parser->vocabulary == VOCABULARY_TERMS)
		ClexHint(parser->error, "See view clex.terms for the terms of an invoice.");
	return NULL;
}

static Step *
ParseTermStep(Parser *parser, StepAxis axis, Span name, size_t at, Step **last)
{
	uint32_t term = ResolveTerm(parser, name);
	Step *step;

	if (term == TERM_NONE)
		return UnknownName(parser, name, at);
	if (axis == AXIS_CHILD)
		step = StepsToTerm(parser, term, last);
	else
		*last = step = NewStep(parser, axis, TEST_NAME, term);
	parser->context = term;
	return step;
}

static Step *
ParseSourceStep(Parser *parser, StepAxis axis, Span name, size_t at, Step **last)
{
	NameId id = NameLookup(name);
	Step *step;

	if (id == NAME_NONE)
		return UnknownName(parser, name, at);
	*last = step = NewStep(parser, axis, TEST_NAME, id);
	return step;
}

/* "name", "prefix:name", "prefix:*" after an axis; '@' is part of an attribute's name. */
static Step *
ParseNameTest(Parser *parser, StepAxis axis, Step **last)
{
	size_t start = parser->at;
	Span name = PeekName(parser);
	char attribute[128];

	if (name.data == NULL)
		return ParserFail(parser, start, "a name, a value or \"(\" expected in expression");
	start = parser->at;
	parser->at += name.length;
	if (Peek(parser, 0) == ':' && Peek(parser, 1) == '*')
	{
		Step *step = *last = NewStep(parser, axis, TEST_PREFIX, NAME_NONE);

		parser->at += 2;
		if (step != NULL)
			step->prefix = ArenaCopy(parser->arena, SpanOf(name.data, name.length + 1));
		return step;
	}
	if (Peek(parser, 0) == ':' && IsNameStart(Peek(parser, 1)))
	{
		parser->at++;
		name.length += 1 + PeekName(parser).length;
		parser->at += PeekName(parser).length;
	}
	if (parser->vocabulary == VOCABULARY_TERMS)
		return ParseTermStep(parser, axis, name, start, last);
	if (axis == AXIS_ATTRIBUTE)
	{
		if (name.length > sizeof(attribute) - 2)
			return UnknownName(parser, name, start);
		attribute[0] = '@';
		memcpy(attribute + 1, name.data, name.length);
		name = SpanOf(attribute, name.length + 1);
	}
	return ParseSourceStep(parser, axis, name, start, last);
}

/* Anything that may turn out to be a number counts as a position. */
static bool
MayBePosition(const Parser *parser, const Expr *predicate)
{
	switch (predicate->op)
	{
		case EXPR_ARITHMETIC:
		case EXPR_NEGATE:
		case EXPR_VARIABLE:
		case EXPR_IF:
		case EXPR_FOR:
		case EXPR_LET:
			return true;
		case EXPR_GLOBAL:
			return parser->scope->values == NULL ||
				   MayBePosition(parser, parser->scope->values[predicate->slot]);
		case EXPR_LITERAL:
			return predicate->literal.type != ITEM_TEXT;
		case EXPR_CALL:
			return (predicate->function >= FUNCTION_COUNT &&
					predicate->function <= FUNCTION_DOUBLE) ||
				   predicate->function == FUNCTION_STRING_LENGTH ||
				   predicate->function == FUNCTION_SCALE ||
				   predicate->function == FUNCTION_INDEX_OF;
		case EXPR_PATH:
			return ExprTargetName(predicate) == NAME_NONE;
		default:
			return false;
	}
}

static bool
AddPredicate(Parser *parser, Step *step, Expr *predicate)
{
	Expr **predicates;

	if (step->predicate_count == MAX_PREDICATES)
		return ParserFail(parser, predicate->position - 1, "expression has too many predicates") !=
			   NULL;
	predicates = ArenaAllocArray(parser->arena, (size_t) step->predicate_count + 1, sizeof(Expr *));
	if (predicates == NULL)
		return ParserNoMemory(parser) != NULL;
	if (step->predicate_count > 0)
		memcpy(predicates, step->predicates, step->predicate_count * sizeof(Expr *));
	predicates[step->predicate_count++] = predicate;
	step->predicates = predicates;
	return true;
}

/* The number of a step such as "name[2]", 0 if it is none such. */
static uint16_t
NthOf(const Step *step)
{
	const Expr *predicate;
	int64_t number;

	if (step->predicate_count != 1 || step->test != TEST_NAME ||
		(step->axis != AXIS_CHILD && step->axis != AXIS_ATTRIBUTE))
		return 0;
	predicate = step->predicates[0];
	if (predicate->op != EXPR_LITERAL || predicate->literal.type != ITEM_DECIMAL ||
		predicate->literal.as.decimal->scale != 0 ||
		DecimalToInt64(*predicate->literal.as.decimal, &number) != CLEX_OK || number < 1 ||
		number > UINT16_MAX)
		return 0;
	return (uint16_t) number;
}

/*
 * The predicates behind a step; the step's nodes are their context.  "[a and b]" becomes "[a][b]"
 * where no positions are involved, so that each part can be looked at by itself.
 */
static bool
ParsePredicates(Parser *parser, Step *step)
{
	while (TakeSymbol(parser, "["))
	{
		uint32_t context = parser->context;
		bool outer = parser->positional;
		bool positional;
		Expr *predicate;

		parser->positional = false;
		predicate = ParseExpr(parser);
		if (predicate == NULL || !Expect(parser, "]"))
			return false;
		positional = parser->positional || MayBePosition(parser, predicate);
		step->positional |= positional;
		parser->positional = outer;
		parser->context = context;
		if (predicate->op != EXPR_AND || positional)
		{
			if (!AddPredicate(parser, step, predicate))
				return false;
			continue;
		}
		for (uint16_t i = 0; i < predicate->arg_count; i++)
		{
			/* a number among the operands is a truth value, no position */
			if (MayBePosition(parser, predicate->args[i]))
			{
				if (!AddPredicate(parser, step, predicate))
					return false;
				break;
			}
			if (!AddPredicate(parser, step, predicate->args[i]))
				return false;
		}
	}
	step->nth = NthOf(step);
	return true;
}

/* One step, which in terms may be several; *last is where predicates and further steps go. */
static Step *
ParseStep(Parser *parser, StepAxis axis, Step **last)
{
	parser->axis_given = false;
	SkipSpace(parser);
	if (Peek(parser, 0) == '.' && Peek(parser, 1) == '.')
	{
		parser->at += 2;
		if (parser->context != TARGET_UNKNOWN)
			parser->context = ClexTerms[parser->context].parent;
		return *last = NewStep(parser, AXIS_PARENT, TEST_NODE, NAME_NONE);
	}
	if (Peek(parser, 0) == '.' && !isdigit((unsigned char) Peek(parser, 1)))
	{
		parser->at++;
		return *last = NewStep(parser, AXIS_SELF, TEST_NODE, NAME_NONE);
	}
	if (AtPrimary(parser))
	{
		Step *step = *last = NewStep(parser, AXIS_EXPRESSION, TEST_NODE, NAME_NONE);
		uint32_t context = parser->context;

		if (step == NULL || (step->expression = ParsePrimary(parser)) == NULL)
			return NULL;
		parser->context =
			step->expression->target != TARGET_UNKNOWN ? step->expression->target : context;
		return step;
	}
	if (TakeSymbol(parser, "@"))
		axis = AXIS_ATTRIBUTE;
	else
		for (size_t i = 0; i < sizeof(axis_names) / sizeof(axis_names[0]); i++)
			if (TakeSymbol(parser, axis_names[i].name))
			{
				axis = axis_names[i].axis;
				parser->axis_given = true;
				break;
			}
	if (TakeSymbol(parser, "*"))
		return *last = NewStep(parser, axis, TEST_ELEMENT, NAME_NONE);
	if (TakeKeywordBefore(parser, "text", '('))
	{
		*last = NewStep(parser, axis, TEST_TEXT, NAME_NONE);
		return TakeSymbol(parser, "(") && Expect(parser, ")") ? *last : NULL;
	}
	if (TakeKeywordBefore(parser, "node", '('))
	{
		*last = NewStep(parser, axis, TEST_NODE, NAME_NONE);
		return TakeSymbol(parser, "(") && Expect(parser, ")") ? *last : NULL;
	}
	return ParseNameTest(parser, axis, last);
}

/*
 * A step behind "//", which means /descendant-or-self::node()/ followed by the step.  For a name
 * without positions that is the descendant axis, "//." and "//@name" have a short form too; all
 * else gets the two steps.
 */
static Step *
Descend(Parser *parser, Step *step, Step *last, bool axis_given)
{
	Step *all;

	if (step == last && !step->positional)
	{
		if (step->axis == AXIS_DESCENDANT && step->test != TEST_TEXT)
			return step;
		if (step->axis == AXIS_SELF && step->test == TEST_NODE)
		{
			step->axis = AXIS_DESCENDANT_OR_SELF;
			return step;
		}
		if (step->axis == AXIS_ATTRIBUTE && step->test == TEST_NAME)
		{
			step->axis = AXIS_DESCENDANT; /* attributes are chained like elements */
			return step;
		}
	}
	if (step->axis == AXIS_DESCENDANT && !axis_given)
		step->axis = AXIS_CHILD;
	if ((all = NewStep(parser, AXIS_DESCENDANT_OR_SELF, TEST_NODE, NAME_NONE)) != NULL)
		all->next = step;
	return all;
}

/* Steps after a start, joined by "/" and "//". */
static bool
ParseSteps(Parser *parser, Expr *path, Step **end, StepAxis axis)
{
	for (;;)
	{
		Step *last = NULL;
		Step *step = ParseStep(parser, axis, &last);
		bool axis_given = parser->axis_given;

		if (step == NULL || !ParsePredicates(parser, last))
			return false;
		if (axis == AXIS_DESCENDANT && (step = Descend(parser, step, last, axis_given)) == NULL)
			return false;
		*end = step;
		end = &last->next;
		if (TakeSymbol(parser, "//"))
			axis = AXIS_DESCENDANT;
		else if (TakeSymbol(parser, "/"))
			axis = AXIS_CHILD;
		else
			break;
	}
	path->target = parser->vocabulary == VOCABULARY_TERMS ? parser->context : TARGET_UNKNOWN;
	if (!PathSortBeforeValues(parser, path))
		return false;
	path->simple = PathIsSimple(path);
	return PathMeasure(parser, path);
}

/* Can a step begin here?  Decides whether "/" stands alone. */
static bool
AtStep(Parser *parser)
{
	char c;

	SkipSpace(parser);
	c = Peek(parser, 0);
	return IsNameStart(c) || c == '*' || c == '.' || c == '@' || c == '(';
}

/* A path that starts with a primary expression: "(a | b)/c", "$x[1]". */
static Expr *
ParsePrimaryPath(Parser *parser)
{
	size_t start = parser->at;
	Expr *primary = ParsePrimary(parser);
	Expr *path;
	Step *end;
	char c;

	if (primary == NULL)
		return NULL;
	SkipSpace(parser);
	c = Peek(parser, 0);
	if (c != '[' && c != '/')
		return primary;
	if ((path = ParserNewExpr(parser, EXPR_PATH, start)) == NULL)
		return NULL;
	path->start = START_EXPRESSION;
	path->start_expression = primary;
	parser->context = primary->target;
	if (c == '[')
	{
		/* predicates of the whole sequence: a self step over it */
		if ((path->steps = NewStep(parser, AXIS_EXPRESSION, TEST_NODE, NAME_NONE)) == NULL ||
			(path->steps->expression = primary) == NULL || !ParsePredicates(parser, path->steps))
			return NULL;
		path->start = START_CONTEXT;
		path->start_expression = NULL;
		path->target = primary->target;
		path->unordered = PathMayBeUnordered(path);
		end = path->steps;
		if (TakeSymbol(parser, "//"))
			return ParseSteps(parser, path, &end->next, AXIS_DESCENDANT) ? path : NULL;
		if (TakeSymbol(parser, "/"))
			return ParseSteps(parser, path, &end->next, AXIS_CHILD) ? path : NULL;
		return PathMeasure(parser, path) ? path : NULL;
	}
	if (TakeSymbol(parser, "//"))
		return ParseSteps(parser, path, &path->steps, AXIS_DESCENDANT) ? path : NULL;
	TakeSymbol(parser, "/");
	return ParseSteps(parser, path, &path->steps, AXIS_CHILD) ? path : NULL;
}

Expr *
ParsePath(Parser *parser)
{
	uint32_t context = parser->context;
	Expr *path;
	size_t start;
	bool good = true;

	SkipSpace(parser);
	start = parser->at;
	if (AtPrimary(parser))
		path = ParsePrimaryPath(parser);
	else
	{
		if ((path = ParserNewExpr(parser, EXPR_PATH, start)) == NULL)
			return NULL;
		if (TakeSymbol(parser, "//"))
		{
			path->start = START_ROOT;
			parser->context = TERM_NONE;
			good = ParseSteps(parser, path, &path->steps, AXIS_DESCENDANT);
		}
		else if (TakeSymbol(parser, "/"))
		{
			path->start = START_ROOT;
			path->target = parser->context = TERM_NONE;
			if (AtStep(parser))
				good = ParseSteps(parser, path, &path->steps, AXIS_CHILD);
		}
		else
		{
			path->start = START_CONTEXT;
			good = ParseSteps(parser, path, &path->steps, AXIS_CHILD);
			if (good && path->steps->axis == AXIS_SELF && path->steps->test == TEST_NODE &&
				path->steps->next == NULL && path->steps->predicate_count == 0)
			{
				path->op = EXPR_DOT;
				path->target = context;
			}
		}
	}
	parser->context = context;
	return good ? path : NULL;
}
