/*
 * finding_rows.h
 *		Running the rules over a document, each finding as the columns of a row.
 */
#ifndef CLEX_GLUE_FINDING_ROWS_H
#define CLEX_GLUE_FINDING_ROWS_H

#include "fmgr.h"

#include "glue/check.h"

enum
{
	COLUMN_RULESET,
	COLUMN_RULE,
	COLUMN_SEVERITY,
	COLUMN_TERMS,
	COLUMN_LOCATION,
	COLUMN_LINE,
	COLUMN_FOUND,
	COLUMN_EXPECTED,
	COLUMN_MESSAGE,
	FINDING_COLUMNS
};

/* What is done with the row of a finding; the values live in the caller's memory context. */
typedef struct FindingRows
{
	Subject *subject;
	MessageLanguage language;
	void (*put)(void *state, Datum *values, bool *nulls);
	void *state;
	uint32_t message;  /* of an interchange of several, 0: no need to say */
	MemoryContext row; /* reset after each row; NULL: what a row takes is the caller's */
	uint32 count;	   /* of findings so far */
} FindingRows;

/* The arguments as_of and lang of the SQL functions, with their defaults. */
extern int32_t CheckDay(FunctionCallInfo fcinfo, int arg);
extern MessageLanguage FindingLanguage(FunctionCallInfo fcinfo, int arg);

/*
 * Run the sets of a plan.  An unreadable document is one fatal finding.  `rows` NULL: only the verdict,
 * which is cheaper.  Errors: CLEX_LIMIT (clex.max_steps), CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus RunChecks(const Subject *subject, const CheckPlan *plan, FindingRows *rows,
							RuleVerdict *verdict, ClexError *error);

#endif
