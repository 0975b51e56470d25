/*
 * auction_reader.h
 *		The columns of a query's rows, by name: what auction_read.c offers auction_input.c.
 *
 * Every complaint names query, row and column.
 */
#ifndef CLEX_GLUE_AUCTION_READER_H
#define CLEX_GLUE_AUCTION_READER_H

#include "glue/auction_read.h"

typedef struct AuctionColumn
{
	const char *name;
	bool is_text;
	bool required;
	int attribute; /* 0 = absent */
	bool plain_text;
	Oid type;
	FmgrInfo output;
} AuctionColumn;

/* One query on its way in. */
typedef struct Reader
{
	const char *name;
	AuctionColumn *columns;
	int column_count;
	uint32 row;
	HeapTuple tuple;
	TupleDesc desc;
} Reader;

typedef void (*RowReader)(AuctionCall *call, Reader *reader, void *state);

/* A column's datum; an error where a required one is null. */
extern Datum ColumnDatum(Reader *reader, int c, bool *null);
/* An integer column, or what stands for an absent or null one. */
extern int64 ColumnInt(Reader *reader, int c, int64 absent);
/* The same where the core keeps 32 bits: what does not fit is as invalid as any huge value. */
extern int32 ColumnInt32(Reader *reader, int c, int64 absent);
/* A text column as bytes; empty when absent or null. */
extern Span ColumnText(Reader *reader, int c);
/* The number of a text column's name. */
extern int32 ColumnName(AuctionCall *call, Reader *reader, int c, AuctionName kind);
/* Run a query through a cursor and hand over its rows. */
extern void ReadQuery(AuctionCall *call, Reader *reader, const char *query, RowReader row,
					  void *state);

#endif
