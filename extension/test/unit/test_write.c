/*
 * Documents written and read again: over a folder (first argument; without it the project's samples)
 * each document in its own format, where nothing may be lost, and in the other one, where all that is
 * lost is named.  Then random documents of all kinds, in every format that has them.
 */
#include "folder.h"
#include "random_document.h"
#include "tap.h"
#include "written.h"

#include "core/codec/xml_codec.h"

/* ... and in these, whose losses are not counted. */
static const char *const others[] = {"fatturapa", "idoc", "gobl", "cxml"};

static Arena arena;
static uint32_t documents;
static uint32_t unread;
static uint32_t losses;

static void
CheckFormat(const char *path, const DocumentView *view, const char *format)
{
	bool same = SpanEqualCString(view->format, format);
	Written written;

	WriteAndRead(view, format, &arena, &written);
	if (written.why[0] != '\0')
		Ok(false, "%s as %s: %s", path, format, written.why);
	if (same && written.losses.count > 0)
	{
		Loss loss = VectorAt(&written.losses, Loss, 0);

		Ok(false, "%s as %s: %u losses, the first is %s", path, format, written.losses.count,
		   FateReason(loss.fate));
	}
	if (!same)
		losses += written.losses.count;
}

static bool
IsInvoice(const DocumentView *view)
{
	return view->kind == DOCUMENT_INVOICE || view->kind == DOCUMENT_CREDIT_NOTE;
}

static void
CheckDocument(const char *path, Span content)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = content, .limits = &limits};
	DocumentView view;
	ClexError error = {0};
	uint32_t ours;
	Tree tree;
	Span image;

	documents++;
	ArenaReset(&arena);
	if (ReadDocument(&request, &arena, &tree, &image, &error) != CLEX_OK ||
		DocumentOpen(image, &view, &error) != CLEX_OK)
	{
		unread++;
		return;
	}
	CheckFormat(path, &view, "ubl");
	CheckFormat(path, &view, "cii");
	ours = losses;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) && IsInvoice(&view); i++)
		CheckFormat(path, &view, others[i]);
	losses = ours;
}

/* Write a document given as JSON. */
static void
WriteJson(const char *json, const char *format, Written *written)
{
	DocumentView view;
	ClexError error = {0};
	Span image;

	ArenaReset(&arena);
	memset(written, 0, sizeof(*written));
	if (DocumentFromJson(SpanFromCString(json), &arena, &image, &error) != CLEX_OK ||
		DocumentOpen(image, &view, &error) != CLEX_OK)
		Differs(written, "no document: %s", error.message);
	else
		WriteAndRead(&view, format, &arena, written);
}

/* An element that is taken back leaves none around it that would be empty. */
static void
CheckTakenBack(void)
{
	Written written;

	WriteJson("{\"$kind\":\"invoice\",\"$format\":\"edifact\",\"$reader\":1,\"lines\":"
			  "[{\"identifier\":\"1\",\"price\":{\"gross\":2.15}}]}",
			  "ubl", &written);
	Ok(written.why[0] == '\0', "a gross price by itself: %s", written.why);
	Ok(written.losses.count == 1 && VectorAt(&written.losses, Loss, 0).fate == FATE_BY_ITSELF,
	   "it is lost");
}

/* What is no date, and would be one in digits; a credit note whose type does not say so, or that has none. */
static void
CheckTakenForOthers(void)
{
	static const char *const formats[] = {"cii",  "fatturapa", "idoc", "idoc:flat",
										  "cxml", "gobl",	   "ubl"};
	static const char document[] =
		"{\"$kind\":\"credit_note\",\"$format\":\"ubl\",\"$reader\":1,\"invoice\":{\"number\":"
		"\"1\","
		"%s\"issue_date\":\"2026-01-31\"},\"delivery\":{\"date\":\"20260531\"}}";
	char json[400];
	Written written;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
	{
		snprintf(json, sizeof(json), document, "");
		WriteJson(json, formats[i], &written);
		Ok(written.why[0] == '\0' && written.again.kind == DOCUMENT_CREDIT_NOTE,
		   "a credit note without a type in %s: %s", formats[i], written.why);
		WriteJson("{\"$kind\":\"credit_note\",\"seller\":{\"name\":\"S\"}}", formats[i], &written);
		Ok(written.why[0] == '\0' && written.again.kind == DOCUMENT_CREDIT_NOTE,
		   "one without number, date and type in %s: %s", formats[i], written.why);
		WriteJson("{\"$kind\":\"credit_note\"}", formats[i], &written);
		Ok(written.why[0] == '\0' && written.again.kind == DOCUMENT_CREDIT_NOTE,
		   "one without a single term in %s: %s", formats[i], written.why);
		/* these say the kind beside the type: it is kept, and the type is no loss */
		if (strcmp(formats[i], "gobl") == 0 || strcmp(formats[i], "ubl") == 0)
			continue;
		snprintf(json, sizeof(json), document, "\"type_code\":\"380\",");
		WriteJson(json, formats[i], &written);
		Ok(written.why[0] == '\0' && written.again.kind == DOCUMENT_INVOICE,
		   "one of type 380 in %s, whose type is a loss: %s", formats[i], written.why);
	}
}

/* A value that loses characters, beside a placeholder: both are told. */
static void
CheckTwoLosses(void)
{
	Written written;

	WriteJson("{\"$kind\":\"credit_note\",\"$format\":\"edifact\",\"$reader\":1,\"invoice\":"
			  "{\"number\":\"1\",\"due_date\":\"2026\\u0010621\"},\"totals\":{\"payable\":1}}",
			  "ubl", &written);
	Ok(written.why[0] == '\0', "a placeholder beside a value without its characters: %s",
	   written.why);
	Ok(written.losses.count == 2 && VectorAt(&written.losses, Loss, 0).fate == FATE_CHARACTERS &&
		   VectorAt(&written.losses, Loss, 1).fate == FATE_FILLED &&
		   VectorAt(&written.losses, Loss, 0).node == VectorAt(&written.losses, Loss, 1).node,
	   "one node has two losses");
}

/* What a format asks for beside a value is told there, although another line has the same value of its own. */
static void
CheckFilledBeside(void)
{
	Written written;

	WriteJson("{\"$kind\":\"despatch_advice\",\"$format\":\"edifact\",\"$reader\":1,"
			  "\"despatch_advice\":{\"number\":\"LS-1\",\"issue_date\":\"2026-03-18\"},\"lines\":["
			  "{\"identifier\":\"2\",\"quantity\":8,\"item\":{\"name\":\"A\"}},"
			  "{\"identifier\":\"2\",\"quantity\":8,\"item\":{\"name\":\"A\"},"
			  "\"purchase_order_line\":\"2\"}]}",
			  "cxml", &written);
	Ok(written.why[0] == '\0', "equal lines, of which one names that of the order: %s",
	   written.why);
	Ok(written.losses.count == 1 && VectorAt(&written.losses, Loss, 0).fate == FATE_FILLED,
	   "the number beside the other one is told");
}

/* A file is read, written in its own format and read again, the same. */
static void
CheckContent(const char *content, const char *format, const char *what)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.limits = &limits, .content = SpanFromCString(content)};
	DocumentView view;
	ClexError error = {0};
	Written written;
	Tree tree;
	Span image;

	ArenaReset(&arena);
	if (!Ok(ReadDocument(&request, &arena, &tree, &image, &error) == CLEX_OK &&
				DocumentOpen(image, &view, &error) == CLEX_OK,
			"read: %s", what))
		return;
	WriteAndRead(&view, format, &arena, &written);
	Ok(written.why[0] == '\0', "... and written as it stood: %s", written.why);
}

/*
 * An element in which extras stand beside what was said before, and a constant is missing: nothing but what
 * stood there is written, else the constant would be an extra of its own when it is read again.  An
 * element of constants alone keeps them beside extras: they say of which kind the terms around it are.
 */
static void
CheckBareElement(void)
{
	static const char idoc[] =
		"<INVOIC02><IDOC BEGIN=\"1\"><E1EDK01 SEGMENT=\"1\"><BELNR>7</BELNR></E1EDK01>"
		"<E1EDP01 SEGMENT=\"1\"><NETWR>5</NETWR><E1EDP26%s><QUALF>003</QUALF><BETRG>5</BETRG>%s"
		"</E1EDP26></E1EDP01></IDOC></INVOIC02>";
	static const char *const cases[][3] = {
		{" SEGMENT=\"1\"", "", "said again"},
		{"", "", "said again, without SEGMENT"},
		{" SEGMENT=\"1\"", "<X>1</X>", "said again, with an extra"},
		{"", "<X>1</X>", "said again, with an extra and without SEGMENT"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		char content[400];

		snprintf(content, sizeof(content), idoc, cases[i][0], cases[i][1]);
		CheckContent(content, "idoc", cases[i][2]);
	}
	CheckContent(
		"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' "
		"xmlns:a='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' "
		"xmlns:b='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>"
		"<a:AccountingSupplierParty><a:Party><a:PartyTaxScheme><b:CompanyID>DK1</b:CompanyID>"
		"<a:TaxScheme>666 <b:ID>VAT</b:ID></a:TaxScheme></a:PartyTaxScheme></a:Party>"
		"</a:AccountingSupplierParty></Invoice>",
		"ubl", "a constant beside an extra");
}

/*
 * What only repeats a term stands where it stood, and not in the place of what held another one; nothing is put
 * into what held no elements; a repetition keeps its own attributes.
 */
static void
CheckPlaces(void)
{
	static const char ubl[] =
		"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' "
		"xmlns:a='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' "
		"xmlns:b='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>"
		"%s</Invoice>";
	static const char *const parts[][2] = {
		{"<a:AccountingSupplierParty><a:Party><a:PartyTaxScheme><b:CompanyID>DK1</b:CompanyID>"
		 "<a:TaxScheme> </a:TaxScheme></a:PartyTaxScheme></a:Party></a:AccountingSupplierParty>",
		 "a tax scheme with nothing in it"},
		{"<a:PaymentMeans><b:PaymentMeansCode>30</b:PaymentMeansCode>"
		 "<b:PaymentID x='1'>A</b:PaymentID><b:PaymentID x='2'>A</b:PaymentID></a:PaymentMeans>",
		 "a repetition with an attribute"},
	};
	char content[1000];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
	{
		snprintf(content, sizeof(content), ubl, parts[i][0]);
		CheckContent(content, "ubl", parts[i][1]);
	}
	CheckContent(
		"<INVOIC02><IDOC BEGIN=\"1\"><E1EDK01 SEGMENT=\"1\"><BELNR>7</BELNR></E1EDK01>"
		"<E1EDK02 SEGMENT=\"1\"><QUALF>009</QUALF><BELNR>7</BELNR><DATUM>20260402</DATUM>"
		"</E1EDK02><E1EDK03 SEGMENT=\"1\"><IDDAT>5</IDDAT></E1EDK03>"
		"<E1EDK03 SEGMENT=\"1\" X=\"9\"><IDDAT>028</IDDAT><DATUM>20260416</DATUM></E1EDK03>"
		"<E1EDK03 SEGMENT=\"1\" X=\"8\"><IDDAT>012</IDDAT><DATUM>20260402</DATUM></E1EDK03>"
		"</IDOC></INVOIC02>",
		"idoc", "a date that is said again behind others");
	CheckContent(
		"<ORDERS05><IDOC BEGIN=\"1\"><EDI_DC40 SEGMENT=\"1\"><MESTYP>ORDERS</MESTYP></EDI_DC40>"
		"<E1EDK01 SEGMENT=\"1\"><BELNR>7</BELNR></E1EDK01>"
		"<E1EDK02 SEGMENT=\"1\"><QUALF>XXX</QUALF><BELNR>1</BELNR></E1EDK02>"
		"<E1EDK02 SEGMENT=\"1\" X=\"1\"><QUALF>005</QUALF><BELNR>2</BELNR></E1EDK02>"
		"<E1EDK02 SEGMENT=\"1\" X=\"2\"><QUALF>001</QUALF><BELNR>7</BELNR></E1EDK02>"
		"</IDOC></ORDERS05>",
		"idoc", "the number of an order behind others");
}

/* A record of a flat IDoc. */
static void
AppendRecord(Text *out, const char *segment, const char *number, const char *data)
{
	TextAppendf(out, "%-30s100%016d%s00000002%s\n", segment, 7, number, data);
}

/* Numbers and signs of records that a flat IDoc cannot give back: segments that change their place, control characters. */
static void
CheckRecords(void)
{
	static const char *const reasons[] = {"the format has them in another order",
										  "the format cannot hold some of its characters"};
	bool told[2] = {false, false};
	ClexError error = {0};
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.limits = &limits};
	DocumentView view;
	Written written;
	Span image;
	Tree tree;
	Text file;

	ArenaReset(&arena);
	TextInit(&file, &arena);
	TextAppendf(&file, "%-10s100%016d%-10s%-30s%-30s%-30s\n", "EDI_DC40", 7, "", "INVOIC02", "",
				"INVOIC");
	AppendRecord(&file, "E2EDS01", "000002", "01012.00");
	AppendRecord(&file, "E2EDK01005", "000001", "    EUR");
	AppendRecord(&file, "E2EDKA1003",
				 "\x01"
				 "00003",
				 "RS \x02");
	TextAppendf(&file, "\t\tno segment\n");
	request.content = TextSpan(&file);
	Ok(ReadDocument(&request, &arena, &tree, &image, &error) == CLEX_OK &&
		   DocumentOpen(image, &view, &error) == CLEX_OK,
	   "records in disorder are read: %s", error.message);
	WriteAndRead(&view, "idoc:flat", &arena, &written);
	Ok(written.why[0] == '\0', "and written: %s", written.why);
	for (uint32_t i = 0; i < written.losses.count; i++)
		for (int k = 0; k < 2; k++)
			told[k] |= strcmp(FateReason(VectorAt(&written.losses, Loss, i).fate), reasons[k]) == 0;
	Ok(told[0] && told[1], "what changes is told");
}

/* Texts of an order in an IDoc: those of one line are notes, the lines of others stay apart and together. */
static void
CheckTexts(void)
{
	static const char idoc[] =
		"<ORDERS05><IDOC BEGIN=\"1\"><EDI_DC40 SEGMENT=\"1\"><IDOCTYP>ORDERS05</IDOCTYP>"
		"<MESTYP>ORDERS</MESTYP></EDI_DC40>"
		"<E1EDK01 SEGMENT=\"1\"><BELNR>7</BELNR></E1EDK01>"
		"<E1EDKT1 SEGMENT=\"1\"><TDID>F01</TDID><E1EDKT2 "
		"SEGMENT=\"1\"><TDLINE>one</TDLINE></E1EDKT2>"
		"%s</E1EDKT1>"
		"<E1EDKT1 SEGMENT=\"1\"><TDID>F02</TDID><E1EDKT2 "
		"SEGMENT=\"1\"><TDLINE>two</TDLINE></E1EDKT2>"
		"</E1EDKT1></IDOC></ORDERS05>";
	static const char *const more[] = {
		"", "<E1EDKT2 SEGMENT=\"1\"><TDLINE>more of it</TDLINE></E1EDKT2>",
		"<E1EDKT2 SEGMENT=\"1\"><TDLINE>two</TDLINE></E1EDKT2>"};

	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
	{
		char content[700];

		snprintf(content, sizeof(content), idoc, more[i]);
		CheckContent(content, "idoc", "texts");
		CheckContent(content, "idoc:flat", "texts");
	}
}

/* Documents of any terms in any order. */
static void
CheckRandom(DocumentKind kind, uint32_t size)
{
	char name[80];
	DocumentView view;
	ClexError error = {0};
	Span image;

	ArenaReset(&arena);
	if (DocumentFinish(RandomDocumentOf(kind, true, &arena, size), &image, &error) != CLEX_OK ||
		DocumentOpen(image, &view, &error) != CLEX_OK)
		return;
	snprintf(name, sizeof(name), "random %s of size %u", DocumentKindName(kind), size);
	for (uint32_t i = 0; i < ClexCodecCount; i++)
		/* what stands in for the order's line in an invoice of cXML is another term of the line */
		if (ClexCodecs[i].read == XmlReadTerms &&
			(kind >= DOCUMENT_ORDER || strcmp(ClexCodecs[i].name, "cxml") != 0))
		{
			Written written;

			WriteAndRead(&view, ClexCodecs[i].name, &arena, &written);
			if (written.why[0] != '\0')
				Ok(false, "%s as %s: %s", name, ClexCodecs[i].name, written.why);
		}
}

int
main(int argc, char **argv)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	CheckFolder(argc > 1 ? argv[1] : "extension/test/samples", CheckDocument);
	Ok(tap_failed == 0, "what is written is read again");
	for (uint32_t i = 1; i <= 400; i++)
		CheckRandom((DocumentKind) (DOCUMENT_ORDER + i % 7), i);
	for (uint32_t i = 1; i <= 400; i++)
		CheckRandom(i % 2 ? DOCUMENT_INVOICE : DOCUMENT_CREDIT_NOTE, i);
	Ok(tap_failed == 0, "random documents of all kinds");
	CheckTakenBack();
	CheckTakenForOthers();
	CheckTwoLosses();
	CheckFilledBeside();
	CheckBareElement();
	CheckPlaces();
	CheckRecords();
	CheckTexts();
	printf("# %u documents, %u of them unread, %u losses in the other format\n", documents, unread,
		   losses);
	ArenaFree(&arena);
	return Done();
}
