/*
 * expr_parse.c
 *		Text to compiled expression: a recursive-descent parser that resolves names as it goes.
 *
 * Whether "*", "div" or "-" is an operator depends on what stands before it, so tokens are cut from
 * the text where the grammar asks for them, not beforehand.
 */
#include "core/expr/expr_tree.h"

#include <ctype.h>
#include <stdio.h>

typedef struct Parser
{
	Span text;
	size_t at;
	Vocabulary vocabulary;
	uint32_t context; /* static context term */
	const ExprScope *scope;
	Arena *arena;
	ClexError *error;
	ClexStatus status;
	Span variables[MAX_VARIABLES];
	uint32_t variable_targets[MAX_VARIABLES];
	uint16_t variable_count;
	uint16_t nesting;
	bool positional; /* position() or last() was seen in the predicate being parsed */
} Parser;

static Expr *ParseExpr(Parser *parser);
static Expr *ParseSingle(Parser *parser);
static Expr *ParsePath(Parser *parser);

/* Record the first error, with position and the text from there. */
static void *
Fail(Parser *parser, size_t at, const char *message)
{
	size_t shown = parser->text.length - at;

	if (parser->status != CLEX_OK)
		return NULL;
	if (shown > 60)
		shown = 60;
	parser->status = ClexFail(parser->error, CLEX_INVALID, "%s", message);
	ClexDetail(parser->error, "position %zu: %.*s", at + 1, (int) shown, parser->text.data + at);
	if (parser->error != NULL)
		parser->error->offset = at + 1;
	return NULL;
}

static void *
FailMemory(Parser *parser)
{
	if (parser->status == CLEX_OK)
		parser->status = ClexFail(parser->error, CLEX_NO_MEMORY, "out of memory");
	return NULL;
}

static Expr *
NewExpr(Parser *parser, ExprOp op, size_t at)
{
	Expr *expr = ArenaAllocZero(parser->arena, sizeof(Expr));

	if (expr == NULL)
		return FailMemory(parser);
	expr->op = op;
	expr->position = (uint32_t) at + 1;
	expr->target = TARGET_UNKNOWN;
	return expr;
}

static bool
AddArg(Parser *parser, Expr *expr, Expr *arg)
{
	Expr **args;

	if (expr == NULL || arg == NULL)
		return false;
	if ((expr->arg_count & (expr->arg_count + 1)) == 0 || expr->args == NULL)
	{
		/* capacities 1, 3, 7, 15 ...: grow when all ones are full */
		args = ArenaAllocArray(parser->arena, (size_t) expr->arg_count * 2 + 1, sizeof(Expr *));
		if (args == NULL)
		{
			FailMemory(parser);
			return false;
		}
		if (expr->arg_count > 0)
			memcpy(args, expr->args, expr->arg_count * sizeof(Expr *));
		expr->args = args;
	}
	expr->args[expr->arg_count++] = arg;
	return true;
}

static Expr *
NewBinary(Parser *parser, ExprOp op, uint8_t operator_, size_t at, Expr *a, Expr *b)
{
	Expr *expr;

	if (a == NULL || b == NULL || (expr = NewExpr(parser, op, at)) == NULL)
		return NULL;
	expr->operator_ = operator_;
	return AddArg(parser, expr, a) && AddArg(parser, expr, b) ? expr : NULL;
}

/* ---- characters and tokens ---- */

static void
SkipSpace(Parser *parser)
{
	while (parser->at < parser->text.length && IsXmlSpace(parser->text.data[parser->at]))
		parser->at++;
}

static char
Peek(Parser *parser, size_t ahead)
{
	return parser->at + ahead < parser->text.length ? parser->text.data[parser->at + ahead] : '\0';
}

static bool
IsNameStart(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		   (unsigned char) c >= 0x80;
}

static bool
IsNameChar(char c)
{
	return IsNameStart(c) || isdigit((unsigned char) c) || c == '-' || c == '.';
}

/* Take a symbol if it is next. */
static bool
TakeSymbol(Parser *parser, const char *symbol)
{
	size_t length = strlen(symbol);

	SkipSpace(parser);
	if (parser->text.length - parser->at < length ||
		memcmp(parser->text.data + parser->at, symbol, length) != 0)
		return false;
	parser->at += length;
	return true;
}

/* The name at the cursor, without taking it; a trailing '.' or '-' does not belong to it. */
static Span
PeekName(Parser *parser)
{
	size_t end;

	SkipSpace(parser);
	end = parser->at;
	if (end >= parser->text.length || !IsNameStart(parser->text.data[end]))
		return (Span){NULL, 0};
	while (end < parser->text.length && IsNameChar(parser->text.data[end]))
		end++;
	return SpanOf(parser->text.data + parser->at, end - parser->at);
}

static bool
TakeKeyword(Parser *parser, const char *word)
{
	Span name = PeekName(parser);

	if (name.data == NULL || !SpanEqualCString(name, word))
		return false;
	parser->at += name.length;
	return true;
}

/* A keyword followed by a symbol ("if (", "some $"): only then is it one. */
static bool
TakeKeywordBefore(Parser *parser, const char *word, char symbol)
{
	size_t start = parser->at;

	if (TakeKeyword(parser, word))
	{
		SkipSpace(parser);
		if (Peek(parser, 0) == symbol)
			return true;
	}
	parser->at = start;
	return false;
}

static bool
Expect(Parser *parser, const char *symbol)
{
	char message[64];

	if (TakeSymbol(parser, symbol))
		return true;
	snprintf(message, sizeof(message), "\"%s\" expected in expression", symbol);
	Fail(parser, parser->at, message);
	return false;
}

/* ---- literals ---- */

static Expr *
ParseText(Parser *parser, char quote)
{
	size_t start = parser->at++;
	Expr *expr = NewExpr(parser, EXPR_LITERAL, start);
	Text text;

	TextInit(&text, parser->arena);
	for (;; parser->at++)
	{
		if (parser->at >= parser->text.length)
			return Fail(parser, start, "unterminated text in expression");
		if (Peek(parser, 0) == quote)
		{
			parser->at++;
			if (Peek(parser, 0) != quote)
				break;
		}
		TextAppendChar(&text, Peek(parser, 0));
	}
	if (expr == NULL || text.failed)
		return FailMemory(parser);
	expr->literal.type = ITEM_TEXT;
	expr->literal.as.text = text.length > 0 ? TextSpan(&text) : SPAN_LITERAL("");
	return expr;
}

static Expr *
ParseNumber(Parser *parser)
{
	size_t start = parser->at;
	Expr *expr = NewExpr(parser, EXPR_LITERAL, start);
	Span written;
	bool exponent = false;

	while (isdigit((unsigned char) Peek(parser, 0)) || Peek(parser, 0) == '.')
		parser->at++;
	if (Peek(parser, 0) == 'e' || Peek(parser, 0) == 'E')
	{
		exponent = true;
		parser->at++;
		if (Peek(parser, 0) == '-' || Peek(parser, 0) == '+')
			parser->at++;
		while (isdigit((unsigned char) Peek(parser, 0)))
			parser->at++;
	}
	written = SpanOf(parser->text.data + start, parser->at - start);
	if (expr == NULL)
		return NULL;
	if (IsNameStart(Peek(parser, 0)))
		return Fail(parser, start, "malformed number in expression");
	if (exponent)
	{
		expr->literal.type = ITEM_DOUBLE;
		if (!ParseDouble(written, &expr->literal.as.number))
			return Fail(parser, start, "malformed number in expression");
	}
	else
	{
		Decimal *decimal = ArenaAlloc(parser->arena, sizeof(Decimal));

		if (decimal == NULL)
			return FailMemory(parser);
		if (DecimalParse(written, decimal) != CLEX_OK)
			return Fail(parser, start, "malformed number in expression");
		expr->literal.type = ITEM_DECIMAL;
		expr->literal.as.decimal = decimal;
	}
	return expr;
}

/* ---- function calls ---- */

static Expr *
FinishCall(Parser *parser, Expr *call, size_t start)
{
	const Function *function = &ClexFunctions[call->function];

	if (call->arg_count < function->min_args ||
		(function->max_args != 255 && call->arg_count > function->max_args))
		return Fail(parser, start, "wrong number of arguments in expression");
	if (call->function == FUNCTION_POSITION || call->function == FUNCTION_LAST)
		parser->positional = true;
	if (call->function == FUNCTION_IN_LIST)
	{
		const Expr *list = call->args[0];

		if (list->op != EXPR_LITERAL || list->literal.type != ITEM_TEXT)
			return Fail(parser, start,
						"in-list needs the name of a code list as its first argument");
		call->list = CodeListFind(list->literal.as.text);
		if (call->list == NULL)
		{
			Fail(parser, start, "unknown code list in expression");
			ClexHint(parser->error, "See view clex.codes for the code lists.");
			return NULL;
		}
	}
	return call;
}

static Expr *
ParseCall(Parser *parser, Span name, size_t start)
{
	Expr *call = NewExpr(parser, EXPR_CALL, start);
	uint32_t function = 0;

	while (function < FUNCTION_COUNT_ && !SpanEqualCString(name, ClexFunctions[function].name))
		function++;
	if (call == NULL)
		return NULL;
	if (function == FUNCTION_COUNT_)
	{
		Fail(parser, start, "unknown function in expression");
		ClexHint(parser->error, "The functions are listed in docs/expressions.md.");
		return NULL;
	}
	call->function = (uint8_t) function;
	if (!Expect(parser, "("))
		return NULL;
	if (!TakeSymbol(parser, ")"))
	{
		do
		{
			if (!AddArg(parser, call, ParseSingle(parser)))
				return NULL;
		} while (TakeSymbol(parser, ","));
		if (!Expect(parser, ")"))
			return NULL;
	}
	return FinishCall(parser, call, start);
}

/* ---- paths ---- */

static Step *
NewStep(Parser *parser, StepAxis axis, StepTest test, NameId name)
{
	Step *step = ArenaAllocZero(parser->arena, sizeof(Step));

	if (step == NULL)
		return FailMemory(parser);
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

	snprintf(message, sizeof(message),
			 parser->vocabulary == VOCABULARY_TERMS
				 ? "unknown business term \"%.*s\" in expression"
				 : "unknown element or attribute \"%.*s\" in expression",
			 (int) (name.length > 60 ? 60 : name.length), name.data);
	Fail(parser, at, message);
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
		return Fail(parser, start, "a name, a value or \"(\" expected in expression");
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

/* Is the next thing a primary expression rather than a step by name? */
static bool
AtPrimary(Parser *parser)
{
	char c;
	Span name;
	size_t start;
	bool call;

	SkipSpace(parser);
	c = Peek(parser, 0);
	if (c == '(' || c == '$' || c == '\'' || c == '"' || isdigit((unsigned char) c) ||
		(c == '.' && isdigit((unsigned char) Peek(parser, 1))))
		return true;
	name = PeekName(parser);
	if (name.data == NULL || SpanEqualCString(name, "text") || SpanEqualCString(name, "node"))
		return false;
	start = parser->at;
	parser->at += name.length;
	SkipSpace(parser);
	call = Peek(parser, 0) == '(';
	parser->at = start;
	return call;
}

static Expr *
ParseVariable(Parser *parser)
{
	size_t start = parser->at;
	Span name;
	Expr *expr;

	parser->at++;
	name = PeekName(parser);
	if (name.data == NULL)
		return Fail(parser, start, "a name expected after \"$\" in expression");
	parser->at += name.length;
	for (uint16_t i = parser->variable_count; i > 0; i--)
		if (SpanEqual(parser->variables[i - 1], name))
		{
			if ((expr = NewExpr(parser, EXPR_VARIABLE, start)) != NULL)
			{
				expr->slot = i - 1;
				expr->target = parser->variable_targets[i - 1];
			}
			return expr;
		}
	for (uint16_t i = 0; parser->scope != NULL && i < parser->scope->count; i++)
		if (SpanEqual(parser->scope->names[i], name))
		{
			if ((expr = NewExpr(parser, EXPR_GLOBAL, start)) != NULL)
				expr->slot = i;
			return expr;
		}
	return Fail(parser, start, "unknown variable in expression");
}

static Expr *
ParsePrimary(Parser *parser)
{
	size_t start;
	Span name;
	char c;

	SkipSpace(parser);
	start = parser->at;
	c = Peek(parser, 0);
	if (c == '\'' || c == '"')
		return ParseText(parser, c);
	if (c == '$')
		return ParseVariable(parser);
	if (isdigit((unsigned char) c) || c == '.')
		return ParseNumber(parser);
	if (c == '(')
	{
		Expr *inner;

		parser->at++;
		if (TakeSymbol(parser, ")"))
			return NewExpr(parser, EXPR_SEQUENCE, start);
		inner = ParseExpr(parser);
		return inner != NULL && Expect(parser, ")") ? inner : NULL;
	}
	name = PeekName(parser);
	parser->at += name.length;
	return ParseCall(parser, name, start);
}

/* Anything that may turn out to be a number counts as a position. */
static bool
MayBePosition(const Expr *predicate)
{
	switch (predicate->op)
	{
		case EXPR_ARITHMETIC:
		case EXPR_NEGATE:
		case EXPR_VARIABLE:
		case EXPR_GLOBAL:
		case EXPR_IF:
		case EXPR_FOR:
		case EXPR_LET:
			return true;
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
	Expr **predicates =
		ArenaAllocArray(parser->arena, (size_t) step->predicate_count + 1, sizeof(Expr *));

	if (predicates == NULL)
		return FailMemory(parser) != NULL;
	if (step->predicate_count > 0)
		memcpy(predicates, step->predicates, step->predicate_count * sizeof(Expr *));
	predicates[step->predicate_count++] = predicate;
	step->predicates = predicates;
	return true;
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
		positional = parser->positional || MayBePosition(predicate);
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
			if (MayBePosition(predicate->args[i]))
			{
				if (!AddPredicate(parser, step, predicate))
					return false;
				break;
			}
			if (!AddPredicate(parser, step, predicate->args[i]))
				return false;
		}
	}
	return true;
}

/* One step, which in terms may be several; *last is where predicates and further steps go. */
static Step *
ParseStep(Parser *parser, StepAxis axis, Step **last)
{
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
		return *last =
				   NewStep(parser, axis == AXIS_DESCENDANT ? AXIS_DESCENDANT_OR_SELF : AXIS_SELF,
						   TEST_NODE, NAME_NONE);
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
		axis = axis == AXIS_DESCENDANT ? AXIS_DESCENDANT : AXIS_ATTRIBUTE;
	else
		for (size_t i = 0; i < sizeof(axis_names) / sizeof(axis_names[0]); i++)
			if (TakeSymbol(parser, axis_names[i].name))
			{
				axis = axis_names[i].axis;
				break;
			}
	if (axis == AXIS_DESCENDANT && parser->at > 0 && parser->text.data[parser->at - 1] == '@')
	{
		/* "//@name": attributes are chained like elements */
		Step *step = ParseNameTest(parser, AXIS_ATTRIBUTE, last);

		if (step != NULL)
			step->axis = AXIS_DESCENDANT;
		return step;
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

/* May nodes come out of document order, or twice? */
static bool
MayBeUnordered(const Expr *path)
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
static bool
IsSimple(const Expr *path)
{
	if (path->start == START_EXPRESSION)
		return false;
	for (const Step *step = path->steps; step != NULL; step = step->next)
		if ((step->axis != AXIS_CHILD && step->axis != AXIS_ATTRIBUTE) || step->test != TEST_NAME ||
			step->predicate_count > 0)
			return false;
	return path->steps != NULL;
}

/* Steps after a start, joined by "/" and "//". */
static bool
ParseSteps(Parser *parser, Expr *path, Step **end, StepAxis axis)
{
	for (;;)
	{
		Step *last = NULL;
		Step *step = ParseStep(parser, axis, &last);

		if (step == NULL || !ParsePredicates(parser, last))
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
	path->unordered = MayBeUnordered(path);
	path->simple = IsSimple(path);
	return true;
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
	if ((path = NewExpr(parser, EXPR_PATH, start)) == NULL)
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
		path->unordered = MayBeUnordered(path);
		end = path->steps;
		if (TakeSymbol(parser, "//"))
			return ParseSteps(parser, path, &end->next, AXIS_DESCENDANT) ? path : NULL;
		if (TakeSymbol(parser, "/"))
			return ParseSteps(parser, path, &end->next, AXIS_CHILD) ? path : NULL;
		return path;
	}
	if (TakeSymbol(parser, "//"))
		return ParseSteps(parser, path, &path->steps, AXIS_DESCENDANT) ? path : NULL;
	TakeSymbol(parser, "/");
	return ParseSteps(parser, path, &path->steps, AXIS_CHILD) ? path : NULL;
}

static Expr *
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
		if ((path = NewExpr(parser, EXPR_PATH, start)) == NULL)
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

/* ---- operators ---- */

static Expr *
ParseUnary(Parser *parser)
{
	size_t start;
	bool negative = false;
	bool sign = false;
	Expr *operand;
	Expr *expr;

	SkipSpace(parser);
	start = parser->at;
	for (;; sign = true)
	{
		if (TakeSymbol(parser, "-"))
			negative = !negative;
		else if (!TakeSymbol(parser, "+"))
			break;
	}
	operand = ParsePath(parser);
	if (operand == NULL || !sign || !negative)
		return operand;
	if ((expr = NewExpr(parser, EXPR_NEGATE, start)) == NULL)
		return NULL;
	return AddArg(parser, expr, operand) ? expr : NULL;
}

static Expr *
ParseUnion(Parser *parser)
{
	Expr *first = ParseUnary(parser);
	Expr *expr = NULL;

	while (first != NULL && (TakeSymbol(parser, "|") || TakeKeyword(parser, "union")))
	{
		if (expr == NULL)
		{
			expr = NewExpr(parser, EXPR_UNION, first->position - 1);
			if (!AddArg(parser, expr, first))
				return NULL;
			expr->target = first->target;
		}
		if (!AddArg(parser, expr, ParseUnary(parser)))
			return NULL;
		if (expr->args[expr->arg_count - 1]->target != expr->target)
			expr->target = TARGET_UNKNOWN;
	}
	return expr != NULL ? expr : first;
}

static Expr *
ParseProduct(Parser *parser)
{
	static const struct
	{
		const char *word;
		ArithmeticOperator operator_;
	} words[] = {{"div", ARITHMETIC_DIVIDE},
				 {"idiv", ARITHMETIC_INTEGER_DIVIDE},
				 {"mod", ARITHMETIC_MODULO}};
	Expr *left = ParseUnion(parser);

	while (left != NULL)
	{
		size_t at = parser->at;
		int operator_ = -1;

		if (TakeSymbol(parser, "*"))
			operator_ = ARITHMETIC_MULTIPLY;
		for (size_t i = 0; operator_ < 0 && i < sizeof(words) / sizeof(words[0]); i++)
			if (TakeKeyword(parser, words[i].word))
				operator_ = (int) words[i].operator_;
		if (operator_ < 0)
			break;
		left =
			NewBinary(parser, EXPR_ARITHMETIC, (uint8_t) operator_, at, left, ParseUnion(parser));
	}
	return left;
}

static Expr *
ParseSum(Parser *parser)
{
	Expr *left = ParseProduct(parser);

	while (left != NULL)
	{
		size_t at = parser->at;

		if (TakeSymbol(parser, "+"))
			left =
				NewBinary(parser, EXPR_ARITHMETIC, ARITHMETIC_ADD, at, left, ParseProduct(parser));
		else if (TakeSymbol(parser, "-"))
			left = NewBinary(parser, EXPR_ARITHMETIC, ARITHMETIC_SUBTRACT, at, left,
							 ParseProduct(parser));
		else
			break;
	}
	return left;
}

static Expr *
ParseRange(Parser *parser)
{
	Expr *left = ParseSum(parser);
	size_t at = parser->at;

	if (left != NULL && TakeKeyword(parser, "to"))
		return NewBinary(parser, EXPR_RANGE, 0, at, left, ParseSum(parser));
	return left;
}

static Expr *
ParseCompare(Parser *parser)
{
	static const struct
	{
		const char *symbol;
		CompareOperator operator_;
	} symbols[] = {{"=", COMPARE_EQ},  {"!=", COMPARE_NE}, {"<=", COMPARE_LE},
				   {">=", COMPARE_GE}, {"<", COMPARE_LT},  {">", COMPARE_GT}};
	Expr *left = ParseRange(parser);
	size_t at = parser->at;

	if (left == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		if (TakeSymbol(parser, symbols[i].symbol))
			return NewBinary(parser, EXPR_COMPARE, (uint8_t) symbols[i].operator_, at, left,
							 ParseRange(parser));
	return left;
}

/* Operands joined by a word, kept as one node with many arguments. */
static Expr *
ParseJoined(Parser *parser, ExprOp op, const char *word, Expr *(*operand)(Parser *) )
{
	Expr *first = operand(parser);
	Expr *expr = NULL;

	while (first != NULL && TakeKeyword(parser, word))
	{
		if (expr == NULL && (expr = NewExpr(parser, op, first->position - 1)) != NULL &&
			!AddArg(parser, expr, first))
			return NULL;
		if (!AddArg(parser, expr, operand(parser)))
			return NULL;
	}
	return expr != NULL ? expr : first;
}

static Expr *
ParseAnd(Parser *parser)
{
	return ParseJoined(parser, EXPR_AND, "and", ParseCompare);
}

static Expr *
ParseOr(Parser *parser)
{
	return ParseJoined(parser, EXPR_OR, "or", ParseAnd);
}

/* ---- some, every, for, let, if ---- */

/* "$x in a, $y in b RETURN body": nested one node a variable. */
static Expr *
ParseBinding(Parser *parser, ExprOp op, const char *link, const char *body)
{
	size_t start = parser->at;
	Expr *expr = NewExpr(parser, op, start);
	Expr *value;
	Span name;

	if (!Expect(parser, "$"))
		return NULL;
	name = PeekName(parser);
	parser->at += name.length;
	if (name.data == NULL || parser->variable_count == MAX_VARIABLES)
		return Fail(parser, start, "a variable expected in expression");
	if (!TakeSymbol(parser, link))
		return Fail(parser, parser->at, "\"in\" or \":=\" expected in expression");
	value = ParseSingle(parser);
	if (!AddArg(parser, expr, value))
		return NULL;
	expr->slot = parser->variable_count;
	parser->variable_targets[parser->variable_count] = value->target;
	parser->variables[parser->variable_count++] = name;
	if (TakeSymbol(parser, ","))
		AddArg(parser, expr, ParseBinding(parser, op, link, body));
	else if (TakeKeyword(parser, body))
		AddArg(parser, expr, ParseSingle(parser));
	else
		Fail(parser, parser->at, "\"satisfies\" or \"return\" expected in expression");
	parser->variable_count--;
	return expr->arg_count == 2 ? expr : NULL;
}

static Expr *
ParseIf(Parser *parser)
{
	Expr *expr = NewExpr(parser, EXPR_IF, parser->at);

	if (!Expect(parser, "(") || !AddArg(parser, expr, ParseExpr(parser)) || !Expect(parser, ")"))
		return NULL;
	if (!TakeKeyword(parser, "then"))
		return Fail(parser, parser->at, "\"then\" expected in expression");
	if (!AddArg(parser, expr, ParseSingle(parser)))
		return NULL;
	if (!TakeKeyword(parser, "else"))
		return Fail(parser, parser->at, "\"else\" expected in expression");
	return AddArg(parser, expr, ParseSingle(parser)) ? expr : NULL;
}

/* One expression without a top-level comma. */
static Expr *
ParseSingle(Parser *parser)
{
	Expr *expr;

	if (++parser->nesting > MAX_NESTING)
		return Fail(parser, parser->at, "expression is nested too deeply");
	if (TakeKeywordBefore(parser, "if", '('))
		expr = ParseIf(parser);
	else if (TakeKeywordBefore(parser, "some", '$'))
		expr = ParseBinding(parser, EXPR_SOME, "in", "satisfies");
	else if (TakeKeywordBefore(parser, "every", '$'))
		expr = ParseBinding(parser, EXPR_EVERY, "in", "satisfies");
	else if (TakeKeywordBefore(parser, "for", '$'))
		expr = ParseBinding(parser, EXPR_FOR, "in", "return");
	else if (TakeKeywordBefore(parser, "let", '$'))
		expr = ParseBinding(parser, EXPR_LET, ":=", "return");
	else
		expr = ParseOr(parser);
	parser->nesting--;
	return parser->status == CLEX_OK ? expr : NULL;
}

/* Single expressions joined by commas: a sequence. */
static Expr *
ParseExpr(Parser *parser)
{
	Expr *first = ParseSingle(parser);
	Expr *expr = NULL;

	while (first != NULL && TakeSymbol(parser, ","))
	{
		if (expr == NULL && (expr = NewExpr(parser, EXPR_SEQUENCE, first->position - 1)) != NULL &&
			!AddArg(parser, expr, first))
			return NULL;
		if (!AddArg(parser, expr, ParseSingle(parser)))
			return NULL;
	}
	return expr != NULL ? expr : first;
}

ClexStatus
ExprCompile(Span text, Vocabulary vocabulary, uint32_t context, const ExprScope *scope,
			Arena *arena, Expr **expr, ClexError *error)
{
	Parser parser = {.text = text,
					 .vocabulary = vocabulary,
					 .context = vocabulary == VOCABULARY_TERMS ? context : TARGET_UNKNOWN,
					 .scope = scope,
					 .arena = arena,
					 .error = error,
					 .status = CLEX_OK};

	*expr = ParseExpr(&parser);
	SkipSpace(&parser);
	if (parser.status == CLEX_OK && parser.at < text.length)
		Fail(&parser, parser.at, "unexpected text in expression");
	if (parser.status == CLEX_OK && *expr == NULL)
		Fail(&parser, parser.at, "incomplete expression");
	if (parser.status == CLEX_OK)
	{
		ResolveNameFilters(*expr, vocabulary, arena);
		FoldTextComparisons(*expr, arena);
	}
	return parser.status;
}

uint32_t
ExprTargetTerm(const Expr *expr)
{
	return expr->target;
}
