/*
 * own_rule.h
 *		What SQL functions on users' rules and enrichments share.
 */
#ifndef CLEX_GLUE_OWN_RULE_H
#define CLEX_GLUE_OWN_RULE_H

#include "fmgr.h"

#include "core/rules/own_rule.h"

/* A text of a row in UTF-8; no data if it is NULL. */
extern Span OwnText(Datum value, bool is_null);

/* Facts about the parties from jsonb ({"seller": {"iban": [...]}}); what is not known is left out. */
extern void OwnReadFacts(Datum facts, OwnFacts *out);

/* Elements of an array of rows of `columns` columns, taken apart. */
typedef struct OwnRows
{
	int count;
	int columns;
	Datum *values; /* count * columns */
	bool *nulls;
} OwnRows;

extern OwnRows OwnTakeRows(Datum array, int columns);

/* The row type of a function's result if that is an array of it; kept with the call site. */
extern TupleDesc OwnResultRow(FunctionCallInfo fcinfo, int columns);

/* Raise what is wrong with a definition. */
extern void OwnRefuse(const ClexError *error, const char *before) pg_attribute_noreturn();

#endif
