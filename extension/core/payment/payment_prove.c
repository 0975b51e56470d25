/*
 * payment_prove.c
 *		What was written as payments is read again, and every text compared with what was given.
 */
#include "core/payment/payment_writer.h"

/* The payment that stands at the next place of the message, UINT32_MAX at its end. */
static uint32_t
NextWritten(PaymentWriter *w, bool take)
{
	uint32_t at = w->proved;

	if (at == UINT32_MAX && w->proved_batch < w->batches.count)
	{
		at = VectorAt(&w->batches, PaymentBatch, w->proved_batch).first;
		w->proved_batch += take;
	}
	if (take && at != UINT32_MAX)
		w->proved = w->next[at];
	return at;
}

static bool
SameText(Span given, Span read, uint8_t type)
{
	Decimal a, b;

	if (type == PAY_TYPE_AMOUNT && DecimalParse(given, &a) == CLEX_OK &&
		DecimalParse(read, &b) == CLEX_OK)
		return DecimalCompare(a, b) == 0;
	return SpanEqual(given, read);
}

/* Was a payment read as it was given? */
static void
Prove(void *state, const Payment *read)
{
	PaymentWriter *w = state;
	uint32_t at = NextWritten(w, true);
	const Payment *given = at != UINT32_MAX ? PaymentAt(w, at) : NULL;
	const char *differs = NULL;

	if (w->run.status != CLEX_OK)
		return;
	if (given == NULL || given->document_count != read->document_count)
		differs = "documents";
	for (int i = 0; i < PAY_COLUMNS && differs == NULL; i++)
		if (!(i == PAY_BATCH_ID && given->text[i].data == NULL) &&
			!SameText(given->text[i], read->text[i], ClexPaymentTexts[i].type))
			differs = ClexPaymentTexts[i].name;
	for (uint32_t d = 0; differs == NULL && d < given->document_count; d++)
		for (int i = DOC_TYPE; i < STS_LEVEL; i++)
			if (!SameText(given->documents[d].text[i - DOC_TYPE],
						  read->documents[d].text[i - DOC_TYPE], ClexPaymentTexts[i].type))
				differs = ClexPaymentTexts[i].name;
	if (differs == NULL)
		return;
	w->run.payment = given != NULL ? given->number : 0;
	PaymentTell(&w->run, "PAYMENT-PROOF", PAYMENT_ERROR, SpanFromCString(differs), SpanOf(NULL, 0),
				SpanOf(NULL, 0));
}

/* What only the message as a whole shows: an element that is missing, an id that is there twice. */
static void
TakeProblem(void *state, const PaymentProblem *problem)
{
	PaymentWriter *w = state;
	uint32_t at = problem->payment > 0 ? NextWritten(w, false) : UINT32_MAX;

	if (problem->severity != PAYMENT_ERROR && strcmp(problem->code, "PAYMENT-DUPLICATE") != 0)
		return;
	w->run.payment = at != UINT32_MAX ? at + 1 : 0;
	w->run.line = 0;
	PaymentTell(&w->run, problem->code, problem->severity, problem->place, problem->found,
				problem->expected);
}

/* Read what was written, and compare. */
void
PaymentProve(PaymentWriter *w, Span content)
{
	PaymentSink sink = {.payment = Prove, .problem = TakeProblem, .state = w};
	PaymentRequest request = {.content = content,
							  .limits = w->order->limits,
							  .parser = w->order->parser,
							  .scratch = w->order->scratch,
							  .sink = &sink};
	ClexError error = {0};
	ClexStatus status;
	Arena arena;

	ArenaInit(&arena, w->order->arena->env, w->order->arena->limit);
	request.arena = &arena;
	w->proved = UINT32_MAX;
	status = PaymentRead(&request, &error);
	ArenaFree(&arena);
	if (status != CLEX_OK && w->run.status == CLEX_OK)
	{
		*w->run.error = error;
		w->run.status = status;
	}
	else if (w->run.status == CLEX_OK && NextWritten(w, false) != UINT32_MAX)
		w->run.errors++;
}
