/*
 * cdar.c
 *		SQL functions for lifecycle messages: read_status, write_status.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "core/codec/cdar.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/limits.h"
#include "glue/report.h"
#include "glue/workspace.h"

PG_FUNCTION_INFO_V1(clex_status_read);
PG_FUNCTION_INFO_V1(clex_status_write);

/* read_status(content bytea) -> jsonb */
Datum
clex_status_read(PG_FUNCTION_ARGS)
{
	bytea *argument = PG_GETARG_BYTEA_PP(0);
	Workspace *workspace = WorkspaceOpen();
	Arena *arena = &workspace->permanent;
	Span content = SpanOf(VARDATA_ANY(argument), VARSIZE_ANY_EXHDR(argument));
	ClexError error = {0};
	XmlInfo info;
	Tree tree;
	Text json;
	text *copy;

	if (XmlParse(workspace->parser, content, CurrentXmlLimits(), arena, &tree, &info, &error) !=
		CLEX_OK)
		ReportError(&error);
	TextInit(&json, arena);
	if (!CdarToJson(&tree, &json))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("this document is no lifecycle message"),
						errhint("Lifecycle messages are of format cdar; clex.detect() tells.")));
	if (json.failed)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	copy = TextFromSpan(SpanOf(json.data, json.length));
	WorkspaceClose(workspace);
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(text_to_cstring(copy))));
}

/* write_status(message jsonb) -> bytea */
Datum
clex_status_write(PG_FUNCTION_ARGS)
{
	Jsonb *message = PG_GETARG_JSONB_P(0);
	char *written = JsonbToCString(NULL, &message->root, VARSIZE(message));
	Span json = TextArgument(CStringGetTextDatum(written));
	Workspace *workspace = WorkspaceOpen();
	ClexError error = {0};
	Text xml;
	bytea *result;

	TextInit(&xml, &workspace->permanent);
	if (CdarFromJson(json, &workspace->permanent, &xml, &error) != CLEX_OK)
		ReportError(&error);
	result = palloc(VARHDRSZ + xml.length);
	SET_VARSIZE(result, VARHDRSZ + xml.length);
	memcpy(VARDATA(result), xml.data, xml.length);
	WorkspaceClose(workspace);
	PG_RETURN_BYTEA_P(result);
}
