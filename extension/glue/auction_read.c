/*
 * auction_read.c
 *		The queries of an auction read through cursors, column by column.
 *
 * Rows come in batches from a cursor and go straight into the core's arrays: a million invoices are
 * never a million tuples at once.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "glue/auction_reader.h"
#include "glue/compat.h"

#define BATCH 10000

static void
BindColumns(Reader *reader, TupleDesc desc)
{
	reader->desc = desc;
	for (int c = 0; c < reader->column_count; c++)
	{
		AuctionColumn *column = &reader->columns[c];
		bool varlena;
		Oid output;

		for (int a = 1; a <= desc->natts; a++)
			if (strcmp(NameStr(TupleDescAttr(desc, a - 1)->attname), column->name) == 0)
				column->attribute = a;
		if (column->attribute == 0)
		{
			if (column->required)
				ereport(ERROR,
						(errcode(ERRCODE_UNDEFINED_COLUMN),
						 errmsg("the %s query has no column %s", reader->name, column->name)));
			continue;
		}
		column->type = TupleDescAttr(desc, column->attribute - 1)->atttypid;
		if (!column->is_text && column->type != INT8OID && column->type != INT4OID &&
			column->type != INT2OID)
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("column %s of the %s query has type %s", column->name,
								   reader->name, format_type_be(column->type)),
							errhint("Cast it to bigint.")));
		column->plain_text = column->type == TEXTOID || column->type == VARCHAROID;
		getTypeOutputInfo(column->type, &output, &varlena);
		fmgr_info(output, &column->output);
	}
}

Datum
ColumnDatum(Reader *reader, int c, bool *null)
{
	AuctionColumn *column = &reader->columns[c];
	Datum datum = 0;

	*null = true;
	if (column->attribute > 0)
		datum = heap_getattr(reader->tuple, column->attribute, reader->desc, null);
	if (*null && column->required)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("column %s is null in row %u of the %s query", column->name,
							   reader->row, reader->name)));
	return datum;
}

int64
ColumnInt(Reader *reader, int c, int64 absent)
{
	bool null;
	Datum datum = ColumnDatum(reader, c, &null);

	if (null)
		return absent;
	switch (reader->columns[c].type)
	{
		case INT8OID:
			return DatumGetInt64(datum);
		case INT4OID:
			return DatumGetInt32(datum);
		default:
			return DatumGetInt16(datum);
	}
}

int32
ColumnInt32(Reader *reader, int c, int64 absent)
{
	int64 value = ColumnInt(reader, c, absent);

	if (value < PG_INT32_MIN || value > PG_INT32_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid %s " INT64_FORMAT " in row %u of the %s query",
							   reader->columns[c].name, value, reader->row, reader->name)));
	return (int32) value;
}

Span
ColumnText(Reader *reader, int c)
{
	AuctionColumn *column = &reader->columns[c];
	bool null;
	Datum datum = ColumnDatum(reader, c, &null);

	if (null)
		return (Span){"", 0};
	if (column->plain_text)
	{
		text *t = DatumGetTextPP(datum);

		return SpanOf(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
	}
	return SpanFromCString(OutputFunctionCall(&column->output, datum));
}

int32
ColumnName(AuctionCall *call, Reader *reader, int c, AuctionName kind)
{
	int32 index = AuctionIntern(&call->auction, kind, ColumnText(reader, c));

	if (index < 0)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the auction needs more memory than its limit"),
						errhint("Raise the option memory_limit, or clear fewer invoices.")));
	return index;
}

void
ReadQuery(AuctionCall *call, Reader *reader, const char *query, RowReader row, void *state)
{
	MemoryContext per_batch =
		AllocSetContextCreate(call->context, "clex auction batch", ALLOCSET_DEFAULT_SIZES);
	SPIPlanPtr plan = SPI_prepare(query, 0, NULL);
	Portal portal;

	if (plan == NULL)
		ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR),
						errmsg("cannot prepare the %s query", reader->name)));
	if (!SPI_is_cursor_plan(plan))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the %s query does not return rows", reader->name),
						errhint("Give a single SELECT, VALUES or TABLE.")));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	BindColumns(reader, portal->tupDesc);
	for (;;)
	{
		MemoryContext old;

		SPI_cursor_fetch(portal, true, BATCH);
		if (SPI_processed == 0)
			break;
		old = MemoryContextSwitchTo(per_batch);
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			reader->tuple = SPI_tuptable->vals[i];
			reader->row++;
			row(call, reader, state);
		}
		MemoryContextSwitchTo(old);
		MemoryContextReset(per_batch);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	SPI_freeplan(plan);
	MemoryContextDelete(per_batch);
}
