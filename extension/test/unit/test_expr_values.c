/* Values of term expressions: comparison, arithmetic, rounding and casts as XPath 2.0 has them. */
#include "expr_case.h"

static const char invoice[] = UBL_ROOT
	"<cbc:ID>4711</cbc:ID><cbc:IssueDate>2026-05-31</cbc:IssueDate><cbc:DueDate> 2024-02-29Z "
	"</cbc:DueDate><cbc:Note>10</cbc:Note><cbc:Note>9</cbc:Note><cbc:Note>NaN</cbc:Note>"
	"<cbc:TaxCurrencyCode>true</cbc:TaxCurrencyCode><cbc:BuyerReference/>"
	"<cbc:AccountingCost>abc</cbc:AccountingCost><cbc:LineCountNumeric>1E2</cbc:LineCountNumeric>"
	"</Invoice>";

#define ID "/*/cbc:ID"
#define NOTES "/*/cbc:Note"
#define DATE "/*/cbc:IssueDate"
#define EMPTY "/*/cbc:BuyerReference"
#define WORD "/*/cbc:AccountingCost"

static const ExprCase comparison[] = {
	/* untyped with untyped and with text: as text */
	{"'10' < '9'", "true"},
	{NOTES " = '9'", "true"},
	{NOTES " != '9'", "true"},
	{"not(" NOTES " = '9')", "false"},
	{NOTES "[1] < " NOTES "[2]", "true"},
	{EMPTY " = ''", "true"},
	{"() = ()", "false"},
	{"() != ()", "false"},
	{"not(() = '')", "true"},
	{"'B' < 'a'", "true"},
	{"'caf\xC3\xA9' > 'cafz'", "true"},
	{"'a' < 'aa'", "true"},
	/* untyped with a number: as double, existentially */
	{NOTES "[1] > 9", "true"},
	{NOTES " < 10", "true"},
	{ID " = 4711.0", "true"},
	{ID " = 4.711e3", "true"},
	{"/*/cbc:LineCountNumeric = 100", "true"},
	{NOTES "[3] = 1", "false"},
	{NOTES "[3] != 1", "true"},
	{NOTES "[3] < 1", "false"},
	{NOTES "[3] >= 1", "false"},
	{"number('x') = number('x')", "false"},
	{"number('x') != number('x')", "true"},
	{WORD " = 1", "!\"abc\" is not a number"},
	{EMPTY " = 0", "!\"\" is not a number"},
	{"'1' = 1", "!\"1\" and \"1\" cannot be compared"},
	/* any pair decides; an error behind it is not reached */
	{"(1, 2) = (2, 3)", "true"},
	{"(1, 2) != (1, 2)", "true"},
	{"(1, 'a') = 1", "true"},
	{"('a', 1) = 1", "!\"a\" and \"1\" cannot be compared"},
	/* booleans, dates */
	{"true() = /*/cbc:TaxCurrencyCode", "true"},
	{"false() < true()", "true"},
	{"true() = 1", "!\"true\" and \"1\" cannot be compared"},
	{"true() = " WORD, "!\"abc\" is neither true nor false"},
	{"date('2026-05-31') = " DATE, "true"},
	{"date('2026-05-31') > '2026-05-30'", "true"},
	{"date(/*/cbc:DueDate) = date('2024-02-29')", "true"},
	{"date('2026-05-31') < " WORD, "!\"abc\" is not a date"},
	{"date('2026-05-31') = 1", "!\"2026-05-31\" and \"1\" cannot be compared"},
	/* exact: no binary fractions */
	{"0.1 + 0.2 = 0.3", "true"},
	{"0.1e0 + 0.2e0 = 0.3e0", "false"},
	{"1.10 = 1.1", "true"},
	{"-0.00 >= 0", "true"},
	{"-0.0e0 = 0", "true"},
	{"10000000000000000.1 > 10000000000000000", "true"},
};

static const ExprCase arithmetic[] = {
	{"1.10 + 2.205", "3.305"},
	{"1 - 1.05", "-0.05"},
	{"1.5 * 1.5", "2.25"},
	{"1 div 8", "0.125"},
	{"1 div 3", "0.333333333333333333"},
	{"7 idiv 2", "3"},
	{"-7 idiv 2", "-3"},
	{"7 mod 2", "1"},
	{"-7 mod 2", "-1"},
	{"7.5 mod 2", "1.5"},
	{"1 div 0", "!division by zero"},
	{"1 mod 0", "!division by zero"},
	{"1 idiv 0", "!division by zero"},
	{"1 div 0e0", "INF"},
	{"-1 div 0e0", "-INF"},
	{"0 div 0e0", "NaN"},
	{"1e0 idiv 0", "!division by zero"},
	{"5e0 mod 3", "2"},
	{"5e0 idiv 3", "1"},
	{ID " + 1", "4712"},
	{ID " * 0.1", "471.1"},
	{"-" ID, "-4711"},
	{"() + 1", "()"},
	{"1 + ()", "()"},
	{"-()", "()"},
	{NOTES " + 1", "!3 values where one is needed: \"10\", \"9\", ..."},
	{"'1' + 1", "!\"1\" is not a number"},
	{"true() + 1", "!\"true\" is not a number"},
	{WORD " + 1", "!\"abc\" is not a number"},
	{"99999999999999999999 * 99999999999999999999", "!a calculation has more than 38 digits"},
	{"99999999999999999999999999999999999999 + 1", "!a calculation has more than 38 digits"},
	/* dates */
	{"date('2026-05-31') - date('2026-05-01')", "30"},
	{"date('2026-05-31') + 1", "2026-06-01"},
	{"1 + date('2026-05-31')", "2026-06-01"},
	{"date('2024-03-01') - 1", "2024-02-29"},
	{"date('2026-05-31') - " DATE, "0"},
	{"date('2026-05-31') + date('2026-05-31')", "!dates cannot be calculated with like that"},
	{"date('2026-05-31') * 2", "!dates cannot be calculated with like that"},
	{"1 - date('2026-05-31')", "!dates cannot be calculated with like that"},
	{"date('9999-12-31') + 1", "!date out of range"},
	{"date('0001-01-01') - 1", "!date out of range"},
	{"date('2026-05-31') + 1e30", "!date out of range"},
};

static const ExprCase rounding[] = {
	{"round(2.5)", "3"},
	{"round(-2.5)", "-2"},
	{"round(-2.51)", "-3"},
	{"round(2.4999)", "2"},
	{"round(1.005, 2)", "1.01"},
	{"round(-1.005, 2)", "-1.00"},
	/* doubles: what they are exactly decides, not how they are written */
	{"round(double('1.005'), 2)", "1"},
	{"round(double('0.125'), 2)", "0.13"},
	{"round(double('-0.125'), 2)", "-0.12"},
	{"round(double('-0.001'), 2)", "0"},
	{"round(double('9999999999999.995'), 2)", "9999999999999.99"},
	{"round(double('19999999999999.995'), 2)", "20000000000000"},
	{"12.345 div 100", "0.12345"},
	{"100 div 100", "1"},
	{"0 div 100", "0"},
	{"round(-324.995 * 10 * 10) div 100", "-324.99"},
	{"round(1234, -2)", "1200"},
	{"round(1250, -2)", "1300"},
	{"round(2.5e0)", "3"},
	{"round(-2.5e0)", "-2"},
	{"round(0.49999999999999994e0)", "0"},
	{"round(number('x'))", "NaN"},
	{"round(())", "()"},
	{"round(1, 99)", "!round() to an absurd number of digits"},
	{"round('1')", "!\"1\" is not a number"},
	{"round(" ID ")", "4711"},
	{"floor(-1.5)", "-2"},
	{"floor(1.5)", "1"},
	{"floor(-1.5e0)", "-2"},
	{"ceiling(-1.5)", "-1"},
	{"ceiling(1.2)", "2"},
	{"abs(-1.50)", "1.50"},
	{"abs(-1.5e0)", "1.5"},
	{"abs(())", "()"},
};

static const ExprCase casts[] = {
	{"number('12')", "12"},
	{"number('abc')", "NaN"},
	{"number(())", "NaN"},
	{"number(true())", "1"},
	{"number(' 1E2 ')", "100"},
	{"decimal('12.50')", "12.50"},
	{"decimal(' +12 ')", "12"},
	{"decimal('1E2')", "!\"1E2\" is not a decimal number"},
	{"decimal('1,5')", "!\"1,5\" is not a decimal number"},
	{"decimal('')", "!\"\" is not a decimal number"},
	{"decimal('\xC2\xA0"
	 "1')",
	 "!\"\xC2\xA0"
	 "1\" is not a decimal number"},
	{"decimal(())", "()"},
	{"decimal(true())", "1"},
	{"decimal(1.5e0)", "1.5"},
	{"decimal(number('x'))", "!\"NaN\" is not a decimal number"},
	{"decimal((1, 2))", "!2 values where one is needed: \"1\", \"2\""},
	{"integer('12')", "12"},
	{"integer(12.9)", "12"},
	{"integer(-12.9)", "-12"},
	{"integer('12.0')", "!\"12.0\" is not a whole number"},
	{"double('1E2')", "100"},
	{"double('0x10')", "!\"0x10\" is not a number"},
	{"double('inf')", "!\"inf\" is not a number"},
	{"double('INF')", "INF"},
	{"double(())", "()"},
	{"date('2026-02-30')", "!\"2026-02-30\" is not a date"},
	{"date('20260531')", "!\"20260531\" is not a date"},
	{"date(())", "()"},
	{"date('2026-05-31+02:00')", "2026-05-31"},
	{"bool('1')", "true"},
	{"bool('false')", "false"},
	{"bool('FALSE')", "!\"FALSE\" is neither true nor false"},
	{"bool(())", "()"},
	{"string(1.50)", "1.50"},
	{"string(1e3)", "1000"},
	{"string(())", ""},
	{"string(true())", "true"},
	{"boolean(0)", "false"},
	{"boolean('')", "false"},
	{"boolean('0')", "true"},
	{"boolean(())", "false"},
	{"boolean(number('x'))", "false"},
	{"boolean(" EMPTY ")", "true"},
	{"boolean(string(" EMPTY "))", "false"},
	{"boolean((" ID ", 1))", "true"},
	{"boolean((1, 2))", "!a condition has 2 values instead of one"},
	{"boolean(date('2026-05-31'))", "!a date is no condition"},
	{"not(" EMPTY ")", "false"},
	{"not(1 = 2)", "true"},
};

int
main(void)
{
	ExprBench bench;

	BenchInit(&bench);
	BenchXml(&bench, invoice);
	BENCH(&bench, comparison);
	BENCH(&bench, arithmetic);
	BENCH(&bench, rounding);
	BENCH(&bench, casts);
	BenchFree(&bench);
	return Done();
}
