/*
 * store.c
 *		Serves the store templates to create_store() and upgrade_store().
 *
 * The templates live in the library, so that a server needs no files at run time and the steps
 * always are those of the library that runs.
 */
#include "postgres.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "glue/compat.h"
#include "glue/store.h"

PG_FUNCTION_INFO_V1(clex_store_steps);

/* A text of a template, which is UTF-8, in the encoding of the database. */
static Datum
TemplateText(const char *utf8)
{
	return CStringGetTextDatum(pg_any_to_server(utf8, (int) strlen(utf8), PG_UTF8));
}

/* One row per step of each module, in the order in which they are run. */
Datum
clex_store_steps(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int ordinal = 0;

	InitMaterializedSRF(fcinfo, 0);
	for (const StoreStep *step = ClexStoreSteps; step->module != NULL; step++)
	{
		Datum values[6];
		bool nulls[6] = {false};

		values[0] = Int32GetDatum(++ordinal);
		values[1] = CStringGetTextDatum(step->module);
		values[2] = CStringGetTextDatum(step->requires);
		values[3] = Int32GetDatum(step->step);
		values[4] = TemplateText(step->title);
		values[5] = TemplateText(step->script);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
