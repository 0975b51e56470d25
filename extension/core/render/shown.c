/*
 * shown.c
 *		Values as people of a language write them.
 *
 * Nothing is computed: digits are set apart, never changed, so what is read off the page is the value.  A
 * minus is U+2212, which does not break from its number; spaces within a number are narrow and do not break.
 */
#include "core/render/shown.h"

#include <stdio.h>

#include "core/base/checkdigit.h"
#include "core/base/date.h"
#include "core/finance/currency.h"

#define MINUS "\xE2\x88\x92"	  /* U+2212 */
#define NO_BREAK "\xC2\xA0"		  /* U+00A0 */
#define IBAN_SPACE "\xE2\x80\xAF" /* U+202F */

/* The text once it is complete, empty but not NULL where there is none. */
static Span
Finished(const Text *text)
{
	if (text->failed)
		return SpanOf(NULL, 0);
	return text->length == 0 ? SpanOf("", 0) : TextSpan(text);
}

/* A pattern of words.tsv with its places filled: {} or {d}, {m}, {y}. */
static void
AppendPattern(Text *out, Span pattern, const Span *fills, const char *names)
{
	for (size_t i = 0; i < pattern.length; i++)
	{
		size_t close = i + 1;

		if (pattern.data[i] != '{')
		{
			TextAppendChar(out, pattern.data[i]);
			continue;
		}
		while (close < pattern.length && pattern.data[close] != '}')
			close++;
		if (close == i + 1)
			TextAppendSpan(out, fills[0]);
		else
			for (const char *name = names; *name != 0; name++)
				if (*name == pattern.data[i + 1])
					TextAppendSpan(out, fills[name - names]);
		i = close;
	}
}

/* A canonical decimal with groups of three, and zeros up to `digits` after the point. */
static void
AppendDecimal(Text *out, Span value, int language, int digits)
{
	Span group = PageWordIn(language, WORD_GROUP);
	size_t whole = 0;
	size_t after;

	if (value.length > 0 && value.data[0] == '-')
	{
		TextAppend(out, MINUS, sizeof(MINUS) - 1);
		value = SpanOf(value.data + 1, value.length - 1);
	}
	while (whole < value.length && value.data[whole] != '.')
		whole++;
	for (size_t i = 0; i < whole; i++)
	{
		if (i > 0 && (whole - i) % 3 == 0)
			TextAppendSpan(out, group);
		TextAppendChar(out, value.data[i]);
	}
	after = whole < value.length ? value.length - whole - 1 : 0;
	if (after == 0 && digits <= 0)
		return;
	TextAppendSpan(out, PageWordIn(language, WORD_DECIMAL_POINT));
	if (after > 0)
		TextAppend(out, value.data + whole + 1, after);
	for (int i = (int) (after < 100 ? after : 100); i < digits; i++)
		TextAppendChar(out, '0');
}

static Span
ShownDecimal(const DocumentNode *node, int language, Span currency, bool name_currency,
			 Arena *arena)
{
	const char *kind = ClexTerms[node->term].kind;
	bool amount = strcmp(kind, "Amount") == 0;
	Text out;

	TextInit(&out, arena);
	AppendDecimal(&out, node->value, language, amount ? CurrencyDigits(currency) : 0);
	if (strcmp(kind, "Percentage") == 0)
	{
		Span number = Finished(&out);
		Text percent;

		TextInit(&percent, arena);
		AppendPattern(&percent, PageWordIn(language, WORD_PERCENT), &number, "");
		return Finished(&percent);
	}
	if (name_currency && (amount || strcmp(kind, "Unit price amount") == 0) && currency.length > 0)
	{
		TextAppend(&out, NO_BREAK, sizeof(NO_BREAK) - 1);
		TextAppendSpan(&out, currency);
	}
	return Finished(&out);
}

static Span
ShownDate(Span value, int language, Arena *arena)
{
	Span fills[3];
	char day_text[16];
	char year_text[16];
	int32_t date;
	int year;
	int month;
	int day;
	Text out;

	if (DateParse(value, &date, NULL) != CLEX_OK)
		return value;
	DateToCivil(date, &year, &month, &day);
	snprintf(day_text, sizeof(day_text), "%d", day);
	snprintf(year_text, sizeof(year_text), "%d", year);
	fills[0] = day == 1 ? PageWordIn(language, WORD_FIRST_DAY) : SpanFromCString(day_text);
	fills[1] = PageWordIn(language, (PageWord) (WORD_MONTH_1 + month - 1));
	fills[2] = SpanFromCString(year_text);
	TextInit(&out, arena);
	AppendPattern(&out, PageWordIn(language, WORD_DATE), fills, "dmy");
	return Finished(&out);
}

/* The bytes that base64 text stands for; of something else, those it has. */
static size_t
BinarySize(const DocumentNode *node)
{
	size_t characters = 0;

	if (node->flags & DOCUMENT_NODE_INVALID)
		return node->value.length;
	for (size_t i = 0; i < node->value.length; i++)
		characters += !IsXmlSpace(node->value.data[i]) && node->value.data[i] != '=';
	return characters / 4 * 3 + characters % 4 * 3 / 4;
}

/* "1,234 bytes": a file is not for reading, so its size stands for it. */
static Span
ShownBinary(const DocumentNode *node, int language, Arena *arena)
{
	char digits[24];
	Text number;
	Text out;
	Span fill;

	snprintf(digits, sizeof(digits), "%zu", BinarySize(node));
	TextInit(&number, arena);
	AppendDecimal(&number, SpanFromCString(digits), language, 0);
	fill = Finished(&number);
	TextInit(&out, arena);
	AppendPattern(&out, PageWordIn(language, WORD_BYTES), &fill, "");
	return Finished(&out);
}

/* In groups of four where it is an IBAN, else as it is. */
static Span
ShownAccount(Span value, Arena *arena)
{
	Text out;

	if (!CheckIban(value))
		return value;
	TextInit(&out, arena);
	for (size_t i = 0, n = 0; i < value.length; i++)
	{
		if (value.data[i] == ' ')
			continue;
		if (n > 0 && n % 4 == 0)
			TextAppend(&out, IBAN_SPACE, sizeof(IBAN_SPACE) - 1);
		TextAppendChar(&out, value.data[i]);
		n++;
	}
	return Finished(&out);
}

Span
CodeWordOf(uint8_t codes, Span code, int language)
{
	uint32_t low = ClexCodeWordLists[codes].first;
	uint32_t high = low + ClexCodeWordLists[codes].count;

	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;
		Span here = ClexCodeWords[middle].code;
		size_t shorter = here.length < code.length ? here.length : code.length;
		int order = shorter == 0 ? 0 : memcmp(here.data, code.data, shorter);

		if (order == 0 && here.length == code.length)
			return ClexCodeWords[middle].word[language];
		if (order < 0 || (order == 0 && here.length < code.length))
			low = middle + 1;
		else
			high = middle;
	}
	return SpanOf(NULL, 0);
}

void
ShowValue(const DocumentNode *node, int language, Span currency, bool name_currency, Arena *arena,
		  PageItem *item)
{
	const Term *term = &ClexTerms[node->term];
	uint8_t codes = ClexTermLooks[node->term].codes;
	Span word;

	item->type = term->type;
	item->shown = node->value.length == 0 ? SpanOf("", 0) : node->value;
	item->exact = SpanOf(NULL, 0);
	if (term->type == VALUE_BINARY)
	{
		item->shown = ShownBinary(node, language, arena);
		return;
	}
	if (node->flags & DOCUMENT_NODE_INVALID)
	{
		item->type = VALUE_TEXT;
		return;
	}
	switch (term->type)
	{
		case VALUE_DECIMAL:
			item->exact = node->value;
			item->shown = ShownDecimal(node, language, currency, name_currency, arena);
			return;
		case VALUE_DATE:
			item->exact = node->value;
			item->shown = ShownDate(node->value, language, arena);
			return;
		default:
			break;
	}
	word = CodeWordOf(codes, node->value, language);
	if (word.data != NULL)
	{
		item->exact = node->value;
		item->shown = word;
		/* units are signs everybody knows; elsewhere the code itself is worth seeing */
		if (codes != CODES_UNIT && !SpanEqual(word, node->value))
			item->note = node->value;
	}
	else if (strcmp(term->kind, "Identifier") == 0)
	{
		item->shown = ShownAccount(node->value, arena);
		if (item->shown.data != node->value.data)
			item->exact = node->value;
	}
}
