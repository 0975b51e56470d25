/*
 * Expressions on a document as it was sent: what the axes around a node reach, and where patterns end.
 */
#include "core/expr/expr.h"
#include "core/xml/xml_read.h"
#include "tap.h"

static Arena compiled, run, scratch;
static ClexStatus status; /* of the last evaluation */

static const char document[] =
	"<a:InvoiceLine "
	"xmlns:a='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' "
	"xmlns:b='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>"
	"<b:ID schemeID='x'>1</b:ID><a:Item><b:ID>2</b:ID><b:Name>pen\n</b:Name><b:ID>3</b:ID></a:Item>"
	"<b:ID>4</b:ID></a:InvoiceLine>";

/* The value of an expression on the document as text. */
static Span
Value(const char *expression)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ExprScope scope = {0};
	Evaluator evaluator;
	ClexError error;
	XmlInfo info;
	Expr *expr;
	ShownKind kind;
	Span value;
	Tree tree;

	ArenaReset(&compiled);
	ArenaReset(&run);
	ArenaReset(&scratch);
	if (XmlRead(SpanFromCString(document), &limits, &run, &tree, &info, &error) != CLEX_OK ||
		ExprCompile(SpanFromCString(expression), VOCABULARY_SOURCE, 0, &scope, &compiled, &expr,
					&error) != CLEX_OK ||
		EvaluatorInit(&evaluator, &tree, VOCABULARY_SOURCE, &run, &scratch, 0, &error) != CLEX_OK)
		return SPAN_LITERAL("error");
	value = EvaluateText(&evaluator, expr, 0, &kind);
	status = evaluator.status;
	return value;
}

static void
Gives(const char *expression, const char *expected)
{
	Span value = Value(expression);

	Ok(SpanEqualCString(value, expected), "%s is \"%s\": \"%.*s\"", expression, expected,
	   (int) value.length, value.data);
}

/* A text for which there is too little memory is an error, not a shorter text. */
static void
TestLittleMemory(void)
{
	char expression[5100];
	int length = snprintf(expression, sizeof(expression), "for $i in 1 to 100 return '");

	memset(expression + length, 'x', 5000);
	snprintf(expression + length + 5000, sizeof(expression) - (size_t) length - 5000, "'");
	Ok(Value(expression).length == 100 * 5001 - 1 && status == CLEX_OK, "a long text");
	ArenaFree(&scratch);
	ArenaInit(&scratch, &ClexPlainEnv, 300000);
	Value(expression);
	Ok(status == CLEX_NO_MEMORY, "with too little memory");
	ArenaFree(&scratch);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
}

int
main(void)
{
	ArenaInit(&compiled, &ClexPlainEnv, 0);
	ArenaInit(&run, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);

	Gives("//cbc:Name/preceding::cbc:ID", "1 2");
	Gives("//cbc:Name/following::cbc:ID", "3 4");
	Gives("count(//cac:Item/preceding::*)", "1");
	Gives("count(//cac:Item/following::*)", "1");
	Gives("count(//cbc:Name/preceding::cac:Item)", "0");
	Gives("count(/*/following::*) + count(/*/preceding::*)", "0");
	Gives("//cbc:ID[. = (for $i in preceding::cbc:ID return $i + 1)]", "2 3 4");

	Gives("matches('pen', '^pen$')", "true");
	Gives("matches(//cbc:Name, '^pen$')", "false");
	Gives("matches(//cbc:Name, '^pen\\n$')", "true");
	Gives("matches(//cbc:Name, '^pen$', 'm')", "true");
	Gives("matches('5$', '^5\\$$')", "true");
	Gives("matches('5$', '^5[$]$')", "true");
	Gives("replace('ab', '$', 'c')", "abc");

	TestLittleMemory();
	ArenaFree(&compiled);
	ArenaFree(&run);
	ArenaFree(&scratch);
	return Done();
}
