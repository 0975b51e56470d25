/*
 * document_look.c
 *		Looking inside a document from SQL: value, number, on_date, ->, ->>, same_terms.
 *
 * A term that the document does not have is NULL, and so is a number or date whose text is not legal
 * (the findings say so): a bad document must not stop an INSERT that has a generated column.  What is
 * wrong whatever the document, such as an unknown term, is an error.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "core/base/date.h"
#include "core/base/decimal.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/report.h"

PG_FUNCTION_INFO_V1(clex_document_kind);
PG_FUNCTION_INFO_V1(clex_document_value);
PG_FUNCTION_INFO_V1(clex_document_number);
PG_FUNCTION_INFO_V1(clex_document_on_date);
PG_FUNCTION_INFO_V1(clex_document_get);
PG_FUNCTION_INFO_V1(clex_document_get_text);
PG_FUNCTION_INFO_V1(clex_document_same_terms);

/* What a path leads to. */
typedef struct Place
{
	TermId term;
	uint32_t first; /* 0: the document does not have it */
	uint32_t count;
	bool indexed;
} Place;

static Place
FindPlace(const DocumentView *view, Datum path)
{
	Place place;
	ClexError error;

	if (ViewResolveAll(view, TextArgument(path), &place.term, &place.first, &place.count,
					   &place.indexed, &error) != CLEX_OK)
		ReportError(&error);
	return place;
}

/* Refuse a term of another type than the function gives. */
static void
CheckType(const Place *place, ValueType wanted, const char *what)
{
	const Term *term = &ClexTerms[place->term];

	if (term->type == wanted)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("business term \"%s\" is not %s", term->id.data, what),
			 errdetail("\"%s\" is of type %s.", term->path.data, term->kind),
			 TermIsGroup(place->term) ? errhint("Use document -> term to see a group as jsonb.")
									  : errhint("clex.value() gives the text of any term.")));
}

Datum
clex_document_kind(PG_FUNCTION_ARGS)
{
	DocumentView view;

	DocumentFromDatum(PG_GETARG_DATUM(0), &view);
	PG_RETURN_TEXT_P(TextFromSpan(SpanFromCString(DocumentKindName(view.kind))));
}

Datum
clex_document_value(PG_FUNCTION_ARGS)
{
	DocumentView view;
	Place place;

	DocumentFromDatum(PG_GETARG_DATUM(0), &view);
	place = FindPlace(&view, PG_GETARG_DATUM(1));
	if (TermIsGroup(place.term))
		CheckType(&place, VALUE_TEXT, "a value");
	if (place.first == 0)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(TextFromSpan(ViewNode(&view, place.first).value));
}

Datum
clex_document_number(PG_FUNCTION_ARGS)
{
	char text[DECIMAL_TEXT];
	DocumentView view;
	Place place;
	Decimal decimal;

	DocumentFromDatum(PG_GETARG_DATUM(0), &view);
	place = FindPlace(&view, PG_GETARG_DATUM(1));
	CheckType(&place, VALUE_DECIMAL, "a number");
	if (place.first == 0 || DecimalParse(ViewNode(&view, place.first).value, &decimal) != CLEX_OK)
		PG_RETURN_NULL();
	if (decimal.mantissa >= INT64_MIN && decimal.mantissa <= INT64_MAX && decimal.scale <= 18)
		PG_RETURN_NUMERIC(int64_div_fast_to_numeric((int64) decimal.mantissa, decimal.scale));
	DecimalFormat(decimal, text);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}

Datum
clex_document_on_date(PG_FUNCTION_ARGS)
{
	DocumentView view;
	Place place;
	int32_t date;

	DocumentFromDatum(PG_GETARG_DATUM(0), &view);
	place = FindPlace(&view, PG_GETARG_DATUM(1));
	CheckType(&place, VALUE_DATE, "a date");
	/* both count days from 2000-01-01 */
	if (place.first == 0 || DateParse(ViewNode(&view, place.first).value, &date, NULL) != CLEX_OK)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(date);
}

/* What stands at a place, as JSON text in the database's encoding. */
static char *
PlaceJson(const DocumentView *view, const Place *place)
{
	bool array = !place->indexed && (place->count > 1 || ClexTerms[place->term].max == 0);
	ClexError error;
	Arena arena;
	Text json;
	char *result;

	ArenaInit(&arena, BackendEnv(CurrentMemoryContext), 0);
	TextInit(&json, &arena);
	if (ViewToJson(view, place->first, place->count, array, &json, &error) != CLEX_OK)
		ReportError(&error);
	result = StringFromSpan(TextSpan(&json));
	ArenaFree(&arena);
	return result;
}

Datum
clex_document_get(PG_FUNCTION_ARGS)
{
	DocumentView view;
	Place place;

	DocumentFromDatum(PG_GETARG_DATUM(0), &view);
	place = FindPlace(&view, PG_GETARG_DATUM(1));
	if (place.first == 0)
		PG_RETURN_NULL();
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(PlaceJson(&view, &place)));
}

Datum
clex_document_get_text(PG_FUNCTION_ARGS)
{
	DocumentView view;
	Place place;

	DocumentFromDatum(PG_GETARG_DATUM(0), &view);
	place = FindPlace(&view, PG_GETARG_DATUM(1));
	if (place.first == 0)
		PG_RETURN_NULL();
	if (place.count == 1 && !TermIsGroup(place.term) &&
		(place.indexed || ClexTerms[place.term].max != 0))
		PG_RETURN_TEXT_P(TextFromSpan(ViewNode(&view, place.first).value));
	PG_RETURN_TEXT_P(cstring_to_text(PlaceJson(&view, &place)));
}

Datum
clex_document_same_terms(PG_FUNCTION_ARGS)
{
	DocumentView a;
	DocumentView b;

	DocumentFromDatum(PG_GETARG_DATUM(0), &a);
	DocumentFromDatum(PG_GETARG_DATUM(1), &b);
	PG_RETURN_BOOL(DocumentSameTerms(&a, &b));
}
