/*
 * payment_read.c
 *		pain.001, pain.008 and pain.002, all versions.
 *
 * Where a text stands is a table of paths; whether the message is what its version allows is the table of
 * content models.  A payment is given with what its batch and its message say, so that a row stands alone.
 */
#include "core/payment/payment_check.h"
#include "core/statement/iso_find.h"

typedef struct Pain
{
	const PaymentRequest *request;
	PaymentRun run;
	Tree tree;
	IsoNames names;
	IsoFinder finder;
	Span found[PAY_ALL_TEXTS];
	uint32_t where[PAY_ALL_TEXTS];
	Span message[PAY_TEXTS];
	Span batch[PAY_TEXTS]; /* with those of the message */
	uint32_t rows;		   /* payments, or statuses */
	uint32_t batches;
	Decimal sum;   /* of amounts */
	bool unsummed; /* some amount is none: sums cannot be compared */
	Vector documents;
	uint32_t *seen; /* nodes of end-to-end ids; open addressing */
	uint32_t seen_slots;
	uint32_t seen_count;
} Pain;

static uint32_t
Line(const Pain *p, uint32_t node)
{
	return TreeAt(&p->tree, node)->line;
}

/* Texts of a scope at a node; what is put together comes from the arena. */
static void
Find(Pain *p, PainScope scope, uint32_t node, Arena *arena)
{
	p->finder.scratch = arena;
	IsoFind(&p->finder, &ClexPainPaths[ClexPainScopes[scope]],
			(uint32_t) (ClexPainScopes[scope + 1] - ClexPainScopes[scope]), node, ISO_READ_ONLY);
	if (p->finder.failed)
		PaymentOutOfMemory(&p->run);
}

static void
TakeDeviation(void *state, IsoDeviation what, uint32_t node, const char *place, Span found,
			  const char *expected)
{
	static const char *const codes[] = {
		[ISO_ELEMENT_UNEXPECTED] = "PAYMENT-ELEMENT",
		[ISO_ELEMENT_MISSING] = "PAYMENT-ELEMENT-MISSING",
		[ISO_VALUE_ILLEGAL] = "PAYMENT-VALUE",
		[ISO_TEXT_BETWEEN] = "PAYMENT-TEXT",
	};
	Pain *p = state;

	p->run.line = Line(p, node);
	PaymentTell(&p->run, codes[what], PAYMENT_ERROR, SpanFromCString(place), found,
				expected != NULL ? SpanFromCString(expected) : SpanOf(NULL, 0));
}

static bool
CheckGoesOn(void *state)
{
	return PaymentGoesOn(&((Pain *) state)->run);
}

/* Check the message against the tables of its version, if there are any. */
static void
CheckMessage(Pain *p, Span namespace, uint32_t message)
{
	const IsoRoot *root = IsoRootOf(namespace);

	p->run.line = Line(p, message);
	if (root == NULL)
		PaymentTell(&p->run, "PAYMENT-VERSION", PAYMENT_INFORMATION, SpanOf(NULL, 0), namespace,
					SpanOf(NULL, 0));
	else if (IsoNameOf(&p->names, message) != root->name)
		PaymentTell(&p->run, "PAYMENT-ELEMENT", PAYMENT_ERROR, TreeName(&p->tree, message),
					SpanOf(NULL, 0), ClexIsoNames[root->name]);
	else
		IsoCheck(&(IsoSink){.deviates = TakeDeviation,
							.goes_on = CheckGoesOn,
							.state = p,
							.scratch = p->request->scratch},
				 &p->names, message, root->type);
}

/* Lay texts that were found over those of the levels above; ids that say nothing are left out. */
static void
Merge(Pain *p, Span *text)
{
	for (int i = 0; i < PAY_TEXTS; i++)
	{
		bool nothing = SpanEqualCString(p->found[i], "NOTPROVIDED") &&
					   (i == PAY_END_TO_END_ID || i == PAY_DEBTOR_BIC || i == PAY_CREDITOR_BIC);

		if (p->found[i].data == NULL)
			continue;
		text[i] = nothing ? SpanOf(NULL, 0) : p->found[i];
		if (i < PAY_COLUMNS)
			p->run.checked &= ~(UINT64_C(1) << i);
	}
}

/* What the message or a batch says of the number and the sum of its payments. */
static void
CheckTotals(Pain *p, Span said_count, Span said_sum, uint32_t line, uint32_t count, Decimal sum)
{
	char expected[DECIMAL_TEXT];
	Decimal said;

	p->run.payment = 0;
	p->run.line = line;
	if (said_count.data != NULL && (DecimalParse(said_count, &said) != CLEX_OK ||
									DecimalCompare(said, DecimalFromInt64(count)) != 0))
		PaymentTell(&p->run, "PAYMENT-COUNT", PAYMENT_ERROR, SPAN_LITERAL("NbOfTxs"), said_count,
					DecimalFormat(DecimalFromInt64(count), expected));
	if (said_sum.data != NULL && !p->unsummed &&
		(DecimalParse(said_sum, &said) != CLEX_OK || DecimalCompare(said, sum) != 0))
		PaymentTell(&p->run, "PAYMENT-SUM", PAYMENT_ERROR, SPAN_LITERAL("CtrlSum"), said_sum,
					DecimalFormat(sum, expected));
}

/* Twice as many slots. */
static bool
GrowSeen(Pain *p)
{
	uint32_t slots = p->seen_slots == 0 ? 64 : p->seen_slots * 2;
	uint32_t *table = ArenaAllocZero(p->request->arena, slots * sizeof(uint32_t));

	if (table == NULL)
		return PaymentOutOfMemory(&p->run);
	for (uint32_t i = 0; i < p->seen_slots; i++)
		if (p->seen[i] != 0)
		{
			uint32_t slot = SpanHash(SpanTrim(TreeText(&p->tree, p->seen[i]))) & (slots - 1);

			while (table[slot] != 0)
				slot = (slot + 1) & (slots - 1);
			table[slot] = p->seen[i];
		}
	p->seen = table;
	p->seen_slots = slots;
	return true;
}

/* An end-to-end id that was there before does not tell the two payments apart. */
static void
CheckDuplicate(Pain *p, Span id, uint32_t node)
{
	uint32_t slot;

	if (id.data == NULL || node == 0 || (p->seen_count * 2 >= p->seen_slots && !GrowSeen(p)))
		return;
	for (slot = SpanHash(id) & (p->seen_slots - 1); p->seen[slot] != 0;
		 slot = (slot + 1) & (p->seen_slots - 1))
		if (SpanEqual(SpanTrim(TreeText(&p->tree, p->seen[slot])), id))
		{
			PaymentTellText(&p->run, "PAYMENT-DUPLICATE", PAYMENT_WARNING, PAY_END_TO_END_ID, id,
							NULL);
			return;
		}
	p->seen[slot] = node;
	p->seen_count++;
}

/* The currency of the amounts of a document, where it is not that of the payment. */
static Span
DocumentCurrency(const Pain *p, Span of_payment)
{
	for (int i = DOC_DUE; i <= DOC_REMITTED; i++)
	{
		Span currency = IsoFoundCurrency(&p->finder, (uint8_t) i);

		if (currency.data != NULL && !SpanEqual(currency, of_payment))
			return currency;
	}
	return SpanOf(NULL, 0);
}

/* A document of a block; the amounts of the block belong to its first. */
static void
TakeDocument(Pain *p, uint32_t block, uint32_t node, const Span *amounts)
{
	PaymentDocument *document = VectorPush(&p->documents);

	if (document == NULL)
	{
		PaymentOutOfMemory(&p->run);
		return;
	}
	*document = (PaymentDocument){.block = block};
	if (amounts != NULL)
		memcpy(document->text, amounts, sizeof(document->text));
	if (node == 0)
		return;
	Find(p, PAIN_DOCUMENT, node, p->request->scratch);
	for (int i = DOC_TYPE; i <= DOC_DATE; i++)
		document->text[i - DOC_TYPE] = p->found[i];
}

/* One element Strd: documents, their amounts, a reference of the creditor. */
static void
TakeBlock(Pain *p, Payment *payment, uint32_t block, uint32_t node)
{
	Span amounts[DOC_TEXTS];
	bool said = false;
	uint32_t document = IsoChild(&p->finder, node, ClexPainNames.document);

	Find(p, PAIN_REMITTANCE, node, p->request->scratch);
	memcpy(amounts, p->found + DOC_TYPE, sizeof(amounts));
	amounts[DOC_CURRENCY - DOC_TYPE] = DocumentCurrency(p, payment->text[PAY_CURRENCY]);
	if (payment->text[PAY_CREDITOR_REFERENCE].data == NULL)
	{
		payment->text[PAY_CREDITOR_REFERENCE] = amounts[DOC_REFERENCE - DOC_TYPE];
		payment->text[PAY_CREDITOR_REFERENCE_TYPE] = amounts[DOC_REFERENCE_TYPE - DOC_TYPE];
		amounts[DOC_REFERENCE - DOC_TYPE] = amounts[DOC_REFERENCE_TYPE - DOC_TYPE] =
			SpanOf(NULL, 0);
	}
	for (int i = 0; i < DOC_TEXTS; i++)
		said |= amounts[i].data != NULL;
	if (document == 0 && said)
		TakeDocument(p, block, 0, amounts);
	for (bool first = true; document != 0 && PaymentGoesOn(&p->run); first = false)
	{
		TakeDocument(p, block, document, first ? amounts : NULL);
		document = IsoNext(&p->finder, document, ClexPainNames.document);
	}
}

static void
TakeDocuments(Pain *p, Payment *payment, uint32_t node)
{
	uint32_t remittance = IsoChild(&p->finder, node, ClexPainNames.remittance);
	uint32_t block = 0;

	VectorInit(&p->documents, p->request->scratch, sizeof(PaymentDocument));
	if (remittance == 0)
		return;
	for (uint32_t s = IsoChild(&p->finder, remittance, ClexPainNames.structured);
		 s != 0 && PaymentGoesOn(&p->run); s = IsoNext(&p->finder, s, ClexPainNames.structured))
		TakeBlock(p, payment, ++block, s);
	payment->documents = (PaymentDocument *) (void *) p->documents.data;
	payment->document_count = p->documents.count;
}

/* One payment; its amount is added to the sum of its batch. */
static void
TakePayment(Pain *p, uint32_t node, Decimal *sum)
{
	const PaymentSink *sink = p->request->sink;
	Payment payment = {.number = ++p->rows, .batch = p->batches, .line = Line(p, node)};
	uint32_t id;
	Decimal amount;

	memcpy(payment.text, p->batch, sizeof(payment.text));
	Find(p, PAIN_TRANSACTION, node, p->request->scratch);
	Merge(p, payment.text);
	id = p->where[PAY_END_TO_END_ID];
	payment.text[PAY_CURRENCY] = IsoFoundCurrency(&p->finder, PAY_AMOUNT);
	if (payment.text[PAY_EXECUTION_DATE].length > 10)
		payment.text[PAY_EXECUTION_DATE].length = 10; /* the day of a date and time */
	TakeDocuments(p, &payment, node);
	if (DecimalParse(payment.text[PAY_AMOUNT], &amount) != CLEX_OK ||
		DecimalAdd(*sum, amount, sum) != CLEX_OK)
		p->unsummed = true;
	p->run.sepa = SpanEqualCString(payment.text[PAY_SERVICE_LEVEL], "SEPA");
	PaymentCheck(&p->run, &payment);
	CheckDuplicate(p, payment.text[PAY_END_TO_END_ID], id);
	p->run.checked = UINT64_MAX;
	if (p->run.status == CLEX_OK && sink->payment != NULL)
		sink->payment(sink->state, &payment);
	ArenaRewind(p->request->scratch);
}

static void
TakeBatch(Pain *p, uint32_t node)
{
	uint16_t name = p->run.debit ? ClexPainNames.debit : ClexPainNames.transfer;
	uint32_t before = p->rows;
	Decimal sum = DECIMAL_ZERO;
	Span said_count;
	Span said_sum;

	p->batches++;
	memcpy(p->batch, p->message, sizeof(p->batch));
	Find(p, PAIN_BATCH, node, p->request->arena);
	Merge(p, p->batch);
	said_count = p->found[PAY_TRANSACTIONS];
	said_sum = p->found[PAY_CONTROL_SUM];
	for (uint32_t t = IsoChild(&p->finder, node, name); t != 0 && PaymentGoesOn(&p->run);
		 t = IsoNext(&p->finder, t, name))
		TakePayment(p, t, &sum);
	CheckTotals(p, said_count, said_sum, Line(p, node), p->rows - before, sum);
	if (DecimalAdd(p->sum, sum, &p->sum) != CLEX_OK)
		p->unsummed = true;
}

static void
TakePayments(Pain *p, uint32_t message)
{
	Find(p, PAIN_MESSAGE, message, p->request->arena);
	Merge(p, p->message);
	for (uint32_t b = IsoChild(&p->finder, message, ClexPainNames.batch);
		 b != 0 && PaymentGoesOn(&p->run); b = IsoNext(&p->finder, b, ClexPainNames.batch))
		TakeBatch(p, b);
	CheckTotals(p, p->message[PAY_TRANSACTIONS], p->message[PAY_CONTROL_SUM], Line(p, message),
				p->rows, p->sum);
}

/* Add the reasons below a node to a status: codes by blanks, information by lines. */
static void
TakeReasons(Pain *p, PaymentStatus *status, uint32_t node)
{
	Text reasons;
	Text information;

	TextInit(&reasons, p->request->scratch);
	TextInit(&information, p->request->scratch);
	for (uint32_t r = IsoChild(&p->finder, node, ClexPainNames.reason);
		 r != 0 && PaymentGoesOn(&p->run); r = IsoNext(&p->finder, r, ClexPainNames.reason))
	{
		Find(p, PAIN_REASON, r, p->request->scratch);
		if (reasons.length > 0 && p->found[STS_REASON].data != NULL)
			TextAppendChar(&reasons, ' ');
		TextAppendSpan(&reasons, p->found[STS_REASON]);
		if (information.length > 0 && p->found[STS_INFORMATION].data != NULL)
			TextAppendChar(&information, '\n');
		TextAppendSpan(&information, p->found[STS_INFORMATION]);
	}
	if (reasons.failed || information.failed)
		PaymentOutOfMemory(&p->run);
	if (reasons.length > 0)
		status->text[STS_REASON - STS_LEVEL] = TextSpan(&reasons);
	if (information.length > 0)
		status->text[STS_INFORMATION - STS_LEVEL] = TextSpan(&information);
}

/* A row of statuses: what a scope says of a node, over what is known above it. */
static void
TakeStatus(Pain *p, PaymentStatus *status, PainScope scope, const char *level, uint32_t node,
		   uint32_t reasons)
{
	const PaymentSink *sink = p->request->sink;
	Span currency;

	Find(p, scope, node, p->request->scratch);
	for (int i = 0; i < STS_TEXTS; i++)
		if (p->found[STS_LEVEL + i].data != NULL)
			status->text[i] = p->found[STS_LEVEL + i];
	currency = IsoFoundCurrency(&p->finder, STS_AMOUNT);
	if (currency.data != NULL)
		status->text[STS_CURRENCY - STS_LEVEL] = currency;
	status->text[STS_LEVEL - STS_LEVEL] = SpanFromCString(level);
	status->line = Line(p, node);
	TakeReasons(p, status, reasons);
	if (status->text[STS_EXECUTION_DATE - STS_LEVEL].length > 10)
		status->text[STS_EXECUTION_DATE - STS_LEVEL].length = 10;
	p->rows++;
	if (p->run.status == CLEX_OK && sink->status != NULL)
		sink->status(sink->state, status);
}

/* Group, then each instruction and its transactions; what is below knows the ids above it. */
static void
TakeStatuses(Pain *p, uint32_t message)
{
	PaymentStatus group = {0};
	uint32_t original = IsoChild(&p->finder, message, ClexPainNames.group);

	TakeStatus(p, &group, PAIN_GROUP, "group", message, original != 0 ? original : message);
	for (int i = 0; i < STS_TEXTS; i++)
		if (i > STS_ORIGINAL_MESSAGE_NAME - STS_LEVEL)
			group.text[i] = SpanOf(NULL, 0);
	for (uint32_t n = IsoChild(&p->finder, message, ClexPainNames.instruction);
		 n != 0 && PaymentGoesOn(&p->run); n = IsoNext(&p->finder, n, ClexPainNames.instruction))
	{
		PaymentStatus batch = group;
		Span id;

		TakeStatus(p, &batch, PAIN_INSTRUCTION, "batch", n, n);
		id = batch.text[STS_ORIGINAL_BATCH_ID - STS_LEVEL];
		for (uint32_t t = IsoChild(&p->finder, n, ClexPainNames.status);
			 t != 0 && PaymentGoesOn(&p->run); t = IsoNext(&p->finder, t, ClexPainNames.status))
		{
			PaymentStatus one = group;

			one.text[STS_ORIGINAL_BATCH_ID - STS_LEVEL] = id;
			TakeStatus(p, &one, PAIN_STATUS, "transaction", t, t);
			ArenaRewind(p->request->scratch);
		}
		ArenaRewind(p->request->scratch);
	}
}

/* pain.001, pain.002 or pain.008 by the namespace: the digit of the kind, 0 if it is none of them. */
static char
KindOf(Span namespace)
{
	static const char stem[] = "urn:iso:std:iso:20022:tech:xsd:pain.00";
	char kind = namespace.length > sizeof(stem) ? namespace.data[sizeof(stem) - 1] : 0;

	return namespace.length > sizeof(stem) && memcmp(namespace.data, stem, sizeof(stem) - 1) == 0 &&
				   (kind == '1' || kind == '2' || kind == '8')
			   ? kind
			   : 0;
}

static ClexStatus
RefuseFormat(const PaymentRequest *request, Span namespace, ClexError *error)
{
	ClexFail(error, CLEX_UNSUPPORTED,
			 request->status ? "the file is not a payment status that can be read"
							 : "the file is not a payment order that can be read");
	ClexDetail(error, "Its namespace is \"%.*s\".", (int) SpanCut(namespace, 150).length,
			   namespace.data);
	ClexHint(error, request->status ? "Statuses are read from pain.002."
									: "Payments are read from pain.001 and pain.008.");
	return error->status;
}

/* Everything below the element Document. */
static ClexStatus
TakeMessage(Pain *p, Span namespace)
{
	uint32_t message = 2;

	while (message < TreeCount(&p->tree) && TreeIsAttribute(&p->tree, message))
		message++;
	if (message >= TreeCount(&p->tree))
		return ClexFail(p->run.error, CLEX_MALFORMED, "there is no message in the file");
	CheckMessage(p, namespace, message);
	if (p->request->status)
		TakeStatuses(p, message);
	else
		TakePayments(p, message);
	if (p->run.status == CLEX_OK && p->rows == 0)
		return ClexFail(p->run.error, CLEX_MALFORMED, "there is no payment in the file");
	return p->run.status;
}

ClexStatus
PaymentRead(const PaymentRequest *request, ClexError *error)
{
	Pain *p = ArenaAllocZero(request->arena, sizeof(Pain));
	Span namespace;
	XmlInfo info;
	char kind;

	if (p == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	p->request = request;
	PaymentRunOpen(&p->run, request->sink, request->arena, request->scratch, error);
	p->run.strict = request->strict;
	if (p->run.status == CLEX_OK)
		p->run.status = XmlParse(request->parser, request->content, request->limits, request->arena,
								 &p->tree, &info, error);
	if (p->run.status != CLEX_OK)
		return p->run.status;
	namespace = IsoRootNamespace(&p->tree);
	kind = KindOf(namespace);
	if (kind == 0 || (kind == '2') != request->status)
		return RefuseFormat(request, namespace, error);
	p->run.debit = kind == '8';
	if (!IsoNamesOf(&p->tree, namespace, request->arena, &p->names))
	{
		PaymentOutOfMemory(&p->run);
		return p->run.status;
	}
	p->finder = (IsoFinder){.tree = &p->tree,
							.names = &p->names,
							.found = p->found,
							.where = p->where,
							.texts = PAY_ALL_TEXTS};
	return TakeMessage(p, namespace);
}
