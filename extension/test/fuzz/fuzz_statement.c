/*
 * Any bytes into the readers of statements and accounting files: texts are UTF-8, numbers and dates are in
 * range, sums hold, a refusal says why.  The first byte chooses format, mode and memory.
 */
#include "core/base/utf8.h"
#include "core/statement/fec.h"
#include "fuzz.h"

static void
CheckText(Span text)
{
	Must(text.data == NULL || Utf8IsValid(text), "a text is UTF-8");
}

static void
CheckDate(StatementDate date)
{
	Must(!date.known || (date.day >= DATE_MIN && date.day <= DATE_MAX), "a date is one");
}

static void
TakeEntry(void *state, const Statement *statement, const StatementEntry *entry)
{
	(void) state;
	Must(statement->number > 0 && entry->number > 0 && entry->line > 0, "an entry has a place");
	CheckText(statement->account);
	CheckDate(entry->booked);
	CheckDate(entry->value);
	for (int i = 0; i < ENTRY_TEXTS; i++)
		CheckText(entry->text[i]);
}

static void
TakeBalance(void *state, const Statement *statement, const StatementBalance *balance)
{
	(void) state;
	Must(statement->balances > 0, "a balance is counted");
	CheckText(balance->code);
	CheckDate(balance->date);
}

static void
TakeStatement(void *state, const Statement *statement)
{
	(void) state;
	CheckText(statement->reference);
	CheckText(statement->owner);
	Must(DecimalSign(statement->credits) >= 0 && DecimalSign(statement->debits) <= 0,
		 "sums have their signs");
}

static void
TakeProblem(void *state, const StatementProblem *problem)
{
	(void) state;
	CheckText(problem->found);
	CheckText(problem->place);
	Must(problem->code != NULL, "a problem has a code");
}

static void
TakeFinding(void *state, const FecFinding *finding)
{
	(void) state;
	Must(finding->rule != NULL, "a finding has a rule");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = {"mt940", "cfonb120", "camt.053", "fec"};
	static const StatementSink sink = {.statement = TakeStatement,
									   .balance = TakeBalance,
									   .entry = TakeEntry,
									   .problem = TakeProblem};
	XmlLimits limits = XML_DEFAULT_LIMITS;
	StatementRequest request = {.limits = &limits, .raw = true, .sink = &sink};
	ClexError error = {0};
	ClexStatus status;
	Arena arena;
	Arena scratch;

	if (size == 0)
		return 0;
	request.content = ExactCopy(data + 1, size - 1);
	request.format = formats[data[0] & 3];
	request.strict = (data[0] & 4) != 0;
	request.details = (data[0] & 8) != 0;
	ArenaInit(&arena, &ClexPlainEnv, data[0] & 16 ? 20000 : FUZZ_MEMORY);
	ArenaInit(&scratch, &ClexPlainEnv, data[0] & 16 ? 4000 : FUZZ_MEMORY);
	request.arena = &arena;
	request.scratch = &scratch;
	if ((data[0] & 3) == 3)
		status = FecCheck(request.content, data[0] & 4 ? request.content : SpanOf(NULL, 0), &arena,
						  &scratch, TakeFinding, NULL, &error);
	else
	{
		request.parser = XmlParserCreate(&ClexPlainEnv);
		status = StatementRead(&request, &error);
		XmlParserFree(request.parser);
	}
	Must(status == CLEX_OK || error.message[0] != '\0', "a refusal says why");
	ArenaFree(&arena);
	ArenaFree(&scratch);
	free((void *) (uintptr_t) request.content.data);
	return 0;
}
