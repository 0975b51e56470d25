/*
 * payment.c
 *		clex.read_payments, clex.read_payment_status, clex.payment_problems.
 *
 * Each is one pass over the file with another sink.  The columns of a row are the texts of
 * data/payments/texts.tsv in their order, each typed as the table says.
 */
#include "postgres.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "core/base/utf8.h"
#include "core/codec/detect.h"
#include "glue/check.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/finding_rows.h"
#include "glue/limits.h"
#include "glue/payment.h"
#include "glue/problem.h"
#include "glue/report.h"

PG_FUNCTION_INFO_V1(clex_payment_read);
PG_FUNCTION_INFO_V1(clex_payment_status);
PG_FUNCTION_INFO_V1(clex_payment_problems);

void
PaymentCallOpen(PaymentCall *call, MessageLanguage language)
{
	ClexEnv *env = BackendEnv(CurrentMemoryContext);

	ArenaInit(&call->arena, env, CurrentMemoryLimit());
	ArenaInit(&call->scratch, env, CurrentMemoryLimit());
	call->workspace = WorkspaceOpen();
	call->language = language;
}

void
PaymentCallClose(PaymentCall *call)
{
	ArenaFree(&call->arena);
	ArenaFree(&call->scratch);
	WorkspaceClose(call->workspace);
}

int
PaymentTextByName(Span name, PaymentText first, PaymentText end)
{
	for (int i = first; i < (int) end; i++)
		if (SpanEqualCString(name, ClexPaymentTexts[i].name))
			return i;
	return -1;
}

Span
JsonText(const JsonbValue *value)
{
	char *text;

	switch (value->type)
	{
		case jbvString:
			text = pg_server_to_any(value->val.string.val, value->val.string.len, PG_UTF8);
			return text == value->val.string.val ? SpanOf(text, (size_t) value->val.string.len)
												 : SpanFromCString(text);
		case jbvNumeric:
			return SpanFromCString(DatumGetCString(
				DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric))));
		case jbvBool:
			return value->val.boolean ? SPAN_LITERAL("true") : SPAN_LITERAL("false");
		default:
			return SpanOf(NULL, 0);
	}
}

void
EachMember(JsonbContainer *object, JsonMember take, void *state)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue value;
	Span key = {NULL, 0};
	bool inside = false;

	while ((token = JsonbIteratorNext(&iterator, &value, inside)) != WJB_DONE)
	{
		inside = true;
		if (token == WJB_KEY)
			key = JsonText(&value);
		else if (token == WJB_VALUE)
			take(state, key, &value);
	}
}

static void
TakeMode(void *state, Span key, const JsonbValue *value)
{
	Span mode = JsonText(value);

	if (!SpanEqualCString(key, "mode"))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unknown option \"%s\"", StringFromSpan(SpanCut(key, 60))),
						errhint("The only option is mode.")));
	*(bool *) state = SpanEqualCString(mode, "strict");
	if (!SpanEqualCString(mode, "strict") && !SpanEqualCString(mode, "lenient"))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"mode\" is neither \"lenient\" nor \"strict\"")));
}

bool
ModeIsStrict(Jsonb *options)
{
	bool strict = false;

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("options must be an object"),
				 errhint("For example '{\"mode\": \"strict\"}'.")));
	EachMember(&options->root, TakeMode, &strict);
	return strict;
}

/* What a problem says, for its row and its sentence. */
static ProblemWords
Words(const PaymentProblem *problem, const char *reason)
{
	return (ProblemWords){problem->code, problem->place, problem->found, problem->expected, reason};
}

static void
PutProblemRow(PaymentCall *call, const PaymentProblem *problem, const char *severity,
			  const char *reason)
{
	RowWriter *rows = &call->rows;
	ProblemWords words = Words(problem, reason);

	RowBegin(rows);
	RowSpan(rows, SpanFromCString(problem->code));
	RowSpan(rows, SpanFromCString(severity));
	RowInt(rows, problem->payment > 0, (int32) problem->payment);
	RowInt(rows, problem->line > 0, (int32) problem->line);
	PutProblemWords(rows, call->workspace, call->language, &words);
}

void
PutPaymentProblem(void *state, const PaymentProblem *problem)
{
	PutProblemRow(state, problem, PaymentSeverityName(problem->severity), NULL);
}

void
KeepPaymentSentence(void *state, const PaymentProblem *problem)
{
	PaymentCall *call = state;
	ProblemWords words = Words(problem, NULL);
	Span sentence;
	int head;

	call->exchanged += strcmp(problem->code, "PAYMENT-EXCHANGED") == 0;
	if (problem->severity != PAYMENT_ERROR || call->sentence[0] != '\0')
		return;
	head = problem->line > 0
			   ? snprintf(call->sentence, sizeof(call->sentence), "Line %u: ", problem->line)
		   : problem->payment > 0
			   ? snprintf(call->sentence, sizeof(call->sentence), "Payment %u: ", problem->payment)
			   : 0;
	sentence = Utf8Cut(ProblemSentence(call->workspace, call->language, &words),
					   sizeof(call->sentence) - head - 1);
	memcpy(call->sentence + head, sentence.data, sentence.length);
	call->sentence[head + sentence.length] = '\0';
	ArenaRewind(&call->workspace->scratch);
}

void
PutPaymentFailure(PaymentCall *call, const char *code, const ClexError *error)
{
	char reason[3 * CLEX_ERROR_TEXT];

	snprintf(reason, sizeof(reason), "%s.%s%s", error->message, error->detail[0] ? " " : "",
			 error->detail);
	PutProblemRow(call, &(PaymentProblem){.code = code, .line = error->line}, "fatal", reason);
}

/* A text in its column. */
static void
PutText(RowWriter *rows, uint8_t type, Span text)
{
	Decimal number = DECIMAL_ZERO;
	int32_t day = 0;
	bool known = text.data != NULL;

	switch ((PaymentType) type)
	{
		case PAY_TYPE_DATE:
			known = known && DateParse(text, &day, NULL) == CLEX_OK;
			RowDate(rows, known, day);
			break;
		case PAY_TYPE_AMOUNT:
			known = known && DecimalParse(text, &number) == CLEX_OK;
			RowDecimal(rows, known, number);
			break;
		case PAY_TYPE_BOOLEAN:
			RowOptionalBool(rows, known,
							SpanEqualCString(text, "true") || SpanEqualCString(text, "1"));
			break;
		default:
			RowSpan(rows, text);
			break;
	}
}

static void
PushKey(JsonbParseState **state, const char *name)
{
	JsonbValue key = {.type = jbvString};

	key.val.string.val = (char *) name;
	key.val.string.len = (int) strlen(name);
	pushJsonbValue(state, WJB_KEY, &key);
}

/* A text as the value of a member: amounts are numbers. */
static void
PushText(JsonbParseState **state, uint8_t type, Span text)
{
	JsonbValue value = {.type = jbvString};
	Decimal number;

	if (type == PAY_TYPE_AMOUNT && DecimalParse(text, &number) == CLEX_OK)
	{
		value.type = jbvNumeric;
		value.val.numeric =
			DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(StringFromSpan(text)),
												ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	}
	else
	{
		value.val.string.val = StringFromSpan(text);
		value.val.string.len = (int) strlen(value.val.string.val);
	}
	pushJsonbValue(state, WJB_VALUE, &value);
}

/* The documents of a payment as an array of objects; NULL if there are none. */
static void
PutDocuments(RowWriter *rows, const Payment *payment)
{
	JsonbParseState *state = NULL;
	JsonbValue block = {.type = jbvNumeric};

	if (payment->document_count == 0)
	{
		RowDatum(rows, false, (Datum) 0);
		return;
	}
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (uint32 d = 0; d < payment->document_count; d++)
	{
		const PaymentDocument *document = &payment->documents[d];

		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		PushKey(&state, "block");
		block.val.numeric = int64_to_numeric(document->block);
		pushJsonbValue(&state, WJB_VALUE, &block);
		for (int i = DOC_TYPE; i < STS_LEVEL; i++)
			if (document->text[i - DOC_TYPE].data != NULL)
			{
				PushKey(&state, ClexPaymentTexts[i].name);
				PushText(&state, ClexPaymentTexts[i].type, document->text[i - DOC_TYPE]);
			}
		pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	RowDatum(rows, true,
			 JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL))));
}

static void
PutPayment(void *state, const Payment *payment)
{
	RowWriter *rows = &((PaymentCall *) state)->rows;

	RowBegin(rows);
	RowInt(rows, true, (int32) payment->number);
	RowInt(rows, true, (int32) payment->batch);
	for (int i = 0; i < PAY_COLUMNS; i++)
		PutText(rows, ClexPaymentTexts[i].type, payment->text[i]);
	PutDocuments(rows, payment);
	RowInt(rows, true, (int32) payment->line);
	RowEnd(rows);
}

static void
PutStatus(void *state, const PaymentStatus *status)
{
	RowWriter *rows = &((PaymentCall *) state)->rows;

	RowBegin(rows);
	for (int i = 0; i < STS_TEXTS; i++)
		PutText(rows, ClexPaymentTexts[STS_LEVEL + i].type, status->text[i]);
	RowInt(rows, true, (int32) status->line);
	RowEnd(rows);
}

/* Read with a sink. */
static ClexStatus
RunRead(FunctionCallInfo fcinfo, PaymentCall *call, const PaymentSink *sink, bool strict,
		bool status, ClexError *error)
{
	bytea *content = PG_GETARG_BYTEA_PP(0);
	PaymentRequest request = {
		.content = SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)),
		.strict = strict,
		.status = status,
		.limits = CurrentXmlLimits(),
		.parser = call->workspace->parser,
		.arena = &call->arena,
		.scratch = &call->scratch,
		.sink = sink,
	};

	return PaymentRead(&request, error);
}

/* Run with a sink; what cannot be read is an error. */
static Datum
Rows(FunctionCallInfo fcinfo, PaymentSink *sink, bool status)
{
	PaymentCall call = {.exchanged = 0};
	ClexError error = {0};
	MessageLanguage language = {0};
	bool strict = ModeIsStrict(PG_GETARG_JSONB_P(1));

	MessageLanguageFind(SpanFromCString(CurrentLanguage()), &language);
	RowsOpen(&call.rows, fcinfo);
	PaymentCallOpen(&call, language);
	sink->state = &call;
	if (strict)
		sink->problem = KeepPaymentSentence;
	if (RunRead(fcinfo, &call, sink, strict, status, &error) != CLEX_OK)
	{
		if (call.sentence[0] != '\0')
		{
			ClexDetail(&error, "%s", call.sentence);
			ClexHint(&error, "clex.payment_problems() lists all deviations; mode \"lenient\" reads "
							 "what is there.");
		}
		ReportErrorAs(&error,
					  error.status == CLEX_MALFORMED ? ERRCODE_INVALID_TEXT_REPRESENTATION
													 : StatusSqlState(error.status),
					  "");
	}
	PaymentCallClose(&call);
	return (Datum) 0;
}

/* read_payments(content bytea, options jsonb) -> rows of payments */
Datum
clex_payment_read(PG_FUNCTION_ARGS)
{
	return Rows(fcinfo, &(PaymentSink){.payment = PutPayment}, false);
}

/* read_payment_status(content bytea, options jsonb) -> rows of statuses */
Datum
clex_payment_status(PG_FUNCTION_ARGS)
{
	return Rows(fcinfo, &(PaymentSink){.status = PutStatus}, true);
}

/* payment_problems(content bytea, lang text) -> rows of problems */
Datum
clex_payment_problems(PG_FUNCTION_ARGS)
{
	PaymentCall call = {.exchanged = 0};
	PaymentSink sink = {.problem = PutPaymentProblem, .state = &call};
	ClexError error = {0};
	Detected detected;
	bytea *content;
	MessageLanguage language = FindingLanguage(fcinfo, 1);

	RowsOpen(&call.rows, fcinfo);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	PaymentCallOpen(&call, language);
	content = PG_GETARG_BYTEA_PP(0);
	if (DetectFormat(SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)), &call.arena,
					 &detected) != CLEX_OK)
		ClexFail(&error, CLEX_NO_MEMORY, "out of memory");
	else
		RunRead(fcinfo, &call, &sink, false, SpanEqualCString(detected.format, "pain.002"), &error);
	RaiseUnlessDocuments(&error);
	if (error.status != CLEX_OK)
		PutPaymentFailure(&call,
						  error.status == CLEX_LIMIT		 ? "OVER-LIMIT"
						  : error.status == CLEX_UNSUPPORTED ? "UNKNOWN-FORMAT"
															 : "MALFORMED",
						  &error);
	PaymentCallClose(&call);
	return (Datum) 0;
}
