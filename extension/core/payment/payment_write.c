/*
 * payment_write.c
 *		Writing pain.001 and pain.008: payments to batches, batches to a message.
 *
 * Payments that agree in all that a batch says form one, in the order in which they come.  Nothing is cut,
 * dropped or guessed: what a version has no place for, or what does not fit its place, is an error.  What was
 * written is read again, and every text compared, before it is given out.
 */
#include "core/payment/payment_writer.h"
#include "core/statement/iso_check.h"

/* Do two payments say the same of what stands in a scope? */
static bool
SameHead(PaymentWriter *w, const Payment *a, const Payment *b, int scope, PaymentText *differs)
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
HashHead(const PaymentWriter *w, const Payment *payment)
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
Sort(PaymentWriter *w, uint32_t *slots, uint32_t mask, uint32_t number)
{
	const Payment *payment = PaymentAt(w, number);
	Span id = payment->text[PAY_BATCH_ID];
	uint32_t slot = HashHead(w, payment) & mask;
	PaymentText differs;
	Decimal amount;
	PaymentBatch *batch = NULL;

	for (; slots[slot] != 0; slot = (slot + 1) & mask)
	{
		PaymentBatch *one = &VectorAt(&w->batches, PaymentBatch, slots[slot] - 1);
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
		*batch = (PaymentBatch){.first = number, .last = number};
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
SortPayments(PaymentWriter *w)
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
	PaymentWriter *w = state;
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
WriteBlock(PaymentWriter *w, const Payment *payment, const PaymentDocument *document,
		   bool reference, Text *out)
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
	PaymentWriter *w = state;
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
	PaymentWriter *w = state;
	const PlanScope *scope = &w->plan.scope[PAIN_TRANSACTION];
	PlanItem items[PAY_TEXTS];

	for (uint32_t i = VectorAt(&w->batches, PaymentBatch, w->batch).first;
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
SetTotals(PaymentWriter *w, Span *text, uint32_t count, Decimal sum)
{
	char digits[DECIMAL_TEXT];

	text[PAY_TRANSACTIONS] = SpanFromCString(PaymentNumberText(w, "%u", count));
	text[PAY_CONTROL_SUM] = ArenaCopy(w->order->arena, DecimalFormat(sum, digits));
	if (text[PAY_CONTROL_SUM].data == NULL)
		PaymentOutOfMemory(&w->run);
}

/* The batches, each in its element.  One without a name is called after the message. */
static void
WriteBatches(void *state, Text *out)
{
	PaymentWriter *w = state;
	const PlanScope *scope = &w->plan.scope[PAIN_BATCH];
	PlanItem items[PAY_TEXTS];

	for (w->batch = 0; w->batch < w->batches.count && w->run.status == CLEX_OK; w->batch++)
	{
		const PaymentBatch *batch = &VectorAt(&w->batches, PaymentBatch, w->batch);
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
WriteMessage(PaymentWriter *w, Text *out)
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
Run(PaymentWriter *w, Text *out)
{
	const PaymentOrder *order = w->order;

	for (uint32_t i = 0; i < order->count && PaymentGoesOn(&w->run); i++)
		PaymentPrepare(w, i);
	w->run.payment = 0;
	if (w->run.status == CLEX_OK)
		SortPayments(w);
	if (w->run.status == CLEX_OK && w->run.errors == 0)
	{
		WriteMessage(w, out);
		if (w->run.status == CLEX_OK)
			PaymentProve(w, TextSpan(out));
	}
	if (w->run.status == CLEX_OK && w->run.errors > 0)
		return ClexFail(w->run.error, CLEX_INVALID, "the payments cannot be written as they are");
	return w->run.status;
}

ClexStatus
PaymentWrite(const PaymentOrder *order, Text *out, ClexError *error)
{
	PaymentWriter *w = ArenaAllocZero(order->arena, sizeof(PaymentWriter));
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
	VectorInit(&w->batches, order->arena, sizeof(PaymentBatch));
	if (w->run.status == CLEX_OK && !PaymentPlanMake(&w->plan, root, w->run.debit, order->arena))
		PaymentOutOfMemory(&w->run);
	if (w->run.status != CLEX_OK)
		return w->run.status;
	for (int i = 0; i < PAY_TEXTS; i++)
		w->scope[i] = (int8_t) PaymentPlanScope(&w->plan, (PaymentText) i);
	return Run(w, out);
}
