/*
 * Any bytes into the reader of payments; what was read is written, in every version: what the writer gives out
 * is read as it was given, or it says why not.  The first byte chooses kind, mode, version and memory.
 */
#include "core/base/utf8.h"
#include "core/payment/payment.h"
#include "fuzz.h"

#define MOST 8

typedef struct Kept
{
	Arena arena;
	Payment payments[MOST];
	uint32_t count;
} Kept;

static void
CheckText(Span text)
{
	Must(text.data == NULL || Utf8IsValid(text), "a text is UTF-8");
}

/* Keep the first payments for the writer. */
static void
TakePayment(void *state, const Payment *payment)
{
	Kept *kept = state;
	Payment *copy = &kept->payments[kept->count];

	for (int i = 0; i < PAY_TEXTS; i++)
		CheckText(payment->text[i]);
	if (kept->count == MOST || payment->document_count > 100)
		return;
	*copy = *payment;
	for (int i = 0; i < PAY_TEXTS; i++)
		if (payment->text[i].data != NULL)
			copy->text[i] = ArenaCopy(&kept->arena, payment->text[i]);
	copy->documents =
		ArenaAllocArray(&kept->arena, payment->document_count + 1, sizeof(PaymentDocument));
	for (uint32_t d = 0; d < payment->document_count; d++)
	{
		copy->documents[d] = payment->documents[d];
		for (int i = 0; i < DOC_TEXTS; i++)
			if (payment->documents[d].text[i].data != NULL)
				copy->documents[d].text[i] = ArenaCopy(&kept->arena, payment->documents[d].text[i]);
	}
	kept->count++;
}

static void
TakeStatus(void *state, const PaymentStatus *status)
{
	(void) state;
	for (int i = 0; i < STS_TEXTS; i++)
		CheckText(status->text[i]);
}

static void
TakeProblem(void *state, const PaymentProblem *problem)
{
	(void) state;
	CheckText(problem->found);
	CheckText(problem->place);
	Must(problem->code != NULL, "a problem has a code");
	Must(strcmp(problem->code, "PAYMENT-PROOF") != 0, "what was written is read as it was given");
}

static void
Write(Kept *kept, const char *format, bool sepa, XmlParser *parser)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	PaymentSink sink = {.problem = TakeProblem};
	PaymentOrder order = {.format = SpanFromCString(format),
						  .payments = kept->payments,
						  .count = kept->count,
						  .sepa = sepa,
						  .characters = sepa ? CHARACTERS_EXCHANGE : CHARACTERS_KEEP,
						  .limits = &limits,
						  .parser = parser,
						  .sink = &sink};
	ClexError error = {0};
	Arena arena;
	Arena scratch;
	Text out;

	ArenaInit(&arena, &ClexPlainEnv, FUZZ_MEMORY);
	ArenaInit(&scratch, &ClexPlainEnv, FUZZ_MEMORY);
	order.arena = &arena;
	order.scratch = &scratch;
	TextInit(&out, &arena);
	Must(PaymentWrite(&order, &out, &error) == CLEX_OK || error.message[0] != '\0',
		 "a refusal says why");
	ArenaFree(&arena);
	ArenaFree(&scratch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = {"pain.001.001.03", "pain.001.001.09", "pain.008.001.02",
										  "pain.008.001.08"};
	XmlLimits limits = XML_DEFAULT_LIMITS;
	Kept kept = {.count = 0};
	PaymentSink sink = {
		.payment = TakePayment, .status = TakeStatus, .problem = TakeProblem, .state = &kept};
	PaymentRequest request = {.limits = &limits, .sink = &sink};
	ClexError error = {0};
	Arena arena;
	Arena scratch;

	if (size == 0)
		return 0;
	request.content = ExactCopy(data + 1, size - 1);
	request.status = (data[0] & 1) != 0;
	request.strict = (data[0] & 2) != 0;
	ArenaInit(&kept.arena, &ClexPlainEnv, FUZZ_MEMORY);
	ArenaInit(&arena, &ClexPlainEnv, data[0] & 4 ? 40000 : FUZZ_MEMORY);
	ArenaInit(&scratch, &ClexPlainEnv, data[0] & 4 ? 4000 : FUZZ_MEMORY);
	request.arena = &arena;
	request.scratch = &scratch;
	request.parser = XmlParserCreate(&ClexPlainEnv);
	Must(PaymentRead(&request, &error) == CLEX_OK || error.message[0] != '\0',
		 "a refusal says why");
	if (kept.count > 0)
		Write(&kept, formats[data[0] >> 3 & 3], (data[0] & 32) != 0, request.parser);
	XmlParserFree(request.parser);
	ArenaFree(&kept.arena);
	ArenaFree(&arena);
	ArenaFree(&scratch);
	free((void *) (uintptr_t) request.content.data);
	return 0;
}
