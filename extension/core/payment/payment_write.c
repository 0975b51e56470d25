/*
 * payment_write.c
 *		Writing pain.001 and pain.008: payments to batches, batches to a message.
 *
 * Payments that agree in all that a batch says form one, in the order in which they come.  Nothing is cut,
 * dropped or guessed: what a version has no place for, or what does not fit its place, is an error.  What was
 * written is read again, and every text compared, before it is given out.
 */
#include "core/finance/currency.h"
#include "core/payment/payment_check.h"
#include "core/payment/payment_plan.h"

#include "core/statement/iso_check.h"

/* Payments with one head. */
typedef struct Batch
{
	uint32_t first; /* payment, counted from 0; the others follow in Writer.next */
	uint32_t last;
	uint32_t count;
	Decimal sum;
} Batch;

typedef struct Writer
{
	const PaymentOrder *order;
	PaymentRun run;
	PaymentPlan plan;
	int8_t scope[PAY_TEXTS]; /* PainScope of a text, -1: the version has no place for it */
	Vector batches;
	uint32_t *next; /* payment after a payment in its batch, UINT32_MAX: none */
	Decimal sum;
	/* the element being written */
	uint32_t batch;
	uint32_t payment;
	uint32_t block;
	/* the proof */
	uint32_t proved;
	uint32_t proved_batch;
} Writer;

static Payment *
PaymentAt(const Writer *w, uint32_t i)
{
	return &w->order->payments[i];
}

static const char *
CopyNumber(Writer *w, const char *format, uint32_t number)
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
PadAmount(Writer *w, Span text, Span currency)
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
TidyLines(Writer *w, Span text)
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
Tidy(Writer *w, Span text)
{
	text = SpanTrim(text);
	if (text.length == 0)
		return SpanOf(NULL, 0);
	return memchr(text.data, '\n', text.length) != NULL ? TidyLines(w, text) : text;
}

/* Exchange characters outside the Latin set where that is asked for, and say so. */
static Span
Exchange(Writer *w, PaymentText which, Span text)
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
FillDefaults(Writer *w, Payment *payment)
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
PrepareDocuments(Writer *w, Payment *payment)
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
Require(Writer *w, const Payment *payment, PaymentText text)
{
	if (payment->text[text].data == NULL)
		PaymentTellText(&w->run, "PAYMENT-MISSING", PAYMENT_ERROR, text, SpanOf(NULL, 0), NULL);
}

/* Does a text fit a place of the version? */
static void
CheckPlace(Writer *w, const PlanScope *scope, PaymentText which, Span value)
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
						CopyNumber(w, "%u", allowed->max_length));
	else
		PaymentTellText(&w->run, "PAYMENT-VALUE", PAYMENT_ERROR, which, value,
						IsoValueForm(allowed, w->order->arena));
}

static void
CheckPlaces(Writer *w, const Payment *payment)
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
static void
Prepare(Writer *w, uint32_t number)
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

/* Do two payments say the same of what stands in a scope? */
static bool
SameHead(Writer *w, const Payment *a, const Payment *b, int scope, PaymentText *differs)
{
	for (int i = 0; i < PAY_TEXTS; i++)
		if (w->scope[i] == scope && !SpanEqual(a->text[i], b->text[i]) && i != PAY_TRANSACTIONS &&
			i != PAY_CONTROL_SUM)
		{
			*differs = (PaymentText) i;
			return false;
		}
	/* amounts of a batch are of one currency */
	*differs = PAY_CURRENCY;
	return scope != PAIN_BATCH || SpanEqual(a->text[PAY_CURRENCY], b->text[PAY_CURRENCY]);
}

static uint32_t
HashHead(const Writer *w, const Payment *payment)
{
	uint32_t hash = SpanHash(payment->text[PAY_BATCH_ID]);

	if (payment->text[PAY_BATCH_ID].data != NULL)
		return hash; /* who names batches must not spread one over several heads */
	for (int i = 0; i < PAY_TEXTS; i++)
		if (w->scope[i] == PAIN_BATCH || i == PAY_CURRENCY)
			hash = hash * 31 + SpanHash(payment->text[i]);
	return hash;
}

/* Put a payment into its batch, or begin one. */
static void
Sort(Writer *w, uint32_t *slots, uint32_t mask, uint32_t number)
{
	const Payment *payment = PaymentAt(w, number);
	Span id = payment->text[PAY_BATCH_ID];
	uint32_t slot = HashHead(w, payment) & mask;
	PaymentText differs;
	Decimal amount;
	Batch *batch = NULL;

	for (; slots[slot] != 0; slot = (slot + 1) & mask)
	{
		Batch *one = &VectorAt(&w->batches, Batch, slots[slot] - 1);
		bool same = SameHead(w, PaymentAt(w, one->first), payment, PAIN_BATCH, &differs);

		if (!same && id.data != NULL && SpanEqual(id, PaymentAt(w, one->first)->text[PAY_BATCH_ID]))
			PaymentTellText(&w->run, "PAYMENT-BATCH", PAYMENT_ERROR, differs,
							payment->text[differs], NULL);
		else if (!same)
			continue;
		batch = one;
		break;
	}
	if (batch == NULL)
	{
		batch = VectorPush(&w->batches);
		if (batch == NULL)
		{
			PaymentOutOfMemory(&w->run);
			return;
		}
		slots[slot] = w->batches.count;
		*batch = (Batch){.first = number, .last = number};
	}
	else
		w->next[batch->last] = number;
	batch->last = number;
	batch->count++;
	if (DecimalParse(payment->text[PAY_AMOUNT], &amount) == CLEX_OK &&
		(DecimalAdd(batch->sum, amount, &batch->sum) != CLEX_OK ||
		 DecimalAdd(w->sum, amount, &w->sum) != CLEX_OK))
		w->run.status =
			ClexFail(w->run.error, CLEX_OUT_OF_RANGE, "the sum of payments is too large");
}

/* All payments into batches; the message says one thing of all of them. */
static void
SortPayments(Writer *w)
{
	uint32_t slots = 16;
	uint32_t *table;
	PaymentText differs;

	while (slots < w->order->count * 2)
		slots *= 2;
	table = ArenaAllocZero(w->order->arena, slots * sizeof(uint32_t));
	w->next = ArenaAllocArray(w->order->arena, w->order->count, sizeof(uint32_t));
	if (table == NULL || w->next == NULL)
	{
		PaymentOutOfMemory(&w->run);
		return;
	}
	memset(w->next, 0xFF, w->order->count * sizeof(uint32_t));
	for (uint32_t i = 0; i < w->order->count && PaymentGoesOn(&w->run); i++)
	{
		w->run.payment = i + 1;
		if (!SameHead(w, PaymentAt(w, 0), PaymentAt(w, i), PAIN_MESSAGE, &differs))
			PaymentTellText(&w->run, "PAYMENT-BATCH", PAYMENT_ERROR, differs,
							PaymentAt(w, i)->text[differs], NULL);
		Sort(w, table, slots - 1, i);
	}
}

/* The items of a scope: those texts of a row that the plan places there. */
static uint32_t
Collect(const PlanScope *scope, const Span *text, PaymentText first, PaymentText end, Span currency,
		PlanItem *items)
{
	uint32_t count = 0;

	for (PaymentText i = first; i < end; i++)
	{
		const PlanField *tried;
		const PlanField *field = text[i - first].data == NULL
									 ? NULL
									 : PaymentPlanField(scope, i, text[i - first], &tried);

		if (field != NULL)
			items[count++] = (PlanItem){field, text[i - first], currency};
	}
	return count;
}

/* The documents of the block at hand, each in its element. */
static void
WriteDocuments(void *state, Text *out)
{
	Writer *w = state;
	const Payment *payment = PaymentAt(w, w->payment);
	PlanItem items[DOC_TEXTS];

	for (uint32_t d = 0; d < payment->document_count; d++)
	{
		const PaymentDocument *document = &payment->documents[d];
		uint32_t count;

		if (document->block != w->block)
			continue;
		count = Collect(&w->plan.scope[PAIN_DOCUMENT], document->text, DOC_TYPE, DOC_DUE,
						SpanOf(NULL, 0), items);
		if (count == 0)
			continue;
		PaymentPlanTag(&w->plan.scope[PAIN_REMITTANCE].nested, false, out);
		PaymentPlanWrite(&w->plan.scope[PAIN_DOCUMENT], items, count, NULL, NULL, out);
		PaymentPlanTag(&w->plan.scope[PAIN_REMITTANCE].nested, true, out);
	}
}

/* One element Strd: what its first document says of amounts, and the payment's reference where it has none. */
static void
WriteBlock(Writer *w, const Payment *payment, const PaymentDocument *document, bool reference,
		   Text *out)
{
	const PlanScope *scope = &w->plan.scope[PAIN_REMITTANCE];
	Span text[DOC_TEXTS] = {{0}};
	PlanItem items[DOC_TEXTS];
	Span currency = payment->text[PAY_CURRENCY];
	uint32_t count;

	if (document != NULL)
		memcpy(text, document->text, sizeof(text));
	if (text[DOC_CURRENCY - DOC_TYPE].data != NULL)
		currency = text[DOC_CURRENCY - DOC_TYPE];
	if (reference)
	{
		text[DOC_REFERENCE - DOC_TYPE] = payment->text[PAY_CREDITOR_REFERENCE];
		text[DOC_REFERENCE_TYPE - DOC_TYPE] = payment->text[PAY_CREDITOR_REFERENCE_TYPE];
	}
	count = Collect(scope, text, DOC_TYPE, STS_LEVEL, currency, items);
	PaymentPlanTag(&w->plan.scope[PAIN_TRANSACTION].nested, false, out);
	w->block = document != NULL ? document->block : 0;
	PaymentPlanWrite(scope, items, count, document != NULL ? WriteDocuments : NULL, w, out);
	PaymentPlanTag(&w->plan.scope[PAIN_TRANSACTION].nested, true, out);
}

/* Do all documents stand in one block that has no reference of its own? */
static bool
SharesBlock(const Payment *payment)
{
	for (uint32_t d = 0; d < payment->document_count; d++)
		if (payment->documents[d].block != payment->documents[0].block ||
			payment->documents[d].text[DOC_REFERENCE - DOC_TYPE].data != NULL)
			return false;
	return payment->document_count > 0;
}

/* All elements Strd of a payment.  Its own reference comes first, so that a reader finds it there. */
static void
WriteBlocks(void *state, Text *out)
{
	Writer *w = state;
	const Payment *payment = PaymentAt(w, w->payment);
	bool reference = payment->text[PAY_CREDITOR_REFERENCE].data != NULL;
	bool shared = reference && SharesBlock(payment);

	if (reference && !shared)
		WriteBlock(w, payment, NULL, true, out);
	for (uint32_t d = 0; d < payment->document_count; d++)
		if (d == 0 || payment->documents[d].block != payment->documents[d - 1].block)
			WriteBlock(w, payment, &payment->documents[d], shared, out);
}

/* The payments of the batch at hand, each in its element. */
static void
WritePayments(void *state, Text *out)
{
	Writer *w = state;
	const PlanScope *scope = &w->plan.scope[PAIN_TRANSACTION];
	PlanItem items[PAY_TEXTS];

	for (uint32_t i = VectorAt(&w->batches, Batch, w->batch).first;
		 i != UINT32_MAX && PaymentGoesOn(&w->run); i = w->next[i])
	{
		const Payment *payment = PaymentAt(w, i);
		Span text[PAY_TEXTS];
		bool structured =
			payment->document_count > 0 || payment->text[PAY_CREDITOR_REFERENCE].data != NULL;

		memcpy(text, payment->text, sizeof(text));
		if (text[PAY_END_TO_END_ID].data == NULL)
			text[PAY_END_TO_END_ID] = SPAN_LITERAL("NOTPROVIDED");
		w->payment = i;
		PaymentPlanTag(&w->plan.scope[PAIN_BATCH].nested, false, out);
		PaymentPlanWrite(scope, items,
						 Collect(scope, text, 0, PAY_TEXTS, text[PAY_CURRENCY], items),
						 structured ? WriteBlocks : NULL, w, out);
		PaymentPlanTag(&w->plan.scope[PAIN_BATCH].nested, true, out);
	}
}

/* Number of payments and their sum, as texts. */
static void
SetTotals(Writer *w, Span *text, uint32_t count, Decimal sum)
{
	char digits[DECIMAL_TEXT];

	text[PAY_TRANSACTIONS] = SpanFromCString(CopyNumber(w, "%u", count));
	text[PAY_CONTROL_SUM] = ArenaCopy(w->order->arena, DecimalFormat(sum, digits));
	if (text[PAY_CONTROL_SUM].data == NULL)
		PaymentOutOfMemory(&w->run);
}

/* The batches, each in its element.  One without a name is called after the message. */
static void
WriteBatches(void *state, Text *out)
{
	Writer *w = state;
	const PlanScope *scope = &w->plan.scope[PAIN_BATCH];
	PlanItem items[PAY_TEXTS];

	for (w->batch = 0; w->batch < w->batches.count && w->run.status == CLEX_OK; w->batch++)
	{
		const Batch *batch = &VectorAt(&w->batches, Batch, w->batch);
		Span text[PAY_TEXTS];

		memcpy(text, PaymentAt(w, batch->first)->text, sizeof(text));
		if (text[PAY_BATCH_ID].data == NULL)
		{
			Span message = SpanCut(text[PAY_MESSAGE_ID], 24);
			char *id = ArenaPrintf(w->order->arena, "%.*s-%u", (int) message.length, message.data,
								   w->batch + 1);

			text[PAY_BATCH_ID] = SpanFromCString(id != NULL ? id : "");
		}
		SetTotals(w, text, batch->count, batch->sum);
		PaymentPlanTag(&w->plan.scope[PAIN_MESSAGE].nested, false, out);
		PaymentPlanWrite(scope, items, Collect(scope, text, 0, PAY_TEXTS, SpanOf(NULL, 0), items),
						 WritePayments, w, out);
		PaymentPlanTag(&w->plan.scope[PAIN_MESSAGE].nested, true, out);
	}
}

static void
WriteMessage(Writer *w, Text *out)
{
	const PlanScope *scope = &w->plan.scope[PAIN_MESSAGE];
	Span name = ClexIsoNames[w->plan.root->name];
	PlanItem items[PAY_TEXTS];
	Span text[PAY_TEXTS];

	memcpy(text, PaymentAt(w, 0)->text, sizeof(text));
	SetTotals(w, text, w->order->count, w->sum);
	TextAppendf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"%.*s\"><%.*s>",
				(int) w->plan.root->namespace.length, w->plan.root->namespace.data,
				(int) name.length, name.data);
	PaymentPlanWrite(scope, items, Collect(scope, text, 0, PAY_TEXTS, SpanOf(NULL, 0), items),
					 WriteBatches, w, out);
	TextAppendf(out, "</%.*s></Document>\n", (int) name.length, name.data);
	if (out->failed)
		PaymentOutOfMemory(&w->run);
}

/* The payment that stands at the next place of the message, UINT32_MAX at its end. */
static uint32_t
NextWritten(Writer *w, bool take)
{
	uint32_t at = w->proved;

	if (at == UINT32_MAX && w->proved_batch < w->batches.count)
	{
		at = VectorAt(&w->batches, Batch, w->proved_batch).first;
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
	Writer *w = state;
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
	Writer *w = state;
	uint32_t at = problem->payment > 0 ? NextWritten(w, false) : UINT32_MAX;

	if (problem->severity != PAYMENT_ERROR && strcmp(problem->code, "PAYMENT-DUPLICATE") != 0)
		return;
	w->run.payment = at != UINT32_MAX ? at + 1 : 0;
	w->run.line = 0;
	PaymentTell(&w->run, problem->code, problem->severity, problem->place, problem->found,
				problem->expected);
}

/* Read what was written, and compare. */
static void
ProveMessage(Writer *w, Span content)
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

/* The structure of a format such as "pain.001.001.09"; NULL if it is not one to write. */
static const IsoRoot *
FindRoot(Span format)
{
	char namespace[80] = "urn:iso:std:iso:20022:tech:xsd:";
	size_t stem = strlen(namespace);

	if (format.length != strlen("pain.001.001.09") ||
		(memcmp(format.data, "pain.001.", 9) != 0 && memcmp(format.data, "pain.008.", 9) != 0))
		return NULL;
	memcpy(namespace + stem, format.data, format.length);
	return IsoRootOf(SpanOf(namespace, stem + format.length));
}

static ClexStatus
Run(Writer *w, Text *out)
{
	const PaymentOrder *order = w->order;

	for (uint32_t i = 0; i < order->count && PaymentGoesOn(&w->run); i++)
		Prepare(w, i);
	w->run.payment = 0;
	if (w->run.status == CLEX_OK)
		SortPayments(w);
	if (w->run.status == CLEX_OK && w->run.errors == 0)
	{
		WriteMessage(w, out);
		if (w->run.status == CLEX_OK)
			ProveMessage(w, TextSpan(out));
	}
	if (w->run.status == CLEX_OK && w->run.errors > 0)
		return ClexFail(w->run.error, CLEX_INVALID, "the payments cannot be written as they are");
	return w->run.status;
}

ClexStatus
PaymentWrite(const PaymentOrder *order, Text *out, ClexError *error)
{
	Writer *w = ArenaAllocZero(order->arena, sizeof(Writer));
	const IsoRoot *root = FindRoot(order->format);

	if (w == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	if (root == NULL)
	{
		ClexFail(error, CLEX_UNSUPPORTED, "format \"%.*s\" is not a payment order that is written",
				 (int) SpanCut(order->format, 60).length, order->format.data);
		ClexHint(error, "Payments are written as pain.001.001.03, pain.001.001.09, pain.008.001.02 "
						"and pain.008.001.08.");
		return error->status;
	}
	if (order->count == 0)
		return ClexFail(error, CLEX_INVALID, "there is no payment to be written");
	w->order = order;
	PaymentRunOpen(&w->run, order->sink, order->arena, order->scratch, error);
	w->run.sepa = order->sepa;
	w->run.keep = order->characters == CHARACTERS_KEEP;
	w->run.debit = order->format.data[7] == '8';
	VectorInit(&w->batches, order->arena, sizeof(Batch));
	if (w->run.status == CLEX_OK && !PaymentPlanMake(&w->plan, root, w->run.debit, order->arena))
		PaymentOutOfMemory(&w->run);
	if (w->run.status != CLEX_OK)
		return w->run.status;
	for (int i = 0; i < PAY_TEXTS; i++)
		w->scope[i] = (int8_t) PaymentPlanScope(&w->plan, (PaymentText) i);
	return Run(w, out);
}
