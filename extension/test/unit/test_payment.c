/* Payments without a server: little memory, cancels, cut files, characters. */
#include "core/payment/payment_check.h"
#include "tap.h"

#include <stdlib.h>

static const char order[] =
	"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn><GrpHdr>"
	"<MsgId>M</MsgId><CreDtTm>2026-11-20T10:00:00</CreDtTm><NbOfTxs>2</NbOfTxs>"
	"<CtrlSum>3.50</CtrlSum><InitgPty><Nm>I</Nm></InitgPty></GrpHdr><PmtInf><PmtInfId>B</PmtInfId>"
	"<PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>2026-11-23</Dt></ReqdExctnDt><Dbtr><Nm>D</Nm><PstlAdr>"
	"<AdrLine>one</AdrLine><AdrLine>two</AdrLine></PstlAdr></Dbtr><DbtrAcct><Id>"
	"<IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId><Othr>"
	"<Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>"
	"<CdtTrfTxInf><PmtId><EndToEndId>E1</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"EUR\">1.25"
	"</InstdAmt></Amt><Cdtr><Nm>C</Nm></Cdtr><CdtrAcct><Id><Othr><Id>1</Id></Othr></Id></CdtrAcct>"
	"<RmtInf><Strd><RfrdDocInf><Nb>1</Nb></RfrdDocInf><RfrdDocInf><Nb>2</Nb></RfrdDocInf>"
	"<RfrdDocAmt><RmtdAmt Ccy=\"EUR\">1.25</RmtdAmt></RfrdDocAmt></Strd><Strd><CdtrRefInf>"
	"<Ref>R</Ref></CdtrRefInf></Strd></RmtInf></CdtTrfTxInf>"
	"<CdtTrfTxInf><PmtId><EndToEndId>E2</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"EUR\">2.25"
	"</InstdAmt></Amt><Cdtr><Nm>C</Nm></Cdtr></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>";

static uint32_t rows;
static uint32_t documents;
static uint32_t problems;
static char first[80];

static void
TakePayment(void *state, const Payment *payment)
{
	(void) state;
	rows++;
	documents += payment->document_count;
}

static void
TakeProblem(void *state, const PaymentProblem *problem)
{
	(void) state;
	if (problems++ == 0)
		snprintf(first, sizeof(first), "%s", problem->code);
}

static const PaymentSink sink = {.payment = TakePayment, .problem = TakeProblem};

/* Read an exact copy of a text, so that reading beyond it is seen. */
static ClexStatus
Read(const char *text, size_t length, bool strict, const ClexEnv *env, size_t limit)
{
	char *copy = malloc(length + 1);
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ClexError error = {0};
	Arena arena, scratch;
	PaymentRequest request = {.content = SpanOf(copy, length),
							  .strict = strict,
							  .limits = &limits,
							  .parser = XmlParserCreate(&ClexPlainEnv),
							  .arena = &arena,
							  .scratch = &scratch,
							  .sink = &sink};
	ClexStatus status;

	memcpy(copy, text, length);
	rows = documents = problems = 0;
	first[0] = '\0';
	ArenaInit(&arena, env, limit);
	ArenaInit(&scratch, env, limit);
	status = PaymentRead(&request, &error);
	ArenaFree(&arena);
	ArenaFree(&scratch);
	XmlParserFree(request.parser);
	free(copy);
	return status;
}

/* Write so many payments of one or several days. */
static ClexStatus
Write(uint32_t count, uint32_t days, const ClexEnv *env, size_t limit, size_t *length)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ClexError error = {0};
	Arena arena, scratch;
	Payment *payments = calloc(count, sizeof(Payment));
	static const char *const dates[] = {"2026-11-23", "2026-11-24", "2026-11-25"};
	PaymentOrder one = {.format = SPAN_LITERAL("pain.001.001.09"),
						.payments = payments,
						.count = count,
						.sepa = true,
						.limits = &limits,
						.parser = XmlParserCreate(&ClexPlainEnv),
						.arena = &arena,
						.scratch = &scratch,
						.sink = &sink};
	ClexStatus status;
	Text out;

	for (uint32_t i = 0; i < count; i++)
	{
		Span *text = payments[i].text;

		text[PAY_MESSAGE_ID] = SPAN_LITERAL("M");
		text[PAY_CREATED] = SPAN_LITERAL("2026-11-20T10:00:00");
		text[PAY_INITIATOR] = text[PAY_DEBTOR] = SPAN_LITERAL("Me");
		text[PAY_DEBTOR_ACCOUNT] = SPAN_LITERAL("FR7630006000011234567890189");
		text[PAY_CREDITOR] = SPAN_LITERAL("You");
		text[PAY_CREDITOR_ACCOUNT] = SPAN_LITERAL("DE89370400440532013000");
		text[PAY_EXECUTION_DATE] = SpanFromCString(dates[i % days]);
		text[PAY_AMOUNT] = SPAN_LITERAL("0.1");
		text[PAY_CURRENCY] = SPAN_LITERAL("EUR");
		text[PAY_REMITTANCE] = SPAN_LITERAL(" one ");
	}
	problems = 0;
	first[0] = '\0';
	ArenaInit(&arena, env, limit);
	ArenaInit(&scratch, env, limit);
	TextInit(&out, &arena);
	status = PaymentWrite(&one, &out, &error);
	*length = out.length;
	ArenaFree(&arena);
	ArenaFree(&scratch);
	XmlParserFree(one.parser);
	free(payments);
	return status;
}

static bool
Stop(void *context)
{
	(void) context;
	return true;
}

static void
TestReading(void)
{
	bool sound = true;

	Ok(Read(order, sizeof(order) - 1, true, &ClexPlainEnv, 0) == CLEX_OK, "an order is read");
	Ok(rows == 2 && documents == 2 && problems == 0, "with its payments and documents");
	for (size_t cut = 0; cut < sizeof(order) - 1; cut += 7)
		sound &= Read(order, cut, false, &ClexPlainEnv, 0) == CLEX_MALFORMED;
	Ok(sound, "a cut order is refused");
	sound = true;
	for (size_t limit = 64; limit < 400000; limit += 4999)
	{
		ClexStatus status = Read(order, sizeof(order) - 1, false, &ClexPlainEnv, limit);

		sound &= status == CLEX_NO_MEMORY || (status == CLEX_OK && rows == 2);
	}
	Ok(sound, "with any memory it is read, or that is said");
}

static void
TestWriting(void)
{
	ClexEnv stopped = ClexPlainEnv;
	size_t length;
	bool sound = true;

	Ok(Write(3, 1, &ClexPlainEnv, 0, &length) == CLEX_OK && problems == 0, "payments are written");
	Ok(Write(2000, 3, &ClexPlainEnv, 0, &length) == CLEX_OK && length > 400000, "many, too");
	for (size_t limit = 64; limit < 600000; limit += 9973)
	{
		ClexStatus status = Write(20, 3, &ClexPlainEnv, limit, &length);

		sound &= status == CLEX_NO_MEMORY || status == CLEX_OK;
	}
	Ok(sound, "with any memory they are written, or that is said");
	stopped.interrupted = Stop;
	Ok(Write(200, 3, &stopped, 0, &length) == CLEX_INTERRUPTED, "writing can be cancelled");
}

static void
TestCharacters(void)
{
	Arena arena;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	Ok(LatinIs(SPAN_LITERAL("aZ09/-?:().,'+ ")) && !LatinIs(SPAN_LITERAL("&")) && !LatinHas(0) &&
		   !LatinHas(0xE9),
	   "the Latin set");
	Ok(SpanEqualCString(LatinOf(SPAN_LITERAL("Žižkov & Ærø\nx"), &arena), "Zizkov + AEro\nx"),
	   "what stands for others");
	ArenaFree(&arena);
}

int
main(void)
{
	TestReading();
	TestWriting();
	TestCharacters();
	return Done();
}
