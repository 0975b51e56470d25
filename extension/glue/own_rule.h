/*
 * own_rule.h
 *		What SQL functions on users' rules and enrichments share.
 */
#ifndef CLEX_GLUE_OWN_RULE_H
#define CLEX_GLUE_OWN_RULE_H

#include "funcapi.h"

#include "core/rules/own_rule.h"
#include "glue/check.h"

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

/* Rows of that type, collected. */
typedef struct OwnItems
{
	TupleDesc row;
	Datum *items;
	int count;
	int capacity;
} OwnItems;

extern void OwnAddItem(OwnItems *items, Datum *values, bool *nulls);
extern Datum OwnItemArray(const OwnItems *items);
/* A column of such a row; no data is NULL. */
extern void OwnSetSpan(Datum *values, bool *nulls, int column, Span text);

/* A compiled array of rules or fills, in a context of its own. */
typedef struct KeptBook KeptBook;

/* Sets texts and book; allocates in the current context, the arena lives there too. */
typedef void (*OwnCompiler)(KeptBook *entry, Datum rules, Arena *arena);

struct KeptBook
{
	MemoryContext context;
	struct varlena *source;
	MessageLanguage language;
	OwnCompiler compile;
	uint64 used; /* when last */
	void *texts;
	void *book;
};

#define OWN_BOOK_MEMORY ((size_t) 64 << 20)

/* Of rules that do not fit an arena of OWN_BOOK_MEMORY when they are compiled, say that. */
extern void OwnExplainLimit(const Arena *arena, ClexError *error);

/* The compiled form of an array, from among those kept if it is there. */
extern KeptBook *OwnFindBook(Datum rules, MessageLanguage language, OwnCompiler compile);

/* Open a document, and what the run needs of it. */
extern void OwnOpenDocument(Datum document, Subject *subject, OwnRun *run);

/* Raise what is wrong with a definition. */
extern void OwnRefuse(const ClexError *error, const char *before) __attribute__((noreturn));

#endif
