/*
 * document_catalogue.c
 *		Rows of the views clex.terms and clex.codes, from the tables in the library.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "core/model/codes.h"
#include "glue/compat.h"
#include "glue/document.h"

PG_FUNCTION_INFO_V1(clex_terms_list);
PG_FUNCTION_INFO_V1(clex_codes_list);

/* A text value, NULL for an empty one. */
static void
PutText(Datum *values, bool *nulls, int column, Span text)
{
	nulls[column] = text.length == 0;
	values[column] = nulls[column] ? (Datum) 0 : PointerGetDatum(TextFromSpan(text));
}

static const char *
TypeWord(ValueType type)
{
	switch (type)
	{
		case VALUE_DECIMAL:
			return "decimal";
		case VALUE_DATE:
			return "date";
		case VALUE_BINARY:
			return "binary";
		case VALUE_GROUP:
			return "group";
		case VALUE_UNTYPED:
		case VALUE_TEXT:
			break;
	}
	return "text";
}

Datum
clex_terms_list(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 1; i < TERM_COUNT; i++)
	{
		const Term *term = &ClexTerms[i];
		char cardinality[16];
		Datum values[12];
		bool nulls[12] = {false};

		if (term->id.length == 0)
			continue;
		snprintf(cardinality, sizeof(cardinality), "%d..%s", term->min, term->max == 0 ? "n" : "1");
		PutText(values, nulls, 0, term->id);
		PutText(values, nulls, 1, term->path);
		PutText(values, nulls, 2, term->name);
		PutText(values, nulls, 3, term->title);
		PutText(values, nulls, 4, SpanFromCString(TypeWord((ValueType) term->type)));
		PutText(values, nulls, 5, SpanFromCString(term->kind));
		PutText(values, nulls, 6, SpanFromCString(cardinality));
		PutText(values, nulls, 7, ClexTerms[term->parent].id);
		PutText(values, nulls, 8, ClexTermPlaces[i].ubl_invoice);
		PutText(values, nulls, 9, ClexTermPlaces[i].ubl_credit_note);
		PutText(values, nulls, 10, ClexTermPlaces[i].cii);
		values[11] = Int32GetDatum(i);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

Datum
clex_codes_list(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (uint32 i = 0; i < ClexCodeListCount; i++)
	{
		const CodeListFact *list = &ClexCodeLists[i];
		Datum values[4];
		bool nulls[4] = {false};

		CHECK_FOR_INTERRUPTS();
		PutText(values, nulls, 0, list->list);
		PutText(values, nulls, 1, SpanFromCString(list->version));
		for (uint32 k = 0; k < list->code_count; k++)
		{
			PutText(values, nulls, 2, list->codes[k].code);
			PutText(values, nulls, 3, list->codes[k].name);
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
			pfree(DatumGetPointer(values[2]));
			if (!nulls[3])
				pfree(DatumGetPointer(values[3]));
		}
	}
	return (Datum) 0;
}
