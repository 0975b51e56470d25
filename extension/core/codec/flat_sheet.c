/*
 * flat_sheet.c
 *		The file that a mapping makes: its columns, its header, its rows.
 */
#include "core/base/utf8.h"
#include "core/codec/flat_spell.h"
#include "core/codec/flat_writer.h"

#include <strings.h>

ClexStatus
FlatOutOfMemory(ClexError *error)
{
	return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
}

void
FlatSheetFail(FlatSheet *s)
{
	if (s->fields.status == CLEX_OK)
		s->fields.status = FlatOutOfMemory(s->fields.error);
}

/* The column of a name, which is added if it is new; -1: out of memory. */
static int
ColumnOf(FlatWriter *w, Span name)
{
	Span *slot;

	for (uint32_t i = 0; i < w->names.count; i++)
	{
		Span known = VectorAt(&w->names, Span, i);

		if (known.length == name.length && strncasecmp(known.data, name.data, name.length) == 0)
			return (int) i;
	}
	slot = VectorPush(&w->names);
	if (slot == NULL)
		return -1;
	*slot = name;
	return (int) w->names.count - 1;
}

/* Where each field goes, and the header that says so. */
static ClexStatus
MakeColumns(FlatWriter *w, ClexError *error)
{
	bool header = w->mapping.header_rows > 0 && !w->mapping.positional;

	w->columns = ArenaAllocZero(w->arena, w->mapping.records.count * sizeof(int16_t *));
	for (uint32_t r = 0; r < w->mapping.records.count && w->columns != NULL; r++)
	{
		const FlatRecord *record = FlatRecordAt(w, r);

		w->columns[r] = ArenaAllocArray(w->arena, record->fields.count, sizeof(int16_t));
		if (w->columns[r] == NULL)
			return FlatOutOfMemory(error);
		for (uint32_t i = 0; i < record->fields.count; i++)
		{
			int column =
				header ? ColumnOf(w, VectorAt(&record->fields, FlatField, i).header) : (int) i;

			if (column < 0)
				return FlatOutOfMemory(error);
			w->columns[r][i] = (int16_t) column;
		}
	}
	if (w->names.count > FLAT_MOST_FIELDS)
		return ClexFail(error, CLEX_INVALID, "mapping: the header has more than %d columns",
						FLAT_MOST_FIELDS);
	for (uint32_t i = 1; i < w->mapping.header_rows; i++)
		TextAppend(&w->header, w->layout.line_end, strlen(w->layout.line_end));
	for (uint32_t i = 0; i < w->names.count; i++)
	{
		if (i > 0)
			TextAppendChar(&w->header, w->mapping.separator);
		FlatAppendCell(&w->mapping, VectorAt(&w->names, Span, i), &w->header);
	}
	if (w->mapping.header_rows > 0)
		TextAppend(&w->header, w->layout.line_end, strlen(w->layout.line_end));
	return w->columns == NULL || w->header.failed ? FlatOutOfMemory(error) : CLEX_OK;
}

static void
NoteTerms(FlatWriter *w, const Vector *terms)
{
	for (uint32_t i = 0; i < terms->count; i++)
		w->mapped[VectorAt(terms, FlatTerm, i).term] = true;
}

/* The groups that rows add, each by the first type of rows that has it. */
static bool
MakePlaces(FlatWriter *w)
{
	VectorInit(&w->places, w->arena, sizeof(FlatPlace));
	for (uint32_t r = 0; r < w->mapping.records.count; r++)
	{
		const FlatRecord *record = FlatRecordAt(w, r);

		NoteTerms(w, &record->terms);
		if (record->groups.count > w->most_groups)
			w->most_groups = record->groups.count;
		for (uint32_t g = 0; g < record->groups.count; g++)
		{
			const FlatGroup *group = &VectorAt(&record->groups, FlatGroup, g);
			bool known = false;
			FlatPlace *slot;

			NoteTerms(w, &group->terms);
			for (uint32_t i = 0; i < w->places.count && !known; i++)
				known = VectorAt(&w->places, FlatPlace, i).term == group->group;
			if (known)
				continue;
			slot = VectorPush(&w->places);
			if (slot == NULL)
				return false;
			*slot = (FlatPlace){.record = r, .group = g, .term = group->group};
		}
	}
	for (uint32_t i = 0; i < w->places.count; i++)
	{
		FlatPlace *place = &VectorAt(&w->places, FlatPlace, i);
		TermId above = ClexTerms[place->term].parent;

		for (; above != TERM_NONE && place->above == TERM_NONE; above = ClexTerms[above].parent)
			for (uint32_t k = 0; k < w->places.count; k++)
				if (VectorAt(&w->places, FlatPlace, k).term == above)
					place->above = above;
	}
	return true;
}

ClexStatus
FlatWriterOpen(FlatWriter **writer, Span mapping, FlatLayout layout, Arena *arena, ClexError *error)
{
	FlatWriter *w = ArenaAllocZero(arena, sizeof(FlatWriter));
	ClexStatus status;

	*writer = w;
	if (w == NULL)
		return FlatOutOfMemory(error);
	w->layout = layout;
	w->arena = arena;
	status = FlatMappingCompile(mapping, arena, &w->mapping, error);
	if (status != CLEX_OK)
		return status;
	while (!FlatRecordAt(w, w->opener)->opens && FlatRecordAt(w, w->opener)->key < 0)
		w->opener++;
	TextInit(&w->header, arena);
	TextInit(&w->rows, arena);
	VectorInit(&w->names, arena, sizeof(Span));
	return MakePlaces(w) ? MakeColumns(w, error) : FlatOutOfMemory(error);
}

/* A row of cells. */
static void
AppendCells(FlatSheet *s, const FlatRecord *record)
{
	FlatWriter *w = s->w;
	uint32_t count = w->names.count > 0 ? w->names.count : record->fields.count;
	Span cells[FLAT_MOST_FIELDS] = {{NULL, 0}};

	for (uint32_t i = 0; i < record->fields.count; i++)
		if (s->fields.field[i].data != NULL)
			cells[w->columns[s->record][i]] = s->fields.field[i];
	if (record->type.length > 0)
		cells[0] = record->type;
	for (uint32_t i = 0; i < count; i++)
	{
		if (i > 0)
			TextAppendChar(&s->out, w->mapping.separator);
		FlatAppendCell(&w->mapping, cells[i], &s->out);
	}
}

/* A row of columns: as long as its last field. */
static void
AppendColumns(FlatSheet *s, const FlatRecord *record)
{
	const FlatMapping *m = &s->w->mapping;
	uint32_t width = record->type.length > 0 ? m->type_start + m->type_length - 1 : 0;
	uint32_t *columns;
	Text row;

	for (uint32_t i = 0; i < record->fields.count; i++)
	{
		const FlatField *field = &VectorAt(&record->fields, FlatField, i);

		if (field->start + field->length - 1 > width)
			width = field->start + field->length - 1;
	}
	columns = ArenaAllocArray(&s->scratch, width, sizeof(uint32_t));
	if (columns == NULL)
	{
		FlatSheetFail(s);
		return;
	}
	for (uint32_t i = 0; i < width; i++)
		columns[i] = ' ';
	for (uint32_t i = 0; i < record->fields.count; i++)
	{
		const FlatField *field = &VectorAt(&record->fields, FlatField, i);

		FlatPutPart(columns, field->start, field->length, s->fields.field[i]);
	}
	if (record->type.length > 0)
		FlatPutPart(columns, m->type_start, m->type_length, record->type);
	TextInit(&row, &s->scratch);
	for (uint32_t i = 0; i < width; i++)
	{
		char encoded[4];

		TextAppend(&row, encoded, (size_t) Utf8Encode(columns[i], encoded));
	}
	TextAppendSpan(&s->out, TextSpan(&row));
}

void
FlatEndRow(FlatSheet *s)
{
	const FlatRecord *record = FlatRecordAt(s->w, s->record);

	if ((s->any || s->first) && s->fields.status == CLEX_OK)
	{
		if (s->w->mapping.positional)
			AppendColumns(s, record);
		else
			AppendCells(s, record);
		TextAppend(&s->out, s->w->layout.line_end, strlen(s->w->layout.line_end));
	}
	s->first = s->any = false;
	ArenaRewind(&s->scratch);
}

void
FlatBeginRow(FlatSheet *s, uint32_t record)
{
	s->record = record;
	memset(s->taken, 0, s->w->most_groups * sizeof(bool));
	memset(s->fields.field, 0, sizeof(s->fields.field));
	if (record == s->w->opener && s->base != NULL)
		memcpy(s->fields.field, s->base, FlatRecordAt(s->w, record)->fields.count * sizeof(Span));
}

ClexStatus
FlatWriterFinish(FlatWriter *w, Span *content, ClexError *error)
{
	Text all;
	Text out;
	ClexStatus status;

	TextInit(&all, w->arena);
	TextInit(&out, w->arena);
	TextAppendSpan(&all, TextSpan(&w->header));
	TextAppendSpan(&all, TextSpan(&w->rows));
	if (all.failed || w->rows.failed)
		return FlatOutOfMemory(error);
	status = FlatEncode(&w->mapping, TextSpan(&all), w->layout.mark, &out, error);
	*content = TextSpan(&out);
	return status;
}
