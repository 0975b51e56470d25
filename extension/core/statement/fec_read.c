/*
 * fec_read.c
 *		Reading FEC files: character set, header, rows, cells.
 */
#include "core/statement/fec.h"

#include <strings.h>

#include "core/base/utf8.h"
#include "core/statement/reader.h"

static const char *const column_names[FEC_NAMES] = {
	"JournalCode", "JournalLib",	"EcritureNum", "EcritureDate", "CompteNum",
	"CompteLib",   "CompAuxNum",	"CompAuxLib",  "PieceRef",	   "PieceDate",
	"EcritureLib", "Debit",			"Credit",	   "EcritureLet",  "DateLet",
	"ValidDate",   "Montantdevise", "Idevise",	   "Montant",	   "Sens",
};

const FecLatin9Fact FecLatin9[FEC_LATIN9_DIFFERENT] = {{0xA4, 0x20AC}, {0xA6, 0x0160},
													   {0xA8, 0x0161}, {0xB4, 0x017D},
													   {0xB8, 0x017E}, {0xBC, 0x0152},
													   {0xBD, 0x0153}, {0xBE, 0x0178}};

const char *
FecColumnName(FecColumn column)
{
	return column_names[column];
}

/* All of UTF-16 as UTF-8; half pairs become U+FFFD. */
static Span
FromUtf16(Span s, bool big_endian, Arena *arena)
{
	char *text = ArenaAllocArray(arena, s.length / 2 + 1, 3);
	size_t length = 0;

	for (size_t i = 2; text != NULL && i + 1 < s.length; i += 2)
	{
		const unsigned char *p = (const unsigned char *) s.data + i;
		uint32_t c = big_endian ? (uint32_t) p[0] << 8 | p[1] : (uint32_t) p[1] << 8 | p[0];

		if (c >= 0xD800 && c < 0xE000)
			c = 0xFFFD;
		length += (size_t) Utf8Encode(c, text + length);
	}
	return SpanOf(text, length);
}

static bool
HasControls(Span s)
{
	for (size_t i = 0; i < s.length; i++)
	{
		unsigned char c = (unsigned char) s.data[i];

		if ((c >= 0x80 && c < 0xA0) || c == 0)
			return true;
	}
	return false;
}

/* Find out the character set and take off a byte order mark. */
static bool
TakeCharset(FecFile *file, Span content)
{
	bool little = content.length >= 2 && memcmp(content.data, "\xFF\xFE", 2) == 0;

	file->rest = content;
	if (little || (content.length >= 2 && memcmp(content.data, "\xFE\xFF", 2) == 0))
	{
		file->charset = FEC_UTF16;
		file->rest = FromUtf16(content, !little, file->arena);
		return file->rest.data != NULL;
	}
	if (content.length >= 3 && memcmp(content.data, "\xEF\xBB\xBF", 3) == 0)
		file->rest = SpanOf(content.data + 3, content.length - 3);
	file->charset = Utf8IsValid(file->rest)	  ? FEC_UTF8
					: HasControls(file->rest) ? FEC_OTHER
											  : FEC_LATIN9;
	return true;
}

/* A cell as UTF-8, blanks around it left out. */
static Span
CellText(const FecFile *file, Span bytes)
{
	bool high = false;
	char *text;
	size_t length = 0;

	bytes = SpanTrim(bytes);
	for (size_t i = 0; i < bytes.length && !high; i++)
		high = (unsigned char) bytes.data[i] >= 0x80 || bytes.data[i] == 0;
	if (!high || file->charset == FEC_UTF8 || file->charset == FEC_UTF16)
		return bytes;
	text = ArenaAllocArray(file->scratch, bytes.length, 3);
	for (size_t i = 0; text != NULL && i < bytes.length; i++)
	{
		uint32_t c = (unsigned char) bytes.data[i];

		for (size_t k = 0; k < FEC_LATIN9_DIFFERENT; k++)
			if (FecLatin9[k].byte == c)
				c = FecLatin9[k].point;
		length += (size_t) Utf8Encode(c == 0 ? 0xFFFD : c, text + length);
	}
	return SpanOf(text != NULL ? text : "", length);
}

/* The cells of a line; those beyond the most there may be are left out. */
static void
Split(const FecFile *file, Span line, FecRow *row)
{
	for (row->cells = 0; row->cells < FEC_MOST_CELLS; row->cells++)
	{
		const char *end = line.length > 0 ? memchr(line.data, file->separator, line.length) : NULL;
		size_t length = end != NULL ? (size_t) (end - line.data) : line.length;

		row->text[row->cells] = CellText(file, SpanOf(line.data, length));
		if (end == NULL)
		{
			row->cells++;
			return;
		}
		line = SpanOf(end + 1, line.length - length - 1);
	}
}

static int16_t
FindColumn(Span name)
{
	for (int i = 0; i < FEC_NAMES; i++)
		if (name.length == strlen(column_names[i]) &&
			strncasecmp(name.data, column_names[i], name.length) == 0)
			return (int16_t) i;
	return -1;
}

static bool
ReadHeader(FecFile *file, Span line)
{
	FecRow row;
	int known = 0;

	file->separator = memchr(line.data, '\t', line.length) != NULL ? '\t' : '|';
	Split(file, line, &row);
	file->cells = row.cells;
	for (int i = 0; i < FEC_NAMES; i++)
		file->cell[i] = -1;
	for (uint32_t i = 0; i < row.cells; i++)
	{
		int16_t column = FindColumn(row.text[i]);

		file->header[i] = ArenaCopy(file->arena, row.text[i]);
		if (file->header[i].data == NULL)
			return false;
		if (column >= 0 && file->cell[column] >= 0)
			column = -1; /* the second of a name is an extra */
		file->column[i] = column;
		if (column >= 0)
		{
			file->cell[column] = (int16_t) i;
			known++;
		}
	}
	return known >= 3;
}

ClexStatus
FecOpen(FecFile *file, Span content, Arena *arena, Arena *scratch, ClexError *error)
{
	Span line = {NULL, 0};

	memset(file, 0, sizeof(*file));
	file->arena = arena;
	file->scratch = scratch;
	file->countdown = 1024;
	if (!TakeCharset(file, content))
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	while (NextLine(&file->rest, &line))
	{
		file->line++;
		if (SpanTrim(line).length == 0)
			continue;
		if (ReadHeader(file, line))
			return CLEX_OK;
		break;
	}
	if (arena->exhausted)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	if (SpanTrim(line).length == 0)
		return ClexFailEmpty(error);
	ClexFail(error, CLEX_UNSUPPORTED, "the file is not a file of accounting entries (FEC)");
	ClexDetail(error, "Its first line does not name columns such as JournalCode and EcritureNum.");
	return error->status;
}

bool
FecNext(FecFile *file, FecRow *row)
{
	Span line;

	while (NextLine(&file->rest, &line))
	{
		file->line++;
		if (SpanTrim(line).length == 0 || SpanEqualCString(line, "\x1A"))
			continue;
		ArenaRewind(file->scratch);
		row->line = file->line;
		Split(file, line, row);
		return true;
	}
	return false;
}

Span
FecCell(const FecFile *file, const FecRow *row, FecColumn column)
{
	int16_t cell = file->cell[column];

	return cell >= 0 && (uint32_t) cell < row->cells ? row->text[cell] : SpanOf(NULL, 0);
}

StatementDate
FecDate(Span text)
{
	StatementDate date = {0, false};

	date.known = DateParseCompact(text, &date.day) == CLEX_OK;
	return date;
}

FecNumber
FecAmount(Span text, Decimal *value)
{
	char plain[64];
	bool comma = false;

	*value = DECIMAL_ZERO;
	if (text.length == 0)
		return FEC_NO_NUMBER;
	if (text.length >= sizeof(plain))
		return FEC_BAD_NUMBER;
	for (size_t i = 0; i < text.length; i++)
	{
		comma |= text.data[i] == ',';
		plain[i] = text.data[i] == ',' ? '.' : text.data[i];
	}
	if (DecimalParse(SpanOf(plain, text.length), value) != CLEX_OK)
		return FEC_BAD_NUMBER;
	return !comma && memchr(text.data, '.', text.length) != NULL ? FEC_NUMBER_WITH_POINT
																 : FEC_NUMBER;
}

FecNumber
FecSides(const FecFile *file, const FecRow *row, Decimal *debit, Decimal *credit)
{
	FecNumber one, other;
	Span side;

	if (file->cell[FEC_DEBIT] >= 0 || file->cell[FEC_AMOUNT] < 0)
	{
		one = FecAmount(FecCell(file, row, FEC_DEBIT), debit);
		other = FecAmount(FecCell(file, row, FEC_CREDIT), credit);
		return one > other ? one : other;
	}
	one = FecAmount(FecCell(file, row, FEC_AMOUNT), debit);
	side = FecCell(file, row, FEC_SIDE);
	*credit = DECIMAL_ZERO;
	if (SpanEqualCString(side, "C") || SpanEqualCString(side, "-1"))
	{
		*credit = *debit;
		*debit = DECIMAL_ZERO;
	}
	else if (!SpanEqualCString(side, "D") && !SpanEqualCString(side, "+1") &&
			 !SpanEqualCString(side, "1"))
		return FEC_BAD_NUMBER;
	return one;
}

/* 732829320FEC20251231, with or without an extension and folders before. */
FecName
FecNameOf(Span file_name)
{
	FecName name = {{NULL, 0}, {0, false}, false};
	const char *slash =
		file_name.length > 0 ? memrchr(file_name.data, '/', file_name.length) : NULL;

	if (slash != NULL)
		file_name = SpanOf(slash + 1, file_name.length - (size_t) (slash + 1 - file_name.data));
	if (file_name.length < 20 || memcmp(file_name.data + 9, "FEC", 3) != 0 ||
		DigitsValue(file_name.data, 9) < 0 || (file_name.length > 20 && file_name.data[20] != '.'))
		return name;
	name.siren = SpanOf(file_name.data, 9);
	name.closing = FecDate(SpanOf(file_name.data + 12, 8));
	name.good = name.closing.known;
	return name;
}
