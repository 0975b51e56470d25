/*
 * mt940_details.c
 *		The free text of MT940 entries: three ways of writing it.
 *
 * Lines of :86: are cut at 65 characters anywhere, so they are joined as they are; only plain text keeps its
 * lines.  The remittance subfields of German banks hold 27 characters each: a shorter one ended there, and
 * the next begins a new word or a new keyword.
 */
#include "core/statement/facts.h"
#include "core/statement/mt940.h"

#define SUBFIELD 27
#define MOST_SUBFIELDS 64

/* Remittance text put together from subfields, and where each began. */
typedef struct Subfields
{
	Text text;
	size_t starts[MOST_SUBFIELDS];
	uint32_t count;
	size_t before; /* length of the subfield before */
} Subfields;

/* The lines of a text as one; with `between` after each but the last. */
static Span
JoinLines(StatementReader *reader, Span value, const char *between)
{
	Text text;
	Span line;

	TextInit(&text, reader->request->scratch);
	TextReserve(&text, value.length);
	while (NextLine(&value, &line))
	{
		if (*between != '\0')
			line = SpanTrim(line);
		if (line.length == 0)
			continue;
		if (text.length > 0)
			TextAppendSpan(&text, SpanFromCString(between));
		TextAppendSpan(&text, line);
	}
	if (text.failed)
		ReaderOutOfMemory(reader);
	return text.failed ? SpanOf(NULL, 0) : TextSpan(&text);
}

static void
Append(StatementReader *reader, StatementEntry *entry, int which, Span text)
{
	if (which >= 0)
		EntryAppend(reader, entry, (EntryText) which,
					ReaderText(reader, text, reader->request->scratch), " ");
}

/* The keyword of a style at the beginning of a text, followed by `end`, or NULL. */
static const DetailKey *
KeyAt(DetailStyle style, const char *text, size_t left, char end)
{
	for (uint32_t i = 0; i < ClexDetailKeyCount; i++)
	{
		const DetailKey *key = &ClexDetailKeys[i];

		if (key->style == style && left > key->key.length && text[key->key.length] == end &&
			memcmp(text, key->key.data, key->key.length) == 0)
			return key;
	}
	return NULL;
}

static bool
BeginsSubfield(const Subfields *fields, size_t at)
{
	for (uint32_t i = 0; i < fields->count; i++)
		if (fields->starts[i] == at)
			return true;
	return false;
}

/* EREF+…MREF+…SVWZ+…; what comes before the first keyword is remittance. */
static void
TakeSepaKeys(StatementReader *reader, StatementEntry *entry, const Subfields *fields)
{
	Span text = TextSpan(&fields->text);
	int which = ENTRY_REMITTANCE;
	size_t start = 0;

	if (text.length == 0)
		return;
	for (size_t at = 0; at < text.length; at++)
	{
		const DetailKey *key;

		if (text.data[at] < 'A' || text.data[at] > 'Z' ||
			(at > 0 && text.data[at - 1] != ' ' && !BeginsSubfield(fields, at)))
			continue;
		key = KeyAt(DETAIL_SEPA, text.data + at, text.length - at, '+');
		if (key == NULL)
			continue;
		Append(reader, entry, which, SpanOf(text.data + start, at - start));
		which = key->text;
		start = at + key->key.length + 1;
	}
	Append(reader, entry, which, SpanOf(text.data + start, text.length - start));
	if (SpanEqualCString(entry->text[ENTRY_END_TO_END], "NOTPROVIDED"))
		entry->text[ENTRY_END_TO_END] = SpanOf(NULL, 0);
}

static void
TakeSubfield(StatementReader *reader, StatementEntry *entry, int code, Span text, Subfields *fields)
{
	if ((code >= 20 && code <= 29) || (code >= 60 && code <= 63))
	{
		if (fields->text.length > 0 && fields->before < SUBFIELD)
			TextAppendChar(&fields->text, ' ');
		if (fields->count < MOST_SUBFIELDS)
			fields->starts[fields->count++] = fields->text.length;
		fields->before = text.length;
		TextAppendSpan(&fields->text, text);
	}
	else if (code == 0)
		Append(reader, entry, ENTRY_DESCRIPTION, text);
	else if (code == 30)
		Append(reader, entry, ENTRY_COUNTERPARTY_BIC, text);
	else if (code == 31 || code == 38)
		Append(reader, entry, ENTRY_COUNTERPARTY_ACCOUNT, text);
	else if (code == 32)
		Append(reader, entry, ENTRY_COUNTERPARTY, text);
	else if (code == 33 && entry->text[ENTRY_COUNTERPARTY].length >= SUBFIELD)
		EntryAppend(reader, entry, ENTRY_COUNTERPARTY,
					ReaderText(reader, text, reader->request->scratch), "");
	else if (code == 33)
		Append(reader, entry, ENTRY_COUNTERPARTY, text);
	else if (code == 34)
		Append(reader, entry, ENTRY_RETURN_REASON, text);
}

/* 166?00GUTSCHRIFT?20EREF+…: three digits, then subfields behind the character that follows them. */
static void
TakeGerman(StatementReader *reader, StatementEntry *entry, Span text)
{
	char separator = text.data[3];
	Subfields fields = {.count = 0, .before = SUBFIELD};
	Span code = entry->text[ENTRY_CODE];
	size_t at = 3;

	entry->text[ENTRY_CODE] = SpanOf(NULL, 0);
	EntryAppend(reader, entry, ENTRY_CODE, code, "");
	EntryAppend(reader, entry, ENTRY_CODE, SpanOf(text.data, 3), "/");
	TextInit(&fields.text, reader->request->scratch);
	while (at + 3 <= text.length)
	{
		int number = DigitsValue(text.data + at + 1, 2);
		size_t start = at + 3;

		for (at = start; at < text.length; at++)
			if (text.data[at] == separator && at + 3 <= text.length &&
				DigitsValue(text.data + at + 1, 2) >= 0)
				break;
		TakeSubfield(reader, entry, number, SpanOf(text.data + start, at - start), &fields);
	}
	if (fields.text.failed)
		ReaderOutOfMemory(reader);
	else
		TakeSepaKeys(reader, entry, &fields);
}

/* /CNTP/account/BIC/name/city: the parts stand in order. */
static void
TakeCounterparty(StatementReader *reader, StatementEntry *entry, Span text)
{
	static const EntryText order[] = {ENTRY_COUNTERPARTY_ACCOUNT, ENTRY_COUNTERPARTY_BIC,
									  ENTRY_COUNTERPARTY};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
	{
		const char *slash = text.length > 0 ? memchr(text.data, '/', text.length) : NULL;
		size_t length = slash != NULL ? (size_t) (slash - text.data) : text.length;

		Append(reader, entry, order[i], SpanOf(text.data, length));
		if (slash == NULL)
			return;
		text = SpanOf(slash + 1, text.length - length - 1);
	}
}

/* One value between slashes. */
static void
TakeSlashValue(StatementReader *reader, StatementEntry *entry, const DetailKey *key, Span text)
{
	while (text.length > 0 && text.data[text.length - 1] == '/')
		text.length--;
	if (SpanEqualCString(key->key, "CNTP"))
		TakeCounterparty(reader, entry, text);
	else if (key->text == ENTRY_REMITTANCE && text.length > 6 &&
			 memcmp(text.data, "USTD//", 6) == 0)
		Append(reader, entry, ENTRY_REMITTANCE, SpanOf(text.data + 6, text.length - 6));
	else if (key->text == ENTRY_REMITTANCE && text.length > 9 &&
			 memcmp(text.data, "STRD/CUR/", 9) == 0)
		Append(reader, entry, ENTRY_STRUCTURED, SpanOf(text.data + 9, text.length - 9));
	else
		Append(reader, entry, key->text, text);
}

/* /EREF/…/REMI/…: a value ends where the next known keyword stands. */
static void
TakeSlashes(StatementReader *reader, StatementEntry *entry, Span text)
{
	const DetailKey *open = KeyAt(DETAIL_SLASH, text.data + 1, text.length - 1, '/');
	size_t start = 0;
	size_t at = 0;

	while (open != NULL)
	{
		const DetailKey *next = NULL;

		start = at + open->key.length + 2;
		for (at = start > 0 ? start - 1 : 0; at + 1 < text.length; at++)
			if (text.data[at] == '/' &&
				(next = KeyAt(DETAIL_SLASH, text.data + at + 1, text.length - at - 1, '/')) != NULL)
				break;
		if (next == NULL)
			at = text.length;
		if (at > start)
			TakeSlashValue(reader, entry, open, SpanOf(text.data + start, at - start));
		open = next;
	}
}

void
Mt940Details(StatementReader *reader, StatementEntry *entry, Span value)
{
	Span text = JoinLines(reader, value, "");

	if (text.length == 0)
		return;
	if (text.length > 6 && DigitsValue(text.data, 3) >= 0 &&
		(text.data[3] == '?' || text.data[3] == '>') && DigitsValue(text.data + 4, 2) >= 0)
		TakeGerman(reader, entry, text);
	else if (text.data[0] == '/' &&
			 KeyAt(DETAIL_SLASH, text.data + 1, text.length - 1, '/') != NULL)
		TakeSlashes(reader, entry, text);
	else
		EntryAppend(reader, entry, ENTRY_REMITTANCE,
					ReaderText(reader, JoinLines(reader, value, "\n"), reader->request->scratch),
					"\n");
}
