/*
 * row.h
 *		Writing the rows of a set-returning function column by column, in their order.
 */
#ifndef CLEX_GLUE_ROW_H
#define CLEX_GLUE_ROW_H

#include "fmgr.h"
#include "nodes/execnodes.h"

#include "core/base/decimal.h"

#define ROW_COLUMNS 64

typedef struct RowWriter
{
	ReturnSetInfo *result;
	MemoryContext memory; /* of one row */
	MemoryContext outer;
	int column;
	Datum values[ROW_COLUMNS];
	bool nulls[ROW_COLUMNS];
} RowWriter;

/* Begin the result of a call: InitMaterializedSRF. */
extern void RowsOpen(RowWriter *rows, FunctionCallInfo fcinfo);

/* The columns between RowBegin and RowEnd must be as many as the result has. */
extern void RowBegin(RowWriter *rows);
extern void RowEnd(RowWriter *rows);

extern void RowDatum(RowWriter *rows, bool known, Datum value);
extern void RowInt(RowWriter *rows, bool known, int32 value);
extern void RowBool(RowWriter *rows, bool value);
extern void RowOptionalBool(RowWriter *rows, bool known, bool value);
extern void RowDate(RowWriter *rows, bool known, int32 day);
extern void RowDecimal(RowWriter *rows, bool known, Decimal value);
/* UTF-8; NULL data is NULL. */
extern void RowSpan(RowWriter *rows, Span text);

#endif
