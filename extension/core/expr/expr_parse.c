/*
 * expr_parse.c
 *		Text to compiled expression: operators, bindings and the entry of a recursive-descent parser.
 *
 * Names are resolved as they are met: expr_steps.c.
 */
#include "core/expr/parser.h"

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
	if ((expr = ParserNewExpr(parser, EXPR_NEGATE, start)) == NULL)
		return NULL;
	return ParserAddArg(parser, expr, operand) ? expr : NULL;
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
			expr = ParserNewExpr(parser, EXPR_UNION, first->position - 1);
			if (!ParserAddArg(parser, expr, first))
				return NULL;
			expr->target = first->target;
		}
		if (!ParserAddArg(parser, expr, ParseUnary(parser)))
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
		left = ParserNewBinary(parser, EXPR_ARITHMETIC, (uint8_t) operator_, at, left,
							   ParseUnion(parser));
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
			left = ParserNewBinary(parser, EXPR_ARITHMETIC, ARITHMETIC_ADD, at, left,
								   ParseProduct(parser));
		else if (TakeSymbol(parser, "-"))
			left = ParserNewBinary(parser, EXPR_ARITHMETIC, ARITHMETIC_SUBTRACT, at, left,
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
		return ParserNewBinary(parser, EXPR_RANGE, 0, at, left, ParseSum(parser));
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
			return ParserNewBinary(parser, EXPR_COMPARE, (uint8_t) symbols[i].operator_, at, left,
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
		if (expr == NULL && (expr = ParserNewExpr(parser, op, first->position - 1)) != NULL &&
			!ParserAddArg(parser, expr, first))
			return NULL;
		if (!ParserAddArg(parser, expr, operand(parser)))
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

/* "$x in a, $y in b RETURN body": nested one node a variable. */
static Expr *
ParseBinding(Parser *parser, ExprOp op, const char *link, const char *body)
{
	size_t start = parser->at;
	Expr *expr = ParserNewExpr(parser, op, start);
	Expr *value;
	Span name;

	if (!Expect(parser, "$"))
		return NULL;
	name = PeekName(parser);
	parser->at += name.length;
	if (name.data == NULL || parser->variable_count == MAX_VARIABLES)
		return ParserFail(parser, start, "a variable expected in expression");
	if (!TakeSymbol(parser, link))
		return ParserFail(parser, parser->at, "\"in\" or \":=\" expected in expression");
	value = ParseSingle(parser);
	if (!ParserAddArg(parser, expr, value))
		return NULL;
	expr->slot = parser->variable_count;
	parser->variable_targets[parser->variable_count] = value->target;
	parser->variables[parser->variable_count++] = name;
	if (TakeSymbol(parser, ","))
		ParserAddArg(parser, expr, ParseBinding(parser, op, link, body));
	else if (TakeKeyword(parser, body))
		ParserAddArg(parser, expr, ParseSingle(parser));
	else
		ParserFail(parser, parser->at, "\"satisfies\" or \"return\" expected in expression");
	parser->variable_count--;
	return expr->arg_count == 2 ? expr : NULL;
}

static Expr *
ParseIf(Parser *parser)
{
	Expr *expr = ParserNewExpr(parser, EXPR_IF, parser->at);

	if (!Expect(parser, "(") || !ParserAddArg(parser, expr, ParseExpr(parser)) ||
		!Expect(parser, ")"))
		return NULL;
	if (!TakeKeyword(parser, "then"))
		return ParserFail(parser, parser->at, "\"then\" expected in expression");
	if (!ParserAddArg(parser, expr, ParseSingle(parser)))
		return NULL;
	if (!TakeKeyword(parser, "else"))
		return ParserFail(parser, parser->at, "\"else\" expected in expression");
	return ParserAddArg(parser, expr, ParseSingle(parser)) ? expr : NULL;
}

/* One expression without a top-level comma. */
Expr *
ParseSingle(Parser *parser)
{
	Expr *expr;

	if (++parser->nesting > MAX_NESTING)
		return ParserFail(parser, parser->at, "expression is nested too deeply");
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
Expr *
ParseExpr(Parser *parser)
{
	Expr *first = ParseSingle(parser);
	Expr *expr = NULL;

	while (first != NULL && TakeSymbol(parser, ","))
	{
		if (expr == NULL &&
			(expr = ParserNewExpr(parser, EXPR_SEQUENCE, first->position - 1)) != NULL &&
			!ParserAddArg(parser, expr, first))
			return NULL;
		if (!ParserAddArg(parser, expr, ParseSingle(parser)))
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

	*expr = NULL;
	if (text.length > MAX_LENGTH)
		return ClexFail(error, CLEX_LIMIT, "an expression has more than %d bytes", MAX_LENGTH);
	*expr = ParseExpr(&parser);
	SkipSpace(&parser);
	if (parser.status == CLEX_OK && parser.at < text.length)
		ParserFail(&parser, parser.at, "unexpected text in expression");
	if (parser.status == CLEX_OK && *expr == NULL)
		ParserFail(&parser, parser.at, "incomplete expression");
	if (parser.status == CLEX_OK)
	{
		ResolveNameFilters(*expr, vocabulary, arena);
		FoldExpression(*expr, arena);
	}
	return parser.status;
}

uint32_t
ExprTargetTerm(const Expr *expr)
{
	return expr->target;
}
