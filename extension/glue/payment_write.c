/*
 * payment_write.c
 *		clex.write_payments, clex.check_payments.
 *
 * Payments come as JSON: an array of objects with the columns of clex.read_payments(), so that
 * jsonb_agg() over any query makes it, and what was read can be written.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "storage/shmem.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "glue/compat.h"
#include "glue/document.h"
#include "glue/finding_rows.h"
#include "glue/limits.h"
#include "glue/payment.h"
#include "glue/report.h"

PG_FUNCTION_INFO_V1(clex_payment_write);
PG_FUNCTION_INFO_V1(clex_payment_check);

/* An order being taken from its arguments. */
typedef struct OrderArgument
{
	PaymentOrder order;
	Span common[PAY_TEXTS]; /* texts given by the options */
	Payment *payment;		/* at hand */
	uint32 number;			/* of it, from 1 */
	uint32 block;			/* last one of its documents */
	bool block_given;
} OrderArgument;

/* Texts of the message: those of the options count before those of rows. */
static bool
IsOfMessage(int text)
{
	return text == PAY_MESSAGE_ID || text == PAY_CREATED || text == PAY_INITIATOR ||
		   text == PAY_INITIATOR_ID;
}

/* A scalar value; anything else is an error. */
static Span
ScalarText(const OrderArgument *argument, Span key, const JsonbValue *value)
{
	if (value->type == jbvBinary)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is neither a text nor a number", StringFromSpan(SpanCut(key, 60))),
				 argument->number > 0 ? errdetail("Payment %u.", argument->number) : 0));
	return JsonText(value);
}

static void
UnknownMember(const OrderArgument *argument, Span key, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg(argument->number > 0 ? "unknown column \"%s\"" : "unknown option \"%s\"",
						   StringFromSpan(SpanCut(key, 60))),
					argument->number > 0 ? errdetail("Payment %u.", argument->number) : 0,
					errhint("%s", hint)));
}

static void
TakeOption(void *state, Span key, const JsonbValue *value)
{
	OrderArgument *argument = state;
	int text = PaymentTextByName(key, 0, PAY_COLUMNS);
	Span given = ScalarText(argument, key, value);

	if (text >= 0)
		argument->common[text] = given;
	else if (SpanEqualCString(key, "scheme"))
	{
		argument->order.sepa = SpanEqualCString(given, "sepa");
		if (!argument->order.sepa && !SpanEqualCString(given, "any"))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("option \"scheme\" is neither \"sepa\" nor \"any\"")));
	}
	else if (SpanEqualCString(key, "characters"))
	{
		if (SpanEqualCString(given, "refuse"))
			argument->order.characters = CHARACTERS_REFUSE;
		else if (SpanEqualCString(given, "exchange"))
			argument->order.characters = CHARACTERS_EXCHANGE;
		else if (SpanEqualCString(given, "keep"))
			argument->order.characters = CHARACTERS_KEEP;
		else
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("option \"characters\" is not one of \"refuse\", \"exchange\", "
								   "\"keep\"")));
	}
	else
		UnknownMember(argument, key,
					  "Options are scheme, characters, and any column of clex.read_payments().");
}

static void
TakeDocumentMember(void *state, Span key, const JsonbValue *value)
{
	OrderArgument *argument = state;
	PaymentDocument *document =
		&argument->payment->documents[argument->payment->document_count - 1];
	int text = PaymentTextByName(key, DOC_TYPE, STS_LEVEL);

	if (text >= 0)
		document->text[text - DOC_TYPE] = ScalarText(argument, key, value);
	else if (SpanEqualCString(key, "block"))
	{
		Span given = ScalarText(argument, key, value);
		Decimal number = DECIMAL_ZERO;
		int64_t block = 0;

		argument->block_given = given.data != NULL;
		if (given.data != NULL &&
			(DecimalParse(given, &number) != CLEX_OK || number.scale > 0 ||
			 DecimalToInt64(number, &block) != CLEX_OK || block < 1 || block > 1000000))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("\"block\" of a document is not a number from 1"),
							errdetail("Payment %u.", argument->number)));
		document->block = (uint32) block;
	}
	else
		UnknownMember(argument, key,
					  "Documents have block, type, number, date, due, discount, credit_note, tax, "
					  "remitted, currency, reference, reference_type and note.");
}

/* Documents without a block have one of their own; those of one block stand together. */
static void
NumberBlock(OrderArgument *argument, PaymentDocument *document)
{
	if (!argument->block_given)
		document->block = argument->block + 1;
	else if (document->block < argument->block || document->block == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the blocks of documents do not rise"),
						errdetail("Payment %u.", argument->number)));
	argument->block = document->block;
}

static void
TakeDocuments(OrderArgument *argument, const JsonbValue *value)
{
	Payment *payment = argument->payment;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue item;
	bool inside = false;

	if (value->type == jbvNull)
		return;
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("\"documents\" is not an array of objects"),
						errdetail("Payment %u.", argument->number)));
	payment->documents =
		palloc0((JsonContainerSize(value->val.binary.data) + 1) * sizeof(PaymentDocument));
	argument->block = 0;
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &item, inside)) != WJB_DONE)
	{
		inside = true;
		if (token != WJB_ELEM)
			continue;
		if (item.type != jbvBinary || !JsonContainerIsObject(item.val.binary.data))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a document is not an object"),
							errdetail("Payment %u.", argument->number)));
		payment->document_count++;
		argument->block_given = false;
		EachMember(item.val.binary.data, TakeDocumentMember, argument);
		NumberBlock(argument, &payment->documents[payment->document_count - 1]);
	}
}

static void
TakePaymentMember(void *state, Span key, const JsonbValue *value)
{
	OrderArgument *argument = state;
	int text = PaymentTextByName(key, 0, PAY_COLUMNS);

	if (text >= 0)
	{
		Span given = ScalarText(argument, key, value);

		if (given.data != NULL && !(IsOfMessage(text) && argument->common[text].data != NULL))
			argument->payment->text[text] = given;
	}
	else if (SpanEqualCString(key, "documents"))
		TakeDocuments(argument, value);
	/* what clex.read_payments() adds says nothing of the payment */
	else if (!SpanEqualCString(key, "payment_no") && !SpanEqualCString(key, "batch_no") &&
			 !SpanEqualCString(key, "line"))
		UnknownMember(argument, key, "Columns are those of clex.read_payments().");
}

/* The payments: an array of objects. */
static void
TakePayments(OrderArgument *argument, Jsonb *payments)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue item;
	bool inside = false;

	if (!JB_ROOT_IS_ARRAY(payments) || JB_ROOT_IS_SCALAR(payments))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("payments must be an array of "
							   "objects"),
						errhint("For example jsonb_agg(row) over a query.")));
	argument->order.payments =
		MemoryContextAllocExtended(CurrentMemoryContext,
								   mul_size(JB_ROOT_COUNT(payments) + 1, sizeof(Payment)),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	iterator = JsonbIteratorInit(&payments->root);
	while ((token = JsonbIteratorNext(&iterator, &item, inside)) != WJB_DONE)
	{
		inside = true;
		if (token != WJB_ELEM)
			continue;
		CHECK_FOR_INTERRUPTS();
		argument->number = ++argument->order.count;
		argument->payment = &argument->order.payments[argument->number - 1];
		if (item.type != jbvBinary || !JsonContainerIsObject(item.val.binary.data))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a payment is not an object"),
					 errdetail("Payment %u.", argument->number)));
		memcpy(argument->payment->text, argument->common, sizeof(argument->common));
		EachMember(item.val.binary.data, TakePaymentMember, argument);
	}
}

static void
TakeArguments(FunctionCallInfo fcinfo, PaymentCall *call, OrderArgument *argument,
			  const PaymentSink *sink)
{
	Jsonb *payments = PG_GETARG_JSONB_P(0);
	Jsonb *options = PG_GETARG_JSONB_P(2);

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("options must be an object"),
				 errhint("For example '{\"message_id\": \"M1\", \"created\": "
						 "\"2026-01-02T10:00:00\"}'.")));
	*argument = (OrderArgument){.order = {.format = TextArgument(PG_GETARG_DATUM(1)),
										  .sepa = true,
										  .limits = CurrentXmlLimits(),
										  .parser = call->workspace->parser,
										  .arena = &call->arena,
										  .scratch = &call->scratch,
										  .sink = sink}};
	EachMember(&options->root, TakeOption, argument);
	TakePayments(argument, payments);
}

/* write_payments(payments jsonb, format text, options jsonb) -> bytea */
Datum
clex_payment_write(PG_FUNCTION_ARGS)
{
	PaymentCall call = {.exchanged = 0};
	PaymentSink sink = {.problem = KeepPaymentSentence, .state = &call};
	OrderArgument argument;
	MessageLanguage language = {0};
	ClexError error = {0};
	bytea *result;
	Text out;

	MessageLanguageFind(SpanFromCString(CurrentLanguage()), &language);
	PaymentCallOpen(&call, language);
	TakeArguments(fcinfo, &call, &argument, &sink);
	TextInit(&out, &call.arena);
	if (PaymentWrite(&argument.order, &out, &error) != CLEX_OK)
	{
		if (call.sentence[0] != '\0')
		{
			ClexDetail(&error, "%s", call.sentence);
			ClexHint(&error, "clex.check_payments() lists everything that is wrong with them.");
		}
		ReportError(&error);
	}
	if (call.exchanged > 0)
		ereport(NOTICE, (errmsg_plural("%u text is written with other characters",
									   "%u texts are written with other characters", call.exchanged,
									   call.exchanged),
						 errhint("clex.check_payments() lists them.")));
	if (out.length > MaxAllocSize - VARHDRSZ)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the message is larger than 1 GB")));
	result = palloc(VARHDRSZ + out.length);
	SET_VARSIZE(result, VARHDRSZ + out.length);
	memcpy(VARDATA(result), out.data, out.length);
	PaymentCallClose(&call);
	PG_RETURN_BYTEA_P(result);
}

/* check_payments(payments jsonb, format text, options jsonb, lang text) -> rows of problems */
Datum
clex_payment_check(PG_FUNCTION_ARGS)
{
	PaymentCall call = {.exchanged = 0};
	PaymentSink sink = {.problem = PutPaymentProblem, .state = &call};
	OrderArgument argument;
	MessageLanguage language = FindingLanguage(fcinfo, 3);
	ClexError error = {0};
	Text out;

	RowsOpen(&call.rows, fcinfo);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return (Datum) 0;
	PaymentCallOpen(&call, language);
	TakeArguments(fcinfo, &call, &argument, &sink);
	TextInit(&out, &call.arena);
	/* CLEX_INVALID: the rows say it all, unless there was no payment */
	if (PaymentWrite(&argument.order, &out, &error) != CLEX_OK &&
		(error.status != CLEX_INVALID || argument.order.count == 0))
		ReportError(&error);
	PaymentCallClose(&call);
	return (Datum) 0;
}
