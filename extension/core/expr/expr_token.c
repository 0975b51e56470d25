/*
 * expr_token.c
 *		Tokens and nodes of the expression parser.
 *
 * Whether "*", "div" or "-" is an operator depends on what stands before it, so tokens are cut from
 * the text where the grammar asks for them, not beforehand.
 */
#include "core/expr/parser.h"

#include <ctype.h>
#include <stdio.h>

/* Record the first error, with position and the text from there. */
void *
ParserFail(Parser *parser, size_t at, const char *message)
{
	Span shown = SpanCut(SpanOf(parser->text.data + at, parser->text.length - at), 60);

	if (parser->status != CLEX_OK)
		return NULL;
	parser->status = ClexFail(parser->error, CLEX_INVALID, "%s", message);
	ClexDetail(parser->error, "position %zu: %.*s", at + 1, (int) shown.length, shown.data);
	if (parser->error != NULL)
		parser->error->offset = at + 1;
	return NULL;
}

void *
ParserNoMemory(Parser *parser)
{
	if (parser->status == CLEX_OK)
		parser->status = ClexFail(parser->error, CLEX_NO_MEMORY, "out of memory");
	return NULL;
}

Expr *
ParserNewExpr(Parser *parser, ExprOp op, size_t at)
{
	Expr *expr = ArenaAllocZero(parser->arena, sizeof(Expr));

	if (expr == NULL)
		return ParserNoMemory(parser);
	expr->op = op;
	expr->position = (uint32_t) at + 1;
	expr->target = TARGET_UNKNOWN;
	if (op == EXPR_LITERAL)
		expr->constant = (Sequence){.items = &expr->literal, .count = 1, .capacity = 1};
	return expr;
}

/* Evaluating `expr` goes `depth` deep; a parser that would let it go deeper fails. */
bool
ParserSetDepth(Parser *parser, Expr *expr, uint32_t depth)
{
	if (depth > MAX_DEPTH)
		return ParserFail(parser, expr->position - 1, "expression is nested too deeply") != NULL;
	if (depth > expr->depth)
		expr->depth = (uint16_t) depth;
	return true;
}

bool
ParserAddArg(Parser *parser, Expr *expr, Expr *arg)
{
	Expr **args;

	if (expr == NULL || arg == NULL || !ParserSetDepth(parser, expr, arg->depth + 1u))
		return false;
	if (expr->arg_count == MAX_ARGS)
		return ParserFail(parser, expr->position - 1, "expression has too many parts") != NULL;
	if ((expr->arg_count & (expr->arg_count + 1)) == 0 || expr->args == NULL)
	{
		/* capacities 1, 3, 7, 15 ...: grow when all ones are full */
		args = ArenaAllocArray(parser->arena, (size_t) expr->arg_count * 2 + 1, sizeof(Expr *));
		if (args == NULL)
		{
			ParserNoMemory(parser);
			return false;
		}
		if (expr->arg_count > 0)
			memcpy(args, expr->args, expr->arg_count * sizeof(Expr *));
		expr->args = args;
	}
	expr->args[expr->arg_count++] = arg;
	return true;
}

Expr *
ParserNewBinary(Parser *parser, ExprOp op, uint8_t operator_, size_t at, Expr *a, Expr *b)
{
	Expr *expr;

	if (a == NULL || b == NULL || (expr = ParserNewExpr(parser, op, at)) == NULL)
		return NULL;
	expr->operator_ = operator_;
	return ParserAddArg(parser, expr, a) && ParserAddArg(parser, expr, b) ? expr : NULL;
}

void
SkipSpace(Parser *parser)
{
	while (parser->at < parser->text.length && IsXmlSpace(parser->text.data[parser->at]))
		parser->at++;
}

char
Peek(Parser *parser, size_t ahead)
{
	return parser->at + ahead < parser->text.length ? parser->text.data[parser->at + ahead] : '\0';
}

bool
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
bool
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
Span
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

bool
TakeKeyword(Parser *parser, const char *word)
{
	Span name = PeekName(parser);

	if (name.data == NULL || !SpanEqualCString(name, word))
		return false;
	parser->at += name.length;
	return true;
}

/* A keyword followed by a symbol ("if (", "some $"): only then is it one. */
bool
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

bool
Expect(Parser *parser, const char *symbol)
{
	char message[64];

	if (TakeSymbol(parser, symbol))
		return true;
	snprintf(message, sizeof(message), "\"%s\" expected in expression", symbol);
	ParserFail(parser, parser->at, message);
	return false;
}
