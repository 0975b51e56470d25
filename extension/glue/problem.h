/*
 * problem.h
 *		Problems of files as rows: what those of statements, payments and mappings share.
 */
#ifndef CLEX_GLUE_PROBLEM_H
#define CLEX_GLUE_PROBLEM_H

#include "core/rules/rules.h"
#include "glue/row.h"
#include "glue/workspace.h"

/* What a problem is about; `code` is the name of its message. */
typedef struct ProblemWords
{
	const char *code;
	Span place;
	Span found;
	Span expected;
	const char *reason; /* of a failure; NULL: none */
} ProblemWords;

/* Its sentence, in the workspace's scratch arena. */
extern Span ProblemSentence(Workspace *workspace, MessageLanguage language,
							const ProblemWords *words);

/* The last columns of its row: place, found, expected and sentence; ends the row. */
extern void PutProblemWords(RowWriter *rows, Workspace *workspace, MessageLanguage language,
							const ProblemWords *words);

#endif
