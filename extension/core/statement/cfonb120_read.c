/*
 * cfonb120_read.c
 *		CFONB 120: French account statements in records of 120 characters.
 *
 * 01 old balance, 04 operation, 05 more about the operation, 07 new balance.  An amount has 13 digits and a
 * fourteenth that carries the sign; how many of them are decimals stands in the record.
 */
#include "core/statement/facts.h"
#include "core/statement/reader.h"

#include <stdio.h>

#define RECORD 120
#define CENTURY 60 /* years from 60 on are 19yy */

/* Places within a record, from 0. */
#define AT_BANK 2
#define AT_OPERATION 7
#define AT_BRANCH 11
#define AT_CURRENCY 16
#define AT_DECIMALS 19
#define AT_ACCOUNT 21
#define AT_CODE 32
#define AT_DATE 34
#define AT_REASON 40
#define AT_VALUE 42
#define AT_LABEL 48
#define AT_NUMBER 81
#define AT_AMOUNT 90
#define AT_REFERENCE 104
#define AT_QUALIFIER 45
#define AT_TEXT 48

typedef struct Cfonb
{
	StatementReader *reader;
	uint32_t line;
	char record[RECORD]; /* filled up with blanks */
	Span source;		 /* the line as it is */
	bool opened;		 /* a 01 was read for the statement at hand */
	bool pending;
	StatementEntry entry;
	const char *raw_start;
	const char *raw_end;
	char identity[13]; /* bank, branch and currency of the 01 */
} Cfonb;

static void
Problem(Cfonb *c, const char *code, const char *place, Span found, const char *expected)
{
	ReaderEntryProblem(c->reader, c->pending ? c->entry.number : 0, code, PROBLEM_ERROR, c->line,
					   place, found, expected);
}

/* A field without the blanks around it, in memory of its own; NULL data if it is blank. */
static Span
Field(Cfonb *c, int at, int length, Arena *arena)
{
	Span text = ReaderText(c->reader, SpanOf(c->record + at, (size_t) length), arena);

	return text.data == NULL || arena != c->reader->request->scratch ? text
																	 : ArenaCopy(arena, text);
}

static Span
EntryField(Cfonb *c, int at, int length)
{
	return Field(c, at, length, c->reader->request->scratch);
}

/* ddmmyy; blank or a day that no calendar has is a problem. */
static StatementDate
TakeDate(Cfonb *c, int at, const char *place)
{
	const char *p = c->record + at;
	StatementDate date = {0, false};

	date.known = ShortDate(DigitsValue(p + 4, 2), DigitsValue(p + 2, 2), DigitsValue(p, 2), CENTURY,
						   &date.day);
	if (!date.known)
		Problem(c, "STATEMENT-DATE", place, SpanOf(p, 6), "ddmmyy");
	return date;
}

/* The digit and sign of the last place of an amount: { A … I are 0 … 9, } J … R are -0 … -9. */
static int
SignedDigit(char last, bool *negative)
{
	*negative = last == '}' || (last >= 'J' && last <= 'R');
	if (last == '{' || last == '}')
		return 0;
	if (last >= 'A' && last <= 'I')
		return last - 'A' + 1;
	if (last >= 'J' && last <= 'R')
		return last - 'J' + 1;
	return -1;
}

static StatementAmount
TakeAmount(Cfonb *c)
{
	StatementAmount amount = {DECIMAL_ZERO, {NULL, 0}, false};
	const char *p = c->record + AT_AMOUNT;
	char decimals = c->record[AT_DECIMALS];
	bool negative = false;
	int64_t number = 0;
	int last = SignedDigit(p[13], &negative);

	amount.currency = EntryField(c, AT_CURRENCY, 3);
	if (last < 0 && p[13] >= '0' && p[13] <= '9')
	{
		last = p[13] - '0'; /* a sender without the sign */
		Problem(c, "STATEMENT-AMOUNT", "91-104", SpanOf(p, 14), "0000000001234E");
	}
	for (int i = 0; i < 13 && last >= 0; i++)
	{
		if (p[i] < '0' || p[i] > '9')
			last = -1;
		else
			number = number * 10 + (p[i] - '0');
	}
	if (last < 0)
	{
		Problem(c, "STATEMENT-AMOUNT", "91-104", SpanOf(p, 14), "0000000001234E");
		return amount;
	}
	number = number * 10 + last;
	amount.known = true;
	amount.value.mantissa = negative ? -number : number;
	amount.value.scale = decimals >= '0' && decimals <= '9' ? decimals - '0' : 2;
	return amount;
}

/* Bank, branch and account as they stand. */
static Span
AccountText(Cfonb *c)
{
	const char *r = c->record;

	return ReaderText(c->reader,
					  SpanFromCString(ArenaPrintf(c->reader->request->scratch, "%.5s%.5s%.11s",
												  r + AT_BANK, r + AT_BRANCH, r + AT_ACCOUNT)
										  ?: ""),
					  &c->reader->kept);
}

static void
TakeIdentity(Cfonb *c, char identity[13])
{
	memcpy(identity, c->record + AT_BANK, 5);
	memcpy(identity + 5, c->record + AT_BRANCH, 5);
	memcpy(identity + 10, c->record + AT_CURRENCY, 3);
}

static void
FinishEntry(Cfonb *c)
{
	if (!c->pending)
		return;
	c->entry.text[ENTRY_RAW] =
		ReaderText(c->reader, SpanOf(c->raw_start, (size_t) (c->raw_end - c->raw_start)),
				   c->reader->request->scratch);
	ReaderEntry(c->reader, &c->entry);
	c->pending = false;
	ArenaRewind(c->reader->request->scratch);
}

static void
TakeBalance(Cfonb *c, BalanceKind kind)
{
	StatementBalance balance = {.kind = kind, .line = c->line};

	balance.code = SpanOf(c->record, 2);
	balance.date = TakeDate(c, AT_DATE, "35-40");
	balance.amount = TakeAmount(c);
	if (balance.amount.currency.data != NULL)
		balance.amount.currency = ArenaCopy(&c->reader->kept, balance.amount.currency);
	ReaderBalance(c->reader, &balance);
	ArenaRewind(c->reader->request->scratch);
}

static void
Begin(Cfonb *c)
{
	ReaderBegin(c->reader, c->line);
	c->reader->statement.account = AccountText(c);
	c->reader->statement.servicer = Field(c, AT_BANK, 5, &c->reader->kept);
	c->reader->statement.currency = Field(c, AT_CURRENCY, 3, &c->reader->kept);
}

static void
TakeOld(Cfonb *c)
{
	FinishEntry(c);
	if (c->reader->open)
	{
		Problem(c, "STATEMENT-RECORD", "01", SpanOf(NULL, 0), "07");
		ReaderEnd(c->reader, false);
	}
	Begin(c);
	c->opened = true;
	TakeIdentity(c, c->identity);
	TakeBalance(c, BALANCE_OPENING);
}

static void
TakeNew(Cfonb *c)
{
	char identity[13];

	FinishEntry(c);
	if (!c->reader->open)
	{
		Problem(c, "STATEMENT-RECORD", "07", c->source, "01");
		return;
	}
	TakeIdentity(c, identity);
	if (c->opened && memcmp(identity, c->identity, sizeof(identity)) != 0)
		Problem(c, "STATEMENT-ACCOUNT", "07", SpanOf(identity, sizeof(identity)), NULL);
	TakeBalance(c, BALANCE_CLOSING);
	ReaderCheckSum(c->reader, PROBLEM_ERROR, c->line, "07");
	ReaderEnd(c->reader, true);
	c->opened = false;
}

static void
TakeOperation(Cfonb *c)
{
	StatementEntry *entry = &c->entry;

	FinishEntry(c);
	if (!c->reader->open)
	{
		Problem(c, "STATEMENT-RECORD", "04", SpanOf(NULL, 0), "01");
		Begin(c);
	}
	memset(entry, 0, sizeof(*entry));
	entry->number = c->reader->statement.entries + 1;
	entry->line = c->line;
	c->pending = true;
	c->raw_start = c->source.data;
	c->raw_end = c->source.data + c->source.length;
	entry->booked = TakeDate(c, AT_DATE, "35-40");
	entry->value = TakeDate(c, AT_VALUE, "43-48");
	entry->amount = TakeAmount(c);
	entry->text[ENTRY_CODE] = EntryField(c, AT_CODE, 2);
	EntryAppend(c->reader, entry, ENTRY_CODE, EntryField(c, AT_OPERATION, 4), "/");
	entry->text[ENTRY_RETURN_REASON] = EntryField(c, AT_REASON, 2);
	entry->text[ENTRY_DESCRIPTION] = EntryField(c, AT_LABEL, 31);
	entry->text[ENTRY_BANK_REFERENCE] = EntryField(c, AT_NUMBER, 7);
	entry->text[ENTRY_REFERENCE] = EntryField(c, AT_REFERENCE, 16);
	if (SpanEqualCString(entry->text[ENTRY_BANK_REFERENCE], "0000000"))
		entry->text[ENTRY_BANK_REFERENCE] = SpanOf(NULL, 0);
}

/* Three letters say what the seventy characters behind them are. */
static void
TakeMore(Cfonb *c)
{
	Span qualifier = SpanOf(c->record + AT_QUALIFIER, 3);

	if (!c->pending)
	{
		Problem(c, "STATEMENT-RECORD", "05", c->source, "04");
		return;
	}
	c->raw_end = c->source.data + c->source.length;
	for (uint32_t i = 0; i < ClexDetailKeyCount; i++)
	{
		const DetailKey *key = &ClexDetailKeys[i];
		int width = key->width > 0 ? key->width : 70;

		if (key->style != DETAIL_CFONB || !SpanEqual(key->key, qualifier))
			continue;
		if (key->text >= 0)
			EntryAppend(c->reader, &c->entry, (EntryText) key->text, EntryField(c, AT_TEXT, width),
						" ");
		if (key->rest >= 0)
			EntryAppend(c->reader, &c->entry, (EntryText) key->rest,
						EntryField(c, AT_TEXT + width, 70 - width), " ");
		return;
	}
}

static void
TakeRecord(Cfonb *c, Span line)
{
	Span source = line;
	size_t length;

	if (SpanTrim(line).length == 0 || SpanEqualCString(line, "\x1A"))
		return;
	line = ReaderNarrow(c->reader, line);
	length = line.length < RECORD ? line.length : RECORD;
	c->source = source;
	memset(c->record, ' ', RECORD);
	memcpy(c->record, line.data, length);
	if (line.length != RECORD)
	{
		char found[24];

		snprintf(found, sizeof(found), "%zu", line.length);
		Problem(c, "STATEMENT-RECORD-LENGTH", NULL, SpanFromCString(found), "120");
	}
	if (memcmp(c->record, "01", 2) == 0)
		TakeOld(c);
	else if (memcmp(c->record, "04", 2) == 0)
		TakeOperation(c);
	else if (memcmp(c->record, "05", 2) == 0)
		TakeMore(c);
	else if (memcmp(c->record, "07", 2) == 0)
		TakeNew(c);
	else
		Problem(c, "STATEMENT-UNKNOWN", NULL, SpanCut(line, 40), NULL);
	if (!c->pending)
		ArenaRewind(c->reader->request->scratch);
}

void
ReadCfonb120(StatementReader *reader)
{
	Cfonb c = {.reader = reader};
	Span rest = reader->request->content;
	Span line;

	while (ReaderGoesOn(reader) && NextLine(&rest, &line))
	{
		c.line++;
		/* records may stand without line ends between them */
		while (line.length > RECORD && line.length % RECORD == 0 && ReaderGoesOn(reader))
		{
			TakeRecord(&c, SpanOf(line.data, RECORD));
			line = SpanOf(line.data + RECORD, line.length - RECORD);
		}
		TakeRecord(&c, line);
	}
	FinishEntry(&c);
	if (reader->open)
	{
		Problem(&c, "STATEMENT-RECORD", "07", SpanOf(NULL, 0), "07");
		ReaderEnd(reader, c.opened);
	}
}
