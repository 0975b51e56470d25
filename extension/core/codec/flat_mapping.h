/*
 * flat_mapping.h
 *		How a CSV or positional file is made of documents: a mapping, which is data (docs/mapping.md).
 */
#ifndef CLEX_CODEC_FLAT_MAPPING_H
#define CLEX_CODEC_FLAT_MAPPING_H

#include "core/expr/expr.h"
#include "core/model/document.h"

#define FLAT_MOST_FIELDS 500
#define FLAT_LONGEST_CELL ((size_t) 1 << 20)

typedef enum FlatType
{
	FLAT_TEXT,
	FLAT_NUMBER,
	FLAT_DATE,
} FlatType;

typedef enum FlatEncoding
{
	FLAT_DETECT, /* UTF-8 where it is, else Windows-1252 */
	FLAT_UTF8,
	FLAT_WINDOWS_1252, /* and ISO 8859-1 */
	FLAT_ISO_8859_15,
	FLAT_UTF16, /* with a byte order mark */
} FlatEncoding;

typedef struct FlatField
{
	Span name;	 /* of the variable: letters, digits and _ */
	Span header; /* what the header calls it */
	uint8_t type;
	uint32_t start; /* of a positional field, from 1 */
	uint32_t length;
	int scale;	 /* digits after the point that is not written; 0: none */
	bool used;	 /* some expression speaks of it */
	bool direct; /* and some term is this field alone */
} FlatField;

/* A term and what it is filled with. */
typedef struct FlatTerm
{
	TermId term;
	int field; /* the expression is this field alone; -1: it is not */
	const Expr *expr;
	Span text; /* of the expression */
} FlatTerm;

/* A group that each record of a type adds to the document, with its terms. */
typedef struct FlatGroup
{
	TermId group;
	Vector terms; /* FlatTerm, parents first */
} FlatGroup;

/* A type of records. */
typedef struct FlatRecord
{
	Span type;	   /* how it begins, or what its first cell holds; empty: there is but one type */
	bool opens;	   /* each of them is a new document */
	int key;	   /* field whose change begins a new document; -1: none */
	Vector fields; /* FlatField */
	Vector terms;  /* FlatTerm: of the document */
	Vector groups; /* FlatGroup */
	ExprScope scope;
} FlatRecord;

typedef struct FlatMapping
{
	bool positional;
	DocumentKind kind; /* of invoices and credit notes the type (BT-3) decides where there is one */
	uint8_t encoding;
	char separator;
	char quote; /* 0: none */
	char decimal;
	char thousands; /* 0: none */
	Span date;		/* "DD/MM/YYYY" */
	uint32_t header_rows;
	uint32_t type_start; /* of the record type in positional records */
	uint32_t type_length;
	Vector records; /* FlatRecord */
} FlatMapping;

/* What a field is read as where a term of some type is this field alone. */
static inline FlatType
FlatFieldType(const FlatField *field, uint8_t wanted)
{
	if (field->type != FLAT_TEXT)
		return (FlatType) field->type;
	return wanted == VALUE_DECIMAL ? FLAT_NUMBER : wanted == VALUE_DATE ? FLAT_DATE : FLAT_TEXT;
}

/* Does an expression name a field? */
extern bool FlatNames(Span expression, Span field);

/*
 * Compile a mapping (JSON in UTF-8) into the arena.  Errors: CLEX_INVALID with what is wrong and where (an
 * unknown key, term or column, an expression that does not compile), CLEX_MALFORMED, CLEX_NO_MEMORY.
 */
extern ClexStatus FlatMappingCompile(Span json, Arena *arena, FlatMapping *mapping,
									 ClexError *error);

#endif
