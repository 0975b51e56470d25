/*
 * document_catalogue.c
 *		Rows of the views clex.terms, clex.term_places and clex.codes, from the tables in the library.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "core/codec/bind.h"
#include "core/model/codes.h"
#include "glue/compat.h"
#include "glue/document.h"

PG_FUNCTION_INFO_V1(clex_terms_list);
PG_FUNCTION_INFO_V1(clex_places_list);
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

/* Names as an array of text; NULL for none. */
static void
PutNames(Datum *values, bool *nulls, int column, Datum *names, int count)
{
	nulls[column] = count == 0;
	if (count > 0)
		values[column] =
			PointerGetDatum(construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* The kinds of documents that have a term. */
static void
PutKinds(Datum *values, bool *nulls, int column, uint16_t kinds)
{
	Datum names[16];
	int count = 0;

	for (unsigned kind = 1; DocumentKindName(kind) != NULL; kind++)
		if (kinds & (1 << kind))
			names[count++] = CStringGetTextDatum(DocumentKindName(kind));
	PutNames(values, nulls, column, names, count);
}

/* The other numbers of a term. */
static void
PutAliases(Datum *values, bool *nulls, int column, TermId term)
{
	Datum names[16];
	int count = 0;

	for (uint32 i = 0; i < ClexTermAliasCount && count < 16; i++)
		if (ClexTermAliases[i].term == term)
			names[count++] = PointerGetDatum(TextFromSpan(ClexTermAliases[i].alias));
	PutNames(values, nulls, column, names, count);
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
		Datum values[14];
		bool nulls[14] = {false};

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
		PutKinds(values, nulls, 12, term->kinds);
		PutAliases(values, nulls, 13, (TermId) i);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

Datum
clex_places_list(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (uint32 i = 0; i < BIND_ROOT_COUNT; i++)
	{
		const BindRoot *root = &ClexBindRoots[i];
		Datum values[6];
		bool nulls[6] = {false};

		PutText(values, nulls, 2, SpanFromCString(DocumentKindName(root->kind)));
		PutText(values, nulls, 3, SpanFromCString(root->syntax));
		PutText(values, nulls, 4, ClexStaticNames[root->name]);
		for (uint32 k = 0; k < root->place_count; k++)
		{
			const BindPlace *place = &ClexBindPlaces[root->first_place + k];

			PutText(values, nulls, 0, ClexTerms[place->term].id);
			PutText(values, nulls, 1, ClexTerms[place->term].path);
			PutText(values, nulls, 5, place->path);
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
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
