/*
 * reader.h
 *		What the readers of statements share: the run, its problems, sums, texts.
 */
#ifndef CLEX_STATEMENT_READER_H
#define CLEX_STATEMENT_READER_H

#include "core/statement/statement.h"

typedef struct StatementReader
{
	const StatementRequest *request;
	ClexError *error;
	ClexStatus status; /* once it is not CLEX_OK, reading ends */
	Statement statement;
	bool open;			 /* a statement is being read */
	uint32_t statements; /* so far */
	uint32_t usable;	 /* of those, worth to be called so */
	uint32_t amounts;	 /* of the statement at hand that can be read */
	uint32_t countdown;	 /* to the next interrupt probe */
	Arena kept;			 /* texts of the statement at hand */
	Text building
		[ENTRY_TEXTS]; /* texts of the entry at hand that were put together; they grow in place */
	uint64_t *seen;	   /* hashes of entries of the statement at hand: open addressing */
	uint32_t seen_slots;
	uint32_t seen_count;
} StatementReader;

extern void ReadCamt(StatementReader *reader);
extern void ReadMt940(StatementReader *reader);
extern void ReadCfonb120(StatementReader *reader);

/* False when the run is over: cancelled, out of memory, refused. */
extern bool ReaderGoesOn(StatementReader *reader);

/* End the run for want of memory; returns false. */
extern bool ReaderOutOfMemory(StatementReader *reader);

/* A problem at a place.  `found` and `expected` may have NULL data. */
extern void ReaderProblem(StatementReader *reader, const char *code, ProblemSeverity severity,
						  uint32_t line, const char *place, Span found, const char *expected);
/* The same about an entry; 0: about the statement. */
extern void ReaderEntryProblem(StatementReader *reader, uint32_t entry, const char *code,
							   ProblemSeverity severity, uint32_t line, const char *place,
							   Span found, const char *expected);

/* Begin a statement, hand it over at its end. */
extern void ReaderBegin(StatementReader *reader, uint32_t line);
extern void ReaderEnd(StatementReader *reader, bool usable);

/* Count a balance or an entry, and hand it over.  The scratch arena is reset after an entry. */
extern void ReaderBalance(StatementReader *reader, const StatementBalance *balance);
extern void ReaderEntry(StatementReader *reader, StatementEntry *entry);
/* The same for one transaction of an entry, which adds nothing to the sums. */
extern void ReaderDetail(StatementReader *reader, const StatementEntry *entry);

/* Opening balance and entries must give the closing balance, as far as all are known. */
extern void ReaderCheckSum(StatementReader *reader, ProblemSeverity severity, uint32_t line,
						   const char *place);

/* UTF-8 text of bytes of the content, without white space around it; NULL data if nothing is left. */
extern Span ReaderText(StatementReader *reader, Span bytes, Arena *arena);

/*
 * A text of which the columns count, one byte a character: UTF-8 becomes Windows-1252, with U+FFFD's place
 * taken by a question mark.  Other texts stay as they are.
 */
extern Span ReaderNarrow(StatementReader *reader, Span text);

/* Append to a text of an entry, a separator between. */
extern void EntryAppend(StatementReader *reader, StatementEntry *entry, EntryText which, Span text,
						const char *separator);

/* Take the next line off a text, without its line end; false when nothing is left. */
extern bool NextLine(Span *rest, Span *line);

/* Exactly `count` digits as a number, -1 if there are others. */
extern int DigitsValue(const char *digits, int count);
/* A date of two-digit year, month and day; years from `pivot` on are of the 20th century. */
extern bool ShortDate(int year, int month, int day, int pivot, int32_t *date);

#endif
