/*
 * fec.c
 *		clex.read_fec, clex.fec_findings.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "core/statement/fec.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/finding_rows.h"
#include "glue/limits.h"
#include "glue/report.h"
#include "glue/row.h"
#include "glue/workspace.h"

PG_FUNCTION_INFO_V1(clex_fec_read);
PG_FUNCTION_INFO_V1(clex_fec_findings);

/* What is done with a cell of a row. */
typedef enum CellKind
{
	CELL_TEXT,
	CELL_DATE,
	CELL_SIDE,
	CELL_NUMBER,
} CellKind;

static CellKind
KindOf(FecColumn column)
{
	switch (column)
	{
		case FEC_ENTRY_DATE:
		case FEC_DOCUMENT_DATE:
		case FEC_LETTERING_DATE:
		case FEC_VALIDATION_DATE:
			return CELL_DATE;
		case FEC_DEBIT:
		case FEC_CREDIT:
		case FEC_AMOUNT:
		case FEC_SIDE:
			return CELL_SIDE;
		case FEC_FOREIGN_AMOUNT:
			return CELL_NUMBER;
		default:
			return CELL_TEXT;
	}
}

/* Can a cell not be given in its column? */
static bool
IsUnreadable(const FecFile *file, const FecRow *row, uint32_t cell)
{
	Span text = row->text[cell];
	Decimal one, other;

	if (text.length == 0)
		return false;
	switch (KindOf((FecColumn) file->column[cell]))
	{
		case CELL_DATE:
			return !FecDate(text).known;
		case CELL_NUMBER:
			return FecAmount(text, &one) == FEC_BAD_NUMBER;
		case CELL_SIDE:
			return FecSides(file, row, &one, &other) == FEC_BAD_NUMBER;
		case CELL_TEXT:
			break;
	}
	return false;
}

static void
PushText(JsonbParseState **state, JsonbIteratorToken token, Span text)
{
	char *string = StringFromSpan(text);
	JsonbValue value = {.type = jbvString};

	value.val.string.val = string;
	value.val.string.len = (int) strlen(string);
	pushJsonbValue(state, token, &value);
}

/* Columns beyond the 18 and cells that cannot be read, by name; NULL if there are none. */
static void
PutExtras(RowWriter *rows, const FecFile *file, const FecRow *row)
{
	JsonbParseState *state = NULL;
	JsonbValue *object;
	int count = 0;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (uint32_t i = 0; i < row->cells; i++)
	{
		char place[16];

		if (row->text[i].length == 0 ||
			(i < file->cells && file->column[i] >= 0 && !IsUnreadable(file, row, i)))
			continue;
		snprintf(place, sizeof(place), "%u", i + 1);
		PushText(&state, WJB_KEY,
				 i < file->cells && file->header[i].length > 0 ? file->header[i]
															   : SpanFromCString(place));
		PushText(&state, WJB_VALUE, row->text[i]);
		count++;
	}
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	RowDatum(rows, count > 0, JsonbPGetDatum(JsonbValueToJsonb(object)));
}

static void
PutRow(RowWriter *rows, const FecFile *file, const FecRow *row)
{
	Decimal debit = DECIMAL_ZERO;
	Decimal credit = DECIMAL_ZERO;
	FecNumber sides = FecSides(file, row, &debit, &credit);
	bool known = sides == FEC_NUMBER || sides == FEC_NUMBER_WITH_POINT;

	RowBegin(rows);
	RowInt(rows, true, (int32) row->line);
	for (int i = 0; i < FEC_COLUMNS; i++)
	{
		Span text = FecCell(file, row, (FecColumn) i);
		Decimal number = DECIMAL_ZERO;

		switch (KindOf((FecColumn) i))
		{
			case CELL_DATE:
				RowDate(rows, FecDate(text).known, FecDate(text).day);
				break;
			case CELL_SIDE:
				RowDecimal(rows, known, i == FEC_DEBIT ? debit : credit);
				break;
			case CELL_NUMBER:
				known = FecAmount(text, &number) == FEC_NUMBER ||
						FecAmount(text, &number) == FEC_NUMBER_WITH_POINT;
				RowDecimal(rows, known, number);
				break;
			case CELL_TEXT:
				RowSpan(rows, text.length > 0 ? text : SpanOf(NULL, 0));
				break;
		}
	}
	PutExtras(rows, file, row);
}

/* The file name argument in UTF-8; NULL data if it is NULL. */
static Span
FileName(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(1) ? SpanOf(NULL, 0) : TextArgument(PG_GETARG_DATUM(1));
}

/* read_fec(content bytea, file_name text) -> rows of lines */
Datum
clex_fec_read(PG_FUNCTION_ARGS)
{
	RowWriter rows;
	FecName name = FecNameOf(FileName(fcinfo));
	ClexEnv *env = BackendEnv(CurrentMemoryContext);
	FecFile *file = palloc(sizeof(FecFile));
	FecRow *row = palloc(sizeof(FecRow));
	ClexError error = {0};
	bytea *content;
	Arena arena;
	Arena scratch;

	RowsOpen(&rows, fcinfo);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	content = PG_GETARG_BYTEA_PP(0);
	ArenaInit(&arena, env, CurrentMemoryLimit());
	ArenaInit(&scratch, env, CurrentMemoryLimit());
	if (FecOpen(file, SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)), &arena, &scratch,
				&error) != CLEX_OK)
		ReportError(&error);
	while (FecNext(file, row))
	{
		PutRow(&rows, file, row);
		RowSpan(&rows, name.good ? name.siren : SpanOf(NULL, 0));
		RowDate(&rows, name.good, name.closing.day);
		RowEnd(&rows);
	}
	ArenaFree(&arena);
	ArenaFree(&scratch);
	return (Datum) 0;
}

/* What a sink of findings needs. */
typedef struct FindingCall
{
	RowWriter rows;
	Workspace *workspace;
	MessageLanguage language;
} FindingCall;

static void
PutFinding(void *state, const FecFinding *fec)
{
	FindingCall *call = state;
	RowWriter *rows = &call->rows;
	Span column = fec->column != NULL ? SpanFromCString(fec->column) : SpanOf(NULL, 0);
	Finding finding = {
		.notice = fec->rule, .about = column, .found = fec->found, .expected = fec->expected};
	Text message;

	TextInit(&message, &call->workspace->scratch);
	MessageWrite(&finding, call->language, call->workspace->wording, &message);
	RowBegin(rows);
	RowSpan(rows, SpanFromCString(fec->rule + strlen("FEC-")));
	RowSpan(rows, SpanFromCString(fec->fatal ? "fatal" : "warning"));
	RowInt(rows, fec->line > 0, (int32) fec->line);
	RowSpan(rows, column);
	RowSpan(rows, fec->found);
	RowSpan(rows, fec->expected);
	RowSpan(rows, TextSpan(&message));
	RowEnd(rows);
	ArenaRewind(&call->workspace->scratch);
}

/* fec_findings(content bytea, file_name text, lang text) -> rows of findings */
Datum
clex_fec_findings(PG_FUNCTION_ARGS)
{
	FindingCall call = {.language = FindingLanguage(fcinfo, 2)};
	ClexEnv *env = BackendEnv(CurrentMemoryContext);
	ClexError error = {0};
	bytea *content;
	Arena arena;
	Arena scratch;

	RowsOpen(&call.rows, fcinfo);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	content = PG_GETARG_BYTEA_PP(0);
	call.workspace = WorkspaceOpen();
	ArenaInit(&arena, env, CurrentMemoryLimit());
	ArenaInit(&scratch, env, CurrentMemoryLimit());
	if (FecCheck(SpanOf(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)), FileName(fcinfo), &arena,
				 &scratch, PutFinding, &call, &error) != CLEX_OK)
		ReportError(&error);
	ArenaFree(&arena);
	ArenaFree(&scratch);
	WorkspaceClose(call.workspace);
	return (Datum) 0;
}
