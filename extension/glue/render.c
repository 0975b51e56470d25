/*
 * render.c
 *		SQL function clex.render_html: a document as a page for people.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/render/page.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/report.h"
#include "glue/workspace.h"

PG_FUNCTION_INFO_V1(clex_document_render_html);

/* clex.render_html(document, lang text) -> text */
Datum
clex_document_render_html(PG_FUNCTION_ARGS)
{
	Span code = TextArgument(PG_GETARG_DATUM(1));
	int language = PageLanguage(code);
	Workspace *workspace;
	ClexError error = {0};
	DocumentView view;
	DocumentPage page;
	Text html;
	text *result;

	if (language < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there are no pages in language \"%s\"", StringFromSpan(SpanCut(code, 60))),
				 errhint("Languages are en, fr and de.")));
	DocumentFromDatum(PG_GETARG_DATUM(0), &view);
	workspace = WorkspaceOpen();
	TextInit(&html, &workspace->permanent);
	if (PageBuild(&view, language, &workspace->permanent, &page, &error) != CLEX_OK ||
		PageToHtml(&page, &html, &error) != CLEX_OK)
	{
		WorkspaceClose(workspace);
		ReportError(&error);
	}
	if (html.length > MaxAllocSize - VARHDRSZ)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("page of %zu bytes is too large for a text", html.length)));
	result = TextFromSpan(TextSpan(&html));
	WorkspaceClose(workspace);
	PG_RETURN_TEXT_P(result);
}
