/*
 * fec_write.c
 *		clex.write_fec: rows of accounting entries, as JSON with the columns of clex.read_fec(), to a file.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "core/statement/fec.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/limits.h"
#include "glue/payment.h"
#include "glue/report.h"

PG_FUNCTION_INFO_V1(clex_fec_write);

/* The columns of clex.read_fec() in the order of FecColumn. */
static const char *const fec_columns[FEC_COLUMNS] = {
	"journal_code", "journal_lib",	"ecriture_num", "ecriture_date", "compte_num",	   "compte_lib",
	"comp_aux_num", "comp_aux_lib", "piece_ref",	"piece_date",	 "ecriture_lib",   "debit",
	"credit",		"ecriture_let", "date_let",		"valid_date",	 "montant_devise", "idevise",
};

/* A file being written, and the row at hand. */
typedef struct FecCall
{
	FecLayout layout;
	Span names[FEC_MOST_CELLS]; /* of further columns */
	Span text[FEC_COLUMNS];
	Span extras[FEC_MOST_CELLS];
	uint32 row;
	bool check;
	Span file_name;
	bool failed; /* the check found something fatal: the sentence */
	FecFinding finding;
} FecCall;

static void
BadOption(Span key, const char *allowed)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("option \"%s\" has no such value", StringFromSpan(SpanCut(key, 60))),
					errhint("It is %s.", allowed)));
}

/* The names of further columns: an array of texts. */
static void
TakeExtraNames(FecCall *call, Span key, const JsonbValue *value)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue item;

	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data) ||
		JsonContainerSize(value->val.binary.data) > FEC_MOST_CELLS - FEC_COLUMNS)
		BadOption(key, "an array of column names");
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &item, true)) != WJB_DONE)
		if (token == WJB_ELEM)
		{
			if (item.type != jbvString)
				BadOption(key, "an array of column names");
			call->names[call->layout.extra_count++] = JsonText(&item);
		}
}

/* The four columns that cash accounting has after the 18 (LPF art. A47 A-1 VIII), behind any others. */
static void
AddCashColumns(FecCall *call, Span key, const JsonbValue *value)
{
	static const char *const names[] = {"DateRglt", "ModeRglt", "NatOp", "IdClient"};

	if (value->type != jbvBool)
		BadOption(key, "true or false");
	for (size_t i = 0; i < lengthof(names) && value->val.boolean; i++)
	{
		if (call->layout.extra_count == FEC_MOST_CELLS - FEC_COLUMNS)
			BadOption(key, "false where there are so many other columns");
		call->names[call->layout.extra_count++] = SpanFromCString(names[i]);
	}
}

static void
TakeFecOption(void *state, Span key, const JsonbValue *value)
{
	FecCall *call = state;
	Span given = JsonText(value);

	if (SpanEqualCString(key, "separator"))
	{
		call->layout.separator = SpanEqualCString(given, "|") ? '|' : '\t';
		if (call->layout.separator == '\t' && !SpanEqualCString(given, "tab"))
			BadOption(key, "tab or |");
	}
	else if (SpanEqualCString(key, "encoding"))
	{
		call->layout.latin9 = SpanEqualCString(given, "iso-8859-15");
		if (!call->layout.latin9 && !SpanEqualCString(given, "utf-8"))
			BadOption(key, "utf-8 or iso-8859-15");
	}
	else if (SpanEqualCString(key, "line_end"))
	{
		call->layout.line_end = SpanEqualCString(given, "lf") ? "\n" : "\r\n";
		if (!SpanEqualCString(given, "lf") && !SpanEqualCString(given, "crlf"))
			BadOption(key, "crlf or lf");
	}
	else if (SpanEqualCString(key, "amounts"))
	{
		call->layout.sides = SpanEqualCString(given, "montant_sens");
		if (!call->layout.sides && !SpanEqualCString(given, "debit_credit"))
			BadOption(key, "debit_credit or montant_sens");
	}
	else if (SpanEqualCString(key, "extra_columns"))
		TakeExtraNames(call, key, value);
	else if (SpanEqualCString(key, "cash_accounting"))
		AddCashColumns(call, key, value);
	else if (SpanEqualCString(key, "file_name"))
		call->file_name = given;
	else if (SpanEqualCString(key, "check") && value->type == jbvBool)
		call->check = value->val.boolean;
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown option \"%s\"", StringFromSpan(SpanCut(key, 60))),
				 errhint("Options are separator, encoding, line_end, amounts, extra_columns, "
						 "cash_accounting, file_name and check (true or false).")));
}

static void
BadRow(const FecCall *call, Span key, const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("\"%s\" %s", StringFromSpan(SpanCut(key, 60)), what),
					errdetail("Row %u.", call->row)));
}

static void
TakeExtra(void *state, Span key, const JsonbValue *value)
{
	FecCall *call = state;

	for (uint32 i = 0; i < call->layout.extra_count; i++)
		if (SpanEqual(call->names[i], key))
		{
			if (value->type == jbvBinary)
				BadRow(call, key, "is neither a text nor a number");
			call->extras[i] = JsonText(value);
			return;
		}
	if (value->type != jbvNull)
		BadRow(call, key, "is not among option extra_columns");
}

static void
TakeCell(void *state, Span key, const JsonbValue *value)
{
	FecCall *call = state;

	for (int i = 0; i < FEC_COLUMNS; i++)
		if (SpanEqualCString(key, fec_columns[i]))
		{
			if (value->type == jbvBinary)
				BadRow(call, key, "is neither a text nor a number");
			call->text[i] = JsonText(value);
			return;
		}
	if (SpanEqualCString(key, "extras"))
	{
		if (value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data))
			EachMember(value->val.binary.data, TakeExtra, call);
		else if (value->type != jbvNull)
			BadRow(call, key, "is not an object");
	}
	/* what clex.read_fec() adds stands in no cell */
	else if (!SpanEqualCString(key, "line") && !SpanEqualCString(key, "siren") &&
			 !SpanEqualCString(key, "closing_date"))
		BadRow(call, key, "is not a column of clex.read_fec()");
}

/* All rows of the array to the text. */
static void
WriteRows(FecCall *call, Jsonb *rows, Text *out)
{
	MemoryContext memory =
		AllocSetContextCreate(CurrentMemoryContext, "clex fec row", ALLOCSET_DEFAULT_SIZES);
	JsonbIterator *iterator = JsonbIteratorInit(&rows->root);
	ClexError error = {0};
	JsonbIteratorToken token;
	JsonbValue item;
	bool inside = false;

	if (FecWriteHeader(&call->layout, out, &error) != CLEX_OK)
		ReportError(&error);
	while ((token = JsonbIteratorNext(&iterator, &item, inside)) != WJB_DONE)
	{
		MemoryContext outer;

		inside = true;
		if (token != WJB_ELEM)
			continue;
		CHECK_FOR_INTERRUPTS();
		call->row++;
		if (item.type != jbvBinary || !JsonContainerIsObject(item.val.binary.data))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a row is not an object"), errdetail("Row %u.", call->row)));
		memset(call->text, 0, sizeof(call->text));
		memset(call->extras, 0, sizeof(call->extras));
		outer = MemoryContextSwitchTo(memory);
		EachMember(item.val.binary.data, TakeCell, call);
		MemoryContextSwitchTo(outer);
		if (FecWriteRow(&call->layout, call->text, call->extras, out, &error) != CLEX_OK)
		{
			ClexHint(&error, "It is in row %u.", call->row);
			ReportError(&error);
		}
		MemoryContextReset(memory);
	}
	MemoryContextDelete(memory);
}

/* The first fatal finding. */
static void
KeepFinding(void *state, const FecFinding *finding)
{
	FecCall *call = state;

	if (call->failed || !finding->fatal)
		return;
	call->failed = true;
	call->finding = *finding;
	call->finding.found = SpanFromCString(
		finding->found.data != NULL ? StringFromSpan(SpanCut(finding->found, 60)) : "");
}

/* A file that the rules refuse is not given out. */
static void
CheckFile(FecCall *call, Span content, Arena *arena, Arena *scratch)
{
	ClexError error = {0};

	if (FecCheck(content, call->file_name, arena, scratch, KeepFinding, call, &error) != CLEX_OK)
		ReportError(&error);
	if (call->failed)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the rows do not make a valid file of accounting entries"),
				 errdetail("Rule %s at line %u%s%s: \"%s\".", call->finding.rule + strlen("FEC-"),
						   call->finding.line, call->finding.column != NULL ? ", column " : "",
						   call->finding.column != NULL ? call->finding.column : "",
						   call->finding.found.data),
				 errhint("With option \"check\": false it is written all the same, and "
						 "clex.fec_findings() lists what is wrong.")));
}

/* write_fec(entries jsonb, options jsonb) -> bytea */
Datum
clex_fec_write(PG_FUNCTION_ARGS)
{
	Jsonb *rows = PG_GETARG_JSONB_P(0);
	Jsonb *options = PG_GETARG_JSONB_P(1);
	FecCall *call = palloc0(sizeof(FecCall));
	ClexEnv *env = BackendEnv(CurrentMemoryContext);
	bytea *result;
	Arena arena;
	Arena scratch;
	Text out;

	call->check = true;
	call->layout =
		(FecLayout){.separator = '\t', .line_end = "\r\n", .extras = call->names, .extra_count = 0};
	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("options must be an object"),
				 errhint("For example '{\"separator\": \"|\"}'.")));
	if (!JB_ROOT_IS_ARRAY(rows) || JB_ROOT_IS_SCALAR(rows))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("rows must be an array of objects"),
						errhint("For example jsonb_agg(row) over a query.")));
	EachMember(&options->root, TakeFecOption, call);
	ArenaInit(&arena, env, CurrentMemoryLimit());
	ArenaInit(&scratch, env, CurrentMemoryLimit());
	TextInit(&out, &arena);
	WriteRows(call, rows, &out);
	if (call->check)
		CheckFile(call, TextSpan(&out), &arena, &scratch);
	if (out.length > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("the file is larger than 1 GB")));
	result = palloc(VARHDRSZ + out.length);
	SET_VARSIZE(result, VARHDRSZ + out.length);
	memcpy(VARDATA(result), out.data, out.length);
	ArenaFree(&arena);
	ArenaFree(&scratch);
	PG_RETURN_BYTEA_P(result);
}
