/*
 * payment_check.c
 *		The rules on payments, asked of what was read and of what is to be written.
 *
 * What a payment must be to be one is an error.  What the SEPA schemes ask beyond that is an error for the
 * writer, and a warning about a file of somebody else's: the format allows it.
 */
#include "core/payment/payment_check.h"

#include "core/base/checkdigit.h"
#include "core/base/utf8.h"
#include "core/finance/currency.h"
#include "core/model/codes.h"

#define PROBE_EVERY 64

_Static_assert(PAY_COLUMNS <= 64, "a bit for each text");

static const char *const severity_names[] = {"error", "warning", "information"};

const char *
PaymentSeverityName(PaymentSeverity severity)
{
	return severity_names[severity];
}

void
PaymentRunOpen(PaymentRun *run, const PaymentSink *sink, Arena *arena, Arena *scratch,
			   ClexError *error)
{
	*run = (PaymentRun){.sink = sink,
						.scratch = scratch,
						.error = error,
						.countdown = PROBE_EVERY,
						.strict = false};
	run->status = CalendarBuild(arena, SPAN_LITERAL("TARGET"), &run->target, error);
}

bool
PaymentOutOfMemory(PaymentRun *run)
{
	if (run->status == CLEX_OK)
		run->status = ClexFail(run->error, CLEX_NO_MEMORY, "out of memory");
	return false;
}

bool
PaymentGoesOn(PaymentRun *run)
{
	if (run->status != CLEX_OK)
		return false;
	if (--run->countdown > 0)
		return true;
	run->countdown = PROBE_EVERY;
	if (ClexInterrupted(run->scratch->env))
		run->status = ClexFail(run->error, CLEX_INTERRUPTED, "interrupted");
	return run->status == CLEX_OK;
}

void
PaymentTell(PaymentRun *run, const char *code, PaymentSeverity severity, Span place, Span found,
			Span expected)
{
	PaymentProblem problem = {.code = code,
							  .severity = severity,
							  .payment = run->payment,
							  .line = run->line,
							  .place = place,
							  .found = found.data != NULL ? SpanCut(found, 200) : found,
							  .expected =
								  expected.data != NULL ? SpanCut(expected, 200) : expected};

	if (run->status != CLEX_OK)
		return;
	if (run->sink->problem != NULL)
		run->sink->problem(run->sink->state, &problem);
	if (severity != PAYMENT_ERROR)
		return;
	run->errors++;
	if (!run->strict)
		return;
	run->status = ClexFail(run->error, CLEX_MALFORMED, "the file deviates from its format");
	ClexDetail(run->error, "%s at %.*s", code, (int) SpanCut(place, 150).length, place.data);
	run->error->line = run->line;
}

void
PaymentTellText(PaymentRun *run, const char *code, PaymentSeverity severity, PaymentText text,
				Span found, const char *expected)
{
	PaymentTell(run, code, severity, SpanFromCString(ClexPaymentTexts[text].name), found,
				expected != NULL ? SpanFromCString(expected) : SpanOf(NULL, 0));
}

/* What the scheme asks: a reader cannot insist on it. */
static PaymentSeverity
SchemeSeverity(const PaymentRun *run)
{
	return run->line > 0 ? PAYMENT_WARNING : PAYMENT_ERROR;
}

static void
TellScheme(PaymentRun *run, PaymentText text, Span found, const char *expected)
{
	PaymentTellText(run, "PAYMENT-SCHEME", SchemeSeverity(run), text, found, expected);
}

/* Two letters and two digits: it wants to be an IBAN. */
static bool
LooksLikeIban(Span text)
{
	return text.length >= 15 && text.data[0] >= 'A' && text.data[0] <= 'Z' && text.data[1] >= 'A' &&
		   text.data[1] <= 'Z' && text.data[2] >= '0' && text.data[2] <= '9' &&
		   text.data[3] >= '0' && text.data[3] <= '9';
}

static void
CheckAccount(PaymentRun *run, PaymentText which, Span account)
{
	if (LooksLikeIban(account) ? !CheckIban(account) : run->sepa)
		PaymentTellText(run, "PAYMENT-IBAN", PAYMENT_ERROR, which, account, NULL);
}

/*
 * An identifier of a SEPA creditor: country, check digits, three characters that do not count, national part.
 * What it is checked over is the national part, then country and check digits.
 */
static bool
IsCreditorId(Span id)
{
	char turned[40];

	if (id.length < 9 || id.length > 35)
		return false;
	memcpy(turned, id.data + 7, id.length - 7);
	memcpy(turned + id.length - 7, id.data, 4);
	return CheckMod97(SpanOf(turned, id.length - 3));
}

/* RF, check digits, up to 21 characters (ISO 11649); checked like an IBAN. */
static bool
IsCreditorReference(Span reference)
{
	char turned[40];

	if (reference.length < 5 || reference.length > 25)
		return false;
	memcpy(turned, reference.data + 4, reference.length - 4);
	memcpy(turned + reference.length - 4, reference.data, 4);
	return CheckMod97(SpanOf(turned, reference.length));
}

/* Letters, marks and slashes that the scheme does not have. */
static void
CheckCharacters(PaymentRun *run, PaymentText which, Span text, bool identifier)
{
	bool latin = true;

	for (size_t i = 0; i < text.length && latin; i++)
		latin = text.data[i] == '\n' || LatinHas((unsigned char) text.data[i]);
	if (!latin && !run->keep)
		PaymentTellText(run, "PAYMENT-CHARACTER", SchemeSeverity(run), which, text, NULL);
	if (identifier && text.length > 0 &&
		(text.data[0] == '/' || text.data[text.length - 1] == '/' ||
		 memmem(text.data, text.length, "//", 2) != NULL))
		PaymentTellText(run, "PAYMENT-SLASH", SchemeSeverity(run), which, text, NULL);
}

/* One text by its type. */
static void
CheckText(PaymentRun *run, PaymentText which, Span text)
{
	const PaymentTextFact *fact = &ClexPaymentTexts[which];

	switch ((PaymentType) fact->type)
	{
		case PAY_TYPE_ACCOUNT:
			CheckAccount(run, which, text);
			break;
		case PAY_TYPE_BIC:
			if (!CheckBic(text))
				PaymentTellText(run, "PAYMENT-BIC", PAYMENT_ERROR, which, text, NULL);
			break;
		case PAY_TYPE_CURRENCY:
			if (CurrencyDigits(text) < 0)
				PaymentTellText(run, "PAYMENT-CURRENCY", PAYMENT_ERROR, which, text, NULL);
			break;
		case PAY_TYPE_COUNTRY:
			if (!CodeListContains(CodeListFind(SPAN_LITERAL("ISO_3166-1")), text))
				PaymentTellText(run, "PAYMENT-COUNTRY", PAYMENT_ERROR, which, text, NULL);
			break;
		case PAY_TYPE_TEXT:
		case PAY_TYPE_ID:
			if (run->sepa)
				CheckCharacters(run, which, text, fact->type == PAY_TYPE_ID);
			if (run->sepa && fact->most > 0 && Utf8Count(text) > fact->most)
				PaymentTellText(run, "PAYMENT-LONG", SchemeSeverity(run), which, text,
								fact->most == 70 ? "70" : "140");
			break;
		default:
			break;
	}
}

/* More than zero, no more digits than the currency has, within the limit of the scheme. */
static void
CheckAmount(PaymentRun *run, const Payment *payment)
{
	Span text = payment->text[PAY_AMOUNT];
	int digits = CurrencyDigits(payment->text[PAY_CURRENCY]);
	Decimal amount;

	if (text.data == NULL || DecimalParse(text, &amount) != CLEX_OK)
		return; /* told before, by the schema */
	if (DecimalSign(amount) <= 0)
		PaymentTellText(run, "PAYMENT-AMOUNT", PAYMENT_ERROR, PAY_AMOUNT, text, "> 0");
	else if (digits >= 0 && DecimalNormalize(amount).scale > digits)
		PaymentTellText(run, "PAYMENT-DIGITS", PAYMENT_ERROR, PAY_AMOUNT, text,
						digits == 0	  ? "0"
						: digits == 2 ? "2"
						: digits == 3 ? "3"
									  : "4");
	else if (run->sepa && DecimalCompare(amount, (Decimal){99999999999, 2}) > 0)
		TellScheme(run, PAY_AMOUNT, text, "<= 999999999.99");
}

/* The day the payment is made is one on which TARGET settles. */
static void
CheckDay(PaymentRun *run, const Payment *payment)
{
	Span text = payment->text[PAY_EXECUTION_DATE];
	ClexError ignored;
	bool open = true;
	int32_t day;

	if (SpanEqualCString(payment->text[PAY_CURRENCY], "EUR") && text.data != NULL &&
		DateParse(SpanCut(text, 10), &day, NULL) == CLEX_OK &&
		CalendarIsOpen(run->target, day, &open, &ignored) == CLEX_OK && !open)
		PaymentTellText(run, "PAYMENT-DAY", PAYMENT_WARNING, PAY_EXECUTION_DATE, text, NULL);
}

/* What is remitted less the credit notes is what is paid, where every document says it. */
static void
CheckDocuments(PaymentRun *run, const Payment *payment)
{
	Decimal sum = DECIMAL_ZERO;
	Decimal amount;
	char expected[DECIMAL_TEXT];

	for (uint32_t i = 0; i < payment->document_count; i++)
	{
		const Span *text = payment->documents[i].text;
		Span plus = text[DOC_REMITTED - DOC_TYPE];
		Span minus = text[DOC_CREDIT_NOTE - DOC_TYPE];

		if (text[DOC_CURRENCY - DOC_TYPE].data != NULL ||
			(plus.data == NULL && minus.data == NULL && text[0].data != NULL))
			return;
		if (plus.data != NULL &&
			(DecimalParse(plus, &amount) != CLEX_OK || DecimalAdd(sum, amount, &sum) != CLEX_OK))
			return;
		if (minus.data != NULL && (DecimalParse(minus, &amount) != CLEX_OK ||
								   DecimalSubtract(sum, amount, &sum) != CLEX_OK))
			return;
	}
	if (DecimalSign(sum) != 0 && DecimalParse(payment->text[PAY_AMOUNT], &amount) == CLEX_OK &&
		DecimalCompare(sum, amount) != 0)
		PaymentTell(run, "PAYMENT-DOCUMENTS", PAYMENT_WARNING, SPAN_LITERAL("documents"),
					payment->text[PAY_AMOUNT], DecimalFormat(sum, expected));
}

/* One line of text, or one structure: the schemes carry no more. */
static void
CheckRemittance(PaymentRun *run, const Payment *payment)
{
	Span lines = payment->text[PAY_REMITTANCE];
	bool structured = payment->document_count > 0 || payment->text[PAY_CREDITOR_REFERENCE].data;

	if (lines.data != NULL && memchr(lines.data, '\n', lines.length) != NULL)
		TellScheme(run, PAY_REMITTANCE, lines, "Ustrd, once");
	else if (lines.data != NULL && structured)
		TellScheme(run, PAY_REMITTANCE, lines, "Ustrd or Strd");
	if (payment->document_count > 0 && !run->extended)
		PaymentTell(run, "PAYMENT-EXTENDED", PAYMENT_WARNING, SPAN_LITERAL("documents"),
					SpanOf(NULL, 0), SpanOf(NULL, 0));
	run->extended |= payment->document_count > 0;
}

/* An address in lines has town and country beside them. */
static void
CheckAddress(PaymentRun *run, const Payment *payment, PaymentText lines, PaymentText town,
			 PaymentText country)
{
	if (payment->text[lines].data != NULL &&
		(payment->text[town].data == NULL || payment->text[country].data == NULL))
		PaymentTellText(run, "PAYMENT-ADDRESS", PAYMENT_WARNING, lines, payment->text[lines], NULL);
}

static void
CheckIsOne(PaymentRun *run, const Payment *payment, PaymentText which, const char *one,
		   const char *other)
{
	Span text = payment->text[which];

	if (text.data != NULL && !SpanEqualCString(text, one) &&
		(other == NULL || !SpanEqualCString(text, other)))
		TellScheme(run, which, text,
				   other != NULL ? ArenaPrintf(run->scratch, "%s, %s", one, other) : one);
}

static void
CheckIsThere(PaymentRun *run, const Payment *payment, PaymentText which)
{
	if (payment->text[which].data == NULL)
		PaymentTellText(run, "PAYMENT-MISSING", SchemeSeverity(run), which, SpanOf(NULL, 0), NULL);
}

/* What the SEPA schemes ask of transfers and of debits. */
static void
CheckScheme(PaymentRun *run, const Payment *payment)
{
	CheckIsOne(run, payment, PAY_CURRENCY, "EUR", NULL);
	CheckIsOne(run, payment, PAY_CHARGE_BEARER, "SLEV", NULL);
	CheckIsThere(run, payment, PAY_DEBTOR);
	CheckIsThere(run, payment, PAY_CREDITOR);
	CheckIsThere(run, payment, PAY_DEBTOR_ACCOUNT);
	CheckIsThere(run, payment, PAY_CREDITOR_ACCOUNT);
	CheckAddress(run, payment, PAY_DEBTOR_ADDRESS, PAY_DEBTOR_TOWN, PAY_DEBTOR_COUNTRY);
	CheckAddress(run, payment, PAY_CREDITOR_ADDRESS, PAY_CREDITOR_TOWN, PAY_CREDITOR_COUNTRY);
	CheckRemittance(run, payment);
	if (!run->debit)
		return;
	CheckIsOne(run, payment, PAY_LOCAL_INSTRUMENT, "CORE", "B2B");
	CheckIsThere(run, payment, PAY_LOCAL_INSTRUMENT);
	CheckIsThere(run, payment, PAY_SEQUENCE_TYPE);
	CheckIsThere(run, payment, PAY_MANDATE_ID);
	CheckIsThere(run, payment, PAY_MANDATE_DATE);
	CheckIsThere(run, payment, PAY_CREDITOR_ID);
	if (payment->text[PAY_CREDITOR_ID].data != NULL &&
		!IsCreditorId(payment->text[PAY_CREDITOR_ID]))
		PaymentTellText(run, "PAYMENT-CREDITOR-ID", PAYMENT_ERROR, PAY_CREDITOR_ID,
						payment->text[PAY_CREDITOR_ID], NULL);
}

void
PaymentCheck(PaymentRun *run, const Payment *payment)
{
	Span reference = payment->text[PAY_CREDITOR_REFERENCE];

	run->payment = payment->number;
	run->line = payment->line;
	for (int i = 0; i < PAY_COLUMNS && run->status == CLEX_OK; i++)
		if (payment->text[i].data != NULL && !(run->checked >> i & 1))
			CheckText(run, (PaymentText) i, payment->text[i]);
	CheckAmount(run, payment);
	CheckDay(run, payment);
	if (reference.length > 2 && memcmp(reference.data, "RF", 2) == 0 &&
		!IsCreditorReference(reference))
		PaymentTellText(run, "PAYMENT-REFERENCE", PAYMENT_ERROR, PAY_CREDITOR_REFERENCE, reference,
						NULL);
	CheckDocuments(run, payment);
	if (run->sepa)
		CheckScheme(run, payment);
}
