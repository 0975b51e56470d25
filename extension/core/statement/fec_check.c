/*
 * fec_check.c
 *		The rules F01 to F19 on files of accounting entries.
 *
 * What needs one line is said at that line; sums of entries, lettering and numbering are said at the end.
 */
#include <stdio.h>

#include "core/model/codes.h"
#include "core/statement/fec.h"
#include "core/statement/reader.h"

#define YEAR 366
#define LONGEST_YEAR 731 /* a financial year may last two years at most */

/* What is summed up under a key: an entry, a lettering code, a sequence of numbers. */
typedef struct Account
{
	Decimal sum;
	Span key;
	Span other; /* F16: the auxiliary account met first */
	Span label; /* what to show of the key */
	int64_t low;
	int64_t high;
	uint32_t hash;
	uint32_t line;
	uint32_t count;
	bool reported;
	bool overflow;
} Account;

typedef struct Accounts
{
	Vector list;
	uint32_t *slots; /* index + 1; open addressing */
	uint32_t slot_count;
} Accounts;

typedef struct FecChecker
{
	FecFile file;
	FecRow row;
	Arena *arena;
	FecSink sink;
	void *state;
	StatementDate closing;
	const CodeListFact *currencies;
	Accounts entries;
	Accounts lettering;
	Accounts lettered;	   /* by code: which auxiliary account */
	Accounts numbers;	   /* numbers that were met */
	Accounts sequences[2]; /* of the file, of each journal */
	bool failed;
} FecChecker;

static void
Report(FecChecker *c, const char *rule, bool fatal, uint32_t line, const char *column, Span found,
	   Span expected)
{
	FecFinding finding = {rule, fatal, line, column, SpanCut(found, 200), expected};

	c->sink(c->state, &finding);
}

/* About a cell of the row at hand. */
static void
ReportCell(FecChecker *c, const char *rule, bool fatal, FecColumn column, const char *expected)
{
	Span found = FecCell(&c->file, &c->row, column);

	Report(c, rule, fatal, c->row.line, FecColumnName(column),
		   found.length > 0 ? found : SpanOf(NULL, 0),
		   expected != NULL ? SpanFromCString(expected) : SpanOf(NULL, 0));
}

static bool
Grow(Accounts *accounts, Arena *arena)
{
	uint32_t count = accounts->slot_count == 0 ? 256 : accounts->slot_count * 2;
	uint32_t *slots = ArenaAllocZero(arena, (size_t) count * sizeof(uint32_t));

	if (slots == NULL)
		return false;
	for (uint32_t i = 0; i < accounts->list.count; i++)
	{
		uint32_t slot = VectorAt(&accounts->list, Account, i).hash & (count - 1);

		while (slots[slot] != 0)
			slot = (slot + 1) & (count - 1);
		slots[slot] = i + 1;
	}
	accounts->slots = slots;
	accounts->slot_count = count;
	return true;
}

/* The account of a key, made if there is none; NULL when out of memory or, if not asked to make it, absent. */
static Account *
Find(FecChecker *c, Accounts *accounts, Span key, bool make)
{
	uint32_t hash = SpanHash(key);
	uint32_t slot;
	Account *account;

	if (accounts->list.count * 2 >= accounts->slot_count && !Grow(accounts, c->arena))
	{
		c->failed = true;
		return NULL;
	}
	for (slot = hash & (accounts->slot_count - 1); accounts->slots[slot] != 0;
		 slot = (slot + 1) & (accounts->slot_count - 1))
	{
		account = &VectorAt(&accounts->list, Account, accounts->slots[slot] - 1);
		if (account->hash == hash && SpanEqual(account->key, key))
			return account;
	}
	if (!make)
		return NULL;
	account = VectorPush(&accounts->list);
	if (account != NULL)
	{
		memset(account, 0, sizeof(*account));
		account->key = ArenaCopy(c->arena, key);
	}
	if (account == NULL || account->key.data == NULL)
	{
		c->failed = true;
		return NULL;
	}
	account->hash = hash;
	account->line = c->row.line;
	accounts->slots[slot] = accounts->list.count;
	return account;
}

/* Texts with a separator that no text of a file holds, in the memory of the row. */
static Span
Key(FecChecker *c, Span a, Span b, Span d)
{
	Text text;

	TextInit(&text, c->file.scratch);
	TextReserve(&text, a.length + b.length + d.length + 2);
	TextAppendSpan(&text, a);
	TextAppendChar(&text, '\n');
	TextAppendSpan(&text, b);
	TextAppendChar(&text, '\n');
	TextAppendSpan(&text, d);
	if (text.failed)
		c->failed = true;
	return text.failed ? SpanOf("", 0) : TextSpan(&text);
}

static void
CheckHeader(FecChecker *c)
{
	const FecFile *file = &c->file;
	bool amounts = file->cell[FEC_AMOUNT] >= 0 && file->cell[FEC_SIDE] >= 0;
	int16_t before = -1;

	for (int i = 0; i < FEC_COLUMNS; i++)
	{
		FecColumn column = (FecColumn) i;
		int16_t cell;

		if (amounts && (i == FEC_DEBIT || i == FEC_CREDIT))
			column = i == FEC_DEBIT ? FEC_AMOUNT : FEC_SIDE;
		cell = file->cell[column];
		if (cell < 0)
		{
			Report(c, "FEC-F01", true, 1, FecColumnName(column), SpanOf(NULL, 0),
				   SpanFromCString(FecColumnName(column)));
			continue;
		}
		if (cell != before + 1)
			Report(c, "FEC-F02", true, 1, FecColumnName(column),
				   SpanFromCString(FecColumnName(column)), SpanOf(NULL, 0));
		if (cell != before + 1)
			return;
		before = cell;
	}
}

static void
CheckFile(FecChecker *c, Span file_name)
{
	FecName name = FecNameOf(file_name);

	if (file_name.data != NULL && !name.good)
		Report(c, "FEC-F12", true, 0, NULL, file_name, SpanOf(NULL, 0));
	c->closing = name.closing;
	if (c->file.charset == FEC_UTF16 || c->file.charset == FEC_OTHER)
		Report(c, "FEC-F13", true, 0, NULL,
			   c->file.charset == FEC_UTF16 ? SPAN_LITERAL("UTF-16") : SpanOf(NULL, 0),
			   SpanOf(NULL, 0));
}

static void
CheckFilled(FecChecker *c)
{
	static const FecColumn filled[] = {FEC_JOURNAL_CODE,   FEC_JOURNAL_LABEL, FEC_ENTRY_NUMBER,
									   FEC_ENTRY_DATE,	   FEC_ACCOUNT,		  FEC_ACCOUNT_LABEL,
									   FEC_DOCUMENT,	   FEC_DOCUMENT_DATE, FEC_LABEL,
									   FEC_VALIDATION_DATE};

	for (size_t i = 0; i < sizeof(filled) / sizeof(filled[0]); i++)
		if (c->file.cell[filled[i]] >= 0 && FecCell(&c->file, &c->row, filled[i]).length == 0)
			ReportCell(c, "FEC-F07", true, filled[i], NULL);
}

static void
CheckDates(FecChecker *c)
{
	static const FecColumn dates[] = {FEC_ENTRY_DATE, FEC_DOCUMENT_DATE, FEC_LETTERING_DATE,
									  FEC_VALIDATION_DATE};
	StatementDate day = FecDate(FecCell(&c->file, &c->row, FEC_ENTRY_DATE));

	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
	{
		Span text = FecCell(&c->file, &c->row, dates[i]);

		if (text.length > 0 && !FecDate(text).known)
			ReportCell(c, "FEC-F04", true, dates[i], NULL);
	}
	if (day.known && c->closing.known &&
		(day.day > c->closing.day || day.day <= c->closing.day - YEAR))
		ReportCell(c, "FEC-F05",
				   day.day > c->closing.day || day.day <= c->closing.day - LONGEST_YEAR,
				   FEC_ENTRY_DATE, NULL);
}

static void
CheckAccount(FecChecker *c)
{
	Span account = FecCell(&c->file, &c->row, FEC_ACCOUNT);

	if (account.length > 0 && (account.length < 3 || DigitsValue(account.data, 3) < 0))
		ReportCell(c, "FEC-F06", true, FEC_ACCOUNT, NULL);
}

/* One cell with an amount; a decimal point is forgiven. */
static void
CheckAmount(FecChecker *c, FecColumn column)
{
	Decimal unused;
	FecNumber number = FecAmount(FecCell(&c->file, &c->row, column), &unused);

	if (number == FEC_NUMBER_WITH_POINT || number == FEC_BAD_NUMBER)
		ReportCell(c, "FEC-F08", number == FEC_BAD_NUMBER, column, NULL);
}

static void
CheckAmounts(FecChecker *c, Decimal *balance, bool *known)
{
	static const FecColumn amounts[] = {FEC_DEBIT, FEC_CREDIT, FEC_AMOUNT, FEC_FOREIGN_AMOUNT};
	Decimal debit = DECIMAL_ZERO;
	Decimal credit = DECIMAL_ZERO;
	FecNumber number = FecSides(&c->file, &c->row, &debit, &credit);

	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++)
		CheckAmount(c, amounts[i]);
	if (number == FEC_NO_NUMBER)
		ReportCell(c, "FEC-F07", true, FEC_DEBIT, NULL);
	if (number == FEC_BAD_NUMBER && c->file.cell[FEC_AMOUNT] >= 0 &&
		FecAmount(FecCell(&c->file, &c->row, FEC_AMOUNT), &debit) != FEC_BAD_NUMBER)
		ReportCell(c, "FEC-F08", true, FEC_SIDE, NULL);
	if (DecimalSign(debit) != 0 && DecimalSign(credit) != 0 && number != FEC_BAD_NUMBER)
		ReportCell(c, "FEC-F09", true, FEC_DEBIT, NULL);
	*known = number != FEC_BAD_NUMBER && DecimalSubtract(debit, credit, balance) == CLEX_OK;
}

/* Of two cells either both are filled or none. */
static void
CheckPair(FecChecker *c, const char *rule, FecColumn one, FecColumn other)
{
	bool has_one = FecCell(&c->file, &c->row, one).length > 0;
	bool has_other = FecCell(&c->file, &c->row, other).length > 0;

	if (has_one != has_other)
		ReportCell(c, rule, false, has_one ? other : one, NULL);
}

static void
CheckPairs(FecChecker *c)
{
	Span currency = FecCell(&c->file, &c->row, FEC_FOREIGN_CURRENCY);

	CheckPair(c, "FEC-F14", FEC_LETTERING, FEC_LETTERING_DATE);
	CheckPair(c, "FEC-F17", FEC_FOREIGN_AMOUNT, FEC_FOREIGN_CURRENCY);
	CheckPair(c, "FEC-F18", FEC_AUXILIARY, FEC_AUXILIARY_LABEL);
	if (currency.length > 0 && !CodeListContains(c->currencies, currency))
		ReportCell(c, "FEC-F17", false, FEC_FOREIGN_CURRENCY, "ISO 4217");
}

static void
AddTo(Account *account, Decimal balance, bool known)
{
	account->count++;
	if (!known || DecimalAdd(account->sum, balance, &account->sum) != CLEX_OK)
		account->overflow = true;
}

/* A number that was not met before takes part in its sequence; its prefix stays the same. */
static void
TakeNumber(FecChecker *c, Accounts *sequences, Span journal, Span text)
{
	size_t digits = 0;
	int64_t number = 0;
	Account *account;
	Span key;

	while (digits < text.length && text.data[text.length - digits - 1] >= '0' &&
		   text.data[text.length - digits - 1] <= '9')
		digits++;
	if (digits == 0 || digits > 17)
		return;
	for (size_t i = text.length - digits; i < text.length; i++)
		number = number * 10 + (text.data[i] - '0');
	key = Key(c, journal, SpanOf(text.data, text.length - digits),
			  SpanFromCString(ArenaPrintf(c->file.scratch, "%lld", (long long) number) ?: ""));
	if (c->failed)
		return;
	account = Find(c, &c->numbers, key, true);
	if (account == NULL || account->count++ > 0)
		return;
	/* its sequence is what stands before it */
	key.length = (size_t) ((const char *) memrchr(key.data, '\n', key.length) - key.data);
	account = Find(c, sequences, key, true);
	if (account == NULL)
		return;
	if (account->count == 0 || number < account->low)
		account->low = number;
	if (account->count == 0 || number > account->high)
		account->high = number;
	account->count++;
}

static void
TakeEntry(FecChecker *c, Decimal balance, bool known)
{
	Span journal = FecCell(&c->file, &c->row, FEC_JOURNAL_CODE);
	Span number = FecCell(&c->file, &c->row, FEC_ENTRY_NUMBER);
	Account *entry =
		Find(c, &c->entries, Key(c, journal, number, FecCell(&c->file, &c->row, FEC_ENTRY_DATE)),
			 true);

	if (entry == NULL)
		return;
	if (entry->count == 0)
	{
		entry->label = ArenaCopy(c->arena, number);
		TakeNumber(c, &c->sequences[0], SpanOf("", 0), number);
		TakeNumber(c, &c->sequences[1], journal.length > 0 ? journal : SPAN_LITERAL(" "), number);
	}
	AddTo(entry, balance, known);
}

static void
TakeLettering(FecChecker *c, Decimal balance, bool known)
{
	Span code = FecCell(&c->file, &c->row, FEC_LETTERING);
	Span account = FecCell(&c->file, &c->row, FEC_ACCOUNT);
	Span auxiliary = FecCell(&c->file, &c->row, FEC_AUXILIARY);
	Account *lettering;
	Account *lettered;

	if (code.length == 0)
		return;
	lettering = Find(c, &c->lettering, Key(c, account, auxiliary, code), true);
	lettered = Find(c, &c->lettered, Key(c, account, SpanOf("", 0), code), true);
	if (lettering == NULL || lettered == NULL)
		return;
	if (lettering->count == 0)
		lettering->label = ArenaCopy(c->arena, code);
	AddTo(lettering, balance, known);
	if (lettered->count++ == 0)
		lettered->other = ArenaCopy(c->arena, auxiliary);
	else if (!lettered->reported && !SpanEqual(lettered->other, auxiliary))
	{
		lettered->reported = true;
		Report(c, "FEC-F16", false, c->row.line, FecColumnName(FEC_LETTERING), code,
			   lettered->other);
	}
}

static void
CheckRow(FecChecker *c)
{
	Decimal balance = DECIMAL_ZERO;
	bool known;

	if (c->row.cells != c->file.cells)
	{
		Report(c, "FEC-F11", true, c->row.line, NULL,
			   SpanFromCString(ArenaPrintf(c->file.scratch, "%u", c->row.cells) ?: ""),
			   SpanFromCString(ArenaPrintf(c->file.scratch, "%u", c->file.cells) ?: ""));
		return;
	}
	CheckFilled(c);
	CheckDates(c);
	CheckAccount(c);
	CheckAmounts(c, &balance, &known);
	CheckPairs(c);
	TakeEntry(c, balance, known);
	TakeLettering(c, balance, known);
}

/* Sums that are not zero. */
static void
CheckSums(FecChecker *c, const char *rule, bool fatal, const Accounts *accounts, FecColumn column)
{
	char text[DECIMAL_TEXT];

	for (uint32_t i = 0; i < accounts->list.count; i++)
	{
		const Account *account = &VectorAt(&accounts->list, Account, i);

		if (!account->overflow && DecimalSign(account->sum) != 0)
			Report(c, rule, fatal, account->line, FecColumnName(column), account->label,
				   DecimalFormat(account->sum, text));
	}
}

static int64_t
Missing(const Accounts *sequences)
{
	int64_t missing = 0;

	for (uint32_t i = 0; i < sequences->list.count; i++)
	{
		const Account *s = &VectorAt(&sequences->list, Account, i);

		if (__builtin_add_overflow(missing, s->high - s->low + 1 - s->count, &missing))
			return INT64_MAX;
	}
	return missing;
}

/* Numbers run through the file or through each journal; the reading with fewer gaps is meant. */
static void
CheckNumbering(FecChecker *c)
{
	const Accounts *meant = Missing(&c->sequences[0]) <= Missing(&c->sequences[1])
								? &c->sequences[0]
								: &c->sequences[1];

	for (uint32_t i = 0; i < meant->list.count && !c->failed; i++)
	{
		const Account *s = &VectorAt(&meant->list, Account, i);
		int64_t number = s->low;

		if (s->high - s->low + 1 == s->count)
			continue;
		for (;; number++)
		{
			const char *text;

			ArenaRewind(c->file.scratch);
			text = ArenaPrintf(c->file.scratch, "%.*s\n%lld", (int) s->key.length, s->key.data,
							   (long long) number);
			if (text == NULL || Find(c, &c->numbers, SpanFromCString(text), false) == NULL)
				break;
		}
		Report(c, "FEC-F10", false, s->line, FecColumnName(FEC_ENTRY_NUMBER), SpanOf(NULL, 0),
			   SpanFromCString(ArenaPrintf(c->file.scratch, "%lld", (long long) number) ?: ""));
	}
}

ClexStatus
FecCheck(Span content, Span file_name, Arena *arena, Arena *scratch, FecSink sink, void *state,
		 ClexError *error)
{
	FecChecker *c = ArenaAllocZero(arena, sizeof(FecChecker));
	Accounts *all[] = {&c->entries, &c->lettering,	  &c->lettered,
					   &c->numbers, &c->sequences[0], &c->sequences[1]};
	uint32_t rows = 0;
	ClexStatus status;

	if (c == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	c->arena = arena;
	c->sink = sink;
	c->state = state;
	c->currencies = CodeListFind(SPAN_LITERAL("ISO_4217"));
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		VectorInit(&all[i]->list, arena, sizeof(Account));
	status = FecOpen(&c->file, content, arena, scratch, error);
	if (status != CLEX_OK)
		return status;
	CheckFile(c, file_name);
	CheckHeader(c);
	while (!c->failed && FecNext(&c->file, &c->row))
	{
		if (rows++ % 1024 == 0 && ClexInterrupted(arena->env))
			return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
		CheckRow(c);
	}
	if (rows == 0)
		Report(c, "FEC-F19", true, 0, NULL, SpanOf(NULL, 0), SpanOf(NULL, 0));
	CheckSums(c, "FEC-F03", true, &c->entries, FEC_ENTRY_NUMBER);
	CheckSums(c, "FEC-F15", false, &c->lettering, FEC_LETTERING);
	CheckNumbering(c);
	if (c->failed || scratch->exhausted)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	return CLEX_OK;
}
