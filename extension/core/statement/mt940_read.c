/*
 * mt940_read.c
 *		MT940 customer statements.
 *
 * A field begins at a line with a tag this format has; other lines, also those that look like tags (a time
 * of day that was wrapped), go on with the field before.  Blocks 1 to 5 of a SWIFT message around the text
 * may be there or not.  A field is one slice of the content: nothing is copied.
 */
#include "core/statement/mt940.h"

#define CENTURY 80 /* years from 80 on are 19yy */
#define LONGEST_LINE 65
#define MOST_LINES 6
#define AMOUNT_LENGTH 15
#define REFERENCE_LENGTH 16
#define SUPPLEMENT_LENGTH 34

typedef enum Mt940Field
{
	FIELD_NONE,
	FIELD_REFERENCE,
	FIELD_RELATED,
	FIELD_ACCOUNT,
	FIELD_NUMBER,
	FIELD_OPENING,
	FIELD_ENTRY,
	FIELD_DETAILS,
	FIELD_CLOSING,
	FIELD_AVAILABLE,
	FIELD_FORWARD,
	FIELD_FOREIGN, /* not of this format, but sent within it */
} Mt940Field;

/* A tag, its place in the order of a message and the length of its text. */
typedef struct Mt940Tag
{
	const char *tag; /* with colons */
	uint8_t field;
	uint8_t rank; /* 0: anywhere */
	uint8_t length;
	const char *proper; /* the tag that should stand there; NULL: this one */
} Mt940Tag;

static const Mt940Tag tags[] = {
	{":20:", FIELD_REFERENCE, 1, 16, NULL},	   {":21:", FIELD_RELATED, 2, 16, NULL},
	{":25:", FIELD_ACCOUNT, 3, 35, NULL},	   {":25P:", FIELD_ACCOUNT, 3, 48, NULL},
	{":28C:", FIELD_NUMBER, 4, 11, NULL},	   {":28:", FIELD_NUMBER, 4, 11, ":28C:"},
	{":60F:", FIELD_OPENING, 5, 0, NULL},	   {":60M:", FIELD_OPENING, 5, 0, NULL},
	{":61:", FIELD_ENTRY, 6, 0, NULL},		   {":86:", FIELD_DETAILS, 0, 0, NULL},
	{":62F:", FIELD_CLOSING, 7, 0, NULL},	   {":62M:", FIELD_CLOSING, 7, 0, NULL},
	{":64:", FIELD_AVAILABLE, 8, 0, NULL},	   {":65:", FIELD_FORWARD, 9, 0, NULL},
	{":NS:", FIELD_FOREIGN, 0, 0, "no field"},
};

#define HAS_REFERENCE 0x01
#define HAS_ACCOUNT 0x02
#define HAS_NUMBER 0x04
#define HAS_OPENING 0x08
#define HAS_CLOSING 0x10

typedef struct Mt940
{
	StatementReader *reader;
	uint32_t line;		 /* of the line read last */
	const Mt940Tag *tag; /* of the field being read, NULL: none */
	Span value;			 /* so far */
	uint32_t field_line; /* where it began */
	uint8_t has;		 /* HAS_... of the statement being read */
	uint8_t rank;		 /* of the field before */
	bool pending;		 /* an entry waits for its details */
	bool described;		 /* it has some already */
	bool ascii;			 /* the content holds nothing else */
	StatementEntry entry;
	const char *entry_start; /* of its raw text */
	const char *entry_end;
} Mt940;

static const Mt940Tag *
FindTag(Span line)
{
	if (line.length < 4 || line.data[0] != ':')
		return NULL;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
	{
		size_t length = strlen(tags[i].tag);

		if (line.length >= length && memcmp(line.data, tags[i].tag, length) == 0)
			return &tags[i];
	}
	return NULL;
}

static void
Problem(Mt940 *m, const char *code, ProblemSeverity severity, Span found, const char *expected)
{
	ReaderEntryProblem(m->reader, m->pending ? m->entry.number : 0, code, severity, m->field_line,
					   m->tag != NULL ? m->tag->tag : NULL, found, expected);
}

/* "1234,56" at the beginning of a text; returns its length, 0 if there is no amount. */
static size_t
ScanAmount(Mt940 *m, Span text, Decimal *amount)
{
	size_t length = 0;
	bool comma = false;
	char plain[AMOUNT_LENGTH + 24];

	while (length < text.length && length < sizeof(plain) &&
		   ((text.data[length] >= '0' && text.data[length] <= '9') ||
			(!comma && (text.data[length] == ',' || text.data[length] == '.'))))
	{
		plain[length] = text.data[length];
		if (plain[length] == ',' || plain[length] == '.')
		{
			comma = true;
			plain[length] = '.';
		}
		length++;
	}
	if (DecimalParse(SpanOf(plain, length), amount) != CLEX_OK)
		return 0;
	if (!comma || memchr(text.data, ',', length) == NULL)
		Problem(m, "STATEMENT-AMOUNT", PROBLEM_ERROR, SpanOf(text.data, length), "1234,56");
	if (length > AMOUNT_LENGTH)
		Problem(m, "STATEMENT-LONG", PROBLEM_ERROR, SpanOf(text.data, length), "15");
	return length;
}

/* yymmdd; a day that no calendar has is a problem. */
static StatementDate
ScanDate(Mt940 *m, Span text)
{
	StatementDate date = {0, false};

	if (text.length >= 6)
		date.known = ShortDate(DigitsValue(text.data, 2), DigitsValue(text.data + 2, 2),
							   DigitsValue(text.data + 4, 2), CENTURY, &date.day);
	if (!date.known)
		Problem(m, "STATEMENT-DATE", PROBLEM_ERROR, SpanCut(text, 6), "yymmdd");
	return date;
}

/* mmdd, of the year that brings it nearest to another date. */
static StatementDate
ScanEntryDate(Mt940 *m, Span text, StatementDate near)
{
	StatementDate date = {0, false};
	int month = DigitsValue(text.data, 2);
	int day = DigitsValue(text.data + 2, 2);
	int year, unused;

	if (!near.known)
		near = m->reader->statement.opened;
	if (near.known)
	{
		DateToCivil(near.day, &year, &unused, &unused);
		for (int y = year - 1; y <= year + 1; y++)
			if (DateIsValid(y, month, day))
			{
				int32_t candidate = DateFromCivil(y, month, day);
				int32_t distance =
					candidate > near.day ? candidate - near.day : near.day - candidate;

				if (!date.known ||
					distance < (date.day > near.day ? date.day - near.day : near.day - date.day))
					date = (StatementDate){candidate, true};
			}
	}
	if (!date.known)
		Problem(m, "STATEMENT-DATE", PROBLEM_ERROR, SpanOf(text.data, 4), "mmdd");
	return date;
}

static bool
IsUpper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* C or D, date, currency, amount: a balance. */
static void
TakeBalance(Mt940 *m, BalanceKind kind)
{
	Span text = SpanTrim(m->value);
	StatementBalance balance = {.kind = kind, .line = m->field_line};
	size_t length;
	size_t at = 7;

	balance.code = SpanOf(m->tag->tag + 1, strlen(m->tag->tag) - 2);
	if (text.length < 8 || (text.data[0] != 'C' && text.data[0] != 'D'))
	{
		Problem(m, "STATEMENT-FIELD", PROBLEM_ERROR, text, "C261231EUR1234,56");
		return;
	}
	balance.date = ScanDate(m, SpanOf(text.data + 1, 6));
	if (text.length >= 10 && IsUpper(text.data[7]) && IsUpper(text.data[8]) &&
		IsUpper(text.data[9]))
	{
		balance.amount.currency = SpanOf(text.data + 7, 3);
		at = 10;
	}
	else
		Problem(m, "STATEMENT-FIELD", PROBLEM_ERROR, text, "C261231EUR1234,56");
	length = ScanAmount(m, SpanOf(text.data + at, text.length - at), &balance.amount.value);
	balance.amount.known = length > 0;
	if (length == 0 || at + length != text.length)
		Problem(m, "STATEMENT-FIELD", PROBLEM_ERROR, text, "C261231EUR1234,56");
	if (text.data[0] == 'D')
		balance.amount.value = DecimalNegate(balance.amount.value);
	ReaderBalance(m->reader, &balance);
}

/* In place of a reference: there is none, or it stands in :86:. */
static bool
IsCodeWord(Span reference)
{
	static const char *const words[] = {"NONREF", "EREF", "KREF", "KREF+", "MARF", "PREF"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (SpanEqualCString(reference, words[i]))
			return true;
	return false;
}

/* What follows the amount of :61:: type of transaction, reference, reference of the bank. */
static void
TakeReferences(Mt940 *m, Span text)
{
	StatementEntry *entry = &m->entry;
	Arena *scratch = m->reader->request->scratch;
	const char *bank;
	Span type;
	Span own;

	if (text.length > 0 && text.data[0] == ' ')
	{
		Problem(m, "STATEMENT-TYPE", PROBLEM_ERROR, SpanCut(text, 8), "NTRF");
		text = SpanTrim(text);
	}
	type = SpanCut(text, 4);
	for (size_t i = 0; i < type.length; i++)
		if (!IsUpper(type.data[i]) && (i == 0 || type.data[i] < '0' || type.data[i] > '9'))
		{
			Problem(m, "STATEMENT-TYPE", PROBLEM_ERROR, type, "NTRF");
			break;
		}
	if (type.length < 4)
		Problem(m, "STATEMENT-TYPE", PROBLEM_ERROR, type, "NTRF");
	entry->text[ENTRY_CODE] = ReaderText(m->reader, type, scratch);
	own = SpanOf(text.data + type.length, text.length - type.length);
	bank = own.length > 1 ? memmem(own.data, own.length, "//", 2) : NULL;
	if (bank != NULL)
	{
		Span reference = SpanOf(bank + 2, own.length - (size_t) (bank - own.data) - 2);

		own.length = (size_t) (bank - own.data);
		reference = SpanTrim(reference);
		if (reference.length > REFERENCE_LENGTH)
			Problem(m, "STATEMENT-LONG", PROBLEM_ERROR, reference, "16");
		if (!IsCodeWord(reference))
			entry->text[ENTRY_BANK_REFERENCE] = ReaderText(m->reader, reference, scratch);
	}
	own = SpanTrim(own);
	if (own.length > REFERENCE_LENGTH)
		Problem(m, "STATEMENT-LONG", PROBLEM_ERROR, own, "16");
	if (!IsCodeWord(own))
		entry->text[ENTRY_REFERENCE] = ReaderText(m->reader, own, scratch);
}

/* C, D, RC or RD; returns the length, 0 if none of them.  A reversal turns the sign. */
static size_t
ScanMark(Span text, bool *debit, bool *reversal)
{
	size_t length = 0;

	*reversal = text.length > 1 && text.data[0] == 'R';
	if (*reversal)
		length++;
	if (length >= text.length || (text.data[length] != 'C' && text.data[length] != 'D'))
		return 0;
	*debit = (text.data[length] == 'D') != *reversal;
	return length + 1;
}

/* The first line of :61:. */
static void
TakeEntryLine(Mt940 *m, Span line)
{
	StatementEntry *entry = &m->entry;
	bool debit = false;
	size_t length;

	entry->value = ScanDate(m, line);
	line = line.length > 6 ? SpanOf(line.data + 6, line.length - 6) : SpanOf(line.data, 0);
	if (line.length >= 4 && DigitsValue(line.data, 4) >= 0)
	{
		entry->booked = ScanEntryDate(m, line, entry->value);
		line = SpanOf(line.data + 4, line.length - 4);
	}
	else
		entry->booked = entry->value;
	length = ScanMark(line, &debit, &entry->reversal);
	line = SpanOf(line.data + length, line.length - length);
	if (line.length > 0 && IsUpper(line.data[0])) /* third character of the currency */
		line = SpanOf(line.data + 1, line.length - 1);
	if (length > 0)
		length = ScanAmount(m, line, &entry->amount.value);
	entry->amount.known = length > 0;
	entry->amount.currency = m->reader->statement.currency;
	if (length == 0)
	{
		Problem(m, "STATEMENT-FIELD", PROBLEM_ERROR, m->value, "2612311231C1234,56NTRFNONREF");
		return;
	}
	if (debit)
		entry->amount.value = DecimalNegate(entry->amount.value);
	TakeReferences(m, SpanOf(line.data + length, line.length - length));
}

static void
TakeEntry(Mt940 *m)
{
	Span rest = m->value;
	Span line = {rest.data, 0};

	memset(&m->entry, 0, sizeof(m->entry));
	m->entry.number = m->reader->statement.entries + 1;
	m->entry.line = m->field_line;
	m->entry_start = m->value.data - strlen(m->tag->tag);
	m->entry_end = m->value.data + m->value.length;
	m->pending = true;
	m->described = false;
	NextLine(&rest, &line);
	TakeEntryLine(m, line);
	while (NextLine(&rest, &line))
	{
		if (SpanTrim(line).length > SUPPLEMENT_LENGTH)
			Problem(m, "STATEMENT-LONG", PROBLEM_ERROR, line, "34");
		EntryAppend(m->reader, &m->entry, ENTRY_DESCRIPTION,
					ReaderText(m->reader, line, m->reader->request->scratch), " ");
	}
}

/* Hand over the entry that waited for details. */
static void
FinishEntry(Mt940 *m)
{
	if (!m->pending)
		return;
	m->entry.text[ENTRY_RAW] =
		ReaderText(m->reader, SpanOf(m->entry_start, (size_t) (m->entry_end - m->entry_start)),
				   m->reader->request->scratch);
	ReaderEntry(m->reader, &m->entry);
	m->pending = false;
	ArenaReset(m->reader->request->scratch);
}

static void
TakeDetails(Mt940 *m)
{
	Span rest = m->value;
	Span line;
	int lines = 0;

	while (NextLine(&rest, &line))
	{
		if (line.length > LONGEST_LINE)
			Problem(m, "STATEMENT-LONG", PROBLEM_ERROR, line, "65");
		if (line.length > 0)
			lines++;
	}
	if (lines > MOST_LINES)
		Problem(m, "STATEMENT-LINES", PROBLEM_ERROR, m->value, "6");
	if (!m->pending)
		return; /* about the statement as a whole */
	if (m->described)
		Problem(m, "STATEMENT-REPEATED", PROBLEM_ERROR, m->value, NULL);
	m->described = true;
	m->entry_end = m->value.data + m->value.length;
	Mt940Details(m->reader, &m->entry, m->value);
}

/* German banks add fields of their own: two digits and a text in each line. */
static void
TakeForeign(Mt940 *m)
{
	Span rest = m->value;
	Span line;

	Problem(m, "STATEMENT-UNKNOWN", PROBLEM_ERROR, m->value, NULL);
	if (!m->pending)
		return;
	m->entry_end = m->value.data + m->value.length;
	while (NextLine(&rest, &line))
	{
		int code = line.length > 2 ? DigitsValue(line.data, 2) : -1;
		Span text;

		if (code < 0)
			continue;
		text = ReaderText(m->reader, SpanOf(line.data + 2, line.length - 2),
						  m->reader->request->scratch);
		if (code >= 1 && code <= 14)
			EntryAppend(m->reader, &m->entry, ENTRY_REMITTANCE, text, " ");
		else if (code == 15 || code == 16)
			EntryAppend(m->reader, &m->entry, ENTRY_COUNTERPARTY, text, " ");
		else if (code == 17)
			EntryAppend(m->reader, &m->entry, ENTRY_DESCRIPTION, text, " ");
	}
}

static void
EndStatement(Mt940 *m)
{
	static const struct
	{
		uint8_t bit;
		const char *tag;
	} wanted[] = {{HAS_REFERENCE, ":20:"},
				  {HAS_ACCOUNT, ":25:"},
				  {HAS_NUMBER, ":28C:"},
				  {HAS_OPENING, ":60F:"},
				  {HAS_CLOSING, ":62F:"}};
	uint8_t has = m->has;

	FinishEntry(m);
	if (!m->reader->open)
		return;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!(has & wanted[i].bit))
			ReaderProblem(m->reader, "STATEMENT-MISSING", PROBLEM_ERROR, m->line, wanted[i].tag,
						  SpanOf(NULL, 0), wanted[i].tag);
	ReaderCheckSum(m->reader, PROBLEM_ERROR, m->line, ":62F:");
	ReaderEnd(m->reader, (has & HAS_ACCOUNT) && (has & (HAS_OPENING | HAS_CLOSING)));
	m->has = m->rank = 0;
}

/* :28C: is one to five digits, perhaps a slash and up to five more. */
static bool
IsNumberAndPage(Span text)
{
	size_t digits = 0;
	bool slash = false;

	for (size_t i = 0; i < text.length; i++)
	{
		if (text.data[i] == '/' && digits > 0 && !slash)
		{
			slash = true;
			digits = 0;
		}
		else if (text.data[i] < '0' || text.data[i] > '9' || ++digits > 5)
			return false;
	}
	return digits > 0;
}

static void
TakeAccount(Mt940 *m, Span text)
{
	Statement *statement = &m->reader->statement;
	Span line = text;

	NextLine(&text, &line);
	statement->account = ReaderText(m->reader, line, &m->reader->kept);
	if (NextLine(&text, &line)) /* :25P: has the BIC of the bank in a second line */
		statement->servicer = ReaderText(m->reader, line, &m->reader->kept);
	if (statement->account.data == NULL)
		Problem(m, "STATEMENT-FIELD", PROBLEM_ERROR, m->value, NULL);
	else
		m->has |= HAS_ACCOUNT;
}

/* The field is complete: take what it says. */
static void
TakeField(Mt940 *m)
{
	Statement *statement = &m->reader->statement;

	switch ((Mt940Field) m->tag->field)
	{
		case FIELD_REFERENCE:
			statement->reference = ReaderText(m->reader, m->value, &m->reader->kept);
			m->has |= HAS_REFERENCE;
			break;
		case FIELD_ACCOUNT:
			TakeAccount(m, m->value);
			break;
		case FIELD_NUMBER:
			statement->sequence = ReaderText(m->reader, m->value, &m->reader->kept);
			m->has |= HAS_NUMBER;
			if (!IsNumberAndPage(SpanTrim(m->value)))
				Problem(m, "STATEMENT-FIELD", PROBLEM_ERROR, m->value, "12345/12345");
			break;
		case FIELD_OPENING:
			TakeBalance(m, BALANCE_OPENING);
			m->has |= HAS_OPENING;
			break;
		case FIELD_ENTRY:
			TakeEntry(m);
			break;
		case FIELD_DETAILS:
			TakeDetails(m);
			break;
		case FIELD_CLOSING:
			TakeBalance(m, BALANCE_CLOSING);
			m->has |= HAS_CLOSING;
			break;
		case FIELD_AVAILABLE:
			TakeBalance(m, BALANCE_CLOSING_AVAILABLE);
			break;
		case FIELD_FORWARD:
			TakeBalance(m, BALANCE_FORWARD_AVAILABLE);
			break;
		case FIELD_FOREIGN:
			TakeForeign(m);
			break;
		case FIELD_RELATED:
		case FIELD_NONE:
			break;
	}
}

/* SWIFT text is ASCII without control characters. */
static void
CheckCharacters(Mt940 *m)
{
	for (size_t i = 0; !m->ascii && i < m->value.length; i++)
	{
		unsigned char c = (unsigned char) m->value.data[i];

		if (c >= 0x7F || (c < ' ' && c != '\r' && c != '\n'))
		{
			Problem(m, "STATEMENT-CHARACTER", PROBLEM_ERROR, m->value, NULL);
			return;
		}
	}
}

static void
FinishField(Mt940 *m)
{
	const Mt940Tag *tag = m->tag;

	if (tag == NULL)
		return;
	if (tag->field == FIELD_REFERENCE)
		EndStatement(m);
	if (tag->field != FIELD_DETAILS && tag->field != FIELD_FOREIGN)
		FinishEntry(m);
	if (!m->reader->open)
		ReaderBegin(m->reader, m->field_line);
	if (tag->proper != NULL && tag->field != FIELD_FOREIGN)
		Problem(m, "STATEMENT-TAG", PROBLEM_ERROR, SpanFromCString(tag->tag), tag->proper);
	if (tag->rank > 0 && tag->rank < m->rank)
		Problem(m, "STATEMENT-ORDER", PROBLEM_ERROR, SpanFromCString(tag->tag), NULL);
	if (tag->rank > 0)
		m->rank = tag->rank;
	if (tag->length > 0 && SpanTrim(m->value).length > tag->length)
		ReaderProblem(m->reader, "STATEMENT-LONG", PROBLEM_ERROR, m->field_line, tag->tag,
					  SpanTrim(m->value),
					  tag->length == 35	  ? "35"
					  : tag->length == 11 ? "11"
										  : "16");
	CheckCharacters(m);
	TakeField(m);
	m->tag = NULL;
	if (!m->pending)
		ArenaRewind(m->reader->request->scratch);
}

/* "-", "-}", "-" and end of text: the message is over. */
static bool
EndsMessage(Span line)
{
	return line.length > 0 && line.data[0] == '-' &&
		   (line.length == 1 || line.data[1] == '}' || line.data[1] == 0x03);
}

/* Blocks 1 to 3 of a message, perhaps after the character that starts a transmission. */
static bool
BeginsMessage(Span line)
{
	while (line.length > 0 && (unsigned char) line.data[0] < ' ')
		line = SpanOf(line.data + 1, line.length - 1);
	return line.length >= 3 && memcmp(line.data, "{1:", 3) == 0;
}

static void
TakeLine(Mt940 *m, Span line)
{
	const Mt940Tag *tag;

	if (line.length == 0)
		return;
	tag = FindTag(line);
	if (tag != NULL)
	{
		size_t length = strlen(tag->tag);

		FinishField(m);
		m->tag = tag;
		m->value = SpanOf(line.data + length, line.length - length);
		m->field_line = m->line;
	}
	else if (EndsMessage(line) || BeginsMessage(line))
	{
		FinishField(m);
		EndStatement(m);
	}
	else if (m->tag != NULL)
		m->value.length = (size_t) (line.data + line.length - m->value.data);
	else if (m->reader->statements == 0 && SpanTrim(line).length > 0 && line.data[0] != 0x01)
		ReaderProblem(m->reader, "STATEMENT-BEFORE", PROBLEM_INFORMATION, m->line, NULL, line,
					  NULL);
}

static bool
IsAscii(Span s)
{
	for (size_t i = 0; i < s.length; i++)
		if ((unsigned char) s.data[i] >= 0x7F ||
			((unsigned char) s.data[i] < ' ' && s.data[i] != '\n' && s.data[i] != '\r'))
			return false;
	return true;
}

void
ReadMt940(StatementReader *reader)
{
	Mt940 m = {.reader = reader};
	Span rest = reader->request->content;
	Span line;

	if (rest.length >= 3 && memcmp(rest.data, "\xEF\xBB\xBF", 3) == 0)
		rest = SpanOf(rest.data + 3, rest.length - 3);
	m.ascii = IsAscii(rest);
	while (ReaderGoesOn(reader) && NextLine(&rest, &line))
	{
		m.line++;
		TakeLine(&m, line);
	}
	FinishField(&m);
	EndStatement(&m);
}
