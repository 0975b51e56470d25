/*
 * flat_fields.c
 *		The fields of one row of a CSV or positional file, and the values that a mapping makes of them.
 *
 * Readers fill the fields from a file, writers from a document: both ask here what a term becomes, so what is
 * written is judged by what would be read.
 */
#include "core/codec/flat_fields.h"

#include "core/codec/flat_values.h"

#define EXPRESSION_STEPS 1000000

static void
OutOfMemory(FlatFields *f)
{
	if (f->status == CLEX_OK)
		f->status = ClexFail(f->error, CLEX_NO_MEMORY, "out of memory");
}

static void
Tell(FlatFields *f, const char *code, Span column, Span found, Span expected)
{
	if (f->tell != NULL)
		f->tell(f->state, code, column, found, expected);
}

void
FlatFieldsOpen(FlatFields *fields, const FlatMapping *mapping, Arena *arena, Arena *scratch,
			   ClexError *error)
{
	static Expr *const none[FLAT_MOST_FIELDS];
	uint32_t count = mapping->records.count;

	memset(fields, 0, sizeof(*fields));
	fields->mapping = mapping;
	fields->scratch = scratch;
	fields->error = error;
	ArenaInit(&fields->values, arena->env, arena->limit);
	fields->evaluators = ArenaAllocZero(arena, count * sizeof(Evaluator));
	TreeInit(&fields->nothing, arena);
	if (fields->evaluators == NULL || fields->nothing.failed)
	{
		OutOfMemory(fields);
		return;
	}
	VectorAt(&fields->nothing.nodes, TreeNode, 0).type = VALUE_GROUP;
	TreeClose(&fields->nothing, 0);
	for (uint32_t r = 0; r < count && fields->status == CLEX_OK; r++)
		if (EvaluatorInit(&fields->evaluators[r], &fields->nothing, VOCABULARY_TERMS, arena,
						  &fields->values, EXPRESSION_STEPS, &fields->reason) != CLEX_OK ||
			EvaluatorDefine(&fields->evaluators[r], none,
							(uint16_t) VectorAt(&mapping->records, FlatRecord, r).fields.count) !=
				CLEX_OK)
			OutOfMemory(fields);
}

void
FlatFieldsClose(FlatFields *fields)
{
	ArenaFree(&fields->values);
}

/* A value in the scratch arena; NULL data: the field is none. */
static Span
NumberValue(FlatFields *f, const FlatField *field, Span text)
{
	char digits[DECIMAL_TEXT];
	Decimal value;
	Span copy;

	if (!FlatNumber(f->mapping, field, text, &value))
		return SpanOf(NULL, 0);
	copy = ArenaCopy(f->scratch, DecimalFormat(value, digits));
	if (copy.data == NULL)
		OutOfMemory(f);
	return copy;
}

static Span
DateValue(FlatFields *f, Span text)
{
	char written[DATE_TEXT];
	int32_t date;
	Span copy;

	if (!FlatDate(f->mapping->date, text, &date))
		return SpanOf(NULL, 0);
	copy = ArenaCopy(f->scratch, DateFormat(date, written));
	if (copy.data == NULL)
		OutOfMemory(f);
	return copy;
}

/* Say once a row that a field is not of its type. */
static void
TellField(FlatFields *f, const char *code, const FlatField *field, int index, Span expected)
{
	if (!f->told[index])
		Tell(f, code, field->name, f->field[index], expected);
	f->told[index] = true;
}

/* A field as a value of a type; what is no such value is told, and kept as it is. */
static Span
FieldValue(FlatFields *f, const FlatRecord *record, int index, uint8_t wanted)
{
	const FlatField *field = &VectorAt(&record->fields, FlatField, index);
	Span text = f->field[index];
	FlatType type = FlatFieldType(field, wanted);
	Span value = text;

	if (text.data == NULL)
		return text;
	if (type == FLAT_NUMBER)
	{
		value = NumberValue(f, field, text);
		if (value.data == NULL)
			TellField(f, "FLAT-NUMBER", field, index, SpanOf(&f->mapping->decimal, 1));
	}
	else if (type == FLAT_DATE)
	{
		value = DateValue(f, text);
		if (value.data == NULL)
			TellField(f, "FLAT-DATE", field, index, f->mapping->date);
	}
	return value.data != NULL ? value : text;
}

/* A field as an item of the expression language; false: it is empty. */
static bool
FieldItem(FlatFields *f, const FlatRecord *record, int index, ExprItem *item)
{
	const FlatField *field = &VectorAt(&record->fields, FlatField, index);
	Span text = f->field[index];
	Span value = {NULL, 0};
	Decimal *decimal;

	if (text.data == NULL)
		return false;
	*item = (ExprItem){.type = ITEM_TEXT, .as.text = text};
	if (field->type == FLAT_NUMBER)
		value = NumberValue(f, field, text);
	else if (field->type == FLAT_DATE)
		value = DateValue(f, text);
	if (value.data == NULL)
		return true;
	if (field->type == FLAT_DATE)
	{
		item->type = ITEM_DATE;
		DateParse(value, &item->as.date, NULL);
		return true;
	}
	decimal = ArenaAlloc(f->scratch, sizeof(Decimal));
	if (decimal == NULL)
		OutOfMemory(f);
	else if (DecimalParse(value, decimal) == CLEX_OK)
		*item = (ExprItem){.type = ITEM_DECIMAL, .as.decimal = decimal};
	return true;
}

void
FlatFieldsSet(FlatFields *f, uint32_t record)
{
	const FlatRecord *type = &VectorAt(&f->mapping->records, FlatRecord, record);

	for (uint32_t i = 0; i < type->fields.count; i++)
	{
		Sequence *value = &f->evaluators[record].globals[i];

		*value = (Sequence){.capacity = 1};
		value->count = FieldItem(f, type, (int) i, &value->single);
		value->items = &value->single;
	}
}

Span
FlatTermValue(FlatFields *f, uint32_t record, const FlatTerm *term)
{
	Evaluator *evaluator = &f->evaluators[record];
	Span value;

	if (term->field >= 0)
		return FieldValue(f, &VectorAt(&f->mapping->records, FlatRecord, record), term->field,
						  ClexTerms[term->term].type);
	evaluator->status = CLEX_OK;
	evaluator->steps = 0;
	ArenaRewind(&f->values);
	value = EvaluateText(evaluator, term->expr, 0, NULL);
	if (evaluator->status == CLEX_INTERRUPTED || evaluator->status == CLEX_NO_MEMORY)
	{
		f->status = ClexFail(f->error, evaluator->status, "%s", f->reason.message);
		return SpanOf(NULL, 0);
	}
	if (evaluator->status != CLEX_OK)
	{
		Tell(f, "FLAT-EXPRESSION", ClexTerms[term->term].id, SpanFromCString(f->reason.message),
			 SpanOf(NULL, 0));
		return SpanOf(NULL, 0);
	}
	if (value.data == NULL || value.length == 0)
		return SpanOf(NULL, 0);
	value = ArenaCopy(f->scratch, value);
	if (value.data == NULL)
		OutOfMemory(f);
	return value;
}

bool
FlatTermValues(FlatFields *f, uint32_t record, const Vector *terms, Span *values)
{
	bool any = false;

	for (uint32_t i = 0; i < terms->count && f->status == CLEX_OK; i++)
	{
		values[i] = FlatTermValue(f, record, &VectorAt(terms, FlatTerm, i));
		any |= values[i].data != NULL;
	}
	return any && f->status == CLEX_OK;
}

bool
FlatGroupHolds(const FlatGroup *group, const Span *values)
{
	for (uint32_t i = 0; i < group->terms.count; i++)
	{
		Span text = VectorAt(&group->terms, FlatTerm, i).text;

		if (values[i].data != NULL && memchr(text.data, '$', text.length) != NULL)
			return true;
	}
	return false;
}
