/*
 * problem.c
 *		Problems of files as rows: what those of statements, payments and mappings share.
 */
#include "postgres.h"

#include "glue/problem.h"

Span
ProblemSentence(Workspace *workspace, MessageLanguage language, const ProblemWords *words)
{
	Finding finding = {.notice = words->code,
					   .reason = words->reason,
					   .about = words->place,
					   .found = words->found,
					   .expected = words->expected};
	Text message;

	TextInit(&message, &workspace->scratch);
	MessageWrite(&finding, language, workspace->wording, &message);
	return TextSpan(&message);
}

void
PutProblemWords(RowWriter *rows, Workspace *workspace, MessageLanguage language,
				const ProblemWords *words)
{
	RowSpan(rows, words->place);
	RowSpan(rows, words->found);
	RowSpan(rows, words->expected);
	RowSpan(rows, ProblemSentence(workspace, language, words));
	RowEnd(rows);
	ArenaRewind(&workspace->scratch);
}
