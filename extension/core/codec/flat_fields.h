/*
 * flat_fields.h
 *		The fields of one row of a CSV or positional file, and the values that a mapping makes of them.
 */
#ifndef CLEX_CODEC_FLAT_FIELDS_H
#define CLEX_CODEC_FLAT_FIELDS_H

#include "core/codec/flat_mapping.h"

typedef struct FlatFields
{
	const FlatMapping *mapping;
	Arena *scratch; /* of one row, the owner's */
	Arena values;	/* of expressions being evaluated */
	Tree nothing;	/* a document without terms, for expressions */
	Evaluator *evaluators;
	ClexError reason; /* why an expression failed */
	ClexStatus status;
	ClexError *error;
	Span field[FLAT_MOST_FIELDS]; /* as the file has them; NULL data: empty */
	bool told[FLAT_MOST_FIELDS];  /* that the field is not of its type */
	/* what is wrong with a value; may be NULL */
	void (*tell)(void *state, const char *code, Span column, Span found, Span expected);
	void *state;
} FlatFields;

/* Errors are kept in fields->status: CLEX_NO_MEMORY, CLEX_INTERRUPTED.  `arena` for as long as the fields. */
extern void FlatFieldsOpen(FlatFields *fields, const FlatMapping *mapping, Arena *arena,
						   Arena *scratch, ClexError *error);
extern void FlatFieldsClose(FlatFields *fields);

/* Make the fields of a row of that type the variables of its expressions. */
extern void FlatFieldsSet(FlatFields *fields, uint32_t record);

/* What a term is filled with, in the scratch arena; NULL data: nothing. */
extern Span FlatTermValue(FlatFields *fields, uint32_t record, const FlatTerm *term);

/* The same of all terms of a set; false: there is no value. */
extern bool FlatTermValues(FlatFields *fields, uint32_t record, const Vector *terms, Span *values);

/* Is there a value among those of a group that is not a constant?  Only then a row adds it. */
extern bool FlatGroupHolds(const FlatGroup *group, const Span *values);

#endif
