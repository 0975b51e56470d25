/*
 * reader.c
 *		What the readers of statements share: the run, its problems, sums, texts.
 */
#include "core/statement/reader.h"

#include <stdio.h>

#include "core/base/charset.h"
#include "core/base/utf8.h"

#define PROBE_EVERY 256

static const char *const balance_names[] = {
	"opening",			 "closing",			  "interim",
	"opening_available", "closing_available", "interim_available",
	"forward_available", "expected",		  "other",
};

const char *
BalanceKindName(BalanceKind kind)
{
	return balance_names[kind];
}

const char *
ProblemSeverityName(ProblemSeverity severity)
{
	return severity == PROBLEM_ERROR	 ? "error"
		   : severity == PROBLEM_WARNING ? "warning"
										 : "information";
}

bool
ReaderOutOfMemory(StatementReader *reader)
{
	if (reader->status == CLEX_OK)
		reader->status = ClexFail(reader->error, CLEX_NO_MEMORY, "out of memory");
	return false;
}

bool
ReaderGoesOn(StatementReader *reader)
{
	if (reader->status != CLEX_OK)
		return false;
	if (--reader->countdown > 0)
		return true;
	reader->countdown = PROBE_EVERY;
	if (ClexInterrupted(reader->request->arena->env))
		reader->status = ClexFail(reader->error, CLEX_INTERRUPTED, "interrupted");
	return reader->status == CLEX_OK;
}

void
ReaderEntryProblem(StatementReader *reader, uint32_t entry, const char *code,
				   ProblemSeverity severity, uint32_t line, const char *place, Span found,
				   const char *expected)
{
	const StatementSink *sink = reader->request->sink;
	StatementProblem problem = {
		.code = code,
		.severity = severity,
		.statement = reader->open ? reader->statement.number : 0,
		.entry = entry,
		.line = line,
		.place = place != NULL ? SpanFromCString(place) : SpanOf(NULL, 0),
		.expected = expected != NULL ? SpanFromCString(expected) : SpanOf(NULL, 0),
	};

	if (reader->status != CLEX_OK)
		return;
	if (found.data != NULL)
		problem.found =
			Utf8Cut(ReaderText(reader, SpanCut(found, 400), reader->request->scratch), 200);
	if (sink->problem != NULL)
		sink->problem(sink->state, &problem);
	if (!reader->request->strict || severity != PROBLEM_ERROR)
		return;
	reader->status = ClexFail(reader->error, CLEX_MALFORMED, "the file deviates from format %s",
							  reader->request->format);
	ClexDetail(reader->error, "%s%s%s%s%.*s%s%s", code, place != NULL ? " at " : "",
			   place != NULL ? place : "", problem.found.length > 0 ? ": " : "",
			   (int) Utf8Cut(problem.found, 100).length, problem.found.data,
			   expected != NULL ? ", expected " : "", expected != NULL ? expected : "");
	reader->error->line = line;
}

void
ReaderProblem(StatementReader *reader, const char *code, ProblemSeverity severity, uint32_t line,
			  const char *place, Span found, const char *expected)
{
	ReaderEntryProblem(reader, 0, code, severity, line, place, found, expected);
}

void
ReaderBegin(StatementReader *reader, uint32_t line)
{
	ArenaReset(&reader->kept);
	reader->seen = NULL;
	reader->seen_slots = reader->seen_count = reader->amounts = 0;
	memset(&reader->statement, 0, sizeof(reader->statement));
	reader->statement.number = ++reader->statements;
	reader->statement.sums_known = true;
	reader->statement.line = line;
	reader->open = true;
}

void
ReaderEnd(StatementReader *reader, bool usable)
{
	const StatementSink *sink = reader->request->sink;

	if (!reader->open)
		return;
	if (reader->status == CLEX_OK && sink->statement != NULL)
		sink->statement(sink->state, &reader->statement);
	if (usable)
		reader->usable++;
	reader->open = false;
}

/* A statement has one currency; what is in another cannot be summed up with it. */
static void
TakeCurrency(StatementReader *reader, const StatementAmount *amount, uint32_t entry, bool summed,
			 uint32_t line)
{
	Statement *statement = &reader->statement;

	if (amount->currency.data == NULL)
		return;
	if (statement->currency.data == NULL)
		statement->currency = ArenaCopy(&reader->kept, amount->currency);
	else if (summed && statement->sums_known && !SpanEqual(statement->currency, amount->currency))
	{
		statement->sums_known = false;
		ReaderEntryProblem(reader, entry, "STATEMENT-CURRENCY", PROBLEM_WARNING, line, NULL,
						   amount->currency, NULL);
	}
}

void
ReaderBalance(StatementReader *reader, const StatementBalance *balance)
{
	Statement *statement = &reader->statement;
	const StatementSink *sink = reader->request->sink;

	statement->balances++;
	reader->amounts += balance->amount.known;
	if (balance->kind == BALANCE_OPENING && !statement->opening.known)
	{
		statement->opening = balance->amount;
		statement->opened = balance->date;
	}
	if (balance->kind == BALANCE_CLOSING && !statement->closing.known)
	{
		statement->closing = balance->amount;
		statement->closed = balance->date;
	}
	TakeCurrency(reader, &balance->amount, 0,
				 balance->kind == BALANCE_OPENING || balance->kind == BALANCE_CLOSING,
				 balance->line);
	if (reader->status == CLEX_OK && sink->balance != NULL)
		sink->balance(sink->state, statement, balance);
}

/* Mixed into the hash of an entry. */
static uint64_t
Mix(uint64_t hash, const void *data, size_t length)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ p[i]) * UINT64_C(1099511628211);
	return hash;
}

/* Double the table of hashes; its old memory stays with the statement. */
static bool
GrowSeen(StatementReader *reader)
{
	uint32_t slots = reader->seen_slots == 0 ? 256 : reader->seen_slots * 2;
	uint64_t *table = ArenaAllocZero(&reader->kept, (size_t) slots * sizeof(uint64_t));

	if (table == NULL)
		return ReaderOutOfMemory(reader);
	for (uint32_t i = 0; i < reader->seen_slots; i++)
		if (reader->seen[i] != 0)
		{
			uint32_t slot = (uint32_t) (reader->seen[i] >> 32) & (slots - 1);

			while (table[slot] != 0)
				slot = (slot + 1) & (slots - 1);
			table[slot] = reader->seen[i];
		}
	reader->seen = table;
	reader->seen_slots = slots;
	return true;
}

/*
 * Two entries of a statement with the same references, day and amount are one entry twice, perhaps.
 * Entries without a reference of the bank or of a party say nothing about that.
 */
static void
CheckDuplicate(StatementReader *reader, const StatementEntry *entry)
{
	Span bank = entry->text[ENTRY_BANK_REFERENCE];
	Span own = entry->text[ENTRY_END_TO_END];
	uint64_t hash = UINT64_C(14695981039346656037);
	uint32_t slot;

	if (!entry->amount.known || (bank.data == NULL && own.data == NULL))
		return;
	hash = Mix(hash, bank.data, bank.length);
	hash = Mix(hash, "|", 1);
	hash = Mix(hash, own.data, own.length);
	hash = Mix(hash, &entry->amount.value.mantissa, sizeof(entry->amount.value.mantissa));
	hash = Mix(hash, &entry->booked.day, sizeof(entry->booked.day));
	hash = Mix(hash, &entry->value.day, sizeof(entry->value.day)) | 1;
	if (reader->seen_count * 2 >= reader->seen_slots && !GrowSeen(reader))
		return;
	slot = (uint32_t) (hash >> 32) & (reader->seen_slots - 1);
	while (reader->seen[slot] != 0 && reader->seen[slot] != hash)
		slot = (slot + 1) & (reader->seen_slots - 1);
	if (reader->seen[slot] == hash)
		ReaderEntryProblem(reader, entry->number, "STATEMENT-DUPLICATE", PROBLEM_WARNING,
						   entry->line, NULL, bank.data != NULL ? bank : own, NULL);
	else
	{
		reader->seen[slot] = hash;
		reader->seen_count++;
	}
}

void
ReaderDetail(StatementReader *reader, const StatementEntry *entry)
{
	const StatementSink *sink = reader->request->sink;

	if (reader->status == CLEX_OK && sink->entry != NULL)
		sink->entry(sink->state, &reader->statement, entry);
}

void
ReaderEntry(StatementReader *reader, StatementEntry *entry)
{
	Statement *statement = &reader->statement;
	Span status = entry->text[ENTRY_STATUS];
	Decimal *sum = DecimalSign(entry->amount.value) < 0 ? &statement->debits : &statement->credits;

	statement->entries++;
	reader->amounts += entry->amount.known;
	TakeCurrency(reader, &entry->amount, entry->number, true, entry->line);
	if (!entry->amount.known)
		statement->sums_known = false;
	else if ((status.data == NULL || SpanEqualCString(status, "BOOK")) &&
			 DecimalAdd(*sum, entry->amount.value, sum) != CLEX_OK)
		statement->sums_known = false;
	CheckDuplicate(reader, entry);
	if (entry->detail == 0)
		ReaderDetail(reader, entry);
	memset(reader->building, 0, sizeof(reader->building));
}

void
ReaderCheckSum(StatementReader *reader, ProblemSeverity severity, uint32_t line, const char *place)
{
	const Statement *statement = &reader->statement;
	char found[DECIMAL_TEXT];
	char expected[DECIMAL_TEXT];
	Decimal sum;

	if (!statement->sums_known || !statement->opening.known || !statement->closing.known)
		return;
	if (DecimalAdd(statement->opening.value, statement->credits, &sum) != CLEX_OK ||
		DecimalAdd(sum, statement->debits, &sum) != CLEX_OK ||
		DecimalCompare(sum, statement->closing.value) == 0)
		return;
	DecimalFormat(sum, expected);
	ReaderProblem(reader, "STATEMENT-SUM", severity, line, place,
				  DecimalFormat(statement->closing.value, found), expected);
}

/* Windows-1252 to UTF-8; control characters and bytes that are not assigned become U+FFFD. */
static Span
Transcode(StatementReader *reader, Span bytes, Arena *arena)
{
	char *text = ArenaAllocArray(arena, bytes.length, 3);
	size_t length = 0;

	if (text == NULL)
	{
		ReaderOutOfMemory(reader);
		return SpanOf(NULL, 0);
	}
	for (size_t i = 0; i < bytes.length; i++)
	{
		uint32_t c = Windows1252Point((unsigned char) bytes.data[i]);

		if (c == 0)
			c = 0xFFFD;
		length += (size_t) Utf8Encode(c, text + length);
	}
	return SpanOf(text, length);
}

Span
ReaderText(StatementReader *reader, Span bytes, Arena *arena)
{
	bytes = SpanTrim(bytes);
	if (bytes.length == 0)
		return SpanOf(NULL, 0);
	if (!Utf8IsValid(bytes))
		return Transcode(reader, bytes, arena);
	return arena == reader->request->scratch ? bytes : ArenaCopy(arena, bytes);
}

/* The byte of a code point in Windows-1252. */
static char
NarrowCharacter(uint32_t c)
{
	if (c < 0x80 || (c >= 0xA0 && c <= 0xFF))
		return (char) c;
	for (int i = 0x80; i < 0xA0; i++)
		if (Windows1252Point((unsigned char) i) == c)
			return (char) i;
	return '?';
}

Span
ReaderNarrow(StatementReader *reader, Span text)
{
	const unsigned char *s = (const unsigned char *) text.data;
	char *narrow;
	size_t length = 0;

	for (size_t i = 0; i < text.length && s[i] < 0x80; i++)
		length = i + 1;
	if (length == text.length || !Utf8IsValid(text))
		return text;
	narrow = ArenaAlloc(reader->request->scratch, text.length);
	length = 0;
	if (narrow == NULL)
	{
		ReaderOutOfMemory(reader);
		return text;
	}
	for (size_t i = 0; i < text.length;)
	{
		size_t bytes = Utf8SequenceLength(s + i, text.length - i);
		uint32_t c = bytes == 1 ? s[i] : s[i] & (0xFFu >> (bytes + 1));

		for (size_t k = 1; k < bytes; k++)
			c = c << 6 | (s[i + k] & 0x3F);
		narrow[length++] = NarrowCharacter(c);
		i += bytes;
	}
	return SpanOf(narrow, length);
}

void
EntryAppend(StatementReader *reader, StatementEntry *entry, EntryText which, Span text,
			const char *separator)
{
	Text *building = &reader->building[which];
	Span before = entry->text[which];

	text = SpanTrim(text);
	if (text.length == 0)
		return;
	if (before.data == NULL)
	{
		entry->text[which] = text;
		return;
	}
	if (before.data != building->data || before.length != building->length)
	{
		TextInit(building, reader->request->scratch);
		TextAppendSpan(building, before);
	}
	TextAppendSpan(building, SpanFromCString(separator));
	TextAppendSpan(building, text);
	if (building->failed)
		ReaderOutOfMemory(reader);
	else
		entry->text[which] = TextSpan(building);
}

bool
NextLine(Span *rest, Span *line)
{
	const char *end;

	if (rest->length == 0)
		return false;
	end = memchr(rest->data, '\n', rest->length);
	*line = SpanOf(rest->data, end != NULL ? (size_t) (end - rest->data) : rest->length);
	*rest = end != NULL ? SpanOf(end + 1, rest->length - line->length - 1)
						: SpanOf(rest->data + rest->length, 0);
	if (line->length > 0 && line->data[line->length - 1] == '\r')
		line->length--;
	return true;
}

int
DigitsValue(const char *digits, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++)
	{
		if (digits[i] < '0' || digits[i] > '9')
			return -1;
		value = value * 10 + (digits[i] - '0');
	}
	return value;
}

bool
ShortDate(int year, int month, int day, int pivot, int32_t *date)
{
	if (year < 0 || month < 0 || day < 0)
		return false;
	year += year >= pivot ? 1900 : 2000;
	if (!DateIsValid(year, month, day))
		return false;
	*date = DateFromCivil(year, month, day);
	return true;
}

bool
StatementFormatIsKnown(Span format)
{
	return SpanEqualCString(format, "mt940") || SpanEqualCString(format, "cfonb120") ||
		   SpanEqualCString(format, "camt.052") || SpanEqualCString(format, "camt.053") ||
		   SpanEqualCString(format, "camt.054");
}

ClexStatus
StatementRead(const StatementRequest *request, ClexError *error)
{
	StatementReader reader = {.request = request, .error = error, .countdown = PROBE_EVERY};

	ArenaInit(&reader.kept, request->arena->env, request->arena->limit);
	if (strncmp(request->format, "camt.", 5) == 0)
		ReadCamt(&reader);
	else if (strcmp(request->format, "mt940") == 0)
		ReadMt940(&reader);
	else if (strcmp(request->format, "cfonb120") == 0)
		ReadCfonb120(&reader);
	else
		reader.status = ClexFail(error, CLEX_UNSUPPORTED, "format \"%s\" is not a bank statement",
								 request->format);
	if (reader.status == CLEX_OK && reader.usable == 0)
		reader.status = ClexFail(error, CLEX_MALFORMED, "there is no bank statement in the %s file",
								 request->format);
	ArenaFree(&reader.kept);
	return reader.status;
}
