/*
 * loss.c
 *		What a format cannot say of a document: as rows, and as a notice or an error.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "glue/document.h"
#include "glue/loss.h"
#include "glue/report.h"

/* Losses that a notice or an error names. */
#define SHOWN_LOSSES 5

OnLoss
OnLossOption(Span value)
{
	if (SpanEqualCString(value, "ignore"))
		return LOSS_IGNORE;
	if (SpanEqualCString(value, "report"))
		return LOSS_REPORT;
	if (!SpanEqualCString(value, "error"))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"on_loss\" is \"%s\"", StringFromSpan(SpanCut(value, 60))),
						errhint("It is ignore, report or error.")));
	return LOSS_ERROR;
}

/* term, path, value and reason of a loss; the texts lie in the arena. */
static void
LossTexts(const DocumentView *view, const Loss *loss, Arena *arena, Span texts[4])
{
	Text path;

	TextInit(&path, arena);
	if (loss->node != 0)
	{
		DocumentNode node = ViewNode(view, loss->node);

		ViewPath(view, loss->node, &path);
		texts[0] = ClexTerms[node.term].id;
		texts[1] = TextSpan(&path);
		texts[2] = TermIsGroup(node.term) ? SpanOf(NULL, 0) : node.value;
	}
	else
	{
		DocumentExtra extra = ViewExtra(view, loss->extra);

		texts[0] = SpanOf(NULL, 0);
		texts[1] = extra.path;
		texts[2] = extra.value;
	}
	texts[3] = SpanFromCString(FateReason(loss->fate));
}

/* The first losses, a line each. */
static char *
LossLines(const DocumentView *view, const Vector *losses, Arena *arena)
{
	StringInfoData lines;

	initStringInfo(&lines);
	for (uint32 i = 0; i < losses->count && i < SHOWN_LOSSES; i++)
	{
		Span texts[4];

		LossTexts(view, &VectorAt(losses, Loss, i), arena, texts);
		appendStringInfo(&lines, "%s%s: %s.", i > 0 ? "\n" : "",
						 StringFromSpan(SpanCut(texts[1], 200)), StringFromSpan(texts[3]));
	}
	if (losses->count > SHOWN_LOSSES)
		appendStringInfo(&lines, "\nAnd %u more.", losses->count - SHOWN_LOSSES);
	return lines.data;
}

void
TellLosses(const DocumentView *view, Span format, const Vector *losses, OnLoss on_loss,
		   const char *lister, Arena *arena)
{
	if (losses->count == 0)
		return;
	ereport(on_loss == LOSS_ERROR ? ERROR : NOTICE,
			(errcode(on_loss == LOSS_ERROR ? ERRCODE_DATA_EXCEPTION : ERRCODE_WARNING),
			 errmsg_plural("format \"%s\" cannot say %u value of the document",
						   "format \"%s\" cannot say %u values of the document", losses->count,
						   StringFromSpan(SpanCut(format, 60)), losses->count),
			 errdetail("%s", LossLines(view, losses, arena)),
			 errhint("%s lists all of them.", lister)));
}

void
PutLosses(RowWriter *rows, const DocumentView *view, const Vector *losses, Arena *arena)
{
	for (uint32 i = 0; i < losses->count; i++)
	{
		Span texts[4];

		CHECK_FOR_INTERRUPTS();
		LossTexts(view, &VectorAt(losses, Loss, i), arena, texts);
		RowBegin(rows);
		for (int k = 0; k < 4; k++)
			RowSpan(rows, texts[k]);
		RowEnd(rows);
	}
}
