/*
 * clex_pdf.c
 *		SQL functions: attachments, the invoice, findings, embedding.
 *
 * Every call runs in a memory context of its own.  While objects of qpdf live nothing may raise an error: the
 * library below works in an Arena and returns a status, and errors are raised when it has returned.  A cancel
 * request is seen between its steps, not within one of qpdf's; what one of those can take is bounded by the
 * settings.
 */
#include "postgres.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "core/codec/detect.h"
#include "core/codec/read.h"
#include "core/render/page.h"
#include "glue/compat.h"
#include "glue/report.h"
#include "pdf.h"

CLEX_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(clex_pdf_attachments);
PG_FUNCTION_INFO_V1(clex_pdf_invoice);
PG_FUNCTION_INFO_V1(clex_pdf_findings);
PG_FUNCTION_INFO_V1(clex_pdf_embed);

PGDLLEXPORT void _PG_init(void);

static int max_size = 64 * 1024;	 /* kB */
static int max_inflated = 64 * 1024; /* kB */
static int max_objects = 4000;		 /* thousands of tokens */

void
_PG_init(void)
{
	DefineCustomIntVariable("clex_pdf.max_size", "Largest PDF that is read.", NULL, &max_size,
							64 * 1024, 1, 1024 * 1024, PGC_USERSET, GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomIntVariable("clex_pdf.max_inflated",
							"Most that compressed data of a PDF may become.", NULL, &max_inflated,
							64 * 1024, 1, 1024 * 1024, PGC_USERSET, GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomIntVariable("clex_pdf.max_objects",
							"Names, numbers and strings, in thousands, that a PDF may have.",
							"What libqpdf takes of memory is at most about 200 bytes for each.",
							&max_objects, 4000, 1, 100 * 1000, PGC_USERSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("clex_pdf");
}

/* What one call works with; all of it goes with the context. */
typedef struct Call
{
	MemoryContext context;
	Arena arena;
	PdfLimits limits;
	Span pdf;
} Call;

static Call *
BeginCall(Datum pdf)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "clex_pdf", ALLOCSET_DEFAULT_SIZES);
	Call *call = MemoryContextAllocZero(context, sizeof(Call));
	bytea *value = DatumGetByteaPP(pdf);

	call->context = context;
	call->limits.max_bytes = (size_t) max_size * 1024;
	call->limits.max_inflated = (size_t) max_inflated * 1024;
	call->limits.max_tokens = (size_t) max_objects * 1000;
	call->pdf = SpanOf(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	ArenaInit(&call->arena, BackendEnv(context),
			  2 * call->limits.max_bytes + 4 * call->limits.max_inflated);
	return call;
}

static void
EndCall(Call *call)
{
	MemoryContextDelete(call->context);
}

/* Damage is no XML error here. */
static void
Check(ClexStatus status, const ClexError *error)
{
	if (status == CLEX_MALFORMED)
		ReportErrorAs(error, ERRCODE_DATA_EXCEPTION, "");
	if (status != CLEX_OK)
		ReportError(error);
}

/* UTF-8 as a text in the encoding of the database. */
static Datum
TextDatum(Span utf8)
{
	char *copy = pnstrdup(utf8.length == 0 ? "" : utf8.data, utf8.length);

	return CStringGetTextDatum(pg_any_to_server(copy, (int) utf8.length, PG_UTF8));
}

static Datum
BytesDatum(Span bytes)
{
	return PointerGetDatum(cstring_to_text_with_len(bytes.data, (int) bytes.length));
}

/* A column that is NULL where the PDF says nothing. */
static void
SetText(Datum *values, bool *nulls, int column, Span text)
{
	nulls[column] = text.data == NULL;
	if (!nulls[column])
		values[column] = TextDatum(text);
}

/* clex_pdf.attachments(pdf) */
Datum
clex_pdf_attachments(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Call *call;
	PdfFacts facts;
	ClexError error = {0};
	int invoice;

	InitMaterializedSRF(fcinfo, 0);
	call = BeginCall(PG_GETARG_DATUM(0));
	Check(PdfRead(call->pdf, &call->limits, PDF_LOAD_ALL, &call->arena, &facts, &invoice, &error),
		  &error);
	for (uint32 i = 0; i < facts.attachments.count; i++)
	{
		const PdfAttachment *file = &VectorAt(&facts.attachments, PdfAttachment, i);
		Datum values[11] = {0};
		bool nulls[11] = {false};

		CHECK_FOR_INTERRUPTS();
		SetText(values, nulls, 0, file->name);
		SetText(values, nulls, 1, file->mime);
		SetText(values, nulls, 2, file->relationship);
		SetText(values, nulls, 3, file->description);
		SetText(values, nulls, 4, file->modified);
		values[5] = Int64GetDatum((int64) file->content.length);
		nulls[6] = file->checksum.length == 0;
		values[6] = BoolGetDatum(PdfChecksumMatches(file));
		values[7] = BoolGetDatum(file->associated);
		values[8] = BoolGetDatum(file->in_names);
		values[9] = BoolGetDatum((int) i == invoice);
		values[10] = BytesDatum(file->content);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	EndCall(call);
	return (Datum) 0;
}

/* clex_pdf.invoice(pdf) -> (name, relationship, content); NULL if there is none */
Datum
clex_pdf_invoice(PG_FUNCTION_ARGS)
{
	Call *call;
	PdfFacts facts;
	ClexError error = {0};
	TupleDesc shape;
	Datum values[3] = {0};
	bool nulls[3] = {true, true, true};
	int invoice;
	Datum row;

	if (get_call_result_type(fcinfo, NULL, &shape) != TYPEFUNC_COMPOSITE || shape->natts != 3)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("clex_pdf.invoice() must return a row of three columns"),
				 errdetail("It was not declared by this version of the extension."),
				 errhint("Use ALTER EXTENSION clex_pdf UPDATE, or create the extension anew.")));
	call = BeginCall(PG_GETARG_DATUM(0));
	Check(PdfRead(call->pdf, &call->limits, PDF_LOAD_INVOICE, &call->arena, &facts, &invoice,
				  &error),
		  &error);
	if (invoice >= 0)
	{
		const PdfAttachment *file = &VectorAt(&facts.attachments, PdfAttachment, invoice);

		SetText(values, nulls, 0, file->name);
		SetText(values, nulls, 1, file->relationship);
		values[2] = BytesDatum(file->content);
		nulls[2] = false;
	}
	row = HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(shape), values, nulls));
	EndCall(call);
	PG_RETURN_DATUM(row);
}

/* A text argument in UTF-8; NULL data for NULL. */
static Span
TextArgumentOf(FunctionCallInfo fcinfo, int argument)
{
	text *value;
	char *utf8;

	if (PG_ARGISNULL(argument))
		return SpanOf(NULL, 0);
	value = PG_GETARG_TEXT_PP(argument);
	utf8 = pg_server_to_any(VARDATA_ANY(value), (int) VARSIZE_ANY_EXHDR(value), PG_UTF8);
	return utf8 == VARDATA_ANY(value) ? SpanOf(utf8, VARSIZE_ANY_EXHDR(value))
									  : SpanFromCString(utf8);
}

/* clex_pdf.findings(pdf, lang) */
Datum
clex_pdf_findings(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int language = PageLanguage(TextArgumentOf(fcinfo, 1));
	Call *call;
	PdfFacts facts;
	ClexError error = {0};
	Vector findings;
	int invoice;

	if (language < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there are no messages in this language"),
						errhint("Languages are en, fr and de.")));
	InitMaterializedSRF(fcinfo, 0);
	call = BeginCall(PG_GETARG_DATUM(0));
	VectorInit(&findings, &call->arena, sizeof(PdfFinding));
	Check(PdfRead(call->pdf, &call->limits, PDF_LOAD_ALL, &call->arena, &facts, &invoice, &error),
		  &error);
	Check(PdfCheck(&facts, invoice, language, &call->arena, &findings, &error), &error);
	for (uint32 i = 0; i < findings.count; i++)
	{
		const PdfFinding *finding = &VectorAt(&findings, PdfFinding, i);
		Datum values[6] = {0};
		bool nulls[6] = {false};

		SetText(values, nulls, 0, SpanFromCString(finding->rule));
		SetText(values, nulls, 1, SpanFromCString(finding->severity));
		SetText(values, nulls, 2, finding->location);
		SetText(values, nulls, 3, finding->found);
		SetText(values, nulls, 4, finding->expected);
		SetText(values, nulls, 5, finding->message);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	EndCall(call);
	return (Datum) 0;
}

/* The day an invoice was issued as a PDF date; NULL data if nothing here reads it. */
static Span
IssueDate(Call *call, Span xml)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = xml, .limits = &limits};
	ClexError error = {0};
	DocumentView view;
	uint32_t node = 0;
	Tree source;
	Span image;
	Span day;
	char *date;

	if (ReadDocument(&request, &call->arena, &source, &image, &error) != CLEX_OK ||
		DocumentOpen(image, &view, &error) != CLEX_OK ||
		ViewResolve(&view, SPAN_LITERAL("BT-2"), &node, &error) != CLEX_OK || node == 0 ||
		(ViewNode(&view, node).flags & DOCUMENT_NODE_INVALID))
		return SpanOf(NULL, 0);
	day = ViewNode(&view, node).value;
	if (day.length != 10)
		return SpanOf(NULL, 0);
	date = ArenaPrintf(&call->arena, "D:%.4s%.2s%.2s000000Z", day.data, day.data + 5, day.data + 8);
	return date == NULL ? SpanOf(NULL, 0) : SpanFromCString(date);
}

/* Fill what was not said from the guideline of the XML. */
static void
CompleteEmbed(Call *call, PdfEmbed *embed)
{
	Detected detected = {0};
	ClexError error = {0};

	if (DetectFormat(embed->xml, &call->arena, &detected) != CLEX_OK)
		Check(ClexFail(&error, CLEX_NO_MEMORY, "out of memory"), &error);
	embed->profile = PdfProfileOf(detected.profile);
	if (embed->profile == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the XML has no guideline of an invoice in a PDF"),
				 detected.profile.data == NULL
					 ? 0
					 : errdetail("Its guideline is \"%.*s\".",
								 (int) SpanCut(detected.profile, 200).length,
								 detected.profile.data),
				 errhint("It is CII with a guideline of Factur-X, ZUGFeRD, XRechnung or Order-X; "
						 "clex.convert() makes CII of other invoices.")));
	if (embed->name.data == NULL)
		embed->name = embed->profile->file;
	if (embed->relationship.data == NULL)
		embed->relationship = SpanFromCString(embed->profile->relationships[0]);
	if (embed->modified.data == NULL)
		embed->modified = IssueDate(call, embed->xml);
	if (embed->modified.data == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the attachment needs a date"),
				 errhint("Give option modified: the invoice's issue date cannot be read.")));
}

/* clex_pdf.embed(pdf, xml, name, relationship, description, modified) */
Datum
clex_pdf_embed(PG_FUNCTION_ARGS)
{
	bytea *xml = PG_GETARG_BYTEA_PP(1);
	PdfEmbed embed = {.mime = SPAN_LITERAL("text/xml")};
	Call *call = BeginCall(PG_GETARG_DATUM(0));
	ClexError error = {0};
	Span result;
	Datum value;

	embed.xml = SpanOf(VARDATA_ANY(xml), VARSIZE_ANY_EXHDR(xml));
	embed.name = TextArgumentOf(fcinfo, 2);
	embed.relationship = TextArgumentOf(fcinfo, 3);
	embed.description = TextArgumentOf(fcinfo, 4);
	embed.modified = TextArgumentOf(fcinfo, 5);
	CompleteEmbed(call, &embed);
	Check(PdfWrite(call->pdf, &embed, &call->limits, &call->arena, &result, &error), &error);
	if (result.length > MaxAllocSize - VARHDRSZ)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("PDF of %zu bytes is too large for a bytea", result.length)));
	value = BytesDatum(result);
	EndCall(call);
	PG_RETURN_DATUM(value);
}
