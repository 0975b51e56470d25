/*
 * payment_prepare.c
 *		A payment made ready to be written: nothing is cut, dropped or guessed, and what a version has no place for,
 *		or what does not fit its place, is a problem.
 */
#include "core/finance/currency.h"
#include "core/payment/payment_writer.h"
#include "core/statement/iso_check.h"

const char *
PaymentNumberText(PaymentWriter *w, const char *format, uint32_t number)
{
	char *text = ArenaPrintf(w->order->arena, format, number);

	if (text == NULL)
		PaymentOutOfMemory(&w->run);
	return text != NULL ? text : "";
}

static void
SetDefault(Payment *payment, PaymentText text, Span value)
{
	if (payment->text[text].data == NULL)
		payment->text[text] = value;
}

/* With as many decimals as the currency has, where it has fewer. */
static Span
PadAmount(PaymentWriter *w, Span text, Span currency)
{
	int digits = CurrencyDigits(currency);
	char padded[DECIMAL_TEXT];
	Decimal value;
	Span copy;

	if (DecimalParse(text, &value) != CLEX_OK)
		return text;
	while (value.scale < digits && value.scale < DECIMAL_MAX_SCALE)
	{
		__int128 mantissa;

		if (__builtin_mul_overflow(value.mantissa, (__int128) 10, &mantissa))
			return text;
		value = (Decimal){mantissa, value.scale + 1};
	}
	copy = ArenaCopy(w->order->arena, DecimalFormat(value, padded));
	if (copy.data == NULL)
		PaymentOutOfMemory(&w->run);
	return copy;
}

/* Lines without white space around them, none empty. */
static Span
TidyLines(PaymentWriter *w, Span text)
{
	Text tidy;

	TextInit(&tidy, w->order->arena);
	TextReserve(&tidy, text.length + 1);
	while (text.length > 0)
	{
		const char *end = memchr(text.data, '\n', text.length);
		size_t length = end != NULL ? (size_t) (end - text.data) : text.length;
		Span line = SpanTrim(SpanOf(text.data, length));

		if (tidy.length > 0 && line.length > 0)
			TextAppendChar(&tidy, '\n');
		TextAppendSpan(&tidy, line);
		length += end != NULL;
		text = SpanOf(text.data + length, text.length - length);
	}
	if (tidy.failed)
		PaymentOutOfMemory(&w->run);
	return tidy.length > 0 ? TextSpan(&tidy) : SpanOf(NULL, 0);
}

/* A text without white space around it; an empty one says nothing. */
static Span
Tidy(PaymentWriter *w, Span text)
{
	text = SpanTrim(text);
	if (text.length == 0)
		return SpanOf(NULL, 0);
	return memchr(text.data, '\n', text.length) != NULL ? TidyLines(w, text) : text;
}

/* Exchange characters outside the Latin set where that is asked for, and say so. */
static Span
Exchange(PaymentWriter *w, PaymentText which, Span text)
{
	Span latin;

	if (w->order->characters != CHARACTERS_EXCHANGE || text.data == NULL ||
		ClexPaymentTexts[which].type != PAY_TYPE_TEXT)
		return text;
	latin = LatinOf(text, w->order->arena);
	if (latin.data == NULL)
	{
		PaymentOutOfMemory(&w->run);
		return text;
	}
	if (SpanEqual(latin, text))
		return text;
	PaymentTell(&w->run, "PAYMENT-EXCHANGED", PAYMENT_WARNING,
				SpanFromCString(ClexPaymentTexts[which].name), text, latin);
	return Tidy(w, latin);
}

/* What every payment of the order says where it does not say it itself. */
static void
FillDefaults(PaymentWriter *w, Payment *payment)
{
	SetDefault(payment, PAY_METHOD, w->run.debit ? SPAN_LITERAL("DD") : SPAN_LITERAL("TRF"));
	if (w->order->sepa)
	{
		SetDefault(payment, PAY_SERVICE_LEVEL, SPAN_LITERAL("SEPA"));
		SetDefault(payment, PAY_CHARGE_BEARER, SPAN_LITERAL("SLEV"));
	}
	if (payment->text[PAY_CREDITOR_REFERENCE].data != NULL)
		SetDefault(payment, PAY_CREDITOR_REFERENCE_TYPE, SPAN_LITERAL("SCOR"));
	if (payment->text[PAY_CREDITOR_ID].data != NULL)
		SetDefault(payment, PAY_CREDITOR_SCHEME, SPAN_LITERAL("SEPA"));
	/* the schema wants the payer's bank, and the payee's where it collects: no BIC is said so */
	if (payment->text[PAY_DEBTOR_BIC].data == NULL)
		SetDefault(payment, PAY_DEBTOR_AGENT, SPAN_LITERAL("NOTPROVIDED"));
	if (w->run.debit && payment->text[PAY_CREDITOR_BIC].data == NULL)
		SetDefault(payment, PAY_CREDITOR_AGENT, SPAN_LITERAL("NOTPROVIDED"));
}

/* The texts of the documents, tidied like those of the payment; the first reference is the payment's own. */
static void
PrepareDocuments(PaymentWriter *w, Payment *payment)
{
	for (uint32_t i = 0; i < payment->document_count; i++)
	{
		PaymentDocument *document = &payment->documents[i];
		Span currency = document->text[DOC_CURRENCY - DOC_TYPE];

		for (int t = 0; t < DOC_TEXTS; t++)
		{
			Span *text = &document->text[t];

			*text = Exchange(w, (PaymentText) (DOC_TYPE + t), Tidy(w, *text));
			if (text->data != NULL && t >= DOC_DUE - DOC_TYPE && t <= DOC_REMITTED - DOC_TYPE)
				*text = PadAmount(w, *text,
								  currency.data != NULL ? currency : payment->text[PAY_CURRENCY]);
		}
		/* a block has one set of amounts and one reference: its first document says them */
		for (int t = DOC_DUE; t < STS_LEVEL && i > 0; t++)
			if (document->block == payment->documents[i - 1].block &&
				document->text[t - DOC_TYPE].data != NULL)
				PaymentTellText(&w->run, "PAYMENT-PLACE", PAYMENT_ERROR, (PaymentText) t,
								document->text[t - DOC_TYPE], NULL);
		if (document->text[DOC_REFERENCE - DOC_TYPE].data != NULL)
		{
			if (payment->text[PAY_CREDITOR_REFERENCE].data == NULL)
				PaymentTellText(&w->run, "PAYMENT-MISSING", PAYMENT_ERROR, PAY_CREDITOR_REFERENCE,
								SpanOf(NULL, 0), NULL);
			if (document->text[DOC_REFERENCE_TYPE - DOC_TYPE].data == NULL)
				document->text[DOC_REFERENCE_TYPE - DOC_TYPE] = SPAN_LITERAL("SCOR");
		}
	}
}

static void
Require(PaymentWriter *w, const Payment *payment, PaymentText text)
{
	if (payment->text[text].data == NULL)
		PaymentTellText(&w->run, "PAYMENT-MISSING", PAYMENT_ERROR, text, SpanOf(NULL, 0), NULL);
}

/* Does a text fit a place of the version? */
static void
CheckPlace(PaymentWriter *w, const PlanScope *scope, PaymentText which, Span value)
{
	const PlanField *first;
	const IsoValue *allowed;

	if (PaymentPlanField(scope, which, value, &first) != NULL)
		return;
	if (first == NULL)
	{
		PaymentTellText(&w->run, "PAYMENT-PLACE", PAYMENT_ERROR, which, value, NULL);
		return;
	}
	allowed = PlanValue(first);
	if (allowed->values == NULL && allowed->pattern == NULL && allowed->max_length > 0)
		PaymentTellText(&w->run, "PAYMENT-LONG", PAYMENT_ERROR, which, value,
						PaymentNumberText(w, "%u", allowed->max_length));
	else
		PaymentTellText(&w->run, "PAYMENT-VALUE", PAYMENT_ERROR, which, value,
						IsoValueForm(allowed, w->order->arena));
}

static void
CheckPlaces(PaymentWriter *w, const Payment *payment)
{
	for (int i = 0; i < PAY_TEXTS; i++)
	{
		/* these two are said by the blocks, the currency by the amount, the last two by the codec */
		bool elsewhere = i == PAY_CREDITOR_REFERENCE || i == PAY_CREDITOR_REFERENCE_TYPE ||
						 i == PAY_CURRENCY || i == PAY_TRANSACTIONS || i == PAY_CONTROL_SUM;

		if (payment->text[i].data == NULL || elsewhere)
			continue;
		if (w->scope[i] < 0)
			PaymentTellText(&w->run, "PAYMENT-PLACE", PAYMENT_ERROR, (PaymentText) i,
							payment->text[i], NULL);
		else
			CheckPlace(w, &w->plan.scope[w->scope[i]], (PaymentText) i, payment->text[i]);
	}
	if (payment->text[PAY_CREDITOR_REFERENCE].data != NULL)
	{
		CheckPlace(w, &w->plan.scope[PAIN_REMITTANCE], DOC_REFERENCE,
				   payment->text[PAY_CREDITOR_REFERENCE]);
		CheckPlace(w, &w->plan.scope[PAIN_REMITTANCE], DOC_REFERENCE_TYPE,
				   payment->text[PAY_CREDITOR_REFERENCE_TYPE]);
	}
	for (uint32_t d = 0; d < payment->document_count; d++)
		for (int i = DOC_TYPE; i < DOC_CURRENCY; i++)
			if (payment->documents[d].text[i - DOC_TYPE].data != NULL)
				CheckPlace(w, &w->plan.scope[i <= DOC_DATE ? PAIN_DOCUMENT : PAIN_REMITTANCE],
						   (PaymentText) i, payment->documents[d].text[i - DOC_TYPE]);
}

/* One payment made ready: tidied, filled, checked. */
void
PaymentPrepare(PaymentWriter *w, uint32_t number)
{
	Payment *payment = PaymentAt(w, number);

	payment->number = number + 1;
	payment->line = 0;
	w->run.payment = payment->number;
	w->run.line = 0;
	w->run.checked = 0;
	for (int i = 0; i < PAY_COLUMNS; i++)
		payment->text[i] = Exchange(w, (PaymentText) i, Tidy(w, payment->text[i]));
	if (payment->text[PAY_AMOUNT].data != NULL)
		payment->text[PAY_AMOUNT] =
			PadAmount(w, payment->text[PAY_AMOUNT], payment->text[PAY_CURRENCY]);
	FillDefaults(w, payment);
	PrepareDocuments(w, payment);
	Require(w, payment, PAY_MESSAGE_ID);
	Require(w, payment, PAY_CREATED);
	Require(w, payment, PAY_EXECUTION_DATE);
	Require(w, payment, PAY_AMOUNT);
	Require(w, payment, PAY_CURRENCY);
	CheckPlaces(w, payment);
	PaymentCheck(&w->run, payment);
	ArenaRewind(w->run.scratch);
}
