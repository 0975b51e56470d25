/* Term expressions over semantic documents: finding terms, typed values, and the limits of a run. */
#include "expr_case.h"

#include <stdlib.h>

static const char invoice[] =
	"{\"$kind\":\"invoice\",\"invoice\":{\"number\":\"4711\","
	"\"issue_date\":\"2026-05-31\",\"currency\":\"EUR\"},"
	"\"totals\":{\"lines_net\":\"30.00\",\"with_vat\":\"35.70\"},"
	"\"vat_breakdown\":[{\"category\":\"S\",\"tax_amount\":\"5.70\"}],"
	"\"lines\":[{\"identifier\":\"1\",\"net_amount\":\"10.00\",\"quantity\":\"2\"},"
	"{\"identifier\":\"2\",\"net_amount\":\"20.00\"},{\"identifier\":\"3\","
	"\"net_amount\":\"6E1\"}]}";

static const ExprCase terms[] = {
	{"BT-1", "4711"},
	{"invoice/number", "4711"},
	{"invoice.number", "4711"},
	{"BT-112", "35.70"},
	{"totals/payable", "()"},
	{"BG-22/BT-112", "35.70"},
	{"lines/BT-126", "1 2 3"},
	{"BG-25/BT-126", "1 2 3"},
	{"lines[2]/BT-131", "20.00"},
	{"lines[last()]/BT-126", "3"},
	{"lines[BT-126 = '2']/BT-131", "20.00"},
	{"count(lines)", "3"},
	{"BT-126", "1 2 3"},
	{"lines[1]/BT-5", "EUR"},
	{"lines/concat(BT-126, BT-5)", "1EUR 2EUR 3EUR"},
	{"for $l in lines return concat($l/BT-126, '-', $l/BT-5)", "1-EUR 2-EUR 3-EUR"},
	{"some $l in lines satisfies $l/BT-129 = 2", "true"},
	{"every $l in lines satisfies $l/BT-126 != ''", "true"},
	{"lines[1]/../BT-1", "4711"},
	{"//BT-126", "1 2 3"},
	{"name(BT-1)", "BT-1"},
	{"lines/name()", "BG-25 BG-25 BG-25"},
	{"BT-20", "()"},
	{"exists(BT-20)", "false"},
	/* values are typed */
	{"BT-106 + BT-117", "35.70"},
	{"BT-106 + BT-117 = BT-112", "true"},
	{"sum(lines[position() < 3]/BT-131)", "30.00"},
	{"lines[1]/BT-131 = 10", "true"},
	{"lines[1]/BT-131 = '10.00'", "!\"10.00\" and \"10.00\" cannot be compared"},
	{"BT-2 + 30", "2026-06-30"},
	{"BT-2 < date('2026-06-01')", "true"},
	{"BT-2 < '2026-06-01'", "true"},
	{"BT-1 + 1", "!\"4711\" is not a number"},
	{"BT-1 = 4711", "!\"4711\" and \"4711\" cannot be compared"},
	{"decimal(BT-1) = 4711", "true"},
	{"scale(BT-112)", "2"},
	/* an amount that is none is text: it is no number, not even a double */
	{"lines[3]/BT-131", "6E1"},
	{"sum(lines/BT-131)", "!\"6E1\" cannot be added up"},
	{"lines[3]/BT-131 > 0", "!\"6E1\" and \"0\" cannot be compared"},
	{"lines[3]/BT-131 * 2", "!\"6E1\" is not a number"},
	{"decimal(lines[3]/BT-131)", "!\"6E1\" is not a decimal number"},
	/* what is no term says where */
	{"BT-9999", "?1 unknown business term \"BT-9999\" in expression"},
	{"1 + lines/nonsense", "?11 unknown business term \"nonsense\" in expression"},
	{"cbc:ID", "?1 unknown business term \"cbc:ID\" in expression"},
	/* keywords are words where no operator may stand; hyphens belong to names */
	{"BT-1-1", "?1 unknown business term \"BT-1-1\" in expression"},
	{"BT-106 - 1", "29.00"},
	{"div", "?1 unknown business term \"div\" in expression"},
	{"if", "?1 unknown business term \"if\" in expression"},
	{"BT-106 div BT-106 div 2", "0.5"},
};

/* In a rule for lines a term is looked for from the line. */
static const ExprCase in_line[] = {
	{"BT-131", "20.00"}, {"BT-126", "2"},		   {"BT-5", "EUR"},		   {"../BT-1", "4711"},
	{"BT-106", "30.00"}, {"count(../lines)", "3"}, {".//BT-131", "20.00"}, {"BT-129", "()"},
};

static bool
InterruptedAtOnce(void *context)
{
	(void) context;
	return true;
}

/* However an expression tries to go on, it ends: with CLEX_LIMIT, CLEX_NO_MEMORY or an interrupt. */
static void
TestLimits(ExprBench *bench)
{
	static const char *const endless[] = {
		"every $a in 1 to 100000, $b in 1 to 100000 satisfies $a + $b > 0",
		"(1 to 1000000) = (for $x in 1 to 1000000 return -$x)",
		"count(for $a in 1 to 1000000 return index-of(1 to 1000, $a))",
		"let $t := string-join(1 to 100000, '') return translate($t, concat($t, 'x'), '') = 'a'",
		"count(distinct-values(1 to 1000000))",
		"every $i in 1 to 1000000 satisfies matches('aaaaaaaaaaaaaaaaaaaaaaab', '^(a|b)*c?b$')",
		"every $i in 1 to 9999 satisfies contains(string-join(1 to 9999, ''), 'a') = false()",
	};
	static ClexEnv env;

	for (size_t i = 0; i < sizeof(endless) / sizeof(endless[0]); i++)
	{
		bench->step_limit = 1000000;
		BenchRun(bench, SpanFromCString(endless[i]));
		Ok(bench->status == CLEX_LIMIT || bench->status == CLEX_NO_MEMORY, "ends (%s): %s",
		   ClexStatusName(bench->status), endless[i]);
		Ok(bench->steps < 2000000, "and soon: %llu steps", (unsigned long long) bench->steps);
	}
	bench->step_limit = 0;
	BenchRun(bench, SPAN_LITERAL("count(for $a in 1 to 1000000 return (1 to 1000000))"));
	Ok(bench->status == CLEX_NO_MEMORY, "memory ends without a step limit");
	BenchRun(bench, SPAN_LITERAL("1 to 2000000"));
	Ok(bench->status == CLEX_LIMIT, "a range is bounded");
	env = ClexPlainEnv;
	env.interrupted = InterruptedAtOnce;
	ArenaFree(&bench->scratch);
	ArenaInit(&bench->scratch, &env, (size_t) 64 << 20);
	for (size_t i = 0; i < sizeof(endless) / sizeof(endless[0]); i++)
	{
		BenchRun(bench, SpanFromCString(endless[i]));
		Ok(bench->status == CLEX_INTERRUPTED, "an interrupt is seen: %s", endless[i]);
	}
}

int
main(void)
{
	ExprBench bench;

	BenchInit(&bench);
	BenchJson(&bench, invoice);
	BENCH(&bench, terms);
	bench.context = TERM_BG_25;
	for (uint32_t i = TreeFirstNamed(&bench.tree, TERM_BG_25); i != 0 && bench.node == 0;
		 i = TreeAt(&bench.tree, i)->next_same)
		if (TreeAt(&bench.tree, i)->next_same != 0 &&
			TreeAt(&bench.tree, TreeAt(&bench.tree, i)->next_same)->next_same == 0)
			bench.node = i;
	BENCH(&bench, in_line);
	bench.context = TERM_NONE;
	bench.node = 0;
	TestLimits(&bench);
	BenchFree(&bench);
	return Done();
}
