/*
 * fec_write.c
 *		Writing FEC files, row by row.
 *
 * A cell has no way to hold its separator, a line end or a character that the file's set does not have: such a
 * cell is an error, never another text.  The rules on a file are those of fec_check.c.
 */
#include <stdio.h>

#include "core/base/utf8.h"
#include "core/statement/fec.h"

/* The byte of a code point in ISO 8859-15, 0 if it has none. */
static unsigned char
Latin9(uint32_t point)
{
	for (int i = 0; i < FEC_LATIN9_DIFFERENT; i++)
	{
		if (FecLatin9[i].point == point)
			return FecLatin9[i].byte;
		if (FecLatin9[i].byte == point)
			return 0;
	}
	return point < 0x80 || (point >= 0xA0 && point <= 0xFF) ? (unsigned char) point : 0;
}

static ClexStatus
Refuse(ClexError *error, const char *column, Span cell, const char *why)
{
	ClexFail(error, CLEX_INVALID, "a cell of column %s cannot be written", column);
	ClexDetail(error, "\"%.*s\" %s.", (int) Utf8Cut(cell, 100).length, cell.data, why);
	return CLEX_INVALID;
}

/* A text as it is, in the character set of the file. */
static ClexStatus
PutText(const FecLayout *layout, const char *column, Span cell, Text *out, ClexError *error)
{
	const unsigned char *s = (const unsigned char *) cell.data;

	cell = SpanTrim(cell);
	s = (const unsigned char *) cell.data;
	for (size_t i = 0; i < cell.length;)
	{
		size_t bytes = Utf8SequenceLength(s + i, cell.length - i);
		uint32_t point = bytes == 1 ? s[i] : s[i] & (0xFFu >> (bytes + 1));

		if (bytes == 0)
			return Refuse(error, column, cell, "is not UTF-8");
		for (size_t k = 1; k < bytes; k++)
			point = point << 6 | (s[i + k] & 0x3F);
		if (point == (unsigned char) layout->separator)
			return Refuse(error, column, cell, "holds the separator of the file");
		if (point < 0x20)
			return Refuse(error, column, cell, "holds a line end or another control character");
		if (!layout->latin9)
			TextAppend(out, cell.data + i, bytes);
		else if (Latin9(point) == 0)
			return Refuse(error, column, cell, "holds a character that ISO 8859-15 does not have");
		else
			TextAppendChar(out, (char) Latin9(point));
		i += bytes;
	}
	return CLEX_OK;
}

static ClexStatus
PutDate(const char *column, Span cell, Text *out, ClexError *error)
{
	int year, month, day;
	int32_t date;

	if (cell.data == NULL)
		return CLEX_OK;
	if (DateParse(cell, &date, NULL) != CLEX_OK && DateParseCompact(cell, &date) != CLEX_OK)
		return Refuse(error, column, cell, "is not a date");
	DateToCivil(date, &year, &month, &day);
	TextAppendf(out, "%04d%02d%02d", year, month, day);
	return CLEX_OK;
}

/* An amount with a decimal comma and two decimals at least. */
static ClexStatus
PutAmount(const char *column, Span cell, Text *out, ClexError *error)
{
	char digits[DECIMAL_TEXT];
	Decimal value;
	Span text;

	if (DecimalParse(cell, &value) != CLEX_OK)
		return Refuse(error, column, cell, "is not an amount");
	text = DecimalFormat(value, digits);
	for (size_t i = 0; i < text.length; i++)
		TextAppendChar(out, text.data[i] == '.' ? ',' : text.data[i]);
	if (value.scale < 2)
		TextAppend(out, value.scale == 0 ? ",00" : "0", value.scale == 0 ? 3 : 1);
	return CLEX_OK;
}

/* Debit and credit, or the one that is not zero and its side. */
static ClexStatus
PutSides(const FecLayout *layout, Span debit, Span credit, Text *out, ClexError *error)
{
	Decimal value;
	bool on_credit;
	ClexStatus status;

	if (debit.data == NULL)
		debit = SPAN_LITERAL("0.00");
	if (credit.data == NULL)
		credit = SPAN_LITERAL("0.00");
	if (!layout->sides)
	{
		status = PutAmount("Debit", debit, out, error);
		TextAppendChar(out, layout->separator);
		return status == CLEX_OK ? PutAmount("Credit", credit, out, error) : status;
	}
	on_credit = DecimalParse(credit, &value) != CLEX_OK || DecimalSign(value) != 0;
	if (on_credit && (DecimalParse(debit, &value) != CLEX_OK || DecimalSign(value) != 0))
		return Refuse(error, "Montant", debit, "stands on the debit side of a line with a credit");
	status = PutAmount("Montant", on_credit ? credit : debit, out, error);
	TextAppendChar(out, layout->separator);
	TextAppendChar(out, on_credit ? 'C' : 'D');
	return status;
}

/* One cell of the 18; that of Credit is written with Debit. */
static ClexStatus
PutCell(const FecLayout *layout, FecColumn column, const Span *text, Text *out, ClexError *error)
{
	const char *name = FecColumnName(column);

	switch (column)
	{
		case FEC_DEBIT:
			return PutSides(layout, text[FEC_DEBIT], text[FEC_CREDIT], out, error);
		case FEC_ENTRY_DATE:
		case FEC_DOCUMENT_DATE:
		case FEC_LETTERING_DATE:
		case FEC_VALIDATION_DATE:
			return PutDate(name, text[column], out, error);
		case FEC_FOREIGN_AMOUNT:
			return text[column].data != NULL ? PutAmount(name, text[column], out, error) : CLEX_OK;
		default:
			return PutText(layout, name, text[column], out, error);
	}
}

static ClexStatus
EndLine(const FecLayout *layout, ClexStatus status, Text *out, ClexError *error)
{
	TextAppendSpan(out, SpanFromCString(layout->line_end));
	return out->failed ? ClexFail(error, CLEX_NO_MEMORY, "out of memory") : status;
}

ClexStatus
FecWriteHeader(const FecLayout *layout, Text *out, ClexError *error)
{
	ClexStatus status = CLEX_OK;

	for (FecColumn i = 0; i < FEC_COLUMNS; i++)
	{
		FecColumn column = layout->sides && i == FEC_DEBIT	  ? FEC_AMOUNT
						   : layout->sides && i == FEC_CREDIT ? FEC_SIDE
															  : i;

		if (i > 0)
			TextAppendChar(out, layout->separator);
		TextAppendSpan(out, SpanFromCString(FecColumnName(column)));
	}
	for (uint32_t i = 0; i < layout->extra_count && status == CLEX_OK; i++)
	{
		TextAppendChar(out, layout->separator);
		status = PutText(layout, "of its own", layout->extras[i], out, error);
	}
	return EndLine(layout, status, out, error);
}

ClexStatus
FecWriteRow(const FecLayout *layout, const Span text[FEC_COLUMNS], const Span *extras, Text *out,
			ClexError *error)
{
	ClexStatus status = CLEX_OK;

	for (FecColumn i = 0; i < FEC_COLUMNS && status == CLEX_OK; i++)
	{
		if (i == FEC_CREDIT)
			continue;
		if (i > 0)
			TextAppendChar(out, layout->separator);
		status = PutCell(layout, i, text, out, error);
	}
	for (uint32_t i = 0; i < layout->extra_count && status == CLEX_OK; i++)
	{
		TextAppendChar(out, layout->separator);
		status = PutText(layout, "of its own", extras[i], out, error);
	}
	return EndLine(layout, status, out, error);
}
