/*
 * expr_check.c
 *		Types of expressions over terms, found without a document.
 *
 * Each expression has a set of types its items may be of.  Only what fails whatever the document says
 * is refused: two sets of which no member can be compared, added or tested.
 */
#include "core/expr/expr_check.h"
#include "core/expr/expr_tree.h"

#include <stdio.h>

typedef enum TypeSet
{
	TYPE_GROUP = 0x01,
	TYPE_TEXT = 0x02,
	TYPE_NUMBER = 0x04,
	TYPE_DATE = 0x08,
	TYPE_BOOLEAN = 0x10,
	TYPE_UNTYPED = 0x20,
	TYPE_ANY = 0x3F,
} TypeSet;

#define TYPE_NUMERIC (TYPE_NUMBER | TYPE_UNTYPED)

typedef struct Checker
{
	Span text;
	ClexError *error;
	ClexStatus status;
	uint8_t slots[MAX_VARIABLES];
} Checker;

static uint8_t TypeOf(Checker *checker, const Expr *expr);

/* What a set of types is called: its first member. */
static const char *
TypeName(uint8_t types)
{
	return types & TYPE_GROUP	 ? "a group of terms"
		   : types & TYPE_TEXT	 ? "a text"
		   : types & TYPE_NUMBER ? "a number"
		   : types & TYPE_DATE	 ? "a date"
								 : "a truth value";
}

/* The position of an operation is that of its operator; it begins where its first operand does. */
uint32_t
ExprStart(const Expr *expr)
{
	while (expr->arg_count > 0 && expr->args[0]->position < expr->position)
		expr = expr->args[0];
	return expr->position;
}

/* The first mistake counts. */
static void
Refuse(Checker *checker, const Expr *at, const char *message)
{
	size_t start = ExprStart(at) - 1;
	Span shown;

	if (checker->status != CLEX_OK)
		return;
	shown = SpanCut(SpanOf(checker->text.data + start, checker->text.length - start), 60);
	checker->status = ClexFail(checker->error, CLEX_INVALID, "%s in expression", message);
	ClexDetail(checker->error, "position %zu: %.*s", start + 1, (int) shown.length, shown.data);
	if (checker->error != NULL)
		checker->error->offset = start + 1;
}

/* Refuse an operand none of whose types will do; an operand that is always empty will. */
static void
Require(Checker *checker, const Expr *expr, uint8_t types, uint8_t wanted, const char *as)
{
	char message[120];

	if (types == 0 || (types & wanted) != 0)
		return;
	snprintf(message, sizeof(message), "%s is no %s", TypeName(types), as);
	Refuse(checker, expr, message);
}

static uint8_t
TypeOfTerm(uint32_t term)
{
	if (term == TARGET_UNKNOWN)
		return TYPE_ANY;
	if (term == TERM_NONE)
		return TYPE_GROUP;
	switch ((ValueType) ClexTerms[term].type)
	{
		case VALUE_DECIMAL:
			return TYPE_NUMBER;
		case VALUE_DATE:
			return TYPE_DATE;
		case VALUE_GROUP:
			return TYPE_GROUP;
		case VALUE_TEXT:
		case VALUE_BINARY:
			return TYPE_TEXT;
		case VALUE_UNTYPED:
			break;
	}
	return TYPE_ANY;
}

/*
 * The expressions inside a step, and what it yields: predicates of one that yields values have no term as
 * context.
 */
static uint8_t
TypeOfStep(Checker *checker, const Step *step, const Expr *path)
{
	uint8_t types = TYPE_ANY;

	if (step->axis == AXIS_EXPRESSION)
		types = TypeOf(checker, step->expression);
	else if (step->test == TEST_NAME)
		types = TypeOfTerm(step->name);
	else if (step->test == TEST_TEXT)
		types = TYPE_TEXT;
	else if (step->axis == AXIS_PARENT)
		types = TYPE_GROUP;
	else if (step->axis == AXIS_SELF && step == path->steps)
		types = TypeOfTerm(path->target);
	if (step->axis == AXIS_EXPRESSION && step->expression->target == TARGET_UNKNOWN)
		return types;
	for (uint16_t i = 0; i < step->predicate_count; i++)
		TypeOf(checker, step->predicates[i]);
	return types;
}

static uint8_t
TypeOfPath(Checker *checker, const Expr *path)
{
	uint8_t types = TYPE_GROUP;

	if (path->start_expression != NULL)
		TypeOf(checker, path->start_expression);
	for (const Step *step = path->steps; step != NULL; step = step->next)
		types = TypeOfStep(checker, step, path);
	return types;
}

/* Can an item of one set be compared with one of the other? */
static bool
Comparable(uint8_t a, uint8_t b)
{
	static const uint8_t partners[] = {
		0,									  /* group */
		TYPE_TEXT | TYPE_DATE | TYPE_UNTYPED, /* text */
		TYPE_NUMBER | TYPE_UNTYPED,			  /* number */
		TYPE_DATE | TYPE_TEXT | TYPE_UNTYPED, /* date */
		TYPE_BOOLEAN | TYPE_UNTYPED,		  /* truth value */
		(uint8_t) (TYPE_ANY & ~TYPE_GROUP),	  /* untyped */
	};

	for (unsigned i = 0; i < sizeof(partners); i++)
		if ((a & 1u << i) != 0 && (partners[i] & b) != 0)
			return true;
	return a == 0 || b == 0;
}

/* Texts beside a date must be dates. */
static void
CheckDates(Checker *checker, const Expr *expr)
{
	int32_t date;

	if (expr->op == EXPR_SEQUENCE)
		for (uint16_t i = 0; i < expr->arg_count; i++)
			CheckDates(checker, expr->args[i]);
	else if (expr->op == EXPR_LITERAL && expr->literal.type == ITEM_TEXT &&
			 DateParse(expr->literal.as.text, &date, NULL) != CLEX_OK)
		Refuse(checker, expr, "a text that is no date is compared with a date");
}

static void
CheckComparison(Checker *checker, const Expr *expr)
{
	uint8_t a = TypeOf(checker, expr->args[0]);
	uint8_t b = TypeOf(checker, expr->args[1]);
	char message[120];

	if (!Comparable(a, b))
	{
		snprintf(message, sizeof(message), "%s and %s cannot be compared", TypeName(a),
				 TypeName(b));
		Refuse(checker, expr->args[0], message);
	}
	if (a == TYPE_DATE)
		CheckDates(checker, expr->args[1]);
	if (b == TYPE_DATE)
		CheckDates(checker, expr->args[0]);
}

/* date - date is a number, date + n and date - n are dates, all else is of numbers. */
static uint8_t
TypeOfArithmetic(Checker *checker, const Expr *expr)
{
	uint8_t a = TypeOf(checker, expr->args[0]);
	uint8_t b = TypeOf(checker, expr->args[1]);
	bool add = expr->operator_ == ARITHMETIC_ADD;
	bool dates = add || expr->operator_ == ARITHMETIC_SUBTRACT;
	uint8_t wanted = TYPE_NUMERIC | (dates ? TYPE_DATE : 0);

	Require(checker, expr->args[0], a, wanted, "number");
	Require(checker, expr->args[1], b, wanted, "number");
	if (!dates)
		return TYPE_NUMBER;
	if (add && a == TYPE_DATE && b == TYPE_DATE)
		Refuse(checker, expr->args[0], "two dates cannot be added up");
	if (!add && a == TYPE_NUMBER && b == TYPE_DATE)
		Refuse(checker, expr->args[0], "a date cannot be taken from a number");
	if (a == TYPE_DATE || (add && b == TYPE_DATE))
		return !add && b == TYPE_DATE		? TYPE_NUMBER
			   : !add && (b & TYPE_UNTYPED) ? TYPE_NUMBER | TYPE_DATE
											: TYPE_DATE;
	return (a | b) & (TYPE_DATE | TYPE_UNTYPED) ? TYPE_NUMBER | TYPE_DATE : TYPE_NUMBER;
}

static void
CheckCondition(Checker *checker, const Expr *expr, uint8_t types)
{
	if (types == TYPE_DATE && expr->op != EXPR_PATH && expr->op != EXPR_DOT &&
		expr->op != EXPR_VARIABLE)
		Refuse(checker, expr, "a date is no condition");
}

static uint8_t
TypeOfCall(Checker *checker, const Expr *expr)
{
	uint8_t first = 0;

	for (uint16_t i = 0; i < expr->arg_count; i++)
	{
		uint8_t types = TypeOf(checker, expr->args[i]);

		if (i == 0)
			first = types;
	}
	switch ((FunctionId) expr->function)
	{
		case FUNCTION_NOT:
		case FUNCTION_BOOLEAN:
			CheckCondition(checker, expr->args[0], first);
			return TYPE_BOOLEAN;
		case FUNCTION_SUM:
		case FUNCTION_AVG:
		case FUNCTION_ROUND:
		case FUNCTION_FLOOR:
		case FUNCTION_CEILING:
		case FUNCTION_ABS:
			Require(checker, expr->args[0], first, TYPE_NUMERIC, "number");
			return TYPE_NUMBER;
		case FUNCTION_DECIMAL:
		case FUNCTION_INTEGER:
		case FUNCTION_DOUBLE:
			Require(checker, expr->args[0], first, TYPE_NUMERIC | TYPE_TEXT | TYPE_BOOLEAN,
					"number");
			return TYPE_NUMBER;
		case FUNCTION_DATE:
			Require(checker, expr->args[0], first, TYPE_DATE | TYPE_TEXT | TYPE_UNTYPED, "date");
			return TYPE_DATE;
		case FUNCTION_COUNT:
		case FUNCTION_NUMBER:
		case FUNCTION_STRING_LENGTH:
		case FUNCTION_INDEX_OF:
		case FUNCTION_POSITION:
		case FUNCTION_LAST:
		case FUNCTION_SCALE:
			return TYPE_NUMBER;
		case FUNCTION_MIN:
		case FUNCTION_MAX:
			Require(checker, expr->args[0], first, TYPE_ANY & ~TYPE_GROUP, "value");
			return first;
		case FUNCTION_DISTINCT_VALUES:
			return first;
		case FUNCTION_STRING:
		case FUNCTION_NORMALIZE_SPACE:
		case FUNCTION_UPPER_CASE:
		case FUNCTION_LOWER_CASE:
		case FUNCTION_SUBSTRING:
		case FUNCTION_SUBSTRING_BEFORE:
		case FUNCTION_SUBSTRING_AFTER:
		case FUNCTION_TRANSLATE:
		case FUNCTION_CONCAT:
		case FUNCTION_STRING_JOIN:
		case FUNCTION_REPLACE:
		case FUNCTION_TOKENIZE:
		case FUNCTION_NAME:
		case FUNCTION_LOCAL_NAME:
		case FUNCTION_LEXICAL:
			return TYPE_TEXT;
		default:
			return TYPE_BOOLEAN;
	}
}

/* some, every, for, let: a variable of the type of what it runs over. */
static uint8_t
TypeOfBinding(Checker *checker, const Expr *expr)
{
	uint8_t types;

	checker->slots[expr->slot] = TypeOf(checker, expr->args[0]);
	types = TypeOf(checker, expr->args[1]);
	if (expr->op == EXPR_FOR || expr->op == EXPR_LET)
		return types;
	return TYPE_BOOLEAN;
}

static uint8_t
TypeOfLiteral(const Expr *expr)
{
	switch (expr->literal.type)
	{
		case ITEM_DECIMAL:
		case ITEM_DOUBLE:
			return TYPE_NUMBER;
		case ITEM_TEXT:
			return TYPE_TEXT;
		default:
			return TYPE_ANY;
	}
}

static uint8_t
TypeOf(Checker *checker, const Expr *expr)
{
	uint8_t types = 0;

	switch (expr->op)
	{
		case EXPR_LITERAL:
			return TypeOfLiteral(expr);
		case EXPR_SEQUENCE:
		case EXPR_UNION:
			for (uint16_t i = 0; i < expr->arg_count; i++)
				types |= TypeOf(checker, expr->args[i]);
			return types;
		case EXPR_VARIABLE:
			return checker->slots[expr->slot];
		case EXPR_GLOBAL:
			return TYPE_UNTYPED;
		case EXPR_DOT:
			return TypeOfTerm(expr->target);
		case EXPR_PATH:
			return TypeOfPath(checker, expr);
		case EXPR_OR:
		case EXPR_AND:
			for (uint16_t i = 0; i < expr->arg_count; i++)
				CheckCondition(checker, expr->args[i], TypeOf(checker, expr->args[i]));
			return TYPE_BOOLEAN;
		case EXPR_COMPARE:
			CheckComparison(checker, expr);
			return TYPE_BOOLEAN;
		case EXPR_TEXT_EQUALS:
		case EXPR_TEXT_EQUALS_ANY:
			return TypeOf(checker, expr->args[2]);
		case EXPR_RANGE:
			Require(checker, expr->args[0], TypeOf(checker, expr->args[0]), TYPE_NUMERIC, "number");
			Require(checker, expr->args[1], TypeOf(checker, expr->args[1]), TYPE_NUMERIC, "number");
			return TYPE_NUMBER;
		case EXPR_ARITHMETIC:
			return TypeOfArithmetic(checker, expr);
		case EXPR_NEGATE:
			Require(checker, expr->args[0], TypeOf(checker, expr->args[0]), TYPE_NUMERIC, "number");
			return TYPE_NUMBER;
		case EXPR_IF:
			CheckCondition(checker, expr->args[0], TypeOf(checker, expr->args[0]));
			types = TypeOf(checker, expr->args[1]);
			return types | TypeOf(checker, expr->args[2]);
		case EXPR_SOME:
		case EXPR_EVERY:
		case EXPR_FOR:
		case EXPR_LET:
			return TypeOfBinding(checker, expr);
		case EXPR_CALL:
			return TypeOfCall(checker, expr);
	}
	return TYPE_ANY;
}

/* Is it a value computed from nodes, which says nothing about whether there are any? */
static bool
IsComputed(const Expr *expr)
{
	return expr->op == EXPR_LITERAL || expr->op == EXPR_ARITHMETIC || expr->op == EXPR_NEGATE ||
		   expr->op == EXPR_CALL || expr->op == EXPR_RANGE;
}

ClexStatus
ExprCheckTypes(const Expr *expr, ExprUse use, Span text, ClexError *error)
{
	Checker checker = {.text = text, .error = error, .status = CLEX_OK};
	uint8_t types = TypeOf(&checker, expr);
	char message[120];

	switch (use)
	{
		case EXPR_CONDITION:
			CheckCondition(&checker, expr, types);
			if ((types & TYPE_BOOLEAN) == 0 && IsComputed(expr))
			{
				snprintf(message, sizeof(message), "%s is no condition", TypeName(types));
				Refuse(&checker, expr, message);
			}
			break;
		case EXPR_VALUE:
			Require(&checker, expr, types, TYPE_ANY & ~TYPE_GROUP, "value");
			break;
		case EXPR_NODES:
			if (expr->op != EXPR_PATH && expr->op != EXPR_UNION && expr->op != EXPR_DOT)
				Refuse(&checker, expr, "something else than places of the document");
			break;
	}
	return checker.status;
}

/* ---- terms ---- */

static bool
AddTerm(Vector *terms, uint32_t term)
{
	uint32_t *slot;

	for (uint32_t i = 0; i < terms->count; i++)
		if (VectorAt(terms, uint32_t, i) == term)
			return true;
	if ((slot = VectorPush(terms)) == NULL)
		return false;
	*slot = term;
	return true;
}

static bool
CollectFromStep(const Step *step, Vector *terms)
{
	bool good = step->expression == NULL || ExprCollectTerms(step->expression, terms);

	for (uint16_t i = 0; i < step->predicate_count && good; i++)
		good = ExprCollectTerms(step->predicates[i], terms);
	return good;
}

bool
ExprCollectTerms(const Expr *expr, Vector *terms)
{
	bool good = expr->start_expression == NULL || ExprCollectTerms(expr->start_expression, terms);
	bool folded = expr->op == EXPR_TEXT_EQUALS || expr->op == EXPR_TEXT_EQUALS_ANY;

	/* the last argument of a folded comparison says all of it */
	for (uint16_t i = folded ? 2 : 0; i < expr->arg_count && good; i++)
		good = ExprCollectTerms(expr->args[i], terms);
	for (const Step *step = expr->steps; step != NULL && good; step = step->next)
	{
		good = CollectFromStep(step, terms);
		if (good && step->next == NULL && step->test == TEST_NAME && step->name != TERM_NONE)
			good = AddTerm(terms, step->name);
	}
	return good;
}
