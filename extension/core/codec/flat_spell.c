/*
 * flat_spell.c
 *		Values of documents as CSV and positional files have them.
 *
 * What is spelled is read at once: a number or date that would come back as another one is not written.  Words are
 * cut to a positional field, identifiers and numbers are not: they would be others.
 */
#include "core/codec/flat_spell.h"

#include <stdio.h>

#include "core/base/charset.h"
#include "core/base/date.h"
#include "core/base/utf8.h"
#include "core/codec/flat_values.h"

/* The byte of a code point in the mapping's single-byte encoding, -1 if it has none. */
static int
ByteOf(const FlatMapping *mapping, uint32_t point)
{
	bool latin9 = mapping->encoding == FLAT_ISO_8859_15;

	if (point < 0x80)
		return (int) point;
	if (point < 0x100 && (latin9 ? Iso8859_15Point((unsigned char) point)
								 : Windows1252Point((unsigned char) point)) == point)
		return (int) point;
	for (int byte = 0x80; byte < 0x100; byte++)
		if ((latin9 ? Iso8859_15Point((unsigned char) byte)
					: Windows1252Point((unsigned char) byte)) == point)
			return byte;
	return -1;
}

static bool
IsSingleByte(const FlatMapping *mapping)
{
	return mapping->encoding == FLAT_WINDOWS_1252 || mapping->encoding == FLAT_ISO_8859_15;
}

bool
FlatIsFormula(Span text)
{
	Decimal number;

	if (text.length < 2 || strchr("=@+-", text.data[0]) == NULL)
		return false;
	for (size_t i = 1; i < text.length; i++)
		if (text.data[i] >= 'A' && (text.data[0] == '=' || text.data[0] == '@'))
			return true;
	return text.data[0] != '=' && text.data[0] != '@'
			   ? false
			   : DecimalParse(SpanOf(text.data + 1, text.length - 1), &number) != CLEX_OK;
}

/* Whatever some spreadsheet takes for the beginning of a formula, but for numbers. */
static bool
NeedsGuard(Span text)
{
	Decimal number;

	return text.length > 0 && memchr("=+-@\t\r\n", text.data[0], 7) != NULL &&
		   DecimalParse(text, &number) != CLEX_OK;
}

/* Can a cell or a column hold the character as it is? */
static bool
Holds(const FlatMapping *mapping, uint32_t point)
{
	bool breaks = point == '\n' || point == '\r';

	if (mapping->positional)
		return point >= 0x20 && point != 0x7F;
	return mapping->quote != 0 ||
		   (!breaks && point != (uint32_t) (unsigned char) mapping->separator);
}

/* Words, codes and identifiers: characters that the file cannot have become '?', or a blank. */
static Span
SpellText(const FlatMapping *mapping, const FlatField *field, TermId term, Span value, bool guard,
		  Arena *arena, WriteFate *fate)
{
	Text text;
	size_t bytes;
	size_t count = 0;
	size_t room = mapping->positional ? field->length : SIZE_MAX;

	/* readers take blanks around a cell off */
	if (SpanTrim(value).length < value.length)
		*fate = FATE_CHARACTERS;
	value = SpanTrim(value);
	TextInit(&text, arena);
	TextReserve(&text, value.length + 1);
	if (guard && NeedsGuard(value))
	{
		TextAppendChar(&text, '\'');
		*fate = FATE_CHARACTERS;
		count++;
	}
	if (mapping->positional && Utf8Count(value) + count > room)
	{
		*fate = TermIsWords(term) ? FATE_CUT : FATE_LENGTH;
		if (*fate == FATE_LENGTH)
			return SpanOf(NULL, 0);
	}
	for (size_t i = 0; i < value.length && count < room; i += bytes, count++)
	{
		uint32_t point = Utf8Point(SpanOf(value.data + i, value.length - i), &bytes);

		if (!Holds(mapping, point))
			TextAppendChar(&text, ' ');
		else if (IsSingleByte(mapping) && ByteOf(mapping, point) < 0)
			TextAppendChar(&text, '?');
		else
		{
			TextAppend(&text, value.data + i, bytes);
			continue;
		}
		*fate = FATE_CHARACTERS;
	}
	/* nothing but blanks is nothing */
	if (text.failed || SpanTrim(TextSpan(&text)).length == 0)
	{
		*fate = text.failed ? FATE_UNSAID : FATE_AMBIGUOUS;
		return SpanOf(NULL, 0);
	}
	return TextSpan(&text);
}

/* All digits of a number with `scale` of them behind a point that is not written; false: it needs more. */
static bool
Unpoint(Decimal value, int scale, Decimal *result)
{
	value = DecimalNormalize(value);
	if (value.scale > scale)
		return false;
	for (; value.scale < scale; value.scale++)
		if (__builtin_mul_overflow(value.mantissa, (__int128) 10, &value.mantissa))
			return false;
	*result = (Decimal){value.mantissa, 0};
	return true;
}

/* A number: its digits as the document has them, or those of the field's scale, with zeros before them. */
static Span
SpellNumber(const FlatMapping *mapping, const FlatField *field, Span value, Arena *arena,
			WriteFate *fate)
{
	char digits[DECIMAL_TEXT];
	Decimal number;
	Decimal again;
	Span plain = value;
	Text text;
	bool negative;

	*fate = FATE_AMBIGUOUS;
	if (DecimalParse(value, &number) != CLEX_OK)
		return SpanOf(NULL, 0);
	if (field->scale > 0)
	{
		Decimal whole;

		*fate = FATE_LENGTH;
		if (!Unpoint(number, field->scale, &whole))
			return SpanOf(NULL, 0);
		plain = DecimalFormat(whole, digits);
	}
	negative = plain.length > 0 && plain.data[0] == '-';
	if (negative)
		plain = SpanOf(plain.data + 1, plain.length - 1);
	TextInit(&text, arena);
	if (negative)
		TextAppendChar(&text, '-');
	for (size_t i = plain.length + negative; mapping->positional && i < field->length; i++)
		TextAppendChar(&text, '0');
	for (size_t i = 0; i < plain.length; i++)
		TextAppendChar(&text, plain.data[i] == '.' ? mapping->decimal : plain.data[i]);
	if (text.failed)
	{
		*fate = FATE_UNSAID;
		return SpanOf(NULL, 0);
	}
	if (mapping->positional && text.length > field->length)
	{
		*fate = FATE_LENGTH;
		return SpanOf(NULL, 0);
	}
	*fate = FATE_AMBIGUOUS;
	if (!FlatNumber(mapping, field, TextSpan(&text), &again) || DecimalCompare(number, again) != 0)
		return SpanOf(NULL, 0);
	*fate = FATE_SAID;
	return TextSpan(&text);
}

/* A date by the pattern, which FlatDate reads. */
static Span
SpellDate(const FlatMapping *mapping, const FlatField *field, Span value, Arena *arena,
		  WriteFate *fate)
{
	Span pattern = mapping->date;
	int year, month, day;
	int32_t date;
	int32_t again;
	Text text;

	*fate = FATE_AMBIGUOUS;
	if (DateParse(value, &date, NULL) != CLEX_OK)
		return SpanOf(NULL, 0);
	DateToCivil(date, &year, &month, &day);
	TextInit(&text, arena);
	for (size_t i = 0; i < pattern.length;)
	{
		Span rest = SpanOf(pattern.data + i, pattern.length - i);

		if (rest.length >= 4 && memcmp(rest.data, "YYYY", 4) == 0)
			TextAppendf(&text, "%04d", year);
		else if (rest.length >= 2 && memcmp(rest.data, "YY", 2) == 0)
			TextAppendf(&text, "%02d", year % 100);
		else if (rest.length >= 2 && memcmp(rest.data, "MM", 2) == 0)
			TextAppendf(&text, "%02d", month);
		else if (rest.length >= 2 && memcmp(rest.data, "DD", 2) == 0)
			TextAppendf(&text, "%02d", day);
		else
		{
			TextAppendChar(&text, rest.data[0]);
			i++;
			continue;
		}
		i += rest.length >= 4 && memcmp(rest.data, "YYYY", 4) == 0 ? 4 : 2;
	}
	if (mapping->positional && text.length > field->length)
		*fate = FATE_LENGTH;
	else if (!text.failed && FlatDate(pattern, TextSpan(&text), &again) && again == date)
		*fate = FATE_SAID;
	return *fate == FATE_SAID ? TextSpan(&text) : SpanOf(NULL, 0);
}

Span
FlatSpell(const FlatMapping *mapping, const FlatField *field, TermId term, Span value, bool guard,
		  Arena *arena, WriteFate *fate)
{
	Span text;

	*fate = FATE_SAID;
	switch (FlatFieldType(field, ClexTerms[term].type))
	{
		case FLAT_NUMBER:
			return SpellNumber(mapping, field, value, arena, fate);
		case FLAT_DATE:
			return SpellDate(mapping, field, value, arena, fate);
		default:
			text = SpellText(mapping, field, term, value, guard, arena, fate);
			/* quotes may have to be doubled */
			if (text.data == NULL || text.length <= FLAT_LONGEST_CELL / 2 - 2)
				return text;
			*fate = FATE_LENGTH;
			return SpanOf(NULL, 0);
	}
}

void
FlatAppendCell(const FlatMapping *mapping, Span cell, Text *row)
{
	/* a byte order mark at the beginning of a file would be passed over */
	bool quoted =
		cell.length > 0 && (cell.data[0] == ' ' || cell.data[cell.length - 1] == ' ' ||
							(cell.length >= 3 && memcmp(cell.data, "\xEF\xBB\xBF", 3) == 0));

	for (size_t i = 0; i < cell.length && !quoted; i++)
		quoted = cell.data[i] == mapping->separator || cell.data[i] == mapping->quote ||
				 (unsigned char) cell.data[i] < ' ';
	if (!quoted || mapping->quote == 0)
	{
		TextAppendSpan(row, cell);
		return;
	}
	TextAppendChar(row, mapping->quote);
	for (size_t i = 0; i < cell.length; i++)
	{
		if (cell.data[i] == mapping->quote)
			TextAppendChar(row, mapping->quote);
		TextAppendChar(row, cell.data[i]);
	}
	TextAppendChar(row, mapping->quote);
}

void
FlatPutPart(uint32_t *columns, uint32_t start, uint32_t length, Span text)
{
	uint32_t at = start - 1;
	size_t bytes;

	for (size_t i = 0; i < text.length && at < start - 1 + length; i += bytes)
		columns[at++] = Utf8Point(SpanOf(text.data + i, text.length - i), &bytes);
}

/* A code point as UTF-16, low byte first. */
static void
AppendUtf16(uint32_t point, Text *out)
{
	uint32_t units[2] = {point, 0};
	int count = 1;

	if (point >= 0x10000)
	{
		units[0] = 0xD800 + ((point - 0x10000) >> 10);
		units[1] = 0xDC00 + ((point - 0x10000) & 0x3FF);
		count = 2;
	}
	for (int i = 0; i < count; i++)
	{
		TextAppendChar(out, (char) (units[i] & 0xFF));
		TextAppendChar(out, (char) (units[i] >> 8));
	}
}

ClexStatus
FlatEncode(const FlatMapping *mapping, Span rows, bool mark, Text *out, ClexError *error)
{
	size_t bytes;

	if (!IsSingleByte(mapping) && mapping->encoding != FLAT_UTF16)
	{
		if (mark)
			TextAppend(out, "\xEF\xBB\xBF", 3);
		TextAppendSpan(out, rows);
	}
	else if (mapping->encoding == FLAT_UTF16)
		AppendUtf16(0xFEFF, out);
	for (size_t i = 0;
		 i < rows.length && (IsSingleByte(mapping) || mapping->encoding == FLAT_UTF16); i += bytes)
	{
		uint32_t point = Utf8Point(SpanOf(rows.data + i, rows.length - i), &bytes);

		if (mapping->encoding == FLAT_UTF16)
			AppendUtf16(point, out);
		else
			TextAppendChar(out, (char) (ByteOf(mapping, point) < 0 ? '?' : ByteOf(mapping, point)));
	}
	return out->failed ? ClexFail(error, CLEX_NO_MEMORY, "out of memory") : CLEX_OK;
}
