/*
 * flat_read.c
 *		Documents of CSV and positional files by a mapping.
 *
 * Each row is of one type of record.  A record that opens, or whose key differs from that of the row before,
 * begins a document with its terms; every record adds its groups.  Expressions see the fields of their row as
 * variables and nothing else.
 */
#include "core/codec/flat_read.h"

#include "core/codec/flat_fields.h"
#include "core/codec/flat_spell.h"
#include "core/codec/flat_values.h"

#include <stdio.h>
#include <strings.h>

#include "core/codec/syntax.h"

#define PROBE_EVERY 256

/* What is kept of a type of records. */
typedef struct RecordState
{
	int16_t cell[FLAT_MOST_FIELDS]; /* cell of a field; -1: the file has no such column */
	const Span *first;				/* fields of the row that began the document */
} RecordState;

typedef struct Flat
{
	const FlatRequest *request;
	FlatMapping mapping;
	FlatRows rows;
	ClexError *error;
	ClexStatus status;
	RecordState *states;
	Span headers[FLAT_MOST_FIELDS]; /* of the last header row */
	uint32_t header_count;
	FlatFields fields; /* of the row at hand */
	/* the document at hand */
	Arena kept;
	DocumentBuilder *builder;
	uint32_t documents;
	uint32_t first_row;
	uint32_t last_row;
	Span key;
	uint32_t handle[TERM_COUNT]; /* last node of a term */
	uint32_t under[TERM_COUNT];	 /* the node it stands below */
} Flat;

const char *
FlatSeverityName(FlatSeverity severity)
{
	return severity == FLAT_ERROR ? "error" : "warning";
}

static void
OutOfMemory(Flat *f)
{
	if (f->status == CLEX_OK)
		f->status = ClexFail(f->error, CLEX_NO_MEMORY, "out of memory");
}

/* Pass a problem on; strict reading ends at the first error. */
static void
TakeProblem(void *state, const FlatProblem *problem)
{
	Flat *f = state;

	if (f->status != CLEX_OK)
		return;
	if (f->request->sink->problem != NULL)
		f->request->sink->problem(f->request->sink->state, problem);
	if (!f->request->strict || problem->severity != FLAT_ERROR)
		return;
	f->status = ClexFail(f->error, CLEX_MALFORMED, "the file is not as the mapping has it");
	ClexDetail(f->error, "%s in row %u, column %.*s.", problem->code, problem->row,
			   (int) SpanCut(problem->column, 80).length, problem->column.data);
	f->error->line = problem->line;
}

/* The same of an error that the row at hand has. */
static void
TellOf(void *state, const char *code, Span column, Span found, Span expected)
{
	FlatTell(&((Flat *) state)->rows, code, FLAT_ERROR, column, found, expected);
}

static void
Tell(Flat *f, const char *code, Span column, Span found, Span expected)
{
	TellOf(f, code, column, found, expected);
}

/* ---- documents ---- */

/* The node of a group, made where it is not there; of a value, 0 where it is not there. */
static uint32_t
NodeOf(Flat *f, TermId term)
{
	uint32_t parent;

	if (term == TERM_NONE)
		return 0;
	parent = NodeOf(f, ClexTerms[term].parent);
	if (f->handle[term] != 0 && f->under[term] == parent)
		return f->handle[term];
	if (!TermIsGroup(term))
		return 0;
	f->under[term] = parent;
	return f->handle[term] = DocumentAdd(f->builder, parent, term, SpanOf("", 0), 0);
}

/* A term of the document. */
static void
AddTerm(Flat *f, const FlatTerm *term, Span value)
{
	TermId parent = ClexTerms[term->term].parent;
	uint32_t node = NodeOf(f, parent);
	const FlatSink *sink = f->request->sink;
	bool valid = true;

	if (parent != TERM_NONE && node == 0)
		return; /* what qualifies a value that is not there */
	f->under[term->term] = node;
	f->handle[term->term] = DocumentAdd(f->builder, node, term->term, value, 0);
	if (ValueCanonical(term->term, value, f->rows.scratch, &valid).data == NULL)
		OutOfMemory(f);
	if (!valid && term->field < 0)
		Tell(f, "FLAT-VALUE", ClexTerms[term->term].id, value, SpanOf(NULL, 0));
	if (sink->value != NULL && f->status == CLEX_OK)
		sink->value(sink->state, &(FlatValue){f->rows.row, f->rows.line, f->documents, term->term,
											  term->text, value});
}

/* Values of terms in a row; false: there is none. */
static bool
Evaluate(Flat *f, uint32_t record, const Vector *terms, Span *values)
{
	bool any = FlatTermValues(&f->fields, record, terms, values);

	if (f->status == CLEX_OK)
		f->status = f->fields.status;
	return any && f->status == CLEX_OK;
}

static Span *
RoomFor(Flat *f, uint32_t count)
{
	Span *values = ArenaAllocZero(f->rows.scratch, (count + 1) * sizeof(Span));

	if (values == NULL)
		OutOfMemory(f);
	return values;
}

/* The document at hand is complete. */
static void
Close(Flat *f)
{
	const FlatSink *sink = f->request->sink;
	Span image;

	if (f->builder == NULL || f->status != CLEX_OK)
		return;
	f->status = DocumentFinish(f->builder, &image, f->error);
	if (f->status == CLEX_OK && sink->document != NULL)
		sink->document(sink->state, f->documents, f->first_row, f->last_row, image);
	f->builder = NULL;
}

static bool
IsInvoice(DocumentKind kind)
{
	return kind == DOCUMENT_INVOICE || kind == DOCUMENT_CREDIT_NOTE;
}

/* What a document is: of invoices and credit notes the type says which. */
static DocumentKind
KindOf(const Flat *f, const FlatRecord *record, const Span *values)
{
	for (uint32_t i = 0; i < record->terms.count && IsInvoice(f->mapping.kind); i++)
		if (VectorAt(&record->terms, FlatTerm, i).term == TERM_BT_3 && values[i].data != NULL)
			return IsCreditNoteCode(values[i]) ? DOCUMENT_CREDIT_NOTE : DOCUMENT_INVOICE;
	return f->mapping.kind;
}

/* Begin a document with the terms of a row. */
static void
Open(Flat *f, uint32_t which)
{
	const FlatRecord *record = &VectorAt(&f->mapping.records, FlatRecord, which);
	RecordState *state = &f->states[which];
	Span *values = RoomFor(f, record->terms.count);
	Span *first;

	Close(f);
	if (f->status != CLEX_OK)
		return;
	ArenaReset(&f->kept);
	memset(f->handle, 0, sizeof(f->handle));
	f->documents++;
	f->first_row = f->rows.row;
	first = ArenaAllocZero(&f->kept, record->fields.count * sizeof(Span));
	if (first == NULL)
	{
		OutOfMemory(f);
		return;
	}
	for (uint32_t i = 0; i < record->fields.count; i++)
		if (f->fields.field[i].data != NULL)
			first[i] = ArenaCopy(&f->kept, f->fields.field[i]);
	state->first = first;
	f->key = record->key >= 0 ? first[record->key] : SpanOf(NULL, 0);
	Evaluate(f, which, &record->terms, values);
	f->builder = DocumentBegin(&f->kept, KindOf(f, record, values),
							   f->mapping.positional ? SPAN_LITERAL("flat") : SPAN_LITERAL("csv"));
	if (f->builder == NULL)
		OutOfMemory(f);
	for (uint32_t i = 0; i < record->terms.count && f->status == CLEX_OK; i++)
		if (values[i].data != NULL)
			AddTerm(f, &VectorAt(&record->terms, FlatTerm, i), values[i]);
}

/* What is said of the document in each of its rows must be the same in all of them. */
static void
CheckSame(Flat *f, const FlatRecord *record, const RecordState *state)
{
	for (uint32_t i = 0; i < record->terms.count && state->first != NULL; i++)
	{
		int field = VectorAt(&record->terms, FlatTerm, i).field;

		if (field >= 0 && !SpanEqual(f->fields.field[field], state->first[field]))
			Tell(f, "FLAT-DIFFERS", VectorAt(&record->fields, FlatField, field).name,
				 f->fields.field[field].data != NULL ? f->fields.field[field] : SpanOf("", 0),
				 state->first[field].data != NULL ? state->first[field] : SpanOf("", 0));
	}
}

/* A group of a row, if it has any value but constants. */
static void
AddGroup(Flat *f, uint32_t record, const FlatGroup *group)
{
	Span *values = RoomFor(f, group->terms.count);
	uint32_t parent;

	if (values == NULL || !Evaluate(f, record, &group->terms, values) ||
		!FlatGroupHolds(group, values))
		return;
	parent = NodeOf(f, ClexTerms[group->group].parent);
	f->under[group->group] = parent;
	f->handle[group->group] = DocumentAdd(f->builder, parent, group->group, SpanOf("", 0), 0);
	for (uint32_t i = 0; i < group->terms.count && f->status == CLEX_OK; i++)
		if (values[i].data != NULL)
			AddTerm(f, &VectorAt(&group->terms, FlatTerm, i), values[i]);
}

/* Cells that no expression speaks of are kept as extras: by name of the field or of the header's column. */
static void
AddExtras(Flat *f, const FlatRecord *record, const RecordState *state)
{
	for (uint32_t i = 0; i < record->fields.count; i++)
	{
		const FlatField *field = &VectorAt(&record->fields, FlatField, i);
		char *path;

		if (field->used || f->fields.field[i].data == NULL)
			continue;
		path = ArenaPrintf(&f->kept, "/row[%u]/%.*s", f->rows.row, (int) field->name.length,
						   field->name.data);
		if (path != NULL)
			DocumentAddExtra(f->builder, SpanFromCString(path), f->fields.field[i], f->rows.line);
	}
	for (uint32_t c = 0; c < f->rows.cells && c < f->header_count; c++)
	{
		bool known = f->rows.cell[c].length == 0;
		char *path;

		for (uint32_t i = 0; i < record->fields.count && !known; i++)
			known = state->cell[i] == (int16_t) c;
		if (known)
			continue;
		path = ArenaPrintf(&f->kept, "/row[%u]/%.*s", f->rows.row,
						   (int) SpanCut(f->headers[c], 80).length, f->headers[c].data);
		if (path != NULL)
			DocumentAddExtra(f->builder, SpanFromCString(path), f->rows.cell[c], f->rows.line);
	}
}

/* ---- rows ---- */

/* Take the fields of the row from its cells or columns. */
static void
TakeFields(Flat *f, const FlatRecord *record, const RecordState *state)
{
	memset(f->fields.told, 0, sizeof(f->fields.told));
	for (uint32_t i = 0; i < record->fields.count; i++)
	{
		const FlatField *field = &VectorAt(&record->fields, FlatField, i);
		int cell = state->cell[i];
		Span text = SpanOf(NULL, 0);

		if (f->mapping.positional)
			text = FlatRowsPart(&f->rows, field->start, field->length);
		else if (cell >= 0 && (uint32_t) cell < f->rows.cells)
			text = SpanTrim(f->rows.cell[cell]);
		f->fields.field[i] = text.length > 0 ? text : SpanOf(NULL, 0);
		if (field->type == FLAT_TEXT && text.length > 0 && FlatIsFormula(text))
			FlatTell(&f->rows, "FLAT-FORMULA", FLAT_WARNING, field->name, text, SpanOf(NULL, 0));
	}
}

/* The type of the row, -1: none that the mapping has. */
static int
RecordOf(const Flat *f)
{
	Span type = f->mapping.positional
					? FlatRowsPart(&f->rows, f->mapping.type_start, f->mapping.type_length)
					: SpanTrim(f->rows.cell[0]);

	for (uint32_t i = 0; i < f->mapping.records.count; i++)
	{
		const FlatRecord *record = &VectorAt(&f->mapping.records, FlatRecord, i);

		if (record->type.length == 0 || SpanEqual(record->type, type))
			return (int) i;
	}
	return -1;
}

/* As many cells as the header, or as the mapping has fields. */
static void
CheckCells(Flat *f, const FlatRecord *record)
{
	uint32_t expected = f->header_count > 0 ? f->header_count : record->fields.count;
	char found[16];
	char wanted[16];

	if (f->mapping.positional || f->rows.cells == expected)
		return;
	snprintf(found, sizeof(found), "%u", f->rows.cells);
	snprintf(wanted, sizeof(wanted), "%u", expected);
	Tell(f, "FLAT-CELLS", SpanOf(NULL, 0), SpanFromCString(found), SpanFromCString(wanted));
}

static void
TakeRow(Flat *f)
{
	int which = RecordOf(f);
	const FlatRecord *record;
	RecordState *state;

	if (which < 0)
	{
		Tell(f, "FLAT-RECORD", SpanOf(NULL, 0), f->rows.cell[0], SpanOf(NULL, 0));
		return;
	}
	record = &VectorAt(&f->mapping.records, FlatRecord, which);
	state = &f->states[which];
	CheckCells(f, record);
	TakeFields(f, record, state);
	FlatFieldsSet(&f->fields, (uint32_t) which);
	if (record->opens || (record->key >= 0 &&
						  (f->builder == NULL || !SpanEqual(f->fields.field[record->key], f->key))))
		Open(f, (uint32_t) which);
	else if (record->key >= 0)
		CheckSame(f, record, state);
	if (f->builder == NULL)
	{
		Tell(f, "FLAT-BEFORE", SpanOf(NULL, 0), f->rows.cell[0], SpanOf(NULL, 0));
		return;
	}
	f->last_row = f->rows.row;
	for (uint32_t i = 0; i < record->groups.count && f->status == CLEX_OK; i++)
		AddGroup(f, (uint32_t) which, &VectorAt(&record->groups, FlatGroup, i));
	if (f->status == CLEX_OK)
		AddExtras(f, record, state);
}

/* Find the columns of the mapping in the last header row. */
static void
TakeHeader(Flat *f)
{
	for (f->header_count = 0; f->header_count < f->rows.cells; f->header_count++)
	{
		Span name = ArenaCopy(f->request->arena, SpanTrim(f->rows.cell[f->header_count]));

		if (name.data == NULL)
			OutOfMemory(f);
		f->headers[f->header_count] = name.data != NULL ? name : SpanOf("", 0);
	}
	for (uint32_t r = 0; r < f->mapping.records.count; r++)
	{
		const FlatRecord *record = &VectorAt(&f->mapping.records, FlatRecord, r);

		for (uint32_t i = 0; i < record->fields.count; i++)
		{
			const FlatField *field = &VectorAt(&record->fields, FlatField, i);
			int16_t cell = -1;

			for (uint32_t c = 0; c < f->header_count && cell < 0; c++)
				if (f->headers[c].length == field->header.length &&
					strncasecmp(f->headers[c].data, field->header.data, field->header.length) == 0)
					cell = (int16_t) c;
			f->states[r].cell[i] = cell;
			if (cell < 0)
				Tell(f, "FLAT-COLUMN", field->name, SpanOf(NULL, 0), field->header);
		}
	}
}

/* Columns by their place. */
static void
Prepare(Flat *f)
{
	Arena *arena = f->request->arena;

	FlatFieldsOpen(&f->fields, &f->mapping, arena, f->request->scratch, f->error);
	f->fields.tell = TellOf;
	f->fields.state = f;
	f->status = f->fields.status;
	f->states = ArenaAllocZero(arena, f->mapping.records.count * sizeof(RecordState));
	if (f->states == NULL)
		OutOfMemory(f);
	for (uint32_t r = 0; r < f->mapping.records.count && f->status == CLEX_OK; r++)
		for (uint32_t i = 0; i < VectorAt(&f->mapping.records, FlatRecord, r).fields.count; i++)
			f->states[r].cell[i] = (int16_t) i;
}

static void
TakeRows(Flat *f)
{
	uint32_t countdown = PROBE_EVERY;

	while (f->status == CLEX_OK && (f->request->rows == 0 || f->rows.row < f->request->rows) &&
		   FlatRowsNext(&f->rows))
	{
		if (f->rows.row == f->mapping.header_rows && !f->mapping.positional)
			TakeHeader(f);
		else if (f->rows.row > f->mapping.header_rows)
			TakeRow(f);
		if (--countdown == 0 && ClexInterrupted(f->request->arena->env))
			f->status = ClexFail(f->error, CLEX_INTERRUPTED, "interrupted");
		countdown = countdown == 0 ? PROBE_EVERY : countdown;
	}
	if (f->rows.failed)
		OutOfMemory(f);
	Close(f);
	if (f->status == CLEX_OK && f->documents == 0)
		f->status = ClexFail(f->error, CLEX_MALFORMED, "no row of the file begins a document");
}

ClexStatus
FlatRead(const FlatRequest *request, ClexError *error)
{
	Flat *f = ArenaAllocZero(request->arena, sizeof(Flat));
	Span content = request->content;

	if (f == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	f->request = request;
	f->error = error;
	if (request->compiled != NULL)
		f->mapping = *request->compiled;
	else
		f->status = FlatMappingCompile(request->mapping, request->arena, &f->mapping, error);
	if (f->status != CLEX_OK)
		return f->status;
	f->status = FlatNarrow(&f->mapping, &content, request->arena, error);
	if (f->status != CLEX_OK)
		return f->status;
	ArenaInit(&f->kept, request->arena->env, request->arena->limit);
	FlatRowsOpen(&f->rows, &f->mapping, content, request->scratch);
	f->rows.wide = content.data != request->content.data;
	if (f->rows.wide)
		f->rows.windows = f->rows.latin9 = false;
	f->rows.problem = TakeProblem;
	f->rows.state = f;
	Prepare(f);
	TakeRows(f);
	ArenaFree(&f->kept);
	FlatFieldsClose(&f->fields);
	return f->status;
}
