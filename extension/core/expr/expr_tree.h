/*
 * expr_tree.h
 *		The compiled form of an expression; private to core/expr.
 */
#ifndef CLEX_EXPR_TREE_H
#define CLEX_EXPR_TREE_H

#include "core/expr/expr.h"
#include "core/model/codes.h"
#include "core/model/terms.h"

typedef enum ExprOp
{
	EXPR_LITERAL,  /* literal */
	EXPR_SEQUENCE, /* args, joined; no args: the empty sequence */
	EXPR_VARIABLE, /* slot */
	EXPR_GLOBAL,   /* slot: document-wide value */
	EXPR_DOT,	   /* the context item */
	EXPR_PATH,	   /* start and steps */
	EXPR_UNION,	   /* args, in document order, each node once */
	EXPR_OR,	   /* args */
	EXPR_AND,	   /* args */
	EXPR_COMPARE,  /* args[0] operator args[1], existential */
	/*
	 * args[0] = args[1], made from comparisons such as upper-case(normalize-space(cbc:ID)) = 'VAT': the
	 * first argument is a path, the second a text literal, what to do before comparing is in folding.
	 */
	EXPR_TEXT_EQUALS,
	/*
	 * Made from comparisons such as cac:TaxScheme/upper-case(cbc:ID) = 'VAT': the condition args[1] holds
	 * for some node of the path args[0]; args[2] keeps the comparison.
	 */
	EXPR_TEXT_EQUALS_ANY,
	EXPR_RANGE, /* args[0] to args[1] */
	EXPR_ARITHMETIC,
	EXPR_NEGATE,
	EXPR_IF,   /* args: condition, then, else */
	EXPR_SOME, /* slot, args: sequence, condition */
	EXPR_EVERY,
	EXPR_FOR,  /* slot, args: sequence, result */
	EXPR_LET,  /* slot, args: value, result */
	EXPR_CALL, /* function, args */
} ExprOp;

typedef enum CompareOperator
{
	COMPARE_EQ,
	COMPARE_NE,
	COMPARE_LT,
	COMPARE_LE,
	COMPARE_GT,
	COMPARE_GE,
} CompareOperator;

typedef enum ArithmeticOperator
{
	ARITHMETIC_ADD,
	ARITHMETIC_SUBTRACT,
	ARITHMETIC_MULTIPLY,
	ARITHMETIC_DIVIDE,
	ARITHMETIC_INTEGER_DIVIDE,
	ARITHMETIC_MODULO,
} ArithmeticOperator;

typedef enum StepAxis
{
	AXIS_CHILD,
	AXIS_ATTRIBUTE,
	AXIS_DESCENDANT,
	AXIS_DESCENDANT_OR_SELF,
	AXIS_PARENT,
	AXIS_ANCESTOR,
	AXIS_ANCESTOR_OR_SELF,
	AXIS_SELF,
	AXIS_FOLLOWING_SIBLING,
	AXIS_PRECEDING_SIBLING,
	AXIS_FOLLOWING,
	AXIS_PRECEDING,
	AXIS_EXPRESSION, /* any expression, evaluated with each node as context */
} StepAxis;

typedef enum StepTest
{
	TEST_NAME,	  /* one name */
	TEST_ELEMENT, /* any element (any attribute on the attribute axis) */
	TEST_PREFIX,  /* any name of one namespace */
	TEST_NODE,	  /* any node */
	TEST_TEXT,	  /* the text of an element, if it has some */
} StepTest;

typedef struct Step
{
	StepAxis axis;
	StepTest test;
	NameId name;
	Span prefix;
	Expr *expression;
	Expr **predicates;
	uint16_t predicate_count;
	uint16_t nth;	 /* the only predicate is this number, on named children: 0 if not so */
	bool positional; /* a predicate may be a number or asks for position() or last() */
	bool plain;		 /* nodes to nodes, along an axis, without positions */
	/*
	 * a descendant step whose first predicate looks at the name alone: the names
	 * known when the library was built that pass it, as bits (NULL: not such a step).
	 */
	uint64_t *names;
	uint16_t name_predicates; /* leading predicates that `names` answers */
	struct Step *next;
} Step;

typedef enum PathStart
{
	START_CONTEXT,
	START_ROOT,
	START_EXPRESSION,
} PathStart;

struct Expr
{
	ExprOp op;
	uint8_t operator_; /* CompareOperator or ArithmeticOperator */
	uint8_t function;  /* FunctionId */
	uint8_t folding;   /* FOLD_... */
	bool simple;	   /* path: named children and attributes only, no predicates */
	bool unordered;	   /* path: nodes may come out of order or twice */
	PathStart start;   /* path */
	uint16_t slot;
	uint16_t arg_count;
	uint16_t depth;	   /* how deep evaluating it recurses, see MAX_DEPTH */
	uint32_t position; /* 1-based, in the text */
	uint32_t target;   /* terms: the term this leads to, TARGET_UNKNOWN if not one */
	Expr **args;
	Step *steps;
	Expr *start_expression;
	ExprItem literal;
	Sequence constant;		  /* of a literal, or of a sequence of them; else without items */
	const CodeListFact *list; /* in-list */
};

#define FOLD_SPACE 0x01 /* normalize-space */
#define FOLD_CASE 0x02	/* upper-case */

#define TARGET_UNKNOWN UINT32_MAX
#define MAX_VARIABLES 32
#define MAX_NESTING 100
/* Bounds that keep the stack and the work of compiling small, whatever the text. */
#define MAX_DEPTH 400
#define MAX_ARGS 10000
#define MAX_PREDICATES 100
#define MAX_LENGTH (1024 * 1024)

typedef enum FunctionId
{
	FUNCTION_EXISTS,
	FUNCTION_EMPTY,
	FUNCTION_NOT,
	FUNCTION_TRUE,
	FUNCTION_FALSE,
	FUNCTION_BOOLEAN,
	FUNCTION_COUNT,
	FUNCTION_SUM,
	FUNCTION_MIN,
	FUNCTION_MAX,
	FUNCTION_AVG,
	FUNCTION_ROUND,
	FUNCTION_FLOOR,
	FUNCTION_CEILING,
	FUNCTION_ABS,
	FUNCTION_NUMBER,
	FUNCTION_DECIMAL,
	FUNCTION_INTEGER,
	FUNCTION_DOUBLE,
	FUNCTION_DATE,
	FUNCTION_BOOL,
	FUNCTION_STRING,
	FUNCTION_STRING_LENGTH,
	FUNCTION_NORMALIZE_SPACE,
	FUNCTION_UPPER_CASE,
	FUNCTION_LOWER_CASE,
	FUNCTION_SUBSTRING,
	FUNCTION_SUBSTRING_BEFORE,
	FUNCTION_SUBSTRING_AFTER,
	FUNCTION_CONTAINS,
	FUNCTION_STARTS_WITH,
	FUNCTION_ENDS_WITH,
	FUNCTION_TRANSLATE,
	FUNCTION_CONCAT,
	FUNCTION_STRING_JOIN,
	FUNCTION_REPLACE,
	FUNCTION_MATCHES,
	FUNCTION_TOKENIZE,
	FUNCTION_DISTINCT_VALUES,
	FUNCTION_INDEX_OF,
	FUNCTION_POSITION,
	FUNCTION_LAST,
	FUNCTION_NAME,
	FUNCTION_LOCAL_NAME,
	FUNCTION_IN_LIST,
	FUNCTION_SCALE,
	FUNCTION_LEXICAL,
	FUNCTION_IS_DATE,
	FUNCTION_IS_INTEGER,
	FUNCTION_LUHN,
	FUNCTION_MOD97,
	FUNCTION_MOD11,
	FUNCTION_GS1,
	FUNCTION_GLN,
	FUNCTION_SIREN,
	FUNCTION_SIRET,
	FUNCTION_IBAN,
	FUNCTION_BIC,
	FUNCTION_VAT_ID,
	FUNCTION_SCHEME_ID,
	FUNCTION_COUNT_
} FunctionId;

typedef struct Function
{
	const char *name;
	uint8_t min_args;
	uint8_t max_args; /* 255 = any number */
	bool text;		  /* its value is one text */
} Function;

extern const Function ClexFunctions[FUNCTION_COUNT_];

/* The context of an evaluation: an item and its place among its siblings. */
typedef struct Focus
{
	ExprItem item;
	uint32_t position;
	uint32_t last;
} Focus;

/* expr_item.c: items, casts and comparisons */
extern bool SequenceGrow(Evaluator *evaluator, Sequence *sequence);

static inline void
SequenceInit(Sequence *sequence)
{
	sequence->items = &sequence->single;
	sequence->count = 0;
	sequence->capacity = 1;
}

static inline void
SequenceAppend(Evaluator *evaluator, Sequence *sequence, ExprItem item)
{
	if (sequence->count < sequence->capacity || SequenceGrow(evaluator, sequence))
		sequence->items[sequence->count++] = item;
}

static inline void
SequenceSet(Sequence *sequence, ExprItem item)
{
	sequence->items[0] = item;
	sequence->count = 1;
}

extern ExprItem NodeAtomize(Evaluator *evaluator, ExprItem item);

/* A node's typed value; other items are what they are. */
static inline ExprItem
ItemAtomize(Evaluator *evaluator, ExprItem item)
{
	return item.type == ITEM_NODE ? NodeAtomize(evaluator, item) : item;
}

extern Span ItemText(Evaluator *evaluator, ExprItem item);
extern ShownKind SequenceKind(Evaluator *evaluator, const Sequence *sequence);
extern bool ItemToDouble(Evaluator *evaluator, ExprItem item, double *number);
extern bool ItemToDecimal(Evaluator *evaluator, ExprItem item, Decimal *decimal);
extern bool ItemToDate(Evaluator *evaluator, ExprItem item, int32_t *date);
extern bool ItemToBool(Evaluator *evaluator, ExprItem item, bool *value);
extern bool TextsCompare(CompareOperator operator_, Span a, Span b);
extern bool ItemsCompare(Evaluator *evaluator, CompareOperator operator_, ExprItem a, ExprItem b);
extern ExprItem ItemOfDecimal(Evaluator *evaluator, Decimal decimal);
extern bool ParseDouble(Span text, double *number);
extern void EvaluationFail(Evaluator *evaluator, ClexStatus status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
extern const char *QuoteValue(Evaluator *evaluator, ExprItem item);

/* expr_path.c: paths; the visitor returns true to stop */
typedef bool (*ItemVisitor)(void *state, ExprItem item);
extern bool PathVisit(Evaluator *evaluator, const Expr *path, const Focus *focus,
					  ItemVisitor visitor, void *state);
extern void PathCollect(Evaluator *evaluator, const Expr *path, const Focus *focus, Sequence *out);
/*
 * Up to `enough` nodes of a simple path from a node: how many there are, and the first; no visitor, no
 * step counted.
 */
extern uint32_t PathFind(const Tree *tree, const Expr *path, const Focus *focus, uint32_t enough,
						 uint32_t *first);
extern void SortNodes(Evaluator *evaluator, Sequence *sequence);

/* expr_fold.c */
extern void FoldExpression(Expr *expr, Arena *arena);
extern bool EvaluateTextEquals(Evaluator *evaluator, const Expr *expr, const Focus *focus);
extern bool EvaluateTextEqualsAny(Evaluator *evaluator, const Expr *expr, const Focus *focus);

/* expr_names.c */
extern void ResolveNameFilters(Expr *expr, Vocabulary vocabulary, Arena *arena);

/* expr_eval.c */
extern void Evaluate(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out);
extern bool EvaluateCondition(Evaluator *evaluator, const Expr *expr, const Focus *focus);
extern const Sequence *Borrow(Evaluator *evaluator, const Expr *expr, const Focus *focus,
							  Sequence *own);
/* One item or none; several are an error.  False: none, or failed. */
extern bool EvaluateItem(Evaluator *evaluator, const Expr *expr, const Focus *focus,
						 ExprItem *item);
extern bool EvaluatorPause(Evaluator *evaluator);
/* Count work that grows with a text or a list; false when the evaluation must stop. */
extern bool EvaluatorCharge(Evaluator *evaluator, size_t work);

/* Count a step of work; false when the evaluation must stop. */
static inline bool
EvaluatorStep(Evaluator *evaluator)
{
	if (--evaluator->interrupt_countdown > 0)
		return evaluator->status == CLEX_OK;
	return EvaluatorPause(evaluator);
}

/* expr_regex.c: text as ICU wants it, and the functions with patterns */
typedef struct Wide
{
	uint16_t *data; /* UTF-16 */
	int32_t length;
} Wide;

extern bool ToWide(Evaluator *evaluator, Span s, Wide *wide);
extern Span FromWide(Evaluator *evaluator, const uint16_t *data, int32_t length);
extern void CallRegex(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out);

/* expr_compare.c and expr_arithmetic.c; the latter set an empty `out` */
extern bool EvaluateComparison(Evaluator *evaluator, const Expr *expr, const Focus *focus);
extern void EvaluateArithmetic(Evaluator *evaluator, const Expr *expr, const Focus *focus,
							   Sequence *out);
extern void EvaluateNegate(Evaluator *evaluator, const Expr *expr, const Focus *focus,
						   Sequence *out);

/* Items of plain values. */
static inline ExprItem
BooleanItem(bool value)
{
	return (ExprItem){.type = ITEM_BOOLEAN, .as.boolean = value};
}

static inline ExprItem
DoubleItem(double value)
{
	return (ExprItem){.type = ITEM_DOUBLE, .as.number = value};
}

static inline ExprItem
IntegerItem(Evaluator *evaluator, int64_t value)
{
	return ItemOfDecimal(evaluator, DecimalFromInt64(value));
}

/* expr_cast.c: functions that make a number, a date or a truth value of one value */
extern void EvaluateRound(Evaluator *evaluator, const Expr *expr, const Focus *focus,
						  Sequence *out);
extern void EvaluateCast(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out);
extern void EvaluateNumber(Evaluator *evaluator, const Expr *expr, const Focus *focus,
						   Sequence *out);

/* expr_call.c and expr_text.c: functions */
extern ExprItem TextItem(Span text);
extern Span ArgumentText(Evaluator *evaluator, const Expr *expr, uint16_t arg, const Focus *focus);
/* Functions that yield a text are computed without a sequence around it. */
static inline bool
YieldsText(const Expr *expr)
{
	return expr->op == EXPR_CALL && ClexFunctions[expr->function].text;
}

/* False without a value. */
extern bool EvaluateTextFunction(Evaluator *evaluator, const Expr *expr, const Focus *focus,
								 Span *text);

/* The same: true if `expr` is a call of one. */
static inline bool
EvaluateTextValue(Evaluator *evaluator, const Expr *expr, const Focus *focus, bool *found,
				  Span *text)
{
	if (!YieldsText(expr))
		return false;
	*found = EvaluateTextFunction(evaluator, expr, focus, text);
	return true;
}

/* count(), string-length() and scale(); what is counted beyond `enough` need not be counted. */
extern int64_t EvaluateWholeFunction(Evaluator *evaluator, const Expr *expr, const Focus *focus,
									 int64_t enough);

static inline bool
EvaluateWholeCall(Evaluator *evaluator, const Expr *expr, const Focus *focus, int64_t enough,
				  int64_t *result)
{
	if (expr->function != FUNCTION_COUNT && expr->function != FUNCTION_STRING_LENGTH &&
		expr->function != FUNCTION_SCALE)
		return false;
	*result = EvaluateWholeFunction(evaluator, expr, focus, enough);
	return true;
}

extern int64_t WrittenScale(Span s);
extern int64_t CharacterCount(Span s);
/* Functions that yield a truth value: true if `expr` is a call of one. */
extern bool EvaluateBooleanCall(Evaluator *evaluator, const Expr *expr, const Focus *focus,
								bool *result);
extern void EvaluateCall(Evaluator *evaluator, const Expr *expr, const Focus *focus, Sequence *out);
extern void EvaluateTextCall(Evaluator *evaluator, const Expr *expr, const Focus *focus,
							 Sequence *out);

/* True if the expression is a path (or the context item): it can be visited without collecting. */
static inline bool
IsPath(const Expr *expr)
{
	return expr->op == EXPR_PATH;
}

#endif
