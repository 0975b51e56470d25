/* Rule set structure: each kind of finding beside its good neighbour, and every simple type. */
#include "core/rules/structure.h"
#include "core/xml/xml_read.h"
#include "tap.h"

#include <stdlib.h>

static Arena run, scratch;
static Tree tree;
static char findings[4000];

/* "RULE where found>expected>about" for each finding, one a line. */
static bool
Note(void *state, const Finding *finding)
{
	Text text;

	(void) state;
	TextInit(&text, &run);
	TextAppendf(&text, "%s ", finding->rule->id + strlen("STRUCTURE-"));
	TextAppendSpan(&text, TreeName(&tree, finding->node));
	TextAppendf(&text, ":%u ", TreeAt(&tree, finding->node)->line);
	TextAppendSpan(&text, finding->found);
	TextAppendChar(&text, '>');
	TextAppendSpan(&text, finding->expected);
	TextAppendChar(&text, '>');
	TextAppendSpan(&text, finding->about);
	TextAppendChar(&text, '\n');
	strncat(findings, ArenaCopy(&run, TextSpan(&text)).data,
			sizeof(findings) - strlen(findings) - 1);
	return true;
}

/* The findings of a document, and a check that counting alone counts the same. */
static const char *
Check(const char *set, const char *syntax, const char *xml)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	const RuleLayerFact *layer = RuleLayerFind(SpanFromCString(set), SpanFromCString(syntax), 0);
	RuleRun options = {
		.tree = &tree, .scratch = &scratch, .permanent = &run, .explain = true, .sink = Note};
	RuleVerdict verdict = {.processable = true};
	RuleVerdict counted = {.processable = true};
	RuleSet *compiled;
	XmlInfo info;
	static ClexError error;
	uint32_t lines = 0;

	ArenaReset(&run);
	findings[0] = '\0';
	if (XmlRead(SpanFromCString(xml), &limits, &run, &tree, &info, &error) != CLEX_OK ||
		RuleSetCompile(layer, &run, &compiled, &error) != CLEX_OK ||
		RuleSetRun(compiled, &options, &verdict, &error) != CLEX_OK)
		return error.message;
	options.sink = NULL;
	if (RuleSetRun(compiled, &options, &counted, &error) != CLEX_OK)
		return error.message;
	for (const char *p = findings; *p != '\0'; p++)
		lines += *p == '\n';
	if (verdict.fatal != lines || counted.fatal != lines)
		return "the verdict counts otherwise";
	return findings;
}

#define HEAD                                                                                       \
	"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' "                     \
	"xmlns:b='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2' "              \
	"xmlns:a='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' "          \
	"xmlns:e='urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2' "          \
	"xmlns:ds='http://www.w3.org/2000/09/xmldsig#' "                                               \
	"xmlns:x='http://uri.etsi.org/01903/v1.3.2#' "                                                 \
	"xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
#define ID_DATE "<b:ID>1</b:ID><b:IssueDate>2026-05-31</b:IssueDate>"
#define PARTIES                                                                                    \
	"<a:AccountingSupplierParty/>\n <a:AccountingCustomerParty></a:AccountingCustomerParty>"
#define TOTAL                                                                                      \
	"<a:LegalMonetaryTotal><b:PayableAmount currencyID='EUR'>1</b:PayableAmount>"                  \
	"</a:LegalMonetaryTotal>"
#define LINE                                                                                       \
	"<a:InvoiceLine><b:ID>1</b:ID><b:LineExtensionAmount currencyID='EUR'>1"                       \
	"</b:LineExtensionAmount><a:Item/></a:InvoiceLine>"
#define REST PARTIES TOTAL LINE "</Invoice>"

static void
TestInvoice(const char *name, const char *xml, const char *expected)
{
	Is(Check("structure", "ubl", xml), expected, name);
}

static void
TestModels(void)
{
	TestInvoice("a small invoice is valid", HEAD ID_DATE REST, "");
	TestInvoice("order", HEAD "<b:IssueDate>2026-05-31</b:IssueDate><b:ID>1</b:ID>" REST,
				"ORDER cbc:ID:1 cbc:ID>cbc:IssueTime, cbc:DueDate, cbc:InvoiceTypeCode, cbc:Note, "
				"cbc:TaxPointDate, cbc:DocumentCurrencyCode, cbc:TaxCurrencyCode, "
				"cbc:PricingCurrencyCode, …>cbc:IssueDate\n");
	TestInvoice("too many",
				HEAD ID_DATE "<b:DueDate>2026-06-30</b:DueDate>\n"
							 "<b:DueDate>2026-06-30</b:DueDate>" REST,
				"TOO-MANY cbc:DueDate:2 cbc:DueDate>cbc:InvoiceTypeCode, cbc:Note, "
				"cbc:TaxPointDate, cbc:DocumentCurrencyCode, cbc:TaxCurrencyCode, "
				"cbc:PricingCurrencyCode, cbc:PaymentCurrencyCode, "
				"cbc:PaymentAlternativeCurrencyCode, …>\n");
	TestInvoice("as often as one likes",
				HEAD ID_DATE "<b:Note>a</b:Note><b:Note/><b:Note>c</b:Note>" REST, "");
	TestInvoice("missing in between", HEAD "<b:IssueDate>2026-05-31</b:IssueDate>" REST,
				"MISSING ubl:Invoice:1 >cbc:ID>\n");
	TestInvoice("missing at the end", HEAD ID_DATE PARTIES "</Invoice>",
				"MISSING ubl:Invoice:1 >cac:LegalMonetaryTotal>\n"
				"MISSING ubl:Invoice:1 >cac:InvoiceLine>\n");
	TestInvoice("known, but not here", HEAD ID_DATE "<b:Amount currencyID='EUR'>1</b:Amount>" REST,
				"UNEXPECTED cbc:Amount:1 cbc:Amount>cbc:IssueTime, cbc:DueDate, "
				"cbc:InvoiceTypeCode, cbc:Note, cbc:TaxPointDate, cbc:DocumentCurrencyCode, "
				"cbc:TaxCurrencyCode, cbc:PricingCurrencyCode, …>\n");
	TestInvoice("of no namespace",
				HEAD ID_DATE PARTIES TOTAL LINE "<Foo xmlns=''><b:ID/></Foo></Invoice>",
				"UNEXPECTED Foo:2 Foo>cac:InvoiceLine>\n");
	TestInvoice("an element in a value",
				HEAD "<b:ID>1<b:ID>2</b:ID></b:ID><b:IssueDate>2026-05-31</b:IssueDate>" REST,
				"UNEXPECTED cbc:ID:1 cbc:ID>>cbc:ID\n");
	TestInvoice("text", HEAD "\n" ID_DATE "\n lost  " REST,
				"TEXT ubl:Invoice:1 lost>cbc:IssueTime, cbc:DueDate, cbc:InvoiceTypeCode, "
				"cbc:Note, cbc:TaxPointDate, cbc:DocumentCurrencyCode, cbc:TaxCurrencyCode, "
				"cbc:PricingCurrencyCode, …>\n");
	TestInvoice("text at the end", HEAD ID_DATE PARTIES TOTAL LINE "<!-- --> x</Invoice>",
				"TEXT ubl:Invoice:1 x>cac:InvoiceLine>\n");
	TestInvoice("white space in CDATA is none", HEAD ID_DATE "<![CDATA[  ]]>" REST, "");
	Is(Check("structure", "ubl", "<Order/>"), "ROOT Order:1 Order>UBL 2.1>\n", "an unknown root");
	Is(Check("structure", "cii", HEAD ID_DATE REST),
	   "ROOT ubl:Invoice:1 ubl:Invoice>CII D16B uncoupled>\n", "the root of another schema");
}

static void
TestAttributes(void)
{
	TestInvoice("attributes of the schema language",
				HEAD "<b:ID xsi:type='x' xsi:schemaLocation='a b' "
					 "xsi:noNamespaceSchemaLocation='c' schemeID='x'>1</b:ID>"
					 "<b:IssueDate>2026-05-31</b:IssueDate>" REST,
				"");
	TestInvoice("unknown attributes",
				HEAD "<b:ID listID='x' xsi:nil='true' ds:schemeID=''>1</b:ID>"
					 "<b:IssueDate z='1'>2026-05-31</b:IssueDate>" REST,
				"ATTRIBUTE @listID:1 @listID>@schemeID, @schemeName, @schemeAgencyID, "
				"@schemeAgencyName, @schemeVersionID, @schemeDataURI, @schemeURI>\n"
				"ATTRIBUTE @xsi:nil:1 @xsi:nil>@schemeID, @schemeName, @schemeAgencyID, "
				"@schemeAgencyName, @schemeVersionID, @schemeDataURI, @schemeURI>\n"
				"ATTRIBUTE @ds:schemeID:1 @ds:schemeID>@schemeID, @schemeName, @schemeAgencyID, "
				"@schemeAgencyName, @schemeVersionID, @schemeDataURI, @schemeURI>\n"
				"ATTRIBUTE @z:1 @z>>\n");
	TestInvoice("a required attribute",
				HEAD ID_DATE PARTIES "<a:LegalMonetaryTotal><b:PayableAmount>1</b:PayableAmount>"
									 "</a:LegalMonetaryTotal>" LINE "</Invoice>",
				"ATTRIBUTE cbc:PayableAmount:2 >@currencyID>\n");
	TestInvoice("the type of an attribute",
				HEAD ID_DATE "<b:Note languageID='de-AT'/><b:Note languageID='?'/>" REST,
				"VALUE @languageID:1 ?>xs:language>\n");
}

static void
TestWildcards(void)
{
#define EXTENSION(content)                                                                         \
	HEAD "<e:UBLExtensions><e:UBLExtension><e:ExtensionContent>" content                           \
		 "</e:ExtensionContent></e:UBLExtension></e:UBLExtensions>" ID_DATE REST
	TestInvoice("anything undeclared",
				EXTENSION("<y:z xmlns:y='urn:y' y='1'>t<q xmlns='urn:q'/></y:z>"), "");
	TestInvoice("declared elements in it",
				EXTENSION("<y:z xmlns:y='urn:y'><b:IssueDate>today</b:IssueDate></y:z>"),
				"VALUE cbc:IssueDate:1 today>xs:date>\n");
	TestInvoice("no element", EXTENSION(""), "MISSING ext:ExtensionContent:1 >*>\n");
	TestInvoice("two elements", EXTENSION("<y xmlns='urn:y'/><y xmlns='urn:y'/>"),
				"TOO-MANY {urn:y}y:1 {urn:y}y>>\n");
	TestInvoice("no namespace", EXTENSION("<y xmlns=''/>"),
				"UNEXPECTED y:1 y>*>\nMISSING ext:ExtensionContent:1 >*>\n");
	TestInvoice("the namespace that is not admitted", EXTENSION("<e:y/>"),
				"UNEXPECTED ext:y:1 ext:y>*>\nMISSING ext:ExtensionContent:1 >*>\n");
	TestInvoice("the document's own root", EXTENSION("<Invoice/>"),
				"MISSING ubl:Invoice:1 >cbc:ID>\nMISSING ubl:Invoice:1 >cbc:IssueDate>\n"
				"MISSING ubl:Invoice:1 >cac:AccountingSupplierParty>\n"
				"MISSING ubl:Invoice:1 >cac:AccountingCustomerParty>\n"
				"MISSING ubl:Invoice:1 >cac:LegalMonetaryTotal>\n"
				"MISSING ubl:Invoice:1 >cac:InvoiceLine>\n");
	TestInvoice("another root",
				EXTENSION("<CreditNote xmlns='urn:oasis:names:specification:ubl:"
						  "schema:xsd:CreditNote-2'/>"),
				"");
	TestInvoice("strict wildcard",
				EXTENSION("<ds:SignedInfo><ds:CanonicalizationMethod Algorithm='urn:a'>t<y "
						  "xmlns='urn:y'/><b:ID/></ds:CanonicalizationMethod><ds:SignatureMethod "
						  "Algorithm='urn:a'/><ds:Reference><ds:DigestMethod Algorithm='urn:a'/>"
						  "<ds:DigestValue>AA==</ds:DigestValue></ds:Reference></ds:SignedInfo>"),
				"UNEXPECTED {urn:y}y:1 {urn:y}y>>\n");
	TestInvoice("one identifier twice",
				EXTENSION("<ds:KeyInfo Id='a'><ds:KeyName>k</ds:KeyName><ds:KeyInfo Id=' a '>"
						  "<ds:KeyName/></ds:KeyInfo></ds:KeyInfo>"),
				"UNEXPECTED ds:KeyInfo:1 ds:KeyInfo>ds:KeyName, ds:KeyValue, ds:RetrievalMethod, "
				"ds:X509Data, ds:PGPData, ds:SPKIData, ds:MgmtData, *>\n");
	TestInvoice("one identifier twice",
				EXTENSION("<x:Any><ds:KeyInfo Id='a'><ds:KeyName>k</ds:KeyName></ds:KeyInfo>"
						  "<ds:KeyInfo Id=' a '><ds:KeyName/></ds:KeyInfo></x:Any>"),
				"VALUE @Id:1 a>xs:ID>\n");
	TestInvoice("a choice of sequences",
				EXTENSION("<x:Any><ds:PGPData><ds:PGPKeyPacket/><y xmlns='urn:y'/></ds:PGPData>"
						  "<ds:PGPData><ds:PGPKeyID/><ds:PGPKeyPacket/></ds:PGPData>"
						  "<ds:PGPData/></x:Any>"),
				"MISSING ds:PGPData:1 >ds:PGPKeyID | ds:PGPKeyPacket>\n");
	TestInvoice("empty content",
				EXTENSION("<x:Any><x:Include URI='u'/><x:Include URI='u'> </x:Include></x:Any>"),
				"TEXT xades:Include:1 >>\n");
	TestInvoice("a list of values",
				EXTENSION("<x:Any><x:ObjectIdentifier><x:Identifier Qualifier='OIDAsURI'/>"
						  "</x:ObjectIdentifier><x:ObjectIdentifier><x:Identifier Qualifier='OID'/>"
						  "</x:ObjectIdentifier></x:Any>"),
				"VALUE @Qualifier:1 OID>OIDAsURI|OIDAsURN>\n");
}

#define CII                                                                                        \
	"<s:CrossIndustryInvoice "                                                                     \
	"xmlns:s='urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100' "                      \
	"xmlns:u='urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100' "                       \
	"xmlns:r='urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100'" \
	"><s:ExchangedDocumentContext/><s:ExchangedDocument>%s</s:ExchangedDocument>"                  \
	"<s:SupplyChainTradeTransaction><r:ApplicableHeaderTradeAgreement/>"                           \
	"<r:ApplicableHeaderTradeDelivery/><r:ApplicableHeaderTradeSettlement>%s"                      \
	"</r:ApplicableHeaderTradeSettlement></s:SupplyChainTradeTransaction></"                       \
	"s:CrossIndustryInvoice>"

#define CII_ID "<r:ID>1</r:ID>"
#define CII_DATE "<r:IssueDateTime><u:DateTimeString/></r:IssueDateTime>"

static void
TestCii(const char *name, const char *set, const char *document, const char *settlement,
		const char *expected)
{
	char xml[4000];

	snprintf(xml, sizeof(xml), CII, document, settlement);
	Is(Check(set, "cii", xml), expected, name);
}

static void
TestSchemas(void)
{
	TestCii("a small CII invoice is valid", "structure", CII_ID CII_DATE, "", "");
	TestCii("a choice", "structure",
			CII_ID "<r:IssueDateTime><u:DateTimeString format='102'>20260531</u:DateTimeString>"
				   "</r:IssueDateTime>",
			"", "");
	TestCii("the other branch", "structure",
			CII_ID
			"<r:IssueDateTime><u:DateTime>2026-05-31T00:00:00</u:DateTime></r:IssueDateTime>",
			"", "");
	TestCii("both branches", "structure",
			CII_ID
			"<r:IssueDateTime><u:DateTimeString/>\n<u:DateTime>2026-05-31T00:00:00</u:DateTime>"
			"</r:IssueDateTime>",
			"", "UNEXPECTED udt:DateTime:2 udt:DateTime>>\n");
	TestCii("both branches, the other way round", "structure",
			CII_ID
			"<r:IssueDateTime><u:DateTime>2026-05-31T00:00:00</u:DateTime>\n<u:DateTimeString/>"
			"</r:IssueDateTime>",
			"", "UNEXPECTED udt:DateTimeString:2 udt:DateTimeString>>\n");
	TestCii("no branch", "structure", CII_ID "<r:IssueDateTime/>", "",
			"MISSING ram:IssueDateTime:1 >udt:DateTimeString | udt:DateTime>\n");
	TestCii("a fixed attribute", "structure", CII_ID "<r:TypeCode listID=' 1001 '/>" CII_DATE, "",
			"");
	TestCii("and another value", "structure", CII_ID "<r:TypeCode listID='1002'/>" CII_DATE, "",
			"ATTRIBUTE @listID:1 1002>1001>\n");
	TestCii("D16B: one document referred to", "structure", CII_ID CII_DATE,
			"<r:InvoiceReferencedDocument/>\n<r:InvoiceReferencedDocument/>",
			"TOO-MANY ram:InvoiceReferencedDocument:2 ram:InvoiceReferencedDocument>"
			"ram:ProFormaInvoiceReferencedDocument, ram:LetterOfCreditReferencedDocument, "
			"ram:FactoringAgreementReferencedDocument, ram:FactoringListReferencedDocument, "
			"ram:PayableSpecifiedTradeAccountingAccount, "
			"ram:ReceivableSpecifiedTradeAccountingAccount, "
			"ram:PurchaseSpecifiedTradeAccountingAccount, "
			"ram:SalesSpecifiedTradeAccountingAccount, …>\n");
	TestCii("D22B: several", "structure-d22b", CII_ID CII_DATE,
			"<r:InvoiceReferencedDocument/>\n<r:InvoiceReferencedDocument/>", "");
	Ok(RuleLayerFind(SPAN_LITERAL("structure"), SPAN_LITERAL("ubl-other"), 0) != NULL,
	   "other UBL documents have a layer");
}

static void
TestRules(void)
{
	for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
	{
		const RuleLayerFact *layer = &ClexRuleLayers[i];
		bool complete = true;

		if (layer->schema == NULL)
			continue;
		for (uint32_t problem = 0; problem < PROBLEM_COUNT; problem++)
		{
			const RuleFact *rule = StructureRule(layer, problem);

			complete &= rule != NULL && MessageFind(rule) != NULL &&
						strcmp(MessageFind(rule)->id, rule->say) == 0;
		}
		Ok(complete, "%s for %s has a rule and a message for every problem", layer->set,
		   layer->syntax);
	}
}

/* ---- simple types ---- */

/* Words are separated by '|'; all of them must be legal, or none. */
static void
TestValues(SimpleKind kind, const char *name, const char *good, const char *bad)
{
	SimpleType type = {.name = name, .kind = (uint8_t) kind};

	for (int legal = 1; legal >= 0; legal--)
		for (const char *word = legal ? good : bad; word != NULL;)
		{
			size_t length = strcspn(word, "|");

			Ok(SimpleValueIsLegal(&type, SpanOf(word, length)) == (legal == 1),
			   "%s: \"%.*s\" is %s", name, (int) length, word, legal ? "legal" : "not legal");
			word = word[length] == '|' ? word + length + 1 : NULL;
		}
}

static void
TestSimpleTypes(void)
{
	SimpleType token = {.kind = SIMPLE_TOKEN, .min_length = 1, .max_length = 3};
	char *base64 = malloc(2001);

	TestValues(SIMPLE_STRING, "string", "|x\t", NULL);
	TestValues(SIMPLE_DECIMAL, "decimal",
			   "0|-1|+1.50|.5|5.|-.0| 1 |\t1\t|123456789012345678901234567890.123456789012345678",
			   "|.|-|+|1e2|1,5|1 000|0x1|--1|NaN|INF|1.2.3|\xC2\xA0"
			   "1");
	TestValues(SIMPLE_INTEGER, "integer", "0|-12|+7| 1 ", "|1.0|1.|-|1e1");
	TestValues(SIMPLE_BOOLEAN, "boolean", "true|false|1|0| true ", "|TRUE|yes|2|tr ue");
	TestValues(SIMPLE_DATE, "date",
			   "2026-05-31|2024-02-29|2000-02-29| 2026-05-31 |2026-05-31Z|2026-05-31+14:00|"
			   "2026-05-31-00:30|12026-05-31|-0044-03-15|0001-01-01",
			   "|2026-02-29|1900-02-29|2026-04-31|2026-13-01|2026-00-01|2026-01-00|0000-01-01|"
			   "02026-01-01|26-01-01|2026-1-1|20260531|2026-05-31T00:00:00|2026-05-31+14:01|"
			   "2026-05-31z|2026-05-31+1:00|2026-05-31 Z|+2026-05-31|2026-05-31+01:60");
	TestValues(
		SIMPLE_TIME, "time", "00:00:00|23:59:59.999|24:00:00|24:00:00.00|12:00:00Z|12:00:00-01:00",
		"|24:00:01|24:00:00.01|25:00:00|12:60:00|12:00:60|12:00|12:00:00.|1:00:00|12:00:00.5x");
	TestValues(
		SIMPLE_DATE_TIME, "dateTime",
		"2026-05-31T12:00:00|2026-05-31T24:00:00Z|-0001-01-01T00:00:00",
		"|2026-05-31|2026-05-31 12:00:00|2026-05-31t12:00:00|2026-02-30T12:00:00|2026-05-31T");
	TestValues(SIMPLE_ANY_URI, "anyURI",
			   "|a|http://a/b?c#d|urn:a:b|a b|/x:y|?a:b|#:|a%20b|mailto:x|../a|é|a+b-c.d:e|x y/z:",
			   ":a|1a:b|a b:c|%|%2|%zz|a#b#c|é:a");
	TestValues(
		SIMPLE_BASE64, "base64Binary",
		"|AAAA|AAA=|AA==|AQ==|A A\tA A|Zm9vYmFy| AA = = |ABCDEFGHIJKLMNOP|        AAAA        ",
		"A|AA|AAA|AAAAA|AAB=|AE==|AB==|A===|====|AA=A|=AAA|AA-_|AAAA!|ABCDEFGHIJKL=NOP|\xC3\xA9=");
	TestValues(SIMPLE_LANGUAGE, "language", "de|de-AT|x-klingon|en-1997| fr ",
			   "|-|de-|de--AT|d1|abcdefghi|de_AT");
	TestValues(SIMPLE_ID, "ID", "a|_1|a.b-c|\xC3\xA9t\xC3\xA9| x ", "|1|-a|a b|a:b|\xC3\x97");
	Ok(SimpleValueIsLegal(&token, SPAN_LITERAL("KGM")), "three characters");
	Ok(SimpleValueIsLegal(&token, SPAN_LITERAL(" \xC3\xA9\xC3\xA9\xC3\xA9\n")),
	   "characters, not bytes");
	Ok(SimpleValueIsLegal(&token, SPAN_LITERAL("a  \n b") /* collapses to three */),
	   "white space collapses");
	Ok(!SimpleValueIsLegal(&token, SPAN_LITERAL("KGMX")), "four are too many");
	Ok(!SimpleValueIsLegal(&token, SPAN_LITERAL("  ")), "blanks are none");
	if (base64 != NULL)
	{
		bool good = true;

		/* a stray character at any distance from the words of eight */
		memset(base64, 'A', 2000);
		for (size_t i = 0; i < 2000; i++)
		{
			base64[i] = '!';
			good &= !SimpleValueIsLegal(&(SimpleType){.kind = SIMPLE_BASE64}, SpanOf(base64, 2000));
			base64[i] = 'A';
		}
		Ok(good, "a stray character is found wherever it stands");
		free(base64);
	}
}

/* Open elements up to the limit of the reader. */
static void
TestDeep(void)
{
	Text xml;

	TextInit(&xml, &scratch);
	TextAppendSpan(&xml,
				   SPAN_LITERAL(HEAD "<e:UBLExtensions><e:UBLExtension><e:ExtensionContent>"));
	for (int i = 0; i < 90; i++)
		TextAppendSpan(&xml, SPAN_LITERAL("<y xmlns='urn:y'>"));
	for (int i = 0; i < 90; i++)
		TextAppendSpan(&xml, SPAN_LITERAL("</y>"));
	TextAppendSpan(&xml,
				   SPAN_LITERAL(
					   "</e:ExtensionContent></e:UBLExtension></e:UBLExtensions>" ID_DATE REST));
	TextAppendChar(&xml, '\0');
	Is(Check("structure", "ubl", xml.data), "", "as deep as the reader goes");
}

int
main(void)
{
	ArenaInit(&run, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
	TestModels();
	TestAttributes();
	TestWildcards();
	TestSchemas();
	TestRules();
	TestSimpleTypes();
	TestDeep();
	ArenaFree(&run);
	ArenaFree(&scratch);
	return Done();
}
