/*
 * The compiled rule sets and messages: in order, complete in three languages, compiling, and deciding
 * the traps of EN 16931 as the official artefacts do.
 */
#include "core/rules/rules.h"
#include "core/xml/xml_read.h"
#include "tap.h"

#include <stdlib.h>

static Arena sets, run, scratch;

/* ---- the tables ---- */

static void
TestLayer(const RuleLayerFact *layer)
{
	bool ordered = true;
	uint32_t written = 0;
	RuleSet *set;
	ClexError error;

	for (uint16_t i = 1; i < layer->context_count; i++)
		ordered &= layer->contexts[i - 1].pattern <= layer->contexts[i].pattern;
	for (uint16_t i = 0; i < layer->rule_count; i++)
	{
		const MessageFact *message = MessageFind(&layer->rules[i]);

		ordered &= i == 0 || layer->rules[i - 1].context <= layer->rules[i].context;
		ordered &= layer->rules[i].context < layer->context_count;
		for (int language = 0; language < MESSAGE_LANGUAGES; language++)
			written += message != NULL && message->text[language] != NULL;
	}
	Ok(ordered, "%s for %s: contexts and rules are in order", layer->set, layer->syntax);
	Ok(written == MESSAGE_LANGUAGES * (uint32_t) layer->rule_count,
	   "%s for %s: every rule has a message in every language", layer->set, layer->syntax);
	Ok(RuleSetCompile(layer, &sets, &set, &error) == CLEX_OK, "%s for %s compiles", layer->set,
	   layer->syntax);
}

/* How many different rules a layer has. */
static uint32_t
CountIds(const RuleLayerFact *layer)
{
	uint32_t count = 0;

	for (uint16_t i = 0; i < layer->rule_count; i++)
	{
		bool seen = false;

		for (uint16_t j = 0; j < i && !seen; j++)
			seen = strcmp(layer->rules[i].id, layer->rules[j].id) == 0;
		count += !seen;
	}
	return count;
}

static void
TestTables(void)
{
	bool sorted = true;

	for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
		TestLayer(&ClexRuleLayers[i]);
	for (uint32_t i = 1; i < ClexMessageCount; i++)
		sorted &= strcmp(ClexMessages[i - 1].id, ClexMessages[i].id) < 0;
	Ok(sorted, "messages are sorted and written once");
	Ok(CountIds(RuleLayerFind(SPAN_LITERAL("en16931"), SPAN_LITERAL("ubl"), 0)) == 979,
	   "the UBL layer has all 979 rules of 1.3.16");
	Ok(CountIds(RuleLayerFind(SPAN_LITERAL("en16931"), SPAN_LITERAL("cii"), 0)) == 806,
	   "the CII layer has all 806 rules of 1.3.16");
}

/* ---- deciding ---- */

typedef struct Counter
{
	const char *rule;
	int count;
	bool aborted;
} Counter;

static bool
Count(void *state, const Finding *finding)
{
	Counter *counter = state;

	if (finding->rule == NULL)
		counter->aborted = true;
	else if (strcmp(finding->rule->id, counter->rule) == 0)
		counter->count++;
	return true;
}

#define UBL_HEAD                                                                                   \
	"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' "                     \
	"xmlns:b='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2' "              \
	"xmlns:a='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2'>"
#define CII_HEAD                                                                                   \
	"<s:CrossIndustryInvoice "                                                                     \
	"xmlns:s='urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100' "                      \
	"xmlns:u='urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100' "                       \
	"xmlns:r='urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100'" \
	">"                                                                                            \
	"<s:SupplyChainTradeTransaction>"
#define CII_FOOT "</s:SupplyChainTradeTransaction></s:CrossIndustryInvoice>"

#define ABORTS (-1)

/* Run the layer of the document's syntax over it: how often the rule failed, or ABORTS. */
static int
Failures(const char *xml, const char *rule)
{
	static RuleSet *compiled[2];
	int which = strstr(xml, "<s:") == NULL;
	XmlLimits limits = XML_DEFAULT_LIMITS;
	XmlInfo info;
	Tree tree;
	ClexError error;
	Counter counter = {.rule = rule};
	RuleVerdict verdict = {.processable = true};
	RuleRun request = {.tree = &tree,
					   .scratch = &scratch,
					   .permanent = &run,
					   .explain = true,
					   .sink = Count,
					   .state = &counter};

	ArenaReset(&run);
	if (compiled[which] == NULL)
		RuleSetCompile(RuleLayerFind(SPAN_LITERAL("en16931"),
									 SpanFromCString(which ? "ubl" : "cii"), 0),
					   &sets, &compiled[which], &error);
	if (XmlRead(SpanFromCString(xml), &limits, &run, &tree, &info, &error) != CLEX_OK ||
		RuleSetRun(compiled[which], &request, &verdict, &error) != CLEX_OK)
		return -2;
	return counter.aborted ? ABORTS : counter.count;
}

#define SUBTOTAL(taxable, tax, rate)                                                               \
	UBL_HEAD "<a:TaxTotal><a:TaxSubtotal><b:TaxableAmount>" taxable                                \
			 "</b:TaxableAmount><b:TaxAmount>" tax                                                 \
			 "</b:TaxAmount><a:TaxCategory><b:ID>S</b:ID><b:Percent>" rate                         \
			 "</b:Percent><a:TaxScheme><b:ID> vat </b:ID></a:TaxScheme></a:TaxCategory>"           \
			 "</a:TaxSubtotal></a:TaxTotal></Invoice>"
#define TOTALS(lines, without_vat)                                                                 \
	UBL_HEAD "<a:LegalMonetaryTotal><b:LineExtensionAmount>" lines                                 \
			 "</b:LineExtensionAmount><b:TaxExclusiveAmount>" without_vat                          \
			 "</b:TaxExclusiveAmount></a:LegalMonetaryTotal></Invoice>"
#define VAT_ID(id)                                                                                 \
	UBL_HEAD "<a:AccountingSupplierParty><a:Party><a:PartyTaxScheme>" id                           \
			 "<a:TaxScheme><b:ID>VAT</b:ID></a:TaxScheme></a:PartyTaxScheme></a:Party>"            \
			 "</a:AccountingSupplierParty></Invoice>"
#define NOTE(text) UBL_HEAD "<b:Note>" text "</b:Note></Invoice>"
#define PERIOD(from, to)                                                                           \
	UBL_HEAD "<a:InvoicePeriod><b:StartDate>" from "</b:StartDate><b:EndDate>" to                  \
			 "</b:EndDate></a:InvoicePeriod></Invoice>"
#define CII_PERIOD(from, to)                                                                       \
	CII_HEAD                                                                                       \
	"<r:ApplicableHeaderTradeSettlement><r:BillingSpecifiedPeriod><r:StartDateTime>"               \
	"<u:DateTimeString format='102'>" from "</u:DateTimeString></r:StartDateTime>"                 \
	"<r:EndDateTime><u:DateTimeString format='102'>" to "</u:DateTimeString>"                      \
	"</r:EndDateTime></r:BillingSpecifiedPeriod></r:ApplicableHeaderTradeSettlement>" CII_FOOT
#define CII_SUM(children)                                                                          \
	CII_HEAD                                                                                       \
	"<r:ApplicableHeaderTradeSettlement><r:InvoiceCurrencyCode>EUR"                                \
	"</r:InvoiceCurrencyCode><r:SpecifiedTradeSettlementHeaderMonetarySummation>" children         \
	"</r:SpecifiedTradeSettlementHeaderMonetarySummation>"                                         \
	"</r:ApplicableHeaderTradeSettlement>" CII_FOOT

static const struct
{
	const char *what;
	const char *xml;
	const char *rule;
	int failures;
} traps[] = {
	{"tax 0.99 off passes", SUBTOTAL("100.00", "20.99", "20"), "BR-CO-17", 0},
	{"tax 1.00 off fails", SUBTOTAL("100.00", "21.00", "20"), "BR-CO-17", 1},
	{"a rate of 0.4 counts as 0", SUBTOTAL("100.00", "0.60", "0.4"), "BR-CO-17", 1},
	{"and then tax below a half passes", SUBTOTAL("100.00", "0.40", "0.4"), "BR-CO-17", 0},
	{"the tax scheme is trimmed and upper-cased", SUBTOTAL("1", "1", "20"), "BR-47", 0},
	{"a percentage in exponent notation aborts", SUBTOTAL("1", "1", "2E1"), "BR-47", ABORTS},
	{"an unused allowance total need not be there", TOTALS("1.00", "1.00"), "BR-CO-11", 0},
	{"a plus sign and blanks are legal in an amount", TOTALS(" +1.00\n", "1"), "BR-CO-13", 0},
	{"but count as decimals", TOTALS("1.00\n", "1"), "BR-DEC-09", 1},
	{"a decimal comma aborts", TOTALS("1,00", "1"), "BR-CO-13", ABORTS},
	{"a country prefix", VAT_ID("<b:CompanyID>FR1</b:CompanyID>"), "BR-CO-09", 0},
	{"Greece", VAT_ID("<b:CompanyID>EL1</b:CompanyID>"), "BR-CO-09", 0},
	{"no country prefix", VAT_ID("<b:CompanyID>XX1</b:CompanyID>"), "BR-CO-09", 1},
	{"half a code and a blank pass", VAT_ID("<b:CompanyID>R 1</b:CompanyID>"), "BR-CO-09", 0},
	{"no identifier passes", VAT_ID(""), "BR-CO-09", 0},
	{"a known subject code", NOTE("#AAI#text"), "BR-CL-08", 0},
	{"an unknown subject code", NOTE("#XYZ#text"), "BR-CL-08", 1},
	{"codes of other lengths are text", NOTE("#1#text"), "BR-CL-08", 0},
	{"one hash sign is text", NOTE("#XYZ text"), "BR-CL-08", 0},
	{"a period in order", PERIOD("2026-01-31", "2026-02-01"), "BR-29", 0},
	{"a period that ends before it begins", PERIOD("2026-02-01", "2026-01-31"), "BR-29", 1},
	{"a date with a time zone", PERIOD("2026-01-31Z", "2026-02-01Z"), "BR-29", 0},
	{"a date that is none aborts", PERIOD("2026-02-01", "2026-02-30"), "BR-29", ABORTS},
	{"CII compares dates as text", CII_PERIOD("20260601", "20260631"), "BR-29", 0},
	{"white space included", CII_PERIOD("20260501", " 20260531"), "BR-29", 1},
	{"CII totals are compared in binary",
	 CII_SUM("<r:AllowanceTotalAmount>0.00</r:AllowanceTotalAmount>"), "BR-CO-11", 0},
	{"a tax amount of three decimals with a zero passes in CII",
	 CII_SUM("<r:TaxTotalAmount currencyID='EUR'>1.500</r:TaxTotalAmount>"), "BR-DEC-13", 0},
	{"one of three real decimals does not",
	 CII_SUM("<r:TaxTotalAmount currencyID='EUR'>1.505</r:TaxTotalAmount>"), "BR-DEC-13", 1},
	{"every amount with a bad currency counts",
	 UBL_HEAD "<a:TaxTotal><b:TaxAmount currencyID='eur'>1</b:TaxAmount></a:TaxTotal>"
			  "<a:TaxTotal><b:TaxAmount currencyID='XXY'>1</b:TaxAmount></a:TaxTotal></Invoice>",
	 "BR-CL-03", 2},
};

int
main(void)
{
	ArenaInit(&sets, &ClexPlainEnv, 0);
	ArenaInit(&run, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
	TestTables();
	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++)
	{
		int got = Failures(traps[i].xml, traps[i].rule);

		if (!Ok(got == traps[i].failures, "%s: %s", traps[i].rule, traps[i].what))
			printf("# got %d, expected %d\n", got, traps[i].failures);
	}
	ArenaFree(&scratch);
	ArenaFree(&run);
	ArenaFree(&sets);
	return Done();
}
