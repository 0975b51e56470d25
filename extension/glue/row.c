/*
 * row.c
 *		Writing the rows of a set-returning function column by column, in their order.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

#include "glue/compat.h"
#include "glue/document.h"
#include "glue/finance_numeric.h"
#include "glue/row.h"

void
RowsOpen(RowWriter *rows, FunctionCallInfo fcinfo)
{
	InitMaterializedSRF(fcinfo, 0);
	rows->result = (ReturnSetInfo *) fcinfo->resultinfo;
	rows->memory = AllocSetContextCreate(CurrentMemoryContext, "clex row", ALLOCSET_DEFAULT_SIZES);
}

void
RowBegin(RowWriter *rows)
{
	CHECK_FOR_INTERRUPTS();
	rows->column = 0;
	rows->outer = MemoryContextSwitchTo(rows->memory);
}

void
RowEnd(RowWriter *rows)
{
	Assert(rows->column == rows->result->setDesc->natts);
	MemoryContextSwitchTo(rows->outer);
	tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, rows->values, rows->nulls);
	MemoryContextReset(rows->memory);
}

void
RowDatum(RowWriter *rows, bool known, Datum value)
{
	Assert(rows->column < ROW_COLUMNS);
	rows->values[rows->column] = known ? value : (Datum) 0;
	rows->nulls[rows->column] = !known;
	rows->column++;
}

void
RowInt(RowWriter *rows, bool known, int32 value)
{
	RowDatum(rows, known, Int32GetDatum(value));
}

void
RowBool(RowWriter *rows, bool value)
{
	RowDatum(rows, true, BoolGetDatum(value));
}

void
RowOptionalBool(RowWriter *rows, bool known, bool value)
{
	RowDatum(rows, known, BoolGetDatum(value));
}

void
RowDate(RowWriter *rows, bool known, int32 day)
{
	RowDatum(rows, known, DateADTGetDatum(day));
}

void
RowDecimal(RowWriter *rows, bool known, Decimal value)
{
	char text[DECIMAL_TEXT];

	if (!known)
		RowDatum(rows, false, (Datum) 0);
	else if (value.scale <= 36)
		RowDatum(rows, true, NumericGetDatum(NumericFromMinor(value.mantissa, value.scale)));
	else
	{
		DecimalFormat(value, text);
		RowDatum(rows, true,
				 DirectFunctionCall3(numeric_in, CStringGetDatum(text),
									 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	}
}

void
RowSpan(RowWriter *rows, Span text)
{
	RowDatum(rows, text.data != NULL,
			 text.data != NULL ? PointerGetDatum(TextFromSpan(text)) : (Datum) 0);
}
