/*
 * parser.h
 *		The state of the expression parser; private to the files that make it up.
 */
#ifndef CLEX_EXPR_PARSER_H
#define CLEX_EXPR_PARSER_H

#include "core/expr/expr_tree.h"

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
	bool axis_given; /* the step parsed last named its axis */
} Parser;

/* expr_token.c: errors (the first one counts; both return NULL), nodes, tokens */
extern void *ParserFail(Parser *parser, size_t at, const char *message);
extern void *ParserNoMemory(Parser *parser);
extern Expr *ParserNewExpr(Parser *parser, ExprOp op, size_t at);
extern bool ParserSetDepth(Parser *parser, Expr *expr, uint32_t depth);
extern bool ParserAddArg(Parser *parser, Expr *expr, Expr *arg);
extern Expr *ParserNewBinary(Parser *parser, ExprOp op, uint8_t operator_, size_t at, Expr *a,
							 Expr *b);
extern void SkipSpace(Parser *parser);
extern char Peek(Parser *parser, size_t ahead);
extern bool IsNameStart(char c);
extern bool TakeSymbol(Parser *parser, const char *symbol);
extern Span PeekName(Parser *parser);
extern bool TakeKeyword(Parser *parser, const char *word);
extern bool TakeKeywordBefore(Parser *parser, const char *word, char symbol);
extern bool Expect(Parser *parser, const char *symbol);

/* expr_primary.c */
extern bool AtPrimary(Parser *parser);
extern Expr *ParsePrimary(Parser *parser);

/* expr_steps.c */
extern Expr *ParsePath(Parser *parser);

/* expr_shape.c: a path whose steps are all parsed; the last two return false after an error */
extern bool PathMayBeUnordered(const Expr *path);
extern bool PathIsSimple(const Expr *path);
extern bool PathMeasure(Parser *parser, Expr *path);
extern bool PathSortBeforeValues(Parser *parser, Expr *path);

/* expr_parse.c: with and without a comma at the top */
extern Expr *ParseExpr(Parser *parser);
extern Expr *ParseSingle(Parser *parser);

#endif
