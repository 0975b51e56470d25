/*
 * flat_rows.c
 *		The rows of CSV and positional files.
 *
 * Lines end with LF, CR LF or CR, mixed as they may be.  A quote that is never closed would swallow the rest
 * of the file: it is looked for within FLAT_LONGEST_CELL, and where there is none the cell ends with its line.
 */
#include "core/codec/flat_rows.h"

#include <stdio.h>

#include "core/base/charset.h"
#include "core/base/utf8.h"

void
FlatTell(FlatRows *rows, const char *code, FlatSeverity severity, Span column, Span found,
		 Span expected)
{
	FlatProblem problem = {.code = code,
						   .severity = severity,
						   .row = rows->row,
						   .line = rows->line,
						   .column = column,
						   .found = found.data != NULL ? SpanCut(found, 200) : found,
						   .expected = expected};

	if (rows->problem != NULL)
		rows->problem(rows->state, &problem);
}

/* The same about a cell by its number. */
static void
TellCell(FlatRows *rows, const char *code, uint32_t cell, Span found)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", cell + 1);
	FlatTell(rows, code, FLAT_ERROR, SpanFromCString(number), found, SpanOf(NULL, 0));
}

void
FlatRowsOpen(FlatRows *rows, const FlatMapping *mapping, Span content, Arena *scratch)
{
	memset(rows, 0, sizeof(*rows));
	rows->mapping = mapping;
	rows->scratch = scratch;
	rows->next_line = 1;
	if (content.length >= 3 && memcmp(content.data, "\xEF\xBB\xBF", 3) == 0)
		content = SpanOf(content.data + 3, content.length - 3);
	rows->rest = content;
	rows->latin9 = mapping->encoding == FLAT_ISO_8859_15;
	rows->windows = mapping->encoding == FLAT_WINDOWS_1252 || rows->latin9 ||
					(mapping->encoding == FLAT_DETECT && !Utf8IsValid(content));
}

/* Bytes as UTF-8.  What the encoding does not have is told, and read as Windows-1252 or U+FFFD. */
static Span
Decode(FlatRows *rows, uint32_t cell, Span bytes)
{
	bool plain = true;
	bool strange = false;
	Text text;

	for (size_t i = 0; i < bytes.length && plain; i++)
		plain = (unsigned char) bytes.data[i] < 0x80 && bytes.data[i] != 0;
	if (!plain && rows->wide && memmem(bytes.data, bytes.length, "\xEF\xBF\xBD", 3) != NULL)
		TellCell(rows, "FLAT-CHARACTER", cell, bytes);
	if (plain || (!rows->windows && Utf8IsValid(bytes)))
		return bytes;
	TextInit(&text, rows->scratch);
	TextReserve(&text, bytes.length * 3);
	for (size_t i = 0; i < bytes.length && !text.failed; i++)
	{
		unsigned char byte = (unsigned char) bytes.data[i];
		uint32_t point = rows->latin9 ? Iso8859_15Point(byte) : Windows1252Point(byte);
		char encoded[4];

		strange |= point == 0;
		TextAppend(&text, encoded, (size_t) Utf8Encode(point == 0 ? 0xFFFD : point, encoded));
	}
	if (text.failed)
	{
		rows->failed = true;
		return SpanOf("", 0);
	}
	if (strange || !rows->windows)
		TellCell(rows, "FLAT-CHARACTER", cell, TextSpan(&text));
	return TextSpan(&text);
}

/* Bytes of a line end at a place, 0 if there is none. */
static size_t
LineEnd(Span s, size_t at)
{
	if (at >= s.length)
		return 0;
	if (s.data[at] == '\n')
		return 1;
	return s.data[at] == '\r' ? 1 + (at + 1 < s.length && s.data[at + 1] == '\n') : 0;
}

/* Where a cell without quotes ends. */
static size_t
PlainEnd(const FlatRows *rows, size_t at)
{
	Span s = rows->rest;
	char separator = rows->mapping->positional ? '\n' : rows->mapping->separator;

	while (at < s.length && s.data[at] != separator && s.data[at] != '\n' && s.data[at] != '\r')
		at++;
	return at;
}

/*
 * A cell that begins with a quote: its text, and in *at where it ends.  False: the quote is not closed within
 * the longest cell.
 */
static bool
QuotedCell(FlatRows *rows, size_t *at, Text *text)
{
	Span s = rows->rest;
	char quote = rows->mapping->quote;
	size_t last = s.length - *at > FLAT_LONGEST_CELL ? *at + FLAT_LONGEST_CELL : s.length;
	size_t from = *at + 1;

	TextInit(text, rows->scratch);
	for (;;)
	{
		const char *close = from < last ? memchr(s.data + from, quote, last - from) : NULL;
		size_t end;

		if (close == NULL)
			return false;
		end = (size_t) (close - s.data);
		TextAppendSpan(text, SpanOf(s.data + from, end - from));
		from = end + 1;
		if (from >= s.length || s.data[from] != quote)
			break;
		TextAppendChar(text, quote);
		from++;
	}
	for (size_t i = *at; i < from; i++)
		rows->next_line += s.data[i] == '\n';
	*at = from;
	return true;
}

/* One cell from a place on; returns where it ends. */
static size_t
TakeCell(FlatRows *rows, size_t at)
{
	Span s = rows->rest;
	size_t end = at;
	size_t rest;
	Text text;
	Span cell;

	if (rows->mapping->quote != 0 && at < s.length && s.data[at] == rows->mapping->quote)
	{
		if (QuotedCell(rows, &end, &text))
		{
			rest = end;
			end = PlainEnd(rows, end);
			if (end > rest)
				TellCell(rows, "FLAT-QUOTE", rows->cells, SpanOf(s.data + at, end - at));
			TextAppendSpan(&text, SpanOf(s.data + rest, end - rest));
			rows->failed |= text.failed;
			cell =
				text.failed ? SpanOf("", 0) : SpanOf(text.length > 0 ? text.data : "", text.length);
		}
		else
		{
			end = PlainEnd(rows, at);
			cell = SpanOf(s.data + at, end - at);
			TellCell(rows, "FLAT-QUOTE", rows->cells, cell);
		}
	}
	else
	{
		end = PlainEnd(rows, at);
		cell = SpanOf(s.data + at, end - at);
	}
	if (cell.length > FLAT_LONGEST_CELL)
	{
		TellCell(rows, "FLAT-LONG", rows->cells, SpanOf(NULL, 0));
		cell.length = 0;
	}
	if (rows->cells < FLAT_MOST_FIELDS)
		rows->cell[rows->cells] = Decode(rows, rows->cells, cell);
	rows->cells++;
	return end;
}

bool
FlatRowsNext(FlatRows *rows)
{
	bool blank = true;

	while (blank && rows->rest.length > 0 && !rows->failed)
	{
		size_t at = 0;

		ArenaRewind(rows->scratch);
		rows->row++;
		rows->line = rows->next_line;
		rows->cells = 0;
		for (;;)
		{
			at = TakeCell(rows, at);
			/* nobody has so many: the rest of the line is passed over */
			while (rows->cells > FLAT_MOST_FIELDS && at < rows->rest.length &&
				   LineEnd(rows->rest, at) == 0)
				at++;
			if (at >= rows->rest.length || LineEnd(rows->rest, at) > 0)
				break;
			at++; /* the separator */
		}
		if (rows->cells > FLAT_MOST_FIELDS)
		{
			FlatTell(rows, "FLAT-LONG", FLAT_ERROR, SpanOf(NULL, 0), SpanOf(NULL, 0),
					 SpanOf(NULL, 0));
			rows->cells = FLAT_MOST_FIELDS;
		}
		blank = rows->cells == 1 &&
				(SpanTrim(rows->cell[0]).length == 0 || SpanEqualCString(rows->cell[0], "\x1A"));
		at += LineEnd(rows->rest, at);
		rows->next_line++;
		rows->rest = SpanOf(rows->rest.data + at, rows->rest.length - at);
	}
	return !blank && !rows->failed;
}

Span
FlatRowsPart(const FlatRows *rows, uint32_t start, uint32_t length)
{
	Span row = rows->cell[0];
	size_t at = 0;
	size_t end;

	for (; start > 1 && at < row.length; start--)
		for (at++; at < row.length && ((unsigned char) row.data[at] & 0xC0) == 0x80;)
			at++;
	for (end = at; length > 0 && end < row.length; length--)
		for (end++; end < row.length && ((unsigned char) row.data[end] & 0xC0) == 0x80;)
			end++;
	return SpanTrim(SpanOf(row.data + at, end - at));
}
