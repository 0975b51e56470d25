/* Every function of docs/expressions.md: usual, empty, several items, and what it refuses. */
#include "expr_case.h"

static const char invoice[] =
	UBL_ROOT "<cbc:ID schemeID='x'> 47  11\t</cbc:ID><cbc:Note>a</cbc:Note><cbc:Note>b</cbc:Note>"
			 "<cbc:BuyerReference/><cbc:LineCountNumeric>-2.500</cbc:LineCountNumeric>"
			 "<foreign xmlns='urn:x'>f</foreign></Invoice>";

static const ExprCase sequences[] = {
	{"exists(//cbc:Note)", "true"},
	{"exists(//cbc:DueDate)", "false"},
	{"exists(())", "false"},
	{"exists(//cbc:DueDate | //cbc:ID)", "true"},
	{"empty(())", "true"},
	{"empty((1))", "false"},
	{"empty(//cbc:Note)", "false"},
	{"count(())", "0"},
	{"count((1, 'a', ()))", "2"},
	{"count(//cbc:Note)", "2"},
	{"count(//cbc:Note/..)", "1"},
	{"true()", "true"},
	{"false()", "false"},
	{"sum(())", "0"},
	{"sum((1, 2.50))", "3.50"},
	{"sum((0.1, 0.2))", "0.3"},
	{"sum((1, 1e0))", "2"},
	{"sum(//cbc:LineCountNumeric)", "-2.5"},
	{"sum(//cbc:LineCountNumeric/decimal(.))", "-2.500"},
	{"sum('1')", "!\"1\" cannot be added up"},
	{"sum(//cbc:Note)", "!\"a\" is not a number"},
	{"sum(date('2026-05-31'))", "!\"2026-05-31\" cannot be added up"},
	{"avg((1, 2))", "1.5"},
	{"avg(())", "()"},
	{"avg((1e0, 2))", "1.5"},
	{"min((3, 1, 2))", "1"},
	{"max((3, 1, 2))", "3"},
	{"max(('a', 'b'))", "b"},
	{"min((date('2026-05-31'), date('2026-01-01')))", "2026-01-01"},
	{"min(//cbc:LineCountNumeric)", "-2.5"},
	{"max(())", "()"},
	{"max((1, 'a'))", "!\"a\" and \"1\" cannot be compared"},
	{"distinct-values((1, 1.0, 2, '1', 'a', 'a'))", "1 2 1 a"},
	{"distinct-values(())", "()"},
	{"distinct-values((true(), 1, date('2026-05-31')))", "true 1 2026-05-31"},
	{"count(distinct-values(//cbc:Note))", "2"},
	{"index-of((3, 1, 3), 3)", "1 3"},
	{"index-of(('a', 'b'), 'c')", "()"},
	{"index-of((), 1)", "()"},
	{"index-of((1, 2), ())", "()"},
	{"index-of((1), (1, 2))", "!2 values where one is needed: \"1\", \"2\""},
	{"(4, 5, 6)[position() = last()]", "6"},
	{"(4, 5, 6)[position() mod 2 = 1]", "4 6"},
	{"//cbc:Note[1]/name()", "cbc:Note"},
	{"name(//cbc:ID)", "cbc:ID"},
	{"name(//cbc:ID/@schemeID)", "schemeID"},
	{"local-name(//cbc:ID)", "ID"},
	{"//*[name() = 'cbc:ID']/local-name(.)", "ID"},
	{"//*[. = 'f']/local-name()", "foreign"},
	{"name(())", ""},
	{"name(1)", "!a value has no name"},
	{"name(//cbc:Note)", "!2 values where one is needed: \"a\", \"b\""},
};

static const ExprCase texts[] = {
	{"string-length('caf\xC3\xA9')", "4"},
	{"string-length(())", "0"},
	{"string-length('')", "0"},
	{"//cbc:Note/string-length()", "1 1"},
	{"string-length(('a', 'b'))", "!2 values where one is needed: \"a\", \"b\""},
	{"normalize-space('  a  b\t\n c ')", "a b c"},
	{"normalize-space(//cbc:ID)", "47 11"},
	{"//cbc:ID/normalize-space()", "47 11"},
	{"normalize-space(())", ""},
	{"normalize-space('  ')", ""},
	{"normalize-space('\xC2\xA0')", "\xC2\xA0"},
	{"normalize-space(//cbc:Note)", "!2 values where one is needed: \"a\", \"b\""},
	{"upper-case('stra\xC3\x9F"
	 "e')",
	 "STRASSE"},
	{"upper-case('abc1')", "ABC1"},
	{"lower-case('\xC3\x89T\xC3\x89 ABC')", "\xC3\xA9t\xC3\xA9 abc"},
	{"upper-case(())", ""},
	{"substring('12345', 2)", "2345"},
	{"substring('12345', 2, 3)", "234"},
	{"substring('12345', 1.5, 2.6)", "234"},
	{"substring('12345', 0, 3)", "12"},
	{"substring('12345', -42)", "12345"},
	{"substring('12345', 6)", ""},
	{"substring('12345', 2, -1)", ""},
	{"substring('12345', 0e0 div 0, 3)", ""},
	{"substring('12345', -1e0 div 0)", "12345"},
	{"substring('\xC3\xA9\xC3\xA0z', 2, 1)", "\xC3\xA0"},
	{"substring((), 1)", ""},
	{"substring-before('a=b=c', '=')", "a"},
	{"substring-after('a=b=c', '=')", "b=c"},
	{"substring-before('abc', 'x')", ""},
	{"substring-after('abc', 'x')", ""},
	{"substring-before('abc', '')", ""},
	{"substring-after('abc', '')", "abc"},
	{"contains('abc', 'b')", "true"},
	{"contains('abc', '')", "true"},
	{"contains((), 'b')", "false"},
	{"starts-with('abc', 'ab')", "true"},
	{"starts-with('abc', 'b')", "false"},
	{"starts-with('abc', '')", "true"},
	{"ends-with('abc', 'bc')", "true"},
	{"ends-with('abc', 'abcd')", "false"},
	{"ends-with((), ())", "true"},
	{"translate('bar', 'abc', 'AB')", "BAr"},
	{"translate('--aaa--', 'abc-', 'ABC')", "AAA"},
	{"translate('\xC3\xA9"
	 "a',"
	 " '\xC3\xA9', 'e')",
	 "ea"},
	{"translate('aa', 'aa', 'xy')", "xx"},
	{"translate('a\xC3\xA9z', 'az', 'b')", "b\xC3\xA9"},
	{"substring(normalize-space(' a  b '), 2, 1)", " "},
	{"substring('abc', 1, 0)", ""},
	{"substring('abc', -1, 3)", "a"},
	{"string-length(upper-case('\xC3\xA4')) = 1", "true"},
	{"count((1, 2, 3)) > 2", "true"},
	{"count((1, 2, 3)) = 4", "false"},
	{"count(()) < 1", "true"},
	{"scale('1.250') >= 3", "true"},
	{"'b' = ('a', 'b')", "true"},
	{"'c' = ('a', 'b')", "false"},
	{"translate((), 'a', 'b')", ""},
	{"concat('a', 1.50, true(), ())", "a1.50true"},
	{"concat('a', ('b', 'c'))", "!2 values where one is needed: \"b\", \"c\""},
	{"string-join(('a', 'b', 'c'), ', ')", "a, b, c"},
	{"string-join((), ',')", ""},
	{"string-join(//cbc:Note, '')", "ab"},
};

static const ExprCase patterns[] = {
	{"matches('abc', '^a.c$')", "true"},
	{"matches('abc', 'B')", "false"},
	{"matches('abc', 'B', 'i')", "true"},
	{"matches((), '^$')", "true"},
	{"matches('a', '(')", "!malformed regular expression: ("},
	{"matches('a', 'a', 'q')", "!unknown flag of a regular expression"},
	{"matches('\xC3\xA9', '^\\w$')", "true"},
	{"matches(('a', 'b'), 'a')", "!2 values where one is needed: \"a\", \"b\""},
	{"replace('abcabc', 'b', 'x')", "axcaxc"},
	{"replace('abc', '(b)', '[$1]')", "a[b]c"},
	{"replace('abc', 'x', 'y')", "abc"},
	{"replace((), 'x', 'y')", ""},
	{"replace('aXb', 'x', '-', 'i')", "a-b"},
	{"tokenize('a,b,,c', ',')", "a b  c"},
	{"count(tokenize('a,b,,c', ','))", "4"},
	{"count(tokenize('', ','))", "0"},
	{"count(tokenize(',', ','))", "2"},
	{"tokenize('a1b', '\\d')", "a b"},
	{"tokenize('abc', 'x*')", "!tokenize() with a pattern that matches nothing"},
	{"matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '^(a+)+$')",
	 "!a regular expression takes too long on this text"},
};

static const ExprCase domain[] = {
	{"in-list('ISO_4217', 'EUR')", "true"},
	{"in-list('ISO_4217', 'eur')", "false"},
	{"in-list('ISO_4217', ' EUR')", "false"},
	{"in-list('ISO_4217', ('x', 'EUR'))", "true"},
	{"in-list('ISO_4217', ())", "false"},
	{"scale('1.50')", "2"},
	{"scale(//cbc:LineCountNumeric)", "3"},
	{"scale('1')", "0"},
	{"scale(' 1.0\n')", "2"},
	{"scale('1.2.3')", "3"},
	{"scale(())", "0"},
	{"lexical(//cbc:LineCountNumeric)", "-2.500"},
	{"lexical(())", ""},
	{"luhn('79927398713')", "true"},
	{"luhn('79927398714')", "false"},
	{"mod97('WEST12345698765432GB82')", "true"},
	{"mod97('WEST12345698765433GB82')", "false"},
	{"gln('4012345000009')", "true"},
	{"gln('4012345000008')", "false"},
	{"siren('552081317')", "true"},
	{"siren('552081318')", "false"},
	{"vat-id('FR03552081317')", "true"},
	{"vat-id('FR32552081317')", "false"},
	{"luhn(())", "false"},
	{"vat-id('')", "false"},
	{"iban('DE89370400440532013000')", "true"},
	{"iban('DE88370400440532013000')", "false"},
	{"iban('FR89370400440532013000')", "false"},
	{"bic('DEUTDEFF500')", "true"},
	{"bic('DEUTDEFF50')", "false"},
	{"siret('73282932000074')", "true"},
	{"siret('73282932000075')", "false"},
	{"scheme-id('0088', '4012345000009')", "true"},
	{"scheme-id('0088', '4012345000008')", "false"},
	{"scheme-id('9999', 'anything')", "true"},
	{"scheme-id((), ())", "true"},
	{"siren(('1', '2'))", "!2 values where one is needed: \"1\", \"2\""},
};

/* upper-case(normalize-space(x)) = 'X' is compared in place: the result must be that of the long way. */
static const ExprCase folded[] = {
	{"upper-case(normalize-space(' vat ')) = 'VAT'", "true"},
	{"//cbc:ID[normalize-space(.) = '47 11']/@schemeID", "x"},
	{"//cbc:ID[normalize-space() = '47 11']/@schemeID", "x"},
	{"normalize-space(/*/cbc:ID) = '47 11'", "true"},
	{"normalize-space(/*/cbc:ID) = '47  11'", "false"},
	{"upper-case(/*/cbc:ID/@schemeID) = 'X'", "true"},
	{"upper-case(/*/cbc:ID/@schemeID) = 'x'", "false"},
	{"upper-case(normalize-space(/*/cbc:BuyerReference)) = ''", "true"},
	{"upper-case(/*/cbc:DueDate) = ''", "true"},
	{"upper-case(/*/cbc:DueDate) = 'A'", "false"},
	{"upper-case(/*/cbc:Note) = 'A'", "!2 values where one is needed: \"a\", \"b\""},
	{"upper-case(/*/cbc:Note[1]) = 'A'", "true"},
	{"//cbc:Note[upper-case(.) = 'B']", "b"},
	{"normalize-space(upper-case(/*/cbc:Note[2])) = 'B'", "true"},
};

/* Steps that look at the name alone are resolved when compiling: the nodes must be the same. */
static const ExprCase by_name[] = {
	{"//*[ends-with(name(.), 'Reference')]/name()", "cbc:BuyerReference"},
	{"//*[starts-with(local-name(.), 'No')]", "a b"},
	{"//cbc:*[contains(name(.), 'ote')][. = 'b']", "b"},
	{"//*[name(.) = ('cbc:ID', 'cbc:LineCountNumeric')]/local-name()", "ID LineCountNumeric"},
	{"//*[not(starts-with(name(.), 'cbc:'))]/local-name()", "Invoice foreign"},
	{"//*[self::cbc:ID or self::cbc:Note]/local-name()", "ID Note Note"},
	{"//*[local-name(.) = 'foreign']", "f"},
	{"//*[ends-with(name(.), 'Note')][2]", "b"},
};

int
main(void)
{
	ExprBench bench;

	BenchInit(&bench);
	BenchXml(&bench, invoice);
	BENCH(&bench, sequences);
	BENCH(&bench, texts);
	BENCH(&bench, patterns);
	BENCH(&bench, domain);
	BENCH(&bench, folded);
	BENCH(&bench, by_name);
	/* the chains of known names must give what the whole walk gives */
	BenchXml(&bench, UBL_ROOT "<cbc:ID>1</cbc:ID><cbc:Note>a</cbc:Note></Invoice>");
	Is(BenchRun(&bench, SPAN_LITERAL("//*[ends-with(name(.), 'e') or name(.) = 'cbc:ID']/name()")),
	   "ubl:Invoice cbc:ID cbc:Note", "a document with known names alone");
	BenchFree(&bench);
	return Done();
}
