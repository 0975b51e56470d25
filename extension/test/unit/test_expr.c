/* The grammar of term expressions: every production, precedence, names, and what is refused. */
#include "expr_case.h"

#include <stdlib.h>

static const char invoice[] = UBL_ROOT
	"<cbc:ID schemeID='s'>4711</cbc:ID>"
	"<cbc:Note languageID='de'>n1</cbc:Note><cbc:Note>n2</cbc:Note><cbc:Note/>"
	"<cac:OrderReference><cbc:ID>O1</cbc:ID></cac:OrderReference>"
	"<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:LineExtensionAmount "
	"currencyID='EUR'>10</cbc:LineExtensionAmount><cac:Item><cbc:Name>A</cbc:Name></cac:Item>"
	"</cac:InvoiceLine>"
	"<cac:InvoiceLine><cbc:ID>2</cbc:ID><cbc:LineExtensionAmount "
	"currencyID='USD'>20</cbc:LineExtensionAmount><cac:Item><cbc:Name>B</cbc:Name></cac:Item>"
	"</cac:InvoiceLine>"
	"<cac:InvoiceLine><cbc:ID>3</cbc:ID><cac:Item><cbc:Name>C</cbc:Name></cac:Item>"
	"</cac:InvoiceLine></Invoice>";

static const ExprCase literals[] = {
	{"'a'", "a"},
	{"\"a\"", "a"},
	{"'it''s'", "it's"},
	{"\"a\"\"b\"", "a\"b"},
	{"''", ""},
	{"'caf\xC3\xA9'", "caf\xC3\xA9"},
	{"12", "12"},
	{"12.50", "12.50"},
	{".5", "0.5"},
	{"5.", "5"},
	{"1.2e3", "1200"},
	{"1E-2", "0.01"},
	{"12345678901234567890123456789012345678", "12345678901234567890123456789012345678"},
	{"()", "()"},
	{"(1, 'a', ())", "1 a"},
	{"((1, 2), (3))", "1 2 3"},
	{" \t\r\n 1 ", "1"},
	{"123456789012345678901234567890123456789", "?1 malformed number in expression"},
	{"1.2.3", "?1 malformed number in expression"},
	{"1e", "?1 malformed number in expression"},
	{"12abc", "?1 malformed number in expression"},
	{"'a", "?1 unterminated text in expression"},
	{"1 + 'a", "?5 unterminated text in expression"},
};

static const ExprCase precedence[] = {
	{"1 + 2 * 3", "7"},
	{"(1 + 2) * 3", "9"},
	{"10 - 4 - 3", "3"},
	{"100 div 10 div 5", "2"},
	{"7 idiv 2 * 2", "6"},
	{"7 mod 4 + 1", "4"},
	{"-2 + 3", "1"},
	{"- - 2", "2"},
	{"-+-+2", "2"},
	{"2 * -3", "-6"},
	{"-2 * -3", "6"},
	{"1 to 2 + 2", "1 2 3 4"},
	{"2 - 1 to 3", "1 2 3"},
	{"3 to 1", "()"},
	{"1 + 1 = 2", "true"},
	{"1 to 3 = 3", "true"},
	{"1 = 1 and 2 = 2", "true"},
	{"1 = 2 or 1 = 1 and 2 = 3", "false"},
	{"1 = 1 or 1 = 1 and 2 = 3", "true"},
	{"(1 = 1 or 1 = 1) and 2 = 3", "false"},
	{"1 < 2", "true"},
	{"2 <= 2", "true"},
	{"1 > 2", "false"},
	{"2 >= 3", "false"},
	{"1 != 1", "false"},
	{"1 = 1 = 1", "?7 unexpected text in expression"},
	{"count(/*/cbc:ID | /*/cbc:Note)", "4"},
	{"count(/*/cbc:ID union /*/cbc:Note)", "4"},
	{"//cbc:Name | //cbc:Note | /ubl:Invoice/cbc:ID | //cbc:Name", "4711 n1 n2  A B C"},
	{"1 +", "?4 a name, a value or \"(\" expected in expression"},
	{"* 2", "?3 unexpected text in expression"},
	{"(1", "?3 \")\" expected in expression"},
	{"1)", "?2 unexpected text in expression"},
	{"", "?1 a name, a value or \"(\" expected in expression"},
	{"  ", "?3 a name, a value or \"(\" expected in expression"},
	{"1 2", "?3 unexpected text in expression"},
	{",", "?1 a name, a value or \"(\" expected in expression"},
	{"(: comment :) 1", "?2 a name, a value or \"(\" expected in expression"},
};

static const ExprCase clauses[] = {
	{"if (1 = 1) then 'a' else 'b'", "a"},
	{"if (()) then 'a' else if (1) then 'b' else 'c'", "b"},
	{"if(1=2)then 1 else(2,3)", "2 3"},
	{"if (1) then 2", "?14 \"else\" expected in expression"},
	{"if (1) 2 else 3", "?8 \"then\" expected in expression"},
	{"some $x in (1, 2, 3) satisfies $x = 2", "true"},
	{"some $x in () satisfies true()", "false"},
	{"every $x in () satisfies false()", "true"},
	{"every $x in (1, 2, 3) satisfies $x < 3", "false"},
	{"some $x in (1, 2), $y in (2, 4) satisfies $x * 2 = $y", "true"},
	{"every $x in (1, 2), $y in ($x, 3) satisfies $y >= $x", "true"},
	{"for $x in (1, 2, 3) return $x * $x", "1 4 9"},
	{"for $x in 1 to 2, $y in 1 to 2 return concat($x, $y)", "11 12 21 22"},
	{"for $x in (1, 2) return ()", "()"},
	{"for $x in (for $x in (1, 2) return $x + 1) return $x * 10", "20 30"},
	{"let $a := 2 return $a * $a", "4"},
	{"let $a := 1, $b := $a + 1 return ($a, $b)", "1 2"},
	{"let $a := (1, 2) return let $b := ($a, 3) return count($b)", "3"},
	{"let $a := 1 return (for $a in (2, 3) return $a, $a)", "2 3 1"},
	{"for $x in (1, 2) return $y", "?25 unknown variable in expression"},
	{"(for $x in (1, 2) return $x, $x)", "?30 unknown variable in expression"},
	{"$unknown", "?1 unknown variable in expression"},
	{"$", "?1 a name expected after \"$\" in expression"},
	{"for $x return 1", "?8 \"in\" or \":=\" expected in expression"},
	{"some $x in (1) return 1", "?16 \"satisfies\" or \"return\" expected in expression"},
	{"for $x in (1, 2) satisfies $x", "?18 \"satisfies\" or \"return\" expected in expression"},
	{"let $x = 1 return $x", "?8 \"in\" or \":=\" expected in expression"},
};

static const ExprCase paths[] = {
	{"/ubl:Invoice/cbc:ID", "4711"},
	{"/*/cbc:ID", "4711"},
	{"cbc:ID", "()"},
	{"*/cbc:ID", "4711"},
	{"//cbc:ID", "4711 O1 1 2 3"},
	{"count(/)", "1"},
	{"/ubl:Invoice//cbc:ID", "4711 O1 1 2 3"},
	{"//cac:InvoiceLine//cbc:Name", "A B C"},
	{"//cac:InvoiceLine/*/cbc:Name", "A B C"},
	{"count(//*)", "21"},
	{"count(//cbc:*)", "13"},
	{"count(/*/cac:*)", "4"},
	{"//@currencyID", "EUR USD"},
	{"count(//@*)", "4"},
	{"//cbc:ID/@schemeID", "s"},
	{"//cbc:LineExtensionAmount/attribute::currencyID", "EUR USD"},
	{"//@currencyID/../../cbc:ID", "1 2"},
	{"//cac:InvoiceLine/child::cbc:ID", "1 2 3"},
	{"/*/descendant::cbc:Name", "A B C"},
	{"//cac:Item/descendant-or-self::cac:Item/cbc:Name", "A B C"},
	{"//cbc:Name/parent::cac:Item/parent::*/cbc:ID", "1 2 3"},
	{"count(//cbc:Name/ancestor::*)", "7"},
	{"count(//cbc:Name/ancestor-or-self::*)", "10"},
	{"//cbc:Name/ancestor::cac:InvoiceLine/cbc:ID", "1 2 3"},
	{"//cbc:ID/self::cbc:ID[. = 'O1']", "O1"},
	{"//cac:InvoiceLine[1]/following-sibling::cac:InvoiceLine/cbc:ID", "2 3"},
	{"//cac:InvoiceLine[3]/preceding-sibling::cac:InvoiceLine/cbc:ID", "1 2"},
	{"count(//cac:InvoiceLine[1]/preceding-sibling::*)", "5"},
	{"//cac:InvoiceLine/(cbc:ID | cac:Item/cbc:Name)", "1 A 2 B 3 C"},
	{"//cac:InvoiceLine/concat(cbc:ID, '-', cac:Item/cbc:Name)", "1-A 2-B 3-C"},
	{"(//cbc:Name)[2]", "B"},
	{"(//cbc:Name)[last()]", "C"},
	{"//cbc:Name[2]", "()"},
	{"//cac:InvoiceLine[position() > 1]/cbc:ID", "2 3"},
	{"//cac:InvoiceLine[last()]/cbc:ID", "3"},
	{"//cac:InvoiceLine[cbc:LineExtensionAmount][2]/cbc:ID", "2"},
	{"//cac:InvoiceLine[2][cbc:LineExtensionAmount]/cbc:ID", "2"},
	{"//cac:InvoiceLine[3][cbc:LineExtensionAmount]/cbc:ID", "()"},
	{"//cac:InvoiceLine[cbc:ID = '2' and cac:Item]/cbc:ID", "2"},
	{"//cac:InvoiceLine[cbc:ID = '2' or cbc:ID = '3']/cbc:ID", "2 3"},
	{"//cac:InvoiceLine[not(cbc:LineExtensionAmount)]/cbc:ID", "3"},
	{"//cbc:LineExtensionAmount[@currencyID = 'USD']", "20"},
	{"//cbc:Note/text()", "n1 n2"},
	{"count(//cbc:Note)", "3"},
	{"count(//cac:Item/node())", "3"},
	{"(1, 2, 3)[2]", "2"},
	{"(1, 2, 3)[. > 1]", "2 3"},
	{"('a', 'b')[last()]", "b"},
	{"let $x := //cac:InvoiceLine return $x[2]/cbc:ID", "2"},
	{"/*/cbc:ID/..//cbc:Name", "A B C"},
	{"//.",
	 "4711n1n2O1110A220B3C 4711n1n2O1110A220B3C 4711 n1 n2  O1 O1 110A 1 10 A A 220B 2 20 B B "
	 "3C 3 C C"},
	{"//cbc:Name[1]", "A B C"},
	{"//cac:InvoiceLine//cbc:Name[1]", "A B C"},
	{"/descendant::cbc:Name[2]", "B"},
	{"/*//descendant::cbc:Name[2]", "B"},
	{"//@*[1]", "s de EUR USD"},
	{"//text()[. = 'A']", "A"},
	{"count(//node())", "21"},
	{"//(cbc:Name | cbc:Note)", "n1 n2  A B C"},
	{"//cac:Item/../cbc:ID", "1 2 3"},
	{"count(/*/cac:InvoiceLine//..)", "7"},
	{"//self::cbc:Name", "A B C"},
	{"//attribute::currencyID", "EUR USD"},
	{"//cac:InvoiceLine[3]/preceding-sibling::cac:InvoiceLine[1]/cbc:ID", "2"},
	{"//cac:InvoiceLine[3]/preceding-sibling::cac:InvoiceLine[last()]/cbc:ID", "1"},
	{"//cac:InvoiceLine[1]/following-sibling::cac:InvoiceLine[1]/cbc:ID", "2"},
	{"//cbc:Name[. = 'A']/ancestor::*[1]/cbc:Name", "A"},
	{"count(//cbc:Name/ancestor::*/name())", "7"},
	{"sum(//cbc:Note/../count(cac:InvoiceLine))", "3"},
	{"//cac:InvoiceLine/*/../cbc:ID/string()", "1 2 3"},
	{"//cac:InvoiceLine//cbc:Name/text()", "A B C"},
	{"(1)/cbc:ID", "!a value is not a node that a path can start from"},
	{"//cbc:ID/string()/cbc:ID", "!a value is not a node that a path can go on from"},
	{"cbc:ID[", "?8 a name, a value or \"(\" expected in expression"},
	{"cbc:ID[1", "?9 \"]\" expected in expression"},
	{"cbc:ID/", "?8 a name, a value or \"(\" expected in expression"},
	{"cbc:Nonsense", "?1 unknown element or attribute \"cbc:Nonsense\" in expression"},
	{"1 + foo:bar", "?5 unknown element or attribute \"foo:bar\" in expression"},
	{"cbc:ID/@nonsense", "?9 unknown element or attribute \"@nonsense\" in expression"},
	{"text(1)", "?6 \")\" expected in expression"},
	{"nonsense(1)", "?1 unknown function in expression"},
	{"count()", "?1 wrong number of arguments in expression"},
	{"count(1, 2)", "?1 wrong number of arguments in expression"},
	{"concat('a')", "?1 wrong number of arguments in expression"},
	{"count(1", "?8 \")\" expected in expression"},
	{"in-list('NONE', 'a')", "?1 unknown code list in expression"},
	{"in-list(cbc:ID, 'a')", "?1 in-list needs the name of a code list as its first argument"},
};

/* A text of `part` many times between two others. */
static Span
Repeat(ExprBench *bench, const char *before, const char *part, size_t count, const char *after)
{
	Text text;

	TextInit(&text, &bench->document);
	TextAppendSpan(&text, SpanFromCString(before));
	for (size_t i = 0; i < count; i++)
		TextAppendSpan(&text, SpanFromCString(part));
	TextAppendSpan(&text, SpanFromCString(after));
	return TextSpan(&text);
}

/* What would make the stack or the memory of compiling and evaluating grow is refused. */
static void
TestBounds(ExprBench *bench)
{
	static const struct
	{
		const char *before;
		const char *part;
		const char *after;
		size_t good;
		size_t bad;
		const char *message;
	} cases[] = {
		{"", "(", "1", 0, 50000, "expression is nested too deeply"},
		{"1", "+1", "", 300, 50000, "expression is nested too deeply"},
		{"1", "*1", "", 300, 50000, "expression is nested too deeply"},
		{".", "/.", "", 300, 50000, "expression is nested too deeply"},
		{".", "[.", "", 0, 50000, "expression is nested too deeply"},
		{"1", "[1]", "", 90, 50000, "expression has too many predicates"},
		{"1", ",1", "", 9000, 200000, "expression has too many parts"},
		{"1", " or 1", "", 9000, 100000, "expression has too many parts"},
		{".", "|.", "", 9000, 200000, "expression has too many parts"},
		{"", "not(", "", 0, 50000, "expression is nested too deeply"},
		{"", "if(1)then 1 else ", "1", 50, 20000, "expression is nested too deeply"},
		{"", "for $x in 1 return ", "1", 20, 20000, "a variable expected in expression"},
		{"", "-", "1", 100000, 0, NULL},
		{"'", "x", "'", 1000000, 2000000, "an expression has more than 1048576 bytes"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		if (cases[i].good > 0)
		{
			BenchRun(bench,
					 Repeat(bench, cases[i].before, cases[i].part, cases[i].good, cases[i].after));
			Ok(bench->status == CLEX_OK, "%zu times \"%s\": %s", cases[i].good, cases[i].part,
			   bench->error.message);
		}
		if (cases[i].bad == 0)
			continue;
		BenchRun(bench,
				 Repeat(bench, cases[i].before, cases[i].part, cases[i].bad, cases[i].after));
		Ok(strstr(bench->error.message, cases[i].message) != NULL, "%zu times \"%s\": %s",
		   cases[i].bad, cases[i].part, bench->error.message);
	}
	/* each level holds a long chain: the depth adds up */
	BenchRun(bench, Repeat(bench, "", "(1+1+1+1+1+1+1+1+1+1+", 90, "1"));
	Ok(bench->status == CLEX_INVALID, "chains within parentheses: %s", bench->error.message);
	BenchRun(bench, Repeat(bench, "", "let $x := 1 return ", 33, "1"));
	Ok(bench->status == CLEX_INVALID, "33 variables: %s", bench->error.message);
}

/* Places shown in errors end at a character. */
static void
TestErrors(ExprBench *bench)
{
	BenchRun(bench, Repeat(bench, "1 x", "\xC3\xA9", 60, ""));
	Ok(bench->error.offset == 3 && strlen(bench->error.detail) == strlen("position 3: x") + 58,
	   "the rest is cut between characters: %s", bench->error.detail);
	BenchRun(bench, Repeat(bench, "x", "\xC3\xA9", 60, ""));
	Ok(strstr(bench->error.message, "\xC3\xA9\" in expression") != NULL, "a name also: %s",
	   bench->error.message);
	BenchRun(bench, SpanFromCString("1 +\n nonsense(1)"));
	Is(bench->error.detail, "position 6: nonsense(1)", "the detail shows the place");
	Is(bench->error.hint, "The functions are listed in docs/expressions.md.", "a hint helps");
}

int
main(void)
{
	ExprBench bench;

	BenchInit(&bench);
	BenchXml(&bench, invoice);
	BENCH(&bench, literals);
	BENCH(&bench, precedence);
	BENCH(&bench, clauses);
	BENCH(&bench, paths);
	TestBounds(&bench);
	TestErrors(&bench);
	BenchFree(&bench);
	return Done();
}
