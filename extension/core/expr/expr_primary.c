/*
 * expr_primary.c
 *		Literals, variables and function calls.
 */
#include "core/expr/parser.h"

#include <ctype.h>

static Expr *
ParseText(Parser *parser, char quote)
{
	size_t start = parser->at++;
	Expr *expr = ParserNewExpr(parser, EXPR_LITERAL, start);
	Text text;

	TextInit(&text, parser->arena);
	for (;; parser->at++)
	{
		if (parser->at >= parser->text.length)
			return ParserFail(parser, start, "unterminated text in expression");
		if (Peek(parser, 0) == quote)
		{
			parser->at++;
			if (Peek(parser, 0) != quote)
				break;
		}
		TextAppendChar(&text, Peek(parser, 0));
	}
	if (expr == NULL || text.failed)
		return ParserNoMemory(parser);
	expr->literal.type = ITEM_TEXT;
	expr->literal.as.text = text.length > 0 ? TextSpan(&text) : SPAN_LITERAL("");
	return expr;
}

static Expr *
ParseNumber(Parser *parser)
{
	size_t start = parser->at;
	Expr *expr = ParserNewExpr(parser, EXPR_LITERAL, start);
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
		return ParserFail(parser, start, "malformed number in expression");
	if (exponent)
	{
		expr->literal.type = ITEM_DOUBLE;
		if (!ParseDouble(written, &expr->literal.as.number))
			return ParserFail(parser, start, "malformed number in expression");
	}
	else
	{
		Decimal *decimal = ArenaAlloc(parser->arena, sizeof(Decimal));

		if (decimal == NULL)
			return ParserNoMemory(parser);
		if (DecimalParse(written, decimal) != CLEX_OK)
			return ParserFail(parser, start, "malformed number in expression");
		expr->literal.type = ITEM_DECIMAL;
		expr->literal.as.decimal = decimal;
	}
	return expr;
}

static Expr *
FinishCall(Parser *parser, Expr *call, size_t start)
{
	const Function *function = &ClexFunctions[call->function];

	if (call->arg_count < function->min_args ||
		(function->max_args != 255 && call->arg_count > function->max_args))
		return ParserFail(parser, start, "wrong number of arguments in expression");
	if (call->function == FUNCTION_POSITION || call->function == FUNCTION_LAST)
		parser->positional = true;
	if (call->function == FUNCTION_IN_LIST)
	{
		const Expr *list = call->args[0];

		if (list->op != EXPR_LITERAL || list->literal.type != ITEM_TEXT)
			return ParserFail(parser, start,
							  "in-list needs the name of a code list as its first argument");
		call->list = CodeListFind(list->literal.as.text);
		if (call->list == NULL)
		{
			ParserFail(parser, start, "unknown code list in expression");
			ClexHint(parser->error, "See view clex.codes for the code lists.");
			return NULL;
		}
	}
	return call;
}

static Expr *
ParseCall(Parser *parser, Span name, size_t start)
{
	Expr *call = ParserNewExpr(parser, EXPR_CALL, start);
	uint32_t function = 0;

	while (function < FUNCTION_COUNT_ && !SpanEqualCString(name, ClexFunctions[function].name))
		function++;
	if (call == NULL)
		return NULL;
	if (function == FUNCTION_COUNT_)
	{
		ParserFail(parser, start, "unknown function in expression");
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
			if (!ParserAddArg(parser, call, ParseSingle(parser)))
				return NULL;
		} while (TakeSymbol(parser, ","));
		if (!Expect(parser, ")"))
			return NULL;
	}
	return FinishCall(parser, call, start);
}

/* Is the next thing a primary expression rather than a step by name? */
bool
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
		return ParserFail(parser, start, "a name expected after \"$\" in expression");
	parser->at += name.length;
	for (uint16_t i = parser->variable_count; i > 0; i--)
		if (SpanEqual(parser->variables[i - 1], name))
		{
			if ((expr = ParserNewExpr(parser, EXPR_VARIABLE, start)) != NULL)
			{
				expr->slot = i - 1;
				expr->target = parser->variable_targets[i - 1];
			}
			return expr;
		}
	for (uint16_t i = 0; parser->scope != NULL && i < parser->scope->count; i++)
		if (SpanEqual(parser->scope->names[i], name))
		{
			if ((expr = ParserNewExpr(parser, EXPR_GLOBAL, start)) != NULL)
				expr->slot = i;
			return expr;
		}
	return ParserFail(parser, start, "unknown variable in expression");
}

Expr *
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
			return ParserNewExpr(parser, EXPR_SEQUENCE, start);
		inner = ParseExpr(parser);
		return inner != NULL && Expect(parser, ")") ? inner : NULL;
	}
	name = PeekName(parser);
	parser->at += name.length;
	return ParseCall(parser, name, start);
}
