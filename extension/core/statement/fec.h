/*
 * fec.h
 *		FEC, the French file of accounting entries: reading and checking.
 *
 * Source of the rules: LPF art. A47 A-1, BOI-CF-IOR-60-40-20.  Reading takes what is there; checking reports
 * rows F01 to F19.  A file is read line by line; checking keeps an account of every entry and every
 * lettering code, and nothing else.
 */
#ifndef CLEX_STATEMENT_FEC_H
#define CLEX_STATEMENT_FEC_H

#include "core/statement/statement.h"

/* The columns in their legal order; Montant and Sens may stand for Debit and Credit. */
typedef enum FecColumn
{
	FEC_JOURNAL_CODE,
	FEC_JOURNAL_LABEL,
	FEC_ENTRY_NUMBER,
	FEC_ENTRY_DATE,
	FEC_ACCOUNT,
	FEC_ACCOUNT_LABEL,
	FEC_AUXILIARY,
	FEC_AUXILIARY_LABEL,
	FEC_DOCUMENT,
	FEC_DOCUMENT_DATE,
	FEC_LABEL,
	FEC_DEBIT,
	FEC_CREDIT,
	FEC_LETTERING,
	FEC_LETTERING_DATE,
	FEC_VALIDATION_DATE,
	FEC_FOREIGN_AMOUNT,
	FEC_FOREIGN_CURRENCY,
	FEC_COLUMNS,
	FEC_AMOUNT = FEC_COLUMNS,
	FEC_SIDE,
	FEC_NAMES
} FecColumn;

#define FEC_MOST_CELLS 256

typedef enum FecCharset
{
	FEC_UTF8, /* or ASCII */
	FEC_LATIN9,
	FEC_UTF16,
	FEC_OTHER, /* read as Latin-9, which has no such bytes */
} FecCharset;

/* Where ISO 8859-15 differs from ISO 8859-1.  Source: Unicode mappings. */
#define FEC_LATIN9_DIFFERENT 8

typedef struct FecLatin9Fact
{
	uint8_t byte;
	uint16_t point;
} FecLatin9Fact;

extern const FecLatin9Fact FecLatin9[FEC_LATIN9_DIFFERENT];

typedef enum FecNumber
{
	FEC_NO_NUMBER, /* empty */
	FEC_NUMBER,
	FEC_NUMBER_WITH_POINT,
	FEC_BAD_NUMBER,
} FecNumber;

typedef struct FecFile
{
	Arena *arena;
	Arena *scratch; /* of one row */
	Span rest;		/* of the content */
	FecCharset charset;
	char separator;
	uint32_t line;
	uint32_t cells; /* of the header */
	Span header[FEC_MOST_CELLS];
	int16_t column[FEC_MOST_CELLS]; /* FecColumn of a cell, -1: an extra */
	int16_t cell[FEC_NAMES];		/* cell of a column, -1: there is none */
	uint32_t countdown;
} FecFile;

typedef struct FecRow
{
	uint32_t line;
	uint32_t cells;
	Span text[FEC_MOST_CELLS]; /* by cell, UTF-8; empty cells have length 0 */
} FecRow;

/* What a file's name says: SIREN, FEC, closing date. */
typedef struct FecName
{
	Span siren;
	StatementDate closing;
	bool good;
} FecName;

extern const char *FecColumnName(FecColumn column);

/* Read the header.  CLEX_UNSUPPORTED if it is not that of an FEC, CLEX_NO_MEMORY. */
extern ClexStatus FecOpen(FecFile *file, Span content, Arena *arena, Arena *scratch,
						  ClexError *error);

/* The next row that is not blank; false at the end.  Its texts live until the next call. */
extern bool FecNext(FecFile *file, FecRow *row);

/* A cell of a row by column; NULL data if the file or the row has no such cell. */
extern Span FecCell(const FecFile *file, const FecRow *row, FecColumn column);

extern StatementDate FecDate(Span text);
extern FecNumber FecAmount(Span text, Decimal *value);

/* Debit and credit, also where they are written as amount and side. */
extern FecNumber FecSides(const FecFile *file, const FecRow *row, Decimal *debit, Decimal *credit);

extern FecName FecNameOf(Span file_name);

/* How a file is written. */
typedef struct FecLayout
{
	char separator; /* tab or | */
	bool latin9;	/* ISO 8859-15, else UTF-8 */
	bool sides;		/* Montant and Sens instead of Debit and Credit */
	const char *line_end;
	const Span *extras; /* names of further columns */
	uint32_t extra_count;
} FecLayout;

/*
 * The header, then each row: `text` by FecColumn, dates as YYYY-MM-DD, amounts as decimals with a point; NULL
 * data: empty.  Errors: CLEX_INVALID (a cell that cannot be written; message and detail say which and why),
 * CLEX_NO_MEMORY.
 */
extern ClexStatus FecWriteHeader(const FecLayout *layout, Text *out, ClexError *error);
extern ClexStatus FecWriteRow(const FecLayout *layout, const Span text[FEC_COLUMNS],
							  const Span *extras, Text *out, ClexError *error);

typedef struct FecFinding
{
	const char *rule; /* "FEC-F01": name of its message; the code is what follows "FEC-" */
	bool fatal;
	uint32_t line;
	const char *column; /* NULL: none */
	Span found;
	Span expected;
} FecFinding;

typedef void (*FecSink)(void *state, const FecFinding *finding);

/*
 * Check a file.  `file_name` with NULL data: its name is not looked at.  Errors: CLEX_UNSUPPORTED,
 * CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus FecCheck(Span content, Span file_name, Arena *arena, Arena *scratch, FecSink sink,
						   void *state, ClexError *error);

#endif
