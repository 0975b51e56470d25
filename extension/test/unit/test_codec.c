/* Detecting formats and binding UBL and CII to business terms, case by case. */
#include "core/codec/detect.h"
#include "core/codec/read.h"
#include "tap.h"

#include <stdlib.h>

#define UBL_SPACES                                                                                 \
	"xmlns:cac='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' "        \
	"xmlns:cbc='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>"            \
	"<cbc:ID>1</cbc:ID><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
#define INVOICE(body)                                                                              \
	"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' " UBL_SPACES body     \
	"</Invoice>"
#define CREDIT_NOTE(body)                                                                          \
	"<CreditNote xmlns='urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2' " UBL_SPACES    \
		body "</CreditNote>"
#define CII(document, agreement, delivery, settlement, lines)                                      \
	"<r:CrossIndustryInvoice "                                                                     \
	"xmlns:r='urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100' "                      \
	"xmlns='urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100' "  \
	"xmlns:q='urn:un:unece:uncefact:data:standard:QualifiedDataType:100' "                         \
	"xmlns:u='urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100'>"                       \
	"<r:ExchangedDocument>" document "</r:ExchangedDocument><r:SupplyChainTradeTransaction>" lines \
	"<ApplicableHeaderTradeAgreement>" agreement "</ApplicableHeaderTradeAgreement>"               \
	"<ApplicableHeaderTradeDelivery>" delivery "</ApplicableHeaderTradeDelivery>"                  \
	"<ApplicableHeaderTradeSettlement>" settlement "</ApplicableHeaderTradeSettlement>"            \
	"</r:SupplyChainTradeTransaction></r:CrossIndustryInvoice>"

static Arena arena;
static Tree source;
static DocumentView view;
static BindCounts counts;
static ClexError error;

static ClexStatus
ReadAs(Span content, const char *format)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = content,
						   .format = SpanFromCString(format),
						   .limits = &limits};
	DocumentBuilder *builder;
	Span image;
	ClexStatus status;

	memset(&error, 0, sizeof(error));
	memset(&view, 0, sizeof(view));
	ArenaReset(&arena);
	status = ReadTerms(&request, &arena, &source, &builder, &counts, &error);
	if (status == CLEX_OK)
		status = DocumentFinish(builder, &image, &error);
	if (status == CLEX_OK)
		status = DocumentOpen(image, &view, &error);
	return status;
}

static void
Read(const char *xml)
{
	Ok(ReadAs(SpanFromCString(xml), "") == CLEX_OK, "read%s%s", *error.message ? ": " : "",
	   error.message);
}

/* The value at a path, "-" if there is none. */
static const char *
Value(const char *path)
{
	uint32_t node = 0;
	Span value;

	if (ViewResolve(&view, SpanFromCString(path), &node, &error) != CLEX_OK)
		return error.message;
	if (node == 0)
		return "-";
	value = ViewNode(&view, node).value;
	return ArenaCopy(&arena, value).data;
}

static bool
IsInvalid(const char *path)
{
	uint32_t node = 0;

	return ViewResolve(&view, SpanFromCString(path), &node, &error) == CLEX_OK && node != 0 &&
		   (ViewNode(&view, node).flags & DOCUMENT_NODE_INVALID);
}

static void
TestCurrencies(void)
{
	Read(INVOICE("<cbc:TaxCurrencyCode>SEK</cbc:TaxCurrencyCode>"
				 "<cac:TaxTotal><cbc:TaxAmount currencyID='EUR'>1.50</cbc:TaxAmount></cac:TaxTotal>"
				 "<cac:TaxTotal><cbc:TaxAmount currencyID='SEK'>15.0</cbc:TaxAmount></cac:TaxTotal>"
				 "<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID='USD'>7</cbc:PayableAmount>"
				 "</cac:LegalMonetaryTotal>"));
	Is(Value("BG-22/BT-110"), "1.50", "the tax total in the currency of the invoice is BT-110");
	Is(Value("BG-22/BT-111"), "15.0", "the one in the currency of the tax is BT-111");
	Is(Value("BG-22/BT-115"), "7", "an amount is read whatever its currency says");
	Ok(counts.extras == 1, "but another currency is an extra");
	Read(INVOICE("<cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>"
				 "<cac:TaxTotal><cbc:TaxAmount currencyID='EUR'>1</cbc:TaxAmount></cac:TaxTotal>"
				 "<cac:TaxTotal><cbc:TaxAmount currencyID='EUR'>2</cbc:TaxAmount></cac:TaxTotal>"
				 "<cac:TaxTotal><cbc:TaxAmount currencyID='EUR'>3</cbc:TaxAmount></cac:TaxTotal>"));
	Is(Value("BG-22/BT-110"), "1", "with one currency for both the first is BT-110");
	Is(Value("BG-22/BT-111"), "2", "the second BT-111");
	Ok(counts.extras == 2, "a third is an extra, with its currency");
	Read(INVOICE("<cac:TaxTotal><cbc:TaxAmount>4</cbc:TaxAmount></cac:TaxTotal>"));
	Is(Value("BG-22/BT-110"), "4", "no currency is that of the invoice");
}

static void
TestParties(void)
{
	Read(INVOICE(
		"<cac:AccountingSupplierParty><cac:Party>"
		"<cac:PartyIdentification><cbc:ID schemeID='0088'>a</cbc:ID></cac:PartyIdentification>"
		"<cac:PartyIdentification><cbc:ID schemeID='SEPA'>b</cbc:ID></cac:PartyIdentification>"
		"<cac:PartyIdentification><cbc:ID>c</cbc:ID></cac:PartyIdentification>"
		"<cac:PartyTaxScheme><cbc:CompanyID>FR1</cbc:CompanyID>"
		"<cac:TaxScheme><cbc:ID> vat </cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
		"<cac:PartyTaxScheme><cbc:CompanyID>77</cbc:CompanyID>"
		"<cac:TaxScheme><cbc:ID>FC</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
		"</cac:Party></cac:AccountingSupplierParty>"));
	Is(Value("BG-4/BT-29[1]"), "a", "an identifier of the seller");
	Is(Value("BG-4/BT-29[1]/BT-29-1"), "0088", "and its scheme");
	Is(Value("BG-4/BT-29[2]"), "c", "another one");
	Is(Value("BG-16/BG-19/BT-90"), "b", "the creditor identifier stands among them");
	Is(Value("BG-4/BT-31"), "FR1", "the number of the tax scheme VAT, however it is spelled");
	Is(Value("BG-4/BT-32"), "77", "the number of any other");
	Ok(counts.extras == 1, "the spelling \" vat \" is an extra");
}

static void
TestCreditNote(void)
{
	Read(CREDIT_NOTE(
		"<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>"
		"<cac:AdditionalDocumentReference><cbc:ID>P</cbc:ID>"
		"<cbc:DocumentTypeCode>50</cbc:DocumentTypeCode></cac:AdditionalDocumentReference>"
		"<cac:AdditionalDocumentReference><cbc:ID>O</cbc:ID>"
		"<cbc:DocumentTypeCode>130</cbc:DocumentTypeCode></cac:AdditionalDocumentReference>"
		"<cac:AdditionalDocumentReference><cbc:ID>D</cbc:ID></cac:AdditionalDocumentReference>"
		"<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>"
		"<cbc:PaymentDueDate>2026-01-31</cbc:PaymentDueDate>"
		"<cac:PayeeFinancialAccount><cbc:ID>A</cbc:ID></cac:PayeeFinancialAccount></"
		"cac:PaymentMeans>"
		"<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>"
		"<cbc:PaymentDueDate>2026-02-31</cbc:PaymentDueDate>"
		"<cac:PayeeFinancialAccount><cbc:ID>B</cbc:ID></cac:PayeeFinancialAccount></"
		"cac:PaymentMeans>"
		"<cac:CreditNoteLine><cbc:CreditedQuantity unitCode='C62'>-1</cbc:CreditedQuantity>"
		"</cac:CreditNoteLine>"));
	Ok(view.kind == DOCUMENT_CREDIT_NOTE, "the root makes it a credit note");
	Is(Value("BT-11"), "P", "document type 50 is the project");
	Is(Value("BT-18"), "O", "130 the invoiced object");
	Is(Value("BG-24[1]/BT-122"), "D", "none a supporting document");
	Is(Value("BT-9"), "2026-01-31", "the due date stands in the means of payment");
	Is(Value("BG-16/BG-17[2]/BT-84"), "B", "one account per means of payment");
	Is(Value("BG-25[1]/BT-129"), "-1", "the quantity has another name");
	Is(Value("BG-25[1]/BT-130"), "C62", "its unit belongs to the line");
	Ok(counts.extras == 1, "an equal code twice says nothing new, another due date is an extra");
}

static void
TestNotes(void)
{
	Read(INVOICE("<cbc:Note>#AAI#all of it</cbc:Note><cbc:Note>#aai#x</cbc:Note><cbc:Note/>"
				 "<cac:InvoicePeriod><cbc:StartDate>2026-13-01</cbc:StartDate>"
				 "<cbc:EndDate>2026-05-31Z</cbc:EndDate>"
				 "<cbc:DescriptionCode>35</cbc:DescriptionCode></cac:InvoicePeriod>"));
	Is(Value("BG-1[1]/BT-21"), "AAI", "a subject code in front of a note");
	Is(Value("BG-1[1]/BT-22"), "all of it", "is taken off it");
	Is(Value("BG-1[2]/BT-21"), "-", "something else is not");
	Is(Value("BG-1[2]/BT-22"), "#aai#x", "and stays in the text");
	Is(Value("BG-1[3]/BT-22"), "", "an empty note is a note");
	Is(Value("BG-13/BG-14/BT-73"), "2026-13-01", "a day no calendar has is kept");
	Ok(IsInvalid("BG-13/BG-14/BT-73"), "and marked");
	Is(Value("BG-13/BG-14/BT-74"), "2026-05-31", "a time zone does not move a date");
	Is(Value("BT-8"), "35", "the date code stands in the period but is not of it");
}

static void
TestRepeats(void)
{
	Read(INVOICE(
		"<cac:Delivery><cbc:ActualDeliveryDate>2026-01-01</cbc:ActualDeliveryDate>"
		"</cac:Delivery><cac:Delivery><cac:DeliveryParty><cac:PartyName><cbc:Name>x</cbc:Name>"
		"</cac:PartyName></cac:DeliveryParty></cac:Delivery>"
		"<cac:InvoiceLine><cbc:Note>1</cbc:Note><cbc:Note>2</cbc:Note></cac:InvoiceLine>"
		"<cac:InvoiceLine><cbc:Note>3</cbc:Note></cac:InvoiceLine>"));
	Is(Value("BG-13/BT-72"), "2026-01-01", "a delivery");
	Is(Value("BG-13/BT-70"), "-", "a second one is not mixed into the first");
	Is(Value("BG-25[1]/BT-127"), "1", "the first note of a line");
	Is(Value("BG-25[2]/BT-127"), "3", "the next line has its own");
	Ok(counts.extras == 2, "what comes twice is kept aside");
	Read(INVOICE("<cac:AllowanceCharge><cbc:ChargeIndicator>1</cbc:ChargeIndicator>"
				 "<cbc:Amount currencyID='EUR'>5</cbc:Amount></cac:AllowanceCharge>"
				 "<cac:AllowanceCharge><cbc:ChargeIndicator>no</cbc:ChargeIndicator>"
				 "<cbc:Amount currencyID='EUR'>6</cbc:Amount></cac:AllowanceCharge>"));
	Is(Value("BG-21[1]/BT-99"), "5", "1 is true: a charge");
	Is(Value("BG-20[1]/BT-92"), "-", "what is neither true nor false is no allowance");
	Ok(counts.extras == 3, "but kept");
}

static void
TestStray(void)
{
	Read(INVOICE("lost<cac:OrderReference a='b'>x<cbc:ID>O</cbc:ID></cac:OrderReference>"
				 "<z:q xmlns:z='urn:z'><z:r>1</z:r><z:r/></z:q><cbc:Note>a<cbc:ID/></cbc:Note>"));
	Is(Value("BT-13"), "O", "text around an element does not hide it");
	Ok(counts.extras == 7, "stray text, foreign and nested elements are extras");
}

static void
TestCii(void)
{
	Read(CII(
		"<TypeCode> 381 </TypeCode><IssueDateTime><u:DateTimeString format='102'>20260228"
		"</u:DateTimeString></IssueDateTime>",
		"<SellerTradeParty><ID>1</ID><GlobalID schemeID='0088'>2</GlobalID></SellerTradeParty>"
		"<BuyerTradeParty><ID>1</ID><GlobalID schemeID='0088'>2</GlobalID></BuyerTradeParty>"
		"<AdditionalReferencedDocument><IssuerAssignedID>T</IssuerAssignedID><TypeCode>50"
		"</TypeCode></AdditionalReferencedDocument><AdditionalReferencedDocument>"
		"<IssuerAssignedID>O</IssuerAssignedID><TypeCode>130</TypeCode><ReferenceTypeCode>AVE"
		"</ReferenceTypeCode></AdditionalReferencedDocument>",
		"",
		"<CreditorReferenceID>C</CreditorReferenceID><InvoiceCurrencyCode>EUR"
		"</InvoiceCurrencyCode><SpecifiedTradeSettlementPaymentMeans><TypeCode>59</TypeCode>"
		"<PayerPartyDebtorFinancialAccount><IBANID>D</IBANID>"
		"</PayerPartyDebtorFinancialAccount><PayeePartyCreditorFinancialAccount><IBANID>X</IBANID>"
		"</PayeePartyCreditorFinancialAccount><PayeeSpecifiedCreditorFinancialInstitution>"
		"<BICID>Y</BICID></PayeeSpecifiedCreditorFinancialInstitution>"
		"</SpecifiedTradeSettlementPaymentMeans>"
		"<SpecifiedTradeSettlementPaymentMeans><TypeCode>59</TypeCode>"
		"<PayeeSpecifiedCreditorFinancialInstitution><BICID>Z</BICID>"
		"</PayeeSpecifiedCreditorFinancialInstitution>"
		"</SpecifiedTradeSettlementPaymentMeans>"
		"<ApplicableTradeTax><TypeCode>VAT</TypeCode><CategoryCode>S</CategoryCode>"
		"<DueDateTypeCode>5</DueDateTypeCode></ApplicableTradeTax>"
		"<ApplicableTradeTax><TypeCode>VAT</TypeCode><CategoryCode>Z</CategoryCode>"
		"<DueDateTypeCode>5</DueDateTypeCode></ApplicableTradeTax>"
		"<SpecifiedTradePaymentTerms><DirectDebitMandateID>M</DirectDebitMandateID>"
		"</SpecifiedTradePaymentTerms>",
		""));
	Ok(view.kind == DOCUMENT_CREDIT_NOTE, "the type code makes it a credit note");
	Is(Value("BT-2"), "2026-02-28", "a date in format 102");
	Is(Value("BG-4/BT-29[2]"), "2", "the seller may have several identifiers");
	Is(Value("BG-7/BT-46"), "2", "the buyer one: the global one wins");
	Is(Value("BG-7/BT-46/BT-46-1"), "0088", "with its scheme");
	Is(Value("BT-17"), "T", "document type 50 is the tender");
	Is(Value("BT-18/BT-18-1"), "AVE", "the scheme of the invoiced object is a sibling");
	Is(Value("BG-16/BG-19/BT-89"), "M", "the mandate comes from the terms of payment");
	Is(Value("BG-16/BG-19/BT-90"), "C", "the creditor from the settlement");
	Is(Value("BG-16/BG-19/BT-91"), "D", "the account from the means of payment");
	Is(Value("BG-16/BG-17[1]/BT-86"), "Y", "the bank belongs to its account");
	Is(Value("BG-16/BG-17[2]/BT-86"), "Z", "and not to the one before");
	Is(Value("BT-8"), "3", "the date code is the one of UNTDID 2005");
	Is(Value("BG-23[2]/BT-118"), "Z", "the second VAT group");
	Ok(counts.extras == 1, "only the buyer's other identifier is left over");
}

static void
TestCiiPrices(void)
{
	Read(CII(
		"", "", "", "",
		"<IncludedSupplyChainTradeLineItem><SpecifiedLineTradeAgreement>"
		"<GrossPriceProductTradePrice><ChargeAmount>9</ChargeAmount><BasisQuantity unitCode='C62'>"
		"10</BasisQuantity><AppliedTradeAllowanceCharge><ChargeIndicator><u:Indicator>false"
		"</u:Indicator></ChargeIndicator><ActualAmount>1</ActualAmount>"
		"</AppliedTradeAllowanceCharge></GrossPriceProductTradePrice>"
		"<NetPriceProductTradePrice><ChargeAmount>8</ChargeAmount><BasisQuantity unitCode='C62'>"
		"10</BasisQuantity></NetPriceProductTradePrice></SpecifiedLineTradeAgreement>"
		"</IncludedSupplyChainTradeLineItem><IncludedSupplyChainTradeLineItem>"
		"<SpecifiedLineTradeAgreement><GrossPriceProductTradePrice><BasisQuantity>5"
		"</BasisQuantity></GrossPriceProductTradePrice><NetPriceProductTradePrice>"
		"<BasisQuantity>6</BasisQuantity></NetPriceProductTradePrice>"
		"</SpecifiedLineTradeAgreement></IncludedSupplyChainTradeLineItem>"));
	Is(Value("BG-25[1]/BG-29/BT-148"), "9", "the gross price");
	Is(Value("BG-25[1]/BG-29/BT-147"), "1", "its discount");
	Is(Value("BG-25[1]/BG-29/BT-149"), "10", "the base quantity of both");
	Is(Value("BG-25[1]/BG-29/BT-150"), "C62", "and its unit");
	Is(Value("BG-25[2]/BG-29/BT-149"), "6", "where they differ, that of the net price");
	Ok(counts.extras == 1, "the other one is an extra");
	Read(CII("<IssueDateTime><u:DateTimeString format='203'>202602281200</u:DateTimeString>"
			 "</IssueDateTime>",
			 "", "<DeliveryNoteReferencedDocument/>", "", ""));
	Is(Value("BT-2"), "202602281200", "a date in another format is kept as it is");
	Ok(IsInvalid("BT-2"), "and marked");
	Ok(counts.extras == 2, "its format is an extra, and so is an empty element");
}

static void
TestDetect(void)
{
	static const struct
	{
		const char *content;
		size_t length; /* 0: to the terminator */
		const char *format;
		const char *kind;
		const char *encoding;
	} cases[] = {
		{INVOICE("<cbc:CustomizationID>p</cbc:CustomizationID>"), 0, "ubl", "invoice", "UTF-8"},
		{CREDIT_NOTE(""), 0, "ubl", "credit_note", "UTF-8"},
		{CII("<TypeCode>381</TypeCode>", "", "", "", ""), 0, "cii", "credit_note", "UTF-8"},
		{"\xEF\xBB\xBF<?xml version='1.0'?><!-- <a> --><Order "
		 "xmlns='urn:oasis:names:specification:ubl:schema:xsd:Order-2'/>",
		 0, "ubl", "order", "UTF-8"},
		{"<?xml version='1.0' encoding='ISO-8859-15'?><x/>", 0, "xml", "", "ISO-8859-15"},
		{"\xFF\xFE<\0x\0/\0>\0", 10, "xml", "", "UTF-16LE"},
		{"\xFE\xFF\0<\0x\0/\0>", 10, "xml", "", "UTF-16BE"},
		{"<x", 0, "xml", "", "UTF-8"},
		{"<ORDERS05><IDOC><EDI_DC40><MESTYP>ORDRSP</MESTYP></EDI_DC40></IDOC></ORDERS05>", 0,
		 "idoc", "order_response", "UTF-8"},
		{"<ORDERS05><IDOC><EDI_DC40><IDOCTYP>ORDERS05</IDOCTYP></EDI_DC40></IDOC></ORDERS05>", 0,
		 "idoc", "order", "UTF-8"},
		/* what is not closed, or empty, names nothing: the root does */
		{"<ORDERS05><IDOC><EDI_DC40><MESTYM>ORDRSP</MESTYP></EDI_DC40></IDOC></ORDERS05>", 0,
		 "idoc", "order", "UTF-8"},
		{"<ORDERS05><IDOC><EDI_DC40><MESTYP/></EDI_DC40></IDOC></ORDERS05>", 0, "idoc", "order",
		 "UTF-8"},
		{"%PDF-1.7\n", 0, "pdf", "", ""},
		{"PK\x03\x04zip", 0, "zip", "", ""},
		{" <!DOCTYPE html><html>", 0, "html", "", ""},
		{"<html xmlns='http://www.w3.org/1999/xhtml'/>", 0, "html", "", ""},
		{"{\"a\": 1}", 0, "json", "", ""},
		{"UNA:+.? 'UNB+UNOC:3+", 0, "edifact", "", "UNOC"},
		{"UNB+UNOC:3+", 0, "edifact", "", "UNOC"},
		{"ISA*00*          *", 0, "x12", "", ""},
		{"", 0, "empty", "", ""},
		{" \n", 0, "empty", "", "UTF-8"},
		{"hello", 0, "text", "", ""},
		{"\0\1\2", 3, "binary", "", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Detected found;
		size_t length = cases[i].length ? cases[i].length : strlen(cases[i].content);

		ArenaReset(&arena);
		DetectFormat(SpanOf(cases[i].content, length), &arena, &found);
		if (!Ok(SpanEqualCString(found.format, cases[i].format) &&
					SpanEqualCString(found.kind, cases[i].kind) &&
					(SpanEqualCString(found.encoding, cases[i].encoding) || length <= 2),
				"%s %s", cases[i].format, cases[i].kind))
			printf("# got %.*s %.*s %.*s\n", (int) found.format.length, found.format.data,
				   (int) found.kind.length, found.kind.data, (int) found.encoding.length,
				   found.encoding.data);
	}
}

static void
TestRefusals(void)
{
	Ok(ReadAs(SPAN_LITERAL(""), "") == CLEX_MALFORMED, "nothing");
	Is(error.message, "the document is empty", "is called so");
	Ok(ReadAs(SPAN_LITERAL("%PDF-1.7"), "") == CLEX_UNSUPPORTED, "a PDF");
	Is(error.message, "nothing reads this document: format pdf", "is named");
	Ok(error.line == 0, "without a line, which it has not");
	Is(error.hint,
	   "Formats that are read: ubl, cii, orderx, fatturapa, idoc, cxml, edifact, x12, json, gobl.",
	   "with what is read");
	Ok(ReadAs(SPAN_LITERAL("<a/>"), "") == CLEX_UNSUPPORTED, "any XML");
	Is(error.detail, "The root element is a.", "its root is told");
	Ok(ReadAs(SPAN_LITERAL("<a"), "") == CLEX_MALFORMED && error.line == 1, "truncated XML");
	Ok(ReadAs(SPAN_LITERAL(INVOICE("")), "ubl:peppol") == CLEX_OK, "the format it is");
	Ok(ReadAs(SPAN_LITERAL(INVOICE("")), "cii") == CLEX_INVALID, "another format");
	Is(error.message, "the document is ubl, not cii", "is refused");
	Ok(ReadAs(SPAN_LITERAL(INVOICE("")), "word") == CLEX_INVALID, "no format at all");
	Is(error.hint,
	   "Readers are: ubl, cii, orderx, fatturapa, idoc, cxml, edifact, x12, json, gobl.",
	   "those that are");
}

/* Two bytes a character: known by its byte order mark. */
static void
TestUtf16(void)
{
	const char ascii[] = INVOICE("<cbc:Note>wide</cbc:Note>");
	char wide[2 * sizeof(ascii)] = "\xFE\xFF";

	for (size_t i = 0; i + 1 < sizeof(ascii); i++)
	{
		wide[2 * i + 2] = 0;
		wide[2 * i + 3] = ascii[i];
	}
	Ok(ReadAs(SpanOf(wide, sizeof(wide)), "") == CLEX_OK, "UTF-16");
	Is(Value("BG-1[1]/BT-22"), "wide", "is read");
	Ok(SpanEqualCString(ViewProvenance(&view, "encoding"), "UTF-16BE"), "and remembered");
}

/* A hundred thousand siblings that nothing knows: their places are counted once. */
static void
TestManyExtras(void)
{
	Text text;
	Arena other;

	ArenaInit(&other, &ClexPlainEnv, 0);
	TextInit(&text, &other);
	TextAppendSpan(&text,
				   SPAN_LITERAL("<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:"
								"Invoice-2' xmlns:z='urn:z'>"));
	for (int i = 0; i < 100000; i++)
		TextAppendSpan(&text, SPAN_LITERAL("<z:a/>"));
	TextAppendSpan(&text, SPAN_LITERAL("</Invoice>"));
	Ok(ReadAs(TextSpan(&text), "") == CLEX_OK && counts.extras == 100000, "100,000 extras");
	text.length = 0;
	TextAppendSpan(&text,
				   SPAN_LITERAL("<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:"
								"Invoice-2' xmlns:z='"));
	for (int i = 0; i < 1000000; i++)
		TextAppendChar(&text, 'z');
	TextAppendSpan(&text, SPAN_LITERAL("'>"));
	for (int i = 0; i < 1000; i++)
		TextAppendSpan(&text, SPAN_LITERAL("<z:a/>"));
	TextAppendSpan(&text, SPAN_LITERAL("</Invoice>"));
	Ok(ReadAs(TextSpan(&text), "") == CLEX_LIMIT, "a long name in each of 1,000 locations");
	ArenaFree(&other);
}

/* Whatever the memory, the answer is a document or "out of memory". */
static void
TestMemory(void)
{
	const Span content =
		SPAN_LITERAL(INVOICE("<cbc:Note>#AAI#n</cbc:Note><cac:InvoiceLine><cbc:ID>1</cbc:ID><z/>"
							 "</cac:InvoiceLine>"));
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = content, .limits = &limits};
	uint32_t refused = 0;
	bool good = true;
	ClexStatus status = CLEX_NO_MEMORY;

	for (size_t limit = 512; limit < 4000000 && status != CLEX_OK; limit += limit / 16)
	{
		Arena small;
		Tree tree;
		Span image;

		memset(&error, 0, sizeof(error));
		ArenaInit(&small, &ClexPlainEnv, limit);
		status = ReadDocument(&request, &small, &tree, &image, &error);
		ArenaFree(&small);
		good = good && (status == CLEX_OK || status == CLEX_NO_MEMORY);
		refused += status == CLEX_NO_MEMORY;
	}
	Ok(good && status == CLEX_OK && refused > 10, "little memory is an error, enough is enough");
}

static bool
AlwaysInterrupted(void *context)
{
	(void) context;
	return true;
}

/* A cancel ends the binding of a big document. */
static void
TestInterrupt(void)
{
	ClexEnv env = ClexPlainEnv;
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.limits = &limits};
	Arena other;
	Text text;
	Tree tree;
	DocumentBuilder *builder;

	ArenaInit(&other, &ClexPlainEnv, 0);
	TextInit(&text, &other);
	TextAppendSpan(&text, SPAN_LITERAL(INVOICE("")));
	text.length -= strlen("</Invoice>");
	for (int i = 0; i < 5000; i++)
		TextAppendSpan(&text, SPAN_LITERAL("<cbc:Note>n</cbc:Note>"));
	TextAppendSpan(&text, SPAN_LITERAL("</Invoice>"));
	request.content = TextSpan(&text);
	Ok(ReadTerms(&request, &other, &tree, &builder, &counts, &error) == CLEX_OK, "5,000 notes");
	env.interrupted = AlwaysInterrupted;
	other.env = &env;
	Ok(BindTree(&tree, BindRootFind(NAME_ubl_Invoice), 0, SPAN_LITERAL("EUR"), &other, builder,
				&counts, &error) == CLEX_INTERRUPTED,
	   "a cancel is heard");
	other.env = &ClexPlainEnv;
	ArenaFree(&other);
}

int
main(void)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	TestCurrencies();
	TestParties();
	TestCreditNote();
	TestNotes();
	TestRepeats();
	TestStray();
	TestCii();
	TestCiiPrices();
	TestDetect();
	TestRefusals();
	TestUtf16();
	TestManyExtras();
	TestMemory();
	TestInterrupt();
	ArenaFree(&arena);
	return Done();
}
